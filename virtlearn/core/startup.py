"""Starting: phases add up, copies queue, and a crossing is paid each time it is made."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core.check import Floats
from virtlearn.errors import ImpossibleAmount, ImpossibleCount, ShapeMismatch, shown

__all__ = ["ready_s", "sample_ready_s", "time_per_operation_s"]


def ready_s(
    phases_s: ArrayLike, *, copies: int = 1, parallel: int = 1, once_s: ArrayLike = 0.0
) -> Floats:
    """When each copy answers: ``once_s``, then waves of ``parallel``, each the sum of the phases.

    Parameters
    ----------
    phases_s : array_like, shape (..., phases)
        Seconds of each phase of one start [s].
    copies, parallel : int
        How many start, and how many at a time.
    once_s : array_like, shape (...)
        What happens once before the first, such as fetching an image [s].

    Returns
    -------
    ndarray, shape (..., copies)
        Seconds until each copy answers [s].

    Raises
    ------
    ImpossibleAmount
        Where a time is negative or not finite.
    ImpossibleCount
        Where a count is not whole, or ``parallel`` is 0.
    ShapeMismatch
        Where there is not one ``once_s`` for each row of phases.

    Examples
    --------
    Five copies of 2 + 1 s, two at a time, after 10 s of fetching:

    >>> ready_s([2, 1], copies=5, parallel=2, once_s=10).tolist()
    [13.0, 13.0, 16.0, 16.0, 19.0]
    """
    one = np.atleast_1d(check.amount("phases_s", phases_s)).sum(axis=-1)
    once = check.amount("once_s", once_s)
    n = check.whole("copies", copies, most=10**7)
    at_once = check.whole("parallel", parallel, least=1)
    check.shape("once_s has one number for each row of phases_s", phases_s=one, once_s=once)
    # All copies take equally long, so they start and end in waves.
    wave = np.arange(n) // at_once + 1
    return np.asarray(once[..., None] + one[..., None] * wave)


def sample_ready_s(
    median_s: ArrayLike, p99_s: ArrayLike, size: int | tuple[int, ...], rng: Generator
) -> Floats:
    """Draw start times from the log-normal distribution that has two published quantiles.

    Parameters
    ----------
    median_s, p99_s : array_like
        Half of all starts take at most the first, 99 of 100 at most the second [s].
    size : int or tuple of int
        How many to draw; the quantiles broadcast to it.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    ndarray, shape ``size``
        Start times [s].

    Raises
    ------
    ImpossibleAmount
        Where a quantile is not positive, or the 99th percentile below the median.
    ImpossibleCount
        Where ``size`` is no shape.
    ShapeMismatch
        Where the quantiles do not broadcast to ``size``.

    Examples
    --------
    >>> starts = sample_ready_s(0.2059, 0.2473, 100_000, np.random.default_rng(1))  # BOOT-10
    >>> np.quantile(starts, [0.5, 0.99]).round(3).tolist()
    [0.206, 0.247]
    """
    middle, high = check.broadcast(
        median_s=check.positive("median_s", median_s),
        p99_s=check.positive("p99_s", p99_s),
    )
    if (high < middle).any():
        wrong = f"p99_s is {p99_s!r} but median_s is {median_s!r}"
        raise ImpossibleAmount(f"{wrong}; the 99th percentile is never below the median.")
    # The logarithm of a start time is normal, so its two quantiles are a
    # straight line of normal ones.
    spread = np.log(high / middle) / NormalDist().inv_cdf(0.99)
    try:
        drawn = np.asarray(rng.standard_normal(size))
    except (TypeError, ValueError, MemoryError):
        raise ImpossibleCount(
            f"size is {shown(size)}; it must be a whole number of at least 0, or several."
        ) from None
    if check.shape("the quantiles broadcast to size", quantiles=middle, size=drawn) != drawn.shape:
        raise ShapeMismatch(
            f"size is {shown(size)}, too few for {middle.shape} quantiles; add an axis to size."
        )
    return np.asarray(middle * np.exp(spread * drawn))


def time_per_operation_s(base_s: ArrayLike, crossings: ArrayLike, crossing_s: ArrayLike) -> Floats:
    """Time of an operation that crosses a boundary: its own work, and each crossing once more.

    Pure computing crosses none, so it costs the same everywhere.

    Parameters
    ----------
    base_s, crossings, crossing_s : array_like
        Time without a boundary [s], crossings of one operation, and the price of
        one [s]; they broadcast.

    Returns
    -------
    ndarray
        Time of one operation [s], with the shape that all three broadcast to.

    Raises
    ------
    ImpossibleAmount
        Where one is negative or not finite.
    ShapeMismatch
        Where they do not broadcast.

    Examples
    --------
    A round trip of 37.58 us that pays two crossings of 15.18 us (PERF-09):

    >>> (time_per_operation_s(37.58e-6, 2, 15.18e-6) * 1e6).round(2).item()
    67.94
    """
    base, times, price = check.broadcast(
        base_s=check.amount("base_s", base_s),
        crossings=check.amount("crossings", crossings),
        crossing_s=check.amount("crossing_s", crossing_s),
    )
    return np.asarray(base + times * price)
