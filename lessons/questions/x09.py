"""What exercise 09 asks, with each student's own numbers."""

import virtlearn as vl
from virtlearn.core import placing
from virtlearn.study import Code, Find, Number

DRAW = {
    "node_gib": (48, 64, 80, 96, 128),
    "request_mib": range(1100, 2300, 50),
    "copy_mcores": range(300, 701, 50),
    "used_mcores": range(1100, 2201, 100),
    "overhead_mib": (130, 320),
}
POINTS = {"1": 2, "2": 3, "3": 3, "4": 3, "5": 3, "6": 2}
EVICTION_MIB = vl.evidence("PLACE-04:memory.available").value
LIMIT_FACTOR = 3
# The steps of Google's rule: what is kept of so many MiB (PLACE-05).
STEPS = (
    (4096, "first 4 GiB"),
    (4096, "next 4 GiB"),
    (8192, "next 8 GiB"),
    (114688, "next 112 GiB"),
)
PARTS = [(size, vl.evidence(f"PLACE-05:{part}").value / 100) for size, part in STEPS]
ROOM = [4000, 16384]


def kept_mib(capacity_mib):
    """Give what Google's rule keeps of a node of up to 128 GiB."""
    kept = 0.0
    left = capacity_mib
    for size, part in PARTS:
        here = min(left, size)
        kept += part * here
        left -= here
    return kept


def allocatable_mib(capacity_mib):
    """Give what a node may give away to pods."""
    kept = kept_mib(capacity_mib)
    return placing.allocatable(capacity_mib, kube_reserved=kept, eviction=EVICTION_MIB).item()


def copies_that_fit(free_mib, request_mib, limit_mib):
    """Count the copies that go on a node: by request, and by limit where no request is given."""
    counted = limit_mib if request_mib is None else request_mib
    return int(free_mib // counted)


def least_allocated(need, used, room):
    """Give the points of a host that is to be left with room."""
    return placing.least_allocated(need, [used], [room])[0].item()


def most_allocated(need, used, room):
    """Give the points of a host that is to be filled."""
    return placing.most_allocated(need, [used], [room])[0].item()


def parts(need, used, room):
    """Give the points of each resource: what would be left."""
    rows = zip(need, used, room, strict=True)
    return [(has - promised - asks) * 100 // has for asks, promised, has in rows]


def choose(need, used, room):
    """Give the host that passes the filter and has the most points, -1 for none."""
    passed = placing.fits(need, used, room).all(axis=-1)
    points = placing.least_allocated(need, used, room)
    return placing.decide([points], [1], passed).item()


def without_filter(need, used, room):
    """Choose by points alone."""
    everybody = [True] * len(room)
    return placing.decide([placing.least_allocated(need, used, room)], [1], everybody).item()


def by_points(need, used, room, rule):
    """Choose by another rule among those that pass."""
    passed = placing.fits(need, used, room).all(axis=-1)
    return placing.decide([rule(need, used, room)], [1], passed).item()


def packs_and_spreads(answer, mine):
    """Say what keeps a promised amount from making the two rules disagree."""
    if not isinstance(answer, list) or len(answer) != 2:
        return "Give two numbers, such as [1000, 2048]: what host 1 has promised, in millicores and MiB."
    need = [mine.copy_mcores, mine.request_mib]
    if min(answer) < 0 or any(a + n > has for a, n, has in zip(answer, need, ROOM, strict=True)):
        return "The copy must fit on host 1: promised and asked for, in whole and not below 0."
    if any(a != int(a) for a in answer):
        return "Give whole millicores and whole MiB."
    used = [[mine.used_mcores, 8192], [int(a) for a in answer]]
    spread = placing.least_allocated(need, used, [ROOM, ROOM])
    packed = placing.most_allocated(need, used, [ROOM, ROOM])
    if spread[1] <= spread[0]:
        return f"To spread, host 0 has {spread[0]} points and yours {spread[1]}: it must have more."
    if packed[1] >= packed[0]:
        return f"To pack, host 0 has {packed[0]} points and yours {packed[1]}: it must have fewer."
    return ""


def questions(mine):
    """Ask with one student's numbers."""
    node_mib = mine.node_gib * 1024
    free = allocatable_mib(node_mib)
    need = [mine.copy_mcores, mine.request_mib]
    used = [mine.used_mcores, 2048]
    sandboxed = mine.request_mib + mine.overhead_mib
    limit = LIMIT_FACTOR * mine.request_mib
    hosts = [[4000, 16384], [4000, 16384], [8000, 32768]]
    taken = [used, [3900, 1024], [6000, 20480]]

    return [
        Number(
            "x09.1",
            "How many MiB of your node may pods have, if it keeps what Google's rule says and 100 MiB for eviction?",
            answer=lambda: free,
            unit="MiB",
            tolerance=1e-4,
            wrong=(
                (
                    lambda: node_mib,
                    "That is the whole node. It keeps a part, and a threshold below which it ends pods.",
                ),
                (
                    lambda: node_mib - kept_mib(node_mib),
                    "The eviction threshold of 100 MiB is missing.",
                ),
                (
                    lambda: 0.75 * node_mib - EVICTION_MIB,
                    "A quarter is kept of the first 4 GiB only. Each further step keeps less.",
                ),
                (
                    lambda: kept_mib(node_mib) + EVICTION_MIB,
                    "That is what the node keeps. What is left of its memory?",
                ),
            ),
            hints=(
                "Cut the memory into steps: 4, 4, 8 GiB, and the rest up to 128 GiB.",
                "Of the steps the node keeps 25, 20, 10 and 6 per cent (PLACE-05).",
                "vl.core.placing.allocatable(node_mib, kube_reserved=kept, eviction=100)",
            ),
        ),
        Code(
            "x09.2",
            "Write copies_that_fit: how many copies go on a node, from what is free, a request (or None) and a limit.",
            law=copies_that_fit,
            inputs=(
                (free, mine.request_mib, limit),
                (free, None, limit),
                (9000.5, 1000, 3000),
                (900, 1000, 1000),
                (4096, None, 4096),
            ),
            wrong=(
                (
                    lambda free_mib, request_mib, limit_mib: int(free_mib // limit_mib),
                    "That counts limits. Where a request is given, the request is counted, and the limit keeps no room.",
                ),
                (
                    lambda free_mib, request_mib, limit_mib: (
                        0 if request_mib is None else int(free_mib // request_mib)
                    ),
                    "Where only a limit is given, it becomes the request. Some copies do fit.",
                ),
                (
                    lambda free_mib, request_mib, limit_mib: (
                        free_mib / (limit_mib if request_mib is None else request_mib)
                    ),
                    "The last copy fits whole or not at all.",
                ),
            ),
            hints=(
                "Which of the two is counted when both are given?",
                "When request_mib is None, the limit takes its place.",
                "free_mib // request_mib is how often it fits whole.",
            ),
            solution="counted = limit_mib if request_mib is None else request_mib; return free_mib // counted",
        ),
        Number(
            "x09.3",
            "How many copies fewer go on your node when each stands in a VM of its own, whose overhead is added to the request?",
            answer=lambda: int(free // mine.request_mib) - int(free // sandboxed),
            unit="copies",
            wrong=(
                (
                    lambda: int(free // sandboxed),
                    "So many do fit. The question is how many that is fewer than without a VM.",
                ),
                (
                    lambda: int(free // mine.request_mib),
                    "So many fit without a VM. How many fewer are they with one?",
                ),
                (
                    lambda: -(int(free // mine.request_mib) - int(free // sandboxed)),
                    "Right in amount. Say how many fewer, so give it without the minus.",
                ),
            ),
            hints=(
                "Use your function of question 2 twice.",
                "The second time, each copy asks for request_mib + overhead_mib.",
            ),
        ),
        Number(
            "x09.4",
            "How many points does least allocated give to the host of 4,000 millicores and 16,384 MiB?",
            answer=lambda: least_allocated(need, used, ROOM),
            unit="points",
            tolerance=1e-6,
            wrong=(
                (
                    lambda: least_allocated([0, 0], used, ROOM),
                    "That is before the copy is there. Take off what it asks for as well.",
                ),
                (
                    lambda: parts(need, used, ROOM)[0],
                    "That is CPU alone. Memory counts as much: take the mean.",
                ),
                (
                    lambda: sum(parts(need, used, ROOM)),
                    "That is the sum of both resources. Take the mean.",
                ),
            ),
            hints=(
                "For each resource: 100 times what would be left, divided by what there is, cut to a whole number.",
                "Then the mean of both, cut again.",
                "vl.core.placing.least_allocated(need, [used], [room])",
            ),
        ),
        Code(
            "x09.5",
            "Write choose: the index of the host that a copy goes to, or -1 if none has room. Filter first, then take the most points by least allocated.",
            law=choose,
            inputs=(
                (need, taken, hosts),
                ([500, 1024], [[3800, 0], [2000, 8192]], [[4000, 16384], [4000, 16384]]),
                ([500, 1024], [[2000, 8192], [2000, 8192]], [[4000, 16384], [4000, 16384]]),
                ([5000, 1024], [[0, 0], [0, 0]], [[4000, 16384], [4000, 16384]]),
                ([100, 100], [[3000, 4096], [1000, 4096]], [[4000, 16384], [4000, 16384]]),
            ),
            wrong=(
                (
                    without_filter,
                    "A host without room must not win, whatever its points. Filter first; with nobody left the answer is -1.",
                ),
                (
                    lambda need, used, room: by_points(need, used, room, placing.most_allocated),
                    "That takes the fullest host. least allocated likes the one with most left.",
                ),
                (
                    lambda need, used, room: int(
                        placing.fits(need, used, room).all(axis=-1).argmax()
                    ),
                    "That is the first host with room. Among those with room, points decide.",
                ),
            ),
            hints=(
                "vl.core.placing.fits(need, used, room) says for each host and resource whether it suffices.",
                "passed = vl.core.placing.fits(need, used, room).all(axis=-1)",
                "vl.core.placing.decide([points], [1], passed)",
            ),
            solution="passed = fits(need, used, room).all(axis=-1); points = least_allocated(need, used, room); return decide([points], [1], passed)",
        ),
        Find(
            "x09.6",
            f"Host 0 has promised {mine.used_mcores} millicores and 8,192 MiB; both hosts have 4,000 and 16,384. Find what host 1 has promised, "
            "as [millicores, MiB], so that it wins if the scheduler spreads and loses if it packs.",
            accept=lambda answer: packs_and_spreads(answer, mine),
            example=lambda: [mine.used_mcores // 2, 4096],
            wrong=(
                (
                    lambda: [mine.used_mcores, 8192],
                    "Then the two hosts are equal, and the first of equals is taken.",
                ),
                (
                    lambda: [mine.used_mcores + 500, 12288],
                    "Then host 1 is the fuller one: packing likes it, spreading does not.",
                ),
            ),
            hints=(
                "Spreading likes the host with most left, packing the one with least left.",
                "Try half of what host 0 has promised.",
            ),
        ),
    ]
