"""Sharing the CPU: measured kernels, hand examples, invariants, and slow second implementations in exact fractions."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core import cpu
from virtlearn.core.cpu import burst_latency_s, fair_share, fair_share_tree, finish_times

INF = math.inf
CASES = json.loads(
    (Path(__file__).parents[1] / "data" / "kernel_cases.json").read_text(encoding="utf-8")
)["cases"]


# ---------------------------------------------------------------- slow, obvious second implementations


def fractions(values):
    return [Fraction(float(v)) for v in values]


def slow_share(cap, floor, weight, capacity):
    """Raise the level from one bend of the curve to the next, in exact arithmetic."""
    cap, floor, weight, capacity = (
        fractions(cap),
        fractions(floor),
        fractions(weight),
        Fraction(float(capacity)),
    )
    floor = [min(f, c) for f, c in zip(floor, cap, strict=True)]

    def at(level):
        return [min(c, max(f, level * w)) for c, f, w in zip(cap, floor, weight, strict=True)]

    low = Fraction(0)
    for bend in sorted(
        {a / w for amounts in (cap, floor) for a, w in zip(amounts, weight, strict=True)}
    ):
        if sum(at(bend)) > capacity:
            missing = max(
                capacity - sum(at(low)), 0
            )  # below 0 only where promises add up with a rounding
            rate = (sum(at(bend)) - sum(at(low))) / (bend - low) if missing else 1
            return [float(x) for x in at(low + missing / rate)]
        low = bend
    return [float(c) for c in cap]


def slow_tree(parent, demand, capacity, weight, limit, reservation, own_weight):
    """Ask the children first, then share among them, node by node."""
    children = [[j for j, p in enumerate(parent) if p == i] for i in range(len(parent))]

    def want(i):
        return min(limit[i], demand[i] + sum(want(j) for j in children[i]))

    def promised(i):
        return max(reservation[i], sum(promised(j) for j in children[i]))

    got = [0.0] * len(parent)
    got[0] = min(capacity, want(0))
    for i, below in enumerate(children):
        caps, floors = [*map(want, below), demand[i]], [*map(promised, below), 0.0]
        shares = slow_share(caps, floors, [*(weight[j] for j in below), own_weight[i]], got[i])
        for j, share in zip(below, shares, strict=False):
            got[j] = share
    return got


def slow_time_shared(work, arrival, capacity, most, weight):
    """Step from event to event in exact arithmetic."""
    left, arrival, now, ends = fractions(work), fractions(arrival), Fraction(0), {}
    while len(ends) < len(left):
        ends |= {
            i: max(now, arrival[i]) for i in range(len(left)) if left[i] == 0 and i not in ends
        }
        here = [i for i in range(len(left)) if left[i] > 0 and arrival[i] <= now]
        shares = slow_share(
            [most[i] for i in here], [0] * len(here), [weight[i] for i in here], capacity
        )
        speed = dict(zip(here, fractions(shares), strict=True))
        steps = [left[i] / speed[i] for i in here] + [a - now for a in arrival if a > now]
        step = min(steps, default=Fraction(0))
        left = [x - speed.get(i, 0) * step for i, x in enumerate(left)]
        now += step
    return [float(ends[i]) for i in range(len(left))]


def slow_space_shared(work, arrival, cores, most):
    """Watch a clock tick: at each second, start whoever is next in line if there is room."""
    line, running, ends = sorted(range(len(work)), key=lambda i: arrival[i]), {}, [0] * len(work)
    for now in range(sum(work) + max(arrival) + 1):
        running = {i: end for i, end in running.items() if end > now}
        while (
            line
            and arrival[line[0]] <= now
            and sum(most[i] for i in running) + most[line[0]] <= cores
        ):
            job = line.pop(0)
            ends[job] = now + work[job] // most[job]
            if ends[job] > now:
                running[job] = ends[job]
    return ends


def slow_burst(work, threads, quota, period):
    """Spend each period's allowance, then wait for the next, in exact arithmetic."""
    waited, allowance = Fraction(0), min(quota, threads) * period
    while work > allowance:
        work, waited = work - allowance, waited + period
    return (
        float(waited + work / threads)
        if quota < threads
        else float((waited / period * allowance + work) / threads)
    )


def a_case(rng, n=None):
    """Draw tenants with ties, zeros, limits, reservations that fit, and now and then magnitudes far apart."""
    n = int(rng.integers(1, 9)) if n is None else n
    unit = 10.0 ** rng.integers(-300, 300) if rng.random() < 0.2 else 1.0
    wide = [1, 1, 2, 1e6, 1e-300, 1e300] if rng.random() < 0.2 else [1, 1, 2, 0.5, 10]
    demand = rng.choice([0, 0.5, 1, 1, 2, rng.random()], n) * unit
    limit = np.where(rng.random(n) < 0.5, INF, rng.choice([0, 1, rng.random() * 2], n) * unit)
    promised = np.minimum(limit, rng.random(n) * unit) * (rng.random(n) < 0.4)
    capacity = max(promised.sum(), rng.choice([0, 1, n * rng.random() * 1.2]) * unit)
    return {
        "demand_cores": demand,
        "weight": rng.choice(wide, n).astype(float),
        "limit_cores": limit,
        "reservation_cores": promised,
        "capacity_cores": capacity,
    }


def cap_of(case):
    return np.minimum(case["demand_cores"], case["limit_cores"])


@st.composite
def cases(draw):
    return a_case(np.random.default_rng(draw(st.integers(0, 2**32))))


# ---------------------------------------------------------------- fair_share


def test_what_one_leaves_the_others_share_by_weight():
    """By hand: 1 is all that the first wants; 9 are left, split 1 to 2."""
    assert fair_share([1, 8, 8], weight=[1, 1, 2], capacity_cores=10).tolist() == [1.0, 3.0, 6.0]


def test_a_chain_of_limits_frees_cpu_again_and_again():
    """Case cap-chain: 0.20 by its limit, then 0.35 by its limit, and 0.45 for whoever has none."""
    got = fair_share([1, 1, 1], weight=[2, 1, 1], limit_cores=[0.2, 0.35, INF], capacity_cores=1)
    assert got == pytest.approx([0.20, 0.35, 0.45])


def test_groups_are_weighed_and_not_their_processes():
    """Case procs-1-4: one process against four, half a CPU each (measured 0.496 and 0.496)."""
    assert fair_share([1, 4], capacity_cores=1).tolist() == [0.5, 0.5]


def test_a_limit_holds_on_an_idle_machine():
    assert fair_share([4], capacity_cores=16, limit_cores=0.25).tolist() == [0.25]


def test_a_reservation_is_kept_and_what_is_not_used_of_it_is_lent():
    """By hand: 3 of 4 are promised to the first; when it asks for 1 only, 3 go to the second."""
    assert fair_share([4, 4], capacity_cores=4, reservation_cores=[3, 0]).tolist() == [3.0, 1.0]
    assert fair_share([1, 4], capacity_cores=4, reservation_cores=[3, 0]).tolist() == [1.0, 3.0]


def test_a_reservation_adds_nothing_to_a_share_that_is_larger_anyway():
    assert fair_share([9, 9], capacity_cores=10, reservation_cores=[2, 0]).tolist() == [5.0, 5.0]


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if not any("children" in g for g in c["groups"])],
    ids=lambda c: c["id"],
)
def test_the_law_predicts_what_a_kernel_did(case):
    """Within 0.016 of each CPU: the worst of 44 cases on one, with other jobs running (Linux 6.18, 2026-11)."""
    groups = case["groups"]
    got = fair_share(
        [g["procs"] * g.get("demand", 1) for g in groups],
        weight=[g["shares"] for g in groups],
        limit_cores=[g.get("cap", INF) for g in groups],
        capacity_cores=case["capacity_cpus"],
    )
    measured = [case["measured_cpus_mean"][g["name"]] for g in groups]
    assert got == pytest.approx(measured, abs=0.016 * case["capacity_cpus"])


@pytest.mark.parametrize(
    "case", [c for c in CASES if any("children" in g for g in c["groups"])], ids=lambda c: c["id"]
)
def test_the_law_predicts_what_a_kernel_did_with_nested_groups(case):
    parent, nodes, names = [-1], [{"shares": 1, "procs": 0}], ["/"]
    for group in case["groups"]:
        top = len(nodes)
        for g in [group, *group.get("children", [])]:
            parent.append(0 if g is group else top)
            nodes.append(g)
            names.append(g["name"] if g is group else f"{group['name']}/{g['name']}")
    got = fair_share_tree(
        parent,
        [g["procs"] for g in nodes],
        weight=[g["shares"] for g in nodes],
        limit_cores=[g.get("cap", INF) for g in nodes],
        capacity_cores=case["capacity_cpus"],
    )
    for name, measured in case["measured_cpus_mean"].items():
        assert got[names.index(name)] == pytest.approx(measured, abs=0.016)


def test_sharing_agrees_with_exact_fractions_in_four_thousand_cases():
    rng = np.random.default_rng(2)
    for _ in range(4000):
        case = a_case(rng)
        capacity = case["capacity_cores"]
        expected = slow_share(cap_of(case), case["reservation_cores"], case["weight"], capacity)
        np.testing.assert_allclose(fair_share(**case), expected, rtol=1e-12, atol=1e-14 * capacity)


@settings(deadline=None, max_examples=300)
@given(cases())
def test_all_that_is_asked_for_and_there_is_spent(case):
    assert fair_share(**case).sum() == pytest.approx(
        min(case["capacity_cores"], cap_of(case).sum()), rel=1e-12
    )


@settings(deadline=None, max_examples=300)
@given(cases())
def test_nobody_gets_more_than_asked_or_allowed_or_less_than_promised(case):
    got, cap = fair_share(**case), cap_of(case)
    assert (got <= cap).all()
    assert (got >= np.minimum(case["reservation_cores"], cap)).all()


@settings(deadline=None, max_examples=300)
@given(cases(), st.floats(1.0, 1e6))
def test_more_weight_never_means_less_cpu(case, factor):
    heavier = case | {"weight": case["weight"] * np.r_[factor, np.ones(case["weight"].size - 1)]}
    assert fair_share(**heavier)[0] >= fair_share(**case)[0] - 1e-14 * case["capacity_cores"]


@settings(deadline=None, max_examples=200)
@given(cases(), st.floats(0.01, 100))
def test_scaling_all_amounts_scales_the_answer(case, factor):
    scaled = {name: x * (1 if name == "weight" else factor) for name, x in case.items()}
    tiny = 1e-12 * scaled["capacity_cores"]
    np.testing.assert_allclose(
        fair_share(**scaled), fair_share(**case) * factor, rtol=1e-9, atol=tiny
    )


@settings(deadline=None, max_examples=200)
@given(cases(), st.randoms(use_true_random=False))
def test_permuting_tenants_permutes_their_shares(case, random):
    order = random.sample(range(case["weight"].size), case["weight"].size)
    shuffled = {name: x if np.ndim(x) == 0 else x[order] for name, x in case.items()}
    tiny = 1e-12 * case["capacity_cores"]
    np.testing.assert_allclose(
        fair_share(**shuffled), fair_share(**case)[order], rtol=1e-9, atol=tiny
    )


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 6))
def test_a_batch_is_the_loop_over_its_rows(seed, rows, n):
    rng = np.random.default_rng(seed)
    loop = [a_case(rng, n) for _ in range(rows)]
    batch = fair_share(**{name: np.array([case[name] for case in loop]) for name in loop[0]})
    for row, case in zip(batch, loop, strict=True):
        np.testing.assert_allclose(
            row, fair_share(**case), rtol=1e-12, atol=1e-14 * case["capacity_cores"]
        )


@settings(deadline=None, max_examples=200)
@given(cases(), st.lists(st.floats(0, 1.5), min_size=2, max_size=6))
def test_many_capacities_give_one_row_each(case, fractions_of_all):
    del case["reservation_cores"]
    capacities = np.array(fractions_of_all) * cap_of(case).sum()
    batch = fair_share(**case | {"capacity_cores": capacities})
    for row, capacity in zip(batch, capacities, strict=True):
        expected = fair_share(**case | {"capacity_cores": capacity})
        np.testing.assert_allclose(row, expected, rtol=1e-10, atol=1e-12 * capacity)


def test_a_huge_demand_does_not_blur_the_small_ones():
    """Many capacities for one set of tenants: what is settled is not got by taking 1e90 away again."""
    got = fair_share([1, 1e90, 3], capacity_cores=[10, 2, 1e91])
    assert got.tolist() == [[1.0, 6.0, 3.0], [pytest.approx(2 / 3)] * 3, [1.0, 1e90, 3.0]]


def test_capacities_without_tenant_axis_give_rows_and_trailing_axes_line_up():
    assert fair_share([8, 8], capacity_cores=[2, 6, 20]).tolist() == [[1, 1], [3, 3], [8, 8]]
    assert fair_share(np.ones((3, 1, 4)), capacity_cores=np.ones((2,))).shape == (3, 2, 4)
    assert fair_share(2, capacity_cores=1, weight=[1, 3]).tolist() == [0.25, 0.75]


def test_zeros_are_ordinary_amounts():
    assert fair_share([0, 0], capacity_cores=1).tolist() == [0, 0]
    assert fair_share([1, 2], capacity_cores=0).tolist() == [0, 0]
    assert fair_share([1, 2], capacity_cores=1, limit_cores=[0, INF]).tolist() == [0, 1]
    assert fair_share([], capacity_cores=1).tolist() == []


def test_promises_of_decimal_fractions_that_fill_the_capacity_are_kept():
    """0.1 + 0.2 is a little more than 0.3 in floating point; that breaks no promise."""
    assert fair_share([1, 1], capacity_cores=0.3, reservation_cores=[0.1, 0.2]) == pytest.approx(
        [0.1, 0.2]
    )


@pytest.mark.parametrize(
    "weights", [[1e300, 1e300, 1e-300], [1e308, 1e308, 1e308], [5e-324, 5e-324, 5e-324]]
)
def test_extreme_weights_never_leave_cpu_unused(weights):
    got = fair_share([0.1, 1, 1], weight=weights, capacity_cores=2.05)
    assert got.sum() == pytest.approx(2.05)
    assert np.isfinite(got).all()


def test_whoever_a_heavy_neighbour_starved_gets_what_it_leaves():
    """By hand: the neighbour of weight 1e300 is full at 1; two of weight 1e-300 split the other core."""
    got = fair_share([1, 9, 9], weight=[1e300, 1e-300, 1e-300], capacity_cores=2)
    assert got.tolist() == pytest.approx([1, 0.5, 0.5])


@pytest.mark.parametrize("amount", [1e-300, 1e300])
def test_tiny_and_huge_amounts_are_shared_like_others(amount):
    got = fair_share(np.array([1, 8, 8]) * amount, weight=[1, 1, 2], capacity_cores=10 * amount)
    assert got / amount == pytest.approx([1, 3, 6])


def test_a_thousand_limits_that_bind_one_after_another_end():
    """Each limit is a little above what its owner had when the last one was full: the longest chain."""
    weight = 2.0 ** np.arange(400)
    got = fair_share(np.full(400, 1.0), weight=weight, capacity_cores=399.5)
    assert got.sum() == pytest.approx(399.5, rel=1e-14)
    assert got[0] == pytest.approx(0.5)


def test_a_million_tenants_are_shared_out():
    rng = np.random.default_rng(3)
    demand, weight = rng.random(10**6), rng.random(10**6) + 0.1
    got = fair_share(demand, weight=weight, capacity_cores=3e5)
    open_ = got < demand
    assert got.sum() == pytest.approx(3e5, rel=1e-12)
    np.testing.assert_allclose((got / weight)[open_], (got / weight)[open_][0], rtol=1e-12)
    assert ((got / weight)[~open_] <= (got / weight)[open_][0] * (1 + 1e-12)).all()


# ---------------------------------------------------------------- fair_share_tree


def test_a_weight_counts_only_inside_its_parent():
    """By hand: two guests get half of 4 cores each; inside the second, weights 1 and 3 split 2 cores."""
    got = fair_share_tree(
        [-1, 0, 0, 2, 2], [0, 4, 0, 4, 4], weight=[1, 1, 1, 1, 3], capacity_cores=4
    )
    assert got.tolist() == [4.0, 2.0, 2.0, 0.5, 1.5]


def test_a_nodes_own_work_competes_as_one_more_child():
    """By hand: 3 cores, own weight 2 against one child of weight 1, so 2 to 1."""
    assert fair_share_tree([-1, 0], [3, 3], capacity_cores=3, own_weight=[2, 1]).tolist() == [
        3.0,
        1.0,
    ]


def test_a_limit_on_a_group_holds_for_all_that_is_in_it():
    got = fair_share_tree(
        [-1, 0, 1, 1, 0], [0, 0, 2, 2, 9], limit_cores=[INF, 1, INF, INF, INF], capacity_cores=8
    )
    assert got.tolist() == [8.0, 1.0, 0.5, 0.5, 7.0]


def test_a_childs_reservation_is_its_parents_too():
    """By hand: of 4 cores 3 are promised to node 2, so its parent must get at least 3."""
    got = fair_share_tree(
        [-1, 0, 1, 0], [0, 0, 4, 4], reservation_cores=[0, 1, 3, 0], capacity_cores=4
    )
    assert got.tolist() == [4.0, 3.0, 3.0, 1.0]


def test_the_roots_weight_is_ignored():
    weights = [[1, 1, 2], [1e9, 1, 2]]
    got = fair_share_tree([-1, 0, 0], [0, 9, 9], weight=weights, capacity_cores=3)
    assert got.tolist() == [[3.0, 1.0, 2.0]] * 2


def a_tree_case(rng):
    n = int(rng.integers(1, 12))
    parent = np.array([-1, *(int(rng.integers(0, i)) for i in range(1, n))])
    case = a_case(rng, n) | {"own_weight": rng.choice([1.0, 2.0], n)}
    case["reservation_cores"] *= 0 if rng.random() < 0.5 else 1
    return parent, case


def test_sharing_in_a_tree_agrees_with_a_walk_from_node_to_node():
    rng, agreed = np.random.default_rng(4), 0
    for _ in range(2500):
        parent, case = a_tree_case(rng)
        try:
            got = fair_share_tree(parent, **case)
        except errors.LimitBelowReservation:
            continue
        capacity = case["capacity_cores"]
        args = ("demand_cores", "weight", "limit_cores", "reservation_cores", "own_weight")
        demand, *rest = (case[name].tolist() for name in args)
        expected = slow_tree(parent.tolist(), demand, float(capacity), *rest)
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12 * capacity)
        agreed += 1
    assert agreed > 1500


def test_a_tree_of_one_level_is_a_fair_share():
    rng = np.random.default_rng(5)
    for _ in range(300):
        case = a_case(rng)
        padded = {
            name: x if np.ndim(x) == 0 else np.r_[1.0 if name == "weight" else 0.0, x]
            for name, x in case.items()
        }
        padded["limit_cores"][0] = INF
        got = fair_share_tree([-1] + [0] * case["weight"].size, **padded)
        np.testing.assert_allclose(
            got[1:], fair_share(**case), rtol=1e-12, atol=1e-14 * case["capacity_cores"]
        )


def test_a_batch_of_trees_is_the_loop_over_its_rows():
    rng = np.random.default_rng(6)
    parent, demand = [-1, 0, 0, 1, 1, 2], rng.random((40, 6)) * 3
    capacity, weight = rng.random(40) * 6, rng.random((40, 6)) + 0.1
    batch = fair_share_tree(parent, demand, capacity_cores=capacity, weight=weight)
    for i, row in enumerate(batch):
        np.testing.assert_allclose(
            row,
            fair_share_tree(parent, demand[i], capacity_cores=capacity[i], weight=weight[i]),
            rtol=1e-12,
        )


def test_the_numbering_of_a_tree_does_not_matter():
    """The same tree numbered level by level and branch by branch."""
    levels = fair_share_tree(
        [-1, 0, 0, 1, 2], [0, 0, 0, 3, 5], weight=[1, 1, 2, 1, 1], capacity_cores=6
    )
    branches = fair_share_tree(
        [-1, 0, 1, 0, 3], [0, 0, 3, 0, 5], weight=[1, 1, 1, 2, 1], capacity_cores=6
    )
    assert levels.tolist() == [6.0, 2.0, 4.0, 2.0, 4.0]
    assert branches.tolist() == [6.0, 2.0, 2.0, 4.0, 4.0]


def test_a_chain_of_a_thousand_nodes_passes_everything_down():
    chain = np.arange(-1, 999)
    assert (
        fair_share_tree(chain, np.r_[np.zeros(999), 2.0], capacity_cores=1).tolist() == [1.0] * 1000
    )


def test_demands_beyond_every_sum_are_cut_at_the_capacity():
    got = fair_share_tree([-1, 0, 1, 1], [0, 0, 1.7e308, 1.7e308], capacity_cores=2)
    assert got.tolist() == [2.0, 2.0, 1.0, 1.0]


def test_plenty_gives_everybody_exactly_what_they_asked_for():
    demand = np.r_[0.1, np.full(30, 0.1)]
    got = fair_share_tree(np.r_[-1, np.zeros(30, dtype=int)], demand, capacity_cores=100)
    assert got[1:].tolist() == [0.1] * 30


# ---------------------------------------------------------------- finish_times


def test_two_equal_jobs_that_take_turns_end_together():
    assert finish_times([2, 2], capacity_cores=1).tolist() == [4.0, 4.0]


def test_a_short_job_is_not_stuck_behind_a_long_one_when_they_take_turns():
    """By hand: the short job of 1 s has half a core for 2 s; the long one then has the rest of 3 s alone."""
    assert finish_times([4, 1], capacity_cores=1).tolist() == [5.0, 2.0]
    assert finish_times([4, 1], capacity_cores=1, discipline="space-shared").tolist() == [4.0, 5.0]


def test_a_job_that_comes_later_slows_the_first_from_then_on():
    """By hand: alone until 1 s, then half speed: 1 left of the first takes 2 s more; the second ends at 4 s."""
    assert finish_times([2, 2], arrival_s=[0, 1], capacity_cores=1).tolist() == [3.0, 4.0]


def test_nobody_overtakes_when_jobs_hold_whole_cores():
    """By hand: job 1 needs both cores and waits for job 0; job 2 would fit now and waits for job 1 all the same."""
    got = finish_times([4, 4, 1], capacity_cores=2, max_cores=[1, 2, 1], discipline="space-shared")
    assert got.tolist() == [4.0, 6.0, 7.0]


def test_a_job_of_one_and_a_half_cores_holds_two():
    """By hand: 3 core seconds at 1.5 cores take 2 s; with 3 whole cores of 3.9, the next waits for them."""
    got = finish_times([3, 3], capacity_cores=3.9, max_cores=1.5, discipline="space-shared")
    assert got.tolist() == [2.0, 4.0]


def test_no_work_is_done_at_once():
    assert finish_times([0, 1], arrival_s=[3, 0], capacity_cores=1).tolist() == [3.0, 1.0]
    assert finish_times([0], capacity_cores=0).tolist() == [0.0]


def test_taking_turns_agrees_with_exact_fractions():
    rng = np.random.default_rng(7)
    for _ in range(1000):
        n = int(rng.integers(1, 7))
        work, arrival = (
            rng.choice([0, 0.5, 1, 1, rng.random() * 3], n),
            rng.choice([0, 0, 1, rng.random() * 4], n),
        )
        most, weight = rng.choice([0.5, 1, 2], n), rng.choice([1, 1, 3], n)
        capacity = float(rng.choice([0.5, 1, 2, 3.5]))
        got = finish_times(
            work, arrival_s=arrival, capacity_cores=capacity, max_cores=most, weight=weight
        )
        np.testing.assert_allclose(
            got, slow_time_shared(work, arrival, capacity, most, weight), rtol=1e-10
        )


def test_standing_in_line_agrees_with_a_clock_that_ticks():
    rng = np.random.default_rng(8)
    for _ in range(1000):
        n, cores = int(rng.integers(1, 9)), int(rng.integers(2, 5))
        most = rng.integers(1, 3, n)
        work, arrival = rng.integers(0, 6, n) * most, rng.integers(0, 8, n)
        got = finish_times(
            work, arrival_s=arrival, capacity_cores=cores, max_cores=most, discipline="space-shared"
        )
        assert got.tolist() == slow_space_shared(
            work.tolist(), arrival.tolist(), cores, most.tolist()
        )


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.floats(0.01, 10), st.floats(0, 10)), min_size=1, max_size=8))
def test_a_busy_core_ends_its_last_job_at_the_same_moment_in_either_discipline(jobs):
    """One core is never idle while there is work, whoever is served, so the work is done at the same time."""
    work, arrival = np.array(jobs).T
    turns = finish_times(work, arrival_s=arrival, capacity_cores=1)
    line = finish_times(work, arrival_s=arrival, capacity_cores=1, discipline="space-shared")
    assert turns.max() == pytest.approx(line.max(), rel=1e-9)
    assert (turns >= arrival + work - 1e-9).all()


def test_a_batch_of_jobs_is_the_loop_over_its_rows():
    work = np.array([[1.0, 2.0, 3.0], [3.0, 0.0, 1.0]])
    batch = finish_times(work, capacity_cores=[1, 2])
    rows = [finish_times(row, capacity_cores=c) for row, c in zip(work, (1, 2), strict=True)]
    assert batch.tolist() == [row.tolist() for row in rows]


# ---------------------------------------------------------------- burst_latency_s and the kernel's numbers


def test_ten_milliseconds_more_work_take_seventy_seven_longer():
    """Prediction 03.2: 100 ms by 4 threads fit the allowance of one core, 110 ms wait for the next period."""
    assert burst_latency_s([0.100, 0.110], threads=4, quota_cores=1) == pytest.approx(
        [0.025, 0.1025]
    )


def test_without_throttling_a_burst_takes_its_work_over_its_threads():
    assert burst_latency_s([1, 3], threads=2, quota_cores=[2, INF]).tolist() == [0.5, 1.5]


def test_whole_quotas_end_inside_their_last_period():
    """0.9 / (0.3 * 0.1) rounds to more than 30; by hand 29 periods of waiting and 0.03 s of one thread."""
    assert burst_latency_s(0.9, threads=1, quota_cores=0.3) == pytest.approx(2.93)


def test_no_work_takes_no_time():
    assert burst_latency_s(0, threads=2, quota_cores=[0, 1, INF]).tolist() == [0, 0, 0]


def test_bursts_agree_with_a_walk_from_period_to_period():
    """Whole hundredths of everything, so that many bursts end exactly with a quota."""
    rng = np.random.default_rng(9)
    for _ in range(2000):
        work, quota, period = (Fraction(int(rng.integers(1, k)), 100) for k in (300, 250, 30))
        threads = int(rng.integers(1, 5))
        got = burst_latency_s(
            float(work), threads=threads, quota_cores=float(quota), period_s=float(period)
        )
        assert float(got) == pytest.approx(slow_burst(work, threads, quota, period), rel=1e-9)


def test_every_nice_level_has_the_kernels_weight():
    """The table of evidence CPU-01."""
    table = (
        "88761;71755;56483;46273;36291;29154;23254;18705;14949;11916;9548;7620;6100;4904;3906;3121;2501;1991;1586;1277;"
        "1024;820;655;526;423;335;272;215;172;137;110;87;70;56;45;36;29;23;18;15"
    )
    assert cpu.weight_from_nice(range(-20, 20)).tolist() == [int(w) for w in table.split(";")]


def test_one_nice_level_is_worth_ten_percent():
    """Evidence CPU-02: 1024 / (1024 + 820) = 0.555."""
    got = fair_share([1, 1], weight=cpu.weight_from_nice([0, 1]), capacity_cores=1)
    assert got == pytest.approx([0.555, 0.445], abs=5e-4)


def test_shares_become_the_weights_that_were_published():
    """Evidence CPU-08 with the check values beside it, and CPU-07."""
    assert cpu.weight_from_shares([2, 256, 512, 1024, 2048, 262144]).tolist() == [
        1,
        35,
        59,
        100,
        174,
        10000,
    ]
    assert cpu.weight_from_shares([2, 1024, 262144], "linear").tolist() == [1, 39, 10000]


def test_all_shares_agree_with_the_formula_as_it_is_written():
    """With 7/34 apart, as published, its rounding only matters where the exponent is whole."""
    shares = range(3, 262144)
    written = [
        math.ceil(10 ** ((math.log2(s) ** 2 + 125 * math.log2(s)) / 612 - 7 / 34))
        for s in shares
        if s != 1024
    ]
    got = cpu.weight_from_shares([s for s in shares if s != 1024])
    assert got.tolist() == written
    linear = [1 + ((s - 2) * 9999) // 262142 for s in shares]
    assert cpu.weight_from_shares(shares, "linear").tolist() == linear


def test_millicores_agree_with_whole_number_arithmetic():
    """Divide as the kernel's tools do: in whole numbers, rounding down."""
    m = range(1, 300_000, 7)
    expected = [min(max(2, x * 1024 // 1000), 262144) for x in m]
    assert cpu.shares_from_millicores(m).tolist() == expected
    for period in (1000, 20_000, 100_000, 333_333):
        got = cpu.quota_us_from_millicores(m, period_us=period)
        assert got.tolist() == [max(1000, x * period // 1000) for x in m]


def test_millicores_become_shares_and_quotas():
    """By hand; 1500 millicores are the quota of evidence CPU-09."""
    assert cpu.shares_from_millicores([0, 1, 2, 100, 250, 1000]).tolist() == [
        2,
        2,
        2,
        102,
        256,
        1024,
    ]
    assert cpu.quota_us_from_millicores([1, 10, 15, 1500]).tolist() == [
        1000,
        1000,
        1500,
        150000,
    ]
    assert cpu.quota_us_from_millicores(500, period_us=20_000).tolist() == 10_000


def test_kernel_numbers_are_int64_and_take_numpy_numbers():
    got = [
        cpu.weight_from_nice(np.int8(3)),
        cpu.weight_from_shares(np.float32(64)),
        cpu.shares_from_millicores(5),
    ]
    assert [x.dtype for x in got] == [np.int64] * 3


# ---------------------------------------------------------------- refusals

TWO = {"capacity_cores": 4}
REFUSALS = [
    (
        lambda: fair_share([1, -1], **TWO),
        errors.ImpossibleAmount,
        "demand_cores holds -1.0 at index 1; it must be finite and at least 0.",
    ),
    (
        lambda: fair_share([1, INF], **TWO),
        errors.ImpossibleAmount,
        "demand_cores holds inf at index 1; it must be finite and at least 0.",
    ),
    (
        lambda: fair_share([1, 1], capacity_cores=math.nan),
        errors.ImpossibleAmount,
        "capacity_cores is nan; it must be finite and at least 0.",
    ),
    (
        lambda: fair_share([1, 1], capacity_cores=-2),
        errors.ImpossibleAmount,
        "capacity_cores is -2.0; it must be finite and at least 0.",
    ),
    (
        lambda: fair_share("a lot", **TWO),
        errors.ImpossibleAmount,
        "demand_cores is 'a lot'; it must be a number or an array of numbers.",
    ),
    (
        lambda: fair_share(["5", "6"], **TWO),
        errors.ImpossibleAmount,
        "demand_cores is ['5', '6']; it must be a number or an array of numbers.",
    ),
    (
        lambda: fair_share([1, 2j], **TWO),
        errors.ImpossibleAmount,
        "demand_cores is [1, 2j]; it must be a number or an array of numbers.",
    ),
    (
        lambda: fair_share([10**400], **TWO),
        errors.ImpossibleAmount,
        "demand_cores is [1000000000000000000000000000000000000000000000000000000000…; it must be a number or an array of numbers.",
    ),
    (
        lambda: fair_share([[1], [1, 2]], **TWO),
        errors.ImpossibleAmount,
        "demand_cores is [[1], [1, 2]]; it must be a number or an array of numbers.",
    ),
    (
        lambda: fair_share([1, 1], reservation_cores=1e308, capacity_cores=1e308),
        errors.OverReserved,
        "reservation_cores comes to inf in all, but capacity_cores is 1e+308.\n"
        "Promise less: a reservation counts whether it is used or not.",
    ),
    (
        lambda: fair_share([1, 1], weight=[1, 0], **TWO),
        errors.ImpossibleWeight,
        "weight holds 0.0 at index 1; weights must be finite and greater than 0.",
    ),
    (
        lambda: fair_share([1, 1], weight=INF, **TWO),
        errors.ImpossibleWeight,
        "weight is inf; weights must be finite and greater than 0.",
    ),
    (
        lambda: fair_share([1, 1], limit_cores=-1, **TWO),
        errors.ImpossibleAmount,
        "limit_cores is -1.0; it must be at least 0 (infinity means no limit).",
    ),
    (
        lambda: fair_share([1, 1], reservation_cores=INF, **TWO),
        errors.ImpossibleAmount,
        "reservation_cores is inf; it must be finite and at least 0.",
    ),
    (
        lambda: fair_share([1, 1], limit_cores=[3, 1], reservation_cores=[1, 2], **TWO),
        errors.LimitBelowReservation,
        "reservation_cores comes to 2 at index 1, but limit_cores is 1 there.\nRaise the limit or promise less.",
    ),
    (
        lambda: fair_share([0, 0], reservation_cores=[3, 2], **TWO),
        errors.OverReserved,
        "reservation_cores comes to 5 in all, but capacity_cores is 4.\n"
        "Promise less: a reservation counts whether it is used or not.",
    ),
    (
        lambda: fair_share([1, 1], weight=[1, 2, 3], **TWO),
        errors.ShapeMismatch,
        "demand_cores (2,), weight (3,), limit_cores (), reservation_cores (), capacity_cores (1,) cannot be lined up; "
        "the last axis is one entry each, and capacity_cores lacks it.",
    ),
    (
        lambda: fair_share_tree([-1, 5], [1, 1], **TWO),
        errors.NotATree,
        "parent[1] is 5; a parent must come before its child, so 0 to 0.",
    ),
    (
        lambda: fair_share_tree([-1, 0], [1, 1, 1], **TWO),
        errors.ShapeMismatch,
        "demand_cores has the shape (3,), but there are 2 nodes; give one for each.",
    ),
    (
        lambda: fair_share_tree([-1, 0], [1, 1], own_weight=-1, **TWO),
        errors.ImpossibleWeight,
        "own_weight is -1.0; weights must be finite and greater than 0.",
    ),
    (
        lambda: fair_share_tree(
            [-1, 0, 1], 1, limit_cores=[9, 1, 9], reservation_cores=[0, 0, 2], **TWO
        ),
        errors.LimitBelowReservation,
        "reservation_cores comes to 2 at index 1, but limit_cores is 1 there.\nRaise the limit or promise less.",
    ),
    (
        lambda: fair_share_tree([-1, 0, 0], 1, reservation_cores=[0, 3, 3], **TWO),
        errors.OverReserved,
        "reservation_cores comes to 6 in all, but capacity_cores is 4.\n"
        "Promise less: a reservation counts whether it is used or not.",
    ),
    (
        lambda: finish_times([1, -1], **TWO),
        errors.ImpossibleAmount,
        "work_core_s holds -1.0 at index 1; it must be finite and at least 0.",
    ),
    (
        lambda: finish_times([1], arrival_s=INF, **TWO),
        errors.ImpossibleAmount,
        "arrival_s is inf; it must be finite and at least 0.",
    ),
    (
        lambda: finish_times([1, 1], max_cores=[1, 0], **TWO),
        errors.NeverStarts,
        "Job 1 would wait for ever: its max_cores is 0 and capacity_cores is 4.\nRaise the capacity or change the job.",
    ),
    (
        lambda: finish_times([1], capacity_cores=0),
        errors.NeverStarts,
        "Job 0 would wait for ever: its max_cores is 1 and capacity_cores is 0.\nRaise the capacity or change the job.",
    ),
    (
        lambda: finish_times([1, 1], max_cores=[1, 4.5], discipline="space-shared", **TWO),
        errors.NeverStarts,
        "Job 1 would wait for ever: its max_cores is 4.5 and capacity_cores is 4.\n"
        "Raise the capacity or change the job.",
    ),
    (
        lambda: finish_times([1e308], max_cores=1e-9, **TWO),
        errors.NeverStarts,
        "work_core_s is so large that no number could hold the time. Use a larger unit.",
    ),
    (
        lambda: finish_times([1], weight=2, discipline="space-shared", **TWO),
        errors.ImpossibleWeight,
        'weight means nothing when discipline is "space-shared": it goes by arrival.',
    ),
    (
        lambda: finish_times([1], discipline="time-share", **TWO),
        errors.UnknownName,
        "discipline is 'time-share', which is not known. Did you mean time-shared or space-shared?",
    ),
    (
        lambda: burst_latency_s(-1, threads=1, quota_cores=1),
        errors.ImpossibleAmount,
        "work_core_s is -1.0; it must be finite and at least 0.",
    ),
    (
        lambda: burst_latency_s(1, threads=1.5, quota_cores=1),
        errors.ImpossibleCount,
        "threads is 1.5; it must be a whole number of at least 1.",
    ),
    (
        lambda: burst_latency_s(1, threads=0, quota_cores=1),
        errors.ImpossibleCount,
        "threads is 0.0; it must be a whole number of at least 1.",
    ),
    (
        lambda: burst_latency_s(1, threads=1, quota_cores=1, period_s=0),
        errors.ImpossibleAmount,
        "period_s is 0.0; it must be finite and greater than 0.",
    ),
    (
        lambda: burst_latency_s([0, 1], threads=1, quota_cores=0),
        errors.NeverStarts,
        "quota_cores is so small that work_core_s would wait for ever. Give it more quota.",
    ),
    (
        lambda: burst_latency_s(1, threads=1, quota_cores=1e-320),
        errors.NeverStarts,
        "quota_cores is so small that work_core_s would wait for ever. Give it more quota.",
    ),
    (
        lambda: burst_latency_s([1, 2], threads=[1, 2, 3], quota_cores=1),
        errors.ShapeMismatch,
        "work_core_s (2,), threads (3,), quota_cores (), period_s (), saved_s () cannot be lined up; they must broadcast.",
    ),
    (
        lambda: cpu.weight_from_nice(20),
        errors.ImpossibleWeight,
        "nice is 20; it must hold whole numbers from -20 to 19.",
    ),
    (
        lambda: cpu.weight_from_nice([0, 0.5]),
        errors.ImpossibleWeight,
        "nice is [0, 0.5]; it must hold whole numbers from -20 to 19.",
    ),
    (
        lambda: cpu.weight_from_nice([[1], [1, 2]]),
        errors.ImpossibleWeight,
        "nice is [[1], [1, 2]]; it must hold whole numbers from -20 to 19.",
    ),
    (
        lambda: cpu.weight_from_shares(1),
        errors.ImpossibleWeight,
        "shares is 1; it must hold whole numbers from 2 to 262144.",
    ),
    (
        lambda: cpu.weight_from_shares(1024, "2024"),
        errors.UnknownName,
        "formula is '2024', which is not known. Did you mean 2025?",
    ),
    (
        lambda: cpu.shares_from_millicores(-1),
        errors.ImpossibleAmount,
        "millicores is -1.0; it must be finite and at least 0.",
    ),
    (
        lambda: cpu.quota_us_from_millicores(1e300),
        errors.ImpossibleAmount,
        "millicores * period_us / 1000 comes to 2**53 or more, too large to count exactly.",
    ),
    (
        lambda: cpu.quota_us_from_millicores([100, 0]),
        errors.ImpossibleAmount,
        "millicores holds 0.0 at index 1; a limit of 0 is not a small one: leave it out for no limit.",
    ),
    (
        lambda: cpu.quota_us_from_millicores(100, driver="systemctl"),
        errors.UnknownName,
        "driver is 'systemctl', which is not known. Did you mean systemd?",
    ),
    (
        lambda: fair_share_tree(
            [-1, 0, 1], [0, 0, 9], reservation_cores=[0, 1, 2], expandable=False, **TWO
        ),
        errors.OverReserved,
        "The children of node 1 are promised 2 cores, but its own reservation is 1 and not expandable.\nPromise less, or let it grow.",
    ),
    (
        lambda: cpu.quota_us_from_millicores(1, period_us=0),
        errors.ImpossibleAmount,
        "period_us is 0.0; it must be finite and greater than 0.",
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
