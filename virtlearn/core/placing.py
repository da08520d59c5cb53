"""Placement with the decision shown: what a scheduler filters, scores, weighs and chooses.

The rules are those of kube-scheduler, in its own whole numbers: a score that is rounded is a wrong score. A container
is placed once by what it asks for, never by what it uses, and stays; a virtual machine is moved while it runs, to even
out the load (`load_imbalance`).
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
from virtlearn.core._counts import MOST, Bools, counts, flags, switch, within_numbers
from virtlearn.core._requests import allocatable, oom_score_adj, pod_request, qos_class
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


def spread_allows(
    matching: ArrayLike,
    domain: ArrayLike,
    *,
    max_skew: int = 1,
    itself: int = 1,
    least_domains: int = 1,
    counted: ArrayLike = True,
) -> Bools:
    """Say which hosts keep the copies evenly spread over domains, such as zones or hosts.

    A host is allowed if the copies in its domain, with the new one, exceed the fewest in any domain by at most
    ``max_skew``.

    Parameters
    ----------
    matching : array of whole numbers, shape (hosts,)
        Copies on each host that count for the rule.
    domain : int array, shape (hosts,)
        The domain of each host; -1 where it has no label, and such a host is never allowed.
    max_skew : int
        At least 1.
    itself : int
        1 if the new copy counts for its own rule, else 0.
    least_domains : int
        With fewer domains than this the fewest is 0.
    counted : bool array, shape (hosts,)
        Hosts whose copies and domains count.

    Returns
    -------
    bool array, shape (hosts,)
        True for each host that may take the copy.

    Raises
    ------
    ImpossibleCount
        A number is not whole or too small, or ``counted`` neither true nor false.
    ShapeMismatch
        There is not one entry for each host.

    References
    ----------
    Kubernetes pkg/scheduler/framework/plugins/podtopologyspread/filtering.go.

    Examples
    --------
    Domains with 2, 1, 0 and 3 copies: only the empty one may get the next, or the two emptiest at a skew of 2.

    >>> spread_allows([2, 1, 0, 3], [0, 1, 2, 3]).tolist()
    [False, False, True, False]
    >>> spread_allows([2, 1, 0, 3], [0, 1, 2, 3], max_skew=2).tolist()
    [False, True, True, False]
    """
    skew = _one_count("max_skew", max_skew, least=1)
    one_more = _one_count("itself", itself)
    fewest_domains = _one_count("least_domains", least_domains, least=1)
    match, label, counts_here = _read_domains(matching, domain, "counted", counted, axes=1)
    eligible = counts_here & (label >= 0)
    names = _domains(label[eligible])
    if names.size == 0:
        return (label >= 0) & (one_more <= skew)
    copies = _copies_by_domain(match, label, eligible)
    fewest = 0 if names.size < fewest_domains else int(copies[names].min())
    here = copies[np.maximum(label, 0)]
    return (label >= 0) & (here + one_more - fewest <= skew)


def _one_count(name: str, value: ArrayLike, *, least: int = 0) -> int:
    """Take one whole number."""
    n = check.whole(name, value, least=least)
    return int(counts(name, n, least=least))


def _read_domains(
    matching: ArrayLike, domain: ArrayLike, name: str, mark: ArrayLike, *, axes: int
) -> tuple[Ints, Ints, Bools]:
    """Check copies, domains and one mark for each host, and line them up on so many axes."""
    match = counts("matching", matching)
    label = counts("domain", domain, least=-1)
    marked = flags(name, mark)
    given = {"matching": match, "domain": label, name: marked}
    shape = check.shape("one entry for each host", **given)
    if axes == 2 and len(shape) == 1:
        shape = (1, *shape)  # one constraint
    if len(shape) != axes:
        what = "(hosts,)" if axes == 1 else "(constraints, hosts)"
        raise ShapeMismatch(f"matching and domain line up to the shape {shape}; give {what}.")
    match, label = np.broadcast_to(match, shape), np.broadcast_to(label, shape)
    if label.max(initial=0) > label.size:
        # Domains are names: renumbered, so that a name of a million needs no table of a million.
        names, numbers = np.unique(label, return_inverse=True)
        label = numbers.reshape(shape) - int(names[0] == -1)
    return match, label, np.broadcast_to(marked, shape)


def _domains(label: Ints) -> Ints:
    """Name each domain once; counting is faster than sorting where names are small numbers."""
    return np.flatnonzero(np.bincount(label))


def _copies_by_domain(match: Ints, label: Ints, eligible: Bools) -> Ints:
    """Add up the copies of each domain, over eligible hosts."""
    domains = int(label.max(initial=0)) + 1
    total = np.zeros(domains, dtype=np.int64)
    np.add.at(total, label[eligible], match[eligible])
    return total


def topology_spread(
    matching: ArrayLike,
    domain: ArrayLike,
    *,
    max_skew: ArrayLike = 1,
    candidate: ArrayLike = True,
    counted: ArrayLike = True,
) -> Ints:
    """Score hosts by how few copies their domains have, over several constraints.

    The raw score is that of `crowding`; then ``100 * (most + least - raw) // most``, and 100 for all if ``most`` is 0.

    Parameters
    ----------
    matching, domain : int array, shape (constraints, hosts)
        Copies that match on each host, and the domain of each host, -1 without a label.
    max_skew : array of whole numbers, shape (constraints,)
    candidate : bool array, shape (hosts,)
        Hosts that passed the filters; the number of domains is theirs, and others score 0.
    counted : bool array, shape (hosts,) or (constraints, hosts)
        Hosts whose copies count, among those with all labels.

    Returns
    -------
    int array, shape (hosts,)
        From 0 to 100; 0 for a host that is no candidate or lacks a label.

    Raises
    ------
    ImpossibleCount
        A number is not whole or too small, or a mark neither true nor false.
    ShapeMismatch
        There is not one entry for each host, or for each constraint.

    References
    ----------
    Kubernetes pkg/scheduler/framework/plugins/podtopologyspread/scoring.go.

    Examples
    --------
    >>> topology_spread([[2, 1, 0, 3]], [[0, 1, 2, 3]]).tolist()
    [20, 60, 100, 0]
    """
    raw, in_play = _crowding(matching, domain, max_skew, candidate, counted)
    return _fewest_first(raw, in_play)


def crowding(
    matching: ArrayLike,
    domain: ArrayLike,
    *,
    max_skew: ArrayLike = 1,
    candidate: ArrayLike = True,
    counted: ArrayLike = True,
) -> Ints:
    """Say how crowded the domains of each host are: the raw score of `topology_spread`, the fewer the better.

    It is the sum over constraints of ``copies in the domain * ln(domains + 2) + max_skew - 1``, rounded half up. The
    logarithm lets a constraint of many small domains, such as hosts, count beside one of few, such as zones.

    Parameters
    ----------
    matching, domain, max_skew, candidate, counted
        As for `topology_spread`.

    Returns
    -------
    int array, shape (hosts,)

    Raises
    ------
    ImpossibleCount, ShapeMismatch

    References
    ----------
    Kubernetes pkg/scheduler/framework/plugins/podtopologyspread/scoring.go, ``scoreForCount``.

    Examples
    --------
    By hand: ln(4 + 2) is 1.79, so two copies count 3.58.

    >>> crowding([[2, 1, 0, 3]], [[0, 1, 2, 3]]).tolist()
    [4, 2, 0, 5]
    """
    return _crowding(matching, domain, max_skew, candidate, counted)[0]


def _crowding(
    matching: ArrayLike,
    domain: ArrayLike,
    max_skew: ArrayLike,
    candidate: ArrayLike,
    counted: ArrayLike,
) -> tuple[Ints, Bools]:
    """Give the raw score, and the hosts that are compared by it."""
    match, label, counts_here = _read_domains(matching, domain, "counted", counted, axes=2)
    allowed_skew = counts("max_skew", max_skew, least=1).astype(np.float64)
    skew = check.each("max_skew", allowed_skew, len(match), "constraints")
    labelled = (label >= 0).all(axis=0)
    passed = flags("candidate", candidate).astype(np.float64)
    in_play = (check.each("candidate", passed, labelled.size, "hosts") == 1) & labelled
    raw = np.zeros(match.shape[1])
    for copies, where, here, allowed in zip(match, label, counts_here, skew, strict=True):
        domains = _domains(where[in_play]).size
        total = _copies_by_domain(copies, where, here & labelled)
        raw += total[np.maximum(where, 0)] * np.log(domains + 2) + (allowed - 1)
    return _half_up(raw), in_play


def _half_up(x: Floats) -> Ints:
    """Round to whole numbers, a half upwards; adding a half first would round 0.49999999999999994 up."""
    whole = np.floor(x)
    return np.asarray(whole + (x - whole >= 0.5)).astype(np.int64)


def _fewest_first(raw: Ints, in_play: Bools) -> Ints:
    """Turn raw scores round, so that the least crowded host in play has 100."""
    if not in_play.any():
        return np.zeros_like(raw)
    most = int(raw[in_play].max())
    least = int(raw[in_play].min())
    score = np.full_like(raw, MAX_SCORE)
    if most > 0:
        score = MAX_SCORE * (most + least - raw) // most
    return np.where(in_play, score, 0)


def normalise(raw: ArrayLike, *, reverse: bool = False) -> Ints:
    """Scale raw scores so that the highest has 100; reversed, so that the lowest raw score is best.

    Parameters
    ----------
    raw : array of whole numbers, shape (..., hosts)
        For taints, the ``PreferNoSchedule`` taints that are not tolerated (reversed); for node affinity, the sum of
        the weights that match.
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
        The scheduler's own: taints 3, node affinity 2, spread 2, affinity between pods 2, resources 1, balance 1,
        images 1.
    allowed : bool array, shape (..., hosts)
        Hosts that passed every filter.

    Returns
    -------
    int array, shape (...)
        The host; ties go to the lowest index, where the real scheduler draws. -1 where none is allowed.

    Raises
    ------
    ImpossibleCount
        A score is not whole or above 100, a weight negative or not whole, a mark neither true nor false.
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
