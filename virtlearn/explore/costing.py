"""Explorers of what an operating system costs: copies that fit, and time at a boundary."""

from __future__ import annotations

from virtlearn import charts
from virtlearn.catalog.evidence import evidence
from virtlearn.catalog.platforms import platform
from virtlearn.charts import Chart
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Slider, doubling, platform_menu, steps
from virtlearn.model import Host, Workload, density_sweep

__all__ = ["density", "operations"]

# What `density` always shows; the third platform is any other.
COMPARED = ("containers", "virtual-machines")
_SIZES = doubling(16, 16384, 3)


@explorer(
    Slider("app_mib", "application", "MiB", _SIZES, 128, "Memory that one copy needs"),
    Slider(
        "guest_mib",
        "guest system",
        "MiB",
        doubling(32, 4096),
        512,
        "Memory of the system in each VM",
    ),
    Slider(
        "host_gib",
        "host",
        "GiB",
        doubling(8, 512),
        64,
        "Memory of the one server that holds them all",
    ),
    platform_menu("other", "microvms", label="beside them", without=COMPARED),
)
def density(app_mib: float, guest_mib: float, host_gib: float, other: str) -> Chart:
    """Explore how many copies fit, as containers, as virtual machines, and as a third platform.

    Parameters
    ----------
    app_mib : float, optional
        Memory that one copy needs [MiB].
    guest_mib : float, optional
        Memory of each virtual machine's operating system [MiB].
    host_gib : float, optional
        Memory of the one server [GiB].
    other : str, optional
        The third platform, by name.

    Returns
    -------
    Explorer
        The controls, and how many copies fit by the size of the application [MiB].

    Examples
    --------
    >>> explorer = density(app_mib=16)
    >>> explorer.values["guest_mib"]
    512
    >>> explorer.values = {"app_mib": 64}
    >>> explorer.sentence.startswith("An application of 64 MiB fits")
    True
    """
    host = Host(cores=16, memory_gib=host_gib)
    guests = platform(COMPARED[1]).but("virtual machines", os_memory_mib=guest_mib)
    shown = [platform(COMPARED[0]), platform(other), guests]
    where = sorted({*_SIZES, app_mib})
    copies, gone = density_sweep([Workload("app", 0.1, size) for size in where], host, shown)
    return charts.density(
        where, copies, at_mib=app_mib, gone_mib=gone, host_title=f"a host of {host_gib:g} GiB"
    )


@explorer(
    Slider(
        "compute_ms",
        "computing",
        "ms",
        steps(0, 20, 1),
        5,
        "Time the request computes, on bare metal",
    ),
    Slider(
        "messages",
        "messages",
        "round trips",
        steps(0, 200, 10),
        20,
        "Small messages it sends and waits for",
    ),
    Slider(
        "reads",
        "random reads",
        "",
        steps(0, 100, 5),
        10,
        "Blocks of 4 KiB it reads, one after the other",
    ),
    platform_menu("on", "virtual-machines"),
)
def operations(compute_ms: float, messages: float, reads: float, on: str) -> Chart:
    """Explore what a boundary costs a request: for its computing, messages and random reads.

    Parameters
    ----------
    compute_ms : float, optional
        Time that the request computes on bare metal [ms].
    messages : int, optional
        Round trips of small messages.
    reads : int, optional
        Random reads of 4 KiB, one after the other.
    on : str, optional
        A platform, by name.

    Returns
    -------
    Explorer
        The controls, and where the time of a request goes, on bare metal and on the platform [ms].

    Examples
    --------
    >>> operations(compute_ms=10, messages=0, reads=0).sentence
    'One request takes 10 ms (processes) and 10.2 ms (virtual machines, 1.02 times as long).'
    """
    native = _native_ms(compute_ms, messages, reads)
    chosen = platform(on)
    there = chosen.request_ms(native)
    # The axis ends where the sliders end, so that no slider moves it; another platform may.
    most = chosen.request_ms(_native_ms(*_LARGEST))
    top_ms = max(60.0, sum(most.values()))
    return charts.request_time({"processes": native, chosen.title: there}, top_ms=top_ms)


# The largest request that the sliders allow: computing [ms], messages, reads.
_LARGEST = (20, 200, 100)


def _native_ms(compute_ms: float, messages: float, reads: float) -> dict[str, float]:
    """Say where the time of a request goes on bare metal [ms]."""
    message_ms = evidence("PERF-09:native").to("ms").number
    read_ms = 1000 / evidence("PERF-23:metal").number  # reads a second at queue depth 1
    return {
        "computing": compute_ms,
        "network messages": messages * message_ms,
        "random I/O": reads * read_ms,
    }
