"""How many copies fit: what they ask of each resource, and which one runs out first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from virtlearn import core
from virtlearn.arguments import number, taught
from virtlearn.catalog.platforms import Platform, platform
from virtlearn.core.check import ROUNDING
from virtlearn.errors import WrongKind, shown
from virtlearn.model.layers import as_tuple
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.resources import MEMORY, Resource, check_named, limiting
from virtlearn.model.tree import Tree, flatten
from virtlearn.model.unit import Unit, repeated, unit_of

__all__ = ["Fit", "Need", "density_sweep", "fit_of", "fits", "needs_of", "total"]

# Stands for unlimited: a resource that nobody asks for holds this many copies, and does not bind.
UNLIMITED = 10**9


@dataclass(frozen=True)
class Fit:
    """How many copies a host could hold, and which resource runs out first.

    Parameters
    ----------
    max_copies : int
        The copies that fit.
    binds : str
        The resource that allows the fewest.
    by_resource : dict of str to int
        The copies that each resource would allow, for the resources that bind at all.
    """

    max_copies: int
    binds: str
    by_resource: dict[str, int]

    @classmethod
    def of(cls, by_resource: dict[str, int]) -> Fit:
        """Make a fit of the copies that each resource allows.

        Parameters
        ----------
        by_resource : dict of str to int
            The copies that each resource would allow.

        Returns
        -------
        Fit
            With the smallest of them, and its resource; of equal ones, the first.

        Examples
        --------
        >>> Fit.of({"memory": 243, "pods": 110}).binds
        'pods'
        """
        binds = min(by_resource, key=lambda name: by_resource[name])
        return cls(by_resource[binds], binds, by_resource)

    def times(self, copies: int) -> Fit:
        """Count copies where each thing that fits holds several.

        Parameters
        ----------
        copies : int
            The copies in each.

        Returns
        -------
        Fit
            The same for so many times the copies.
        """
        return Fit.of({name: count * copies for name, count in self.by_resource.items()})


@dataclass(frozen=True)
class Need:
    """What is asked of one resource: once, by each machine of copies, and by each copy.

    Parameters
    ----------
    once, machine, copy : float
        The amounts.
    per_vm : int
        Copies in each machine.
    """

    once: float
    machine: float
    copy: float
    per_vm: int

    @property
    def full_machine(self) -> float:
        """What a machine takes with all of its copies."""
        return self.machine + self.per_vm * self.copy

    def of(self, copies: int) -> float:
        """Add up what so many copies take, beside what is taken once.

        Parameters
        ----------
        copies : int
            How many run.

        Returns
        -------
        float
            The amount of the resource.
        """
        machines = math.ceil(copies / self.per_vm)
        return machines * self.machine + copies * self.copy

    def most(self, capacity: float) -> int:
        """Count the copies that fit; the last machine may be partly filled.

        Parameters
        ----------
        capacity : float
            What there is of the resource.

        Returns
        -------
        int
            Whole copies, or `UNLIMITED` where they ask for none of it.
        """
        if self.full_machine <= 0:
            return UNLIMITED
        machines = int(core.memory.max_copies(capacity, self.once, self.full_machine, 0.0))
        left = capacity - self.once - machines * self.full_machine - self.machine
        partly = 0
        if self.copy > 0 and left > 0:
            partly = int(core.memory.max_copies(left, 0.0, self.copy, 0.0))
        return machines * self.per_vm + partly


@lru_cache(maxsize=4096)
def needs_of(unit: Unit, resources: tuple[Resource, ...]) -> dict[str, Need]:
    """Read from trees what a unit asks of some resources.

    A tree of twice as many units differs from one of half of them by what a unit takes; the rest is
    taken once. So every rule of a resource stands in one place, where a tree is read.

    Parameters
    ----------
    unit : Unit
        What is repeated.
    resources : tuple of Resource
        The resources, such as `limiting` gives.

    Returns
    -------
    dict of str to Need
        For each of them.
    """
    one = _tree(unit, unit.per_vm)
    two = _tree(unit, 2 * unit.per_vm)
    if unit.per_vm == 1:
        return _needs_of_trees(one, two, resources)
    # Inside a machine that is not yet full, a copy brings only itself.
    with_one = _tree(unit, 1)
    with_two = _tree(unit, 2)
    needs = {}
    for resource in resources:
        copy = _less(total(with_two, resource), total(with_one, resource))
        full = total(one, resource)
        twice = total(two, resource)
        needs[resource.name] = _need(full, twice, copy, unit.per_vm)
    return needs


def _needs_of_trees(one: Tree, two: Tree, resources: Iterable[Resource]) -> dict[str, Need]:
    """Read what is asked for from a tree, and from one where all that is repeated stands twice."""
    needs = {}
    for resource in resources:
        needs[resource.name] = _need(total(one, resource), total(two, resource), 0.0, 1)
    return needs


def _tree(unit: Unit, copies: int) -> Tree:
    # What copies ask for does not depend on how large the host is.
    return flatten(Host(runs=unit.on_base(unit.stand(copies))))


def _need(one: float, two: float, copy: float, per_vm: int) -> Need:
    step = _less(two, one)
    return Need(_less(one, step), _less(step, per_vm * copy), copy, per_vm)


def _less(larger: float, smaller: float) -> float:
    """Subtract one sum from another, where what is left by their rounding alone is nothing."""
    rest = larger - smaller
    return rest if rest > ROUNDING * larger else 0.0


def total(tree: Tree, resource: Resource) -> float:
    """Add up what all nodes of a tree ask of a resource.

    Parameters
    ----------
    tree : Tree
        The tree.
    resource : Resource
        The resource.

    Returns
    -------
    float
        In the unit of the resource.
    """
    return float(resource.asks(tree).sum())


def fit_on(needs: dict[str, Need], free: dict[str, float]) -> Fit:
    """Count the copies that fit into what there is; a resource nobody asks for does not bind."""
    most = {name: needs[name].most(amount) for name, amount in free.items()}
    # Memory is named even where nobody asks for any, so that a fit always has a reason.
    binding = {name: n for name, n in most.items() if n < UNLIMITED or name == "memory"}
    return Fit.of(binding or most)


def capacity(host: Host, resources: Iterable[Resource]) -> dict[str, float]:
    """What a host has of each of some resources, where it binds."""
    there = {one.name: one.has(host) for one in resources}
    return {name: float(has) for name, has in there.items() if has is not None}


def summed(fits: Sequence[Fit]) -> Fit:
    """Add up what several hosts could hold; the resource that allows the fewest in all binds."""
    names = dict.fromkeys(name for fit in fits for name in fit.by_resource)
    # Where a resource does not bind, the host holds what its other resources allow.
    sums = {}
    for name in names:
        sums[name] = sum(fit.by_resource.get(name, fit.max_copies) for fit in fits)
    # Not the smallest of the sums: on each host another resource may run out first.
    together = sum(fit.max_copies for fit in fits)
    return Fit(together, Fit.of(sums).binds, sums)


def fit_of(hosts: Sequence[Host], growth: Sequence[Unit]) -> Fit:
    """Count the copies that some hosts could hold of what runs on them.

    Parameters
    ----------
    hosts : sequence of Host
        The hosts, with what they carry.
    growth : sequence of Unit
        What is repeated for one more copy. Where there is not exactly one kind, all that stands on
        each host's own layers is repeated as a whole.

    Returns
    -------
    Fit
        Over all hosts together.
    """
    answers: dict[int, Fit] = {}
    fits = []
    for host in hosts:
        if id(host) not in answers:  # equal hosts are often one value
            answers[id(host)] = _fit_on_host(host, growth)
        fits.append(answers[id(host)])
    return summed([fit for fit in fits if fit.by_resource])


def _fit_on_host(host: Host, growth: Sequence[Unit]) -> Fit:
    if len(growth) == 1:
        limits = limiting([host], [growth[0].workload])
        return fit_on(needs_of(growth[0], limits), capacity(host, limits))
    # Built by hand, or of several kinds: nobody says what one more is, so all of it is one thing.
    one = flatten(host)
    copies = len(one.copies)
    if not copies:
        return Fit(0, "nothing runs", {})
    two = flatten(repeated(host, 2))
    apps = [noun for noun in one.nouns if isinstance(noun, Workload)]
    limits = limiting([host], apps)
    needs = _needs_of_trees(one, two, limits)
    return fit_on(needs, capacity(host, limits)).times(copies)


@taught
def fits(workload: Workload, host: Host, on: str | Platform, *, per_vm: int = 1) -> Fit:
    """Count the copies of a workload that a host could hold on a platform.

    Parameters
    ----------
    workload : Workload
        What runs.
    host : Host
        Where; what is None on it does not bind.
    on : str or Platform
        How.
    per_vm : int
        Copies in each virtual machine, on platforms that have them.

    Returns
    -------
    Fit
        ``max_copies``, which resource ``binds``, and what each would allow. Never refuses for lack
        of room.

    Raises
    ------
    WrongKind
        Where the first argument is no workload or the second no host.
    UnknownName
        Where there is no such platform.

    Examples
    --------
    >>> small = Host(cores=16, memory_gib=64, max_pods=110)
    >>> fits(Workload("web", 0.1, 20), small, "containers").binds
    'pods'
    """
    if not isinstance(workload, Workload) or not isinstance(host, Host):
        these = f"{shown(workload)} and {shown(host)}"
        wrong = f"The workload comes first and then the host, but these are {these}."
        raise WrongKind(f'{wrong}\nTry fits(web, host, "containers").')
    unit = unit_of(workload, platform(on), per_vm)
    check_named([workload], [host])
    limits = limiting([host], [workload])
    return fit_on(needs_of(unit, limits), capacity(host, limits))


@taught
def density_sweep(
    workloads: Sequence[Workload], host: Host, on: Sequence[str | Platform], *, ahead: float = 1.1
) -> tuple[dict[str, list[int]], float | None]:
    """Count each workload's copies on each platform, and find where the first one's lead is gone.

    Parameters
    ----------
    workloads : sequence of Workload
        What runs, from small to large.
    host : Host
        Where.
    on : sequence of str or Platform
        How; the first is compared with the last.
    ahead : float
        The lead is gone where the first holds fewer than so many times the copies of the last, by
        what each needs.

    Returns
    -------
    copies : dict of str to list of int
        For each platform's title, the copies of each workload.
    gone_mib : float or None
        Memory of the smallest workload whose lead is gone [MiB]; None where it never is.

    Raises
    ------
    WrongKind
        Where these are no workloads and no host.
    ImpossibleAmount
        Where ``ahead`` is no positive number.
    UnknownName
        Where there is no such platform.

    Examples
    --------
    >>> apps = [Workload("app", 0.1, mib) for mib in (20, 2048, 16384)]
    >>> copies, gone = density_sweep(apps, Host(16, 64), ["containers", "virtual-machines"])
    >>> copies["virtual machines"], gone
    ([117, 25, 3], 16384.0)
    """
    apps = as_tuple(workloads, Workload)
    if not apps or not isinstance(host, Host):
        these = f"{shown(workloads)} and {shown(host)}"
        wrong = f"A sweep takes workloads and a host, but these are {these}."
        raise WrongKind(f'{wrong}\nTry density_sweep([web, db], host, ["containers"]).')
    ahead = number("density_sweep", "ahead", ahead, positive=True)
    chosen = [platform(name) for name in on]
    copies = {}
    for one in chosen:
        copies[one.title] = [fits(app, host, one).max_copies for app in apps]
    for app in apps:
        # By what a copy needs, not by the copies that fit: whole copies on one host go in steps.
        first = _memory_of_one_mib(app, chosen[0])
        last = _memory_of_one_mib(app, chosen[-1])
        if last / first < ahead:
            return copies, app.memory_mib
    return copies, None


def _memory_of_one_mib(app: Workload, on: Platform) -> float:
    """What one more copy takes of a host's memory, with its own machine where it has one [MiB]."""
    return needs_of(unit_of(app, on, 1), (MEMORY,))["memory"].full_machine
