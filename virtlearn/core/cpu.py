"""Who gets the CPU: sharing by weight, limits and reservations; queues; a burst under a quota.

One law carries most of it: sharing by weight, where the share that one tenant leaves goes to the
others by weight, again and again. Real control groups follow it within 0.016 of a core (measured on
Linux 6.18, 2026-11). Everything impossible is refused: amounts that are negative or not finite
(`ImpossibleAmount`; limits may be infinite), weights that are not positive (`ImpossibleWeight`),
shapes that do not broadcast (`ShapeMismatch`).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._counts import Bools
from virtlearn.core._fill import fill, fill_rows
from virtlearn.core._levels import Levels, by_level
from virtlearn.core._linux import (
    quota_us_from_millicores,
    shares_from_millicores,
    weight_from_nice,
    weight_from_shares,
)
from virtlearn.core._queue import space_shared, time_shared
from virtlearn.core.check import ROUNDING, Floats, Ints
from virtlearn.errors import ImpossibleWeight, LimitBelowReservation, NeverStarts, OverReserved

__all__ = [
    "burst_latency_s",
    "fair_share",
    "fair_share_tree",
    "finish_times",
    "quota_us_from_millicores",
    "shares_from_millicores",
    "weight_from_nice",
    "weight_from_shares",
]


@np.errstate(over="ignore")  # promises beyond every number are more than there is, and refused
def fair_share(
    demand_cores: ArrayLike,
    *,
    capacity_cores: ArrayLike,
    weight: ArrayLike = 1.0,
    limit_cores: ArrayLike = np.inf,
    reservation_cores: ArrayLike = 0.0,
) -> Floats:
    r"""Share a capacity by weight; what a tenant leaves goes to the others by weight, and so on.

    Weighted max-min: with :math:`c_i = \min(demand_i, limit_i)` and
    :math:`r_i = \min(reservation_i, c_i)` everybody gets :math:`c_i` if that fits, else
    :math:`\min(c_i, \max(r_i, L w_i))` with the level L that spends it all.

    Parameters
    ----------
    demand_cores, weight, limit_cores, reservation_cores : array, shape (..., n)
        The cores each would use, its weight, the most it may use, the cores kept for it [cores].
    capacity_cores : array, shape (...)
        The cores there are [cores], without the tenant axis: m of them, n demands give (m, n).

    Returns
    -------
    array, shape (..., n)
        The cores each gets [cores]; a reservation that is not asked for is lent to the others.

    Raises
    ------
    ImpossibleAmount, ImpossibleWeight
        Where an amount is negative or not finite, or a weight not positive.
    LimitBelowReservation
        Where a reservation is larger than the limit beside it.
    OverReserved
        Where the reservations add up to more than the capacity.
    ShapeMismatch
        Where the arrays do not broadcast.

    References
    ----------
    D. Bertsekas and R. Gallager, "Data Networks", 2nd ed. 1992, section 6.5.2 (max-min fairness);
    with weights: A. Demers, S. Keshav, S. Shenker, "Analysis and Simulation of a Fair Queueing
    Algorithm", SIGCOMM 1989.

    Examples
    --------
    Ten cores, weights 1, 1, 2: the first wants only one core, the other nine are split 1 to 2.

    >>> fair_share([1, 8, 8], weight=[1, 1, 2], capacity_cores=10).tolist()
    [1.0, 3.0, 6.0]
    >>> fair_share([8, 8], capacity_cores=[2, 6, 20]).tolist()
    [[1.0, 1.0], [3.0, 3.0], [8.0, 8.0]]
    """
    tenants = {
        "demand_cores": check.amount("demand_cores", demand_cores),
        "weight": check.weight("weight", weight),
        "limit_cores": check.amount("limit_cores", limit_cores, infinite=True),
        "reservation_cores": check.amount("reservation_cores", reservation_cores),
    }
    host = {"capacity_cores": check.amount("capacity_cores", capacity_cores)}
    demand, weights, limit, reserved, capacity = check.broadcast_rows(tenants, host)
    _check_reservations(reserved, limit, reserved.sum(axis=-1), capacity)
    return fill_rows(capacity, demand, limit, reserved, weights)


def _check_reservations(reserved: Floats, limit: Floats, total: Floats, capacity: Floats) -> None:
    """Refuse to reserve more for one tenant than its limit, or more in all than there is."""
    broken = reserved > limit * (1 + ROUNDING)
    if broken.any():
        i = tuple(np.argwhere(broken)[0])
        comes_to = f"reservation_cores comes to {reserved[i]:g} at index {i[-1]}"
        raise LimitBelowReservation(
            f"{comes_to}, but limit_cores is {limit[i]:g} there.\nRaise the limit or promise less."
        )
    over = total > capacity * (1 + ROUNDING)
    if over.any():
        comes_to = f"reservation_cores comes to {total[over][0]:g} in all"
        raise OverReserved(
            f"{comes_to}, but capacity_cores is {capacity[over][0]:g}.\n"
            "Promise less: a reservation counts whether it is used or not."
        )


def _check_fixed(own: Floats, inside: Floats, nodes: Ints, fixed: Bools) -> None:
    """Refuse children who are promised more than a parent whose reservation may not grow."""
    broken = (inside > own * (1 + ROUNDING)) & fixed[nodes]
    if broken.any():
        i = tuple(np.argwhere(broken)[0])
        wrong = f"The children of node {nodes[i[-1]]} are promised {inside[i]:g} cores, but its own"
        raise OverReserved(
            f"{wrong} reservation is {own[i]:g} and not expandable.\nPromise less, or let it grow."
        )


@np.errstate(over="ignore")
def fair_share_tree(
    parent: ArrayLike,
    demand_cores: ArrayLike,
    *,
    capacity_cores: ArrayLike,
    weight: ArrayLike = 1.0,
    limit_cores: ArrayLike = np.inf,
    reservation_cores: ArrayLike = 0.0,
    own_weight: ArrayLike = 1.0,
    expandable: ArrayLike = True,
) -> Floats:
    """Share a capacity level by level, as nested control groups and guests under a hypervisor do.

    Going up, a node asks for its own demand and its children's, cut at its limit, and is promised
    the larger of its own reservation and its children's together. Going down, what it gets is
    shared among its children by weight, where its own demand competes as one more child.

    Parameters
    ----------
    parent : int array, shape (n,)
        The parent of each node, before it; -1 for the root.
    demand_cores, weight, limit_cores, reservation_cores : array, shape (..., n)
        As in `fair_share`; the demand is a node's own, the rest holds for all that is inside it.
    capacity_cores : array, shape (...)
        The cores the root has [cores]. Its weight is ignored.
    own_weight : array, shape (..., n)
        The weight of a node's own demand against its children.
    expandable : bool array, shape (n,)
        Whether a reservation grows with what its children are promised, as vSphere's expandable
        pools do; a fixed one is refused where they are promised more. The root has the capacity.

    Returns
    -------
    array, shape (..., n)
        The cores each node gets for itself and everything inside it [cores].

    Raises
    ------
    NotATree
        Where ``parent`` is no tree.
    LimitBelowReservation
        Where a reservation, or those of a node's children together, is larger than the limit there.
    OverReserved
        Where the reservations add up to more than the capacity.
    ImpossibleAmount, ImpossibleWeight, ShapeMismatch
        As for `fair_share`.

    Examples
    --------
    Two guests of equal weight on 4 cores; the second runs containers of weight 1 and 3.

    >>> demand = [0, 4, 0, 4, 4]
    >>> weight = [1, 1, 1, 1, 3]
    >>> fair_share_tree([-1, 0, 0, 2, 2], demand, weight=weight, capacity_cores=4).tolist()
    [4.0, 2.0, 2.0, 0.5, 1.5]
    """
    tree = check.tree(parent)
    levels = by_level(tree)
    nodes = {
        "demand_cores": check.amount("demand_cores", demand_cores),
        "weight": check.weight("weight", weight),
        "limit_cores": check.amount("limit_cores", limit_cores, infinite=True),
        "reservation_cores": check.amount("reservation_cores", reservation_cores),
        "own_weight": check.weight("own_weight", own_weight),
    }
    host = {"capacity_cores": check.amount("capacity_cores", capacity_cores)}
    *entries, capacity = check.broadcast_rows(nodes, host, n=tree.size)
    own, weights, limit, reserved, own_weights = (x[..., levels.order] for x in entries)
    grows = check.each("expandable", check.numbers("expandable", expandable), tree.size, "nodes")
    fixed = (grows == 0) & (tree >= 0)  # the root's reservation is the capacity
    # Going up: each node's demand and reservation, with those of its children.
    want = np.minimum(np.minimum(own, limit), capacity[..., None])
    reserved = reserved.copy()
    number = np.arange(tree.size)[levels.order]
    for above, below in reversed(levels.spans()):
        wanted = want[..., above] + levels.add_up(want, above, below)
        want[..., above] = np.minimum(wanted, limit[..., above])
        inside = levels.add_up(reserved, above, below)
        if fixed.any():
            _check_fixed(reserved[..., above], inside, number[above], fixed)
        reserved[..., above] = np.maximum(reserved[..., above], inside)
    back = levels.back
    _check_reservations(reserved[..., back], limit[..., back], reserved[..., 0], capacity)
    got = np.minimum(want, capacity[..., None])
    _share_down(levels, got, own, (want, np.minimum(reserved, want), weights), own_weights)
    return got[..., back]


def _share_down(
    levels: Levels,
    got: Floats,
    own: Floats,
    children: tuple[Floats, Floats, Floats],
    own_weights: Floats,
) -> None:
    """Share each node's part among its children, in place; its own demand competes as one more."""
    want, floor, weights = children
    no_floor = np.zeros_like(own)
    for above, below in levels.spans():
        shape = got[..., below].shape
        size = math.prod(shape)
        group = levels.families(above, below, size // shape[-1])
        working = np.flatnonzero(own[..., above])
        shared = fill(
            got[..., above].ravel(),
            _with_own(want[..., below], own[..., above], working),
            _with_own(floor[..., below], no_floor[..., above], working),
            _with_own(weights[..., below], own_weights[..., above], working),
            np.concatenate([group, working]),
        )
        got[..., below] = shared[:size].reshape(shape)


def _with_own(children: Floats, own: Floats, working: Ints) -> Floats:
    """Put a number of each child and one of each node that works itself into one row."""
    return np.concatenate([children.ravel(), own.ravel()[working]])


def finish_times(
    work_core_s: ArrayLike,
    *,
    arrival_s: ArrayLike = 0.0,
    capacity_cores: ArrayLike,
    max_cores: ArrayLike = 1.0,
    weight: ArrayLike = 1.0,
    discipline: str = "time-shared",
) -> Floats:
    """Say when each job is done, exactly, from event to event.

    "time-shared" shares the capacity by `fair_share` at every moment; "space-shared" gives a job
    its own ``ceil(max_cores)`` of ``floor(capacity_cores)`` cores, in strict order of arrival.

    Parameters
    ----------
    work_core_s, arrival_s, max_cores, weight : array, shape (..., n)
        The CPU time that each job needs [core seconds], when it comes [s], the most that it can use
        at once [cores], and its relative weight (only time-shared).
    capacity_cores : array, shape (...)
        What there is [cores].
    discipline : {"time-shared", "space-shared"}
        How jobs are served.

    Returns
    -------
    array, shape (..., n)
        When each job is done [s].

    Raises
    ------
    NeverStarts
        Where a job needs more cores than there are, or has none to run on.
    UnknownName
        Where there is no such discipline.
    ImpossibleWeight
        Where a weight is not positive, or is given for a space-shared service.

    Examples
    --------
    Two jobs of 2 core seconds on one core: in turns both end at 4 s, in order at 2 and 4 s.

    >>> finish_times([2, 2], capacity_cores=1).tolist()
    [4.0, 4.0]
    >>> finish_times([2, 2], capacity_cores=1, discipline="space-shared").tolist()
    [2.0, 4.0]
    """
    # Both step exactly from event to event; neither has a clock that ticks.
    ways = {"time-shared": time_shared, "space-shared": space_shared}
    serve = ways[check.known("discipline", discipline, ways)]
    jobs = {
        "work_core_s": check.amount("work_core_s", work_core_s),
        "arrival_s": check.amount("arrival_s", arrival_s),
        "max_cores": check.amount("max_cores", max_cores),
        "weight": check.weight("weight", weight),
    }
    host = {"capacity_cores": check.amount("capacity_cores", capacity_cores)}
    work, arrival, most, weights, capacity = check.broadcast_rows(jobs, host)
    if discipline == "space-shared" and (weights != 1).any():
        raise ImpossibleWeight(
            'weight means nothing when discipline is "space-shared": it goes by arrival.'
        )
    ends = np.empty(work.shape)
    for row in np.ndindex(capacity.shape):
        cores = float(capacity[row])
        ends[row] = serve(cores, work[row], arrival[row], most[row], weights[row])
    return ends


def burst_latency_s(
    work_core_s: ArrayLike,
    *,
    threads: ArrayLike,
    quota_cores: ArrayLike,
    period_s: ArrayLike = 0.1,
    saved_s: ArrayLike = 0.0,
) -> Floats:
    """Time a burst under a quota: ``quota_cores * period_s`` in a period, then all threads wait.

    Parameters
    ----------
    work_core_s, threads, quota_cores, period_s : array
        The CPU time that the burst needs [core seconds], how many cores it uses at once, the limit
        [cores], and how often the allowance is refilled [s]; it is full at the start.
    saved_s : array
        CPU time that was not used before and may be used now, beside the allowance: the kernel's
        ``cpu.max.burst`` [core seconds]. What the first period leaves of it stays for the next.

    Returns
    -------
    array
        Wall time [s], with the shape that all five broadcast to.

    Raises
    ------
    ImpossibleCount
        Where ``threads`` is no whole number of at least 1.
    NeverStarts
        Where the quota is so small that the burst would never end.

    References
    ----------
    Linux Documentation/scheduler/sched-bwc.rst, with the burst of 2021.

    Examples
    --------
    A quota of one core allows 4 threads 100 ms of CPU time a period; 110 ms wait for the next.

    >>> burst_latency_s([0.100, 0.110], threads=4, quota_cores=1).round(6).tolist()
    [0.025, 0.1025]

    20 of 50 ms are allowed, and 10 more were saved:

    >>> late = burst_latency_s(0.03, threads=1, quota_cores=0.4, period_s=0.05, saved_s=[0, 0.01])
    >>> late.round(6).tolist()
    [0.06, 0.03]
    """
    work, speed, quota, period, saved = check.broadcast(
        work_core_s=check.amount("work_core_s", work_core_s),
        threads=check.whole_numbers("threads", threads, least=1),
        quota_cores=check.amount("quota_cores", quota_cores, infinite=True),
        period_s=check.positive("period_s", period_s),
        saved_s=check.amount("saved_s", saved_s),
    )
    # A time beyond every number overflows here, and is refused below.
    with np.errstate(over="ignore", invalid="ignore"):
        # An infinite allowance, times no waiting at all, would be no number.
        allowance = np.minimum(np.minimum(quota, speed) * period, np.finfo(float).max)
        late = np.maximum(work - saved, 0.0)
        periods = late / np.maximum(allowance, np.finfo(float).smallest_subnormal)
        # 0.9 / (0.3 * 0.1) is just above 30, but 30 allowances end in the 30th period.
        waits = np.maximum(np.ceil(periods * (1 - ROUNDING)) - 1, 0.0)
        rest = np.clip(late - waits * allowance, 0.0, allowance)
        # While savings last nobody waits; after that this is the later of the two.
        throttled = np.maximum(work / speed, waits * period + rest / speed)
        took = np.where((quota >= speed) | (late == 0), work / speed, throttled)
    stuck = (allowance == 0) & (late > 0)
    if (stuck | (took == np.inf)).any():
        raise NeverStarts(
            "quota_cores is so small that work_core_s would wait for ever. Give it more quota."
        )
    return took
