"""Two ways to serve jobs, each stepped exactly from event to event."""

import heapq

import numpy as np

from virtlearn.core._fill import fill
from virtlearn.core.check import Floats
from virtlearn.errors import NeverStarts


def time_shared(
    capacity: float, work: Floats, arrival: Floats, most: Floats, weight: Floats
) -> Floats:
    """Go from one arrival or completion to the next; in between, every job's speed is constant."""
    _refuse_stuck((work > 0) & (np.minimum(most, capacity) == 0), most, capacity)
    left = work.copy()
    ends = arrival.copy()
    now = 0.0
    open_ = work > 0
    while open_.any():
        here = np.flatnonzero(open_ & (arrival <= now))
        coming = arrival[open_ & (arrival > now)].min(initial=np.inf)
        one_group = np.zeros_like(here)
        speed = fill(np.array([capacity]), most[here], None, weight[here], one_group)
        # Beside huge weights a speed can round to 0.
        with np.errstate(divide="ignore", over="ignore"):
            needs = left[here] / speed
        # Until the first job is done or the next one comes, nothing changes.
        step = min(needs.min(initial=np.inf), coming - now)
        if not np.isfinite(now + step):
            raise NeverStarts(
                "work_core_s is so large that no number could hold the time. Use a larger unit."
            )
        left[here] = np.maximum(left[here] - speed * step, 0.0)
        done = here[(needs <= step) | (left[here] == 0)]
        now = coming if step == coming - now else now + step
        ends[done], open_[done] = now, False
    return ends


def space_shared(capacity: float, work: Floats, arrival: Floats, most: Floats, _: Floats) -> Floats:
    """Start jobs in order of arrival, once their cores are free and the one before has started."""
    cores = np.ceil(most)
    free = np.floor(capacity)
    _refuse_stuck((cores > free) | ((work > 0) & (most == 0)), most, capacity)
    ends = np.empty_like(work)
    now = 0.0
    # Who ends first frees its cores first: the end of each running job, and the cores it has.
    running: list[tuple[float, float]] = []
    for job in np.argsort(arrival, kind="stable").tolist():
        now = max(now, float(arrival[job]))
        # Nobody overtakes: this job waits, and with it all that came later.
        while free < cores[job]:
            end, released = heapq.heappop(running)
            now, free = max(now, end), free + released
        ends[job] = now + (work[job] / most[job] if work[job] else 0.0)
        free -= cores[job]
        heapq.heappush(running, (float(ends[job]), float(cores[job])))
    return ends


def _refuse_stuck(stuck: np.ndarray, most: Floats, capacity: float) -> None:
    if stuck.any():
        job = int(np.argmax(stuck))
        wants = f"its max_cores is {most[job]:g} and capacity_cores is {capacity:g}"
        raise NeverStarts(
            f"Job {job} would wait for ever: {wants}.\nRaise the capacity or change the job."
        )
