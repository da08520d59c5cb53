"""How far a learner is: one row a lesson."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from virtlearn import tables
from virtlearn.study import record
from virtlearn.study.bank import questions

__all__ = ["Progress"]

HEAD = ("lesson", "tried", "right", "looked up", "open", "hints used")


def _row(lesson: str, ids: Iterable[str], answers: record.Answers) -> tables.Row:
    tried = right = looked_up = still_open = hints = 0
    count = 0
    for id in ids:
        facts = answers.get(id, {})
        status = facts.get("status")
        # A file of an older version has no first answer, but a status that only an answer gives.
        has_tried = "first" in facts or status in ("right", "wrong")
        has_looked = bool(facts.get("shown")) or status == "shown"
        tried += has_tried
        right += status == "right"
        looked_up += has_looked
        still_open += not (has_tried or has_looked)
        hints += facts.get("hints", 0)
        count += 1
    numbers = (f"{tried} of {count}", str(right), str(looked_up), str(still_open), str(hints))
    return (lesson, *numbers)


class Progress(tables.Shown):
    """How far a learner is: one row a lesson.

    A question can be tried and looked up as well. What is neither is open.

    Parameters
    ----------
    lessons : sequence of str
        Their numbers.
    """

    def __init__(self, lessons: Sequence[str]) -> None:
        answers, self.trouble = record.load()
        self.rows = [HEAD, *(_row(lesson, questions(lesson), answers) for lesson in lessons)]

    def _rows(self) -> list[tables.Row]:
        return self.rows

    def __repr__(self) -> str:
        """Tell it."""
        return f"{super().__repr__()}\n{self.trouble}".rstrip()

    def _repr_html_(self) -> str:
        name = escape(record.where().name)
        yours = f"Your answers are in <code>{name}</code>: it is yours, and you may delete it."
        return f"{super()._repr_html_()}<p>{escape(self.trouble)} {yours}</p>"
