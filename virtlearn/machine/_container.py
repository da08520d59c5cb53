"""A real container: a process in namespaces of its own, seen from inside and outside, timed, and held to limits."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from importlib import resources

from virtlearn import core, units
from virtlearn.errors import ImpossibleCount
from virtlearn.machine._busy import _measure
from virtlearn.machine._groups import Group, own_group
from virtlearn.machine._process import python, started
from virtlearn.model.views import Shown

__all__ = ["RealContainer", "container"]

QUOTA_CORES, LIMIT_MIB = 0.25, 64
_WALLS = ["--uts", "--ipc", "--pid", "--fork", "--mount", "--mount-proc", "--kill-child"]
_FACTS = """
import json, os, socket, sys
if sys.argv[1:] and os.readlink("/proc/self/ns/uts") != sys.argv[1]:  # never the name of the machine itself
    socket.sethostname("box-1")
word = lambda name: open("/proc/" + name).read().strip()
print(json.dumps({
  "kernel release": os.uname().release, "kernel started as": word("sys/kernel/random/boot_id"),
  "host name": socket.gethostname(), "this process is number": str(os.getpid()),
  "processes it sees": str(sum(name.isdigit() for name in os.listdir("/proc"))),
  "mount namespace": os.readlink("/proc/self/ns/mnt")}))
"""
_TOUCH = """
import mmap, sys
most = int(sys.argv[1])
sys.stdin.read(1) or sys.exit()
page = mmap.mmap(-1, most << 20)
for i in range(most):
    page[i << 20:i + 1 << 20:4096] = b"x" * 256
    print(i + 1, flush=True)
"""


@dataclass(frozen=True, repr=False)
class RealContainer(Shown):
    """A process in namespaces of its own.

    Attributes
    ----------
    inside, outside : dict
        The same facts, asked in the container and here.
    process_s, start_s : tuple of float
        How long each start of the smallest program took, plain and in new namespaces [s].
    used_cores : float or None
        What a busy process got under a quota of `QUOTA_CORES` [cores].
    killed_at_mib : float or None
        What a process had touched under a limit of `LIMIT_MIB` when it was killed [MiB].
    recorded : str
        Where and when, for recorded facts and times; "" where they are from here.
    missing : tuple of str
        What could not be done here, and why.
    """

    inside: dict[str, str]
    outside: dict[str, str]
    process_s: tuple[float, ...] = ()
    start_s: tuple[float, ...] = ()
    used_cores: float | None = None
    killed_at_mib: float | None = None
    recorded: str = ""
    missing: tuple[str, ...] = ()

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [(f"recorded: {self.recorded}" if self.recorded else "", "outside", "inside")]
        rows += [(name, said, self.inside.get(name, "-")) for name, said in self.outside.items()]
        if self.start_s:
            each = [units.duration(statistics.median(times)) for times in (self.process_s, self.start_s)]
            rows.append((f"start, median of {len(self.start_s)}", *each))
        if self.used_cores is not None:
            rows.append(("CPU of a busy loop [cores]", f"quota {QUOTA_CORES:g}", f"{self.used_cores:.3f}"))
        if self.killed_at_mib is not None:
            rows.append(
                ("memory it could touch", f"limit {LIMIT_MIB:g} MiB", f"killed after {self.killed_at_mib:g} MiB")
            )
        return rows

    def _below_rows(self) -> str:
        """Say what is missing."""
        return "\n".join(self.missing)


def _asked(walls: list[str]) -> tuple[dict[str, str], str]:
    """Ask for the facts, behind walls or without; and why there are none. Only behind walls a name is given."""
    outside = [os.readlink("/proc/self/ns/uts")] if walls else []
    command = [*walls, *python(), _FACTS, *outside]
    try:
        with started(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            said = process.communicate(timeout=20)[0].decode("utf-8", "replace").strip()
        last = (said.splitlines() or ["it ended without a word"])[-1]
        return (dict(json.loads(last)), "") if process.returncode == 0 else ({}, last[:200])
    except (OSError, ValueError, subprocess.TimeoutExpired) as no:
        return {}, str(no)[:200]


def container(starts: int = 10) -> RealContainer:
    """Start a process in namespaces of its own, without any right where the system allows it.

    Parameters
    ----------
    starts : int
        How often to time the start of the smallest program, up to 200.

    Returns
    -------
    RealContainer
        With what was refused here, and why, in ``missing``.

    References
    ----------
    OWN-02, OWN-04, OWN-05 for the same on another machine.
    """
    starts = core._check.whole("starts", starts)
    if starts > 200:
        raise ImpossibleCount(f"starts is {starts}; it must be at most 200. Try starts=100.")
    if not sys.platform.startswith("linux"):
        return recorded_container("A container is a Linux process, and this is not Linux.")
    here, _ = _asked([])
    unshare, true = shutil.which("unshare"), shutil.which("true") or "true"
    missing: list[str] = []
    inside: dict[str, str] = {}
    walls: list[str] = []
    for user in (["--user", "--map-root-user"], []) if unshare else ():
        walls = [str(unshare), *user, *_WALLS]
        inside, why = _asked(walls)
        if inside:
            break
        missing[:1] = [f"No namespaces here: {why} (usual inside Docker, on Binder, and where AppArmor forbids it)."]
    if unshare is None:
        missing.append("No `unshare` here: it comes with the package util-linux.")
    if inside:
        missing.clear()
    times: dict[bool, list[float]] = {False: [], True: []}
    for behind in (False, True) if inside else ():
        for _ in range(starts):
            start = time.perf_counter()
            with started([*(walls if behind else []), true]) as process:
                process.wait(20)
            times[behind].append(time.perf_counter() - start)
    used = killed = None
    try:
        with own_group("cpu", weight=100) as group:
            if group is not None:
                (used,) = _measure([0], [group.child("quota", cores=QUOTA_CORES)], 1.0)
        with own_group("memory") as group:
            if group is not None:
                killed = _touch(group.child("limit", memory_mib=LIMIT_MIB))
    except OSError as no:
        missing.append(f"A control group may not be filled here: {no}")
    if used is None or killed is None:
        missing.append("No control group may be made here, so a CPU quota and a memory limit cannot be shown.")
    if not inside:
        return replace(recorded_container(*missing), used_cores=used, killed_at_mib=killed)
    plain, walled = (tuple(times[key]) for key in (False, True))
    return RealContainer(inside, here, plain, walled, used, killed, missing=tuple(missing))


def recorded_container(*missing: str) -> RealContainer:
    """Give recorded facts and times, which say that they are recorded, with what is missing here."""
    run = json.loads((resources.files("virtlearn") / "data" / "recorded_runs.json").read_text("utf-8"))["container"]
    times = tuple(run["process_s"]), tuple(run["start_s"])
    return RealContainer(run["inside"], run["outside"], *times, recorded=run["recorded"], missing=missing)


def _touch(group: Group, most_mib: int = 2 * LIMIT_MIB) -> float | None:
    """Touch memory, a MiB at a time, in a child that the kernel may kill; None where it lives."""
    command = [*python(), _TOUCH, str(most_mib)]
    with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        group.add(child.pid)
        said, _ = child.communicate(b"!", timeout=30)
        return float(len(said.split())) if child.returncode == -9 else None
