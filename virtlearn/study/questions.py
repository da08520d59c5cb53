"""Questions: what is asked, what is right, and what each known mistake is told.

A question's answer is computed by the library; nothing here types a number twice. Each question can name a right
answer (`right`) and its known wrong ones (`mistakes`), so that tests can try them all.
"""

from __future__ import annotations

import copy
import math
import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

__all__ = ["Choice", "Code", "Find", "Number", "Order", "Outcome", "Question"]

RIGHT, WRONG, OPEN = "right", "wrong", "not attempted"
NOTHING = (None, ..., "", "?")


def plain(value: Any) -> Any:
    """Give numpy's arrays and tuples as lists of plain numbers, as they look after a journey as JSON.

    >>> plain((1, (2.0, "three")))
    [1, [2.0, 'three']]
    """
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def same(x: Any, y: Any, tolerance: float) -> bool:
    """Tell whether two answers are the same, numbers within the tolerance, however they are nested."""
    x, y = plain(x), plain(y)
    if isinstance(x, dict) and isinstance(y, dict):
        return x.keys() == y.keys() and all(same(x[key], y[key], tolerance) for key in x)
    if isinstance(x, list) and isinstance(y, list):
        return len(x) == len(y) and all(same(a, b, tolerance) for a, b in zip(x, y, strict=True))
    if isinstance(x, numbers.Real) and isinstance(y, numbers.Real):
        return math.isclose(x, y, rel_tol=tolerance, abs_tol=1e-9)
    return bool(x == y)


def short(value: Any) -> str:
    """Write a value as a learner reads it: six digits, brackets as they were, and never a page of it.

    >>> short((1, [0.1 + 0.2, "web"]))
    "(1, [0.3, 'web'])"
    """
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, list | tuple):
        inner = ", ".join(short(each) for each in value[:20]) + (", …" if len(value) > 20 else "")
        text = f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    else:
        text = f"{value:.6g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= 200 else text[:199] + "…"


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
        if (
            answer is None
            or answer is ...
            or (isinstance(answer, str) and answer.strip() in NOTHING)
        ):
            return Outcome(OPEN, self.ask)
        try:
            return self._judge(answer)
        except Exception as slip:  # whatever is handed in is an answer, not our failure
            return Outcome(
                WRONG,
                f"That is not an answer to this question ({type(slip).__name__}: {slip}). {self.ask}",
            )

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
        return (
            self.solution()
            if callable(self.solution)
            else self.solution or f"The answer is {self.right()}."
        )


@dataclass(frozen=True)
class Choice(Question):
    """One of several answers. ``options`` maps a letter to (text, feedback); every option has feedback."""

    options: Mapping[str, tuple[str, str]]
    answer: str
    reveal: str | Callable[[], str] = ""

    def _judge(self, answer: Any) -> Outcome:
        letter = answer.strip(" .)\n").upper() if isinstance(answer, str) else ""
        if letter not in self.options:
            return Outcome(
                WRONG,
                f"{short(answer)} is not one of the answers; write one of {', '.join(self.options)}.",
            )
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
                WRONG,
                f"{short(answer)} is not a number. Give the number alone, in {self.unit or 'plain figures'}.",
            )
        if self._near(float(answer), self.answer()):
            return Outcome(RIGHT, f"{answer:g} {self.unit}".rstrip() + ".")
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
        words = answer.replace(",", " ").split() if isinstance(answer, str) else answer
        spelt = {word.casefold(): word for word in self.answer}  # capitals do not matter
        given = tuple(spelt.get(str(word).casefold(), word) for word in words)
        if given == self.answer:
            return Outcome(RIGHT, ", ".join(given) + ".")
        for order, message in self.wrong:
            if given == order:
                return Outcome(WRONG, message)
        if sorted(given) != sorted(self.answer):
            return Outcome(WRONG, f"Use each of these once: {', '.join(sorted(self.answer))}.")
        first = next(i for i, (a, b) in enumerate(zip(given, self.answer, strict=True)) if a != b)
        right = f"Right up to place {first}; look again at" if first else "The first one is not"
        return Outcome(WRONG, f"{right} {given[first]!r}.")

    def right(self) -> tuple[str, ...]:
        """Give the order."""
        return self.answer

    def mistakes(self) -> list[tuple[tuple[str, ...], str]]:
        """List the known wrong orders."""
        return list(self.wrong)


@dataclass(frozen=True)
class Find(Question):
    """Something to find: a number, an input or a few of them that make something happen.

    ``accept`` is given the answer, a tuple as a list, and gives ``""`` or what is wrong with it. ``example`` computes
    an answer that is right, ``wrong`` known mistakes with their message; a function handed in stays one.
    """

    accept: Callable[[Any], str]
    example: Callable[[], Any]
    wrong: Sequence[tuple[Callable[[], Any], str]] = ()

    def _judge(self, answer: Any) -> Outcome:
        message = self.accept(answer if callable(answer) else plain(answer))
        if not message:
            return Outcome(
                RIGHT, "Your function does it." if callable(answer) else f"{short(answer)}."
            )
        known = (words for mistake, words in self.wrong if same(answer, mistake(), 1e-9))
        return Outcome(WRONG, next(known, message))

    def right(self) -> Any:
        """Compute an answer that is accepted."""
        return self.example()

    def mistakes(self) -> list[tuple[Any, str]]:
        """Compute the known wrong answers."""
        return [(mistake(), message) for mistake, message in self.wrong]


@dataclass(frozen=True)
class Code(Question):
    """A function to write or repair; it is tried on inputs the learner has not seen.

    ``law`` is the right function, ``inputs`` the argument tuples, ``wrong`` known wrong functions with their message.
    """

    law: Callable[..., Any]
    inputs: Sequence[tuple[Any, ...]]
    wrong: Sequence[tuple[Callable[..., Any], str]] = ()
    tolerance: float = 1e-6

    def _try(self, function: Callable[..., Any], values: tuple[Any, ...]) -> tuple[Any, str]:
        """Give what a function gives, and what it did in words."""
        try:
            got = function(
                *copy.deepcopy(values)
            )  # a function that changes its list must not change ours
        except NotImplementedError:
            return None, ""
        except RecursionError:
            return None, "calls itself for ever"
        except (
            Exception,
            SystemExit,
        ) as slip:  # whatever a learner's code raises is an answer, not our failure
            return None, f"stops with {type(slip).__name__}: {slip}"
        return (None, "") if got is None or got is ... else (got, f"gives {short(got)}")

    def _judge(self, answer: Any) -> Outcome:
        if not callable(answer):
            return Outcome(
                WRONG, f"{short(answer)} is not a function. Hand over its name, without brackets."
            )
        tried = [(values, *self._try(answer, values), self.law(*values)) for values in self.inputs]
        if not any(did for _, _, did, _ in tried):
            return Outcome(
                OPEN,
                f"With {short(self.inputs[0])} your function gives nothing back. Is there a return?",
            )
        for values, got, did, want in tried:
            if got is None or not same(got, want, self.tolerance):
                for mistake, message in self.wrong:
                    if all(
                        same(got, self._try(mistake, v)[0], self.tolerance)
                        for v, got, _, _ in tried
                    ):
                        return Outcome(WRONG, message)
                did = did or "gives nothing back"
                return Outcome(
                    WRONG,
                    f"With {short(values)} your function {did}, but it should give {short(want)}.",
                )
        return Outcome(
            RIGHT, f"It agrees with the law on all {len(self.inputs)} inputs you had not seen."
        )

    def right(self) -> Callable[..., Any]:
        """Give the right function."""
        return self.law

    def mistakes(self) -> list[tuple[Any, str]]:
        """List the known wrong functions."""
        return list(self.wrong)
