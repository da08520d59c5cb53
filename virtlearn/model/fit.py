"""How much a host has room for: what copies need on a platform, and which resource says no."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from virtlearn import core, units
from virtlearn.arguments import whole
from virtlearn.catalog.layers import LayerSpec
from virtlearn.catalog.platforms import Platform, platform
from virtlearn.errors import DoesNotFit, WrongPlace
from virtlearn.model.layers import SHARED, check_place
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.tree import Tree

__all__ = [
    "Fit",
    "Needs",
    "Plan",
    "Sizes",
    "amount",
    "check_room",
    "density_sweep",
    "fits",
    "repeats",
    "room_for",
]
__all__ += ["rooms", "together"]

# Which layer of a plan is a machine, and of how many vCPUs and how much memory [MiB].
Sizes = dict[int, tuple[int, float]]
# What a resource that nobody asks for would hold.
PLENTY = 10**9


@dataclass(frozen=True)
class Fit:
    """How many copies a host could hold, and which resource says no.

    ``by_resource`` maps ``"memory"``, ``"disk"``, ``"cpu"`` and ``"pods"`` to the copies each would allow,
    for the resources that bind at all.
    """

    max_copies: int
    binds: str
    by_resource: dict[str, int]

    @classmethod
    def of(cls, by_resource: dict[str, int]) -> Fit:
        """Name the resource that holds the fewest."""
        least = min(by_resource, key=lambda name: by_resource[name])
        return cls(by_resource[least], least, by_resource)


@dataclass(frozen=True)
class Needs:
    """What one resource is asked for: once by the host's own layers, by each machine of copies, by each copy."""

    once: float
    machine: float
    copy: float
    per_vm: int

    def of(self, copies: int) -> float:
        """What so many copies take, beside what is taken once."""
        return math.ceil(copies / self.per_vm) * self.machine + copies * self.copy

    def most(self, room: float) -> int:
        """Whole copies that fit; the last machine may be partly filled."""
        full = self.machine + self.per_vm * self.copy
        if full <= 0:
            return PLENTY
        machines = int(core.memory.max_copies(room, self.once, full, 0.0))
        rest = room - self.once - machines * full - self.machine
        more = (
            int(core.memory.max_copies(rest, 0.0, self.copy, 0.0))
            if self.copy > 0 and rest > 0
            else 0
        )
        return machines * self.per_vm + min(more, self.per_vm - 1)


@dataclass(frozen=True)
class Plan:
    """A platform cut into what the host runs once, what a machine holds once, and what every copy brings."""

    once: tuple[LayerSpec, ...]
    machine: tuple[LayerSpec, ...]
    each: tuple[LayerSpec, ...]
    per_vm: int

    @classmethod
    def of(cls, on: str | Platform, per_vm: int) -> Plan:
        """Cut a platform where the layers end that all copies share."""
        specs, per_vm = platform(on).layers, whole("deploy", "per_vm", per_vm)
        check_place(specs[0].kind, f"{specs[0].title!r}", "host", "a host")
        for above, below in pairwise(specs):
            check_place(below.kind, f"{below.title!r}", above.kind, f"{above.title!r}")

        def shared_from(start: int) -> int:
            return next(i for i in range(start, len(specs)) if specs[i].kind not in SHARED)

        cut = shared_from(0)
        if specs[cut].kind != "virtual-machine":
            return cls(specs[:cut], (), specs[cut:], 1)
        single = next((spec for spec in specs if spec.single), None)
        if single and per_vm > 1:
            wrong = f"per_vm is {per_vm}, but {single.title!r} holds one application."
            raise WrongPlace(f"{wrong}\nTry per_vm=1, or another platform.")
        inner = shared_from(cut + 1)
        return cls(specs[:cut], specs[cut:inner], specs[inner:], per_vm)

    def measure(self, workload: Workload) -> tuple[float, Sizes]:
        """Memory on the host [MiB] of one machine (or copy), and the vCPUs and memory of each machine in it.

        A machine is as big as its contents. Laws of a machine's memory are straight lines, so what stands in
        one is ``flat + slope * its memory``, which makes its memory ``flat / (1 - slope)``.
        """
        specs = self.machine + self.each
        sizes: Sizes = {}
        vcpus, holds = [0], [self.per_vm if i < len(self.machine) else 1 for i in range(len(specs))]
        for spec, copies in zip(specs, holds, strict=True):
            wanted = max(1, math.ceil(workload.cpu_cores * copies - 1e-9))
            vcpus.append(wanted if spec.kind == "virtual-machine" else vcpus[-1])
        flat, slope = workload.memory_mib, 0.0
        for i, spec in reversed(list(enumerate(specs))):
            if i + 1 == len(self.machine):
                flat, slope = flat * self.per_vm, slope * self.per_vm
            if spec.kind == "virtual-machine" and slope >= 1:
                raise DoesNotFit(
                    f"What runs in {spec.title!r} needs more than all of its memory, however large it is."
                )
            if spec.kind == "virtual-machine":
                sizes[i] = (vcpus[i + 1], flat / (1 - slope))
                flat, slope = sizes[i][1] + spec.memory.mib(*sizes[i]), 0.0
            else:
                at_0, at_1 = (spec.memory.mib(vcpus[i + 1], ram) for ram in (0, 1))
                flat, slope = flat + at_0, slope + at_1 - at_0
        return flat, sizes

    def needs(self, workload: Workload) -> dict[str, Needs]:
        """What each resource is asked for."""
        own = sum(spec.memory.mib() for spec in self.once)
        disk, kernel = [0.0, 0.0, workload.disk_mib], 0
        for place, specs in enumerate((self.once, self.machine, self.each)):
            for spec in specs:
                disk[kernel if spec.image else place] += (
                    spec.disk.value
                )  # an image is stored once for each kernel
                kernel = place if spec.kind == "operating-system" else kernel
        pods = float(any(spec.kind == "container-runtime" for spec in self.once))
        once = {"memory": own, "disk": disk[0]}
        machine = {"memory": self.measure(workload)[0], "disk": disk[1], "pods": pods}
        copy = {"disk": disk[2], "cpu": workload.cpu_cores}
        return {
            x: Needs(once.get(x, 0.0), machine.get(x, 0.0), copy.get(x, 0.0), self.per_vm)
            for x in ASKED
        }


def rooms(host: Host) -> dict[str, float]:
    """What a host has of each resource that binds on it: memory and disk [MiB], promised cores, pods."""
    disk = None if host.disk_gib is None else units.convert(host.disk_gib, "GiB", "MiB")
    cpu = None if host.cpu_overcommit is None else host.cores * host.cpu_overcommit
    have = {"memory": host.memory_mib, "disk": disk, "cpu": cpu, "pods": host.max_pods}
    return {name: float(room) for name, room in have.items() if room is not None}


def room_for(needs: Mapping[str, Needs], room: Mapping[str, float]) -> Fit:
    """Count the copies that fit into what there is; a resource nobody asks for is not one that binds."""
    most = {name: needs[name].most(room[name]) for name in room}
    return Fit.of(
        {name: copies for name, copies in most.items() if copies < PLENTY or name == "memory"}
    )


def together(each: Sequence[Fit]) -> Fit:
    """Add up what several hosts could hold; the resource that binds is the one that allows the fewest in all."""
    names = dict.fromkeys(name for fit in each for name in fit.by_resource)
    sums = {name: sum(fit.by_resource.get(name, fit.max_copies) for fit in each) for name in names}
    return Fit(sum(fit.max_copies for fit in each), Fit.of(sums).binds, sums)


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
        ``max_copies``, which resource ``binds``, and what each would allow. Never refuses for lack of room.

    Examples
    --------
    >>> small = Host(cores=16, memory_gib=64, max_pods=110)
    >>> fits(Workload("web", 0.1, 20), small, "containers").binds
    'pods'
    """
    if not isinstance(workload, Workload) or not isinstance(host, Host):
        wrong = f"The workload comes first and then the host, but these are {workload!r:.60} and {host!r:.60}."
        raise WrongPlace(f'{wrong}\nTry fits(web, host, "containers").')
    return room_for(Plan.of(on, per_vm).needs(workload), rooms(host))


def density_sweep(
    workloads: Sequence[Workload], host: Host, on: Sequence[str | Platform], *, ahead: float = 1.1
) -> tuple[dict[str, list[int]], float | None]:
    """Count the copies of every workload on every platform, and find where the first platform's lead is gone.

    Parameters
    ----------
    workloads : sequence of Workload
        What runs, from small to large.
    host : Host
        Where.
    on : sequence of str or Platform
        How; the first is compared with the last.
    ahead : float
        The lead is gone where the first holds fewer than so many times the copies of the last, by what each needs.

    Returns
    -------
    copies : dict of str to list of int
        For each platform's title, the copies of each workload.
    gone_mib : float or None
        Memory of the smallest workload whose lead is gone [MiB]; None where it never is.

    Examples
    --------
    >>> apps = [Workload("app", 0.1, mib) for mib in (20, 2048, 16384)]
    >>> copies, gone = density_sweep(apps, Host(16, 64), ["containers", "virtual-machines"])
    >>> copies["virtual machines"], gone
    ([117, 25, 3], 16384.0)
    """
    chosen = [platform(name) for name in on]
    copies = {p.title: [fits(w, host, p).max_copies for w in workloads] for p in chosen}
    first, last = (
        [Plan.of(p, 1).measure(w)[0] for w in workloads] for p in (chosen[0], chosen[-1])
    )
    return copies, next(
        (w.memory_mib for w, a, b in zip(workloads, first, last, strict=True) if b / a < ahead),
        None,
    )


# What each node of a tree asks for of each resource; a pod is what stands on a runtime of the host's own.
ASKED: dict[str, Callable[[Tree], NDArray[Any]]] = {
    "memory": lambda tree: tree.memory_mib,
    "disk": lambda tree: tree.disk_mib,
    "cpu": lambda tree: np.array(
        [noun.cpu_cores if isinstance(noun, Workload) else 0.0 for noun in tree.nouns]
    ),
    "pods": lambda tree: (tree.are("container-runtime") & tree.shared)[tree.parent] & ~tree.shared,
}


def check_room(tree: Tree) -> None:
    """Refuse a tree that asks more of one of its hosts than it has."""
    there = {i: rooms(host) for i, host in tree.hosts.items()}
    for name in ASKED:
        if any(name in room for room in there.values()):
            asked = tree.below(ASKED[name](tree))
            for i, room in there.items():
                if asked[i] > room.get(name, math.inf) * (1 + 1e-9):
                    wrong = f"What runs on {tree.name[i]!r} needs {amount(name, asked[i])}, but it has {amount(name, room[name])}."
                    raise DoesNotFit(f"{wrong}\nTake something away, or take a larger host.")


def amount(name: str, of_it: float) -> str:
    """Write how much there is of a resource."""
    if name in ("memory", "disk"):
        return f"{units.memory(of_it)} of {name}"
    word = "core" if name == "cpu" else "pod"
    return f"{units.plain(of_it)} {word}{'' if of_it == 1 else 's'}{' to promise' if name == 'cpu' else ''}"


def repeats(tree: Tree) -> Fit:
    """Count for a tree of any shape: all that stands on each host's own layers, as often as it fits there."""
    images = (tree.numbers(lambda layer: layer.image) > 0) & tree.shared[tree.kernel_of]
    asked = {name: read(tree) for name, read in ASKED.items()}
    total = {name: tree.below(amounts) for name, amounts in asked.items()}
    own = {
        name: tree.below(x * (tree.shared | images if name == "disk" else tree.shared))
        for name, x in asked.items()
    }
    each = []
    for i, host in tree.hosts.items():
        if copies := int(tree.copies_below[i]):
            needs = {
                name: Needs(own[name][i], total[name][i] - own[name][i], 0.0, 1) for name in asked
            }
            fit = room_for(needs, rooms(host))
            each.append(Fit.of({name: copies * times for name, times in fit.by_resource.items()}))
    return together(each)
