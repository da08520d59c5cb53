"""How many kernels, and how far does an intruder get? Up while walls give way, then down."""

from __future__ import annotations

from virtlearn import core
from virtlearn.core.check import Floats
from virtlearn.model.layers import KERNELS
from virtlearn.model.questions.question import Question, copies, whole_number
from virtlearn.model.tree import Tree

__all__ = [
    "KERNEL_COUNT",
    "LOST",
    "answering",
    "blast_radius",
    "controlled_from",
    "escape",
    "kernels",
    "reach_pmf",
]


def kernels(tree: Tree) -> int:
    """Count the kernels that an application can make system calls to.

    Parameters
    ----------
    tree : Tree
        The tree.

    Returns
    -------
    int
        Operating systems, and user-space kernels.
    """
    return int(tree.are(*KERNELS).sum())


def answering(tree: Tree, node: int) -> int:
    """Find the kernel that answers the system calls of a node.

    Parameters
    ----------
    tree : Tree
        The tree.
    node : int
        Such as a copy.

    Returns
    -------
    int
        The nearest kernel that carries the node; the root where there is none.
    """
    kernels = tree.are(*KERNELS)
    return next((i for i in tree.path(node)[1:] if kernels[i]), 0)


def escape(tree: Tree) -> Floats:
    """Probability that who controls a node breaks out into what carries it. Always assumed.

    Parameters
    ----------
    tree : Tree
        The tree.

    Returns
    -------
    ndarray, shape (n,)
        For each node.
    """
    return tree.numbers(lambda layer: layer.escape.value)


def reach_pmf(tree: Tree, start: int) -> Floats:
    """Probability for each node to be the highest that an intruder reaches.

    Parameters
    ----------
    tree : Tree
        The tree.
    start : int
        The index of the node that the intruder controls first.

    Returns
    -------
    ndarray, shape (n,)
        Sums to one.
    """
    return core.attack.reach_pmf(tree.parent, escape(tree), start)


def controlled_from(tree: Tree, start: int) -> Floats:
    """Probability for each node that an intruder comes to control it.

    Parameters
    ----------
    tree : Tree
        The tree.
    start : int
        The index of the node that the intruder controls first.

    Returns
    -------
    ndarray, shape (n,)
        Who controls a node controls its whole subtree, so it is the chance that the intruder
        reaches the node or anything that carries it.
    """
    # Sums of chances may pass 1 by their rounding.
    return core.tree.path_sum(tree.parent, reach_pmf(tree, start)).clip(0.0, 1.0)


def blast_radius(tree: Tree, start: int) -> float:
    """Copies that an intruder can expect to take.

    Parameters
    ----------
    tree : Tree
        The tree.
    start : int
        The index of the node that the intruder controls first.

    Returns
    -------
    float
        The mean number of copies, that one included.
    """
    return float(reach_pmf(tree, start) @ tree.copies_below)


KERNEL_COUNT = Question("kernels", lambda tree, growth: kernels(tree), whole_number)
LOST = Question(
    "lost to one break-in",
    lambda tree, growth: blast_radius(tree, tree.index("workload")),
    copies,
    better=-1,
    assumed=True,
)
