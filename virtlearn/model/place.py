"""Many workloads on many hosts: which goes where, by a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from virtlearn import core, units
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import WrongKind, WrongPlace, shown
from virtlearn.model.decision import Decision, decide, read_weights, schedule
from virtlearn.model.layers import as_tuple
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.policies import Policy, get_policy
from virtlearn.model.resources import Resource, limiting
from virtlearn.tables import Row, Shown

__all__ = ["Placement", "place"]

SCHEDULER = "kube-scheduler"


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
    weights : dict of str to int, optional
        How often each rule of kube-scheduler counts; None for other policies, which have no rules.
    """

    workloads: tuple[Workload, ...]
    hosts: tuple[Host, ...]
    host_of: Ints
    free_mib: Floats
    policy: str
    weights: dict[str, int] | None = None

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

    def decision(self, i: int) -> Decision:
        """Show the decision about one workload: every host's verdict and scores as they were then.

        Parameters
        ----------
        i : int
            The workload, counted from 0.

        Returns
        -------
        Decision
            Computed anew from the workloads before it, so that a large placement costs no memory.
            Other policies than kube-scheduler show who had room, and no scores.

        Raises
        ------
        WrongPlace
            Where there is no such workload.
        """
        count = len(self.workloads)
        if not 0 <= i < count:
            wrong = f"There is no workload {i}: they go from 0 to {count - 1}."
            raise WrongPlace(f"{wrong}\nTry decision(0).")
        needs, room = requests(self.workloads[: i + 1]), rooms(self.hosts)
        if self.weights is None:
            # The other policies pack CPU only where a host says how far it may be promised.
            room[:, 0] = [_promised_millicores(host, needs) for host in self.hosts]
        before = self.host_of[:i]
        used = np.zeros_like(room)
        np.add.at(used, before[before >= 0], needs[:i][before >= 0])
        names = [f"{host.name} {k}" for k, host in enumerate(self.hosts)]
        made = decide(
            self.workloads[i].name, needs[i].tolist(), names, used, room, self.weights or {}
        )
        return replace(made, winner=int(self.host_of[i]))

    def why(self, i: int) -> str:
        """Say in one sentence why one workload went where it went.

        Parameters
        ----------
        i : int
            The workload, counted from 0.

        Returns
        -------
        str
        """
        if self.weights is None:
            at = int(self.host_of[i])
            where = f"{self.hosts[at].name} {at}" if at >= 0 else "nowhere"
            return f"{self.workloads[i].name} goes to {where}: {self.policy} says so."
        return self.decision(i).why


def place(
    workloads: Sequence[Workload],
    hosts: Sequence[Host],
    policy: str | Policy = "first-fit",
    *,
    weights: Mapping[str, int] | None = None,
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
        A name of `virtlearn.model.policies.POLICIES`, or a scoring function; or ``"kube-scheduler"``, which
        filters and scores CPU and memory by what copies ask for, and can show each decision.
    weights : mapping of str to int, optional
        For kube-scheduler: how often each rule of `virtlearn.model.decision.RULES` counts.

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
    if weights is not None and policy != SCHEDULER:
        wrong = "weights= goes with kube-scheduler; other policies have no rules to weigh."
        raise WrongKind(f'{wrong}\nTry policy="kube-scheduler".')
    if policy == SCHEDULER:
        heavy = read_weights(weights)
        needs, room = requests(apps), rooms(there)
        host_of = schedule(needs, room, heavy)
        placed = host_of >= 0
        taken = np.bincount(host_of[placed], weights=needs[placed, 1], minlength=len(there))
        free_mib: Floats = room[:, 1].astype(np.float64) - taken
        return Placement(apps, there, host_of, free_mib, SCHEDULER, heavy)
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


def requests(apps: Sequence[Workload]) -> Ints:
    """What each workload asks for, in whole millicores and MiB, rounded up as a scheduler does."""
    asked = [(app.cpu_cores * 1000, app.memory_mib) for app in apps]
    whole: Ints = np.ceil(np.round(asked, 6)).astype(np.int64)
    return whole


def _promised_millicores(host: Host, needs: Ints) -> int:
    """How much CPU a host gives away; enough for everything where it sets no bound."""
    if host.cpu_overcommit is None:
        return int(needs[:, 0].sum()) + 1
    return int(host.cores * host.cpu_overcommit * 1000)


def rooms(hosts: Sequence[Host]) -> Ints:
    """What each host has for copies, in whole millicores and MiB."""
    has = [(host.cores * 1000, host.memory_gib * 1024) for host in hosts]
    whole: Ints = np.floor(np.round(has, 6)).astype(np.int64)
    return whole
