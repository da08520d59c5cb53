"""A chart of jobs that share cores: in lanes, under each other for each discipline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import KINDS, bar_look
from virtlearn.charts._words import cores, listed, times

__all__ = ["jobs"]

RUNS, WAITS = "running", "waiting"
LANES_OF_SHARE = 0.94  # of the height that a discipline has
Pace = tuple[Sequence[float], Sequence[Sequence[float]]]  # times, and each job's cores between
Took = Mapping[str, Mapping[str, float]]  # by discipline and kind of job [s]


def jobs(
    names: Sequence[str],
    arrival_s: Sequence[float],
    finish_s: Rows,
    paces: Mapping[str, Pace],
    *,
    took_s: Took | None = None,
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
    now = take.moment(now_s, latest)
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
        margin={"b": 60, "l": 80, "t": 45, "r": marks.BESIDE_PX},
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
    stays = zip(came, ends, strict=True)
    long = [max(0.0, min(end, now) - start) for start, end in stays]
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
    made = marks.bar(0, RUNS, long, lanes, hover, base=base, width=high, yaxis=y)
    made["orientation"] = "h"
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


def _took_facts(took: Took) -> dict[str, float]:
    facts = {}
    for title, kinds in took.items():
        for kind, x in kinds.items():
            facts[f"{kind}_{title.replace(' ', '_')}_s"] = round(x, 9)
    return facts


def _took_headline(took: Took) -> str:
    if not took:
        return ""
    firsts = [next(iter(kinds.items())) for kinds in took.values()]
    kind = firsts[0][0]
    said = times([x for _, x in firsts])
    told = ", ".join(f"{x} {title}" for x, title in zip(said, took, strict=True))
    return f"{kind.capitalize()} jobs: {told}"


def _took_title(took: Took) -> str:
    if not took:
        return "When jobs run, and when they wait"
    means = {title: next(iter(kinds.items())) for title, kinds in took.items()}
    kind = next(iter(means.values()))[0]
    least = min(x for _, x in means.values())
    best = [title for title, (_, x) in means.items() if x < least * (1 + 1e-9)]
    if len(best) > 1:
        return f"The {kind} jobs take the same time both ways"
    return f"{best[0].capitalize()}, the {kind} jobs are done sooner"
