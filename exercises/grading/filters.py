"""Inside the sandbox: which system calls the kernel refuses, as a program in its own small language (seccomp).

Imported by the runner alone, from beside it; it needs nothing but the standard library.
"""

import ctypes
import platform

# What no exercise needs, by its number on x86-64 and on 64-bit ARM. A number of None: not there.
REFUSED: dict[str, tuple[int | None, int]] = {
    # other namespaces, other processes, programs in the kernel
    "unshare": (272, 97),
    "setns": (308, 268),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # memory and objects in the kernel that no limit of a process counts
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "inotify_init": (253, 26),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "timer_create": (222, 107),
    "io_setup": (206, 0),
    # another submission's core, or a place before it
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
}
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CLONE = {"x86_64": 56, "aarch64": 220}
SOCKET = {"x86_64": 41, "aarch64": 198}
FCNTL = {"x86_64": 72, "aarch64": 25}
CLONE3 = 435
NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW... flag
AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
F_SETPIPE_SZ = 1031
FILE_LOCKS = (6, 7, 37, 38)  # F_SETLK, F_SETLKW and those of open files: any number, uncounted
X32_CALLS = 0x40000000  # the other numbering of x86-64 begins here

EPERM, ENOSYS = 1, 38
LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
JUMP_EQUAL, JUMP_ABOVE, JUMP_ANY_BIT = 0x15, 0x35, 0x45
RETURN = 0x06
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
CALL_NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24  # in seccomp_data

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2

Step = tuple[int, int, int, int]  # code, steps to skip if true, if false, value
DENY: Step = (RETURN, 0, 0, ERRNO | EPERM)
LOAD_NUMBER: Step = (LOAD_WORD, 0, 0, CALL_NUMBER)


def _only_for(number: int, body: list[Step]) -> list[Step]:
    """Do something for one system call alone, and look at its number again afterwards."""
    body = [*body, LOAD_NUMBER]
    return [(JUMP_EQUAL, 0, len(body), number), *body]


def _refuse_values(offset: int, values: tuple[int, ...]) -> list[Step]:
    steps: list[Step] = [(LOAD_WORD, 0, 0, offset)]
    for value in values:
        steps += [(JUMP_EQUAL, 0, 1, value), DENY]
    return steps


def _allow_values(offset: int, values: tuple[int, ...]) -> list[Step]:
    steps: list[Step] = [(LOAD_WORD, 0, 0, offset)]
    steps += [(JUMP_EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [*steps, DENY]


def program(machine: str) -> list[Step]:
    """Write the filter for a kind of processor."""
    if machine not in ARCHITECTURES:
        raise OSError(f"no filter of system calls is known for a processor of the kind {machine}")
    column = list(ARCHITECTURES).index(machine)
    steps: list[Step] = [
        (LOAD_WORD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL_PROCESS),
        LOAD_NUMBER,
        (JUMP_ABOVE, 0, 1, X32_CALLS),
        DENY,
        (JUMP_EQUAL, 0, 1, CLONE3),
        (RETURN, 0, 0, ERRNO | ENOSYS),  # the C library then tries clone(), which can be looked at
    ]
    for numbers in REFUSED.values():
        if numbers[column] is not None:
            steps += [(JUMP_EQUAL, 0, 1, numbers[column] or 0), DENY]
    no_namespaces: list[Step] = [
        (LOAD_WORD, 0, 0, FIRST_ARGUMENT),
        (JUMP_ANY_BIT, 0, 1, NEW_NAMESPACES),
        DENY,
    ]
    steps += _only_for(CLONE[machine], no_namespaces)
    steps += _only_for(SOCKET[machine], _allow_values(FIRST_ARGUMENT, (AF_UNIX, AF_INET, AF_INET6)))
    steps += _only_for(FCNTL[machine], _refuse_values(SECOND_ARGUMENT, (F_SETPIPE_SZ, *FILE_LOCKS)))
    return [*steps, (RETURN, 0, 0, ALLOW)]


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("yes", ctypes.c_ubyte),
        ("no", ctypes.c_ubyte),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


def refuse_system_calls() -> None:
    """Have the kernel refuse what is above, for this process and all it starts, for good."""
    wanted = program(platform.machine())
    steps = (_Step * len(wanted))(*(_Step(*step) for step in wanted))
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value, argument in (
        (PR_SET_NO_NEW_PRIVS, 1, None),
        (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(_Program(len(wanted), steps))),
    ):
        if libc.prctl(option, ctypes.c_ulong(value), argument, None, None):
            raise OSError(ctypes.get_errno(), "the kernel takes no filter of system calls")
