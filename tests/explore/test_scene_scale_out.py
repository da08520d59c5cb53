"""The field of doors: open doors, headline, facts and stairs are copies counted one by one."""

import random
from itertools import pairwise

import pytest

from virtlearn import deploy, explore
from virtlearn.catalog.platforms import platform, platforms
from virtlearn.model import Host, Workload

from .test_explorers import positions

SOON = 1e-9


def start_of(on):
    return deploy(Workload("app", 0.1, 128), copies=1, host=Host(16, 64), on=on).start_s


START = {on: start_of(on) for on in platforms()}


def counted(v, on, clock):
    """Copies ready by now, wave after wave: a slow second count; and when the last one is."""
    now, ready, last = v["image_mib"] / v["mib_per_s"], 0, 0.0
    waiting = v["copies"]
    while waiting:
        wave = min(v["parallel"], waiting)
        now += START[on]
        waiting -= wave
        last = now
        if now <= clock * (1 + SOON):
            ready += wave
    return ready, last


def door_count(chart, name):
    """Outlines in the trace of that name, counted by the gaps between them."""
    (trace,) = (t for t in chart.data if t.name == name)
    return sum(x is None for x in trace.x)


def check(explorer):
    v, chart = explorer.values, explorer.figure()
    shown = dict.fromkeys(("containers", v["on"], "virtual-machines"))
    slow = {platform(on).title: counted(v, on, v["clock_s"]) for on in shown}
    end = max(last for _, last in slow.values())
    behind = v["copies"] // 100 or 1
    heads = [n.text.replace("<br>", " ") for n in chart.layout.annotations]
    for title, (ready, last) in slow.items():
        name = title.lower().replace(" ", "_").replace("-", "_").replace(",", "")
        assert chart.facts[f"{name}_ready"] == ready
        assert chart.facts[f"{name}_last_s"] == pytest.approx(last)
        assert door_count(chart, f"{title}: open") == ready // behind
        (head,) = (t for t in heads if f"<b>{title}</b>" in t)
        assert f"{ready:,} of {v['copies']:,} ready" in head
        (stair,) = (t for t in chart.data if t.name == title)
        assert stair.y[-1] == ready
    names = ["waiting", *(f"{title}: {s}" for title in slow for s in ("open", "starting"))]
    assert sum(door_count(chart, name) for name in names) == len(slow) * v["copies"] // behind
    if v["clock_s"] * (1 + SOON) >= end:
        said = chart.headline.split(" after ")[1].split(" : ")
        shown_s = [float(part.split()[0].replace(",", "")) for part in said]
        assert shown_s == pytest.approx([last for _, last in slow.values()], rel=5e-3)
    else:
        now = " : ".join(f"{ready:,}" for ready, _ in slow.values())
        assert chart.headline.endswith(f": {now} ready")


@pytest.mark.slow
def test_a_thousand_positions_open_as_many_doors_as_copies_answer():
    explorer, rng = explore.scale_out(), random.Random(15)
    for _ in range(1000):
        explorer.values = positions(explorer, rng.choice)
        check(explorer)


def test_two_hundred_moments_of_time_open_the_doors_of_the_waves_so_far():
    explorer, rng = explore.scale_out(image_mib=512), random.Random(5)
    for _ in range(200):
        explorer.values = {"clock_s": 10 ** rng.uniform(-1, 2.4)}
        check(explorer)


def test_a_later_moment_never_shows_fewer_open_doors_and_the_download_comes_first():
    explorer = explore.scale_out(copies=1000)
    clock = explorer.controls["clock_s"]
    charts = [explorer.at(explorer.reach({"clock_s": s})) for s in clock.positions]
    for before, after in pairwise(charts):
        for title in ("containers", "microVMs", "virtual machines"):
            assert door_count(after, f"{title}: open") >= door_count(before, f"{title}: open")
    for chart in charts:
        if chart.facts["clock_s"] < chart.facts["download_s"]:
            assert not door_count(chart, "containers: open")
            assert not door_count(chart, "containers: starting")
    assert door_count(charts[-1], "virtual machines: open") == 100


def test_the_bar_of_the_download_fills_once():
    explorer = explore.scale_out(image_mib=512, clock_s=2)
    full = explorer.at(explorer.reach({"clock_s": 300}))
    (part,), (whole,) = (
        [t for t in c.data if t.name == "download"] for c in (explorer.figure(), full)
    )
    assert max(part.x) == pytest.approx(max(whole.x) * 2 / 8)


def test_every_number_at_a_time_and_every_moment_that_can_be_chosen_shows_something_else():
    explorer = explore.scale_out(copies=10)
    for name in ("parallel", "clock_s"):
        words = explorer.controls[name].words(explorer.values)
        chosen = explorer.controls[name].positions[: len(words)]
        pictures = [explorer.at(explorer.reach({name: x})).to_json() for x in chosen]
        assert len(set(pictures)) == len(chosen), name
