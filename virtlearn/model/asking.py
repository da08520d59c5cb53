"""What each workload asks of each host as copies are placed, and where it may not stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from virtlearn.catalog.platforms import Platform
from virtlearn.core.check import Floats, Ints
from virtlearn.model.constraints import Constraints
from virtlearn.model.fit import Need, needs_of
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.resources import Resource
from virtlearn.model.unit import unit_of

__all__ = ["Asked", "Rules"]


@dataclass(frozen=True)
class Asked:
    """What each workload asks of what binds: once on a host, for a machine, for a copy.

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
    ) -> Asked:
        """Read what workloads ask for, equal ones once.

        Parameters
        ----------
        apps : sequence of Workload
            The workloads, in the order in which they come.
        packed : sequence of Resource
            The resources that bind.
        on : Platform or None
            How they run; None for workloads alone.
        per_vm : int
            Copies in each machine.

        Returns
        -------
        Asked
            Their kinds, and what each kind asks for.
        """
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
        """Say what a machine takes, on the hosts where one more copy opens one.

        Parameters
        ----------
        kind : int
            The kind of the copy.
        running : ndarray of int, shape (hosts,)
            Copies of that kind on each host.

        Returns
        -------
        ndarray, shape (hosts, resources)
            The amounts; 0 where a machine has a place left.
        """
        opens = running % self.per_vm == 0
        return np.asarray(opens[:, np.newaxis] * self.machine[kind])

    def used(self, host_of: Ints, hosts: int) -> Floats:
        """Add up what runs on each host.

        Parameters
        ----------
        host_of : ndarray of int, shape (workloads,)
            The host of each workload, -1 for none.
        hosts : int
            How many hosts there are.

        Returns
        -------
        ndarray, shape (hosts, resources)
            The amounts, the machines' own included.
        """
        used = np.zeros((hosts, self.copy.shape[1]))
        placed = host_of >= 0
        for kind in range(len(self.copy)):
            at = host_of[placed & (self.kind_of == kind)]
            copies = np.bincount(at, minlength=hosts)
            machines = -(-copies // self.per_vm)
            used += np.outer(copies, self.copy[kind])
            used += np.outer(machines, self.machine[kind])
        return used

    def capacities(self, hosts: Sequence[Host], packed: Sequence[Resource]) -> Floats:
        """Say what each host has for copies, beside its own layers.

        Parameters
        ----------
        hosts : sequence of Host
            The hosts.
        packed : sequence of Resource
            The resources that bind.

        Returns
        -------
        ndarray, shape (hosts, resources)
            The amounts; where a host sets no limit, room for everything.
        """
        copies = np.bincount(self.kind_of, minlength=len(self.copy))
        everything = copies @ (self.copy + self.machine) + 1.0
        room = np.zeros((len(hosts), len(packed)))
        for r, resource in enumerate(packed):
            # The host's own layers are the same for every workload.
            own = self.once[:, r].max()
            for h, host in enumerate(hosts):
                has = resource.has(host)
                left = everything[r] if has is None else has - own
                room[h, r] = max(left, 0.0)
        return room


def _needs(
    app: Workload, packed: tuple[Resource, ...], on: Platform | None, per_vm: int
) -> list[Need]:
    if on is None:
        return [Need(0.0, 0.0, resource.needs(app), 1) for resource in packed]
    needs = needs_of(unit_of(app, on, per_vm), packed)
    return [needs[resource.name] for resource in packed]


class Rules:
    """Who may stand where, and who opens a machine there, as copies are placed one by one.

    Parameters
    ----------
    apps, hosts : sequences
        The workloads, in order, and where they are to stand.
    asked : Asked
        What they ask for.
    """

    def __init__(self, apps: Sequence[Workload], hosts: Sequence[Host], asked: Asked) -> None:
        self.asked = asked
        self.constraints = Constraints(apps, hosts)
        self.seen = 0

    @property
    def are_needed(self) -> bool:
        """Whether any copy is kept from a host, or shares a machine."""
        return self.asked.per_vm > 1 or self.constraints.bind

    def beside(self, item: int, given: Ints) -> Floats:
        """Say what a copy takes on each host beside its demand.

        Parameters
        ----------
        item : int
            The number of the workload.
        given : ndarray of int
            The host of every workload before it.

        Returns
        -------
        ndarray, shape (hosts, resources)
            Its machine, where it opens one; infinite where it may not stand.
        """
        for placed in range(self.seen, item):
            self.constraints.put(placed, int(given[placed]))
        self.seen = item
        kind = int(self.asked.kind_of[item])
        running = self.constraints.running
        takes = np.zeros((running.shape[1], self.asked.copy.shape[1]))
        if self.asked.per_vm > 1:
            takes = self.asked.opened(kind, running[kind])
        may = self.constraints.may(kind)
        return np.where(may[:, np.newaxis], takes, np.inf)
