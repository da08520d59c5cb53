"""The chart of a host's memory as one tank: what its clients ask for, and what stays in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._limits import read_limits
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import FILLS, INK, KINDS, TEXT_ON, bar_look
from virtlearn.charts._words import listed

__all__ = ["memory_tank"]

Held = Mapping[str, Sequence[float]]
ASKED, STAYS = 1.0, 0.0  # the two rows
HALF = 0.33  # half of the height of a row
NARROW = 0.075  # a smaller part of the axis has no room for words
UNDER = ASKED - HALF - 0.05  # where the line of what is in use is drawn
WALL, TOP = 0.39, 1.75  # of the tank, and of the line of what the host has
LIMIT = 0.3  # how far the line of a limit reaches over the row, past what is written there
RED = FILLS[5]


def memory_tank(
    names: Sequence[str],
    parts_mib: Rows,
    *,
    capacity_mib: float,
    limit_mib: Sequence[float] | None = None,
    killed: Sequence[int] = (),
    in_use_mib: Sequence[float] = (),
    remarks: Sequence[str] = (),
    assumed: str = "",
) -> Chart:
    """Draw one tank of memory: what its clients ask for, and what stays in it in the end.

    Parameters
    ----------
    names : sequence of str
        The clients of the host.
    parts_mib : mapping of str to sequence of float
        What each asks for, in parts: first what it holds; then, where there is such a part, what is
        taken back from it, and what it is refused [MiB].
    capacity_mib : float
        What the host has [MiB].
    limit_mib : sequence of float, optional
        What each may hold; infinite for no limit [MiB].
    killed : sequence of int, optional
        Who is killed, in order.
    in_use_mib : sequence of float, optional
        The part that each touches, drawn as a line under it [MiB].
    remarks : sequence of str, optional
        A few words under each client.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Two rows, with the end of the host's memory as a line through both.

    Raises
    ------
    ShapeMismatch
        Where there is no client, or a part has not one entry for each.
    UnknownName
        Where ``killed`` points past the last client.
    ImpossibleAmount
        Where an amount is negative or unknown.

    Examples
    --------
    >>> chart = memory_tank(["A", "B"], {"held": [40, 48]}, killed=[1], capacity_mib=64)
    >>> chart.headline
    '88 of 64 MiB: B is killed'
    >>> chart.facts["free_mib"]
    24.0
    """
    take.line_up("names", names, parts_mib)
    parts = take.rows("parts_mib", parts_mib)
    dead = take.places("killed", killed, len(names), "names")
    limits = read_limits("limit_mib", limit_mib)
    starts, asked = _places(parts)
    held = next(iter(parts.values()))
    stays = [0.0 if i in dead else size for i, size in enumerate(held)]
    ends = [start + limit for start, limit in zip(starts, limits, strict=False)]
    reach = [sum(asked), capacity_mib, *(x for x in ends if x < math.inf)]
    top = marks.round_top(reach)
    data = [*_asked(names, parts, starts, dead), _stays(names, stays)]
    _write_inside(data, top)
    data += [_crosses(starts, asked, dead), _touched(starts, in_use_mib)]
    notes = [_host(capacity_mib), *_remarks(starts, remarks), *_limit_words(ends)]
    notes += [*_deaths(names, starts, asked, dead), *_lost(parts, starts, top)]
    fates = ["killed" if i in dead else "" for i in range(len(names))]
    cells = [map(units.memory, sizes) for sizes in parts.values()]
    return Chart(
        data,
        sentence=_told(names, parts, dead, capacity_mib),
        headline=_headline(names, parts, dead, capacity_mib),
        facts=_facts(names, parts, dead, stays, capacity_mib),
        assumed=assumed,
        rows=marks.table(["client", *parts, "fate"], names, *cells, fates),
        title="What is asked of the host's memory, and what stays in it",
        barmode="overlay",
        xaxis=marks.axis("memory [MiB]", top, tickformat=","),
        yaxis=_rows(),
        shapes=_shapes(capacity_mib, ends),
        annotations=notes,
        height=380,
        margin={"b": 60},
    )


def _places(parts: Held) -> tuple[list[float], list[float]]:
    """Say where each client begins in the row of what is asked, and what it asks for in all."""
    asked = [sum(column) for column in zip(*parts.values(), strict=True)]
    starts = [0.0, *accumulate(asked)][:-1]
    return starts, asked


def _fill(i: int) -> str:
    return FILLS[i % len(FILLS)]


def _asked(
    names: Sequence[str], parts: Held, starts: Sequence[float], dead: Sequence[int]
) -> list[Part]:
    """Draw the row above: each client's parts beside each other, hatched where it loses them."""
    data = []
    begin = list(starts)
    for k, (part, sizes) in enumerate(parts.items()):
        hover = f"%{{customdata}}, {part}: %{{x:,.4g}} MiB<extra></extra>"
        trace = _row(part, names, sizes, begin, ASKED, hover)
        look = trace["marker"]
        if k == 0:
            # Who dies loses all of it.
            look["pattern"]["shape"] = ["/" if i in dead else "" for i in range(len(names))]
        elif k == 1:
            look["pattern"]["shape"] = "/"
        else:
            trace["marker"] = bar_look(*KINDS["unused"][:2])
        if k > 0:
            trace["opacity"] = 0.55
        data.append(trace)
        begin = [at + size for at, size in zip(begin, sizes, strict=True)]
    return data


def _stays(names: Sequence[str], stays: Sequence[float]) -> Part:
    """Draw the row below: what stays, pushed together."""
    begin = [0.0, *accumulate(stays)][:-1]
    hover = "%{customdata} has %{x:,.4g} MiB in the end<extra></extra>"
    return _row("stays", names, stays, begin, STAYS, hover)


def _row(
    title: str,
    names: Sequence[str],
    sizes: Sequence[float],
    begin: Sequence[float],
    at: float,
    hover: str,
) -> Part:
    """Draw one bar for each client in a row, in the client's own colour."""
    trace = marks.bar(0, title, list(sizes), [at] * len(names), hover)
    fills = [_fill(i) for i in range(len(names))]
    trace["marker"] = bar_look(fills[0])
    trace["marker"]["color"] = fills
    trace["showlegend"] = False  # its words stand at it
    trace.update(orientation="h", base=list(begin), width=2 * HALF, customdata=list(names))
    return trace


def _write_inside(data: Sequence[Part], top: float) -> None:
    """Write into each bar that is wide enough whose it is and how much."""
    # Pale fills let the page shine through: what is lost is named above them.
    for trace in (data[0], data[-1]):
        words = []
        for name, size in zip(trace["customdata"], trace["x"], strict=True):
            word = f" {name}<br> {size:,.0f} MiB" if size > NARROW * top else name
            words.append(word if size > NARROW * top / 2 else "")
        inks = [TEXT_ON[_fill(i)] for i in range(len(words))]
        trace.update(text=words, textposition="inside", insidetextanchor="start", textangle=0)
        trace["textfont"] = {"color": inks, "size": 13}


def _crosses(starts: Sequence[float], asked: Sequence[float], dead: Sequence[int]) -> Part:
    """Cross out who dies: two strokes from corner to corner."""
    x: list[float | None] = []
    y: list[float | None] = []
    low, high = ASKED - HALF, ASKED + HALF
    for i in dead:
        left, right = starts[i], starts[i] + asked[i]
        x += [left, right, None, left, right, None]
        y += [low, high, None, high, low, None]
    cross = marks.line(0, "killed", x, y, "", hoverinfo="skip", showlegend=False)
    cross["line"] = {"color": RED, "width": 4}
    return cross


def _touched(starts: Sequence[float], in_use: Sequence[float]) -> Part:
    """Draw a line under the part of each client that is in use."""
    x: list[float | None] = []
    for start, size in zip(starts, in_use, strict=False):
        x += [start, start + size, None]
    y = [UNDER] * len(x)
    used = marks.line(0, "in use", x, y, "", hoverinfo="skip", showlegend=False)
    used["line"] = {"color": INK, "width": 5}
    return used


def _host(capacity_mib: float) -> Part:
    words = f"the host has {capacity_mib:,.0f} MiB"
    return marks.note(capacity_mib, TOP, f"<b>{words}</b>", yanchor="bottom")


def _remarks(starts: Sequence[float], remarks: Sequence[str]) -> list[Part]:
    """Write what is known of each client under it."""
    look = {"xanchor": "left", "yanchor": "top", "font": {"size": 12}}
    return [
        marks.note(start, UNDER - 0.02, words, **look)
        for start, words in zip(starts, remarks, strict=False)
        if words
    ]


def _limit_words(ends: Sequence[float]) -> list[Part]:
    look = {"xanchor": "center", "yanchor": "bottom", "font": {"size": 12}}
    return [marks.note(x, ASKED + HALF + LIMIT, "its limit", **look) for x in ends if x < math.inf]


def _deaths(
    names: Sequence[str], starts: Sequence[float], asked: Sequence[float], dead: Sequence[int]
) -> list[Part]:
    """Number those who die over their crosses, in the order of dying."""
    notes = []
    for k, i in enumerate(dead):
        words = f"<b>{k + 1}. {names[i]} dies</b>"
        at = starts[i] + asked[i] / 2
        look = {"yanchor": "bottom", "font": {"size": 13, "color": RED}}
        notes.append(marks.note(at, ASKED + HALF + 0.01, words, **look))
    return notes


def _lost(parts: Held, starts: Sequence[float], top: float) -> list[Part]:
    """Write over each part that its owner does not keep what becomes of it."""
    notes = []
    begin = list(starts)
    for k, (part, sizes) in enumerate(parts.items()):
        for at, size in zip(begin, sizes, strict=True):
            seen = size >= 0.5 if k == 1 else size > 2 * NARROW * top
            if k and seen:
                words = f"{size:,.0f} MiB<br>{part}"
                look = {"yanchor": "bottom", "font": {"size": 12}}
                notes.append(marks.note(at + size / 2, ASKED + HALF, words, **look))
        begin = [at + size for at, size in zip(begin, sizes, strict=True)]
    return notes


def _rows() -> Part:
    return {
        "range": [-0.45, 2.0],
        "tickvals": [STAYS, ASKED],
        "ticktext": ["what stays", "what is asked"],
        "showgrid": False,
        "zeroline": False,
    }


def _shapes(capacity_mib: float, ends: Sequence[float]) -> list[Part]:
    """Draw the tank's walls, the end of the host's memory, and each limit."""
    tank = {"type": "rect", "x0": 0, "x1": capacity_mib, "y0": -WALL, "y1": WALL}
    shapes: list[Part] = [{**tank, "line": {"color": INK, "width": 3}}]
    wall = {"type": "line", "x0": capacity_mib, "x1": capacity_mib, "y0": WALL, "y1": TOP}
    shapes.append({**wall, "line": {"color": INK, "width": 3}})
    for end in ends:
        if end < math.inf:
            line = {
                "type": "line",
                "x0": end,
                "x1": end,
                "y0": ASKED - HALF,
                "y1": ASKED + HALF + 0.15,
            }
            shapes.append({**line, "line": {"color": INK, "width": 3, "dash": "dot"}})
    return shapes


def _taken(parts: Held) -> list[float]:
    """Say what is taken back from each; nothing where nothing can be."""
    later = list(parts.values())[1:2]
    return list(later[0]) if later else []


def _headline(names: Sequence[str], parts: Held, dead: Sequence[int], capacity_mib: float) -> str:
    """Say how much is asked of how much, and what follows."""
    asked = sum(sum(sizes) for sizes in parts.values())
    taken = _taken(parts)
    fate = "nobody dies"
    if dead:
        who = ", then ".join(names[i] for i in dead)
        fate = f"{who} {'is' if len(dead) == 1 else 'are'} killed"
    elif taken:
        gives = [name for name, size in zip(names, taken, strict=True) if size >= 0.5]
        fate = "nobody has to give"
        if gives:
            verb = "gives" if len(gives) == 1 else "give"
            who = "all" if len(gives) == len(names) > 1 else listed(gives)
            fate = f"{who} {verb} {sum(taken):,.0f}"
    return f"{asked:,.0f} of {capacity_mib:,.0f} MiB: {fate}"


def _facts(
    names: Sequence[str],
    parts: Held,
    dead: Sequence[int],
    stays: Sequence[float],
    capacity_mib: float,
) -> dict[str, float]:
    """Give the numbers behind the marks; who is killed has its turn, and 0 where it lives."""
    facts = {
        "asked_mib": sum(sum(sizes) for sizes in parts.values()),
        "stays_mib": sum(stays),
        "free_mib": capacity_mib - sum(stays),
        "taken_mib": sum(_taken(parts)),
        "killed": float(len(dead)),
    }
    for i, name in enumerate(names):
        facts[f"{name}_killed"] = float(dead.index(i) + 1 if i in dead else 0)
    for name, size in zip(names, _taken(parts), strict=False):
        facts[f"{name}_gives_mib"] = size
    return facts


def _told(names: Sequence[str], parts: Held, dead: Sequence[int], capacity_mib: float) -> str:
    """Say what each holds and loses, how much there is, and who dies."""
    told = []
    for i, name in enumerate(names):
        held = [f"{units.memory(sizes[i])} {part}" for part, sizes in parts.items() if sizes[i]]
        told.append(f"{name}: {listed(held or ['nothing'])}")
    fate = "Nobody dies."
    if dead:
        who = " and then ".join(names[i] for i in dead)
        verb = "is" if len(dead) == 1 else "are"
        fate = f"{who[:1].upper()}{who[1:]} {verb} killed."
    return f"{'; '.join(told)}. The host has {capacity_mib:,.0f} MiB. {fate}"
