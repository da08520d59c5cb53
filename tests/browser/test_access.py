"""Explorers by keyboard and by ear: axe-core, values that are said, focus that is seen, shortcuts that stay away."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

READY = ".virtlearn-chart[aria-busy=false] .main-svg"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_to_mend_in_an_output(notebook_of: Any, theme: str) -> None:
    notebook = notebook_of(
        "vl.explore.shares()",
        "vl.explore.blast_radius()",
        "vl.explore.images().figure()",
        theme=theme,
    )
    page = notebook.page
    page.locator(READY).nth(1).wait_for()
    page.locator("summary", has_text="More").first.click()
    page.get_by_role("button", name="Numbers").first.click()
    page.locator(".virtlearn-table table").first.wait_for()
    notebook.wait_for_charts("resting")
    for output in range(page.locator(".jp-OutputArea").count()):
        page.locator(".jp-OutputArea").nth(output).evaluate("e => e.id = 'under-test'")
        found = Axe().run(page, context="#under-test")
        page.locator("#under-test").evaluate("e => e.removeAttribute('id')")
        named = [
            f"{rule['id']}: {rule['nodes'][0]['html'][:200]}"
            for rule in found.response["violations"]
        ]
        assert named == []
    notebook.screenshot(f"access-{theme}")


def test_a_slider_says_its_value_and_not_its_place(notebook_of: Any) -> None:
    notebook = notebook_of("e = vl.explore.density()\ne")
    notebook.page.wait_for_selector(READY)
    slider = notebook.page.get_by_role("slider", name="application [MiB]")
    assert slider.get_attribute("aria-valuetext") == "128 MiB"
    slider.press("ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "160 MiB"
    box = notebook.page.get_by_label("Type application [MiB] here")
    box.fill("100")
    box.press("Enter")
    expect(slider).to_have_attribute("aria-valuetext", "100 MiB")
    notebook.wait_for_python("e.values['app_mib']", 100)


def test_more_opens_and_closes_from_the_keyboard(notebook_of: Any) -> None:
    notebook = notebook_of("e = vl.explore.blast_radius()\ne")
    page = notebook.page
    page.wait_for_selector(READY)
    more = page.locator("summary", has_text="More")
    page.locator(".virtlearn-time input[type=range]").focus()
    page.keyboard.press("Tab")
    assert more.evaluate("e => e === document.activeElement")
    outline = more.evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline == "solid", "the focus is seen"
    page.keyboard.press("Enter")
    copies = page.get_by_role("slider", name="copies", exact=True)
    expect(copies).to_be_visible()
    copies.focus()
    copies.press("ArrowRight")
    expect(page.locator(".virtlearn-sentence")).to_contain_text("of 13 copies")
    assert notebook.python("e.values['copies']") == 13
    more.focus()
    page.keyboard.press("Space")
    expect(copies).to_be_hidden()


@pytest.mark.parametrize("front_end", ["lab", "notebooks"])
def test_keys_on_a_slider_do_not_move_the_notebook(
    notebook_of: Any, lab: Any, front_end: str
) -> None:
    notebook = notebook_of("e = vl.explore.shares()\ne", "2 + 2")
    page = notebook.page
    page.wait_for_selector(READY)
    if front_end == "notebooks":
        notebook.save()
        page.goto(f"{lab.url}/notebooks/{notebook.name}")
        page.wait_for_selector(READY, timeout=60_000)
    slider = page.get_by_role("slider", name="Red asks")
    slider.focus()
    before = slider.get_attribute("aria-valuetext")
    active = page.locator(".jp-Cell.jp-mod-active").get_attribute("data-windowed-list-index")
    for key in ("ArrowUp", "ArrowRight", "ArrowDown", "Home"):
        slider.press(key)
        assert slider.get_attribute("aria-valuetext") != before, key
        before = slider.get_attribute("aria-valuetext")
    assert before == "0 cores"
    assert slider.evaluate("e => e === document.activeElement")
    now = page.locator(".jp-Cell.jp-mod-active").get_attribute("data-windowed-list-index")
    assert now == active


@pytest.mark.parametrize(("page_is", "system_is"), [("dark", "light"), ("light", "dark")])
def test_the_page_s_own_background_decides_the_ink(
    notebook_of: Any, page_is: str, system_is: str
) -> None:
    notebook = notebook_of("vl.explore.shares()", theme=page_is)
    page = notebook.page
    page.emulate_media(color_scheme=system_is)
    page.wait_for_selector(READY)
    page.evaluate("delete document.body.dataset.jpThemeLight")  # not every host names its theme
    page.wait_for_function(
        """light => getComputedStyle(document.querySelector('.virtlearn-chart .xtick text')).fill
            .match(/\\d+/g).every(part => (part > 128) === light)""",
        arg=page_is == "dark",
    )
