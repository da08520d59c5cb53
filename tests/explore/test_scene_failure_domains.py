"""The tree of failures: every box named, none moved, and just what stops is crossed out."""

import random

import pytest

from virtlearn import Host, Workload, deploy, explore
from virtlearn.catalog.platforms import platform, platforms

from .test_explorers import positions


def fallen(tree, node):
    """Climb down from every box: it stops where it meets what failed."""
    if not tree.layers[node].ends_what_runs:
        return {node}
    stops = set()
    for box in range(len(tree)):
        below = box
        while below > node:
            below = int(tree.parent[below])
        if below == node:
            stops.add(box)
    return stops


def boxes(chart):
    """Each node's place, from all bars of the picture: its middle and its width."""
    return {
        node: (round(x, 9), round(wide, 9), base)
        for trace in chart.to_spec()["data"]
        if trace["type"] == "bar"
        for node, x, wide, base in zip(
            trace.get("customdata", []),
            trace["x"],
            trace.get("width", []),
            trace.get("base", []),
            strict=False,
        )
    }


def visit(explorer, rng):
    explorer.values = positions(explorer, rng.choice)
    v = explorer.values
    single = any(spec.single for spec in platform(v["on"]).layers)
    app = Workload("app", 0.1, 128)
    per_vm = 1 if single else v["per_vm"]
    return v, deploy(app, copies=v["copies"], host=Host(16, 64), on=v["on"], per_vm=per_vm)


@pytest.mark.parametrize("places", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_what_is_crossed_out_is_what_stops(places):
    explorer, rng = explore.failure_domains(), random.Random(places)
    for _ in range(places):
        v, d = visit(explorer, rng)
        chart = explorer.figure()
        traces = {trace["name"]: trace for trace in chart.to_spec()["data"]}
        stops = fallen(d.tree, v["node"]) if v["node"] >= 0 else set()
        lost = sum(d.tree.kind[i] == "workload" for i in stops)
        assert set(traces["down"].get("customdata", [])) == stops
        assert len(traces["crossed out"]["x"]) == 6 * len(stops)
        assert chart.facts == {
            "copies": v["copies"],
            "copies_lost": lost,
            "boxes": len(d.tree),
            "boxes_down": len(stops),
        }
        if v["node"] >= 0:
            assert chart.headline.startswith(f"{lost} of {v['copies']} cop")
        else:
            assert "run" in chart.headline


def test_every_box_is_drawn_alone_and_named_with_its_number():
    explorer, rng = explore.failure_domains(), random.Random(5)
    for _ in range(50):
        _, d = visit(explorer, rng)
        chart = explorer.figure()
        assert set(boxes(chart)) == set(range(len(d.tree)))
        titles = [layer.title for layer in d.tree.layers]
        words = [note.text for note in chart.layout.annotations]
        assert len(words) == len(titles)
        for i, word in enumerate(explorer.controls["node"].words(explorer.values)[1:]):
            assert word.startswith(titles[i])
            several = titles.count(titles[i]) > 1
            assert word == (
                f"{titles[i]} {titles[: i + 1].count(titles[i])}" if several else titles[i]
            )


@pytest.mark.parametrize(
    "on", ["containers", "containers-in-vms", "virtual-machines", "vm-isolated-containers"]
)
@pytest.mark.parametrize("copies", [1, 12, 24])
def test_a_click_moves_no_box(on, copies):
    explorer = explore.failure_domains(on=on, copies=copies)
    alive = boxes(explorer.figure())
    for node in alive:
        assert boxes(explorer.at({"node": node})) == alive


def test_no_name_that_only_the_library_knows_is_shown():
    for on in explore.failure_domains().controls["on"].options:
        explorer = explore.failure_domains(on=on, node=2)
        said = str(explorer.figure().to_spec()) + explorer.sentence + str(explorer.table())
        for internal in ("stock-guest", "type-1", "linux-host", "app-vm", "runc", "main-process"):
            assert internal not in said


def test_copies_in_a_machine_are_idle_where_no_machine_holds_several():
    reasons = {
        "processes": "processes need no virtual machine",
        "containers": "containers need no virtual machine",
        "sandboxed-containers": "sandboxed containers need no virtual machine",
        "unikernels": "unikernels hold one copy each",
    }
    for on in platforms():
        explorer = explore.failure_domains(on=on)
        assert explorer.idle(explorer.values).get("per_vm", "") == reasons.get(on, "")
        pictures = {str(explorer.at({"per_vm": n}).to_spec()) for n in (1, 2, 4)}
        assert (len(pictures) == 1) == (on in reasons)
