"""The inventory and the predictions asked again, as data for a page that asks one at a time."""

from __future__ import annotations

from typing import Any

from virtlearn import charts
from virtlearn.study import Choice, bank
from virtlearn.study.ideas import FORMS, Idea, edition, ideas, meaning, misconceptions
from virtlearn.study.inventory import ENDS, SITTINGS, intro, step
from virtlearn.study.predictions import PREDICTION

__all__ = ["inventory_data", "predictions_data"]

ANOTHER = "another idea"


def inventory_data() -> dict[str, Any]:
    """Give both forms of the inventory, what each answer means, and the empty picture of the end.

    Returns
    -------
    dict
        JSON values: ``forms`` (the steps of each), ``ideas``, ``misconceptions``, ``intro`` by
        sitting, and ``picture``, a figure in which each way to end has its trace.

    Examples
    --------
    >>> data = inventory_data()
    >>> sorted(data["forms"]), len(data["forms"]["A"]), data["ideas"][0]["ends"]["?"]
    (['A', 'B'], 18, 'I do not know')
    """
    every = list(ideas().values())
    return {
        "edition": edition(),
        "sittings": list(SITTINGS),
        "intro": {sitting: intro(sitting, len(every)).splitlines() for sitting in SITTINGS},
        "forms": {form: [_step(idea, form) for idea in every] for form in FORMS},
        "ideas": [_idea(idea) for idea in every],
        "misconceptions": {m.id: [m.says, m.fact] for m in misconceptions().values()},
        "picture": _picture(every),
    }


def _step(idea: Idea, form: str) -> dict[str, Any]:
    asked = step(idea, form)
    return {"id": asked.id, "ask": asked.ask, "options": list(asked.options.items())}


def _idea(idea: Idea) -> dict[str, Any]:
    letters = step(idea, FORMS[0]).options
    means = {letter: meaning(idea, letter) for letter in letters}
    return {
        "id": idea.id,
        "title": idea.title,
        "says": idea.says,
        "lesson": idea.lesson,
        "means": means,
        "ends": {letter: ENDS.get(what, ANOTHER) for letter, what in means.items()},
    }


def _picture(every: list[Idea]) -> dict[str, Any]:
    """Draw one sitting in which every end occurs; a page moves the marks to where they belong."""
    ends = [*ENDS.values(), ANOTHER]
    ended = {idea.title: [ends[i % len(ends)]] for i, idea in enumerate(every)}
    spec: dict[str, Any] = charts.learning(ended, ["before"]).to_spec()
    return spec


def predictions_data() -> dict[str, Any]:
    """Give every prediction of the course, as a page asks it again.

    Returns
    -------
    dict
        By id: ``ask``, ``options`` and ``answer``.

    Examples
    --------
    >>> predictions_data()["02.1"]["answer"] in dict(predictions_data()["02.1"]["options"])
    True
    """
    found = {}
    for lesson in bank.lessons_with_questions():
        for id, question in bank.questions(lesson).items():
            if isinstance(question, Choice) and PREDICTION.fullmatch(id):
                options = [[letter, text] for letter, (text, _why) in question.options.items()]
                found[id] = {"ask": question.ask, "options": options, "answer": question.answer}
    return found
