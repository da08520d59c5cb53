"""The layers of a machine, as it reports them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._tree import called, tree_chart, words

__all__ = ["machine"]


class Tree(Protocol):
    """A tree of layers as arrays."""

    @property
    def parent(self) -> ArrayLike:
        """The parent of each node."""

    @property
    def kind(self) -> Sequence[str]:
        """The kind of each node."""

    @property
    def name(self) -> Sequence[str]:
        """What each node is called."""


@runtime_checkable
class Layered(Protocol):
    """What knows its own layers, such as `vl.machine.here()`; its last node is this program."""

    @property
    def tree(self) -> Tree:
        """The layers as a tree."""

    @property
    def unsure(self) -> Sequence[int]:
        """Which layers are guessed."""


class _Nodes(NamedTuple):
    parent: ArrayLike
    kind: Sequence[str]
    name: Sequence[str]


def machine(
    parent: ArrayLike | Layered,
    kind: Sequence[str] = (),
    name: Sequence[str] = (),
    *,
    here: int | None = None,
    unsure: Sequence[int] = (),
    assumed: str = "",
) -> Chart:
    """Draw the layers of a machine as it reports them, a ring round where this program runs.

    Parameters
    ----------
    parent : array of int, or Here
        For each node its parent; or all of the tree as `vl.machine.here` gives it, alone.
    kind, name : sequence of str
        For each node its kind of layer and what it is called.
    here : int, optional
        The node you are in.
    unsure : sequence of int
        Nodes that are guessed; they carry a question mark.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Boxes in levels, the hardware below.

    Raises
    ------
    ShapeMismatch
        Where a row has not one entry for each node.
    UnknownName
        Where a kind of layer is unknown, or ``here`` or ``unsure`` points past the last node.

    Examples
    --------
    >>> kinds = ["host", "operating-system", "workload"]
    >>> names = ["this computer", "Linux 6.18", "python"]
    >>> machine([-1, 0, 1], kinds, names, here=2)  # doctest: +NORMALIZE_WHITESPACE
    From the hardware up: hardware 'this computer', operating system 'Linux 6.18',
    application 'python' (you are here).
    """
    if isinstance(parent, Layered):
        tree = parent.tree
        nodes = _Nodes(tree.parent, tree.kind, tree.name)
        return _drawn(nodes, len(tree.kind) - 1, parent.unsure, assumed)
    return _drawn(_Nodes(parent, kind, name), here, unsure, assumed)


def _drawn(nodes: _Nodes, here: int | None, unsure: Sequence[int], assumed: str) -> Chart:
    n = len(nodes.kind)
    take.line_up("name", nodes.name, {"kind": nodes.kind, "parent": np.atleast_1d(nodes.parent)})
    guessed = set(take.places("unsure", unsure, n, "nodes"))
    ring = None if here is None else take.places("here", [here], n, "nodes")[0]
    remarks = ["guessed" if i in guessed else "" for i in range(n)]
    if ring is not None:
        remarks[ring] = "you are here"
    told = []
    for i, remark in enumerate(remarks):
        told.append(f"{called(nodes, i)} ({remark})" if remark else called(nodes, i))
    return tree_chart(
        nodes.parent,
        nodes.kind,
        told,
        text=[f"{name}?" if i in guessed else name for i, name in enumerate(nodes.name)],
        same=list(nodes.name),
        title="The layers of this machine",
        ring=ring,
        ring_word="you are here",
        sentence=f"From the hardware up: {', '.join(told)}.",
        rows=marks.table(["layer", "name", ""], map(words, nodes.kind), nodes.name, remarks),
        assumed=assumed,
    )
