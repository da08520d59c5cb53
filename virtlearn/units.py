"""How numbers are printed, and the only place where one unit becomes another."""

import math
from typing import Any

from virtlearn.errors import ImpossibleAmount, UnknownUnit, nearest, shown

__all__ = ["convert", "count", "duration", "memory", "percent", "plain"]

MIB = 2**20
SMALLEST, LARGEST = 1e-15, 1e18  # beyond these a number is written with an exponent
# What each unit measures, and how many of the base unit it is. MB is 10^6 bytes, MiB 2^20.
MEASURES = {
    "bytes": {
        "B": 1,
        "kB": 1e3,
        "KiB": 2**10,
        "MB": 1e6,
        "MiB": 2**20,
        "GB": 1e9,
        "GiB": 2**30,
    },
    "time": {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600},
    "fraction": {"%": 0.01, "1": 1},
    "cores": {"millicores": 0.001, "cores": 1},
}
UNITS = {
    name: (what, float(size)) for what, sizes in MEASURES.items() for name, size in sizes.items()
}
# The units of a time, how long each is, and from where on a person would use it
# [s]: 75 s, not 1.25 min.
SPANS = (
    ("h", 3600, 3600),
    ("min", 60, 120),
    ("s", 1, 0.5),
    ("ms", 1e-3, 5e-4),
    ("us", 1e-6, 5e-7),
    ("ns", 1e-9, 0),
)


def _number(value: Any) -> float:
    """Refuse what is no number before a format complains about it."""
    try:
        return float(value)
    except (TypeError, ValueError, ArithmeticError):
        wrong = f"{shown(value)} is no number that can be printed or converted."
        raise ImpossibleAmount(f"{wrong}\nGive a plain number, such as 0.5.") from None


def convert(value: float, unit: str, to: str) -> float:
    """Turn an amount in one unit into the same amount in another.

    Parameters
    ----------
    value : float
        The amount [unit].
    unit, to : str
        Names such as ``"MB"`` (10^6 bytes), ``"MiB"`` (2^20 bytes), ``"ms"``, ``"%"``.

    Returns
    -------
    float
        The amount [to].

    Raises
    ------
    UnknownUnit
        Where a unit is unknown, or the two measure different things.

    Examples
    --------
    >>> convert(1, "GiB", "MiB")
    1024.0
    >>> round(convert(12, "MB", "MiB"), 2)
    11.44
    """
    amount = _number(value)
    if isinstance(unit, str) and unit.startswith("% "):  # "% of bare metal" is a percentage
        unit = "%"
    for name in (unit, to):
        if not isinstance(name, str) or name not in UNITS:
            wrong = f"{shown(name)} is not a unit this library converts."
            raise UnknownUnit(f"{wrong} {nearest(name, UNITS)}")
    (kind, factor), (other, divisor) = UNITS[unit], UNITS[to]
    if kind != other:
        raise UnknownUnit(
            f"'{unit}' measures {kind} and '{to}' measures {other}; one cannot become the other."
        )
    # Dividing by the larger of the two keeps whole ratios exact: 102.5 ms are 0.1025 s.
    return amount * (factor / divisor) if factor >= divisor else amount / (divisor / factor)


def plain(value: float, digits: int = 3) -> str:
    """Write a number with so many significant digits; an exponent only for zeros beyond counting.

    Parameters
    ----------
    value : float
        The number.
    digits : int
        How many digits count.

    Returns
    -------
    str
        With separators of thousands; infinity is "unlimited", NaN "unknown".

    Raises
    ------
    ImpossibleAmount
        Where it is no number.

    Examples
    --------
    >>> plain(1234.5678), plain(0.00123456), plain(2.0), plain(1e-30)
    ('1,235', '0.00123', '2', '1e-30')
    """
    value = _number(value)
    if value == 0:
        return "0"
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "unlimited"
    if not SMALLEST <= abs(value) <= LARGEST:
        return f"{value:.{digits}g}"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def memory(mib: float) -> str:
    """Write an amount of memory in the unit a person would use.

    Parameters
    ----------
    mib : float
        The amount [MiB].

    Returns
    -------
    str
        In MiB, GiB or TiB.

    Raises
    ------
    ImpossibleAmount
        Where it is no number.

    Examples
    --------
    >>> memory(256), memory(22_733), memory(0.25), memory(3 * 1024**2)
    ('256 MiB', '22.2 GiB', '0.25 MiB', '3 TiB')
    """
    mib = _number(mib)
    for unit, size in (("TiB", 1024**2), ("GiB", 1024)):
        if abs(mib) >= size and math.isfinite(mib):
            return f"{plain(mib / size)} {unit}"
    return f"{plain(mib)} MiB"


def duration(seconds: float) -> str:
    """Write a time in the unit a person would use.

    Parameters
    ----------
    seconds : float
        The time [s].

    Returns
    -------
    str
        From ns to h.

    Raises
    ------
    ImpossibleAmount
        Where it is no number.

    Examples
    --------
    >>> duration(0.0125), duration(0.9), duration(75), duration(3 * 3600), duration(2e-6)
    ('12.5 ms', '0.9 s', '75 s', '3 h', '2 us')
    """
    seconds = _number(seconds)
    if seconds == 0 or not math.isfinite(seconds):
        return f"{plain(seconds)} s"
    unit, size = next((unit, size) for unit, size, least in SPANS if abs(seconds) >= least)
    return f"{plain(seconds / size)} {unit}"


def percent(fraction: float, digits: int = 3) -> str:
    """Write a fraction as a percentage.

    Parameters
    ----------
    fraction : float
        Of 1.
    digits : int
        How many digits count.

    Returns
    -------
    str
        With a percent sign.

    Raises
    ------
    ImpossibleAmount
        Where it is no number.

    Examples
    --------
    >>> percent(0.125), percent(1.0), percent(0.999975, 6)
    ('12.5 %', '100 %', '99.9975 %')
    """
    return f"{plain(100 * _number(fraction), digits)} %"


def count(n: int, noun: str, nouns: str | None = None) -> str:
    """Write a number with its noun.

    Parameters
    ----------
    n : int
        How many.
    noun, nouns : str
        For one, and for several where an s is not enough.

    Returns
    -------
    str
        The number and the noun.

    Raises
    ------
    ImpossibleAmount
        Where it is no number.

    Examples
    --------
    >>> count(1, "copy", "copies"), count(2000, "copy", "copies")
    ('1 copy', '2,000 copies')
    """
    whole = _number(n)
    number = f"{n:,}" if isinstance(n, int) else f"{whole:,.10g}"
    return f"{number} {noun if whole == 1 else nouns or noun + 's'}"
