"""Inside the sandbox: give up every right, then run a student's cells and say what their names hold.

Started with one argument, JSON, and spoken to in lines of JSON over the pipes it was started with. Nothing here is
trusted by the other side: a student's code shares this process and may do with it what it likes. The clocks below are
a courtesy, so that a slow cell ends with a message; the limits that hold are kept from outside.
"""

import contextlib
import json
import os
import resource
import signal
import sys
import time
from typing import Any

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from filters import refuse_system_calls  # type: ignore[import-not-found]

sys.path.pop(0)


def give_up(limits: dict[str, int], user: int, cores: list[int]) -> None:
    """Keep to some cores, become nobody, and set limits that nobody can lift."""
    if cores:
        with contextlib.suppress(OSError):  # cores that are gone meanwhile
            os.sched_setaffinity(0, cores)
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    for name, value in limits.items():
        # Never above what holds already, which an unprivileged process may not raise.
        hard = resource.getrlimit(getattr(resource, name))[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(getattr(resource, name), (value, value))


class TooLong(KeyboardInterrupt):
    """A cell or a call that took longer than it may."""


def waited_s() -> float:
    """Say how long this process was ready to run while another had the core."""
    try:
        with open("/proc/self/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


class Alarm:
    """Interrupt what takes too long: by the CPU time it takes, or by the clock while it only waits.

    The time in which somebody else had the core does not count.
    """

    def __init__(self) -> None:
        self.seconds, self.begun, self.waited = 0.0, 0.0, 0.0
        signal.signal(signal.SIGPROF, self.ring)
        signal.signal(signal.SIGALRM, self.look)

    def set(self, seconds: float) -> None:
        """Begin to count."""
        self.seconds, self.begun, self.waited = seconds, time.monotonic(), waited_s()
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def off(self) -> None:
        """Count no more."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def ring(self, *_: Any) -> None:
        """Say so where it runs."""
        raise TooLong("it took longer than it may")

    def look(self, *_: Any) -> None:
        """Ring, unless others had the core meanwhile: then wait for what is left."""
        gone = time.monotonic() - self.begun - (waited_s() - self.waited)
        if gone >= self.seconds - 0.01:
            self.ring()
        signal.setitimer(signal.ITIMER_REAL, self.seconds - gone)


class Page:
    """Where output goes: so many characters, and no more."""

    encoding = "utf-8"

    def __init__(self, characters: int) -> None:
        self.left = characters
        self.parts: list[str] = []

    def write(self, text: Any) -> int:
        """Keep what fits."""
        text = str(text)[: max(0, self.left)]
        self.left -= len(text)
        self.parts.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""

    def isatty(self) -> bool:
        """No."""
        return False


def told(value: Any, characters: int) -> dict[str, Any]:
    """Give a value as JSON can carry it, or what it looks like."""
    if callable(value):
        return {"function": True}
    value = None if value is ... else value
    try:
        if len(json.dumps(value, default=lambda odd: odd.tolist())) <= characters:
            return {"value": value}
        return {"odd": f"{type(value).__name__} of more than {characters} characters"}
    except Exception:  # a set, an object, something that holds itself
        return {"odd": f"{type(value).__name__} {str(value)[:200]}"}


def do(shell: Any, ask: dict[str, Any], most: int) -> tuple[dict[str, Any], Any]:
    """Run a cell, read a name, or call a function; give the reply and the error, if there was one."""
    if "run" in ask:
        done = shell.run_cell(ask["run"])
        return {}, done.error_before_exec or done.error_in_exec
    if ask["name"] not in shell.user_ns:
        return {"missing": True}, None
    value = shell.user_ns[ask["name"]]
    if "arguments" in ask:
        value = value(*ask["arguments"])
    return told(value, most), None


def answer(shell: Any, ask: dict[str, Any], sizes: dict[str, int], alarm: Alarm) -> dict[str, Any]:
    """Do what was asked, with a clock beside it."""
    page = Page(sizes["characters"])
    reply: dict[str, Any] = {}
    alarm.set(ask["seconds"])
    try:
        # A page has what a stream of text needs here.
        with contextlib.redirect_stdout(page), contextlib.redirect_stderr(page):
            reply, error = do(shell, ask, sizes["reply"])
    except BaseException as slip:  # whatever a student's function raises is its answer
        error = slip
    alarm.off()
    if error is not None:
        reply["error"] = [type(error).__name__[:60], str(error)[:500]]
    return {**reply, "text": "".join(page.parts)}


def make_shell(files: dict[str, str]) -> Any:
    """Start IPython without history and colours, with what a notebook finds there."""
    for name, text in files.items():
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    import virtlearn as vl

    quiet = {
        "HistoryManager": {"enabled": False},
        "InteractiveShell": {"xmode": "Minimal", "colors": "NoColor"},
    }
    names = {"STUDENT": os.environ["VIRTLEARN_STUDENT"], "vl": vl}
    return InteractiveShell.instance(config=Config(quiet), user_ns=names)


def main() -> None:
    """Say that all is ready, then answer until nobody asks."""
    told_us = json.loads(sys.argv[1])
    sys.path.extend(told_us["path"])
    give_up(told_us["limits"], told_us["user"], told_us["cores"])
    shell, alarm = make_shell(told_us["files"]), Alarm()
    if told_us["filter"]:
        refuse_system_calls()
    asks, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for end in (0, 1, 2):
        os.dup2(nothing, end)
    reply: dict[str, Any] = {"turn": 0}
    us = os.getpid()
    while os.getpid() == us:  # a cell that forks comes back twice
        replies.write(json.dumps(reply, default=lambda odd: odd.tolist()).encode() + b"\n")
        replies.flush()
        if not (line := asks.readline()):
            break
        ask = json.loads(line)
        reply = {**answer(shell, ask, told_us["sizes"], alarm), "turn": ask["turn"]}
    os._exit(0)


if __name__ == "__main__":
    main()
