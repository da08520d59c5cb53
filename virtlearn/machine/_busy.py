"""Busy processes on one CPU, and how it is shared: nice values without any right, control groups where they may be made."""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from virtlearn import core, units
from virtlearn.errors import ImpossibleAmount, ImpossibleCount
from virtlearn.machine._groups import Group, own_group
from virtlearn.machine._process import python, started
from virtlearn.model.views import Shown

__all__ = ["Checked", "Row", "Sharing", "check_model", "nice", "shared_memory"]

# Ends by itself: with its parent, at its deadline, and when nobody tells it to start.
_BUSY = """
import os, sys, time
nice, cpu, parent, seconds = map(int, sys.argv[1:])
os.nice(nice)
os.sched_setaffinity(0, {cpu})
sys.stdin.read(1) or sys.exit()
end = time.monotonic() + seconds
while time.monotonic() < end and os.getppid() == parent:
    for _ in range(20000): pass
"""
SETTLE_S = 0.3
MOST_S = 30.0

# Each case: title, parents (node 0 is our own group), busy processes, weights, limits [cores].
_NO = math.inf
_CASES: tuple[tuple[str, list[int], list[int], list[float], list[float]], ...] = (
    ("2 to 1", [-1, 0, 0], [0, 1, 1], [1, 2, 1], [_NO] * 3),
    ("1 to 2 to 1", [-1, 0, 0, 0], [0, 1, 1, 1], [1, 1, 2, 1], [_NO] * 4),
    ("five equal", [-1, 0, 0, 0, 0, 0], [0, 1, 1, 1, 1, 1], [1] * 6, [_NO] * 6),
    ("three equal, one idle", [-1, 0, 0, 0], [0, 1, 1, 0], [1] * 4, [_NO] * 4),
    ("alone with a quota of 25 %", [-1, 0], [0, 1], [1, 1], [_NO, 0.25]),
    ("10 % of the first, the rest 2 to 1", [-1, 0, 0, 0], [0, 1, 1, 1], [1, 1, 2, 1], [_NO, 0.1, _NO, _NO]),
    ("a chain of quotas", [-1, 0, 0, 0], [0, 1, 1, 1], [1, 2, 1, 1], [_NO, 0.2, 0.35, _NO]),
    ("a quota that does not bind", [-1, 0, 0], [0, 1, 1], [1, 1, 1], [_NO, 0.8, _NO]),
    ("one process against four", [-1, 0, 0], [0, 1, 4], [1, 1, 1], [_NO] * 3),
    ("1 to 3 inside one of two", [-1, 0, 0, 1, 1], [0, 0, 1, 1, 1], [1, 1, 1, 1, 3], [_NO] * 5),
    ("a quota inside one of two", [-1, 0, 0, 1, 1], [0, 0, 1, 1, 1], [1] * 5, [_NO, _NO, _NO, 0.1, _NO]),
    ("a huge weight inside helps nobody", [-1, 0, 0, 1], [0, 0, 1, 1], [1, 1, 1, 100], [_NO] * 4),
    ("a quota around two", [-1, 0, 0, 1, 1], [0, 0, 1, 1, 1], [1, 1, 1, 1, 3], [_NO, 0.3, _NO, _NO, _NO]),
    ("three levels", [-1, 0, 0, 1, 1, 3, 3], [0, 0, 1, 0, 1, 1, 1], [1, 3, 1, 1, 1, 1, 2], [_NO] * 7),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One question to both: a case, who in it, and its share of a CPU by model and machine [cores]."""

    case: str
    who: str
    model: float
    machine: float

    @property
    def error(self) -> float:
        """Machine less model [cores]."""
        return self.machine - self.model


@dataclass(frozen=True, repr=False)
class Checked(Shown):
    """Model and machine side by side.

    Attributes
    ----------
    rows : tuple of Row
    missing : tuple of str
        What could not be asked here, and why.
    """

    rows: tuple[Row, ...]
    missing: tuple[str, ...] = ()

    @property
    def worst(self) -> float:
        """The largest error, whatever its sign [cores]; 0 where nothing could be measured."""
        return max((abs(row.error) for row in self.rows), default=0.0)

    def _rows(self) -> list[tuple[str, ...]]:
        best = sorted(self.rows, key=lambda row: abs(row.error))[-1:]
        cases = {row.case: [r for r in self.rows if r.case == row.case] for row in self.rows}
        table: list[tuple[str, ...]] = [("case", "model", "machine", "worst error, of a CPU")]
        for case, rows in cases.items():
            shares = [" ".join(f"{x:.3f}" for x in xs) for xs in ([r.model for r in rows], [r.machine for r in rows])]
            table.append((case, *shares, units.percent(max(abs(r.error) for r in rows), 2)))
        return [*table, *((f"worst: {best[0].case}", "", "", units.percent(self.worst, 2)),) * bool(best)]

    def _below_rows(self) -> str:
        """Say what is missing."""
        return "\n".join(self.missing)


def _measure(nices: Sequence[int], places: Sequence[Group | None], seconds: float) -> list[float]:
    """Let busy processes fight for one CPU; give each one's share of the time [cores]."""
    if not 0 < seconds <= MOST_S:
        raise ImpossibleAmount(f"seconds is {seconds}; it must be more than 0 and at most {MOST_S:g}. Try seconds=1.")
    cpu = max(os.sched_getaffinity(0))
    with contextlib.ExitStack() as stack:
        crowd: list[subprocess.Popen[bytes]] = []
        for level, place in zip(nices, places, strict=True):
            numbers = map(str, (level, cpu, os.getpid(), math.ceil(seconds + 30)))
            command = [*python(), _BUSY, *numbers]
            crowd.append(process := stack.enter_context(started(command, stdin=subprocess.PIPE)))
            if place is not None:
                place.add(process.pid)
        for process in crowd:
            assert process.stdin is not None
            process.stdin.write(b"!")
            process.stdin.flush()
        time.sleep(SETTLE_S)
        clocks = [(~process.pid << 3) | 2 for process in crowd]  # a process's CPU clock, as clock_getcpuclockid(3)
        before = [time.clock_gettime(clock) for clock in clocks]
        start = time.monotonic()
        time.sleep(seconds)
        spent = [time.clock_gettime(clock) - was for clock, was in zip(clocks, before, strict=True)]
        return [s / (time.monotonic() - start) for s in spent]


def nice(levels: Sequence[int] = (0, 5), seconds: float = 2.0) -> Checked:
    """Let processes of different nice values share one CPU, next to the law: nobody needs a right for that.

    Parameters
    ----------
    levels : sequence of int
        Nice values added to this process's own, 0 (as now) to 19.
    seconds : float
        How long to measure [s].

    Returns
    -------
    Checked
        Each one's part of what all got; nothing measured, and why, where a process cannot be put on one CPU.

    References
    ----------
    CPU-01 for the weights; OWN-18 for what this gave on another machine.
    """
    if not hasattr(os, "sched_getaffinity"):
        return Checked((), ("This needs Linux: elsewhere a process cannot be put on one CPU (see the recorded runs).",))
    if not 2 <= len(levels) <= 16 or min(levels) < 0:
        raise ImpossibleCount(
            f"levels is {levels!r:.60}; it must hold 2 to 16 levels from 0 to 19: less than 0 needs root."
        )
    weights = core.cpu.weight_from_nice(np.asarray(levels) + os.nice(0))
    law = core.cpu.fair_share(np.ones(len(levels)), weight=weights, capacity_cores=1.0)
    got = _measure(levels, [None] * len(levels), seconds)
    case = "nice " + " v ".join(map(str, levels))
    return Checked(
        tuple(Row(case, f"nice {n}", float(m), g / sum(got)) for n, m, g in zip(levels, law, got, strict=True))
    )


def check_model(seconds: float = 1.0) -> Checked:
    """Hold the law of CPU sharing against this machine's own kernel.

    Fourteen cases of control groups on one CPU where such groups may be made, and nice values anywhere on Linux. The law
    is given what all groups together got, as other programs run on that CPU too; a quota stays a part of the whole.

    Parameters
    ----------
    seconds : float
        How long to measure each case [s]; about 1 s for 0.5 % on a quiet machine.
    """
    rows: list[Row] = []
    missing = []
    try:
        with own_group("cpu", weight=100) as top:  # so heavy that other programs on this CPU hardly count
            for i, case in enumerate(_CASES if top else ()):
                assert top is not None
                rows += _contend(top.child(f"case-{i}"), *case, seconds=seconds)
    except OSError as no:
        missing.append(f"A control group may not be filled here: {no}")
    if not rows:
        missing.append("No control group may be made here, so the cases with weights and quotas are left out.")
    for levels in ((0, 5), (0, 10)):
        asked = nice(levels, seconds)
        rows += asked.rows
        missing += asked.missing[:1] if asked.missing and asked.missing[0] not in missing else []
    return Checked(tuple(rows), tuple(missing))


def _contend(
    top: Group,
    title: str,
    parent: list[int],
    busy: list[int],
    weight: list[float],
    limit: list[float],
    *,
    seconds: float,
) -> list[Row]:
    """Build one case as groups and as arrays, and ask both."""
    groups = [top]
    for i in range(1, len(parent)):
        groups.append(groups[parent[i]].child(f"g{i}", weight=weight[i], cores=limit[i]))
    who = [i for i, n in enumerate(busy) for _ in range(n)]
    got = np.bincount(who, _measure([0] * len(who), [groups[i] for i in who], seconds), len(parent))
    whole = core.cpu.fair_share_tree(parent, busy, weight=weight, limit_cores=limit, capacity_cores=1.0)
    there = min(1.0, float(got.sum())) if whole[0] > 0.99 else 1.0
    law = core.cpu.fair_share_tree(parent, busy, weight=weight, limit_cores=limit, capacity_cores=there)
    leaves = core.tree.leaves(parent)
    return [Row(title, f"g{i}", float(law[i]), float(got[i])) for i in leaves.tolist()]


_FORKS = """
import json, os, sys
copies, mib, parent = map(int, sys.argv[1:])
page = bytearray(mib << 20)
page[::4096] = b"x" * len(page[::4096])
read, write = os.pipe()
pids = []
def spent(pid):
    with open(f"/proc/{pid}/smaps_rollup") as file:
        rows = dict(line.split(":") for line in list(file)[1:])
    return [int(rows[name].split()[0]) / 1024 for name in ("Rss", "Pss")]
try:
    for _ in range(copies):
        pid = os.fork()
        if not pid:
            os.close(write)
            os.read(read, 1)
            os._exit(0)
        pids.append(pid)
    print(json.dumps([sum(x) for x in zip(*map(spent, [os.getpid(), *pids]))]))
finally:
    os.close(write)
    for pid in pids: os.waitpid(pid, 0)
"""


@dataclass(frozen=True, repr=False)
class Sharing(Shown):
    """Memory of a process and its copies: counted one by one (RSS), and each page once (PSS) [MiB]."""

    copies: int
    buffer_mib: int
    rss_mib: float | None
    pss_mib: float | None
    missing: str = ""

    def _rows(self) -> list[tuple[str, ...]]:
        if self.rss_mib is None or self.pss_mib is None:
            return [("memory of copies", "not measured"), ("why", self.missing)]
        shared = f"one {units.memory(self.buffer_mib)} and {self.copies} copies of it, made by fork"
        return [(shared, "memory"), ("each counted alone", units.memory(self.rss_mib)),
                ("every page counted once", units.memory(self.pss_mib))]  # fmt: skip


def shared_memory(copies: int = 4, buffer_mib: int = 64) -> Sharing:
    """Copy a process with a buffer, and count the memory of all: copies share what they do not write.

    Parameters
    ----------
    copies, buffer_mib : int
        How many copies, up to 32, and how much memory the first has [MiB], up to 512.
    """
    copies = core._check.whole("copies", copies, least=1)
    buffer_mib = core._check.whole("buffer_mib", buffer_mib, least=1)
    if copies > 32 or buffer_mib > 512:
        raise ImpossibleAmount(f"{copies} copies of {buffer_mib} MiB: this bench takes at most 32 copies of 512 MiB.")
    if not os.access("/proc/self/smaps_rollup", os.R_OK):
        return Sharing(copies, buffer_mib, None, None, "no /proc/self/smaps_rollup: this needs Linux 4.14 or newer")
    command = [*python(), _FORKS, *map(str, (copies, buffer_mib, os.getpid()))]
    with started(command, stdout=subprocess.PIPE) as helper:
        said, _ = helper.communicate(timeout=60)
    if helper.returncode:
        return Sharing(copies, buffer_mib, None, None, "the copies could not be made, or not be counted")
    rss, pss = json.loads(said)
    return Sharing(copies, buffer_mib, rss, pss)
