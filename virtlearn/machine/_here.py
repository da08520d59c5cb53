"""Which layers is this process in, and what may it use? Read from files that any user may read."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from virtlearn import units
from virtlearn.errors import UnknownName, nearest
from virtlearn.machine._container_signs import container_signs
from virtlearn.machine._files import Files
from virtlearn.machine._limits import limits, shown
from virtlearn.machine._runs import recording
from virtlearn.machine._signs import WEIGHTS, Sign, answer, faked
from virtlearn.machine._vm_signs import LONGEST_RELEASE, hypervisor, vm_signs
from virtlearn.model.nouns import Host
from virtlearn.tables import Shown

__all__ = ["Here", "MachineTree", "here", "recorded_here"]

LONGEST_TEXT = 90  # characters of a sign that are shown
LINUX_FILES = ("proc/self", "proc/version", "proc/cpuinfo")
# What a host of the model may have; a machine that says less or more is cut to it.
LEAST_CORES, MOST_CORES = 0.001, 4096.0
LEAST_GIB, MOST_GIB = 0.001, 48 * 1024.0
MOST_GIB_A_CORE = 1000.0
UNKNOWN_CORES, UNKNOWN_MIB = 1.0, 1024.0


class MachineTree(NamedTuple):
    """The layers as arrays, as `vl.Deployment.tree` has them.

    Memory is what a node adds to the one on it [MiB].
    """

    parent: NDArray[np.int64]
    kind: tuple[str, ...]
    name: tuple[str, ...]
    memory_mib: NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Here(Shown):
    """What a machine says about itself.

    Parameters
    ----------
    in_vm, in_container : {"yes", "no", "probably", "unknown"}
        Whether this process is in one.
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
    evidence : tuple of Sign
        What all this is known by.
    system : str
        The kernel's name and release.
    recorded : str
        Where and when, for a machine that was recorded; "" for this one.
    slowed_above_mib : float or None
        From where on version 2 of the control groups slows it down, below the limit [MiB].

    Examples
    --------
    >>> recorded_here("container").in_container
    'yes'
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
    evidence: tuple[Sign, ...]
    system: str
    recorded: str = ""
    slowed_above_mib: float | None = None

    @property
    def tree(self) -> MachineTree:
        """The layers as a tree, as the model has it."""
        n = len(self.layers)
        whole = self.memory_shown_mib or 0.0
        mine = self.memory_mib or 0.0
        own = np.zeros(n)
        own[-1] = mine
        own[-2] = max(0.0, whole - mine)
        kinds, names = zip(*self.layers, strict=True)
        return MachineTree(np.arange(-1, n - 1), kinds, names, own)

    @property
    def host(self) -> Host:
        """What may be used, as a host of the model; one core and 1 GiB where unknown."""
        cores = min(max(self.cpus or UNKNOWN_CORES, LEAST_CORES), MOST_CORES)
        gib = units.convert(self.memory_mib or UNKNOWN_MIB, "MiB", "GiB")
        most_gib = min(MOST_GIB_A_CORE * max(cores, 1.0), MOST_GIB)
        return Host(cores, min(max(gib, LEAST_GIB), most_gib), name="this machine")

    def _because(self, about: str, found: str) -> str:
        """Name the weightiest sign for an answer."""
        if found == "unknown":
            return f"nothing sure ({self.system})"
        verdict = found != "no"
        signs = [s for s in self.evidence if s.about == about and s.verdict is verdict]
        best = min(signs, key=lambda sign: WEIGHTS.index(sign.weight), default=None)
        if best is None:
            return f"nothing sure ({self.system})"
        return f"{best.source}: {best.text}"

    def _rows(self) -> list[tuple[str, ...]]:
        sources = {s.text.split()[0]: s.source for s in self.evidence if s.about == "limit"}
        cpus = _or_unknown(self.cpus, units.plain)
        cpus_shown = _or_unknown(self.cpus_shown, units.plain)
        memory = _or_unknown(self.memory_mib, units.memory)
        memory_shown = _or_unknown(self.memory_shown_mib, units.memory)
        quota = sources.get("CPU", "no quota")
        limit = sources.get("memory", "no limit")
        rows: list[tuple[str, ...]] = [
            ("this process", "answer", "because"),
            ("in a virtual machine?", self.in_vm, self._because("vm", self.in_vm)),
            ("in a container?", self.in_container, self._because("container", self.in_container)),
            ("CPUs it may use", cpus, f"{cpus_shown} shown; {quota}"),
            ("memory it may use", memory, f"{memory_shown} shown; {limit}"),
        ]
        if self.slowed_above_mib is not None:
            slowed = units.memory(self.slowed_above_mib)
            rows.append(("memory above which it is slowed", slowed, sources.get("slowed", "")))
        if self.processes is not None:
            processes = units.plain(self.processes)
            rows.append(("processes it may start", processes, sources.get("processes", "")))
        if self.recorded:
            rows.append(("recorded, not read here", "", self.recorded))
        return rows

    def _below_rows(self) -> str:
        """Draw the layers from the hardware up, and list every sign."""
        lines = []
        for i, (kind, name) in enumerate(self.layers):
            branch = "   " * (i - 1) + "└─ " if i else ""
            doubt = "?" if i in self.unsure else ""
            lines.append(f"{branch}{name}{doubt} ({kind})")
        lines.append("")
        words = {True: "yes", False: "no", None: "-"}
        for s in self.evidence:
            lines.append(f"{s.about:<10}{words[s.verdict]:<4}{s.weight:<7}{s.source}: {s.text}")
        return "\n".join(lines)


def _or_unknown(value: float | None, show: Callable[[float], str]) -> str:
    return show(value) if value else "unknown"


def here(root: str = "/", env: Mapping[str, str] | None = None) -> Here:
    """Say which layers this process is in, what it may use, and how that is known.

    Reads text files that any user may read, starts nothing, and never fails: what is missing stays
    unknown.

    Parameters
    ----------
    root : str
        The folder that holds ``proc`` and ``sys``; another than ``/`` is a recorded machine, of
        which nothing is asked of the running one.
    env : mapping, optional
        Environment variables; those of this process, or none for a recorded machine.

    Returns
    -------
    Here
        Layers and limits, with the signs that they are known by.

    Examples
    --------
    >>> import tempfile
    >>> nothing = here(tempfile.mkdtemp())
    >>> nothing.in_vm, nothing.in_container, nothing.cpus, nothing.memory_mib
    ('unknown', 'unknown', None, None)
    """
    files = Files(os.fspath(root))
    live = "/" in (root, os.path.realpath(root))
    if env is None:
        env = os.environ if live else {}
    system = _system(files, live)
    signs = _signs(files, env)
    in_vm, in_container = answer("vm", signs), answer("container", signs)
    layers, unsure = _layers(files, system, in_vm, in_container)
    cpus, memory_mib = shown(files, live)
    tightest = limits(files, cpus, memory_mib)
    short = [replace(sign, text=sign.text[:LONGEST_TEXT]) for sign in signs]
    return Here(
        in_vm=in_vm,
        in_container=in_container,
        cpus=tightest.most["CPU"],
        memory_mib=tightest.most["memory"],
        cpus_shown=cpus,
        memory_shown_mib=memory_mib,
        processes=tightest.most["processes"],
        layers=tuple(layers),
        unsure=tuple(unsure),
        evidence=(*short, *tightest.signs()),
        system=system,
        slowed_above_mib=tightest.most["slowed"],
    )


def _is_linux(files: Files) -> bool:
    return any(files.exists(name) for name in LINUX_FILES)


def _system(files: Files, live: bool) -> str:
    """Name the kernel; a recorded machine is never said to be the running one."""
    if _is_linux(files):
        release = files.word("proc/sys/kernel/osrelease")[:LONGEST_RELEASE]
        return f"Linux {release}".strip()
    return platform.system() if live else "no /proc"


def _signs(files: Files, env: Mapping[str, str]) -> list[Sign]:
    """Collect all signs; where a user-space kernel makes up the files, theirs say nothing."""
    signs = [*vm_signs(files), *container_signs(files, env)]
    if not _is_linux(files):
        text = "not Linux: a container of Docker Desktop would run in a Linux virtual machine here"
        signs.append(Sign("container", "/proc", text, "hint", None))
    if faked(files):
        from_files = [sign.source.startswith("/") for sign in signs]
        for i, void in enumerate(from_files):
            if void:
                signs[i] = replace(signs[i], verdict=None)
        text = "gVisor, which makes up these files"
        signs.append(Sign("container", "/proc/version", text, "strong", None))
    return signs


def _layers(
    files: Files, system: str, in_vm: str, in_container: str
) -> tuple[list[tuple[str, str]], list[int]]:
    """Stack the layers from the hardware up, and say which of them are guessed."""
    layers = [("host", "a computer")]
    unsure: list[int] = []
    if in_vm in ("yes", "probably"):
        if in_vm == "probably":
            unsure += [1, 2]
        layers += [("hypervisor", hypervisor(files) or "hypervisor"), ("virtual-machine", "a VM")]
    layers.append(("user-space-kernel", "gVisor") if faked(files) else ("operating-system", system))
    if in_container in ("yes", "probably"):
        if in_container == "probably":
            unsure.append(len(layers))
        layers.append(("container", "a container"))
    layers.append(("workload", "this program"))
    return layers, unsure


def recorded_here(machine: str) -> Here:
    """Give what a recorded machine says.

    Parameters
    ----------
    machine : {"container", "rootless-container", "virtual-machine", "small-vm"}
        Which one.

    Returns
    -------
    Here
        As `here` gives it, with ``recorded`` saying where and when.

    Raises
    ------
    UnknownName
        Where no such machine was recorded.

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
