"""How the laws of running many scale: a day followed, a cluster scored, ten thousand flows shared."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from _clock import best

from virtlearn.core.network import share_links
from virtlearn.core.placing import (
    balanced_allocation,
    decide,
    fits,
    least_allocated,
)
from virtlearn.core.scaling import follow_load

HOSTS, COPIES = 5_000, 10_000
FLOWS, LINKS = 10_000, 1_000
DAY = 24 * 3600 // 15


def rows() -> Iterator[tuple[str, float, float, str]]:
    """Compare with plain numpy, or plain Python where there is no numpy for it, in the same run."""
    rng = np.random.default_rng(0)
    yield from following(rng)
    yield from scoring(rng)
    yield from sharing(rng)


def following(rng: np.random.Generator) -> Iterator[tuple[str, float, float, str]]:
    """Follow one day, and a thousand days at once."""
    million = rng.random(10**6)
    sort = best(lambda: np.argsort(million, kind="stable"), 3)
    hours = np.arange(DAY) / 240
    load = 20 + 15 * np.sin(hours / 24 * 2 * np.pi) + rng.random((1000, DAY)) * 10
    one = best(lambda: follow_load(load[0], start_s=60, copies=40), 2)
    note = f"a stable argsort of 10^6: {sort * 1e3:.0f} ms"
    yield "follow_load of a day at 15 s steps", one / sort, 12, note
    many = best(lambda: follow_load(load, start_s=60, copies=40), 1)
    yield "  1,000 days at once", many / (1000 * one), 0.05, f"1,000 calls: {1000 * one:.0f} s"


def bare_scores(need: np.ndarray, used: np.ndarray, room: np.ndarray) -> int:
    """Score all hosts as plain numpy would, once: a mask, two scores and the choice."""
    free = room - used - need
    allowed = (free >= 0).all(axis=1)
    least = (free * 100 // room).sum(axis=1) // 2
    after, before = (used + need) / room, used / room
    levels = [((1 - abs(x[:, 0] - x[:, 1]) / 2) * 100).astype(int) for x in (after, before)]
    total = least + 50 + (50 + levels[0] - levels[1]) // 2
    return int(np.where(allowed, total, -1).argmax())


def scores(need: np.ndarray, used: np.ndarray, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score hosts by the library's laws: what is allowed, and a row for each rule."""
    allowed = fits(need, used, room).all(axis=-1)
    table = np.stack([least_allocated(need, used, room), balanced_allocation(need, used, room)])
    return allowed, table


def choose(need: np.ndarray, used: np.ndarray, room: np.ndarray) -> int:
    """Choose a host by the library's laws."""
    allowed, table = scores(need, used, room)
    return int(decide(table, [1, 1], allowed))


def scoring(rng: np.random.Generator) -> Iterator[tuple[str, float, float, str]]:
    """Place 10,000 copies of one need: all hosts anew each time, or only the one that changed."""
    room = rng.integers(16_000, 64_000, (HOSTS, 2))
    need = np.array([250, 500])
    used = rng.integers(0, 8_000, (HOSTS, 2))
    bare = best(lambda: bare_scores(need, used, room), 20)
    ours = best(lambda: choose(need, used, room), 20)
    note = f"a bare mask, scores and argmax: {bare * 1e6:.0f} us"
    yield "scores of 5,000 hosts for one copy", ours / bare, 8, note
    kept = best(lambda: incremental(need, used, room), 1)
    note = f"{COPIES:,} bare rounds: {COPIES * bare:.1f} s"
    yield "10,000 copies on 5,000 hosts, scores kept", kept / (COPIES * bare), 3, note


def incremental(need: np.ndarray, used: np.ndarray, room: np.ndarray) -> None:
    """Keep all scores, and compute anew only the host that took a copy."""
    taken = used.copy()
    allowed, table = scores(need, taken, room)
    total = np.where(allowed, table.sum(axis=0), -1)
    for _ in range(COPIES):
        host = int(total.argmax())
        taken[host] += need
        fit, row = scores(need, taken[[host]], room[[host]])
        total[host] = row.sum() if fit[0] else -1


def bare_filling(route: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """Fill all links with one product of the whole table a round, as plain numpy would."""
    rate, rises, level = np.zeros(len(route)), np.ones(len(route)), 0.0
    while rises.any():
        load, left = rises @ route, capacity - rate @ route
        with np.errstate(divide="ignore", invalid="ignore"):
            step = np.where(load > 0, left / load, np.inf)
        level += step.min()
        rate[rises > 0] = level
        full = step <= step.min() * (1 + 1e-12)
        rises[(route[:, full] > 0).any(axis=1)] = 0
    return rate


def sharing(rng: np.random.Generator) -> Iterator[tuple[str, float, float, str]]:
    """Share 1,000 links among 10,000 flows of three links each."""
    route = np.zeros((FLOWS, LINKS))
    for _ in range(3):
        route[np.arange(FLOWS), rng.integers(0, LINKS, FLOWS)] = 1
    capacity = rng.random(LINKS) * 100 + 1
    product = best(lambda: np.ones(FLOWS) @ route, 5)
    took = best(lambda: share_links(route, capacity), 2)
    note = f"one product with the table: {product * 1e3:.1f} ms"
    yield "share_links of 10,000 flows over 1,000 links", took / product, 100, note
    few = 1000
    plain = best(lambda: bare_filling(route[:few], capacity), 1)
    took = best(lambda: share_links(route[:few], capacity), 2)
    yield "  1,000 flows against plain filling", took / plain, 0.5, f"plain: {plain:.2f} s"
