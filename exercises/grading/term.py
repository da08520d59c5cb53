"""A new term: everything of the old one is put aside under its name, and nothing is deleted."""

from __future__ import annotations

from pathlib import Path

from grading import names, store

OF_A_TERM = (
    "submitted", "autograded", "feedback", "by-hand", "reports", "gradebook.db", "grades.csv", "nbgrader.log",
)  # fmt: skip


class NotNow(Exception):
    """A term that cannot be ended."""


def end(root: Path, name: str) -> list[str]:
    """Put a term aside in ``terms/NAME``; give what was moved.

    The gradebook goes last: a move that was stopped is finished by the same command.
    """
    if names.slug(name) != name.casefold():
        raise NotNow(f"{name!r} is no name for a folder: letters, digits, . _ -")
    place = root / "terms" / name
    with store.alone(root):
        there = [each for each in OF_A_TERM if (root / each).exists()]
        there += [each.name for each in root.glob("*-[0-9][0-9]-*.csv")]
        if not there:
            raise NotNow(f"There is nothing of a term in {root}.")
        taken = [each for each in there if (place / each).exists()]
        if taken:
            raise NotNow(f"{place} holds a {taken[0]} already. Choose another name.")
        place.mkdir(parents=True, exist_ok=True)
        for each in sorted(there, key=lambda each: each == "gradebook.db"):
            (root / each).rename(place / each)
    return there


def forget(root: Path, login: str) -> int:
    """Remove a student's files; give how many there were. The gradebook is for nbgrader to clear."""
    count = 0
    for top in ("submitted", "autograded", "feedback"):
        folder = root / top / login
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
            count += 1
        if folder.is_dir() and not folder.is_symlink():
            folder.rmdir()
    for kept in (".judged", ".graded", ".how"):
        for path in (root / "submitted" / kept).glob(f"*/{login}.json"):
            path.unlink()
            count += 1
    return count
