"""The chart of moving a machine: what happens in each way to move it, second by second."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import FILLS, INK, TEXT_ON, bar_look
from virtlearn.charts._words import listed, times

__all__ = ["migration"]

DARK = "#1a1a1a"
# What a machine does meanwhile; dark is the one that its users notice.
LOOKS: dict[str, str] = {
    "copied while it runs": FILLS[0],
    "copied while slowed": FILLS[1],
    "dark": DARK,
    "pages follow": FILLS[4],
    "a new copy starts, the old one runs": FILLS[2],
}
ROUNDS = ("copied while it runs", "copied while slowed")
SHORT = {"a new copy starts, the old one runs": "a new copy starts"}
LANE_PX, FRAME_PX = 76, 112
THICK = 0.44  # of a lane, the rest is for words above and below
LETTER = 0.014  # of the axis: what a letter of a label takes
CLOCK_MIN_S = 300  # from here on the axis counts minutes


class Phase(NamedTuple):
    """One block of a lane: what happens from when to when [s], and which round it is, from 1."""

    word: str
    start: float
    end: float
    turn: int

    @property
    def name(self) -> str:
        """What stands in its block."""
        if self.word in ROUNDS:
            return f"round {self.turn}"
        return SHORT.get(self.word, self.word)


class View(NamedTuple):
    """The moment that is shown and where the axis ends [s], and what the axis counts in [s]."""

    clock: float
    end: float
    unit: float

    @property
    def until(self) -> float:
        """Nothing is drawn from here on."""
        return min(self.clock, self.end)

    def length(self, phase: Phase) -> float:
        """Say how much of a phase is to be seen [s]."""
        return min(phase.end, self.until) - phase.start

    def has_room(self, name: str, seconds: float) -> bool:
        """Say whether a name fits into a block that is so long."""
        return seconds > LETTER * self.end * len(name)


Lanes = dict[str, list[Phase]]


def migration(
    ways: Mapping[str, Sequence[tuple[str, float]]],
    *,
    sent_mib: Mapping[str, float],
    unfinished: Mapping[str, str] | None = None,
    watched_s: float | None = None,
    clock_s: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw ways to move what runs on a host, each as a lane of what happens one after the other.

    Parameters
    ----------
    ways : mapping of str to sequence of (str, float)
        For each way, its phases in order: a word of ``charts.moving.LOOKS`` and seconds. Rounds
        of pre-copy are phases of their own.
    sent_mib : mapping of str to float
        What each way has sent over the network until ``clock_s`` [MiB].
    unfinished : mapping of str to str, optional
        For each way that does not end by itself, why; its lane runs out of the picture.
    watched_s : float, optional
        How long it is watched; until the last way has ended, if not given [s].
    clock_s : float, optional
        The moment that is shown: nothing later is drawn. All is, if not given [s].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A lane for each way; what its users notice is called dark.

    Raises
    ------
    UnknownName
        For a phase that has no look.
    ShapeMismatch
        Where there is no way, or a way has no phase.

    Examples
    --------
    >>> chart = migration(
    ...     {
    ...         "pre-copy": [("copied while it runs", 8.0), ("dark", 0.1)],
    ...         "stop and copy": [("dark", 8.0)],
    ...     },
    ...     sent_mib={"pre-copy": 1100, "stop and copy": 1024},
    ... )
    >>> print(chart.describe())
    Dark for 0.1 s (pre-copy) and 8 s (stop and copy), of 8.1 s and 8 s in all.
    >>> chart.headline
    'Dark for 0.1 s of 8.1 s'
    """
    lanes = _lanes(ways)
    endless = dict(unfinished or {})
    longest = max(phases[-1].end for phases in lanes.values())
    watched = longest if watched_s is None else watched_s
    unit, name = (60, "min") if watched >= CLOCK_MIN_S else (1, "s")
    end = unit * marks.round_top([watched / unit])
    clock = math.inf if clock_s is None else clock_s
    told = _Told(lanes, endless, clock, sent_mib)
    rows = list(lanes.values())
    view = View(clock, end, unit)
    notes = [
        *_lane_words(told),
        *_dark_words(rows, view),
        *_arrows(lanes, endless, view),
    ]
    return Chart(
        _blocks(rows, view),
        sentence=told.sentence(),
        rows=told.table(),
        assumed=assumed,
        headline=told.headline(),
        facts=told.facts(),
        title="Blue and orange: the machine runs. Black: it is dark",
        barmode="overlay",
        showlegend=False,
        xaxis=marks.axis(f"time [{name}]", end / unit),
        yaxis={"visible": False, "range": [len(lanes) - 0.38, -0.62]},
        annotations=notes,
        shapes=[] if clock >= end else [marks.rule(clock / unit)],
        height=FRAME_PX + LANE_PX * len(lanes),
        margin={"l": 20, "b": 55},
    )


def _lanes(ways: Mapping[str, Sequence[tuple[str, float]]]) -> Lanes:
    """Put the phases of each way one after the other, and number its rounds."""
    take.filled("ways", ways)
    lanes: Lanes = {}
    for way, phases in ways.items():
        take.filled(way, phases)
        lane: list[Phase] = []
        now = 0.0
        turn = 0
        for word, given in phases:
            core.check.known("phase", word, LOOKS)
            seconds = take.series(way, [given])[0]
            turn += word in ROUNDS
            lane.append(Phase(word, now, now + seconds, turn))
            now += seconds
        lanes[way] = lane
    return lanes


class _Told:
    """The words of the chart: what is said of each lane, of all, and as a table."""

    def __init__(
        self, lanes: Lanes, endless: dict[str, str], clock: float, sent: Mapping[str, float]
    ) -> None:
        self.lanes = lanes
        self.endless = endless
        self.clock = clock
        self.sent = sent
        self.dark = {way: _spent(phases, ("dark",)) for way, phases in lanes.items()}
        self.whole = {way: phases[-1].end for way, phases in lanes.items()}
        # Ways that never end would set the unit for those that do.
        ended = [way for way in lanes if way not in endless]
        shown = [x for way in ended for x in (self.dark[way], self.whole[way])]
        self.longest = max([*shown, *(self.lanes[way][0].end for way in endless)])

    def time(self, seconds: float) -> str:
        """Write a time as the others in this picture are written."""
        return times([seconds, self.longest])[0]

    def now(self, way: str) -> Phase | None:
        """Give the phase that a lane is in; None when it is over."""
        return next((phase for phase in self.lanes[way] if phase.end > self.clock), None)

    def lane(self, way: str) -> str:
        """Say of a lane what happened until now."""
        phase = self.now(way)
        amount = self.sent[way]
        sent = f"{units.memory(amount)} sent" if amount else "nothing sent"
        if way in self.endless and self.clock == math.inf:
            return f" {self.endless[way]}; {sent}"
        if phase is not None:
            return f": {phase.name}; {sent}"
        dark = self.dark[way]
        told = f"dark for {self.time(dark)}" if dark else "never dark"
        rounds = self.lanes[way][-1].turn
        if rounds:
            told = f"{units.count(rounds, 'round')}, {told}"
        return f": {told}; over after {self.time(self.whole[way])}, {sent}"

    def headline(self) -> str:
        """Say of the first way how long it is dark, or what it does at the moment."""
        first = next(iter(self.lanes))
        phase = self.now(first)
        if phase is not None:
            return f"After {self.time(self.clock)}: {phase.name}"
        if first in self.endless:
            return f"{_large(first)} {self.endless[first]}"
        if not self.dark[first]:
            return f"Never dark in {self.time(self.whole[first])}"
        return f"Dark for {self.time(self.dark[first])} of {self.time(self.whole[first])}"

    def sentence(self) -> str:
        """Say of every way that ends how long it is dark, and why another does not end."""
        ended = [way for way in self.lanes if way not in self.endless]
        dim = [way for way in ended if self.dark[way]]
        told = ""
        if dim:
            each = listed(f"{self.time(self.dark[way])} ({way})" for way in dim)
            in_all = listed(self.time(self.whole[way]) for way in dim)
            told = f"Dark for {each}, of {in_all} in all."
        for way in ended:
            if not self.dark[way]:
                told += f" {_large(way)} is never dark and takes {self.time(self.whole[way])}."
        for way, why in self.endless.items():
            told += f" {_large(way)} {why}; stopped by force, it is dark for "
            told += f"{self.time(self.dark[way])}."
        return told.strip()

    def table(self) -> list[tuple[str, ...]]:
        """Give the lanes as a table, whole, whatever the clock says."""
        running = {way: self.whole[way] - self.dark[way] for way in self.lanes}
        return marks.table(
            ["way", "rounds", "runs meanwhile", "dark", "together", "sent until now"],
            self.lanes,
            (str(phases[-1].turn) for phases in self.lanes.values()),
            map(self.time, running.values()),
            map(self.time, self.dark.values()),
            map(self.time, self.whole.values()),
            (units.memory(self.sent[way]) for way in self.lanes),
        )

    def facts(self) -> dict[str, float]:
        """Give for each way how long it is dark and takes [s], its rounds, and whether it ends."""
        given: dict[str, float] = {}
        for way, phases in self.lanes.items():
            name = way.replace("-", "_").replace(" ", "_").replace("'", "")
            given[f"{name}_dark_s"] = self.dark[way]
            given[f"{name}_total_s"] = self.whole[way]
            given[f"{name}_rounds"] = phases[-1].turn
            given[f"{name}_ends"] = float(way not in self.endless)
            given[f"{name}_sent_mib"] = self.sent[way]
        return given


def _large(way: str) -> str:
    return f"{way[:1].upper()}{way[1:]}"


def _spent(phases: Sequence[Phase], words: Sequence[str]) -> float:
    return sum(phase.end - phase.start for phase in phases if phase.word in words)


def _blocks(rows: Sequence[list[Phase]], view: View) -> list[Part]:
    """Draw what happened until now: one trace for each word, its blocks in all lanes."""
    traces = []
    for word in LOOKS:
        mine = []
        for lane, phases in enumerate(rows):
            mine += [(lane, p) for p in phases if p.word == word and p.start < view.until]
        traces.append(_blocks_of(word, mine, view))
    return traces


def _blocks_of(word: str, mine: Sequence[tuple[int, Phase]], view: View) -> Part:
    """Draw the blocks of a word, named where there is room."""
    lengths = [view.length(phase) for _, phase in mine]
    names = []
    for length, (_, phase) in zip(lengths, mine, strict=True):
        names.append(phase.name if view.has_room(phase.name, length) else "")
    colour = LOOKS[word]
    look = bar_look(colour)
    # A slowed round is told by its hatching where it is too short for its word.
    is_slow = word == ROUNDS[1]
    look["pattern"]["shape"] = ["/" if is_slow and not name else "" for name in names]
    trace = marks.bar(
        0,
        word,
        [length / view.unit for length in lengths],
        [lane for lane, _ in mine],
        f"{word}: %{{customdata}}<extra></extra>",
        orientation="h",
        base=[phase.start / view.unit for _, phase in mine],
        width=THICK,
        showlegend=False,
        customdata=[units.duration(phase.end - phase.start) for _, phase in mine],
        text=names,
        textposition="inside",
        insidetextanchor="middle",
        textfont={"color": TEXT_ON.get(colour, "#ffffff"), "size": 12},
    )
    trace["marker"] = look
    return trace


def _lane_words(told: _Told) -> list[Part]:
    """Write over each lane its name and what is to be said of it."""
    place = {"xanchor": "left", "yanchor": "bottom", "align": "left", "font": {"size": 13}}
    return [
        marks.note(0, i - THICK / 2, f"<b>{way}</b>{told.lane(way)}", **place)
        for i, way in enumerate(told.lanes)
    ]


def _dark_words(rows: Sequence[list[Phase]], view: View) -> list[Part]:
    """Point at dark times that are too short to be read as blocks."""
    notes = []
    for lane, phases in enumerate(rows):
        for phase in phases:
            seen = view.length(phase)
            if phase.word != "dark" or seen <= 0 or view.has_room(phase.name, seen):
                continue
            middle = phase.start + seen / 2
            # A word at the edge would be cut off.
            aside = {"xanchor": "left", "xshift": -6} if middle < 0.03 * view.end else {}
            place = {"yanchor": "top", "font": {"size": 12}, **aside}
            at = middle / view.unit
            notes.append(marks.note(at, lane + THICK / 2, "▲ dark", **place))
    return notes


def _arrows(lanes: Lanes, endless: Mapping[str, str], view: View) -> list[Part]:
    """Let a lane that does not end run out of the picture."""
    notes = []
    for lane, (way, phases) in enumerate(lanes.items()):
        if way not in endless or view.clock < view.end or phases[-1].end <= view.end:
            continue
        arrow = {"showarrow": True, "arrowhead": 2, "arrowwidth": 3, "arrowcolor": INK}
        start = {"ax": -36, "ay": 0, "xanchor": "right", "xshift": 14}
        notes.append(marks.note(view.end / view.unit, lane + 0.3, "and on", **arrow, **start))
    return notes
