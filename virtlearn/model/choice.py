"""Which platform suits a case? A deployment is held to what the case cannot do without."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from virtlearn import units
from virtlearn.catalog.platforms import Platform
from virtlearn.errors import DoesNotFit
from virtlearn.model.deploy import deploy
from virtlearn.model.nouns import Host, Workload

__all__ = ["Demands", "Verdict", "judge"]


class Tried(NamedTuple):
    """What came out when a platform was tried for a case.

    Parameters
    ----------
    copies : int
        How many run.
    start_s : float
        How long one more copy takes to start [s].
    lost : float
        Copies that an intruder is expected to take.
    kept : float
        The part of native speed that random reads keep.
    kernels : int
        Kernels that run.
    memory_mib : float
        What all takes [MiB].
    """

    copies: int
    start_s: float
    lost: float
    kept: float
    kernels: int
    memory_mib: float


@dataclass(frozen=True)
class Demands:
    """What a case cannot do without.

    Parameters
    ----------
    start_s : float
        The longest that one more copy may take to start [s].
    lost : float
        The most copies that an intruder may be expected to take.
    kept : float
        The least part of native speed that random reads keep.
    kernels : int
        The fewest kernels.
    """

    start_s: float = math.inf
    lost: float = math.inf
    kept: float = 0.0
    kernels: int = 0

    def and_also(self, other: Demands) -> Demands:
        """Join two sets of demands: the stricter of each counts.

        Parameters
        ----------
        other : Demands
            The other set.

        Returns
        -------
        Demands
            What keeps both.

        Examples
        --------
        >>> Demands(start_s=2, kept=0.5).and_also(Demands(start_s=0.5)).start_s
        0.5
        """
        return Demands(
            start_s=min(self.start_s, other.start_s),
            lost=min(self.lost, other.lost),
            kept=max(self.kept, other.kept),
            kernels=max(self.kernels, other.kernels),
        )

    def broken_by(self, tried: Tried) -> Iterator[str]:
        """Say which demands a platform breaks, in words.

        Parameters
        ----------
        tried : Tried
            What came out when the case was tried on it.

        Yields
        ------
        str
            A reason for each.
        """
        if tried.start_s > self.start_s:
            yield f"starts in {units.duration(tried.start_s)}"
        if tried.lost > self.lost:
            yield f"loses {units.plain(tried.lost)} copies"
        if tried.kept < self.kept:
            yield f"keeps {units.percent(tried.kept, 2)} of reads"
        if tried.kernels < self.kernels:
            there = units.count(tried.kernels, "kernel")
            yield f"{there} for {units.count(tried.copies, 'copy', 'copies')}"


# A score from 0 to 1, or None where the platform fails, and the reason.
Verdict = tuple[float | None, str]


def judge(workload: Workload, copies: int, host: Host, on: Platform, demands: Demands) -> Verdict:
    """Try a platform for a case.

    Parameters
    ----------
    workload : Workload
        What one copy runs.
    copies : int
        How many are to run.
    host : Host
        Where.
    on : Platform
        The platform.
    demands : Demands
        What the case cannot do without.

    Returns
    -------
    score : float or None
        The part of the host's memory that stays free, from 0 to 1; None where a demand is broken.
    reason : str
        The first reason against it, or the memory that it takes.

    Examples
    --------
    >>> from virtlearn.catalog.platforms import platform
    >>> app, host = Workload("app", 0.1, 128), Host(16, 64)
    >>> judge(app, 50, host, platform("containers"), Demands(lost=1.5))
    (None, 'loses 3.45 copies')
    """
    tried = _try(workload, copies, host, on)
    if tried is None:
        return None, "does not fit"
    broken = next(demands.broken_by(tried), None)
    if broken:
        return None, broken
    # Of platforms that keep every demand, the one that leaves most of the host free is best.
    used = tried.memory_mib / host.memory_mib
    return 1 - used, f"takes {units.memory(tried.memory_mib)}"


# Demands change at every step of a slider, and what is tried does not: all nouns here are frozen.
@functools.lru_cache(maxsize=1024)
def _try(workload: Workload, copies: int, host: Host, on: Platform) -> Tried | None:
    """Deploy a case and ask what its demands ask for; None where it does not fit."""
    # A case that does not fit is an answer here, and no error.
    try:
        made = deploy(workload, copies, host=host, on=on)
    except DoesNotFit:
        return None
    return Tried(
        copies=made.copies,
        start_s=float(made.start_s),
        lost=float(made.blast_radius()),
        kept=float(made.keeps("random I/O")),
        kernels=made.kernels,
        memory_mib=float(made.memory_mib),
    )
