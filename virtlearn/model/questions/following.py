"""How does it follow a load? The autoscaler's rule, with the deployment's own start time."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from virtlearn import core
from virtlearn.core.scaling import Followed
from virtlearn.errors import WrongKind
from virtlearn.model.tree import Tree

__all__ = ["follow"]


def follow(tree: Tree, start_s: float, load_cores: ArrayLike, **rule: Any) -> Followed:
    """Let an autoscaler follow a load with copies like those that run.

    Parameters
    ----------
    tree : Tree
        The tree, with at least one copy.
    start_s : float
        How long one more copy takes to start [s].
    load_cores : array, shape (..., steps)
        The work that arrives in each step [cores].
    **rule
        As for `core.scaling.follow_load`, such as ``target_percent``.

    Returns
    -------
    Followed
        What the autoscaler wanted, what was ready, and what nobody served.

    Raises
    ------
    WrongKind
        Where the copies ask for different amounts of CPU: the autoscaler adds equal ones.
    """
    sizes = {tree.nouns[i].cpu_cores for i in tree.copies.tolist()}
    if len(sizes) > 1:
        asked = " and ".join(f"{size:g}" for size in sorted(sizes))
        wrong = f"The copies ask for {asked} cores, but an autoscaler adds equal ones."
        raise WrongKind(f"{wrong}\nAsk a deployment of one workload.")
    given = {"copies": len(tree.copies), "copy_cores": sizes.pop(), **rule}
    return core.scaling.follow_load(load_cores, start_s=start_s, **given)
