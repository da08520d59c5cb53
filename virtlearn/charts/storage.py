"""The chart of what is stored."""

from __future__ import annotations

from virtlearn import units
from virtlearn.charts._chart import Chart
from virtlearn.charts._stacked import Parts, Stack, stacked_chart

__all__ = ["images"]

GIB = 1024.0


def images(ways: Parts, *, top_mib: float | None = None, assumed: str = "") -> Chart:
    """Draw what is stored, one bar a way of storing it, stacked of its parts.

    Parameters
    ----------
    ways : mapping of str to mapping of str to float
        For each way, such as "layers stored once", "full copies" or "clones", its parts [MiB].
    top_mib : float, optional
        Where the axis ends [MiB]; further where more is stored.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Horizontal bars, in GiB from 1 GiB on.

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
    >>> print(images(ways).describe())
    Layers stored once: 135 MiB; full copies: 285 MiB.
    """
    stack = Stack.of_parts(ways, units.memory)
    most = top_mib or max(stack.sums.values())
    unit, scale = "MiB", 1.0
    if most >= GIB:
        unit, scale = "GiB", GIB
    told = "; ".join(f"{way}: {units.memory(total)}" for way, total in stack.sums.items())
    return stacked_chart(
        stack,
        sentence=f"{told}.",
        title="What is stored",
        along=f"disk [{unit}]",
        head="way",
        top=top_mib,
        scale=scale,
        assumed=assumed,
    )
