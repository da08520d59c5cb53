"""What is kept of a submission, so that it is there whole or not at all, whenever the grader is stopped."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from grading.judge import Verdict

try:
    import fcntl
except ImportError:  # not on Windows, where nothing is graded either
    fcntl = None  # type: ignore[assignment]


class Busy(Exception):
    """Another grader is at work in this course."""


def write(path: Path, text: str) -> None:
    """Write a file whole: under another name first, onto the disk, then in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(made, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def read(path: Path) -> dict[str, Any]:
    """Read what was written; a file that is not there, or was cut, holds nothing."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        found = json.loads(path.read_text("utf-8"))
        if isinstance(found, dict):
            return found
    return {}


class Place:
    """Where one student's work on one assignment is."""

    def __init__(self, course: Path, assignment: str, student: str) -> None:
        self.course, self.assignment, self.student = course, assignment, student
        self.submitted = course / "submitted" / student / assignment
        self.autograded = course / "autograded" / student / assignment
        self.verdict = course / "submitted" / ".judged" / assignment / f"{student}.json"
        self.mark = course / "submitted" / ".graded" / assignment / f"{student}.json"
        self.how = course / "submitted" / ".how" / assignment / f"{student}.json"

    @property
    def notebook(self) -> Path:
        """Name what was handed in, put in order."""
        return self.submitted / f"{self.assignment}.ipynb"

    def about(self) -> dict[str, Any]:
        """Read how it was handed in: whose numbers count, what the platform calls the student, when."""
        return read(self.how)

    def put(self, book: NotebookNode, about: dict[str, Any], timestamp: str) -> None:
        """Put a submission in its place, whole; what it was worth before counts no more."""
        self.mark.unlink(missing_ok=True)
        write(self.how, json.dumps(about, ensure_ascii=False, sort_keys=True))
        for old in (self.submitted, self.submitted.parent):
            if old.is_symlink():
                old.unlink()
        if self.submitted.is_dir():
            for inner in self.submitted.iterdir():
                if inner.is_dir() and not inner.is_symlink():
                    shutil.rmtree(inner)
                else:
                    inner.unlink()
        write(self.notebook, nbformat.writes(book))
        if timestamp:
            write(self.submitted / "timestamp.txt", timestamp)

    def handed_in(self) -> NotebookNode | None:
        """Read what was handed in, if it is there and whole."""
        with contextlib.suppress(Exception):  # whatever a cut file may be
            return nbformat.read(self.notebook, 4)
        return None

    def timestamp(self) -> str:
        """Read when it was handed in, if that was written down."""
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return (self.submitted / "timestamp.txt").read_text("utf-8").strip()
        return ""

    def keep(self, key: str, verdict: Verdict) -> None:
        """Keep what came of judging, for nbgrader to save."""
        write(self.verdict, json.dumps({"key": key, **asdict(verdict)}))

    def judged(self, key: str = "") -> dict[str, Any]:
        """Give what came of judging, if it was judged by this key."""
        found = read(self.verdict)
        return found if found.get("key") == key or not key else {}

    def finish(self, key: str, points: float) -> None:
        """Write down that everything was saved."""
        write(self.mark, json.dumps({"key": key, "points": points}))

    def finished(self, key: str) -> float | None:
        """Give the points that were saved for this key, if all of it is still there."""
        found = read(self.mark)
        book = self.autograded / f"{self.assignment}.ipynb"
        if found.get("key") != key or not book.is_file() or not self.judged(key):
            return None
        points = found.get("points")
        return float(points) if isinstance(points, int | float) else None

    def forget(self) -> None:
        """Remove the mark, so that it is graded again."""
        self.mark.unlink(missing_ok=True)


@contextlib.contextmanager
def alone(course: Path) -> Iterator[None]:
    """Let one grader at a time into a course; a grader that was killed leaves no lock behind."""
    place = course / ".grading.lock"
    with place.open("a", encoding="utf-8") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(
                    f"Another grader is at work in {course}.\nWait until it is done, then try again."
                ) from None
        for part in (course / "submitted").rglob(".*.part"):
            part.unlink(missing_ok=True)  # of a grader that was killed
        yield
