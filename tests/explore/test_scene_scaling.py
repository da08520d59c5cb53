"""The autoscaler at work: areas, looks, headline and facts are the law's own numbers."""

import math
import random
from itertools import pairwise

import pytest

from virtlearn import charts, core, explore

from .test_explorers import positions

LOOK_S = 15


def slow_run(v):
    """The same run, asked of the law for itself, up to the clock."""
    target = round(v["target_percent"])
    least = math.ceil(200 / target) + v["spare"]
    load = [2.0] * 4 + [float(v["spike_cores"])] * 36
    run = core.scaling.follow_load(
        load, start_s=v["start_s"], copies=least, target_percent=target, least=least
    )
    steps = math.ceil(v["clock_s"] / LOOK_S)
    ready, wanted = (row.tolist()[:steps] for row in (run.ready, run.wanted))
    return load[:steps], ready, wanted


def area(chart, name):
    """The filled area, step by step: its upper edge less the lower one [core-seconds]."""
    (place,) = (i for i, trace in enumerate(chart.data) if trace.name == name)
    low, high = chart.data[place - 1], chart.data[place]
    assert high.fill == "tonexty"
    widths = [after - before for before, after in pairwise(low.x)]
    return sum(w * (b - a) for w, a, b in zip(widths, low.y, high.y, strict=False))


def check(explorer):
    v, chart = explorer.values, explorer.figure()
    load, ready, wanted = slow_run(v)
    ends = [LOOK_S * k for k in range(len(load))][1:] + [v["clock_s"]]
    last_s = ends[-1] - LOOK_S * (len(load) - 1)
    gaps = [max(0, asked - there) for asked, there in zip(load, ready, strict=True)]
    assert area(chart, "lost") == pytest.approx(LOOK_S * sum(gaps[:-1]) + last_s * gaps[-1])
    lost = LOOK_S * sum(gaps)
    assert chart.facts["lost_core_s"] == pytest.approx(lost)
    said = chart.headline.split(" core-seconds lost")[0]
    assert float(said.replace(",", "")) == pytest.approx(lost, rel=5e-3)
    over = [max(0, there - asked) for asked, there in zip(load, ready, strict=True)]
    assert area(chart, "idle") == pytest.approx(LOOK_S * sum(over[:-1]) + last_s * over[-1])
    assert chart.facts["idle_cores"] == over[-1]
    assert (f"{over[-1]:g} of {ready[-1]} cores idle" in chart.headline) == (over[-1] > 0)
    assert ("idle" in chart.describe()) == (over[-1] > 0), "too many copies are said as well"
    traces = {trace.name: trace for trace in chart.data}
    assert len(traces["looks"].x) == len(load)
    assert list(traces["ready"].y) == [*ready, ready[-1]]
    changes = [b for a, b in pairwise(wanted) if a != b]
    shown = list(traces["wanted"].y)
    assert shown[len(shown) - len(changes) :] == changes
    top = chart.layout.yaxis.range[1]
    whole = slow_run({**v, "clock_s": 600})
    most = max(max(row) for row in whole)
    assert most <= top <= 2 * most or v["clock_s"] < 600


@pytest.mark.slow
def test_a_thousand_positions_draw_the_laws_own_areas():
    explorer, rng = explore.scaling(), random.Random(15)
    for _ in range(1000):
        explorer.values = positions(explorer, rng.choice)
        check(explorer)


def test_two_hundred_moments_of_time_draw_what_was_lost_by_then():
    explorer, rng = explore.scaling(start_s=90), random.Random(5)
    for _ in range(200):
        explorer.values = {"clock_s": LOOK_S * rng.randint(1, 40)}
        check(explorer)


def test_a_later_look_never_shows_less_work_lost_and_never_moves_the_axes():
    explorer = explore.scaling(start_s=120, target_percent=90)
    clock = explorer.controls["clock_s"]
    charts = [explorer.at(explorer.reach({"clock_s": s})) for s in clock.positions]
    for before, after in pairwise(charts):
        assert after.facts["lost_core_s"] >= before.facts["lost_core_s"]
        assert after.facts["looks_too_few"] >= before.facts["looks_too_few"]
        for axis in ("xaxis", "yaxis"):
            assert after.layout[axis].range == before.layout[axis].range
        assert len(after.data) == len(before.data)


def test_every_start_time_is_seen_even_where_it_costs_the_same():
    explorer = explore.scaling()
    charts = [explorer.at(explorer.reach({"start_s": s})) for s in (0.2, 2, 10)]
    assert len({chart.headline for chart in charts}) == 1
    assert len({chart.to_json() for chart in charts}) == 3


def test_of_two_words_that_would_lie_on_each_other_the_later_one_stays():
    wanted = [8, 10, 10, 10, 20, 32, 33, 34, 34, 34, 34, 34]
    ready = [4, 8, 10, 10, 10, 20, 32, 33, 34, 34, 34, 34]
    chart = charts.scaling([15 * i for i in range(12)], [2] * 12, ready, wanted, lost_core_s=0)
    (shown,) = (trace for trace in chart.data if trace.name == "wanted")
    assert list(shown.y) == [8, 10, 20, 32, 33, 34]
    assert list(shown.text) == ["", "wants 10", "wants 20", "wants 32", "", "wants 34"]
    assert shown.textposition[0] == "top right", "left of the axis there is no room"
    assert set(shown.textposition[1:]) == {"top left"}
