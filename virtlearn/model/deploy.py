"""From a platform to a tree: how many go to which host, and the nouns themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from virtlearn import units
from virtlearn.arguments import whole
from virtlearn.catalog.layers import LayerSpec
from virtlearn.catalog.platforms import Platform, platform
from virtlearn.errors import DoesNotFit, WrongPlace
from virtlearn.model import nouns
from virtlearn.model.deployment import Deployment
from virtlearn.model.fit import Fit, Needs, Plan, Sizes, amount, room_for, rooms, together
from virtlearn.model.layers import several
from virtlearn.model.nouns import Host, Layer, Workload

__all__ = ["deploy"]

Runs = tuple[Layer, ...]
Rooms = list[dict[str, float]]
MADE_OF = (nouns.OperatingSystem, nouns.UserSpaceKernel, nouns.Hypervisor, nouns.ContainerRuntime)
NOUNS: dict[str, Any] = {
    noun.kind: noun for noun in (*MADE_OF, nouns.VirtualMachine, nouns.Container)
}


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
        Where; several hosts share the copies evenly as far as they have room, the first ones taking what is left over.
    on : str or Platform
        A platform or its name.
    per_vm : int
        Copies in each virtual machine, on platforms that have them; each machine is as big as its operating
        system and ``per_vm`` copies, and the last one may be partly filled.

    Returns
    -------
    Deployment
        A value that answers; deploying twice gives the same answer, not a fuller host.

    Raises
    ------
    DoesNotFit
        Where the copies need more than the host has; the message says how many fit.

    Examples
    --------
    >>> host, web = Host(cores=16, memory_gib=64), Workload("web", cpu_cores=0.5, memory_mib=256)
    >>> deploy(web, copies=40, host=host, on="virtual-machines").kernels
    40
    >>> deploy(web, copies=40, host=host, on="containers").kernels
    1
    """
    what, where = several(workload, Workload), several(host, Host)
    if not what or not where:
        wrong = (
            f"deploy runs a Workload on a Host, but these are {workload!r:.60} and {host!r:.60}."
        )
        raise WrongPlace(f'{wrong}\nTry deploy(web, copies=40, host=host, on="containers").')
    asked = copies if isinstance(copies, (list, tuple)) else [copies] * len(what)
    counts = [whole("deploy", "copies", n) for n in asked]
    if len(counts) != len(what):
        wrong = f"There are {units.count(len(what), 'workload')} but {units.count(len(counts), 'count')} of copies."
        raise WrongPlace(
            f"{wrong}\nGive one count for each workload, such as copies={[1] * len(what)}."
        )
    plan, chosen = Plan.of(on, per_vm), platform(on)
    given = _spread(plan, what, counts, where)

    @cache  # equal hosts that get the same carry the same, so that their tree is grown once
    def carries(h: Host, mine: tuple[int, ...]) -> Host:
        stand = tuple(x for w, n in zip(what, mine, strict=True) for x in _stand(plan, w, n))
        return replace(h, runs=_wrapped(plan.once, stand))

    return Deployment(list(map(carries, where, given)), platform=chosen, per_vm=plan.per_vm)


def _spread(
    plan: Plan, what: Sequence[Workload], counts: list[int], where: Sequence[Host]
) -> list[tuple[int, ...]]:
    """How many copies of each workload every host gets: evenly, as far as each has room."""
    free = [rooms(h) for h in where]
    given: list[list[int]] = [[] for _ in where]
    for workload, wanted in zip(what, counts, strict=True):
        needs = plan.needs(workload)
        if given[0]:  # the host's own layers are there already
            needs = {name: replace(need, once=0.0) for name, need in needs.items()}
        equal = {tuple(room.items()): room for room in free}
        held = {key: room_for(needs, room) for key, room in equal.items()}
        fit = [held[tuple(room.items())] for room in free]
        if sum(f.max_copies for f in fit) < wanted:
            raise DoesNotFit(
                _no_room(plan, workload, wanted, needs, together(fit), free, not given[0])
            )
        mine, left = [0] * len(where), wanted
        while left:
            open_hosts = [i for i, f in enumerate(fit) if mine[i] < f.max_copies]
            each, more = divmod(left, len(open_hosts))
            for j, i in enumerate(open_hosts):
                take = min(each + (j < more), fit[i].max_copies - mine[i])
                mine[i], left = mine[i] + take, left - take
        for i, n in enumerate(mine):
            given[i].append(n)
            free[i] = {
                name: max(room - needs[name].once - needs[name].of(n), 0.0)
                for name, room in free[i].items()
            }
    return [tuple(mine) for mine in given]


def _no_room(
    plan: Plan, app: Workload, n: int, needs: dict[str, Needs], fit: Fit, free: Rooms, first: bool
) -> str:
    """Say what does not fit, with the numbers and one thing to try."""
    there = "the host has" if len(free) == 1 else f"the {len(free)} hosts have"
    have = amount(fit.binds, sum(room.get(fit.binds, 0.0) for room in free)) + (
        "" if first else " left"
    )
    text = f"{units.count(n, 'copy', 'copies')} of {app.name} do not fit: {there} {have}, which is used up first."
    if fit.binds == "memory" and len(free) == 1:
        need, apps = needs["memory"], plan.per_vm * app.memory_mib
        each = f"{'' if plan.per_vm == 1 else f'{plan.per_vm} x '}{units.memory(app.memory_mib)} {app.name}"
        rest = f"{units.memory(need.machine - apps)} {'guest and hypervisor' if plan.machine else 'overhead'}"
        own = f" + {units.memory(need.once)} for the host itself" if need.once else ""
        total = units.memory(need.once + need.of(n))
        text = f"{-(-n // plan.per_vm)} x ({each} + {rest}){own} = {total}, but {there} {have}."
    if not fit.max_copies and first:
        text += "\nNot one fits. Are the units right?"
        return f"{text} A host's memory_gib is in GiB, a workload's memory_mib in MiB."
    alone = (
        f", where memory alone would hold {fit.by_resource['memory']:,}"
        if fit.binds != "memory"
        else ""
    )
    return f"{text}\nAt most {units.count(fit.max_copies, 'copy fits', 'copies fit')}{alone}."


def _stand(plan: Plan, workload: Workload, copies: int) -> Runs:
    """What stands on the host's own layers for so many copies of one workload."""
    sizes, cut = plan.measure(workload)[1], len(plan.machine)
    app: Runs = (replace(workload, layer=plan.each[-1]),)
    leaf = _wrapped(
        plan.each[:-1], app, workload.name, {i - cut: size for i, size in sizes.items()}
    )
    if not plan.machine:
        return leaf * copies
    full, rest = divmod(copies, plan.per_vm)
    machine, last = (
        _wrapped(plan.machine, leaf * n, workload.name, sizes) for n in (plan.per_vm, rest)
    )
    return machine * full + last * (rest > 0)


def _wrapped(
    specs: tuple[LayerSpec, ...], runs: Runs, name: str = "", sizes: Sizes | None = None
) -> Runs:
    """Nouns for some layers, one in the other, around what runs in the innermost."""
    for i, spec in reversed(list(enumerate(specs))):
        own: dict[str, Any] = {} if spec.kind == "container" else {"name": spec.name}
        if sizes and i in sizes:
            own = {"name": f"{name}-vm", "vcpus": sizes[i][0], "memory_mib": sizes[i][1]}
        runs = (NOUNS[spec.kind](runs=runs, layer=spec, **own),)
    return runs
