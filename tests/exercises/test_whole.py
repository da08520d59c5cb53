"""A result is there whole or not at all: however the grader ends, and whatever the disk does."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from .attacks import FILE, MOST, NAME

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]

KILLS = int(os.environ.get("VIRTLEARN_KILLS", "4"))
CLASS = {"ada": 14.0, "bob": 13.0, "cyd": 14.0}


def command(course: Path, *words: str) -> list[str]:
    grade = Path(__file__).resolve().parents[2] / "exercises" / "grade.py"
    return [sys.executable, "-I", str(grade), "--course", str(course), *words]


def run(course: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(course, *words), capture_output=True, text=True, check=False)


@pytest.fixture
def small(tmp_path: Path, exercises: Path) -> SimpleNamespace:
    """A course and an inbox of three, one of whom has an answer that is wrong."""
    course, inbox = tmp_path / "course", tmp_path / "inbox"
    course.mkdir()
    inbox.mkdir()
    (course / "source" / NAME).mkdir(parents=True)
    shutil.copy(exercises / "source" / NAME / FILE, course / "source" / NAME)
    shutil.copy(exercises / "nbgrader_config.py", course)
    for who, points in CLASS.items():
        book = nbformat.read(exercises / "source" / NAME / FILE, 4)
        if points < MOST:
            cell = next(cell for cell in book.cells if cell.id == "answer-1")
            cell.source += "\ncontainer_mib = 1"
        nbformat.write(book, inbox / f"{who}.ipynb")
    return SimpleNamespace(course=course, inbox=inbox)


def inside(course: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Do the same in this process, which is sooner."""
    import grade

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = grade.main(["--course", str(course), *words])
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def scores(file: Path) -> dict[str, float]:
    """Read an exported table."""
    with file.open(encoding="utf-8") as table:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(table)}


def points(course: Path) -> dict[str, float]:
    """Read the points out of the gradebook, as exported."""
    assert inside(course, "export").returncode == 0
    return scores(course / "grades.csv")


def test_a_grader_that_is_killed_and_started_again_loses_and_doubles_nothing(small: Any) -> None:
    rng, longest = random.Random(20), 6.0
    for count in range(KILLS):
        begun = time.monotonic()
        words = ("grade", "02", str(small.inbox)) if count % 3 else ("regrade", "02")
        process = subprocess.Popen(
            command(small.course, *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(rng.uniform(0.5, longest))
            longest = max(2.0, 1.2 * (time.monotonic() - begun))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        if count % 10 == 9:  # now and then somebody goes on to the end
            assert run(small.course, "grade", "02", str(small.inbox)).returncode == 0
            assert points(small.course) == CLASS
    done = run(small.course, "grade", "02", str(small.inbox))
    assert done.returncode == 0, done.stderr
    assert points(small.course) == CLASS
    assert not list(small.course.rglob("*.part"))
    again = run(small.course, "grade", "02", str(small.inbox)).stdout
    assert again.count("as before") == len(CLASS), again


@pytest.mark.parametrize("cells", [0, 9])
def test_a_release_that_was_cut_short_is_made_again(small: Any, cells: int) -> None:
    from grading import course

    assert inside(small.course, "release", "02").returncode == 0
    api = course.open_course(small.course)
    assert course.released(api, NAME)
    with api.gradebook as book:
        if cells:
            for cell in book.find_notebook(NAME, NAME).source_cells[cells:]:
                book.db.delete(cell)
            book.db.commit()
        else:
            book.remove_notebook(NAME, NAME)
            book.add_student("ada")
            book.add_submission(NAME, "ada")  # as a grading in that state left it
    assert not course.released(api, NAME)
    assert inside(small.course, "grade", "02", str(small.inbox)).returncode == 0
    assert course.released(api, NAME)
    assert points(small.course) == CLASS


def test_what_is_cut_or_lost_heals_by_itself(small: Any) -> None:
    assert inside(small.course, "grade", "02", str(small.inbox)).returncode == 0
    kept = small.course / "submitted"
    (kept / ".judged" / NAME / "ada.json").write_text('{"key": "')
    shutil.rmtree(kept / "bob")
    (small.course / "autograded" / "cyd" / NAME / FILE).chmod(0o644)
    (small.course / "autograded" / "cyd" / NAME / FILE).unlink()
    (kept / ".graded" / NAME / "cyd.json").write_text(json.dumps({"key": "x", "points": "many"}))
    done = inside(small.course, "grade", "02", str(small.inbox))
    assert (done.returncode, done.stdout.count("as before")) == (0, 0), done.stdout + done.stderr
    assert points(small.course) == CLASS


def test_a_new_gradebook_and_a_student_who_was_removed_are_no_traceback(small: Any) -> None:
    assert inside(small.course, "grade", "02", str(small.inbox)).returncode == 0
    (small.course / "gradebook.db").unlink()
    done = inside(small.course, "grade", "02", str(small.inbox))
    assert (done.returncode, done.stderr) == (0, "")
    assert points(small.course) == CLASS
    assert "bob is forgotten" in inside(small.course, "forget", "bob").stdout
    assert set(points(small.course)) == {"ada", "cyd"}
    assert not list(small.course.rglob("*bob*"))
    assert "Nobody here is called 'bob'" in inside(small.course, "forget", "bob").stderr
    assert inside(small.course, "grade", "02", str(small.inbox)).returncode == 0
    assert points(small.course) == CLASS


def test_a_mended_question_or_changed_points_regrade_everybody(small: Any) -> None:
    assert inside(small.course, "grade", "02", str(small.inbox)).returncode == 0
    source = small.course / "source" / NAME / FILE
    book = nbformat.read(source, 4)
    cell = next(cell for cell in book.cells if cell.id == "test-1a")
    cell.metadata.nbgrader.points = 5
    nbformat.write(book, source)
    assert inside(small.course, "release", "02").returncode == 0
    said = inside(small.course, "grade", "02", str(small.inbox)).stdout
    assert said.count("as before") == 0
    assert "ada: 18 of 24" in said
    again = inside(small.course, "regrade", "02", "--student", "ada", "--question", "3").stdout
    assert "[1/1]" in again
    assert "ada: 18 of 24" in again


def test_two_graders_at_once_get_in_each_others_way_with_a_clear_line(small: Any) -> None:
    from grading import store

    with store.alone(small.course):
        done = run(small.course, "grade", "02", str(small.inbox))
    assert done.returncode == 2
    assert "Another grader is at work in" in done.stderr
    assert not (small.course / "submitted").exists()


FULL = "while :; do head -c 64k /dev/zero >> {disk}/fill; sleep 0.02; done 2>/dev/null & filler=$!; sleep 1"
BAD_DISKS = {
    "full": (FULL, "kill $filler; rm {disk}/fill"),
    "read-only": ("mount -o remount,ro {disk}", "mount -o remount,rw {disk}"),
}
ON_A_BAD_DISK = """
mount -t tmpfs -o size=1500k tmpfs {disk} && cp -r {course}/. {disk} || exit 9
{spoil}
{regrade}
echo code=$?
{mend}
mount -o remount,size=20m {disk}
{grade}
{export}
cp {disk}/grades.csv {after}
"""


@pytest.mark.parametrize("kind", sorted(BAD_DISKS))
def test_a_disk_that_is_full_or_read_only_is_a_clear_line_and_nothing_half_written(
    kind: str, small: Any, tmp_path: Path
) -> None:
    """The course lies on a disk of its own, in a namespace of its own; afterwards grading goes on."""
    assert run(small.course, "grade", "02", str(small.inbox)).returncode == 0
    disk = tmp_path / "disk"
    disk.mkdir()
    spoil, mend = (step.format(disk=disk) for step in BAD_DISKS[kind])
    script = ON_A_BAD_DISK.format(
        disk=disk,
        course=small.course,
        spoil=spoil,
        mend=mend,
        after=tmp_path / "after.csv",
        regrade=" ".join(command(disk, "regrade", "02")),
        grade=" ".join(command(disk, "grade", "02", str(small.inbox))),
        export=" ".join(command(disk, "export")),
    )
    alone = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
    done = subprocess.run([*alone, "sh", "-c", script], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert "code=1" in said or "code=2" in said, said
    assert "Traceback" not in said
    words = ("No space left", "disk is full") if kind == "full" else ("Read-only file system",)
    assert any(word in said for word in words), said
    assert scores(tmp_path / "after.csv") == CLASS, said
