"""The nouns: what a deployment is made of, as frozen values that nest."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cache
from typing import Any

from virtlearn import core, units
from virtlearn.arguments import whole
from virtlearn.errors import DoesNotFit, ImpossibleAmount, LimitBelowReservation, WrongKind, shown
from virtlearn.model.layers import Layer, amount
from virtlearn.model.rules import Named, named, texts
from virtlearn.model.workload import MOST_CORES, MOST_GIB, MOST_MIB, Workload

__all__ = [
    "Container",
    "ContainerRuntime",
    "Controlled",
    "Host",
    "Hypervisor",
    "OperatingSystem",
    "Site",
    "UserSpaceKernel",
    "VirtualMachine",
    "Workload",
]

# More than any machine has for each of its cores [GiB].
MOST_GIB_PER_CORE = 1024


@cache  # equal hosts ask it again and again
def _left(capacity: float, reserved: float, eviction: float) -> float:
    """What is left to give away."""
    return float(core.placing.allocatable(capacity, kube_reserved=reserved, eviction=eviction))


@dataclass(frozen=True, repr=False)
class Host(Layer):
    """A physical machine.

    Parameters
    ----------
    cores : float
        Cores [cores].
    memory_gib : float
        Memory [GiB].
    disk_gib : float, optional
        Disk [GiB]; None does not bind.
    cpu_overcommit : float, optional
        How many cores may be promised for each real one; None does not bind, since CPU is shared,
        not used up.
    max_pods : int, optional
        Most containers that the host's own kernel is to run (a Kubernetes node's limit); None does
        not bind.
    name : str
        What it is called.
    runs : layers
        What stands on it.
    layer : LayerSpec, optional
        Its numbers; left out, the usual ones of hardware.
    reserved_cores, reserved_mib : float
        What the host keeps for its agents [cores, MiB], beside the layers that a platform stands on
        it.
    eviction_mib : float
        The free memory below which it puts copies out, which no copy may be promised [MiB].
    has : mapping of str to float
        Other resources, such as ``{"gpus": 4}``.
    memory_overcommit : float, optional
        How many times the host's memory may be promised to virtual machines; None: what they are
        promised is taken.
    labels, taints : str or sequence of str
        Where it stands (``"zone=a"``), and what keeps workloads away that do not tolerate it.

    Examples
    --------
    >>> Host(cores=16, memory_gib=64).memory_mib
    65536.0
    """

    kind = "host"
    # Cores and memory come first: most hosts need no name.
    name: str = field(default="host", kw_only=True)
    cores: float = amount(1.0, positive=True, most=MOST_CORES, hint="Try cores=16.")
    memory_gib: float = amount(
        1.0, positive=True, most=MOST_GIB, hint="Memory is in GiB: 64 GiB are 65,536 MiB."
    )
    disk_gib: float | None = amount(None)
    cpu_overcommit: float | None = amount(None, positive=True, hint="Try cpu_overcommit=4.")
    # 110 is what a Kubernetes node allows by itself; 0 keeps all pods away.
    max_pods: int | None = amount(None, whole, least=0)
    _: KW_ONLY
    reserved_cores: float = amount(0.0)
    reserved_mib: float = amount(0.0)
    eviction_mib: float = amount(0.0)
    has: Mapping[str, float] = amount(Named(), named)
    memory_overcommit: float | None = amount(
        None, positive=True, hint="Try memory_overcommit=1.25."
    )
    labels: Sequence[str] | Mapping[str, str] = amount((), texts)
    taints: Sequence[str] = amount((), texts)

    def __post_init__(self) -> None:
        """Check that memory and cores go together: 16 GiB written in MiB look like many GiB."""
        super().__post_init__()
        # Part of a core, as a rented slice has, is held to what a whole one may have.
        if self.memory_gib >= MOST_GIB_PER_CORE * max(self.cores, 1):
            memory = units.plain(self.memory_gib)
            cores = units.plain(self.cores)
            wrong = f"Host: memory_gib is {memory} with {cores} cores, which no machine has."
            raise ImpossibleAmount(
                f"{wrong} Is the unit right?\nMemory is in GiB: 64 GiB are 65,536 MiB."
            )
        if self.reserved_cores or self.reserved_mib or self.eviction_mib:
            self.allocatable  # noqa: B018 - refuses to keep more than there is

    @property
    def allocatable(self) -> Named:
        """What may be given away: ``"cpu"`` [cores], ``"memory"`` [MiB], and what the host ``has``.

        Examples
        --------
        >>> Host(16, 32, reserved_cores=1.5, reserved_mib=3584).allocatable
        {'cpu': 14.5, 'memory': 29184.0}
        """
        cores = _left(self.cores, self.reserved_cores, 0.0)
        memory_mib = _left(self.memory_mib, self.reserved_mib, self.eviction_mib)
        return Named({"cpu": cores, "memory": memory_mib, **self.has})

    @property
    def memory_mib(self) -> float:
        """Memory [MiB]."""
        return units.convert(self.memory_gib, "GiB", "MiB")


@dataclass(frozen=True, repr=False)
class Site(Layer):
    """Several hosts side by side: the root of their common tree.

    Parameters
    ----------
    name : str
        What it is called.
    runs : layers
        What stands in it.
    layer : LayerSpec, optional
        Its numbers; left out, the usual ones of its place.
    """

    kind = "site"
    name: str = "site"


@dataclass(frozen=True, repr=False)
class OperatingSystem(Layer):
    """A kernel and its userland, on hardware or in a virtual machine.

    Parameters
    ----------
    name : str
        What it is called; a layer's name of ``platforms.toml`` means that layer.
    memory_mib : float, optional
        What it needs for itself [MiB], kernel included; left out, it is the usual of its place.
    runs : layers
        Its processes, a container runtime, a hosted hypervisor.
    layer : LayerSpec, optional
        Its numbers; left out, the usual ones of its place.

    Examples
    --------
    >>> OperatingSystem("debian", runs=[Workload("web")]).runs[0].name
    'web'
    """

    kind = "operating-system"
    _: KW_ONLY
    memory_mib: float | None = amount(None)


@dataclass(frozen=True, repr=False)
class UserSpaceKernel(Layer):
    """A program that answers system calls in the kernel's place, as gVisor's Sentry does.

    Parameters
    ----------
    name : str
        What it is called.
    runs : layers
        What stands in it.
    layer : LayerSpec, optional
        Its numbers; left out, the usual ones of its place.
    """

    kind = "user-space-kernel"


@dataclass(frozen=True, repr=False)
class Hypervisor(Layer):
    """The layer that carries virtual machines: type 1 on a host, hosted on an operating system.

    Parameters
    ----------
    name : str
        What it is called.
    runs : layers
        What stands in it.
    layer : LayerSpec, optional
        Its numbers; left out, the usual ones of its place.
    """

    kind = "hypervisor"


@dataclass(frozen=True, repr=False)
class ContainerRuntime(Layer):
    """The program that starts containers, and steps aside once they run.

    Parameters
    ----------
    name : str
        What it is called.
    runs : layers
        What stands in it.
    layer : LayerSpec, optional
        Its numbers; left out, the usual ones of its place.
    """

    kind = "container-runtime"


@dataclass(frozen=True, repr=False)
class Controlled(Layer):
    """A layer with CPU controls: a weight, a limit and a reservation.

    Parameters
    ----------
    cpu_weight : float
        Its share under contention, against its neighbours.
    cpu_limit_cores, cpu_reservation_cores : float
        The most it may use, and what is kept for it [cores].
    name, runs, layer
        As for `Layer`.
    """

    _: KW_ONLY
    # Where a control group of Linux begins, too; only the ratio to the neighbours counts.
    cpu_weight: float = amount(100.0, positive=True, hint="Weights compare: 100 is the usual one.")
    cpu_limit_cores: float = amount(math.inf, infinite=True)
    cpu_reservation_cores: float = amount(0.0)

    def __post_init__(self) -> None:
        """Check that the reservation is within the limit."""
        super().__post_init__()
        if self.most_cores < self.cpu_reservation_cores:
            reserved = units.plain(self.cpu_reservation_cores)
            most = units.plain(self.most_cores)
            wrong = f"{type(self).__name__}: cpu_reservation_cores is {reserved}"
            raise LimitBelowReservation(
                f"{wrong}, but the most it may use is {most}.\n"
                "A limit is the most, a reservation the least: raise the limit."
            )

    @property
    def most_cores(self) -> float:
        """Cores that all in it together can use at once [cores]."""
        return self.cpu_limit_cores


@dataclass(frozen=True, repr=False)
class VirtualMachine(Controlled):
    """Virtual hardware: a promise of memory and a number of virtual CPUs.

    Parameters
    ----------
    name : str
        What it is called.
    vcpus : int
        Virtual CPUs: what runs in it uses at most as many cores.
    memory_mib : float
        Its memory [MiB]; what runs in it must fit inside, its operating system included.
    runs : layers
        Its operating system.
    cpu_weight, cpu_limit_cores, cpu_reservation_cores : float
        Its share under contention, its limit and its reservation [cores].
    layer : LayerSpec, optional
        Its numbers; left out, the usual ones of its place.
    """

    kind = "virtual-machine"
    vcpus: int = amount(1, whole)
    memory_mib: float = amount(
        1024.0, least=1, most=MOST_MIB, hint="Memory is in MiB: 2048 is 2 GiB."
    )

    @property
    def most_cores(self) -> float:
        """Cores that all in it together can use at once [cores]."""
        # A virtual CPU is a thread of the host, which runs on one core at a time.
        return min(self.cpu_limit_cores, self.vcpus)


@dataclass(frozen=True, repr=False)
class Container(Controlled):
    """Processes with a view (namespaces) and an allowance (control groups) of their own.

    Parameters
    ----------
    runs : Workload
        What runs in it: the first argument.
    name : str
        What it is called.
    cpu_weight, cpu_limit_cores, cpu_reservation_cores : float
        Its share under contention, its limit and its reservation [cores].
    memory_limit_mib : float
        Its memory limit [MiB]; without one, infinity.
    joins_pod : bool
        Whether it belongs to the pod of the container before it, and counts as no pod of its own.
    layer : LayerSpec, optional
        Its numbers; left out, the usual ones of its place.
    """

    kind = "container"
    # What it runs comes first, so that Container(web) reads as it is said.
    runs: Any = ()
    name: str = field(default="", kw_only=True)
    _: KW_ONLY
    memory_limit_mib: float = amount(math.inf, infinite=True)
    joins_pod: bool = False

    def __post_init__(self) -> None:
        """Check the limit against what is to run."""
        super().__post_init__()
        if not isinstance(self.joins_pod, bool):
            raise WrongKind(f"joins_pod is {shown(self.joins_pod)}; it must be True or False.")
        apps = [layer for layer in self.walk() if isinstance(layer, Workload)]
        # The kernel counts all processes of a control group, whatever stands between it and them.
        needed = sum(app.memory_mib for app in apps)
        if needed > self.memory_limit_mib:
            limit = units.plain(self.memory_limit_mib)
            wrong = f"A container with memory_limit_mib={limit} cannot hold {units.memory(needed)}"
            raise DoesNotFit(
                f"{wrong}: the kernel would kill it.\nRaise the limit to {units.plain(needed)}."
            )
