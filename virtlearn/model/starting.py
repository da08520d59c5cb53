"""How long until it answers: the start phases on the path from the nearest running ancestor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from virtlearn import core
from virtlearn._typed import whole
from virtlearn.model.layers import SHARED
from virtlearn.model.tree import Tree

__all__ = ["Phases", "new_nodes", "phases", "ready"]

Phases = tuple[tuple[str, float], ...]


def new_nodes(tree: Tree, per_vm: int) -> tuple[list[int], list[int]]:
    """The nodes to start for one more copy like the first: its machine where there is no room, and the copy itself."""
    path = tree.path(int(tree.copies[0]))[::-1]
    running = int(tree.shared[path].sum())
    # Whoever holds more than one copy has room for one more, and so has a machine that is made for several.
    roomy = [j for j, i in enumerate(path) if j < running or tree.copies_below[i] > 1]
    machine = next((j for j, i in enumerate(path) if tree.kind[i] == "virtual-machine"), 0)
    room = 1 + max([*roomy, machine if per_vm > 1 else 0])
    while tree.kind[path[room]] in SHARED:  # its system and its runtime run as well
        room += 1
    return path[running:room], path[room:]


def phases(tree: Tree, nodes: list[int]) -> Phases:
    """The phases of starting some nodes, each with its seconds."""
    return tuple((label, number.value) for i in nodes for label, number in tree.layers[i].start)


def ready(tree: Tree, per_vm: int, copies: int, parallel: int, once_s: float) -> NDArray[np.float64]:
    """When each of so many new copies answers [s], a machine for every ``per_vm`` of them."""
    n, at_once = whole("ready_s", "copies", copies), whole("ready_s", "parallel", parallel)
    machine, inside = ([s for _, s in phases(tree, nodes)] for nodes in new_nodes(tree, per_vm))
    if per_vm == 1 or not sum(machine):
        return core.startup.ready_s([0.0, *machine, *inside], copies=n, parallel=at_once, once_s=once_s)
    up = core.startup.ready_s(machine, copies=-(-n // per_vm), parallel=at_once, once_s=once_s)
    each = up[:, None] + core.startup.ready_s([0.0, *inside], copies=per_vm, parallel=at_once)
    return np.sort(each.reshape(-1)[:n])
