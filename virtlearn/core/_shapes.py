"""Shapes that fit together: one number, one for each, or arrays that broadcast."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from virtlearn import errors

Floats = NDArray[np.float64]


def one(name: str, x: Floats) -> float:
    """Require a single number.

    Parameters
    ----------
    name : str
        What the argument is called.
    x : ndarray
        What was given.

    Returns
    -------
    float
        The number.

    Raises
    ------
    ShapeMismatch
        Where there are several.
    """
    if x.ndim:
        raise errors.ShapeMismatch(f"{name} has the shape {x.shape}; it must be one number.")
    return float(x)


def each(name: str, x: Floats, n: int, what: str) -> Floats:
    """Give every node or layer its own number; one number stands for all.

    Parameters
    ----------
    name : str
        What the argument is called.
    x : ndarray, shape () or (n,)
        What was given.
    n : int
        How many there are.
    what : str
        What they are, such as "nodes".

    Returns
    -------
    ndarray, shape (n,)
        A number for each.

    Raises
    ------
    ShapeMismatch
        Where there is neither one number nor one for each.
    """
    if x.shape not in ((), (n,)):
        wrong = f"{name} has the shape {x.shape}, but there are {n} {what}"
        raise errors.ShapeMismatch(f"{wrong}; give one number for each.")
    return np.broadcast_to(x, n)


def shape(rule: str, **arrays: NDArray[Any]) -> tuple[int, ...]:
    """Find the shape that all arrays broadcast to.

    Parameters
    ----------
    rule : str
        How they should fit together, in words, for a refusal.
    **arrays : ndarray
        The arrays by the names of their arguments.

    Returns
    -------
    tuple of int
        The common shape.

    Raises
    ------
    ShapeMismatch
        Where they have none.
    """
    try:
        return np.broadcast_shapes(*(a.shape for a in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
        raise errors.ShapeMismatch(f"{shapes} cannot be lined up; {rule}.") from None


def broadcast(**arrays: Floats) -> list[Floats]:
    """Broadcast some arrays to their common shape.

    Parameters
    ----------
    **arrays : ndarray
        The arrays by the names of their arguments.

    Returns
    -------
    list of ndarray
        In the same order, all of one shape.

    Raises
    ------
    ShapeMismatch
        Where they have no common shape.

    Examples
    --------
    >>> mtbf_h, mttr_h = broadcast(mtbf_h=np.array([100.0, 200.0]), mttr_h=np.array(5.0))
    >>> mttr_h.tolist()
    [5.0, 5.0]
    """
    full = shape("they must broadcast", **arrays)
    return [np.broadcast_to(a, full) for a in arrays.values()]


def broadcast_rows(
    entries: Mapping[str, Floats],
    rows: Mapping[str, Floats],
    *,
    n: int | None = None,
    what: str = "nodes",
) -> list[Floats]:
    """Broadcast arrays of one entry each together with arrays of one number a row.

    Parameters
    ----------
    entries : mapping of str to ndarray, shape (..., n)
        Arrays whose last axis is one entry for each tenant, node or layer.
    rows : mapping of str to ndarray, shape (...)
        Arrays without that axis: one number for the whole row.
    n : int, optional
        How many entries there must be; left out, the arrays tell.
    what : str
        What an entry is, for a refusal.

    Returns
    -------
    list of ndarray
        The entries, then the rows, each in the same order.

    Raises
    ------
    ShapeMismatch
        Where the shapes do not fit together.

    Examples
    --------
    >>> entries = {"demand_cores": np.array([1.0, 2.0, 3.0])}
    >>> [a.shape for a in broadcast_rows(entries, {"capacity_cores": np.array([4.0, 8.0])})]
    [(2, 3), (2,)]
    """
    for name, x in entries.items():
        if n is not None and x.shape[-1:] not in {(), (1,), (n,)}:
            wrong = f"{name} has the shape {x.shape}, but there are {n} {what}"
            raise errors.ShapeMismatch(f"{wrong}; give one for each.")
    rule = "they must broadcast"
    if rows:
        rule = f"the last axis is one entry each, and {' and '.join(rows)} lacks it"
    as_entries = {name: x[..., None] for name, x in rows.items()}
    full = shape(rule, **entries, **as_entries)
    if n is not None:
        full = (*full[:-1], n)
    wide = [np.broadcast_to(x, full) for x in entries.values()]
    return wide + [np.broadcast_to(x, full[:-1]) for x in rows.values()]
