"""Explorers of memory and disk: who gives memory back or dies, and what is stored once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from virtlearn import charts, core
from virtlearn.charts import Chart
from virtlearn.core import memory, storage
from virtlearn.core.check import Floats
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Menu, Slider, steps

__all__ = ["images", "memory_limits", "memory_pressure"]


CLIENTS = ("idle", "busy", "growing")
OTHERS_MIB = 400.0  # what the idle and the busy client hold


def _is_short(v: Mapping[str, Any]) -> bool:
    """Say whether the three ask for more than the host has."""
    asks = float(v["grows_mib"])
    if v["way"] == "take back":
        asks = min(asks, float(v["limit_mib"]))
    return 2 * OTHERS_MIB + asks > v["capacity_mib"]


def _no_use(v: Mapping[str, Any]) -> str:
    return "the kernel does not ask what is in use before it kills" if v["way"] == "kill" else ""


def _no_tax(v: Mapping[str, Any]) -> str:
    if v["way"] == "kill":
        return _no_use(v)
    if not _is_short(v):
        return "nobody has to give"
    return "no page is idle" if v["active"] == 1 else ""


def _no_adj(v: Mapping[str, Any]) -> str:
    if v["way"] == "take back":
        return "nobody is killed where memory is taken back"
    return ""


@explorer(
    Slider(
        "grows_mib",
        "the growing one wants",
        "MiB",
        steps(64, 1024, 64),
        384,
        "What the growing client asks for",
    ),
    Slider(
        "limit_mib",
        "the growing one's limit",
        "MiB",
        steps(64, 1024, 64),
        1024,
        "More than this it may not hold",
    ),
    Slider(
        "active",
        "the idle one touches",
        "",
        steps(0.0, 1, 0.1),
        0.1,
        "Part of its pages the idle client uses",
        idle=_no_use,
    ),
    Slider(
        "adj",
        "the idle one's adj",
        "",
        steps(-1000, 1000, 100),
        0,
        "oom_score_adj of the idle one; -1000: never",
        idle=_no_adj,
    ),
    Menu("way", "when it is short", ("take back", "kill"), "take back", "What the host does then"),
    Slider(
        "tax",
        "idle tax",
        "",
        steps(0.0, 0.95, 0.05),
        0.75,
        "How much dearer an idle page counts",
        idle=_no_tax,
    ),
    Slider(
        "capacity_mib",
        "the host has",
        "MiB",
        steps(768, 2048, 128),
        1024,
        "Memory for all three together",
    ),
)
def memory_pressure(
    way: str, grows_mib: float, limit_mib: float, capacity_mib: float, **v: float
) -> Chart:
    """Explore who gives memory back, or dies, when a third client grows.

    Parameters
    ----------
    grows_mib : float, optional
        What the growing client asks for [MiB].
    limit_mib : float, optional
        The most that the growing client may hold [MiB].
    way : str, optional
        ``"take back"`` as a hypervisor does, or ``"kill"`` as the kernel does.
    active : float, optional
        The part of its pages that the idle client touches, 0 to 1.
    tax : float, optional
        How much dearer an idle page counts, 0 to 0.95.
    adj : int, optional
        ``oom_score_adj`` of the idle client, -1000 to 1000; it is never killed at -1000.
    capacity_mib : float, optional
        What the host has for all three [MiB].

    Returns
    -------
    Explorer
        The controls, and the memory that each client keeps or gives back [MiB].

    Examples
    --------
    >>> memory_pressure(grows_mib=600, way="kill").headline
    '1,400 of 1,024 MiB: growing is killed'
    """
    held: Any = np.array([OTHERS_MIB, OTHERS_MIB, grows_mib])
    limits = [np.inf, np.inf, limit_mib]
    adj = int(v["adj"])
    if way == "kill":
        killed = memory.oom_kill_order(held, limits, [adj, 0, 0], capacity_mib).tolist()
        return charts.memory_tank(
            CLIENTS,
            {"held": held},
            limit_mib=limits,
            capacity_mib=capacity_mib,
            killed=killed,
            remarks=[f"adj {adj}" if adj else ""],
        )
    # A machine's memory is its limit: its own system makes do inside.
    within = np.minimum(held, limits)
    short = max(0.0, float(within.sum() - capacity_mib))
    touched = np.array([v["active"], 1, 1])
    given = memory.reclaim([1, 1, 1], within, touched, short, tax=v["tax"])
    used = f"in use: {v['active']:.0%}"
    return charts.memory_tank(
        CLIENTS,
        {
            "kept": (within - given).tolist(),
            "taken back": given.tolist(),
            "refused": (held - within).tolist(),
        },
        limit_mib=limits,
        capacity_mib=capacity_mib,
        in_use_mib=(within * touched).tolist(),
        remarks=[f"{used}, idle tax {v['tax']:.0%}" if short else used, "", ""],
    )


GROUPS = ("web", "database", "batch")
CAPACITY_MIB = 2048


def _no_swap(v: Mapping[str, Any]) -> str:
    if v["need_mib"] <= min(v["high_mib"], v["max_mib"]):
        return "no program is over its line"
    return ""


@explorer(
    Slider("need_mib", "each program needs", "MiB", steps(100, 800, 50), 600, "Memory in use"),
    Slider("low_mib", "database low", "MiB", steps(0, 800, 50), 700, "What is not taken back"),
    Slider("high_mib", "web high", "MiB", steps(100, 800, 50), 500, "Above it, web is slowed"),
    Slider("max_mib", "batch max", "MiB", steps(100, 800, 50), 500, "Above it, batch is killed"),
    Slider(
        "swap_mib",
        "swap for each",
        "MiB",
        steps(0, 500, 50),
        0,
        "Where pages can go",
        idle=_no_swap,
    ),
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
        remark=f"each may swap {swap_mib:,.0f} MiB",
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


@explorer(
    Slider(
        "services",
        "services",
        "",
        steps(1, 20, 1),
        10,
        "Each has an image of its own on the same base",
    ),
    Slider(
        "base_mib", "shared base", "MiB", steps(50, 1000, 50), 500, "What all images begin with"
    ),
    Slider(
        "own_mib", "each one's own", "MiB", steps(0, 200, 10), 60, "What a service adds to the base"
    ),
    Slider(
        "changed",
        "a clone changes",
        "",
        steps(0.0, 1, 0.05),
        0.2,
        "Part of the base that each clone rewrites",
    ),
)
def images(services: int, base_mib: float, own_mib: float, changed: float) -> Chart:
    """Explore what is stored: layers that images share, full copies, or clones.

    A clone keeps only what it changes.

    Parameters
    ----------
    services : int, optional
        How many there are; each has an image of its own.
    base_mib : float, optional
        What all images begin with [MiB].
    own_mib : float, optional
        What each service adds to the base [MiB].
    changed : float, optional
        The part of the base that each clone rewrites, 0 to 1.

    Returns
    -------
    Explorer
        The sliders, and what is stored in three ways [MiB].

    Examples
    --------
    >>> images(services=3, base_mib=50, own_mib=20, changed=0).sentence
    'Layers stored once: 110 MiB; full copies: 210 MiB; clones: 110 MiB.'
    """
    # Rows are services, columns are layers: all have the base, and each has one of its own.
    base = np.ones((services, 1))
    own = np.eye(services)
    added = float(storage.stored_mib(own, [own_mib] * services))
    once = float(storage.stored_mib(base, [base_mib]))
    full = float(storage.full_copies_mib(base, [base_mib]))
    clones = float(storage.clones_mib(base_mib, changed, services))
    ways = {
        "layers stored once": {"base": once, "own": added, "changed": 0.0},
        "full copies": {"base": full, "own": added, "changed": 0.0},
        "clones": {"base": once, "own": added, "changed": clones - once},
    }
    each = {"own": services, "changed": services}
    sheets = {way: {"base": 1, **each} for way in ways}
    sheets["full copies"]["base"] = services
    return charts.images(ways, sheets=sheets)
