"""What all scenes share: a headline, words for learners, and no control without an effect."""

import json
import random
import re

import pytest

from virtlearn import explore
from virtlearn.catalog.layers import FILE
from virtlearn.explore import Slider

NAMES = [name for name in explore.__all__ if name[0].islower()]
LONGEST = 64  # letters of a headline
# Names of layers in the file; those of one plain word are words for learners, too.
INTERNAL = [name for name in FILE["layers"] if "-" in name and name != "virtual-machine"]
INTERNAL += ["runc", "runsc", "app-vm"]


def positions(control):
    return control.positions if isinstance(control, Slider) else control.options


def visits(name, times):
    explorer, rng = getattr(explore, name)(), random.Random(name)
    yield explorer, explorer.values
    for _ in range(times):
        chosen = {n: rng.choice(positions(c)) for n, c in explorer.controls.items()}
        yield explorer, explorer.reach(chosen)


def shown(chart):
    return json.dumps([chart.to_spec(), chart.describe(), chart.headline, chart.table()])


@pytest.mark.parametrize("name", NAMES)
def test_a_headline_stands_above_every_picture(name):
    for explorer, values in visits(name, 50):
        chart = explorer.at(values)
        if chart.layout.title.text != "That does not fit":
            assert 3 < len(chart.headline) <= LONGEST, (values, chart.headline)
            assert chart.headline[0].isupper() or not chart.headline[0].isalpha()
            assert chart.facts
            assert all(re.fullmatch(r"[a-z][a-z0-9_]*", fact) for fact in chart.facts)
            assert len(chart.layout.title.text) > 10


@pytest.mark.parametrize("name", NAMES)
def test_no_internal_name_is_shown(name):
    for explorer, values in visits(name, 30):
        text = shown(explorer.at(values))
        found = [word for word in INTERNAL if re.search(rf"(?<![\w-]){word}(?![\w-])", text)]
        assert found == [], values


@pytest.mark.parametrize("name", NAMES)
def test_a_control_changes_the_picture_or_says_why_it_does_not(name):
    for explorer, values in visits(name, 4):
        idle = explorer.idle(values)
        before = shown(explorer.at(values))
        for control in explorer.controls.values():
            others = [p for p in positions(control) if p != values[control.name]]
            moved = (explorer.reach({**values, control.name: p}) for p in others)
            # Another value may be taken back, as the 30th box of 12.
            counts = any(shown(explorer.at(there)) != before for there in moved)
            assert counts or control.name in idle, (control.name, values)
