"""What a lesson calls: predict, check, hint, solution, quiz, progress."""

from __future__ import annotations

from typing import Any

from virtlearn.arguments import whole
from virtlearn.errors import UnknownName
from virtlearn.study import record
from virtlearn.study._answers import short
from virtlearn.study._panel import Shown
from virtlearn.study.asked import AskedChoice, commit
from virtlearn.study.bank import lessons_with_questions, question, questions
from virtlearn.study.notes import Note
from virtlearn.study.opened import OpenedHints, OpenedSolution
from virtlearn.study.progress import Progress
from virtlearn.study.questions import OPEN, WRONG, Choice, Question

__all__ = ["check", "hint", "hints_of", "note_on", "predict", "progress", "quiz", "solution"]

MOST_LETTERS = 200  # of an answer, in the progress file


def predict(id: str) -> Shown:
    """Ask for a prediction: choose, commit, and then the answer opens. Nothing is graded.

    The first commitment is kept, and shown when the cell runs again.

    Parameters
    ----------
    id : str
        The question, such as ``"02.1"``.

    Returns
    -------
    Shown
        The question: options and buttons in a notebook, text elsewhere.

    Raises
    ------
    UnknownName
        Where there is no such question, or one without options.

    Examples
    --------
    >>> print(str(predict("02.1")).splitlines()[-1])
      D  7 MB
    """
    return Shown([AskedChoice(_choice(id), "I commit", opens=True)])


def _choice(id: str) -> Choice:
    q = question(id)
    if not isinstance(q, Choice):
        raise UnknownName(f'{id} has no options to choose from.\nTry: vl.study.check("{id}", ...)')
    return q


def check(id: str, answer: Any = None) -> Note:
    """Check an answer: right, wrong with the misconception named, or not attempted.

    A function that is handed in has five seconds for each input.

    Parameters
    ----------
    id : str
        The question, such as ``"02.a"``.
    answer : number, text, sequence or function
        Whatever the question asks for; ``...`` means not yet.

    Returns
    -------
    Note
        What came of it: ``status`` and ``text``.

    Raises
    ------
    UnknownName
        Where there is no such question; never for an answer.

    Examples
    --------
    >>> check("02.a").status
    'not attempted'
    """
    return note_on(question(id), answer, f'Then run this cell again; vl.study.hint("{id}") helps.')


def note_on(q: Question, answer: Any, then: str = "") -> Note:
    """Judge an answer and write down what came of it; a question left alone leaves no trace.

    Parameters
    ----------
    q : Question
        The question.
    answer : object
        Whatever was handed in; nothing that is handed in makes this raise.
    then : str
        What to do next, said where nothing was attempted.

    Returns
    -------
    Note
        What came of it: ``status`` and ``text``.

    Examples
    --------
    >>> note_on(question("02.a"), ..., "Then run this cell again.").status
    'not attempted'
    """
    outcome = q.judge(answer)
    if outcome.status == OPEN:
        return Note(OPEN, outcome.message, then)
    if isinstance(q, Choice):
        letter = q.letter(answer)
        trouble = commit(q, letter) if letter else ""
        status = "missed" if letter and outcome.status == WRONG else outcome.status
        return Note(status, outcome.message, trouble)
    trouble = record.note(q.id, tried=_in_short(answer), status=outcome.status)
    return Note(outcome.status, outcome.message, trouble)


def _in_short(answer: Any) -> str:
    """Write an answer for the progress file: of a function only its name."""
    if callable(answer):
        return f"the function {getattr(answer, '__name__', 'handed in')}"
    return short(answer)[:MOST_LETTERS]


def hint(id: str, count: int = 0) -> Shown | Note:
    """Show the hints taken so far, and a button that takes one more.

    They lead from a nudge to nearly the answer. Running the cell again takes none.

    Parameters
    ----------
    id : str
        The question, such as ``"02.a"``.
    count : int
        Take the first so many at once, where there is no button to click.

    Returns
    -------
    Shown or Note
        The hints: a panel in a notebook, text elsewhere.

    Raises
    ------
    UnknownName
        Where there is no such question.
    ImpossibleCount
        Where ``count`` is no whole number from 0 on.

    Examples
    --------
    >>> hint("02.a")
    Show a hint (1 of 3): vl.study.hint("02.a", 1)
    """
    return hints_of(question(id), f'vl.study.hint("{id}", {{}})', count)


def hints_of(q: Question, call: str, count: int = 0) -> Shown | Note:
    """Show the hints of a question, and how to ask for one more.

    Parameters
    ----------
    q : Question
        Whose hints.
    call : str
        How to ask for so many where there is no button, with ``{}`` for the number.
    count : int
        Take the first so many at once.

    Returns
    -------
    Shown or Note
        The hints: a panel in a notebook, text elsewhere; a note where the question has none.

    Raises
    ------
    ImpossibleCount
        Where ``count`` is no whole number from 0 on.

    Examples
    --------
    >>> hints_of(question("02.a"), "mine.hint({})")
    Show a hint (1 of 3): mine.hint(1)
    """
    if not q.hints:
        return Note("hint", "There is no hint for this one; look at the chart above it.")
    opened = OpenedHints(q, call)
    wanted = whole("hint", "count", count, least=0)
    if wanted:
        opened.take(wanted)
    return Shown([opened])


def solution(id: str, *, show: bool = False) -> Shown:
    """Give the solution behind a button; once it was opened it is written down as looked up.

    Parameters
    ----------
    id : str
        The question, such as ``"02.a"``.
    show : bool
        Open it at once, where there is no button to click.

    Returns
    -------
    Shown
        The solution, folded until it was asked for.

    Raises
    ------
    UnknownName
        Where there is no such question.

    Examples
    --------
    >>> solution("02.a")
    Show the solution: vl.study.solution("02.a", show=True)
    """
    opened = OpenedSolution(question(id), f'vl.study.solution("{id}", show=True)')
    if show is True:
        opened.act({})
    return Shown([opened])


def quiz(lesson: str) -> Shown:
    """Ask the questions at the end of a lesson, each with feedback on every option.

    Parameters
    ----------
    lesson : str
        Its number, such as ``"02"``.

    Returns
    -------
    Shown
        The questions below each other.

    Raises
    ------
    UnknownName
        Where a lesson asks nothing.

    Examples
    --------
    >>> len(quiz("02").parts)
    4
    """
    asked = [q for id, q in questions(lesson).items() if ".q" in id and isinstance(q, Choice)]
    return Shown([AskedChoice(q, "Answer") for q in asked])


def progress(lesson: str | None = None) -> Progress:
    """Show how far you are: tried, right, looked up, open, hints used.

    Parameters
    ----------
    lesson : str, optional
        Its number, such as ``"02"``; without one, the whole course.

    Returns
    -------
    Progress
        One row a lesson.

    Raises
    ------
    UnknownName
        Where a lesson asks nothing.

    Examples
    --------
    >>> print(str(progress("02")).splitlines()[0])
    lesson  tried    right  looked up  open  hints used
    """
    if lesson is None:
        return Progress(lessons_with_questions())
    questions(lesson)  # refuses a lesson that asks nothing
    return Progress([lesson])
