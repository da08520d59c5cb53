"""What lesson 00 asks, what is right, and what each usual mistake is told."""

import virtlearn as vl
from virtlearn.study import Choice, Code, Number, Order

TOLD = vl.machine.recorded_here("container")
RUN = vl.machine.container(recorded=True)


def my_kernel(parent, kind, node):
    """Go down from a box to the first operating system under it."""
    while kind[node] != "operating-system":
        node = parent[node]
    return node


def lowest_kernel(parent, kind, node):
    """The mistake of the lesson: the operating system nearest to the hardware."""
    found = node
    while node >= 0:
        if kind[node] == "operating-system":
            found = node
        node = parent[node]
    return found


LAPTOP = [
    "host",
    "operating-system",
    "hypervisor",
    "virtual-machine",
    "operating-system",
    "container",
    "workload",
]
# Two virtual machines side by side, an app in each, and one app beside them.
TWO = [
    "host",
    "operating-system",
    "hypervisor",
    "virtual-machine",
    "operating-system",
    "workload",
    "virtual-machine",
    "operating-system",
    "workload",
    "workload",
]
TWO_PARENTS = [-1, 0, 1, 2, 3, 4, 2, 6, 7, 1]
# The same on a hypervisor that stands on the hardware.
BARE = [
    "host",
    "hypervisor",
    "virtual-machine",
    "operating-system",
    "workload",
    "virtual-machine",
    "operating-system",
    "workload",
]
BARE_PARENTS = [-1, 0, 1, 2, 3, 1, 5, 6]

QUESTIONS = [
    # misconception 1
    Choice(
        "00.1",
        "A container may use 128 MiB of memory. The machine under it has 23.5 GiB. A program in the container asks how much memory there is. What is it told?",
        options={
            "A": (
                "128 MiB",
                "That would be a small machine of its own. A limit stops the program when it takes too much; it does not change what the kernel says about the machine.",
            ),
            "B": (
                "23.5 GiB",
                "The kernel that answers is the one of the whole machine, and it speaks of the whole machine. The limit is written in another place.",
            ),
            "C": (
                "nothing: the question is refused",
                "Reading about the machine is allowed. Most of what you see in this lesson is read in that way.",
            ),
            "D": (
                "what the other containers have left",
                "The total does not change with what is in use. There is another number for that.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"The recorded one was told {vl.units.memory(TOLD.memory_shown_mib)} (OWN-20)."
        ),
    ),
    Number(
        "00.a",
        "How many times as much memory was the container shown as it may use?",
        answer=lambda: TOLD.memory_shown_mib / TOLD.memory_mib,
        tolerance=0.01,
        wrong=(
            (
                lambda: TOLD.memory_mib / TOLD.memory_shown_mib,
                "That is the other way round: what it may use, divided by what it was shown.",
            ),
            (
                lambda: TOLD.memory_shown_mib / 1024 / TOLD.memory_mib,
                "One of the two numbers is in GiB and the other in MiB. Take both in MiB.",
            ),
            (
                lambda: TOLD.cpus_shown / TOLD.cpus,
                "That is the answer for CPUs. Ask for memory.",
            ),
        ),
        hints=(
            "Both numbers are in the table. You can let the computer divide them.",
            "`told` knows both: told.memory_shown_mib and told.memory_mib.",
            "answer = told.memory_shown_mib / told.memory_mib",
        ),
        solution=lambda: (
            f"told.memory_shown_mib / told.memory_mib = {TOLD.memory_shown_mib / TOLD.memory_mib:.0f}: "
            "a program that believes what it is shown plans with far too much."
        ),
    ),
    Choice(
        "00.2",
        "A script says: the file /.dockerenv is here, so this is a container. It runs on a virtual machine that has this file and holds no container. What went wrong?",
        options={
            "A": (
                "nothing: it is a container after all",
                "The kernel knows better. It numbers the views of its programs, and this program had the first number of each kind.",
            ),
            "B": (
                "the file was left over, and a file can be copied",
                "The disk of that machine was made from a container's image. A file is a hint. What the kernel itself says is strong.",
            ),
            "C": (
                "nobody can know what a machine is",
                "Often one can: the kernel and the processor say much. Where they say nothing, 'unknown' is the honest answer.",
            ),
            "D": (
                "virtual machines always have this file",
                "They have it only when their disk came from a container's image.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"Read by strong signs first, the same machine is: in a container? "
            f"{vl.machine.recorded_here('virtual-machine').in_container}."
        ),
    ),
    Order(
        "00.b",
        "Put the layers of the recorded container in order, from the hardware up: container, hypervisor, kernel, VM.",
        answer=("hypervisor", "VM", "kernel", "container"),
        wrong=(
            (
                ("kernel", "container", "hypervisor", "VM"),
                "That is a VM in a container. Here it is the other way round: look at what stands on the hardware.",
            ),
            (
                ("hypervisor", "VM", "container", "kernel"),
                "The kernel carries the container, not the other way round: a container brings no kernel.",
            ),
            (
                ("VM", "hypervisor", "kernel", "container"),
                "A VM is made by a hypervisor, so the hypervisor is below it.",
            ),
        ),
        hints=(
            "Read the first picture of this lesson from the bottom to the top.",
            "The operating system in the picture is the kernel and its programs.",
            'answer = "hypervisor VM kernel container"',
        ),
        solution="hypervisor VM kernel container: the hypervisor makes the VM, a kernel starts in it, and the kernel makes the container.",
    ),
    Choice(
        "00.3",
        "You have a Mac or a Windows laptop. You start a Linux program in a container on it. Which kernel answers that program?",
        options={
            "A": (
                "the kernel of macOS or Windows",
                "A program made for Linux asks Linux questions. The other kernel does not speak that language.",
            ),
            "B": (
                "a kernel that is in the container",
                "A container is files and programs. No kernel starts in it.",
            ),
            "C": (
                "a Linux kernel in a virtual machine that you do not see",
                "The container tool starts one small Linux VM, and all containers stand on its kernel.",
            ),
            "D": (
                "none: the program talks to the hardware",
                "No program in a container does that. It always asks a kernel.",
            ),
        },
        answer="C",
        reveal="That is how the makers describe their tools; it is no number that we measured.",
    ),
    Code(
        "00.c",
        "Repair my_kernel: from a box, go down to the first operating system under it, and give its place.",
        law=my_kernel,
        inputs=(
            (list(range(-1, 6)), LAPTOP, 6),
            (list(range(-1, 6)), LAPTOP, 2),
            (TWO_PARENTS, TWO, 5),
            (TWO_PARENTS, TWO, 8),
            (TWO_PARENTS, TWO, 9),
            (BARE_PARENTS, BARE, 7),
        ),
        wrong=(
            (
                lowest_kernel,
                "That is the kernel nearest to the hardware. It answers the virtual machine, not the program in it. Stop at the first one you meet.",
            ),
            (
                lambda parent, kind, node: kind.index("operating-system"),
                "That is the first kernel in the list, whoever asks. Begin at the box that asks, and follow parent.",
            ),
            (
                lambda parent, kind, node: parent[node],
                "That is the box directly below. It may be a container, and a container does not answer.",
            ),
        ),
        hints=(
            "Begin at the box that asks. What is under box number node?",
            "node = parent[node] goes one box down. When do you stop?",
            'while kind[node] != "operating-system": node = parent[node] … and then return node.',
        ),
        solution='while kind[node] != "operating-system": node = parent[node]\nreturn node',
    ),
    Choice(
        "00.q1",
        "Your notebook is told 64 GiB of memory. It is stopped when it has taken 2 GiB. What is the best explanation?",
        options={
            "A": (
                "the memory is broken",
                "Then the machine would fail in other ways too, and not at the same amount each time.",
            ),
            "B": (
                "a limit of its container",
                "Yes: it was shown the whole machine, and it may use a part of it. A limit is a rule, not a size.",
            ),
            "C": (
                "the other 62 GiB hold the guest's operating system",
                "No operating system needs so much. And in a container there is no guest's system at all.",
            ),
            "D": (
                "memory in a container is slower",
                "Speed is not what stops a program here. An amount is.",
            ),
        },
        answer="B",
    ),
    Choice(
        "00.q2",
        "Which of these is the strongest sign that two prompts are answered by one running kernel?",
        options={
            "A": (
                "both print the same release, such as 6.18",
                "Two machines can run the same release. Like two copies of one book, they are still two.",
            ),
            "B": (
                "both have the same host name",
                "A name is given freely. A container often gets another one.",
            ),
            "C": (
                "both print the same number for 'kernel started as'",
                "Yes: a kernel makes up that number when it starts, so two kernels do not share it.",
            ),
            "D": (
                "both see the same amount of memory",
                "Machines of one kind have the same amount.",
            ),
        },
        answer="C",
        reveal=lambda: f"In the recorded run it was {RUN.inside['kernel started as']}.",
    ),
    Choice(
        "00.q3",
        "You rent a container in a cloud. What most often stands between it and the hardware?",
        options={
            "A": (
                "a kernel, a virtual machine and a hypervisor",
                "Yes: many clouds put the containers into virtual machines (ARCH-01).",
            ),
            "B": ("nothing: it stands on the hardware", "A container always stands on a kernel."),
            "C": (
                "one kernel on the hardware",
                "That exists too, on machines you own. In a cloud it is the rare case.",
            ),
            "D": (
                "a hypervisor, and no kernel",
                "A hypervisor carries machines. What carries a container is a kernel.",
            ),
        },
        answer="A",
    ),
    Choice(
        "00.q4",
        "What does a program in a virtual machine have that a program in a container has not?",
        options={
            "A": ("a limit on its memory", "Both may have one. Only the kind of limit differs."),
            "B": (
                "a name of its own for the machine",
                "Both have that: a container gets a host name of its own.",
            ),
            "C": (
                "a kernel that was started for its machine alone",
                "Yes: a VM runs a complete operating system with its own kernel (ARCH-05). A container uses the one below it.",
            ),
            "D": (
                "hardware of its own",
                "A virtual machine's hardware is made of software; the real one is shared.",
            ),
        },
        answer="C",
    ),
]
