"""Which platform suits a case? A deployment is held to what the case cannot do without."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from virtlearn import units
from virtlearn.catalog.platforms import Platform
from virtlearn.errors import DoesNotFit
from virtlearn.model.deploy import deploy
from virtlearn.model.deployment import Deployment
from virtlearn.model.nouns import Host, Workload

__all__ = ["Demands", "Verdict", "judge"]


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

    def broken_by(self, tried: Deployment) -> Iterator[str]:
        """Say which demands a deployment breaks, in words.

        Parameters
        ----------
        tried : Deployment
            The deployment.

        Yields
        ------
        str
            A reason for each.
        """
        if tried.start_s > self.start_s:
            yield f"starts in {units.duration(tried.start_s)}"
        lost = tried.blast_radius()
        if lost > self.lost:
            yield f"an intruder takes {units.plain(lost)} copies"
        kept = tried.keeps("random I/O")
        if kept < self.kept:
            yield f"keeps {units.percent(kept)} of random reads"
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
    (None, 'an intruder takes 3.45 copies')
    """
    # A case that does not fit is an answer here, and no error.
    try:
        tried = deploy(workload, copies, host=host, on=on)
    except DoesNotFit:
        return None, "does not fit"
    broken = next(demands.broken_by(tried), None)
    if broken:
        return None, broken
    # Of platforms that keep every demand, the one that leaves most of the host free is best.
    used = tried.memory_mib / tried.host.memory_mib
    return 1 - used, f"takes {units.memory(tried.memory_mib)}"
