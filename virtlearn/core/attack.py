"""Break-ins: who has a node has all that runs in it, and tries to climb into what carries it."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core import tree as walks
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import ImpossibleCount

__all__ = ["expected_copies_lost", "reach_pmf", "simulate_attacks"]

NODES_AT_ONCE = 2_000_000


def _read(parent: ArrayLike, escape: ArrayLike, start: int) -> tuple[Ints, Floats, int]:
    tree = check.tree(parent)
    node = check.whole("start", start)
    chance = check.probability("escape", escape)
    out = check.each("escape", chance, tree.size, "nodes").copy()
    if node >= tree.size:
        raise ImpossibleCount(f"start is {node}, but the tree has the nodes 0 to {tree.size - 1}.")
    out[0] = 0.0  # nobody climbs out of the root
    return tree, out, node


def reach_pmf(parent: ArrayLike, escape: ArrayLike, start: int) -> Floats:
    """Probability that each node is the highest one an intruder reaches.

    From ``start`` upward each wall is tried once: the intruder is at a node if all walls below it
    gave way, and ends there if the next one holds.

    Parameters
    ----------
    parent : array_like of int, shape (n,)
        The tree.
    escape : array_like, shape (n,)
        Probability that who controls a node breaks out into its parent.
    start : int
        The node the intruder controls first.

    Returns
    -------
    ndarray, shape (n,)
        Sums to one; 0 off the path.

    Raises
    ------
    NotATree
        Where ``parent`` is no tree.
    ImpossibleProbability
        Where ``escape`` lies outside 0 to 1.
    ImpossibleCount
        Where ``start`` is no node of the tree.
    ShapeMismatch
        Where there is not one ``escape`` for each node.

    Examples
    --------
    A host with a kernel with a container; the container's wall gives way once in ten times:

    >>> reach_pmf([-1, 0, 1], [0, 0.5, 0.1], start=2).round(3).tolist()
    [0.05, 0.05, 0.9]
    """
    tree, out, node = _read(parent, escape, start)
    pmf = np.zeros(tree.size)
    reached = 1.0
    while node >= 0:
        # The intruder ends here if the next wall holds, and is above it otherwise.
        pmf[node] = reached * (1 - out[node])
        reached *= out[node]
        node = int(tree[node])
    return pmf


def expected_copies_lost(parent: ArrayLike, escape: ArrayLike, start: int) -> float:
    """Copies (leaves) that an intruder who controls ``start`` takes on average.

    Parameters
    ----------
    parent, escape, start
        As for `reach_pmf`.

    Returns
    -------
    float
        The mean number of copies, that one included.

    Raises
    ------
    NotATree, ImpossibleProbability, ImpossibleCount, ShapeMismatch
        As for `reach_pmf`.

    Examples
    --------
    Ten containers on one kernel, each wall 0.1: one is lost, and the other nine once in ten times.

    >>> expected_copies_lost([-1, 0, *[1] * 10], [0, 0, *[0.1] * 10], start=2)
    1.9
    """
    tree = check.tree(parent)
    copies = walks.subtree_sum(tree, np.bincount(walks.leaves(tree), minlength=tree.size))
    return float(reach_pmf(tree, escape, start) @ copies)


def simulate_attacks(
    parent: ArrayLike,
    escape: ArrayLike,
    start: int,
    *,
    lateral: float = 0.0,
    steps: int,
    trials: int,
    rng: Generator,
) -> Floats:
    """Mean copies lost after each step, where captured copies also use credentials that all share.

    The intruder takes ``start`` and climbs from there. Then in each step every captured copy
    captures every other one with probability ``lateral``, which no wall stops, and the new ones
    climb. Each wall is tried once. With ``lateral=0`` the mean agrees with `expected_copies_lost`.
    Illustrative: no published rate of spread exists.

    Parameters
    ----------
    parent, escape, start
        As for `reach_pmf`.
    lateral : float
        Probability for each pair of copies in each step.
    steps, trials : int
        How many steps, and how often it is tried.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    ndarray, shape (steps,)
        Mean number of copies lost after each step.

    Raises
    ------
    NotATree, ImpossibleProbability, ImpossibleCount, ShapeMismatch
        As for `reach_pmf`; steps and trials are whole numbers of at least 1.

    Examples
    --------
    Machines whose walls hold, and credentials that open every door:

    >>> rng = np.random.default_rng(1)
    >>> lost = simulate_attacks([-1, 0, 0, 0], 0.0, 1, lateral=1.0, steps=2, trials=5, rng=rng)
    >>> lost.tolist()
    [3.0, 3.0]
    """
    tree, out, node = _read(parent, escape, start)
    chance = check.one("lateral", check.probability("lateral", lateral))
    n_steps = check.whole("steps", steps, least=1)
    n = check.whole("trials", trials, least=1)
    total = np.zeros(n_steps)
    # So many trials at once that their nodes take some tens of MiB.
    at_once = max(1, NODES_AT_ONCE // tree.size)
    for begin in range(0, n, at_once):
        here = min(at_once, n - begin)
        total += _attack(tree, out, node, chance, n_steps, here, rng)
    return total / n


def _attack(
    tree: Ints, escape: Floats, start: int, lateral: float, steps: int, trials: int, rng: Generator
) -> Floats:
    """Copies lost in so many trials together, after each step."""
    gives_way = rng.random((trials, tree.size)) < escape
    top = np.broadcast_to(np.arange(tree.size), gives_way.shape).copy()
    for i in range(1, tree.size):  # how far each node climbs, parents first
        top[:, i] = np.where(gives_way[:, i], top[:, tree[i]], i)
    leaves = walks.leaves(tree)
    held = np.zeros((trials, tree.size), dtype=bool)
    row = np.arange(trials)
    held[row, top[row, start]] = True
    captured = held[:, leaves]
    lost = np.zeros(steps + 1)
    # Step 0 only spreads the intruder's first node downwards.
    for step in range(steps + 1):
        if step and lateral:
            # A copy stays out only if each captured one fails to get in.
            spread = 1 - (1 - lateral) ** captured.sum(axis=1, keepdims=True)
            trial, copy = np.nonzero(~captured & (rng.random(captured.shape) < spread))
            held[trial, top[trial, leaves[copy]]] = True
        for i in range(1, tree.size):  # who controls a node controls what runs in it
            held[:, i] |= held[:, tree[i]]
        captured = held[:, leaves]
        lost[step] = captured.sum()
    return lost[1:]
