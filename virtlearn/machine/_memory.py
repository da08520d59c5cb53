"""Copies of a process share the memory that they do not write."""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass

from virtlearn import units
from virtlearn.machine._files import Files
from virtlearn.machine._processes import PYTHON, started
from virtlearn.machine._runs import Run, recording, within

__all__ = ["Sharing", "shared_memory"]

TIMEOUT_S = 60
KIB_PER_MIB = 1024
# All wait at one pipe, so that they end when it is closed, whatever happened.
_FORKS = """
import os, sys
page = bytearray(int(sys.argv[2]) << 20)
page[::4096] = b"x" * len(page[::4096])
for _ in range(int(sys.argv[1])):
    if not os.fork(): break
print(os.getpid(), flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, repr=False)
class Sharing(Run):
    """Memory of a process and its copies.

    Parameters
    ----------
    copies : int
        How many copies there are of the first process.
    buffer_mib : int
        How much the first one had written before it was copied [MiB].
    rss_mib, pss_mib : float
        All of them, counted one by one (RSS), and with each page counted once (PSS) [MiB].
    recorded : str
        Where and when, for a recorded run; "" where it was done here.
    missing : tuple of str
        What could not be done here, and why.

    Examples
    --------
    >>> Sharing(copies=1, buffer_mib=64, rss_mib=140, pss_mib=75).pss_mib
    75
    """

    copies: int
    buffer_mib: int
    rss_mib: float
    pss_mib: float

    def _facts(self) -> list[tuple[str, ...]]:
        every = units.memory(self.buffer_mib * (self.copies + 1))
        head = f"a process and {self.copies} copies of it"
        return [
            (head, "memory", "of that the buffer, by the law"),
            ("each counted alone", units.memory(self.rss_mib), every),
            ("every page counted once", units.memory(self.pss_mib), units.memory(self.buffer_mib)),
        ]


def shared_memory(copies: int = 4, buffer_mib: int = 64, *, recorded: bool = False) -> Sharing:
    """Copy a process with a buffer, and count the memory of all.

    Copies share what they do not write.

    Parameters
    ----------
    copies, buffer_mib : int
        How many copies, up to 32, and how much memory the first has [MiB], up to 512.
    recorded : bool
        Whether to give the recorded run instead; it comes also where pages cannot be counted.

    Returns
    -------
    Sharing
        Memory counted in two ways [MiB].

    Raises
    ------
    ImpossibleAmount
        Where it would take too many copies or too much memory.

    References
    ----------
    OWN-40 and OWN-41 for the recorded run.

    Examples
    --------
    >>> told = shared_memory(recorded=True)
    >>> told.copies, told.rss_mib, told.pss_mib
    (4, 391, 79)
    """
    within("copies", copies, 1, 32)
    within("buffer_mib", buffer_mib, 1, 512)
    if recorded:
        return Sharing(**recording("shared_memory"))
    try:
        rss_mib, pss_mib = _counted(copies, buffer_mib)
    except (OSError, LookupError, ValueError, subprocess.TimeoutExpired):
        why = (
            "Copies that share pages: they are made on Linux, and counted by Linux 4.14 and newer."
        )
        return Sharing(**recording("shared_memory"), missing=(why,))
    return Sharing(copies, buffer_mib, rss_mib, pss_mib)


def _counted(copies: int, buffer_mib: int) -> tuple[float, float]:
    """Make the copies, and add up what the kernel says of each: RSS and PSS [MiB]."""
    command = [*PYTHON, _FORKS, str(copies), str(buffer_mib)]
    with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        lines = first.stdout or io.BytesIO()
        pids = [lines.readline().decode().strip() for _ in range(copies + 1)]
        rollups = [Files().fields(f"proc/{pid}/smaps_rollup") for pid in pids]
        first.communicate(timeout=TIMEOUT_S)
    rss_kib = sum(int(rollup["Rss"].split()[0]) for rollup in rollups)
    pss_kib = sum(int(rollup["Pss"].split()[0]) for rollup in rollups)
    return rss_kib / KIB_PER_MIB, pss_kib / KIB_PER_MIB
