"""The best of a few runs, in seconds: the others were disturbed by something."""

from __future__ import annotations

import time
from collections.abc import Callable


def best(run: Callable[[], object], times: int = 5) -> float:
    """Run it once to warm up and then ``times`` times; answer with the shortest."""
    run()
    took = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        took.append(time.perf_counter() - start)
    return min(took)
