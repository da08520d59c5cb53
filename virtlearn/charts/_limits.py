"""Limits and promises as marks over the names that they belong to."""

from __future__ import annotations

import math
from collections.abc import Sequence

from virtlearn import core
from virtlearn.charts import _marks as marks
from virtlearn.charts._style import INK
from virtlearn.charts._take import filled

__all__ = ["Each", "limit_marks", "limit_ticks", "promise_marks", "promise_ticks", "read_limits"]

Each = Sequence[float] | None


def read_limits(name: str, limit: Each) -> list[float]:
    """Take the limits of all, infinity where there is none; nothing where nobody has one."""
    if limit is None:
        return []
    heights = [float(x) for x in core.check.amount(name, limit, infinite=True)]
    filled(name, heights)
    return heights


def limit_marks(names: Sequence[str], limit: Sequence[float], unit: str) -> marks.Part:
    """Draw a bar at each limit; nothing where there is none."""
    look = {"symbol": "line-ew", "size": 26, "line": {"color": INK, "width": 3}}
    return _over(names, limit, "limit", unit, look)


def promise_marks(names: Sequence[str], promised: Sequence[float], unit: str) -> marks.Part:
    """Draw a triangle at each promise; nothing where nothing is promised."""
    look = {"symbol": "triangle-up", "size": 13}
    return _over(names, promised, "reserved", unit, look)


def limit_ticks(
    names: Sequence[str], starts: Sequence[float], limit: Sequence[float], unit: str
) -> marks.Part:
    """Draw a bar at each limit of lying bars, which begin at ``starts``."""
    look = {"symbol": "line-ns", "size": 26, "line": {"color": INK, "width": 4}}
    return _along(names, starts, limit, "limit", unit, look)


def promise_ticks(
    names: Sequence[str], starts: Sequence[float], promised: Sequence[float], unit: str
) -> marks.Part:
    """Draw a triangle at each promise of lying bars, which begin at ``starts``."""
    look = {"symbol": "triangle-left", "size": 14}
    return _along(names, starts, promised, "reserved", unit, look)


def _along(
    names: Sequence[str],
    starts: Sequence[float],
    lengths: Sequence[float],
    word: str,
    unit: str,
    look: dict[str, object],
) -> marks.Part:
    shown = []
    for start, x in zip(starts, lengths, strict=True):
        shown.append(start + x if 0 < x < math.inf else None)
    hover = f"%{{y}}<br>{word}: %{{customdata:,.4g}} {unit}<extra></extra>"
    much = [x if 0 < x < math.inf else None for x in lengths]
    made = marks.points(0, word, shown, names, hover, customdata=much, showlegend=False)
    made["marker"] = {"color": INK, **look}
    # What lies past the end of the picture stays outside.
    return {**made, "cliponaxis": True}


def _over(
    names: Sequence[str], heights: Sequence[float], word: str, unit: str, look: dict[str, object]
) -> marks.Part:
    shown = [y if 0 < y < math.inf else None for y in heights]
    hover = f"%{{x}}<br>{word}: %{{y:,.4g}} {unit}<extra></extra>"
    made = marks.points(0, word, names, shown, hover, showlegend=any(shown))
    made["marker"] = {"color": INK, **look}
    return made
