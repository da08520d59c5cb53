"""The race of starts: every block, flag, headline and fact is the deployment's own number."""

import random
from itertools import pairwise

import pytest

from virtlearn import deploy, explore
from virtlearn.catalog.platforms import platform, platforms
from virtlearn.model import Host, Workload

from .test_explorers import positions

PLACES = 1000


def phases_of(on, program_s):
    """The phases of one more copy, told by a deployment of its own, and the learner's program."""
    one = deploy(Workload("app", 0.1, 128), copies=1, host=Host(16, 64), on=on)
    return [*one.start_phases, ("your program", program_s)]


STARTS = {on: phases_of(on, 0.0)[:-1] for on in platforms()}


def drawn(chart):
    """Each lane's blocks from left to right: (phase, begins, ends)."""
    found = {}
    for trace in chart.data:
        for title, start, long in zip(trace.customdata, trace.base, trace.x, strict=True):
            found.setdefault(title, []).append((trace.name, start, start + long))
    return {title: sorted(blocks, key=lambda block: block[1:]) for title, blocks in found.items()}


def wanted(phases, clock_s):
    """A slow count: what of each phase lies before the clock."""
    found, now = [], 0.0
    for word, seconds in phases:
        end = min(now + seconds, clock_s)
        if end > now:
            found.append((word, now, end))
        now += seconds
    return found


def check(explorer):
    v, chart = explorer.values, explorer.figure()
    lanes = {
        platform(on).title: [*STARTS[on], ("your program", v["program_s"])]
        for on in ("containers", v["second"], v["third"])
    }
    sums = {title: sum(seconds for _, seconds in some) for title, some in lanes.items()}
    clock = min(v["clock_s"], max(sums.values()))
    found = drawn(chart)
    for title, some in lanes.items():
        blocks = wanted(some, clock)
        seen = found.get(title, [])
        assert [word for word, *_ in seen] == [word for word, *_ in blocks]
        for (_, *ends), (_, *slow_ends) in zip(seen, blocks, strict=True):
            assert ends == pytest.approx(slow_ends, rel=1e-4, abs=1e-9)
    arrived = [title for title, total in sums.items() if total <= clock * (1 + 1e-12)]
    assert chart.facts["answering"] == len(arrived)
    flags = [note.text for note in chart.layout.annotations if "⚑" in note.text]
    assert len(flags) == len(arrived)
    if len(arrived) == len(sums):
        shown = [float(part.split()[0]) for part in chart.headline.split(" : ")]
        assert shown == pytest.approx(list(sums.values()), rel=5e-3)
    else:
        assert f"{len(arrived) or 'none'} of {len(sums)}" in chart.headline
    for title, flag in zip(arrived, flags, strict=True):
        assert float(flag.split("<b>")[1].split()[0]) == pytest.approx(sums[title], rel=5e-3)
    first, *others = sums.values()
    for place, total in zip(("second", "third"), others, strict=False):
        assert chart.facts[f"{place}_to_first"] == pytest.approx(total / first)
    end = max(ends[-1][2] for ends in found.values())
    assert 0.9999 * end <= chart.layout.xaxis.range[1] <= 2.0001 * end, (
        "marks fill half of the axis"
    )


@pytest.mark.slow
def test_a_thousand_positions_draw_the_deployments_own_phases():
    explorer, rng = explore.start_phases(), random.Random(15)
    for _ in range(PLACES):
        explorer.values = positions(explorer, rng.choice)
        check(explorer)


def test_two_hundred_moments_of_time_draw_what_is_over_by_then():
    explorer, rng = explore.start_phases(program_s=0.5), random.Random(5)
    for _ in range(200):
        explorer.values = {"clock_s": 10 ** rng.uniform(-3, 1.3)}
        check(explorer)


def test_a_later_moment_never_shows_less():
    explorer = explore.start_phases()
    clock = explorer.controls["clock_s"]
    charts = [explorer.at(explorer.reach({"clock_s": s})) for s in clock.positions]
    for before, after in pairwise(charts):
        assert after.facts["answering"] >= before.facts["answering"]
        ends = [{t: blocks[-1][2] for t, blocks in drawn(c).items()} for c in (before, after)]
        assert all(ends[1][title] >= end for title, end in ends[0].items())
    assert charts[-1].facts["answering"] == 3


def test_the_clock_stays_at_the_end_when_the_race_becomes_longer():
    explorer = explore.start_phases()
    assert explorer.values["clock_s"] == 11, "the first moment at which everyone answers"
    explorer.values = {"program_s": 10}
    assert explorer.figure().facts["answering"] == 3
    explorer.values = {"clock_s": 0.2}
    explorer.values = {"program_s": 0}
    assert explorer.values["clock_s"] == 0.2, "who stopped the clock finds it where it was"


def test_every_moment_that_can_be_chosen_shows_something_else():
    explorer = explore.start_phases()
    words = explorer.controls["clock_s"].words(explorer.values)
    moments = explorer.controls["clock_s"].positions[: len(words)]
    pictures = [explorer.at(explorer.reach({"clock_s": s})).to_json() for s in moments]
    assert len(set(pictures)) == len(moments)
