"""Storage: what is stored once, what for each, and what a pull still has to fetch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import _check as check
from virtlearn.core._check import Floats
from virtlearn.errors import ImpossibleAmount, ShapeMismatch

__all__ = ["clones_mib", "full_copies_mib", "pull_s", "stored_mib"]


def _bits(name: str, value: ArrayLike, ndim: int) -> Floats:
    """0 or 1 for each layer, in the right number of dimensions."""
    x = check.amount(name, value)
    if x.ndim != ndim:
        rows = "a row for each image and a column for each layer" if ndim == 2 else "a number for each layer"
        raise ShapeMismatch(f"{name} has the shape {x.shape}; it must have {rows}.")
    if not np.isin(x, (0, 1)).all():
        raise ImpossibleAmount(
            f"{name} holds {float(x[~np.isin(x, (0, 1))][0])}; it must hold only 0 (not used) and 1 (used)."
        )
    return x


def _layers(images: ArrayLike, layers_mib: ArrayLike) -> tuple[Floats, Floats]:
    used, size = _bits("images", images, 2), check.amount("layers_mib", layers_mib)
    if size.shape[-1:] != used.shape[1:]:
        raise ShapeMismatch(
            f"layers_mib has the shape {size.shape}, but images has {used.shape[1]} layers; give one size for each."
        )
    return used, size


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
    base, changed, n = (
        check.amount("base_mib", base_mib),
        check.probability("changed_fraction", changed_fraction),
        check.amount("copies", copies),
    )
    check.shape("they describe the same clones", base_mib=base, changed_fraction=changed, copies=n)
    return np.asarray(base * (1 + changed * n))


def pull_s(images: ArrayLike, layers_mib: ArrayLike, *, cached: ArrayLike, mib_per_s: ArrayLike) -> Floats:
    """Seconds to fetch each image, layers that are there already left out.

    Parameters
    ----------
    images, layers_mib
        As for `stored_mib`.
    cached : array_like of 0 and 1, shape (layers,)
        Which layers are there already.
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
    there, speed = _bits("cached", cached, 1), check.positive("mib_per_s", mib_per_s)
    if there.shape != used.shape[1:]:
        raise ShapeMismatch(
            f"cached has {there.size} layers, but images has {used.shape[1]}; give one 0 or 1 for each."
        )
    fetched = np.asarray(size * (1 - there)) @ used.T
    check.shape("mib_per_s has one number for each row of layers_mib", layers_mib=size.sum(axis=-1), mib_per_s=speed)
    return np.asarray(fetched / speed[..., None])
