"""A learner's progress: one local file that they own.

No crash, old version or second notebook can lose it.

What is kept of a question::

    {"status": "wrong", "first": "C", "later": ["B"], "shown": true, "hints": 2}

``first`` is the first answer, and nothing ever replaces it. ``later`` lists what was tried after
it.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

__all__ = ["Answers", "Facts", "load", "note", "where"]

Facts = dict[str, Any]
Answers = dict[str, Facts]

VERSION = 1
BEST = ("right", "shown", "wrong")  # what is kept when a question was answered more than once
PATIENCE_S = 5.0  # better two writers than a learner who waits
MOST_TRIES = 50

# What could not be written, by file: a full disk must not cost the answers of this session.
_unwritten: dict[Path, Answers] = {}


def where() -> Path:
    """Find the progress file.

    Returns
    -------
    Path
        ``VIRTLEARN_PROGRESS``, else a file beside the course's ``lessons`` folder, here or above.

    Examples
    --------
    >>> where().suffix
    '.json'
    """
    if named := os.environ.get("VIRTLEARN_PROGRESS"):
        return Path(named)
    here = Path.cwd()
    above = (place for place in (here, *here.parents)[:4] if (place / "lessons").is_dir())
    return next(above, here) / "virtlearn-progress.json"


def load() -> tuple[Answers, str]:
    """Read the answers so far; a damaged file is put aside under another name, never overwritten.

    Returns
    -------
    tuple of dict and str
        What is known of each question, and what went wrong while reading, in words.
    """
    path = where()
    answers, trouble = _read(path)
    return {**answers, **_unwritten.get(path, {})}, trouble


def note(question: str, *, tried: str = "", **facts: Any) -> str:
    """Write down what happened to a question, beside all that is there.

    Parameters
    ----------
    question : str
        Its id.
    tried : str
        What was answered, in short. The first answer stays the first; the same one again is no new
        try.
    **facts : object
        ``status`` never falls from right to wrong, ``hints`` never falls, ``shown`` stays true.

    Returns
    -------
    str
        Why it cannot be written down, or nothing. Then it counts until the kernel ends.
    """
    return _change(question, lambda old: _with_try(_with_facts(old, facts), tried))


def _with_facts(old: Facts, facts: Facts) -> Facts:
    new = {**old, **facts}
    known = [facts.get("status"), old.get("status")]
    statuses = [status for status in known if status in BEST]
    if statuses:
        new["status"] = min(statuses, key=BEST.index)
    if facts.get("status") == "shown":
        new["shown"] = True
    new["hints"] = max(_count(old.get("hints")), _count(facts.get("hints")))
    return new


def _with_try(facts: Facts, tried: str) -> Facts:
    if not tried:
        return facts
    if "first" not in facts:
        return {**facts, "first": tried}
    later = facts.get("later", [])
    # A cell that runs again with the same answer is not another try.
    if tried == [facts["first"], *later][-1]:
        return facts
    return {**facts, "later": [*later, tried][-MOST_TRIES:]}


def _change(question: str, change: Callable[[Facts], Facts]) -> str:
    path = where()
    kept = _unwritten.setdefault(path, {})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path):
            answers, trouble = _read(path)
            answers.update(kept)
            before = answers.get(question, {})
            after = change(before)
            kept[question] = after
            answers[question] = after
            if after != before or len(kept) > 1:
                _write(path, answers)
        _unwritten.pop(path, None)
    except OSError as refused:
        kept[question] = change(kept.get(question, {}))  # the same change twice is one
        return f"Your answer counts, but it cannot be written down: {refused}. Work goes on."
    return trouble


def _read(path: Path) -> tuple[Answers, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}, ""
    except UnicodeDecodeError:
        return {}, _aside(path)
    except OSError as trouble:
        return {}, f"The progress file cannot be read: {trouble}."
    try:
        found = json.loads(text)
        # The first format was the bare table.
        table = found.get("questions", {}) if "version" in found else found
        return {str(name): _facts(raw) for name, raw in table.items()}, ""
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}, _aside(path)


def _facts(raw: Any) -> Facts:
    """Take what a file says of one question, as far as it makes sense.

    Facts of other versions stay.
    """
    facts = dict(raw) if isinstance(raw, dict) else {"status": raw}
    if facts.get("status") not in BEST:
        facts.pop("status", None)
    if "status" in facts and "answer" in facts:
        facts.setdefault("first", facts["answer"])  # as version 0.1 wrote it
    if not isinstance(facts.get("first", ""), str):
        del facts["first"]
    later = facts.get("later")
    if later is not None and not isinstance(later, list):
        del facts["later"]
    if "hints" in facts:
        facts["hints"] = _count(facts["hints"])
    return facts


def _count(value: Any) -> int:
    """Give a whole number, and none for what is no number: a file may say anything.

    >>> _count(2), _count("many"), _count(None), _count(float("nan")), _count(float("inf"))
    (2, 0, 0, 0, 0)
    """
    usable = isinstance(value, int | float) and math.isfinite(value)
    return max(0, int(value)) if usable else 0


def _aside(path: Path) -> str:
    names = (f"{path.stem}.damaged-{i}{path.suffix}" for i in range(10_000))
    spare = next(path.with_name(name) for name in names if not path.with_name(name).exists())
    try:
        path.replace(spare)
    except OSError as trouble:
        return f"The progress file is damaged and cannot be put aside: {trouble}."
    return f"The progress file was damaged. It is kept as {spare.name}, and a new one is begun."


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one writer in at a time, other notebooks included.

    The system frees the lock of a kernel that was killed.
    """
    lock = FileLock(path.with_name(f".{path.stem}.lock"), timeout=PATIENCE_S)
    # A file system without locks, or one held too long: then without.
    with contextlib.suppress(Timeout, NotImplementedError):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _write(path: Path, answers: Answers) -> None:
    """Write a whole new file and put it in the old one's place: a crash leaves one of the two."""
    text = json.dumps({"version": VERSION, "questions": answers}, indent=1, sort_keys=True)
    folder = path.parent
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, delete=False, encoding="utf-8", suffix=".tmp"
    ) as file:
        file.write(text)
    try:
        os.replace(file.name, path)
    except OSError:
        Path(file.name).unlink(missing_ok=True)
        raise
