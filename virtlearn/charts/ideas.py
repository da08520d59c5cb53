"""Charts of what somebody has learnt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from virtlearn import units
from virtlearn.charts._chart import Chart
from virtlearn.charts._style import INK, TEXT_ON
from virtlearn.errors import ShapeMismatch, UnknownName, nearest

__all__ = ["learning"]

# How a question can end: its word, its colour, its shape and its sign, so that no meaning rests on
# colour.
ENDS: dict[str, tuple[str, str, str]] = {
    "right": ("#009E73", "circle", "✔"),
    "another idea": ("#D55E00", "diamond", "✘"),
    "I do not know": ("#0072B2", "square", "?"),
    "not asked": ("rgba(118,118,118,0.15)", "circle-open", "–"),
}
ROW_PX, AROUND_PX = 27, 150


def learning(
    ended: Mapping[str, Sequence[str]],
    sittings: Sequence[str],
    *,
    read: Mapping[str, str] | None = None,
    assumed: str = "",
) -> Chart:
    """Draw what became of each idea in each sitting, and what to read again.

    Parameters
    ----------
    ended : mapping of str to sequence of str
        For each idea how its question ended in each sitting: ``"right"``, ``"another idea"``,
        ``"I do not know"`` or ``"not asked"``.
    sittings : sequence of str
        What the sittings are called, such as ``["before", "after"]``.
    read : mapping of str to str, optional
        For some of the ideas what to read again; it is written beside their row.
    assumed : str, optional
        What it rests on that no source gives.

    Returns
    -------
    Chart
        A row for each idea, a column for each sitting.

    Raises
    ------
    ShapeMismatch
        Where there is no idea, or an idea does not have one end for each sitting.
    UnknownName
        Where an end is none of the four.

    Examples
    --------
    >>> ended = {"Which kernel answers": ["another idea", "right"]}
    >>> ended["How many kernels"] = ["right", "right"]
    >>> learning(ended, ["before", "after"])
    Before: 1 of 2 ideas right. After: 2 of 2 ideas right.
    """
    _check(ended, sittings)
    read = read or {}
    marks = [_marks(end, ended) for end in ENDS]
    beside = []
    for idea, words in read.items():
        beside.append({"x": len(sittings), "y": idea, "text": words, "showarrow": False})
    rows = [("idea", *sittings, "read")]
    rows += [(idea, *ends, read.get(idea, "")) for idea, ends in ended.items()]
    columns = [*sittings, "read"] if read else [*sittings]
    return Chart(
        [trace for trace in marks if trace["x"]],
        sentence=_sentence(ended, sittings),
        rows=rows,
        assumed=assumed,
        title="What you said, idea by idea",
        annotations=beside,
        xaxis={
            "tickvals": list(range(len(columns))),
            "ticktext": columns,
            "range": [-0.6, len(columns) - 0.4],
            "side": "top",
            "showgrid": False,
            "zeroline": False,
        },
        yaxis={"categoryarray": list(ended), "range": [len(ended) - 0.4, -0.6], "showgrid": False},
        margin={"t": 90, "b": 60},
        height=AROUND_PX + ROW_PX * len(ended),
    )


def _check(ended: Mapping[str, Sequence[str]], sittings: Sequence[str]) -> None:
    """Refuse what cannot be drawn."""
    if not ended:
        raise ShapeMismatch("There is no idea to draw.\nGive at least one, with how it ended.")
    for idea, ends in ended.items():
        if len(ends) != len(sittings):
            found = f"{idea!r} has {units.count(len(ends), 'end')} for {len(sittings)} sittings"
            raise ShapeMismatch(f"{found}.\nGive it one for each sitting.")
        for end in ends:
            if end not in ENDS:
                raise UnknownName(f"{idea!r} ended with {end!r}. {nearest(end, ENDS)}")


def _where(end: str, ended: Mapping[str, Sequence[str]]) -> list[tuple[int, str]]:
    """Find the column and the idea of each question that ended in one way."""
    cells = []
    for idea, ends in ended.items():
        for column, this_end in enumerate(ends):
            if this_end == end:
                cells.append((column, idea))
    return cells


def _marks(end: str, ended: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Draw all questions that ended in one way."""
    colour, shape, sign = ENDS[end]
    cells = _where(end, ended)
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": f"{sign} {end}",
        "x": [column for column, _idea in cells],
        "y": [idea for _column, idea in cells],
        "text": [sign] * len(cells),
        "textfont": {"color": TEXT_ON.get(colour, INK), "size": 13},
        "marker": {
            "symbol": shape,
            "color": colour,
            "size": 21,
            "line": {"color": INK, "width": 1},
        },
        "hovertemplate": f"%{{y}}<br>{end}<extra></extra>",
        "cliponaxis": False,
    }


def _sentence(ended: Mapping[str, Sequence[str]], sittings: Sequence[str]) -> str:
    """Count what was right in each sitting."""
    told = []
    for column, sitting in enumerate(sittings):
        ends = [each[column] for each in ended.values()]
        asked = len(ends) - ends.count("not asked")
        unknown = ends.count("I do not know")
        aside = f", {unknown} times 'I do not know'" if unknown else ""
        told.append(f"{sitting.capitalize()}: {ends.count('right')} of {asked} ideas right{aside}.")
    return " ".join(told)
