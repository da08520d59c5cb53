"""What every answer is read from: a tree, and what one more copy adds to it."""

from __future__ import annotations

from virtlearn.errors import WrongPlace
from virtlearn.model.nouns import Host
from virtlearn.model.questions import Growth
from virtlearn.model.tree import Tree

__all__ = ["Standing"]


class Standing:
    """What stands somewhere, as a tree of layers; the rooms beside this one ask about it.

    Attributes
    ----------
    hosts : tuple of Host
        All hosts with what they carry.
    tree : Tree
        The arrays behind every answer.
    growth : tuple of Unit
        What one more copy of each workload adds.
    """

    hosts: tuple[Host, ...]
    tree: Tree
    growth: Growth

    @property
    def copies(self) -> int:
        """The number of workloads that run."""
        return len(self.tree.copies)

    def _running(self) -> Tree:
        """The tree, or a refusal where no copy runs that could be asked about."""
        if not self.copies:
            wrong = f"Nothing runs on {self.hosts[0].name!r}, so there is nothing to ask."
            raise WrongPlace(f"{wrong}\nPut a Workload in it.")
        return self.tree
