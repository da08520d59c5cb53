"""A learner's progress file: nothing a learner did is ever lost."""

import json
import multiprocessing

import pytest

from virtlearn import study
from virtlearn.study import record


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "virtlearn-progress.json"
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(path))
    return path


def test_what_was_answered_is_there_again(file):
    assert record.note("02.a", status="wrong") == ""
    record.note("02.a", status="right")
    record.note("02.1", hints=2)
    answers, trouble = record.load()
    assert answers == {"02.a": {"status": "right", "hints": 0}, "02.1": {"hints": 2}}
    assert trouble == ""


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
    assert record.load()[0]["02.a"] == {"status": "right", "hints": 1}


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
    import os

    os.environ["VIRTLEARN_PROGRESS"] = path
    for i in range(n):
        record.note(f"{name}.{i}", status="right")


def test_two_notebooks_at_once_lose_nothing(file):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(_write, [(str(file), "a", 25), (str(file), "b", 25)])
    assert len(record.load()[0]) == 50


def test_a_lock_left_by_a_killed_kernel_does_not_stop_the_learner(file):
    import os
    import time

    lock = file.with_suffix(".lock")
    lock.mkdir()
    os.utime(lock, (time.time() - 60, time.time() - 60))
    record.note("02.a", status="right")
    assert record.load()[0]["02.a"]["status"] == "right"


def test_where_nothing_can_be_written_the_answer_still_counts(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(tmp_path / "file" / "progress.json"))
    note = study.check("02.d", "unikernel microVM stock")
    assert note.status == "right"
    assert "cannot be written down" in note.text


def test_hints_get_more_definite_and_are_counted(file):
    texts = [study.hint("02.a").text for _ in range(4)]
    assert texts[0] != texts[1] != texts[2]
    assert texts[2] == texts[3]
    assert record.load()[0]["02.a"]["hints"] == 3


def test_the_progress_of_the_course_counts_right_looked_up_and_open(file):
    study.check("02.d", "unikernel microVM stock")
    study.solution("02.a")
    row = study.progress("02").rows[1]
    total = len(study.questions("02"))
    assert row == ("02", f"1 of {total}", "1", str(total - 2), "0")
    assert "1 of" in repr(study.progress())
    assert "virtlearn-progress.json" in study.progress()._repr_html_()
