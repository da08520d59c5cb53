"""The few marks every chart is made of: bars, lines, points, axes, rules, notes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from virtlearn.charts._style import DASHES, FILLS, INK, LINES, PATTERNS, PLATFORMS, bar_look

__all__ = [
    "BESIDE_PX",
    "SYMBOLS",
    "Part",
    "Rows",
    "axis",
    "bar",
    "legend_px",
    "line",
    "log_axis",
    "note",
    "points",
    "round_top",
    "rule",
    "table",
    "time_axis",
]

Rows = Mapping[str, Sequence[float]]
Values = Sequence[str] | Sequence[float] | Sequence[float | None]
Part = dict[str, Any]  # a trace, an axis, a shape or a note, as plotly takes them
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")
# How far a logarithmic axis reaches past its data, in powers of ten: plotly hides a point that lies
# past the end of its axis, even by the rounding of a logarithm.
MARGIN = 0.02
# The times at which a clock-minded reader would put a tick [s].
TICKS_S = (1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000, 360_000)
# A unit, its length, and the shortest time that is written in it [s].
CLOCK = (
    ("h", 3600, 3600),
    ("min", 60, 60),
    ("s", 1, 0.1),
    ("ms", 1e-3, 1e-3),
    ("us", 1e-6, 1e-6),
)
ROUND = (1, 2, 3, 5, 10)  # the next is at most twice as far
BESIDE_PX = 64  # room for a time beside a bar that ends with its axis
LEGEND_ROW_PX = 20
LEGEND_SYMBOL_PX = 50  # a symbol of the legend with the space around it
LETTER_PX = 7.2
NARROW_PLOT_PX = 560  # the width of a plot on a page of 700 px


def bar(
    i: int,
    name: str,
    x: Values,
    y: Values,
    hover: str,
    **more: Any,
) -> Part:
    """Draw bars of the i-th series: its own colour and pattern, no two alike in 36.

    A platform has the look that it has in every chart.
    """
    colour = FILLS[i % len(FILLS)]
    pattern = PATTERNS[(i + i // len(FILLS)) % len(PATTERNS)]
    if name in PLATFORMS:
        colour, pattern = (PLATFORMS[name][part] for part in ("colour", "pattern"))
    trace: Part = {
        "type": "bar",
        "name": name,
        "x": x,
        "y": y,
        "marker": bar_look(colour, pattern),
        "hovertemplate": hover,
    }
    trace.update(more)
    return trace


def line(
    i: int,
    name: str,
    x: Values,
    y: Values,
    hover: str,
    **more: Any,
) -> Part:
    """Draw the line of the i-th series: its own colour and dash, or those of its platform."""
    known = PLATFORMS.get(name, {})
    look = {
        "color": known.get("colour", LINES[i % len(LINES)]),
        "dash": known.get("dash", DASHES[i % len(DASHES)]),
        "width": 2.5,
    }
    trace: Part = {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": look,
        "hovertemplate": hover,
    }
    trace.update(more)
    return trace


def points(
    i: int,
    name: str,
    x: Values,
    y: Values,
    hover: str = "",
    **more: Any,
) -> Part:
    """Draw the points of the i-th series, or of a platform: colour, symbol; ``look`` changes."""
    known = PLATFORMS.get(name, {})
    look = {
        "color": known.get("colour", LINES[i % len(LINES)]),
        "symbol": known.get("symbol", SYMBOLS[i % len(SYMBOLS)]),
        "size": 10,
        "line": {"color": INK, "width": 1},
    }
    look.update(more.pop("look", {}))
    trace: Part = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": x,
        "y": y,
        "marker": look,
        "cliponaxis": False,
    }
    if hover:
        trace["hovertemplate"] = hover
    else:
        trace["hoverinfo"] = "skip"
    trace.update(more)
    return trace


def table(head: Sequence[str], *columns: Iterable[str]) -> list[tuple[str, ...]]:
    """Put columns of words under a head.

    >>> table(["job", "ends"], ["a", "b"], ["1 s", "2 s"])
    [('job', 'ends'), ('a', '1 s'), ('b', '2 s')]
    """
    return [tuple(head), *zip(*columns, strict=True)]


def axis(title: str, top: float | None = None, **more: Any) -> Part:
    """Give an axis that begins at zero and does not move where ``top`` is given."""
    made: Part = {"title": title}
    if top is not None:
        made["range"] = [0, top]
    made.update(more)
    return made


def round_top(values: Iterable[float], least: float = 0) -> float:
    """Give the end of an axis that follows: the next 1, 2, 3 or 5 times a power of ten.

    So the largest value always fills at least half of the axis.

    >>> round_top([0.4, 1.2]), round_top([31]), round_top([5]), round_top([0])
    (2.0, 50.0, 5.0, 1.0)
    """
    largest = max([least, *values])
    if largest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    # A hair of rounding must not make the axis twice as long.
    fitting = (n * power for n in ROUND if largest <= n * power * (1 + 1e-9))
    return float(f"{next(fitting):.3g}")


def _log_range(low: float, high: float) -> list[float]:
    return [math.log10(low) - MARGIN, math.log10(high) + MARGIN]


def log_axis(
    title: str, low: float, high: float, show: Callable[[float], str], base: float = 10
) -> Part:
    """Give a logarithmic axis that holds both ends, its ticks written in units a person would use.

    >>> reach = log_axis("size", 16, 16384, str)["range"]
    >>> 10 ** reach[0] < 16 and 16384 < 10 ** reach[1]
    True
    """
    first = math.floor(math.log(low, base) + 1e-9)
    last = math.floor(math.log(high, base) + 1e-9)
    ticks = [float(base) ** k for k in range(first, last + 1)]
    return {
        "type": "log",
        "title": title,
        "range": _log_range(low, high),
        "tickvals": ticks,
        "ticktext": [show(tick) for tick in ticks],
    }


def time_axis(title: str, low_s: float, high_s: float) -> Part:
    """Give a logarithmic axis of time with ticks of a clock: 10 s, 1 min, 10 min, not 16.7 min.

    >>> time_axis("time", 0.5, 4000)["ticktext"]
    ['1 s', '10 s', '1 min', '10 min', '1 h']
    """
    ticks = [tick for tick in TICKS_S if low_s <= tick <= high_s]
    return {
        "type": "log",
        "title": title,
        "range": _log_range(low_s, high_s),
        "tickvals": ticks,
        "ticktext": [_clock(tick) for tick in ticks],
    }


def _clock(seconds: float) -> str:
    """Write a round time in the largest unit that it holds once.

    >>> _clock(60), _clock(0.1), _clock(1e-3)
    ('1 min', '0.1 s', '1 ms')
    """
    for unit, length, least in CLOCK:
        if seconds >= least:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def rule(at: float, along: str = "x", dash: str = "dot") -> Part:
    """Draw a straight line across the plot, at a place on the axis ``along``."""
    other = "y" if along == "x" else "x"
    return {
        "type": "line",
        f"{along}0": at,
        f"{along}1": at,
        f"{other}ref": "paper",
        f"{other}0": 0,
        f"{other}1": 1,
        "line": {"color": INK, "dash": dash, "width": 2},
    }


def note(x: Any, y: Any, text: str, **more: Any) -> Part:
    """Write a few words into the plot, without an arrow."""
    return {"x": x, "y": y, "text": text, "showarrow": False, **more}


def legend_px(names: Iterable[str], wide_px: float = NARROW_PLOT_PX) -> int:
    """Say how much height a legend takes on a narrow page; plotly sets it in equal columns.

    >>> legend_px(["a", "b"]), legend_px(["a very long name of a phase"] * 4)
    (20, 40)
    """
    lengths = [len(name) for name in names]
    column_px = LEGEND_SYMBOL_PX + LETTER_PX * max(lengths)
    columns = max(1, int(wide_px // column_px))
    return LEGEND_ROW_PX * math.ceil(len(lengths) / columns)
