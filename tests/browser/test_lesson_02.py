"""Lesson 02 in a real JupyterLab: run it all, move a slider with the keyboard, and all that is shown agrees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# The explorers of a lesson, in the order in which they stand on the page.
EXPLORERS = "[each for each in Out.values() if type(each).__name__ == 'Explorer']"
IN_THE_KERNEL = """
import virtlearn as vl
_e = {explorers}[{number}]
_fit = vl.deploy(vl.Workload("app", 0.1, _e.values["app_mib"]), copies=1, host=vl.Host(16, _e.values["host_gib"]),
                 on="containers").max_copies
"""
SHOWN_AND_DRAWN = """sentence => {
    const chart = sentence.closest('.virtlearn-panel').querySelector('.virtlearn-chart');
    return {
        sentence: sentence.textContent,
        copies: Array.from(chart.data.at(-1).y),
        over: [...chart.querySelectorAll('.annotation-text')].map(label => label.textContent),
    };
}"""


@pytest.fixture
def lesson(root: Path) -> Path:
    (book,) = (root / "lessons").glob("02-*.ipynb")
    return book


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_key_on_a_slider_changes_chart_sentence_and_kernel_alike(
    open_notebook: Any, lesson: Path, theme: str
) -> None:
    notebook = open_notebook(lesson, theme=theme)
    notebook.run_all()
    # What follows a prediction is folded until the learner commits or opens it.
    notebook.page.evaluate("window.jupyterapp.commands.execute('notebook:expand-all-headings')")
    number = notebook.python(f"[each.title for each in {EXPLORERS}].index('density')")
    sentence = notebook.page.locator(".virtlearn-sentence").nth(number)
    before = sentence.inner_text()
    panel = sentence.locator("xpath=ancestor::*[contains(@class, 'virtlearn-panel')][1]")
    panel.get_by_role("slider").first.press("ArrowRight")
    expect(sentence).not_to_have_text(before)

    page = sentence.evaluate(SHOWN_AND_DRAWN)
    given = IN_THE_KERNEL.format(explorers=EXPLORERS, number=number)
    assert page["sentence"] == notebook.python("_e.sentence", given)
    assert page["copies"][0] == notebook.python("_fit", given)
    labels = [f"{copies:,}" for copies in page["copies"]]
    assert [label for label in labels if not any(label in over for over in page["over"])] == []
    assert all(f" {label} " in page["sentence"] for label in labels)
    assert notebook.errors == []
    notebook.screenshot(f"lesson-02-{theme}")
