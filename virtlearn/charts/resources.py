"""Charts of what things cost: towers, density, operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from virtlearn import units
from virtlearn.charts._style import DASHES, FILLS, INK, KINDS, LINES, PATTERNS, Chart, bar_look
from virtlearn.model import Deployment
from virtlearn.model.tree import Tree
from virtlearn.platforms import Number

__all__ = ["density", "operations", "request_time", "stack"]

ORDER = tuple(KINDS)


def _by_kind(tree: Tree) -> dict[str, float]:
    """Memory by kind of layer [MiB], from the hardware up."""
    sums = dict.fromkeys(ORDER, 0.0)
    for kind, mib, unused in zip(tree.kind, tree.memory_mib.tolist(), tree.unused_mib.tolist(), strict=True):
        sums[kind] += mib - unused
        sums["unused"] += unused
    return {kind: mib for kind, mib in sums.items() if mib > 0}


def stack(*deployments: Deployment, top_mib: float | None = None) -> Chart:
    """Draw deployments as towers to scale: what each kind of layer takes of the host's memory.

    Parameters
    ----------
    *deployments : Deployment
        One tower each.
    top_mib : float, optional
        Where the axis ends [MiB]; the tallest host where left out.

    Returns
    -------
    Chart
        Stacked bars with the host's memory as a line and the kernels counted.

    Examples
    --------
    >>> import virtlearn as vl
    >>> web, host = vl.Workload("web", 0.5, 256), vl.Host(cores=16, memory_gib=64)
    >>> print(stack(vl.deploy(web, copies=40, host=host, on="containers")).describe())
    containers: 40 copies in 10.9 GiB of 64 GiB, 1 kernel.
    """
    titles = [d.title for d in deployments]
    towers = [_by_kind(d.tree) for d in deployments]
    data: list[dict[str, Any]] = []
    for kind in ORDER:
        if any(kind in tower for tower in towers):
            colour, pattern, word = KINDS[kind]
            heights = [tower.get(kind, 0.0) / 1024 for tower in towers]
            data.append(
                {
                    "type": "bar",
                    "name": word,
                    "x": titles,
                    "y": heights,
                    "marker": bar_look(colour, pattern),
                    "hovertemplate": f"%{{x}}<br>{word}: %{{y:.2f}} GiB<extra></extra>",
                }
            )
    rooms = [sum(h.memory_mib for h in d.hosts) for d in deployments]
    data.append(
        {
            "type": "scatter",
            "mode": "markers",
            "name": "the host's memory",
            "x": titles,
            "y": [room / 1024 for room in rooms],
            "marker": {"symbol": "line-ew", "size": 60, "line": {"color": INK, "width": 3}},
        }
    )
    notes = [
        {
            "x": d.title,
            "y": d.memory_mib / 1024,
            "yshift": 12,
            "showarrow": False,
            "text": units.count(d.kernels, "kernel"),
        }
        for d in deployments
    ]
    says = [
        f"{d.title}: {units.count(d.copies, 'copy', 'copies')} in {units.memory(d.memory_mib)} of {units.memory(room)}, "
        f"{units.count(d.kernels, 'kernel')}"
        for d, room in zip(deployments, rooms, strict=True)
    ]
    rows = [("layer", *titles)]
    rows += [
        (KINDS[kind][2], *(units.memory(tower.get(kind, 0.0)) for tower in towers))
        for kind in ORDER
        if any(kind in tower for tower in towers)
    ]
    rows.append(("kernels", *(f"{d.kernels:,}" for d in deployments)))
    top = (top_mib or max(rooms)) / 1024 * 1.12
    layout = {
        "barmode": "stack",
        "title": {"text": "What takes the host's memory"},
        "yaxis": {"title": {"text": "memory [GiB]"}, "range": [0, top]},
        "annotations": notes,
        "legend": {"traceorder": "normal"},
    }
    return Chart(data, layout, sentence="; ".join(says) + ".", rows=rows)


def density(
    app_mib: Sequence[float],
    copies: Mapping[str, Sequence[int]],
    *,
    at_mib: float | None = None,
    gone_mib: float | None = None,
    host_title: str = "the host",
) -> Chart:
    """Draw how many copies a host holds against the size of the application, one line a platform.

    Parameters
    ----------
    app_mib : sequence of float, shape (n,)
        Sizes of the application [MiB].
    copies : mapping of str to sequence of int
        Most copies at each size, for each platform's title; the first is what others are compared with.
    at_mib : float, optional
        The size to mark and to put into words [MiB]; one of ``app_mib``.
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
    sizes = [float(x) for x in app_mib]
    data: list[dict[str, Any]] = []
    for i, (title, counts) in enumerate(copies.items()):
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": title,
                "x": sizes,
                "y": [n if n > 0 else None for n in counts],
                "line": {"color": LINES[i % len(LINES)], "dash": DASHES[i % len(DASHES)], "width": 2.5},
                "hovertemplate": f"{title}<br>%{{x:,.0f}} MiB: %{{y:,}} copies<extra></extra>",
            }
        )
    shapes, notes, sentence = [], [], ""
    if at_mib is not None:
        j = int(np.argmin(np.abs(np.array(sizes) - at_mib)))
        here = {title: int(counts[j]) for title, counts in copies.items()}
        data.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "showlegend": False,
                "x": [sizes[j]] * len(here),
                "y": [n if n > 0 else None for n in here.values()],
                "text": [f"{n:,}" for n in here.values()],
                # The highest is labelled above, the others below, so that close ones can be told apart.
                "textposition": ["top right", *["bottom left"] * (len(here) - 1)],
                "marker": {
                    "color": [LINES[i % len(LINES)] for i in range(len(here))],
                    "size": 9,
                    "line": {"color": INK, "width": 1},
                },
                "hoverinfo": "skip",
            }
        )
        first, last = next(iter(here)), list(here)[-1]
        told = ", ".join(f"{n:,}{' times' if i == 0 else ''} as {t}" for i, (t, n) in enumerate(here.items()))
        sentence = f"An application of {units.memory(sizes[j])} fits {told} on {host_title}"
        if here[last] and len(here) > 1:
            sentence += f": {units.plain(here[first] / here[last])} times as many {first} as {last}"
        sentence += "."
    if gone_mib is not None:
        shapes.append(
            {
                "type": "line",
                "x0": gone_mib,
                "x1": gone_mib,
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "line": {"color": INK, "dash": "dot"},
            }
        )
        notes.append(
            {
                "x": float(np.log10(gone_mib)),
                "yref": "paper",
                "y": 1.02,
                "showarrow": False,
                "xanchor": "right",
                "text": f"from {units.memory(gone_mib)} on: less than 10 % more",
            }
        )
        sentence += f" From {units.memory(gone_mib)} on, containers are less than 10 % ahead."
    rows = [
        ("application", *copies),
        *((units.memory(s), *(f"{c[i]:,}" for c in copies.values())) for i, s in enumerate(sizes)),
    ]
    layout = {
        "title": {"text": "How many copies fit"},
        "xaxis": {
            "type": "log",
            "title": {"text": "size of the application [MiB]"},
            "range": [float(np.log10(min(sizes))), float(np.log10(max(sizes)))],
            "tickvals": [2**k for k in range(2, 16)],
            "ticktext": [units.memory(2**k) for k in range(2, 16)],
        },
        "yaxis": {"type": "log", "title": {"text": "copies"}, "range": [-0.1, 5], "dtick": 1},
        "shapes": shapes,
        "annotations": notes,
    }
    return Chart(data, layout, sentence=sentence.strip(), rows=rows)


def operations(kept: Mapping[str, Mapping[str, tuple[float, Sequence[Number]]]], *, top: float = 1.2) -> Chart:
    """Draw what is left of native speed for each kind of work, one group of bars a platform.

    Parameters
    ----------
    kept : mapping of str to mapping of str to (float, sequence of Number)
        For each platform's title and kind of work what `Platform.keeps` gives: the fraction, and its numbers.
        A bound is drawn as an arrow from the bar, not as a mean; assumed values carry an "a".
    top : float
        Where the axis ends, as a fraction of native.

    Examples
    --------
    >>> import virtlearn as vl
    >>> vms = vl.platform("virtual-machines")
    >>> print(operations({vms.title: {op: vms.keeps(op) for op in ("computing", "random I/O")}}).describe())
    virtual machines keep most of computing (97.7 %) and least of random I/O (54.9 %).
    """
    data: list[dict[str, Any]] = []
    says: list[str] = []
    work = list(next(iter(kept.values())))
    notes = set()
    for i, (title, fractions) in enumerate(kept.items()):
        values = [fractions[op][0] for op in work]
        marks = []
        for op in work:
            numbers = fractions[op][1]
            bound = next((n.bound for n in numbers if n.bound), "")
            marks.append(
                f"{bound}{units.percent(fractions[op][0])}" + (" a" if any(n.assumed for n in numbers) else "")
            )
            notes |= {"a"} if any(n.assumed for n in numbers) else set()
        data.append(
            {
                "type": "bar",
                "name": title,
                "x": work,
                "y": [100 * v for v in values],
                "text": marks,
                "textposition": "outside",
                "textangle": -90,
                "cliponaxis": False,
                "marker": bar_look(FILLS[i % len(FILLS)], PATTERNS[i % len(PATTERNS)]),
                "hovertemplate": f"{title}<br>%{{x}}: %{{text}} of native<extra></extra>",
            }
        )
        best, worst = max(work, key=lambda op: fractions[op][0]), min(work, key=lambda op: fractions[op][0])
        says.append(
            f"{title} keep most of {best} ({units.percent(fractions[best][0])}) and least of {worst} ({units.percent(fractions[worst][0])})"
        )
    rows = [("work", *kept), *((op, *(t["text"][j] for t in data)) for j, op in enumerate(work))]
    layout = {
        "title": {"text": "What is left of native speed"},
        "yaxis": {"title": {"text": "of native [%]"}, "range": [0, 100 * top + 25]},
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": 100,
                "y1": 100,
                "line": {"color": INK, "dash": "dot"},
            }
        ],
        "bargap": 0.2,
    }
    assumed = "the values marked a, for which no row exists" if notes else ""
    return Chart(data, layout, sentence="; ".join(says) + ".", rows=rows, assumed=assumed)


def request_time(parts_ms: Mapping[str, Mapping[str, float]], *, top_ms: float) -> Chart:
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
    titles = list(parts_ms)
    work = list(next(iter(parts_ms.values())))
    data = [
        {
            "type": "bar",
            "orientation": "h",
            "name": op,
            "y": titles,
            "x": [parts_ms[t][op] for t in titles],
            "marker": bar_look(FILLS[i % len(FILLS)], PATTERNS[i % len(PATTERNS)]),
            "hovertemplate": f"%{{y}}<br>{op}: %{{x:.3g}} ms<extra></extra>",
        }
        for i, op in enumerate(work)
    ]
    whole = {t: sum(parts.values()) for t, parts in parts_ms.items()}
    first = titles[0]
    says = [
        f"{units.plain(ms)} ms on {t}" + ("" if t == first else f" ({units.plain(ms / whole[first])} times as long)")
        for t, ms in whole.items()
    ]
    rows = [
        ("platform", *work, "together"),
        *(
            (t, *(f"{units.plain(x)} ms" for x in p.values()), f"{units.plain(whole[t])} ms")
            for t, p in parts_ms.items()
        ),
    ]
    layout = {
        "barmode": "stack",
        "title": {"text": "Where the time of one request goes"},
        "xaxis": {"title": {"text": "time [ms]"}, "range": [0, top_ms]},
        "yaxis": {"autorange": "reversed"},
        "height": 300,
    }
    return Chart(data, layout, sentence=f"One request takes {', '.join(says)}.", rows=rows)
