"""What a class needs around grading: a report, reasons, deadlines, tables for platforms, exams, a new term."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from virtlearn.study.exercise import Exercise

from .attacks import FILE, MOST, NAME

pytestmark = pytest.mark.filterwarnings("ignore")

DUE = "2026-11-20T12:00+00:00"
DAY_S = 86_400
# who: (what is added to answer 1, days handed in after the deadline)
CLASS = {"ada": ("", -1), "bob": ("container_mib = mine.app_mib", -1), "cyd": ("container_mib = mine.app_mib", 1.5), "dan": ("", 30)}  # fmt: skip


def answered(source: Path, added: str) -> nbformat.NotebookNode:
    book = nbformat.read(source, 4)
    next(cell for cell in book.cells if cell.id == "answer-1").source += f"\n{added}"
    return book


@pytest.fixture(scope="module")
def told(course: SimpleNamespace) -> Callable[..., tuple[int, str]]:
    """Give a command, and get its code and its words."""
    import grade

    def of(*words: str) -> tuple[int, str]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = grade.main(["--course", str(course.root), *map(str, words)])
        return code, out.getvalue()

    return of


@pytest.fixture(scope="module")
def taught(course: SimpleNamespace, told: Any, exercises: Path) -> SimpleNamespace:
    """A class of four in a Moodle archive, of whom two were late."""
    source = exercises / "source" / NAME / FILE
    due = datetime.datetime.fromisoformat(DUE).timestamp()
    for i, (who, (added, days)) in enumerate(CLASS.items()):
        folder = course.inbox / f"{who.title()} Test_{4710 + i}_assignsubmission_file"
        folder.mkdir()
        nbformat.write(answered(source, added), folder / FILE)
        os.utime(folder / FILE, (due + days * DAY_S,) * 2)
    config = course.root / "nbgrader_config.py"
    text = config.read_text("utf-8").replace("percent_a_day = 0", "percent_a_day = 10")
    config.write_text(text, "utf-8")
    roster = course.root / "roster.csv"
    names = [f"{who},{who.title()} Test" for who in [*CLASS, "eve"]]
    roster.write_text("\n".join(["login,name", *names]), "utf-8")
    assert told("release", "02")[0] == 0
    assert told("deadline", "02", DUE)[0] == 0
    course.code, course.words = told("grade", "02", course.inbox, "--map", roster)
    return course


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# --- lateness


def test_late_days_cost_what_the_settings_say(taught: Any, told: Any) -> None:
    assert taught.code == 0, taught.words
    assert "ada: 14 of 20, a person must look" in taught.words
    assert "cyd: 10.4 of 20, 2.6 off for being late" in taught.words  # 13, less two days of 10 %
    assert "dan: 0 of 20, 14 off for being late" in taught.words  # never below nothing
    told("export")
    table = {row["student_id"]: row for row in rows(taught.root / "grades.csv")}
    assert [table[who]["late_submission_penalty"] for who in CLASS] == ["0.0", "0.0", "2.6", "14.0"]
    assert {table[who]["hand_points"] for who in CLASS} == {""}
    assert table["ada"]["status"] == "waits for a person"


def test_a_deadline_can_be_moved_and_penalties_follow(taught: Any, told: Any) -> None:
    code, words = told("deadline", "02", "2026-11-22T12:00+00:00")
    assert (code, words.strip()[-18:]) == (0, "1 handed in later.")
    told("export")
    table = {row["student_id"]: row["score"] for row in rows(taught.root / "grades.csv")}
    assert table["cyd"] == "13.0"
    assert told("deadline", "02", DUE)[0] == 0
    assert told("deadline", "02", "tomorrow")[0] == 2


# --- the question that a person reads


def test_points_by_hand_come_back_in_the_table_that_was_filled_in(taught: Any, told: Any) -> None:
    assert told("read", "02")[0] == 0
    file = taught.root / "by-hand" / f"{NAME}.csv"
    page = (file.with_suffix(".html")).read_text("utf-8")
    assert "117 VMs, bound by memory" in page
    table = rows(file)
    assert [row["student"] for row in table] == list(CLASS)
    for row, points in zip(table, ("5,5", "7", "x", ""), strict=True):
        row["points"], row["comment"] = points, "well argued"
    with file.open("w", encoding="utf-8") as out:
        writer = csv.DictWriter(out, table[0])
        writer.writeheader()
        writer.writerows(table)
    code, words = told("read", "02", "--points", file)
    assert code == 1
    assert "1 points were taken" in words
    assert "bob answer-6: 7 is not between 0 and 6" in words
    assert "cyd answer-6: 'x' is not a number" in words
    told("export")
    table = {row["student_id"]: row for row in rows(taught.root / "grades.csv")}
    assert (table["ada"]["score"], table["ada"]["status"]) == ("19.5", "final")
    told("feedback", "02")
    page = (taught.root / "feedback" / "ada" / NAME / f"{NAME}.html").read_text("utf-8")
    assert "well argued" in page


# --- reasons


def test_why_tells_what_was_handed_in_and_expected(taught: Any, told: Any) -> None:
    code, words = told("why", "02", "bob")
    assert code == 0
    mine = Exercise("02", "bob")
    right = mine.question("1a").right()
    for part in (
        "test-1a: 0 of 1", f"handed in: {mine.app_mib}", f"expected: {right:.6g}", "That is the service alone.",
        "| container_mib = mine.app_mib", "handed in as 'Bob Test'", "test-3: 3 of 3", "| def copies_that_fit(", "→ 10;",
    ):  # fmt: skip
        assert part in words, words
    assert told("why", "02", "eve") == (2, f"eve has no grade for {NAME}.\n")


# --- the report


def test_the_report_names_mistakes_who_is_missing_and_equal_forms(taught: Any, told: Any) -> None:
    assert told("report", "02", "--roster", taught.root / "roster.csv")[0] == 0
    page = (taught.root / "reports" / f"{NAME}.html").read_text("utf-8")
    for part in ("4 handed in.", "eve", "2 × That is the service alone.", "Equal in form", "ada, bob, cyd, dan", "not a verdict"):  # fmt: skip
        assert part in page, page
    table = rows(taught.root / "reports" / f"{NAME}.csv")
    assert {row["student"] for row in table} == set(CLASS)
    assert sum(float(row["points"]) for row in table if row["question"] == "test-1a") == 2


def test_the_report_names_nobody_on_request(taught: Any, told: Any) -> None:
    assert told("report", "02", "--anonymous")[0] == 0
    for end in ("html", "csv"):
        text = (taught.root / "reports" / f"{NAME}-anonymous.{end}").read_text("utf-8")
        assert "student 1" in text
        assert not any(who in text for who in CLASS)


# --- platforms


@pytest.mark.parametrize(("platform", "first"), [
    ("moodle", {"Identifier": "Participant 4710", "Full name": "Ada Test"}), ("canvas", {"ID": "4710", "SIS Login ID": "ada"}),
    ("blackboard", {"Username": "Ada Test"}), ("classroom", {"First Name": "Ada", "Last Name": "Test"}),
])  # fmt: skip
def test_points_come_in_the_columns_that_a_platform_imports(
    platform: str, first: dict[str, str], taught: Any, told: Any
) -> None:
    assert told("export", "02", "--for", platform)[0] == 0
    table = rows(taught.root / f"{platform}-{NAME}.csv")
    found = [row for row in table if first.items() <= row.items()]
    assert len(found) == 1
    assert len(table) == len(CLASS) + (platform == "canvas")


def test_a_platforms_own_table_is_filled_in_and_nothing_else_of_it_changes(
    taught: Any, told: Any, tmp_path: Path
) -> None:
    own = tmp_path / "own.csv"
    own.write_text(
        "Identifier,Full name,Email address,Grade,Feedback comments\n"
        "Participant 4711,Bob Test,b@x.example,,\nParticipant 99,Nobody,n@x.example,3,kept\n"
    )
    assert told("export", "02", "--for", "moodle", "--table", own)[0] == 0
    table = rows(taught.root / f"moodle-{NAME}.csv")
    assert [row["Grade"] for row in table] == ["13.0", "3"]
    assert [row["Feedback comments"] for row in table] == ["", "kept"]


# --- what is asked wrongly


@pytest.mark.parametrize(("words", "said"), [
    (("grade", "all", "x"), "grade takes one exercise at a time"), (("export", "--for", "canvas"), "Which exercise, for canvas?"),
    (("release", "04", "--exam"), "There is no exam '04'. There are: "), (("deadline", "03", DUE), "Release 03-who-gets-the-cpu first"),
    (("regrade", "02", "--student", "eve"), "nothing of theirs is in submitted/"), (("term", "../up"), "is no name for a folder"),
])  # fmt: skip
def test_what_cannot_be_done_is_said(
    words: tuple[str, ...], said: str, taught: Any, told: Any
) -> None:
    code, text = told(*words)
    assert code != 0
    assert said in text


# --- exams

EXAMS = ("02-operating-system-cost-exam", "03-who-gets-the-cpu-exam", "06-failure-exam")


@pytest.fixture(scope="module")
def examined(course: SimpleNamespace, told: Any, exercises: Path) -> SimpleNamespace:
    """Hold the three exams: one answers rightly, one not at all, one with the answers of the exercise."""
    shutil.copytree(exercises / "exam", course.root / "exam", ignore=lambda *_: ["release"])
    assert told("release", "all", "--exam")[0] == 0
    course.exam_words = {}
    for exam in EXAMS:
        inbox = course.root / "inbox" / exam
        inbox.mkdir(parents=True)
        release = course.root / "exam" / "release" / exam / f"{exam}.ipynb"
        shutil.copy(exercises / "exam" / "source" / exam / f"{exam}.ipynb", inbox / "perfect.ipynb")
        shutil.copy(release, inbox / "untouched.ipynb")
        book = nbformat.read(release, 4)
        asks = "vl.study.exercise({0!r}, 'x').question({1!r}).right()"
        for cell in book.cells:
            if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
                for name in ("small_mib", "kata_mib", "green_cores", "dark_h"):
                    number = "1a" if exam.startswith("02") else "1"
                    ask = asks.format(exam[:2], number)
                    cell.source += f"\ntry:\n    {name} = {ask}\nexcept Exception:\n    pass"
        nbformat.write(book, inbox / "cheat.ipynb")
        course.exam_words[exam] = told("grade", exam[:2], inbox, "--exam")[1]
    return course


@pytest.mark.parametrize("exam", EXAMS)
def test_an_exam_has_no_checks_no_bank_and_no_solution(exam: str, examined: Any) -> None:
    text = (examined.root / "exam" / "release" / exam / f"{exam}.ipynb").read_text("utf-8")
    for secret in ("mine.check", "study.grade", "SOLUTION", "HIDDEN", "mine.hint"):
        assert secret not in text
    assert not (examined.root / "release" / exam).exists()


@pytest.mark.parametrize("exam", EXAMS)
def test_an_exam_is_graded_by_form_b_and_by_nothing_else(exam: str, examined: Any) -> None:
    most = 16 if exam.startswith("06") else 14
    words = examined.exam_words[exam]
    assert f"perfect: {most} of 20" in words, words
    for nothing in ("untouched", "cheat"):
        assert f"{nothing}: 0 of 20" in words, words


@pytest.mark.parametrize("exam", EXAMS)
def test_form_b_judges_as_the_exercises_do_and_draws_what_its_notebook_draws(
    exam: str, exercises: Path
) -> None:
    from grading import banks

    with banks.of(exercises, exam) as bank:
        for i in range(20):
            mine = Exercise(exam[:2], f"student {i}")
            for number, question in mine.questions.items():
                assert (number, question.judge(question.right()).status) == (number, "right")
                for wrong, words in question.mistakes():
                    told = question.judge(wrong)
                    assert (number, told.status, told.message) == (number, "wrong", words)
        source = nbformat.read(banks.source(exercises, exam), 4)
        setup = next(cell for cell in source.cells if cell.id == "setup")
        space: dict[str, Any] = {"STUDENT": "ada"}
        exec(setup.source, space)
        assert space["mine"].numbers == Exercise(exam[:2], "ada").numbers
        points = {
            cell.id.removeprefix("test-"): cell.metadata.nbgrader.points
            for cell in source.cells
            if cell.id.startswith("test-")
        }
        assert points == bank.POINTS


@pytest.mark.parametrize("exam", EXAMS)
def test_form_b_asks_other_things_than_the_exercise(exam: str, exercises: Path) -> None:
    from grading import banks

    assignment = exam.removesuffix(banks.EXAM)
    asked = []
    for name in (exam, assignment):
        with banks.of(exercises, name):
            mine = Exercise(exam[:2], "ada")
            asked.append({question.ask for question in mine.questions.values()})
    assert not asked[0] & asked[1]


def test_exams_are_neither_in_the_wheel_nor_in_the_source_distribution(root: Path) -> None:
    import tomllib

    targets = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    assert "/exercises/exam" in targets["targets"]["sdist"]["exclude"]
    shipped = targets["targets"]["wheel"]["force-include"]
    assert not any("exam" in place for place in shipped)
    assert not list((root / "exercises" / "release").glob("*exam*"))


# --- a new term, last


def test_a_new_term_keeps_the_old_one(taught: Any, examined: Any, told: Any) -> None:
    before = (taught.root / "gradebook.db").read_bytes()
    code, words = told("term", "autumn-2026")
    assert code == 0, words
    old = taught.root / "terms" / "autumn-2026"
    assert (old / "gradebook.db").read_bytes() == before
    assert (old / "submitted" / "ada" / NAME / FILE).is_file()
    assert not (taught.root / "submitted").exists()
    assert told("term", "autumn-2026")[0] == 2  # there is nothing of a term
    code, words = told("grade", "02", taught.inbox, "--map", taught.root / "roster.csv")
    assert (code, words.count("as before")) == (0, 0)
    assert f"ada: {MOST:g} of 20" in words
