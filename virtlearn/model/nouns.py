"""The nouns: what a deployment is made of, as frozen values that nest."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from virtlearn import units
from virtlearn.arguments import number
from virtlearn.errors import DoesNotFit, ImpossibleAmount, LimitBelowReservation
from virtlearn.model.layers import MOST_GIB, READS, Layer, Reads

__all__ = ["Container", "ContainerRuntime", "Fenced", "Host", "Hypervisor", "Layer"]
__all__ += ["OperatingSystem", "Site", "UserSpaceKernel", "VirtualMachine", "Workload"]

# What the memory of an application or a virtual machine can be [MiB], and what no machine has for each core [GiB].
MIB, MOST_GIB_PER_CORE = partial(number, least=1, most=units.convert(MOST_GIB, "GiB", "MiB")), 1024


@dataclass(frozen=True, repr=False)
class Workload(Layer):
    """An application: what it needs, wherever it runs.

    Parameters
    ----------
    name : str
        What it is called.
    cpu_cores : float
        Cores it wants when busy [cores].
    memory_mib : float
        Memory it needs [MiB].
    disk_mib : float
        Disk it needs for itself [MiB].

    Examples
    --------
    >>> Workload("web", cpu_cores=0.5, memory_mib=256).memory_mib
    256.0
    """

    kind = "workload"
    reads: ClassVar[Reads] = {
        **READS,
        "memory_mib": partial(MIB, hint="Memory is in MiB: 256 is a quarter of a GiB."),
    }
    cpu_cores: float = 0.5
    memory_mib: float = 256.0
    disk_mib: float = 0.0


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
        How many cores may be promised for each real one; None does not bind, since CPU is shared, not used up.
    max_pods : int, optional
        Most containers that the host's own kernel is to run (a Kubernetes node's limit); None does not bind.
    name : str
        What it is called.
    runs : layers
        What stands on it.

    Examples
    --------
    >>> Host(cores=16, memory_gib=64).memory_mib
    65536.0
    """

    kind = "host"
    name: str = field(default="host", kw_only=True)
    cores: float = 1.0
    memory_gib: float = 1.0
    disk_gib: float | None = None
    cpu_overcommit: float | None = None
    max_pods: int | None = None

    def __post_init__(self) -> None:
        """Check that memory and cores are of one machine: 16 GiB written in MiB are small enough to look like GiB."""
        super().__post_init__()
        if self.memory_gib >= MOST_GIB_PER_CORE * max(self.cores, 1):
            wrong = f"Host: memory_gib is {units.plain(self.memory_gib)} with {units.plain(self.cores)} cores, which no machine has."
            raise ImpossibleAmount(
                f"{wrong} Is the unit right?\nMemory is in GiB: 64 GiB are 65,536 MiB."
            )

    @property
    def memory_mib(self) -> float:
        """Memory [MiB]."""
        return units.convert(self.memory_gib, "GiB", "MiB")


@dataclass(frozen=True, repr=False)
class Site(Layer):
    """Several hosts side by side."""

    kind = "site"
    name: str = "site"


@dataclass(frozen=True, repr=False)
class OperatingSystem(Layer):
    """A kernel and its userland, on hardware or in a virtual machine.

    ``memory_mib`` is what it needs for itself [MiB], kernel included; left out, it is the usual of its place.

    Examples
    --------
    >>> OperatingSystem("debian", runs=[Workload("web")]).runs[0].name
    'web'
    """

    kind = "operating-system"
    memory_mib: float | None = field(default=None, kw_only=True)


class UserSpaceKernel(Layer):
    """A program that answers system calls in the kernel's place, as gVisor's Sentry does."""

    kind = "user-space-kernel"


class Hypervisor(Layer):
    """What carries virtual machines: type 1 when it stands on a host, hosted when on an operating system."""

    kind = "hypervisor"


class ContainerRuntime(Layer):
    """What starts containers, and steps aside once they run."""

    kind = "container-runtime"


@dataclass(frozen=True, repr=False)
class Fenced(Layer):
    """A layer with a share, a ceiling and a promise of CPU."""

    cpu_weight: float = field(default=100.0, kw_only=True)
    cpu_limit_cores: float = field(default=math.inf, kw_only=True)
    cpu_reservation_cores: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        """Check that nobody is promised more than they may use."""
        super().__post_init__()
        if self.most_cores < self.cpu_reservation_cores:
            wrong = f"{type(self).__name__}: cpu_reservation_cores is {units.plain(self.cpu_reservation_cores)}, but the most it may use is {units.plain(self.most_cores)}."
            raise LimitBelowReservation(
                f"{wrong}\nA limit is the most, a reservation the least: raise the limit."
            )

    @property
    def most_cores(self) -> float:
        """Cores that all in it together can use at once."""
        return self.cpu_limit_cores


@dataclass(frozen=True, repr=False)
class VirtualMachine(Fenced):
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
        Its share under contention, its ceiling and its promise [cores].
    """

    kind = "virtual-machine"
    reads: ClassVar[Reads] = {
        **READS,
        "memory_mib": partial(MIB, hint="Memory is in MiB: 2048 is 2 GiB."),
    }
    vcpus: int = 1
    memory_mib: float = 1024.0

    @property
    def most_cores(self) -> float:
        """Cores that all in it together can use at once."""
        return min(self.cpu_limit_cores, self.vcpus)


@dataclass(frozen=True, repr=False)
class Container(Fenced):
    """Processes with a view (namespaces) and an allowance (control groups) of their own.

    Parameters
    ----------
    runs : Workload
        What runs in it: the first argument.
    cpu_weight, cpu_limit_cores : float
        Its share under contention and its ceiling [cores].
    memory_limit_mib : float
        Its memory limit [MiB]; without one, infinity.
    """

    kind = "container"
    runs: Any = ()
    name: str = field(default="", kw_only=True)
    memory_limit_mib: float = field(default=math.inf, kw_only=True)

    def __post_init__(self) -> None:
        """Check the limit against what is to run."""
        super().__post_init__()
        needed = sum(child.memory_mib for child in self.walk() if isinstance(child, Workload))
        if needed > self.memory_limit_mib:
            wrong = f"A container with memory_limit_mib={units.plain(self.memory_limit_mib)} cannot hold {units.memory(needed)}: the kernel would kill it."
            raise DoesNotFit(f"{wrong}\nRaise the limit to {units.plain(needed)}.")
