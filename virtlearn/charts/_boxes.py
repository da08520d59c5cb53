"""Where the boxes of a tree stand: equal neighbours share one, and areas are sizes."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import ArrayLike, NDArray

from virtlearn import core

__all__ = ["Boxes", "boxes"]

Floats = NDArray[np.float64]
LEAST_SIZE = 1e-9  # what takes nothing still has a place


@dataclass(frozen=True)
class Boxes:
    """A tree laid out: one entry a box.

    Each stands for ``times`` equal nodes, of which ``node`` is the first.
    """

    node: list[int]
    parent: NDArray[np.int64]
    times: NDArray[np.int64]
    left: Floats
    width: Floats
    bottom: Floats
    height: Floats

    def at(self, left: float, wide: float, scale: float) -> Boxes:
        """Give the same boxes as a tower at ``left``, so wide, its heights over ``scale``."""
        return replace(
            self,
            left=left + self.left * wide,
            width=self.width * wide,
            bottom=self.bottom / scale,
            height=self.height / scale,
        )


def boxes(
    parent: ArrayLike,
    same: Sequence[Hashable],
    *,
    size: ArrayLike | None = None,
    columns: int = 24,
) -> Boxes:
    """Lay a tree out as boxes that stand on each other.

    Equal neighbours (equal ``same`` all the way up) share a box when there are more than
    ``columns``.

    Parameters
    ----------
    parent : array of int, shape (n,)
        The tree.
    same : sequence, shape (n,)
        What makes two nodes alike.
    size : array, shape (n,), optional
        What each node takes for itself: the area of its box, in a tower one wide. Where left out,
        every box is one high, and all that is drawn on top is equally wide.
    columns : int
        The most boxes side by side that equal neighbours may take.

    Examples
    --------
    >>> tower = boxes([-1, 0, 0], ["system", "app", "app"], size=[2, 1, 1])
    >>> tower.left.tolist(), tower.width.tolist(), tower.bottom.tolist(), tower.height.tolist()
    ([0.0, 0.0, 0.5], [1.0, 0.5, 0.5], [0.0, 2.0, 2.0], [2.0, 2.0, 2.0])
    >>> boxes([-1, *[0] * 2000], ["system", *["app"] * 2000], columns=4).times.tolist()
    [1, 500, 500, 500, 500]
    """
    children = _children(core.check.tree(parent))
    node, up, times = _grouped(children, _signs(children, same), columns)
    above = np.array(up, dtype=np.int64)
    many = np.array(times, dtype=np.int64)
    leaves = core.tree.leaves(above)
    if size is None:
        own = np.ones(len(node))
        weight = np.zeros(len(node))
        weight[leaves] = 1.0
    else:
        own = core.check.amount("size", size)[node] * many
        weight = own.copy()
        weight[leaves] = np.maximum(weight[leaves], LEAST_SIZE)
    left, width = _across(above, core.tree.subtree_sum(above, weight))
    height = np.ones(len(node)) if size is None else own / width
    # A box stands on all that carry it: their heights together, without its own.
    bottom = core.tree.path_sum(above, height) - height
    return Boxes(node, above, many, left, width, bottom, height)


def _children(parent: NDArray[np.int64]) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in parent]
    for i, above in enumerate(parent[1:].tolist(), start=1):
        children[above].append(i)
    return children


def _signs(children: list[list[int]], same: Sequence[Hashable]) -> list[int]:
    """Number the nodes so that equal numbers are equal all the way up."""
    known: dict[Hashable, int] = {}
    sign = [0] * len(children)
    for i in range(len(children) - 1, -1, -1):
        shape = (same[i], tuple(sign[child] for child in children[i]))
        sign[i] = known.setdefault(shape, len(known))
    return sign


def _grouped(
    children: list[list[int]], sign: Sequence[int], columns: int
) -> tuple[list[int], list[int], list[int]]:
    """Let equal neighbours share boxes: the first node of each box, its parent box, its count."""
    node, up, times = [0], [-1], [1]
    free = [columns]  # columns that each box may still fill
    for box, i in enumerate(node):  # the list grows while it is walked
        runs = [list(run) for _, run in groupby(children[i], key=sign.__getitem__)]
        for run in runs:
            for_each = max(1, free[box] // len(runs))
            in_one = math.ceil(len(run) / for_each)
            shown = math.ceil(len(run) / in_one)
            for first in range(0, len(run), in_one):
                node.append(run[first])
                up.append(box)
                times.append(times[box] * min(in_one, len(run) - first))
                free.append(max(1, free[box] // (shown * len(runs))))
    return node, up, times


def _across(above: NDArray[np.int64], weight: Floats) -> tuple[Floats, Floats]:
    """Divide the width of each box among those that stand on it, by their weight."""
    n = len(above)
    on_top = np.zeros(n)
    np.add.at(on_top, above[1:], weight[1:])
    left, width, taken = np.zeros(n), np.zeros(n), np.zeros(n)
    width[0] = 1.0
    for box, below in enumerate(above[1:].tolist(), start=1):
        width[box] = width[below] * weight[box] / on_top[below]
        left[box] = left[below] + taken[below]
        taken[below] += width[box]
    return left, width
