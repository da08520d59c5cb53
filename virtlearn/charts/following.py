"""The chart of an autoscaler at work: what is asked for, what is ready, and what is lost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import FILLS, INK
from virtlearn.charts._words import cores

__all__ = ["scaling"]

LOST, IDLE = FILLS[5], "rgba(0,114,178,0.18)"
READY, LOAD, WANTED = 0, 2, 3  # which of the lines' colours and dashes
MOST_LABELS = 8
WORD, LINE = 0.12, 0.06  # how wide and how high a label is, as parts of the axes
LATE = 0.7  # of the axis: from there on a line's name stands before its end
LEAST_IDLE = 0.1  # of what is ready: an area that is thinner has no room for its name
STROKES = "(at each stroke the autoscaler looks)"


@dataclass(frozen=True)
class _Run:
    """What happened up to the clock, look by look."""

    moments: Sequence[float]
    load: Sequence[float]
    ready: Sequence[float]
    wanted: Sequence[float]
    clock_s: float
    lost_core_s: float

    @property
    def idle(self) -> float:
        """How much is ready with nothing to do, at the clock [cores]."""
        return max(0.0, self.ready[-1] - self.load[-1])

    @property
    def too_few(self) -> list[float]:
        """At which moments less was ready than was asked for [s]."""
        rows = zip(self.moments, self.load, self.ready, strict=True)
        return [t for t, asked, there in rows if there < asked]

    @property
    def decisions(self) -> list[tuple[float, float, float]]:
        """Look by look where the number changes: the moment, and the number before and after."""
        steps = pairwise(zip(self.moments, self.wanted, strict=True))
        changes = [(t, before, after) for (_, before), (t, after) in steps if before != after]
        if self.wanted[0] != self.ready[0]:
            changes.insert(0, (self.moments[0], self.ready[0], self.wanted[0]))
        return changes


def scaling(
    time_s: Sequence[float],
    load_cores: Sequence[float],
    ready_cores: Sequence[float],
    wanted_cores: Sequence[float],
    *,
    lost_core_s: float,
    start_s: float = 0,
    clock_s: float = math.inf,
    copies: Sequence[int] = (),
    title: str = "",
    assumed: str = "",
) -> Chart:
    """Draw a load, what follows it, and the work that nobody did in between.

    Parameters
    ----------
    time_s : sequence of float, shape (n,)
        The moments at which the autoscaler looks [s].
    load_cores, ready_cores, wanted_cores : sequence of float, shape (n,)
        What is asked for, what is ready, and what the autoscaler wants [cores].
    lost_core_s : float
        The work that was not done until ``clock_s``, as `core.scaling.follow_load` counts it
        [core-seconds].
    start_s : float, optional
        How long a new copy starts; drawn from each look that wants more [s].
    clock_s : float, optional
        When it is looked at; what comes later is not drawn [s].
    copies : sequence of int, shape (n,), optional
        The copies that are ready, for the table.
    title : str
        What the picture shows; a usual title if left out.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Steps for what is ready and wanted, a line for the load, and two areas: the work lost where
        too few copies are ready, and what is idle where they are too many.

    Raises
    ------
    ShapeMismatch
        Where a row has not one entry for each moment.
    ImpossibleAmount
        Where an amount is negative, infinite or unknown.

    Examples
    --------
    >>> chart = scaling([0, 15, 30], [1, 4, 4], [1, 1, 6], [1, 2, 6], lost_core_s=45)
    >>> print(chart.describe())  # doctest: +NORMALIZE_WHITESPACE
    The load jumps to 4 cores. Enough copies are ready 15 s later;
    by then 45 core-seconds of work are lost. Now 6 cores are ready, and 2 of them are idle.
    >>> chart.headline
    '45 core-seconds lost, 2 of 6 cores idle'
    """
    moments = take.series("time_s", time_s)
    rows = {"load": load_cores, "ready": ready_cores, "wanted": wanted_cores}
    take.line_up("time_s", moments, rows)
    drawn = take.rows("cores", rows)
    run = _until(moments, drawn, clock_s, lost_core_s)
    cells = [[f"{units.plain(x)} cores" for x in row] for row in drawn.values()]
    head = ["time", *drawn]
    columns = [list(map(units.duration, moments)), *cells]
    if len(copies):
        head.append("copies ready")
        columns.append([f"{n:,}" for n in copies])
    return Chart(
        _traces(run, start_s, _end_s(moments)),
        sentence=_told(run),
        rows=marks.table(head, *columns),
        headline=_headline(run),
        facts=_facts(run),
        assumed=assumed,
        title=title or "Too few copies lose work, too many are idle",
        showlegend=False,
        annotations=_labels(run, _end_s(moments)),
        xaxis=_clock_axis(_end_s(moments)),
        yaxis=marks.axis("cores", marks.round_top(max(row) for row in drawn.values())),
        margin={"b": 60},
    )


def _end_s(moments: Sequence[float]) -> float:
    """Say when the last step is over: each lasts until the next look [s]."""
    if len(moments) < 2:
        return moments[-1] + 1
    return 2 * moments[-1] - moments[-2]


def _until(
    moments: Sequence[float], rows: dict[str, list[float]], clock_s: float, lost_core_s: float
) -> _Run:
    """Keep the steps that have begun before the clock."""
    steps = max(1, sum(t < clock_s for t in moments))
    clock = min(clock_s, _end_s(moments))
    kept = {name: row[:steps] for name, row in rows.items()}
    return _Run(moments[:steps], **kept, clock_s=clock, lost_core_s=lost_core_s)


def _traces(run: _Run, start_s: float, end_s: float) -> list[Part]:
    served = list(map(min, run.load, run.ready))
    return [
        *_area(run, "idle", served, run.ready, {"fillcolor": IDLE}),
        *_area(run, "lost", served, run.load, _STRIPES),
        _looks(run),
        _steps(READY, "ready", run, run.ready),
        _steps(LOAD, "load", run, run.load),
        _starts(run, start_s),
        _decisions(run, end_s),
    ]


def _held(run: _Run, y: Sequence[float]) -> tuple[list[float], list[float]]:
    """Hold the last value until the clock."""
    return [*run.moments, run.clock_s], [*y, y[-1]]


def _steps(i: int, name: str, run: _Run, row: Sequence[float]) -> Part:
    """Draw what holds from one look to the next."""
    x, y = _held(run, row)
    hover = f"{name}: %{{y:.3g}} cores at %{{x:.0f}} s<extra></extra>"
    trace = marks.line(i, name, x, y, hover)
    trace["line"]["shape"] = "hv"
    return trace


# Stripes in the colour itself: white ones would be gone on white paper.
_STRIPES: Part = {"fillcolor": LOST, "fillpattern": {"shape": "/", "fgcolor": LOST, "size": 7}}


def _area(
    run: _Run, name: str, low: Sequence[float], high: Sequence[float], look: Part
) -> list[Part]:
    """Fill what lies between two rows, between two lines of no width."""
    edges: list[Part] = []
    for row in (low, high):
        x, y = _held(run, row)
        edge: Part = {"type": "scatter", "mode": "lines", "x": x, "y": y, "hoverinfo": "skip"}
        edges.append({**edge, "line": {"width": 0, "shape": "hv"}, "showlegend": False})
    edges[1].update({"fill": "tonexty", "name": name, **look})
    return edges


def _looks(run: _Run) -> Part:
    """Mark every look of the autoscaler on the axis of time."""
    hover = "the autoscaler looks at %{x:.0f} s<extra></extra>"
    look = {"symbol": "line-ns-open", "size": 9, "color": INK}
    zeros = [0.0] * len(run.moments)
    return marks.points(WANTED, "looks", run.moments, zeros, hover, look=look)


def _starts(run: _Run, start_s: float) -> Part:
    """Draw, from each look that wants more, how long the new copies start."""
    x: list[float | None] = []
    y: list[float | None] = []
    for t, before, after in run.decisions:
        if after > before:
            x += [t, min(t + start_s, run.clock_s), None]
            y += [after, after, None]
    trace = marks.line(WANTED, "starting", x, y, "copies start<extra></extra>")
    trace["line"].update({"width": 5, "dash": "solid"})
    return trace


def _decisions(run: _Run, end_s: float) -> Part:
    """Mark the looks at which the autoscaler changes its mind, and what it wants from then on."""
    decided = run.decisions
    x = [t for t, _, _ in decided]
    y = [after for _, _, after in decided]
    hover = "at %{x:.0f} s the autoscaler wants %{y:.3g} cores<extra></extra>"
    trace = marks.points(WANTED, "wanted", x, y, hover)
    if len(decided) <= MOST_LABELS:
        top = max([*run.ready, *y])
        trace.update({"mode": "markers+text", **_wants(decided, end_s, top)})
    return trace


def _wants(decided: Sequence[tuple[float, float, float]], end_s: float, top: float) -> Part:
    """Name what was wanted; of two words that would lie on each other, the later one stays."""
    texts = [""] * len(decided)
    t_shown, shown = math.inf, math.inf
    for i, (t, _, after) in reversed(list(enumerate(decided))):
        if t_shown - t < WORD * end_s and abs(shown - after) < LINE * top:
            continue
        texts[i] = f"wants {units.plain(after)}"
        t_shown, shown = t, after
    # Before the first moments there is no room for a word.
    sides = ["top right" if t < WORD / 2 * end_s else "top left" for t, _, _ in decided]
    return {"text": texts, "textposition": sides}


def _labels(run: _Run, end_s: float) -> list[Part]:
    """Name the lines at their ends, and the areas where they are."""
    late = run.clock_s > LATE * end_s
    end: Part = {"xanchor": "right", "xshift": -4} if late else {"xanchor": "left", "xshift": 4}
    above = run.ready[-1] >= run.load[-1]
    up, down = ("bottom", "top") if above else ("top", "bottom")
    ready = f"<b>{units.plain(run.ready[-1])} ready</b>"
    load = f"<b>load {units.plain(run.load[-1])}</b>"
    labels = [
        marks.note(run.clock_s, run.ready[-1], ready, yanchor=up, **end),
        marks.note(run.clock_s, run.load[-1], load, yanchor=down, **end),
    ]
    if run.idle > LEAST_IDLE * max(run.ready):
        middle = (run.ready[-1] + run.load[-1]) / 2
        text = f"{units.plain(run.idle)} idle"
        labels.append(marks.note(run.clock_s, middle, text, **end))
    if run.too_few:
        jump = run.too_few[0]
        text = f"{units.plain(run.lost_core_s)} lost"
        low = run.ready[list(run.moments).index(jump)]
        labels.append(marks.note(jump, low, text, xanchor="left", yanchor="top", xshift=4))
    return labels


def _clock_axis(last_s: float) -> Part:
    """Give an axis in seconds, or in minutes where seconds would be long numbers."""
    if last_s <= 300:
        return marks.axis(f"time [s] {STROKES}", last_s)
    every = 60 * max(1, round(last_s / 60 / 10))
    ticks = list(range(0, int(last_s) + 1, every))
    texts = [f"{tick // 60} min" for tick in ticks]
    return marks.axis(f"time {STROKES}", last_s, tickvals=ticks, ticktext=texts)


def _facts(run: _Run) -> dict[str, float]:
    return {
        "clock_s": run.clock_s,
        "lost_core_s": run.lost_core_s,
        "looks_too_few": len(run.too_few),
        "ready_cores": run.ready[-1],
        "wanted_cores": run.wanted[-1],
        "idle_cores": run.idle,
    }


def _headline(run: _Run) -> str:
    lost = f"{units.plain(run.lost_core_s)} core-seconds lost"
    if not run.idle:
        return lost
    return f"{lost}, {units.plain(run.idle)} of {units.plain(run.ready[-1])} cores idle"


def _told(run: _Run) -> str:
    peak = max(run.load)
    told = f"The load jumps to {cores(peak)}."
    if peak == run.load[0]:
        told = f"The load is {cores(peak)}."
    return f"{told} {_what_it_cost(run, peak)}{_idle_told(run)}"


def _what_it_cost(run: _Run, peak: float) -> str:
    """Say what work was lost, and until when."""
    if run.lost_core_s <= 0:
        return "Enough copies are ready at every moment: no work is lost."
    work = f"{units.plain(run.lost_core_s)} core-seconds of work are lost"
    jump = run.moments[list(run.load).index(peak)]
    rows = zip(run.moments, run.ready, strict=True)
    enough = [t for t, there in rows if t >= jump and there >= peak]
    if not enough:
        return f"So far too few copies are ready, and {work}."
    return f"Enough copies are ready {units.duration(enough[0] - jump)} later; by then {work}."


def _idle_told(run: _Run) -> str:
    if not run.idle:
        return ""
    there, idle = cores(run.ready[-1]), units.plain(run.idle)
    return f" Now {there} are ready, and {idle} of them are idle."
