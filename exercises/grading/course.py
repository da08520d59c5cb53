"""A course folder, opened with its own configuration and with nothing that lies in the working folder."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbgrader import utils
from nbgrader.api import MissingEntry
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from grading import banks

warnings.filterwarnings("ignore", module="sqlalchemy|nbformat|nbgrader")

# What would let Python, Jupyter or a template be found in a folder of somebody else's.
FOREIGN = ("PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "JUPYTER_PATH", "JUPYTER_CONFIG_PATH")


def open_course(root: Path) -> NbGraderAPI:
    """Open a course folder with its own configuration, and no other."""
    config = Config()
    file = root / "nbgrader_config.py"
    space = {"__file__": str(file), "__name__": "nbgrader_config", "get_config": lambda: config}
    exec(compile(file.read_text("utf-8"), str(file), "exec"), space)
    for name in FOREIGN:
        os.environ.pop(name, None)
    # nbgrader calls its helpers by name, also where the environment is not activated.
    given = os.environ.get("PATH", "").split(os.pathsep)
    path = [part for part in given if os.path.isabs(part)]
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), *path])
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    return NbGraderAPI(config=config)


def root_of(api: NbGraderAPI) -> Path:
    """Give the course folder."""
    return Path(api.coursedir.root)


def assignments(root: Path, exam: bool = False) -> list[str]:
    """List the assignments of a course, or its exams."""
    top = root / "exam" / "source" if exam else root / "source"
    return sorted(place.name for place in top.iterdir() if place.is_dir()) if top.is_dir() else []


def at(api: NbGraderAPI, assignment: str) -> None:
    """Let nbgrader look for an assignment's source, and put its release, where they belong."""
    top = "exam/" if banks.is_exam(assignment) else ""
    api.coursedir.source_directory = f"{top}source"
    api.coursedir.release_directory = f"{top}release"


def worked(done: dict[str, Any]) -> str:
    """Give "" or the last words of what nbgrader says went wrong."""
    if done["success"]:
        return ""
    lines = (done.get("error") or done.get("log") or "").strip().splitlines()
    return lines[-1][:300] if lines else "nbgrader gives no reason"


def release(api: NbGraderAPI, assignment: str) -> str:
    """Make what students get; where it cannot be made, what was there before stays."""
    at(api, assignment)
    top = root_of(api) / api.coursedir.release_directory
    made, before = top / assignment, top / f".{assignment}.before"
    if before.exists() and not made.exists():
        before.rename(made)  # it was stopped in the middle
    if made.exists():
        shutil.rmtree(before, ignore_errors=True)
        shutil.copytree(made, before)
    _drop_empty_submissions(api, assignment)
    trouble = worked(api.generate_assignment(assignment))
    if trouble and before.exists():
        shutil.copytree(before, made, dirs_exist_ok=True)
    shutil.rmtree(before, ignore_errors=True)
    return trouble


def _drop_empty_submissions(api: NbGraderAPI, assignment: str) -> None:
    """Drop what holds nothing, as of a grading in a gradebook without notebooks: nbgrader would refuse to add them."""
    with api.gradebook as book:
        for submission in book.assignment_submissions(assignment):
            if not submission.notebooks:
                book.remove_submission(assignment, submission.student.id)


def released(api: NbGraderAPI, assignment: str) -> bool:
    """Tell whether the gradebook knows all of an assignment: it learns its notebooks' cells one by one."""
    top = root_of(api) / ("exam/source" if banks.is_exam(assignment) else "source")
    with api.gradebook as book:
        return assignment in {each.name for each in book.assignments} and all(
            _is_whole(book, assignment, file) for file in (top / assignment).glob("*.ipynb")
        )


def _is_whole(book: Any, assignment: str, file: Path) -> bool:
    try:
        known = book.find_notebook(file.stem, assignment)
    except MissingEntry:
        return False
    if known.submissions:  # they were graded with all of it, and the source may have changed since
        return True
    kinds = (utils.is_grade, utils.is_solution, utils.is_locked, utils.is_task)
    wanted = {
        cell.metadata.nbgrader["grade_id"]
        for cell in nbformat.read(file, 4).cells
        if any(kind(cell) for kind in kinds)
    }
    return wanted <= {cell.name for cell in known.source_cells}  # which are the last to be saved


@dataclass(frozen=True)
class Points:
    """What a student has for an assignment, as the gradebook says."""

    auto: float
    score: float
    most: float
    penalty: float
    waits: bool  # for a person to look

    def __str__(self) -> str:
        person = ", a person must look" if self.waits else ""
        late = f", {self.penalty:g} off for being late" if self.penalty else ""
        return f"{self.score - self.penalty:g} of {self.most:g}{late}{person}"


def points(api: NbGraderAPI, student: str, assignment: str) -> Points | None:
    """Give a student's points, or None where the gradebook has no submission of theirs."""
    with api.gradebook as book:
        try:
            found = book.find_submission(assignment, student)
        except MissingEntry:
            return None
        auto = sum(
            grade.auto_score or 0.0 for notebook in found.notebooks for grade in notebook.grades
        )
        penalty = found.late_submission_penalty or 0.0
        return Points(auto, found.score, found.max_score, penalty, found.needs_manual_grade)
