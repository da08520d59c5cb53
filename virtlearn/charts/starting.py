"""Charts of getting ready: the phases of a start, and many starts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._phases import looks
from virtlearn.charts._stacked import Stack, stacked_chart
from virtlearn.charts._words import copies, times

__all__ = ["scale_out", "start_phases"]

MOST_STEPS = 200  # a stair of more steps is a line


def _seconds(s: float) -> str:
    """Write a time in the unit of the axis, so that the numbers of all bars can be compared."""
    return f"{units.plain(s)} s"


def start_phases(
    phases: Mapping[str, Sequence[tuple[str, float]]],
    *,
    top_s: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw where the time of a start goes, one bar a platform.

    Parameters
    ----------
    phases : mapping of str to sequence of (str, float)
        For each title its phases in their order with their seconds, such as
        `Deployment.start_phases` [s].
    top_s : float, optional
        Where the axis ends [s]; further where a start takes longer.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Each bar is a chain of phases in true order; a phase has the same look in every chart.

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
    """
    stack = Stack.of(phases, _seconds)
    told = []
    for title, total in stack.sums.items():
        longest, seconds = max(stack.wholes[title], key=lambda part: part[1])
        most = f', most of it "{longest}"' if seconds > total / 2 else ""
        told.append(f"{_seconds(total)} ({title}{most})")
    return stacked_chart(
        stack,
        sentence=f"Until one more copy answers: {'; '.join(told)}.",
        title="Where the time of a start goes",
        along="time [s]",
        top=top_s,
        looks=looks(stack.words),
        assumed=assumed,
    )


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
