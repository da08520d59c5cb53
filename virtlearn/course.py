"""Copying the course: the new comes in, the untouched is renewed, what a learner changed stays.

Three promises hold even when the disk fills up, the power fails or two copies run at once: a file
in the learner's folder is whole or not there, nothing of the learner's is written over, and what we
once wrote is known again.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from virtlearn.errors import VirtlearnError

__all__ = ["CannotOpen", "copy_course", "folder_named", "material"]

HERE = Path(__file__).resolve().parent
LESSONS = "[0-9][0-9]-*.ipynb"
# The hashes of all that we ever wrote, by file: tells a file that the learner
# changed from one to be renewed.
RECORD = ".virtlearn-copied.json"
# The banks of questions hold the answers. They are read from the package, and no
# learner stumbles over them.
ANSWERS = "questions"
ADVICE = "Name a folder of your own: virtlearn lab ~/my-course"

Done = dict[str, list[str]]
Record = dict[str, list[str]]


class CannotOpen(VirtlearnError):
    """The course cannot be opened as asked: the folder, the port or a missing package says no."""


def material() -> dict[str, Path]:
    """Say where lessons and exercises are: in an installed wheel, or in this file's checkout."""
    inside = HERE / "_material"
    if inside.is_dir():
        return {"lessons": inside / "lessons", "exercises": inside / "exercises"}
    return {"lessons": HERE.parent / "lessons", "exercises": HERE.parent / "exercises" / "release"}


def folder_named(text: str) -> Path:
    """Read the folder that somebody typed; ``~`` is their home, and nothing at all is no folder.

    >>> folder_named("my-course").name
    'my-course'
    """
    if not text.strip() or "\0" in text:
        raise CannotOpen(f"DIR is {text!r}, which names no folder.\n{ADVICE}")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise CannotOpen(f"DIR is '{text}', and nobody knows that home.\n{ADVICE}") from None


def _course() -> Iterator[tuple[str, Path]]:
    """Give each file of the course: its name in the learner's folder, and where ours is."""
    for part, source in material().items():
        for path in sorted(source.rglob("*")):
            inner = path.relative_to(source)
            hidden = any(name.startswith((".", "__")) for name in inner.parts)
            if path.is_file() and not hidden and inner.parts[0] != ANSWERS:
                yield f"{part}/{inner.as_posix()}", path


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is whole or as before, even if the disk fills or the power fails."""
    real = path.resolve()  # where the learner made a link, the link stays
    real.parent.mkdir(parents=True, exist_ok=True)
    part = real.with_name(f".{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(real)
    finally:
        part.unlink(missing_ok=True)


def _put_aside(path: Path, content: bytes) -> Path:
    """Keep the learner's version under a free name: of ``02.ipynb`` as ``02.mine-1.ipynb``."""
    for number in itertools.count(1):
        free = path.with_name(f"{path.stem}.mine-{number}{path.suffix}")
        try:
            with free.open("xb") as file:  # "x": no other version is ever written over
                file.write(content)
        except FileExistsError:
            continue
        except OSError:
            free.unlink(missing_ok=True)
            raise
        return free
    raise AssertionError("numbers do not end")


def _read_record(folder: Path) -> Record:
    """Read what we wrote earlier. If the record is damaged, every file counts as the learner's."""
    try:
        found = json.loads((folder / RECORD).read_text("utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    record: Record = {}
    for name, hashes in found.items() if isinstance(found, dict) else ():
        # Version 0.1 noted one hash a file.
        some = hashes if isinstance(hashes, list) else [hashes]
        record[name] = [each for each in some if isinstance(each, str)]
    return record


def _write_record(folder: Path, record: Record) -> None:
    _write(folder / RECORD, json.dumps(record, indent=0).encode())


def _opens(name: str, content: bytes) -> bool:
    """Tell a notebook that JupyterLab can open from what a full disk once left of one."""
    if not name.endswith(".ipynb"):
        return True
    try:
        return isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        return False


# What was done with a file, and its name.
Brought = tuple[str, str]


def _bring(folder: Path, name: str, ours: bytes, known: list[str], update: bool) -> Brought:
    """Bring one file to its place unless it is the learner's; give what was done, to which file."""
    target = folder / name
    theirs = target.read_bytes() if target.exists() else None
    if theirs == ours:
        return "same", name
    if theirs is None:
        _write(target, ours)
        return "new", name
    # An empty file or the beginning of ours is no one's work: version 0.1 left
    # these where a disk filled up.
    if _hash(theirs) in known or ours.startswith(theirs):
        _write(target, ours)
        return "renewed", name
    if update or not _opens(name, theirs):
        kept = _put_aside(target, theirs)
        _write(target, ours)
        return "aside", kept.relative_to(folder).as_posix()
    return "kept", name


def _sweep_out(folder: Path, record: Record, current: set[str]) -> list[str]:
    """Remove what we once wrote and the course lacks now; files a learner changed become theirs."""
    gone = []
    for name in [name for name in record if name not in current]:
        known = record.pop(name)
        inner = PurePosixPath(name)
        # The record is a file that anybody may have edited: nothing outside the course is touched.
        if inner.parts[0] not in material() or ".." in inner.parts:
            continue
        target = folder / inner
        if not target.is_file() or _hash(target.read_bytes()) not in known:
            continue
        target.unlink()
        gone.append(name)
        shutil.rmtree(target.parent / "__pycache__", ignore_errors=True)
        with contextlib.suppress(OSError):  # other things are in it
            target.parent.rmdir()
    return gone


# What can become of a file.
DONE = ("new", "same", "renewed", "kept", "aside", "gone")


def _copy(folder: Path, update: bool) -> Done:
    done: Done = {what: [] for what in DONE}
    folder.mkdir(parents=True, exist_ok=True)
    record = _read_record(folder)
    course = {name: path.read_bytes() for name, path in _course()}
    earlier = {name: list(record.get(name, ())) for name in course}
    # Noted before it is written: whatever stops us, no file of ours is taken
    # for the learner's later.
    for name, ours in course.items():
        if _hash(ours) not in record.setdefault(name, []):
            record[name].append(_hash(ours))
    _write_record(folder, record)
    for name, ours in course.items():
        what, where = _bring(folder, name, ours, earlier[name], update)
        done[what].append(where)
    done["gone"] = _sweep_out(folder, record, set(course))
    if done["gone"]:
        _write_record(folder, record)
    return done


def _refuse_our_own(folder: Path) -> None:
    home = folder.resolve()
    for source in material().values():
        if home.is_relative_to(source) or source.is_relative_to(home):
            where = f"DIR is '{folder}', where the course itself lives; your work would change it."
            raise CannotOpen(f"{where}\n{ADVICE}")


def _why(folder: Path, error: OSError) -> str:
    """Say which file could not be used, if it was one inside, and what to do about it."""
    inside = f" ({error.filename})" if error.filename not in (None, str(folder)) else ""
    wrong = f"DIR is '{folder}', and it cannot be used: {error.strerror}{inside}."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{wrong}\nWhat was copied is whole. Make room, and run the same command again."
    return f"{wrong}\n{ADVICE}"


def copy_course(folder: Path, *, update: bool = False) -> Done:
    """Copy lessons and exercises into a folder, and leave alone what was changed there.

    Parameters
    ----------
    folder : Path
        Where to; made where it is missing.
    update : bool
        Whether files that the learner changed are renewed too. Theirs are then kept beside ours.

    Returns
    -------
    dict of list of str
        Names of files that are ``new``; the ``same`` as ours; ``renewed``, because nobody had
        changed them; ``kept`` as the learner has them; put ``aside`` under another name
        (``02.mine-1.ipynb``), also where JupyterLab could not open what was there; ``gone``,
        because the course no longer has them and nobody had changed them.

    Raises
    ------
    CannotOpen
        Where the folder is a file, is where the course itself lives, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     first, again = copy_course(Path(home)), copy_course(Path(home))
    >>> again["new"], again["kept"]
    ([], [])
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise CannotOpen(f"DIR is '{folder}', and that is a file.\n{ADVICE}")
        _refuse_our_own(folder)
        return _copy(folder, update)
    except OSError as error:
        raise CannotOpen(_why(folder, error)) from error
    except RuntimeError:  # links that lead to each other, before Python 3.13
        raise CannotOpen(f"DIR is '{folder}', a link that leads nowhere.\n{ADVICE}") from None
