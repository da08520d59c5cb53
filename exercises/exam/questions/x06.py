"""What the exam of exercise 06 asks: form B, with hosts beside each other instead of boxes on top of each other."""

import math

from virtlearn.core import failure
from virtlearn.study import Code, Find, Number

DRAW = {
    "mtbf_h": range(3000, 9001, 250),
    "mttr_h": range(6, 31),
    "shared": (0.002, 0.004, 0.006, 0.008),
}
POINTS = {"1": 2, "2": 2, "3": 3, "4": 3, "5": 3, "6": 3}
MINUTES = failure.HOURS_PER_MONTH * 60
YEAR_H = 8760


def any_up(ups):
    """Say how much of the time at least one of several hosts is up, each failing by itself."""
    return 1 - math.prod(1 - up for up in ups)


def at_least(needed, copies, up):
    """Say how much of the time at least so many of some equal copies are up."""
    parts = [math.comb(copies, k) * up**k * (1 - up) ** (copies - k) for k in range(copies + 1)]
    return sum(parts[needed:])


def hosts_needed(up, wanted):
    """Say how many equal hosts it takes."""
    hosts = 1
    while 1 - (1 - up) ** hosts < wanted:
        hosts += 1
    return hosts


def one_beats_two(answer, shared):
    """Say what is wrong with a pair of availabilities, one good host against two plain ones."""
    if not isinstance(answer, list) or len(answer) != 2:
        return "Give two numbers: [plain, good]."
    plain, good = answer
    if not 0.9 <= plain < good <= 0.9999:
        return "Both are from 0.9 to 0.9999, and the good host is the better one."
    two_dark = shared + (1 - shared) * (1 - plain) ** 2
    if 1 - good >= two_dark:
        return f"Two plain hosts are dark for {two_dark:.3g} of the time, the good one for {1 - good:.3g}."
    return ""


def questions(mine):
    """Ask with one student's numbers."""
    up = failure.availability(mine.mtbf_h, mine.mttr_h).item()
    dark = 1 - up
    return [
        Number(
            "x06.1",
            "How many hours a year is one host dark?",
            answer=lambda: dark * YEAR_H,
            unit="hours",
            tolerance=1e-4,
            wrong=(
                (lambda: dark * MINUTES, "Those are minutes a month."),
                (
                    lambda: mine.mttr_h / mine.mtbf_h * YEAR_H,
                    "The time to repair is no part of the time between failures: divide by their sum.",
                ),
                (lambda: up * YEAR_H, "That is how long it is up."),
            ),
        ),
        Number(
            "x06.2",
            "How many minutes a month are both of two such hosts dark?",
            answer=lambda: dark**2 * MINUTES,
            unit="minutes",
            tolerance=1e-4,
            wrong=(
                (
                    lambda: dark * MINUTES,
                    "That is one host. The other one is up most of that time.",
                ),
                (lambda: (1 - up**2) * MINUTES, "That is when at least one of them is dark."),
                (lambda: dark / 2 * MINUTES, "Two hosts are not half as dark as one: multiply."),
            ),
        ),
        Code(
            "x06.3",
            "Write any_up: how much of the time at least one of several hosts is up.",
            law=any_up,
            inputs=(([0.9, 0.9],), ([0.99],), ([0.5, 0.8, 0.9],), ([up, 0.95],)),
            wrong=(
                (lambda ups: math.prod(ups), "That is when all of them are up."),
                (lambda ups: max(ups), "The others help while the best one is dark."),
                (lambda ups: min(1, sum(ups)), "Availabilities do not add up."),
            ),
        ),
        Code(
            "x06.4",
            "Write at_least: how much of the time at least `needed` of `copies` equal copies are up.",
            law=at_least,
            inputs=((1, 3, 0.9), (2, 3, 0.9), (3, 3, 0.8), (2, 5, up), (0, 2, 0.5)),
            wrong=(
                (
                    lambda needed, copies, up: (
                        math.comb(copies, needed) * up**needed * (1 - up) ** (copies - needed)
                    ),
                    "That is exactly so many. More of them are enough, too.",
                ),
                (
                    lambda needed, copies, up: at_least(needed + 1, copies, up),
                    "That is more than so many. Exactly so many are enough.",
                ),
            ),
        ),
        Code(
            "x06.5",
            "Write hosts_needed: how many equal hosts it takes for at least one to be up so much of the time.",
            law=hosts_needed,
            inputs=((0.9, 0.95), (0.9, 0.9995), (0.5, 0.99), (0.99, 0.9), (up, 0.99999)),
            wrong=(
                (
                    lambda up, wanted: max(1, hosts_needed(up, wanted) - 1),
                    "One more is needed: with so many, it is not enough yet.",
                ),
                (
                    lambda up, wanted: hosts_needed(up, wanted) + 1,
                    "One fewer is enough.",
                ),
            ),
        ),
        Find(
            "x06.6",
            "Find a plain and a good host, as [plain, good], such that one good host is dark for less time than two plain ones with a common cause.",
            accept=lambda answer: one_beats_two(answer, mine.shared),
            example=lambda: [0.95, 0.999],
            wrong=(
                (
                    lambda: [0.999, 0.99],
                    "Both are from 0.9 to 0.9999, and the good host is the better one.",
                ),
            ),
        ),
    ]
