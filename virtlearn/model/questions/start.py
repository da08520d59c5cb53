"""How long until one more copy answers? The start phases on its path, from what runs already."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from virtlearn import core, units
from virtlearn.arguments import number, whole
from virtlearn.core.check import Floats
from virtlearn.model.layers import SHARED
from virtlearn.model.nouns import Host
from virtlearn.model.questions.question import Growth, Question
from virtlearn.model.tree import Tree, flatten
from virtlearn.model.unit import Unit

__all__ = ["ONE_MORE", "Phases", "Starting", "starting"]

Phases = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Starting:
    """What is started for one more copy.

    Parameters
    ----------
    machine : tuple of (str, float)
        The phases of a machine that holds several copies, each with its seconds [s]; empty where
        there is none.
    copy : tuple of (str, float)
        The phases of one copy where there is room.
    per_vm : int
        Copies in each machine.
    """

    machine: Phases
    copy: Phases
    per_vm: int

    @property
    def copy_s(self) -> float:
        """Time to start one more copy where there is room [s]."""
        return float(sum(seconds for _, seconds in self.copy))

    def ready_s(self, copies: int, parallel: int, once_s: float) -> Floats:
        """Time until each of so many new copies answers.

        Parameters
        ----------
        copies, parallel : int
            How many are to start, and how many at a time.
        once_s : float
            What happens once before the first, such as fetching an image [s].

        Returns
        -------
        ndarray, shape (copies,)
            The first to answer first [s].

        Raises
        ------
        ImpossibleCount
            Where a count is no whole number of at least 1.
        ImpossibleAmount
            Where ``once_s`` is negative, infinite or no number.
        """
        count = whole("ready_s", "copies", copies)
        at_once = whole("ready_s", "parallel", parallel)
        once_s = number("ready_s", "once_s", once_s)
        machine_s = [seconds for _, seconds in self.machine]
        copy_s = [0.0] + [seconds for _, seconds in self.copy]
        if self.per_vm == 1 or not sum(machine_s):
            return core.startup.ready_s(
                machine_s + copy_s, copies=count, parallel=at_once, once_s=once_s
            )
        machines = -(-count // self.per_vm)
        up_s = core.startup.ready_s(machine_s, copies=machines, parallel=at_once, once_s=once_s)
        inside_s = core.startup.ready_s(copy_s, copies=self.per_vm, parallel=at_once)
        every_s = up_s[:, None] + inside_s
        # The last machine may be partly filled: only as many copies as were asked for are counted.
        return np.sort(every_s.reshape(-1)[:count])


def starting(tree: Tree, growth: Growth) -> Starting:
    """Find what is started for one more copy like the first.

    Parameters
    ----------
    tree : Tree
        The tree, with at least one copy.
    growth : tuple of Unit
        What one more copy adds; without it, the tree tells which machines have room.

    Returns
    -------
    Starting
        The phases of a machine and of a copy.
    """
    if growth:
        return _of_unit(growth[0])
    return _of_tree(tree)


def _of_unit(unit: Unit) -> Starting:
    tree = flatten(Host(runs=unit.on_base(unit.stand(1))))
    # One copy stands in a chain: the host, its own layers, the machine's, the copy's.
    first = 1 + len(unit.base)
    cut = first + len(unit.machine) if unit.per_vm > 1 else first
    nodes = list(range(len(tree)))
    return Starting(_phases(tree, nodes[first:cut]), _phases(tree, nodes[cut:]), unit.per_vm)


def _of_tree(tree: Tree) -> Starting:
    path = tree.path(int(tree.copies[0]))[::-1]
    running = int(tree.shared[path].sum())
    # A layer that holds several copies has room for one more, and so has all below it that is
    # shared.
    roomy = [j for j, i in enumerate(path) if j < running or tree.copies_below[i] > 1]
    cut = 1 + max(roomy)
    while tree.kind[path[cut]] in SHARED:
        cut += 1
    # The innermost machine is the one that copies share.
    machines = [i for i in path if tree.kind[i] == "virtual-machine"]
    per_vm = int(tree.copies_below[machines[-1]]) if machines else 1
    return Starting(_phases(tree, path[running:cut]), _phases(tree, path[cut:]), per_vm)


def _phases(tree: Tree, nodes: list[int]) -> Phases:
    found = []
    for i in nodes:
        for label, seconds in tree.layers[i].start:
            found.append((label, seconds.value))
    return tuple(found)


ONE_MORE = Question(
    "one more in",
    lambda tree, growth: starting(tree, growth).copy_s,
    units.duration,
    better=-1,
)
