"""Storage: what is stored once, what for each, and what a pull still has to fetch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core.check import Floats, line_up
from virtlearn.errors import ImpossibleAmount, ShapeMismatch

__all__ = ["clones_mib", "full_copies_mib", "pull_s", "stored_mib"]


def _bits(name: str, value: ArrayLike, meaning: str) -> Floats:
    x = check.numbers(name, value)
    return check.keep(
        name, x, (x == 0) | (x == 1), f"it must be 0 or 1 ({meaning})", ImpossibleAmount
    )


def _layers(images: ArrayLike, layers_mib: ArrayLike) -> tuple[Floats, Floats]:
    used = _bits("images", images, "used")
    if used.ndim != 2:
        rule = "it must have a row for each image and a column for each layer"
        raise ShapeMismatch(f"images has the shape {used.shape}; {rule}.")
    return used, line_up("layers_mib", layers_mib, n=used.shape[1], what="layers")[0]


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

    Examples
    --------
    Two applications on one base of 75 MiB:

    >>> stored_mib([[1, 1, 0], [1, 0, 1]], [75, 10, 20]).item()
    105.0
    """
    used, size = _layers(images, layers_mib)
    return np.asarray(size @ used.any(axis=0).astype(float))


def full_copies_mib(images: ArrayLike, layers_mib: ArrayLike) -> Floats:
    """Disk of the same images, each stored whole; arguments and result as for `stored_mib`.

    Examples
    --------
    >>> full_copies_mib([[1, 1, 0], [1, 0, 1]], [75, 10, 20]).item()
    180.0
    """
    used, size = _layers(images, layers_mib)
    return np.asarray(size @ used.sum(axis=0))


def clones_mib(base_mib: ArrayLike, changed_fraction: ArrayLike, copies: ArrayLike) -> Floats:
    """Disk of clones: one base, and what each of them changed (copy on write).

    Parameters
    ----------
    base_mib, changed_fraction, copies : array_like
        Size of the base [MiB], the fraction of it that each clone rewrites, and how many clones; they broadcast.

    Examples
    --------
    Ten clones of 2 GiB that each rewrite a tenth take 4 GiB, not 20:

    >>> clones_mib(2048, 0.1, 10).item()
    4096.0
    """
    base, changed, n = line_up(
        "base_mib changed_fraction copies", base_mib, changed_fraction, copies
    )
    return np.asarray(base * (1 + changed * n))


def pull_s(
    images: ArrayLike, layers_mib: ArrayLike, *, cached: ArrayLike, mib_per_s: ArrayLike
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

    Returns
    -------
    ndarray, shape (..., images)
        Seconds for each image [s].

    Examples
    --------
    >>> pull_s([[1, 1, 0], [1, 0, 1]], [75, 10, 20], cached=[1, 0, 0], mib_per_s=10).tolist()
    [1.0, 2.0]
    """
    used, size = _layers(images, layers_mib)
    there = check.each("cached", _bits("cached", cached, "there already"), used.shape[1], "layers")
    speed = check.positive("mib_per_s", mib_per_s)
    fetched = np.asarray(size * (1 - there)) @ used.T
    check.shape(
        "mib_per_s has one number for each row of layers_mib",
        layers_mib=size.sum(axis=-1),
        mib_per_s=speed,
    )
    return np.asarray(fetched / speed[..., None])
