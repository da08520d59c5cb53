"""The questions of the course as data: what a page needs to give the same verdict as a notebook."""

from __future__ import annotations

from typing import Any

from virtlearn.study import Choice, Number, Order, Question

__all__ = ["exported"]


def exported(question: Question) -> dict[str, Any]:
    """Give what a page needs to ask a question and to judge an answer.

    Parameters
    ----------
    question : Question
        Any question of a lesson.

    Returns
    -------
    dict
        JSON values. ``kind`` is ``"choice"``, ``"number"`` or ``"order"``; a question that judges
        by running Python has the kind ``"python"``, and a page says so.

    Examples
    --------
    >>> from virtlearn.study import question
    >>> data = exported(question("02.a"))
    >>> data["kind"], data["unit"], len(data["wrong"])
    ('number', 'MiB', 4)
    """
    data: dict[str, Any] = {
        "id": question.id,
        "ask": question.ask,
        "hints": list(question.hints),
        "solution": question.explain(),
    }
    match question:
        case Choice():
            return data | _choice(question)
        case Number():
            return data | _number(question)
        case Order():
            return data | _order(question)
    return data | {"kind": "python"}


def _choice(question: Choice) -> dict[str, Any]:
    options = [[letter, text, why] for letter, (text, why) in question.options.items()]
    return {
        "kind": "choice",
        "options": options,
        "answer": question.answer,
        "reveals": bool(question.reveal),
    }


def _number(question: Number) -> dict[str, Any]:
    return {
        "kind": "number",
        "answer": float(question.right()),
        "unit": question.unit,
        "tolerance": question.tolerance,
        "wrong": [[float(value), message] for value, message in question.mistakes()],
    }


def _order(question: Order) -> dict[str, Any]:
    return {
        "kind": "order",
        "answer": list(question.answer),
        "wrong": [[list(order), message] for order, message in question.wrong],
    }
