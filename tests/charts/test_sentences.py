"""Generated sentences: true, without contradiction, and such as a person would say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import virtlearn as vl
from virtlearn import charts
from virtlearn.charts._words import times

SIZES = [2**k for k in range(4, 15)]


def density(host_gib: float, guest_mib: float, at_mib: float) -> str:
    """What the explorer of lesson 02 says at one position."""
    guests = vl.platform("virtual-machines").but("virtual machines", os_memory_mib=guest_mib)
    where = sorted({*SIZES, at_mib})
    apps = [vl.Workload("app", 0.1, size) for size in where]
    host = vl.Host(cores=16, memory_gib=host_gib)
    copies, gone = vl.model.density_sweep(apps, host, [vl.platform("containers"), guests])
    return charts.density(where, copies, at_mib=at_mib, gone_mib=gone).describe()


@pytest.mark.parametrize("at_gib", [6, 7, 10])
def test_density_claims_of_memory_what_whole_copies_would_deny(at_gib: int) -> None:
    # With 64 GiB and guests of 512 MiB the lead in whole copies is 1.11, 1.12 and 1.2 times.
    said = density(64, 512, 1024 * at_gib)
    assert "less than 10 % ahead" not in said
    assert "a copy takes less than 10 % more memory" in said
    assert "whole copies can still lie further apart" in said


def test_the_lead_that_the_sentence_names_is_the_caller_s() -> None:
    said = charts.density([1, 2], {"a": [9, 4], "b": [3, 3]}, gone_mib=2, ahead=1.25).describe()
    assert "less than 25 % more memory for b than for a" in said


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        ((4, 4), "on the host. That is as many for a as for b."),
        ((2001, 2000), "1.0005 times as many for a as for b."),
        ((5, 2), "2.5 times as many for a as for b."),
        ((5, 0), "on the host."),
    ],
)
def test_nothing_is_said_to_be_once_as_many(counts: tuple[int, int], says: str) -> None:
    said = charts.density([8], {"a": [counts[0]], "b": [counts[1]]}, at_mib=8).describe()
    assert said.endswith(says)


@pytest.mark.parametrize("other", ["your law", "the library's", "containers"])
def test_any_title_makes_a_sentence(other: str) -> None:
    said = charts.density([256], {other: [245], "b": [243]}, at_mib=256).describe()
    assert said == (
        f"An application of 256 MiB fits 245 times ({other}) and 243 times (b) on the host. "
        f"That is 1.01 times as many for {other} as for b."
    )


def test_a_request_is_called_what_the_caller_calls_it() -> None:
    chart = charts.request_time(
        {"the server": {"loop": 1010}, "a container": {"loop": 970}},
        top_ms=1800,
        what="adding a million numbers",
    )
    assert chart.describe() == (
        "Adding a million numbers takes 1,010 ms (the server) and 970 ms (a container, 0.96 times as long)."
    )
    assert chart.layout.title.text == "Where the time of adding a million numbers goes"


@pytest.mark.parametrize(("ms", "says"), [(10.0, "just as long"), (10.004, "1.0004 times as long")])
def test_equal_and_nearly_equal_times_are_told_apart(ms: float, says: str) -> None:
    said = charts.request_time({"a": {"x": 10.0}, "b": {"x": ms}}, top_ms=20).describe()
    assert said.endswith(f"(b, {says}).")


@given(st.lists(st.floats(1e-3, 100), min_size=1, max_size=6))
def test_times_beside_each_other_share_a_unit(seconds: list[float]) -> None:
    assert len({said.split()[1] for said in times([*seconds, 1.0])}) == 1


def test_most_of_a_start_is_more_than_half_of_it() -> None:
    said = charts.start_phases({"a": [("x", 2), ("y", 2), ("z", 2)], "b": [("x", 3), ("y", 1)]})
    assert said.describe() == 'Until one more copy answers: 6 s (a); 4 s (b, most of it "x").'
