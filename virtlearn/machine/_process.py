"""Starting processes that end with us: after success, failure and interrupt."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence

__all__ = ["python", "started"]


def python() -> list[str]:
    """Give a bare Python: this one, or the system's where this user may not start it."""
    mine = sys.executable if os.access(sys.executable or "", os.X_OK) else shutil.which("python3")
    return [mine or "python3", "-I", "-S", "-c"]


@contextlib.contextmanager
def started(
    command: Sequence[str],
    *,
    stdin: int | None = None,
    stdout: int | None = None,
    stderr: int | None = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process, and leave nothing of it afterwards: an interrupt waits until it can be ended."""
    process: subprocess.Popen[bytes] | None = None
    try:
        with _uninterrupted():
            process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr, pass_fds=pass_fds)
        assert process is not None
        yield process
    finally:
        if process is not None:
            process.kill()
            process.wait()
            for pipe in filter(None, (process.stdin, process.stdout)):
                with contextlib.suppress(OSError):
                    pipe.close()


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold an interrupt back; a signal mask would not do, as another thread takes the signal then."""
    held: list[int] = []
    ours = threading.current_thread() is threading.main_thread()  # no other is ever interrupted
    before = signal.signal(signal.SIGINT, lambda *_: held.append(1)) if ours else None
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    if held:
        raise KeyboardInterrupt
