"""Towers: deployments drawn to scale, with what takes the host's memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import INK, KINDS, LINES
from virtlearn.charts._take import only_deployments
from virtlearn.charts._tree import Boxes, Outline, bars, boxes, outline
from virtlearn.charts._words import copies
from virtlearn.model import Deployment

__all__ = ["stack"]

GIB = 1024.0
# Walls, drawn round what stands behind them: the kind of layer, its word, its colour and its dash.
WALLS = (
    ("virtual-machine", "machine's wall", LINES[1], "solid"),
    ("container", "container's wall", LINES[3], "dot"),
)
TOWER = 0.84  # the share of its place that a tower fills
HEADROOM = 1.12  # room for the words over a tower as high as its host
NEAR = 0.09  # of the axis: words this near to the host's line are put on it
FEW_TOWERS = 2  # more than these, and a narrow page has no room for titles on one line
MOST_COLUMNS = 48  # boxes side by side, over all towers
MIB_OF_ROUNDING = 1e-9


@dataclass(frozen=True)
class Tower:
    """One deployment and its place in the row."""

    deployment: Deployment
    place: int
    columns: int
    wrapped: bool

    @cached_property
    def kind(self) -> list[str]:
        """The kind of each node, what is promised and not used as one more node in its machine."""
        return [*self.deployment.tree.kind, *["unused"] * len(self._spare)]

    @cached_property
    def size_mib(self) -> list[float]:
        """What each node takes for itself [MiB]."""
        tree = self.deployment.tree
        used = tree.memory_mib - tree.unused_mib
        return [*used.tolist(), *tree.unused_mib[self._spare].tolist()]

    @cached_property
    def _spare(self) -> list[int]:
        unused = self.deployment.tree.unused_mib > MIB_OF_ROUNDING
        return [int(i) for i in np.flatnonzero(unused)]

    @cached_property
    def laid(self) -> Boxes:
        """Its boxes where they are drawn, heights in GiB."""
        parent = [*self.deployment.tree.parent.tolist(), *self._spare]
        alike = list(zip(self.kind, self.size_mib, strict=True))
        upright = boxes(parent, alike, size=self.size_mib, columns=self.columns)
        return upright.at(self.place - TOWER / 2, TOWER, GIB)

    @property
    def host_mib(self) -> float:
        """What its hosts have [MiB]."""
        return sum(host.memory_mib for host in self.deployment.hosts)

    @property
    def counts(self) -> tuple[str, str]:
        """How many copies and kernels, in words."""
        d = self.deployment
        return copies(d.copies), units.count(d.kernels, "kernel")

    @property
    def sentence(self) -> str:
        """Say what stands in how much memory, with how many kernels."""
        many, kernels = self.counts
        memory = f"{units.memory(self.deployment.memory_mib)} of {units.memory(self.host_mib)}"
        return f"{self.deployment.title}: {many} in {memory}, {kernels}"

    @property
    def tick(self) -> str:
        """Write its title below it, and how many copies one column stands for."""
        title = self.deployment.title
        if self.wrapped:
            title = title.replace(" in ", " in\N{NO-BREAK SPACE}").replace(" ", "<br>")
        columns = [n for n, i in zip(self.laid.times, self.laid.node, strict=True)
                   if self.kind[i] == "workload"]  # fmt: skip
        most = max(columns, default=1)
        return f"{title}<br>{most:,} to a column" if most > 1 else title

    def bars(self) -> list[Part]:
        """Draw its boxes, one trace a kind of layer."""
        hover = []
        for kind, mib in zip(self.kind, self.size_mib, strict=True):
            hover.append(f"{KINDS[kind][2]}: {units.memory(mib)}")
        return bars(self.laid, self.kind, hover)[0]

    def words(self, top_mib: float) -> Part:
        """Write its counts on it, or on the host's line where that would run through them."""
        used = self.deployment.memory_mib
        over = self.host_mib if 0 < self.host_mib - used < NEAR * top_mib else used
        between = "<br>" if self.wrapped else ", "
        return marks.note(self.place, over / GIB, between.join(self.counts), yanchor="bottom")

    def of_kind(self, kind: str) -> list[int]:
        """Find the boxes of one kind of layer."""
        return [k for k, i in enumerate(self.laid.node) if self.kind[i] == kind]

    def sum_mib(self, kind: str) -> float:
        """Add up what one kind of layer takes [MiB]."""
        return math.fsum(x for k, x in zip(self.kind, self.size_mib, strict=True) if k == kind)


def stack(*deployments: Deployment, top_mib: float | None = None, assumed: str = "") -> Chart:
    """Draw deployments as towers to scale: area is memory, one column is a copy.

    What carries stands below what is carried.

    Parameters
    ----------
    *deployments : Deployment
        One tower each.
    top_mib : float, optional
        Where the axis ends [MiB]; where left out, next above what is used.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Kernels are counted above each tower, walls drawn round what they enclose, the host's memory
        is a line.

    Raises
    ------
    WrongKind
        Where nothing is given, or something that is no deployment.

    Examples
    --------
    >>> import virtlearn as vl
    >>> web, host = vl.Workload("web", 0.5, 256), vl.Host(cores=16, memory_gib=64)
    >>> print(stack(vl.deploy(web, copies=40, host=host, on="containers")).describe())
    Containers: 40 copies in 10.9 GiB of 64 GiB, 1 kernel.
    """
    only_deployments("stack", *deployments)
    columns = max(12, MOST_COLUMNS // len(deployments))
    wrapped = len(deployments) > FEW_TOWERS
    towers = [Tower(d, place, columns, wrapped) for place, d in enumerate(deployments)]
    used_gib = [d.memory_mib / GIB for d in deployments]
    top = HEADROOM * (top_mib or marks.round_top(used_gib) * GIB)
    return Chart(
        [*_layers(towers), *_walls(towers), _hosts(towers)],
        sentence="; ".join(tower.sentence for tower in towers) + ".",
        rows=_rows(towers),
        assumed=assumed,
        headline=" : ".join(units.memory(d.memory_mib) for d in deployments),
        facts={f"memory_mib_{i}": d.memory_mib for i, d in enumerate(deployments)},
        title="What takes the host's memory",
        xaxis={
            "tickvals": [tower.place for tower in towers],
            "ticktext": [tower.tick for tower in towers],
            "tickfont": {"size": 11 if wrapped else 13},
            "range": [-0.5, len(towers) - 0.5],
            "showgrid": False,
            "tickangle": 0,
        },
        # Ticks of a fixed step: the scale stays when a legend takes a row of the plot.
        yaxis=marks.axis("memory [GiB]", top / GIB, dtick=_step(top / GIB)),
        annotations=[tower.words(top) for tower in towers],
        barmode="overlay",
        height=460,
        margin={"b": 140},  # for a legend of four rows, so that the plot stays where it is
    )


def _step(top: float) -> float:
    """Give a round distance of ticks, so that there are four to eight of them.

    >>> _step(71.68), _step(1.1)
    (16.0, 0.25)
    """
    return float(2 ** (math.floor(math.log2(top)) - 2))


def _layers(towers: Sequence[Tower]) -> list[Part]:
    """Draw all boxes, with one entry in the legend for each kind of layer."""
    data: list[Part] = []
    seen: set[str] = set()
    for tower in towers:
        for trace in tower.bars():
            trace["showlegend"] = trace["name"] not in seen
            seen.add(trace["name"])
            data.append(trace)
    return data


def _walls(towers: Sequence[Tower]) -> list[Part]:
    data = []
    for kind, word, colour, dash in WALLS:
        drawn = Outline()
        for tower in towers:
            drawn += outline(tower.laid, tower.of_kind(kind))
        look = {"color": colour, "dash": dash, "width": 2}
        data.append(
            marks.line(
                0, word, drawn.x, drawn.y, "", hoverinfo="skip", line=look, showlegend=bool(drawn.x)
            )
        )
    return data


def _hosts(towers: Sequence[Tower]) -> Part:
    """Draw what each host has as a line over its tower."""
    x: list[float | None] = []
    y: list[float | None] = []
    for tower in towers:
        x += [tower.place - TOWER / 2, tower.place + TOWER / 2, None]
        y += [tower.host_mib / GIB, tower.host_mib / GIB, None]
    look = {"color": INK, "width": 3}
    return marks.line(0, "the host's memory", x, y, "", hoverinfo="skip", line=look)


def _rows(towers: Sequence[Tower]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("layer", *(tower.deployment.title for tower in towers))]
    for kind, (_, _, word) in KINDS.items():
        sums = [tower.sum_mib(kind) for tower in towers]
        if any(sums):
            rows.append((word, *map(units.memory, sums)))
    rows.append(("copies", *(f"{tower.deployment.copies:,}" for tower in towers)))
    rows.append(("kernels", *(f"{tower.deployment.kernels:,}" for tower in towers)))
    return rows
