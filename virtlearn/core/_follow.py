"""An autoscaler stepped through time, many loads at once."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from virtlearn.core import check
from virtlearn.core._autoscaler import TOLERANCE, between, propose, turns, within_limits
from virtlearn.core.check import ROUNDING, Floats, Ints
from virtlearn.errors import ImpossibleCount

# What may be added in 15 s: the larger of four copies and as many again (AUTO-06).
PERIOD_S = 15.0
GROWTH = 4
TOLERATED = (np.asarray(1.0 - TOLERANCE), np.asarray(1.0 + TOLERANCE))


class Window(NamedTuple):
    """The latest rows that count, as many for each column as it says."""

    steps: Ints
    longest: int
    is_alike: bool

    @classmethod
    def of(cls, steps: Ints) -> Window:
        """Look once at what does not change from step to step."""
        longest = int(steps.max(initial=1))
        return cls(steps, longest, bool((steps == longest).all()))

    def inside(self, rows: Ints) -> Ints:
        """Give the latest rows, where too old a one is replaced by the latest."""
        latest = rows[-self.longest :]
        if self.is_alike:
            return latest
        age = np.arange(len(latest))[::-1, None]
        return np.where(age < self.steps, latest, latest[-1])


class Rule(NamedTuple):
    """One rule for each load, shape (loads,); times are counted in steps."""

    copies: Ints
    target: Ints
    copy_cores: Floats
    least: Ints
    most: Ints
    start: Window
    up: Window
    down: Window
    period: Ints


def follow(load: Floats, given: dict[str, NDArray[Any]]) -> tuple[Ints, Ints, Floats]:
    """Line up loads and rules, step through all of them, and give wanted, ready and unserved."""
    batch = check.shape("every argument but load_cores lacks the axis of steps", **given)
    steps = load.shape[-1]
    loads = np.broadcast_to(load, (*batch, steps)).reshape(math.prod(batch), steps).T
    one_row = {name: np.broadcast_to(x, batch).ravel() for name, x in given.items()}
    rule = _rule(one_row)
    wanted, ready = _step_through(loads, rule)
    unserved = np.maximum(loads - ready * rule.copy_cores, 0.0)
    shape = (*batch, steps)
    return wanted.T.reshape(shape), ready.T.reshape(shape), unserved.T.reshape(shape)


def _rule(given: dict[str, NDArray[Any]]) -> Rule:
    copies, least, most = given["copies"], given["least"], given["most"]
    outside = (copies < least) | (copies > most)
    if outside.any():
        i = int(np.argmax(outside))
        wrong = f"copies is {copies[i]}, but least is {least[i]} and most is {most[i]}"
        raise ImpossibleCount(f"{wrong}. Start with a count between them.")
    sync = given["sync_s"]
    return Rule(
        copies=copies,
        target=given["target_percent"],
        copy_cores=given["copy_cores"],
        least=least,
        most=most,
        # Even a copy that starts at once serves only from the next step on.
        start=Window.of(np.maximum(_whole_steps(given["start_s"], sync), 1)),
        # The proposal of now is inside every window.
        up=Window.of(_steps_inside(given["up_window_s"], sync) + 1),
        down=Window.of(_steps_inside(given["down_window_s"], sync) + 1),
        period=_steps_inside(np.full_like(sync, PERIOD_S), sync),
    )


def _whole_steps(time_s: Floats, sync_s: Floats) -> Ints:
    """Count the steps until a time is over: 0.3 s are three steps of 0.1; 0.3 / 0.1 is not 3."""
    return np.ceil(time_s / sync_s * (1 - ROUNDING)).astype(np.int64)


def _steps_inside(window_s: Floats, sync_s: Floats) -> Ints:
    """Count the earlier steps that are strictly younger than a window."""
    return np.maximum(_whole_steps(window_s, sync_s) - 1, 0)


def _step_through(loads: Floats, rule: Rule) -> tuple[Ints, Ints]:
    steps, n = loads.shape
    # Row k is the count before step k, so the last row is the count after the last step.
    counts = np.empty((steps + 1, n), dtype=np.int64)
    counts[0] = rule.copies
    ready = np.empty((steps, n), dtype=np.int64)
    proposals = np.empty((steps, n), dtype=np.int64)
    column = np.arange(n)
    for k in range(steps):
        now = counts[k]
        # The newest go first, so who was there some steps ago and was never
        # too many is there still.
        ready[k] = rule.start.inside(counts[: k + 1]).min(axis=0)
        proposals[k] = _proposal(loads[k], ready[k], now, rule)
        low = rule.up.inside(proposals[: k + 1]).min(axis=0)
        high = rule.down.inside(proposals[: k + 1]).max(axis=0)
        settled = between(now, low, high)
        # What was added less what was removed in a period is the difference of two counts.
        before = counts[np.maximum(k - rule.period, 0), column]
        ceiling = np.maximum(before + GROWTH, 2 * before)
        change = (np.zeros_like(before), ceiling)
        counts[k + 1] = within_limits(settled, now, change, (rule.least, rule.most))
    return counts[1:], ready


def _proposal(load: Floats, ready: Ints, now: Ints, rule: Rule) -> Ints:
    """Propose a count from what the ready copies measure; starting ones count when it grows."""
    served = np.minimum(load, ready * rule.copy_cores)
    first = _ratio(served, ready, rule)
    fills = (first > 1) & (now > ready)
    members = np.where(fills, now, ready)
    ratio = np.where(fills, _ratio(served, now, rule), first)
    proposal = propose(ratio, members, now, TOLERATED)
    return np.where(fills & turns(first, ratio, proposal, now), now, proposal)


def _ratio(served: Floats, copies: Ints, rule: Rule) -> Floats:
    """Compute the ratio to the target in whole per cents; 0.57 is 57 %, but 0.57 * 100 is not."""
    percent = np.floor(100 * served / (copies * rule.copy_cores) * (1 + ROUNDING))
    return np.asarray(percent / rule.target)
