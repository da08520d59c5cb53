"""What every question has: its text, its hints, its solution, and a verdict on an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from virtlearn.study._answers import short
from virtlearn.study._limit import LIMIT_S, TooLong

__all__ = ["NOTHING", "OPEN", "RIGHT", "STILL_RUNNING", "WRONG", "Outcome", "Question"]

RIGHT, WRONG, OPEN = "right", "wrong", "not attempted"
NOTHING = (None, ..., "", "?")
STILL_RUNNING = (
    f"was still running after {LIMIT_S:g} seconds and was stopped. Does its loop come to an end?"
)


def _is_nothing(answer: Any) -> bool:
    if isinstance(answer, str):
        return answer.strip() in NOTHING
    return answer is None or answer is ...


@dataclass(frozen=True)
class Outcome:
    """What came of an answer, and what to say about it.

    Parameters
    ----------
    status : str
        ``"right"``, ``"wrong"`` or ``"not attempted"``.
    message : str
        What the learner is told.

    Examples
    --------
    >>> Outcome("right", "A VM has a kernel of its own.").status
    'right'
    """

    status: str
    message: str


@dataclass(frozen=True)
class Question:
    """What every question has: an id, its text, hints that get more definite, and a solution.

    Parameters
    ----------
    id : str
        Such as ``"02.1"``.
    ask : str
        The text of the question.
    hints : sequence of str
        From a nudge to nearly the answer.
    solution : str or callable
        The solution in words, or what gives it; without one, the right answer is named.
    """

    id: str
    ask: str
    _: KW_ONLY
    hints: tuple[str, ...] = ()
    solution: str | Callable[[], str] = ""

    def judge(self, answer: Any) -> Outcome:
        """Tell right from wrong from not attempted.

        Parameters
        ----------
        answer : object
            Whatever was handed in; nothing that is handed in makes this raise.

        Returns
        -------
        Outcome
            The status and what to say.
        """
        if _is_nothing(answer):
            return Outcome(OPEN, self.ask)
        try:
            return self._judge(answer)
        except TooLong:
            return Outcome(WRONG, f"Your function {STILL_RUNNING}")
        except Exception:
            # Whatever is handed in is an answer, not our failure; Python's words would not help.
            return Outcome(WRONG, self._not_of_this_kind(answer))

    def _not_of_this_kind(self, answer: Any) -> str:
        return f"{short(answer)} is not the kind of answer that is asked for. {self.ask}"

    def _judge(self, answer: Any) -> Outcome:
        raise NotImplementedError

    def right(self) -> Any:
        """Give an answer that is right.

        Returns
        -------
        object
            Whatever kind of answer the question asks for.

        Raises
        ------
        NotImplementedError
            Always, here: each kind of question gives its own.
        """
        raise NotImplementedError

    def mistakes(self) -> Sequence[tuple[Any, str]]:
        """List the known wrong answers, each with what it is told.

        Returns
        -------
        sequence of (object, str)
            A wrong answer, and what it is told.

        Raises
        ------
        NotImplementedError
            Always, here: each kind of question lists its own.
        """
        raise NotImplementedError

    def explain(self) -> str:
        """Give the solution in words.

        Returns
        -------
        str
            The solution that the question was made with, or else the right answer.
        """
        if callable(self.solution):
            return self.solution()
        return self.solution or f"The answer is {self.right()}."
