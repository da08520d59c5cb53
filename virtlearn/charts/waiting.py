"""Charts of work that waits: a burst under a limit, and jobs that share cores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import KINDS, bar_look
from virtlearn.charts._words import cores, listed, milliseconds, times

__all__ = ["jobs", "throttling"]

MOST_RULES = 12  # more lines than these would be a grey plane
MS = 1e3
BURST_DIGITS = 4  # 102.5 and 27.5 are the point
RUNS, WAITS = "running", "waiting"
LANES = {"domain": [0.36, 1]}  # above the tank
TANK = {"domain": [0, 0.22]}
TIME = {"domain": [0, 0.68]}  # beside the curve
LANES_OF_SHARE = 0.94  # of the height that a discipline has
CURVE = {"domain": [0.8, 1]}


def throttling(
    work_s: float,
    runs_s: Sequence[Sequence[float]],
    *,
    threads: int,
    tank_s: tuple[Sequence[float], Sequence[float]],
    free_s: float,
    limit: str = "a limit",
    period_s: float = 0.1,
    now_s: float | None = None,
    curve_s: tuple[Sequence[float], Sequence[float]] = ((), ()),
    assumed: str = "",
) -> Chart:
    """Draw a burst period by period: threads that run and wait, and the allowance as a tank.

    Parameters
    ----------
    work_s : float
        The CPU time of the whole burst [s].
    runs_s : sequence of pair of float
        When each run begins and ends [s], as `core.lanes.burst_runs_s` says.
    threads : int
        How many run at once.
    tank_s : pair of sequence of float
        Times and what is left of the allowance [s], as `core.lanes.allowance_left_s` says.
    free_s : float
        How long it takes without a limit [s].
    limit : str
        How the limit is called.
    period_s : float
        When the allowance is refilled [s], drawn as dotted lines.
    now_s : float, optional
        Until when it is drawn [s]; to the end where left out.
    curve_s : pair of sequence of float, optional
        Amounts of CPU time, and how long each takes under the limit [s].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        One lane a thread, the tank below, the curve beside; all in milliseconds.

    Raises
    ------
    ShapeMismatch
        Where there is no run, or the tank's two rows differ in length.
    ImpossibleAmount
        Where a time is negative, infinite or unknown, or the period is 0.

    Examples
    --------
    >>> runs = [[0, 0.025], [0.1, 0.1025]]
    >>> tank = ([0, 0.025, 0.1, 0.1, 0.1025], [0.1, 0, 0, 0.1, 0.09])
    >>> chart = throttling(0.11, runs, threads=4, tank_s=tank, free_s=0.0275)
    >>> print(chart.describe())
    110 ms of CPU time take 102.5 ms with a limit and 27.5 ms with no limit.
    >>> chart.headline
    '110 ms of work take 102.5 ms, not 27.5'
    """
    take.filled("runs_s", runs_s)
    ends = take.series("runs_s", [stop for _, stop in runs_s])
    begins = take.series("runs_s", [begin for begin, _ in runs_s])
    take.line_up("tank_s", tank_s[0], {"left": tank_s[1]})
    period = float(core.check.positive("period_s", period_s))
    wall = ends[-1]
    now = _present(now_s, wall)
    runs = _until(now, begins, ends)
    waits = _until(now, ends[:-1], begins[1:])
    done = threads * sum(stop - begin for begin, stop in runs)
    tank = _tank_until(now, *tank_s)
    edge = MS * marks.round_top([wall, free_s])
    burst = milliseconds(MS * work_s, BURST_DIGITS)
    takes, free = (milliseconds(MS * x, BURST_DIGITS) for x in (wall, free_s))
    lanes = [f"thread {i}" for i in range(1, threads + 1)]
    facts = {
        "wall_ms": round(MS * wall, 6),
        "free_ms": round(MS * free_s, 6),
        "slowdown": wall / free_s if free_s else 1.0,
        "waits": len(ends) - 1,
        "waited_ms": MS * sum(stop - begin for begin, stop in waits),
        "done_ms": MS * done,
        "left_ms": MS * tank[1][-1],
    }
    data = [
        _lane_bars(RUNS, lanes, runs),
        _lane_bars(WAITS, lanes, waits),
        _free_bar(min(now, free_s), free),
        _tank_area(*tank),
        _vessel("full", max(tank_s[1])),
        _vessel("left", tank[1][-1]),
        *_curve_lines(curve_s, work_s, wall),
    ]
    said = f"{burst} of CPU time take {takes} with {limit} and {free} with no limit."
    return Chart(
        data,
        sentence=_moment(now, wall, done, begins, ends) + said,
        rows=_burst_rows(burst, takes, free, limit, runs, waits),
        assumed=assumed,
        headline=_burst_headline(now, wall, done, burst, takes, free),
        facts=facts,
        title=_burst_title(len(ends) - 1),
        barmode="overlay",
        showlegend=False,
        annotations=_burst_notes(now, wall, takes, edge, lanes),
        shapes=[*_refills(period, edge), *_through(MS * now, "solid")],
        xaxis=marks.axis("time since the burst began [ms]", edge, **TIME, anchor="y2"),
        xaxis2=marks.axis(
            "burst [ms]",
            MS * max([work_s, *curve_s[0]]),
            **CURVE,
            anchor="y3",
            nticks=4,
            tickangle=0,
        ),
        xaxis3={"domain": [0.70, 0.74], "anchor": "y2"},
        yaxis={**LANES, "autorange": "reversed", "tickvals": [*lanes, "no limit"]},
        yaxis2=marks.axis("tank [ms]", marks.round_top([MS * max(tank_s[1])]), **TANK, nticks=3),
        yaxis3=marks.axis(
            "takes [ms]", marks.round_top([MS * max([wall, *curve_s[1]])]), anchor="x2"
        ),
        margin={"b": 60, "l": 80, "r": 20},
    )


Spans = list[tuple[float, float]]


def _present(now: float | None, end: float) -> float:
    """Take a moment, or the end; a hair before the end is rounding."""
    if now is None or now > end * (1 - 1e-9):
        return end
    return now


def _until(now: float, begins: Sequence[float], ends: Sequence[float]) -> Spans:
    """Cut spans of time at a moment."""
    spans = zip(begins, ends, strict=True)
    return [(begin, min(stop, now)) for begin, stop in spans if begin < now or begin == stop]


def _tank_until(
    now: float, times: Sequence[float], left: Sequence[float]
) -> tuple[list[float], list[float]]:
    """Cut the tank's line at a moment, between two corners in a straight line."""
    when: list[float] = []
    level: list[float] = []
    for t, x in zip(times, left, strict=True):
        if t > now:
            share = (now - when[-1]) / (t - when[-1])
            level.append(level[-1] + share * (x - level[-1]))
            when.append(now)
            break
        when.append(float(t))
        level.append(float(x))
    return when, level


def _lane_bars(word: str, lanes: Sequence[str], spans: Spans) -> Part:
    """Draw the same spans of time in the lane of each thread, as one series."""
    rows = [lane for lane in lanes for _ in spans]
    base = [MS * begin for begin, _ in spans] * len(lanes)
    long = [MS * (stop - begin) for begin, stop in spans] * len(lanes)
    hover = f"%{{y}}: {word} for %{{x:.4g}} ms, from %{{base:.4g}} ms<extra></extra>"
    made = marks.bar(
        0, word, long, rows, hover, orientation="h", base=base, width=0.8, showlegend=False
    )
    look = KINDS["workload"][0], ""
    if word == WAITS:
        look = KINDS["unused"][0], "/"
    made["marker"] = bar_look(*look)
    if len(spans) > MOST_RULES:
        made["marker"]["line"] = {"width": 0}
    return made


def _free_bar(now: float, takes: str) -> Part:
    """Draw all threads without a limit as one bar, paler."""
    hover = f"no limit: {takes}<extra></extra>"
    made = marks.bar(0, "no limit", [MS * now], ["no limit"], hover, orientation="h", width=0.8)
    return {
        **made,
        "showlegend": False,
        "marker": bar_look(KINDS["workload"][0], "."),
        "opacity": 0.6,
    }


def _tank_area(times: Sequence[float], left: Sequence[float]) -> Part:
    x = [MS * t for t in times]
    y = [MS * level for level in left]
    hover = "after %{x:.4g} ms: %{y:.4g} ms left<extra></extra>"
    made = marks.line(
        0, "allowance left", x, y, hover, fill="tozeroy", yaxis="y2", showlegend=False
    )
    return {**made, "fillcolor": "rgba(0,114,178,0.35)"}


def _vessel(word: str, level: float) -> Part:
    """Draw the tank itself: a hollow one, and what is left in it now."""
    hover = f"{word}: %{{y:.4g}} ms<extra></extra>"
    made = marks.bar(0, word, ["now"], [MS * level], hover, xaxis="x3", yaxis="y2", width=0.9)
    made["showlegend"] = False
    if word == "full":
        return {**made, "marker": bar_look("rgba(0,0,0,0)")}
    return {**made, "marker": bar_look("#0072B2")}


def _curve_lines(
    curve_s: tuple[Sequence[float], Sequence[float]], work: float, wall: float
) -> list[Part]:
    """Draw how long bursts of all sizes take, and where this one stands."""
    where = {"xaxis": "x2", "yaxis": "y3", "showlegend": False}
    x, y = ([MS * t for t in row] for row in curve_s)
    hover = "%{x:.4g} ms of CPU time<br>take %{y:.4g} ms<extra></extra>"
    here = marks.points(1, "this burst", [MS * work], [MS * wall], hover, **where)
    return [marks.line(0, "every burst", x, y, hover, **where), here]


def _refills(period: float, edge: float) -> list[Part]:
    """Draw the end of each period; where there are many, the tank alone shows them."""
    ends = [k * MS * period for k in range(1, MOST_RULES + 2)]
    inside = [end for end in ends if end < edge]
    if len(inside) > MOST_RULES:
        return []
    return [part for end in inside for part in _through(end, "dot")]


def _through(at_ms: float, dash: str) -> list[Part]:
    """Draw a moment through lanes and tank, but not through the words between them."""
    line = marks.rule(at_ms, "x", dash)
    spans = (LANES["domain"], TANK["domain"])
    return [{**line, "y0": low, "y1": high} for low, high in spans]


def _burst_notes(
    now: float, wall: float, takes: str, edge: float, lanes: Sequence[str]
) -> list[Part]:
    """Say at the top where time stands, and name the parts of the picture."""
    words = f"done after {takes}"
    if now < wall:
        words = f"now: {milliseconds(MS * now, BURST_DIGITS)}"
    side = {"xanchor": "left", "xshift": 4} if MS * now < edge / 2 else {"xanchor": "right"}
    top = {"yref": "paper", "y": 1, "yanchor": "bottom", "font": {"size": 13}}
    left = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    tank = marks.note(0, TANK["domain"][1], "left of the allowance, refilled each period", **left)
    curve = marks.note(CURVE["domain"][0], 1, "bursts of all sizes", **left)
    return [{**marks.note(MS * now, 1, words), **top, **side}, tank, curve]


def _burst_title(waits: int) -> str:
    if not waits:
        return "The allowance lasts: no thread waits"
    return "Threads run until the allowance is spent, then all wait"


def _burst_headline(now: float, wall: float, done: float, burst: str, takes: str, free: str) -> str:
    if now < wall:
        at, much = (units.plain(MS * x, BURST_DIGITS) for x in (now, done))
        return f"After {at} ms: {much} of {burst} are done"
    if takes == free:
        return f"{burst} of work take {takes}: no wait"
    return f"{burst} of work take {takes}, not {free.removesuffix(' ms')}"


def _moment(
    now: float, wall: float, done: float, begins: Sequence[float], ends: Sequence[float]
) -> str:
    """Say what stands at a moment before the end; nothing at the end."""
    if now >= wall:
        return ""
    running = any(b <= now < e for b, e in zip(begins, ends, strict=True))
    state = "run" if running else "wait"
    at, much = (milliseconds(MS * x, BURST_DIGITS) for x in (now, done))
    return f"After {at}, {much} are done and all threads {state}. "


def _burst_rows(
    burst: str, takes: str, free: str, limit: str, runs: Spans, waits: Spans
) -> list[tuple[str, ...]]:
    rows = [("setting", "CPU time", "takes"), (limit, burst, takes), ("no limit", burst, free)]
    for word, spans in ((RUNS, runs), (WAITS, waits)):
        for begin, stop in spans:
            span = f"{units.plain(MS * begin, BURST_DIGITS)} ms to "
            length = milliseconds(MS * (stop - begin), BURST_DIGITS)
            rows.append((f"{word}, from {span}{milliseconds(MS * stop, BURST_DIGITS)}", "", length))
    return rows


def jobs(
    names: Sequence[str],
    arrival_s: Sequence[float],
    finish_s: Rows,
    paces: Mapping[str, tuple[Sequence[float], Sequence[Sequence[float]]]],
    *,
    took_s: Mapping[str, Rows] | None = None,
    now_s: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw jobs in lanes, under each other for each discipline: how fast they run, and their waits.

    Parameters
    ----------
    names : sequence of str
        The jobs.
    arrival_s : sequence of float
        When each arrives [s].
    finish_s : mapping of str to sequence of float
        For each discipline, when each is done [s], as `core.cpu.finish_times` says.
    paces : mapping of str to pair
        For each discipline, times [s] and the cores that each job has between them, as
        `core.lanes.job_speeds` says.
    took_s : mapping of str to mapping of str to float, optional
        For each discipline, how long each kind of job takes in the mean [s]; the first kind is
        the headline's.
    now_s : float, optional
        Until when it is drawn [s]; to the end where left out.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A lane for each job; the full part of it is as high as the part of a core that it has.

    Raises
    ------
    ShapeMismatch
        Where there is no job, or a row has not one entry for each.
    ImpossibleAmount
        Where a time is negative, infinite or unknown.

    Examples
    --------
    >>> done = {"in turns": [2, 3], "in order": [1, 3]}
    >>> turns = ([0, 2, 3], [[0.5, 0], [0.5, 1]])
    >>> order = ([0, 1, 3], [[1, 0], [0, 1]])
    >>> chart = jobs(["a", "b"], [0, 0], done, {"in turns": turns, "in order": order})
    >>> print(chart.describe())  # doctest: +NORMALIZE_WHITESPACE
    In turns: a is done first, after 2 s, and b last, after 3 s;
    in order: a is done first, after 1 s, and b last, after 3 s.
    """
    take.line_up("names", names, {"arrival_s": arrival_s, **finish_s})
    came = take.series("arrival_s", arrival_s)
    done = take.rows("finish_s", finish_s)
    latest = max(map(max, done.values()))
    now = _present(now_s, latest)
    edge = marks.round_top([latest])
    data: list[Part] = []
    notes: list[Part] = []
    told = []
    columns = [times(came)]
    for i, (title, ends) in enumerate(done.items()):
        y = f"y{i + 1}"
        said = times(ends)
        columns.append(said)
        data += [
            _stays(y, came, ends, now),
            _runs(y, title, names, *paces[title], now),
        ]
        notes.append(_lane_title(y, title, len(came)))
        for lane, (end, words) in enumerate(zip(ends, said, strict=True)):
            if end <= now:
                notes.append(marks.note(end, lane, words, yref=y, xanchor="left", xshift=3))
        told.append(_order_of_ends(title, names, ends, said))
    facts = _took_facts(took_s or {})
    return Chart(
        data,
        sentence=_jobs_moment(now, latest, done) + _capital("; ".join(told)) + ".",
        rows=marks.table(["job", "arrives", *done], names, *columns),
        assumed=assumed,
        headline=_took_headline(took_s or {}),
        facts=facts,
        title=_took_title(took_s or {}),
        barmode="overlay",
        showlegend=False,
        annotations=notes,
        shapes=[marks.rule(now, "x", "solid")],
        xaxis=marks.axis("time [s]", edge, anchor=f"y{len(done)}"),
        margin={"b": 60, "l": 80, "t": 45},
        **_lane_axes(names, len(done)),
    )


def _lane_axes(names: Sequence[str], count: int) -> dict[str, Part]:
    """Give each discipline its lanes, the first on top, with room for a title above them."""
    made = {}
    high = 1 / count
    for i in range(count):
        top = 1 - i * high
        made[f"yaxis{i + 1 if i else ''}"] = {
            "domain": [top - LANES_OF_SHARE * high, top],
            "range": [len(names) - 0.5, -1.1],
            "tickvals": list(range(len(names))),
            "ticktext": list(names),
            "showgrid": False,
            "zeroline": False,
        }
    return made


def _lane_title(y: str, title: str, lanes: int) -> Part:
    words = f"<b>{title}</b>"
    return marks.note(0, -0.75, words, yref=y, xanchor="left", xshift=2)


def _stays(y: str, came: Sequence[float], ends: Sequence[float], now: float) -> Part:
    """Hatch the time from a job's arrival to its end: where nothing else is drawn, it waits."""
    lanes = list(range(len(came)))
    long = [max(0.0, min(end, now) - start) for start, end in zip(came, ends, strict=True)]
    more = {"base": list(came), "width": 0.8, "yaxis": y, "orientation": "h", "showlegend": False}
    made = marks.bar(0, WAITS, long, lanes, "here for %{x:.3g} s<extra></extra>", **more)
    return {**made, "marker": bar_look(KINDS["unused"][0], "/")}


def _runs(
    y: str,
    title: str,
    names: Sequence[str],
    edges: Sequence[float],
    speeds: Sequence[Sequence[float]],
    now: float,
) -> Part:
    """Fill a lane while its job runs, as high as the part of a core that it has."""
    base, long, lanes, high, words = [], [], [], [], []
    for lane, row in enumerate(speeds):
        for start, stop, speed in zip(edges[:-1], edges[1:], row, strict=True):
            if speed > 0 and start < now:
                base.append(start)
                long.append(min(stop, now) - start)
                lanes.append(lane + 0.4 * (1 - speed))
                high.append(0.8 * speed)
                words.append(f"{names[lane]}, {title}: {cores(speed)}")
    hover = "%{customdata}, from %{base:.3g} s<extra></extra>"
    made = marks.bar(0, RUNS, long, lanes, hover, base=base, width=high, yaxis=y, orientation="h")
    return {
        **made,
        "customdata": words,
        "showlegend": False,
        "marker": bar_look(KINDS["workload"][0]),
    }


def _order_of_ends(
    title: str, names: Sequence[str], ends: Sequence[float], said: Sequence[str]
) -> str:
    # Jobs that end together stay in the order in which they are given.
    order = sorted(range(len(ends)), key=ends.__getitem__)
    first, last = order[0], order[-1]
    begin = f"{title}: {names[first]} is done first, after {said[first]},"
    return f"{begin} and {names[last]} last, after {said[last]}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _jobs_moment(now: float, latest: float, done: Rows) -> str:
    """Say how many are done at a moment before the end; nothing at the end."""
    if now >= latest:
        return ""
    counts = (f"{sum(end <= now for end in ends)} {title}" for title, ends in done.items())
    return f"After {units.plain(now)} s, jobs done: {listed(counts)}. "


def _took_facts(took: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    facts = {}
    for title, kinds in took.items():
        for kind, x in kinds.items():
            facts[f"{kind}_{title.replace(' ', '_')}_s"] = round(x, 9)
    return facts


def _took_headline(took: Mapping[str, Mapping[str, float]]) -> str:
    if not took:
        return ""
    firsts = [next(iter(kinds.items())) for kinds in took.values()]
    kind = firsts[0][0]
    said = times([x for _, x in firsts])
    told = ", ".join(f"{x} {title}" for x, title in zip(said, took, strict=True))
    return f"{kind.capitalize()} jobs: {told}"


def _took_title(took: Mapping[str, Mapping[str, float]]) -> str:
    if not took:
        return "When jobs run, and when they wait"
    means = {title: next(iter(kinds.items())) for title, kinds in took.items()}
    kind = next(iter(means.values()))[0]
    least = min(x for _, x in means.values())
    best = [title for title, (_, x) in means.items() if x < least * (1 + 1e-9)]
    if len(best) > 1:
        return f"The {kind} jobs take the same time both ways"
    return f"{best[0].capitalize()}, the {kind} jobs are done sooner"
