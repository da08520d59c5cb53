"""Control groups of our own, of version 1 or 2, that go when we do."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from virtlearn import units
from virtlearn.machine._files import Files

__all__ = ["Group", "own_group"]

PERIOD_US = 100_000
# What every group weighs that nobody asked about: version 2, version 1.
USUAL_WEIGHT = 100
USUAL_SHARES = 1024
OLD_MARKS = {"cpu": "cpu.shares", "memory": "memory.limit_in_bytes"}  # files of version 1 only
# A killed process leaves its group a moment later.
REMOVE_TRIES = 100
REMOVE_WAIT_S = 0.02
_names = itertools.count()


@dataclass(frozen=True)
class Group:
    """A group of one controller, of version 1 or 2; ``made`` lists all that must go again."""

    controller: str
    folder: Path
    version: int
    made: list[Path]

    def child(
        self, name: str, *, weight: float = 1, cores: float = math.inf, memory_mib: float = math.inf
    ) -> Group:
        """Make a group inside this one.

        Parameters
        ----------
        name : str
            The name of its folder.
        weight : float
            Against its neighbours; 1 is what every group has [0.01 to 100].
        cores, memory_mib : float
            The most it may use [cores], [MiB].

        Returns
        -------
        Group
            The new group, empty.
        """
        group = replace(self, folder=self.folder / name)
        # Noted before it is made, so that no interrupt can come between.
        self.made.append(group.folder)
        group.folder.mkdir()
        if self.version == 2:
            self._write("cgroup.subtree_control", f"+{self.controller}")
        group.limit(weight, cores, memory_mib)
        return group

    def limit(self, weight: float, cores: float = math.inf, memory_mib: float = math.inf) -> None:
        """Write down what it may use."""
        if self.controller == "cpu":
            self._weigh(weight)
        if cores < math.inf:
            self._quota(int(cores * PERIOD_US))
        if memory_mib < math.inf:
            self._memory(int(memory_mib * units.MIB))

    def _weigh(self, weight: float) -> None:
        if self.version == 2:
            self._write("cpu.weight", max(1, int(USUAL_WEIGHT * weight)))
        else:
            self._write("cpu.shares", max(1, int(USUAL_SHARES * weight)))

    def _quota(self, quota_us: int) -> None:
        if self.version == 2:
            self._write("cpu.max", f"{quota_us} {PERIOD_US}")
        else:
            self._write("cpu.cfs_quota_us", quota_us)

    def _memory(self, size: int) -> None:
        # Not every kernel counts swap; where it does, none is allowed.
        if self.version == 2:
            self._write("memory.max", size)
            with contextlib.suppress(OSError):
                self._write("memory.swap.max", 0)
        else:
            self._write("memory.limit_in_bytes", size)
            with contextlib.suppress(OSError):
                self._write("memory.memsw.limit_in_bytes", size)

    def _write(self, file: str, value: object) -> None:
        (self.folder / file).write_text(str(value))

    def add(self, pid: int) -> None:
        """Put a process into it."""
        self._write("cgroup.procs", pid)


@contextlib.contextmanager
def own_group(controller: str, *, weight: float = 1) -> Iterator[Group]:
    """Give a group of our own below this process's, or refuse where it may make none."""
    made: list[Path] = []
    try:
        group = _place(controller, made)
        group.limit(weight)
        yield group
    finally:
        for folder in reversed(made):
            _remove(folder)


def _remove(folder: Path) -> None:
    for _ in range(REMOVE_TRIES):
        with contextlib.suppress(OSError):
            folder.rmdir()
        if not folder.exists():
            return
        time.sleep(REMOVE_WAIT_S)


def _place(controller: str, made: list[Path]) -> Group:
    """Make a folder in the nearest of this process's groups where that may be done."""
    files = Files()
    name = f"virtlearn-{os.getpid()}-{next(_names)}"
    for parent in map(Path, files.groups(controller)):
        old = (parent / OLD_MARKS[controller]).exists()
        # Version 2 hands controllers down by a switch in the parent, which is not ours to turn.
        handed_down = controller in files.text(f"{parent}/cgroup.subtree_control").split()
        if not old and not handed_down:
            continue
        made.append(parent / name)
        try:
            made[-1].mkdir()
        except OSError:
            made.pop()
            continue
        return Group(controller, made[-1], 1 if old else 2, made)
    raise PermissionError("no control group may be made here")
