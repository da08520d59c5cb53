"""What do the hosts draw? The load, made larger by what each platform loses of the speed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn import core
from virtlearn.catalog.evidence import evidence
from virtlearn.core.check import Floats
from virtlearn.errors import DoesNotFit
from virtlearn.model.questions.cpu import speed_kept
from virtlearn.model.tree import Tree

__all__ = ["power_w"]

# A server measured from no load to full load in eleven steps.
SERVER = "POW-03"
STEPS = range(0, 101, 10)


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
    hosts = tree.hosts.values()
    cores = sum(host.cores for host in hosts)
    load = core.check.amount("load_cores", load_cores)
    busy = load / speed_kept(tree, "computing")
    most = float(np.max(busy, initial=0.0))
    if most > cores * (1 + core.check.ROUNDING):
        wrong = f"The load keeps {most:g} cores busy, but the hosts have {cores:g}"
        raise DoesNotFit(f"{wrong}.\nAdd hosts, or take load away.")
    watts = [evidence(f"{SERVER}:{step} %").to("W").number for step in STEPS]
    used = np.minimum(busy / cores, 1.0)
    return np.asarray(len(hosts) * core.energy.power_from_table_w(used, watts))
