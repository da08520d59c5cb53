"""When copies answer, and what crossing a boundary costs: by hand, and against a queue that is played out."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core.startup import ready_s, sample_ready_s, time_per_operation_s


def slow_ready(phases, copies, parallel, once):
    """Let each copy take the server that is free first."""
    free = [once] * parallel
    heapq.heapify(free)
    ends = []
    for _ in range(copies):
        now = heapq.heappop(free)
        for phase in phases:
            now += phase
        ends.append(now)
        heapq.heappush(free, now)
    return ends


def test_five_copies_two_at_a_time():
    """By hand: three waves of 3 s after 10 s of fetching."""
    assert ready_s([2, 1], copies=5, parallel=2, once_s=10).tolist() == [13, 13, 16, 16, 19]


def test_each_row_of_phases_has_its_own_copies():
    got = ready_s([[1, 1], [2, 3]], copies=3, parallel=2, once_s=[0, 10])
    assert got.tolist() == [[2, 2, 4], [15, 15, 20]]


def test_no_copies_are_ready_at_no_time():
    assert ready_s([1, 2], copies=0).shape == (0,)


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=5),
    st.integers(0, 30),
    st.integers(1, 8),
    st.integers(0, 20),
)
def test_waves_are_what_a_queue_gives(phases, copies, parallel, once):
    """Whole seconds, so equality is exact."""
    assert ready_s(phases, copies=copies, parallel=parallel, once_s=once).tolist() == slow_ready(
        phases, copies, parallel, once
    )


def test_two_thousand_random_queues():
    rng = np.random.default_rng(3)
    for _ in range(2000):
        phases, copies, parallel = rng.random(3), int(rng.integers(1, 20)), int(rng.integers(1, 6))
        np.testing.assert_allclose(
            ready_s(phases, copies=copies, parallel=parallel, once_s=1),
            slow_ready(phases, copies, parallel, 1),
        )


def test_samples_have_the_two_published_quantiles():
    """BOOT-10: median 205.9 ms, 99th percentile 247.3 ms."""
    x = sample_ready_s(0.2059, 0.2473, 400_000, np.random.default_rng(4))
    np.testing.assert_allclose(np.quantile(x, [0.5, 0.99]), [0.2059, 0.2473], rtol=0.002)


def test_samples_without_spread_are_the_median():
    assert sample_ready_s(2, 2, 3, np.random.default_rng(0)).tolist() == [2, 2, 2]


def test_equal_seeds_draw_equal_starts():
    a, b = (sample_ready_s([1, 2], 3, (5, 2), np.random.default_rng(9)) for _ in range(2))
    assert (a == b).all()
    assert a.shape == (5, 2)


def test_pure_computing_pays_for_no_crossing():
    assert time_per_operation_s(2.0, 0, 99.0) == 2.0


def test_operations_agree_with_paying_crossing_by_crossing():
    rng = np.random.default_rng(5)
    for _ in range(1000):
        base, price, crossings = rng.random(), rng.random(), int(rng.integers(0, 20))
        time = base
        for _ in range(crossings):
            time += price
        assert time_per_operation_s(base, crossings, price) == pytest.approx(time, rel=1e-12)


def test_two_crossings_of_a_round_trip():
    """PERF-09: 37.58 us + 2 x 15.18 us = 67.94 us."""
    assert time_per_operation_s(37.58, 2, 15.18) == pytest.approx(67.94)


RNG = np.random.default_rng(0)
REFUSED = [
    (
        lambda: ready_s([1, -2]),
        errors.ImpossibleAmount,
        "phases_s holds -2.0 at index 1; it must be finite and at least 0.",
    ),
    (
        lambda: ready_s([float("nan")]),
        errors.ImpossibleAmount,
        "phases_s holds nan at index 0; it must be finite and at least 0.",
    ),
    (
        lambda: ready_s([1], copies=-1),
        errors.ImpossibleCount,
        "copies is -1; it must be a whole number of at least 0.",
    ),
    (
        lambda: ready_s([1], copies=2.5),
        errors.ImpossibleCount,
        "copies is 2.5; it must be a whole number of at least 0.",
    ),
    (
        lambda: ready_s([1], parallel=0),
        errors.ImpossibleCount,
        "parallel is 0; it must be a whole number of at least 1.",
    ),
    (
        lambda: ready_s([1], once_s=float("inf")),
        errors.ImpossibleAmount,
        "once_s is inf; it must be finite and at least 0.",
    ),
    (
        lambda: ready_s([[1], [2]], once_s=[1, 2, 3]),
        errors.ShapeMismatch,
        "phases_s (2,), once_s (3,) cannot be lined up; once_s has one number for each row of phases_s.",
    ),
    (
        lambda: sample_ready_s(0, 1, 2, RNG),
        errors.ImpossibleAmount,
        "median_s is 0.0; it must be finite and greater than 0.",
    ),
    (
        lambda: sample_ready_s(2, 1, 2, RNG),
        errors.ImpossibleAmount,
        "p99_s is 1 but median_s is 2; the 99th percentile is never below the median.",
    ),
    (
        lambda: sample_ready_s([1, 2, 3], 4, 1, RNG),
        errors.ShapeMismatch,
        "size is 1, too few for (3,) quantiles; add an axis to size.",
    ),
    (
        lambda: sample_ready_s(1, 2, (3, -1), RNG),
        errors.ImpossibleCount,
        "size is (3, -1); it must be a whole number of at least 0, or several.",
    ),
    (
        lambda: sample_ready_s(1, 2, 2.5, RNG),
        errors.ImpossibleCount,
        "size is 2.5; it must be a whole number of at least 0, or several.",
    ),
    (
        lambda: time_per_operation_s(-1, 0, 0),
        errors.ImpossibleAmount,
        "base_s is -1.0; it must be finite and at least 0.",
    ),
    (
        lambda: time_per_operation_s(1, "many", 0),
        errors.ImpossibleAmount,
        "crossings is 'many'; it must be a number or an array of numbers.",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED, ids=[r[2][:40] for r in REFUSED])
def test_refused_with_a_sentence(call, error, message):
    with pytest.raises(error) as refused:
        call()
    assert str(refused.value) == message
