"""How the scheduler's rules scale: 10,000 copies of two kinds on 5,000 hosts, by resources alone and by all filters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from _clock import best

from virtlearn.model import Host, Workload, place
from virtlearn.model.scheduler import WEIGHTS, schedule

COPIES, HOSTS = 10_000, 5_000


def bare(needs: np.ndarray, room: np.ndarray) -> None:
    """Score every host anew for each copy by the mean of what stays free, in plain numpy."""
    used = np.zeros_like(room)
    for need in needs:
        free = room - used - need
        score = (np.maximum(free, 0) * 100 // room).sum(axis=1) // 2
        host = int(np.where((free >= 0).all(axis=1), score, -1).argmax())
        used[host] += need


def rows() -> Iterator[tuple[str, float, float, str]]:
    """Compare both rules of the scheduler with one rule in a bare loop."""
    needs = np.array([[500, 256], [1000, 1024]] * (COPIES // 2))
    room = np.tile([16_000, 65_536], (HOSTS, 1))
    loop = best(lambda: bare(needs, room), 1)
    took = best(lambda: schedule(needs, room, WEIGHTS), 1)
    yield (
        "10,000 copies on 5,000 hosts, kube-scheduler",
        took / loop,
        4,
        f"a bare loop: {loop:.2f} s",
    )
    web = Workload("web", 0.5, 256, apart_from="db")
    db = Workload("db", 1, 1024, tolerates="big")
    apps = [web, db] * (COPIES // 2)
    zones = [{"zone": str(i % 3)} for i in range(HOSTS)]
    hosts = [
        Host(16, 64, labels=zone, taints=() if i % 4 else "big") for i, zone in enumerate(zones)
    ]
    full = best(lambda: place(apps, hosts, policy="kube-scheduler"), 1)
    yield (
        "  with taints, spread over hosts and zones, apartness",
        full / loop,
        6,
        f"a bare loop of one score: {loop:.2f} s",
    )
