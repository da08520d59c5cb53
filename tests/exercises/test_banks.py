"""Every question of every exercise, three ways, with the numbers of fifty students."""

import pytest

from virtlearn.study.bank import exercise_bank
from virtlearn.study.exercise import Exercise
from virtlearn.study.questions import OPEN, RIGHT, WRONG

STUDENTS = [f"student {i}" for i in range(50)]


@pytest.fixture(scope="module")
def class_of():
    made = {}

    def of(assignment):
        lesson = assignment[:2]
        return made.setdefault(lesson, [Exercise(lesson, who) for who in STUDENTS])

    return of


def blank(*numbers, **named):
    raise NotImplementedError


def test_every_question_has_points_in_the_bank_and_the_same_in_the_notebook(
    assignment, asked, class_of
):
    bank, cells = exercise_bank(assignment[:2]), asked(assignment)
    assert {number: cell.points for number, cell in cells.items()} == bank.POINTS
    assert set(class_of(assignment)[0].questions) == set(bank.POINTS)
    assert {cell.cell for cell in cells.values()} == {f"test-{number}" for number in bank.POINTS}
    assert len(bank.POINTS) >= 4


def test_the_right_answer_is_right(assignment, class_of):
    for mine in class_of(assignment):
        for number, q in mine.questions.items():
            assert (number, q.judge(q.right()).status) == (number, RIGHT), mine


def test_every_question_explains_its_answer(assignment, class_of):
    assert all(q.explain() for q in class_of(assignment)[0].questions.values())


def test_a_question_left_alone_is_not_attempted(assignment, class_of):
    for q in class_of(assignment)[0].questions.values():
        assert {q.judge(nothing).status for nothing in (None, ..., "", "?")} == {OPEN}
        if callable(q.right()):
            assert q.judge(blank).status == OPEN


def test_every_known_mistake_is_told_its_own_words(assignment, class_of):
    for mine in class_of(assignment):
        for number, q in mine.questions.items():
            mistakes = q.mistakes()
            assert mistakes, f"{q.id} lists no mistake"
            for i, (wrong, words) in enumerate(mistakes):
                outcome = q.judge(wrong)
                assert (number, i, outcome.status, outcome.message) == (number, i, WRONG, words), (
                    mine
                )
            assert len({words for _, words in mistakes}) == len(mistakes), q.id


def test_every_question_has_hints_and_neighbours_have_other_numbers(assignment, class_of):
    students = class_of(assignment)
    for q in students[0].questions.values():
        assert q.hints, q.id
    assert len({str(mine.numbers) for mine in students}) > 25
