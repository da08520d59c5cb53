"""What lesson 01 asks, what is right, and what each usual mistake is told."""

import virtlearn as vl
from virtlearn.study import Choice, Code, Find, Number, Order

HOST = vl.Host(cores=16, memory_gib=64)
APP = vl.Workload("app", cpu_cores=0.5, memory_mib=128)


def tree(hosted=True, containers=3):
    """Two machines, one with a program, one with containers: what 01.c describes, or nearly so."""
    system = vl.OperatingSystem("guest operating system", runs=[APP])
    runtime = vl.ContainerRuntime("runtime", runs=[vl.Container(APP)] * containers)
    machines = [
        vl.VirtualMachine("shop", memory_mib=2048, runs=[system]),
        vl.VirtualMachine(
            "apps",
            memory_mib=2048,
            runs=[vl.OperatingSystem("guest operating system", runs=[runtime])],
        ),
    ]
    kvm = vl.Hypervisor("kvm", runs=machines)
    return vl.Deployment(HOST, runs=[vl.OperatingSystem("linux", runs=[kvm]) if hosted else kvm])


def stacked():
    """Five machines on KVM, eight containers in each: what 01.3 asks about."""
    runtime = vl.ContainerRuntime("runtime", runs=[vl.Container(APP)] * 8)
    machine = vl.VirtualMachine(
        "vm", memory_mib=2048, runs=[vl.OperatingSystem("guest operating system", runs=[runtime])]
    )
    return vl.Deployment(
        HOST, runs=[vl.OperatingSystem("linux", runs=[vl.Hypervisor("kvm", runs=[machine] * 5)])]
    )


def counted(deployment):
    """What 01.c asks for: boxes and kernels."""
    return [len(deployment.tree), deployment.kernels]


TYPE_1 = "You have one box and one kernel too few: KVM is a part of Linux (ARCH-04), so its hypervisor stands in an OperatingSystem."
EACH = "You counted a kernel for each container. A container has none: its processes ask the kernel of the machine they are in."
ONE = "All boxes are there. But a kernel answers in each virtual machine too, not only on the server: built.kernels counts them."
FEW = "Are all three containers there? Write the container three times, or [container] * 3."


def right_tree(answer):
    """Say what is wrong with (boxes, kernels)."""
    boxes, kernels = counted(tree())
    given = list(answer) if isinstance(answer, list) else [answer]
    told = {
        (boxes, kernels): "",
        tuple(counted(tree(hosted=False))): TYPE_1,
        tuple(counted(tree(containers=1))): FEW,
        (boxes, kernels + 3): EACH,
        (boxes, 1): ONE,
    }
    if tuple(given) in told:
        return told[tuple(given)]
    if len(given) != 2:
        return "Give two numbers in brackets: (len(built.tree), built.kernels)."
    return f"You have {given[0]} boxes and {given[1]} kernels. Compare print(built.what_runs_where()) with the text, line by line."


def kernels_on(on, copies=30):
    """How many kernels answer when so many copies run on a platform."""
    return vl.deploy(APP, copies, host=HOST, on=on).kernels


def kernel_of(parent, kind, node):
    """Go down from a program to the first kernel."""
    while kind[node] not in vl.model.KERNELS:
        node = parent[node]
    return node


def last_system(parent, kind, node):
    """Go down to the hardware, and keep the last system on the way."""
    found = 0
    while node > 0:
        node = parent[node]
        if kind[node] == "operating-system":
            found = node
    return found


def first_system(parent, kind, node):
    """Go down to the first operating system."""
    while kind[node] != "operating-system":
        node = parent[node]
    return node


def first_machine(parent, kind, node):
    """Go down to the first machine, real or virtual, or to a system on the way."""
    while node > 0 and kind[node] not in ("virtual-machine", "host"):
        node = parent[node]
    return node


QUESTIONS = [
    # misconception 2
    Choice(
        "01.1",
        "A program in a virtual machine adds numbers for a second. It reads no file and sends nothing. How many of its instructions does the hypervisor carry out for it?",
        options={
            "A": (
                "all, one by one",
                "Then a VM would be a simulation. That exists, it is called emulation, and it is many times slower. A VM with the CPU's help is not one.",
            ),
            "B": (
                "about half",
                "There is no such split. A sum needs nobody's help, so the CPU runs it as it is.",
            ),
            "C": (
                "almost none",
                "The CPU runs the instructions itself. The hypervisor wakes for timers and devices, and a sum needs neither.",
            ),
            "D": (
                "none, ever: the VM owns its part of the hardware",
                "Nearly. But the hypervisor still takes the CPU back at times, and a read or a message leaves the VM.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"Linear algebra in a tuned VM kept {vl.platform('virtual-machines').keeps('computing')[0]:.1%} (PERF-01)."
        ),
    ),
    Order(
        "01.a",
        "A program in a virtual machine reads a file. In which order do these get to work? Use each once: disk, guest-kernel, hypervisor, program, virtual-disk.",
        answer=("program", "guest-kernel", "virtual-disk", "hypervisor", "disk"),
        wrong=(
            (
                ("program", "hypervisor", "guest-kernel", "virtual-disk", "disk"),
                "A program never asks the hypervisor. It makes a system call, and the kernel in its own machine answers.",
            ),
            (
                ("program", "virtual-disk", "guest-kernel", "hypervisor", "disk"),
                "A program cannot touch a device, not even a virtual one. It must ask a kernel.",
            ),
            (
                ("program", "guest-kernel", "hypervisor", "virtual-disk", "disk"),
                "The guest's kernel does not know that there is a hypervisor. It gives its order to what it takes for a disk.",
            ),
        ),
        hints=(
            "Who is the only one that a program can ask?",
            "The guest's kernel believes that it has a disk. What is that disk really?",
            "program, guest-kernel, virtual-disk, and then the hypervisor before the real disk.",
        ),
        solution="program, guest-kernel, virtual-disk, hypervisor, disk: the crossing out of the machine comes at the virtual disk.",
    ),
    Choice(
        "01.2",
        "You start a Debian 12 image as a container. Debian 12 comes with kernel 6.1; your server runs 6.18. In the container you type uname -r, which asks the kernel for its version. What appears?",
        options={
            "A": (
                "6.1, Debian's",
                "An image is files. Debian's kernel is not among them, and nobody would start it: a kernel is already running.",
            ),
            "B": (
                "6.18, the server's",
                "The program in the container asks the only kernel there is: the server's.",
            ),
            "C": (
                "the version of the container runtime",
                "The runtime is no small hypervisor and no kernel. It starts the processes and steps aside.",
            ),
            "D": (
                "an error: a container has no kernel",
                "It has none of its own, that is right. But a program there still gets answers: from the server's kernel.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"A Debian image is {vl.evidence('IMG-02').value:g} {vl.evidence('IMG-02').unit} of files without a kernel (IMG-02)."
        ),
    ),
    Number(
        "01.b",
        "Thirty copies of an app run on one server. How many more kernels answer system calls when they run as virtual machines (on a type 1 hypervisor, one copy in each) than when they run as containers?",
        answer=lambda: kernels_on("virtual-machines") - kernels_on("containers"),
        unit="kernels",
        tolerance=1e-6,
        wrong=(
            (
                lambda: kernels_on("virtual-machines"),
                "Those are the kernels of the virtual machines. The containers need one as well: take it off.",
            ),
            (
                lambda: kernels_on("virtual-machines-hosted"),
                "That counts the kernels with a hosted hypervisor, which stands on an operating system. Type 1 stands on the hardware.",
            ),
            (
                lambda: kernels_on("virtual-machines") - 30 * kernels_on("containers"),
                "Then each container would have a kernel of its own. They share one.",
            ),
        ),
        hints=(
            "Deploy the app twice, and ask each deployment for its kernels.",
            'vl.deploy(app, 30, host=host, on="virtual-machines").kernels, and the same on="containers".',
            "The answer is the first number less the second.",
        ),
        solution=lambda: (
            f"{kernels_on('virtual-machines')} kernels against {kernels_on('containers')}: {kernels_on('virtual-machines') - kernels_on('containers')} more."
        ),
    ),
    Choice(
        "01.3",
        "A Linux server uses KVM to run five virtual machines. In each run eight containers. How many kernels are running?",
        options={
            "A": (
                "1",
                "Linux is not shared by all. Each virtual machine boots a kernel of its own.",
            ),
            "B": (
                "5",
                "Those are the guests. It would be the whole answer on a type 1 hypervisor, but KVM is a part of Linux (ARCH-04), and that Linux runs too.",
            ),
            "C": ("6", "Five guests, and the Linux that KVM is a part of (ARCH-03, ARCH-04)."),
            "D": (
                "46",
                "That gives each container a kernel. The eight in one machine share that machine's kernel.",
            ),
        },
        answer="C",
        reveal=lambda: f"The model counts {stacked().kernels} for such a tree.",
    ),
    Find(
        "01.c",
        "Build the tree of the text above and call it built. Then give (len(built.tree), built.kernels): how many boxes it has, and how many kernels.",
        accept=right_tree,
        example=lambda: tuple(counted(tree())),
        wrong=(
            (lambda: tuple(counted(tree(hosted=False))), TYPE_1),
            (lambda: (counted(tree())[0], counted(tree())[1] + 3), EACH),
            (lambda: (counted(tree())[0], 1), ONE),
            (lambda: tuple(counted(tree(containers=1))), FEW),
        ),
        hints=(
            "Begin with the innermost box, and put it into the next one with runs=[…], as in the first picture.",
            'shop = vl.VirtualMachine("shop", memory_mib=2048, runs=[vl.OperatingSystem("guest operating system", runs=[app])]), and the second one holds a ContainerRuntime.',
            'built = vl.Deployment(host, runs=[vl.OperatingSystem("linux", runs=[vl.Hypervisor("kvm", runs=[shop, apps])])])',
        ),
        solution=lambda: (
            f"{counted(tree())[0]} boxes and {counted(tree())[1]} kernels: one in each virtual machine, and the Linux below them."
        ),
    ),
    Code(
        "01.d",
        "Repair kernel_of: which node (box) of the tree answers a program's system calls?",
        law=kernel_of,
        inputs=(
            ([-1, 0, 1], ["host", "operating-system", "workload"], 2),
            (
                [-1, 0, 1, 2, 3],
                ["host", "operating-system", "container-runtime", "container", "workload"],
                4,
            ),
            (
                [-1, 0, 1, 2, 3, 4],
                [
                    "host",
                    "operating-system",
                    "hypervisor",
                    "virtual-machine",
                    "operating-system",
                    "workload",
                ],
                5,
            ),
            (
                [-1, 0, 1, 2, 3, 4],
                [
                    "host",
                    "operating-system",
                    "container-runtime",
                    "container",
                    "user-space-kernel",
                    "workload",
                ],
                5,
            ),
        ),
        wrong=(
            (
                last_system,
                "Your law goes down to the hardware and keeps the last kernel it passes. The first one on the way answers, and there it must stop.",
            ),
            (
                first_system,
                'Nearly: a user-space kernel, as in gVisor, answers system calls too. Look for "user-space-kernel" as well.',
            ),
            (
                first_machine,
                "That is a machine, real or virtual. It is hardware to what runs in it: the kernel stands in it.",
            ),
        ),
        hints=(
            "A program asks the nearest kernel. Where must the way down end?",
            "Give node back as soon as its kind is a kernel.",
            'while kind[node] not in ("operating-system", "user-space-kernel"): node = parent[node], and then return node.',
        ),
        solution='while kind[node] not in ("operating-system", "user-space-kernel"): node = parent[node]; then return node',
    ),
    # misconception 1
    Choice(
        "01.q1",
        '"A container is a light virtual machine." What does the container lack to be one?',
        options={
            "A": (
                "a kernel of its own",
                "Right: it is a set of the host's processes, and the host's kernel answers them.",
            ),
            "B": ("files of its own", "It has them: its image is a userland of its own."),
            "C": (
                "a network of its own",
                "It has one: a network namespace gives it its own cards and addresses.",
            ),
            "D": (
                "nothing: it is one, with less memory",
                "It is not smaller, it is something else: nothing in it boots, and no hardware is shown to it.",
            ),
        },
        answer="A",
    ),
    Choice(
        "01.q2",
        "A container sees three processes and may use half a CPU. Which part of Linux does what?",
        options={
            "A": (
                "namespaces do both",
                "A namespace says only what a process sees. It gives and takes no CPU.",
            ),
            "B": (
                "a namespace hides, a control group limits",
                "Yes: the namespace is the blinkers, the control group is the allowance.",
            ),
            "C": (
                "the image says both",
                "An image is files. It says nothing about CPU or other processes.",
            ),
            "D": (
                "the hypervisor does both",
                "There is none here: the kernel does it for its own processes.",
            ),
        },
        answer="B",
    ),
    Choice(
        "01.q3",
        '"A hypervisor stands on bare metal." Which one speaks against it?',
        options={
            "A": ("ESXi", "It is a type 1 hypervisor: it does stand on the hardware."),
            "B": ("Xen", "It is a type 1 hypervisor as well, with a Linux beside it."),
            "C": (
                "KVM",
                "Yes: it is a part of the Linux kernel (ARCH-04), and it carries large clouds. Type 1 and 2 name a place, not a speed.",
            ),
            "D": ("none", "One of the three stands in an operating system."),
        },
        answer="C",
    ),
    Choice(
        "01.q4",
        "On a Mac you start a container with a Linux image. Which kernel answers the program in it?",
        options={
            "A": ("the Mac's", "The Mac's kernel does not know Linux's system calls."),
            "B": ("one that the image brings", "No image of a container brings a kernel."),
            "C": (
                "a Linux in a virtual machine that the tool keeps out of sight",
                "Right: a container needs a Linux kernel, so the tool runs one. It is a container in a VM.",
            ),
            "D": (
                "the container runtime",
                "The runtime starts processes. It answers no system calls.",
            ),
        },
        answer="C",
    ),
    Choice(
        "01.q5",
        "What does gVisor put between a container's program and the host's kernel?",
        options={
            "A": ("a virtual machine", "That is Kata's way. gVisor shows no hardware."),
            "B": (
                "a kernel that is a program",
                "Yes: it answers 237 system calls itself (SEC-05), and asks the host for at most 68 (SEC-06).",
            ),
            "C": (
                "a list of forbidden system calls",
                "A list says no. It does not answer in the kernel's place.",
            ),
            "D": ("a second container", "A container in a container still asks the same kernel."),
        },
        answer="B",
    ),
]
