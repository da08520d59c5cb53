"""What charts take from their callers, and the refusals they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized

import numpy as np
from numpy.typing import ArrayLike

from virtlearn import core
from virtlearn.errors import ShapeMismatch, UnknownName, WrongKind
from virtlearn.model import Deployment

__all__ = ["filled", "line_up", "moment", "only_deployments", "places", "rows", "series"]


def filled(name: str, values: Sized) -> None:
    """Refuse an empty row, or nothing at all to draw."""
    if len(values) == 0:
        raise ShapeMismatch(
            f"{name} is empty, so there is nothing to draw.\nGive it at least one entry."
        )


def series(name: str, values: ArrayLike) -> list[float]:
    """Take a row of finite amounts, or refuse it by its name: a chart never draws NaN.

    >>> series("ready_s", [1, 2.5])
    [1.0, 2.5]
    >>> series("ready_s", [])
    Traceback (most recent call last):
    virtlearn.errors.ShapeMismatch: ready_s is empty, so there is nothing to draw.
    Give it at least one entry.
    """
    amounts = np.atleast_1d(core.check.amount(name, values))
    filled(name, amounts)
    return [float(x) for x in amounts]


def rows(name: str, given: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Take rows of amounts by their titles.

    >>> rows("got", {"pooled": [1, 2]})
    {'pooled': [1.0, 2.0]}
    """
    filled(name, given)
    return {title: series(title, row) for title, row in given.items()}


def line_up(first: str, head: Sized, others: Mapping[str, Sized]) -> None:
    """Refuse rows that have not one entry for each entry of the head.

    >>> line_up("names", ["a", "b"], {"asked_cores": [1.0]})
    Traceback (most recent call last):
    virtlearn.errors.ShapeMismatch: names has 2 entries but asked_cores has 1.
    Give both one entry for each thing to draw.
    """
    filled(first, head)
    for name, row in others.items():
        filled(name, row)
        if len(row) != len(head):
            raise ShapeMismatch(
                f"{first} has {len(head)} entries but {name} has {len(row)}.\n"
                "Give both one entry for each thing to draw."
            )


def places(name: str, which: Iterable[int], n: int, things: str) -> list[int]:
    """Take indices of n things, or refuse those that point past them.

    >>> places("killed", [0, 2], 3, "names")
    [0, 2]
    """
    indices = [core.check.whole(name, i) for i in which]
    if any(i >= n for i in indices):
        raise UnknownName(
            f"{name} holds {max(indices)}, but there are {n} {things}, counted from 0.\n"
            f"Try {name}={n - 1}."
        )
    return indices


def moment(now: float | None, end: float) -> float:
    """Take a moment, or the end where none is given; a hair before the end is rounding.

    >>> moment(None, 2.0), moment(1.9999999999, 2.0), moment(1, 2.0)
    (2.0, 2.0, 1)
    """
    if now is None or now > end * (1 - 1e-9):
        return end
    return now


def only_deployments(owner: str, *values: object) -> None:
    """Refuse to draw what is no deployment."""
    strange = [value for value in values if not isinstance(value, Deployment)]
    if strange or not values:
        given = f"{strange[0]!r:.60}" if strange else "nothing"
        raise WrongKind(
            f"{owner} draws deployments, but was given {given}.\n"
            f"Try {owner}(deploy(web, copies=8, host=host, on='containers'))."
        )
