"""Power by load: published tables, by hand, and against exact fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtlearn import errors
from virtlearn.catalog.evidence import evidence
from virtlearn.core.energy import (
    energy_j,
    fleet_power_w,
    power_from_table_w,
    power_w,
    proportionality,
)

SERVERS = ("POW-01", "POW-02", "POW-03")


def measured(name):
    """Power at eleven loads, as SPECpower reports it."""
    return [part.number for part in evidence(name).parts]


def test_an_idle_host_draws_its_idle_power():
    """Peers say 0 W at no load; a table says 105."""
    for curve in ("linear", "square", "cubic", "sqrt"):
        assert power_w(0, idle_w=105, max_w=169, curve=curve).item() == 105
        assert power_w(1, idle_w=105, max_w=169, curve=curve).item() == 169


@pytest.mark.parametrize(
    ("name", "idle"), [("POW-01", "POW-04"), ("POW-02", "POW-05"), ("POW-03", "POW-06")]
)
def test_a_published_share_of_idle_power_follows_from_its_table(name, idle):
    watts = measured(name)
    got = power_from_table_w([0, 1], watts)
    assert got[0] / got[1] == pytest.approx(evidence(idle).number, abs=5e-4)


def test_a_table_is_read_along_straight_lines():
    """By hand: a quarter of the way from 105 to 112 W; the nearest point would say 105."""
    assert power_from_table_w(0.025, measured("POW-01")).item() == pytest.approx(106.75)


def test_three_servers_are_as_proportional_as_was_computed_for_them():
    """0.37, 0.68 and 0.69, by the definition of POW-09 and the tables of POW-01 to POW-03."""
    got = proportionality([measured(name) for name in SERVERS])
    assert got.round(2).tolist() == [0.37, 0.68, 0.69]


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 100), st.integers(0, 300), st.integers(0, 300))
def test_power_lies_between_its_ends_and_agrees_with_fractions(percent, idle, more):
    load = Fraction(percent, 100)
    for curve, k in (("linear", 1), ("square", 2), ("cubic", 3)):
        got = power_w(percent / 100, idle_w=idle, max_w=idle + more, curve=curve).item()
        assert got == pytest.approx(float(idle + more * load**k))
        assert idle <= got <= idle + more


@settings(deadline=None, max_examples=300)
@given(st.lists(st.integers(1, 500), min_size=2, max_size=12))
def test_proportionality_agrees_with_trapezoids_in_fractions(watts):
    area = sum(Fraction(a + b, 2) for a, b in pairwise(watts))
    area /= (len(watts) - 1) * watts[-1]
    assert proportionality(watts).item() == pytest.approx(float(2 - 2 * area))


def slow_fleet(load, hosts, cores, idle, full, packed):
    """Fill one host after the other, or all alike."""
    total = Fraction(0)
    for _ in range(hosts):
        part = min(load, cores) if packed else None
        if packed:
            total += idle + (full - idle) * part / cores if part else 0
            load -= part
    return total if packed else hosts * (idle + (full - idle) * load / (hosts * cores))


def test_a_fleet_agrees_with_filling_one_host_after_the_other():
    rng = np.random.default_rng(4)
    for _ in range(1000):
        hosts, cores, idle, more = (int(x) for x in rng.integers((1, 1, 0, 0), (9, 9, 99, 99)))
        load = Fraction(int(rng.integers(0, 10 * hosts * cores + 1)), 10)
        given_ = {"hosts": hosts, "cores": cores, "idle_w": idle, "max_w": idle + more}
        for packed in (False, True):
            slow = slow_fleet(load, hosts, cores, idle, idle + more, packed)
            got = fleet_power_w(float(load), packed=packed, **given_)
            assert got.item() == pytest.approx(float(slow))


def test_packing_needs_no_host_more_for_a_rounding():
    """0.9 / 0.3 comes out above 3; three full hosts carry it, and the fourth stays off."""
    given_ = {"hosts": 4, "cores": 0.3, "idle_w": 100, "max_w": 100}
    assert fleet_power_w(0.9, packed=True, **given_).item() == 300


def test_energy_is_the_sum_over_steps():
    """By hand: a kilowatt for an hour is 3.6 MJ; steps of two lengths."""
    assert energy_j(1000, 3600).item() == 3.6e6
    assert energy_j([[100, 200], [0, 50]], [1, 10]).tolist() == [2100, 500]


REFUSALS = [
    (
        lambda: power_w(-1, idle_w=60, max_w=200),
        errors.ImpossibleProbability,
        "utilization is -1.0; it must lie between 0 and 1.",
    ),
    (
        lambda: power_w(0, idle_w=[60, 201], max_w=200),
        errors.ImpossibleAmount,
        "idle_w is 201, but max_w is 200. A host draws most at full load.",
    ),
    (
        lambda: power_w(0, idle_w=60, max_w=200, curve="cube"),
        errors.UnknownName,
        "curve is 'cube', which is not known. Did you mean cubic?",
    ),
    (
        lambda: power_from_table_w(0, [100]),
        errors.ShapeMismatch,
        "watts has the shape (1,); give at least two points, from no load to full load.",
    ),
    (
        lambda: power_from_table_w(0, [[1, 2], [3, 4]]),
        errors.ShapeMismatch,
        "watts has the shape (2, 2); give one host's table.",
    ),
    (
        lambda: proportionality([5, 0]),
        errors.ImpossibleAmount,
        "watts at full load is 0.0; it must be finite and greater than 0.",
    ),
    (
        lambda: fleet_power_w(161, hosts=10, cores=16, idle_w=1, max_w=2),
        errors.DoesNotFit,
        "load_cores is 161, but all hosts have 160 cores.\nAdd hosts, or take load away.",
    ),
    (
        lambda: energy_j([1, 2], [1, 2, 3]),
        errors.ShapeMismatch,
        "power (2,), seconds (3,) cannot be lined up; one time for each step.",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSALS)
def test_what_cannot_be_is_refused_with_a_sentence(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
