"""Memory limits in depth, and what the field reported of the older laws: by hand, slow second ways, agreement."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.catalog.evidence import evidence
from virtlearn.core.memory import (
    effective_protection,
    eviction_order,
    memory_outcome,
    oom_kill_order,
    share_surplus,
    swap_max,
)

INF = math.inf


# ---------------------------------------------------------------- slow, obvious second implementations


def slow_protection(usage, setting, parent, recursive):
    claims = [min(u, s) for u, s in zip(usage, setting, strict=True)]
    if sum(claims) > parent:
        return [Fraction(c) * parent / sum(claims) for c in claims]
    above = [u - c for u, c in zip(usage, claims, strict=True)]
    if not recursive or not sum(above):
        return claims
    spare = parent - sum(claims)
    return [c + Fraction(spare * a) / sum(above) for c, a in zip(claims, above, strict=True)]


def slow_outcome(anon, cache, hard, high, swap):
    """Take MiB by MiB off: cache first, then to swap, until the line is kept or nothing helps."""
    line, swapped = min(hard, high), 0
    while anon + cache > line and cache:
        cache -= 1
    while anon > line and swapped < swap:
        anon, swapped = anon - 1, swapped + 1
    if anon > hard:
        return [0, 0, 0, True, False]
    return [anon, swapped, cache, False, anon > line]


def slow_eviction(used, asked, priority):
    left, order = list(range(len(used))), []
    while left:
        best = left[0]
        for i in left[1:]:
            mine = (used[i] > asked[i], -priority[i], used[i] - asked[i])
            if mine > (used[best] > asked[best], -priority[best], used[best] - asked[best]):
                best = i
        order.append(best)
        left.remove(best)
    return order


def slow_kills(used, cache, swap, limit, adj, capacity):
    """Drop all cache, swap all that may be, then kill one after the other."""
    held = [u - c for u, c in zip(used, cache, strict=True)]
    stays = [h - min(h, s) for h, s in zip(held, swap, strict=True)]
    killed = [i for i, x in enumerate(stays) if x > limit[i]]
    alive = [i for i in range(len(used)) if i not in killed]
    while sum(stays[i] for i in alive) > capacity:
        able = [i for i in alive if adj[i] > -1000]
        if not able:
            return None
        victim = max(able, key=lambda i: (Fraction(1000 * held[i], capacity) + adj[i], -i))
        killed.append(victim)
        alive.remove(victim)
    return None if any(adj[i] == -1000 for i in killed) else killed


# ---------------------------------------------------------------- protection


def test_a_kernel_keeps_what_the_law_protects():
    """Linux's own test (RECL-15): low of 75, 25 and 0, each uses 50, the parent has 50; pressure takes to 29, 21, 0."""
    first = effective_protection([50, 50, 50], [75, 25, 0], parent_mib=50)
    assert first == pytest.approx([100 / 3, 50 / 3, 0])
    # What stays moves the claims: where use and protection agree, nothing more is taken.
    kept = [part.number for part in evidence("RECL-15").parts]
    assert effective_protection(kept, [75, 25, 0], parent_mib=50) == pytest.approx(kept)


def test_what_nobody_claims_goes_to_those_who_use_more():
    """By hand: 20 unclaimed, 40 and 100 above their claims."""
    got = effective_protection([100, 100], [60, 0], parent_mib=80)
    assert got == pytest.approx([60 + 20 * 40 / 140, 20 * 100 / 140])
    without = effective_protection([100, 100], [60, 0], parent_mib=80, recursive=False)
    assert without.tolist() == [60, 0]


@settings(deadline=None, max_examples=400)
@given(st.integers(0, 2**32), st.booleans())
def test_protection_agrees_with_exact_fractions_and_is_never_more_than_the_parents(seed, recursive):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    usage, parent = rng.integers(0, 90, n), int(rng.integers(0, 200))
    setting = rng.choice([0, 25, 75, INF], n)
    got = effective_protection(usage, setting, parent_mib=parent, recursive=recursive)
    limits = [x if x == INF else int(x) for x in setting]
    slow = slow_protection(usage.tolist(), limits, parent, recursive)
    assert got == pytest.approx([float(x) for x in slow])
    assert got.sum() <= parent * (1 + 1e-12)


# ---------------------------------------------------------------- past a line


def test_swap_saves_a_life_up_to_its_last_page():
    """The field's case, by hand: 500 in 300 with 300 of swap lives, 200 swapped; 199 of swap are one too few."""
    got = memory_outcome(500, 0, max_mib=300, swap_mib=[300, 200, 199])
    assert got.killed.tolist() == [False, False, True]
    assert got.swapped_mib.tolist() == [200, 200, 0]


def test_the_limit_is_not_where_it_slows_down():
    """By hand: past high without swap it is slowed and keeps all; at max exactly it is neither slowed nor killed."""
    got = memory_outcome([40, 50, 50], 0, high_mib=[32, 32, INF], max_mib=50)
    assert got.throttled.tolist() == [True, True, False]
    assert got.killed.tolist() == [False] * 3
    assert got.resident_mib.tolist() == [40, 50, 50]


@settings(deadline=None, max_examples=500)
@given(*[st.integers(0, 60)] * 2, *[st.sampled_from([0, 7, 30, 64, INF])] * 3)
def test_an_outcome_agrees_with_taking_mib_by_mib(anon, cache, hard, high, swap):
    got = memory_outcome(anon, cache, max_mib=hard, high_mib=high, swap_mib=swap)
    assert [x.item() for x in got] == slow_outcome(anon, cache, hard, high, swap)


# ---------------------------------------------------------------- who dies, who goes, what is left


def test_clean_cache_is_dropped_before_anybody_dies():
    """kubernetes#43916: 200 of 550 MiB are page cache, and 350 fit into 500."""
    assert oom_kill_order([550], [500], [0], 4096).tolist() == [0]
    assert oom_kill_order([550], [500], [0], 4096, cache_mib=200).tolist() == []


def test_cache_is_no_reason_to_be_chosen():
    """By hand: 60 of 70 are cache, so 10 stand against 40; 50 do not fit into 45, and the 40 die."""
    assert oom_kill_order([70, 40], INF, 0, 45, cache_mib=[60, 0]).tolist() == [1]


def test_what_is_swapped_still_counts_for_the_score():
    """By hand: 60 with 50 in swap and 30 without are 40 resident, too much for 35; the larger dies."""
    assert oom_kill_order([60, 30], INF, 0, 35, swap_mib=[50, 0]).tolist() == [0]


def test_kill_order_with_swap_and_cache_agrees_with_a_loop():
    rng, refused = np.random.default_rng(9), 0
    for _ in range(2000):
        n = int(rng.integers(1, 7))
        used = rng.integers(0, 50, n)
        cache = (used * rng.choice([0, 0, 0.5, 1], n)).astype(int)
        swap = rng.choice([0, 0, 5, 100], n)
        limit = rng.choice([INF, INF, 20.0], n)
        adj, capacity = rng.choice([0, 0, 900, -500, -1000], n), int(rng.integers(1, 120))
        lists = (x.tolist() for x in (used, cache, swap, limit, adj))
        slow = slow_kills(*lists, capacity)
        given_ = {"cache_mib": cache, "swap_mib": swap}
        if slow is None:
            refused += 1
            with pytest.raises(errors.NobodyToKill):
                oom_kill_order(used, limit, adj, capacity, **given_)
        else:
            assert oom_kill_order(used, limit, adj, capacity, **given_).tolist() == slow
    assert 50 < refused < 1500


@settings(deadline=None, max_examples=500)
@given(
    st.integers(0, 80),
    st.integers(0, 80),
    st.sampled_from([0, 10, 30, INF]),
    st.sampled_from([0, 10, 40, 70, INF]),
    st.integers(1, 100),
)
def test_kill_order_swap_and_cache_agree_with_the_outcome_of_one_group(
    anon, cache, swap, limit, capacity
):
    got = oom_kill_order([anon + cache], limit, 0, capacity, cache_mib=cache, swap_mib=swap)
    alone = memory_outcome(anon, cache, max_mib=min(limit, capacity), swap_mib=swap)
    assert (got.size == 1) == alone.killed.item()


@settings(deadline=None, max_examples=400)
@given(st.lists(st.tuples(*[st.integers(0, 9)] * 2, st.integers(0, 2)), min_size=1, max_size=7))
def test_eviction_agrees_with_picking_the_worst_again_and_again(pods):
    used, asked, priority = zip(*pods, strict=True)
    assert eviction_order(used, asked, priority).tolist() == slow_eviction(used, asked, priority)


def test_swap_alone_is_what_both_allow_less_memory():
    """opencontainers/cgroups utils_test.go: both, unlimited, unset, and memory without a limit."""
    got = swap_max([1000, -1, 0, 0, 300, 400], [400, 400, 400, -1, -1, 400])
    assert got.tolist() == [600, -1, 0, -1, 300, 0]
    assert got.dtype == np.int64


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=6),
    st.integers(0, 99),
)
def test_a_surplus_is_shared_by_weight_above_the_minima(clients, more):
    least, weight = zip(*clients, strict=True)
    got = share_surplus(sum(least) + more, least, weight=weight)
    slow = [m + Fraction(more * w, sum(weight)) for m, w in clients]
    assert got == pytest.approx([float(x) for x in slow])


def test_a_surplus_of_many_hosts_is_the_loop_over_them():
    got = share_surplus([25, 16], [4, 4, 4, 4], weight=[3, 1, 1, 1])
    assert got.tolist() == [[8.5, 5.5, 5.5, 5.5], [4, 4, 4, 4]]


# ---------------------------------------------------------------- refusals

REFUSALS = [
    (
        lambda: effective_protection([1, -1], 5, parent_mib=5),
        errors.ImpossibleAmount,
        "usage_mib holds -1.0 at index 1; it must be finite and at least 0.",
    ),
    (
        lambda: memory_outcome(1, 1, swap_mib=math.nan),
        errors.ImpossibleAmount,
        "swap_mib is nan; it must be at least 0 (infinity means no limit).",
    ),
    (
        lambda: oom_kill_order([5], INF, 0, 9, cache_mib=6),
        errors.ImpossibleAmount,
        "cache_mib is 6 at index 0, but used_mib is 5 there. The cache is a part of what is used.",
    ),
    (
        lambda: oom_kill_order([5, 5], INF, 0, 9, swap_mib=[1, 2, 3]),
        errors.ShapeMismatch,
        "swap_mib has the shape (3,), but there are 2 groups; give one number for each.",
    ),
    (
        lambda: swap_max(300, 400),
        errors.LimitBelowReservation,
        "memory_swap is 300, but memory alone is 400. It is the limit of both together.",
    ),
    (
        lambda: swap_max(300, 0),
        errors.LimitBelowReservation,
        "memory_swap is 300, but memory is not given. Set a limit of memory too.",
    ),
    (
        lambda: swap_max(-2, 400),
        errors.ImpossibleAmount,
        "memory_swap is -2.0; it must be a whole number, or -1.",
    ),
    (
        lambda: eviction_order([1], [1], [math.nan]),
        errors.ImpossibleAmount,
        "priority holds nan at index 0; it must be finite.",
    ),
    (
        lambda: share_surplus(15, [4, 4, 4, 4]),
        errors.OverReserved,
        "minimum_mib comes to 16 in all, but capacity_mib is 15.\nPromise less.",
    ),
    (
        lambda: share_surplus(25, [4, 4], weight=[1, 0]),
        errors.ImpossibleWeight,
        "weight holds 0.0 at index 1; weights must be finite and greater than 0.",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSALS)
def test_what_cannot_be_is_refused_with_a_sentence(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
