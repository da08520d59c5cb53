"""Explorers of how far an intruder gets, and what walls expose."""

from __future__ import annotations

from typing import Any

import numpy as np

from virtlearn import charts, units
from virtlearn.catalog.platforms import layer, platform
from virtlearn.charts import Chart
from virtlearn.charts._tree import words
from virtlearn.core import attack
from virtlearn.explore._base import explorer
from virtlearn.explore._boxes import MOST, box_slider, on_the_tree
from virtlearn.explore._controls import Menu, Slider, platform_menu, steps
from virtlearn.explore._trial import trial
from virtlearn.model import Deployment

__all__ = ["blast_radius", "walls"]

_TOP_COPIES = 1.05 * MOST  # the axis stands still while the number of copies moves
# Ten steps for each factor of ten, from 0.001 to 1, in two digits that one can read.
_ESCAPES = (0.0, *(float(f"{10 ** (k / 10 - 3):.2g}") for k in range(31)))
_LATERAL = "Chance in each step that one copy's credentials open another"
# The walls that can stand in an intruder's way: the kind of layer, and the control that sets it.
_WALLS = {
    "container": "container_escape",
    "virtual-machine": "vm_escape",
    "workload": "process_escape",
    "user-space-kernel": "kernel_escape",
}


def _wall(kind: str, name: str, label: str) -> Slider:
    tip = f"Chance that an intruder gets through the wall of a {kind.replace('-', ' ')}"
    return Slider(_WALLS[kind], label, "", _ESCAPES, layer(name).escape.value, tip)


def _way_out(tried: Deployment, node: int) -> str:
    """Name the walls between a node and the hardware, so that none stands there unseen."""
    path = [i for i in tried.tree.path(node) if tried.escape[i] < 1]
    if not path:
        return "No wall stands on its way."
    walls = []
    for i in path:
        kind = tried.tree.kind[i]
        name = "process" if kind == "workload" else words(kind)
        walls.append(f"{name} {units.percent(tried.escape[i], 2)}")
    return f"Walls on its way, and the chance to get through: {', '.join(walls)}."


@explorer(
    box_slider("the intruder starts in"),
    _wall("container", "container", "container's wall"),
    _wall("virtual-machine", "virtual-machine", "machine's wall"),
    platform_menu("on", "containers"),
    Slider(
        "copies",
        "copies",
        "",
        steps(1, MOST, 1),
        12,
        "How many copies of the application run",
    ),
    Slider(
        "per_vm", "copies in a VM", "", steps(1, 8, 1), 4, "Counts where a machine can hold several"
    ),
    _wall("workload", "process", "process's wall"),
    _wall("user-space-kernel", "sentry", "user-space kernel's wall"),
    Menu(
        "view",
        "show",
        ("tree", "steps"),
        "tree",
        "The tree, or an attack that also uses shared credentials",
    ),
    Slider("lateral", "shared credentials", "", (0, 0.02, 0.05, 0.1, 0.2, 0.5, 1), 0.1, _LATERAL),
    pick="node",
    reconcile=on_the_tree,
)
def blast_radius(
    node: int, on: str, copies: int, per_vm: int, view: str, lateral: float, **escape: float
) -> Chart:
    """Explore how far an intruder gets: start anywhere, set each wall, share credentials or not.

    Parameters
    ----------
    node : int, optional
        Where the intruder starts: its box in the tree, counted from the hardware, 0.
    container_escape, vm_escape : float, optional
        Chance that an intruder gets through a container's or a machine's wall, 0 to 1.
    on : str, optional
        A platform, by name.
    copies : int, optional
        How many copies of the application run.
    per_vm : int, optional
        How many copies a virtual machine holds, where it can hold several.
    process_escape, kernel_escape : float, optional
        Chance that an intruder gets through a process's or a user-space kernel's wall, 0 to 1.
    view : str, optional
        ``"tree"``, or ``"steps"`` for an attack that also uses shared credentials.
    lateral : float, optional
        Chance in each step that one copy's credentials open another, 0 to 1.

    Returns
    -------
    Explorer
        The controls, and each box with the chance that the intruder controls it, 0 to 1; or the
        copies lost after each step of an attack.

    Examples
    --------
    >>> said = blast_radius(on="containers", copies=20, container_escape=0.05).sentence
    >>> said.split("; ")[0]
    "From the application 'app', an intruder can expect to take 1.95 of 20 copies"
    >>> said.split("; ")[1].split(". ")[0]
    'it controls the hardware with a chance of 5 %'
    """
    chosen = platform(on)
    # A layer without a wall (its chance is 1) gets none from a slider.
    solid = [spec.kind for spec in chosen.layers if spec.escape.value < 1]
    found = [_WALLS[kind] for kind in solid if kind in _WALLS]
    changes = {name: escape[name] for name in found}
    changed = chosen.but(chosen.title, **changes)
    tried = trial.__wrapped__(changed, copies, per_vm=per_vm)
    if view == "tree":
        return charts.blast_radius(tried, node).also(_way_out(tried, node))
    lost: dict[str, Any] = {}
    for title, p in (("own credentials", 0.0), ("shared credentials", lateral)):
        lost[title] = attack.simulate_attacks(
            tried.tree.parent,
            tried.escape,
            node,
            lateral=p,
            steps=8,
            trials=400,
            rng=np.random.default_rng(7),
        )
    chart = charts.spread(lost, copies=copies, top_copies=_TOP_COPIES)
    return chart.also(_way_out(tried, node))


def _layer(name: str, default: str) -> Menu:
    walls = ("process", "container", "sentry", "virtual-machine", "microvm", "kata-vm")
    return Menu(
        name, f"{name} wall", walls, default, "A wall to compare", lambda on: layer(on).title
    )


@explorer(
    _layer("first", "container"), _layer("second", "sentry"), _layer("third", "virtual-machine")
)
def walls(**chosen: str) -> Chart:
    """Explore what walls expose: the system calls that can be reached first, and what lies behind.

    Parameters
    ----------
    first, second, third : str, optional
        Layers that are walls, by name.

    Returns
    -------
    Explorer
        The menus, and the number of system calls in reach, first and once the wall has fallen.

    Examples
    --------
    >>> walls(first="container", second="sentry").table()[1][0]
    'container'
    """
    return charts.walls(*(layer(name) for name in dict.fromkeys(chosen.values())))
