"""Where memory goes: what copies cost, what is taken back when short, who dies when it is out.

Amounts are in MiB and broadcast. Everything impossible is refused: amounts that are negative or not
finite (`ImpossibleAmount`; limits may be infinite), half copies (`ImpossibleCount`), fractions
outside 0 to 1 (`ImpossibleProbability`), shapes that do not broadcast (`ShapeMismatch`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._fill import fill_rows
from virtlearn.core._pressure import (
    effective_protection,
    eviction_order,
    memory_outcome,
    share_surplus,
    swap_max,
)
from virtlearn.core.check import ROUNDING, TOLERANCE, Floats, Ints
from virtlearn.errors import CannotReclaim, ImpossibleAmount, NobodyToKill, ShapeMismatch

__all__ = [
    "effective_protection",
    "eviction_order",
    "footprint_mib",
    "guest_kernel_mib",
    "max_copies",
    "memory_outcome",
    "oom_kill_order",
    "page_sharing_mib",
    "reclaim",
    "share_surplus",
    "swap_max",
]


# The oom_score_adj of a group that the kernel never kills.
NEVER_KILLED = -1000


def guest_kernel_mib(ram_mib: ArrayLike) -> Floats:
    """Estimate what a small Linux guest's kernel keeps of its memory: ``13.9 + RAM / 64``.

    Parameters
    ----------
    ram_mib : array
        Memory that the guest is given [MiB].

    Returns
    -------
    array
        Memory that its kernel keeps [MiB].

    Raises
    ------
    ImpossibleAmount
        Where it is negative or not finite.

    References
    ----------
    Fitted to MEM-06, guests of 128 MiB to 2 GiB: a 64-byte record for each
    page of 4 KiB makes 1/64.

    Examples
    --------
    >>> guest_kernel_mib([128, 2048]).round(1).tolist()
    [15.9, 45.9]
    """
    return np.asarray(13.9 + check.amount("ram_mib", ram_mib) / 64)


def footprint_mib(
    copies: ArrayLike, app_mib: ArrayLike, per_copy_mib: ArrayLike, shared_mib: ArrayLike
) -> Floats:
    """Add up the memory of copies: the shared part once, the application and its layers for each.

    Parameters
    ----------
    copies : array of whole numbers
        How many run.
    app_mib, per_copy_mib, shared_mib : array
        Memory of the application, of its layers for each copy, and of what all copies share [MiB].

    Returns
    -------
    array
        Memory in all [MiB], with the shape that all four broadcast to.

    Raises
    ------
    ImpossibleCount
        Where a number of copies is not whole.
    ImpossibleAmount, ShapeMismatch
        Where an amount is negative or not finite, or the shapes do not broadcast.

    Examples
    --------
    >>> footprint_mib([0, 10], app_mib=100, per_copy_mib=12, shared_mib=500).tolist()
    [500.0, 1620.0]
    """
    n, app, each, shared = check.broadcast(
        copies=check.whole_numbers("copies", copies),
        app_mib=check.amount("app_mib", app_mib),
        per_copy_mib=check.amount("per_copy_mib", per_copy_mib),
        shared_mib=check.amount("shared_mib", shared_mib),
    )
    return np.asarray(shared + n * app + n * each)


def max_copies(
    capacity_mib: ArrayLike, reserve_mib: ArrayLike, app_mib: ArrayLike, per_copy_mib: ArrayLike
) -> Ints:
    """Count the whole copies that fit beside what the host keeps for itself, never below 0.

    Parameters
    ----------
    capacity_mib, reserve_mib : array
        Memory that the host has, and that it keeps for itself [MiB].
    app_mib, per_copy_mib : array
        Memory of the application, and of its layers for each copy [MiB]; not both 0.

    Returns
    -------
    int array
        Whole copies, with the shape that all four broadcast to.

    Raises
    ------
    ImpossibleAmount
        Where an amount is negative or not finite, a copy needs nothing, or too many
        fit to be counted exactly.
    ShapeMismatch
        Where the shapes do not broadcast.

    Examples
    --------
    On 64 GiB, an application of 100 MiB that costs 12 more in a container or
    535 more in a stock guest:

    >>> max_copies(65536, 0, app_mib=100, per_copy_mib=[12, 535]).tolist()
    [585, 103]
    """
    capacity, reserve, app, per_copy = check.broadcast(
        capacity_mib=check.amount("capacity_mib", capacity_mib),
        reserve_mib=check.amount("reserve_mib", reserve_mib),
        app_mib=check.amount("app_mib", app_mib),
        per_copy_mib=check.amount("per_copy_mib", per_copy_mib),
    )
    one = app + per_copy
    if (one == 0).any():
        raise ImpossibleAmount(
            "app_mib and per_copy_mib are both 0, so any number fits. Give one of them a size."
        )
    with np.errstate(over="ignore"):
        fit = np.maximum(capacity - reserve, 0.0) / one
        # 0.3 / 0.1 comes out just below 3: the rounding of the whole capacity is forgiven.
        forgiven = np.minimum(capacity / one * ROUNDING, TOLERANCE)
        copies = np.floor(fit + forgiven)
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

    The client with the lowest :math:`S / (P (f + k (1 - f)))`, :math:`k = 1 / (1 - tax)`, gives up
    pages; its ratio rises, and clients whose ratios have met give together. At the end all givers
    have one ratio 1/L, so each keeps :math:`L S / (f + k (1 - f))` between its minimum and what it
    had: a fair share of what stays.

    Parameters
    ----------
    shares, allocated_mib, active_fraction, minimum_mib : array, shape (..., n)
        What each client paid for (S), what it holds (P), the part of it in use (f, held fixed), and
        what it keeps in any case; who holds less than its minimum gives nothing [MiB].
    needed_mib, tax : array, shape (...)
        What must be taken in all [MiB], and the tax, from 0 (idle pages count
        like others) to below 1.

    Returns
    -------
    array, shape (..., n)
        Memory that each gives up [MiB].

    Raises
    ------
    CannotReclaim
        Where more is needed than the clients hold above their minimum.
    ImpossibleWeight
        Where a share is not positive.
    ImpossibleAmount, ImpossibleProbability, ShapeMismatch
        Where an amount is negative or not finite, a fraction lies outside 0 to 1, or the
        shapes do not broadcast.

    References
    ----------
    C. A. Waldspurger, "Memory Resource Management in VMware ESX Server", OSDI 2002,
    section 5.2 (RECL-01, RECL-02).

    Examples
    --------
    Equal shares and 800 MiB each, one busy and one idle: at a tax of 75 % an
    idle page counts four times.

    >>> reclaim([1, 1], [800, 800], active_fraction=[1, 0], needed_mib=600).tolist()
    [0.0, 600.0]
    >>> reclaim([1, 1], [800, 800], active_fraction=[1, 0], needed_mib=600, tax=0).tolist()
    [300.0, 300.0]
    """
    clients = {
        "shares": check.weight("shares", shares),
        "allocated_mib": check.amount("allocated_mib", allocated_mib),
        "active_fraction": check.probability("active_fraction", active_fraction),
        "minimum_mib": check.amount("minimum_mib", minimum_mib),
    }
    host = {"needed_mib": check.amount("needed_mib", needed_mib), "tax": _tax(tax)}
    paid, had, active, minimum, needed, rate = check.broadcast_rows(clients, host)
    # A client below its minimum gives nothing, and is not given more.
    least = np.minimum(minimum, had)
    spare = (had - least).sum(axis=-1)
    short = needed > spare * (1 + ROUNDING)
    if short.any():
        wrong = f"needed_mib is {needed[short][0]:g}, but above minimum_mib the clients hold"
        raise CannotReclaim(f"{wrong} {spare[short][0]:g} in all.\nLower a minimum, or take less.")
    # An idle page counts 1 / (1 - tax) times: a client pays for what it does not use.
    weight = paid / (active + (1 - active) / (1 - rate[..., None]))
    stays = np.maximum(had.sum(axis=-1) - needed, least.sum(axis=-1))
    return had - fill_rows(stays, had, had, least, weight)


def _tax(tax: ArrayLike) -> Floats:
    x = check.probability("tax", tax)
    rule = "it must be below 1, where an idle page would count infinitely often"
    return check.require("tax", x, x < 1, rule, ImpossibleAmount)


def page_sharing_mib(
    guest_mib: ArrayLike, copies: ArrayLike, shareable_fraction: ArrayLike
) -> Floats:
    """Memory saved by storing equal pages of guests once; one copy of each stays.

    Parameters
    ----------
    guest_mib : array
        The memory of one guest [MiB].
    copies : array of whole numbers
        How many guests run.
    shareable_fraction : array
        The part of a guest that is the same in all.

    Returns
    -------
    array
        Memory saved [MiB], with the shape that all three broadcast to.

    Raises
    ------
    ImpossibleCount, ImpossibleProbability, ImpossibleAmount, ShapeMismatch
        Where a number of copies is not whole, a fraction lies outside 0 to 1, an amount is negative
        or not finite, or the shapes do not broadcast.

    Examples
    --------
    >>> page_sharing_mib(512, copies=[0, 1, 11], shareable_fraction=0.25).tolist()
    [0.0, 0.0, 1280.0]
    """
    guest, n, part = check.broadcast(
        guest_mib=check.amount("guest_mib", guest_mib),
        copies=check.whole_numbers("copies", copies),
        shareable_fraction=check.probability("shareable_fraction", shareable_fraction),
    )
    return np.asarray(guest * part * np.maximum(n - 1, 0))


def oom_kill_order(
    used_mib: ArrayLike,
    limit_mib: ArrayLike,
    adj: ArrayLike,
    capacity_mib: ArrayLike,
    *,
    cache_mib: ArrayLike = 0.0,
    swap_mib: ArrayLike = 0.0,
) -> Ints:
    """Say who is killed when memory runs out, in order.

    Clean page cache is dropped first, then each group swaps up to its ``swap_mib``. Who then is
    over its own limit dies; then, while the rest do not fit, the highest
    ``1000 * held / capacity + adj``, ties to the lowest index. What is held is resident or
    swapped; cache is neither.

    Parameters
    ----------
    used_mib, limit_mib, adj : array, shape (n,)
        What each group holds when memory runs out (for one that outgrows its limit, what it asked
        for), what it may hold [MiB], and its adjustment, from -1000 (never killed) to 1000 (first).
    capacity_mib : float
        What there is for all [MiB].
    cache_mib, swap_mib : array, shape (n,)
        The part of ``used_mib`` that is clean page cache, and what each group may swap [MiB].

    Returns
    -------
    int array
        Indices of the groups that die, first to last.

    Raises
    ------
    NobodyToKill
        Where the groups that may not be killed hold more than there is, or one
        of them is over its limit.
    ImpossibleAmount
        Where an amount is negative or not finite, or an adjustment lies outside -1000 to 1000.
    ShapeMismatch
        Where there is not one row of groups.

    Examples
    --------
    A sleeps with 40 MiB, B grows to 30, and there are 64: A dies, unless B's score is raised.

    >>> oom_kill_order([40, 30], np.inf, [0, 0], capacity_mib=64).tolist()
    [0]
    >>> oom_kill_order([40, 30], np.inf, [0, 900], capacity_mib=64).tolist()
    [1]

    550 MiB in a limit of 500 die, but not if 200 of them are page cache:

    >>> oom_kill_order([550], [500], [0], capacity_mib=4096, cache_mib=200).tolist()
    []
    """
    groups = check.broadcast(
        used_mib=check.amount("used_mib", used_mib),
        limit_mib=check.amount("limit_mib", limit_mib, infinite=True),
        adj=_adjustment(adj),
    )
    # One group given as a number is a row of one.
    used, limit, bonus = np.atleast_1d(*groups)
    capacity = check.one("capacity_mib", check.positive("capacity_mib", capacity_mib))
    if used.ndim > 1:
        raise ShapeMismatch(
            f"used_mib, limit_mib and adj line up to the shape {used.shape}; "
            "give one row of groups."
        )
    held = used - _part_of(used, cache_mib)
    resident = held - np.minimum(held, _for_each(held, "swap_mib", swap_mib, infinite=True))
    over = resident > limit * (1 + ROUNDING)
    exempt = bonus == NEVER_KILLED
    queue = np.flatnonzero(~over & ~exempt)
    queue = queue[np.argsort(-(1000 * held / capacity + bonus)[queue], kind="stable")]
    most = capacity * (1 + ROUNDING)
    # What is left when the queue has shrunk to each: it, those after it, and
    # those who may not be killed.
    last_first = resident[queue][::-1]
    left = np.cumsum(last_first)[::-1] + resident[exempt].sum()
    if (over & exempt).any() or resident[exempt].sum() > most:
        held_mib = resident[exempt].sum()
        raise NobodyToKill(
            f"Groups with adj -1000 hold {held_mib:g} MiB, which is more than they may.\n"
            "Allow one of them to be killed: raise its adj above -1000."
        )
    return np.concatenate([np.flatnonzero(over), queue[left > most]])


def _adjustment(adj: ArrayLike) -> Floats:
    x = check.numbers("adj", adj)
    rule = "it must lie between -1000 (never killed) and 1000"
    return check.require("adj", x, abs(x) <= 1000, rule, ImpossibleAmount)


def _for_each(x: Floats, name: str, value: ArrayLike, *, infinite: bool = False) -> Floats:
    """Check one more amount of each group, or one for all."""
    given = check.amount(name, value, infinite=infinite)
    return check.each(name, given, x.size, "groups")


def _part_of(used: Floats, cache_mib: ArrayLike) -> Floats:
    """Check that cache is a part of what a group holds."""
    cache = _for_each(used, "cache_mib", cache_mib)
    more = cache > used
    if more.any():
        i = int(np.argmax(more))
        wrong = f"cache_mib is {cache[i]:g} at index {i}, but used_mib is {used[i]:g} there"
        raise ImpossibleAmount(f"{wrong}. The cache is a part of what is used.")
    return cache
