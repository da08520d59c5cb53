"""What lesson 06 asks, what is right, and what each usual mistake is told."""

import virtlearn as vl
from virtlearn.core import failure
from virtlearn.study import Choice, Code, Number

HOST, WEB = vl.Host(cores=16, memory_gib=64), vl.Workload("web", cpu_cores=0.5, memory_mib=256)
ONE_SERVER = vl.evidence("SEC-18").to("1").value
HARDWARE, KERNEL = failure.availability(8000, 8), failure.availability(4000, 0.1)


def minutes(up):
    """Minutes dark in a month of something that is up for this share of it."""
    return failure.downtime_min_per_month(up).item()


def dark(u, copies, beta):
    """Share of time that all copies are dark: each is for u of it, and beta of that is a cause that they share."""
    alone, common = vl.core.failure.beta_factor([1 - u] * copies, beta)
    star = [-1, *[0] * copies]
    return failure.copies_up_pmf(star, [1, *alone], common_cause=common)[0].item()


def dark_minutes(up, copies, beta=0.0):
    """Minutes a month that all copies are dark."""
    return minutes(1 - dark(1 - up, copies, beta))


def left_by_the_worst(hosts, policy, copies=3):
    """How many copies are left when the host that holds most of them dies."""
    host_of = vl.place([WEB] * copies, hosts, policy=policy).host_of.tolist()
    return copies - max(host_of.count(i) for i in host_of)


BIG = [vl.Host(cores=16, memory_gib=256), HOST, HOST]


QUESTIONS = [
    # misconception 8
    Choice(
        "06.1",
        "Host 1 runs 20 VMs, all clones of one image. Host 2 runs 20 containers. The power supplies of both hosts fail. How many copies still run?",
        options={
            "A": (
                "20 VMs and no container",
                "Cloning copies files. A clone that stands on the same hardware has the same power supply.",
            ),
            "B": (
                "none and none",
                "All that stands on a box falls with it, and everything here stands on hardware.",
            ),
            "C": (
                "20 VMs, moved live to another host",
                "A live migration copies memory out of a host that still runs; a measured one took 71 s (MIG-02). This host is off.",
            ),
            "D": (
                "20 containers, restarted elsewhere at once",
                "A cluster may restart them, but not at once: it waits 40 s and then 300 s before it does (SEC-21, SEC-20).",
            ),
        },
        answer="B",
        reveal=lambda: " ".join(
            f"The model: the hardware takes {len(d.dies_with('host'))} of {d.copies} {d.title}."
            for d in (
                vl.deploy(WEB, 20, host=HOST, on=on) for on in ("virtual-machines", "containers")
            )
        ),
    ),
    Number(
        "06.a",
        "One container stands on a host's kernel, and the kernel on hardware. How many minutes a month is the container dark?",
        answer=lambda: minutes(HARDWARE * KERNEL),
        unit="minutes a month",
        tolerance=0.005,
        wrong=(
            (
                lambda: minutes(HARDWARE),
                "That is the hardware alone. The container also needs the kernel.",
            ),
            (lambda: minutes(KERNEL), "That is the kernel alone. The kernel stands on hardware."),
            (
                lambda: minutes(1 - (1 - HARDWARE) * (1 - KERNEL)),
                "You asked that both fail at the same moment. One of the two is enough to stop the container.",
            ),
            (
                lambda: minutes(HARDWARE * KERNEL) / 60,
                "That is in hours. downtime_min_per_month already gives minutes.",
            ),
        ),
        hints=(
            "Which boxes must be up for the container to be up?",
            "Both of them: multiply the two shares of time.",
            "answer = vl.core.failure.downtime_min_per_month(hardware * kernel)",
        ),
        solution=lambda: (
            f"downtime_min_per_month(hardware * kernel) = {minutes(HARDWARE * KERNEL):.1f} minutes a month; "
            f"{minutes(HARDWARE):.1f} of them are the hardware's."
        ),
    ),
    # misconception 7
    Choice(
        "06.2",
        "A server is up 99.5 % of the time: 3.65 hours dark a month (SEC-18). You run a copy on each of two such servers; one is enough. They fail independently. How long is the service dark?",
        options={
            "A": (
                "7.3 hours a month",
                "That multiplies 99.5 % by 99.5 %, the rule for two boxes that must both be up. A published blog prints it (SEC-18). Here one is enough.",
            ),
            "B": (
                "3.65 hours a month",
                "Then the second server would bring nothing. While the first is dark, the second is nearly always up.",
            ),
            "C": (
                "about 1.8 hours a month",
                "Two servers do not halve the time. The service is dark only while both are, and that is rare.",
            ),
            "D": (
                "about 1 minute a month",
                "Both must be dark at once. In the 3.65 hours that one is dark (SEC-18), the other is dark too 1 time in 200.",
            ),
        },
        answer="D",
        reveal=lambda: f"The law says {dark_minutes(ONE_SERVER, 2):.1f} minutes.",
    ),
    Choice(
        "06.3",
        "The same two servers, but 1 in 100 failures has a cause that hits both at once, such as a bad update. The 1.1 minutes become …",
        options={
            "A": (
                "1.1 minutes: 1 % more",
                "1 % of the failures is not 1 % more dark time. A shared failure is dark by itself; the others need a second one at the same moment.",
            ),
            "B": (
                "2.2 minutes",
                "That is the shared cause alone. What the two servers do by themselves comes on top.",
            ),
            "C": (
                "3.3 minutes",
                "Two thirds of it is the shared cause: 1 in 100 of the 3.65 hours (SEC-18), and no copy shortens that.",
            ),
            "D": (
                "3.65 hours",
                "Copies are not useless: 99 failures in 100 hit one server alone, and there the second one helps.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"The law says {dark_minutes(ONE_SERVER, 2, 0.01):.2f} minutes; "
            f"a third server still leaves {dark_minutes(ONE_SERVER, 3, 0.01):.1f}."
        ),
    ),
    Number(
        "06.b",
        "Two servers are each up 99.9 % of the time; one is enough. 2 failures in 100 hit both. How many minutes a month is the service dark?",
        answer=lambda: dark_minutes(0.999, 2, 0.02),
        unit="minutes a month",
        tolerance=0.01,
        wrong=(
            (lambda: dark_minutes(0.999, 2), "That is two servers without a shared cause."),
            (
                lambda: 1.02 * dark_minutes(0.999, 2),
                "2 in 100 failures are not 2 % more dark time: each shared failure is dark by itself.",
            ),
            (
                lambda: dark_minutes(0.999, 1),
                "That is one server. The second helps in 98 failures of 100.",
            ),
            (
                lambda: minutes(0.999**2),
                "That is the rule for two boxes that must both be up. Here one is enough.",
            ),
            (
                lambda: dark_minutes(0.999, 1) * 0.02,
                "That is the shared part. Add the time when both fail by themselves at once.",
            ),
        ),
        hints=(
            "Add two parts: the failures that both share, and both failing by themselves at once.",
            "With u = 0.001 and beta = 0.02: the shared part is beta * u, the other is ((1 - beta) * u) ** 2.",
            "Multiply the sum by the minutes of a month, 730 * 60.",
        ),
        solution=lambda: (
            f"(0.02 * 0.001 + (0.98 * 0.001) ** 2) * 730 * 60 = {dark_minutes(0.999, 2, 0.02):.2f} minutes a month."
        ),
    ),
    Choice(
        "06.4",
        "A service has three replicas; one is enough. The scheduler fills the first of three empty hosts before it takes the second. A host is up 99.5 % of the time. How much of the time is the service up?",
        options={
            "A": (
                "99.99999 %, as it has three replicas",
                "That needs three hosts that fail by themselves. Where did the scheduler put the replicas?",
            ),
            "B": (
                "99.5 %",
                "All three are on the first host, so they share its fate. Two of them add nothing.",
            ),
            "C": ("98.5 %", "That is the rule for three hosts that must all be up."),
            "D": (
                "66.7 %, as two of three hosts are empty",
                "An empty host is no harm. What counts is that the replicas share one.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"Filling the first host puts them on hosts {vl.place([WEB] * 3, [HOST] * 3, policy='first-fit').host_of.tolist()}."
        ),
    ),
    Number(
        "06.c",
        "The first host has 256 GiB, the other two have 64. worst-fit places three replicas of 256 MiB. Then the host that holds most of them dies. How many replicas are left?",
        answer=lambda: left_by_the_worst(BIG, "worst-fit"),
        unit="replicas",
        wrong=(
            (
                lambda: left_by_the_worst([HOST] * 3, "worst-fit"),
                "That is so with three equal hosts. worst-fit looks for the most room, and one host has four times as much.",
            ),
            (
                lambda: 1,
                'Look where they went: vl.place([web] * 3, [big, small, small], policy="worst-fit").host_of',
            ),
            (lambda: 3, "Something dies: a host that holds at least one replica."),
        ),
        hints=(
            "worst-fit takes the host with the most room left. It does not know what a replica is.",
            "big, small = vl.Host(cores=16, memory_gib=256), vl.Host(cores=16, memory_gib=64)",
            'Look at vl.place([web] * 3, [big, small, small], policy="worst-fit").host_of, and take the fullest host away.',
        ),
        solution="All three go to the large host, as it has the most room left each time. Nothing is left when it dies.",
    ),
    Code(
        "06.d",
        "Repair the law: the share of time that n copies are all dark, when each is dark for a share u of the time, and beta of its failures hit all.",
        law=dark,
        inputs=(
            (0.005, 2, 0.0),
            (0.005, 2, 0.01),
            (0.005, 3, 0.01),
            (0.02, 1, 0.1),
            (0.05, 2, 0.2),
            (0.01, 2, 1.0),
        ),
        tolerance=2e-3,
        wrong=(
            (
                lambda u, n, beta: beta * u + (1 - (1 - (1 - beta) * u) ** n),
                "The shared part is right. But 1 - (1 - u) ** n is dark when any copy is; all must be: u ** n.",
            ),
            (
                lambda u, n, beta: beta + ((1 - beta) * u) ** n,
                "beta is a share of the failures, not of the time. Of the time it is beta * u.",
            ),
            (
                lambda u, n, beta: beta * u + u**n,
                "You count the shared failures twice. By itself, a copy is dark for (1 - beta) * u.",
            ),
            (lambda u, n, beta: u**n, "That leaves out what the copies share: beta * u."),
        ),
        hints=(
            "Look at beta = 0 first. When are all n copies dark, if each fails by itself?",
            "All at once: ((1 - beta) * u) ** n.",
            "And the shared part of the time is beta * u.",
        ),
        solution="return beta * u + ((1 - beta) * u) ** n",
    ),
    # misconception 8
    Choice(
        "06.q1",
        "Twenty VMs are clones of one image, each on a host of its own. What can stop all twenty on one day?",
        options={
            "A": (
                "nothing: clones are independent",
                "They are equal, and what is equal has equal faults.",
            ),
            "B": (
                "one host's power supply",
                "That takes the one clone that stands there. You have spread them well.",
            ),
            "C": (
                "an update that all of them take",
                "Yes: 8.5 million separate Windows systems stopped on one update (SEC-16). A kernel of its own is not a fate of its own.",
            ),
            "D": ("a panic in one guest's kernel", "That stops one VM, as its kernel is its own."),
        },
        answer="C",
    ),
    Choice(
        "06.q2",
        "A provider promises 99.99 % a month for VMs and the same for containers (SEC-17). What does that prove about shared kernels?",
        options={
            "A": (
                "containers fail as rarely as VMs",
                "A promise is not a measurement: it says when you get money back.",
            ),
            "B": (
                "nothing: it says when money is paid back",
                "Right. And some of these containers stand each in a VM of its own (ARCH-02).",
            ),
            "C": (
                "at most 4.38 minutes a month are dark",
                "The provider may be dark for longer, and then it pays. The figure is 99.99 % of a month in minutes (SEC-17).",
            ),
        },
        answer="B",
    ),
    Choice(
        "06.q3",
        "A host's power supply has failed. What does live migration do for its VMs?",
        options={
            "A": (
                "it moves them in 210 ms",
                "That is how long a VM stood still in one measured move (MIG-02), between two hosts that were both on.",
            ),
            "B": (
                "nothing: it needs a host that runs",
                "Right. It helps before planned work. After a crash VMs are started again elsewhere, as containers are.",
            ),
            "C": (
                "it moves them within about a minute",
                "The whole move took 71 s (MIG-02), and for all of it the old host had to send memory.",
            ),
        },
        answer="B",
    ),
    Choice(
        "06.q4",
        "The runtime that started twenty containers crashes. What happens to the twenty?",
        options={
            "A": (
                "they stop: it is their hypervisor",
                "A hypervisor stays under its VMs. A runtime steps aside.",
            ),
            "B": (
                "they go on; new starts must wait",
                "Right under most runtimes. A stopped Docker daemon takes its containers along, unless live restore is on.",
            ),
            "C": (
                "the host's kernel panics",
                "The runtime is one process among others. Kernels outlive processes.",
            ),
        },
        answer="B",
    ),
    Choice(
        "06.q5",
        '"Kubernetes restarts pods on another node, so containers are more available than VMs." What is wrong with that?',
        options={
            "A": ("nothing", "Clusters of VMs restart their VMs on another host too."),
            "B": (
                "pods are never restarted",
                "They are, by default after 40 s and then 300 s (SEC-21, SEC-20).",
            ),
            "C": (
                "clusters restart VMs too; what saves the wait is a second replica",
                "Right. A replica that already runs elsewhere needs no restart, be it a container or a VM.",
            ),
        },
        answer="C",
    ),
]
