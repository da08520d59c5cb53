"""What is right in the inventory, as the library says it: for each idea and form the text of the right option.

The questions stand in inventory.toml, what each letter means in misconceptions.toml. Ideas that no law decides are
not here; they rest on the evidence that misconceptions.toml names.
"""

import numpy as np

import virtlearn as vl
from virtlearn.core import attack, cpu, failure, memory, storage

MIB_PER_MB = vl.units.convert(1, "MB", "MiB")
HOURS_A_YEAR = 8760
APP = vl.Workload("app", cpu_cores=0.1, memory_mib=64)
SERVER = vl.Host(cores=32, memory_gib=256)
WORDS = {6: "six", 10: "ten"}


def quarter_of_the_total(memory_gib):
    """A cache of a quarter of the memory that the kernel reports: the whole server's."""
    total_mib = vl.Host(cores=16, memory_gib=memory_gib).memory_mib
    return f"{total_mib / 4 / 1024:g} GiB"


def kernels(machines, in_each, beside):
    """Count the kernels of a Linux with VMs, containers in them, and containers beside them."""
    boxes = vl.ContainerRuntime(runs=[vl.Container(APP)] * in_each)
    guest = vl.OperatingSystem("guest", runs=[boxes])
    machine = vl.VirtualMachine("vm", memory_mib=4096, runs=[guest])
    hypervisor = vl.Hypervisor("hypervisor", runs=[machine] * machines)
    outside = vl.ContainerRuntime(runs=[vl.Container(APP)] * beside)
    linux = vl.OperatingSystem("linux", runs=[outside, hypervisor])
    return str(vl.Deployment(SERVER, runs=[linux]).kernels)


def one_more(mb, on):
    """What one more copy of a program of so many MB takes of a host [MiB]."""
    program = vl.Workload("program", cpu_cores=0.1, memory_mib=mb * MIB_PER_MB)
    one = vl.deploy(program, 1, host=SERVER, on=on).memory_mib
    two = vl.deploy(program, 2, host=SERVER, on=on).memory_mib
    return two - one


def saved(small, small_mb, large, large_mb):
    """What share of their memory two kinds of programs save that leave their stock VMs."""
    said = []
    for who, mb in ((small, small_mb), (large, large_mb)):
        share = 1 - one_more(mb, "containers") / one_more(mb, "virtual-machines")
        said.append(f"the {who} about {100 * share:.0f} %")
    return ", ".join(said)


def slowest(operations):
    """The job that keeps least of its speed in a VM, each by what it does most."""
    vm = vl.platform("virtual-machines")
    kept = {job: vm.keeps(operation)[0] for job, operation in operations.items()}
    return min(kept, key=kept.get)


def kept_in_docker(row, native, docker, requests):
    """How many of a number of requests a row of the evidence leaves, to two digits."""
    share = vl.evidence(f"{row}:{docker}").value / vl.evidence(f"{row}:{native}").value
    return float(f"{share * requests:.2g}")


def busy_and_alone(capacity, limit, neighbours):
    """What a busy container with a limit gets beside busy ones without, and alone."""
    got = []
    for others in (neighbours, 0):
        limits = [limit, *[np.inf] * others]
        demand = [capacity] * len(limits)
        share = cpu.fair_share(demand, capacity_cores=capacity, limit_cores=limits)
        got.append(f"{share[0]:g}")
    return " and ".join(got)


def of_two_groups(capacity, first, second):
    """What the first of two groups of equal weight gets, whose programs want a core each."""
    return f"{cpu.fair_share([first, second], capacity_cores=capacity)[0]:g}"


def killed(name, asked_gib, limit_gib, others_gib, capacity_gib):
    """Whom the kernel kills when one container asks for more than its limit."""
    held = [asked_gib, *others_gib]
    limits = [limit_gib, *[np.inf] * len(others_gib)]
    order = memory.oom_kill_order(held, limits, np.zeros(len(held)), capacity_gib)
    if order.tolist() == [0]:
        return f"the kernel ends a program in the {name} container"
    return f"groups {order.tolist()} die"


def longest_phase(services):
    """What to leave out of a VM's start, if its longest phase is the services of its system."""
    phases = vl.deploy(APP, 1, host=SERVER, on="virtual-machines").start_phases
    longest, _seconds = max(phases, key=lambda phase: phase[1])
    return services if "services" in longest else longest


def cold_start(image_mb, mb_per_s, program_s):
    """How long a container takes whose image has to be fetched first."""
    fetch_s = storage.pull_s([[1]], [image_mb], cached=[0], mib_per_s=mb_per_s)[0]
    start_s = vl.deploy(APP, 1, host=SERVER, on="containers").start_s
    return f"about {fetch_s + start_s + program_s:.0f} s"


def both_down(share, common=0.0):
    """For what share of the time two are down at once; ``common`` of each one's time is shared."""
    alone = (1 - common) * share
    up = failure.copies_up_pmf([-1, 0, 0], [1, 1 - alone, 1 - alone], common_cause=common * share)
    return up[0].item()


def percent(share):
    """A share of the time, as an option says it."""
    return f"about {100 * share:.2g} %"


def hours(hours_down, common):
    """The hours a year for which both of two are down."""
    found = round(both_down(hours_down / HOURS_A_YEAR, common) * HOURS_A_YEAR)
    return f"about {found} hour" + ("s" if found > 1 else "")


def left_running(on_what):
    """What still runs when the hardware or the system of a server fails, VMs and containers together."""
    left = 0
    for on in ("virtual-machines-hosted", "containers"):
        server = vl.deploy(APP, 8, host=SERVER, on=on)
        below = server.tree.kind.index(on_what)
        left += server.copies - len(server.dies_with(server.tree.name[below]))
    return "nothing of it" if left == 0 else f"{left} of it"


def opened(machines):
    """How many VMs an intruder has in the end with a key that opens all, where no wall gives way."""
    tree = [-1, *[0] * machines]
    rng = np.random.default_rng(7)
    lost = attack.simulate_attacks(tree, 0.0, 1, lateral=1.0, steps=3, trials=100, rng=rng)
    return f"all {WORDS[round(lost[-1].item())]}"


def suits(copies, mb, memory_gib):
    """What suits many small programs on little memory, and what loses least to an intruder."""
    host = vl.Host(cores=16, memory_gib=memory_gib)
    small = vl.Workload("service", cpu_cores=0.1, memory_mib=mb * MIB_PER_MB)
    room, lost = {}, {}
    for on in ("containers", "virtual-machines"):
        room[on] = vl.deploy(small, 1, host=host, on=on).max_copies
        lost[on] = vl.deploy(APP, 10, host=SERVER, on=on).blast_radius()
    fits = {on for on in room if room[on] >= copies}
    walled = min(lost, key=lost.get)
    if fits == {"containers"} and walled == "virtual-machines":
        return "containers for the first, virtual machines for the second"
    return f"{fits} fit, {walled} lose least"


JOBS_A = {
    "the one that compresses": "computing",
    "the one that looks up records": "random I/O",
    "the one that reads the file": "sequential I/O",
}
JOBS_B = {
    "the one that computes": "computing",
    "the one that answers messages": "network messages",
    "the one that writes the backup": "sequential I/O",
}

TRUTH = {
    "shown.A": lambda: quarter_of_the_total(64),
    "shown.B": lambda: f"{vl.Host(cores=32, memory_gib=64).cores:g}",
    "count.A": lambda: kernels(machines=4, in_each=6, beside=12),
    "count.B": lambda: kernels(machines=2, in_each=9, beside=5),
    "size.A": lambda: saved("helpers", 30, "databases", 10_000),
    "size.B": lambda: saved("services", 60, "search engines", 20_000),
    "crossings.A": lambda: slowest(JOBS_A),
    "crossings.B": lambda: slowest(JOBS_B),
    "price.A": lambda: (
        f"{kept_in_docker('PERF-16', 'native', 'Docker bridge', 10_000):,.0f}: "
        "each request takes a longer way"
    ),
    "price.B": lambda: (
        f"{kept_in_docker('PERF-26', 'native', 'Docker', 1_000_000):,.0f}: "
        "each read takes a longer way"
    ),
    "limit.A": lambda: busy_and_alone(capacity=8, limit=2, neighbours=15),
    "limit.B": lambda: busy_and_alone(capacity=4, limit=1, neighbours=19),
    "groups.A": lambda: of_two_groups(12, first=8, second=24),
    "groups.B": lambda: of_two_groups(20, first=15, second=45),
    "killed.A": lambda: killed("mail", 2.1, 2, others_gib=[4, 6], capacity_gib=32),
    "killed.B": lambda: killed("test", 0.6, 0.5, others_gib=[1] * 29, capacity_gib=39),
    "boot.A": lambda: longest_phase(
        "leave out the services of its Linux that the program does not need"
    ),
    "boot.B": lambda: longest_phase("a Linux with only what the customer's program needs"),
    "cold.A": lambda: cold_start(800, 100, program_s=1),
    "cold.B": lambda: cold_start(1500, 50, program_s=2),
    "copies.A": lambda: percent(both_down(0.01)),
    "copies.B": lambda: percent(both_down(0.04)),
    "common.A": lambda: hours(20, common=1 / 20),
    "common.B": lambda: hours(50, common=1 / 10),
    "host.A": lambda: left_running("host"),
    "host.B": lambda: left_running("operating-system"),
    "keys.A": lambda: opened(6),
    "keys.B": lambda: opened(10),
    "choose.A": lambda: suits(copies=150, mb=60, memory_gib=32),
    "choose.B": lambda: suits(copies=90, mb=60, memory_gib=16),
}
