"""Processes that end with us, whatever happens, and the clock of each."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["PYTHON", "cpu_s", "started"]

PYTHON = [sys.executable or "python3", "-I", "-S", "-c"]


@contextlib.contextmanager
def started(command: Sequence[str], **how: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process, and leave nothing of it afterwards."""
    process: subprocess.Popen[bytes] | None = None
    try:
        with _interrupts_held():
            process = subprocess.Popen(command, **{"stderr": subprocess.DEVNULL, **how})
        yield process
    finally:
        if process is not None:
            _end(process)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let an interrupt wait until what is started can be ended.

    A signal mask would not do, as another thread takes the signal then; and only the main thread
    is interrupted.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    if held:
        raise KeyboardInterrupt


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def cpu_s(pid: int) -> float:
    """Read how much CPU time a process has spent [s]."""
    # The number of a process's CPU clock, as clock_getcpuclockid(3) makes it.
    return time.clock_gettime((~pid << 3) | 2)
