"""How long a learner waits at the start: the import, and the first explorer, in processes of their own."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIMES = 9
FOUNDATION = "import numpy, plotly.graph_objects, ipywidgets"
ALONE = ("import numpy", "import plotly.graph_objects", "import ipywidgets", FOUNDATION)
# Time something within a fresh process, after what is not to be counted.
CLOCK = (
    "{first}\nimport time; start = time.perf_counter()\n{then}\nprint(time.perf_counter() - start)"
)
FIRST = "vl.explore.density().widget"
WITHIN = {
    "the foundation": ("", FOUNDATION),
    "the first explorer": ("import virtlearn as vl", FIRST),
    "one more explorer": (f"import virtlearn as vl; {FIRST}", "vl.explore.shares().widget"),
}


def whole_process(code: str) -> float:
    """Time a process from its start to its end."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    return time.perf_counter() - start


def within(first: str, then: str) -> float:
    """Time ``then`` inside a process that has done ``first``."""
    code = CLOCK.format(first=first, then=then)
    return float(
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True
        ).stdout
    )


def rows() -> Iterator[tuple[str, float, float, str]]:
    """Compare medians; the processes take turns, so that a busy moment of the machine meets all of them."""
    codes = ("import virtlearn", "import virtlearn; virtlearn.explore.density", *ALONE)
    turns = [[whole_process(code) for code in codes] for _ in range(TIMES)]
    took = dict(zip(codes, map(statistics.median, zip(*turns, strict=True)), strict=True))
    for alone in ALONE:
        bound = 1.15 if alone == FOUNDATION else float("inf")
        yield (
            f"import virtlearn, to {alone[7:]}",
            took[codes[0]] / took[alone],
            bound,
            f"{took[alone] * 1e3:.0f} ms",
        )
    told = f"numpy, plotly and ipywidgets: {took[FOUNDATION] * 1e3:.0f} ms"
    yield (
        "import virtlearn and all that explorers need",
        took[codes[1]] / took[FOUNDATION],
        float("inf"),
        told,
    )
    turns = [[within(*code) for code in WITHIN.values()] for _ in range(TIMES)]
    base, first, more = (statistics.median(column) for column in zip(*turns, strict=True))
    told = f"importing the foundation: {base * 1e3:.0f} ms"
    yield (
        "the first explorer made, its imports included",
        first / base,
        float("inf"),
        f"{told}; takes {first * 1e3:.0f} ms",
    )
    yield "one more explorer", more / base, float("inf"), f"{told}; takes {more * 1e3:.0f} ms"
