"""What a submission may take, all told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a submission may take.

    Seconds are those of its own: CPU time of all its processes, or the clock while it only waits. The time in which
    another process had the core is not counted.
    """

    cell_s: float = 20.0
    call_s: float = 5.0
    start_s: float = 60.0
    all_s: float = 120.0
    patience: float = 8.0  # so many times as long by the clock, on a busy machine
    memory_mib: int = 1024  # each process
    together_mib: int = 1536  # all its processes, and what the kernel keeps for them
    processes: int = 32
    open_files: int = 1024  # of all its processes
    files: int = 20_000  # on its disk, empty ones too
    file_mib: int = 16
    disk_mib: int = 64
    output_characters: int = 20_000  # of a cell
    all_output_characters: int = 200_000  # of all cells
    reply_characters: int = 200_000
    cores: tuple[int, ...] = ()  # none: whichever are there
