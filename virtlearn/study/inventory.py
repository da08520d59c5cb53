"""The inventory before and after the course.

It tells which ideas have changed, and which lesson to read again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from virtlearn import charts
from virtlearn.errors import UnknownName, nearest
from virtlearn.study import record
from virtlearn.study.ideas import (
    DO_NOT_KNOW,
    FORMS,
    RIGHT_IDEA,
    Idea,
    edition,
    ideas,
    item,
    meaning,
    misconceptions,
)
from virtlearn.study.one_by_one import OneByOne, Step
from virtlearn.tables import html as table

__all__ = ["SITTINGS", "TICKET", "Inventory", "WhatChanged", "inventory", "key"]

SITTINGS = ("before", "after", "later")
TICKET = "inventory"
MINUTES = 12
# How the chart calls what an answer means.
ENDS = {RIGHT_IDEA: "right", DO_NOT_KNOW: "I do not know", "": "not asked"}
WHEN = {
    "before": "before the course",
    "after": "after the course",
    "later": "some weeks later",
}


def key(sitting: str, idea: str = "") -> str:
    """Say under which name the progress file keeps a sitting, or the answer to one of its ideas.

    Parameters
    ----------
    sitting : str
        ``"before"``, ``"after"`` or ``"later"``.
    idea : str
        The id of an idea; without it, the sitting itself is meant.

    Returns
    -------
    str
        The name in the file.

    Examples
    --------
    >>> key("before"), key("before", "limit")
    ('inventory.before', 'inventory.before.limit')
    """
    return f"inventory.{sitting}" + (f".{idea}" if idea else "")


def answers_of(facts: Mapping[str, Mapping[str, Any]], sitting: str) -> dict[str, str]:
    """Give the letters that a progress file holds for a sitting, by idea."""
    found = {}
    for id in ideas():
        letter = facts.get(key(sitting, id), {}).get("letter")
        if letter is not None:
            found[id] = str(letter)
    return found


def _form(facts: Mapping[str, Mapping[str, Any]], sitting: str) -> str:
    """Say which form this sitting has: its own, else the other one than before, else one by lot.

    By lot, so that a class that answers both forms in both orders can tell a harder form from
    something learnt.
    """
    begun = facts.get(key(sitting), {}).get("form")
    if begun in FORMS:
        return str(begun)
    earlier = SITTINGS[: SITTINGS.index(sitting)]
    for previous in reversed(earlier):
        taken = facts.get(key(previous), {}).get("form")
        if taken in FORMS:
            return FORMS[1 - FORMS.index(taken)]
    return secrets.choice(FORMS)


class Inventory(OneByOne):
    """One sitting: eighteen questions, no word on what is right until the end.

    Parameters
    ----------
    sitting : str
        ``"before"``, ``"after"`` or ``"later"``.
    form : str, optional
        ``"A"`` or ``"B"``; without it, the other form than last time, or one by lot.
    """

    def __init__(self, sitting: str, form: str = "") -> None:
        facts, self.trouble = record.load()
        self.sitting = sitting
        begun = facts.get(key(sitting), {})
        self.form = form if form and not begun else _form(facts, sitting)
        steps = [step(idea, self.form) for idea in ideas().values()]
        super().__init__(
            f'vl.study.inventory("{sitting}")',
            intro(sitting, len(steps)),
            steps,
            answers_of(facts, sitting),
            closed=bool(begun.get("done")),
        )

    def keep(self, step: Step, letter: str) -> str:
        """Write down an answer, and with the first one which form it belongs to.

        Parameters
        ----------
        step : Step
            The question that was answered.
        letter : str
            The letter of the answer.

        Returns
        -------
        str
            What went wrong with writing, or an empty text.
        """
        if not self.said:
            self._begin()
        return record.note(key(self.sitting, step.id), letter=letter)

    def _begin(self) -> None:
        """Write down the form, and a number by lot.

        The number tells two files of one person from two persons.
        """
        if "ticket" not in record.load()[0].get(TICKET, {}):
            record.note(TICKET, ticket=secrets.token_hex(6))
        record.note(key(self.sitting), form=self.form, edition=edition())

    def close(self) -> None:
        """Write down that this sitting is over."""
        record.note(key(self.sitting), done=True)

    def result(self) -> WhatChanged:
        """Show what became of each idea.

        Returns
        -------
        WhatChanged
            This sitting beside the others that are over.
        """
        facts, _trouble = record.load()
        said = {self.sitting: self.said}
        for sitting in SITTINGS:
            over = facts.get(key(sitting), {}).get("done")
            if over and sitting != self.sitting:
                said[sitting] = answers_of(facts, sitting)
        return WhatChanged({s: said[s] for s in SITTINGS if s in said})


def step(idea: Idea, form: str) -> Step:
    """Give the question of an idea, with 'I do not know' as the last answer."""
    asked = item(idea.id, form)
    return Step(idea.id, asked.ask, {**asked.options, DO_NOT_KNOW: "I do not know"})


def intro(sitting: str, n: int) -> str:
    """Say what a sitting is, before its first question."""
    return (
        f"What do you think {WHEN[sitting]}? {n} questions, about {MINUTES} minutes, if you like.\n"
        "Nothing is graded and nothing is sent: the answers stay in your progress file. "
        "'I do not know' is an answer. What is right is not said until the end."
    )


class WhatChanged:
    """What became of each idea: a picture, a sentence, a table, and which lesson to read again.

    Parameters
    ----------
    said : mapping of str to mapping of str to str
        For each sitting that is over, the letter for each idea.
    """

    def __init__(self, said: Mapping[str, Mapping[str, str]]) -> None:
        self.sittings = list(said)
        self.means: dict[str, list[str]] = {}
        for id, idea in ideas().items():
            self.means[id] = []
            for letters in said.values():
                letter = letters.get(id, "")
                self.means[id].append(meaning(idea, letter) if letter else "")
        # Before the course nothing is given away: the lessons to come do that.
        self.explains = self.sittings[-1:] != ["before"]

    def again(self) -> dict[str, Idea]:
        """Give the ideas that are not right yet, in the last sitting.

        Returns
        -------
        dict of str to Idea
            The ideas by their id, in the order of the inventory.
        """
        missed = [id for id, means in self.means.items() if means[-1] != RIGHT_IDEA]
        return {id: ideas()[id] for id in missed}

    def chart(self) -> charts.Chart:
        """Draw it.

        Returns
        -------
        Chart
            A row for each idea, a column for each sitting.
        """
        ended = {}
        for id, means in self.means.items():
            ended[ideas()[id].title] = [ENDS.get(each, "another idea") for each in means]
        read = {idea.title: f"lesson {idea.lesson}" for idea in self.again().values()}
        return charts.learning(ended, self.sittings, read=read)

    def describe(self) -> str:
        """Say in a few sentences what came out.

        Returns
        -------
        str
            How many ideas are right in each sitting, and which lessons to read again.
        """
        lessons = sorted({idea.lesson for idea in self.again().values()})
        counted = self.chart().describe()
        if not lessons:
            return f"{counted} There is nothing that you need to read again."
        where = f"lesson{'s' * (len(lessons) > 1)} {', '.join(lessons)}"
        if self.explains:
            return f"{counted} To read again: {where}."
        return f"{counted} What is right is not said yet. Look out for it in {where}."

    def table(self) -> list[tuple[str, ...]]:
        """Give a row for each idea: how it ended, what you said, what is so, and where to read it.

        Returns
        -------
        list of tuple of str
            The head, then a row for each idea.
        """
        head = ("idea", *self.sittings)
        more = ("lesson", "what is so") if self.explains else ("lesson",)
        return [(*head, *more), *self._rows()]

    def _rows(self) -> list[tuple[str, ...]]:
        rows = []
        for id, means in self.means.items():
            idea = ideas()[id]
            row = [idea.title, *(ENDS.get(each, "another idea") for each in means), idea.lesson]
            if self.explains:
                row.append(_what_is_so(idea, means[-1]))
            rows.append(tuple(row))
        return rows

    def bundles(self) -> list[dict[str, Any]]:
        """Give what a notebook shows: the picture, and under it the sentence and the table.

        Returns
        -------
        list of dict
            A MIME bundle for each output, in order.
        """
        head, *rows = self.table()
        words = escape(self.describe())
        html = f"<p role='status'>{words}</p>{table(rows, head, caption='Idea by idea')}"
        below = {"text/plain": repr(self), "text/html": html}
        return [self.chart()._repr_mimebundle_(), below]

    def __repr__(self) -> str:
        """Say it, with a line for each idea.

        Below an idea stands what is so, where that is not what was said.
        """
        head, *rows = self.table()
        columns = len(self.sittings) + 2
        lines = [self.describe(), "", _line(head[:columns])]
        for row, means in zip(rows, self.means.values(), strict=True):
            lines.append(_line(row[:columns]))
            if means[-1] != RIGHT_IDEA:
                lines += [f"    {explained}" for explained in row[columns:]]
        return "\n".join(lines)

    def _ipython_display_(self) -> None:
        from IPython import get_ipython
        from IPython.display import display

        if not hasattr(get_ipython(), "kernel"):
            print(repr(self))
            return
        for bundle in self.bundles():
            display(bundle, raw=True)


def _what_is_so(idea: Idea, means: str) -> str:
    """Say what is so of an idea, against what was said of it."""
    if means in misconceptions():
        wrong = misconceptions()[means]
        return f"You said, in effect: {wrong.says} But: {wrong.fact}"
    return idea.says


def _line(row: Sequence[str]) -> str:
    """Write a row as a line, its first cells under each other."""
    title, *ends = row
    cells = [title.ljust(36)]
    cells += [end.ljust(13) for end in ends]
    return "  ".join(cells).rstrip()


def inventory(sitting: str, form: str = "") -> Inventory:
    """Ask eighteen questions on ideas, one at a time; once before the course and once after it.

    It is optional, takes about twelve minutes, and can be left and gone on with. ``"later"`` is for
    a third time, after the second part of the course or some weeks on.

    Parameters
    ----------
    sitting : str
        ``"before"``, ``"after"`` or ``"later"``.
    form : str, optional
        ``"A"`` or ``"B"``, the same ideas in other situations. Without it the first sitting has one
        of them by lot, and the next one has the other.

    Returns
    -------
    Inventory
        The questions; when all are answered, what became of each idea.

    Raises
    ------
    UnknownName
        Where there is no such sitting or form.

    Examples
    --------
    >>> asked = inventory("before", form="A")
    >>> asked.sitting, len(asked.steps)
    ('before', 18)
    """
    if sitting not in SITTINGS:
        raise UnknownName(f"There is no sitting {sitting!r}. {nearest(str(sitting), SITTINGS)}")
    if form and form not in FORMS:
        raise UnknownName(f"There is no form {form!r}. {nearest(str(form), FORMS)}")
    return Inventory(sitting, form)
