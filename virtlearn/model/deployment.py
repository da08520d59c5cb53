"""A deployment answers every question of the course from its tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from virtlearn import units
from virtlearn.arguments import number, whole
from virtlearn.core.check import Floats
from virtlearn.core.scaling import Followed
from virtlearn.errors import WrongKind, WrongPlace, shown
from virtlearn.model.drawing import draw
from virtlearn.model.fit import Fit
from virtlearn.model.layers import Layer, all_of, as_tuple
from virtlearn.model.nouns import Host, Site
from virtlearn.model.questions import (
    Growth,
    attack,
    cpu,
    failure,
    memory,
    moving,
    power,
    price,
    start,
)
from virtlearn.model.questions import following as following_a_load
from virtlearn.model.questions.cpu import CpuShares
from virtlearn.model.questions.start import Phases, Starting
from virtlearn.model.resources import check_capacity
from virtlearn.model.tree import Bools, Tree, flatten, spec_of
from virtlearn.tables import Row, Shown

__all__ = ["Deployment"]


@dataclass(frozen=True, init=False, repr=False)
class Deployment(Shown):
    """What runs on a host, as a tree of layers: a value, equal to another with the same layers and growth.

    Parameters
    ----------
    host : Host or sequence of Host
        The machine, or several that each carry their own ``runs``.
    runs : layers
        What stands on the host.
    title : str
        What it is called in tables and charts.
    growth : tuple of Unit
        What one more copy of each workload adds, as `deploy` knows it; left out, it is read from the tree.

    Attributes
    ----------
    tree : Tree
        The arrays behind every answer.
    hosts : tuple of Host
        All hosts with what they carry.

    Raises
    ------
    DoesNotFit
        Where it needs more of a resource than there is.
    WrongKind
        Where ``host`` is no host.
    WrongPlace
        Where a layer stands in something that cannot carry it, or a copy is asked about and none runs.

    Examples
    --------
    >>> from virtlearn.model import Container, ContainerRuntime, OperatingSystem, Workload
    >>> web = Workload("web", cpu_cores=0.5, memory_mib=256)
    >>> boxes = Deployment(Host(cores=2, memory_gib=8), runs=[OperatingSystem("debian", runs=[
    ...     ContainerRuntime(runs=[Container(web, cpu_weight=200), Container(web, cpu_limit_cores=0.25)])])])
    >>> boxes.copies, boxes.kernels, boxes.cpu().granted_cores.tolist()
    (2, 1, [0.5, 0.25])
    """

    hosts: tuple[Host, ...]
    growth: Growth
    title: str = field(compare=False)  # what it is called changes no answer
    tree: Tree = field(compare=False)  # follows from the hosts

    def __init__(
        self,
        host: Host | Sequence[Host],
        runs: Layer | Iterable[Layer] = (),
        *,
        title: str = "by hand",
        growth: Growth = (),
    ) -> None:
        hosts = as_tuple(host, Host)
        if not hosts:
            wrong = f"A deployment stands on a host, but host is {shown(host)}."
            raise WrongKind(f"{wrong}\nTry Deployment(Host(cores=16, memory_gib=64), runs=[…]).")
        if not isinstance(title, str):
            wrong = f"Deployment: title is {shown(title)}, which is not a text."
            raise WrongKind(f'{wrong}\nTry title="two towers".')
        given = all_of(runs)
        if given:
            if len(hosts) > 1:
                wrong = f"runs= goes with one host, but there are {len(hosts)}."
                raise WrongKind(f"{wrong}\nGive each host its own: Host(…, runs=[…]).")
            hosts = (replace(hosts[0], runs=given),)
        tree = flatten(hosts[0] if len(hosts) == 1 else Site(runs=hosts))
        check_capacity(tree)
        object.__setattr__(self, "hosts", hosts)
        object.__setattr__(self, "growth", growth)
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "tree", tree)

    @property
    def host(self) -> Host:
        """The first host, with what it carries."""
        return self.hosts[0]

    @property
    def copies(self) -> int:
        """The number of workloads that run."""
        return len(self.tree.copies)

    def _running(self) -> Tree:
        """The tree, or a refusal where no copy runs that could be asked about."""
        if not self.copies:
            wrong = f"Nothing runs on {self.host.name!r}, so there is nothing to ask."
            raise WrongPlace(f"{wrong}\nPut a Workload in it.")
        return self.tree

    # -- memory, and other resources that can run out -----------------------------------------------

    @cached_property
    def memory_mib(self) -> float:
        """Memory in all [MiB]: what each node needs, leaves to root."""
        return memory.memory_mib(self.tree)

    @property
    def memory_by_layer(self) -> dict[str, float]:
        """Memory by the layers that take it [MiB], from the hardware up."""
        return memory.memory_by_layer(self.tree)

    @property
    def stored_mib(self) -> float:
        """Disk in all [MiB]: an image once for all that use it on one kernel, everything else for each."""
        return memory.stored_mib(self.tree)

    @cached_property
    def fit(self) -> Fit:
        """How many copies the hosts could hold of what runs here, and which resource binds."""
        return memory.capacity(self.tree, self.growth)

    @property
    def max_copies(self) -> int:
        """How many copies could run here, the host's own share included.

        For several workloads, or a tree built by hand: how many would run if all that stands on each host's own
        layers stood there as often as it fits.
        """
        return self.fit.max_copies

    @property
    def binds(self) -> str:
        """The resource that runs out first: ``"memory"``, ``"disk"``, ``"cpu"`` or ``"pods"``."""
        return self.fit.binds

    def reclaim(self, active_fraction: Any, tax: float = 0.75) -> Floats:
        """Take back the memory that was promised to machines beyond what the hosts have.

        Parameters
        ----------
        active_fraction : float or sequence
            The part of each machine's memory that is in use.
        tax : float
            On idle memory, from 0 to below 1.

        Returns
        -------
        ndarray, shape (machines,)
            What each machine gives up [MiB] (`virtlearn.core.memory.reclaim`).

        Raises
        ------
        CannotReclaim
            Where the machines hold less than is missing.
        """
        return memory.reclaim_mib(self.tree, active_fraction, tax)

    def page_sharing_mib(self, shareable_fraction: float) -> float:
        """Add up what equal machines save by storing equal pages once, host by host.

        Parameters
        ----------
        shareable_fraction : float
            The part of a machine that is the same in all like it.

        Returns
        -------
        float
            Memory saved [MiB].
        """
        return memory.page_sharing_mib(self.tree, shareable_fraction)

    def kill_order(
        self, used_mib: Any, *, cache_mib: Any = 0.0, swap_mib: Any = 0.0
    ) -> tuple[int, ...]:
        """Say which copies the hosts' kernels kill when memory runs out.

        Parameters
        ----------
        used_mib : float or sequence
            What each copy holds [MiB].
        cache_mib, swap_mib : float or sequence
            What of it is clean page cache, and what each may swap [MiB].

        Returns
        -------
        tuple of int
            Numbers of the copies, counted from 0, first to last on each host: over their own limit first, then by
            what they hold and the class of their requests (`virtlearn.core.placing.oom_score_adj`).
        """
        return tuple(memory.kill_order(self.tree, used_mib, cache_mib, swap_mib))

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
        return cpu.share_cpu(self.tree, demand_cores)

    def keeps(self, kind_of_work: str) -> float:
        """Fraction of native speed that the slowest-placed copy keeps.

        Parameters
        ----------
        kind_of_work : str
            Such as ``"computing"`` or ``"random I/O"``.

        Returns
        -------
        float
            1 is native speed.

        Raises
        ------
        UnknownName
            Where there is no such kind of work.
        """
        return cpu.speed_kept(self._running(), kind_of_work)

    # -- starting -------------------------------------------------------------------------------

    @cached_property
    def _starting(self) -> Starting:
        return start.starting(self._running(), self.growth)

    @property
    def per_vm(self) -> int:
        """Copies in each machine that holds several; 1 where none does."""
        return self._starting.per_vm

    @property
    def start_phases(self) -> Phases:
        """The phases of starting one more copy where there is room, each with its seconds."""
        return self._starting.copy

    @property
    def start_s(self) -> float:
        """How long one more copy takes to start where there is room [s]."""
        return self._starting.copy_s

    def ready_s(self, copies: int = 1, parallel: int = 1, *, once_s: float = 0.0) -> Floats:
        """Time until each of so many new copies answers.

        Parameters
        ----------
        copies, parallel : int
            How many are to start, and how many at a time.
        once_s : float
            What happens once before the first, such as fetching an image [s].

        Returns
        -------
        ndarray, shape (copies,)
            The first to answer first [s]. A virtual machine is started for every ``per_vm`` copies; its copies
            start in it, ``parallel`` at a time.

        Raises
        ------
        ImpossibleCount
            Where a count is no whole number of at least 1.
        ImpossibleAmount
            Where ``once_s`` is negative, infinite or no number.
        """
        return self._starting.ready_s(copies, parallel, once_s)

    # -- failing --------------------------------------------------------------------------------

    def copies_up_pmf(self, *, common_cause: float = 0.0) -> Floats:
        """Probability that exactly 0, 1, 2, … copies are up.

        Parameters
        ----------
        common_cause : float
            Probability that one cause takes all copies, whatever the tree.

        Returns
        -------
        ndarray, shape (copies + 1,)
            Sums to one.
        """
        return failure.copies_up_pmf(self._running(), common_cause)

    def availability(self, at_least: int = 1, *, failover_s: float | None = None) -> float:
        """Probability that at least so many copies are up.

        Parameters
        ----------
        at_least : int
            How many are needed.
        failover_s : float, optional
            After so long the copies of a lost host run again on the others [s]: until the loss is noticed, and until
            they have started. It counts only where all of them find room there; a repair may still be faster.

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        ImpossibleCount
            Where ``at_least`` is no whole number.
        ImpossibleAmount
            Where ``failover_s`` is negative, infinite or no number.

        Examples
        --------
        >>> from virtlearn.model import Workload, deploy
        >>> pods = deploy(Workload("web"), 5, host=Host(16, 64), on="containers")
        >>> pods.availability(1) >= pods.availability(5) > 0.9
        True
        """
        least = whole("availability", "at_least", at_least, least=0)
        if failover_s is None:
            return failure.at_least_up(self._running(), least)
        seconds = number("availability", "failover_s", failover_s)
        hours = units.convert(seconds, "s", "h")
        refuge = failure.hosts_with_refuge(self._running(), self.growth)
        return failure.at_least_up(self.tree, least, dict.fromkeys(refuge, hours))

    def dies_with(self, node: int | str) -> tuple[int, ...]:
        """List the copies that die with a node.

        Parameters
        ----------
        node : int or str
            Its index, name or kind.

        Returns
        -------
        tuple of int
            The indices of the copies in the tree. Nothing dies with a layer that is not on the running path, such as a
            container runtime.
        """
        return tuple(failure.dies_with(self.tree, self.tree.index(node)).tolist())

    def down_with(self, node: int | str) -> Bools:
        """Tell which nodes are down when one fails.

        Parameters
        ----------
        node : int or str
            Its index, name or kind.

        Returns
        -------
        ndarray of bool, shape (n,)
            The node and all that stands in it; the node alone, where it is not on the running path.
        """
        return failure.down_with(self.tree, self.tree.index(node))

    # -- breaking in ----------------------------------------------------------------------------

    @property
    def kernels(self) -> int:
        """How many kernels an application here can make system calls to."""
        return attack.kernels(self.tree)

    @property
    def escape(self) -> Floats:
        """For each node, the assumed probability that who controls it breaks out into what carries it."""
        return attack.escape(self.tree)

    def reach_pmf(self, start: int | str = "workload") -> Floats:
        """Probability for each node to be the highest that an intruder reaches.

        Parameters
        ----------
        start : int or str
            The node that the intruder controls first: index, name or kind.

        Returns
        -------
        ndarray, shape (n,)
            Sums to one.
        """
        return attack.reach_pmf(self.tree, self.tree.index(start))

    def controlled_from(self, start: int | str = "workload") -> Floats:
        """Probability for each node that an intruder comes to control it.

        Parameters
        ----------
        start : int or str
            The node that the intruder controls first: index, name or kind.

        Returns
        -------
        ndarray, shape (n,)
            1 for the node itself and all that stands in it.
        """
        return attack.controlled_from(self.tree, self.tree.index(start))

    def blast_radius(self, start: int | str = "workload") -> float:
        """Copies that an intruder can expect to take.

        Parameters
        ----------
        start : int or str
            The node that the intruder controls first: index, name or kind.

        Returns
        -------
        float
            The mean number of copies, that one included.

        Examples
        --------
        >>> from virtlearn.model import Workload, deploy
        >>> deploy(Workload("web"), 20, host=Host(16, 64), on="containers").blast_radius()
        1.95
        """
        return attack.blast_radius(self.tree, self.tree.index(start))

    # -- running many ---------------------------------------------------------------------------

    def power_w(self, load_cores: Any) -> Floats:
        """Say what all hosts draw when the copies do so much work.

        Parameters
        ----------
        load_cores : float or sequence
            Work of all copies, in cores at native speed [cores].

        Returns
        -------
        ndarray
            [W]; each host is assumed to be the server of POW-03.

        Raises
        ------
        DoesNotFit
            Where the hosts have too few cores for the load.

        Examples
        --------
        >>> from virtlearn.model import Workload, deploy
        >>> deploy(Workload("web"), 20, host=Host(16, 64), on="processes").power_w([0, 8]).tolist()
        [58.4, 140.0]
        """
        return power.power_w(self._running(), load_cores)

    def cost_usd_h(self, prices: price.Prices | None = None) -> float:
        """Price what the copies ask for, with the memory of all layers that come with them [USD/h].

        Parameters
        ----------
        prices : Prices, optional
            What a core and a GiB cost; those of COST-01 where left out.

        Returns
        -------
        float
            [USD/h]; what the hosts run anyway is not billed.
        """
        return price.cost_usd_h(self._running(), prices or price.usual_prices())

    def migration(
        self,
        *,
        dirty_mib_s: float = 0.0,
        bandwidth_mib_s: float | None = None,
        downtime_limit_s: float | None = None,
    ) -> moving.Emptied:
        """Say what it takes to empty the hosts: machines move whole, other copies start anew.

        Parameters
        ----------
        dirty_mib_s : float
            How fast each machine writes to its memory [MiB/s].
        bandwidth_mib_s, downtime_limit_s : float, optional
            How fast it is sent [MiB/s], and the longest last copy [s]; QEMU's own where left out.

        Returns
        -------
        Emptied
            With what was sent, how long one was dark, and how long all took.

        Raises
        ------
        ImpossibleAmount
        """
        speed = moving.usual_bandwidth_mib_s() if bandwidth_mib_s is None else bandwidth_mib_s
        limit = moving.usual_downtime_s() if downtime_limit_s is None else downtime_limit_s
        return moving.empty(
            self._running(),
            self.start_s,
            dirty_mib_s=dirty_mib_s,
            bandwidth_mib_s=speed,
            downtime_limit_s=limit,
        )

    def follow(self, load_cores: Any, **rule: Any) -> Followed:
        """Let an autoscaler follow a load with copies that start as fast as these.

        Parameters
        ----------
        load_cores : sequence of float
            The work that arrives in each step of 15 s [cores].
        **rule
            As for `virtlearn.core.scaling.follow_load`, such as ``target_percent``.

        Returns
        -------
        Followed
            ``wanted``, ``ready`` and ``unserved_cores``.

        Raises
        ------
        WrongKind
            Where the copies ask for different amounts of CPU.
        """
        return following_a_load.follow(self._running(), self.start_s, load_cores, **rule)

    # -- showing --------------------------------------------------------------------------------

    def what_runs_where(self) -> str:
        """Draw the tree as text.

        Returns
        -------
        str
            A line for each group of equal neighbours, counted.
        """
        return draw(self.tree.nouns[0], lambda noun, inside: spec_of(noun, inside).title)

    def _rows(self) -> list[Row]:
        each = f"{units.memory(self.memory_mib / self.copies)} a copy" if self.copies else ""
        rows: list[Row] = [
            (self.title, "", ""),
            ("copies running", f"{self.copies:,}", ""),
            ("memory", units.memory(self.memory_mib), each),
        ]
        for label, mib in self.memory_by_layer.items():
            rows.append((f"  {label}", units.memory(mib), ""))
        rows.append(("kernels", f"{self.kernels:,}", "that an application can call"))
        if self.copies:
            steps = [f"{label} {units.duration(s)}" for label, s in self.start_phases if s]
            rows.append(("most copies", f"{self.max_copies:,}", f"then {self.binds} says no"))
            rows.append(("one more starts in", units.duration(self.start_s), " + ".join(steps)))
            rows.append(("disk", units.memory(self.stored_mib), ""))
        return rows

    _below_rows = what_runs_where
