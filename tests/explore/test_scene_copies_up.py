"""Servers and a service as strips of light: every mark and number against what was played."""

import itertools
import math
import random

import numpy as np
import pytest

from virtlearn import explore
from virtlearn.core import failure
from virtlearn.explore.failing import _SEED, _SHEETS

from .test_explorers import positions


def law(v, servers):
    """Dark minutes a month, from coins thrown one by one."""
    dark = v["mttr_h"] / (v["mtbf_h"] + v["mttr_h"])
    beta = 0 if v["servers"] == 1 else v["beta"]
    alone = 1 - (1 - beta) * dark
    few = sum(
        math.comb(servers, k) * alone**k * (1 - alone) ** (servers - k) for k in range(v["need"])
    )
    return 730 * 60 * (beta * dark + (1 - beta * dark) * few)


def played(v):
    """When each server is dark, and the service: minutes from one hour to the next change."""
    beta = 0 if v["servers"] == 1 else v["beta"]
    dark = v["mttr_h"] / (v["mtbf_h"] + v["mttr_h"])
    strips, strip_h = _SHEETS[v["span"]]
    histories = []
    for i, down in enumerate([beta * dark, *[(1 - beta) * dark] * v["servers"]]):
        mean = math.inf if down == 0 else v["mttr_h"] * (1 - down) / down
        rng = np.random.default_rng([_SEED, i])
        edges = failure.play_outages(mean, v["mttr_h"], hours=strips * strip_h, rng=rng)
        histories.append(np.transpose(edges))
    now = strips * strip_h * v["moment"] / 30
    common, *each = [np.minimum(h[h[:, 0] < now], now) for h in histories]
    moments = np.unique(np.concatenate([[0, now], *map(np.ravel, [common, *each])]))
    middle, length = (moments[1:] + moments[:-1]) / 2, np.diff(moments)
    struck = _within(common, middle)
    down = np.array([struck | _within(h, middle) for h in each])
    service = v["servers"] - down.sum(axis=0) < v["need"]
    return [float(60 * length[which].sum()) for which in [*down, service]], len(common)


def _within(spells, middle):
    inside = [(begin < middle) & (middle < end) for begin, end in spells]
    return np.any(inside, axis=0) if inside else np.zeros(middle.size, bool)


def check(explorer):
    v, chart = explorer.values, explorer.figure()
    minutes, causes = played(v)
    facts = chart.facts
    assert facts["played_service_min"] == pytest.approx(minutes[-1], abs=1e-6)
    assert facts["played_server_min"] == pytest.approx(np.mean(minutes[:-1]), abs=1e-6)
    assert facts["common_causes"] == causes
    assert facts["service_dark_min"] == pytest.approx(law(v, v["servers"]), rel=1e-6, abs=1e-12)
    assert 1 - facts["another_server_saves"] == pytest.approx(
        law(v, v["servers"] + 1) / law(v, v["servers"]), rel=1e-5
    )
    shown = [float(row[1].replace(",", "")) for row in chart.table()[1:]]
    assert shown == pytest.approx(minutes, rel=5e-3, abs=1e-3)
    traces = {trace["name"]: trace for trace in chart.to_spec()["data"]}
    strips, strip_h = _SHEETS[v["span"]]
    light = sum(traces["up"]["x"]) / (v["servers"] + 1)
    assert light == pytest.approx(strips * strip_h * v["moment"] / 30, abs=0.01 * strips)
    assert traces["common cause"]["x"].count(None) == causes
    dark = 60 * sum(traces["dark"]["x"])
    least = strip_h / 250
    extra = sum(x <= least + 0.006 for x in traces["dark"]["x"]) * 60 * least
    assert (
        sum(minutes) - 1 - 0.3 * len(traces["dark"]["x"]) <= dark <= sum(minutes) * 1.01 + extra + 1
    )
    assert max(traces["dark"]["x"], default=0) <= strip_h + 0.006


@pytest.mark.parametrize("places", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_marks_counters_and_averages_are_those_of_the_history(places):
    explorer, rng = explore.copies_up(), random.Random(places)
    for _ in range(places):
        explorer.values = positions(explorer, rng.choice)
        check(explorer)


@pytest.mark.parametrize("moments", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_so_it_is_at_any_moment_of_twenty_years(moments):
    explorer, rng = explore.copies_up(span="twenty years", beta=0.05, servers=3), random.Random(3)
    for _ in range(moments):
        explorer.values = {"moment": rng.randrange(31)}
        check(explorer)


@pytest.mark.parametrize("span", list(_SHEETS))
def test_later_never_shows_less(span):
    explorer = explore.copies_up(span=span, beta=0.1, need=2, mttr_h=24)
    frames = [explorer.at({"moment": moment}) for moment in range(31)]
    for before, after in itertools.pairwise(frames):
        for fact in ("played_server_min", "played_service_min", "common_causes"):
            assert before.facts[fact] <= after.facts[fact]
        for i in range(2):  # up, dark
            assert len(before.data[i].x) <= len(after.data[i].x)
        assert before.layout.yaxis.range == after.layout.yaxis.range


def test_another_server_changes_nothing_in_what_the_others_do():
    two, three = (explore.copies_up(servers=n, span="year").table() for n in (2, 3))
    assert two[1:3] == three[1:3]


def test_the_third_server_does_not_remove_the_line_of_the_common_cause():
    two, three = (
        explore.copies_up(servers=n, beta=0.01, span="twenty years").figure() for n in (2, 3)
    )
    assert two.facts["common_causes"] == three.facts["common_causes"] == 2
    assert three.facts["played_service_min"] < two.facts["played_service_min"]
    assert three.facts["common_share"] > 0.99


def test_one_server_shares_nothing():
    explorer = explore.copies_up(servers=1, beta=0.5)
    assert set(explorer.idle(explorer.values)) == {"beta", "need"}
    assert explorer.figure().to_spec() == explorer.at({"beta": 0}).to_spec()


def test_no_more_servers_are_needed_than_there_are():
    explorer = explore.copies_up(servers=4, need=4)
    explorer.values = {"servers": 2}
    assert explorer.values["need"] == 2
    assert explorer.controls["need"].words(explorer.values) == ["1 of 2", "2 of 2"]


def test_the_month_is_to_scale():
    dark = next(t for t in explore.copies_up().figure().to_spec()["data"] if t["name"] == "dark")
    assert len(dark["x"]) == 2
    assert 60 * sum(dark["x"]) == pytest.approx(209 + 397, abs=1)
