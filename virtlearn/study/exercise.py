"""Exercises: the same questions as in a lesson, with numbers of each student's own.

An answer is checked at once, and graded later.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from virtlearn.errors import UnknownName, nearest
from virtlearn.study import ask, record
from virtlearn.study._panel import Shown
from virtlearn.study.bank import exercise_bank
from virtlearn.study.notes import Note
from virtlearn.study.opened import OpenedSolution
from virtlearn.study.questions import OPEN, RIGHT, WRONG, Question
from virtlearn.study.variant import variant

__all__ = ["Exercise", "exercise", "grade"]

UNSEEN = ("someone else", "nobody we know", "a third one")


class Exercise:
    """One student's exercise: the drawn numbers as attributes, and its questions.

    Parameters
    ----------
    lesson : str
        Its number, such as ``"02"``.
    student : str
        The student's login.
    draw : mapping of str to sequence, optional
        What the numbers are drawn from, where no bank of questions is at hand.
    """

    def __init__(
        self, lesson: str, student: str, draw: Mapping[str, Sequence[Any]] | None = None
    ) -> None:
        self.lesson, self.student = lesson, str(student).strip()
        # An exam brings what its numbers are drawn from, and no questions to be asked here.
        bank = exercise_bank(lesson) if draw is None else None
        self.numbers = vars(variant(student, lesson, **(bank.DRAW if bank else draw or {})))
        vars(self).update(self.numbers)
        asked = bank.questions(self) if bank else ()
        self.questions: dict[str, Question] = {q.id.partition(".")[2]: q for q in asked}

    def __getattr__(self, name: str) -> Any:
        """Say which numbers there are."""
        near = nearest(name, vars(self).get("numbers", ()))
        raise AttributeError(f"Exercise {self.lesson} draws no {name!r}. {near}")

    def __repr__(self) -> str:
        """Tell the numbers."""
        drawn = ", ".join(f"{name} = {value}" for name, value in self.numbers.items())
        return f"Exercise {self.lesson} for {self.student}: {drawn}"

    def question(self, number: str) -> Question:
        """Give a question by its number.

        Parameters
        ----------
        number : str
            Its number, such as ``"1"``.

        Returns
        -------
        Question
            The question, with this student's numbers.

        Raises
        ------
        UnknownName
            Where there is no such question.
        """
        if str(number) not in self.questions:
            near = nearest(str(number), self.questions)
            raise UnknownName(f"There is no question {number!r}. {near}")
        return self.questions[str(number)]

    def check(self, number: str, answer: Any = None) -> Note:
        """Tell right from wrong, with the misconception, from not attempted; never an exception.

        Parameters
        ----------
        number : str
            The question's number.
        answer : object
            What was answered.

        Returns
        -------
        Note
            The status and what to say.
        """
        try:
            return ask.note_on(self.question(number), answer)
        except UnknownName as slip:
            return Note(WRONG, str(slip))

    def hint(self, number: str, count: int = 0) -> Shown | Note:
        """Show the hints taken so far, and a button for one more.

        Parameters
        ----------
        number : str
            The question's number.
        count : int
            How many hints to take at once; 0 takes none.

        Returns
        -------
        Shown or Note
            The hints, or why there are none.
        """
        return ask.hints_of(self.question(number), f'mine.hint("{number}", {{}})', count)

    def solution(self, number: str, *, show: bool = False) -> Shown | Note:
        """Give the solution behind a button, once there was a try.

        Parameters
        ----------
        number : str
            The question's number.
        show : bool
            Whether it is open already.

        Returns
        -------
        Shown or Note
            The solution, or the request to try first.
        """
        q = self.question(number)
        if "status" not in record.load()[0].get(q.id, {}):
            helps = f'mine.hint("{number}") helps.'
            return Note(OPEN, f"Try first: any answer will do. {q.ask} {helps}")
        opened = OpenedSolution(q, f'mine.solution("{number}", show=True)')
        if show is True:
            opened.act({})
        return Shown([opened])


def _graded() -> str:
    """Say whose submission is being graded: the grader gives the login, or nbgrader's folder."""
    parts = Path.cwd().parts
    named = parts[parts.index("autograded") + 1 :] if "autograded" in parts else ()
    return os.environ.get("VIRTLEARN_STUDENT") or (named[0] if named else "")


def exercise(
    lesson: str, student: str, *, draw: Mapping[str, Sequence[Any]] | None = None
) -> Exercise:
    """Draw a student's numbers for an exercise.

    While it is graded, the login is the one that it was handed in under.

    Parameters
    ----------
    lesson : str
        Its number, such as ``"02"``.
    student : str
        The student's login.
    draw : mapping of names to sequences, optional
        What the numbers are drawn from, where no bank of questions is at hand, as in an exam.

    Returns
    -------
    Exercise
        The drawn numbers as attributes, and the questions to check.

    Raises
    ------
    UnknownName
        Where the lesson has no exercise, or the login is empty.

    Examples
    --------
    >>> mine = exercise("02", "ada")
    >>> mine.memory_gib == exercise("02", " Ada").memory_gib
    True
    >>> mine.check("1a", ...).status
    'not attempted'
    """
    return Exercise(lesson, _graded() or student, draw)


def grade(lesson: str, number: str, answer: Any, seeds: Sequence[str] = UNSEEN) -> None:
    """Accept an answer in silence, or raise its message as an AssertionError.

    A value is judged with the true login's numbers, a function also with those of students who do
    not exist.

    Parameters
    ----------
    lesson, number : str
        The exercise and the question.
    answer : number, text, sequence or function
        What was handed in.
    seeds : sequence of str
        Logins nobody has.

    Raises
    ------
    AssertionError
        Unless the answer is right for all of them.
    """
    for who in (_graded() or "your-login", *(seeds if callable(answer) else ())):
        drawn = Exercise(lesson, who)
        outcome = drawn.question(number).judge(answer)
        if outcome.status == OPEN:
            raise AssertionError(f"{OPEN}: {outcome.message}")
        if outcome.status != RIGHT:
            numbers = "" if callable(answer) else f" (Checked as {drawn!r}.)"
            raise AssertionError(outcome.message + numbers)
