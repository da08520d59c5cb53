"""What exercise 01 asks, with each student's own numbers."""

import virtlearn as vl
from virtlearn.study import Code, Number

DRAW = {"machines": range(2, 10), "inside": range(3, 13), "beside": range(2, 8)}
POINTS = {"1": 2, "2": 2, "3": 3, "4": 3, "5": 4}
APP = vl.Workload("app", cpu_cores=0.5, memory_mib=32)
OS, GUARD, VM, HYPERVISOR, BOX = (
    "operating-system",
    "user-space-kernel",
    "virtual-machine",
    "hypervisor",
    "container",
)


def server(machines, inside, beside):
    """Build the tree that the exercise describes."""
    guest = vl.OperatingSystem(
        "guest", runs=[vl.ContainerRuntime(runs=[vl.Container(APP)] * inside)]
    )
    kvm = vl.Hypervisor(
        "kvm", runs=[vl.VirtualMachine("vm", memory_mib=2048, runs=[guest])] * machines
    )
    boxes = vl.ContainerRuntime(runs=[vl.Container(APP)] * beside)
    return vl.Deployment(
        vl.Host(cores=16, memory_gib=64), runs=[vl.OperatingSystem("linux", runs=[boxes, kvm])]
    )


def nearest(parent, kind, node, stops=(OS, GUARD)):
    """Climb from a box to the first one of the kinds given."""
    while kind[node] not in stops:
        node = parent[node]
    return node


def same_kernel(parent, kind, a, b):
    """Say whether one kernel answers both programs."""
    return nearest(parent, kind, a) == nearest(parent, kind, b)


def kernels_in(box):
    """Count the kernels in a box and in everything that stands on it."""
    return (box["kind"] in (OS, GUARD)) + sum(kernels_in(each) for each in box["runs"])


def kernels_that_run(parent, kind):
    """Count as an expert does: systems, kernels in user space, and hypervisors that stand on the hardware."""
    bare = sum(k == HYPERVISOR and kind[parent[i]] == "host" for i, k in enumerate(kind))
    return sum(k in (OS, GUARD) for k in kind) + bare


def box(kind, *runs):
    """Write one box of a nested description."""
    return {"kind": kind, "runs": list(runs)}


def first_level(tree):
    """Count only what stands directly on a box."""
    return sum(each["kind"] in (OS, GUARD) for each in tree["runs"]) + (tree["kind"] in (OS, GUARD))


def counting(*kinds):
    """Count the boxes of some kinds, everywhere."""

    def count(tree):
        return (tree["kind"] in kinds) + sum(count(each) for each in tree["runs"])

    return count


def mixed(inside):
    """A server with a program, guarded containers, and a machine with containers: parents and kinds."""
    parent, kind = [-1, 0, 1, 1], ["host", OS, "workload", "container-runtime"]

    def add(above, *kinds):
        for each in kinds:
            parent.append(above)
            kind.append(each)
            above = len(kind) - 1
        return above

    for _ in range(2):
        add(3, BOX, "workload")
    add(3, BOX, GUARD, "workload")
    runtime = add(1, HYPERVISOR, VM, OS, "container-runtime")
    programs = [add(runtime, BOX, "workload") for _ in range(inside)]
    return parent, kind, programs


def pairs(inside):
    """Ask about pairs of programs: beside each other, guarded, in one machine, inside and outside."""
    parent, kind, programs = mixed(inside)
    asked = [
        (2, 5),
        (5, 7),
        (5, 10),
        (2, programs[0]),
        (programs[0], programs[-1]),
        (10, programs[-1]),
    ]
    return tuple((parent, kind, a, b) for a, b in asked)


def nested(machines, inside):
    """Write descriptions of a server of processes, of machines on KVM, and of guarded containers."""
    guest = box(OS, box("container-runtime", *[box(BOX, box("workload"))] * inside))
    kvm = box(HYPERVISOR, *[box(VM, guest)] * machines)
    guarded = box("container-runtime", *[box(BOX, box(GUARD, box("workload")))] * inside)
    return (
        box("host", box(OS, box("workload"))),
        box("host", box(OS, kvm)),
        box("host", kvm),
        box("host", box(OS, guarded, kvm)),
        box("host", box(OS, box(HYPERVISOR, box(VM, box(OS, kvm))))),
    )


def flat(tree):
    """Turn a nested description into parents and kinds."""
    parent, kind, waiting = [], [], [(tree, -1)]
    while waiting:
        each, above = waiting.pop()
        parent.append(above)
        kind.append(each["kind"])
        waiting += [(child, len(kind) - 1) for child in reversed(each["runs"])]
    return parent, kind


def questions(mine):
    """Ask with one student's numbers."""
    m, k, b = mine.machines, mine.inside, mine.beside
    tree = server(m, k, b)
    drawn = tree.what_runs_where().splitlines()
    few, some = 2 + m % 2, 2 + k % 2
    descriptions = nested(few, some)
    return [
        Number(
            "x01.1",
            "How many kernels answer system calls on your server?",
            answer=lambda: tree.kernels,
            unit="kernels",
            tolerance=1e-6,
            wrong=(
                (
                    lambda: m,
                    "Those are the guests. KVM is a part of Linux (ARCH-04), and that Linux runs too.",
                ),
                (
                    lambda: tree.kernels + m * k + b,
                    "You counted a kernel for each container. A container has none of its own.",
                ),
                (
                    lambda: tree.kernels + b,
                    "The containers beside the machines ask the server's Linux: they add no kernel.",
                ),
                (lambda: 1, "Each virtual machine boots a kernel of its own."),
            ),
            hints=(
                "Count operating systems, and nothing else: where does one stand?",
                "One in each virtual machine, and the Linux that KVM is a part of.",
            ),
        ),
        Number(
            "x01.2",
            "How many boxes has the tree of your server, from the hardware to the last app?",
            answer=lambda: len(tree.tree),
            unit="boxes",
            tolerance=1e-6,
            wrong=(
                (
                    lambda: len(drawn),
                    "Those are the lines of the drawing. It writes equal neighbours once and counts them: 3 × … are three boxes.",
                ),
                (
                    lambda: len(tree.tree) - m * k - b,
                    "A container and the app in it are two boxes: one is the wall, the other the program.",
                ),
                (
                    lambda: len(tree.tree) - m,
                    "Each machine with containers has a container runtime of its own: it starts them there.",
                ),
                (lambda: tree.copies, "Those are the apps. All that carries them is a box too."),
            ),
            hints=(
                "Build it from the inside out, as in lesson 01: vl.Container(app), then the runtime, and so on.",
                "vl.Deployment(host, runs=[vl.OperatingSystem(runs=[runtime, vl.Hypervisor(runs=[…])])])",
                "Equal neighbours are written [vm] * mine.machines. Then len(built.tree).",
            ),
        ),
        Code(
            "x01.3",
            "Write same_kernel: does one kernel answer both programs?",
            law=same_kernel,
            inputs=pairs(some),
            wrong=(
                (
                    lambda parent, kind, a, b: (
                        nearest(parent, kind, a, (OS,)) == nearest(parent, kind, b, (OS,))
                    ),
                    "A user-space kernel answers in the host's place, for the program above it: stop there as well.",
                ),
                (
                    lambda parent, kind, a, b: (
                        nearest(parent, kind, a, ("host",)) == nearest(parent, kind, b, ("host",))
                    ),
                    "They stand on the same hardware. That does not say that the same kernel answers them.",
                ),
                (
                    lambda parent, kind, a, b: parent[a] == parent[b],
                    "You compare the boxes right below the programs. Two containers beside each other share a kernel, too.",
                ),
            ),
            hints=(
                "First find the kernel of one program: climb with node = parent[node].",
                'Stop where kind[node] is "operating-system" or "user-space-kernel".',
                "Do it for a and for b, and compare the two boxes.",
            ),
            solution='climb from a and from b to the first "operating-system" or "user-space-kernel", and compare the two',
        ),
        Code(
            "x01.4",
            "Write kernels_in: how many kernels are in a nested description?",
            law=kernels_in,
            inputs=tuple((each,) for each in descriptions),
            wrong=(
                (
                    first_level,
                    "You look at a box and at what stands directly on it. What stands on that counts too: call kernels_in again.",
                ),
                (
                    counting(OS),
                    "Operating systems are all there. A user-space kernel, as in gVisor, is a kernel too.",
                ),
                (
                    counting(OS, GUARD, HYPERVISOR),
                    "No app can make a system call to a hypervisor: here it does not count.",
                ),
                (
                    counting(VM),
                    "You counted virtual machines. The kernel of the system below them is missing, and so are user-space kernels.",
                ),
            ),
            hints=(
                'A box is a kernel if box["kind"] is "operating-system" or "user-space-kernel".',
                'What stands on it is in box["runs"], and each of those is a box again.',
                'return (box["kind"] in (…)) + sum(kernels_in(each) for each in box["runs"])',
            ),
            solution='return (box["kind"] in ("operating-system", "user-space-kernel")) + sum(kernels_in(each) for each in box["runs"])',
        ),
        Code(
            "x01.5",
            "Write kernels_that_run: the expert's count.",
            law=kernels_that_run,
            inputs=tuple(flat(each) for each in descriptions),
            wrong=(
                (
                    lambda parent, kind: sum(k in (OS, GUARD) for k in kind),
                    "That is what an app can ask. The expert counts a hypervisor that stands on the hardware as well.",
                ),
                (
                    lambda parent, kind: sum(k in (OS, GUARD, HYPERVISOR) for k in kind),
                    "KVM in Linux is no kernel of its own: count a hypervisor only where it stands on the host.",
                ),
                (
                    lambda parent, kind: sum(k in (OS, GUARD, VM) for k in kind),
                    "A virtual machine is hardware to what runs in it. Its kernel is the system in it, and you have that already.",
                ),
                (
                    lambda parent, kind: sum(k in (OS, GUARD) for k in kind) + (HYPERVISOR in kind),
                    "You add one for any hypervisor. Look at what it stands on: kind[parent[i]].",
                ),
            ),
            hints=(
                "Begin with the systems and the user-space kernels.",
                'A hypervisor counts where kind[parent[i]] == "host".',
                'sum(k == "hypervisor" and kind[parent[i]] == "host" for i, k in enumerate(kind)) counts those.',
            ),
            solution="operating systems, user-space kernels, and hypervisors whose parent is the host",
        ),
    ]
