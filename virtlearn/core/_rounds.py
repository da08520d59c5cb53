"""The rounds of a pre-copy migration, many machines at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from virtlearn.core._counts import Bools
from virtlearn.core.check import ROUNDING, Floats, Ints
from virtlearn.errors import ImpossibleAmount

# More rounds would only be memory: what has not converged by then never will.
MOST_ROUNDS = 10_000
Machines = dict[str, NDArray[Any]]


def send(machines: Machines) -> tuple[Floats, Floats, Ints, Bools]:
    """Send rounds until every machine has moved.

    Gives what each round sent, shape (rounds + 1, machines), the throttle in each round, the number
    of rounds, and which machines converged.
    """
    _keep_inside(machines["working_set_mib"], machines["memory_mib"])
    small = machines["bandwidth_mib_s"] * machines["downtime_limit_s"] * (1 + ROUNDING)
    size = machines["memory_mib"]
    throttle = np.zeros(size.shape)
    rounds = np.zeros(size.shape, dtype=np.int64)
    slowed = np.zeros(size.shape, dtype=np.int64)
    too_dirty = np.zeros(size.shape, dtype=np.int64)
    converged = np.zeros(size.shape, dtype=bool)
    runs = np.ones(size.shape, dtype=bool)
    sizes = [size]
    throttles = []
    while runs.any():
        throttles.append(np.where(runs, throttle, 0.0))
        rounds = rounds + runs
        dirtied = _dirtied(size, throttle, machines)
        sizes.append(np.where(runs, dirtied, 0.0))
        converged = converged | (runs & (dirtied <= small))
        runs = runs & ~converged & (rounds < machines["max_rounds"])
        is_dirty = machines["auto_converge"] & (dirtied > machines["trigger"] * size)
        too_dirty = too_dirty + (runs & is_dirty)
        # One bad round may be chance; the second since the last step slows the machine.
        slowed = slowed + (too_dirty == 2)
        too_dirty = too_dirty % 2
        throttle = _held_still(slowed, machines)
        size = dirtied
    # Without machines there are no rounds, but the axes of what would be there stay.
    held = np.array(throttles).reshape(len(throttles), *rounds.shape)
    return np.array(sizes), held, rounds, converged


def _dirtied(size: Floats, throttle: Floats, machines: Machines) -> Floats:
    """Say what gets dirty while a round is sent: never more than the machine writes to."""
    seconds = size / machines["bandwidth_mib_s"]
    with np.errstate(over="ignore"):
        written = machines["dirty_mib_s"] * (1 - throttle) * seconds
    return np.asarray(np.minimum(written, machines["working_set_mib"]))


def _held_still(slowed: Ints, machines: Machines) -> Floats:
    """Say which part of its time a machine is held still after so many steps."""
    grown = machines["first"] + machines["step"] * (slowed - 1)
    return np.where(slowed > 0, np.minimum(grown, machines["most"]), 0.0)


def _keep_inside(working_set: Floats, memory: Floats) -> None:
    """Refuse a machine that writes to more memory than it has."""
    larger = working_set > memory
    if larger.any():
        i = int(np.argmax(larger))
        wrong = f"working_set_mib is {working_set[i]:g}, but memory_mib is {memory[i]:g}"
        raise ImpossibleAmount(f"{wrong}. A machine writes to its own memory at most.")
