"""What exercise 04 asks, with each student's own numbers."""

import numpy as np

import virtlearn as vl
from virtlearn.study import Code, Find, Number

DRAW = {
    "buffer_mib": range(48, 129, 4),
    "children": range(3, 12),
    "written_percent": (30, 35, 40, 45, 60, 70, 80),
    "needed_mib": range(301, 421, 5),  # here no mistake of question 2 looks like another
    "active_percent": (10, 20, 30, 40, 50),
    "a_mib": range(40, 61),
    "room_mib": range(16, 36),
}
POINTS = {"1": 2, "2": 2, "3": 4, "4": 3, "5": 3}
HELD_MIB = (400, 400, 384)
NEAR = 5  # how far above the smallest adjustment an answer may lie


def who_dies(a_mib, b_mib, limit_mib):
    """Say when memory runs out and who dies: the second and 0 for A or 1 for B, or -1 and -1."""
    for second, (a, b) in enumerate(zip(a_mib, b_mib, strict=True)):
        killed = vl.core.memory.oom_kill_order([a, b], np.inf, [0, 0], limit_mib)
        if killed.size:
            return [second, int(killed[0])]
    return [-1, -1]


def last_values(a_mib, b_mib, limit_mib):
    """Choose by what each wants in the end: a mistake."""
    second, victim = who_dies(a_mib, b_mib, limit_mib)
    return [second, victim if victim < 0 else int(b_mib[-1] > a_mib[-1])]


def who_asked(a_mib, b_mib, limit_mib):
    """Kill whoever grew last: a mistake."""
    second, victim = who_dies(a_mib, b_mib, limit_mib)
    return [second, victim if victim < 0 else int(b_mib[second] > b_mib[max(second - 1, 0)])]


def at_the_limit(a_mib, b_mib, limit_mib):
    """Kill when memory is full but nobody wants more: a mistake."""
    for second, (a, b) in enumerate(zip(a_mib, b_mib, strict=True)):
        if a + b >= limit_mib:
            return [second, 0 if a >= b else 1]
    return [-1, -1]


def each_alone(a_mib, b_mib, limit_mib):
    """Hold each one against the limit for both: a mistake."""
    for second, (a, b) in enumerate(zip(a_mib, b_mib, strict=True)):
        if max(a, b) > limit_mib:
            return [second, 0 if a >= b else 1]
    return [-1, -1]


def fate(wants_mib, limit_mib, swap_mib):
    """Say what a group has in memory, what is swapped out, and whether it was killed (1) or not (0)."""
    outcome = vl.core.memory.memory_outcome(wants_mib, 0, max_mib=limit_mib, swap_mib=swap_mib)
    return [float(outcome.resident_mib), float(outcome.swapped_mib), int(outcome.killed)]


def questions(mine):
    """Ask with one student's numbers."""
    written, active = mine.written_percent / 100, mine.active_percent / 100
    parent = mine.a_mib + mine.room_mib
    holds = (mine.a_mib, mine.room_mib + 1)  # B asks for one MiB more than there is

    def shared(children=mine.children, part=written):
        return float(vl.core.storage.clones_mib(mine.buffer_mib, part, children))

    def gives(tax=0.75):
        return vl.core.memory.reclaim(
            [1, 1, 1], HELD_MIB, [active, 1, 1], mine.needed_mib, tax=tax
        ).tolist()

    def dies(adj):
        return int(vl.core.memory.oom_kill_order(holds, np.inf, [0, adj], parent)[0])

    def smallest_adj():
        return next(adj for adj in range(1001) if dies(adj) == 1)

    def saves_a(adj):
        if (
            isinstance(adj, bool)
            or not isinstance(adj, int | float)
            or adj != round(adj)
            or not -1000 <= adj <= 1000
        ):
            return f"{adj} is no adjustment: it is a whole number from -1000 to 1000."
        if dies(adj) == 0:
            return f"With {adj} on B, A still dies: B's score must be above A's."
        if adj > smallest_adj() + NEAR:
            return f"With {adj} B dies, but a smaller one does it too. Find the smallest, or one at most {NEAR} above it."
        return ""

    return [
        Number(
            "x04.1",
            "What do the buffer and its copies take together, each page counted once, in MiB?",
            answer=shared,
            unit="MiB",
            tolerance=0.001,
            wrong=(
                (
                    lambda: mine.buffer_mib * (1 + mine.children),
                    "That counts the shared pages in every process again: the sum of resident sizes.",
                ),
                (
                    lambda: mine.buffer_mib,
                    "That holds until somebody writes. A page that a child writes to is copied.",
                ),
                (
                    lambda: shared() - mine.buffer_mib,
                    "Those are the children's own pages. The buffer itself is there too, once.",
                ),
                (lambda: shared(1), "That is one child. Each of them has pages of its own."),
            ),
            hints=(
                "What is there once, and what does each child add?",
                "Each child adds the part that it writes to.",
                "buffer_mib * (1 + children * written)",
            ),
            solution=lambda: (
                f"{mine.buffer_mib} x (1 + {mine.children} x {written:g}) = {shared():g} MiB."
            ),
        ),
        Number(
            "x04.2",
            "How much does the idle client give, in MiB, with ESX's default tax?",
            answer=lambda: gives()[0],
            unit="MiB",
            tolerance=0.002,
            wrong=(
                (
                    lambda: gives(0)[0],
                    "That is without a tax. Idle pages count four times by default (RECL-01).",
                ),
                (
                    lambda: mine.needed_mib / 3,
                    "Nobody divides it by three. The client that pays least for a page gives first.",
                ),
                (
                    lambda: HELD_MIB[0] - gives()[0],
                    "That is what the idle one keeps. The question is what it gives.",
                ),
                (
                    lambda: gives()[1],
                    "That is what the busy one gives. The idle one is the first of the three.",
                ),
            ),
            hints=(
                "vl.core.memory.reclaim answers what each of the three gives.",
                "reclaim(shares, allocated_mib, active_fraction, needed_mib), and the first number of the answer.",
                "shares [1, 1, 1], allocated [400, 400, 384], active [your part, 1, 1].",
            ),
            solution=lambda: (
                f"vl.core.memory.reclaim([1, 1, 1], [400, 400, 384], [{active:g}, 1, 1], {mine.needed_mib})[0] = {gives()[0]:.1f} MiB."
            ),
        ),
        Code(
            "x04.3",
            "Write who_dies: in which second memory runs out, and who dies, 0 for A or 1 for B; [-1, -1] if nobody does.",
            law=who_dies,
            inputs=(
                ([mine.a_mib] * 13, list(range(0, 52, 4)), parent),
                ([40] * 13, list(range(0, 52, 4)), 64),
                ([40, 40, 40, 40], [0, 20, 30, 36], 64),
                ([30, 30, 30, 70], [10, 34, 40, 40], 64),
                ([30, 30, 30], [10, 34, 34], 64),
                ([20, 25, 30, 35], [34, 34, 34, 34], 64),
                ([5, 40, 70], [5, 5, 5], 60),
                ([8, 8], [8, 8], 64),
            ),
            wrong=(
                (
                    last_values,
                    "You choose by what each wants in the end. What counts is what each has in the second when memory runs out.",
                ),
                (
                    who_asked,
                    "You kill the one that asked. The kernel kills the one that holds more, even if it sleeps.",
                ),
                (
                    at_the_limit,
                    "Full is not too full: as long as both together are at the limit, nobody has to die.",
                ),
                (
                    each_alone,
                    "The limit is for both together: add A and B before you compare.",
                ),
            ),
            hints=(
                "Go through the seconds one by one: for second in range(len(a_mib)), with a = a_mib[second] and b = b_mib[second].",
                "The first second in which a + b > limit_mib decides. Who has more then?",
                "return [second, 0 if a >= b else 1], and after the loop return [-1, -1].",
            ),
            solution=(
                "for second in range(len(a_mib)): a, b = a_mib[second], b_mib[second]; if a + b > limit_mib: "
                "return [second, 0 if a >= b else 1]; after the loop return [-1, -1]"
            ),
        ),
        Find(
            "x04.4",
            f"Which oom_score_adj on B saves A? Find the smallest, or one at most {NEAR} above it.",
            accept=saves_a,
            example=smallest_adj,
            wrong=(
                (lambda: 0, "That is what B has now, and A dies."),
                (lambda: -1000, "That protects B. A dies all the more."),
                (
                    lambda: 1000,
                    "That saves A, and makes B the first to die in every case. A smaller number does it too.",
                ),
            ),
            hints=(
                "Score = 1000 x held / capacity + adj. What are the two scores, without an adj?",
                "B holds room_mib + 1, A holds a_mib, and the parent has a_mib + room_mib.",
                "The adj has to make up for 1000 x (a_mib - room_mib - 1) / (a_mib + room_mib), and a little more.",
            ),
            solution=lambda: (
                f"1000 x ({holds[0]} - {holds[1]}) / {parent} = {1000 * (holds[0] - holds[1]) / parent:.1f}, "
                f"so from {smallest_adj()} on B has the higher score."
            ),
        ),
        Code(
            "x04.5",
            "Write fate: what a group has in memory, what is swapped out, and whether it was killed (1) or not (0).",
            law=fate,
            inputs=(
                (mine.a_mib, mine.a_mib + mine.room_mib, 64),
                (mine.a_mib + 10, mine.a_mib, 8),
                (48, 32, 128),
                (32, 32, 0),
                (40, 32, 8),
                (41, 32, 8),
            ),
            wrong=(
                (
                    lambda wants_mib, limit_mib, swap_mib: (
                        [wants_mib, 0, 0] if wants_mib <= limit_mib else [0, 0, 1]
                    ),
                    "That is a host without swap. What is above the limit goes to swap, as long as there is room.",
                ),
                (
                    lambda wants_mib, limit_mib, swap_mib: [
                        min(wants_mib, limit_mib),
                        max(0, wants_mib - limit_mib),
                        int(wants_mib > limit_mib + swap_mib),
                    ],
                    "A group that was killed has nothing any more: neither in memory nor in swap.",
                ),
                (
                    lambda wants_mib, limit_mib, swap_mib: [
                        min(wants_mib, limit_mib),
                        max(0, wants_mib - limit_mib),
                        0,
                    ],
                    "Swap has an end too. Who wants more than limit and swap together is killed.",
                ),
                (
                    lambda wants_mib, limit_mib, swap_mib: (
                        fate(wants_mib, limit_mib, swap_mib)
                        if wants_mib <= limit_mib or wants_mib > limit_mib + swap_mib
                        else [0, wants_mib, 0]
                    ),
                    "Only what is above the limit is swapped out. The rest stays in memory.",
                ),
            ),
            hints=(
                "Three cases: it fits, it fits with swap, it does not fit at all.",
                "In memory: min(wants_mib, limit_mib). In swap: what is above it.",
                "Killed where wants_mib > limit_mib + swap_mib, and then [0, 0, 1].",
            ),
            solution=(
                "if wants_mib > limit_mib + swap_mib: return [0, 0, 1]; resident = min(wants_mib, limit_mib); "
                "return [resident, wants_mib - resident, 0]"
            ),
        ),
    ]
