"""The few marks every chart is made of: bars, lines, points, axes, rules, notes; and the refusals they share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from virtlearn import core
from virtlearn.charts._chart import Chart
from virtlearn.charts._style import DASHES, FILLS, INK, LINES, PATTERNS, bar_look
from virtlearn.errors import ShapeMismatch, UnknownName

Rows = Mapping[str, Sequence[float]]
Parts = Mapping[str, Mapping[str, float]]
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")


def filled(name: str, values: Any) -> None:
    """Refuse an empty row, or nothing at all to draw."""
    if not len(values):
        raise ShapeMismatch(
            f"{name} is empty, so there is nothing to draw.\nGive it at least one entry."
        )


def series(name: str, values: Any) -> list[float]:
    """Take a row of finite amounts, or refuse it by its name: a chart never draws NaN.

    >>> series("ready_s", [1, 2.5])
    [1.0, 2.5]
    >>> series("ready_s", [])
    Traceback (most recent call last):
    virtlearn.errors.ShapeMismatch: ready_s is empty, so there is nothing to draw.
    Give it at least one entry.
    """
    found = np.atleast_1d(core._check.amount(name, values))
    filled(name, found)
    return [float(x) for x in found]


def lined_up(**given: Any) -> Any:
    """Take rows that belong together: names as they are, amounts as floats, and mappings of rows by their titles.

    >>> lined_up(names=["a", "b"], got={"pooled": [1, 2]})
    [['a', 'b'], {'pooled': [1.0, 2.0]}]
    >>> lined_up(names=["a", "b"], asked_cores=[1.0])
    Traceback (most recent call last):
    virtlearn.errors.ShapeMismatch: names has 2 entries but asked_cores has 1.
    Give both one entry for each thing to draw.
    """
    (first, head), *_ = given.items()

    def take(name: str, row: Any) -> Any:
        filled(name, row)
        if isinstance(row, Mapping):
            return {title: take(title, inner) for title, inner in row.items()}
        if len(row) != len(head):
            found = f"{first} has {len(head)} entries but {name} has {len(row)}"
            raise ShapeMismatch(f"{found}.\nGive both one entry for each thing to draw.")
        return list(row) if isinstance(row[0], str) else series(name, row)

    return [take(name, row) for name, row in given.items()]


def places(name: str, which: Iterable[Any], n: int, what: str) -> list[int]:
    """Take indices of n things, or refuse those that point past them.

    >>> places("killed", [0, 2], 3, "names")
    [0, 2]
    """
    found = [core._check.whole(name, i) for i in which]
    if any(i >= n for i in found):
        held = f"{name} holds {max(found)}, but there are {n} {what}, counted from 0"
        raise UnknownName(f"{held}.\nTry {name}={n - 1}.")
    return found


def listed(words: Iterable[str]) -> str:
    """Join words as a sentence does.

    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def bar(
    i: int, name: str, x: Sequence[Any], y: Sequence[Any], hover: str, **more: Any
) -> dict[str, Any]:
    """Bars of the i-th series: its own colour and pattern."""
    look = bar_look(
        FILLS[i % len(FILLS)], PATTERNS[(i + i // len(FILLS)) % len(PATTERNS)]
    )  # no two alike in 36
    return {
        "type": "bar",
        "name": name,
        "x": x,
        "y": y,
        "marker": look,
        "hovertemplate": hover,
        **more,
    }


def line(
    i: int, name: str, x: Sequence[Any], y: Sequence[Any], hover: str, **more: Any
) -> dict[str, Any]:
    """Draw the line of the i-th series: its own colour and dash."""
    look = {"color": LINES[i % len(LINES)], "dash": DASHES[i % len(DASHES)], "width": 2.5}
    made = {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": look,
        "hovertemplate": hover,
    }
    return {**made, **more}


def points(
    i: int, name: str, x: Sequence[Any], y: Sequence[Any], hover: str = "", **more: Any
) -> dict[str, Any]:
    """Draw the points of the i-th series: their own colour and symbol; ``look`` changes them, ``text`` is written beside."""
    edge = {"color": INK, "width": 1}
    look = {
        "color": LINES[i % len(LINES)],
        "symbol": SYMBOLS[i % len(SYMBOLS)],
        "size": 10,
        "line": edge,
    }
    marker = {**look, **more.pop("look", {})}
    said = {"hovertemplate": hover} if hover else {"hoverinfo": "skip"}
    made = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": y,
        "marker": marker,
        "cliponaxis": False,
    }
    return {**made, **said, **more}


def table(head: Sequence[str], *columns: Iterable[str]) -> list[tuple[str, ...]]:
    """Put columns of words under a head.

    >>> table(["job", "ends"], ["a", "b"], ["1 s", "2 s"])
    [('job', 'ends'), ('a', '1 s'), ('b', '2 s')]
    """
    return [tuple(head), *zip(*columns, strict=True)]


def axis(title: str, top: float | None = None, **more: Any) -> dict[str, Any]:
    """Give an axis that begins at zero and does not move where ``top`` is given."""
    reach = {} if top is None else {"range": [0, top]}
    return {"title": title, **reach, **more}


def log_axis(
    title: str, low: float, high: float, show: Callable[[float], str], base: float = 10
) -> dict[str, Any]:
    """Give a logarithmic axis whose ticks are written in units a person would use."""
    first, last = (math.floor(math.log(x, base) + 1e-9) for x in (low, high))
    ticks = [float(base) ** k for k in range(first, last + 1)]
    words = {"tickvals": ticks, "ticktext": [show(t) for t in ticks]}
    return {"type": "log", "title": title, "range": [math.log10(low), math.log10(high)], **words}


def rule(at: float, along: str = "x", dash: str = "dot") -> dict[str, Any]:
    """Draw a straight line across the plot, at a place on the axis ``along``."""
    other = "y" if along == "x" else "x"
    ends = {
        f"{along}0": at,
        f"{along}1": at,
        f"{other}ref": "paper",
        f"{other}0": 0,
        f"{other}1": 1,
    }
    return {"type": "line", **ends, "line": {"color": INK, "dash": dash, "width": 2}}


def note(x: Any, y: Any, text: str, **more: Any) -> dict[str, Any]:
    """Write a few words into the plot, without an arrow."""
    return {"x": x, "y": y, "text": text, "showarrow": False, **more}


def parts_chart(
    wholes: Parts,
    show: Callable[[float], str],
    says: Callable[[dict[str, float]], str],
    *,
    title: str,
    along: str,
    top: float | None,
    head: str = "platform",
    scale: float = 1.0,
    assumed: str = "",
) -> Chart:
    """Draw lying bars, each stacked of named parts with its sum at the end; parts missing in one are zero."""
    filled("wholes", wholes)
    words = list(dict.fromkeys(word for parts in wholes.values() for word in parts))
    rows = {
        t: [float(x) for x in core._check.amount(t, [p.get(w, 0.0) for w in words])]
        for t, p in wholes.items()
    }
    sums = {t: sum(row) for t, row in rows.items()}
    columns = list(zip(*rows.values(), strict=True))
    cells = [[show(x) for x in column] for column in columns]
    data = []
    for i, (word, column, shown) in enumerate(zip(words, columns, cells, strict=True)):
        # A part that is zero everywhere keeps its colour for later, and stays out of the legend.
        more = {"orientation": "h", "customdata": shown, "showlegend": any(column)}
        hover = f"%{{y}}<br>{word}: %{{customdata}}<extra></extra>"
        data.append(bar(i, word, [x / scale for x in column], list(rows), hover, **more))
    tall = 18 * len(words) if len(words) > 3 else 36  # a legend of many parts needs room
    reach = top or max(*sums.values(), 1e-9)
    ends = [
        note(min(s, reach) / scale, t, show(s), xanchor="left", xshift=5) for t, s in sums.items()
    ]
    return Chart(
        data,
        sentence=says(sums),
        rows=table([head, *words, "together"], rows, *cells, map(show, sums.values())),
        barmode="stack",
        title=title,
        xaxis=axis(along, 1.18 * reach / scale),
        yaxis={"autorange": "reversed"},
        annotations=ends,
        height=174 + 42 * len(rows) + tall,
        margin={"b": 64 + tall},
        assumed=assumed,
    )
