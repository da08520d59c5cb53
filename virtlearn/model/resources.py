"""The resources that can run out, in one table: what a host has, what a node asks, how an amount is written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from virtlearn import units
from virtlearn.core.check import TOLERANCE
from virtlearn.errors import DoesNotFit
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.tree import Tree

__all__ = ["MEMORY", "RESOURCES", "Resource", "check_capacity", "limiting"]


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
    needs : callable, optional
        ``needs(workload)`` is what a workload alone needs of it, for `place`; None where only a tree can tell.
    """

    name: str
    has: Callable[[Host], float | None]
    asks: Callable[[Tree], NDArray[Any]]
    write: Callable[[float], str]
    needs: Callable[[Workload], float] | None = None


def _disk_mib(host: Host) -> float | None:
    return None if host.disk_gib is None else units.convert(host.disk_gib, "GiB", "MiB")


def _promised_cores(host: Host) -> float | None:
    return None if host.cpu_overcommit is None else host.cores * host.cpu_overcommit


def _wanted_cores(tree: Tree) -> NDArray[Any]:
    return np.array([noun.cpu_cores if isinstance(noun, Workload) else 0.0 for noun in tree.nouns])


def _pods(tree: Tree) -> NDArray[Any]:
    """A pod is what stands on a container runtime of the host's own."""
    on_runtime = (tree.are("container-runtime") & tree.shared)[tree.parent]
    return on_runtime & ~tree.shared


def _plural(amount: float, word: str) -> str:
    return f"{units.plain(amount)} {word if amount == 1 else f'{word}s'}"


MEMORY = Resource(
    "memory",
    has=lambda host: host.memory_mib,
    asks=lambda tree: tree.memory_mib,
    write=lambda amount: f"{units.memory(amount)} of memory",
    needs=lambda workload: workload.memory_mib,
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
    needs=lambda workload: workload.cpu_cores,
)
PODS = Resource(
    "pods",
    has=lambda host: host.max_pods,
    asks=_pods,
    write=lambda amount: _plural(amount, "pod"),
)
# Memory comes first: it binds everywhere.
RESOURCES = {one.name: one for one in (MEMORY, DISK, CPU, PODS)}


def limiting(hosts: Iterable[Host]) -> tuple[Resource, ...]:
    """List the resources that bind on any of some hosts, in the order of the table.

    Parameters
    ----------
    hosts : iterable of Host
        The hosts.

    Returns
    -------
    tuple of Resource
        Memory always, the others where a host says how much it has.

    Examples
    --------
    >>> [resource.name for resource in limiting([Host(16, 64), Host(4, 8, max_pods=110)])]
    ['memory', 'pods']
    """
    given = list(hosts)
    every = RESOURCES.values()
    return tuple(one for one in every if any(one.has(host) is not None for host in given))


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
    for resource in limiting(tree.hosts.values()):
        asked = tree.below(resource.asks(tree))
        for i, host in tree.hosts.items():
            has = resource.has(host)
            if asked[i] > (math.inf if has is None else has * (1 + TOLERANCE)):
                needs = f"What runs on {host.name!r} needs {resource.write(asked[i])}"
                raise DoesNotFit(
                    f"{needs}, but it has {resource.write(has or 0.0)}.\n"
                    "Take something away, or take a larger host."
                )
