"""The sandbox from outside: start it, ask with a deadline, watch what it takes, end everything that was begun."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any, NoReturn

from grading import groups, tree
from grading.banks import PACKAGE
from grading.limits import Limits
from grading.walls import HOME, RUNNER, NoSandbox, bubblewrap, real_root, sites, walls

__all__ = ["CONSENT", "CutShort", "Limits", "NoAnswer", "NoSandbox", "Sandbox", "check"]

CONSENT = "VIRTLEARN_GRADE_WITHOUT_SANDBOX"
MIB = 1 << 20
LOOK_S = 0.05  # how often what it takes is looked at
# A shell that goes into its control group before it becomes the walls: nothing is ever outside.
INTO_GROUP = 'for door in $1; do echo $$ > "$door" || exit 1; done; shift; exec "$@"'


class NoAnswer(Exception):
    """The submission gave no answer: it took too long, took too much, or ended itself."""


class CutShort(NoAnswer):
    """The clock ran out while others had the core: not the submission's fault."""


def _environment(student: str, home: str) -> dict[str, str]:
    names = {"HOME": home, "TMPDIR": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    names |= {"USER": "student", "MPLBACKEND": "Agg", "VIRTLEARN_STUDENT": student}
    names |= {"VIRTLEARN_PROGRESS": f"{home}/progress.json"}
    one = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "PYTHONDONTWRITEBYTECODE")
    return names | dict.fromkeys(one, "1")


class Clock:
    """What of the time that goes by is the submission's own."""

    def __init__(self, process: int) -> None:
        self.process, self.begun = process, time.monotonic()
        self.before = tree.taken(process)

    def spent(self, now: tree.Taken) -> float:
        """Give its CPU time, or the time by the clock in which it could have had a core, if that is more."""
        gone = time.monotonic() - self.begun
        waited = max(0.0, now.waited_s - self.before.waited_s)
        return max(now.cpu_s - self.before.cpu_s, gone - waited)


class Sandbox:
    """One submission's process, and the line to it."""

    def __init__(
        self,
        student: str,
        files: dict[str, str],
        limits: Limits = Limits(),  # noqa: B008 - frozen
    ) -> None:
        self.student, self.files, self.limits = student, files, limits
        self.consent = os.environ.get(CONSENT) == "yes"
        self.end = time.monotonic() + limits.all_s * limits.patience
        self.spent_s, self.looked = 0.0, 0.0
        self.trouble = "it was not started"
        self.process: subprocess.Popen[bytes] | None = None
        self.group: groups.Group | None = None
        self.home: tempfile.TemporaryDirectory[str] | None = None
        self.disk: int | None = None
        self.turn, self.waiting = 0, b""

    def _told(self) -> dict[str, Any]:
        """Say what the runner needs to know, none of it a secret."""
        limits = self.limits
        bounds = {
            "RLIMIT_AS": limits.memory_mib * MIB,
            "RLIMIT_CPU": int(limits.all_s) + 1,
            "RLIMIT_FSIZE": limits.file_mib * MIB,
            "RLIMIT_NOFILE": 128,
            "RLIMIT_CORE": 0,
            "RLIMIT_SIGPENDING": 128,
            "RLIMIT_MSGQUEUE": 0,
            "RLIMIT_MEMLOCK": 64 << 10,
        }
        if not self.consent:
            bounds["RLIMIT_NPROC"] = limits.processes
        # Each worker has a user of its own, so that one's processes are not counted for another.
        nobody = 200_000 + os.getpid() % 10_000
        return {
            "path": [*map(str, sites()), str(PACKAGE.parent)],
            "user": nobody if real_root() and not self.consent else 0,
            "cores": list(limits.cores),
            "filter": not self.consent,
            "files": self.files,
            "sizes": {"characters": limits.output_characters, "reply": limits.reply_characters},
            "limits": bounds,
        }

    def _command(self) -> list[str]:
        """Put together what is started."""
        told = json.dumps(self._told())
        if self.home:
            return [sys.executable, "-I", str(RUNNER), told]
        command = [*walls(self.limits), sys.executable, "-I", "/runner.py", told]
        self.group = groups.make(self.limits.together_mib, self.limits.processes + 8)
        if self.group is None:
            return command
        return ["/bin/sh", "-c", INTO_GROUP, "sh", " ".join(self.group.doors), *command]

    def start(self) -> None:
        """Build the walls and wait until the runner says it is ready."""
        self.home = tempfile.TemporaryDirectory(prefix="submission-") if self.consent else None
        with tempfile.TemporaryFile() as words:
            self.process = subprocess.Popen(
                self._command(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                start_new_session=True,
                cwd=self.home.name if self.home else "/",
                env=_environment(self.student, self.home.name if self.home else HOME),
            )
            self.trouble, self.waiting = "", b""
            try:
                self._reply(self.limits.start_s)
            except NoAnswer as slip:
                words.seek(0)
                said = words.read(2000).decode("utf-8", "replace").strip()
                raise NoSandbox(f"{slip}: {said}") from None
        self.disk = self._open_disk()

    def _open_disk(self) -> int | None:
        """Hold the sandbox's own disk open, before any stranger's code runs: files are counted by it."""
        if self.home or self.process is None:
            return None
        flags = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW
        for pid in tree.below(self.process.pid)[::-1]:
            with contextlib.suppress(OSError):
                place = os.open(f"/proc/{pid}/root/tmp", flags)
                if os.fstat(place).st_dev != os.stat("/tmp").st_dev:
                    return place
                os.close(place)
        return None

    def ask(self, seconds: float, **what: Any) -> dict[str, Any]:
        """Ask, and wait a little longer than the submission may take to answer."""
        if self.trouble or self.process is None or self.process.stdin is None:
            raise NoAnswer(self.trouble)
        self.turn += 1
        line = json.dumps({**what, "seconds": seconds, "turn": self.turn}).encode() + b"\n"
        try:
            self.process.stdin.write(line)
            self.process.stdin.flush()
        except OSError:
            self._over("it had ended itself")
        while (reply := self._reply(seconds)).get("turn") != self.turn:
            pass  # of an earlier turn: a process it left behind
        return reply

    def _reply(self, seconds: float) -> dict[str, Any]:
        """Read one line of JSON, no longer and no later than allowed."""
        assert self.process is not None
        assert self.process.stdout is not None
        pipe, clock = self.process.stdout.fileno(), Clock(self.process.pid)
        while (cut := self.waiting.find(b"\n")) < 0:
            self._look(clock, seconds)
            if select.select([pipe], [], [], LOOK_S)[0]:
                part = os.read(pipe, 65536)
                self.waiting += part
                if not part:
                    self._over(self._bound_met() or "it ended itself")
                if len(self.waiting) > 10 * self.limits.reply_characters:
                    self._over("it sent more than it may")
        line, self.waiting = self.waiting[:cut], self.waiting[cut + 1 :]
        self.spent_s += clock.spent(tree.taken(self.process.pid))
        try:
            return dict(json.loads(line))
        except (ValueError, TypeError, RecursionError):
            self._over("what it sent is no answer")

    def _look(self, clock: Clock, seconds: float) -> None:
        """Look at what all of it takes, and end it where that is more than it may."""
        if time.monotonic() - self.looked < LOOK_S:
            return
        self.looked = time.monotonic()
        limits, now = self.limits, tree.taken(clock.process)
        spent = clock.spent(now)
        if now.memory_mib > limits.together_mib:
            self._over(f"its processes took more than {limits.together_mib} MiB together")
        if now.open_files > limits.open_files:
            self._over(f"its processes held more than {limits.open_files:,} files open")
        if self._files() > limits.files:
            self._over(f"it made more than {limits.files:,} files")
        if spent > seconds + 1:
            self._over(f"it took longer than {seconds:g} s and did not listen")
        if self.spent_s + spent > limits.all_s:
            self._over(f"all of it took longer than {limits.all_s:g} s")
        if time.monotonic() > self.end:
            self.close()
            self.trouble = "this machine was too busy for it"
            raise CutShort(self.trouble)

    def _files(self) -> int:
        """Count the files on its disk."""
        if self.disk is None:
            return 0
        space = os.fstatvfs(self.disk)
        return space.f_files - space.f_ffree

    def _bound_met(self) -> str:
        """Ask the control group which of its bounds ended the submission."""
        met = self.group.bound_met() if self.group else ""
        together = f"it took more than {self.limits.together_mib} MiB, with what the kernel keeps"
        return {"memory": together, "processes": ""}.get(met, "")

    def _over(self, why: str) -> NoReturn:
        self.close()
        self.trouble = why
        raise NoAnswer(why)

    def close(self) -> None:
        """End it and all it started: bubblewrap's processes end with it."""
        if self.process is not None:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()  # type: ignore[union-attr]
            self.process, self.trouble = None, self.trouble or "it is over"
        if self.disk is not None:
            os.close(self.disk)
            self.disk = None
        if self.group is not None:
            self.group.remove()
            self.group = None
        if self.home is not None:
            self.home.cleanup()
            self.home = None


REFUSAL = """\
There is no sandbox for other people's programs here. {}
On Linux: install bubblewrap (apt install bubblewrap, dnf install bubblewrap), or allow user namespaces.
Elsewhere: grade in a Linux virtual machine that holds nothing else.
With --no-sandbox-i-consent they run with your rights: only where there is nothing to lose."""
WITHOUT = (
    "WITHOUT a sandbox: submissions run with your rights, and can read and change whatever you can"
)
WITHIN = (
    "in a sandbox: no network, nothing of this machine but Python, limits on all they take "
    "(counted by {})"
)


def check() -> str:
    """Say which walls there are, or raise NoSandbox with what to do."""
    return WITHOUT if os.environ.get(CONSENT) == "yes" else _walls_stand(bubblewrap_here())


def bubblewrap_here() -> str:
    """Find the program that builds the walls, or say what to do."""
    try:
        return bubblewrap()
    except NoSandbox as slip:
        raise NoSandbox(REFUSAL.format(slip)) from None


@functools.cache
def _walls_stand(program: str) -> str:
    """Try the walls once; what stood stays."""
    sandbox = Sandbox("nobody", {})
    try:
        sandbox.start()
        sandbox.ask(5, run="1")
        by = "a control group" if sandbox.group else "looking at its processes"
    except (NoSandbox, NoAnswer) as slip:
        raise NoSandbox(REFUSAL.format(slip)) from None
    finally:
        sandbox.close()
    return WITHIN.format(by)
