"""One drawing of a tree for all charts: what carries stands below what is carried."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from numpy.typing import ArrayLike

from virtlearn.charts._boxes import Boxes, boxes
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part, legend_px, line, note
from virtlearn.charts._style import KINDS, LINES, TEXT_ON, bar_look
from virtlearn.errors import UnknownName, nearest

__all__ = ["CROSS", "Boxes", "Outline", "bars", "boxes", "called", "outline", "tree_chart", "words"]

CROSS = "✗"  # marks what is down, also where there is no room for its name
PLOT_PX = 540  # a usual width of the plot
CHARACTER_PX = 7.2  # what fits is written into a box
LEVEL_PX = 46
FRAME_PX = 70  # title and edges
COLUMNS = 12  # equal boxes side by side; more than these share some


class Named(Protocol):
    """A tree whose nodes have a kind and a name."""

    @property
    def kind(self) -> Sequence[str]:
        """The kind of each node."""

    @property
    def name(self) -> Sequence[str]:
        """What each node is called."""


def words(kind: str) -> str:
    """Say a kind of layer in the word used everywhere.

    >>> words("operating-system")
    'operating system'
    """
    if kind not in KINDS:
        raise UnknownName(f"kind holds {kind!r}, which is no kind of layer. {nearest(kind, KINDS)}")
    return KINDS[kind][2]


def called(tree: Named, i: int) -> str:
    """Call a node by its kind, and by its name where that says more."""
    kind, name = tree.kind[i], tree.name[i]
    if name in ("", kind):
        return words(kind)
    return f"{words(kind)} {name!r}"


def bars(
    laid: Boxes,
    kind: Sequence[str],
    hover: Sequence[str],
    *,
    text: Sequence[str] = (),
    grey: Sequence[bool] = (),
) -> tuple[list[Part], list[Part]]:
    """Turn boxes into bars, one trace a kind of layer, and the words that fit into them.

    ``kind``, ``hover``, ``text`` and ``grey`` have one entry a node of the tree, not a box; a click
    gives the node.
    """
    drawn_as = ["dead" if grey and grey[i] else kind[i] for i in laid.node]
    data: list[Part] = []
    notes: list[Part] = []
    for name in KINDS:
        which = [k for k, this in enumerate(drawn_as) if this == name and laid.height[k] > 0]
        if which:
            data.append(_bars_of(laid, name, which, hover))
        elif grey and name in kind:
            data.append(_entry_only(name))
        for k in which if text else ():
            fitting = _fitting(laid, k, text[laid.node[k]])
            if fitting:
                notes.append(_label(laid, k, fitting, KINDS[name][0]))
    return data, notes


def _bars_of(laid: Boxes, kind: str, which: list[int], hover: Sequence[str]) -> Part:
    """Draw the boxes of one kind of layer."""
    colour, pattern, word = KINDS[kind]
    middle = laid.left + laid.width / 2
    return {
        "type": "bar",
        "name": word,
        "x": middle[which].tolist(),
        "width": laid.width[which].tolist(),
        "base": laid.bottom[which].tolist(),
        "y": laid.height[which].tolist(),
        "marker": bar_look(colour, pattern),
        "customdata": [laid.node[k] for k in which],
        "hovertext": [hover[laid.node[k]] + _many(laid, k) for k in which],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _entry_only(kind: str) -> Part:
    """Keep the legend's entry for a kind that is wholly down, so that nothing jumps at a click."""
    colour, pattern, word = KINDS[kind]
    look = bar_look(colour, pattern)
    return {"type": "bar", "name": word, "x": [None], "y": [None], "marker": look}


def _many(laid: Boxes, k: int) -> str:
    """Say for how many nodes a box stands, where it is more than one."""
    return f" ×{laid.times[k]:,}" if laid.times[k] > 1 else ""


def _fitting(laid: Boxes, k: int, text: str) -> str:
    """Give the longest of a box's texts that it is wide enough for: a cross comes before a name."""
    cross = CROSS if text.startswith(CROSS) else ""
    many = _many(laid, k)
    letters = laid.width[k] * PLOT_PX / CHARACTER_PX
    wanted = (text + many, cross + many, cross)
    return next((words for words in wanted if len(words) < letters), "")


def _label(laid: Boxes, k: int, text: str, colour: str) -> Part:
    """Write into a box; on a full colour the words stand on that colour, not on its pattern."""
    x = float(laid.left[k] + laid.width[k] / 2)
    y = float(laid.bottom[k] + laid.height[k] / 2)
    if colour not in TEXT_ON:
        return note(x, y, text)
    return note(x, y, text, bgcolor=colour, font={"color": TEXT_ON[colour]})


@dataclass
class Outline:
    """The corners of a broken line."""

    x: list[float | None] = field(default_factory=list)
    y: list[float | None] = field(default_factory=list)

    def __iadd__(self, other: Outline) -> Outline:
        """Go on with another line."""
        self.x += other.x
        self.y += other.y
        return self


def outline(laid: Boxes, which: Sequence[int], *, whole: bool = True) -> Outline:
    """Draw round each box in ``which``, the ``whole`` of what stands on it included."""
    top = laid.bottom + laid.height
    if whole:
        # Children come after their parents, so from the back every height is handed down once.
        for k in range(len(top) - 1, 0, -1):
            top[laid.parent[k]] = max(top[laid.parent[k]], top[k])
    drawn = Outline()
    for k in which:
        left, right = float(laid.left[k]), float(laid.left[k] + laid.width[k])
        low, high = float(laid.bottom[k]), float(top[k])
        drawn += _rectangle(left, right, low, high)
    return drawn


def _rectangle(left: float, right: float, low: float, high: float) -> Outline:
    """Go round a rectangle, and lift the pen."""
    x = [left, left, right, right, left, None]
    y = [low, high, high, low, low, None]
    return Outline(x, y)


def tree_chart(
    parent: ArrayLike,
    kind: Sequence[str],
    hover: Sequence[str],
    *,
    text: Sequence[str],
    same: Sequence[Hashable],
    title: str,
    sentence: str,
    rows: Sequence[Sequence[str]],
    ring: int | None = None,
    ring_word: str = "",
    grey: Sequence[bool] = (),
    assumed: str = "",
) -> Chart:
    """Draw a tree in levels of equal height, a ring round one node.

    A click on a box gives its node.
    """
    # The node in the ring is like no other, so that it has a box of its own.
    ringed = [i == ring for i in range(len(kind))]
    alike = list(zip(kind, same, ringed, strict=True))
    laid = boxes(parent, alike, columns=COLUMNS)
    data, notes = bars(laid, kind, hover, text=text, grey=grey)
    data.append(_ring(laid, ring, ring_word))
    height = float((laid.bottom + laid.height).max())
    legend = legend_px(trace["name"] for trace in data)
    return Chart(
        data,
        barmode="overlay",
        annotations=notes,
        height=int(FRAME_PX + LEVEL_PX * height + legend),
        margin={"l": 10, "r": 10, "b": 10},
        xaxis={"visible": False, "range": [-0.005, 1.005]},
        yaxis={"visible": False, "range": [-0.05, height + 0.05]},
        title=title,
        sentence=sentence,
        rows=rows,
        assumed=assumed,
    )


def _ring(laid: Boxes, node: int | None, word: str) -> Part:
    """Draw a dashed ring round one node; an empty line where there is none, so that traces stay."""
    which = [] if node is None else [laid.node.index(node)]
    drawn = outline(laid, which, whole=False)
    return line(
        1,
        word or "-",
        drawn.x,
        drawn.y,
        "",
        hoverinfo="skip",
        line={"color": LINES[1], "width": 4, "dash": "dash"},
        showlegend=bool(which),
    )
