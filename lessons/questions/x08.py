"""What exercise 08 asks, with each student's own numbers."""

import virtlearn as vl
from virtlearn.study import Code, Find, Number

# In each list: a thin wall, a slow start, the answer, and one that keeps both limits but takes more memory.
AMONG = (
    ("containers", "virtual-machines", "microvms", "vm-isolated-containers"),
    ("containers", "virtual-machines-hosted", "sandboxed-containers", "microvms"),
    ("processes", "containers-in-vms", "unikernels", "sandboxed-containers"),
    ("processes", "virtual-machines", "sandboxed-containers", "vm-isolated-containers"),
)
DRAW = {
    "memory_gib": range(32, 129, 8),
    "app_mib": range(64, 257),
    "copies": range(12, 31),
    "among": AMONG,
    "times": (1.1, 1.15, 1.2, 1.25, 1.3, 1.4, 1.5),
}
POINTS = {"1": 2, "2": 3, "3": 4, "4": 2, "5": 4}
MOST_S, MOST_LOST, NEAR_MIB = 0.5, 1.2, 16


def cheapest(memory_mib, start_s, lost, most_s, most_lost):
    """Say which platform takes least memory of those that keep both limits."""
    good = [i for i in range(len(memory_mib)) if start_s[i] <= most_s and lost[i] <= most_lost]
    return min(good, key=lambda i: memory_mib[i]) if good else -1


def cheaper_from(price_container, price_vm, per_vm):
    """Say from how many copies on rented VMs are cheaper than managed containers."""
    copies = int(price_vm // price_container) + 1
    return copies if copies <= per_vm else 0


def questions(mine):
    """Ask with one student's numbers."""
    host = vl.Host(cores=16, memory_gib=mine.memory_gib)
    app = vl.Workload("app", cpu_cores=0.1, memory_mib=mine.app_mib)

    def run(on, copies=mine.copies):
        return vl.deploy(app, copies, host=host, on=on)

    def ratio(app_mib):
        """How many times as much one more VM takes as one more container, on a host that has room."""
        roomy = vl.Host(cores=16, memory_gib=1024)
        take = {
            on: [
                vl.deploy(vl.Workload("app", 0.1, app_mib), n, host=roomy, on=on).memory_mib
                for n in (1, 2)
            ]
            for on in ("containers", "virtual-machines")
        }
        return (take["virtual-machines"][1] - take["virtual-machines"][0]) / (
            take["containers"][1] - take["containers"][0]
        )

    def smallest_mib():
        low, high = 64.0, 16384.0
        while high - low > 1:
            middle = (low + high) / 2
            low, high = (middle, high) if ratio(middle) > mine.times else (low, middle)
        return round(high)

    def size_is_right(app_mib):
        if not 64 <= app_mib <= 16384:
            return f"{app_mib} MiB is outside 64 to 16,384 MiB."
        if ratio(app_mib) > mine.times:
            return f"At {app_mib} MiB a VM still takes {ratio(app_mib):.2f} times as much. The application must be larger."
        if ratio(app_mib - NEAR_MIB) <= mine.times:
            return f"At {app_mib} MiB it holds, but {NEAR_MIB} MiB less would do as well. Go lower."
        return ""

    def keeps_limits(on):
        return run(on).start_s <= MOST_S and run(on).blast_radius() <= MOST_LOST

    def choice_is_right(name):
        if name not in mine.among:
            return f"{name!r} is not one of {', '.join(sorted(mine.among))}."
        if run(name).blast_radius() > MOST_LOST:
            return "Its wall is too thin: look at blast_radius()."
        if run(name).start_s > MOST_S:
            return "It starts too slowly: look at start_s."
        best = min(filter(keeps_limits, mine.among), key=lambda on: run(on).memory_mib)
        return (
            ""
            if name == best
            else "It keeps both limits, but another one that keeps them takes less memory."
        )

    return [
        Number(
            "x08.1",
            "What do your copies take of the host as microVMs, in MiB, all together?",
            answer=lambda: run("microvms").memory_mib,
            unit="MiB",
            tolerance=0.0005,
            wrong=(
                (
                    lambda: mine.copies * mine.app_mib,
                    "Those are the applications alone. Which layers come with them?",
                ),
                (
                    lambda: mine.copies * run("microvms", 1).memory_mib,
                    "You counted the host's own share once for each copy. It is there only once.",
                ),
                (
                    lambda: run("containers").memory_mib,
                    'Those are containers. Deploy on "microvms".',
                ),
            ),
            hints=(
                "Deploy all the copies at once.",
                'vl.deploy(app, mine.copies, host=host, on="microvms").memory_mib is the answer.',
            ),
        ),
        Find(
            "x08.2",
            "Which platform of your list takes least memory, of those that start one more copy in 0.5 s and lose at most 1.2 copies?",
            accept=choice_is_right,
            example=lambda: min(
                filter(keeps_limits, mine.among), key=lambda on: run(on).memory_mib
            ),
            wrong=(
                (lambda: mine.among[0], "Its wall is too thin: look at blast_radius()."),
                (lambda: mine.among[1], "It starts too slowly: look at start_s."),
                (
                    lambda: mine.among[3],
                    "It keeps both limits, but another one that keeps them takes less memory.",
                ),
            ),
            hints=(
                "Strike out every platform that breaks a limit. Then compare memory_mib.",
                "d.start_s and d.blast_radius() of a deployment d say whether it keeps the limits.",
            ),
        ),
        Code(
            "x08.3",
            "Write cheapest: the index of the platform with least memory that keeps both limits, or -1.",
            law=cheapest,
            inputs=(
                ([900, 700, 800], [0.2, 0.2, 0.2], [1, 1, 1], 0.5, 1.2),
                ([100, mine.app_mib * 3, 800], [9, 0.2, 0.1], [1, 1, 1], 0.5, 1.2),
                ([100, mine.app_mib * 3, 800], [0.1, 0.2, 0.1], [5, 1, 1], 0.5, 1.2),
                ([300, 400, 100, 200], [9, 0.1, 0.1, 0.1], [1, 1, 7, 1.2], 0.5, 1.2),
                ([mine.app_mib, 300], [9, 8], [1, 1], 0.5, 1.2),
            ),
            wrong=(
                (
                    lambda memory_mib, start_s, lost, most_s, most_lost: memory_mib.index(
                        min(memory_mib)
                    ),
                    "That is the cheapest of all. The limits come first: what breaks one is out.",
                ),
                (
                    lambda memory_mib, start_s, lost, most_s, most_lost: cheapest(
                        memory_mib, start_s, [0] * len(lost), most_s, most_lost
                    ),
                    "The limit on lost copies does not count yet. Both limits must hold.",
                ),
                (
                    lambda memory_mib, start_s, lost, most_s, most_lost: cheapest(
                        memory_mib, [0] * len(start_s), lost, most_s, most_lost
                    ),
                    "The limit on the start does not count yet. Both limits must hold.",
                ),
                (
                    lambda memory_mib, start_s, lost, most_s, most_lost: max(
                        0, cheapest(memory_mib, start_s, lost, most_s, most_lost)
                    ),
                    "Where nothing keeps the limits, say so: give -1.",
                ),
            ),
            hints=(
                "Make a list of the indices that keep both limits. Then take the one with least memory.",
                "good = [i for i in range(len(memory_mib)) if …]",
                "return min(good, key=lambda i: memory_mib[i]) if good else -1",
            ),
            solution="good = the indices that keep both limits; return min(good, key=lambda i: memory_mib[i]) if good else -1",
        ),
        Find(
            "x08.4",
            f"From which size of the application on, in whole MiB, does one more stock VM take at most {mine.times} times as much as one more container?",
            accept=size_is_right,
            example=smallest_mib,
            wrong=(
                (
                    lambda: 512,
                    f"At 512 MiB a VM still takes {ratio(512):.2f} times as much. The application must be larger.",
                ),
                (
                    lambda: 16384,
                    f"At 16384 MiB it holds, but {NEAR_MIB} MiB less would do as well. Go lower.",
                ),
            ),
            hints=(
                "One more VM over one more container: try a size, look at the ratio, go up or down.",
                "The ratio falls as the application grows, so halving the interval each time finds the place.",
            ),
        ),
        Code(
            "x08.5",
            "Write cheaper_from: from how many copies on rented VMs cost less than managed containers, or 0 where they never do.",
            law=cheaper_from,
            inputs=(
                (42, 30, 1),
                (10, 45, 8),
                (30, 60, 4),
                (10, 80, 8),
                (mine.copies, 5 * mine.copies, 7),
                (20, 90, 3),
            ),
            wrong=(
                (
                    lambda price_container, price_vm, per_vm: -(-price_vm // price_container),
                    "Where both cost the same, VMs are not cheaper yet. And a VM has only so much room.",
                ),
                (
                    lambda price_container, price_vm, per_vm: int(price_vm // price_container) + 1,
                    "A VM holds only per_vm copies. Where even a full one is not cheaper, give 0.",
                ),
                (
                    lambda price_container, price_vm, per_vm: (
                        1 if price_vm < price_container else 0
                    ),
                    "One VM may hold several copies, and its price is shared among them.",
                ),
            ),
            hints=(
                "As long as one VM is enough: for which number of copies is copies * price_container more than price_vm?",
                "The first such number is price_vm // price_container + 1.",
                "If that is more than per_vm, a full VM is not cheaper, and then none ever is: give 0.",
            ),
            solution="copies = int(price_vm // price_container) + 1; return copies if copies <= per_vm else 0",
        ),
    ]
