"""Control groups of our own, where this process may make them; gone again afterwards, whatever happens."""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from virtlearn.machine._files import Files

__all__ = ["Group", "own_group"]

PERIOD_US = 100_000
_names = itertools.count()


@dataclass(frozen=True)
class Group:
    """One group: a folder for each controller it is limited by; in version 2 it is the same folder."""

    folders: dict[str, Path]
    version: int
    made: list[Path]

    def child(self, name: str, *, weight: float = 1, cores: float = math.inf, memory_mib: float = math.inf) -> Group:
        """Make a group inside this one.

        Parameters
        ----------
        weight : float
            Against its neighbours; 1 is what every group has [0.01 to 100].
        cores, memory_mib : float
            The most it may use [cores], [MiB].
        """
        folders = {controller: folder / name for controller, folder in self.folders.items()}
        for folder in dict.fromkeys(folders.values()):
            self.made.append(folder)  # noted before it is made, so that no interrupt can come between
            folder.mkdir()
            if self.version == 2 and folder.parent in self.made:
                (folder.parent / "cgroup.subtree_control").write_text("".join(f"+{name} " for name in self.folders))
        group = Group(folders, self.version, self.made)
        quota, limit = (
            int(cores * PERIOD_US) if cores < math.inf else None,
            int(memory_mib * 2**20) if memory_mib < math.inf else None,
        )
        if self.version == 2:
            group._write("cpu", "cpu.max", quota and f"{quota} {PERIOD_US}")
            group._write("memory", "memory.max", limit)
            group._write("memory", "memory.swap.max", limit and 0, needed=False)
        else:
            group._write("cpu", "cpu.cfs_quota_us", quota)
            group._write("memory", "memory.limit_in_bytes", limit)
            group._write("memory", "memory.memsw.limit_in_bytes", limit, needed=False)
        group._weigh(weight)
        return group

    def _weigh(self, weight: float) -> None:
        file, usual = ("cpu.weight", 100) if self.version == 2 else ("cpu.shares", 1024)
        self._write("cpu", file, max(1, int(usual * weight)))

    def _write(self, controller: str, file: str, value: object, *, needed: bool = True) -> None:
        if value is not None and controller in self.folders:
            with contextlib.nullcontext() if needed else contextlib.suppress(OSError):
                (self.folders[controller] / file).write_text(str(value))

    def add(self, pid: int) -> None:
        """Put a process into it."""
        for folder in dict.fromkeys(self.folders.values()):
            (folder / "cgroup.procs").write_text(str(pid))


@contextlib.contextmanager
def own_group(*controllers: str, weight: float = 1) -> Iterator[Group | None]:
    """Give a group of our own below this process's, or None where it may make none."""
    made: list[Path] = []
    try:
        group = _first(controllers, made, f"virtlearn-{os.getpid()}-{next(_names)}")
        if group is not None:
            group._weigh(weight)
        yield group
    finally:
        for folder in reversed(made):
            for _ in range(100):  # a killed process leaves its group a moment later
                with contextlib.suppress(FileNotFoundError):
                    try:
                        folder.rmdir()
                    except OSError:
                        time.sleep(0.02)
                        continue
                break


def _first(controllers: tuple[str, ...], made: list[Path], name: str) -> Group | None:
    files = Files()
    where: dict[str, Path] = {}
    versions: set[int] = set()
    for controller in controllers:
        mark = {"cpu": "cpu.shares", "memory": "memory.limit_in_bytes"}[controller]
        for parent in map(Path, files.groups(controller)):
            old = (parent / mark).exists()
            # Version 2 hands controllers down by a switch in the parent, which is not ours to turn.
            if not old and controller not in files.word(f"{parent}/cgroup.subtree_control").split():
                continue
            folder = parent / name
            if folder not in made:
                made.append(folder)
                try:
                    folder.mkdir()
                except OSError:
                    made.pop()
                    continue
            where[controller] = folder
            versions.add(1 if old else 2)
            break
    return Group(where, versions.pop(), made) if len(where) == len(controllers) and len(versions) == 1 else None
