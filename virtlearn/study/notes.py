"""What a learner is told about an answer, in one line."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from virtlearn.study.questions import OPEN

__all__ = ["SIGNS", "Note", "Sign", "note_html"]


class Sign(NamedTuple):
    """A sign and a word, and the colour beside them, so that no meaning rests on colour."""

    word: str
    colour: str


SIGNS = {
    "right": Sign("✔ Right", "#009E73"),
    "wrong": Sign("✘ Not yet", "#D55E00"),
    # A prediction cannot be tried again: "yet" would promise what is not there.
    "missed": Sign("✘ Not this one", "#D55E00"),
    OPEN: Sign("… Not attempted", "#767676"),
    "hint": Sign("Hint", "#0072B2"),
    "solution": Sign("Solution", "#0072B2"),
    "shown": Sign("The answer", "#0072B2"),
}


class Note:
    """A short answer: text in a terminal, a bordered line in a notebook.

    Parameters
    ----------
    status : str
        One of `SIGNS`.
    text : str
        What there is to say.
    trouble : str
        What went wrong beside it, such as a progress file that cannot be written.
    """

    def __init__(self, status: str, text: str, trouble: str = "") -> None:
        self.status = status
        self.text = f"{text} {trouble}".strip()

    def __repr__(self) -> str:
        """Tell it."""
        return f"{SIGNS[self.status].word}: {self.text}"

    def _repr_html_(self) -> str:
        return note_html(self, role="status")


def note_html(note: Note, role: str = "") -> str:
    """Write a note as one bordered line; with a role it is read out when it comes."""
    word, colour = SIGNS[note.status]
    style = f"border-left:4px solid {colour};padding:0.2em 0.8em;margin:0.3em 0"
    said = f" role='{role}'" if role else ""
    return f"<div style='{style}'{said}><b>{word}.</b> {escape(note.text)}</div>"
