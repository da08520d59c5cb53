"""What was answered, as plain values: compared, and written as a learner reads it."""

from __future__ import annotations

import math
import numbers
from typing import Any

from virtlearn.errors import shown

__all__ = ["plain", "same", "short"]

MOST_LETTERS = 200
MOST_ITEMS = 20


def plain(value: Any) -> Any:
    """Give numpy's arrays and tuples as lists of plain numbers, as JSON would bring them back.

    Parameters
    ----------
    value : object
        What was answered, however it is nested.

    Returns
    -------
    object
        The same with plain lists, dicts and numbers.

    Examples
    --------
    >>> plain((1, (2.0, "three")))
    [1, [2.0, 'three']]
    """
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def same(x: Any, y: Any, tolerance: float) -> bool:
    """Tell whether two answers are the same, however they are nested.

    Parameters
    ----------
    x, y : object
        The answers.
    tolerance : float
        How far apart two numbers may be, relative to the larger one: 0.01 is 1 %.

    Returns
    -------
    bool
        True where they agree in shape, keys and texts, and in numbers within the tolerance.

    Examples
    --------
    >>> same([1, {"web": 2.0}], (1, {"web": 2.001}), tolerance=0.01)
    True
    """
    x, y = plain(x), plain(y)
    if isinstance(x, dict) and isinstance(y, dict):
        if x.keys() != y.keys():
            return False
        return all(same(x[key], y[key], tolerance) for key in x)
    if isinstance(x, list) and isinstance(y, list):
        if len(x) != len(y):
            return False
        return all(same(a, b, tolerance) for a, b in zip(x, y, strict=True))
    if isinstance(x, numbers.Real) and isinstance(y, numbers.Real):
        return math.isclose(x, y, rel_tol=tolerance, abs_tol=1e-9)
    return bool(x == y)


def short(value: Any) -> str:
    """Write a value as a learner reads it: six digits, brackets as they were, never a page of it.

    Parameters
    ----------
    value : object
        What was answered.

    Returns
    -------
    str
        The value in words, cut where it is long.

    Examples
    --------
    >>> short((1, [0.1 + 0.2, "web"]))
    "(1, [0.3, 'web'])"
    """
    try:
        text = _written(value)
    except Exception:
        # A thing that cannot even be looked at is an answer too.
        text = shown(value)
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"


def _written(value: Any) -> str:
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, list | tuple):
        more = ", …" if len(value) > MOST_ITEMS else ""
        inner = ", ".join(short(each) for each in value[:MOST_ITEMS]) + more
        if isinstance(value, list):
            return f"[{inner}]"
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)
