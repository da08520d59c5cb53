"""The explorer of what stands between an application and the machine."""

from __future__ import annotations

from virtlearn import charts
from virtlearn.charts import Chart
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Slider, doubling, platform_menu, steps
from virtlearn.explore._trial import trial

__all__ = ["stack"]


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
