"""The rules that arguments keep, and broadcasting. A refusal names argument, value and rule.

A law states the rule beside its parameter, ``weight = check.weight("weight", weight)``, and then
broadcasts what it was given with `broadcast` or `broadcast_rows`.
"""

import inspect
from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from virtlearn import errors
from virtlearn.core._shapes import Floats, broadcast, broadcast_rows, each, one, shape

__all__ = ["ROUNDING", "SLACK", "TOLERANCE", "Floats", "Ints"]
__all__ += ["amount", "array", "broadcast", "broadcast_rows", "each", "function", "known"]
__all__ += ["numbers", "one", "positive", "probability", "require", "shape", "tree"]
__all__ += ["weight", "whole", "whole_numbers"]

Ints = NDArray[np.int64]
# The tolerances of the whole library, each as a fraction of what is compared.
# One sum in another order: the last bits of a float.
SLACK = 2e-15
# Sums of a few decimal fractions may miss a whole number by their rounding;
# this much breaks no promise.
ROUNDING = 1e-12
# Figures of a whole tree, each the end of many sums and products: closer
# than this they are the same.
TOLERANCE = 1e-9


def array(value: Any) -> NDArray[Any]:
    """Read an array of anything.

    Parameters
    ----------
    value : array_like
        What was given.

    Returns
    -------
    ndarray
        What numpy cannot read gets a dtype that no rule takes for numbers.
    """
    try:
        return np.asarray(value)
    except (TypeError, ValueError):  # rows of different lengths
        return np.array("?")


def numbers(name: str, value: Any) -> Floats:
    """Read numbers of any size and sign; texts, dates and complex numbers are none.

    Parameters
    ----------
    name : str
        What the argument is called.
    value : array_like
        What was given.

    Returns
    -------
    ndarray of float64
        The numbers.

    Raises
    ------
    ImpossibleAmount
        Where it holds something else.
    """
    x = array(value)
    try:
        if x.dtype.kind in "biufO":
            return x.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError):
        pass
    given = errors.shown(value)
    raise errors.ImpossibleAmount(f"{name} is {given}; it must be a number or an array of numbers.")


def require(
    name: str, x: Floats, good: NDArray[np.bool_], rule: str, error: type[errors.VirtlearnError]
) -> Floats:
    """Refuse the first number that breaks a rule, and say where it stands when there are several.

    Parameters
    ----------
    name : str
        What the argument is called.
    x : ndarray
        Its numbers.
    good : ndarray of bool
        Which of them keep the rule.
    rule : str
        The rule in words, without a full stop.
    error : type
        The error to raise.

    Returns
    -------
    ndarray
        The numbers.

    Raises
    ------
    VirtlearnError
        Of the type ``error``, where one is not good.
    """
    if good.all():
        return x
    where = tuple(int(i) for i in np.argwhere(~good)[0])
    if not where:
        raise error(f"{name} is {x}; {rule}.")
    index = where[0] if len(where) == 1 else where
    raise error(f"{name} holds {x[where]} at index {index}; {rule}.")


def amount(name: str, value: Any, *, infinite: bool = False) -> Floats:
    """Require amounts of at least 0. They are finite; limits may be infinite.

    Parameters
    ----------
    name : str
        What the argument is called.
    value : array_like
        What was given.
    infinite : bool
        Whether it is a limit.

    Returns
    -------
    ndarray of float64
        The amounts.

    Raises
    ------
    ImpossibleAmount
        Where one is negative, NaN, or infinite though it is no limit.
    """
    x = numbers(name, value)
    if infinite:
        good = x >= 0
        rule = "it must be at least 0 (infinity means no limit)"
    else:
        good = (x >= 0) & (x < np.inf)
        rule = "it must be finite and at least 0"
    return require(name, x, good, rule, errors.ImpossibleAmount)


def positive(name: str, value: Any) -> Floats:
    """Require finite numbers greater than 0: a period, a capacity that something is divided by.

    Parameters
    ----------
    name : str
        What the argument is called.
    value : array_like
        What was given.

    Returns
    -------
    ndarray of float64
        The numbers.

    Raises
    ------
    ImpossibleAmount
        Where one is 0, negative, infinite or NaN.
    """
    x = numbers(name, value)
    rule = "it must be finite and greater than 0"
    return require(name, x, (x > 0) & (x < np.inf), rule, errors.ImpossibleAmount)


def weight(name: str, value: Any) -> Floats:
    """Require weights: they compare tenants with each other, so none is 0.

    Parameters
    ----------
    name : str
        What the argument is called.
    value : array_like
        What was given.

    Returns
    -------
    ndarray of float64
        The weights.

    Raises
    ------
    ImpossibleWeight
        Where one is 0, negative, infinite or NaN.
    """
    x = numbers(name, value)
    rule = "weights must be finite and greater than 0"
    return require(name, x, (x > 0) & (x < np.inf), rule, errors.ImpossibleWeight)


def probability(name: str, value: Any) -> Floats:
    """Require probabilities, or fractions of a whole.

    Parameters
    ----------
    name : str
        What the argument is called.
    value : array_like
        What was given.

    Returns
    -------
    ndarray of float64
        From 0 to 1.

    Raises
    ------
    ImpossibleProbability
        Where one lies outside 0 to 1.
    """
    x = numbers(name, value)
    rule = "it must lie between 0 and 1"
    return require(name, x, (x >= 0) & (x <= 1), rule, errors.ImpossibleProbability)


def whole_numbers(name: str, value: Any, *, least: int = 0) -> Floats:
    """Require whole numbers, as an array that a law can compute with.

    Parameters
    ----------
    name : str
        What the argument is called.
    value : array_like
        What was given; 3.0 is a whole number.
    least : int
        The smallest that is accepted.

    Returns
    -------
    ndarray of float64
        The counts.

    Raises
    ------
    ImpossibleAmount
        Where one is negative, infinite or NaN.
    ImpossibleCount
        Where one is no whole number, or too small.
    """
    x = amount(name, value)
    rule = f"it must be a whole number of at least {least}"
    return require(name, x, (x % 1 == 0) & (x >= least), rule, errors.ImpossibleCount)


def whole(name: str, value: Any, *, least: int = 0, most: int = 2**53) -> int:
    """Require one whole number: 3.0 is one, 3.5 and True are not.

    Parameters
    ----------
    name : str
        What the argument is called.
    value : int
        What was given.
    least, most : int
        The smallest and the largest that are accepted; beyond 2^53 floats skip whole numbers.

    Returns
    -------
    int
        The count.

    Raises
    ------
    ImpossibleCount
        Where it is no whole number, too small or too large.
    """
    n = array(value)
    is_number = n.ndim == 0 and n.dtype.kind in "iuf"
    is_whole = is_number and n >= least and n < np.inf and n == np.floor(n)
    if is_whole and n <= most:
        return int(n)
    rule = f"it must be a whole number of at least {least}"
    if is_whole:
        rule += f" and at most {most:,}"
    raise errors.ImpossibleCount(f"{name} is {errors.shown(value)}; {rule}.")


def known(name: str, value: Any, names: Iterable[str]) -> str:
    """Require a name that is among those there are.

    Parameters
    ----------
    name : str
        What the argument is called.
    value : str
        What was given.
    names : iterable of str
        The names that exist.

    Returns
    -------
    str
        The name.

    Raises
    ------
    UnknownName
        Where it is none of them; the message names the nearest.
    """
    there = list(names)
    # Only texts are names: an array, asked whether it is among them, would answer with an array.
    if not isinstance(value, str) or value not in there:
        wrong = f"{name} is {errors.shown(value)}, which is not known."
        raise errors.UnknownName(f"{wrong} {errors.nearest(value, there)}")
    return value


def function(name: str, value: Any, *arguments: str) -> Callable[..., Any]:
    """Require what can be called with some arguments, before it fails in the middle of the work.

    Parameters
    ----------
    name : str
        What the argument is called.
    value : callable
        What was given.
    *arguments : str
        The arguments that it must take.

    Returns
    -------
    callable
        The function.

    Raises
    ------
    ShapeMismatch
        Where it cannot be called so.
    """
    takes = f"it must be a function of {', '.join(arguments)}"
    if not callable(value):
        raise errors.ShapeMismatch(f"{name} is {errors.shown(value)}; {takes}.")
    try:
        inspect.signature(value).bind(*arguments)
    except TypeError as error:
        wrong = f"{name} is {errors.shown(value)}; {takes} ({error})."
        raise errors.ShapeMismatch(wrong) from None
    except ValueError:  # some functions written in C do not say what they take
        pass
    return cast(Callable[..., Any], value)


def tree(parent: Any) -> Ints:
    """Require a tree: parents come before their children, and only the first node has none.

    Parameters
    ----------
    parent : array_like of int, shape (n,)
        The parent of each node, -1 for the first.

    Returns
    -------
    ndarray of int64, shape (n,)
        The same.

    Raises
    ------
    NotATree
        Where it is no list of whole numbers, or one of them breaks the rule.
    """
    p = array(parent)
    if p.ndim != 1 or p.size == 0 or p.dtype.kind not in "iu":
        given = errors.shown(parent)
        raise errors.NotATree(
            f"parent is {given}; it must be a list of whole numbers, one for each node."
        )
    p = p.astype(np.int64, copy=False)
    if p[0] != -1:
        raise errors.NotATree(
            f"parent[0] is {p[0]}; the first node is the root, and its parent is -1."
        )
    bad = (p[1:] < 0) | (p[1:] >= np.arange(1, p.size))
    if bad.any():
        i = int(np.argmax(bad)) + 1
        raise errors.NotATree(
            f"parent[{i}] is {p[i]}; a parent must come before its child, so 0 to {i - 1}."
        )
    return p
