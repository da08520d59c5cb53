"""A real virtual machine: QEMU, the system's kernel and busybox, and a first file system made here in memory."""

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
from dataclasses import dataclass, replace
from pathlib import Path

from virtlearn import units
from virtlearn.machine._files import Files
from virtlearn.machine._run import Run, data, modelled, recording, started, within

TIMEOUT_S = {"kvm": 10.0, "tcg": 60.0}
_PACKAGES = {
    "qemu": "qemu-system-x86",
    "busybox": "busybox-static",
    "kernel": "linux-image-cloud-amd64",
}


@dataclass(frozen=True)
class Boot:
    """One start, by phase [s]: emulator and firmware, kernel, first program; and what it cost the host."""

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

    Attributes
    ----------
    boots : tuple of Boot
    memory_mib : float
        What the machine was promised [MiB].
    accelerator : str
        ``"kvm"`` (hardware helps) or ``"tcg"`` (the processor is emulated).
    outside : str
        The release of the kernel that carries it.
    """

    boots: tuple[Boot, ...]
    memory_mib: float
    accelerator: str
    outside: str

    @property
    def start_s(self) -> float:
        """Median from the command to the first program's answer [s]."""
        return statistics.median(boot.start_s for boot in self.boots)

    def _facts(self) -> list[tuple[str, ...]]:
        def middle(name: str) -> float:
            return float(statistics.median(getattr(boot, name) for boot in self.boots))

        helped = (
            "hardware helps"
            if self.accelerator == "kvm"
            else "emulated: many times slower than with hardware"
        )
        return [
            ("a virtual machine", f"{self.accelerator} ({helped})"),
            ("kernel inside", self.boots[0].release),
            ("kernel outside", self.outside),
            (f"start, median of {len(self.boots)}", units.duration(self.start_s)),
            ("  emulator and firmware", units.duration(middle("firmware_s"))),
            ("  kernel", units.duration(middle("kernel_s"))),
            ("  first program", units.duration(middle("program_s"))),
            (
                "start by the model",
                f"{modelled('microvms')} as a microVM on KVM, {modelled('virtual-machines')} as a stock one",
            ),
            ("CPU time the host spends", units.duration(middle("host_cpu_s"))),
            ("memory promised", units.memory(self.memory_mib)),
            ("memory its kernel sees", units.memory(middle("guest_mib"))),
            ("memory the host spends", units.memory(middle("host_mib"))),
        ]


def _archive(files: dict[str, bytes | None]) -> bytes:
    """Pack files (None is a folder) as the kernel expects its first file system: the cpio format "newc"."""
    out = b""
    for inode, (name, content) in enumerate([*files.items(), ("TRAILER!!!", b"")], start=1):
        mode = 0o040755 if content is None else 0o100755
        numbers = (inode, mode, 0, 0, 1, 0, len(content or b""), 0, 0, 0, 0, len(name) + 1, 0)
        for part in (
            b"070701" + b"".join(b"%08X" % n for n in numbers) + name.encode() + b"\0",
            content or b"",
        ):
            out += part + b"\0" * (-len(out + part) % 4)
    return out


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
        return not re.search(rb"/ld-(linux|musl)", Path(path).read_bytes()[:4096])
    except OSError:
        return False


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

    Examples
    --------
    >>> run = vm(recorded=True)
    >>> run.accelerator, len(run.boots), round(run.start_s, 2)
    ('tcg', 10, 2.14)

    References
    ----------
    OWN-09 for the same on another machine.
    """
    within("boots", boots, 1, 20)
    within("memory_mib", memory_mib, 80, 1024)
    run = recording("vm")
    old = RealVM(**{**run, "boots": tuple(Boot(**boot) for boot in run["boots"])})
    if recorded:
        return old
    parts = _parts(kernel)
    missing = [
        f"No {what} that may be used: install {_PACKAGES[what]}."
        for what, path in parts.items()
        if not path
    ]
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        missing = ["A machine is started on Linux on x86 only."]
    for accelerator in () if missing else ("kvm", "tcg"):
        if accelerator == "tcg" or os.access("/dev/kvm", os.R_OK | os.W_OK):
            try:
                done = tuple(_boot(parts, memory_mib, accelerator) for _ in range(boots))
                return RealVM(
                    done, memory_mib, accelerator, platform.release(), missing=tuple(missing)
                )
            except (OSError, LookupError, ValueError) as no:
                missing.append(f"A start with {accelerator}: {no}")
    return replace(old, missing=tuple(missing))


def _boot(parts: dict[str, str], memory_mib: int, accelerator: str) -> Boot:
    """Start it once, and end it when its first program has answered."""
    files = {
        "bin": None,
        "bin/busybox": Path(parts["busybox"]).read_bytes(),
        "init": data("vm_init.sh"),
        "dev": None,
    }
    with contextlib.ExitStack() as stack:
        memory = os.memfd_create("initramfs")  # a file that is nowhere, and gone when it is closed
        stack.callback(os.close, memory)
        with os.fdopen(os.dup(memory), "wb") as file:
            file.write(_archive(files))
        command = [
            parts["qemu"], "-accel", accelerator, *["-cpu", "host"] * (accelerator == "kvm"), "-m", str(memory_mib), "-nodefaults",
            "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio", "-kernel", parts["kernel"], "-initrd",
            f"/proc/self/fd/{memory}", "-append", "console=ttyS0 quiet panic=-1 tsc=unstable",
        ]  # fmt: skip
        start = time.monotonic()
        qemu = stack.enter_context(
            started(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(memory,),
            )
        )
        timer = threading.Timer(TIMEOUT_S[accelerator], qemu.kill)
        stack.callback(timer.cancel)
        timer.start()
        said: dict[str, list[str]] = {}
        last = "not a word from it"
        for line in qemu.stdout or ():
            last = line.decode("utf-8", "replace").strip() or last
            if mark := re.search("VL-(KERNEL|READY) .*", last):
                said[mark[1]] = [*mark[0].split(), str(time.monotonic() - start)]
            if "READY" in said:
                break
        else:
            raise TimeoutError(last[:200])
        cpu_s = time.clock_gettime((~qemu.pid << 3) | 2)
        resident = Files().fields(f"proc/{qemu.pid}/status")["VmRSS"].split()[0]
        (_, uptime, release, kernel), (_, boot_id, _, total, _, ready) = (
            said["KERNEL"],
            said["READY"],
        )
        return Boot(
            max(0.0, float(kernel) - float(uptime)),
            float(uptime),
            float(ready) - float(kernel),
            int(resident) / 1024,
            cpu_s,
            release,
            boot_id,
            int(total) / 1024,
        )
