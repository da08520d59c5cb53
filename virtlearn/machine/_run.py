"""What every live run is made of: a result that says what is recorded or missing, processes and groups that end with us."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from virtlearn import units
from virtlearn.errors import ImpossibleAmount
from virtlearn.machine._files import Files
from virtlearn.model import Host, Workload, deploy
from virtlearn.tables import Shown

PERIOD_US = 100_000
PYTHON = [sys.executable or "python3", "-I", "-S", "-c"]
_names = itertools.count()


@dataclass(frozen=True, repr=False, kw_only=True)
class Run(Shown):
    """What was asked of a machine.

    Attributes
    ----------
    recorded : str
        Where and when, for a recorded run; "" where it was done here.
    missing : tuple of str
        What could not be done here, and why.
    """

    recorded: str = ""
    missing: tuple[str, ...] = ()

    def _facts(self) -> list[tuple[str, ...]]:
        raise NotImplementedError

    def _rows(self) -> list[tuple[str, ...]]:
        facts = self._facts()
        said = [("recorded, not done here", self.recorded)] * bool(self.recorded)
        said += [("not here", why) for why in self.missing]
        return [*facts, *((what, *[""] * (len(facts[0]) - 2), why) for what, why in said)]


def within(name: str, value: float, least: float, most: float) -> None:
    """Refuse what would take for ever."""
    if not least <= value <= most:
        raise ImpossibleAmount(
            f"{name} is {value:g}; here it may be {least:g} to {most:g}. Try {name}={least:g}."
        )


def modelled(on: str) -> str:
    """Say how long the model takes for one more copy to answer."""
    return units.duration(deploy(Workload("program", 0.1, 16), 1, host=Host(1, 64), on=on).start_s)


@functools.cache
def data(name: str) -> bytes:
    """Read a file that comes with the package."""
    return (resources.files("virtlearn") / "data" / name).read_bytes()


def recording(name: str) -> Any:
    """Read a recorded run, whose ``recorded`` says where and when."""
    return json.loads(data("recorded_runs.json"))[name]


@contextlib.contextmanager
def started(command: Sequence[str], **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process, and leave nothing of it afterwards: an interrupt waits until it can be ended."""
    process: subprocess.Popen[bytes] | None = None
    held: list[int] = []
    # A signal mask would not do, as another thread takes the signal then; and only the main thread is interrupted.
    ours = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, lambda *_: held.append(1)) if ours else None
    try:
        try:
            process = subprocess.Popen(command, **{"stderr": subprocess.DEVNULL, **how})
        finally:
            if ours:
                signal.signal(signal.SIGINT, before or signal.SIG_DFL)
        if held:
            raise KeyboardInterrupt
        yield process
    finally:
        if process is not None:
            process.kill()
            process.wait()
            for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
                with contextlib.suppress(OSError):
                    pipe.close()


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
        weight : float
            Against its neighbours; 1 is what every group has [0.01 to 100].
        cores, memory_mib : float
            The most it may use [cores], [MiB].
        """
        group = replace(self, folder=self.folder / name)
        self.made.append(
            group.folder
        )  # noted before it is made, so that no interrupt can come between
        group.folder.mkdir()
        if self.version == 2:
            self._write("cgroup.subtree_control", f"+{self.controller}")
        group.limit(weight, cores, memory_mib)
        return group

    def limit(self, weight: float, cores: float = math.inf, memory_mib: float = math.inf) -> None:
        """Write down what it may use."""
        quota, size = (
            int(x) if x < math.inf else None for x in (cores * PERIOD_US, memory_mib * 2**20)
        )
        new = self.version == 2
        if self.controller == "cpu":
            self._write(
                "cpu.weight" if new else "cpu.shares", max(1, int((100 if new else 1024) * weight))
            )
        if quota is not None:
            self._write(
                "cpu.max" if new else "cpu.cfs_quota_us", f"{quota} {PERIOD_US}" if new else quota
            )
        if size is not None:
            self._write("memory.max" if new else "memory.limit_in_bytes", size)
            with contextlib.suppress(OSError):  # not every kernel counts swap
                self._write(
                    "memory.swap.max" if new else "memory.memsw.limit_in_bytes", 0 if new else size
                )

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
            for _ in range(100):
                with contextlib.suppress(OSError):
                    folder.rmdir()
                if not folder.exists():
                    break
                time.sleep(0.02)  # a killed process leaves its group a moment later


def _place(controller: str, made: list[Path]) -> Group:
    files, name = Files(), f"virtlearn-{os.getpid()}-{next(_names)}"
    for parent in map(Path, files.groups(controller)):
        old = (
            parent / {"cpu": "cpu.shares", "memory": "memory.limit_in_bytes"}[controller]
        ).exists()
        # Version 2 hands controllers down by a switch in the parent, which is not ours to turn.
        if old or controller in files.text(f"{parent}/cgroup.subtree_control").split():
            made.append(parent / name)
            try:
                made[-1].mkdir()
                return Group(controller, made[-1], 1 if old else 2, made)
            except OSError:
                made.pop()
    raise PermissionError("no control group may be made here")
