"""Explorers of trouble: what dies together, and how far an intruder gets.

Also how many copies are up, and what walls expose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from virtlearn import charts, units
from virtlearn.catalog.platforms import layer, platform, platforms
from virtlearn.charts import Chart
from virtlearn.charts._tree import words
from virtlearn.core import attack, failure
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Menu, Slider, platform_menu, steps
from virtlearn.explore._trial import trial
from virtlearn.model import Deployment

__all__ = ["blast_radius", "copies_up", "failure_domains", "walls"]

_MOST = 24  # copies
_TOP_COPIES = 1.05 * _MOST  # the axis stands still while the number of copies moves
# Ten steps for each factor of ten, from 0.001 to 1, in two digits that one can read.
_ESCAPES = (0.0, *(float(f"{10 ** (k / 10 - 3):.2g}") for k in range(31)))
_LATERAL = "Chance in each step that one copy's credentials open another"
_NEVER_H = 1e9  # hours between failures of what carries the servers: it does not fail
_BETAS = (0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)


def _boxes(values: Mapping[str, Any]) -> list[str]:
    """Name the boxes of the tree that the values describe, in order."""
    tree = trial(values["on"], values["copies"], per_vm=values["per_vm"]).tree
    names = zip(tree.kind, tree.name, strict=True)
    called = [f"{words(kind)} {name}".rstrip() for kind, name in names]
    return [f"{i}, {name}" for i, name in enumerate(called)]


def _node(label: str, default: int | None = None) -> Slider:
    end = max(len(trial(on, _MOST).tree) for on in platforms()) - 1
    tip = "Click a box, or count the boxes from the hardware, 0"
    begin = end if default is None else default
    return Slider("node", label, "", steps(0, end, 1), begin, tip, _boxes)


def _last_box(values: Mapping[str, Any]) -> int:
    """Count to the last box of the tree that the values describe, from 0."""
    return len(trial(values["on"], values["copies"], per_vm=values["per_vm"]).tree) - 1


def _on_the_tree(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Choose no box past the last one.

    Who stands on the last box stays on the last one when the tree changes.
    """
    last_before = _last_box(old)
    last = _last_box(new)
    stays_last = new["node"] == old["node"] == last_before
    node = last if stays_last else min(new["node"], last)
    return {**new, "node": node}


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
    _node("what fails", 1),
    platform_menu("on", "containers-in-vms"),
    Slider(
        "copies", "copies", "", steps(1, _MOST, 1), 12, "How many copies of the application run"
    ),
    Slider(
        "per_vm", "copies in a VM", "", steps(1, 8, 1), 4, "Counts where a machine can hold several"
    ),
    pick="node",
    reconcile=_on_the_tree,
)
def failure_domains(node: int, on: str, copies: int, per_vm: int) -> Chart:
    """Explore what fails together: click a node of the tree, and all that stands on it greys.

    Parameters
    ----------
    node : int, optional
        What fails: its box in the tree, counted from the hardware, 0.
    on : str, optional
        A platform, by name.
    copies : int, optional
        How many copies of the application run.
    per_vm : int, optional
        How many copies a virtual machine holds, where it can hold several.

    Returns
    -------
    Explorer
        The controls, and the tree with the boxes that stop, and the copies among them.

    Examples
    --------
    >>> failure_domains(on="containers", copies=8, node=1).sentence
    "The operating system 'linux-host' stops, and 8 of 8 copies with it."
    """
    return charts.failure_domains(trial(on, copies, per_vm=per_vm), node)


@explorer(
    Slider(
        "mtbf_h",
        "a server fails every",
        "h",
        (100, 200, 500, 995, 2000, 5000, 10000),
        995,
        "The mean time",
    ),
    Slider(
        "mttr_h",
        "its repair takes",
        "h",
        (0.1, 0.2, 0.5, 1, 2, 5, 10, 24, 48),
        5,
        "Mean time to repair it",
    ),
    Slider(
        "beta",
        "common cause",
        "",
        _BETAS,
        0,
        "Share of failures that hit all copies at once: a bad update",
    ),
    Menu("copies", "copies", (1, 2, 3, 5, 10), 2, "How many copies run"),
    Menu(
        "need",
        "needed",
        ("one", "half", "all"),
        "one",
        "How many must be up for the service to work",
    ),
    Menu(
        "simulated",
        "simulated too",
        ("no", "yes"),
        "no",
        "Chance beside the exact law, with the same seed",
    ),
)
def copies_up(
    mtbf_h: float, mttr_h: float, beta: float, copies: int, need: str, simulated: str
) -> Chart:
    """Explore how many copies are up: all on one server, or each on a server of its own.

    Beside the failures of each server there can be a cause that all of them share.

    Parameters
    ----------
    mtbf_h : float, optional
        Mean time between failures of a server [h].
    mttr_h : float, optional
        Mean time to repair a server [h].
    beta : float, optional
        The share of failures that have a common cause and hit all copies at once, 0 to 1.
    copies : int, optional
        How many copies run: 1, 2, 3, 5 or 10.
    need : str, optional
        How many copies must be up for the service to work: ``"one"``, ``"half"`` or ``"all"``.
    simulated : str, optional
        ``"yes"`` shows a simulation beside the exact law, ``"no"`` the law alone.

    Returns
    -------
    Explorer
        The controls, and the share of time with exactly so many copies up, 0 to 1.

    Examples
    --------
    Two servers that are dark 0.5 % of the time, first independent:

    >>> copies_up(mtbf_h=995, mttr_h=5, beta=0).sentence.split("; ")[1].split(", ")[1]
    'so the service is down 65.7 s a month.'
    """
    up = failure.availability(mtbf_h, mttr_h).item()
    own, cause = failure.beta_factor(up, beta)
    alone = own.item()
    chain = [-1, 0, *[1] * copies]
    star = [-1, *[0] * copies]
    together = failure.copies_up_pmf(chain, [1, up, *[1] * copies])
    apart = failure.copies_up_pmf(star, [1, *[alone] * copies], common_cause=cause)
    exact: dict[str, Any] = {"all on one server": together, "each on its own": apart}
    least = {"one": 1, "half": (copies + 1) // 2, "all": copies}[need]
    tried: dict[str, Any] | None = None
    if simulated == "yes":
        # Repairs of what fails alone take as long as leaves a server up just as often.
        dark_h = failure.repair_h(mtbf_h, alone).item()
        played: Any = failure.simulate_outages(
            star,
            [_NEVER_H, *[mtbf_h] * copies],
            [0.0, *[dark_h] * copies],
            common_cause=cause,
            hours=2000,
            trials=100,
            # The same seed, so that a slider shows its own effect and not that of new chance.
            rng=np.random.default_rng(7),
        )
        tried = {"each on its own": played}
    return charts.copies_up(exact, simulated=tried, need=least)


@explorer(
    _node("the intruder starts in"),
    _wall("container", "container", "container's wall"),
    _wall("virtual-machine", "virtual-machine", "machine's wall"),
    platform_menu("on", "containers"),
    Slider(
        "copies", "copies", "", steps(1, _MOST, 1), 12, "How many copies of the application run"
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
    reconcile=_on_the_tree,
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
