"""A learner's progress: one local file they own, that no crash, old version or second notebook can lose."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["load", "note", "where"]

VERSION = 1
BEST = ("right", "shown", "wrong")  # what is kept when a question was answered more than once


def where() -> Path:
    """Find the progress file: ``VIRTLEARN_PROGRESS``, else beside the course's ``lessons`` folder, here or above.

    >>> where().suffix
    '.json'
    """
    if named := os.environ.get("VIRTLEARN_PROGRESS"):
        return Path(named)
    here = Path.cwd()
    above = (place for place in (here, *here.parents)[:4] if (place / "lessons").is_dir())
    return next(above, here) / "virtlearn-progress.json"


def load() -> tuple[dict[str, dict[str, Any]], str]:
    """Read the answers so far, by question, and what went wrong while reading, in words.

    A damaged file is put aside under another name, never overwritten.
    """
    path = where()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}, ""
    except (OSError, UnicodeDecodeError) as trouble:
        return {}, _aside(path) if isinstance(
            trouble, UnicodeDecodeError
        ) else f"The progress file cannot be read: {trouble}."
    try:
        found = json.loads(text)
        answers = (
            found["questions"] if "version" in found else found
        )  # the first format was the bare table
        return {
            str(k): dict(v) if isinstance(v, dict) else {"status": str(v)}
            for k, v in answers.items()
        }, ""
    except (ValueError, TypeError, AttributeError):
        return {}, _aside(path)


def _aside(path: Path) -> str:
    spare = next(
        p
        for i in range(10_000)
        if not (p := path.with_name(f"{path.stem}.damaged-{i}{path.suffix}")).exists()
    )
    try:
        path.replace(spare)
    except OSError as trouble:
        return f"The progress file is damaged and cannot be put aside: {trouble}."
    return f"The progress file was damaged. It is kept as {spare.name}, and a new one is begun."


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one writer in at a time, other notebooks included; a lock left by a killed kernel goes stale."""
    lock = path.with_suffix(".lock")
    end = time.monotonic() + 5
    while True:
        try:
            lock.mkdir()
            break
        except FileExistsError:
            with contextlib.suppress(OSError):
                if time.time() - lock.stat().st_mtime > 10:
                    lock.rmdir()
            if time.monotonic() > end:
                break  # better two writers than a learner who waits
            time.sleep(0.01)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.rmdir()


def note(question: str, **facts: Any) -> str:
    """Write down what happened to a question, beside all that is there; say in words if it cannot be.

    ``status`` never falls from right to wrong, and ``hints`` never falls.
    """
    path = where()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path):
            answers, trouble = load()
            old = answers.get(question, {})
            new = {**old, **facts}
            if old.get("status") in BEST and facts.get("status") in BEST:
                new["status"] = min(old["status"], facts["status"], key=BEST.index)
            new["hints"] = max(int(old.get("hints", 0)), int(facts.get("hints", 0)))
            answers[question] = new
            text = json.dumps({"version": VERSION, "questions": answers}, indent=1, sort_keys=True)
            with tempfile.NamedTemporaryFile(
                "w", dir=path.parent, delete=False, encoding="utf-8", suffix=".tmp"
            ) as file:
                file.write(text)
            os.replace(file.name, path)
            return trouble
    except OSError as refused:
        return f"Your answer counts, but it cannot be written down: {refused}. Work goes on."
