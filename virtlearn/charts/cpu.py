"""Charts of who gets the CPU: shares, throttled bursts, a day of tenants, jobs."""

from __future__ import annotations

from collections.abc import Sequence

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._limits import Each, limit_marks, promise_marks, read_limits
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import Chart, bar_look
from virtlearn.charts._words import cores, listed, milliseconds, times

__all__ = ["jobs", "shares", "tenants", "throttling"]

HEADROOM = 1.15  # how much higher than its highest mark an axis ends
LEAST_BAR_WITH_WORDS = 0.08  # of the axis: a number stands beside a bar that is lower
MOST_RULES = 60  # more lines than these would be a grey plane
MS = 1e3
BURST_DIGITS = 4  # 102.5 and 27.5 are the point


def _with_total(title: str, capacity_cores: float) -> str:
    return f"{title} (grey line: all there is, {cores(capacity_cores)})"


def shares(
    names: Sequence[str],
    asked_cores: Sequence[float],
    got_cores: Sequence[float],
    *,
    capacity_cores: float,
    limit_cores: Each = None,
    reservation_cores: Each = None,
    weight: Each = None,
    top_cores: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw what each tenant asked of the CPU and what it got, with limits and promises as marks.

    Parameters
    ----------
    names : sequence of str
        The tenants.
    asked_cores, got_cores : sequence of float
        What each asked for and what it got [cores].
    capacity_cores : float
        What there is to share [cores].
    limit_cores, reservation_cores : sequence of float, optional
        The limit and the promise of each [cores]; an infinite limit is not drawn.
    weight : sequence of float, optional
        Written under the names.
    top_cores : float, optional
        Where the axis ends [cores].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A hollow bar for what was asked, a full one in it for what was got.

    Raises
    ------
    ShapeMismatch
        Where there is no tenant, or a row has not one entry for each.
    ImpossibleAmount
        Where an amount is negative or unknown, or nothing is there to share.

    Examples
    --------
    >>> print(shares(["Red", "Blue"], [1, 4], [0.5, 0.5], capacity_cores=1).describe())
    Of 1 core, Red gets 0.5 of 1 asked and Blue gets 0.5 of 4 asked; 0 cores stay idle.
    """
    take.line_up("names", names, {"asked_cores": asked_cores, "got_cores": got_cores})
    asked = take.series("asked_cores", asked_cores)
    got = take.series("got_cores", got_cores)
    total = float(core.check.positive("capacity_cores", capacity_cores))
    ticks = _weighed(names, weight)
    top = top_cores or HEADROOM * max(*asked, total)
    data = [_asked_bars(ticks, asked), _got_bars(ticks, got, top)]
    columns = [asked, got]
    limits = read_limits("limit_cores", limit_cores)
    if limits:
        data.append(limit_marks(ticks, limits, "cores"))
        columns.append(limits)
    if reservation_cores is not None:
        promised = take.series("reservation_cores", reservation_cores)
        data.append(promise_marks(ticks, promised, "cores"))
        columns.append(promised)
    head = ["tenant", *(f"{trace['name']} [cores]" for trace in data)]
    cells = [map(units.plain, column) for column in columns]
    return Chart(
        data,
        sentence=_shares_sentence(names, asked, got, total),
        rows=marks.table(head, names, *cells),
        assumed=assumed,
        barmode="overlay",
        title=_with_total("Who gets the CPU", total),
        shapes=[marks.rule(total, "y", "solid")],
        yaxis=marks.axis("cores", top),
    )


def _weighed(names: Sequence[str], weight: Each) -> list[str]:
    """Write each tenant's weight under its name, where there are weights."""
    if weight is None:
        return list(names)
    take.line_up("names", names, {"weight": weight})
    heavy = map(units.plain, take.series("weight", weight))
    return [f"{name}<br>weight {w}" for name, w in zip(names, heavy, strict=True)]


def _asked_bars(ticks: Sequence[str], asked: Sequence[float]) -> Part:
    hover = "%{x}<br>asked for %{y:.3g} cores<extra></extra>"
    hollow = bar_look("rgba(0,0,0,0)", "/")
    return marks.bar(1, "asked", ticks, asked, hover, width=0.72, marker=hollow)


def _got_bars(ticks: Sequence[str], got: Sequence[float], top: float) -> Part:
    least = LEAST_BAR_WITH_WORDS * top
    return marks.bar(
        0,
        "got",
        ticks,
        got,
        "%{x}<br>got %{y:.3g} cores<extra></extra>",
        width=0.44,
        text=list(map(units.plain, got)),
        textposition=["inside" if g > least else "outside" for g in got],
        insidetextanchor="middle",
        cliponaxis=False,
    )


def _shares_sentence(
    names: Sequence[str], asked: Sequence[float], got: Sequence[float], total: float
) -> str:
    told = []
    for name, want, have in zip(names, asked, got, strict=True):
        told.append(f"{name} gets {units.plain(have)} of {units.plain(want)} asked")
    # Shares come from divisions: a billionth of a core is their rounding, and nobody's leisure.
    idle = max(0.0, round(total - sum(got), 9))
    verb = "stays" if idle == 1 else "stay"
    return f"Of {cores(total)}, {listed(told)}; {cores(idle)} {verb} idle."


def throttling(
    work_s: Sequence[float],
    wall_s: Rows,
    *,
    period_s: float = 0.1,
    top_s: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw a burst getting on: CPU time done against time passed.

    Level stretches are waits for the next period.

    Parameters
    ----------
    work_s : sequence of float
        Rising amounts of CPU time, the last one the whole burst [s].
    wall_s : mapping of str to sequence of float
        For each setting, the time after which so much is done [s], as `core.cpu.burst_latency_s`
        says.
    period_s : float
        When allowances are refilled [s], drawn as dotted lines.
    top_s : float, optional
        Where the time axis ends [s].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        One line a setting, in milliseconds on both axes.

    Raises
    ------
    ShapeMismatch
        Where a setting has not one time for each amount of work.
    ImpossibleAmount
        Where a time is negative, infinite or unknown, or the period is 0.

    Examples
    --------
    >>> print(throttling([0.1, 0.11], {"limit 1 core": [0.025, 0.1025], "no limit": [0.025, 0.0275]}).describe())
    110 ms of CPU time take 102.5 ms with limit 1 core and 27.5 ms with no limit.
    """
    take.line_up("work_s", work_s, wall_s)
    work = take.series("work_s", work_s)
    walls = take.rows("wall_s", wall_s)
    period = float(core.check.positive("period_s", period_s))
    latest = max(wall[-1] for wall in walls.values())
    edge = top_s or HEADROOM * latest or period
    burst = milliseconds(MS * work[-1], BURST_DIGITS)
    data = []
    notes = []
    cells = [("setting", "CPU time", "takes")]
    for i, (title, wall) in enumerate(walls.items()):
        x = [0.0, *(MS * s for s in wall)]
        y = [0.0, *(MS * s for s in work)]
        hover = f"{title}<br>after %{{x:.4g}} ms: %{{y:.4g}} ms done<extra></extra>"
        data.append(marks.line(i, title, x, y, hover))
        takes = milliseconds(x[-1], BURST_DIGITS)
        cells.append((title, burst, takes))
        end = marks.note(x[-1], y[-1], takes, xanchor="left", xshift=5)
        notes.append(end)
    told = listed(f"{takes} with {title}" for title, _, takes in cells[1:])
    periods = min(MOST_RULES, int(edge / period) + 1)
    return Chart(
        data,
        sentence=f"{burst} of CPU time take {told}.",
        rows=cells,
        assumed=assumed,
        title="A burst, and the waits for the next allowance",
        annotations=notes,
        xaxis=marks.axis("time since the burst began [ms]", MS * edge),
        yaxis=marks.axis("CPU time done [ms]", MS * work[-1] * HEADROOM),
        shapes=[marks.rule(MS * period * k) for k in range(1, periods)],
    )


def tenants(
    hours: Sequence[float],
    asked_cores: Sequence[float],
    served_cores: Rows,
    *,
    capacity_cores: float,
    assumed: str = "",
) -> Chart:
    """Draw a day: what all tenants ask together, and what each arrangement can serve.

    Parameters
    ----------
    hours : sequence of float
        Times of the day [h].
    asked_cores : sequence of float
        What all ask together at each time [cores].
    served_cores : mapping of str to sequence of float
        For each arrangement, such as "pooled" and "partitioned", what is served [cores].
    capacity_cores : float
        What there is [cores].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        One line for what is asked, one an arrangement for what is served.

    Raises
    ------
    ShapeMismatch
        Where a row has not one entry for each hour.
    ImpossibleAmount
        Where an amount is negative, infinite or unknown, or nothing is there to share.

    Examples
    --------
    >>> print(tenants([0, 12], [4, 10], {"pooled": [4, 8], "partitioned": [3, 6]}, capacity_cores=8).describe())
    At the busiest hour, 12, the tenants ask for 10 cores of 8: pooled serves 8 and partitioned serves 6.
    """
    take.line_up("hours", hours, {"asked_cores": asked_cores, **served_cores})
    when = take.series("hours", hours)
    asked = take.series("asked_cores", asked_cores)
    served = take.rows("served_cores", served_cores)
    total = float(core.check.positive("capacity_cores", capacity_cores))
    lines = {"asked for": asked, **served}
    data = []
    for i, (title, row) in enumerate(lines.items()):
        hover = f"{title}<br>%{{x}} h: %{{y:.3g}} cores<extra></extra>"
        data.append(marks.line(i, title, when, row, hover))
    peak = asked.index(max(asked))
    told = listed(f"{title} serves {units.plain(row[peak])}" for title, row in served.items())
    busiest = f"At the busiest hour, {units.plain(when[peak])},"
    cells = [map(units.plain, row) for row in lines.values()]
    return Chart(
        data,
        sentence=(
            f"{busiest} the tenants ask for {cores(asked[peak])} of {units.plain(total)}: {told}."
        ),
        rows=marks.table(["hour", *lines], map(units.plain, when), *cells),
        assumed=assumed,
        title=_with_total("A day of tenants", total),
        shapes=[marks.rule(total, "y", "solid")],
        xaxis={"title": "hour of the day [h]"},
        yaxis=marks.axis("cores, all together", HEADROOM * max(*asked, total)),
    )


def jobs(
    names: Sequence[str],
    arrival_s: Sequence[float],
    finish_s: Rows,
    *,
    top_s: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw jobs as bars from their arrival to their end, one bar a discipline.

    Parameters
    ----------
    names : sequence of str
        The jobs.
    arrival_s : sequence of float
        When each arrives [s].
    finish_s : mapping of str to sequence of float
        For each discipline, when each is done [s], as `core.cpu.finish_times` says.
    top_s : float, optional
        Where the axis ends [s].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A group of bars for each job.

    Raises
    ------
    ShapeMismatch
        Where there is no job, or a row has not one entry for each.
    ImpossibleAmount
        Where a time is negative, infinite or unknown.

    Examples
    --------
    >>> print(jobs(["a", "b"], [0, 0], {"time-shared": [2, 3], "space-shared": [1, 3]}).describe())
    Time-shared: a is done first, after 2 s, and b last, after 3 s; space-shared: a is done first, after 1 s, and b last, after 3 s.
    """
    take.line_up("names", names, {"arrival_s": arrival_s, **finish_s})
    came = take.series("arrival_s", arrival_s)
    done = take.rows("finish_s", finish_s)
    data = []
    told = []
    columns = [times(came)]
    for i, (title, ends) in enumerate(done.items()):
        columns.append(times(ends))
        data.append(_job_bars(i, title, names, came, ends))
        # Jobs that end together stay in the order in which they are given.
        order = sorted(range(len(ends)), key=ends.__getitem__)
        first, early = names[order[0]], columns[-1][order[0]]
        last, late = names[order[-1]], columns[-1][order[-1]]
        told.append(f"{title}: {first} is done first, after {early}, and {last} last, after {late}")
    return Chart(
        data,
        sentence="; ".join(told) + ".",
        rows=marks.table(["job", "arrives", *done], names, *columns),
        assumed=assumed,
        title="Jobs, from arrival to end",
        xaxis=marks.axis("time [s]", top_s or 1.05 * max(map(max, done.values()))),
        yaxis={"autorange": "reversed"},
        bargap=0.2,
        height=220 + 24 * len(came) * len(done),
    )


def _job_bars(
    i: int, title: str, names: Sequence[str], came: Sequence[float], ends: Sequence[float]
) -> Part:
    long = [end - start for start, end in zip(came, ends, strict=True)]
    spans = []
    for start, end in zip(came, ends, strict=True):
        spans.append(f"{units.duration(start)} to {units.duration(end)}")
    hover = f"%{{y}}, {title}<br>%{{customdata}}<extra></extra>"
    return marks.bar(
        i, title, long, names, hover, customdata=spans, orientation="h", base=list(came)
    )
