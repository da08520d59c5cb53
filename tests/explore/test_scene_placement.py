"""The boxes of a decision: to scale, with the copy where it would go, and the winner marked."""

import numpy as np
import pytest

from virtlearn import explore
from virtlearn.explore.running import HOSTS, ROOM, USED

FREE = [(room[0] - used[0], room[1] - used[1]) for room, used in zip(ROOM, USED, strict=True)]


def positions(count, seed):
    rng = np.random.default_rng(seed)
    controls = explore.placement().controls
    return [
        {
            "cpu_cores": float(rng.choice(controls["cpu_cores"].positions)),
            "memory_mib": float(rng.choice(controls["memory_mib"].positions)),
            "aim": str(rng.choice(controls["aim"].options)),
            "taint": str(rng.choice(controls["taint"].options)),
        }
        for _ in range(count)
    ]


def boxes(chart, name):
    """The boxes of a kind, as (left, right, low, high)."""
    trace = next(trace for trace in chart.data if trace.name == name)
    found = []
    for start in range(0, len(trace.x or ()), 6):
        x, y = trace.x[start : start + 5], trace.y[start : start + 5]
        found.append((min(x), max(x), min(y), max(y)))
    return found


def passing(at):
    """Which hosts have room, worked out again with plain numbers."""
    need = 1000 * at["cpu_cores"], at["memory_mib"]
    fits = [cpu >= need[0] and mib >= need[1] for cpu, mib in FREE]
    return [
        fit and not (name == "host D" and at["taint"] == "keeps copies out")
        for name, fit in zip(HOSTS, fits, strict=True)
    ]


def test_boxes_are_to_scale_and_the_copy_fits_where_it_passes():
    for at in positions(100, 5):
        the_boxes_are_right(at)


@pytest.mark.slow
def test_so_it_is_at_a_thousand_positions():
    for at in positions(1000, 50):
        the_boxes_are_right(at)


def the_boxes_are_right(at):
    chart = explore.placement(**at).figure()
    hosts, promised = boxes(chart, "host"), boxes(chart, "promised already")
    sizes = [(round(r - le, 9), round(high - low, 9)) for le, r, low, high in hosts]
    assert sizes == [(cpu / 1000, mib / 1024) for cpu, mib in ROOM]
    taken = [(round(r - le, 9), round(high - low, 9)) for le, r, low, high in promised]
    assert taken == [(cpu / 1000, mib / 1024) for cpu, mib in USED]
    copies = boxes(chart, "the copy") + boxes(chart, "the copy, if it went there")
    assert len(copies) == len(HOSTS)
    for left, right, low, high in copies:
        host = max(i for i, whole in enumerate(hosts) if whole[0] <= left + 1e-9)
        cpu, mib = FREE[host]
        fits = 1000 * at["cpu_cores"] <= cpu and at["memory_mib"] <= mib
        assert fits == (right <= hosts[host][1] + 1e-9 and high <= hosts[host][3] + 1e-9)
        if fits:
            assert right - left == pytest.approx(at["cpu_cores"])
            assert high - low == pytest.approx(at["memory_mib"] / 1024)


@pytest.mark.parametrize("at", positions(100, 6))
def test_winner_points_and_crosses_are_those_of_the_decision(at):
    explorer = explore.placement(**at)
    chart = explorer.figure()
    head, *rows = chart.table()
    sums = [int(row[head.index("sum")]) for row in rows]
    among = passing(at)
    assert chart.facts["hosts_left"] == sum(among)
    words = [str(note.text) for note in chart.layout.annotations]
    assert sum(word.startswith("\u2717") for word in words) == among.count(False)
    crosses = next(trace for trace in chart.data if trace.name == "out")
    assert len(crosses.x or ()) == max(0, 6 * among.count(False) - 1)
    if not any(among):
        assert chart.headline == "No host can take the copy"
        assert chart.facts["winner"] == -1
        assert explorer.controls["aim"].idle(explorer.values)
        return
    best = max(range(len(HOSTS)), key=lambda i: (among[i], sums[i], -i))
    assert chart.facts["winner"] == best
    assert chart.headline == f"Host {HOSTS[best][-1]} wins with {sums[best]:,} points"
    assert boxes(chart, "the host that wins") == [boxes(chart, "host")[best]]
    assert sum("\u2605" in word for word in words) == 1
    for i, fits in enumerate(among):
        points = f"{sums[i]:,} points"
        assert any(HOSTS[i] in word and points in word for word in words) == fits
    assert not explorer.controls["aim"].idle(explorer.values)


def test_the_aim_changes_the_points_wherever_a_host_passes():
    for at in positions(60, 7):
        figures = [explore.placement(**{**at, "aim": aim}).figure() for aim in ("spread", "pack")]
        if figures[0].facts["hosts_left"]:
            assert figures[0].headline != figures[1].headline or any(
                a != b for a, b in zip(figures[0].table(), figures[1].table(), strict=True)
            )
