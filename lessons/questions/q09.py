"""What lesson 09 asks, what is right, and what each usual mistake is told."""

import virtlearn as vl
from virtlearn.core import placing
from virtlearn.study import Choice, Code, Number

NODE = vl.Host(cores=4, memory_gib=16)
# What Google's rule keeps of 16 GiB, in parts of its size (PLACE-05).
PARTS = (("first 4 GiB", 4096), ("next 4 GiB", 4096), ("next 8 GiB", 8192))
KEPT_MIB = sum(vl.evidence(f"PLACE-05:{part}").value / 100 * mib for part, mib in PARTS)
EVICTION_MIB = vl.evidence("PLACE-04:memory.available").value
REAL = vl.Host(cores=4, memory_gib=16, reserved_mib=KEPT_MIB, eviction_mib=EVICTION_MIB)
COPY = vl.Workload("copy", request_cores=0.1, request_mib=1024, limit_mib=4096)
NEED, PROMISED, ROOM = [500, 4096], [2500, 4096], [4000, 16384]
# The explorer's four hosts: millicores and MiB.
FOUR_ROOM = [[4000, 16384], [4000, 16384], [8000, 16384], [4000, 8192]]
FOUR_USED = [[3000, 4096], [1000, 12288], [4000, 8192], [0, 0]]


def where_shop_goes():
    """Place the three copies of the scene, and give the host of the third."""
    report = vl.Workload("report", cpu_cores=0.1, request_cores=2.5, request_mib=8192)
    web = vl.Workload("web", cpu_cores=3, request_cores=1, request_mib=2048)
    shop = vl.Workload("shop", cpu_cores=0.5, request_cores=0.5, request_mib=2048)
    return vl.place([report, web, shop], [NODE, NODE], policy="kube-scheduler")


def copies_on(host, copy):
    """Count how many copies go on one host."""
    placed = vl.place([copy] * 40, [host], policy="kube-scheduler")
    return int((placed.host_of == 0).sum())


def sums_of_four():
    """Give the points of the four hosts for a copy of 1 core and 2,048 MiB."""
    need = [1000, 2048]
    room = placing.least_allocated(need, FOUR_USED, FOUR_ROOM)
    balance = placing.balanced_allocation(need, FOUR_USED, FOUR_ROOM)
    return (room + balance).tolist()


def moves_until(load, capacity, least):
    """Count moves from the fullest host to the emptiest until the imbalance is at most this."""
    now = list(load)
    moves = 0
    # Three equal parts of 0.4 deviate by a rounding error, which no move mends.
    while placing.load_imbalance(now, capacity).item() > least + 1e-9:
        now[now.index(max(now))] -= 1
        now[now.index(min(now))] += 1
        moves += 1
    return moves


def score(need, used, room):
    """Give the points of one host by the rule least allocated."""
    return placing.least_allocated(need, [used], [room])[0].item()


def each_left(need, used, room):
    """Points of each resource, before the mean."""
    rows = zip(need, used, room, strict=True)
    return [max(has - promised - asks, 0) * 100 // has for asks, promised, has in rows]


QUESTIONS = [
    Choice(
        "09.1",
        "On host 0 runs the report: it asked for 2.5 cores and 8,192 MiB and uses 0.1 cores. On host 1 runs web: it asked for 1 core and 2,048 MiB and uses 3 cores. The hosts are equal. Where does the next copy go?",
        options={
            "A": (
                "host 0, as least is used there",
                "The scheduler never looks at use. It adds up what was asked for, and on host 0 that is 2.5 cores.",
            ),
            "B": (
                "host 1, as least was asked for there",
                "Requests count. Host 1 has promised 1 core, host 0 has promised 2.5 that nearly nobody uses.",
            ),
            "C": (
                "host 0, as it is its turn",
                "There are no turns. Equal and empty hosts look like turns, since each copy makes its host less liked.",
            ),
            "D": (
                "nowhere: web uses more than it asked for",
                "It may, as long as the CPU has time left. Use beyond a request is no reason to keep others out.",
            ),
        },
        answer="B",
        reveal=lambda: where_shop_goes().why(2),
    ),
    Choice(
        "09.2",
        "A node has 16 GiB of memory. Each pod asks for 2 GiB. CPU is plentiful. How many pods does the scheduler put there, if the node keeps what Google's rule says?",
        options={
            "A": (
                "8: 16 divided by 2",
                "Then nothing is left for the node's own programs. They keep a part, and no pod is promised it (PLACE-05).",
            ),
            "B": (
                "7: a little is kept",
                "A little more than that is kept: a quarter of the first 4 GiB, a fifth of the next 4, a tenth of the rest (PLACE-05), and 100 MiB (PLACE-04).",
            ),
            "C": (
                "6",
                "The node keeps about 2.6 GiB (PLACE-05) and 100 MiB (PLACE-04). What is left holds 6 pods and a part of a seventh.",
            ),
            "D": (
                "as many as you like, until they use it",
                "Use does not count, requests do. When they add up to what the node may give away, the next pod waits.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"The model: {REAL.allocatable['memory']:,.0f} MiB for pods, so "
            f"{copies_on(REAL, vl.Workload('pod', request_cores=0.1, request_mib=2048))} pods."
        ),
    ),
    Number(
        "09.a",
        "Copies ask for 1,024 MiB each and have a limit of 4,096 MiB. How many go on the node that keeps a part for itself?",
        answer=lambda: copies_on(REAL, COPY),
        unit="copies",
        wrong=(
            (
                lambda: REAL.allocatable["memory"] // 4096,
                "You counted limits. A limit is a ceiling and keeps no room; the scheduler adds up requests.",
            ),
            (
                lambda: NODE.memory_mib // 1024,
                "That is the whole node. It keeps a part for itself: divide what is allocatable.",
            ),
            (
                lambda: NODE.memory_mib // 4096,
                "Two things: the node keeps a part for itself, and requests count, not limits.",
            ),
            (
                lambda: REAL.allocatable["memory"] / 1024,
                "The last copy fits whole or not at all.",
            ),
        ),
        hints=(
            "Which of the two amounts does the scheduler add up?",
            "How often do 1,024 MiB go into room_mib?",
            "answer = room_mib // copy.request_mib",
        ),
        solution=lambda: (
            f"{REAL.allocatable['memory']:,.0f} // 1,024 = {copies_on(REAL, COPY)} copies. Their limits add up to far more than the node has, and nobody objects."
        ),
    ),
    Choice(
        "09.3",
        "The copy asks for 1 core and 2,048 MiB. The scheduler spreads. Which of the four hosts wins?",
        options={
            "A": (
                "host A, as it has the most memory left",
                "12 GiB are left, but the copy would take its last core. Both resources count.",
            ),
            "B": (
                "host B, as it has 3 cores left",
                "And 4 GiB of 16. Its memory is nearly given away, and both resources count.",
            ),
            "C": (
                "host C, as it is the largest host",
                "Size gives no points. The part that would be left does, and half of C is promised.",
            ),
            "D": (
                "host D, as it is empty",
                "It is the smallest in memory, and still the one with the largest part left: three quarters of each.",
            ),
        },
        answer="D",
        reveal=lambda: (
            "Points of A, B, C and D: " + ", ".join(str(points) for points in sums_of_four()) + "."
        ),
    ),
    Number(
        "09.b",
        "A host has 4,000 millicores and 16,384 MiB, of which 2,500 and 4,096 are promised. A copy asks for 500 and 4,096. How many points does least allocated give?",
        answer=lambda: score(NEED, PROMISED, ROOM),
        unit="points",
        wrong=(
            (
                lambda: score([0, 0], PROMISED, ROOM),
                "That is before the copy is there. Take off what it asks for as well.",
            ),
            (
                lambda: placing.most_allocated(NEED, [PROMISED], [ROOM])[0].item(),
                "That is how full the host would be. This rule likes what is left.",
            ),
            (
                lambda: min(each_left(NEED, PROMISED, ROOM)),
                "That is CPU alone. Memory counts as much: take the mean.",
            ),
            (
                lambda: max(each_left(NEED, PROMISED, ROOM)),
                "That is memory alone. CPU counts as much: take the mean.",
            ),
            (
                lambda: sum(each_left(NEED, PROMISED, ROOM)) / 2,
                "Points are whole numbers. What stands behind the point is cut off.",
            ),
        ),
        hints=(
            "What part of the CPU would be left with the copy there? What part of the memory?",
            "25 of 100 of the CPU, 50 of 100 of the memory. Take the mean, and cut it to a whole number.",
            "answer = vl.core.placing.least_allocated(need, [promised], [room])",
        ),
        solution=lambda: (
            f"({' + '.join(str(x) for x in each_left(NEED, PROMISED, ROOM))}) // 2 = {score(NEED, PROMISED, ROOM)} points."
        ),
    ),
    Choice(
        "09.4",
        "Host 0 runs 8 pods, host 1 runs 4, host 2 has come back from repair and runs none. Nobody starts or stops anything. What does Kubernetes do in the next hour?",
        options={
            "A": (
                "it moves pods until the hosts are even",
                "kube-scheduler decides once for each pod, when it is new. An uneven cluster stays uneven.",
            ),
            "B": (
                "nothing",
                "Nobody new is waiting for a host, so nobody is asked where anything should run.",
            ),
            "C": (
                "it moves running pods with their memory, as VMs are moved",
                "That is what a balancer of VMs does. A pod that leaves its host ends, and a new one starts elsewhere.",
            ),
            "D": (
                "it ends the pods that use most",
                "Pods are ended when a node's memory runs short, and not because another node is empty.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"The imbalance stays at {placing.load_imbalance([8, 4, 0], 8):.3f}. VMs would be even after {moves_until([8, 4, 0], 8, 0)} moves."
        ),
    ),
    Number(
        "09.c",
        "Twelve equal VMs stand as 9, 3 and 0 on hosts of 10 cores. How many are moved, each from the fullest host to the emptiest, until the imbalance is 0.1 or less?",
        answer=lambda: moves_until([9, 3, 0], 10, 0.1),
        unit="moves",
        wrong=(
            (
                lambda: moves_until([9, 3, 0], 10, 0),
                "Then all hosts are equal. The balancer stops before: at 0.1.",
            ),
            (
                lambda: moves_until([9, 3, 0], 10, 0.15),
                "There the imbalance is still above 0.1. One look at the number more.",
            ),
            (lambda: 0, "Pods would stay. These are VMs, and a balancer moves them."),
        ),
        hints=(
            "Take the cell above, with load = [9, 3, 0] and 10 in place of 8.",
            "Which is the first line with an imbalance of 0.1 or less?",
        ),
        solution=lambda: (
            f"After {moves_until([9, 3, 0], 10, 0.1)} moves the hosts hold 5, 4 and 3, and the imbalance is {placing.load_imbalance([5, 4, 3], 10):.3f}."
        ),
    ),
    Code(
        "09.d",
        "Repair the rule least allocated: the points of one host from what the copy asks for, what is promised and what there is.",
        law=score,
        inputs=(
            ([500, 4096], [2500, 4096], [4000, 16384]),
            ([1000, 2048], [3000, 4096], [4000, 16384]),
            ([1000, 2048], [0, 0], [4000, 8192]),
            ([250, 512], [1000, 1024], [3000, 7000]),
            ([100, 9000], [100, 100], [8000, 10000]),
        ),
        wrong=(
            (
                lambda need, used, room: sum(each_left([0, 0], used, room)) // 2,
                "The mean is right. But the copy itself takes room too: subtract what it asks for.",
            ),
            (
                lambda need, used, room: max(each_left(need, used, room)),
                "The copy is counted now. But you take the better resource alone: take the mean.",
            ),
            (
                lambda need, used, room: sum(each_left(need, used, room)),
                "That is the sum. Two resources count alike, so take half of it.",
            ),
            (
                lambda need, used, room: 100 - sum(each_left(need, used, room)) // 2,
                "That likes full hosts. This rule likes what is left.",
            ),
        ),
        hints=(
            "What is left when the copy is there too?",
            "left = room[i] - used[i] - need[i]",
            "Add up the points of both resources, and give the sum // 2.",
        ),
        solution="left = room[i] - used[i] - need[i]; points += left * 100 // room[i]; and at the end return points // 2",
    ),
    Choice(
        "09.q1",
        "A dashboard shows a node at 5 % CPU, and new pods still wait for a place. What is the likely reason?",
        options={
            "A": (
                "the scheduler has not noticed how idle it is",
                "It never looks. Use is nothing that it knows of.",
            ),
            "B": (
                "the pods there asked for nearly all of it",
                "Right. What they asked for is kept, used or not.",
            ),
            "C": (
                "their limits add up to more than the node has",
                "They may. A limit keeps no room.",
            ),
        },
        answer="B",
    ),
    Choice(
        "09.q2",
        "A pod states a memory limit of 8 GiB and a request of 1 GiB. How much of the node is kept for it?",
        options={
            "A": ("8 GiB", "A limit is the most that it may use. Nothing is kept for that."),
            "B": ("1 GiB", "Right: the request. Beyond it the pod takes what happens to be free."),
            "C": (
                "whatever it uses at the moment",
                "Use changes nothing. Its request is kept even while it sleeps.",
            ),
        },
        answer="B",
    ),
    Choice(
        "09.q3",
        "Why can a node of 16 GiB not be given pods that ask for 16 GiB together?",
        options={
            "A": (
                "it can: 16 GiB are 16 GiB",
                "Its own programs need memory as well, and a part is kept for them.",
            ),
            "B": (
                "containers need twice what they ask for",
                "There is no such rule. What a pod asks for is what is counted.",
            ),
            "C": (
                "the node keeps a part, and a threshold below which it ends pods",
                "Right (PLACE-05, PLACE-04). What is left is called allocatable.",
            ),
        },
        answer="C",
    ),
    Choice(
        "09.q4",
        "You add a third, empty node to a cluster whose two nodes are full of pods. Which pods go there?",
        options={
            "A": (
                "a third of those that run",
                "A running pod is never placed again. The new node waits for new pods.",
            ),
            "B": ("those that are started from now on", "Right, and those that wait for a place."),
            "C": (
                "those that use most",
                "The scheduler knows nothing of use, and moves nothing that runs.",
            ),
        },
        answer="B",
    ),
    Choice(
        "09.q5",
        "A pod is evicted because its node runs out of memory, and appears on another node. What has happened to the sums it was keeping in its memory?",
        options={
            "A": (
                "they moved along",
                "What appears elsewhere is a new pod. Only a VM is moved with its memory.",
            ),
            "B": ("they are lost", "Right. What must survive belongs outside the pod."),
            "C": (
                "they stay on the old node until it comes back",
                "The process has ended, and its memory with it.",
            ),
        },
        answer="B",
    ),
]
