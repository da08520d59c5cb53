"""A start is a chain of phases: drawn in true order, and each phase looks the same everywhere."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import virtlearn as vl
from virtlearn import charts
from virtlearn.charts._phases import PHASES, looks
from virtlearn.charts._stacked import in_order

from .samples import on

EVERY = vl.platforms()
PHASE = st.tuples(st.sampled_from("abcde"), st.floats(0.1, 10))
STARTS = st.dictionaries(
    st.sampled_from(["p", "q", "r"]), st.lists(PHASE, min_size=1, max_size=6), min_size=1
)


def drawn(chart: charts.Chart, title: str) -> list[tuple[float, str, float]]:
    """All segments of one lane from left to right: where each begins, its phase, its length."""
    found = []
    for trace in chart.to_spec()["data"]:
        for base, lane, x in zip(trace["base"], trace["customdata"], trace["x"], strict=True):
            if lane == title:
                found.append((base, trace["name"], x))
    return sorted(found, key=lambda segment: segment[0])


@given(STARTS)
def test_each_bar_is_drawn_in_the_order_of_its_own_phases(
    starts: dict[str, list[tuple[str, float]]],
) -> None:
    chart = charts.start_phases(starts)
    for title, phases in starts.items():
        segments = drawn(chart, title)
        assert [word for _, word, _ in segments] == [word for word, _ in phases]
        for (start, _, long), (after, _, _) in pairwise(segments):
            assert start + long == pytest.approx(after, rel=1e-5)


def test_lanes_stand_in_the_order_in_which_they_are_given() -> None:
    chart = charts.start_phases({"q": [("late", 1)], "p": [("early", 1), ("late", 1)]})
    below = {who: y for t in chart.data for who, y in zip(t.customdata, t.y, strict=True)}
    assert below["q"] < below["p"]
    assert chart.layout.yaxis.range[1] == 0, "the axis runs downwards"


@pytest.mark.parametrize("platform", EVERY)
def test_your_program_comes_last_on_every_platform(platform: str) -> None:
    phases = {name: [*on(name).start_phases, ("your program", 10.0)] for name in EVERY}
    chart = charts.start_phases(phases)
    assert drawn(chart, platform)[-1][1] == "your program"
    assert [trace.name for trace in chart.data][-1] == "your program"


def test_traces_name_phases_in_their_order() -> None:
    some = ("containers", "microvms", "virtual-machines", "vm-isolated-containers")
    chart = charts.start_phases({name: on(name).start_phases for name in some})
    order = [trace.name for trace in chart.data]
    for name in some:
        words = [word for word, _ in on(name).start_phases]
        assert sorted(words, key=order.index) == words


def test_phases_that_contradict_each_other_are_still_drawn_in_each_bar_s_own_order() -> None:
    chart = charts.start_phases({"p": [("a", 1), ("b", 2)], "q": [("b", 2), ("a", 1)]})
    assert [word for _, word, _ in drawn(chart, "p")] == ["a", "b"]
    assert [word for _, word, _ in drawn(chart, "q")] == ["b", "a"]


def test_words_are_ordered_as_a_slow_search_would_order_them() -> None:
    order = in_order([["c", "d"], ["a", "c"], ["a", "b", "d"]])
    for first, second in (("c", "d"), ("a", "c"), ("a", "b"), ("b", "d")):
        assert order.index(first) < order.index(second)


@pytest.mark.parametrize("platform", EVERY)
def test_a_phase_looks_the_same_in_every_chart(platform: str) -> None:
    phases = on(platform).start_phases
    alone = charts.start_phases({"it": phases})
    beside = charts.start_phases({"first": on("virtual-machines").start_phases, "it": phases})
    look = {t.name: (t.marker.color, t.marker.pattern.shape) for t in beside.data}
    for trace in alone.data:
        assert look[trace.name] == (trace.marker.color, trace.marker.pattern.shape)


def test_every_phase_that_a_platform_has_is_in_the_table_of_looks() -> None:
    words = {word for platform in EVERY for word, _ in on(platform).start_phases}
    assert words <= set(PHASES)
    assert len(set(PHASES.values())) == len(PHASES)


@pytest.mark.parametrize("word", ["the disk spins up", "a cache warms", "engine", "program"])
def test_an_unknown_phase_keeps_its_look_in_other_company(word: str) -> None:
    alone = looks([word])[word]
    assert looks(["keys are read", word])[word] == alone
    assert looks(["the program starts", "a lease is asked for", word])[word] == alone


@given(st.lists(st.text(min_size=1), unique=True, max_size=20))
def test_unknown_phases_never_look_like_each_other_or_like_known_ones(words: list[str]) -> None:
    given_looks = looks(words)
    assert len(set(given_looks.values())) == len(words)
    assert not {given_looks[w] for w in words if w not in PHASES} & set(PHASES.values())


def test_times_of_starts_keep_the_unit_of_the_axis() -> None:
    said = charts.start_phases({p: on(p).start_phases for p in ("containers", "virtual-machines")})
    assert " ms" not in said.describe()
    assert said.layout.xaxis.title.text.endswith("[s]")


def test_the_axis_of_many_starts_ends_behind_the_last_of_them() -> None:
    chart = charts.scale_out({"a": [0.2, 90]})
    assert list(chart.layout.xaxis.range) == [0, 100]


def test_a_download_that_all_wait_for_is_drawn_once() -> None:
    chart = charts.scale_out({"a": [3.0, 4.0], "b": [5.0, 6.0]}, once_s=2, clock_s=1)
    assert [trace.name for trace in chart.data].count("download") == 1
    assert chart.facts["a_ready"] == chart.facts["b_ready"] == 0
