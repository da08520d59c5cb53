"""What charts of a tree ask of the model: one place, so that no chart walks a tree itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from virtlearn import core
from virtlearn.model import Deployment

__all__ = ["controlled_from", "down_with"]


def down_with(deployment: Deployment, node: int) -> NDArray[np.bool_]:
    """Say for each node whether it is down when one node is: that node, and all that stands on it.

    A node that had stepped aside, such as a container runtime, takes nothing with it.
    """
    tree = deployment.tree
    is_node = np.arange(len(tree)) == node
    if not deployment.dies_with(node):
        return is_node
    return core.tree.path_sum(tree.parent, is_node) > 0


def controlled_from(deployment: Deployment, start: int) -> NDArray[np.float64]:
    """Give for each node the chance that an intruder who starts in one node comes to control it."""
    highest = deployment.reach_pmf(start)
    chance: NDArray[np.float64] = core.tree.path_sum(deployment.tree.parent, highest).clip(0, 1)
    return chance
