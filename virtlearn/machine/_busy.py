"""Busy processes on one CPU, and how it is shared: nice values without any right, control groups where they may be made."""

from __future__ import annotations

import contextlib
import io
import math
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from virtlearn import core, units
from virtlearn.machine._files import Files
from virtlearn.machine._run import PYTHON, Group, Run, own_group, recording, started, within

# Ends by itself: when nobody tells it to start, and after so many seconds of CPU.
_BUSY = "ulimit -t 60; read go && while :; do :; done"
SETTLE_S = 0.3
LINUX = hasattr(os, "sched_getaffinity")


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
class Checked(Run):
    """Model and machine side by side, one `Row` for each who shared a CPU."""

    rows: tuple[Row, ...]

    @property
    def worst(self) -> float:
        """The largest error, whatever its sign [cores]; 0 where nothing could be measured."""
        return max((abs(row.error) for row in self.rows), default=0.0)

    def _facts(self) -> list[tuple[str, ...]]:
        table: list[tuple[str, ...]] = [("case", "model", "machine", "worst error, of a CPU")]
        for case in dict.fromkeys(row.case for row in self.rows):
            rows = [row for row in self.rows if row.case == case]
            shares = (
                " ".join(f"{getattr(row, who):.3f}" for row in rows) for who in ("model", "machine")
            )
            table.append((case, *shares, units.percent(max(abs(row.error) for row in rows), 2)))
        return (
            [*table, ("worst of all", "", "", units.percent(self.worst, 2))]
            if len(table) > 2
            else table
        )


def measure(nices: Sequence[int], places: Sequence[Group | None], seconds: float) -> list[float]:
    """Let busy processes fight for one CPU; give each one's share of the time [cores]."""
    within("seconds", seconds, 0.1, 30)
    cpu = max(os.sched_getaffinity(0))
    with contextlib.ExitStack() as stack:
        crowd = [
            stack.enter_context(started(["sh", "-c", _BUSY], stdin=subprocess.PIPE)) for _ in nices
        ]
        for process, level, place in zip(crowd, nices, places, strict=True):
            os.sched_setaffinity(process.pid, {cpu})
            os.setpriority(os.PRIO_PROCESS, process.pid, os.nice(0) + level)
            if place is not None:
                place.add(process.pid)
        for process in crowd:
            os.write(process.stdin.fileno(), b"!\n") if process.stdin else None
        time.sleep(SETTLE_S)
        clocks = [
            (~process.pid << 3) | 2 for process in crowd
        ]  # a process's CPU clock, as clock_getcpuclockid(3)
        before, start = [time.clock_gettime(clock) for clock in clocks], time.monotonic()
        time.sleep(seconds)
        spent = [time.clock_gettime(clock) - was for clock, was in zip(clocks, before, strict=True)]
        return [s / (time.monotonic() - start) for s in spent]


def _nice_rows(levels: Sequence[int], got: Sequence[float], own: int = 0) -> list[Row]:
    """Hold what each nice level got of what all got against the kernel's table of weights."""
    weights = core.cpu.weight_from_nice(np.minimum(np.asarray(levels) + own, 19))
    law = core.cpu.fair_share(np.ones(len(levels)), weight=weights, capacity_cores=1.0)
    case = "nice " + " v ".join(map(str, levels))
    return [
        Row(case, f"nice {n}", float(m), g / sum(got))
        for n, m, g in zip(levels, law, got, strict=True)
    ]


def nice(
    levels: Sequence[int] = (0, 5), seconds: float = 2.0, *, recorded: bool = False
) -> Checked:
    """Let processes of different nice values share one CPU, next to the law: nobody needs a right for that.

    Parameters
    ----------
    levels : sequence of int
        Nice values added to this process's own, 0 (as now) to 19.
    seconds : float
        How long to measure [s].
    recorded : bool
        Whether to give the recorded runs instead; they come also where a process cannot be put on one CPU.

    Examples
    --------
    >>> [(row.who, round(row.model, 3), round(row.machine, 3)) for row in nice(recorded=True).rows if row.case == "nice 0 v 5"]
    [('nice 0', 0.753, 0.754), ('nice 5', 0.247, 0.246)]

    References
    ----------
    CPU-01 for the weights; OWN-18 for the recorded runs.
    """
    within("the number of levels", len(levels), 2, 16)
    for level in levels:
        within("a nice level", level, 0, 19)
    if recorded or not LINUX:
        return _told("nice", lambda case: _nice_rows(case["levels"], case["measured"]), recorded)
    return Checked(
        tuple(_nice_rows(levels, measure(levels, [None] * len(levels), seconds), os.nice(0)))
    )


def check_model(seconds: float = 1.0, *, recorded: bool = False) -> Checked:
    """Hold the law of CPU sharing against this machine's own kernel.

    Fourteen cases of control groups on one CPU where such groups may be made, and nice values anywhere on Linux. The law
    is given what all groups together got, as other programs run on that CPU too; a quota stays a part of the whole.

    Parameters
    ----------
    seconds : float
        How long to measure each case [s]; about 1 s for 0.5 % on a quiet machine.
    recorded : bool
        Whether to give the recorded cases instead, without measuring.

    Examples
    --------
    >>> check_model(recorded=True).worst < 0.016
    True

    References
    ----------
    OWN-26 for the largest error in more cases.
    """
    if recorded or not LINUX:
        return _told("check_model", lambda case: _case_rows(case, case["measured"]), recorded)
    done: list[Row] = []
    missing: tuple[str, ...] = ()
    try:
        with own_group(
            "cpu", weight=100
        ) as top:  # so heavy that other programs on this CPU hardly count
            for i, case in enumerate(recording("check_model")["cases"]):
                done += _case_rows(case, _contend(top.child(f"case-{i}"), case, seconds))
    except OSError as no:
        missing = (f"Groups with weights and quotas: {no}",)
    for levels in ((0, 5), (0, 10)):
        done += nice(levels, seconds).rows
    return Checked(tuple(done), missing=missing)


def _told(name: str, rows_of: Callable[[Any], list[Row]], asked: bool) -> Checked:
    """Give recorded cases; and why, where nobody asked for them."""
    run = recording(name)
    why = () if asked else ("This needs Linux: elsewhere a process cannot be put on one CPU.",)
    return Checked(
        tuple(row for case in run["cases"] for row in rows_of(case)),
        recorded=run["recorded"],
        missing=why,
    )


def _contend(top: Group, case: Mapping[str, Any], seconds: float) -> list[float]:
    """Build one case as groups, and measure what each leaf gets [cores]."""
    groups = [top]
    for i, above in enumerate(case["parent"][1:], start=1):
        cores = math.inf if case["limit_cores"][i] is None else case["limit_cores"][i]
        groups.append(groups[above].child(f"g{i}", weight=case["weight"][i], cores=cores))
    who = [i for i, n in enumerate(case["busy"]) for _ in range(n)]
    got = np.bincount(who, measure([0] * len(who), [groups[i] for i in who], seconds), len(groups))
    return [float(x) for x in got[core.tree.leaves(case["parent"])]]


def _case_rows(case: Mapping[str, Any], got: Sequence[float]) -> list[Row]:
    """Ask the law the same, of as much CPU as all groups got together."""
    limits = [math.inf if cores is None else cores for cores in case["limit_cores"]]

    def law(capacity: float) -> Any:
        return core.cpu.fair_share_tree(
            case["parent"],
            case["busy"],
            weight=case["weight"],
            limit_cores=limits,
            capacity_cores=capacity,
        )

    there = min(1.0, sum(got)) if law(1.0)[0] > 0.99 else 1.0
    leaves = core.tree.leaves(case["parent"])
    return [
        Row(case["case"], f"g{i}", float(m), g)
        for i, m, g in zip(leaves, law(there)[leaves], got, strict=True)
    ]


# All wait at one pipe, so that they end when it is closed, whatever happened.
_FORKS = """
import os, sys
page = bytearray(int(sys.argv[2]) << 20)
page[::4096] = b"x" * len(page[::4096])
for _ in range(int(sys.argv[1])):
    if not os.fork(): break
print(os.getpid(), flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, repr=False)
class Sharing(Run):
    """Memory of a process and its copies: counted one by one (RSS), and each page once (PSS) [MiB]."""

    copies: int
    buffer_mib: int
    rss_mib: float
    pss_mib: float

    def _facts(self) -> list[tuple[str, ...]]:
        all_ = self.buffer_mib * (self.copies + 1)
        return [
            (
                f"a process and {self.copies} copies of it",
                "memory",
                "of that the buffer, by the law",
            ),
            ("each counted alone", units.memory(self.rss_mib), units.memory(all_)),
            ("every page counted once", units.memory(self.pss_mib), units.memory(self.buffer_mib)),
        ]


def shared_memory(copies: int = 4, buffer_mib: int = 64, *, recorded: bool = False) -> Sharing:
    """Copy a process with a buffer, and count the memory of all: copies share what they do not write.

    Parameters
    ----------
    copies, buffer_mib : int
        How many copies, up to 32, and how much memory the first has [MiB], up to 512.
    recorded : bool
        Whether to give the recorded run instead; it comes also where pages cannot be counted.

    Examples
    --------
    >>> told = shared_memory(recorded=True)
    >>> told.copies, told.rss_mib, told.pss_mib
    (4, 391, 79)

    References
    ----------
    OWN-40 and OWN-41 for the recorded run.
    """
    within("copies", copies, 1, 32)
    within("buffer_mib", buffer_mib, 1, 512)
    if recorded:
        return Sharing(**recording("shared_memory"))
    try:
        command = [*PYTHON, _FORKS, str(copies), str(buffer_mib)]
        with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as helper:
            pids = [
                (helper.stdout or io.BytesIO()).readline().decode().strip()
                for _ in range(copies + 1)
            ]
            rollups = [Files().fields(f"proc/{pid}/smaps_rollup") for pid in pids]
            helper.communicate(timeout=60)
        rss, pss = (
            sum(int(each[name].split()[0]) for each in rollups) / 1024 for name in ("Rss", "Pss")
        )
        return Sharing(copies, buffer_mib, rss, pss)
    except (OSError, LookupError, ValueError, subprocess.TimeoutExpired):
        why = (
            "Copies that share pages: they are made on Linux, and counted by Linux 4.14 and newer."
        )
        return Sharing(**recording("shared_memory"), missing=(why,))
