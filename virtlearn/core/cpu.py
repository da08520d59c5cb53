"""Who gets the CPU: sharing by weight, with limits and reservations; queues; what a quota does to a burst.

One law carries most of it: sharing by weight, where what somebody leaves goes to the others by weight, again and
again. Real control groups follow it within 0.016 of a core (measured on Linux 6.18, 2026-11). Everything impossible
is refused: amounts that are negative or never end (`ImpossibleAmount`), weights that are not positive
(`ImpossibleWeight`), shapes that do not line up (`ShapeMismatch`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._fill import fill, fill_rows
from virtlearn.core._levels import by_level
from virtlearn.core._linux import (
    quota_us_from_millicores,
    shares_from_millicores,
    weight_from_nice,
    weight_from_shares,
)
from virtlearn.core._queue import space_shared, time_shared
from virtlearn.core.check import ROUNDING, Floats, line_up
from virtlearn.errors import ImpossibleWeight, LimitBelowReservation, NeverStarts, OverReserved

__all__ = [
    "burst_latency_s",
    "fair_share",
    "fair_share_tree",
    "finish_times",
    "quota_us_from_millicores",
]
__all__ += ["shares_from_millicores", "weight_from_nice", "weight_from_shares"]

_SHARE = "demand_cores weight limit_cores reservation_cores *capacity_cores"
_NODES = "demand_cores weight limit_cores reservation_cores own_weight *capacity_cores"
_JOBS = "work_core_s arrival_s max_cores weight *capacity_cores"


@np.errstate(over="ignore")  # promises beyond every number are more than there is, and refused
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
    demand_cores, weight, limit_cores, reservation_cores : array, shape (..., n)
        What each would use, its relative weight, the most it may use, and what it is promised [cores].
    capacity_cores : array, shape (...)
        What there is [cores], without the tenant axis: m capacities and n demands give (m, n).

    Returns
    -------
    array, shape (..., n)
        What each gets [cores]; what is promised and not asked for is lent.

    Raises
    ------
    LimitBelowReservation, OverReserved

    Examples
    --------
    Ten cores, weights 1, 1, 2: the first wants only one core, and the nine it leaves are split 1 to 2.

    >>> fair_share([1, 8, 8], weight=[1, 1, 2], capacity_cores=10).tolist()
    [1.0, 3.0, 6.0]
    >>> fair_share([8, 8], capacity_cores=[2, 6, 20]).tolist()
    [[1.0, 1.0], [3.0, 3.0], [8.0, 8.0]]
    """
    given = (demand_cores, weight, limit_cores, reservation_cores, capacity_cores)
    demand, weights, limit, promised, capacity = line_up(_SHARE, *given)
    _keep_promises(promised, limit, promised.sum(axis=-1), capacity)
    return fill_rows(capacity, demand, limit, promised, weights)


def _keep_promises(promised: Floats, limit: Floats, total: Floats, capacity: Floats) -> None:
    """Refuse to promise more than somebody may use, or more than there is."""
    if (broken := promised > limit * (1 + ROUNDING)).any():
        i = tuple(np.argwhere(broken)[0])
        wrong = f"reservation_cores comes to {promised[i]:g} at index {i[-1]}, but limit_cores is {limit[i]:g} there."
        raise LimitBelowReservation(f"{wrong}\nRaise the limit or promise less.")
    if (over := total > capacity * (1 + ROUNDING)).any():
        wrong = f"reservation_cores comes to {total[over][0]:g} in all, but capacity_cores is {capacity[over][0]:g}."
        raise OverReserved(
            f"{wrong}\nPromise less: a reservation counts whether it is used or not."
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
) -> Floats:
    """Share a capacity level by level, as nested control groups and guests under a hypervisor do.

    Going up, a node asks for its own demand and its children's, cut at its limit, and is promised the larger of its
    own reservation and its children's together. Going down, what it gets is shared among its children by weight,
    where its own demand competes as one more child.

    Parameters
    ----------
    parent : int array, shape (n,)
        The parent of each node, before it; -1 for the root.
    demand_cores, weight, limit_cores, reservation_cores : array, shape (..., n)
        As in `fair_share`; the demand is a node's own, the rest holds for all that is inside it.
    capacity_cores : array, shape (...)
        What the root has [cores]. Its weight is ignored.
    own_weight : array, shape (..., n)
        The weight of a node's own demand against its children.

    Returns
    -------
    array, shape (..., n)
        What each node gets for itself and everything inside it [cores].

    Raises
    ------
    NotATree, LimitBelowReservation, OverReserved

    Examples
    --------
    Two guests of equal weight on 4 cores; the second runs containers of weight 1 and 3.

    >>> fair_share_tree([-1, 0, 0, 2, 2], [0, 4, 0, 4, 4], weight=[1, 1, 1, 1, 3], capacity_cores=4).tolist()
    [4.0, 2.0, 2.0, 0.5, 1.5]
    """
    tree = check.tree(parent)
    levels = by_level(tree)
    given = (demand_cores, weight, limit_cores, reservation_cores, own_weight, capacity_cores)
    *lined_up, capacity = line_up(_NODES, *given, n=tree.size)
    own, weights, limit, promised, own_weights = (x[..., levels.order] for x in lined_up)
    want, promised = np.minimum(np.minimum(own, limit), capacity[..., None]), promised.copy()
    for above, below in reversed(levels.spans()):
        want[..., above] = np.minimum(
            want[..., above] + levels.add_up(want, above, below), limit[..., above]
        )
        promised[..., above] = np.maximum(
            promised[..., above], levels.add_up(promised, above, below)
        )
    _keep_promises(promised[..., levels.back], limit[..., levels.back], promised[..., 0], capacity)
    got, floor = np.minimum(want, capacity[..., None]), np.minimum(promised, want)
    for above, below in levels.spans():
        children = got[..., below]
        group = levels.families(above, below, children.size // children.shape[-1])
        itself = np.flatnonzero(own[..., above])  # the nodes whose own demand is one more child
        cap, least, w = (
            np.concatenate([child[..., below].ravel(), node[..., above].ravel()[itself]])
            for child, node in ((want, own), (floor, np.zeros_like(own)), (weights, own_weights))
        )
        shared = fill(got[..., above].ravel(), cap, least, w, np.concatenate([group, itself]))
        got[..., below] = shared[: children.size].reshape(children.shape)
    return got[..., levels.back]


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
    itself, ``ceil(max_cores)`` of ``floor(capacity_cores)``, in strict order of arrival: nobody overtakes.

    Parameters
    ----------
    work_core_s, arrival_s, max_cores, weight : array, shape (..., n)
        The CPU time that each job needs [core seconds], when it comes [s], the most that it can use at once
        [cores], and its relative weight (only time-shared).
    capacity_cores : array, shape (...)
        What there is [cores].
    discipline : {"time-shared", "space-shared"}

    Returns
    -------
    array, shape (..., n)
        When each job is done [s].

    Raises
    ------
    NeverStarts, UnknownName

    Examples
    --------
    Two jobs of 2 core seconds on one core. Taking turns both end at 4 s; one after the other, at 2 and 4 s.

    >>> finish_times([2, 2], capacity_cores=1).tolist()
    [4.0, 4.0]
    >>> finish_times([2, 2], capacity_cores=1, discipline="space-shared").tolist()
    [2.0, 4.0]
    """
    ways = {"time-shared": time_shared, "space-shared": space_shared}
    serve = ways[check.known("discipline", discipline, ways)]
    *given, capacity = line_up(_JOBS, work_core_s, arrival_s, max_cores, weight, capacity_cores)
    if discipline == "space-shared" and (given[-1] != 1).any():
        raise ImpossibleWeight(
            'weight means nothing when discipline is "space-shared": it goes by arrival.'
        )
    ends = np.empty(given[0].shape)
    for row in np.ndindex(capacity.shape):
        ends[row] = serve(float(capacity[row]), *(x[row] for x in given))
    return ends


def burst_latency_s(
    work_core_s: ArrayLike, *, threads: ArrayLike, quota_cores: ArrayLike, period_s: ArrayLike = 0.1
) -> Floats:
    """Say how long a burst takes under a quota: each period allows ``quota_cores * period_s``, then all threads wait.

    Parameters
    ----------
    work_core_s, threads, quota_cores, period_s : array
        The CPU time that the burst needs [core seconds], how many cores it uses at once, the limit [cores], and how
        often the allowance is refilled [s]; it is full at the start.

    Returns
    -------
    array
        Wall time [s], with the shape that all four broadcast to.

    Raises
    ------
    ImpossibleCount, NeverStarts

    Examples
    --------
    With 4 threads 100 ms of CPU time fit in one period's allowance of a core; 110 ms wait for the next period.

    >>> burst_latency_s([0.100, 0.110], threads=4, quota_cores=1).round(6).tolist()
    [0.025, 0.1025]
    """
    names = "work_core_s threads quota_cores period_s"
    work, speed, quota, period = line_up(names, work_core_s, threads, quota_cores, period_s)
    allowance = np.minimum(quota, speed) * period
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # what takes longer than any number is refused below
        periods = work / np.maximum(allowance, np.finfo(float).smallest_subnormal)
        # 0.9 / (0.3 * 0.1) comes out just above 30, but a whole number of allowances ends inside its last period.
        waits = np.maximum(np.ceil(periods * (1 - ROUNDING)) - 1, 0.0)
        rest = np.clip(work - waits * allowance, 0.0, allowance)
        took = np.where(quota >= speed, work / speed, waits * period + rest / speed)
    if (((allowance == 0) & (work > 0)) | (took == np.inf)).any():
        raise NeverStarts(
            "quota_cores is so small that work_core_s would wait for ever. Give it more quota."
        )
    return took
