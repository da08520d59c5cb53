"""One played history: when each outage begins and ends, and when too few copies are up."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core.check import Floats
from virtlearn.errors import ImpossibleAmount, ShapeMismatch

AT_ONCE = 64  # failures that are drawn in one go
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
        Mean time to repair [h]; not both are 0.
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
        Where a time is negative, both are 0, or there would be too many outages to hold.

    Examples
    --------
    >>> rng = np.random.default_rng(4)
    >>> begin_h, end_h = play_outages(995, 5, hours=4000, rng=rng)
    >>> begin_h.round().tolist(), (end_h - begin_h).round(1).tolist()
    ([429.0, 585.0, 1381.0, 2895.0], [16.2, 4.7, 3.1, 3.5])
    """
    up = check.one("mtbf_h", check.amount("mtbf_h", mtbf_h, infinite=True))
    down = check.one("mttr_h", check.amount("mttr_h", mttr_h))
    length = check.one("hours", check.positive("hours", hours))
    if up + down == 0:
        raise ImpossibleAmount("mtbf_h and mttr_h are both 0; nothing fails or is repaired then.")
    if length > MOST_OUTAGES * (up + down):
        wrong = f"hours is {length:g}: a history would hold {length / (up + down):.1e} outages."
        raise ImpossibleAmount(f"{wrong} Use fewer.")
    begins_down = rng.random() < down / (up + down)
    begin: list[Floats] = []
    end: list[Floats] = []
    now = 0.0
    while now < length and down and np.isfinite(up):
        spans = rng.standard_exponential((AT_ONCE, 2)) * [up, down]
        # An exponential time has no memory: what begins down has its whole repair before it.
        if begins_down and not begin:
            spans[0, 0] = 0.0
        repaired = now + np.cumsum(spans.sum(axis=1))
        begin.append(repaired - spans[:, 1])
        end.append(repaired)
        now = float(repaired[-1])
    if not begin:
        return np.zeros(0), np.zeros(0)
    begins = np.maximum(np.concatenate(begin), 0.0)  # rounding may take a hair away
    ends = np.minimum(np.concatenate(end), length)
    inside = begins < length
    return begins[inside], ends[inside]


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
        Where there is not one beginning, end and number for each outage.
    ImpossibleAmount
        Where a time is negative or not finite.
    ImpossibleCount
        Where a number of copies is no whole number.

    Examples
    --------
    Two copies, one is needed; their outages overlap from hour 4 to hour 5:

    >>> begin_h, end_h = too_few_up([1, 4], [5, 9], [1, 1], copies=2, need=1)
    >>> begin_h.tolist(), end_h.tolist()
    ([4.0], [5.0])
    """
    begins = np.atleast_1d(check.amount("begin_h", begin_h))
    ends = np.atleast_1d(check.amount("end_h", end_h))
    each = np.atleast_1d(check.whole_numbers("takes", takes))
    if not begins.shape == ends.shape == each.shape:
        raise ShapeMismatch(
            f"begin_h, end_h and takes have {begins.size}, {ends.size} and {each.size} entries.\n"
            "Give one of each for every outage."
        )
    spare = check.whole("copies", copies) - check.whole("need", need)
    hour = np.concatenate([begins, ends])
    change = np.concatenate([each, -each])
    # Where one outage ends as another begins, it begins first: no gap of no length.
    order = np.lexsort((-change, hour))
    hour = hour[order]
    dark = np.cumsum(change[order]) > spare
    before = np.concatenate([[False], dark[:-1]]) if dark.size else dark
    begun = hour[dark & ~before]
    over = hour[~dark & before]
    lasts = over > begun  # one that began as another ended did not last
    return begun[lasts], over[lasts]
