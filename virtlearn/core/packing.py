"""Packing: give every item a host, in order, by a score; nobody's score can overfill a host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from virtlearn.core import check
from virtlearn.core.check import ROUNDING, Floats, Ints
from virtlearn.errors import DoesNotFit, ImpossibleAmount, ShapeMismatch

__all__ = ["lower_bound_hosts", "place"]

Bools = NDArray[np.bool_]
Score = Callable[[Floats, Floats, Floats, int], Any]
Beside = Callable[[int, Ints], Floats]


def _read(demand: ArrayLike, capacity: ArrayLike) -> tuple[Floats, Floats]:
    need = check.amount("demand", demand)
    room = check.amount("capacity", capacity)
    if need.ndim == 2 and room.ndim == 2 and need.shape[1] == room.shape[1]:
        return need, room
    wrong = f"demand has the shape {need.shape} and capacity {room.shape}"
    raise ShapeMismatch(f"{wrong}; they must be (items, resources) and (hosts, resources).")


def _beside(given: Any, shape: tuple[int, ...]) -> Floats:
    more = check.amount("beside", given, infinite=True)
    if more.shape == shape:
        return more
    wrong = f"beside gave the shape {more.shape} for {shape[0]} hosts and {shape[1]} resources"
    raise ShapeMismatch(f"{wrong}; it must give every host a row of amounts.")


def _best(points: Floats, fits: Bools) -> int:
    """Find the highest score among those with room; -1 where nobody has any or all are vetoed."""
    if points.shape != fits.shape:
        wrong = f"score gave the shape {points.shape} for {len(fits)} hosts"
        raise ShapeMismatch(f"{wrong}; it must give every host one number.")
    host = int(points.argmax())
    if not fits[host]:  # only then is it worth the time to throw the others away
        host = int(np.where(fits, points, -np.inf).argmax())
    if np.isnan(points[host]):
        raise ImpossibleAmount(f"score gave NaN for host {host}; it must give every host a number.")
    return host if fits[host] and points[host] > -np.inf else -1


def place(
    demand: ArrayLike, capacity: ArrayLike, score: Score, beside: Beside | None = None
) -> Ints:
    """Place items in order: of the hosts with room for one, the highest score takes it.

    Parameters
    ----------
    demand : array_like, shape (items, resources)
        What each item needs.
    capacity : array_like, shape (hosts, resources)
        What each host has.
    score : callable
        ``score(need, free, capacity, last)`` gives every host a number: ``need`` has shape
        (resources,), ``free`` and ``capacity`` (hosts, resources), ``last`` is the host used
        last or -1. Scores of hosts without room are thrown away; ties go to the lowest index.
        Minus infinity is a veto.
    beside : callable, optional
        ``beside(item, given)`` is what an item takes on each host beside its demand, shape
        (hosts, resources), where ``given`` holds the host of every item before it: infinite where
        it may not stand at all.

    Returns
    -------
    ndarray of int64, shape (items,)
        The host of each item, -1 where none has room or all that have are vetoed.

    Raises
    ------
    ImpossibleAmount
        Where an amount is negative or not finite, or a score is NaN.
    ShapeMismatch
        Where the shapes do not fit together, or ``score`` is no function of these arguments.

    Examples
    --------
    Items of 4, 3 and 2 on two hosts of 5, each to the fullest that has room:

    >>> place([[4], [3], [2]], [[5], [5]], lambda need, free, capacity, last: -free[:, 0]).tolist()
    [0, 1, 1]

    Each of two hosts takes one item only:

    >>> def once(item, given):
    ...     taken = np.isin([0, 1], given[:item])
    ...     return np.where(taken, np.inf, 0.0)[:, np.newaxis]
    >>> place([[1]] * 3, [[5], [5]], lambda need, free, capacity, last: -free[:, 0], once).tolist()
    [0, 1, -1]
    """
    need, room = _read(demand, capacity)
    score = check.function("score", score, "need", "free", "capacity", "last")
    if beside is not None:
        beside = check.function("beside", beside, "item", "given")
    room = np.asfortranarray(room)  # one resource of all hosts stands together
    free = room.copy(order="F")
    holds = room * (1 + ROUNDING)  # the largest item each still takes
    given = np.full(len(need), -1, dtype=np.int64)
    last = -1
    # A policy looks, it does not touch.
    room = _read_only(room)
    seen = _read_only(free)
    for i, item in enumerate(_read_only(need) if len(room) else ()):
        fits = _holding(holds, item)
        takes = item
        if beside is not None:
            takes = item + _beside(beside(i, given.copy()), room.shape)
            fits &= (holds >= takes).all(axis=1)
        host = _best(check.numbers("score", score(item, seen, room, last)), fits)
        if host < 0:
            continue
        taken = takes if beside is None else takes[host]
        free[host] = np.maximum(free[host] - taken, 0.0)
        # Never cut at 0, so that rounding is forgiven once and not for every item.
        holds[host] -= taken
        given[i] = last = host
    return given


def _read_only(amounts: Floats) -> Floats:
    view = amounts.view()
    view.flags.writeable = False
    return view


def _holding(holds: Floats, item: Floats) -> Bools:
    """Tell which hosts still take an item."""
    if not len(item):
        return np.ones(len(holds), dtype=bool)
    # Column by column: items have few resources, and one column of all hosts stands together.
    fits: Bools = holds[:, 0] >= item[0]
    for r in range(1, len(item)):
        fits &= holds[:, r] >= item[r]
    return fits


def lower_bound_hosts(demand: ArrayLike, capacity: ArrayLike) -> int:
    """Count the hosts no packing can do without: the fewest large ones for the scarcest resource.

    Parameters
    ----------
    demand, capacity
        As for `place`.

    Returns
    -------
    int
        A number of hosts that no packing can undercut.

    Raises
    ------
    DoesNotFit
        Where all hosts together have too little.

    Examples
    --------
    >>> lower_bound_hosts([[4, 1], [3, 1], [2, 1]], [[5, 9], [5, 1]])
    2
    """
    need, room = _read(demand, capacity)
    bound = 0
    for r, wanted in enumerate(need.sum(axis=0).tolist()):
        together = np.cumsum(np.sort(room[:, r])[::-1])
        if wanted > 0:
            hosts = int(np.searchsorted(together * (1 + ROUNDING), wanted)) + 1
            if hosts > len(room):
                have = float(together[-1]) if len(room) else 0.0
                raise DoesNotFit(
                    f"demand asks for {wanted} of resource {r}, but all hosts together have {have}."
                )
            bound = max(bound, hosts)
    return bound
