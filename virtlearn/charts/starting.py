"""Charts of getting ready: the phases of a start, and many starts at once."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._lanes import Lane, lanes, words_on
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._phases import looks
from virtlearn.charts._stacked import Stack
from virtlearn.charts._words import copies, listed, times

__all__ = ["scale_out", "start_phases"]

FRAME_PX = 96  # title and axis
MOST_STEPS = 200  # a stair of more steps is a line


def _seconds(s: float) -> str:
    """Write a time in the unit of the axis, so that the numbers of all bars can be compared."""
    return f"{units.plain(s)} s"


def _plain_name(title: str) -> str:
    """Write a title as a fact's name.

    >>> _plain_name("VM-isolated containers")
    'vm_isolated_containers'
    """
    return re.sub(r"\W+", "_", title.lower()).strip("_")


def start_phases(
    phases: Mapping[str, Sequence[tuple[str, float]]],
    *,
    clock_s: float = math.inf,
    assumed: str = "",
) -> Chart:
    """Draw one start on each platform as a race: each a train of phases that grows with the clock.

    Parameters
    ----------
    phases : mapping of str to sequence of (str, float)
        For each title its phases in their order with their seconds, such as
        `Deployment.start_phases` [s].
    clock_s : float, optional
        When the race is looked at [s since the order]; after its end if left out.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Each lane is a chain of phases in true order; a phase has the same look in every chart.

    Raises
    ------
    ShapeMismatch
        Where there is no start, or one without a phase.
    ImpossibleAmount
        Where a phase takes a negative, infinite or unknown time.

    Examples
    --------
    >>> quick = {"containers": [("engine", 0.17), ("program", 0.03)]}
    >>> quick["processes"] = [("program", 0.03)]
    >>> print(start_phases(quick).describe())  # doctest: +NORMALIZE_WHITESPACE
    Until one more copy answers: 0.2 s (containers, most of it "engine");
    0.03 s (processes, most of it "program").
    >>> start_phases(quick, clock_s=0.1).headline
    'After 0.1 s: 1 of 2 answers'
    """
    stack = Stack.of(phases, _seconds)
    sums = stack.sums
    clock = min(clock_s, max(sums.values()))
    run = _lanes(stack, clock)
    look = looks(stack.words)
    top = marks.round_top([lane.end_s for lane in run])
    finished = clock_s >= max(sums.values())
    return Chart(
        lanes(run, stack.words, look),
        sentence=_race_over(stack) if finished else _race_running(run, clock),
        rows=stack.rows("platform"),
        headline=" : ".join(map(_seconds, sums.values())) if finished else _answering(run, clock),
        facts=_facts(sums, run, clock),
        title=_point(stack) if finished else "One start each, phase by phase",
        barmode="overlay",
        showlegend=False,
        xaxis=marks.axis("time since the order [s]", top, showgrid=False),
        yaxis={"visible": False, "range": [run[-1].bottom_px, 0]},
        annotations=list(words_on(run, look, top, _seconds)),
        height=FRAME_PX + run[-1].bottom_px,
        margin={"l": 30, "t": 40, "b": FRAME_PX - 40},
        assumed=assumed,
    )


def _lanes(stack: Stack, clock_s: float) -> list[Lane]:
    """Cut every train at the clock, and put the lanes under each other."""
    run: list[Lane] = []
    first, first_s = next(iter(stack.sums.items()))
    for title, total in stack.sums.items():
        top_px = run[-1].bottom_px if run else 0
        told = f", {_against(total / first_s)} as {first}" if run and first_s else ""
        flag = _seconds(total)
        run.append(Lane.until(title, stack.wholes[title], clock_s, flag, told, top_px))
    return run


def _against(ratio: float) -> str:
    """Say how long something takes beside another.

    >>> _against(50.9), _against(0.9999)
    ('51 times as long', 'as long')
    """
    times_as = units.plain(ratio, 2)
    return "as long" if times_as == "1" else f"{times_as} times as long"


def _facts(sums: Mapping[str, float], run: Sequence[Lane], clock_s: float) -> dict[str, float]:
    facts = {f"{_plain_name(title)}_s": total for title, total in sums.items()}
    facts["clock_s"] = clock_s
    facts["answering"] = sum(lane.arrived for lane in run)
    first, *others = sums.values()
    for place, total in zip(("second", "third"), others, strict=False):
        if first:
            facts[f"{place}_to_first"] = total / first
    return facts


def _race_over(stack: Stack) -> str:
    told = []
    for title, total in stack.sums.items():
        longest, seconds = max(stack.wholes[title], key=lambda part: part[1])
        most = f', most of it "{longest}"' if seconds > total / 2 else ""
        told.append(f"{_seconds(total)} ({title}{most})")
    return f"Until one more copy answers: {'; '.join(told)}."


def _race_running(run: Sequence[Lane], clock_s: float) -> str:
    """Say who has arrived, and in which phase the others are."""
    told = []
    for lane in run:
        at = "answer" if lane.arrived else f'are at "{lane.blocks[-1].word}"'
        told.append(f"{lane.title} {at}")
    return f"{_seconds(clock_s)} after the order {listed(told)}."


def _answering(run: Sequence[Lane], clock_s: float) -> str:
    arrived = sum(lane.arrived for lane in run)
    verb = "answers" if arrived == 1 else "answer"
    return f"After {_seconds(clock_s)}: {arrived or 'none'} of {len(run)} {verb}"


def _point(stack: Stack) -> str:
    """Say which phase makes the longest start long, where one does."""
    title = max(stack.sums, key=lambda title: stack.sums[title])
    longest, seconds = max(stack.wholes[title], key=lambda part: part[1])
    if seconds <= stack.sums[title] / 2:
        return "A start is a chain of phases"
    return f"Most of the longest start is \u201c{longest}\u201d"


def scale_out(
    ready_s: Rows,
    *,
    low_s: float | None = None,
    top_s: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw how many copies are ready as time goes by, one stair a platform.

    Parameters
    ----------
    ready_s : mapping of str to sequence of float
        For each title, when each copy answers [s].
    low_s, top_s : float, optional
        Where the time axis begins and ends [s]; further where a copy answers later.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Copies ready against the time since the order, which is drawn in powers of ten.

    Raises
    ------
    ShapeMismatch
        Where there is no platform, or one without a copy.
    ImpossibleAmount
        Where a time is negative, infinite or unknown.

    Examples
    --------
    >>> chart = scale_out({"containers": [0.2, 0.4], "virtual machines": [10, 20]})
    >>> print(chart.describe())  # doctest: +NORMALIZE_WHITESPACE
    Containers: the first of 2 copies answers after 200 ms, the last after 400 ms;
    virtual machines: the first of 2 copies answers after 10 s, the last after 20 s.
    """
    ready = {title: sorted(when) for title, when in take.rows("ready_s", ready_s).items()}
    shortest = min((s for when in ready.values() for s in when if s > 0), default=1e-3)
    low = low_s or shortest / 1.5
    latest = max(when[-1] for when in ready.values())
    high = max(top_s or 1.5 * latest, latest, 1.5 * low)
    data = []
    told = []
    cells = [("platform", "first", "half", "all")]
    for i, (title, when) in enumerate(ready.items()):
        data.append(_stair(i, title, when, low, high))
        median = when[(len(when) - 1) // 2]
        first, half, last = times([when[0], median, when[-1]])
        cells.append((title, first, half, last))
        many = copies(len(when))
        told.append(f"{title}: the first of {many} answers after {first}, the last after {last}")
    return Chart(
        data,
        sentence="; ".join(told) + ".",
        rows=cells,
        assumed=assumed,
        title="Copies ready as time goes by",
        xaxis=marks.time_axis("time since the order", low, high),
        yaxis=marks.axis("copies ready", 1.08 * max(map(len, ready.values()))),
    )


def _stair(
    i: int,
    title: str,
    when: list[float],
    low: float,
    high: float,
) -> Part:
    """Draw one platform's stair, from the left edge of the axis to the right one."""
    every = max(1, len(when) // MOST_STEPS)
    steps = sorted({*range(0, len(when), every), len(when) - 1})
    # A logarithmic axis has no place for zero.
    x = [low, *(max(when[k], low) for k in steps), high]
    y = [0, *(k + 1 for k in steps), len(when)]
    hover = f"{title}<br>%{{y:,}} ready after %{{x:.3g}} s<extra></extra>"
    stair = marks.line(i, title, x, y, hover)
    stair["line"]["shape"] = "hv"
    return stair
