"""One request under way: computing inside a machine, and out of it for each message and read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import INK, LINES
from virtlearn.charts._words import milliseconds
from virtlearn.charts.speed import request_time

__all__ = ["crossings"]

INSIDE = "computing"
LEAVES = "A request that leaves its machine waits longer for what is outside"
STAYS = "A request waits for messages and reads"
WITHIN, WITHOUT, BORDER, BELOW = 0.62, 0.06, 0.34, -0.2  # heights, and that of a word
Parts = Mapping[str, float]


@dataclass(frozen=True)
class Course:
    """A request on one platform, piece by piece: what it does, from when to when [ms]."""

    title: str
    parts_ms: Parts
    times: Mapping[str, int]

    @cached_property
    def pieces(self) -> list[tuple[str, float, float]]:
        """Computing in equal slices, and what leaves the machine spread evenly between them."""
        outside = sorted(self._outside())
        slice_ms = self.parts_ms[INSIDE] / (len(outside) + 1)
        found = [(INSIDE, 0.0, slice_ms)]
        now = slice_ms
        for _, what in outside:
            back = now + self.parts_ms[what] / self.times[what]
            found += [(what, now, back), (INSIDE, back, back + slice_ms)]
            now = back + slice_ms
        return found

    def _outside(self) -> Iterator[tuple[float, str]]:
        """Give each message and read with its place between start and end, 0 to 1."""
        for what, n in self.times.items():
            for i in range(n):
                yield (i + 0.5) / n, what

    @property
    def whole_ms(self) -> float:
        """How long it takes in all [ms]."""
        return sum(self.parts_ms.values())

    def until(self, now_ms: float) -> dict[str, float]:
        """Say how long each part has taken until a moment [ms]."""
        gone = dict.fromkeys(self.parts_ms, 0.0)
        for what, begins, ends in self.pieces:
            gone[what] += max(0.0, min(ends, now_ms) - begins)
        return gone

    def crossed(self, now_ms: float) -> int:
        """Count the times that it has left the machine until a moment."""
        return sum(what != INSIDE and begins < now_ms for what, begins, _ in self.pieces)

    def way(self) -> tuple[list[float], list[float]]:
        """Draw its way, in and out: times [ms] and heights."""
        x: list[float] = []
        y: list[float] = []
        for what, begins, ends in self.pieces:
            height = WITHIN if what == INSIDE else WITHOUT
            x += [begins, ends]
            y += [height, height]
        return x, y

    def dot(self, now_ms: float) -> tuple[float, float]:
        """Place the request at a moment; at the end it is back inside."""
        at = min(now_ms, self.whole_ms)
        here = next((what for what, _, ends in self.pieces if at < ends), INSIDE)
        return at, WITHIN if here == INSIDE else WITHOUT


def crossings(
    parts_ms: Mapping[str, Parts],
    times: Mapping[str, int],
    *,
    border: str = "the machine's border",
    moment: float = 1.0,
    assumed: str = "",
) -> Chart:
    """Draw one request on two platforms, and on the second its way in and out of the machine.

    Parameters
    ----------
    parts_ms : mapping of str to mapping of str to float
        For both platforms' titles, the time of each part of the request [ms]; computing is inside.
    times : mapping of str to int
        How many times each other part leaves the machine.
    border : str
        What it crosses; an empty text where there is nothing to cross.
    moment : float
        The moment that is shown, as a part of the longer time, 0 to 1.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Bars as far as they have come, and under them the way of the second request.

    Raises
    ------
    ShapeMismatch
        Where there are no platforms.
    ImpossibleAmount
        Where a time is negative, or the moment lies outside 0 to 1.

    Examples
    --------
    >>> ms = {"computing": 5, "network messages": 1}
    >>> slow = {"computing": 5, "network messages": 4}
    >>> crossings({"processes": ms, "machines": slow}, {"network messages": 10}).headline
    '6 ms : 9 ms = 1.5 times as long'
    """
    take.filled("parts_ms", parts_ms)
    whole = request_time(parts_ms, top_ms=1.0)
    first, second = (Course(title, parts, times) for title, parts in parts_ms.items())
    longest = max(first.whole_ms, second.whole_ms)
    now = float(core.check.probability("moment", moment)) * longest
    done, out = second.crossed(now) if border else 0, sum(times.values())
    bars = [_bars(i, name, (first, second), now) for i, name in enumerate(second.parts_ms)]
    return Chart(
        [*bars, *_outlines((first, second)), *_way(second, now)],
        sentence=f"{whole.describe()} {_said(second, done, out, border)}",
        rows=whole.table(),
        assumed=assumed,
        headline=_headline(first.whole_ms, second.whole_ms),
        facts=_facts(first.whole_ms, second.whole_ms, done),
        title=LEAVES if border else STAYS,
        xaxis=marks.axis("time [ms]", marks.round_top([longest])),
        yaxis={
            "tickvals": [2, 1, WITHIN, WITHOUT],
            "ticktext": [first.title, second.title.replace(" ", "<br>", 1), "inside", "outside"],
            "range": [-0.4, 2.5],
            "showgrid": False,
        },
        shapes=[_border()] if border else [],
        annotations=_notes((first, second), border, done, out),
        barmode="stack",
        margin={"r": marks.BESIDE_PX},
        height=400,
    )


def _headline(first_ms: float, second_ms: float) -> str:
    both = f"{milliseconds(first_ms)} : {milliseconds(second_ms)}"
    if not first_ms:
        return both
    if second_ms == first_ms:
        return f"{both}, just as long"
    # Three digits would say that 1.0004 times as long is once as long.
    ratio = second_ms / first_ms
    digits = 3 if units.plain(ratio) != "1" else 5
    return f"{both} = {units.plain(ratio, digits)} times as long"


def _facts(first_ms: float, second_ms: float, crossed: int) -> dict[str, float]:
    facts = {"native_ms": first_ms, "there_ms": second_ms, "crossed": crossed}
    if first_ms:
        facts["times"] = second_ms / first_ms
    return facts


def _said(course: Course, done: int, out: int, border: str) -> str:
    """Say how often the request has left the machine."""
    if not border:
        return "There is no machine to leave."
    if not out:
        return "It never leaves the machine."
    return f"It has left the machine {done:,} of {units.count(out, 'time')}."


def _bars(i: int, name: str, courses: Sequence[Course], now_ms: float) -> Part:
    """Draw one part of both requests, as far as they have come."""
    gone = [course.until(now_ms)[name] for course in courses]
    hover = f"{name}: %{{x:.3g}} ms<extra></extra>"
    lying = {"orientation": "h", "width": 0.42}
    trace = marks.bar(i, name, gone, [2.0, 1.0], hover, **lying)
    trace["marker"]["pattern"] = {"shape": ("", "/", ".")[i % 3]}
    return trace


def _outlines(courses: Sequence[Course]) -> Iterator[Part]:
    """Draw how long both take in all."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row, course in zip((2.0, 1.0), courses, strict=True):
        end = course.whole_ms
        x += [0.0, end, end, 0.0, 0.0, None]
        y += [row - 0.21, row - 0.21, row + 0.21, row + 0.21, row - 0.21, None]
    look = {"color": INK, "width": 1}
    yield marks.line(0, "in all", x, y, "", hoverinfo="skip", line=look, showlegend=False)


def _way(course: Course, now_ms: float) -> Iterator[Part]:
    """Draw the way of a request, and where it is."""
    x, y = course.way()
    look = {"color": INK, "width": 1}
    yield marks.line(0, "its way", x, y, "", hoverinfo="skip", line=look, showlegend=False)
    at, height = course.dot(now_ms)
    dot = {"color": LINES[1], "symbol": "circle", "size": 14}
    yield marks.points(1, "the request", [at], [height], look=dot, showlegend=False)


def _border() -> Part:
    return marks.rule(BORDER, along="y", dash="solid")


def _notes(courses: Sequence[Course], border: str, done: int, out: int) -> list[Part]:
    """Write the times at the ends of the bars, and the crossings at the border."""
    notes = []
    for row, course in zip((2.0, 1.0), courses, strict=True):
        text = f" {milliseconds(course.whole_ms)}"
        notes.append(marks.note(course.whole_ms, row, text, xanchor="left"))
    if border:
        text = f"{border}: crossed {done:,} of {out:,} times"
        place = {"xref": "paper", "xanchor": "left", "font": {"size": 12}}
        notes.append(marks.note(0, BELOW, text, **place))
    return notes
