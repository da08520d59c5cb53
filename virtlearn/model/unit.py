"""What a platform repeats to run more copies, as nouns: host layers, a machine, a copy."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from virtlearn import core
from virtlearn.arguments import whole
from virtlearn.catalog.layers import LayerSpec
from virtlearn.catalog.platforms import Platform
from virtlearn.core.check import TOLERANCE
from virtlearn.errors import DoesNotFit, WrongPlace
from virtlearn.model.layers import KERNELS, SHARED, Layer, check_place
from virtlearn.model.nouns import (
    Container,
    ContainerRuntime,
    Host,
    Hypervisor,
    OperatingSystem,
    UserSpaceKernel,
    VirtualMachine,
    Workload,
)
from virtlearn.model.pod import Pod

__all__ = ["Unit", "carrying", "repeated", "unit_of"]

Runs = tuple[Layer, ...]
Specs = tuple[LayerSpec, ...]
# What a layer of a platform becomes when it is stood on a host.
NOUNS: dict[str, type[Layer]] = {
    noun.kind: noun
    for noun in (
        OperatingSystem,
        UserSpaceKernel,
        Hypervisor,
        VirtualMachine,
        ContainerRuntime,
        Container,
    )
}


@dataclass(frozen=True)
class Unit:
    """One workload on one platform: what a host runs once, and what is repeated for more copies.

    Each part is a chain of layers, the outermost first, as nouns without contents; the last layer
    of ``copy`` is the workload.

    Parameters
    ----------
    base : tuple of Layer
        The host's own layers: they run before the first copy comes.
    machine : tuple of Layer
        A virtual machine and its own shared layers, for ``per_vm`` copies; empty on a platform
        without machines.
    copy : tuple of Layer
        What every copy brings.
    per_vm : int
        Copies in each machine.
    group : tuple of Layer
        For a pod, what stands side by side in each copy; the last of ``copy`` is then the pod as a
        whole.
    """

    base: Runs
    machine: Runs
    copy: Runs
    per_vm: int
    group: Runs = ()

    @property
    def workload(self) -> Workload:
        """What one copy runs."""
        app = self.copy[-1]
        assert isinstance(app, Workload)
        return app

    def stand(self, copies: int) -> Runs:
        """Stand so many copies side by side, in as many machines as they need.

        Parameters
        ----------
        copies : int
            How many; the last machine may be partly filled.

        Returns
        -------
        tuple of Layer
            What stands on the host's own layers.
        """
        # A pod is no layer of its own: its containers stand where a workload would.
        chain = self.copy[:-1] if self.group else self.copy
        one = nested(chain, self.group)
        if not self.machine:
            return one * copies
        # Equal machines are one value that stands there many times: it is flattened once.
        full, rest = divmod(copies, self.per_vm)
        machines = nested(self.machine, one * self.per_vm) * full
        if rest:
            machines += nested(self.machine, one * rest)
        return machines

    def on_base(self, runs: Runs) -> Runs:
        """Put what stands on the host's own layers there.

        Parameters
        ----------
        runs : tuple of Layer
            Such as `stand` gives.

        Returns
        -------
        tuple of Layer
            What stands on the host.
        """
        return nested(self.base, runs)


def carrying(host: Host, counts: Iterable[tuple[Unit, int]]) -> Host:
    """Stand copies of some units on a host.

    Parameters
    ----------
    host : Host
        The host, whatever it carries.
    counts : iterable of (Unit, int)
        Units of one platform, at least one, and how many copies of each are to run.

    Returns
    -------
    Host
        The same host with the platform's own layers once and all copies on them.
    """
    every = list(counts)
    stands: Runs = ()
    for unit, copies in every:
        stands += unit.stand(copies)
    return replace(host, runs=every[0][0].on_base(stands))


def nested(chain: Runs, runs: Runs) -> Runs:
    """Put each layer of a chain into the one before it, and ``runs`` into the last."""
    for layer in reversed(chain):
        runs = (replace(layer, runs=runs),)
    return runs


def repeated(host: Layer, times: int) -> Layer:
    """Repeat all that stands on a host's own layers.

    Parameters
    ----------
    host : Layer
        A host with what it carries.
    times : int
        How often all of it is to stand there.

    Returns
    -------
    Layer
        The host with its own layers once, and everything else so many times.

    Examples
    --------
    >>> from virtlearn.model import Host
    >>> host = Host(4, 8, runs=[OperatingSystem(runs=[Workload("web")])])
    >>> len(repeated(host, 3).runs[0].runs)
    3
    """
    # Shared layers run once, and what stands in them is repeated in turn.
    own = [repeated(layer, times) for layer in host.runs if layer.kind in SHARED]
    rest = [layer for layer in host.runs if layer.kind not in SHARED]
    return replace(host, runs=(*own, *rest * times))


@lru_cache(maxsize=4096)
def unit_of(workload: Workload, on: Platform, per_vm: int) -> Unit:
    """Cut a platform where the layers end that all copies share, and size its machines.

    Parameters
    ----------
    workload : Workload
        What one copy runs.
    on : Platform
        The platform.
    per_vm : int
        Copies in each machine, on platforms that have them.

    Returns
    -------
    Unit
        The parts; machines are as big as their contents.

    Raises
    ------
    WrongPlace
        Where a layer cannot stand in the one before it, or a machine for one application is to hold
        several.
    DoesNotFit
        Where a machine would need more than all of its own memory.

    Examples
    --------
    >>> from virtlearn.catalog.platforms import platform
    >>> unit = unit_of(Workload("web"), platform("containers-in-vms"), 4)
    >>> [layer.kind for layer in unit.machine]
    ['virtual-machine', 'operating-system', 'container-runtime']
    """
    specs = on.layers
    per_vm = whole("deploy", "per_vm", per_vm)
    check_place(specs[0].kind, f"{specs[0].title!r}", "host", "a host")
    for above, below in pairwise(specs):
        check_place(below.kind, f"{below.title!r}", above.kind, f"{above.title!r}")
    base, rest = _cut(specs)
    # A unikernel is linked with its one application.
    single = next((spec for spec in specs if spec.single), None)
    if single and len(workload.containers) > 1:
        wrong = f"A pod of {len(workload.containers)} containers cannot run here: {single.title!r}"
        raise WrongPlace(f"{wrong} holds one application.\nTry another platform.")
    if rest[0].kind != "virtual-machine":
        return _unit(base, (), rest, workload, 1)
    if single and per_vm > 1:
        wrong = f"per_vm is {per_vm}, but {single.title!r} holds one application."
        raise WrongPlace(f"{wrong}\nTry per_vm=1, or another platform.")
    shared_in_machine, copy = _cut(rest[1:])
    return _unit(base, (rest[0], *shared_in_machine), copy, workload, per_vm)


def _cut(specs: Specs) -> tuple[Specs, Specs]:
    """Part the layers that are shared from the first one that is not; the workload never is."""
    first = next(i for i, spec in enumerate(specs) if spec.kind not in SHARED)
    return specs[:first], specs[first:]


def _unit(base: Specs, machine: Specs, copy: Specs, workload: Workload, per_vm: int) -> Unit:
    copies = [per_vm] * len(machine) + [1] * len(copy)
    each = _of_each_container(copy)
    sizes = _sizes(machine + copy, copies, workload, each)
    weight = _weight_per_vcpu(base)
    # The last layer of a platform is the workload itself.
    sized = list(zip(machine + copy, sizes, strict=True))[:-1]
    layers = [_noun(spec, size, workload, weight) for spec, size in sized]
    own = tuple(_noun(spec, None, workload) for spec in base)
    machines = tuple(layers[: len(machine)])
    if isinstance(workload, Pod):
        containers = enumerate(workload.containers)
        group = tuple(_container(each, one, i) for i, one in containers)
        # What stands outside the containers, such as a machine of the pod's own, is there once.
        shared = layers[len(machine) : len(layers) + 1 - len(each)]
        return Unit(own, machines, (*shared, workload), per_vm, group)
    app = replace(workload, layer=copy[-1])
    return Unit(own, machines, (*layers[len(machine) :], app), per_vm)


def _of_each_container(copy: Specs) -> Specs:
    """The layers that each container of a pod has for itself, above the innermost kernel."""
    kernels = [i for i, spec in enumerate(copy) if spec.kind in (*KERNELS, *SHARED)]
    return copy[kernels[-1] + 1 :] if kernels else copy


def _container(each: Specs, app: Workload, position: int) -> Layer:
    """Stand one container of a pod."""
    layers = []
    for spec in each[:-1]:
        noun = _noun(spec, None, app)
        # Whoever counts pods counts the first container of each.
        if position and isinstance(noun, Container):
            noun = replace(noun, joins_pod=True)
        layers.append(noun)
    layers.append(replace(app, layer=each[-1]))
    return nested(tuple(layers), ())[0]


class _Size(NamedTuple):
    vcpus: int
    memory_mib: float


def _weight_per_vcpu(base: Specs) -> float | None:
    """What the host's hypervisor weighs a virtual CPU with; None where all machines weigh alike."""
    given = [spec.weight_per_vcpu for spec in base if spec.weight_per_vcpu]
    # The innermost one starts the machines, and so it is the one that weighs them.
    return given[-1].value if given else None


def _noun(
    spec: LayerSpec, size: _Size | None, app: Workload, weight_per_vcpu: float | None = None
) -> Layer:
    if size:
        machine = VirtualMachine(f"{app.name}-vm", size.vcpus, size.memory_mib, layer=spec)
        if weight_per_vcpu is None:
            return machine
        return replace(machine, cpu_weight=weight_per_vcpu * size.vcpus)
    if spec.kind == "container":
        return Container(layer=spec, **_allowance(app))
    return NOUNS[spec.kind](name=spec.name, layer=spec)


def _allowance(app: Workload) -> dict[str, Any]:
    """Give a container's controls; kubelet and runtime of 2025 turn its request into its weight."""
    controls: dict[str, Any] = {}
    # Without a request it keeps the usual weight, as Docker leaves it; the kubelet would give it
    # the least.
    if app.asked_cores is not None:
        shares = core.cpu.shares_from_millicores(1000 * app.asked_cores)
        controls["cpu_weight"] = float(core.cpu.weight_from_shares(shares))
    if app.limit_cores is not None:
        controls["cpu_limit_cores"] = app.limit_cores
    if app.limit_mib is not None:
        controls["memory_limit_mib"] = app.limit_mib
    return controls


def _sizes(
    specs: Sequence[LayerSpec], copies: Sequence[int], workload: Workload, each: Specs
) -> list[_Size | None]:
    """Size each machine among some layers, the outermost first; None for what is no machine.

    A machine is as big as its contents. The laws of memory are straight lines of the machine's RAM,
    so what stands in one needs ``flat + slope * RAM``, and it fits exactly where
    ``RAM = flat / (1 - slope)``.
    """
    # From outside in: the virtual CPUs of the machine that each layer is, or stands in.
    vcpus = []
    around = 0
    for spec, held in zip(specs, copies, strict=True):
        if spec.kind == "virtual-machine":
            around = max(1, math.ceil(workload.cpu_cores * held - TOLERANCE))
        vcpus.append(around)
    # From inside out: the memory of what stands in it.
    sizes: list[_Size | None] = [None] * len(specs)
    # A machine has room for what its copies need, and for what they ask to be kept.
    flat = max(workload.memory_mib, workload.asked_mib or 0.0)
    slope = 0.0
    # The loop below counts the layers of one container; a pod may have more.
    for _ in workload.containers[1:]:
        flat += sum(spec.memory.mib() for spec in each)
    held = 1
    for i in reversed(range(len(specs))):
        if copies[i] != held:  # from here on outwards it is a machine of several copies
            flat *= copies[i]
            slope *= copies[i]
            held = copies[i]
        memory = specs[i].memory
        if specs[i].kind != "virtual-machine":
            at_0 = memory.mib(vcpus[i], 0)
            flat += at_0
            slope += memory.mib(vcpus[i], 1) - at_0
            continue
        if slope >= 1:
            raise DoesNotFit(
                f"What runs in {specs[i].title!r} needs more than all of its memory, "
                "however large it is."
            )
        ram_mib = flat / (1 - slope)
        sizes[i] = _Size(vcpus[i], ram_mib)
        # To whatever carries it, a machine is its promise and the hypervisor's own cost, whatever
        # runs in it.
        flat, slope = ram_mib + memory.mib(vcpus[i], ram_mib), 0.0
    return sizes
