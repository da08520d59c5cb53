"""Exercise 02 through nbgrader, from the source to the exported points, in a copy of the course."""

from __future__ import annotations

import csv
import os
import re
import shutil
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbgrader.apps import NbGraderAPI
from nbgrader.plugins import CsvExportPlugin
from traitlets.config import Config

import virtlearn as vl

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's own, of sqlalchemy and nbformat

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
NAME = "02-operating-system-cost"
FILE = f"{NAME}.ipynb"
POINTS = {"test-1a": 1, "test-1b": 1, "test-2": 2, "test-3a": 1, "test-3b": 2, "test-4": 3, "test-5a": 1, "test-5b": 3}


def read(path: Path) -> dict[str, Any]:
    """Give a notebook's cells by their nbgrader ids."""
    return {cell.id: cell for cell in nbformat.read(path, 4).cells}


SOURCE = read(EXERCISES / "source" / NAME / FILE)
KEY = {name: cell.source for name, cell in SOURCE.items() if name.startswith("answer-")}


def typed_in_for(student: str) -> dict[str, str]:
    """Give answers 1 and 2 as the bare numbers that are right for one student."""
    setup: dict[str, Any] = {"STUDENT": student}
    for name in ("setup", "answer-1", "answer-2"):
        exec(SOURCE[name].source, setup)
    pair = {"answer-1": ("container_mib", "vm_mib"), "answer-2": ("most_containers", "most_vms")}
    return {name: "\n".join(f"{each} = {setup[each]}" for each in names) for name, names in pair.items()}


NAIVE = {
    "answer-3": "def copies_that_fit(memory_gib, reserve_mib, app_mib, per_copy_mib):\n"
    "    return (memory_gib * 1024 - reserve_mib) // (app_mib + per_copy_mib)",
    "answer-5": "def vms_with_sharing_mib(copies, app_mib, guest_mib, vmm_mib, fraction):\n"
    "    return copies * (app_mib + guest_mib * (1 - fraction) + vmm_mib)",
}
CLASS = {
    "perfect": KEY,
    "typed": KEY | typed_in_for("typed"),
    "copied": KEY | typed_in_for("typed"),
    "half": {name: KEY[name] for name in ("answer-1", "answer-2")} | NAIVE,
    "untouched": {},
    "crashing": KEY | {"answer-3": "raise SystemError('the student was here')"},
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Generator[SimpleNamespace, None, None]:
    """Copy the course, release the exercise and grade a class of six."""
    root, patch = tmp_path_factory.mktemp("course"), pytest.MonkeyPatch()
    shutil.copytree(EXERCISES / "source", root / "source")
    config = Config()
    space = {"__file__": str(root / "nbgrader_config.py"), "get_config": lambda: config}
    exec((EXERCISES / "nbgrader_config.py").read_text("utf-8"), space)
    patch.chdir(root)
    # nbgrader calls alembic by its name, which is found here even where the environment is not activated.
    patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
    api = NbGraderAPI(config=config)
    done = api.generate_assignment(NAME)
    assert done["success"], done["log"]
    for student, answers in CLASS.items():
        hand_in(root, student, answers)
        for step in (api.autograde, api.generate_feedback):
            done = step(NAME, student)
            assert done["success"], done["log"]
    CsvExportPlugin(to=str(root / "grades.csv"), config=config).export(api.gradebook)
    yield SimpleNamespace(root=root, api=api)
    patch.undo()


def hand_in(root: Path, student: str, answers: dict[str, str]) -> None:
    """Write answers into the released notebook, as a student does."""
    book = nbformat.read(root / "release" / NAME / FILE, 4)
    for cell in book.cells:
        cell.source = answers.get(cell.id, cell.source)
    folder = root / "submitted" / student / NAME
    folder.mkdir(parents=True)
    nbformat.write(book, folder / FILE)


@pytest.fixture(scope="module")
def points(course: SimpleNamespace) -> Callable[[str], dict[str, float]]:
    """Say what a student got for each checked cell."""

    def of(student: str) -> dict[str, float]:
        with course.api.gradebook as book:
            graded = book.find_submission(NAME, student).notebooks[0].grades
            return {grade.name: grade.auto_score for grade in graded if grade.cell.cell_type == "code"}

    return of


@pytest.fixture(scope="module")
def said(course: SimpleNamespace) -> Callable[[str, str], str]:
    """Give the message under a checked cell."""

    def under(student: str, cell: str) -> str:
        outputs = read(course.root / "autograded" / student / NAME / FILE)[cell].outputs
        return " ".join(each.get("evalue", "") for each in outputs)

    return under


# --- the release


def test_the_committed_release_is_what_the_source_makes(course: SimpleNamespace) -> None:
    made = {path.name: path.read_bytes() for path in (course.root / "release" / NAME).iterdir()}
    kept = {path.name: path.read_bytes() for path in (EXERCISES / "release" / NAME).iterdir() if path.is_file()}
    assert made == kept


def test_the_release_holds_no_solution_and_no_hidden_test() -> None:
    released = read(EXERCISES / "release" / NAME / FILE)
    for name, cell in SOURCE.items():
        blocks = re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", cell.source, re.DOTALL)
        lines = {line.strip() for block in blocks for line in block.splitlines() if len(line.strip()) > 12}
        assert not lines & {line.strip() for line in released[name].source.splitlines()}, name
    assert "SOLUTION" not in str(released)
    assert "HIDDEN" not in str(released)
    assert "117 VMs" not in str(released)
    assert not any(cell.get("outputs") for cell in released.values())


def test_every_hidden_test_was_looked_for() -> None:
    hidden = [name for name, cell in SOURCE.items() if "BEGIN HIDDEN TESTS" in cell.source]
    assert hidden == ["test-1a", "test-1b", "test-2", "test-3b", "test-4", "test-5b"]


# --- the points


def test_a_perfect_submission_gets_all_points_that_a_machine_gives(points: Any) -> None:
    assert points("perfect") == POINTS


def test_numbers_typed_in_are_right_for_their_own_student(points: Any) -> None:
    assert points("typed") == POINTS


def test_numbers_copied_from_a_neighbour_are_wrong(points: Any, said: Any) -> None:
    assert points("copied") == POINTS | {"test-1a": 0, "test-1b": 0, "test-2": 0}
    assert "for copied's" in said("copied", "test-2")


def test_a_half_right_submission_keeps_what_is_right(points: Any) -> None:
    assert points("half") == POINTS | {"test-3b": 0, "test-4": 0, "test-5b": 0}


def test_an_untouched_submission_gets_nothing_and_is_told_not_attempted(points: Any, said: Any) -> None:
    assert points("untouched") == dict.fromkeys(POINTS, 0)
    for cell in POINTS:
        assert "not attempted" in said("untouched", cell)


def test_a_crashing_cell_costs_only_its_own_points(points: Any) -> None:
    assert points("crashing") == POINTS | {"test-3a": 0, "test-3b": 0}


def test_a_failure_names_the_value_found_and_the_idea(said: Any) -> None:
    assert "copies_that_fit(1, 2048, 90, 10) is -11" in said("half", "test-3b")
    assert "never fewer than none" in said("half", "test-3b")
    assert "one copy of what is shared stays" in said("half", "test-5b").lower()


def test_graded_cells_write_nothing_to_stderr(course: SimpleNamespace) -> None:
    for student in CLASS:
        for name, cell in read(course.root / "autograded" / student / NAME / FILE).items():
            assert not [each for each in cell.get("outputs", []) if each.get("name") == "stderr"], (student, name)


def test_the_last_question_waits_for_a_person(course: SimpleNamespace) -> None:
    with course.api.gradebook as book:
        submission = book.find_submission(NAME, "perfect")
        assert submission.needs_manual_grade
        assert submission.max_score == 20


# --- what comes out


def test_each_student_has_feedback_to_read(course: SimpleNamespace) -> None:
    for student in CLASS:
        page = course.root / "feedback" / student / NAME / FILE.replace(".ipynb", ".html")
        assert "test-3a" in page.read_text("utf-8")


def test_the_exported_table_holds_everyones_points(course: SimpleNamespace) -> None:
    with (course.root / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)}
    total = {"perfect": 14, "typed": 14, "copied": 10, "half": 6, "untouched": 0, "crashing": 11}
    assert rows == {student: (score, 20) for student, score in total.items()}


# --- the numbers


def test_students_get_different_numbers_and_keep_them() -> None:
    draws = [vl.study.variant(f"student {i}", "02", app=range(10), host=range(5)) for i in range(50)]
    assert len({(draw.app, draw.host) for draw in draws}) > 25
    assert vl.study.variant("ada", "02", app=range(10)).app == vl.study.variant(" Ada ", "02", app=range(10)).app


@pytest.mark.parametrize(("student", "values"), [("", [1]), ("  ", [1]), ("ada", [])])
def test_nobody_and_nothing_are_refused(student: str, values: list[int]) -> None:
    with pytest.raises(ValueError, match="Give"):
        vl.study.variant(student, "02", app=values)
