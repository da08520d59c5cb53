"""How does it follow a load? The autoscaler's rule, with the deployment's own start time."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from virtlearn import core
from virtlearn.catalog.evidence import evidence
from virtlearn.core.scaling import Followed
from virtlearn.errors import WrongKind
from virtlearn.model.questions.question import Growth, Question
from virtlearn.model.questions.start import starting
from virtlearn.model.tree import Tree

__all__ = ["COLUMNS", "follow"]

# One spike for everybody: from half busy to five times as much, for five minutes.
CALM_S, SPIKE_S = 15.0, 300.0
CALM_LOAD, SPIKE = 0.5, 5
# More copies than the spike can ask for.
MOST = 4 * SPIKE


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


def _lost_core_s(tree: Tree, growth: Growth, sync_s: float) -> float | None:
    """Add up the work that finds no copy ready in the spike; None where copies differ in size."""
    sizes = {tree.nouns[i].cpu_cores for i in tree.copies.tolist()}
    if len(sizes) > 1 or sizes == {0.0}:
        return None
    copies = len(tree.copies)
    calm = CALM_LOAD * copies * sizes.pop()
    load = [calm] * round(CALM_S / sync_s)
    load += [SPIKE * calm] * round(SPIKE_S / sync_s)
    start_s = starting(tree, growth).copy_s
    followed = follow(tree, start_s, load, sync_s=sync_s, most=MOST * copies)
    return float(core.energy.energy_j(followed.unserved_cores, sync_s))


def _core_s(work: float) -> str:
    return f"{work:,.0f} core-s"


def _column(title: str, sync_s: float) -> Question:
    """Make a column of the work that is lost if the autoscaler looks so often."""
    return Question(
        title,
        lambda tree, growth: _lost_core_s(tree, growth, sync_s),
        _core_s,
        better=-1,
        assumed=True,
    )


# The usual autoscaler looks every 15 s, which hides who starts faster; one that looks each second
# does not.
COLUMNS = (
    _column("lost to a spike", evidence("AUTO-02").to("s").number),
    _column("lost, looking each second", 1.0),
)
