"""A throttled burst: its lanes, its tank and its clock are counted again, period by period."""

import itertools
import random

import pytest

from virtlearn import explore, units

from .test_explorers import positions


def walk(v, until_ms):
    """Run and wait from period to period: what ran and what waited until a moment [ms]."""
    left, now, ran, waited, tank = v["work_ms"], 0.0, [], [], 0.0
    allowance = v["limit_cores"] * v["period_ms"]
    while left > 1e-9:
        spend = min(left, allowance, v["threads"] * v["period_ms"])
        stop = now + spend / v["threads"]
        left -= spend
        ran.append((now, stop))
        if now <= until_ms + 1e-9:
            tank = allowance - v["threads"] * (min(stop, until_ms) - now)
        now += v["period_ms"]
        if left > 1e-9 and now - stop > 1e-9:
            waited.append((stop, now))
    wall = ran[-1][1]

    def long(spans):
        return sum(max(0.0, min(b, until_ms) - a) for a, b in spans)

    return wall, long(ran), long(waited), len(waited), tank


def visits(times, **fixed):
    explorer, rng = explore.throttling(), random.Random("throttling drawn")
    for _ in range(times):
        explorer.values = {**positions(explorer, rng.choice), **fixed}
        yield explorer, explorer.values


def check(explorer, v):
    chart = explorer.figure()
    wall = walk(v, 1e9)[0]
    now = wall * v["passed"] / 100
    _, ran, waited, waits, tank = walk(v, now)
    traces = {trace.name: trace for trace in chart.data}
    assert sum(traces["running"].x) == pytest.approx(v["threads"] * ran, abs=1e-6)
    assert sum(traces["waiting"].x) == pytest.approx(v["threads"] * waited, abs=1e-6)
    # A run that begins now is not drawn yet.
    assert len(set(traces["running"].y)) == (v["threads"] if v["passed"] else 0)
    assert traces["no limit"].x[0] == pytest.approx(min(now, v["work_ms"] / v["threads"]))
    assert traces["left"].y[0] == pytest.approx(traces["allowance left"].y[-1])
    assert traces["left"].y[0] == pytest.approx(max(0.0, tank), abs=1e-6)
    assert chart.facts["wall_ms"] == pytest.approx(wall)
    assert chart.facts["done_ms"] == pytest.approx(v["threads"] * ran, abs=1e-6)
    assert chart.facts["waits"] == waits
    here = traces["this burst"]
    assert (here.x[0], here.y[0]) == pytest.approx((v["work_ms"], wall))
    # Half of the axis at least.
    assert chart.layout.xaxis.range[1] / 2 <= max(wall, 1e-9) * (1 + 1e-9)
    assert len(chart.headline) <= 45
    if v["passed"] == 100:
        assert f"take {units.plain(wall, 4)} ms" in chart.headline


def test_lanes_tank_and_clock_are_those_of_a_walk():
    for explorer, v in visits(60):
        check(explorer, v)


def test_the_end_is_drawn_to_the_end():
    for explorer, v in visits(40, passed=100):
        check(explorer, v)


@pytest.mark.slow
def test_lanes_tank_and_clock_are_those_of_a_walk_at_a_thousand_positions():
    for explorer, v in visits(1000):
        check(explorer, v)


def test_time_only_adds_to_what_has_happened():
    for explorer, _ in visits(8):
        frames = list(explorer.sweep("passed").values())
        for earlier, later in itertools.pairwise(frames):
            for fact in ("done_ms", "waited_ms"):
                assert earlier.facts[fact] <= later.facts[fact] + 1e-9
            assert earlier.layout.xaxis.range == later.layout.xaxis.range


def test_the_curve_passes_through_every_burst():
    explorer = explore.throttling(threads=3, limit_cores=0.5)
    curve = next(t for t in explorer.figure().data if t.name == "every burst")
    for work in (10, 60, 110, 190):
        explorer.values = {"work_ms": work}
        wall = explorer.figure().facts["wall_ms"]
        low = max(i for i, x in enumerate(curve.x) if x <= work)
        high = min(i for i, x in enumerate(curve.x) if x >= work)
        share = (work - curve.x[low]) / (curve.x[high] - curve.x[low]) if high > low else 0
        on_it = curve.y[low] + share * (curve.y[high] - curve.y[low])
        assert on_it == pytest.approx(wall, abs=0.01)
