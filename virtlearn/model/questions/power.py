"""What do the hosts draw? The load, made larger by what each platform loses of the speed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn import core
from virtlearn.catalog.evidence import evidence
from virtlearn.core.check import Floats
from virtlearn.errors import DoesNotFit
from virtlearn.model.questions.cpu import speed_kept
from virtlearn.model.questions.question import Growth, Question
from virtlearn.model.tree import Tree

__all__ = ["HALF_BUSY", "power_w", "server_watts"]

# A server measured from no load to full load in eleven steps.
SERVER = "POW-03"
STEPS = range(0, 101, 10)


def server_watts() -> list[float]:
    """Give what one measured server draws at 0, 10, … 100 % of its load.

    Returns
    -------
    list of float
        [W]

    References
    ----------
    POW-03: an IBM x3550 M3.
    """
    return [evidence(f"{SERVER}:{step} %").to("W").number for step in STEPS]


def power_w(tree: Tree, load_cores: ArrayLike) -> Floats:
    """Say what all hosts draw when the copies do so much work, spread evenly over the hosts' cores.

    Parameters
    ----------
    tree : Tree
        The tree, with at least one copy.
    load_cores : array
        Work of all copies, in cores at native speed [cores].

    Returns
    -------
    array
        [W]. A platform that keeps 0.8 of the speed keeps 1.25 times as many cores busy.

    Raises
    ------
    DoesNotFit
        Where the hosts have too few cores for the load.
    ImpossibleAmount
        Where the load is negative, infinite or no number.

    References
    ----------
    POW-03. It is assumed that each host is such a server, whatever its number of cores.
    """
    cores = _cores(tree)
    load = core.check.amount("load_cores", load_cores)
    busy = load / speed_kept(tree, "computing")
    most = float(np.max(busy, initial=0.0))
    if most > cores * (1 + core.check.ROUNDING):
        wrong = f"The load keeps {most:g} cores busy, but the hosts have {cores:g}"
        raise DoesNotFit(f"{wrong}.\nAdd hosts, or take load away.")
    used = np.minimum(busy / cores, 1.0)
    each = core.energy.power_from_table_w(used, server_watts())
    return np.asarray(len(tree.hosts) * each)


def _cores(tree: Tree) -> float:
    return float(sum(host.cores for host in tree.hosts.values()))


def _half_busy_w(tree: Tree, growth: Growth) -> float | None:
    """What the hosts draw while each copy uses half of what it may; None where that is too much."""
    load = sum(tree.nouns[i].cpu_cores for i in tree.copies.tolist()) / 2
    try:
        return float(power_w(tree, load))
    except DoesNotFit:
        return None


HALF_BUSY = Question(
    "power, half busy", _half_busy_w, lambda watts: f"{watts:.0f} W", better=-1, assumed=True
)
