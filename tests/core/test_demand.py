"""A day that is made up: by hand, and what holds for any day."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtlearn.core.demand import day_of_tenants
from virtlearn.errors import ImpossibleAmount, ImpossibleCount

HOURS = np.arange(24.0)


def test_each_hour_is_that_of_a_slow_loop():
    got = day_of_tenants(HOURS, 8, peak_cores=5, apart_h=1.5)
    for hour in range(24):
        for tenant in range(8):
            peak_h = 12 + 1.5 * (tenant - 3.5)
            away_h = min(abs(hour - peak_h + turn * 24) for turn in (-1, 0, 1))
            want = 0.5 + 4.5 * math.exp(-((away_h / 2) ** 2))
            assert got[hour, tenant] == pytest.approx(want, rel=1e-12)


def test_two_hours_from_its_peak_the_demand_above_rest_has_fallen_to_one_part_in_e():
    peak, later = day_of_tenants([12, 14], 1, peak_cores=1.5, apart_h=0)[:, 0]
    assert peak == 1.5
    assert later - 0.5 == pytest.approx(1 / math.e)


@given(st.integers(1, 12), st.floats(0, 6), st.floats(0, 3))
def test_a_day_begins_again_after_24_hours(tenants, peak_cores, apart_h):
    today = day_of_tenants(HOURS, tenants, peak_cores=peak_cores, apart_h=apart_h)
    tomorrow = day_of_tenants(HOURS + 24, tenants, peak_cores=peak_cores, apart_h=apart_h)
    np.testing.assert_allclose(tomorrow, today, atol=1e-12)
    # The last tenant's day is the first one's, seen in a mirror at midday.
    np.testing.assert_allclose(today[1:][::-1, ::-1], today[1:], atol=1e-12)


def test_what_is_impossible_is_refused():
    with pytest.raises(ImpossibleCount):
        day_of_tenants(HOURS, 0, peak_cores=1, apart_h=1)
    with pytest.raises(ImpossibleAmount):
        day_of_tenants(HOURS, 2, peak_cores=-1, apart_h=1)
    with pytest.raises(ImpossibleAmount):
        day_of_tenants(HOURS, 2, peak_cores=1, apart_h=np.inf)
