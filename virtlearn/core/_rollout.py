"""How copies are replaced by a new version, a few at a time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._counts import counts, within_numbers
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import ImpossibleCount, shown


class Rollout(NamedTuple):
    """What a rolling update does: the fewest copies up, the most at once, and how long it takes.

    Parameters
    ----------
    least_up, most_running : int array, shape (...)
        The fewest copies up, and the most that run at once.
    seconds : array, shape (...)
        How long the update takes [s].
    """

    least_up: Ints
    most_running: Ints
    seconds: Floats


@within_numbers
def rollout(
    copies: ArrayLike,
    *,
    max_surge: ArrayLike,
    max_unavailable: ArrayLike,
    start_s: ArrayLike,
) -> Rollout:
    """Replace all copies by new ones, with at most so many too many and so many missing.

    At any time at most ``copies + max_surge`` run and at least ``copies - max_unavailable`` are up,
    so as many start together as both allow: ``max_surge + max_unavailable`` in each wave. A text as
    "25%" is a part of the copies, rounded up for the surge and down for the missing; where both
    come to 0, one may be missing.

    Parameters
    ----------
    copies : array of whole numbers, shape (...)
    max_surge, max_unavailable : array of whole numbers, shape (...), or a text as "25%"
    start_s : array, shape (...)
        How long a new copy takes until it serves [s].

    Returns
    -------
    Rollout
        How few are up, how many run, and how long it takes.

    Raises
    ------
    ImpossibleCount
        Both are 0, so nothing could ever be replaced; or a text is not a percentage.

    References
    ----------
    Kubernetes pkg/controller/deployment/rolling.go and util/deployment_util.go
    (``ResolveFenceposts``).

    Examples
    --------
    Ten copies by the defaults of a Deployment; containers of 0.2 s and virtual machines of
    60 s differ only in time.

    >>> quarter = {"max_surge": "25%", "max_unavailable": "25%"}
    >>> least, most, seconds = rollout(10, **quarter, start_s=[0.2, 60])
    >>> least.tolist(), most.tolist(), seconds.tolist()
    ([8, 8], [13, 13], [0.4, 120.0])
    """
    n = counts("copies", copies)
    start = check.amount("start_s", start_s)
    surge = _part("max_surge", max_surge, n, round_up=True)
    missing = _part("max_unavailable", max_unavailable, n, round_up=False)
    stuck = (surge == 0) & (missing == 0)
    if stuck.any() and not (isinstance(max_surge, str) or isinstance(max_unavailable, str)):
        wrong = "max_surge and max_unavailable are both 0, so no copy could ever be replaced"
        raise ImpossibleCount(f"{wrong}. Allow one more, or one missing.")
    missing = np.where(stuck, 1, missing)
    given = {"copies": n, "max_surge": surge, "max_unavailable": missing, "start_s": start}
    check.shape("they must broadcast", **given)
    n, surge, missing, start = np.broadcast_arrays(n, surge, missing, start)
    waves = -(-n // (surge + missing))
    # No more new copies start than are wanted in the end, and no more can
    # be missing than there are.
    return Rollout(n - np.minimum(missing, n), n + np.minimum(surge, n), waves * start)


def _part(name: str, value: ArrayLike, n: Ints, *, round_up: bool) -> Ints:
    """Read a count, or a percentage of the copies in whole numbers."""
    if not isinstance(value, str):
        return counts(name, value)
    number, sign, rest = value.partition("%")
    if not number.isdecimal() or sign != "%" or rest:
        raise ImpossibleCount(f'{name} is {shown(value)}; give a whole number, or a text as "25%".')
    percent = int(number)
    return -(-n * percent // 100) if round_up else n * percent // 100
