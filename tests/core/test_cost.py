"""What copies cost, rented and metered: by hand and against counting machine after machine."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from virtlearn import errors
from virtlearn.catalog.evidence import evidence
from virtlearn.core.cost import metered_usd_h, rented_usd_h

VM = {"copy_cores": 0.5, "copy_gib": 1, "vm_cores": 2, "vm_gib": 8, "vm_usd_h": 1}


def slow_machines(copies, copy, machine):
    """Put copies into a machine until one resource is over, then rent the next."""
    machines = 0
    while copies > 0:
        room, inside = list(machine), 0
        while copies > 0 and all(r >= c for r, c in zip(room, copy, strict=True)):
            room = [r - c for r, c in zip(room, copy, strict=True)]
            copies -= 1
            inside += 1
        if inside == 0:
            return None
        machines += 1
    return machines


def test_a_begun_machine_is_paid_whole():
    """By hand: four to a machine, so 40 take ten and the 41st an eleventh."""
    assert rented_usd_h([0, 40, 41], **VM).tolist() == [0, 10, 11]


def test_what_a_machine_keeps_for_itself_costs_copies():
    """By hand: 8 GiB hold two copies of 3 GiB, and 8 less 2.5 hold one."""
    large = VM | {"copy_gib": 3}
    assert rented_usd_h(4, **large).item() == 2
    assert rented_usd_h(4, **large, vm_lost_gib=2.5).item() == 4


def test_three_tenths_hold_three_times_a_tenth():
    """0.3 / 0.1 comes out just below 3."""
    assert rented_usd_h(3, **VM | {"copy_cores": 0.1, "vm_cores": 0.3}).item() == 1


def test_renting_agrees_with_filling_machine_after_machine():
    rng = np.random.default_rng(5)
    refused = 0
    for _ in range(1000):
        copies = int(rng.integers(1, 30))
        tenths = rng.integers((0, 1, 1, 1), (15, 40, 60, 200))
        cores, gib, vm_cores, vm_gib = (Fraction(int(x), 10) for x in tenths)
        slow = slow_machines(copies, (cores, gib), (vm_cores, vm_gib))
        given = {
            "copy_cores": float(cores),
            "copy_gib": float(gib),
            "vm_cores": float(vm_cores),
            "vm_gib": float(vm_gib),
            "vm_usd_h": 2,
        }
        if slow is None:
            refused += 1
            with pytest.raises(errors.DoesNotFit):
                rented_usd_h(copies, **given)
        else:
            assert rented_usd_h(copies, **given).item() == 2 * slow
    assert 20 < refused < 500


def test_a_metered_copy_can_cost_more_than_a_machine():
    """COST-04: a small machine is cheaper than one metered copy of its size, here for 730 hours a month."""
    prices = {
        "core_usd_h": evidence("COST-01:vCPU-hour").number,
        "gib_usd_h": evidence("COST-01:GB-hour").number,
    }
    metered = 730 * metered_usd_h(1, copy_cores=1, copy_gib=4, **prices).item()
    assert metered == pytest.approx(evidence("COST-04:Fargate").number, abs=1)
    assert metered > evidence("COST-04:t3.medium").number


REFUSALS = [
    (
        lambda: rented_usd_h(1, **VM | {"copy_gib": 9}),
        errors.DoesNotFit,
        "Not one copy fits into a machine beside its own system.\nRent a larger machine, or make the copy smaller.",
    ),
    (
        lambda: rented_usd_h(1, **VM, vm_lost_gib=9),
        errors.DoesNotFit,
        "Not one copy fits into a machine beside its own system.\nRent a larger machine, or make the copy smaller.",
    ),
    (
        lambda: rented_usd_h(1, **VM | {"copy_gib": 0, "copy_cores": 0}),
        errors.ImpossibleAmount,
        "copy_cores and copy_gib are both 0, so one machine holds any number. Give one of them a size.",
    ),
    (
        lambda: rented_usd_h(1.5, **VM),
        errors.ImpossibleCount,
        "copies is 1.5; it must be a whole number of at least 0, and below 2**53.",
    ),
    (
        lambda: metered_usd_h(1, copy_cores=1, copy_gib=1, core_usd_h=-1, gib_usd_h=1),
        errors.ImpossibleAmount,
        "core_usd_h is -1.0; it must be finite and at least 0.",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSALS)
def test_what_cannot_be_is_refused_with_a_sentence(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
