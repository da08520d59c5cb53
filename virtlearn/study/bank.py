"""Where the questions are: in Python files beside the lessons.

Those of a lesson stand in ``questions/qNN.py``, those of an exercise in ``questions/xNN.py``.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType

from virtlearn.errors import UnknownName, nearest, shown
from virtlearn.study.questions import Question

__all__ = ["banks_from", "exercise_bank", "lessons_with_questions", "question", "questions"]

MOST_LETTERS = 40  # of the name of a bank
# Where a grader lets questions come from; None: wherever a learner's notebook is.
_ONLY: ContextVar[Path | None] = ContextVar("only", default=None)


@contextmanager
def banks_from(folder: Path) -> Iterator[None]:
    """Let questions come from one folder and from nowhere else, whatever the working folder holds.

    Parameters
    ----------
    folder : Path
        Where the banks are.

    Yields
    ------
    None
        While the block runs, only this folder counts.
    """
    before = _ONLY.set(Path(folder))
    try:
        yield
    finally:
        _ONLY.reset(before)


def _folders() -> list[Path]:
    """Beside the notebook or above it first, then the checkout, then what was installed."""
    if (only := _ONLY.get()) is not None:
        return [only]
    here = Path.cwd()
    package = Path(__file__).resolve().parents[1]
    # An exercise lies in a folder of its own.
    above = [place / "lessons" for place in (here, *here.parents)[:4]]
    places = [here, *above, package.parent / "lessons", package / "_material" / "lessons"]
    return [place / "questions" for place in places if (place / "questions").is_dir()]


def lessons_with_questions() -> tuple[str, ...]:
    """List the numbers of the lessons that ask something.

    Returns
    -------
    tuple of str
        Numbers such as ``"02"``, in order.

    Examples
    --------
    >>> "02" in lessons_with_questions()
    True
    """
    folders = _folders()
    if not folders:
        return ()
    nearest_folder = folders[0]
    return tuple(sorted(file.stem[1:] for file in nearest_folder.glob("q[0-9][0-9].py")))


@functools.cache
def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"virtlearn_questions_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _bank(name: str, refused: str) -> ModuleType:
    # A bank has a short name; a long one would be refused by the file system, and not in our words.
    there = _folders() if name.isidentifier() and len(name) < MOST_LETTERS else []
    for folder in there:
        if (path := folder / f"{name}.py").is_file():
            return _load(path)
    raise UnknownName(refused)


def questions(lesson: str) -> dict[str, Question]:
    """Give all questions of a lesson.

    Parameters
    ----------
    lesson : str
        Its number, such as ``"02"``.

    Returns
    -------
    dict of str to Question
        The questions by their id, such as ``"02.1"``, in order.

    Raises
    ------
    UnknownName
        Where the lesson asks no questions.
    """
    near = nearest(lesson, lessons_with_questions() or ("none here",))
    name = f"q{lesson}" if isinstance(lesson, str) else ""
    bank = _bank(name, f"Lesson {shown(lesson)} asks no questions. {near}")
    return {asked.id: asked for asked in bank.QUESTIONS}


def exercise_bank(lesson: str) -> ModuleType:
    """Give the bank of an exercise.

    Parameters
    ----------
    lesson : str
        Its number, such as ``"02"``.

    Returns
    -------
    module
        With what the exercise draws from (``DRAW``), its ``POINTS``, and ``questions(mine)``.

    Raises
    ------
    UnknownName
        Where the lesson has no exercise.
    """
    try_this = 'Look into the folder exercises, or try "02".'
    return _bank(f"x{lesson}", f"Lesson {shown(lesson)} has no exercise here.\n{try_this}")


def question(id: str) -> Question:
    """Give one question by its id.

    Parameters
    ----------
    id : str
        The lesson and the number in it, such as ``"02.1"``.

    Returns
    -------
    Question
        What is asked, with its hints and its solution.

    Raises
    ------
    UnknownName
        Where there is no such question.

    Examples
    --------
    >>> question("02.1").id
    '02.1'
    """
    if not isinstance(id, str):
        raise UnknownName(f'A question has a name such as "02.1", but this is {shown(id)}.')
    bank = questions(id.split(".")[0])
    if id not in bank:
        older = "Is this notebook an older one? virtlearn lab --update brings today's."
        raise UnknownName(f"There is no question {shown(id)}. {nearest(id, bank)}\n{older}")
    return bank[id]
