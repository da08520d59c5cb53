"""Servers as blocks: each copy a tile, under it what answers it, and every kernel marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts._boxes import Boxes, boxes
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import INK, KINDS, LINES, TEXT_ON
from virtlearn.charts._take import only_deployments
from virtlearn.charts._tree import Outline, bars, outline
from virtlearn.charts._words import copies
from virtlearn.model import Deployment
from virtlearn.model.layers import KERNELS
from virtlearn.model.questions.attack import answering

__all__ = ["servers"]

KERNEL = "◆"  # marks a box that answers system calls
WIDE = 0.9  # the share of its place that a server fills
# Copies side by side: a server keeps its scale until the next of these is needed.
PLACES = (6, 12, 24, 48)
LEVEL_PX = 40
FRAME_PX = 90
LEGEND_PX = 90
NAMED = 2  # servers whose rows have room for their names; more have a legend
PLOT_PX = 540  # a usual width of the plot
LETTER = 0.58  # the width of a letter, where its size is 1
SIZES = (13, 11)
BESIDE = {"xanchor": "left", "align": "left", "font": {"size": SIZES[-1]}}
# In the box of a kernel the word stands over the mark.
WORD_AT, MARK_AT = 0.66, 0.24


@dataclass(frozen=True)
class Server:
    """One deployment as blocks, and its place in the row."""

    deployment: Deployment
    place: int
    places: int
    wide: bool = True

    @property
    def columns(self) -> int:
        """How many boxes may stand side by side: a tile for each copy, where there is room."""
        # Machines that hold different numbers would else have to share the columns evenly.
        return self.places**2 if self.deployment.copies <= self.places else self.places

    @cached_property
    def laid(self) -> Boxes:
        """Its boxes: what copies share is as wide as the server, all else as its copies are."""
        tree = self.deployment.tree
        alike = list(zip(tree.kind, tree.name, strict=True))
        plain = boxes(tree.parent, alike, columns=self.columns)
        share = min(1.0, self.deployment.copies / self.places)
        shared = tree.shared[plain.node]
        left = np.where(shared, 0.0, plain.left * share)
        width = np.where(shared, 1.0, plain.width * share)
        scaled = replace(plain, left=left, width=width)
        return scaled.at(self.place - WIDE / 2, WIDE, 1.0)

    @cached_property
    def text(self) -> list[str]:
        """What each box of the tree is called; a kernel with its mark."""
        tree = self.deployment.tree
        named = []
        for kind, spec in zip(tree.kind, tree.layers, strict=True):
            mark = f"{KERNEL} " if kind in KERNELS else ""
            named.append(f"{mark}{spec.title}")
        return named

    def labels(self, wide_px: float) -> Iterator[Part]:
        """Name each row of boxes once: on it, or to its right where it is too short."""
        rows: dict[tuple[float, str], list[int]] = {}
        for k, i in enumerate(self.laid.node):
            row = float(self.laid.bottom[k]), self.text[i]
            rows.setdefault(row, []).append(k)
        ends = self.laid.left + self.laid.width
        for (low, text), boxes_in in rows.items():
            at = low + (WORD_AT if KERNEL in text else 0.5)
            left = float(self.laid.left[boxes_in].min())
            right = float(ends[boxes_in].max())
            kind = self.deployment.tree.kind[self.laid.node[boxes_in[0]]]
            many = f"{len(boxes_in):,} × " if len(boxes_in) > 1 else ""
            fitting = _fitting((f"{many}{text}", text), (right - left) * wide_px)
            if not fitting:
                yield marks.note(right, at, _in_two_lines(f" {many}{text}"), **BESIDE)
            else:
                words, size = fitting
                look = _on(KINDS[kind][0], size)
                yield marks.note((left + right) / 2, at, words, **look)

    @property
    def kernels(self) -> Iterator[tuple[float, float]]:
        """Where each box of a kernel has its mark."""
        kinds = self.deployment.tree.kind
        for k, i in enumerate(self.laid.node):
            if kinds[i] in KERNELS:
                low = float(self.laid.bottom[k])
                yield self.middle(k), low + MARK_AT

    def middle(self, k: int) -> float:
        """Give the middle of a box from left to right."""
        return float(self.laid.left[k] + self.laid.width[k] / 2)

    @cached_property
    def call(self) -> tuple[int, int]:
        """The boxes of the first copy, and of the kernel that answers it."""
        tree = self.deployment.tree
        first = int(tree.copies[0])
        kernel = answering(tree, first)
        return self.laid.node.index(first), self.laid.node.index(kernel)

    def dot(self, gone: float) -> tuple[float, float]:
        """Place a system call that has gone so far on its way, 0 to 1."""
        tile, kernel = self.call
        from_y, to_y = (float(self.laid.bottom[k]) + 0.5 for k in (tile, kernel))
        return self.middle(tile), from_y + gone * (to_y - from_y)

    @property
    def counts(self) -> str:
        """How many copies and kernels, in words."""
        d = self.deployment
        return f"{copies(d.copies)}, {units.count(d.kernels, 'kernel')}"

    @property
    def sentence(self) -> str:
        """Say how many kernels there are, and who answers the first copy."""
        tree = self.deployment.tree
        kernel = answering(tree, int(tree.copies[0]))
        sharing = sum(answering(tree, int(copy)) == kernel for copy in tree.copies)
        title = tree.layers[kernel].title
        answers = f"a {title} answers {sharing} of them"
        if sharing == self.deployment.copies:
            answers = f"one {title} answers them all"
        if sharing == 1 < self.deployment.copies:
            answers = f"each has its own {title} to answer it"
        return f"{self.deployment.title}: {self.counts}; {answers}"


def _fitting(texts: Sequence[str], room_px: float) -> tuple[str, int] | None:
    """Find the first text, and its size, that a row has room for."""
    for text in texts:
        for size in SIZES:
            if len(text) * LETTER * size <= room_px:
                return text, size
    return None


def _on(colour: str, size: int) -> Part:
    """Write on a fill so that it can be read."""
    if colour not in TEXT_ON:
        return {"font": {"size": size}}
    return {"bgcolor": colour, "font": {"color": TEXT_ON[colour], "size": size}}


def _in_two_lines(text: str) -> str:
    """Break a text at the space next to its middle.

    >>> _in_two_lines("guest operating system")
    'guest operating<br>system'
    """
    spaces = [i for i, letter in enumerate(text) if letter == " " and i]
    middle = min(spaces, key=lambda i: abs(i - len(text) / 2), default=len(text))
    return f"{text[:middle]}<br>{text[middle + 1 :]}" if spaces else text


def servers(*deployments: Deployment, gone: float = 1.0, assumed: str = "") -> Chart:
    """Draw deployments as blocks: what carries stands below what is carried.

    Parameters
    ----------
    *deployments : Deployment
        One server each.
    gone : float
        How far a system call of the first copy has gone on its way to the kernel, 0 to 1.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A tile for each copy, every kernel marked, and a dot that is the system call.

    Raises
    ------
    WrongKind
        Where nothing is given, or something that is no deployment.
    ImpossibleAmount
        Where ``gone`` lies outside 0 to 1.

    Examples
    --------
    >>> import virtlearn as vl
    >>> web, host = vl.Workload("web", 0.5, 256), vl.Host(cores=16, memory_gib=64)
    >>> both = [vl.deploy(web, 12, host=host, on=on) for on in ("containers", "virtual-machines")]
    >>> servers(*both).headline
    'Kernels 1 : 12'
    """
    only_deployments("servers", *deployments)
    far = float(core.check.probability("gone", gone))
    most = max(d.copies for d in deployments)
    places = next((n for n in PLACES if n >= most), PLACES[-1])
    few = len(deployments) <= NAMED
    row = [Server(d, place, places, wide=few) for place, d in enumerate(deployments)]
    levels = max(float((server.laid.bottom + server.laid.height).max()) for server in row)
    notes = [label for server in row for label in server.labels(PLOT_PX / len(row))] if few else []
    kernels = [d.kernels for d in deployments]
    data = [*_blocks(row, named=few), _kernels(row)]
    data += [_answering(row, far), _calls(row, far)]
    return Chart(
        data,
        sentence="; ".join(server.sentence for server in row) + ".",
        rows=_rows(row),
        assumed=assumed,
        headline=f"Kernels {' : '.join(f'{n:,}' for n in kernels)}",
        facts=_facts(deployments),
        title=f"A system call (●) falls to the kernel ({KERNEL}) that answers it",
        showlegend=not few,
        annotations=[*notes, *(_title(server, levels) for server in row)],
        barmode="overlay",
        xaxis={"visible": False, "range": [-0.5, len(row) - 0.5]},
        yaxis={"visible": False, "range": [-0.05, levels + (0.9 if few else 2.3)]},
        height=int(FRAME_PX + LEVEL_PX * levels + (0 if few else LEGEND_PX)),
        margin={"l": 10, "r": 10, "t": 40, "b": 10},
    )


def _facts(deployments: Sequence[Deployment]) -> dict[str, float]:
    facts: dict[str, float] = {}
    for name, d in zip(("on", "beside"), deployments, strict=False):
        own = int(d.tree.are("user-space-kernel").sum())
        facts |= {f"kernels_{name}": d.kernels, f"user_space_kernels_{name}": own}
    counts = [d.kernels for d in deployments]
    return {**facts, "kernels_apart": max(counts) - min(counts)}


def _title(server: Server, levels: float) -> Part:
    """Write over a server what it is and what it holds."""
    title = server.deployment.title
    broken = title if server.wide else title.replace(" ", "<br>")
    counts = server.counts if server.wide else server.counts.replace(", ", "<br>")
    text = f"<b>{broken}</b><br>{counts}"
    return marks.note(server.place, levels + 0.05, text, yanchor="bottom")


def _blocks(row: Sequence[Server], *, named: bool) -> list[Part]:
    """Draw all boxes, one trace a kind of layer."""
    drawn: dict[str, Part] = {}
    for server in row:
        traces, _ = bars(server.laid, server.deployment.tree.kind, server.text)
        for trace in traces:
            if named:  # then no fill needs a pattern
                trace["marker"]["pattern"] = {"shape": ""}
            if trace["name"] in drawn:
                _join(drawn[trace["name"]], trace)
            else:
                drawn[trace["name"]] = trace
    # In the order of the layers, so that a slider never changes which trace is which.
    return [drawn[word] for _, _, word in KINDS.values() if word in drawn]


def _join(one: Part, other: Part) -> None:
    """Let two servers share the trace of a kind of layer."""
    for part in ("x", "width", "base", "y", "customdata", "hovertext"):
        one[part] = [*one[part], *other[part]]


def _kernels(row: Sequence[Server]) -> Part:
    """Mark every kernel."""
    places = [place for server in row for place in server.kernels]
    look = {"symbol": "diamond", "size": 8, "color": "#ffffff", "line": {"color": INK, "width": 1}}
    x, y = [x for x, _ in places], [y for _, y in places]
    return marks.points(0, "kernel", x, y, look=look)


def _calls(row: Sequence[Server], gone: float) -> Part:
    """Draw the system call of the first copy of each server."""
    places = [server.dot(gone) for server in row]
    look = {"symbol": "circle", "size": 13, "color": LINES[1]}
    x, y = [x for x, _ in places], [y for _, y in places]
    return marks.points(0, "a system call", x, y, "a system call<extra></extra>", look=look)


def _answering(row: Sequence[Server], gone: float) -> Part:
    """Draw round the kernels that answer, once the call is there."""
    drawn = Outline()
    for server in row if gone == 1 else ():
        drawn += outline(server.laid, [server.call[1]], whole=False)
    look = {"color": LINES[1], "width": 4}
    return marks.line(
        1, "the kernel that answers", drawn.x, drawn.y, "", hoverinfo="skip", line=look
    )


def _rows(row: Sequence[Server]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("box", *(server.deployment.title for server in row))]
    for kind, (_, _, word) in KINDS.items():
        counts = [server.deployment.tree.kind.count(kind) for server in row]
        if any(counts):
            rows.append((word, *(f"{n:,}" for n in counts)))
    rows.append(("kernels", *(f"{server.deployment.kernels:,}" for server in row)))
    return rows
