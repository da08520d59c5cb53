"""Lanes of a race: in each a train of phases, as far as it has come when the clock stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from virtlearn.charts._marks import Part, note
from virtlearn.charts._phases import Look
from virtlearn.charts._style import TEXT_ON, bar_look

__all__ = ["Block", "Lane", "lanes", "words_on"]

HEAD_PX, TRAIN_PX, LINE_PX, GAP_PX = 22, 36, 16, 10
LEAST_LINES = 2
LINE_LETTERS = 84  # of a timetable's line, on a page of 700 px
NUMBER_LETTERS = 13  # of a phase's time, with the square before it
PLOT_PX, LETTER_PX = 540, 7
BESIDE = 0.84  # of the axis: a train that is longer has its flag above


@dataclass(frozen=True)
class Block:
    """A phase as far as it has come: its name, when it began, how long it has run [s]."""

    word: str
    start_s: float
    long_s: float
    over: bool


@dataclass(frozen=True)
class Lane:
    """One train: its blocks, and what stands at its end when it has arrived."""

    title: str
    blocks: Sequence[Block]
    flag: str
    told: str
    arrived: bool
    top_px: float
    bottom_px: float

    @classmethod
    def until(
        cls,
        title: str,
        phases: Sequence[tuple[str, float]],
        clock_s: float,
        flag: str,
        told: str,
        top_px: float,
    ) -> Lane:
        """Cut a train of phases at the clock."""
        blocks: list[Block] = []
        start = 0.0
        for word, seconds in phases:
            if seconds > 0 and start < clock_s:
                end = start + seconds
                blocks.append(
                    Block(word, start, min(end, clock_s) - start, end <= clock_s * (1 + 1e-12))
                )
            start += seconds
        # A lane keeps its height while the clock runs.
        lines = max(LEAST_LINES, 1 + _lines([word for word, _ in phases])[-1])
        bottom = top_px + HEAD_PX + TRAIN_PX + LINE_PX * lines + GAP_PX
        return cls(title, blocks, flag, told, start <= clock_s * (1 + 1e-12), top_px, bottom)

    @property
    def end_s(self) -> float:
        """Where the train's head is [s]."""
        return sum(block.long_s for block in self.blocks)

    @property
    def middle_px(self) -> float:
        """Where the train runs, below the upper edge of the picture."""
        return self.top_px + HEAD_PX + TRAIN_PX / 2

    def timetable(self, looks: dict[str, Look], show: Callable[[float], str]) -> list[str]:
        """Write the phases so far in their order, each behind a square in its colour."""
        lines = [""]
        for block, line in zip(
            self.blocks, _lines([block.word for block in self.blocks]), strict=True
        ):
            if line == len(lines):
                lines.append("")
            colour, _ = looks[block.word]
            told = show(block.long_s) if block.over else "…"
            lines[-1] += f"<span style='color:{colour}'>■</span> {block.word} {told}   "
        return lines


def _lines(words: Sequence[str]) -> list[int]:
    """Say on which line of a timetable each word stands."""
    lines, line, letters = [], 0, 0
    for word in words:
        wide = len(word) + NUMBER_LETTERS
        if letters and letters + wide > LINE_LETTERS:
            line += 1
            letters = 0
        letters += wide
        lines.append(line)
    return lines


def lanes(drawn: Sequence[Lane], words: Sequence[str], looks: dict[str, Look]) -> list[Part]:
    """Draw all trains, one trace for each phase wherever it stands."""
    traces = []
    for word in words:
        found = [(lane, block) for lane in drawn for block in lane.blocks if block.word == word]
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": word,
                "x": [block.long_s for _, block in found],
                "base": [block.start_s for _, block in found],
                "y": [lane.middle_px for lane, _ in found],
                "width": TRAIN_PX,
                "marker": bar_look(*looks[word]),
                "customdata": [lane.title for lane, _ in found],
                "hovertemplate": f"%{{customdata}}<br>{word}: %{{x:.3g}} s<extra></extra>",
            }
        )
    return traces


def words_on(
    drawn: Sequence[Lane], looks: dict[str, Look], top_s: float, show: Callable[[float], str]
) -> Iterator[Part]:
    """Write names, flags, timetables, and into each block that is long enough its phase."""
    left = {"xref": "paper", "xanchor": "left", "yanchor": "top", "align": "left"}
    for lane in drawn:
        told = lane.told if lane.arrived else ""
        yield note(0, lane.top_px, f"<b>{lane.title}</b>{told}", font={"size": 14}, **left)
        below = lane.middle_px + TRAIN_PX / 2
        times = "<br>".join(lane.timetable(looks, show))
        yield note(0, below, times, font={"size": 12}, **left)
        if lane.arrived:
            yield _flag(lane, top_s)
        for block in lane.blocks:
            if LETTER_PX * len(block.word) < PLOT_PX * block.long_s / top_s:
                colour, _ = looks[block.word]
                ink = {"color": TEXT_ON[colour], "size": 13}
                middle = block.start_s + block.long_s / 2
                yield note(middle, lane.middle_px, block.word, bgcolor=colour, font=ink)


def _flag(lane: Lane, top_s: float) -> Part:
    """Put the flag beside a short train, and above a long one."""
    text = f"⚑ <b>{lane.flag}</b>"
    if lane.end_s < BESIDE * top_s:
        return note(lane.end_s, lane.middle_px, text, xanchor="left", xshift=4)
    above = lane.top_px + HEAD_PX
    return note(lane.end_s, above, text, xanchor="right", yanchor="bottom")
