"""Explorers of trouble: what dies together, and how many copies are up."""

from __future__ import annotations

from typing import Any

import numpy as np

from virtlearn import charts
from virtlearn.charts import Chart
from virtlearn.core import failure
from virtlearn.explore._base import explorer
from virtlearn.explore._boxes import MOST, box_slider, no_room, on_the_tree
from virtlearn.explore._controls import Menu, Slider, platform_menu, steps
from virtlearn.explore._trial import trial

__all__ = ["copies_up", "failure_domains"]

_NEVER_H = 1e9  # hours between failures of what carries the servers: it does not fail
_BETAS = (0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1)


@explorer(
    box_slider("what fails", -1, nothing=True),
    platform_menu("on", "containers-in-vms"),
    Slider(
        "copies",
        "copies",
        "",
        steps(1, MOST, 1),
        12,
        "How many copies of the application run",
    ),
    Slider(
        "per_vm",
        "copies in a VM",
        "",
        steps(1, 8, 1),
        4,
        "How many copies share a virtual machine",
        idle=no_room,
    ),
    pick="node",
    reconcile=on_the_tree,
)
def failure_domains(node: int, on: str, copies: int, per_vm: int) -> Chart:
    """Explore what fails together: click a node of the tree, and all that stands on it greys.

    Parameters
    ----------
    node : int, optional
        What fails: its box in the tree, counted from the hardware, 0; -1 where nothing does.
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
    'The host operating system stops, and 8 of 8 copies with it.'
    """
    dead = None if node < 0 else node
    return charts.failure_domains(trial(on, copies, per_vm=per_vm), dead)


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
