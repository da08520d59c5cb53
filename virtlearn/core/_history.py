"""One played history: when each outage begins and ends, and when too few copies are up."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core.check import Floats
from virtlearn.errors import ImpossibleAmount, ImpossibleCount

SPARE = 64  # failures that are drawn beside those to be expected
MOST_OUTAGES = 1_000_000


def between_failures_h(mttr_h: ArrayLike, availability: ArrayLike) -> Floats:
    """Mean time between failures that makes an availability a: mttr * a / (1 - a).

    Parameters
    ----------
    mttr_h : array_like
        Mean time to repair, above 0 [h].
    availability : array_like
        Share of time that it is up.

    Returns
    -------
    ndarray
        Mean time between failures [h]; ``inf`` where it is always up.

    Raises
    ------
    ImpossibleProbability
        Where the availability lies outside 0 to 1.
    ImpossibleAmount
        Where the time is not above 0.

    Examples
    --------
    >>> between_failures_h(5, [0.995, 1]).round(9).tolist()
    [995.0, inf]
    """
    up = check.probability("availability", availability)
    repair, share = check.broadcast(mttr_h=check.positive("mttr_h", mttr_h), availability=up)
    with np.errstate(divide="ignore"):
        return np.asarray(repair * share / (1 - share))


def play_outages(
    mtbf_h: ArrayLike, mttr_h: ArrayLike, *, hours: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Play the failures and repairs of one thing, and say when each outage begins and ends.

    Times up and down are exponential, and the history begins in the steady state: what begins down
    has an outage at hour 0. The same seed gives the same history, stretched where the times change.

    Parameters
    ----------
    mtbf_h : array_like
        Mean time between failures [h]; ``inf`` for what never fails.
    mttr_h : array_like
        Mean time to repair, above 0 [h].
    hours : float
        How long the history lasts [h].
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    begin_h, end_h : ndarray, shape (outages,)
        In order; the last outage ends with the history at the latest [h].

    Raises
    ------
    ImpossibleAmount
        Where a time is negative or no repair takes time, or there would be too many outages.

    Examples
    --------
    >>> rng = np.random.default_rng(4)
    >>> begin_h, end_h = play_outages(995, 5, hours=4000, rng=rng)
    >>> begin_h.round().tolist(), (end_h - begin_h).round(1).tolist()
    ([429.0, 585.0, 1381.0, 2895.0], [16.2, 4.7, 3.1, 3.5])
    """
    up = check.one("mtbf_h", check.amount("mtbf_h", mtbf_h, infinite=True))
    down = check.one("mttr_h", check.positive("mttr_h", mttr_h))
    length = check.one("hours", check.positive("hours", hours))
    some = length / (up + down) + SPARE
    if some > MOST_OUTAGES:
        wrong = f"hours is {length:g}: a history would hold {some:.1e} outages."
        raise ImpossibleAmount(f"{wrong} Use fewer.")
    begins_down = rng.random() < down / (up + down)
    spans = np.zeros((0, 2))
    # However many are drawn in one go, they are the same: so a longer history begins like this one.
    while np.isfinite(up) and spans[1:].sum() < length:
        more = rng.standard_exponential((int(some), 2)) * [up, down]
        spans = np.concatenate([spans, more])
    if begins_down:
        # An exponential time has no memory: what begins down has its whole repair before it.
        spans[:1, 0] = 0.0
    begin, end = np.cumsum(spans).reshape(-1, 2).T
    inside = begin < length
    return begin[inside], np.minimum(end[inside], length)


def too_few_up(
    begin_h: ArrayLike, end_h: ArrayLike, takes: ArrayLike, *, copies: int, need: int
) -> tuple[Floats, Floats]:
    """Say from when to when fewer copies are up than are needed, from the outages of all of them.

    Parameters
    ----------
    begin_h, end_h : array_like, shape (outages,)
        When each outage begins and ends [h].
    takes : array_like of int, shape (outages,)
        How many copies each takes: 1, or all of them where the cause is common.
    copies : int
        How many copies there are.
    need : int
        How many must be up.

    Returns
    -------
    begin_h, end_h : ndarray
        Each spell without enough copies, in order [h].

    Raises
    ------
    ShapeMismatch
        Where beginnings, ends and numbers do not broadcast.
    ImpossibleAmount
        Where a time is negative or not finite.
    ImpossibleCount
        Where a number of copies is no whole number, or more are needed than there are.

    Examples
    --------
    Two copies, one is needed; their outages overlap from hour 4 to hour 5:

    >>> begin_h, end_h = too_few_up([1, 4], [5, 9], [1, 1], copies=2, need=1)
    >>> begin_h.tolist(), end_h.tolist()
    ([4.0], [5.0])
    """
    begin, end, each = check.broadcast(
        begin_h=check.amount("begin_h", begin_h),
        end_h=check.amount("end_h", end_h),
        takes=check.whole_numbers("takes", takes),
    )
    spare = check.whole("copies", copies) - check.whole("need", need)
    if spare < 0:
        wrong = f"need is {need}, but there are only {copies} copies, so there are always too few."
        raise ImpossibleCount(f"{wrong}\nTry need={copies}.")
    change = np.concatenate([each, -each], axis=None)
    hour = np.concatenate([begin, end], axis=None)
    # Where one outage ends as another begins, it begins first: no gap of no length.
    order = np.lexsort((-change, hour))
    hour = hour[order]
    turns = np.diff(np.cumsum(change[order]) > spare, prepend=False)
    begun, over = hour[turns].reshape(-1, 2).T
    lasts = over > begun  # one that began as another ended did not last
    return begun[lasts], over[lasts]
