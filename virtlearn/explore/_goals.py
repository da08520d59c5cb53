"""Goals of the lessons: what a learner is to bring about, and whether it stands on the screen."""

from __future__ import annotations

import functools
import operator
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from virtlearn.arguments import known
from virtlearn.errors import UnknownName

__all__ = ["Goal", "goals", "goals_of"]

COMPARE = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Goal:
    """One goal: what is asked for, and how the library knows that it is reached.

    Parameters
    ----------
    name : str
        Such as ``"02.g1"``: the first goal of lesson 02.
    explorer : str
        The explorer in which it is reached.
    text : str
        What a learner reads.
    when : sequence of list
        Each ``[what, how, bound]``: a control or a number of the chart's facts, one of ``=``,
        ``<``, ``<=``, ``>``, ``>=``, and a number, a word, or another control or fact by its name.
    """

    name: str
    explorer: str
    text: str
    when: Sequence[Sequence[Any]]

    def reached(self, values: Mapping[str, Any], facts: Mapping[str, float]) -> bool:
        """Say whether all that is asked for stands.

        Parameters
        ----------
        values : mapping
            Where the controls stand.
        facts : mapping
            The chart's numbers.

        Returns
        -------
        bool
            Whether it is reached; where a fact is missing, as nothing fits, it is not.

        Examples
        --------
        >>> goal = Goal("02.g1", "density", "Less than 10 % ahead", [["ratio", "<", 1.1]])
        >>> goal.reached({}, {"ratio": 1.05}), goal.reached({}, {"ratio": 4.8})
        (True, False)
        """
        known_now = {**values, **facts}
        for what, how, bound in self.when:
            if what not in known_now:
                return False
            against = known_now.get(bound, bound) if isinstance(bound, str) else bound
            if not COMPARE[how](known_now[what], against):
                return False
        return True


@functools.cache
def goals() -> dict[str, Goal]:
    """Read the goals of all lessons.

    Returns
    -------
    dict of str to Goal
        By name, in the order of the lessons.
    """
    text = resources.files("virtlearn").joinpath("data/goals.toml").read_text("utf-8")
    return {name: Goal(name, **entry) for name, entry in tomllib.loads(text).items()}


def goals_of(explorer: str, names: Sequence[str]) -> list[Goal]:
    """Look up goals by name, and refuse those of another explorer.

    Parameters
    ----------
    explorer : str
        Whose goals they are.
    names : sequence of str
        Such as ``("02.g1", "02.g2")``; one alone may be a text.

    Returns
    -------
    list of Goal
        In the order given.

    Raises
    ------
    UnknownName
        For a goal that is not there, or belongs to another explorer.
    """
    asked = [names] if isinstance(names, str) else list(names)
    own = {name: goal for name, goal in goals().items() if goal.explorer == explorer}
    for name in asked:
        other = goals().get(name) if isinstance(name, str) else None
        if other and other.explorer != explorer:
            raise UnknownName(
                f"Goal {name} belongs to vl.explore.{other.explorer}.\nHere are: {', '.join(own)}."
            )
    return [own[known(f"goal of {explorer}", name, own)] for name in asked]
