"""Which layers is this process in, and what may it use? Read from files that any user may read."""

from __future__ import annotations

import math
import os
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from virtlearn import units
from virtlearn.errors import UnknownName, nearest
from virtlearn.machine._files import Files
from virtlearn.machine._probe import Evidence, answer, container_signs, faked, hypervisor, vm_signs
from virtlearn.machine._run import recording
from virtlearn.model.nouns import Host
from virtlearn.tables import Shown

NO_LIMIT = 2**60  # version 1 writes a number near 2**63 where there is no memory limit


class MachineTree(NamedTuple):
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
    processes : float or None
        How many processes the control groups allow.
    layers : tuple of (kind, name)
        From the hardware up; the last is this program.
    unsure : tuple of int
        The layers that are guessed.
    evidence : tuple of Evidence
    system : str
        The kernel's name and release.
    recorded : str
        Where and when, for a machine that was recorded; "" for this one.
    """

    in_vm: str
    in_container: str
    cpus: float | None
    memory_mib: float | None
    cpus_shown: float | None
    memory_shown_mib: float | None
    processes: float | None
    layers: tuple[tuple[str, str], ...]
    unsure: tuple[int, ...]
    evidence: tuple[Evidence, ...]
    system: str
    recorded: str = ""

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
        """What may be used, as a host of the model, which takes a machine's sizes only; one core and 1 GiB if unknown."""
        cores = min(max(self.cpus or 1.0, 0.001), 4096)
        gib = units.convert(self.memory_mib or 1024.0, "MiB", "GiB")
        return Host(
            cores, min(max(gib, 0.001), 1000 * max(cores, 1.0), 48 * 1024), name="this machine"
        )

    def _because(self, about: str, yes: str) -> str:
        order = ("strong", "good", "hint")
        signs = [s for s in self.evidence if s.about == about and s.verdict is (yes != "no")]
        best = min(signs, key=lambda s: order.index(s.weight), default=None)
        if best is None or yes == "unknown":
            return f"nothing sure ({self.system})"
        return f"{best.source}: {best.text}"

    def _rows(self) -> list[tuple[str, ...]]:
        cpus, shown = (
            f"{units.plain(n)}" if n else "unknown" for n in (self.cpus, self.cpus_shown)
        )
        memory, all_ = (
            units.memory(n) if n else "unknown" for n in (self.memory_mib, self.memory_shown_mib)
        )
        limits = {s.text.split()[0]: s.source for s in self.evidence if s.about == "limit"}
        rows: list[tuple[str, ...]] = [
            ("this process", "answer", "because"),
            ("in a virtual machine?", self.in_vm, self._because("vm", self.in_vm)),
            ("in a container?", self.in_container, self._because("container", self.in_container)),
            ("CPUs it may use", cpus, f"{shown} shown; {limits.get('CPU', 'no quota')}"),
            ("memory it may use", memory, f"{all_} shown; {limits.get('memory', 'no limit')}"),
        ]
        if self.processes is not None:
            rows.append(
                ("processes it may start", units.plain(self.processes), limits.get("processes", ""))
            )
        return [*rows, *[("recorded, not read here", "", self.recorded)] * bool(self.recorded)]

    def _below_rows(self) -> str:
        """Draw the layers from the hardware up, and list every sign."""
        stack = [
            f"{'   ' * max(0, i - 1)}{'└─ ' if i else ''}{name}{'?' if i in self.unsure else ''} ({kind})"
            for i, (kind, name) in enumerate(self.layers)
        ]
        says = {True: "yes", False: "no", None: "-"}
        signs = [
            f"{s.about:<10}{says[s.verdict]:<4}{s.weight:<7}{s.source}: {s.text}"
            for s in self.evidence
        ]
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
    files, live = Files(os.fspath(root)), "/" in (root, os.path.realpath(root))
    signs = [Evidence("vm", *sign) for sign in vm_signs(files)]
    env = (os.environ if live else {}) if env is None else env
    signs += [Evidence("container", *sign) for sign in container_signs(files, env)]
    linux, fake = (
        any(files.exists(f"proc/{name}") for name in ("self", "version", "cpuinfo")),
        faked(files),
    )
    system = f"Linux {files.word('proc/sys/kernel/osrelease')[:60]}".strip()
    if not linux:
        system = platform.system() if live else "no /proc"
        text = "not Linux: a container of Docker Desktop would run in a Linux virtual machine here"
        signs.append(Evidence("container", "/proc", text, "hint", None))
    if fake:
        signs = [replace(s, verdict=None) if s.source[0] == "/" else s for s in signs]
        signs.append(
            Evidence(
                "container", "/proc/version", "gVisor, which makes up these files", "strong", None
            )
        )
    vm, container = answer("vm", signs), answer("container", signs)
    layers, unsure = [("host", "a computer")], []
    if vm in ("yes", "probably"):
        unsure += [1, 2] * (vm == "probably")
        layers += [("hypervisor", hypervisor(files) or "hypervisor"), ("virtual-machine", "a VM")]
    layers.append(("user-space-kernel", "gVisor") if fake else ("operating-system", system))
    if container in ("yes", "probably"):
        unsure += [len(layers)] * (container == "probably")
        layers.append(("container", "a container"))
    cpus, memory = _shown(files, live)
    may, limits = _limits(files, cpus, memory)
    known = (*(replace(sign, text=sign.text[:90]) for sign in signs), *limits)
    stack = (*layers, ("workload", "this program"))
    return Here(
        vm,
        container,
        may["CPU"],
        may["memory"],
        cpus,
        memory,
        may["processes"],
        stack,
        tuple(unsure),
        known,
        system,
    )


def recorded_here(machine: str) -> Here:
    """Give what a recorded machine says: ``"container"``, ``"rootless-container"``, ``"virtual-machine"``, ``"small-vm"``.

    Examples
    --------
    >>> told = recorded_here("container")
    >>> told.in_vm, told.in_container, told.cpus, told.memory_mib
    ('yes', 'yes', 0.5, 128.0)
    """
    machines = recording("machines")
    if machine not in machines:
        raise UnknownName(
            f"machine is {machine!r}, and no such one was recorded. {nearest(machine, machines)}"
        )
    with tempfile.TemporaryDirectory(prefix="virtlearn-") as root:
        for name, text in machines[machine]["files"].items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return replace(here(root), recorded=machines[machine]["recorded"])


def _listed(text: str) -> int:
    """Count a list such as ``0-3,8``; 0 where it is none."""
    count = 0
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or len(first + last) > 10:
            return 0
        count += int(last) - int(first) + 1 if dash else 1
    return max(0, count)


def _shown(files: Files, live: bool) -> tuple[float | None, float | None]:
    """CPUs and memory that the hardware shows [cores], [MiB]; asked of Python where there is no /proc."""
    processors = sum(
        line.startswith("processor") for line in files.text("proc/cpuinfo").splitlines()
    )
    cpus = (
        _listed(files.word("sys/devices/system/cpu/online"))
        or processors
        or (live and os.cpu_count())
        or 0
    )
    kib, *_ = (files.fields("proc/meminfo").get("MemTotal") or "0").split()
    mib = int(kib) / 1024 if kib.isdecimal() and len(kib) <= 11 else 0.0  # 90 TiB
    if live and not mib and hasattr(os, "sysconf"):
        mib = max(0, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) / units.MIB
    return float(cpus) or None, mib or None


def _limits(
    files: Files, cpus: float | None, memory: float | None
) -> tuple[dict[str, float | None], list[Evidence]]:
    """Find the tightest of affinity, CPU quota [cores], memory limit [MiB] and number of processes, and where it stands."""
    most: dict[str, float | None] = {"CPU": cpus, "memory": memory, "processes": None}
    where: dict[str, str] = {}

    def tighten(what: str, value: float | None, source: str) -> None:
        if value and value > 0 and value < (most[what] or math.inf):
            most[what], where[what] = value, source

    tighten(
        "CPU",
        _listed(files.fields("proc/self/status").get("Cpus_allowed_list", "")),
        "/proc/self/status",
    )
    for group in files.groups("cpu"):
        for name, period in (
            ("cpu.max", ("cpu.max", 1)),
            ("cpu.cfs_quota_us", ("cpu.cfs_period_us", 0)),
        ):
            quota, each = (
                files.number(f"{group}/{name}"),
                files.number(f"{group}/{period[0]}", period[1]),
            )
            tighten("CPU", quota / each if quota and each and each > 0 else None, f"{group}/{name}")
    for group in files.groups("memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            limit = files.number(f"{group}/{name}")
            tighten(
                "memory",
                limit / units.MIB if limit and limit < NO_LIMIT else None,
                f"{group}/{name}",
            )
    for group in files.groups("pids"):
        tighten("processes", files.number(f"{group}/pids.max"), f"{group}/pids.max")
    words = {"CPU": " cores", "memory": " MiB", "processes": ""}
    return most, [
        Evidence(
            "limit", source, f"{what} {units.plain(most[what] or 0)}{words[what]}", "strong", True
        )
        for what, source in where.items()
    ]
