"""Where the memory goes: what copies cost, what is taken back when it runs short, who dies when it runs out.

Amounts are in MiB and broadcast. Everything impossible is refused: amounts that are negative or never end
(`ImpossibleAmount`), half copies (`ImpossibleCount`), fractions outside 0 to 1 (`ImpossibleProbability`), shapes
that do not line up (`ShapeMismatch`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._fill import fill_rows
from virtlearn.core.check import ROUNDING, Floats, Ints, line_up
from virtlearn.errors import CannotReclaim, ImpossibleAmount, NobodyToKill, ShapeMismatch

__all__ = [
    "footprint_mib",
    "guest_kernel_mib",
    "max_copies",
    "oom_kill_order",
    "page_sharing_mib",
    "reclaim",
]


def guest_kernel_mib(ram_mib: ArrayLike) -> Floats:
    """Estimate what a small Linux guest's kernel keeps of its memory: ``13.9 + RAM / 64``.

    Parameters
    ----------
    ram_mib : array
        What the guest is given [MiB].

    Examples
    --------
    >>> guest_kernel_mib([128, 2048]).round(1).tolist()
    [15.9, 45.9]

    References
    ----------
    Fitted to MEM-06, guests of 128 MiB to 2 GiB: a 64-byte record for each page of 4 KiB makes 1/64.
    """
    return np.asarray(13.9 + check.amount("ram_mib", ram_mib) / 64)


def footprint_mib(
    copies: ArrayLike, app_mib: ArrayLike, per_copy_mib: ArrayLike, shared_mib: ArrayLike
) -> Floats:
    """Add up what copies take: what they share once, and the application and its layers for each.

    Parameters
    ----------
    copies : array of whole numbers
    app_mib, per_copy_mib, shared_mib : array
        What the application needs, what its layers add for each copy, and what is there once [MiB].

    Examples
    --------
    >>> footprint_mib([0, 10], app_mib=100, per_copy_mib=12, shared_mib=500).tolist()
    [500.0, 1620.0]
    """
    n, app, each, shared = line_up(
        "copies app_mib per_copy_mib shared_mib", copies, app_mib, per_copy_mib, shared_mib
    )
    return np.asarray(shared + n * app + n * each)


def max_copies(
    capacity_mib: ArrayLike, reserve_mib: ArrayLike, app_mib: ArrayLike, per_copy_mib: ArrayLike
) -> Ints:
    """Count the whole copies that fit beside what the host keeps for itself, never below 0.

    Parameters
    ----------
    capacity_mib, reserve_mib : array
        What the host has and what it keeps for itself [MiB].
    app_mib, per_copy_mib : array
        What the application needs and what its layers add for each copy [MiB]; not both 0.

    Examples
    --------
    On 64 GiB, an application of 100 MiB that costs 12 more in a container or 535 more in a stock guest:

    >>> max_copies(65536, 0, app_mib=100, per_copy_mib=[12, 535]).tolist()
    [585, 103]
    """
    names = "capacity_mib reserve_mib app_mib per_copy_mib"
    capacity, reserve, app, per_copy = line_up(
        names, capacity_mib, reserve_mib, app_mib, per_copy_mib
    )
    if (app + per_copy == 0).any():
        raise ImpossibleAmount(
            "app_mib and per_copy_mib are both 0, so any number fits. Give one of them a size."
        )
    with np.errstate(over="ignore"):
        fit, all_fit = (
            np.maximum(x, 0.0) / (app + per_copy) for x in (capacity - reserve, capacity)
        )
        copies = np.floor(
            fit + np.minimum(all_fit * ROUNDING, 1e-9)
        )  # 0.3 / 0.1 comes out just below 3
    if (copies >= 2.0**53).any():
        raise ImpossibleAmount(
            "capacity_mib holds 2**53 copies or more, too many to count exactly."
        )
    return copies.astype(np.int64)


def reclaim(
    shares: ArrayLike,
    allocated_mib: ArrayLike,
    active_fraction: ArrayLike,
    needed_mib: ArrayLike,
    tax: ArrayLike = 0.75,
    minimum_mib: ArrayLike = 0.0,
) -> Floats:
    r"""Take memory back from whoever paid least for it, with a tax on idle pages.

    The client with the lowest :math:`S / (P (f + k (1 - f)))`, :math:`k = 1 / (1 - tax)`, gives up pages; its ratio
    rises, and clients whose ratios have met give together. At the end all givers have one ratio 1/L, so each keeps
    :math:`L S / (f + k (1 - f))` between its minimum and what it had: a fair share of what stays.

    Parameters
    ----------
    shares, allocated_mib, active_fraction, minimum_mib : array, shape (..., n)
        What each client paid for (S), what it holds (P), the part of it in use (f, held fixed), and what it keeps in
        any case; who holds less than its minimum gives nothing [MiB].
    needed_mib, tax : array, shape (...)
        What must be taken in all [MiB], and the tax, from 0 (idle pages count like others) to below 1.

    Returns
    -------
    array, shape (..., n)
        What each gives up [MiB].

    Raises
    ------
    CannotReclaim, ImpossibleWeight

    Examples
    --------
    Equal shares and 800 MiB each, one busy and one idle: at a tax of 75 % an idle page counts four times.

    >>> reclaim([1, 1], [800, 800], active_fraction=[1, 0], needed_mib=600).tolist()
    [0.0, 600.0]
    >>> reclaim([1, 1], [800, 800], active_fraction=[1, 0], needed_mib=600, tax=0).tolist()
    [300.0, 300.0]

    References
    ----------
    C. A. Waldspurger, "Memory Resource Management in VMware ESX Server", OSDI 2002, section 5.2 (RECL-01, RECL-02).
    """
    names = "shares allocated_mib active_fraction minimum_mib *needed_mib *tax"
    given = (shares, allocated_mib, active_fraction, minimum_mib, needed_mib, tax)
    paid, had, active, minimum, needed, rate = line_up(names, *given)
    least = np.minimum(minimum, had)
    spare = (had - least).sum(axis=-1)
    if (short := needed > spare * (1 + ROUNDING)).any():
        wrong = f"needed_mib is {needed[short][0]:g}, but above minimum_mib the clients hold {spare[short][0]:g} in all."
        raise CannotReclaim(f"{wrong}\nLower a minimum, or take less.")
    weight = paid / (active + (1 - active) / (1 - rate[..., None]))
    stays = np.maximum(had.sum(axis=-1) - needed, least.sum(axis=-1))
    return had - fill_rows(stays, had, had, least, weight)


def page_sharing_mib(
    guest_mib: ArrayLike, copies: ArrayLike, shareable_fraction: ArrayLike
) -> Floats:
    """Say what is saved by storing once what is the same in all copies of a guest; one copy stays.

    Parameters
    ----------
    guest_mib : array
        The memory of one guest [MiB].
    copies : array of whole numbers
    shareable_fraction : array
        The part of a guest that is the same in all.

    Examples
    --------
    >>> page_sharing_mib(512, copies=[0, 1, 11], shareable_fraction=0.25).tolist()
    [0.0, 0.0, 1280.0]
    """
    guest, n, part = line_up(
        "guest_mib copies shareable_fraction", guest_mib, copies, shareable_fraction
    )
    return np.asarray(guest * part * np.maximum(n - 1, 0))


def oom_kill_order(
    used_mib: ArrayLike, limit_mib: ArrayLike, adj: ArrayLike, capacity_mib: ArrayLike
) -> Ints:
    """Say who is killed when memory runs out, in order.

    First those over their own limit; then, while the rest do not fit, the highest ``1000 * used / capacity + adj``,
    ties to the lowest index.

    Parameters
    ----------
    used_mib, limit_mib, adj : array, shape (n,)
        What each group holds when memory runs out (for one that outgrows its limit, what it asked for), what it may
        hold [MiB], and its adjustment, from -1000 (never killed) to 1000 (first).
    capacity_mib : float
        What there is for all [MiB].

    Returns
    -------
    int array
        Indices of the groups that die, first to last.

    Raises
    ------
    NobodyToKill

    Examples
    --------
    A sleeps with 40 MiB, B grows to 30, and there are 64: A dies, unless B's score is raised.

    >>> oom_kill_order([40, 30], np.inf, [0, 0], capacity_mib=64).tolist()
    [0]
    >>> oom_kill_order([40, 30], np.inf, [0, 900], capacity_mib=64).tolist()
    [1]
    """
    used, limit, bonus = np.atleast_1d(*line_up("used_mib limit_mib adj", used_mib, limit_mib, adj))
    capacity = check.one("capacity_mib", check.positive("capacity_mib", capacity_mib))
    if used.ndim > 1:
        raise ShapeMismatch(
            f"used_mib, limit_mib and adj line up to the shape {used.shape}; give one row of groups."
        )
    over, exempt = used > limit, bonus == -1000
    queue = np.flatnonzero(~over & ~exempt)
    queue = queue[np.argsort(-(1000 * used / capacity + bonus)[queue], kind="stable")]
    room = capacity * (1 + ROUNDING)
    # What is left when the queue has shrunk to each: it, those after it, and those who may not be killed.
    left = np.cumsum(used[queue][::-1])[::-1] + used[exempt].sum()
    if (over & exempt).any() or used[exempt].sum() > room:
        wrong = (
            f"Groups with adj -1000 hold {used[exempt].sum():g} MiB, which is more than they may."
        )
        raise NobodyToKill(f"{wrong}\nThey are never killed: let one of them be.")
    return np.concatenate([np.flatnonzero(over), queue[left > room]])
