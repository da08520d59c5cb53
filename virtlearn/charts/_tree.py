"""One drawing of a tree for all charts: what carries stands below, what is carried stands on it, in its width."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from virtlearn import core
from virtlearn.charts._chart import Chart
from virtlearn.charts._draw import line, note
from virtlearn.charts._style import KINDS, LINES, TEXT_ON, bar_look
from virtlearn.errors import UnknownName, WrongPlace, nearest
from virtlearn.model import Deployment

__all__ = ["CROSS", "Boxes", "bars", "boxes", "only_deployments", "outlines", "tree_chart", "words"]

Floats = NDArray[np.float64]
CROSS = "✗"  # marks what is down, also where there is no room for its name
PLOT_PX, CHARACTER_PX = (
    540,
    7.2,
)  # a usual width of the plot, and of a letter: what fits is written into a box


@dataclass(frozen=True)
class Boxes:
    """A tree laid out: one entry a box, each standing for ``times`` equal nodes, of which ``node`` is the first."""

    node: list[int]
    parent: NDArray[np.int64]
    times: NDArray[np.int64]
    left: Floats
    width: Floats
    bottom: Floats
    height: Floats

    def at(self, left: float, wide: float, scale: float) -> Boxes:
        """Give the same boxes as a tower so wide that begins at ``left``, heights divided by ``scale``."""
        return replace(
            self,
            left=left + self.left * wide,
            width=self.width * wide,
            bottom=self.bottom / scale,
            height=self.height / scale,
        )


def boxes(parent: Any, same: Sequence[Hashable], *, size: Any = None, columns: int = 24) -> Boxes:
    """Lay a tree out as boxes that stand on each other.

    Equal neighbours (equal ``same`` all the way up) share a box when there are more than ``columns``.

    Parameters
    ----------
    parent : array of int, shape (n,)
        The tree.
    same : sequence, shape (n,)
        What makes two nodes alike.
    size : array, shape (n,), optional
        What each node takes for itself: the area of its box, in a tower one wide. Where left out, every box is one
        high, and all that is drawn on top is equally wide.
    columns : int
        The most boxes side by side that equal neighbours may take.

    Examples
    --------
    >>> tower = boxes([-1, 0, 0], ["system", "app", "app"], size=[2, 1, 1])
    >>> tower.left.tolist(), tower.width.tolist(), tower.bottom.tolist(), tower.height.tolist()
    ([0.0, 0.0, 0.5], [1.0, 0.5, 0.5], [0.0, 2.0, 2.0], [2.0, 2.0, 2.0])
    >>> boxes([-1, *[0] * 2000], ["system", *["app"] * 2000], columns=4).times.tolist()
    [1, 500, 500, 500, 500]
    """
    tree = core._check.tree(parent)
    children: list[list[int]] = [[] for _ in tree]
    for i, above in enumerate(tree[1:].tolist(), start=1):
        children[above].append(i)
    known: dict[Hashable, int] = {}
    sign = [0] * len(tree)
    for i in range(len(tree) - 1, -1, -1):  # equal signs: equal all the way up
        sign[i] = known.setdefault((same[i], tuple(sign[c] for c in children[i])), len(known))
    node, up, times, room = [0], [-1], [1], [columns]
    for k, i in enumerate(node):  # grows while it is walked
        groups = [list(run) for _, run in groupby(children[i], key=sign.__getitem__)]
        for run in groups:
            each = math.ceil(len(run) / max(1, room[k] // len(groups)))
            shown = math.ceil(len(run) / each)
            for first in range(0, len(run), each):
                node.append(run[first])
                up.append(k)
                times.append(times[k] * min(each, len(run) - first))
                room.append(max(1, room[k] // (shown * len(groups))))
    above = np.array(up, dtype=np.int64)
    own = (
        np.ones(len(node))
        if size is None
        else core._check.amount("size", size)[node] * np.array(times)
    )
    weight = own.copy() if size is not None else np.zeros(len(node))
    weight[core.tree.leaves(above)] = np.maximum(
        weight[core.tree.leaves(above)], 1.0 if size is None else 1e-9
    )
    weight = core.tree.subtree_sum(above, weight)
    on_top = np.zeros(len(node))
    np.add.at(on_top, above[1:], weight[1:])
    left, width, bottom, height = (np.zeros(len(node)) for _ in range(4))
    width[0], taken = 1.0, np.zeros(len(node))
    for k, a in enumerate(up):
        if a >= 0:
            width[k] = width[a] * weight[k] / on_top[a]
            left[k], bottom[k] = left[a] + taken[a], bottom[a] + height[a]
            taken[a] += width[k]
        height[k] = 1.0 if size is None else own[k] / width[k]
    return Boxes(node, above, np.array(times, dtype=np.int64), left, width, bottom, height)


def only_deployments(owner: str, *values: Any) -> None:
    """Refuse to draw what is no deployment."""
    strange = [value for value in values if not isinstance(value, Deployment)]
    if strange or not values:
        found = f"{strange[0]!r:.60}" if strange else "nothing"
        hint = f"Try {owner}(deploy(web, copies=8, host=host, on='containers'))."
        raise WrongPlace(f"{owner} draws deployments, but was given {found}.\n{hint}")


def words(kind: str) -> str:
    """Say a kind of layer in the word used everywhere.

    >>> words("operating-system")
    'operating system'
    """
    if kind not in KINDS:
        raise UnknownName(f"kind holds {kind!r}, which is no kind of layer. {nearest(kind, KINDS)}")
    return KINDS[kind][2]


def bars(
    laid: Boxes,
    kind: Sequence[str],
    hover: Sequence[str],
    *,
    text: Sequence[str] = (),
    grey: Sequence[bool] = (),
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Turn boxes into bars, one trace a kind of layer, and the words that fit into them.

    ``kind``, ``hover``, ``text`` and ``grey`` have one entry a node of the tree, not a box; a click gives the node.
    """
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    of = ["dead" if grey and grey[i] else kind[i] for i in laid.node]
    middle = laid.left + laid.width / 2
    for name, (colour, pattern, word) in KINDS.items():
        which = [k for k, this in enumerate(of) if this == name and laid.height[k] > 0]
        if not which:
            continue
        many = [f" ×{laid.times[k]:,}" if laid.times[k] > 1 else "" for k in which]
        data.append({
            "type": "bar", "name": word, "x": middle[which].tolist(), "width": laid.width[which].tolist(),
            "base": laid.bottom[which].tolist(), "y": laid.height[which].tolist(), "marker": bar_look(colour, pattern),
            "customdata": [laid.node[k] for k in which],
            "hovertext": [hover[laid.node[k]] + times for k, times in zip(which, many, strict=True)],
            "hovertemplate": "%{hovertext}<extra></extra>",
        })  # fmt: skip
        for k, times in zip(which, many, strict=True) if text else ():
            whole = text[laid.node[k]] + times
            cross = whole[:1] if whole[:1] == CROSS else ""
            room = laid.width[k] * PLOT_PX / CHARACTER_PX
            said = next((s for s in (whole, cross + times, cross) if len(s) < room), "")
            if said:
                look = (
                    {"bgcolor": colour, "font": {"color": TEXT_ON[colour]}}
                    if colour in TEXT_ON
                    else {}
                )
                notes.append(
                    note(float(middle[k]), float(laid.bottom[k] + laid.height[k] / 2), said, **look)
                )
    return data, notes


def outlines(
    laid: Boxes, which: Sequence[int], *, whole: bool = True
) -> tuple[list[Any], list[Any]]:
    """Draw round each box in ``which``, the ``whole`` of what stands on it included: the coordinates of one broken line."""
    x: list[Any] = []
    y: list[Any] = []
    top = laid.bottom + laid.height
    for k in range(len(top) - 1, 0, -1) if whole else ():
        top[laid.parent[k]] = max(top[laid.parent[k]], top[k])
    for k in which:
        a, b = float(laid.left[k]), float(laid.left[k] + laid.width[k])
        low, high = float(laid.bottom[k]), float(top[k])
        x += [a, a, b, b, a, None]
        y += [low, high, high, low, low, None]
    return x, y


def tree_chart(
    parent: Any,
    kind: Sequence[str],
    hover: Sequence[str],
    *,
    text: Sequence[str],
    same: Sequence[Any],
    ring: int | None = None,
    ring_word: str = "",
    grey: Sequence[bool] = (),
    **said: Any,
) -> Chart:
    """Draw a tree in levels of equal height, a ring round one node; a click on a box gives its node."""
    laid = boxes(
        parent, [(*x, i == ring) for i, x in enumerate(zip(kind, same, strict=True))], columns=12
    )
    data, notes = bars(laid, kind, hover, text=text, grey=grey)
    x, y = outlines(laid, [laid.node.index(ring)] if ring is not None else [], whole=False)
    look = {"line": {"color": LINES[1], "width": 4, "dash": "dash"}, "showlegend": bool(x)}
    data.append(line(1, ring_word or "-", x, y, "", hoverinfo="skip", **look))
    height = float((laid.bottom + laid.height).max())
    return Chart(
        data,
        barmode="overlay",
        annotations=notes,
        height=int(150 + 46 * height),
        margin={"l": 10, "r": 10, "b": 90},
        xaxis={"visible": False, "range": [-0.005, 1.005]},
        yaxis={"visible": False, "range": [-0.05, height + 0.05]},
        **said,
    )
