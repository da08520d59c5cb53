"""What happens when a host is emptied? Machines move with all their memory; a copy without one starts anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from virtlearn import core, units
from virtlearn.catalog.evidence import evidence
from virtlearn.model.nouns import VirtualMachine
from virtlearn.model.tree import Tree
from virtlearn.tables import Row, Shown

__all__ = ["Emptied", "empty", "usual_bandwidth_mib_s", "usual_downtime_s"]


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
    machines, new_copies : int
        Machines that move while they run, and copies that are started anew elsewhere.
    sent_mib, dark_s, total_s : float
        What crosses the network [MiB], the longest that one machine does not answer, and how long all takes [s].
    converged : bool
        Whether every machine's rounds ended by themselves.
    rounds : int
        The most rounds that a machine took.
    """

    machines: int
    new_copies: int
    sent_mib: float
    dark_s: float
    total_s: float
    converged: bool
    rounds: int

    def _rows(self) -> list[Row]:
        rows: list[Row] = [
            ("emptying the host", ""),
            ("machines that move", f"{self.machines:,}"),
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
    """Empty the hosts: move every machine by pre-copy, start every other copy anew.

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
        It is assumed that every machine can move while it runs, which not every monitor of microVMs offers.

    Raises
    ------
    ImpossibleAmount
        Where an amount is negative or no number, or the bandwidth is 0.
    """
    machines = [i for i, noun in enumerate(tree.nouns) if isinstance(noun, VirtualMachine)]
    carried = sum(int(tree.copies_below[i]) for i in machines)
    anew = len(tree.copies) - carried
    # What the hypervisor needs beside the guest stays behind: only the guest's own memory is sent.
    memory = np.array([tree.below(tree.memory_mib)[i] - tree.memory_mib[i] for i in machines])
    memory += np.array([tree.unused_mib[i] for i in machines])
    moved = core.migration.precopy(
        memory, dirty_mib_s, bandwidth_mib_s, downtime_limit_s=downtime_limit_s
    )
    return Emptied(
        machines=len(machines),
        new_copies=anew,
        sent_mib=float(moved.sent_mib.sum()),
        dark_s=float(moved.downtime_s.max(initial=0.0)),
        total_s=float(moved.total_s.sum()) + anew * start_s,
        converged=bool(moved.converged.all()),
        rounds=int(moved.rounds.max(initial=0)),
    )
