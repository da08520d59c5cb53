"""What was handed in: a folder or a zip file of a learning platform, one notebook for each student."""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat

from grading.judge import of

LARGEST_MIB = 10
LINK = "it is a link to another place"
LOGIN = r"(?P<login>[^_]+)"


class Refused(Exception):
    """A submission that cannot be graded, and why."""


def _hidden(part: str) -> bool:
    return part != ".." and part.startswith((".", "__MACOSX"))


def _files(place: Path) -> Iterator[tuple[PurePosixPath, bytes | str]]:
    """Give every notebook below a folder or in a zip file: its path there, and what it holds or why it is refused."""
    largest = LARGEST_MIB << 20
    if place.is_dir():
        yield from (
            (PurePosixPath(p.name), LINK)
            for p in sorted(place.iterdir())
            if p.is_symlink() and p.is_dir()
        )
        for path in sorted(place.rglob("*.ipynb")):
            inner = path.relative_to(place)
            if any(map(_hidden, inner.parts)):
                continue
            links = any((place / above).is_symlink() for above in (inner, *inner.parents))
            bad = LINK if links else "" if path.is_file() else "it is no file"
            bad = bad or (
                f"it is larger than {LARGEST_MIB} MiB" if path.stat().st_size > largest else ""
            )
            yield PurePosixPath(inner.as_posix()), bad or path.read_bytes()
        return
    with zipfile.ZipFile(place) as pack:
        for info in sorted(pack.infolist(), key=lambda each: each.filename):
            name = PurePosixPath(info.filename)
            if name.suffix != ".ipynb" or any(map(_hidden, name.parts)):
                continue
            if stat.S_ISLNK(info.external_attr >> 16):
                yield name, LINK
                continue
            with pack.open(info) as file:
                text = file.read(largest + 1)
            yield name, text if len(text) <= largest else f"it is larger than {LARGEST_MIB} MiB"


def login_of(name: str, pattern: str = LOGIN) -> str:
    """Read the login out of a folder's or a file's name, as ``ada_4711_assignsubmission_file`` or ``ada.ipynb``.

    >>> login_of("Ada Lovelace_4711_assignsubmission_file")
    'ada-lovelace'
    """
    found = re.match(pattern, unicodedata.normalize("NFKC", name.removesuffix(".ipynb")))
    login = re.sub(r"[^\w.@+-]+", "-", (found["login"] if found else "").strip().casefold())
    if not re.fullmatch(r"[a-z0-9][a-z0-9._@+-]{0,63}", login, re.ASCII):
        raise Refused(f"there is no login in {name!r}: rename it, or name a pattern with --login")
    return login


def checked(text: bytes | str, source: Any) -> Any:
    """Read a notebook, or say what is wrong with it."""
    if isinstance(text, str):
        raise Refused(text)
    try:
        book = nbformat.reads(text.decode("utf-8"), 4)
        if len(book.cells) > 1000:
            raise Refused(f"it has {len(book.cells):,} cells, and no more than 1,000 are run")
        sources = {cell.source for cell in book.cells if isinstance(of(cell), dict)}
        if not all(isinstance(each, str) for each in sources):
            raise TypeError("a cell holds no text")
    except Refused:
        raise
    except Exception as slip:  # whatever is not a notebook
        raise Refused(f"it is no notebook ({type(slip).__name__}: {str(slip)[:200]})") from None
    ours = {
        c.source.strip()
        for c in source.cells
        if of(c) and not of(c)["grade"] and not of(c)["solution"]
    }
    if not ours & {each.strip() for each in sources}:
        raise Refused("none of its texts is of this assignment: it is another notebook")
    return book


def submissions(
    place: Path, assignment: str, pattern: str = LOGIN
) -> tuple[dict[str, bytes | str], dict[str, str]]:
    """Give each student's notebook, and what could not be told whose it is, with the reason."""
    found: dict[str, dict[PurePosixPath, bytes | str]] = {}
    bad: dict[str, str] = {}
    for path, text in _files(place):
        try:
            found.setdefault(login_of(path.parts[0], pattern), {})[path] = text
        except Refused as slip:
            bad[str(path)] = str(slip)
    given: dict[str, bytes | str] = {}
    for login, books in found.items():
        named = [
            path for path in books if path.stem.casefold().endswith(assignment.casefold())
        ] or list(books)
        if len({path.parts[0] for path in books}) > 1 or len(named) > 1:
            bad[login] = (
                "there are several: " + ", ".join(map(str, sorted(books)[:4])) + "; keep one"
            )
        else:
            given[login] = books[named[0]]
    return given, bad
