"""The board of cases and platforms: which to choose."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

from virtlearn.charts import _marks as marks
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import INK
from virtlearn.charts._take import filled, series

__all__ = ["choice"]

Verdicts = Mapping[str, Mapping[str, tuple[float | None, str]]]
# How a case can end for a platform: its word, its colour, its sign in the cell.
ENDS = (
    ("best", "#009E73", "★"),
    ("possible", "#9BD3F2", "✓"),
    ("fails", "rgba(118,118,118,0.15)", "✗"),
)
WORDS_ON_CELL = "#111111"
ROW_PX, FRAME_PX = 31, 128
LETTERS, NAME_LETTERS = 12, 16  # in a line of a cell, and of a platform's name


class Cell(NamedTuple):
    """One platform in one case; its fields are a row of the table."""

    case: str
    platform: str
    end: str
    score: str
    reason: str


def choice(verdicts: Verdicts, *, assumed: str = "") -> Chart:
    """Draw a board of cases and platforms: which is best, which is possible, which fails, and why.

    Parameters
    ----------
    verdicts : mapping of str to mapping of str to (float or None, str)
        For each case and platform a score from 0 to 1, or None where it fails, and the reason.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A column for each case and a row for each platform, with a score of 100 or why it fails.

    Raises
    ------
    ShapeMismatch
        Where there is no case.
    ImpossibleAmount
        Where a score is negative, infinite or unknown.

    Examples
    --------
    >>> shop = {"containers": (0.9, "starts in 0.2 s"), "virtual machines": (None, "does not fit")}
    >>> print(choice({"a shop": shop}).describe())
    A shop: containers (starts in 0.2 s).
    """
    filled("verdicts", verdicts)
    cells = [cell for case, board in verdicts.items() for cell in _judged(case, board)]
    told = []
    for case in verdicts:
        chosen = " or ".join(f"{c.platform} ({c.reason})" for c in _best(cells, case))
        told.append(f"{case}: {chosen or 'nothing fits'}")
    cases, titles = _sides(cells)
    tiles = _tiles(cells)
    return Chart(
        [tiles, *(_words(end, cells) for end, _, _ in ENDS)],
        sentence="; ".join(told) + ".",
        rows=[("case", "platform", "verdict", "of 100", "reason"), *cells],
        assumed=assumed,
        headline=_headline(cells),
        facts=_facts(cells),
        title="★ best of its column, ✓ possible, ✗ a limit says no",
        showlegend=False,
        xaxis=_places(["<br>".join(wrap(case, LETTERS)) for case in cases], side="top"),
        yaxis=_places(
            ["<br>".join(wrap(title, NAME_LETTERS)) for title in titles], autorange="reversed"
        ),
        height=FRAME_PX + ROW_PX * max(len(titles), 3),
        margin={"t": 100, "b": 12},
    )


def _sides(cells: Sequence[Cell]) -> tuple[list[str], list[str]]:
    """Give all cases and all platforms, each in order of its first cell."""
    cases = dict.fromkeys(cell.case for cell in cells)
    titles = dict.fromkeys(cell.platform for cell in cells)
    return list(cases), list(titles)


def _places(words: list[str], **more: Any) -> Part:
    """Give an axis of so many places, each with its words."""
    size = {"size": 12}
    return {
        "tickvals": list(range(len(words))),
        "ticktext": words,
        "tickfont": size,
        "showgrid": False,
        "zeroline": False,
        "tickangle": 0,
        **more,
    }


def _best(cells: Sequence[Cell], case: str) -> list[Cell]:
    return [cell for cell in cells if cell.case == case and cell.end == "best"]


def _headline(cells: Sequence[Cell]) -> str:
    """Say who is best, and in how many cases."""
    cases, titles = _sides(cells)
    if len(cases) == 1:
        best = " or ".join(cell.platform for cell in _best(cells, cases[0]))
        return f"{cases[0][:1].upper()}{cases[0][1:]}: {best or 'nothing fits'}"
    won = _facts(cells)
    first = max(titles, key=lambda title: won[f"best_{_plain(title)}"])
    most = won[f"best_{_plain(first)}"]
    if not most:
        return "No platform passes in any case"
    return f"Best in {most:.0f} of {len(cases)} cases: {first}"


def _facts(cells: Sequence[Cell]) -> dict[str, float]:
    """Count for each platform the cases in which it is best, and those in which it passes."""
    cases, titles = _sides(cells)
    counted: dict[str, float] = {}
    for title in titles:
        ends = [cell.end for cell in cells if cell.platform == title]
        counted[f"best_{_plain(title)}"] = ends.count("best")
        counted[f"passes_{_plain(title)}"] = len(ends) - ends.count("fails")
    counted["cases_without_a_platform"] = sum(not _best(cells, case) for case in cases)
    return counted


def _plain(title: str) -> str:
    """Make a name of a title.

    >>> _plain("VM-isolated containers")
    'vm_isolated_containers'
    """
    return "_".join(re.findall(r"[a-z0-9]+", title.lower()))


def _judged(case: str, board: Mapping[str, tuple[float | None, str]]) -> list[Cell]:
    """Say for each platform how the case ends; several may be best."""
    scores: dict[str, float] = {}
    for title, (score, _) in board.items():
        if score is not None:
            scores[title] = series(f"{case}, {title}", [score])[0]
    best = max(scores.values(), default=None)
    cells = []
    for title, (_, reason) in board.items():
        if title not in scores:
            cells.append(Cell(case, title, "fails", "", reason))
            continue
        end = "best" if scores[title] == best else "possible"
        cells.append(Cell(case, title, end, f"{100 * scores[title]:.0f}", reason))
    return cells


def _tiles(cells: Sequence[Cell]) -> Part:
    """Draw a tile for each case and platform, coloured by how it ends."""
    cases, titles = _sides(cells)
    order = [word for word, _, _ in ENDS]
    ends: list[list[int | None]] = [[None] * len(cases) for _ in titles]
    said = [[""] * len(cases) for _ in titles]
    for cell in cells:
        row, column = titles.index(cell.platform), cases.index(cell.case)
        ends[row][column] = order.index(cell.end)
        said[row][column] = f"{cell.case}<br>{cell.platform}: {cell.end}<br>{cell.reason}"
    # Each colour fills its third of the scale, so that none is mixed.
    scale = []
    for i, (_, colour, _) in enumerate(ENDS):
        scale += [[i / len(ENDS), colour], [(i + 1) / len(ENDS), colour]]
    return {
        "type": "heatmap",
        "x": list(range(len(cases))),
        "y": list(range(len(titles))),
        "z": ends,
        "zmin": -0.5,
        "zmax": len(ENDS) - 0.5,
        "colorscale": scale,
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "text": said,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _words(end: str, cells: Sequence[Cell]) -> Part:
    """Write into all cells that end alike: a sign and a score, or the reason against it."""
    sign = next(sign for word, _, sign in ENDS if word == end)
    mine = [cell for cell in cells if cell.end == end]
    said = []
    for cell in mine:
        words = "<br>".join(wrap(f"{sign} {cell.score or cell.reason}", LETTERS))
        said.append(f"<b>{words}</b>" if end == "best" else words)
    fails = end == "fails"
    font = {"color": INK if fails else WORDS_ON_CELL, "size": 11 if fails else 14}
    cases, titles = _sides(cells)
    x = [cases.index(cell.case) for cell in mine]
    y = [titles.index(cell.platform) for cell in mine]
    words_only: Part = {"mode": "text", "text": said, "textfont": font}
    return marks.points(0, f"{sign} {end}", x, y, **words_only)
