"""A tree with its walls: boxes heated by a chance, lines as thick as the walls between hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from virtlearn import units
from virtlearn.charts._boxes import Boxes, boxes
from virtlearn.charts._marks import Part
from virtlearn.charts._style import INK, KINDS, LINES, bar_look
from virtlearn.model import Deployment

__all__ = [
    "Played",
    "Walled",
    "arcs",
    "heated",
    "lay_out",
    "level_axis",
    "strip",
    "walls_between",
    "words_in",
]

TAKEN = "#B2182B"  # white on it has 6.5 : 1
GLOW = "rgba(178,24,43,{:.2f})"
MOST_GLOW = 0.45  # the page's ink stays readable on it in both themes
EDGE = "rgba(118,118,118,0.55)"  # pale, as words stand across the edges of equal boxes
MOST_COLUMNS = 48  # so many copies have a box of their own each
TREE_PX = 430  # how wide the tree usually is
LETTER_PX = 7.0
GAP, SEAM = 0.46, 0.07  # between two levels with a wall, and without one, in heights of a box
THICKEST, THINNEST = 0.38, 0.05
DECADES = 3.5  # a wall that gives way once in 3,000 times is as thick as can be
ARC_POINTS = 9
INTRUDER = "●"
CAN_BE_WALLS = ("workload", "container", "user-space-kernel", "virtual-machine")


@dataclass(frozen=True)
class Played:
    """Attacks that were played, as a chart shows them.

    Parameters
    ----------
    said : str
        What is seen, in a few words.
    lost : sequence of int
        Copies lost in each attack so far; empty while the first one runs.
    share : sequence of float, shape (n,)
        In what share of them each node fell.
    taken : sequence of bool, shape (n,)
        What the intruder controls in the attack that is shown.
    broken : sequence of int
        The nodes whose walls gave way in it.
    keyed : sequence of int
        The copies that shared credentials opened in it, or can open.
    """

    said: str
    lost: Sequence[int]
    share: Sequence[float]
    taken: Sequence[bool]
    broken: Sequence[int] = ()
    keyed: Sequence[int] = ()


@dataclass(frozen=True)
class Walled:
    """A deployment's tree laid out in levels, with the walls below each level."""

    deployment: Deployment
    laid: Boxes
    depth: list[int]
    floor: list[float]  # where each level begins
    walls: list[list[float]]  # the chances to get through below each level that can have walls

    @property
    def top(self) -> float:
        """Where the highest level ends."""
        return self.floor[-1] + 1

    def middle(self, k: int) -> float:
        """Give the middle of a box across."""
        return float(self.laid.left[k] + self.laid.width[k] / 2)


def lay_out(deployment: Deployment, same: Sequence[object]) -> Walled:
    """Put a tree into levels; more copies than can be told apart share boxes where ``same`` is."""
    few = deployment.copies <= MOST_COLUMNS
    tree = deployment.tree
    columns = len(tree) ** 2 if few else MOST_COLUMNS // 2
    laid = boxes(tree.parent, list(zip(tree.kind, same, strict=True)), columns=columns)
    depth = [round(float(bottom)) for bottom in laid.bottom]
    walls: list[list[float]] = [[] for _ in range(max(depth) + 1)]
    for node, level in zip(laid.node, depth, strict=True):
        if level and tree.kind[node] in CAN_BE_WALLS:
            walls[level].append(float(deployment.escape[node]))
    floor = [0.0]
    for below in walls[1:]:
        floor.append(floor[-1] + 1 + (GAP if below else SEAM))
    return Walled(deployment, laid, depth, floor, walls)


def level_axis(drawn: Walled, top: float) -> Part:
    """Name each level at its left, in the words of its layers."""
    named: list[list[str]] = [[] for _ in drawn.floor]
    for node, level in zip(drawn.laid.node, drawn.depth, strict=True):
        title = drawn.deployment.tree.layers[node].title
        if title not in named[level]:
            named[level].append(title)
    return {
        "range": [-0.05, top],
        "tickvals": [at + 0.5 for at in drawn.floor],
        "ticktext": ["<br>or ".join(titles[:2]) for titles in named],
        "ticks": "",
        "showgrid": False,
        "zeroline": False,
    }


def strip(drawn: Walled) -> Part:
    """Draw the colour of each level's kind of layer as a strip at its left."""
    first = [drawn.depth.index(level) for level in range(len(drawn.floor))]
    looks = [KINDS[drawn.deployment.tree.kind[drawn.laid.node[k]]] for k in first]
    look = bar_look(looks[0][0])
    look["color"] = [colour for colour, _, _ in looks]
    look["pattern"] = {**look["pattern"], "shape": [pattern for _, pattern, _ in looks]}
    return {
        "type": "bar",
        "showlegend": False,
        "x": [-0.022] * len(first),
        "width": [0.02] * len(first),
        "base": drawn.floor,
        "y": [1.0] * len(first),
        "marker": look,
        "hoverinfo": "skip",
    }


def heated(
    drawn: Walled, chance: Sequence[float], taken: Sequence[bool], hover: Sequence[str]
) -> Part:
    """Draw the boxes: full where ``taken``, else the redder the likelier. A click gives a node."""
    laid = drawn.laid
    return {
        "type": "bar",
        "showlegend": False,
        "x": [drawn.middle(k) for k in range(len(laid.node))],
        "width": laid.width.tolist(),
        "base": [drawn.floor[level] for level in drawn.depth],
        "y": [1.0] * len(laid.node),
        "marker": {
            "color": [TAKEN if taken[i] else _glow(chance[i]) for i in laid.node],
            "line": {"color": EDGE, "width": 1},
        },
        "customdata": laid.node,
        "hovertext": [hover[i] for i in laid.node],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _glow(chance: float) -> str:
    # By the cube root, so that one in ten thousand can still be told from none.
    return GLOW.format(MOST_GLOW * chance ** (1 / 3))


def walls_between(drawn: Walled, broken: Sequence[int]) -> list[Part]:
    """Draw each wall as thick as it holds, with a hole where it is broken and what came through."""
    x, wide, base, high = [], [], [], []
    hole_x, hole_wide, hole_base = [], [], []
    for k, node in enumerate(drawn.laid.node):
        chance = float(drawn.deployment.escape[node])
        if not drawn.depth[k] or chance >= 1:
            continue
        middle, width = drawn.middle(k), float(drawn.laid.width[k])
        thick = _thickness(chance)
        pieces = [(middle, width)]
        if node in broken:
            pieces = [(middle - 0.35 * width, 0.3 * width), (middle + 0.35 * width, 0.3 * width)]
            hole_x.append(middle)
            hole_wide.append(0.4 * width)
            hole_base.append(drawn.floor[drawn.depth[k]] - GAP)
        for at, of in pieces:
            x.append(at)
            wide.append(of)
            base.append(drawn.floor[drawn.depth[k]] - (GAP + thick) / 2)
            high.append(thick)
    wall = {"color": INK, "line": {"color": INK, "width": 1}}
    holes = {"color": TAKEN, "line": {"color": INK, "width": 1}}
    skip = {"type": "bar", "hoverinfo": "skip", "showlegend": False}
    return [
        {**skip, "x": x, "width": wide, "base": base, "y": high, "marker": wall},
        {
            **skip,
            "x": hole_x,
            "width": hole_wide,
            "base": hole_base,
            "y": [GAP] * len(hole_x),
            "marker": holes,
        },
    ]


def _thickness(chance: float) -> float:
    """Give a wall's thickness: each factor of ten adds as much.

    >>> _thickness(0.0), _thickness(0.5) < _thickness(0.05) < _thickness(0.005)
    (0.38, True)
    """
    if chance <= 0:
        return THICKEST
    return max(THINNEST, THICKEST * min(1.0, -math.log10(chance) / DECADES))


@dataclass
class Words:
    """Texts and where they stand."""

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    place: list[str] = field(default_factory=list)

    def put(self, x: float, y: float, text: str, place: str = "middle center") -> None:
        """Put one more."""
        self.x.append(x)
        self.y.append(y)
        self.text.append(text)
        self.place.append(place)

    def trace(self, **font: object) -> Part:
        """Give them as one trace; without a colour, in the page's own ink."""
        return {
            "type": "scatter",
            "mode": "text",
            "showlegend": False,
            "x": self.x,
            "y": self.y,
            "text": self.text,
            "textposition": self.place,
            "textfont": {"size": 12, **font},
            "hoverinfo": "skip",
            "cliponaxis": False,
        }


def words_in(
    drawn: Walled,
    text: Sequence[str],
    taken: Sequence[bool],
    start: int,
) -> list[Part]:
    """Write into the boxes, once for equal neighbours, and beside the walls how often they give."""
    on_full, on_glow = Words(), Words()
    k = drawn.laid.node.index(start)
    on_full.put(drawn.middle(k), drawn.floor[drawn.depth[k]] + 0.5, INTRUDER)
    for level, at in enumerate(drawn.floor):
        here = [k for k, depth in enumerate(drawn.depth) if depth == level]
        for run in _runs(drawn, here, text, taken):
            said = _fitting(drawn, run, text)
            first, last = run[0], run[-1]
            across = (drawn.middle(first) + drawn.middle(last)) / 2
            full = taken[drawn.laid.node[run[0]]]
            (on_full if full else on_glow).put(across, at + 0.5, said)
        if drawn.walls[level]:
            on_glow.put(1.01, at - GAP / 2, _gives(drawn.walls[level]), "middle right")
    return [on_glow.trace(), on_full.trace(color="#ffffff")]


def _runs(
    drawn: Walled, here: list[int], text: Sequence[str], taken: Sequence[bool]
) -> list[list[int]]:
    """Put equal neighbours together."""
    runs: list[list[int]] = []
    before: tuple[str, bool] | None = None
    for k in here:
        node = drawn.laid.node[k]
        now = (text[node], bool(taken[node]))
        if now == before:
            runs[-1].append(k)
        else:
            runs.append([k])
        before = now
    return runs


def _fitting(drawn: Walled, run: list[int], text: Sequence[str]) -> str:
    """Give what fits into a run of boxes: the text with "each", alone, or nothing."""
    said = text[drawn.laid.node[run[0]]]
    many = len(run) > 1 or int(drawn.laid.times[run[0]]) > 1
    letters = sum(float(drawn.laid.width[k]) for k in run) * TREE_PX / LETTER_PX
    wanted = (f"{said} each" if said and many else said, said)
    return next((words for words in wanted if len(words) <= letters), "")


def _gives(chances: list[float]) -> str:
    """Say how often the walls below a level give way."""
    if min(chances) == 1:
        return "no wall"
    low, high = units.percent(min(chances), 2), units.percent(max(chances), 2)
    return f"gives way: {low}" if low == high else f"give way: {low} to {high}"


def arcs(drawn: Walled, begin: int, ends: Sequence[int]) -> Part:
    """Draw dotted arcs over the tree from one copy to others."""
    boxes_of = {node: k for k, node in enumerate(drawn.laid.node)}
    x: list[float | None] = []
    y: list[float | None] = []
    for end in ends:
        if begin not in boxes_of or end not in boxes_of:
            continue
        left = drawn.middle(boxes_of[begin])
        far = drawn.middle(boxes_of[end]) - left
        for i in range(ARC_POINTS):
            part = i / (ARC_POINTS - 1)
            x.append(round(left + far * part, 4))
            high = 0.1 + 0.42 * abs(far)
            rise = 4 * part * (1 - part) * high
            y.append(round(drawn.top + rise, 4))
        x.append(None)
        y.append(None)
    return {
        "type": "scatter",
        "showlegend": False,
        "mode": "lines",
        "x": x,
        "y": y,
        "line": {"color": LINES[1], "width": 2, "dash": "dot"},
        "hoverinfo": "skip",
    }
