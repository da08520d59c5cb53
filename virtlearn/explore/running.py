"""Explorers of running many: a load followed, moves, power, memory limits, where a copy goes."""

from __future__ import annotations

import math

import numpy as np

from virtlearn import charts, core
from virtlearn.catalog.evidence import evidence
from virtlearn.charts import Chart
from virtlearn.core.check import Floats
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Menu, Slider, doubling, steps
from virtlearn.model import Host, Workload, place
from virtlearn.model.constraints import Constraints
from virtlearn.model.questions.power import server_watts
from virtlearn.model.scheduler import decide

__all__ = ["memory_limits", "migration", "placement", "power", "scaling"]

SYNC_S = evidence("AUTO-02").to("s").number  # how often the autoscaler looks
CALM_CORES = 2
CALM_STEPS, SPIKE_STEPS = 4, 36


@explorer(
    Slider(
        "start_s",
        "a copy starts in",
        "s",
        (0.2, 0.5, 1, 2, 5, 10, 20, 40, 60, 90, 120, 180, 300),
        60,
        "From the decision until the new copy serves",
    ),
    Slider("spike_cores", "load jumps to", "cores", steps(2, 16, 1), 12, "How much work comes"),
    Slider("spare", "spare copies", "", steps(0, 12, 1), 0, "Copies kept ready for a jump"),
    Slider(
        "target_percent",
        "target use",
        "%",
        steps(50, 90, 10),
        50,
        "How busy the autoscaler wants its copies to be",
    ),
)
def scaling(start_s: float, spike_cores: float, spare: int, target_percent: float) -> Chart:
    """Explore what a slow start costs when the load jumps, and what spare copies cost instead.

    Parameters
    ----------
    start_s : float, optional
        Time from the decision until a new copy serves [s].
    spike_cores : float, optional
        The load after the jump [cores].
    spare : int, optional
        How many copies are kept ready for a jump.
    target_percent : float, optional
        How busy the autoscaler wants its copies to be [%].

    Returns
    -------
    Explorer
        The sliders, and the load, the copies ready and wanted, and the work lost, over time [s].

    Examples
    --------
    >>> scaling(start_s=0.2, spare=12).sentence
    'The load jumps to 12 cores. Enough copies are ready at every moment: no work is lost.'
    """
    load = [float(CALM_CORES)] * CALM_STEPS + [float(spike_cores)] * SPIKE_STEPS
    target = round(target_percent)
    needed = math.ceil(100 * CALM_CORES / target)
    followed = core.scaling.follow_load(
        load,
        start_s=start_s,
        copies=needed + spare,
        target_percent=target,
        least=needed + spare,
        sync_s=SYNC_S,
    )
    lost = core.energy.energy_j(followed.unserved_cores, SYNC_S).item()
    time_s = [SYNC_S * i for i in range(len(load))]
    ready = followed.ready.tolist()
    wanted = followed.wanted.tolist()
    return charts.scaling(time_s, load, ready, wanted, lost_core_s=lost, copies=ready, top_cores=40)


MOST_ROUNDS = 8
NETWORKS = {"1 Gbit/s": 1, "10 Gbit/s": 10, "25 Gbit/s": 25}
MIB_S_A_GBIT = 1e9 / 8 / 2**20
STATE_MIB = 16.0
NEW_COPY_S = 2.0


@explorer(
    Slider(
        "dirty_mib_s",
        "the guest writes",
        "MiB/s",
        (0, *doubling(8, 8192, between=1)),
        512,
        "How fast the guest changes its memory",
    ),
    Menu("memory_gib", "memory [GiB]", (2, 8, 32), 8, "What the machine has"),
    Menu("network", "network", tuple(NETWORKS), "10 Gbit/s", "How fast pages are sent"),
    Menu("slow", "slow the guest", ("no", "yes"), "no", "Hold it still part of the time"),
)
def migration(dirty_mib_s: float, memory_gib: int, network: str, slow: str) -> Chart:
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

    Returns
    -------
    Explorer
        The controls, and for each way to move the phases [s] and the memory sent [MiB].

    Examples
    --------
    >>> migration(dirty_mib_s=8192).sentence.split(". ")[1]
    'Pre-copy never ends by itself here: pages get dirty as fast as they are sent'
    """
    memory = memory_gib * 1024.0
    speed = NETWORKS[network] * MIB_S_A_GBIT
    moved = core.migration.precopy(
        memory, dirty_mib_s, speed, max_rounds=MOST_ROUNDS, auto_converge=slow == "yes"
    )
    after = core.migration.postcopy(memory, speed, state_mib=STATE_MIB)
    stopped = core.migration.stop_and_copy(memory, speed).item()
    rounds: list[tuple[str, float]] = []
    for sent, held in zip(moved.rounds_mib[: moved.rounds], moved.throttle, strict=False):
        word = "copied while slowed" if held > 0 else "copied while it runs"
        rounds.append((word, float(sent / speed)))
    ways = {
        "pre-copy": [*rounds, ("dark", moved.downtime_s.item())],
        "post-copy": [
            ("dark", after.downtime_s.item()),
            ("pages follow", (after.total_s - after.downtime_s).item()),
        ],
        "stop and copy": [("dark", stopped)],
        "start anew": [("a new copy starts, the old one runs", NEW_COPY_S)],
    }
    sent_mib = {
        "pre-copy": moved.sent_mib.item(),
        "post-copy": after.sent_mib.item(),
        "stop and copy": memory,
        "start anew": 0.0,
    }
    assumed = f"Pre-copy is stopped after {MOST_ROUNDS} rounds; a new copy starts in "
    assumed += f"{NEW_COPY_S:g} s; the processor's state is {STATE_MIB:g} MiB"
    return charts.migration(
        ways,
        sent_mib=sent_mib,
        ends=bool(moved.converged),
        top_s=max((MOST_ROUNDS + 1) * stopped, NEW_COPY_S) * 1.05,
        assumed=assumed,
    )


FLEET = [Host(cores=16, memory_gib=32, cpu_overcommit=1)] * 10
WATTS = server_watts()
COPY_CORES, COPY_MIB = 0.25, 256
POLICY = {"spread": "worst-fit", "packed": "first-fit"}


@explorer(
    Slider("copies", "copies", "", steps(0, 120, 10), 60, "Each keeps a quarter of a core busy"),
    Slider(
        "guest_mib",
        "guest system",
        "MiB",
        (0, *doubling(32, 2048)),
        0,
        "Memory for an operating system of its own; a container has none",
    ),
    Menu("how", "copies are", tuple(POLICY), "spread", "Hosts that run nothing are switched off"),
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
    each = [0] * len(FLEET)
    if copies:
        app = Workload("app", COPY_CORES, COPY_MIB + guest_mib)
        placed = place([app] * copies, FLEET, policy=POLICY[how]).host_of
        each = np.bincount(placed, minlength=len(FLEET)).tolist()
    idle_w = WATTS[0]
    idle = [idle_w if n or how == "spread" else 0.0 for n in each]
    load = np.array(each) * COPY_CORES / FLEET[0].cores
    drawn = core.energy.power_from_table_w(load, WATTS)
    return charts.power(
        idle,
        (drawn - idle_w).tolist(),
        copies=each,
        top_w=260,
        assumed="Each host draws what one server of 2011 was measured to draw (POW-03)",
    )


GROUPS = ("web", "database", "batch")
CAPACITY_MIB = 2048


@explorer(
    Slider("need_mib", "each program needs", "MiB", steps(100, 800, 50), 600, "Memory in use"),
    Slider("low_mib", "database low", "MiB", steps(0, 800, 50), 700, "What is not taken back"),
    Slider("high_mib", "web high", "MiB", steps(100, 800, 50), 500, "Above it, web is slowed"),
    Slider("max_mib", "batch max", "MiB", steps(100, 800, 50), 500, "Above it, batch is killed"),
    Slider("swap_mib", "swap for each", "MiB", steps(0, 500, 50), 0, "Where pages can go"),
)
def memory_limits(
    need_mib: float, low_mib: float, high_mib: float, max_mib: float, swap_mib: float
) -> Chart:
    """Explore three lines of a control group: low protects, high slows, max kills.

    Parameters
    ----------
    need_mib : float, optional
        Memory that each program has in use [MiB].
    low_mib : float, optional
        The database's ``memory.low``: what is not taken back from it [MiB].
    high_mib : float, optional
        The web server's ``memory.high``: above it, the web server is slowed [MiB].
    max_mib : float, optional
        The batch job's ``memory.max``: above it, the batch job is killed [MiB].
    swap_mib : float, optional
        Swap for each of the three, where pages can go [MiB].

    Returns
    -------
    Explorer
        The sliders, and each program's memory before and after [MiB], and who is slowed or killed.

    Examples
    --------
    >>> memory_limits().sentence.split(". ")[2]
    'Batch: 600 MiB programs and 200 MiB cache before; nothing after, and it is killed'
    """
    programs = np.full(len(GROUPS), float(need_mib))
    cache = np.full(len(GROUPS), 200.0)
    high = np.array([high_mib, np.inf, np.inf])
    hard = np.array([np.inf, np.inf, max_mib])
    low = np.array([0.0, low_mib, 0.0])
    end = core.memory.memory_outcome(
        programs, cache, max_mib=hard, high_mib=high, swap_mib=swap_mib
    )
    kept = end.cache_mib - _taken(end.resident_mib, end.cache_mib, low)
    limits = {
        "low": np.where(low > 0, low, np.inf).tolist(),
        "high": high.tolist(),
        "max": hard.tolist(),
    }
    return charts.memory_limits(
        GROUPS,
        {"programs": programs.tolist(), "cache": cache.tolist(), "swapped": [0.0] * 3},
        {
            "programs": end.resident_mib.tolist(),
            "cache": kept.tolist(),
            "swapped": end.swapped_mib.tolist(),
        },
        limits_mib=limits,
        killed=np.flatnonzero(end.killed).tolist(),
        slowed=np.flatnonzero(end.throttled).tolist(),
        top_mib=1100,
        assumed=f"Cache is taken back evenly until {CAPACITY_MIB:,} MiB suffice, or all of it is",
    )


def _taken(resident: Floats, cache: Floats, low: Floats) -> Floats:
    """Say how much cache the host takes back from each group; what low protects it does not."""
    used = resident + cache
    # The groups stand at the top, where nothing above them takes away from what is set.
    kept = core.memory.effective_protection(used, low, parent_mib=low.sum(), recursive=False)
    # Programs have no place to go, so they are protected first.
    protected = np.clip(kept - resident, 0.0, cache)
    over = max(used.sum() - CAPACITY_MIB, 0.0)
    spare = (cache - protected).sum()
    return core.memory.reclaim(1.0, cache, 0.0, min(over, spare), minimum_mib=protected)


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


@explorer(
    Slider("cpu_cores", "CPU asked for", "cores", steps(0.25, 6, 0.25), 1, "What is reserved"),
    Slider("memory_mib", "memory asked for", "MiB", steps(512, 12288, 512), 2048, "Reserved too"),
    Menu("aim", "the scheduler", tuple(AIMS), "spread", "Prefer empty hosts, or full ones"),
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
    need = [round(1000 * cpu_cores), math.ceil(memory_mib)]
    # What the hosts have is in the arrays; of these only the taints are read.
    plain = [Host(8, 16)] * (len(HOSTS) - 1)
    tainted = Host(8, 16, taints=TAINTS[taint])
    constraints = Constraints([Workload("copy")], [*plain, tainted])
    weights = AIMS[aim]
    made = decide("the copy", need, HOSTS, USED, ROOM, weights, constraints=constraints)
    return charts.decision(made)
