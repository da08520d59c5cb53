"""One submission from what was handed in to what nbgrader will save; what was judged before is not judged again."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import datetime
import hashlib
import json
import multiprocessing
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from grading import banks, hand_in, layout, safe, store
from grading.judge import Verdict, judge
from grading.layout import of
from grading.sandbox import Limits, NoSandbox

PR_SET_PDEATHSIG = 1
_CORES: tuple[int, ...] = ()  # those that this worker's sandboxes keep to


@dataclass
class Task:
    """What is to be done for one student."""

    student: str
    data: bytes | None = None  # None: what is in its place already
    about: dict[str, Any] = field(default_factory=dict)
    again: bool = False  # also where nothing has changed
    question: str = ""  # judge this one again, and leave the others as they were


@dataclass
class Done:
    """What came of it."""

    trouble: str = ""
    new: bool = False
    key: str = ""
    notes: list[str] = field(default_factory=list)
    cut_short: bool = False


def take_cores(waiting: multiprocessing.Queue[tuple[int, ...]]) -> None:
    """Take the cores that this worker's sandboxes keep to, so that none shares one with another's.

    The worker also ends with the grader, however that is ended: it would keep the course locked.
    """
    global _CORES
    _CORES = waiting.get()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def source_of(course: Path, assignment: str) -> NotebookNode:
    """Read an assignment as its author wrote it."""
    return nbformat.read(banks.source(course, assignment), 4)


def key(book: NotebookNode, seed: str, course: Path, assignment: str) -> str:
    """Name what an outcome depends on: the cells, whose numbers, the questions, the library and the judge itself."""
    code = [cell.source for cell in book.cells if cell.cell_type == "code"]
    parts = [seed, assignment, json.dumps(code), banks.mark(course, assignment)]
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def work(course: Path, assignment: str, task: Task, limits: Limits) -> Done:
    """Put one submission in its place and judge it, or say what is wrong with it."""
    limits = dataclasses.replace(limits, cores=limits.cores or _CORES)
    try:
        return _work(course, assignment, task, limits)
    except (hand_in.Refused, banks.BadBank, NoSandbox) as slip:
        return Done(str(slip))
    except OSError as slip:
        return Done(f"it cannot be written down ({slip.strerror or slip})")


def _work(course: Path, assignment: str, task: Task, limits: Limits) -> Done:
    place = store.Place(course, assignment, task.student)
    source = source_of(course, assignment)
    before = place.handed_in()
    if task.data is None:
        if before is None:
            raise hand_in.Refused("what was handed in is not there any more: grade it once more")
        book, missing = layout.rebuild(before, source)
        about = place.about() or {"seed": task.student}
    else:
        book, missing = layout.rebuild(hand_in.checked(task.data, source), source)
        about = task.about
    seed = str(about.get("seed") or task.student)
    done = Done(key=key(book, seed, course, assignment), notes=_absent(missing, source))
    same = before is not None and _words(before) == _words(book) and place.about() == about
    if same and not task.again and place.finished(done.key) is not None:
        return done
    banks.check(course, assignment, seed)
    old = place.judged() if task.question else {}
    place.put(book, about, stamp(about.get("time", "")))
    verdict = judge(book, seed, course, assignment, limits)
    if verdict.cut_short:
        return dataclasses.replace(done, cut_short=True, trouble=verdict.bound)
    if old:
        keep_others(verdict, old, book, task.question)
    place.keep(done.key, verdict)
    if verdict.bound:
        done.notes.append(verdict.bound)
    return dataclasses.replace(done, new=True)


def _absent(missing: list[str], source: NotebookNode) -> list[str]:
    """Say which answers were not found, the one that a person reads first."""
    read = {of(cell)["grade_id"] for cell in source.cells if layout.is_read(cell)}
    order = sorted(missing, key=lambda name: name not in read)
    return [f"{name} was not found" for name in order[:3]]


def stamp(time: str) -> str:
    """Write a time as nbgrader reads it."""
    if not time:
        return ""
    when = datetime.datetime.fromisoformat(time).astimezone(datetime.UTC)
    return when.strftime("%Y-%m-%d %H:%M:%S UTC")


def keep_others(verdict: Verdict, old: dict[str, Any], book: NotebookNode, question: str) -> None:
    """Keep what was judged before for all questions but one."""
    outputs = old.get("outputs", [])
    if len(outputs) != len(book.cells):
        return
    for i, cell in enumerate(book.cells):
        name = of(cell).get("grade_id", "")
        if layout.is_test(cell) and name != f"test-{question}":
            verdict.outputs[i] = [nbformat.from_dict(each) for each in outputs[i]]
            verdict.answers[name] = old.get("answers", {}).get(name, verdict.answers.get(name, {}))


def saved(place: store.Place, book: NotebookNode) -> list[list[NotebookNode]] | None:
    """Give the outputs that were judged for this notebook, or None where it was not judged as it is."""
    about = place.about()
    seed = str(about.get("seed") or place.student)
    found = place.judged(key(book, seed, place.course, place.assignment))
    outputs = found.get("outputs")
    if not isinstance(outputs, list) or len(outputs) != len(book.cells):
        return None
    return [[nbformat.from_dict(each) for each in cell] for cell in outputs]


def _words(book: NotebookNode) -> list[str]:
    return [safe.printable(cell.source, keep="\n\t") for cell in book.cells]
