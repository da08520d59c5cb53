"""Explorers of what things cost: density, operations."""

from __future__ import annotations

from typing import Any

from virtlearn import charts
from virtlearn.charts import Chart
from virtlearn.explore._base import Choice, Explorer, Slider, doubling, steps
from virtlearn.model import Host, Workload, density_sweep
from virtlearn.platforms import platform, platforms
from virtlearn.sources import evidence

__all__ = ["density", "operations"]


def density(**start: Any) -> Explorer:
    """Explore how many copies fit, as containers, as virtual machines, and as a third platform.

    Parameters
    ----------
    **start
        ``app_mib``, ``guest_mib`` (what the virtual machine's operating system needs), ``host_gib``,
        ``other`` (a platform's name): where the controls begin.

    Examples
    --------
    >>> explorer = density(app_mib=16)
    >>> explorer.values["guest_mib"]
    512
    >>> explorer.values = {"app_mib": 64}
    >>> explorer.sentence.startswith("An application of 64 MiB fits")
    True
    """
    controls = (
        Slider(
            "app_mib", "application", "MiB", doubling(16, 16384), 128, "Memory that one copy of the application needs"
        ),
        Slider(
            "guest_mib",
            "guest system",
            "MiB",
            doubling(32, 4096),
            512,
            "Memory that the operating system in each VM needs",
        ),
        Slider("host_gib", "host", "GiB", doubling(8, 512), 64, "Memory of the one server that holds them all"),
        Choice(
            "other",
            "beside them",
            tuple(platforms()),
            "microvms",
            "A third platform to compare with",
            lambda n: platform(n).title,
        ),
    )
    sizes = controls[0].positions

    def draw(app_mib: float, guest_mib: float, host_gib: float, other: str) -> Chart:
        host = Host(cores=16, memory_gib=host_gib)
        guests = platform("virtual-machines").but("virtual machines", os_memory_mib=guest_mib)
        shown = [platform("containers"), platform(other), guests]
        where = sorted({*sizes, app_mib})
        copies, gone = density_sweep([Workload("app", 0.1, size) for size in where], host, shown)
        return charts.density(where, copies, at_mib=app_mib, gone_mib=gone, host_title=f"a host of {host_gib:g} GiB")

    return Explorer("density", controls, draw, start)


def operations(**start: Any) -> Explorer:
    """Explore what a boundary costs: a request that computes, waits for messages and reads at random.

    Parameters
    ----------
    **start
        ``compute_ms``, ``messages`` (round trips), ``reads`` (random 4 KiB reads, one at a time), ``on`` (a platform).

    Examples
    --------
    >>> operations(compute_ms=10, messages=0, reads=0).sentence
    'One request takes 10 ms on processes, 10.2 ms on virtual machines (1.02 times as long).'
    """
    controls = (
        Slider("compute_ms", "computing", "ms", steps(0, 20, 1), 5, "Time the request computes, on bare metal"),
        Slider("messages", "messages", "round trips", steps(0, 200, 10), 20, "Small messages it sends and waits for"),
        Slider("reads", "random reads", "", steps(0, 100, 5), 10, "Blocks of 4 KiB it reads, one after the other"),
        Choice(
            "on",
            "on",
            platforms(),
            "virtual-machines",
            "The platform to compare",
            lambda n: platform(n).title,
        ),
    )
    message_ms = evidence("PERF-09:native").to("ms").number
    read_ms = 1000 / evidence("PERF-23:metal").number  # reads a second at queue depth 1

    def draw(compute_ms: float, messages: float, reads: float, on: str) -> Chart:
        native = {"computing": compute_ms, "network messages": messages * message_ms, "random I/O": reads * read_ms}
        chosen = platform(on)
        there = {op: ms / chosen.keeps(op)[0] for op, ms in native.items()}
        return charts.request_time({"processes": native, chosen.title: there}, top_ms=60)

    return Explorer("operations", controls, draw, start)
