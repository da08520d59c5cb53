"""Explorers of trouble: what dies together, and how many copies are up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from virtlearn import charts, units
from virtlearn.charts import Chart
from virtlearn.core import failure
from virtlearn.explore._base import explorer
from virtlearn.explore._boxes import MOST, box_slider, no_room, on_the_tree
from virtlearn.explore._controls import Menu, Slider, platform_menu, steps
from virtlearn.explore._trial import trial

__all__ = ["copies_up", "failure_domains"]

# Chance is always the same, so that a slider shows its own effect and not that of new chance. With
# this seed the month and the twenty years lie near what is to be expected of them.
_SEED = 4364
_MOMENTS = 30
# How a history is laid out: in so many strips, each so long [h].
_SHEETS = {"month": (1, 730), "year": (12, 730), "twenty years": (20, 8760)}
_UNITS = {"month": ("hour", 730), "year": ("month", 12), "twenty years": ("year", 20)}
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


def _first_needs(values: Mapping[str, Any]) -> list[str]:
    """Name the numbers of servers that can be needed: no more than there are."""
    return [f"{need} of {values['servers']}" for need in range(1, values["servers"] + 1)]


def _need_no_more(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    return {**new, "need": min(new["need"], new["servers"])}


def _alone(values: Mapping[str, Any]) -> str:
    return "one server shares nothing" if values["servers"] == 1 else ""


def _moments(values: Mapping[str, Any]) -> list[str]:
    """Name the moments of the span, in its own unit."""
    unit, most = _UNITS[values["span"]]
    return [f"{unit} {units.plain(most * i / _MOMENTS)}" for i in range(_MOMENTS + 1)]


@explorer(
    Slider("servers", "servers", "", steps(1, 5, 1), 2, "How many servers run a copy each"),
    Slider(
        "beta",
        "common cause",
        "",
        _BETAS,
        0,
        "Share of failures that hit all servers at once: a bad update",
        idle=_alone,
    ),
    Menu("span", "played", tuple(_SHEETS), "month", "How long a history is played"),
    Slider(
        "mttr_h",
        "a repair takes",
        "h",
        (0.5, 1, 2, 5, 10, 24, 48),
        5,
        "The mean time",
    ),
    Slider(
        "mtbf_h",
        "a server fails every",
        "h",
        (730, 995, 2000, 5000, 10000),
        995,
        "The mean time between failures",
    ),
    Slider(
        "need",
        "needed",
        "",
        steps(1, 5, 1),
        1,
        "How many servers must be up for the service to work",
        _first_needs,
        idle=_alone,
    ),
    Slider(
        "moment",
        "time",
        "",
        steps(0, _MOMENTS, 1),
        _MOMENTS,
        "How far the history has been played",
        _moments,
        plays=10,
    ),
    reconcile=_need_no_more,
)
def copies_up(  # noqa: PLR0913 - a control each
    servers: int, beta: float, span: str, mttr_h: float, mtbf_h: float, need: int, moment: int
) -> Chart:
    """Explore how long servers are dark, and how long the service that stands on them is.

    One history is played by chance, always the same. The averages beside it are exact. Beside the
    failures of each server there can be a cause that all of them share.

    Parameters
    ----------
    servers : int, optional
        How many servers run, with a copy of the service on each: 1 to 5.
    beta : float, optional
        The share of failures that have a common cause and hit all servers at once, 0 to 1.
    span : str, optional
        How long a history is played: ``"month"``, ``"year"`` or ``"twenty years"``.
    mttr_h : float, optional
        Mean time to repair a server [h].
    mtbf_h : float, optional
        Mean time between failures of a server [h].
    need : int, optional
        How many copies must be up for the service to work.
    moment : int, optional
        How far the history has been played, in steps from 0 to 30.

    Returns
    -------
    Explorer
        The controls, and the servers and the service as strips of light that go dark.

    Examples
    --------
    Two servers that are dark 0.5 % of the time, first independent, then with a common cause:

    >>> copies_up(beta=0).headline
    'Dark: server 219, service 1.1 min a month'
    >>> copies_up(beta=0.01).headline
    'Dark: server 219, service 3.26 min a month'
    """
    beta = 0 if servers == 1 else beta
    strips, strip_h = _SHEETS[span]
    hours = strips * strip_h
    up = failure.availability(mtbf_h, mttr_h).item()
    own, cause = failure.beta_factor(up, beta)
    common, *each = _played(servers, own.item(), cause, mttr_h, hours)
    service = _any_of([common, *each], [servers, *[1] * servers], servers, need)
    average = _dark(servers, own.item(), cause, need)
    with_another = _dark(servers + 1, own.item(), cause, need)
    server_min = failure.downtime_min_per_month(up).item()
    common_min = failure.downtime_min_per_month(1 - cause).item()
    names = [f"server {i}" for i in range(1, servers + 1)]
    return charts.outages(
        {
            name: _any_of([common, spells], [1, 1], 1, 1)
            for name, spells in zip(names, each, strict=True)
        },
        service,
        strips=strips,
        strip_h=strip_h,
        until_h=hours * moment / _MOMENTS,
        common_h=common[0].tolist() if beta else None,
        average_min={**dict.fromkeys(names, server_min), "service": average},
        need=need,
        facts={
            "server_dark_min": server_min,
            "service_dark_min": average,
            "times_shorter": server_min / average,
            "common_share": common_min / average,
            "another_server_saves": 1 - with_another / average,
        },
    )


def _any_of(histories: list[Any], takes: list[int], copies: int, need: int) -> Any:
    """Say when fewer copies are up than needed, where each history takes so many of them."""
    begins = [begin for begin, _ in histories]
    ends = [end for _, end in histories]
    each = np.repeat(takes, [begin.size for begin in begins])
    begin_h, end_h = np.concatenate(begins), np.concatenate(ends)
    return failure.too_few_up(begin_h, end_h, each, copies=copies, need=need)


def _dark(servers: int, own: float, cause: float, need: int) -> float:
    """Say how long the service is dark on average [min a month]."""
    star = [-1, *[0] * servers]
    pmf = failure.copies_up_pmf(star, [1, *[own] * servers], common_cause=cause)
    # Added up from below: what is left of 1 would be lost in its rounding.
    return failure.HOURS_PER_MONTH * 60 * float(pmf[:need].sum())


def _played(
    servers: int, own: float, cause: float, mttr_h: float, hours: float
) -> list[tuple[Any, Any]]:
    """Play the common cause, then each server, each with a chance of its own.

    So another server, or more of the common cause, changes nothing in what the others do.
    """
    histories = []
    for i, up in enumerate([1 - cause, *[own] * servers]):
        rng = np.random.default_rng([_SEED, i])
        mtbf_h = failure.between_failures_h(mttr_h, up).item()
        histories.append(failure.play_outages(mtbf_h, mttr_h, hours=hours, rng=rng))
    return histories
