"""Charts of getting ready: the phases of a start, and many starts at once."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._doors import (
    ROW_PX,
    ROWS,
    WIDE,
    Field,
    door_words,
    doors,
    download,
    frame,
    row_times,
)
from virtlearn.charts._lanes import Lane, lanes, words_on
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._phases import looks
from virtlearn.charts._stacked import Stack
from virtlearn.charts._words import copies, listed

__all__ = ["scale_out", "start_phases"]

FRAME_PX = 96  # title and axis
HEIGHT_PX, HEAD_PX, FOOT_PX, GAP_PX = 440, 40, 52, 22  # of the picture with the doors
MOST_STEPS = 100  # a stair of more steps is a line


def _seconds(s: float) -> str:
    """Write a time in the unit of the axis, so that the numbers of all bars can be compared."""
    return f"{units.plain(s)} s"


def _plain_name(title: str) -> str:
    """Write a title as a fact's name.

    >>> _plain_name("VM-isolated containers")
    'vm_isolated_containers'
    """
    return re.sub(r"\W+", "_", title.lower()).strip("_")


def start_phases(
    phases: Mapping[str, Sequence[tuple[str, float]]],
    *,
    clock_s: float = math.inf,
    assumed: str = "",
) -> Chart:
    """Draw one start on each platform as a race: each a train of phases that grows with the clock.

    Parameters
    ----------
    phases : mapping of str to sequence of (str, float)
        For each title its phases in their order with their seconds, such as
        `Deployment.start_phases` [s].
    clock_s : float, optional
        When the race is looked at [s since the order]; after its end if left out.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Each lane is a chain of phases in true order; a phase has the same look in every chart.

    Raises
    ------
    ShapeMismatch
        Where there is no start, or one without a phase.
    ImpossibleAmount
        Where a phase takes a negative, infinite or unknown time.

    Examples
    --------
    >>> quick = {"containers": [("engine", 0.17), ("program", 0.03)]}
    >>> quick["processes"] = [("program", 0.03)]
    >>> print(start_phases(quick).describe())  # doctest: +NORMALIZE_WHITESPACE
    Until one more copy answers: 0.2 s (containers, most of it "engine");
    0.03 s (processes, most of it "program").
    >>> start_phases(quick, clock_s=0.1).headline
    'After 0.1 s: 1 of 2 answers'
    """
    stack = Stack.of(phases, _seconds)
    sums = stack.sums
    clock = min(clock_s, max(sums.values()))
    run = _lanes(stack, clock)
    look = looks(stack.words)
    top = marks.round_top([lane.end_s for lane in run])
    finished = clock_s >= max(sums.values())
    return Chart(
        lanes(run, look),
        sentence=_race_over(stack) if finished else _race_running(run, clock),
        rows=stack.rows("platform"),
        headline=" : ".join(map(_seconds, sums.values())) if finished else _answering(run, clock),
        facts=_facts(stack, run, clock),
        title=_point(stack) if finished else "One start each, phase by phase",
        barmode="overlay",
        showlegend=False,
        xaxis=marks.axis("time since the order [s]", top, showgrid=False),
        yaxis={"visible": False, "range": [run[-1].bottom_px, 0]},
        annotations=list(words_on(run, look, top, _seconds)),
        height=FRAME_PX + run[-1].bottom_px,
        margin={"l": 30, "t": 40, "b": FRAME_PX - 40},
        meta={"lanes": True, "taller": 1.8},  # on a phone
        assumed=assumed,
    )


def _lanes(stack: Stack, clock_s: float) -> list[Lane]:
    """Cut every train at the clock, and put the lanes under each other."""
    run: list[Lane] = []
    first, first_s = next(iter(stack.sums.items()))
    for title, total in stack.sums.items():
        top_px = run[-1].bottom_px if run else 0
        told = f", {_against(total / first_s)} as {first}" if run and first_s else ""
        flag = _seconds(total)
        run.append(Lane.until(title, stack.wholes[title], clock_s, flag, told, top_px))
    return run


def _against(ratio: float) -> str:
    """Say how long something takes beside another.

    >>> _against(50.9), _against(0.9998)
    ('50.9 times as long', 'as long')
    """
    times_as = units.plain(ratio)
    return "as long" if times_as == "1" else f"{times_as} times as long"


def _facts(stack: Stack, run: Sequence[Lane], clock_s: float) -> dict[str, float]:
    sums = stack.sums
    facts = {f"{_plain_name(title)}_s": total for title, total in sums.items()}
    facts["clock_s"] = clock_s
    facts["answering"] = sum(lane.arrived for lane in run)
    first, *others = sums.values()
    places = ("second", "third")
    for place, total in zip(places, others, strict=False):
        if first:
            facts[f"{place}_to_first"] = total / first
    return facts


def _race_over(stack: Stack) -> str:
    told = []
    for title, total in stack.sums.items():
        longest, seconds = max(stack.wholes[title], key=lambda part: part[1])
        most = f', most of it "{longest}"' if seconds > total / 2 else ""
        told.append(f"{_seconds(total)} ({title}{most})")
    return f"Until one more copy answers: {'; '.join(told)}."


def _race_running(run: Sequence[Lane], clock_s: float) -> str:
    """Say who has arrived, and in which phase the others are."""
    told = []
    for lane in run:
        at = "answer" if lane.arrived else f'are at "{lane.blocks[-1].word}"'
        told.append(f"{lane.title} {at}")
    return f"{_seconds(clock_s)} after the order {listed(told)}."


def _answering(run: Sequence[Lane], clock_s: float) -> str:
    arrived = sum(lane.arrived for lane in run)
    verb = "answers" if arrived == 1 else "answer"
    return f"After {_seconds(clock_s)}: {arrived or 'none'} of {len(run)} {verb}"


def _point(stack: Stack) -> str:
    """Say which phase makes the longest start long, where one does."""
    title = max(stack.sums, key=lambda title: stack.sums[title])
    longest, seconds = max(stack.wholes[title], key=lambda part: part[1])
    if seconds <= stack.sums[title] / 2:
        return "A start is a chain of phases"
    return f"Most of the longest start is \u201c{longest}\u201d"


def scale_out(
    ready_s: Rows,
    *,
    once_s: float = 0,
    clock_s: float = math.inf,
    assumed: str = "",
) -> Chart:
    """Draw many starts as a field of doors, each open when the copies behind it answer.

    Parameters
    ----------
    ready_s : mapping of str to sequence of float
        For each title, when each copy answers [s].
    once_s : float, optional
        How long the download takes that all copies wait for [s]; it is part of ``ready_s``.
    clock_s : float, optional
        When the field is looked at [s since the order]; after its end if left out.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        At most a hundred doors for each title, and below them copies ready against time.

    Raises
    ------
    ShapeMismatch
        Where there is no platform, or one without a copy.
    ImpossibleAmount
        Where a time is negative, infinite or unknown.

    Examples
    --------
    >>> chart = scale_out({"containers": [0.2, 0.4], "virtual machines": [10, 20]})
    >>> print(chart.describe())  # doctest: +NORMALIZE_WHITESPACE
    Containers: the first of 2 copies answers after 0.2 s, the last after 0.4 s;
    virtual machines: the first of 2 copies answers after 10 s, the last after 20 s.
    >>> chart.headline
    '2 ready after 0.4 s : 20 s'
    """
    ready = {title: sorted(when) for title, when in take.rows("ready_s", ready_s).items()}
    latest = max(when[-1] for when in ready.values())
    clock = min(clock_s, latest)
    fields = [
        Field(title, _colour(i, title), i, when, clock, once_s)
        for i, (title, when) in enumerate(ready.items())
    ]
    bar, told = download(fields)
    cells = [("platform", "first", "half", "all"), *map(_milestones, fields)]
    finished = clock_s >= latest
    begin = "After one download, doors" if once_s else "Doors"
    return Chart(
        [*doors(fields), row_times(fields, _seconds), bar, *map(_stair, fields)],
        sentence=_all_open(fields) if finished else _some_open(fields),
        rows=cells,
        headline=_when_all(fields) if finished else _how_many(fields),
        facts=_scale_facts(fields),
        title=f"{begin} open in waves (one door = {copies(fields[0].behind)})",
        shapes=[frame(fields)],
        annotations=[told, *door_words(fields)],
        showlegend=False,
        height=HEIGHT_PX,
        meta={"taller": 1.3, "columns": len(fields)},  # on a phone
        assumed=assumed,
        **_two_panels(fields, latest),
    )


def _colour(i: int, title: str) -> str:
    """Give the colour of the title's line, so that doors and line are one thing."""
    colour: str = marks.line(i, title, [], [], "")["line"]["color"]
    return colour


def _two_panels(fields: Sequence[Field], latest_s: float) -> Part:
    """Put the doors above, and copies against time below."""
    top = marks.round_top([latest_s])
    most = max(len(field.when_s) for field in fields)
    rows_px = ROW_PX * (ROWS[1] - ROWS[0])
    plot_px = HEIGHT_PX - HEAD_PX - FOOT_PX
    wide = WIDE * len(fields)
    return {
        "margin": {"l": 60, "r": 20, "t": HEAD_PX, "b": FOOT_PX},
        "xaxis": marks.axis("time since the order [s]", top, tickformat=","),
        "yaxis": marks.axis(
            "ready",
            1.08 * most,
            tickformat=",",
            automargin=False,
            domain=[0, 1 - (rows_px + GAP_PX) / plot_px],
        ),
        "xaxis2": {"visible": False, "range": [0, wide], "anchor": "y2"},
        "yaxis2": {
            "visible": False,
            "range": ROWS[::-1],
            "domain": [1 - rows_px / plot_px, 1],
            "anchor": "x2",
        },
    }


def _milestones(field: Field) -> tuple[str, ...]:
    when = field.when_s
    some = (when[0], when[(len(when) - 1) // 2], when[-1])
    return (field.title, *map(_seconds, some))


def _scale_facts(fields: Sequence[Field]) -> dict[str, float]:
    facts = {"clock_s": fields[0].clock_s, "download_s": fields[0].once_s}
    for field in fields:
        name = _plain_name(field.title)
        facts[f"{name}_first_s"] = field.when_s[0]
        facts[f"{name}_last_s"] = field.when_s[-1]
        facts[f"{name}_starts_s"] = field.when_s[-1] - field.once_s
        facts[f"{name}_ready"] = field.ready
        facts[f"{name}_waiting"] = len(field.when_s) - field.ready
    return facts


def _when_all(fields: Sequence[Field]) -> str:
    ends = " : ".join(_seconds(field.when_s[-1]) for field in fields)
    return f"{len(fields[0].when_s):,} ready after {ends}"


def _how_many(fields: Sequence[Field]) -> str:
    now = " : ".join(f"{field.ready:,}" for field in fields)
    return f"After {_seconds(fields[0].clock_s)}: {now} ready"


def _all_open(fields: Sequence[Field]) -> str:
    told = []
    for field in fields:
        many, first, last = copies(len(field.when_s)), field.when_s[0], field.when_s[-1]
        begins = f"{field.title}: the first of {many} answers after {_seconds(first)}"
        told.append(f"{begins}, the last after {_seconds(last)}")
    return f"{'; '.join(told)}."


def _some_open(fields: Sequence[Field]) -> str:
    clock, once = fields[0].clock_s, fields[0].once_s
    if clock < once:
        return f"{_seconds(clock)} after the order the image is on its way: nothing can start."
    told = [f"{field.ready:,} of {len(field.when_s):,} {field.title}" for field in fields]
    return f"{_seconds(clock)} after the order {listed(told)} answer."


def _stair(field: Field) -> Part:
    """Draw one platform's stair, as far as it has come."""
    by_now = field.when_s[: field.ready]
    # Copies of one wave are one step.
    ready = dict(zip(by_now, range(1, field.ready + 1), strict=True))
    every = max(1, len(ready) // MOST_STEPS)
    waves = list(ready.items())
    steps = [*waves[:-1:every], *waves[-1:]]
    x = [0, *(s for s, _ in steps), field.clock_s]
    y = [0, *(n for _, n in steps), field.ready]
    hover = f"{field.title}<br>%{{y:,}} ready after %{{x:.3g}} s<extra></extra>"
    stair = marks.line(field.place, field.title, x, y, hover)
    stair["line"]["shape"] = "hv"
    return stair
