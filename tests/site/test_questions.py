"""Questions as data: a page that judges by them says what a notebook says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from virtlearn import study
from virtlearn.site.questions import exported

ALL = [q for lesson in study.lessons_with_questions() for q in study.questions(lesson).values()]


@pytest.mark.parametrize("question", ALL, ids=lambda q: q.id)
def test_a_question_is_exported_with_all_that_a_verdict_needs(question: study.Question) -> None:
    data = json.loads(json.dumps(exported(question)))
    assert data["ask"] == question.ask
    assert data["solution"] == question.explain()
    assert data["hints"] == list(question.hints)
    if isinstance(question, study.Choice):
        told = {letter: why for letter, _, why in data["options"]}
        assert {letter: question.judge(letter).message for letter in told} == told
        assert question.judge(data["answer"]).status == "right"
    elif isinstance(question, study.Number):
        assert question.judge(data["answer"]).status == "right"
        known: list[Any] = [[float(value), message] for value, message in question.mistakes()]
        assert data["wrong"] == known
    elif isinstance(question, study.Order):
        assert question.judge(data["answer"]).status == "right"
        assert [question.judge(order).message for order, _ in data["wrong"]] == [
            message for _, message in data["wrong"]
        ]
    else:
        assert data["kind"] == "python"
