"""A control group for one submission, where we may make one: the kernel then counts all that it takes.

It counts what no limit of a process does: memory that is held across processes, and what the kernel keeps for them
(pipes, sockets, names of files). Without one, the tree of processes is watched instead.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Group:
    """One control group: a folder (version 2), or one for each controller (version 1)."""

    memory: Path
    pids: Path

    @property
    def folders(self) -> tuple[Path, ...]:
        """Give each folder once."""
        return tuple(dict.fromkeys((self.memory, self.pids)))

    @property
    def doors(self) -> list[str]:
        """List the files that a process writes its number to, in order to come in."""
        return [str(folder / "cgroup.procs") for folder in self.folders]

    def bound_met(self) -> str:
        """Say which of its bounds was met, or nothing."""
        for name in ("memory.events", "memory.oom_control"):
            if _count(self.memory / name, "oom_kill"):
                return "memory"
        return "processes" if _count(self.pids / "pids.events", "max") else ""

    def remove(self) -> None:
        """Remove it; the last process in it may take a moment to go."""
        end = time.monotonic() + 2
        for folder in self.folders:
            while folder.is_dir():
                with contextlib.suppress(OSError):
                    folder.rmdir()
                if time.monotonic() > end:
                    break
                time.sleep(0.01)


def _count(file: Path, name: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in file.read_text().splitlines():
            word, _, number = line.partition(" ")
            if word == name:
                return int(number)
    return 0


def _homes(root: Path) -> Iterator[tuple[Path, Path, str]]:
    """Give where groups for memory and for processes can be made, and the file that holds the bound of memory."""
    controllers = root / "cgroup.controllers"
    with contextlib.suppress(OSError):
        if {"memory", "pids"} <= set(controllers.read_text().split()):
            yield root, root, "memory.max"
    if (root / "memory").is_dir() and (root / "pids").is_dir():
        yield root / "memory", root / "pids", "memory.limit_in_bytes"


def _sweep(home: Path) -> None:
    """Remove what graders that were killed have left; a group that still holds a process stays."""
    for folder in home.glob("virtlearn-*"):
        maker = folder.name.split("-")[1]
        if not Path("/proc", maker).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()


def make(memory_mib: int, processes: int, root: Path = ROOT) -> Group | None:
    """Make a control group with these bounds, or give None where we may not."""
    for memory_home, pids_home, bound in _homes(root):
        with contextlib.suppress(OSError):
            for home in {memory_home, pids_home}:
                _sweep(home)
            name = f"virtlearn-{os.getpid()}-"
            memory = Path(tempfile.mkdtemp(prefix=name, dir=memory_home))
            pids = memory if pids_home == memory_home else pids_home / memory.name
            pids.mkdir(exist_ok=True)
            group = Group(memory, pids)
            try:
                (memory / bound).write_text(str(memory_mib << 20))
                (pids / "pids.max").write_text(str(processes))
            except OSError:  # made, and of no use
                group.remove()
                continue
            with contextlib.suppress(OSError):  # swap would be a second helping
                (memory / "memory.swap.max").write_text("0")
            return group
    return None
