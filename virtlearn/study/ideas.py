"""The ideas that the course must change, and the misconceptions in their way.

The questions of the inventory tell one from the other. Both tables stand in one file beside the
lessons, ``questions/misconceptions.toml``; the questions of the inventory stand in
``inventory.toml``, and what is right in them in ``inventory.py``. A lesson, a prediction, an
exercise and the inventory mean the same by ``M01``.
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
    """What somebody believes, what is so, the lesson that corrects it, and what else tests it.

    Parameters
    ----------
    id : str
        Such as ``"M01"``.
    says : str
        What is believed, in the words of somebody who believes it.
    fact : str
        What is so.
    lesson : str
        The number of the lesson that corrects it.
    tested : tuple of str
        What gives it away: an option such as ``"01.3 D"``, or a listed mistake, ``"x03.1 4"``.
    """

    id: str
    says: str
    fact: str
    lesson: str
    tested: tuple[str, ...]


@dataclass(frozen=True)
class Idea:
    """What two questions of the inventory ask, one in each form.

    Parameters
    ----------
    id : str
        Such as ``"limit"``.
    title : str
        A few words for it.
    says : str
        The idea, as a sentence.
    lesson : str
        The number of the lesson that teaches it.
    answer : str
        The letter of the right option, in both forms.
    means : mapping of str to str
        For each wrong letter the misconception that it stands for, in both forms.
    rests_on : tuple of str
        The rows of the table of evidence that the idea rests on.
    """

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

    Parameters
    ----------
    ask : str
        The situation, and what is asked.
    options : mapping of str to str
        The text under each letter.
    truth : callable, optional
        Computes the text of the right option by the library. Where no law decides, it is None, and
        the idea rests on evidence alone.
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

    Returns
    -------
    dict of str to Misconception
        All of them, in the order of the table.

    Examples
    --------
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

    Returns
    -------
    dict of str to Idea
        All of them.

    Examples
    --------
    >>> len(ideas())
    18
    """
    found = {}
    for id, row in _table("misconceptions")["ideas"].items():
        found[id] = Idea(id, **{**row, "rests_on": tuple(row["rests_on"])})
    return found


def edition() -> int:
    """Say which edition this is: answers of two editions are never counted together.

    Returns
    -------
    int
        Its number, from 1 on.

    Examples
    --------
    >>> edition() >= 1
    True
    """
    return int(_table("misconceptions")["edition"])


def item(idea: str, form: str) -> Item:
    """Give the question that asks an idea in one of the two forms.

    Parameters
    ----------
    idea : str
        The id of the idea, such as ``"limit"``.
    form : str
        ``"A"`` or ``"B"``.

    Returns
    -------
    Item
        The situation, the options, and what computes the right one.

    Raises
    ------
    UnknownName
        Where there is no such idea or form.

    Examples
    --------
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
    """Say what an answer means.

    Parameters
    ----------
    idea : Idea
        What was asked.
    letter : str
        What was answered.

    Returns
    -------
    str
        ``"right"``, the id of a misconception, or ``"?"`` for not knowing.

    Examples
    --------
    >>> limit = ideas()["limit"]
    >>> meaning(limit, "A"), meaning(limit, "B"), meaning(limit, "?")
    ('M06', 'right', '?')
    """
    if letter == idea.answer:
        return RIGHT_IDEA
    return idea.means.get(letter, DO_NOT_KNOW)
