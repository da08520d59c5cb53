"""The CPU cut into who gets what: every mark is the law's number."""

import random

import pytest

from virtlearn import explore, units
from virtlearn.core import cpu

from .test_explorers import positions

NAMES = ("Red", "Blue", "noisy")


def visits(times):
    explorer, rng = explore.shares(), random.Random("shares drawn")
    for _ in range(times):
        explorer.values = positions(explorer, rng.choice)
        yield explorer, explorer.values


def law(v):
    asked = [v["red_cores"], v["blue_cores"], v["noisy_cores"]]
    got = cpu.fair_share(
        asked,
        capacity_cores=v["capacity_cores"],
        weight=[v["red_weight"], 100, 100],
        limit_cores=[99, 99, v["noisy_limit_cores"]],
        reservation_cores=[v["red_reserved_cores"], 0, 0],
    )
    return asked, got.tolist()


def check(explorer, v):
    asked, got = law(v)
    chart = explorer.figure()
    traces = {trace.name: trace for trace in chart.data if trace.orientation == "h"}
    begin = 0.0
    for i, name in enumerate(NAMES):
        cut = traces["the CPU"]
        assert cut.customdata[i] == name
        assert (cut.base[i], cut.x[i]) == pytest.approx((begin, got[i]))
        assert traces["asked for"].base[i] == pytest.approx(begin), "outlines begin with their cut"
        assert traces["asked for"].x[i] == asked[i]
        assert chart.facts[f"{name.lower()}_gets"] == pytest.approx(got[i])
        assert chart.facts[f"{name.lower()}_lacks"] == pytest.approx(asked[i] - got[i])
        begin += got[i]
    assert cut.base[3] + cut.x[3] == pytest.approx(v["capacity_cores"])
    assert chart.facts["idle_cores"] == pytest.approx(v["capacity_cores"] - begin, abs=1e-8)
    assert chart.layout.xaxis.range[1] <= 2 * v["capacity_cores"], "the CPU fills half of it"
    if asked[0]:
        assert chart.headline.startswith(f"Red gets {units.plain(got[0])} of the ")
    assert len(chart.headline) <= 45


def test_cuts_outlines_and_headline_are_the_laws():
    for explorer, v in visits(100):
        check(explorer, v)


@pytest.mark.slow
def test_cuts_outlines_and_headline_are_the_laws_at_a_thousand_positions():
    for explorer, v in visits(1000):
        check(explorer, v)


def test_limits_and_promises_stand_where_they_hold():
    explorer = explore.shares(noisy_limit_cores=0.5, red_reserved_cores=1.0)
    marks = {t.name: t for t in explorer.figure().data if t.type == "scatter"}
    got = law(explorer.values)[1]
    assert marks["limit"].x[2] == pytest.approx(got[0] + got[1] + 0.5)
    assert marks["reserved"].x[0] == 1
    said = [note.text for note in explorer.figure().layout.annotations]
    assert "limit 0.5" in said
    assert "reserved 1" in said


def test_what_changes_nothing_says_why():
    explorer = explore.shares(red_cores=1.0, blue_cores=1.0, noisy_cores=1.0)
    reason = explorer.controls["red_weight"].idle(explorer.values)
    assert reason == "nobody competes: all that is asked for is there"
    explorer.values = {"red_cores": 0.0}
    assert explorer.controls["red_reserved_cores"].idle(explorer.values) == "Red asks for nothing"
