"""Questions: what is asked, what is right, and what each known mistake is told.

A question's answer is computed by the library; nothing here types a number twice. Each question can name a right
answer (`right`) and its known wrong ones (`mistakes`), so that tests can try them all.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

__all__ = ["Choice", "Code", "Number", "Order", "Outcome", "Question"]

RIGHT, WRONG, OPEN = "right", "wrong", "not attempted"
NOTHING = (None, ..., "", "?")


@dataclass(frozen=True)
class Outcome:
    """What came of an answer: ``"right"``, ``"wrong"`` or ``"not attempted"``, and what to say."""

    status: str
    message: str


@dataclass(frozen=True)
class Question:
    """What every question has: an id such as ``"02.1"``, its text, hints that get more definite, a solution."""

    id: str
    ask: str
    _: KW_ONLY
    hints: tuple[str, ...] = ()
    solution: str | Callable[[], str] = ""

    def judge(self, answer: Any) -> Outcome:
        """Tell right from wrong from not attempted."""
        if answer is None or answer is ... or (isinstance(answer, str) and answer.strip() in NOTHING):
            return Outcome(OPEN, f"Not attempted yet. {self.ask}")
        return self._judge(answer)

    def _judge(self, answer: Any) -> Outcome:
        raise NotImplementedError

    def right(self) -> Any:
        """Give an answer that is right."""
        raise NotImplementedError

    def mistakes(self) -> Sequence[tuple[Any, str]]:
        """List the known wrong answers, each with what it is told."""
        raise NotImplementedError

    def explain(self) -> str:
        """Give the solution in words."""
        return self.solution() if callable(self.solution) else self.solution or f"The answer is {self.right()}."


@dataclass(frozen=True)
class Choice(Question):
    """One of several answers. ``options`` maps a letter to (text, feedback); every option has feedback."""

    options: Mapping[str, tuple[str, str]]
    answer: str
    reveal: str | Callable[[], str] = ""

    def _judge(self, answer: Any) -> Outcome:
        letter = str(answer).strip().upper()[:1]
        if letter not in self.options:
            return Outcome(WRONG, f"{answer!r} is not one of the answers; write one of {', '.join(self.options)}.")
        return Outcome(RIGHT if letter == self.answer else WRONG, self.options[letter][1])

    def right(self) -> str:
        """Give the letter of the right answer."""
        return self.answer

    def mistakes(self) -> list[tuple[str, str]]:
        """List the other letters with their feedback."""
        return [(letter, why) for letter, (_, why) in self.options.items() if letter != self.answer]

    def explain(self) -> str:
        """Say which it is, why, and what the model or the measurement gives."""
        shown = self.reveal() if callable(self.reveal) else self.reveal
        text, why = self.options[self.answer]
        return " ".join(filter(None, [f"{self.answer}: {text}. {why}", shown]))


@dataclass(frozen=True)
class Number(Question):
    """A number within a tolerance. ``wrong`` maps what a known mistake computes to what it is told."""

    answer: Callable[[], float]
    wrong: Sequence[tuple[Callable[[], float], str]] = ()
    unit: str = ""
    tolerance: float = 0.01

    def _near(self, x: float, y: float) -> bool:
        return math.isclose(x, y, rel_tol=self.tolerance, abs_tol=1e-9)

    def _judge(self, answer: Any) -> Outcome:
        if getattr(answer, "size", 0) == 1:
            answer = answer.item()  # the laws give arrays, also of a single number
        if isinstance(answer, bool) or not isinstance(answer, numbers.Real) or math.isnan(answer):
            return Outcome(
                WRONG, f"{answer!r} is not a number. Give the number alone, in {self.unit or 'plain figures'}."
            )
        if self._near(float(answer), self.answer()):
            return Outcome(RIGHT, f"Right: {answer:g} {self.unit}".rstrip() + ".")
        for mistake, message in self.wrong:
            if self._near(float(answer), mistake()):
                return Outcome(WRONG, message)
        return Outcome(
            WRONG,
            f"{answer:g} is not it. {'Too high.' if float(answer) > self.answer() else 'Too low.'} A hint may help.",
        )

    def right(self) -> float:
        """Compute the answer."""
        return self.answer()

    def mistakes(self) -> list[tuple[float, str]]:
        """Compute the known wrong answers."""
        return [(mistake(), message) for mistake, message in self.wrong]


@dataclass(frozen=True)
class Order(Question):
    """Things to put in order. ``wrong`` lists known wrong orders with what they are told."""

    answer: tuple[str, ...]
    wrong: Sequence[tuple[tuple[str, ...], str]] = ()

    def _judge(self, answer: Any) -> Outcome:
        given = tuple(answer.replace(",", " ").split() if isinstance(answer, str) else answer)
        if given == self.answer:
            return Outcome(RIGHT, "Right: " + ", ".join(given) + ".")
        for order, message in self.wrong:
            if given == order:
                return Outcome(WRONG, message)
        if sorted(given) != sorted(self.answer):
            return Outcome(WRONG, f"Use each of these once: {', '.join(sorted(self.answer))}.")
        first = next(i for i, (a, b) in enumerate(zip(given, self.answer, strict=True)) if a != b)
        return Outcome(WRONG, f"Right up to place {first}; look again at {given[first]!r}.")

    def right(self) -> tuple[str, ...]:
        """Give the order."""
        return self.answer

    def mistakes(self) -> list[tuple[tuple[str, ...], str]]:
        """List the known wrong orders."""
        return list(self.wrong)


@dataclass(frozen=True)
class Code(Question):
    """A function to write or repair; it is tried on inputs the learner has not seen.

    ``law`` is the right function, ``inputs`` the argument tuples, ``wrong`` known wrong functions with their message.
    """

    law: Callable[..., Any]
    inputs: Sequence[tuple[Any, ...]]
    wrong: Sequence[tuple[Callable[..., Any], str]] = ()
    tolerance: float = 1e-6

    def _try(self, function: Callable[..., Any], values: tuple[Any, ...]) -> Any:
        try:
            return function(*values)
        except RecursionError:
            return "calls itself for ever"
        except Exception as slip:  # whatever a learner's code raises is an answer, not our failure
            return f"stops with {type(slip).__name__}: {slip}"

    def _same(self, x: Any, y: Any) -> bool:
        import numpy as np

        try:
            return np.shape(x) == np.shape(y) and bool(np.allclose(x, y, rtol=self.tolerance, atol=1e-9))
        except (TypeError, ValueError):
            return False

    def _judge(self, answer: Any) -> Outcome:
        if not callable(answer):
            return Outcome(WRONG, f"{answer!r} is not a function. Hand over its name, without brackets.")
        for values in self.inputs:
            got, want = self._try(answer, values), self.law(*values)
            if got is None:
                return Outcome(WRONG, f"With {values} your function gives nothing back. Is there a return?")
            if not self._same(got, want):
                for mistake, message in self.wrong:
                    if all(self._same(self._try(answer, v), self._try(mistake, v)) for v in self.inputs):
                        return Outcome(WRONG, message)
                return Outcome(WRONG, f"With {values} your function gives {got}, but it should give {want}.")
        return Outcome(RIGHT, f"Right on all {len(self.inputs)} inputs you had not seen.")

    def right(self) -> Callable[..., Any]:
        """Give the right function."""
        return self.law

    def mistakes(self) -> list[tuple[Any, str]]:
        """List the known wrong functions."""
        return list(self.wrong)
