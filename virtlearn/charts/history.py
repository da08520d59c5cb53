"""The chart of fifty years: what came when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from virtlearn import units
from virtlearn.catalog.evidence import Evidence
from virtlearn.charts import _marks as marks
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import LINES
from virtlearn.charts._take import filled
from virtlearn.charts._words import listed
from virtlearn.errors import NoSource

__all__ = ["timeline"]

ROW_PX, FRAME_PX = 20, 105
LETTER_YEARS = 0.62  # what a letter takes of the axis, for a picture of fifty years


class Event(NamedTuple):
    """One event; events are ordered by their year."""

    year: int
    what: str
    source: str
    kind: str


class Family(NamedTuple):
    """The events of one kind, oldest first, and the row of its name; its events follow below."""

    kind: str
    row: int
    events: list[Event]

    @property
    def rows(self) -> list[int]:
        """The row of each event."""
        return list(range(self.row + 1, self.row + 1 + len(self.events)))


def timeline(events: Mapping[str, Sequence[Evidence]], *, assumed: str = "") -> Chart:
    """Draw what came when: a field for each kind, its events in it, oldest first.

    Parameters
    ----------
    events : mapping of str to sequence of Evidence
        For each kind, rows whose value is a year, such as HIST-02.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A field for each kind from its first event on; one row an event, its words at its point.

    Raises
    ------
    ShapeMismatch
        Where there is no event.
    NoSource
        Where a row of evidence does not begin with a year.

    Examples
    --------
    >>> import virtlearn as vl
    >>> both = {"machines": [vl.evidence("HIST-02")], "containers": [vl.evidence("HIST-07")]}
    >>> print(timeline(both).describe())  # doctest: +NORMALIZE_WHITESPACE
    From 1967 (CP-40 in production; CP-67 in April 1967) to 2000
    (FreeBSD jails (FreeBSD 4.0-RELEASE)): 2 events.
    Machines since 1967 and containers since 2000.
    """
    families: list[Family] = []
    row = 0
    for kind, several in events.items():
        filled(kind, several)
        mine = sorted(Event(_year(e), e.quantity, e.ref, kind) for e in several)
        families.append(Family(kind, row, mine))
        row += 1 + len(mine)
    filled("events", families)
    rows = sorted(event for family in families for event in family.events)
    first, last = rows[0], rows[-1]
    ends = (first.year - 2, last.year + 2)
    span = f"From {first.year} ({first.what}) to {last.year} ({last.what})"
    since = [f"{family.kind} since {family.events[0].year}" for family in families]
    return Chart(
        [_points_of(i, family, ends) for i, family in enumerate(families)],
        sentence=f"{span}: {units.count(len(rows), 'event')}. {_large(listed(since))}.",
        rows=marks.table(
            ["year", "what", "kind", "source"],
            [str(event.year) for event in rows],
            [event.what for event in rows],
            [event.kind for event in rows],
            [event.source for event in rows],
        ),
        assumed=assumed,
        headline=f"{first.year} to {last.year}: {units.count(len(rows), 'event')}",
        facts={f"since_{i}": family.events[0].year for i, family in enumerate(families)},
        title="A field begins with the first of its kind",
        showlegend=False,
        xaxis={"title": "year", "range": ends},
        # The first kind stands on top.
        yaxis={"visible": False, "range": [row - 0.4, -0.6]},
        shapes=[_field(i, family, ends) for i, family in enumerate(families)],
        annotations=[_name(family, ends) for family in families],
        height=FRAME_PX + ROW_PX * row,
        margin={"l": 20, "t": 45, "b": 55},
    )


def _large(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _points_of(i: int, family: Family, ends: tuple[int, int]) -> Part:
    """Draw one kind of event, its words on the side where there is room."""
    said = [f"  {event.year} {event.what}  " for event in family.events]
    sides = []
    for event, words in zip(family.events, said, strict=True):
        is_room = event.year + LETTER_YEARS * len(words) < ends[1]
        sides.append("middle right" if is_room else "middle left")
    return marks.points(
        i,
        family.kind,
        [event.year for event in family.events],
        family.rows,
        f"%{{text}}<br>{family.kind}<extra></extra>",
        mode="markers+text",
        text=said,
        textposition=sides,
        textfont={"size": 12},
        look={"size": 11, "symbol": marks.SYMBOLS[i % len(marks.SYMBOLS)]},
    )


def _field(i: int, family: Family, ends: tuple[int, int]) -> Part:
    """Shade the time since the first event of a kind."""
    colour = LINES[i % len(LINES)]
    edges = {"x0": family.events[0].year, "x1": ends[1]}
    height = {"y0": family.row - 0.45, "y1": family.rows[-1] + 0.45}
    look = {"fillcolor": colour, "opacity": 0.16, "line": {"width": 0}, "layer": "below"}
    return {"type": "rect", **edges, **height, **look}


def _name(family: Family, ends: tuple[int, int]) -> Part:
    """Write the name of a kind into its field, or before it where the field is too short."""
    words = f"<b>{_large(family.kind)}</b>"
    start = family.events[0].year
    is_room = start + LETTER_YEARS * len(words) < ends[1]
    anchor = {"xanchor": "left", "xshift": 6} if is_room else {"xanchor": "right", "xshift": -6}
    return marks.note(start, family.row, words, **anchor)


def _year(event: Evidence) -> int:
    text = str(event.text)[:4]
    if not text.isdigit():
        raise NoSource(
            f"{event.ref} says {event.text!r}, which does not begin with a year.\n"
            "Take rows of the family HIST."
        )
    return int(text)
