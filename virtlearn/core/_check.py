"""Refusals shared by the laws: each names the argument, the value and the rule."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from virtlearn.errors import (
    ImpossibleAmount,
    ImpossibleCount,
    ImpossibleProbability,
    ImpossibleWeight,
    NotATree,
    ShapeMismatch,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def numbers(name: str, value: Any) -> Floats:
    """Read numbers of any size and sign."""
    try:
        return np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ImpossibleAmount(f"{name} is {value!r}; it must be a number or an array of numbers.") from None


def _first(name: str, value: Floats, bad: NDArray[np.bool_]) -> str:
    """Name the first bad value, and where it stands when there are several."""
    if value.ndim == 0:
        return f"{name} is {float(value)}"
    where = tuple(int(i) for i in np.argwhere(bad)[0])
    return f"{name} holds {float(value[where])} at index {where[0] if len(where) == 1 else where}"


def amount(name: str, value: Any, *, infinite: bool = False) -> Floats:
    """Amounts are never negative, never NaN, and end unless they are limits."""
    x = numbers(name, value)
    bad = ~(x >= 0) if infinite else ~((x >= 0) & (x < np.inf))
    if bad.any():
        rule = "at least 0 (infinity means no limit)" if infinite else "finite and at least 0"
        raise ImpossibleAmount(f"{_first(name, x, bad)}; it must be {rule}.")
    return x


def positive(name: str, value: Any) -> Floats:
    """Refuse nothing where there must be something: a period, a time between failures."""
    x = numbers(name, value)
    bad = ~((x > 0) & (x < np.inf))
    if bad.any():
        raise ImpossibleAmount(f"{_first(name, x, bad)}; it must be finite and greater than 0.")
    return x


def weight(name: str, value: Any) -> Floats:
    """Weights compare tenants with each other, so none is zero."""
    x = numbers(name, value)
    bad = ~((x > 0) & (x < np.inf))
    if bad.any():
        raise ImpossibleWeight(f"{_first(name, x, bad)}; weights must be finite and greater than 0.")
    return x


def probability(name: str, value: Any) -> Floats:
    """Probabilities and fractions lie between 0 and 1."""
    x = numbers(name, value)
    bad = ~((x >= 0) & (x <= 1))
    if bad.any():
        raise ImpossibleProbability(f"{_first(name, x, bad)}; it must lie between 0 and 1.")
    return x


def whole(name: str, value: Any, *, least: int = 0) -> int:
    """Take whole numbers as counts: 3.0 is one, 3.5 and True are not."""
    if isinstance(value, (bool, np.bool_)) or np.ndim(value) != 0:
        raise ImpossibleCount(f"{name} is {value!r}; it must be a whole number of at least {least}.")
    try:
        n = int(value)
        exact = n == value
    except (TypeError, ValueError, OverflowError):
        exact = False
    if not exact or n < least:
        raise ImpossibleCount(f"{name} is {value!r}; it must be a whole number of at least {least}.")
    return n


def tree(parent: Any) -> Ints:
    """Parents come before their children, and only the first node has none."""
    p = np.asarray(parent)
    if p.ndim != 1 or p.size == 0 or p.dtype.kind not in "iu":
        raise NotATree(f"parent is {parent!r:.60}; it must be a list of whole numbers, one for each node.")
    p = p.astype(np.int64, copy=False)
    if p[0] != -1:
        raise NotATree(f"parent[0] is {p[0]}; the first node is the root, and its parent is -1.")
    bad = (p[1:] < 0) | (p[1:] >= np.arange(1, p.size))
    if bad.any():
        i = int(np.argmax(bad)) + 1
        raise NotATree(f"parent[{i}] is {p[i]}; a parent must come before its child, so 0 to {i - 1}.")
    return p


def shape(rule: str, **arrays: Floats) -> tuple[int, ...]:
    """Find the shape that all arrays broadcast to; ``rule`` says how they should line up."""
    try:
        return np.broadcast_shapes(*(a.shape for a in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
        raise ShapeMismatch(f"{shapes} cannot be lined up; {rule}.") from None
