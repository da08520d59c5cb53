"""Questions: what is asked, what is right, and what each known mistake is told.

A question's answer is computed by the library; nothing here types a number twice. Each question can name a right
answer (`right`) and its known wrong ones (`mistakes`), so that tests can try them all.
"""

from __future__ import annotations

import copy
import math
import numbers
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from virtlearn.study._answers import plain, same, short
from virtlearn.study._limit import LIMIT_S, TooLong, within

__all__ = ["Choice", "Code", "Find", "Number", "Order", "Outcome", "Question", "plain", "short"]

RIGHT, WRONG, OPEN = "right", "wrong", "not attempted"
NOTHING = (None, ..., "", "?")
STILL_RUNNING = (
    f"was still running after {LIMIT_S:g} seconds and was stopped. Does its loop come to an end?"
)
# What a learner writes between the names of an order.
BETWEEN = str.maketrans(",;>→\n", "     ")


def _is_nothing(answer: Any) -> bool:
    if isinstance(answer, str):
        return answer.strip() in NOTHING
    return answer is None or answer is ...


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
            # Whatever is handed in is an answer, not our failure, and Python's words would not help.
            return Outcome(WRONG, self._not_of_this_kind(answer))

    def _not_of_this_kind(self, answer: Any) -> str:
        return f"{short(answer)} is not the kind of answer that is asked for. {self.ask}"

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
        if callable(self.solution):
            return self.solution()
        return self.solution or f"The answer is {self.right()}."


@dataclass(frozen=True)
class Choice(Question):
    """One of several answers. ``options`` maps a letter to (text, feedback); every option has feedback."""

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
        """Give the letter of an option, however it was written, or nothing."""
        letter = answer.strip(" .)\n").upper() if isinstance(answer, str) else ""
        return letter if letter in self.options else ""

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
        return f"{self.answer}: {text}. {why} {shown}".rstrip()


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
        """Read the names, in one text or in a list: without regard to capitals, hyphens and arrows."""
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
        if callable(answer):
            message = within(LIMIT_S, self.accept, answer)
            praise = "Your function does it."
        else:
            message = self.accept(plain(answer))
            praise = f"{short(answer)}."
        if not message:
            return Outcome(RIGHT, praise)
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

    def _try(self, function: Callable[..., Any], values: Sequence[Any]) -> tuple[Any, str]:
        """Give what a function gives, and what it did in words."""
        handed = copy.deepcopy(values)  # a function that changes its list must not change ours
        try:
            got = within(LIMIT_S, function, *handed)
        except NotImplementedError:
            return None, ""
        except TooLong:
            return None, STILL_RUNNING
        except KeyboardInterrupt:
            return None, "was interrupted"
        except RecursionError:
            return None, "calls itself for ever"
        except (Exception, SystemExit) as slip:
            # Whatever a learner's code raises is an answer, not our failure.
            return None, f"stops with {type(slip).__name__}: {slip}"
        if got is None or got is ...:
            return None, ""
        return got, f"gives {short(got)}"

    def _judge(self, answer: Any) -> Outcome:
        if not callable(answer):
            return Outcome(WRONG, self._not_of_this_kind(answer))
        tried = []
        for values in self.inputs:
            got, did = self._try(answer, values)
            tried.append((values, got, did))
            if did == STILL_RUNNING:
                # The next one would take as long.
                return Outcome(WRONG, f"With {short(values)} your function {did}")
        if not any(did for _, _, did in tried):
            with_ = short(self.inputs[0])
            silent = f"With {with_} your function gives nothing back. Is there a return?"
            return Outcome(OPEN, silent)
        for values, got, did in tried:
            want = self.law(*values)
            if got is None or not same(got, want, self.tolerance):
                return Outcome(WRONG, self._known(tried) or _differs(values, did, want))
        count = len(self.inputs)
        return Outcome(RIGHT, f"It agrees with the law on all {count} inputs you had not seen.")

    def _known(self, tried: Sequence[tuple[tuple[Any, ...], Any, str]]) -> str:
        """Give the message of the known mistake that would have given all this."""
        for mistake, message in self.wrong:
            pairs = ((got, self._try(mistake, values)[0]) for values, got, _ in tried)
            if all(same(got, wrong, self.tolerance) for got, wrong in pairs):
                return message
        return ""

    def _not_of_this_kind(self, answer: Any) -> str:
        return f"{short(answer)} is not a function. Hand over its name, without brackets."

    def right(self) -> Callable[..., Any]:
        """Give the right function."""
        return self.law

    def mistakes(self) -> list[tuple[Any, str]]:
        """List the known wrong functions."""
        return list(self.wrong)


def _differs(values: tuple[Any, ...], did: str, want: Any) -> str:
    did = did or "gives nothing back"
    return f"With {short(values)} your function {did}, but it should give {short(want)}."
