"""Asking: widgets and notes, the only part of a question that a learner sees."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import ipywidgets as w

from virtlearn.study import record
from virtlearn.study.bank import lessons_with_questions, question, questions
from virtlearn.study.questions import OPEN, Choice, Question

__all__ = ["Note", "check", "hint", "predict", "progress", "quiz", "solution"]

# A sign and a word beside the colour, so that no meaning rests on colour.
SIGNS = {
    "right": ("✔ Right", "#009E73"),
    "wrong": ("✘ Not yet", "#D55E00"),
    OPEN: ("… Not attempted", "#767676"),
    "hint": ("Hint", "#0072B2"),
    "solution": ("Solution", "#0072B2"),
    "shown": ("Answer", "#0072B2"),
    "committed": ("You said", "#767676"),
}


class Note:
    """A short answer: text in a terminal, a bordered line in a notebook."""

    def __init__(self, status: str, text: str, trouble: str = "") -> None:
        self.status, self.text = status, f"{text} {trouble}".strip()

    def __repr__(self) -> str:
        """Tell it."""
        return f"{SIGNS[self.status][0]}: {self.text}"

    def _repr_html_(self) -> str:
        sign, colour = SIGNS[self.status]
        style = f"border-left:4px solid {colour};padding:0.2em 0.8em;margin:0.3em 0"
        return f"<div style='{style}' role='status'><b>{sign}.</b> {escape(self.text)}</div>"


class _Shown(w.VBox):
    """Widgets with a short, stable text, and plain HTML for readers without a kernel."""

    def __init__(self, children: Sequence[Any], text: str, html: str) -> None:
        super().__init__(list(children))
        self._text, self._html = text, html

    def __repr__(self) -> str:
        return self._text

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(**kwargs)
        return {**bundle, "text/plain": self._text, "text/html": self._html}


def _plain(q: Choice) -> tuple[str, str]:
    """A question as text and as HTML, the answer folded away."""
    text = "\n".join(
        [
            f"{q.id}: {q.ask}",
            *(f"  {letter}  {option}" for letter, (option, _) in q.options.items()),
        ]
    )
    options = "".join(f"<li>{escape(option)}</li>" for option, _ in q.options.values())
    answer = f"<details><summary>The answer</summary>{escape(q.explain())}</details>"
    return text, f"<p><b>{escape(q.ask)}</b></p><ol type='A'>{options}</ol>{answer}"


def _buttons(q: Choice, commit: str, skip: str) -> w.VBox:
    """Radio buttons, one button to commit, one to see the answer without guessing."""
    options = [(f"{letter}  {option}", letter) for letter, (option, _) in q.options.items()]
    radio = w.RadioButtons(
        options=options, value=None, layout=w.Layout(width="auto"), tooltip=q.ask
    )
    go = w.Button(
        description=commit,
        disabled=True,
        button_style="primary",
        tooltip="Commit to the answer chosen above",
    )
    show = w.Button(
        description=skip, tooltip="See the answer without choosing one; nothing is graded"
    )
    says = w.HTML()
    radio.observe(lambda change: setattr(go, "disabled", change.new is None), "value")

    def finish(notes: list[Note]) -> None:
        says.value = "".join(note._repr_html_() for note in notes)
        radio.disabled = go.disabled = show.disabled = True

    def committed(_: Any) -> None:
        outcome = q.judge(radio.value)
        trouble = record.note(q.id, status=outcome.status, answer=radio.value)
        notes = [Note(outcome.status, outcome.message, trouble)]
        finish(
            notes
            if outcome.status == "right" and not q.reveal
            else [*notes, Note("shown", q.explain())]
        )

    def shown(_: Any) -> None:
        finish([Note("shown", q.explain(), record.note(q.id, status="shown"))])

    go.on_click(committed)
    show.on_click(shown)
    ask = w.HTML(f"<b>{escape(q.ask)}</b>")
    return w.VBox([ask, radio, w.HBox([go, show]), says])


def predict(id: str) -> Any:
    """Ask for a prediction: choose, commit, and then the answer opens. Nothing is graded.

    Parameters
    ----------
    id : str
        The question, such as ``"02.1"``.

    Examples
    --------
    >>> print(str(predict("02.1")).splitlines()[-1])
      D  7 MB
    """
    q = question(id)
    assert isinstance(q, Choice)
    text, html = _plain(q)
    return _Shown([_buttons(q, "I commit", "Just show me")], text, html)


def check(id: str, answer: Any = None) -> Note:
    """Check an answer: right, wrong with the misconception named, or not attempted.

    Parameters
    ----------
    id : str
        The question, such as ``"02.a"``.
    answer : number, text, sequence or function
        Whatever the question asks for; ``...`` means not yet.

    Examples
    --------
    >>> check("02.a").status
    'not attempted'
    """
    return note_on(question(id), answer, f'Then run this cell again; vl.study.hint("{id}") helps.')


def note_on(q: Question, answer: Any, then: str = "") -> Note:
    """Judge an answer and write down what came of it; nothing is written for a question left alone."""
    outcome = q.judge(answer)
    if outcome.status == OPEN:
        return Note(OPEN, outcome.message, then)
    return Note(outcome.status, outcome.message, record.note(q.id, status=outcome.status))


def hint(id: str) -> Note:
    """Give one more hint each time, from a nudge to nearly the answer."""
    return hint_on(question(id))


def hint_on(q: Question) -> Note:
    """Give the next hint of a question, and count it."""
    if not q.hints:
        return Note("hint", "There is no hint for this one; look at the chart above it.")
    taken = int(record.load()[0].get(q.id, {}).get("hints", 0))
    n = min(taken, len(q.hints) - 1)
    more = f" ({n + 1} of {len(q.hints)})"
    return Note("hint", q.hints[n] + more, record.note(q.id, hints=n + 1))


def solution(id: str) -> Note:
    """Give the solution; it is written down as shown."""
    return Note("solution", question(id).explain(), record.note(id, status="shown"))


def quiz(lesson: str) -> Any:
    """Ask the questions at the end of a lesson, each with feedback on every option.

    Parameters
    ----------
    lesson : str
        Its number, such as ``"02"``.
    """
    asked = [q for id, q in questions(lesson).items() if ".q" in id and isinstance(q, Choice)]
    texts, htmls = zip(*(_plain(q) for q in asked), strict=True)
    return _Shown(
        [_buttons(q, "Answer", "Just show me") for q in asked], "\n".join(texts), "".join(htmls)
    )


class Progress:
    """How far a learner is: one row a lesson."""

    def __init__(self, lessons: Sequence[str]) -> None:
        answers, self.trouble = record.load()
        self.rows = [("lesson", "right", "looked up", "open", "hints used")]
        for lesson in lessons:
            ids = list(questions(lesson))
            status = [answers.get(id, {}).get("status", "open") for id in ids]
            right, shown = status.count("right"), status.count("shown")
            hints = sum(int(answers.get(id, {}).get("hints", 0)) for id in ids)
            self.rows.append(
                (
                    lesson,
                    f"{right} of {len(ids)}",
                    str(shown),
                    str(len(ids) - right - shown),
                    str(hints),
                )
            )

    def __repr__(self) -> str:
        """Tell it."""
        lines = ["  ".join(cell.ljust(11) for cell in row).rstrip() for row in self.rows]
        return "\n".join([*lines, *([self.trouble] if self.trouble else [])])

    def _repr_html_(self) -> str:
        head, *body = self.rows
        top = "".join(f"<th scope='col'>{cell}</th>" for cell in head)
        rows = "".join(
            "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in body
        )
        name = escape(record.where().name)
        note = f"<p>{escape(self.trouble)} Your answers are in <code>{name}</code>: it is yours, and you may delete it.</p>"
        return f"<table><thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>{note}"


def progress(lesson: str | None = None) -> Progress:
    """Show how far you are, in one lesson or in the whole course: right, looked up, open, hints used."""
    return Progress(
        lessons_with_questions() if lesson is None else [lesson] if questions(lesson) else []
    )
