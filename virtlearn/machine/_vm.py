"""A real virtual machine: QEMU, the system's kernel and busybox, and a first file system made here in memory."""

from __future__ import annotations

import contextlib
import glob
import json
import os
import platform
import re
import select
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from virtlearn import core, units
from virtlearn.errors import ImpossibleAmount, ImpossibleCount
from virtlearn.machine._files import Files
from virtlearn.machine._process import started
from virtlearn.model.views import Shown

__all__ = ["Boot", "RealVM", "recorded_vm", "vm"]

_INIT = """#!/bin/busybox sh
/bin/busybox mkdir -p /proc
/bin/busybox mount -t proc proc /proc
echo "VL-KERNEL $(/bin/busybox cut -d' ' -f1 /proc/uptime) $(/bin/busybox uname -r)"
echo "VL-READY $(/bin/busybox cat /proc/sys/kernel/random/boot_id) $(/bin/busybox grep MemTotal /proc/meminfo)"
/bin/busybox sleep 20
"""
TIMEOUT_S = 60.0
_PACKAGES = {"qemu": "qemu-system-x86", "busybox": "busybox-static", "kernel": "linux-image-cloud-amd64"}


@dataclass(frozen=True)
class Boot:
    """One start, by phase [s]: emulator and firmware, kernel, first program; and what it cost the host."""

    firmware_s: float
    kernel_s: float
    program_s: float
    host_mib: float | None
    host_cpu_s: float
    release: str
    boot_id: str
    guest_mib: float

    @property
    def start_s(self) -> float:
        """From the command to the first program's answer [s]."""
        return self.firmware_s + self.kernel_s + self.program_s


@dataclass(frozen=True, repr=False)
class RealVM(Shown):
    """Starts of a small virtual machine, done here or recorded.

    Attributes
    ----------
    boots : tuple of Boot
    memory_mib : float
        What the machine was promised [MiB].
    accelerator : str
        ``"kvm"`` (hardware helps) or ``"tcg"`` (the processor is emulated).
    recorded : str
        Where and when, for a recorded run; "" where it was done here.
    missing : tuple of str
        What is missing here, and the package that brings it.
    """

    boots: tuple[Boot, ...]
    memory_mib: float
    accelerator: str
    recorded: str = ""
    missing: tuple[str, ...] = ()

    @property
    def start_s(self) -> float:
        """Median from the command to the first program's answer [s]."""
        return statistics.median(boot.start_s for boot in self.boots)

    def _rows(self) -> list[tuple[str, ...]]:
        first, n = self.boots[0], len(self.boots)

        def middle(name: str) -> float:
            return float(statistics.median(getattr(boot, name) for boot in self.boots))

        spent = [boot.host_mib for boot in self.boots if boot.host_mib is not None]
        help_ = "hardware helps" if self.accelerator == "kvm" else "emulated: many times slower than with hardware help"
        return [
            ("a virtual machine", f"recorded: {self.recorded}" if self.recorded else "started here"),
            ("accelerator", f"{self.accelerator} ({help_})"),
            ("kernel inside", first.release),
            ("kernel outside", platform.release() if not self.recorded else "another"),
            (f"start, median of {n}", units.duration(self.start_s)),
            ("  emulator and firmware", units.duration(middle("firmware_s"))),
            ("  kernel", units.duration(middle("kernel_s"))),
            ("  first program", units.duration(middle("program_s"))),
            ("memory promised", units.memory(self.memory_mib)),
            ("memory its kernel sees", units.memory(first.guest_mib)),
            ("memory the host spends", units.memory(statistics.median(spent)) if spent else "unknown"),
            ("CPU time the host spends", units.duration(middle("host_cpu_s"))),
        ]

    def _below_rows(self) -> str:
        """Say what is missing."""
        return "\n".join(self.missing)


def recorded_vm() -> RealVM:
    """Give the recorded starts of a virtual machine, which say that they are recorded.

    Examples
    --------
    >>> run = recorded_vm()
    >>> run.accelerator, len(run.boots), round(run.start_s, 2)
    ('tcg', 10, 2.14)
    """
    text = (resources.files("virtlearn") / "data" / "recorded_runs.json").read_text("utf-8")
    run = json.loads(text)["vm"]
    boots = tuple(Boot(**boot) for boot in run["boots"])
    return RealVM(boots, run["memory_mib"], run["accelerator"], run["recorded"])


def _archive(files: dict[str, bytes | None]) -> bytes:
    """Pack files (None is a folder) as the kernel expects its first file system: the cpio format "newc"."""
    out = b""
    for inode, (name, data) in enumerate([*files.items(), ("TRAILER!!!", b"")], start=1):
        mode = 0o040755 if data is None else 0o100755
        numbers = (inode, mode, 0, 0, 1, 0, len(data or b""), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + b"".join(b"%08X" % n for n in numbers) + name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + (data or b"")
        out += b"\0" * (-len(out) % 4)
    return out


def _parts(kernel: str | None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Find the three things a machine needs; name the package for each that is missing."""
    if platform.system() != "Linux" or platform.machine() not in ("x86_64", "AMD64"):
        return {}, (f"A machine is started on Linux on x86 only; this is {platform.system()} {platform.machine()}.",)
    kernels = sorted(glob.glob("/boot/vmlinuz-*")) if kernel is None else [kernel]
    found = {
        "qemu": shutil.which("qemu-system-x86_64") or "",
        "busybox": next((p for p in ("/bin/busybox", "/usr/bin/busybox") if _static(p)), ""),
        "kernel": next((path for path in reversed(kernels) if os.access(path, os.R_OK)), ""),
    }
    missing = [name for name, path in found.items() if not path]
    return found, tuple(
        f"No {name} here that may be used: the package {_PACKAGES[name]} brings it." for name in missing
    )


def _static(path: str) -> bool:
    """Say whether a program needs no library: only such a one runs in an empty file system."""
    try:
        program = Path(path).read_bytes()
    except OSError:
        return False
    return b"/ld-linux" not in program[:4096] and b"/ld-musl" not in program[:4096]


def vm(boots: int = 1, memory_mib: int = 128, kernel: str | None = None) -> RealVM:
    """Start a small Linux in a virtual machine, or show recorded starts where something is missing.

    KVM is used only after a start with it has worked: a device file alone proves nothing.

    Parameters
    ----------
    boots : int
        How often to start it, up to 20.
    memory_mib : int
        Its memory [MiB], 80 to 1024.
    kernel : str, optional
        The file of the kernel to start; the newest readable one in ``/boot``.

    References
    ----------
    OWN-09 for the same on another machine.
    """
    boots = core._check.whole("boots", boots, least=1)
    if boots > 20:
        raise ImpossibleCount(f"boots is {boots}; it must be at most 20. Try boots=10.")
    if not 80 <= memory_mib <= 1024:
        raise ImpossibleAmount(f"memory_mib is {memory_mib}; this machine takes 80 to 1024 MiB. Try memory_mib=128.")
    parts, missing = _parts(kernel)
    done: list[Boot] = []
    why: list[str] = []
    for accelerator in () if missing else ("kvm", "tcg"):
        if accelerator == "kvm" and not os.access("/dev/kvm", os.R_OK | os.W_OK):
            continue
        try:
            done = [_boot(parts, memory_mib, accelerator) for _ in range(boots)]
            return RealVM(tuple(done), memory_mib, accelerator, missing=tuple(why))
        except (OSError, _NoStart) as no:
            why.append(f"A start with {accelerator} did not work: {no}")
    old = recorded_vm()
    return RealVM(old.boots, old.memory_mib, old.accelerator, old.recorded, (*missing, *why))


class _NoStart(Exception):
    """A machine did not come up."""


def _boot(parts: dict[str, str], memory_mib: int, accelerator: str) -> Boot:
    """Start it once, and end it when its first program has answered."""
    files = {"bin": None, "bin/busybox": Path(parts["busybox"]).read_bytes(), "init": _INIT.encode(), "dev": None}
    with contextlib.ExitStack() as stack:
        memory = os.memfd_create("initramfs")  # a file that is nowhere, and gone when it is closed
        stack.callback(os.close, memory)
        with os.fdopen(os.dup(memory), "wb") as file:
            file.write(_archive(files))
        command = [
            parts["qemu"], "-accel", accelerator, *["-cpu", "host"] * (accelerator == "kvm"), "-m", str(memory_mib), "-nodefaults", "-no-user-config", "-display",
            "none", "-no-reboot", "-serial", "stdio", "-kernel", parts["kernel"], "-initrd", f"/proc/self/fd/{memory}",
            "-append", "console=ttyS0 quiet panic=-1 tsc=unstable",
        ]  # fmt: skip
        start = time.monotonic()
        qemu = stack.enter_context(started(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                           stderr=subprocess.STDOUT, pass_fds=(memory,)))  # fmt: skip
        when: dict[str, float] = {}
        words: dict[str, list[str]] = {}
        last = "not a word from it"
        for line in _lines(qemu, start + (10 if accelerator == "kvm" else TIMEOUT_S)):
            for mark in ("VL-KERNEL", "VL-READY"):
                if mark in line:
                    when[mark], words[mark] = time.monotonic() - start, line[line.index(mark) :].split()
            if "VL-READY" in when:
                break
            last = line or last
        else:
            raise _NoStart(last[:200])
        uptime, release = float(words["VL-KERNEL"][1]), words["VL-KERNEL"][2]
        rollup = Files().fields(f"proc/{qemu.pid}/smaps_rollup")
        kib = re.match(r"\d+", rollup.get("Rss", ""))
        cpu_s = time.clock_gettime((~qemu.pid << 3) | 2)
        return Boot(
            max(0.0, when["VL-KERNEL"] - uptime), uptime, when["VL-READY"] - when["VL-KERNEL"],
            int(kib[0]) / 1024 if kib else None, cpu_s, release, words["VL-READY"][1], int(words["VL-READY"][3]) / 1024,
        )  # fmt: skip


def _lines(process: subprocess.Popen[bytes], deadline: float) -> Iterator[str]:
    """Give a process's lines as they come, until it ends or the deadline does."""
    assert process.stdout is not None
    rest = b""
    while (left := deadline - time.monotonic()) > 0:
        if select.select([process.stdout], [], [], min(left, 0.5))[0]:
            more = os.read(process.stdout.fileno(), 65536)
            *lines, rest = (rest + more).split(b"\n")
            yield from (line.decode("utf-8", "replace").strip() for line in lines)
            if not more:
                return
