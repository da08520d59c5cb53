"""Which layers is this process in, and what may it use? Read from files that any user may read."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from virtlearn import units
from virtlearn.machine._files import Files
from virtlearn.machine._probe import Evidence, answer, container_signs, faked, hypervisor, vm_signs
from virtlearn.model.nouns import Host
from virtlearn.model.views import Shown

__all__ = ["Here", "MachineTree", "here"]

NO_LIMIT = 2**60  # version 1 writes a number near 2**63 where there is no memory limit


@dataclass(frozen=True, eq=False)
class MachineTree:
    """The layers as arrays, as `vl.Deployment.tree` has them; memory is what a node adds to the one on it [MiB]."""

    parent: NDArray[np.int64]
    kind: tuple[str, ...]
    name: tuple[str, ...]
    memory_mib: NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Here(Shown):
    """What a machine says about itself.

    Attributes
    ----------
    in_vm, in_container : {"yes", "no", "probably", "unknown"}
    cpus, memory_mib : float or None
        What may be used [cores], [MiB].
    cpus_shown, memory_shown_mib : float or None
        What the hardware shows [cores], [MiB].
    processes : int or None
        How many processes the control groups allow.
    layers : tuple of (kind, name)
        From the hardware up; the last is this program.
    unsure : tuple of int
        The layers that are guessed.
    evidence : tuple of Evidence
    system : str
        The kernel's name and release.
    """

    in_vm: str
    in_container: str
    cpus: float | None
    memory_mib: float | None
    cpus_shown: float | None
    memory_shown_mib: float | None
    processes: int | None
    layers: tuple[tuple[str, str], ...]
    unsure: tuple[int, ...]
    evidence: tuple[Evidence, ...]
    system: str

    @property
    def tree(self) -> MachineTree:
        """The layers as a tree, as the model has it."""
        n, whole, mine = len(self.layers), self.memory_shown_mib or 0.0, self.memory_mib or 0.0
        own = np.zeros(n)
        own[-1], own[-2] = mine, max(0.0, whole - mine)
        kinds, names = zip(*self.layers, strict=True)
        return MachineTree(np.arange(-1, n - 1), kinds, names, own)

    @property
    def host(self) -> Host:
        """What may be used, as a host of the model; one core and 1 GiB where that is unknown."""
        gib = units.convert(self.memory_mib, "MiB", "GiB") if self.memory_mib else 1.0
        return Host(self.cpus or 1.0, gib, name="this machine")

    def _rows(self) -> list[tuple[str, ...]]:
        def because(about: str, yes: str) -> str:
            order = ("strong", "good", "hint")
            signs = [s for s in self.evidence if s.about == about and s.verdict is (yes != "no")]
            best = min(signs, key=lambda s: order.index(s.weight), default=None)
            if best is None or yes == "unknown":
                return f"nothing sure ({self.system})"
            return f"{best.source}: {best.text}"

        def amount(value: float | None, say: Callable[[float], str]) -> str:
            return "unknown" if value is None else say(value)

        cpus, memory = amount(self.cpus_shown, units.plain), amount(self.memory_shown_mib, units.memory)
        limits = {s.text.split()[0]: s.source for s in self.evidence if s.about == "limit"}
        rows: list[tuple[str, ...]] = [
            ("this process", "answer", "because"),
            ("in a virtual machine?", self.in_vm, because("vm", self.in_vm)),
            ("in a container?", self.in_container, because("container", self.in_container)),
            ("CPUs it may use", amount(self.cpus, units.plain), f"{cpus} shown; {limits.get('CPU', 'no quota')}"),
            ("memory it may use", amount(self.memory_mib, units.memory),
             f"{memory} shown; {limits.get('memory', 'no limit')}"),
        ]  # fmt: skip
        if self.processes is not None:
            rows.append(("processes it may start", units.plain(self.processes), limits.get("processes", "")))
        return rows

    def _below_rows(self) -> str:
        """Draw the layers from the hardware up, and list every sign."""
        stack = [
            f"{'   ' * max(0, i - 1)}{'└─ ' if i else ''}{name}{'?' if i in self.unsure else ''} ({kind})"
            for i, (kind, name) in enumerate(self.layers)
        ]
        says = {True: "yes", False: "no", None: "-"}
        signs = [f"{s.about:<10}{says[s.verdict]:<4}{s.weight:<7}{s.source}: {s.text}" for s in self.evidence]
        return "\n".join([*stack, "", *signs])


def here(root: str = "/", env: Mapping[str, str] | None = None) -> Here:
    """Say which layers this process is in, what it may use, and how that is known.

    Reads text files that any user may read, starts nothing, and never fails: what is missing stays unknown.

    Parameters
    ----------
    root : str
        The folder that holds ``proc`` and ``sys``; another than ``/`` is a recorded machine, of which nothing is
        asked of the running one.
    env : mapping, optional
        Environment variables; those of this process, or none for a recorded machine.

    Examples
    --------
    >>> import tempfile
    >>> nothing = here(tempfile.mkdtemp())
    >>> nothing.in_vm, nothing.in_container, nothing.cpus, nothing.memory_mib
    ('unknown', 'unknown', None, None)
    """
    files, live = Files(os.fspath(root)), os.path.realpath(root) == "/"
    env = (os.environ if live else {}) if env is None else env
    try:  # a recording may hold what Python said there
        told = {} if live else json.loads(files.text("commands/python.json") or "{}")
        told = told if isinstance(told, dict) else {}
    except (ValueError, RecursionError):
        told = {}
    linux = files.exists("proc/self") or files.exists("proc/version") or files.exists("proc/cpuinfo")
    name = platform.system() if live else str(told.get("sys.platform") or "")
    system = f"Linux {files.word('proc/sys/kernel/osrelease')[:60]}".strip() if linux else name or "no /proc"
    signs = [*vm_signs(files), *container_signs(files, env)]
    if not linux:
        text = "not Linux: a container of Docker Desktop would run in a Linux virtual machine here"
        signs.append(Evidence("container", "/proc", text, "hint", None))
    fake = faked(files)
    if fake:
        signs = [replace(s, verdict=None) if s.source[0] == "/" else s for s in signs]
        signs.append(Evidence("container", "/proc/version", "gVisor, which makes up these files", "strong", None))
    shown, cpus = _cpus(files, told, live)
    total = files.fields("proc/meminfo").get("MemTotal", "").split()
    kib = (
        float(total[0]) if total and total[0].isdecimal() and len(total[0]) < 16 else float(_ram_kib()) if live else 0.0
    )
    memory = kib / 1024 if kib else None
    quota, limit, processes, found = _limits(files)
    allowed = min((x for x in (cpus, quota) if x is not None), default=None)
    mine = min((x for x in (memory, limit) if x is not None), default=None)
    vm, container = answer("vm", signs), answer("container", signs)
    layers, unsure = _layers(files, system, vm, container, fake)
    return Here(vm, container, allowed, mine, shown, memory, processes, layers, unsure, (*signs, *found), system)


def _layers(
    files: Files, system: str, vm: str, container: str, fake: bool
) -> tuple[tuple[tuple[str, str], ...], tuple[int, ...]]:
    """Stack what is there, the hardware first; what is only probable is marked."""
    layers = [("host", "hardware")]
    unsure: list[int] = []
    if vm in ("yes", "probably"):
        layers += [("hypervisor", hypervisor(files) or "hypervisor"), ("virtual-machine", "virtual machine")]
        unsure += [1, 2] * (vm == "probably")
    layers += [("user-space-kernel", "gVisor") if fake else ("operating-system", system)]
    if container in ("yes", "probably"):
        unsure += [len(layers)] * (container == "probably")
        layers.append(("container", "container"))
    return (*layers, ("workload", "this program")), tuple(unsure)


def _ram_kib() -> int:
    """Ask the running system for its memory, where it has no /proc/meminfo."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024
    except (AttributeError, OSError, ValueError):
        return 0


def _listed(text: str) -> int:
    """Count a list such as ``0-3,8``; 0 where it is none."""
    count = 0
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or len(first + last) > 12:
            return 0
        count += int(last) - int(first) + 1 if dash else 1
    return max(0, count)


def _cpus(files: Files, told: dict[str, Any], live: bool) -> tuple[float | None, float | None]:
    """CPUs that the machine shows, and those of them that this process may be put on."""
    lines = (files.text("proc/cpuinfo") or "").splitlines()
    processors = sum(line.partition(":")[0].strip() == "processor" for line in lines)
    said = told.get("os.cpu_count")
    said = said if isinstance(said, int) and 0 < said < 10**6 else 0
    shown = _listed(files.word("sys/devices/system/cpu/online")) or said or processors
    shown = shown or (os.cpu_count() or 0 if live else 0)
    mine = _listed(files.fields("proc/self/status").get("Cpus_allowed_list", "")) or shown
    return (float(shown) or None, float(min(mine, shown) if shown else mine) or None)


def _limits(files: Files) -> tuple[float | None, float | None, int | None, list[Evidence]]:
    """Find the tightest CPU quota [cores], memory limit [MiB] and number of processes, and where each stands."""
    found: dict[str, tuple[float, str]] = {}

    def tighten(what: str, value: float, source: str) -> None:
        if what not in found or value < found[what][0]:
            found[what] = (value, source)

    for group in files.groups("cpu"):
        for name, period in (
            ("cpu.max", (f"{group}/cpu.max", 1)),
            ("cpu.cfs_quota_us", (f"{group}/cpu.cfs_period_us", 0)),
        ):
            quota, each = files.number(f"{group}/{name}"), files.number(*period)
            if quota and each and quota > 0 and each > 0:
                tighten("CPU", quota / each, f"{group}/{name}")
    for group in files.groups("memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            limit = files.number(f"{group}/{name}")
            if limit and 0 < limit < NO_LIMIT:
                tighten("memory", limit / units.MIB, f"{group}/{name}")
    for group in files.groups("pids"):
        most = files.number(f"{group}/pids.max")
        if most and most > 0:
            tighten("processes", most, f"{group}/pids.max")
    words = {"CPU": " cores", "memory": " MiB", "processes": ""}
    signs = [Evidence("limit", s, f"{w} {units.plain(v)}{words[w]}", "strong", True) for w, (v, s) in found.items()]
    cpu, memory, processes = (found.get(name, (None,))[0] for name in words)
    return cpu, memory, None if processes is None else int(processes), signs
