"""What lesson 07 asks, what is right, and what each usual mistake is told."""

import numpy as np

import virtlearn as vl
from virtlearn.core import attack
from virtlearn.study import Choice, Code, Number, Order

HOST, WEB = vl.Host(cores=16, memory_gib=64), vl.Workload("web", cpu_cores=0.5, memory_mib=256)
CALLS = vl.evidence("SEC-04")
TRIED = vl.evidence("SEC-08")
WEAK = vl.platform("containers-in-vms").but("weak walls", container_escape=0.2, vm_escape=0.1)


def deployed(copies, on, per_vm=1):
    """Copies of the lesson's service on a platform."""
    return vl.deploy(WEB, copies, host=HOST, on=on, per_vm=per_vm)


def lost_on_one_kernel(copies, wall):
    """Copies lost on average when they share one kernel."""
    return attack.expected_copies_lost([-1, 0, *[1] * copies], [0, 1, *[wall] * copies], start=2)


def lost_on_a_path(escapes, copies):
    """Copies lost on average: from the first box down, the chance to leave it and the copies that stand in it."""
    last = len(escapes) - 1
    parent = list(range(-1, last))  # the root first, the intruder's copy last
    chance = list(reversed(escapes))
    for box in range(last):  # copies beside the path, so that each box holds as many as it should
        beside = copies[last - box] - copies[last - box - 1]
        parent += [box] * beside
        chance += [0.0] * beside
    return attack.expected_copies_lost(parent, chance, start=last)


def after_one_step(copies, lateral):
    """Copies captured on average after one step, where no wall gives way."""
    tree = [-1, *[0] * copies]
    rng = np.random.default_rng(7)
    return attack.simulate_attacks(
        tree, 0.0, 1, lateral=lateral, steps=1, trials=40_000, rng=rng
    ).item()


QUESTIONS = [
    # misconception 9, and its reverse
    Choice(
        "07.1",
        "Researchers ran 88 published exploits in a default container. 50 of them worked. What follows?",
        options={
            "A": (
                "57 % of attacks get out of a container",
                "They worked inside: each did there what it was written for. Getting out is another thing, and the same study counts it apart.",
            ),
            "B": (
                "a container is no boundary at all",
                "The default configuration stopped 38 of the 88 (SEC-08). A boundary with gaps is still a boundary.",
            ),
            "C": (
                "38 were stopped; how many got out is not said here",
                "Right. To work inside a container is not to leave it, and both numbers are about exploits, not about attackers.",
            ),
            "D": (
                "a VM would have stopped all 88",
                "Nothing of the kind was tried. Hypervisors have been escaped too: VENOM lay open for years (SEC-13).",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"Worked inside: {TRIED['succeed'].value:.0f} of {TRIED['of'].value:.0f}; stopped: {TRIED['of'].value - TRIED['succeed'].value:.0f} (SEC-08)."
        ),
    ),
    Number(
        "07.a",
        "What share of the system calls does Docker's default filter leave in reach? Give a fraction between 0 and 1.",
        answer=lambda: CALLS["allowed"].value / CALLS["total"].value,
        tolerance=0.01,
        wrong=(
            (
                lambda: CALLS["not allowed"].value / CALLS["total"].value,
                "That is the share that it takes away.",
            ),
            (
                lambda: 1.0,
                "That is a container without a filter, such as a pod that names no profile (SEC-32).",
            ),
            (
                lambda: 1 - vl.evidence("SEC-03:disabled").value / vl.evidence("SEC-03:of").value,
                "That is from an old sentence of the documentation (SEC-03). The profile itself is counted in SEC-04.",
            ),
            (
                lambda: 100 * CALLS["allowed"].value / CALLS["total"].value,
                "That is in per cent. Give a fraction.",
            ),
        ),
        hints=(
            'vl.evidence("SEC-04") has three parts: allowed, not allowed, total.',
            'vl.evidence("SEC-04:allowed").value is the first of two numbers you need.',
            "Divide what is allowed by the total.",
        ),
        solution=lambda: (
            f"{CALLS['allowed'].value:.0f} / {CALLS['total'].value:.0f} = {CALLS['allowed'].value / CALLS['total'].value:.2f} (SEC-04)."
        ),
    ),
    Choice(
        "07.2",
        "Ten containers share one kernel. Suppose each wall gives way once in ten times. An intruder controls one container and tries its wall once. How many containers do they take on average?",
        options={
            "A": (
                "1",
                "That is so when the wall holds. Once in ten times it does not, and then there are nine more.",
            ),
            "B": ("1.9", "One for sure, and the other nine once in ten times: 1 + 9 * 0.1."),
            "C": (
                "5",
                "Half is a way of saying that you do not know. Each outcome has a chance; weigh them.",
            ),
            "D": (
                "10: a shared kernel is a shared fate",
                "That is what can happen, not what happens on average. The wall holds nine times in ten.",
            ),
        },
        answer="B",
        reveal=lambda: f"The law says {lost_on_one_kernel(10, 0.1):.1f}.",
    ),
    Number(
        "07.b",
        "Twenty containers stand in four VMs, five in each. Suppose a container's wall gives way with a chance of 0.2 and a VM's with 0.1. An intruder starts in one application. How many copies do they take on average?",
        answer=lambda: deployed(20, WEAK, per_vm=5).blast_radius(),
        unit="copies",
        tolerance=0.01,
        wrong=(
            (
                lambda: lost_on_one_kernel(20, 0.2),
                "That is twenty containers on one kernel. Here five share one.",
            ),
            (
                lambda: 1 + 4 * 0.2,
                "That stops at the VM's wall. It gives way too, once in ten times.",
            ),
            (
                lambda: 1 + 4 * 0.2 + 15 * 0.1,
                "The VM's wall is tried only by an intruder who already got out of the container: multiply the chances.",
            ),
            (
                lambda: 1 + 19 * 0.2 * 0.1,
                "The first wall alone already loses four more copies. You count them only when both give way.",
            ),
        ),
        hints=(
            "One copy is lost for sure, four more behind the first wall, fifteen more behind the second.",
            "Let the model count: vl.deploy(web, 20, host=host, on=weak, per_vm=5).blast_radius()",
            "By hand: 1 + 4 * 0.2 + 15 * 0.2 * 0.1",
        ),
        solution=lambda: (
            f"1 + 4 * 0.2 + 15 * 0.2 * 0.1 = {deployed(20, WEAK, per_vm=5).blast_radius():.1f} copies, by chances that are made up."
        ),
    ),
    # misconception 9
    Choice(
        "07.3",
        "In the wave that took more than 3,800 ESXi victims (SEC-15), the files of whole fleets of VMs were encrypted. Which wall gave way?",
        options={
            "A": (
                "the wall of one VM: the attackers broke out of it",
                "Nobody had to be in a VM first. It shows shared fate, not an escape.",
            ),
            "B": (
                "none between VMs: they came in by a service of the host itself",
                "The hypervisor has a door to the network of its own. Who takes it stands below all walls at once.",
            ),
            "C": (
                "the kernel that the VMs share",
                "VMs share no guest kernel. They do share the hypervisor, and it was reached from outside.",
            ),
            "D": (
                "none: a hypervisor cannot be broken",
                "It was, for more than 3,800 victims, by a hole for which a repair had existed for two years (SEC-15).",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"In the tree: an intruder who starts in the hypervisor controls all {deployed(20, 'virtual-machines').blast_radius('hypervisor'):.0f} of 20 VMs."
        ),
    ),
    Choice(
        "07.4",
        "Twelve VMs whose walls never give way hold the same administrator's password. An intruder controls one. How many do they have in the end?",
        options={
            "A": (
                "1: the walls hold",
                "The walls hold, and nobody tries them. The intruder logs in.",
            ),
            "B": ("about 2", "That is the first step. Each captured VM opens further doors."),
            "C": (
                "12, sooner or later",
                "A wall stops an escape. It does not stop somebody with the key.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"Suppose one captured VM opens each other with a chance of 0.1 a step: after the first step {after_one_step(12, 0.1):.1f} are lost, and in the end all."
        ),
    ),
    Number(
        "07.c",
        "Twelve VMs, walls that never give way, one captured. Suppose it opens each other VM with a chance of 0.1 a step. How many are captured on average after the first step?",
        answer=lambda: after_one_step(12, 0.1),
        unit="VMs",
        tolerance=0.02,
        wrong=(
            (lambda: 1.0, "The walls hold, but a password is not stopped by a wall."),
            (lambda: 12 * 0.1, "The first one is captured already. Add what it opens."),
            (lambda: 1 + 12 * 0.1, "Nearly. It opens the others, and there are eleven."),
            (lambda: 12.0, "In the end, yes. This is after one step."),
        ),
        hints=(
            "One is captured already. How many others can it open?",
            "Each of the eleven others opens with a chance of 0.1: add those chances.",
            "1 + 11 * 0.1",
        ),
        solution=lambda: (
            f"1 + 11 * 0.1 = 2.1; played forty thousand times, it came to {after_one_step(12, 0.1):.2f}. Own credentials for each would leave 1."
        ),
    ),
    Code(
        "07.d",
        "Repair the law: the copies an intruder takes on average. From their box down to the hardware, escapes has the chance to leave each box, and copies how many copies stand in it.",
        law=lost_on_a_path,
        inputs=(
            ([0.0, 0.0], [1, 10]),
            ([0.1, 0.0], [1, 10]),
            ([1.0, 0.05, 1.0, 0.0], [1, 1, 20, 20]),
            ([0.05, 1.0, 0.005, 0.0], [1, 4, 4, 12]),
            ([0.5, 0.5, 0.5, 0.0], [1, 2, 4, 8]),
        ),
        wrong=(
            (
                lambda escapes, copies: sum(
                    p * (1 - e) * n
                    for p, e, n in zip([1.0, *escapes[:-1]], escapes, copies, strict=True)
                ),
                "To get two boxes down, both walls must give way: multiply reached by the chance, do not replace it.",
            ),
            (
                lambda escapes, copies: sum(np.prod(escapes[:i]) * n for i, n in enumerate(copies)),
                "You count the copies of every box the intruder passes. They stop in one box: only there the wall holds, with 1 - out.",
            ),
            (
                lambda escapes, copies: sum(
                    p * n for p, n in zip([1.0, *escapes[:-1]], copies, strict=True)
                ),
                "Two things are wrong: they stop where the wall holds (1 - out), and the chances along a path multiply.",
            ),
            (
                lambda escapes, copies: copies[-1],
                "That is the worst case. Weigh each outcome by its chance.",
            ),
        ),
        hints=(
            "The intruder ends in exactly one box: where the next wall holds. How likely is that?",
            "They end in this box with the chance reached * (1 - out).",
            "And they come to the next one with reached * out, so: reached = reached * out.",
        ),
        solution="lost += reached * (1 - out) * inside, and then reached *= out",
    ),
    Order(
        "07.e",
        "Order these by how many system calls of their first kernel an intruder can reach, fewest first: process, container, sentry.",
        answer=("sentry", "container", "process"),
        wrong=(
            (
                ("container", "sentry", "process"),
                "gVisor's own kernel answers fewer calls than Docker's filter lets through: 237 (SEC-05) against 293 (SEC-04).",
            ),
            (
                ("process", "container", "sentry"),
                "That is most first. A process without a filter reaches the whole table.",
            ),
        ),
        hints=("The first chart of this lesson and the first explorer have all three numbers.",),
    ),
    Choice(
        "07.q1",
        "In what order do the walls of this lesson stand, the most exposed first?",
        options={
            "A": (
                "container, VM, and the sizes are measured",
                "The order follows what they expose. No rate of escape is published, so every size here is assumed.",
            ),
            "B": (
                "container, VM, and only the order is known",
                "Right: 293 calls of a shared kernel (SEC-04) against exits and a few virtual devices. The chances are assumed.",
            ),
            "C": (
                "VM, container",
                "A VM's program does not reach the host's kernel by its calls. A container's does.",
            ),
        },
        answer="B",
    ),
    Choice(
        "07.q2",
        "The picture of the walls says 293 : 68 : 50. May you say that the last wall is about six times as strong as the first?",
        options={
            "A": (
                "yes: fewer calls, fewer holes",
                "293 is what is in reach first. 68 and 50 are what is left after another wall has fallen.",
            ),
            "B": (
                "no: they are not on one axis",
                "Right. One is in front of the wall, the others are behind it. And a count of calls is no measure of risk.",
            ),
            "C": (
                "yes, if you compare lines of code as well",
                "Lines of code are no measure of risk either: most of them are never compiled or reached.",
            ),
        },
        answer="B",
    ),
    Choice(
        "07.q3",
        "A default Kubernetes pod names no seccomp profile. What does the filter of SEC-04 do for it?",
        options={
            "A": (
                "it takes 69 calls away",
                "That is Docker's default. A pod without a profile is unconfined (SEC-32).",
            ),
            "B": (
                "nothing, unless somebody turns it on",
                "Right: the default is Unconfined unless RuntimeDefault is set (SEC-32). Figures for Docker do not carry over.",
            ),
            "C": (
                "it stops the pod from starting",
                "The pod starts, with the whole table of calls in reach.",
            ),
        },
        answer="B",
    ),
    # misconception 9
    Choice(
        "07.q4",
        '"Nobody can escape from a hypervisor." Which fact speaks against it most directly?',
        options={
            "A": (
                "ESXiArgs",
                "It shows shared fate. The attackers came in over the network, not out of a VM (SEC-15).",
            ),
            "B": (
                "CrowdStrike's update",
                "That was no attack, and it broke no wall. It shows a common cause (SEC-16).",
            ),
            "C": (
                "VENOM: a program in a VM could write into the memory of what runs the VM",
                "Yes: an old floppy controller, in QEMU, Xen and KVM (SEC-13). What runs the VM may be confined itself, but this wall was gone.",
            ),
            "D": ("none", "Two escapes from QEMU are in the evidence (SEC-13, SEC-14)."),
        },
        answer="C",
    ),
    Choice(
        "07.q5",
        "The article says that one attack can more easily destroy a whole container system. Which correction is fair?",
        options={
            "A": (
                "delete it: containers are as safe as VMs",
                "The wall is thinner: a shared kernel is in reach (SEC-04), and an escape gives the whole server (SEC-31).",
            ),
            "B": (
                "the wall is thinner, so weaker bugs suffice; how far an attack gets depends on privileges, shared credentials and what runs the whole",
                "Yes. That keeps what is right, and names what no wall stops.",
            ),
            "C": (
                "keep it: one container lost is all containers lost",
                "The default container configuration stopped 38 of 88 exploits (SEC-08), and those that worked did so inside.",
            ),
            "D": (
                "turn it round: only hypervisors lose everything at once",
                "ESXiArgs was the largest such event we found (SEC-15), but it does not make the container's wall thicker.",
            ),
        },
        answer="B",
    ),
]
