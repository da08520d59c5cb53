"""What is in a folder or an archive: every member is read, or named with the reason why it cannot be.

A file is opened once, without following a link, and what was opened is looked at and read: nothing that is swapped
between a look and a read can lead anywhere else.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

LARGEST_MIB = 10
MOST_MIB = 2048  # of a whole archive
MOST_MEMBERS = 20_000
DEEPEST = 12  # folders in folders
NESTED = 2  # archives in archives
LINK = "it is a link to another place"
NOISE = ("thumbs.db", "desktop.ini")
OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
TOO_LARGE = f"it is larger than {LARGEST_MIB} MiB"
# The errors that a damaged or an odd archive raises while one member is read.
ODD = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)


@dataclass(frozen=True)
class Member:
    """One file: where it is, what it holds or why that cannot be read, and when it was written."""

    path: PurePosixPath
    data: bytes = b""
    trouble: str = ""
    time: datetime.datetime | None = None


class Budget:
    """How much may be read of one archive, with all that is in it."""

    def __init__(self) -> None:
        self.bytes, self.members = MOST_MIB << 20, MOST_MEMBERS

    def spend(self, size: int) -> str:
        """Take it off, and say why no more is read."""
        self.bytes -= size
        self.members -= 1
        if self.members < 0:
            return f"there are more than {MOST_MEMBERS:,} files"
        return f"there is more than {MOST_MIB:,} MiB in all" if self.bytes < 0 else ""


def hidden(path: PurePosixPath) -> bool:
    """Tell what systems and programs leave behind."""
    return (
        any(
            (part.startswith(".") and part != "..") or part in ("__MACOSX", "__pycache__")
            for part in path.parts
        )
        or path.name.casefold() in NOISE
    )


def members(place: Path) -> Iterator[Member]:
    """Give every file of a folder, or of an archive, in the order of their names."""
    budget = Budget()
    if place.is_dir():
        folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        found = _in_folder(folder, PurePosixPath(), budget)
    else:
        found = _in_zip(place.read_bytes(), PurePosixPath(), budget, 0)
    for member in found:
        if not hidden(member.path):
            yield from _opened(member, budget, 0)


def _opened(member: Member, budget: Budget, depth: int) -> Iterator[Member]:
    """Open an archive that is a member, and give what is in it; give any other member as it is."""
    if member.trouble or member.path.suffix.casefold() != ".zip":
        yield member
    elif depth >= NESTED:
        yield Member(member.path, trouble="it is an archive in an archive in an archive")
    else:
        for inner in _in_zip(member.data, member.path, budget, depth + 1):
            if not hidden(inner.path.relative_to(member.path)):
                yield inner if inner.trouble else _dated(inner, member)


def _dated(inner: Member, outer: Member) -> Member:
    """Take the time of the archive: what is in it was written by the student's own clock."""
    return Member(inner.path, inner.data, inner.trouble, outer.time or inner.time)


def _in_folder(folder: int, above: PurePosixPath, budget: Budget) -> Iterator[Member]:
    """Give what is below an open folder; it is closed at the end."""
    try:
        try:
            names = sorted(os.listdir(folder))
        except OSError as slip:
            yield Member(above, trouble=f"it cannot be read ({slip.strerror})")
            return
        for name in names:
            path = above / _spelt(name)
            if not hidden(path):
                yield from _entry(folder, name, path, budget)
    finally:
        os.close(folder)


def _spelt(name: str) -> str:
    """Give a name that can be printed, whatever bytes it is made of."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _entry(folder: int, name: str, path: PurePosixPath, budget: Budget) -> Iterator[Member]:
    """Open one entry of a folder, without following it, and read what was opened."""
    try:
        entry = os.open(name, OPEN, dir_fd=folder)
    except OSError as slip:
        with contextlib.suppress(OSError):
            if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                yield Member(path, trouble=LINK)
                return
        yield Member(path, trouble=f"it cannot be read ({slip.strerror})")
        return
    about = os.fstat(entry)
    if stat.S_ISDIR(about.st_mode):
        if len(path.parts) > DEEPEST:
            os.close(entry)
            yield Member(path, trouble=f"it lies more than {DEEPEST} folders deep")
            return
        yield from _in_folder(entry, path, budget)
        return
    yield _file(entry, about, path, budget)


def _file(entry: int, about: os.stat_result, path: PurePosixPath, budget: Budget) -> Member:
    """Read an open file; it is closed at the end."""
    with os.fdopen(entry, "rb") as file:
        if not stat.S_ISREG(about.st_mode):
            return Member(path, trouble="it is no file")
        try:
            data = file.read((LARGEST_MIB << 20) + 1)
        except OSError as slip:
            return Member(path, trouble=f"it cannot be read ({slip.strerror})")
    trouble = budget.spend(len(data)) or (TOO_LARGE if len(data) > LARGEST_MIB << 20 else "")
    time = datetime.datetime.fromtimestamp(about.st_mtime, datetime.UTC)
    return Member(path, b"" if trouble else data, trouble, time)


def _in_zip(data: bytes, above: PurePosixPath, budget: Budget, depth: int) -> Iterator[Member]:
    """Give what is in a zip file, and in those inside it."""
    try:
        pack = zipfile.ZipFile(io.BytesIO(data))
        infos = sorted(pack.infolist(), key=lambda info: info.filename)
    except ODD as slip:
        yield Member(above, trouble=f"it is no zip file that can be read ({slip})")
        return
    files = [info for info in infos if not info.is_dir()]
    if not files:
        yield Member(above, trouble="it is an empty zip file")
    with pack:
        for info in files:
            member = _zipped(pack, info, above, budget)
            if depth and not hidden(member.path.relative_to(above)):
                yield from _opened(member, budget, depth)
            else:
                yield member


def _zipped(
    pack: zipfile.ZipFile, info: zipfile.ZipInfo, above: PurePosixPath, budget: Budget
) -> Member:
    """Read one member of a zip file, or say why it cannot be."""
    path = above / _name(info)
    if stat.S_ISLNK(info.external_attr >> 16):
        return Member(path, trouble=LINK)
    if info.flag_bits & 0x1:
        return Member(path, trouble="it is encrypted: ask for it without a password")
    try:
        with pack.open(info) as file:
            data = file.read((LARGEST_MIB << 20) + 1)
    except ODD as slip:
        return Member(path, trouble=f"it is damaged, or packed in an unusual way ({slip})")
    trouble = budget.spend(len(data)) or (TOO_LARGE if len(data) > LARGEST_MIB << 20 else "")
    time = None
    with contextlib.suppress(ValueError):
        time = datetime.datetime(*info.date_time).astimezone(datetime.UTC)
    return Member(path, b"" if trouble else data, trouble, time)


def _name(info: zipfile.ZipInfo) -> PurePosixPath:
    """Read a member's name: some programs write UTF-8 and do not say so."""
    name = info.filename
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return PurePosixPath(_spelt(name.replace("\\", "/")).lstrip("/") or "(no name)")
