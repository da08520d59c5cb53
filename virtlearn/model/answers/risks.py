"""What fails together, and how far an intruder comes."""

from __future__ import annotations

from virtlearn import units
from virtlearn.arguments import number, whole
from virtlearn.core.check import Floats
from virtlearn.model.answers.standing import Standing
from virtlearn.model.questions import attack, failure
from virtlearn.model.tree import Bools

__all__ = ["Risks"]


class Risks(Standing):
    """Failures and break-ins: what one node takes with it, and how likely that is."""

    def copies_up_pmf(self, *, common_cause: float = 0.0) -> Floats:
        """Probability that exactly 0, 1, 2, … copies are up.

        Parameters
        ----------
        common_cause : float
            Probability that one cause takes all copies, whatever the tree.

        Returns
        -------
        ndarray, shape (copies + 1,)
            Sums to one.
        """
        return failure.copies_up_pmf(self._running(), common_cause)

    def availability(self, at_least: int = 1, *, failover_s: float | None = None) -> float:
        """Probability that at least so many copies are up.

        Parameters
        ----------
        at_least : int
            How many are needed.
        failover_s : float, optional
            After so long the copies of a lost host run again on the others [s]: until the loss is
            noticed, and until they have started. It counts only where all of them find room there;
            a repair may still be faster.

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        ImpossibleCount
            Where ``at_least`` is no whole number.
        ImpossibleAmount
            Where ``failover_s`` is negative, infinite or no number.

        Examples
        --------
        >>> from virtlearn.model import Host, Workload, deploy
        >>> pods = deploy(Workload("web"), 5, host=Host(16, 64), on="containers")
        >>> pods.availability(1) >= pods.availability(5) > 0.9
        True
        """
        least = whole("availability", "at_least", at_least, least=0)
        if failover_s is None:
            return failure.at_least_up(self._running(), least)
        seconds = number("availability", "failover_s", failover_s)
        hours = units.convert(seconds, "s", "h")
        refuge = failure.hosts_with_refuge(self._running(), self.growth)
        return failure.at_least_up(self.tree, least, dict.fromkeys(refuge, hours))

    def dies_with(self, node: int | str) -> tuple[int, ...]:
        """List the copies that die with a node.

        Parameters
        ----------
        node : int or str
            Its index, name or kind.

        Returns
        -------
        tuple of int
            The indices of the copies in the tree. Nothing dies with a layer that is not on the
            running path, such as a container runtime.
        """
        return tuple(failure.dies_with(self.tree, self.tree.index(node)).tolist())

    def down_with(self, node: int | str) -> Bools:
        """Tell which nodes are down when one fails.

        Parameters
        ----------
        node : int or str
            Its index, name or kind.

        Returns
        -------
        ndarray of bool, shape (n,)
            The node and all that stands in it; the node alone, where it is not on the running path.
        """
        return failure.down_with(self.tree, self.tree.index(node))

    @property
    def kernels(self) -> int:
        """How many kernels an application here can make system calls to."""
        return attack.kernels(self.tree)

    @property
    def escape(self) -> Floats:
        """For each node, the chance that who controls it breaks out into what carries it."""
        return attack.escape(self.tree)

    def reach_pmf(self, start: int | str = "workload") -> Floats:
        """Probability for each node to be the highest that an intruder reaches.

        Parameters
        ----------
        start : int or str
            The node that the intruder controls first: index, name or kind.

        Returns
        -------
        ndarray, shape (n,)
            Sums to one.
        """
        return attack.reach_pmf(self.tree, self.tree.index(start))

    def controlled_from(self, start: int | str = "workload") -> Floats:
        """Probability for each node that an intruder comes to control it.

        Parameters
        ----------
        start : int or str
            The node that the intruder controls first: index, name or kind.

        Returns
        -------
        ndarray, shape (n,)
            1 for the node itself and all that stands in it.
        """
        return attack.controlled_from(self.tree, self.tree.index(start))

    def blast_radius(self, start: int | str = "workload") -> float:
        """Copies that an intruder can expect to take.

        Parameters
        ----------
        start : int or str
            The node that the intruder controls first: index, name or kind.

        Returns
        -------
        float
            The mean number of copies, that one included.

        Examples
        --------
        >>> from virtlearn.model import Host, Workload, deploy
        >>> deploy(Workload("web"), 20, host=Host(16, 64), on="containers").blast_radius()
        1.95
        """
        return attack.blast_radius(self.tree, self.tree.index(start))
