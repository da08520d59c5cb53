"""Memory limits in depth: what protects a group, what happens past a line, and who is evicted."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._counts import Bools, switch, within_numbers
from virtlearn.core.check import ROUNDING, Floats, Ints
from virtlearn.errors import ImpossibleAmount, LimitBelowReservation, OverReserved, ShapeMismatch


@within_numbers
def effective_protection(
    usage_mib: ArrayLike,
    setting_mib: ArrayLike,
    *,
    parent_mib: ArrayLike,
    recursive: bool = True,
) -> Floats:
    """Say what ``memory.low`` or ``memory.min`` protects: at most what is used, and the parent has.

    Each group claims ``min(usage, setting)``. Claims above the parent's protection are scaled down
    in proportion. Else what nobody claims goes to those who use more than they claim, by how much
    more; where that is above their use, all of it is protected.

    Parameters
    ----------
    usage_mib, setting_mib : array, shape (..., n)
        What each sibling uses and what is set for it [MiB]; a setting may be infinite.
    parent_mib : array, shape (...)
        The parent's own effective protection [MiB].
    recursive : bool
        Whether what nobody claims is given on, as with the mount option
        ``memory_recursiveprot`` (2020).

    Returns
    -------
    array, shape (..., n)
        [MiB]

    Raises
    ------
    ImpossibleAmount
        An amount is negative or no number, or one that is no setting is infinite.
    ShapeMismatch
        The shapes do not fit together.

    References
    ----------
    ``effective_protection`` in Linux mm/page_counter.c, rule of 2020 (RECL-15).

    Examples
    --------
    ``memory.low=75`` does not keep 75: it uses 50, and shares the parent's 50 with a neighbour.

    >>> effective_protection([50, 50, 50], [75, 25, 0], parent_mib=50).round(2).tolist()
    [33.33, 16.67, 0.0]
    """
    used = np.atleast_1d(check.amount("usage_mib", usage_mib))
    setting = check.amount("setting_mib", setting_mib, infinite=True)
    parent = check.amount("parent_mib", parent_mib)[..., None]
    given = {"usage_mib": used, "setting_mib": setting, "parent_mib": parent}
    shape = check.shape("one entry for each sibling, and one parent for all", **given)
    used = np.broadcast_to(used, shape)
    claim = np.minimum(used, setting)
    claimed = claim.sum(axis=-1, keepdims=True)
    scaled = claim * (parent / np.where(claimed > parent, claimed, 1.0))
    above = used - claim
    all_above = above.sum(axis=-1, keepdims=True)
    is_given_on = switch("recursive", recursive)
    spare = np.maximum(parent - claimed, 0.0) if is_given_on else np.zeros(parent.shape)
    shared = claim + spare * (above / np.where(all_above > 0, all_above, 1.0))
    return np.where(claimed > parent, scaled, shared)


class MemoryOutcome(NamedTuple):
    """What becomes of a group's memory.

    Parameters
    ----------
    resident_mib, swapped_mib, cache_mib : array
        What stays in memory, what went to swap, and what is kept of the page cache
        [MiB]; 0 for a dead group.
    killed, throttled : bool array
        Whether it was killed, and whether it lives but is slowed.
    """

    resident_mib: Floats
    swapped_mib: Floats
    cache_mib: Floats
    killed: Bools
    throttled: Bools


@within_numbers
def memory_outcome(
    anon_mib: ArrayLike,
    cache_mib: ArrayLike,
    *,
    max_mib: ArrayLike = np.inf,
    high_mib: ArrayLike = np.inf,
    swap_mib: ArrayLike = 0.0,
) -> MemoryOutcome:
    """Say what becomes of a group that needs too much: cache goes, pages swap, then it dies.

    Cache is dropped first. What is above the lower of ``high`` and ``max`` is swapped
    while there is room. What then remains above ``high`` slows the group down, and what
    remains above ``max`` kills it.

    Parameters
    ----------
    anon_mib, cache_mib : array
        The group's own memory, and the clean page cache it has filled [MiB].
    max_mib, high_mib, swap_mib : array
        ``memory.max``, ``memory.high`` and ``memory.swap.max`` [MiB]; infinite for none.

    Returns
    -------
    MemoryOutcome
        What is left of it where, and whether it lives.

    Raises
    ------
    ImpossibleAmount
        An amount is negative or no number, or one that is no limit is infinite.
    ShapeMismatch
        The shapes do not fit together.

    References
    ----------
    Linux Documentation/admin-guide/cgroup-v2.rst, and
    tools/testing/selftests/cgroup/test_memcontrol.c.

    Examples
    --------
    500 MiB in a limit of 300 die without swap, and live with it:

    >>> outcome = memory_outcome(500, 0, max_mib=300, swap_mib=[0, 300])
    >>> outcome.killed.tolist(), outcome.swapped_mib.tolist()
    ([True, False], [0.0, 200.0])
    """
    anon = check.amount("anon_mib", anon_mib)
    cache = check.amount("cache_mib", cache_mib)
    hard = check.amount("max_mib", max_mib, infinite=True)
    soft = check.amount("high_mib", high_mib, infinite=True)
    swap = check.amount("swap_mib", swap_mib, infinite=True)
    given = {"anon_mib": anon, "cache_mib": cache, "max_mib": hard, "high_mib": soft}
    shape = check.shape("they must broadcast", swap_mib=swap, **given)
    line = np.minimum(soft, hard)
    swapped = np.minimum(np.maximum(anon - line, 0.0), swap)
    resident = anon - swapped
    killed = resident > hard * (1 + ROUNDING)
    throttled = ~killed & (resident > line * (1 + ROUNDING))
    kept = np.minimum(cache, np.maximum(line - anon, 0.0))
    amounts = (np.where(killed, 0.0, x) for x in (resident, swapped, kept))
    every = (np.broadcast_to(x, shape) for x in (*amounts, killed, throttled))
    return MemoryOutcome(*every)


def swap_max(memory_swap: ArrayLike, memory: ArrayLike) -> Ints:
    """Turn a limit of memory and swap together into swap alone, as control groups v2 want it.

    Parameters
    ----------
    memory_swap, memory : array of whole numbers
        The limit of both together, and of memory, in one unit; -1 is no limit, 0 is not given.

    Returns
    -------
    int array
        The limit of swap; -1 is no limit, 0 is not given.

    Raises
    ------
    ImpossibleAmount
        Below -1, or not whole.
    LimitBelowReservation
        The two together are less than memory, or there is no limit of memory to take away.

    References
    ----------
    ``ConvertMemorySwapToCgroupV2Value`` in opencontainers/cgroups, rule of 2024: unlimited
    memory leaves swap as it is.

    Examples
    --------
    >>> swap_max([1000, -1, 0], [400, 400, 400]).tolist()
    [600, -1, 0]
    """
    both = check.numbers("memory_swap", memory_swap)
    alone = check.numbers("memory", memory)
    for name, x in (("memory_swap", both), ("memory", alone)):
        good = (x >= -1) & (x < 2.0**53) & (x == np.floor(x))
        check.require(name, x, good, "it must be a whole number, or -1", ImpossibleAmount)
    check.shape("they must broadcast", memory_swap=both, memory=alone)
    both, alone = np.broadcast_arrays(both, alone)
    as_it_is = (both <= 0) | (alone == -1)
    unset = ~as_it_is & (alone == 0)
    if unset.any():
        wrong = f"memory_swap is {both[unset][0]:g}, but memory is not given"
        raise LimitBelowReservation(f"{wrong}. Set a limit of memory too.")
    below = ~as_it_is & (both < alone)
    if below.any():
        wrong = f"memory_swap is {both[below][0]:g}, but memory alone is {alone[below][0]:g}"
        raise LimitBelowReservation(f"{wrong}. It is the limit of both together.")
    # No limit of memory, and none given for both: both are meant.
    unlimited = (alone == -1) & (both == 0)
    swap = np.where(as_it_is, both, both - alone)
    return np.where(unlimited, -1, swap).astype(np.int64)


@within_numbers
def eviction_order(used_mib: ArrayLike, requested_mib: ArrayLike, priority: ArrayLike) -> Ints:
    """Say in which order a node that runs short evicts its pods.

    First those above their request, then those of lower priority, then those that are most above
    it; ties to the lowest index.

    Parameters
    ----------
    used_mib, requested_mib, priority : array, shape (n,)
        What each pod uses and asks for [MiB], and its priority.

    Returns
    -------
    int array, shape (n,)
        Indices, first evicted to last.

    Raises
    ------
    ImpossibleAmount
        An amount is negative, infinite or no number, or a priority is not finite.
    ShapeMismatch
        There is not one entry for each pod.

    References
    ----------
    ``rankMemoryPressure`` in Kubernetes pkg/kubelet/eviction/helpers.go.

    Examples
    --------
    The third uses most and stays longest: it is within its request.

    >>> eviction_order([300, 200, 900], [100, 100, 1000], priority=[5, 0, 0]).tolist()
    [1, 0, 2]
    """
    used = check.amount("used_mib", used_mib)
    asked = check.amount("requested_mib", requested_mib)
    rank = check.numbers("priority", priority)
    check.require("priority", rank, np.isfinite(rank), "it must be finite", ImpossibleAmount)
    given = {"used_mib": used, "requested_mib": asked, "priority": rank}
    check.shape("one entry for each pod", **given)
    used, asked, rank = np.atleast_1d(*np.broadcast_arrays(used, asked, rank))
    if used.ndim > 1:
        raise ShapeMismatch(f"used_mib lines up to the shape {used.shape}; give one row of pods.")
    # The last key decides first, and equal keys keep their order.
    return np.lexsort((asked - used, rank, used <= asked)).astype(np.int64)


@within_numbers
def share_surplus(
    capacity_mib: ArrayLike, minimum_mib: ArrayLike, *, weight: ArrayLike = 1.0
) -> Floats:
    """Give each its minimum, and share what is left over by weight.

    Parameters
    ----------
    capacity_mib : array, shape (...)
        What there is [MiB].
    minimum_mib, weight : array, shape (..., n)
        What each has in any case [MiB], and its relative weight.

    Returns
    -------
    array, shape (..., n)
        [MiB]; together they are the capacity.

    Raises
    ------
    OverReserved
        The minima are more than there is.
    ImpossibleAmount
        An amount is negative, infinite or no number.
    ImpossibleWeight
        A weight is not positive, or not finite.
    ShapeMismatch
        The shapes do not fit together.

    Examples
    --------
    >>> share_surplus(25, [4, 4, 4, 4], weight=[3, 1, 1, 1]).tolist()
    [8.5, 5.5, 5.5, 5.5]
    """
    capacity = check.amount("capacity_mib", capacity_mib)[..., None]
    least = np.atleast_1d(check.amount("minimum_mib", minimum_mib))
    heavy = check.weight("weight", weight)
    given = {"capacity_mib": capacity, "minimum_mib": least, "weight": heavy}
    shape = check.shape("one entry for each, and one capacity for all", **given)
    least = np.broadcast_to(least, shape)
    heavy = np.broadcast_to(heavy, shape)
    promised = least.sum(axis=-1, keepdims=True)
    over = promised > capacity * (1 + ROUNDING)
    if over.any():
        sums, room = np.broadcast_arrays(promised, capacity)
        wrong = f"minimum_mib comes to {sums[over][0]:g} in all, but capacity_mib is"
        raise OverReserved(f"{wrong} {room[over][0]:g}.\nPromise less.")
    surplus = np.maximum(capacity - promised, 0.0)
    return np.asarray(least + surplus * (heavy / heavy.sum(axis=-1, keepdims=True)))
