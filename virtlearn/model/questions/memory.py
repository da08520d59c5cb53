"""How much memory and disk does it take, and how many copies fit? Sums over the tree, leaves to root."""

from __future__ import annotations

from virtlearn import units
from virtlearn.core.check import TOLERANCE
from virtlearn.model.fit import Fit, fit_of
from virtlearn.model.questions.question import Growth, Question, whole_number
from virtlearn.model.tree import Tree

__all__ = [
    "COPIES",
    "DISK",
    "MEMORY",
    "MOST_COPIES",
    "capacity",
    "memory_by_layer",
    "memory_mib",
    "stored_mib",
]


def memory_mib(tree: Tree) -> float:
    """Add up the memory of all nodes.

    Parameters
    ----------
    tree : Tree
        The tree.

    Returns
    -------
    float
        Memory in all [MiB].
    """
    return float(tree.below(tree.memory_mib)[0])


def memory_by_layer(tree: Tree) -> dict[str, float]:
    """Break the memory down by the layers that take it.

    Parameters
    ----------
    tree : Tree
        The tree.

    Returns
    -------
    dict of str to float
        Memory of each layer [MiB], from the hardware up; what a machine holds back has a line of its own.
    """
    of_layer: dict[str, float] = {}
    for i, (noun, spec) in enumerate(zip(tree.nouns, tree.layers, strict=True)):
        unused_mib = float(tree.unused_mib[i])
        label = spec.title
        if noun.kind == "workload":
            label = noun.name
        elif noun.kind == "virtual-machine":
            label = f"hypervisor, for each {spec.title}"
        of_layer[label] = of_layer.get(label, 0.0) + float(tree.memory_mib[i]) - unused_mib
        if unused_mib > TOLERANCE:
            unused = of_layer.get("promised, not used", 0.0)
            of_layer["promised, not used"] = unused + unused_mib
    return {label: mib for label, mib in of_layer.items() if mib > 0}


def stored_mib(tree: Tree) -> float:
    """Add up the disk of all nodes.

    Parameters
    ----------
    tree : Tree
        The tree.

    Returns
    -------
    float
        Disk in all [MiB].
    """
    return float(tree.disk_mib.sum())


def capacity(tree: Tree, growth: Growth) -> Fit:
    """Count the copies that the hosts could hold of what runs on them.

    Parameters
    ----------
    tree : Tree
        The tree.
    growth : tuple of Unit
        What one more copy adds.

    Returns
    -------
    Fit
        The copies, and the resource that runs out first; nothing binds where nothing runs.
    """
    if not len(tree.copies):
        return Fit(0, "nothing runs", {})
    return fit_of(list(tree.hosts.values()), growth)


COPIES = Question("copies", lambda tree, growth: len(tree.copies), whole_number)
MEMORY = Question("memory", lambda tree, growth: memory_mib(tree), units.memory, better=-1)
MOST_COPIES = Question(
    "most copies",
    lambda tree, growth: capacity(tree, growth).max_copies,
    whole_number,
    better=1,
)
DISK = Question("disk", lambda tree, growth: stored_mib(tree), units.memory, better=-1)
