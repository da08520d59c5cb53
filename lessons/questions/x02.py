"""What exercise 02 asks, with each student's own numbers."""

import virtlearn as vl
from virtlearn.study import Code, Number

DRAW = {"memory_gib": range(32, 129, 8), "app_mib": range(24, 151), "guest_mib": range(80, 321, 16)}
POINTS = {"1a": 1, "1b": 1, "2a": 1, "2b": 1, "3": 3, "4": 3, "5": 4}


def copies_that_fit(memory_gib, reserve_mib, app_mib, per_copy_mib):
    """Count the whole copies that fit."""
    return max(0, int((memory_gib * 1024 - reserve_mib) // (app_mib + per_copy_mib)))


def largest_guest_mib(times, app_mib, container_mib, vmm_mib):
    """Say how large a guest may be, for a VM to take so many times as much as a container."""
    return max(0, times * (app_mib + container_mib) - app_mib - vmm_mib)


def vms_with_sharing_mib(copies, app_mib, guest_mib, vmm_mib, fraction):
    """Add up the memory of all VMs, with what is the same in their guests stored once."""
    return copies * (app_mib + guest_mib + vmm_mib) - guest_mib * fraction * max(0, copies - 1)


def questions(mine):
    """Ask with one student's numbers."""
    host = vl.Host(cores=16, memory_gib=mine.memory_gib)
    service = vl.Workload("service", cpu_cores=0.1, memory_mib=mine.app_mib)
    guest_mib = vl.deploy(service, 1, host=host, on="virtual-machines").memory_by_layer[
        "guest operating system"
    ]

    def take(copies, on):
        return vl.deploy(service, copies, host=host, on=on).memory_mib

    def one_more(on):
        return take(2, on) - take(1, on)

    def fit(on):
        return vl.model.fits(service, host, on).max_copies

    def left_mib(on):  # what the host keeps for itself is what one copy takes beyond one more copy
        return mine.memory_gib * 1024 - (2 * take(1, on) - take(2, on))

    return [
        Number(
            "x02.1a",
            "What does one more container take of the host, in MiB?",
            answer=lambda: one_more("containers"),
            unit="MiB",
            tolerance=0.003,  # a neighbour's service differs by 1 MiB or more
            wrong=(
                (
                    lambda: mine.app_mib,
                    "That is the service alone. Which layers come with each container?",
                ),
                (
                    lambda: take(1, "containers"),
                    "That is all that runs with one copy. What is there once, such as the host's own system, is no cost of one *more* copy.",
                ),
                (
                    lambda: one_more("virtual-machines"),
                    'That is one more VM. Deploy on "containers".',
                ),
            ),
            hints=(
                "What is there once, and what does each copy bring?",
                "Deploy one copy and two copies, and compare their memory_mib.",
            ),
        ),
        Number(
            "x02.1b",
            "What does one more stock virtual machine take of the host, in MiB?",
            answer=lambda: one_more("virtual-machines"),
            unit="MiB",
            tolerance=0.0007,
            wrong=(
                (
                    lambda: mine.app_mib,
                    "That is the service alone. A VM brings an operating system of its own.",
                ),
                (
                    lambda: mine.app_mib + guest_mib,
                    "Service and guest are there. What the hypervisor itself spends on each VM is missing.",
                ),
                (
                    lambda: take(1, "virtual-machines"),
                    "That is all that runs with one copy. What is there once, such as the host's own system, is no cost of one *more* copy.",
                ),
                (
                    lambda: one_more("containers"),
                    'That is one more container. Deploy on "virtual-machines".',
                ),
            ),
            hints=(
                "Three things come with each VM: the service, the guest, and what the hypervisor spends on it.",
                "Do as for containers: two copies less one copy.",
            ),
        ),
        Number(
            "x02.2a",
            "How many copies fit on your host in containers?",
            answer=lambda: fit("containers"),
            unit="copies",
            tolerance=1e-6,
            wrong=(
                (
                    lambda: mine.memory_gib * 1024 // one_more("containers"),
                    "Then the host keeps nothing for itself. Take its own share off before you divide.",
                ),
                (
                    lambda: left_mib("containers") // mine.app_mib,
                    "You divide by the service alone. Each container also brings some bookkeeping.",
                ),
                (lambda: fit("virtual-machines"), "So many VMs fit. Containers are not VMs."),
            ),
            hints=('vl.model.fits(service, host, "containers") has an answer max_copies.',),
        ),
        Number(
            "x02.2b",
            "How many copies fit on your host in stock virtual machines?",
            answer=lambda: fit("virtual-machines"),
            unit="copies",
            tolerance=1e-6,
            wrong=(
                (
                    lambda: left_mib("virtual-machines") / one_more("virtual-machines"),
                    "Copies are whole: three and a half VMs are three.",
                ),
                (
                    lambda: left_mib("virtual-machines") // mine.app_mib,
                    "You divide by the service alone. Each VM also brings a guest system and the hypervisor's share.",
                ),
                (lambda: fit("containers"), "So many containers fit. VMs are not containers."),
            ),
            hints=('vl.model.fits(service, host, "virtual-machines") has an answer max_copies.',),
        ),
        Code(
            "x02.3",
            "Write copies_that_fit: how many whole copies fit on a host.",
            law=copies_that_fit,
            inputs=(
                (1, 24, 90, 10),
                (mine.memory_gib, 512, mine.app_mib, mine.guest_mib),
                (7, 500, 33, 12),
                (1, 2048, 90, 10),
                (1, 1, 90, 11),
            ),
            wrong=(
                (
                    lambda memory_gib, reserve_mib, app_mib, per_copy_mib: max(
                        0, int(memory_gib * 1024 // (app_mib + per_copy_mib))
                    ),
                    "The reserve is missing: the host takes its own share first.",
                ),
                (
                    lambda memory_gib, reserve_mib, app_mib, per_copy_mib: max(
                        0, (memory_gib * 1024 - reserve_mib) / (app_mib + per_copy_mib)
                    ),
                    "Copies are whole: three and a half are three. Use // or int().",
                ),
                (
                    lambda memory_gib, reserve_mib, app_mib, per_copy_mib: (
                        (memory_gib * 1024 - reserve_mib) // (app_mib + per_copy_mib)
                    ),
                    "A host that is too small for itself holds none, not fewer than none. Use max(0, …).",
                ),
                (
                    lambda memory_gib, reserve_mib, app_mib, per_copy_mib: max(
                        0, int((memory_gib * 1000 - reserve_mib) // (app_mib + per_copy_mib))
                    ),
                    "A GiB is 1,024 MiB, not 1,000.",
                ),
            ),
            hints=(
                "What is left when the host has taken its share?",
                "1 GiB is 1,024 MiB, and // counts whole copies.",
                "And max(0, …) for a host that is too small.",
            ),
            solution="return max(0, int((memory_gib * 1024 - reserve_mib) // (app_mib + per_copy_mib)))",
        ),
        Code(
            "x02.4",
            "Write largest_guest_mib: how large a guest may be, for a VM to take at most so many times as much as a container.",
            law=largest_guest_mib,
            inputs=(
                (3, mine.app_mib, 12, 20),
                (4, mine.app_mib, 12, 24),
                (1.5, 400, 4, 48),
                (10, 30, 12, 5),
                (1, 100, 12, 23),
            ),
            wrong=(
                (
                    lambda times, app_mib, container_mib, vmm_mib: (
                        times * (app_mib + container_mib)
                    ),
                    "That is the whole VM. The service and the hypervisor's share are in it too: take them off.",
                ),
                (
                    lambda times, app_mib, container_mib, vmm_mib: max(
                        0, times * (app_mib + container_mib) - app_mib
                    ),
                    "The hypervisor's share, vmm_mib, is a part of the VM too.",
                ),
                (
                    lambda times, app_mib, container_mib, vmm_mib: (
                        times * (app_mib + container_mib) - app_mib - vmm_mib
                    ),
                    "No guest is smaller than nothing. Where none is small enough, give 0.",
                ),
                (
                    lambda times, app_mib, container_mib, vmm_mib: max(
                        0, times * container_mib - vmm_mib
                    ),
                    "The service is multiplied as well: times * (app_mib + container_mib) is what the VM may take.",
                ),
            ),
            hints=(
                "Write down what the VM may take at most, then take off what is not guest.",
                "At most times * (app_mib + container_mib), less app_mib, less vmm_mib.",
                "And never below 0.",
            ),
            solution="return max(0, times * (app_mib + container_mib) - app_mib - vmm_mib)",
        ),
        Code(
            "x02.5",
            "Write vms_with_sharing_mib: what all VMs take, with what is the same in their guests stored once.",
            law=vms_with_sharing_mib,
            inputs=(
                (2, mine.app_mib, mine.guest_mib, 20, 0),
                (1, mine.app_mib, mine.guest_mib, 20, 0.5),
                (5, mine.app_mib, mine.guest_mib, 20, 0.4),
                (100, 100, 512, 23, 1),
                (0, 100, 512, 23, 0.5),
            ),
            wrong=(
                (
                    lambda copies, app_mib, guest_mib, vmm_mib, fraction: (
                        copies * (app_mib + guest_mib * (1 - fraction) + vmm_mib)
                    ),
                    "Then nothing of what is shared is stored at all. The first copy of it must stay.",
                ),
                (
                    lambda copies, app_mib, guest_mib, vmm_mib, fraction: (
                        (app_mib + guest_mib + vmm_mib) * (copies - fraction * max(0, copies - 1))
                    ),
                    "Only the guest is the same in all. The service and the hypervisor's share are not shared.",
                ),
                (
                    lambda copies, app_mib, guest_mib, vmm_mib, fraction: (
                        copies * (app_mib + guest_mib + vmm_mib)
                        - guest_mib * fraction * (copies - 1)
                    ),
                    "With no VM at all, nothing is taken and nothing saved. Use max(0, copies - 1).",
                ),
                (
                    lambda copies, app_mib, guest_mib, vmm_mib, fraction: (
                        copies * (app_mib + guest_mib + vmm_mib)
                    ),
                    "You have not shared anything yet: where is fraction?",
                ),
            ),
            hints=(
                "First add up all VMs as if they shared nothing.",
                "Each VM but the first saves guest_mib * fraction.",
                "So take off guest_mib * fraction * max(0, copies - 1).",
            ),
            solution="return copies * (app_mib + guest_mib + vmm_mib) - guest_mib * fraction * max(0, copies - 1)",
        ),
    ]
