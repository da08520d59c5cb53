"""A tree of processes, watched from outside: what all of them take together."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / (1 << 20)
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Taken:
    """What a tree of processes holds and has used."""

    processes: int = 0
    memory_mib: float = 0.0
    open_files: int = 0
    cpu_s: float = 0.0
    waited_s: float = 0.0  # the longest that one of them was ready and had no core


def _children(place: Path) -> list[str]:
    """List what each thread of a process started: the main thread's list alone would miss the others'."""
    found: list[str] = []
    for thread in (place / "task").iterdir():
        with contextlib.suppress(OSError):
            found += (thread / "children").read_text().split()
    return found


def _add(place: Path, sum_: Taken) -> None:
    """Add what one process takes."""
    sum_.memory_mib += int((place / "statm").read_text().split()[1]) * PAGE_MIB
    # Behind the name, which may hold blanks: utime, stime, and those of children that are gone.
    fields = (place / "stat").read_text(errors="replace").rpartition(")")[2].split()
    sum_.cpu_s += sum(map(int, fields[11:15])) / TICKS
    with contextlib.suppress(OSError):
        sum_.open_files += len(os.listdir(place / "fd"))
    with contextlib.suppress(OSError, IndexError):
        waited = int((place / "schedstat").read_text().split()[1]) / 1e9
        sum_.waited_s = max(sum_.waited_s, waited)


def taken(pid: int, most: int = 4096) -> Taken:
    """Add up what a process and all below it take now; what ends meanwhile is left out."""
    sum_, waiting = Taken(), [str(pid)]
    while waiting and sum_.processes < most:
        place = Path("/proc", waiting.pop())
        with contextlib.suppress(OSError, ValueError, IndexError):
            waiting += _children(place)
            sum_.processes += 1
            _add(place, sum_)
    return sum_


def below(pid: int) -> list[int]:
    """List a process and all below it."""
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        with contextlib.suppress(OSError, ValueError):
            waiting += map(int, _children(Path("/proc", str(found[-1]))))
    return found
