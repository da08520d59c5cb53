"""Print one table: how long the laws take, as ratios to plain numpy in the same run.

    python tests/benchmarks/run.py

Each ``bench_*.py`` beside this file has a function ``rows()`` that yields (name, ratio, bound, note). Nothing here is
a timed test: a slow moment of the machine should not turn a suite red. A second run that still misses a bound should.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
Row = tuple[str, float, float, str]


def measured() -> Iterator[Row]:
    """Run every benchmark beside this file, in the order of their names."""
    sys.path[:0] = [str(HERE), str(HERE.parents[1])]
    for path in sorted(HERE.glob("bench_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield from module.rows()


def main() -> int:
    """Print a row as soon as it is known; the answer is 1 if any bound is missed."""
    missed = 0
    print(f"{'what':<62} {'ratio':>8} {'bound':>8}  {'':<6} to what")
    for name, ratio, bound, note in measured():
        verdict = "ok" if ratio <= bound else "MISSED"
        missed += ratio > bound
        print(f"{name:<62} {ratio:>8.3g} {bound:>8g}  {verdict:<6} {note}", flush=True)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
