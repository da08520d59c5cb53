"""The stage of an explorer in a real JupyterLab: time plays, a state is kept, goals turn, axes follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from virtlearn import explore as explorers

pytestmark = pytest.mark.browser

READY = ".virtlearn-chart[aria-busy=false] .main-svg"
# An explorer of nothing but the stage: a bar as high as the load, which grows with time.
MADE = """
from virtlearn.charts import Chart
from virtlearn.charts._marks import round_top
from virtlearn.explore import Slider
from virtlearn.explore._base import explorer
from virtlearn.explore._goals import Goal

def resting(values):
    return "no load, nothing to see" if values["load"] == 0 else ""

@explorer(
    Slider("load", "load", "cores", tuple(range(41)), 4, "How much"),
    Slider("width", "width", "", (1, 2, 3), 1, "How wide", idle=resting),
    Slider("time", "time", "s", tuple(range(21)), 20, "When", plays=1.0),
)
def made(load, width, time):
    high = load * time / 20
    bar = {"type": "bar", "x": ["a"], "y": [high], "width": [width / 4]}
    return Chart([bar], yaxis={"range": [0, round_top([high])]}, sentence=f"{high:g} cores.",
                 headline=f"{high:g} cores", facts={"high": high})

_e = made()
_e._goals = [Goal("00.g1", "made", "Bring the load above 20 cores.", [["high", ">", 20]])]
"""
TOP = "chart => chart._fullLayout.yaxis.range[1]"
# Move the load, one step after the other; give what `seen` says of each, once the kernel's answer or a picture made
# ahead is shown. Nothing, where that took so long that the slider was as good as let go: at 200 ms.
MOVED = """async ([stops, kinds, seen]) => {
    const chart = document.querySelector('.virtlearn-chart'), range = document.querySelector('.virtlearn-row input[type=range]');
    const own = chart.firstChild, found = [], look = new Function('chart', 'own', `return ${seen}`);
    const pause = ms => new Promise(done => setTimeout(done, ms));
    for (const at of stops) {
        const begin = performance.now();
        range.value = at;
        for (const kind of kinds) range.dispatchEvent(new Event(kind, { bubbles: true }));
        do {
            await pause(10);
            if (performance.now() - begin > 150) return null;
        } while (chart.data[0].y[0] !== at);
        await pause(10);
        found.push(look(chart, own));
    }
    return found;
}"""
HIGHEST_TICK = (
    "Math.max(...[...chart.querySelectorAll('.ytick text')].map(tick => Number(tick.textContent)))"
)


def moved(notebook: Any, *what: Any) -> list[Any]:
    """Move the load by ``MOVED``; where the machine was away for too long, once more from rest."""
    for _ in range(20):
        if (found := notebook.page.evaluate(MOVED, what)) is not None:
            return list(found)
        notebook.wait_for_charts("ready")
    pytest.fail("twenty times, a step took longer than 150 ms")


@pytest.fixture
def stage(notebook_of: Any) -> Callable[[], Any]:
    """Open a notebook with the made-up explorer."""

    def open_one(theme: str = "light") -> Any:
        notebook = notebook_of(f"{MADE}\n_e", theme=theme)
        notebook.page.wait_for_selector(READY)
        return notebook

    return open_one


def test_time_plays_from_the_start_to_the_end_and_can_be_stopped(stage: Any) -> None:
    page = stage().page
    time, play = page.get_by_label("time [s]", exact=True), page.locator(".virtlearn-play")
    seen = page.evaluate_handle(
        """() => { const seen = []; const range = document.querySelector('.virtlearn-time input');
        new MutationObserver(() => seen.push(Number(range.value)))
            .observe(range, { attributes: true }); return seen; }"""
    )
    play.click()
    expect(play).to_have_attribute("aria-pressed", "false", timeout=20_000)
    expect(time).to_have_value("20")
    expect(page.locator(".virtlearn-sentence")).to_have_text("4 cores.")
    positions = seen.json_value()
    assert positions[0] == 0
    assert positions == sorted(positions)
    assert len(set(positions)) > 5
    play.focus()
    page.keyboard.press("Enter")
    expect(play).to_have_attribute("aria-pressed", "true")
    time.focus()
    page.keyboard.press("Home")
    expect(play).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".virtlearn-sentence")).to_have_text("0 cores.")


def test_a_key_on_the_slider_stops_what_plays_also_where_it_moves_nothing(stage: Any) -> None:
    page = stage().page
    stopped = """() => { // in one task, so that nothing has moved yet
        const play = document.querySelector('.virtlearn-play');
        const range = document.querySelector('.virtlearn-time input[type=range]');
        play.click();
        const begun = [range.value, play.ariaPressed];
        range.dispatchEvent(new KeyboardEvent('keydown', { key: 'Tab' }));
        begun.push(play.ariaPressed);
        range.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home' }));
        return [...begun, play.ariaPressed];
    }"""
    assert page.evaluate(stopped) == ["0", "true", "true", "false"]


def test_who_wants_no_motion_gets_a_picture_a_second(stage: Any) -> None:
    page = stage().page
    page.emulate_media(reduced_motion="reduce")
    play = page.locator(".virtlearn-play")
    page.evaluate(
        """() => { window.seen = new Set(); const range = document.querySelector('.virtlearn-time input');
        new MutationObserver(() => seen.add(Number(range.value))).observe(range, { attributes: true }); }"""
    )
    play.click()
    expect(play).to_have_attribute("aria-pressed", "false", timeout=20_000)
    assert page.evaluate("seen.size") == 2, "the scene lasts a second: its start, and its end"


def test_an_axis_grows_at_once_and_shrinks_when_the_slider_is_let_go(stage: Any) -> None:
    notebook = stage()
    page = notebook.page
    assert page.locator(".virtlearn-chart").evaluate(TOP) == 5
    assert moved(notebook, [40, 30, 20, 10], ["input"], HIGHEST_TICK) == [50, 50, 50, 50]
    page.wait_for_function(
        "document.querySelector('.virtlearn-chart')._fullLayout.yaxis.range[1] === 10"
    )


def test_each_key_is_a_move_of_its_own_so_that_pictures_ahead_serve_the_way_back(
    stage: Any,
) -> None:
    notebook = stage()
    page = notebook.page
    page.get_by_label("load [cores]", exact=True).focus()
    notebook.wait_for_charts("ready")
    # There and back, each key let go; a picture stands in for the chart.
    stands = moved(notebook, [40, 10, 3], ["input", "change"], "chart.firstChild !== own")
    assert stands == [True, True, True]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_one_state_is_kept_on_the_same_axes_and_dropped_again(stage: Any, theme: str) -> None:
    page = stage(theme).page
    keep, ghost = page.get_by_role("button", name="Keep"), page.locator(".virtlearn-ghost")
    assert not ghost.is_visible()
    keep.click()
    page.get_by_label("load [cores]", exact=True).focus()
    page.keyboard.press("End")
    expect(page.locator(".virtlearn-headline")).to_have_text("40 cores kept: 4 cores")
    same = """() => ['.virtlearn-chart', '.virtlearn-ghost'].map(name =>
        document.querySelector(name)._fullLayout.yaxis.range[1])"""
    page.wait_for_function(f"String(({same})()) === '50,50'")
    page.wait_for_function(
        """() => {
            const [kept, moving] = ['.virtlearn-ghost', '.virtlearn-chart']
                .map(name => document.querySelector(`${name} .point path`).getBBox().height);
            return Math.abs(kept * 10 / moving - 1) < 0.02;
        }"""
    )
    assert ghost.locator("text:visible").count() == 0
    keep.click()
    expect(page.locator(".virtlearn-headline")).to_have_text("40 cores")
    assert not ghost.is_visible()


def test_a_goal_turns_when_it_is_reached_and_stays_ticked(stage: Any) -> None:
    page = stage().page
    goal, load = page.locator(".virtlearn-goals li"), page.get_by_label("load [cores]", exact=True)
    expect(goal).to_have_text("○ Bring the load above 20 cores.")
    load.focus()
    page.keyboard.press("End")
    expect(goal).to_have_text("✔ Bring the load above 20 cores. (reached)")
    page.keyboard.press("Home")
    expect(goal).to_have_text("✓ Bring the load above 20 cores. (reached before)")


def test_a_control_that_changes_nothing_is_greyed_with_its_reason(stage: Any) -> None:
    page = stage().page
    width = page.get_by_label("width", exact=True)
    assert width.is_enabled()
    page.get_by_label("load [cores]", exact=True).focus()
    page.keyboard.press("Home")
    expect(width).to_be_disabled()
    expect(width).to_have_accessible_description("no load, nothing to see")


def test_controls_picture_and_sentence_fit_into_one_window(notebook_of: Any) -> None:
    names = [name for name in explorers.__all__ if name[0].islower()]
    cells = [f"vl.explore.{name}()" for name in names]
    page = notebook_of(*cells, width=1300).page
    ready = f"n => document.querySelectorAll('{READY}').length >= n"
    page.wait_for_function(ready, arg=len(names), timeout=120_000)
    high = "all => all.map(panel => panel.getBoundingClientRect().height)"
    heights = page.locator(".virtlearn-panel").evaluate_all(high)
    # Of 1,000 pixels JupyterLab's own bars take about 130.
    too_high = {name: px for name, px in zip(names, heights, strict=True) if px > 870}
    assert too_high == {}
