"""Flows over links: by hand, against filling in exact fractions, and over random networks."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core.cpu import fair_share, finish_times
from virtlearn.core.network import share_links, transfer_s

INF = math.inf


# ---------------------------------------------------------------- slow, obvious second implementations


def slow_share(route, capacity, weight, cap):
    """Raise all flows together to the next full link or met cap, in exact fractions."""
    flows, links = range(len(route)), range(len(capacity))
    rate, rises, level = dict.fromkeys(flows, Fraction(0)), set(flows), Fraction(0)
    while rises:
        steps = []
        for j in links:
            load = sum(weight[i] * route[i][j] for i in rises)
            if load:
                left = capacity[j] - sum(rate[i] * route[i][j] for i in flows)
                steps.append(left / load)
        steps += [cap[i] / weight[i] - level for i in rises if cap[i] != INF]
        step = min(steps)
        level += step
        for i in rises:
            rate[i] += step * weight[i]
        full = {j for j in links if sum(rate[i] * route[i][j] for i in flows) == capacity[j]}
        rises -= {i for i in rises if rate[i] == cap[i] or any(route[i][j] for j in full)}
    return [rate[i] for i in flows]


def slow_transfer(size, route, capacity, weight, begin):
    """Step from event to event in exact fractions."""
    left, ends, now = list(size), list(begin), Fraction(0)
    is_open = {i for i, x in enumerate(size) if x}
    while is_open:
        here = [i for i in is_open if begin[i] <= now]
        coming = [begin[i] - now for i in is_open if begin[i] > now]
        rates = slow_share(
            [route[i] for i in here], capacity, [weight[i] for i in here], [INF] * len(here)
        )
        step = min([left[i] / r for i, r in zip(here, rates, strict=True)] + coming)
        now += step
        for i, r in zip(here, rates, strict=True):
            left[i] -= r * step
            if left[i] == 0:
                ends[i] = now
                is_open.remove(i)
    return ends


@st.composite
def networks(draw):
    """Draw flows that take some of the links, a few of them twice, some with a cap."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    flows, links = int(rng.integers(1, 8)), int(rng.integers(1, 6))
    route = rng.choice([0, 0, 1, 1, 2, 0.5], (flows, links))
    route[np.arange(flows), rng.integers(0, links, flows)] = 1
    return {
        "route": route,
        "capacity": rng.choice([1, 3, 10, 1000.0], links),
        "weight": rng.choice([1, 1, 2, 0.25], flows),
        "cap": rng.choice([INF, INF, 0, 0.5, 4], flows),
    }


def exact(values):
    return [x if x == INF else Fraction(float(x)) for x in values]


# ---------------------------------------------------------------- sharing


def test_a_flow_over_many_links_gets_no_more_than_its_narrowest_leaves():
    """By hand: two share the first link of 1; the short one on the link of 3 takes what the long one leaves."""
    assert share_links([[1, 1], [1, 0], [0, 1]], [1, 3]).tolist() == [0.5, 0.5, 2.5]


def test_a_flow_that_crosses_a_link_twice_counts_twice():
    assert share_links([[2], [1]], [9]).tolist() == [3, 3]


def test_raising_until_the_first_full_link_only_would_waste_the_others():
    """By hand: link one gives 1 each; then the third goes on alone to 9, and not the 5 of an even split."""
    assert share_links([[1, 0], [1, 1], [0, 1]], [2, 10]).tolist() == [1, 1, 9]


def test_a_link_that_carries_nothing_stops_its_flows_only():
    assert share_links([[1, 0], [0, 1]], [0, 5]).tolist() == [0, 5]


def test_a_flow_without_a_link_gets_its_cap():
    assert share_links([[0], [1]], [5], cap=[7, INF]).tolist() == [7, 5]


@settings(deadline=None, max_examples=600)
@given(networks())
def test_shares_agree_with_filling_in_exact_fractions(net):
    rows = [exact(row) for row in net["route"]]
    slow = slow_share(rows, exact(net["capacity"]), exact(net["weight"]), exact(net["cap"]))
    assert share_links(**net) == pytest.approx([float(x) for x in slow], rel=1e-9, abs=1e-12)


@settings(deadline=None, max_examples=300)
@given(networks())
def test_no_link_carries_too_much_and_every_flow_is_held_by_something(net):
    """Max-min: a flow below its cap takes a full link on which nobody has more for its weight."""
    rate = share_links(**net)
    used = rate @ net["route"]
    assert (used <= net["capacity"] * (1 + 1e-9)).all()
    assert (rate <= net["cap"]).all()
    full = used >= net["capacity"] * (1 - 1e-9)
    level = rate / net["weight"]
    for i in np.flatnonzero(rate < net["cap"] * (1 - 1e-9)):
        held = full & (net["route"][i] > 0)
        highest = [level[net["route"][:, j] > 0].max() for j in np.flatnonzero(held)]
        assert any(level[i] >= x * (1 - 1e-9) for x in highest)


@settings(deadline=None, max_examples=300)
@given(networks())
def test_one_link_is_the_fair_share_of_one_capacity(net):
    weight, cap = net["weight"], np.minimum(net["cap"], 1e6)
    got = share_links(np.ones((len(weight), 1)), [10], weight=weight, cap=cap)
    assert got == pytest.approx(fair_share(cap, capacity_cores=10, weight=weight))


def test_weights_far_apart_lose_no_flow():
    """A load that is summed by subtraction alone would end as 0 or as a rounding."""
    weight = 10.0 ** np.arange(0, 40, 2)
    route = np.zeros((20, 21))
    route[:, 0] = 1
    route[np.arange(20), np.arange(20) + 1] = 1
    capacity = np.append(1e6, 10.0 ** np.arange(-20, 20, 2) / 7)
    got = share_links(route, capacity, weight=weight)
    rows = [exact(row) for row in route]
    slow = slow_share(rows, exact(capacity), exact(weight), [INF] * 20)
    assert got == pytest.approx([float(x) for x in slow], rel=1e-9)


def test_rows_of_capacities_are_the_loop_over_them():
    route, rows = [[1, 1], [1, 0], [0, 1]], [[1, 3], [5, 5], [0, 2]]
    loop = [share_links(route, row).tolist() for row in rows]
    assert share_links(route, rows).tolist() == loop


# ---------------------------------------------------------------- transfers


def test_a_transfer_begins_after_its_latency():
    """By hand: 1 s late, then 10 MiB at 10 MiB/s; the other had the link alone meanwhile."""
    got = transfer_s([10, 10], [[1], [1]], [10], latency_s=[0, 1])
    assert got.tolist() == [1, 2]


def test_two_migrations_over_one_link_take_twice_as_long_each():
    """SimGrid's example: one takes 132.766 s, two at once 265.454 s each."""
    one = transfer_s([1000], [[1]], [7.532]).item()
    assert transfer_s([1000, 1000], [[1], [1]], [7.532]).tolist() == [2 * one, 2 * one]


def test_nothing_is_over_when_it_begins():
    assert transfer_s([0, 5], [[1], [1]], [5], start_s=[3, 0]).tolist() == [3, 1]


def test_transfers_agree_with_exact_fractions():
    rng = np.random.default_rng(6)
    for _ in range(300):
        flows, links = int(rng.integers(1, 6)), int(rng.integers(1, 4))
        route = rng.choice([0, 1, 1, 2], (flows, links))
        route[:, 0] = 1
        size, begin = rng.integers(0, 50, flows), rng.integers(0, 8, flows)
        capacity, weight = rng.integers(1, 9, links), rng.integers(1, 4, flows)
        got = transfer_s(size, route, capacity, weight=weight, start_s=begin)
        slow = slow_transfer(
            exact(size), [exact(row) for row in route], exact(capacity), exact(weight), exact(begin)
        )
        assert got == pytest.approx([float(x) for x in slow], rel=1e-9)


def test_one_link_serves_transfers_as_a_processor_serves_jobs():
    rng = np.random.default_rng(7)
    size, begin, weight = rng.random(20), rng.random(20), rng.random(20) + 0.1
    got = transfer_s(size, np.ones((20, 1)), [2.0], weight=weight, start_s=begin)
    jobs = finish_times(size, arrival_s=begin, capacity_cores=2, max_cores=2, weight=weight)
    assert got == pytest.approx(jobs)


# ---------------------------------------------------------------- refusals

REFUSALS = [
    (
        lambda: share_links([[0], [1]], [10]),
        errors.ImpossibleAmount,
        "Flow 0 takes no link and has no cap, so nothing ends its rise. Give it a link or a cap.",
    ),
    (
        lambda: share_links([[1, 1]], [10]),
        errors.ShapeMismatch,
        "route has the shape (1, 2) and capacity (1,); give (flows, links) and (..., links).",
    ),
    (
        lambda: share_links([[1], [1]], [10], weight=[1, 2, 3]),
        errors.ShapeMismatch,
        "capacity (1,), flows (2,), weight (3,), cap (1,) cannot be lined up; each of the 2 flows has one entry.",
    ),
    (
        lambda: share_links([[1]], [10], weight=[1, 2]),
        errors.ShapeMismatch,
        "weight (2,), cap (): each of the 1 flows has one entry.",
    ),
    (
        lambda: share_links([[1]], [10], weight=0),
        errors.ImpossibleWeight,
        "weight is 0.0; weights must be finite and greater than 0.",
    ),
    (
        lambda: share_links([[1]], [INF]),
        errors.ImpossibleAmount,
        "capacity holds inf at index 0; it must be finite and at least 0.",
    ),
    (
        lambda: transfer_s([1], [[0]], [10]),
        errors.ImpossibleAmount,
        "Transfer 0 takes no link, so it has no speed. Give it a route.",
    ),
    (
        lambda: transfer_s([0, 1], [[1, 0], [1, 1]], [10, 0]),
        errors.NeverStarts,
        "Transfer 1 has to cross a link of capacity 0 and would wait for ever.\nOpen the link or choose another route.",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSALS)
def test_what_cannot_be_is_refused_with_a_sentence(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
