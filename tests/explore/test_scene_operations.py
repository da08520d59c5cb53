"""A request under way: every crossing is drawn, and the bars are where the request is."""

import random

import pytest

from virtlearn import explore
from virtlearn.catalog.platforms import platform

rng = random.Random(9)


def position(explorer):
    return {
        name: rng.choice(getattr(control, "positions", None) or control.options)
        for name, control in explorer.controls.items()
    }


def traces(chart):
    return {trace["name"]: trace for trace in chart.to_spec()["data"]}


def test_every_crossing_is_drawn_and_counted():
    explorer = explore.operations()
    for _ in range(300):
        values = explorer.reach(position(explorer))
        chart = explorer.at(values)
        way, moment = traces(chart)["its way"], values["moment"] / 100
        leaves = sum(a > 0.5 > b for a, b in zip(way["y"], way["y"][1:], strict=False))
        assert leaves == values["messages"] + values["reads"]
        whole = max(chart.facts["native_ms"], chart.facts["there_ms"])
        left = [x for x, a, b in zip(way["x"][1:], way["y"], way["y"][1:], strict=False)
                if a > 0.5 > b and x < moment * whole - 1e-6]  # fmt: skip
        machine = any(s.kind == "virtual-machine" for s in platform(values["on"]).layers)
        assert chart.facts["crossed"] == pytest.approx(len(left) if machine else 0, abs=1)
        if moment == 1 and machine:
            assert chart.facts["crossed"] == leaves


def test_bars_are_as_long_as_the_request_has_come_and_at_the_end_what_the_platform_says():
    explorer = explore.operations()
    for _ in range(300):
        values = explorer.reach(position(explorer))
        chart = explorer.at(values)
        bars = [t for t in chart.to_spec()["data"] if t["type"] == "bar"]
        whole = chart.facts["native_ms"], chart.facts["there_ms"]
        now = values["moment"] / 100 * max(whole)
        for row, length in enumerate(whole):
            drawn = sum(bar["x"][row] for bar in bars)
            assert drawn == pytest.approx(min(now, length), rel=1e-5, abs=1e-6)
        (dot,) = traces(chart)["the request"]["x"]
        assert dot == pytest.approx(min(now, whole[1]), rel=1e-5, abs=1e-6)


def test_the_times_are_those_of_the_platform_piece_by_piece():
    explorer = explore.operations(compute_ms=7, messages=30, reads=15)
    for on in ("virtual-machines", "containers", "sandboxed-containers"):
        explorer.values = {"on": on}
        chart = explorer.figure()
        kinds = ("computing", "network messages", "random I/O")
        first = [traces(chart)[kind]["x"][0] for kind in kinds]
        for kind, ms in zip(kinds, first, strict=True):
            keeps, _ = platform(on).keeps(kind)
            assert traces(chart)[kind]["x"][1] == pytest.approx(ms / keeps, rel=1e-5)


def test_time_only_adds_to_what_has_happened():
    explorer = explore.operations()
    crossed = [chart.facts["crossed"] for chart in explorer.sweep("moment").values()]
    assert crossed == sorted(crossed)
    assert crossed[0] == 0
    assert crossed[-1] == 30


def test_where_there_is_no_machine_nothing_is_crossed():
    chart = explore.operations(on="containers").figure()
    assert not chart.layout.shapes
    assert chart.describe().count("There is no machine to leave.") == 1
    assert chart.facts["crossed"] == 0
