"""What happens when a host is emptied? Each layer says how it moves; other copies start anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from virtlearn import core, units
from virtlearn.catalog.evidence import evidence
from virtlearn.core.check import Floats
from virtlearn.model.questions.question import Growth, Question, whole_number
from virtlearn.model.questions.start import starting
from virtlearn.model.tree import Bools, Tree
from virtlearn.tables import Row, Shown

__all__ = ["COLUMNS", "Emptied", "empty", "usual_bandwidth_mib_s", "usual_downtime_s"]

# What each machine writes while a comparison moves it [MiB/s]: no row says what is usual.
USUAL_DIRTY_MIB_S = 32.0


def usual_bandwidth_mib_s() -> float:
    """Give the speed at which QEMU sends a machine if nobody says otherwise (MIG-10).

    Returns
    -------
    float
        [MiB/s].
    """
    return evidence("MIG-10").number


def usual_downtime_s() -> float:
    """Give the longest last copy that QEMU allows if nobody says otherwise (MIG-11).

    Returns
    -------
    float
        [s].
    """
    return evidence("MIG-11").to("s").number


@dataclass(frozen=True, eq=False, repr=False)
class Emptied(Shown):
    """What it takes to empty the hosts, one after the other over one link.

    Parameters
    ----------
    machines, stopped, new_copies : int
        Machines that move whole, those of them that stand still meanwhile, and copies that start
        anew elsewhere.
    sent_mib, dark_s, total_s : float
        What crosses the network [MiB], the longest that one machine does not answer, and how long
        all takes [s].
    converged : bool
        Whether every machine's rounds ended by themselves.
    rounds : int
        The most rounds that a machine took.
    """

    machines: int
    stopped: int
    new_copies: int
    sent_mib: float
    dark_s: float
    total_s: float
    converged: bool
    rounds: int

    def _rows(self) -> list[Row]:
        rows: list[Row] = [
            ("emptying the host", ""),
            ("machines that move while they run", f"{self.machines - self.stopped:,}"),
            ("machines that stand still meanwhile", f"{self.stopped:,}"),
            ("copies that start anew", f"{self.new_copies:,}"),
            ("sent", units.memory(self.sent_mib)),
            ("dark at most", units.duration(self.dark_s)),
            ("in all", units.duration(self.total_s)),
        ]
        if not self.converged:
            rows.append(("stopped after", f"{self.rounds} rounds, which would never have ended"))
        return rows


def empty(
    tree: Tree,
    start_s: float,
    *,
    dirty_mib_s: float,
    bandwidth_mib_s: float,
    downtime_limit_s: float,
) -> Emptied:
    """Empty the hosts: what its layer lets move goes whole, every other copy starts anew.

    Parameters
    ----------
    tree : Tree
        The tree, with at least one copy.
    start_s : float
        How long one new copy takes to start [s].
    dirty_mib_s, bandwidth_mib_s : float
        How fast each machine writes to its memory, and how fast it is sent [MiB/s].
    downtime_limit_s : float
        The longest last copy [s].

    Returns
    -------
    Emptied
        New copies start one after the other and the old ones run until then, so they are not dark.
        What a machine takes to go on at its new place is left out.

    Raises
    ------
    ImpossibleAmount
        Where an amount is negative or no number, or the bandwidth is 0.

    References
    ----------
    Which layer moves, and what says so, is its entry ``moves`` in ``platforms.toml`` (MIG-10,
    MIG-21, MIG-22).
    """
    live = _movers(tree, "live")
    stopped = _movers(tree, "stopped")
    carried = int(tree.copies_below[live | stopped].sum())
    anew = len(tree.copies) - carried
    memory_mib = _sent_whole(tree)
    moved = core.migration.precopy(
        memory_mib[live], dirty_mib_s, bandwidth_mib_s, downtime_limit_s=downtime_limit_s
    )
    frozen_s = core.migration.stop_and_copy(memory_mib[stopped], bandwidth_mib_s)
    dark_s = np.concatenate([moved.downtime_s, frozen_s])
    return Emptied(
        machines=int(live.sum() + stopped.sum()),
        stopped=int(stopped.sum()),
        new_copies=anew,
        sent_mib=float(moved.sent_mib.sum() + memory_mib[stopped].sum()),
        dark_s=float(dark_s.max(initial=0.0)),
        total_s=float(moved.total_s.sum() + frozen_s.sum()) + anew * start_s,
        converged=bool(moved.converged.all()),
        rounds=int(moved.rounds.max(initial=0)),
    )


def _movers(tree: Tree, how: str) -> Bools:
    """Find the nodes that move in this way; what stands in one that moves goes along with it."""
    moves = np.array([layer.moves.how != "anew" for layer in tree.layers])
    outermost = moves & (core.tree.path_sum(tree.parent, moves) == 1)
    in_this_way = np.array([layer.moves.how == how for layer in tree.layers])
    return np.asarray(outermost & in_this_way)


def _sent_whole(tree: Tree) -> Floats:
    """The memory that is sent if a node moves [MiB]: all that it promises to what runs in it."""
    # What the hypervisor needs beside the guest stays behind.
    inside = tree.below(tree.memory_mib) - tree.memory_mib
    return np.asarray(inside + tree.unused_mib)


def _usually(tree: Tree, growth: Growth) -> Emptied:
    """Empty the hosts as QEMU does if nobody says otherwise."""
    return empty(
        tree,
        starting(tree, growth).copy_s,
        dirty_mib_s=USUAL_DIRTY_MIB_S,
        bandwidth_mib_s=usual_bandwidth_mib_s(),
        downtime_limit_s=usual_downtime_s(),
    )


def _column(
    title: str,
    read: Callable[[Emptied], float],
    show: Callable[[float], str],
    **judged: Any,
) -> Question:
    """Make a column of what it takes to empty the hosts."""
    return Question(title, lambda tree, growth: read(_usually(tree, growth)), show, **judged)


# How long a machine is dark rests on how fast it writes, which no row says.
COLUMNS = (
    _column("machines moved", lambda made: made.machines, whole_number),
    _column("new copies", lambda made: made.new_copies, whole_number),
    _column("sent", lambda made: made.sent_mib, units.memory, better=-1),
    _column("dark at most", lambda made: made.dark_s, units.duration, better=-1, assumed=True),
    _column("host empty in", lambda made: made.total_s, units.duration, better=-1, assumed=True),
)
