"""What an explorer says is what a slower and plainer calculation says, at many positions."""

import random

import numpy as np
import pytest

from virtlearn import deploy, explore, units
from virtlearn.catalog.platforms import platform
from virtlearn.model import Host, Workload

from .test_explorers import positions

PLACES = 40


def visits(name, **fixed):
    """An explorer at many random positions, the same ones in every run."""
    explorer, rng = getattr(explore, name)(), random.Random(f"{name} in words")
    for _ in range(PLACES):
        explorer.values = {**positions(explorer, rng.choice), **fixed}
        yield explorer, explorer.values


def poured(asked, weight, limit, kept, capacity):
    """Cores for everyone, poured in small drops to the one who has least for its weight."""
    cap = np.minimum(asked, limit)
    got = np.minimum(kept, cap)
    drop = capacity / 4_000
    left = min(capacity, cap.sum()) - got.sum()
    while left > drop:
        open_to = np.flatnonzero(got < cap - 1e-12)
        who = open_to[np.argmin(got[open_to] / weight[open_to])]
        more = min(drop, cap[who] - got[who])
        got[who] += more
        left -= more
    return got


def test_shares_are_poured_to_who_has_least_for_its_weight():
    for explorer, v in visits("shares"):
        asked = np.array([v["red_cores"], v["blue_cores"], v["noisy_cores"]])
        limit = np.array([np.inf, np.inf, v["noisy_limit_cores"]])
        weight, kept = (
            np.array([v["red_weight"], 100, 100]),
            np.array([v["red_reserved_cores"], 0.0, 0.0]),
        )
        got = poured(asked, weight, limit, kept, float(v["capacity_cores"]))
        shown = [float(row[2]) for row in explorer.table()[1:]]
        assert shown == pytest.approx(got, abs=0.01)
        assert (
            f"Red gets {explorer.table()[1][2]} of {units.plain(asked[0])} asked"
            in explorer.sentence
        )


def test_a_burst_ends_when_its_periods_are_counted():
    for explorer, v in visits("throttling"):
        left, now, period = v["work_ms"], 0.0, v["period_ms"]
        allowance = v["limit_cores"] * period
        while True:
            spend = min(left, allowance, v["threads"] * period)
            left -= spend
            if left <= 1e-9:
                now += spend / v["threads"]
                break
            now += period
        cores = f"{v['limit_cores']:g} {'core' if v['limit_cores'] == 1 else 'cores'}"
        assert f"take {units.plain(now, 4)} ms with a limit of {cores}" in explorer.sentence
        free = v["work_ms"] / v["threads"]
        assert explorer.sentence.endswith(f"and {units.plain(free, 4)} ms with no limit.")


def test_a_start_is_the_start_of_the_model_and_your_program():
    for explorer, v in visits("start_phases", clock_s=21):
        for on in ("containers", v["second"], v["third"]):
            one = deploy(Workload("app", 0.1, 128), copies=1, host=Host(16, 64), on=on)
            said = f"{units.plain(one.start_s + v['program_s'])} s ({platform(on).title}"
            assert said in explorer.sentence, (said, explorer.sentence)


def test_memory_is_taken_back_mebibyte_by_mebibyte_from_the_lowest_ratio():
    for explorer, v in visits("memory_pressure", way="take back"):
        held = np.array([400.0, 400.0, min(v["grows_mib"], v["limit_mib"])])
        active, dear = np.array([v["active"], 1, 1]), 1 / (1 - v["tax"])
        worth = active + dear * (1 - active)
        begun, drop = held.copy(), 0.25
        for _ in range(round(max(0.0, held.sum() - v["capacity_mib"]) / drop)):
            with np.errstate(divide="ignore"):
                held[np.argmin(1 / (held * worth))] -= drop
        given = [megabytes(row[2]) for row in explorer.table()[1:]]
        assert given == pytest.approx(begun - held, abs=2.5)  # three digits of a number below 1,024


def test_who_dies_is_over_its_limit_or_the_largest_with_its_adj():
    for explorer, v in visits("memory_pressure", way="kill"):
        names, held = (
            ["idle", "busy", "growing"],
            {"idle": 400.0, "busy": 400.0, "growing": float(v["grows_mib"])},
        )
        adj, dead = {"idle": v["adj"], "busy": 0, "growing": 0}, []
        if held["growing"] > v["limit_mib"]:
            dead.append("growing")
        while sum(held[n] for n in names if n not in dead) > v["capacity_mib"]:
            alive = [n for n in names if n not in dead and adj[n] != -1000]
            dead.append(max(alive, key=lambda n: 1000 * held[n] / v["capacity_mib"] + adj[n]))
        said = explorer.sentence.split(". ")[-1].lower()
        assert said == (
            f"{' and then '.join(dead)} {'is' if len(dead) == 1 else 'are'} killed."
            if dead
            else "nobody dies."
        )


def megabytes(text):
    amount, unit = text.split()
    return float(amount.replace(",", "")) * {"MiB": 1, "GiB": 1024}[unit]
