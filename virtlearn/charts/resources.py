"""Charts of what things cost: towers, density, operations, requests, images."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from virtlearn import core, units
from virtlearn.charts._draw import (
    axis,
    bar,
    line,
    lined_up,
    log_axis,
    note,
    parts_chart,
    rule,
    same_length,
    series,
    table,
)
from virtlearn.charts._style import FILLS, INK, KINDS, LINES, Chart
from virtlearn.charts._tree import boxes, draw, outlines
from virtlearn.errors import WrongPlace
from virtlearn.model import Deployment
from virtlearn.platforms import Number

__all__ = ["density", "images", "operations", "request_time", "stack"]

GIB = 1024.0
# Walls, drawn round what stands behind them: the kind of layer, its word, its colour and its dash.
WALLS = (("virtual-machine", "machine's wall", LINES[1], "solid"), ("container", "container's wall", LINES[3], "dot"))  # fmt: skip
TOWER = 0.84  # the share of its place that a tower fills


def stack(*deployments: Deployment, top_mib: float | None = None, assumed: str = "") -> Chart:
    """Draw deployments as towers to scale: area is memory, one column is a copy, what carries stands below.

    Parameters
    ----------
    *deployments : Deployment
        One tower each.
    top_mib : float, optional
        Where the axis ends [MiB]; the largest host where left out.
    assumed : str
        What it rests on that no source gives; the same for every chart.

    Returns
    -------
    Chart
        Kernels are counted above each tower, walls drawn round what they enclose, the host's memory is a line.

    Examples
    --------
    >>> import virtlearn as vl
    >>> web, host = vl.Workload("web", 0.5, 256), vl.Host(cores=16, memory_gib=64)
    >>> print(stack(vl.deploy(web, copies=40, host=host, on="containers")).describe())
    containers: 40 copies in 10.9 GiB of 64 GiB, 1 kernel.
    """
    if not deployments or not all(isinstance(d, Deployment) for d in deployments):
        raise WrongPlace(f"stack draws deployments, but was given {deployments!r:.60}.\n"
                         "Try stack(deploy(web, copies=40, host=host, on='containers')).")  # fmt: skip
    data: list[dict[str, Any]] = []
    sums: list[dict[str, float]] = []
    walls: list[tuple[list[Any], list[Any]]] = [([], []) for _ in WALLS]
    ticks, notes, rooms = [], [], [sum(h.memory_mib for h in d.hosts) for d in deployments]
    top = (top_mib or max(rooms)) * 1.12
    kernels = [units.count(d.kernels, "kernel") for d in deployments]
    for place, d in enumerate(deployments):
        tree = d.tree
        spare = np.flatnonzero(tree.unused_mib > 1e-9)  # promised, not used: drawn as one more thing in its machine
        kind = [*tree.kind, *["unused"] * len(spare)]
        size = np.concatenate([tree.memory_mib - tree.unused_mib, tree.unused_mib[spare]])
        laid = boxes(np.concatenate([tree.parent, spare]), list(zip(kind, size.tolist(), strict=True)),
                     size=size, columns=max(12, 48 // len(deployments))).at(place - TOWER / 2, TOWER, GIB)  # fmt: skip
        hover = [f"{KINDS[k][2]}: {units.memory(m)}" for k, m in zip(kind, size.tolist(), strict=True)]
        data += draw(laid, kind, hover)[0]
        sums.append({k: float(size[np.array(kind) == k].sum()) for k in KINDS})
        for (which, *_), (x, y) in zip(WALLS, walls, strict=True):
            more = outlines(laid, [i for i, n in enumerate(laid.node) if kind[n] == which])
            x += more[0]
            y += more[1]
        most = max(int(laid.times[i]) for i, n in enumerate(laid.node) if kind[n] == "workload") if d.copies else 1
        ticks.append(d.title + (f"<br>{most:,} to a column" if most > 1 else ""))
        # The words stand on the tower, or on the host's line where that would run through them.
        over = rooms[place] if 0 < rooms[place] - d.memory_mib < 0.09 * top else d.memory_mib
        notes.append(note(place, over / GIB, f"{units.count(d.copies, 'copy', 'copies')}, {kernels[place]}", yshift=11))
    seen: set[str] = set()
    for trace in data:  # one entry in the legend for each kind
        trace["showlegend"] = trace["name"] not in seen
        seen.add(trace["name"])
    for (_, word, colour, dash), (x, y) in zip(WALLS, walls, strict=True):
        data.append({"type": "scatter", "mode": "lines", "name": word, "x": x, "y": y, "hoverinfo": "skip", "showlegend": bool(x),
                     "line": {"color": colour, "dash": dash, "width": 2}})  # fmt: skip
    edges = [(i - TOWER / 2, i + TOWER / 2, room / GIB) for i, room in enumerate(rooms)]
    data.append({"type": "scatter", "mode": "lines", "name": "the host's memory", "line": {"color": INK, "width": 3}, "hoverinfo": "skip",
                 "x": [v for a, b, _ in edges for v in (a, b, None)], "y": [v for _, _, r in edges for v in (r, r, None)]})  # fmt: skip
    says = [
        f"{d.title}: {units.count(d.copies, 'copy', 'copies')} in {units.memory(d.memory_mib)} of {units.memory(room)}, {k}"
        for d, room, k in zip(deployments, rooms, kernels, strict=True)
    ]
    titles = [d.title for d in deployments]
    rows = [(KINDS[k][2], *(units.memory(s[k]) for s in sums)) for k in KINDS if any(s[k] for s in sums)]
    counts = (
        ("copies", *(f"{d.copies:,}" for d in deployments)),
        ("kernels", *(f"{d.kernels:,}" for d in deployments)),
    )
    layout = {
        "title": {"text": "What takes the host's memory"},
        "xaxis": {"tickvals": list(range(len(titles))), "ticktext": ticks, "range": [-0.5, len(titles) - 0.5], "showgrid": False, "tickangle": 0},
        "yaxis": axis("memory [GiB]", top / GIB),
        "annotations": notes, "barmode": "overlay",
    }  # fmt: skip
    return Chart(
        data, layout, sentence="; ".join(says) + ".", rows=[("layer", *titles), *rows, *counts], assumed=assumed
    )


def density(
    app_mib: Sequence[float], copies: Mapping[str, Sequence[int]], *, at_mib: float | None = None,
    gone_mib: float | None = None, host_title: str = "the host", assumed: str = "",
) -> Chart:  # fmt: skip
    """Draw how many copies a host holds against the size of the application, one line a platform.

    Parameters
    ----------
    app_mib : sequence of float, shape (n,)
        Sizes of the application [MiB].
    copies : mapping of str to sequence of int
        Most copies at each size, for each platform's title; the first is what others are compared with.
    at_mib : float, optional
        The size to mark and to put into words [MiB]; the nearest of ``app_mib`` is taken.
    gone_mib : float, optional
        The size at which the first platform's advantage over the last is gone [MiB].
    host_title : str
        How the sentence calls the host.

    Examples
    --------
    >>> chart = density([20, 2048], {"containers": [2000, 31], "virtual machines": [118, 25]}, at_mib=20)
    >>> print(chart.describe())
    An application of 20 MiB fits 2,000 times as containers, 118 as virtual machines on the host: 16.9 times as many containers as virtual machines.
    """
    sizes = [float(x) for x in core._check.positive("app_mib", series("app_mib", app_mib))]
    same_length(copies=list(copies))
    found = lined_up(copies, app_mib=sizes)
    data = [
        line(i, title, sizes, [n or None for n in counts], f"{title}<br>%{{x:,.0f}} MiB: %{{y:,}} copies<extra></extra>")
        for i, (title, counts) in enumerate(found.items())
    ]  # fmt: skip
    shapes, notes, says = [], [], []
    first, last = next(iter(copies)), list(copies)[-1]
    if at_mib is not None:
        j = int(np.argmin(np.abs(np.array(sizes) - at_mib)))
        here = {title: int(counts[j]) for title, counts in found.items()}
        data.append({
            "type": "scatter", "mode": "markers+text", "showlegend": False, "hoverinfo": "skip", "cliponaxis": False,
            "x": [sizes[j]] * len(here), "y": [n or None for n in here.values()], "text": [f"{n:,}" for n in here.values()],
            # The highest is labelled above, the others below, so that close ones can be told apart.
            "textposition": ["top right", *["bottom left"] * (len(here) - 1)],
            "marker": {"color": [LINES[i % len(LINES)] for i in range(len(here))], "size": 9, "line": {"color": INK, "width": 1}},
        })  # fmt: skip
        told = ", ".join(f"{n:,}{' times' if i == 0 else ''} as {t}" for i, (t, n) in enumerate(here.items()))
        ratio = f": {units.plain(here[first] / here[last])} times as many {first} as {last}" if here[last] and len(here) > 1 else ""  # fmt: skip
        says.append(f"An application of {units.memory(sizes[j])} fits {told} on {host_title}{ratio}.")
    if gone_mib is not None:
        shapes.append(rule(gone_mib))
        text = f"from {units.memory(gone_mib)} on: less than 10 % more"
        notes.append(note(math.log10(gone_mib), 1.02, text, yref="paper", xanchor="right"))
        says.append(f"From {units.memory(gone_mib)} on, {first} are less than 10 % ahead.")
    rows = table(["application", *copies], map(units.memory, sizes), *([f"{n:,.0f}" for n in c] for c in found.values()))  # fmt: skip
    layout = {
        "title": {"text": "How many copies fit"},
        "xaxis": log_axis("size of the application", min(sizes), max(sizes), units.memory, base=4),
        "yaxis": {"type": "log", "title": {"text": "copies"}, "range": [-0.1, 5], "dtick": 1},
        "shapes": shapes, "annotations": notes,
    }  # fmt: skip
    if not says:
        ends = "; ".join(f"{c[0]:,.0f} to {c[-1]:,.0f} {t}" for t, c in found.items())
        says = [f"From {rows[1][0]} to {rows[-1][0]} an application: {ends}."]
    return Chart(data, layout, sentence=" ".join(says), rows=rows, assumed=assumed)


def operations(
    kept: Mapping[str, Mapping[str, tuple[float, Sequence[Number]]]], *, top: float = 1.2, assumed: str = ""
) -> Chart:
    """Draw what is left of native speed for each kind of work, one group of bars a platform.

    Parameters
    ----------
    kept : mapping of str to mapping of str to (float, sequence of Number)
        For each platform's title and kind of work what `Platform.keeps` gives: the fraction, and its numbers.
        A bound is a hollow bar with its sign, not a mean; assumed values carry an "a".
    top : float
        Where the axis ends, as a fraction of native.

    Examples
    --------
    >>> import virtlearn as vl
    >>> vms = vl.platform("virtual-machines")
    >>> print(operations({vms.title: {op: vms.keeps(op) for op in ("computing", "random I/O")}}).describe())
    virtual machines keep most of computing (97.7 %) and least of random I/O (54.9 %).
    """
    same_length(kept=list(kept))
    work = list(next(iter(kept.values())))
    data, says, some = [], [], False
    for i, (title, fractions) in enumerate(kept.items()):
        same_length(work=work, **{title: list(fractions)})
        values = series(title, [fractions[op][0] for op in work])
        bounds = [next((n.bound for n in fractions[op][1] if n.bound), "") for op in work]
        guessed = [any(n.assumed for n in fractions[op][1]) for op in work]
        some = some or any(guessed)
        marks = [f"{b}{units.percent(v)}{' a' if g else ''}" for b, v, g in zip(bounds, values, guessed, strict=True)]
        trace = bar(i, title, work, [100 * v for v in values], f"{title}<br>%{{x}}: %{{text}} of native<extra></extra>",
                    text=marks, textposition="outside", textangle=-90, cliponaxis=False, constraintext="none", textfont={"size": 11})  # fmt: skip
        trace["marker"]["color"] = ["rgba(0,0,0,0)" if b else FILLS[i % len(FILLS)] for b in bounds]
        trace["marker"]["pattern"]["fgcolor"] = [INK if b else "rgba(255,255,255,0.8)" for b in bounds]
        edge = [FILLS[i % len(FILLS)] if b else INK for b in bounds]
        trace["marker"]["line"] = {"color": edge, "width": [2 if b else 1 for b in bounds]}
        data.append(trace)
        said = dict(zip(work, marks, strict=True))
        order = sorted(work, key=lambda op: fractions[op][0])
        says.append(f"{title} keep most of {order[-1]} ({said[order[-1]]}) and least of {order[0]} ({said[order[0]]})")
    rows = table(["work", *kept], work, *(t["text"] for t in data))
    layout = {
        "title": {"text": "What is left of native speed"}, "yaxis": axis("of native [%]", 100 * top + 25, tickvals=list(range(0, 101, 20))),
        "bargap": 0.2,
    }  # fmt: skip
    if some:
        assumed = "; ".join(x for x in ("the values marked a, for which no row exists", assumed) if x)
    return Chart(data, layout, sentence="; ".join(says) + ".", rows=rows, assumed=assumed)


def request_time(parts_ms: Mapping[str, Mapping[str, float]], *, top_ms: float, assumed: str = "") -> Chart:
    """Draw where the time of one request goes, one bar a platform.

    Parameters
    ----------
    parts_ms : mapping of str to mapping of str to float
        For each platform's title, the time of each part of the request [ms]; the first is the yardstick.
    top_ms : float
        Where the axis ends [ms].

    Examples
    --------
    >>> print(request_time({"processes": {"computing": 10}, "virtual machines": {"computing": 11}}, top_ms=20).describe())
    One request takes 10 ms on processes, 11 ms on virtual machines (1.1 times as long).
    """

    def says(ms: dict[str, float]) -> str:
        first, *others = ms.items()
        told = [f"{_ms(t)} on {title}" + (f" ({units.plain(t / first[1])} times as long)" if first[1] else "") for title, t in others]  # fmt: skip
        return f"One request takes {', '.join([f'{_ms(first[1])} on {first[0]}', *told])}."

    return parts_chart(parts_ms, _ms, title="Where the time of one request goes", axis_title="time [ms]", top=top_ms,
                       head="platform", sentence=says, assumed=assumed)  # fmt: skip


def _ms(ms: float) -> str:
    return f"{units.plain(ms)} ms"


def images(ways: Mapping[str, Mapping[str, float]], *, top_mib: float | None = None, assumed: str = "") -> Chart:
    """Draw what is stored, one bar a way of storing it, stacked of its parts.

    Parameters
    ----------
    ways : mapping of str to mapping of str to float
        For each way, such as "layers stored once", "full copies" or "clones", its parts [MiB].
    top_mib : float, optional
        Where the axis ends [MiB].

    Examples
    --------
    >>> print(images({"layers stored once": {"base": 75, "apps": 60}, "full copies": {"base": 225, "apps": 60}}).describe())
    layers stored once: 135 MiB; full copies: 285 MiB.
    """
    most = top_mib or max([0.0, *(sum(parts.values()) for parts in ways.values())])
    unit, scale = ("GiB", GIB) if most >= GIB else ("MiB", 1.0)
    return parts_chart(ways, units.memory, title="What is stored", axis_title=f"disk [{unit}]", top=top_mib, head="way", scale=scale,
                       sentence=lambda s: "; ".join(f"{way}: {units.memory(x)}" for way, x in s.items()) + ".", assumed=assumed)  # fmt: skip
