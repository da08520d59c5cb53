"""Placement with the decision shown: what a scheduler filters, scores, weighs and chooses.

The rules are those of kube-scheduler, in its own whole numbers: a score that is rounded is a wrong
score. A container is placed once by what it asks for, never by what it uses, and stays; a virtual
machine is moved while it runs, to even out the load (`load_imbalance`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._allocation import (
    MAX_SCORE,
    balanced_allocation,
    fits,
    image_locality,
    least_allocated,
    most_allocated,
)
from virtlearn.core._counts import MOST, counts, flags, switch, within_numbers
from virtlearn.core._requests import allocatable, oom_score_adj, pod_request, qos_class
from virtlearn.core._spread import crowding, spread_allows, topology_spread
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import ShapeMismatch

__all__ = [
    "allocatable",
    "balanced_allocation",
    "crowding",
    "decide",
    "fits",
    "image_locality",
    "least_allocated",
    "load_imbalance",
    "most_allocated",
    "normalise",
    "oom_score_adj",
    "pod_request",
    "qos_class",
    "spread_allows",
    "topology_spread",
]


def normalise(raw: ArrayLike, *, reverse: bool = False) -> Ints:
    """Scale raw scores so that the highest has 100; reversed, so that the lowest raw score is best.

    Parameters
    ----------
    raw : array of whole numbers, shape (..., hosts)
        For taints, the ``PreferNoSchedule`` taints that are not tolerated (reversed); for node
        affinity, the sum of the weights that match.
    reverse : bool

    Returns
    -------
    int array, shape (..., hosts)
        ``100 * raw // highest``, or 100 less it. If all are 0: 0, or 100 when reversed.

    Raises
    ------
    ImpossibleCount
        A score is negative or not whole.

    References
    ----------
    Kubernetes pkg/scheduler/framework/plugins/helper/normalize_score.go.

    Examples
    --------
    One part in a hundred is cut before it is turned round, so 99 and not 98:

    >>> normalise([1000, 10, 19]).tolist(), normalise([1000, 10, 19], reverse=True).tolist()
    ([100, 1, 1], [0, 99, 99])
    """
    score = np.atleast_1d(counts("raw", raw))
    highest = score.max(axis=-1, keepdims=True, initial=0)
    scaled = MAX_SCORE * score // np.maximum(highest, 1)
    return np.asarray(MAX_SCORE - scaled if switch("reverse", reverse) else scaled)


def decide(scores: ArrayLike, weights: ArrayLike, allowed: ArrayLike) -> Ints:
    """Choose the allowed host with the highest sum of weight times score.

    Parameters
    ----------
    scores : array of whole numbers, shape (..., rules, hosts)
        From 0 to 100.
    weights : array of whole numbers, shape (rules,)
        The scheduler's own: taints 3, node affinity 2, spread 2, affinity between pods 2,
        resources 1, balance 1, images 1.
    allowed : bool array, shape (..., hosts)
        Hosts that passed every filter.

    Returns
    -------
    int array, shape (...)
        The host; ties go to the lowest index, where the real scheduler draws.
        -1 where none is allowed.

    Raises
    ------
    ImpossibleCount
        A score is not whole or above 100, a weight negative or not whole, a
        mark neither true nor false.
    ShapeMismatch
        There is not one weight for each rule, or one mark for each host.

    References
    ----------
    PLACE-01: Kubernetes pkg/scheduler/apis/config/v1/default_plugins.go.

    Examples
    --------
    >>> decide([[37, 50], [87, 100]], [1, 1], [True, True]).item()
    1
    >>> decide([[37, 50], [87, 100]], [1, 1], [True, False]).item()
    0
    """
    points = counts("scores", scores, most=MAX_SCORE)
    weight = np.atleast_1d(counts("weights", weights))
    open_ = flags("allowed", allowed)
    if points.ndim < 2 or weight.shape != points.shape[-2:-1]:
        wrong = f"scores has the shape {points.shape} and weights {weight.shape}"
        raise ShapeMismatch(f"{wrong}; give (..., rules, hosts) and (rules,).")
    total = (weight[:, None] * points).sum(axis=-2)
    shape = check.shape("allowed has one entry for each host", scores=total, allowed=open_)
    open_ = np.broadcast_to(open_, shape)
    # A sum is never below 0, so a host that is not allowed loses against any that is.
    if shape[-1] == 0:
        return np.full(shape[:-1], -1, dtype=np.int64)
    best = np.where(open_, total, -int(MOST)).argmax(axis=-1)
    return np.asarray(np.where(open_.any(axis=-1), best, -1))


@within_numbers
def load_imbalance(load: ArrayLike, capacity: ArrayLike) -> Floats:
    """Measure how unevenly hosts are loaded: the standard deviation of load over capacity.

    A balancer of virtual machines moves them until this is small; nothing moves a container.

    Parameters
    ----------
    load, capacity : array, shape (..., hosts)
        What the machines of each host are entitled to, and what the host has, in one unit.

    Returns
    -------
    array, shape (...)
        0 where all hosts are equally loaded.

    Raises
    ------
    ImpossibleAmount
        An amount is negative, infinite or no number, or a capacity is 0.
    ShapeMismatch
        There is no host, or not one entry for each.

    References
    ----------
    PLACE-07.

    Examples
    --------
    >>> load_imbalance([[100, 0], [50, 50]], 100).tolist()
    [0.5, 0.0]
    """
    loads = np.atleast_1d(check.amount("load", load))
    room = check.positive("capacity", capacity)
    if check.shape("one entry for each host", load=loads, capacity=room)[-1] == 0:
        raise ShapeMismatch("load and capacity name no host; give at least one.")
    return np.asarray((loads / room).std(axis=-1))
