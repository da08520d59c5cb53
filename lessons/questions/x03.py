"""What exercise 03 asks, with each student's own numbers."""

import virtlearn as vl
from virtlearn.study import Code, Find, Number

DRAW = {
    "cores": range(8, 25),
    "red_weight": range(150, 401, 50),
    "blue_cores": (0.25, 0.5, 0.75),
    "work_ms": range(110, 300, 10),
    "threads": range(3, 9),
    "limit_cores": (0.25, 0.5, 0.75),
}
POINTS = {"1": 2, "2": 2, "3": 3, "4": 3, "5": 4}
SHARE, BURST = vl.core.cpu.fair_share, vl.core.cpu.burst_latency_s
MUCH = 1.0  # cores that must lie idle in question 3


def wasteful(demand, weight, limit, capacity):
    """Split by weight, then cut."""
    return [
        min(d, m, capacity * w / sum(weight)) for d, w, m in zip(demand, weight, limit, strict=True)
    ]


def my_share(demand, weight, limit, capacity):
    """Share by weight what is left among those who still want some, again and again: the library's law."""
    return vl.core.cpu.fair_share(
        demand, capacity_cores=capacity, weight=weight, limit_cores=limit
    ).tolist()


def once(demand, weight, limit, capacity):
    """Hand on what is left, but only once."""
    first, most = (
        wasteful(demand, weight, limit, capacity),
        [min(x) for x in zip(demand, limit, strict=True)],
    )
    total = sum(w for w, g, m in zip(weight, first, most, strict=True) if g < m) or 1
    left = capacity - sum(first)
    return [
        min(m, g + left * w / total) if g < m else g
        for g, m, w in zip(first, most, weight, strict=True)
    ]


def burst_ms(work_ms, threads, quota_ms, period_ms, saved_ms):
    """Say how long a burst takes that begins with something saved up: the library's law, in milliseconds."""
    return 1000 * float(
        BURST(
            work_ms / 1000,
            threads=threads,
            quota_cores=quota_ms / period_ms,
            period_s=period_ms / 1000,
            saved_s=saved_ms / 1000,
        )
    )


def every_period(work_ms, threads, quota_ms, period_ms, saved_ms):
    """Have the savings anew in every period."""
    return burst_ms(work_ms, threads, quota_ms + saved_ms, period_ms, 0)


def rounded_down(work_ms, threads, quota_ms, period_ms, saved_ms):
    """Wait once more where the work is a whole number of quotas."""
    rest = work_ms - quota_ms - saved_ms
    if rest < 0:
        return work_ms / threads
    waits = int(rest / quota_ms) + 1
    return waits * period_ms + (rest - (waits - 1) * quota_ms) / threads


def idle_and_waiting(answer, cores):
    """Say what is wrong with a case that is to make the wasteful law waste."""
    demand, weight, limit = ([float(x) for x in each] for each in answer)
    if not len(demand) == len(weight) == len(limit) == 3:
        return "Give three lists of three numbers: (demand, weight, limit)."
    if min(weight) <= 0 or min(*demand, *limit) < 0:
        return "Weights are more than 0, and nobody wants or may have less than nothing."
    got = wasteful(demand, weight, limit, cores)
    idle = cores - sum(got)
    if all(g >= d for g, d in zip(got, demand, strict=True)):
        return "All three get what they want, so nobody waits. Idle cores are no waste then: let one want more."
    if idle < MUCH:
        return f"{max(0.0, idle):.3g} of {cores} cores lie idle. Let one be cut far below its part, by its own wish or its limit."
    if all(g >= min(d, m) for g, d, m in zip(got, demand, limit, strict=True)):
        return "Whoever waits here waits at a limit of its own. That is no waste: a limit holds on an idle machine too."
    return ""


def questions(mine):
    """Ask with one student's numbers."""
    cores, heavy, little = mine.cores, mine.red_weight, mine.blue_cores
    work, threads, limit = mine.work_ms, mine.threads, mine.limit_cores
    part = cores * heavy / (heavy + 200)  # Red's, if everybody wanted all

    def red():
        return float(
            SHARE([cores, little, cores], weight=[heavy, 100, 100], capacity_cores=cores)[0]
        )

    def takes(some_threads=threads, quota=limit):
        return float(BURST(work / 1000, threads=some_threads, quota_cores=quota)) * 1000

    return [
        Number(
            "x03.1",
            "How many cores does Red get?",
            answer=red,
            unit="cores",
            tolerance=0.002,
            wrong=(
                (
                    lambda: part,
                    "That is Red's part of all cores. What Blue leaves of its own part goes on to Red and Green, by weight.",
                ),
                (
                    lambda: (cores - little) / 2,
                    "Red and Green do not share evenly: look at their weights.",
                ),
                (
                    lambda: part + cores * 100 / (heavy + 200) - little,
                    "What Blue leaves goes to Red and Green, not to Red alone.",
                ),
                (
                    lambda: cores,
                    "That is what Red wants. Green wants as much, and is not left with nothing.",
                ),
            ),
            hints=(
                "Blue wants little and gets it. What is left?",
                "Share it between Red and Green by their weights.",
                "vl.core.cpu.fair_share takes demands, weight=[…] and capacity_cores=…",
            ),
            solution=lambda: (
                f"({cores} - {little:g}) * {heavy} / {heavy + 100} = {red():.3f} cores."
            ),
        ),
        Number(
            "x03.2",
            "How many milliseconds does the request take?",
            answer=takes,
            unit="ms",
            tolerance=0.001,
            wrong=(
                (
                    lambda: work / threads,
                    "That is without a limit. A limit holds on an idle machine, too.",
                ),
                (
                    lambda: work / limit,
                    "That spreads the work evenly. In truth it stops and goes: the last piece is done early in its period.",
                ),
                (
                    lambda: takes(1),
                    "That is one thread. Several use up the allowance, and the last piece, faster.",
                ),
                (lambda: takes(quota=1), "That is a limit of one whole CPU."),
                (lambda: takes() / 1000, "The law answers in seconds. Give milliseconds."),
            ),
            hints=(
                "How much CPU time is allowed in each 100 ms?",
                "How often must the request wait for a new period, and how much work is left after the last wait?",
                "vl.core.cpu.burst_latency_s(work in seconds, threads=…, quota_cores=…) gives seconds.",
            ),
            solution=lambda: (
                f"vl.core.cpu.burst_latency_s({work / 1000:g}, threads={threads}, quota_cores={limit:g}) * 1000 = {takes():g} ms."
            ),
        ),
        Find(
            "x03.3",
            "Find a case of three containers in which at least one core lies idle under the wasteful law, while somebody waits who has no limit in the way. Give (demand, weight, limit).",
            accept=lambda answer: idle_and_waiting(answer, cores),
            example=lambda: ([0, cores, cores], [100, 100, 100], [cores, cores, cores]),
            wrong=(
                (
                    lambda: ([1, 1, 1], [100, 100, 100], [cores, cores, cores]),
                    "All three get what they want, so nobody waits. Idle cores are no waste then: let one want more.",
                ),
                (
                    lambda: ([cores, cores, cores], [100, 100, 100], [cores, cores, cores]),
                    f"0 of {cores} cores lie idle. Let one be cut far below its part, by its own wish or its limit.",
                ),
                (
                    lambda: ([2, 2, 2], [100, 100, 100], [1, 2, 2]),
                    "Whoever waits here waits at a limit of its own. That is no waste: a limit holds on an idle machine too.",
                ),
            ),
            hints=(
                "Whose cores are lost? Think of one who hardly wants any.",
                "One wants 0, the two others want all. What do the two get, and what would they take?",
            ),
        ),
        Code(
            "x03.4",
            "Repair my_share: no CPU may lie idle while somebody wants more and may have it.",
            law=my_share,
            inputs=(
                ([1, 1, 1], [2, 1, 1], [0.2, 0.35, 1], 1),
                ([cores, little, cores], [heavy, 100, 100], [cores, cores, cores], cores),
                (
                    [cores, cores, cores, cores],
                    [100, heavy, 100, 50],
                    [99, 1, cores / 3, 99],
                    cores,
                ),
                ([0.25, 0.5], [1, 2], [99, 99], 4),
            ),
            wrong=(
                (
                    wasteful,
                    "CPU still lies idle: what is cut off must go on to those who want more.",
                ),
                (
                    once,
                    "You hand on what is left once. Somebody may reach a limit then and leave something again.",
                ),
                (
                    lambda demand, weight, limit, capacity: my_share(
                        demand, [1] * len(weight), limit, capacity
                    ),
                    "What is left goes on by weight, not in equal parts.",
                ),
                (
                    lambda demand, weight, limit, capacity: my_share(
                        demand, weight, demand, capacity
                    ),
                    "A limit holds in every round: nobody gets more than min(demand, limit).",
                ),
            ),
            hints=(
                "Give in rounds: each one shares what is left among those who still want more.",
                "In a round, only the weights of those who still want more count.",
                "As many rounds as containers are enough: each round fills at least one, or spends everything.",
            ),
            solution="rounds, one a container: left = capacity - sum(got), shared by weight among those with got[i] < most[i], never above most[i]",
        ),
        Code(
            "x03.5",
            "Write burst_ms: how long does a burst take that begins with saved_ms saved up?",
            law=burst_ms,
            inputs=(
                (110, 4, 100, 100, 0),
                (110, 4, 100, 100, 10),
                (work, threads, 100 * limit, 100, 25),
                (4 * work, threads, 100 * limit, 100, 50 * limit),
                (300, 4, 100, 100, 0),
                (250, 5, 50, 100, 50),
            ),
            wrong=(
                (
                    lambda work_ms, threads, quota_ms, period_ms, saved_ms: burst_ms(
                        work_ms, threads, quota_ms, period_ms, 0
                    ),
                    "What was saved is not used yet: the first period allows quota_ms + saved_ms.",
                ),
                (
                    every_period,
                    "Savings are spent once. From the second period on there is quota_ms, no more.",
                ),
                (
                    rounded_down,
                    "A burst that is a whole number of allowances ends in its last period; it does not wait once more.",
                ),
                (
                    lambda work_ms, threads, quota_ms, period_ms, saved_ms: (
                        max(0, work_ms - saved_ms) / quota_ms * period_ms
                    ),
                    "That spreads the work evenly over the periods. In truth the threads run fast, and then wait.",
                ),
            ),
            hints=(
                "Is the first allowance, quota_ms + saved_ms, enough? Then nothing waits.",
                "Else rest = work_ms - quota_ms - saved_ms is left, and each further period allows quota_ms.",
                "waits = ceil(rest / quota_ms); the last piece is rest - (waits - 1) * quota_ms, done by all threads.",
            ),
            solution="rest = work_ms - quota_ms - saved_ms; if rest <= 0: work_ms / threads; else waits = ceil(rest / quota_ms), and waits * period_ms + (rest - (waits - 1) * quota_ms) / threads",
        ),
    ]
