"""Every position of an explorer, computed ahead: what its page shows without a kernel.

An explorer's visible controls become axes with a few positions each. The library draws the picture
of every combination; what differs between pictures is kept in columns, and a column that does not
depend on a control has no axis for it. So thousands of pictures are a file of some hundred
kilobytes.
"""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from virtlearn import explore, units

__all__ = ["Axis", "Call", "Columns", "axes_of", "draw", "packed", "reached"]

BUDGET = 4096  # combinations of one explorer: a minute of computing, a few hundred kilobytes
# Positions of a slider: the ends and the start. Only a trial run, with a tiny budget, goes below,
# to two of everything.
FEWEST = 3
MOST = 33
CLICKED = 4  # of the boxes that a click can choose, about one in four is there in a usual tree


@dataclass(frozen=True)
class Call:
    """An explorer as a lesson calls it: its name and the values that it begins with."""

    name: str
    start: tuple[tuple[str, Any], ...] = ()
    goals: tuple[str, ...] = ()

    def explorer(self) -> Any:
        """Begin the explorer."""
        return getattr(explore, self.name)(goals=self.goals, **dict(self.start))

    @property
    def slug(self) -> str:
        """A file name of its own: the name, and what is set.

        >>> Call("stack", (("on", "containers"), ("copies", 24))).slug
        'stack-on-containers-copies-24'
        """
        words = [self.name, *(f"{name}-{value}" for name, value in self.start), *self.goals]
        text = "-".join(words).replace(" ", "-")
        return "".join(c for c in text if c.isalnum() or c in "-_.")


@dataclass(frozen=True)
class Axis:
    """A control on a page: its values there, how each is written, and where it begins."""

    name: str
    label: str
    unit: str
    tip: str
    values: tuple[Any, ...]
    texts: tuple[str, ...]
    start: int
    slider: bool
    plays: float = 0


def _spread(positions: Sequence[Any], start: Any, most: int) -> tuple[Any, ...]:
    """Choose positions from end to end, evenly, the start among them.

    >>> _spread((1, 2, 3, 4, 5, 6, 7, 8, 9), 4, 3)
    (1, 4, 9)
    """
    between = [*positions]
    if start not in between:  # a lesson may begin between two steps
        between = sorted([*between, start])
    first = between.index(start)
    if len(between) <= most:
        return tuple(between)
    last = len(between) - 1
    chosen = [round(i * last / (most - 1)) for i in range(most)]
    if first not in chosen:
        # The nearest position that is not an end makes room for the start.
        inner = chosen[1:-1] or chosen
        chosen.remove(min(inner, key=lambda i: abs(i - first)))
        chosen = sorted([*chosen, first])
    return tuple(between[i] for i in chosen)


def _end(control: Any, values: Mapping[str, Any]) -> Any:
    """Give the last value that makes sense beside the others: a slider over boxes ends there."""
    words = getattr(control, "words", None)
    return control.positions[len(words(values)) - 1] if words else None


def _text(explorer: Any, name: str, value: Any) -> str:
    """Write where a control stands."""
    control = explorer.controls[name]
    return str(control.text(value)) if hasattr(control, "options") else units.plain(value)


def _axis(explorer: Any, name: str, most: int) -> Axis:
    control, start = explorer.controls[name], explorer.values[name]
    if hasattr(control, "options"):
        options = control.options if most >= FEWEST else _spread(control.options, start, most)
        texts = tuple(control.text(option) for option in options)
        at = options.index(start)
        return Axis(name, control.label, "", control.tip, options, texts, at, slider=False)
    # A click on the picture can choose any box, so a control that is clicked keeps all its
    # positions.
    all_of_them = name == explorer.picked and most >= FEWEST
    room = len(control.positions) if all_of_them else most
    values = _spread(control.positions, start, room)
    texts = tuple(units.plain(value) for value in values)
    at = values.index(start)
    return Axis(
        name, control.label, control.unit, control.tip, values, texts, at, True, control.plays
    )


def axes_of(explorer: Any, budget: int = BUDGET) -> list[Axis]:
    """Turn the controls in sight into axes, with as many positions as the budget allows.

    Parameters
    ----------
    explorer : Explorer
        Where it begins says what is among the positions of each control.
    budget : int
        The most pictures, about; of a control that is clicked in the picture every fourth counts.

    Returns
    -------
    list of Axis
        In the order of the controls.
    """
    names = explorer.in_sight
    for most in range(MOST, 1, -1):
        axes = [_axis(explorer, name, most) for name in names]
        counted = [_counted(axis, explorer.picked) for axis in axes]
        if math.prod(counted) <= budget:
            break
    return axes


def _counted(axis: Axis, picked: str) -> int:
    """Count an axis towards the budget; most boxes of a clicked tree are not in most trees."""
    return len(axis.values) // CLICKED if axis.name == picked else len(axis.values)


def reached(explorer: Any, axes: Sequence[Axis]) -> list[dict[str, Any]]:
    """Give the values of every combination, the last axis fastest, as the explorer takes them."""
    names = [axis.name for axis in axes]
    combined = itertools.product(*(axis.values for axis in axes))
    return [explorer.reach(dict(zip(names, values, strict=True))) for values in combined]


def draw(call: Call, wanted: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Draw some positions of an explorer: picture, sentence and table, as JSON values."""
    explorer = call.explorer()
    pictures = []
    for values in wanted:
        chart = explorer.at(values)
        rows = [list(row) for row in chart.table()]
        stands = [_text(explorer, name, values[name]) for name in explorer.in_sight]
        idle = explorer.idle(values)
        ends = [_end(explorer.controls[name], values) for name in explorer.in_sight]
        words = {
            "sentence": chart.describe(),
            "headline": chart.headline,
            "reached": explorer.reached(values, chart),
            "idle": [idle.get(name, "") for name in explorer.in_sight],
            "table": rows,
            "at": stands,
            "ends": ends,
        }
        pictures.append({**chart.to_spec(), **words})
    return pictures


def _leaves(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Take a JSON value apart into its leaves; a list of plain values is one leaf."""
    inner: Iterable[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list) and any(isinstance(x, dict | list) for x in value):
        inner = enumerate(value)
    branches = list(inner)
    if not branches:
        yield path, json.dumps(value, separators=(",", ":"))
    for key, child in branches:
        yield from _leaves(child, (*path, key))


class Columns:
    """Pictures on a grid of positions, leaf by leaf: the values, and which stands where."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self._count = math.prod(shape)
        self._which: dict[tuple[str | int, ...], array[int]] = {}
        self._tables: dict[tuple[str | int, ...], dict[str, int]] = {}

    def put(self, position: int, leaves: Mapping[tuple[str | int, ...], str]) -> None:
        """Write down the picture of a position."""
        for path, leaf in leaves.items():
            if path not in self._which:
                self._which[path] = array("i", [-1]) * self._count
                self._tables[path] = {}
            table = self._tables[path]
            self._which[path][position] = table.setdefault(leaf, len(table))

    def _reduced(self, which: array[int]) -> tuple[list[int], list[int]]:
        """Leave out the axes that a column does not depend on; give the others and the column."""
        grid: NDArray[np.int32] = np.array(which, dtype=np.int32).reshape(self.shape)
        used = []
        for axis in range(grid.ndim):
            first = grid.take([0], axis=axis)
            if (grid == first).all():
                grid = first
            else:
                used.append(axis)
        return used, [int(i) for i in grid.reshape(-1)]

    def to_json(self) -> dict[str, Any]:
        """Give ``leaves``, each ``[path, table, column number]``, and the ``columns``."""
        numbers: dict[str, int] = {}
        columns: list[Any] = []
        leaves = []
        for path, which in self._which.items():
            used, column = self._reduced(which)
            key = repr((used, column))
            if key not in numbers:
                numbers[key] = len(columns)
                columns.append([used, column])
            table = [json.loads(leaf) for leaf in self._tables[path]]
            leaves.append([list(path), table, numbers[key]])
        return {"leaves": leaves, "columns": columns}


def packed(
    explorer: Any,
    axes: Sequence[Axis],
    values: Sequence[dict[str, Any]],
    pictures: Iterable[dict[str, Any]],
) -> str:
    """Pack an explorer's pictures, one for each distinct set of values, as text for a page.

    Parameters
    ----------
    explorer : Explorer
        Whose they are.
    axes : sequence of Axis
        The controls.
    values : sequence of dict
        What `reached` gave, one for each combination.
    pictures : iterable
        What `draw` gave, for each distinct entry of ``values`` in order of first appearance.

    Returns
    -------
    str
        JSON, compressed, in base64.
    """
    places: dict[str, list[int]] = {}
    for i, at in enumerate(values):
        places.setdefault(repr(at), []).append(i)
    columns = Columns(tuple(len(axis.values) for axis in axes))
    for positions, picture in zip(places.values(), pictures, strict=True):
        leaves = dict(_leaves(picture))
        for position in positions:
            columns.put(position, leaves)
    head = {
        "goals": list(explorer.goals),
        "controls": [vars(axis) for axis in axes],
        "pick": explorer.picked,
        "fixed": _fixed(explorer),
    }
    text = json.dumps({**head, **columns.to_json()}, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def _fixed(explorer: Any) -> str:
    """Say what the controls under "More" stand at on a page, where they cannot be moved."""
    words = []
    for name, value in explorer.values.items():
        control = explorer.controls[name]
        if name not in explorer.in_sight:
            words.append(f"{control.label} = {_text(explorer, name, value)}")
    return f"Fixed on this page: {', '.join(words)}." if words else ""
