"""A deployment answers every question of the course from its tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from virtlearn import units
from virtlearn.errors import WrongKind, shown
from virtlearn.model.answers.capacity import Capacity
from virtlearn.model.answers.operation import Operation
from virtlearn.model.answers.risks import Risks
from virtlearn.model.drawing import draw
from virtlearn.model.layers import Layer, all_of, as_tuple
from virtlearn.model.nouns import Host, Site
from virtlearn.model.questions import Growth
from virtlearn.model.resources import check_capacity
from virtlearn.model.tree import Tree, flatten, spec_of
from virtlearn.tables import Row, Shown

__all__ = ["Deployment"]


@dataclass(frozen=True, init=False, repr=False)
class Deployment(Capacity, Operation, Risks, Shown):
    """What runs on a host, as a tree of layers: equal to another with the same layers and growth.

    What can be asked about it stands in `virtlearn.model.answers`: capacity, risks, operation.

    Parameters
    ----------
    host : Host or sequence of Host
        The machine, or several that each carry their own ``runs``.
    runs : layers
        What stands on the host.
    title : str
        What it is called in tables and charts.
    growth : tuple of Unit
        What one more copy of each workload adds, as `deploy` knows it; left out, it is read from
        the tree.

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
        Where a layer stands in something that cannot carry it, or a copy is asked about and none
        runs.

    Examples
    --------
    >>> from virtlearn.model import Container, ContainerRuntime, OperatingSystem, Workload
    >>> web = Workload("web", cpu_cores=0.5, memory_mib=256)
    >>> boxes = Deployment(Host(cores=2, memory_gib=8), runs=[OperatingSystem("debian", runs=[
    ...     ContainerRuntime(
    ...         runs=[Container(web, cpu_weight=200), Container(web, cpu_limit_cores=0.25)]
    ...     )])])
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
        # A host may carry its own already; runs= is short for that, and takes its place.
        if given:
            if len(hosts) > 1:
                wrong = f"runs= goes with one host, but there are {len(hosts)}."
                raise WrongKind(f"{wrong}\nGive each host its own: Host(…, runs=[…]).")
            hosts = (replace(hosts[0], runs=given),)
        # One host is the root of its own tree: a site would be a layer that is not there.
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
