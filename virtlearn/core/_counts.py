"""Whole numbers as the real systems keep them: int64, checked once, and lined up by numpy."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from virtlearn import errors
from virtlearn.core import check
from virtlearn.core.check import Ints
from virtlearn.errors import ImpossibleAmount, ImpossibleCount, ShapeMismatch, VirtlearnError

P = ParamSpec("P")
T = TypeVar("T")

Bools = NDArray[np.bool_]
# Up to here a float64 holds every whole number, and a hundredfold still fits into int64.
MOST = 2.0**53


def counts(name: str, value: ArrayLike, *, least: int = 0, most: float = MOST) -> Ints:
    """Take an array of whole numbers; 3.0 is one, 3.5 is not."""
    given = check.array(value)
    # Whole numbers of any size are the usual case, and are not carried through floats.
    if given.dtype.kind in "iu" and given.size and least <= given.min() and given.max() <= most:
        return given.astype(np.int64, copy=False)
    x = check.numbers(name, value)
    rule = f"it must be a whole number from {least} to {most:g}"
    if most == MOST:
        rule = f"it must be a whole number of at least {least}, and below 2**53"
    with np.errstate(invalid="ignore"):  # one kind of nan complains when it is compared
        good = (x >= least) & (x <= most) & (x == np.floor(x))
    return check.require(name, x, good, rule, ImpossibleCount).astype(np.int64)


def flags(name: str, value: ArrayLike) -> Bools:
    """Take yes or no for each: truth values, or 0 and 1."""
    given = check.array(value)
    if given.dtype.kind == "b":
        return given
    x = check.numbers(name, value)
    good = (x == 0) | (x == 1)
    mark = check.require(name, x, good, "it must be true or false", ImpossibleCount)
    return np.asarray(mark == 1)


def switch(name: str, value: ArrayLike) -> bool:
    """Take one yes or no."""
    return check.one(name, flags(name, value).astype(np.float64)) == 1


def rows_of(name: str, value: Any, shown: str) -> list[tuple[Any, ...]]:
    """Take a sequence of rows, each as long as the names in ``shown``, such as "(kind, value)"."""
    width = shown.count(",") + 1
    try:
        rows = [tuple(row) for row in value]
    except TypeError:
        rows = [()]
    if any(len(row) != width for row in rows):
        raise ShapeMismatch(f"{name} is {errors.shown(value)}; it must hold rows {shown}.")
    return rows


def within_numbers(law: Callable[P, T]) -> Callable[P, T]:
    """Let a law refuse what leaves the range of numbers midway, where numpy would only warn."""

    @wraps(law)
    def refusing(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with np.errstate(over="raise", invalid="raise", divide="raise"):
                return law(*args, **kwargs)
        except FloatingPointError:
            wrong = f"{law.__name__}: the amounts are too large, or too far apart, to compute with"
            raise ImpossibleAmount(f"{wrong}. Use a larger unit.") from None
        except ValueError as error:
            if isinstance(error, VirtlearnError) or "broadcast" not in str(error):
                raise
            # Arguments that never meet in one check meet in the arithmetic;
            # numpy then names no argument.
            given = signature(law).bind(*args, **kwargs).arguments
            shapes = ", ".join(f"{name} {np.shape(value)}" for name, value in given.items())
            raise ShapeMismatch(f"{law.__name__}: these shapes must broadcast: {shapes}.") from None

    return refusing
