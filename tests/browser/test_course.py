"""The whole course as a learner clicks through it: from `virtlearn lab` to the last quiz, in both themes."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import CONTRAST, Lab, Notebook  # type: ignore[import-not-found]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BOOKS = sorted((Path(__file__).resolve().parents[2] / "lessons").glob("[0-9][0-9]-*.ipynb"))


class Course(Lab):  # type: ignore[misc]
    """JupyterLab as `virtlearn lab` opens it."""

    def command(self, port: int) -> list[str]:
        """Use the command that the README names."""
        return [
            sys.executable,
            "-m",
            "virtlearn.cli",
            "lab",
            str(self.root),
            "--no-browser",
            f"--port={port}",
            *self.OPTIONS,
        ]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    opened = Course(tmp_path_factory.mktemp("course"))
    try:
        opened.wait()
        yield opened
    finally:
        opened.stop()


def answer(page: Any, button: str) -> int:
    """Choose the first answer of every question with such a button, and commit to it."""
    buttons = page.get_by_role("button", name=button, exact=True)
    answered = page.locator(".virtlearn-study li[data-mark*='your answer']")
    done = 0
    # An answer may unfold a part of the lesson that asks the next question.
    while buttons.count():
        box = page.locator(".virtlearn-study fieldset", has=buttons.first).first
        box.get_by_role("radio").first.check()
        before = answered.count()
        box.get_by_role("button", name=button, exact=True).click()
        page.wait_for_function(
            "n => document.querySelectorAll(\".virtlearn-study li[data-mark*='your answer']\").length > n",
            arg=before,
        )
        done += 1
    return done


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name[:2])
def test_a_learner_works_through_it_and_changes_the_theme(
    course: Course, chromium: Any, pictures: Path, book: Path
) -> None:
    # Every other lesson is run in the dark theme, and looked at in the light one afterwards.
    first, second = ("light", "dark") if int(book.name[:2]) % 2 else ("dark", "light")
    # Another learner each time: a first answer is kept, and is not asked for again.
    (course.home / "virtlearn-progress.json").unlink(missing_ok=True)
    context = chromium.new_context(viewport={"width": 1200, "height": 1000}, color_scheme=first)
    page = context.new_page()
    page.set_default_timeout(30_000)
    lesson = Notebook(page, f"lessons/{book.name}", pictures)
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: (
            elsewhere.append(request.url)
            if re.match(r"https?://(?!127\.0\.0\.1)", request.url)
            else None
        ),
    )
    lesson.show(course, first)
    lesson.run_all()
    lesson.screenshot(f"course-{book.name[:2]}-{first}")
    assert answer(page, "I commit") >= 3
    assert answer(page, "Answer") >= 4
    done = lesson.python(
        f"len(vl.study.record.load()[0].keys() & vl.study.questions('{book.name[:2]}').keys())"
    )
    assert done >= 7
    lesson.change_theme(second)
    for words in page.locator(".virtlearn-sentence:visible, .virtlearn-study:visible").all():
        assert words.evaluate(CONTRAST) >= 4.5
    lesson.screenshot(f"course-{book.name[:2]}-{second}")
    assert lesson.errors == []
    assert elsewhere == []
    context.close()
    course.stop_kernels()
