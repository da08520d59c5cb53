"""A deployment is a tree, and its questions are walks over it.

A tree is an integer array ``parent``: the first node is the root, with parent -1, and every other node comes after
its parent. Sums over subtrees answer "how much does it all take?", sums and products along paths "how long until
it answers?" and "is everything above it up?".
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import _check as check
from virtlearn.core._check import Floats, Ints
from virtlearn.core._levels import Levels, add_up, by_level, steps_to_root
from virtlearn.errors import ImpossibleAmount, ShapeMismatch

__all__ = ["depth", "leaves", "path_product", "path_sum", "subtree_sum"]

_ONE_EACH = "x holds one number for each node"


def _per_node(parent: Any, x: ArrayLike) -> tuple[Levels, Floats]:
    """Check a tree and one number for each of its nodes, and copy those level by level."""
    tree, x = check.tree(parent), check.amount("x", x)
    shape = check.shape(_ONE_EACH, x=x, parent=np.broadcast_to(0.0, tree.shape))
    if shape[-1] != tree.size:
        raise ShapeMismatch(f"x {x.shape}, parent {tree.shape} cannot be lined up; {_ONE_EACH}.")
    levels = by_level(tree)
    return levels, np.broadcast_to(x, shape)[..., levels.order].copy()


def _in_order(levels: Levels, x: Floats) -> Floats:
    """Give the nodes their old numbers back, unless an amount has grown beyond every number."""
    if not np.isfinite(x).all():
        raise ImpossibleAmount("x grows beyond the largest number (1.8e308) on its way; use a larger unit.")
    return x[..., levels.back]


def subtree_sum(parent: ArrayLike, x: ArrayLike) -> Floats:
    """Add to each node's amount the amounts of everything that runs in it.

    Parameters
    ----------
    parent : int array, shape (n,)
        The parent of each node; -1 for the first.
    x : array, shape (..., n)
        What each node needs for itself.

    Returns
    -------
    array, shape (..., n)
        What each node needs with all that is below it.

    Raises
    ------
    NotATree, ImpossibleAmount, ShapeMismatch

    Examples
    --------
    A host (no memory of its own) with a hypervisor of 100 MiB and two guests of 512 and 256:

    >>> subtree_sum([-1, 0, 1, 1], [0, 100, 512, 256]).tolist()
    [868.0, 868.0, 512.0, 256.0]
    """
    levels, total = _per_node(parent, x)
    for above, below in reversed(levels.spans()):
        total[..., above] += add_up(levels, total, above, below)
    return _in_order(levels, total)


def path_sum(parent: ArrayLike, x: ArrayLike) -> Floats:
    """Add up the amounts on the way from the root to each node, both included.

    Parameters
    ----------
    parent : int array, shape (n,)
        The parent of each node; -1 for the first.
    x : array, shape (..., n)
        What each node adds, for example the seconds that it takes to start.

    Returns
    -------
    array, shape (..., n)

    Raises
    ------
    NotATree, ImpossibleAmount, ShapeMismatch

    Examples
    --------
    A guest boots in 8 s on a running host, then its two containers start in 0.5 and 1 s:

    >>> path_sum([-1, 0, 1, 1], [0, 8, 0.5, 1]).tolist()
    [0.0, 8.0, 8.5, 9.0]
    """
    levels, total = _per_node(parent, x)
    for _, below in levels.spans():
        total[..., below] += total[..., levels.parent[below]]
    return _in_order(levels, total)


def path_product(parent: ArrayLike, x: ArrayLike) -> Floats:
    """Multiply the amounts on the way from the root to each node, both included.

    Parameters
    ----------
    parent : int array, shape (n,)
        The parent of each node; -1 for the first.
    x : array, shape (..., n)
        A factor for each node, for example the fraction of time that it is up.

    Returns
    -------
    array, shape (..., n)

    Raises
    ------
    NotATree, ImpossibleAmount, ShapeMismatch

    Examples
    --------
    >>> path_product([-1, 0, 1, 1], [0.5, 1, 0.5, 0.25]).tolist()
    [0.5, 0.5, 0.25, 0.125]
    """
    levels, total = _per_node(parent, x)
    for _, below in levels.spans():
        total[..., below] *= total[..., levels.parent[below]]
    return _in_order(levels, total)


def depth(parent: ArrayLike) -> Ints:
    """Count the steps from each node up to the root.

    Parameters
    ----------
    parent : int array, shape (n,)
        The parent of each node; -1 for the first.

    Returns
    -------
    int array, shape (n,)

    Raises
    ------
    NotATree

    Examples
    --------
    >>> depth([-1, 0, 1, 1]).tolist()
    [0, 1, 2, 2]
    """
    return steps_to_root(check.tree(parent))


def leaves(parent: ArrayLike) -> Ints:
    """List the nodes that nothing runs in.

    Parameters
    ----------
    parent : int array, shape (n,)
        The parent of each node; -1 for the first.

    Returns
    -------
    int array
        Indices, in order.

    Raises
    ------
    NotATree

    Examples
    --------
    >>> leaves([-1, 0, 1, 1]).tolist()
    [2, 3]
    """
    tree = check.tree(parent)
    return np.flatnonzero(np.bincount(tree[1:], minlength=tree.size) == 0)
