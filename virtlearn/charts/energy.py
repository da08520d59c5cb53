"""The chart of power: what each host draws, how much of it for doing nothing."""

from __future__ import annotations

from collections.abc import Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart

__all__ = ["power"]


def power(
    idle_w: Sequence[float],
    busy_w: Sequence[float],
    *,
    copies: Sequence[int],
    top_w: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw the power of each host: what it draws for being on, and what its load adds.

    Parameters
    ----------
    idle_w, busy_w : sequence of float, shape (hosts,)
        What each host draws when idle, 0 for one that is off, and what its load adds [W].
    copies : sequence of int, shape (hosts,)
        The copies that run on each.
    top_w : float, optional
        Where the axis ends [W].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A bar for each host, the idle part hatched.

    Raises
    ------
    ShapeMismatch
        Where a row has not one entry for each host.
    ImpossibleAmount
        Where an amount is negative, infinite or unknown.

    Examples
    --------
    >>> chart = power([100, 100, 0], [50, 20, 0], copies=[10, 4, 0])
    >>> print(chart.describe())  # doctest: +NORMALIZE_WHITESPACE
    3 hosts draw 270 W, 200 W of it for being on; 1 is switched off.
    That is 19.3 Wh an hour for each of 14 copies.
    """
    idle = take.series("idle_w", idle_w)
    take.line_up("idle_w", idle, {"busy_w": busy_w, "copies": copies})
    busy = take.series("busy_w", busy_w)
    names = [f"host {i}" for i in range(len(idle))]
    running = [f"{n} {'copy' if n == 1 else 'copies'}" for n in copies]
    state = [words if watts else "off" for words, watts in zip(running, idle, strict=True)]
    hover = "%{x}: %{y:.0f} W<extra></extra>"
    parts = {"for being on": idle, "for its load": busy}
    data = []
    for i, (name, watts) in enumerate(parts.items()):
        data.append(marks.bar(i, name, names, watts, hover))
    # The part that is wasted is the one to see.
    data[0]["marker"]["pattern"]["shape"] = "/"
    data[1]["marker"]["pattern"]["shape"] = ""
    whole = [a + b for a, b in zip(idle, busy, strict=True)]
    notes = [
        marks.note(name, watts, words, yanchor="bottom")
        for name, watts, words in zip(names, whole, state, strict=True)
    ]
    cells = [[f"{units.plain(x)} W" for x in row] for row in parts.values()]
    return Chart(
        data,
        sentence=_told(idle, whole, sum(copies)),
        rows=marks.table(["host", *parts, "runs"], names, *cells, state),
        assumed=assumed,
        title="What each host draws",
        barmode="stack",
        yaxis=marks.axis("power [W]", top_w),
        annotations=notes,
    )


def _told(idle: Sequence[float], whole: Sequence[float], copies: int) -> str:
    off = sum(watts == 0 for watts in idle)
    told = (
        f"{units.count(len(idle), 'host')} draw {units.plain(sum(whole))} W, "
        f"{units.plain(sum(idle))} W of it for being on"
    )
    told += f"; {off} {'is' if off == 1 else 'are'} switched off." if off else "."
    if copies:
        each = units.plain(sum(whole) / copies)
        told += f" That is {each} Wh an hour for each of {copies:,} copies."
    return told
