"""A deployment is a tree, and its questions are walks over it.

A tree is an integer array ``parent``: node 0 is the root, with parent -1, and every node comes
after its parent; anything else is refused (`NotATree`). Numbers per node have the shape (..., n),
finite and at least 0 (`ImpossibleAmount`, `ShapeMismatch`). Below, a host runs a guest, and the
guest two containers: ``[-1, 0, 1, 1]``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._levels import Levels, by_level, steps_to_root
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import ImpossibleAmount

__all__ = ["depth", "leaves", "path_product", "path_sum", "subtree_sum"]

# A sum that overflows is refused with a sentence in place of numpy's warning.
_QUIET = np.errstate(over="ignore", invalid="ignore")


def _begin(parent: ArrayLike, x: ArrayLike) -> tuple[Levels, Floats]:
    """Check a tree and its numbers, and put them level by level."""
    tree = check.tree(parent)
    levels = by_level(tree)
    given = {"x": check.amount("x", x)}
    (numbers,) = check.broadcast_rows(given, {}, n=tree.size)
    return levels, numbers[..., levels.order].copy()


def _end(levels: Levels, total: Floats) -> Floats:
    """Put the nodes back in their own order."""
    if not np.isfinite(total).all():
        raise ImpossibleAmount(
            "x grows beyond the largest number (1.8e308) on its way; use a larger unit."
        )
    return total[..., levels.back]


@_QUIET
def subtree_sum(parent: ArrayLike, x: ArrayLike) -> Floats:
    """Add up x over each node and everything inside it.

    Parameters
    ----------
    parent : int array, shape (n,)
        The tree.
    x : array, shape (..., n)
        A number for each node, such as the memory it needs for itself.

    Returns
    -------
    array, shape (..., n)
        The sum over each node's subtree.

    Raises
    ------
    NotATree
        Where ``parent`` is no tree.
    ImpossibleAmount
        Where x is negative or not finite, or a sum beyond every number.
    ShapeMismatch
        Where there is not one x for each node.

    Examples
    --------
    A hypervisor's share of 100 MiB on the host, a guest of 256 and containers of 10 and 20:

    >>> subtree_sum([-1, 0, 1, 1], [100, 256, 10, 20]).tolist()
    [386.0, 286.0, 10.0, 20.0]
    """
    levels, total = _begin(parent, x)
    for above, below in reversed(levels.spans()):
        total[..., above] += levels.add_up(total, above, below)
    return _end(levels, total)


@_QUIET
def path_sum(parent: ArrayLike, x: ArrayLike) -> Floats:
    """Add up x on the way from the root to each node, both included.

    Parameters
    ----------
    parent : int array, shape (n,)
        The tree.
    x : array, shape (..., n)
        A number for each node.

    Returns
    -------
    array, shape (..., n)
        The result for each node's path.

    Raises
    ------
    NotATree, ImpossibleAmount, ShapeMismatch
        As for `subtree_sum`.

    Examples
    --------
    On a running host a guest boots in 8 s, then its containers start in 0.5 and 1 s:

    >>> path_sum([-1, 0, 1, 1], [0, 8, 0.5, 1]).tolist()
    [0.0, 8.0, 8.5, 9.0]
    """
    levels, total = _begin(parent, x)
    for _, below in levels.spans():
        total[..., below] += total[..., levels.parent[below]]
    return _end(levels, total)


@_QUIET
def path_product(parent: ArrayLike, x: ArrayLike) -> Floats:
    """Multiply x on the way from the root to each node, both included.

    Parameters
    ----------
    parent : int array, shape (n,)
        The tree.
    x : array, shape (..., n)
        A number for each node.

    Returns
    -------
    array, shape (..., n)
        The result for each node's path.

    Raises
    ------
    NotATree, ImpossibleAmount, ShapeMismatch
        As for `subtree_sum`.

    Examples
    --------
    The host is up half of the time, and the first container half of the time that its guest is:

    >>> path_product([-1, 0, 1, 1], [0.5, 1, 0.5, 0.25]).tolist()
    [0.5, 0.5, 0.25, 0.125]
    """
    levels, total = _begin(parent, x)
    for _, below in levels.spans():
        total[..., below] *= total[..., levels.parent[below]]
    return _end(levels, total)


def depth(parent: ArrayLike) -> Ints:
    """Count the steps from each node up to the root.

    Parameters
    ----------
    parent : int array, shape (n,)
        The tree.

    Returns
    -------
    int array, shape (n,)
        0 for the root.

    Raises
    ------
    NotATree
        Where ``parent`` is no tree.

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
        The tree.

    Returns
    -------
    int array
        Their indices, in order.

    Raises
    ------
    NotATree
        Where ``parent`` is no tree.

    Examples
    --------
    >>> leaves([-1, 0, 1, 1]).tolist()
    [2, 3]
    """
    tree = check.tree(parent)
    return np.flatnonzero(np.bincount(tree[1:], minlength=tree.size) == 0)
