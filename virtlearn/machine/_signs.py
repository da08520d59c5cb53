"""Signs of layers, and how they are weighed.

The order of trust was found by measuring: the numbers of the first namespaces are the same in every
Linux, and never failed; ``/.dockerenv`` was there without a container and absent in one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from virtlearn.machine._files import Files

__all__ = ["WEIGHTS", "Sign", "answer", "faked"]

WEIGHTS = ("strong", "good", "hint")
# The day that gVisor's kernel says it was made on, in every version of it.
SENTRY_BUILD = "Jan 10 15:06:54 PST 2016"


@dataclass(frozen=True)
class Sign:
    """One sign of a layer or a limit.

    Parameters
    ----------
    about : {"vm", "container", "limit"}
        What it is a sign of.
    source : str
        The file or variable.
    text : str
        What it says.
    weight : {"strong", "good", "hint"}
        How much it proves.
    verdict : bool or None
        For, against, or nothing either way.

    Examples
    --------
    >>> Sign("container", "/.dockerenv", "is there", "hint", True).weight
    'hint'
    """

    about: str
    source: str
    text: str
    weight: str
    verdict: bool | None


def answer(about: str, signs: Iterable[Sign]) -> str:
    """Weigh signs: a strong yes or two good ones are a yes, then a strong no counts.

    Hints never outvote it.

    >>> dockerenv = Sign("container", "/.dockerenv", "is there", "hint", True)
    >>> first = Sign("container", "/proc/self/ns/pid", "the first one", "strong", False)
    >>> answer("container", [dockerenv, first]), answer("container", [dockerenv])
    ('no', 'unknown')
    """
    votes = [(sign.weight, sign.verdict) for sign in signs if sign.about == about]
    if ("strong", True) in votes or votes.count(("good", True)) >= 2:
        return "yes"
    if ("strong", False) in votes:
        return "no"
    if ("good", True) in votes or votes.count(("hint", True)) >= 2:
        return "probably"
    return "unknown"


def faked(files: Files) -> bool:
    """Say whether a user-space kernel (gVisor) makes up these files: then they tell nothing."""
    version = files.word("proc/version")
    if "gvisor" in version.lower() or SENTRY_BUILD in version:
        return True
    return files.exists("proc/sentry-meminfo")
