"""How much memory 10^6 outage trials of a 100-node tree take, in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = """
import resource, sys, time
import numpy as np
from virtlearn.core.failure import simulate_outages
parent = [-1, *[0] * 9, *[1 + i % 9 for i in range(90)]]
start = time.perf_counter()
simulate_outages(parent, 1000, 10, hours=24, trials=10**6, rng=np.random.default_rng(1))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
print(peak, time.perf_counter() - start)
"""
# Linux counts what a process was before it became another program, so a small one stands between this one and that.
BETWEEN = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"


def rows() -> Iterator[tuple[str, float, float, str]]:
    """Compare the peak of the whole process, numpy included, with 256 MiB."""
    told = subprocess.run(
        [sys.executable, "-c", BETWEEN, RUN], cwd=ROOT, check=True, capture_output=True, text=True
    )
    mib, seconds = map(float, told.stdout.split())
    yield (
        "10^6 outage trials of a 100-node tree: memory",
        mib / 256,
        1,
        f"256 MiB: {mib:.0f} MiB, {seconds:.0f} s",
    )
