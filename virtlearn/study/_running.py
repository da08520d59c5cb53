"""Questions whose answer may be a learner's code: a function to write, or something to find."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from virtlearn.study._answers import plain, same, short
from virtlearn.study._limit import LIMIT_S, TooLong, within
from virtlearn.study._question import OPEN, RIGHT, STILL_RUNNING, WRONG, Outcome, Question

__all__ = ["Code", "Find"]


@dataclass(frozen=True)
class Find(Question):
    """Something to find: a number, an input or a few of them that make something happen.

    Parameters
    ----------
    id : str
        Such as ``"02.1"``.
    ask : str
        The text of the question.
    accept : callable
        Is given the answer, and gives ``""`` or what is wrong with it. It sees a tuple as a list;
        a function that is handed in stays a function.
    example : callable
        Computes an answer that is accepted.
    wrong : sequence of (callable, str)
        What computes the answer of a known mistake, and what that mistake is told.
    hints : sequence of str
        From a nudge to nearly the answer.
    solution : str or callable
        The solution in words, or what gives it; without one, the right answer is named.

    Examples
    --------
    >>> def accept(cores):
    ...     return "" if cores > 4 else "All of them still run at full speed."
    >>> q = Find("x.5", "For how many busy VMs are 4 cores too few?", accept, lambda: 5)
    >>> q.judge(3).message
    'All of them still run at full speed.'
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
        """Compute an answer that is accepted.

        Returns
        -------
        object
            What ``example`` gives.
        """
        return self.example()

    def mistakes(self) -> list[tuple[Any, str]]:
        """Compute the known wrong answers.

        Returns
        -------
        list of (object, str)
            What a mistake computes, and what it is told.
        """
        return [(mistake(), message) for mistake, message in self.wrong]


@dataclass(frozen=True)
class Code(Question):
    """A function to write or repair; it is tried on inputs the learner has not seen.

    Parameters
    ----------
    id : str
        Such as ``"02.1"``.
    ask : str
        The text of the question.
    law : callable
        The right function.
    inputs : sequence of tuple
        The arguments of each call that is tried.
    wrong : sequence of (callable, str)
        A known wrong function, and what it is told.
    tolerance : float
        How far off a number may be, relative to the right one: 0.01 is 1 %.
    hints : sequence of str
        From a nudge to nearly the answer.
    solution : str or callable
        The solution in words, or what gives it; without one, the right answer is named.

    Examples
    --------
    >>> q = Code("x.3", "Give the cores left.", lambda has, used: has - used, [(4, 1), (8, 8)])
    >>> q.judge(lambda has, used: has + used).message
    'With (4, 1) your function gives 5, but it should give 3.'
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
        """Give the right function.

        Returns
        -------
        callable
            The law.
        """
        return self.law

    def mistakes(self) -> list[tuple[Any, str]]:
        """List the known wrong functions.

        Returns
        -------
        list of (callable, str)
            A wrong function, and what it is told.
        """
        return list(self.wrong)


def _differs(values: tuple[Any, ...], did: str, want: Any) -> str:
    did = did or "gives nothing back"
    return f"With {short(values)} your function {did}, but it should give {short(want)}."
