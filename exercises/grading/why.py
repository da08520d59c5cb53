"""A grade explained: each question, what was handed in, what was expected, and what was said to it."""

from __future__ import annotations

from nbformat.notebooknode import NotebookNode
from nbgrader.apps import NbGraderAPI

from grading import banks, course, layout, results, safe, store
from grading.results import Graded
from virtlearn.study.exercise import Exercise
from virtlearn.study.questions import Code, Question, short

MOST_LINES = 25  # of an answer's code


def explain(api: NbGraderAPI, assignment: str, login: str) -> str:
    """Give the grade of one student in words, or say that there is none."""
    found = [each for each in results.of(api, assignment) if each.student == login]
    if not found or not found[0].handed_in:
        raise LookupError(f"{login} has no grade for {assignment}.")
    result = found[0]
    seed = str(result.about.get("seed") or login)
    lines = [f"{login}, {assignment}: {course.points(api, login, assignment)}"]
    if result.about.get("as"):
        lines.append(
            f"  handed in as {result.about['as']!r} ({result.about.get('path', '')}), "
            f"the notebook says {result.about.get('typed') or 'no login'!r}, numbers of {seed!r}"
        )
    if result.bound:
        lines.append(f"  a limit was met: {result.bound}")
    root = course.root_of(api)
    book = store.Place(root, assignment, login).handed_in()
    with banks.of(root, assignment):
        mine = Exercise(assignment[:2], seed)
        lines.append(f"  {mine!r}")
        for each in result.graded:
            number = each.name.removeprefix("test-")
            lines += _question(each, mine.questions.get(number), book)
    return "\n".join(_shown(line) for line in lines)


def _shown(line: str) -> str:
    """Keep how far a line is set in, and nothing that steers a terminal."""
    text = line.lstrip(" ")
    return " " * (len(line) - len(text)) + safe.printable(text)[:500]


def _question(each: Graded, question: Question | None, book: NotebookNode | None) -> list[str]:
    points = "not read yet" if each.points is None else f"{each.points:g}"
    lines = [f"  {each.name}: {points} of {each.most:g}"]
    if each.by_hand:
        return [*lines, "      read by a person; the rubric is in the guide"]
    lines.append(f"      handed in: {each.given or 'nothing'}")
    lines += [f"        | {line}" for line in _code(each.variable, book)[:MOST_LINES]]
    if question is not None:
        lines += [f"      expected: {line}" for line in _expected(question)]
    return [*lines, f"      said: {each.message or 'right'}"]


def _code(name: str, book: NotebookNode | None) -> list[str]:
    """Give the answer's cell, as it was handed in."""
    for cell in book.cells if book is not None and name else ():
        if layout.of(cell).get("solution") and name in layout.made_names(cell.source):
            return list(cell.source.splitlines())
    return []


def _expected(question: Question) -> list[str]:
    """Say what is right: a value, or what a function gives for the inputs that it was tried with."""
    if isinstance(question, Code):
        tried = [f"{short(values)} → {short(question.law(*values))}" for values in question.inputs]
        return [f"a function that gives {'; '.join(tried[:4])}"]
    return [short(question.right())]
