"""What lesson 05 asks, what is right, and what each usual mistake is told."""

import virtlearn as vl
from virtlearn.study import Choice, Code, Number

HOST = vl.Host(cores=16, memory_gib=64)
TICKETS = vl.Workload("tickets", cpu_cores=0.1, memory_mib=128)
COPIES, AT_ONCE, IMAGE_MIB, MIB_PER_S, PROGRAM_S = 100, 4, 512, 64, 0.5
FASTER = 10
DISK_MIB, REWRITTEN = 2048, 0.1
LAYERS, IMAGES = (75, 120, 40, 25), ((1, 1, 0, 0), (1, 0, 1, 0), (1, 1, 0, 1))
MEANINGS = {"engine": "BOOT-13", "command": "BOOT-22:runc", "answer": "BOOT-23:runc"}


def one(on):
    """How long one more copy takes to start [s]."""
    return vl.deploy(TICKETS, 1, host=HOST, on=on).start_s


def ratio(program_s=PROGRAM_S):
    """How many times as long a virtual machine takes as a container until the program answers."""
    return (one("virtual-machines") + program_s) / (one("containers") + program_s)


def last(phases, copies=COPIES, parallel=AT_ONCE, once=IMAGE_MIB / MIB_PER_S):
    """When the last copy answers [s]."""
    return float(vl.core.startup.ready_s(phases, copies=copies, parallel=parallel, once_s=once)[-1])


def phases(without=""):
    """The phases of a container's start [s], one of them left out."""
    steps = vl.deploy(TICKETS, 1, host=HOST, on="containers").start_phases
    return [seconds for label, seconds in steps if not (without and without in label)]


def pull(cached, i=2):
    """How long one of the images takes to fetch [s]."""
    return float(vl.core.storage.pull_s(IMAGES, LAYERS, cached=cached, mib_per_s=10)[i])


def start(meaning):
    """How long a start took, by what is meant by it [s]."""
    return vl.evidence(MEANINGS[meaning]).to("s").number


def faster():
    """How many times as fast a program answers when the command before it takes a tenth."""
    own = start("answer") - start("command")
    return start("answer") / (own + start("command") / FASTER)


def shown(seconds):
    """A time in words."""
    return vl.units.duration(seconds)


QUESTIONS = [
    # misconception 4
    Choice(
        "05.1",
        "You leave the general-purpose system out: a VM with a minimal Linux kernel and one program. The processor helps with virtualization, as it does today. How long from the order until its first program runs?",
        options={
            "A": (
                "about a minute",
                "A minute is what a large operating system and its services take. The machine itself is much quicker.",
            ),
            "B": (
                "about 10 seconds",
                "That is a VM with a general-purpose system (BOOT-29). Most of it is services that you have left out.",
            ),
            "C": (
                "0.1 to 0.25 seconds",
                "Firecracker took 0.16 s, QEMU 0.21 to 0.24 s (BOOT-05, BOOT-07, BOOT-08): as long as a container with its engine.",
            ),
            "D": (
                "about 1 millisecond",
                "That is a process (BOOT-20). Even a unikernel, which leaves Linux out too, takes 3 ms (BOOT-18).",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"By the model a microVM takes {shown(one('microvms'))}, a container {shown(one('containers'))}."
        ),
        hints=("What has to happen that is not the operating system's services?",),
    ),
    # misconception 5
    Choice(
        "05.2",
        "In 2019 somebody typed 'docker run' on a cloud machine. The image was there, and the program did nothing. How long until it was done?",
        options={
            "A": ("1 ms", "That is the program alone, as a process of the host (BOOT-20)."),
            "B": (
                "33 ms",
                "That is the runtime alone, which makes namespaces and groups (BOOT-21).",
            ),
            "C": (
                "25 s",
                "That was the median in Google's Borg, where files had to be fetched (BOOT-25). Here they were there.",
            ),
            "D": (
                "1.2 s",
                "The runtime was a small part of it. The rest was the engine and the command (BOOT-22).",
            ),
        },
        answer="D",
        reveal="It is one machine in one year: another engine took 0.21 s (OWN-07). Say which start you mean.",
    ),
    Number(
        "05.a",
        "The command was done after 1.193 s (BOOT-22), and on the same machine a program in a container had answered after 2.558 s (BOOT-23). Somebody makes the command ten times as fast. How many times as fast does the program answer?",
        answer=faster,
        tolerance=0.02,
        wrong=(
            (
                lambda: FASTER,
                "That would be so if the whole wait were the command. Your program still takes its time.",
            ),
            (
                lambda: start("answer") / (start("answer") - start("command")),
                "That takes the command away altogether. A tenth of it is left.",
            ),
            (
                lambda: 1 / faster(),
                "You divided the wrong way round: how many times as fast is the answer?",
            ),
            (
                lambda: start("answer") - start("command") + start("command") / FASTER,
                "That is the new time in seconds. The question is how many times as fast.",
            ),
        ),
        hints=(
            "Which part of the wait gets shorter, and which stays?",
            "The program's part stays: 2.558 - 1.193 s. The command's part is 0.1193 s now.",
            "2.558 / (1.365 + 0.1193)",
        ),
        solution=lambda: (
            f"The program's own part stays {start('answer') - start('command'):.3f} s, more than half of the wait. "
            f"{start('answer'):g} / ({start('answer') - start('command'):.3f} + {start('command') / FASTER:.4f}) = {faster():.2f}."
        ),
    ),
    Number(
        "05.b",
        "Your program needs 0.5 s after its start until it answers. How many times as long does one more VM take as one more container, from the order to the answer?",
        answer=ratio,
        tolerance=0.02,
        wrong=(
            (
                lambda: ratio(0),
                "That leaves your program's half second out. It is the same in both, and so it makes them more alike.",
            ),
            (
                lambda: 1 / ratio(),
                "You divided the wrong way round: how many times as long does the VM take?",
            ),
            (
                lambda: (one("virtual-machines") + PROGRAM_S) - (one("containers") + PROGRAM_S),
                "That is the difference in seconds. The question is how many times as long.",
            ),
            (
                lambda: (one("virtual-machines") + PROGRAM_S) / one("containers"),
                "The container's copy needs its half second too.",
            ),
        ),
        hints=(
            "Set the slider to 0.5 s and read the two sums.",
            "(10.4 + 0.5) / (0.2 + 0.5), with more digits.",
        ),
        solution=lambda: (
            f"({one('virtual-machines'):.3f} + {PROGRAM_S}) / ({one('containers'):.3f} + {PROGRAM_S}) = {ratio():.1f}, "
            f"where the starts alone are {ratio(0):.0f} to 1."
        ),
    ),
    Choice(
        "05.3",
        "You clone a VM with a disk of 2 GiB a hundred times. Each clone writes a tenth of its disk anew. How much disk do the hundred clones take?",
        options={
            "A": (
                "20 GiB: what each changed",
                "That is the clones' own part. The base they all read from must be there as well.",
            ),
            "B": (
                "200 GiB: a VM has a disk of its own",
                "A clone has its own view of a disk. It stores only the blocks in which it differs from its base (IMG-05).",
            ),
            "C": (
                "2.2 GiB: the base and one tenth",
                "Each clone writes a tenth of its own. A hundred tenths are ten disks.",
            ),
            "D": (
                "22 GiB: the base once, and what each changed",
                "Copy on write: what nobody changed is stored once (IMG-05).",
            ),
        },
        answer="D",
        reveal=lambda: (
            "By the law "
            + vl.units.memory(float(vl.core.storage.clones_mib(DISK_MIB, REWRITTEN, COPIES)))
            + "."
        ),
    ),
    Number(
        "05.c",
        "Layers of 75, 120, 40 and 25 MiB. A host holds the first image, (1, 1, 0, 0). It now needs the third, (1, 1, 0, 1). Layers come with 10 MiB/s. How many seconds does the fetch take?",
        answer=lambda: pull([1, 1, 0, 0]),
        unit="s",
        wrong=(
            (
                lambda: pull([0, 0, 0, 0]),
                "That fetches the whole image. Two of its layers are on the host already.",
            ),
            (
                lambda: pull([0, 0, 1, 1]),
                "Those are the layers that the host already has. Fetch the one that is missing.",
            ),
            (
                lambda: pull([1, 0, 0, 0]),
                "The base is there, and so is the second layer: the first image brought both.",
            ),
        ),
        hints=(
            "Which layers does the third image need that the first has not?",
            "One layer of 25 MiB, at 10 MiB/s.",
        ),
        solution=lambda: (
            "vl.core.storage.pull_s(images, layers, cached=[1, 1, 0, 0], mib_per_s=10)[2] = "
            f"{pull([1, 1, 0, 0]):g} s; with nothing on the host it would be {pull([0] * 4):g} s."
        ),
    ),
    Choice(
        "05.4",
        "A hundred containers, four at a time, on a host that first has to fetch an image of 512 MiB at 64 MiB/s. Which makes the last one ready soonest?",
        options={
            "A": (
                "a runtime that needs no time at all",
                "The runtime's 33 ms are paid 25 times, which is less than a second. The image is fetched for 8 s.",
            ),
            "B": (
                "keeping the image on the host",
                "The fetch is the longest phase. Packages were 76 % of a cold start in a published test (BOOT-24).",
            ),
            "C": (
                "starting eight at a time",
                "That halves the waves, and so about half of 5 s. The fetch stays.",
            ),
            "D": (
                "all the same: a container starts at once",
                "Its runtime does, nearly. The fetch and the waves do not.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"As it is: {shown(last(phases()))}. A: {shown(last(phases('runtime')))}. B: {shown(last(phases(), once=0))}. "
            f"C: {shown(last(phases(), parallel=8))}."
        ),
    ),
    Code(
        "05.d",
        "Repair my_ready: when the last of so many copies answers. The image is fetched once; then copies start in waves, so many at a time.",
        law=lambda phases, copies, parallel, once: once + -(-copies // parallel) * sum(phases),
        inputs=(
            ([2.0, 1.0], 5, 2, 10.0),
            ([0.2], 100, 4, 8.0),
            ([0.5, 0.5], 3, 4, 0.0),
            ([1.0], 8, 8, 2.0),
            ([1.0, 2.0, 3.0], 9, 4, 1.0),
        ),
        wrong=(
            (
                lambda phases, copies, parallel, once: once + copies / parallel * sum(phases),
                "The image is fetched once now. But there is no half wave: five copies, two at a time, take three waves.",
            ),
            (
                lambda phases, copies, parallel, once: (
                    -(-copies // parallel) * (sum(phases) + once)
                ),
                "The waves are whole now. But the image comes once, before the first wave, not in each.",
            ),
            (
                lambda phases, copies, parallel, once: once + copies // parallel * sum(phases),
                "The last wave may be half empty, but it still takes its time: round up, -(-copies // parallel).",
            ),
            (
                lambda phases, copies, parallel, once: copies / parallel * (sum(phases) + once),
                "That is still the broken law. Two things are wrong: the waves, and who pays for the image.",
            ),
        ),
        hints=(
            "What happens once, and what in every wave?",
            "Five copies, two at a time: 2 + 2 + 1. How many waves? -(-5 // 2) rounds up.",
            "return once + -(-copies // parallel) * sum(phases)",
        ),
        solution="return once + -(-copies // parallel) * sum(phases)",
    ),
    Choice(
        "05.q1",
        '"A VM takes a minute to boot." What takes the minute?',
        options={
            "A": (
                "the hypervisor, which makes virtual hardware",
                "A small VM's monitor took milliseconds (BOOT-18).",
            ),
            "B": (
                "the guest's kernel",
                "With its machine around it, a minimal one was up in 0.16 to 0.24 s (BOOT-05, BOOT-08).",
            ),
            "C": (
                "the system and its services inside",
                "Yes. A minimal guest was there in 0.16 s (BOOT-05), one with a general-purpose system in 10.4 s (BOOT-29).",
            ),
            "D": ("computing in a VM is slow", "It is not: 97.7 % of native (PERF-01)."),
        },
        answer="C",
    ),
    Choice(
        "05.q2",
        '"A container starts in milliseconds." When is that true?',
        options={
            "A": ("always", "Not from the user's side: one docker run took 1.2 s (BOOT-22)."),
            "B": (
                "when the image is small",
                "Then the fetch is short. Engine and program still take their time.",
            ),
            "C": ("never", "The kernel's part is under a millisecond (OWN-29)."),
            "D": (
                "for the kernel's part, and nearly for the runtime's",
                "Yes: 0.6 ms for six namespaces (OWN-29), 17 to 33 ms with a runtime (BOOT-21).",
            ),
        },
        answer="D",
    ),
    Choice(
        "05.q3",
        "A container and a VM each wrote an order into their own file system, on no volume. Both are removed and started anew from their image. Where is the order?",
        options={
            "A": (
                "gone in both",
                "Yes. Keep data on a volume, which outlives what uses it. That is true of both kinds.",
            ),
            "B": (
                "in the VM; the container lost it",
                "A VM made anew starts from its image too. What was written is gone.",
            ),
            "C": (
                "in the container; images have layers",
                "Its own layer went with it. The layers of the image were never written to.",
            ),
            "D": ("in both: disks remember", "A disk that is removed remembers nothing."),
        },
        answer="A",
    ),
    Choice(
        "05.q4",
        "Twenty VMs are clones of one snapshot that was running. What do they have in common?",
        options={
            "A": (
                "their base disk, and secrets that were in memory",
                "Yes: clones store differences from one base (IMG-05), and a snapshot's secrets are in all of them (SEC-30).",
            ),
            "B": (
                "nothing: each is a machine of its own",
                "They run on their own. But they were not born on their own.",
            ),
            "C": (
                "the kernel that answers them",
                "Each has a copy of its own. A crash of one leaves the others alone.",
            ),
            "D": (
                "their memory, page by page, for ever",
                "Only until one of them writes. Then it gets a page of its own.",
            ),
        },
        answer="A",
    ),
    Choice(
        "05.q5",
        "Ten services on one base image: what does the eleventh cost on disk?",
        options={
            "A": (
                "the base and its own files",
                "The base is there already. A layer is stored once.",
            ),
            "B": ("its own layers", "Yes, and it also fetches only those."),
            "C": ("nothing", "Its own files have to be somewhere."),
            "D": (
                "a tenth of the base",
                "A layer is not shared out. It is stored once, for all who use it.",
            ),
        },
        answer="B",
    ),
]
