"""A deployment as arrays: every question of the course is a walk over these."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from virtlearn import core, units
from virtlearn.arguments import whole
from virtlearn.catalog.layers import LayerSpec
from virtlearn.catalog.platforms import default_layer
from virtlearn.errors import DoesNotFit, UnknownName, nearest
from virtlearn.model.layers import SHARED, Layer
from virtlearn.model.nouns import Fenced, Host, OperatingSystem, VirtualMachine, Workload
from virtlearn.tables import Shown

__all__ = ["Tree", "grow", "spec_of"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Tree(Shown):
    """A deployment's tree, parents before children, and each node's whole subtree right after it.

    Attributes
    ----------
    parent : ndarray of int64, shape (n,)
        ``parent[0]`` is -1.
    kind, name : tuple of str
        What each node is, and what it is called.
    memory_mib : ndarray, shape (n,)
        What each node needs for itself [MiB]; for a virtual machine, the hypervisor's cost and what of
        its promise nothing in it uses.
    unused_mib : ndarray, shape (n,)
        The second part of that.
    layers, nouns : tuple
        The numbers and the noun of each node.
    """

    parent: NDArray[np.int64]
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
    def copies(self) -> NDArray[np.int64]:
        """Where the workloads are."""
        return np.flatnonzero(self.are("workload"))

    @cached_property
    def copies_below(self) -> Floats:
        """How many workloads stand in each node, itself included."""
        return self.below(self.are("workload"))

    @cached_property
    def shared(self) -> NDArray[np.bool_]:
        """Which nodes run before any copy comes: hosts and the systems, hypervisors and runtimes on them."""
        other = ~self.are("site", "host", *SHARED)
        return np.asarray(core.tree.path_sum(self.parent, other) == 0)

    @cached_property
    def disk_mib(self) -> Floats:
        """Disk of each node [MiB]: an image once for all that use it on one kernel, everything else for each."""
        disk = self.numbers(lambda layer: layer.disk.value)
        stored = set()
        for i in np.flatnonzero(self.numbers(lambda layer: layer.image)):
            key = (self.layers[i].name, int(self.kernel_of[i]))
            disk[i] *= key not in stored
            stored.add(key)
        for i in self.copies:
            disk[i] += self.nouns[i].disk_mib
        return disk

    @cached_property
    def kernel_of(self) -> NDArray[np.int64]:
        """The operating system, or host, that each node stands on."""
        above = np.maximum(self.parent, 0)
        stops = self.are("operating-system", "host")
        found = above
        while not (done := stops[found] | (found == 0)).all():
            found = np.where(done, found, above[found])
        return found

    def are(self, *kinds: str) -> NDArray[np.bool_]:
        """Tell which nodes are of one of these kinds."""
        return np.array([kind in kinds for kind in self.kind])

    def numbers(self, read: Callable[[LayerSpec], float]) -> Floats:
        """One number of every node's layer, such as ``lambda layer: layer.escape.value``."""
        known = {id(layer): layer for layer in self.layers}  # many nodes share one layer
        value = {key: read(layer) for key, layer in known.items()}
        return np.array([value[id(layer)] for layer in self.layers], dtype=float)

    def below(self, x: NDArray[np.generic]) -> Floats:
        """Sum over each node's subtree."""
        return core.tree.subtree_sum(self.parent, x)

    def path(self, node: int) -> list[int]:
        """The nodes from one up to the root."""
        path = [node]
        while (node := int(self.parent[node])) >= 0:
            path.append(node)
        return path

    def fences(self) -> dict[str, Floats]:
        """Weight, limit and reservation of CPU of every node [cores], as `core.cpu.fair_share_tree` calls them."""
        rows = [
            (noun.cpu_weight, noun.most_cores, noun.cpu_reservation_cores)
            if isinstance(noun, Fenced)
            else (100.0, noun.cores if isinstance(noun, Host) else math.inf, 0.0)
            for noun in self.nouns
        ]
        return dict(
            zip(("weight", "limit_cores", "reservation_cores"), np.array(rows).T, strict=True)
        )

    def index(self, node: int | str) -> int:
        """Find a node by its index, its name or its kind; the first one counts."""
        if isinstance(node, str):
            for names in (self.name, self.kind):
                if node in names:
                    return names.index(node)
            raise UnknownName(
                f"The tree has no node called {node!r}. {nearest(node, {*self.name, *self.kind} - {''})}"
            )
        i = whole("The tree", "node", node, least=0)
        if i >= len(self):
            raise UnknownName(f"The tree has no node {i}: it has {len(self)}, counted from 0.")
        return i

    def _rows(self) -> list[tuple[str, ...]]:
        nodes = zip(
            self.parent.tolist(), self.kind, self.name, self.memory_mib.tolist(), strict=True
        )
        head = ("node", "parent", "kind", "name", "memory of its own")
        return [
            head,
            *((str(i), str(p), k, n, units.memory(mib)) for i, (p, k, n, mib) in enumerate(nodes)),
        ]


def spec_of(noun: Layer, inside: str) -> LayerSpec:
    """Find a noun's numbers: its own, those of its name, or the usual ones of its kind in that place."""
    return noun.layer or default_layer(noun.kind, noun.name, inside)


def grow(root: Layer) -> Tree:
    """Flatten nested nouns into a `Tree`, checking that what runs in each virtual machine fits inside.

    Raises
    ------
    DoesNotFit
        Where a virtual machine is smaller than what runs in it.
    """
    parent: list[int] = []
    nodes: list[tuple[str, str, float, float, LayerSpec, Layer]] = []  # what a `Tree` holds of each
    grown: dict[
        tuple[int, str, int], tuple[int, int]
    ] = {}  # where a noun that stands there many times was flattened

    def add(noun: Layer, above: int, inside: str, around: VirtualMachine | None) -> None:
        i, key = len(nodes), (id(noun), inside, id(around))
        if key in grown:
            first, end = grown[key]
            parent.extend([above, *(p + i - first for p in parent[first + 1 : end])])
            nodes.extend(nodes[first:end])
            return
        around = noun if isinstance(noun, VirtualMachine) else around
        spec = spec_of(noun, inside)
        own = _own_mib(noun, spec, around)
        parent.append(above)
        nodes.append((noun.kind, noun.name, own, 0.0, spec, noun))
        for child in noun.runs:
            add(child, i, noun.kind, around)
        if isinstance(noun, VirtualMachine):
            contents = math.fsum(mib for _, _, mib, _, _, _ in nodes[i + 1 :])
            if contents > noun.memory_mib * (1 + 1e-9):
                raise DoesNotFit(_too_small(noun, contents))
            unused = max(noun.memory_mib - contents, 0.0)
            nodes[i] = (noun.kind, noun.name, own + unused, unused, spec, noun)
        grown[key] = (i, len(nodes))

    add(root, -1, "", None)
    kind, name, memory, unused, layers, nouns = zip(*nodes, strict=True)
    return Tree(np.array(parent), kind, name, np.array(memory), np.array(unused), layers, nouns)


def _own_mib(noun: Layer, spec: LayerSpec, around: VirtualMachine | None) -> float:
    """What one node needs for itself [MiB]."""
    if isinstance(noun, OperatingSystem) and noun.memory_mib is not None:
        return noun.memory_mib
    app = noun.memory_mib if isinstance(noun, Workload) else 0.0
    return app + (spec.memory.mib(around.vcpus, around.memory_mib) if around else spec.memory.mib())


def _too_small(vm: VirtualMachine, contents: float) -> str:
    apps = sum(noun.memory_mib for noun in vm.walk() if isinstance(noun, Workload))
    return f"{vm.title} has {units.memory(vm.memory_mib)}, but what runs in it needs {units.memory(contents)}: {units.memory(apps)} of applications and {units.memory(contents - apps)} of operating system and containers.\nGive it memory_mib={math.ceil(contents)} or more."
