"""Charts of trouble: what dies together, how many copies are up, how far an intruder gets, what walls expose."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from virtlearn import core, units
from virtlearn.charts._draw import axis, bar, line, looks, note, same_length, series, table
from virtlearn.charts._style import INK, LINES, Chart
from virtlearn.charts._tree import CROSS, boxes, draw, outlines, words
from virtlearn.errors import ImpossibleProbability, WrongPlace
from virtlearn.model import Deployment
from virtlearn.platforms import LayerSpec

__all__ = ["blast_radius", "copies_up", "failure_domains", "spread", "tree_chart", "walls"]

MADE_UP = "the escape probabilities; no rate is published, only their order follows what the walls expose"


def tree_chart(
    parent: Any, kind: Sequence[str], hover: Sequence[str], *, text: Sequence[str], same: Sequence[Any], title: str,
    ring: int | None = None, ring_word: str = "", grey: Sequence[bool] = (),
    sentence: str, rows: Sequence[Sequence[str]], assumed: str = "",
) -> Chart:  # fmt: skip
    """Draw a tree in levels of equal height, a ring round one node; a click on a box gives its node."""
    laid = boxes(parent, [(*x, i == ring) for i, x in enumerate(zip(kind, same, strict=True))], columns=12)
    data, notes = draw(laid, kind, hover, text=text, grey=grey)
    x, y = outlines(laid, [laid.node.index(ring)] if ring is not None else [], whole=False)
    data.append({"type": "scatter", "mode": "lines", "name": ring_word or "-", "x": x, "y": y, "hoverinfo": "skip", "showlegend": bool(x),
                 "line": {"color": LINES[1], "width": 4, "dash": "dash"}})  # fmt: skip
    height = float((laid.bottom + laid.height).max())
    layout = {
        "title": {"text": title}, "barmode": "overlay", "annotations": notes, "height": int(150 + 46 * height), "margin": {"l": 10, "r": 10, "b": 90},
        "xaxis": {"visible": False, "range": [-0.005, 1.005]}, "yaxis": {"visible": False, "range": [-0.05, height + 0.05]},
    }  # fmt: skip
    return Chart(data, layout, sentence=sentence, rows=rows, assumed=assumed)


def _deployment(owner: str, value: Any) -> Deployment:
    if not isinstance(value, Deployment):
        raise WrongPlace(f"{owner} draws a deployment, but was given {value!r:.60}.\n"
                         f"Try {owner}(deploy(web, copies=8, host=host, on='containers')).")  # fmt: skip
    return value


def _called(d: Deployment, i: int) -> str:
    name = d.tree.name[i]
    return words(d.tree.kind[i]) + (f" {name!r}" if name and name != d.tree.kind[i] else "")


def failure_domains(deployment: Deployment, dead: int | str | None = None, *, assumed: str = "") -> Chart:
    """Draw a deployment's tree; a dead node greys all that stops with it.

    Parameters
    ----------
    deployment : Deployment
        Whose tree is drawn.
    dead : int or str, optional
        The node that fails: its index, name or kind.

    Examples
    --------
    >>> import virtlearn as vl
    >>> pods = vl.deploy(vl.Workload("web", 0.5, 256), copies=20, host=vl.Host(16, 64), on="containers")
    >>> failure_domains(pods, "operating-system")
    The operating system 'linux-host' stops, and 20 of 20 copies with it.
    >>> failure_domains(pods, "container-runtime").describe().split(";")[0]
    "The container runtime 'runc' stops, and 0 of 20 copies with it"
    """
    d = _deployment("failure_domains", deployment)
    tree, n = d.tree, len(d.tree)
    at = None if dead is None else tree.index(dead)
    lost = set() if at is None else set(d.dies_with(at))
    down = [False] * n
    for i in range(n):  # what stands on a dead node is dead, unless the node had stepped aside
        down[i] = i == at or (i in lost) or (i > 0 and down[tree.parent[i]] and bool(lost))
    sentence = f"{units.count(d.copies, 'copy', 'copies')} stand on one tree of {units.count(n, 'node')}; choose a node to see what stops with it."
    if at is not None:
        sentence = f"The {_called(d, at)} stops, and {len(lost):,} of {units.count(d.copies, 'copy', 'copies')} with it"
        sentence += "." if lost else "; it is not on the running path, so what runs goes on and only new starts wait."
    hover = [f"{_called(d, i)}{': down' if down[i] else ''}" for i in range(n)]
    text = [
        (f"{CROSS} " if down[i] else "") + (tree.layers[i].title if tree.kind[i] != "workload" else tree.name[i])
        for i in range(n)
    ]
    rows = [("layer", "nodes", "down"), *((words(k), f"{tree.kind.count(k):,}", f"{sum(down[i] for i in range(n) if tree.kind[i] == k):,}")
                                         for k in dict.fromkeys(tree.kind))]  # fmt: skip
    return tree_chart(tree.parent, tree.kind, hover, text=text, same=list(zip(tree.name, down, strict=True)), grey=down,
                      title="What fails together", ring=at, ring_word="what fails first", sentence=sentence, rows=rows, assumed=assumed)  # fmt: skip


def blast_radius(deployment: Deployment, start: int | str = "workload", *, assumed: str = MADE_UP) -> Chart:
    """Draw how likely an intruder who controls one node comes to control every other.

    Parameters
    ----------
    deployment : Deployment
        Whose tree is drawn, with its walls.
    start : int or str
        Where the intruder begins: index, name or kind.

    Examples
    --------
    >>> import virtlearn as vl
    >>> pods = vl.deploy(vl.Workload("web", 0.5, 256), copies=20, host=vl.Host(16, 64), on="containers")
    >>> print(blast_radius(pods).describe().split(" Assumed")[0])
    From the application 'web', an intruder can expect to take 1.95 of 20 copies; the hardware with 5 %.
    """
    d = _deployment("blast_radius", deployment)
    tree, at = d.tree, d.tree.index(start)
    controls = core.tree.path_sum(tree.parent, d.reach_pmf(at)).clip(0, 1).tolist()
    said = [units.percent(c, 2) if c else "" for c in controls]
    hover = [f"{_called(d, i)}<br>controlled with {said[i] or '0 %'}" for i in range(len(tree))]
    rows = [("layer", "chance to be controlled"),
            *((_called(d, i), said[i]) for i in range(at, -1, -1) if i == at or i in d.tree.path(at))]  # fmt: skip
    takes = f"{units.plain(d.blast_radius(at))} of {units.count(d.copies, 'copy', 'copies')}"
    sentence = f"From the {_called(d, at)}, an intruder can expect to take {takes}; the {words(tree.kind[0])} with {said[0] or '0 %'}."
    return tree_chart(tree.parent, tree.kind, hover, text=said, same=said, title="How far can an intruder get", ring=at,
                      ring_word="where the intruder starts", sentence=sentence, rows=rows, assumed=assumed)  # fmt: skip


def copies_up(
    exact: Mapping[str, Sequence[float]], *, simulated: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
    need: int = 1, assumed: str = "",
) -> Chart:  # fmt: skip
    """Draw the share of time with exactly k copies up, exact and simulated.

    Parameters
    ----------
    exact : mapping of str to sequence of float, shape (copies + 1,)
        For each title the probabilities, such as `Deployment.copies_up_pmf`.
    simulated : mapping of str to (sequence, sequence), optional
        What `core.failure.simulate_outages` gives: shares of time and their standard errors, drawn as two of them.
    need : int
        How many copies the service needs.

    Examples
    --------
    >>> print(copies_up({"two servers": [0.000025, 0.00995, 0.990025]}).describe())
    two servers: at least 1 copy is up 99.9975 % of the time, 65.7 s a month are dark.
    """
    same_length(exact=list(exact))
    floor = 1e-9  # rarer than once in a thousand years of hours; below it nothing is drawn
    data, told, rows = [], [], [("platform", "copies up", "share of the time")]
    for i, (title, values) in enumerate(exact.items()):
        pmf = core._check.probability(title, series(title, values))
        if abs(float(pmf.sum()) - 1) > 1e-6:
            raise ImpossibleProbability(f"exact[{title!r}] adds up to {float(pmf.sum()):.6g}; the shares of time must add up to 1.\n"
                                        "Try deployment.copies_up_pmf().")  # fmt: skip
        colour, symbol = looks(i + 1)[i]
        hover = f"{title}<br>%{{x}} copies up: %{{text}}<extra></extra>"
        kept = [k for k, p in enumerate(pmf) if p > floor]
        data.append({"type": "scatter", "mode": "markers", "name": title, "x": kept, "y": [float(pmf[k]) for k in kept], "hovertemplate": hover,
                     "text": [units.percent(float(pmf[k]), 6) for k in kept],
                     "marker": {"color": colour, "symbol": symbol, "size": 10, "line": {"color": INK, "width": 1}}})  # fmt: skip
        rows += [(title, str(k), units.percent(float(pmf[k]), 6)) for k in kept]
        up = float(core.failure.at_least_up(pmf, need))
        dark = units.duration(60 * float(core.failure.downtime_min_per_month(up)))
        least = f"at least {units.count(need, 'copy', 'copies')} {'is' if need == 1 else 'are'} up"
        told.append(f"{title}: {least} {units.percent(up, 6)} of the time, {dark} a month are dark")
    for i, (title, (share, error)) in enumerate((simulated or {}).items()):
        mean, two = series(title, share), [2 * e for e in series(title, error)]
        same_length(share=mean, standard_error=two)
        kept = [k for k, p in enumerate(mean) if p > floor]
        low = [min(two[k], 0.99 * mean[k]) for k in kept]  # a logarithmic axis has no place for zero
        bars = {"type": "data", "array": [two[k] for k in kept], "arrayminus": low, "symmetric": False}
        data.append({"type": "scatter", "mode": "markers", "name": f"{title}, simulated", "x": kept, "y": [mean[k] for k in kept], "error_y": bars,
                     "hovertemplate": f"{title}, simulated<br>%{{x}} copies up: %{{y:.3g}}<extra></extra>",
                     "marker": {"color": looks(i + 1)[i][0], "symbol": f"{looks(i + 1)[i][1]}-open", "size": 15}})  # fmt: skip
        rows += [(f"{title}, simulated", str(k), units.percent(mean[k], 4)) for k in kept]
    most = max(len(p) for p in exact.values()) - 1
    ticks = [10.0**-k for k in range(9, -1, -1)]
    layout = {
        "title": {"text": "How many copies are up"},
        "xaxis": {"title": {"text": "copies up"}, "range": [-0.5, most + 0.5], "tick0": 0, "dtick": max(1, most // 10)},
        "yaxis": {"type": "log", "title": {"text": "share of the time"}, "range": [math.log10(floor), math.log10(2)], "tickvals": ticks,
                  "ticktext": [units.percent(t, 1) for t in ticks]},
    }  # fmt: skip
    return Chart(data, layout, sentence="; ".join(told) + ".", rows=rows, assumed=assumed)


def spread(
    lost: Mapping[str, Sequence[float]], *, copies: int, assumed: str = "the rates; nobody has published any"
) -> Chart:
    """Draw copies lost after each step of an attack, one line a setting: illustrative, as no spread rate is published.

    Parameters
    ----------
    lost : mapping of str to sequence of float
        For each setting, what `core.attack.simulate_attacks` gives.
    copies : int
        How many there are.

    Examples
    --------
    >>> print(spread({"own secrets": [1.05, 1.05], "shared secrets": [1.1, 6.2]}, copies=20).describe())
    After 2 steps, of 20 copies: 1.05 lost with own secrets, 6.2 lost with shared secrets. Illustrative. Assumed: the rates; nobody has published any.
    """
    same_length(lost=list(lost))
    rows = {t: series(t, s) for t, s in lost.items()}
    steps = max(len(s) for s in rows.values())
    data = [
        line(i, t, list(range(1, len(s) + 1)), s, f"{t}<br>step %{{x}}: %{{y:.3g}} lost<extra></extra>")
        for i, (t, s) in enumerate(rows.items())
    ]
    layout = {"title": {"text": "An attack, step by step (illustrative)"}, "xaxis": {"title": {"text": "steps"}},
              "yaxis": axis("copies lost", 1.05 * copies)}  # fmt: skip
    told = ", ".join(f"{units.plain(s[-1])} lost with {t}" for t, s in rows.items())
    cells = table(["setting", "first step", "last step"], rows, *([units.plain(s[k]) for s in rows.values()] for k in (0, -1)))  # fmt: skip
    sentence = f"After {units.count(steps, 'step')}, of {copies:,} copies: {told}. Illustrative."
    return Chart(data, layout, sentence=sentence, rows=cells, assumed=assumed)


def walls(*layers: LayerSpec, assumed: str = "") -> Chart:
    """Draw walls by what they expose: what is reachable first, and what lies behind once that has fallen.

    Parameters
    ----------
    *layers : LayerSpec
        One row each; a layer without a count says so.

    Examples
    --------
    >>> from virtlearn.platforms import layer
    >>> print(walls(layer("container"), layer("virtual-machine")).describe())
    container: 293 system calls reachable first; virtual machine: no system call reachable first.
    """
    same_length(layers=layers)
    titles = [spec.title for spec in layers]
    sides = (("reachable first", [spec.reachable for spec in layers]), ("behind it", [spec.behind for spec in layers]))
    data, notes = [], []
    for side, (word, numbers) in enumerate(sides):
        x = "x" if side == 0 else "x2"
        shown = [f"{n.bound}{n.value:,.0f}" if n else "" for n in numbers]
        data.append(bar(5 - 4 * side, word, [n.value if n else None for n in numbers], titles,
                        f"%{{y}}<br>{word}: %{{text}} system calls<br>%{{customdata}}<extra></extra>", orientation="h", xaxis=x,
                        text=shown, textposition="outside", cliponaxis=False, customdata=[s.wall for s in layers]))  # fmt: skip
        empty = "none: exits, devices" if side == 0 else "no count"
        notes += [note(4, t, empty, xref=x, xanchor="left") for t, n in zip(titles, numbers, strict=True) if n is None]
    layout = {
        "title": {"text": "What a wall exposes, in system calls"}, "annotations": notes, "showlegend": False, "height": 190 + 44 * len(layers),
        "xaxis": axis("reachable first", 420, domain=[0, 0.47]), "yaxis": {"autorange": "reversed"},
        "xaxis2": axis("behind it", 420, domain=[0.53, 1]),
    }  # fmt: skip

    def said(spec: LayerSpec) -> str:
        first = (
            f"{spec.reachable.bound}{spec.reachable.value:,.0f} system calls" if spec.reachable else "no system call"
        )
        return f"{spec.title}: {first} reachable first" + (f", {spec.behind.value:,.0f} behind it" if spec.behind else "")  # fmt: skip

    rows = [("wall", "what it is", *(word for word, _ in sides), "sources"),
            *((s.title, s.wall, f"{s.reachable.value:,.0f}" if s.reachable else "-", f"{s.behind.value:,.0f}" if s.behind else "-",
               "; ".join(n.source for n in (s.reachable, s.behind) if n)) for s in layers)]  # fmt: skip
    return Chart(data, layout, sentence="; ".join(map(said, layers)) + ".", rows=rows, assumed=assumed)
