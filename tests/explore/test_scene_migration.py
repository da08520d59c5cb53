"""The lanes of a move: every block, word and number is what the law says."""

import numpy as np
import pytest

from virtlearn import core, explore
from virtlearn.explore.running import MOST_ROUNDS

SPEED = {
    "1 Gbit/s": 1e9 / 8 / 2**20,
    "10 Gbit/s": 1e10 / 8 / 2**20,
    "25 Gbit/s": 2.5e10 / 8 / 2**20,
}
RUNS = ("copied while it runs", "copied while slowed")


def positions(count, seed):
    """Positions of all controls but the clock."""
    rng = np.random.default_rng(seed)
    return [
        {
            "dirty_mib_s": float(rng.choice(explore.migration().controls["dirty_mib_s"].positions)),
            "memory_gib": int(rng.choice([2, 8, 32])),
            "network": str(rng.choice(list(SPEED))),
            "slow": str(rng.choice(["no", "yes"])),
        }
        for _ in range(count)
    ]


def law(at):
    return core.migration.precopy(
        1024 * at["memory_gib"],
        at["dirty_mib_s"],
        SPEED[at["network"]],
        max_rounds=MOST_ROUNDS,
        auto_converge=at["slow"] == "yes",
    )


def blocks(chart):
    """All blocks as (lane, word, start, length), in the axis' unit."""
    return [
        (lane, trace.name, start, length)
        for trace in chart.data
        for lane, start, length in zip(trace.y, trace.base, trace.x, strict=True)
    ]


def drawn(chart):
    return {(lane, round(start, 9)): length for lane, _, start, length in blocks(chart)}


def test_rounds_and_standstill_are_drawn_as_the_law_has_them():
    for at in positions(100, 15):
        the_first_lane_is_the_law(at)


@pytest.mark.slow
def test_a_thousand_moves_are_drawn_as_the_law_has_them():
    for at in positions(1000, 19):
        the_first_lane_is_the_law(at)


def the_first_lane_is_the_law(at):
    chart = explore.migration(**at).figure()
    moved = law(at)
    end = chart.layout.xaxis.range[1]
    unit = 60 if "min" in chart.layout.xaxis.title.text else 1
    lane = sorted((start, length, word) for i, word, start, length in blocks(chart) if i == 0)
    sizes = moved.rounds_mib[: moved.rounds + 1] / SPEED[at["network"]] / unit
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    seen = starts < end
    expected = np.minimum(sizes[seen], end - starts[seen])
    words = [RUNS[int(held > 0)] for held in moved.throttle[: moved.rounds]]
    if moved.converged:
        assert len(lane) == moved.rounds + 1
    # Blocks without a length may stand at one place.
    assert [start for start, _, _ in lane] == pytest.approx(starts[seen].tolist())
    assert sum(length for _, length, _ in lane) == pytest.approx(expected.sum())
    assert sorted(w for _, _, w in lane) == sorted([*words, "dark"][: len(lane)])


@pytest.mark.parametrize("at", positions(60, 16))
def test_headline_and_facts_are_the_laws(at):
    chart = explore.migration(**at).figure()
    moved = law(at)
    facts = chart.facts
    assert facts["pre_copy_dark_s"] == pytest.approx(moved.downtime_s.item())
    assert facts["pre_copy_total_s"] == pytest.approx(moved.total_s.item())
    assert facts["pre_copy_rounds"] == moved.rounds
    assert facts["pre_copy_ends"] == moved.converged
    grows = moved.rounds_mib[moved.rounds] >= moved.rounds_mib[moved.rounds - 1]
    if moved.converged:
        start = "Dark for " if moved.downtime_s > 0 else "Never dark in "
        assert chart.headline.startswith(start)
        assert facts["pre_copy_sent_mib"] == pytest.approx(moved.sent_mib.item())
    elif grows:
        assert chart.headline == "Pre-copy never ends: no round gets shorter"
    else:
        assert chart.headline == f"Pre-copy is given up after {MOST_ROUNDS} rounds"
    assert ("and on" in [note.text for note in chart.layout.annotations]) == (not moved.converged)


def test_a_move_that_only_takes_long_is_not_called_endless():
    """By hand: 8,192 of 119.2 MiB/s slowed to a hundredth is less than the network sends."""
    late = explore.migration(dirty_mib_s=8192, network="1 Gbit/s", slow="yes").figure()
    never = explore.migration(dirty_mib_s=2048).figure()
    assert "given up" in late.describe()
    assert "never ends" not in late.describe()
    assert "never ends" in never.describe()


@pytest.mark.parametrize("at", positions(8, 17))
def test_later_moments_never_show_less(at):
    before = {}
    for clock in np.sort(np.random.default_rng(3).uniform(0, 100, 25)).tolist() + [100]:
        now = drawn(explore.migration(**at, clock=clock).figure())
        for place, length in before.items():
            assert now[place] >= length - 1e-9
        before = now


def test_the_clock_moves_no_axis():
    ends = {explore.migration(clock=c).figure().layout.xaxis.range[1] for c in (0, 4, 52, 96, 100)}
    assert len(ends) == 1


@pytest.mark.parametrize("at", positions(40, 18))
def test_marks_fill_at_least_half_of_the_axis(at):
    chart = explore.migration(**at).figure()
    reached = max(start + length for _, _, start, length in blocks(chart))
    assert reached >= 0.49 * chart.layout.xaxis.range[1]


def test_at_any_moment_stands_what_has_happened_until_then():
    """Two hundred moments: every lane ends at the clock or at its own end, and so does what was sent."""
    rng = np.random.default_rng(11)
    for at, clock in zip(positions(200, 20), rng.uniform(1, 99, 200).tolist(), strict=True):
        chart = explore.migration(**at, clock=clock).figure()
        memory, speed = 1024 * at["memory_gib"], SPEED[at["network"]]
        moved = law(at)
        pages = core.migration.postcopy(memory, speed, state_mib=16)
        still = core.migration.stop_and_copy(memory, speed).item()
        first = moved.total_s.item() if moved.converged else 2.5 * still
        now = clock / 100 * max(first, pages.total_s.item(), 2)
        unit = 60 if "min" in chart.layout.xaxis.title.text else 1
        ends = [0.0] * 4
        for lane, _, start, length in blocks(chart):
            ends[lane] = max(ends[lane], unit * (start + length))
        whole = [moved.total_s.item(), pages.total_s.item(), still, 2.0]
        assert ends == pytest.approx([min(now, x) for x in whole])
        amounts = [moved.sent_mib.item(), memory + 16, memory]
        shown = [
            chart.facts[f"{way}_sent_mib"] for way in ("pre_copy", "post_copy", "stop_and_copy")
        ]
        assert shown == pytest.approx([min(speed * now, amount) for amount in amounts])
