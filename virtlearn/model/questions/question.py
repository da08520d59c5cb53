"""A question that every deployment answers with one number: its column in a comparison."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from virtlearn import units
from virtlearn.model.tree import Tree
from virtlearn.model.unit import Unit

__all__ = ["Growth", "Question", "whole_number"]

# What one more copy of each workload adds; empty for a tree built by hand.
Growth = tuple[Unit, ...]


def _no_bound(tree: Tree) -> str:
    return ""


@dataclass(frozen=True)
class Question:
    """One question of the course, as a column.

    Parameters
    ----------
    title : str
        The head of the column.
    ask : callable
        ``ask(tree, growth)`` is the answer, a number; None where there is none.
    show : callable
        ``show(answer)`` is the answer in words.
    better : int
        -1 where a low answer is better, 1 where a high one is, 0 where neither is.
    assumed : bool
        Whether it rests on numbers that no published row gives.
    bound : callable, optional
        ``bound(tree)`` is ``">="`` or ``"<="`` where the source gives a bound and no mean.
    """

    title: str
    ask: Callable[[Tree, Growth], float | None]
    show: Callable[[float], str]
    better: int = 0
    assumed: bool = False
    bound: Callable[[Tree], str] = _no_bound


def whole_number(answer: float) -> str:
    """Write a count.

    Parameters
    ----------
    answer : float
        The count.

    Returns
    -------
    str
        With separators of thousands.

    Examples
    --------
    >>> whole_number(2000)
    '2,000'
    """
    return f"{answer:,.0f}"


def copies(answer: float) -> str:
    """Write a number of copies that may be a mean."""
    text = units.plain(answer)
    return f"{text} copy" if text == "1" else f"{text} copies"
