"""Explorers of running many: a machine that moves, power, where a copy goes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from virtlearn import charts, core
from virtlearn.charts import Chart
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Menu, Slider, doubling, steps
from virtlearn.model import Host, Workload, place
from virtlearn.model.constraints import Constraints
from virtlearn.model.decision import Decision
from virtlearn.model.questions.power import server_watts
from virtlearn.model.scheduler import decide

__all__ = ["migration", "placement", "power"]

MOST_ROUNDS = 30
NETWORKS = {"1 Gbit/s": 1, "10 Gbit/s": 10, "25 Gbit/s": 25}
MIB_S_A_GBIT = 1e9 / 8 / 2**20
STATE_MIB = 16.0
NEW_COPY_S = 2.0
# A move without an end is watched for so many times its first round.
ROUNDS_WATCHED = 2.5


def _precopy(values: Mapping[str, Any], *, slow: bool) -> core.migration.Precopy:
    """Send a machine's memory while it runs."""
    return core.migration.precopy(
        values["memory_gib"] * 1024.0,
        values["dirty_mib_s"],
        NETWORKS[values["network"]] * MIB_S_A_GBIT,
        max_rounds=MOST_ROUNDS,
        auto_converge=slow,
    )


def _over_before(values: Mapping[str, Any]) -> str:
    slowed = _precopy(values, slow=True).throttle.any()
    return "" if slowed else "pre-copy is over before the guest would be slowed"


@explorer(
    Slider(
        "dirty_mib_s",
        "the guest writes",
        "MiB/s",
        (0, *doubling(8, 8192, between=1)),
        2048,
        "How fast the guest changes its memory",
    ),
    Menu("memory_gib", "memory [GiB]", (2, 8, 32), 8, "What the machine has"),
    Menu("network", "network", tuple(NETWORKS), "10 Gbit/s", "How fast pages are sent"),
    Menu(
        "slow",
        "slow the guest",
        ("no", "yes"),
        "no",
        "Hold it still part of the time",
        idle=_over_before,
    ),
    Slider("clock", "clock", "%", steps(0, 100, 4), 100, "Watch it move", plays=8),
)
def migration(dirty_mib_s: float, memory_gib: int, network: str, slow: str, clock: float) -> Chart:
    """Explore how a machine that writes faster than it is sent never gets away.

    Parameters
    ----------
    dirty_mib_s : float, optional
        How fast the guest changes its memory [MiB/s].
    memory_gib : int, optional
        What the machine has: 2, 8 or 32 [GiB].
    network : str, optional
        How fast pages are sent: ``"1 Gbit/s"``, ``"10 Gbit/s"`` or ``"25 Gbit/s"``.
    slow : str, optional
        ``"yes"`` holds the guest still part of the time, ``"no"`` lets it run.
    clock : float, optional
        The moment that is shown, as a part of the time that is watched [%].

    Returns
    -------
    Explorer
        The controls, and for each way to move the phases [s] and the memory sent [MiB].

    Examples
    --------
    >>> migration(dirty_mib_s=256).headline
    'Dark for 0.0681 s of 8.73 s'
    >>> migration(dirty_mib_s=8192).headline
    'Pre-copy never ends: no round gets shorter'
    """
    memory = memory_gib * 1024.0
    speed = NETWORKS[network] * MIB_S_A_GBIT
    chosen = {"memory_gib": memory_gib, "dirty_mib_s": dirty_mib_s, "network": network}
    moved = _precopy(chosen, slow=slow == "yes")
    after = core.migration.postcopy(memory, speed, state_mib=STATE_MIB)
    stopped = core.migration.stop_and_copy(memory, speed).item()
    ways = {
        "pre-copy": [*_rounds(moved, speed), ("dark", moved.downtime_s.item())],
        "post-copy": [
            ("dark", after.downtime_s.item()),
            ("pages follow", (after.total_s - after.downtime_s).item()),
        ],
        "stop and copy": [("dark", stopped)],
        "start anew": [("a new copy starts, the old one runs", NEW_COPY_S)],
    }
    unfinished = _why_endless(moved)
    lasts = ROUNDS_WATCHED * stopped if unfinished else moved.total_s.item()
    watched = max(lasts, after.total_s.item(), NEW_COPY_S)
    at_s = None if clock == 100 else clock / 100 * watched
    all_sent = {
        "pre-copy": moved.sent_mib.item(),
        "post-copy": after.sent_mib.item(),
        "stop and copy": memory,
        "start anew": 0.0,
    }
    # In every way the network is busy until all has crossed.
    crossed = speed * (watched if at_s is None else at_s)
    assumed = f"a new copy starts in {NEW_COPY_S:g} s; the processor's state is {STATE_MIB:g} MiB"
    return charts.migration(
        ways,
        sent_mib={way: min(whole, crossed) for way, whole in all_sent.items()},
        unfinished=unfinished,
        watched_s=watched,
        clock_s=at_s,
        assumed=assumed,
    )


def _rounds(moved: core.migration.Precopy, speed: float) -> list[tuple[str, float]]:
    """Say how long each round takes that is sent while the machine runs."""
    rounds: list[tuple[str, float]] = []
    for sent, held in zip(moved.rounds_mib[: moved.rounds], moved.throttle, strict=False):
        word = "copied while slowed" if held > 0 else "copied while it runs"
        rounds.append((word, float(sent / speed)))
    return rounds


def _why_endless(moved: core.migration.Precopy) -> dict[str, str]:
    """Tell a move that can never end from one that was only given up."""
    if moved.converged:
        return {}
    last, rest = moved.rounds_mib[moved.rounds - 1], moved.rounds_mib[moved.rounds]
    if rest >= last:
        return {"pre-copy": "never ends: no round gets shorter"}
    return {"pre-copy": f"is given up after {MOST_ROUNDS} rounds"}


FLEET = [Host(cores=16, memory_gib=32, cpu_overcommit=1)] * 10
WATTS = server_watts()
COPY_CORES, COPY_MIB = 0.25, 256
# For each host: its copies, what it draws for being on, and for its load [W].
Drawn = tuple[list[int], list[float], list[float]]
POLICY = {"spread": "worst-fit", "packed": "first-fit"}


@explorer(
    Slider("copies", "copies", "", steps(0, 120, 10), 60, "Each keeps a quarter of a core busy"),
    Slider(
        "guest_mib",
        "guest system",
        "MiB",
        (0, *doubling(64, 2048, between=3)),
        0,
        "Memory for an operating system of its own; a container has none",
        idle=lambda v: "" if v["copies"] else "no copy runs",
    ),
    Menu("how", "copies are", tuple(POLICY), "packed", "Hosts that run nothing are switched off"),
)
def power(copies: int, guest_mib: float, how: str) -> Chart:
    """Explore why packing saves power, and why large guests stand in its way.

    Parameters
    ----------
    copies : int, optional
        How many copies run; each keeps a quarter of a core busy.
    guest_mib : float, optional
        Memory of each copy's own operating system; a container has none [MiB].
    how : str, optional
        ``"spread"`` over all hosts, or ``"packed"``: hosts that run nothing are switched off.

    Returns
    -------
    Explorer
        The controls, and the power that each host draws, idle and for its load [W].

    Examples
    --------
    >>> power(copies=60, how="packed").sentence.split(",")[0]
    '10 hosts draw 211 W'
    """
    ways = {way: _drawn(copies, guest_mib, way) for way in POLICY}
    each, idle, load = ways.pop(how)
    others = {}
    for way, (_, idle_w, load_w) in ways.items():
        others[way] = sum(idle_w) + sum(load_w)
    room = f"each has {FLEET[0].memory_gib:g} GiB"
    return charts.power(
        idle,
        load,
        copies=each,
        other_w=others,
        remark=f"{room}, and each copy takes {COPY_MIB + guest_mib:,.0f} MiB",
        assumed="Each host draws what one server of 2011 was measured to draw (POW-03)",
    )


def _drawn(copies: int, guest_mib: float, how: str) -> Drawn:
    """Place copies, and say for each host how many it runs, and what it draws idle and for them."""
    each = [0] * len(FLEET)
    if copies:
        app = Workload("app", COPY_CORES, COPY_MIB + guest_mib)
        placed = place([app] * copies, FLEET, policy=POLICY[how]).host_of
        each = np.bincount(placed, minlength=len(FLEET)).tolist()
    idle_w = WATTS[0]
    idle = [idle_w if n or how == "spread" else 0.0 for n in each]
    load = np.array(each) * COPY_CORES / FLEET[0].cores
    drawn = core.energy.power_from_table_w(load, WATTS)
    return each, idle, (drawn - idle_w).tolist()


HOSTS = ("host A", "host B", "host C", "host D")
ROOM = [[4000, 16384], [4000, 16384], [8000, 16384], [4000, 8192]]
USED = [[3000, 4096], [1000, 12288], [4000, 8192], [0, 0]]
AIMS = {
    "spread": {"taints": 3, "least allocated": 1, "balanced allocation": 1},
    "pack": {"taints": 3, "most allocated": 1, "balanced allocation": 1},
}
TAINTS = {
    "none": (),
    "keeps copies out": ("old:NoSchedule",),
    "asks to avoid it": ("old:PreferNoSchedule",),
}


def _decided(cpu_cores: float, memory_mib: float, aim: str, taint: str) -> Decision:
    need = [round(1000 * cpu_cores), math.ceil(memory_mib)]
    # What the hosts have is in the arrays; of these only the taints are read.
    plain = [Host(8, 16)] * (len(HOSTS) - 1)
    tainted = Host(8, 16, taints=TAINTS[taint])
    constraints = Constraints([Workload("copy")], [*plain, tainted])
    return decide("the copy", need, HOSTS, USED, ROOM, AIMS[aim], constraints=constraints)


def _nobody_scores(values: Mapping[str, Any]) -> str:
    return "" if _decided(**values).allowed.any() else "no host passes, so none gets points"


@explorer(
    Slider("cpu_cores", "CPU asked for", "cores", steps(0.25, 6, 0.25), 1, "What is reserved"),
    Slider("memory_mib", "memory asked for", "MiB", steps(512, 12288, 512), 2048, "Reserved too"),
    Menu(
        "aim",
        "the scheduler",
        tuple(AIMS),
        "spread",
        "Prefer empty hosts, or full ones",
        idle=_nobody_scores,
    ),
    Menu("taint", "taint of host D", tuple(TAINTS), "none", "The copy tolerates no taint"),
)
def placement(cpu_cores: float, memory_mib: float, aim: str, taint: str) -> Chart:
    """Explore where the next copy goes: which hosts are out, what the others score, who wins.

    Parameters
    ----------
    cpu_cores : float, optional
        CPU that the copy asks for [cores].
    memory_mib : float, optional
        Memory that the copy asks for [MiB].
    aim : str, optional
        ``"spread"`` prefers empty hosts, ``"pack"`` full ones.
    taint : str, optional
        Of host D: ``"none"``, ``"keeps copies out"`` or ``"asks to avoid it"``.

    Returns
    -------
    Explorer
        The controls, and how full each host is, what it scores or why it is out, and who wins.

    Examples
    --------
    >>> placement().sentence.split(" wins")[0], placement(aim="pack").sentence.split(" wins")[0]
    ('Host D', 'Host B')
    >>> placement(taint="keeps copies out").sentence.split(" wins")[0]
    'Host C'
    """
    return charts.decision(_decided(cpu_cores, memory_mib, aim, taint))
