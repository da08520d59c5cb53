"""What exercise 10 asks, with each student's own numbers."""

import math

import virtlearn as vl
from virtlearn.core import scaling
from virtlearn.study import Code, Find, Number

DRAW = {
    "pods": (5, 6, 8, 9),
    "request_m": range(200, 1001, 100),
    "busy_percent": range(85, 98),
    "calm": (2, 3),
    "peak": range(12, 17),
    "start_s": (22, 26, 41, 52, 71, 82, 101, 112),
}
POINTS = {"1": 2, "2": 2, "3": 3, "4": 3, "5": 3, "6": 3}
LOOK_S = vl.evidence("AUTO-02").value
FAST_S = vl.evidence("BOOT-29:container").value
LOOKS = 20


def wanted(used, requested, target):
    """Give the copies that the autoscaler proposes."""
    return scaling.copies_by_utilization(used, requested, target_percent=target).item()


def ratio(mine, target=70):
    """Say how many times the target the copies are busy."""
    return mine.busy_percent / target


def proposal(percents, target):
    """Propose a number of copies where some report nothing, None."""
    used = [0 if x is None else 10 * x for x in percents]
    state = [2 if x is None else 0 for x in percents]
    return scaling.copies_by_utilization(used, 1000, target_percent=target, state=state).item()


def settled(wanted, copies, past, ages, window):
    """Follow a proposal down only as far as all recent ones agree."""
    law = scaling.settle(wanted, copies=copies, past=past, past_age_s=ages, down_window_s=window)
    return law.item()


def spike(mine):
    """Give the load of one student: four calm looks, then the jump."""
    return [mine.calm] * 4 + [mine.peak] * 60


def lost(load, start_s, copies):
    """Count the core-seconds that nobody served."""
    run = scaling.follow_load(load, start_s=start_s, copies=copies, least=copies)
    return run.unserved_cores.sum().item() * LOOK_S


def spare_for(mine, share):
    """Find the fewest spare copies that leave at most this share of the loss."""
    load = spike(mine)
    before = 2 * mine.calm
    most = share * lost(load, mine.start_s, before)
    spare = 0
    while lost(load, mine.start_s, before + spare) > most:
        spare += 1
    return spare


def loses_alike(answer, mine):
    """Say what keeps a load from losing as much with a fast start as with a slow one."""
    if not isinstance(answer, list) or len(answer) != LOOKS:
        return f"Give a list of {LOOKS} numbers: the cores of work at each look."
    if min(answer) < 0 or max(answer) > 40:
        return "Each number is from 0 to 40 cores."
    copies = 2 * mine.calm
    fast = lost(answer, FAST_S, copies)
    slow = lost(answer, mine.start_s, copies)
    if fast == 0:
        return f"With the fast start nothing is lost there. The load must ask for more than the {copies} copies can serve."
    if fast != slow:
        return f"The fast start loses {fast:,.0f} core-seconds there, the slow one {slow:,.0f}. When is it of no use that a copy is ready early?"
    return ""


def questions(mine):
    """Ask with one student's numbers."""
    before = 2 * mine.calm
    load = spike(mine)
    used = mine.request_m * mine.busy_percent // 100
    missing = mine.peak - before

    return [
        Number(
            "x10.1",
            "With a target of 70 %, how many copies does the autoscaler want?",
            answer=lambda: wanted([used] * mine.pods, mine.request_m, 70),
            unit="copies",
            tolerance=1e-4,
            wrong=(
                (
                    lambda: math.floor(ratio(mine) * mine.pods),
                    "That is rounded down: those copies would be busier than the target. Round up.",
                ),
                (
                    lambda: math.ceil(ratio(mine, 140) * mine.pods),
                    "You compared with the limit. The autoscaler compares with the request.",
                ),
                (
                    lambda: ratio(mine) * mine.pods,
                    "A part of a copy does not exist. Which whole number is enough?",
                ),
            ),
            hints=(
                "How many per cent of what it asks for does a copy use?",
                "Divide by the target, multiply by the copies, round up.",
                "vl.core.scaling.copies_by_utilization([used] * mine.pods, mine.request_m, target_percent=70)",
            ),
        ),
        Number(
            "x10.2",
            "How many core-seconds are lost after the jump?",
            answer=lambda: lost(load, mine.start_s, before),
            unit="core-seconds",
            wrong=(
                (
                    lambda: lost(load, FAST_S, before),
                    "That is a start within one look. Yours lasts longer.",
                ),
                (
                    lambda: lost(load, mine.start_s, before) / LOOK_S,
                    "That is in cores, added up over the looks. A look lasts 15 s.",
                ),
                (
                    lambda: missing * mine.start_s,
                    "That is the missing cores times the start. But the copies are ready at a look, and it takes more than one step up.",
                ),
            ),
            hints=(
                "Let vl.core.scaling.follow_load follow your load.",
                "Give it start_s=mine.start_s, copies=2 * mine.calm and least=2 * mine.calm.",
                "Add up its unserved_cores, and multiply by the 15 s of a look.",
            ),
        ),
        Code(
            "x10.3",
            "Write proposal: how many copies the autoscaler wants where some of them report nothing.",
            law=proposal,
            inputs=(
                ([mine.busy_percent] * mine.pods, 70),
                ([30, 30, None, None], 50),
                ([90, 90, None, None], 50),
                ([10, 20, None, 15, 10, 5], 50),
                ([95, None, 90, 99], 40),
                ([52, 52, 52, None], 50),
                ([50, 50, None], 50),
                ([54, 54, 54], 50),
                ([20, 20, 20, 20], 50),
            ),
            wrong=(
                (
                    lambda percents, target: _plain([x or 0 for x in percents], target),
                    "You counted who reports nothing as idle. When the number would shrink, such a copy counts as fully busy.",
                ),
                (
                    lambda percents, target: _plain(
                        [100 if x is None else x for x in percents], target
                    ),
                    "You counted who reports nothing as fully busy, always. When the number would grow it counts as 0; and a guess never turns the change round.",
                ),
                (
                    lambda percents, target: _plain([x for x in percents if x is not None], target),
                    "You left out who reports nothing. It is there, it works, and it counts against the change.",
                ),
                (
                    lambda percents, target: math.ceil(_filled(percents, target)),
                    "Twice the number stays as it is: where the ratio is from 0.9 to 1.1, and where filling in has turned the change round.",
                ),
            ),
            hints=(
                "First the ratio of those that report. Is it above 1 or below?",
                "Put 0 in the place of None where it is above, 100 where it is below. Compute the ratio again, over all.",
                "Return len(percents) where the second ratio is from 0.9 to 1.1 or not on the same side of 1. Else round up.",
            ),
            solution=(
                "heard = [x for x in percents if x is not None]; first = sum(heard) // len(heard) / target; "
                "guess = 100 if first < 1 else 0; filled = [guess if x is None else x for x in percents]; "
                "second = sum(filled) // len(filled) / target; keep = 0.9 <= second <= 1.1 or (first - 1) * (second - 1) <= 0; "
                "return len(percents) if keep else math.ceil(second * len(percents))"
            ),
        ),
        Code(
            "x10.4",
            "Write settled: how many copies to set, when the number shrinks only as far as every recent proposal agrees.",
            law=settled,
            inputs=(
                (3, mine.peak, [mine.pods], [60], 300),
                (3, 20, [5, 9], [299, 300], 300),
                (3, 6, [12], [15], 300),
                (9, 4, [2, 3], [15, 30], 300),
                (4, 12, [8, 6], [15, 30], 0),
                (5, 5, [], [], 300),
            ),
            wrong=(
                (
                    lambda wanted, copies, past, ages, window: wanted,
                    "That follows each proposal at once. Downwards it must wait until the higher ones are too old.",
                ),
                (
                    lambda wanted, copies, past, ages, window: _highest(wanted, past, ages, window),
                    "A window holds shrinking back. It never makes more copies than are there, unless they are wanted now.",
                ),
                (
                    lambda wanted, copies, past, ages, window: max(
                        wanted, min(copies, _highest(wanted, past, ages, window + 1))
                    ),
                    "A proposal exactly as old as the window is outside it.",
                ),
                (
                    lambda wanted, copies, past, ages, window: max(
                        wanted, min(copies, max([wanted, *past]))
                    ),
                    "You let all old proposals count. Those older than the window are forgotten.",
                ),
            ),
            hints=(
                "Take the highest of wanted and the past proposals that are younger than the window.",
                "The copies now set come down to that highest one, if they are above it.",
                "And where more are wanted than are set, follow at once: max(wanted, min(copies, high)).",
            ),
            solution=(
                "recent = [p for p, age in zip(past, ages) if age < window]; "
                "return max(wanted, min(copies, max([wanted, *recent])))"
            ),
        ),
        Number(
            "x10.5",
            "What is the fewest spare copies with which at most a quarter of that work is lost?",
            answer=lambda: spare_for(mine, 0.25),
            unit="spare copies",
            wrong=(
                (
                    lambda: missing,
                    "With so many nothing is lost at all. A quarter may be.",
                ),
                (
                    lambda: spare_for(mine, 0.25) - 1,
                    "One fewer than needed: with so many, more than a quarter is lost.",
                ),
            ),
            hints=(
                "What is lost with one spare copy? With two?",
                "Start with copies=2 * mine.calm + spare, and give least the same number.",
                "Count up until the loss is at most a quarter of the loss without spare copies.",
            ),
        ),
        Find(
            "x10.6",
            f"Find a load, a list of {LOOKS} numbers from 0 to 40 cores, on which a start of 0.2 s loses as much work as your start of {mine.start_s} s, "
            f"and some is lost. {before} copies are there, and never fewer.",
            accept=lambda answer: loses_alike(answer, mine),
            example=lambda: [mine.calm] * 4 + [mine.peak] + [mine.calm] * 15,
            wrong=(
                (
                    lambda: [mine.calm] * LOOKS,
                    "Nothing is lost there with either start. The load must jump.",
                ),
                (
                    lambda: [mine.calm] * 4 + [mine.peak] * 16,
                    "A jump that lasts is where a fast start pays. How long must it last, at most, so that no new copy is ready for it?",
                ),
            ),
            hints=(
                "Both starts have in common that somebody must look first.",
                "What if the jump is over when the first new copy is ready?",
                "Let the load jump for one look, and go back to calm.",
            ),
        ),
    ]


def _plain(percents, target):
    """Propose without asking who reports: the law where everybody does."""
    return wanted([10 * x for x in percents], 1000, target)


def _filled(percents, target):
    """Multiply the copies by the ratio after filling in, unrounded."""
    heard = [x for x in percents if x is not None]
    guess = 100 if sum(heard) // len(heard) < target else 0
    filled = [guess if x is None else x for x in percents]
    return sum(filled) // len(filled) / target * len(filled)


def _highest(wanted, past, ages, window):
    """Find the highest proposal that is younger than the window."""
    recent = [p for p, age in zip(past, ages, strict=True) if age < window]
    return max([wanted, *recent])
