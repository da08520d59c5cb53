"""Explorers of what things cost: towers, density, operations, images."""

from __future__ import annotations

import numpy as np

from virtlearn import charts
from virtlearn.catalog.evidence import evidence
from virtlearn.catalog.platforms import platform
from virtlearn.charts import Chart
from virtlearn.core import storage
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Slider, doubling, platform_menu, steps
from virtlearn.explore._trial import trial
from virtlearn.model import Host, Workload, density_sweep

__all__ = ["density", "images", "operations", "stack"]

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


@explorer(
    platform_menu("on", "containers"),
    platform_menu("beside", "virtual-machines", label="beside it"),
    Slider("copies", "copies", "", steps(1, 48, 1), 40, "How many copies of the application run"),
    Slider(
        "per_vm",
        "copies in a VM",
        "",
        steps(1, 16, 1),
        1,
        "Counts where a machine can hold several",
    ),
    Slider(
        "app_mib", "application", "MiB", doubling(16, 512, 3), 256, "Memory that one copy needs"
    ),
)
def stack(on: str, beside: str, copies: int, per_vm: int, app_mib: float) -> Chart:
    """Explore what stands between an app and the machine: two platforms as towers, to scale.

    Parameters
    ----------
    on, beside : str, optional
        The two platforms, by name.
    copies : int, optional
        How many copies of the application run.
    per_vm : int, optional
        Copies in a machine, where a machine can hold several.
    app_mib : float, optional
        Memory that one copy needs [MiB].

    Returns
    -------
    Explorer
        The controls, and both platforms as towers of their memory [MiB].

    Examples
    --------
    >>> stack(copies=5).table()[-1]
    ('kernels', '1', '5')
    """
    first = trial(on, copies, app_mib, per_vm=per_vm)
    second = trial(beside, copies, app_mib, per_vm=per_vm)
    return charts.stack(first, second, top_mib=65536)


@explorer(
    Slider(
        "services",
        "services",
        "",
        steps(1, 20, 1),
        10,
        "Each has an image of its own on the same base",
    ),
    Slider(
        "base_mib", "shared base", "MiB", steps(50, 1000, 50), 500, "What all images begin with"
    ),
    Slider(
        "own_mib", "each one's own", "MiB", steps(0, 200, 10), 60, "What a service adds to the base"
    ),
    Slider(
        "changed",
        "a clone changes",
        "",
        steps(0.0, 1, 0.05),
        0.2,
        "Part of the base that each clone rewrites",
    ),
)
def images(services: int, base_mib: float, own_mib: float, changed: float) -> Chart:
    """Explore what is stored: layers that images share, full copies, or clones.

    A clone keeps only what it changes.

    Parameters
    ----------
    services : int, optional
        How many there are; each has an image of its own.
    base_mib : float, optional
        What all images begin with [MiB].
    own_mib : float, optional
        What each service adds to the base [MiB].
    changed : float, optional
        The part of the base that each clone rewrites, 0 to 1.

    Returns
    -------
    Explorer
        The sliders, and what is stored in three ways [MiB].

    Examples
    --------
    >>> images(services=3, base_mib=50, own_mib=20, changed=0).sentence
    'Layers stored once: 110 MiB; full copies: 210 MiB; clones: 110 MiB.'
    """
    # Rows are services, columns are layers: all have the base, and each has one of its own.
    base = np.ones((services, 1))
    own = np.eye(services)
    added = float(storage.stored_mib(own, [own_mib] * services))
    once = float(storage.stored_mib(base, [base_mib]))
    full = float(storage.full_copies_mib(base, [base_mib]))
    clones = float(storage.clones_mib(base_mib, changed, services))
    ways = {
        "layers stored once": {"base": once, "own": added, "changed": 0.0},
        "full copies": {"base": full, "own": added, "changed": 0.0},
        "clones": {"base": once, "own": added, "changed": clones - once},
    }
    return charts.images(ways, top_mib=25600)
