"""What exercise 11 asks, with each student's own numbers."""

import math

import numpy as np

from virtlearn.core import migration
from virtlearn.study import Code, Find, Number

DRAW = {
    # So much memory that more than one round is needed, and no standstill that is nearly the limit.
    "memory_gib": range(12, 49, 4),
    "dirty_mib_s": range(40, 121, 10),
    "bandwidth_mib_s": (400, 460, 520, 560, 610, 660, 700, 750, 800, 840, 890, 940, 990),
    "machines": range(5, 12, 2),
    "at_once": (2, 3, 4),
}
POINTS = {"1": 2, "2": 2, "3": 3, "4": 3, "5": 3, "6": 3}
LIMIT_S = 0.3
MOST_ROUNDS = 30
FASTER, DARKER = 1.5, 2.0  # by how much the second network is faster, and the machine longer dark
LEAST_SPEED, MOST_SPEED = 100, 20_000
# The bits of a byte, for those who take them away once too often.
BITS = 8


def ends(memory, dirty, bandwidth, working_set, limit_s):
    """Say whether pre-copy ends by itself, given all the rounds that anybody would wait for."""
    moved = migration.precopy(
        memory,
        dirty,
        bandwidth,
        working_set_mib=working_set,
        downtime_limit_s=limit_s,
        max_rounds=100,
    )
    return bool(moved.converged)


def rounds_with_hot(memory, dirty, bandwidth, hot, limit_s):
    """Give what each round sends where some pages are dirty again after every round."""
    return follow(lambda sent: min(hot + dirty * sent / bandwidth, memory))(
        memory, bandwidth * limit_s
    )


def follow(dirtied):
    """Give the rounds of a machine, told what is dirty after a round of some size."""

    def rounds_of(memory, small_enough):
        rounds = [memory]
        for _ in range(MOST_ROUNDS):
            rounds.append(dirtied(rounds[-1]))
            if rounds[-1] <= small_enough:
                break
        return rounds

    return rounds_of


def groups(machines, at_once):
    """Give the sizes of the groups in which so many machines are moved."""
    rest = machines % at_once
    full = [at_once] * (machines // at_once)
    return [*full, rest] if rest else full


def empty_s(memory, dirty, bandwidth, machines, at_once):
    """Say how long it takes to empty a server, some machines at once over one link."""
    return sum(total_s(memory, dirty, bandwidth / size) for size in groups(machines, at_once))


def total_s(memory, dirty, bandwidth):
    """Say how long one machine takes."""
    return migration.precopy(memory, dirty, bandwidth).total_s.item()


def dark_longer(answer, memory, dirty):
    """Say what keeps two networks from being a case where the faster one is dark for longer."""
    if not isinstance(answer, list) or len(answer) != 2:
        return "Give two speeds in MiB/s, the slower one first, such as [500, 1000]."
    slow, fast = answer
    if min(answer) < LEAST_SPEED or max(answer) > MOST_SPEED:
        return f"Both speeds are from {LEAST_SPEED} to {MOST_SPEED:,} MiB/s."
    if fast < FASTER * slow:
        return f"The second network is to be at least {FASTER:g} times as fast as the first."
    moved = migration.precopy(memory, dirty, answer)
    if not moved.converged.all():
        return "Over one of the two the rounds do not end. How fast does the guest write?"
    before, after = moved.downtime_s.tolist()
    if after < DARKER * before:
        told = f"It is dark for {1000 * before:.0f} ms, then for {1000 * after:.0f} ms."
        return f"{told} Look for a fast one that stops with nearly {LIMIT_S:g} s to go."
    return ""


def two_networks(memory, dirty):
    """Find two networks of which the faster one is dark for longer."""
    speeds = np.geomspace(LEAST_SPEED, MOST_SPEED, 200)
    moved = migration.precopy(memory, dirty, speeds)
    pairs = (
        [slow, fast]
        for slow, ends_slow, short in zip(speeds, moved.converged, moved.downtime_s, strict=True)
        for fast, long in zip(speeds, moved.downtime_s, strict=True)
        if ends_slow and fast >= FASTER * slow and long >= DARKER * short
    )
    return [round(float(speed), 3) for speed in next(pairs)]


def questions(mine):
    """Ask with one student's numbers."""
    memory = 1024 * mine.memory_gib
    dirty = mine.dirty_mib_s
    speed = mine.bandwidth_mib_s
    moved = migration.precopy(memory, dirty, speed)
    dark_ms = 1000 * moved.downtime_s.item()
    still_s = migration.stop_and_copy(memory, speed).item()

    return [
        Number(
            "x11.1",
            "For how many seconds is your VM dark if it is stopped, copied and woken up?",
            answer=lambda: still_s,
            unit="s",
            tolerance=2e-3,
            wrong=(
                (
                    lambda: still_s / 1024,
                    "The memory is in GiB, the speed in MiB/s. A GiB is 1,024 MiB.",
                ),
                (
                    lambda: BITS * still_s,
                    "The speed is in MiB each second already: there are no bits to be turned into bytes.",
                ),
                (
                    lambda: memory / (speed - dirty),
                    "That is pre-copy, which sends some pages again. A guest that stands still writes nothing: its memory crosses once.",
                ),
            ),
            hints=(
                "How many MiB does it have, and how many are sent each second?",
                "vl.core.migration.stop_and_copy(memory_mib, bandwidth_mib_s)",
            ),
        ),
        Number(
            "x11.2",
            "For how many milliseconds is it dark if it is moved by pre-copy, with a limit of 0.3 s?",
            answer=lambda: dark_ms,
            unit="ms",
            tolerance=2e-3,
            wrong=(
                (
                    lambda: dark_ms / 1000,
                    "That is in seconds. A second is 1,000 ms.",
                ),
                (
                    lambda: 1000 * LIMIT_S,
                    "That is the most it may be. The VM stops for what is really left.",
                ),
                (
                    lambda: 1000 * moved.rounds_mib[-2].item() / speed,
                    "That is the round before, which the VM runs through.",
                ),
                (
                    lambda: dark_ms * dirty / speed,
                    "One round too many: the VM may stop a round earlier.",
                ),
                (
                    lambda: 1000 * still_s,
                    "That is stop and copy. In pre-copy the first round is sent while the VM runs.",
                ),
            ),
            hints=(
                "After each round, a part of it is dirty again: which part?",
                "Divide the guest's writing by the network's speed. Go on until the rest takes 0.3 s at most.",
                "vl.core.migration.precopy(memory_mib, dirty_mib_s, bandwidth_mib_s).downtime_s",
            ),
        ),
        Code(
            "x11.3",
            "Write ends: whether pre-copy ends by itself, for a guest that writes to a part of its memory only.",
            law=ends,
            inputs=(
                (memory, dirty, speed, memory, LIMIT_S),
                (memory, speed, speed, memory, LIMIT_S),
                (memory, 2 * speed, speed, memory, LIMIT_S),
                (memory, 2 * speed, speed, 0.2 * speed, LIMIT_S),
                (0.25 * speed, 2 * speed, speed, 0.25 * speed, LIMIT_S),
                (memory, speed, speed, 0.3 * speed, LIMIT_S),
                (memory, 2 * speed, speed, 0.4 * speed, LIMIT_S),
                (memory, 0.5 * speed, speed, 0.4 * speed, LIMIT_S),
            ),
            wrong=(
                (
                    lambda memory, dirty, bandwidth, working_set, limit_s: dirty < bandwidth,
                    "There is another way to end: a guest that writes to a few pages only has little to send, however fast it writes.",
                ),
                (
                    lambda memory, dirty, bandwidth, working_set, limit_s: (
                        working_set <= bandwidth * limit_s
                    ),
                    "A guest that writes to much memory can be moved too, if it writes more slowly than it is sent.",
                ),
                (
                    lambda memory, dirty, bandwidth, working_set, limit_s: (
                        dirty <= bandwidth or working_set <= bandwidth * limit_s
                    ),
                    "A guest that writes exactly as fast as it is sent leaves rounds that do not shrink.",
                ),
                (
                    lambda memory, dirty, bandwidth, working_set, limit_s: (
                        dirty < bandwidth or memory <= bandwidth * limit_s
                    ),
                    "All memory is sent once. What becomes dirty again is the working set at most.",
                ),
                (
                    lambda memory, dirty, bandwidth, working_set, limit_s: (
                        dirty < bandwidth and working_set <= bandwidth * limit_s
                    ),
                    "One of the two is enough.",
                ),
            ),
            hints=(
                "When is each round smaller than the one before?",
                "And when is a round small enough, although it never shrinks? A round is the working set at most.",
                "What can be sent within the limit is bandwidth * limit_s. Use < for the speeds, and <= here.",
            ),
            solution="return dirty < bandwidth or working_set <= bandwidth * limit_s",
        ),
        Code(
            "x11.4",
            "Write rounds_with_hot: what each round sends where hot pages are dirty again after every round.",
            law=rounds_with_hot,
            inputs=(
                (memory, dirty, speed, 16, LIMIT_S),
                (memory, dirty, speed, 0, LIMIT_S),
                (1000, 50, 100, 40, LIMIT_S),
                (1000, 10, 100, 25, LIMIT_S),
                (512, 300, 100, 20, 0.1),
                (64, 10, 100, 8, 1.0),
            ),
            tolerance=1e-6,
            wrong=(
                (
                    lambda m, d, b, hot, s: rounds_with_hot(m, d, b, 0, s),
                    "The hot pages are missing: after every round they are dirty, too.",
                ),
                (
                    lambda m, d, b, hot, s: follow(lambda sent: min(max(hot, d * sent / b), m))(
                        m, b * s
                    ),
                    "The hot pages come on top of the others: add them. You took the larger of the two.",
                ),
                (
                    lambda m, d, b, hot, s: follow(lambda sent: hot + d * sent / b)(m, b * s),
                    "More than all memory cannot be dirty. A page that is written twice is sent once.",
                ),
                (
                    lambda m, d, b, hot, s: rounds_with_hot(m, d, b, hot, s)[:-1],
                    "The last one is missing: what is sent while the machine stands still.",
                ),
                (
                    lambda m, d, b, hot, s: follow(lambda sent: min(hot + d * sent / b, m))(m, s),
                    "You compare MiB with seconds. What can be sent in limit_s is bandwidth * limit_s.",
                ),
            ),
            hints=(
                "Begin with the repaired law of the lesson, and change one line.",
                "written = min(hot + dirty * rounds[-1] / bandwidth, memory)",
                "Stop when written <= bandwidth * limit_s, or after 30 rounds. The last one is in the list, too.",
            ),
            solution=(
                "written = min(hot + dirty * rounds[-1] / bandwidth, memory); append it; "
                "stop when written <= bandwidth * limit_s, or after 30 rounds"
            ),
        ),
        Code(
            "x11.5",
            "Write empty_s: how many seconds it takes to empty a server of its VMs, at_once of them over one link at a time.",
            law=empty_s,
            inputs=(
                (memory, dirty, speed, mine.machines, mine.at_once),
                (memory, dirty, speed, mine.machines, 1),
                (4096, 30, 400, 5, 2),
                (4096, 30, 400, 6, 3),
                (2048, 150, 400, 7, 3),
                (1024, 0, 100, 2, 5),
            ),
            tolerance=1e-4,
            wrong=(
                (
                    lambda m, d, b, n, k: total_s(m, d, b) * n,
                    "That moves them one after the other at full speed. Those that move at once share the link, and each has more time to get dirty.",
                ),
                (
                    lambda m, d, b, n, k: total_s(m, d, b) * math.ceil(n / k),
                    "That gives every VM the whole link. Those that move at once share it.",
                ),
                (
                    lambda m, d, b, n, k: total_s(m, d, b / k) * math.ceil(n / k),
                    "The last group may be smaller. Then fewer share the link.",
                ),
                (
                    lambda m, d, b, n, k: total_s(m, d, b / k) * (n // k),
                    "The last group is missing where the VMs cannot be divided evenly.",
                ),
            ),
            hints=(
                "Groups of at_once VMs, one group after the other; the last one may be smaller.",
                "In a group of 3, each VM is sent at a third of the link's speed.",
                "Add up vl.core.migration.precopy(memory, dirty, bandwidth / size).total_s over the groups.",
            ),
            solution=(
                "take min(at_once, left) machines each time, add "
                "precopy(memory, dirty, bandwidth / size).total_s.item(), until none is left"
            ),
        ),
        Find(
            "x11.6",
            f"Find two networks for your VM, as a list of MiB/s: the second at least {FASTER:g} times as fast as the first, "
            f"and the VM dark for at least {DARKER:g} times as long over it. Over both, pre-copy ends.",
            accept=lambda answer: dark_longer(answer, memory, dirty),
            example=lambda: two_networks(memory, dirty),
            wrong=(
                (
                    lambda: [dirty, 4 * dirty],
                    "Over the first one pre-copy never ends: the guest writes as fast as it is sent.",
                ),
                (
                    lambda: [speed, speed],
                    "These are equal. How much faster is the second one to be?",
                ),
                (
                    lambda: [speed, MOST_SPEED],
                    "So fast a network leaves hardly anything dirty. Look for one over which the VM may stop one round earlier.",
                ),
            ),
            hints=(
                "The standstill is anything up to 0.3 s. Which network makes nearly 0.3 s of it?",
                "One over which the rest fits into 0.3 s after one round: there the VM stops a round earlier.",
                "Print vl.core.migration.precopy(memory_mib, dirty_mib_s, speed).downtime_s for many speeds.",
            ),
        ),
    ]
