"""The steps of an autoscaler's rule, for one count and for many: propose, settle, limit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._counts import MOST, Bools, counts, rows_of
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import ImpossibleCount

Policy = tuple[str, float, float]
Events = tuple[Ints, Floats]
Start = Callable[[float], Ints]

SELECT = ("max", "min", "disabled")
TOLERANCE = 0.1


def propose(ratio: Floats, members: Ints, now: Ints, tolerance: tuple[Floats, Floats]) -> Ints:
    """Round up what the ratio asks for, or hold inside the tolerance."""
    low, high = tolerance
    inside = (ratio >= low) & (ratio <= high)
    wanted = np.ceil(ratio * members).astype(np.int64)
    return np.where(inside, now, wanted)


def turns(first: Floats, filled: Floats, proposal: Ints, now: Ints) -> Bools:
    """Find where filling in has turned the change round: too little is known to act on it."""
    crossed = ((first < 1) & (filled > 1)) | ((first > 1) & (filled < 1))
    against = ((filled < 1) & (proposal > now)) | ((filled > 1) & (proposal < now))
    return np.asarray(crossed | against)


def between(now: Ints, low: Ints, high: Ints) -> Ints:
    """Move a count up to what everybody asked for, then down to what anybody asked for."""
    return np.asarray(np.minimum(np.maximum(now, low), high))


def read_policies(name: str, policies: Sequence[Policy], select: str) -> list[Policy]:
    """Check each policy: its kind, a whole value, and a period."""
    check.known(f"select_{name}", select, SELECT)
    read = []
    for kind, value, period_s in rows_of(name, policies, "(kind, value, period_s)"):
        check.known(f"a policy of {name}", kind, ("copies", "percent"))
        allowed = check.one("a policy's value", check.positive("a policy's value", value))
        period = check.one("a policy's period_s", check.positive("a policy's period_s", period_s))
        read.append((kind, allowed, period))
    if not read and select != "disabled":
        wrong = f"{name} has no policy, so nothing says how fast the count may change"
        raise ImpossibleCount(f'{wrong}. Give one, or say select_{name}="disabled".')
    return read


def read_events(name: str, changes: ArrayLike, age_s: ArrayLike) -> Events:
    """Pair each change with its age."""
    change = np.atleast_1d(counts(name, changes))
    age = np.atleast_1d(check.amount(f"{name}_age_s", age_s))
    check.shape("each change has its age", **{name: change, f"{name}_age_s": age})
    return change, age


def happened(events: Events, period_s: float) -> Ints:
    """Add up the changes that are younger than a period."""
    change, age = events
    return np.asarray(np.where(age < period_s, change, 0).sum(axis=-1))


def growth_limit(start: Start, policies: Sequence[Policy], select: str) -> Ints:
    """Say how many copies the policies allow at most; ``start`` gives the count a period ago."""
    if select == "disabled":
        return np.asarray(0)
    limits = []
    for kind, value, period_s in policies:
        before = start(period_s)
        allowed = before + value if kind == "copies" else before * (1 + value / 100)
        # A fraction is rounded up, or a small count could never grow.
        limits.append(_whole(np.ceil(allowed)))
    choose = np.maximum if select == "max" else np.minimum
    return np.asarray(choose.reduce(np.broadcast_arrays(*limits)))


def shrink_limit(start: Start, policies: Sequence[Policy], select: str) -> Ints:
    """Say how few copies the policies allow; the largest change leaves the fewest."""
    if select == "disabled":
        return np.asarray(int(MOST))
    limits = []
    for kind, value, period_s in policies:
        before = start(period_s)
        allowed = before - value if kind == "copies" else before * (1 - value / 100)
        limits.append(_whole(np.trunc(allowed)))
    choose = np.minimum if select == "max" else np.maximum
    return np.asarray(choose.reduce(np.broadcast_arrays(*limits)))


def _whole(allowed: Floats) -> Ints:
    """Keep a limit inside int64: beyond it nobody is limited."""
    return np.asarray(np.clip(allowed, -MOST, MOST)).astype(np.int64)


def within_limits(
    wanted: Ints, now: Ints, change: tuple[Ints, Ints], ends: tuple[Ints, Ints]
) -> Ints:
    """Cut a growing count from above, a shrinking one from below; a limit turns no change round."""
    floor, ceiling = change
    least, most = ends
    grown = np.minimum(wanted, np.minimum(most, np.maximum(ceiling, now)))
    shrunk = np.maximum(wanted, np.maximum(least, np.minimum(floor, now)))
    return np.asarray(np.where(wanted > now, grown, np.where(wanted < now, shrunk, wanted)))
