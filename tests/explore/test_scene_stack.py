"""Two servers as blocks: what is drawn is counted and held against the deployment itself."""

import random

import pytest

from virtlearn import charts, explore
from virtlearn.charts.blocks import KERNEL
from virtlearn.explore._trial import trial
from virtlearn.model import KERNELS

rng = random.Random(15)
NAMES = ("on", "beside")


def position(explorer):
    return {
        name: rng.choice(getattr(control, "positions", None) or control.options)
        for name, control in explorer.controls.items()
        if name != "view"
    }


def both(values):
    several = {"per_vm": values["per_vm"]}
    return [trial(values[name], values["copies"], values["app_mib"], **several) for name in NAMES]


def answering(d, copy):
    """Climb down from a copy, as a learner would on the picture."""
    node = d.tree.parent[copy]
    while d.tree.kind[node] not in KERNELS:
        node = d.tree.parent[node]
    return int(node)


def traces(spec):
    return {trace["name"]: trace for trace in spec["data"]}


def test_every_tile_and_every_kernel_of_a_thousand_positions_is_counted():
    explorer = explore.stack()
    for _ in range(1000):
        values = explorer.reach(position(explorer))
        chart = explorer.at(values)
        pair, drawn = both(values), traces(chart.to_spec())
        assert len(drawn["application"]["x"]) == 2 * values["copies"]
        kernels = [d.kernels for d in pair]
        assert len(drawn["kernel"]["x"]) == sum(kernels)
        assert sum(x < 0.5 for x in drawn["kernel"]["x"]) == kernels[0]
        assert chart.headline == f"Kernels {kernels[0]} : {kernels[1]}"
        assert chart.facts["kernels_on"] == kernels[0]
        assert chart.facts["kernels_apart"] == abs(kernels[0] - kernels[1])
        boxes = sum(len(t["x"]) for t in drawn.values() if t["type"] == "bar")
        assert boxes == sum(len(d.tree) for d in pair)


def test_the_call_ends_on_the_box_of_the_kernel_that_answers():
    explorer = explore.stack()
    for _ in range(200):
        values = explorer.reach({**position(explorer), "call": 20})
        drawn = traces(explorer.at(values).to_spec())
        for side, d in enumerate(both(values)):
            kernel = answering(d, int(d.tree.copies[0]))
            depth = len(d.tree.path(kernel)) - 1
            assert drawn["a system call"]["y"][side] == depth + 0.5
            x = drawn["the kernel that answers"]["x"][6 * side : 6 * side + 5]
            assert min(x) <= drawn["a system call"]["x"][side] <= max(x)


def test_the_call_falls_step_by_step_and_lights_the_kernel_only_at_the_end():
    explorer = explore.stack(on="containers-in-vms", beside="sandboxed-containers", per_vm=3)
    heights = []
    for chart in explorer.sweep("call").values():
        drawn = traces(chart.to_spec())
        heights.append(drawn["a system call"]["y"])
        lit = bool(drawn["the kernel that answers"]["x"])
        assert lit == (len(heights) == len(explorer.controls["call"].positions))
    for side in (0, 1):
        falling = [height[side] for height in heights]
        assert falling == sorted(falling, reverse=True)
        assert len(set(falling)) == len(falling)


def test_every_row_of_boxes_is_named_once_and_no_internal_name_is_shown():
    chart = explore.stack(on="vm-isolated-containers", beside="unikernels", copies=48).figure()
    words = [note["text"].strip() for note in chart.to_spec()["layout"]["annotations"]]
    assert words.count("hardware") == 2
    assert f"48 × {KERNEL} library kernel" in words
    assert "48 × microVM of a pod" in words
    assert not [word for word in words if "'" in word]
    assert not [word for word in words if word in ("small-guest", "stock-guest", "kata-vm")]


def test_what_counts_for_nothing_says_so():
    explorer = explore.stack()
    idle = explorer.idle(explorer.values)
    assert set(idle) == {"app_mib"}
    explorer.values = {"beside": "microvms", "on": "containers", "view": "memory"}
    assert set(explorer.idle(explorer.values)) == {"call"}
    explorer.values = {"beside": "unikernels", "view": "blocks"}
    assert explorer.idle(explorer.values)["per_vm"] == "no machine here can hold several copies"


def test_one_deployment_alone_and_a_call_that_goes_too_far():
    alone = charts.servers(trial("unikernels", 3))
    assert alone.headline == "Kernels 4"
    with pytest.raises(ValueError, match="gone"):
        charts.servers(trial("unikernels", 3), gone=1.5)
