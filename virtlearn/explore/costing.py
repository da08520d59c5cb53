"""Explorers of what an operating system costs: copies that fit, and time at a boundary."""

from __future__ import annotations

import functools

from virtlearn import charts
from virtlearn.catalog.evidence import evidence
from virtlearn.catalog.platforms import Platform, platform
from virtlearn.charts import Chart
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Slider, doubling, platform_menu, steps
from virtlearn.explore._trial import has_machine, trial
from virtlearn.model import Deployment, Host, Workload, density_sweep

__all__ = ["density", "operations"]

# What `density` always shows; the third platform is any other.
COMPARED = ("containers", "virtual-machines")
_SIZES = doubling(16, 16384, 3)
_ROOMY_GIB = 4096.0
_YARDSTICK = platform("processes").title


@explorer(
    Slider("app_mib", "application", "MiB", _SIZES, 128, "Memory that one copy needs"),
    Slider(
        "guest_mib",
        "guest system",
        "MiB",
        doubling(32, 4096, 3),
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
        The controls, a crate of the host's memory for each platform, filled with copies, and how
        many copies fit by the size of the application [MiB].

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
    where = tuple(sorted({*_SIZES, app_mib}))
    copies, gone = _swept(where, host, tuple(shown))
    curve = charts.density(
        where, copies, at_mib=app_mib, gone_mib=gone, host_title=f"a host of {host_gib:g} GiB"
    )
    parts = {on.title: _parts(on, app_mib) for on in shown}
    return charts.crates(
        host.memory_mib,
        {title: shared for title, (shared, _) in parts.items()},
        {title: each for title, (_, each) in parts.items()},
        {title: row[where.index(app_mib)] for title, row in copies.items()},
        curve,
    )


@functools.lru_cache(maxsize=64)
def _swept(
    sizes: tuple[float, ...], host: Host, shown: tuple[Platform, ...]
) -> tuple[dict[str, list[int]], float | None]:
    """Count for all sizes at once; while only the size moves, they are the same."""
    return density_sweep([Workload("app", 0.1, size) for size in sizes], host, shown)


@functools.lru_cache(maxsize=512)
def _parts(on: Platform, app_mib: float) -> tuple[dict[str, float], dict[str, float]]:
    """Say what a host holds before the first copy, and what each copy takes, by kind [MiB]."""
    # Two copies on a large host tell what is there once and what comes with each.
    one, two = (_by_kind(trial.__wrapped__(on, n, app_mib, _ROOMY_GIB)) for n in (1, 2))
    each = {kind: two[kind] - mib for kind, mib in one.items()}
    shared = {kind: mib - each[kind] for kind, mib in one.items()}
    return _above_zero(shared), _above_zero(each)


def _by_kind(deployment: Deployment) -> dict[str, float]:
    """Add up the memory of a deployment by kind of layer, from below [MiB]."""
    tree = deployment.tree
    sums: dict[str, float] = {}
    for kind, own, spare in zip(tree.kind, tree.memory_mib, tree.unused_mib, strict=True):
        sums[kind] = sums.get(kind, 0.0) + float(own - spare)
        sums["unused"] = sums.get("unused", 0.0) + float(spare)
    return sums


def _above_zero(parts: dict[str, float]) -> dict[str, float]:
    # A thousandth of a MiB is rounding.
    return {kind: mib for kind, mib in parts.items() if mib > 1e-3}


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
    Slider(
        "moment",
        "the request",
        "%",
        steps(0, 100, 4),
        100,
        "Watch it leave the machine, and come back",
        plays=5,
    ),
)
def operations(compute_ms: float, messages: float, reads: float, on: str, moment: float) -> Chart:
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
    moment : float, optional
        How far the longer request has come [%].

    Returns
    -------
    Explorer
        The controls, and where the time of a request goes, on bare metal and on the platform [ms].

    Examples
    --------
    >>> operations(compute_ms=10, messages=0, reads=0).headline
    '10 ms : 10.2 ms = 1.02 times as long'
    """
    native = _native_ms(compute_ms, messages, reads)
    chosen = platform(on)
    # Where the platform is the yardstick itself, both bars need a name.
    title = f"{chosen.title} again" if chosen.title == _YARDSTICK else chosen.title
    return charts.crossings(
        {_YARDSTICK: native, title: chosen.request_ms(native)},
        {"network messages": int(messages), "random I/O": int(reads)},
        border="the machine's border" if has_machine(chosen) else "",
        moment=moment / 100,
        assumed="its messages and reads come at equal distances",
    )


def _native_ms(compute_ms: float, messages: float, reads: float) -> dict[str, float]:
    """Say where the time of a request goes on bare metal [ms]."""
    message_ms = evidence("PERF-09:native").to("ms").number
    read_ms = 1000 / evidence("PERF-23:metal").number  # reads a second at queue depth 1
    return {
        "computing": compute_ms,
        "network messages": messages * message_ms,
        "random I/O": reads * read_ms,
    }
