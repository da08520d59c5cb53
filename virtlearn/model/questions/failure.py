"""What fails together, and how many copies are up? A copy is up if its whole path is."""

from __future__ import annotations

import numpy as np

from virtlearn import core, units
from virtlearn.catalog.layers import LayerSpec
from virtlearn.core.check import Floats, Ints
from virtlearn.model.questions.question import Question
from virtlearn.model.tree import Bools, Tree

__all__ = ["ALL_UP", "at_least_up", "copies_up_pmf", "dies_with", "down_with"]


def copies_up_pmf(tree: Tree, common_cause: float = 0.0) -> Floats:
    """Probability that exactly 0, 1, 2, … copies are up.

    Parameters
    ----------
    tree : Tree
        The tree, with at least one copy.
    common_cause : float
        Probability that one cause takes all copies, whatever the tree.

    Returns
    -------
    ndarray, shape (copies + 1,)
        Sums to one.

    Raises
    ------
    ImpossibleProbability
        Where ``common_cause`` lies outside 0 to 1.
    """
    up = tree.numbers(_availability)
    carries = tree.copies_below > 0  # an empty layer is not a copy
    # The law takes a tree of what carries copies: each node's new index, and -1 above the root.
    new_index = np.full(len(tree), -1)
    new_index[carries] = np.arange(carries.sum())
    parent = np.where(tree.parent < 0, -1, new_index[tree.parent])
    return core.failure.copies_up_pmf(parent[carries], up[carries], common_cause=common_cause)


def _availability(layer: LayerSpec) -> float:
    """Share of time a layer is up; one that steps aside takes nothing down with it, so it counts as up."""
    if not layer.ends_what_runs:
        return 1.0
    return float(core.failure.availability(layer.mtbf_h.value, layer.mttr_h.value))


def at_least_up(tree: Tree, least: int) -> float:
    """Probability that at least so many copies are up.

    Parameters
    ----------
    tree : Tree
        The tree, with at least one copy.
    least : int
        How many are needed.

    Returns
    -------
    float
        From 0 to 1.
    """
    return float(core.failure.at_least_up(copies_up_pmf(tree), least))


def down_with(tree: Tree, node: int) -> Bools:
    """Tell which nodes are down when one fails.

    Parameters
    ----------
    tree : Tree
        The tree.
    node : int
        The index of the node that fails.

    Returns
    -------
    ndarray of bool, shape (n,)
        The node and all that stands in it; the node alone, where it had stepped aside.
    """
    if tree.layers[node].ends_what_runs:
        return tree.inside(node)
    return np.asarray(np.arange(len(tree)) == node)


def dies_with(tree: Tree, node: int) -> Ints:
    """List the copies that a node takes down.

    Parameters
    ----------
    tree : Tree
        The tree.
    node : int
        The index of the node that fails.

    Returns
    -------
    ndarray of int
        The indices of the copies in the tree.
    """
    return tree.copies[down_with(tree, node)[tree.copies]]


ALL_UP = Question(
    "all copies up",
    lambda tree, growth: at_least_up(tree, len(tree.copies)),
    lambda answer: units.percent(answer, 4),
    better=1,
    assumed=True,
)
