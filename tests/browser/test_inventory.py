"""The inventory as a learner answers it in JupyterLab: by keyboard alone, and read again the next day."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import expect

from virtlearn.study._panel import RUN_ME
from virtlearn.study.ideas import FORMS, ideas

FOCUSED = "document.activeElement.innerText"
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def notebook(tmp_path: Path, lab: Any) -> Path:
    """A notebook of two cells, and nobody's progress."""
    (lab.home / "virtlearn-progress.json").unlink(missing_ok=True)
    cells = ["import virtlearn as vl", 'vl.study.inventory("before")']
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path / "inventory.ipynb"
    nbformat.write(book, path)
    return path


def test_all_is_answered_by_keyboard_and_a_picture_comes_at_the_end(
    notebook: Path, lab: Any, open_notebook: Callable[..., Any]
) -> None:
    opened = open_notebook(notebook)
    opened.run_all()
    page = opened.page
    page.get_by_text("Question 1 of 18").wait_for()
    page.get_by_role("button", name="Next", exact=True).wait_for()
    opened.screenshot("inventory-first")
    page.get_by_role("radio").first.focus()  # from here on, keys alone
    cell = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    before = page.evaluate(cell)
    for place in range(len(ideas())):
        page.get_by_text(f"Question {place + 1} of 18").wait_for()
        page.keyboard.press("Space")
        for _ in range(place % 4):  # to another answer each time
            page.keyboard.press("ArrowDown")
        assert page.evaluate("document.activeElement.checked") is True
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED) in ("Next", "Finish"), "a list of options is one stop"
        page.keyboard.press("Enter")
        if place < len(ideas()) - 1:
            page.get_by_text(f"Question {place + 2} of 18").wait_for()
            assert page.evaluate(FOCUSED) in ("Next", "Finish"), "the focus was lost"
            page.keyboard.press("Shift+Tab")
    assert page.evaluate(cell) == before, "keys are kept in the panel"
    page.get_by_text("What is right is not said yet").last.wait_for()
    page.locator(".js-plotly-plot").first.wait_for()
    opened.screenshot("inventory-result")
    facts = json.loads((lab.home / "virtlearn-progress.json").read_text("utf-8"))["questions"]
    assert facts["inventory.before"]["done"] is True
    assert facts["inventory.before"]["form"] in FORMS
    assert all(f"inventory.before.{idea}" in facts for idea in ideas())
    assert opened.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_saved_notebook_opened_without_a_kernel_shows_words_and_no_error(
    notebook: Path, lab: Any, open_notebook: Callable[..., Any], theme: str
) -> None:
    opened = open_notebook(notebook)
    opened.run_all()
    page = opened.page
    page.get_by_text("Question 1 of 18").wait_for()
    opened.save()
    lab.stop_kernels()
    saved = notebook.with_name(f"saved-{theme}.ipynb")
    saved.write_bytes((lab.root / notebook.name).read_bytes())
    again = open_notebook(saved, theme=theme)
    again.page.get_by_text("'I do not know' is an answer").first.wait_for()
    again.page.get_by_text(RUN_ME).wait_for()
    again.screenshot(f"inventory-reopened-{theme}")
    dead = again.page.locator(".jp-OutputArea-child").nth(1)
    expect(dead).to_be_hidden()
