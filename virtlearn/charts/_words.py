"""Phrases that several charts say: lists, counts, times that keep one unit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from virtlearn import units

__all__ = ["copies", "cores", "listed", "milliseconds", "times"]


def listed(words: Iterable[str]) -> str:
    """Join words as a sentence does.

    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    *most, last = words
    if not most:
        return last
    return f"{', '.join(most)} and {last}"


def copies(n: int) -> str:
    """Count copies.

    >>> copies(1), copies(2000)
    ('1 copy', '2,000 copies')
    """
    return units.count(n, "copy", "copies")


def cores(x: float) -> str:
    """Write an amount of CPU.

    >>> cores(1.0), cores(0.5)
    ('1 core', '0.5 cores')
    """
    noun = "core" if x == 1 else "cores"
    return f"{units.plain(x)} {noun}"


def milliseconds(ms: float, digits: int = 3) -> str:
    """Write a time in milliseconds, whatever its size.

    >>> milliseconds(1010)
    '1,010 ms'
    """
    return f"{units.plain(ms, digits)} ms"


def times(seconds: Sequence[float]) -> list[str]:
    """Write times that stand beside each other: all in seconds where the longest are seconds.

    A reader compares 0.204 s with 10.6 s at once, and 204 ms with 10.6 s only after a conversion.

    >>> times([0.204, 10.6]), times([0.2, 0.4]), times([0.2, 7200])
    (['0.204 s', '10.6 s'], ['200 ms', '400 ms'], ['200 ms', '2 h'])
    """
    unit = units.duration(max(seconds)).split()[1]
    shortest = min((x for x in seconds if x > 0), default=1.0)
    # Below a millisecond, three digits after the point would be lost in zeros.
    if unit != "s" or shortest < 1e-3:
        return [units.duration(x) for x in seconds]
    return [f"{units.plain(x)} s" for x in seconds]
