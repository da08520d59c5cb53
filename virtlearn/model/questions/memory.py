"""How much memory and disk, and how many copies fit? Sums over the tree, leaves to root."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np

from virtlearn import core, units
from virtlearn.core.check import TOLERANCE, Floats, Ints
from virtlearn.model.fit import Fit, fit_of
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.questions.question import Growth, Question, whole_number
from virtlearn.model.tree import Tree

__all__ = [
    "COPIES",
    "DISK",
    "MEMORY",
    "MOST_COPIES",
    "capacity",
    "kill_order",
    "machines_on",
    "memory_by_layer",
    "memory_mib",
    "page_sharing_mib",
    "reclaim_mib",
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
        Memory of each layer [MiB], from the hardware up; what a machine holds back has a line of
        its own.
    """
    of_layer: dict[str, float] = {}
    for i, (noun, spec) in enumerate(zip(tree.nouns, tree.layers, strict=True)):
        unused_mib = float(tree.unused_mib[i])
        # Workloads are told apart by their own names, all other layers by what they are.
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


def machines_on(tree: Tree, host: int) -> Ints:
    """List the machines on a host that stand in no other machine.

    Parameters
    ----------
    tree : Tree
        The tree.
    host : int
        The index of the host.

    Returns
    -------
    ndarray of int
        Their indices in the tree.
    """
    outermost = tree.are("virtual-machine") & ~tree.in_machine[tree.parent]
    return np.flatnonzero(outermost & tree.inside(host))


def reclaim_mib(tree: Tree, active_fraction: Any, tax: float) -> Floats:
    """Take from each host's machines what they were promised beyond what the host has.

    Parameters
    ----------
    tree : Tree
        The tree.
    active_fraction : float or sequence
        The part of each machine's memory that is in use.
    tax : float
        On idle memory, from 0 to below 1.

    Returns
    -------
    ndarray, shape (machines,)
        What each gives up [MiB], in the order of the tree. Its shares are the memory that it was
        promised.

    Raises
    ------
    CannotReclaim
        Where what is no machine's leaves less than nothing for the machines.
    ShapeMismatch
        Where there is neither one fraction for all nor one for each machine.
    """
    machines = [machines_on(tree, host) for host in tree.hosts]
    count = sum(len(here) for here in machines)
    active = core.check.probability("active_fraction", active_fraction)
    active = core.check.each("active_fraction", active, count, "machines")
    gives = []
    first = 0
    for (i, host), here in zip(tree.hosts.items(), machines, strict=True):
        promised = np.array([tree.nouns[m].memory_mib for m in here])
        used = active[first : first + len(here)]
        first += len(here)
        over = float(tree.below(tree.memory_mib)[i]) - host.allocatable["memory"]
        if not len(here):
            continue
        # Who was promised more has paid for more: the default of one share for each MiB.
        needed = max(over, 0.0)
        gives.append(core.memory.reclaim(promised, promised, used, needed, tax))
    return np.concatenate([np.zeros(0), *gives])


def page_sharing_mib(tree: Tree, shareable_fraction: float) -> float:
    """Add up what equal machines of a host save by storing equal pages once.

    Parameters
    ----------
    tree : Tree
        The tree.
    shareable_fraction : float
        The part of a machine that is the same in all like it.

    Returns
    -------
    float
        Memory saved [MiB]: machines share within one host, and only with machines of equal layers
        and contents.
    """
    saved_mib = float(core.memory.page_sharing_mib(0.0, 0, shareable_fraction))
    for host in tree.hosts:
        alike = Counter(tree.nouns[m] for m in machines_on(tree, host))
        for machine, copies in alike.items():
            mib = machine.memory_mib
            saved_mib += float(core.memory.page_sharing_mib(mib, copies, shareable_fraction))
    return saved_mib


def kill_order(tree: Tree, used_mib: Any, cache_mib: Any, swap_mib: Any) -> list[int]:
    """Say which copies the kernels kill when memory runs out, host by host.

    Parameters
    ----------
    tree : Tree
        The tree.
    used_mib : float or sequence
        What each copy holds [MiB].
    cache_mib, swap_mib : float or sequence
        What of it is clean page cache, and what each may swap [MiB].

    Returns
    -------
    list of int
        Numbers of the copies, counted from 0, first to last on each host. A copy in a machine is
        out of reach of the host's kernel: what it holds counts, but it is not killed.
    """
    copies = tree.copies
    counts = {"used_mib": used_mib, "cache_mib": cache_mib, "swap_mib": swap_mib}
    each = {}
    for name, given in counts.items():
        amounts = core.check.amount(name, given)
        each[name] = core.check.each(name, amounts, len(copies), "copies")
    killed = []
    for i, host in tree.hosts.items():
        here = np.flatnonzero(tree.inside(i)[copies] & ~tree.in_machine[copies])
        if not len(here):
            continue
        apps = [tree.nouns[copies[k]] for k in here]
        limits = [math.inf if app.limit_mib is None else app.limit_mib for app in apps]
        adj = [_oom_score_adj(app, host) for app in apps]
        others_mib = float(tree.below(tree.memory_mib)[i] - tree.memory_mib[copies[here]].sum())
        order = core.memory.oom_kill_order(
            each["used_mib"][here],
            limits,
            adj,
            host.memory_mib - others_mib,
            cache_mib=each["cache_mib"][here],
            swap_mib=each["swap_mib"][here],
        )
        killed += here[order].tolist()
    return killed


def _oom_score_adj(app: Workload, host: Host) -> int:
    asked_mib = app.asked_mib or 0.0
    node_mib = host.memory_mib
    return int(core.placing.oom_score_adj(app.qos, requested_mib=asked_mib, node_mib=node_mib))


COPIES = Question("copies", lambda tree, growth: len(tree.copies), whole_number)
MEMORY = Question("memory", lambda tree, growth: memory_mib(tree), units.memory, better=-1)
MOST_COPIES = Question(
    "most copies",
    lambda tree, growth: capacity(tree, growth).max_copies,
    whole_number,
    better=1,
)
DISK = Question("disk", lambda tree, growth: stored_mib(tree), units.memory, better=-1)
