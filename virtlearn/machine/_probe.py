"""What a machine's files say about its layers: one function a question, each sign with its weight.

The order of trust was found by measuring: the numbers of the first namespaces are the same in every Linux, and never
failed; ``/.dockerenv`` was there without a container and absent in one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from virtlearn.machine._files import Files

# Inode numbers of the first namespaces (PROC_*_INIT_INO in Linux's proc_ns.h), the same on every machine.
FIRST = {
    "cgroup": 4026531835,
    "user": 4026531837,
    "uts": 4026531838,
    "ipc": 4026531839,
    "pid": 4026531836,
}
# What firmware calls machines that are programs; a cloud's name alone may be a whole computer that is rented.
MADE_BY = {
    "QEMU": "QEMU", "KVM": "KVM", "VMware": "VMware", "VirtualBox": "VirtualBox", "innotek": "VirtualBox",
    "Xen": "Xen", "Bochs": "Bochs", "Parallels": "Parallels", "OpenStack": "OpenStack", "Firecracker": "Firecracker",
    "Cloud Hypervisor": "Cloud Hypervisor", "BHYVE": "bhyve", "Virtual Machine": "Hyper-V",
    "Apple Virtualization": "Apple Virtualization",
}  # fmt: skip
CLOUDS = re.compile(
    "Amazon EC2|Google Compute Engine|Alibaba Cloud|DigitalOcean|Hetzner|Scaleway|Linode|Akamai"
)
DMI = ("sys_vendor", "product_name", "product_version", "board_vendor", "bios_vendor")
CLOCKS = {"kvm-clock": "KVM", "hyperv": "Hyper-V", "xen": "Xen"}
CLOCK_FILE = "/sys/devices/system/clocksource/clocksource0/available_clocksource"
GUEST_KERNEL = re.compile(r"-(fc|azure|aws|gcp|gke|cloud|linuxkit|kvm|oracle)\b")
MANAGERS = re.compile(
    r"kubepods|libpod[-_]|docker[-/][0-9a-f]{12}|cri-containerd|crio-|/lxc[./]|machine-[^/\n]{1,99}\.scope|/garden/"
)
X86 = {
    "fpu",
    "tsc",
    "lm",
    "sse2",
    "vmx",
    "svm",
    "hypervisor",
}  # every x86 has some; others have none to miss
ENGINES = ("a80425fb", "800405fb")  # the powers that Docker and Podman leave to a container


Sign = tuple[str, str, str, bool | None]  # all of an `Evidence` but what it is about


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
    return (
        "gvisor" in version.lower()
        or "Jan 10 15:06:54 PST 2016" in version
        or files.exists("proc/sentry-meminfo")
    )


def _firmware(files: Files) -> str:
    return " ".join(filter(None, (files.word(f"sys/class/dmi/id/{name}") for name in DMI)))


def hypervisor(files: Files) -> str:
    """Name what carries the virtual machine, "" where nothing does so."""
    said = ((MADE_BY, _firmware(files)), (CLOCKS, files.word(CLOCK_FILE)))
    return next((name for names, text in said for sign, name in names.items() if sign in text), "")


def vm_signs(files: Files) -> Iterator[Sign]:
    """Look for a virtual machine around this kernel: in a container its host's hardware is seen."""
    if flags := X86.intersection(files.fields("proc/cpuinfo").get("flags", "").split()):
        text = f"the processor {'says' if 'hypervisor' in flags else 'does not say'} that it is virtual"
        yield "/proc/cpuinfo", text, "strong", "hypervisor" in flags
    if told := _firmware(files):
        cloud = CLOUDS.search(told) and ".metal" not in told
        known = any(name in told for name in MADE_BY)
        yield "/sys/class/dmi/id", told, "strong" if known else "good", bool(known or cloud) or None
    for name in ("hypervisor/compatible", "compatible"):
        tree = files.word(f"proc/device-tree/{name}").replace("\0", " ")
        if tree and (name[0] == "h" or "dummy-virt" in tree or "qemu" in tree):
            yield f"/proc/device-tree/{name}", tree, "strong", True
    if clocks := files.word(CLOCK_FILE):
        ticks = [name for name in CLOCKS if name in clocks]
        yield (
            CLOCK_FILE,
            clocks,
            "good" if ticks in ([], ["xen"]) else "strong",
            bool(ticks) or None,
        )
    if kind := files.word("sys/hypervisor/type"):
        zero = "control_d" in files.word(
            "proc/xen/capabilities"
        )  # the domain that runs Xen sees it as well
        yield "/sys/hypervisor/type", kind, "good", None if zero else True
    release = files.word("proc/sys/kernel/osrelease")[:60]
    if "microsoft" in release.lower():  # the first WSL wrote Microsoft, and is no machine
        two = "WSL2" in release or "microsoft" in release
        yield (
            "/proc/sys/kernel/osrelease",
            f"{release}: Windows Subsystem for Linux",
            "strong",
            two or None,
        )
    elif GUEST_KERNEL.search(release):
        yield "/proc/sys/kernel/osrelease", f"{release}: a kernel made for guests", "hint", True


def container_signs(files: Files, env: Mapping[str, str]) -> Iterator[Sign]:
    """Look for walls between this process and the rest of its kernel."""
    ours: list[str] = []
    same: list[str] = []
    for name, first in FIRST.items():
        if number := re.fullmatch(rf"{name}:\[(\d{{1,20}})\]", files.link(f"proc/self/ns/{name}")):
            (same if int(number[1]) == first else ours).append(name)
    ranges = files.word("proc/self/uid_map").split()[:3]
    whole = ["0", "0", "4294967295"]
    if "user" not in ours and len(ranges) == 3 and "".join(ranges).isdecimal() and ranges != whole:
        ours.append("user (uid_map)")
    if ours:
        yield "/proc/self/ns", f"own {', '.join(ours)}", "strong", True
    elif "pid" in same:  # without it, nothing is known: a container may share the others
        yield "/proc/self/ns", f"{', '.join(same)}: the machine's first", "strong", False
    yield from _root_of_groups(files)
    if second := files.word(
        "proc/2/comm"
    ):  # missing means nothing: others' processes may be hidden
        yield "/proc/2/comm", second, "good", second != "kthreadd"
    names = files.text("proc/self/cgroup") + files.text("proc/1/cgroup")
    if found := MANAGERS.search(names):
        yield "/proc/self/cgroup", f"a group named after a manager: {found[0]}", "good", True
    if root := [kind for _, point, kind, _ in files.mounts() if point == "/"]:
        overlay = root[-1] in ("overlay", "aufs", "fuse.fuse-overlayfs")
        yield "/proc/self/mountinfo", f"root file system: {root[-1]}", "good", overlay or None
    for name in ("/run/systemd/container", "/run/host/container-manager"):
        if said := files.word(name):
            yield name, said, "good", True
    for name in filter(files.exists, ("/.dockerenv", "/run/.containerenv")):
        yield name, "is there, and may be left over from an image", "hint", True
    status = files.fields("proc/self/status")
    if status.get("CapBnd", "")[-8:] in ENGINES:
        yield (
            "/proc/self/status",
            "at most the powers that engines leave to containers",
            "hint",
            True,
        )
    if status.get("Seccomp") == "2":
        yield "/proc/self/status", "system calls are filtered", "hint", True
    for name in filter(env.get, ("KUBERNETES_SERVICE_HOST", "BINDER_SERVICE_HOST", "container")):
        yield f"${name}", str(env[name]), "hint", True


def _root_of_groups(files: Files) -> Iterator[Sign]:
    """Only the root of the control groups lacks a type (version 2) and has a release agent (version 1)."""
    top = "/sys/fs/cgroup"
    points = {point for _, point, *_ in files.mounts() if point.startswith(top)}
    points |= {
        top,
        *(f"{top}/{name}" for name in ("cpu", "cpu,cpuacct", "memory", "pids", "unified")),
    }
    for weight, inner, names in (
        ("strong", True, ("cgroup.type", "cgroup.events")),
        ("good", False, ("cgroup.controllers", "release_agent")),
        # That a file is missing proves less than one that is there: a listing may leave it out.
        ("good", True, ("cpu.shares", "memory.limit_in_bytes", "notify_on_release")),
    ):
        for point in sorted(points)[:64]:
            if any(files.exists(f"{point}/{name}") for name in names):
                yield (point, f"is {'not ' * inner}the root of the control groups", weight, inner)
                return
