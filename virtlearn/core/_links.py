"""Progressive filling: flows rise together over many links until a link or their cap is full."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from virtlearn.core._counts import Bools
from virtlearn.core.check import Floats, Ints


class Lists(NamedTuple):
    """Rows of different lengths in one array: row i is ``item[start[i]:start[i + 1]]``."""

    start: Ints
    item: Ints
    amount: Floats

    def of(self, rows: Ints) -> Ints:
        """Give where the entries of several rows stand, one after the other."""
        first = self.start[rows]
        length = self.start[rows + 1] - first
        ends = np.cumsum(length)
        shift = np.repeat(first - (ends - length), length)
        return np.asarray(shift + np.arange(shift.size))


class Routes(NamedTuple):
    """Which flow takes which link, listed both ways: most flows take few of the links."""

    links_of: Lists
    flows_of: Lists

    @classmethod
    def of(cls, route: Floats) -> Routes:
        """Read them from a table with a row for each flow."""
        return cls(_lists(route), _lists(route.T))


def _lists(table: Floats) -> Lists:
    row, item = np.nonzero(table)
    start = np.searchsorted(row, np.arange(len(table) + 1))
    return Lists(start, item, table[row, item])


def fill_links(routes: Routes, capacity: Floats, weight: Floats, cap: Floats) -> Floats:
    """Give each flow its rate.

    The level rises for all; a link holds its flows at the level ``left / load``, with what fixed
    flows leave of it and the weight of those that still rise. The lowest of these levels is next. A
    flow whose cap is met below it is fixed first, which can only raise the levels of links, so all
    of them are fixed at once.
    """
    links = capacity.size
    rate = np.zeros(weight.size)
    rises = np.ones(weight.size, dtype=bool)
    left = capacity.copy()
    load = _load(routes, weight, rises, np.arange(links))
    # A load that shrank by subtraction is summed anew when half is gone: its
    # rounding never outweighs it.
    summed = load.copy()
    users = np.diff(routes.flows_of.start)
    with np.errstate(over="ignore"):  # a cap that no level meets is met by none
        met = cap / weight
    order = np.argsort(met, kind="stable")
    ordered = met[order]
    first = 0
    while rises.any():
        level = np.where(users > 0, left / np.where(load > 0, load, 1.0), np.inf)
        lowest = float(level.min(initial=np.inf))
        capped = int(np.searchsorted(ordered, lowest, side="right"))
        if capped > first:
            fixed = order[first:capped]
            fixed = fixed[rises[fixed]]
            first = capped
            rate[fixed] = cap[fixed]
        else:
            full = np.flatnonzero(level == lowest)
            held = routes.flows_of
            fixed = np.unique(held.item[held.of(full)])
            fixed = fixed[rises[fixed]]
            rate[fixed] = np.minimum(lowest * weight[fixed], cap[fixed])
        rises[fixed] = False
        _take(routes, fixed, rate, weight, left, load, users)
        stale = np.flatnonzero((load < summed / 2) & (users > 0))
        if stale.size:
            load[stale] = summed[stale] = _load(routes, weight, rises, stale)
    return rate


def _load(routes: Routes, weight: Floats, rises: Bools, links: Ints) -> Floats:
    """Add up, link by link, the weights of the flows that still rise."""
    at = routes.flows_of.of(links)
    flow = routes.flows_of.item[at]
    part = np.where(rises[flow], weight[flow] * routes.flows_of.amount[at], 0.0)
    length = routes.flows_of.start[links + 1] - routes.flows_of.start[links]
    total = np.bincount(np.repeat(np.arange(links.size), length), part, links.size)
    return total.astype(np.float64)


def _take(
    routes: Routes,
    fixed: Ints,
    rate: Floats,
    weight: Floats,
    left: Floats,
    load: Floats,
    users: Ints,
) -> None:
    """Take fixed flows off their links, in place: what they use, their weight, and themselves."""
    at = routes.links_of.of(fixed)
    link = routes.links_of.item[at]
    length = routes.links_of.start[fixed + 1] - routes.links_of.start[fixed]
    flow = np.repeat(fixed, length)
    amount = routes.links_of.amount[at]
    np.subtract.at(left, link, rate[flow] * amount)
    np.subtract.at(load, link, weight[flow] * amount)
    np.subtract.at(users, link, 1)
    np.maximum(left, 0.0, out=left)
    np.maximum(load, 0.0, out=load)
