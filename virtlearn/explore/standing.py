"""The explorer of what stands between an application and the machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from virtlearn import charts
from virtlearn.charts import Chart
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Menu, Slider, doubling, platform_menu, steps
from virtlearn.explore._trial import trial, why_alone

__all__ = ["stack"]

_MOST = 48  # copies
_STEPS = 20  # of a system call on its way


def _no_machine(values: Mapping[str, Any]) -> str:
    alone = all(why_alone(values[side]) for side in ("on", "beside"))
    return "no machine here can hold several copies" if alone else ""


def _in_blocks(values: Mapping[str, Any]) -> str:
    return "blocks have no size; show memory" if values["view"] == "blocks" else ""


def _in_memory(values: Mapping[str, Any]) -> str:
    return "a call is shown among blocks" if values["view"] == "memory" else ""


@explorer(
    Slider("copies", "copies", "", steps(1, _MOST, 1), 12, "How many copies of the app run"),
    Slider(
        "per_vm",
        "copies in a VM",
        "",
        steps(1, 16, 1),
        1,
        "How many copies a machine holds, where it can hold several",
        idle=_no_machine,
    ),
    platform_menu("on", "containers", label="on the left"),
    platform_menu("beside", "virtual-machines", label="on the right"),
    Menu("view", "show", ("blocks", "memory"), "blocks", "Which box answers, or what it takes"),
    Slider(
        "app_mib",
        "application",
        "MiB",
        doubling(16, 512, 3),
        256,
        "Memory that one copy needs",
        idle=_in_blocks,
    ),
    Slider(
        "call",
        "a system call",
        "",
        steps(0, _STEPS, 1),
        _STEPS,
        "Follow one from the first copy to the kernel that answers it",
        idle=_in_memory,
        plays=3,
    ),
)
def stack(on: str, beside: str, copies: int, view: str, **v: float) -> Chart:
    """Explore what stands between an app and the machine: two servers, and who answers a copy.

    Parameters
    ----------
    copies : int, optional
        How many copies of the application run.
    per_vm : int, optional
        Copies in a machine, where a machine can hold several.
    on, beside : str, optional
        The two platforms, by name.
    view : str, optional
        ``"blocks"`` counts kernels, ``"memory"`` draws the same to scale.
    app_mib : float, optional
        Memory that one copy needs [MiB]; it counts where memory is shown.
    call : int, optional
        How far a system call has gone on its way, of 20 steps; it counts among blocks.

    Returns
    -------
    Explorer
        The controls, and both platforms as blocks, or as towers of their memory [MiB].

    Examples
    --------
    >>> stack(copies=5).headline
    'Kernels 1 : 5'
    >>> stack(copies=5, view="memory").table()[-1]
    ('kernels', '1', '5')
    """
    first, second = (
        trial(name, copies, v["app_mib"], per_vm=int(v["per_vm"])) for name in (on, beside)
    )
    if view == "blocks":
        return charts.servers(first, second, gone=v["call"] / _STEPS)
    return charts.stack(first, second)
