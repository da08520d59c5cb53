"""Reading a machine's files as any user may.

Missing, unreadable, endless or malformed files read as empty.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import PurePosixPath

# No honest machine has more, and an odd file must not keep us busy.
MOST_BYTES = 2**20  # the flags of 500 processors are shorter
MOST_MOUNTS = 4096
LONGEST_PATH = 4096
MOST_STEPS = 64
MOST_DIGITS = 20  # 2**64 has as many


@dataclass(frozen=True)
class Files:
    """The files below a root folder."""

    root: str = "/"

    def _path(self, name: str) -> str | None:
        """Find where a file is; None where a link leads out of the root."""
        try:
            path = os.path.join(self.root, name.lstrip("/"))
            if self.root == "/":
                return path
            root = os.path.realpath(self.root)
            inside = os.path.commonpath([os.path.realpath(path), root]) == root
        except (OSError, ValueError):  # a name that cannot be one, another drive
            return None
        return path if inside else None

    def text(self, name: str) -> str:
        """Read a text file; nothing where there is none."""
        path = self._path(name)
        # A pipe in the place of a file must not make us wait.
        how = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
        try:
            handle = os.open(path or "", how)
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    return ""
                return file.read(MOST_BYTES).decode("utf-8", "replace")
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

    def fields(self, name: str, between: str = ":") -> dict[str, str]:
        """Read lines of ``key: value``; the first of a key counts, as cpuinfo repeats them."""
        found: dict[str, str] = {}
        for line in self.text(name).splitlines():
            key, separator, value = line.partition(between)
            if separator:
                found.setdefault(key.strip(), value.strip())
        return found

    def number(self, name: str, field: int = 0) -> int | None:
        """Read one whole number; None for ``max``, and for what is no number."""
        words = self.word(name).split()
        try:
            return int(words[field]) if len(words[field]) <= MOST_DIGITS else None
        except (IndexError, ValueError):
            return None

    def mounts(self) -> list[tuple[str, str, str, list[str]]]:
        """Read which part of a file system is seen where, its kind and its options.

        A later line covers an earlier one.
        """
        found = []
        for line in self.text("proc/self/mountinfo").splitlines()[-MOST_MOUNTS:]:
            left, dash, right = line.partition(" - ")
            words, rest = left.split(), right.split()
            if dash and len(words) >= 5 and len(rest) >= 3:
                part, point = (word.replace("\\040", " ") for word in words[3:5])
                found.append((part, point, rest[0], rest[2].split(",")))
        return found

    def groups(self, controller: str) -> list[str]:
        """List the folders of this process's control groups, of both versions.

        From its own group up to the mount. Joint mounts (``cpu,cpuacct``), mounts of a part of the
        tree, and a hidden or missing mountinfo are looked through; a path that leads out of the
        mount (``/../..``) is cut to what can be seen.
        """
        old, new, joint = self._own_groups(controller)
        own = {"cgroup": old, "cgroup2": new}
        found: dict[str, None] = {}  # a set that keeps its order
        for (point, kind), part in self._mounts_of(controller, joint)[:MOST_STEPS]:
            path = own[kind] if part == "/" else own[kind].removeprefix(part)
            below = PurePosixPath("/" + path[:LONGEST_PATH].lstrip("/"))
            if ".." not in below.parts and len(below.parts) <= MOST_STEPS:
                for step in (below, *below.parents):
                    if step.name:
                        found[f"{point}{step}"] = None
            found[point] = None
        return list(found)

    def _own_groups(self, controller: str) -> tuple[str, str, str]:
        """Read this process's group in version 1 and in version 2, and a joint mount's name."""
        old, new, joint = "/", "/", controller
        for line in self.text("proc/self/cgroup").splitlines():
            number, _, rest = line.partition(":")
            names, _, path = rest.partition(":")
            if number == "0" and not names:
                new = path
            elif controller in names.split(","):
                old, joint = path, names
        return old, new, joint

    def _mounts_of(self, controller: str, joint: str) -> list[tuple[tuple[str, str], str]]:
        """List where a controller's groups may be mounted, with the part of the tree seen there."""
        places = {
            (f"/sys/fs/cgroup/{joint}", "cgroup"): "/",
            (f"/sys/fs/cgroup/{controller}", "cgroup"): "/",
            ("/sys/fs/cgroup", "cgroup2"): "/",
            ("/sys/fs/cgroup/unified", "cgroup2"): "/",
        }
        for part, point, kind, options in self.mounts():
            if kind == "cgroup2" or (kind == "cgroup" and controller in options):
                places[point, kind] = part
        return list(places.items())
