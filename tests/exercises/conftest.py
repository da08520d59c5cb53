"""A course folder for the tests: the real sources and configuration, and nobody's gradebook."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
sys.path.insert(0, str(EXERCISES))

ASSIGNMENTS = sorted(path.name for path in (EXERCISES / "source").iterdir() if path.is_dir())
CHECK = re.compile(r'mine\.check\("(\w+)", (\w+)\)')


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask a test about every assignment there is."""
    if "assignment" in metafunc.fixturenames:
        metafunc.parametrize("assignment", ASSIGNMENTS)


@pytest.fixture(scope="session")
def exercises() -> Path:
    """Say where the exercises are."""
    return EXERCISES


@pytest.fixture(scope="session")
def assignments() -> list[str]:
    """List the assignments, as they were when the tests were gathered."""
    return ASSIGNMENTS


@pytest.fixture(scope="session")
def read() -> Callable[[Path], dict[str, Any]]:
    """Give a notebook's cells by their nbgrader ids."""

    def by_id(path: Path) -> dict[str, Any]:
        cells = nbformat.read(path, 4).cells
        return {
            cell.metadata.nbgrader["grade_id"]: cell
            for cell in cells
            if "nbgrader" in cell.metadata
        }

    return by_id


@pytest.fixture(scope="session")
def asked(read: Any) -> Callable[[str], dict[str, SimpleNamespace]]:
    """Give what an assignment checks, by question: the cell's id, its points, and the answer's name."""

    def of(assignment: str) -> dict[str, SimpleNamespace]:
        found = {}
        for id, cell in read(EXERCISES / "source" / assignment / f"{assignment}.ipynb").items():
            if (
                cell.cell_type == "code"
                and cell.metadata.nbgrader["grade"]
                and not cell.metadata.nbgrader["solution"]
            ):
                number, name = CHECK.search(cell.source).groups()
                found[number] = SimpleNamespace(
                    cell=id, points=cell.metadata.nbgrader["points"], name=name
                )
        return found

    return of


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Generator[SimpleNamespace, None, None]:
    """Copy the course, open its gradebook, and make a folder where submissions arrive."""
    from grading import course as folder
    from grading import sandbox

    try:
        sandbox.check()
    except sandbox.NoSandbox as refused:
        pytest.skip(f"submissions can be run only in a sandbox, and there is none here: {refused}")
    root, inbox, patch = (
        tmp_path_factory.mktemp("course"),
        tmp_path_factory.mktemp("inbox"),
        pytest.MonkeyPatch(),
    )
    shutil.copytree(EXERCISES / "source", root / "source")
    shutil.copy(EXERCISES / "nbgrader_config.py", root)
    patch.chdir(root)
    yield SimpleNamespace(root=root, inbox=inbox, api=folder.open_course(root), said=[])
    patch.undo()


@pytest.fixture(scope="module")
def outcome(
    course: SimpleNamespace, read: Any
) -> Callable[[str, str], dict[str, tuple[float, str]]]:
    """Give a student's points and what was said under each checked cell."""

    def of(student: str, assignment: str) -> dict[str, tuple[float, str]]:
        cells = read(course.root / "autograded" / student / assignment / f"{assignment}.ipynb")
        with course.api.gradebook as book:
            grades = book.find_submission(assignment, student).notebooks[0].grades
            points = {
                grade.name: grade.auto_score for grade in grades if grade.cell.cell_type == "code"
            }
        said = {
            id: " ".join(each.get("evalue", "") for each in cells[id].outputs).strip()
            for id in points
        }
        return {id: (points[id], said[id]) for id in points}

    return of
