"""The chart of a scheduler's decision: what each host has left and scores, and which is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import FILLS, INK, LINES, TEXT_ON
from virtlearn.charts._words import cores as cores_of
from virtlearn.errors import WrongKind, shown
from virtlearn.model.decision import Decision

__all__ = ["decision"]

MIB_A_GIB = 1024
# Parts of the widest host: between two hosts, and what a copy that does not fit sticks out.
GAP, BEYOND = 0.12, 0.06
HEADROOM = 1.06  # over the highest host, for what sticks out
# What fits side by side over all hosts, and below which the table has to say why a host is out.
LETTERS, FEWEST_LETTERS = 100, 13
LINE_PX, FRAME_PX, BOX_PX = 17, 133, 200
LEAST_LINES = 3  # over a host: no jump where a reason takes one more
MOST_FEET = 6  # hosts that have room for words under them
WORD = 0.1  # of the axis, what the word in a box takes
NO = "✗"
BEST = "★"


class Box(NamedTuple):
    """A rectangle of CPU [cores] and memory [GiB], its left end and right end, and its height."""

    left: float
    right: float
    low: float
    high: float


class Place(NamedTuple):
    """A host as a box: all of it, what is promised, and the copy where it would go."""

    whole: Box
    used: Box
    copy: Box


def decision(made: Decision, *, assumed: str = "") -> Chart:
    """Draw the hosts that a copy may go to: what is promised, what it scores, where the copy goes.

    Parameters
    ----------
    made : Decision
        As ``placement.decision(i)`` gives it.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A box for each host, as wide as its CPU and as high as its memory, with the copy in it.

    Raises
    ------
    WrongKind
        Where something else is given.

    Examples
    --------
    >>> from virtlearn.model import Host, Workload, place
    >>> web = Workload("web", cpu_cores=1, memory_mib=1024)
    >>> placed = place([web], [Host(4, 8), Host(8, 16)], policy="kube-scheduler")
    >>> print(decision(placed.decision(0)).describe())
    Host 1 wins with 663 points, 11 ahead of host 0; most of the lead comes from least allocated.
    """
    if not isinstance(made, Decision):
        wrong = f"A chart of a decision needs one, but this is {shown(made)}."
        raise WrongKind(f"{wrong}\nTry charts.decision(placement.decision(0)).")
    scores = {rule: row.tolist() for rule, row in made.weighted.items()}
    sums = made.sums.tolist()
    places = _places(made)
    end = max(places[-1].whole.right, 1e-9)
    top = max(*(place.whole.high for place in places), 1e-9)
    words, lines = _heads(made, places, end)
    head = ["host", "filter", *scores, "sum"]
    filters = [verdict or "passes" for verdict in made.verdicts]
    columns = [[f"{n:,}" for n in row] for row in [*scores.values(), sums]]
    return Chart(
        _marks_of(made, places),
        sentence=_told(made.hosts, made.verdicts, scores, sums, made.winner),
        rows=marks.table(head, made.hosts, filters, *columns),
        assumed=assumed,
        headline=_headline(made),
        facts=_facts(made),
        title="A copy fits where it stays inside the host's box",
        showlegend=False,
        xaxis=_feet(made, places, end),
        yaxis=marks.axis("memory [GiB]", top * HEADROOM),
        annotations=[*words, *_labels(made, places, end, top)],
        height=FRAME_PX + BOX_PX + LINE_PX * lines,
        margin={"t": 58 + LINE_PX * lines, "b": 75},
    )


def _places(made: Decision) -> list[Place]:
    """Put the hosts side by side, each as wide as its CPU and as high as its memory."""
    to_axis = (1000, MIB_A_GIB)  # millicores and MiB
    room, used = made.room / to_axis, made.used / to_axis
    cores, gib = np.divide(made.need, to_axis).tolist()
    widest, highest = room.max(axis=0).tolist()
    places = []
    left = 0.0
    for size, promised in zip(room.tolist(), used.tolist(), strict=True):
        wide, high = size
        cpu, memory = promised
        whole = Box(left, left + wide, 0, high)
        taken = Box(left, left + cpu, 0, memory)
        # What sticks out shows that the copy does not fit; how far does not matter.
        right = min(taken.right + cores, max(taken.right, whole.right) + BEYOND * widest)
        up = min(memory + gib, max(memory, high) + BEYOND * highest)
        places.append(Place(whole, taken, Box(taken.right, right, memory, up)))
        left += wide + GAP * widest
    return places


def _marks_of(made: Decision, places: Sequence[Place]) -> list[Part]:
    """Draw all boxes of a kind as one mark."""
    among = made.allowed.tolist()
    others = [p.copy for i, p in enumerate(places) if i != made.winner]
    best = [places[made.winner]] if made.winner >= 0 else []
    out = [place.whole for place, fits in zip(places, among, strict=True) if not fits]
    thick = {"color": INK, "width": 5}
    dashed = {"color": LINES[1], "width": 2, "dash": "dash"}
    return [
        _boxes("host", [place.whole for place in places], "rgba(118,118,118,0.08)"),
        _boxes("promised already", [place.used for place in places], FILLS[0]),
        _boxes("the copy, if it went there", others, "rgba(0,0,0,0)", line=dashed),
        _boxes("the copy", [place.copy for place in best], FILLS[1]),
        _boxes("the host that wins", [p.whole for p in best], "rgba(0,0,0,0)", line=thick),
        _crosses(out),
    ]


def _boxes(name: str, boxes: Sequence[Box], fill: str, **more: Any) -> Part:
    """Draw boxes as one path; a path that is broken off begins anew."""
    x: list[float | None] = []
    y: list[float | None] = []
    for box in boxes:
        x += [box.left, box.right, box.right, box.left, box.left, None]
        y += [box.low, box.low, box.high, box.high, box.low, None]
    look = {"fill": "toself", "fillcolor": fill, "line": {"color": INK, "width": 1}, **more}
    drawn = marks.line(0, name, x[:-1], y[:-1], "", hoverinfo="skip")
    return {**drawn, **look, "cliponaxis": False, "showlegend": False}


def _crosses(boxes: Sequence[Box]) -> Part:
    """Cross out hosts."""
    x: list[float | None] = []
    y: list[float | None] = []
    for box in boxes:
        x += [box.left, box.right, None, box.left, box.right, None]
        y += [box.low, box.high, None, box.high, box.low, None]
    drawn = marks.line(0, "out", x[:-1], y[:-1], "", hoverinfo="skip")
    return {**drawn, "line": {"color": INK, "width": 2}, "showlegend": False}


def _feet(made: Decision, places: Sequence[Place], end: float) -> Part:
    """Write under each host how many cores it has, and how its points come together."""
    feet = []
    has_sum = len(made.scores) > 1
    for i, cores in enumerate((made.room[:, 0] / 1000).tolist()):
        parts = [str(row[i]) for row in made.weighted.values()]
        added = "+".join(parts) if has_sum and made.allowed[i] else ""
        feet.append(f"{cores_of(cores)}<br>{added}")
    rules = " + ".join(made.scores)
    return {
        "title": f"points: {rules}" if len(made.scores) > 1 else "CPU",
        "range": [-0.01 * end, 1.04 * end],
        "tickvals": [(place.whole.left + place.whole.right) / 2 for place in places],
        "ticktext": feet if len(places) <= MOST_FEET else [""] * len(places),
        "showgrid": False,
        "tickangle": 0,
        "tickfont": {"size": 11},
    }


def _heads(made: Decision, places: Sequence[Place], end: float) -> tuple[list[Part], int]:
    """Write over each host its points or why it is out, and say how many lines that takes."""
    notes = []
    most = LEAST_LINES
    for i, (name, place) in enumerate(zip(made.hosts, places, strict=True)):
        wide = place.whole.right - place.whole.left
        letters = int(LETTERS * wide / end)
        said = _verdict(made, i, name, letters)
        most = max(most, 1 + said.count("<br>"))
        middle = (place.whole.left + place.whole.right) / 2
        above = {"yref": "paper", "yanchor": "bottom", "font": {"size": 12}}
        notes.append(marks.note(middle, 1.01, said, **above))
    return notes, most


def _verdict(made: Decision, host: int, name: str, letters: int) -> str:
    """Say of a host why it is out, or what it scores, in lines that are no wider than it."""
    why = made.verdicts[host]
    if not why:
        points = f"<br>{made.sums[host]:,} points" if made.scores else ""
        said = f"{name}{points}"
        return f"<b>{BEST} {said}</b>" if host == made.winner else said
    if letters < FEWEST_LETTERS:
        return NO
    lines = [line for reason in why.split(", ") for line in wrap(reason, letters)]
    return "<br>".join([f"{NO} {name}", *lines])


def _labels(made: Decision, places: Sequence[Place], end: float, top: float) -> list[Part]:
    """Name what is in the boxes, where there is room for the word."""
    notes = []
    for place in places:
        used = place.used
        if used.right - used.left > WORD * end and used.high > 0.09 * top:
            middle = (used.left + used.right) / 2
            ink = {"color": TEXT_ON[FILLS[0]], "size": 12}
            notes.append(marks.note(middle, used.high / 2, "promised", font=ink))
    if made.winner >= 0:
        whole, _, copy = places[made.winner]
        at_edge = copy.left + WORD * end > whole.right
        up: Part = {
            "yanchor": "bottom",
            "xanchor": "right" if at_edge else "left",
            "font": {"size": 12},
        }
        if copy.high > 0.88 * top:
            up = {**up, "yanchor": "top", "font": {"size": 12, "color": TEXT_ON[FILLS[1]]}}
        notes.append(marks.note(copy.right if at_edge else copy.left, copy.high, "the copy", **up))
    return notes


def _headline(made: Decision) -> str:
    if made.winner < 0:
        return "No host can take the copy"
    name = made.hosts[made.winner]
    named = f"{name[:1].upper()}{name[1:]}"
    if not made.scores:
        return f"{named} takes the copy"
    return f"{named} wins with {made.sums[made.winner]:,} points"


def _facts(made: Decision) -> dict[str, float]:
    passing = int(made.allowed.sum())
    won = float(made.sums[made.winner]) if made.winner >= 0 else 0.0
    out = len(made.hosts) - passing
    return {"winner": made.winner, "points": won, "hosts_left": passing, "hosts_out": out}


def _told(
    hosts: Sequence[str],
    verdicts: Sequence[str],
    scores: Mapping[str, Sequence[int]],
    sums: Sequence[int],
    winner: int,
) -> str:
    if winner < 0:
        reasons = zip(hosts, verdicts, strict=True)
        each = "; ".join(f"{host}: {why}" for host, why in reasons)
        return f"No host can take the copy. {each[:1].upper()}{each[1:]}."
    name = hosts[winner]
    if not scores:
        return f"{name[:1].upper()}{name[1:]} takes the copy; this policy gives no points."
    told = f"{name[:1].upper()}{name[1:]} wins"
    others = [i for i, why in enumerate(verdicts) if not why and i != winner]
    if not others:
        return f"{told}: it is the only host that passes the filters."
    second = max(others, key=lambda i: sums[i])
    lead = sums[winner] - sums[second]
    told += f" with {sums[winner]:,} points"
    if lead == 0:
        return f"{told}, as many as {hosts[second]}; the first of equals is taken."
    ahead = {rule: row[winner] - row[second] for rule, row in scores.items()}
    most = max(ahead, key=lambda rule: ahead[rule])
    from_rule = f"most of the lead comes from {most}"
    return f"{told}, {units.plain(lead)} ahead of {hosts[second]}; {from_rule}."
