"""What can be computed from who answered what: arrays of right and wrong, students down, questions across.

Gain is Hake's: what was gained, as a part of what could be gained (R. R. Hake, American Journal of Physics 66, 64, 1998).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Interval", "bootstrap_gain", "difficulty", "discrimination", "gain", "pairs_alike"]

Floats = NDArray[np.float64]
Answers = NDArray[np.bool_]
RESAMPLES = 4000
LEVEL = 0.95
ENOUGH_FOR_ONE_QUESTION = 20


class Interval(NamedTuple):
    """Where a value lies, by what other classes of such students would have shown."""

    low: float
    high: float


def gain(before: float, after: float) -> float:
    """Give the normalized gain, NaN where nothing was left to gain.

    Parameters
    ----------
    before, after : float
        Shares of right answers, of the same students.

    Examples
    --------
    >>> gain(0.2, 0.6)
    0.5
    """
    if before >= 1:
        return float("nan")
    return (after - before) / (1 - before)


def difficulty(right: Answers) -> Floats:
    """Give for each question the share of students who were right, as test theory calls it.

    >>> difficulty(np.array([[True, False], [True, True]])).tolist()
    [1.0, 0.5]
    """
    return np.asarray(right.mean(axis=0), dtype=float)


def _correlation(x: Floats, y: Floats) -> float:
    """Give the correlation of two rows, NaN where one of them never changes."""
    x, y = x - x.mean(), y - y.mean()
    spread = np.sqrt((x * x).sum() * (y * y).sum())
    return float((x * y).sum() / spread) if spread > 0 else float("nan")


def discrimination(right: Answers) -> Floats:
    """Give for each question how well it tells apart: its correlation with how many of the others were right.

    The question itself is left out of the count, or it would correlate with itself.

    >>> two_agree = np.array([[True, True, False], [True, True, True], [False, False, True]])
    >>> discrimination(two_agree).round(2).tolist()
    [0.5, 0.5, -0.5]
    """
    total = right.sum(axis=1)
    found = []
    for column in right.T:
        others = (total - column).astype(float)
        found.append(_correlation(column.astype(float), others))
    return np.array(found)


def pairs_alike(right: Answers, least: float = 0.4) -> list[tuple[int, int, float]]:
    """Give pairs of questions that the same students get right: two places and their correlation, closest first.

    >>> pairs_alike(np.array([[True, True, False], [True, True, True], [False, False, True]]))
    [(0, 1, 1.0)]
    """
    columns = right.T.astype(float)
    found = []
    for first in range(len(columns)):
        for second in range(first + 1, len(columns)):
            alike = _correlation(columns[first], columns[second])
            if alike >= least:
                found.append((first, second, round(alike, 12)))
    return sorted(found, key=lambda pair: -pair[2])


def bootstrap_gain(
    before: Answers, after: Answers, rng: np.random.Generator
) -> tuple[Interval | None, list[Interval | None]]:
    """Say how far the gain would vary in other classes of such students: for all questions together, and for each.

    Students are drawn anew with replacement, before and after together, and the middle 95 % of the gains are kept
    (B. Efron, Annals of Statistics 7, 1, 1979). One fewer is drawn than there are: the spread in a sample is smaller
    than that in the class it stands for, by (n - 1) / n. For a single question in a class of fewer than 20 the
    interval still comes out too narrow in simulations, so there is none.

    Parameters
    ----------
    before, after : array of bool, shape (students, questions)
        Who was right, the same students in the same order.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    tuple of Interval and list of Interval
        None where in more than one class of twenty nothing was left to gain, or where the class is too small.
    """
    students = len(before)
    even = np.full(students, 1 / students)
    draws = students - 1
    drawn = rng.multinomial(draws, even, size=RESAMPLES) / draws
    share_before = drawn @ before
    share_after = drawn @ after
    each: list[Interval | None] = []
    for question in range(before.shape[1]):
        gains = _gains(share_before[:, question], share_after[:, question])
        each.append(_middle(gains) if students >= ENOUGH_FOR_ONE_QUESTION else None)
    together = _middle(_gains(share_before.mean(axis=1), share_after.mean(axis=1)))
    return together, each


def _gains(before: Floats, after: Floats) -> Floats:
    """Give the gain of each class drawn, without those that had nothing to gain."""
    room = 1 - before
    some = room > 1e-9
    return (after[some] - before[some]) / room[some]


def _middle(gains: Floats) -> Interval | None:
    if len(gains) < LEVEL * RESAMPLES:
        return None
    outside = (1 - LEVEL) / 2
    low, high = np.quantile(gains, [outside, 1 - outside])
    return Interval(float(low), float(high))
