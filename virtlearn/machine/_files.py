"""Reading a machine's files as any user may: missing, unreadable, endless or senseless ones say nothing."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import PurePosixPath

__all__ = ["Files", "Mount"]

LONGEST_PATH = 4096  # PATH_MAX of Linux
MOST_BYTES = 2**20  # the longest honest file here, the flags of 500 processors, is shorter


@dataclass(frozen=True)
class Mount:
    """One line of mountinfo: which part of a file system is seen where."""

    part: str
    point: str
    kind: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Files:
    """The files below a root folder."""

    root: str = "/"

    def _path(self, name: str) -> str | None:
        """Find where a file is; None where a link leads out of the root."""
        try:
            path, root = os.path.join(self.root, name.lstrip("/")), os.path.realpath(self.root)
            inside = self.root == "/" or os.path.commonpath([os.path.realpath(path), root]) == root
        except (OSError, ValueError):  # a name that cannot be one, another drive
            return None
        return path if inside else None

    def text(self, name: str) -> str | None:
        """Read a text file, or the text of a link that a recording stored as a file."""
        if (path := self._path(name)) is None:
            return None
        try:
            handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a pipe must not make us wait
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    return None
                return file.read(MOST_BYTES).decode("utf-8", "replace")
        except (OSError, ValueError):
            return None

    def word(self, name: str) -> str:
        """Read a file of one line; nothing where there is none."""
        return (self.text(name) or "").strip("\0 \t\r\n")

    def link(self, name: str) -> str:
        """Read where a link points to, without following it."""
        try:
            return os.readlink(os.path.join(self.root, name))
        except (OSError, ValueError):
            return self.word(name)

    def exists(self, name: str) -> bool:
        """Say whether a file is there, readable or not."""
        path = self._path(name)
        return path is not None and os.path.exists(path)

    def fields(self, name: str) -> dict[str, str]:
        """Read lines of ``key: value``; the first of a key counts, as in cpuinfo, which repeats them."""
        found: dict[str, str] = {}
        for line in (self.text(name) or "").splitlines():
            key, colon, value = line.partition(":")
            if colon:
                found.setdefault(key.strip(), value.strip())
        return found

    def number(self, name: str, field: int = 0) -> int | None:
        """Read one whole number; None for ``max``, and for what is no number."""
        words = self.word(name).split()
        try:
            return int(words[field]) if len(words[field]) <= 20 else None
        except (IndexError, ValueError):
            return None

    def mounts(self) -> list[Mount]:
        """Read what is mounted where, in order: a later line covers an earlier one."""
        found = []
        for line in (self.text("proc/self/mountinfo") or "").splitlines():
            left, dash, right = line.partition(" - ")
            words, rest = left.split(), right.split()
            if dash and len(words) >= 5 and len(rest) >= 3:
                spaces = [re.sub(r"\\040", " ", word) for word in words[3:5]]
                found.append(Mount(spaces[0], spaces[1], rest[0], tuple(rest[2].split(","))))
        return found

    def groups(self, controller: str) -> list[str]:
        """List the folders of this process's control groups, from its own up to the mount, of both versions.

        Joint mounts (``cpu,cpuacct``), mounts of a part of the tree, and a hidden or missing mountinfo are looked
        through; a path that leads out of the mount (``/../..``) is cut to what can be seen.
        """
        own = {"cgroup2": "/"}
        joint = controller
        for line in (self.text("proc/self/cgroup") or "").splitlines():
            number, _, rest = line.partition(":")
            names, _, path = rest.partition(":")
            if number == "0" and not names:
                own["cgroup2"] = path
            elif controller in names.split(","):
                own["cgroup"], joint = path, names
        places = [("cgroup", f"/sys/fs/cgroup/{name}", "/") for name in (joint, controller)]
        places += [("cgroup2", "/sys/fs/cgroup", "/"), ("cgroup2", "/sys/fs/cgroup/unified", "/")]
        for mount in self.mounts():
            if mount.kind == "cgroup2" or (mount.kind == "cgroup" and controller in mount.options):
                places.append((mount.kind, mount.point, mount.part))
        found: dict[str, None] = {}  # a set that keeps its order
        for kind, point, part in places:
            path = own.get(kind, "/")
            below = PurePosixPath("/" + (path if part == "/" else path.removeprefix(part)).lstrip("/"))
            steps = (
                []
                if ".." in below.parts or len(path) > LONGEST_PATH
                else [p for p in (below, *below.parents) if p.name]
            )
            found.update(dict.fromkeys([*(f"{point}{step}" for step in steps), point]))
        return list(found)
