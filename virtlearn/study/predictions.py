"""What somebody predicted through the course, and what they would say now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from virtlearn import units
from virtlearn.study import record
from virtlearn.study.bank import lessons_with_questions, questions
from virtlearn.study.one_by_one import OneByOne, Step, Words
from virtlearn.study.questions import Choice
from virtlearn.tables import html as table

__all__ = ["Predictions", "ThenAndNow", "predictions"]

# 02.1 is a prediction; 02.a is a check, and 02.q1 a question of the quiz.
PREDICTION = re.compile(r"\d\d\.\d+")


def _predicted(facts: Mapping[str, Mapping[str, Any]]) -> dict[str, Choice]:
    """Give the questions of the course that were answered by a prediction."""
    found = {}
    for lesson in lessons_with_questions():
        for id, question in questions(lesson).items():
            if not isinstance(question, Choice) or not PREDICTION.fullmatch(id):
                continue
            if facts.get(id, {}).get("first") in question.options:
                found[id] = question
    return found


class Predictions(OneByOne):
    """The predictions that were made, asked again; what was said then is shown at the end."""

    def __init__(self) -> None:
        facts, self.trouble = record.load()
        self.asked = _predicted(facts)
        steps = []
        said = {}
        for id, question in self.asked.items():
            options = {letter: text for letter, (text, _why) in question.options.items()}
            steps.append(Step(id, question.ask, options))
            if facts[id].get("now") in options:
                said[id] = facts[id]["now"]
        intro = (
            f"You made {units.count(len(steps), 'prediction')}. What would you say now? "
            "Nothing is graded; what you said then is shown at the end."
        )
        closed = len(said) == len(steps)
        super().__init__("vl.study.predictions()", intro, steps, said, closed)

    def keep(self, step: Step, letter: str) -> str:
        """Write down what is said now, beside what was said then.

        Parameters
        ----------
        step : Step
            The prediction.
        letter : str
            What is said now.

        Returns
        -------
        str
            Why it cannot be written down, or ``""``.
        """
        return record.note(step.id, now=letter)

    def close(self) -> None:
        """Do nothing: it is over when each prediction has been answered again."""

    def result(self) -> Any:
        """Show what was said then, and what is said now.

        Returns
        -------
        ThenAndNow or Words
            The comparison; a line of words where nothing was predicted.
        """
        if not self.steps:
            return Words("You have not predicted anything yet. Lesson 00 asks for the first one.")
        then = {id: record.load()[0][id]["first"] for id in self.asked}
        return ThenAndNow(self.asked, then, self.said)


class ThenAndNow:
    """What was predicted, what is said now, and what is so.

    Parameters
    ----------
    asked : mapping of str to Choice
        The predictions by their id.
    then : mapping of str to str
        The letter that was committed to first, by the same ids.
    now : mapping of str to str
        The letter that is said now; an id may be missing.
    """

    def __init__(
        self, asked: Mapping[str, Choice], then: Mapping[str, str], now: Mapping[str, str]
    ) -> None:
        self.asked, self.then, self.now = asked, then, now

    def describe(self) -> str:
        """Count what was right.

        Returns
        -------
        str
            One sentence.
        """
        right_then = sum(self.then[id] == q.answer for id, q in self.asked.items())
        right_now = sum(self.now.get(id) == q.answer for id, q in self.asked.items())
        total = len(self.asked)
        return f"Then {right_then} of {total} predictions were right, now {right_now} of {total}."

    def table(self) -> list[tuple[str, ...]]:
        """Give a row for each prediction.

        Returns
        -------
        list of tuple of str
            The names of the four columns, and then the rows.
        """
        rows: list[tuple[str, ...]] = [
            ("question", "you predicted", "you say now", "what came out")
        ]
        for id, question in self.asked.items():
            texts = {letter: f"{letter}: {text}" for letter, (text, _) in question.options.items()}
            now = texts.get(self.now.get(id, ""), "")
            came_out = texts[question.answer]
            rows.append((f"{id} {question.ask}", texts[self.then[id]], now, came_out))
        return rows

    def bundles(self) -> list[dict[str, Any]]:
        """Give what a notebook shows.

        Returns
        -------
        list of dict
            One bundle, with the text under each of its media types.
        """
        head, *rows = self.table()
        html = f"<p role='status'>{escape(self.describe())}</p>{table(rows, head)}"
        return [{"text/plain": repr(self), "text/html": html}]

    def __repr__(self) -> str:
        """Say it, a few lines for each prediction."""
        _head, *rows = self.table()
        lines = [self.describe()]
        for ask, then, now, came_out in rows:
            lines += [ask, f"  then     {then}", f"  now      {now}", f"  came out {came_out}"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return str(self.bundles()[0]["text/html"])


def predictions() -> Predictions:
    """Ask the predictions you made again, and then compare.

    At the end it shows what you said then, what you say now, and what came out.

    Returns
    -------
    Predictions
        The questions, one at a time; when all are answered, the comparison.

    Examples
    --------
    >>> predictions()
    You have not predicted anything yet. Lesson 00 asks for the first one.
    """
    return Predictions()
