"""Hints and solutions: shown when asked for, so that running a cell again takes nothing."""

from __future__ import annotations

from html import escape
from typing import Any

from virtlearn.study import record
from virtlearn.study.notes import Note, note_html
from virtlearn.study.questions import Question

__all__ = ["OpenedHints", "OpenedSolution"]


class OpenedHints:
    """The hints of a question, as far as they were taken, and a way to take one more.

    Parameters
    ----------
    q : Question
        Whose hints.
    call : str
        How the learner asks for so many where there is no button, such as
        ``vl.study.hint("02.a", {})``.
    """

    def __init__(self, q: Question, call: str) -> None:
        self.q, self.call = q, call
        self._trouble = ""

    @property
    def taken(self) -> int:
        """How many were taken."""
        taken = record.load()[0].get(self.q.id, {}).get("hints", 0)
        return min(taken, len(self.q.hints))

    def take(self, count: int) -> None:
        """Take the first ones; the same ones again cost nothing.

        Parameters
        ----------
        count : int
            How many, from the first on; more than there are takes all.
        """
        self._trouble = record.note(self.q.id, hints=min(count, len(self.q.hints)))

    def act(self, _: dict[str, Any]) -> None:
        """Take one more.

        Parameters
        ----------
        _ : dict
            What the page says; there is only one thing to click.
        """
        self.take(self.taken + 1)

    def notes(self) -> list[Note]:
        """Give the hints taken so far.

        Returns
        -------
        list of Note
            One for each hint, and one more where the progress file cannot be written.
        """
        count = len(self.q.hints)
        shown = enumerate(self.q.hints[: self.taken], 1)
        notes = [Note("hint", f"{text} ({i} of {count})") for i, text in shown]
        return [*notes, Note("hint", self._trouble)] if self._trouble else notes

    def _more(self) -> str:
        count, taken = len(self.q.hints), self.taken
        if taken == count:
            return ""
        return f"One more hint ({taken + 1} of {count})" if taken else f"Show a hint (1 of {count})"

    def state(self) -> dict[str, Any]:
        """Give what the page needs to show it.

        Returns
        -------
        dict
            Plain values, which go to the page as JSON.
        """
        said = "".join(note_html(note) for note in self.notes())
        name = f"Hints for {self.q.id}"
        return {"kind": "open", "name": name, "says": said, "more": self._more()}

    def text(self) -> str:
        """Write it for a terminal.

        Returns
        -------
        str
            A line for each hint taken, and how to take one more.
        """
        lines = [repr(note) for note in self.notes()]
        if self._more():
            lines.append(f"{self._more()}: {self.call.format(self.taken + 1)}")
        return "\n".join(lines)

    def html(self) -> str:
        """Write it for a page without a kernel: each hint in a fold of its own.

        Returns
        -------
        str
            HTML, with all texts escaped; the hints taken stand open.
        """
        folds = []
        for i, text in enumerate(self.q.hints, 1):
            shown = " open" if i <= self.taken else ""
            title = f"Hint {i} of {len(self.q.hints)}"
            folds.append(f"<details{shown}><summary>{title}</summary>{escape(text)}</details>")
        return "".join(folds)


class OpenedSolution:
    """The solution of a question, folded until the learner asks for it.

    Parameters
    ----------
    q : Question
        Whose solution.
    call : str
        How the learner asks for it where there is no button.
    """

    def __init__(self, q: Question, call: str) -> None:
        self.q, self.call = q, call
        self._trouble = ""

    @property
    def _open(self) -> bool:
        return bool(record.load()[0].get(self.q.id, {}).get("shown"))

    def act(self, _: dict[str, Any]) -> None:
        """Open it, and write that down.

        Parameters
        ----------
        _ : dict
            What the page says; there is only one thing to click.
        """
        self._trouble = record.note(self.q.id, status="shown")

    def notes(self) -> list[Note]:
        """Give the solution, once it was asked for.

        Returns
        -------
        list of Note
            The solution; empty while it is closed.
        """
        return [Note("solution", self.q.explain(), self._trouble)] if self._open else []

    def state(self) -> dict[str, Any]:
        """Give what the page needs to show it.

        Returns
        -------
        dict
            Plain values, which go to the page as JSON.
        """
        said = "".join(note_html(note) for note in self.notes())
        more = "" if self._open else "Show the solution"
        return {"kind": "open", "name": f"Solution of {self.q.id}", "says": said, "more": more}

    def text(self) -> str:
        """Write it for a terminal.

        Returns
        -------
        str
            The solution, or how to ask for it.
        """
        if not self._open:
            return f"Show the solution: {self.call}"
        return "\n".join(map(repr, self.notes()))

    def html(self) -> str:
        """Write it for a page without a kernel, in a fold.

        Returns
        -------
        str
            HTML, with the text escaped; the fold stands open once it was asked for.
        """
        shown = " open" if self._open else ""
        why = escape(self.q.explain())
        return f"<details{shown}><summary>The solution</summary>{why}</details>"
