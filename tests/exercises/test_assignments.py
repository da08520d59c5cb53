"""Every assignment from its source to the exported points, through nbgrader, with nobody's code outside the sandbox."""

from __future__ import annotations

import csv
import doctest
import re
import shutil
import zipfile
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from virtlearn.study.bank import exercise_bank
from virtlearn.study.exercise import Exercise

pytestmark = pytest.mark.filterwarnings("ignore")  # nbgrader's own, of sqlalchemy and nbformat

# A student who answers each question with its first known mistake: the bank is brought along as text, since none is
# to be found in the sandbox.
MISTAKEN = """
space = {{}}
exec({bank!r}, space)
{name} = [q for q in space["questions"](mine) if q.id == {id!r}][0].mistakes()[0][0]
"""


def answered(release: Any, asked: dict[str, SimpleNamespace], lesson: str) -> Any:
    """Write the first known mistake of each question above the cell that checks it."""
    text = open(exercise_bank(lesson).__file__, encoding="utf-8").read()  # noqa: SIM115
    cells = []
    for cell in release.cells:
        for number, about in asked.items():
            if cell.metadata.get("nbgrader", {}).get("grade_id") == about.cell:
                source = MISTAKEN.format(bank=text, name=about.name, id=f"x{lesson}.{number}")
                cells.append(nbformat.v4.new_code_cell(source))
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells, metadata=release.metadata)


@pytest.fixture(scope="module")
def graded(
    course: SimpleNamespace, exercises: Any, asked: Any, assignments: list[str]
) -> SimpleNamespace:
    """Release and grade each assignment for a class of three, write the feedback and export the points."""
    from grading import batch, export
    from grading import course as folder

    course.bad = {}
    for assignment in assignments:
        source = exercises / "source" / assignment / f"{assignment}.ipynb"
        assert folder.release(course.api, assignment) == ""
        release = course.root / "release" / assignment / f"{assignment}.ipynb"
        inbox = course.inbox / assignment
        inbox.mkdir()
        shutil.copy(source, inbox / "perfect.ipynb")
        shutil.copy(release, inbox / "untouched.ipynb")
        nbformat.write(
            answered(nbformat.read(release, 4), asked(assignment), assignment[:2]),
            inbox / "mistaken.ipynb",
        )
        course.bad |= batch.grade(course.api, assignment, inbox, course.said.append)
        course.bad |= batch.feedback(course.api, assignment)
    export.everybody(course.api, assignments)
    return course


# --- the release


def test_the_committed_release_is_what_the_source_makes(
    assignment: str, graded: Any, exercises: Any
) -> None:
    made = {
        path.name: path.read_bytes() for path in (graded.root / "release" / assignment).iterdir()
    }
    kept = {
        path.name: path.read_bytes()
        for path in (exercises / "release" / assignment).iterdir()
        if path.is_file()
    }
    assert made == kept


def test_the_release_holds_no_solution_and_no_hidden_test(
    assignment: str, exercises: Any, read: Any
) -> None:
    source, release = (
        read(exercises / part / assignment / f"{assignment}.ipynb")
        for part in ("source", "release")
    )
    hidden = 0
    for name, cell in source.items():
        blocks = re.findall(
            r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", cell.source, re.DOTALL
        )
        lines = {
            line.strip()
            for block in blocks
            for line in block.splitlines()
            if len(line.strip()) > 12
        }
        assert not lines & {line.strip() for line in release[name].source.splitlines()}, name
        hidden += "BEGIN HIDDEN TESTS" in cell.source
        if cell.metadata.nbgrader["solution"] and cell.metadata.nbgrader["grade"]:
            assert cell.source != release[name].source, f"the model answer of {name} was released"
    assert hidden == len(exercise_bank(assignment[:2]).POINTS)
    assert "SOLUTION" not in str(release)
    assert "HIDDEN" not in str(release)
    assert "vl.study.grade" not in str(release)
    assert not any(cell.get("outputs") for cell in release.values())


# --- the points


def test_nothing_went_wrong(graded: Any) -> None:
    assert graded.bad == {}
    assert not [line for line in graded.said if "not graded" in line]


def test_a_perfect_submission_gets_all_points_that_a_machine_gives(
    assignment: str, graded: Any, outcome: Any, asked: Any
) -> None:
    assert outcome("perfect", assignment) == {
        about.cell: (about.points, "") for about in asked(assignment).values()
    }


def test_an_untouched_submission_gets_nothing_and_is_told_not_attempted(
    assignment: str, graded: Any, outcome: Any
) -> None:
    for cell, (points, said) in outcome("untouched", assignment).items():
        assert (points, said[:13]) == (0, "not attempted"), cell


def test_each_mistake_is_told_its_words_and_gets_nothing(
    assignment: str, graded: Any, outcome: Any, asked: Any
) -> None:
    told, mine = outcome("mistaken", assignment), Exercise(assignment[:2], "mistaken")
    for number, about in asked(assignment).items():
        words = mine.question(number).mistakes()[0][1]
        assert (told[about.cell][0], told[about.cell][1][: len(words)]) == (0, words)


def test_the_last_question_waits_for_a_person(assignment: str, graded: Any) -> None:
    with graded.api.gradebook as book:
        submission = book.find_submission(assignment, "perfect")
        assert submission.needs_manual_grade
        assert (
            submission.max_score
            > submission.score
            == sum(exercise_bank(assignment[:2]).POINTS.values())
        )


# --- what comes out


def test_feedback_tells_what_was_wrong_and_shows_no_hidden_test(
    assignment: str, graded: Any
) -> None:
    page = (graded.root / "feedback" / "untouched" / assignment / f"{assignment}.html").read_text(
        "utf-8"
    )
    text = re.sub(r"<[^>]+>", "", page)
    assert "not attempted: " in text
    for secret in ("HIDDEN", "study.grade", "Traceback (most"):
        assert secret not in text


def test_the_exported_table_holds_everyones_points(assignment: str, graded: Any) -> None:
    with (graded.root / "grades.csv").open(encoding="utf-8") as file:
        rows = {
            row["student_id"]: float(row["score"])
            for row in csv.DictReader(file)
            if row["assignment"] == assignment
        }
    most = float(sum(exercise_bank(assignment[:2]).POINTS.values()))
    assert rows == {"perfect": most, "untouched": 0.0, "mistaken": 0.0}


# --- what an instructor does again


@pytest.fixture(scope="module")
def first(assignments: list[str]) -> str:
    """Name the first assignment."""
    return assignments[0]


def test_grading_again_judges_nothing_that_has_not_changed(graded: Any, first: str) -> None:
    from grading import batch

    said: list[str] = []
    assert batch.grade(graded.api, first, graded.inbox / first, said.append) == {}
    assert len([line for line in said if line.endswith("as before")]) == 3


def test_a_zip_file_of_a_learning_platform_is_graded_and_a_broken_notebook_is_named(
    graded: Any, first: str
) -> None:
    from grading import batch

    pack = graded.inbox / "download.zip"
    with zipfile.ZipFile(pack, "w") as made:
        made.write(graded.inbox / first / "perfect.ipynb", f"Ada Lovelace_4711_file/{first}.ipynb")
        made.writestr("Bob_4712_file/answer.ipynb", '{"cells": [')
        made.writestr("../../../etc/passwd.ipynb", "{}")
    said: list[str] = []
    bad = batch.grade(graded.api, first, pack, said.append)
    assert "no notebook" in bad.pop("bob")
    assert "there is no login" in bad.pop("../../../etc/passwd.ipynb")
    assert bad == {}
    assert any("ada-lovelace: " in line and "not graded" not in line for line in said)


def test_plain_nbgrader_is_as_safe_and_follows_no_link(
    graded: Any, first: str, outcome: Any
) -> None:
    place = graded.root / "submitted" / "plain" / first
    place.mkdir(parents=True)
    shutil.copy(graded.inbox / first / "perfect.ipynb", place / f"{first}.ipynb")
    (graded.root / "secret.txt").write_text("a neighbour's", "utf-8")
    (place / "data.txt").symlink_to(graded.root / "secret.txt")
    done = graded.api.autograde(first, "plain")
    assert done["success"], done["log"]
    most = sum(exercise_bank(first[:2]).POINTS.values())
    assert sum(points for points, _ in outcome("plain", first).values()) == most
    assert [path.name for path in (graded.root / "autograded" / "plain" / first).iterdir()] == [
        f"{first}.ipynb"
    ]


def test_the_command_names_what_it_does_not_know(
    graded: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    import grade

    assert grade.main(["--course", str(graded.root), "grade", "99", "x"]) == 2
    assert "There is no exercise '99'. There are: " in capsys.readouterr().err
    assert (
        grade.main(["--course", str(graded.root), "grade", "02", str(graded.root / "nothing")]) == 2
    )
    assert "Name a folder or a zip file" in capsys.readouterr().err


def test_without_a_sandbox_nothing_is_run_unless_somebody_consents(
    graded: Any, first: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import grade
    from grading import sandbox, walls

    (graded.inbox / "one").mkdir()
    shutil.copy(graded.inbox / first / "perfect.ipynb", graded.inbox / "one" / "willing.ipynb")
    monkeypatch.setattr(walls.shutil, "which", lambda name, path: None)
    command = ["--course", str(graded.root), "grade", first, str(graded.inbox / first)]
    assert grade.main(command) == 2
    refusal = capsys.readouterr().err
    assert (
        "There is no sandbox for other people's programs here. bubblewrap is not installed here."
        in refusal
    )
    assert "--no-sandbox-i-consent" in refusal
    monkeypatch.setenv(sandbox.CONSENT, "yes")
    assert sandbox.check().startswith("WITHOUT a sandbox")
    assert grade.main([*command[:2], "grade", first, str(graded.inbox / "one")]) == 0
    assert "] " in (said := capsys.readouterr().out)
    assert "willing: " in said
    assert "not graded" not in said


# --- what the guide says


def test_every_command_of_the_guide_is_one_that_there_is(
    exercises: Any, assignments: list[str]
) -> None:
    import grade
    from grading.commands import DO

    guide = (exercises / "README.md").read_text("utf-8")
    commands = set(re.findall(r"^    python exercises/grade\.py (\w+)", guide, re.MULTILINE))
    assert commands == set(DO)
    for command in commands:
        with pytest.raises(SystemExit) as left:
            grade.main([command, "--help"])
        assert left.value.code == 0


def test_the_guide_lists_every_assignment_with_its_points(
    exercises: Any, assignments: list[str], read: Any
) -> None:
    guide = (exercises / "README.md").read_text("utf-8")
    rows = [row.split(" | ") for row in re.findall(r"^\| (\d\d-.*) \|$", guide, re.MULTILINE)]
    assert [row[0] for row in rows] == assignments
    for name, _, minutes, machine, hand, page in rows:
        cells = [
            cell.metadata.nbgrader
            for cell in read(exercises / "source" / name / f"{name}.ipynb").values()
        ]
        points = {True: 0, False: 0}
        for cell in cells:
            points[cell["solution"]] += cell.get("points", 0) if cell["grade"] else 0
        assert (int(machine), int(hand)) == (points[False], points[True]), name
        assert (
            f"About {minutes} minutes"
            in nbformat.read(exercises / "source" / name / f"{name}.ipynb", 4).cells[0].source
        )
        assert (exercises / f"guide/{name[:2]}.md").is_file()
        assert f"guide/{name[:2]}.md" in page


def test_examples_in_the_graders_own_words_hold() -> None:
    from grading import form, names, safe

    assert [doctest.testmod(module).failed for module in (form, names, safe)] == [0, 0, 0]


@pytest.mark.parametrize(("name", "login"), [
    ("ada.ipynb", "ada"), ("Ada Lovelace_4711_assignsubmission_file", "ada-lovelace"), ("ada@uni.example_x.ipynb", "ada@uni.example"),
    ("ａｄａ", "ada"), ("Jürgen Groß_1_file", "jürgen-gross"), ("José", "josé"), ("Nguyễn", "nguyễn"), ("Søren.ipynb", "søren"), ("Łukasz", "łukasz"),
    ("李_4_file", "李"), ("аda", None), ("..", None), ("_x", None), ("-rf", None), ("=1+1", None), ("a" * 65, None), ("", None),
])  # fmt: skip
def test_a_login_is_plain_letters_or_is_refused(name: str, login: str | None) -> None:
    from grading import names

    try:
        found = names.login_of(name)
    except names.NoLogin:
        found = None
    assert found == login
