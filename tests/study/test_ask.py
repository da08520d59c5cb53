"""What a learner sees of a question: commit first, then the answer opens."""

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from virtlearn import study
from virtlearn.study import record
from virtlearn.study._panel import Panel


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    path = tmp_path / "virtlearn-progress.json"
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(path))
    return path


def page(shown, part=0):
    return shown.states()[part]


def said(shown, part=0):
    return page(shown, part)["says"]


def test_the_page_is_not_told_the_answer_before_a_commitment():
    asked = study.predict("02.1")
    assert page(asked)["marks"] == {}
    assert said(asked) == ""
    sent = json.dumps(Panel(asked).page)
    assert "MEM-08" not in sent
    assert "came along" not in sent


def test_committing_opens_the_answer_and_names_the_misconception():
    asked = study.predict("02.1")
    asked.act({"part": 0, "letter": "A"})
    assert "✘ Not this one." in said(asked)
    assert "Not yet" not in said(asked)
    assert "a thin wrapper" in said(asked)
    assert "30 MB" in said(asked)
    assert page(asked)["marks"] == {"A": "your answer", "B": "✔ the right one"}
    assert record.load()[0]["02.1"] == {"status": "wrong", "first": "A", "hints": 0}


def test_the_first_commitment_stays_whatever_comes_later():
    study.predict("02.1").act({"part": 0, "letter": "C"})
    again = study.predict("02.1")
    again.act({"part": 0, "letter": "B"})
    assert "You committed to C." in said(again)
    study.check("02.1", "B")
    kept = record.load()[0]["02.1"]
    assert (kept["first"], kept["status"], kept["later"]) == ("C", "wrong", ["B"])
    assert "Later you found the right one." in said(study.predict("02.1"))
    assert "C  512 MB  (your answer)" in repr(study.predict("02.1"))


def test_just_show_me_shows_and_grades_nothing():
    asked = study.predict("02.1")
    asked.act({"part": 0})
    assert "MEM-08" in said(asked)
    assert "You committed" not in said(asked)
    assert record.load()[0]["02.1"]["status"] == "shown"


def test_only_a_question_with_options_can_be_predicted():
    with pytest.raises(ValueError, match=r"02\.a has no options"):
        study.predict("02.a")


def test_a_quiz_has_feedback_on_every_option(monkeypatch, tmp_path):
    quiz = [q for id, q in study.questions("02").items() if ".q" in id]
    for i, q in enumerate(quiz):
        for letter, (_text, why) in q.options.items():
            monkeypatch.setenv("VIRTLEARN_PROGRESS", str(tmp_path / f"{q.id}-{letter}.json"))
            asked = study.quiz("02")
            asked.act({"part": i, "letter": letter})
            assert why[:20].replace("'", "&#x27;").replace('"', "&quot;") in said(asked, i)
            others = [state for j, state in enumerate(asked.states()) if j != i]
            assert not any(state["done"] for state in others)


def test_a_check_without_an_answer_asks_and_writes_nothing():
    assert study.check("02.a", ...).status == "not attempted"
    assert record.load()[0] == {}


def run(*lines):
    shell = InteractiveShell.instance()
    with capture_output() as captured:
        for line in lines:
            assert shell.run_cell(line).success
    return captured.outputs


CELLS = [
    "from virtlearn import study",
    'study.predict("02.1")',
    'study.hint("02.a")',
    'study.solution("02.a")',
    'study.quiz("02")',
]


def test_running_all_again_reveals_nothing_and_changes_no_record(file):
    for _ in range(3):
        for output in run(*CELLS):
            text = output.data["text/plain"]
            assert "MEM-08" not in text
            assert "Hint:" not in text
            assert "Solution:" not in text
    assert record.load()[0] == {}
    assert not file.exists()


def test_running_all_again_after_answers_changes_no_record(file):
    study.predict("02.1").act({"part": 0, "letter": "C"})
    study.hint("02.a", 2)
    study.check("02.a", 5)
    before = file.read_bytes()
    for _ in range(3):
        run(*CELLS, 'study.check("02.a", 5)')
    assert file.read_bytes() == before


def test_a_still_stands_before_the_live_panel_for_the_day_when_no_kernel_runs():
    still, live = run(*CELLS[:2])
    assert "<li>A. 8 MB</li>" in still.data["text/html"]
    assert "<details><summary>The answer</summary>" in still.data["text/html"]
    assert "Run this cell (Shift+Enter) to answer here." in still.data["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in live.data
    assert live.data["text/html"] == ""
    study.predict("02.1").act({"part": 0, "letter": "C"})
    still, _ = run(*CELLS[:2])
    assert "<li>C. 512 MB <b>(your answer)</b></li>" in still.data["text/html"]


def test_hints_come_when_asked_for_and_those_taken_are_shown_again():
    assert repr(study.hint("02.a")) == 'Show a hint (1 of 3): vl.study.hint("02.a", 1)'
    asked = study.hint("02.a")
    asked.act({"part": 0})
    asked.act({"part": 0})
    for _ in range(3):
        text = repr(study.hint("02.a"))
    assert "(1 of 3)" in text
    assert "(2 of 3)" in text
    assert text.endswith('One more hint (3 of 3): vl.study.hint("02.a", 3)')
    for _ in range(3):
        everything = study.hint("02.a", 9)
    assert page(everything)["more"] == ""
    assert record.load()[0]["02.a"]["hints"] == 3


def test_a_question_without_hints_says_so():
    assert "no hint" in repr(study.hint("02.q1"))


def test_a_solution_is_folded_until_it_is_asked_for():
    folded = study.solution("02.a")
    assert repr(folded) == 'Show the solution: vl.study.solution("02.a", show=True)'
    assert record.load()[0] == {}
    folded.act({"part": 0})
    assert repr(folded).startswith("Solution: ")
    assert repr(study.solution("02.a")).startswith("Solution: ")
    assert record.load()[0]["02.a"]["status"] == "shown"


def test_unknown_questions_and_lessons_are_named():
    with pytest.raises(
        ValueError, match=r"There is no question '02\.9'\. Did you mean.*\n.*virtlearn lab --update"
    ):
        study.check("02.9", 1)
    with pytest.raises(ValueError, match="Lesson '77' asks no questions"):
        study.quiz("77")
    with pytest.raises(ValueError, match="Lesson '77' asks no questions"):
        study.progress("77")
