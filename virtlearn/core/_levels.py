"""Walk a tree level by level, without a loop over its nodes."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from virtlearn.core._check import Floats, Ints
from virtlearn.core._fill import group_sum


class Levels(NamedTuple):
    """A tree numbered level by level.

    ``x[..., order]`` puts numbers per node in this order and ``x[..., back]`` puts them back; ``parent`` is in the new
    numbers, and level d holds the nodes from ``starts[d]`` up to ``starts[d + 1]``.
    """

    order: Ints | slice
    back: Ints | slice
    parent: Ints
    starts: list[int]

    def spans(self) -> list[tuple[slice, slice]]:
        """Pair each level with the one below it, from the root down."""
        return list(pairwise(slice(a, b) for a, b in pairwise(self.starts)))


def by_level(parent: Ints) -> Levels:
    """Find where each level starts; nodes are renumbered only if levels are mixed."""
    highest, starts = np.maximum.accumulate(parent), [0, 1]
    while starts[-1] < parent.size:
        above, start = starts[-2:]
        end = int(highest.searchsorted(start))
        if parent[start:end].min() < above:  # a node of a higher level stands among these
            break
        starts.append(end)
    else:
        return Levels(slice(None), slice(None), parent, starts)
    level = steps_to_root(parent)
    order = np.argsort(level, kind="stable")
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    renumbered = back[np.maximum(parent, 0)][order]
    renumbered[0] = -1
    return Levels(order, back, renumbered, [0, *np.cumsum(np.bincount(level)).tolist()])


def steps_to_root(parent: Ints) -> Ints:
    """Count steps to the root, each round looking twice as far up."""
    steps, above = np.minimum(np.arange(parent.size), 1), np.maximum(parent, 0)
    while above.any():
        steps, above = steps + steps[above], above[above]
    return steps


def families(levels: Levels, above: slice, below: slice, rows: int) -> Ints:
    """Say for each node of a level which one above is its parent, counted from 0, row after row of a batch."""
    family = levels.parent[below] - above.start
    width = above.stop - above.start
    return family if rows == 1 else (np.arange(rows)[:, None] * width + family).ravel()


def add_up(levels: Levels, x: Floats, above: slice, below: slice) -> Floats:
    """Add up what the children of each node have, shape (..., nodes above)."""
    width = above.stop - above.start
    part = x[..., below]
    rows = part.size // part.shape[-1]
    return group_sum(families(levels, above, below, rows), part.ravel(), rows * width).reshape(
        *x.shape[:-1], width
    )
