"""Explorers in a real JupyterLab: keys, names, pictures drawn ahead, clicks, and nothing twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
READY = ".virtlearn-chart[aria-busy=false]"
# Every text and every mark that is drawn in the chart now.
DRAWN = """chart => [...chart.querySelectorAll('text, path')]
    .map(e => e.tagName === 'text' ? e.textContent : e.getAttribute('d')).join('|')"""


@pytest.fixture
def explore(open_notebook: Any, tmp_path: Path) -> Any:
    """Open a notebook of one cell that shows an explorer."""

    def open_one(
        call: str, theme: str = "light", first: str = "", chart: str = READY, show: str = "_e"
    ) -> Any:
        source = f"{first}\nimport virtlearn as vl\n_e = vl.explore.{call}\n{show}"
        cell = {
            "cell_type": "code",
            "execution_count": None,
            "id": "a",
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        file = tmp_path / "explorer.ipynb"
        file.write_text(
            json.dumps({"cells": [cell], "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}),
            "utf-8",
        )
        notebook = open_notebook(file, theme=theme)
        notebook.run_all()
        notebook.page.wait_for_selector(f"{chart} .main-svg")
        return notebook

    return open_one


@pytest.mark.parametrize("call", ["shares()", "density()"])
def test_a_picture_drawn_ahead_is_the_chart_itself(explore: Any, call: str) -> None:
    notebook = explore(call)
    slider, chart = (
        notebook.page.get_by_role("slider").first,
        notebook.page.locator(".virtlearn-chart"),
    )
    slider.focus()
    notebook.wait_for_charts("ready")
    before = chart.bounding_box()
    slider.press("ArrowRight")
    seen = chart.evaluate(DRAWN)
    assert chart.bounding_box() == before, "the page below must not jump while a slider moves"
    sentence = notebook.page.locator(".virtlearn-sentence").inner_text()
    notebook.wait_for_charts("resting")
    assert chart.evaluate(DRAWN) == seen
    assert (
        sentence
        == notebook.python("_e.sentence")
        == notebook.page.locator(".virtlearn-sentence").inner_text()
    )
    assert notebook.errors == []


def test_many_fast_keys_end_on_the_last_value(explore: Any) -> None:
    notebook = explore("shares()")
    slider = notebook.page.get_by_role("slider").first
    for _ in range(15):
        slider.press("ArrowRight")
    expect(notebook.page.locator(".virtlearn-sentence")).to_contain_text("of 5.75 asked")
    notebook.wait_for_charts("resting")
    assert notebook.python("_e.values['red_cores']") == 5.75
    expect(notebook.page.locator(".virtlearn-sentence")).to_have_text(
        notebook.python("_e.sentence")
    )


def test_what_is_set_before_the_page_listens_is_not_lost(explore: Any) -> None:
    notebook = explore("shares()", show="display(_e)\n_e.values = {'red_cores': 5.0}")
    expect(notebook.page.locator(".virtlearn-sentence")).to_have_text(
        notebook.python("_e.sentence")
    )
    assert "Red gets 1.5 of 5 asked" in notebook.python("_e.sentence")


def test_another_choice_makes_what_was_drawn_ahead_void(explore: Any) -> None:
    notebook = explore("density()")
    slider = notebook.page.get_by_role("slider").first
    slider.focus()
    notebook.wait_for_charts("ready")
    notebook.page.locator(".jp-OutputArea").first.get_by_role("combobox").first.select_option(
        "unikernels"
    )
    expect(notebook.page.locator(".virtlearn-sentence")).to_contain_text("unikernels")
    slider.press("ArrowRight")
    notebook.wait_for_charts("resting")
    expect(notebook.page.locator(".virtlearn-sentence")).to_have_text(
        notebook.python("_e.sentence")
    )
    expect(notebook.page.locator(".virtlearn-sentence")).to_contain_text("unikernels")


@pytest.mark.parametrize("name", ["failure_domains", "blast_radius"])
def test_a_click_on_a_box_of_the_tree_chooses_it(explore: Any, name: str) -> None:
    notebook = explore(f"{name}(node=0)")
    sentence = notebook.page.locator(".virtlearn-sentence")
    before = sentence.inner_text()
    boxes = notebook.page.locator(".virtlearn-chart .xy .points path")
    boxes.nth(boxes.count() - 1).click(force=True)
    expect(sentence).not_to_have_text(before)
    assert notebook.python("_e.values['node']") > 0
    assert sentence.inner_text() == notebook.python("_e.sentence")
    assert notebook.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_shows_twice_and_all_that_is_moved_has_a_name(explore: Any, theme: str) -> None:
    notebook = explore("shares()", theme=theme)
    page = notebook.page
    assert page.locator(".js-plotly-plot:visible").count() == 1
    assert page.locator(".virtlearn-caption:visible").count() == 0
    tree = page.locator(".jp-OutputArea").first.aria_snapshot()
    for label in ("Red asks [cores]", "the noisy one's limit [cores]", "Red's weight"):
        assert f'slider "{label}"' in tree, tree
        assert f'spinbutton "Type {label} here"' in tree, tree
    notebook.screenshot(f"shares-{theme}")


@pytest.mark.parametrize(
    ("name", "label"),
    [("failure_domains", "what fails"), ("blast_radius", "the intruder starts in")],
)
def test_a_box_of_the_tree_is_chosen_from_the_keyboard(explore: Any, name: str, label: str) -> None:
    notebook = explore(f"{name}(node=1)")
    page, sentence = notebook.page, notebook.page.get_by_role("status")
    slider, before = page.get_by_role("slider", name=label), sentence.inner_text()
    if name == "blast_radius":  # there it stands under More, as a click does the same
        page.locator("summary", has_text="More").press("Enter")
    slider.focus()
    slider.press("ArrowRight")
    expect(sentence).not_to_have_text(before)
    notebook.wait_for_charts("resting")
    assert notebook.python("_e.values['node']") == 2
    expect(sentence).to_have_text(notebook.python("_e.sentence"))
    assert page.get_by_role("img", name=sentence.inner_text()).count() == 1
    slider.press("End")  # no box past the last: the handle comes back
    last = notebook.python("len(_e.controls['node'].words(_e.values)) - 1")
    expect(slider).to_have_value(str(last), timeout=20_000)
    expect(sentence).to_have_text(notebook.python("_e.sentence"))
    tree = page.locator(".jp-OutputArea").first.aria_snapshot()
    assert f'slider "{label}"' in tree, tree
    assert f'spinbutton "Type {label} here"' not in tree, (
        "a box of the tree has a name, and its number says nothing"
    )
    expect(page.locator(".virtlearn-named", has=slider).locator(".virtlearn-said")).to_have_text(
        str(slider.get_attribute("aria-valuetext"))
    )
    assert "- status: " in tree, tree


def test_tab_goes_through_the_controls_in_the_order_they_stand(explore: Any) -> None:
    notebook = explore("failure_domains()")
    page = notebook.page
    page.get_by_role("slider", name="what fails").focus()
    # All that may name what has the focus.
    focused = """() => { const e = document.activeElement, label = e.labels?.[0];
        return [e.ariaLabel, e.closest('[title]')?.title, label?.title, label?.textContent, e.textContent].join('|'); }"""
    order = [
        "what fails",
        "on",
        "copies",
        "Type copies here",
        "copies in a VM",
    ]
    for name in [*order, "Type copies in a VM here", "Reset", "Keep", "Numbers"]:
        assert name in page.evaluate(focused)
        page.keyboard.press("Tab")
