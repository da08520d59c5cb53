"""Numbers and names that a learner typed: read, or refused with what is wrong and what to try."""

import numbers
import re
from collections.abc import Iterable
from math import inf, isfinite, isinf, isnan
from typing import Any

from virtlearn import units
from virtlearn.errors import ImpossibleAmount, ImpossibleCount, UnknownName, nearest, shown

__all__ = ["known", "number", "whole"]

MOST = (
    10**12
)  # of anything that is counted: beyond it somebody slipped, and no machine could hold the answer


def known(what: str, name: Any, names: Iterable[str]) -> str:
    """Give a name back that is among those there are, or say which ones are near it.

    >>> known("layer", "runc", ["runc", "container"])
    'runc'
    """
    there = [*names]
    # Only texts are names: an array, asked whether it is among them, would answer with an array.
    if not isinstance(name, str) or name not in there:
        raise UnknownName(f"There is no {what} called {shown(name)}. {nearest(name, there)}")
    return name


def number(
    owner: str,
    name: str,
    value: Any,
    *,
    least: float = 0.0,
    most: float = inf,
    endless: bool = False,
    hint: str = "",
) -> float:
    """Read an amount from ``least`` to ``most``; only where ``endless`` may it be infinite, as limits are.

    >>> number("Host", "cores", 16)
    16.0
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        give = f"Give a number, such as {name}={units.plain(max(least, 1))}."
        if isinstance(value, str) and (digits := re.search(r"\d+(\.\d+)?", value)):
            give = f"Write {name}={digits[0]}, without quotes or unit."
        raise ImpossibleAmount(f"{owner}: {name} is {shown(value)}, which is not a number.\n{give}")
    x = _float(value)
    if isnan(x) or (isinf(x) and not endless) or x < least:
        rule = "more than 0" if 0 < least < 1e-6 else f"at least {units.plain(least)}"
        ends = "" if endless else " and finite"
        try_this = hint or f"Try {name}={units.plain(max(least, 1))}."
        raise ImpossibleAmount(
            f"{owner}: {name} is {shown(value)}; it must be {rule}{ends}.\n{try_this}"
        )
    if most < x < inf:
        wrong = (
            f"{owner}: {name} is {units.plain(x)}, more than any machine has. Is the unit right?"
        )
        raise ImpossibleAmount(f"{wrong}\n{hint}")
    return x


def whole(owner: str, name: str, value: Any, *, least: int = 1) -> int:
    """Read a count of at least ``least``; 3.0 is one, 3.5, True and "3" are not.

    >>> whole("deploy", "copies", 40.0)
    40
    """
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not real or not isfinite(_float(value)) or value % 1 or not least <= value <= MOST:
        rule = f"it must be a whole number of at least {least}"
        if real and value > MOST:
            rule += f" and at most {MOST:,}"
        wrong = f"{owner}: {name} is {shown(value)}; {rule}."
        raise ImpossibleCount(f"{wrong}\nTry {name}={least}.")
    return int(value)


def _float(value: Any) -> float:
    """Read a number as a float; one of 400 digits is more than any float, so as good as infinite."""
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf
