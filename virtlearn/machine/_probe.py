"""What a machine's files say about its layers: one function a question, each sign with its weight.

The order of trust was found by measuring: the numbers of the first namespaces are the same in every Linux, and never
failed; ``/.dockerenv`` was there without a container and absent in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from virtlearn.machine._files import Files

__all__ = ["FIRST", "Evidence", "answer", "container_signs", "faked", "hypervisor", "vm_signs"]

# Inode numbers of the first namespaces (PROC_*_INIT_INO in Linux's proc_ns.h), the same on every machine.
FIRST = {"cgroup": 4026531835, "user": 4026531837, "uts": 4026531838, "ipc": 4026531839, "pid": 4026531836}

# What firmware calls machines that are programs; a cloud's name alone may be a whole computer that is rented.
_MADE_BY = {
    "QEMU": "QEMU", "KVM": "KVM", "VMware": "VMware", "VirtualBox": "VirtualBox", "innotek": "VirtualBox",
    "Xen": "Xen", "Bochs": "Bochs", "Parallels": "Parallels", "OpenStack": "OpenStack", "Firecracker": "Firecracker",
    "Cloud Hypervisor": "Cloud Hypervisor", "BHYVE": "bhyve", "Virtual Machine": "Hyper-V",
    "Apple Virtualization": "Apple Virtualization",
}  # fmt: skip
_CLOUDS = (
    "Amazon EC2",
    "Google Compute Engine",
    "Alibaba Cloud",
    "DigitalOcean",
    "Hetzner",
    "Scaleway",
    "Linode",
    "Akamai",
)
_DMI = ("sys_vendor", "product_name", "product_version", "board_vendor", "bios_vendor")
_MANAGERS = re.compile(
    r"kubepods|libpod[-_]|docker[-/][0-9a-f]{12}|cri-containerd|crio-|/lxc[./]|machine-.*\.scope|/garden/"
)
_CLOCKS = {"kvm-clock": "KVM", "hyperv": "Hyper-V", "xen": "Xen"}


@dataclass(frozen=True)
class Evidence:
    """One sign.

    Attributes
    ----------
    about : {"vm", "container", "limit"}
    source : str
        The file or variable.
    text : str
        What it says.
    weight : {"strong", "good", "hint"}
    verdict : bool or None
        For, against, or nothing either way.
    """

    about: str
    source: str
    text: str
    weight: str
    verdict: bool | None


def answer(about: str, signs: list[Evidence]) -> str:
    """Weigh signs: a strong yes or two good ones are a yes, then a strong no counts; hints never outvote it.

    >>> dockerenv = Evidence("container", "/.dockerenv", "is there", "hint", True)
    >>> first = Evidence("container", "/proc/self/ns/pid", "the first one", "strong", False)
    >>> answer("container", [dockerenv, first]), answer("container", [dockerenv])
    ('no', 'unknown')
    """
    said = [(sign.weight, sign.verdict) for sign in signs if sign.about == about]
    if ("strong", True) in said or said.count(("good", True)) >= 2:
        return "yes"
    if ("strong", False) in said:
        return "no"
    return "probably" if ("good", True) in said or said.count(("hint", True)) >= 2 else "unknown"


def faked(files: Files) -> bool:
    """Say whether a user-space kernel (gVisor) makes up these files: then they tell nothing."""
    version = files.word("proc/version")
    return "gvisor" in version.lower() or "Jan 10 15:06:54 PST 2016" in version or files.exists("proc/sentry-meminfo")


def hypervisor(files: Files) -> str:
    """Name what carries the virtual machine, "" where nothing does so."""
    told = " ".join(files.word(f"sys/class/dmi/id/{name}") for name in _DMI)
    clocks = files.word("sys/devices/system/clocksource/clocksource0/available_clocksource")
    made = [name for sign, name in _MADE_BY.items() if sign in told]
    return next(iter([*made, *(name for sign, name in _CLOCKS.items() if sign in clocks)]), "")


def vm_signs(files: Files) -> Iterator[Evidence]:
    """Look for a virtual machine around this kernel: in a container its host's hardware is seen."""

    def sign(source: str, text: str, weight: str, verdict: bool | None) -> Evidence:
        return Evidence("vm", "/" + source, text, weight, verdict)

    cpu = files.fields("proc/cpuinfo")
    flags = cpu.get("flags", "").split()
    if "fpu" in flags:  # every x86 has it, so this is the real list; other processors have no such flag to miss
        text = f"the processor {'says' if 'hypervisor' in flags else 'does not say'} that it is virtual"
        yield sign("proc/cpuinfo", text, "strong", "hypervisor" in flags)
    if "User Mode Linux" in cpu.get("vendor_id", ""):
        yield sign("proc/cpuinfo", "User Mode Linux", "strong", True)
    elif any(name in cpu.get("model name", "") for name in ("QEMU Virtual", "Common KVM")):
        yield sign("proc/cpuinfo", cpu["model name"], "good", True)
    told = " ".join(filter(None, (files.word(f"sys/class/dmi/id/{name}") for name in _DMI)))
    if told:
        cloud = any(name in told for name in _CLOUDS) and ".metal" not in told
        known = any(name in told for name in _MADE_BY)
        yield sign("sys/class/dmi/id", told[:90], "strong" if known else "good", known or cloud or None)
    for name in ("hypervisor/compatible", "compatible"):
        tree = files.word(f"proc/device-tree/{name}").replace("\0", " ")
        if tree and (name[0] == "h" or "dummy-virt" in tree or "qemu" in tree):
            yield sign(f"proc/device-tree/{name}", tree[:60], "strong", True)
    clocks = files.word("sys/devices/system/clocksource/clocksource0/available_clocksource")
    if clocks:
        ticks = [name for name in _CLOCKS if name in clocks]
        yield sign("sys/devices/system/clocksource/clocksource0/available_clocksource", clocks[:60],
                   "good" if ticks in ([], ["xen"]) else "strong", bool(ticks) or None)  # fmt: skip
    if kind := files.word("sys/hypervisor/type"):
        zero = "control_d" in files.word("proc/xen/capabilities")  # the domain that runs Xen sees it as well
        yield sign("sys/hypervisor/type", kind[:30], "good", None if zero else True)
    if "VM00 Control Program" in (files.text("proc/sysinfo") or ""):
        yield sign("proc/sysinfo", "VM00 Control Program", "strong", True)
    release = files.word("proc/sys/kernel/osrelease")
    if "microsoft" in release.lower():
        two = "WSL2" in release or "microsoft" in release  # the first WSL wrote Microsoft, and is no machine
        yield sign("proc/sys/kernel/osrelease", f"{release[:60]}: Windows Subsystem for Linux", "strong", two or None)
    elif re.search(r"-(fc|azure|aws|gcp|gke|cloud|linuxkit|kvm|oracle)\b", release):
        yield sign("proc/sys/kernel/osrelease", f"{release[:60]}: a kernel made for guests", "hint", True)


def container_signs(files: Files, env: Mapping[str, str]) -> Iterator[Evidence]:
    """Look for walls between this process and the rest of its kernel."""

    def sign(source: str, text: str, weight: str, verdict: bool | None) -> Evidence:
        return Evidence("container", source, text, weight, verdict)

    ours: list[str] = []
    same: list[str] = []
    for name, first in FIRST.items():
        number = re.fullmatch(rf"{name}:\[(\d{{1,20}})\]", files.link(f"proc/self/ns/{name}"))
        if number:
            (same if int(number[1]) == first else ours).append(name)
    ranges = files.word("proc/self/uid_map").split()[:3]
    whole = ["0", "0", "4294967295"]
    if "user" not in ours and len(ranges) == 3 and "".join(ranges).isdecimal() and ranges != whole:
        ours.append("user (uid_map)")
    if ours:
        yield sign("/proc/self/ns", f"own {', '.join(ours)}", "strong", True)
    elif "pid" in same:  # without it, nothing is known: a container may share the others
        yield sign("/proc/self/ns", f"{', '.join(same)}: the machine's first", "strong", False)
    yield from _root_of_groups(files)
    second = files.word("proc/2/comm")
    if second:  # missing means nothing: others' processes may be hidden
        yield sign("/proc/2/comm", second[:30], "good", second != "kthreadd")
    names = "\n".join(filter(None, (files.text(f"proc/{pid}/cgroup") for pid in ("self", "1"))))
    if found := _MANAGERS.search(names):
        yield sign("/proc/self/cgroup", f"a group named after a manager: {found[0]}", "good", True)
    root = [mount.kind for mount in files.mounts() if mount.point == "/"]
    if root:
        overlay = root[-1] in ("overlay", "aufs", "fuse.fuse-overlayfs")
        yield sign("/proc/self/mountinfo", f"root file system: {root[-1]}", "good", overlay or None)
    for name in ("/run/systemd/container", "/run/host/container-manager"):
        if said := files.word(name):
            yield sign(name, said[:30], "good", True)
    for name in ("/.dockerenv", "/run/.containerenv"):
        if files.exists(name):
            yield sign(name, "is there, and may be left over from an image", "hint", True)
    status = files.fields("proc/self/status")
    if status.get("CapBnd", "")[-8:] in ("a80425fb", "800405fb"):
        yield sign("/proc/self/status", "at most the powers that engines leave to containers", "hint", True)
    if status.get("Seccomp") == "2":
        yield sign("/proc/self/status", "system calls are filtered", "hint", True)
    for name in ("KUBERNETES_SERVICE_HOST", "BINDER_SERVICE_HOST", "container"):
        if env.get(name):
            yield sign(f"${name}", env[name][:30], "hint", True)


def _root_of_groups(files: Files) -> Iterator[Evidence]:
    """Only the root of the control groups lacks a type (version 2) and has a release agent (version 1)."""
    points = {mount.point for mount in files.mounts() if mount.kind in ("cgroup", "cgroup2")}
    defaults = {"/sys/fs/cgroup", *(f"/sys/fs/cgroup/{name}" for name in ("cpu", "cpu,cpuacct", "memory", "pids"))}
    inner, top = [], []
    for point in sorted(points | defaults):
        if any(files.exists(f"{point}/{name}") for name in ("cgroup.type", "cgroup.events")):
            inner.append(point)
        elif any(files.exists(f"{point}/{n}") for n in ("cgroup.controllers", "release_agent")):
            top.append(point)
        elif any(files.exists(f"{point}/{n}") for n in ("cpu.shares", "memory.limit_in_bytes", "notify_on_release")):
            inner.append(point)
    if inner:
        yield Evidence("container", inner[0], "is not the root of the control groups", "strong", True)
    elif top:
        yield Evidence("container", top[0], "is the root of the control groups", "good", False)
