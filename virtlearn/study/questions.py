"""Questions: what is asked, what is right, and what each known mistake is told.

A question's answer is computed by the library; nothing here types a number twice. Each question
can name a right answer (`right`) and its known wrong ones (`mistakes`), so that tests can try them
all. The kinds whose answer may be code to run stand in `virtlearn.study._running`.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from virtlearn.study._answers import plain, short
from virtlearn.study._question import NOTHING, OPEN, RIGHT, WRONG, Outcome, Question
from virtlearn.study._running import Code, Find

__all__ = [
    "NOTHING",
    "OPEN",
    "RIGHT",
    "WRONG",
    "Choice",
    "Code",
    "Find",
    "Number",
    "Order",
    "Outcome",
    "Question",
    "plain",
    "short",
]

# What a learner writes between the names of an order.
BETWEEN = str.maketrans(",;>→\n", "     ")


@dataclass(frozen=True)
class Choice(Question):
    """One of several answers, each under a letter, and each with feedback.

    Parameters
    ----------
    id : str
        Such as ``"02.1"``.
    ask : str
        The text of the question.
    options : mapping of str to (str, str)
        For each letter the text of its option, and the feedback on it.
    answer : str
        The letter of the right option.
    reveal : str or callable
        What the model or the measurement gives, or what computes it; shown with the answer.
    hints : sequence of str
        From a nudge to nearly the answer.
    solution : str or callable
        The solution in words, or what gives it; without one, the right answer is named.

    Examples
    --------
    >>> options = {"A": ("its files", "A container has files too."), "B": ("its kernel", "Yes.")}
    >>> q = Choice("x.1", "What does a VM have of its own, and a container has not?", options, "B")
    >>> q.judge("a").message
    'A container has files too.'
    """

    options: Mapping[str, tuple[str, str]]
    answer: str
    reveal: str | Callable[[], str] = ""

    def _judge(self, answer: Any) -> Outcome:
        letter = self.letter(answer)
        if not letter:
            letters = ", ".join(self.options)
            wrong = f"{short(answer)} is not one of the answers; write one of {letters}."
            return Outcome(WRONG, wrong)
        status = RIGHT if letter == self.answer else WRONG
        return Outcome(status, self.options[letter][1])

    def letter(self, answer: Any) -> str:
        """Give the letter of an option, however it was written.

        Parameters
        ----------
        answer : object
            What was handed in, such as ``"b)"``.

        Returns
        -------
        str
            The capital letter, or ``""`` where no option has it.

        Examples
        --------
        >>> q = Choice("x.1", "Yes or no?", {"A": ("yes", "Right."), "B": ("no", "It is.")}, "A")
        >>> q.letter("b)"), q.letter("maybe")
        ('B', '')
        """
        letter = answer.strip(" .)\n").upper() if isinstance(answer, str) else ""
        return letter if letter in self.options else ""

    def right(self) -> str:
        """Give the letter of the right answer.

        Returns
        -------
        str
            One of the letters of ``options``.
        """
        return self.answer

    def mistakes(self) -> list[tuple[str, str]]:
        """List the other letters with their feedback.

        Returns
        -------
        list of (str, str)
            A letter that is wrong, and its feedback.
        """
        return [(letter, why) for letter, (_, why) in self.options.items() if letter != self.answer]

    def explain(self) -> str:
        """Say which it is, why, and what the model or the measurement gives.

        Returns
        -------
        str
            The letter and text of the right option, its feedback, and what ``reveal`` gives.
        """
        shown = self.reveal() if callable(self.reveal) else self.reveal
        text, why = self.options[self.answer]
        return f"{self.answer}: {text}. {why} {shown}".rstrip()


@dataclass(frozen=True)
class Number(Question):
    """A number within a tolerance.

    Parameters
    ----------
    id : str
        Such as ``"02.1"``.
    ask : str
        The text of the question.
    answer : callable
        Computes the right number.
    wrong : sequence of (callable, str)
        What computes the number of a known mistake, and what that mistake is told.
    unit : str
        The unit in which the number is asked for.
    tolerance : float
        How far off an answer may be, relative to the right number: 0.01 is 1 %.
    hints : sequence of str
        From a nudge to nearly the answer.
    solution : str or callable
        The solution in words, or what gives it; without one, the right answer is named.

    Examples
    --------
    >>> q = Number("x.2", "How many pages of 4 KiB are 1 MiB?", lambda: 2**20 / 2**12)
    >>> q.judge(256).status, q.judge(128).status
    ('right', 'wrong')
    """

    answer: Callable[[], float]
    wrong: Sequence[tuple[Callable[[], float], str]] = ()
    unit: str = ""
    tolerance: float = 0.01

    def _near(self, x: float, y: float) -> bool:
        return math.isclose(x, y, rel_tol=self.tolerance, abs_tol=1e-9)

    def _judge(self, answer: Any) -> Outcome:
        if getattr(answer, "size", 0) == 1:
            answer = answer.item()  # the laws give arrays, also of a single number
        is_number = isinstance(answer, numbers.Real) and not isinstance(answer, bool)
        if not is_number or math.isnan(answer):
            return Outcome(WRONG, self._not_of_this_kind(answer))
        given, right = float(answer), self.answer()
        if self._near(given, right):
            return Outcome(RIGHT, f"{answer:g} {self.unit}".rstrip() + ".")
        for mistake, message in self.wrong:
            if self._near(given, mistake()):
                return Outcome(WRONG, message)
        direction = "Too high." if given > right else "Too low."
        return Outcome(WRONG, f"{answer:g} is not it. {direction} A hint may help.")

    def _not_of_this_kind(self, answer: Any) -> str:
        wanted = f"Give the number alone, in {self.unit or 'plain figures'}"
        if isinstance(answer, str) and answer.strip()[:1].isdigit():
            return (
                f"{short(answer)} is a text and not a number. {wanted} and without quotation marks."
            )
        return f"{short(answer)} is not a number. {wanted}."

    def right(self) -> float:
        """Compute the answer.

        Returns
        -------
        float
            The right number, in the unit of the question.
        """
        return self.answer()

    def mistakes(self) -> list[tuple[float, str]]:
        """Compute the known wrong answers.

        Returns
        -------
        list of (float, str)
            What a mistake computes, in the unit of the question, and what it is told.
        """
        return [(mistake(), message) for mistake, message in self.wrong]


@dataclass(frozen=True)
class Order(Question):
    """Things to put in order.

    Parameters
    ----------
    id : str
        Such as ``"02.1"``.
    ask : str
        The text of the question.
    answer : tuple of str
        The names in the right order.
    wrong : sequence of (tuple of str, str)
        A known wrong order, and what it is told.
    hints : sequence of str
        From a nudge to nearly the answer.
    solution : str or callable
        The solution in words, or what gives it; without one, the right answer is named.

    Examples
    --------
    >>> q = Order("x.4", "From the ground up?", ("hardware", "hypervisor", "guest"))
    >>> q.judge("hardware, hypervisor, guest").status
    'right'
    >>> q.judge("hypervisor, hardware, guest").message
    "The first one is not 'hypervisor'."
    """

    answer: tuple[str, ...]
    wrong: Sequence[tuple[tuple[str, ...], str]] = ()

    def _judge(self, answer: Any) -> Outcome:
        given = self._names(answer)
        if given == self.answer:
            return Outcome(RIGHT, ", ".join(given) + ".")
        for order, message in self.wrong:
            if given == order:
                return Outcome(WRONG, message)
        if sorted(given) != sorted(self.answer):
            return Outcome(WRONG, f"Use each of these once: {', '.join(sorted(self.answer))}.")
        pairs = enumerate(zip(given, self.answer, strict=True))
        first = next(i for i, (a, b) in pairs if a != b)
        right = f"Right up to place {first}; look again at" if first else "The first one is not"
        return Outcome(WRONG, f"{right} {given[first]!r}.")

    def _names(self, answer: Any) -> tuple[str, ...]:
        """Read the names, in one text or in a list; capitals, hyphens and arrows do not matter."""
        if not isinstance(answer, str | list | tuple):
            raise TypeError
        words = [answer] if isinstance(answer, str) else [str(word) for word in answer]
        text = f" {' '.join(words).casefold()} ".replace("->", " ").translate(BETWEEN)
        text = " ".join(text.replace("-", " ").replace("_", " ").split())
        # Names of two words before their parts; a mark that no learner types keeps what was found.
        spelt = {f"\0{i}\0": name for i, name in enumerate(self.answer)}
        for mark, name in sorted(spelt.items(), key=lambda each: -len(each[1])):
            apart = " ".join(name.casefold().replace("-", " ").replace("_", " ").split())
            text = re.sub(rf"\b{re.escape(apart)}\b", mark, text)
        return tuple(spelt.get(word, word) for word in text.split())

    def _not_of_this_kind(self, answer: Any) -> str:
        names = " ".join(sorted(self.answer))
        return (
            f'An order is a list of names in one text, such as "{names}", and not {short(answer)}.'
        )

    def right(self) -> tuple[str, ...]:
        """Give the order.

        Returns
        -------
        tuple of str
            The names in the right order.
        """
        return self.answer

    def mistakes(self) -> list[tuple[tuple[str, ...], str]]:
        """List the known wrong orders.

        Returns
        -------
        list of (tuple of str, str)
            A wrong order, and what it is told.
        """
        return list(self.wrong)
