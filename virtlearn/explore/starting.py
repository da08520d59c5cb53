"""Explorers of getting ready: the phases of a start, many starts at once."""

from __future__ import annotations

from typing import Any

from virtlearn import charts
from virtlearn.catalog.platforms import platform
from virtlearn.charts import Chart
from virtlearn.core import storage
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Menu, Slider, doubling, platform_menu
from virtlearn.explore._trial import trial

__all__ = ["scale_out", "start_phases"]


@explorer(
    Slider(
        "program_s",
        "your program takes",
        "s",
        (0, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
        0,
        "Until it answers",
    ),
    platform_menu("first", "containers", label="first"),
    platform_menu("second", "microvms", label="second"),
    platform_menu("third", "virtual-machines", label="third"),
)
def start_phases(program_s: float, **on: str) -> Chart:
    """Explore where the time of a start goes, and how little is left of it beside a slow program.

    Parameters
    ----------
    program_s : float, optional
        Time that your own program takes to answer [s].
    first, second, third : str, optional
        Platforms to compare, by name.

    Returns
    -------
    Explorer
        The controls, and the phases of a start on each platform [s].

    Examples
    --------
    >>> start_phases(program_s=0).values["second"]
    'microvms'
    """
    phases = {platform(p).title: trial(p).start_phases for p in on.values()}
    return charts.start_phases(
        {t: [*some, ("your program", program_s)] for t, some in phases.items()}, top_s=22
    )


@explorer(
    Slider(
        "parallel",
        "starts at a time",
        "",
        doubling(1, 64),
        4,
        "How many copies one host starts at once",
    ),
    Slider(
        "image_mib",
        "image to fetch",
        "MiB",
        (0, *doubling(8, 2048)),
        128,
        "Fetched once, before the first",
    ),
    Slider("mib_per_s", "network", "MiB/s", doubling(8, 1024), 64, "How fast an image comes"),
    platform_menu("on", "microvms"),
    Menu("copies", "copies", (10, 100, 1000), 100, "How many are to be ready"),
)
def scale_out(parallel: int, image_mib: float, mib_per_s: float, on: str, copies: int) -> Chart:
    """Explore how long it takes until a hundred copies answer.

    Parameters
    ----------
    parallel : int, optional
        How many copies one host starts at a time.
    image_mib : float, optional
        The image that is fetched once, before the first start [MiB].
    mib_per_s : float, optional
        How fast the image comes over the network [MiB/s].
    on : str, optional
        A platform, by name.
    copies : int, optional
        How many are to be ready: 10, 100 or 1000.

    Returns
    -------
    Explorer
        The controls, and when each copy is ready to answer [s].

    Examples
    --------
    >>> scale_out(image_mib=0).values["copies"]
    100
    """
    once = storage.pull_s([[1]], [image_mib], cached=[0], mib_per_s=mib_per_s).item()
    shown = dict.fromkeys(("containers", on, "virtual-machines"))
    ready: dict[str, Any] = {
        platform(p).title: trial(p).ready_s(copies, parallel, once_s=once) for p in shown
    }
    return charts.scale_out(ready, low_s=1e-3, top_s=3e4)
