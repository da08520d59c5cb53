"""When work runs and when it waits, against walks in small steps of time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtlearn.core import cpu, lanes
from virtlearn.errors import ImpossibleAmount, ShapeMismatch


def test_a_burst_runs_waits_and_runs_again():
    """By hand: 110 ms in 4 threads spend 100 ms in 25, wait until 100, and need 2.5 ms more."""
    runs = lanes.burst_runs_s(0.110, threads=4, quota_cores=1)
    assert runs == pytest.approx(np.array([[0, 0.025], [0.1, 0.1025]]))


def test_a_burst_that_ends_with_its_allowance_has_no_second_run():
    assert len(lanes.burst_runs_s(0.1, threads=4, quota_cores=1)) == 1
    assert len(lanes.burst_runs_s(0.9, threads=1, quota_cores=0.3)) == 30


def stepped(work, threads, quota, period, step):
    """In steps of time: whether threads run in each, and the allowance at its begin."""
    ticks, left, running, tank = 0, 0, [], []
    while work > 0:
        if ticks % period == 0:
            left = quota
        tank.append(left)
        runs = left >= threads * step
        running.append(runs)
        if runs:
            left -= threads * step
            work -= threads * step
        ticks += step
    return running, tank


bursts = {
    "threads": st.integers(1, 6),
    "period": st.integers(2, 20),
    "allowances": st.integers(1, 30),
    "bursts": st.integers(1, 80),
}


@given(**bursts)
def test_runs_and_tank_are_those_of_a_clock_that_ticks(threads, period, allowances, bursts):
    # Whole milliseconds in which all threads run, so that the clock meets every corner.
    quota, work = allowances * threads, bursts * threads
    running, tank = stepped(work, threads, quota, period, 1)
    rules = {"threads": threads, "quota_cores": quota / period, "period_s": period / 1000}
    runs = lanes.burst_runs_s(work / 1000, **rules) * 1000
    times, left = (1000 * row for row in lanes.allowance_left_s(work / 1000, **rules))
    for tick, (runs_now, level) in enumerate(zip(running, tank, strict=True)):
        middle = tick + 0.5
        assert any(begin < middle < end for begin, end in runs) == runs_now
        used = threads * 0.5 if runs_now else 0
        assert np.interp(middle, times, left) == pytest.approx(level - used)
    assert runs[-1, 1] == pytest.approx(len(running))
    assert threads * (runs[:, 1] - runs[:, 0]).sum() == pytest.approx(work)


def test_a_burst_of_too_many_periods_is_refused():
    with pytest.raises(ImpossibleAmount, match="10,000 periods are the most"):
        lanes.burst_runs_s(1e6, threads=2, quota_cores=1)


def slow_jobs(work, come, cores, step):
    """Processor sharing in small steps: everybody who is here gets an equal part, one at most."""
    left, now, ends = np.array(work, float), 0.0, np.zeros(len(work))
    while (left > 0).any():
        here = (left > 0) & (np.array(come) <= now + 1e-12)
        speed = min(1.0, cores / here.sum()) if here.any() else 0.0
        left[here] -= speed * step
        now += step
        ends[here & (left <= 0)] = now
    return ends


@given(st.lists(st.integers(1, 5), min_size=1, max_size=5), st.integers(0, 3), st.integers(1, 3))
def test_speeds_do_all_the_work_and_use_no_more_than_there_is(work, every, cores):
    come = every * np.arange(len(work))
    for discipline in ("time-shared", "space-shared"):
        edges, speeds = lanes.job_speeds(
            work, arrival_s=come, capacity_cores=cores, discipline=discipline
        )
        assert (speeds @ np.diff(edges)) == pytest.approx(np.array(work, float))
        assert speeds.sum(axis=0).max() <= cores + 1e-9
        early = edges[:-1] < come[:, None] - 1e-9
        assert (speeds[early] == 0).all()
        if discipline == "space-shared":
            assert np.unique(speeds.round(9)).tolist() in ([0, 1], [1])


def test_in_turns_the_ends_are_those_of_small_steps():
    work, come = [4, 1, 2], [0, 1, 1]
    edges, speeds = lanes.job_speeds(work, arrival_s=come, capacity_cores=1)
    ends = [edges[1:][row > 0].max() for row in speeds]
    assert ends == pytest.approx(slow_jobs(work, come, 1, 1e-3), abs=0.01)
    assert ends == pytest.approx(cpu.finish_times(work, arrival_s=come, capacity_cores=1))


def test_jobs_are_one_row():
    with pytest.raises(ShapeMismatch, match="they must be one row"):
        lanes.job_speeds([[1, 2]], arrival_s=0, capacity_cores=1)
