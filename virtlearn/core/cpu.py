"""Who gets the CPU: sharing by weight, with limits and reservations; queues; and what a quota does to a burst.

One law carries most of it. Sharing by weight, with what somebody leaves going to the others again and again, is
weighted max-min fairness, and real control groups follow it within 0.016 of a core (measured on Linux 6.18, 2026-11).
"""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import _check as check
from virtlearn.core._check import Floats, Ints
from virtlearn.core._fill import ROUNDING, fill
from virtlearn.core._kernel import (
    quota_us_from_millicores,
    shares_from_millicores,
    weight_from_nice,
    weight_from_shares,
)
from virtlearn.core._levels import Levels, add_up, by_level, families
from virtlearn.errors import (
    ImpossibleAmount,
    ImpossibleCount,
    ImpossibleWeight,
    LimitBelowReservation,
    NeverStarts,
    OverReserved,
    ShapeMismatch,
    UnknownName,
    nearest,
)

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


def fair_share(
    demand_cores: ArrayLike,
    *,
    capacity_cores: ArrayLike,
    weight: ArrayLike = 1.0,
    limit_cores: ArrayLike = np.inf,
    reservation_cores: ArrayLike = 0.0,
) -> Floats:
    r"""Share a capacity by weight; what somebody leaves goes to the others by weight, again and again.

    Weighted max-min: with :math:`c_i = \min(demand_i, limit_i)` and :math:`r_i = \min(reservation_i, c_i)` everybody
    gets :math:`c_i` if that fits, else :math:`\min(c_i, \max(r_i, L w_i))` with the level L that spends it all.

    Parameters
    ----------
    demand_cores : array, shape (..., n)
        What each tenant would use [cores].
    capacity_cores : array, shape (...)
        What there is [cores], without the tenant axis: m capacities and n demands give (m, n).
    weight : array, shape (..., n)
        Relative weights, greater than 0.
    limit_cores : array, shape (..., n)
        The most that each may use [cores]; infinity for no limit.
    reservation_cores : array, shape (..., n)
        What each is promised [cores]. Promises must fit the capacity as written; what is not asked for is lent.

    Returns
    -------
    array, shape (..., n)
        What each gets [cores].

    Raises
    ------
    ImpossibleAmount, ImpossibleWeight, LimitBelowReservation, OverReserved, ShapeMismatch

    Examples
    --------
    Ten cores, weights 1, 1, 2: the first wants only one core, and the nine it leaves are split 1 to 2.

    >>> fair_share([1, 8, 8], weight=[1, 1, 2], capacity_cores=10).tolist()
    [1.0, 3.0, 6.0]
    >>> fair_share([8, 8], capacity_cores=[2, 6, 20]).tolist()
    [[1.0, 1.0], [3.0, 3.0], [8.0, 8.0]]
    """
    capacity, (demand, weight, limit, promised) = _line_up(
        1, capacity_cores, demand_cores, weight, limit_cores, reservation_cores
    )
    _refuse_empty_promises(promised, limit, promised.sum(axis=-1), capacity)
    cap = np.minimum(demand, limit).ravel()
    floor = np.minimum(promised.ravel(), cap) if promised.any() else None
    tenant_of = np.repeat(np.arange(capacity.size), demand.shape[-1])
    return fill(capacity.ravel(), cap, floor, weight.ravel(), tenant_of).reshape(demand.shape)


def fair_share_tree(
    parent: ArrayLike,
    demand_cores: ArrayLike,
    *,
    capacity_cores: ArrayLike,
    weight: ArrayLike = 1.0,
    limit_cores: ArrayLike = np.inf,
    reservation_cores: ArrayLike = 0.0,
    own_weight: ArrayLike = 1.0,
) -> Floats:
    """Share a capacity level by level, as nested control groups and guests under a hypervisor do.

    Going up, a node asks for its own demand and its children's, cut at its limit, and is promised the larger of its
    own reservation and its children's together. Going down, what a node gets is shared among its children by weight.

    Parameters
    ----------
    parent : int array, shape (n,)
        The parent of each node; -1 for the first.
    demand_cores : array, shape (..., n)
        What each node would use itself, without what is inside it [cores].
    capacity_cores : array, shape (...)
        What the root has [cores].
    weight, limit_cores, reservation_cores : array, shape (..., n)
        As in `fair_share`, each for a node and everything inside it. The root's weight is ignored.
    own_weight : array, shape (..., n)
        The weight at which a node's own demand competes with its children.

    Returns
    -------
    array, shape (..., n)
        What each node and everything inside it gets [cores].

    Raises
    ------
    NotATree, ImpossibleAmount, ImpossibleWeight, LimitBelowReservation, OverReserved, ShapeMismatch

    Examples
    --------
    Two guests of equal weight on 4 cores; the second runs one container of weight 1 and one of weight 3.

    >>> fair_share_tree([-1, 0, 0, 2, 2], [0, 4, 0, 4, 4], weight=[1, 1, 1, 1, 3], capacity_cores=4).tolist()
    [4.0, 2.0, 2.0, 0.5, 1.5]
    """
    tree = check.tree(parent)
    capacity, given = _line_up(
        tree.size, capacity_cores, demand_cores, weight, limit_cores, reservation_cores, own_weight
    )
    levels = by_level(tree)
    own, weight, limit, promised, own_weight = (x[..., levels.order] for x in given)
    want, promised = np.minimum(own, limit), promised.copy()
    for above, below in reversed(levels.spans()):
        want[..., above] = np.minimum(
            want[..., above] + add_up(levels, want, above, below), limit[..., above]
        )
        promised[..., above] = np.maximum(promised[..., above], add_up(levels, promised, above, below))
    _refuse_empty_promises(promised[..., levels.back], given[2], promised[..., 0], capacity)
    got, floor = np.minimum(want, capacity[..., None]), np.minimum(promised, want)
    for above, below in levels.spans():
        got[..., below] = _children(levels, above, below, got, want, floor, weight, own, own_weight)
    return got[..., levels.back]


def _line_up(n: int, capacity_cores: ArrayLike, *per_tenant: ArrayLike) -> tuple[Floats, list[Floats]]:
    """Check all amounts and give them one shape: (...) for the capacity and (..., n) for the rest."""
    names = ("demand_cores", "weight", "limit_cores", "reservation_cores", "own_weight")
    capacity, given = check.amount("capacity_cores", capacity_cores), {}
    for name, x in zip(names, per_tenant, strict=False):
        given[name] = (
            check.weight(name, x) if "weight" in name else check.amount(name, x, infinite=name[0] == "l")
        )
    rule = "the last axis is one tenant or node each, and capacity_cores has only the axes before it"
    shape = check.shape(rule, **given, capacity_cores=capacity[..., None])
    if n > 1 and shape[-1] != n:
        try_n = np.broadcast_to(0.0, (n,))
        shape = check.shape(rule, **given, capacity_cores=capacity[..., None], parent=try_n)
    return np.broadcast_to(capacity, shape[:-1]), [np.broadcast_to(x, shape) for x in given.values()]


def _refuse_empty_promises(promised: Floats, limit: Floats, total: Floats, capacity: Floats) -> None:
    """Refuse to promise more than somebody may use, or more than there is."""
    if (broken := promised > limit * (1 + ROUNDING)).any():
        i = tuple(np.argwhere(broken)[0])
        raise LimitBelowReservation(
            f"reservation_cores comes to {promised[i]:g} at index {i[-1]}, but limit_cores is {limit[i]:g} there.\n"
            "Raise the limit or promise less."
        )
    if (over := total > capacity * (1 + ROUNDING)).any():
        i = tuple(np.argwhere(over)[0])
        raise OverReserved(
            f"reservation_cores comes to {total[i]:g} in all, but capacity_cores is {capacity[i]:g}.\n"
            "Promise less: a reservation counts whether it is used or not."
        )


def _children(
    levels: Levels,
    above: slice,
    below: slice,
    got: Floats,
    want: Floats,
    floor: Floats,
    weight: Floats,
    own: Floats,
    own_weight: Floats,
) -> Floats:
    """Share what each node of one level got among its children and, as one more child, its own demand."""
    part = got[..., below]
    group = families(levels, above, below, part.size // part.shape[-1])
    itself = np.flatnonzero(own[..., above])
    cap, least, w = (
        np.concatenate([child[..., below].ravel(), node[..., above].ravel()[itself]])
        for child, node in ((want, own), (floor, np.zeros_like(own)), (weight, own_weight))
    )
    shared = fill(got[..., above].ravel(), cap, least, w, np.concatenate([group, itself]))
    return shared[: part.size].reshape(part.shape)


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

    "time-shared" shares the capacity by `fair_share` at every moment; "space-shared" gives each job whole cores to
    itself, in strict order of arrival, and nobody overtakes.

    Parameters
    ----------
    work_core_s : array, shape (..., n)
        The CPU time that each job needs [core seconds].
    arrival_s : array, shape (..., n)
        When each job comes [s].
    capacity_cores : array, shape (...)
        What there is [cores]; space-shared uses the whole cores of it.
    max_cores : array, shape (..., n)
        The most that a job can use at once [cores]; space-shared, it holds this rounded up.
    weight : array, shape (..., n)
        Relative weights; only time-shared.
    discipline : {"time-shared", "space-shared"}

    Returns
    -------
    array, shape (..., n)
        When each job is done [s].

    Raises
    ------
    ImpossibleAmount, ImpossibleWeight, NeverStarts, ShapeMismatch, UnknownName

    Examples
    --------
    Two jobs of 2 core seconds on one core. Taking turns both end at 4 s; one after the other, at 2 and 4 s.

    >>> finish_times([2, 2], capacity_cores=1).tolist()
    [4.0, 4.0]
    >>> finish_times([2, 2], capacity_cores=1, discipline="space-shared").tolist()
    [2.0, 4.0]
    """
    known = {"time-shared": _time_shared, "space-shared": _space_shared}
    if discipline not in known:
        raise UnknownName(f"discipline is {discipline!r}, which is not known. {nearest(discipline, known)}")
    if discipline == "space-shared" and (check.weight("weight", weight) != 1).any():
        raise ImpossibleWeight('weight means nothing to "space-shared": it goes by arrival. Leave it out.')
    given = {
        "work_core_s": check.amount("work_core_s", work_core_s),
        "arrival_s": check.amount("arrival_s", arrival_s),
        "max_cores": check.amount("max_cores", max_cores),
        "weight": check.weight("weight", weight),
        "capacity_cores": check.amount("capacity_cores", capacity_cores)[..., None],
    }
    shape = check.shape(
        "the last axis is one job each, and capacity_cores has only the axes before it", **given
    )
    work, *others = (np.broadcast_to(x, shape) for x in given.values())
    ends = np.empty(shape)
    for row in np.ndindex(shape[:-1]):
        ends[row] = known[discipline](work[row], *(x[row] for x in others))
    return ends


def _time_shared(work: Floats, arrival: Floats, most: Floats, weight: Floats, capacity: Floats) -> Floats:
    """Go from one arrival or completion to the next; in between, everybody's speed is constant."""
    if (stuck := (work > 0) & (np.minimum(most, capacity) == 0)).any():
        raise _never(int(np.argmax(stuck)), "it gets no CPU at all", most, capacity)
    left, ends, now = work.copy(), arrival.copy(), 0.0
    waiting = work > 0
    while waiting.any():
        here = np.flatnonzero(waiting & (arrival <= now))
        coming = arrival[waiting & (arrival > now)].min(initial=np.inf)
        if not here.size:
            now = coming
            continue
        speed = fair_share(most[here], capacity_cores=capacity[0], weight=weight[here])
        with np.errstate(divide="ignore", over="ignore"):  # a speed can be too small to write down
            needs = left[here] / speed
        step = min(needs.min(), coming - now)
        if not np.isfinite(now + step):
            raise _never(int(here[0]), "it would take longer than any number", most, capacity)
        done = here[needs <= step]
        left[here] = np.maximum(left[here] - speed * step, 0.0)
        now = coming if step == coming - now else now + step
        ends[done] = now
        waiting[done] = False
    return ends


def _space_shared(work: Floats, arrival: Floats, most: Floats, weight: Floats, capacity: Floats) -> Floats:
    """Start jobs in order of arrival, each when its cores are free and the one before it has started."""
    cores, free = np.ceil(most), np.floor(capacity[0])
    if (stuck := (cores > free) | ((work > 0) & (most == 0))).any():
        raise _never(int(np.argmax(stuck)), "it needs whole cores to itself", most, capacity)
    ends, now, running = np.empty_like(work), 0.0, list[tuple[float, float]]()
    for job in np.argsort(arrival, kind="stable"):
        now = max(now, float(arrival[job]))
        while free < cores[job]:
            end, released = heapq.heappop(running)
            now, free = max(now, end), free + released
        ends[job] = now + (work[job] / most[job] if work[job] else 0.0)
        free -= cores[job]
        heapq.heappush(running, (float(ends[job]), float(cores[job])))
    return ends


def _never(job: int, why: str, most: Floats, capacity: Floats) -> NeverStarts:
    return NeverStarts(
        f"Job {job} would wait for ever: {why}, with max_cores {most[job]:g} and capacity_cores {capacity[job]:g}.\n"
        "Raise the capacity or change the job."
    )


def burst_latency_s(
    work_core_s: ArrayLike, *, threads: ArrayLike, quota_cores: ArrayLike, period_s: ArrayLike = 0.1
) -> Floats:
    """Say how long a burst of work takes under a quota that is refilled once a period.

    Each period allows ``quota_cores * period_s`` of CPU time; the threads spend it together, then all of them wait.

    Parameters
    ----------
    work_core_s : array
        The CPU time that the burst needs in all [core seconds].
    threads : array
        How many cores it uses at once, a whole number.
    quota_cores : array
        The limit [cores]; infinity for none.
    period_s : array
        How often the allowance is refilled [s]. A full one is there at the start.

    Returns
    -------
    array
        Wall time [s], with the shape that all four broadcast to.

    Raises
    ------
    ImpossibleAmount, ImpossibleCount, NeverStarts, ShapeMismatch

    Examples
    --------
    100 ms of CPU time by 4 threads fit in one period's allowance of a core; 110 ms must wait for the next period.

    >>> burst_latency_s([0.100, 0.110], threads=4, quota_cores=1).round(9).tolist()
    [0.025, 0.1025]
    """
    work = check.amount("work_core_s", work_core_s)
    speed = check.positive("threads", threads)
    if (part := speed % 1 > 0).any():
        raise ImpossibleCount(f"threads is {speed[part][0]:g}; it must be a whole number of at least 1.")
    quota = check.amount("quota_cores", quota_cores, infinite=True)
    period = check.positive("period_s", period_s)
    check.shape(
        "all four must broadcast", work_core_s=work, threads=speed, quota_cores=quota, period_s=period
    )
    if ((quota == 0) & (work > 0)).any():
        raise NeverStarts("quota_cores is 0, so work_core_s would wait for ever. Give it a quota.")
    allowance = np.minimum(quota, speed) * period
    periods = work / np.where(allowance > 0, allowance, 1.0)
    # 0.9 / (0.3 * 0.1) comes out just above 30: a whole number of allowances ends inside its last period.
    whole = np.abs(periods - np.rint(periods)) <= ROUNDING * periods
    waits = np.maximum(np.where(whole, np.rint(periods), np.ceil(periods)) - 1, 0.0)
    rest = np.clip(work - waits * allowance, 0.0, allowance)
    return np.where(quota >= speed, work / speed, waits * period + rest / speed)
