"""A learner's progress file: nothing a learner did is ever lost."""

import json
import multiprocessing
import os
import time

import pytest

from virtlearn import study
from virtlearn.study import record


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "virtlearn-progress.json"
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(path))
    return path


def test_what_was_answered_is_there_again(file):
    assert record.note("02.a", status="wrong", tried="5") == ""
    record.note("02.a", status="right", tried="7")
    record.note("02.1", hints=2)
    answers, trouble = record.load()
    assert answers == {
        "02.a": {"status": "right", "first": "5", "later": ["7"], "hints": 0},
        "02.1": {"hints": 2},
    }
    assert trouble == ""


def test_the_same_answer_again_is_no_new_try_and_writes_nothing(file):
    for answer in ("5", "5", "7", "7", "7"):
        record.note("02.a", status="wrong", tried=answer)
    assert record.load()[0]["02.a"]["later"] == ["7"]
    before = file.stat().st_mtime_ns
    record.note("02.a", status="wrong", tried="7")
    assert file.stat().st_mtime_ns == before


def test_lessons_and_exercises_share_one_file_beside_the_lessons(tmp_path, monkeypatch):
    monkeypatch.delenv("VIRTLEARN_PROGRESS")
    for folder in ("lessons", "exercises/02-x", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
        monkeypatch.chdir(tmp_path / folder)
        assert record.where() == tmp_path / "virtlearn-progress.json"


def test_right_never_falls_back_and_hints_never_fall(file):
    for status in ("right", "wrong", "shown"):
        record.note("02.a", status=status, hints=1)
    record.note("02.a", hints=0)
    assert record.load()[0]["02.a"] == {"status": "right", "shown": True, "hints": 1}


def test_a_damaged_file_is_kept_aside_and_said(file):
    file.write_text('{"version": 1, "questions": {"02.a"', encoding="utf-8")
    message = record.note("02.b", status="right")
    assert (
        message
        == "The progress file was damaged. It is kept as virtlearn-progress.damaged-0.json, and a new one is begun."
    )
    assert (
        file.with_name("virtlearn-progress.damaged-0.json")
        .read_text(encoding="utf-8")
        .startswith('{"version"')
    )
    assert record.load()[0] == {"02.b": {"status": "right", "hints": 0}}


def test_a_file_that_is_no_text_is_kept_aside_too(file):
    file.write_bytes(b"\xff\xfe\x00\x80")
    assert "kept as" in record.load()[1]
    assert not file.exists()


def test_the_first_format_is_still_read(file):
    file.write_text(json.dumps({"02.a": "right"}), encoding="utf-8")
    record.note("02.b", status="wrong")
    assert {k: v["status"] for k, v in record.load()[0].items()} == {
        "02.a": "right",
        "02.b": "wrong",
    }


def _write(args):
    path, name, n = args
    os.environ["VIRTLEARN_PROGRESS"] = path
    for i in range(n):
        record.note(f"{name}.{i}", status="right")


def test_two_notebooks_at_once_lose_nothing(file):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_write, [(str(file), "a", 100), (str(file), "b", 100)])
    assert len(record.load()[0]) == 200


@pytest.mark.parametrize("age_s", [60, -3600])
def test_a_lock_left_by_a_killed_kernel_costs_nothing(file, age_s):
    lock = file.with_name(".virtlearn-progress.lock")
    lock.touch()
    file.with_suffix(".lock").mkdir()  # as version 0.1 left it
    when = time.time() - age_s
    for left in (lock, file.with_suffix(".lock")):
        os.utime(left, (when, when))
    began = time.monotonic()
    record.note("02.a", status="right")
    assert time.monotonic() - began < 1
    assert record.load()[0]["02.a"]["status"] == "right"


ODD_FACTS = [
    {"hints": "many"},
    {"hints": None},
    {"hints": float("nan")},
    {"hints": float("inf")},
    {"hints": [1]},
    {"status": 7, "first": 8, "later": "none"},
    {"status": ["right"]},
    None,
    5,
]


@pytest.mark.parametrize("facts", ODD_FACTS, ids=repr)
def test_facts_that_make_no_sense_are_left_out_and_nothing_raises(file, facts):
    text = json.dumps({"version": 1, "questions": {"02.a": facts}}).replace("Infinity", "1e400")
    file.write_text(text, "utf-8")
    assert study.progress("02").rows[1][-2:] == (str(len(study.questions("02"))), "0")
    study.hint("02.a", 1)
    study.check("02.a", 5)
    kept = record.load()[0]["02.a"]
    assert (kept["hints"], kept["status"], kept["first"]) == (1, "wrong", "5")


@pytest.mark.parametrize(
    "text", ['{"version": 1}', "{}", "[]", "null", "7", '"a"', '{"questions": 3, "version": 1}']
)
def test_a_file_of_another_form_does_not_raise(file, text):
    file.write_text(text, "utf-8")
    assert record.load()[0] == {}
    record.note("02.a", status="right")
    assert record.load()[0]["02.a"]["status"] == "right"


def test_what_another_version_knows_of_a_question_stays(file):
    file.write_text('{"version": 2, "questions": {"02.a": {"status": "wrong", "mood": "good"}}}')
    record.note("02.a", status="right")
    assert json.loads(file.read_text("utf-8"))["questions"]["02.a"]["mood"] == "good"


def test_a_refused_rename_leaves_no_temporary_file_and_keeps_the_answer(file, monkeypatch):
    def refuse(*_):
        raise PermissionError("in use")

    monkeypatch.setattr(os, "replace", refuse)
    assert "cannot be written down" in record.note("02.a", status="right", tried="5")
    assert not list(file.parent.glob("*.tmp"))
    assert record.load()[0]["02.a"]["status"] == "right"
    assert study.progress("02").rows[1][2] == "1"
    monkeypatch.undo()
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(file))
    record.note("02.b", status="wrong")
    assert json.loads(file.read_text("utf-8"))["questions"].keys() == {"02.a", "02.b"}


def test_where_nothing_can_be_written_the_answer_still_counts(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(tmp_path / "file" / "progress.json"))
    note = study.check("02.d", "unikernel microVM stock")
    assert note.status == "right"
    assert "cannot be written down" in note.text


def test_progress_counts_what_was_tried_right_looked_up_and_open(file):
    study.check("02.d", "unikernel microVM stock")
    study.solution("02.a", show=True)
    study.predict("02.1").act({"part": 0, "letter": "A"})
    study.hint("02.b", 2)
    row = study.progress("02").rows[1]
    total = len(study.questions("02"))
    assert row == ("02", f"2 of {total}", "1", "1", str(total - 3), "2")
    assert study.progress().rows[0] == (
        "lesson",
        "tried",
        "right",
        "looked up",
        "open",
        "hints used",
    )
    assert "2 of" in repr(study.progress())
    assert "virtlearn-progress.json" in study.progress()._repr_html_()
