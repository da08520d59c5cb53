"""What running costs in money: whole rented machines, or copies metered by what they ask for."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._counts import counts, within_numbers
from virtlearn.core.check import ROUNDING, Floats
from virtlearn.errors import DoesNotFit, ImpossibleAmount

__all__ = ["metered_usd_h", "rented_usd_h"]


@within_numbers
def rented_usd_h(
    copies: ArrayLike,
    *,
    copy_cores: ArrayLike,
    copy_gib: ArrayLike,
    vm_cores: ArrayLike,
    vm_gib: ArrayLike,
    vm_usd_h: ArrayLike,
    vm_lost_gib: ArrayLike = 0.0,
) -> Floats:
    """Price copies on rented machines, whole ones: each holds as many as both resources allow.

    Parameters
    ----------
    copies : array of whole numbers
    copy_cores, copy_gib : array
        What each copy asks for [cores, GiB]; not both 0.
    vm_cores, vm_gib, vm_usd_h : array
        What each machine has [cores, GiB], and its price [USD/h].
    vm_lost_gib : array
        What each machine keeps for its own system [GiB].

    Returns
    -------
    array
        [USD/h]

    Raises
    ------
    DoesNotFit
        Not one copy fits into a machine.
    ImpossibleAmount
        An amount is negative, infinite or no number, or a copy asks for neither cores nor memory.
    ImpossibleCount
        ``copies`` is not whole, or negative.
    ShapeMismatch
        The shapes do not fit together.

    Examples
    --------
    Four copies of half a core fill a machine of two cores, whatever memory is left;
    the 41st rents one more.

    >>> price = {"copy_cores": 0.5, "copy_gib": 1, "vm_cores": 2, "vm_gib": 8, "vm_usd_h": 0.1}
    >>> rented_usd_h([40, 41], **price).round(6).tolist()
    [1.0, 1.1]
    """
    n = counts("copies", copies)
    cores = check.amount("copy_cores", copy_cores)
    gib = check.amount("copy_gib", copy_gib)
    has_cores = check.amount("vm_cores", vm_cores)
    has_gib = check.amount("vm_gib", vm_gib)
    price = check.amount("vm_usd_h", vm_usd_h)
    lost = check.amount("vm_lost_gib", vm_lost_gib)
    given = {"copies": n, "copy_cores": cores, "copy_gib": gib, "vm_cores": has_cores}
    check.shape("they must broadcast", vm_gib=has_gib, vm_usd_h=price, vm_lost_gib=lost, **given)
    if ((cores == 0) & (gib == 0)).any():
        wrong = "copy_cores and copy_gib are both 0, so one machine holds any number"
        raise ImpossibleAmount(f"{wrong}. Give one of them a size.")
    by_cores = _whole_parts(has_cores, cores)
    by_gib = _whole_parts(np.maximum(has_gib - lost, 0.0), gib)
    each = np.minimum(by_cores, by_gib)
    if (each == 0).any():
        wrong = "Not one copy fits into a machine beside its own system"
        raise DoesNotFit(f"{wrong}.\nRent a larger machine, or make the copy smaller.")
    return np.asarray(np.ceil(n / each) * price)


def _whole_parts(room: Floats, part: Floats) -> Floats:
    """Count the whole parts that fit; 0.3 / 0.1 falls just below 3 and is 3. No part, no bound."""
    fit = np.floor(room / np.where(part > 0, part, 1.0) * (1 + ROUNDING))
    return np.where(part > 0, fit, np.inf)


@within_numbers
def metered_usd_h(
    copies: ArrayLike,
    *,
    copy_cores: ArrayLike,
    copy_gib: ArrayLike,
    core_usd_h: ArrayLike,
    gib_usd_h: ArrayLike,
) -> Floats:
    """Price copies by what each asks for, without machines; it is paid whether used or not.

    Parameters
    ----------
    copies : array of whole numbers
    copy_cores, copy_gib : array
        What each copy asks for [cores, GiB].
    core_usd_h, gib_usd_h : array
        The price of a core and of a GiB [USD/h].

    Returns
    -------
    array
        [USD/h]

    Raises
    ------
    ImpossibleAmount
        An amount is negative, infinite or no number.
    ImpossibleCount
        ``copies`` is not whole, or negative.
    ShapeMismatch
        The shapes do not fit together.

    References
    ----------
    COST-01, COST-04.

    Examples
    --------
    A core and 4 GiB at the prices of COST-01:

    >>> price = {"core_usd_h": 0.04048, "gib_usd_h": 0.004445}
    >>> metered_usd_h(1, copy_cores=1, copy_gib=4, **price).round(6).item()
    0.05826
    """
    n = counts("copies", copies)
    cores = check.amount("copy_cores", copy_cores)
    gib = check.amount("copy_gib", copy_gib)
    core_price = check.amount("core_usd_h", core_usd_h)
    gib_price = check.amount("gib_usd_h", gib_usd_h)
    given = {"copies": n, "copy_cores": cores, "copy_gib": gib, "core_usd_h": core_price}
    check.shape("they must broadcast", gib_usd_h=gib_price, **given)
    return np.asarray(n * (cores * core_price + gib * gib_price))
