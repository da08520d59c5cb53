"""Who gets how much CPU: each node's capacity shared among its children by weight, root to leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from virtlearn import core, units
from virtlearn.errors import ShapeMismatch
from virtlearn.model.tree import Tree
from virtlearn.model.views import Shown

__all__ = ["CpuShares", "share_cpu"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class CpuShares(Shown):
    """Who asked for how much CPU and who got it, one entry a copy [cores].

    ``throttled`` are the copies that a limit cut, ``squeezed`` those that got less because others wanted it too.
    """

    names: tuple[str, ...]
    demand_cores: Floats
    granted_cores: Floats
    throttled: tuple[int, ...]
    squeezed: tuple[int, ...]

    def _rows(self) -> list[tuple[str, ...]]:
        why = dict.fromkeys(self.squeezed, "squeezed: others wanted it too")
        why |= dict.fromkeys(self.throttled, "throttled: a limit")
        copies = zip(self.names, self.demand_cores, self.granted_cores, strict=True)
        return [
            ("copy", "asked [cores]", "got [cores]", ""),
            *((f"{n} {i}", units.plain(a), units.plain(g), why.get(i, "")) for i, (n, a, g) in enumerate(copies)),
        ]


def share_cpu(tree: Tree, demand_cores: Any = None) -> CpuShares:
    """Share the hosts' cores among the copies; without a demand, each wants what its workload says."""
    leaves = tree.copies
    wanted = [tree.nouns[i].cpu_cores for i in leaves] if demand_cores is None else demand_cores
    ask = core._check.amount("demand_cores", wanted)
    if ask.shape not in ((), (1,), leaves.shape):
        raise ShapeMismatch(
            f"demand_cores has the shape {ask.shape}, but there are {units.count(len(leaves), 'copy', 'copies')}.\nGive one number for all of them, or a list with one for each."
        )
    demand = np.zeros(len(tree))
    demand[leaves] = ask
    weight, limit, kept = tree.fences()
    shares = core.cpu.fair_share_tree(
        tree.parent,
        demand,
        capacity_cores=sum(host.cores for host in tree.hosts.values()),
        weight=weight,
        limit_cores=limit,
        reservation_cores=kept,
    )
    got = shares[leaves]
    short = got < demand[leaves] * (1 - 1e-9)
    # A host that is full is no limit that somebody set.
    at_limit = (shares >= limit * (1 - 1e-9)) & ~tree.are("host")
    capped = short & (core.tree.path_sum(tree.parent, at_limit.astype(float))[leaves] > 0)
    cut, squeezed = (tuple(np.flatnonzero(who).tolist()) for who in (capped, short & ~capped))
    return CpuShares(tuple(tree.name[i] for i in leaves), demand[leaves], got, cut, squeezed)
