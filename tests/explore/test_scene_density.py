"""Crates of a host's memory: areas, tiles and counts are those of real deployments."""

import math
import random

import pytest

from virtlearn import explore
from virtlearn.catalog.platforms import platform
from virtlearn.charts._style import KINDS
from virtlearn.model import Host, Workload, deploy, fits

rng = random.Random(2)
GIB = 1024


def position(explorer):
    return {
        name: rng.choice(getattr(control, "positions", None) or control.options)
        for name, control in explorer.controls.items()
    }


def shown_in(values):
    guest = platform("virtual-machines").but("virtual machines", os_memory_mib=values["guest_mib"])
    return [platform("containers"), platform(values["other"]), guest]


def crates(chart):
    """For each crate the area of each kind of layer [GiB], from the bars as they are drawn."""
    areas = [{}, {}, {}]
    for trace in chart.to_spec()["data"]:
        if trace["type"] == "bar":
            for x, high in zip(trace["x"], trace["y"], strict=True):
                areas[x][trace["name"]] = areas[x].get(trace["name"], 0) + high
    return areas


def test_areas_are_the_memory_of_the_deployment_that_just_fits():
    explorer = explore.density()
    for _ in range(25):
        values = explorer.reach({**position(explorer), "app_mib": rng.choice((256, 1024, 4096))})
        values["host_gib"] = rng.choice((8, 16, 32))
        chart = explorer.at(values)
        app, host = Workload("app", 0.1, values["app_mib"]), Host(16, values["host_gib"])
        for on, drawn in zip(shown_in(values), crates(chart), strict=True):
            most = fits(app, host, on).max_copies
            if not most:
                continue
            full = deploy(app, most, host=host, on=on)
            tree, wanted = full.tree, {}
            for kind, own, spare in zip(tree.kind, tree.memory_mib, tree.unused_mib, strict=True):
                word = KINDS[kind][2]
                wanted[word] = wanted.get(word, 0) + (own - spare) / GIB
            for word, gib in wanted.items():
                assert drawn.get(word, 0) == pytest.approx(gib, rel=1e-3, abs=2e-3), (word, values)
            assert sum(drawn.values()) <= values["host_gib"] * (1 + 1e-6)


@pytest.mark.slow
def test_headline_and_facts_of_a_thousand_positions_are_what_fits():
    explorer = explore.density()
    for _ in range(1000):
        values = explorer.reach(position(explorer))
        chart = explorer.at(values)
        app, host = Workload("app", 0.1, values["app_mib"]), Host(16, values["host_gib"])
        first, other, last = (fits(app, host, on).max_copies for on in shown_in(values))
        told = f"{first:,} : {last:,}" if first or other or last else "None fits"
        assert chart.headline.startswith(told)
        assert chart.facts["other_copies"] == other
        assert chart.facts.get("ratio", 0) == (first / last if last else 0)
        above = [n["text"] for n in chart.to_spec()["layout"]["annotations"]][:3]
        assert [int(t.strip("<b/>").split()[0].replace(",", "")) for t in above] == [
            first, other, last,
        ]  # fmt: skip


def test_tiles_are_counted_and_equal_in_area():
    explorer = explore.density()
    for _ in range(50):
        values = explorer.reach(position(explorer))
        chart = explorer.at(values)
        data = {trace["name"]: trace for trace in chart.to_spec()["data"] if trace["name"]}
        ticks = chart.layout.xaxis.ticktext
        cuts = data["tiles"]["x"][::3]
        counts = [chart.facts[f"{name}_copies"] for name in ("first", "other", "last")]
        for place, copies in enumerate(counts):
            lot = (
                int(ticks[place].split("is<br>")[1].split()[0]) if "tile is" in ticks[place] else 1
            )
            apps = [
                y
                for x, y in zip(data["application"]["x"], data["application"]["y"], strict=True)
                if x == place
            ] if "application" in data else []  # fmt: skip
            tiles = len(apps) + sum(abs(x - place) < 0.5 for x in cuts)
            assert tiles == math.ceil(copies / lot) <= 100


def test_the_curves_have_strokes_of_their_own_and_no_colour_of_a_layer():
    chart = explore.density().figure()
    curves = [trace for trace in chart.data if trace.xaxis == "x2" and trace.mode == "lines"]
    assert [curve.line.dash for curve in curves] == ["solid", "dot", "dash"]
    layers = {colour for colour, _, _ in KINDS.values()}
    assert not layers & {curve.line.color for curve in curves}
    strokes = [
        tick.removesuffix("<br>one tile is<br>5 copies") for tick in chart.layout.xaxis.ticktext
    ]
    assert [tick.split("<br>")[-1] for tick in strokes] == ["━━━", "• • • •", "━ ━ ━"]
