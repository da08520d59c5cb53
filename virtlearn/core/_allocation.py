"""Scores of a scheduler by what is asked for and what there is, in its own whole numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._counts import Bools, counts, flags, within_numbers
from virtlearn.core.check import Ints
from virtlearn.errors import ImpossibleCount, ShapeMismatch

MAX_SCORE = 100
MOST_WEIGHT = 100
BYTES_PER_MIB = 2**20
# An image smaller than this is not worth a detour; one container's worth of images
# counts up to this (PLACE-03).
SMALLEST_MIB = 23
LARGEST_MIB = 1000


def read_request(
    need: ArrayLike, used: ArrayLike, allocatable: ArrayLike
) -> tuple[Ints, Ints, Ints]:
    """Check what a copy asks for and what hosts have; give all as (..., hosts, resources)."""
    asked = np.atleast_1d(counts("need", need))[..., None, :]
    taken = counts("used", used)
    room = counts("allocatable", allocatable)
    if room.ndim < 2:
        wrong = f"allocatable has the shape {room.shape}"
        raise ShapeMismatch(f"{wrong}; it must have a row for each host, a column a resource.")
    given = {"need": asked, "used": taken, "allocatable": room}
    rule = "need has one number a resource, the others one for each host and resource"
    shape = check.shape(rule, **given)
    asked, taken, room = (np.broadcast_to(x, shape) for x in given.values())
    return asked, taken, room


def fits(need: ArrayLike, used: ArrayLike, allocatable: ArrayLike) -> Bools:
    """Say for each host and resource whether there is room; what is not asked for always fits.

    Parameters
    ----------
    need : array of whole numbers, shape (..., resources)
        What the copy asks for [millicores, MiB or bytes, pieces].
    used, allocatable : array of whole numbers, shape (..., hosts, resources)
        What the copies on each host ask for together, and what the host may give away. What copies
        really use plays no part.

    Returns
    -------
    bool array, shape (..., hosts, resources)
        True where there is room, or nothing is asked for.

    Raises
    ------
    ImpossibleCount
        A number is negative or not whole.
    ShapeMismatch
        ``allocatable`` has no row for each host, or something does not fit it.

    References
    ----------
    Kubernetes pkg/scheduler/framework/plugins/noderesources/fit.go.

    Examples
    --------
    A host that is full takes no more, but a copy that asks for no CPU does not mind a full CPU:

    >>> fits([1, 1], used=[[10, 20], [5, 19]], allocatable=[[10, 20], [10, 20]]).tolist()
    [[False, False], [True, True]]
    >>> fits([0, 1], used=[[12, 10]], allocatable=[[10, 20]]).tolist()
    [[True, True]]
    """
    asked, taken, room = read_request(need, used, allocatable)
    return np.asarray((asked == 0) | (asked <= room - taken))


def _weighted(score: Ints, room: Ints, weight: ArrayLike) -> Ints:
    """Average over the resources that a host has, in whole numbers, rounded down."""
    heavy = counts("weight", weight, least=1, most=MOST_WEIGHT)
    if heavy.shape not in {(), (1,), room.shape[-1:]}:
        wrong = f"weight has the shape {heavy.shape}, but there are {room.shape[-1]} resources"
        raise ShapeMismatch(f"{wrong}; give one for each.")
    parts = np.where(room > 0, heavy, 0)
    total = parts.sum(axis=-1)
    return np.asarray((score * parts).sum(axis=-1) // np.maximum(total, 1))


def least_allocated(
    need: ArrayLike, used: ArrayLike, allocatable: ArrayLike, *, weight: ArrayLike = 1
) -> Ints:
    """Score hosts by what stays free: the scheduler's default, which spreads.

    For each resource 0 if the copy does not fit, else
    ``(allocatable - used - need) * 100 // allocatable``; then the weighted mean, rounded down. A
    resource that a host has none of is left out.

    Parameters
    ----------
    need, used, allocatable
        As for `fits`.
    weight : array of whole numbers, shape (resources,)
        From 1 to 100.

    Returns
    -------
    int array, shape (..., hosts)
        From 0 to 100.

    Raises
    ------
    ImpossibleCount
        A number is negative or not whole, or a weight is below 1.
    ShapeMismatch
        ``allocatable`` has no row for each host, or something does not fit it.

    References
    ----------
    Kubernetes pkg/scheduler/framework/plugins/noderesources/least_allocated.go.

    Examples
    --------
    By hand: (4000 - 3000) * 100 // 4000 = 25 and (10000 - 5000) * 100 // 10000
    = 50, so 37 and not 37.5.

    >>> least_allocated([3000, 5000], [[0, 0], [0, 0]], [[4000, 10000], [6000, 10000]]).tolist()
    [37, 50]
    """
    asked, taken, room = read_request(need, used, allocatable)
    free = np.maximum(room - taken - asked, 0)
    # Whole numbers, as the scheduler's: each resource is rounded down before the mean is.
    scores = free * MAX_SCORE // np.maximum(room, 1)
    return _weighted(scores, room, weight)


def most_allocated(
    need: ArrayLike, used: ArrayLike, allocatable: ArrayLike, *, weight: ArrayLike = 1
) -> Ints:
    """Score hosts by what is taken: it packs, so that other hosts can be switched off.

    For each resource ``min(used + need, allocatable) * 100 // allocatable``; then the
    mean of `least_allocated`.

    Parameters
    ----------
    need, used, allocatable
        As for `fits`.
    weight : array of whole numbers, shape (resources,)
        From 1 to 100.

    Returns
    -------
    int array, shape (..., hosts)
        From 0 to 100.

    Raises
    ------
    ImpossibleCount, ShapeMismatch
        As for `least_allocated`.

    References
    ----------
    Kubernetes pkg/scheduler/framework/plugins/noderesources/most_allocated.go.

    Examples
    --------
    >>> most_allocated([3000, 5000], [[0, 0], [0, 0]], [[4000, 10000], [6000, 10000]]).tolist()
    [62, 50]
    """
    asked, taken, room = read_request(need, used, allocatable)
    full = np.minimum(taken + asked, room)
    return _weighted(full * MAX_SCORE // np.maximum(room, 1), room, weight)


def balanced_allocation(
    need: ArrayLike, used: ArrayLike, allocatable: ArrayLike, *, formula: str = "2026"
) -> Ints:
    """Score hosts by how evenly their resources would be taken.

    With the fractions taken, cut at 1, and their standard deviation (of two, half their
    difference), the level is ``int((1 - deviation) * 100)``. "2022" is the level with the copy.
    "2026" is ``50 + (50 + level with - level without) // 2``, so 75 where nothing changes.

    Parameters
    ----------
    need, used, allocatable
        As for `fits`.
    formula : {"2026", "2022"}
        The rule since December 2025, or the one before it, under which an empty copy was
        drawn to balanced hosts.

    Returns
    -------
    int array, shape (..., hosts)
        The score of each host, from 0 to 100.

    Raises
    ------
    ImpossibleCount
        A number is negative or not whole.
    ShapeMismatch
        ``allocatable`` has no row for each host, or something does not fit it.
    UnknownName
        There is no such formula.

    References
    ----------
    PLACE-02. Kubernetes
    pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go, PR 135573.

    Examples
    --------
    >>> balanced_allocation([3000, 5000], [[0, 0], [0, 0]], [[4000, 10000], [6000, 10000]]).tolist()
    [68, 75]
    """
    check.known("formula", formula, ("2026", "2022"))
    asked, taken, room = read_request(need, used, allocatable)
    after = _level(taken + asked, room)
    if formula == "2022":
        return after
    return np.asarray(50 + (50 + after - _level(taken, room)) // 2)


def _level(taken: Ints, room: Ints) -> Ints:
    """Compute how even the fractions are, from 0 to 100, without the resources a host lacks."""
    there = room > 0
    fraction = np.where(there, np.minimum(taken / np.maximum(room, 1), 1.0), 0.0)
    resources = there.sum(axis=-1)
    highest = fraction.max(axis=-1, initial=0.0)
    lowest = np.where(there, fraction, 1.0).min(axis=-1, initial=1.0)
    # The scheduler takes half the difference for two: the root of a square would round otherwise.
    deviation = np.where(resources == 2, (highest - lowest) / 2, 0.0)
    many = resources > 2
    if many.any():
        mean = fraction.sum(axis=-1) / np.maximum(resources, 1)
        squares = np.where(there, (fraction - mean[..., None]) ** 2, 0.0)
        spread = np.sqrt(squares.sum(axis=-1) / np.maximum(resources, 1))
        deviation = np.where(many, spread, deviation)
    return np.asarray((1 - deviation) * MAX_SCORE).astype(np.int64)


@within_numbers
def image_locality(image_mib: ArrayLike, present: ArrayLike, *, wanted: ArrayLike) -> Ints:
    """Score hosts by the images they have already, each counted by how many hosts have it.

    The sum over the wanted images on a host of ``int(bytes * (hosts that have it / hosts))`` is cut
    to 23 MiB and to 1000 MiB for each image wanted, and scaled to 0 to 100. An image that one host
    of many has counts little: else all copies would crowd there.

    Parameters
    ----------
    image_mib : array, shape (images,)
        Size of each image [MiB].
    present : array of 0 and 1, shape (hosts, images)
        Which host has which image.
    wanted : int array, shape (containers,)
        The image of each container of the copy, as an index.

    Returns
    -------
    int array, shape (hosts,)
        The score of each host, from 0 to 100.

    Raises
    ------
    ImpossibleCount
        Also where no image is wanted, or one that there is not.

    References
    ----------
    PLACE-03. Kubernetes
    pkg/scheduler/framework/plugins/imagelocality/image_locality.go, rule of 2021.

    Examples
    --------
    By hand: half of 4000 MiB is cut to 2000 for two containers, less 23, of 1977: all of
    it; the other has nothing.

    >>> image_locality([30, 4000], [[0, 1], [0, 0]], wanted=[0, 1]).tolist()
    [100, 0]
    """
    size = np.atleast_1d(check.amount("image_mib", image_mib))
    there = flags("present", present)
    if there.ndim != 2 or there.shape[1] != size.size:
        wrong = f"present has the shape {there.shape} for {size.size} images"
        raise ShapeMismatch(f"{wrong}; it must have a row for each host, a column for each image.")
    if np.size(wanted) == 0:
        raise ImpossibleCount("wanted is empty; a copy has at least one container with an image.")
    image = np.atleast_1d(counts("wanted", wanted, most=size.size - 1))
    # The parts are multiplied in the scheduler's order: it rounds in between.
    spread = there.sum(axis=0) / max(len(there), 1)
    scaled = (np.floor(size * BYTES_PER_MIB) * spread).astype(np.int64)
    total = np.where(there, scaled, 0)[:, image].sum(axis=-1)
    low = SMALLEST_MIB * BYTES_PER_MIB
    high = LARGEST_MIB * BYTES_PER_MIB * image.size
    return np.asarray(MAX_SCORE * (np.clip(total, low, high) - low) // (high - low))
