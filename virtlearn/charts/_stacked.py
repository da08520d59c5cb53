"""Horizontal bars that are stacked of named parts, each bar in its own order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part, axis, bar, legend_px, note, table
from virtlearn.charts._phases import Look
from virtlearn.charts._style import bar_look
from virtlearn.charts._take import filled, series

__all__ = ["Parts", "Stack", "in_order", "stacked_chart"]

Parts = Mapping[str, Mapping[str, float]]
Wholes = Mapping[str, Sequence[tuple[str, float]]]
BAR_PX = 42
FRAME_PX = 110  # title and axis
PAST_THE_END = 1.18  # room for the number that stands at a bar's end


@dataclass(frozen=True)
class Stack:
    """Wholes and their parts: what is drawn, and how a number of it is written."""

    wholes: Wholes
    show: Callable[[float], str]
    words: list[str]

    @classmethod
    def of(cls, wholes: Wholes, show: Callable[[float], str]) -> Stack:
        """Take wholes as a caller gives them, or refuse what cannot be drawn."""
        filled("wholes", wholes)
        kept: dict[str, list[tuple[str, float]]] = {}
        for title, parts in wholes.items():
            filled(title, parts)
            names = [word for word, _ in parts]
            sizes = series(title, [size for _, size in parts])
            kept[title] = list(zip(names, sizes, strict=True))
        return cls(kept, show, in_order([word for word, _ in parts] for parts in kept.values()))

    @classmethod
    def of_parts(cls, wholes: Parts, show: Callable[[float], str]) -> Stack:
        """Take wholes whose parts are given by name."""
        return cls.of({title: list(parts.items()) for title, parts in wholes.items()}, show)

    @property
    def sums(self) -> dict[str, float]:
        """What the parts of each whole come to."""
        return {title: sum(size for _, size in parts) for title, parts in self.wholes.items()}

    def rows(self, head: str) -> list[tuple[str, ...]]:
        """Write every part as a table; a part that stands in a bar twice is added up."""
        columns = []
        for word in self.words:
            sizes = (sum(x for w, x in parts if w == word) for parts in self.wholes.values())
            columns.append([self.show(size) for size in sizes])
        together = map(self.show, self.sums.values())
        return table([head, *self.words, "together"], self.wholes, *columns, together)

    def trace(self, i: int, scale: float) -> Part:
        """Draw the i-th part wherever it stands: its own beginning in each bar, never its turn."""
        word = self.words[i]
        titles, starts, sizes = [], [], []
        for title, parts in self.wholes.items():
            start = 0.0
            for name, size in parts:
                if name == word:
                    titles.append(title)
                    starts.append(start / scale)
                    sizes.append(size)
                start += size
        return bar(
            i,
            word,
            [size / scale for size in sizes],
            titles,
            f"%{{y}}<br>{word}: %{{customdata}}<extra></extra>",
            orientation="h",
            base=starts,
            customdata=[self.show(size) for size in sizes],
        )


def in_order(sequences: Iterable[Sequence[str]]) -> list[str]:
    """Put words in one order that respects every sequence.

    Where two contradict each other, it is the order of first appearance.

    >>> in_order([["program"], ["engine", "program"], ["firmware", "engine", "program"]])
    ['firmware', 'engine', 'program']
    >>> in_order([["a", "b"], ["b", "a"]])
    ['a', 'b']
    """
    sorter: TopologicalSorter[str] = TopologicalSorter()
    first_come: dict[str, None] = {}
    for words in sequences:
        once = list(dict.fromkeys(words))
        first_come.update(dict.fromkeys(once))
        for word in once:
            sorter.add(word)
        for before, after in pairwise(once):
            sorter.add(after, before)
    try:
        return list(sorter.static_order())
    except CycleError:
        return list(first_come)


def stacked_chart(
    stack: Stack,
    *,
    sentence: str,
    title: str,
    along: str,
    top: float | None,
    head: str = "platform",
    scale: float = 1.0,
    looks: Mapping[str, Look] | None = None,
    assumed: str = "",
) -> Chart:
    """Draw horizontal bars, each stacked of its parts, its sum written at the end.

    The legend names every part, also one that is nowhere at the moment: a legend that loses an
    entry moves everything below it.
    """
    sums = stack.sums
    data = [stack.trace(i, scale) for i in range(len(stack.words))]
    if looks is not None:
        for trace in data:
            trace["marker"] = bar_look(*looks[trace["name"]])
    reach = max(top or 0.0, *sums.values(), 1e-9)
    ends = [
        note(total / scale, name, stack.show(total), xanchor="left", xshift=5)
        for name, total in sums.items()
    ]
    legend = legend_px(stack.words)
    return Chart(
        data,
        sentence=sentence,
        rows=stack.rows(head),
        barmode="overlay",
        title=title,
        xaxis=axis(along, PAST_THE_END * reach / scale),
        # Without it, bars would stand in the order in which the first parts name them.
        yaxis={
            "autorange": "reversed",
            "categoryorder": "array",
            "categoryarray": list(sums),
        },
        annotations=ends,
        height=FRAME_PX + BAR_PX * len(sums) + 24 + legend,
        margin={"b": 50},  # plotly adds the room that the legend takes
        assumed=assumed,
    )
