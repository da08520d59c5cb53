"""The resources that can run out: what a host has, what a node asks, how it is written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from virtlearn import units
from virtlearn.core.check import TOLERANCE
from virtlearn.errors import DoesNotFit, UnknownName, nearest, shown
from virtlearn.model.nouns import Container, Host, VirtualMachine, Workload
from virtlearn.model.tree import Tree, read_each

__all__ = ["CPU", "MEMORY", "PROMISED", "RESOURCES", "Resource"]
__all__ += ["check_capacity", "check_named", "limiting", "named_resource", "resource_of"]


@dataclass(frozen=True)
class Resource:
    """One resource that can run out.

    Parameters
    ----------
    name : str
        Its name, as `Fit.binds` gives it.
    has : callable
        ``has(host)`` is what a host has of it, or None where it does not bind there.
    asks : callable
        ``asks(tree)`` is what each node of a tree asks for itself, shape (n,).
    write : callable
        ``write(amount)`` is an amount of it in words.
    needs : callable
        ``needs(workload)`` is what a workload alone needs of it, for `place` without a platform.
    """

    name: str
    has: Callable[[Host], float | None]
    asks: Callable[[Tree], NDArray[Any]]
    write: Callable[[float], str]
    needs: Callable[[Workload], float]


def _disk_mib(host: Host) -> float | None:
    return None if host.disk_gib is None else units.convert(host.disk_gib, "GiB", "MiB")


def _memory_mib(host: Host) -> float | None:
    # With overcommit, `PROMISED` and `UNPROMISED` take the place of this one sum.
    return host.allocatable["memory"] if host.memory_overcommit is None else None


def _promised_cores(host: Host) -> float | None:
    if host.cpu_overcommit is None:
        return None
    return host.allocatable["cpu"] * host.cpu_overcommit


def _requested_cores(host: Host) -> float | None:
    """Requests are kept even where what else is wanted is only shared."""
    return host.allocatable["cpu"] if host.cpu_overcommit is None else None


def _promised_mib(host: Host) -> float | None:
    if host.memory_overcommit is None:
        return None
    return host.allocatable["memory"] * host.memory_overcommit


def _unpromised_mib(host: Host) -> float | None:
    return None if host.memory_overcommit is None else host.allocatable["memory"]


def _each(tree: Tree, read: Callable[[Workload], float]) -> NDArray[Any]:
    """Read a number of every workload of a tree; 0 for all other nodes."""
    amounts = np.zeros(len(tree))
    amounts[tree.copies] = read_each([tree.nouns[i] for i in tree.copies], read)
    return amounts


def _packed_cores(workload: Workload) -> float:
    asked = workload.asked_cores
    return workload.cpu_cores if asked is None else asked


def _packed_mib(workload: Workload) -> float:
    asked = workload.asked_mib
    return workload.memory_mib if asked is None else asked


def _wanted_cores(tree: Tree) -> NDArray[Any]:
    return _each(tree, _packed_cores) + tree.numbers(lambda layer: layer.cpu.value)


def _asked_cores(tree: Tree) -> NDArray[Any]:
    """What workloads ask for and layers take; who asks for nothing gets what is left."""
    asked = _each(tree, lambda workload: workload.asked_cores or 0.0)
    return asked + tree.numbers(lambda layer: layer.cpu.value)


def _asked_mib(tree: Tree) -> NDArray[Any]:
    """Memory by request where there is one; a machine as a whole, whatever is asked for in it."""
    more = _each(tree, lambda workload: _packed_mib(workload) - workload.memory_mib)
    if not more.any():  # most trees have no requests
        return tree.memory_mib
    return np.asarray(tree.memory_mib + np.where(tree.in_machine, 0.0, more))


def _machines_mib(tree: Tree) -> NDArray[Any]:
    """What the outermost machines are promised; one in another lives on its memory."""
    promised = np.zeros(len(tree))
    for i, noun in enumerate(tree.nouns):
        if isinstance(noun, VirtualMachine) and not tree.in_machine[tree.parent[i]]:
            promised[i] = noun.memory_mib
    return promised


def _beside_machines_mib(tree: Tree) -> NDArray[Any]:
    """What is not promised to a machine, the hypervisor's own cost of it included."""
    asked = _asked_mib(tree)
    at_top = _machines_mib(tree) > 0
    own = np.where(at_top, tree.below(asked) - _machines_mib(tree), asked)
    return np.where(tree.in_machine & ~at_top, 0.0, np.maximum(own, 0.0))


@cache  # so that what was read of it once is found again
def named_resource(name: str) -> Resource:
    """Make a resource of a name that workloads and hosts give.

    Parameters
    ----------
    name : str
        Such as ``"gpu"``.

    Returns
    -------
    Resource
        The same one for the same name; a host that does not name it has none of it.

    Examples
    --------
    >>> named_resource("gpu").has(Host(cores=4, memory_gib=8, has={"gpu": 2}))
    2.0
    """
    return Resource(
        name,
        has=lambda host: host.has.get(name, 0.0),
        asks=lambda tree: _each(tree, lambda workload: workload.needs.get(name, 0.0)),
        write=lambda amount: f"{units.plain(amount)} {name}",
        needs=lambda workload: workload.needs.get(name, 0.0),
    )


def _pods(tree: Tree) -> NDArray[Any]:
    """A pod is what stands on a container runtime of the host's own."""
    on_runtime = (tree.are("container-runtime") & tree.shared)[tree.parent]
    joins = np.array([isinstance(noun, Container) and noun.joins_pod for noun in tree.nouns])
    return np.asarray(on_runtime & ~tree.shared & ~joins)


def _plural(amount: float, word: str) -> str:
    return f"{units.plain(amount)} {word if amount == 1 else f'{word}s'}"


MEMORY = Resource(
    "memory",
    has=_memory_mib,
    asks=_asked_mib,
    write=lambda amount: f"{units.memory(amount)} of memory",
    needs=_packed_mib,
)
# Where machines may be promised more than there is, what they are promised and all other memory
# bind apart.
PROMISED = Resource(
    "promised memory",
    has=_promised_mib,
    asks=_machines_mib,
    write=lambda amount: f"{units.memory(amount)} of memory to promise",
    needs=lambda workload: 0.0,
)
UNPROMISED = Resource(
    "memory beside machines",
    has=_unpromised_mib,
    asks=_beside_machines_mib,
    write=lambda amount: f"{units.memory(amount)} of memory beside machines",
    needs=_packed_mib,
)
DISK = Resource(
    "disk",
    has=_disk_mib,
    asks=lambda tree: tree.disk_mib,
    write=lambda amount: f"{units.memory(amount)} of disk",
    needs=lambda workload: workload.disk_mib,
)
CPU = Resource(
    "cpu",
    has=_promised_cores,
    asks=_wanted_cores,
    write=lambda amount: f"{_plural(amount, 'core')} to promise",
    needs=_packed_cores,
)
REQUESTS = Resource(
    "cpu requests",
    has=_requested_cores,
    asks=_asked_cores,
    write=lambda amount: f"{_plural(amount, 'core')} to ask for",
    needs=lambda workload: workload.asked_cores or 0.0,
)
PODS = Resource(
    "pods",
    has=lambda host: host.max_pods,
    asks=_pods,
    write=lambda amount: _plural(amount, "pod"),
    needs=lambda workload: 1.0,
)
# Memory comes first: it binds everywhere.
RESOURCES = {
    MEMORY.name: MEMORY,
    PROMISED.name: PROMISED,
    UNPROMISED.name: UNPROMISED,
    DISK.name: DISK,
    CPU.name: CPU,
    REQUESTS.name: REQUESTS,
    PODS.name: PODS,
}


def resource_of(name: str) -> Resource:
    """Find a resource by its name.

    Parameters
    ----------
    name : str
        As `Fit.binds` gives it.

    Returns
    -------
    Resource
        One of the table, or one that hosts and workloads name.
    """
    return RESOURCES.get(name) or named_resource(name)


def limiting(hosts: Iterable[Host], workloads: Iterable[Workload] = ()) -> tuple[Resource, ...]:
    """List the resources that bind on any of some hosts, in the order of the table.

    Parameters
    ----------
    hosts : iterable of Host
        The hosts.
    workloads : iterable of Workload
        What is to run there: what it asks for by name binds, too.

    Returns
    -------
    tuple of Resource
        Memory, and the others where a host says how much it has or a workload asks for it.

    Examples
    --------
    >>> [resource.name for resource in limiting([Host(16, 64), Host(4, 8, max_pods=110)])]
    ['memory', 'pods']
    """
    # A thousand equal hosts are often one value, and asked once.
    given = {id(host): host for host in hosts}.values()
    apps = {id(app): app for app in workloads}.values()
    # Where nobody requests CPU, none is kept: it is shared, and does not run out.
    asked = any(app.asked_cores is not None for app in apps)
    every = [one for one in RESOURCES.values() if asked or one is not REQUESTS]
    bound = [one for one in every if any(one.has(host) is not None for host in given)]
    names = dict.fromkeys(name for host in given for name in host.has)
    names |= dict.fromkeys(name for app in apps for name in app.needs)
    return (*bound, *(named_resource(name) for name in names))


def check_named(workloads: Iterable[Workload], hosts: Iterable[Host]) -> None:
    """Refuse a workload that needs something that no host names.

    Parameters
    ----------
    workloads : iterable of Workload
        What is to run.
    hosts : iterable of Host
        Where.

    Raises
    ------
    UnknownName
        Where no host says how much of it there is; the message names the nearest.
    """
    there = {name for host in hosts for name in host.has}
    for app in workloads:
        for name in app.needs:
            if name not in there:
                wrong = f"{app.name} needs {shown(name)}, which no host names."
                advice = nearest(name, there) if there else f'Try Host(…, has={{"{name}": 4}}).'
                raise UnknownName(f"{wrong}\n{advice}")


def check_capacity(tree: Tree) -> None:
    """Refuse a tree that asks more of one of its hosts than it has.

    Parameters
    ----------
    tree : Tree
        The tree.

    Raises
    ------
    DoesNotFit
        Where a host has less of a resource than all that stands on it asks for.
    """
    apps = [noun for noun in tree.nouns if isinstance(noun, Workload)]
    check_named(apps, tree.hosts.values())
    for resource in limiting(tree.hosts.values(), apps):
        asked = tree.below(resource.asks(tree))
        for i, host in tree.hosts.items():
            has = resource.has(host)
            # Amounts that just fit may by rounding be a little larger than what there is.
            if asked[i] > (math.inf if has is None else has * (1 + TOLERANCE)):
                needs = f"What runs on {host.name!r} needs {resource.write(asked[i])}"
                raise DoesNotFit(
                    f"{needs}, but it has {resource.write(has or 0.0)}.\n"
                    "Take something away, or take a larger host."
                )
