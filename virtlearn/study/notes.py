"""What a learner is told about an answer, in one line."""

from __future__ import annotations

from html import escape
from typing import NamedTuple

from virtlearn.study.questions import OPEN

__all__ = ["SIGNS", "Note", "Sign", "note_html"]


class Sign(NamedTuple):
    """A sign and a word, and the colour beside them, so that no meaning rests on colour.

    Parameters
    ----------
    word : str
        The sign and the word.
    colour : str
        The colour of the border, as ``#rrggbb``.
    """

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

    Examples
    --------
    >>> Note("right", "A container shares its host's kernel.")
    ✔ Right: A container shares its host's kernel.
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
    """Write a note as one bordered line.

    Parameters
    ----------
    note : Note
        What there is to say.
    role : str
        Such as ``"status"``: a screen reader reads the line out when it comes.

    Returns
    -------
    str
        HTML, with the text escaped.

    Examples
    --------
    >>> note_html(Note("hint", "1 < 2")).split("</b> ")[1]
    '1 &lt; 2</div>'
    """
    word, colour = SIGNS[note.status]
    style = f"border-left:4px solid {colour};padding:0.2em 0.8em;margin:0.3em 0"
    said = f" role='{role}'" if role else ""
    return f"<div style='{style}'{said}><b>{word}.</b> {escape(note.text)}</div>"
