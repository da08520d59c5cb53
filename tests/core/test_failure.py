"""How many copies are up: by hand, against enumeration of all states, and against playing it out."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_all_start_methods, get_context

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.core._outages import chunk_of_trials
from virtlearn.core.failure import (
    at_least_up,
    availability,
    copies_up_pmf,
    downtime_min_per_month,
    repair_h,
    simulate_outages,
)
from virtlearn.core.tree import leaves

TREE, MTBF, MTTR = [-1, 0, 0, 1, 1, 2], [500, 80, 60, 40, 30, 20], [5, 8, 0, 4, 6, 2]


def random_tree(rng, n):
    return [-1, *(int(rng.integers(0, i)) for i in range(1, n))]


def slow_pmf(parent, up, common):
    """Go through all states of all nodes."""
    pmf = np.zeros(leaves(parent).size + 1)
    for state in itertools.product((0, 1), repeat=len(parent)):
        alive = list(state)
        for i in range(1, len(parent)):
            alive[i] *= alive[parent[i]]
        chance = math.prod(u if s else 1 - u for u, s in zip(up, state, strict=True))
        pmf[sum(alive[i] for i in leaves(parent))] += chance
    return (1 - common) * pmf + common * np.eye(1, pmf.size)[0]


def dark_minutes(beta, servers=2):
    """Two servers of 99.5 %, one of which is enough (EVIDENCE 3.7)."""
    up = [1, *[1 - (1 - beta) * 0.005] * servers]
    pmf = copies_up_pmf([-1, *[0] * servers], up, common_cause=beta * 0.005)
    return float(downtime_min_per_month(at_least_up(pmf, 1)))


@given(st.floats(0.001, 1e6), st.floats(0.001, 1e4))
def test_the_time_to_repair_follows_from_the_availability_and_back(mtbf, mttr):
    up = availability(mtbf, mttr)
    assert math.isclose(repair_h(mtbf, up).item(), mttr, rel_tol=1e-6)


def test_who_is_never_up_has_no_time_to_repair():
    assert repair_h(100, [1, 0.5]).tolist() == [0, 100]
    with pytest.raises(errors.ImpossibleProbability, match="never up"):
        repair_h(100, [1, 0])


def test_two_servers_are_dark_for_a_minute_a_month():
    """0.005 x 0.005 x 43,800 min = 1.095."""
    assert dark_minutes(0) == pytest.approx(1.095)


def test_one_failure_in_a_hundred_that_takes_both_triples_it():
    """(0.00005 + 0.99995 x 0.00495 ** 2) x 43,800 min; a third server still leaves 2.2."""
    assert dark_minutes(0.01) == pytest.approx(43_800 * (0.00005 + 0.99995 * 0.00495**2))
    assert round(dark_minutes(0.01), 1) == 3.3
    assert round(dark_minutes(0.01, servers=3), 1) == 2.2


def test_published_minutes_of_a_month():
    """99.5 % 3.65 h, 99.9 % 43.8 min, 99.99 % 4.38 min."""
    np.testing.assert_allclose(downtime_min_per_month([0.995, 0.999, 0.9999]), [219, 43.8, 4.38])
    assert availability([995, 0, 3], [5, 1, 0]).tolist() == [0.995, 0, 1]


def test_a_shared_host_takes_both_copies_at_once():
    """Host 0.5, copies 0.5: both up 1/8, one 1/4, none 5/8."""
    assert copies_up_pmf([-1, 0, 0], 0.5).tolist() == [0.625, 0.25, 0.125]


def test_random_trees_against_all_their_states():
    rng = np.random.default_rng(10)
    for _ in range(1500):
        n, common = int(rng.integers(1, 8)), float(rng.choice([0, 0.2, 1]))
        parent, up = random_tree(rng, n), rng.choice([0, 1, 0.5, 0.9, 0.123], n)
        np.testing.assert_allclose(
            copies_up_pmf(parent, up, common_cause=common), slow_pmf(parent, up, common), atol=1e-12
        )


def test_a_flat_thousand_is_binomial():
    n, p, pmf = 1000, 0.9, copies_up_pmf([-1, *[0] * 1000], [1, *[0.9] * 1000])
    log = [math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(n + 1)]
    exact = [math.exp(c + k * math.log(p) + (n - k) * math.log(1 - p)) for k, c in enumerate(log)]
    np.testing.assert_allclose(pmf, exact, rtol=1e-8, atol=1e-300)


def test_a_thousand_unequal_copies_on_ten_hosts_agree_with_adding_one_after_the_other():
    """Each copy moves the distribution by one or leaves it: no folding of long ones, no Fourier transform."""
    rng = np.random.default_rng(15)
    hosts, copies = rng.random(10), rng.random((10, 100))
    total = np.ones(1)
    for host, row in zip(hosts, copies, strict=True):
        pmf = np.ones(1)
        for up in row:
            pmf = np.append(pmf, 0) * (1 - up) + np.append(0, pmf) * up
        pmf *= host
        pmf[0] += 1 - host
        total = np.convolve(total, pmf)
    parent = [-1, *[0] * 10, *np.repeat(np.arange(1, 11), 100)]
    np.testing.assert_allclose(
        copies_up_pmf(parent, [1, *hosts, *copies.ravel()]), total, rtol=1e-10, atol=1e-300
    )


def test_at_least_so_many_agrees_with_adding_up():
    rng = np.random.default_rng(16)
    for _ in range(1000):
        pmf = rng.random(int(rng.integers(1, 9)))
        pmf /= pmf.sum()
        k = int(rng.integers(0, 10))
        assert at_least_up(pmf, k) == pytest.approx(
            math.fsum(p for i, p in enumerate(pmf) if i >= k), abs=1e-12
        )


def test_many_distributions_are_one_call():
    assert at_least_up([[0.5, 0.5], [0.25, 0.75]], np.int64(1)).tolist() == [0.5, 0.75]


def test_a_chain_of_a_thousand_nodes_has_one_copy():
    assert copies_up_pmf(np.arange(-1, 999), 0.999)[1] == pytest.approx(0.999**1000)


@settings(max_examples=80)
@given(st.integers(1, 200), st.integers(0, 10**6), st.floats(0, 1))
def test_a_pmf_sums_to_one_and_is_never_negative(n, seed, common):
    rng = np.random.default_rng(seed)
    parent, up = random_tree(rng, n), rng.random(n) ** rng.choice([0.0, 1e-9, 0.1, 1, 30])
    pmf = copies_up_pmf(parent, up, common_cause=common)
    assert pmf.sum() == pytest.approx(1, abs=1e-12)
    assert ((pmf >= 0) & (pmf <= 1)).all()
    assert all(0 <= at_least_up(pmf, k) <= 1 for k in range(pmf.size + 2))


def simulated(executor=None, common=0.01, trials=9000, seed=11, hours=400):
    rng = np.random.default_rng(seed)
    got = simulate_outages(
        TREE,
        MTBF,
        MTTR,
        hours=hours,
        trials=trials,
        rng=rng,
        common_cause=common,
        executor=executor,
    )
    return *got, rng.random()


def assert_same(a, b):
    assert all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


def test_a_simulation_agrees_with_the_exact_value_within_its_own_error():
    pmf, error, _ = simulated()
    exact = copies_up_pmf(TREE, availability(MTBF, MTTR), common_cause=0.01)
    assert (abs(pmf - exact) <= 4 * error).all()
    assert pmf.sum() == pytest.approx(1)


def test_random_trees_played_out_agree_with_the_exact_value():
    """Within five standard errors; what happens in fewer than one of 10,000 hours may not have happened at all."""
    rng = np.random.default_rng(17)
    for _ in range(30):
        n, common = int(rng.integers(2, 15)), float(rng.choice([0, 0.05]))
        parent, up, down = (
            random_tree(rng, n),
            1 + rng.random(n) * 100,
            rng.random(n) * 20 * (rng.random(n) < 0.8),
        )
        pmf, error = simulate_outages(
            parent, up, down, hours=50, trials=3000, rng=rng, common_cause=common
        )
        exact = copies_up_pmf(parent, availability(up, down), common_cause=common)
        assert (abs(pmf - exact) <= 5 * error + 1e-4).all()


def test_what_is_always_up_or_down_is_played_out_too():
    for mtbf, mttr, expected in (
        (5, 0, [0, 0, 1]),
        (0, 5, [1, 0, 0]),
        ([9, 0, 9], [0, 5, 0], [0, 1, 0]),
    ):
        pmf, error = simulate_outages(
            [-1, 0, 0], mtbf, mttr, hours=50, trials=20, rng=np.random.default_rng(1)
        )
        assert (pmf.tolist(), error.tolist()) == (expected, [0, 0, 0])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_what_is_played_out_is_a_distribution(seed):
    rng = np.random.default_rng(seed)
    parent = random_tree(rng, int(rng.integers(2, 20)))
    pmf, _ = simulate_outages(
        parent, 1000 * rng.random(), rng.random(), hours=100, trials=30, rng=rng
    )
    assert pmf.sum() == pytest.approx(1)
    assert 0 <= at_least_up(pmf, 1) <= at_least_up(pmf, 0) <= 1


@pytest.mark.parametrize("repair", [1e-12, 1e-18])
def test_repairs_shorter_than_the_clock_can_tell_lose_nothing(repair):
    """Down and up again at one moment; and 700 pieces of a time may add up to a hair more than it."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        pmf, _ = simulate_outages(
            [-1, 0, 0], [5, 1e-3, 1e-3], [0, repair, repair], hours=0.7, trials=1, rng=rng
        )
        np.testing.assert_allclose(pmf, [0, 0, 1], atol=1e-8)
        assert at_least_up(pmf, 2) <= 1


def test_the_error_of_two_trials_is_half_their_difference():
    """One trial dark from end to end and one not: s / sqrt(2) = sqrt(1/2) / sqrt(2), with n - 1 = 1."""
    rng, seen = np.random.default_rng(3), 0
    for _ in range(20):
        pmf, error = simulate_outages([-1], 1, 0, hours=1, trials=2, rng=rng, common_cause=0.5)
        if pmf[0] == 0.5:
            assert error.tolist() == [0.5, 0.5]
            seen += 1
    assert seen > 3


def test_every_chunk_draws_anew():
    """If two chunks drew the same, twice as many trials would have the same mean."""
    each = chunk_of_trials(np.array(TREE), np.array(MTBF, float), np.array(MTTR, float), 400.0)
    once, twice = simulated(trials=each, common=0), simulated(trials=2 * each, common=0)
    assert not np.array_equal(once[0], twice[0])


def test_the_standard_error_is_honest():
    """Over 300 seeds about 95 % lie within two standard errors."""
    exact = copies_up_pmf(TREE, availability(MTBF, MTTR), common_cause=0.05)
    runs = [simulated(common=0.05, trials=300, seed=s, hours=100)[:2] for s in range(300)]
    within = np.mean([abs(pmf - exact) <= 2 * error for pmf, error in runs], axis=0)
    assert ((within > 0.91) & (within < 0.985)).all(), within


@pytest.mark.parametrize("workers", [1, 3])
def test_threads_change_nothing(workers):
    with ThreadPoolExecutor(workers) as pool:
        assert_same(simulated(), simulated(pool))


# "fork" is left out: it is no default any more from Python 3.14 on, and in a process with threads it may hang.
@pytest.mark.parametrize("start", sorted({*get_all_start_methods()} - {"fork"}))
@pytest.mark.parametrize("workers", [1, 2])
def test_processes_change_nothing_however_they_are_started(workers, start):
    with ProcessPoolExecutor(workers, mp_context=get_context(start)) as pool:
        assert_same(simulated(), simulated(pool))


def test_dask_changes_nothing():
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert_same(simulated(), simulated(client.get_executor()))


def test_the_runs_above_have_several_chunks():
    up, down = np.array(MTBF, float), np.array(MTTR, float)
    assert chunk_of_trials(np.array(TREE), up, down, 400.0) < 9000 / 2


MEMORY = """
import resource, sys
import numpy as np
from virtlearn.core.failure import simulate_outages
parent = [-1, *[0] * 9, *[1 + i % 9 for i in range(90)]]
simulate_outages(parent, 1000, 10, hours=730, trials=int(sys.argv[1]), rng=np.random.default_rng(1))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))
"""

# Linux counts what a process was before it became another program, so a small one stands between this one and that.
BETWEEN = (
    "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]], check=True)"
)


def peak_mib(trials):
    command = [sys.executable, "-c", BETWEEN, MEMORY, str(trials)]
    return float(subprocess.run(command, check=True, capture_output=True).stdout)


def test_memory_does_not_grow_with_trials():
    """The whole process stays below 256 MiB; ten times the trials cost next to nothing more."""
    few, many = peak_mib(3000), peak_mib(30_000)
    assert 10 < many < 256
    assert many - few < 30


RNG = np.random.default_rng(0)


def bad(parent=(-1, 0), mtbf=1, mttr=1, hours=1, trials=2, **more):
    return lambda: simulate_outages(parent, mtbf, mttr, hours=hours, trials=trials, rng=RNG, **more)


REFUSED = [
    (lambda: availability(-1, 2), "mtbf_h is -1.0; it must be finite and at least 0."),
    (lambda: availability(1, math.inf), "mttr_h is inf; it must be finite and at least 0."),
    (
        lambda: availability(0, 0),
        "mtbf_h and mttr_h are both 0; what is neither up nor down has no availability.",
    ),
    (
        lambda: availability([1, 2], [1, 2, 3]),
        "mtbf_h (2,), mttr_h (3,) cannot be lined up; they must broadcast.",
    ),
    (
        lambda: downtime_min_per_month(1 + 1e-15),
        "availability is 1.000000000000001; it must lie between 0 and 1.",
    ),
    (
        lambda: copies_up_pmf([0], 1),
        "parent[0] is 0; the first node is the root, and its parent is -1.",
    ),
    (lambda: copies_up_pmf([-1], math.nan), "availability is nan; it must lie between 0 and 1."),
    (
        lambda: copies_up_pmf([-1], 1, common_cause=-0.1),
        "common_cause is -0.1; it must lie between 0 and 1.",
    ),
    (
        lambda: copies_up_pmf([-1, 0], [1, 1, 1]),
        "availability has the shape (3,), but there are 2 nodes; give one number for each.",
    ),
    (lambda: at_least_up([0.5, 0.5], -1), "k is -1; it must be a whole number of at least 0."),
    (
        lambda: at_least_up([-0.5, 0.5], 1),
        "pmf holds -0.5 at index 0; it must lie between 0 and 1.",
    ),
    (
        bad(mtbf=[1, 2, 3]),
        "mtbf_h has the shape (3,), but there are 2 nodes; give one number for each.",
    ),
    (bad(mttr=-1), "mttr_h is -1.0; it must be finite and at least 0."),
    (bad(hours=[1, 2]), "hours has the shape (2,); it must be one number."),
    (
        bad(hours=1e9),
        "hours is 1e+09: a trial would hold 2.0e+09 changes. Use fewer, and more trials.",
    ),
    (bad(common_cause=[0.1, 0.2]), "common_cause has the shape (2,); it must be one number."),
    (bad(hours=0), "hours is 0.0; it must be finite and greater than 0."),
    (bad(trials=0), "trials is 0; it must be a whole number of at least 1."),
    (bad(common_cause=2), "common_cause is 2.0; it must lie between 0 and 1."),
]


@pytest.mark.parametrize(("call", "message"), REFUSED, ids=[r[1][:40] for r in REFUSED])
def test_refused_with_a_sentence(call, message):
    with pytest.raises(errors.VirtlearnError) as refused:
        call()
    assert str(refused.value) == message
