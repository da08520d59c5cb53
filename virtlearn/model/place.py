"""Many workloads on many hosts: which goes where, by a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from virtlearn import core, units
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import WrongKind, shown
from virtlearn.model.layers import as_tuple
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.policies import Policy, get_policy
from virtlearn.model.resources import Resource, limiting
from virtlearn.tables import Row, Shown

__all__ = ["Placement", "place"]


@dataclass(frozen=True, eq=False, repr=False)
class Placement(Shown):
    """Which host each workload went to.

    Parameters
    ----------
    workloads, hosts : tuple
        What was placed, and where.
    host_of : ndarray of int64, shape (workloads,)
        The index of the host of each, -1 for none.
    free_mib : ndarray, shape (hosts,)
        The memory that is left on each host [MiB].
    policy : str
        The name of the policy.
    """

    workloads: tuple[Workload, ...]
    hosts: tuple[Host, ...]
    host_of: Ints
    free_mib: Floats
    policy: str

    @property
    def hosts_used(self) -> int:
        """The number of hosts that run anything."""
        return len(set(self.host_of[self.host_of >= 0].tolist()))

    @property
    def unplaced(self) -> tuple[Workload, ...]:
        """The workloads that fit nowhere."""
        return tuple(self.workloads[i] for i in np.flatnonzero(self.host_of < 0))

    def _rows(self) -> list[Row]:
        used = f"{self.hosts_used} of {units.count(len(self.hosts), 'host')} used"
        unplaced = units.count(len(self.unplaced), "workload")
        head = f"{self.policy}: {used}, {unplaced} unplaced"
        rows: list[Row] = [(head, "workloads", "memory left")]
        counts = np.bincount(self.host_of[self.host_of >= 0], minlength=len(self.hosts))
        for i, host in enumerate(self.hosts):
            left = units.memory(float(self.free_mib[i]))
            rows.append((f"{host.name} {i}", f"{counts[i]:,}", left))
        return rows


def place(
    workloads: Sequence[Workload], hosts: Sequence[Host], policy: str | Policy = "first-fit"
) -> Placement:
    """Spread workloads over hosts, in order, each to the host with room that a policy likes best.

    Memory and disk are packed, and CPU where a host's ``cpu_overcommit`` is set.

    Parameters
    ----------
    workloads : sequence of Workload
        What is to run, in this order.
    hosts : sequence of Host
        Where.
    policy : str or callable
        A name of `virtlearn.model.policies.POLICIES`, or a scoring function.

    Returns
    -------
    Placement
        Where each went.

    Raises
    ------
    UnknownName
        Where there is no such policy.
    WrongKind
        Where there are no workloads or no hosts.

    Examples
    --------
    >>> web = Workload("web", cpu_cores=0.5, memory_mib=512)
    >>> place([web] * 4, [Host(cores=4, memory_gib=1)] * 3, policy="worst-fit").host_of.tolist()
    [0, 1, 2, 0]
    """
    apps = as_tuple(workloads, Workload)
    there = as_tuple(hosts, Host)
    if not apps or not there:
        these = f"{shown(workloads)} and {shown(hosts)}"
        wrong = f"place takes a list of workloads and a list of hosts, but these are {these}."
        raise WrongKind(f"{wrong}\nTry place([web] * 40, [host] * 4).")
    packed = [resource for resource in limiting(there) if resource.needs]
    demand = np.array([_demands(resource, apps) for resource in packed]).T
    capacity = np.array([_capacities(resource, apps, there) for resource in packed]).T
    host_of = core.packing.place(demand, capacity, get_policy(policy))
    placed = host_of >= 0
    memory_mib = demand[:, 0]
    used_mib = np.bincount(host_of[placed], weights=memory_mib[placed], minlength=len(there))
    name = policy if isinstance(policy, str) else getattr(policy, "__name__", "your policy")
    return Placement(apps, there, host_of, capacity[:, 0] - used_mib, name)


def _demands(resource: Resource, apps: Sequence[Workload]) -> list[float]:
    assert resource.needs
    return [resource.needs(app) for app in apps]


def _capacities(resource: Resource, apps: Sequence[Workload], hosts: Sequence[Host]) -> list[float]:
    """What each host has; where one sets no limit, it has room for everything."""
    everything = sum(_demands(resource, apps)) + 1.0
    amounts = [resource.has(host) for host in hosts]
    return [everything if amount is None else amount for amount in amounts]
