"""Copying the course: nothing of the learner's is lost, and no disk, record or second copy spoils it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

import pytest

from virtlearn.course import RECORD, CannotOpen, copy_course, folder_named, material


def book(text: str) -> str:
    """The smallest thing that JupyterLab would take for a notebook."""
    return json.dumps({"cells": [text]})


def publish(course: Path, text: str) -> None:
    (course.parent / "material" / "lessons" / "02-cost.ipynb").write_text(book(text), "utf-8")


def lesson(course: Path) -> Path:
    return course / "lessons" / "02-cost.ipynb"


def read(file: Path) -> str:
    return json.loads(file.read_text("utf-8"))["cells"][0]


def test_the_first_copy_holds_lessons_and_exercises_and_nothing_hidden(course: Path) -> None:
    done = copy_course(course)
    assert done["new"] == ["lessons/02-cost.ipynb", "exercises/02-cost/02-cost.ipynb"]
    assert read(lesson(course)) == "02-cost.ipynb, as published"
    assert not (course / "lessons" / ".hidden").exists()


def test_copying_again_changes_nothing(course: Path) -> None:
    copy_course(course)
    again = copy_course(course)
    assert again.pop("same") == ["lessons/02-cost.ipynb", "exercises/02-cost/02-cost.ipynb"]
    assert not any(again.values())


def test_a_file_nobody_changed_is_renewed(course: Path) -> None:
    copy_course(course)
    publish(course, "second edition")
    assert copy_course(course)["renewed"] == ["lessons/02-cost.ipynb"]
    assert read(lesson(course)) == "second edition"


def test_a_file_that_already_was_ours_is_renewed_like_one_we_copied(course: Path) -> None:
    lesson(course).parent.mkdir(parents=True)
    lesson(course).write_text(book("02-cost.ipynb, as published"), "utf-8")
    copy_course(course)
    publish(course, "second edition")
    assert copy_course(course)["renewed"] == ["lessons/02-cost.ipynb"]


def test_a_file_the_learner_changed_is_kept(course: Path) -> None:
    copy_course(course)
    lesson(course).write_text(book("my notes"), "utf-8")
    publish(course, "second edition")
    assert copy_course(course)["kept"] == ["lessons/02-cost.ipynb"]
    assert read(lesson(course)) == "my notes"


def test_a_file_that_was_there_before_us_is_kept(course: Path) -> None:
    lesson(course).parent.mkdir(parents=True)
    lesson(course).write_text(book("somebody else's"), "utf-8")
    assert copy_course(course)["kept"] == ["lessons/02-cost.ipynb"]
    assert read(lesson(course)) == "somebody else's"


def test_update_puts_the_learners_version_aside_and_never_over_another(course: Path) -> None:
    copy_course(course)
    for number in (1, 2):
        lesson(course).write_text(book(f"my notes {number}"), "utf-8")
        done = copy_course(course, update=True)
        assert done["aside"] == [f"lessons/02-cost.mine-{number}.ipynb"]
    kept = [lesson(course).with_name(f"02-cost.mine-{number}.ipynb") for number in (1, 2)]
    assert [read(file) for file in kept] == ["my notes 1", "my notes 2"]
    assert read(lesson(course)) == "02-cost.ipynb, as published"


# --- the record


@pytest.mark.parametrize(
    "record",
    ["", "{ half a", "null", "[]", '"text"', "[" * 100_000, '{"lessons/02-cost.ipynb": [3, null]}'],
)
def test_a_damaged_record_costs_nobody_their_work(course: Path, record: str) -> None:
    copy_course(course)
    (course / RECORD).write_text(record, "utf-8")
    lesson(course).write_text(book("my notes"), "utf-8")
    assert copy_course(course)["kept"] == ["lessons/02-cost.ipynb"]


def test_the_record_of_version_0_1_is_understood(course: Path) -> None:
    copy_course(course)
    record = json.loads((course / RECORD).read_text("utf-8"))
    older = {name: hashes[-1] for name, hashes in record.items()}
    (course / RECORD).write_text(json.dumps(older), "utf-8")
    publish(course, "second edition")
    assert copy_course(course)["renewed"] == ["lessons/02-cost.ipynb"]


def test_a_copy_that_was_killed_half_way_is_known_as_ours_in_the_next_edition(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, calls = Path.replace, []

    def killed(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 3:  # after the record and the first file
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        copy_course(course)
    monkeypatch.undo()
    monkeypatch.setattr(
        "virtlearn.course.material",
        lambda: {part: course.parent / "material" / part for part in ("lessons", "exercises")},
    )
    publish(course, "second edition")
    done = copy_course(course)
    assert done["renewed"] == ["lessons/02-cost.ipynb"]
    assert done["new"] == ["exercises/02-cost/02-cost.ipynb"]


def test_a_record_that_names_files_outside_the_course_removes_none(course: Path) -> None:
    copy_course(course)
    record = json.loads((course / RECORD).read_text("utf-8"))
    outside = course.parent / "diary.txt"
    outside.write_bytes(lesson(course).read_bytes())
    (course / "diary.txt").write_bytes(lesson(course).read_bytes())
    for name in ("../diary.txt", "lessons/../../diary.txt", "diary.txt", str(outside)):
        record[name] = record["lessons/02-cost.ipynb"]
    (course / RECORD).write_text(json.dumps(record), "utf-8")
    assert copy_course(course)["gone"] == []
    assert outside.exists()
    assert (course / "diary.txt").exists()


# --- an older copy of the course


def test_what_the_course_no_longer_has_goes_unless_the_learner_changed_it(course: Path) -> None:
    lessons = course.parent / "material" / "lessons"
    for name in ("03-old.ipynb", "04-old.ipynb"):
        (lessons / name).write_text(book("old"), "utf-8")
    copy_course(course)
    (course / "lessons" / "04-old.ipynb").write_text(book("my notes"), "utf-8")
    for name in ("03-old.ipynb", "04-old.ipynb"):
        (lessons / name).unlink()
    assert copy_course(course)["gone"] == ["lessons/03-old.ipynb"]
    assert not (course / "lessons" / "03-old.ipynb").exists()
    assert read(course / "lessons" / "04-old.ipynb") == "my notes"


def test_the_answers_are_not_copied_and_those_of_version_0_1_are_taken_away(course: Path) -> None:
    bank = course.parent / "material" / "lessons" / "questions" / "q02.py"
    bank.parent.mkdir()
    bank.write_text("QUESTIONS = []", "utf-8")
    copy_course(course)
    assert not (course / "lessons" / "questions").exists()

    copied = course / "lessons" / "questions"
    (copied / "__pycache__").mkdir(parents=True)
    (copied / "__pycache__" / "q02.cpython-311.pyc").write_bytes(b"made from it")
    (copied / "q02.py").write_bytes(bank.read_bytes())
    record = json.loads((course / RECORD).read_text("utf-8"))
    record["lessons/questions/q02.py"] = hashlib.sha256(bank.read_bytes()).hexdigest()
    (course / RECORD).write_text(json.dumps(record), "utf-8")
    assert copy_course(course)["gone"] == ["lessons/questions/q02.py"]
    assert not copied.exists()


def test_the_learners_folder_shows_notebooks_first_and_no_answers(tmp_path: Path) -> None:
    copy_course(tmp_path)
    shown = sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("."))
    assert shown == ["exercises", "lessons"]
    inside = sorted(path.name for path in (tmp_path / "lessons").iterdir())
    assert inside[0].startswith("00-")
    assert not list(tmp_path.rglob("*.py"))
    assert (material()["lessons"] / "questions").is_dir()  # where the package itself reads them


# --- a full disk


def test_a_notebook_that_a_full_disk_cut_off_is_no_ones_work(course: Path) -> None:
    whole = book("02-cost.ipynb, as published")
    for left in ("", whole[:1], whole[: len(whole) // 2]):
        lesson(course).parent.mkdir(parents=True, exist_ok=True)
        lesson(course).write_text(left, "utf-8")
        assert copy_course(course)["renewed"] == ["lessons/02-cost.ipynb"], left
        assert read(lesson(course)) == "02-cost.ipynb, as published"


def test_half_of_an_older_edition_is_put_aside_for_it_cannot_be_opened(course: Path) -> None:
    lesson(course).parent.mkdir(parents=True)
    lesson(course).write_text(book("an older edition")[:-9], "utf-8")
    assert copy_course(course)["aside"] == ["lessons/02-cost.mine-1.ipynb"]
    assert read(lesson(course)) == "02-cost.ipynb, as published"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 kB, of which the course fills more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=200k", "virtlearn-test", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"a full disk cannot be made here: {error}")
    if done.returncode:
        pytest.skip(f"a full disk cannot be made here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_leaves_whole_files_and_a_clear_word(small_disk: Path) -> None:
    home = small_disk / "course"
    with pytest.raises(CannotOpen, match="No space left on device") as refused:
        copy_course(home)
    assert "What was copied is whole. Make room" in str(refused.value)
    copied = [path for path in home.rglob("*") if path.is_file() and path.name != RECORD]
    assert copied
    for path in copied:
        part, *inner = path.relative_to(home).parts
        assert path.read_bytes() == material()[part].joinpath(*inner).read_bytes()

    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    done = copy_course(home)
    assert (done["renewed"], done["kept"], done["aside"]) == ([], [], [])
    assert len(done["same"]) == len(copied)
    assert done["new"]


def test_a_full_disk_takes_nothing_from_the_learner(course: Path, small_disk: Path) -> None:
    home = small_disk / "course"
    copy_course(home)
    lesson(home).write_text(book("my notes"), "utf-8")
    publish(course, "x" * 300_000)
    with pytest.raises(CannotOpen, match="No space left on device"):
        copy_course(home, update=True)
    versions = [read(file) for file in (home / "lessons").glob("*.ipynb")]
    assert "my notes" in versions


# --- odd folders


@pytest.mark.parametrize("name", ["with blanks in it", "Übung – 演習", "a'b\"c", "-dash", "%20&#"])
def test_folders_may_have_any_name(course: Path, name: str) -> None:
    home = course / name
    assert len(copy_course(home)["new"]) == 2
    assert len(copy_course(home)["same"]) == 2


def test_a_folder_far_down_works_and_one_too_far_down_is_refused(course: Path) -> None:
    deep = course.joinpath(*["a-folder-with-a-rather-long-name"] * 30)
    assert len(copy_course(deep)["new"]) == 2
    with pytest.raises(CannotOpen, match="File name too long"):
        copy_course(course / ("x" * 300))


def test_a_link_to_a_folder_is_followed_and_a_link_to_a_file_stays(
    course: Path, tmp_path: Path
) -> None:
    real = tmp_path / "elsewhere"
    real.mkdir()
    course.symlink_to(real)
    copy_course(course)
    notes = tmp_path / "02-on-my-other-disk.ipynb"
    lesson(course).rename(notes)
    lesson(course).symlink_to(notes)
    publish(course, "second edition")
    assert copy_course(course)["renewed"] == ["lessons/02-cost.ipynb"]
    assert lesson(course).is_symlink()
    assert read(notes) == "second edition"


def test_links_that_lead_to_each_other_or_nowhere_are_refused(tmp_path: Path) -> None:
    one, other, nowhere = (tmp_path / name for name in ("one", "other", "nowhere"))
    one.symlink_to(other)
    other.symlink_to(one)
    nowhere.symlink_to(tmp_path / "not-there")
    for link in (one, nowhere):
        with pytest.raises(CannotOpen, match=f"DIR is '{link}'"):
            copy_course(link)


def test_a_folder_in_the_place_of_a_notebook_is_named(course: Path) -> None:
    lesson(course).mkdir(parents=True)
    with pytest.raises(CannotOpen, match=r"Is a directory \(.*02-cost\.ipynb\)"):
        copy_course(course)


def test_a_read_only_folder_is_refused_and_named(tmp_path: Path) -> None:
    home = tmp_path / "read-only"
    home.mkdir()
    code = (
        "import os, sys, pathlib, virtlearn.course as c\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"  # root may write anywhere
        "try: c.copy_course(pathlib.Path(sys.argv[1]))\n"
        "except c.CannotOpen as error: print(error)"
    )
    home.chmod(0o555)
    tmp_path.chmod(0o755)
    for above in tmp_path.parents[:2]:
        above.chmod(0o755)
    said = subprocess.check_output([sys.executable, "-c", code, str(home)], text=True)
    assert f"DIR is '{home}', and it cannot be used: Permission denied" in said
    assert "Name a folder of your own" in said


@pytest.mark.parametrize("text", ["", "  ", "\t", "a\0b"])
def test_a_name_that_names_no_folder_is_refused(text: str) -> None:
    with pytest.raises(CannotOpen, match="which names no folder"):
        folder_named(text)


def test_the_home_of_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotOpen, match="nobody knows that home"):
        folder_named("~no-such-user-here/course")
    monkeypatch.setenv("HOME", "/of/mine")
    assert folder_named("~/course") == Path("/of/mine/course")


# --- two at once


def _copy_there(home: str) -> list[str]:
    return copy_course(Path(home), update=True)["aside"]


def test_two_copies_at_once_lose_nothing(tmp_path: Path) -> None:
    home = tmp_path / "course"
    copy_course(home)
    books = sorted((home / "lessons").glob("[0-9]*.ipynb"))
    for file in books:
        file.write_text(book(f"my notes in {file.name}"), "utf-8")
    with get_context("spawn").Pool(2) as pool:
        pool.map(_copy_there, [str(home)] * 4, chunksize=1)
    for file in books:
        ours = material()["lessons"] / file.name
        assert file.read_bytes() == ours.read_bytes()
        mine = [read(kept) for kept in file.parent.glob(f"{file.stem}.mine-*.ipynb")]
        assert f"my notes in {file.name}" in mine
    left = [path for path in home.rglob(".*") if path.name not in {RECORD}]
    assert left == []


def test_the_record_is_readable_by_whoever_may_read_the_folder(course: Path) -> None:
    copy_course(course)
    umask = os.umask(0)
    os.umask(umask)
    assert (course / RECORD).stat().st_mode & 0o777 == 0o666 & ~umask
