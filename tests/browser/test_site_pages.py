"""The pages in a real browser without a server and without a network: sliders, questions, sources."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from virtlearn import study
from virtlearn.site import export
from virtlearn.site.positions import Call, axes_of, reached
from virtlearn.site.questions import exported
from virtlearn.study.inventory import WhatChanged
from virtlearn.study.predictions import ThenAndNow

pytestmark = pytest.mark.browser

FEW = 16  # pictures an explorer: two positions of everything, so that a test need not wait


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(root / "lessons", tmp_path_factory.mktemp("pages"), budget=FEW)[0].parent


@pytest.fixture
def open_page(site: Path, chromium: Any) -> Iterator[Any]:
    contexts = []
    errors: list[str] = []

    def open_one(name: str, theme: str = "light", width: int = 1280) -> Any:
        size = {"width": width, "height": 900}
        context = chromium.new_context(viewport=size, color_scheme=theme, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((site / f"{name}.html").as_uri())
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


def lesson(site: Path, number: str) -> str:
    (file,) = site.glob(f"{number}-*.html")
    return file.stem


def show_all(page: Any) -> None:
    """Open every fold and come near everything that is loaded late."""
    page.evaluate(
        "document.querySelectorAll('details.after').forEach(fold => { fold.open = true; })"
    )
    for place in page.locator(".explorer").all():
        place.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.explorer .live')].every(e => e.ariaBusy === 'false')"
    )
    for chart in page.locator(".chart").all():
        chart.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.chart')].every(e => e.querySelector('.main-svg'))"
    )


# Pairs of words in a picture of which one lies on the other, and words that leave their picture.
CROWDED = """() => [...document.querySelectorAll('.chart')].flatMap(chart => {
    const around = chart.getBoundingClientRect();
    const words = [...chart.querySelectorAll('.bartext, .textpoint text, .annotation-text, .xtitle, .x2title')]
        .filter(word => getComputedStyle(word).visibility === 'visible')
        .map(word => [word.textContent, word.getBoundingClientRect()]);
    const lie = (a, b) => a.left < b.right - 2 && b.left < a.right - 2 && a.top < b.bottom - 2 && b.top < a.bottom - 2;
    const pairs = words.flatMap(([one, a], i) => words.slice(i + 1)
        .filter(([, b]) => lie(a, b)).map(([other]) => `${one} / ${other}`));
    const out = words.filter(([, box]) => box.left < around.left - 2 || box.right > around.right + 2);
    return [...pairs, ...out.map(([word]) => word)];
})"""


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_every_page_is_drawn_without_a_server_or_a_network(
    site: Path, open_page: Any, pictures: Path, theme: str, width: int
) -> None:
    for file in sorted(site.glob("*.html")):
        page = open_page(file.stem, theme, width)
        show_all(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, file.stem
        if width == 360:
            assert page.evaluate(CROWDED) == [], file.stem
        label = f"site-{file.stem[:2]}-{theme}-{width}.png"
        if os.environ.get("VIRTLEARN_SCREENSHOTS"):
            page.screenshot(path=str(pictures / label), full_page=True)
        page.close()


def test_moved_sliders_show_what_the_library_says(site: Path, open_page: Any) -> None:
    page = open_page(lesson(site, "02"))
    show_all(page)
    chance = random.Random(2)
    calls = Call("density"), Call("operations", (("reads", 0),))  # as the lesson begins them
    for place, call in zip(page.locator(".explorer").all(), calls, strict=True):
        explorer = call.explorer()
        axes = axes_of(explorer, FEW)
        for _ in range(5):
            at = [chance.randrange(len(axis.values)) for axis in axes]
            values = {axis.name: axis.values[i] for axis, i in zip(axes, at, strict=True)}
            place.evaluate("(place, at) => { place.positions.at = at; }", at)
            wanted = explorer.at(values)
            assert place.locator(".sentence").inner_text() == wanted.describe()
            assert place.locator(".live").get_attribute("aria-label") == wanted.describe()
            drawn = "place => place.querySelector('.live').data.map(t => [t.x, t.y])"
            traces = wanted.to_spec()["data"]
            assert place.evaluate(drawn) == [[trace["x"], trace["y"]] for trace in traces]


def test_a_slider_answers_to_the_keyboard_and_says_its_value(site: Path, open_page: Any) -> None:
    page = open_page(lesson(site, "02"))
    show_all(page)
    place = page.locator(".explorer").first
    slider = place.get_by_role("slider").first
    before = place.locator(".sentence").inner_text()
    slider.focus()
    slider.press("End")
    assert place.locator(".sentence").inner_text() != before
    assert slider.get_attribute("aria-valuetext") == "16,384 MiB"
    place.get_by_role("button", name="Reset").click()
    assert place.locator(".sentence").inner_text() == before


def test_a_click_on_a_box_chooses_it(site: Path, open_page: Any) -> None:
    page = open_page(lesson(site, "06"))
    show_all(page)
    place = page.locator(".explorer").first
    axes = axes_of(Call("failure_domains").explorer(), FEW)
    boxes = axes[0].values
    at = place.evaluate("place => place.positions.at")
    other = 1 - at[0]
    clicked = f"""place => place.querySelector('.live').emit('plotly_click',
        {{points: [{{customdata: {boxes[other]}}}]}})"""
    place.evaluate(clicked)
    assert place.evaluate("place => place.positions.at")[0] == other


def verdicts(question: study.Question) -> list[tuple[str, str, str]]:
    """Answers as they are typed on a page, each with the notebook's verdict and message."""
    if isinstance(question, study.Choice):
        answers: list[Any] = [*question.options]
    elif isinstance(question, study.Number):
        answer = question.right()
        answers = [answer, answer * 3 + 1, answer / 3 - 1, -1e-7, 123456789.0]
        answers += [value for value, _ in question.mistakes()]
    elif isinstance(question, study.Order):
        words = question.right()
        answers = [words, words[::-1], words[1:], (*words[2:], *words[:2])]
        answers += [order for order, _ in question.wrong]
    else:
        return []
    judged = []
    for answer in answers:
        typed = " ".join(answer) if isinstance(answer, tuple) else str(answer)
        outcome = question.judge(answer)
        judged.append((typed, outcome.status, outcome.message))
    outcome = question.judge("")
    return [*judged, ("", outcome.status, outcome.message)]


def test_a_page_gives_the_verdict_of_the_notebook(site: Path, open_page: Any) -> None:
    page = open_page("index")
    compared = 0
    for number in study.lessons_with_questions():
        for question in study.questions(number).values():
            for typed, status, message in verdicts(question):
                data = json.dumps(exported(question))
                said = page.evaluate(f"typed => virtlearn.judge({data}, typed)", typed)
                assert (said["status"], said["message"]) == (status, message), (question.id, typed)
                compared += 1
    assert compared > 300


def test_what_follows_a_prediction_is_out_of_sight_until_the_commitment(
    site: Path, open_page: Any
) -> None:
    page = open_page(lesson(site, "02"))
    fold = page.locator("details.after[data-after='02.1']")
    assert fold.get_attribute("open") is None
    question = page.locator(".question[data-id='02.1']")
    question.get_by_role("radio").nth(2).press("Space")
    question.get_by_role("button", name="I commit").press("Enter")
    assert fold.get_attribute("open") is not None
    assert "Not this one" in question.inner_text()
    assert "the answer" in question.locator(".option").nth(1).inner_text()
    page.reload()  # the first commitment is kept and shown
    again = page.locator(".question[data-id='02.1']")
    assert again.get_by_role("radio").nth(2).is_checked()
    assert again.get_by_role("button", name="I commit").is_disabled()


def test_a_lesson_can_be_worked_through_from_the_first_prediction_to_the_quiz(
    site: Path, open_page: Any, tmp_path: Path
) -> None:
    page = open_page(lesson(site, "02"))
    asked = study.questions("02")
    for place in page.locator(".question").all():
        question = asked[place.get_attribute("data-id")]
        if isinstance(question, study.Choice):
            options = list(question.options)
            place.get_by_role("radio").nth(options.index(question.right())).check()
            place.get_by_role("button", name="I commit").click()
        elif isinstance(question, study.Number | study.Order):
            right = question.right()
            text = " ".join(right) if isinstance(right, tuple) else repr(float(right))
            place.get_by_role("textbox").fill(text)
            place.get_by_role("button", name="Check").click()
        else:
            assert "runs Python" in place.inner_text()
            continue
        assert "Right." in place.inner_text(), question.id
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save my progress").click()
    saved = tmp_path / "virtlearn-progress.json"
    saving.value.save_as(saved)
    kept = json.loads(saved.read_text("utf-8"))
    done = {id for id, facts in kept["questions"].items() if facts["status"] == "right"}
    assert done == {id for id, q in asked.items() if not isinstance(q, study.Code)}


def test_a_source_shows_its_number_on_focus_and_leads_to_its_row(
    site: Path, open_page: Any
) -> None:
    page = open_page(lesson(site, "02"))
    show_all(page)
    link = page.locator("a.source[data-source='MEM-20']").first
    link.focus()
    card = page.locator("#source")
    assert "512" in card.inner_text()
    page.keyboard.press("Escape")
    assert card.is_hidden()
    assert link.get_attribute("href") == "evidence.html#MEM-20"


@pytest.mark.parametrize("number", ["01", "02", "07"])
def test_axe_finds_nothing_on_a_page(site: Path, open_page: Any, number: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page(lesson(site, number))
    show_all(page)
    found = axe.run(page, options={"preload": False}).response["violations"]
    assert [(v["id"], [n["html"][:150] for n in v["nodes"]]) for v in found] == []


def test_positions_are_those_of_the_explorer(site: Path, open_page: Any) -> None:
    page = open_page(lesson(site, "02"))
    show_all(page)
    explorer = Call("density").explorer()
    axes = axes_of(explorer, FEW)
    assert len(reached(explorer, axes)) == 16
    assert page.locator(".explorer").first.evaluate("p => p.positions.at") == [
        a.start for a in axes
    ]


# --- questions one at a time ---------------------------------------------------------------------


def answer_all(place: Any, letters: list[str]) -> None:
    """Answer one question after the other from the keyboard."""
    for letter in letters:
        radio = place.locator(f"input[value='{letter}']")
        radio.focus()
        radio.press("Space")
        place.get_by_role("button", name=re.compile("Next|Finish")).press("Enter")


def by_lot(seed: str) -> dict[str, str]:
    """Answer every idea by lot, now and then with 'I do not know'."""
    chance = random.Random(seed)
    return {
        id: chance.choice([*study.ideas.item(id, "A").options, study.ideas.DO_NOT_KNOW])
        for id in study.ideas.ideas()
    }


def test_the_inventory_on_pages_tells_what_a_notebook_tells_and_its_file_goes_on_there(
    site: Path,
    open_page: Any,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = open_page(lesson(site, "00"))
    before, after = by_lot("before"), by_lot("after")
    place = page.locator(".one-by-one")
    place.get_by_role("button", name="Next").click()
    assert "Choose an answer first" in place.inner_text()
    answer_all(place, list(before.values())[:7])
    page.reload()  # what was answered is kept, and asked no more
    assert "Question 8 of 18" in place.inner_text()
    answer_all(place, list(before.values())[7:])
    wanted = WhatChanged({"before": before})
    assert place.locator(".sentence").inner_text() == wanted.describe()
    assert rows_of(place) == [list(row) for row in wanted.table()]

    page.goto((site / f"{lesson(site, '08')}.html").as_uri())
    place = page.locator(".one-by-one[data-kind=inventory]")
    answer_all(place, list(after.values()))
    wanted = WhatChanged({"before": before, "after": after})
    assert place.locator(".sentence").inner_text() == wanted.describe()
    assert rows_of(place) == [list(row) for row in wanted.table()]
    marks = place.locator(".chart").evaluate(
        "chart => chart.data.map(({name, x, y, text}) => ({name, x, y, text}))"
    )
    drawn = wanted.chart().to_spec()["data"]
    assert marks == [{key: trace[key] for key in ("name", "x", "y", "text")} for trace in drawn]
    place.screenshot(path=str(pictures / "site-inventory.png"))

    kept = page.evaluate("localStorage.getItem('virtlearn-progress')")
    file = tmp_path / "virtlearn-progress.json"
    file.write_text(kept, "utf-8")
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(file))
    taken = study.inventory("after")
    assert taken.closed
    assert taken.result().describe() == wanted.describe()
    forms = [
        json.loads(kept)["questions"][f"inventory.{one}"]["form"] for one in ("before", "after")
    ]
    assert sorted(forms) == ["A", "B"]


def rows_of(place: Any) -> list[list[str]]:
    """Read a table as a page shows it."""
    rows: list[list[str]] = place.locator("table").evaluate(
        "table => [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return rows


def test_predictions_are_asked_again_on_pages(site: Path, open_page: Any) -> None:
    page = open_page(lesson(site, "08"))
    place = page.locator(".one-by-one[data-kind=predictions]")
    assert "You have not predicted anything yet" in place.inner_text()
    first = {"02.1": {"first": "A"}, "03.1": {"first": "B"}}
    kept = json.dumps({"version": 1, "questions": first})
    page.evaluate("kept => localStorage.setItem('virtlearn-progress', kept)", kept)
    page.reload()
    right = [study.question(id).answer for id in first]
    answer_all(place, right)
    asked = {id: study.question(id) for id in first}
    wanted = ThenAndNow(
        asked,
        {id: facts["first"] for id, facts in first.items()},
        dict(zip(first, right, strict=True)),
    )
    assert place.locator(".sentence").inner_text() == wanted.describe()
    assert rows_of(place) == [list(row) for row in wanted.table()]
