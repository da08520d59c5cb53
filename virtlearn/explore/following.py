"""The explorer of a load that jumps, and copies that follow it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from virtlearn import charts, core
from virtlearn.catalog.evidence import evidence
from virtlearn.charts import Chart
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Slider, steps

__all__ = ["scaling"]

SYNC_S = evidence("AUTO-02").to("s").number  # how often the autoscaler looks
CALM_CORES = 2
CALM_STEPS, SPIKE_STEPS = 4, 36
STEPS = CALM_STEPS + SPIKE_STEPS
LOOK_S = round(SYNC_S)


def _load(spike_cores: float) -> list[float]:
    return [float(CALM_CORES)] * CALM_STEPS + [float(spike_cores)] * SPIKE_STEPS


def _followed(
    start_s: float, spike_cores: float, spare: int, percent: float
) -> core.scaling.Followed:
    """Let an autoscaler follow the load."""
    target = round(percent)
    kept = math.ceil(100 * CALM_CORES / target) + spare
    return core.scaling.follow_load(
        _load(spike_cores),
        start_s=start_s,
        copies=kept,
        target_percent=target,
        least=kept,
        sync_s=SYNC_S,
    )


def _none_starts(values: Mapping[str, Any]) -> str:
    names = ("start_s", "spike_cores", "spare", "target_percent")
    followed = _followed(*(values[name] for name in names))
    steady = followed.wanted.max() <= followed.ready[0]
    return "the copies that are there suffice: none starts" if steady else ""


@explorer(
    Slider(
        "start_s",
        "a copy starts in",
        "s",
        (0.2, 0.5, 1, 2, 5, 10, 20, 40, 60, 90, 120, 180, 300),
        60,
        "From the decision until the new copy serves",
        idle=_none_starts,
    ),
    Slider("spike_cores", "load jumps to", "cores", steps(2, 16, 1), 12, "How much work comes"),
    Slider("spare", "spare copies", "", steps(0, 12, 1), 0, "Copies kept ready for a jump"),
    Slider(
        "target_percent",
        "target use",
        "%",
        steps(50, 90, 10),
        50,
        "How busy the autoscaler wants its copies to be",
    ),
    Slider(
        "clock_s",
        "clock",
        "s",
        steps(LOOK_S, LOOK_S * STEPS, LOOK_S),
        LOOK_S * STEPS,
        "Time: play it, or stop it after any look of the autoscaler",
        plays=8,
    ),
)
def scaling(
    start_s: float, spike_cores: float, spare: int, target_percent: float, clock_s: float
) -> Chart:
    """Explore what a slow start costs when the load jumps, and what spare copies cost instead.

    Parameters
    ----------
    start_s : float, optional
        Time from the decision until a new copy serves [s].
    spike_cores : float, optional
        The load after the jump [cores].
    spare : int, optional
        How many copies are kept ready for a jump.
    target_percent : float, optional
        How busy the autoscaler wants its copies to be [%].
    clock_s : float, optional
        When it is looked at [s]; after ten minutes if left out.

    Returns
    -------
    Explorer
        The sliders, and the load, the copies ready and wanted, and the work lost, over time [s].

    Examples
    --------
    >>> scaling(start_s=0.2, spare=12).headline
    '0 core-seconds lost, 12 of 24 cores idle'
    """
    load = _load(spike_cores)
    followed = _followed(start_s, spike_cores, spare, target_percent)
    so_far = followed.unserved_cores[: math.ceil(clock_s / SYNC_S)]
    lost = core.energy.energy_j(so_far, SYNC_S).item()
    time_s = [SYNC_S * i for i in range(len(load))]
    ready = followed.ready.tolist()
    wanted = followed.wanted.tolist()
    return charts.scaling(
        time_s,
        load,
        ready,
        wanted,
        lost_core_s=lost,
        start_s=start_s,
        clock_s=clock_s,
        copies=ready,
    )
