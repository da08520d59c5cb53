"""A chart of a burst under a limit: threads that run and wait, and their allowance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from virtlearn import core
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import KINDS, bar_look
from virtlearn.charts._words import milliseconds

__all__ = ["throttling"]

MOST_RULES = 12  # more lines than these would be a grey plane
MS = 1e3
BURST_DIGITS = 4  # 102.5 and 27.5 are the point
RUNS, WAITS = "running", "waiting"
LANES = {"domain": [0.36, 1]}  # above the tank
TANK = {"domain": [0, 0.22]}
TIME = {"domain": [0, 0.68]}  # beside the curve
VESSEL = [0.70, 0.74]
CURVE = {"domain": [0.8, 1]}


def throttling(
    work_s: float,
    runs_s: ArrayLike,
    *,
    threads: int,
    tank_s: tuple[ArrayLike, ArrayLike],
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
    runs_s : array, shape (runs, 2)
        When each run begins and ends [s], as `core.lanes.burst_runs_s` says.
    threads : int
        How many run at once.
    tank_s : pair of array
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
    times, left = (take.series("tank_s", row) for row in tank_s)
    take.line_up("tank_s", times, {"left": left})
    period = float(core.check.positive("period_s", period_s))
    free = float(core.check.amount("free_s", free_s))
    seen = _Burst(work_s, threads, take.series("runs_s", np.ravel(runs_s)), free, now_s)
    tank = _tank_until(seen.now, times, left)
    edge = MS * marks.round_top([seen.wall, free])
    lanes = [f"thread {i}" for i in range(1, threads + 1)]
    data = [
        _lane_bars(RUNS, lanes, seen.runs),
        _lane_bars(WAITS, lanes, seen.waits),
        _free_bar(min(seen.now, free), _ms(free)),
        _tank_area(*tank),
        _vessel("full", max(left)),
        _vessel("left", tank[1][-1]),
        *_curve_lines(curve_s, work_s, seen.wall),
    ]
    said = f"{seen.work} of CPU time take {_ms(seen.wall)} with {limit}"
    return Chart(
        data,
        sentence=f"{_moment(seen)}{said} and {_ms(free)} with no limit.",
        rows=_burst_rows(seen, limit),
        assumed=assumed,
        headline=_burst_headline(seen),
        facts={**_burst_facts(seen), "left_ms": MS * tank[1][-1]},
        title=_burst_title(len(seen.waited)),
        barmode="overlay",
        showlegend=False,
        annotations=_burst_notes(seen, edge),
        shapes=[*_refills(period, edge), *_through(MS * seen.now, "solid")],
        margin={"b": 60, "l": 80, "r": 20},
        yaxis={**LANES, "autorange": "reversed", "tickvals": [*lanes, "no limit"]},
        **_tank_axes(edge, max(left)),
        **_curve_axes([work_s, *curve_s[0]], [seen.wall, *curve_s[1]]),
    )


def _tank_axes(edge: float, full: float) -> dict[str, Part]:
    """Give lanes and tank their axis of time, and the tank its height."""
    return {
        "xaxis": marks.axis("time since the burst began [ms]", edge, **TIME, anchor="y2"),
        "yaxis2": marks.axis("tank [ms]", marks.round_top([MS * full]), **TANK, nticks=3),
        "xaxis3": {"domain": VESSEL, "anchor": "y2"},
    }


def _curve_axes(work: Sequence[float], takes: Sequence[float]) -> dict[str, Part]:
    """Give the curve of all bursts its axes."""
    few = {"nticks": 4, "tickangle": 0}
    return {
        "xaxis2": marks.axis("burst [ms]", MS * max(work), **CURVE, **few, anchor="y3"),
        "yaxis3": marks.axis("takes [ms]", marks.round_top([MS * max(takes)]), anchor="x2"),
    }


Spans = list[tuple[float, float]]


class _Burst:
    """A burst up to a moment: what has run by then, and what has waited."""

    def __init__(
        self,
        work_s: float,
        threads: int,
        corners: Sequence[float],
        free_s: float,
        now_s: float | None,
    ) -> None:
        begins, ends = corners[::2], corners[1::2]
        self.work = _ms(work_s)
        self.wall = ends[-1]
        self.free = free_s
        self.now = take.moment(now_s, self.wall)
        self.runs = _until(self.now, begins, ends)
        self.waited = list(zip(ends[:-1], begins[1:], strict=True))
        self.waits = _until(self.now, ends[:-1], begins[1:])
        self.done = threads * _length(self.runs)
        self.running = any(b <= self.now < e for b, e in zip(begins, ends, strict=True))


def _ms(seconds: float) -> str:
    return milliseconds(MS * seconds, BURST_DIGITS)


def _length(spans: Spans) -> float:
    return sum(stop - begin for begin, stop in spans)


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
    made = marks.bar(0, word, ["now"], [MS * level], hover, xaxis="x3", yaxis="y2")
    made.update(width=0.9, showlegend=False)
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


def _burst_notes(seen: _Burst, edge: float) -> list[Part]:
    """Say at the top where time stands, and name the parts of the picture."""
    words = f"done after {_ms(seen.wall)}"
    if seen.now < seen.wall:
        words = f"now: {_ms(seen.now)}"
    at = MS * seen.now
    side = {"xanchor": "left", "xshift": 4} if at < edge / 2 else {"xanchor": "right"}
    above = {"yref": "paper", "yanchor": "bottom"}
    left = {**above, "xref": "paper", "xanchor": "left"}
    tank = marks.note(0, TANK["domain"][1], "left of the allowance, refilled each period", **left)
    curve = marks.note(CURVE["domain"][0], 1, "bursts of all sizes", **left)
    return [marks.note(at, 1, words, **above, **side), tank, curve]


def _burst_facts(seen: _Burst) -> dict[str, float]:
    return {
        "wall_ms": round(MS * seen.wall, 6),
        "free_ms": round(MS * seen.free, 6),
        "slowdown": seen.wall / seen.free if seen.free else 1.0,
        "waits": len(seen.waited),
        "waited_ms": MS * _length(seen.waits),
        "done_ms": MS * seen.done,
    }


def _burst_title(waits: int) -> str:
    if not waits:
        return "The allowance lasts: no thread waits"
    return "Threads run until the allowance is spent, then all wait"


def _burst_headline(seen: _Burst) -> str:
    takes, free = _ms(seen.wall), _ms(seen.free)
    if seen.now < seen.wall:
        much = _ms(seen.done).removesuffix(" ms")
        return f"After {_ms(seen.now)}: {much} of {seen.work} are done"
    if takes == free:
        return f"{seen.work} of work take {takes}: no wait"
    return f"{seen.work} of work take {takes}, not {free.removesuffix(' ms')}"


def _moment(seen: _Burst) -> str:
    """Say what stands at a moment before the end; nothing at the end."""
    if seen.now >= seen.wall:
        return ""
    state = "run" if seen.running else "wait"
    return f"After {_ms(seen.now)}, {_ms(seen.done)} are done and all threads {state}. "


def _burst_rows(seen: _Burst, limit: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("setting", "CPU time", "takes")]
    rows.append((limit, seen.work, _ms(seen.wall)))
    rows.append(("no limit", seen.work, _ms(seen.free)))
    for word, spans in ((RUNS, seen.runs), (WAITS, seen.waits)):
        for begin, stop in spans:
            rows.append((f"{word}, from {_ms(begin)} to {_ms(stop)}", "", _ms(stop - begin)))
    return rows
