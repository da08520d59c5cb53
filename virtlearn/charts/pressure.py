"""The chart of memory limits: what groups hold before and after the host runs short."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._limits import Each, read_limits
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import FILLS, INK
from virtlearn.charts._words import listed

__all__ = ["memory_limits"]

# Shapes, and the notes that go with them.
Drawn = tuple[list[Part], list[Part]]
AFTER = 0.25  # where the second tank of a group stands, from the group's middle
HALF = 0.18  # half of a tank's width
RED = FILLS[5]


def memory_limits(
    names: Sequence[str],
    before_mib: Rows,
    after_mib: Rows,
    *,
    limits_mib: Mapping[str, Each],
    killed: Sequence[int] = (),
    slowed: Sequence[int] = (),
    remark: str = "",
    assumed: str = "",
) -> Chart:
    """Draw what each group holds before and after pressure, and the lines that decide it.

    Parameters
    ----------
    names : sequence of str
        The groups.
    before_mib, after_mib : mapping of str to sequence of float
        Parts of what each group holds, such as "programs", "cache" and "swapped" [MiB]; both with
        the same parts.
    limits_mib : mapping of str to sequence of float
        Lines by name, such as "low", "high" and "max", one for each group [MiB]; infinite is none.
    killed, slowed : sequence of int
        Who is killed, and who is slowed down.
    remark : str, optional
        A few words under the tanks, such as how much swap there is.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Two tanks for each group, its lines across both; one that is killed is crossed out.

    Raises
    ------
    ShapeMismatch
        Where a row has not one entry for each group.
    UnknownName
        Where ``killed`` or ``slowed`` points past the last group.

    Examples
    --------
    >>> before = {"programs": [500], "swapped": [0]}
    >>> after = {"programs": [300], "swapped": [200]}
    >>> chart = memory_limits(["web"], before, after,
    ...                       limits_mib={"max": [300]})
    >>> print(chart.describe())
    Web: 500 MiB programs before; 300 MiB programs and 200 MiB swapped after.
    >>> chart.headline
    'Web goes on'
    """
    take.line_up("names", names, {**before_mib, **after_mib})
    before = take.rows("before_mib", before_mib)
    after = take.rows("after_mib", after_mib)
    dead = take.places("killed", killed, len(names), "names")
    slow = take.places("slowed", slowed, len(names), "names")
    x = [[name for name in names for _ in (0, 1)], ["before", "after"] * len(names)]
    data = []
    for i, part in enumerate(before):
        pairs = zip(before[part], after[part], strict=True)
        heights = [size for pair in pairs for size in pair]
        hover = f"%{{x}}<br>{part}: %{{y:,.4g}} MiB<extra></extra>"
        data.append(marks.bar(i, part, x, heights, hover))  # type: ignore[arg-type]
    full = [sum(row[i] for row in before.values()) for i in range(len(names))]
    top = marks.round_top([*full, *_finite(limits_mib)])
    shapes, notes = _lines(names, limits_mib)
    shapes += [stroke for i in dead for stroke in _crossed(i, full[i])]
    fates = [_fate(i, dead, slow) for i in range(len(names))]
    held = [sum(row[i] for row in after.values()) for i in range(len(names))]
    over = [full[i] if i in dead else height for i, height in enumerate(held)]
    notes += _fates(over, fates)
    cells = [map(units.memory, row) for row in [*before.values(), *after.values()]]
    head = ["group", *(f"{p} before" for p in before), *(f"{p} after" for p in after), "fate"]
    return Chart(
        data,
        sentence=_told(names, before, after, fates),
        rows=marks.table(head, names, *cells, fates),
        headline=_headline(names, fates),
        facts=_facts(names, held, dead, slow),
        assumed=assumed,
        title="What each holds before and after the host runs short",
        barmode="stack",
        bargap=0.25,
        xaxis={"title": remark},
        xaxis2={"overlaying": "x", "range": [-0.5, len(names) - 0.5], "visible": False},
        yaxis=marks.axis("memory [MiB]", top, tickformat=","),
        shapes=shapes,
        annotations=notes,
    )


def _lines(names: Sequence[str], limits_mib: Mapping[str, Each]) -> Drawn:
    """Draw each group's lines across its two bars, each with its name."""
    shapes: list[Part] = []
    notes: list[Part] = []
    for word, given in limits_mib.items():
        limits = read_limits(word, given) or []
        for i, limit in enumerate(limits[: len(names)]):
            if limit < math.inf:
                shapes.append(_line(i, limit))
                # Between the two bars, where nothing hides it.
                place = {"xref": "x2", "xanchor": "center", "yanchor": "bottom"}
                notes.append(marks.note(i, limit, word, **place))
    return shapes, notes


def _line(i: int, limit: float) -> Part:
    """Draw a limit across both bars of a group."""
    ends = {"x0": i - 0.45, "x1": i + 0.45, "y0": limit, "y1": limit, "xref": "x2"}
    return {"type": "line", "line": {"color": INK, "width": 2, "dash": "dot"}, **ends}


def _fates(heights: Sequence[float], fates: Sequence[str]) -> list[Part]:
    """Write over each second tank what becomes of its group."""
    look = {"xref": "x2", "yanchor": "bottom"}
    return [
        marks.note(i + AFTER, height, f"<b>{fate}</b>", **look)
        for i, (height, fate) in enumerate(zip(heights, fates, strict=True))
    ]


def _finite(limits_mib: Mapping[str, Each]) -> list[float]:
    every = [limit for row in limits_mib.values() for limit in row or ()]
    return [limit for limit in every if limit < math.inf]


def _crossed(i: int, height: float) -> list[Part]:
    """Draw the empty tank of a group that is killed, with a cross through it."""
    corners = {"xref": "x2", "x0": i + AFTER - HALF, "x1": i + AFTER + HALF}
    pen = {"color": RED, "width": 4}
    outline = {"color": INK, "width": 1}
    return [
        {"type": "rect", **corners, "y0": 0, "y1": height, "line": outline},
        {"type": "line", **corners, "y0": 0, "y1": height, "line": pen},
        {"type": "line", **corners, "y0": height, "y1": 0, "line": pen},
    ]


def _headline(names: Sequence[str], fates: Sequence[str]) -> str:
    """Say who is slowed and who is killed; where all go on, that they do."""
    told = []
    for fate in ("killed", "slowed"):
        who = [name for name, its in zip(names, fates, strict=True) if its == fate]
        if who:
            told.append(f"{listed(who)} {'is' if len(who) == 1 else 'are'} {fate}")
    all_on = f"{listed(names)} {'goes' if len(names) == 1 else 'go'} on"
    words = ", ".join(told) or all_on
    return words[:1].upper() + words[1:]


def _facts(
    names: Sequence[str], held: Sequence[float], dead: Sequence[int], slow: Sequence[int]
) -> dict[str, float]:
    """Give what each holds in the end, and how many are killed and slowed."""
    facts = {f"{name}_mib": size for name, size in zip(names, held, strict=True)}
    return {**facts, "killed": float(len(dead)), "slowed": float(len(slow))}


def _fate(i: int, dead: Sequence[int], slow: Sequence[int]) -> str:
    if i in dead:
        return "killed"
    return "slowed" if i in slow else "goes on"


def _held(i: int, parts: Mapping[str, Sequence[float]]) -> str:
    held = [f"{units.memory(row[i])} {part}" for part, row in parts.items() if row[i]]
    return listed(held or ["nothing"])


def _told(
    names: Sequence[str],
    before: Mapping[str, Sequence[float]],
    after: Mapping[str, Sequence[float]],
    fates: Sequence[str],
) -> str:
    each = []
    for i, name in enumerate(names):
        change = f"{name[:1].upper()}{name[1:]}: {_held(i, before)} before; {_held(i, after)} after"
        if fates[i] != "goes on":
            change += f", and it is {fates[i]}"
        each.append(f"{change}.")
    return " ".join(each)
