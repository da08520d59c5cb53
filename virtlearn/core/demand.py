"""How much is asked for at which hour: days that are made up, to try a way of sharing on."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._shapes import one
from virtlearn.core.check import Floats

__all__ = ["day_of_tenants"]

DAY_H = 24
MIDDAY_H = 12
AT_REST_CORES = 0.5  # what a tenant asks for far from its peak
PEAK_LASTS_H = 2  # hours from the peak until the demand above rest has fallen to 1/e


def day_of_tenants(hours: ArrayLike, tenants: int, *, peak_cores: float, apart_h: float) -> Floats:
    """Make up a day: one bell-shaped peak for each tenant, evenly apart around midday.

    No trace stands behind it: it shows what pooling does when peaks come together or apart.

    Parameters
    ----------
    hours : array, shape (h,)
        Hours of the day [h]; 25 is 1 o'clock again.
    tenants : int
        How many there are, at least 1.
    peak_cores : float
        What each tenant asks for at its busiest hour [cores].
    apart_h : float
        Time from one tenant's peak to the next [h].

    Returns
    -------
    array, shape (h, tenants)
        What each tenant asks for [cores].

    Raises
    ------
    ImpossibleAmount
        Where an hour, the peak or the distance is negative, or not finite.
    ImpossibleCount
        Where the tenants are no whole number from 1.
    ShapeMismatch
        Where the peak or the distance is more than one number.

    Examples
    --------
    Two tenants peak at 11 and 13 o'clock; at midday each is one hour from its peak.

    >>> day_of_tenants([11, 12, 13], 2, peak_cores=4.5, apart_h=2).round(2).tolist()
    [[4.5, 1.97], [3.62, 3.62], [1.97, 4.5]]
    """
    at_h = np.atleast_1d(check.amount("hours", hours))
    count = check.whole("tenants", tenants, least=1)
    peak = one("peak_cores", check.amount("peak_cores", peak_cores))
    apart = one("apart_h", check.amount("apart_h", apart_h))
    place = np.arange(count) - (count - 1) / 2
    peaks_h = MIDDAY_H + apart * place
    # The day is a circle: nothing lies further than half of it from a peak.
    half_day_h = DAY_H / 2
    away_h = (at_h[..., None] - peaks_h + half_day_h) % DAY_H - half_day_h
    bell = np.exp(-((away_h / PEAK_LASTS_H) ** 2))
    return np.asarray(AT_REST_CORES + (peak - AT_REST_CORES) * bell)
