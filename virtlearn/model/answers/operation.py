"""Starting more copies, and running many: power, price, moving, following a load."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from virtlearn.core.check import Floats
from virtlearn.core.scaling import Followed
from virtlearn.model.answers.standing import Standing
from virtlearn.model.questions import following, moving, power, price, start
from virtlearn.model.questions.start import Phases, Starting

__all__ = ["Operation"]


class Operation(Standing):
    """Day by day: how fast copies start, and what running them takes."""

    @cached_property
    def _starting(self) -> Starting:
        return start.starting(self._running(), self.growth)

    @property
    def per_vm(self) -> int:
        """Copies in each machine that holds several; 1 where none does."""
        return self._starting.per_vm

    @property
    def start_phases(self) -> Phases:
        """The phases of starting one more copy where there is room, each with its seconds."""
        return self._starting.copy

    @property
    def start_s(self) -> float:
        """How long one more copy takes to start where there is room [s]."""
        return self._starting.copy_s

    def ready_s(self, copies: int = 1, parallel: int = 1, *, once_s: float = 0.0) -> Floats:
        """Time until each of so many new copies answers.

        Parameters
        ----------
        copies, parallel : int
            How many are to start, and how many at a time.
        once_s : float
            What happens once before the first, such as fetching an image [s].

        Returns
        -------
        ndarray, shape (copies,)
            The first to answer first [s]. A virtual machine is started for every ``per_vm`` copies;
            its copies start in it, ``parallel`` at a time.

        Raises
        ------
        ImpossibleCount
            Where a count is no whole number of at least 1.
        ImpossibleAmount
            Where ``once_s`` is negative, infinite or no number.
        """
        return self._starting.ready_s(copies, parallel, once_s)

    def power_w(self, load_cores: Any) -> Floats:
        """Say what all hosts draw when the copies do so much work.

        Parameters
        ----------
        load_cores : float or sequence
            Work of all copies, in cores at native speed [cores].

        Returns
        -------
        ndarray
            [W]; each host is assumed to be the server of POW-03.

        Raises
        ------
        DoesNotFit
            Where the hosts have too few cores for the load.

        Examples
        --------
        >>> from virtlearn.model import Host, Workload, deploy
        >>> deploy(Workload("web"), 20, host=Host(16, 64), on="processes").power_w([0, 8]).tolist()
        [58.4, 140.0]
        """
        return power.power_w(self._running(), load_cores)

    def cost_usd_h(self, prices: price.Prices | None = None) -> float:
        """Price what the copies ask for, with the memory of all layers that come with them [USD/h].

        Parameters
        ----------
        prices : Prices, optional
            What a core and a GiB cost; those of COST-01 where left out.

        Returns
        -------
        float
            [USD/h]; what the hosts run anyway is not billed.
        """
        return price.cost_usd_h(self._running(), prices or price.usual_prices())

    def migration(
        self,
        *,
        dirty_mib_s: float = 0.0,
        bandwidth_mib_s: float | None = None,
        downtime_limit_s: float | None = None,
    ) -> moving.Emptied:
        """Say what it takes to empty the hosts: some machines move whole, other copies start anew.

        Parameters
        ----------
        dirty_mib_s : float
            How fast each machine writes to its memory [MiB/s].
        bandwidth_mib_s, downtime_limit_s : float, optional
            How fast it is sent [MiB/s], and the longest last copy [s]; QEMU's own where left out.

        Returns
        -------
        Emptied
            With what was sent, how long one was dark, and how long all took.

        Raises
        ------
        ImpossibleAmount
            Where an amount is negative or no number, or nothing is sent in a second.
        """
        speed = moving.usual_bandwidth_mib_s() if bandwidth_mib_s is None else bandwidth_mib_s
        limit = moving.usual_downtime_s() if downtime_limit_s is None else downtime_limit_s
        return moving.empty(
            self._running(),
            self.start_s,
            dirty_mib_s=dirty_mib_s,
            bandwidth_mib_s=speed,
            downtime_limit_s=limit,
        )

    def follow(self, load_cores: Any, **rule: Any) -> Followed:
        """Let an autoscaler follow a load with copies that start as fast as these.

        Parameters
        ----------
        load_cores : sequence of float
            The work that arrives in each step of 15 s [cores].
        **rule
            As for `virtlearn.core.scaling.follow_load`, such as ``target_percent``.

        Returns
        -------
        Followed
            ``wanted``, ``ready`` and ``unserved_cores``.

        Raises
        ------
        WrongKind
            Where the copies ask for different amounts of CPU.
        """
        return following.follow(self._running(), self.start_s, load_cores, **rule)
