"""Many submissions: two judged at a time, each saved by nbgrader as soon as it is judged, none of them able to stop it."""

from __future__ import annotations

import concurrent.futures
import logging
import multiprocessing
import os
import shutil
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGraderAPI
from nbgrader.plugins import CsvExportPlugin
from traitlets.config import Config

from grading import desk, hand_in
from grading.sandbox import Limits

warnings.filterwarnings("ignore", module="sqlalchemy|nbformat|nbgrader")


def course(root: Path) -> NbGraderAPI:
    """Open a course folder with its own configuration."""
    config = Config()
    file = root / "nbgrader_config.py"
    exec(
        compile(file.read_text("utf-8"), str(file), "exec"),
        {"__file__": str(file), "get_config": lambda: config},
    )
    # nbgrader calls its helpers by name, also where the environment is not activated.
    os.environ["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    )
    logging.getLogger("traitlets").setLevel(logging.ERROR)
    return NbGraderAPI(config=config)


def worked(done: dict[str, Any]) -> str:
    """Give "" or the last words of what nbgrader says went wrong."""
    lines = (done.get("error") or done.get("log") or "").strip().splitlines() or [
        "nbgrader gives no reason"
    ]
    return "" if done["success"] else lines[-1][:300]


def release(api: NbGraderAPI, assignment: str) -> str:
    """Make what students get; where it cannot be made, what was there before stays."""
    root = Path(api.coursedir.root)
    made, before = root / "release" / assignment, root / "release" / f".{assignment}.before"
    if made.exists():
        shutil.copytree(made, before, dirs_exist_ok=True)
    trouble = worked(api.generate_assignment(assignment))
    if trouble and before.exists():
        shutil.copytree(before, made, dirs_exist_ok=True)
    shutil.rmtree(before, ignore_errors=True)
    return trouble


def points(api: NbGraderAPI, student: str, assignment: str) -> tuple[float, float, bool]:
    """Give a student's points, how many there are, and whether a person must look."""
    with api.gradebook as book:
        found = book.find_submission(assignment, student)
        return found.score, found.max_score, found.needs_manual_grade


def grade(
    api: NbGraderAPI,
    assignment: str,
    place: Path,
    say: Callable[[str], Any] = print,
    pattern: str = hand_in.LOGIN,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> dict[str, str]:
    """Grade all that was handed in, and give what could not be graded, by login or file, with the reason."""
    root = Path(api.coursedir.root)
    given, bad = hand_in.submissions(place, assignment, pattern)
    with api.gradebook as book:
        known = assignment in {each.name for each in book.assignments}
    if not known and (trouble := release(api, assignment)):
        return {assignment: trouble}
    context = multiprocessing.get_context("spawn")
    begun, count = time.monotonic(), 0
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        waiting = {
            pool.submit(desk.judged, root, who, assignment, text, limits): who
            for who, text in given.items()
        }
        for future in concurrent.futures.as_completed(waiting):
            who, count = waiting[future], count + 1
            try:
                trouble, new = future.result()
                trouble = trouble or (worked(api.autograde(assignment, who)) if new else "")
            except Exception as slip:  # of one submission; the others go on
                trouble, new = f"{type(slip).__name__}: {slip}", False
            if trouble:
                bad[who] = trouble
                words = f"not graded: {trouble}"
            else:
                got, most, person = points(api, who, assignment)
                words = f"{got:g} of {most:g}{', a person must look' if person else ''}{'' if new else ', as before'}"
            say(f"[{count}/{len(given)}] {time.monotonic() - begun:5.1f} s  {who}: {words}")
    return bad


def feedback(api: NbGraderAPI, assignment: str) -> dict[str, str]:
    """Write a page for each graded student, where it is missing or older than the grade."""
    root, bad = Path(api.coursedir.root), {}
    for book in sorted(root.glob(f"autograded/*/{assignment}/*.ipynb")):
        who = book.parts[-3]
        page = root / "feedback" / who / assignment / f"{book.stem}.html"
        fresh = page.exists() and page.stat().st_mtime > (root / "gradebook.db").stat().st_mtime
        if not fresh and (trouble := worked(api.generate_feedback(assignment, who))):
            bad[who] = trouble
    return bad


def export(api: NbGraderAPI) -> Path:
    """Write everybody's points as a table."""
    file = Path(api.coursedir.root) / "grades.csv"
    CsvExportPlugin(to=str(file), config=api.config).export(api.gradebook)
    return file
