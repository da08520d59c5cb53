"""Inside the sandbox: give up every right, then run a student's cells and say what their names hold.

Started with one argument, JSON, and spoken to in lines of JSON over the pipes it was started with. Nothing here is
trusted by the other side: a student's code shares this process and may do with it what it likes.
"""

import contextlib
import ctypes
import json
import os
import platform
import resource
import signal
import sys

# What no exercise needs, by its number on each kind of processor: other users' namespaces, other processes' memory,
# keys, kernel programs, and memory that no limit of a process counts (shmget, memfd_create).
REFUSED = {
    "x86_64": (
        0xC000003E,
        56,
        435,
        (272, 308, 101, 310, 311, 248, 249, 250, 321, 298, 323, 425, 29, 319),
    ),
    "aarch64": (
        0xC00000B7,
        220,
        435,
        (97, 268, 117, 270, 271, 217, 218, 219, 280, 241, 282, 425, 194, 279),
    ),
}
NEW_NAMESPACES = 0x7E020000
EPERM, ENOSYS = 1, 38


def refuse_system_calls():
    """Have the kernel refuse what is above, for this process and all it starts; clone() may not make namespaces."""
    if platform.machine() not in REFUSED:
        raise OSError(
            f"no filter of system calls is known for a processor of the kind {platform.machine()}"
        )
    arch, clone, clone3, refused = REFUSED[platform.machine()]
    load, equal, any_bit, above, give = 0x20, 0x15, 0x45, 0x35, 0x06
    deny = [(give, 0, 0, 0x00050000 | EPERM)]
    program = [
        (load, 0, 0, 4),
        (equal, 1, 0, arch),
        (give, 0, 0, 0x80000000),
        (load, 0, 0, 0),
        (above, 0, 1, 0x40000000),
        *deny,
        (equal, 0, 1, clone3),
        (give, 0, 0, 0x00050000 | ENOSYS),  # the C library then tries clone()
        *(step for number in refused for step in ((equal, 0, 1, number), *deny)),
        (equal, 0, 3, clone),
        (load, 0, 0, 16),
        (any_bit, 0, 1, NEW_NAMESPACES),
        *deny,
        (give, 0, 0, 0x7FFF0000),
    ]

    class Step(ctypes.Structure):
        _fields_ = (
            ("code", ctypes.c_ushort),
            ("yes", ctypes.c_ubyte),
            ("no", ctypes.c_ubyte),
            ("k", ctypes.c_uint32),
        )

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(Step)))

    steps = (Step * len(program))(*(Step(*step) for step in program))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((38, 1), (22, 2)):  # no new privileges, then the filter
        of = ctypes.byref(Program(len(program), steps)) if option == 22 else None
        if libc.prctl(option, ctypes.c_ulong(value), of, None, None):
            raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")


def give_up(limits, user):
    """Become nobody, and set limits that nobody can lift."""
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    for name, value in limits.items():
        # Never above what holds already, which an unprivileged process may not raise.
        hard = resource.getrlimit(getattr(resource, name))[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(getattr(resource, name), (value, value))


class TooLong(KeyboardInterrupt):
    """A cell or a call that took longer than it may."""


def ring(*_):
    """Interrupt what takes too long; what does not listen is ended from outside."""
    raise TooLong("it took longer than it may")


class Page:
    """Where output goes: so many characters, and no more."""

    def __init__(self, characters):
        self.left, self.parts = characters, []

    def write(self, text):
        """Keep what fits."""
        text = str(text)[: max(0, self.left)]
        self.left -= len(text)
        self.parts.append(text)
        return len(text)

    def flush(self):
        """Nothing waits."""

    def isatty(self):
        """No."""
        return False

    encoding = "utf-8"


def told(value, characters):
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


def answer(shell, ask, limits):
    """Do what was asked: run a cell, read a name, call a function."""
    page = Page(limits["characters"])
    reply = {}
    signal.setitimer(signal.ITIMER_REAL, ask["seconds"])
    try:
        with contextlib.redirect_stdout(page), contextlib.redirect_stderr(page):
            if "run" in ask:
                done = shell.run_cell(ask["run"])
                error = done.error_before_exec or done.error_in_exec
            elif ask["name"] not in shell.user_ns:
                reply, error = {"missing": True}, None
            elif "arguments" in ask:
                reply, error = (
                    told(shell.user_ns[ask["name"]](*ask["arguments"]), limits["reply"]),
                    None,
                )
            else:
                reply, error = told(shell.user_ns[ask["name"]], limits["reply"]), None
    except BaseException as slip:  # whatever a student's function raises is its answer
        error = slip
    signal.setitimer(signal.ITIMER_REAL, 0)
    if error is not None:
        reply["error"] = [type(error).__name__[:60], str(error)[:500]]
    return {**reply, "text": "".join(page.parts)}


def main():
    """Say that all is ready, then answer until nobody asks."""
    told_us = json.loads(sys.argv[1])
    sys.path.extend(told_us["path"])
    give_up(told_us["limits"], told_us["user"])
    os.makedirs("questions", exist_ok=True)
    for name, text in told_us["files"].items():
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    import virtlearn as vl

    quiet = {
        "HistoryManager": {"enabled": False},
        "InteractiveShell": {"xmode": "Minimal", "colors": "NoColor"},
    }
    shell = InteractiveShell.instance(
        config=Config(quiet), user_ns={"STUDENT": os.environ["VIRTLEARN_STUDENT"], "vl": vl}
    )
    signal.signal(signal.SIGALRM, ring)
    if told_us["filter"]:
        refuse_system_calls()
    asks, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for end in (0, 1, 2):
        os.dup2(nothing, end)
    reply, us = {"turn": 0}, os.getpid()
    while os.getpid() == us:  # a cell that forks comes back twice
        replies.write(json.dumps(reply, default=lambda odd: odd.tolist()).encode() + b"\n")
        replies.flush()
        if not (line := asks.readline()):
            break
        ask = json.loads(line)
        reply = {**answer(shell, ask, told_us["sizes"]), "turn": ask["turn"]}
    os._exit(0)


if __name__ == "__main__":
    main()
