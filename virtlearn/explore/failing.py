"""Explorers of trouble: what dies together, how many copies are up, how far an intruder gets, what walls expose."""

from __future__ import annotations

from typing import Any

import numpy as np

from virtlearn import charts
from virtlearn.catalog.platforms import layer, platform, platforms
from virtlearn.charts import Chart
from virtlearn.core import attack, failure
from virtlearn.explore._base import Choice, Slider, explorer, on_choice, steps, trial

__all__ = ["blast_radius", "copies_up", "failure_domains", "walls"]

_MOST = 24  # copies
_ESCAPES = (
    0.0,
    *(float(f"{10 ** (k / 10 - 3):.2g}") for k in range(31)),
)  # ten steps for each factor of ten
_LATERAL = "Chance in each step that one copy's credentials open another"
_BETAS = (0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)


def _node(label: str, default: int | None = None) -> Slider:
    end = max(len(trial(on, _MOST).tree) for on in platforms()) - 1
    tip = "Click a box, or count the boxes from the hardware, 0"
    return Slider("node", label, "", steps(0, end, 1), end if default is None else default, tip)


def _on_the_tree(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Choose no box past the last one; who stands on the last stays on the last when the tree changes."""
    was, last = (len(trial(v["on"], v["copies"], per_vm=v["per_vm"]).tree) - 1 for v in (old, new))
    return {**new, "node": last if new["node"] == old["node"] == was else min(new["node"], last)}


def _wall(name: str, kind: str, label: str) -> Slider:
    tip = f"Chance that an intruder gets through the wall of a {kind.replace('-', ' ')}"
    return Slider(name, label, "", _ESCAPES, layer(kind).escape.value, tip)


@explorer(
    _node("what fails", 1),
    on_choice("on", "containers-in-vms"),
    Slider(
        "copies", "copies", "", steps(1, _MOST, 1), 12, "How many copies of the application run"
    ),
    Slider(
        "per_vm", "copies in a VM", "", steps(1, 8, 1), 4, "Counts where a machine can hold several"
    ),
    pick="node",
    fit=_on_the_tree,
)
def failure_domains(node: int, on: str, copies: int, per_vm: int) -> Chart:
    """Explore what fails together: click a node of the tree, and all that stands on it greys.

    Parameters
    ----------
    **start
        ``node`` (what fails, by its number), ``on`` (a platform), ``copies``, ``per_vm``.

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
    Choice("copies", "copies", (1, 2, 3, 5, 10), 2, "How many copies run"),
    Choice(
        "need",
        "needed",
        ("one", "half", "all"),
        "one",
        "How many must be up for the service to work",
    ),
    Choice(
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
    """Explore how many copies are up: all on one server, or each on its own, with a cause that they share.

    Parameters
    ----------
    **start
        ``mtbf_h`` (hours between failures of a server), ``mttr_h`` (hours to repair it), ``beta`` (share of the
        failures that have a common cause), ``copies``; under "More" ``need`` and ``simulated``.

    Examples
    --------
    Two servers that are dark 0.5 % of the time, first independent:

    >>> copies_up(mtbf_h=995, mttr_h=5, beta=0).sentence.split("; ")[1].split(", ")[1]
    'so the service is down 65.7 s a month.'
    """
    up = failure.availability(mtbf_h, mttr_h).item()
    cause, alone = beta * (1 - up), 1 - (1 - beta) * (1 - up)
    chain, star = [-1, 0, *[1] * copies], [-1, *[0] * copies]
    exact: dict[str, Any] = {
        "all on one server": failure.copies_up_pmf(chain, [1, up, *[1] * copies]),
        "each on its own": failure.copies_up_pmf(star, [1, *[alone] * copies], common_cause=cause),
    }
    least = {"one": 1, "half": (copies + 1) // 2, "all": copies}[need]
    tried: dict[str, Any] | None = None
    if simulated == "yes":
        dark_h = (
            mtbf_h * (1 - alone) / alone
        )  # repairs of what fails alone, so that a server is up as often
        times = [1e9, *[mtbf_h] * copies], [0.0, *[dark_h] * copies]
        chance: dict[str, Any] = {"hours": 2000, "trials": 100, "rng": np.random.default_rng(7)}
        tried = {
            "each on its own": failure.simulate_outages(star, *times, common_cause=cause, **chance)
        }
    return charts.copies_up(exact, simulated=tried, need=least)


@explorer(
    _node("the intruder starts in"),
    _wall("container_escape", "container", "container's wall"),
    _wall("vm_escape", "virtual-machine", "machine's wall"),
    on_choice("on", "containers"),
    Slider(
        "copies", "copies", "", steps(1, _MOST, 1), 12, "How many copies of the application run"
    ),
    Slider(
        "per_vm", "copies in a VM", "", steps(1, 8, 1), 4, "Counts where a machine can hold several"
    ),
    Choice(
        "view",
        "show",
        ("tree", "steps"),
        "tree",
        "The tree, or an attack that also uses shared credentials",
    ),
    Slider("lateral", "shared credentials", "", (0, 0.02, 0.05, 0.1, 0.2, 0.5, 1), 0.1, _LATERAL),
    pick="node",
    fit=_on_the_tree,
)
def blast_radius(
    node: int, on: str, copies: int, per_vm: int, view: str, lateral: float, **escape: float
) -> Chart:
    """Explore how far an intruder gets: start anywhere, set each wall, share credentials or not.

    Parameters
    ----------
    **start
        ``node`` (where the intruder starts), ``container_escape``, ``vm_escape`` (chance that a wall gives way), ``on``;
        under "More" ``copies``, ``per_vm``, ``view`` (``"tree"`` or ``"steps"``) and ``lateral``.

    Examples
    --------
    >>> blast_radius(on="containers", copies=20, container_escape=0.05).sentence.split(" Assumed")[0]
    "From the application 'app', an intruder can expect to take 1.95 of 20 copies; it controls the hardware with a chance of 5 %."
    """
    chosen, names = platform(on), {"container": "container_escape", "virtual-machine": "vm_escape"}
    found = [names[spec.kind] for spec in chosen.layers if spec.kind in names]
    changes = {name: escape[name] for name in found}
    tried = trial.__wrapped__(chosen.but(chosen.title, **changes), copies, per_vm=per_vm)
    if view == "tree":
        return charts.blast_radius(tried, node)
    lost: dict[str, Any] = {}
    for title, p in (("own credentials", 0.0), ("shared credentials", lateral)):
        way: dict[str, Any] = {
            "lateral": p,
            "steps": 8,
            "trials": 400,
            "rng": np.random.default_rng(7),
        }
        lost[title] = attack.simulate_attacks(tried.tree.parent, tried.escape, node, **way)
    return charts.spread(lost, copies=copies).update_yaxes(range=[0, 25.2])


def _layer(name: str, default: str) -> Choice:
    walls = ("process", "container", "sentry", "virtual-machine", "microvm", "kata-vm")
    return Choice(
        name, f"{name} wall", walls, default, "A wall to compare", lambda on: layer(on).title
    )


@explorer(
    _layer("first", "container"), _layer("second", "sentry"), _layer("third", "virtual-machine")
)
def walls(**chosen: str) -> Chart:
    """Explore what walls expose: the system calls that can be reached first, and what lies behind.

    Parameters
    ----------
    **start
        ``first``, ``second``, ``third``: layers that are walls.

    Examples
    --------
    >>> walls(first="container", second="sentry").table()[1][0]
    'container'
    """
    return charts.walls(*(layer(name) for name in dict.fromkeys(chosen.values())))
