"""Where the memory goes: what a copy costs, what is taken back when it runs short, and who dies when it runs out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import _check as check
from virtlearn.core._check import Floats, Ints
from virtlearn.core._fill import ROUNDING, fill
from virtlearn.errors import CannotReclaim, ImpossibleAmount, ImpossibleCount, NobodyToKill

__all__ = [
    "footprint_mib",
    "guest_kernel_mib",
    "max_copies",
    "oom_kill_order",
    "page_sharing_mib",
    "reclaim",
]


def _copies(value: Any) -> Floats:
    """Half a copy runs nothing."""
    copies = check.amount("copies", value)
    if (part := copies % 1 > 0).any():
        raise ImpossibleCount(f"copies holds {copies[part][0]:g}; it must be a whole number of at least 0.")
    return copies


def guest_kernel_mib(ram_mib: ArrayLike) -> Floats:
    """Estimate what a small Linux guest's kernel keeps for itself: ``13.9 + RAM / 64``.

    A 64-byte record for each page of 4 KiB makes 1/64. Fitted for guests of 128 MiB to 2 GiB; beyond, extrapolated.

    Parameters
    ----------
    ram_mib : array
        The memory that the guest is given [MiB].

    Returns
    -------
    array
        What its applications will never see of it [MiB].

    Raises
    ------
    ImpossibleAmount

    Examples
    --------
    >>> guest_kernel_mib([128, 2048]).round(1).tolist()
    [15.9, 45.9]

    References
    ----------
    Fitted to MEM-06, exact to 0.1 MiB there.
    """
    return np.asarray(13.9 + check.amount("ram_mib", ram_mib) / 64)


def footprint_mib(
    copies: ArrayLike, app_mib: ArrayLike, per_copy_mib: ArrayLike, shared_mib: ArrayLike
) -> Floats:
    """Add up what copies of an application take: what they share once, the rest for each.

    Parameters
    ----------
    copies : array
        How many copies run, whole numbers.
    app_mib, per_copy_mib : array
        What the application needs, and what its layers add for each copy [MiB].
    shared_mib : array
        What is there once for all [MiB].

    Returns
    -------
    array
        With the shape that all four broadcast to [MiB].

    Raises
    ------
    ImpossibleAmount, ImpossibleCount, ShapeMismatch

    Examples
    --------
    >>> footprint_mib([0, 10], app_mib=100, per_copy_mib=12, shared_mib=500).tolist()
    [500.0, 1620.0]
    """
    n, app = _copies(copies), check.amount("app_mib", app_mib)
    per_copy, shared = check.amount("per_copy_mib", per_copy_mib), check.amount("shared_mib", shared_mib)
    check.shape("all four must broadcast", copies=n, app_mib=app, per_copy_mib=per_copy, shared_mib=shared)
    return np.asarray(shared + n * (app + per_copy))


def max_copies(
    capacity_mib: ArrayLike, reserve_mib: ArrayLike, app_mib: ArrayLike, per_copy_mib: ArrayLike
) -> Ints:
    """Count how many whole copies fit: ``(capacity - reserve) / (app + per copy)``, rounded down.

    Parameters
    ----------
    capacity_mib, reserve_mib : array
        What the host has, and what it keeps for itself [MiB].
    app_mib, per_copy_mib : array
        What the application needs, and what its layers add for each copy [MiB]; not both 0.

    Returns
    -------
    int array
        Never below 0, with the shape that all four broadcast to.

    Raises
    ------
    ImpossibleAmount, ShapeMismatch

    Examples
    --------
    On 64 GiB, 100 MB and 12 more for a container, or 535 more for a stock guest (EVIDENCE of lesson 02):

    >>> max_copies(65536, 0, app_mib=100, per_copy_mib=[12, 535]).tolist()
    [585, 103]
    """
    capacity, reserve = check.amount("capacity_mib", capacity_mib), check.amount("reserve_mib", reserve_mib)
    app, per_copy = check.amount("app_mib", app_mib), check.amount("per_copy_mib", per_copy_mib)
    given = {"capacity_mib": capacity, "reserve_mib": reserve, "app_mib": app, "per_copy_mib": per_copy}
    check.shape("all four must broadcast", **given)
    each = app + per_copy
    if (each == 0).any():
        raise ImpossibleAmount(
            "app_mib and per_copy_mib are both 0, so any number fits. Give one of them a size."
        )
    with np.errstate(over="ignore"):
        copies = np.floor(np.maximum(capacity - reserve, 0.0) / each * (1 + ROUNDING))
    if (copies >= 2.0**53).any():
        raise ImpossibleAmount("capacity_mib holds 2**53 copies or more, too many to count exactly.")
    return copies.astype(np.int64)


def reclaim(
    shares: ArrayLike,
    allocated_mib: ArrayLike,
    active_fraction: ArrayLike,
    needed_mib: ArrayLike,
    tax: ArrayLike = 0.75,
    minimum_mib: ArrayLike = 0.0,
) -> Floats:
    r"""Take memory back from whoever pays least for it, idle pages being taxed.

    The ratio is :math:`S / (P (f + k (1 - f)))` with :math:`k = 1 / (1 - tax)`. The client with the lowest gives up
    pages, its ratio rises, and clients whose ratios have met give together. So it ends at one ratio 1/L, where
    everybody keeps :math:`L S / (f + k (1 - f))`, between its minimum and what it had: a fair share of what stays.

    Parameters
    ----------
    shares : array, shape (..., n)
        What each client paid for, S.
    allocated_mib : array, shape (..., n)
        What each holds, P [MiB].
    active_fraction : array, shape (..., n)
        The part of it in use, f, as sampled and held fixed.
    needed_mib : array, shape (...)
        What must be taken in all [MiB].
    tax : array, shape (...)
        From 0 (idle pages cost the same) to below 1.
    minimum_mib : array, shape (..., n)
        What each keeps at least; who holds less gives nothing [MiB].

    Returns
    -------
    array, shape (..., n)
        What each gives up [MiB].

    Raises
    ------
    ImpossibleAmount, ImpossibleProbability, ImpossibleWeight, CannotReclaim, ShapeMismatch

    Examples
    --------
    Equal shares and 800 MiB each, one busy and one idle: at a tax of 75 % an idle page costs four times as much.

    >>> reclaim([1, 1], [800, 800], active_fraction=[1, 0], needed_mib=600).tolist()
    [0.0, 600.0]
    >>> reclaim([1, 1], [800, 800], active_fraction=[1, 0], needed_mib=600, tax=0).tolist()
    [300.0, 300.0]

    References
    ----------
    .. [1] C. A. Waldspurger, "Memory Resource Management in VMware ESX Server", OSDI 2002, section 5.2 (RECL-01, -02).
    """
    given = {
        "shares": check.weight("shares", shares),
        "allocated_mib": check.amount("allocated_mib", allocated_mib),
        "active_fraction": check.probability("active_fraction", active_fraction),
        "minimum_mib": check.amount("minimum_mib", minimum_mib),
        "needed_mib": check.amount("needed_mib", needed_mib)[..., None],
        "tax": _tax(tax)[..., None],
    }
    shape = check.shape(
        "the last axis is one client each; needed_mib and tax have only the axes before it", **given
    )
    paid, had, active, minimum, needed, rate = (np.broadcast_to(x, shape) for x in given.values())
    least, needed = np.minimum(minimum, had), needed[..., 0]
    spare = (had - least).sum(axis=-1)
    if (short := needed > spare * (1 + ROUNDING)).any():
        i = tuple(np.argwhere(short)[0])
        raise CannotReclaim(
            f"needed_mib is {needed[i]:g}, but above minimum_mib the clients hold only {spare[i]:g} together.\n"
            "Lower a minimum, or take less."
        )
    weight = paid / (active + (1 - active) / (1 - rate))
    stays = np.maximum(had.sum(axis=-1) - needed, least.sum(axis=-1))
    owner = np.repeat(np.arange(stays.size), shape[-1])
    kept = fill(stays.ravel(), had.ravel(), least.ravel(), weight.ravel(), owner).reshape(shape)
    return had - kept


def _tax(value: Any) -> Floats:
    tax = check.probability("tax", value)
    if (tax == 1).any():
        raise ImpossibleAmount("tax is 1, which makes an idle page infinitely dear; it must be below 1.")
    return tax


def page_sharing_mib(guest_mib: ArrayLike, copies: ArrayLike, shareable_fraction: ArrayLike) -> Floats:
    """Say what is saved by storing once what is the same in all copies of a guest.

    Parameters
    ----------
    guest_mib : array
        The memory of one guest [MiB].
    copies : array
        How many run, whole numbers.
    shareable_fraction : array
        The part of each that is the same in all.

    Returns
    -------
    array
        One copy is kept, so one guest saves nothing [MiB].

    Raises
    ------
    ImpossibleAmount, ImpossibleCount, ImpossibleProbability, ShapeMismatch

    Examples
    --------
    >>> page_sharing_mib(512, copies=[0, 1, 11], shareable_fraction=0.25).tolist()
    [0.0, 0.0, 1280.0]
    """
    guest, n = check.amount("guest_mib", guest_mib), _copies(copies)
    part = check.probability("shareable_fraction", shareable_fraction)
    check.shape("all three must broadcast", guest_mib=guest, copies=n, shareable_fraction=part)
    return np.asarray(guest * part * np.maximum(n - 1, 0))


def oom_kill_order(
    used_mib: ArrayLike, limit_mib: ArrayLike, adj: ArrayLike, capacity_mib: ArrayLike
) -> Ints:
    """Say who is killed when memory runs out, in order.

    First those over their own limit; then, while the rest do not fit, the highest ``1000 * used / capacity + adj``.

    Parameters
    ----------
    used_mib : array, shape (n,)
        What each group holds when memory runs out; for one that outgrows its limit, what it asked for [MiB].
    limit_mib : array, shape (n,)
        What each may hold; infinity for no limit [MiB].
    adj : array, shape (n,)
        Adjustment from -1000 (never killed) to 1000 (first).
    capacity_mib : float
        What there is for all [MiB].

    Returns
    -------
    int array
        Indices of the groups killed, first to last; ties go to the lowest index.

    Raises
    ------
    ImpossibleAmount, ShapeMismatch, NobodyToKill

    Examples
    --------
    A sleeps with 40 MiB, B grows to 30, and there are 64: A dies, unless B's score is raised.

    >>> oom_kill_order([40, 30], np.inf, [0, 0], capacity_mib=64).tolist()
    [0]
    >>> oom_kill_order([40, 30], np.inf, [0, 900], capacity_mib=64).tolist()
    [1]
    """
    used, limit = check.amount("used_mib", used_mib), check.amount("limit_mib", limit_mib, infinite=True)
    bonus, capacity = _adjustment(adj), check.positive("capacity_mib", capacity_mib)
    rule = "one number for each group, and one capacity"
    (n,) = check.shape(rule, used_mib=used, limit_mib=limit, adj=bonus, group=np.zeros(1))
    used, limit, bonus = (np.broadcast_to(x, n) for x in (used, limit, bonus))
    over, exempt = used > limit, bonus == -1000
    score = 1000 * used / capacity + bonus
    queue = np.flatnonzero(~over & ~exempt)
    queue = queue[np.argsort(-score[queue], kind="stable")]
    # What is left before each in the queue dies: those after it, itself, and those who may not be killed.
    left = np.cumsum(used[queue][::-1])[::-1] + used[exempt].sum()
    if (over & exempt).any() or used[exempt].sum() > capacity * (1 + ROUNDING):
        raise NobodyToKill(
            f"Groups with adj -1000 hold {used[exempt].sum():g} MiB, more than they may: capacity_mib is {capacity:g}.\n"
            "They are never killed. Let one of them be."
        )
    return np.concatenate([np.flatnonzero(over), queue[left > capacity * (1 + ROUNDING)]])


def _adjustment(value: Any) -> Floats:
    adj = np.asarray(value, dtype=np.float64)
    if (bad := ~(np.abs(adj) <= 1000)).any():
        raise ImpossibleAmount(
            f"adj holds {adj[bad][0]:g}; it must lie between -1000 (never) and 1000 (first)."
        )
    return adj
