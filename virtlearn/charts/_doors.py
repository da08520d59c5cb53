"""A field of doors for each platform: a door opens when the copies behind it answer."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from virtlearn import units
from virtlearn.charts._marks import Part, note
from virtlearn.charts._style import INK

__all__ = [
    "ROWS",
    "ROW_PX",
    "WIDE",
    "Field",
    "door_words",
    "doors",
    "download",
    "frame",
    "row_times",
]

SIDE = 10  # doors in a row, and rows in a field
WIDE = 14.5  # a field with the times beside its rows, in doors
ROW_PX = 16
# Rows of the picture: the download, the heads of the fields, the doors.
BAR_TOP, BAR_END = -5.0, -3.7
ROWS = (BAR_TOP, float(SIDE))
NAME_LETTERS = 20


@dataclass(frozen=True)
class Field:
    """The copies of one platform behind at most a hundred doors."""

    title: str
    colour: str
    place: int
    when_s: Sequence[float]  # in the order in which they answer
    clock_s: float
    once_s: float

    @property
    def behind(self) -> int:
        """How many copies stand behind a door."""
        return math.ceil(len(self.when_s) / SIDE**2)

    @property
    def opens_s(self) -> list[float]:
        """When each door opens: with the last of the copies behind it [s]."""
        last = len(self.when_s) - 1
        # Behind the last door there may be fewer.
        ends = range(self.behind - 1, last + self.behind, self.behind)
        return [self.when_s[min(end, last)] for end in ends]

    @property
    def ready(self) -> int:
        """How many copies answer by now."""
        return sum(s <= self.clock_s for s in self.when_s)

    def states(self) -> dict[str, list[int]]:
        """Sort the doors into those that are open, those that open next, and those that wait."""
        opens = self.opens_s
        later = [s for s in opens if s > self.clock_s]
        # Nothing starts before the image is there.
        wave = later[0] if later and self.clock_s >= self.once_s else 0.0
        found: dict[str, list[int]] = {"open": [], "starting": [], "waiting": []}
        for door, s in enumerate(opens):
            state = "open" if s <= self.clock_s else "starting" if s <= wave else "waiting"
            found[state].append(door)
        return found

    @property
    def rows(self) -> int:
        """How many rows of doors there are."""
        return math.ceil(len(self.opens_s) / SIDE)

    @property
    def tall(self) -> float:
        """How tall a door is: fewer doors are larger."""
        return SIDE / self.rows

    @property
    def left(self) -> float:
        """Where the field begins, in doors."""
        return self.place * WIDE


# The doors of some fields as one path: which doors of which field.
Among = Sequence[tuple[Field, Sequence[int]]]


def _outline(among: Among) -> Part:
    x: list[float | None] = []
    y: list[float | None] = []
    for field, some in among:
        for door in some:
            row, column = divmod(door, SIDE)
            left, right = field.left + column + 0.1, field.left + column + 0.9
            top, floor = (row + 0.1) * field.tall, (row + 0.9) * field.tall
            x += [left, left, right, right, None]  # a frame without a threshold
            y += [floor, top, top, floor, None]
    return {
        "type": "scatter",
        "mode": "lines",
        # Plotly takes an array at once, and looks at every number of a list.
        "x": np.array(x, dtype=object),
        "y": np.array(y, dtype=object),
        "xaxis": "x2",
        "yaxis": "y2",
        "line": {"color": INK, "width": 1},
        "fill": "toself",
        "fillcolor": "rgba(118,118,118,0.08)",
        "hoverinfo": "skip",
        "showlegend": False,
    }


def doors(fields: Sequence[Field]) -> Iterator[Part]:
    """Draw the doors that are open, filled; those of the next wave, striped; the others, empty."""
    states = [field.states() for field in fields]
    pairs = list(zip(fields, states, strict=True))
    closed = _outline([(field, state["waiting"]) for field, state in pairs])
    yield {**closed, "name": "waiting"}
    for field, state in pairs:
        ready = _outline([(field, state["open"])])
        yield {**ready, "name": f"{field.title}: open", "fillcolor": field.colour}
        stripes = {"shape": "/", "fgcolor": field.colour, "size": 5}
        starting = _outline([(field, state["starting"])])
        yield {**starting, "name": f"{field.title}: starting", "fillpattern": stripes}


def download(fields: Sequence[Field]) -> tuple[Part, Part]:
    """Draw the bar that fills once, before the first door opens, and say how far it is."""
    once, clock = fields[0].once_s, fields[0].clock_s
    done = min(1.0, clock / once) if once else 0.0
    wide = WIDE * len(fields) - 1
    x: list[float] = [0, wide * done, wide * done, 0, 0]
    y = [BAR_TOP, BAR_TOP, BAR_END, BAR_END, BAR_TOP]
    bar: Part = {**_outline([]), "x": x, "y": y, "fillcolor": "rgba(118,118,118,0.35)"}
    bar["name"] = "download"
    text = "one download for all: "
    text += "nothing to fetch" if not once else f"{units.plain(once)} s"
    if done < 1 and once:
        text = f"one download for all: {units.plain(clock)} of {units.plain(once)} s"
    middle = (BAR_TOP + BAR_END) / 2
    where = {"xref": "x2", "yref": "y2", "xanchor": "left", "font": {"size": 12}}
    return bar, note(0.2, middle, text, **where)


def frame(fields: Sequence[Field]) -> Part:
    """Draw the outline of the download's bar, which is there before anything is fetched."""
    wide = WIDE * len(fields) - 1
    shape: Part = {"type": "rect", "xref": "x2", "yref": "y2", "line": {"color": INK, "width": 1}}
    return {**shape, "x0": 0, "x1": wide, "y0": BAR_TOP, "y1": BAR_END}


def door_words(fields: Sequence[Field]) -> Iterator[Part]:
    """Write each field's name, how many copies answer, and what stands beside its rows."""
    where = {"xref": "x2", "yref": "y2", "xanchor": "left", "yanchor": "bottom", "align": "left"}
    for field in fields:
        name = "<br>".join(textwrap.wrap(field.title, NAME_LETTERS))
        square = f"<span style='color:{field.colour}'>■</span>"
        many = len(field.when_s)
        text = f"{square} <b>{name}</b><br>{field.ready:,} of {many:,} ready"
        yield note(field.left, 0, text, **where)
    # After the names: where both have no room, the first stays.
    small: Part = {**where, "font": {"size": 11}, "xshift": 2}
    for field in fields:
        yield note(field.left + SIDE, 0, "open after", **small)


def row_times(fields: Sequence[Field], show: Callable[[float], str]) -> Part:
    """Write beside each row of doors when all of it was open."""
    x, y, text = [], [], []
    for field in fields:
        opens = field.opens_s
        for row in range(field.rows):
            s = opens[min(SIDE * (row + 1), len(opens)) - 1]
            if s <= field.clock_s:
                x.append(field.left + SIDE + 0.1)
                y.append((row + 0.5) * field.tall)
                text.append(show(s))
    return {
        "type": "scatter",
        "mode": "text",
        "x": x,
        "y": y,
        "text": text,
        "textposition": "middle right",
        "textfont": {"size": 11},
        "xaxis": "x2",
        "yaxis": "y2",
        "hoverinfo": "skip",
        "showlegend": False,
    }
