"""Numbers, counts and names that a person typed: read, or refused with one thing to try."""

import difflib
import functools
import inspect
import numbers
import re
from collections.abc import Callable, Iterable
from math import inf, isfinite, isinf, nan
from typing import Any, ParamSpec, TypeVar

from virtlearn import units
from virtlearn.errors import (
    ImpossibleAmount,
    ImpossibleCount,
    UnknownArgument,
    UnknownName,
    nearest,
    shown,
)

__all__ = ["check_arguments", "known", "number", "taught", "whole"]

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

# More than this is counted nowhere: somebody slipped, and no machine could hold the answer.
MOST = 10**12


def known(what: str, name: Any, names: Iterable[str]) -> str:
    """Give back a name that is among those there are, or say which ones are near it.

    Parameters
    ----------
    what : str
        What the name is of, for a refusal.
    name : str
        The name that was typed.
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

    Examples
    --------
    >>> known("layer", "runc", ["runc", "container"])
    'runc'
    """
    there = list(names)
    # Only texts are names: an array, asked whether it is among them, would answer with an array.
    if not isinstance(name, str) or name not in there:
        raise UnknownName(f"There is no {what} called {shown(name)}. {nearest(name, there)}")
    return name


def number(  # noqa: PLR0913 - each is one rule that an amount may have
    owner: str,
    name: str,
    value: Any,
    *,
    least: float = 0.0,
    positive: bool = False,
    most: float = inf,
    infinite: bool = False,
    hint: str = "",
) -> float:
    """Read an amount.

    Parameters
    ----------
    owner, name : str
        Whose amount it is and how it is called, for a refusal.
    value : float
        The amount that was typed.
    least, most : float
        The bounds it must keep.
    positive : bool
        Whether 0 is refused, too.
    infinite : bool
        Whether it may be infinite, as a limit may.
    hint : str
        What a refusal tells to try.

    Returns
    -------
    float
        The amount.

    Raises
    ------
    ImpossibleAmount
        Where it is no number, or breaks a bound.

    Examples
    --------
    >>> number("Host", "cores", 16)
    16.0
    """
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    x = _float(value) if is_number else nan
    large_enough = x > 0 if positive else x >= least
    if large_enough and (x <= most or isinf(x)) and (infinite or isfinite(x)):
        return x
    example = f"{name}={units.plain(max(least, 1))}"
    if not is_number:
        wrong = f"{owner}: {name} is {shown(value)}, which is not a number."
        digits = re.search(r"\d+(\.\d+)?", value) if isinstance(value, str) else None
        if digits:
            raise ImpossibleAmount(f"{wrong}\nWrite {name}={digits[0]}, without quotes or unit.")
        raise ImpossibleAmount(f"{wrong}\nGive a number, such as {example}.")
    if most < x < inf:
        wrong = f"{owner}: {name} is {units.plain(x)}, more than any machine has."
        raise ImpossibleAmount(f"{wrong} Is the unit right?\n{hint}")
    rule = "more than 0" if positive else f"at least {units.plain(least)}"
    if not infinite:
        rule += " and finite"
    advice = hint or f"Try {example}."
    raise ImpossibleAmount(f"{owner}: {name} is {shown(value)}; it must be {rule}.\n{advice}")


def whole(owner: str, name: str, value: Any, *, least: int = 1) -> int:
    """Read a count: 3.0 is one, 3.5, True and "3" are not.

    Parameters
    ----------
    owner, name : str
        Whose count it is and how it is called, for a refusal.
    value : int
        The count that was typed.
    least : int
        The smallest that is accepted.

    Returns
    -------
    int
        The count.

    Raises
    ------
    ImpossibleCount
        Where it is no whole number, or too small, or too large to be meant.

    Examples
    --------
    >>> whole("deploy", "copies", 40.0)
    40
    """
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    # Read first: a half-precision number cannot be compared with a bound as large as this one.
    x = _float(value) if real else inf
    if isfinite(x) and x % 1 == 0 and least <= x <= MOST:
        return int(value)
    rule = f"it must be a whole number of at least {least}"
    if real and x > MOST:
        rule += f" and at most {MOST:,}"
    raise ImpossibleCount(f"{owner}: {name} is {shown(value)}; {rule}.\nTry {name}={least}.")


def _float(value: Any) -> float:
    """Read a number as a float; one of 400 digits is beyond any float, so as good as infinite."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf


def check_arguments(owner: str, given: Iterable[str], names: Iterable[str]) -> None:
    """Refuse an argument that there is not, and name the one that was meant.

    Parameters
    ----------
    owner : str
        What was called.
    given, names : iterable of str
        The names that were given, and those that there are.

    Raises
    ------
    UnknownArgument
        Where one is not there; it is a `TypeError`, too.

    Examples
    --------
    >>> check_arguments("Host", ["memory_gb"], ["cores", "memory_gib"])
    Traceback (most recent call last):
    virtlearn.errors.UnknownArgument: Host has no argument called 'memory_gb'.
    Did you mean memory_gib?
    """
    there = [name for name in names if not name.startswith("_")]
    for name in given:
        if name not in there:
            stem = name.partition("_")[0]
            # The slip is nearly always in the unit: cpu for cpu_cores, memory_gb for memory_gib.
            close = difflib.get_close_matches(name, there, n=2, cutoff=0.7)
            close = close or [one for one in there if one.partition("_")[0] == stem]
            advice = f"Did you mean {' or '.join(close[:3])}?" if close else nearest(name, there)
            raise UnknownArgument(f"{owner} has no argument called {shown(name)}.\n{advice}")


def taught(verb: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Let a verb say in its own words how it is called, where it is called otherwise.

    Parameters
    ----------
    verb : callable
        A function.

    Returns
    -------
    callable
        The same, which refuses a wrong call with `UnknownArgument`.

    Examples
    --------
    >>> @taught
    ... def run(app, *, host):
    ...     return app
    >>> run("web", "this one")
    Traceback (most recent call last):
    virtlearn.errors.UnknownArgument: run takes 1 argument in a row (app), but 2 are given.
    Name the others, such as host=….
    """
    signature = inspect.signature(verb)

    @functools.wraps(verb)
    def call(*args: Given.args, **named: Given.kwargs) -> Answer:
        try:
            signature.bind(*args, **named)
        except TypeError as wrong:
            raise _wrong_call(verb.__name__, signature, args, named, wrong) from None
        return verb(*args, **named)

    return call


def _wrong_call(
    owner: str, signature: inspect.Signature, args: Any, named: Any, wrong: TypeError
) -> UnknownArgument:
    """Say what is wrong with a call: a name, too many in a row, or one that is missing."""
    parameters = signature.parameters.values()
    try:
        check_arguments(owner, named, [one.name for one in parameters])
    except UnknownArgument as unknown:
        return unknown
    in_a_row = [one.name for one in parameters if one.kind is not one.KEYWORD_ONLY]
    by_name = [f"{one.name}=…" for one in parameters if one.kind is one.KEYWORD_ONLY]
    if len(args) > len(in_a_row):
        most = units.count(len(in_a_row), "argument")
        takes = f"{owner} takes {most} in a row ({', '.join(in_a_row)})"
        others = ", ".join(by_name[:2])
        return UnknownArgument(
            f"{takes}, but {len(args)} are given.\nName the others, such as {others}."
        )
    call = ", ".join([*in_a_row, *by_name])
    return UnknownArgument(f"{owner}: {wrong}.\nIt is called {owner}({call}).")
