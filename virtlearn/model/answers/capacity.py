"""What copies take of their hosts, how many find room there, and how fast they run."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from virtlearn.core.check import Floats
from virtlearn.model.answers.standing import Standing
from virtlearn.model.fit import Fit
from virtlearn.model.questions import cpu, memory
from virtlearn.model.questions.cpu import CpuShares

__all__ = ["Capacity"]


class Capacity(Standing):
    """Memory, disk, CPU and how many copies fit: what is asked of the hosts."""

    @cached_property
    def memory_mib(self) -> float:
        """Memory in all [MiB]: what each node needs, leaves to root."""
        return memory.memory_mib(self.tree)

    @property
    def memory_by_layer(self) -> dict[str, float]:
        """Memory by the layers that take it [MiB], from the hardware up."""
        return memory.memory_by_layer(self.tree)

    @property
    def stored_mib(self) -> float:
        """Disk in all [MiB]: an image once for all that use it on a kernel, the rest for each."""
        return memory.stored_mib(self.tree)

    @cached_property
    def fit(self) -> Fit:
        """How many copies the hosts could hold of what runs here, and which resource binds."""
        return memory.capacity(self.tree, self.growth)

    @property
    def max_copies(self) -> int:
        """How many copies could run here, the host's own share included.

        For several workloads, or a tree built by hand: how many would run if all that stands on
        each host's own layers stood there as often as it fits.
        """
        return self.fit.max_copies

    @property
    def binds(self) -> str:
        """The resource that runs out first: ``"memory"``, ``"disk"``, ``"cpu"`` or ``"pods"``."""
        return self.fit.binds

    def reclaim(self, active_fraction: Any, tax: float = 0.75) -> Floats:
        """Take back the memory that was promised to machines beyond what the hosts have.

        Parameters
        ----------
        active_fraction : float or sequence
            The part of each machine's memory that is in use.
        tax : float
            On idle memory, from 0 to below 1.

        Returns
        -------
        ndarray, shape (machines,)
            What each machine gives up [MiB] (`virtlearn.core.memory.reclaim`).

        Raises
        ------
        CannotReclaim
            Where the machines hold less than is missing.
        """
        return memory.reclaim_mib(self.tree, active_fraction, tax)

    def page_sharing_mib(self, shareable_fraction: float) -> float:
        """Add up what equal machines save by storing equal pages once, host by host.

        Parameters
        ----------
        shareable_fraction : float
            The part of a machine that is the same in all like it.

        Returns
        -------
        float
            Memory saved [MiB].
        """
        return memory.page_sharing_mib(self.tree, shareable_fraction)

    def kill_order(
        self, used_mib: Any, *, cache_mib: Any = 0.0, swap_mib: Any = 0.0
    ) -> tuple[int, ...]:
        """Say which copies the hosts' kernels kill when memory runs out.

        Parameters
        ----------
        used_mib : float or sequence
            What each copy holds [MiB].
        cache_mib, swap_mib : float or sequence
            What of it is clean page cache, and what each may swap [MiB].

        Returns
        -------
        tuple of int
            Numbers of the copies, counted from 0, first to last on each host: over their own limit
            first, then by what they hold and the class of their requests
            (`virtlearn.core.placing.oom_score_adj`).
        """
        return tuple(memory.kill_order(self.tree, used_mib, cache_mib, swap_mib))

    def cpu(self, demand_cores: Any = None) -> CpuShares:
        """Share the hosts' cores among the copies by weight, level by level.

        Parameters
        ----------
        demand_cores : float or sequence, optional
            What each copy wants [cores]; its workload's ``cpu_cores`` where left out.

        Returns
        -------
        CpuShares
            With who was throttled (cut by a limit) and who was squeezed (by the others).
        """
        return cpu.share_cpu(self.tree, demand_cores)

    def keeps(self, kind_of_work: str) -> float:
        """Fraction of native speed that the slowest-placed copy keeps.

        Parameters
        ----------
        kind_of_work : str
            Such as ``"computing"`` or ``"random I/O"``.

        Returns
        -------
        float
            1 is native speed.

        Raises
        ------
        UnknownName
            Where there is no such kind of work.
        """
        return cpu.speed_kept(self._running(), kind_of_work)
