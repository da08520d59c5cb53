"""The sandbox from outside: build the walls, ask with a deadline, end everything that was begun."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import virtlearn
from virtlearn.study.bank import exercise_bank

CONSENT = "VIRTLEARN_GRADE_WITHOUT_SANDBOX"
RUNNER = Path(__file__).with_name("runner.py")
HOME = "/tmp/submission"  # inside, and nowhere outside


class NoSandbox(Exception):
    """Nothing here can hold a stranger's program."""


class NoAnswer(Exception):
    """The submission gave no answer: it took too long, took too much, or ended itself."""


@dataclass(frozen=True)
class Limits:
    """What a submission may take."""

    cell_s: float = 20.0
    call_s: float = 5.0
    start_s: float = 60.0
    all_s: float = 120.0
    memory_mib: int = 1024
    processes: int = 32
    file_mib: int = 16
    disk_mib: int = 64
    output_characters: int = 20_000
    reply_characters: int = 200_000


def _system() -> Iterator[str]:
    """The system, Python and the library, to be read and not written; nothing else of this machine is there."""
    seen: list[Path] = []
    package = Path(virtlearn.__file__).parent
    sites = [
        place for place in sys.path if {"site-packages", "dist-packages"} & set(Path(place).parts)
    ]
    pythons = {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parents[1])}
    for place in map(
        Path,
        ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", *pythons, *sites, package),
    ):
        if place.is_symlink():
            yield from ("--symlink", os.readlink(place), str(place))
        elif place.exists() and not any(place.is_relative_to(other) for other in seen):
            seen.append(place)
            for above in list(place.parents)[-2::-1]:
                yield from ("--dir", str(above))  # made by itself it could be entered by root alone
            yield from ("--ro-bind", str(place), str(place))
    # The banks of questions, and the course, should they lie below one of these.
    for secret in (package / "_material", package.parent / "lessons", RUNNER.parents[1]):
        if secret.is_dir() and any(secret.is_relative_to(other) for other in seen):
            yield from ("--tmpfs", str(secret))


def _real_root() -> bool:
    """Tell the machine's root, who can become anybody, from one who is root in a namespace alone."""
    users = Path("/proc/self/uid_map")
    return os.geteuid() == 0 and users.exists() and int(users.read_text().split()[2]) > 1_000_000


def _walls(limits: Limits) -> list[str]:
    """What bubblewrap is asked for: namespaces of its own, no network, no rights, a small disk in memory."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise NoSandbox("bubblewrap is not installed here.")
    own = [
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup-try",
    ]
    if _real_root():  # the runner becomes nobody by itself, and needs only this for it
        own += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        own += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    space = ["--perms", "1777", "--size", str(limits.disk_mib << 20), "--tmpfs", "/tmp"]
    runner = [
        "--ro-bind",
        str(RUNNER),
        "/runner.py",
        "--perms",
        "0777",
        "--dir",
        HOME,
        "--chdir",
        HOME,
    ]
    quiet = ["--die-with-parent", "--new-session", "--hostname", "submission"]
    # The runner's own /tmp comes first: Python may itself live below the outer one.
    devices = ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    return [bwrap, *own, *quiet, *space, *_system(), *devices, *runner]


def _environment(student: str, home: str) -> dict[str, str]:
    names = {
        "HOME": home,
        "TMPDIR": home,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "student",
    }
    ours = {
        "VIRTLEARN_STUDENT": student,
        "VIRTLEARN_PROGRESS": f"{home}/progress.json",
        "MPLBACKEND": "Agg",
    }
    return (
        names
        | ours
        | dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "PYTHONDONTWRITEBYTECODE"), "1")
    )


class Sandbox:
    """One submission's process, and the line to it."""

    def __init__(self, student: str, lesson: str, limits: Limits = Limits()) -> None:
        self.student, self.lesson, self.limits = student, lesson, limits
        self.consent = os.environ.get(CONSENT) == "yes"
        self.end = time.monotonic() + limits.all_s
        self.trouble = "it was not started"
        self.process: subprocess.Popen[bytes] | None = None
        self.turn, self.waiting = 0, b""
        self.home: tempfile.TemporaryDirectory[str] | None = None

    def start(self) -> None:
        """Build the walls and wait until the runner says it is ready."""
        limits, mib = self.limits, 1 << 20
        draw = {name: list(values) for name, values in exercise_bank(self.lesson).DRAW.items()}
        stub = f"DRAW = {draw!r}\nPOINTS = {{}}\n\n\ndef questions(mine):\n    return []\n"
        told = {
            "path": [
                *(p for p in sys.path if "-packages" in p),
                str(Path(virtlearn.__file__).parents[1]),
            ],
            # Each worker has a user of its own, so that one submission's processes are not counted for another.
            "user": 200_000 + os.getpid() % 10_000 if _real_root() and not self.consent else 0,
            "filter": not self.consent,
            "files": {f"questions/x{self.lesson}.py": stub},
            "sizes": {"characters": limits.output_characters, "reply": limits.reply_characters},
            "limits": {
                "RLIMIT_AS": limits.memory_mib * mib,
                "RLIMIT_CPU": int(limits.all_s) + 1,
                "RLIMIT_FSIZE": limits.file_mib * mib,
                "RLIMIT_NOFILE": 128,
                "RLIMIT_CORE": 0,
                **({} if self.consent else {"RLIMIT_NPROC": limits.processes}),
            },
        }
        self.home = tempfile.TemporaryDirectory(prefix="submission-") if self.consent else None
        walls = [] if self.home else _walls(limits)
        runner = RUNNER if self.home else "/runner.py"
        with tempfile.TemporaryFile() as words:
            self.process = subprocess.Popen(
                [*walls, sys.executable, "-I", str(runner), json.dumps(told)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                start_new_session=True,
                cwd=self.home.name if self.home else "/",
                env=_environment(self.student, self.home.name if self.home else HOME),
            )
            self.trouble, self.waiting = "", b""
            try:
                self._reply(limits.start_s, time.monotonic() + limits.start_s)
            except NoAnswer as slip:
                words.seek(0)
                raise NoSandbox(
                    f"{slip}: {words.read(2000).decode('utf-8', 'replace').strip()}"
                ) from None

    def ask(self, seconds: float, **what: Any) -> dict[str, Any]:
        """Ask, and wait a little longer than the submission may take to answer."""
        if self.trouble or self.process is None or self.process.stdin is None:
            raise NoAnswer(self.trouble)
        self.turn += 1
        try:
            self.process.stdin.write(
                json.dumps({**what, "seconds": seconds, "turn": self.turn}).encode() + b"\n"
            )
            self.process.stdin.flush()
        except OSError:
            self._over("it had ended itself")
        end = min(time.monotonic() + seconds + 1, self.end)
        while (reply := self._reply(seconds, end)).get("turn") != self.turn:
            pass  # of an earlier turn: a process it left behind
        return reply

    def _reply(self, seconds: float, end: float) -> dict[str, Any]:
        """Read one line of JSON, no longer and no later than allowed."""
        assert self.process is not None
        assert self.process.stdout is not None
        pipe = self.process.stdout.fileno()
        while True:
            if time.monotonic() > end:
                self._over(f"it took longer than {seconds:g} s and did not listen")
            if (cut := self.waiting.find(b"\n")) >= 0:
                break
            if self._memory_mib() > 2 * self.limits.memory_mib:
                self._over(f"its processes took more than {2 * self.limits.memory_mib} MiB")
            if select.select([pipe], [], [], 0.1)[0]:
                part = os.read(pipe, 65536)
                self.waiting += part
                if not part:
                    self._over("it ended itself")
                if len(self.waiting) > 10 * self.limits.reply_characters:
                    self._over("it sent more than it may")
        line, self.waiting = self.waiting[:cut], self.waiting[cut + 1 :]
        try:
            return dict(json.loads(line))
        except (ValueError, TypeError, RecursionError):
            self._over("what it sent is no answer")

    def _memory_mib(self) -> float:
        """Add up what the whole tree of processes holds, where the system tells."""
        total, waiting = 0, [self.process.pid if self.process else 0]
        while waiting:
            place = Path(f"/proc/{waiting.pop()}")
            with contextlib.suppress(OSError, ValueError, IndexError):
                total += int((place / "statm").read_text().split()[1])
                waiting += (place / "task" / place.name / "children").read_text().split()
        return total * 4096 / (1 << 20)

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
        if self.home is not None:
            self.home.cleanup()
            self.home = None


def check() -> str:
    """Say which walls there are, or raise NoSandbox with what to do."""
    if os.environ.get(CONSENT) == "yes":
        return "WITHOUT a sandbox: submissions run with your rights, and can read and change whatever you can"
    sandbox = Sandbox("nobody", "02")
    try:
        sandbox.start()
        sandbox.ask(5, run="1")
    except NoSandbox as slip:
        raise NoSandbox(
            f"There is no sandbox for other people's programs here. {slip}\n"
            "On Linux: install bubblewrap (apt install bubblewrap, dnf install bubblewrap), or allow user namespaces.\n"
            "Elsewhere: grade in a Linux virtual machine that holds nothing else.\n"
            "With --no-sandbox-i-consent they run with your rights: only where there is nothing to lose."
        ) from None
    finally:
        sandbox.close()
    return "in a sandbox: no network, nothing of this machine but Python, limits on all they take"
