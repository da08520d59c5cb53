"""A deployment as arrays: every question of the course is a walk over these."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from virtlearn import core, units
from virtlearn.arguments import whole
from virtlearn.catalog.layers import LayerSpec
from virtlearn.catalog.platforms import default_layer
from virtlearn.core.check import TOLERANCE, Floats, Ints
from virtlearn.errors import DoesNotFit, UnknownName, nearest, shown
from virtlearn.model.layers import SHARED, Layer
from virtlearn.model.nouns import Controlled, Host, OperatingSystem, VirtualMachine, Workload
from virtlearn.tables import Row, Shown

__all__ = ["CpuControls", "Tree", "flatten", "spec_of"]

Bools = NDArray[np.bool_]
T = TypeVar("T")


class CpuControls(NamedTuple):
    """The CPU controls of every node, as `core.cpu.fair_share_tree` takes them.

    Parameters
    ----------
    weight, limit_cores, reservation_cores : ndarray, shape (n,)
        The weight of each, its limit and its reservation [cores].
    """

    weight: Floats
    limit_cores: Floats
    reservation_cores: Floats


@dataclass(frozen=True, eq=False, repr=False)
class Tree(Shown):
    """A deployment's tree, parents before children, and each node's whole subtree right after it.

    Parameters
    ----------
    parent : ndarray of int64, shape (n,)
        ``parent[0]`` is -1.
    kind, name : tuple of str
        What each node is, and what it is called.
    memory_mib : ndarray, shape (n,)
        What each node needs for itself [MiB]; for a virtual machine, the hypervisor's cost and the
        part of its promise that nothing in it uses.
    unused_mib : ndarray, shape (n,)
        The second part of that.
    layers, nouns : tuple
        The numbers and the noun of each node.
    """

    parent: Ints
    kind: tuple[str, ...]
    name: tuple[str, ...]
    memory_mib: Floats
    unused_mib: Floats
    layers: tuple[LayerSpec, ...]
    nouns: tuple[Layer, ...]

    def __len__(self) -> int:
        """Count the nodes."""
        return len(self.nouns)

    @cached_property
    def hosts(self) -> dict[int, Host]:
        """The hosts, by their index."""
        return {i: noun for i, noun in enumerate(self.nouns) if isinstance(noun, Host)}

    @cached_property
    def copies(self) -> Ints:
        """The indices of the workloads, shape (copies,)."""
        return np.flatnonzero(self.are("workload"))

    @cached_property
    def copies_below(self) -> Floats:
        """The number of workloads in each node, itself included, shape (n,)."""
        # Floats, as every sum over subtrees; counts this small are exact in them.
        return self.below(self.are("workload"))

    @cached_property
    def shared(self) -> Bools:
        """Whether each node runs before the first copy comes: hosts, and shared layers on them."""
        # A guest's system is no shared layer: its machine comes and goes with the copies in it.
        other = ~self.are("site", "host", *SHARED)
        return np.asarray(core.tree.path_sum(self.parent, other) == 0)

    @cached_property
    def in_machine(self) -> Bools:
        """Whether each node is a virtual machine or stands in one."""
        return np.asarray(core.tree.path_sum(self.parent, self.are("virtual-machine")) > 0)

    @cached_property
    def disk_mib(self) -> Floats:
        """Disk of each node [MiB]: an image once for all on one kernel, the rest for each."""
        disk = self.numbers(lambda layer: layer.disk.value)
        # Copies of an image on one kernel share its layers; another kernel stores it again.
        stored = set()
        for i in np.flatnonzero(self.numbers(lambda layer: layer.image)):
            image = (self.layers[i].name, int(self.kernel_of[i]))
            if image in stored:
                disk[i] = 0.0
            stored.add(image)
        for i in self.copies:
            disk[i] += self.nouns[i].disk_mib
        return disk

    @cached_property
    def kernel_of(self) -> Ints:
        """The operating system, or host, that each node stands on, shape (n,)."""
        above = np.maximum(self.parent, 0)
        stops = self.are("operating-system", "host")
        found = above
        # All nodes climb together, one level a round, until each has met a kernel or the root.
        while not (done := stops[found] | (found == 0)).all():
            found = np.where(done, found, above[found])
        return found

    def are(self, *kinds: str) -> Bools:
        """Tell which nodes are of one of these kinds.

        Parameters
        ----------
        *kinds : str
            Kinds of layers.

        Returns
        -------
        ndarray of bool, shape (n,)
            True for each node that is.
        """
        return np.array([kind in kinds for kind in self.kind])

    def numbers(self, read: Callable[[LayerSpec], float]) -> Floats:
        """Read one number of every node's layer.

        Parameters
        ----------
        read : callable
            Such as ``lambda layer: layer.escape.value``.

        Returns
        -------
        ndarray, shape (n,)
            The number of each node.
        """
        return read_each(self.layers, read)

    def below(self, x: NDArray[np.generic]) -> Floats:
        """Sum over each node's subtree.

        Parameters
        ----------
        x : array, shape (n,)
            A number for each node.

        Returns
        -------
        ndarray, shape (n,)
            The sum over each node and all that stands in it.
        """
        return core.tree.subtree_sum(self.parent, x)

    def inside(self, node: int) -> Bools:
        """Tell which nodes stand in one, itself included.

        Parameters
        ----------
        node : int
            Its index.

        Returns
        -------
        ndarray of bool, shape (n,)
            True for the node and its whole subtree.
        """
        at = np.arange(len(self)) == node
        return core.tree.path_sum(self.parent, at) > 0

    def path(self, node: int) -> list[int]:
        """List the nodes from one up to the root.

        Parameters
        ----------
        node : int
            Its index.

        Returns
        -------
        list of int
            The node first, the root last.
        """
        path = [node]
        while (node := int(self.parent[node])) >= 0:
            path.append(node)
        return path

    def cpu_controls(self) -> CpuControls:
        """Read the CPU controls of every node.

        Returns
        -------
        CpuControls
            A host is limited by its cores; what has no controls has the usual weight, no limit.
        """
        weight = np.full(len(self), 100.0)
        limit = np.full(len(self), math.inf)
        reservation = np.zeros(len(self))
        for i, noun in enumerate(self.nouns):
            # To the law that shares, a host's cores are a limit like any other.
            if isinstance(noun, Host):
                limit[i] = noun.cores
            if isinstance(noun, Workload) and noun.limit_cores is not None:
                limit[i] = noun.limit_cores
            if isinstance(noun, Controlled):
                weight[i] = noun.cpu_weight
                limit[i] = noun.most_cores
                reservation[i] = noun.cpu_reservation_cores
        return CpuControls(weight, limit, reservation)

    def index(self, node: int | str) -> int:
        """Find a node.

        Parameters
        ----------
        node : int or str
            Its index, its name or its kind; of several, the first one counts.

        Returns
        -------
        int
            Its index.

        Raises
        ------
        UnknownName
            Where the tree has no such node.
        """
        if isinstance(node, str):
            # A name says more than a kind, so it is looked for first.
            for names in (self.name, self.kind):
                if node in names:
                    return names.index(node)
            there = {*self.name, *self.kind} - {""}
            raise UnknownName(f"The tree has no node called {shown(node)}. {nearest(node, there)}")
        i = whole("The tree", "node", node, least=0)
        if i >= len(self):
            raise UnknownName(f"The tree has no node {i}: it has {len(self)}, counted from 0.")
        return i

    def _rows(self) -> list[Row]:
        rows: list[Row] = [("node", "parent", "kind", "name", "memory of its own")]
        memory = [units.memory(mib) for mib in self.memory_mib.tolist()]
        for i, parent in enumerate(self.parent.tolist()):
            kind, name = self.kind[i], self.name[i]
            rows.append((str(i), str(parent), kind, name, memory[i]))
        return rows


def read_each(things: Sequence[T], read: Callable[[T], float]) -> Floats:
    """Read a number of each thing: many of them are one value, which is read once."""
    distinct = {id(thing): thing for thing in things}
    number = {key: read(thing) for key, thing in distinct.items()}
    return np.array([number[id(thing)] for thing in things], dtype=float)


def spec_of(noun: Layer, inside: str) -> LayerSpec:
    """Find a noun's numbers: its own, those of its name, or the usual ones of its kind there.

    Parameters
    ----------
    noun : Layer
        The noun.
    inside : str
        The kind of layer that it stands in.

    Returns
    -------
    LayerSpec
        Its numbers.
    """
    return noun.layer or default_layer(noun.kind, noun.name, inside)


class _Node(NamedTuple):
    """One noun where it stands, with the memory that it needs for itself."""

    noun: Layer
    spec: LayerSpec
    memory_mib: float
    unused_mib: float


def flatten(root: Layer) -> Tree:
    """Flatten nested nouns into a `Tree`, checking that what runs in each VM fits inside.

    Parameters
    ----------
    root : Layer
        A host, or a site of several.

    Returns
    -------
    Tree
        Every noun as a node, a parent before its children.

    Raises
    ------
    DoesNotFit
        Where a virtual machine is smaller than what runs in it.

    Examples
    --------
    >>> from virtlearn.model import Host, OperatingSystem, Workload
    >>> flatten(Host(4, 8, runs=[OperatingSystem(runs=[Workload("web")] * 2)])).parent.tolist()
    [-1, 0, 1, 1]
    """
    parent: list[int] = []
    nodes: list[_Node] = []
    # A noun that stands in one place many times is flattened once: where it begins and ends.
    flattened: dict[tuple[int, str, int], tuple[int, int]] = {}

    def repeat(first: int, end: int, above: int) -> None:
        shift = len(nodes) - first
        parent.append(above)
        parent.extend([p + shift for p in parent[first + 1 : end]])
        nodes.extend(nodes[first:end])

    def add(noun: Layer, above: int, inside: str, machine: VirtualMachine | None) -> None:
        key = (id(noun), inside, id(machine))
        if key in flattened:
            repeat(*flattened[key], above)
            return
        i = len(nodes)
        # Memory laws are about the RAM of the innermost machine, which the noun itself may be.
        machine = noun if isinstance(noun, VirtualMachine) else machine
        spec = spec_of(noun, inside)
        own_mib = _own_mib(noun, spec, machine)
        parent.append(above)
        nodes.append(_Node(noun, spec, own_mib, 0.0))
        for child in noun.runs:
            add(child, i, noun.kind, machine)
        if isinstance(noun, VirtualMachine):
            contents_mib = math.fsum(node.memory_mib for node in nodes[i + 1 :])
            unused_mib = _unused_mib(noun, contents_mib)
            nodes[i] = _Node(noun, spec, own_mib + unused_mib, unused_mib)
        flattened[key] = (i, len(nodes))

    add(root, -1, "", None)
    return _tree(parent, nodes)


def _tree(parent: list[int], nodes: list[_Node]) -> Tree:
    nouns, specs, memory_mib, unused_mib = zip(*nodes, strict=True)
    return Tree(
        np.array(parent),
        tuple(noun.kind for noun in nouns),
        tuple(noun.name for noun in nouns),
        np.array(memory_mib),
        np.array(unused_mib),
        specs,
        nouns,
    )


def _own_mib(noun: Layer, spec: LayerSpec, machine: VirtualMachine | None) -> float:
    """Memory that one node needs for itself [MiB], in the machine that it is or stands in."""
    if isinstance(noun, OperatingSystem) and noun.memory_mib is not None:
        return noun.memory_mib
    if machine is None:
        layer_mib = spec.memory.mib()
    else:
        layer_mib = spec.memory.mib(machine.vcpus, machine.memory_mib)
    return layer_mib + noun.memory_mib if isinstance(noun, Workload) else layer_mib


def _unused_mib(machine: VirtualMachine, contents_mib: float) -> float:
    """What nothing in a machine uses of its promise [MiB], or a refusal where it is too small."""
    if contents_mib <= machine.memory_mib * (1 + TOLERANCE):
        return max(machine.memory_mib - contents_mib, 0.0)
    apps = [layer for layer in machine.walk() if isinstance(layer, Workload)]
    apps_mib = sum(app.memory_mib for app in apps)
    rest = units.memory(contents_mib - apps_mib)
    has = f"{machine.title} has {units.memory(machine.memory_mib)}"
    needs = f"what runs in it needs {units.memory(contents_mib)}"
    raise DoesNotFit(
        f"{has}, but {needs}: {units.memory(apps_mib)} of applications and {rest} of "
        f"operating system and containers.\nGive it memory_mib={math.ceil(contents_mib)} or more."
    )
