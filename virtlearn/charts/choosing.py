"""The board of cases and platforms: which to choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from virtlearn.charts import _marks as marks
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import INK
from virtlearn.charts._take import filled, series

__all__ = ["choice"]

Verdicts = Mapping[str, Mapping[str, tuple[float | None, str]]]
# How a case can end for a platform: its word, its colour, its symbol in the cell.
ENDS = (
    ("best", "#009E73", "★"),
    ("possible", "#56B4E9", "✓"),
    ("fails", "rgba(118,118,118,0.15)", "✗"),
)
WORDS_ON_CELL = "#111111"


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
        A square for each case and platform, with a sign and its score of 100.

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
    titles = list(dict.fromkeys(cell.platform for cell in cells))
    told = []
    for case in verdicts:
        best = [c for c in cells if c.case == case and c.end == "best"]
        chosen = " or ".join(f"{c.platform} ({c.reason})" for c in best)
        told.append(f"{case}: {chosen or 'nothing fits'}")
    across = {"categoryorder": "array", "categoryarray": titles, "showgrid": False}
    down = {"categoryorder": "array", "categoryarray": list(verdicts), "showgrid": False}
    return Chart(
        [_squares(end, cells) for end, _, _ in ENDS],
        sentence="; ".join(told) + ".",
        rows=[("case", "platform", "verdict", "of 100", "reason"), *cells],
        assumed=assumed,
        title="Which should you choose?",
        xaxis={**across, "range": [-0.6, len(titles) - 0.4], "tickangle": -25},
        yaxis={**down, "range": [len(verdicts) - 0.4, -0.6]},
        height=240 + 52 * len(verdicts),
    )


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


def _squares(end: str, cells: list[Cell]) -> Part:
    """Draw all cells that end alike, a sign in each, so that no meaning rests on colour."""
    colour, sign = next((colour, sign) for word, colour, sign in ENDS if word == end)
    mine = [cell for cell in cells if cell.end == end]
    return marks.points(
        0,
        f"{sign} {end}",
        [cell.platform for cell in mine],
        [cell.case for cell in mine],
        f"%{{y}}<br>%{{x}}: {end}<br>%{{customdata}}<extra></extra>",
        mode="markers+text",
        text=[f"{sign} {cell.score}".strip() for cell in mine],
        textfont={"color": INK if end == "fails" else WORDS_ON_CELL},
        customdata=[cell.reason for cell in mine],
        look={"symbol": "square", "size": 42, "color": colour},
    )
