"""The inventory as somebody answers it: one question at a time, nothing said until the end, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from virtlearn import study
from virtlearn.charts import Chart
from virtlearn.errors import UnknownName
from virtlearn.study import record
from virtlearn.study.ideas import DO_NOT_KNOW, FORMS, RIGHT_IDEA, ideas, item, misconceptions
from virtlearn.study.inventory import Inventory, WhatChanged, key
from virtlearn.study.one_by_one import Sheet, Words


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "virtlearn-progress.json"
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(path))
    return path


def right_answers() -> list[str]:
    return [idea.answer for idea in ideas().values()]


def answered(sitting: str, letters: list[str], form: str = "") -> Any:
    """Answer a whole sitting, and give what is said last."""
    asked = study.inventory(sitting, form=form)
    for letter in letters:
        last = asked.answer(letter)
    return last


# --- every item three ways


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("id", list(ideas()))
def test_an_item_tells_right_from_each_misconception_from_not_knowing(id: str, form: str) -> None:
    idea = ideas()[id]
    place = list(ideas()).index(id)
    for letter in (*item(id, form).options, DO_NOT_KNOW):
        letters = right_answers()
        letters[place] = letter
        changed = WhatChanged({"after": dict(zip(ideas(), letters, strict=True))})
        means = changed.means[id][0]
        what_is_so = changed.table()[place + 1][-1]
        if letter == idea.answer:
            assert means == RIGHT_IDEA
            assert id not in changed.again()
        elif letter == DO_NOT_KNOW:
            assert means == DO_NOT_KNOW
            assert what_is_so == idea.says
            assert list(changed.again()) == [id]
        else:
            assert means == idea.means[letter]
            assert misconceptions()[means].says in what_is_so
            assert misconceptions()[means].fact in what_is_so
            assert list(changed.again()) == [id]


# --- one at a time, in words


def test_nothing_is_said_about_what_is_right_before_the_end() -> None:
    asked = study.inventory("before", form="A")
    for letter in right_answers()[:-1]:
        said = asked.answer(letter)
        assert isinstance(said, Words)
        assert not any(word in said.text.lower() for word in ("right.", "wrong", "✔", "✘"))
    assert isinstance(asked.answer(right_answers()[-1]), WhatChanged)


def test_before_the_course_it_is_not_said_which_answer_is_right() -> None:
    wrong = [next(iter(idea.means)) for idea in ideas().values()]
    said = repr(answered("before", wrong, form="A"))
    assert "0 of 18 ideas right" in said
    assert "What is right is not said yet" in said
    assert not any(held.fact in said for held in misconceptions().values())
    assert not any(idea.says in said for idea in ideas().values())


def test_after_the_course_both_sittings_stand_side_by_side_and_name_the_lesson() -> None:
    answered("before", [DO_NOT_KNOW] * 18, form="A")
    letters = right_answers()
    letters[list(ideas()).index("limit")] = "A"
    changed = answered("after", letters)
    assert changed.describe() == (
        "Before: 0 of 18 ideas right, 18 times 'I do not know'. After: 17 of 18 ideas right. "
        "To read again: lesson 03."
    )
    assert misconceptions()["M06"].fact in repr(changed)
    head, *rows = changed.table()
    assert head[:4] == ("idea", "before", "after", "lesson")
    assert len(rows) == 18
    assert isinstance(changed.chart(), Chart)


def test_who_is_right_in_everything_has_nothing_to_read_again() -> None:
    assert "nothing that you need to read again" in answered("after", right_answers()).describe()


def test_one_may_stop_and_go_on_another_day() -> None:
    study.inventory("before", form="B").answer("A")
    again = study.inventory("before")
    assert again.form == "B"
    assert repr(again).startswith("Question 2 of 18")


def test_an_answer_can_be_changed_until_the_end_and_not_after_it(file: Path) -> None:
    asked = study.inventory("before", form="A")
    asked.answer("A")
    assert "Question 1 of 18" in asked.back().text
    asked.answer("D")
    for _ in range(17):
        asked.answer("?")
    facts = record.load()[0]
    assert facts[key("before", "shown")]["letter"] == "D"
    written = file.read_text("utf-8")
    assert isinstance(study.inventory("before").answer("B"), WhatChanged)
    assert file.read_text("utf-8") == written


def test_the_second_sitting_has_the_other_form() -> None:
    for form, other in (FORMS, FORMS[::-1]):
        Path(record.where()).unlink(missing_ok=True)
        answered("before", ["?"] * 18, form=form)
        assert study.inventory("after").form == other
        answered("after", ["?"] * 18)
        assert study.inventory("later").form == form


def test_the_first_form_is_drawn_by_lot(file: Path) -> None:
    drawn = {study.inventory("before").form for _ in range(60)}
    assert drawn == set(FORMS)
    assert not file.exists(), "asking alone writes nothing"


def test_the_file_holds_letters_and_a_number_by_lot_and_no_name(file: Path) -> None:
    answered("before", right_answers(), form="A")
    facts = json.loads(file.read_text("utf-8"))["questions"]
    assert set(facts) == {"inventory", key("before"), *(key("before", id) for id in ideas())}
    ticket = facts["inventory"]["ticket"]
    assert int(ticket, 16) >= 0
    file.unlink()
    answered("before", right_answers(), form="A")
    assert json.loads(file.read_text("utf-8"))["questions"]["inventory"]["ticket"] != ticket


def test_a_letter_that_stands_nowhere_is_refused_in_words() -> None:
    with pytest.raises(
        UnknownName, match=r"'E' is not one of the answers.\nGive one of A, B, C, D, \?"
    ):
        study.inventory("before").answer("E")
    with pytest.raises(UnknownName, match=r"There is no sitting 'befor'\. Did you mean before"):
        study.inventory("befor")
    with pytest.raises(UnknownName, match="There is no form 'C'"):
        study.inventory("before", form="C")


def test_where_nothing_can_be_written_one_is_told_and_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(tmp_path / "file" / "progress.json"))
    asked = study.inventory("before", form="A")
    assert "cannot be written down" in asked.answer("A").text
    for _ in range(17):
        last = asked.answer("?")
    assert "of 18 ideas right" in last.describe()


def test_the_inventory_leaves_the_progress_of_the_course_alone() -> None:
    rows = study.progress().rows
    answered("before", right_answers(), form="A")
    assert study.progress().rows == rows


# --- with buttons


def sheet(sitting: str = "before") -> Sheet:
    return Sheet(study.inventory(sitting, form="A"))


def test_next_without_an_answer_asks_for_one_and_writes_nothing(file: Path) -> None:
    shown = sheet()
    shown.act({"letter": None})
    state = shown.state()
    assert "Choose an answer first" in state["says"]
    assert state["place"] == "Question 1 of 18"
    assert not file.exists()


def test_the_last_question_is_finished_and_the_others_go_on() -> None:
    shown = sheet()
    named = []
    for _ in range(18):
        named.append(shown.state()["go"])
        shown.act({"letter": "?"})
    assert named == ["Next"] * 17 + ["Finish"]


def test_back_shows_the_answer_that_was_given() -> None:
    shown = sheet()
    shown.act({"letter": "C"})
    assert shown.state()["chosen"] is None
    shown.act({"back": True})
    assert shown.state()["chosen"] == "C"
    shown.act({"back": True})
    assert shown.state()["place"] == "Question 1 of 18"


def test_the_last_answer_shows_picture_sentence_and_table() -> None:
    shown = sheet()
    pictures = []
    shown.below = type("Handle", (), {"update": lambda _self, data, raw: pictures.append(data)})()
    for letter in right_answers():
        shown.act({"letter": letter})
    state = shown.state()
    (picture,) = pictures
    assert "application/vnd.plotly.v1+json" in picture
    assert "18 of 18 ideas right" in state["says"]
    assert state["says"].count("<tr>") == 19
    assert record.load()[0][key("before")]["done"] is True


def test_what_a_notebook_stores_is_the_same_twice_and_gives_no_question_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored = []
    monkeypatch.setattr("IPython.get_ipython", lambda: type("Shell", (), {"kernel": 1})())
    monkeypatch.setattr("IPython.display.display", lambda shown, **_: stored.append(shown))
    for form in FORMS:
        study.inventory("before", form=form)._ipython_display_()
    first, second = stored[:3], stored[3:]
    assert [first[0], first[2]] == [second[0], second[2]]
    panels = [shown[1]._repr_mimebundle_()[0]["text/plain"] for shown in (first, second)]
    assert panels[0] == panels[1]
    first = first[0]
    assert "'I do not know' is an answer" in first["text/plain"]
    assert "about 12 minutes" in first["text/plain"]
    assert not any(item(id, form).ask in str(first) for id in ideas() for form in FORMS)


def test_in_a_terminal_the_question_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    study.inventory("before", form="A")._ipython_display_()
    assert capsys.readouterr().out.startswith("Question 1 of 18. A Linux server")


# --- predictions, then and now


def test_predictions_are_asked_again_and_then_laid_beside_what_was_said() -> None:
    assert "not predicted anything yet" in repr(study.predictions())
    record.note("02.1", status="wrong", answer="A")
    record.note("06.2", status="right", answer="D")
    record.note("02.a", status="right")
    asked = study.predictions()
    assert [step.id for step in asked.steps] == ["02.1", "06.2"]
    assert "8 MB" in repr(asked)
    asked.answer("B")
    said = asked.answer("D")
    assert said.describe() == "Then 1 of 2 predictions were right, now 2 of 2."
    assert [row[1][:1] + row[2][:1] + row[3][:1] for row in said.table()[1:]] == ["ABB", "DDD"]
    assert record.load()[0]["02.1"]["status"] == "wrong", "what was said then is kept"
    assert study.predictions().closed
    assert "Then 1 of 2" in repr(study.predictions())


def test_an_inventory_is_one_by_one_and_says_so() -> None:
    assert isinstance(study.inventory("before"), Inventory)
    assert sheet().state()["place"] == "Question 1 of 18"
