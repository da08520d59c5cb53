"""A deployment as arrays: every question of the course is a walk over these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from virtlearn import core, units
from virtlearn.errors import DoesNotFit, UnknownName, nearest
from virtlearn.model.nouns import Host, Layer, OperatingSystem, VirtualMachine, Workload, _Fenced
from virtlearn.platforms import LayerSpec, default_layer

__all__ = ["Tree", "grow", "spec_of"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tree:
    """A deployment's tree, parents before children.

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
        return len(self.kind)

    @property
    def copies(self) -> NDArray[np.int64]:
        """Where the workloads are."""
        return np.flatnonzero(np.array([kind == "workload" for kind in self.kind]))

    def numbers(self, read: Callable[[LayerSpec], float]) -> Floats:
        """One number of every node's layer, such as ``lambda layer: layer.escape.value``."""
        cache: dict[int, float] = {}  # many nodes share one layer
        return np.array([cache[id(x)] if id(x) in cache else cache.setdefault(id(x), read(x)) for x in self.layers])

    def fences(self) -> tuple[Floats, Floats, Floats]:
        """Weight, limit and reservation of CPU of every node [cores]."""
        weight, limit, kept = np.full(len(self), 100.0), np.full(len(self), np.inf), np.zeros(len(self))
        for i, noun in enumerate(self.nouns):
            if isinstance(noun, _Fenced):
                most = (
                    min(noun.cpu_limit_cores, noun.vcpus) if isinstance(noun, VirtualMachine) else noun.cpu_limit_cores
                )
                weight[i], limit[i], kept[i] = noun.cpu_weight, most, min(noun.cpu_reservation_cores, most)
            elif isinstance(noun, Host):
                limit[i] = noun.cores
        return weight, limit, kept

    def index(self, node: int | str) -> int:
        """Find a node by its index, its name or its kind; the first one counts."""
        if isinstance(node, str):
            for names in (self.name, self.kind):
                if node in names:
                    return names.index(node)
            raise UnknownName(f"The tree has no node called {node!r}. {nearest(node, {*self.name, *self.kind} - {''})}")
        i = core._check.whole("node", node)
        if i >= len(self):
            raise UnknownName(f"The tree has no node {i}: it has {len(self)}, counted from 0.")
        return i


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
    nouns: list[Layer] = []
    layers: list[LayerSpec] = []
    own: list[float] = []
    machine: list[int] = []  # the virtual machine that a node stands in, or -1
    spec_cache: dict[tuple[int, str], LayerSpec] = {}
    waiting: list[tuple[Layer, int]] = [(root, -1)]
    while waiting:
        noun, above = waiting.pop()
        i = len(nouns)
        inside = nouns[above].kind if above >= 0 else ""
        key = (id(noun), inside)
        spec = spec_cache.get(key)
        if spec is None:
            spec = spec_cache[key] = spec_of(noun, inside)
        vm = -1 if above < 0 else above if inside == "virtual-machine" else machine[above]
        parent.append(above)
        nouns.append(noun)
        layers.append(spec)
        machine.append(vm)
        around = noun if isinstance(noun, VirtualMachine) else nouns[vm] if vm >= 0 else None
        own.append(_own_mib(noun, spec, around))
        waiting.extend((child, i) for child in reversed(noun.runs))
    parents, memory = np.array(parent, dtype=np.int64), np.array(own)
    unused = np.zeros(len(nouns))
    for i in range(len(nouns) - 1, -1, -1):  # inner machines first, so that outer ones know what they hold
        noun = nouns[i]
        if isinstance(noun, VirtualMachine):
            contents = _sum_below(parents, memory + unused, i)
            if contents > noun.memory_mib * (1 + 1e-9):
                raise DoesNotFit(_too_small(noun, contents))
            unused[i] = noun.memory_mib - contents
    return Tree(
        parents,
        tuple(n.kind for n in nouns),
        tuple(n.name for n in nouns),
        memory + unused,
        unused,
        tuple(layers),
        tuple(nouns),
    )


def _own_mib(noun: Layer, spec: LayerSpec, around: Layer | None) -> float:
    """What one node needs for itself [MiB]."""
    if isinstance(noun, Workload):
        return noun.memory_mib
    if isinstance(noun, OperatingSystem) and noun.memory_mib is not None:
        return noun.memory_mib
    if isinstance(around, VirtualMachine):
        return spec.memory.mib(around.vcpus, around.memory_mib)
    return spec.memory.mib()


def _sum_below(parent: NDArray[np.int64], x: Floats, node: int) -> float:
    """Sum over what stands in a node; depth first, so a subtree is one run of indices."""
    end = node + 1
    while end < len(parent) and parent[end] >= node:
        end += 1
    return float(x[node + 1 : end].sum())


def _too_small(vm: VirtualMachine, contents: float) -> str:
    apps = sum(n.memory_mib for n in grow_list(vm) if isinstance(n, Workload))
    return (
        f"{vm.title} has {units.memory(vm.memory_mib)}, but what runs in it needs {units.memory(contents)}: "
        f"{units.memory(apps)} of applications and {units.memory(contents - apps)} of operating system and containers.\n"
        f"Give it memory_mib={int(np.ceil(contents))} or more."
    )


def grow_list(noun: Layer) -> list[Layer]:
    """List a noun and all that stands in it."""
    return [noun, *(x for child in noun.runs for x in grow_list(child))]
