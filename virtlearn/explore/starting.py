"""Explorers of getting ready: the phases of a start, many starts at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from virtlearn import charts, units
from virtlearn.catalog.platforms import platform
from virtlearn.charts import Chart
from virtlearn.core import storage
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Menu, Slider, doubling, platform_menu
from virtlearn.explore._trial import trial

__all__ = ["scale_out", "start_phases"]

Values = Mapping[str, Any]
FIRST = "containers"  # what the others are compared with
# The moments of a race [s]: dense where the quick ones are under way.
RACE_S = (
    *(0.001, 0.002, 0.003, 0.01, 0.03, 0.05, 0.075),
    *(0.1, 0.125, 0.15, 0.175, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7),
    *(1, 1.5, *range(2, 12), 13, 15, 18, 21),
)  # fmt: skip


def _moments(all_of_them: Sequence[float], end_s: float) -> Sequence[float]:
    """Keep the moments up to the first one at which everything is over."""
    return all_of_them[: bisect_left(all_of_them, end_s) + 1]


def _clock(moments: Sequence[float], new: Values, old_end_s: float, old: Values) -> dict[str, Any]:
    """Let the clock stand at the end while it stood there, and never past it."""
    last = moments[-1]
    stays = new["clock_s"] == old["clock_s"]
    if stays and old["clock_s"] >= old_end_s:
        return {**new, "clock_s": last}
    return {**new, "clock_s": min(new["clock_s"], last)}


def _race_s(values: Values) -> float:
    """Say when the last of the race is ready [s]."""
    raced = (FIRST, values["second"], values["third"])
    slowest = max(trial(on).start_s for on in raced)
    return slowest + float(values["program_s"])


def _race_words(values: Values) -> list[str]:
    return list(map(units.plain, _moments(RACE_S, _race_s(values))))


def _race_on(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    return _clock(_moments(RACE_S, _race_s(new)), new, _race_s(old), old)


@explorer(
    Slider(
        "program_s",
        "your program takes",
        "s",
        (0, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
        0,
        "Until it answers",
    ),
    platform_menu("second", "microvms", label="beside containers"),
    platform_menu("third", "virtual-machines", label="and beside them"),
    Slider(
        "clock_s",
        "clock",
        "s",
        RACE_S,
        RACE_S[-1],
        "Time since the order: play it, or stop it anywhere",
        words=_race_words,
        plays=8,
    ),
    reconcile=_race_on,
)
def start_phases(program_s: float, clock_s: float, **on: str) -> Chart:
    """Explore a start as a race: which phases it is made of, and which of them take the time.

    Parameters
    ----------
    program_s : float, optional
        Time that your own program takes to answer [s].
    second, third : str, optional
        Platforms to compare with containers, by name.
    clock_s : float, optional
        When the race is looked at [s since the order]; at its end if left out.

    Returns
    -------
    Explorer
        The controls, and the phases of a start on each platform [s].

    Examples
    --------
    >>> start_phases(program_s=0).values["second"]
    'microvms'
    """
    phases = {platform(p).title: trial(p).start_phases for p in (FIRST, *on.values())}
    return charts.start_phases(
        {t: [*some, ("your program", program_s)] for t, some in phases.items()}, clock_s=clock_s
    )


# The moments until many copies are ready [s].
PER_DECADE = (1, 1.5, 2, 2.5, 3, 4, 5, 7)
SCALE_S = (
    *(round(n * 10.0**power, 3) for power in range(-1, 4) for n in PER_DECADE),
    10_700,
)
PARALLEL = doubling(1, 64)


def _once_s(values: Values) -> float:
    """Say how long the image is fetched [s]."""
    image, speed = values["image_mib"], values["mib_per_s"]
    fetch_s = storage.pull_s([[1]], [image], cached=[0], mib_per_s=speed)
    return float(fetch_s.item())


def _ready(values: Values) -> dict[str, Any]:
    """Say when each copy answers on each platform that is shown [s]."""
    copies, parallel, once = values["copies"], values["parallel"], _once_s(values)
    shown = dict.fromkeys(("containers", values["on"], "virtual-machines"))
    return {platform(p).title: trial(p).ready_s(copies, parallel, once_s=once) for p in shown}


def _scale_s(values: Values) -> float:
    return max(float(when[-1]) for when in _ready(values).values())


def _at_once(values: Values) -> list[str]:
    """Name the numbers at a time that make a difference: up to all at once."""
    return list(map(str, _moments(PARALLEL, values["copies"])))


def _scale_words(values: Values) -> list[str]:
    return list(map(units.plain, _moments(SCALE_S, _scale_s(values))))


def _scale_on(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    all_at_once = _moments(PARALLEL, new["copies"])[-1]
    new = {**new, "parallel": min(new["parallel"], all_at_once)}
    return _clock(_moments(SCALE_S, _scale_s(new)), new, _scale_s(old), old)


@explorer(
    Slider(
        "parallel",
        "starts at a time",
        "",
        PARALLEL,
        4,
        "How many copies one host starts at once",
        words=_at_once,
    ),
    Slider(
        "image_mib",
        "image to fetch",
        "MiB",
        (0, *doubling(8, 2048)),
        128,
        "Fetched once, before the first",
    ),
    Slider(
        "mib_per_s",
        "network",
        "MiB/s",
        doubling(8, 1024),
        64,
        "How fast an image comes",
        idle=lambda values: "" if values["image_mib"] else "nothing is fetched",
    ),
    platform_menu("on", "microvms"),
    Menu("copies", "copies", (10, 100, 1000), 100, "How many are to be ready"),
    Slider(
        "clock_s",
        "clock",
        "s",
        SCALE_S,
        SCALE_S[-1],
        "Time since the order: play it, or stop it anywhere",
        words=_scale_words,
        plays=8,
    ),
    reconcile=_scale_on,
)
def scale_out(clock_s: float, **chosen: Any) -> Chart:
    """Explore how long it takes until a hundred copies answer, as doors that open in waves.

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
    clock_s : float, optional
        When the doors are looked at [s since the order]; at the end if left out.

    Returns
    -------
    Explorer
        The controls, and when each copy is ready to answer [s].

    Examples
    --------
    >>> scale_out(image_mib=0).values["copies"]
    100
    """
    return charts.scale_out(_ready(chosen), once_s=_once_s(chosen), clock_s=clock_s)
