"""Exercises: numbers of one's own, checks that never raise, grades that always say why."""

import pytest

from virtlearn import study
from virtlearn.study import record
from virtlearn.study.exercise import Exercise

WORDS = {"right": "Right", "wrong": "Not yet", "not attempted": "Not attempted"}


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(tmp_path / "virtlearn-progress.json"))
    monkeypatch.delenv("VIRTLEARN_STUDENT", raising=False)
    return tmp_path


@pytest.fixture
def ada():
    return study.exercise("02", "ada")


def test_the_numbers_are_the_students_own(ada):
    assert repr(ada) == "Exercise 02 for ada: memory_gib = 64, app_mib = 45, guest_mib = 192"
    assert (ada.memory_gib, ada.app_mib, ada.guest_mib) == (64, 45, 192)
    assert (
        study.exercise("02", " Ada ").numbers == ada.numbers != study.exercise("02", "bob").numbers
    )


def test_a_number_that_is_not_drawn_is_named(ada):
    with pytest.raises(
        AttributeError, match=r"^Exercise 02 draws no 'app_mb'\. Did you mean app_mib\?$"
    ):
        ada.app_mb  # noqa: B018


def blank(*numbers):
    raise NotImplementedError


@pytest.mark.parametrize(("number", "answer", "status"), [
    ("1a", ..., "not attempted"), ("1a", None, "not attempted"), ("3", blank, "not attempted"), ("1a", 1, "wrong"),
    ("3", 7, "wrong"), (1, 7, "wrong"), ("9", 7, "wrong"), (None, None, "wrong"),
])  # fmt: skip
def test_a_check_says_what_it_found_and_never_raises(ada, number, answer, status):
    assert ada.check(number, answer).status == status


def test_right_is_right_and_is_written_down(ada):
    note = ada.check("1a", ada.question("1a").right())
    assert note.status == "right"
    assert record.load()[0]["x02.1a"]["status"] == "right"


def test_hints_come_when_asked_for_and_a_solution_after_a_try(ada):
    assert repr(ada.hint("3")) == 'Show a hint (1 of 3): mine.hint("3", 1)'
    assert repr(ada.hint("3", 1)).splitlines()[0].endswith("(1 of 3)")
    assert repr(ada.hint("3")) == repr(ada.hint("3", 1))
    assert ada.solution("3").text.startswith("Try first: any answer will do.")
    ada.check("3", lambda *numbers: 0)
    assert repr(ada.solution("3")) == 'Show the solution: mine.solution("3", show=True)'
    assert repr(ada.solution("3", show=True)).startswith("Solution: return max(0, int(")


def test_progress_lists_lessons_and_no_exercises(ada):
    ada.check("1a", 1)
    assert not [lesson for lesson in study.lessons_with_questions() if not lesson.isdigit()]
    assert study.progress("02").rows[1][1].startswith("0 of")


@pytest.mark.parametrize(("number", "answer", "message"), [
    ("3", lambda *numbers: None, "not attempted: With (1, 24, 90, 10) your function gives nothing back. Is there a return?"),
    ("1a", None, "not attempted: What does one more container take of the host, in MiB?"),
    ("2b", 3, "3 is not it. Too low. A hint may help. (Checked as Exercise 02 for your-login: memory_gib = 112, "
              "app_mib = 128, guest_mib = 320.)"),
])  # fmt: skip
def test_a_grade_raises_the_message(number, answer, message):
    with pytest.raises(AssertionError) as refused:
        study.grade("02", number, answer)
    assert str(refused.value) == message


@pytest.mark.parametrize("how", ["variable", "folder"])
def test_what_is_graded_has_the_numbers_of_the_login_it_was_handed_in_under(
    how, place, monkeypatch
):
    if how == "variable":
        monkeypatch.setenv("VIRTLEARN_STUDENT", "ada")
    else:
        (place / "autograded" / "ada" / "02-x").mkdir(parents=True)
        monkeypatch.chdir(place / "autograded" / "ada" / "02-x")
    assert study.exercise("02", "bob").student == "ada"
    assert study.grade("02", "1a", Exercise("02", "ada").question("1a").right()) is None
    with pytest.raises(AssertionError, match="Checked as Exercise 02 for ada"):
        study.grade("02", "1a", Exercise("02", "bob").question("1a").right())


def test_a_function_that_only_knows_its_own_numbers_is_found_out(monkeypatch):
    monkeypatch.setenv("VIRTLEARN_STUDENT", "ada")
    q = Exercise("02", "ada").question("3")
    known = {values: q.law(*values) for values in q.inputs}
    assert q.judge(lambda *values: known[values]).status == "right"
    with pytest.raises(AssertionError, match="stops with KeyError"):
        study.grade("02", "3", lambda *values: known[values])


def test_an_exercise_finds_its_bank_from_its_own_folder(place, monkeypatch):
    (place / "exercises" / "77-odd").mkdir(parents=True)
    (place / "lessons" / "questions").mkdir(parents=True)
    (place / "lessons" / "questions" / "x77.py").write_text(
        "DRAW = {'n': [7]}\nPOINTS = {}\ndef questions(mine):\n    return []\n", "utf-8"
    )
    monkeypatch.chdir(place / "exercises" / "77-odd")
    assert study.exercise("77", "ada").n == 7


def test_an_exercise_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"^Lesson '66' has no exercise here"):
        study.exercise("66", "ada")
