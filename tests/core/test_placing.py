"""Placing with whole numbers: by hand, against slow second implementations in fractions, and over random hosts."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core.memory import oom_kill_order
from virtlearn.core.placing import (
    allocatable,
    balanced_allocation,
    crowding,
    decide,
    fits,
    image_locality,
    least_allocated,
    load_imbalance,
    most_allocated,
    normalise,
    oom_score_adj,
    pod_request,
    qos_class,
    spread_allows,
    topology_spread,
)

# ---------------------------------------------------------------- slow, obvious second implementations


def slow_mean(scores, weight):
    total = sum(weight[r] for r in scores)
    return sum(score * weight[r] for r, score in scores.items()) // total if total else 0


def slow_least(need, used, room, weight):
    scores = {}
    for r, has in enumerate(room):
        if has:
            left = has - used[r] - need[r]
            scores[r] = 0 if left < 0 else math.floor(Fraction(left * 100, has))
    return slow_mean(scores, weight)


def slow_most(need, used, room, weight):
    scores = {}
    for r, has in enumerate(room):
        if has:
            scores[r] = math.floor(Fraction(min(used[r] + need[r], has) * 100, has))
    return slow_mean(scores, weight)


def slow_level(taken, room):
    parts = [min(Fraction(t, r), 1) for t, r in zip(taken, room, strict=True) if r]
    if len(parts) < 2:
        return 100
    mean = sum(parts) / len(parts)
    variance = sum((x - mean) ** 2 for x in parts) / len(parts)
    if len(parts) == 2:
        return int((1 - abs(parts[0] - parts[1]) / 2) * 100)
    return int((1 - math.sqrt(variance)) * 100)


def slow_allows(matching, domain, skew, itself, least_domains, counted):
    copies = Counter()
    for have, where, counts in zip(matching, domain, counted, strict=True):
        if counts and where >= 0:
            copies[where] += have
    fewest = min(copies.values()) if len(copies) >= least_domains else 0
    return [w >= 0 and copies[w] + itself - fewest <= skew for w in domain]


def slow_spread(matching, domain, skew, candidate, counted):
    hosts = range(len(candidate))
    labelled = [all(row[h] >= 0 for row in domain) for h in hosts]
    play = [h for h in hosts if candidate[h] and labelled[h]]
    raw = {}
    for h in play:
        total = 0.0
        for copies, where, allowed in zip(matching, domain, skew, strict=True):
            names = len({where[k] for k in play})
            here = sum(
                copies[k] for k in hosts if counted[k] and labelled[k] and where[k] == where[h]
            )
            total += here * math.log(names + 2) + (allowed - 1)
        raw[h] = math.floor(Fraction(total) + Fraction(1, 2))
    most, least = max(raw.values(), default=0), min(raw.values(), default=0)
    score = {h: 100 * (most + least - x) // most if most else 100 for h, x in raw.items()}
    return [score.get(h, 0) for h in hosts]


@st.composite
def clusters(draw):
    """Draw hosts and a copy; some hosts have none of a resource, some copies ask for nothing."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    hosts, resources = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    room = rng.choice([0, 1, 7, 4000, 10**12], (hosts, resources))
    used = (room * rng.random((hosts, resources)) * 1.1).astype(int)
    need = rng.choice([0, 1, 3, 3000, 10**11], resources)
    return need, used, room


# ---------------------------------------------------------------- resources


def test_a_score_is_cut_twice_and_never_rounded():
    """By hand: 100 * 2 // 3 = 66 and 100 * 1 // 3 = 33; the mean 49.5 is 49."""
    assert least_allocated([1, 2], [[0, 0]], [[3, 3]]).tolist() == [49]
    assert most_allocated([1, 2], [[0, 0]], [[3, 3]]).tolist() == [49]


def test_a_host_without_a_resource_is_scored_by_the_others():
    assert least_allocated([10, 0], [[0, 0]], [[100, 0]]).tolist() == [90]


def test_what_is_not_asked_for_fits_even_where_more_is_taken_than_there_is():
    assert fits([0, 5], [[12, 5]], [[10, 10]]).tolist() == [[True, True]]
    assert fits([0, 6], [[12, 5]], [[10, 10]]).tolist() == [[True, False]]


def test_balance_moves_from_75_only_where_the_copy_changes_it():
    """By hand: half of CPU taken and none of memory is a level of 75; a copy that evens it out makes 100."""
    got = balanced_allocation([0, 5], [[5, 0], [0, 0], [5, 5]], [[10, 10]] * 3)
    assert got.tolist() == [50 + (50 + 100 - 75) // 2, 50 + (50 + 75 - 100) // 2, 50 + 25 // 2]


def test_the_balance_of_2022_drew_an_empty_copy_to_balanced_hosts():
    hosts = ([0, 0], [[5, 0], [0, 0]], [[10, 10]] * 2)
    assert balanced_allocation(*hosts, formula="2022").tolist() == [75, 100]
    assert balanced_allocation(*hosts).tolist() == [75, 75]


@settings(deadline=None, max_examples=500)
@given(clusters(), st.integers(1, 100), st.integers(1, 100))
def test_resource_scores_agree_with_exact_fractions(cluster, first, others):
    need, used, room = cluster
    weight = [first] + [others] * (len(need) - 1)
    rows = list(zip(used.tolist(), room.tolist(), strict=True))
    asked = need.tolist()
    least = [slow_least(asked, taken, has, weight) for taken, has in rows]
    most = [slow_most(asked, taken, has, weight) for taken, has in rows]
    assert least_allocated(need, used, room, weight=weight).tolist() == least
    assert most_allocated(need, used, room, weight=weight).tolist() == most
    room_left = [
        [n == 0 or n <= has - taken for n, taken, has in zip(asked, *row, strict=True)]
        for row in rows
    ]
    assert fits(need, used, room).tolist() == room_left


@settings(deadline=None, max_examples=500)
@given(clusters())
def test_balance_agrees_with_exact_fractions_but_for_the_rounding_of_a_root(cluster):
    """The scheduler counts in floats: where a level is a whole number it may be cut one lower."""
    need, used, room = cluster
    new = balanced_allocation(need, used, room)
    old = balanced_allocation(need, used, room, formula="2022")
    for h, (taken, has) in enumerate(zip(used.tolist(), room.tolist(), strict=True)):
        after = slow_level([t + n for t, n in zip(taken, need.tolist(), strict=True)], has)
        before = slow_level(taken, has)
        assert abs(old[h] - after) <= 1
        assert abs(new[h] - (50 + (50 + after - before) // 2)) <= 1
        assert 50 <= new[h] <= 100


@settings(deadline=None, max_examples=200)
@given(clusters())
def test_a_batch_of_copies_is_the_loop_over_them(cluster):
    need, used, room = cluster
    many = np.stack([need, need // 2, need * 0])
    for score in (least_allocated, most_allocated, balanced_allocation, fits):
        rows = [score(one, used, room).tolist() for one in many]
        assert score(many, used, room).tolist() == rows


@settings(deadline=None, max_examples=200)
@given(clusters(), st.integers(0, 10))
def test_one_host_alone_scores_what_it_scores_among_all(cluster, which):
    """A scheduler may keep all scores and compute anew only the host that changed."""
    need, used, room = cluster
    h = which % len(room)
    for score in (least_allocated, most_allocated, balanced_allocation):
        alone = score(need, used[[h]], room[[h]])
        assert alone.item() == score(need, used, room)[h]


# ---------------------------------------------------------------- images and domains


def test_an_image_that_one_host_of_ten_has_counts_a_tenth():
    """By hand: (230 - 23) * 100 // 977 = 21 where all have it; one of ten is 23 MiB, and counts nothing."""
    everywhere = image_locality([230], [[1]] * 10, wanted=[0])
    once = image_locality([230], [[1]] + [[0]] * 9, wanted=[0])
    assert everywhere.tolist() == [21] * 10
    assert once.tolist() == [0] * 10


def test_images_agree_with_whole_bytes_in_fractions():
    rng = np.random.default_rng(3)
    for _ in range(500):
        hosts, images = int(rng.integers(1, 6)), int(rng.integers(1, 6))
        size, present = rng.integers(1, 3000, images), rng.integers(0, 2, (hosts, images))
        wanted = rng.integers(0, images, int(rng.integers(1, 5)))
        got = image_locality(size, present, wanted=wanted)
        high = 1000 * len(wanted) * 2**20
        for h in range(hosts):
            total = sum(
                int(float(size[i] * 2**20) * (float(present[:, i].sum()) / hosts))
                for i in wanted
                if present[h, i]
            )
            kept = min(max(total, 23 * 2**20), high)
            assert got[h] == 100 * (kept - 23 * 2**20) // (high - 23 * 2**20)


def test_a_skew_is_allowed_up_to_its_end():
    """By hand: 1 + 1 - 0 = 2 is within 2, and a rule with < would forbid it."""
    assert spread_allows([1, 0], [0, 1], max_skew=2).tolist() == [True, True]


def test_with_too_few_domains_the_fewest_is_none():
    """By hand: domains of 2 and 1; counted as three, the fewest is 0, so 1 + 1 is more than a skew of 1."""
    assert spread_allows([2, 1], [0, 1]).tolist() == [False, True]
    assert spread_allows([2, 1], [0, 1], least_domains=3).tolist() == [False, False]


def test_raw_spread_is_rounded_half_up_before_it_is_scaled():
    """By hand: 1 and 2 copies at ln 4 are 1.39 and 2.77, so 1 and 3: 100 and 33. Unrounded it would be 50."""
    assert crowding([[1, 2]], [[0, 1]]).tolist() == [1, 3]
    assert topology_spread([[1, 2]], [[0, 1]]).tolist() == [100, 33]


def test_domains_may_have_any_number_as_a_name():
    assert spread_allows([1, 0], [10**12, 7]).tolist() == [False, True]
    assert crowding([1, 0], [10**12, 7]).tolist() == crowding([1, 0], [1, 0]).tolist() == [1, 0]


@st.composite
def spreads(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    constraints, hosts = int(rng.integers(1, 4)), int(rng.integers(1, 8))
    return {
        "matching": rng.integers(0, 6, (constraints, hosts)),
        "domain": rng.integers(-1, 4, (constraints, hosts)),
        "max_skew": rng.integers(1, 4, constraints),
        "candidate": rng.random(hosts) < 0.8,
        "counted": rng.random(hosts) < 0.8,
    }


@settings(deadline=None, max_examples=500)
@given(spreads())
def test_spreading_agrees_with_a_look_at_every_pair_of_hosts(case):
    lists = {name: x.tolist() for name, x in case.items()}
    slow = slow_spread(
        lists["matching"],
        lists["domain"],
        lists["max_skew"],
        lists["candidate"],
        lists["counted"],
    )
    assert topology_spread(**case).tolist() == slow


@settings(deadline=None, max_examples=500)
@given(spreads(), st.integers(0, 1), st.integers(1, 4))
def test_filtering_agrees_with_counting_domain_by_domain(case, itself, least_domains):
    matching, domain, counted = case["matching"][0], case["domain"][0], case["counted"]
    skew = int(case["max_skew"][0])
    got = spread_allows(
        matching,
        domain,
        max_skew=skew,
        itself=itself,
        least_domains=least_domains,
        counted=counted,
    )
    rest = (domain.tolist(), skew, itself, least_domains, counted.tolist())
    assert got.tolist() == slow_allows(matching.tolist(), *rest)


# ---------------------------------------------------------------- the choice


@settings(deadline=None, max_examples=300)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=9))
def test_normalised_scores_keep_the_order_and_agree_with_fractions(raw):
    got = normalise(raw).tolist()
    highest = max(raw)
    assert got == [math.floor(Fraction(100 * x, highest)) if highest else 0 for x in raw]
    assert normalise(raw, reverse=True).tolist() == [100 - x for x in got]


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 2**32))
def test_the_choice_is_the_first_of_the_best_allowed_hosts(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 4, (3, 6)) * 25
    weights, allowed = rng.integers(0, 4, 3), rng.random(6) < 0.5
    best, choice = -1, -1
    for h in range(6):
        total = int(sum(w * s for w, s in zip(weights, scores[:, h], strict=True)))
        if allowed[h] and total > best:
            best, choice = total, h
    assert decide(scores, weights, allowed).item() == choice


def test_several_copies_can_be_decided_at_once():
    scores = [[[50, 50], [0, 9]], [[50, 50], [9, 0]], [[1, 1], [1, 1]]]
    allowed = [[1, 1], [0, 1], [0, 0]]
    assert decide(scores, [1, 1], allowed).tolist() == [1, 1, -1]


def test_imbalance_is_zero_where_load_follows_capacity_and_falls_with_a_move():
    assert load_imbalance([50, 100], [100, 200]).item() == 0
    before, after = load_imbalance([[80, 20], [60, 40]], 100)
    assert (before, after) == (pytest.approx(0.3), pytest.approx(0.1))


# ---------------------------------------------------------------- requests


def slow_request(containers, init, overhead):
    """Look at every moment of the start, one init container after the other."""
    moments, sidecars = [], 0
    for amount, stays in init:
        moments.append(sidecars + amount)
        sidecars += amount if stays else 0
    return max([*moments, sum(containers) + sidecars]) + overhead


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.integers(0, 100), min_size=1, max_size=5),
    st.lists(st.tuples(st.integers(0, 300), st.booleans()), max_size=5),
    st.integers(0, 50),
)
def test_a_pod_asks_for_what_its_busiest_moment_takes(containers, init, overhead):
    got = pod_request(containers, init=init, overhead=overhead)
    assert got.item() == slow_request(containers, init, overhead)
    both = np.stack([containers, containers], axis=1)
    two = pod_request(both, init=[([a, a], s) for a, s in init], overhead=overhead)
    assert two.tolist() == [got.item()] * 2


def test_sidecars_started_later_do_not_count_for_an_earlier_init_container():
    """By hand: the init container of 5 runs before the sidecar of 2, so 5 and not 7; then 1 + 2 run."""
    assert pod_request([1], init=[(5, False), (2, True)]).item() == 5


def test_a_virtual_machine_s_overhead_is_part_of_what_a_pod_asks_for():
    assert pod_request([256], overhead=160).item() == 416


@pytest.mark.parametrize(
    ("requests", "limits", "name"),
    [
        ([[0, 0]], [[0, 0]], "BestEffort"),
        ([[1, 2]], [[1, 2]], "Guaranteed"),
        ([[1, 2], [3, 4]], [[1, 2], [3, 5]], "Burstable"),
        ([[1, 0]], [[1, 0]], "Burstable"),
        ([[0, 0]], [[1, 1]], "Burstable"),
        ([[1, 1], [0, 0]], [[1, 1], [0, 0]], "Burstable"),
    ],
)
def test_a_class_follows_from_requests_and_limits(requests, limits, name):
    """Kubernetes pkg/apis/core/v1/helper/qos/qos_test.go: guaranteed, burstable and best-effort pods."""
    assert qos_class(requests, limits) == name


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 10**13), st.integers(1, 10**13))
def test_burstable_pods_die_between_best_effort_and_guaranteed_ones(asked, node):
    got = oom_score_adj("Burstable", requested_mib=asked, node_mib=node).item()
    assert got == min(max(1000 - 1000 * asked // node, 3), 999)
    others = (oom_score_adj("Guaranteed").item(), oom_score_adj("BestEffort").item())
    assert others[0] < got < others[1]


def test_a_pod_within_its_request_dies_after_one_that_gave_none():
    adj = [oom_score_adj("BestEffort").item()]
    adj += oom_score_adj("Burstable", requested_mib=[3000], node_mib=4000).tolist()
    assert oom_kill_order([1200, 2900], math.inf, adj, 4000).tolist() == [0]


def test_a_node_gives_away_what_it_does_not_keep():
    """Kubernetes node_container_manager_linux_test.go: 10 GiB less 100 and 50 MiB, and 5 % of 10 GiB."""
    kept = {"kube_reserved": 100, "system_reserved": 50}
    assert allocatable(10240, **kept).item() == 10090
    assert allocatable(10240, **kept, eviction_fraction=0.05).item() == 10090 - 512
    assert allocatable(10240, **kept, eviction=100).item() == 9990


# ---------------------------------------------------------------- refusals

ONE = ([[0, 0]], [[4, 4]])
REFUSALS = [
    (
        lambda: least_allocated([3, 5], *ONE, weight=[101, 1]),
        errors.ImpossibleCount,
        "weight holds 101.0 at index 0; it must be a whole number from 1 to 100.",
    ),
    (
        lambda: least_allocated([3, 5.5], *ONE),
        errors.ImpossibleCount,
        "need holds 5.5 at index 1; it must be a whole number of at least 0, and below 2**53.",
    ),
    (
        lambda: fits([1, 2, 3], *ONE),
        errors.ShapeMismatch,
        "need (1, 3), used (1, 2), allocatable (1, 2) cannot be lined up; need has one number a resource, the others one for each host and resource.",
    ),
    (
        lambda: balanced_allocation([1, 1], *ONE, formula="2024"),
        errors.UnknownName,
        "formula is '2024', which is not known. Did you mean 2026 or 2022?",
    ),
    (
        lambda: image_locality([10], [[1]], wanted=[]),
        errors.ImpossibleCount,
        "wanted is empty; a copy has at least one container with an image.",
    ),
    (
        lambda: image_locality([10], [[1]], wanted=[1]),
        errors.ImpossibleCount,
        "wanted holds 1.0 at index 0; it must be a whole number from 0 to 0.",
    ),
    (
        lambda: spread_allows([1], [-2]),
        errors.ImpossibleCount,
        "domain holds -2.0 at index 0; it must be a whole number of at least -1, and below 2**53.",
    ),
    (
        lambda: spread_allows([1], [0], max_skew=0),
        errors.ImpossibleCount,
        "max_skew is 0; it must be a whole number of at least 1.",
    ),
    (
        lambda: decide([[101]], [1], [True]),
        errors.ImpossibleCount,
        "scores holds 101.0 at index (0, 0); it must be a whole number from 0 to 100.",
    ),
    (
        lambda: decide([[50]], [1, 2], [True]),
        errors.ShapeMismatch,
        "scores has the shape (1, 1) and weights (2,); give (..., rules, hosts) and (rules,).",
    ),
    (
        lambda: load_imbalance([1], [0]),
        errors.ImpossibleAmount,
        "capacity holds 0.0 at index 0; it must be finite and greater than 0.",
    ),
    (
        lambda: pod_request([]),
        errors.ImpossibleCount,
        "containers is empty; a pod has at least one container.",
    ),
    (
        lambda: qos_class([[1, 9]], [[1, 8]]),
        errors.LimitBelowReservation,
        "Container 0 asks for 9 of memory, but its limit is 8.\nRaise the limit or ask for less.",
    ),
    (
        lambda: oom_score_adj("Bursty"),
        errors.UnknownName,
        "qos is 'Bursty', which is not known. Known: BestEffort, Burstable, Guaranteed.",
    ),
    (
        lambda: allocatable(11264, kube_reserved=10240, system_reserved=10240, eviction=2048),
        errors.OverReserved,
        "The node keeps 22528, but its capacity is 11264.\nReserve less, or take a larger node.",
    ),
    (
        lambda: allocatable(10, eviction=1, eviction_fraction=0.1),
        errors.ImpossibleAmount,
        "eviction and eviction_fraction are both given, but a node has one threshold. Leave one out.",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSALS)
def test_what_cannot_be_is_refused_with_a_sentence(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
