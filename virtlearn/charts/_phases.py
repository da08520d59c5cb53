"""The phases of a start: each has one colour and one pattern, in every chart."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

from virtlearn.charts._style import FILLS, KINDS, PATTERNS

__all__ = ["PHASES", "Look", "looks"]

Look = tuple[str, str]  # colour and pattern
_RUNTIME = KINDS["container-runtime"][0]
_KERNEL = KINDS["operating-system"][0]
_SENTRY = KINDS["user-space-kernel"][0]
_MACHINE = KINDS["virtual-machine"][0]
_PROGRAM = KINDS["workload"][0]
# A phase wears the colour of the layer that spends the time. Patterns differ as well, but for one:
# a user-space kernel starts in no time that anybody measured, so that no bar of it is seen.
PHASES: dict[str, Look] = {
    "the engine prepares": (_RUNTIME, "+"),
    "the runtime makes namespaces and groups": (_RUNTIME, "."),
    "the machine monitor starts": (_MACHINE, "-"),
    "firmware and kernel": (_KERNEL, "/"),
    "a minimal kernel boots": (_KERNEL, "|"),
    "services of a general-purpose system": (_MACHINE, "x"),
    "the user-space kernel starts": (_SENTRY, "\\"),
    "the program starts": (_PROGRAM, ""),
    "your program": (_PROGRAM, "\\"),
}
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
