"""The scheduler: filters that a host must pass for a copy, scores of those that do, and the choice.

The rules are kube-scheduler's (`virtlearn.core.placing`). A copy is placed by what it asks for, and
stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from virtlearn import core
from virtlearn.arguments import known, whole
from virtlearn.core.check import Ints
from virtlearn.model.constraints import SCORES, Constraints
from virtlearn.model.decision import Decision
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.resources import Resource, limiting
from virtlearn.model.tree import Bools

__all__ = ["RULES", "WEIGHTS", "counted", "decide", "read_weights", "schedule"]

# A rule takes what the copy asks for, what is promised and what there is, in millicores and MiB.
Rule = Callable[[ArrayLike, ArrayLike, ArrayLike], Ints]
RESOURCES: dict[str, Rule] = {
    "least allocated": core.placing.least_allocated,
    "most allocated": core.placing.most_allocated,
    "balanced allocation": core.placing.balanced_allocation,
}
RULES = (*SCORES, *RESOURCES)
# CPU and memory under the names that `limiting` gives them: the rules above filter and score by
# these.
SCORED = ("memory", "promised memory", "memory beside machines", "cpu", "cpu requests")
# kube-scheduler's own: it spreads, and counts room and balance alike (PLACE-01).
WEIGHTS: dict[str, int] = {
    "taints": 3,
    "topology spread": 2,
    "least allocated": 1,
    "balanced allocation": 1,
}


def counted(hosts: Sequence[Host], apps: Sequence[Workload]) -> list[Resource]:
    """List the resources that filter hosts and give no score: disk, pods, and named ones.

    Parameters
    ----------
    hosts, apps : sequences
        Where the workloads are to stand, and what they are.

    Returns
    -------
    list of Resource
        Those that any host bounds or any workload needs.
    """
    return [one for one in limiting(hosts, apps) if one.name not in SCORED]


def read_weights(weights: Mapping[str, int] | None) -> dict[str, int]:
    """Check the weights of the rules.

    Parameters
    ----------
    weights : mapping of str to int, optional
        By rule; those of kube-scheduler where none are given.

    Returns
    -------
    dict of str to int
        How often each rule counts.
    """
    if weights is None:
        return dict(WEIGHTS)
    return {
        known("scoring rule", rule, RULES): whole("place", f"weights[{rule!r}]", weight, least=0)
        for rule, weight in weights.items()
    }


def decide(  # noqa: PLR0913 - a copy, the hosts and the rules: what each says
    copy: str,
    need: Sequence[int],
    hosts: Sequence[str],
    used: ArrayLike,
    room: ArrayLike,
    weights: Mapping[str, int] | None = None,
    *,
    constraints: Constraints | None = None,
    kind: int = 0,
) -> Decision:
    """Filter and score every host for one copy, and choose.

    Parameters
    ----------
    copy : str
        The copy's name.
    need : sequence of int
        What it asks for [millicores, MiB].
    hosts : sequence of str
        The hosts' names.
    used, room : array of whole numbers, shape (hosts, 2)
        What is promised on each host, and what it has [millicores, MiB].
    weights : mapping of str to int, optional
        How often each rule of `RULES` counts; `WEIGHTS` if not given.
    constraints : Constraints, optional
        What workloads and hosts say about each other, and what runs so far; without it, resources
        alone count.
    kind : int
        The kind of the copy in ``constraints``.

    Returns
    -------
    Decision
        Every host with its verdict and its scores, and the host that was chosen.

    Raises
    ------
    UnknownName
        Where there is no such rule.
    ImpossibleCount
        Where an amount is negative or not whole.
    ShapeMismatch
        Where there is not one row for each host.

    References
    ----------
    PLACE-01: Kubernetes pkg/scheduler/apis/config/v1/default_plugins.go.

    Examples
    --------
    >>> decide("web", [1000, 1024], ["a", "b"], [[3500, 0], [1000, 0]], [[4000, 8192]] * 2).why
    'web goes to b: it is the only host with room.'
    """
    heavy = read_weights(weights)
    enough = core.placing.fits(need, used, room)
    allowed = enough.all(axis=1)
    kept_out: tuple[str, ...] = ()
    beside: dict[str, Ints] = {}
    raw: dict[str, Ints] = {}
    if constraints is not None:
        kept_out = constraints.why_not(kind)
        allowed = allowed & constraints.may(kind)
        beside = constraints.scores(kind, allowed)
        raw = constraints.raw(kind, allowed)
    weighed = {rule: weight for rule, weight in heavy.items() if rule in (*beside, *RESOURCES)}
    scores = {}
    for rule in weighed:
        scores[rule] = beside[rule] if rule in beside else RESOURCES[rule](need, used, room)
    winner = -1
    if allowed.any():
        points = np.array(list(scores.values()))
        points = points.reshape(len(weighed), len(hosts))
        winner = int(core.placing.decide(points, list(weighed.values()), allowed))
    return Decision(
        copy=copy,
        hosts=tuple(hosts),
        need=tuple(need),
        used=np.asarray(used),
        room=np.asarray(room),
        fits=enough,
        scores=scores,
        weights=weighed,
        winner=winner,
        kept_out=kept_out,
        raw=raw,
    )


def schedule(
    needs: Ints,
    room: Ints,
    weights: Mapping[str, int],
    constraints: Constraints | None = None,
) -> Ints:
    """Place copies one after the other by the scheduler's rules.

    Parameters
    ----------
    needs : int array, shape (copies, 2)
        What each asks for [millicores, MiB].
    room : int array, shape (hosts, 2)
        What each host has.
    weights : mapping of str to int
        How often each rule counts.
    constraints : Constraints, optional
        What workloads and hosts say about each other; it counts along what runs where.

    Returns
    -------
    int array, shape (copies,)
        The host of each, -1 for none.
    """
    used = np.zeros_like(room)
    host_of = np.full(len(needs), -1, dtype=np.int64)
    seen: dict[tuple[int, ...], Ints] = {}
    for i, need in enumerate(needs):
        asked = tuple(need.tolist())
        if asked not in seen:
            seen[asked] = _totals(need, used, room, weights)
        points = seen[asked]
        if constraints is not None:
            points = _constrained(points, constraints, i, weights)
        host = int(points.argmax())
        if points[host] < 0:
            continue
        host_of[i] = host
        used[host] += need
        if constraints is not None:
            constraints.put(i, host)
        # Only this host has less left: every kind of copy asks it again, and no other.
        one = slice(host, host + 1)
        for other, totals in seen.items():
            totals[one] = _totals(np.array(other), used[one], room[one], weights)
    return host_of


def _totals(need: Ints, used: Ints, room: Ints, weights: Mapping[str, int]) -> Ints:
    """Sum the weighted scores of what hosts have left; -1 where there is no room."""
    total = np.zeros(len(room), dtype=np.int64)
    for rule, score in RESOURCES.items():
        if weights.get(rule):
            total += weights[rule] * score(need, used, room)
    fits = core.placing.fits(need, used, room)
    return np.where(fits.all(axis=1), total, -1)


def _constrained(
    points: Ints, constraints: Constraints, item: int, weights: Mapping[str, int]
) -> Ints:
    """Add what the constraints score; -1 where they keep the copy out."""
    kind = int(constraints.kind_of[item])
    allowed: Bools = (points >= 0) & constraints.may(kind)
    total = np.where(allowed, points, -1)
    if any(weights.get(rule) for rule in SCORES):
        for rule, score in constraints.scores(kind, allowed).items():
            total += weights.get(rule, 0) * np.where(allowed, score, 0)
    return total
