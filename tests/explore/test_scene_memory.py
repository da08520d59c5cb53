"""Counted marks of the scenes of memory: the tank, the three lines, the piles of images."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from virtlearn import core, explore
from virtlearn.charts import Chart

MANY = 100
CLIENTS = ("idle", "busy", "growing")


def visits(name, times=MANY, seed=15, **fixed):
    """Stand at random positions of every control."""
    random = np.random.default_rng(seed)
    explorer = getattr(explore, name)()
    for _ in range(times):
        values = {}
        for control in explorer.controls.values():
            places = getattr(control, "positions", None) or control.options
            values[control.name] = places[random.integers(len(places))]
        values |= fixed
        yield values, explorer.at(values)


def row(chart: Chart, name: str) -> dict[str, float]:
    """Add up the bars of one trace by their client."""
    trace = next(t for t in chart.data if t.name == name)
    return dict(zip(trace.customdata, trace.x, strict=True))


def taken_at(v) -> np.ndarray:
    """Take 1 MiB at a time from whoever has the lowest ratio; an obvious second way."""
    left = np.array([400.0, 400.0, min(v["grows_mib"], v["limit_mib"])])
    begun = left.copy()
    worth = np.array([v["active"] + (1 - v["active"]) / (1 - v["tax"]), 1, 1])
    while left.sum() > v["capacity_mib"] + 1e-9:
        left[np.argmax(left * worth)] -= min(1.0, left.sum() - v["capacity_mib"])
    return begun - left


def test_bars_of_the_tank_are_what_each_keeps_gives_and_is_refused():
    for v, chart in visits("memory_pressure", way="take back"):
        given = taken_at(v)
        held = np.array([400.0, 400.0, min(v["grows_mib"], v["limit_mib"])])
        assert list(row(chart, "taken back").values()) == pytest.approx(given, abs=2)
        assert list(row(chart, "kept").values()) == pytest.approx(held - given, abs=2)
        assert row(chart, "refused")["growing"] == v["grows_mib"] - held[2]
        assert list(row(chart, "stays").values()) == list(row(chart, "kept").values())
        assert sum(row(chart, "stays").values()) <= v["capacity_mib"] * (1 + 1e-9)
        assert chart.facts["taken_mib"] == pytest.approx(max(0, held.sum() - v["capacity_mib"]))
        asked = 800 + v["grows_mib"]
        assert chart.headline.startswith(f"{asked:,} of {v['capacity_mib']:,} MiB: ")
        assert ("nobody" in chart.headline) == (held.sum() <= v["capacity_mib"])


def test_crosses_and_their_numbers_are_who_dies_in_order():
    for v, chart in visits("memory_pressure", way="kill"):
        held = {"idle": 400.0, "busy": 400.0, "growing": float(v["grows_mib"])}
        limits = [np.inf, np.inf, v["limit_mib"]]
        adj = [v["adj"], 0, 0]
        dead = core.memory.oom_kill_order(list(held.values()), limits, adj, v["capacity_mib"])
        names = [CLIENTS[i] for i in dead]
        numbered = [f"<b>{k + 1}. {name} dies</b>" for k, name in enumerate(names)]
        assert [n.text for n in chart.layout.annotations if "dies" in n.text] == numbered
        cross = next(t for t in chart.data if t.name == "killed")
        assert len(cross.x) == 6 * len(names)
        starts = {"idle": 0.0, "busy": 400.0, "growing": 800.0}
        assert [cross.x[6 * k] for k in range(len(names))] == [starts[n] for n in names]
        living = {name: 0.0 if name in names else size for name, size in held.items()}
        assert row(chart, "stays") == living
        assert chart.facts["stays_mib"] == sum(living.values()) <= v["capacity_mib"]
        for name in CLIENTS:
            turn = names.index(name) + 1 if name in names else 0
            assert chart.facts[f"{name}_killed"] == turn
        assert chart.headline.endswith("killed") == bool(names)


def test_sheets_are_counted_and_add_up_to_what_is_stored():
    for v, chart in visits("images"):
        n, base, own, part = (v[k] for k in ("services", "base_mib", "own_mib", "changed"))
        stored = [base + n * own, n * (base + own), base + n * (own + part * base)]
        sheets = {t.name: t for t in chart.data}
        assert [list(sheets["base"].x).count(way) for way in range(3)] == [1, n, 1]
        assert [list(sheets["own"].x).count(way) for way in range(3)] == [n, n, n]
        for way in range(3):
            pile = []
            for trace in chart.data:
                for at, begin, size in zip(trace.x, trace.base, trace.y, strict=True):
                    if at == way:
                        pile.append((begin, begin + size))
            pile.sort()
            assert max(end for _, end in pile) == pytest.approx(stored[way])
            # No sheet lies inside another, and none hangs in the air.
            for (_, end), (begin, _) in pairwise(pile):
                assert begin == pytest.approx(end)
        assert chart.headline == f"{stored[0]:,.0f} : {stored[1]:,.0f} MiB"
        assert chart.facts["clones_mib"] == pytest.approx(stored[2])
        assert chart.facts["times"] == pytest.approx(stored[1] / stored[0])


def test_boxes_are_hosts_and_the_grey_ones_are_off():
    for v, chart in visits("power"):
        on = sum(label.text != "<b>off</b><br>0 W" for label in chart.layout.annotations)
        packed = v["how"] == "packed"
        room = min(64, int(32768 // (256 + v["guest_mib"])))
        assert on == (-(-v["copies"] // room) if packed else 10)
        idle, load, off = chart.data
        assert sum(x > 0 for x in idle.y) == on == chart.facts["hosts_on"]
        assert sum(x > 0 for x in off.y) == 10 - on == chart.facts["hosts_off"]
        assert sum(idle.y) == pytest.approx(on * 58.4)
        watts = sum(idle.y) + sum(load.y)
        assert chart.facts["watts"] == pytest.approx(watts)
        hosts = "1 host" if on == 1 else f"{on} hosts"
        assert chart.headline.startswith(f"{hosts} on: {watts:,.0f} W (")


def test_what_packing_saves_is_what_the_other_way_draws():
    for v, chart in visits("power", times=30):
        other = {"spread": "packed", "packed": "spread"}[v["how"]]
        there = explore.power(**{**v, "how": other}).figure()
        assert chart.headline.endswith(f"({other}: {there.facts['watts']:,.0f} W)")


def test_tanks_hold_what_the_law_leaves_and_the_killed_are_crossed_out():
    for v, chart in visits("memory_limits"):
        need = v["need_mib"]
        ends = core.memory.memory_outcome(
            [need] * 3, 200, max_mib=[np.inf, np.inf, v["max_mib"]],
            high_mib=[v["high_mib"], np.inf, np.inf], swap_mib=v["swap_mib"],
        )  # fmt: skip
        programs, _, swapped = chart.data
        assert list(programs.y[1::2]) == ends.resident_mib.tolist()
        assert list(swapped.y[1::2]) == ends.swapped_mib.tolist()
        strokes = [s for s in chart.layout.shapes if s.line.color == "#D55E00"]
        assert len(strokes) == 2 * ends.killed.sum() == 2 * chart.facts["killed"]
        assert ("killed" in chart.headline) == ends.killed.any()
        assert ("slowed" in chart.headline) == ends.throttled.any()
        total = sum(sum(trace.y[1::2]) for trace in chart.data)
        held = sum(size for name, size in chart.facts.items() if name.endswith("_mib"))
        assert held == pytest.approx(total)


@pytest.mark.parametrize("name", ["memory_pressure", "images", "power", "memory_limits"])
@pytest.mark.slow
def test_every_position_of_a_control_has_an_effect_or_a_reason(name):
    explorer = getattr(explore, name)()
    for values, chart in visits(name, times=12, seed=4):
        reasons = explorer.idle(values)
        for control in explorer.controls.values():
            if control.name in reasons:
                continue
            seen = [chart.to_spec()]
            places = getattr(control, "positions", None) or control.options
            place = control.place(values[control.name])
            for near in (place - 1, place + 1):
                if 0 <= near < len(places):
                    seen.append(explorer.at({**values, control.name: places[near]}).to_spec())
            assert all(seen[0] != other for other in seen[1:]), (control.name, values)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["take back", "kill"])
def test_a_thousand_tanks_are_never_fuller_than_the_host(way):
    for v, chart in visits("memory_pressure", times=1000, way=way):
        assert sum(row(chart, "stays").values()) <= v["capacity_mib"] * (1 + 1e-9)
        assert max(chart.layout.xaxis.range) <= 3000
