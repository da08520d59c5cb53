"""Crates: the memory of a host for each platform, filled with copies as tiles."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import INK, KINDS, bar_look
from virtlearn.charts._words import copies as in_words

__all__ = ["crates"]

GIB = 1024.0
WIDE = 0.86  # the share of its place that a crate fills
MOST_TILES = 100
LOTS = (1, 2, 5)  # copies of a tile, times a power of ten
# In the crates a colour is a kind of layer, so the curves have none: a stroke tells them apart.
STROKES = (("solid", "━━━"), ("dot", "• • • •"), ("dash", "━ ━ ━"))
TALL = 1.6  # how many times as high as wide a crate is drawn
Kinds = Mapping[str, float]


@dataclass(frozen=True)
class Crate:
    """One platform's host: what is there before the first copy, and what each copy takes."""

    title: str
    place: int
    host_mib: float
    shared: Kinds
    each: Kinds
    copies: int

    @property
    def each_mib(self) -> float:
        """What one copy takes, with all that is its own [MiB]."""
        return math.fsum(self.each.values())

    @property
    def lot(self) -> int:
        """How many copies one tile stands for."""
        power = 1
        while True:
            for first in LOTS:
                if self.copies <= first * power * MOST_TILES:
                    return first * power
            power *= 10

    @property
    def columns(self) -> int:
        """How many tiles stand side by side, so that each is about as wide as high."""
        tile_mib = self.lot * self.each_mib
        square = math.sqrt(self.host_mib / tile_mib / TALL)
        return max(1, min(round(square), math.ceil(self.copies / self.lot)))

    def rows(self) -> Iterator[tuple[float, float, int]]:
        """Give each row of tiles: where it begins [MiB], how high it is [MiB], how many tiles.

        The last row may hold fewer, wider tiles: its area is still that of its copies.
        """
        low = math.fsum(self.shared.values())
        left = self.copies
        while left:
            here = min(left, self.columns * self.lot)
            high = here * self.each_mib
            yield low, high, math.ceil(here / self.lot)
            low += high
            left -= here

    def strips(self) -> Iterator[tuple[str, float, float]]:
        """Give what fills it, from the bottom: kind of layer, beginning and height [MiB]."""
        low = 0.0
        for kind, mib in self.shared.items():
            yield kind, low, mib
            low += mib
        for begins, high, _ in self.rows():
            low = begins
            for kind, mib in self.each.items():
                part = high * mib / self.each_mib
                yield kind, low, part
                low += part

    def cuts(self) -> Iterator[tuple[float, float, float]]:
        """Give the edges between tiles: place from left to right, beginning and end [MiB]."""
        for low, high, tiles in self.rows():
            for i in range(1, tiles):
                yield self.place - WIDE / 2 + WIDE * i / tiles, low, low + high

    @property
    def used_mib(self) -> float:
        """What is in use [MiB]."""
        return math.fsum(self.shared.values()) + self.copies * self.each_mib


def crates(
    host_mib: float,
    shared: Mapping[str, Kinds],
    each: Mapping[str, Kinds],
    copies: Mapping[str, int],
    curve: Chart,
    assumed: str = "",
) -> Chart:
    """Draw the memory of a host as one crate a platform, filled with as many copies as fit.

    Parameters
    ----------
    host_mib : float
        What the host has [MiB].
    shared, each : mapping of str to mapping of str to float
        By platform's title and kind of layer, from below: what is there before the first copy, and
        what each copy takes [MiB].
    copies : mapping of str to int
        How many copies stand in each crate; the first is compared with the last.
    curve : Chart
        The same for all sizes of an application (`density`); stands beside the crates.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Areas are memory; one tile is a copy, or so many copies as the picture says.

    Raises
    ------
    ImpossibleAmount
        Where the host has no memory.
    ShapeMismatch
        Where there is no platform.

    Examples
    --------
    >>> curve = Chart(sentence="Many fit.")
    >>> each = {"containers": {"workload": 100}, "machines": {"workload": 100, "hypervisor": 300}}
    >>> full = {"containers": 10, "machines": 2}
    >>> crates(1024, {title: {} for title in each}, each, full, curve).headline
    '10 : 2 = 5 times'
    """
    host = float(core.check.positive("host_mib", host_mib))
    take.filled("copies", copies)
    row = [
        Crate(title, place, host, shared[title], each[title], copies[title])
        for place, title in enumerate(each)
    ]
    return Chart(
        [*_layers(row), _edges(row), _walls(row), *_beside(curve)],
        sentence=curve.describe(),
        rows=curve.table(),
        assumed=assumed,
        headline=_headline(list(copies.values())),
        facts=_facts(row),
        title="Green is the application; every other colour is what it costs to run it",
        xaxis=_places(row),
        yaxis=marks.axis("memory [GiB]", host / GIB * 1.12, tickvals=_ticks(host / GIB)),
        annotations=[*(_over(crate) for crate in row), _over_curve()],
        barmode="overlay",
        height=420,
        margin={"b": 110},
        **_second_axes(curve),
    )


def _headline(counts: list[int]) -> str:
    first, last = counts[0], counts[-1]
    if not any(counts):
        return "None fits"
    told = f"{first:,} : {last:,}"
    return f"{told} = {units.plain(first / last)} times" if last else told


def _facts(row: list[Crate]) -> dict[str, float]:
    facts: dict[str, float] = {}
    for name, crate in zip(("first", "other", "last"), row, strict=False):
        facts |= {f"{name}_copies": crate.copies, f"{name}_each_mib": crate.each_mib}
    if row[-1].copies:
        facts["ratio"] = row[0].copies / row[-1].copies
    facts["memory_ratio"] = row[-1].each_mib / row[0].each_mib
    return facts


def _places(row: list[Crate]) -> Part:
    """Name the crates below them, and say what a tile stands for."""
    names = []
    for crate in row:
        name = crate.title.replace(" ", "<br>", 1)
        lot = f"<br>one tile is<br>{in_words(crate.lot)}" if crate.lot > 1 else ""
        names.append(f"{name}<br>{_stroke(crate.place)[1]}{lot}")
    return {
        "tickvals": [crate.place for crate in row],
        "ticktext": names,
        "range": [-0.5, len(row) - 0.5],
        "domain": [0, 0.64],
        "showgrid": False,
        "tickangle": 0,
    }


def _stroke(place: int) -> tuple[str, str]:
    """Give the dash of a platform's curve, and how it looks in a line of text."""
    return STROKES[place % len(STROKES)]


def _ticks(host_gib: float) -> list[float]:
    return [host_gib * part / 4 for part in range(5)]


def _over(crate: Crate) -> Part:
    """Write over a crate how many copies it holds."""
    text = f"<b>{in_words(crate.copies)}</b>"
    return marks.note(crate.place, crate.host_mib / GIB, text, yanchor="bottom")


def _over_curve() -> Part:
    place = {"xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom"}
    return marks.note(1, 1, "copies, for all sizes", **place)


def _layers(row: list[Crate]) -> list[Part]:
    """Draw what fills the crates, one trace a kind of layer."""
    strips: dict[str, list[tuple[Crate, float, float]]] = {}
    for crate in row:
        for kind, low, high in crate.strips():
            strips.setdefault(kind, []).append((crate, low, high))
    return [_layer(kind, strips[kind]) for kind in KINDS if kind in strips]


def _layer(kind: str, strips: list[tuple[Crate, float, float]]) -> Part:
    colour, pattern, word = KINDS[kind]
    return {
        "type": "bar",
        "name": word,
        "x": [crate.place for crate, _, _ in strips],
        "width": WIDE,
        "base": [_gib(low) for _, low, _ in strips],
        "y": [_gib(high) for _, _, high in strips],
        "marker": bar_look(colour, pattern),
        "hovertemplate": f"{word}: %{{y:.3g}} GiB<extra></extra>",
    }


def _gib(mib: float) -> float:
    """Give GiB, as exact as a picture can be."""
    return round(mib / GIB, 4)


def _edges(row: list[Crate]) -> Part:
    """Draw the edges between tiles."""
    x: list[float | None] = []
    y: list[float | None] = []
    for crate in row:
        for at, low, high in crate.cuts():
            x += [round(at, 4), round(at, 4), None]
            y += [_gib(low), _gib(high), None]
    look = {"color": INK, "width": 1}
    return marks.line(0, "tiles", x, y, "", hoverinfo="skip", line=look, showlegend=False)


def _walls(row: list[Crate]) -> Part:
    """Draw the crates themselves: as high as the host's memory."""
    x: list[float | None] = []
    y: list[float | None] = []
    for crate in row:
        left, right, top = crate.place - WIDE / 2, crate.place + WIDE / 2, crate.host_mib / GIB
        x += [left, left, right, right, None]
        y += [top, 0.0, 0.0, top, None]
    look = {"color": INK, "width": 4}
    return marks.line(0, "the host", x, y, "", hoverinfo="skip", line=look, showlegend=False)


def _beside(curve: Chart) -> list[Part]:
    """Take over the curves, on axes of their own."""
    # The counts stand over the crates already.
    own = {"xaxis": "x2", "yaxis": "y2", "showlegend": False, "text": None}
    taken = []
    for place, trace in enumerate(curve.data):
        look: Part = {"mode": trace.mode.replace("+text", "")}
        if look["mode"] == "lines":
            look["line"] = {"color": INK, "dash": _stroke(place)[0], "width": 2.5}
        else:
            look["marker"] = {"color": INK, "size": 9}
        taken.append({**trace.to_plotly_json(), **own, **look})
    return taken


def _second_axes(curve: Chart) -> dict[str, Any]:
    """Place the curves to the right of the crates."""
    axis = curve.layout.xaxis.to_plotly_json()
    few = {name: axis[name][::3] for name in ("tickvals", "ticktext") if name in axis}
    below = {**axis, **few, "domain": [0.76, 1], "anchor": "y2", "tickangle": 0}
    below["title"] = {"text": "application"}
    left = {**curve.layout.yaxis.to_plotly_json(), "anchor": "x2", "title": {"text": ""}}
    return {"xaxis2": below, "yaxis2": left}
