"""Jobs in lanes: what is drawn is what a clock of small steps gives."""

import random

import pytest

from virtlearn import explore

from .test_explorers import positions


def queue(work, come, cores):
    """One after the other, by hand: each takes the core that is free first."""
    free, ends = [0.0] * cores, []
    for need, at in zip(work, come, strict=True):
        free.sort()
        ends.append(max(free[0], at) + need)
        free[0] = ends[-1]
    return ends


def turns(work, come, cores):
    """Equal parts for all who are here, from event to event, without the library."""
    left, ends, now = list(work), [0.0] * len(work), 0.0
    while any(x > 1e-9 for x in left):
        here = [i for i, x in enumerate(left) if x > 1e-9 and come[i] <= now + 1e-9]
        later = [c for c, x in zip(come, left, strict=True) if x > 1e-9 and c > now + 1e-9]
        speed = min(1.0, cores / len(here)) if here else 0.0
        steps = [c - now for c in later] + [left[i] / speed for i in here]
        now += min(steps)
        for i in here:
            left[i] -= speed * min(steps)
            if left[i] <= 1e-9:
                ends[i] = now
    return ends


def visits(times):
    explorer, rng = explore.jobs(), random.Random("jobs drawn")
    for _ in range(times):
        explorer.values = positions(explorer, rng.choice)
        yield explorer, explorer.values


def check(explorer, v):
    chart = explorer.figure()
    work = [v["long_s"], *[v["short_s"]] * 3]
    come = [v["every_s"] * i for i in range(4)]
    ends = {"in turns": turns(work, come, v["cores"]), "in order": queue(work, come, v["cores"])}
    last = max(max(row) for row in ends.values())
    now = last * v["passed"] / 100
    for y, (title, row) in zip(("y", "y2"), ends.items(), strict=True):
        stays, runs = (t for t in chart.data if (t.yaxis or "y").replace("y1", "y") == y)
        shown = [max(0.0, min(end, now) - at) for end, at in zip(row, come, strict=True)]
        assert list(stays.x) == pytest.approx(shown, abs=1e-6)
        done = sum(x * w / 0.8 for x, w in zip(runs.x or (), runs.width or (), strict=True))
        if v["passed"] == 100:
            assert done == pytest.approx(sum(work)), "all work is drawn, as high as it is fast"
        assert done <= sum(work) + 1e-6
        short = sum(e - c for e, c in zip(row[1:], come[1:], strict=True)) / 3
        assert chart.facts[f"short_{title.replace(' ', '_')}_s"] == pytest.approx(short)
    assert last <= chart.layout.xaxis.range[1] <= 2 * last * (1 + 1e-9)
    assert len(chart.headline) <= 45
    assert chart.headline.startswith("Short jobs: ")


def test_lanes_and_headline_are_those_of_a_queue_by_hand():
    for explorer, v in visits(100):
        check(explorer, v)


@pytest.mark.slow
def test_lanes_and_headline_are_those_of_a_queue_by_hand_at_a_thousand_positions():
    for explorer, v in visits(1000):
        check(explorer, v)


def test_time_only_adds_to_what_has_happened():
    for explorer, _ in visits(8):
        frames = list(explorer.sweep("passed").values())
        drawn = [sum(sum(t.x or ()) for t in chart.data) for chart in frames]
        assert drawn == sorted(drawn)
        assert len({chart.layout.xaxis.range for chart in frames}) == 1
