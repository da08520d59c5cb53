"""How placing 40,000 items on 20,000 hosts scales, with every policy there is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from _clock import best

from virtlearn.core.packing import place
from virtlearn.model.policies import POLICIES

ITEMS, HOSTS = 40_000, 20_000


def bare(need: np.ndarray, room: np.ndarray) -> None:
    """Place as plain numpy would: one mask, one subtraction and one argmax over the hosts for each item."""
    free = np.asfortranarray(room)
    for item in need:
        fits = (free >= item).all(axis=1)
        left = free[:, 0] - item[0]
        host = int(np.where(fits, left, -np.inf).argmax())
        free[host] -= item


def rows() -> Iterator[tuple[str, float, float, str]]:
    """Compare every policy with the bare loop, with all items."""
    rng = np.random.default_rng(0)
    need, room = rng.random((ITEMS, 2)) * 0.9, np.ones((HOSTS, 2)) + rng.random((HOSTS, 2))
    loop = best(lambda: bare(need, room), 1)
    for name, policy in POLICIES.items():
        took = best(lambda policy=policy: place(need, room, policy), 1)
        yield f"40,000 items on 20,000 hosts, {name}", took / loop, 2, f"a bare loop: {loop:.2f} s"
