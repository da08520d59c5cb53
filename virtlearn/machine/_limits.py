"""What a machine shows of CPUs and memory, and what this process may use of it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from virtlearn import units
from virtlearn.machine._files import Files
from virtlearn.machine._signs import Sign

__all__ = ["Limits", "count_cpus", "limits", "shown"]

NO_LIMIT = 2**60  # version 1 writes a number near 2**63 where there is no memory limit
LONGEST_NUMBER = 10  # digits of a CPU's number that are still believed
MOST_KIB_DIGITS = 11  # 90 TiB
KIB_PER_MIB = 1024


def count_cpus(text: str) -> int:
    """Count the CPUs of a list such as ``0-3,8``; 0 where it is none.

    >>> count_cpus("0-3,8"), count_cpus("x")
    (5, 0)
    """
    count = 0
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        senseless = not first.isdecimal() or (dash and not last.isdecimal())
        if senseless or len(first + last) > LONGEST_NUMBER:
            return 0
        count += int(last) - int(first) + 1 if dash else 1
    return max(0, count)


def shown(files: Files, live: bool) -> tuple[float | None, float | None]:
    """Say which CPUs and memory the hardware shows [cores], [MiB].

    Python is asked where there is no ``/proc``, but only about the running machine.
    """
    lines = files.text("proc/cpuinfo").splitlines()
    processors = sum(line.startswith("processor") for line in lines)
    cpus = count_cpus(files.word("sys/devices/system/cpu/online")) or processors
    if live and not cpus:
        cpus = os.cpu_count() or 0
    kib = (files.fields("proc/meminfo").get("MemTotal") or "0").split()[0]
    mib = 0.0
    if kib.isdecimal() and len(kib) <= MOST_KIB_DIGITS:
        mib = int(kib) / KIB_PER_MIB
    if live and not mib and hasattr(os, "sysconf"):
        mib = max(0, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) / units.MIB
    return float(cpus) or None, mib or None


@dataclass
class Limits:
    """The tightest limit of each resource (cores, MiB, processes), and its source."""

    most: dict[str, float | None]
    where: dict[str, str] = field(default_factory=dict)

    def tighten(self, resource: str, value: float | None, source: str) -> None:
        """Take a limit where it is tighter than those before; 0 and less are no limits."""
        if value is not None and 0 < value < (self.most[resource] or math.inf):
            self.most[resource] = value
            self.where[resource] = source

    def signs(self) -> list[Sign]:
        """Say each limit that was found, and in which file."""
        after = {"CPU": " cores", "memory": " MiB", "processes": "", "slowed": " MiB"}
        told = []
        for resource, source in self.where.items():
            text = f"{resource} {units.plain(self.most[resource] or 0)}{after[resource]}"
            told.append(Sign("limit", source, text, "strong", True))
        return told


def limits(files: Files, cpus: float | None, memory_mib: float | None) -> Limits:
    """Find what this process may use, beginning with what the hardware shows."""
    tightest = Limits({"CPU": cpus, "memory": memory_mib, "processes": None, "slowed": None})
    allowed = files.fields("proc/self/status").get("Cpus_allowed_list", "")
    tightest.tighten("CPU", count_cpus(allowed), "/proc/self/status")
    for quota, source in _quotas(files):
        tightest.tighten("CPU", quota, source)
    for mib, source in _memory_limits(files):
        tightest.tighten("memory", mib, source)
    for group in files.groups("pids"):
        tightest.tighten("processes", files.number(f"{group}/pids.max"), f"{group}/pids.max")
    # Slowing begins below the limit, or never: over the limit a process is dead.
    tightest.most["slowed"] = tightest.most["memory"]
    for group in files.groups("memory"):
        tightest.tighten("slowed", _mib(files, f"{group}/memory.high"), f"{group}/memory.high")
    if "slowed" not in tightest.where:
        tightest.most["slowed"] = None
    return tightest


def _quotas(files: Files) -> Iterator[tuple[float | None, str]]:
    """Read the CPU quotas of this process's groups, of both versions [cores]."""
    for group in files.groups("cpu"):
        new = f"{group}/cpu.max"
        yield _ratio(files.number(new), files.number(new, 1)), new
        old = f"{group}/cpu.cfs_quota_us"
        yield _ratio(files.number(old), files.number(f"{group}/cpu.cfs_period_us")), old


def _ratio(quota: int | None, period: int | None) -> float | None:
    if not quota or not period or period < 0:
        return None
    return quota / period


def _memory_limits(files: Files) -> Iterator[tuple[float | None, str]]:
    """Read the memory limits of this process's groups, of both versions [MiB]."""
    groups = files.groups("memory")
    for group in groups:
        for name in ("memory.max", "memory.limit_in_bytes"):
            yield _mib(files, f"{group}/{name}"), f"{group}/{name}"
    for group in groups:
        # A parent out of sight may hold the limit; version 1 tells it to all below.
        source = f"{group}/memory.stat"
        told = files.fields(source, between=" ").get("hierarchical_memory_limit", "")
        if told.isdecimal() and int(told[:20]) < NO_LIMIT:
            yield int(told[:20]) / units.MIB, source


def _mib(files: Files, name: str) -> float | None:
    size = files.number(name)
    if size is None or size >= NO_LIMIT:
        return None
    return size / units.MIB
