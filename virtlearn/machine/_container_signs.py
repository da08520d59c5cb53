"""Signs of walls between this process and the rest of its kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from virtlearn.machine._files import Files
from virtlearn.machine._signs import Sign

__all__ = ["container_signs"]

# Inode numbers of the first namespaces (PROC_*_INIT_INO in Linux's proc_ns.h), the same on every
# machine.
FIRST = {
    "cgroup": 4026531835,
    "user": 4026531837,
    "uts": 4026531838,
    "ipc": 4026531839,
    "pid": 4026531836,
}
ALL_USERS = ["0", "0", "4294967295"]  # the map of users where no user namespace changes it
MANAGERS = re.compile(
    r"kubepods|libpod[-_]|docker[-/][0-9a-f]{12}|cri-containerd|crio-|/lxc[./]"
    r"|machine-[^/\n]{1,99}\.scope|/garden/"
)
LAYERED = ("overlay", "aufs", "fuse.fuse-overlayfs")  # file systems that show layers of an image
NAMED_BY_MANAGER = ("/run/systemd/container", "/run/host/container-manager")
LEFT_BY_ENGINE = ("/.dockerenv", "/run/.containerenv")
ENVIRONMENT = ("KUBERNETES_SERVICE_HOST", "BINDER_SERVICE_HOST", "container")
POWERS = ("a80425fb", "800405fb")  # the capabilities that Docker and Podman leave to a container
FILTERED = "2"  # in /proc/self/status: system calls pass a filter
GROUPS = "/sys/fs/cgroup"
MOST_MOUNTS = 64  # of control groups that are looked at
# Only the root of the control groups lacks a type (version 2) and has a release agent (version 1).
# That a file is missing proves less than one that is there: a listing may leave it out.
ROOT_FILES = (
    ("strong", True, ("cgroup.type", "cgroup.events")),
    ("good", False, ("cgroup.controllers", "release_agent")),
    ("good", True, ("cpu.shares", "memory.limit_in_bytes", "notify_on_release")),
)


def container_signs(files: Files, env: Mapping[str, str]) -> Iterator[Sign]:
    """Look for walls between this process and the rest of its kernel."""
    yield from _namespaces(files)
    yield from _root_of_groups(files)
    yield from _second_process(files)
    yield from _manager(files)
    yield from _root_file_system(files)
    yield from _left_by_engines(files)
    yield from _status(files)
    for name in ENVIRONMENT:
        if env.get(name):
            yield _container(f"${name}", str(env[name]), "hint", True)


def _container(source: str, text: str, weight: str, verdict: bool | None) -> Sign:
    return Sign("container", source, text, weight, verdict)


def _namespaces(files: Files) -> Iterator[Sign]:
    own: list[str] = []
    first: list[str] = []
    for name, number in FIRST.items():
        link = re.fullmatch(rf"{name}:\[(\d{{1,20}})\]", files.link(f"proc/self/ns/{name}"))
        if link:
            (first if int(link[1]) == number else own).append(name)
    if "user" not in own and _users_are_mapped(files):
        own.append("user (uid_map)")
    if own:
        yield _container("/proc/self/ns", f"own {', '.join(own)}", "strong", True)
    elif "pid" in first:
        # Without that one nothing is known: a container may share all the others.
        text = f"{', '.join(first)}: the machine's first"
        yield _container("/proc/self/ns", text, "strong", False)


def _users_are_mapped(files: Files) -> bool:
    """Say whether users here are others outside: only a user namespace does that."""
    numbers = files.word("proc/self/uid_map").split()[:3]
    return len(numbers) == 3 and "".join(numbers).isdecimal() and numbers != ALL_USERS


def _root_of_groups(files: Files) -> Iterator[Sign]:
    points = {point for _, point, *_ in files.mounts() if point.startswith(GROUPS)}
    points.add(GROUPS)
    for name in ("cpu", "cpu,cpuacct", "memory", "pids", "unified"):
        points.add(f"{GROUPS}/{name}")
    nearest = sorted(points)[:MOST_MOUNTS]
    for weight, inner, names in ROOT_FILES:
        for point in nearest:
            if any(files.exists(f"{point}/{name}") for name in names):
                text = "is not the root of the control groups"
                if not inner:
                    text = "is the root of the control groups"
                yield _container(point, text, weight, inner)
                return


def _second_process(files: Files) -> Iterator[Sign]:
    second = files.word("proc/2/comm")
    # A missing file means nothing: the processes of others may be hidden.
    if second:
        yield _container("/proc/2/comm", second, "good", second != "kthreadd")


def _manager(files: Files) -> Iterator[Sign]:
    groups = files.text("proc/self/cgroup") + files.text("proc/1/cgroup")
    named = MANAGERS.search(groups)
    if named:
        text = f"a group named after a manager: {named[0]}"
        yield _container("/proc/self/cgroup", text, "good", True)


def _root_file_system(files: Files) -> Iterator[Sign]:
    roots = [kind for _, point, kind, _ in files.mounts() if point == "/"]
    if roots:
        # A later mount covers an earlier one.
        kind = roots[-1]
        layered = True if kind in LAYERED else None
        yield _container("/proc/self/mountinfo", f"root file system: {kind}", "good", layered)


def _left_by_engines(files: Files) -> Iterator[Sign]:
    for name in NAMED_BY_MANAGER:
        manager = files.word(name)
        if manager:
            yield _container(name, manager, "good", True)
    for name in LEFT_BY_ENGINE:
        if files.exists(name):
            yield _container(name, "is there, and may be left over from an image", "hint", True)


def _status(files: Files) -> Iterator[Sign]:
    status = files.fields("proc/self/status")
    if status.get("CapBnd", "")[-8:] in POWERS:
        text = "at most the powers that engines leave to containers"
        yield _container("/proc/self/status", text, "hint", True)
    if status.get("Seccomp") == FILTERED:
        yield _container("/proc/self/status", "system calls are filtered", "hint", True)
