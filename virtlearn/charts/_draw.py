"""The few marks every chart is made of: bars, lines, axes, rules, notes; and the refusals they share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import cycle, islice
from typing import Any

from virtlearn import core
from virtlearn.charts._style import DASHES, FILLS, INK, LINES, PATTERNS, Chart, bar_look
from virtlearn.errors import ShapeMismatch

__all__ = ["axis", "bar", "line", "lined_up", "log_axis", "looks", "note", "parts_chart", "rule", "same_length", "series", "table"]  # fmt: skip

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")


def series(name: str, values: Any) -> list[float]:
    """Take a row of finite amounts, or refuse it by its name: a chart never draws NaN.

    >>> series("ready_s", [1, 2.5])
    [1.0, 2.5]
    >>> series("ready_s", [])
    Traceback (most recent call last):
    virtlearn.errors.ShapeMismatch: ready_s is empty, so there is nothing to draw.
    Give it at least one number.
    """
    found = core._check.amount(name, values)
    if found.ndim != 1 or not found.size:
        what = "empty, so there is nothing to draw" if not found.size else f"of shape {found.shape}, not a row"
        raise ShapeMismatch(f"{name} is {what}.\nGive it at least one number.")
    return [float(x) for x in found]


def same_length(**rows: Sequence[Any]) -> None:
    """Refuse rows that do not belong together, or are empty.

    >>> same_length(names=["a", "b"], asked_cores=[1.0])
    Traceback (most recent call last):
    virtlearn.errors.ShapeMismatch: names has 2 entries but asked_cores has 1.
    Give both one entry for each thing to draw.
    """
    (first, head), *others = rows.items()
    if not len(head):
        raise ShapeMismatch(f"{first} is empty, so there is nothing to draw.\nGive it at least one entry.")
    for name, row in others:
        if len(row) != len(head):
            raise ShapeMismatch(f"{first} has {len(head)} entries but {name} has {len(row)}.\n"
                                "Give both one entry for each thing to draw.")  # fmt: skip


def lined_up(rows: Mapping[str, Any], **head: Sequence[Any]) -> dict[str, list[float]]:
    """Take rows of amounts that are each as long as ``head``, by their titles.

    >>> lined_up({"pooled": [1, 2]}, hours=[0, 1])
    {'pooled': [1.0, 2.0]}
    """
    found = {title: series(title, row) for title, row in rows.items()}
    same_length(**{**head, **found})
    return found


def bar(i: int, name: str, x: Sequence[Any], y: Sequence[Any], hover: str, **more: Any) -> dict[str, Any]:
    """Bars of the i-th series: its own colour and pattern."""
    look = bar_look(FILLS[i % len(FILLS)], PATTERNS[i % len(PATTERNS)])
    return {"type": "bar", "name": name, "x": x, "y": y, "marker": look, "hovertemplate": hover, **more}


def line(i: int, name: str, x: Sequence[Any], y: Sequence[Any], hover: str, **more: Any) -> dict[str, Any]:
    """Draw the line of the i-th series: its own colour and dash."""
    look = {"color": LINES[i % len(LINES)], "dash": DASHES[i % len(DASHES)], "width": 2.5}
    return {"type": "scatter", "mode": "lines", "name": name, "x": x, "y": y, "line": look, "hovertemplate": hover, **more}  # fmt: skip


def table(head: Sequence[str], *columns: Iterable[str]) -> list[tuple[str, ...]]:
    """Put columns of words under a head.

    >>> table(["job", "ends"], ["a", "b"], ["1 s", "2 s"])
    [('job', 'ends'), ('a', '1 s'), ('b', '2 s')]
    """
    return [tuple(head), *zip(*columns, strict=True)]


def axis(title: str, top: float | None = None, **more: Any) -> dict[str, Any]:
    """Give an axis that begins at zero and does not move where ``top`` is given."""
    reach = {} if top is None else {"range": [0, top]}
    return {"title": {"text": title}, **reach, **more}


def log_axis(title: str, low: float, high: float, show: Callable[[float], str], base: float = 10) -> dict[str, Any]:
    """Give a logarithmic axis whose ticks are written in units a person would use."""
    first, last = (math.floor(math.log(x, base) + 1e-9) for x in (low, high))
    ticks = [float(base) ** k for k in range(first, last + 1)]
    return {"type": "log", "title": {"text": title}, "range": [math.log10(low), math.log10(high)], "tickvals": ticks,
            "ticktext": [show(t) for t in ticks]}  # fmt: skip


def rule(at: float, along: str = "x", dash: str = "dot", **more: Any) -> dict[str, Any]:
    """Draw a straight line across the plot, at a place on the axis ``along``."""
    other = "y" if along == "x" else "x"
    return {"type": "line", f"{along}0": at, f"{along}1": at, f"{other}ref": "paper", f"{other}0": 0, f"{other}1": 1,
            "line": {"color": INK, "dash": dash, "width": 2}, **more}  # fmt: skip


def note(x: Any, y: Any, text: str, **more: Any) -> dict[str, Any]:
    """Write a few words into the plot, without an arrow."""
    return {"x": x, "y": y, "text": text, "showarrow": False, **more}


def parts_chart(
    wholes: Mapping[str, Mapping[str, float]], show: Callable[[float], str], *, title: str, axis_title: str, top: float | None,
    head: str, sentence: Callable[[dict[str, float]], str], assumed: str = "", scale: float = 1.0,
) -> Chart:  # fmt: skip
    """Draw lying bars, each stacked of named parts with its sum at the end; parts missing in one are zero."""
    same_length(wholes=list(wholes))
    words = list(dict.fromkeys(word for parts in wholes.values() for word in parts))
    rows = {t: [float(x) for x in core._check.amount(t, [p.get(w, 0.0) for w in words])] for t, p in wholes.items()}
    sums = {t: sum(row) for t, row in rows.items()}
    reach = top or max(*sums.values(), 1e-9)
    data = []
    for i, (word, column) in enumerate(zip(words, zip(*rows.values(), strict=True), strict=True)):
        # A part that is zero everywhere keeps its colour for later, and stays out of the legend.
        data.append(bar(i, word, [x / scale for x in column], list(rows), f"%{{y}}<br>{word}: %{{customdata}}<extra></extra>", orientation="h",
                        customdata=[show(x) for x in column], showlegend=any(column)))  # fmt: skip
    tall = 18 * len(words) if len(words) > 3 else 36  # a legend of many parts needs room
    layout = {
        "barmode": "stack", "title": {"text": title}, "xaxis": axis(axis_title, 1.18 * reach / scale),
        "yaxis": {"autorange": "reversed"}, "height": 174 + 42 * len(rows) + tall, "margin": {"b": 64 + tall},
        "annotations": [note(min(s, reach) / scale, t, show(s), xanchor="left", xshift=5) for t, s in sums.items()],
    }  # fmt: skip
    columns = ([show(x) for x in column] for column in zip(*rows.values(), strict=True))
    cells = table([head, *words, "together"], rows, *columns, map(show, sums.values()))
    return Chart(data, layout, sentence=sentence(sums), rows=cells, assumed=assumed)


def looks(n: int) -> list[tuple[str, str]]:
    """Colour and symbol of each of n kinds of points.

    >>> looks(2)
    [('#0072B2', 'circle'), ('#D55E00', 'square')]
    """
    return list(islice(zip(cycle(LINES), cycle(SYMBOLS), strict=False), n))
