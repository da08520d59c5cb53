"""Predictions, hints and quizzes in a learner's hands: run again, restarted, reopened, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import v4

from .conftest import Lab, Notebook  # type: ignore[import-not-found]

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PANEL = ".virtlearn-study"
SECRET = "only after the commitment"


@pytest.fixture
def book(tmp_path: Path, lab: Lab) -> Path:
    """A small lesson: a prediction, what follows it in a fold, hints, a solution, a quiz."""
    (lab.home / "virtlearn-progress.json").unlink(missing_ok=True)
    fold = v4.new_markdown_cell(
        "### See what comes out", metadata={"jp-MarkdownHeadingCollapsed": True}
    )
    cells = [
        v4.new_markdown_cell("# A small lesson?"),
        v4.new_code_cell("import virtlearn as vl"),
        v4.new_code_cell('vl.study.predict("02.1")'),
        fold,
        v4.new_code_cell(f'print("{SECRET}")'),
        v4.new_markdown_cell("## Then"),
        v4.new_code_cell('vl.study.hint("02.a")'),
        v4.new_code_cell('vl.study.solution("02.b")'),
        v4.new_code_cell('vl.study.quiz("02")'),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    file = tmp_path / "small.ipynb"
    nbformat.write(v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), file)
    return file


def panel(notebook: Notebook, text: str) -> Any:
    return notebook.page.locator(PANEL).filter(has_text=text).first


def predicted(notebook: Notebook) -> Any:
    return panel(notebook, "Redis starts in a container")


def commit(notebook: Notebook, option: str) -> None:
    box = predicted(notebook)
    box.get_by_role("radio", name=option).check()
    box.get_by_role("button", name="I commit").click()
    box.locator("li[data-mark]").first.wait_for()


def facts(notebook: Notebook) -> dict[str, Any]:
    found = notebook.python("vl.study.record.load()[0]", given="import virtlearn as vl")
    assert isinstance(found, dict)
    return found


def test_run_all_three_times_reveals_nothing_and_changes_no_record(
    open_notebook: Callable[..., Notebook], book: Path
) -> None:
    notebook = open_notebook(book)
    for _ in range(3):
        notebook.run_all()
    predicted(notebook).wait_for()
    assert facts(notebook) == {}
    assert not notebook.page.get_by_text(SECRET).last.is_visible()
    shown = " ".join(notebook.page.locator(PANEL).all_inner_texts())
    assert "Show a hint (1 of 3)" in shown
    assert "Hint." not in shown
    assert "Solution." not in shown
    assert "right one" not in shown
    assert notebook.errors == []


def test_a_commitment_is_kept_marked_in_place_and_unfolds_what_follows(
    open_notebook: Callable[..., Notebook], book: Path
) -> None:
    notebook = open_notebook(book)
    notebook.run_all()
    commit(notebook, "512 MB")
    notebook.page.get_by_text(SECRET, exact=True).wait_for()
    notebook.run_all()
    box = predicted(notebook)
    box.locator("li[data-mark]").first.wait_for()
    assert box.locator("li[data-mark]").all_inner_texts() == [
        "B. 30 MB (✔ the right one)",
        "C. 512 MB (your answer)",
    ]
    assert "Not this one. You committed to C." in box.inner_text()
    assert "Not yet" not in box.inner_text()
    assert facts(notebook) == {"02.1": {"first": "C", "hints": 0, "status": "wrong"}}


def test_hints_come_one_by_one_when_asked_for(
    open_notebook: Callable[..., Notebook], book: Path
) -> None:
    notebook = open_notebook(book)
    notebook.run_all()
    for more in ("Show a hint (1 of 3)", "One more hint (2 of 3)"):
        notebook.page.get_by_role("button", name=more).click()
    notebook.page.get_by_role("button", name="One more hint (3 of 3)").wait_for()
    notebook.run_all()
    hints = panel(notebook, "One more hint (3 of 3)")
    hints.wait_for()
    assert hints.inner_text().count("Hint.") == 2
    assert facts(notebook)["02.a"]["hints"] == 2
    notebook.page.get_by_role("button", name="Show the solution").click()
    notebook.page.get_by_text("Solution.").wait_for()
    assert facts(notebook)["02.b"]["status"] == "shown"


def test_the_keys_of_a_list_of_options_stay_in_it(
    open_notebook: Callable[..., Notebook], book: Path
) -> None:
    notebook = open_notebook(book)
    notebook.run_all()
    box = predicted(notebook)
    box.get_by_role("radio").first.focus()
    keys = notebook.page.keyboard
    keys.press("Space")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    assert box.get_by_role("radio", name="C. 512 MB").is_checked()
    keys.press("Tab")
    assert notebook.page.evaluate("() => document.activeElement.textContent") == "I commit"
    keys.press("Enter")
    box.locator("li[data-mark]").first.wait_for()
    assert facts(notebook)["02.1"]["first"] == "C"
    focused = "() => document.activeElement.getAttribute('role')"
    assert notebook.page.evaluate(focused) == "status"


def test_after_a_restart_each_panel_says_what_to_do(
    open_notebook: Callable[..., Notebook], book: Path
) -> None:
    notebook = open_notebook(book)
    notebook.run_all()
    box = predicted(notebook)
    box.get_by_role("radio").first.check()
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    box.get_by_text("Run > Run All Above Selected Cell").wait_for()
    assert box.get_by_role("radio", checked=True).count() == 0
    assert box.get_by_role("radio", disabled=True).count() == 4
    assert notebook.page.get_by_text("The kernel was restarted").count() == 4
    notebook.run_all()
    commit(notebook, "30 MB")
    assert "Right. You committed to B." in predicted(notebook).inner_text()


@pytest.mark.parametrize("trusted", [True, False])
def test_a_saved_lesson_shows_the_next_day_what_was_asked_and_answered(
    open_notebook: Callable[..., Notebook], book: Path, lab: Lab, trusted: bool
) -> None:
    notebook = open_notebook(book)
    notebook.run_all()
    commit(notebook, "512 MB")
    notebook.save()
    kept = nbformat.read(lab.root / book.name, 4)
    notebook.page.context.close()
    lab.stop_kernels()
    # What a learner ran themselves is signed; a notebook that somebody changed is not.
    kept.metadata.update({} if trusted else {"changed": "by somebody else"})
    tomorrow = book.with_name("tomorrow.ipynb")
    nbformat.write(kept, tomorrow)
    again = open_notebook(tomorrow)
    cell = "window.jupyterapp.shell.currentWidget.content.model.cells.get(2)"
    again.page.wait_for_function(f"() => {cell}")  # the page comes before its cells
    assert again.page.evaluate(f"() => {cell}.trusted") is trusted
    still = again.page.locator(".virtlearn-still, .jp-RenderedHTML", has_text="Redis starts").first
    still.wait_for()
    text = again.page.locator(".jp-Notebook").inner_text()
    assert "512 MB (your answer)" in text
    assert "30 MB (✔ the right one)" in text
    assert "Run this cell (Shift+Enter) to answer here." in text
    assert "Error displaying widget" not in text
    assert "Loading widget" not in text
    assert SECRET in text  # unfolded yesterday, and saved so


def test_the_same_holds_in_jupyter_notebook_7(
    open_notebook: Callable[..., Notebook], book: Path, lab: Lab
) -> None:
    pytest.importorskip("notebook")
    notebook = open_notebook(book)
    page = notebook.page
    page.goto(f"{lab.url}/notebooks/{book.name}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_timeout(4000)  # it says in no other way that the kernel is there
    for run in (1, 2):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_function(  # the panels of the run before are replaced
            """([run, empty]) => {
                const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
                return prompts.at(-1).textContent === `[${run * prompts.length}]:` && !document.querySelector(empty);
            }""",
            arg=[run, notebook.NOT_YET],
        )
        page.get_by_role("radio").first.wait_for()
    assert page.locator(".virtlearn-still:visible").count() == 0
    assert not page.get_by_text(SECRET, exact=True).is_visible()
    box = predicted(notebook)
    box.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    assert box.get_by_role("radio", name="A. 8 MB").is_checked()
    page.keyboard.press("ArrowDown")
    assert box.get_by_role("radio", name="B. 30 MB").is_checked()
    box.get_by_role("button", name="I commit").click()
    page.get_by_text(SECRET, exact=True).wait_for()
    notebook.screenshot("study-notebook-7")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_a_panel(
    open_notebook: Callable[..., Notebook], book: Path, theme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    notebook = open_notebook(book, theme=theme)
    notebook.run_all()
    predicted(notebook).wait_for()
    notebook.screenshot(f"study-{theme}")
    for moment in ("before", "after"):
        if moment == "after":
            commit(notebook, "512 MB")
            notebook.page.get_by_role("button", name="Show a hint").click()
            notebook.page.get_by_role("button", name=re.compile("One more hint")).wait_for()
            notebook.screenshot(f"study-{theme}-after")
        found = axe.Axe().run(notebook.page, context=PANEL)
        assert found.response["violations"] == [], found.generate_report()


LESSONS = Path(__file__).resolve().parents[2] / "lessons"


def visible(notebook: Notebook, source: str) -> bool:
    cell = notebook.page.locator(".jp-Notebook .jp-CodeCell", has_text=source).first
    return bool(cell.is_visible())


def test_a_lesson_as_delivered_shows_no_picture_before_its_prediction(
    open_notebook: Callable[..., Notebook],
) -> None:
    """Lesson 06 asks two questions in one block: the second one is folded behind the first."""
    notebook = open_notebook(next(LESSONS.glob("06-*.ipynb")))
    notebook.page.get_by_role("button", name="cells hidden").nth(2).wait_for()
    pictures = ("vl.explore.failure_domains", "vl.explore.copies_up", "hosts = [vl.Host")
    for _ in range(3):
        assert not any(visible(notebook, picture) for picture in pictures)
        assert visible(notebook, 'predict("06.2")')
        assert not visible(notebook, 'predict("06.3")')
        notebook.run_all()
    assert facts(notebook) == {} or not any(id.startswith("06") for id in facts(notebook))
    for ask, picture in (
        ("The power supplies of both", pictures[0]),
        ("up 99.5 % of the time", 'predict("06.3")'),
        ("1 in 100 failures", pictures[1]),
    ):
        box = panel(notebook, ask)
        box.get_by_role("button", name="Just show me").click()
        notebook.page.locator(".jp-CodeCell:visible", has_text=picture).first.wait_for()
    assert not visible(notebook, pictures[2])
    notebook.screenshot("study-06")
