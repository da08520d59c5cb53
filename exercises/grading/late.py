"""Lateness, by nbgrader's own means: a deadline in the gradebook, a time with each submission, a plugin that counts."""

from __future__ import annotations

import datetime
import math

from nbgrader.apps import NbGraderAPI
from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float

from grading import course

DAY_S = 86_400


class PerDay(LateSubmissionPlugin):
    """Take a part of the points off for each day that was begun after the deadline."""

    percent_a_day = Float(0.0, help="of the points reached, for each day begun").tag(config=True)
    grace_minutes = Float(0.0, help="how late is not late yet").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Give what is taken off, never more than there is; None where nothing was set."""
        if not self.percent_a_day:
            return None
        late = total_seconds_late - 60 * self.grace_minutes
        days = max(0, math.ceil(late / DAY_S))
        return round(min(score, score * days * self.percent_a_day / 100), 2)


def set_deadline(api: NbGraderAPI, assignment: str, when: str) -> str:
    """Set an assignment's deadline, count all penalties anew, and say what was set.

    The time is this machine's, unless it names its own zone; an empty one takes the deadline away.
    """
    due = None
    if when:
        due = datetime.datetime.fromisoformat(when).astimezone(datetime.UTC)
    with api.gradebook as book:
        book.update_or_create_assignment(assignment, duedate=due and due.replace(tzinfo=None))
    count = recount(api, assignment)
    said = f"is due {due.astimezone():%Y-%m-%d %H:%M %Z}" if due else "has no deadline"
    return f"{assignment} {said}. {count} handed in later."


def recount(api: NbGraderAPI, assignment: str) -> int:
    """Count every penalty of an assignment anew, hand-graded points included; give how many were late."""
    plugin, late = PerDay(config=api.config), 0
    with api.gradebook as book:
        for submission in book.assignment_submissions(assignment):
            seconds = submission.total_seconds_late
            late += seconds > 60 * plugin.grace_minutes
            for notebook in submission.notebooks:
                taken = plugin.late_submission_penalty(
                    submission.student.id, notebook.score, seconds
                )
                notebook.late_submission_penalty = taken if seconds > 0 else None
        book.db.commit()
    return late


def deadline(api: NbGraderAPI, assignment: str) -> datetime.datetime | None:
    """Give an assignment's deadline, if one was set."""
    if not course.released(api, assignment):
        return None
    with api.gradebook as book:
        due = book.find_assignment(assignment).duedate
        return due.replace(tzinfo=datetime.UTC) if due else None
