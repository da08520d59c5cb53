"""The ideas that the course must change, the misconceptions in their way, and the questions that tell one from the other.

Both tables stand in one file beside the lessons, ``questions/misconceptions.toml``; the questions of the inventory in
``inventory.toml``, what is right in them in ``inventory.py``. A lesson, a prediction, an exercise and the inventory mean the same by ``M01``.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from virtlearn.errors import UnknownName, nearest
from virtlearn.study import bank

__all__ = [
    "DO_NOT_KNOW",
    "FORMS",
    "RIGHT_IDEA",
    "Idea",
    "Item",
    "Misconception",
    "edition",
    "ideas",
    "item",
    "meaning",
    "misconceptions",
]

FORMS = ("A", "B")
DO_NOT_KNOW = "?"
RIGHT_IDEA = "right"


@dataclass(frozen=True)
class Misconception:
    """What somebody believes, what is so, the lesson that corrects it, and what else tests it."""

    id: str
    says: str
    fact: str
    lesson: str
    tested: tuple[str, ...]


@dataclass(frozen=True)
class Idea:
    """What two questions of the inventory ask: ``means`` says what each wrong letter stands for, in both forms."""

    id: str
    title: str
    says: str
    lesson: str
    answer: str
    means: Mapping[str, str]
    rests_on: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """An idea in one form: a situation, and an option under each letter.

    ``truth`` computes the text of the right option by the library. Where no law decides, it is None, and the idea
    rests on evidence alone.
    """

    ask: str
    options: Mapping[str, str]
    truth: Callable[[], str] | None = None


@functools.cache
def _table(name: str) -> Any:
    """Read a table that lies beside the questions of the lessons."""
    return tomllib.loads(_laws_path().with_name(f"{name}.toml").read_text("utf-8"))


def _laws() -> Any:
    return bank._bank("inventory", "There is no inventory beside these lessons.")


def _laws_path() -> Path:
    return Path(str(_laws().__file__))


@functools.cache
def misconceptions() -> dict[str, Misconception]:
    """Give what people believe, by its id.

    >>> misconceptions()["M06"].says
    'A CPU limit keeps that much CPU for its container.'
    """
    found = {}
    for id, row in _table("misconceptions")["misconceptions"].items():
        found[id] = Misconception(id, **{**row, "tested": tuple(row["tested"])})
    return found


@functools.cache
def ideas() -> dict[str, Idea]:
    """Give the ideas of the inventory by their id, in the order in which they are asked.

    >>> len(ideas())
    18
    """
    found = {}
    for id, row in _table("misconceptions")["ideas"].items():
        found[id] = Idea(id, **{**row, "rests_on": tuple(row["rests_on"])})
    return found


def edition() -> int:
    """Say which edition this is: answers of two editions are never counted together."""
    return int(_table("misconceptions")["edition"])


def item(idea: str, form: str) -> Item:
    """Give the question that asks an idea in one of the two forms.

    >>> item("limit", "A").options["B"]
    '0.5 and 2'
    """
    if idea not in ideas():
        raise UnknownName(f"There is no idea {idea!r}. {nearest(idea, ideas())}")
    if form not in FORMS:
        raise UnknownName(f"There is no form {form!r}. {nearest(form, FORMS)}")
    row = dict(_table("inventory")[idea][form])
    ask = row.pop("ask")
    return Item(ask, row, _laws().TRUTH.get(f"{idea}.{form}"))


def meaning(idea: Idea, letter: str) -> str:
    """Say what an answer means: ``"right"``, the id of a misconception, or ``"?"`` for not knowing.

    >>> meaning(ideas()["limit"], "A"), meaning(ideas()["limit"], "B"), meaning(ideas()["limit"], "?")
    ('M06', 'right', '?')
    """
    if letter == idea.answer:
        return RIGHT_IDEA
    return idea.means.get(letter, DO_NOT_KNOW)
