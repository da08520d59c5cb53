"""Give each student numbers of their own, the same ones on every machine and in every year."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from virtlearn.errors import ImpossibleCount, UnknownName

__all__ = ["variant"]


def variant(student: str, task: str, **choices: Sequence[Any]) -> SimpleNamespace:
    """Draw one of the choices for each name, by the student's id and nothing else.

    Parameters
    ----------
    student : str
        The student's id; neither capitals nor spaces around it matter.
    task : str
        What the numbers are for, so that two tasks draw differently.
    **choices : sequence
        What each number may be; each name is drawn on its own, so a new name leaves the others as
        they were.

    Returns
    -------
    SimpleNamespace
        One value under each name.

    Raises
    ------
    ValueError
        Where the student has no name, or a name nothing to draw from.

    Examples
    --------
    >>> mine = variant("ada", "02", cores=(8, 16, 32), memory_gib=range(32, 129, 32))
    >>> mine == variant(" Ada", "02", cores=(8, 16, 32), memory_gib=range(32, 129, 32))
    True
    >>> mine.cores in (8, 16, 32)
    True
    """
    who = str(student).strip().casefold()
    if not who:
        raise UnknownName(
            f"student is {student!r}, so there is nobody to draw for.\nGive the student's login."
        )
    for name, values in choices.items():
        if not len(values):
            raise ImpossibleCount(
                f"{name} is {values!r}: there is nothing to draw from.\nGive at least one value."
            )

    def draw(name: str, values: Sequence[Any]) -> Any:
        digest = hashlib.sha256("\n".join((task, name, who)).encode()).digest()
        return values[int.from_bytes(digest) % len(values)]

    return SimpleNamespace(**{name: draw(name, values) for name, values in choices.items()})
