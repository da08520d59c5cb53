"""What the exam of exercise 03 asks: form B, with limits instead of wishes, and with waiting instead of shares."""

from math import ceil

import virtlearn as vl
from virtlearn.study import Code, Find, Number

DRAW = {
    "cores": range(6, 21),
    "gold_weight": range(150, 401, 50),
    "blue_limit": (0.5, 0.75, 1.0),
    "work_ms": range(130, 300, 10),
    "threads": range(3, 7),
    "limit_cores": (0.3, 0.4, 0.6),
}
POINTS = {"1": 2, "2": 2, "3": 3, "4": 3, "5": 4}
SHARE, BURST = vl.core.cpu.fair_share, vl.core.cpu.burst_latency_s


def who_waits(demand, weight, limit, capacity):
    """Count those who get less than they want and may have."""
    got = SHARE(demand, capacity_cores=capacity, weight=weight, limit_cores=limit).tolist()
    return sum(g < min(d, m) - 1e-9 for g, d, m in zip(got, demand, limit, strict=True))


def waited_ms(work_ms, threads, quota_ms, period_ms):
    """Say how much longer a burst takes than without its limit."""
    if work_ms <= quota_ms:
        return 0
    waits = ceil(work_ms / quota_ms) - 1
    return waits * period_ms + (work_ms - waits * quota_ms) / threads - work_ms / threads


def weight_without_effect(demand, cores):
    """Say what is wrong with wishes for which a doubled weight is to change nothing."""
    if not isinstance(demand, list) or len(demand) != 3 or min(demand) < 0:
        return "Give a list of three numbers, none below 0: what each container wants."
    if demand[0] <= cores / 3:
        return "The first one wants no more than its third of the host, so its weight never counts."
    before = SHARE(demand, capacity_cores=cores, weight=[100, 100, 100]).tolist()
    after = SHARE(demand, capacity_cores=cores, weight=[200, 100, 100]).tolist()
    if any(abs(x - y) > 1e-9 for x, y in zip(before, after, strict=True)):
        return f"The doubled weight gives the first one {after[0]:.3g} cores instead of {before[0]:.3g}."
    return ""


def questions(mine):
    """Ask with one student's numbers."""
    cores, heavy, limit = mine.cores, mine.gold_weight, mine.blue_limit
    weight = [heavy, 100, 100]

    def green():
        limits = [cores, limit, cores]
        shares = SHARE([cores] * 3, weight=weight, limit_cores=limits, capacity_cores=cores)
        return float(shares[2])

    def takes(quota):
        seconds = BURST(mine.work_ms / 1000, threads=mine.threads, quota_cores=quota)
        return float(seconds) * 1000

    once, twice = mine.limit_cores, 2 * mine.limit_cores
    return [
        Number(
            "x03.1",
            "How many cores does Green get?",
            answer=green,
            unit="cores",
            tolerance=0.002,
            wrong=(
                (
                    lambda: cores * 100 / (heavy + 200),
                    "That is Green's part without the limit. What Blue may not use goes on to the others.",
                ),
                (
                    lambda: (cores - limit) / 2,
                    "Gold and Green do not share evenly: look at their weights.",
                ),
                (
                    lambda: (cores - limit) * heavy / (heavy + 100),
                    "That is what Gold gets.",
                ),
            ),
        ),
        Number(
            "x03.2",
            "How many milliseconds sooner is the request done with twice the limit?",
            answer=lambda: takes(once) - takes(twice),
            unit="ms",
            tolerance=0.001,
            wrong=(
                (lambda: takes(once), "That is how long it takes with the limit as it is."),
                (lambda: takes(twice), "That is how long it takes with twice the limit."),
                (lambda: (takes(once) - takes(twice)) / 1000, "That is in seconds."),
            ),
        ),
        Find(
            "x03.3",
            "Find what three containers of weight 100 want, the first more than its third, such that doubling its weight changes nothing.",
            accept=lambda answer: weight_without_effect(answer, cores),
            example=lambda: [cores / 2, 0, 0],
            wrong=(
                (
                    lambda: [1, 1, 1],
                    "The first one wants no more than its third of the host, so its weight never counts.",
                ),
            ),
        ),
        Code(
            "x03.4",
            "Write who_waits: how many containers get less than they want and may have.",
            law=who_waits,
            inputs=(
                ([1, 1, 1], [100, 100, 100], [9, 9, 9], 2),
                ([1, 5, 0.2], [100, heavy, 100], [9, 9, 9], 4),
                ([4, 4], [100, 100], [1, 9], 4),
                ([3, 3, 3, 0], [100, 200, 300, 100], [0.5, 9, 9, 9], 4),
                ([1, 1], [1, 1], [9, 9], 4),
                ([3, 1, 1], [300, 100, 100], [9, 9, 9], 4.5),
                ([3, 5], [100, 100], [9, 1], 8),
                ([1.5, 0.2, 1.5], [100, 100, 100], [9, 9, 9], 4),
            ),
            wrong=(
                (
                    lambda demand, weight, limit, capacity: sum(
                        d > m for d, m in zip(demand, limit, strict=True)
                    ),
                    "Who is at a limit of its own waits on an idle machine, too. Count who is short of what it may have.",
                ),
                (
                    lambda demand, weight, limit, capacity: sum(
                        min(d, m) > capacity * w / sum(weight) + 1e-9
                        for d, m, w in zip(demand, limit, weight, strict=True)
                    ),
                    "You compare with the part by weight. What others leave goes on: share first, then count.",
                ),
            ),
        ),
        Code(
            "x03.5",
            "Write waited_ms: how much longer a burst takes than it would without its limit.",
            law=waited_ms,
            inputs=(
                (110, 4, 100, 100),
                (mine.work_ms, mine.threads, 50, 100),
                (40, 2, 50, 100),
                (300, 5, 50, 100),
                (100, 4, 100, 100),
            ),
            wrong=(
                (
                    lambda work_ms, threads, quota_ms, period_ms: (
                        waited_ms(work_ms, threads, quota_ms, period_ms) + work_ms / threads
                    ),
                    "That is how long the burst takes. Take off what it would take without a limit.",
                ),
                (
                    lambda work_ms, threads, quota_ms, period_ms: (
                        int(work_ms / quota_ms) * period_ms
                        + (work_ms - int(work_ms / quota_ms) * quota_ms) / threads
                        - work_ms / threads
                    ),
                    "A burst of a whole number of quotas ends inside its last period: it waits once less.",
                ),
            ),
        ),
    ]
