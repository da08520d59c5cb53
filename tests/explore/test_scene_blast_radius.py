"""What the scene of an intruder shows is counted again: boxes, walls, bars, numbers and moments."""

import random
import re
from itertools import pairwise

import numpy as np
import pytest

from virtlearn import deploy, explore, units
from virtlearn.catalog.platforms import platform, platforms
from virtlearn.charts._walled import TAKEN
from virtlearn.explore.attacking import LAST
from virtlearn.model import Host, Workload

from .test_explorers import positions

WALLS = {
    "container": "container_escape",
    "virtual-machine": "vm_escape",
    "workload": "process_escape",
    "user-space-kernel": "kernel_escape",
}
# The traces of the picture, in their order.
STRIP, BRICKS, HOLES, BOXES, WORDS, WHITE_WORDS, ARCS, BARS = range(8)


def visits(places, **fixed):
    """An explorer at many random positions, the same ones in every run."""
    explorer, rng = explore.blast_radius(), random.Random("an intruder")
    for _ in range(places):
        explorer.values = {**positions(explorer, rng.choice), **fixed}
        yield explorer, explorer.values


def rebuilt(v):
    """The deployment that the controls describe."""
    chosen = platform(v["on"])
    solid = [spec.kind for spec in chosen.layers if spec.escape.value < 1]
    per_vm = 1 if any(spec.single for spec in chosen.layers) else v["per_vm"]
    on = chosen.but("it", **{WALLS[kind]: v[WALLS[kind]] for kind in solid})
    app = Workload("app", 0.1, 128)
    return deploy(app, copies=v["copies"], host=Host(16, 64), on=on, per_vm=per_vm)


def climb(parent, i):
    """A node and all that carry it."""
    while i >= 0:
        yield i
        i = int(parent[i])


def by_hand(d, start):
    """Copies lost on average, and each node's chance, by walking up wall by wall."""
    here, chance, lost = start, 1.0, 0.0
    fell = np.zeros(len(d.tree))
    while here >= 0:
        out = float(d.escape[here]) if here else 0.0
        inside = [here in climb(d.tree.parent, i) for i in range(len(d.tree))]
        copies = sum(a and k == "workload" for a, k in zip(inside, d.tree.kind, strict=True))
        lost += chance * (1 - out) * copies
        fell += chance * (1 - out) * np.array(inside)
        chance *= out
        here = int(d.tree.parent[here])
    return lost, fell


def check_the_law(explorer, v):
    """Headline, facts, sentence and words in the boxes against the walk by hand."""
    d = rebuilt(v)
    lost, fell = by_hand(d, v["node"])
    chart = explorer.figure()
    assert chart.facts["expected_lost"] == pytest.approx(lost)
    assert chart.facts["hardware_chance"] == pytest.approx(fell[0])
    copies = units.count(v["copies"], "copy", "copies")
    said = re.search(rf"take ([\d.]+) of {copies};", explorer.sentence)
    assert float(said[1]) == pytest.approx(lost, rel=0.005)
    boxes = chart.to_spec()["data"][BOXES]
    assert sorted(boxes["customdata"]) == list(range(len(d.tree))), "every box is drawn once"
    for node, colour, said in zip(
        boxes["customdata"], boxes["marker"]["color"], boxes["hovertext"], strict=True
    ):
        if v["lateral"]:
            continue
        assert (colour == TAKEN) == (fell[node] > 1 - 1e-12)
        if colour != TAKEN:
            assert said.endswith(f"controlled with {units.percent(float(fell[node]), 2)}")


def check_the_bars(explorer, v):
    """A hundred attacks stand in the bars, and their mean is the mean that is written."""
    chart = explorer.figure()
    bars = chart.to_spec()["data"][BARS]
    assert sum(bars["y"]) == 100
    mean = np.dot(bars["x"], bars["y"]) / 100
    assert chart.facts["played_lost"] == pytest.approx(mean)
    assert max(bars["x"]) <= v["copies"]
    shown = mean if v["lateral"] else chart.facts["expected_lost"]
    assert explorer.headline.startswith(f"{units.plain(shown)} of ")
    assert len(explorer.headline) <= 45


@pytest.mark.parametrize("places", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_what_an_intruder_takes_is_counted_wall_by_wall(places):
    for explorer, v in visits(places, step=LAST):
        check_the_law(explorer, v)
        check_the_bars(explorer, v)


def test_each_wall_is_as_thick_as_it_holds_and_its_number_stands_beside_it():
    for explorer, v in visits(60, step=LAST):
        d, chart = rebuilt(v), explorer.figure().to_spec()
        walls = [i for i in range(1, len(d.tree)) if d.escape[i] < 1]
        bricks = chart["data"][BRICKS]
        assert len(bricks["x"]) == len(walls)
        said = [t for t in chart["data"][WORDS]["text"] if t.startswith(("gives way", "no wall"))]
        can_be = {kind for kind in d.tree.kind if kind in WALLS}
        assert len(said) == len(can_be)
        for kind in can_be:
            chance = float(d.escape[d.tree.index(kind)])
            assert (f"gives way: {units.percent(chance, 2)}" in said) == (chance < 1)
    thick = {}
    for chance in (0, 0.001, 0.01, 0.1, 0.5):
        data = explore.blast_radius(container_escape=chance).figure().to_spec()["data"]
        thick[chance] = data[BRICKS]["y"][0]
    assert all(thicker > thinner for thicker, thinner in pairwise(thick.values()))


def test_no_wall_on_an_intruders_way_is_left_without_a_control():
    for on in platforms():
        explorer = explore.blast_radius(on=on, copies=4)
        weak = {n: c.positions[-1] for n, c in explorer.controls.items() if n.endswith("_escape")}
        explorer.values = weak
        assert explorer.values["vm_escape"] == 1
        assert "take 4 of 4 copies" in explorer.sentence, "with every wall down, all is lost"
        assert "No wall stands on the way." in explorer.sentence


def test_a_wall_that_is_not_on_the_way_is_not_named():
    explorer = explore.blast_radius(on="virtual-machines")
    assert "application 30 %, virtual machine 0.5 %." in explorer.sentence
    assert "container 5 %" not in explorer.sentence


def test_a_wall_that_a_platform_lacks_cannot_be_moved_and_says_why():
    for on in platforms():
        explorer = explore.blast_radius(on=on, per_vm=1)
        idle = explorer.idle(explorer.values)
        for name in WALLS.values():
            places = explorer.controls[name].positions[::6]
            drawn = {str(explorer.at({name: place}).to_spec()) for place in places}
            assert len(drawn) == (1 if name in idle else len(places)), (on, name)
            assert name not in idle or platform(on).title in idle[name]
        machines = {str(explorer.at({"per_vm": n}).to_spec()) for n in (1, 2, 4)}
        assert len(machines) == (1 if "per_vm" in idle else 3)
    alone = explore.blast_radius(copies=1)
    assert "lateral" in alone.idle(alone.values)


def test_more_copies_in_a_machine_never_lose_less():
    lost = [
        explore.blast_radius(on="containers-in-vms", per_vm=n).figure().facts["expected_lost"]
        for n in range(1, 9)
    ]
    assert lost == sorted(lost)
    assert lost[0] < lost[-1]


def taken_at(explorer, step):
    """The nodes that are full at a moment, and the number of attacks in the bars."""
    spec = explorer.at({"step": step}).to_spec()
    boxes = spec["data"][BOXES]
    pairs = zip(boxes["customdata"], boxes["marker"]["color"], strict=True)
    return {node for node, colour in pairs if colour == TAKEN}, sum(spec["data"][BARS]["y"])


def test_moments_come_in_order_and_nothing_that_fell_stands_up_again():
    for explorer, v in visits(8):
        moments = [taken_at(explorer, step) for step in range(LAST + 1)]
        attacks = [count for _, count in moments]
        assert attacks == sorted(attacks)
        assert attacks[-1] == 100
        first = [full for full, count in moments if count == 0]
        assert v["node"] in first[0]
        assert all(before <= after for before, after in pairwise(first))
        later = attacks[len(first) :]
        assert all(before < after for before, after in pairwise(later)), "each frame adds attacks"


def test_two_hundred_random_moments_say_what_they_show():
    rng = random.Random("moments")
    for explorer, v in visits(200):
        step = rng.choice(range(LAST + 1))
        chart = explorer.at({"step": step})
        full, attacks = taken_at(explorer, step)
        tree = rebuilt(v).tree
        copies = sum(tree.kind[i] == "workload" for i in full)
        assert len(chart.headline) <= 45, chart.headline
        if attacks == 0 and " of " in chart.headline:
            assert re.search(r": (\d+) of", chart.headline)[1] == str(copies)
        if 0 < attacks < 100:
            bars = chart.to_spec()["data"][BARS]
            mean = np.dot(bars["x"], bars["y"]) / attacks
            assert chart.headline == (
                f"{attacks:.0f} attacks: {units.plain(mean)} of {v['copies']} lost on average"
            )
            assert copies in bars["x"], "the attack that is shown is one of those that are counted"


def test_a_weaker_wall_never_loses_less_in_the_same_attacks():
    for on in ("containers", "virtual-machines", "containers-in-vms"):
        explorer = explore.blast_radius(on=on, process_escape=1)
        name = "vm_escape" if on == "virtual-machines" else "container_escape"
        lost = [chart.facts["played_lost"] for chart in explorer.sweep(name).values()]
        assert lost == sorted(lost)


def test_a_shared_key_opens_copies_and_touches_no_wall():
    explorer = explore.blast_radius(on="virtual-machines", per_vm=1, vm_escape=0, lateral=1)
    assert explorer.headline == "12 of 12 copies lost on average"
    data = explorer.figure().to_spec()["data"]
    assert data[ARCS]["x"].count(None) == 11, "an arc to each other copy"
    assert explorer.figure().facts["hardware_chance"] == 0
    own = explore.blast_radius(on="virtual-machines", per_vm=1, vm_escape=0, lateral=0)
    assert own.figure().to_spec()["data"][ARCS]["x"] == []
    assert own.headline == "1 of 12 copies lost on average"
