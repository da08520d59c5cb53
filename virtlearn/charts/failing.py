"""Charts of trouble: what dies together, how many copies are up, how far an intruder gets, what walls expose."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import compress
from typing import Any

from virtlearn import core, units
from virtlearn.charts import _draw as draw
from virtlearn.charts._chart import Chart
from virtlearn.charts._draw import Rows
from virtlearn.charts._tree import CROSS, only_deployments, tree_chart, words
from virtlearn.errors import ImpossibleProbability
from virtlearn.model import Deployment
from virtlearn.platforms import LayerSpec, Number

__all__ = ["blast_radius", "copies_up", "failure_domains", "spread", "walls"]

MADE_UP = (
    "the escape probabilities; no rate is published, only their order follows what the walls expose"
)


def _called(d: Deployment, i: int) -> str:
    name = d.tree.name[i]
    return words(d.tree.kind[i]) + (f" {name!r}" if name and name != d.tree.kind[i] else "")


def _copies(n: int) -> str:
    return units.count(n, "copy", "copies")


def failure_domains(
    deployment: Deployment, dead: int | str | None = None, *, assumed: str = ""
) -> Chart:
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
    only_deployments("failure_domains", deployment)
    d, tree, nodes = deployment, deployment.tree, range(len(deployment.tree))
    at = None if dead is None else tree.index(dead)
    lost = set() if at is None else set(d.dies_with(at))
    down = [False] * len(tree)
    for i in nodes:  # what stands on a dead node is dead, unless the node had stepped aside
        down[i] = i == at or (i in lost) or (i > 0 and down[tree.parent[i]] and bool(lost))
    copies, on = _copies(d.copies), f"one tree of {units.count(len(tree), 'node')}"
    sentence = f"{copies} {'stands' if d.copies == 1 else 'stand'} on {on}; choose a node to see what stops with it."
    if at is not None:
        aside = "; it is not on the running path, so what runs goes on and only new starts wait"
        sentence = f"The {_called(d, at)} stops, and {len(lost):,} of {copies} with it{'' if lost else aside}."
    hover = [f"{_called(d, i)}{': down' if down[i] else ''}" for i in nodes]
    names = [tree.layers[i].title if tree.kind[i] != "workload" else tree.name[i] for i in nodes]
    text = [f"{CROSS} {name}" if down[i] else name for i, name in enumerate(names)]
    kinds = list(dict.fromkeys(tree.kind))
    gone = [sum(down[i] for i in nodes if tree.kind[i] == kind) for kind in kinds]
    counts = [f"{tree.kind.count(kind):,}" for kind in kinds]
    return tree_chart(
        tree.parent,
        tree.kind,
        hover,
        text=text,
        same=list(zip(tree.name, down, strict=True)),
        grey=down,
        title="What fails together",
        ring=at,
        ring_word="what fails first",
        sentence=sentence,
        rows=draw.table(["layer", "nodes", "down"], map(words, kinds), counts, map(str, gone)),
        assumed=assumed,
    )


def blast_radius(
    deployment: Deployment, start: int | str = "workload", *, assumed: str = MADE_UP
) -> Chart:
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
    From the application 'web', an intruder can expect to take 1.95 of 20 copies; it controls the hardware with a chance of 5 %.
    """
    only_deployments("blast_radius", deployment)
    d, tree, at = deployment, deployment.tree, deployment.tree.index(start)
    controls = core.tree.path_sum(tree.parent, d.reach_pmf(at)).clip(0, 1).tolist()
    said = [units.percent(c, 2) if c else "" for c in controls]
    hover = [f"{_called(d, i)}<br>controlled with {said[i] or '0 %'}" for i in range(len(tree))]
    path = [at, *(i for i in range(at, -1, -1) if i != at and i in d.tree.path(at))]
    takes = f"{units.plain(d.blast_radius(at))} of {_copies(d.copies)}"
    top = f"it controls the {words(tree.kind[0])} with a chance of {said[0] or '0 %'}"
    return tree_chart(
        tree.parent,
        tree.kind,
        hover,
        text=said,
        same=said,
        title="How far can an intruder get",
        ring=at,
        ring_word="where the intruder starts",
        assumed=assumed,
        sentence=f"From the {_called(d, at)}, an intruder can expect to take {takes}; {top}.",
        rows=draw.table(
            ["layer", "chance to be controlled"],
            [_called(d, i) for i in path],
            [said[i] for i in path],
        ),
    )


def _nines(up: float) -> int:
    """Give digits enough that what is sometimes down is not said to be up 100 % of the time.

    >>> units.percent(0.999975, _nines(0.999975)), units.percent(1 - 1e-10, _nines(1 - 1e-10)), _nines(1.0)
    ('99.9975 %', '99.99999999 %', 6)
    """
    return max(6, 2 + math.ceil(-math.log10(1 - up))) if 0 < 1 - up < 1 else 6


def copies_up(
    exact: Rows,
    *,
    simulated: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
    need: int = 1,
    assumed: str = "",
) -> Chart:
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
    Two servers: at least 1 copy is up 99.9975 % of the time, 65.7 s a month are dark.
    """
    draw.filled("exact", exact)
    floor = 1e-9  # rarer than once in a thousand years of hours; below it nothing is drawn
    titles, data, told, rows = list(exact), [], [], [("platform", "copies up", "share of the time")]

    def show(i: int, title: str, shares: list[float], digits: int, **more: Any) -> None:
        kept = [k for k, p in enumerate(shares) if p > floor]
        text, hover = (
            [units.percent(shares[k], digits) for k in kept],
            f"{title}<br>%{{x}} copies up: %{{text}}",
        )
        mark = draw.points(
            i, title, kept, [shares[k] for k in kept], f"{hover}<extra></extra>", text=text, **more
        )
        data.append(mark)
        rows.extend((title, str(k), said) for k, said in zip(kept, text, strict=True))

    for i, (title, values) in enumerate(exact.items()):
        pmf = core._check.probability(title, draw.series(title, values))
        if abs(float(pmf.sum()) - 1) > 1e-6:
            found = f"exact[{title!r}] adds up to {float(pmf.sum()):.6g}; the shares of time must add up to 1"
            raise ImpossibleProbability(f"{found}.\nTry deployment.copies_up_pmf().")
        show(
            i, title, pmf.tolist(), 6, look={"size": max(6, 14 - 4 * i)}
        )  # equal ones stay visible, one in the other
        up = float(core.failure.at_least_up(pmf, need))
        dark = units.duration(60 * float(core.failure.downtime_min_per_month(up)))
        least = f"at least {_copies(need)} {'is' if need == 1 else 'are'} up {units.percent(up, _nines(up))} of the time"
        told.append(f"{title}: {least}, {dark} a month are dark")
    for title, (share, error) in (simulated or {}).items():
        mean, one = draw.lined_up(share=share, standard_error=error)
        kept = [k for k, p in enumerate(mean) if p > floor]
        low = [
            min(2 * one[k], 0.99 * mean[k]) for k in kept
        ]  # a logarithmic axis has no place for zero
        bars = {
            "type": "data",
            "array": [2 * one[k] for k in kept],
            "arrayminus": low,
            "symmetric": False,
        }
        i = (
            titles.index(title) if title in titles else len(titles)
        )  # the look of the law that it is the chance of
        look = {
            "symbol": f"{draw.SYMBOLS[i % len(draw.SYMBOLS)]}-open",
            "size": 18,
            "line": {"width": 2},
        }
        show(i, f"{title}, simulated", mean, 4, error_y=bars, look=look)
    most = max(map(len, exact.values())) - 1
    return Chart(
        data,
        sentence="; ".join(told) + ".",
        rows=rows,
        assumed=assumed,
        title="How many copies are up",
        xaxis={
            "title": "copies up",
            "range": [-0.5, most + 0.5],
            "tick0": 0,
            "dtick": max(1, most // 10),
        },
        yaxis=draw.log_axis("share of the time", floor, 2, lambda share: units.percent(share, 1)),
    )


def spread(
    lost: Rows, *, copies: int, assumed: str = "the rates; nobody has published any"
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
    After 2 steps, of 20 copies: 1.05 lost with own secrets and 6.2 lost with shared secrets. Illustrative. Assumed: the rates; nobody has published any.
    """
    draw.filled("lost", lost)
    rows = {title: draw.series(title, row) for title, row in lost.items()}
    steps = max(map(len, rows.values()))
    hover, when = "<br>step %{x}: %{y:.3g} lost<extra></extra>", list(range(1, steps + 1))
    data = [
        draw.line(i, title, when[: len(s)], s, title + hover)
        for i, (title, s) in enumerate(rows.items())
    ]
    first, last = ([units.plain(s[k]) for s in rows.values()] for k in (0, -1))
    told = draw.listed(f"{n} lost with {title}" for title, n in zip(rows, last, strict=True))
    cells = draw.table(["setting", "first step", "last step"], rows, first, last)
    sentence = f"After {units.count(steps, 'step')}, of {_copies(copies)}: {told}. Illustrative."
    return Chart(
        data,
        sentence=sentence,
        rows=cells,
        assumed=assumed,
        title="An attack, step by step (illustrative)",
        xaxis={"title": "steps", "dtick": 1},
        yaxis=draw.axis("copies lost", 1.05 * copies),
    )


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
    Container: 293 system calls reachable first; virtual machine: no system call reachable first.
    """
    draw.filled("layers", layers)
    titles = [spec.title for spec in layers]
    sides = {
        "reachable first": [spec.reachable for spec in layers],
        "behind it": [spec.behind for spec in layers],
    }
    data, notes, told = [], [], []
    for side, (word, numbers) in enumerate(sides.items()):
        x, hover = (
            ("x", "x2")[side],
            f"%{{y}}<br>{word}: %{{text}} system calls<br>%{{customdata}}<extra></extra>",
        )
        more = {
            "text": [_calls(n, "") for n in numbers],
            "textposition": "outside",
            "cliponaxis": False,
            "xaxis": x,
        }
        long, walled = [n.value if n else None for n in numbers], [spec.wall for spec in layers]
        data.append(
            draw.bar(
                5 - 4 * side, word, long, titles, hover, orientation="h", customdata=walled, **more
            )
        )
        empty, none = ("none: exits, devices", "no count")[side], [n is None for n in numbers]
        notes += [draw.note(4, t, empty, xref=x, xanchor="left") for t in compress(titles, none)]
    for spec in layers:
        first = f"{_calls(spec.reachable)} system calls" if spec.reachable else "no system call"
        second = f", {_calls(spec.behind)} behind it" if spec.behind else ""
        told.append(f"{spec.title}: {first} reachable first{second}")
    sources = ["; ".join(n.source for n in (spec.reachable, spec.behind) if n) for spec in layers]
    columns = [[_calls(n) for n in numbers] for numbers in sides.values()]
    return Chart(
        data,
        sentence="; ".join(told) + ".",
        assumed=assumed,
        title="What a wall exposes",
        rows=draw.table(
            ["wall", "what it is", *sides, "sources"], titles, walled, *columns, sources
        ),
        annotations=notes,
        showlegend=False,
        height=190 + 44 * len(layers),
        yaxis={"autorange": "reversed"},
        xaxis=draw.axis("system calls reachable first", 420, domain=[0, 0.47]),
        xaxis2=draw.axis("system calls behind it", 420, domain=[0.53, 1]),
    )


def _calls(number: Number | None, none: str = "-") -> str:
    return f"{number.bound}{number.value:,.0f}" if number else none
