"""How many copies: the rule by which an autoscaler follows a load, and how copies are replaced.

The rules are those of Kubernetes' HorizontalPodAutoscaler (autoscaling/v2), with the changes of
2025: separate tolerances up and down, and ``max(100, target)`` for copies that report nothing. The
real controller counts in whole per cents and whole copies, and rounds in double precision; so do
these laws. The start time is the only number in which platforms differ here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from virtlearn.core import check
from virtlearn.core._autoscaler import (
    TOLERANCE,
    Policy,
    between,
    growth_limit,
    happened,
    propose,
    read_events,
    read_policies,
    shrink_limit,
    turns,
    within_limits,
)
from virtlearn.core._counts import MOST, Bools, counts, within_numbers
from virtlearn.core._follow import follow
from virtlearn.core._rollout import rollout
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import ImpossibleCount

__all__ = ["copies_by_utilization", "follow_load", "limit_change", "rollout", "settle"]

COUNTED, STARTING, UNMEASURED = 0, 1, 2
# The defaults of autoscaling/v2 (AUTO-06, AUTO-07).
UP: tuple[Policy, ...] = (("copies", 4, 15), ("percent", 100, 15))
DOWN: tuple[Policy, ...] = (("percent", 100, 15),)


@within_numbers
def copies_by_utilization(
    used: ArrayLike,
    requested: ArrayLike,
    *,
    target_percent: ArrayLike,
    state: ArrayLike = 0,
    copies: ArrayLike | None = None,
    tolerance_down: ArrayLike = TOLERANCE,
    tolerance_up: ArrayLike = TOLERANCE,
) -> Ints:
    """Propose how many copies would use ``target_percent`` of what they ask for.

    Over the counted copies ``percent = floor(100 * used / requested)`` and
    ``ratio = percent / target``; the proposal is ``ceil(ratio * counted)``, unless the ratio is
    inside the tolerance. Copies without a measure are filled in against the change: when the ratio
    is below 1, unmeasured ones count as ``max(100, target)`` per cent of what they ask for; when it
    is above 1, unmeasured and starting ones count as 0. Nothing changes if the filled-in ratio is
    inside the tolerance, has changed sides, or would move the count against itself.

    Parameters
    ----------
    used, requested : array, shape (..., copies listed)
        What each copy uses and asks for [millicores].
    target_percent : array of whole numbers, shape (...)
        The use to aim for [% of the request].
    state : int array, shape (..., copies listed)
        0 counted, 1 starting or not ready, 2 ready but not measured. Leave out copies that
        failed or are leaving.
    copies : array of whole numbers, shape (...), optional
        The number now set; by default all that are listed. A rolling update lists more.
    tolerance_down, tolerance_up : array, shape (...)
        How far below and above 1 the ratio may be before anything changes.

    Returns
    -------
    int array, shape (...)
        The number of copies proposed.

    Raises
    ------
    ImpossibleCount
        No copy is counted, a state is unknown, or the target is not a whole number above 0.
    ImpossibleAmount
        A request is 0.

    References
    ----------
    AUTO-01, AUTO-08. Kubernetes pkg/controller/podautoscaler/replica_calculator.go, rule of 2025.

    Examples
    --------
    Three copies use half of what they ask for, and 30 % was wanted: 50 / 30 of three are five.

    >>> copies_by_utilization([600, 1000, 1400], 2000, target_percent=30).item()
    5

    The first has just started: the other two are at 60 %, all three at 40 %, so four do.

    >>> copies_by_utilization([300, 500, 700], 1000, target_percent=30, state=[1, 0, 0]).item()
    4
    """
    states = counts("state", state, most=UNMEASURED)
    use = check.amount("used", used)
    ask = check.positive("requested", requested)
    check.shape("one entry for each copy", used=use, requested=ask, state=states)
    use, ask, states = np.atleast_1d(*np.broadcast_arrays(use, ask, states))
    target = counts("target_percent", target_percent, least=1)
    listed = use.shape[-1]
    now = counts("copies", listed if copies is None else copies)
    is_counted = states == COUNTED
    counted = is_counted.sum(axis=-1)
    if (counted == 0).any():
        raise ImpossibleCount("No copy is counted (state 0), so nothing can be said. Wait for one.")
    tolerance = _tolerances(tolerance_down, tolerance_up)
    ratio = _ratio(use, ask, is_counted, target)
    grows = (ratio > 1)[..., None]
    shrinks = (ratio < 1)[..., None]
    is_unmeasured = states == UNMEASURED
    # What is not known counts against the change: a gap in the data never makes it larger.
    fallback = np.floor_divide(ask * np.maximum(100, target)[..., None], 100)
    use = np.where(is_unmeasured & shrinks, fallback, np.where(is_counted, use, 0.0))
    # At a ratio of exactly 1 an unmeasured copy adds nothing, and the first ratio holds anyway.
    is_filled = is_counted | (is_unmeasured & (grows | shrinks)) | ((states == STARTING) & grows)
    filled = _ratio(use, ask, is_filled, target)
    members = is_filled.sum(axis=-1)
    proposal = propose(filled, members, now, tolerance)
    too_little_known = (members > counted) & turns(ratio, filled, proposal, now)
    return np.asarray(np.where(too_little_known, now, proposal))


def _tolerances(down: ArrayLike, up: ArrayLike) -> tuple[Floats, Floats]:
    """Give the two ends between which a ratio counts as 1, both closed."""
    low = 1.0 - check.amount("tolerance_down", down)
    high = 1.0 + check.amount("tolerance_up", up)
    return low, high


def _ratio(use: Floats, ask: Floats, member: Bools, target: Ints) -> Floats:
    """Compute the ratio of whole per cents to the target, over the members."""
    total = np.where(member, use, 0.0).sum(axis=-1)
    requested = np.where(member, ask, 0.0).sum(axis=-1)
    # Division that rounds down is exact on floats: what is a hair below 50 % is 49.
    percent = np.floor_divide(100 * total, requested)
    return np.asarray(percent / target)


@within_numbers
def settle(
    wanted: ArrayLike,
    *,
    copies: ArrayLike,
    past: ArrayLike,
    past_age_s: ArrayLike,
    up_window_s: ArrayLike = 0,
    down_window_s: ArrayLike = 300,
) -> Ints:
    """Follow a proposal only as far as all recent ones agree.

    ``low`` is the least of ``wanted`` and the past proposals younger than ``up_window_s``,
    ``high`` the most of ``wanted`` and those younger than ``down_window_s``; the count moves up to
    ``low``, then down to ``high``. A proposal exactly as old as a window is outside it. Record
    ``wanted``, not what comes out.

    Parameters
    ----------
    wanted, copies : array of whole numbers, shape (...)
        The proposal of now, and the number now set.
    past : array of whole numbers, shape (..., n)
        Earlier proposals, unsettled.
    past_age_s : array, shape (..., n)
        How long ago each was made [s].
    up_window_s, down_window_s : array, shape (...)
        How long proposals hold growth back, and shrinking [s].

    Returns
    -------
    int array, shape (...)
        The number of copies to set.

    Raises
    ------
    ImpossibleCount
        A number of copies is negative or not whole.
    ShapeMismatch
        The shapes do not fit together.

    References
    ----------
    AUTO-04. ``stabilizeRecommendationWithBehaviors`` in Kubernetes
    pkg/controller/podautoscaler/horizontal.go.

    Examples
    --------
    Three are enough now, but a minute ago it took five: five stay, and are forgotten after 300 s.

    >>> settle(3, copies=100, past=[5], past_age_s=[[60], [299], [300]]).tolist()
    [5, 5, 3]
    """
    proposal = counts("wanted", wanted)
    now = counts("copies", copies)
    earlier = np.atleast_1d(counts("past", past))
    age = np.atleast_1d(check.amount("past_age_s", past_age_s))
    check.shape("each past proposal has its age", past=earlier, past_age_s=age)
    up = check.amount("up_window_s", up_window_s)[..., None]
    down = check.amount("down_window_s", down_window_s)[..., None]
    latest = proposal[..., None]
    low = np.where(age < up, earlier, latest).min(axis=-1, initial=int(MOST))
    high = np.where(age < down, earlier, latest).max(axis=-1, initial=0)
    low = np.minimum(proposal, low)
    high = np.maximum(proposal, high)
    return between(now, low, high)


@within_numbers
def limit_change(
    wanted: ArrayLike,
    *,
    copies: ArrayLike,
    least: ArrayLike = 1,
    most: ArrayLike = 10,
    up: Sequence[Policy] = UP,
    down: Sequence[Policy] = DOWN,
    select_up: str = "max",
    select_down: str = "max",
    added: ArrayLike = (),
    added_age_s: ArrayLike = (),
    removed: ArrayLike = (),
    removed_age_s: ArrayLike = (),
) -> Ints:
    """Cut a change to what the policies allow in their periods, then to the least and the most.

    Each policy looks back over its period: ``start = copies - added + removed`` in it. Up it allows
    ``start + value`` copies or ``ceil(start * (1 + value / 100))``; down ``start - value`` or
    ``int(start * (1 - value / 100))``. Both are computed in double precision, as the controller
    does: 10 % more than 50 are 56. Until 2019 growth was held to ``max(2 * copies, 4)``.

    Parameters
    ----------
    wanted, copies : array of whole numbers, shape (...)
        The count to go to, and the one now set.
    least, most : array of whole numbers, shape (...)
        The ends that no change passes; a count that is outside already is not pulled in.
    up, down : sequence of (kind, value, period_s)
        ``kind`` is "copies" or "percent"; what one period may add or remove.
    select_up, select_down : {"max", "min", "disabled"}
        The policy that allows the largest change, the one that allows the least, or no change.
    added, removed : array of whole numbers, shape (..., events)
        Copies added and removed lately.
    added_age_s, removed_age_s : array, shape (..., events)
        How long ago [s]; an event exactly as old as a period is outside it.

    Returns
    -------
    int array, shape (...)
        The count that is allowed.

    Raises
    ------
    ImpossibleCount, ImpossibleAmount, UnknownName
        Also where ``least`` is above ``most``.

    References
    ----------
    AUTO-06, AUTO-07. Kubernetes pkg/controller/podautoscaler/horizontal.go, rule
    of 2020 (autoscaling/v2).

    Examples
    --------
    By default the larger of 4 more and twice as many, in 15 s:

    >>> limit_change(1000, copies=[3, 20], most=2000).tolist()
    [7, 40]
    """
    proposal = counts("wanted", wanted)
    now = counts("copies", copies)
    bottom = counts("least", least)
    top = counts("most", most)
    if (bottom > top).any():
        raise ImpossibleCount(f"least is {bottom} and most is {top}; least must not be above most.")
    grown = read_events("added", added, added_age_s)
    shrunk = read_events("removed", removed, removed_age_s)

    def start(period_s: float) -> Ints:
        return np.asarray(now - happened(grown, period_s) + happened(shrunk, period_s))

    ceiling = growth_limit(start, read_policies("up", up, select_up), select_up)
    floor = shrink_limit(start, read_policies("down", down, select_down), select_down)
    return within_limits(proposal, now, (floor, ceiling), (bottom, top))


class Followed(NamedTuple):
    """How an autoscaler followed a load, an entry for each step on the last axis.

    Parameters
    ----------
    wanted : int array, shape (..., steps)
        Copies set after each step.
    ready : int array, shape (..., steps)
        Copies that served in the step.
    unserved_cores : array, shape (..., steps)
        The load that found no copy ready [cores].
    """

    wanted: Ints
    ready: Ints
    unserved_cores: Floats


@within_numbers
def follow_load(
    load_cores: ArrayLike,
    *,
    start_s: ArrayLike,
    copies: ArrayLike,
    target_percent: ArrayLike = 50,
    copy_cores: ArrayLike = 1.0,
    sync_s: ArrayLike = 15.0,
    least: ArrayLike = 1,
    most: ArrayLike = 100,
    up_window_s: ArrayLike = 0,
    down_window_s: ArrayLike = 300,
) -> Followed:
    """Let the autoscaler follow a load, step by step; many loads or start times are leading axes.

    In each step the copies that started at least ``start_s`` ago serve
    ``min(load, ready * copy_cores)``, shared evenly; then `copies_by_utilization`, `settle` and
    `limit_change` with their defaults set the next count. Copies that are taken away are the
    newest. A measure ends at 100 %, so from a target of 50 the count can only double.

    Parameters
    ----------
    load_cores : array, shape (..., steps)
        The work that arrives in each step [cores].
    start_s : array, shape (...)
        How long a new copy takes until it serves [s].
    copies : array of whole numbers, shape (...)
        The copies that are ready at the start.
    target_percent, copy_cores : array, shape (...)
        The use to aim for [%], and what each copy asks for and can use [cores].
    sync_s : array, shape (...)
        The time from one step to the next [s].
    least, most : array of whole numbers, shape (...)
        The ends of the count.
    up_window_s, down_window_s : array, shape (...)
        As in `settle` [s].

    Returns
    -------
    Followed
        ``wanted``, ``ready`` and ``unserved_cores``. A load beyond ``most * copy_cores`` is not
        refused: what no number of copies can carry stays in ``unserved_cores`` in every step.

    Raises
    ------
    ImpossibleCount
        ``copies`` is not between ``least`` and ``most``, or there are none.

    References
    ----------
    AUTO-01, AUTO-04, AUTO-06, AUTO-07.

    Examples
    --------
    Four copies and a spike to 10 cores. Copies that start in 0.2 s lose 6 and 2 cores of work in
    two steps; with 60 s to start it takes six steps.

    >>> spike = [2, 10, 10, 10, 10, 10, 10, 10]
    >>> quick, slow = follow_load(spike, start_s=[0.2, 60], copies=4).unserved_cores
    >>> quick.tolist()
    [0.0, 6.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    >>> slow.tolist()
    [0.0, 6.0, 6.0, 6.0, 6.0, 2.0, 2.0, 2.0]
    """
    load = np.atleast_1d(check.amount("load_cores", load_cores))
    first = load[..., 0] if load.shape[-1] else np.zeros(load.shape[:-1])
    given: dict[str, NDArray[Any]] = {
        "load_cores": first,
        "start_s": check.amount("start_s", start_s),
        "copies": counts("copies", copies, least=1),
        "target_percent": counts("target_percent", target_percent, least=1),
        "copy_cores": check.positive("copy_cores", copy_cores),
        "sync_s": check.positive("sync_s", sync_s),
        "least": counts("least", least, least=1),
        "most": counts("most", most, least=1),
        "up_window_s": check.amount("up_window_s", up_window_s),
        "down_window_s": check.amount("down_window_s", down_window_s),
    }
    return Followed(*follow(load, given))
