"""Questions one at a time, without a word on what is right until the end.

They are asked with buttons in a notebook, and in words elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from virtlearn.errors import UnknownName
from virtlearn.study._panel import Shown

__all__ = ["OneByOne", "Sheet", "Step", "Words"]

CHOOSE_FIRST = "Choose an answer first; the last one is 'I do not know'."
NOTHING_YET = {"text/plain": "", "text/html": ""}


@dataclass(frozen=True)
class Step:
    """One question.

    Parameters
    ----------
    id : str
        Where its answer is kept.
    ask : str
        What is asked.
    options : mapping of str to str
        What can be answered, by letter.
    """

    id: str
    ask: str
    options: Mapping[str, str]


class Words:
    """A few lines: text in a terminal, paragraphs in a notebook.

    Parameters
    ----------
    text : str
        The lines.

    Examples
    --------
    >>> Words("Question 1 of 18.")
    Question 1 of 18.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        """Give the text."""
        return self.text

    def _repr_html_(self) -> str:
        lines = "".join(f"<div>{escape(line)}</div>" for line in self.text.splitlines())
        return f"<div role='status' style='margin:0 5px'>{lines}</div>"


class OneByOne:
    """Questions asked one at a time.

    What is answered is kept at once, so that one may stop and go on another day. A subclass says
    where answers go (`keep`), that it is over (`close`), and what is shown then (`result`).

    Parameters
    ----------
    call : str
        How this was asked for, such as ``'vl.study.inventory("before")'``.
    intro : str
        What stands above the questions, and alone where there is no kernel.
    steps : list of Step
        The questions.
    said : dict of str to str
        The letters answered so far, by the step's id.
    closed : bool
        Whether it is over, so that only the result is shown.
    """

    def __init__(
        self, call: str, intro: str, steps: list[Step], said: dict[str, str], closed: bool
    ) -> None:
        self.call, self.intro, self.steps = call, intro, steps
        self.said, self.closed = said, closed
        self.at = self._first_open()

    def keep(self, step: Step, letter: str) -> str:
        """Write an answer down.

        Parameters
        ----------
        step : Step
            The question.
        letter : str
            The answer.

        Returns
        -------
        str
            Why it cannot be written down, or ``""``.

        Raises
        ------
        NotImplementedError
            Always, here: a subclass knows where answers go.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Write down that it is over.

        Raises
        ------
        NotImplementedError
            Always, here: a subclass knows where that is written.
        """
        raise NotImplementedError

    def result(self) -> Any:
        """Give what is shown at the end.

        Returns
        -------
        object
            What came out, with ``bundles`` for a notebook.

        Raises
        ------
        NotImplementedError
            Always, here: a subclass knows what comes out.
        """
        raise NotImplementedError

    def _first_open(self) -> int:
        """Give the place of the first question without an answer, or of the last question."""
        for place, step in enumerate(self.steps):
            if step.id not in self.said:
                return place
        return max(0, len(self.steps) - 1)

    @property
    def open(self) -> int:
        """How many questions have no answer yet."""
        return sum(step.id not in self.said for step in self.steps)

    def choose(self, letter: str) -> str:
        """Keep an answer to the question that is asked now, and go on to the next.

        Parameters
        ----------
        letter : str
            One of the letters of the question.

        Returns
        -------
        str
            Why it cannot be written down, or ``""``.
        """
        step = self.steps[self.at]
        trouble = self.keep(step, letter)
        self.said[step.id] = letter
        self.at = min(self.at + 1, len(self.steps) - 1)
        return trouble

    def end(self) -> None:
        """Be over: from now on the result is shown, and no answer can be changed."""
        self.close()
        self.closed = True

    def answer(self, letter: str = "") -> Any:
        """Answer the question that is asked now, in words, and be asked the next one.

        Parameters
        ----------
        letter : str, optional
            What stands in front of one of the answers. Without it, the question is asked.

        Returns
        -------
        Words or the result
            The next question; after the last one what came out.

        Raises
        ------
        UnknownName
            Where the letter stands in front of no answer.
        """
        if self.closed:
            return self.result()
        if not letter:
            return Words(self._asked())
        letters = self.steps[self.at].options
        given = str(letter).strip().upper()
        if given not in letters:
            one_of = ", ".join(letters)
            raise UnknownName(f"{letter!r} is not one of the answers.\nGive one of {one_of}.")
        trouble = self.choose(given)
        if not self.open:
            self.end()
            return self.result()
        return Words("\n".join(filter(None, [trouble, self._asked()])))

    def back(self) -> Words:
        """Go back to the question before, to answer it anew.

        Returns
        -------
        Words
            The question before; the first one again where there is none.
        """
        self.at = max(0, self.at - 1)
        return Words(self._asked())

    def place(self) -> str:
        """Say which question is asked now.

        Returns
        -------
        str
            Such as ``"Question 2 of 18"``.
        """
        return f"Question {self.at + 1} of {len(self.steps)}"

    def _asked(self) -> str:
        """Write the question that is asked now."""
        step = self.steps[self.at]
        options = [f"  {letter}  {text}" for letter, text in step.options.items()]
        example = next(iter(step.options))
        how = f'Answer with {self.call}.answer("{example}"), or another letter.'
        return "\n".join([f"{self.place()}. {step.ask}", *options, how])

    def __repr__(self) -> str:
        """Ask in words, or say what came out."""
        return repr(self.result()) if self.closed else self._asked()

    def _ipython_display_(self) -> None:
        from IPython import get_ipython
        from IPython.display import display

        shell = get_ipython()
        if self.closed:
            display(self.result())
        elif hasattr(shell, "kernel"):
            sheet = Sheet(self)
            Shown([sheet])._ipython_display_()
            # A picture has no place in the panel: it comes here, when all is answered.
            sheet.below = display(NOTHING_YET, raw=True, display_id=True)
        else:
            print(repr(self))


class Sheet:
    """The one part of a panel: the question that is asked now, and what came out at the end.

    Parameters
    ----------
    asked : OneByOne
        Whose questions are shown.
    """

    def __init__(self, asked: OneByOne) -> None:
        self.asked = asked
        self.says = ""
        self.below: Any = None

    def act(self, message: dict[str, Any]) -> None:
        """Keep the answer and go on, or go back to the question before.

        Parameters
        ----------
        message : dict
            What the page says: ``"letter"`` with an answer, or ``"back"``.
        """
        self.says = ""
        letter = message.get("letter")
        if message.get("back"):
            self.asked.back()
        elif letter:
            self._go_on(letter)
        else:
            self.says = CHOOSE_FIRST

    def _go_on(self, letter: str) -> None:
        last = self._at_the_last()
        self.says = self.asked.choose(letter)
        if last:
            self.asked.end()
            self._show_picture()

    def _show_picture(self) -> None:
        *pictures, _words = self.asked.result().bundles()
        for picture in pictures:
            if self.below:
                self.below.update(picture, raw=True)

    def _at_the_last(self) -> bool:
        return self.asked.at == len(self.asked.steps) - 1

    def state(self) -> dict[str, Any]:
        """Give what the page needs to show it.

        Returns
        -------
        dict
            Plain values, which go to the page as JSON.
        """
        if self.asked.closed:
            return {"kind": "open", "name": "What came out", "says": self.html(), "more": ""}
        step = self.asked.steps[self.asked.at]
        return {
            "kind": "step",
            "intro": self.asked.intro,
            "place": self.asked.place(),
            "ask": step.ask,
            "options": list(step.options.items()),
            "chosen": self.asked.said.get(step.id),
            "go": "Finish" if self._at_the_last() else "Next",
            "says": escape(self.says),
        }

    def text(self) -> str:
        """Write it for a terminal; no question is given away to who reads the file.

        Returns
        -------
        str
            The introduction and how to be asked in words; at the end what came out.
        """
        if self.asked.closed:
            return repr(self.asked.result())
        how = f"Where you see no buttons, {self.asked.call}.answer() asks in words."
        return f"{self.asked.intro}\n{how}"

    def html(self) -> str:
        """Write it for a page without a kernel.

        Returns
        -------
        str
            The same in HTML.
        """
        if self.asked.closed:
            *_pictures, words = self.asked.result().bundles()
            return str(words["text/html"])
        return "".join(f"<p>{escape(line)}</p>" for line in self.text().splitlines())
