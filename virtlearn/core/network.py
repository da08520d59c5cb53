"""Links: how flows share several of them, and when transfers end.

It is `cpu.fair_share` on many capacities at once: machines that are moved over one link, and images
that many hosts pull, get their speed here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._counts import within_numbers
from virtlearn.core._links import Routes, fill_links
from virtlearn.core.check import Floats
from virtlearn.errors import ImpossibleAmount, NeverStarts, ShapeMismatch

__all__ = ["share_links", "transfer_s"]


def _read(route: ArrayLike, capacity: ArrayLike) -> tuple[Floats, Floats]:
    """Check which flow takes which link, and what the links carry."""
    taken = check.amount("route", route)
    room = check.amount("capacity", capacity)
    if taken.ndim != 2 or room.ndim == 0 or room.shape[-1] != taken.shape[1]:
        wrong = f"route has the shape {taken.shape} and capacity {room.shape}"
        raise ShapeMismatch(f"{wrong}; give (flows, links) and (..., links).")
    return taken, room


Rows = tuple[tuple[int, ...], list[Floats]]


def _rows(flows: int, capacity: Floats, **each: Floats) -> Rows:
    """Line up what each flow has with rows of capacities; gives the leading axes and the rows."""
    # One number for all flows is a row of one.
    given = {name: x[..., None] if x.ndim == 0 else x for name, x in each.items()}
    rule = f"each of the {flows} flows has one entry"
    shape = check.shape(rule, capacity=capacity[..., :1], flows=np.empty(flows), **given)
    if shape[-1] != flows:
        names = ", ".join(f"{name} {x.shape}" for name, x in each.items())
        raise ShapeMismatch(f"{names}: {rule}.")
    lined_up = [np.broadcast_to(x, shape) for x in given.values()]
    leading = shape[:-1]
    lined_up.append(np.broadcast_to(capacity, leading + capacity.shape[-1:]))
    return leading, lined_up


@within_numbers
def share_links(
    route: ArrayLike,
    capacity: ArrayLike,
    *,
    weight: ArrayLike = 1.0,
    cap: ArrayLike = np.inf,
) -> Floats:
    """Share links among flows: raise all by weight, fix those at a full link or a cap, go on.

    The result is weighted max-min: nobody's rate can rise without lowering one that is
    no larger for its weight.

    Parameters
    ----------
    route : array, shape (flows, links)
        How much of each link a unit of the flow takes: 0, 1, or more where it crosses twice.
    capacity : array, shape (..., links)
        What each link carries.
    weight, cap : array, shape (..., flows)
        The relative weight of each flow, and the most it can use.

    Returns
    -------
    array, shape (..., flows)
        The rate of each, in the unit of the capacity.

    Raises
    ------
    ImpossibleAmount
        A flow has neither a link nor a cap, so nothing would end its rise.
    ImpossibleWeight
        A weight is not positive, or not finite.
    ShapeMismatch
        ``route`` is not (flows, links), or something does not fit it.

    References
    ----------
    D. Bertsekas and R. Gallager, "Data Networks", 2nd ed. 1992, section 6.5.2.

    Examples
    --------
    One long flow over three links and a short one on each: the long one takes
    no more than the others.

    >>> share_links([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], [1, 1, 2]).tolist()
    [0.5, 0.5, 0.5, 1.5]
    >>> share_links([[1], [1]], [10], cap=[2, float("inf")]).tolist()
    [2.0, 8.0]
    """
    taken, room = _read(route, capacity)
    most = check.amount("cap", cap, infinite=True)
    heavy = check.weight("weight", weight)
    shape, (weights, caps, rooms) = _rows(len(taken), room, weight=heavy, cap=most)
    free = (taken == 0).all(axis=1) & (caps == np.inf)
    if free.any():
        i = int(np.argwhere(free)[0][-1])
        wrong = f"Flow {i} takes no link and has no cap, so nothing ends its rise"
        raise ImpossibleAmount(f"{wrong}. Give it a link or a cap.")
    routes = Routes.of(taken)
    rates = np.empty((*shape, len(taken)))
    for at in np.ndindex(shape):
        rates[at] = fill_links(routes, rooms[at], weights[at], caps[at])
    return rates


@within_numbers
def transfer_s(
    size_mib: ArrayLike,
    route: ArrayLike,
    capacity: ArrayLike,
    *,
    weight: ArrayLike = 1.0,
    latency_s: ArrayLike = 0.0,
    start_s: ArrayLike = 0.0,
) -> Floats:
    """Say when each transfer ends, exactly; from event to event `share_links` gives the speeds.

    Parameters
    ----------
    size_mib : array, shape (..., flows)
        What each moves [MiB]; nothing is over as soon as it begins.
    route, capacity
        As for `share_links` [MiB/s].
    weight : array, shape (..., flows)
    latency_s, start_s : array, shape (..., flows)
        A transfer begins ``latency_s`` after ``start_s`` [s].

    Returns
    -------
    array, shape (..., flows)
        The end of each [s].

    Raises
    ------
    ImpossibleAmount
        An amount is negative, infinite or no number, or a transfer takes no link.
    ImpossibleWeight
        A weight is not positive, or not finite.
    ShapeMismatch
        ``route`` is not (flows, links), or something does not fit it.
    NeverStarts
        A transfer has to cross a link that carries nothing.

    Examples
    --------
    Two at once share 100 MiB/s; when the smaller is over, the other has it all.

    >>> transfer_s([150, 300], [[1], [1]], [100]).tolist()
    [3.0, 4.5]
    """
    taken, room = _read(route, capacity)
    size = check.amount("size_mib", size_mib)
    heavy = check.weight("weight", weight)
    begin = check.amount("start_s", start_s)
    latency = check.amount("latency_s", latency_s)
    check.shape("each transfer has its times", start_s=begin, latency_s=latency)
    if (taken == 0).all(axis=1).any():
        i = int((taken == 0).all(axis=1).argmax())
        raise ImpossibleAmount(f"Transfer {i} takes no link, so it has no speed. Give it a route.")
    each = {"size_mib": size, "weight": heavy, "start_s": begin + latency}
    shape, (sizes, weights, begins, rooms) = _rows(len(taken), room, **each)
    _refuse_stuck(sizes, taken, rooms)
    routes = Routes.of(taken)
    ends = np.empty((*shape, len(taken)))
    for at in np.ndindex(shape):
        ends[at] = _step_through(sizes[at], begins[at], routes, rooms[at], weights[at])
    return ends


def _refuse_stuck(size: Floats, route: Floats, capacity: Floats) -> None:
    """Refuse what has to cross a link that carries nothing: it would wait for ever."""
    closed = ((route > 0) & (capacity == 0)[..., None, :]).any(axis=-1)
    stuck = closed & (size > 0)
    if stuck.any():
        i = int(np.argwhere(stuck)[0][-1])
        wrong = f"Transfer {i} has to cross a link of capacity 0 and would wait for ever"
        raise NeverStarts(f"{wrong}.\nOpen the link or choose another route.")


def _step_through(
    size: Floats, begin: Floats, routes: Routes, capacity: Floats, weight: Floats
) -> Floats:
    """Go from one beginning or end to the next; in between every speed is constant."""
    left = size.copy()
    ends = begin.copy()
    is_open = left > 0
    now = 0.0
    while is_open.any():
        active = is_open & (begin <= now)
        coming = float(begin[is_open & (begin > now)].min(initial=np.inf))
        # Who is not there takes nothing: a cap of 0 keeps the links free for the others.
        speed = fill_links(routes, capacity, weight, np.where(active, np.inf, 0.0))
        here = np.flatnonzero(active)
        with np.errstate(divide="ignore", over="ignore"):
            needs = left[here] / speed[here]
        step = min(float(needs.min(initial=np.inf)), coming - now)
        if not np.isfinite(now + step):
            raise NeverStarts(
                "size_mib takes longer than any number could hold. Use a larger unit."
            )
        left[here] = np.maximum(left[here] - speed[here] * step, 0.0)
        done = here[(needs <= step) | (left[here] == 0)]
        now = coming if step == coming - now else now + step
        ends[done] = now
        is_open[done] = False
    return ends
