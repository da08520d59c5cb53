"""A real container: a process in namespaces of its own, seen from inside and outside, timed, and held to limits."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from virtlearn import units
from virtlearn.machine._busy import measure
from virtlearn.machine._run import (
    PYTHON,
    Group,
    Run,
    data,
    modelled,
    own_group,
    recording,
    started,
    within,
)

QUOTA_CORES, LIMIT_MIB = 0.25, 64
_WALLS = ["--uts", "--ipc", "--pid", "--fork", "--mount", "--mount-proc", "--kill-child"]
_TOUCH = """
import sys
kept = []
sys.stdin.read(1) or sys.exit()
for i in range(int(sys.argv[1])):
    kept.append(b"x" * 2**20)
    print(i, flush=True)
"""


@dataclass(frozen=True, repr=False)
class RealContainer(Run):
    """A process in namespaces of its own.

    Attributes
    ----------
    inside, outside : dict
        The same facts, asked in the container and here.
    process_s, start_s : sequence of float
        How long each start of the smallest program took, plain and in new namespaces [s].
    used_cores : float or None
        What a busy process got under a quota of `QUOTA_CORES` [cores].
    killed_at_mib : float or None
        What a process had touched under a limit of `LIMIT_MIB` when it was killed [MiB].
    """

    inside: dict[str, str]
    outside: dict[str, str]
    process_s: Sequence[float] = ()
    start_s: Sequence[float] = ()
    used_cores: float | None = None
    killed_at_mib: float | None = None

    def _facts(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [("a container", "outside", "inside")]
        rows += [(name, said, self.inside.get(name, "-")) for name, said in self.outside.items()]
        if self.start_s:
            each = [
                units.duration(statistics.median(times)) for times in (self.process_s, self.start_s)
            ]
            rows.append(
                (f"start, median of {len(self.start_s)}" if self.start_s[1:] else "start", *each)
            )
            rows.append(
                (
                    "start by the model",
                    modelled("processes"),
                    f"{modelled('containers')} with an engine",
                )
            )
        if self.used_cores is not None:
            rows.append(
                (f"a busy loop, quota {QUOTA_CORES:g} cores", "-", f"got {self.used_cores:.3f}")
            )
        if self.killed_at_mib is not None:
            rows.append(
                (f"memory, limit {LIMIT_MIB} MiB", "-", f"killed after {self.killed_at_mib:g} MiB")
            )
        return rows


def _asked(walls: Sequence[str]) -> dict[str, str]:
    """Ask for the facts, behind walls or without. Only behind walls a name is given."""
    outside = [os.readlink("/proc/self/ns/uts")] if walls else []
    command = [*walls, "sh", "-c", data("container_facts.sh").decode(), "sh", *outside]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        said, why = (
            text.decode("utf-8", "replace").splitlines() for text in asked.communicate(timeout=20)
        )
    if asked.returncode:
        raise PermissionError(" ".join(why)[:200])
    return dict(zip(said[0::2], said[1::2], strict=False))


def container(starts: int = 10, *, recorded: bool = False) -> RealContainer:
    """Start a process in namespaces of its own, without any right where the system allows it.

    Parameters
    ----------
    starts : int
        How often to time the start of the smallest program, up to 200.
    recorded : bool
        Whether to give the recorded run instead; it comes also where the system refuses.

    Examples
    --------
    >>> told = container(recorded=True)
    >>> told.inside["kernel release"] == told.outside["kernel release"], told.inside["this process is number"]
    (True, '1')

    References
    ----------
    OWN-02, OWN-04, OWN-05 for the same on another machine.
    """
    within("starts", starts, 0, 200)
    old = RealContainer(**recording("container"))
    if recorded or not sys.platform.startswith("linux"):
        return (
            old
            if recorded
            else replace(old, missing=("A container is a Linux process, and this is not Linux.",))
        )
    missing: list[str] = []
    inside: dict[str, str] = {}
    for user in (["--user", "--map-root-user"], []):
        walls = ["unshare", *user, *_WALLS]
        try:
            inside = _asked(walls)
            break
        except (OSError, subprocess.TimeoutExpired) as no:
            missing = [
                f"Namespaces, often refused in Docker, on Binder, by AppArmor (`unshare` is in util-linux): {no}"
            ]
    if not inside:
        return replace(old, missing=tuple(missing))
    used = killed = None
    try:
        with own_group("cpu", weight=100) as group:
            (used,) = measure([0], [group.child("quota", cores=QUOTA_CORES)], 1.0)
        with own_group("memory") as group:
            killed = _touch(group.child("limit", memory_mib=LIMIT_MIB))
        missing = []
    except OSError as no:
        missing = [f"A CPU quota and a memory limit: {no}"]
    plain, walled = ([_start_s([*behind, "true"]) for _ in range(starts)] for behind in ([], walls))
    return RealContainer(inside, _asked([]), plain, walled, used, killed, missing=tuple(missing))


def _start_s(command: Sequence[str]) -> float:
    start = time.perf_counter()
    with started(command) as process:
        process.wait(20)
    return time.perf_counter() - start


def _touch(group: Group) -> float | None:
    """Touch memory, a MiB at a time, in a child that the kernel may kill; None where it lives."""
    with started(
        [*PYTHON, _TOUCH, str(2 * LIMIT_MIB)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        group.add(child.pid)
        said, _ = child.communicate(b"!", timeout=30)
        return float(len(said.split())) if child.returncode == -9 else None
