"""A deployment answers every question of the course from its tree."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from virtlearn import core, units
from virtlearn.errors import DoesNotFit, WrongPlace
from virtlearn.model.nouns import KERNELS, Host, Layer, Workload, whole
from virtlearn.model.tree import Tree, grow, spec_of
from virtlearn.model.views import Shown, drawing
from virtlearn.platforms import OPERATIONS, Platform

__all__ = ["CpuShares", "Deployment", "Fit", "Site", "infrastructure"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Site(Layer):
    """Several hosts side by side."""

    kind = "site"
    name: str = "site"


@dataclass(frozen=True)
class Fit:
    """How many copies a host could hold, and which resource says no.

    ``by_resource`` maps ``"memory"``, ``"disk"``, ``"cpu"`` and ``"pods"`` to the copies each would allow,
    for the resources that bind at all.
    """

    max_copies: int
    binds: str
    by_resource: dict[str, int]


@dataclass(frozen=True, eq=False)
class CpuShares(Shown):
    """Who asked for how much CPU and who got it, one entry a copy [cores]."""

    names: tuple[str, ...]
    demand_cores: Floats
    granted_cores: Floats
    throttled: tuple[int, ...]
    squeezed: tuple[int, ...]

    def _rows(self) -> list[tuple[str, ...]]:
        why = {
            **dict.fromkeys(self.squeezed, "squeezed: others wanted it too"),
            **dict.fromkeys(self.throttled, "throttled: a limit"),
        }
        return [
            ("copy", "asked [cores]", "got [cores]", ""),
            *(
                (f"{name} {i}", units.plain(ask), units.plain(got), why.get(i, ""))
                for i, (name, ask, got) in enumerate(
                    zip(self.names, self.demand_cores, self.granted_cores, strict=True)
                )
            ),
        ]


class Deployment(Shown):
    """What runs on a host, as a tree of layers.

    Parameters
    ----------
    host : Host or sequence of Host
        The machine, or several that each carry their own ``runs``.
    runs : layers
        What stands on the host.

    Attributes
    ----------
    tree : Tree
        The arrays behind every answer.
    platform : Platform or None
        What `deploy` built it from.

    Raises
    ------
    DoesNotFit
        Where it needs more memory or disk than there is.
    WrongPlace
        Where a layer stands in something that cannot carry it.

    Examples
    --------
    >>> from virtlearn.model import Container, ContainerRuntime, OperatingSystem
    >>> web = Workload("web", cpu_cores=0.5, memory_mib=256)
    >>> boxes = Deployment(Host(cores=2, memory_gib=8), runs=[OperatingSystem("debian", runs=[
    ...     ContainerRuntime(runs=[Container(web, cpu_weight=200), Container(web, cpu_limit_cores=0.25)])])])
    >>> boxes.copies, boxes.kernels, boxes.cpu().granted_cores.tolist()
    (2, 1, [0.5, 0.25])
    """

    def __init__(
        self,
        host: Host | Sequence[Host],
        runs: Layer | Iterable[Layer] = (),
        *,
        title: str = "",
        platform: Platform | None = None,
        per_vm: int = 1,
    ) -> None:
        hosts = (host,) if isinstance(host, Host) else tuple(host)
        if not hosts or not all(isinstance(h, Host) for h in hosts):
            raise WrongPlace(
                f"A deployment stands on a host, but host is {host!r}.\nTry Deployment(Host(cores=16, memory_gib=64), runs=[…])."
            )
        children = (runs,) if isinstance(runs, Layer) else tuple(runs)
        if children:
            if len(hosts) > 1:
                raise WrongPlace(
                    f"runs= goes with one host, but there are {len(hosts)}.\nGive each host its own: Host(…, runs=[…])."
                )
            hosts = (_with(hosts[0], children),)
        self.host = hosts[0]
        self.hosts = hosts
        self.platform = platform
        self.per_vm = per_vm
        self.tree: Tree = grow(hosts[0] if len(hosts) == 1 else Site(runs=hosts))
        self.title = title or (platform.title if platform else "by hand")
        self._check_fit()

    def _check_fit(self) -> None:
        for i, h in zip(np.flatnonzero([k == "host" for k in self.tree.kind]), self.hosts, strict=True):
            needed = float(self._below[i])
            if needed > h.memory_mib * (1 + 1e-9):
                raise DoesNotFit(
                    f"What runs on {h.name!r} needs {units.memory(needed)}, but it has {units.memory(h.memory_mib)}.\n"
                    f"Take something away, or give the host memory_gib={math.ceil(needed / 1024)}."
                )
        room = sum(h.disk_gib for h in self.hosts if h.disk_gib is not None) * 1024
        if all(h.disk_gib is not None for h in self.hosts) and self.stored_mib > room * (1 + 1e-9):
            raise DoesNotFit(
                f"Images and disks need {units.memory(self.stored_mib)}, but there is {units.memory(room)} of disk.\n"
                f"Give the host disk_gib={math.ceil(self.stored_mib / 1024)}, or share images."
            )

    # -- memory ---------------------------------------------------------------------------------

    @cached_property
    def _below(self) -> Floats:
        return core.tree.subtree_sum(self.tree.parent, self.tree.memory_mib)

    @property
    def copies(self) -> int:
        """How many workloads run."""
        return len(self.tree.copies)

    @property
    def memory_mib(self) -> float:
        """Memory it takes in all [MiB]: what each node needs, leaves to root."""
        return float(self._below[0])

    @property
    def memory_by_layer(self) -> dict[str, float]:
        """Memory by what takes it [MiB], from the hardware up."""
        tree = self.tree
        out: dict[str, float] = {}
        for kind, name, spec, mib, unused in zip(
            tree.kind, tree.name, tree.layers, tree.memory_mib.tolist(), tree.unused_mib.tolist(), strict=True
        ):
            label = (
                name
                if kind == "workload"
                else f"hypervisor, for each {spec.title}"
                if kind == "virtual-machine"
                else spec.title
            )
            out[label] = out.get(label, 0.0) + mib - unused
            if unused > 1e-9:
                out["promised, not used"] = out.get("promised, not used", 0.0) + unused
        return {label: mib for label, mib in out.items() if mib > 0}

    @cached_property
    def fit(self) -> Fit:
        """How many copies the hosts could hold of what runs here, and what binds."""
        from virtlearn.model.deploy import fits, repeats

        first = next(n for n in self.tree.nouns if isinstance(n, Workload)) if self.copies else None
        if first is None:
            return Fit(0, "nothing runs", {})
        if self.platform is None:
            return repeats(self)
        each = [fits(first, h, self.platform, per_vm=self.per_vm) for h in self.hosts]
        return Fit(sum(f.max_copies for f in each), each[0].binds, each[0].by_resource)

    @property
    def max_copies(self) -> int:
        """How many copies could run here, the host's own share included.

        For a tree built by hand: how many would run if all that stands on the host's own layers stood there
        as often as it fits.
        """
        return self.fit.max_copies

    @property
    def binds(self) -> str:
        """Which resource says no to one more: ``"memory"``, ``"disk"``, ``"cpu"`` or ``"pods"``."""
        return self.fit.binds

    @property
    def kernels(self) -> int:
        """How many kernels an application here can make system calls to."""
        return sum(kind in KERNELS for kind in self.tree.kind)

    # -- CPU ------------------------------------------------------------------------------------

    def cpu(self, demand_cores: Any = None) -> CpuShares:
        """Share the hosts' cores among the copies by weight, level by level.

        Parameters
        ----------
        demand_cores : float or sequence, optional
            What each copy wants [cores]; its workload's ``cpu_cores`` where left out.

        Returns
        -------
        CpuShares
            With who was throttled (cut by a limit) and who was squeezed (by the others).
        """
        tree, leaves = self.tree, self.tree.copies
        wanted = [n.cpu_cores for n in tree.nouns if isinstance(n, Workload)] if demand_cores is None else demand_cores
        ask = np.broadcast_to(core._check.amount("demand_cores", wanted), (len(leaves),)).astype(float)
        demand = np.zeros(len(tree))
        demand[leaves] = ask
        weight, limit, kept = tree.fences()
        cores = sum(h.cores for h in self.hosts)
        shares = core.cpu.fair_share_tree(
            tree.parent,
            demand,
            capacity_cores=cores,
            weight=weight,
            limit_cores=limit,
            reservation_cores=kept,
        )
        got = shares[leaves]
        at_limit = (shares >= limit * (1 - 1e-9)) & np.array([kind != "host" for kind in tree.kind])
        capped = core.tree.path_sum(tree.parent, at_limit.astype(float))[leaves] > 0
        short = got < ask * (1 - 1e-9)
        names = tuple(tree.name[i] for i in leaves)
        return CpuShares(
            names,
            ask,
            got,
            tuple(np.flatnonzero(short & capped).tolist()),
            tuple(np.flatnonzero(short & ~capped).tolist()),
        )

    def keeps(self, operation: str) -> float:
        """Fraction of native speed that the slowest-placed copy keeps for one of the kinds of work.

        ``operation`` is one of ``virtlearn.platforms.OPERATIONS``, such as ``"random I/O"``.
        """
        if operation not in OPERATIONS:
            from virtlearn.errors import UnknownName, nearest

            raise UnknownName(f"There is no operation called {operation!r}. {nearest(operation, OPERATIONS)}")
        kept = self.tree.numbers(lambda layer: layer.keeps[operation].value if operation in layer.keeps else 1.0)
        return float(core.tree.path_product(self.tree.parent, kept)[self.tree.copies].min())

    # -- starting -------------------------------------------------------------------------------

    def _path(self, node: int) -> list[int]:
        """The nodes from one up to the root."""
        path = [node]
        while (node := int(self.tree.parent[node])) >= 0:
            path.append(node)
        return path

    def _new(self) -> tuple[list[int], list[int]]:
        """The nodes to start for one more copy like the first: with its own machine, and where there is room."""
        tree = self.tree
        count = core.tree.subtree_sum(tree.parent, np.array([k == "workload" for k in tree.kind], dtype=float))
        path = self._path(int(tree.copies[0]))
        running = next(j for j, i in enumerate(path) if infrastructure(tree, i))
        room = next(
            j
            for j, i in enumerate(path)
            if j >= running or count[i] > 1 or (self.per_vm > 1 and tree.kind[i] in ("virtual-machine",))
        )
        if room < running:  # a shared machine: its system and runtime run as well
            shared = [j for j in range(room) if tree.kind[path[j]] in ("operating-system", "container-runtime")]
            room = min([room, *shared])
        return path[room:running][::-1], path[:room][::-1]

    def _phases(self, nodes: list[int]) -> tuple[tuple[str, float], ...]:
        return tuple((label, number.value) for i in nodes for label, number in self.tree.layers[i].start)

    @property
    def start_phases(self) -> tuple[tuple[str, float], ...]:
        """The phases of starting one more copy where there is room, each with its seconds."""
        return self._phases(self._new()[1])

    @property
    def start_s(self) -> float:
        """How long one more copy takes to start where there is room [s]."""
        return float(sum(seconds for _, seconds in self.start_phases))

    def ready_s(self, copies: int = 1, parallel: int = 1, *, once_s: float = 0.0) -> Floats:
        """When each of so many new copies answers [s].

        Parameters
        ----------
        copies, parallel : int
            How many are to start, and how many at a time.
        once_s : float
            What happens once before the first, such as fetching an image [s].

        Returns
        -------
        ndarray, shape (copies,)
            The first to answer first. A virtual machine is started for every ``per_vm`` copies; its copies
            start in it, ``parallel`` at a time.
        """
        n, at_once = whole("ready_s", "copies", copies), whole("ready_s", "parallel", parallel)
        machine, inside = ([s for _, s in self._phases(nodes)] or [0.0] for nodes in self._new())
        machines = math.ceil(n / self.per_vm)
        up = (
            core.startup.ready_s(machine, copies=machines, parallel=at_once, once_s=once_s)
            if sum(machine)
            else np.full(machines, once_s)
        )
        if not sum(machine):
            return core.startup.ready_s(inside, copies=n, parallel=at_once, once_s=once_s)
        if self.per_vm == 1:
            return core.startup.ready_s([*machine, *inside], copies=n, parallel=at_once, once_s=once_s)
        each = up[:, None] + core.startup.ready_s(inside, copies=self.per_vm, parallel=at_once)
        return np.sort(each.reshape(-1)[:n])

    @property
    def stored_mib(self) -> float:
        """Disk it takes [MiB]: an image once for all that use it on one kernel, everything else for each."""
        tree, images, total = self.tree, set(), 0.0
        for i, (spec, noun) in enumerate(zip(tree.layers, tree.nouns, strict=True)):
            total += noun.disk_mib if isinstance(noun, Workload) else 0.0
            if spec.image:
                kernel = next((j for j in self._path(i)[1:] if tree.kind[j] == "operating-system"), 0)
                if (spec.name, kernel) in images:
                    continue
                images.add((spec.name, kernel))
            total += spec.disk.value
        return float(total)

    # -- failing --------------------------------------------------------------------------------

    @cached_property
    def _up(self) -> Floats:
        return self.tree.numbers(
            lambda s: float(core.failure.availability(s.mtbf_h.value, s.mttr_h.value)) if s.ends_what_runs else 1.0
        )

    def copies_up_pmf(self, *, common_cause: float = 0.0) -> Floats:
        """Probability that exactly 0, 1, 2, … copies are up, shape ``(copies + 1,)``."""
        return core.failure.copies_up_pmf(self.tree.parent, self._leaf_only(), common_cause=common_cause)

    def _leaf_only(self) -> Floats:
        """Availability per node; a carrier without copies is no leaf copy, so nothing may end in it."""
        empty = [i for i in core.tree.leaves(self.tree.parent) if self.tree.kind[i] != "workload"]
        if empty:
            raise DoesNotFit(
                f"{self.tree.nouns[empty[0]].title} carries no application, so it cannot be counted as a copy.\nTake it away or run something in it."
            )
        return self._up

    def availability(self, at_least: int = 1) -> float:
        """Probability that at least so many copies are up."""
        return float(
            core.failure.at_least_up(self.copies_up_pmf(), whole("availability", "at_least", at_least, least=0))
        )

    def dies_with(self, node: int | str) -> tuple[int, ...]:
        """Which copies die with a node (its index, name or kind): their indices in the tree.

        Nothing dies with a layer that is not on the running path, such as a container runtime.
        """
        i = self.tree.index(node)
        if not self.tree.layers[i].ends_what_runs:
            return ()
        return tuple(int(j) for j in self.tree.copies if i in self._path(int(j)))

    # -- breaking in ----------------------------------------------------------------------------

    @property
    def escape(self) -> Floats:
        """For each node, the assumed probability that who controls it breaks out into what carries it."""
        return self.tree.numbers(lambda layer: layer.escape.value)

    def blast_radius(self, start: int | str = "workload") -> float:
        """Copies an intruder who controls ``start`` can expect to take, that one included."""
        return float(core.attack.expected_copies_lost(self.tree.parent, self.escape, self.tree.index(start)))

    def reach_pmf(self, start: int | str = "workload") -> Floats:
        """Probability for each node to be the highest that the intruder reaches, shape ``(n,)``."""
        return core.attack.reach_pmf(self.tree.parent, self.escape, self.tree.index(start))

    # -- showing --------------------------------------------------------------------------------

    def what_runs_where(self) -> str:
        """Draw the tree as text, equal neighbours counted."""
        return drawing(
            Site(runs=self.hosts) if len(self.hosts) > 1 else self.hosts[0],
            lambda n, inside: spec_of(n, inside).title,
        )

    def _rows(self) -> list[tuple[str, ...]]:
        each = self.memory_mib / self.copies if self.copies else 0.0
        rows: list[tuple[str, ...]] = [
            (self.title, "", ""),
            ("copies running", f"{self.copies:,}", ""),
            ("memory", units.memory(self.memory_mib), f"{units.memory(each)} a copy" if self.copies else ""),
            *((f"  {label}", units.memory(mib), "") for label, mib in self.memory_by_layer.items()),
            ("kernels", f"{self.kernels:,}", "that an application can call"),
        ]
        if self.copies:
            rows += [
                ("most copies", f"{self.max_copies:,}", f"then {self.binds} says no"),
                (
                    "one more starts in",
                    units.duration(self.start_s),
                    " + ".join(f"{label} {units.duration(s)}" for label, s in self.start_phases if s),
                ),
                ("disk", units.memory(self.stored_mib), ""),
            ]
        return rows

    def _below_rows(self) -> str:
        return self.what_runs_where()


def _with(host: Host, runs: tuple[Layer, ...]) -> Host:
    from dataclasses import replace

    return replace(host, runs=runs)


def infrastructure(tree: Tree, node: int) -> bool:
    """Tell whether a node runs before any copy comes: hosts and the systems, hypervisors and runtimes on them."""
    while node >= 0:
        if tree.kind[node] not in ("site", "host", "operating-system", "hypervisor", "container-runtime"):
            return False
        node = int(tree.parent[node])
    return True
