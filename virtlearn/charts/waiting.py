"""Charts of work that waits: a burst under a limit, and jobs that share cores."""

from __future__ import annotations

from collections.abc import Sequence

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._words import listed, milliseconds, times

__all__ = ["jobs", "throttling"]

HEADROOM = 1.15  # how much further than its last mark an axis ends
MOST_RULES = 60  # more lines than these would be a grey plane
MS = 1e3
BURST_DIGITS = 4  # 102.5 and 27.5 are the point


def throttling(
    work_s: Sequence[float],
    wall_s: Rows,
    *,
    period_s: float = 0.1,
    top_s: float | None = None,
    top_work_s: float | None = None,
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
    top_work_s : float, optional
        Where the axis of CPU time done ends [s].
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
    >>> walls = {"limit 1 core": [0.025, 0.1025], "no limit": [0.025, 0.0275]}
    >>> print(throttling([0.1, 0.11], walls).describe())
    110 ms of CPU time take 102.5 ms with limit 1 core and 27.5 ms with no limit.
    """
    take.line_up("work_s", work_s, wall_s)
    work = take.series("work_s", work_s)
    walls = take.rows("wall_s", wall_s)
    period = float(core.check.positive("period_s", period_s))
    latest = max(wall[-1] for wall in walls.values())
    edge = top_s or HEADROOM * latest or period
    height = top_work_s or HEADROOM * work[-1]
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
        yaxis=marks.axis("CPU time done [ms]", MS * height),
        shapes=[marks.rule(MS * period * k) for k in range(1, periods)],
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
    >>> done = {"time-shared": [2, 3], "space-shared": [1, 3]}
    >>> chart = jobs(["a", "b"], [0, 0], done)
    >>> print(chart.describe())  # doctest: +NORMALIZE_WHITESPACE
    Time-shared: a is done first, after 2 s, and b last, after 3 s;
    space-shared: a is done first, after 1 s, and b last, after 3 s.
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
