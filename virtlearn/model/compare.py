"""Deployments side by side, and many workloads on many hosts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from virtlearn import core, units
from virtlearn.errors import WrongPlace
from virtlearn.model.deployment import Deployment
from virtlearn.model.fit import rooms
from virtlearn.model.layers import several
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.policies import Policy, get_policy
from virtlearn.tables import Shown

__all__ = ["Comparison", "Placement", "compare", "place"]


def _copies(many: float) -> str:
    return f"{units.plain(many)} cop{'y' if units.plain(many) == '1' else 'ies'}"


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
    ("lost to one break-in", lambda d: d.blast_radius(), _copies, -1),
)
BEST = " ★"
# What `place` packs, and where a workload says how much of it that needs.
PACKED = {"memory": "memory_mib", "disk": "disk_mib", "cpu": "cpu_cores"}
# What rests on numbers that no row gives: the table says so.
ASSUMED = ("all copies up", "lost to one break-in")


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Shown):
    """One row a deployment, one column a question; the best of a column carries a star.

    ``columns`` are the questions, ``values`` the plain numbers, one tuple a deployment, and ``bounds`` has a ``">"``
    or a ``"<"`` where the source gives a bound and no mean.
    """

    titles: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    bounds: tuple[tuple[str, ...], ...]
    binds: tuple[str, ...]

    def _rows(self) -> list[tuple[str, ...]]:
        columns = [("platform", *self.titles)]
        asked = zip(
            QUESTIONS, zip(*self.values, strict=True), zip(*self.bounds, strict=True), strict=True
        )
        for (name, _, show, better), values, bounds in asked:
            cells = [show(value) for value in values]  # what prints alike is equally good
            best = (
                show((max if better > 0 else min)(values)) if better and len({*cells}) > 1 else ""
            )
            marked = (
                bound + cell + BEST * (cell == best)
                for bound, cell in zip(bounds, cells, strict=True)
            )
            columns.append((f"{name} (assumed)" if name in ASSUMED else name, *marked))
        return list(zip(*columns, ("what binds", *self.binds), strict=True))


def _bound(deployment: Deployment, column: str) -> str:
    """Say on which side a source gives a bound for the speed that a column shows."""
    kept = [layer.keeps.get(column.removesuffix(" kept")) for layer in deployment.tree.layers]
    return next((number.bound for number in kept if number and number.bound), "")


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
    groups = [several(item, Deployment) for item in deployments]
    flat = [d for some in groups for d in some]
    if not groups or not all(groups) or not all(d.copies for d in flat):
        wrong = "compare needs deployments that run something."
        both = (
            'deploy(web, 40, host=host, on="containers"), deploy(web, 40, host=host, on="microvms")'
        )
        raise WrongPlace(f"{wrong}\nTry compare({both}).")
    return Comparison(
        tuple(d.title for d in flat),
        tuple(q[0] for q in QUESTIONS),
        tuple(tuple(ask(d) for _, ask, _, _ in QUESTIONS) for d in flat),
        tuple(tuple(_bound(d, q[0]) for q in QUESTIONS) for d in flat),
        tuple(d.binds for d in flat),
    )


@dataclass(frozen=True, eq=False, repr=False)
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
        used = f"{self.policy}: {self.hosts_used} of {units.count(len(self.hosts), 'host')} used"
        head = (
            f"{used}, {units.count(len(self.unplaced), 'workload')} unplaced",
            "workloads",
            "memory left",
        )
        counts = np.bincount(self.host_of[self.host_of >= 0], minlength=len(self.hosts))
        hosts = zip(self.hosts, counts.tolist(), self.free_mib.tolist(), strict=True)
        return [
            head,
            *(
                (f"{h.name} {i}", f"{n:,}", units.memory(mib))
                for i, (h, n, mib) in enumerate(hosts)
            ),
        ]


def place(
    workloads: Sequence[Workload], hosts: Sequence[Host], policy: str | Policy = "first-fit"
) -> Placement:
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
    what, where = several(workloads, Workload), several(hosts, Host)
    if not what or not where:
        wrong = f"place takes a list of workloads and a list of hosts, but these are {workloads!r:.60} and {hosts!r:.60}."
        raise WrongPlace(f"{wrong}\nTry place([web] * 40, [host] * 4).")
    room = [rooms(h) for h in where]
    needs = {
        name: [getattr(workload, amount) for workload in what] for name, amount in PACKED.items()
    }
    binds = [name for name in needs if any(name in have for have in room)]
    # A resource that does not bind on one host, but does on another, has room there for all.
    capacity = np.array(
        [[have.get(name, sum(needs[name]) + 1.0) for name in binds] for have in room]
    )
    demand = np.array([needs[name] for name in binds]).T
    host_of = core.packing.place(demand, capacity, get_policy(policy))
    taken = np.bincount(
        host_of[host_of >= 0], weights=demand[host_of >= 0, 0], minlength=len(where)
    )
    name = policy if isinstance(policy, str) else getattr(policy, "__name__", "your policy")
    return Placement(what, where, host_of, capacity[:, 0] - taken, name)
