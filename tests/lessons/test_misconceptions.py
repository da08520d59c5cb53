"""One table of what people believe: everything in it is tested, and everything that names it is there."""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import virtlearn as vl
from virtlearn.catalog.evidence import cited
from virtlearn.study import exercise, questions
from virtlearn.study.ideas import FORMS, Idea, Misconception, ideas, item, misconceptions
from virtlearn.study.questions import Choice, Question

ROOT = Path(__file__).resolve().parents[2]
LESSONS = {path.name[:2] for path in (ROOT / "lessons").glob("[0-9][0-9]-*.ipynb")}
# Wrong options of the inventory for which the lesson has an explanation, but no question of its own.
ONLY_IN_THE_INVENTORY = {"M31", "M42"}


def asked_by_inventory(id: str) -> set[str]:
    return {idea.id for idea in ideas().values() if id in idea.means.values()}


def question_of(name: str) -> Question:
    """Find a question of a lesson or of an exercise by its id."""
    if not name.startswith("x"):
        return questions(name[:2])[name]
    number = name.partition(".")[2]
    return exercise(name[1:3], "ada").question(number)


@pytest.mark.parametrize("held", misconceptions().values(), ids=lambda held: held.id)
def test_every_misconception_is_tested_by_something(held: Misconception) -> None:
    assert asked_by_inventory(held.id) or held.tested


@pytest.mark.parametrize("held", misconceptions().values(), ids=lambda held: held.id)
def test_the_lesson_that_corrects_it_asks_about_it(held: Misconception) -> None:
    assert held.lesson in LESSONS
    if held.id in ONLY_IN_THE_INVENTORY:
        assert not held.tested
        return
    assert any(name.startswith(f"{held.lesson}.") for name in held.tested)


def every_reference() -> Iterator[tuple[str, str, str]]:
    for held in misconceptions().values():
        for reference in held.tested:
            name, which = reference.split()
            yield held.id, name, which


@pytest.mark.parametrize(("id", "name", "which"), list(every_reference()))
def test_every_question_it_names_has_that_wrong_answer(id: str, name: str, which: str) -> None:
    question = question_of(name)
    if isinstance(question, Choice):
        assert which in question.options
        assert which != question.answer
    else:
        assert 1 <= int(which) <= len(question.mistakes())


def test_no_wrong_answer_of_a_lesson_means_two_things() -> None:
    named = Counter((name, which) for _id, name, which in every_reference())
    assert [twice for twice, n in named.items() if n > 1] == []


def test_ids_are_in_order_each_once() -> None:
    # Lessons of the second part have a block of ids each, so the numbers may leave some out.
    numbers = [int(id.removeprefix("M")) for id in misconceptions()]
    assert numbers[0] == 1
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("idea", ideas().values(), ids=lambda idea: idea.id)
def test_every_wrong_letter_of_an_idea_is_one_misconception(idea: Idea) -> None:
    assert idea.lesson in LESSONS
    assert set(idea.means.values()) <= set(misconceptions())
    assert len(set(idea.means.values())) == len(idea.means) == 3
    assert {idea.answer, *idea.means} == set("ABCD")


def test_the_ten_misconceptions_of_the_evidence_and_the_reverse_of_one_are_all_in_the_inventory() -> (
    None
):
    ten = [f"M{n:02d}" for n in range(1, 12)]
    assert [id for id in ten if not asked_by_inventory(id)] == []


def test_there_are_eighteen_ideas_and_every_lesson_of_the_first_part_has_one() -> None:
    assert len(ideas()) == 18
    first_part = {f"{n:02d}" for n in range(9)}
    assert {idea.lesson for idea in ideas().values()} == first_part


def test_facts_rest_on_rows_of_the_evidence() -> None:
    facts = " ".join(held.fact for held in misconceptions().values())
    rows = set(cited(facts)) | {row for idea in ideas().values() for row in idea.rests_on}
    assert len(rows) > 40
    for row in sorted(rows):
        assert vl.evidence(row)


def key_by_idea(form: str) -> dict[str, str]:
    """Which letter the library says is right; the table's where no law decides."""
    found = {}
    for id, idea in ideas().items():
        asked = item(id, form)
        if asked.truth is None:
            found[id] = idea.answer
        else:
            right = [letter for letter, text in asked.options.items() if text == asked.truth()]
            found[id] = "".join(right)
    return found


def test_both_forms_have_the_key_of_the_table() -> None:
    table = {id: idea.answer for id, idea in ideas().items()}
    for form in FORMS:
        assert key_by_idea(form) == table


def test_where_no_law_decides_an_idea_rests_on_evidence_and_such_ideas_are_few() -> None:
    without = {id for id in ideas() if any(item(id, form).truth is None for form in FORMS)}
    assert without == {"kernel", "promise", "wall"}
    for id in without:
        assert ideas()[id].rests_on


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("id", list(ideas()))
def test_an_item_has_four_different_options_and_ends_in_a_question(id: str, form: str) -> None:
    asked = item(id, form)
    assert set(asked.options) == set("ABCD")
    assert len(set(asked.options.values())) == 4
    assert asked.ask.endswith("?")


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def runs(words: list[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + length]) for i in range(len(words) - length + 1)}


@pytest.mark.parametrize("id", list(ideas()))
def test_the_two_forms_ask_in_different_situations(id: str) -> None:
    a, b = (item(id, form).ask for form in FORMS)
    shared = set(words_of(a)) & set(words_of(b))
    numbers_a = set(re.findall(r"\d[\d,.]*", a))
    numbers_b = set(re.findall(r"\d[\d,.]*", b))
    assert a != b
    assert len(shared) < len(set(words_of(a)) | set(words_of(b))) * 0.8
    assert not numbers_a or numbers_a != numbers_b


@functools.cache
def runs_of_the_course(length: int) -> set[tuple[str, ...]]:
    """Every run of so many words in what the lessons write and ask."""
    found = set()
    for path in sorted((ROOT / "lessons").glob("[0-9][0-9]-*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            found |= runs(words_of("".join(cell["source"])), length)
    for path in sorted((ROOT / "lessons/questions").glob("q*.py")):
        found |= runs(words_of(path.read_text("utf-8")), length)
    return found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("id", list(ideas()))
def test_no_item_can_be_answered_by_recognizing_a_sentence_of_a_lesson(id: str, form: str) -> None:
    asked = item(id, form)
    right = asked.options[ideas()[id].answer]
    assert runs(words_of(asked.ask), 8) & runs_of_the_course(8) == set()
    assert runs(words_of(right), 6) & runs_of_the_course(6) == set()


def test_the_right_option_is_not_given_away_by_its_length_or_its_letter() -> None:
    longest = 0
    for form in FORMS:
        for id, idea in ideas().items():
            options = item(id, form).options
            others = [len(options[letter]) for letter in idea.means]
            longest += len(options[idea.answer]) > 1.15 * max(others)
    assert longest <= len(ideas()) * 2 * 0.25
    letters = Counter(idea.answer for idea in ideas().values())
    assert min(letters[letter] for letter in "ABCD") >= 3
    assert max(letters.values()) <= 6


# --- the instructor's pages

GUIDES = sorted((ROOT / "exercises/guide").glob("[0-9][0-9].md"))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_the_guide_of_a_lesson_names_the_ideas_it_must_change(guide: Path) -> None:
    _before, _heading, after = guide.read_text("utf-8").partition(
        "## Ideas this lesson must change\n"
    )
    section = after.partition("\n## ")[0].partition("\n# ")[0]
    rows = re.findall(r"^\| (.+) \| (.+) \|$", section, re.MULTILINE)[2:]
    mine = [idea for idea in ideas().values() if idea.lesson == guide.stem]
    expected = []
    for idea in mine:
        held = ", ".join(sorted(idea.means.values()))
        expected.append((f"{idea.title}: {idea.says}", held))
    assert rows == expected
    others = [
        held.id
        for held in misconceptions().values()
        if held.lesson == guide.stem and not any(held.id in idea.means.values() for idea in mine)
    ]
    named = re.search(r"^It also corrects (.*)\.$", section, re.MULTILINE)
    assert (named[1].split(", ") if named else []) == others
