"""A question with options, asked: the first commitment is kept, and only then the answer opens."""

from __future__ import annotations

from html import escape
from typing import Any

from virtlearn.study import record
from virtlearn.study.notes import Note, note_html
from virtlearn.study.questions import Choice

__all__ = ["AskedChoice", "commit", "look_up"]

CHOSEN = "your answer"
RIGHT_ONE = "✔ the right one"


def commit(q: Choice, letter: str) -> str:
    """Write down a commitment; only the first one says whether the learner was right.

    Parameters
    ----------
    q : Choice
        The question.
    letter : str
        The option chosen.

    Returns
    -------
    str
        Why it cannot be written down, or ``""``.
    """
    known = record.load()[0].get(q.id, {})
    if "status" in known:
        return record.note(q.id, tried=letter)
    return record.note(q.id, tried=letter, status=q.judge(letter).status)


def look_up(q: Choice) -> str:
    """Write down that the answer was opened without a choice.

    Parameters
    ----------
    q : Choice
        The question.

    Returns
    -------
    str
        Why it cannot be written down, or ``""``.
    """
    return record.note(q.id, status="shown")


class AskedChoice:
    """One question with options, and how far this learner is with it.

    Parameters
    ----------
    q : Choice
        The question.
    button : str
        What the button says that commits.
    opens : bool
        Whether what follows in the notebook waits for the answer.
    """

    def __init__(self, q: Choice, button: str, *, opens: bool = False) -> None:
        self.q, self.button, self.opens = q, button, opens
        self._trouble = ""

    @property
    def _facts(self) -> record.Facts:
        return record.load()[0].get(self.q.id, {})

    @property
    def first(self) -> str:
        """The letter the learner committed to first, or nothing."""
        return self.q.letter(self._facts.get("first"))

    @property
    def done(self) -> bool:
        """Whether the answer is open: the learner committed, or asked to see it."""
        return bool(self.first) or "status" in self._facts

    def act(self, message: dict[str, Any]) -> None:
        """Do what was clicked: commit to a letter, or show the answer.

        Parameters
        ----------
        message : dict
            What the page says: under ``"letter"`` the option, or nothing to see the answer.
        """
        if self.done:
            return  # another window was first
        letter = self.q.letter(message.get("letter"))
        self._trouble = commit(self.q, letter) if letter else look_up(self.q)

    def notes(self) -> list[Note]:
        """Say what came of it, once there is an answer.

        Returns
        -------
        list of Note
            The verdict and the explanation; empty while the answer is closed.
        """
        if not self.done:
            return []
        explained = Note("shown", self.q.explain(), self._trouble)
        if not self.first:
            return [explained]
        outcome = self.q.judge(self.first)
        if outcome.status == "right":
            words = f"You committed to {self.first}. {outcome.message}"
            return (
                [Note("right", words, self._trouble)]
                if not self.q.reveal
                else [
                    Note("right", words),
                    explained,
                ]
            )
        words = f"You committed to {self.first}. {outcome.message}{self._later()}"
        return [Note("missed", words), explained]

    def _later(self) -> str:
        found = self.q.answer in self._facts.get("later", [])
        return " Later you found the right one." if found else ""

    def marks(self) -> dict[str, str]:
        """Say in words what stands beside the options.

        Returns
        -------
        dict of str to str
            The words by letter: for the learner's own answer and for the right one; empty while
            the answer is closed.
        """
        if not self.done:
            return {}
        marks = {self.first: CHOSEN} if self.first else {}
        right = self.q.answer
        marks[right] = f"{RIGHT_ONE}, and {CHOSEN}" if right == self.first else RIGHT_ONE
        return marks

    def state(self) -> dict[str, Any]:
        """Give what the page needs to show it; the right answer only when it is open.

        Returns
        -------
        dict
            Plain values, which go to the page as JSON.
        """
        options = [[letter, text] for letter, (text, _) in self.q.options.items()]
        said = "".join(note_html(note) for note in self.notes())
        return {
            "kind": "choice",
            "ask": self.q.ask,
            "options": options,
            "button": self.button,
            "opens": self.opens,
            "done": self.done,
            "marks": self.marks(),
            "says": said,
        }

    def text(self) -> str:
        """Write it for a terminal: the question, its options, what was answered.

        Returns
        -------
        str
            A line for the question, for each option and for each note.
        """
        marks = self.marks()
        lines = [f"{self.q.id}: {self.q.ask}"]
        for letter, (option, _) in self.q.options.items():
            mark = f"  ({marks[letter]})" if letter in marks else ""
            lines.append(f"  {letter}  {option}{mark}")
        return "\n".join([*lines, *map(repr, self.notes())])

    def html(self) -> str:
        """Write it for a page without a kernel: with the answer folded away until there is one.

        Returns
        -------
        str
            HTML, with all texts escaped.
        """
        marks = self.marks()
        items = []
        for letter, (option, _) in self.q.options.items():
            mark = f" <b>({escape(marks[letter])})</b>" if letter in marks else ""
            items.append(f"<li>{letter}. {escape(option)}{mark}</li>")
        # Letters in words: a notebook that is not trusted loses a list's own.
        listed = f"<ul style='list-style:none'>{''.join(items)}</ul>"
        said = "".join(note_html(note) for note in self.notes())
        if not said:
            why = escape(self.q.explain())
            said = f"<details><summary>The answer</summary>{why}</details>"
        return f"<p><b>{escape(self.q.ask)}</b></p>{listed}{said}"
