"""Explorers of what things cost: density."""

from __future__ import annotations

from typing import Any

from virtlearn import charts
from virtlearn.charts import Chart
from virtlearn.explore._base import Choice, Explorer, Slider, doubling
from virtlearn.model import Host, Workload, density_sweep
from virtlearn.platforms import platform, platforms

__all__ = ["density"]


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
