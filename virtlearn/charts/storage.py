"""The chart of what is stored: sheets on a pile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._stacked import Parts, Stack

__all__ = ["images"]

Sheet = tuple[str, float, float]  # its part, where it begins, how thick it is
THIN = 0.02  # a sheet that is thinner, as a part of the axis, has a fine outline
Counts = Mapping[str, Mapping[str, int]]


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
        Piles of sheets, each as thick as it is large.

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
    stack = Stack.of_parts(ways, _mib)
    counts = _counts(stack, sheets or {})
    sums = list(stack.sums.values())
    top = marks.round_top(sums)
    piles = {way: _pile(dict(stack.wholes[way]), counts[way]) for way in ways}
    data = [_sheets(i, word, piles, top) for i, word in enumerate(stack.words)]
    told = "; ".join(f"{way}: {_mib(total)}" for way, total in stack.sums.items())
    return Chart(
        data,
        sentence=f"{told}.",
        rows=stack.rows("way"),
        headline=_headline(sums),
        facts=_facts(stack.sums),
        assumed=assumed,
        title="What is stored: each sheet as thick as it is large",
        barmode="overlay",
        bargap=0.2,
        xaxis=_ways(stack, counts if sheets else None),
        yaxis=marks.axis("disk [MiB]", top, tickformat=","),
        annotations=_totals(stack.sums),
        margin={"t": 60, "b": 50},
    )


def _counts(stack: Stack, sheets: Counts) -> dict[str, dict[str, int]]:
    """Say of how many sheets each part is: one, where nothing is said."""
    counts: dict[str, dict[str, int]] = {}
    for way, parts in stack.wholes.items():
        said = sheets.get(way, {})
        counts[way] = {part: said.get(part, 1) for part, _ in parts}
    return counts


def _pile(parts: Mapping[str, float], count: Mapping[str, int]) -> list[Sheet]:
    """Lay sheets on a pile: what is there once below, then one of each for every copy."""
    once = [part for part in parts if count[part] == 1]
    often = [part for part in parts if count[part] > 1]
    most = max((count[part] for part in often), default=0)
    turns = [once] + [[part for part in often if k < count[part]] for k in range(most)]
    pile: list[Sheet] = []
    height = 0.0
    for turn in turns:
        for part in turn:
            thick = parts[part] / count[part]
            pile.append((part, height, thick))
            height += thick
    return pile


def _sheets(i: int, word: str, piles: Mapping[str, Sequence[Sheet]], top: float) -> Part:
    """Draw the sheets of one part, wherever they lie."""
    x, base, thick = [], [], []
    for at, pile in enumerate(piles.values()):
        for part, begin, size in pile:
            if part == word:
                x.append(float(at))
                base.append(begin)
                thick.append(size)
    trace = marks.bar(i, word, x, thick, "", base=base)
    if min(thick, default=top) < THIN * top:
        # Twenty sheets of a few pixels must not drown in their outlines.
        trace["marker"]["line"]["width"] = 0.5
    trace["hovertemplate"] = f"{word}: %{{y:,.4g}} MiB<extra></extra>"
    return trace


def _ways(stack: Stack, counts: Counts | None) -> Part:
    """Name each pile, and under it how many sheets of each part lie in it, where that is known."""
    named = []
    for way, parts in stack.wholes.items():
        lines = [way]
        if counts is not None:
            lines += [f"{counts[way][part]} × {part}" for part, size in parts if size]
        named.append("<br>".join(lines))
    return {"tickvals": list(range(len(named))), "ticktext": named}


def _mib(size: float) -> str:
    """Write a size in MiB, whatever it is: what stands beside each other has one unit."""
    return f"{units.plain(size, 6)} MiB"


def _headline(sums: Sequence[float]) -> str:
    """Compare the first two ways in one unit: "1,100 : 5,600 MiB"."""
    return f"{' : '.join(f'{total:,.0f}' for total in sums[:2])} MiB"


def _facts(sums: Mapping[str, float]) -> dict[str, float]:
    """Give what each way stores, and how many times the second stores what the first does."""
    facts = {f"{way.replace(' ', '_')}_mib": total for way, total in sums.items()}
    first, *others = sums.values()
    if others and first:
        facts["times"] = others[0] / first
    return facts


def _totals(sums: Mapping[str, float]) -> list[Part]:
    """Write over each pile what it comes to."""
    return [
        marks.note(at, total, f"<b>{_mib(total)}</b>", yanchor="bottom")
        for at, total in enumerate(sums.values())
    ]
