"""Charts of what things cost: towers, density, operations, requests, images."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from virtlearn import core, units
from virtlearn.charts import _draw as draw
from virtlearn.charts._chart import Chart
from virtlearn.charts._draw import Parts
from virtlearn.charts._style import FILLS, INK, KINDS, LINES
from virtlearn.charts._tree import Boxes, bars, boxes, only_deployments, outlines
from virtlearn.model import Deployment
from virtlearn.platforms import Number

__all__ = ["density", "images", "operations", "request_time", "stack"]

GIB = 1024.0
# Walls, drawn round what stands behind them: the kind of layer, its word, its colour and its dash.
WALLS = (
    ("virtual-machine", "machine's wall", LINES[1], "solid"),
    ("container", "container's wall", LINES[3], "dot"),
)
TOWER = 0.84  # the share of its place that a tower fills


def _tower(d: Deployment, columns: int) -> tuple[Boxes, list[str], Any]:
    """Lay a deployment out: its boxes, and kind and size of each node, what is promised and not used included."""
    tree = d.tree
    spare = np.flatnonzero(tree.unused_mib > 1e-9)  # drawn as one more thing in its machine
    kind = [*tree.kind, *["unused"] * len(spare)]
    size = np.concatenate([tree.memory_mib - tree.unused_mib, tree.unused_mib[spare]])
    same = list(zip(kind, size.tolist(), strict=True))
    return boxes(np.concatenate([tree.parent, spare]), same, size=size, columns=columns), kind, size


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
    Containers: 40 copies in 10.9 GiB of 64 GiB, 1 kernel.
    """
    only_deployments("stack", *deployments)
    data: list[dict[str, Any]] = []
    sums, ticks, notes, says = [], [], [], []
    walls: list[tuple[list[Any], list[Any]]] = [([], []) for _ in WALLS]
    rooms: tuple[list[Any], list[Any]] = ([], [])
    top = 1.12 * (top_mib or max(sum(h.memory_mib for h in d.hosts) for d in deployments))
    for place, d in enumerate(deployments):
        laid, kind, size = _tower(d, max(12, 48 // len(deployments)))
        laid = laid.at(place - TOWER / 2, TOWER, GIB)
        data += bars(
            laid,
            kind,
            [f"{KINDS[k][2]}: {units.memory(m)}" for k, m in zip(kind, size, strict=True)],
        )[0]
        sums.append({k: float(size[np.array(kind) == k].sum()) for k in KINDS})
        for (which, *_), (x, y) in zip(WALLS, walls, strict=True):
            more = outlines(laid, [i for i, n in enumerate(laid.node) if kind[n] == which])
            x += more[0]
            y += more[1]
        most = (
            max(int(laid.times[i]) for i, n in enumerate(laid.node) if kind[n] == "workload")
            if d.copies
            else 1
        )
        ticks.append(d.title + (f"<br>{most:,} to a column" if most > 1 else ""))
        room = sum(h.memory_mib for h in d.hosts)
        rooms[0].extend([place - TOWER / 2, place + TOWER / 2, None])
        rooms[1].extend([room / GIB, room / GIB, None])
        copies, kernels = units.count(d.copies, "copy", "copies"), units.count(d.kernels, "kernel")
        says.append(
            f"{d.title}: {copies} in {units.memory(d.memory_mib)} of {units.memory(room)}, {kernels}"
        )
        # The words stand on the tower, or on the host's line where that would run through them.
        over = room if 0 < room - d.memory_mib < 0.09 * top else d.memory_mib
        notes.append(draw.note(place, over / GIB, f"{copies}, {kernels}", yshift=11))
    names = [trace["name"] for trace in data]
    for i, trace in enumerate(data):  # one entry in the legend for each kind
        trace["showlegend"] = trace["name"] not in names[:i]
    for (_, word, colour, dash), (x, y) in zip(WALLS, walls, strict=True):
        look = {"line": {"color": colour, "dash": dash, "width": 2}, "showlegend": bool(x)}
        data.append(draw.line(0, word, x, y, "", hoverinfo="skip", **look))
    data.append(
        draw.line(
            0, "the host's memory", *rooms, "", hoverinfo="skip", line={"color": INK, "width": 3}
        )
    )
    titles = [d.title for d in deployments]
    rows = [("layer", *titles)]
    rows += [
        (KINDS[k][2], *(units.memory(s[k]) for s in sums)) for k in KINDS if any(s[k] for s in sums)
    ]
    rows += [
        ("copies", *(f"{d.copies:,}" for d in deployments)),
        ("kernels", *(f"{d.kernels:,}" for d in deployments)),
    ]
    where = {
        "tickvals": list(range(len(titles))),
        "ticktext": ticks,
        "range": [-0.5, len(titles) - 0.5],
    }
    return Chart(
        data,
        sentence="; ".join(says) + ".",
        rows=rows,
        assumed=assumed,
        title="What takes the host's memory",
        xaxis={**where, "showgrid": False, "tickangle": 0},
        yaxis=draw.axis("memory [GiB]", top / GIB),
        annotations=notes,
        barmode="overlay",
    )


def density(
    app_mib: Sequence[float],
    copies: Mapping[str, Sequence[int]],
    *,
    at_mib: float | None = None,
    gone_mib: float | None = None,
    host_title: str = "the host",
    assumed: str = "",
) -> Chart:
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
    An application of 20 MiB fits 2,000 times as containers and 118 as virtual machines on the host: 16.9 times as many containers as virtual machines.
    """
    sizes, found = draw.lined_up(app_mib=app_mib, copies=copies)
    core._check.positive("app_mib", sizes)
    hover = "<br>%{x:,.0f} MiB: %{y:,} copies<extra></extra>"
    data = [
        draw.line(i, t, sizes, [n or None for n in c], t + hover)
        for i, (t, c) in enumerate(found.items())
    ]
    cells = [[f"{n:,.0f}" for n in counts] for counts in found.values()]
    rows = draw.table(["application", *copies], map(units.memory, sizes), *cells)
    ends = "; ".join(f"{c[0]:,.0f} to {c[-1]:,.0f} {t}" for t, c in found.items())
    says = (
        []
        if at_mib or gone_mib
        else [f"From {rows[1][0]} to {rows[-1][0]} an application: {ends}."]
    )
    first, last, marks = next(iter(copies)), list(copies)[-1], {}
    if at_mib is not None:
        j = int(np.argmin(np.abs(np.array(sizes) - at_mib)))
        here = {title: int(counts[j]) for title, counts in found.items()}
        # The highest is labelled above, the others below, so that close ones can be told apart.
        shown: dict[str, Any] = {
            "text": [f"{n:,}" for n in here.values()],
            "mode": "markers+text",
            "showlegend": False,
        }
        shown["textposition"] = ["top right", *["bottom left"] * (len(here) - 1)]
        look = {
            "color": [LINES[i % len(LINES)] for i in range(len(here))],
            "symbol": "circle",
            "size": 9,
        }
        y = [n or None for n in here.values()]
        data.append(draw.points(0, "here", [sizes[j]] * len(y), y, look=look, **shown))
        told = draw.listed(
            f"{n:,}{' times' if i == 0 else ''} as {t}" for i, (t, n) in enumerate(here.items())
        )
        more = (
            f": {units.plain(here[first] / here[last])} times as many {first} as {last}"
            if here[last]
            else ""
        )
        says.append(
            f"An application of {units.memory(sizes[j])} fits {told} on {host_title}{more * (len(here) > 1)}."
        )
    if gone_mib is not None:
        says.append(f"From {units.memory(gone_mib)} on, {first} are less than 10 % ahead.")
        right = gone_mib**2 > min(sizes) * max(
            sizes
        )  # the words stand on the side where there is room
        side = (
            {"xanchor": "right", "align": "right"}
            if right
            else {"xanchor": "left", "align": "left"}
        )
        words = f" from {units.memory(gone_mib)} on, <br> less than 10 % ahead "
        marks = {
            "annotations": [
                draw.note(math.log10(gone_mib), 1, words, yref="paper", yanchor="top", **side)
            ]
        }
        marks["shapes"] = [draw.rule(gone_mib)]
    return Chart(
        data,
        marks,
        sentence=" ".join(says),
        rows=rows,
        assumed=assumed,
        title="How many copies fit",
        xaxis=draw.log_axis(
            "size of the application", min(sizes), max(sizes), units.memory, base=4
        ),
        yaxis={"type": "log", "title": "copies", "range": [-0.1, 5], "dtick": 1},
    )


def operations(
    kept: Mapping[str, Mapping[str, tuple[float, Sequence[Number]]]],
    *,
    top: float = 1.2,
    assumed: str = "",
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
    Virtual machines keep most of computing (97.7 %) and least of random I/O (54.9 %).
    """
    draw.filled("kept", kept)
    work = list(next(iter(kept.values())))
    data, says, guess = [], [], False
    for i, (title, fractions) in enumerate(kept.items()):
        _, values = draw.lined_up(
            work=work, **{title: [fraction for fraction, _ in fractions.values()]}
        )
        bounds = [next((n.bound for n in fractions[op][1] if n.bound), "") for op in work]
        guessed = [" a" if any(n.assumed for n in fractions[op][1]) else "" for op in work]
        guess = guess or any(guessed)
        marks = [
            f"{b}{units.percent(v)}{g}" for b, v, g in zip(bounds, values, guessed, strict=True)
        ]
        words: dict[str, Any] = {
            "text": marks,
            "textposition": "outside",
            "textangle": -90,
            "textfont": {"size": 11},
        }
        words |= {"cliponaxis": False, "constraintext": "none"}
        hover = f"{title}<br>%{{x}}: %{{text}} of native<extra></extra>"
        trace = draw.bar(i, title, work, [100 * v for v in values], hover, **words)
        fill, look = FILLS[i % len(FILLS)], trace["marker"]
        look["color"] = ["rgba(0,0,0,0)" if b else fill for b in bounds]
        look["pattern"]["fgcolor"] = [INK if b else "rgba(255,255,255,0.8)" for b in bounds]
        look["line"] = {
            "color": [fill if b else INK for b in bounds],
            "width": [2 if b else 1 for b in bounds],
        }
        data.append(trace)
        least, *_, most = sorted(zip(values, work, marks, strict=True)) * 2
        says.append(
            f"{title} keep most of {most[1]} ({most[2]}) and least of {least[1]} ({least[2]})"
        )
    rows = draw.table(["work", *kept], work, *(t["text"] for t in data))
    scale = draw.axis("of native [%]", 100 * top + 25, tickvals=list(range(0, 101, 20)))
    if guess:
        assumed = "; ".join(
            x for x in ("the values marked a, for which no row exists", assumed) if x
        )
    layout = {"title": "What is left of native speed", "yaxis": scale, "bargap": 0.2}
    return Chart(data, layout, sentence="; ".join(says) + ".", rows=rows, assumed=assumed)


def request_time(parts_ms: Parts, *, top_ms: float, assumed: str = "") -> Chart:
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
    One request takes 10 ms on processes and 11 ms on virtual machines (1.1 times as long).
    """

    def says(ms: dict[str, float]) -> str:
        first, *others = ms.items()
        told = [f"{_ms(first[1])} on {first[0]}"]
        for title, t in others:
            more = f" ({units.plain(t / first[1])} times as long)" if first[1] else ""
            told.append(f"{_ms(t)} on {title}{more}")
        return f"One request takes {draw.listed(told)}."

    words: dict[str, Any] = {
        "title": "Where the time of one request goes",
        "along": "time [ms]",
        "assumed": assumed,
    }
    return draw.parts_chart(parts_ms, _ms, says, top=top_ms, **words)


def _ms(ms: float) -> str:
    return f"{units.plain(ms)} ms"


def images(ways: Parts, *, top_mib: float | None = None, assumed: str = "") -> Chart:
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
    Layers stored once: 135 MiB; full copies: 285 MiB.
    """
    most = top_mib or max([0.0, *(sum(parts.values()) for parts in ways.values())])
    unit, scale = ("GiB", GIB) if most >= GIB else ("MiB", 1.0)

    def says(sums: dict[str, float]) -> str:
        return "; ".join(f"{way}: {units.memory(x)}" for way, x in sums.items()) + "."

    words: dict[str, Any] = {
        "title": "What is stored",
        "along": f"disk [{unit}]",
        "head": "way",
        "assumed": assumed,
    }
    return draw.parts_chart(ways, units.memory, says, top=top_mib, scale=scale, **words)
