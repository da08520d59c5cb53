"""What one submission may take, as a whole: its own time, memory of all kinds, and what it makes us write."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest

from .attacks import FILE, MOST, NAME

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]

# One process may have more than all together: twelve threads alone ask for twelve heaps of 64 MiB.
SMALL = {"memory_mib": 2000, "together_mib": 400, "processes": 32, "cell_s": 15, "all_s": 40}

# What takes more than a submission may, and which bound is met; a first line that is refused is as good.
HOARDS = {
    "memory of many processes": (
        "import os, time\nfor _ in range(12):\n    if not os.fork():\n        hoard = b'x' * 80_000_000\n        time.sleep(60)\ntime.sleep(60)",
        "400 MiB"),
    "memory of processes that threads began": (
        "import os, threading, time\ndef one():\n    if not os.fork():\n        hoard = b'x' * 80_000_000\n    time.sleep(60)\n"
        "for _ in range(12):\n    threading.Thread(target=one).start()\ntime.sleep(60)",
        "400 MiB"),
    "memory of orphans": (
        "import os, time\nfor _ in range(10):\n    if not os.fork():\n        if not os.fork():\n            hoard = b'x' * 80_000_000\n            time.sleep(60)\n"
        "        os._exit(0)\ntime.sleep(60)",
        "400 MiB"),
    "empty files": (
        "for i in range(10 ** 7):\n    open(f'/tmp/submission/{i}', 'w').close()",
        "it made more than 20,000 files"),
    "folders in folders": (
        "import os\nfor i in range(10 ** 7):\n    os.mkdir(f'/tmp/{i}')",
        "it made more than 20,000 files"),
    "open files of many processes": (
        # Not more: each counts its share of memory again, and 20 of them are at that bound, too.
        "import os, time\nfor _ in range(12):\n    if not os.fork():\n        kept = [os.pipe() for _ in range(55)]\n        time.sleep(60)\ntime.sleep(60)",
        "held more than 1,024 files open"),
}  # fmt: skip
# Kernel objects that no limit of a process counts: the kernel refuses them.
REFUSED = {
    "semaphores": "import ctypes\nprint(ctypes.CDLL(None).semget(0, 100, 0o1600))",
    "messages": "import ctypes\nprint(ctypes.CDLL(None).msgget(0, 0o1600))",
    "shared memory": "import ctypes\nprint(ctypes.CDLL(None).shmget(0, 1 << 20, 0o1600))",
    "memory files": "import ctypes\nprint(ctypes.CDLL(None).memfd_create(b'x', 0))",
    "watches": "import ctypes\nprint(ctypes.CDLL(None).inotify_init())",
    "larger pipes": "import fcntl, os\ntry:\n    print(fcntl.fcntl(os.pipe()[0], 1031, 1 << 20))\nexcept OSError:\n    print(-1)",
    "locks": "import fcntl\ntry:\n    print(fcntl.lockf(open('x', 'w'), fcntl.LOCK_EX))\nexcept OSError:\n    print(-1)",
    "another's core": "import os\ntry:\n    print(os.sched_setaffinity(0, range(64)))\nexcept OSError:\n    print(-1)",
    "a socket to the host of a VM": "import socket\ntry:\n    print(socket.socket(40, 1))\nexcept OSError:\n    print(-1)",
    "a socket to the kernel": "import socket\ntry:\n    print(socket.socket(16, 3))\nexcept OSError:\n    print(-1)",
}  # fmt: skip


@pytest.fixture(params=["a control group", "a watch"])
def box(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Start a sandbox, with a control group where there is one, and without."""
    from grading import groups, sandbox

    if request.param == "a watch":
        monkeypatch.setattr(groups, "make", lambda *bounds: None)
    made = sandbox.Sandbox("hoarder", {}, sandbox.Limits(**SMALL))
    made.start()
    yield made
    made.close()


def ask_three_times(box: Any, code: str) -> None:
    """The kernel may end a child first; what is left is watched on."""
    for _ in range(3):
        box.ask(15, run=code)


@pytest.mark.parametrize("kind", sorted(HOARDS))
def test_what_a_submission_takes_as_a_whole_is_bounded_and_the_bound_is_named(
    kind: str, box: Any
) -> None:
    from grading import sandbox, tree

    code, words = HOARDS[kind]
    most, pid, stop = 0.0, box.process.pid, threading.Event()

    def watch() -> None:
        nonlocal most
        while not stop.wait(0.02):
            most = max(most, tree.taken(pid).memory_mib)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with pytest.raises(sandbox.NoAnswer) as slip:
            ask_three_times(box, code)
    finally:
        stop.set()
        watcher.join()
    assert words in str(slip.value)
    assert most < 1200
    assert tree.taken(pid).processes == 0


@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_kernel_objects_that_nobody_counts_are_refused(kind: str) -> None:
    from grading import sandbox

    made = sandbox.Sandbox("hoarder", {}, sandbox.Limits(**SMALL))
    made.start()
    try:
        assert made.ask(10, run=REFUSED[kind])["text"].strip() == "-1"
    finally:
        made.close()


# --- time

SPIN = "import os\nfor core in (range(64), {0}, {1}):\n    try:\n        os.sched_setaffinity(0, core)\n    except OSError:\n        pass\nfor _ in range(29):\n    if not os.fork():\n        while True:\n            pass"
WORK = (
    "import time\nbegun = time.process_time()\nwhile time.process_time() - begun < 1.2:\n    pass\n"
)


@pytest.fixture(scope="module")
def beside(course: SimpleNamespace, exercises: Path) -> SimpleNamespace:
    """Grade honest submissions that need time of their own beside one that takes all it can, twice."""
    from grading import batch
    from grading.sandbox import Limits

    source = nbformat.read(exercises / "source" / NAME / FILE, 4)
    for name, code in (("a-spinner", SPIN), ("honest", WORK), ("z-spinner", SPIN)):
        book = nbformat.from_dict(source)
        at = next(i for i, cell in enumerate(book.cells) if cell.id == "answer-3")
        text = book.cells[at].source
        book.cells.insert(at, nbformat.v4.new_code_cell(code))
        nbformat.write(book, course.inbox / f"{name}.ipynb")
        book.cells.pop(at)
        book.cells[at].source = text
    course.limits = Limits(cell_s=2, call_s=2, all_s=15)
    course.bad = batch.grade(
        course.api, NAME, course.inbox, course.said.append, limits=course.limits
    )
    return course


def test_an_honest_answer_has_its_own_time_beside_a_neighbour_that_takes_all(beside: Any) -> None:
    assert beside.bad == {}
    said = next(line for line in beside.said if "  honest: " in line)
    assert f"honest: {MOST:g} of 20" in said, beside.said


def too_busy_at_first(root: Any, assignment: str, task: Any, limits: Any) -> Any:
    """Stand in for a judge whose clock ran out while others had the core."""
    from grading import desk

    if not task.again:
        return desk.Done(trouble="this machine was too busy for it", cut_short=True)
    return desk._work(root, assignment, task, limits)


def test_a_submission_that_a_busy_machine_cut_short_is_judged_again_alone(
    beside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock of one that had no core runs out, once: it is not charged for it."""
    from grading import batch, desk

    monkeypatch.setattr(desk, "work", too_busy_at_first)
    folder = beside.root / "one"
    folder.mkdir()
    (folder / "honest.ipynb").write_bytes((beside.inbox / "honest.ipynb").read_bytes())
    said: list[str] = []
    assert batch.grade(beside.api, NAME, folder, said.append, limits=beside.limits) == {}
    assert f"honest: {MOST:g} of 20" in said[-1]
    assert "judged again, alone" in said[-1]


def test_time_in_which_others_had_the_core_is_not_counted() -> None:
    from grading import sandbox, tree

    clock = sandbox.Clock.__new__(sandbox.Clock)
    clock.process, clock.begun = 1, time.monotonic() - 10
    clock.before = tree.Taken(cpu_s=1.0, waited_s=2.0)
    assert clock.spent(tree.Taken(cpu_s=1.5, waited_s=11.0)) == pytest.approx(1.0, abs=0.05)
    assert clock.spent(tree.Taken(cpu_s=9.0, waited_s=11.0)) == pytest.approx(8.0, abs=0.05)
    assert clock.spent(tree.Taken(cpu_s=1.0, waited_s=2.0)) == pytest.approx(10.0, abs=0.05)


# --- what it makes us write

FLOODS = {
    "prints-everywhere": lambda book: book.cells.extend(
        nbformat.v4.new_code_cell("print('x' * 10 ** 6)") for _ in range(400)
    ),
    "marks": lambda book: book.cells.append(
        nbformat.v4.new_code_cell("### BEGIN HIDDEN TESTS\n" * 22_000)
    ),
    "brackets": lambda book: setattr(book.cells[-1], "source", "[" * 500_000),
    "stars": lambda book: setattr(book.cells[-1], "source", "*_a" * 100_000),
    "deep-quotes": lambda book: setattr(book.cells[-1], "source", "> " * 100_000 + "x"),
    "own-texts": lambda book: book.cells.extend(
        nbformat.v4.new_markdown_cell("[" * 5_000) for _ in range(90)
    ),
    "names-errors": lambda book: book.cells.extend(
        nbformat.v4.new_code_cell("raise type('E' * 10 ** 6, (Exception,), {})('m' * 10 ** 6)") for _ in range(50)
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def flooded(course: SimpleNamespace, exercises: Path) -> SimpleNamespace:
    """Grade the floods and an honest neighbour, and write everybody's page."""
    import shutil

    from grading import batch

    inbox = course.root / "floods"
    inbox.mkdir()
    for name, flood in FLOODS.items():
        book = nbformat.read(exercises / "source" / NAME / FILE, 4)
        flood(book)
        nbformat.write(book, inbox / f"{name}.ipynb", capture_validation_error={})
    shutil.copy(exercises / "source" / NAME / FILE, inbox / "zz-honest.ipynb")
    course.flood_bad = batch.grade(course.api, NAME, inbox, course.said.append)
    begun = time.monotonic()
    course.flood_bad |= batch.feedback(course.api, NAME)
    course.feedback_s = time.monotonic() - begun
    return course


@pytest.mark.parametrize("name", [*sorted(FLOODS), "zz-honest"])
def test_a_flood_makes_no_more_than_a_page(name: str, flooded: Any) -> None:
    assert flooded.flood_bad == {}
    assert any(f"{name}: {MOST:g} of 20" in line for line in flooded.said), flooded.said
    book = flooded.root / "autograded" / name / NAME / FILE
    page = flooded.root / "feedback" / name / NAME / FILE.replace(".ipynb", ".html")
    assert book.stat().st_size < 3_000_000
    assert page.stat().st_size < 12_000_000


def test_what_was_left_out_is_said(flooded: Any) -> None:
    book = (flooded.root / "autograded" / "prints-everywhere" / NAME / FILE).read_text("utf-8")
    assert "printed more than is kept" in book
    text = (flooded.root / "autograded" / "brackets" / NAME / FILE).read_text("utf-8")
    assert "It has 500,000 characters; the first 20,000 are shown." in text


def test_a_notebook_of_more_text_than_anybody_writes_is_refused(exercises: Path) -> None:
    from grading import hand_in

    book = nbformat.read(exercises / "source" / NAME / FILE, 4)
    book.cells[-1].source = "x" * (2 << 20)
    with pytest.raises(hand_in.Refused, match="more than 1,024 KiB of text"):
        hand_in.checked(nbformat.writes(book).encode(), book)


def test_no_control_group_is_left_behind() -> None:
    from grading import groups

    # Another process may be judging at this moment, and the next grader sweeps up after one that was killed.
    for home in (groups.ROOT, *groups.ROOT.glob("*/")):
        groups._sweep(home)
    found = [*groups.ROOT.glob("*/virtlearn-*"), *groups.ROOT.glob("virtlearn-*")]
    makers = {folder.name.split("-")[1] for folder in found}
    assert str(os.getpid()) not in makers
    assert [maker for maker in makers if not Path("/proc", maker).exists()] == []
