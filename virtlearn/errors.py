"""Exceptions named after ideas; each is a ValueError with what happened and one thing to try."""

import difflib
from collections.abc import Iterable

__all__ = [
    "CannotReclaim",
    "DoesNotFit",
    "ImpossibleAmount",
    "ImpossibleCount",
    "ImpossibleProbability",
    "ImpossibleWeight",
    "LimitBelowReservation",
    "NeverStarts",
    "NoSource",
    "NobodyToKill",
    "NotATree",
    "OverReserved",
    "ShapeMismatch",
    "UnknownArgument",
    "UnknownName",
    "UnknownUnit",
    "VirtlearnError",
    "WrongKind",
    "WrongPlace",
    "nearest",
    "shown",
]


class VirtlearnError(ValueError):
    """Something was asked for that cannot be; every error of this library is one of these."""


class ImpossibleAmount(VirtlearnError):
    """An amount is negative, not a number, or infinite where it must be finite."""


class ImpossibleCount(VirtlearnError):
    """A count is not a whole number, or too small to mean anything."""


class ImpossibleWeight(VirtlearnError):
    """A weight is zero, negative or not a number: weights compare, so they must be positive."""


class ImpossibleProbability(VirtlearnError):
    """A probability or a fraction lies outside 0 to 1."""


class LimitBelowReservation(VirtlearnError):
    """A reservation is larger than the limit beside it."""


class OverReserved(VirtlearnError):
    """The reservations add up to more than the capacity."""


class NotATree(VirtlearnError):
    """The parents given do not make a tree in which every parent comes before its children."""


class ShapeMismatch(VirtlearnError):
    """Two arrays do not broadcast to one shape."""


class NeverStarts(VirtlearnError):
    """A job asks for more than the capacity, so it would wait for ever."""


class CannotReclaim(VirtlearnError):
    """More memory is to be reclaimed than the clients hold above their minimum."""


class NobodyToKill(VirtlearnError):
    """Memory is short, and no group that is left may be killed."""


class UnknownName(VirtlearnError):
    """A name that is in no table; the message names the nearest one that is."""


class UnknownUnit(VirtlearnError):
    """A unit that is unknown, or that measures something else."""


class NoSource(VirtlearnError):
    """A number that says neither where it comes from nor why it is assumed."""


class DoesNotFit(VirtlearnError):
    """A host has less of a resource than is asked of it."""


class UnknownArgument(VirtlearnError, TypeError):
    """A call names an argument that there is not, or gives in a row what is given by name."""


class WrongKind(VirtlearnError):
    """An argument is of the wrong kind: a text for a number, a host for a workload."""


class WrongPlace(VirtlearnError):
    """A layer stands inside something that cannot carry it."""


def nearest(name: object, known: Iterable[str]) -> str:
    """Say which known names are close to one that is not known.

    Parameters
    ----------
    name : str
        What was typed.
    known : iterable of str
        The names that exist.

    Returns
    -------
    str
        A sentence: the closest names, or all of them when none is close.

    Examples
    --------
    >>> nearest("container", ["containers", "microvms"])
    'Did you mean containers?'
    >>> nearest("zebra", ["containers", "microvms"])
    'Known: containers, microvms.'
    """
    names = sorted(known)
    wanted = name.lower() if isinstance(name, str) else ""
    close = difflib.get_close_matches(wanted, names, n=2, cutoff=0.6)
    return f"Did you mean {' or '.join(close)}?" if close else f"Known: {', '.join(names)}."


def shown(value: object, most: int = 60) -> str:
    """Write what somebody typed so that a message stays readable: on one line, cut where long.

    Parameters
    ----------
    value : object
        Anything at all, also what cannot be written: a number of 5,000
        digits, a broken ``__repr__``.
    most : int
        Most letters to give.

    Returns
    -------
    str
        Its ``repr``, or what kind of thing it is.

    Examples
    --------
    >>> shown("256 MiB"), shown(list(range(100)), most=20)
    ("'256 MiB'", '[0, 1, 2, 3, 4, 5, …')
    """
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a stranger's __repr__ may raise anything
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= most else f"{text[: most - 1]}…"
