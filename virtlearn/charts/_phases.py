"""The phases of a start: each has one colour and one pattern, in every chart."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from virtlearn.catalog.layers import FILE
from virtlearn.charts._style import FILLS, KINDS, PATTERNS

__all__ = ["PHASES", "Look", "looks"]

Look = tuple[str, str]  # colour and pattern


# A phase wears the colour of the layer that spends the time.
def _look(entry: dict[str, str]) -> Look:
    colour, _, _ = KINDS[entry["kind"]]
    return colour, entry["pattern"]


PHASES: dict[str, Look] = {phase: _look(entry) for phase, entry in FILE["phases"].items()}
_FREE = [
    (colour, pattern)
    for colour in FILLS
    for pattern in PATTERNS
    if (colour, pattern) not in PHASES.values()
]


def looks(words: Iterable[str]) -> dict[str, Look]:
    """Give each phase its look; one that nobody knows gets a look from its own letters.

    >>> looks(["your program", "the disk spins up"])["your program"] == PHASES["your program"]
    True
    >>> alone, beside = looks(["a disk spins up"]), looks(["a disk spins up", "it hums"])
    >>> alone["a disk spins up"] == beside["a disk spins up"]
    True
    """
    given: dict[str, Look] = {}
    for word in words:
        if word in PHASES:
            given[word] = PHASES[word]
            continue
        # Not Python's own hash, which differs from run to run.
        first = crc32(word.encode())
        turns = (_FREE[(first + k) % len(_FREE)] for k in range(len(_FREE)))
        taken = set(given.values())
        given[word] = next((look for look in turns if look not in taken), _FREE[0])
    return given
