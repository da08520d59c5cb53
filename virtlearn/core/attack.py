"""Break-ins: who has a node has all that runs in it, and tries to climb into what carries it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from virtlearn.core import check
from virtlearn.core import tree as walks
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import ImpossibleCount

__all__ = [
    "expected_copies_lost",
    "play_attacks",
    "reach_pmf",
    "simulate_attacks",
    "walls_on_the_way",
]

Bools = NDArray[np.bool_]
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


def walls_on_the_way(parent: ArrayLike, escape: ArrayLike, start: int) -> list[int]:
    """List the nodes whose walls an intruder has to get through, in the order of trying.

    Parameters
    ----------
    parent, escape, start
        As for `reach_pmf`.

    Returns
    -------
    list of int
        From ``start`` upward; a node that every intruder leaves (``escape`` 1) is no wall.

    Raises
    ------
    NotATree, ImpossibleProbability, ImpossibleCount, ShapeMismatch
        As for `reach_pmf`.

    Examples
    --------
    A process in a container on a kernel; only the container is a wall:

    >>> walls_on_the_way([-1, 0, 1, 2], [0, 1, 0.1, 1], start=3)
    [2]
    """
    tree, out, node = _read(parent, escape, start)
    return [i for i in _up(tree, node)[:-1] if out[i] < 1]


def play_attacks(
    parent: ArrayLike,
    escape: ArrayLike,
    start: int,
    *,
    lateral: float = 0.0,
    steps: int = 0,
    trials: int,
    rng: Generator,
) -> Bools:
    """Play attacks and say which nodes the intruder controls after each move.

    One move for each of `walls_on_the_way`, tried in order; then one for each step in which
    captured copies use credentials that all share, as in `simulate_attacks`. Equal numbers from
    ``rng`` give equal dice: a weaker wall only adds nodes.

    Parameters
    ----------
    parent, escape, start, lateral
        As for `simulate_attacks`.
    steps : int
        How many steps with shared credentials follow the walls.
    trials : int
        How many attacks.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    ndarray of bool, shape (1 + walls + steps, trials, n)
        Row 0 is before the first wall is tried.

    Raises
    ------
    NotATree, ImpossibleProbability, ImpossibleCount, ShapeMismatch
        As for `reach_pmf`; steps are whole numbers of at least 0, trials of at least 1.

    Examples
    --------
    Two machines on a host, a wall that always holds, and a key that opens every door:

    >>> rng = np.random.default_rng(1)
    >>> taken = play_attacks([-1, 0, 0], 0.0, 1, lateral=1.0, steps=1, trials=1, rng=rng)
    >>> taken[:, 0].astype(int).tolist()
    [[0, 1, 0], [0, 1, 0], [0, 1, 1]]
    """
    tree, out, node = _read(parent, escape, start)
    chance = check.one("lateral", check.probability("lateral", lateral))
    n_steps = check.whole("steps", steps)
    n = check.whole("trials", trials, least=1)
    top = _tops(tree, out, n, rng)
    climb = _climb(tree, walls_on_the_way(tree, out, node), node, top[:, node])
    spread = list(_spread(tree, top, climb[-1], chance, n_steps, rng))
    return np.stack([*climb, *spread[1:]])


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
    leaves = walks.leaves(tree)
    total = np.zeros(n_steps)
    # So many trials at once that their nodes take some tens of MiB.
    at_once = max(1, NODES_AT_ONCE // tree.size)
    for begin in range(0, n, at_once):
        here = min(at_once, n - begin)
        top = _tops(tree, out, here, rng)
        held = np.zeros(top.shape, dtype=bool)
        held[np.arange(here), top[:, node]] = True
        after = list(_spread(tree, top, held, chance, n_steps, rng))[1:]
        total += [taken[:, leaves].sum() for taken in after]
    return total / n


def _up(tree: Ints, node: int) -> list[int]:
    """List a node and all that carry it."""
    path = [node]
    while path[-1]:
        path.append(int(tree[path[-1]]))
    return path


def _tops(tree: Ints, escape: Floats, trials: int, rng: Generator) -> Ints:
    """Throw the dice for every wall: how far an intruder climbs from each node, in each trial."""
    gives_way = rng.random((trials, tree.size)) < escape
    top = np.broadcast_to(np.arange(tree.size), gives_way.shape).copy()
    for i in range(1, tree.size):  # parents first
        top[:, i] = np.where(gives_way[:, i], top[:, tree[i]], i)
    return top


def _climb(tree: Ints, walls: list[int], start: int, top: Ints) -> list[Bools]:
    """Give what is controlled before the first wall and after each one, up to ``top``."""
    path = _up(tree, start)
    # Each node of the path with all that stands in it.
    inside = walks.path_sum(tree, np.eye(tree.size)[path]) > 0
    height = np.zeros(tree.size, dtype=np.int64)
    height[path] = np.arange(len(path))
    # Before wall k is tried, nobody is past it.
    ends = [*height[walls].tolist(), len(path) - 1]
    return [inside[np.minimum(height[top], end)] for end in ends]


def _spread(
    tree: Ints, top: Ints, held: Bools, lateral: float, steps: int, rng: Generator
) -> Iterator[Bools]:
    """Give what is controlled in each trial: first downwards only, then after each step."""
    leaves = walks.leaves(tree)
    held = held.copy()
    for step in range(steps + 1):
        if step and lateral:
            captured = held[:, leaves]
            # A copy stays out only if each captured one fails to get in.
            chance = 1 - (1 - lateral) ** captured.sum(axis=1, keepdims=True)
            trial, copy = np.nonzero(~captured & (rng.random(captured.shape) < chance))
            held[trial, top[trial, leaves[copy]]] = True
        for i in range(1, tree.size):  # who controls a node controls what runs in it
            held[:, i] |= held[:, tree[i]]
        yield held.copy()
