"""What lesson 11 asks, what is right, and what each usual mistake is told."""

import virtlearn as vl
from virtlearn.core import migration
from virtlearn.study import Choice, Code, Number

MEMORY = 8192
SPEED = 1192.1  # 10 Gbit/s in MiB/s
FASTER = 2980.2  # 25 Gbit/s
FREEZE_S = 14 * vl.evidence("MIG-19:process").to("s").number


def moved(dirty_mib_s, speed=SPEED, **how):
    """Move the lesson's machine by pre-copy."""
    return migration.precopy(MEMORY, dirty_mib_s, speed, **how)


def dark(dirty_mib_s, speed=SPEED):
    """Say for how long the lesson's machine is dark."""
    return vl.units.duration(moved(dirty_mib_s, speed).downtime_s.item())


def small():
    """Move the machine of the first check."""
    return migration.precopy(4096, dirty_mib_s=100, bandwidth_mib_s=400)


def slowed():
    """Move the machine of the second check, and say how long each round took."""
    move = moved(1280, auto_converge=True)
    return move, move.rounds_mib[:-1] / SPEED


def work_lost_s():
    """Work that the slowed machine did not do [s]."""
    move, seconds = slowed()
    return float((move.throttle * seconds).sum())


def frozen_s(freeze_s=FREEZE_S, memory_mib=600.0):
    """Say how long a container is dark that is frozen, copied and woken up."""
    return migration.stop_and_copy(memory_mib, SPEED, resume_s=freeze_s).item()


def rounds_of(memory, dirty, bandwidth, limit_s=0.3):
    """Give what each round sends, and last what is sent while the machine stands still."""
    move = migration.precopy(memory, dirty, bandwidth, downtime_limit_s=limit_s)
    return move.rounds_mib[: move.rounds.item() + 1].tolist()


def broken(fault):
    """Give the law of the rounds with one fault of those that the lesson's copy has."""

    def rounds_of(memory, dirty, bandwidth, limit_s=0.3):
        rounds = [memory]
        small_enough = limit_s if fault == "seconds" else bandwidth * limit_s
        for _ in range(30):
            before = memory if fault == "all memory" else rounds[-1]
            written = dirty * before / bandwidth
            rounds.append(written if fault == "no roof" else min(written, memory))
            if written <= small_enough:
                break
        return rounds

    return rounds_of


QUESTIONS = [
    Choice(
        "11.1",
        "A VM has 8 GiB. Its guest writes 256 MiB into memory each second. It is moved live over 10 Gbit/s, and may stand still for 300 ms at most. How long is it dark?",
        options={
            "A": (
                "not at all: it is moved while it runs",
                "Live means a short standstill, not none. What the guest wrote during the last round must be sent while nobody writes.",
            ),
            "B": (
                "less than 300 ms",
                "Each round leaves less to send. When the rest is small enough, the VM stops for that rest alone.",
            ),
            "C": (
                "about 7 s: as long as 8 GiB take",
                "That is stop and copy. In pre-copy the 8 GiB cross while the VM runs.",
            ),
            "D": (
                "about 9 s: as long as the whole move takes",
                "The whole move takes that long, and nearly all the time the VM runs.",
            ),
        },
        answer="B",
        reveal=lambda: (
            f"The law says: dark for {dark(256)}, of {vl.units.duration(moved(256).total_s.item())} in all."
        ),
    ),
    Choice(
        "11.2",
        "You move the same VM, which writes 256 MiB each second, over 25 Gbit/s instead of 10. How long is it dark now?",
        options={
            "A": (
                "less than half as long",
                "A faster network shortens the move. The standstill may be anything up to 300 ms, and here it is longer.",
            ),
            "B": (
                "as long as before",
                "The rest is another one: the move stops after another round, at another size.",
            ),
            "C": (
                "longer than before",
                "After the first round the rest can already be sent within 300 ms. So the VM stops at once, for a larger rest.",
            ),
            "D": (
                "not at all: nothing is left to send",
                "Something is always left while the guest writes.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"The law says: dark for {dark(256)} over 10 Gbit/s, and for {dark(256, FASTER)} over 25."
        ),
    ),
    Number(
        "11.a",
        "A VM of 4,096 MiB writes 100 MiB each second and is sent at 400 MiB/s. It stops when the rest takes 0.3 s at most. How many MiB cross the network in all?",
        answer=lambda: small().sent_mib.item(),
        unit="MiB",
        tolerance=2e-3,
        wrong=(
            (
                lambda: 4096,
                "That is its memory, once. What was written meanwhile must be sent again.",
            ),
            (
                lambda: small().sent_mib.item() - small().rounds_mib[-1].item(),
                "The last part is missing: what crosses while the VM stands still also crosses.",
            ),
            (
                lambda: 4096 + 1024,
                "That is the memory and one round more. The rest is still too large to stop: go on.",
            ),
            (
                lambda: 4096 * 400 / (400 - 100),
                "That is what rounds without an end would send. The rounds stop when the rest takes 0.3 s.",
            ),
        ),
        hints=(
            "How long does the first round take, and what does the guest write in that time?",
            "A quarter of each round is dirty again. Stop when the rest is 120 MiB or less.",
            "Add up 4096, 1024, and so on; or take sent_mib from vl.core.migration.precopy(4096, 100, 400).",
        ),
        solution=lambda: (
            f"{' + '.join(f'{mib:g}' for mib in small().rounds_mib)} = {small().sent_mib.item():g} MiB"
        ),
    ),
    Choice(
        "11.3",
        "Now the guest writes 2,048 MiB each second, all over its memory. The network sends 1,192. Eight rounds are over. How much is left to send?",
        options={
            "A": (
                "almost nothing: each round is smaller than the one before",
                "It is smaller only where the guest writes less than is sent meanwhile. Here it writes more.",
            ),
            "B": (
                "what 300 ms can send: more is not allowed",
                "300 ms is what the mover waits for. Nothing makes the guest write less.",
            ),
            "C": ("all 8 GiB", "While 8 GiB are sent, the guest has written over all 8 GiB."),
            "D": (
                "half as much again as it has: 12 GiB",
                "A page that is written twice is sent once. A machine can dirty all its memory, not more.",
            ),
        },
        answer="C",
        reveal=lambda: (
            f"The law says {vl.units.memory(moved(2048, max_rounds=8).rounds_mib[8].item())} after eight rounds, and after every other one."
        ),
    ),
    Number(
        "11.b",
        "A guest writes 1,280 MiB each second and is slowed until it can be moved. How many seconds of its work did it lose while it was slowed? (Leave out the standstill.)",
        answer=work_lost_s,
        unit="s",
        tolerance=0.01,
        wrong=(
            (
                lambda: float(slowed()[1][slowed()[0].throttle > 0].sum()),
                "For so long it was slowed. It went on meanwhile with a part of its speed: how much did it lose?",
            ),
            (
                lambda: slowed()[0].throttle.sum().item(),
                "That adds up shares. Each share holds for the seconds of its round: multiply first.",
            ),
            (
                lambda: slowed()[0].downtime_s.item(),
                "That is the standstill. The question is about the time before it.",
            ),
            (
                lambda: float((slowed()[0].throttle.max() * slowed()[1]).sum()),
                "That takes the largest share for every round. It was slowed step by step.",
            ),
        ),
        hints=(
            "In a round of 4 s in which the guest is held still for a fifth of the time, it loses 0.8 s.",
            "Multiply each round's share by its seconds, then add up.",
            "answer = (moved.throttle * seconds).sum()",
        ),
        solution=lambda: f"(moved.throttle * seconds).sum() = {work_lost_s():.2f} s",
    ),
    Choice(
        "11.4",
        "The server carries twenty containers and no VM. It must be switched off tonight. What does Kubernetes do with a container that runs there?",
        options={
            "A": (
                "moves it live: it copies its memory in rounds",
                "It can be tried by hand (MIG-09); Kubernetes does not do it by itself. The usual answer moves no memory at all.",
            ),
            "B": (
                "stops it, and has a new copy started on another server",
                "Nothing of its memory crosses. With a second copy up elsewhere nobody notices; an only copy is dark until the new one answers.",
            ),
            "C": (
                "nothing: it belongs to this server's kernel, and falls with it",
                "These processes belong to that kernel. But the same image can be started on any other.",
            ),
            "D": (
                "freezes it, copies its memory, and wakes it elsewhere",
                "That is a checkpoint. It exists (MIG-20), by hand and as root, and it is dark all the time.",
            ),
        },
        answer="B",
    ),
    Number(
        "11.c",
        "A container of 14 processes is moved by a checkpoint. Suppose each process takes 170 ms to freeze (MIG-19), one after the other. Then 600 MiB cross at 1,192.1 MiB/s. How many seconds is it dark?",
        answer=frozen_s,
        unit="s",
        tolerance=5e-3,
        wrong=(
            (
                lambda: frozen_s(freeze_s=0),
                "That is the copying alone. Freezing also takes its time.",
            ),
            (
                lambda: frozen_s(memory_mib=0),
                "That is the freezing alone. The container stays frozen while its memory crosses.",
            ),
            (
                lambda: frozen_s(freeze_s=FREEZE_S / 14),
                "That freezes one process. There are 14, one after the other.",
            ),
            (
                lambda: 0,
                "A new copy would be dark for 0 s. A checkpoint is frozen from the first process on.",
            ),
        ),
        hints=(
            "Two parts, and it is dark in both: freezing, and copying.",
            "14 * 0.170 seconds, and 600 / 1192.1 seconds.",
            "answer = vl.core.migration.stop_and_copy(600, 1192.1, resume_s=14 * 0.170).item()",
        ),
        solution=lambda: (
            f"14 * 0.170 + 600 / 1192.1 = {frozen_s():.2f} s; the VM of 8 GiB was dark for {dark(256)}."
        ),
    ),
    Code(
        "11.d",
        "Repair the law of pre-copy: what each round sends, and last what is sent while the machine stands still.",
        law=rounds_of,
        inputs=(
            (8192, 256, 1192.1, 0.3),
            (1024, 0, 100.0, 0.3),
            (1000, 100, 100.0, 0.3),
            (512, 300, 100.0, 0.1),
            (4096, 100, 400.0, 0.05),
            (64, 10, 100.0, 1.0),
        ),
        wrong=(
            (
                broken("all memory"),
                "Each round is as long as the one before was large: use rounds[-1], not all memory.",
            ),
            (
                broken("no roof"),
                "A guest that writes faster than it is sent gets more than its memory dirty. A page written twice is sent once: min(written, memory).",
            ),
            (
                broken("seconds"),
                "You compare MiB with seconds. What can be sent in limit_s is bandwidth * limit_s.",
            ),
            (
                lambda *given: rounds_of(*given)[:-1],
                "The last one is missing: what is sent while the machine stands still.",
            ),
        ),
        hints=(
            "A round of S MiB takes S / bandwidth seconds. Which S is meant in the line that begins with written?",
            "rounds[-1] is the round before. And no more can be dirty than the memory there is.",
            "Compare MiB with MiB: written <= bandwidth * limit_s.",
        ),
        solution=(
            "written = min(dirty * rounds[-1] / bandwidth, memory), "
            "and stop when written <= bandwidth * limit_s"
        ),
    ),
    Choice(
        "11.q1",
        'A provider writes: "We move your VM live, so your service never stands still." What do the measured moves say?',
        options={
            "A": (
                "that is so: live means without a standstill",
                "Every measured VM stood still: a game server for 60 ms (MIG-01).",
            ),
            "B": (
                "it stands still, for hundredths of a second or for seconds",
                "Right: 60 ms for a game server, 210 ms for a web server, 3.5 s for one that writes all the time (MIG-01, MIG-02, MIG-04).",
            ),
            "C": (
                "it stands still as long as the move takes",
                "A web server was moved in 71 s and was dark for 210 ms of them (MIG-02).",
            ),
        },
        answer="B",
    ),
    Choice(
        "11.q2",
        "A guest writes 500 MiB each second all over its memory, and is sent at 120 MiB/s. Pre-copy does not end. What makes it end?",
        options={
            "A": ("thirty rounds more", "Each of them is as large as the one before."),
            "B": (
                "a network that sends 300 MiB/s",
                "It is faster, and still slower than the guest writes. The rounds do not shrink.",
            ),
            "C": (
                "a network that sends 1,200 MiB/s",
                "Right: now less gets dirty in a round than was sent in it.",
            ),
            "D": (
                "nothing but switching the VM off",
                "A fast enough network, a slowed guest or post-copy would each do.",
            ),
        },
        answer="C",
    ),
    Choice(
        "11.q3",
        "A VM is moved by post-copy. Half of its pages have arrived when the link between the servers breaks for good. What happens to the VM?",
        options={
            "A": (
                "it goes on on the old server, which has all its memory",
                "That is so in pre-copy. In post-copy the guest has written on the new server meanwhile: the old memory is of the past.",
            ),
            "B": (
                "it is lost: neither server has all its memory",
                "Right. That is the price of the short standstill.",
            ),
            "C": (
                "it goes on on the new server with the half it has",
                "It stops at the first page that is missing, and that page cannot come any more.",
            ),
        },
        answer="B",
    ),
    Choice(
        "11.q4",
        "A VM that writes too fast is slowed until it can be moved. Who pays for that?",
        options={
            "A": (
                "nobody: it is dark for a moment only",
                "The standstill is short. The seconds before it, in which the guest did less work, are many.",
            ),
            "B": (
                "the network, which sends more",
                "It sends less: a slowed guest gets fewer pages dirty.",
            ),
            "C": (
                "its users, who wait longer for every answer",
                "Right: at first a fifth of its CPU time is taken away, and then more (MIG-12).",
            ),
        },
        answer="C",
    ),
    Choice(
        "11.q5",
        "A container keeps its customers' baskets in memory, and nowhere else. Its server is emptied, and a new copy starts on another one. Where are the baskets?",
        options={
            "A": (
                "in the new copy: its memory came along",
                "A VM would have brought its memory. A new copy begins with its image.",
            ),
            "B": (
                "gone",
                "Right. What must outlive a copy belongs outside it: in a database, or on a volume.",
            ),
            "C": (
                "in the image",
                "An image holds files from before the start. It knows nothing of what came later.",
            ),
        },
        answer="B",
    ),
]
