"""Many workloads on many hosts: which goes where, by a policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property

import numpy as np

from virtlearn import core, units
from virtlearn.arguments import taught, whole
from virtlearn.catalog.platforms import Platform, platform
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import WrongKind, WrongPlace, shown
from virtlearn.model.deployment import Deployment
from virtlearn.model.fit import Need, needs_of
from virtlearn.model.layers import as_tuple
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.policies import Policy, get_policy
from virtlearn.model.resources import Resource, check_named, limiting
from virtlearn.model.rules import domain_of, tolerated
from virtlearn.model.tree import Bools
from virtlearn.model.unit import Runs, Unit, unit_of
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
    on : Platform, optional
        How they run there; without it, bare workloads were packed.
    per_vm : int
        Copies in each virtual machine.
    """

    workloads: tuple[Workload, ...]
    hosts: tuple[Host, ...]
    host_of: Ints
    free_mib: Floats
    policy: str
    _: KW_ONLY
    on: Platform | None = None
    per_vm: int = 1

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
            counts: dict[Unit, int] = {}
            for i in here:
                counts[units_of[i]] = counts.get(units_of[i], 0) + 1
            runs: Runs = ()
            for unit, copies in counts.items():
                runs += unit.stand(copies)
            # A host that runs nothing may be too small even for the platform's own layers.
            hosts.append(replace(host, runs=units_of[0].on_base(runs)) if here else host)
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


@taught
def place(
    workloads: Sequence[Workload],
    hosts: Sequence[Host],
    policy: str | Policy = "first-fit",
    *,
    on: str | Platform | None = None,
    per_vm: int = 1,
) -> Placement:
    """Spread workloads over hosts, in order, each to the host with room that a policy likes best.

    Memory, disk and pods are packed, CPU where a host's ``cpu_overcommit`` is set or a workload asks for it, and what
    workloads need by name: each by its request, where it has one. Without ``on`` the workloads alone are packed, as if
    they needed nothing to stand on; with it, what `deploy` accepts on a host is placed there, and not one copy more.

    Parameters
    ----------
    workloads : sequence of Workload
        What is to run, in this order.
    hosts : sequence of Host
        Where.
    policy : str or callable
        A name of `virtlearn.model.policies.POLICIES`, or a scoring function; a score of minus infinity is a veto.
    on : str or Platform, optional
        How they run: each host carries the platform's own layers, each copy (or machine of copies) its own.
    per_vm : int
        Copies of one workload in each virtual machine, on platforms that have them.

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
    in_each = whole("place", "per_vm", per_vm)
    chosen = None if on is None else platform(on)
    check_named(apps, there)
    packed = limiting(there, apps)
    asked = _Asked.of(apps, packed, chosen, in_each)
    capacity = asked.capacities(there, packed)
    rules = _Rules(apps, there, asked)
    beside = rules.beside if rules.are_needed else None
    host_of = core.packing.place(asked.demand, capacity, get_policy(policy), beside)
    used = asked.used(host_of, len(there))
    memory = [i for i, one in enumerate(packed) if one.name in ("memory", "promised memory")][:1]
    free_mib = (capacity - used)[:, memory[0]] if memory else np.zeros(len(there))
    name = policy if isinstance(policy, str) else getattr(policy, "__name__", "your policy")
    return Placement(apps, there, host_of, free_mib, name, on=chosen, per_vm=in_each)


@dataclass(frozen=True)
class _Asked:
    """What each workload asks of the resources that bind: once on a host, for a machine, for a copy.

    Parameters
    ----------
    kind_of : tuple of int
        The kind of each workload: equal workloads share machines.
    once, machine, copy : ndarray, shape (kinds, resources)
        The amounts of each kind.
    per_vm : int
        Copies in each machine.
    """

    kind_of: Ints
    once: Floats
    machine: Floats
    copy: Floats
    per_vm: int

    @classmethod
    def of(
        cls,
        apps: Sequence[Workload],
        packed: Sequence[Resource],
        on: Platform | None,
        per_vm: int,
    ) -> _Asked:
        kinds = list(dict.fromkeys(apps))
        number = {app: i for i, app in enumerate(kinds)}
        needs = [_needs(app, tuple(packed), on, per_vm) for app in kinds]
        once, machine, copy = (
            np.array([[getattr(need, part) for need in of_kind] for of_kind in needs])
            for part in ("once", "machine", "copy")
        )
        in_each = needs[0][0].per_vm
        return cls(np.array([number[app] for app in apps]), once, machine, copy, in_each)

    @property
    def demand(self) -> Floats:
        """What each workload takes on every host, shape (workloads, resources)."""
        # Alone in its machine, a copy always brings it; of several, only the first one does.
        whole_copy = self.copy + self.machine if self.per_vm == 1 else self.copy
        return np.asarray(whole_copy[self.kind_of])

    def opened(self, kind: int, running: Ints) -> Floats:
        """What the machine takes that one more copy opens on each host, shape (hosts, resources)."""
        opens = running % self.per_vm == 0
        return np.asarray(opens[:, np.newaxis] * self.machine[kind])

    def used(self, host_of: Ints, hosts: int) -> Floats:
        """What runs takes on each host, shape (hosts, resources)."""
        used = np.zeros((hosts, self.copy.shape[1]))
        placed = host_of >= 0
        for kind in range(len(self.copy)):
            at = host_of[placed & (self.kind_of == kind)]
            copies = np.bincount(at, minlength=hosts)
            machines = -(-copies // self.per_vm)
            used += np.outer(copies, self.copy[kind]) + np.outer(machines, self.machine[kind])
        return used

    def capacities(self, hosts: Sequence[Host], packed: Sequence[Resource]) -> Floats:
        """What each host has for copies, beside its own layers; where it sets no limit, room for everything."""
        copies = np.bincount(self.kind_of, minlength=len(self.copy))
        everything = copies @ (self.copy + self.machine) + 1.0
        room = np.zeros((len(hosts), len(packed)))
        for r, resource in enumerate(packed):
            # The host's own layers are the same for every workload.
            own = self.once[:, r].max()
            for h, host in enumerate(hosts):
                has = resource.has(host)
                room[h, r] = everything[r] if has is None else max(has - own, 0.0)
        return room


def _needs(
    app: Workload, packed: tuple[Resource, ...], on: Platform | None, per_vm: int
) -> list[Need]:
    if on is None:
        return [Need(0.0, 0.0, resource.needs(app), 1) for resource in packed]
    needs = needs_of(unit_of(app, on, per_vm), packed)
    return [needs[resource.name] for resource in packed]


class _Rules:
    """Who may stand where, and who opens a machine there, as copies are placed one by one."""

    def __init__(self, apps: Sequence[Workload], hosts: Sequence[Host], asked: _Asked) -> None:
        self.apps = apps
        self.asked = asked
        kinds = len(asked.copy)
        self.running = np.zeros((kinds, len(hosts)), dtype=np.int64)
        self.of_kind = list(dict.fromkeys(apps))
        self.seen = 0
        self.tolerated = np.array(
            [[tolerated(app, host) for host in hosts] for app in self.of_kind]
        )
        self.foes = np.array([[_apart(a, b) for b in self.of_kind] for a in self.of_kind])
        self.domains = [_domains(app.spread, hosts) for app in self.of_kind]
        self.copies_of = np.array([[a.name == b.name for b in self.of_kind] for a in self.of_kind])

    @property
    def are_needed(self) -> bool:
        """Whether any copy is kept from a host, or shares a machine."""
        spread = any(domains is not None for domains in self.domains)
        free = self.tolerated.all() and not self.foes.any() and not spread
        return self.asked.per_vm > 1 or not free

    def beside(self, item: int, given: Ints) -> Floats:
        """What a copy takes on each host beside its demand, infinite where it may not stand."""
        for placed in range(self.seen, item):
            if given[placed] >= 0:
                self.running[self.asked.kind_of[placed], given[placed]] += 1
        self.seen = item
        kind = int(self.asked.kind_of[item])
        takes = np.zeros((self.running.shape[1], self.asked.copy.shape[1]))
        if self.asked.per_vm > 1:
            takes = self.asked.opened(kind, self.running[kind])
        return np.where(self._may(kind)[:, np.newaxis], takes, np.inf)

    def _may(self, kind: int) -> Bools:
        may: Bools = self.tolerated[kind].copy()
        if self.foes[kind].any():
            may &= self.running[self.foes[kind]].sum(axis=0) == 0
        domains = self.domains[kind]
        if domains is not None:
            matching = self.running[self.copies_of[kind]].sum(axis=0)
            may &= core.placing.spread_allows(matching, domains)
        return may


def _apart(one: Workload, other: Workload) -> bool:
    """Whether either of two workloads wants to be apart from the other."""
    wants = any(other.answers_to(text) for text in one.apart_from)
    return wants or any(one.answers_to(text) for text in other.apart_from)


def _domains(label: str, hosts: Sequence[Host]) -> Ints | None:
    """Number the domains of hosts, -1 where a host has no such label; None where nothing is to be spread."""
    if not label:
        return None
    names = [domain_of(host, i, label) for i, host in enumerate(hosts)]
    numbers = {name: i for i, name in enumerate(dict.fromkeys(names)) if name}
    return np.array([numbers.get(name, -1) for name in names])
