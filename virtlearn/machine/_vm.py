"""A real virtual machine: QEMU, the system's kernel and busybox, and a file system in memory."""

from __future__ import annotations

import contextlib
import glob
import os
import platform
import re
import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from virtlearn import units
from virtlearn.machine._archive import archive
from virtlearn.machine._files import Files
from virtlearn.machine._processes import cpu_s, started
from virtlearn.machine._runs import Run, data, modelled, recording, within

__all__ = ["Boot", "RealVM", "vm"]

TIMEOUT_S = {"kvm": 10.0, "tcg": 60.0}
KIB_PER_MIB = 1024
LONGEST_REASON = 200  # characters of a machine's last words
_PACKAGES = {
    "qemu": "qemu-system-x86",
    "busybox": "busybox-static",
    "kernel": "linux-image-cloud-amd64",
}
LOADER = re.compile(rb"/ld-(linux|musl)")  # is named in a program that needs libraries
HEAD_BYTES = 4096


@dataclass(frozen=True)
class Boot:
    """One start, by phase, and what it cost the host.

    Parameters
    ----------
    firmware_s, kernel_s, program_s : float
        Emulator and firmware, kernel, first program [s].
    host_mib : float
        Memory the host spent [MiB].
    host_cpu_s : float
        CPU time the host spent [s].
    release, boot_id : str
        The kernel inside, and the number that it gave this start.
    guest_mib : float
        Memory the kernel inside sees [MiB].

    Examples
    --------
    >>> Boot(0.5, 1.0, 0.25, 160.0, 1.5, "6.1", "a-b-c", 110.0).start_s
    1.75
    """

    firmware_s: float
    kernel_s: float
    program_s: float
    host_mib: float
    host_cpu_s: float
    release: str
    boot_id: str
    guest_mib: float

    @property
    def start_s(self) -> float:
        """From the command to the first program's answer [s]."""
        return self.firmware_s + self.kernel_s + self.program_s


@dataclass(frozen=True, repr=False)
class RealVM(Run):
    """Starts of a small virtual machine, done here or recorded.

    Parameters
    ----------
    boots : tuple of Boot
        Each start.
    memory_mib : float
        What the machine was promised [MiB].
    accelerator : str
        ``"kvm"`` (hardware helps) or ``"tcg"`` (the processor is emulated).
    outside : str
        The release of the kernel that carries it.
    recorded : str
        Where and when, for a recorded run; "" where it was done here.
    missing : tuple of str
        What could not be done here, and why.

    Examples
    --------
    >>> once = Boot(0.5, 1.0, 0.25, 160.0, 1.5, "6.1", "a-b-c", 110.0)
    >>> RealVM((once,), 128, "tcg", "6.2").start_s
    1.75
    """

    boots: tuple[Boot, ...]
    memory_mib: float
    accelerator: str
    outside: str

    @property
    def start_s(self) -> float:
        """Median from the command to the first program's answer [s]."""
        return statistics.median(boot.start_s for boot in self.boots)

    def _median(self, name: str) -> float:
        return float(statistics.median(getattr(boot, name) for boot in self.boots))

    def _facts(self) -> list[tuple[str, ...]]:
        helped = "emulated: many times slower than with hardware"
        if self.accelerator == "kvm":
            helped = "hardware helps"
        by_model = (
            f"{modelled('microvms')} as a microVM on KVM, "
            f"{modelled('virtual-machines')} as a stock one"
        )
        return [
            ("a virtual machine", f"{self.accelerator} ({helped})"),
            ("kernel inside", self.boots[0].release),
            ("kernel outside", self.outside),
            (f"start, median of {len(self.boots)}", units.duration(self.start_s)),
            ("  emulator and firmware", units.duration(self._median("firmware_s"))),
            ("  kernel", units.duration(self._median("kernel_s"))),
            ("  first program", units.duration(self._median("program_s"))),
            ("start by the model", by_model),
            ("CPU time the host spends", units.duration(self._median("host_cpu_s"))),
            ("memory promised", units.memory(self.memory_mib)),
            ("memory its kernel sees", units.memory(self._median("guest_mib"))),
            ("memory the host spends", units.memory(self._median("host_mib"))),
        ]


def vm(
    boots: int = 1, memory_mib: int = 128, kernel: str | None = None, *, recorded: bool = False
) -> RealVM:
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
    recorded : bool
        Whether to give the recorded starts in any case.

    Returns
    -------
    RealVM
        Each start by phase, and what it cost the host.

    Raises
    ------
    ImpossibleAmount
        Where it would take too many starts, or the memory is out of range.

    References
    ----------
    OWN-09 for the same on another machine.

    Examples
    --------
    >>> run = vm(recorded=True)
    >>> run.accelerator, len(run.boots), round(run.start_s, 2)
    ('tcg', 10, 2.14)
    """
    within("boots", boots, 1, 20)
    within("memory_mib", memory_mib, 80, 1024)
    run = recording("vm")
    old = RealVM(**{**run, "boots": tuple(Boot(**boot) for boot in run["boots"])})
    if recorded:
        return old
    parts = _parts(kernel)
    missing = _lacking(parts)
    for accelerator in () if missing else ("kvm", "tcg"):
        if accelerator == "kvm" and not os.access("/dev/kvm", os.R_OK | os.W_OK):
            continue
        try:
            done = tuple(_boot(parts, memory_mib, accelerator) for _ in range(boots))
        except (OSError, LookupError, ValueError) as no:
            missing.append(f"A start with {accelerator}: {no}")
            continue
        return RealVM(done, memory_mib, accelerator, platform.release(), missing=tuple(missing))
    return replace(old, missing=tuple(missing))


def _parts(kernel: str | None) -> dict[str, str]:
    """Find the three things a machine needs; "" for what is missing."""
    kernels = sorted(glob.glob("/boot/vmlinuz-*"), reverse=True) if kernel is None else [kernel]
    return {
        "qemu": shutil.which("qemu-system-x86_64") or "",
        "busybox": next(filter(_static, ("/bin/busybox", "/usr/bin/busybox")), ""),
        "kernel": next((path for path in kernels if os.access(path, os.R_OK)), ""),
    }


def _static(path: str) -> bool:
    """Say whether a program needs no library: only such a one runs in an empty file system."""
    try:
        return not LOADER.search(Path(path).read_bytes()[:HEAD_BYTES])
    except OSError:
        return False


def _lacking(parts: dict[str, str]) -> list[str]:
    """Say what keeps a machine from starting here."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return ["A machine is started on Linux on x86 only."]
    return [
        f"No {what} that may be used: install {_PACKAGES[what]}."
        for what, path in parts.items()
        if not path
    ]


class _Answers(NamedTuple):
    """What the kernel and the first program printed, and when it arrived [s]."""

    kernel: list[str]
    kernel_s: float
    ready: list[str]
    ready_s: float


def _boot(parts: dict[str, str], memory_mib: int, accelerator: str) -> Boot:
    """Start it once, and end it when its first program has answered."""
    with _file_system(parts["busybox"]) as memory:
        command = _command(parts, memory_mib, accelerator, memory)
        start = time.monotonic()
        with started(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(memory,),
        ) as qemu:
            answers = _listen(qemu, start, TIMEOUT_S[accelerator])
            host_cpu_s = cpu_s(qemu.pid)
            resident = Files().fields(f"proc/{qemu.pid}/status")["VmRSS"].split()[0]
    _, uptime, release = answers.kernel
    _, boot_id, _, total, _ = answers.ready
    return Boot(
        firmware_s=max(0.0, answers.kernel_s - float(uptime)),
        kernel_s=float(uptime),
        program_s=answers.ready_s - answers.kernel_s,
        host_mib=int(resident) / KIB_PER_MIB,
        host_cpu_s=host_cpu_s,
        release=release,
        boot_id=boot_id,
        guest_mib=int(total) / KIB_PER_MIB,
    )


@contextlib.contextmanager
def _file_system(busybox: str) -> Iterator[int]:
    """Give the first file system as a file that is nowhere, and gone when it is closed."""
    files = {
        "bin": None,
        "bin/busybox": Path(busybox).read_bytes(),
        "init": data("vm_init.sh"),
        "dev": None,
    }
    memory = os.memfd_create("initramfs")
    try:
        with os.fdopen(os.dup(memory), "wb") as file:
            file.write(archive(files))
        yield memory
    finally:
        os.close(memory)


def _command(parts: dict[str, str], memory_mib: int, accelerator: str, memory: int) -> list[str]:
    processor = ["-cpu", "host"] if accelerator == "kvm" else []
    return [
        parts["qemu"],
        *("-accel", accelerator),
        *processor,
        *("-m", str(memory_mib)),
        *("-nodefaults", "-no-user-config", "-no-reboot"),
        *("-display", "none"),
        *("-serial", "stdio"),
        *("-kernel", parts["kernel"]),
        *("-initrd", f"/proc/self/fd/{memory}"),
        *("-append", "console=ttyS0 quiet panic=-1 tsc=unstable"),
    ]


def _listen(qemu: subprocess.Popen[bytes], start: float, timeout_s: float) -> _Answers:
    """Read what the machine prints until its first program answers, or end it.

    Its last word is the reason then.
    """
    timer = threading.Timer(timeout_s, qemu.kill)
    timer.start()
    kernel: list[str] = []
    kernel_s = 0.0
    last = "not a word from it"
    try:
        for line in qemu.stdout or ():
            last = line.decode("utf-8", "replace").strip() or last
            mark = re.search("VL-(KERNEL|READY) .*", last)
            if mark and mark[1] == "KERNEL":
                kernel, kernel_s = mark[0].split(), time.monotonic() - start
            elif mark:
                return _Answers(kernel, kernel_s, mark[0].split(), time.monotonic() - start)
    finally:
        timer.cancel()
    raise TimeoutError(last[:LONGEST_REASON])
