"""Every chart says what it shows: sentence, table and figure carry the same numbers, run after run."""

from __future__ import annotations

import html
import importlib
import inspect
import json
import math
import pkgutil
import re
from types import ModuleType
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

import virtlearn as vl
from virtlearn import charts, core, units
from virtlearn.charts._tree import boxes

from .samples import HOST, SAMPLES, SIZES, WEB, on

ROOMS = [
    importlib.import_module(f"virtlearn.charts.{room.name}")
    for room in pkgutil.iter_modules(charts.__path__)
    if not room.name.startswith("_")
]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__.rpartition(".")[2])
def test_a_chart_that_a_room_names_is_public(room: ModuleType) -> None:
    # So a new chart is two edits: the function, and its name in the room's list.
    own = [
        name
        for name, value in vars(room).items()
        if inspect.isfunction(value)
        and value.__module__ == room.__name__
        and not name.startswith("_")
    ]
    assert sorted(own) == sorted(room.__all__)
    assert set(own) <= set(charts.__all__)


@pytest.fixture(scope="module", params=list(SAMPLES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_public_chart_has_a_sample() -> None:
    assert set(SAMPLES) == set(charts.__all__) - {"Chart"}


def test_two_builds_are_equal(name: str) -> None:
    one, other = SAMPLES[name](), SAMPLES[name]()
    assert json.dumps(one.to_spec()) == json.dumps(other.to_spec())
    assert one._repr_mimebundle_() == other._repr_mimebundle_()


def test_no_nan_and_no_id_in_the_figure(name: str) -> None:
    text = json.dumps(SAMPLES[name]().to_spec(), allow_nan=False)
    assert '"uid"' not in text


def test_plotly_accepts_the_figure(name: str) -> None:
    spec = SAMPLES[name]().to_spec()
    assert go.Figure(spec["data"], spec["layout"]).to_dict()["data"]


def sentences(text: str) -> list[str]:
    """Cut a text at the points that end a sentence; the points of numbers do not."""
    return [part for part in re.split(r"\.(?:\s|$)", text) if part]


def test_the_counter_of_sentences_knows_numbers_from_ends() -> None:
    assert sentences("It takes 1.5 s. Then 2. It ends.") == ["It takes 1.5 s", "Then 2", "It ends"]


def test_sentence_is_one_to_a_few_and_is_the_text(name: str) -> None:
    chart = SAMPLES[name]()
    assert chart.describe().endswith(".")
    assert 1 <= len(sentences(chart.describe())) <= 4  # three, and what is assumed
    assert not chart.describe()[0].islower()
    assert any(letter.isdigit() for letter in chart.describe()) or name in ("choice", "machine")
    assert repr(chart) == chart.describe() == chart._repr_mimebundle_()["text/plain"]


def test_table_is_a_rectangle_of_words(name: str) -> None:
    head, *rows = SAMPLES[name]().table()
    assert rows
    assert all(len(row) == len(head) and all(isinstance(cell, str) for cell in row) for row in rows)


def test_alternative_text_and_caption_hold_the_sentence(name: str) -> None:
    chart = SAMPLES[name]()
    page = chart._repr_html_()
    said = html.escape(chart.describe(), quote=True)
    assert f"aria-label='{said}'" in page
    assert f"<p>{html.escape(chart.describe())}</p>" in page
    assert page.count("<details>") == 1
    assert page.count("<tr>") == len(chart.table())


def test_what_is_assumed_is_said() -> None:
    said = charts.stack(on("containers"), assumed="the container's 12 MB").describe()
    assert said.endswith(" Assumed: the container's 12 MB.")
    assert "Assumed: " in charts.blast_radius(on("containers")).describe()
    assert "Illustrative. Assumed: " in charts.spread({"a": [1.0]}, copies=2).describe()


def test_every_chart_can_say_what_it_assumes(name: str) -> None:
    assert "assumed" in inspect.signature(getattr(charts, name)).parameters


def test_a_caption_cannot_smuggle_html_in() -> None:
    chart = charts.images({"<script>alert('x')</script>": {"base": 1}})
    assert "<script>" not in chart._repr_html_()


# -- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", vl.platforms())
def test_the_area_of_a_tower_is_its_memory(platform: str) -> None:
    d = on(platform, 40)
    bars = [t for t in charts.stack(d).to_spec()["data"] if t["type"] == "bar"]
    area = sum(w * h for t in bars for w, h in zip(t["width"], t["y"], strict=True)) / 0.84
    assert area * 1024 == pytest.approx(d.memory_mib, rel=1e-5)
    assert f"{units.memory(d.memory_mib)} of" in charts.stack(d).describe()


def test_a_tower_is_no_higher_than_its_memory() -> None:
    d = on("containers-in-vms", 37, per_vm=8)  # the last machine is not full
    bars = [t for t in charts.stack(d).to_spec()["data"] if t["type"] == "bar"]
    top = max(b + h for t in bars for b, h in zip(t["base"], t["y"], strict=True))
    assert top * 1024 == pytest.approx(d.memory_mib, rel=1e-5)


def test_boxes_never_overlap_and_stand_on_what_carries_them() -> None:
    tree = on("containers-in-vms", 30, per_vm=4).tree
    laid = boxes(
        tree.parent,
        list(zip(tree.kind, tree.memory_mib.tolist(), strict=True)),
        size=tree.memory_mib,
    )
    for k, above in enumerate(laid.parent[1:].tolist(), start=1):
        assert laid.bottom[k] == pytest.approx(laid.bottom[above] + laid.height[above])
        assert laid.left[k] >= laid.left[above] - 1e-9
        assert laid.left[k] + laid.width[k] <= laid.left[above] + laid.width[above] + 1e-9


def test_boxes_count_every_node_once() -> None:
    tree = on("virtual-machines", 77).tree
    laid = boxes(tree.parent, tree.kind, columns=12)
    assert int(laid.times.sum()) == len(tree)


def test_density_shows_the_models_counts() -> None:
    chart = SAMPLES["density"]()
    fits = vl.deploy(vl.Workload("app", 0.1, 128), copies=1, host=HOST, on="containers").max_copies
    assert chart.data[0].y[SIZES.index(128)] == fits
    assert f"{fits:,} times (containers)" in chart.describe()


def test_density_draws_no_copies_as_a_gap_not_as_a_logarithm_of_zero() -> None:
    assert charts.density([1, 2], {"a": [3, 0]}).data[0].y[1] is None


def test_shares_say_what_stays_idle() -> None:
    said = charts.shares(["a", "b"], [1, 1], [1, 0.5], capacity_cores=2).describe()
    assert said == "Of 2 cores, a gets 1 of 1 asked and b gets 0.5 of 1 asked; 0.5 cores stay idle."


def test_a_throttled_burst_ends_where_the_law_says() -> None:
    chart = SAMPLES["throttling"]()
    running = chart.data[0]
    ends = [start + long for start, long in zip(running.base, running.x, strict=True)]
    law = core.cpu.burst_latency_s(0.11, threads=4, quota_cores=1.0)
    assert max(ends) == pytest.approx(1e3 * float(law))
    assert "110 ms of CPU time take 102.5 ms with a limit and 27.5 ms" in chart.describe()


def test_start_phases_add_up_to_the_start() -> None:
    d = on("containers")
    chart = charts.start_phases({d.title: d.start_phases})
    assert sum(t.x[0] for t in chart.data) == pytest.approx(d.start_s)
    assert f"{units.plain(d.start_s)} s (containers" in chart.describe()


def test_scale_out_keeps_the_last_of_many() -> None:
    chart = charts.scale_out({"a": [0.1 * k for k in range(1, 1001)]})
    stair = chart.data[-1]
    assert max(stair.y) == 1000
    assert len(stair.x) < 300


@pytest.mark.parametrize(
    "node", ["host", "operating-system", "container-runtime", "container", "workload"]
)
def test_a_dead_node_greys_what_dies_with_it(node: str) -> None:
    d = on("containers", 20)
    chart = charts.failure_domains(d, node)
    grey = next(t for t in chart.to_spec()["data"] if t["name"] == "down")
    assert d.tree.index(node) in grey["customdata"]
    assert f"{len(d.dies_with(node))} of 20 copies" in chart.describe()
    assert all(
        len(d.dies_with(i)) <= len(d.dies_with(node)) or i == d.tree.index(node)
        for i in grey["customdata"]
    )


def test_a_click_gives_a_node_of_the_tree() -> None:
    d = on("virtual-machines", 77)
    clicked = [
        i for t in charts.failure_domains(d).to_spec()["data"] for i in t.get("customdata", [])
    ]
    assert set(clicked) <= set(range(len(d.tree)))
    assert len(clicked) == len(set(clicked))


def test_blast_radius_says_the_models_number() -> None:
    d = on("containers", 20)
    assert f"take {units.plain(d.blast_radius())} of 20 copies" in charts.blast_radius(d).describe()


def test_a_bound_is_hollow_and_signed() -> None:
    chart = SAMPLES["operations"]()
    micro = next(t for t in chart.data if t.name == "microVMs")
    assert micro.marker.color[0] == "rgba(0,0,0,0)"
    assert micro.text[0].startswith(">")
    assert (
        "rgba(0,0,0,0)"
        not in next(t for t in chart.data if t.name == "virtual machines").marker.color
    )


def test_walls_show_no_count_where_there_is_none() -> None:
    chart = SAMPLES["walls"]()
    said = chart.data[-1].text
    assert sum("no system calls;" in text for text in said) == 2
    assert sum(text.endswith("not counted") for text in said) == 3, "twice first, once behind"
    assert chart.headline == "Calls of the host's kernel: 293 : 68 : ? : 50"
    assert "lines of code" not in json.dumps(chart.to_spec())


def test_copies_up_agree_with_the_law() -> None:
    pmf = on("containers", 4).copies_up_pmf()
    chart = charts.copies_up({"containers": pmf}, need=2)
    drawn = dict(zip(chart.data[0].x, chart.data[0].y, strict=True))
    assert all(drawn[k] == pytest.approx(pmf[k]) for k in drawn)
    assert units.percent(float(core.failure.at_least_up(pmf, 2)), 6) in chart.describe()


def test_simulated_points_wear_the_colour_and_shape_of_their_law() -> None:
    law, chance = {"one": [0.1, 0.9], "two": [0.2, 0.8]}, {"two": ([0.2, 0.8], [0.01, 0.01])}
    one, two, simulated = charts.copies_up(law, simulated=chance).data
    assert simulated.marker.color == two.marker.color != one.marker.color
    assert simulated.marker.symbol == f"{two.marker.symbol}-open"


def test_no_two_of_many_parts_look_alike() -> None:
    parts = {f"part {i}": 1.0 for i in range(36)}
    looks = {(t.marker.color, t.marker.pattern.shape) for t in charts.images({"all": parts}).data}
    assert len(looks) == 36


def test_a_promise_is_told_from_a_limit_and_nothing_promised_is_not_drawn() -> None:
    limits = {"capacity_cores": 4, "limit_cores": [2, np.inf], "reservation_cores": [1, 0]}
    *_, limit, reserved = charts.shares(["a", "b"], [1, 1], [1, 1], **limits).data
    assert limit.marker.symbol != reserved.marker.symbol
    assert list(reserved.x) == [1, None]


def test_choice_stars_the_best_and_crosses_what_fails() -> None:
    board = {row[1]: row[2] for row in SAMPLES["choice"]().table()[1:]}
    assert board == {"containers": "best", "virtual machines": "fails", "microVMs": "possible"}


# -- refusals -----------------------------------------------------------------------------------------------------

BAD: list[tuple[Any, str]] = [
    (lambda: charts.stack(), "stack draws deployments, but was given nothing.\nTry stack("),
    (lambda: charts.stack(WEB), "stack draws deployments, but was given Workload("),
    (lambda: charts.density([], {}), "app_mib is empty, so there is nothing to draw.\nGive it at least one entry."),
    (lambda: charts.density([0, 1], {"a": [1, 1]}), "app_mib holds 0.0 at index 0"),
    (lambda: charts.density([1, 2], {"a": [1]}), "app_mib has 2 entries but a has 1."),
    (lambda: charts.shares(["a"], [1, 2], [1, 1], capacity_cores=1), "names has 1 entries but asked_cores has 2."),
    (lambda: charts.shares(["a"], [math.nan], [1], capacity_cores=1), "asked_cores holds nan"),
    (lambda: charts.throttling(0.1, [[0, math.inf]], threads=1, tank_s=([0], [0]), free_s=0), "runs_s holds inf"),
    (lambda: charts.scale_out({}), "ready_s is empty, so there is nothing to draw."),
    (lambda: charts.copies_up({"a": [0.5, 0.4]}), "exact['a'] adds up to 0.9; the shares of time must add up to 1."),
    (lambda: charts.memory_pressure(["A"], {"held": [1]}, killed=[3]), "killed holds 3, but there are 1 names"),
    (lambda: charts.failure_domains(on("containers"), "kernel"), "The tree has no node called 'kernel'."),
    (lambda: charts.blast_radius("containers"), "blast_radius draws deployments, but was given 'containers'."),
    (lambda: charts.timeline({"a": [vl.evidence("MEM-10")]}), "MEM-10 says"),
    (lambda: charts.machine([-1], ["castle"], ["x"]), "kind holds 'castle', which is no kind of layer."),
    (lambda: charts.machine([-1], ["host"], ["x"], here=4), "here holds 4, but there are 1 nodes"),
    (lambda: charts.choice({}), "verdicts is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "says"), BAD)
def test_what_cannot_be_drawn_is_refused_in_words(call: Any, says: str) -> None:
    with pytest.raises(vl.errors.VirtlearnError) as refused:
        call()
    assert str(refused.value).startswith(says)


def test_numpy_and_python_numbers_give_the_same_chart() -> None:
    one = charts.spread({"a": np.array([1.0, 2.0])}, copies=3)
    assert one.to_spec() == charts.spread({"a": [1, 2]}, copies=3).to_spec()


def test_a_start_that_takes_no_time_opens_its_door_at_once() -> None:
    assert charts.scale_out({"a": [0.0, 2.0]}, clock_s=0).facts["a_ready"] == 1


def test_nothing_to_do_still_draws() -> None:
    said = charts.request_time(
        {"processes": {"computing": 0.0}, "microVMs": {"computing": 0.0}}, top_ms=60
    ).describe()
    assert said == "One request takes 0 ms (processes) and 0 ms (microVMs)."


def test_a_part_keeps_its_colour_when_another_is_zero() -> None:
    one, other = (charts.images({"a": {"base": size, "apps": 2}}) for size in (0, 5))
    assert one.data[1].marker.color == other.data[1].marker.color


def test_a_legend_keeps_its_entries_when_a_part_is_zero() -> None:
    # The page would jump where an entry came and went with a slider.
    one, other = (charts.images({"a": {"base": size, "apps": 2}}) for size in (0, 5))
    assert [t.name for t in one.data if t.showlegend is not False] == ["base", "apps"]
    assert (one.layout.height, one.layout.margin.b) == (other.layout.height, other.layout.margin.b)


@pytest.mark.parametrize("zero", ["computing", "random I/O"])
def test_a_request_that_asks_for_nothing_of_a_kind_keeps_its_legend(zero: str) -> None:
    parts = {"computing": 5.0, "random I/O": 2.0}
    full = charts.request_time({"processes": parts}, top_ms=9)
    bare = charts.request_time({"processes": {**parts, zero: 0.0}}, top_ms=9)
    assert [t.showlegend for t in bare.data] == [t.showlegend for t in full.data]
