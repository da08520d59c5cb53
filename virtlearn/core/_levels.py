"""Walk a tree level by level, without a loop over its nodes."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from virtlearn.core._fill import group_sum
from virtlearn.core.check import Floats, Ints


class Levels(NamedTuple):
    """A tree numbered level by level: ``x[..., order]`` sorts numbers so, ``back`` undoes it."""

    order: Ints | slice
    back: Ints | slice
    parent: Ints
    starts: list[int]

    def spans(self) -> list[tuple[slice, slice]]:
        """Pair each level with the one below it, from the root down."""
        return list(pairwise(slice(a, b) for a, b in pairwise(self.starts)))

    def families(self, above: slice, below: slice, rows: int) -> Ints:
        """Give each node of a level the number of its parent, from 0, row after row of a batch."""
        first = np.arange(rows)[:, None] * (above.stop - above.start)
        return np.ravel(first + self.parent[below] - above.start)

    def add_up(self, x: Floats, above: slice, below: slice) -> Floats:
        """Add up what the children of each node have, shape (..., nodes above)."""
        part, width = x[..., below], above.stop - above.start
        rows = part.size // part.shape[-1]
        return group_sum(self.families(above, below, rows), part.ravel(), rows * width).reshape(
            *x.shape[:-1], width
        )


def by_level(parent: Ints) -> Levels:
    """Find where each level starts; nodes are renumbered only if levels are mixed."""
    # The highest parent so far never falls, so it can be searched for where the next level ends.
    highest = np.maximum.accumulate(parent)
    starts = [0, 1]
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
    ends = np.cumsum(np.bincount(level)).tolist()
    return Levels(order, back, back[parent[order]], [0] + ends)


def steps_to_root(parent: Ints) -> Ints:
    """Count steps to the root, each round looking twice as far up."""
    steps = np.minimum(np.arange(parent.size), 1)
    above = np.maximum(parent, 0)
    while above.any():
        steps, above = steps + steps[above], above[above]
    return steps
