"""What the exam of exercise 02 asks: form B, with other platforms, other laws and other numbers than the exercise."""

from math import ceil

import virtlearn as vl
from virtlearn.study import Code, Number

DRAW = {"memory_gib": range(24, 97, 8), "app_mib": range(40, 201), "cores": (8, 12, 16, 24)}
POINTS = {"1a": 1, "1b": 1, "2a": 1, "2b": 1, "3": 3, "4": 3, "5": 4}
SMALL, KATA = "microvms", "vm-isolated-containers"


def host_gib_for(copies, reserve_mib, app_mib, per_copy_mib):
    """Say how many whole GiB a host must have."""
    return ceil((copies * (app_mib + per_copy_mib) + reserve_mib) / 1024)


def smallest_app_mib(times, container_mib, guest_mib, vmm_mib):
    """Say how large an application must be, for a VM to take at most so many times as much as a container."""
    return max(0, (guest_mib + vmm_mib - times * container_mib) / (times - 1))


def images_mib(copies, hosts, base_mib, own_mib):
    """Add up the disk of copies that are spread over hosts and share a base on each."""
    return min(hosts, copies) * base_mib + copies * own_mib


def questions(mine):
    """Ask with one student's numbers."""
    host = vl.Host(cores=mine.cores, memory_gib=mine.memory_gib)
    api = vl.Workload("api", cpu_cores=0.1, memory_mib=mine.app_mib)

    def take(copies, on):
        return vl.deploy(api, copies, host=host, on=on).memory_mib

    def one_more(on):
        return take(2, on) - take(1, on)

    def fit(on):
        return vl.model.fits(api, host, on).max_copies

    def reads(number, on, other):
        return Number(
            f"x02.{number}",
            f"What does one more copy take of the host on {on}, in MiB?",
            answer=lambda: one_more(on),
            unit="MiB",
            tolerance=0.0007,
            wrong=(
                (lambda: mine.app_mib, "That is the application alone."),
                (lambda: take(1, on), "That is all that runs with one copy, not one more copy."),
                (lambda: one_more(other), f"That is one more copy on {other}."),
            ),
        )

    def counts(number, on, other):
        return Number(
            f"x02.{number}",
            f"How many copies fit on your host on {on}?",
            answer=lambda: fit(on),
            unit="copies",
            tolerance=1e-6,
            wrong=(
                (
                    lambda: mine.memory_gib * 1024 // one_more(on),
                    "Then the host keeps nothing for itself.",
                ),
                (lambda: fit(other), f"So many fit on {other}."),
            ),
        )

    return [
        reads("1a", SMALL, KATA),
        reads("1b", KATA, SMALL),
        counts("2a", SMALL, KATA),
        counts("2b", KATA, SMALL),
        Code(
            "x02.3",
            "Write host_gib_for: how many whole GiB a host must have, for all copies to fit.",
            law=host_gib_for,
            inputs=((10, 512, 90, 10), (200, 512, mine.app_mib, 12), (1, 1, 1, 1), (4, 0, 250, 6)),
            wrong=(
                (
                    lambda copies, reserve_mib, app_mib, per_copy_mib: ceil(
                        copies * (app_mib + per_copy_mib) / 1024
                    ),
                    "The reserve is missing: the host takes its own share first.",
                ),
                (
                    lambda copies, reserve_mib, app_mib, per_copy_mib: (
                        (copies * (app_mib + per_copy_mib) + reserve_mib) // 1024
                    ),
                    "Rounded down, the last copy has no room. Round up.",
                ),
                (
                    lambda copies, reserve_mib, app_mib, per_copy_mib: ceil(
                        (copies * (app_mib + per_copy_mib) + reserve_mib) / 1000
                    ),
                    "A GiB is 1,024 MiB, not 1,000.",
                ),
            ),
        ),
        Code(
            "x02.4",
            "Write smallest_app_mib: from which size on a VM takes at most so many times as much as a container.",
            law=smallest_app_mib,
            inputs=((2, 12, 256, 24), (1.5, 12, mine.app_mib, 20), (3, 12, 30, 5), (11, 0, 90, 10)),
            wrong=(
                (
                    lambda times, container_mib, guest_mib, vmm_mib: max(
                        0, (guest_mib - times * container_mib) / (times - 1)
                    ),
                    "The hypervisor's share, vmm_mib, is a part of the VM too.",
                ),
                (
                    lambda times, container_mib, guest_mib, vmm_mib: max(
                        0, (guest_mib + vmm_mib) / (times - 1)
                    ),
                    "A container takes more than its application: container_mib is missing.",
                ),
                (
                    lambda times, container_mib, guest_mib, vmm_mib: (
                        (guest_mib + vmm_mib - times * container_mib) / (times - 1)
                    ),
                    "No application is smaller than nothing.",
                ),
            ),
        ),
        Code(
            "x02.5",
            "Write images_mib: the disk of copies on several hosts, the base stored once on each host that has a copy.",
            law=images_mib,
            inputs=((10, 3, 500, 20), (2, 5, 500, mine.app_mib), (0, 4, 500, 20), (7, 1, 100, 0)),
            wrong=(
                (
                    lambda copies, hosts, base_mib, own_mib: base_mib + copies * own_mib,
                    "Each host with a copy stores the base itself: hosts share no disk.",
                ),
                (
                    lambda copies, hosts, base_mib, own_mib: copies * (base_mib + own_mib),
                    "On one host the base is stored once, however many copies there are.",
                ),
                (
                    lambda copies, hosts, base_mib, own_mib: hosts * base_mib + copies * own_mib,
                    "A host without a copy has pulled nothing.",
                ),
            ),
        ),
    ]
