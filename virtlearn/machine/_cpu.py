"""How one CPU is shared: nice values without any right, control groups where they may be made."""

from __future__ import annotations

import contextlib
import math
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from virtlearn import core, units
from virtlearn.machine._cgroups import Group, own_group
from virtlearn.machine._processes import cpu_s, started
from virtlearn.machine._runs import Run, recording, within

__all__ = ["Checked", "Row", "check_model", "measure", "nice"]

LINUX = hasattr(os, "sched_getaffinity")
# Ends by itself: when nobody tells it to start, and after so many seconds of CPU.
_BUSY = "ulimit -t 60; read go && while :; do :; done"
SETTLE_S = 0.3  # once all are running
START_S = 5.0  # a machine that is busy with other work starts them late
STARTED_S = 0.01  # CPU time after which a process is surely in its loop
HEAVY = 100  # times the usual weight: other programs on this CPU hardly count then
FULL = 0.99  # cores: a case that the law gives so much is limited by nothing but the CPU
LOWEST_NICE = 19


@dataclass(frozen=True)
class Row:
    """One question to both: a case, who in it, and its share of a CPU by model and machine.

    Parameters
    ----------
    case : str
        What was tried.
    who : str
        Which process or group of the case.
    model, machine : float
        Its share of one CPU [cores].

    Examples
    --------
    >>> round(Row("nice 0 v 5", "nice 0", 0.753, 0.754).error, 3)
    0.001
    """

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
    """Model and machine side by side.

    Parameters
    ----------
    rows : tuple of Row
        One for each who shared a CPU.
    recorded : str
        Where and when, for a recorded run; "" where it was done here.
    missing : tuple of str
        What could not be done here, and why.

    Examples
    --------
    >>> Checked((Row("a case", "a", 0.5, 0.51), Row("a case", "b", 0.5, 0.49))).worst.__round__(3)
    0.01
    """

    rows: tuple[Row, ...]

    @property
    def worst(self) -> float:
        """The largest error, whatever its sign [cores]; 0 where nothing could be measured."""
        return _worst(self.rows)

    def _facts(self) -> list[tuple[str, ...]]:
        table: list[tuple[str, ...]] = [("case", "model", "machine", "worst error, of a CPU")]
        for case in dict.fromkeys(row.case for row in self.rows):
            rows = [row for row in self.rows if row.case == case]
            model = " ".join(f"{row.model:.3f}" for row in rows)
            machine = " ".join(f"{row.machine:.3f}" for row in rows)
            table.append((case, model, machine, units.percent(_worst(rows), 2)))
        if len(table) > 2:
            table.append(("worst of all", "", "", units.percent(self.worst, 2)))
        return table


def _worst(rows: Sequence[Row]) -> float:
    return max((abs(row.error) for row in rows), default=0.0)


def measure(nices: Sequence[int], places: Sequence[Group | None], seconds: float) -> list[float]:
    """Let busy processes fight for one CPU; give each one's share of the time [cores]."""
    within("seconds", seconds, 0.1, 30)
    cpu = max(os.sched_getaffinity(0))
    with contextlib.ExitStack() as stack:
        crowd = []
        for _ in nices:
            busy = started(["sh", "-c", _BUSY], stdin=subprocess.PIPE)
            crowd.append(stack.enter_context(busy))
        for process, level, place in zip(crowd, nices, places, strict=True):
            os.sched_setaffinity(process.pid, {cpu})
            os.setpriority(os.PRIO_PROCESS, process.pid, os.nice(0) + level)
            if place is not None:
                place.add(process.pid)
        idle = [cpu_s(process.pid) for process in crowd]
        for process in crowd:
            if process.stdin:
                os.write(process.stdin.fileno(), b"!\n")
        latest = time.monotonic() + START_S
        while time.monotonic() < latest and any(
            cpu_s(process.pid) - was < STARTED_S for process, was in zip(crowd, idle, strict=True)
        ):
            time.sleep(0.02)
        time.sleep(SETTLE_S)
        before = [cpu_s(process.pid) for process in crowd]
        start = time.monotonic()
        time.sleep(seconds)
        shares = []
        for process, was in zip(crowd, before, strict=True):
            spent = cpu_s(process.pid) - was
            shares.append(spent / (time.monotonic() - start))
        return shares


def nice(
    levels: Sequence[int] = (0, 5), seconds: float = 2.0, *, recorded: bool = False
) -> Checked:
    """Let processes of different nice values share one CPU, next to the law.

    Nobody needs a right for that.

    Parameters
    ----------
    levels : sequence of int
        Nice values added to this process's own, 0 (as now) to 19.
    seconds : float
        How long to measure [s].
    recorded : bool
        Whether to give the recorded runs instead; they come also where a process cannot be put on
        one CPU.

    Returns
    -------
    Checked
        A row for each process, shares in cores.

    Raises
    ------
    ImpossibleAmount
        Where fewer than 2 or more than 16 levels are given, one is not 0 to 19, or it would take
        too long.

    References
    ----------
    CPU-01 for the weights; OWN-18 for the recorded runs.

    Examples
    --------
    >>> rows = [row for row in nice(recorded=True).rows if row.case == "nice 0 v 5"]
    >>> [(row.who, round(row.model, 3), round(row.machine, 3)) for row in rows]
    [('nice 0', 0.753, 0.754), ('nice 5', 0.247, 0.246)]
    """
    within("the number of levels", len(levels), 2, 16)
    for level in levels:
        within("a nice level", level, 0, LOWEST_NICE)
    if recorded or not LINUX:
        return _recorded(
            "nice", lambda case: _nice_rows(case["levels"], case["measured"]), asked=recorded
        )
    shares = measure(levels, [None] * len(levels), seconds)
    if not any(shares):
        busy = f"None of them got the CPU within {seconds:g} s: this machine is too busy."
        return Checked((), missing=(busy,))
    return Checked(tuple(_nice_rows(levels, shares, os.nice(0))))


def _nice_rows(levels: Sequence[int], got: Sequence[float], own: int = 0) -> list[Row]:
    """Hold what each nice level got of what all got against the kernel's table of weights."""
    weights = core.cpu.weight_from_nice(np.minimum(np.asarray(levels) + own, LOWEST_NICE))
    law = core.cpu.fair_share(np.ones(len(levels)), weight=weights, capacity_cores=1.0)
    case = "nice " + " v ".join(map(str, levels))
    rows = []
    for level, model, machine in zip(levels, law.tolist(), got, strict=True):
        rows.append(Row(case, f"nice {level}", model, machine / sum(got)))
    return rows


def check_model(seconds: float = 1.0, *, recorded: bool = False) -> Checked:
    """Hold the law of CPU sharing against this machine's own kernel.

    Fourteen cases of control groups on one CPU where such groups may be made, and nice values
    anywhere on Linux. The law is given what all groups together got, as other programs run on that
    CPU too; a quota stays a part of the whole.

    Parameters
    ----------
    seconds : float
        How long to measure each case [s]; about 1 s for 0.5 % on a quiet machine.
    recorded : bool
        Whether to give the recorded cases instead, without measuring.

    Returns
    -------
    Checked
        A row for each group or process, shares in cores.

    Raises
    ------
    ImpossibleAmount
        Where it would take too long.

    References
    ----------
    OWN-26 for the largest error in more cases.

    Examples
    --------
    >>> check_model(recorded=True).worst < 0.016
    True
    """
    if recorded or not LINUX:
        return _recorded(
            "check_model", lambda case: _case_rows(case, case["measured"]), asked=recorded
        )
    done: list[Row] = []
    missing: tuple[str, ...] = ()
    try:
        with own_group("cpu", weight=HEAVY) as top:
            for i, case in enumerate(recording("check_model")["cases"]):
                got = _contend(top.child(f"case-{i}"), case, seconds)
                done += _case_rows(case, got)
    except OSError as no:
        missing = (f"Groups with weights and quotas: {no}",)
    for levels in ((0, 5), (0, 10)):
        done += nice(levels, seconds).rows
    return Checked(tuple(done), missing=missing)


def _recorded(name: str, rows_of: Callable[[Any], list[Row]], *, asked: bool) -> Checked:
    """Give recorded cases; and why, where nobody asked for them."""
    run = recording(name)
    rows = tuple(row for case in run["cases"] for row in rows_of(case))
    missing: tuple[str, ...] = ()
    if not asked:
        missing = ("This needs Linux: elsewhere a process cannot be put on one CPU.",)
    return Checked(rows, recorded=run["recorded"], missing=missing)


def _contend(top: Group, case: Mapping[str, Any], seconds: float) -> list[float]:
    """Build one case as groups, and measure what each leaf gets [cores]."""
    groups = [top]
    for i, above in enumerate(case["parent"][1:], start=1):
        cores = _no_limit_is_infinite(case["limit_cores"][i])
        groups.append(groups[above].child(f"g{i}", weight=case["weight"][i], cores=cores))
    who = [i for i, busy in enumerate(case["busy"]) for _ in range(busy)]
    shares = measure([0] * len(who), [groups[i] for i in who], seconds)
    got = np.bincount(who, shares, len(groups))
    return [float(x) for x in got[core.tree.leaves(case["parent"])]]


def _no_limit_is_infinite(cores: float | None) -> float:
    return math.inf if cores is None else cores


def _case_rows(case: Mapping[str, Any], got: Sequence[float]) -> list[Row]:
    """Ask the law the same, of as much CPU as all groups got together."""
    capacity = 1.0
    if _law(case, capacity)[0] > FULL:
        capacity = min(1.0, sum(got))
    law = _law(case, capacity)
    rows = []
    for i, machine in zip(core.tree.leaves(case["parent"]), got, strict=True):
        rows.append(Row(case["case"], f"g{i}", law[i], machine))
    return rows


def _law(case: Mapping[str, Any], capacity_cores: float) -> list[float]:
    shares = core.cpu.fair_share_tree(
        case["parent"],
        case["busy"],
        weight=case["weight"],
        limit_cores=[_no_limit_is_infinite(cores) for cores in case["limit_cores"]],
        capacity_cores=capacity_cores,
    )
    return [float(x) for x in shares]
