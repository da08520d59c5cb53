"""The chart of what is stored: sheets on a pile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._stacked import Parts, Stack

__all__ = ["images"]

GIB = 1024.0
Counts = Mapping[str, Mapping[str, int]]
# What can be seen as a sheet of its own, as a part of the axis; thinner ones are one piece.
THIN = 1 / 500


def images(ways: Parts, *, sheets: Counts | None = None, assumed: str = "") -> Chart:
    """Draw what is stored as piles of sheets, one pile for each way of storing it.

    Parameters
    ----------
    ways : mapping of str to mapping of str to float
        For each way, such as "layers stored once", "full copies" or "clones", its parts [MiB].
    sheets : mapping of str to mapping of str to int, optional
        For each way and part, how many sheets that amount is: one where nothing is said. What all
        share is one sheet, and lies at the bottom.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Piles, in GiB from 1 GiB on; each sheet as thick as it is large.

    Raises
    ------
    ShapeMismatch
        Where there is no way, or one without a part.
    ImpossibleAmount
        Where a part is negative, infinite or unknown.

    Examples
    --------
    >>> ways = {"layers stored once": {"base": 75, "apps": 60}}
    >>> ways["full copies"] = {"base": 225, "apps": 60}
    >>> chart = images(ways, sheets={"full copies": {"base": 3, "apps": 3}})
    >>> print(chart.describe())
    Layers stored once: 135 MiB; full copies: 285 MiB.
    >>> chart.headline
    '135 : 285 MiB'
    """
    stack = Stack.of_parts(ways, units.memory)
    counts = _counts(stack, sheets or {})
    sums = list(stack.sums.values())
    unit, scale = ("GiB", GIB) if max(sums) >= GIB else ("MiB", 1.0)
    top = marks.round_top([total / scale for total in sums])
    piles = {way: _pile(dict(stack.wholes[way]), counts[way], top * scale) for way in ways}
    data = [_sheets(i, word, piles, scale) for i, word in enumerate(stack.words)]
    told = "; ".join(f"{way}: {units.memory(total)}" for way, total in stack.sums.items())
    return Chart(
        data,
        sentence=f"{told}.",
        rows=stack.rows("way"),
        headline=_headline(sums),
        facts={f"{way.replace(' ', '_')}_mib": total for way, total in stack.sums.items()},
        assumed=assumed,
        title="What is stored: each sheet as thick as it is large",
        barmode="overlay",
        bargap=0.5,
        xaxis={"range": [-0.4, len(ways) - 0.15], "tickvals": list(range(len(ways))), "ticktext": list(ways)},
        yaxis=marks.axis(f"disk [{unit}]", top),
        annotations=_notes(stack, counts, scale),
        margin={"t": 60, "b": 50},
    )


def _counts(stack: Stack, sheets: Counts) -> dict[str, dict[str, int]]:
    """Say of how many sheets each part is: one, where nothing is said."""
    counts: dict[str, dict[str, int]] = {}
    for way, parts in stack.wholes.items():
        said = sheets.get(way, {})
        counts[way] = {part: said.get(part, 1) for part, _ in parts}
    return counts


def _pile(
    parts: Mapping[str, float], count: Mapping[str, int], top: float
) -> list[tuple[str, float, float]]:
    """Lay sheets on a pile: what is there once below, then one of each for every copy.

    Gives for each sheet its part, where it begins, and how thick it is.
    """
    once = [part for part in parts if count[part] == 1]
    often = [part for part in parts if count[part] > 1]
    most = max((count[part] for part in often), default=0)
    turns = [once] + [[part for part in often if k < count[part]] for k in range(most)]
    pile: list[tuple[str, float, float]] = []
    height = 0.0
    for turn in turns:
        for part in turn:
            thick = parts[part] / count[part]
            pile.append((part, height, thick))
            height += thick
    return pile


def _sheets(
    i: int, word: str, piles: Mapping[str, Sequence[tuple[str, float, float]]], scale: float
) -> Part:
    """Draw the sheets of one part, wherever they lie."""
    x, base, thick = [], [], []
    for at, pile in enumerate(piles.values()):
        for part, begin, size in pile:
            if part == word:
                x.append(float(at))
                base.append(begin / scale)
                thick.append(size / scale)
    trace = marks.bar(i, word, x, thick, "", base=base)
    trace["hovertemplate"] = f"{word}: %{{y:,.4g}}<extra></extra>"
    return trace
