"""The nouns: what a deployment is made of, as frozen values that nest.

Which may stand in which is one table, `CARRIES`. A layer in the wrong place is refused with the reason.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from virtlearn import units
from virtlearn.errors import DoesNotFit, ImpossibleAmount, ImpossibleCount, LimitBelowReservation, WrongPlace
from virtlearn.platforms import LayerSpec

__all__ = [
    "CARRIES",
    "KERNELS",
    "Container",
    "ContainerRuntime",
    "Host",
    "Hypervisor",
    "Layer",
    "OperatingSystem",
    "UserSpaceKernel",
    "VirtualMachine",
    "Workload",
]

# What each kind of layer can carry, and why nothing else.
CARRIES: dict[str, tuple[tuple[str, ...], str]] = {
    "site": (("host",), "a site is a row of hosts"),
    "host": (
        ("operating-system", "hypervisor"),
        "hardware runs a kernel: an operating system's or a hypervisor's",
    ),
    "operating-system": (
        ("workload", "container-runtime", "hypervisor"),
        "an operating system runs processes; a runtime or a hosted hypervisor is one of them",
    ),
    "hypervisor": (
        ("virtual-machine",),
        "a hypervisor shows virtual hardware, so it carries virtual machines",
    ),
    "virtual-machine": (
        ("operating-system",),
        "a virtual machine is hardware to what runs in it, so it needs an operating system",
    ),
    "container-runtime": (
        ("container", "virtual-machine"),
        "a runtime starts containers, some of them each in a virtual machine",
    ),
    "container": (
        ("workload", "user-space-kernel"),
        "a container has no kernel of its own: it holds processes",
    ),
    "user-space-kernel": (
        ("workload", "container"),
        "a user-space kernel answers the system calls of processes",
    ),
    "workload": ((), "a workload is a process: the end of the tree"),
}
# Layers that answer an application's system calls.
KERNELS = ("operating-system", "user-space-kernel")
# More than any machine has: above these somebody used the wrong unit.
MOST_GIB, MOST_MIB = 48 * 1024, 48 * 1024**2


def number(
    owner: str,
    name: str,
    value: Any,
    *,
    least: float = 0.0,
    most: float = math.inf,
    infinite: bool = False,
    hint: str = "",
) -> float:
    """Read a number a learner typed, or say what is wrong with it and what to try."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        digits = "".join(c for c in str(value) if c.isdigit() or c == ".") if isinstance(value, str) else ""
        give = (
            f"Write {name}={digits}, without quotes or unit."
            if digits
            else f"Give a number, such as {name}={units.plain(max(least, 1))}."
        )
        raise ImpossibleAmount(f"{owner}: {name} is {value!r}, which is not a number.\n{give}")
    x = float(value)
    if math.isnan(x) or (math.isinf(x) and not infinite) or x < least:
        rule = "more than 0" if 0 < least < 1e-6 else f"at least {units.plain(least)}"
        raise ImpossibleAmount(
            f"{owner}: {name} is {value!r}; it must be {rule}{'' if infinite else ' and finite'}.\n{hint or f'Try {name}={units.plain(max(least, 1))}.'}"
        )
    if x > most and not math.isinf(x):
        raise ImpossibleAmount(
            f"{owner}: {name} is {units.plain(x)}, more than any machine has. Is the unit right?\n{hint}"
        )
    return x


def whole(owner: str, name: str, value: Any, *, least: int = 1) -> int:
    """Read a count a learner typed."""
    if (
        isinstance(value, bool)
        or not isinstance(value, numbers.Real)
        or value != value
        or float(value) % 1
        or value < least
    ):
        raise ImpossibleCount(
            f"{owner}: {name} is {value!r}; it must be a whole number of at least {least}.\nTry {name}={least}."
        )
    return int(float(value))


@dataclass(frozen=True)
class Layer:
    """What every layer has: a name, what runs in it, and its numbers.

    ``layer`` names the numbers (`virtlearn.platforms.LayerSpec`); left out, they are the usual ones of the
    layer's kind in its place.
    """

    kind: ClassVar[str]
    name: str = ""
    _: KW_ONLY
    runs: tuple[Layer, ...] = ()
    layer: LayerSpec | None = None

    def __post_init__(self) -> None:
        """Check the name, and that what runs here may stand here."""
        if not isinstance(self.name, str):
            raise WrongPlace(
                f'{type(self).__name__}: the name comes first and is a text, but it is {self.name!r}.\nTry {type(self).__name__}("name", …).'
            )
        object.__setattr__(self, "runs", self._checked(self.runs))

    def _checked(self, runs: Layer | Iterable[Layer]) -> tuple[Layer, ...]:
        """Refuse what cannot stand in this layer."""
        children = (runs,) if isinstance(runs, Layer) else tuple(runs)
        allowed, why = CARRIES[self.kind]
        for child in children:
            if not isinstance(child, Layer):
                raise WrongPlace(
                    f"{self.title} cannot run {child!r}, which is not a layer.\nIt runs {_names(allowed)}."
                )
            if child.kind not in allowed:
                raise WrongPlace(
                    f"{child.title} cannot stand in {self.title}: {why}.\nPut it in {_names(k for k, (may, _) in CARRIES.items() if child.kind in may)}."
                )
        return children

    @property
    def title(self) -> str:
        """The kind and the name in words."""
        return f"{_word(self.kind)} {self.name!r}" if self.name else _word(self.kind)


def _word(kind: str) -> str:
    article = "an" if kind[0] in "aeio" else "a"
    return f"{article} {kind.replace('user-space-kernel', 'user-space kernel').replace('-', ' ').replace('user space', 'user-space')}"


def _names(kinds: Iterable[str]) -> str:
    words = [_word(kind) for kind in kinds]
    return ", ".join(words[:-1]) + " or " + words[-1] if len(words) > 1 else words[0] if words else "nothing"


@dataclass(frozen=True)
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
    cpu_cores: float = 0.5
    memory_mib: float = 256.0
    disk_mib: float = 0.0

    def __post_init__(self) -> None:
        """Check the amounts."""
        super().__post_init__()
        hint = "Memory is in MiB: 256 is a quarter of a GiB."
        object.__setattr__(self, "cpu_cores", number(f"Workload {self.name!r}", "cpu_cores", self.cpu_cores))
        object.__setattr__(
            self,
            "memory_mib",
            number(f"Workload {self.name!r}", "memory_mib", self.memory_mib, least=1, most=MOST_MIB, hint=hint),
        )
        object.__setattr__(self, "disk_mib", number(f"Workload {self.name!r}", "disk_mib", self.disk_mib))


@dataclass(frozen=True)
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
        """Check the amounts."""
        super().__post_init__()
        hint = "Memory is in GiB: 64 GiB are 65,536 MiB."
        object.__setattr__(
            self, "cores", number("Host", "cores", self.cores, least=1e-9, most=1e5, hint="Try cores=16.")
        )
        object.__setattr__(
            self,
            "memory_gib",
            number("Host", "memory_gib", self.memory_gib, least=1e-9, most=MOST_GIB, hint=hint),
        )
        if self.disk_gib is not None:
            object.__setattr__(self, "disk_gib", number("Host", "disk_gib", self.disk_gib))
        if self.cpu_overcommit is not None:
            object.__setattr__(
                self,
                "cpu_overcommit",
                number("Host", "cpu_overcommit", self.cpu_overcommit, least=1e-9, hint="Try cpu_overcommit=4."),
            )
        if self.max_pods is not None:
            object.__setattr__(self, "max_pods", whole("Host", "max_pods", self.max_pods, least=0))

    @property
    def memory_mib(self) -> float:
        """Memory [MiB]."""
        return units.convert(self.memory_gib, "GiB", "MiB")


@dataclass(frozen=True)
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

    def __post_init__(self) -> None:
        """Check the amount."""
        super().__post_init__()
        if self.memory_mib is not None:
            object.__setattr__(self, "memory_mib", number("OperatingSystem", "memory_mib", self.memory_mib))


@dataclass(frozen=True)
class UserSpaceKernel(Layer):
    """A program that answers system calls in the kernel's place, as gVisor's Sentry does."""

    kind = "user-space-kernel"


@dataclass(frozen=True)
class Hypervisor(Layer):
    """What carries virtual machines: type 1 when it stands on a host, hosted when on an operating system."""

    kind = "hypervisor"


@dataclass(frozen=True)
class ContainerRuntime(Layer):
    """What starts containers, and steps aside once they run."""

    kind = "container-runtime"


@dataclass(frozen=True)
class _Fenced(Layer):
    """A layer with a share, a ceiling and a promise of CPU."""

    cpu_weight: float = field(default=100.0, kw_only=True)
    cpu_limit_cores: float = field(default=math.inf, kw_only=True)
    cpu_reservation_cores: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        """Check weight, limit and reservation."""
        super().__post_init__()
        owner = type(self).__name__
        object.__setattr__(
            self,
            "cpu_weight",
            number(
                owner,
                "cpu_weight",
                self.cpu_weight,
                least=1e-9,
                hint="Weights compare: 100 is the usual one.",
            ),
        )
        limit = number(owner, "cpu_limit_cores", self.cpu_limit_cores, infinite=True)
        kept = number(owner, "cpu_reservation_cores", self.cpu_reservation_cores)
        if limit < kept:
            raise LimitBelowReservation(
                f"{owner}: cpu_limit_cores is {limit} but cpu_reservation_cores is {kept}.\nA limit is the most, a reservation the least: raise the limit."
            )
        object.__setattr__(self, "cpu_limit_cores", limit)
        object.__setattr__(self, "cpu_reservation_cores", kept)


@dataclass(frozen=True)
class VirtualMachine(_Fenced):
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
    vcpus: int = 1
    memory_mib: float = 1024.0

    def __post_init__(self) -> None:
        """Check the amounts."""
        super().__post_init__()
        object.__setattr__(self, "vcpus", whole(self.title, "vcpus", self.vcpus))
        object.__setattr__(
            self,
            "memory_mib",
            number(
                self.title,
                "memory_mib",
                self.memory_mib,
                least=1,
                most=MOST_MIB,
                hint="Memory is in MiB: 2048 is 2 GiB.",
            ),
        )


@dataclass(frozen=True)
class Container(_Fenced):
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
        limit = number("Container", "memory_limit_mib", self.memory_limit_mib, infinite=True)
        object.__setattr__(self, "memory_limit_mib", limit)
        needed = sum(child.memory_mib for child in self.runs if isinstance(child, Workload))
        if needed > limit:
            raise DoesNotFit(
                f"A container with memory_limit_mib={units.plain(limit)} cannot hold {units.memory(needed)}: the kernel would kill it.\nRaise the limit to {units.plain(needed)}."
            )
