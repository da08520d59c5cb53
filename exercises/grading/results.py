"""What is known about each submission of an assignment: the gradebook's points, and what the judge noted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nbgrader.apps import NbGraderAPI

from grading import store
from grading.course import root_of


@dataclass
class Graded:
    """One cell of one student: points, of how many, and what was said."""

    name: str
    points: float | None  # None: nobody has read it yet
    most: float
    by_hand: bool
    variable: str = ""  # the name in the notebook that held the answer
    given: str = ""
    message: str = ""
    form: str = ""
    seconds: float = 0.0


@dataclass
class Result:
    """One student's work on one assignment."""

    student: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    handed_in: bool = False
    due: Any = None
    time: Any = None
    penalty: float | None = None
    about: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    bound: str = ""
    graded: list[Graded] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        """Tell whether a person has still to look."""
        return any(each.points is None for each in self.graded)

    @property
    def raw(self) -> float | None:
        """Give the points so far, or None where nothing was handed in."""
        return sum(each.points or 0.0 for each in self.graded) if self.handed_in else None

    @property
    def score(self) -> float | None:
        """Give the points so far, less what is taken off for being late."""
        return None if self.raw is None else max(0.0, self.raw - (self.penalty or 0.0))

    @property
    def auto(self) -> float:
        """Give what a machine gave."""
        return sum(each.points or 0.0 for each in self.graded if not each.by_hand)

    @property
    def by_hand(self) -> float | None:
        """Give what a person gave, or None where nobody has looked."""
        read = [each.points for each in self.graded if each.by_hand]
        return None if None in read or not read else sum(each or 0.0 for each in read)

    @property
    def status(self) -> str:
        """Say in a word how far it is."""
        if not self.handed_in:
            return "missing"
        return "waits for a person" if self.waits else "final"


def of(api: NbGraderAPI, assignment: str) -> list[Result]:
    """List what is known of every student of the gradebook, also of those who handed in nothing."""
    found: dict[str, Result] = {}
    with api.gradebook as book:
        for student in book.students:
            found[student.id] = Result(
                student.id, student.first_name or "", student.last_name or "", student.email or ""
            )
        for submission in book.assignment_submissions(assignment):
            result = found[submission.student.id]
            result.handed_in = True
            result.time, result.due = submission.timestamp, submission.assignment.duedate
            if result.due is not None and submission.total_seconds_late > 0:
                result.penalty = submission.late_submission_penalty
            elif result.due is not None:
                result.penalty = 0.0
            result.graded = [
                _graded(grade) for notebook in submission.notebooks for grade in notebook.grades
            ]
    for result in found.values():
        _add_notes(api, assignment, result)
    return sorted(found.values(), key=lambda each: each.student)


def _graded(grade: Any) -> Graded:
    by_hand = grade.cell.cell_type != "code" or grade.auto_score is None
    # A text that was left alone has its zero; one that waits for a person has no points yet.
    waits = grade.auto_score is None and grade.manual_score is None
    return Graded(grade.name, None if waits else grade.score, grade.max_score, by_hand)


def _add_notes(api: NbGraderAPI, assignment: str, result: Result) -> None:
    place = store.Place(root_of(api), assignment, result.student)
    verdict = place.judged()
    result.about = place.about()
    result.seconds = float(verdict.get("seconds") or 0.0)
    result.bound = str(verdict.get("bound") or "")
    answers = verdict.get("answers")
    for each in result.graded:
        note = answers.get(each.name) if isinstance(answers, dict) else None
        if isinstance(note, dict):
            each.given, each.message = str(note.get("given", "")), str(note.get("message", ""))
            each.variable = str(note.get("name", ""))
            each.form, each.seconds = str(note.get("form", "")), float(note.get("seconds", 0.0))
    result.graded.sort(key=lambda each: each.name)


def set_points(
    api: NbGraderAPI, assignment: str, student: str, name: str, points: float, comment: str
) -> None:
    """Write a person's points and words into the gradebook."""
    with api.gradebook as book:
        grade = book.find_grade(name, assignment, assignment, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        if comment:
            book.find_comment(name, assignment, assignment, student).manual_comment = comment
        book.db.commit()
