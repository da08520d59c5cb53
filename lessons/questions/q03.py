"""What lesson 03 asks, what is right, and what each usual mistake is told."""

from math import inf

import virtlearn as vl
from virtlearn.study import Choice, Code, Number

SHARE, BURST, NICE = (
    vl.core.cpu.fair_share,
    vl.core.cpu.burst_latency_s,
    vl.core.cpu.weight_from_nice,
)


def against(neighbours, limit_cores, capacity_cores=2):
    """What one busy container with a limit gets beside busy ones without."""
    ask, limit = [4.0] * (neighbours + 1), [limit_cores, *[inf] * neighbours]
    return float(SHARE(ask, capacity_cores=capacity_cores, limit_cores=limit)[0])


def red():
    """What Red gets in 03.a [cores]."""
    return float(SHARE([4, 0.5, 4], weight=[200, 100, 100], capacity_cores=4)[0])


def burst_ms(work_ms, threads, limit_cores):
    """How long a burst takes [ms]."""
    return float(BURST(work_ms / 1000, threads=threads, quota_cores=limit_cores)) * 1000


def my_share(demand, weight, limit, capacity):
    """Share by weight what is left among those who still want some, again and again: the library's law."""
    return vl.core.cpu.fair_share(
        demand, capacity_cores=capacity, weight=weight, limit_cores=limit
    ).tolist()


def wasteful(demand, weight, limit, capacity):
    """Split by weight, then cut: what is cut off lies idle."""
    return [
        min(d, cap, capacity * w / sum(weight))
        for d, w, cap in zip(demand, weight, limit, strict=True)
    ]


def once(demand, weight, limit, capacity):
    """Hand on what is left, but only once."""
    first = wasteful(demand, weight, limit, capacity)
    most = [min(d, cap) for d, cap in zip(demand, limit, strict=True)]
    total = sum(w for w, g, m in zip(weight, first, most, strict=True) if g < m) or 1.0
    left = capacity - sum(first)
    return [
        g if g >= m else min(m, g + left * w / total)
        for g, m, w in zip(first, most, weight, strict=True)
    ]


def evenly(demand, weight, limit, capacity):
    """Share everything in equal parts."""
    return my_share(demand, [1.0] * len(weight), limit, capacity)


def unlimited(demand, weight, limit, capacity):
    """Forget the limits."""
    return my_share(demand, weight, [inf] * len(limit), capacity)


QUESTIONS = [
    Choice(
        "03.1",
        "Two containers of equal weight share one CPU. Red runs one busy process, Blue runs four. What part of the CPU does Red get?",
        options={
            "A": (
                "20 %",
                "That gives every process one turn. But the kernel first shares among groups, and only then inside each.",
            ),
            "B": ("25 %", "One against four. But it is not processes that are weighed."),
            "C": ("50 %", "Groups are weighed, not processes: two of equal weight get half each."),
            "D": (
                "it cannot be known",
                "Sharing is no luck. Over a second, the kernel keeps to its law within two thousandths of a CPU (OWN-27).",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"Measured: {vl.evidence('OWN-17:one process').value:g} and {vl.evidence('OWN-17:four processes').value:g} of a CPU (OWN-17)."
        ),
    ),
    Number(
        "03.a",
        "Red (weight 200) wants 4 cores, Blue (weight 100) wants 0.5, Green (weight 100) wants 4. There are 4 cores. How many does Red get?",
        answer=red,
        unit="cores",
        tolerance=0.005,
        wrong=(
            (
                lambda: 4 * 200 / 400,
                "That is Red's part of all four cores. But Blue leaves half a core of its part, and that goes on to Red and Green by weight.",
            ),
            (
                lambda: (4 - 0.5) / 2,
                "You shared what Blue leaves in equal parts. Red weighs twice as much as Green.",
            ),
            (
                lambda: 4 * 200 / 400 + 0.5,
                "What Blue leaves is shared too: Red gets two thirds of it, not all.",
            ),
            (
                lambda: 4.0,
                "That is what Red asked for. Green wants four as well, and there are four in all.",
            ),
        ),
        hints=(
            "Blue wants less than its part. Give Blue what it wants first.",
            "Then share the rest between Red and Green, 200 to 100.",
            "vl.core.cpu.fair_share([4, 0.5, 4], weight=[200, 100, 100], capacity_cores=4) gives all three.",
        ),
        solution=lambda: (
            f"Blue takes 0.5; of the 3.5 that are left Red gets 200/300: {red():.3f} cores."
        ),
    ),
    Choice(
        "03.2",
        "A request needs 100 ms of CPU time, split over 4 threads. Its limit is one CPU; the machine is idle. It takes 25 ms. A new version needs 110 ms of CPU time. How long does it take?",
        options={
            "A": (
                "27.5 ms",
                "That would be right without a limit. A limit counts also when nobody else wants the CPU.",
            ),
            "B": (
                "about 50 ms",
                "No slowing down by half: the threads run at full speed until the allowance is spent.",
            ),
            "C": (
                "102.5 ms",
                "After 25 ms the allowance of 100 ms is spent. The last 10 ms of work wait for the next period.",
            ),
            "D": (
                "110 ms",
                "That would be one thread at a time. A limit of one CPU does not mean one thread: four may run, until the allowance is spent.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"The law gives {burst_ms(100, 4, 1):g} ms and {burst_ms(110, 4, 1):g} ms: ten percent more work, four times the time."
        ),
    ),
    Number(
        "03.b",
        "A request needs 180 ms of CPU time in 6 threads, and its limit is half a CPU. How many milliseconds does it take on an idle machine?",
        answer=lambda: burst_ms(180, 6, 0.5),
        unit="ms",
        tolerance=0.005,
        wrong=(
            (
                lambda: burst_ms(180, 6, 6),
                "That is without a limit. Half a CPU allows 50 ms of CPU time in 100 ms.",
            ),
            (
                lambda: 180 / 0.5,
                "That spreads the work evenly. But the last piece does not wait for the end of its period: it is done early in it.",
            ),
            (
                lambda: burst_ms(180, 6, 0.5) / 1000,
                "The work is right, the unit is not: those are seconds.",
            ),
            (
                lambda: burst_ms(180, 1, 0.5),
                "That is one thread. Six threads spend the allowance, and the last piece of work, six times as fast.",
            ),
            (
                lambda: burst_ms(180, 6, 1),
                "That is a limit of a whole CPU. Half a CPU allows 50 ms in each period of 100 ms.",
            ),
        ),
        hints=(
            "How much CPU time is allowed in each period? How many periods does it need to wait for?",
            "50 ms in each: three full allowances are 150 ms, and the last 30 ms come after three periods of 100 ms.",
            "vl.core.cpu.burst_latency_s(0.180, threads=6, quota_cores=0.5) * 1000",
        ),
        solution=lambda: (
            f"Three waits of 100 ms, then 30 ms of work in six threads: {burst_ms(180, 6, 0.5):g} ms."
        ),
    ),
    # misconception 6
    Choice(
        "03.3",
        "A server has two CPUs. You start a container with --cpus=1.5 and keep it busy. Eight other containers without any flag are busy on the same server. How many CPUs does yours get?",
        options={
            "A": (
                "1.5: they are reserved for it",
                "The flag reserves nothing. It is a ceiling: at most 150 ms of CPU time in 100 ms (CPU-09).",
            ),
            "B": (
                "about 0.22",
                "A ninth of two CPUs. Nine groups of equal weight are busy, and your ceiling is far above your part.",
            ),
            "C": (
                "1: containers with a limit are served first",
                "Nobody is served first. A limit takes away, it never gives.",
            ),
            "D": (
                "none while the others are busy",
                "No group is starved: each gets its part by weight, and yours weighs as much as the others.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"The law gives {against(8, 1.5):.2f} CPUs; alone on the server it would be {against(0, 1.5):g}."
        ),
    ),
    Code(
        "03.c",
        "Repair my_share: no CPU may lie idle while somebody wants more and may have it.",
        law=my_share,
        inputs=(
            ([4.0, 4.0], [1, 1], [inf, inf], 3.0),
            ([1.0, 8.0, 8.0], [1, 1, 2], [inf, inf, inf], 10.0),
            ([1.0, 1.0, 1.0], [2, 1, 1], [0.2, 0.35, inf], 1.0),
            ([0.5, 0.25], [1, 3], [inf, inf], 4.0),
            ([6.0, 6.0, 6.0, 6.0], [1, 2, 3, 4], [inf, 0.5, 1.0, inf], 8.0),
        ),
        wrong=(
            (
                wasteful,
                "CPU still lies idle: what is cut off at a limit must go on to those who want more.",
            ),
            (
                once,
                "You hand on what is left once. But somebody may reach a limit then, and leave something again: repeat it.",
            ),
            (evenly, "What is left goes on by weight, not in equal parts."),
            (unlimited, "Now the limits are gone. Nobody gets more than min(demand, limit)."),
        ),
        hints=(
            "Give in rounds: in each one, share what is left among those who still want more.",
            "hungry = [i for i in range(len(most)) if got[i] < most[i]] lists them. Each round shares by their weights alone.",
            "for _ in most: left = capacity - sum(got); total = sum(weight[i] for i in hungry); for each i in hungry: got[i] = min(most[i], got[i] + left * weight[i] / total). Take left and total before you give.",
        ),
        solution="for _ in most: hungry = those with got[i] < most[i]; left = capacity - sum(got); each hungry i gets min(most[i], got[i] + left * weight[i] / total weight of the hungry).",
    ),
    Number(
        "03.d",
        "Two busy processes share one CPU, one at nice 0, one at nice 10. How many times as much does the first get?",
        answer=lambda: float(NICE(0) / NICE(10)),
        unit="times",
        tolerance=0.02,
        wrong=(
            (
                lambda: float(NICE(0) / NICE(5)),
                "That is nice 0 against 5. Ten steps down the weight is much smaller.",
            ),
            (
                lambda: 10.0,
                "A nice value is no divisor. Each step takes off about a fifth of the weight.",
            ),
            (
                lambda: 1 + 10 * 0.25,
                "The steps multiply, they do not add up: 1.25 times 1.25 times 1.25 and so on.",
            ),
            (
                lambda: float(NICE(10) / NICE(0)),
                "That is the second against the first. The nicer one gets less.",
            ),
        ),
        hints=(
            "Each nice value has a weight, and the CPU is shared by weight.",
            "vl.core.cpu.weight_from_nice(0) is the first one's weight.",
            "vl.core.cpu.weight_from_nice(0) / vl.core.cpu.weight_from_nice(10)",
        ),
        solution=lambda: f"{NICE(0)} / {NICE(10)} = {NICE(0) / NICE(10):.2f}.",
    ),
    Choice(
        "03.q1",
        "docker run, without any flag. How much CPU may the container use?",
        options={
            "A": ("one CPU", "No such limit is set unless you set it."),
            "B": (
                "all there is, while nobody else wants it",
                "Yes: no limit (CPU-11), and by weight only when others want it too (CPU-10).",
            ),
            "C": ("what its image asks for", "An image is files. It asks for no CPU."),
            "D": (
                "an equal part, and never more",
                "Parts count only under contention. What others leave may be used.",
            ),
        },
        answer="B",
    ),
    # misconception 2
    Choice(
        "03.q2",
        "A container and a virtual machine with the CPU's help each compute for an hour, alone on their server. How much less does the VM get done?",
        options={
            "A": (
                "about 10 %: a virtual CPU is slower",
                "A virtual CPU is a real one that somebody shares.",
            ),
            "B": (
                "about 2 %",
                "Yes: linear algebra kept 97.7 % in a tuned VM, and all of it in Docker (PERF-01).",
            ),
            "C": (
                "about half",
                "Half is what small random reads keep (PERF-12). They leave the VM, sums do not.",
            ),
            "D": (
                "more than half: it is a simulation",
                "Emulation would be. This VM has the CPU's help.",
            ),
        },
        answer="B",
    ),
    Choice(
        "03.q3",
        "Teams A and B have a group each, of equal weight. Team A gives one container inside its group the weight 10,000. What does that take from team B?",
        options={
            "A": ("nearly everything", "A weight counts only among neighbours in the same group."),
            "B": (
                "nothing",
                "Right: between A and B the groups' weights decide. Inside A the weight counts against A's others.",
            ),
            "C": ("half", "B keeps its half. It has not lost half of it."),
        },
        answer="B",
    ),
    Choice(
        "03.q4",
        "Which of these is kept for you while you do not use it, and given at once when you do?",
        options={
            "A": (
                "a weight",
                "A weight says how much you get compared with the others. It promises no amount.",
            ),
            "B": ("a limit", "A limit only takes away."),
            "C": (
                "a reservation",
                "Yes. vSphere has it for CPU; Linux groups have not. A Kubernetes CPU request is a rule for placing and a weight.",
            ),
            "D": ("a nice value", "That is a weight under another name."),
        },
        answer="C",
    ),
    Choice(
        "03.q5",
        "Sixteen cores carry 64 virtual CPUs, four to one, as OpenStack allows by default (DENS-08). All VMs compute at once. What happens?",
        options={
            "A": (
                "the last ones do not start",
                "CPU is shared, not used up. Memory refuses, CPU goes slower.",
            ),
            "B": (
                "each virtual CPU gets a quarter of a core",
                "Yes: the hypervisor shares cores among VMs as Linux shares them among groups. A VM's wall keeps nobody's CPU.",
            ),
            "C": (
                "nothing: a VM owns its CPUs",
                "A virtual CPU is a promise of turns, not a piece of hardware.",
            ),
            "D": ("the server stops", "It is busy, no more. Everybody is slower."),
        },
        answer="B",
    ),
]
