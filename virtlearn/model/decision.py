"""The decision of a scheduler, shown: what each host says to one copy, and why one of them wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from virtlearn import core, units
from virtlearn.arguments import known, whole
from virtlearn.core.check import Ints
from virtlearn.tables import Row, Shown

__all__ = ["RULES", "WEIGHTS", "Decision", "decide", "read_weights", "schedule"]

RESOURCES = ("CPU", "memory")

# A rule takes what the copy asks for, what is promised and what there is, in millicores and MiB.
Rule = Callable[[ArrayLike, ArrayLike, ArrayLike], Ints]
RULES: dict[str, Rule] = {
    "least allocated": core.placing.least_allocated,
    "most allocated": core.placing.most_allocated,
    "balanced allocation": core.placing.balanced_allocation,
}
# kube-scheduler's own: it spreads, and counts room and balance alike (PLACE-01).
WEIGHTS: dict[str, int] = {"least allocated": 1, "balanced allocation": 1}


@dataclass(frozen=True, eq=False, repr=False)
class Decision(Shown):
    """Why one copy went to one host.

    Parameters
    ----------
    copy : str
        The copy's name.
    hosts : tuple of str
        The hosts' names.
    need : tuple of int
        What the copy asks for [millicores, MiB].
    used, room : ndarray of int64, shape (hosts, 2)
        What copies on each host ask for, and what the host has [millicores, MiB].
    fits : ndarray of bool, shape (hosts, 2)
        Whether each resource suffices.
    scores : dict of str to ndarray of int64, shape (hosts,)
        What each rule gives, from 0 to 100. The resource rules need no normalising.
    weights : dict of str to int
        How often each rule counts.
    winner : int
        The host that is chosen, -1 for none.
    """

    copy: str
    hosts: tuple[str, ...]
    need: tuple[int, ...]
    used: Ints
    room: Ints
    fits: np.ndarray
    scores: dict[str, Ints]
    weights: dict[str, int]
    winner: int

    @property
    def weighted(self) -> dict[str, Ints]:
        """The scores times their weights."""
        return {rule: score * self.weights[rule] for rule, score in self.scores.items()}

    @property
    def sums(self) -> Ints:
        """The sum of the weighted scores of each host."""
        total = np.zeros(len(self.hosts), dtype=np.int64)
        for score in self.weighted.values():
            total += score
        return total

    @property
    def verdicts(self) -> tuple[str, ...]:
        """Why a host is filtered out, in words; an empty text where it is not."""
        return tuple(self._verdict(i) for i in range(len(self.hosts)))

    def _verdict(self, host: int) -> str:
        lacking = np.flatnonzero(~self.fits[host])
        free = np.maximum(self.room[host] - self.used[host], 0)
        return ", ".join(f"{_amount(r, free[r])} free" for r in lacking.tolist())

    @property
    def why(self) -> str:
        """The reason in one sentence."""
        if self.winner < 0:
            asked = " and ".join(_amount(r, self.need[r]) for r in range(len(self.need)))
            count = units.count(len(self.hosts), "host")
            return f"{self.copy} goes nowhere: none of {count} has {asked} free."
        name = self.hosts[self.winner]
        if not self.weights:
            return f"{self.copy} goes to {name}; this policy gives no points."
        points = self.sums
        candidates = self.fits.all(axis=1)
        passed = int(candidates.sum())
        told = f"{self.copy} goes to {name}"
        if passed == 1:
            return f"{told}: it is the only host with room."
        told += f", which has {points[self.winner]:,} points"
        others = np.where(candidates, points, -1)
        others[self.winner] = -1
        second = int(others.argmax())
        if points[second] == points[self.winner]:
            return f"{told}, as many as {self.hosts[second]}; the first of equals is taken."
        return f"{told}, more than {self.hosts[second]} with {points[second]:,}."

    def _rows(self) -> list[Row]:
        rows: list[Row] = [(self.why, *self.scores, "sum")]
        for i, name in enumerate(self.hosts):
            verdict = self._verdict(i)
            label = f"{name}: no, {verdict}" if verdict else name
            cells = [f"{s[i]} x {self.weights[rule]}" for rule, s in self.scores.items()]
            rows.append((label, *cells, f"{self.sums[i]:,}"))
        return rows


def _amount(resource: int, amount: int) -> str:
    """Put an amount of a resource in words."""
    if resource == 0:
        return f"{units.plain(amount / 1000)} cores"
    return units.memory(float(amount))


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


def decide(
    copy: str,
    need: Sequence[int],
    hosts: Sequence[str],
    used: ArrayLike,
    room: ArrayLike,
    weights: Mapping[str, int] | None = None,
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
    scores = {rule: RULES[rule](need, used, room) for rule in heavy}
    winner = -1
    if enough.all(axis=1).any():
        points = np.array(list(scores.values())).reshape(len(heavy), len(hosts))
        winner = int(core.placing.decide(points, list(heavy.values()), enough.all(axis=1)))
    taken, there = np.asarray(used), np.asarray(room)
    return Decision(copy, tuple(hosts), tuple(need), taken, there, enough, scores, heavy, winner)


def schedule(needs: Ints, room: Ints, weights: Mapping[str, int]) -> Ints:
    """Place copies one after the other by the scheduler's rules.

    Parameters
    ----------
    needs : int array, shape (copies, 2)
        What each asks for [millicores, MiB].
    room : int array, shape (hosts, 2)
        What each host has.
    weights : mapping of str to int
        How often each rule counts.

    Returns
    -------
    int array, shape (copies,)
        The host of each, -1 for none.
    """
    used = np.zeros_like(room)
    host_of = np.full(len(needs), -1, dtype=np.int64)
    seen: dict[tuple[int, ...], Ints] = {}
    for i, need in enumerate(needs):
        kind = tuple(need.tolist())
        if kind not in seen:
            seen[kind] = _totals(need, used, room, weights)
        host = int(seen[kind].argmax())
        if seen[kind][host] < 0:
            continue
        host_of[i] = host
        used[host] += need
        # Only this host has changed: every kind of copy asks it again, and no other.
        one = slice(host, host + 1)
        for other, totals in seen.items():
            totals[one] = _totals(np.array(other), used[one], room[one], weights)
    return host_of


def _totals(need: Ints, used: Ints, room: Ints, weights: Mapping[str, int]) -> Ints:
    """Sum the weighted scores of hosts; -1 where there is no room."""
    total = np.zeros(len(room), dtype=np.int64)
    for rule, weight in weights.items():
        total += weight * RULES[rule](need, used, room)
    return np.where(core.placing.fits(need, used, room).all(axis=1), total, -1)
