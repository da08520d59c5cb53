"""The life of an explorer's view: one drawing a step, any width, hidden and shown, twice, removed, on a slow computer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import expect

from virtlearn import explore

from .conftest import SETTINGS, Lab, opener, write_notebook  # type: ignore[import-not-found]

pytestmark = pytest.mark.browser

READY = ".virtlearn-chart[aria-busy=false] .main-svg"
TRACKER = "@jupyterlab/notebook-extension/tracker"
NARROW = 600  # pixels
EXPLORERS = ("shares", "density", "blast_radius", "images", "jobs", "start_phases")
# Note where plotly draws from now on: in an explorer's chart, or in the twin that draws ahead.
COUNT = """async () => {
    await globalThis.__virtlearn_plotly;
    const plotly = globalThis.Plotly; // what every other name of it reads from
    window.drawn = [];
    for (const how of ['newPlot', 'react']) {
        const draw = plotly[how];
        plotly[how] = (where, ...rest) => { drawn.push(where.className); return draw(where, ...rest); };
    }
}"""
# Each chart in sight: as wide as its place, as high as its figure says, its place no higher.
SIZES = """() => [...document.querySelectorAll('.virtlearn-chart, .jp-RenderedPlotly')]
    .filter(place => place.checkVisibility())
    .map(place => {
        const svg = place.querySelector('.main-svg'), output = place.closest('.jp-OutputArea-child');
        const room = place.matches('.virtlearn-chart') ? place : output;
        // What JupyterLab lays out again is without a picture for a moment.
        return [place.clientWidth, Number(svg?.getAttribute('width')), Number(svg?.getAttribute('height')), room.clientHeight];
    })"""
OVERFLOWING = """chart => {
    const found = [];
    for (let e = chart; !e.matches('.jp-Cell'); e = e.parentElement)
        if (e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflowY !== 'visible') found.push(e.className);
    return found;
}"""


class Windowed(Lab):  # type: ignore[misc]
    """JupyterLab as it comes: what is out of sight is not laid out."""

    settings: ClassVar = {name: value for name, value in SETTINGS.items() if name != TRACKER}


@pytest.fixture(scope="module")
def usual_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    server = Windowed(tmp_path_factory.mktemp("usual"))
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def wait_for(notebook: Any, charts: int) -> None:
    notebook.page.wait_for_function(
        f"n => document.querySelectorAll('{READY}').length >= n", arg=charts, timeout=60_000
    )


def sizes_when(
    page: Any, good: Callable[[list[list[float]]], bool], seconds: float = 20
) -> list[list[float]]:
    """Give the sizes of the charts as soon as they are good, or as they are in the end."""
    end = time.monotonic() + seconds
    while not good(found := page.evaluate(SIZES)) and time.monotonic() < end:
        page.wait_for_timeout(100)
    return found


def test_a_step_is_drawn_once(notebook_of: Any) -> None:
    notebook = notebook_of("e = vl.explore.shares()\ne")
    wait_for(notebook, 1)
    page, slider = notebook.page, notebook.page.get_by_role("slider").first
    page.evaluate(COUNT)
    slider.evaluate("slider => { slider.stepUp(); slider.dispatchEvent(new Event('input')); }")
    expect(page.locator(".virtlearn-sentence")).to_have_text(notebook.python("e.sentence"))
    notebook.wait_for_charts("resting")
    charts = [name for name in page.evaluate("drawn") if "virtlearn-chart" in name]
    assert len(charts) == 1, charts
    notebook.wait_for_charts("ready")
    page.evaluate("drawn.length = 0")
    slider.press("ArrowRight")
    notebook.wait_for_charts("ready")
    charts = [name for name in page.evaluate("drawn") if "virtlearn-chart" in name]
    assert len(charts) == 1, "a picture at once, and the chart itself once, at rest"


def test_pictures_ahead_serve_a_slider_that_takes_the_clock_along(notebook_of: Any) -> None:
    notebook = notebook_of("e = vl.explore.scale_out()\ne")
    wait_for(notebook, 1)
    page, slider = notebook.page, notebook.page.get_by_role("slider").first
    slider.focus()
    notebook.wait_for_charts("ready")
    page.evaluate(COUNT)
    slider.evaluate(  # at once, as on a slow computer the slider is at rest between two keys
        """slider => { for (let i = 0; i < 3; i++) { slider.stepUp(); slider.dispatchEvent(new Event('input')); } }"""
    )
    notebook.wait_for_charts("ready")
    charts = [name for name in page.evaluate("drawn") if "virtlearn-chart" in name]
    assert len(charts) == 1, "three pictures, and the chart itself once, at rest"
    expect(page.locator(".virtlearn-sentence")).to_have_text(notebook.python("e.sentence"))
    clock = page.locator(".virtlearn-time input[type=number]")
    expect(clock).to_have_value(notebook.python("f\"{e.values['clock_s']:g}\""))


def test_a_still_picture_behind_a_panel_is_not_drawn_until_it_is_seen(notebook_of: Any) -> None:
    notebook = notebook_of("vl.study.predict('02.1')", "vl.explore.shares()", "vl.explore.jobs()")
    wait_for(notebook, 2)
    # The first panel of a page brings what makes the pictures wait; on a slow machine it comes after some of them.
    notebook.run_all()
    wait_for(notebook, 2)
    page, stills = notebook.page, notebook.page.locator(".jp-RenderedPlotly .main-svg")
    expect(stills).to_have_count(0)
    page.locator(".virtlearn-panel").last.evaluate("panel => panel.remove()")
    stills.first.wait_for()
    assert notebook.errors == []


def test_charts_follow_a_real_window_to_any_width_and_back(
    usual_lab: Any, chromium: Any, pictures: Path, tmp_path: Path
) -> None:
    opened = opener(usual_lab, chromium, pictures)
    cells = [f"vl.explore.{name}()" for name in EXPLORERS[:3]]
    stills = [f"vl.explore.{name}().figure()" for name in EXPLORERS]
    heights = [getattr(explore, name)().figure().layout.height for name in EXPLORERS]
    heights = [*heights[: len(cells)], *heights]
    file = write_notebook(tmp_path / "sizes.ipynb", "import virtlearn as vl", *cells, *stills)
    notebook = next(opened)(file, width=None)
    notebook.resize(1300)
    notebook.run_all()
    wait_for(notebook, 3)
    page = notebook.page
    last = page.locator(".jp-Cell").last
    last.scroll_into_view_if_needed()

    def as_they_should(found: list[list[float]]) -> bool:
        if len(found) != len(heights):
            return False
        # Where it is narrow, what is live is set anew, with more lines; stills are as they were.
        taller = [i < len(cells) and place < NARROW for i, (place, *_) in enumerate(found)]
        return all(
            place == drawn and height == room and (height > wanted if more else height == wanted)
            for (place, drawn, height, room), wanted, more in zip(
                found, heights, taller, strict=True
            )
        )

    for width in (760, 1300, 1800, 1300):
        notebook.resize(width)
        page.locator(".jp-Cell").first.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        last.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        found = sizes_when(page, as_they_should)
        assert as_they_should(found), f"{width} pixels, {heights} high, and they are {found}"
    for _ in range(4):
        page.keyboard.press("Control+b")  # the sidebar
        page.wait_for_timeout(600)
    assert as_they_should(sizes_when(page, as_they_should))
    notebook.screenshot_window("resized")
    assert notebook.errors == []
    opened.close()
    usual_lab.stop_kernels()


def test_stills_of_a_lesson_that_is_not_trusted_keep_their_heights(
    usual_lab: Any, chromium: Any, pictures: Path, tmp_path: Path
) -> None:
    opened = opener(usual_lab, chromium, pictures)
    stills = [getattr(explore, name)().figure() for name in EXPLORERS[:3]]
    file = write_notebook(tmp_path / "untrusted.ipynb", *["x"] * 3)
    book = json.loads(file.read_text("utf-8"))
    for cell, still in zip(book["cells"], stills, strict=True):
        said = {"text/html": still._repr_html_(), "text/plain": "x"}
        for data in (said, still._repr_mimebundle_()):
            shown = {"output_type": "display_data", "data": data, "metadata": {}}
            cell["outputs"].append(shown)
    file.write_text(json.dumps(book), "utf-8")
    notebook = next(opened)(file, width=None)
    heights = [still.layout.height for still in stills]
    wanted = [[h, h] for h in heights]
    for width in (1300, 760, 1800, 1300):
        notebook.resize(width)
        notebook.page.locator(".jp-Cell").last.scroll_into_view_if_needed()
        found = sizes_when(notebook.page, lambda found: [s[2:] for s in found] == wanted)
        assert [size[2:] for size in found] == wanted, width
    opened.close()
    usual_lab.stop_kernels()


def test_what_is_hidden_while_the_page_changes_is_right_when_it_is_shown_again(
    notebook_of: Any,
) -> None:
    notebook = notebook_of("vl.explore.shares()", width=None)
    notebook.resize(1300)
    wait_for(notebook, 1)
    page = notebook.page
    for command in ("notebook:hide-all-cell-outputs", "notebook:show-all-cell-outputs"):
        page.evaluate("id => window.jupyterapp.commands.execute(id)", command)
        notebook.resize(900 if "hide" in command else 1100)
    found = sizes_when(page, lambda found: len(found) == 1 and found[0][:4:2] == found[0][1::2])
    ((place, drawn, height, room),) = found
    assert (drawn, room) == (place, height)
    page.get_by_role("slider").first.press("ArrowRight")
    expect(page.locator(".virtlearn-sentence")).to_contain_text("2.25 asked")


def test_the_twin_that_draws_ahead_changes_no_layout(notebook_of: Any) -> None:
    notebook = notebook_of("vl.explore.failure_domains()")
    wait_for(notebook, 1)
    page, chart = notebook.page, notebook.page.locator(".virtlearn-chart")
    before = chart.bounding_box()
    page.get_by_role("slider").first.hover()
    page.locator(".virtlearn-twin .main-svg").first.wait_for(state="attached")
    notebook.wait_for_charts("ready")
    assert chart.bounding_box() == before
    assert chart.evaluate(OVERFLOWING) == []


def test_a_second_view_of_an_output_works_as_the_first(notebook_of: Any) -> None:
    notebook = notebook_of("e = vl.explore.shares()\ne")
    wait_for(notebook, 1)
    page = notebook.page
    page.evaluate("""async () => {
        const panel = window.jupyterapp.shell.currentWidget;
        panel.content.activeCellIndex = 1;
        await window.jupyterapp.commands.execute('notebook:create-output-view');
    }""")
    wait_for(notebook, 2)
    sentences = page.locator(".virtlearn-sentence")
    for number in (1, 0):
        page.get_by_role("slider", name="Red asks").nth(number).press("ArrowRight")
        wanted = f"of {2.25 if number else 2.5} asked"
        for view in (0, 1):
            expect(sentences.nth(view)).to_contain_text(wanted)
        assert len(set(sentences.all_inner_texts())) == 1
    assert "Red gets 1.5 of 2.5 asked" in sentences.first.inner_text()
    assert notebook.errors == []


def test_a_view_that_is_removed_before_it_is_ready_leaves_nothing_behind(notebook_of: Any) -> None:
    notebook = notebook_of("e = vl.explore.shares()", "e")
    page = notebook.page
    for _ in range(3):
        page.evaluate("""async () => {
            await window.jupyterapp.commands.execute('notebook:run-all-cells');
            await window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
        }""")
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    wait_for(notebook, 1)
    notebook.wait_for_charts("resting")
    page.evaluate(COUNT)
    notebook.python("setattr(e, 'values', {'red_cores': 5.0})")
    expect(page.locator(".virtlearn-sentence")).to_contain_text("of 5 asked")
    page.wait_for_timeout(500)
    assert len([name for name in page.evaluate("drawn") if "virtlearn-chart" in name]) == 1
    assert notebook.errors == []


def test_on_a_computer_six_times_slower_no_explorer_goes_deaf(notebook_of: Any) -> None:
    cells = [f"e{i} = vl.explore.{name}()\ne{i}" for i, name in enumerate(EXPLORERS)]
    notebook = notebook_of(*cells, run=False)
    notebook.slow_down(6)
    notebook.run_all()
    notebook.page.wait_for_timeout(5000)  # anywidget has given up by now
    wait_for(notebook, len(EXPLORERS))
    for i in range(len(EXPLORERS)):
        sentence = notebook.page.locator(".virtlearn-sentence").nth(i)
        before = sentence.inner_text()
        panel = notebook.page.locator(".virtlearn-panel").nth(i)
        panel.get_by_role("slider").first.press("Home" if i == 2 else "ArrowRight")
        expect(sentence).not_to_have_text(before, timeout=30_000)
        assert sentence.inner_text() == notebook.python(f"e{i}.sentence")
