"""Charts of the whole story: fifty years, which to choose, and the machine one sits at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from virtlearn import units
from virtlearn.charts import _draw as draw
from virtlearn.charts._chart import Chart
from virtlearn.charts._style import INK
from virtlearn.charts._tree import tree_chart, words
from virtlearn.errors import NoSource
from virtlearn.sources import Evidence

__all__ = ["choice", "machine", "timeline"]

# How a case can end for a platform: its word, its colour, its symbol in the cell.
VERDICTS = (
    ("best", "#009E73", "★"),
    ("possible", "#56B4E9", "✓"),
    ("fails", "rgba(118,118,118,0.15)", "✗"),
)


def timeline(events: Mapping[str, Sequence[Evidence]], *, assumed: str = "") -> Chart:
    """Draw what came when, oldest first, each kind of event with its own symbol.

    Parameters
    ----------
    events : mapping of str to sequence of Evidence
        For each kind, rows whose value is a year, such as HIST-02.

    Examples
    --------
    >>> import virtlearn as vl
    >>> print(timeline({"machines": [vl.evidence("HIST-02")], "containers": [vl.evidence("HIST-07")]}).describe())
    From 1967 (CP-40 in production; CP-67 in April 1967) to 2000 (FreeBSD jails (FreeBSD 4.0-RELEASE)): 2 events.
    """
    rows = sorted(
        (_year(e), e.quantity, e.ref, kind) for kind, some in events.items() for e in some
    )
    draw.filled("events", rows)
    last, early, late = len(rows) - 1, rows[0][0], rows[-1][0]
    data = []
    for i, kind in enumerate(events):
        mine = {last - k: row for k, row in enumerate(rows) if row[3] == kind}
        years = [year for year, *_ in mine.values()]
        sides = ["middle left" if year > (early + late) / 2 else "middle right" for year in years]
        said = {
            "text": [f"  {year} {what}  " for year, what, *_ in mine.values()],
            "textposition": sides,
        }
        hover = f"%{{text}}<br>{kind}<extra></extra>"
        data.append(
            draw.points(
                i, kind, years, list(mine), hover, mode="markers+text", look={"size": 11}, **said
            )
        )
    cells = draw.table(
        ["year", "what", "kind", "source"], *([str(row[k]) for row in rows] for k in (0, 1, 3, 2))
    )
    sentence = (
        f"From {early} ({rows[0][1]}) to {late} ({rows[-1][1]}): {units.count(len(rows), 'event')}."
    )
    return Chart(
        data,
        sentence=sentence,
        rows=cells,
        assumed=assumed,
        title="Walls and kernels, year by year",
        xaxis={"title": "year", "range": [early - 2, late + 2]},
        yaxis={"visible": False, "range": [-0.7, last + 0.7]},
        height=150 + 23 * len(rows),
    )


def _year(event: Evidence) -> int:
    text = str(event.text)[:4]
    if not text.isdigit():
        found = f"{event.ref} says {event.text!r}, which does not begin with a year"
        raise NoSource(f"{found}.\nTake rows of the family HIST.")
    return int(text)


def choice(
    verdicts: Mapping[str, Mapping[str, tuple[float | None, str]]], *, assumed: str = ""
) -> Chart:
    """Draw a board of cases and platforms: which is best, which is possible, which fails, and why.

    Parameters
    ----------
    verdicts : mapping of str to mapping of str to (float or None, str)
        For each case and platform a score from 0 to 1, or None where it fails, and the reason.

    Examples
    --------
    >>> print(choice({"a shop": {"containers": (0.9, "starts in 0.2 s"), "virtual machines": (None, "does not fit")}}).describe())
    A shop: containers (starts in 0.2 s).
    """
    draw.filled("verdicts", verdicts)
    titles = list(dict.fromkeys(t for board in verdicts.values() for t in board))
    cells: dict[str, list[tuple[str, str, str, str]]] = {word: [] for word, *_ in VERDICTS}
    rows, told = [("case", "platform", "verdict", "of 100", "reason")], []
    for case, board in verdicts.items():
        scores = {
            t: draw.series(f"{case}, {t}", [s])[0] for t, (s, _) in board.items() if s is not None
        }
        best = max(scores.values(), default=None)
        for title, (_, why) in board.items():
            word = (
                "fails" if title not in scores else "best" if scores[title] == best else "possible"
            )
            shown = f"{100 * scores[title]:.0f}" if title in scores else ""
            cells[word].append((title, case, shown, why))
            rows.append((case, title, word, shown, why))
        first = " or ".join(f"{t} ({board[t][1]})" for t in scores if scores[t] == best)
        told.append(f"{case}: {first or 'nothing fits'}")
    data = []
    for word, colour, sign in VERDICTS:
        x, y, scored, reasons = ([cell[k] for cell in cells[word]] for k in range(4))
        font = {"color": INK if word == "fails" else "#111111"}
        said = {
            "text": [f"{sign} {n}".strip() for n in scored],
            "customdata": reasons,
            "textfont": font,
        }
        hover = f"%{{y}}<br>%{{x}}: {word}<br>%{{customdata}}<extra></extra>"
        look = {"symbol": "square", "size": 42, "color": colour}
        data.append(
            draw.points(0, f"{sign} {word}", x, y, hover, look=look, mode="markers+text", **said)
        )
    across, down = (
        {"categoryorder": "array", "categoryarray": list(names)} for names in (titles, verdicts)
    )
    return Chart(
        data,
        sentence="; ".join(told) + ".",
        rows=rows,
        assumed=assumed,
        title="Which should you choose?",
        xaxis={**across, "range": [-0.6, len(titles) - 0.4], "tickangle": -25, "showgrid": False},
        yaxis={**down, "range": [len(verdicts) - 0.4, -0.6], "showgrid": False},
        height=240 + 52 * len(verdicts),
    )


def machine(
    parent: Any,
    kind: Sequence[str] = (),
    name: Sequence[str] = (),
    *,
    here: int | None = None,
    unsure: Sequence[int] = (),
    assumed: str = "",
) -> Chart:
    """Draw the layers of a machine as it reports them, a ring round where this program runs.

    Parameters
    ----------
    parent, kind, name
        The tree: for each node its parent, its kind of layer and what it is called; or all of it as
        `vl.machine.here` gives it, alone.
    here : int, optional
        The node you are in.
    unsure : sequence of int
        Nodes that are guessed; they carry a question mark.

    Examples
    --------
    >>> machine([-1, 0, 1], ["host", "operating-system", "workload"], ["this computer", "Linux 6.18", "python"], here=2)
    From the hardware up: hardware 'this computer', operating system 'Linux 6.18', application 'python' (you are here).
    """
    if hasattr(parent, "tree"):
        found = parent
        (parent, kind, name), here, unsure = found.tree[:3], len(found.layers) - 1, found.unsure
    draw.lined_up(name=name, kind=kind, parent=np.maximum(parent, 0))
    marks, text = [""] * len(kind), list(name)
    for i in draw.places("unsure", unsure, len(kind), "nodes"):
        marks[i], text[i] = "guessed", f"{name[i]}?"
    for i in draw.places("here", [] if here is None else [here], len(kind), "nodes"):
        marks[i] = "you are here"
    called = [
        f"{words(k)} {n!r}" + (f" ({m})" if m else "")
        for k, n, m in zip(kind, name, marks, strict=True)
    ]
    return tree_chart(
        parent,
        kind,
        called,
        text=text,
        same=list(name),
        title="The layers of this machine",
        ring=here,
        ring_word="you are here",
        sentence=f"From the hardware up: {', '.join(called)}.",
        rows=draw.table(["layer", "name", ""], map(words, kind), name, marks),
        assumed=assumed,
    )
