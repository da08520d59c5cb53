"""The doors of the scene of walls are as wide as the numbers of the layers."""

from itertools import product

import pytest

from virtlearn import explore
from virtlearn.catalog.platforms import layer
from virtlearn.charts.exposing import SLIT, SLOT

WALLS = explore.walls().controls["first"].options
CALLS = layer("process").reachable.value


def doors(spec):
    """The widths of the ways from the top down, as a reader would measure them."""
    numbers = (spec.reachable, spec.behind)
    if spec.reachable and not spec.behind:
        numbers = (spec.reachable,)  # the door leads to the host's kernel
    return [SLOT * n.value / CALLS if n else SLIT for n in numbers]


@pytest.mark.parametrize("names", list(product(WALLS, repeat=3))[::7])
def test_every_door_is_as_wide_as_its_count(names):
    explorer = explore.walls(**dict(zip(("first", "second", "third"), names, strict=True)))
    shown = [layer(name) for name in dict.fromkeys(names)]
    data = explorer.figure().to_spec()["data"]
    ways, words = data[0], data[-1]["text"]
    assert ways["width"] == pytest.approx([w for spec in shown for w in doors(spec)])
    assert [shape == "x" for shape in ways["marker"]["pattern"]["shape"]] == [
        width == SLIT for width in ways["width"]
    ]
    ratio = [spec.behind or spec.reachable for spec in shown]
    told = " : ".join(f"{n.value:.0f}" if n else "?" for n in ratio)
    assert explorer.headline == f"Calls of the host's kernel: {told}"
    for i, spec in enumerate(shown, start=1):
        for fact, number in (("first", spec.reachable), ("behind", spec.behind)):
            assert explorer.figure().facts.get(f"wall_{i}_{fact}") == (number and number.value)
            assert number is None or any(f"<b>{number.value:.0f}</b>" in word for word in words)
    uncounted = sum(spec.reachable is None for spec in shown)
    assert sum("a handful of devices" in word for word in words) == uncounted


def test_what_comes_through_a_door_and_the_wall_beside_it_fill_the_slot():
    data = explore.walls().figure().to_spec()["data"]
    bricks = sum(data[1]["width"])
    doors_of_all = sum(w for name in ("container", "sentry", "microvm") for w in doors(layer(name)))
    walls = len(data[0]["width"])
    assert bricks + doors_of_all == pytest.approx(walls * SLOT)
