"""The chart of memory under pressure: who holds it, who gives some back, who dies."""

from __future__ import annotations

import math
from collections.abc import Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._limits import Each, limit_marks, read_limits
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import FILLS
from virtlearn.charts._words import listed

__all__ = ["memory_pressure"]

HEADROOM = 1.25  # room for a cross and its word over the highest bar
RED = FILLS[5]


def memory_pressure(
    names: Sequence[str],
    parts_mib: Rows,
    *,
    limit_mib: Each = None,
    killed: Sequence[int] = (),
    capacity_mib: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw who holds memory, who gives some back, and who dies.

    Parameters
    ----------
    names : sequence of str
        The clients.
    parts_mib : mapping of str to sequence of float
        Parts of what each holds, such as "kept" and "taken back" [MiB].
    limit_mib : sequence of float, optional
        The limit of each [MiB]; infinite is none.
    killed : sequence of int
        Who dies, in order.
    capacity_mib : float, optional
        What there is for all together [MiB].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A stacked bar for each client, a cross over each that dies.

    Raises
    ------
    ShapeMismatch
        Where there is no client, or a part has not one entry for each.
    UnknownName
        Where ``killed`` points past the last client.
    ImpossibleAmount
        Where an amount is negative or unknown.

    Examples
    --------
    >>> chart = memory_pressure(["A", "B"], {"held": [40, 48]}, killed=[1], capacity_mib=64)
    >>> print(chart.describe())
    A: 40 MiB held; B: 48 MiB held. There are 64 MiB. B is killed.
    """
    take.line_up("names", names, parts_mib)
    parts = take.rows("parts_mib", parts_mib)
    dead = take.places("killed", killed, len(names), "names")
    limits = read_limits("limit_mib", limit_mib)
    whole = [sum(column) for column in zip(*parts.values(), strict=True)]
    data = []
    for i, (title, sizes) in enumerate(parts.items()):
        hover = f"%{{x}}<br>{title}: %{{y:,.4g}} MiB<extra></extra>"
        data.append(marks.bar(i, title, names, sizes, hover))
    if limits:
        data.append(limit_marks(names, limits, "MiB"))
    data.append(_crosses(names, whole, dead))
    finite = [x for x in limits if x < math.inf]
    fates = ["killed" if i in dead else "" for i in range(len(names))]
    cells = [map(units.memory, sizes) for sizes in parts.values()]
    return Chart(
        data,
        sentence=_held(names, parts) + _fate([names[i] for i in dead], capacity_mib),
        assumed=assumed,
        rows=marks.table(["client", *parts, "fate"], names, *cells, fates),
        title="Who holds memory, who gives back, who dies",
        barmode="stack",
        yaxis=marks.axis("memory [MiB]", HEADROOM * max(*whole, *finite, 1e-9)),
    )


def _crosses(names: Sequence[str], whole: Sequence[float], dead: Sequence[int]) -> Part:
    """Draw a cross over each client that dies, numbered where there are several."""
    order = ["killed"]
    if len(dead) != 1:
        order = [f"killed {k + 1}" for k in range(len(dead))]
    return marks.points(
        0,
        "killed",
        [names[i] for i in dead],
        [whole[i] for i in dead],
        showlegend=bool(dead),
        mode="markers+text",
        text=order,
        textposition="top center",
        look={"symbol": "x", "size": 18, "color": RED},
    )


def _held(names: Sequence[str], parts: dict[str, list[float]]) -> str:
    told = []
    for i, name in enumerate(names):
        held = [f"{units.memory(sizes[i])} {part}" for part, sizes in parts.items() if sizes[i]]
        told.append(f"{name}: {listed(held or ['nothing'])}")
    return "; ".join(told) + "."


def _fate(dead: Sequence[str], capacity_mib: float | None) -> str:
    """Say how much there is and who dies; nothing where nothing was said about running out."""
    told = "" if capacity_mib is None else f" There are {units.memory(capacity_mib)}."
    if dead:
        who = " and then ".join(dead)
        verb = "is" if len(dead) == 1 else "are"
        return f"{told} {who[:1].upper()}{who[1:]} {verb} killed."
    return told and f"{told} Nobody dies."
