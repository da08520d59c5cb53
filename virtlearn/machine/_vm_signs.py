"""Signs of a virtual machine around this kernel; in a container its host's hardware is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from virtlearn.machine._files import Files
from virtlearn.machine._signs import Sign

__all__ = ["hypervisor", "vm_signs"]

# What firmware calls machines that are programs; a cloud's name alone may be a whole computer that
# is rented.
MADE_BY = {
    "QEMU": "QEMU",
    "KVM": "KVM",
    "VMware": "VMware",
    "VirtualBox": "VirtualBox",
    "innotek": "VirtualBox",
    "Xen": "Xen",
    "Bochs": "Bochs",
    "Parallels": "Parallels",
    "OpenStack": "OpenStack",
    "Firecracker": "Firecracker",
    "Cloud Hypervisor": "Cloud Hypervisor",
    "BHYVE": "bhyve",
    "Virtual Machine": "Hyper-V",
    "Apple Virtualization": "Apple Virtualization",
}
CLOUDS = re.compile(
    "Amazon EC2|Google Compute Engine|Alibaba Cloud|DigitalOcean|Hetzner|Scaleway|Linode|Akamai"
)
DMI = ("sys_vendor", "product_name", "product_version", "board_vendor", "bios_vendor")
CLOCKS = {"kvm-clock": "KVM", "hyperv": "Hyper-V", "xen": "Xen"}
CLOCK_FILE = "/sys/devices/system/clocksource/clocksource0/available_clocksource"
RELEASE_FILE = "/proc/sys/kernel/osrelease"
GUEST_KERNEL = re.compile(r"-(fc|azure|aws|gcp|gke|cloud|linuxkit|kvm|oracle)\b")
# Every x86 has some of these; other processors have no such flag, and miss none.
X86 = {"fpu", "tsc", "lm", "sse2", "vmx", "svm", "hypervisor"}
XEN_FILE = "/proc/xen/capabilities"
XEN_FEATURES = "/sys/hypervisor/properties/features"
DOM0_BIT = 11  # XENFEAT_dom0 in Xen's public headers (features.h)
LONGEST_RELEASE = 60  # characters of it that are shown


def _firmware(files: Files) -> str:
    words = (files.word(f"sys/class/dmi/id/{name}") for name in DMI)
    return " ".join(word for word in words if word)


def _controls_xen(files: Files) -> bool:
    """Say whether this is the domain that controls Xen, which is the host's own system."""
    if "control_d" in files.word(XEN_FILE):
        return True
    # That file is there late or never on some systems; this one from the start (systemd pull 7581).
    features = files.word(XEN_FEATURES)
    if not re.fullmatch("[0-9a-f]{1,16}", features):
        return False
    return bool(int(features, 16) >> DOM0_BIT & 1)


def hypervisor(files: Files) -> str:
    """Name what carries the virtual machine, "" where nothing does so."""
    for names, text in ((MADE_BY, _firmware(files)), (CLOCKS, files.word(CLOCK_FILE))):
        for sign, name in names.items():
            if sign in text:
                return name
    return ""


def vm_signs(files: Files) -> Iterator[Sign]:
    """Look for a virtual machine around this kernel."""
    yield from _processor(files)
    yield from _made_by(files)
    yield from _device_tree(files)
    yield from _clocks(files)
    yield from _xen(files)
    yield from _release(files)


def _vm(source: str, text: str, weight: str, verdict: bool | None) -> Sign:
    return Sign("vm", source, text, weight, verdict)


def _processor(files: Files) -> Iterator[Sign]:
    flags = X86.intersection(files.fields("proc/cpuinfo").get("flags", "").split())
    if not flags:
        return
    if "hypervisor" not in flags:
        text = "the processor does not say that it is virtual"
        yield _vm("/proc/cpuinfo", text, "strong", False)
        return
    # Xen shows its flag also to the domain that controls it (systemd issue 28113).
    verdict = None if _controls_xen(files) else True
    yield _vm("/proc/cpuinfo", "the processor says that it is virtual", "strong", verdict)


def _made_by(files: Files) -> Iterator[Sign]:
    firmware = _firmware(files)
    if not firmware:
        return
    known = any(name in firmware for name in MADE_BY)
    cloud = CLOUDS.search(firmware) is not None and ".metal" not in firmware
    weight = "strong" if known else "good"
    yield _vm("/sys/class/dmi/id", firmware, weight, True if known or cloud else None)


def _device_tree(files: Files) -> Iterator[Sign]:
    """Look where processors without DMI describe their machine."""
    told = files.word("proc/device-tree/hypervisor/compatible").replace("\0", " ")
    if told:
        yield _vm("/proc/device-tree/hypervisor/compatible", told, "strong", True)
    told = files.word("proc/device-tree/compatible").replace("\0", " ")
    if "dummy-virt" in told or "qemu" in told:
        yield _vm("/proc/device-tree/compatible", told, "strong", True)


def _clocks(files: Files) -> Iterator[Sign]:
    clocks = files.word(CLOCK_FILE)
    if not clocks:
        return
    virtual = [name for name in CLOCKS if name in clocks]
    if virtual == ["xen"]:
        # The domain that controls Xen has Xen's clock as well.
        yield _vm(CLOCK_FILE, clocks, "good", None if _controls_xen(files) else True)
    elif virtual:
        yield _vm(CLOCK_FILE, clocks, "strong", True)
    else:
        yield _vm(CLOCK_FILE, clocks, "good", None)


def _xen(files: Files) -> Iterator[Sign]:
    control = _controls_xen(files)
    if control:
        yield _vm(
            "/proc/xen", "the domain that controls Xen: the host's own system", "strong", False
        )
    kind = files.word("sys/hypervisor/type")
    if kind:
        yield _vm("/sys/hypervisor/type", kind, "good", None if control else True)


def _release(files: Files) -> Iterator[Sign]:
    release = files.word(RELEASE_FILE)[:LONGEST_RELEASE]
    if "microsoft" in release.lower():
        # The first Windows Subsystem for Linux wrote Microsoft, and is no machine.
        second = "WSL2" in release or "microsoft" in release
        text = f"{release}: Windows Subsystem for Linux"
        yield _vm(RELEASE_FILE, text, "strong", True if second else None)
    elif GUEST_KERNEL.search(release):
        yield _vm(RELEASE_FILE, f"{release}: a kernel made for guests", "hint", True)
