"""What exercise 06 asks, with each student's own numbers."""

import math

import virtlearn as vl
from virtlearn.core import failure
from virtlearn.study import Code, Find, Number

DRAW = {
    "mtbf_h": range(4000, 12001, 250),
    "mttr_h": range(5, 25),
    "runtime_up": (0.9972, 0.9975, 0.9978, 0.9982, 0.9985, 0.9988, 0.9991),
    "copies": range(4, 10),
    "small_gib": range(32, 65, 8),
}
POINTS = {"1": 2, "2": 2, "3": 3, "4": 3, "5": 3, "6": 3}
KERNEL_UP = failure.availability(4000, 0.1).item()
MINUTES = failure.HOURS_PER_MONTH * 60
RUNTIME = "container-runtime"


def minutes(up):
    """Minutes dark in a month."""
    return failure.downtime_min_per_month(up).item()


def goes_on(kinds, ups):
    """Say how much of the time a copy is up that already runs: what steps aside does not count."""
    return math.prod(up for kind, up in zip(kinds, ups, strict=True) if kind != RUNTIME)


def starts_blocked_min(kinds, ups):
    """Minutes a month in which what runs goes on, but nothing new can start."""
    return (goes_on(kinds, ups) - math.prod(ups)) * MINUTES


def dark_min(dark, shared):
    """Minutes a month in which all copies are dark: each by itself, or all by one cause."""
    tree = [-1, *[0] * len(dark)]
    pmf = failure.copies_up_pmf(tree, [1, *(1 - u for u in dark)], common_cause=shared)
    return float(pmf[0]) * MINUTES


def where(hosts_gib, copies, policy="worst-fit"):
    """Give the host of each replica of 256 MiB."""
    web = vl.Workload("web", cpu_cores=0.1, memory_mib=256)
    hosts = [vl.Host(cores=16, memory_gib=gib) for gib in hosts_gib]
    return vl.place([web] * copies, hosts, policy=policy).host_of.tolist()


def all_on_one(answer, mine):
    """Say what keeps three hosts from being a trap for worst-fit."""
    if not isinstance(answer, list) or len(answer) != 3:
        return "Give three numbers, such as [64, 64, 64]: the memory of each host in GiB."
    if min(answer) < mine.small_gib or max(answer) > 512:
        return f"Each host has from {mine.small_gib} to 512 GiB, so that every one of them has room for all replicas."
    used = len(set(where(answer, mine.copies)))
    if used > 1:
        return f"worst-fit uses {used} hosts there: {where(answer, mine.copies)}. When does one host have the most room each time?"
    return ""


def questions(mine):
    """Ask with one student's numbers."""
    host_up = failure.availability(mine.mtbf_h, mine.mttr_h).item()
    path = ["host", "operating-system", RUNTIME, "container"]
    ups = [host_up, KERNEL_UP, mine.runtime_up, 1.0]
    vm_path = (
        ["host", "hypervisor", "virtual-machine", "operating-system", RUNTIME],
        [host_up, 0.999, 1.0, KERNEL_UP, 0.99],
    )

    return [
        Number(
            "x06.1",
            "How many minutes a month is your host's hardware dark?",
            answer=lambda: minutes(host_up),
            unit="minutes a month",
            tolerance=2e-3,
            wrong=(
                (
                    lambda: 60 * mine.mttr_h,
                    "That is one repair. The host does not fail every month: how often does it?",
                ),
                (
                    lambda: minutes(host_up) / 60,
                    "That is in hours. A month has 730 hours of 60 minutes.",
                ),
                (
                    lambda: host_up,
                    "That is the share of the time that it is up. How many minutes of a month is it not?",
                ),
                (
                    lambda: host_up * MINUTES,
                    "For so long it is up. The question is how long it is dark.",
                ),
            ),
            hints=(
                "Out of mtbf_h + mttr_h hours it is dark for mttr_h.",
                "vl.core.failure.downtime_min_per_month(vl.core.failure.availability(mine.mtbf_h, mine.mttr_h))",
            ),
        ),
        Number(
            "x06.2",
            "By your colleague's tree, how many minutes a month are all copies dark?",
            answer=lambda: minutes(math.prod(ups)),
            unit="minutes a month",
            tolerance=2e-3,
            wrong=(
                (
                    lambda: minutes(goes_on(path, ups)),
                    "That is the repaired tree, which comes next. First read your colleague's as it is: the runtime is a box in it.",
                ),
                (
                    lambda: minutes(mine.runtime_up),
                    "That is the runtime alone. Hardware and kernel stand under it.",
                ),
                (
                    lambda: minutes(math.prod(ups) ** mine.copies),
                    "All copies stand on the same boxes. Those fail once for all of them, not once for each.",
                ),
                (
                    lambda: mine.copies * minutes(math.prod(ups)),
                    "The minutes are the same minutes for all copies. Do not add them up.",
                ),
            ),
            hints=(
                "Every box under a copy must be up: which boxes are those in this tree?",
                "vl.core.failure.copies_up_pmf(parent, up)[0] is the share of the time with no copy up.",
                "Or multiply the three availabilities, and give the product to downtime_min_per_month.",
            ),
        ),
        Code(
            "x06.3",
            "Write goes_on: how much of the time a copy is up that already runs, from the boxes of its path.",
            law=goes_on,
            inputs=(
                (path, ups),
                vm_path,
                (["host", "operating-system", "container"], [0.99, 0.98, 0.97]),
                (["host", RUNTIME], [0.9, 0.0]),
                ([], []),
            ),
            wrong=(
                (
                    lambda kinds, ups: math.prod(ups),
                    "That keeps the runtime as a roof: it starts a container and steps aside.",
                ),
                (
                    lambda kinds, ups: math.prod(
                        u
                        for k, u in zip(kinds, ups, strict=True)
                        if k not in (RUNTIME, "hypervisor")
                    ),
                    "You took the hypervisor away as well. It stays under its VMs; only the runtime steps aside.",
                ),
                (
                    lambda kinds, ups: min(
                        [u for k, u in zip(kinds, ups, strict=True) if k != RUNTIME], default=1.0
                    ),
                    "That is the weakest box alone. The others fail too, at other times: multiply.",
                ),
                (
                    lambda kinds, ups: (
                        1
                        - math.prod(1 - u for k, u in zip(kinds, ups, strict=True) if k != RUNTIME)
                    ),
                    "Then one box of the path would be enough. All of them must be up.",
                ),
            ),
            hints=(
                "Go through kinds and ups side by side, with zip.",
                'Leave out what is a "container-runtime", and multiply the rest.',
            ),
            solution='return math.prod(up for kind, up in zip(kinds, ups) if kind != "container-runtime")',
        ),
        Code(
            "x06.4",
            "Write starts_blocked_min: the minutes a month in which copies go on, but no new one can start.",
            law=starts_blocked_min,
            inputs=(
                (path, ups),
                vm_path,
                (["host", "operating-system", "container"], [0.99, 0.98, 0.97]),
                (["host", RUNTIME], [0.5, 0.9]),
            ),
            tolerance=1e-5,
            wrong=(
                (
                    lambda kinds, ups: (1 - math.prod(ups)) * MINUTES,
                    "That also counts the minutes in which everything is dark. Ask for those in which what runs goes on.",
                ),
                (
                    lambda kinds, ups: (
                        (1 - math.prod(u for k, u in zip(kinds, ups, strict=True) if k == RUNTIME))
                        * MINUTES
                    ),
                    "Part of the time that the runtime is down, hardware or kernel are down as well: then nothing goes on.",
                ),
                (
                    lambda kinds, ups: goes_on(kinds, ups) - math.prod(ups),
                    "That is a share of the time. A month has 730 hours of 60 minutes.",
                ),
                (
                    lambda kinds, ups: goes_on(kinds, ups) * MINUTES,
                    "For so long copies go on at all. How much of it is the runtime down?",
                ),
            ),
            hints=(
                "Two shares of time: what runs goes on, and a new one can start.",
                "A new one can start while every box is up, the runtime too. Take the second share from the first.",
                "And turn it into minutes: times 730 * 60.",
            ),
            solution="return (goes_on(kinds, ups) - math.prod(ups)) * 730 * 60",
        ),
        Code(
            "x06.5",
            "Write dark_min: the minutes a month in which all copies are dark, each on a host of its own, with a cause that they share.",
            law=dark_min,
            inputs=(
                ([1 - host_up, 1 - host_up], 0.0),
                ([1 - host_up, 0.005], 0.0001),
                ([0.01, 0.02, 0.5], 0.1),
                ([0.2], 0.3),
                ([0.5, 0.0], 0.0),
            ),
            wrong=(
                (
                    lambda dark, shared: (
                        (1 - math.prod(1 - u for u in dark) * (1 - shared)) * MINUTES
                    ),
                    "That is dark as soon as one copy is. One is enough to work, so all must be dark: multiply the dark shares.",
                ),
                (
                    lambda dark, shared: math.prod(dark) * MINUTES,
                    "The shared cause is missing: it makes all dark, however many there are.",
                ),
                (
                    lambda dark, shared: (shared + math.prod(dark)) * MINUTES,
                    "Nearly. While the shared cause is at work, all are dark already: count the rest in the remaining time, 1 - shared.",
                ),
                (
                    lambda dark, shared: shared + (1 - shared) * math.prod(dark),
                    "That is a share of the time. A month has 730 hours of 60 minutes.",
                ),
                (
                    lambda dark, shared: (shared + (1 - shared) * dark[0] ** len(dark)) * MINUTES,
                    "The copies differ: take the dark share of each, not the first one for all.",
                ),
            ),
            hints=(
                "Without a shared cause: how likely is it that all are dark at once?",
                "math.prod(dark). It counts in the time that the shared cause leaves, 1 - shared.",
                "shared + (1 - shared) * math.prod(dark), times 730 * 60.",
            ),
            solution="return (shared + (1 - shared) * math.prod(dark)) * 730 * 60",
        ),
        Find(
            "x06.6",
            f"Find three hosts, a list of their GiB, where worst-fit puts all {mine.copies} replicas of 256 MiB on one of them, "
            f"although each host has at least {mine.small_gib} GiB.",
            accept=lambda answer: all_on_one(answer, mine),
            example=lambda: [mine.small_gib, mine.small_gib, 4 * mine.small_gib],
            wrong=(
                (
                    lambda: [mine.small_gib] * 3,
                    "Equal hosts take turns: after each replica another one has the most room.",
                ),
                (
                    lambda: [mine.small_gib + 0.25, mine.small_gib, mine.small_gib],
                    "One replica more room is soon used up. Which lead lasts for all of them?",
                ),
                (
                    lambda: [mine.small_gib, 1, 1],
                    "Then the others have hardly any room, and nobody would wonder. Give every host room for all replicas.",
                ),
            ),
            hints=(
                "worst-fit takes the host with the most room left. When is that always the same one?",
                "When one host has more room left after all replicas than the others have before the first.",
                'Try it: vl.place([web] * mine.copies, hosts, policy="worst-fit").host_of',
            ),
        ),
    ]
