"""Where a workload may not stand, or would rather not: taints, spread, apartness, copy by copy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from virtlearn import core, units
from virtlearn.core.check import TOLERANCE, Floats, Ints
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.resources import Resource
from virtlearn.model.rules import EACH_HOST, SOFT
from virtlearn.model.tree import Bools

__all__ = ["SCORES", "Constraints", "domain_of", "hard_taints", "soft_taints"]

Row = TypeVar("Row")
Column = TypeVar("Column")

ZONE = "zone"
# Copies that say nothing about their spread are still liked better where fewer of them stand: the
# skew that Kubernetes allows them over hosts and over zones (PLACE-08).
USUAL_SKEW = {EACH_HOST: 3, ZONE: 5}
# What a scheduler can score hosts by, beside what they have left.
SCORES = ("taints", "topology spread")


class Constraints:
    """What workloads and hosts say about each other, and what runs where as copies are placed.

    Parameters
    ----------
    apps, hosts : sequences
        The workloads, in the order in which they come, and where they are to stand.
    counted : sequence of Resource
        What else must suffice, beside CPU and memory, which are scored.

    Attributes
    ----------
    kind_of : ndarray of int, shape (workloads,)
        The kind of each workload: equal ones are of one kind.
    running : ndarray of int, shape (kinds, hosts)
        The copies of each kind on each host so far.
    """

    def __init__(
        self, apps: Sequence[Workload], hosts: Sequence[Host], counted: Sequence[Resource] = ()
    ) -> None:
        self.hosts = hosts
        self.counted = counted
        kinds = list(dict.fromkeys(apps))
        number = {app: i for i, app in enumerate(kinds)}
        self.kinds = kinds
        self.kind_of = np.array([number[app] for app in apps], dtype=np.int64)
        self.running = np.zeros((len(kinds), len(hosts)), dtype=np.int64)
        self.keeps_away = _table(kinds, hosts, _count_hard)
        self.disliked = _table(kinds, hosts, _count_soft)
        self.foes = _table(kinds, kinds, _apart)
        self.copies_of = _table(kinds, kinds, _alike)
        # What a kind asks of each counted resource, and what each host has.
        self.asked = _table(counted, kinds, _needs)
        self.there = _table(counted, hosts, _has)
        self.domains = [_domains(app.spread, hosts) for app in kinds]
        # A rule about zones helps nobody where some hosts are in none.
        usual = [label for label in USUAL_SKEW if _labelled(label, hosts)]
        self.usual_domains = np.array([_domains(label, hosts) for label in usual])
        self.usual_skew = [USUAL_SKEW[label] for label in usual]

    @property
    def bind(self) -> bool:
        """Whether any copy is kept from any host."""
        spread = any(domains is not None for domains in self.domains)
        return bool(self.keeps_away.any() or self.foes.any() or spread)

    def put(self, item: int, host: int) -> None:
        """Count one more copy.

        Parameters
        ----------
        item : int
            The number of the workload.
        host : int
            Where it went; -1 for nowhere.
        """
        if host >= 0:
            self.running[self.kind_of[item], host] += 1

    def may(self, kind: int) -> Bools:
        """Tell where one more copy may stand, as far as resources are not asked.

        Parameters
        ----------
        kind : int
            The kind of the copy.

        Returns
        -------
        ndarray of bool, shape (hosts,)
            True where nothing keeps it out.
        """
        may = self.keeps_away[kind] == 0
        if self.counted:
            may &= ~self._lacking(kind).any(axis=0)
        if self.foes[kind].any():
            may &= self.running[self.foes[kind]].sum(axis=0) == 0
        if self.domains[kind] is not None:
            may &= self._even(kind)
        return np.asarray(may)

    def why_not(self, kind: int) -> tuple[str, ...]:
        """Say in words what keeps one more copy from each host.

        Parameters
        ----------
        kind : int
            The kind of the copy.

        Returns
        -------
        tuple of str
            One text for each host; empty where it may stand.
        """
        lacking = self._lacking(kind)
        even = self._even(kind)
        said = []
        for i in range(len(self.hosts)):
            reasons = self._named(kind, i)
            for r in np.flatnonzero(lacking[:, i]).tolist():
                left = self.counted[r].write(self._left()[r, i])
                reasons.append(f"{left} free")
            if not even[i]:
                reasons.append(self._uneven(kind, i))
            said.append(", ".join(reasons))
        return tuple(said)

    def _named(self, kind: int, host: int) -> list[str]:
        """Name the taints and the copies that keep one more from a host."""
        taints = hard_taints(self.kinds[kind], self.hosts[host])
        reasons = [f"taint {taint} is not tolerated" for taint in taints]
        there = self.foes[kind] & (self.running[:, host] > 0)
        names = [self.kinds[k].name for k in np.flatnonzero(there).tolist()]
        # Workloads of one name may be of several kinds.
        reasons += [f"{name} stands there" for name in dict.fromkeys(names)]
        return reasons

    def _even(self, kind: int) -> Bools:
        """Where one more copy keeps the spread that it asks for."""
        domains = self.domains[kind]
        if domains is None:
            return np.ones(len(self.hosts), dtype=bool)
        return core.placing.spread_allows(self._near(kind), domains)

    def _left(self) -> Floats:
        """What is left of the counted resources, shape (resources, hosts)."""
        if not self.counted:
            return np.zeros((0, len(self.hosts)))
        return np.asarray(self.there - self.asked @ self.running)

    def _lacking(self, kind: int) -> Bools:
        """Where one more copy finds too little of a counted resource, shape (resources, hosts)."""
        if not self.counted:
            return np.zeros((0, len(self.hosts)), dtype=bool)
        need = self.asked[:, kind, np.newaxis]
        # A tenth three times is a little more than three tenths.
        room = self._left() + TOLERANCE * need
        return np.asarray((need > 0) & (need > room))

    def _uneven(self, kind: int, host: int) -> str:
        """Say why a copy on this host would make the spread uneven."""
        label = self.kinds[kind].spread
        domain = domain_of(self.hosts[host], host, label)
        if not domain:
            return f"it has no label {label}"
        same = [domain_of(other, i, label) == domain for i, other in enumerate(self.hosts)]
        here = int(self._near(kind)[same].sum())
        there = units.count(here, "copy", "copies")
        where = "it" if label == EACH_HOST else domain
        return f"{where} has {there}, and another {label} has fewer"

    def raw(self, kind: int, allowed: Bools) -> dict[str, Ints]:
        """Count what scores hosts: taints that a copy would rather avoid, and such copies near it.

        Parameters
        ----------
        kind : int
            The kind of the copy.
        allowed : ndarray of bool, shape (hosts,)
            The hosts that passed every filter: others are not compared.

        Returns
        -------
        dict of str to ndarray of int64, shape (hosts,)
            For each of `SCORES`; the fewer, the better.
        """
        crowded = np.zeros(len(self.hosts), dtype=np.int64)
        if self.domains[kind] is None:
            rule = self._usual_spread(kind, allowed)
            crowded = core.placing.crowding(**rule)
        return {"taints": self.disliked[kind], "topology spread": crowded}

    def scores(self, kind: int, allowed: Bools) -> dict[str, Ints]:
        """Turn what `raw` counts into scores.

        Parameters
        ----------
        kind, allowed
            As for `raw`.

        Returns
        -------
        dict of str to ndarray of int64, shape (hosts,)
            For each of `SCORES`, from 0 to 100. A copy that asks for its own spread has 0
            everywhere: what it asks for is a filter and no score.

        References
        ----------
        Kubernetes pkg/scheduler/framework/plugins/tainttoleration and podtopologyspread.
        """
        liked = np.zeros(len(self.hosts), dtype=np.int64)
        disliked = self.disliked[kind][allowed]
        liked[allowed] = core.placing.normalise(disliked, reverse=True)
        even = np.zeros_like(liked)
        if self.domains[kind] is None:
            rule = self._usual_spread(kind, allowed)
            even = core.placing.topology_spread(**rule)
        return {"taints": liked, "topology spread": even}

    def _usual_spread(self, kind: int, allowed: Bools) -> dict[str, Any]:
        """Write the usual rule of spread as the arguments of the law."""
        shape = self.usual_domains.shape
        return {
            "matching": np.broadcast_to(self._near(kind), shape),
            "domain": self.usual_domains,
            "max_skew": self.usual_skew,
            "candidate": allowed,
        }

    def _near(self, kind: int) -> Ints:
        """Count the copies of one name on each host."""
        alike = self.copies_of[kind]
        return np.asarray(self.running[alike].sum(axis=0))


def _needs(resource: Resource, app: Workload) -> float:
    return resource.needs(app)


def _has(resource: Resource, host: Host) -> float:
    """What a host has of a resource; without bound where it says nothing."""
    has = resource.has(host)
    return math.inf if has is None else has


def _table(
    rows: Sequence[Row],
    columns: Sequence[Column],
    ask: Callable[[Row, Column], float],
) -> NDArray[Any]:
    """Ask about every pair."""
    table = []
    for row in rows:
        table.append([ask(row, column) for column in columns])
    return np.array(table)


def _count_hard(app: Workload, host: Host) -> int:
    return len(hard_taints(app, host))


def _count_soft(app: Workload, host: Host) -> int:
    return len(soft_taints(app, host))


def _alike(one: Workload, other: Workload) -> bool:
    """Whether two workloads are copies that are spread together, though they may differ in size."""
    return one.name == other.name


def _apart(one: Workload, other: Workload) -> bool:
    """Whether either of two workloads wants to be apart from the other."""
    wants = any(other.answers_to(text) for text in one.apart_from)
    return wants or any(one.answers_to(text) for text in other.apart_from)


def _domains(label: str, hosts: Sequence[Host]) -> Ints | None:
    """Number the hosts' domains, -1 without such a label; None where nothing is to be spread."""
    if not label:
        return None
    names = [domain_of(host, i, label) for i, host in enumerate(hosts)]
    numbers = {name: i for i, name in enumerate(dict.fromkeys(names)) if name}
    return np.array([numbers.get(name, -1) for name in names])


def _labelled(label: str, hosts: Sequence[Host]) -> bool:
    """Whether every host has a domain of this label."""
    return all(domain_of(host, i, label) for i, host in enumerate(hosts))


def domain_of(host: Host, index: int, label: str) -> str:
    """Name the domain of a host over which copies are spread.

    Parameters
    ----------
    host : Host
        The host, with its labels.
    index : int
        Its position, which is its domain where every host is one of its own.
    label : str
        `EACH_HOST`, or the key of a label, as ``"zone"`` of ``"zone=a"``.

    Returns
    -------
    str
        The domain; empty where the host has no such label.
    """
    if label == EACH_HOST:
        return str(index)
    values = [text for text in host.labels if text.partition("=")[0] == label]
    return values[0] if values else ""


def hard_taints(app: Workload, host: Host) -> list[str]:
    """List the taints of a host that keep a workload away.

    Parameters
    ----------
    app : Workload
        With what it ``tolerates``: a whole taint, its key, or ``"*"`` for all.
    host : Host
        With its ``taints``, written ``key``, ``key=value`` or ``key=value:Effect`` as Kubernetes
        does.

    Returns
    -------
    list of str
        A taint that only makes a host less liked (``PreferNoSchedule``) is none of them.

    Examples
    --------
    >>> gpus = Host(4, 16, taints=["gpu=yes:NoSchedule", "old:PreferNoSchedule"])
    >>> hard_taints(Workload("web"), gpus), hard_taints(Workload("train", tolerates="gpu"), gpus)
    (['gpu=yes:NoSchedule'], [])
    """
    return [taint for taint in _not_tolerated(app, host) if not _is_soft(taint)]


def soft_taints(app: Workload, host: Host) -> list[str]:
    """List the taints that only make a host less liked, and that a workload does not tolerate.

    Parameters
    ----------
    app, host
        As for `hard_taints`.

    Returns
    -------
    list of str
        Those with the effect ``PreferNoSchedule``.
    """
    return [taint for taint in _not_tolerated(app, host) if _is_soft(taint)]


def _is_soft(taint: str) -> bool:
    return taint.partition(":")[2] == SOFT


def _not_tolerated(app: Workload, host: Host) -> list[str]:
    return [taint for taint in host.taints if not _stands(taint, app.tolerates)]


def _stands(taint: str, tolerates: Sequence[str]) -> bool:
    pair = taint.partition(":")[0]
    key = pair.partition("=")[0]
    # A toleration without an effect tolerates every effect.
    accepted = {"*", taint, pair, key}
    return not accepted.isdisjoint(tolerates)
