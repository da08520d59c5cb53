"""The placement policies: one scoring function each. The names mean what textbooks mean by them.

A policy is ``score(need, free, capacity, last)``: a number for every host, the highest wins, ties
go to the lowest index. `virtlearn.core.packing.place` asks only hosts with room, so no policy can
overfill one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from virtlearn.arguments import known
from virtlearn.core.check import Floats

__all__ = [
    "POLICIES",
    "best_fit",
    "dot_product",
    "first_fit",
    "get_policy",
    "next_fit",
    "worst_fit",
    "worst_fit_in_use",
]

Policy = Callable[[Floats, Floats, Floats, int], Any]


def first_fit(need: Floats, free: Floats, capacity: Floats, last: int) -> Floats:
    """Prefer the first host.

    Parameters
    ----------
    need, free, capacity, last
        As for every policy: see `virtlearn.core.packing.place`.

    Returns
    -------
    ndarray, shape (hosts,)
        The score of each host.
    """
    return np.arange(0.0, -len(free), -1.0)


def next_fit(need: Floats, free: Floats, capacity: Floats, last: int) -> Floats:
    """Prefer the host used last, then the next ones round the circle.

    Parameters
    ----------
    need, free, capacity, last
        As for every policy: see `virtlearn.core.packing.place`.

    Returns
    -------
    ndarray, shape (hosts,)
        The score of each host.
    """
    return np.roll(first_fit(need, free, capacity, last), max(last, 0))


def best_fit(need: Floats, free: Floats, capacity: Floats, last: int) -> Floats:
    """Prefer the host where least is left, each resource as a fraction of the largest host's.

    Parameters
    ----------
    need, free, capacity, last
        As for every policy: see `virtlearn.core.packing.place`.

    Returns
    -------
    ndarray, shape (hosts,)
        The score of each host.
    """
    return _add_up(free, -_of_largest(capacity))


def worst_fit(need: Floats, free: Floats, capacity: Floats, last: int) -> Floats:
    """Prefer the host where most is left, as fractions of the largest host, used before or not.

    This is the worst-fit of books on operating systems; that of books on bin packing is
    `worst_fit_in_use`.

    Parameters
    ----------
    need, free, capacity, last
        As for every policy: see `virtlearn.core.packing.place`.

    Returns
    -------
    ndarray, shape (hosts,)
        The score of each host.
    """
    # The need is the same for all, so the free resources alone rank the hosts.
    return _add_up(free, _of_largest(capacity))


def worst_fit_in_use(need: Floats, free: Floats, capacity: Floats, last: int) -> Floats:
    """Prefer the host in use where most is left: the worst-fit of books on bin packing.

    Parameters
    ----------
    need, free, capacity, last
        As for every policy: see `virtlearn.core.packing.place`.

    Returns
    -------
    ndarray, shape (hosts,)
        The score of each host.
    """
    in_use = (free < capacity).any(axis=1)
    # Each resource adds at most 1 to a worst-fit score, so that a host in use always comes first.
    ahead = free.shape[1] + 1
    return np.asarray(worst_fit(need, free, capacity, last) + ahead * in_use)


def dot_product(need: Floats, free: Floats, capacity: Floats, last: int) -> Floats:
    """Prefer the host whose free resources look like the need: their dot product, as fractions.

    Parameters
    ----------
    need, free, capacity, last
        As for every policy: see `virtlearn.core.packing.place`.

    Returns
    -------
    ndarray, shape (hosts,)
        The score of each host.
    """
    return _add_up(free, need * _of_largest(capacity) ** 2)


def _add_up(free: Floats, weight: Floats) -> Floats:
    """Weigh and add by columns: a matrix product may round equal rows apart, and ties must stay."""
    total = free[:, 0] * weight[0] if weight.size else np.zeros(len(free))
    for r in range(1, weight.size):
        total += free[:, r] * weight[r]
    return np.asarray(total)


def _of_largest(capacity: Floats) -> Floats:
    largest = capacity.max(axis=0)
    return np.asarray(np.divide(1.0, largest, out=np.zeros_like(largest), where=largest > 0))


POLICIES: dict[str, Policy] = {
    "first-fit": first_fit,
    "next-fit": next_fit,
    "best-fit": best_fit,
    "worst-fit": worst_fit,
    "worst-fit-in-use": worst_fit_in_use,
    "dot-product": dot_product,
}


def get_policy(policy: str | Policy) -> Policy:
    """Get a placement policy by its name; a function is given back as it is.

    Parameters
    ----------
    policy : str or callable
        A name of `POLICIES`, or a function like those.

    Returns
    -------
    callable
        The scoring function.

    Raises
    ------
    UnknownName
        Where there is none; the message names the nearest.

    Examples
    --------
    >>> get_policy("best-fit") is best_fit
    True
    >>> get_policy("best")
    Traceback (most recent call last):
    virtlearn.errors.UnknownName: There is no placement policy called 'best'. Did you mean best-fit?
    """
    return policy if callable(policy) else POLICIES[known("placement policy", policy, POLICIES)]
