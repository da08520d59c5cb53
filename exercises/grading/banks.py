"""Where the questions come from: one folder for each kind of assignment, known before any submission is touched.

The folder is beside this code, or in the installed package; the working folder, `sys.path` and what was handed in are
never looked at. An exam's questions are in a folder of the instructor's own, `exam/questions` of the course.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import virtlearn
from virtlearn.study.bank import banks_from, exercise_bank
from virtlearn.study.exercise import Exercise
from virtlearn.study.questions import RIGHT

COURSE = Path(__file__).resolve().parents[1]
PACKAGE = Path(virtlearn.__file__).resolve().parent
EXAM = "-exam"


class BadBank(Exception):
    """A bank of questions that is not there, or that does not accept its own answers."""


def is_exam(assignment: str) -> bool:
    """Tell an exam by its name."""
    return assignment.endswith(EXAM)


def _shipped() -> Path:
    for place in (COURSE.parent / "lessons", PACKAGE / "_material" / "lessons"):
        if (place / "questions").is_dir():
            return place / "questions"
    raise BadBank(f"There are no questions beside {COURSE}, nor in {PACKAGE}.")


def folder(course: Path, assignment: str) -> Path:
    """Name the folder that holds an assignment's questions."""
    return course / "exam" / "questions" if is_exam(assignment) else _shipped()


def source(course: Path, assignment: str) -> Path:
    """Name the notebook as its author wrote it."""
    top = course / "exam" / "source" if is_exam(assignment) else course / "source"
    return top / assignment / f"{assignment}.ipynb"


@contextmanager
def of(course: Path, assignment: str) -> Iterator[ModuleType]:
    """Let the library find this assignment's questions, and no others; gives the bank."""
    place = folder(course, assignment)
    if not (place / f"x{assignment[:2]}.py").is_file():
        raise BadBank(f"The questions of {assignment} are missing: x{assignment[:2]}.py in {place}")
    with banks_from(place):
        yield exercise_bank(assignment[:2])


def check(course: Path, assignment: str, student: str) -> None:
    """Have the bank accept its own answers for one student, so that its errors are charged to nobody."""
    asked = ""
    try:
        with of(course, assignment):
            mine = Exercise(assignment[:2], student)
            for number, question in mine.questions.items():
                asked = f"question {number} of "
                outcome = question.judge(question.right())
                if outcome.status != RIGHT:
                    raise BadBank(f"it refuses its own answer with: {outcome.message}")
    except Exception as slip:  # whatever an author's code raises
        raise BadBank(
            f"the bank of {asked}{assignment} is broken ({type(slip).__name__}: {slip}); "
            "nobody's points were changed"
        ) from None


@functools.cache
def library() -> str:
    """Give a mark of the library and of the grader as they are: what they say may change with them."""
    files = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.toml"), *PACKAGE.rglob("*.csv")]
    files += Path(__file__).parent.glob("*.py")
    digest = hashlib.sha256()
    for file in sorted(files):
        if "_material" not in file.parts:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def mark(course: Path, assignment: str) -> str:
    """Give a mark of an assignment's questions, their points and the notebook of its author."""
    texts = [folder(course, assignment) / f"x{assignment[:2]}.py", source(course, assignment)]
    digest = hashlib.sha256(library().encode())
    for file in texts:
        digest.update(file.read_bytes())
    return digest.hexdigest()
