"""How walks over a tree of a million nodes in five levels scale."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from _clock import best

from virtlearn.core.cpu import fair_share_tree
from virtlearn.core.tree import leaves, subtree_sum

SIZES = (1, 10, 1_000, 100_000, 898_989)


def five_levels(rng: np.random.Generator) -> np.ndarray:
    """Number a tree level by level; the parents within a level are in no order."""
    starts = np.cumsum((0, *SIZES))
    parents = [rng.integers(starts[i - 1], starts[i], SIZES[i]) for i in range(1, 5)]
    return np.concatenate([[-1], *parents])


def branch_by_branch(parent: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Number the same tree so that levels are mixed: any order in which parents come first."""
    key = rng.random(parent.size)
    for _ in range(5):
        key = np.maximum(key, key[np.maximum(parent, 0)] + 1e-9)
    rank = np.empty(parent.size, dtype=int)
    rank[np.argsort(key)] = np.arange(parent.size)
    mixed = np.empty_like(parent)
    mixed[rank] = np.where(parent < 0, -1, rank[parent])
    return mixed


def plain(parent: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Add up as plain numpy would: one np.bincount over all nodes for each of the four levels below the root."""
    total, moving, above = x.copy(), x, np.maximum(parent, 0)
    for _ in range(4):
        moving = np.bincount(above, moving, parent.size)
        total += moving
    return total


def rows() -> Iterator[tuple[str, float, float, str]]:
    """Compare with one bincount a level, and with one argsort of as many numbers."""
    rng = np.random.default_rng(0)
    parent, x = five_levels(rng), rng.random(10**6)
    demand, at = np.zeros(10**6), leaves(parent)
    demand[at] = x[at]
    added = best(lambda: subtree_sum(parent, x))
    by_leaves = best(lambda: fair_share_tree(parent, demand, capacity_cores=1e5), 3)
    by_all = best(lambda: fair_share_tree(parent, x, capacity_cores=1e5, weight=x + 0.1), 3)
    sums, sort = best(lambda: plain(parent, x)), best(lambda: np.argsort(x))
    for against, note in (
        (sums, "a bincount of all nodes for each level"),
        (sort, "np.argsort of 10^6"),
    ):
        told = f"{note}: {against * 1e3:.0f} ms"
        yield "subtree_sum of 10^6 nodes, five levels", added / against, 3, told
        yield "fair_share_tree of 10^6 nodes, demands of leaves", by_leaves / against, 10, told
        yield "  with demands of every node and weights", by_all / against, 10, told
    mixed = branch_by_branch(parent, rng)
    yield (
        "subtree_sum of 10^6 nodes, levels mixed",
        best(lambda: subtree_sum(mixed, x), 3) / sort,
        3,
        told,
    )
    shared = best(lambda: fair_share_tree(mixed, x, capacity_cores=1e5), 3)
    yield "fair_share_tree of 10^6 nodes, levels mixed", shared / sort, 10, told
