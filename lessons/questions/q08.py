"""What lesson 08 asks, what is right, and what each usual mistake is told."""

import virtlearn as vl
from virtlearn.study import Choice, Code, Number, Order

EVENTS = {
    "CP-67": "HIST-02",
    "chroot": "HIST-05",
    "jails": "HIST-07",
    "KVM": "HIST-12",
    "Docker": "HIST-16",
    "Firecracker": "HIST-20",
}
LOST, START_S, KEPT = 1.1, 0.5, 0.5


def year(name):
    """The year in which something came."""
    return int(vl.evidence(EVENTS[name]).value)


def tried():
    """Fifty copies of somebody else's code, on every platform."""
    app, host = (
        vl.Workload("code of strangers", cpu_cores=0.1, memory_mib=128),
        vl.Host(cores=16, memory_gib=64),
    )
    return [vl.deploy(app, 50, host=host, on=on) for on in vl.platforms()]


def free_of(on, copies=200, mb=100):
    """Memory that many small services leave free on a host of 64 GiB [GiB]."""
    app = vl.Workload("service", cpu_cores=0.1, memory_mib=vl.units.convert(mb, "MB", "MiB"))
    return 64 - vl.deploy(app, copies, host=vl.Host(16, 64), on=on).memory_mib / 1024


QUESTIONS = [
    Choice(
        "08.1",
        "KVM, Docker, FreeBSD jails, Firecracker: which of them came first?",
        options={
            "A": (
                "KVM: virtual machines are the old idea",
                "The idea is old, but KVM itself came with Linux 2.6.20 in 2007 (HIST-12).",
            ),
            "B": (
                "jails",
                "Walls inside one kernel were in use years before Linux had a hypervisor of its own (HIST-07).",
            ),
            "C": (
                "Docker: it invented containers",
                "Docker made them popular. It packed walls that kernels had had for years (HIST-16).",
            ),
            "D": (
                "Firecracker: it is the smallest, so it was there first",
                "Small is not early. It left things out that others had built (HIST-20).",
            ),
        },
        answer="B",
        reveal=lambda: (
            "In years: "
            + ", ".join(f"{n} {year(n)}" for n in ("jails", "KVM", "Docker", "Firecracker"))
            + "."
        ),
    ),
    Order(
        "08.a",
        "Put these in order, oldest first: Docker, KVM, jails, chroot, CP-67, Firecracker.",
        answer=tuple(sorted(EVENTS, key=year)),
        wrong=(
            (
                ("CP-67", "KVM", "chroot", "jails", "Docker", "Firecracker"),
                "You put all machines before all walls in one kernel. Look for KVM on the line: it is younger than jails.",
            ),
            (
                tuple(sorted(EVENTS, key=year, reverse=True)),
                "You began with the newest. Oldest first: turn it round.",
            ),
            (
                ("CP-67", "chroot", "jails", "KVM", "Firecracker", "Docker"),
                "Nearly. Firecracker is the newest of all: a microVM is not an ancestor of the container.",
            ),
        ),
        hints=(
            "The table under the line is sorted by year.",
            "A mainframe comes first and a microVM comes last.",
            "Before KVM came chroot and jails.",
        ),
    ),
    Choice(
        "08.2",
        "A shop puts 200 small services on one server of 64 GiB. A start may take a minute, and nobody else's code runs there. Which platform leaves most memory free?",
        options={
            "A": (
                "containers",
                "They come close. But each of them still pays for a wall that something else leaves out.",
            ),
            "B": (
                "processes, without any wall",
                "Yes: a wall always costs something. If nothing asks for one, the cheapest platform has none.",
            ),
            "C": (
                "microVMs",
                "They are small for virtual machines, and each still brings a kernel.",
            ),
            "D": ("virtual machines", "With a stock guest for each service they do not even fit."),
        },
        answer="B",
        reveal=lambda: (
            "Free of 64 GiB: "
            + ", ".join(f"{on} {free_of(on):.1f}" for on in ("processes", "containers", "microvms"))
            + "."
        ),
        hints=("What does a platform with no wall pay for walls?",),
    ),
    Number(
        "08.b",
        "How many of the platforms lose at most 1.1 copies and start one more in half a second at most?",
        answer=lambda: sum(d.blast_radius() <= LOST and d.start_s <= START_S for d in tried()),
        unit="platforms",
        tolerance=0.001,
        wrong=(
            (
                lambda: sum(d.blast_radius() <= LOST for d in tried()),
                "That many lose few enough copies. Some of them take too long to start: both limits must hold.",
            ),
            (
                lambda: sum(d.start_s <= START_S for d in tried()),
                "That many start fast enough. Some of them have walls that are too thin: both limits must hold.",
            ),
            (
                lambda: len(vl.platforms()),
                "That is all of them. Go down the list and strike out each one that breaks a limit.",
            ),
        ),
        hints=(
            "Go down the printed list. Strike out every line with more than 1.1 copies lost.",
            "Then strike out every line with more than 0.5 s. Count what is left.",
            "sum(d.blast_radius() <= 1.1 and d.start_s <= 0.5 for d in …) counts them for you.",
        ),
        solution=lambda: (
            "What is left: "
            + ", ".join(
                d.title for d in tried() if d.blast_radius() <= LOST and d.start_s <= START_S
            )
            + "."
        ),
    ),
    Choice(
        "08.3",
        "Which of these is a reason against plain containers?",
        options={
            "A": (
                "the application needs a newer library than the server has",
                "The image brings its own libraries. That is what containers are good at.",
            ),
            "B": (
                "the application loads a module into the kernel",
                "There is one kernel for all of them, and it is the host's. Whoever changes it changes it for everybody.",
            ),
            "C": (
                "there are a hundred small copies",
                "Many small copies are where containers save most.",
            ),
            "D": (
                "one more copy must start in a second",
                "They do: the model gives about a fifth of a second, most of it for the engine around the container.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"In the model, eight containers stand on {vl.deploy(vl.Workload('web'), 8, host=vl.Host(16, 64), on='containers').kernels} kernel."
        ),
    ),
    Code(
        "08.c",
        "Write passes(start_s, lost, kept): true where a start takes at most 0.5 s, at most 1.1 copies are lost, and at least half of the random reads is kept.",
        law=lambda start_s, lost, kept: start_s <= START_S and lost <= LOST and kept >= KEPT,
        inputs=(
            (0.2, 1.0, 0.9),
            (0.9, 1.0, 0.9),
            (0.2, 3.4, 0.9),
            (0.2, 1.0, 0.06),
            (0.5, 1.1, 0.5),
            (10.4, 50, 0.1),
        ),
        wrong=(
            (
                lambda start_s, lost, kept: start_s <= START_S,
                "That is the rule as it stood. The two other limits are missing: join them with and.",
            ),
            (
                lambda start_s, lost, kept: start_s <= START_S or lost <= LOST or kept >= KEPT,
                "With or, one limit that holds is enough. All three must hold: use and.",
            ),
            (
                lambda start_s, lost, kept: start_s <= START_S and lost <= LOST and kept <= KEPT,
                "The last limit points the other way: of the reads, at least half must be kept.",
            ),
            (
                lambda start_s, lost, kept: start_s < START_S and lost < LOST and kept > KEPT,
                "At most and at least include the limit itself: use <= and >=.",
            ),
        ),
        hints=(
            "Three limits, all of them needed: … and … and …",
            "lost <= 1.1 is the second one. Which way does the third point?",
            "return start_s <= 0.5 and lost <= 1.1 and kept >= 0.5",
        ),
        solution="return start_s <= 0.5 and lost <= 1.1 and kept >= 0.5",
    ),
    Choice(
        "08.q1",
        "Which sentence about history is true?",
        options={
            "A": (
                "First came virtual machines, then containers replaced them",
                "Both are sold today, and often one inside the other (ARCH-01).",
            ),
            "B": (
                "The popular form of containers is newer than the popular form of virtual machines",
                "Yes. The walls behind it are older: chroot is of 1979 (HIST-05), jails of 2000 (HIST-07).",
            ),
            "C": (
                "Containers are newer than every kind of virtual machine",
                "MicroVMs came after Docker (HIST-16, HIST-20).",
            ),
            "D": (
                "Docker's authors invented the walls in the kernel",
                "LXC used them years before (HIST-14).",
            ),
        },
        answer="B",
    ),
    Choice(
        "08.q2",
        "Is a container always cheaper to rent than a virtual machine of the same size?",
        options={
            "A": (
                "yes, since it needs fewer resources",
                "What it needs and what it costs are two things. A price has a service in it.",
            ),
            "B": (
                "no: the same capacity was dearer as a managed container",
                "Yes: 42 against 30 dollars a month in the one comparison we have (COST-04).",
            ),
            "C": (
                "yes, by the part of memory that a guest would take",
                "Prices do not follow memory alone (COST-01).",
            ),
            "D": (
                "no container can be rented",
                "Several clouds sell them; each may stand in a VM of its own (ARCH-02).",
            ),
        },
        answer="B",
    ),
    Choice(
        "08.q3",
        "You run functions that strangers send you, and each must start in a quarter of a second. What do you look at first?",
        options={
            "A": (
                "plain containers: they start fast",
                "They do. But only a kernel's own interface stands between two strangers.",
            ),
            "B": (
                "stock virtual machines: their wall is strong",
                "It is. But a general-purpose guest takes seconds to be ready.",
            ),
            "C": (
                "microVMs or a user-space kernel",
                "Both put something between the stranger and the host's kernel, and both start in well under a second.",
            ),
            "D": (
                "processes under different users",
                "Then every system call of the host is in a stranger's reach.",
            ),
        },
        answer="C",
    ),
    Choice(
        "08.q4",
        "A database fills a whole server. Somebody says: in a container, for it saves a guest system. What do you answer?",
        options={
            "A": (
                "Right: a guest is a guest",
                "It is. But beside a large application the guest is a few percent.",
            ),
            "B": (
                "It saves almost nothing here, so let the other needs decide",
                "Yes: the ratio goes to one as the application grows. Look at its disk path and at its neighbours.",
            ),
            "C": (
                "A VM is always right for a database",
                "Not always: each small read that crosses the wall has its price (PERF-12).",
            ),
            "D": (
                "Databases cannot run in containers",
                "They can. What they must not lose has to lie on a volume.",
            ),
        },
        answer="B",
    ),
    Choice(
        "08.q5",
        "Two honest people compare the same platforms and choose differently. How can that be?",
        options={
            "A": ("one of them has miscounted", "It happens. But both can be right."),
            "B": (
                "the measurements are worthless",
                "They are not. They answer what each platform costs, not what you need.",
            ),
            "C": (
                "they set different limits",
                "Yes: the cheapest platform that keeps what you need depends on what you need.",
            ),
            "D": (
                "one of them likes containers more",
                "Then their limits differ: a habit is a limit too. Say so openly.",
            ),
        },
        answer="C",
    ),
]
