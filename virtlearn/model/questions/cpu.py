"""Who gets how much CPU, and how fast is it? Shares and speeds, root to leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from virtlearn import core, units
from virtlearn.arguments import known
from virtlearn.catalog.layers import OPERATIONS
from virtlearn.core.check import TOLERANCE, Floats
from virtlearn.errors import ShapeMismatch
from virtlearn.model.questions.question import Question
from virtlearn.model.tree import Tree
from virtlearn.tables import Row, Shown

__all__ = ["COMPUTING", "RANDOM_IO", "CpuShares", "share_cpu", "speed_kept"]


@dataclass(frozen=True, eq=False, repr=False)
class CpuShares(Shown):
    """Who asked for how much CPU and who got it, one entry a copy.

    Parameters
    ----------
    names : tuple of str
        The copies.
    demand_cores, granted_cores : ndarray, shape (copies,)
        What each asked for and got [cores].
    throttled : tuple of int
        The copies that a limit cut.
    squeezed : tuple of int
        The copies that contention cut: their host has less than is asked of it.
    """

    names: tuple[str, ...]
    demand_cores: Floats
    granted_cores: Floats
    throttled: tuple[int, ...]
    squeezed: tuple[int, ...]

    def _rows(self) -> list[Row]:
        why = dict.fromkeys(self.squeezed, "squeezed: there is not enough for all that is asked")
        why |= dict.fromkeys(self.throttled, "throttled: a limit")
        rows: list[Row] = [("copy", "asked [cores]", "got [cores]", "")]
        for i, name in enumerate(self.names):
            asked = units.plain(self.demand_cores[i])
            got = units.plain(self.granted_cores[i])
            rows.append((f"{name} {i}", asked, got, why.get(i, "")))
        return rows


def share_cpu(tree: Tree, demand_cores: Any = None) -> CpuShares:
    """Share the hosts' cores among the copies by weight, level by level.

    Parameters
    ----------
    tree : Tree
        The tree.
    demand_cores : float or sequence, optional
        What each copy wants [cores]; its workload's ``cpu_cores`` where left out.

    Returns
    -------
    CpuShares
        What each copy gets, and why it gets less than it wants.

    Raises
    ------
    ShapeMismatch
        Where there is neither one demand for all nor one for each copy.
    ImpossibleAmount
        Where a demand is negative, infinite or no number.
    """
    demand = _demand(tree, demand_cores)
    controls = tree.cpu_controls()
    cores = sum(host.cores for host in tree.hosts.values())
    shares = core.cpu.fair_share_tree(
        tree.parent,
        demand,
        capacity_cores=cores,
        weight=controls.weight,
        limit_cores=controls.limit_cores,
        reservation_cores=controls.reservation_cores,
    )
    copies = tree.copies
    short = shares[copies] < demand[copies] * (1 - TOLERANCE)
    # A full host is contention, not a configured limit.
    at_limit = (shares >= controls.limit_cores * (1 - TOLERANCE)) & ~tree.are("host")
    below_a_limit = core.tree.path_sum(tree.parent, at_limit)[copies] > 0
    return CpuShares(
        names=tuple(tree.name[i] for i in copies),
        demand_cores=demand[copies],
        granted_cores=shares[copies],
        throttled=tuple(np.flatnonzero(short & below_a_limit).tolist()),
        squeezed=tuple(np.flatnonzero(short & ~below_a_limit).tolist()),
    )


def _demand(tree: Tree, demand_cores: Any) -> Floats:
    """What each node asks for itself [cores]: only copies do."""
    copies = tree.copies
    if demand_cores is None:
        demand_cores = [tree.nouns[i].cpu_cores for i in copies]
    asked = core.check.amount("demand_cores", demand_cores)
    if asked.shape not in ((), (1,), copies.shape):
        there = units.count(len(copies), "copy", "copies")
        wrong = f"demand_cores has the shape {asked.shape}, but there are {there}."
        raise ShapeMismatch(
            f"{wrong}\nGive one number for all of them, or a list with one for each."
        )
    demand = np.zeros(len(tree))
    demand[copies] = asked
    return demand


def speed_kept(tree: Tree, kind_of_work: str) -> float:
    """Multiply the fractions of native speed that the layers on a path keep.

    Parameters
    ----------
    tree : Tree
        The tree, with at least one copy.
    kind_of_work : str
        One of `virtlearn.catalog.layers.OPERATIONS`, such as ``"random I/O"``.

    Returns
    -------
    float
        The fraction that the slowest-placed copy keeps.

    Raises
    ------
    UnknownName
        Where there is no such kind of work.
    """
    operation = known("operation", kind_of_work, OPERATIONS)
    kept = tree.numbers(
        lambda layer: layer.keeps[operation].value if operation in layer.keeps else 1.0
    )
    return float(core.tree.path_product(tree.parent, kept)[tree.copies].min())


def _bound(tree: Tree, operation: str) -> str:
    """Tell on which side a source gives a bound for the speed kept."""
    for layer in tree.layers:
        number = layer.keeps.get(operation)
        if number and number.bound:
            return number.bound
    return ""


def _question(operation: str) -> Question:
    return Question(
        f"{operation} kept",
        lambda tree, growth: speed_kept(tree, operation),
        units.percent,
        better=1,
        bound=lambda tree: _bound(tree, operation),
    )


COMPUTING = _question("computing")
RANDOM_IO = _question("random I/O")
