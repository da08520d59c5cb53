"""What copies cost, who gives memory back, and who dies, against published numbers and page-by-page loops."""

from __future__ import annotations

import heapq
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core.memory import (
    footprint_mib,
    guest_kernel_mib,
    max_copies,
    oom_kill_order,
    page_sharing_mib,
    reclaim,
)

INF = math.inf
PAGE_MIB = 1 / 256


# ---------------------------------------------------------------- slow, obvious second implementations


def slow_reclaim(shares, pages, active, needed, tax, minimum):
    """Take page by page from whoever has the lowest ratio now."""
    k = 1 / (1 - tax)
    cost = [s / (f + k * (1 - f)) for s, f in zip(shares, active, strict=True)]
    held = list(pages)
    heap = [(c / p, i) for i, (c, p) in enumerate(zip(cost, held, strict=True)) if p > minimum[i]]
    heapq.heapify(heap)
    for _ in range(needed):
        _, i = heapq.heappop(heap)
        held[i] -= 1
        if held[i] > minimum[i]:
            heapq.heappush(heap, (cost[i] / held[i], i))
    return [p - h for p, h in zip(pages, held, strict=True)]


def slow_oom(used, limit, adj, capacity):
    """Kill one after the other until the rest fits; None if it never does."""
    alive, killed = list(range(len(used))), []
    for i in range(len(used)):
        if used[i] > limit[i]:
            killed.append(i)
            alive.remove(i)
    while sum(used[i] for i in alive) > capacity:
        able = [i for i in alive if adj[i] > -1000]
        if not able:
            return None
        victim = max(able, key=lambda i: (1000 * used[i] / capacity + adj[i], -i))
        killed.append(victim)
        alive.remove(victim)
    return None if any(adj[i] == -1000 for i in killed) else killed


@st.composite
def clients(draw):
    """Draw clients, and something to take that they can give."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = int(rng.integers(1, 8))
    held = rng.choice([0, 1, 100, rng.random() * 50], n)
    minimum = rng.choice([0, 1, 40, 200], n)
    spare = (held - np.minimum(minimum, held)).sum()
    return {
        "shares": rng.choice([1, 1, 2, 1000], n),
        "allocated_mib": held,
        "active_fraction": rng.choice([0, 0.5, 1, rng.random()], n),
        "needed_mib": spare * rng.choice([0, 1, rng.random()]),
        "tax": rng.choice([0, 0.75, 0.99]),
        "minimum_mib": minimum,
    }


def ratio(case, given_up):
    """Compute the adjusted shares per page of evidence RECL-02, after giving."""
    k, f = 1 / (1 - case["tax"]), case["active_fraction"]
    with np.errstate(divide="ignore"):
        return case["shares"] / ((case["allocated_mib"] - given_up) * (f + k * (1 - f)))


# ---------------------------------------------------------------- what copies cost


def test_a_guests_kernel_keeps_what_was_measured():
    """Evidence MEM-06, five guests."""
    published = [15.9, 17.9, 21.9, 29.9, 45.9]
    assert guest_kernel_mib([128, 256, 512, 1024, 2048]) == pytest.approx(published, abs=0.01)


def test_copies_pay_their_own_part_and_share_the_rest():
    assert footprint_mib(20, app_mib=100, per_copy_mib=12, shared_mib=0) == 2240
    assert footprint_mib([0, 1, 2], 100, 12, 50).tolist() == [50.0, 162.0, 274.0]


@pytest.mark.parametrize(
    ("app", "containers", "microvms", "stock_vms"),
    [
        (20, 2048, 766, 118),
        (100, 585, 395, 103),
        (512, 125, 113, 62),
        (2048, 31, 31, 25),
        (16384, 3, 3, 3),
    ],
)
def test_small_applications_gain_most_from_containers(app, containers, microvms, stock_vms):
    """By hand from 64 GiB and overheads of 12, 65.5 and 530 + 0.0074 (app + 512); the published table rounds."""
    overhead = [12, 65.5, 530 + 0.0074 * (app + 512)]
    assert max_copies(64 * 1024, 0, app, overhead).tolist() == [containers, microvms, stock_vms]


def test_no_copies_fit_in_less_than_the_reserve():
    assert max_copies([100, 99, 0], 100, 10, 1).tolist() == [0, 0, 0]


def test_as_many_copies_fit_as_decimal_fractions_promise():
    """0.3 / 0.1 and 0.9 / 0.3 round to just below or above 3."""
    assert max_copies([0.3, 0.9], 0, [0.1, 0.3], 0).tolist() == [3, 3]


def test_a_count_of_many_copies_is_exact():
    """A rounding is forgiven, but never a whole copy."""
    assert max_copies([1e13, 1e13 - 1, 2.0**52], 0, [1, 1, 1], 0).tolist() == [
        10**13,
        10**13 - 1,
        2**52,
    ]
    assert max_copies(1.0, 0.1, 0.3, 0) == 3


def test_nothing_of_something_huge_is_nothing():
    """An intermediate sum beyond every number would make 0 x infinity, which is not a number."""
    with np.errstate(over="ignore"):
        assert footprint_mib(0, 1e308, 1e308, 7) == 7


def test_footprints_agree_with_adding_one_copy_after_the_other():
    rng = np.random.default_rng(4)
    for _ in range(1000):
        app, per_copy, shared, copies = *rng.random(3) * 1000, int(rng.integers(0, 40))
        mib = shared
        for _ in range(copies):
            mib += app + per_copy
        assert footprint_mib(copies, app, per_copy, shared) == pytest.approx(mib, rel=1e-12)


def test_what_sharing_saves_agrees_with_storing_page_after_page():
    rng = np.random.default_rng(5)
    for _ in range(1000):
        alike, own, copies = (int(x) for x in rng.integers(0, 50, 3))
        stored = {(page,) for page in range(alike) for _ in range(copies)}
        saved = copies * alike - len(stored)
        got = page_sharing_mib(alike + own, copies, alike / max(alike + own, 1))
        assert got == pytest.approx(saved, abs=1e-9)


def test_copies_that_fit_agree_with_adding_one_after_the_other():
    rng = np.random.default_rng(1)
    for _ in range(2000):
        capacity, reserve, app, per_copy = (int(x) for x in rng.integers(1, (400, 60, 30, 20)))
        n = 0
        while reserve + (n + 1) * (app + per_copy) <= capacity:
            n += 1
        assert max_copies(capacity, reserve, app, per_copy) == n


def test_one_stored_copy_is_all_that_sharing_keeps():
    """By hand: 11 guests of 512 MiB that are a quarter alike save ten quarters."""
    assert page_sharing_mib(512, [0, 1, 2, 11], 0.25).tolist() == [0.0, 0.0, 128.0, 1280.0]


# ---------------------------------------------------------------- reclaim


def test_an_idle_page_counts_four_times_at_a_tax_of_three_quarters():
    """By hand: ratios are 1/800 and 1/3200, and meet when the idle client holds a quarter of the busy one."""
    assert reclaim([1, 1], [800, 800], [1, 0], needed_mib=600).tolist() == [0.0, 600.0]


def test_from_the_meeting_on_both_give_and_keep_four_to_one():
    """By hand: 500 stay of 1600, so 400 and 100."""
    assert reclaim([1, 1], [800, 800], [1, 0], needed_mib=1100) == pytest.approx([400, 700])


def test_without_a_tax_shares_alone_decide():
    """By hand: 300 stay, in proportion to shares of 1 and 2."""
    assert reclaim([1, 2], [400, 400], [0, 1], needed_mib=500, tax=0) == pytest.approx([300, 200])


def test_nobody_goes_below_its_minimum():
    """By hand: the idle client stops at 500, so the busy one gives the rest."""
    got = reclaim([1, 1], [800, 800], [1, 0], needed_mib=600, minimum_mib=[0, 500])
    assert got.tolist() == [300.0, 300.0]


def test_who_holds_less_than_its_minimum_gives_nothing():
    assert reclaim([1, 1], [100, 800], 0, needed_mib=50, minimum_mib=200).tolist() == [0.0, 50.0]


def test_nothing_needed_takes_nothing():
    assert reclaim([1, 3], [0.1, 0.2], [0.3, 0.9], needed_mib=0).tolist() == [0.0, 0.0]


def test_everything_can_be_taken_down_to_the_minimum():
    assert reclaim([1, 1], [0.1, 0.2], 0.5, needed_mib=0.3) == pytest.approx([0.1, 0.2])


def test_reclaiming_agrees_with_taking_page_by_page():
    """To a page or two for each client: the loop cannot split one."""
    rng = np.random.default_rng(2)
    for _ in range(1000):
        n = int(rng.integers(1, 6))
        pages, minimum = rng.integers(1, 200, n), rng.integers(0, 60, n) * (rng.random() < 0.5)
        shares, active, tax = (
            rng.integers(1, 5, n),
            rng.random(n),
            float(rng.choice([0, 0.5, 0.75])),
        )
        spare = int(np.maximum(pages - minimum, 0).sum())
        needed = int(rng.integers(0, spare + 1))
        slow = slow_reclaim(
            shares.tolist(), pages.tolist(), active.tolist(), needed, tax, minimum.tolist()
        )
        got = reclaim(shares, pages * PAGE_MIB, active, needed * PAGE_MIB, tax, minimum * PAGE_MIB)
        assert np.abs(got / PAGE_MIB - slow).max() <= 2


@settings(deadline=None, max_examples=300)
@given(clients())
def test_exactly_what_is_needed_is_taken_and_no_minimum_is_broken(case):
    got, held = reclaim(**case), case["allocated_mib"]
    assert got.sum() == pytest.approx(case["needed_mib"], rel=1e-12, abs=1e-13 * held.sum())
    assert (got >= 0).all()
    assert (held - got >= np.minimum(case["minimum_mib"], held)).all()


@settings(deadline=None, max_examples=300)
@given(clients())
def test_givers_end_at_one_ratio_and_nobody_richer_was_spared(case):
    """Whoever gave and is above its minimum has the lowest ratio of all who could still give."""
    got = reclaim(**case)
    could = case["allocated_mib"] - got > case["minimum_mib"] * (1 + 1e-9) + 1e-9
    gave = got > 1e-9
    if (gave & could).any():
        assert ratio(case, got)[gave & could].max() <= ratio(case, got)[could].min() * (1 + 1e-6)


def test_a_batch_of_needs_and_taxes_is_the_loop_over_them():
    batch = reclaim(
        [1, 2, 3], [300, 200, 100], [1, 0.5, 0], needed_mib=[0, 100, 400], tax=[0, 0.5, 0.75]
    )
    rows = [
        reclaim([1, 2, 3], [300, 200, 100], [1, 0.5, 0], needed_mib=n, tax=t)
        for n, t in [(0, 0), (100, 0.5), (400, 0.75)]
    ]
    np.testing.assert_allclose(batch, rows, rtol=1e-12)


# ---------------------------------------------------------------- who is killed


def test_the_largest_dies_and_not_the_one_that_asked():
    """Measured on Linux 6.18: A sleeps with 40 of 64 MiB, B grows, A is killed; with +900 on B, B is."""
    assert oom_kill_order([40, 24.1], 48, [0, 0], 64).tolist() == [0]
    assert oom_kill_order([40, 24.1], 48, [0, 900], 64).tolist() == [1]


def test_those_over_their_own_limit_die_first_and_may_save_the_rest():
    assert oom_kill_order([60, 10, 20], [INF, 8, 15], 0, 64).tolist() == [1, 2]
    assert oom_kill_order([60, 10, 20], [INF, 8, INF], 0, 64).tolist() == [1, 0]


def test_one_group_is_a_row_of_one():
    assert oom_kill_order(5, INF, 0, capacity_mib=3).tolist() == [0]


def test_nobody_dies_while_everything_fits():
    assert oom_kill_order([10, 20], INF, 0, 30).tolist() == []
    assert oom_kill_order([0.1, 0.2], INF, 0, 0.3).tolist() == []


def test_ties_go_to_the_lowest_index_and_protected_groups_survive():
    assert oom_kill_order([10, 10, 10], INF, 0, 15).tolist() == [0, 1]
    assert oom_kill_order([30, 10, 10], INF, [-1000, 0, 0], 40).tolist() == [1]


def test_killing_agrees_with_a_loop_that_kills_one_after_the_other():
    rng, refused = np.random.default_rng(3), 0
    for _ in range(3000):
        n = int(rng.integers(1, 8))
        used, limit = rng.integers(0, 50, n), rng.choice([INF, INF, 30.0], n)
        adj, capacity = rng.choice([0, 0, 100, 900, -500, -1000], n), int(rng.integers(1, 150))
        expected = slow_oom(used.tolist(), limit.tolist(), adj.tolist(), capacity)
        if expected is None:
            refused += 1
            with pytest.raises(errors.NobodyToKill):
                oom_kill_order(used, limit, adj, capacity)
        else:
            assert oom_kill_order(used, limit, adj, capacity).tolist() == expected
    assert 100 < refused < 2500


def test_indices_and_counts_are_int64():
    assert oom_kill_order([1], INF, 0, 9).dtype == max_copies(9, 0, 1, 1).dtype == np.int64


# ---------------------------------------------------------------- refusals

REFUSALS = [
    (
        lambda: guest_kernel_mib([128, -1]),
        errors.ImpossibleAmount,
        "ram_mib holds -1.0 at index 1; it must be finite and at least 0.",
    ),
    (
        lambda: footprint_mib(2.5, 1, 1, 1),
        errors.ImpossibleCount,
        "copies is 2.5; it must be a whole number of at least 0.",
    ),
    (
        lambda: footprint_mib(2, math.nan, 1, 1),
        errors.ImpossibleAmount,
        "app_mib is nan; it must be finite and at least 0.",
    ),
    (
        lambda: footprint_mib([1, 2], [1, 2, 3], 1, 1),
        errors.ShapeMismatch,
        "copies (2,), app_mib (3,), per_copy_mib (), shared_mib () cannot be lined up; they must broadcast.",
    ),
    (
        lambda: max_copies(100, -1, 1, 1),
        errors.ImpossibleAmount,
        "reserve_mib is -1.0; it must be finite and at least 0.",
    ),
    (
        lambda: max_copies(100, 0, [1, 0], 0),
        errors.ImpossibleAmount,
        "app_mib and per_copy_mib are both 0, so any number fits. Give one of them a size.",
    ),
    (
        lambda: max_copies(1e300, 0, 1, 0),
        errors.ImpossibleAmount,
        "capacity_mib holds 2**53 copies or more, too many to count exactly.",
    ),
    (
        lambda: reclaim([1, 0], [1, 1], 0, 1),
        errors.ImpossibleWeight,
        "shares holds 0.0 at index 1; weights must be finite and greater than 0.",
    ),
    (
        lambda: reclaim([1, 1], [1, 1], 1.5, 1),
        errors.ImpossibleProbability,
        "active_fraction is 1.5; it must lie between 0 and 1.",
    ),
    (
        lambda: reclaim([1, 1], [1, 1], 0, 1, tax=1),
        errors.ImpossibleAmount,
        "tax is 1.0; it must be below 1, where an idle page would count infinitely often.",
    ),
    (
        lambda: reclaim([1, 1], [1, 1], 0, 1, tax=-0.1),
        errors.ImpossibleProbability,
        "tax is -0.1; it must lie between 0 and 1.",
    ),
    (
        lambda: reclaim([1, 1], [100, 50], 0, needed_mib=120, minimum_mib=20),
        errors.CannotReclaim,
        "needed_mib is 120, but above minimum_mib the clients hold 110 in all.\nLower a minimum, or take less.",
    ),
    (
        lambda: page_sharing_mib(512, 2, 1.1),
        errors.ImpossibleProbability,
        "shareable_fraction is 1.1; it must lie between 0 and 1.",
    ),
    (
        lambda: oom_kill_order([1, 1], INF, [0, 1001], 2),
        errors.ImpossibleAmount,
        "adj holds 1001.0 at index 1; it must lie between -1000 (never killed) and 1000.",
    ),
    (
        lambda: oom_kill_order([1, 1], INF, 0, 0),
        errors.ImpossibleAmount,
        "capacity_mib is 0.0; it must be finite and greater than 0.",
    ),
    (
        lambda: oom_kill_order([1, 1], INF, "low", 2),
        errors.ImpossibleAmount,
        "adj is 'low'; it must be a number or an array of numbers.",
    ),
    (
        lambda: oom_kill_order([[1, 2], [3, 4]], INF, 0, 5),
        errors.ShapeMismatch,
        "used_mib, limit_mib and adj line up to the shape (2, 2); give one row of groups.",
    ),
    (
        lambda: oom_kill_order([1, 2], INF, 0, [5, 6]),
        errors.ShapeMismatch,
        "capacity_mib has the shape (2,); it must be one number.",
    ),
    (
        lambda: oom_kill_order([1, 9], [INF, 8], [0, -1000], 99),
        errors.NobodyToKill,
        "Groups with adj -1000 hold 9 MiB, which is more than they may.\nAllow one of them to be killed: raise its adj above -1000.",
    ),
    (
        lambda: oom_kill_order([30, 30], INF, [-1000, -1000], 40),
        errors.NobodyToKill,
        "Groups with adj -1000 hold 60 MiB, which is more than they may.\nAllow one of them to be killed: raise its adj above -1000.",
    ),
    (
        lambda: oom_kill_order([1, 2], [1, 2, 3], 0, 9),
        errors.ShapeMismatch,
        "used_mib (2,), limit_mib (3,), adj () cannot be lined up; they must broadcast.",
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    REFUSALS,
    ids=[f"{i}-{r[1].__name__}" for i, r in enumerate(REFUSALS)],
)
def test_what_cannot_be_is_refused_with_a_sentence(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
