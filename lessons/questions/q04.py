"""What lesson 04 asks, what is right, and what each usual mistake is told."""

import numpy as np

import virtlearn as vl
from virtlearn.study import Choice, Code, Number, Order

HELD = {"mail": 300, "cache": 450, "batch": 200}
ADJ = {"mail": 0, "cache": -100, "batch": 300}
BUFFER_MIB, CHILDREN, WRITTEN = 64, 8, 0.25
GUEST_MIB, GUESTS, ALIKE = 512, 10, 0.3


def shared_once():
    """Memory of a buffer and its forked copies, each page counted once [MiB]."""
    return float(vl.core.storage.clones_mib(BUFFER_MIB, WRITTEN, CHILDREN))


def saved():
    """What storing equal pages of the guests once would save [MiB]."""
    return float(vl.core.memory.page_sharing_mib(GUEST_MIB, GUESTS, ALIKE))


def line_for_the_killer():
    """Who dies first, second, third, if a fourth that may not be killed takes all there is."""
    held, adj = [*HELD.values(), 1000], [*ADJ.values(), -1000]
    order = vl.core.memory.oom_kill_order(held, np.inf, adj, capacity_mib=1000)
    return tuple(list(HELD)[i] for i in order)


def ratio(shares, pages, active, tax):
    """How much a client pays for each of its pages, idle pages being dearer."""
    return shares / (pages * (active + (1 - active) / (1 - tax)))


def killed_first(adj_of_blue):
    """Whom the law kills when Red holds 40 MiB and Blue has grown until 64 are full."""
    run = vl.evidence("OWN-28")
    parent, red = run["parent's limit"].number, run["A, killed"].number
    return ("Red", "Blue")[
        vl.core.memory.oom_kill_order([red, parent - red + 1], np.inf, [0, adj_of_blue], parent)[0]
    ]


QUESTIONS = [
    Choice(
        "04.1",
        "A program in a container that may use 32 MiB asks the kernel for 64 GiB, eight pieces of 8 GiB, and writes nothing into them. The machine has 24 GiB. What happens?",
        options={
            "A": (
                "It is refused: the machine has no 64 GiB",
                "The kernel counts what is touched, not what is asked for. One single request of more than the whole machine would have been refused; eight smaller ones were not.",
            ),
            "B": (
                "It is killed: 64 GiB are more than its 32 MiB",
                "A limit counts pages that the program holds. A promise is not a page.",
            ),
            "C": (
                "It gets all 64 GiB, and almost nothing counts against its 32 MiB",
                "A promise costs nothing. A page is found, and counted, when it is first touched.",
            ),
            "D": (
                "It gets 32 MiB, its limit",
                "The kernel does not cut a request down. It says yes or no, and meets the limit later, page by page.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"Measured: {vl.evidence('OWN-32:promised').value:g} GiB promised, "
            f"{vl.evidence('OWN-32:charged').value:g} MiB counted (OWN-32)."
        ),
        hints=(
            "When does the kernel have to find a real page: when it is asked, or when it is written to?",
        ),
    ),
    Number(
        "04.a",
        "A process with a buffer of 64 MiB forks 8 children. Each child writes to a quarter of the buffer. How many MiB do the buffer and its copies take together, each page counted once?",
        answer=shared_once,
        unit="MiB",
        wrong=(
            (
                lambda: BUFFER_MIB * (1 + CHILDREN),
                "That is the sum of resident sizes: it counts the shared pages in every process again.",
            ),
            (
                lambda: BUFFER_MIB,
                "That is the buffer before anybody writes. A page that a child writes to becomes a page of its own.",
            ),
            (
                lambda: BUFFER_MIB * WRITTEN * CHILDREN,
                "Those are the children's own pages. The buffer that they share is still there, once.",
            ),
            (
                lambda: BUFFER_MIB * (1 + WRITTEN),
                "That is one child. Each of the eight has pages of its own.",
            ),
        ),
        hints=(
            "What is there once, and what is there for each child?",
            "Once: the buffer. For each child: the quarter that it wrote to.",
            "64 + 8 * 0.25 * 64",
        ),
        solution=lambda: (
            f"{BUFFER_MIB} + {CHILDREN} x {WRITTEN:g} x {BUFFER_MIB} = {shared_once():g} MiB. "
            "Four children that write a quarter took 143 MiB with the interpreter (OWN-42)."
        ),
    ),
    # misconception 10
    Choice(
        "04.2",
        "A cloud may promise more than it has. How many virtual CPUs does OpenStack promise for each real one by default today, and how many bytes of memory for each real byte?",
        options={
            "A": (
                "16 CPUs, and 16 bytes",
                "CPU time can be divided among all who want it. A byte that two guests use at once cannot.",
            ),
            "B": (
                "16 CPUs, and 1.5 bytes",
                "That was the default before 2023 (DENS-07, DENS-09). Both have been lowered.",
            ),
            "C": (
                "4 CPUs, and 1 byte",
                "Memory is no longer overcommitted by default (DENS-08, DENS-09). Who does it must take memory back somehow.",
            ),
            "D": (
                "1 CPU, and 1 byte",
                "A CPU that waits is of no use to anybody, so CPUs are still shared. Memory is not, by default.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"Before: {vl.evidence('DENS-07').value:g} and {vl.evidence('DENS-09:before 2023').value:g}. "
            f"Now: {vl.evidence('DENS-08').value:g} and {vl.evidence('DENS-09:since Antelope').value:g} (DENS-07 to DENS-09)."
        ),
    ),
    Number(
        "04.b",
        "Ten guests of 512 MiB are alike in 30 % of their pages. How many MiB would be saved if equal pages were stored once?",
        answer=saved,
        unit="MiB",
        wrong=(
            (
                lambda: GUEST_MIB * GUESTS * ALIKE,
                "One copy of the equal pages has to stay. Nine of the ten can go.",
            ),
            (
                lambda: GUEST_MIB * GUESTS - saved(),
                "That is what is still needed. The question is what is saved.",
            ),
            (
                lambda: GUEST_MIB * (GUESTS - 1),
                "That would make the guests equal in all of their pages. They are equal in 30 %.",
            ),
        ),
        hints=(
            "How many of the ten equal pages may go?",
            "vl.core.memory.page_sharing_mib(guest_mib, copies, shareable_fraction) knows.",
            "512 * 0.3 * 9",
        ),
        solution=lambda: (
            f"{GUEST_MIB} x {ALIKE:g} x {GUESTS - 1} = {saved():.0f} MiB. "
            "Between virtual machines this is switched off by default (RECL-07, RECL-09)."
        ),
    ),
    Code(
        "04.c",
        "Repair my_ratio: what a client paid (its shares) for each of its pages, an idle page counting 1 / (1 - tax) times. The client with the lowest ratio gives first.",
        law=ratio,
        inputs=(
            (1, 400, 0.1, 0.75),
            (2, 400, 0.1, 0.75),
            (1, 384, 1.0, 0.75),
            (3, 100, 0.5, 0.0),
            (1, 800, 0.0, 0.9),
        ),
        wrong=(
            (
                lambda shares, pages, active, tax: (
                    shares / (pages * (active + (1 - tax) * (1 - active)))
                ),
                "The shares count now. But a tax must make an idle page dearer, not cheaper: k = 1 / (1 - tax).",
            ),
            (
                lambda shares, pages, active, tax: (
                    1 / (pages * (active + (1 - active) / (1 - tax)))
                ),
                "Idle pages are dearer now. But who paid for more shares should give later: put the shares on top.",
            ),
            (
                lambda shares, pages, active, tax: (
                    1 / (pages * (active + (1 - tax) * (1 - active)))
                ),
                "That is still the broken law. Two things are wrong: k, and what stands on top.",
            ),
            (
                lambda shares, pages, active, tax: (
                    shares / (pages * (active / (1 - tax) + (1 - active)))
                ),
                "That taxes the pages in use. The tax is on the idle part, 1 - active.",
            ),
        ),
        hints=(
            "With a tax of 0.75, how many times should an idle page count? Try it in k.",
            "k = 1 / (1 - tax) makes 4 of 0.75. And what did the client pay?",
            "return shares / (pages * (active + k * (1 - active)))",
        ),
        solution="k = 1 / (1 - tax), and return shares / (pages * (active + k * (1 - active)))",
    ),
    Choice(
        "04.3",
        "Two containers share a limit of 64 MiB. Red holds 40 MiB and sleeps. Blue grows, a page at a time. There is no swap. At 64 MiB together, whom does the kernel kill?",
        options={
            "A": (
                "Blue: it asked for the page that was not there",
                "The one that asks is not the one that pays. The kernel looks for the largest, because that frees most.",
            ),
            "B": (
                "Red: it is the largest",
                "The kernel frees most by killing the largest. That Red sleeps does not protect it.",
            ),
            "C": (
                "both, and everything else on the host",
                "Victims die one by one, and only until there is room again.",
            ),
            "D": (
                "nobody: Blue gets no more and waits",
                "Some limits make a group wait (memory.high). This one does not: at a hard limit somebody dies.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"By the law {killed_first(0)} dies, as measured (OWN-28). "
            f"With oom_score_adj +900 on Blue the law says {killed_first(900)}, and so it was."
        ),
    ),
    Order(
        "04.d",
        "Three containers without limits hold memory: mail 300 MiB (adj 0), cache 450 MiB (adj -100), batch 200 MiB (adj 300). The host has 1000 MiB. In which order would they be killed?",
        answer=line_for_the_killer(),
        wrong=(
            (
                ("cache", "mail", "batch"),
                "That is the order of size alone. The adjustment counts as well: 300 points are worth 300 thousandths of the memory.",
            ),
            (
                ("batch", "mail", "cache"),
                "That is the order of the adjustment alone. A large one can still be ahead of one with a higher adj.",
            ),
            (
                ("mail", "cache", "batch"),
                "That is from the lowest score to the highest. The highest dies first.",
            ),
        ),
        hints=(
            "Points = 1000 x held / capacity + adj. With 1000 MiB, each MiB is a point.",
            "mail 300 + 0, cache 450 - 100, batch 200 + 300.",
        ),
        solution=lambda: (
            "Scores: "
            + ", ".join(
                f"{who} {HELD[who]} {ADJ[who]:+d} = {HELD[who] + ADJ[who]}"
                for who in line_for_the_killer()
            )
            + ". The highest dies first."
        ),
    ),
    Choice(
        "04.q1",
        "A program in a VM frees 300 MiB. There is no balloon in the guest. How much does the host get back?",
        options={
            "A": (
                "300 MiB, at once",
                "That is a container. There the host's own kernel is told that the pages are free.",
            ),
            "B": (
                "half of it, as the guest shrinks slowly",
                "A guest does not shrink by itself. Somebody has to ask for pages, as a balloon does.",
            ),
            "C": (
                "300 MiB, once the host is short",
                "The host does not know which pages are free. Without a balloon it can only swap them out, the useful ones too.",
            ),
            "D": (
                "nothing",
                "Yes: the pages are free inside, and the guest's kernel keeps them. 507 MiB stayed 507 (OWN-13).",
            ),
        },
        answer="D",
    ),
    Choice(
        "04.q2",
        "A program eats memory without end. Whom can it kill if it runs in a VM, in a container with a limit, in a container without one?",
        options={
            "A": (
                "somebody in its VM; somebody in its own group; any process of the host",
                "Yes. A VM and a limit both end the damage (RECL-12). Without a limit any process may be the victim (RECL-14).",
            ),
            "B": (
                "in all three cases only itself",
                "Without a limit nothing stands between it and its neighbours.",
            ),
            "C": (
                "the whole host; the whole host; the whole host",
                "A VM never holds more than it was promised, and a limit keeps the killing inside its group (RECL-12).",
            ),
            "D": (
                "nobody; nobody; every container on the host",
                "At a limit something does die, inside. And on a full host victims die one by one, not all.",
            ),
        },
        answer="A",
    ),
    Choice(
        "04.q3",
        "Fifty VMs run the same Linux. How often does the server hold that kernel in memory, with the settings it came with?",
        options={
            "A": (
                "once, as with containers",
                "Containers have one kernel because there is one. Each VM loads its own.",
            ),
            "B": (
                "fifty times",
                "Yes. Equal pages can be merged, but between VMs that is off by default (RECL-07, RECL-09): it leaked secrets.",
            ),
            "C": (
                "once, after some minutes of page merging",
                "Merging works: two idle guests went from 377 to 226 MiB (OWN-12). But you have to switch it on.",
            ),
            "D": ("not at all, it lies on disk", "A kernel that runs is in memory."),
        },
        answer="B",
    ),
    Choice(
        "04.q4",
        "The program top shows sixteen workers with 78 MiB each. You add them up. What have you counted?",
        options={
            "A": (
                "the memory they take",
                "Only if they share nothing. Forked workers share most of it.",
            ),
            "B": (
                "too little, the kernel's part is missing",
                "That is small. What is counted too often is large.",
            ),
            "C": (
                "shared pages sixteen times",
                "Yes: the sum of resident sizes said 1,323 MiB where 90 were used (OWN-21). Add up PSS.",
            ),
            "D": (
                "what they were promised",
                "A promise is the virtual size. The resident size was touched.",
            ),
        },
        answer="C",
    ),
    Choice(
        "04.q5",
        "A container that may use 64 MiB reads a file of 256 MiB. What happens?",
        options={
            "A": (
                "it is killed at 64 MiB",
                "File pages can be dropped and read again. Before somebody dies, the kernel drops those.",
            ),
            "B": (
                "the file's pages count against the host instead",
                "They count against the group that read them first. They are given up when the group is full.",
            ),
            "C": (
                "the read is refused",
                "A limit refuses no read. It makes room, or somebody dies.",
            ),
            "D": (
                "it reads the file and lives",
                "Yes: pages of files inside the limit are given up (OWN-50). In tmpfs, a file system that lies in memory, it was killed at 62.8 MiB.",
            ),
        },
        answer="D",
    ),
]
