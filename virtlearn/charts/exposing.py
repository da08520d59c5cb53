"""A chart of what walls expose: each wall with the door that is left in it, to scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from virtlearn.catalog.layers import LayerSpec
from virtlearn.catalog.numbers import Quantity
from virtlearn.catalog.platforms import layer
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import INK, KINDS, TEXT_ON, bar_look

__all__ = ["walls"]

HEIGHT_PX = 400
SLOT, PITCH = 0.86, 1.0  # how wide a wall is, and from one wall to the next
# From the top down: where the code stands, the wall, the second wall, and the host's kernel.
CODE_Y, FIRST_Y, SECOND_Y, KERNEL_Y = 3.72, 2.9, 1.5, 0.0
THICK, KERNEL_HIGH = 0.3, 0.55
DOOR = "rgba(230,159,0,0.55)"
SLIT = 0.05  # devices: a way through that nobody has counted
KERNEL, _, _ = KINDS["operating-system"]
NOT_COUNTED = "no system calls;<br>a handful of devices,<br>not counted"
UNKNOWN = "not counted"


@dataclass
class _Drawing:
    """Pieces of walls, ways through the doors, and words."""

    bricks: list[tuple[float, float, float]] = field(default_factory=list)  # middle, width, y
    ways: list[tuple[float, float, float, float]] = field(default_factory=list)  # and height
    hatch: list[str] = field(default_factory=list)  # a way that nobody has counted is hatched
    words: list[tuple[float, float, str]] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)

    def wall(self, middle: float, y: float, door: float) -> None:
        """Build a wall across a slot, with a door in its middle."""
        side = (SLOT - door) / 2
        for sign in (-1, 1):
            if side > 0:
                self.bricks.append((middle + sign * (door + side) / 2, side, y))

    def way(self, middle: float, wide: float, top: float, bottom: float, hint: str) -> None:
        """Let what comes through a door go on to the next thing below."""
        self.ways.append((middle, wide, bottom, top - bottom))
        self.hatch.append("x" if wide == SLIT else "")
        self.hints.append(hint)

    def say(self, middle: float, y: float, text: str) -> None:
        """Write a few words."""
        self.words.append((middle, y, text))


def walls(*layers: LayerSpec, assumed: str = "") -> Chart:
    """Draw walls by what they expose: what is reachable first, and what lies behind.

    Parameters
    ----------
    *layers : LayerSpec
        One wall each; a layer without a count says so.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Each wall with a door as wide as the system calls that come through; below it the second
        wall, where one is left, and the host's kernel.

    Raises
    ------
    ShapeMismatch
        Where no layer is given.

    Examples
    --------
    >>> from virtlearn.catalog.platforms import layer
    >>> chart = walls(layer("container"), layer("virtual-machine"))
    >>> print(chart.describe())  # doctest: +NORMALIZE_WHITESPACE
    Container: 293 of 362 system calls reachable first; virtual machine: no system call reachable
    first, and nobody has counted what lies behind it.
    """
    take.filled("layers", layers)
    whole = layer("process").reachable
    assert whole is not None
    drawing = _Drawing()
    for i, spec in enumerate(layers):
        _draw(drawing, i * PITCH, spec, whole)
    right = (len(layers) - 1) * PITCH
    return Chart(
        [_ways(drawing), _bricks(drawing), _kernel(right), _words(drawing)],
        barmode="overlay",
        height=HEIGHT_PX,
        margin={"l": 10, "r": 10, "t": 40, "b": 10},
        xaxis={"visible": False, "range": [-0.5 * PITCH, right + 0.5 * PITCH]},
        yaxis={"visible": False, "range": [-0.05, 4.05]},
        annotations=[_kernel_word(right)],
        title="A door is as wide as the system calls that come through it",
        headline=f"Calls of the host's kernel: {_ratio(layers)}",
        facts=_facts(layers, whole),
        sentence="; ".join(_exposes(spec, whole) for spec in layers) + ".",
        assumed=assumed,
        rows=marks.table(
            ["wall", "what it is", "reachable first", "behind it", "sources"],
            [spec.title for spec in layers],
            [spec.wall for spec in layers],
            [_calls(spec.reachable) for spec in layers],
            [_calls(spec.behind) for spec in layers],
            map(_sources, layers),
        ),
    )


def _draw(drawing: _Drawing, x: float, spec: LayerSpec, whole: Quantity) -> None:
    """Draw one wall, its door, and what lies behind."""
    of = whole.value
    floor = KERNEL_Y + KERNEL_HIGH
    # Where no number lies behind a wall with a door, the door opens on the host's kernel itself.
    second = spec.behind is not None or spec.reachable is None
    stop = SECOND_Y + THICK if second else floor
    drawing.say(x, CODE_Y + 0.16, f"<b>{spec.title}</b>")
    first = SLIT
    told = NOT_COUNTED
    if spec.reachable:
        first = SLOT * spec.reachable.value / of
        whose = "its own kernel" if spec.behind else "the host's kernel"
        told = f"<b>{_calls(spec.reachable)}</b> of {_calls(whole)}<br>system calls<br>of {whose}"
    drawing.wall(x, FIRST_Y, first)
    drawing.way(x, first, CODE_Y - 0.05, stop, f"{spec.title}<br>{spec.wall}")
    drawing.say(x, FIRST_Y - 0.42, told)
    if not second:
        drawing.say(x, SECOND_Y, "nothing stands behind")
        return
    through = SLOT * spec.behind.value / of if spec.behind else SLIT
    drawing.wall(x, SECOND_Y, through)
    drawing.way(x, through, SECOND_Y + THICK, floor, f"{spec.title}<br>behind the wall")
    behind = (
        f"<b>{_calls(spec.behind)}</b> system calls<br>of the host's kernel"
        if spec.behind
        else UNKNOWN
    )
    drawing.say(x, SECOND_Y - 0.42, f"once that has fallen:<br>{behind}")


def _ways(drawing: _Drawing) -> Part:
    middle, wide, bottom, high = zip(*drawing.ways, strict=True)
    look = bar_look(DOOR)
    look["pattern"] = {**look["pattern"], "shape": drawing.hatch}
    return {
        "type": "bar",
        "showlegend": False,
        "x": middle,
        "width": wide,
        "base": bottom,
        "y": high,
        "marker": look,
        "hovertext": drawing.hints,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _bricks(drawing: _Drawing) -> Part:
    middle = [brick[0] for brick in drawing.bricks]
    wide = [brick[1] for brick in drawing.bricks]
    bottom = [brick[2] for brick in drawing.bricks]
    return {
        "type": "bar",
        "showlegend": False,
        "x": middle,
        "width": wide,
        "base": bottom,
        "y": [THICK] * len(middle),
        "marker": {"color": INK, "line": {"color": INK, "width": 1}},
        "hoverinfo": "skip",
    }


def _kernel(right: float) -> Part:
    """Draw the host's kernel below all walls."""
    return {
        "type": "bar",
        "showlegend": False,
        "x": [right / 2],
        "width": [right + SLOT],
        "base": [KERNEL_Y],
        "y": [KERNEL_HIGH],
        "marker": bar_look(KERNEL),
        "hoverinfo": "skip",
    }


def _kernel_word(right: float) -> Part:
    font = {"color": TEXT_ON[KERNEL], "size": 13}
    return marks.note(right / 2, KERNEL_Y + KERNEL_HIGH / 2, "the host's kernel", font=font)


def _words(drawing: _Drawing) -> Part:
    x, y, text = zip(*drawing.words, strict=True)
    return {
        "type": "scatter",
        "mode": "text",
        "showlegend": False,
        "x": x,
        "y": y,
        "text": text,
        "textfont": {"size": 12},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _of_the_host(spec: LayerSpec) -> Quantity | None:
    """Choose the number that counts calls of the host's kernel: behind a kernel of its own."""
    return spec.behind or spec.reachable


def _ratio(layers: Sequence[LayerSpec]) -> str:
    numbers = [_of_the_host(spec) for spec in layers]
    return " : ".join(_calls(number, "?") for number in numbers)


def _facts(layers: Sequence[LayerSpec], whole: Quantity) -> dict[str, float]:
    """Give each wall's numbers by its place, where there are any."""
    facts = {"calls_of_linux": whole.value}
    for i, spec in enumerate(layers, start=1):
        for name, number in (("first", spec.reachable), ("behind", spec.behind)):
            if number:
                facts[f"wall_{i}_{name}"] = number.value
    return facts


def _exposes(spec: LayerSpec, whole: Quantity) -> str:
    first = "no system call reachable first"
    if spec.reachable:
        first = f"{_calls(spec.reachable)} of {_calls(whole)} system calls reachable first"
    told = [f"{spec.title}: {first}"]
    if spec.behind:
        told.append(f"{_calls(spec.behind)} behind it")
    elif not spec.reachable:
        told.append("and nobody has counted what lies behind it")
    return ", ".join(told)


def _sources(spec: LayerSpec) -> str:
    return "; ".join(number.source for number in (spec.reachable, spec.behind) if number)


def _calls(number: Quantity | None, none: str = "-") -> str:
    return f"{number.bound}{number.value:,.0f}" if number else none
