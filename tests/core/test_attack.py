"""How far an intruder gets: escape chains by hand, and every wall's outcome enumerated."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core.attack import (
    expected_copies_lost,
    play_attacks,
    reach_pmf,
    simulate_attacks,
    walls_on_the_way,
)
from virtlearn.core.tree import leaves


def random_tree(rng, n):
    return [-1, *(int(rng.integers(0, i)) for i in range(1, n))]


def slow_reach(parent, escape, start):
    """Try every combination of walls that hold and walls that give way."""
    pmf = [0.0] * len(parent)
    for gives in itertools.product((0, 1), repeat=len(parent)):
        chance = math.prod(e if g else 1 - e for e, g in zip(escape, gives, strict=True))
        at = start
        while gives[at] and parent[at] >= 0:
            at = parent[at]
        pmf[at] += chance
    return pmf


def slow_lost(parent, top):
    """Count the leaves whose path passes the highest node reached."""
    lost = 0
    for leaf in leaves(parent):
        at = int(leaf)
        while at not in (-1, top):
            at = parent[at]
        lost += at == top
    return lost


def test_an_escape_chain_by_hand():
    """A container (0.1) in a guest (0.5): 0.9 stay, 0.05 end in the guest, 0.05 reach the host."""
    np.testing.assert_allclose(reach_pmf([-1, 0, 1], [0, 0.5, 0.1], 2), [0.05, 0.05, 0.9])


def test_nobody_climbs_out_of_the_root():
    assert reach_pmf([-1], [1.0], 0).tolist() == [1]


def test_ten_containers_lose_almost_two_copies():
    """By hand: one, and the other nine once in ten times."""
    assert expected_copies_lost([-1, 0, *[1] * 10], [0, 0, *[0.1] * 10], 2) == pytest.approx(1.9)


def test_a_chain_of_a_thousand_nodes():
    """By hand: the chance to get 999 steps up is 0.999 ** 999."""
    pmf = reach_pmf(np.arange(-1, 999), 0.999, 999)
    assert pmf[0] == pytest.approx(0.999**999)
    assert pmf.sum() == pytest.approx(1)


def test_random_trees_against_every_outcome():
    rng = np.random.default_rng(6)
    for _ in range(1000):
        n = int(rng.integers(1, 8))
        parent, escape, start = (
            random_tree(rng, n),
            rng.choice([0, 1, 0.3, 0.8], n),
            int(rng.integers(n)),
        )
        pmf = slow_reach(parent, escape, start)
        np.testing.assert_allclose(reach_pmf(parent, escape, start), pmf, atol=1e-12)
        lost = sum(p * slow_lost(parent, i) for i, p in enumerate(pmf))
        assert expected_copies_lost(parent, escape, start) == pytest.approx(lost)


@settings(max_examples=60)
@given(st.integers(1, 30), st.integers(0, 10**6), st.floats(0, 1), st.floats(0, 1))
def test_weaker_walls_never_save_copies(n, seed, a, b):
    rng = np.random.default_rng(seed)
    parent, start = random_tree(rng, n), int(rng.integers(n))
    low, high = sorted((a, b))
    assert reach_pmf(parent, low, start).sum() == pytest.approx(1)
    few, many = (expected_copies_lost(parent, e, start) for e in (low, high))
    assert few <= many + 1e-9


def test_without_credentials_the_simulation_agrees_with_the_exact_value():
    """Twenty random trees, 20,000 trials each: within five standard errors."""
    rng = np.random.default_rng(7)
    for _ in range(20):
        parent = random_tree(rng, 12)
        escape, start = rng.random(12), int(rng.integers(12))
        exact, copies = expected_copies_lost(parent, escape, start), leaves(parent).size
        got = simulate_attacks(parent, escape, start, steps=2, trials=20_000, rng=rng)
        np.testing.assert_allclose(got, exact, atol=5 * copies / 2 / np.sqrt(20_000))


def test_shared_credentials_on_solid_walls_by_hand():
    """Two machines: the second falls with 0.25 in each step, so 1.25, 1.4375, 1.578125 are lost."""
    got = simulate_attacks(
        [-1, 0, 0], 0, 1, lateral=0.25, steps=3, trials=40_000, rng=np.random.default_rng(8)
    )
    np.testing.assert_allclose(got, [1.25, 1.4375, 1.578125], atol=0.012)


def slow_attack(parent, escape, start, lateral, steps, rng):
    """Follow one intruder: each wall is tried once, and each pair of copies once in every step."""
    holds = [rng.random() >= e or p < 0 for e, p in zip(escape, parent, strict=True)]
    copies, lost = set(leaves(parent).tolist()), []

    def captured_from(node):
        while not holds[node]:
            node = parent[node]
        below = {node}
        for i in range(node + 1, len(parent)):
            if parent[i] in below:
                below.add(i)
        return below & copies

    mine = captured_from(start)
    for _ in range(steps):
        before = len(mine)
        for copy in sorted(copies - mine):
            if any(rng.random() < lateral for _ in range(before)):
                mine = mine | captured_from(copy)
        lost.append(len(mine))
    return lost


@pytest.mark.parametrize("seed", range(4))
def test_credentials_that_spread_agree_with_following_one_intruder_after_the_other(seed):
    """Four random trees, 4,000 intruders each: within five standard errors."""
    rng = np.random.default_rng(seed)
    parent, start = random_tree(rng, 10), int(rng.integers(10))
    escape, copies, trials = rng.random(10) * 0.4, leaves(parent).size, 4000
    got = simulate_attacks(parent, escape, start, lateral=0.08, steps=5, trials=20_000, rng=rng)
    slow = np.mean(
        [slow_attack(parent, escape, start, 0.08, 5, rng) for _ in range(trials)], axis=0
    )
    np.testing.assert_allclose(got, slow, atol=5 * copies / 2 / np.sqrt(trials))


def test_what_is_lost_stays_lost():
    rng = np.random.default_rng(9)
    got = simulate_attacks(
        random_tree(rng, 40), 0.3, 7, lateral=0.05, steps=12, trials=500, rng=rng
    )
    assert (np.diff(got) >= 0).all()


def test_equal_seeds_give_equal_attacks():
    a, b = (
        simulate_attacks(
            [-1, 0, 0, 0], 0.2, 1, lateral=0.3, steps=4, trials=99, rng=np.random.default_rng(1)
        )
        for _ in range(2)
    )
    assert (a == b).all()


@pytest.mark.parametrize("seed", range(6))
def test_played_attacks_take_each_node_as_often_as_the_law_says(seed):
    """Random trees, 20,000 attacks each, every node after the last wall: five standard errors."""
    rng = np.random.default_rng(seed)
    parent, start = random_tree(rng, 12), int(rng.integers(12))
    escape = np.where(rng.random(12) < 0.3, 1.0, rng.random(12))
    taken = play_attacks(parent, escape, start, trials=20_000, rng=rng)
    assert len(taken) == 1 + len(walls_on_the_way(parent, escape, start))
    pmf, exact = reach_pmf(parent, escape, start), np.zeros(12)
    for node in range(12):
        here = node
        while here >= 0:
            exact[node] += pmf[here]
            here = parent[here]
    np.testing.assert_allclose(taken[-1].mean(axis=0), exact, atol=5 * 0.5 / np.sqrt(20_000))
    assert (taken[1:] >= taken[:-1]).all(), "what is taken stays taken"


def test_played_attacks_pass_one_wall_a_move_and_what_is_no_wall_at_once():
    """Host, kernel, container, process: the process is no wall, the container always gives way."""
    parent, escape = [-1, 0, 1, 2], [0, 1, np.nextafter(1, 0), 1]
    taken = play_attacks(parent, escape, 3, trials=1, rng=np.random.default_rng(0))
    assert walls_on_the_way(parent, escape, 3) == [2]
    assert taken[:, 0].tolist() == [[False, False, True, True], [True] * 4]


def test_played_attacks_lose_what_simulated_ones_lose():
    rng = np.random.default_rng(4)
    parent = random_tree(rng, 14)
    escape, dice = rng.random(14) * 0.4, {"lateral": 0.1, "steps": 5, "trials": 300}
    taken = play_attacks(parent, escape, 6, rng=np.random.default_rng(5), **dice)
    lost = taken[-5:][..., leaves(parent)].sum(axis=2).mean(axis=1)
    want = simulate_attacks(parent, escape, 6, rng=np.random.default_rng(5), **dice)
    assert lost.tolist() == want.tolist()


RNG, PAIR = np.random.default_rng(0), ([-1, 0], 0.5, 1)
REFUSED = [
    (lambda: reach_pmf([-1, 0], 1.5, 1), "escape is 1.5; it must lie between 0 and 1."),
    (
        lambda: reach_pmf([-1, 0], [0, math.nan], 1),
        "escape holds nan at index 1; it must lie between 0 and 1.",
    ),
    (lambda: reach_pmf([-1, 0], 0.5, 2), "start is 2, but the tree has the nodes 0 to 1."),
    (lambda: reach_pmf([-1, 0], 0.5, -1), "start is -1; it must be a whole number of at least 0."),
    (
        lambda: reach_pmf([-1, 1], 0.5, 1),
        "parent[1] is 1; a parent must come before its child, so 0 to 0.",
    ),
    (
        lambda: expected_copies_lost([-1, 0], [0.1] * 3, 0),
        "escape has the shape (3,), but there are 2 nodes; give one number for each.",
    ),
    (
        lambda: simulate_attacks(*PAIR, lateral=2, steps=1, trials=1, rng=RNG),
        "lateral is 2.0; it must lie between 0 and 1.",
    ),
    (
        lambda: simulate_attacks(*PAIR, lateral=[0.1, 0.2], steps=1, trials=1, rng=RNG),
        "lateral has the shape (2,); it must be one number.",
    ),
    (
        lambda: simulate_attacks(*PAIR, steps=0, trials=1, rng=RNG),
        "steps is 0; it must be a whole number of at least 1.",
    ),
    (
        lambda: simulate_attacks(*PAIR, steps=1, trials=0, rng=RNG),
        "trials is 0; it must be a whole number of at least 1.",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[r[1][:40] for r in REFUSED])
def test_refused_with_a_sentence(call, message):
    with pytest.raises(errors.VirtlearnError) as refused:
        call()
    assert str(refused.value) == message
