"""What fails together, and how many copies are up? A copy is up if its whole path is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from virtlearn import core, units
from virtlearn.catalog.layers import LayerSpec
from virtlearn.core.check import Floats, Ints
from virtlearn.model.fit import fit_of
from virtlearn.model.nouns import Host
from virtlearn.model.questions.question import Growth, Question
from virtlearn.model.tree import Bools, Tree

__all__ = ["ALL_UP", "at_least_up", "copies_up_pmf", "dies_with", "down_with", "hosts_with_refuge"]


def copies_up_pmf(
    tree: Tree, common_cause: float = 0.0, repair_h: Mapping[int, float] | None = None
) -> Floats:
    """Probability that exactly 0, 1, 2, … copies are up.

    Parameters
    ----------
    tree : Tree
        The tree, with at least one copy.
    common_cause : float
        Probability that one cause takes all copies, whatever the tree.
    repair_h : mapping of int to float, optional
        For some nodes, how long their copies are down at most when the node fails [h].

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
    for node, hours in (repair_h or {}).items():
        layer = tree.layers[node]
        dark_h = min(layer.mttr_h.value, hours)
        up[node] = core.failure.availability(layer.mtbf_h.value, dark_h)
    carries = tree.copies_below > 0  # an empty layer is not a copy
    # The law takes a tree of what carries copies: each node's new index, and -1 above the root.
    new_index = np.full(len(tree), -1)
    new_index[carries] = np.arange(carries.sum())
    parent = np.where(tree.parent < 0, -1, new_index[tree.parent])
    return core.failure.copies_up_pmf(parent[carries], up[carries], common_cause=common_cause)


def _availability(layer: LayerSpec) -> float:
    """Share of time a layer is up; one that steps aside takes nothing down, so it counts as up."""
    if not layer.ends_what_runs:
        return 1.0
    return float(core.failure.availability(layer.mtbf_h.value, layer.mttr_h.value))


def at_least_up(tree: Tree, least: int, repair_h: Mapping[int, float] | None = None) -> float:
    """Probability that at least so many copies are up.

    Parameters
    ----------
    tree : Tree
        The tree, with at least one copy.
    least : int
        How many are needed.
    repair_h : mapping of int to float, optional
        As for `copies_up_pmf`.

    Returns
    -------
    float
        From 0 to 1.
    """
    return float(core.failure.at_least_up(copies_up_pmf(tree, repair_h=repair_h), least))


def hosts_with_refuge(tree: Tree, growth: Growth) -> list[int]:
    """List the hosts whose copies all find room on the other hosts.

    Parameters
    ----------
    tree : Tree
        The tree.
    growth : tuple of Unit
        What one more copy adds.

    Returns
    -------
    list of int
        Their indices in the tree.
    """
    copies = {node: int(tree.copies_below[node]) for node in tree.hosts}
    # What stands on an empty host tells nothing about what it could hold, so growth is asked.
    most = {node: fit_of([host], growth).max_copies for node, host in _fitting(tree, growth)}
    spare = {node: max(most.get(node, 0) - copies[node], 0) for node in copies}
    together = sum(spare.values())
    return [node for node, there in copies.items() if 0 < there <= together - spare[node]]


def _fitting(tree: Tree, growth: Growth) -> list[tuple[int, Host]]:
    """The hosts of which it can be said how many copies they hold."""
    one_kind = len(growth) == 1
    return [(i, host) for i, host in tree.hosts.items() if one_kind or tree.copies_below[i]]


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
