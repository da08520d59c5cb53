"""Reading a machine's files as any user may: missing, unreadable, endless or senseless ones say nothing."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import PurePosixPath

# No honest machine has more, and an odd file must not keep us busy: the flags of 500 processors are shorter.
MOST_BYTES, MOST_MOUNTS, LONGEST_PATH, MOST_STEPS = 2**20, 4096, 4096, 64


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

    def text(self, name: str) -> str:
        """Read a text file; nothing where there is none."""
        path = self._path(name)
        try:
            handle = os.open(
                path or "", os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
            )  # a pipe must not make us wait
            with os.fdopen(handle, "rb") as file:
                regular = stat.S_ISREG(os.fstat(handle).st_mode)
                return file.read(MOST_BYTES).decode("utf-8", "replace") if regular else ""
        except (OSError, ValueError):
            return ""

    def word(self, name: str) -> str:
        """Read a file of one line."""
        return self.text(name).strip("\0 \t\r\n")

    def link(self, name: str) -> str:
        """Read where a link points to, without following it; a recording has its text in a file."""
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
        for line in self.text(name).splitlines():
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

    def mounts(self) -> list[tuple[str, str, str, list[str]]]:
        """Read which part of a file system is seen where, its kind and options; a later line covers an earlier one."""
        found = []
        for line in self.text("proc/self/mountinfo").splitlines()[-MOST_MOUNTS:]:
            left, dash, right = line.partition(" - ")
            words, rest = left.split(), right.split()
            if dash and len(words) >= 5 and len(rest) >= 3:
                part, point = (word.replace("\\040", " ") for word in words[3:5])
                found.append((part, point, rest[0], rest[2].split(",")))
        return found

    def groups(self, controller: str) -> list[str]:
        """List the folders of this process's control groups, from its own up to the mount, of both versions.

        Joint mounts (``cpu,cpuacct``), mounts of a part of the tree, and a hidden or missing mountinfo are looked
        through; a path that leads out of the mount (``/../..``) is cut to what can be seen.
        """
        own, joint = {"cgroup": "/", "cgroup2": "/"}, controller
        for line in self.text("proc/self/cgroup").splitlines():
            number, _, rest = line.partition(":")
            names, _, path = rest.partition(":")
            if number == "0" and not names:
                own["cgroup2"] = path
            elif controller in names.split(","):
                own["cgroup"], joint = path, names
        places = {(f"/sys/fs/cgroup/{name}", "cgroup"): "/" for name in (joint, controller)}
        places |= {("/sys/fs/cgroup", "cgroup2"): "/", ("/sys/fs/cgroup/unified", "cgroup2"): "/"}
        for part, point, kind, options in self.mounts():
            if kind == "cgroup2" or (kind == "cgroup" and controller in options):
                places[point, kind] = part
        found: dict[str, None] = {}  # a set that keeps its order
        for (point, kind), part in list(places.items())[:MOST_STEPS]:
            path = own[kind] if part == "/" else own[kind].removeprefix(part)
            below = PurePosixPath("/" + path[:LONGEST_PATH].lstrip("/"))
            if ".." not in below.parts and len(below.parts) <= MOST_STEPS:
                found.update(
                    dict.fromkeys(f"{point}{step}" for step in (below, *below.parents) if step.name)
                )
            found[point] = None
        return list(found)
