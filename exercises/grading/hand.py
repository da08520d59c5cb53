"""The question that a person reads: a page on which nothing runs, and a table for the points.

nbgrader's formgrader shows answers in a page that holds the instructor's session and has to run scripts of its own, so
no content policy can keep others' out there. What it shows has been made safe before; this page needs no such trust.
"""

from __future__ import annotations

import csv
import html
from pathlib import Path

import nbformat
from nbgrader.apps import NbGraderAPI

from grading import course, layout, pages, results, safe, store
from grading.results import Graded, Result

COLUMNS = ("student", "question", "of", "points", "comment")


def write(api: NbGraderAPI, assignment: str) -> tuple[Path, Path]:
    """Write the page with all answers, and the table to fill in; points that are there already stand in it."""
    found = [each for each in results.of(api, assignment) if each.handed_in]
    body = f"<h1>{html.escape(assignment)}: read by a person</h1>"
    rows: list[tuple[object, ...]] = [COLUMNS]
    root = course.root_of(api)
    for result in found:
        book = store.Place(root, assignment, result.student).handed_in()
        for each in result.graded:
            if each.by_hand:
                body += _answer(book, result, each)
                rows.append((result.student, each.name, each.most, each.points, ""))
    place = root / "by-hand"
    page = pages.write(place / f"{assignment}.html", f"{assignment}: read by a person", body)
    file = place / f"{assignment}.csv"
    store.write(file, safe.table(rows))
    return page, file


def _answer(book: nbformat.NotebookNode | None, result: Result, each: Graded) -> str:
    """Give one answer as it was handed in, with pictures, without anything that runs."""
    cells = [c for c in book.cells if layout.of(c).get("grade_id") == each.name] if book else []
    text = cells[0].source if cells else ""
    shown = "<p>(nothing)</p>"
    if text.strip() not in ("", layout.UNTOUCHED):
        shown = safe.as_html(text, cells[0].get("attachments"))
    points = "" if each.points is None else f", has {each.points:g}"
    title = f"{result.student}: {each.name}, {each.most:g} points{points}"
    return f"<section class='answer'><h2>{html.escape(title)}</h2>{shown}</section>\n"


def read(api: NbGraderAPI, assignment: str, file: Path) -> tuple[int, dict[str, str]]:
    """Take the points of a table that was filled in; give how many, and what could not be taken."""
    known = {
        (result.student, each.name): each
        for result in results.of(api, assignment)
        for each in result.graded
    }
    count, bad = 0, {}
    with file.open(encoding="utf-8-sig", newline="") as table:
        for row in csv.DictReader(table):
            who, name = (row.get("student") or "").lstrip("'"), row.get("question") or ""
            points = (row.get("points") or "").strip().replace(",", ".")
            cell = known.get((who, name))
            if not points:
                continue
            if cell is None:
                bad[f"{who} {name}"] = "there is no such student or question"
            elif trouble := _wrong(points, cell.most):
                bad[f"{who} {name}"] = trouble
            else:
                comment = (row.get("comment") or "").strip()
                results.set_points(api, assignment, who, name, float(points), comment)
                count += 1
    return count, bad


def _wrong(points: str, most: float) -> str:
    """Say what is wrong with points, if anything is."""
    try:
        given = float(points)
    except ValueError:
        return f"{points!r} is not a number"
    return "" if 0 <= given <= most else f"{given:g} is not between 0 and {most:g}"
