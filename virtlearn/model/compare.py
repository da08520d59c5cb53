"""Deployments side by side, and many workloads on many hosts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from virtlearn import core, units
from virtlearn.errors import WrongPlace
from virtlearn.model.deployment import Deployment
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.views import Shown
from virtlearn.placement import Policy, get_policy

__all__ = ["Comparison", "Placement", "compare", "place"]

# One column a question: its head, the number, how it is printed, and whether low (-1) or high (+1) is better.
QUESTIONS: tuple[tuple[str, Callable[[Deployment], float], Callable[[float], str], int], ...] = (
    ("copies", lambda d: d.copies, lambda x: f"{x:,.0f}", 0),
    ("memory", lambda d: d.memory_mib, units.memory, -1),
    ("most copies", lambda d: d.max_copies, lambda x: f"{x:,.0f}", 1),
    ("kernels", lambda d: d.kernels, lambda x: f"{x:,.0f}", 0),
    ("one more in", lambda d: d.start_s, units.duration, -1),
    ("disk", lambda d: d.stored_mib, units.memory, -1),
    ("computing kept", lambda d: d.keeps("computing"), units.percent, 1),
    ("random I/O kept", lambda d: d.keeps("random I/O"), units.percent, 1),
    ("all copies up", lambda d: d.availability(d.copies), lambda x: units.percent(x, 4), 1),
    ("lost to one break-in", lambda d: d.blast_radius(), lambda x: f"{units.plain(x)} copies", -1),
)
BEST = " ★"


@dataclass(frozen=True, eq=False)
class Comparison(Shown):
    """One row a deployment, one column a question; the best of a column carries a star.

    ``columns`` are the questions and ``values`` the plain numbers, one tuple a deployment.
    """

    titles: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    binds: tuple[str, ...]

    def _rows(self) -> list[tuple[str, ...]]:
        rows = [("platform", *self.columns, "what binds")]
        for title, row, binds in zip(self.titles, self.values, self.binds, strict=True):
            cells = []
            for j, (value, (_, _, show, better)) in enumerate(zip(row, QUESTIONS, strict=True)):
                column = [other[j] for other in self.values]
                best = better and value == (max if better > 0 else min)(column) and len(set(column)) > 1
                cells.append(show(value) + (BEST if best else ""))
            rows.append((title, *cells, binds))
        return rows

    def _below_rows(self) -> str:
        return ""


def compare(*deployments: Deployment | Sequence[Deployment]) -> Comparison:
    """Put deployments side by side: one row each, one column a question, the best marked with a star.

    Parameters
    ----------
    *deployments : Deployment
        What to compare, or sequences of them.

    Returns
    -------
    Comparison
        Shown as a table; ``values`` has the plain numbers. Failure and escape figures are assumed.

    Examples
    --------
    >>> from virtlearn.model import deploy
    >>> host, web = Host(cores=16, memory_gib=64), Workload("web", cpu_cores=0.5, memory_mib=256)
    >>> both = compare(*(deploy(web, 40, host=host, on=name) for name in ("containers", "virtual-machines")))
    >>> both.columns[3], [row[3] for row in both.values]
    ('kernels', [1, 40])
    """
    flat: list[Deployment] = []
    for item in deployments:
        flat.extend([item] if isinstance(item, Deployment) else item)
    if not flat or not all(isinstance(d, Deployment) and d.copies for d in flat):
        raise WrongPlace(
            'compare needs deployments that run something.\nTry compare(deploy(web, 40, host=host, on="containers"), …).'
        )
    return Comparison(
        tuple(d.title for d in flat),
        tuple(q[0] for q in QUESTIONS),
        tuple(tuple(ask(d) for _, ask, _, _ in QUESTIONS) for d in flat),
        tuple(d.binds for d in flat),
    )


@dataclass(frozen=True, eq=False)
class Placement(Shown):
    """Which host each workload went to.

    ``host_of`` holds the index of the host for every workload, -1 for none; ``free_mib`` what is left on each.
    """

    workloads: tuple[Workload, ...]
    hosts: tuple[Host, ...]
    host_of: NDArray[np.int64]
    free_mib: NDArray[np.float64]
    policy: str

    @property
    def hosts_used(self) -> int:
        """How many hosts run anything."""
        return len(set(self.host_of[self.host_of >= 0].tolist()))

    @property
    def unplaced(self) -> tuple[Workload, ...]:
        """The workloads that fit nowhere."""
        return tuple(w for w, i in zip(self.workloads, self.host_of, strict=True) if i < 0)

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = [
            (
                f"{self.policy}: {self.hosts_used} of {len(self.hosts)} hosts used, {len(self.unplaced)} workloads unplaced",
                "workloads",
                "memory left",
            )
        ]
        for i, host in enumerate(self.hosts):
            rows.append(
                (
                    f"{host.name} {i}",
                    f"{int((self.host_of == i).sum()):,}",
                    units.memory(float(self.free_mib[i])),
                )
            )
        return rows


def place(workloads: Sequence[Workload], hosts: Sequence[Host], policy: str | Policy = "first-fit") -> Placement:
    """Give each workload a host, in order: filter those with room, then take the highest score.

    Parameters
    ----------
    workloads : sequence of Workload
        What to place; memory and disk are packed, and CPU on hosts that set ``cpu_overcommit``.
    hosts : sequence of Host
        Where.
    policy : str or callable
        ``"first-fit"``, ``"next-fit"``, ``"best-fit"``, ``"worst-fit"``, ``"dot-product"``, or a function
        ``score(need, free, capacity, last)`` of yours that gives every host a score.

    Returns
    -------
    Placement
        Where each went.

    Examples
    --------
    >>> web = Workload("web", cpu_cores=0.5, memory_mib=512)
    >>> place([web] * 4, [Host(cores=4, memory_gib=1)] * 3, policy="worst-fit").host_of.tolist()
    [0, 1, 2, 0]
    """
    what, where = tuple(workloads), tuple(hosts)
    if not where or not all(isinstance(w, Workload) for w in what) or not all(isinstance(h, Host) for h in where):
        raise WrongPlace(
            f"place takes a list of workloads and a list of hosts, but these are {workloads!r:.60} and {hosts!r:.60}.\nTry place([web] * 40, [host] * 4)."
        )
    rooms = [
        (
            h.memory_mib,
            None if h.disk_gib is None else h.disk_gib * 1024,
            None if h.cpu_overcommit is None else h.cores * h.cpu_overcommit,
        )
        for h in where
    ]
    needs = np.array([(w.memory_mib, w.disk_mib, w.cpu_cores) for w in what]).reshape(-1, 3)
    binds = [r for r in range(3) if any(room[r] is not None for room in rooms)]
    # A resource that does not bind on one host, but does on another, has room there for all.
    plenty = needs.sum(axis=0) + 1.0
    capacity = np.array([[plenty[r] if (x := room[r]) is None else x for r in binds] for room in rooms], dtype=float)
    demand = needs[:, binds]
    host_of = core.packing.place(demand, capacity, get_policy(policy))
    used = np.zeros(len(where))
    np.add.at(used, host_of[host_of >= 0], demand[host_of >= 0, 0])
    return Placement(
        what,
        where,
        host_of,
        capacity[:, 0] - used,
        policy if isinstance(policy, str) else getattr(policy, "__name__", "your policy"),
    )
