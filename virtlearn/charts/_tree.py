"""One drawing of a tree for all charts: what carries stands below what is carried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Protocol

from numpy.typing import ArrayLike

from virtlearn import core
from virtlearn.charts._boxes import Boxes, boxes
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part, legend_px, line, note
from virtlearn.charts._style import INK, KINDS, LINES, TEXT_ON, bar_look
from virtlearn.errors import UnknownName, nearest

__all__ = [
    "Boxes",
    "Outline",
    "bars",
    "boxes",
    "called",
    "numbered",
    "outline",
    "the",
    "tree_chart",
    "words",
]

PLOT_PX = 540  # a usual width of the plot
CHARACTER_PX = 7.2  # what fits is written into a box
LEVEL_PX = 46
FRAME_PX = 70  # title and edges
COLUMNS = 24  # boxes side by side; where there are more, equal ones share some
LEVEL_LETTERS = 16  # of a line beside a level
SHORT = {"virtual machine": "VM", "operating system": "OS", "application": "app"}


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


def numbered(titles: Sequence[str]) -> list[str]:
    """Name the nodes of a tree by their titles, with a number where several have the same.

    >>> numbered(["hardware", "virtual machine", "virtual machine"])
    ['hardware', 'virtual machine 1', 'virtual machine 2']
    """
    many = Counter(titles)
    met: Counter[str] = Counter()
    names = []
    for title in titles:
        met[title] += 1
        names.append(f"{title} {met[title]}" if many[title] > 1 else title)
    return names


def the(name: str) -> str:
    """Begin with an article what has no number.

    >>> the("hardware"), the("virtual machine 2")
    ('the hardware', 'virtual machine 2')
    """
    return name if name[-1:].isdigit() else f"the {name}"


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
        elif grey and name in (*kind, "dead"):
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


def _fitting(laid: Boxes, k: int, name: str) -> str:
    """Give the longest form of a box's name that it is wide enough for: at last its number."""
    letters = laid.width[k] * PLOT_PX / CHARACTER_PX
    short = name
    for word, shorter in SHORT.items():
        short = short.replace(word, shorter)
    *_, number = name.split(" ")
    forms = [name, short]
    if number.isdigit():
        forms.append(number)
    if laid.times[k] > 1:
        # A number would be that of the first of many.
        forms = [f"{form.rstrip(' 0123456789')}{_many(laid, k)}" for form in forms[:2]]
        forms.append(_many(laid, k).strip())
    return next((form for form in forms if len(form) < letters), "")


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
    levels: Sequence[str] = (),
    assumed: str = "",
    headline: str = "",
    facts: Mapping[str, float] | None = None,
) -> Chart:
    """Draw a tree in levels of equal height, a ring round one node.

    A click on a box gives its node. ``levels`` has a word for each node: it stands beside the
    node's level, in place of a legend.
    """
    # The node in the ring is like no other, so that it has a box of its own. Few copies never share
    # boxes, so that no width changes with the ring.
    ringed = [i == ring for i in range(len(kind))]
    few = core.tree.leaves(core.check.tree(parent)).size <= COLUMNS
    own = list(range(len(kind))) if few else [0] * len(kind)
    laid = boxes(parent, list(zip(kind, same, ringed, own, strict=True)), columns=COLUMNS)
    data, notes = bars(laid, kind, hover, text=text, grey=grey)
    if grey:
        data.append(_crosses(laid, [k for k, i in enumerate(laid.node) if grey[i]]))
    data.append(_ring(laid, ring, ring_word))
    height = float((laid.bottom + laid.height).max())
    legend = 0 if levels else legend_px(trace["name"] for trace in data)
    beside = _beside(laid, levels) if levels else {"visible": False}
    return Chart(
        data,
        barmode="overlay",
        annotations=notes,
        height=int(FRAME_PX + LEVEL_PX * height + legend),
        margin={"l": 10, "r": 10, "b": 10},
        xaxis={"visible": False, "range": [-0.005, 1.005]},
        yaxis={**beside, "range": [-0.05, height + 0.05]},
        showlegend=not levels,
        title=title,
        sentence=sentence,
        rows=rows,
        assumed=assumed,
        headline=headline,
        facts=facts,
    )


def _beside(laid: Boxes, levels: Sequence[str]) -> Part:
    """Write beside each level what stands there."""
    words: dict[float, dict[str, None]] = {}
    for k, i in enumerate(laid.node):
        middle = float(laid.bottom[k] + laid.height[k] / 2)
        words.setdefault(middle, {})[levels[i]] = None
    lines = ["<br>".join(wrap(" or ".join(several), LEVEL_LETTERS)) for several in words.values()]
    look = {"showgrid": False, "showline": False, "zeroline": False, "ticks": ""}
    return {**look, "tickvals": list(words), "ticktext": lines}


def _crosses(laid: Boxes, which: Sequence[int]) -> Part:
    """Cross boxes out, from corner to corner."""
    x: list[float | None] = []
    y: list[float | None] = []
    for k in which:
        left, right = float(laid.left[k]), float(laid.left[k] + laid.width[k])
        low, high = float(laid.bottom[k]), float(laid.bottom[k] + laid.height[k])
        x += [left, right, None, left, right, None]
        y += [low, high, None, high, low, None]
    look = {"color": INK, "width": 1, "dash": "solid"}
    # Pale, so that the name in the box can still be read.
    more = {"hoverinfo": "skip", "showlegend": False, "opacity": 0.55}
    return line(0, "crossed out", x, y, "", line=look, **more)


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
