"""Charts of the whole story: fifty years, which to choose, and the machine one sits at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from virtlearn import units
from virtlearn.charts._draw import looks, same_length, series, table
from virtlearn.charts._style import INK, Chart
from virtlearn.charts._tree import words
from virtlearn.charts.failing import tree_chart
from virtlearn.errors import NoSource, UnknownName
from virtlearn.sources import Evidence

__all__ = ["choice", "machine", "timeline"]

# How a case can end for a platform: its word, its colour, its symbol in the cell.
VERDICTS = (("best", "#009E73", "★"), ("possible", "#56B4E9", "✓"), ("fails", "rgba(118,118,118,0.15)", "✗"))


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
    rows = sorted((_year(e), e.quantity, e.ref, kind) for kind, some in events.items() for e in some)
    same_length(events=rows)
    last = len(rows) - 1
    early, late = rows[0][0], rows[-1][0]
    data = []
    for (kind, _), (colour, symbol) in zip(events.items(), looks(len(events)), strict=True):
        mine = [(last - i, *row) for i, row in enumerate(rows) if row[3] == kind]
        data.append({
            "type": "scatter", "mode": "markers+text", "name": kind, "x": [r[1] for r in mine], "y": [r[0] for r in mine], "cliponaxis": False,
            "text": [f"  {r[1]} {r[2]}  " for r in mine], "customdata": [r[3] for r in mine],
            "textposition": ["middle left" if r[1] > (early + late) / 2 else "middle right" for r in mine],
            "hovertemplate": "%{text}<br>%{customdata}<extra></extra>",
            "marker": {"color": colour, "symbol": symbol, "size": 11, "line": {"color": INK, "width": 1}},
        })  # fmt: skip
    layout = {
        "title": {"text": "Walls and kernels, year by year"}, "height": 150 + 23 * len(rows),
        "xaxis": {"title": {"text": "year"}, "range": [early - 2, late + 2]}, "yaxis": {"visible": False, "range": [-0.7, last + 0.7]},
    }  # fmt: skip
    cells = [("year", "what", "kind", "source"), *((str(y), what, kind, ref) for y, what, ref, kind in rows)]
    sentence = f"From {early} ({rows[0][1]}) to {late} ({rows[-1][1]}): {units.count(len(rows), 'event')}."
    return Chart(data, layout, sentence=sentence, rows=cells, assumed=assumed)


def _year(event: Evidence) -> int:
    text = str(event.text)[:4]
    if not text.isdigit():
        raise NoSource(f"{event.ref} says {event.text!r}, which does not begin with a year.\nTake rows of the family HIST.")  # fmt: skip
    return int(text)


def choice(verdicts: Mapping[str, Mapping[str, tuple[float | None, str]]], *, assumed: str = "") -> Chart:
    """Draw a board of cases and platforms: which is best, which is possible, which fails, and why.

    Parameters
    ----------
    verdicts : mapping of str to mapping of str to (float or None, str)
        For each case and platform a score from 0 to 1, or None where it fails, and the reason.

    Examples
    --------
    >>> print(choice({"a shop": {"containers": (0.9, "starts in 0.2 s"), "virtual machines": (None, "does not fit")}}).describe())
    a shop: containers (starts in 0.2 s).
    """
    same_length(verdicts=list(verdicts))
    titles = list(dict.fromkeys(t for board in verdicts.values() for t in board))
    cells: dict[str, list[tuple[str, str, str, str]]] = {word: [] for word, *_ in VERDICTS}
    rows, told = [("case", "platform", "verdict", "of 100", "reason")], []
    for case, board in verdicts.items():
        scores = {t: series(f"{case}, {t}", [s])[0] for t, (s, _) in board.items() if s is not None}
        best = max(scores.values(), default=None)
        for title, (_, why) in board.items():
            word = "fails" if title not in scores else "best" if scores[title] == best else "possible"
            shown = f"{100 * scores[title]:.0f}" if title in scores else ""
            cells[word].append((title, case, shown, why))
            rows.append((case, title, word, shown, why))
        first = " or ".join(f"{t} ({board[t][1]})" for t in scores if scores[t] == best)
        told.append(f"{case}: {first or 'nothing fits'}")
    data = [
        {"type": "scatter", "mode": "markers+text", "name": f"{sign} {word}", "x": [c[0] for c in cells[word]], "y": [c[1] for c in cells[word]],
         "text": [f"{sign} {c[2]}".strip() for c in cells[word]], "customdata": [c[3] for c in cells[word]], "cliponaxis": False,
         "hovertemplate": f"%{{y}}<br>%{{x}}: {word}<br>%{{customdata}}<extra></extra>", "textfont": {"color": INK if word == "fails" else "#111111"},
         "marker": {"symbol": "square", "size": 42, "color": colour, "line": {"color": INK, "width": 1}}}
        for word, colour, sign in VERDICTS
    ]  # fmt: skip
    layout = {
        "title": {"text": "Which should you choose?"}, "height": 240 + 52 * len(verdicts),
        "xaxis": {"categoryorder": "array", "categoryarray": titles, "range": [-0.6, len(titles) - 0.4], "tickangle": -25, "showgrid": False},
        "yaxis": {"categoryorder": "array", "categoryarray": list(verdicts), "range": [len(verdicts) - 0.4, -0.6], "showgrid": False},
    }  # fmt: skip
    return Chart(data, layout, sentence="; ".join(told) + ".", rows=rows, assumed=assumed)


def machine(
    parent: Any, kind: Sequence[str], name: Sequence[str], *, here: int | None = None, unsure: Sequence[int] = (), assumed: str = ""
) -> Chart:  # fmt: skip
    """Draw the layers of a machine as it reports them, a ring round where this program runs.

    Parameters
    ----------
    parent, kind, name
        The tree: for each node its parent, its kind of layer and what it is called.
    here : int, optional
        The node you are in.
    unsure : sequence of int
        Nodes that are guessed; they carry a question mark.

    Examples
    --------
    >>> machine([-1, 0, 1], ["host", "operating-system", "workload"], ["this computer", "Linux 6.18", "python"], here=2)
    From the hardware up: hardware 'this computer', operating system 'Linux 6.18', application 'python' (you are here).
    """
    same_length(parent=list(parent), kind=kind, name=name)
    for label, nodes in (("here", [] if here is None else [here]), ("unsure", unsure)):
        if any(not 0 <= i < len(kind) for i in nodes):
            raise UnknownName(f"{label} holds {max(nodes)}, but the tree has {len(kind)} nodes, counted from 0.\n"
                              f"Try {label}={len(kind) - 1}.")  # fmt: skip
    marks = ["you are here" if i == here else "guessed" if i in unsure else "" for i in range(len(kind))]
    called = [f"{words(k)} {n!r}" + (f" ({m})" if m else "") for k, n, m in zip(kind, name, marks, strict=True)]
    told = ", ".join(called)
    rows = table(["layer", "name", ""], map(words, kind), name, marks)
    text = [n + ("?" if i in unsure else "") for i, n in enumerate(name)]
    return tree_chart(parent, kind, called, text=text, same=list(name), title="The layers of this machine", ring=here, ring_word="you are here",
                      sentence=f"From the hardware up: {told}.", rows=rows, assumed=assumed)  # fmt: skip
