"""Many submissions: two judged at a time, each saved by nbgrader as soon as it is judged, none of them able to stop it."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGraderAPI

from grading import course, desk, hand_in, pages, safe, store
from grading.course import points, released, root_of, worked
from grading.desk import Done, Task
from grading.sandbox import Limits

Say = Callable[[str], Any]
AT_ONCE = 2


def _shares() -> list[tuple[int, ...]]:
    """Cut the cores in two, so that of two sandboxes none runs on the other's."""
    cores = sorted(os.sched_getaffinity(0))
    shares = [tuple(cores[i::AT_ONCE]) for i in range(AT_ONCE)]
    return [share for share in shares if share]


def _pool(shares: list[tuple[int, ...]]) -> concurrent.futures.ProcessPoolExecutor:
    context = multiprocessing.get_context("fork")
    waiting: Any = context.Queue()
    for share in shares:
        waiting.put(share)
    return concurrent.futures.ProcessPoolExecutor(
        len(shares), context, initializer=desk.take_cores, initargs=(waiting,)
    )


def _judged(
    root: Path, assignment: str, tasks: list[Task], limits: Limits
) -> Iterator[tuple[Task, Done]]:
    """Judge all, two at a time; those that were cut short, or whose worker died, once more and alone."""
    alone: list[Task] = []
    with _pool(_shares()) as pool:
        waiting = {pool.submit(desk.work, root, assignment, task, limits): task for task in tasks}
        for future in concurrent.futures.as_completed(waiting):
            try:
                done = future.result()
            except BrokenProcessPool:
                alone.append(waiting[future])
                continue
            except Exception as slip:  # of one submission; the others go on
                done = Done(f"{type(slip).__name__}: {safe.line(str(slip))}")
            if done.cut_short:
                alone.append(waiting[future])
            else:
                yield waiting[future], done
    for task in alone:
        yield task, _once_more(root, assignment, dataclasses.replace(task, again=True), limits)


def _once_more(root: Path, assignment: str, task: Task, limits: Limits) -> Done:
    """Judge one submission while no other is judged."""
    everything = [tuple(sorted(os.sched_getaffinity(0)))]
    with _pool(everything) as pool:
        try:
            done = pool.submit(desk.work, root, assignment, task, limits).result()
        except Exception as slip:
            return Done(f"judging it ended the judge ({type(slip).__name__}: {slip})")
    return dataclasses.replace(done, notes=["judged again, alone", *done.notes])


def grade(
    api: NbGraderAPI,
    assignment: str,
    place: Path,
    say: Say = print,
    pattern: str = "",
    limits: Limits = Limits(),  # noqa: B008 - frozen
    known: dict[str, str] | None = None,
) -> dict[str, str]:
    """Grade all that was handed in, and give what could not be graded, by login or file, with the reason."""
    inbox = hand_in.submissions(place, assignment, pattern, known)
    for given in inbox.given.values():
        for warning in given.warnings:
            say(f"  {given.login}: {warning}")
    tasks = [Task(given.login, given.data, given.about()) for given in inbox.given.values()]
    notes = {given.login: given.warnings for given in inbox.given.values()}
    return inbox.bad | run(api, assignment, tasks, say, limits, notes)


def regrade(
    api: NbGraderAPI,
    assignment: str,
    students: list[str],
    question: str = "",
    say: Say = print,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> dict[str, str]:
    """Judge again what was handed in before: of all, of one student, or one question of all."""
    stored = sorted(each.parents[1].name for each in _stored(root_of(api), assignment))
    if missing := set(students) - set(stored):
        return dict.fromkeys(missing, f"nothing of theirs is in submitted/ for {assignment}")
    tasks = [Task(who, again=True, question=question) for who in students or stored]
    return run(api, assignment, tasks, say, limits, {})


def _stored(root: Path, assignment: str) -> list[Path]:
    return list((root / "submitted").glob(f"*/{assignment}/{assignment}.ipynb"))


def run(
    api: NbGraderAPI,
    assignment: str,
    tasks: list[Task],
    say: Say,
    limits: Limits,
    notes: dict[str, list[str]],
) -> dict[str, str]:
    """Judge and save, and give what went wrong, by login."""
    root, bad = root_of(api), {}
    course.at(api, assignment)
    with store.alone(root):
        if not released(api, assignment) and (trouble := course.release(api, assignment)):
            return {assignment: trouble}
        begun = time.monotonic()
        for count, (task, done) in enumerate(_judged(root, assignment, tasks, limits), 1):
            words = _save(api, assignment, task.student, done)
            if done.trouble:
                bad[task.student] = done.trouble
            gone = time.monotonic() - begun
            left = gone / count * (len(tasks) - count)
            more = "; ".join(notes.get(task.student, []) + done.notes)
            where = f"[{count}/{len(tasks)}] {gone:5.1f} s, {left:.0f} s left  "
            say(where + safe.line(f"{task.student}: {words}{f' ({more})' if more else ''}", 600))
    return bad


def _save(api: NbGraderAPI, assignment: str, student: str, done: Done) -> str:
    """Let nbgrader save what was judged, and say what it is worth; a result counts once all of it is saved."""
    if done.trouble:
        return f"not graded: {done.trouble}"
    place = store.Place(root_of(api), assignment, student)
    before = place.finished(done.key)
    now = points(api, student, assignment)
    whole = now is not None and before is not None and abs(now.auto - before) < 1e-9
    if done.new or not whole:
        try:
            done.trouble = worked(api.autograde(assignment, student))
            now = points(api, student, assignment)
        except Exception as slip:  # of nbgrader, for one student
            done.trouble = f"{type(slip).__name__}: {safe.line(str(slip))}"
        if done.trouble or now is None:
            done.trouble = done.trouble or "nbgrader saved nothing"
            return f"not graded: {done.trouble}"
        try:
            place.finish(done.key, now.auto)
        except OSError as slip:
            done.trouble = f"it cannot be written down ({slip.strerror})"
            return f"not graded: {done.trouble}"
        return str(now)
    return f"{now}, as before"


def feedback(api: NbGraderAPI, assignment: str) -> dict[str, str]:
    """Write a page for each graded student, where it is missing or older than the grade."""
    root, bad = root_of(api), {}
    course.at(api, assignment)
    for book in sorted(root.glob(f"autograded/*/{assignment}/*.ipynb")):
        who = book.parts[-3]
        page = root / "feedback" / who / assignment / f"{book.stem}.html"
        fresh = page.exists() and page.stat().st_mtime > (root / "gradebook.db").stat().st_mtime
        if fresh:
            continue
        try:
            trouble = worked(api.generate_feedback(assignment, who))
            if not trouble:
                pages.forbid_scripts(page)
        except Exception as slip:  # of one student's page
            trouble = f"{type(slip).__name__}: {safe.line(str(slip))}"
        if trouble:
            bad[who] = trouble
    return bad
