"""What a lesson shows without its kernel: the next day, after a reload, after a restart; and how large it has grown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from virtlearn.explore._panel import RUN_ME

pytestmark = pytest.mark.browser

READY = ".virtlearn-chart[aria-busy=false] .main-svg"
CELLS = ("e = vl.explore.shares()\ne", "vl.explore.density().figure()")
SEEN = "e => e.checkVisibility()"
BROKEN = "/widget model not found/i"


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
def test_the_next_day_picture_sentence_and_the_one_thing_to_do_are_there(
    notebook_of: Any, open_notebook: Any, lab: Any, tmp_path: Path, trusted: bool
) -> None:
    notebook = notebook_of(*CELLS)
    notebook.page.wait_for_selector(READY)
    sentence = notebook.python("e.sentence")
    kept = notebook.save()
    if not trusted:  # trust is a signature of the outputs: any change ends it
        kept["cells"][2]["outputs"][0]["data"]["text/plain"] += " "
    file = tmp_path / "kept.ipynb"
    file.write_text(json.dumps(kept), "utf-8")
    notebook.page.close()
    lab.stop_kernels()
    later = open_notebook(file)
    page = later.page
    page.locator(".jp-RenderedPlotly .main-svg").nth(1).wait_for()
    page.wait_for_timeout(2000)
    state = (
        "window.jupyterapp.shell.currentWidget.content.widgets.every(cell => cell.model.trusted)"
    )
    assert page.evaluate(state) is trusted
    later.screenshot(f"next-day-{'trusted' if trusted else 'untrusted'}")
    expect(page.get_by_text(RUN_ME)).to_have_count(1)
    expect(page.get_by_text(RUN_ME)).to_be_visible()
    expect(page.get_by_text(sentence, exact=True)).to_be_visible()
    assert page.locator(".jp-RenderedPlotly:visible, .jp-RenderedPlotly .main-svg:visible").count()
    assert page.get_by_text("rror displaying widget").locator("visible=true").count() == 0
    later.run_all()
    page.wait_for_selector(READY)
    expect(page.get_by_text(RUN_ME)).to_be_hidden()


def test_after_a_reload_with_the_kernel_alive_nothing_stands_twice(notebook_of: Any) -> None:
    notebook = notebook_of(*CELLS)
    page = notebook.page
    page.wait_for_selector(READY)
    notebook.python("setattr(e, 'values', {'red_cores': 5.0})")
    notebook.save()
    page.reload()
    page.wait_for_selector(READY, timeout=60_000)
    expect(page.locator(".virtlearn-sentence")).to_contain_text("of 5 asked")
    assert page.get_by_role("slider", name="Red asks").get_attribute("aria-valuetext") == "5 cores"
    assert page.locator(".virtlearn-resting").evaluate_all(f"all => all.map({SEEN})") == [False]
    stills = page.locator(".jp-RenderedPlotly").evaluate_all(f"all => all.map({SEEN})")
    assert stills == [False, True]


def test_after_a_restart_each_panel_says_what_to_do(notebook_of: Any) -> None:
    notebook = notebook_of("e = vl.explore.shares()\ne", "vl.explore.density()")
    page = notebook.page
    page.locator(READY).nth(1).wait_for()
    kernel = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
    page.evaluate(f"{kernel}.restart()")
    notices = page.get_by_role("alert")
    for i in range(2):
        expect(notices.nth(i)).to_contain_text("Run All Above Selected Cell", timeout=30_000)
        assert page.locator(".virtlearn-panel").nth(i).get_by_role("slider").first.is_disabled()
    icon = "e => getComputedStyle(e, '::before').content"
    icons = page.locator(".jupyter-widgets-disconnected").evaluate_all(f"all => all.map({icon})")
    assert set(icons) <= {"none"}
    notebook.screenshot("restarted")
    notebook.run_all()
    page.locator(READY).nth(1).wait_for()
    assert notices.count() == 0 or not notices.first.is_visible()
    assert page.get_by_role("slider").first.is_enabled()


def test_a_kernel_that_does_not_answer_is_named(notebook_of: Any, lab: Any) -> None:
    notebook = notebook_of("vl.explore.shares()")
    notebook.page.wait_for_selector(READY)
    lab.stop_kernels()
    notebook.page.get_by_role("slider").first.press("ArrowRight")
    alert = notebook.page.get_by_role("alert")
    expect(alert).to_contain_text("run this cell", timeout=20_000)


def test_a_lesson_stays_small_when_it_is_saved_after_a_run(open_notebook: Any, root: Path) -> None:
    (book,) = (root / "lessons").glob("06-*.ipynb")
    notebook = open_notebook(book)
    notebook.run_all()
    notebook.page.wait_for_timeout(3000)
    kept = notebook.save()
    outputs = [o for cell in kept["cells"] for o in cell.get("outputs", [])]
    assert not any("image/png" in output.get("data", {}) for output in outputs)
    assert len(json.dumps(kept, indent=1)) < 300_000
