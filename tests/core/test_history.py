"""One played history: outages with a beginning and an end, and the time with too few copies up."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn.core.failure import (
    at_least_up,
    availability,
    beta_factor,
    between_failures_h,
    copies_up_pmf,
    play_outages,
    repair_h,
    too_few_up,
)
from virtlearn.errors import VirtlearnError

MONTH = 730


def slow_play(mtbf_h, mttr_h, hours, rng):
    """Live through it failure by failure, with the draws in the order that the law takes them."""
    down_at_first, now, outages = rng.random() < mttr_h / (mtbf_h + mttr_h), 0.0, []
    while now < hours:
        up, down = rng.standard_exponential(2)
        now += 0.0 if down_at_first and not outages else up * mtbf_h
        if now < hours:
            outages.append((now, min(now + down * mttr_h, hours)))
        now += down * mttr_h
    return outages


def slow_too_few(outages, takes, copies, need):
    """Look at the middle of every stretch between two changes, and count who is up there."""
    moments = sorted({hour for outage in outages for hour in outage})
    dark = []
    for low, high in itertools.pairwise(moments):
        middle = (low + high) / 2
        gone = sum(n for (b, e), n in zip(outages, takes, strict=True) if b < middle < e)
        if copies - gone < need:
            if dark and dark[-1][1] == low:
                low = dark.pop()[0]
            dark.append((low, high))
    return dark


@settings(max_examples=60, deadline=None)
@given(st.floats(0.1, 1000), st.floats(0.1, 50), st.floats(1, 3000), st.integers(0, 10**6))
def test_a_history_is_lived_through_failure_by_failure(mtbf, mttr, hours, seed):
    begin, end = play_outages(mtbf, mttr, hours=hours, rng=np.random.default_rng(seed))
    slow = slow_play(mtbf, mttr, hours, np.random.default_rng(seed))
    np.testing.assert_allclose(np.c_[begin, end], np.reshape(slow, (-1, 2)), atol=1e-6)
    assert (begin <= end).all()
    assert (begin[1:] >= end[:-1] - 1e-6).all()
    assert (end <= hours).all()


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5), st.data())
def test_too_few_are_up_where_a_look_at_every_stretch_says_so(seed, copies, data):
    need = data.draw(st.integers(1, copies))
    rng = np.random.default_rng(seed)
    outages, takes = [], []
    for copy in range(-1, copies):
        # Whole hours, so that outages often end just where others begin.
        edges = np.sort(rng.choice(60, 6, replace=False)).reshape(-1, 2).tolist()
        outages += edges
        takes += [copies if copy < 0 else 1] * len(edges)
    begin, end = np.transpose(outages)
    got = np.transpose(too_few_up(begin, end, takes, copies=copies, need=need))
    assert got.tolist() == [list(spell) for spell in slow_too_few(outages, takes, copies, need)]


@pytest.mark.parametrize("need", [1, 2, 3])
@pytest.mark.parametrize("beta", [0, 0.2])
def test_over_many_months_the_service_is_dark_as_often_as_the_law_says(beta, need):
    """4,000 months of their own; within four standard errors of their mean."""
    up = availability(95, 5).item()
    own, cause = beta_factor(up, beta)
    rng, dark_h = np.random.default_rng(11), []
    for _ in range(4000):
        played = [
            play_outages(between_failures_h(5, a).item(), 5, hours=MONTH, rng=rng)
            for a in (1 - cause, *[own.item()] * 3)
        ]
        takes = np.repeat([3, 1, 1, 1], [begin.size for begin, _ in played])
        begin, end = (np.concatenate(edge) for edge in zip(*played, strict=True))
        begin, end = too_few_up(begin, end, takes, copies=3, need=need)
        dark_h.append((end - begin).sum())
    exact = copies_up_pmf([-1, 0, 0, 0], [1, *[own.item()] * 3], common_cause=cause)
    error = np.std(dark_h) / math.sqrt(len(dark_h))
    assert np.mean(dark_h) == pytest.approx(MONTH * (1 - at_least_up(exact, need)), abs=4 * error)


def test_a_history_begins_in_the_steady_state():
    begins = [play_outages(10, 10, hours=1, rng=np.random.default_rng(i))[0] for i in range(2000)]
    down_at_first = np.mean([begin.size > 0 and begin[0] == 0 for begin in begins])
    assert down_at_first == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(2000))


def test_what_never_fails_has_no_outage_and_what_never_works_one_after_the_other():
    never = play_outages(math.inf, 5, hours=1000, rng=np.random.default_rng(1))
    assert [edge.size for edge in never] == [0, 0]
    begin, end = play_outages(0, 5, hours=1000, rng=np.random.default_rng(1))
    assert begin[0] == 0
    assert (end - begin).sum() == pytest.approx(1000)


def test_a_longer_history_begins_like_a_shorter_one():
    short = play_outages(995, 5, hours=MONTH * 12, rng=np.random.default_rng(3))
    long = play_outages(995, 5, hours=MONTH * 240, rng=np.random.default_rng(3))
    assert short[0].tolist() == long[0][: short[0].size].tolist()


@given(st.floats(0.01, 1e5), st.floats(0.01, 0.999999))
def test_the_mean_times_turn_into_each_other(time, up):
    assert availability(between_failures_h(time, up), time) == pytest.approx(up)
    assert repair_h(between_failures_h(time, up), up) == pytest.approx(time)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: play_outages(5, 0, hours=1, rng=rng), "mttr_h is 0"),
        (lambda rng: play_outages(1e-9, 1e-9, hours=1e6, rng=rng), "would hold"),
        (lambda rng: play_outages(-1, 1, hours=1, rng=rng), "mtbf_h is -1"),
        (lambda rng: too_few_up([1, 2], [2, 3, 4], [1], copies=1, need=1), "cannot be lined up"),
        (lambda rng: between_failures_h(5, 1.5), "availability is 1.5"),
        (lambda rng: between_failures_h(0, 0.5), "mttr_h is 0"),
    ],
)
def test_what_cannot_be_played_is_refused(call, message):
    with pytest.raises(VirtlearnError, match=message):
        call(np.random.default_rng(1))
