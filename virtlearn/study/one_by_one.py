"""Questions one at a time, without a word on what is right until the end: with buttons in a notebook, in words elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets as w

from virtlearn.errors import UnknownName

__all__ = ["OneByOne", "Step", "Words"]

# Without a kernel JupyterLab writes an error where the buttons stood. The words above say all that is to say then.
HIDE_DEAD_BUTTONS = """<style>
.jp-OutputArea-child:has(.virtlearn-one-by-one) + .jp-OutputArea-child > .jupyter-widgets:not(:has(*)) { display: none; }
</style>"""
QUESTION_LOOK = "max-width:50em;line-height:1.4;font-weight:bold"


@dataclass(frozen=True)
class Step:
    """One question: where its answer is kept, what is asked, and what can be answered, by letter."""

    id: str
    ask: str
    options: Mapping[str, str]


class Words:
    """A few lines: text in a terminal, paragraphs in a notebook."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        """Give the text."""
        return self.text

    def _repr_html_(self) -> str:
        lines = "".join(f"<div>{escape(line)}</div>" for line in self.text.splitlines())
        return f"<div role='status' style='margin:0 5px'>{lines}</div>"


class OneByOne:
    """Questions asked one at a time. What is answered is kept at once, so that one may stop and go on another day.

    A subclass says where answers go (`keep`), that it is over (`close`), and what is shown then (`result`).

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
        """Write an answer down; give "" or why it cannot be."""
        raise NotImplementedError

    def close(self) -> None:
        """Write down that it is over."""
        raise NotImplementedError

    def result(self) -> Any:
        """Give what is shown at the end."""
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
        """Keep an answer to the question that is asked now, and go on to the next; give "" or what went wrong."""
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
        """Go back to the question before, to answer it anew."""
        self.at = max(0, self.at - 1)
        return Words(self._asked())

    def _place(self) -> str:
        return f"Question {self.at + 1} of {len(self.steps)}"

    def _asked(self) -> str:
        """Write the question that is asked now."""
        step = self.steps[self.at]
        options = [f"  {letter}  {text}" for letter, text in step.options.items()]
        example = next(iter(step.options))
        how = f'Answer with {self.call}.answer("{example}"), or another letter.'
        return "\n".join([f"{self._place()}. {step.ask}", *options, how])

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
            how = f"Where you see no buttons, {self.call}.answer() asks in words."
            text = f"{self.intro}\n{how}"
            still = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())
            html = f"<div class='virtlearn-one-by-one' style='margin:0 5px'>{still}</div>"
            display({"text/plain": text, "text/html": html + HIDE_DEAD_BUTTONS}, raw=True)
            display(Buttons(self))
        else:
            print(repr(self))


class Buttons(w.VBox):
    """The same with buttons. None is ever switched off, so that the focus of a keyboard stays on it."""

    def __init__(self, asked: OneByOne) -> None:
        self.asked = asked
        self.question = w.HTML()
        self.radio = w.RadioButtons(options=["-"], layout=w.Layout(width="auto"))
        self.next = w.Button(
            description="Next", button_style="primary", tooltip="Keep this answer and go on"
        )
        self.before = w.Button(
            description="Back", tooltip="Go back to the question before, to change the answer"
        )
        self.says = w.HTML()
        self.outcome = w.Output()
        self.next.on_click(lambda _: self._go_on())
        self.before.on_click(lambda _: self._go_back())
        row = w.HBox([self.next, self.before])
        super().__init__([self.question, self.radio, row, self.says, self.outcome])
        self._ask()

    def __repr__(self) -> str:
        """Be the same in every run."""
        return f"{len(self.asked.steps)} questions, one at a time"

    def _ask(self) -> None:
        """Show the question that is asked now, with the answer it has, if it has one."""
        step = self.asked.steps[self.asked.at]
        options = [(f"{letter}  {text}", letter) for letter, text in step.options.items()]
        self.radio.options = options
        self.radio.value = self.asked.said.get(step.id)
        self.radio.tooltip = step.ask
        last = self.asked.at == len(self.asked.steps) - 1
        self.next.description = "Finish" if last else "Next"
        # Last of all, as it is what a page reader speaks: by then its answers are there.
        place = f"<div>{escape(self.asked._place())}</div>"
        text = f"<div style='{QUESTION_LOOK}'>{escape(step.ask)}</div>"
        self.question.value = f"<div role='status'>{place}{text}</div>"

    def _go_on(self) -> None:
        if self.radio.value is None:
            self.says.value = (
                "<div role='status'>Choose an answer first; the last one is 'I do not know'.</div>"
            )
            return
        last = self.asked.at == len(self.asked.steps) - 1
        trouble = self.asked.choose(self.radio.value)
        self.says.value = f"<div role='status'>{escape(trouble)}</div>" if trouble else ""
        if last:
            self._finish()
        else:
            self._ask()

    def _go_back(self) -> None:
        self.asked.at = max(0, self.asked.at - 1)
        self.says.value = ""
        self._ask()

    def _finish(self) -> None:
        """Close, and show the result in the place of the questions."""
        self.asked.end()
        shown = self.asked.result()
        self.outcome.outputs = tuple(
            {"output_type": "display_data", "data": data, "metadata": {}}
            for data in shown.bundles()
        )
        self.children = [self.outcome]
