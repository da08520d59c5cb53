"""The chart of fifty years: what came when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from virtlearn import units
from virtlearn.catalog.evidence import Evidence
from virtlearn.charts import _marks as marks
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._take import filled
from virtlearn.errors import NoSource

__all__ = ["timeline"]

ROW_PX = 23


class Event(NamedTuple):
    """One row of the chart; events are ordered by their year."""

    year: int
    what: str
    source: str
    kind: str


def timeline(events: Mapping[str, Sequence[Evidence]], *, assumed: str = "") -> Chart:
    """Draw what came when, oldest first, each kind of event with its own symbol.

    Parameters
    ----------
    events : mapping of str to sequence of Evidence
        For each kind, rows whose value is a year, such as HIST-02.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        One row an event, its words beside its point.

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
    """
    rows = []
    for kind, several in events.items():
        for row in several:
            rows.append(Event(_year(row), row.quantity, row.ref, kind))
    filled("events", rows)
    rows.sort()
    first, last = rows[0], rows[-1]
    span = f"From {first.year} ({first.what}) to {last.year} ({last.what})"
    return Chart(
        [_points_of(i, kind, rows) for i, kind in enumerate(events)],
        sentence=f"{span}: {units.count(len(rows), 'event')}.",
        rows=marks.table(
            ["year", "what", "kind", "source"],
            [str(event.year) for event in rows],
            [event.what for event in rows],
            [event.kind for event in rows],
            [event.source for event in rows],
        ),
        assumed=assumed,
        title="Walls and kernels, year by year",
        xaxis={"title": "year", "range": [first.year - 2, last.year + 2]},
        # The oldest stands on top.
        yaxis={"visible": False, "range": [len(rows) - 0.3, -0.7]},
        height=150 + ROW_PX * len(rows),
    )


def _points_of(i: int, kind: str, rows: Sequence[Event]) -> Part:
    """Draw one kind of event, its words on the side where there is room."""
    mine = {row: event for row, event in enumerate(rows) if event.kind == kind}
    middle = (rows[0].year + rows[-1].year) / 2
    late = [event.year > middle for event in mine.values()]
    return marks.points(
        i,
        kind,
        [event.year for event in mine.values()],
        list(mine),
        f"%{{text}}<br>{kind}<extra></extra>",
        mode="markers+text",
        text=[f"  {event.year} {event.what}  " for event in mine.values()],
        textposition=["middle left" if right else "middle right" for right in late],
        look={"size": 11, "symbol": marks.SYMBOLS[i]},
    )


def _year(event: Evidence) -> int:
    text = str(event.text)[:4]
    if not text.isdigit():
        raise NoSource(
            f"{event.ref} says {event.text!r}, which does not begin with a year.\n"
            "Take rows of the family HIST."
        )
    return int(text)
