"""One submission from what was handed in to what nbgrader will save; what was judged before is not judged again."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import nbformat

from grading import hand_in, judge
from grading.sandbox import Limits
from virtlearn.study.bank import exercise_bank


def source_of(course: Path, assignment: str) -> Any:
    """Read an assignment as its author wrote it."""
    return nbformat.read(course / "source" / assignment / f"{assignment}.ipynb", 4)


def key(book: Any, student: str, assignment: str) -> str:
    """Name what an outcome depends on: the cells, the student, the questions, and the judge itself."""
    code = [cell.source for cell in book.cells if cell.cell_type == "code"]
    files = [
        Path(exercise_bank(assignment[:2]).__file__),
        *sorted(Path(__file__).parent.glob("*.py")),
    ]
    parts = [student, assignment, json.dumps(code), *(file.read_text("utf-8") for file in files)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def kept(course: Path, student: str, assignment: str) -> Path:
    """Say where the outcome of judging waits for nbgrader, beside what was handed in."""
    return course / "submitted" / ".judged" / assignment / f"{student}.json"


def judged(
    root: Path, student: str, assignment: str, text: bytes | str, limits: Limits
) -> tuple[str, bool]:
    """Put one submission in its place and judge it; give "" or what is wrong with it, and whether anything is new."""
    try:
        source = source_of(root, assignment)
        book = judge.rebuild(hand_in.checked(text, source), source)
    except hand_in.Refused as slip:
        return str(slip), False
    outcome, name = kept(root, student, assignment), key(book, student, assignment)
    if (root / "autograded" / student / assignment).exists() and outcome.exists():
        with outcome.open(encoding="utf-8") as file:
            if json.load(file).get("key") == name and _words(book) == _words(
                _read(root, student, assignment)
            ):
                return "", False
    place = root / "submitted" / student / assignment
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    nbformat.write(book, place / f"{assignment}.ipynb")
    outputs = judge.judge(book, student, assignment[:2], limits)
    outcome.parent.mkdir(parents=True, exist_ok=True)
    outcome.write_text(json.dumps({"key": name, "outputs": outputs}), "utf-8")
    return "", True


def _read(root: Path, student: str, assignment: str) -> Any:
    return nbformat.read(root / "submitted" / student / assignment / f"{assignment}.ipynb", 4)


def _words(book: Any) -> list[str]:
    return [cell.source for cell in book.cells]
