"""Explorers of who gets the CPU: shares, throttling, a day of tenants, jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from virtlearn import charts
from virtlearn.charts import Chart
from virtlearn.core import cpu, demand, lanes
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Slider, steps

__all__ = ["jobs", "shares", "tenants", "throttling"]


_MOST_WORK_S = 0.2  # of the burst under a limit


def _passed(tip: str) -> Slider:
    """Move through the time that something takes, from its begin to its end."""
    return Slider("passed", "time passed", "%", steps(0, 100, 4), 100, tip, plays=6)


# Limits down to a tenth of a core, as `docker run --cpus=0.1` gives.
_LIMITS = (0.1, 0.2, 0.3, 0.4, *steps(0.5, 8, 0.5))


def _all_is_served(values: Mapping[str, Any]) -> str:
    asked = values["red_cores"] + values["blue_cores"] + values["noisy_cores"]
    if asked <= values["capacity_cores"]:
        return "nobody competes: all that is asked for is there"
    return ""


def _no_red(values: Mapping[str, Any]) -> str:
    return "" if values["red_cores"] else "Red asks for nothing"


@explorer(
    Slider(
        "red_cores",
        "Red asks",
        "cores",
        steps(0.0, 8, 0.25),
        2.0,
        "Cores that Red would use if it had them",
    ),
    Slider(
        "red_weight",
        "Red's weight",
        "",
        (10, 25, 50, 100, 200, 400, 800),
        100,
        "The others weigh 100 each",
        idle=lambda values: _no_red(values) or _all_is_served(values),
    ),
    Slider(
        "noisy_limit_cores",
        "the noisy one's limit",
        "cores",
        _LIMITS,
        8.0,
        "It never gets more",
    ),
    Slider(
        "red_reserved_cores",
        "promised to Red",
        "cores",
        steps(0.0, 2, 0.25),
        0.0,
        "Kept for Red when it asks",
        idle=_no_red,
    ),
    Slider(
        "noisy_cores",
        "the noisy one asks",
        "cores",
        steps(0.0, 8, 0.5),
        8.0,
        "Cores the neighbour would use",
    ),
    Slider(
        "blue_cores", "Blue asks", "cores", steps(0.0, 8, 0.25), 1.0, "Cores that Blue would use"
    ),
    Slider(
        "capacity_cores",
        "there are",
        "cores",
        steps(2, 16, 1),
        4,
        "Cores that the host has to share",
    ),
)
def shares(capacity_cores: float, **v: float) -> Chart:
    """Explore who gets the CPU: Red, Blue or a noisy neighbour, by weight, limit and promise.

    Parameters
    ----------
    red_cores, noisy_cores : float, optional
        What Red and the noisy neighbour ask for [cores].
    red_weight : float, optional
        Red's weight; the others weigh 100 each.
    noisy_limit_cores : float, optional
        The most that the noisy neighbour gets [cores].
    capacity_cores : float, optional
        What the host has to share [cores].
    blue_cores : float, optional
        What Blue asks for [cores].
    red_reserved_cores : float, optional
        What is kept for Red when it asks [cores].

    Returns
    -------
    Explorer
        The sliders, and the cores that each gets of those it asks for [cores].

    Examples
    --------
    >>> said = shares(red_cores=1, blue_cores=1, noisy_cores=8, capacity_cores=3).sentence
    >>> said.split("; ")[0]
    'Of 3 cores, Red gets 1 of 1 asked, Blue gets 1 of 1 asked and noisy gets 1 of 8 asked'
    >>> said.split("; ")[1]
    '0 cores stay idle.'
    """
    asked = [v["red_cores"], v["blue_cores"], v["noisy_cores"]]
    rules: dict[str, Any] = {
        "capacity_cores": capacity_cores,
        "weight": [v["red_weight"], 100, 100],
        "limit_cores": [np.inf, np.inf, v["noisy_limit_cores"]],
        "reservation_cores": [v["red_reserved_cores"], 0, 0],
    }
    got: Any = cpu.fair_share(asked, **rules)
    return charts.shares(["Red", "Blue", "noisy"], asked, got, **rules)


@explorer(
    Slider(
        "work_ms",
        "the burst needs",
        "ms",
        steps(10, 200, 10),
        110,
        "CPU time that the whole burst needs",
    ),
    Slider(
        "threads", "threads", "", steps(1, 8, 1), 4, "How many cores it uses at once while it may"
    ),
    Slider(
        "limit_cores", "limit", "cores", steps(0.5, 4, 0.25), 1.0, "CPU time a period, as cores"
    ),
    Slider(
        "period_ms", "period", "ms", (10, 20, 50, 100), 100, "How often the allowance is refilled"
    ),
    _passed("Part of the time that the burst takes"),
)
def throttling(
    work_ms: float, threads: int, limit_cores: float, period_ms: float, passed: float
) -> Chart:
    """Explore a burst of work under a CPU limit: it spends its allowance, waits, and goes on.

    Parameters
    ----------
    work_ms : float, optional
        CPU time that the whole burst needs [ms].
    threads : int, optional
        How many cores it uses at once while it may.
    limit_cores : float, optional
        The CPU limit [cores].
    period_ms : float, optional
        How often the allowance is refilled [ms].
    passed : float, optional
        How much of the time that the burst takes has passed [%].

    Returns
    -------
    Explorer
        The sliders, and when the threads run and wait, with the time until all is done [ms].

    Examples
    --------
    >>> throttling(work_ms=110, threads=4, limit_cores=1).sentence
    '110 ms of CPU time take 102.5 ms with a limit of 1 core and 27.5 ms with no limit.'
    """
    work = work_ms / 1000
    rules: dict[str, Any] = {
        "threads": threads,
        "quota_cores": limit_cores,
        "period_s": period_ms / 1000,
    }
    runs: Any = lanes.burst_runs_s(work, **rules)
    unlimited = {**rules, "quota_cores": np.inf}
    return charts.throttling(
        work,
        runs.tolist(),
        threads=threads,
        tank_s=lanes.allowance_left_s(work, **rules),
        free_s=float(cpu.burst_latency_s(work, **unlimited)),
        limit=f"a limit of {limit_cores:g} {'core' if limit_cores == 1 else 'cores'}",
        period_s=period_ms / 1000,
        now_s=float(runs[-1, 1]) * passed / 100,
        curve_s=_curve(rules),
    )


def _curve(rules: dict[str, Any]) -> Any:
    """Say how long bursts up to 200 ms take; the line has a corner where an allowance is spent."""
    allowance = min(rules["quota_cores"], rules["threads"]) * rules["period_s"]
    spent = np.arange(1, int(_MOST_WORK_S / allowance) + 1) * allowance
    # Just behind a corner a whole wait is added.
    behind = np.minimum(spent + 1e-5, _MOST_WORK_S)
    sizes: Any = np.unique(np.concatenate([[0.0, _MOST_WORK_S], spent, behind]))
    return sizes.tolist(), cpu.burst_latency_s(sizes, **rules).tolist()


_TENANTS = 8


@explorer(
    Slider(
        "capacity_cores",
        "there are",
        "cores",
        steps(8, 40, 2),
        16,
        "Cores for all eight tenants together",
    ),
    Slider(
        "peak_cores",
        "each tenant's peak",
        "cores",
        steps(1.0, 6, 0.5),
        5.0,
        "Cores at its busiest hour",
    ),
    Slider(
        "apart_h",
        "peaks lie apart",
        "h",
        steps(0.0, 3, 0.25),
        1.5,
        "Hours from one tenant's peak to the next",
    ),
    Slider("hour", "hour of the day", "h", steps(0, 23, 1), 23, "The day up to this hour", plays=6),
)
def tenants(capacity_cores: float, peak_cores: float, apart_h: float, hour: int) -> Chart:
    """Explore a day of eight tenants: cores pooled for all, or an eighth for each.

    Parameters
    ----------
    capacity_cores : float, optional
        What all eight tenants have together [cores].
    peak_cores : float, optional
        What each tenant asks for at its busiest hour [cores].
    apart_h : float, optional
        Time from one tenant's peak to the next [h].
    hour : int, optional
        Until when the day is shown [h].

    Returns
    -------
    Explorer
        The sliders, and what each tenant is served and refused in each hour of a day [cores].

    Examples
    --------
    >>> tenants(apart_h=0).values["capacity_cores"]
    16
    """
    hours: Any = np.arange(24.0)
    asked = demand.day_of_tenants(hours, _TENANTS, peak_cores=peak_cores, apart_h=apart_h)
    limits = {"pooled": np.inf, "partitioned": capacity_cores / _TENANTS}
    served: dict[str, Any] = {}
    for title, limit in limits.items():
        got = cpu.fair_share(asked, capacity_cores=capacity_cores, limit_cores=limit)
        served[title] = got.T.tolist()
    return charts.tenants(
        hours,
        asked.T.tolist(),
        served,
        capacity_cores=capacity_cores,
        now_h=hour,
        assumed="the tenants' day, one bell-shaped peak each",
    )


_DISCIPLINES = {"in turns": "time-shared", "in order": "space-shared"}


@explorer(
    Slider("long_s", "the long job", "s", steps(1, 20, 1), 10, "CPU time it needs; it comes first"),
    Slider(
        "short_s",
        "each short job",
        "s",
        steps(0.5, 5, 0.5),
        1.0,
        "CPU time each of the three needs",
    ),
    Slider(
        "every_s",
        "one comes every",
        "s",
        steps(0.0, 5, 0.5),
        1.0,
        "Time from one arrival to the next",
    ),
    Slider("cores", "cores", "", steps(1, 4, 1), 1, "Cores there are; a job uses one at a time"),
    _passed("Part of the time until the last job is done"),
)
def jobs(long_s: float, short_s: float, every_s: float, cores: int, passed: float) -> Chart:
    """Explore one long job and three short ones: sharing the cores, or one after the other.

    Parameters
    ----------
    long_s : float, optional
        CPU time of the long job, which comes first [s].
    short_s : float, optional
        CPU time of each of the three short jobs [s].
    every_s : float, optional
        Time from one arrival to the next [s].
    cores : int, optional
        How many there are; a job uses one at a time.
    passed : float, optional
        How much of the time until the last job is done has passed [%].

    Returns
    -------
    Explorer
        The sliders, and when each job begins and ends under both disciplines [s].

    Examples
    --------
    >>> jobs(long_s=10, short_s=1, every_s=0, cores=1).table()[2]
    ('short 1', '0 s', '4 s', '11 s')
    """
    work = [long_s, *[short_s] * 3]
    come: Any = every_s * np.arange(4)
    ends: dict[str, Any] = {}
    paces: dict[str, Any] = {}
    took: dict[str, Any] = {}
    for title, discipline in _DISCIPLINES.items():
        rules: dict[str, Any] = {"arrival_s": come, "capacity_cores": cores}
        done = cpu.finish_times(work, discipline=discipline, **rules)
        ends[title] = done.tolist()
        paces[title] = lanes.job_speeds(work, discipline=discipline, **rules)
        stays = done - come
        short = float(stays[1:].mean())
        took[title] = {"short": short, "long": float(stays[0])}
    return charts.jobs(
        ["long", "short 1", "short 2", "short 3"],
        come,
        ends,
        paces,
        took_s=took,
        now_s=max(map(max, ends.values())) * passed / 100,
    )
