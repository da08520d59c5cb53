"""Failure: a copy is up if everything it stands in is up; what they share, they lose together."""

from __future__ import annotations

import heapq
from concurrent.futures import Executor

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core import tree as walks
from virtlearn.core._history import between_failures_h, play_outages, too_few_up
from virtlearn.core._outages import Chunk, chunk_of_trials, outages
from virtlearn.core.check import Floats
from virtlearn.errors import ImpossibleAmount, ImpossibleProbability

__all__ = [
    "at_least_up",
    "availability",
    "beta_factor",
    "between_failures_h",
    "copies_up_pmf",
    "downtime_min_per_month",
    "play_outages",
    "repair_h",
    "simulate_outages",
    "too_few_up",
]

HOURS_PER_MONTH = 730
# The distribution of a leaf's copies: one, for certain, while its path is up.
ONE_COPY = np.array([0.0, 1.0])


def availability(mtbf_h: ArrayLike, mttr_h: ArrayLike) -> Floats:
    """Share of time that something is up: mtbf / (mtbf + mttr).

    Parameters
    ----------
    mtbf_h, mttr_h : array_like
        Mean time between failures and mean time to repair [h]; they broadcast, and not both are 0.

    Returns
    -------
    ndarray
        From 0 to 1, with the shape that both broadcast to.

    Raises
    ------
    ImpossibleAmount
        Where one is negative or not finite, or both are 0.
    ShapeMismatch
        Where they do not broadcast.

    Examples
    --------
    >>> availability(995, 5).item()
    0.995
    """
    up, down = check.broadcast(
        mtbf_h=check.amount("mtbf_h", mtbf_h), mttr_h=check.amount("mttr_h", mttr_h)
    )
    if (up + down == 0).any():
        raise ImpossibleAmount(
            "mtbf_h and mttr_h are both 0; what is neither up nor down has no availability."
        )
    return np.asarray(up / (up + down))


def repair_h(mtbf_h: ArrayLike, availability: ArrayLike) -> Floats:
    """Mean time to repair that makes an availability a: mtbf * (1 - a) / a (see `availability`).

    Parameters
    ----------
    mtbf_h : array_like
        Mean time between failures [h].
    availability : array_like
        Share of time that it is up, above 0.

    Returns
    -------
    ndarray
        Mean time to repair [h], with the shape that both broadcast to.

    Raises
    ------
    ImpossibleProbability
        Where the availability lies outside 0 to 1, or is 0: no repair takes forever.
    ImpossibleAmount
        Where the time is negative or not finite.
    ShapeMismatch
        Where they do not broadcast.

    Examples
    --------
    >>> round(repair_h(995, 0.995).item(), 9)
    5.0
    """
    up = check.probability("availability", availability)
    rule = "what is never up has no mean time to repair"
    check.require("availability", up, up > 0, rule, ImpossibleProbability)
    between, share = check.broadcast(mtbf_h=check.amount("mtbf_h", mtbf_h), availability=up)
    return np.asarray(between * (1 - share) / share)


def downtime_min_per_month(availability: ArrayLike) -> Floats:
    """Minutes down in a month of 730 hours.

    Parameters
    ----------
    availability : array_like
        Share of time that it is up.

    Returns
    -------
    ndarray
        Minutes down in a month [min].

    Raises
    ------
    ImpossibleProbability
        Where it lies outside 0 to 1.

    Examples
    --------
    >>> downtime_min_per_month([0.995, 0.999]).round(1).tolist()
    [219.0, 43.8]
    """
    return np.asarray((1 - check.probability("availability", availability)) * HOURS_PER_MONTH * 60)


def beta_factor(availability: ArrayLike, beta: float) -> tuple[Floats, float]:
    """Split the failures of equal copies into those of one copy and those that take all at once.

    The common part of each copy's unavailability is ``beta``: a bad update, one power supply. The
    rest stays the copy's own.

    Parameters
    ----------
    availability : array_like
        Share of time that each copy is up, all causes together.
    beta : float
        The fraction of its failures that takes all copies.

    Returns
    -------
    availability : ndarray
        Share of time that each copy is up as far as its own causes go.
    common_cause : float
        Probability that the common cause takes all copies, by the least available
        one, for `copies_up_pmf`.

    Raises
    ------
    ImpossibleProbability
        Where one of them lies outside 0 to 1.

    References
    ----------
    K. N. Fleming, "A Reliability Model for Common Mode Failures in Redundant Safety Systems",
    General Atomic GA-A13284, 1975.

    Examples
    --------
    Two servers of 99.5 %, and 1 failure in 100 takes both:

    >>> own, common = beta_factor([0.995, 0.995], beta=0.01)
    >>> round(own[0].item(), 5), round(common, 7)
    (0.99505, 5e-05)
    """
    down = 1 - check.probability("availability", availability)
    share = check.one("beta", check.probability("beta", beta))
    return np.asarray(1 - (1 - share) * down), float(share * down.max(initial=0.0))


def _fold(pmfs: list[Floats]) -> Floats:
    """Distribution of the sum of independent counts; short ones first keep the work small."""
    heap = [(len(pmf), i, pmf) for i, pmf in enumerate(pmfs)]
    heapq.heapify(heap)
    while len(heap) > 1:
        (_, i, a), (_, _, b) = heapq.heappop(heap), heapq.heappop(heap)
        both = np.convolve(a, b)
        heapq.heappush(heap, (len(both), i, both))
    return heap[0][2]


def copies_up_pmf(
    parent: ArrayLike, availability: ArrayLike, *, common_cause: float = 0.0
) -> Floats:
    """Probability that exactly 0, 1, 2, … leaf copies are up: a leaf is up if its whole path is.

    At each node the distributions of its children are folded; the node itself
    being down moves all to 0.

    Parameters
    ----------
    parent : array_like of int, shape (n,)
        The tree.
    availability : array_like, shape (n,)
        Share of time that each node is up while what carries it is.
    common_cause : float
        Probability that one cause takes all copies, whatever the tree.

    Returns
    -------
    ndarray, shape (leaves + 1,)
        Exact, and sums to one.

    Raises
    ------
    NotATree
        Where ``parent`` is no tree.
    ImpossibleProbability
        Where a probability lies outside 0 to 1.
    ShapeMismatch
        Where there is not one availability for each node.

    Examples
    --------
    Two servers of 99.5 % each; one is enough. Then 1 failure in 100 takes both
    (beta factor, EVIDENCE 3.7):

    >>> pmf = copies_up_pmf([-1, 0, 0], [1, 0.995, 0.995])
    >>> downtime_min_per_month(at_least_up(pmf, 1)).round(2).item()
    1.09
    >>> alone = 1 - 0.99 * 0.005
    >>> common = 0.01 * 0.005
    >>> both = copies_up_pmf([-1, 0, 0], [1, alone, alone], common_cause=common)
    >>> downtime_min_per_month(at_least_up(both, 1)).round(1).item()
    3.3
    """
    tree = check.tree(parent)
    up = check.each(
        "availability", check.probability("availability", availability), tree.size, "nodes"
    )
    shared = check.one("common_cause", check.probability("common_cause", common_cause))
    below: list[list[Floats]] = [[] for _ in range(tree.size)]
    pmf = np.ones(1)
    for i in range(tree.size - 1, -1, -1):
        alive = _fold(below[i]) if below[i] else ONE_COPY
        pmf = alive * up[i]
        pmf[0] += 1 - up[i]
        below[i] = []
        if i:
            below[tree[i]].append(pmf)
    pmf = pmf * (1 - shared)
    pmf[0] += shared
    return pmf


def at_least_up(pmf: ArrayLike, k: int) -> Floats:
    """Probability that at least k copies are up.

    Parameters
    ----------
    pmf : array_like, shape (..., copies + 1)
        As `copies_up_pmf` gives it.
    k : int
        How many are needed.

    Returns
    -------
    ndarray, shape (...)
        From 0 to 1.

    Raises
    ------
    ImpossibleCount
        Where ``k`` is no whole number.
    ImpossibleProbability
        Where ``pmf`` holds something outside 0 to 1.

    Examples
    --------
    >>> at_least_up([0.125, 0.25, 0.625], 1).item()
    0.875
    """
    p = np.atleast_1d(check.probability("pmf", pmf))
    least = check.whole("k", k)
    return np.asarray(np.minimum(p[..., least:].sum(axis=-1), 1.0))  # rounding may add a hair


def simulate_outages(
    parent: ArrayLike,
    mtbf_h: ArrayLike,
    mttr_h: ArrayLike,
    *,
    hours: float,
    trials: int,
    rng: np.random.Generator,
    common_cause: float = 0.0,
    executor: Executor | None = None,
) -> tuple[Floats, Floats]:
    """Play failures and repairs, and measure the share of time with exactly k copies up.

    Times up and down are exponential, and a trial starts in the steady state. Trials run in chunks
    of bounded memory, each with a seed of its own, so the same seed gives the same answer however
    many workers share them.

    Parameters
    ----------
    parent : array_like of int, shape (n,)
        The tree.
    mtbf_h, mttr_h : array_like, shape (n,)
        Mean times to fail and to repair of each node [h]; not both 0.
    hours : float
        How long one trial lasts [h].
    trials : int
        How often it is tried.
    rng : numpy.random.Generator
        Where chance comes from.
    common_cause : float
        As for `copies_up_pmf`: a trial is dark from end to end with this probability.
    executor : concurrent.futures.Executor, optional
        Runs the chunks: a thread or process pool, or a Dask client's ``get_executor()``.

    Returns
    -------
    pmf, standard_error : ndarray, shape (leaves + 1,)
        The mean share of time over the trials, and its standard error.

    Raises
    ------
    NotATree
        Where ``parent`` is no tree.
    ImpossibleAmount
        Where a time is negative or not finite, or a trial too long to hold.
    ImpossibleCount
        Where ``trials`` is no whole number of at least 1.

    Examples
    --------
    >>> times = {"mtbf_h": [1e9, 95, 95], "mttr_h": [0, 5, 5], "hours": 1000}
    >>> rng = np.random.default_rng(2)
    >>> pmf, error = simulate_outages([-1, 0, 0], **times, trials=400, rng=rng)
    >>> bool(np.all(abs(pmf - [0.0025, 0.095, 0.9025]) < 4 * error))
    True

    Two processes share the work, and the answer stays the same:

    >>> from concurrent.futures import ProcessPoolExecutor
    >>> from multiprocessing import get_context
    >>> def play(pool):
    ...     rng = np.random.default_rng(3)
    ...     run = {"hours": 1000, "trials": 9000, "rng": rng, "executor": pool}
    ...     return simulate_outages([-1, 0, 0], 95, 5, **run)[0]
    >>> with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
    ...     np.array_equal(play(pool), play(None))
    True
    """
    tree = check.tree(parent)
    up = check.each("mtbf_h", check.amount("mtbf_h", mtbf_h), tree.size, "nodes")
    down = check.each("mttr_h", check.amount("mttr_h", mttr_h), tree.size, "nodes")
    availability(up, down)  # refuses what is neither up nor down
    length = check.one("hours", check.positive("hours", hours))
    n = check.whole("trials", trials, least=1)
    shared = check.one("common_cause", check.probability("common_cause", common_cause))
    size = chunk_of_trials(tree, up, down, length)
    entropy = rng.integers(2**32, size=8).tolist()
    chunks: list[Chunk] = []
    for begin in range(0, n, size):
        # A seed of its own for each chunk: the answer does not depend on who runs which.
        seed = np.random.SeedSequence(entropy, spawn_key=(len(chunks),))
        chunks.append((tree, up, down, length, min(size, n - begin), shared, seed))
    played = executor.map(outages, chunks) if executor else map(outages, chunks)
    total, squares = np.zeros((2, walks.leaves(tree).size + 1))
    for one, square in played:
        total += one
        squares += square
    mean = np.minimum(total / n, 1.0)  # rounding may add a hair
    variance = np.maximum(squares / n - mean**2, 0.0) * n / max(n - 1, 1)
    return mean, np.sqrt(variance / n)
