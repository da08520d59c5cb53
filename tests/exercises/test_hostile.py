"""Submissions that attack: none changes a grade but by its own honest answers, none survives, the batch finishes.

Each is the model answer of exercise 02 with one thing added, so all 14 points are its honest ones unless it gave some away.
"""

from __future__ import annotations

import contextlib
import html.parser
import json
import shutil
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbconvert.filters.markdown import markdown2html

from .attacks import CELLS, FILE, MOST, NAME, OWN, REFUSED, REFUSED_LATER, SEARCHES, edited

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]


def survivors() -> set[str]:
    """List whose processes still run, by what they inherited."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # it ended meanwhile, or is not ours to read
            inherited = dict(word.partition(b"=")[::2] for word in path.read_bytes().split(b"\0"))
            found.add(inherited.get(b"VIRTLEARN_STUDENT", b"").decode())
    return found & set(OWN)


@pytest.fixture(scope="module")
def attacked(course: SimpleNamespace, exercises: Path) -> SimpleNamespace:
    """Grade them all in one batch, an honest student last, with small limits."""
    from grading import batch
    from grading.sandbox import Limits

    inbox = course.inbox
    source = nbformat.read(exercises / "source" / NAME / FILE, 4)
    bank = exercises.parent / "lessons" / "questions" / "x02.py"
    places = [
        course.root / "gradebook.db",
        course.root / "source",
        inbox / "neighbour.ipynb",
        exercises,
        bank,
    ]
    for name, book in edited(source, list(map(str, places))).items():
        nbformat.write(book, inbox / f"{name}.ipynb", capture_validation_error={})
    nbformat.write(source, inbox / "zz-honest.ipynb")
    (inbox / "huge.ipynb").write_bytes(b" " * (11 << 20))
    (inbox / "invalid.ipynb").write_text('{"cells": [', "utf-8")
    (inbox / "no-text.ipynb").write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [7]}), "utf-8"
    )
    (inbox / "nested.ipynb").write_text("[" * 100_000 + "]" * 100_000, "utf-8")
    other = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")] * 1001)
    nbformat.write(other, inbox / "many-cells.ipynb")
    other.cells = [nbformat.v4.new_markdown_cell("# Exercise 01")]
    nbformat.write(other, inbox / "another-assignment.ipynb")
    (inbox / "a-link.ipynb").symlink_to(inbox / "neighbour.ipynb")
    (course.root / "elsewhere").mkdir()
    shutil.copy(inbox / "neighbour.ipynb", course.root / "elsewhere" / FILE)
    (inbox / "a-folder-that-is-a-link").symlink_to(course.root / "elsewhere")
    for folder in ("Twice_1", "twice_2"):
        (inbox / folder).mkdir()
        shutil.copy(inbox / "zz-honest.ipynb", inbox / folder / FILE)
    begun = time.monotonic()
    limits = Limits(cell_s=4, call_s=2, all_s=45, memory_mib=600, together_mib=1200)
    course.bad = batch.grade(course.api, NAME, inbox, course.said.append, limits=limits)
    course.seconds = time.monotonic() - begun
    batch.feedback(course.api, NAME)
    return course


@pytest.fixture(scope="module")
def total(attacked: SimpleNamespace) -> dict[str, float]:
    """Give everybody's points."""
    with attacked.api.gradebook as book:
        return {
            each.student.id: each.auto_score if hasattr(each, "auto_score") else each.score
            for each in book.find_assignment(NAME).submissions
        }


@pytest.mark.parametrize("name", sorted(OWN))
def test_an_attack_changes_nothing_but_its_own_honest_points(
    name: str, total: dict[str, float], outcome: Any
) -> None:
    if OWN[name] is None:  # it answered for itself, and badly
        assert total[name] <= MOST
    else:
        assert (name, total[name]) == (name, OWN[name]), outcome(name, NAME)


@pytest.mark.parametrize("name", sorted(SEARCHES))
def test_a_search_from_inside_finds_nothing(
    name: str, attacked: SimpleNamespace, read: Any
) -> None:
    cells = read(attacked.root / "autograded" / name / NAME / FILE)
    assert cells["answer-1"].outputs[0].text == "found []\n"


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_cannot_be_graded_is_named_and_has_no_points(
    name: str, attacked: SimpleNamespace, total: Any
) -> None:
    assert attacked.bad[name].startswith(REFUSED[name])
    assert name not in total


def test_the_batch_finishes_and_nothing_else_is_wrong(attacked: SimpleNamespace) -> None:
    assert set(attacked.bad) == set(REFUSED)
    judged = [line for line in attacked.said if line.startswith("[")]
    assert len(judged) == len(OWN) + len(REFUSED_LATER)
    print(
        f"\n{len(OWN) + len(REFUSED)} hostile submissions in {attacked.seconds:.0f} s",
        *sorted(attacked.said),
        sep="\n",
    )


def test_nothing_survives(attacked: SimpleNamespace) -> None:
    end = time.monotonic() + 5
    while survivors() and time.monotonic() < end:
        time.sleep(0.1)
    assert survivors() == set()
    assert not Path("/tmp/hostile").exists()
    assert not Path("/tmp/submission").exists()


@pytest.mark.parametrize(("name", "words"), [
    ("breaks-out", "kept in"), ("fork-bomb", "BlockingIOError|1200 MiB"), ("memory-bomb", "MemoryError"), ("fills-the-disk", "No space left"),
    ("endless-loop", "TooLong"), ("deaf-loop", "This cell was left out: it took longer than 4 s and did not listen."),
    ("exits", "This cell was left out: it ended itself."), ("memory-bomb-of-many", "1200 MiB"),
])  # fmt: skip
def test_each_limit_is_met_and_said(name: str, words: str, attacked: SimpleNamespace) -> None:
    cells = nbformat.read(attacked.root / "autograded" / name / NAME / FILE, 4).cells
    outputs = next(cell.outputs for cell in cells if cell.source == CELLS[name][0])
    # Which of two bounds is met first may depend on what else the machine does.
    said = " ".join(each.get("text", "") + each.get("evalue", "") for each in outputs)
    assert any(word in said for word in words.split("|"))


def test_a_function_that_hangs_says_so(outcome: Any, attacked: SimpleNamespace) -> None:
    # The question's own limit or the sandbox's: which ends it first depends on what the machine does.
    said = outcome("a-function-that-hangs", NAME)["test-3"][1]
    assert "was still running after 5 seconds" in said or "took longer than it may" in said, said
    assert "it ended itself" in outcome("a-function-that-hangs", NAME)["test-4"][1]


def test_what_a_student_writes_is_not_run_by_a_readers_browser(attacked: SimpleNamespace) -> None:
    live = []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            live.extend(
                f"{name}={value}"
                for name, value in attributes
                if name.startswith("on") or "alert(" in str(value)
            )

        def handle_data(self, data: str) -> None:
            if self.cdata_elem == "script" and "alert(" in data:
                live.append(data)

    for kind in ("feedback/*/*/*.html", "autograded/*/*/*.ipynb"):
        pages = [path for path in attacked.root.glob(kind) if "script-in-the-answer" in str(path)]
        assert len(pages) == 1
        Reader().feed(
            pages[0].read_text("utf-8") if kind.startswith("feedback") else shown(pages[0])
        )
    assert live == []


def shown(path: Path) -> str:
    """Give the texts of a notebook as a browser gets them."""
    cells = nbformat.read(path, 4).cells
    return markdown2html("\n\n".join(cell.source for cell in cells if cell.cell_type != "code"))
