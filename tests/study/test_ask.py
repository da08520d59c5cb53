"""What a learner sees of a question: commit first, then the answer opens."""

import pytest

from virtlearn import study
from virtlearn.study import record


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(tmp_path / "virtlearn-progress.json"))


def parts(asked, i=0):
    _, radio, buttons, says = asked.children[i].children
    return radio, *buttons.children, says


def test_nothing_is_given_away_before_a_commitment():
    radio, commit, _show, says = parts(study.predict("02.1"))
    assert commit.disabled
    assert says.value == ""
    radio.value = "A"
    assert not commit.disabled
    assert says.value == ""


def test_committing_opens_the_answer_and_names_the_misconception():
    radio, commit, show, says = parts(study.predict("02.1"))
    radio.value = "A"
    commit.click()
    assert "a thin wrapper" in says.value
    assert "30 MB" in says.value
    assert radio.disabled
    assert commit.disabled
    assert show.disabled
    assert record.load()[0]["02.1"]["status"] == "wrong"


def test_just_show_me_shows_and_grades_nothing():
    _radio, _commit, show, says = parts(study.predict("02.1"))
    show.click()
    assert "MEM-08" in says.value
    assert record.load()[0]["02.1"]["status"] == "shown"


def test_a_quiz_has_feedback_on_every_option():
    asked = study.quiz("02")
    assert len(asked.children) >= 3
    for i, q in enumerate(q for id, q in study.questions("02").items() if ".q" in id):
        for letter, (_text, why) in q.options.items():
            radio, commit, _show, says = parts(study.quiz("02"), i)
            radio.value = letter
            commit.click()
            assert why[:20].replace("'", "&#x27;").replace('"', "&quot;") in says.value


def test_a_check_without_an_answer_asks_and_writes_nothing():
    assert study.check("02.a", ...).status == "not attempted"
    assert record.load()[0] == {}


def test_views_are_short_the_same_twice_and_carry_no_model_id():
    first, second = study.predict("02.1"), study.predict("02.1")
    assert repr(first) == repr(second)
    bundle = first._repr_mimebundle_()
    assert bundle["text/plain"].startswith("02.1: Redis starts")
    assert "<details>" in bundle["text/html"]
    assert "The answer" in bundle["text/html"]


def test_unknown_questions_and_lessons_are_named():
    with pytest.raises(
        ValueError, match=r"There is no question '02\.9'\. Did you mean.*\n.*virtlearn lab --update"
    ):
        study.check("02.9", 1)
    with pytest.raises(ValueError, match="Lesson '77' asks no questions"):
        study.quiz("77")
