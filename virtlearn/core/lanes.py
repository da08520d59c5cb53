"""What happens between the begin of work and its end: when it runs, when it waits, how fast.

`core.cpu` says when a burst or a job is done; these say how it got there, from the same laws.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check, cpu
from virtlearn.core._shapes import one
from virtlearn.core.check import Floats
from virtlearn.errors import ImpossibleAmount, ShapeMismatch

__all__ = ["allowance_left_s", "burst_runs_s", "job_speeds"]

MOST_PERIODS = 10_000  # more would be no picture and no lesson


def burst_runs_s(
    work_core_s: float, *, threads: int, quota_cores: float, period_s: float = 0.1
) -> Floats:
    """Say when a burst under a quota runs; from one run to the next, all its threads wait.

    Parameters
    ----------
    work_core_s : float
        The CPU time that the burst needs [core seconds].
    threads : int
        How many cores it uses at once.
    quota_cores, period_s : float
        The limit [cores], and how often the allowance is refilled [s]; it is full at the start.

    Returns
    -------
    array, shape (runs, 2)
        When each run begins and ends [s]. The last ends with the burst.

    Raises
    ------
    ImpossibleAmount
        Where it would run in more than 10,000 periods.
    NeverStarts, ImpossibleCount, ShapeMismatch
        As for `core.cpu.burst_latency_s`, for one burst.

    References
    ----------
    Linux Documentation/scheduler/sched-bwc.rst.

    Examples
    --------
    A quota of one core allows 4 threads 100 ms of CPU time a period; 110 ms wait for the next.

    >>> burst_runs_s(0.110, threads=4, quota_cores=1).round(6).tolist()
    [[0.0, 0.025], [0.1, 0.1025]]
    """
    took = cpu.burst_latency_s(
        work_core_s, threads=threads, quota_cores=quota_cores, period_s=period_s
    )
    end = one("work_core_s", took)
    speed, quota, period = float(threads), float(quota_cores), float(period_s)
    if quota >= speed:
        return np.array([[0.0, end]])
    # The burst ends in the last period in which it runs, and by a hair not in the next.
    periods = max(1.0, np.ceil(end / period * (1 - check.ROUNDING)))
    if periods > MOST_PERIODS:
        raise ImpossibleAmount(
            f"work_core_s would run in {periods:g} periods, one by one.\n"
            f"Give it less work or more quota: {MOST_PERIODS:,} periods are the most."
        )
    begins = np.arange(int(periods)) * period
    ends = begins + quota * period / speed
    ends[-1] = end
    return np.column_stack([begins, ends])


def allowance_left_s(
    work_core_s: float, *, threads: int, quota_cores: float, period_s: float = 0.1
) -> tuple[Floats, Floats]:
    """Say what is left of a period's allowance, from the begin of a burst to its end.

    Parameters
    ----------
    work_core_s, threads, quota_cores, period_s : float
        As in `burst_runs_s`; the quota is finite.

    Returns
    -------
    times : array, shape (corners,)
        When the running begins or ends, and when a period does [s]; between them the allowance
        falls or stays in a straight line.
    left : array, shape (corners,)
        The CPU time that may still be used in the period [core seconds]. At the end of a period
        stand two corners: before it is refilled, and after.

    Raises
    ------
    ImpossibleAmount, ImpossibleCount, NeverStarts, ShapeMismatch
        As for `burst_runs_s`; also where the quota is infinite.

    Examples
    --------
    >>> times, left = allowance_left_s(0.110, threads=4, quota_cores=1)
    >>> times.round(6).tolist(), left.round(6).tolist()
    ([0.0, 0.025, 0.1, 0.1, 0.1025], [0.1, 0.0, 0.0, 0.1, 0.09])
    """
    runs = burst_runs_s(work_core_s, threads=threads, quota_cores=quota_cores, period_s=period_s)
    full = one("quota_cores", check.amount("quota_cores", quota_cores)) * period_s
    begins, ends = runs.T
    if ends[0] > period_s:
        # It runs on through the periods, as its quota is as large as all it can use.
        begins = np.arange(0.0, ends[0] * (1 - check.ROUNDING), period_s)
        ends = np.append(begins[1:], ends[0])
    rest = np.maximum(full - threads * (ends - begins), 0.0)
    refills = np.append(begins[1:], ends[-1])
    times = np.column_stack([begins, ends, refills]).ravel()
    left = np.column_stack([np.full_like(rest, full), rest, rest]).ravel()
    # The last refill comes after the burst.
    return times[:-1], left[:-1]


def job_speeds(
    work_core_s: ArrayLike,
    *,
    arrival_s: ArrayLike,
    capacity_cores: float,
    discipline: str = "time-shared",
) -> tuple[Floats, Floats]:
    """Say how many cores each job has at each time, where a job uses at most one.

    Parameters
    ----------
    work_core_s, arrival_s : array, shape (n,)
        The CPU time that each job needs [core seconds], and when it comes [s].
    capacity_cores : float
        What there is [cores].
    discipline : {"time-shared", "space-shared"}
        How jobs are served.

    Returns
    -------
    edges : array, shape (m + 1,)
        The times at which a job comes, begins or ends [s], in order.
    speeds : array, shape (n, m)
        The cores that each job has from each of these times to the next [cores].

    Raises
    ------
    NeverStarts, UnknownName, ImpossibleAmount, ShapeMismatch
        As for `core.cpu.finish_times`.

    Examples
    --------
    Two jobs share one core, until the shorter one is done.

    >>> edges, speeds = job_speeds([1, 2], arrival_s=[0, 0], capacity_cores=1)
    >>> edges.tolist(), speeds.tolist()
    ([0.0, 2.0, 3.0], [[0.5, 0.0], [0.5, 1.0]])
    """
    rules = {"arrival_s": arrival_s, "capacity_cores": capacity_cores}
    ends = np.atleast_1d(cpu.finish_times(work_core_s, discipline=discipline, **rules))
    if ends.ndim != 1:
        raise ShapeMismatch(f"The jobs have the shape {ends.shape}; they must be one row.")
    work = np.broadcast_to(np.asarray(work_core_s, float), ends.shape)
    # In turns a job begins when it comes; in order it runs at full speed up to its end.
    begins = np.broadcast_to(np.asarray(arrival_s, float), ends.shape)
    if discipline == "space-shared":
        begins = ends - work
    edges = np.unique(np.concatenate([[0.0], begins, ends]))
    begun = begins[:, None] <= edges[:-1]
    here = begun & (edges[:-1] < ends[:, None])
    shared = cpu.fair_share(here.T.astype(float), capacity_cores=capacity_cores)
    return edges, shared.T
