"""Many workloads on many hosts: which goes where, by a policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property

import numpy as np

from virtlearn import core, units
from virtlearn.arguments import taught, whole
from virtlearn.catalog.platforms import Platform, platform
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import WrongKind, WrongPlace, shown
from virtlearn.model.asking import Asked, Rules
from virtlearn.model.constraints import Constraints
from virtlearn.model.decision import Decision
from virtlearn.model.deployment import Deployment
from virtlearn.model.layers import as_tuple
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.policies import Policy, get_policy
from virtlearn.model.resources import CPU, MEMORY, check_named, limiting
from virtlearn.model.scheduler import counted, decide, read_weights, schedule
from virtlearn.model.unit import carrying, unit_of
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
    on : Platform, optional
        How they run there; without it, bare workloads were packed.
    per_vm : int
        Copies in each virtual machine.
    weights : dict of str to int, optional
        How often each rule of kube-scheduler counts; None for other policies, which have no rules.
    """

    workloads: tuple[Workload, ...]
    hosts: tuple[Host, ...]
    host_of: Ints
    free_mib: Floats
    policy: str
    _: KW_ONLY
    on: Platform | None = None
    per_vm: int = 1
    weights: dict[str, int] | None = None

    @property
    def hosts_used(self) -> int:
        """The number of hosts that run anything."""
        return len(set(self.host_of[self.host_of >= 0].tolist()))

    @property
    def unplaced(self) -> tuple[Workload, ...]:
        """The workloads that fit nowhere."""
        return tuple(self.workloads[i] for i in np.flatnonzero(self.host_of < 0))

    @cached_property
    def deployment(self) -> Deployment:
        """What was placed, as a tree that answers: availability, attack, cost.

        Raises
        ------
        WrongPlace
            Where bare workloads were placed: a tree needs the layers of a platform.
        """
        if self.on is None:
            wrong = "These workloads were placed bare, without the layers that they stand on."
            raise WrongPlace(f'{wrong}\nSay how they run: place(…, on="containers").')
        units_of = [unit_of(app, self.on, self.per_vm) for app in self.workloads]
        hosts = []
        for h, host in enumerate(self.hosts):
            here = np.flatnonzero(self.host_of == h).tolist()
            # Equal workloads give equal units, so that they share machines.
            counts = Counter(units_of[i] for i in here)
            # A host that runs nothing may be too small even for the platform's own layers.
            hosts.append(carrying(host, counts.items()) if here else host)
        growth = tuple(dict.fromkeys(units_of))
        return Deployment(hosts, title=self.on.title, growth=growth)

    def _rows(self) -> list[Row]:
        used = f"{self.hosts_used} of {units.count(len(self.hosts), 'host')} used"
        unplaced = units.count(len(self.unplaced), "workload")
        how = f"on {self.on.title}" if self.on else "workloads alone, without what they stand on"
        head = f"{self.policy}: {used}, {unplaced} unplaced, {how}"
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
        needs = requests(self.workloads[: i + 1])
        room = rooms(self.hosts)
        if self.weights is None:
            # The other policies pack CPU only where a host says how far it may be promised.
            room[:, 0] = [_promised_millicores(host, needs) for host in self.hosts]
        # A placement keeps who went where; how full a host was then follows from those before.
        before = self.host_of[:i]
        used = np.zeros_like(room)
        np.add.at(used, before[before >= 0], needs[:i][before >= 0])
        # Other policies pack every resource alike, and show CPU and memory.
        more = counted(self.hosts, self.workloads) if self.weights is not None else ()
        constraints = Constraints(self.workloads[: i + 1], self.hosts, more)
        for earlier, host in enumerate(before.tolist()):
            constraints.put(earlier, host)
        made = decide(
            self.workloads[i].name,
            needs[i].tolist(),
            [f"{host.name} {k}" for k, host in enumerate(self.hosts)],
            used,
            room,
            self.weights or {},
            constraints=constraints,
            kind=int(constraints.kind_of[i]),
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
            Of the winner and what spoke for it; of other policies, their name.
        """
        if self.weights is None:
            at = int(self.host_of[i])
            where = f"{self.hosts[at].name} {at}" if at >= 0 else "nowhere"
            return f"{self.workloads[i].name} goes to {where}: {self.policy} says so."
        return self.decision(i).why


@taught
def place(
    workloads: Sequence[Workload],
    hosts: Sequence[Host],
    policy: str | Policy = "first-fit",
    *,
    on: str | Platform | None = None,
    per_vm: int = 1,
    weights: Mapping[str, int] | None = None,
) -> Placement:
    """Spread workloads over hosts, in order, each to the host with room that a policy likes best.

    Memory, disk and pods are packed, CPU where a host's ``cpu_overcommit`` is set or a workload
    asks for it, and what workloads need by name: each by its request, where it has one. Without
    ``on`` the workloads alone are packed, as if they needed nothing to stand on; with it, what
    `deploy` accepts on a host is placed there, and not one copy more.

    Parameters
    ----------
    workloads : sequence of Workload
        What is to run, in this order.
    hosts : sequence of Host
        Where.
    policy : str or callable
        A name of `virtlearn.model.policies.POLICIES`, or a scoring function; a score of minus
        infinity is a veto. ``"kube-scheduler"`` filters hosts by what copies ask for, by taints,
        spread and apartness, scores those that are left, and can show each decision.
    on : str or Platform, optional
        How they run: each host carries the platform's own layers, each copy (or machine of copies)
        its own.
    per_vm : int
        Copies of one workload in each virtual machine, on platforms that have them.
    weights : mapping of str to int, optional
        For kube-scheduler: how often each rule of `virtlearn.model.scheduler.RULES` counts.

    Returns
    -------
    Placement
        Where each went.

    Raises
    ------
    UnknownName
        Where there is no such policy or platform, or a workload needs what no host names.
    WrongKind
        Where there are no workloads or no hosts.
    WrongPlace
        Where a machine for one application is to hold several.

    Examples
    --------
    >>> web = Workload("web", cpu_cores=0.5, memory_mib=512)
    >>> place([web] * 4, [Host(cores=4, memory_gib=1)] * 3, policy="worst-fit").host_of.tolist()
    [0, 1, 2, 0]
    >>> place([web] * 4, [Host(cores=4, memory_gib=1)], on="containers").host_of.tolist()
    [-1, -1, -1, -1]
    """
    apps = as_tuple(workloads, Workload)
    there = as_tuple(hosts, Host)
    if not apps or not there:
        these = f"{shown(workloads)} and {shown(hosts)}"
        wrong = f"place takes a list of workloads and a list of hosts, but these are {these}."
        raise WrongKind(f"{wrong}\nTry place([web] * 40, [host] * 4).")
    if isinstance(policy, str) and policy == SCHEDULER:
        return _scheduled(apps, there, weights, on)
    if weights is not None:
        wrong = "weights= goes with kube-scheduler; other policies have no rules to weigh."
        raise WrongKind(f'{wrong}\nTry policy="kube-scheduler".')
    in_each = whole("place", "per_vm", per_vm)
    chosen = None if on is None else platform(on)
    check_named(apps, there)
    packed = limiting(there, apps)
    asked = Asked.of(apps, packed, chosen, in_each)
    capacity = asked.capacities(there, packed)
    rules = Rules(apps, there, asked)
    beside = rules.beside if rules.are_needed else None
    host_of = core.packing.place(asked.demand, capacity, get_policy(policy), beside)
    used = asked.used(host_of, len(there))
    # Memory, or what may be promised of it, binds on every host and comes first in the table.
    free_mib = (capacity - used)[:, 0]
    # A policy may be any callable, and not all of them have a name.
    name = policy if isinstance(policy, str) else getattr(policy, "__name__", "your policy")
    return Placement(apps, there, host_of, free_mib, name, on=chosen, per_vm=in_each)


def _scheduled(
    apps: tuple[Workload, ...],
    hosts: tuple[Host, ...],
    weights: Mapping[str, int] | None,
    on: str | Platform | None,
) -> Placement:
    """Place by requests, as kube-scheduler does: what copies stand on is not seen."""
    if on is not None:
        wrong = "kube-scheduler places by what copies ask for, so it takes no on=."
        raise WrongKind(f"{wrong}\nGive the copies request_mib, or choose another policy.")
    check_named(apps, hosts)
    heavy = read_weights(weights)
    needs = requests(apps)
    room = rooms(hosts)
    constraints = Constraints(apps, hosts, counted(hosts, apps))
    host_of = schedule(needs, room, heavy, constraints)
    placed = host_of >= 0
    taken = np.bincount(host_of[placed], weights=needs[placed, 1], minlength=len(hosts))
    free_mib: Floats = room[:, 1].astype(np.float64) - taken
    return Placement(apps, hosts, host_of, free_mib, SCHEDULER, weights=heavy)


def requests(apps: Sequence[Workload]) -> Ints:
    """What each workload asks for, in whole millicores and MiB, rounded up as a scheduler does."""
    asked = [(CPU.needs(app) * 1000, MEMORY.needs(app)) for app in apps]
    # Rounded first: 2.007 cores times 1000 are not to become 2,008 millicores.
    return np.asarray(np.ceil(np.round(asked, 6)), dtype=np.int64)


def _promised_millicores(host: Host, needs: Ints) -> int:
    """How much CPU a host gives away; enough for everything where it sets no bound."""
    promised = CPU.has(host)
    if promised is None:
        # More than all copies ask for together, so that no host is refused for it.
        return int(needs[:, 0].sum()) + 1
    return int(promised * 1000)


def rooms(hosts: Sequence[Host]) -> Ints:
    """What each host has for copies, in whole millicores and MiB."""
    each = [host.allocatable for host in hosts]
    has = [(there["cpu"] * 1000, there["memory"]) for there in each]
    return np.asarray(np.floor(np.round(has, 6)), dtype=np.int64)
