"""A real container: a process in namespaces of its own, timed, and held to limits."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from virtlearn import units
from virtlearn.machine._cgroups import Group, own_group
from virtlearn.machine._cpu import measure
from virtlearn.machine._processes import PYTHON, started
from virtlearn.machine._runs import Run, data, modelled, recording, within

__all__ = ["RealContainer", "container"]

QUOTA_CORES = 0.25
LIMIT_MIB = 64
MEASURE_S = 1.0
ASK_TIMEOUT_S = 20
TOUCH_TIMEOUT_S = 30
KILLED = -9  # how Popen reports a process that the kernel ended
LONGEST_REASON = 200  # characters of what a refused command said
# A user namespace lets anybody make the others, where the system allows one; root needs none.
USERS: tuple[list[str], ...] = (["--user", "--map-root-user"], [])
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

    Parameters
    ----------
    inside, outside : dict
        The same facts, asked in the container and here.
    process_s, start_s : sequence of float
        How long each start of the smallest program took, plain and in new namespaces [s].
    used_cores : float or None
        What a busy process got under a quota of `QUOTA_CORES` [cores].
    killed_at_mib : float or None
        What a process had touched under a limit of `LIMIT_MIB` when it was killed [MiB].
    recorded : str
        Where and when, for a recorded run; "" where it was done here.
    missing : tuple of str
        What could not be done here, and why.

    Examples
    --------
    >>> RealContainer({"host name": "box"}, {"host name": "lab"}).inside["host name"]
    'box'
    """

    inside: dict[str, str]
    outside: dict[str, str]
    process_s: Sequence[float] = ()
    start_s: Sequence[float] = ()
    used_cores: float | None = None
    killed_at_mib: float | None = None

    def _facts(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [("a container", "outside", "inside")]
        for name, outside in self.outside.items():
            rows.append((name, outside, self.inside.get(name, "-")))
        rows += self._starts()
        if self.used_cores is not None:
            limited = f"a busy loop, quota {QUOTA_CORES:g} cores"
            rows.append((limited, "-", f"got {self.used_cores:.3f}"))
        if self.killed_at_mib is not None:
            limited = f"memory, limit {LIMIT_MIB} MiB"
            rows.append((limited, "-", f"killed after {self.killed_at_mib:g} MiB"))
        return rows

    def _starts(self) -> list[tuple[str, ...]]:
        if not self.start_s:
            return []
        title = "start"
        if len(self.start_s) > 1:
            title = f"start, median of {len(self.start_s)}"
        plain = units.duration(statistics.median(self.process_s))
        walled = units.duration(statistics.median(self.start_s))
        by_engine = f"{modelled('containers')} with an engine"
        return [
            (title, plain, walled),
            ("start by the model", modelled("processes"), by_engine),
        ]


def container(starts: int = 10, *, recorded: bool = False) -> RealContainer:
    """Start a process in namespaces of its own, without any right where the system allows it.

    Parameters
    ----------
    starts : int
        How often to time the start of the smallest program, up to 200.
    recorded : bool
        Whether to give the recorded run instead; it comes also where the system refuses.

    Returns
    -------
    RealContainer
        What it saw and what it was held to.

    Raises
    ------
    ImpossibleAmount
        Where it would take too many starts.

    References
    ----------
    OWN-02, OWN-04, OWN-05 for the same on another machine.

    Examples
    --------
    >>> told = container(recorded=True)
    >>> told.inside["kernel release"] == told.outside["kernel release"]
    True
    >>> told.inside["this process is number"]
    '1'
    """
    within("starts", starts, 0, 200)
    old = RealContainer(**recording("container"))
    if recorded:
        return old
    if not sys.platform.startswith("linux"):
        return replace(old, missing=("A container is a Linux process, and this is not Linux.",))
    walls, inside, refused = _walled()
    if not inside:
        return replace(old, missing=(refused,))
    used_cores = killed_at_mib = None
    missing: tuple[str, ...] = ()
    try:
        used_cores = _used_under_quota()
        killed_at_mib = _killed_under_limit()
    except OSError as no:
        missing = (f"A CPU quota and a memory limit: {no}",)
    return RealContainer(
        inside,
        _asked([]),
        [_start_s(["true"]) for _ in range(starts)],
        [_start_s([*walls, "true"]) for _ in range(starts)],
        used_cores,
        killed_at_mib,
        missing=missing,
    )


def _walled() -> tuple[list[str], dict[str, str], str]:
    """Find a way to make namespaces: the command, the facts inside, or why there is no way."""
    why = ""
    for user in USERS:
        walls = ["unshare", *user, *_WALLS]
        try:
            return walls, _asked(walls), ""
        except (OSError, subprocess.TimeoutExpired) as no:
            why = (
                "Namespaces, often refused in Docker, on Binder, by AppArmor "
                f"(`unshare` is in util-linux): {no}"
            )
    return [], {}, why


def _asked(walls: Sequence[str]) -> dict[str, str]:
    """Ask for the facts, behind walls or without. Only behind walls a name is given."""
    outside = [os.readlink("/proc/self/ns/uts")] if walls else []
    command = [*walls, "sh", "-c", data("container_facts.sh").decode(), "sh", *outside]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asked:
        out, errors = asked.communicate(timeout=ASK_TIMEOUT_S)
    if asked.returncode:
        reason = " ".join(errors.decode("utf-8", "replace").splitlines())
        raise PermissionError(reason[:LONGEST_REASON])
    # The script prints a name and its value on lines of their own, in turn.
    lines = out.decode("utf-8", "replace").splitlines()
    return dict(zip(lines[0::2], lines[1::2], strict=False))


def _start_s(command: Sequence[str]) -> float:
    start = time.perf_counter()
    with started(command) as process:
        process.wait(ASK_TIMEOUT_S)
    return time.perf_counter() - start


def _used_under_quota() -> float:
    with own_group("cpu", weight=100) as group:
        return measure([0], [group.child("quota", cores=QUOTA_CORES)], MEASURE_S)[0]


def _killed_under_limit() -> float | None:
    with own_group("memory") as group:
        return _touch(group.child("limit", memory_mib=LIMIT_MIB))


def _touch(group: Group) -> float | None:
    """Touch memory, a MiB at a time, in a child that the kernel may kill; None where it lives."""
    command = [*PYTHON, _TOUCH, str(2 * LIMIT_MIB)]
    with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        group.add(child.pid)
        out, _ = child.communicate(b"!", timeout=TOUCH_TIMEOUT_S)
        if child.returncode != KILLED:
            return None
        return float(len(out.split()))
