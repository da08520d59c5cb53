"""Every question of every lesson, three ways: untouched, right, and wrong in every listed way."""

import contextlib
import importlib
import re
import time
from pathlib import Path

import numpy as np
import pytest

from virtlearn.study import Choice, Code, Find, Number, Order, lessons_with_questions, questions
from virtlearn.study._limit import TooLong, within
from virtlearn.study.questions import NOTHING, OPEN, RIGHT, WRONG

LESSONS = Path(__file__).resolve().parents[2] / "lessons"
ALL = [q for lesson in lessons_with_questions() for q in questions(lesson).values()]
IDS = [q.id for q in ALL]


def test_there_is_a_file_of_questions_for_every_lesson():
    books = {path.name[:2] for path in LESSONS.glob("[0-9][0-9]-*.ipynb")}
    assert books == set(lessons_with_questions())
    assert len(IDS) == len(set(IDS))


@pytest.mark.parametrize("q", ALL, ids=IDS)
@pytest.mark.parametrize("nothing", NOTHING, ids=repr)
def test_a_question_left_alone_is_not_attempted(q, nothing):
    assert q.judge(nothing).status == OPEN


@pytest.mark.parametrize("q", ALL, ids=IDS)
def test_the_right_answer_is_right(q):
    assert q.judge(q.right()).status == RIGHT
    assert q.explain()


@pytest.mark.parametrize("q", ALL, ids=IDS)
def test_every_known_mistake_gets_its_own_words(q):
    mistakes = q.mistakes()
    assert mistakes, f"{q.id} lists no mistake"
    for wrong, message in mistakes:
        outcome = q.judge(wrong)
        assert (outcome.status, outcome.message) == (WRONG, message)
    assert len({message for _, message in mistakes}) == len(mistakes)


@pytest.mark.parametrize("q", [q for q in ALL if isinstance(q, Choice)], ids=lambda q: q.id)
def test_a_choice_offers_three_or_four_options_and_hides_its_answer(q):
    assert 3 <= len(q.options) <= 4
    assert q.answer in q.options


def test_a_number_near_is_right_and_one_far_is_told_the_direction():
    q = Number("x.1", "How many?", answer=lambda: 100.0, tolerance=0.02)
    assert q.judge(101).status == RIGHT
    assert q.judge(np.asarray(101)).status == q.judge(np.array([101.0])).status == RIGHT
    assert q.judge(150).message == "150 is not it. Too high. A hint may help."
    assert "is a text and not a number" in q.judge("100 MiB").message


def test_an_order_names_the_first_place_that_is_wrong():
    q = Order("x.2", "Order them.", answer=("a", "b", "c"))
    assert q.judge("a b c").status == RIGHT
    assert q.judge("A, B, C").status == RIGHT
    assert q.judge("a c b").message == "Right up to place 1; look again at 'c'."
    assert q.judge("b a c").message == "The first one is not 'b'."
    assert q.judge("a b").message == "Use each of these once: a, b, c."


def loops_for_ever(n):
    return loops_for_ever(n)


@pytest.mark.parametrize(("function", "message"), [
    (lambda n: None, "With (2,) your function gives nothing back. Is there a return?"),
    (lambda n: 4 if n == 2 else None, "With (3,) your function gives nothing back, but it should give 9."),
    (lambda n: n / 0, "With (2,) your function stops with ZeroDivisionError: division by zero, but it should give 4."),
    (loops_for_ever, "With (2,) your function calls itself for ever, but it should give 4."),
    (lambda n: 4, "With (3,) your function gives 4, but it should give 9."),
    (lambda n: n * 2, "That doubles; squaring multiplies a number by itself."),
    (7, "7 is not a function. Hand over its name, without brackets."),
])  # fmt: skip
def test_code_is_tried_on_inputs_nobody_has_seen(function, message):
    q = Code(
        "x.3",
        "Square it.",
        law=lambda n: n * n,
        inputs=[(2,), (3,)],
        wrong=[(lambda n: n * 2, "That doubles; squaring multiplies a number by itself.")],
    )
    assert q.judge(lambda n: n**2).status == RIGHT
    assert q.judge(function).message == message


def raises_as_the_blank_does(n):
    raise NotImplementedError


@pytest.mark.parametrize("blank", [raises_as_the_blank_does, lambda n: None, lambda n: ...])
def test_a_function_left_blank_is_not_attempted(blank):
    assert (
        Code("x.3", "Square it.", law=lambda n: n * n, inputs=[(2,), (3,)]).judge(blank).status
        == OPEN
    )


def test_code_may_give_nested_lists_with_words_and_must_not_change_our_inputs():
    def law(rows):
        return [(name, share / 3) for name, share in rows]

    def spoils(rows):
        rows.clear()
        return []

    q = Code("x.4", "A third each.", law=law, inputs=[([["web", 1.0]],)])
    assert q.judge(lambda rows: [["web", 0.3333333333]]).status == RIGHT
    assert q.judge(lambda rows: [["web", 0.4]]).message == (
        "With ([['web', 1]],) your function gives [['web', 0.4]], but it should give [('web', 0.333333)]."
    )
    assert q.judge(spoils).status == WRONG
    assert q.judge(law).status == RIGHT


def splits(pair):
    a, b = pair
    return (
        ""
        if a + b == 10 and a > b
        else f"{a} and {b} make {a + b}, not 10."
        if a + b != 10
        else "Larger first."
    )


FIND = Find(
    "x.5",
    "Find two numbers that make 10, the larger first.",
    accept=splits,
    example=lambda: (7, 3),
    wrong=[(lambda: (3, 7), "Turn them round.")],
)


@pytest.mark.parametrize(("answer", "status", "message"), [
    ((6, 4), RIGHT, "(6, 4)."),
    (np.array([6, 4]), RIGHT, "[6, 4]."),
    ([1, 2], WRONG, "1 and 2 make 3, not 10."),
    ((3, 7), WRONG, "Turn them round."),
    ((4, 6), WRONG, "Larger first."),
    (7, WRONG, "7 is not the kind of answer that is asked for. Find two numbers that make 10, the larger first."),
])  # fmt: skip
def test_what_was_to_be_found_is_judged_by_what_it_does(answer, status, message):
    outcome = FIND.judge(answer)
    assert (outcome.status, outcome.message) == (status, message)
    assert FIND.judge(FIND.right()).status == RIGHT


@pytest.mark.parametrize("text", [
    "program guest kernel virtual disk", "program > guest-kernel > virtual-disk",
    "Program -> guest_kernel -> virtual disk", "program; guest-kernel; virtual-disk",
    ["program", "guest kernel", "virtual-disk"], ("program", "guest-kernel", "virtual disk"),
    "program → guest-kernel → virtual-disk", "program\nguest-kernel\nvirtual-disk",
])  # fmt: skip
def test_an_order_is_read_with_arrows_and_without_hyphens(text):
    q = Order("x.6", "Order them.", answer=("program", "guest-kernel", "virtual-disk"))
    assert q.judge(text).status == RIGHT


@pytest.mark.parametrize("answer", [5, 2.5, len, object, {"a": 1}])
def test_an_order_that_is_no_text_is_told_what_an_order_is(answer):
    said = Order("x.2", "Order them.", answer=("b", "a")).judge(answer)
    assert said.status == WRONG
    assert said.message.startswith('An order is a list of names in one text, such as "a b"')


def test_a_number_in_quotation_marks_is_told_so():
    said = Number("x.1", "How many?", answer=lambda: 29.0, unit="kernels").judge("29").message
    assert said == (
        "'29' is a text and not a number. Give the number alone, in kernels and without quotation marks."
    )


PYTHONS_WORDS = r"Error|object is not|NoneType|iterable|unpack|subscript|attribute|argument"


@pytest.mark.parametrize("q", ALL, ids=IDS)
def test_no_message_carries_words_of_python(q):
    for odd in (5, "29", [1, 2], {}, None, object(), (), 1j, "program > kernel"):
        assert not re.search(PYTHONS_WORDS, q.judge(odd).message), q.judge(odd).message


def runs_for_ever(n):
    while True:
        pass


def runs_for_ever_and_swallows(n):
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


def runs_for_ever_and_swallows_all(n):
    for _ in range(3):
        try:
            while True:
                pass
        except:  # noqa: E722 - as a learner may write it
            pass
    while True:
        pass


@pytest.mark.parametrize(
    "function", [runs_for_ever, runs_for_ever_and_swallows, runs_for_ever_and_swallows_all]
)
def test_a_loop_without_an_end_is_stopped_and_said(function, monkeypatch):
    monkeypatch.setattr(importlib.import_module("virtlearn.study._running"), "LIMIT_S", 0.3)
    q = Code("x.3", "Square it.", law=lambda n: n * n, inputs=[(2,), (3,)])
    began = time.monotonic()
    said = q.judge(function)
    assert said.status == WRONG
    assert said.message.startswith("With (2,) your function was still running after")
    assert "Does its loop come to an end?" in said.message
    assert time.monotonic() - began < 4


def test_a_function_to_find_has_the_same_limit(monkeypatch):
    monkeypatch.setattr(importlib.import_module("virtlearn.study._running"), "LIMIT_S", 0.3)
    q = Find("x.7", "Find a function.", accept=lambda f: f(1), example=lambda: len)
    assert "was still running" in q.judge(runs_for_ever).message


def test_what_ends_in_time_is_never_stopped_afterwards():
    for _ in range(200):
        with contextlib.suppress(TooLong):
            within(0.0005, time.sleep, 0.0005)
    began = time.monotonic()
    while time.monotonic() - began < 0.5:
        pass


class Hostile:
    def __getattr__(self, name):
        raise SystemError(name)


ODD = [
    10**400,
    float("nan"),
    object(),
    [],
    {},
    {"a": {1}},
    b"b",
    Hostile(),
    "\ud800",
    "Because",
    1j,
]


@pytest.mark.parametrize("q", [*ALL, FIND], ids=[*IDS, "find"])
def test_no_answer_however_odd_breaks_a_question(q):
    assert [q.judge(odd).status for odd in ODD] == [WRONG] * len(ODD)
