"""The chart of one history: servers and a service as strips of light that go dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._sheet import STRIPS, Floats, Sheet, Spells
from virtlearn.charts._style import INK, LINES
from virtlearn.charts._words import listed
from virtlearn.errors import ShapeMismatch

__all__ = ["outages"]

LIGHT = ("#F5D547", "#EBC934")  # by turns, so that a strip is told from the next
DARK = "#222222"
CLEAR = "rgba(0,0,0,0)"
PLOT_PX = 290
ONE_STRIP_PX = 60  # of a block, for a server or the service, at most
BLOCK_PX = 96  # with several strips, at most
FRAME_PX = 110
LIGHT_PART = 0.75  # of the height of a single strip; its outages are higher, and show by shape too
FEW = 12  # outages of the service, or common causes, each with a mark of its own
LEAST = 1 / 250  # of a strip's length: a shorter outage is drawn so wide, to be seen
RIGHT_PX = 150
ABOVE, BELOW = 0.55, 0.45  # where the plot ends, in blocks from the middle of the outer ones
POINTER = 0.12  # blocks from a strip to what points at it
RING_PX = 11
YEAR_H = 8760
MONTH_H = 730
DAY_H = 24
LENGTHS = ((YEAR_H, "year"), (MONTH_H, "month"), (1, "hour"))
MINUTES = 60
LEAST_MIN = 0.001
DAYS_A_TICK = 5
MONTHS_A_TICK = 2


def outages(
    servers: Mapping[str, Spells],
    service: Spells,
    *,
    strips: int = 1,
    strip_h: float = MONTH_H,
    until_h: float | None = None,
    common_h: Sequence[float] | None = None,
    average_min: Mapping[str, float] | None = None,
    need: int = 1,
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
    common_h : sequence of float, optional
        When a common cause strikes [h]: a line through all.
    average_min : mapping of str to float, optional
        For each name, and for ``"service"``, the dark minutes to be expected of a month [min].
    need : int
        How many servers the service needs.
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
    In 1 month, server 1 is dark for 300 min and server 2 for 60 min; the service for 60 min.
    """
    take.filled("servers", servers)
    count = core.check.whole("strips", strips, least=1)
    sheet = Sheet(count, core.check.one("strip_h", core.check.positive("strip_h", strip_h)))
    now = sheet.hours
    if until_h is not None:
        now = core.check.one("until_h", core.check.amount("until_h", until_h))
    rows = {name: _until(name, spells, now) for name, spells in servers.items()}
    rows["service"] = _until("service", service, now)
    played_min = {name: _minutes(spells) for name, spells in rows.items()}
    struck = [hour for hour in common_h or () if hour < now]
    monthly = dict(average_min or {})
    average = {name: minutes * now / MONTH_H for name, minutes in monthly.items()}
    block_px = min(PLOT_PX / len(rows), ONE_STRIP_PX if count == 1 else BLOCK_PX)
    return Chart(
        [
            _light(sheet, len(rows), now),
            _dark(sheet, rows),
            _frames(sheet, len(rows)),
            _service(sheet, len(rows) - 1, rows["service"]),
            _common(sheet, len(rows), struck),
        ],
        sentence=_told(sheet, now, played_min, None if common_h is None else struck),
        rows=_table(played_min, average),
        assumed=assumed,
        headline=_headline(monthly),
        facts={**_facts(played_min, struck), **(facts or {})},
        title=_rule(len(servers), core.check.whole("need", need, least=1)),
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


def _light(sheet: Sheet, blocks: int, now: float) -> Part:
    """Draw in light what has been played."""
    strips, lefts, lengths = sheet.pieces(([0.0], [now]), 0.0)
    colours = [LIGHT[int(strip) % 2] for strip in strips]
    high = sheet.height if sheet.strips > 1 else LIGHT_PART * sheet.height
    trace = _bars("up", sheet, [(lefts, lengths, strips)] * blocks, high)
    edge = {"color": colours * blocks, "width": 1}
    trace["marker"] = {"color": colours * blocks, "line": edge, "pattern": {"shape": ""}}
    return trace


def _dark(sheet: Sheet, rows: Mapping[str, tuple[Floats, Floats]]) -> Part:
    """Draw every outage of every row."""
    drawn = []
    for spells in rows.values():
        strips, lefts, lengths = sheet.pieces(spells, LEAST * sheet.strip_h)
        drawn.append((lefts, lengths, strips))
    trace = _bars("dark", sheet, drawn, sheet.height)
    edge = INK if sheet.strips == 1 else DARK
    hatch = {"shape": "/", "fillmode": "overlay", "fgcolor": INK, "size": 6, "solidity": 0.2}
    trace["marker"] = {"color": DARK, "line": {"color": edge, "width": 1}, "pattern": hatch}
    return trace


def _frames(sheet: Sheet, blocks: int) -> Part:
    """Draw round each block, also round what is still to come."""
    high = STRIPS if sheet.strips > 1 else LIGHT_PART * STRIPS
    whole = np.array([sheet.strip_h])
    one = Sheet(1, sheet.strip_h)
    trace = _bars("to come", one, [(0 * whole, whole, 0 * whole)] * blocks, high)
    trace["marker"] = {"color": CLEAR, "line": {"color": INK, "width": 1}}
    return {**trace, "showlegend": False}


def _bars(
    name: str, sheet: Sheet, blocks: Sequence[tuple[Floats, Floats, Floats]], high: float
) -> Part:
    """Draw pieces of strips, for each block their left ends, their lengths and their strips."""
    y = [sheet.y(block, strips) for block, (_, _, strips) in enumerate(blocks)]
    left, length, _ = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        # Hundredths of an hour and thousandths of a block are finer than a pixel.
        "base": left.round(2).tolist(),
        "x": length.round(2).tolist(),
        "y": np.concatenate(y).round(3).tolist(),
        "width": high,
        "hoverinfo": "skip",
    }


def _service(sheet: Sheet, block: int, spells: tuple[Floats, Floats]) -> Part:
    """Point at the outages of the service, where they are few and small."""
    begin, _ = spells
    few = begin if len(begin) <= FEW and sheet.strips > 1 else begin[:0]
    x = (few % sheet.strip_h).round(2).tolist()
    y = (sheet.y(block, few // sheet.strip_h) + POINTER).round(3).tolist()
    look = {
        "color": DARK,
        "symbol": "triangle-down",
        "size": 10,
        "line": {"color": INK, "width": 1},
    }
    return marks.points(0, "the service is dark", x, y, look=look)


def _common(sheet: Sheet, blocks: int, struck: Sequence[float]) -> Part:
    """Draw a line through all blocks for each common cause; a ring on what it hits, if few do."""
    x: list[float | None] = []
    y: list[float | None] = []
    size: list[int] = []
    for hour in struck:
        hit = [float(sheet.y(block, hour // sheet.strip_h)) for block in range(blocks)]
        x += [round(hour % sheet.strip_h, 2)] * (blocks + 2) + [None]
        y += [ABOVE, *hit, BELOW - blocks, None]
        size += [0, *[RING_PX if len(struck) <= FEW else 0] * blocks, 0, 0]
    ring = {"color": LINES[1], "size": size, "symbol": "circle-open", "line": {"width": 2}}
    return marks.line(
        1,
        "common cause",
        x,
        y,
        "",
        mode="lines+markers+text",
        line={"color": LINES[1], "width": 2 if len(struck) <= FEW else 1, "dash": "solid"},
        marker=ring,
        text=["common cause"] if struck else [],
        textposition="top center",
        textfont={"color": LINES[1]},
        hoverinfo="skip",
        cliponaxis=False,
    )


def _hours(sheet: Sheet) -> Part:
    """Write days under strips of a month, months under longer ones."""
    unit, length, each = ("day", DAY_H, DAYS_A_TICK)
    if sheet.strip_h > MONTH_H:
        unit, length, each = ("month", MONTH_H, MONTHS_A_TICK)
    last = int(sheet.strip_h / length + 1e-9)
    ticks = range(0, last + 1, each)
    strips = f" (each strip is {_length(sheet.strip_h)}, the first on top)"
    return {
        "title": unit + strips if sheet.strips > 1 else unit,
        "range": [0, sheet.strip_h],
        "tickvals": [tick * length for tick in ticks],
        "ticktext": [str(tick) for tick in ticks],
        "showgrid": False,
        "zeroline": False,
    }


def _names(rows: Mapping[str, object]) -> Part:
    names = [f"<b>{name}</b>" if name == "service" else name for name in rows]
    return {
        "range": [BELOW - len(rows), ABOVE],
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
            # "under" would take more room than there is beside the strips.
            words += f"<br>average {_min(average[name]).replace('under ', '&lt;')}"
        notes.append(marks.note(1.01, -block, words, **place))
    return notes


def _minutes_of(minutes: float) -> str:
    """Write dark minutes; what would take centuries to come is as good as none.

    >>> _minutes_of(1.0949), _minutes_of(1e-9), _minutes_of(0)
    ('1.09', 'under 0.001', '0')
    """
    return f"under {LEAST_MIN}" if 0 < minutes < LEAST_MIN else units.plain(minutes)


def _min(minutes: float) -> str:
    return f"{_minutes_of(minutes)} min"


def _length(hours: float) -> str:
    """Write a length in whole years or months, or else in hours.

    >>> _length(730), _length(8760), _length(100)
    ('1 month', '1 year', '100 hours')
    """
    for length, noun in LENGTHS[:-1]:
        if hours % length == 0:
            return units.count(int(hours // length), noun)
    return f"{units.plain(hours)} hours"


def _told(
    sheet: Sheet, now: float, played: Mapping[str, float], struck: Sequence[float] | None
) -> str:
    first, *others = (f"{name} for {_min(minutes)}" for name, minutes in played.items())
    *servers, service = [first.replace(" for ", " is dark for ", 1), *others]
    told = f"{_when(sheet.hours, now)}, {listed(servers)}; the {service}."
    if struck is None:
        return told
    times = {1: "once", 2: "twice"}.get(len(struck), f"{len(struck):,} times")
    return f"{told} A common cause struck {times}." if struck else f"{told} No common cause struck."


def _when(hours: float, now: float) -> str:
    """Say how much of a history has been played, in a unit that it holds several times.

    >>> _when(730, 365), _when(8760, 4380), _when(8760, 8760)
    ('After 365 of 730 hours', 'After 6 of 12 months', 'In 1 year')
    """
    if now >= hours:
        return f"In {_length(hours)}"
    unit, noun = next((u, n) for u, n in LENGTHS if hours > u)
    return f"After {units.plain(now / unit)} of {units.plain(hours / unit)} {noun}s"


def _headline(monthly: Mapping[str, float]) -> str:
    if not monthly:
        return ""
    *_, server, service = map(_minutes_of, monthly.values())
    return f"Dark: server {server}, service {service} min a month"


def _rule(servers: int, need: int) -> str:
    if servers == 1:
        return "The service is dark while its server is"
    if need == 1:
        return "The service is dark only while all servers are"
    if need == servers:
        return "The service is dark while any server is"
    return f"The service is dark while fewer than {need} servers are up"


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
