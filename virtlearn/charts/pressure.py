"""The chart of memory limits: what groups hold before and after the host runs short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._limits import Each, read_limits
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import INK
from virtlearn.charts._words import listed

__all__ = ["memory_limits"]

# Shapes, and the notes that go with them.
Drawn = tuple[list[Part], list[Part]]


def memory_limits(
    names: Sequence[str],
    before_mib: Rows,
    after_mib: Rows,
    *,
    limits_mib: Mapping[str, Each],
    killed: Sequence[int] = (),
    slowed: Sequence[int] = (),
    top_mib: float | None = None,
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
    top_mib : float, optional
        Where the axis ends [MiB].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Two bars for each group, its lines across both.

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
    shapes, notes = _lines(names, limits_mib)
    fates = [_fate(i, dead, slow) for i in range(len(names))]
    held = [sum(row[i] for row in after.values()) for i in range(len(names))]
    notes += [
        marks.note(i + 0.25, held[i], fate, xref="x2", xanchor="center", yanchor="bottom")
        for i, fate in enumerate(fates)
        if fate != "goes on"
    ]
    cells = [map(units.memory, row) for row in [*before.values(), *after.values()]]
    head = ["group", *(f"{p} before" for p in before), *(f"{p} after" for p in after), "fate"]
    return Chart(
        data,
        sentence=_told(names, before, after, fates),
        rows=marks.table(head, names, *cells, fates),
        assumed=assumed,
        title="Before and after the host runs short",
        barmode="stack",
        xaxis={"title": ""},
        xaxis2={"overlaying": "x", "range": [-0.5, len(names) - 0.5], "visible": False},
        yaxis=marks.axis("memory [MiB]", top_mib),
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
            if limit < float("inf"):
                shapes.append(_line(i, limit))
                # Between the two bars, where nothing hides it.
                place = {"xref": "x2", "xanchor": "center", "yanchor": "bottom"}
                notes.append(marks.note(i, limit, word, **place))
    return shapes, notes


def _line(i: int, limit: float) -> Part:
    """Draw a limit across both bars of a group."""
    ends = {"x0": i - 0.45, "x1": i + 0.45, "y0": limit, "y1": limit, "xref": "x2"}
    return {"type": "line", "line": {"color": INK, "width": 2, "dash": "dot"}, **ends}


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
