"""From a platform to a tree: how big each machine must be, how many fit, and the nouns themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from virtlearn import core, units
from virtlearn.errors import DoesNotFit, WrongPlace
from virtlearn.model import nouns
from virtlearn.model.deployment import Deployment, Fit, infrastructure
from virtlearn.model.nouns import Host, Layer, VirtualMachine, Workload, whole
from virtlearn.platforms import LayerSpec, Platform, platform

__all__ = ["density_sweep", "deploy", "fits", "repeats"]

NOUNS: dict[str, Any] = {
    "operating-system": nouns.OperatingSystem,
    "user-space-kernel": nouns.UserSpaceKernel,
    "hypervisor": nouns.Hypervisor,
    "container-runtime": nouns.ContainerRuntime,
}
SHARED = ("operating-system", "hypervisor", "container-runtime")


@dataclass(frozen=True)
class _Plan:
    """A platform cut into what the host runs once, what a machine holds once, and what every copy brings."""

    once: tuple[LayerSpec, ...]
    machine: tuple[LayerSpec, ...]
    each: tuple[LayerSpec, ...]
    per_vm: int

    @classmethod
    def of(cls, on: Platform, per_vm: int) -> _Plan:
        def carriers(specs: tuple[LayerSpec, ...]) -> int:
            return next((i for i, spec in enumerate(specs) if spec.kind not in SHARED), len(specs))

        specs = on.layers
        cut = carriers(specs)
        once, rest = specs[:cut], specs[cut:]
        if rest[0].kind != "virtual-machine":
            return cls(once, (), rest, 1)
        single = next((spec for spec in specs if spec.single), None)
        if single is not None and per_vm > 1:
            raise WrongPlace(
                f"per_vm is {per_vm}, but {single.title!r} holds one application.\nTry per_vm=1, or another platform."
            )
        inner = 1 + carriers(rest[1:])
        return cls(once, rest[:inner], rest[inner:], per_vm)

    def vm(self, workload: Workload) -> tuple[int, float]:
        """vCPUs and memory [MiB] of a machine for ``per_vm`` copies: its system plus its contents."""
        vcpus = max(1, math.ceil(workload.cpu_cores * self.per_vm - 1e-9))
        inside = self.machine[1:] + self.each
        # Laws of RAM are straight lines, so the one that has such a law carries the sum of the others.
        contents = self.per_vm * (workload.memory_mib + sum(spec.memory.mib(vcpus) for spec in self.each))
        slope = sum(spec.memory.mib(vcpus, 1) - spec.memory.mib(vcpus, 0) for spec in inside)
        flat = sum(spec.memory.mib(vcpus, 0) for spec in self.machine[1:])
        return vcpus, (contents + flat) / (1 - slope)

    def cost(self, workload: Workload) -> tuple[float, float, float]:
        """Host memory [MiB] of one machine (or copy), its disk [MiB], and the host's own share [MiB]."""
        own = sum(spec.memory.mib() for spec in self.once)
        if not self.machine:
            return workload.memory_mib + sum(s.memory.mib() for s in self.each), 0.0, own
        vcpus, ram = self.vm(workload)
        return ram + self.machine[0].memory.mib(vcpus, ram), 0.0, own

    def disk(self, workload: Workload) -> tuple[float, float]:
        """Disk [MiB] that the host keeps once, and that every machine (or copy) adds."""

        def whole_and_images(specs: tuple[LayerSpec, ...]) -> tuple[float, float]:
            return (
                sum(s.disk.value for s in specs if not s.image),
                sum(s.disk.value for s in specs if s.image),
            )

        each, image = whole_and_images(self.each)
        once = sum(whole_and_images(self.once))
        if not self.machine:
            return once + image, each + workload.disk_mib
        return once, sum(whole_and_images(self.machine)) + image + self.per_vm * (each + workload.disk_mib)


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
        raise WrongPlace(
            f'The workload comes first and then the host, but these are {workload!r} and {host!r}.\nTry deploy(web, copies=40, host=host, on="containers").'
        )
    plan = _Plan.of(platform(on), whole("deploy", "per_vm", per_vm))
    unit, _, own = plan.cost(workload)
    own_disk, unit_disk = plan.disk(workload)
    rooms = {"memory": _room(host.memory_mib, own, unit, plan.per_vm)}
    if host.disk_gib is not None:
        rooms["disk"] = _room(units.convert(host.disk_gib, "GiB", "MiB"), own_disk, unit_disk, plan.per_vm)
    if host.cpu_overcommit is not None and workload.cpu_cores > 0:
        rooms["cpu"] = _room(host.cores * host.cpu_overcommit, 0.0, workload.cpu_cores, 1)
    if host.max_pods is not None and any(spec.kind == "container-runtime" for spec in plan.once):
        rooms["pods"] = host.max_pods * plan.per_vm
    least = min(rooms, key=lambda name: rooms[name])
    return Fit(rooms[least], least, rooms)


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
    chosen = [platform(p) for p in on]
    copies = {p.title: [fits(w, host, p).max_copies for w in workloads] for p in chosen}
    units_of = [[_Plan.of(p, 1).cost(w)[0] for w in workloads] for p in (chosen[0], chosen[-1])]
    gone = next((w.memory_mib for w, a, b in zip(workloads, *units_of, strict=True) if b / a < ahead), None)
    return copies, gone


def _room(capacity: float, reserve: float, unit: float, per_unit: int) -> int:
    """Whole copies that fit; a resource nobody uses has room for more than anybody asks."""
    if unit <= 0:
        return 10**9
    return per_unit * int(core.memory.max_copies(capacity, reserve, unit, 0.0))


def repeats(deployment: Deployment) -> Fit:
    """Count for a tree built by hand: all that stands on the hosts' own layers, as often as it fits there."""
    tree = deployment.tree
    base = np.array([infrastructure(tree, i) for i in range(len(tree))])
    own, pattern = float(tree.memory_mib[base].sum()), float(tree.memory_mib[~base].sum())
    room = sum(h.memory_mib for h in deployment.hosts)
    rooms = {"memory": _room(room, own, pattern, deployment.copies)}
    if all(h.cpu_overcommit is not None for h in deployment.hosts):
        cores = sum(h.cores * (h.cpu_overcommit or 0) for h in deployment.hosts)
        wanted = sum(n.cpu_cores for n in tree.nouns if isinstance(n, Workload))
        rooms["cpu"] = _room(cores, 0.0, wanted, deployment.copies)
    least = min(rooms, key=lambda name: rooms[name])
    return Fit(rooms[least], least, rooms)


def _wrap(spec: LayerSpec, runs: tuple[Layer, ...]) -> Layer:
    """One noun around others."""
    if spec.kind == "container":
        return nouns.Container(runs, layer=spec)
    made: Layer = NOUNS[spec.kind](spec.name, runs=runs, layer=spec)
    return made


def _stand(plan: _Plan, workload: Workload, copies: int) -> tuple[Layer, ...]:
    """What stands on the host's own layers for so many copies of one workload."""
    leaf: Layer = replace(workload, layer=plan.each[-1])
    for spec in reversed(plan.each[:-1]):
        leaf = _wrap(spec, (leaf,))
    if not plan.machine:
        return (leaf,) * copies
    vcpus, ram = plan.vm(workload)

    def machine(n: int) -> Layer:
        runs: tuple[Layer, ...] = (leaf,) * n
        for spec in reversed(plan.machine[1:]):
            runs = (_wrap(spec, runs),)
        return VirtualMachine(f"{workload.name}-vm", vcpus, ram, runs=runs, layer=plan.machine[0])

    full, rest = divmod(copies, plan.per_vm)
    return ((machine(plan.per_vm),) * full if full else ()) + ((machine(rest),) if rest else ())


def deploy(
    workload: Workload | Sequence[Workload],
    copies: int | Sequence[int] = 1,
    *,
    host: Host | Sequence[Host],
    on: str | Platform,
    per_vm: int = 1,
) -> Deployment:
    """Run copies of a workload on a host (or several) in the way a platform does it.

    Parameters
    ----------
    workload : Workload or sequence of Workload
        What runs; several stand side by side.
    copies : int or sequence of int
        How many of each, at least one.
    host : Host or sequence of Host
        Where; several hosts share the copies evenly, the first ones taking what is left over.
    on : str or Platform
        A platform or its name.
    per_vm : int
        Copies in each virtual machine, on platforms that have them; each machine is as big as its operating
        system and ``per_vm`` copies, and the last one may be partly filled.

    Returns
    -------
    Deployment
        A value that answers; deploying twice gives the same answer, not a fuller host.

    Raises
    ------
    DoesNotFit
        Where the copies need more than the host has; the message says how many fit.

    Examples
    --------
    >>> host, web = Host(cores=16, memory_gib=64), Workload("web", cpu_cores=0.5, memory_mib=256)
    >>> deploy(web, copies=40, host=host, on="virtual-machines").kernels
    40
    >>> deploy(web, copies=40, host=host, on="containers").kernels
    1
    """
    chosen = platform(on)
    what = (
        (workload,)
        if isinstance(workload, Workload)
        else tuple(workload)
        if isinstance(workload, (list, tuple))
        else workload
    )
    where = (host,) if isinstance(host, Host) else tuple(host) if isinstance(host, (list, tuple)) else host
    if (
        not isinstance(what, tuple)
        or not isinstance(where, tuple)
        or not all(isinstance(w, Workload) for w in what)
        or not all(isinstance(h, Host) for h in where)
    ):
        raise WrongPlace(
            f'deploy runs a Workload on a Host, but these are {workload!r} and {host!r}.\nTry deploy(web, copies=40, host=host, on="containers").'
        )
    counts = [
        whole("deploy", "copies", n) for n in (copies if isinstance(copies, (list, tuple)) else [copies] * len(what))
    ]
    if len(counts) != len(what) or not what or not where:
        raise WrongPlace(
            f"There are {len(what)} workloads, {len(counts)} counts of copies and {len(where)} hosts.\nGive one count for each workload, and at least one host."
        )
    plan = _Plan.of(chosen, whole("deploy", "per_vm", per_vm))
    placed = [replace(h, runs=_carried(plan, what, counts, h, i, len(where), chosen)) for i, h in enumerate(where)]
    return Deployment(placed, platform=chosen, per_vm=plan.per_vm)


def _carried(
    plan: _Plan, what: tuple[Workload, ...], counts: list[int], host: Host, i: int, hosts: int, on: Platform
) -> tuple[Layer, ...]:
    """What one of the hosts carries, if it fits."""
    here = [n // hosts + (i < n % hosts) for n in counts]
    needed = plan.cost(what[0])[2]
    for workload, n in zip(what, here, strict=True):
        fit, (unit, _, own) = fits(workload, host, on, per_vm=plan.per_vm), plan.cost(workload)
        needed += math.ceil(n / plan.per_vm) * unit
        if n > fit.max_copies or needed > host.memory_mib * (1 + 1e-9):
            raise DoesNotFit(_no_room(plan, workload, n, fit, unit, own, host, needed, alone=len(what) == 1))
    stand = tuple(x for workload, n in zip(what, here, strict=True) for x in _stand(plan, workload, n))
    for spec in reversed(plan.once):
        stand = (_wrap(spec, stand),)
    return stand


def _no_room(
    plan: _Plan,
    workload: Workload,
    n: int,
    fit: Fit,
    unit: float,
    own: float,
    host: Host,
    needed: float,
    *,
    alone: bool,
) -> str:
    """Say what does not fit, with the numbers and one thing to try."""
    if fit.binds == "memory" or n <= fit.max_copies:
        apps, machines = plan.per_vm * workload.memory_mib, math.ceil(n / plan.per_vm)
        each = f"{'' if plan.per_vm == 1 else f'{plan.per_vm} x '}{units.memory(workload.memory_mib)} {workload.name} + {units.memory(unit - apps)} {'guest and hypervisor' if plan.machine else 'overhead'}"
        total = (
            f"{machines} x ({each}) + {units.memory(own)} for the host itself = {units.memory(machines * unit + own)}"
        )
        end = (
            f"At most {units.count(fit.max_copies, 'copy', 'copies')} fit."
            if alone
            else f"With the other workloads that is {units.memory(needed)}: take fewer."
        )
        return f"{total}, but the host has {units.memory(host.memory_mib)}.\n{end}"
    have = {
        "disk": f"disk_gib={host.disk_gib}",
        "cpu": f"cores={units.plain(host.cores)} with cpu_overcommit={host.cpu_overcommit}",
        "pods": f"max_pods={host.max_pods}",
    }[fit.binds]
    return f"{units.count(n, 'copy', 'copies')} of {workload.name} do not fit: the host's {fit.binds} limit says no ({have}).\nAt most {units.count(fit.max_copies, 'copy', 'copies')} fit, where its memory alone would hold {fit.by_resource['memory']:,}."
