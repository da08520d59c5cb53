"""From a platform to a deployment: how many copies go to which host, as which nouns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from virtlearn import units
from virtlearn.arguments import taught, whole
from virtlearn.catalog.platforms import Platform, platform
from virtlearn.errors import DoesNotFit, WrongKind, shown
from virtlearn.model.deployment import Deployment
from virtlearn.model.fit import Fit, Need, capacity, fit_on, needs_of, summed
from virtlearn.model.layers import as_tuple
from virtlearn.model.nouns import Host, Workload
from virtlearn.model.resources import check_named, limiting, resource_of
from virtlearn.model.unit import Unit, carrying, unit_of

__all__ = ["deploy"]

Amounts = dict[str, float]
Needs = dict[str, Need]


@taught
def deploy(
    workload: Workload | Sequence[Workload],
    copies: int | Sequence[int] = 1,
    *,
    host: Host | Sequence[Host],
    on: str | Platform,
    per_vm: int = 1,
) -> Deployment:
    """Run copies of a workload on a host (or several) in the way a platform does it.

    Parameters
    ----------
    workload : Workload or sequence of Workload
        What runs; several stand side by side.
    copies : int or sequence of int
        How many of each, at least one.
    host : Host or sequence of Host
        Where; several hosts share the copies evenly as far as they have room, the first ones taking
        what is left over.
    on : str or Platform
        A platform or its name.
    per_vm : int
        Copies in each virtual machine, on platforms that have them; each machine is as big as its
        operating system and ``per_vm`` copies, and the last one may be partly filled.

    Returns
    -------
    Deployment
        A value that answers; deploying twice gives the same answer, not a fuller host.

    Raises
    ------
    DoesNotFit
        Where the copies need more than the host has; the message says how many fit.
    ImpossibleCount
        Where a count is no whole number of at least 1.
    UnknownName
        Where there is no such platform.
    WrongKind
        Where the first argument is no workload or ``host`` no host, or there are fewer counts than
        workloads.
    WrongPlace
        Where a machine for one application is to hold several.

    Examples
    --------
    >>> host, web = Host(cores=16, memory_gib=64), Workload("web", cpu_cores=0.5, memory_mib=256)
    >>> deploy(web, copies=40, host=host, on="virtual-machines").kernels
    40
    >>> deploy(web, copies=40, host=host, on="containers").kernels
    1
    """
    apps = as_tuple(workload, Workload)
    hosts = as_tuple(host, Host)
    if not apps or not hosts:
        these = f"{shown(workload)} and {shown(host)}"
        wrong = f"deploy runs a Workload on a Host, but these are {these}."
        raise WrongKind(f'{wrong}\nTry deploy(web, copies=40, host=host, on="containers").')
    counts = _counts(copies, len(apps))
    chosen = platform(on)
    in_each = whole("deploy", "per_vm", per_vm)
    every = [unit_of(app, chosen, in_each) for app in apps]
    shares = _spread(every, counts, hosts)

    @cache  # equal hosts that get the same carry the same, so that their tree is flattened once
    def carried(bare: Host, share: tuple[int, ...]) -> Host:
        return carrying(bare, zip(every, share, strict=True))

    there = [carried(bare, share) for bare, share in zip(hosts, shares, strict=True)]
    # Equal workloads are one kind of growth, however often they were named.
    growth = tuple(dict.fromkeys(every))
    return Deployment(there, title=chosen.title, growth=growth)


def _counts(copies: int | Sequence[int], workloads: int) -> list[int]:
    """How many copies of each workload: one number stands for all of them."""
    asked = copies if isinstance(copies, (list, tuple)) else [copies] * workloads
    counts = [whole("deploy", "copies", n) for n in asked]
    if len(counts) != workloads:
        there = units.count(workloads, "workload")
        wrong = f"There are {there} but {units.count(len(counts), 'count')} of copies."
        example = f"copies={[1] * workloads}"
        raise WrongKind(f"{wrong}\nGive one count for each workload, such as {example}.")
    return counts


def _spread(
    every: Sequence[Unit], counts: Sequence[int], hosts: Sequence[Host]
) -> list[tuple[int, ...]]:
    """How many copies of each workload every host gets: evenly, as far as each has room."""
    apps = [unit.workload for unit in every]
    check_named(apps, hosts)
    limits = limiting(hosts, apps)
    free = [capacity(host, limits) for host in hosts]
    shares: list[tuple[int, ...]] = [() for _ in hosts]
    base_stands = False
    for unit, wanted in zip(every, counts, strict=True):
        needs = needs_of(unit, limits)
        if base_stands:  # the first workload brought the host's own layers
            needs = {name: replace(need, once=0.0) for name, need in needs.items()}
        fits = [fit_on(needs, amounts) for amounts in free]
        together = summed(fits)
        if together.max_copies < wanted:
            raise DoesNotFit(_no_room(unit, wanted, needs, together, free, base_stands))
        most = [fit.max_copies for fit in fits]
        given = _evenly(wanted, most)
        shares = [(*share, n) for share, n in zip(shares, given, strict=True)]
        free = [_less(amounts, needs, n) for amounts, n in zip(free, given, strict=True)]
        base_stands = True
    return shares


def _evenly(wanted: int, most: Sequence[int]) -> list[int]:
    """Share out a number evenly, at most so many for each; the first take what is left over."""
    given = [0] * len(most)
    left = wanted
    for _ in most:  # every round but the last fills at least one of them
        open_hosts = [i for i, n in enumerate(given) if n < most[i]]
        if not open_hosts or not left:
            break
        # Who is full drops out, and the next round shares what that host could not take.
        each, over = divmod(left, len(open_hosts))
        for position, i in enumerate(open_hosts):
            offered = each + 1 if position < over else each
            taken = min(offered, most[i] - given[i])
            given[i] += taken
            left -= taken
    return given


def _less(free: Amounts, needs: Needs, copies: int) -> Amounts:
    """What a host has left when so many more copies run on it."""
    left = {}
    for name, amount in free.items():
        taken = needs[name].once + needs[name].of(copies)
        # What just fits may by rounding take a little more than there is.
        left[name] = max(amount - taken, 0.0)
    return left


def _no_room(
    unit: Unit, copies: int, needs: Needs, fit: Fit, free: Sequence[Amounts], base_stands: bool
) -> str:
    """Say what does not fit, with the numbers and one thing to try."""
    has = "the host has" if len(free) == 1 else f"the {len(free)} hosts have"
    amount = sum(amounts.get(fit.binds, 0.0) for amounts in free)
    there = f"{has} {resource_of(fit.binds).write(amount)}"
    if base_stands:
        there += " left"
    app = unit.workload
    # Memory on one host can be added up before the reader's eyes; other sums say less than their
    # result.
    if fit.binds == "memory" and len(free) == 1:
        wrong = f"{_sum_of_memory(unit, needs['memory'], copies)}, but {there}."
    else:
        many = units.count(copies, "copy", "copies")
        wrong = f"{many} of {app.name} do not fit: {there}, which is used up first."
    if not fit.max_copies and not base_stands:
        # A host too small for one copy is mostly a number in the wrong unit.
        return (
            f"{wrong}\nNot one fits. Are the units right? "
            "A host's memory_gib is in GiB, a workload's memory_mib in MiB."
        )
    if not fit.max_copies:
        return f"{wrong}\nNo copy fits."
    most = f"At most {units.count(fit.max_copies, 'copy fits', 'copies fit')}"
    if fit.binds != "memory" and "memory" in fit.by_resource:
        most += f", where memory alone would hold {fit.by_resource['memory']:,}"
    return f"{wrong}\n{most}."


def _sum_of_memory(unit: Unit, need: Need, copies: int) -> str:
    """Add up the memory of so many copies, in words."""
    app = unit.workload
    apps = f"{units.memory(app.memory_mib)} {app.name}"
    if unit.per_vm > 1:
        apps = f"{unit.per_vm} x {apps}"
    rest = units.memory(need.full_machine - unit.per_vm * app.memory_mib)
    what = "guest and hypervisor" if unit.machine else "overhead"
    machines = math.ceil(copies / unit.per_vm)
    text = f"{machines} x ({apps} + {rest} {what})"
    if need.once:
        text += f" + {units.memory(need.once)} for the host itself"
    return f"{text} = {units.memory(need.once + need.of(copies))}"
