"""Moving a running machine: by hand, against rounds in exact fractions, and over random machines."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core.migration import (
    finish_while_migrating_s,
    postcopy,
    precopy,
    stop_and_copy,
)


def slow_precopy(case):
    """Send one round after the other in exact fractions."""
    exact = {name: Fraction(value) for name, value in case.items()}
    size, slowed, too_dirty = exact["memory_mib"], 0, 0
    sizes, throttles, throttle = [size], [], Fraction(0)
    while True:
        throttles.append(throttle)
        written = exact["dirty_mib_s"] * (1 - throttle) * size / exact["bandwidth_mib_s"]
        dirtied = min(written, exact["working_set_mib"])
        sizes.append(dirtied)
        if dirtied <= exact["bandwidth_mib_s"] * exact["downtime_limit_s"]:
            return sizes, throttles, True
        if len(throttles) == case["max_rounds"]:
            return sizes, throttles, False
        if case["auto_converge"] and dirtied > exact["trigger"] * size:
            too_dirty += 1
            if too_dirty == 2:
                slowed, too_dirty = slowed + 1, 0
                grown = exact["first"] + exact["step"] * (slowed - 1)
                throttle = min(grown, exact["most"])
        size = dirtied


def random_machine(rng):
    """Draw a machine whose numbers are exact in floats, so that both ways stop at the same round."""
    memory = float(rng.integers(1, 4096))
    return {
        "memory_mib": memory,
        "dirty_mib_s": float(rng.choice([0, 10, 64, 127, 128, 256, 1000])),
        "bandwidth_mib_s": float(rng.choice([64, 128, 1024])),
        "working_set_mib": memory * float(rng.choice([1, 1, 0.5, 0.0625])),
        "downtime_limit_s": float(rng.choice([0, 0.25, 0.5])),
        "max_rounds": int(rng.integers(1, 12)),
        "resume_s": float(rng.choice([0, 0.125])),
        "auto_converge": bool(rng.random() < 0.5),
        "trigger": 0.5,
        "first": 0.25,
        "step": 0.125,
        "most": 0.875,
    }


# ---------------------------------------------------------------- pre-copy


def test_rounds_shrink_by_the_ratio_of_dirtying_to_sending():
    """By hand: 1024, 256, 64, and 16 MiB are below 128 x 0.3."""
    got = precopy(1024, dirty_mib_s=32, bandwidth_mib_s=128)
    assert got.rounds_mib.tolist() == [1024, 256, 64, 16]
    assert (got.sent_mib.item(), got.rounds.item()) == (1360, 3)
    assert got.downtime_s.item() == 16 / 128
    assert got.total_s.item() == 1360 / 128


def test_a_migration_that_cannot_end_says_so_and_gives_its_rounds():
    got = precopy(1000, dirty_mib_s=200, bandwidth_mib_s=100)
    assert not got.converged
    assert got.rounds.item() == 30
    assert got.downtime_s.item() == 10


def test_the_last_round_may_be_exactly_as_long_as_the_downtime_allows():
    """0.3 x 100 is 30; computed as 1000 x 0.03 in rounds it may be off by its last digit, which is forgiven."""
    got = precopy(1000, dirty_mib_s=3, bandwidth_mib_s=100, downtime_limit_s=0.3)
    assert got.rounds_mib.tolist() == [1000, 30]


def test_slowing_the_machine_rescues_what_would_never_end():
    """By hand: dirty again is all of it, twice, so 20 % from the third round, and so on."""
    given = {"memory_mib": 1000, "dirty_mib_s": 100, "bandwidth_mib_s": 100}
    assert not precopy(**given).converged
    got = precopy(**given, auto_converge=True)
    assert got.converged
    assert got.throttle[:7] == pytest.approx([0, 0, 0.2, 0.2, 0.3, 0.3, 0.4])
    assert got.rounds_mib[:5] == pytest.approx([1000, 1000, 1000, 800, 640])


def test_the_rounds_of_a_batch_end_in_zeros():
    got = precopy(1024, dirty_mib_s=[0, 32], bandwidth_mib_s=128)
    assert got.rounds_mib.tolist() == [[1024, 0, 0, 0], [1024, 256, 64, 16]]
    assert got.rounds.tolist() == [1, 3]


def test_pre_copy_agrees_with_rounds_in_exact_fractions():
    rng = np.random.default_rng(1)
    ends = {True: 0, False: 0}
    for _ in range(1000):
        case = random_machine(rng)
        sizes, throttles, converged = slow_precopy(case)
        got = precopy(**case)
        assert got.rounds.item() == len(throttles)
        assert got.rounds_mib == pytest.approx([float(x) for x in sizes], rel=1e-12)
        assert got.throttle == pytest.approx([float(x) for x in throttles])
        assert got.converged.item() == converged
        assert got.sent_mib.item() == pytest.approx(float(sum(sizes)))
        downtime = float(sizes[-1]) / case["bandwidth_mib_s"] + case["resume_s"]
        assert got.downtime_s.item() == pytest.approx(downtime)
        ends[converged] += 1
    assert min(ends.values()) > 100


def test_a_batch_of_machines_is_the_loop_over_them():
    rng = np.random.default_rng(2)
    cases = [random_machine(rng) for _ in range(50)]
    batch = precopy(**{name: [case[name] for case in cases] for name in cases[0]})
    for i, case in enumerate(cases):
        alone = precopy(**case)
        n = alone.rounds.item()
        assert batch.rounds_mib[i, : n + 1].tolist() == alone.rounds_mib.tolist()
        assert not batch.rounds_mib[i, n + 1 :].any()
        assert batch.throttle[i, :n].tolist() == alone.throttle.tolist()
        for name in ("sent_mib", "downtime_s", "total_s", "converged"):
            assert getattr(batch, name)[i] == getattr(alone, name)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 2**32))
def test_a_faster_link_never_sends_more_nor_takes_longer(seed):
    case = random_machine(np.random.default_rng(seed)) | {"auto_converge": False}
    slow = precopy(**case)
    fast = precopy(**case | {"bandwidth_mib_s": 2 * case["bandwidth_mib_s"]})
    assert fast.sent_mib <= slow.sent_mib
    assert fast.total_s <= slow.total_s
    # The downtime may grow: a faster link is satisfied a round earlier.
    assert fast.converged >= slow.converged


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 2**32))
def test_post_copy_sends_least_and_stopping_takes_least_time(seed):
    case = random_machine(np.random.default_rng(seed))
    rounds = precopy(**case)
    link = (case["memory_mib"], case["bandwidth_mib_s"])
    after = postcopy(*link, resume_s=case["resume_s"])
    stopped = stop_and_copy(*link, resume_s=case["resume_s"])
    assert after.sent_mib <= rounds.sent_mib
    assert after.downtime_s <= rounds.downtime_s <= stopped
    assert stopped <= rounds.total_s


def test_work_loses_a_part_of_its_speed_only_while_it_is_moved():
    """By hand: 100 + 10 % of 16; 9 / 0.9; at no speed it waits for the end; no work takes no time."""
    got = finish_while_migrating_s([100, 9, 5, 0], [16, 100, 10, 10], loss=[0.1, 0.1, 1, 1])
    assert got == pytest.approx([101.6, 10, 15, 0])


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 10))
def test_finishing_agrees_with_exact_fractions(work, migration, tenths):
    loss = Fraction(tenths, 10)
    ends = [work + loss * migration]
    if loss < 1:
        ends.append(Fraction(work) / (1 - loss))
    got = finish_while_migrating_s(work, migration, loss=tenths / 10)
    right = 0 if work == 0 else float(min(ends))
    assert got.item() == pytest.approx(right)


# ---------------------------------------------------------------- refusals

REFUSALS = [
    (
        lambda: precopy(1000, 10, 0),
        errors.ImpossibleAmount,
        "bandwidth_mib_s is 0.0; it must be finite and greater than 0.",
    ),
    (
        lambda: precopy(1000, 10, 100, working_set_mib=[20, 2000]),
        errors.ImpossibleAmount,
        "working_set_mib is 2000, but memory_mib is 1000. A machine writes to its own memory at most.",
    ),
    (
        lambda: precopy(1000, 10, 100, max_rounds=0),
        errors.ImpossibleCount,
        "max_rounds is 0.0; it must be a whole number from 1 to 10000.",
    ),
    (
        lambda: precopy(1000, 10, 100, most=1.5),
        errors.ImpossibleProbability,
        "most is 1.5; it must lie between 0 and 1.",
    ),
    (
        lambda: precopy(1000, 10, 100, auto_converge="yes"),
        errors.ImpossibleAmount,
        "auto_converge is 'yes'; it must be a number or an array of numbers.",
    ),
    (
        lambda: precopy([1, 2], [1, 2, 3], 100),
        errors.ShapeMismatch,
        None,
    ),
    (
        lambda: stop_and_copy(-1, 100),
        errors.ImpossibleAmount,
        "memory_mib is -1.0; it must be finite and at least 0.",
    ),
    (
        lambda: postcopy(1, 100, state_mib=float("nan")),
        errors.ImpossibleAmount,
        "state_mib is nan; it must be finite and at least 0.",
    ),
    (
        lambda: finish_while_migrating_s(1, 1, loss=1.1),
        errors.ImpossibleProbability,
        "loss is 1.1; it must lie between 0 and 1.",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSALS)
def test_what_cannot_be_is_refused_with_a_sentence(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message is None or str(caught.value) == message
