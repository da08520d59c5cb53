"""How `fair_share` scales: a million tenants, many capacities, many rows, and the size of a lesson."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from _clock import best

from virtlearn.core.cpu import fair_share, fair_share_tree

MILLION = 10**6


def rows() -> Iterator[tuple[str, float, float, str]]:
    """Compare with one `np.argsort` of as many numbers, and with a loop of calls."""
    rng = np.random.default_rng(0)
    demand, weight = rng.random(MILLION), rng.random(MILLION) + 0.1
    sort = best(lambda: np.argsort(demand))
    note = f"np.argsort of 10^6: {sort * 1e3:.0f} ms"
    tenants = {"capacity_cores": 0.3 * MILLION, "weight": weight}
    yield "fair_share of 10^6 tenants", best(lambda: fair_share(demand, **tenants)) / sort, 3, note
    limit = np.where(rng.random(MILLION) < 0.5, np.inf, rng.random(MILLION))
    tenants |= {"limit_cores": limit}
    yield "  with limits", best(lambda: fair_share(demand, **tenants)) / sort, 3, note
    promised = np.minimum(limit, 0.5 * rng.random(MILLION)) * (rng.random(MILLION) < 0.5)
    tenants |= {"reservation_cores": promised}
    yield (
        "  with limits and reservations",
        best(lambda: fair_share(demand, **tenants)) / sort,
        5,
        note,
    )
    chain = 2.0 ** -rng.permutation(np.linspace(0, 400, MILLION))
    far = best(
        lambda: fair_share(chain, capacity_cores=chain.sum() * (1 - 1e-12), weight=chain**2), 2
    )
    yield "  the hardest chain we know: each full one only frees the next", far / sort, np.inf, note
    yield from many(rng)
    yield from lesson(rng)


def many(rng: np.random.Generator) -> Iterator[tuple[str, float, float, str]]:
    """Compare one call with a thousand, for 500 tenants."""
    demand, batch, capacity = rng.random(500), rng.random((1000, 500)), np.linspace(0, 300, 1000)
    calls = best(lambda: [fair_share(demand, capacity_cores=c) for c in capacity])
    note = f"1,000 calls: {calls * 1e3:.0f} ms"
    once = best(lambda: fair_share(demand, capacity_cores=capacity))
    yield "1,000 capacities for the same 500 tenants", once / calls, 0.2, note
    once = best(
        lambda: fair_share(
            demand, capacity_cores=capacity, reservation_cores=0.1 * (capacity[:, None] > 100)
        )
    )
    yield "  with reservations", once / calls, 1.0, note
    calls = best(
        lambda: [fair_share(row, capacity_cores=c) for row, c in zip(batch, capacity, strict=True)]
    )
    once = best(lambda: fair_share(batch, capacity_cores=capacity))
    yield (
        "1,000 different rows of 500 tenants",
        once / calls,
        1.0,
        f"1,000 calls: {calls * 1e3:.0f} ms",
    )


def lesson(rng: np.random.Generator) -> Iterator[tuple[str, float, float, str]]:
    """Solve 50 hosts with 500 guests, as one tree and as 50 rows of 10."""
    parent = np.r_[-1, np.zeros(50, dtype=int), np.repeat(np.arange(1, 51), 10)]
    demand = np.r_[np.zeros(51), rng.random(500)]
    tree = best(lambda: fair_share_tree(parent, demand, capacity_cores=150), 50)
    yield "50 hosts and 500 guests, as a tree", tree / 0.010, 1, f"10 ms: takes {tree * 1e3:.2f} ms"
    flat = best(
        lambda: fair_share(demand[51:].reshape(50, 10), capacity_cores=np.full(50, 3.0)), 50
    )
    yield "50 hosts and 500 guests, as rows", flat / 0.010, 1, f"10 ms: takes {flat * 1e3:.2f} ms"
