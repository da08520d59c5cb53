"""The explorer of the last lesson: which platform to choose."""

from __future__ import annotations

from virtlearn import charts, units
from virtlearn.catalog.platforms import Platform, platform, platforms
from virtlearn.charts import Chart
from virtlearn.errors import DoesNotFit
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Slider, doubling, steps
from virtlearn.explore._trial import trial

__all__ = ["choice"]

# Six cases: copies, memory of one [MiB], and what the case cannot do without.
_CASES: dict[str, tuple[int, float, dict[str, float]]] = {
    "20 small services": (20, 100, {}),
    "200 small services": (200, 100, {}),
    "code of strangers": (50, 128, {"lost": 1.5}),
    "functions on demand": (100, 64, {"start_s": 0.5}),
    "a busy database": (2, 8192, {"kept": 0.8}),
    "kernels of their own": (8, 1024, {"kernels": 8}),
}
_START = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)
_LOST = (1, 1.1, 1.2, 1.5, 2, 5, 10, 20, 50, 100, 200)


def _judge(on: Platform, case: str, asked: dict[str, float]) -> tuple[float | None, str]:
    copies, app_mib, own = _CASES[case]
    limits = {
        name: (min if name in ("start_s", "lost") else max)(asked.get(name, x), x)
        for name, x in own.items()
    }
    limits = {**asked, **limits}
    try:
        tried = trial(on.name, copies, app_mib, limits["host_gib"])
    except DoesNotFit:
        return None, "does not fit"
    kept, lost = tried.keeps("random I/O"), tried.blast_radius()
    for bad, why in (
        (tried.start_s > limits["start_s"], f"starts in {units.duration(tried.start_s)}"),
        (lost > limits["lost"], f"an intruder takes {units.plain(lost)} copies"),
        (kept < limits["kept"], f"keeps {units.percent(kept)} of random reads"),
        (tried.kernels < limits.get("kernels", 0), f"{tried.kernels} kernel for {copies} copies"),
    ):
        if bad:
            return None, why
    used = tried.memory_mib / tried.host.memory_mib
    return 1 - used, f"takes {units.memory(tried.memory_mib)}"


@explorer(
    Slider("host_gib", "the host has", "GiB", doubling(16, 256), 64, "Memory of the one server"),
    Slider("start_s", "a start may take", "s", _START, 60, "For one more copy"),
    Slider(
        "lost",
        "intruder may take",
        "copies",
        _LOST,
        200,
        "Copies that one intruder may be expected to take",
    ),
    Slider("kept", "random reads keep", "", steps(0.0, 1, 0.05), 0.0, "Least part of native speed"),
)
def choice(**asked: float) -> Chart:
    """Explore which platform suits which case, and for what reason one fails.

    Parameters
    ----------
    **start
        ``host_gib``, ``start_s`` (the longest a copy may take to start), ``lost`` (most copies that an intruder may be
        expected to take), ``kept`` (least part of native speed for random reads): asked of every case.

    Examples
    --------
    >>> choice().sentence.split(";")[0].startswith("20 small services: ")
    True
    """
    every = [platform(name) for name in platforms()]
    board = {case: {on.title: _judge(on, case, asked) for on in every} for case in _CASES}
    return charts.choice(
        board, assumed="the score is the part of the host's memory that stays free"
    )
