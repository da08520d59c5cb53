"""What lesson 02 asks, what is right, and what each usual mistake is told."""

import virtlearn as vl
from virtlearn.study import Choice, Code, Number, Order

HOST = vl.Host(cores=16, memory_gib=64)
MIB_PER_MB = vl.units.convert(1, "MB", "MiB")


def shop(mb):
    """One service of the shop that needs so many MB."""
    return vl.Workload("shop", cpu_cores=0.1, memory_mib=mb * MIB_PER_MB)


def each(mb, on):
    """What one more copy takes of the host [MiB]."""
    one, two = (vl.deploy(shop(mb), n, host=HOST, on=on).memory_mib for n in (1, 2))
    return two - one


def first(mb, on):
    """What a single copy takes of the host, the host's own share with it [MiB]."""
    return vl.deploy(shop(mb), 1, host=HOST, on=on).memory_mib


def ratio(mb, vms="virtual-machines"):
    """How many times as much a virtual machine takes as a container."""
    return each(mb, vms) / each(mb, "containers")


def reads():
    """Fraction of random reads a virtual machine keeps."""
    return vl.platform("virtual-machines").keeps("random I/O")[0]


QUESTIONS = [
    Choice(
        "02.1",
        "Redis starts in a container limited to 7 MB. You move it into the smallest Linux VM that works. How much memory must the VM have?",
        options={
            "A": (
                "8 MB",
                "That is Redis and a thin wrapper. A VM brings a kernel of its own, and the kernel needs memory before Redis gets any.",
            ),
            "B": (
                "30 MB",
                "A kernel and a small userland came along. The program that runs the VM is only 2.5 MiB of it (MEM-02).",
            ),
            "C": (
                "512 MB",
                "That is a stock distribution with all its services. A guest can be far smaller than that.",
            ),
            "D": (
                "7 MB",
                "Then the kernel in the VM would need nothing. It is a program too, and it is there first.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"The measured minimum was {vl.evidence('MEM-08:Linux microVM redis').value:g} MB (MEM-08)."
        ),
        hints=("What does a VM have that a container has not?",),
    ),
    Number(
        "02.a",
        "How many MiB does one more copy of a 100 MB service take of the host, as a stock virtual machine?",
        answer=lambda: each(100, "virtual-machines"),
        unit="MiB",
        tolerance=0.02,
        wrong=(
            (
                lambda: 100 * MIB_PER_MB,
                "That is the service alone. The guest's operating system and the hypervisor's share are missing.",
            ),
            (
                lambda: 100 * MIB_PER_MB + 512,
                "Service and guest are there. What the hypervisor itself spends on each VM is missing.",
            ),
            (
                lambda: each(100, "containers"),
                'That is one more container. Deploy on "virtual-machines".',
            ),
            (
                lambda: first(100, "virtual-machines"),
                "That is the first copy with the host's own share. Take one more copy: two copies less one.",
            ),
        ),
        hints=(
            "Deploy one copy and two copies, and compare their memory_mib.",
            'one = vl.deploy(shop, 1, host=host, on="virtual-machines").memory_mib, and the same with 2.',
            "The answer is the second number less the first.",
        ),
        solution=lambda: (
            "vl.deploy(shop, 2, …).memory_mib - vl.deploy(shop, 1, …).memory_mib = "
            f"{each(100, 'virtual-machines'):.0f} MiB: service, guest system, and the hypervisor's cost of a VM."
        ),
    ),
    Choice(
        "02.2",
        "With an application of 20 MB, about 17 times as many containers as VMs fit (with a guest of 512 MiB). Now the application needs 2 GB. How many times as many?",
        options={
            "A": (
                "17 times",
                "An overhead is not a percentage. The guest's cost hardly changes while the application grows.",
            ),
            "B": (
                "about 9 times",
                "You are on the way: it shrinks. But the guest's cost is nearly fixed, so it shrinks with the size of the application.",
            ),
            "C": (
                "about 1.3 times",
                "The guest's cost is almost fixed and the application's grows: (a + guest) / (a + container) goes to 1.",
            ),
            "D": (
                "fewer containers than VMs",
                "Memory alone never turns it round. Another limit can: wait for the next question.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"By the model {ratio(2000):.2f}, and against a microVM {ratio(2000, 'microvms'):.2f}."
        ),
    ),
    Choice(
        "02.3",
        "The same 64 GiB server is a Kubernetes node at its recommended limit. It has room for about 2,000 containers of 20 MB or 117 stock VMs. One container a pod: how many run?",
        options={
            "A": ("about 2,000", "Memory is not the only thing that can say no."),
            "B": (
                "about 1,000",
                "The node's own programs take something, but not half of the memory.",
            ),
            "C": (
                "117, like VMs",
                "The VMs are bound by memory. What binds the pods is another number.",
            ),
            "D": (
                "110",
                "The recommended maximum is 110 pods a node (DENS-01). Here that is fewer than VMs. The limit can be raised.",
            ),
        },
        answer="D",
        reveal=lambda: (
            "The model says what binds: "
            + vl.model.fits(
                shop(20), vl.Host(16, 64, max_pods=int(vl.evidence("DENS-01").value)), "containers"
            ).binds
            + "."
        ),
    ),
    Number(
        "02.b",
        "With a guest of 64 MiB instead of 512, how many times as much does a VM take as a container, for a service of 20 MB?",
        answer=lambda: ratio(
            20, vl.platform("virtual-machines").but("slim guest", os_memory_mib=64)
        ),
        tolerance=0.03,
        wrong=(
            (
                lambda: ratio(20),
                'That is still the guest of 512 MiB. Make a what-if with .but("slim guest", os_memory_mib=64).',
            ),
            (
                lambda: ratio(20) * 64 / 512,
                "The ratio does not shrink in step with the guest: the service and the hypervisor's cost stay.",
            ),
            (
                lambda: (
                    first(20, vl.platform("virtual-machines").but("slim guest", os_memory_mib=64))
                    / first(20, "containers")
                ),
                "The host's own share is in both numbers. Take one more copy: two copies less one.",
            ),
        ),
        hints=(
            'slim = vl.platform("virtual-machines").but("slim guest", os_memory_mib=64)',
            "Then on=slim; take what one more copy costs, and divide by what one more container costs.",
            "One more costs what two copies take less what one takes. Do that on slim and on containers.",
        ),
        solution=lambda: (
            f"(20 MB + 64 MiB + the hypervisor's cost) / (20 MB + container) = {ratio(20, vl.platform('virtual-machines').but('slim guest', os_memory_mib=64)):.2f}."
        ),
    ),
    # misconception 2
    Choice(
        "02.4",
        "You move three jobs from Linux into a VM: linear algebra, reading a big file in order, many random 4 KiB reads. Which loses most?",
        options={
            "A": (
                "the algebra",
                "A virtual CPU is the real one most of the time: linear algebra kept 97.7 % (PERF-01).",
            ),
            "B": (
                "the big file",
                "Bytes in large pieces hardly cost more: 99 % was kept (PERF-15).",
            ),
            "C": (
                "the small random reads",
                "Operations cost, bytes and sums hardly do: each small read leaves the VM and comes back.",
            ),
            "D": (
                "all the same, about 10 %",
                "There is no single overhead. It depends on how often the work crosses out of the VM.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"A tuned VM kept {reads():.0%} of the random reads (PERF-12, 2014, virtual disk)."
        ),
    ),
    Code(
        "02.c",
        "Repair the law: how many whole copies fit, the host's own share taken off first, and never fewer than none.",
        law=lambda capacity, reserve, app, per_copy: max(
            0, int((capacity - reserve) // (app + per_copy))
        ),
        inputs=(
            (65536, 512, 20, 12),
            (65536, 512, 16384, 12),
            (1024, 2048, 100, 12),
            (1000, 0, 90, 10),
            (1000, 1, 90, 10),
        ),
        wrong=(
            (
                lambda capacity, reserve, app, per_copy: int(capacity // (app + per_copy)),
                "The host's own share is missing: take reserve off the capacity first.",
            ),
            (
                lambda capacity, reserve, app, per_copy: (capacity - reserve) / (app + per_copy),
                "Copies are whole: three and a half VMs are three. Use // or int().",
            ),
            (
                lambda capacity, reserve, app, per_copy: int(
                    (capacity - reserve) // (app + per_copy)
                ),
                "A host that is too small for itself holds no copies, not fewer than none. Use max(0, …).",
            ),
        ),
        hints=(
            "What is left when the host has taken its own share?",
            "(capacity - reserve) // (app + per_copy) counts whole copies.",
            "And max(0, …) for a host that is too small.",
        ),
        solution="return max(0, int((capacity - reserve) // (app + per_copy)))",
    ),
    Choice(
        "02.q1",
        "What makes most of the difference in memory between a container and a stock VM?",
        options={
            "A": (
                "the hypervisor",
                "It takes some tens of MB for each VM. The guest takes hundreds.",
            ),
            "B": (
                "the guest's operating system",
                "Yes: a kernel and a userland of its own in each VM, 512 MiB for a stock one (MEM-20).",
            ),
            "C": (
                "the application runs larger in a VM",
                "The application needs the same memory in both.",
            ),
            "D": ("the disk image", "An image lies on disk. It is not memory until it is read."),
        },
        answer="B",
    ),
    # misconception 1
    Choice(
        "02.q2",
        '"A container is a light VM." What is wrong with that?',
        options={
            "A": (
                "nothing",
                "A VM brings a kernel. A container brings none: it is a set of the host's processes.",
            ),
            "B": ("a container is heavier", "It is lighter in memory, as you have seen."),
            "C": (
                "a container has no kernel of its own",
                "Right. That is why the same Redis needed 7 MB in one and 30 MB in the other (MEM-08).",
            ),
            "D": (
                "containers run inside VMs",
                "They often do (ARCH-01), but that is not what makes them different.",
            ),
        },
        answer="C",
    ),
    # misconception 3
    Choice(
        "02.q3",
        '"Containers have no overhead at all." Which measurement speaks against it?',
        options={
            "A": ("linear algebra", "There container and bare metal were equal (PERF-01)."),
            "B": (
                "network messages to Redis in a Docker container, one client",
                "Yes: 26 % fewer requests a second than native (PERF-16). Docker's network bridge has its price.",
            ),
            "C": ("random reads from disk", "There container and bare metal were equal (PERF-12)."),
            "D": ("none", "One does: look at the messages."),
        },
        answer="B",
    ),
    Choice(
        "02.q4",
        "A service of 100 MB fits several times as often in containers as in stock VMs. What brings that ratio down most?",
        options={
            "A": (
                "a host with twice the memory",
                "Then twice as many of both fit, and the ratio stays where it is.",
            ),
            "B": (
                "a smaller guest system",
                "Yes: the guest is most of what a VM adds, so it decides the ratio.",
            ),
            "C": (
                "a hypervisor that needs no memory of its own",
                "It would save some tens of MB for each VM. The guest takes hundreds.",
            ),
            "D": ("more copies of the service", "Each copy pays the same as the one before it."),
        },
        answer="B",
        reveal=lambda: (
            f"With the stock guest the ratio is {ratio(100):.1f}, with one of 64 MiB "
            f"{ratio(100, vl.platform('virtual-machines').but('slim guest', os_memory_mib=64)):.1f}."
        ),
    ),
    Order(
        "02.d",
        "Order these guests by the memory they need, smallest first: stock, microVM, unikernel.",
        answer=("unikernel", "microVM", "stock"),
        wrong=(
            (
                ("microVM", "unikernel", "stock"),
                "A microVM still boots a Linux kernel. A unikernel has only the parts that its one application uses.",
            ),
            (
                ("stock", "microVM", "unikernel"),
                "You began with the largest. Smallest first: turn it round.",
            ),
        ),
        hints=(
            "Ask for each: whose kernel is it, and how much of one?",
            "In block 2 you could put microVMs or unikernels beside the other two. Which fitted more often?",
        ),
    ),
]
