"""What a pod asks for, the class that follows from it, and what a node may give away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._counts import rows_of, switch, within_numbers
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import (
    ImpossibleAmount,
    ImpossibleCount,
    LimitBelowReservation,
    OverReserved,
    ShapeMismatch,
)

CLASSES = ("Guaranteed", "Burstable", "BestEffort")
# A node's own daemons are not killed before the kernel has nobody else; the lowest
# burstable pod comes after them.
PROTECTED = -997
FIRST_TO_DIE = 1000
LAST_BURSTABLE = FIRST_TO_DIE + PROTECTED


@within_numbers
def pod_request(
    containers: ArrayLike,
    *,
    init: Sequence[tuple[ArrayLike, bool]] = (),
    overhead: ArrayLike = 0,
) -> Floats:
    """Add up what a pod asks for.

    The larger of all containers and sidecars together, and any one init container with the sidecars
    started before it; then the overhead. A container in a virtual machine of its own pays for it
    here: the placement is the same, but fewer fit.

    Parameters
    ----------
    containers : array, shape (containers,) or (containers, resources)
        What each container asks for.
    init : sequence of (amount, is_sidecar), in order
        Init containers run one after the other before the containers; a sidecar
        starts among them and stays.
    overhead : array, shape () or (resources,)
        What the sandbox takes (MEM-13).

    Returns
    -------
    array, shape () or (resources,)
        What a scheduler keeps for it, in the units of the containers.

    Raises
    ------
    ImpossibleCount
        The pod has no container.
    ImpossibleAmount
        An amount is negative, infinite or no number.
    ShapeMismatch
        Containers do not name the same resources.

    References
    ----------
    ``AggregateContainerRequests`` in Kubernetes
    staging/src/k8s.io/component-helpers/resource/helpers.go (2023).

    Examples
    --------
    An init container of 5 and a container of 3 need 5 in all, for they never run together; a
    sidecar of 2 before it makes it 7.

    >>> pod_request([3], init=[(5, False)]).item()
    5.0
    >>> pod_request([3], init=[(2, True), (5, False)]).item()
    7.0
    """
    own = np.atleast_1d(check.amount("containers", containers))
    if len(own) == 0:
        raise ImpossibleCount("containers is empty; a pod has at least one container.")
    extra = check.amount("overhead", overhead)
    running = own.sum(axis=0)
    sidecars = np.zeros(running.shape)
    starting = np.zeros(running.shape)
    for amount, is_sidecar in rows_of("init", init, "(amount, is_sidecar)"):
        asked = check.amount("init", amount)
        check.shape("each init container names the same resources", containers=running, init=asked)
        starting = np.maximum(starting, sidecars + asked)
        if switch("is_sidecar", is_sidecar):
            sidecars = sidecars + asked
    check.shape("the overhead names the same resources", containers=running, overhead=extra)
    return np.asarray(np.maximum(running + sidecars, starting) + extra)


def qos_class(requests: ArrayLike, limits: ArrayLike) -> str:
    """Name the class of a pod: who is killed last, and who first.

    Parameters
    ----------
    requests, limits : array, shape (containers, 2)
        CPU and memory of each container; 0 where it is not given.

    Returns
    -------
    str
        "BestEffort" where nothing is given, "Guaranteed" where every limit is given and equals its
        request, else "Burstable".

    Raises
    ------
    LimitBelowReservation
        A request is above its limit.
    ImpossibleAmount
        An amount is negative, infinite or no number.
    ImpossibleCount
        The pod has no container.
    ShapeMismatch
        There is not a row of CPU and memory for each container.

    References
    ----------
    Kubernetes pkg/apis/core/v1/helper/qos/qos.go.

    Examples
    --------
    One container that gives nothing takes the guarantee from all of them:

    >>> qos_class([[1, 1]], [[1, 1]]), qos_class([[1, 1], [0, 0]], [[1, 1], [0, 0]])
    ('Guaranteed', 'Burstable')
    """
    asked = check.amount("requests", requests)
    capped = check.amount("limits", limits)
    if asked.shape != capped.shape or asked.ndim != 2 or asked.shape[1] != 2:
        wrong = f"requests has the shape {asked.shape} and limits {capped.shape}"
        raise ShapeMismatch(f"{wrong}; both must have a row (CPU, memory) for each container.")
    if len(asked) == 0:
        raise ImpossibleCount("requests is empty; a pod has at least one container.")
    is_limited = capped > 0
    broken = is_limited & (asked > capped)
    if broken.any():
        i, resource = (int(k) for k in np.argwhere(broken)[0])
        name = ("CPU", "memory")[resource]
        wrong = f"Container {i} asks for {asked[i, resource]:g} of {name}, but its limit is"
        raise LimitBelowReservation(
            f"{wrong} {capped[i, resource]:g}.\nRaise the limit or ask for less."
        )
    if not asked.any() and not capped.any():
        return "BestEffort"
    if (is_limited & (asked == capped)).all():
        return "Guaranteed"
    return "Burstable"


@within_numbers
def oom_score_adj(
    qos: str,
    *,
    requested_mib: ArrayLike = 0,
    node_mib: ArrayLike = 1,
    critical: bool = False,
) -> Ints:
    """Give the adjustment with which the kernel chooses whom to kill.

    Guaranteed and critical pods have -997, best-effort ones 1000; a burstable one
    has ``1000 - 1000 * requested // node``, at least 3 and never 1000: who asked for
    much of the node dies late.

    Parameters
    ----------
    qos : {"Guaranteed", "Burstable", "BestEffort"}
    requested_mib, node_mib : array
        What the pod asks for and what its node has [MiB].
    critical : bool
        A pod that the node cannot do without.

    Returns
    -------
    int array
        From -997, killed last, to 1000, killed first.

    Raises
    ------
    UnknownName
        There is no such class.
    ImpossibleAmount
        An amount is negative, infinite or no number, or the node has no memory.
    ShapeMismatch
        The shapes do not fit together.

    References
    ----------
    Kubernetes pkg/kubelet/qos/policy.go.

    Examples
    --------
    >>> oom_score_adj("Burstable", requested_mib=[0, 2000, 8000], node_mib=8000).tolist()
    [999, 750, 3]
    """
    check.known("qos", qos, CLASSES)
    asked = check.amount("requested_mib", requested_mib)
    node = check.positive("node_mib", node_mib)
    shape = check.shape("they must broadcast", requested_mib=asked, node_mib=node)
    if switch("critical", critical) or qos == "Guaranteed":
        return np.full(shape, PROTECTED, dtype=np.int64)
    if qos == "BestEffort":
        return np.full(shape, FIRST_TO_DIE, dtype=np.int64)
    part = np.minimum(np.floor_divide(1000 * asked, node), FIRST_TO_DIE).astype(np.int64)
    return np.asarray(np.clip(FIRST_TO_DIE - part, LAST_BURSTABLE, FIRST_TO_DIE - 1))


@within_numbers
def allocatable(
    capacity: ArrayLike,
    *,
    kube_reserved: ArrayLike = 0,
    system_reserved: ArrayLike = 0,
    eviction: ArrayLike = 0,
    eviction_fraction: ArrayLike = 0.0,
) -> Floats:
    """Say what a node may give away: its capacity less what it keeps and what it evicts for.

    The group that holds all pods is not made smaller by the eviction threshold, so pods may reach
    into it, and are then evicted.

    Parameters
    ----------
    capacity, kube_reserved, system_reserved : array
        What the node has, and what its agents and its system keep, in one unit.
    eviction : array
        The threshold below which the node evicts, as an amount,
    eviction_fraction : array
        or as a fraction of the capacity; not both.

    Returns
    -------
    array
        What is left for copies, in the capacity's unit.

    Raises
    ------
    OverReserved
        More is kept than there is.
    ImpossibleAmount
        An amount is negative, infinite or no number, or both thresholds are given.
    ImpossibleProbability
        ``eviction_fraction`` lies outside 0 to 1.
    ShapeMismatch
        The shapes do not fit together.

    References
    ----------
    PLACE-04, PLACE-05. Kubernetes pkg/kubelet/cm/node_container_manager_linux.go.

    Examples
    --------
    >>> allocatable(10240, kube_reserved=100, system_reserved=50, eviction_fraction=0.05).item()
    9578.0
    """
    has = check.amount("capacity", capacity)
    agents = check.amount("kube_reserved", kube_reserved)
    system = check.amount("system_reserved", system_reserved)
    amount = check.amount("eviction", eviction)
    fraction = check.probability("eviction_fraction", eviction_fraction)
    given = {"capacity": has, "kube_reserved": agents, "system_reserved": system}
    given |= {"eviction": amount, "eviction_fraction": fraction}
    check.shape("they must broadcast", **given)
    if ((amount > 0) & (fraction > 0)).any():
        wrong = "eviction and eviction_fraction are both given, but a node has one threshold"
        raise ImpossibleAmount(f"{wrong}. Leave one out.")
    kept = agents + system + amount + fraction * has
    short = np.asarray(kept > has)
    if short.any():
        i = np.unravel_index(int(np.argmax(short)), short.shape)
        all_kept, there = np.broadcast_arrays(kept, has)
        wrong = f"The node keeps {all_kept[i]:g}, but its capacity is {there[i]:g}."
        raise OverReserved(f"{wrong}\nReserve less, or take a larger node.")
    return np.asarray(has - kept)
