"""The decision of a scheduler, shown: what each host says to one copy, and why one of them wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from virtlearn import units
from virtlearn.core.check import Ints
from virtlearn.errors import ShapeMismatch
from virtlearn.model.tree import Bools
from virtlearn.tables import Row, Shown

__all__ = ["Decision"]

RESOURCES = ("CPU", "memory")


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
        What each rule gives, from 0 to 100.
    weights : dict of str to int
        How often each rule counts.
    winner : int
        The host that is chosen, -1 for none.
    kept_out : tuple of str
        What keeps the copy from each host beside its resources, in words: a taint, a spread,
        another copy; empty where nothing does.
    raw : dict of str to ndarray of int64, shape (hosts,)
        What was normalised to give a score. The rules for resources need no normalising.
    """

    copy: str
    hosts: tuple[str, ...]
    need: tuple[int, ...]
    used: Ints
    room: Ints
    fits: Bools
    scores: dict[str, Ints]
    weights: dict[str, int]
    winner: int
    kept_out: tuple[str, ...] = ()
    raw: dict[str, Ints] = field(default_factory=dict)

    @property
    def allowed(self) -> Bools:
        """Whether each host passes every filter."""
        fits = self.fits.all(axis=1)
        if not self.kept_out:
            return np.asarray(fits)
        free = np.array([not reason for reason in self.kept_out])
        return np.asarray(fits & free)

    @property
    def part_used(self) -> dict[str, list[float]]:
        """For each resource, the part of each host that is promised already."""
        return _parts(self.used, self.room)

    @property
    def part_asked(self) -> dict[str, list[float]]:
        """For each resource, the part of each host that the copy asks for."""
        return _parts(np.broadcast_to(self.need, self.room.shape), self.room)

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

    def scored(self, rule: str, points: Sequence[int]) -> Decision:
        """Give the same decision by a rule of one's own; the filters stay as they are.

        Parameters
        ----------
        rule : str
            What the rule is called.
        points : sequence of int
            What it gives each host.

        Returns
        -------
        Decision
            The winner is the host with most points among those that pass every filter.

        Raises
        ------
        ShapeMismatch
            Where there is not a number for each host.

        Examples
        --------
        >>> from virtlearn import Host, Workload, place
        >>> web = Workload("web", cpu_cores=1, memory_mib=512)
        >>> hosts = [Host(cores=4, memory_gib=8)] * 2
        >>> made = place([web], hosts, policy="kube-scheduler").decision(0)
        >>> made.scored("the second one", [0, 1]).why
        'web goes to host 1, which has 1 points, more than host 0 with 0.'
        """
        score = np.asarray(points)
        if score.shape != (len(self.hosts),):
            wrong = f"points has the shape {score.shape} for {len(self.hosts)} hosts"
            raise ShapeMismatch(f"{wrong}.\nGive a number for each host.")
        among = np.where(self.allowed, score, -1)
        winner = int(among.argmax()) if self.allowed.any() else -1
        only: dict[str, Any] = {
            "scores": {rule: score},
            "weights": {rule: 1},
            "raw": {},
            "winner": winner,
        }
        return replace(self, **only)

    def _verdict(self, host: int) -> str:
        lacking = np.flatnonzero(~self.fits[host])
        free = np.maximum(self.room[host] - self.used[host], 0)
        reasons = [f"{_amount(r, free[r])} free" for r in lacking.tolist()]
        if self.kept_out and self.kept_out[host]:
            reasons.append(self.kept_out[host])
        return ", ".join(reasons)

    @property
    def why(self) -> str:
        """The reason in one sentence."""
        if self.winner < 0:
            return self._why_nowhere()
        name = self.hosts[self.winner]
        if not self.weights:
            return f"{self.copy} goes to {name}; this policy gives no points."
        points = self.sums
        passed = int(self.allowed.sum())
        told = f"{self.copy} goes to {name}"
        if passed == 1:
            test = "that passes every filter" if any(self.kept_out) else "with room"
            return f"{told}: it is the only host {test}."
        told += f", which has {points[self.winner]:,} points"
        others = np.where(self.allowed, points, -1)
        others[self.winner] = -1
        second = int(others.argmax())
        if points[second] == points[self.winner]:
            return f"{told}, as many as {self.hosts[second]}; the first of equals is taken."
        return f"{told}, more than {self.hosts[second]} with {points[second]:,}."

    def _why_nowhere(self) -> str:
        count = units.count(len(self.hosts), "host")
        has_room = int(self.fits.all(axis=1).sum())
        if not has_room:
            asked = " and ".join(_amount(r, self.need[r]) for r in range(len(self.need)))
            return f"{self.copy} goes nowhere: none of {count} has {asked} free."
        too_full = len(self.hosts) - has_room
        parts = [f"{too_full} too full"] if too_full else []
        parts.append(f"{has_room} closed to it")
        return f"{self.copy} goes nowhere: of {count}, {' and '.join(parts)}."

    def _rows(self) -> list[Row]:
        rows: list[Row] = [(self.why, *self.scores, "sum")]
        for i, name in enumerate(self.hosts):
            verdict = self._verdict(i)
            label = f"{name}: no, {verdict}" if verdict else name
            cells = [self._cell(rule, i) for rule in self.scores]
            rows.append((label, *cells, f"{self.sums[i]:,}"))
        return rows

    def _cell(self, rule: str, host: int) -> str:
        """Write the score of one host with its weight, and what it was before it was normalised."""
        product = f"{self.scores[rule][host]} x {self.weights[rule]}"
        return f"{self.raw[rule][host]}, so {product}" if rule in self.raw else product


def _parts(amount: Ints, room: Ints) -> dict[str, list[float]]:
    # A host without any of a resource has no part of it to show.
    part = np.where(room > 0, amount / np.maximum(room, 1), 0.0)
    return {name: part[:, r].tolist() for r, name in enumerate(RESOURCES)}


def _amount(resource: int, amount: int) -> str:
    """Put an amount of a resource in words."""
    if resource == 0:
        cores = units.plain(amount / 1000)
        return f"{cores} core" if cores == "1" else f"{cores} cores"
    return units.memory(float(amount))
