"""What exercise 07 asks, with each student's own numbers."""

import math

import virtlearn as vl
from virtlearn.core import attack
from virtlearn.study import Code, Find, Number, Order

DRAW = {
    "machines": range(4, 10),
    "per_vm": range(3, 8),
    "container_percent": range(4, 16),
    "vm_permille": range(2, 12),
    "lateral": (0.04, 0.05, 0.06, 0.08, 0.12, 0.15),
}
POINTS = {"1": 2, "2": 3, "3": 2, "4": 3, "5": 3, "6": 3}
PLATFORMS = ("processes", "containers", "virtual-machines", "vm-isolated-containers")


def lost(copies, wall):
    """Copies lost on average when so many stand behind one wall each, on the same carrier."""
    return attack.expected_copies_lost([-1, *[0] * copies], [0, *[wall] * copies], start=1)


def radius(on, copies=20):
    """Copies lost on average on a platform, with the chances that the library assumes."""
    host, web = vl.Host(cores=32, memory_gib=128), vl.Workload("web", cpu_cores=0.5, memory_mib=256)
    return vl.deploy(web, copies, host=host, on=on).blast_radius()


def ends(escapes):
    """Chance that an intruder ends in each box of a path, from theirs down; the last is the root."""
    boxes = len(escapes)
    pmf = attack.reach_pmf(range(-1, boxes - 1), list(reversed(escapes)), start=boxes - 1)
    return pmf[::-1].tolist()


def after_one_step(copies, wall, lateral):
    """Copies lost on average: the first wall is tried, and if it holds, the credentials are."""
    return wall * copies + (1 - wall) * (1 + (copies - 1) * lateral)


def opposite(answer, copies):
    """Say what keeps four chances from being the opposite headline."""
    if not isinstance(answer, list) or len(answer) != 4:
        return "Give four chances: [container_wall, container_lateral, vm_wall, vm_lateral]."
    if not all(0 <= x <= 1 for x in answer):
        return "Each of the four is a chance, from 0 to 1."
    container_wall, container_lateral, vm_wall, vm_lateral = answer
    if container_wall <= vm_wall:
        return "Keep the order of the walls: the container's exposes more, so its chance must be the larger one."
    boxes, machines = (
        after_one_step(copies, container_wall, container_lateral),
        after_one_step(copies, vm_wall, vm_lateral),
    )
    if boxes >= machines:
        return f"With these, containers lose {boxes:.2f} and VMs {machines:.2f} of {copies}. What does no wall stop?"
    return ""


def questions(mine):
    """Ask with one student's numbers."""
    copies = mine.machines * mine.per_vm
    p, q = mine.container_percent / 100, mine.vm_permille / 1000
    tree = vl.platform("containers-in-vms").but("yours", container_escape=p, vm_escape=q)
    host, web = vl.Host(cores=64, memory_gib=256), vl.Workload("web", cpu_cores=0.5, memory_mib=256)
    both = vl.deploy(web, copies, host=host, on=tree, per_vm=mine.per_vm)
    order = tuple(sorted(PLATFORMS, key=radius))

    return [
        Number(
            "x07.1",
            f"All {copies} containers share one kernel. How many copies does an intruder in one of them take on average?",
            answer=lambda: lost(copies, p),
            unit="copies",
            tolerance=1e-3,
            wrong=(
                (
                    lambda: copies * p,
                    "The copy that they start in is lost for sure, whatever its wall does.",
                ),
                (
                    lambda: 1 + copies * p,
                    f"Nearly. The others are {copies - 1}, one fewer than all.",
                ),
                (lambda: 1.0, "That is so while the wall holds. Now and then it does not."),
                (
                    lambda: float(copies),
                    "That is what can happen, not what happens on average. Weigh it by its chance.",
                ),
            ),
            hints=(
                "One for sure. How many others, and how often?",
                "1 + (copies - 1) * wall, or vl.core.attack.expected_copies_lost.",
            ),
        ),
        Number(
            "x07.2",
            f"The same containers, {mine.per_vm} in each of {mine.machines} VMs. The intruder begins with the stolen password of one guest's root: "
            "they control that operating system. How many copies do they take on average?",
            answer=lambda: both.blast_radius("operating-system"),
            unit="copies",
            tolerance=1e-3,
            wrong=(
                (
                    lambda: both.blast_radius("workload"),
                    "That is from inside a container. Root of the guest stands below all containers of that VM.",
                ),
                (
                    lambda: mine.per_vm + (copies - mine.per_vm) * p,
                    "The container's wall is behind them already. What still stands before the others is the VM's.",
                ),
                (
                    lambda: float(mine.per_vm),
                    "All of that VM, yes. Add the others, as often as the VM's wall gives way.",
                ),
                (
                    lambda: float(copies),
                    "The VM's wall still stands between this guest and the others.",
                ),
            ),
            hints=(
                "Who controls a kernel controls everything on it: how many copies is that?",
                "The other VMs are lost when the VM's wall gives way.",
                "per_vm + (all - per_vm) * the chance of the VM's wall.",
            ),
        ),
        Order(
            "x07.3",
            f"Order these by the copies an intruder in one application takes on average, fewest first: {', '.join(PLATFORMS)}.",
            answer=order,
            wrong=(
                (tuple(reversed(order)), "That is most first."),
                (
                    (order[1], order[0], *order[2:]),
                    "A container with a VM of its own has two walls, one after the other. Chances along a path multiply.",
                ),
                (
                    ("containers", "processes", *order[:2]),
                    "Containers are not the strongest wall here: one kernel is in reach of all of them.",
                ),
            ),
            hints=(
                'vl.deploy(web, 20, host=host, on="containers").blast_radius() is one of the four numbers.',
                "Hand over the four names in one text, with spaces between them.",
            ),
        ),
        Code(
            "x07.4",
            "Write ends: the chance that an intruder ends in each box of a path.",
            law=ends,
            inputs=(
                ([p, 1.0, q, 0.0],),
                ([1.0, p, 1.0, 1.0, 0.0],),
                ([0.0, 0.5, 0.0],),
                ([0.5, 0.5, 0.5, 0.0],),
                ([0.0],),
            ),
            wrong=(
                (
                    lambda escapes: [math.prod(escapes[:i]) for i in range(len(escapes))],
                    "That is the chance to come at least so far. They end there only if the next wall holds: times 1 - escape.",
                ),
                (
                    lambda escapes: [1 - out for out in escapes],
                    "That is the chance that a wall holds. To stand before it, they must have come through all the earlier ones.",
                ),
                (
                    lambda escapes: [
                        (1 - out) * (escapes[i - 1] if i else 1.0) for i, out in enumerate(escapes)
                    ],
                    "You look one wall back only. Multiply all that they came through.",
                ),
                (
                    lambda escapes: ends(escapes)[::-1],
                    "The right numbers, from the wrong end: begin with the intruder's own box.",
                ),
            ),
            hints=(
                "Keep a number reached: the chance that they stand in this box at some time. It begins with 1.",
                "They end in a box with reached * (1 - out).",
                "And they come to the next one with reached * out.",
            ),
            solution="ended, reached = [], 1.0, and for each out: append reached * (1 - out), then reached *= out",
        ),
        Code(
            "x07.5",
            "Write after_one_step: the copies lost on average when the first wall is tried and then, if it held, the credentials are.",
            law=after_one_step,
            inputs=(
                (copies, p, 0.0),
                (copies, p, mine.lateral),
                (12, 0.0, 0.1),
                (12, 1.0, 0.1),
                (1, 0.3, 0.3),
                (40, 0.25, 1.0),
            ),
            wrong=(
                (
                    lambda copies, wall, lateral: 1 + (copies - 1) * wall + (copies - 1) * lateral,
                    "Where the wall gave way all are lost already: the credentials count only where it held, with 1 - wall.",
                ),
                (
                    lambda copies, wall, lateral: 1 + (copies - 1) * wall,
                    "That is the wall alone. Where it holds, each other copy still opens with the chance lateral.",
                ),
                (
                    lambda copies, wall, lateral: 1 + (copies - 1) * wall * lateral,
                    "One of the two ways is enough to lose a copy. Multiplied, both would be needed.",
                ),
                (
                    lambda copies, wall, lateral: (
                        wall * copies + (1 - wall) * (1 + copies * lateral)
                    ),
                    "The first copy is lost already: the credentials open the others, one fewer than all.",
                ),
            ),
            hints=(
                "Two cases: the wall gives way, or it holds. How many are lost in each?",
                "It gives way: all of them. It holds: 1 and, of the others, each with the chance lateral.",
                "wall * copies + (1 - wall) * (1 + (copies - 1) * lateral)",
            ),
            solution="return wall * copies + (1 - wall) * (1 + (copies - 1) * lateral)",
        ),
        Find(
            "x07.6",
            f"Find four chances, [container_wall, container_lateral, vm_wall, vm_lateral], with which {copies} containers lose less than {copies} VMs "
            "after one step, although the container's wall is the weaker one.",
            accept=lambda answer: opposite(answer, copies),
            example=lambda: [p, 0.0, q, 0.5],
            wrong=(
                (
                    lambda: [p, mine.lateral, q, mine.lateral],
                    "With the same credentials in both, the thinner wall decides. Which of the two may differ?",
                ),
                (
                    lambda: [q, 0.0, p, 0.0],
                    "That turns the walls round, and the evidence on what they expose speaks against it. Leave them, and change something else.",
                ),
                (
                    lambda: [p, mine.lateral, q, 0.0],
                    "You gave the shared key to the containers: the usual headline, only stronger.",
                ),
            ),
            hints=(
                "What does no wall stop?",
                "Give each container credentials of its own, and let the VMs share theirs.",
                "Container_lateral 0, and vm_lateral larger than container_wall.",
            ),
        ),
    ]
