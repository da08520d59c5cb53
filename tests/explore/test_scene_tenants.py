"""A day of tenants: bands, hatched parts and headline are added up again."""

import math
import random

import pytest

from virtlearn import explore, units

from .test_explorers import positions


def asked(v, tenant, hour):
    """One bell around its own peak, on a day that is a circle."""
    peak = 12 + v["apart_h"] * (tenant - 3.5)
    away = min((hour - peak) % 24, (peak - hour) % 24)
    return 0.5 + (v["peak_cores"] - 0.5) * math.exp(-((away / 2) ** 2))


def visits(times):
    explorer, rng = explore.tenants(), random.Random("tenants drawn")
    for _ in range(times):
        explorer.values = positions(explorer, rng.choice)
        yield explorer, explorer.values


def check(explorer, v):
    chart = explorer.figure()
    cores, hours = v["capacity_cores"], range(v["hour"] + 1)
    want = [[asked(v, tenant, hour) for hour in hours] for tenant in range(8)]
    together = [sum(column) for column in zip(*want, strict=True)]
    pooled = sum(max(0.0, x - cores) for x in together)
    apart = sum(max(0.0, x - cores / 8) for row in want for x in row)
    assert chart.facts["pooled_refused_core_h"] == pytest.approx(pooled, abs=1e-6)
    assert chart.facts["partitioned_refused_core_h"] == pytest.approx(apart, abs=1e-6)
    told = f"pooled {units.plain(chart.facts['pooled_refused_core_h'])}, partitioned "
    assert told in chart.headline
    for panel in ("x", "x2"):
        bands = [t for t in chart.data if (t.xaxis or "x").replace("x1", "x") == panel]
        assert len(bands) == 9
        assert all(len(band.x) == len(hours) for band in bands)
        stack = [sum(column) for column in zip(*(band.y for band in bands), strict=True)]
        assert stack == pytest.approx(together, abs=1e-6), (
            "served and refused are all that is asked"
        )
    parts = [t for t in chart.data if t.xaxis == "x2"][:8]
    for band, row in zip(parts, want, strict=True):
        assert list(band.y) == pytest.approx([min(x, cores / 8) for x in row], abs=1e-6)


def test_bands_and_headline_are_added_up_again():
    for explorer, v in visits(100):
        check(explorer, v)


@pytest.mark.slow
def test_bands_and_headline_are_added_up_again_at_a_thousand_positions():
    for explorer, v in visits(1000):
        check(explorer, v)


def test_a_later_hour_never_refuses_less():
    for explorer, _ in visits(8):
        frames = list(explorer.sweep("hour").values())
        for fact in ("pooled_refused_core_h", "partitioned_refused_core_h"):
            seen = [chart.facts[fact] for chart in frames]
            assert seen == sorted(seen)
        assert len({chart.layout.yaxis.range for chart in frames}) == 1
