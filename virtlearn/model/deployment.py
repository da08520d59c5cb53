"""A deployment answers every question of the course from its tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from virtlearn import core, units
from virtlearn.arguments import known, whole
from virtlearn.catalog.layers import OPERATIONS
from virtlearn.catalog.platforms import Platform
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import WrongPlace
from virtlearn.model.drawing import draw
from virtlearn.model.fit import Fit, check_room, fits, repeats, together
from virtlearn.model.layers import KERNELS, several
from virtlearn.model.nouns import Host, Layer, Site, Workload
from virtlearn.model.tree import Tree, grow, spec_of
from virtlearn.model.walks import CpuShares, Phases, new_nodes, phases, ready, share_cpu
from virtlearn.tables import Shown

__all__ = ["Deployment"]


@dataclass(frozen=True, init=False, repr=False)
class Deployment(Shown):
    """What runs on a host, as a tree of layers: a value, equal to another with the same layers.

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
    hosts, platform, per_vm
        All hosts with what they carry, the platform that `deploy` built from or None, copies in each machine.

    Raises
    ------
    DoesNotFit
        Where it needs more of a resource than there is.
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

    title: str
    hosts: tuple[Host, ...]
    platform: Platform | None = field(compare=False)
    per_vm: int = field(compare=False)
    tree: Tree = field(compare=False)

    def __init__(
        self,
        host: Host | Sequence[Host],
        runs: Layer | Iterable[Layer] = (),
        *,
        title: str = "",
        platform: Platform | None = None,
        per_vm: int | None = None,
    ) -> None:
        if not (hosts := several(host, Host)):
            wrong = f"A deployment stands on a host, but host is {host!r:.60}."
            raise WrongPlace(f"{wrong}\nTry Deployment(Host(cores=16, memory_gib=64), runs=[…]).")
        if runs:
            if len(hosts) > 1:
                wrong = f"runs= goes with one host, but there are {len(hosts)}."
                raise WrongPlace(f"{wrong}\nGive each host its own: Host(…, runs=[…]).")
            hosts = (replace(hosts[0], runs=runs),)  # type: ignore[arg-type]  # the noun reads it
        tree = grow(hosts[0] if len(hosts) == 1 else Site(runs=hosts))
        check_room(tree)
        values = {
            "hosts": hosts,
            "platform": platform,
            "tree": tree,
            "per_vm": per_vm or _held(tree),
        }
        self.__dict__.update(values, title=title or (platform.title if platform else "by hand"))

    @property
    def host(self) -> Host:
        """The first host, with what it carries."""
        return self.hosts[0]

    # -- memory ---------------------------------------------------------------------------------

    @property
    def copies(self) -> int:
        """How many workloads run."""
        return len(self.tree.copies)

    @cached_property
    def memory_mib(self) -> float:
        """Memory it takes in all [MiB]: what each node needs, leaves to root."""
        return float(self.tree.below(self.tree.memory_mib)[0])

    @property
    def memory_by_layer(self) -> dict[str, float]:
        """Memory by what takes it [MiB], from the hardware up."""
        tree = self.tree
        of_layer: dict[str, float] = {}
        nodes = zip(
            tree.nouns, tree.layers, tree.memory_mib.tolist(), tree.unused_mib.tolist(), strict=True
        )
        for noun, spec, mib, unused in nodes:
            other = {"workload": noun.name, "virtual-machine": f"hypervisor, for each {spec.title}"}
            label = other.get(noun.kind, spec.title)
            of_layer[label] = of_layer.get(label, 0.0) + mib - unused
            if unused > 1e-9:
                of_layer["promised, not used"] = of_layer.get("promised, not used", 0.0) + unused
        return {label: mib for label, mib in of_layer.items() if mib > 0}

    @cached_property
    def fit(self) -> Fit:
        """How many copies the hosts could hold of what runs here, and what binds."""
        if not self.copies:
            return Fit(0, "nothing runs", {})
        same = {id(noun): noun for noun in self.tree.nouns if isinstance(noun, Workload)}
        apps = list(dict.fromkeys(replace(noun, layer=None) for noun in same.values()))
        if self.platform is None or len(apps) > 1:
            return repeats(self.tree)
        equal = {id(h): h for h in self.hosts}
        each = {
            key: fits(apps[0], h, self.platform, per_vm=self.per_vm) for key, h in equal.items()
        }
        return together([each[id(h)] for h in self.hosts])

    @property
    def max_copies(self) -> int:
        """How many copies could run here, the host's own share included.

        For several workloads, or a tree built by hand: how many would run if all that stands on each host's own
        layers stood there as often as it fits.
        """
        return self.fit.max_copies

    @property
    def binds(self) -> str:
        """Which resource says no to one more: ``"memory"``, ``"disk"``, ``"cpu"`` or ``"pods"``."""
        return self.fit.binds

    @property
    def kernels(self) -> int:
        """How many kernels an application here can make system calls to."""
        return int(self.tree.are(*KERNELS).sum())

    @property
    def stored_mib(self) -> float:
        """Disk it takes [MiB]: an image once for all that use it on one kernel, everything else for each."""
        return float(self.tree.disk_mib.sum())

    # -- speed ----------------------------------------------------------------------------------

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
        return share_cpu(self.tree, demand_cores)

    def keeps(self, kind_of_work: str) -> float:
        """Fraction of native speed that the slowest-placed copy keeps for a kind of work, such as ``"random I/O"``."""
        name = known("operation", kind_of_work, OPERATIONS)
        kept = self.tree.numbers(
            lambda layer: layer.keeps[name].value if name in layer.keeps else 1.0
        )
        return float(core.tree.path_product(self.tree.parent, kept)[self._running()].min())

    def _running(self) -> Ints:
        """Where the copies are, or a refusal where there is none to ask about."""
        if not self.copies:
            raise WrongPlace(
                f"Nothing runs on {self.host.name!r}, so there is nothing to ask.\nPut a Workload in it."
            )
        return self.tree.copies

    @property
    def start_phases(self) -> Phases:
        """The phases of starting one more copy where there is room, each with its seconds."""
        self._running()
        return phases(self.tree, new_nodes(self.tree, self.per_vm)[1])

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
        self._running()
        return ready(self.tree, self.per_vm, copies, parallel, once_s)

    # -- failing --------------------------------------------------------------------------------

    def copies_up_pmf(self, *, common_cause: float = 0.0) -> Floats:
        """Probability that exactly 0, 1, 2, … copies are up, shape ``(copies + 1,)``."""
        self._running()
        share = core.failure.availability
        up = self.tree.numbers(
            lambda s: float(share(s.mtbf_h.value, s.mttr_h.value)) if s.ends_what_runs else 1.0
        )
        carries = self.tree.copies_below > 0  # what carries no copy is none either
        parent = np.append(np.cumsum(carries) - 1, -1)[self.tree.parent[carries]]
        return core.failure.copies_up_pmf(parent, up[carries], common_cause=common_cause)

    def availability(self, at_least: int = 1) -> float:
        """Probability that at least so many copies are up."""
        least = whole("availability", "at_least", at_least, least=0)
        return float(core.failure.at_least_up(self.copies_up_pmf(), least))

    def dies_with(self, node: int | str) -> tuple[int, ...]:
        """Which copies die with a node (its index, name or kind): their indices in the tree.

        Nothing dies with a layer that is not on the running path, such as a container runtime.
        """
        i = self.tree.index(node)
        if not self.tree.layers[i].ends_what_runs:
            return ()
        inside = core.tree.path_sum(self.tree.parent, np.arange(len(self.tree)) == i) > 0
        return tuple(self.tree.copies[inside[self.tree.copies]].tolist())

    # -- breaking in ----------------------------------------------------------------------------

    @property
    def escape(self) -> Floats:
        """For each node, the assumed probability that who controls it breaks out into what carries it."""
        return self.tree.numbers(lambda layer: layer.escape.value)

    def blast_radius(self, start: int | str = "workload") -> float:
        """Copies an intruder who controls ``start`` can expect to take, that one included."""
        return float(self.reach_pmf(start) @ self.tree.copies_below)

    def reach_pmf(self, start: int | str = "workload") -> Floats:
        """Probability for each node to be the highest that the intruder reaches, shape ``(n,)``."""
        return core.attack.reach_pmf(self.tree.parent, self.escape, self.tree.index(start))

    # -- showing --------------------------------------------------------------------------------

    def what_runs_where(self) -> str:
        """Draw the tree as text, equal neighbours counted."""
        return draw(self.tree.nouns[0], lambda noun, inside: spec_of(noun, inside).title)

    def _rows(self) -> list[tuple[str, ...]]:
        each = f"{units.memory(self.memory_mib / self.copies)} a copy" if self.copies else ""
        rows: list[tuple[str, ...]] = [
            (self.title, "", ""),
            ("copies running", f"{self.copies:,}", ""),
            ("memory", units.memory(self.memory_mib), each),
            *((f"  {label}", units.memory(mib), "") for label, mib in self.memory_by_layer.items()),
            ("kernels", f"{self.kernels:,}", "that an application can call"),
        ]
        if self.copies:
            steps = " + ".join(
                f"{label} {units.duration(s)}" for label, s in self.start_phases if s
            )
            rows += [
                ("most copies", f"{self.max_copies:,}", f"then {self.binds} says no"),
                ("one more starts in", units.duration(self.start_s), steps),
                ("disk", units.memory(self.stored_mib), ""),
            ]
        return rows

    _below_rows = what_runs_where


def _held(tree: Tree) -> int:
    """Copies in the first machine, if the first copy stands in one."""
    path = tree.path(int(tree.copies[0])) if len(tree.copies) else []
    machines = [i for i in path if tree.kind[i] == "virtual-machine"]
    return int(tree.copies_below[machines[-1]]) if machines else 1
