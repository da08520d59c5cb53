"""Whole numbers as the real systems keep them: int64, checked once, and lined up by numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from virtlearn.core import check
from virtlearn.core.check import Ints
from virtlearn.errors import ImpossibleCount

Bools = NDArray[np.bool_]
# Up to here a float64 holds every whole number, and a hundredfold still fits into int64.
MOST = 2.0**53


def counts(name: str, value: ArrayLike, *, least: int = 0, most: float = MOST) -> Ints:
    """Take an array of whole numbers; 3.0 is one, 3.5 is not."""
    x = check.numbers(name, value)
    rule = f"it must be a whole number from {least} to {most:g}"
    if most == MOST:
        rule = f"it must be a whole number of at least {least}, and below 2**53"
    good = (x >= least) & (x <= most) & (x == np.floor(x))
    return check.require(name, x, good, rule, ImpossibleCount).astype(np.int64)


def flags(name: str, value: ArrayLike) -> Bools:
    """Take yes or no for each: truth values, or 0 and 1."""
    x = check.numbers(name, value)
    good = (x == 0) | (x == 1)
    mark = check.require(name, x, good, "it must be true or false", ImpossibleCount)
    return np.asarray(mark == 1)
