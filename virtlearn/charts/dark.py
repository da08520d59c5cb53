"""The chart of one history: servers and a service as strips of light that go dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import LINES
from virtlearn.charts._words import listed
from virtlearn.errors import ShapeMismatch

__all__ = ["outages"]

Spells = tuple[ArrayLike, ArrayLike]
LIGHT = "#F0E442"
DARK = "#222222"
FUTURE = "rgba(118,118,118,0.12)"
PLOT_PX = 290
ONE_STRIP_PX = 60  # of a block, for a server or the service, at most
BLOCK_PX = 96  # with several strips, at most
FRAME_PX = 110
STRIPS = 0.8  # of a block's height; the rest is the gap to the next
LIGHT_PART = 0.7  # of a strip's height; an outage is higher, so that it shows without its colour
DARK_PART = 0.95
LEAST = 1 / 250  # of a strip's length: a shorter outage is drawn so wide, to be seen
RIGHT_PX = 140
YEAR_H = 8760
MONTH_H = 730
DAY_H = 24
MINUTES = 60
DAYS_A_TICK = 5
MONTHS_A_TICK = 2

Floats = NDArray[np.float64]


class Sheet(NamedTuple):
    """How hours are laid out: in so many strips under each other, each so long [h]."""

    strips: int
    strip_h: float

    @property
    def hours(self) -> float:
        """How long all strips are [h]."""
        return self.strips * self.strip_h

    def y(self, block: int, strip: ArrayLike) -> NDArray[np.float64]:
        """Place a strip of a block; the first block and the first strip are on top."""
        inside = (np.asarray(strip) + 0.5) / self.strips - 0.5
        return np.asarray(-block - STRIPS * inside)

    @property
    def height(self) -> float:
        """How high a strip is, where a block is 1."""
        return STRIPS / self.strips

    def pieces(self, spells: Spells, least_h: float) -> tuple[Floats, Floats, Floats]:
        """Cut spells where a strip ends: the strip, the beginning in it and the length of each."""
        begin, end = (np.asarray(hours, np.float64) for hours in spells)
        first = (begin // self.strip_h).astype(int)
        last = np.ceil(end / self.strip_h).astype(int) - 1
        cut = []
        for b, e, low, high in zip(begin, end, first, last, strict=True):
            for strip in range(low, max(low, high) + 1):
                left = max(b - strip * self.strip_h, 0.0)
                right = min(e - strip * self.strip_h, self.strip_h)
                cut.append((strip, left, max(right - left, least_h)))
        strips, lefts, lengths = np.array(cut).reshape(-1, 3).T
        return strips, lefts, lengths


def outages(
    servers: Mapping[str, Spells],
    service: Spells,
    *,
    strips: int = 1,
    strip_h: float = MONTH_H,
    until_h: float | None = None,
    common_h: Sequence[float] = (),
    average_min: Mapping[str, float] | None = None,
    facts: Mapping[str, float] | None = None,
    assumed: str = "",
) -> Chart:
    """Draw one history: servers and the service on them as strips, light while up, else dark.

    Parameters
    ----------
    servers : mapping of str to (array, array)
        For each name when its outages begin and end [h], as `core.failure.play_outages` says.
    service : (array, array)
        When too few servers are up, as `core.failure.too_few_up` says [h].
    strips : int
        In how many strips the history is drawn under each other.
    strip_h : float
        How long a strip is [h].
    until_h : float, optional
        How far the history has been played [h]; to its end where left out.
    common_h : sequence of float
        When a common cause strikes [h]: a line through all.
    average_min : mapping of str to float, optional
        For each name, and for ``"service"``, what is to be expected of so long a history [min].
    facts : mapping of str to float, optional
        More numbers to ask the chart for, beside those that it counts.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Each outage to scale, or just wide enough to be seen; beside each name its dark minutes.

    Raises
    ------
    ShapeMismatch
        Where there is no server, or an outage without an end.
    ImpossibleAmount
        Where a time is negative or not finite, or the strips are no whole number.

    Examples
    --------
    >>> two = {"server 1": ([100], [105]), "server 2": ([102], [103])}
    >>> print(outages(two, ([102], [103])).describe())
    In 1 month, server 1 for 300 min and server 2 for 60 min is dark; the service for 60 min.
    """
    take.filled("servers", servers)
    count = core.check.whole("strips", strips, least=1)
    sheet = Sheet(count, core.check.one("strip_h", core.check.positive("strip_h", strip_h)))
    now = (
        sheet.hours
        if until_h is None
        else core.check.one("until_h", core.check.amount("until_h", until_h))
    )
    rows = {name: _until(name, spells, now) for name, spells in servers.items()}
    rows["service"] = _until("service", service, now)
    played_min = {name: _minutes(spells) for name, spells in rows.items()}
    struck = [hour for hour in common_h if hour < now]
    average = dict(average_min or {})
    block_px = min(PLOT_PX / len(rows), ONE_STRIP_PX if count == 1 else BLOCK_PX)
    return Chart(
        [*_light(sheet, len(rows), now), _dark(sheet, rows), _common(sheet, len(rows), struck)],
        sentence=_told(sheet, now, played_min, struck if len(common_h) else None),
        rows=_table(played_min, average),
        assumed=assumed,
        headline=_headline(sheet, average),
        facts={**_facts(played_min, struck), **(facts or {})},
        title=f"{_length(sheet.hours)} of light, and each outage dark",
        barmode="overlay",
        bargap=0,
        height=int(FRAME_PX + block_px * len(rows)),
        margin={"l": 10, "r": RIGHT_PX, "b": 55},
        showlegend=False,
        annotations=_beside(rows, played_min, average),
        xaxis=_hours(sheet),
        yaxis=_names(rows),
    )


def _until(name: str, spells: Spells, now: float) -> tuple[Floats, Floats]:
    """Take the spells that have begun, none of them past now."""
    begin, end = (np.atleast_1d(core.check.amount(name, hours)) for hours in spells)
    if begin.shape != end.shape:
        raise ShapeMismatch(
            f"{name} has {begin.size} beginnings of outages and {end.size} ends.\n"
            "Give one end for each."
        )
    begun = begin < now
    return begin[begun], np.minimum(end[begun], now)


def _minutes(spells: tuple[Floats, Floats]) -> float:
    begin, end = spells
    return float((end - begin).sum()) * MINUTES


def _light(sheet: Sheet, blocks: int, now: float) -> list[Part]:
    """Draw all strips pale, and over them in light what has been played."""
    strips, _, lengths = sheet.pieces(([0.0], [now]), 0.0)
    ahead, whole = np.arange(sheet.strips), np.full(sheet.strips, sheet.strip_h)
    parts = []
    for name, which, wide, colour in (
        ("to come", ahead, whole, FUTURE),
        ("up", strips, lengths, LIGHT),
    ):
        y = [sheet.y(block, which) for block in range(blocks)]
        parts.append(
            _bars(
                name,
                np.zeros(len(wide) * blocks),
                np.tile(wide, blocks),
                np.concatenate(y),
                colour,
                LIGHT_PART * sheet.height,
            )
        )
    return parts


def _dark(sheet: Sheet, rows: Mapping[str, tuple[Floats, Floats]]) -> Part:
    """Draw every outage of every row."""
    drawn = []
    for block, spells in enumerate(rows.values()):
        strips, lefts, lengths = sheet.pieces(spells, LEAST * sheet.strip_h)
        drawn.append((lefts, lengths, sheet.y(block, strips)))
    lefts, lengths, y = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
    return _bars("dark", lefts, lengths, y, DARK, DARK_PART * sheet.height)


def _bars(name: str, base: Floats, length: Floats, y: Floats, colour: str, high: float) -> Part:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        # Whole hundredths of an hour and thousandths of a block: finer than a pixel.
        "base": base.round(2).tolist(),
        "x": length.round(2).tolist(),
        "y": y.round(3).tolist(),
        "width": high,
        "marker": {"color": colour, "line": {"width": 0}},
        "hoverinfo": "skip",
    }


def _common(sheet: Sheet, blocks: int, struck: Sequence[float]) -> Part:
    """Draw a line through all blocks for each common cause, a mark on each strip that it hits."""
    x: list[float | None] = []
    y: list[float | None] = []
    for hour in struck:
        strip = int(hour // sheet.strip_h)
        hit = [float(sheet.y(block, strip)) for block in range(blocks)]
        along = [0.55, *hit, 0.4 - blocks]
        x += [hour % sheet.strip_h] * len(along) + [None]
        y += [*along, None]
    words = [""] * len(x)
    if words:
        words[0] = "common cause"
    look = {"color": LINES[1], "width": 2, "dash": "solid"}
    more = {"mode": "lines+markers+text", "marker": {"color": LINES[1], "size": 6, "symbol": "x"}}
    text = {"text": words, "textposition": "top center", "textfont": {"color": LINES[1]}}
    return marks.line(
        1, "common cause", x, y, "", line=look, hoverinfo="skip", cliponaxis=False, **more, **text
    )


def _hours(sheet: Sheet) -> Part:
    """Write days on a strip of a month, months on a longer one."""
    unit, length, each = ("day", DAY_H, DAYS_A_TICK)
    if sheet.strip_h > MONTH_H:
        unit, length, each = ("month", MONTH_H, MONTHS_A_TICK)
    last = int(sheet.strip_h / length + 1e-9)
    ticks = range(0, last + 1, each)
    many = (
        ""
        if sheet.strips == 1
        else f"{sheet.strips} strips of {_length(sheet.strip_h)} each, the first on top"
    )
    return {
        "title": many,
        "range": [0, sheet.strip_h],
        "tickvals": [tick * length for tick in ticks],
        "ticktext": [f"{unit} {tick}" if tick else "0" for tick in ticks],
        "showgrid": False,
        "zeroline": False,
    }


def _names(rows: Mapping[str, object]) -> Part:
    names = [f"<b>{name}</b>" if name == "service" else name for name in rows]
    return {
        "range": [0.4 - len(rows), 0.6],
        "tickvals": [-block for block in range(len(rows))],
        "ticktext": names,
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
    }


def _beside(
    rows: Mapping[str, object], played: Mapping[str, float], average: Mapping[str, float]
) -> list[Part]:
    """Write the counter of dark minutes beside each block, and its average."""
    place = {"xref": "paper", "xanchor": "left", "align": "left"}
    notes = []
    for block, name in enumerate(rows):
        words = f"<b>dark {_min(played[name])}</b>"
        if name in average:
            words += f"<br>average {_min(average[name])}"
        notes.append(marks.note(1.01, -block, words, **place))
    return notes


def _min(minutes: float) -> str:
    return f"{units.plain(minutes)} min"


def _length(hours: float) -> str:
    """Write a length in whole years or months, or else in hours.

    >>> _length(730), _length(8760), _length(100)
    ('1 month', '1 year', '100 hours')
    """
    for length, noun in ((YEAR_H, "year"), (MONTH_H, "month")):
        if hours % length == 0:
            return units.count(int(hours // length), noun)
    return f"{units.plain(hours)} hours"


def _told(
    sheet: Sheet, now: float, played: Mapping[str, float], struck: Sequence[float] | None
) -> str:
    *servers, service = played
    dark = [f"{name} for {_min(played[name])}" for name in servers]
    whole = _length(sheet.hours)
    when = (
        f"In {whole}"
        if now >= sheet.hours
        else f"After {units.percent(now / sheet.hours)} of {whole}"
    )
    verb = "is" if now >= sheet.hours else "has been"
    told = f"{when}, {listed(dark)} {verb} dark; the service for {_min(played[service])}."
    if struck is None:
        return told
    return f"{told} {units.count(len(struck), 'common cause')} struck all at once."


def _headline(sheet: Sheet, average: Mapping[str, float]) -> str:
    if not average:
        return ""
    months = sheet.hours / MONTH_H
    *_, server, service = (units.plain(minutes / months) for minutes in average.values())
    return f"Dark a month: server {server} min, service {service} min"


def _facts(played: Mapping[str, float], struck: Sequence[float]) -> dict[str, float]:
    *servers, service = played.values()
    return {
        "played_server_min": float(np.mean(servers)),
        "played_service_min": service,
        "common_causes": len(struck),
    }


def _table(played: Mapping[str, float], average: Mapping[str, float]) -> Sequence[Sequence[str]]:
    law = [units.plain(average[name]) if name in average else "" for name in played]
    return marks.table(
        ["what", "dark, played [min]", "dark, on average [min]"],
        played,
        map(units.plain, played.values()),
        law,
    )
