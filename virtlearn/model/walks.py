"""Two walks over a tree: who gets how much CPU, root to leaves, and what is to be started, from what runs already."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from virtlearn import core, units
from virtlearn.arguments import whole
from virtlearn.core.check import Floats
from virtlearn.errors import ShapeMismatch
from virtlearn.model.layers import SHARED
from virtlearn.model.tree import Tree
from virtlearn.tables import Shown

__all__ = ["CpuShares", "Phases", "new_nodes", "phases", "ready", "share_cpu"]

Phases = tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False, repr=False)
class CpuShares(Shown):
    """Who asked for how much CPU and who got it, one entry a copy [cores].

    ``throttled`` are the copies that a limit cut, ``squeezed`` those for which there was not enough.
    """

    names: tuple[str, ...]
    demand_cores: Floats
    granted_cores: Floats
    throttled: tuple[int, ...]
    squeezed: tuple[int, ...]

    def _rows(self) -> list[tuple[str, ...]]:
        why = dict.fromkeys(self.squeezed, "squeezed: there is not enough for all that is asked")
        why |= dict.fromkeys(self.throttled, "throttled: a limit")
        cores = (map(units.plain, some) for some in (self.demand_cores, self.granted_cores))
        copies = enumerate(zip(self.names, *cores, strict=True))
        head = ("copy", "asked [cores]", "got [cores]", "")
        return [
            head,
            *((f"{name} {i}", asked, got, why.get(i, "")) for i, (name, asked, got) in copies),
        ]


def share_cpu(tree: Tree, demand_cores: Any = None) -> CpuShares:
    """Share the hosts' cores among the copies; without a demand, each wants what its workload says."""
    leaves = tree.copies
    wanted = [tree.nouns[i].cpu_cores for i in leaves] if demand_cores is None else demand_cores
    ask = core.check.amount("demand_cores", wanted)
    if ask.shape not in ((), (1,), leaves.shape):
        wrong = f"demand_cores has the shape {ask.shape}, but there are {units.count(len(leaves), 'copy', 'copies')}."
        raise ShapeMismatch(
            f"{wrong}\nGive one number for all of them, or a list with one for each."
        )
    demand = np.zeros(len(tree))
    demand[leaves] = ask
    fences, cores = tree.fences(), sum(host.cores for host in tree.hosts.values())
    shares = core.cpu.fair_share_tree(tree.parent, demand, capacity_cores=cores, **fences)
    got = shares[leaves]
    short = got < demand[leaves] * (1 - 1e-9)
    # A host that is full is no limit that somebody set.
    at_limit = (shares >= fences["limit_cores"] * (1 - 1e-9)) & ~tree.are("host")
    capped = short & (core.tree.path_sum(tree.parent, at_limit.astype(float))[leaves] > 0)
    cut, squeezed = (tuple(np.flatnonzero(who).tolist()) for who in (capped, short & ~capped))
    return CpuShares(tuple(tree.name[i] for i in leaves), demand[leaves], got, cut, squeezed)


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


def ready(tree: Tree, per_vm: int, copies: int, parallel: int, once_s: float) -> Floats:
    """When each of so many new copies answers [s], a machine for every ``per_vm`` of them."""
    n, at_once = whole("ready_s", "copies", copies), whole("ready_s", "parallel", parallel)
    machine, inside = ([s for _, s in phases(tree, nodes)] for nodes in new_nodes(tree, per_vm))
    if per_vm == 1 or not sum(machine):
        return core.startup.ready_s(
            [0.0, *machine, *inside], copies=n, parallel=at_once, once_s=once_s
        )
    up = core.startup.ready_s(machine, copies=-(-n // per_vm), parallel=at_once, once_s=once_s)
    each = up[:, None] + core.startup.ready_s([0.0, *inside], copies=per_vm, parallel=at_once)
    return np.sort(each.reshape(-1)[:n])
