"""Points as tables: everybody's, and in the columns that a learning platform imports."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGraderAPI

from grading import course, late, results, safe, store
from grading.results import Result

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email",
    "auto_points", "hand_points", "raw_score", "late_submission_penalty", "score", "max_score", "status",
)  # fmt: skip
PLATFORMS = ("moodle", "canvas", "blackboard", "classroom")


def everybody(api: NbGraderAPI, known: list[str]) -> Path:
    """Write everybody's points; what was never set or handed in is an empty field, not a zero."""
    rows: list[tuple[Any, ...]] = [COLUMNS]
    for assignment in known:
        if not course.released(api, assignment):
            continue
        late.recount(api, assignment)
        rows += [_row(assignment, result) for result in results.of(api, assignment)]
    file = course.root_of(api) / "grades.csv"
    store.write(file, safe.table(rows))
    return file


def _row(assignment: str, of: Result) -> tuple[Any, ...]:
    most = sum(each.most for each in of.graded) if of.handed_in else None
    auto = of.auto if of.handed_in else None
    names = (of.student, of.last_name, of.first_name, of.email)
    points = (auto, of.by_hand, of.raw, of.penalty, of.score, most, of.status)
    return (assignment, of.due, of.time, *names, *points)


def for_platform(
    api: NbGraderAPI, assignment: str, platform: str, template: Path | None = None
) -> Path:
    """Write one assignment's points in the columns that a platform imports.

    ``template`` is the platform's own table, as it exports it: then its rows and columns are kept, and the points are
    filled in. Without it, the columns are those that the platform asks for.
    """
    late.recount(api, assignment)
    found = [each for each in results.of(api, assignment) if each.handed_in]
    most = max((sum(each.most for each in result.graded) for result in found), default=0.0)
    if template is not None:
        rows = _filled(template, assignment, platform, found)
    else:
        rows = [list(row) for row in _made(platform, assignment, found, most)]
    file = course.root_of(api) / f"{platform}-{assignment}.csv"
    store.write(file, safe.table(rows))
    return file


def _made(
    platform: str, assignment: str, found: list[Result], most: float
) -> list[tuple[Any, ...]]:
    """Make a table of the columns that a platform asks for."""
    rows: list[tuple[Any, ...]] = []
    people = [(str(each.about.get("as") or each.student), each) for each in found]
    if platform == "moodle":
        rows.append(("Identifier", "Full name", "Grade", "Maximum Grade", "Feedback comments"))
        for name, each in people:
            number = f"Participant {each.about.get('id', '')}"
            rows.append((number, name, each.score, most, _words(each)))
    elif platform == "canvas":
        rows.append(("Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment))
        rows.append(("    Points Possible", "", "", "", "", most))
        for name, each in people:
            rows.append((name, each.about.get("id", ""), "", each.student, "", each.score))
    elif platform == "blackboard":
        rows.append(("Last Name", "First Name", "Username", f"{assignment} [Total Pts: {most:g}]"))
        rows += [(each.last_name, each.first_name, name, each.score) for name, each in people]
    else:
        rows.append(("Last Name", "First Name", "Email Address", assignment))
        for name, each in people:
            first, _, last = name.rpartition(" ")
            rows.append((last, first, each.email, each.score))
    return rows


def _words(each: Result) -> str:
    return "" if not each.waits else "So far: one question is still to be read."


def _filled(template: Path, assignment: str, platform: str, found: list[Result]) -> list[list[Any]]:
    """Fill the points into a platform's own table, row by row."""
    with template.open(encoding="utf-8-sig", newline="") as file:
        rows: list[list[Any]] = [list(row) for row in csv.reader(file)]
    head = rows[0]
    column = _points_column(head, assignment, platform)
    by_word: dict[str, Result] = {}
    for each in found:
        number = str(each.about.get("id") or "")
        words = (each.student, number, f"participant {number}", str(each.about.get("as") or ""))
        by_word |= {word.casefold(): each for word in words if word}
    for row in rows[1:]:
        hit = next((by_word[w.casefold()] for w in row if w.strip().casefold() in by_word), None)
        if hit is not None:
            row += [""] * (column + 1 - len(row))
            row[column] = hit.score
    return rows


def _points_column(head: list[Any], assignment: str, platform: str) -> int:
    """Find the column that the points belong in, or add one."""
    for i, name in enumerate(head):
        if platform == "moodle" and name == "Grade":
            return i
        if str(name).casefold().startswith((assignment.casefold(), f"{assignment[:2]} ")):
            return i
    head.append(assignment)
    return len(head) - 1
