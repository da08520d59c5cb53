"""Copies evenly over zones or other domains: which hosts keep them even, which are emptiest."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._allocation import MAX_SCORE
from virtlearn.core._counts import Bools, counts, flags
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import ShapeMismatch


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

    A host is allowed if the copies in its domain, with the new one, exceed the fewest in any domain
    by at most ``max_skew``.

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
    Domains with 2, 1, 0 and 3 copies: only the empty one may get the next, or the two
    emptiest at a skew of 2.

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

    The raw score is that of `crowding`; then ``100 * (most + least - raw) // most``, and 100
    for all if ``most`` is 0.

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
    """Say how crowded each host's domains are: the raw score of `topology_spread`, lower is better.

    It is the sum over constraints of ``copies in the domain * ln(domains + 2) + max_skew - 1``,
    rounded half up. The logarithm lets a constraint of many small domains, such as hosts, count
    beside one of few, such as zones.

    Parameters
    ----------
    matching, domain, max_skew, candidate, counted
        As for `topology_spread`.

    Returns
    -------
    int array, shape (hosts,)
        0 or more, one for each host.

    Raises
    ------
    ImpossibleCount
        A number is not whole or too small, or a mark neither true nor false.
    ShapeMismatch
        There is not one entry for each host, or for each constraint.

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
    """Round to whole numbers, halves up; adding a half first would round 0.49999999999999994 up."""
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
