"""What exercise 05 asks, with each student's own numbers."""

import virtlearn as vl
from virtlearn.study import Code, Find, Number

DRAW = {
    "program_s": (0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 1.1, 1.2, 1.3, 1.4),
    "copies": (
        41,
        43,
        47,
        53,
        59,
        61,
        67,
        71,
        73,
        79,
        83,
        89,
        97,
        101,
        103,
        107,
        109,
        113,
    ),  # never whole waves
    "parallel": range(3, 7),
    "base_mib": range(41, 121, 5),
    "runtime_mib": range(123, 200, 5),
    "own_mib": range(4, 37, 4),
    "changed_percent": (2, 3, 4, 6, 7, 8, 9, 11, 12, 13),
    "image_mib": range(200, 501, 20),
    "mib_per_s": (25, 32, 40, 50, 64, 80, 100),
}
POINTS = {"1": 2, "2a": 1, "2b": 1, "3": 3, "4": 4, "5": 3}
DISK_MIB = 2048


def fetch_s(image, layers_mib, cached, mib_per_s):
    """Say how long it takes to fetch what an image needs and the host has not."""
    missing = sum(
        size
        for used, size, there in zip(image, layers_mib, cached, strict=True)
        if used and not there
    )
    return missing / mib_per_s


def fetch(keep):
    """Fetch by another rule: for the mistakes."""
    return lambda image, layers_mib, cached, mib_per_s: (
        sum(
            size
            for used, size, there in zip(image, layers_mib, cached, strict=True)
            if keep(used, there)
        )
        / mib_per_s
    )


def last_ready_s(hosts, copies, parallel, one_s, image_mib, mib_per_s):
    """Say when the last copy answers, on hosts that fetch their image over one link and then start in waves."""
    each = -(-copies // hosts)
    return hosts * image_mib / mib_per_s + -(-each // parallel) * one_s


def questions(mine):
    """Ask with one student's numbers."""
    app = vl.Workload("app", cpu_cores=0.1, memory_mib=128)
    starts = {
        on: vl.deploy(app, 1, host=vl.Host(cores=16, memory_gib=64), on=on).start_s
        for on in ("containers", "virtual-machines")
    }
    images = ((1, 0, 1, 0, 0), (1, 1, 0, 1, 0), (1, 1, 0, 0, 1))
    layers = (mine.base_mib, mine.runtime_mib, *[mine.own_mib] * 3)
    changed, one_vm_s = mine.changed_percent / 100, starts["virtual-machines"] + mine.program_s

    def last(on="containers", program_s=mine.program_s, copies=mine.copies):
        return float(
            vl.core.startup.ready_s([starts[on], program_s], copies=copies, parallel=mine.parallel)[
                -1
            ],
        )

    def stored():
        return float(vl.core.storage.stored_mib(images, layers))

    def clones(copies=mine.copies):
        return float(vl.core.storage.clones_mib(DISK_MIB, changed, copies))

    def ready(hosts):
        return last_ready_s(
            hosts, mine.copies, mine.parallel, one_vm_s, mine.image_mib, mine.mib_per_s
        )

    def best():
        return min(range(1, mine.copies + 1), key=ready)

    def is_best(hosts):
        if isinstance(hosts, bool) or not isinstance(hosts, int | float) or hosts != round(hosts):
            return f"{hosts} is no whole number of hosts."
        if not 1 <= hosts <= mine.copies:
            return f"{hosts} hosts: give at least 1, and at most one for each of the {mine.copies} copies."
        if ready(hosts) > ready(best()) * (1 + 1e-9):
            way = "more" if hosts < best() else "fewer"
            return f"With {hosts} hosts the last copy answers after {ready(hosts):.1f} s. Some {way} would be sooner."
        return ""

    return [
        Number(
            "x05.1",
            "The image is on the host. After how many seconds does the last of your containers answer, your program included?",
            answer=last,
            unit="s",
            tolerance=0.001,
            wrong=(
                (
                    lambda: last(program_s=0),
                    "That leaves your program out. A copy is ready when its program answers.",
                ),
                (
                    lambda: last(program_s=0) + mine.program_s,
                    "Your program starts in every copy, so it belongs into every wave, not once at the end.",
                ),
                (
                    lambda: mine.copies / mine.parallel * (starts["containers"] + mine.program_s),
                    "There is no part of a wave. The last one may be half empty, but takes its whole time.",
                ),
                (
                    lambda: mine.copies * (starts["containers"] + mine.program_s),
                    "That starts them one after the other. Several start at a time.",
                ),
                (
                    lambda: last("virtual-machines"),
                    'Those are virtual machines. Deploy on "containers".',
                ),
            ),
            hints=(
                "How many waves are there, and how long is one?",
                "One wave: start_s of one container, and your program. Waves: copies by parallel, rounded up.",
                "vl.core.startup.ready_s([start_s, program_s], copies=…, parallel=…)[-1]",
            ),
            solution=lambda: (
                f"{-(-mine.copies // mine.parallel)} waves x ({starts['containers']:.4f} + {mine.program_s:g}) s = {last():.2f} s."
            ),
        ),
        Number(
            "x05.2a",
            "How much disk do the three images take on one host, in MiB?",
            answer=stored,
            unit="MiB",
            tolerance=0.0005,
            wrong=(
                (
                    lambda: float(vl.core.storage.full_copies_mib(images, layers)),
                    "That stores every image whole. A layer that several images use is stored once.",
                ),
                (
                    lambda: stored() + mine.runtime_mib,
                    "The base is there once. The runtime's layer is used by two images, and is there once as well.",
                ),
                (
                    lambda: stored() - 2 * mine.own_mib,
                    "Each service has files of its own: three such layers, not one.",
                ),
                (
                    lambda: stored() - mine.runtime_mib,
                    "The runtime's layer is missing: two of the three use it.",
                ),
            ),
            hints=(
                "Write down each layer once, whoever uses it.",
                "base + runtime + three times own",
            ),
            solution=lambda: (
                f"{mine.base_mib} + {mine.runtime_mib} + 3 x {mine.own_mib} = {stored():g} MiB."
            ),
        ),
        Number(
            "x05.2b",
            "How much disk do all your clones take, the base included, in MiB?",
            answer=clones,
            unit="MiB",
            tolerance=0.0005,
            wrong=(
                (
                    lambda: DISK_MIB * mine.copies,
                    "Those are full copies. A clone stores only what it changes.",
                ),
                (
                    lambda: clones() - DISK_MIB,
                    "Those are the changes alone. The base that all clones read from must be stored too.",
                ),
                (lambda: clones(1), "That is one clone. Each of them changes blocks of its own."),
            ),
            hints=(
                "One base, and what each clone changed.",
                "vl.core.storage.clones_mib(base_mib, changed_fraction, copies); a percentage is a fraction of 100.",
            ),
            solution=lambda: (
                f"{DISK_MIB} x (1 + {changed:g} x {mine.copies}) = {clones():.1f} MiB."
            ),
        ),
        Code(
            "x05.3",
            "Write fetch_s: how long it takes to fetch what an image needs and the host has not.",
            law=fetch_s,
            inputs=(
                (
                    [1, 1, 0],
                    [mine.base_mib, mine.runtime_mib, mine.own_mib],
                    [1, 0, 0],
                    mine.mib_per_s,
                ),
                ([1, 0, 1], [75, 120, 40], [0, 0, 0], 10),
                ([1, 1, 1, 0], [60, 30, 20, 500], [1, 1, 0, 0], 5),
                ([1, 0], [80, 20], [1, 1], 8),
                ([0, 1, 1, 1], [10, 20, 30, 40], [0, 1, 0, 0], 7),
            ),
            wrong=(
                (
                    fetch(lambda used, there: used),
                    "What the host has already is not fetched again: look at cached.",
                ),
                (
                    fetch(lambda used, there: not there),
                    "Fetch only layers that the image uses: look at image.",
                ),
                (
                    fetch(lambda used, there: used and there),
                    "Those are the layers that are there. Fetch the ones that are missing.",
                ),
                (
                    lambda image, layers_mib, cached, mib_per_s: (
                        fetch_s(image, layers_mib, cached, mib_per_s) * mib_per_s
                    ),
                    "Those are MiB. Divide by how many come in a second.",
                ),
            ),
            hints=(
                "A layer is fetched when the image uses it and the host has it not.",
                "Go through the layers by their number: for i in range(len(layers_mib)).",
                "Add layers_mib[i] where image[i] and not cached[i], and divide by mib_per_s.",
            ),
            solution=(
                "sum(layers_mib[i] for i in range(len(layers_mib)) if image[i] and not cached[i]) / mib_per_s"
            ),
        ),
        Code(
            "x05.4",
            "Write last_ready_s: when the last copy answers, on hosts that fetch their image over one link and then start in waves.",
            law=last_ready_s,
            inputs=(
                (1, mine.copies, mine.parallel, 10.4, mine.image_mib, mine.mib_per_s),
                (4, mine.copies, mine.parallel, 10.4, mine.image_mib, mine.mib_per_s),
                (2, 10, 4, 1.0, 100, 50),
                (3, 10, 2, 0.5, 0, 10),
                (10, 10, 4, 2.0, 640, 64),
                (7, 100, 3, 0.2, 128, 32),
            ),
            wrong=(
                (
                    lambda hosts, copies, parallel, one_s, image_mib, mib_per_s: last_ready_s(
                        hosts, copies, parallel, one_s, image_mib, mib_per_s * hosts
                    ),
                    "Every host fetches the image, and they share one link: with twice the hosts the fetch takes twice as long.",
                ),
                (
                    lambda hosts, copies, parallel, one_s, image_mib, mib_per_s: (
                        hosts * image_mib / mib_per_s + -(-copies // parallel) * one_s
                    ),
                    "The copies are spread: a host starts only its own part of them.",
                ),
                (
                    lambda hosts, copies, parallel, one_s, image_mib, mib_per_s: (
                        hosts * image_mib / mib_per_s + copies / hosts / parallel * one_s
                    ),
                    "Copies and waves are whole: round up, -(-copies // hosts), and once more for the waves.",
                ),
                (
                    lambda hosts, copies, parallel, one_s, image_mib, mib_per_s: (
                        hosts * image_mib / mib_per_s + copies // hosts // parallel * one_s
                    ),
                    "You round down, so the last copies are never started. Round up: -(-copies // hosts).",
                ),
            ),
            hints=(
                "Three steps: how long is the fetch, how many copies has the fullest host, how many waves are that?",
                "The fetch: hosts * image_mib / mib_per_s. The fullest host: -(-copies // hosts), rounded up.",
                "each = -(-copies // hosts); return hosts * image_mib / mib_per_s + -(-each // parallel) * one_s",
            ),
            solution=(
                "each = -(-copies // hosts); return hosts * image_mib / mib_per_s + -(-each // parallel) * one_s"
            ),
        ),
        Find(
            "x05.5",
            "On how many hosts is the last of your virtual machines ready soonest?",
            accept=is_best,
            example=best,
            wrong=(
                (
                    lambda: 1,
                    "One host fetches only once, but starts all copies alone. More hosts share the waves.",
                ),
                (
                    lambda: mine.copies,
                    "Then every copy has a host, and every host has to fetch. The link is busy for far longer than a start takes.",
                ),
            ),
            hints=(
                "Call your last_ready_s for 1, 2, 3, … hosts, and look.",
                'one_s is start_s of a "virtual-machines" deployment, and your program on top.',
                "min(range(1, mine.copies + 1), key=lambda hosts: last_ready_s(hosts, …))",
            ),
            solution=lambda: (
                f"{best()} hosts: the last copy answers after {ready(best()):.1f} s; with one host {ready(1):.1f} s."
            ),
        ),
    ]
