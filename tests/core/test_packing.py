"""Nobody's score overfills a host or turns away what fits: by hand, and against a loop over hosts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core.packing import lower_bound_hosts, place
from virtlearn.model.policies import POLICIES, first_fit

POLICY = pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))


def slow_place(demand, capacity, score):
    """Ask every host one by one; a host has room up to a rounding of its size."""
    free, given, last = np.array(capacity, float), [], -1
    for need in np.array(demand, float):
        points, best = score(need, np.maximum(free, 0), np.array(capacity, float), last), -1
        for host, room in enumerate(free):
            has_room = all(
                n <= r + 1e-12 * c for n, r, c in zip(need, room, capacity[host], strict=True)
            )
            if has_room and (best < 0 or points[host] > points[best]):
                best = host
        if best >= 0:
            free[best], last = free[best] - need, best
        given.append(best)
    return given


def filled(demand, capacity, host):
    used = np.zeros(np.shape(capacity))
    for item, h in zip(demand, host, strict=True):
        if h >= 0:
            used[h] += item
    return used


@POLICY
def test_a_thousand_random_cases_against_a_loop_over_hosts(policy):
    """Whole numbers, so that ties are many and rounding plays no part."""
    rng = np.random.default_rng(12)
    for _ in range(1000):
        items, hosts, r = rng.integers(1, 12), rng.integers(1, 6), rng.integers(1, 4)
        demand, capacity = rng.integers(0, 6, (items, r)), rng.choice([4, 8, 16], (hosts, r))
        assert place(demand, capacity, policy).tolist() == slow_place(demand, capacity, policy)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(sorted(POLICIES)))
def test_no_policy_overfills_a_host_or_refuses_an_item_that_fits(seed, name):
    rng = np.random.default_rng(seed)
    demand, capacity = rng.random((30, 2)), rng.random((6, 2)) * 3
    host = place(demand, capacity, POLICIES[name])
    assert (filled(demand, capacity, host) <= capacity * (1 + 1e-11)).all()
    for i in np.flatnonzero(host < 0):
        room = capacity - filled(demand[:i], capacity, host[:i])
        assert not (room >= demand[i] + 1e-9).all(axis=1).any()


@POLICY
def test_items_that_fill_a_host_exactly_fit(policy):
    """0.1 + 0.2 and ten tenths miss 0.3 and 1.0 by a rounding."""
    assert place([[0.1], [0.2]], [[0.3]], policy).tolist() == [0, 0]
    assert place([[0.1]] * 11, [[1.0]], policy).tolist() == [0] * 10 + [-1]


@POLICY
def test_a_full_host_stays_full_however_small_the_next_items_are(policy):
    """Rounding is forgiven once: crumbs of a tenth of it add up, and the eleventh or twelfth finds no room."""
    host = place([[1.0], *[[1e-13]] * 100], [[1.0]], policy)
    assert 9 <= (host[1:] == 0).sum() <= 11


@POLICY
@pytest.mark.parametrize("hosts", [2, 3, 7, 33, 1003])
def test_ties_go_to_the_first_host_however_many_there_are(policy, hosts):
    """A matrix product would round some equal rows differently."""
    rng = np.random.default_rng(hosts)
    for _ in range(20):
        capacity = np.tile(1 + rng.random(3), (hosts, 1))
        assert place(rng.random((1, 3)), capacity, policy).tolist() == [0]


def test_ties_go_to_the_lowest_index_of_those_with_room():
    assert place([[2]], [[1], [3], [3]], lambda *_: [9, 5, 5]).tolist() == [1]


def test_minus_infinity_is_a_veto_even_on_the_only_host_with_room():
    assert place([[2]], [[1], [3]], lambda *_: [5, -np.inf]).tolist() == [-1]
    assert place([[2]], [[3], [3]], lambda *_: [-np.inf, -1e300]).tolist() == [1]


def test_scores_of_hosts_without_room_are_thrown_away():
    for useless in (np.nan, np.inf, 1e300):
        assert place([[2]], [[1], [3]], lambda *_, x=useless: [x, -1]).tolist() == [1]


def test_a_policy_sees_all_hosts_and_the_last_one_used():
    seen = []

    def spy(need, free, capacity, last):
        seen.append((need.tolist(), free.tolist(), capacity.tolist(), last))
        return first_fit(need, free, capacity, last)

    place([[2], [9], [1]], [[1], [3]], spy)
    hosts = [[1], [3]]
    assert seen == [
        ([2], [[1], [3]], hosts, -1),
        ([9], [[1], [1]], hosts, 1),
        ([1], [[1], [1]], hosts, 1),
    ]


@pytest.mark.parametrize("touched", [0, 1, 2])
def test_a_policy_looks_but_does_not_touch(touched):
    def greedy(*shown):
        shown[touched][...] = 0
        return [0]

    with pytest.raises(ValueError, match="read-only"):
        place(np.ones((1, 1)), np.ones((1, 1)), greedy)


def test_nothing_to_place_and_nowhere_to_place_it():
    assert place(np.zeros((0, 2)), [[1, 1]], first_fit).tolist() == []
    assert place([[1, 1]], np.zeros((0, 2)), first_fit).tolist() == [-1]
    assert place([[1]], [[1]], first_fit).dtype == np.int64


def test_the_bound_takes_the_largest_hosts_and_the_tightest_resource():
    """By hand: 9 of the first needs 5 + 5; 3 of the second needs only the host of 9."""
    assert lower_bound_hosts([[4, 1], [3, 1], [2, 1]], [[5, 9], [5, 1]]) == 2
    assert lower_bound_hosts([[6], [6]], [[4], [10], [2]]) == 2
    assert lower_bound_hosts([[0.1]] * 3, [[0.3]] * 3) == 1
    assert lower_bound_hosts([[0]], [[1]]) == 0


def test_the_bound_agrees_with_taking_one_host_after_the_other():
    """Whole numbers, so that sums are exact."""
    rng = np.random.default_rng(14)
    for _ in range(1000):
        demand, capacity = rng.integers(0, 6, (rng.integers(0, 9), 2)), rng.integers(1, 12, (30, 2))
        counts = []
        for r in range(2):
            hosts, left = 0, demand[:, r].sum()
            for room in sorted(capacity[:, r], reverse=True):
                if left > 0:
                    hosts, left = hosts + 1, left - room
            counts.append(hosts)
        assert lower_bound_hosts(demand, capacity) == max(counts)


@POLICY
def test_no_packing_uses_fewer_hosts_than_the_bound(policy):
    rng = np.random.default_rng(13)
    for _ in range(200):
        demand, capacity = rng.random((12, 2)), 1 + rng.random((20, 2))
        used = np.unique(place(demand, capacity, policy)).size
        assert used >= lower_bound_hosts(demand, capacity) >= 1


ONE = [[1.0]]
REFUSED = [
    (
        lambda: place([[-1]], ONE, first_fit),
        "demand holds -1.0 at index (0, 0); it must be finite and at least 0.",
    ),
    (
        lambda: place(ONE, [[np.inf]], first_fit),
        "capacity holds inf at index (0, 0); it must be finite and at least 0.",
    ),
    (
        lambda: place([1, 2], ONE, first_fit),
        "demand has the shape (2,) and capacity (1, 1); they must be (items, resources) and (hosts, resources).",
    ),
    (
        lambda: place([[1, 2]], ONE, first_fit),
        "demand has the shape (1, 2) and capacity (1, 1); they must be (items, resources) and (hosts, resources).",
    ),
    (
        lambda: place(ONE, ONE, lambda *_: 1),
        "score gave the shape () for 1 hosts; it must give every host one number.",
    ),
    (
        lambda: place(ONE, ONE, lambda *_: [1, 2]),
        "score gave the shape (2,) for 1 hosts; it must give every host one number.",
    ),
    (
        lambda: place(ONE, ONE, lambda *_: [np.nan]),
        "score gave NaN for host 0; it must give every host a number.",
    ),
    (
        lambda: place(ONE, ONE, lambda *_: {}),
        "score is {}; it must be a number or an array of numbers.",
    ),
    (
        lambda: lower_bound_hosts([[3]], [[1], [1]]),
        "demand asks for 3.0 of resource 0, but all hosts together have 2.0.",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[r[1][:40] for r in REFUSED])
def test_refused_with_a_sentence(call, message):
    with pytest.raises(errors.VirtlearnError) as refused:
        call()
    assert str(refused.value) == message
