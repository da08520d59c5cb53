"""Storage: what is stored once, what for each, and what a pull still has to fetch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._counts import switch, within_numbers
from virtlearn.core.check import Floats
from virtlearn.errors import ImpossibleAmount, ShapeMismatch

__all__ = ["clones_mib", "full_copies_mib", "pull_s", "stored_mib"]


def _bits(name: str, value: ArrayLike, meaning: str) -> Floats:
    x = check.numbers(name, value)
    rule = f"it must be 0 or 1 ({meaning})"
    return check.require(name, x, (x == 0) | (x == 1), rule, ImpossibleAmount)


def _layers(images: ArrayLike, layers_mib: ArrayLike) -> tuple[Floats, Floats]:
    used = _bits("images", images, "used")
    if used.ndim != 2:
        rule = "it must have a row for each image and a column for each layer"
        raise ShapeMismatch(f"images has the shape {used.shape}; {rule}.")
    given = {"layers_mib": check.amount("layers_mib", layers_mib)}
    (size,) = check.broadcast_rows(given, {}, n=used.shape[1], what="layers")
    return used, size


@within_numbers
def stored_mib(images: ArrayLike, layers_mib: ArrayLike) -> Floats:
    """Disk of images that share layers: a layer that any image uses is stored once.

    Parameters
    ----------
    images : array_like of 0 and 1, shape (images, layers)
        Which image uses which layer.
    layers_mib : array_like, shape (..., layers)
        Size of each layer [MiB].

    Returns
    -------
    ndarray, shape (...)
        Disk [MiB].

    Raises
    ------
    ImpossibleAmount
        Where ``images`` holds anything but 0 and 1, or a size is negative or not finite.
    ShapeMismatch
        Where there is not one size for each layer.

    Examples
    --------
    Two applications on one base of 75 MiB:

    >>> stored_mib([[1, 1, 0], [1, 0, 1]], [75, 10, 20]).item()
    105.0
    """
    used, size = _layers(images, layers_mib)
    return np.asarray(size @ used.any(axis=0).astype(float))


@within_numbers
def full_copies_mib(images: ArrayLike, layers_mib: ArrayLike) -> Floats:
    """Disk of the same images, each stored whole.

    Parameters
    ----------
    images : array_like of 0 and 1, shape (images, layers)
        Which image uses which layer.
    layers_mib : array_like, shape (..., layers)
        Size of each layer [MiB].

    Returns
    -------
    ndarray, shape (...)
        Disk [MiB].

    Raises
    ------
    ImpossibleAmount, ShapeMismatch
        As for `stored_mib`.

    Examples
    --------
    >>> full_copies_mib([[1, 1, 0], [1, 0, 1]], [75, 10, 20]).item()
    180.0
    """
    used, size = _layers(images, layers_mib)
    return np.asarray(size @ used.sum(axis=0))


@within_numbers
def clones_mib(
    base_mib: ArrayLike, changed_fraction: ArrayLike, copies: ArrayLike, *, unit: str = "block"
) -> Floats:
    """Disk of clones: one base, and what each of them changed (copy on write).

    Parameters
    ----------
    base_mib, changed_fraction, copies : array_like
        Size of the base [MiB], the fraction of it that each clone rewrites, and how
        many clones; they broadcast.
    unit : {"block", "file"}
        What is copied on the first write: the block, as virtual disks and snapshots do, or the
        whole file, as overlayfs does; the base is then one file.

    Returns
    -------
    ndarray
        Disk [MiB], with the shape that all three broadcast to.

    Raises
    ------
    ImpossibleAmount
        Where a size is negative or not finite.
    ImpossibleProbability
        Where a fraction lies outside 0 to 1.
    ImpossibleCount
        Where a number of clones is not whole.
    ShapeMismatch
        Where the arrays do not broadcast.
    UnknownName
        Where there is no such unit.

    References
    ----------
    Linux Documentation/filesystems/overlayfs.rst, "Non-directories".

    Examples
    --------
    Ten clones of 2 GiB that each rewrite a tenth take 4 GiB, not 20:

    >>> clones_mib(2048, 0.1, 10).item()
    4096.0

    A file of 256 MiB, one byte written in each of ten containers: every one copies it up.

    >>> clones_mib(256, 1 / 2**28, 10, unit="file").item()
    2816.0
    """
    check.known("unit", unit, ("block", "file"))
    base, changed, n = check.broadcast(
        base_mib=check.amount("base_mib", base_mib),
        changed_fraction=check.probability("changed_fraction", changed_fraction),
        copies=check.whole_numbers("copies", copies),
    )
    if unit == "file":
        changed = np.where(changed > 0, 1.0, 0.0)
    return np.asarray(base * (1 + changed * n))


@within_numbers
def pull_s(
    images: ArrayLike,
    layers_mib: ArrayLike,
    *,
    cached: ArrayLike,
    mib_per_s: ArrayLike,
    in_order: bool = False,
) -> Floats:
    """Seconds to fetch each image, layers that are there already left out.

    Parameters
    ----------
    images, layers_mib
        As for `stored_mib`.
    cached : array_like of 0 and 1, shape (layers,)
        Which layers are there already; one number stands for all.
    mib_per_s : array_like, shape (...)
        How fast they come [MiB/s].
    in_order : bool
        False: each image as if it were pulled alone. True: one after the other, and each finds the
        layers that those before it brought; the answer is then when each is there.

    Returns
    -------
    ndarray, shape (..., images)
        Seconds for each image, or until each is there [s].

    Raises
    ------
    ImpossibleAmount
        Where a rate is not positive, or a size negative or not finite.
    ShapeMismatch
        Where there is not one size for each layer, or not one rate for each row of sizes.

    Examples
    --------
    >>> pull_s([[1, 1, 0], [1, 0, 1]], [75, 10, 20], cached=[1, 0, 0], mib_per_s=10).tolist()
    [1.0, 2.0]
    >>> pull_s([[1, 1, 0], [1, 0, 1]], [75, 10, 20], cached=0, mib_per_s=10, in_order=True).tolist()
    [8.5, 10.5]
    """
    used, size = _layers(images, layers_mib)
    there = check.each("cached", _bits("cached", cached, "there already"), used.shape[1], "layers")
    speed = check.positive("mib_per_s", mib_per_s)
    if switch("in_order", in_order):
        # By the time an image is there, so is every layer that it or one before it uses.
        used = np.maximum.accumulate(used, axis=0)
    # Only the layers that are not there yet cross the network.
    fetched = np.asarray(size * (1 - there)) @ used.T
    check.shape(
        "mib_per_s has one number for each row of layers_mib",
        layers_mib=size.sum(axis=-1),
        mib_per_s=speed,
    )
    return np.asarray(fetched / speed[..., None])
