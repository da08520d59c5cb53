"""What the field reported of the laws of CPU and storage, each with its neighbours."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core import cpu, storage


def slow_burst(work, threads, quota, period, saved):
    """Go from period to period: run until the budget or the period is over, keep what is left."""
    budget, now = quota * period + saved, Fraction(0)
    while True:
        runs = min(work / threads, budget / threads, period)
        work, budget = work - runs * threads, budget - runs * threads
        if work == 0:
            return now + runs
        now += period
        budget = quota * period + min(budget, saved)


def slow_quota(millicores, period, driver):
    """Divide as the kubelet and systemd do, in whole numbers."""
    quota = max(1000, millicores * period // 1000)
    if driver == "cgroupfs":
        return quota
    a_second = quota * 1_000_000 // period
    rounded = -(-a_second // 10_000) * 10_000
    return rounded * period // 1_000_000


# ---------------------------------------------------------------- what one function makes, another takes


@settings(deadline=None, max_examples=500)
@given(st.integers(0, 10**15))
def test_every_number_of_shares_has_a_weight(millicores):
    """kubernetes#99608: 300 cores made 307200 shares, which the kernel refuses."""
    shares = cpu.shares_from_millicores(millicores)
    assert shares.item() == min(max(2, millicores * 1024 // 1000), 262144)
    for formula in ("2025", "linear"):
        assert 1 <= cpu.weight_from_shares(shares, formula).item() <= 10_000


@settings(deadline=None, max_examples=500)
@given(
    st.integers(1, 10**6),
    st.sampled_from([1000, 20_000, 50_000, 100_000, 333_333, 1_000_000]),
    st.sampled_from(["cgroupfs", "systemd"]),
)
def test_quotas_agree_with_whole_number_arithmetic(millicores, period, driver):
    got = cpu.quota_us_from_millicores(millicores, period_us=period, driver=driver)
    assert got.item() == slow_quota(millicores, period, driver)


def test_systemd_rounds_a_second_up_to_ten_milliseconds():
    """runc#4982, by hand: 4.096 s become 4.1 s a second, and 25 ms become 30."""
    assert cpu.quota_us_from_millicores([4096, 25, 4000], driver="systemd").tolist() == [
        410000,
        3000,
        400000,
    ]


# ---------------------------------------------------------------- pools, bursts


POOL = ([-1, 0, 1, 1, 3, 3], [0, 0, 3, 0, 2, 2])


def test_a_pool_that_may_not_grow_is_refused_what_it_promises_beyond_itself():
    """By hand: node 3 keeps 2 and promises 2 + 2; then node 1 keeps 6 and promises 3 + 4."""
    promised = {"capacity_cores": 10, "reservation_cores": [0, 6, 3, 2, 2, 2]}
    assert cpu.fair_share_tree(*POOL, **promised)[0] == 7
    for fixed in ([1, 1, 1, 0, 1, 1], [1, 0, 1, 1, 1, 1], False):
        with pytest.raises(errors.OverReserved, match="not expandable"):
            cpu.fair_share_tree(*POOL, **promised, expandable=fixed)


def test_a_fixed_pool_that_keeps_what_it_promises_shares_as_any_other():
    promised = {"capacity_cores": 10, "reservation_cores": [0, 7, 3, 4, 2, 2]}
    free = cpu.fair_share_tree(*POOL, **promised)
    assert cpu.fair_share_tree(*POOL, **promised, expandable=False).tolist() == free.tolist()


def test_saved_time_is_spent_before_anybody_waits():
    """The field's case, by hand: 20 of 50 ms allowed, 10 saved, so 30 ms of work take 30 ms and not 60."""
    burst = {"threads": 1, "quota_cores": 0.4, "period_s": 0.05}
    got = cpu.burst_latency_s(0.03, saved_s=[0, 0.01, 0.02], **burst)
    assert got == pytest.approx([0.06, 0.03, 0.03])


def test_a_burst_with_savings_agrees_with_going_from_period_to_period():
    rng = np.random.default_rng(11)
    for _ in range(2000):
        work, quota = Fraction(int(rng.integers(1, 200)), 100), Fraction(int(rng.integers(1, 9)), 4)
        threads, period = int(rng.integers(1, 5)), Fraction(1, int(rng.choice([10, 20])))
        saved = Fraction(int(rng.integers(0, 60)), 100)
        got = cpu.burst_latency_s(
            float(work),
            threads=threads,
            quota_cores=float(quota),
            period_s=float(period),
            saved_s=float(saved),
        )
        slow = slow_burst(work, threads, quota, period, saved)
        assert got.item() == pytest.approx(float(slow), rel=1e-9)


def test_savings_alone_may_be_enough():
    assert cpu.burst_latency_s(0.5, threads=1, quota_cores=0, saved_s=0.5).item() == 0.5
    with pytest.raises(errors.NeverStarts):
        cpu.burst_latency_s(0.6, threads=1, quota_cores=0, saved_s=0.5)


# ---------------------------------------------------------------- storage


def test_images_pulled_in_order_find_what_the_ones_before_brought():
    """The field's case, by hand: 85 MiB, then only 20 more, at 10 MiB/s."""
    images, layers = [[1, 1, 0], [1, 0, 1]], [75, 10, 20]
    pull = {"cached": 0, "mib_per_s": 10}
    assert storage.pull_s(images, layers, **pull).tolist() == [8.5, 9.5]
    assert storage.pull_s(images, layers, **pull, in_order=True).tolist() == [8.5, 10.5]


def test_pulling_in_order_agrees_with_a_node_that_keeps_what_it_has():
    rng = np.random.default_rng(12)
    for _ in range(500):
        n, m = (int(x) for x in rng.integers(1, 7, 2))
        images, layers = rng.integers(0, 2, (n, m)), rng.integers(1, 99, m)
        cached, now, there = rng.integers(0, 2, m), 0, []
        has = {j for j in range(m) if cached[j]}
        for image in images:
            needs = {j for j in range(m) if image[j]} - has
            now += sum(int(layers[j]) for j in needs)
            has |= needs
            there.append(now / 4)
        got = storage.pull_s(images, layers, cached=cached, mib_per_s=4, in_order=True)
        assert got.tolist() == there


def test_an_overlay_copies_the_whole_file_on_the_first_byte():
    """The field's case, by hand: 256 + 10 x 256 MiB; a file that nobody writes is there once."""
    got = storage.clones_mib(256, [0, 1 / 2**28, 1], 10, unit="file")
    assert got.tolist() == [256, 2816, 2816]
    assert storage.clones_mib(256, [0, 0.5, 1], 10).tolist() == [256, 1536, 2816]


REFUSALS = [
    (
        lambda: storage.clones_mib(1, 0.5, 1, unit="page"),
        errors.UnknownName,
        "unit is 'page', which is not known. Known: block, file.",
    ),
    (
        lambda: cpu.burst_latency_s(1, threads=1, quota_cores=1, saved_s=math.inf),
        errors.ImpossibleAmount,
        "saved_s is inf; it must be finite and at least 0.",
    ),
    (
        lambda: cpu.fair_share_tree(*POOL, capacity_cores=9, expandable=[True, False]),
        errors.ShapeMismatch,
        "expandable has the shape (2,), but there are 6 nodes; give one number for each.",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSALS)
def test_what_cannot_be_is_refused_with_a_sentence(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
