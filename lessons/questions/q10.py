"""What lesson 10 asks, what is right, and what each usual mistake is told."""

import numpy as np

import virtlearn as vl
from virtlearn.core import scaling
from virtlearn.study import Choice, Code, Number

LOOK_S = vl.evidence("AUTO-02").value
TARGET = 50
CALM, JUMP = [2.0] * 4, [12.0] * 36
WAVE = ([2.0] * 4 + [8.0] * 4) * 5
USED, ASKED = [380, 420, 400, 450, 410, 440], 500


def wanted(used, requested, target, **more):
    """Give the copies that the autoscaler proposes."""
    return scaling.copies_by_utilization(used, requested, target_percent=target, **more).item()


def followed(load, start_s, copies=4, **more):
    """Let the autoscaler follow a load, and never go below where it began."""
    return scaling.follow_load(load, start_s=start_s, copies=copies, least=copies, **more)


def lost(start_s, spare=0, peak=12.0):
    """Count the core-seconds that nobody served when the load jumps."""
    load = [*CALM, *[peak] * len(JUMP)]
    return followed(load, start_s, copies=4 + spare).unserved_cores.sum().item() * LOOK_S


def waited(start_s):
    """Count the seconds from the jump until enough copies are ready."""
    short = followed(CALM + JUMP, start_s).unserved_cores > 0
    return np.count_nonzero(short) * LOOK_S


def fewest_spare(start_s, peak):
    """Find the fewest spare copies with which no work is lost."""
    spare = 0
    while lost(start_s, spare, peak) > 0:
        spare += 1
    return spare


def wave(down_window_s):
    """Give the work lost and the copies paid for under a load that comes and goes."""
    run = scaling.follow_load(WAVE, start_s=60, copies=4, down_window_s=down_window_s)
    return run.unserved_cores.sum() * LOOK_S, run.wanted.sum() * LOOK_S


QUESTIONS = [
    Choice(
        "10.1",
        "A node has 16 cores. Four copies run there. Each asks for 1 core, may use up to 2, and uses 0.9. The autoscaler aims for 50 %. How many copies does it want?",
        options={
            "A": (
                "4: the node uses 3.6 of its 16 cores, so there is room",
                "It never looks at the node. It compares what the copies use with what they ask for.",
            ),
            "B": (
                "4: each uses 0.9 of the 2 cores that it may use, which is less than 50 %",
                "The limit plays no part. The autoscaler compares with the request.",
            ),
            "C": (
                "5: it adds one copy at a time",
                "It computes how many it needs, and asks for all of them together.",
            ),
            "D": (
                "8",
                "Each uses 90 % of its request. 90 / 50 of 4 copies are 7.2, rounded up to 8.",
            ),
        },
        answer="D",
        reveal=lambda: f"The law wants {wanted([900] * 4, 1000, TARGET)} copies.",
    ),
    Choice(
        "10.2",
        "Four copies run; the autoscaler aims for 50 %. Two of them use 30 % of their request. The other two report nothing: their measure got lost. What happens to the number of copies?",
        options={
            "A": (
                "it goes down to 2: who reports nothing does nothing",
                "A copy whose measure got lost may be the busiest of all. Here it is counted as fully busy.",
            ),
            "B": (
                "it goes up to 6: who reports nothing counts as fully busy, so 65 % are in use",
                "Fully busy is right, and the 65 % too. But a guess may only hold a change back. It never makes one.",
            ),
            "C": (
                "it stays at 4",
                "The two measured copies alone would mean fewer. With the others counted as fully busy it would be more. So nothing changes.",
            ),
            "D": (
                "the two silent ones are replaced",
                "The autoscaler counts copies. Whether a copy is alive is another part's work.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"The law says {wanted([300, 300, 0, 0], 1000, TARGET, state=[0, 0, 2, 2])}. If both had reported that "
            f"they do nothing, it would say {wanted([300, 300, 0, 0], 1000, TARGET)}."
        ),
    ),
    Number(
        "10.a",
        f"Six copies ask for {ASKED} millicores each and use {', '.join(map(str, USED))}. The target is 60 %. How many copies does the autoscaler want?",
        answer=lambda: wanted(USED, ASKED, 60),
        unit="copies",
        wrong=(
            (
                lambda: wanted(USED, ASKED, 60) - 1,
                "The proposal is rounded up: a part of a copy does not exist, and too few would be too busy.",
            ),
            (
                lambda: np.ceil(60 * len(USED) * ASKED / (100 * sum(USED)) * len(USED)),
                "You turned the ratio round. The copies are busier than the target, so more are wanted.",
            ),
            (
                lambda: len(USED),
                "83 % are in use and 60 % are wanted. That is more than a tenth off, so something changes.",
            ),
            (
                lambda: len(USED) + 1,
                "It does not add one at a time. It computes how many would be at the target.",
            ),
        ),
        hints=(
            "How many per cent of all requests are in use?",
            "Round the per cent down, divide by the target, multiply by the copies, round up.",
            "answer = vl.core.scaling.copies_by_utilization(used, 500, target_percent=60)",
        ),
        solution=lambda: (
            f"{100 * sum(USED) // (ASKED * len(USED))} % are in use. / 60 * 6, rounded up, are {wanted(USED, ASKED, 60)} copies."
        ),
    ),
    Choice(
        "10.3",
        "Four copies serve 2 cores of work, at 50 %. The load jumps to 12 cores. Each copy serves 1 core, and a new one starts in 0.2 s. How long does it take until enough copies are ready?",
        options={
            "A": (
                "0.2 s: the autoscaler sees the jump and starts eight more",
                "It looks every 15 s (AUTO-02), and it cannot see how large the jump is.",
            ),
            "B": (
                "15 s, one look",
                "The first look sees four copies at 100 %. More than 100 % it cannot see, so it only doubles them.",
            ),
            "C": (
                "30 s, two looks",
                "The first look makes 8 of 4, the second 16 of 8. Twelve are needed.",
            ),
            "D": (
                "2 minutes, one copy a look",
                "It asks for all that it thinks it needs at once. By default it may double the copies in 15 s (AUTO-06).",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"In the model enough are ready after {waited(0.2):.0f} s; by then {lost(0.2):.0f} core-seconds are lost."
        ),
    ),
    Choice(
        "10.4",
        "The same jump, and containers that start in 0.2 s. But all nodes are full: each new copy needs a node that is rented first. We assume that this takes 240 s. With room, 180 core-seconds are lost. How many now?",
        options={
            "A": (
                "180: a container starts in 0.2 s",
                "Only where a node with room is waiting. Here the start is the node's: 240 s.",
            ),
            "B": (
                "360: one look more",
                "The copies are missing for 240 s after each of two looks, and all that time work is lost.",
            ),
            "C": (
                "2,880: 16 times as many",
                "Each of the two waits lasts 16 looks in place of one.",
            ),
            "D": (
                "216,000: 1,200 times as many",
                "The start takes 1,200 times as long. But with 0.2 s one waited a whole look as well.",
            ),
        },
        answer="C",
        reveal=lambda: f"The model says {lost(240):,.0f} core-seconds.",
    ),
    Number(
        "10.b",
        "With 60 s to start, 720 core-seconds are lost. On faster machines a copy starts in 30 s. How many core-seconds are lost now?",
        answer=lambda: lost(30),
        unit="core-seconds",
        wrong=(
            (
                lambda: 0,
                "Faster is not at once. Copies are still missing for 30 s after each look.",
            ),
            (
                lambda: lost(0.2),
                "That is the loss of a start within one look, 15 s or less. 30 s are two looks.",
            ),
            (lambda: lost(60), "That is the loss with 60 s. A start of half the time loses less."),
        ),
        hints=(
            "Let the autoscaler follow the load with start_s=30.",
            "run = vl.core.scaling.follow_load(load, start_s=30, copies=4)",
            "answer = 15 * run.unserved_cores.sum(): cores, times the seconds between two looks.",
        ),
        solution=lambda: (
            f"15 * follow_load(load, start_s=30, copies=4).unserved_cores.sum() = {lost(30):.0f} core-seconds."
        ),
    ),
    Choice(
        "10.5",
        "A load goes up to 8 cores for one minute and down to 2 for the next, again and again. A copy starts in 60 s. You let the autoscaler take copies away at once, in place of after 300 s (AUTO-04). What does it bring?",
        options={
            "A": (
                "it saves copies and loses nothing: they come back when the load does",
                "They come back one start later. By then the minute of load is over.",
            ),
            "B": (
                "it pays for less than half as many copies, and loses five times as much work",
                "Each time the load comes back, the copies have gone. They have hardly started when it leaves again.",
            ),
            "C": (
                "nothing: the number of copies stays the same",
                "It goes up and down with the load, one start too late.",
            ),
            "D": (
                "it loses less: new copies are quicker than old ones",
                "A new copy serves as much as an old one, and first it has to start.",
            ),
        },
        answer="B",
        reveal=lambda: " ".join(
            f"Window {window} s: {wave(window)[0]:,.0f} core-seconds lost, {wave(window)[1]:,.0f} copy-seconds paid."
            for window in (0, 300)
        ),
    ),
    Number(
        "10.c",
        "Four copies serve 2 cores, at 50 %. You expect a jump to 9 cores, and a copy starts in 60 s. How many spare copies do you need, so that no work is lost?",
        answer=lambda: fewest_spare(60, 9.0),
        unit="spare copies",
        wrong=(
            (
                lambda: 9 - 2,
                "The load grows by 7 cores. But four copies are there already, and they are only half busy.",
            ),
            (
                lambda: 9,
                "Nine copies must be ready in all. Four of them are there without any spare.",
            ),
            (
                lambda: 18 - 4,
                "That many the autoscaler wants in the end, at 50 %. To lose nothing, each may be fully busy.",
            ),
        ),
        hints=(
            "How many copies serve 9 cores, if each is fully busy?",
            "Nine, and four of them are there.",
            "answer = 9 - 4",
        ),
        solution=lambda: f"Nine must be ready, four are: {fewest_spare(60, 9.0)} spare copies.",
    ),
    Code(
        "10.d",
        "Repair the law: how many copies the autoscaler wants, from what each uses and asks for, and the target in per cent.",
        law=lambda used, requested, target: wanted(used, requested, target),
        inputs=(
            ([900, 900, 900, 900], [1000] * 4, 50),
            ([500, 700, 600], [1000] * 3, 30),
            ([540, 540, 540, 540], [1000] * 4, 50),
            ([560, 560, 560, 560], [1000] * 4, 50),
            ([100, 100, 500], [1000] * 3, 60),
            ([550] * 5, [1000] * 5, 50),
            ([100, 900], [500, 1500], 30),
        ),
        wrong=(
            (
                lambda used, requested, target: np.ceil(
                    100 * sum(used) // sum(requested) / target * len(used)
                ),
                "The rounding is right. But a ratio from 0.9 to 1.1 changes nothing (AUTO-03).",
            ),
            (
                lambda used, requested, target: (
                    len(used)
                    if 0.9 <= 100 * sum(used) / sum(requested) / target <= 1.1
                    else round(100 * sum(used) / sum(requested) / target * len(used))
                ),
                "A part of a copy does not exist, and too few would be too busy: always round up.",
            ),
            (
                lambda used, requested, target: (
                    len(used)
                    if 0.9 <= 100 * max(used) / max(requested) / target <= 1.1
                    else np.ceil(100 * max(used) / max(requested) / target * len(used))
                ),
                "The busiest copy speaks for itself only. Add up what all use, and what all ask for.",
            ),
            (
                lambda used, requested, target: (
                    len(used)
                    if 0.9 <= target / (100 * sum(used) / sum(requested)) <= 1.1
                    else np.ceil(target / (100 * sum(used) / sum(requested)) * len(used))
                ),
                "The ratio is turned round: busier copies must mean more of them.",
            ),
        ),
        hints=(
            "Look at four copies at 90 % with a target of 50 %. What should come out?",
            "percent = 100 * sum(used) // sum(requested), then ratio = percent / target.",
            "Between 0.9 and 1.1 return len(used). Else round up: np.ceil(ratio * len(used)).",
        ),
        solution=(
            "percent = 100 * sum(used) // sum(requested); ratio = percent / target; "
            "return len(used) if 0.9 <= ratio <= 1.1 else np.ceil(ratio * len(used))"
        ),
    ),
    Choice(
        "10.q1",
        'An autoscaler is set to "CPU 70 %". Of what?',
        options={
            "A": ("of the node's cores", "The node does not count. Other things run there too."),
            "B": ("of what the copies may use at most", "The limit does not count."),
            "C": (
                "of what the copies ask for",
                "Right. A copy that asks for twice as much looks half as busy, and so there are fewer of them.",
            ),
        },
        answer="C",
    ),
    Choice(
        "10.q2",
        "You make a start faster: 4 s in place of 8 s. An autoscaler with the usual settings looks every 15 s (AUTO-02). What does a spike lose now?",
        options={
            "A": (
                "nothing any more: 4 s are fast enough",
                "Before anything starts, somebody must look. That alone takes up to 15 s (AUTO-02).",
            ),
            "B": ("half as much", "Both starts are over before the next look."),
            "C": (
                "as much as before",
                "Right. Under one look, a shorter start changes nothing that the autoscaler can use.",
            ),
        },
        answer="C",
    ),
    Choice(
        "10.q3",
        "The load grows. Some copies are still starting, and their measure does not count yet. How are they counted?",
        options={
            "A": (
                "never: who reports nothing is not there",
                "Then it would ask for more copies at each look, until the first ones have started.",
            ),
            "B": (
                "at 0 %, so that fewer new copies are asked for",
                "Right: while it grows, they count as 0 (AUTO-08). What is not known counts against the change.",
            ),
            "C": (
                "at 100 %, to be on the safe side",
                "That is so for a lost measure while the number shrinks (AUTO-08). While it grows it would add to the growth.",
            ),
        },
        answer="B",
    ),
    Choice(
        "10.q4",
        "A cluster of containers follows its load well, on most days. On the busiest evening it is minutes late. What is the likely cause?",
        options={
            "A": (
                "a container's start has become slow: it must boot a system",
                "No system boots in a container. But something else may have to boot first.",
            ),
            "B": (
                "the nodes were full, and a machine had to be started first",
                "Right. A container starts fast where a node waits for it. A node is a machine that boots.",
            ),
            "C": (
                "the autoscaler looks less often when many copies run",
                "It looks every 15 s (AUTO-02), however many there are.",
            ),
        },
        answer="B",
    ),
    Choice(
        "10.q5",
        "Ten copies get a new version. At most two may be missing at a time, and none may be too many. A copy starts in 240 s. What else does the slow start cost here?",
        options={
            "A": (
                "nothing: an update has no load to follow",
                "Two copies at a time are missing, until all are new. The slower a start, the longer that lasts.",
            ),
            "B": (
                "for 20 minutes two of the ten are missing",
                "Right: five waves of two copies, 240 s each.",
            ),
            "C": (
                "for 4 minutes all ten are missing",
                "At most two may be missing at a time. That is what the rule is for.",
            ),
        },
        answer="B",
    ),
]
