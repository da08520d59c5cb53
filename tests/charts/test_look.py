"""Every chart can be seen by everybody: measured contrast, a second channel, both themes, and words."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

import virtlearn as vl
from virtlearn import charts
from virtlearn.charts._style import FILLS, INK, KINDS, LINES, TEXT_ON

from .samples import SAMPLES, on

WHITE, DARK = "#ffffff", "#111111"  # JupyterLab's two papers
YELLOWS_AND_BLACKS = {"#F0E442", "#000000", "yellow", "black", "#000", "#111111"}


@pytest.fixture(scope="module", params=list(SAMPLES))
def chart(request: pytest.FixtureRequest) -> charts.Chart:
    return SAMPLES[request.param]()


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def colours(value: Any) -> Iterator[str]:
    """Every colour that fills or draws something, wherever it stands in a trace."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ([inner] if key == "color" and isinstance(inner, str) else colours(inner))
            yield from inner if key == "color" and isinstance(inner, list) else ()
    elif isinstance(value, list):
        for inner in value:
            yield from colours(inner)


def bars(chart: charts.Chart) -> list[dict[str, Any]]:
    return [trace for trace in chart.to_spec()["data"] if trace["type"] == "bar"]


def test_the_measure_of_contrast_knows_black_on_white() -> None:
    assert contrast("#000000", WHITE) == pytest.approx(21)


@pytest.mark.parametrize("paper", [WHITE, DARK])
def test_ink_can_be_read_on_both_papers(paper: str) -> None:
    assert contrast(INK, paper) >= 4.1  # no grey reaches 4.5 on both; this one does on white


def test_the_caption_gives_words_the_ink_of_the_page() -> None:
    red, green, blue = (int(INK[i : i + 2], 16) for i in (1, 3, 5))
    page = charts.images({"a": {"base": 1}})._repr_html_()
    # Plotly writes the ink of its words in this form into each of them.
    assert f'text[style*="fill: rgb({red}, {green}, {blue})"]' in page
    assert "var(--jp-content-font-color1" in page


@pytest.mark.parametrize("paper", [WHITE, DARK])
@pytest.mark.parametrize("colour", LINES)
def test_lines_stand_out_on_both_papers(colour: str, paper: str) -> None:
    assert (
        contrast(colour, paper) >= 2.8
    )  # CC79A7 has 2.9 on white: it comes last, and dashes tell lines apart


@pytest.mark.parametrize("fill", FILLS)
def test_words_in_a_box_can_be_read(fill: str) -> None:
    assert contrast(TEXT_ON[fill], fill) >= 4.5


def test_no_two_kinds_of_layer_look_alike() -> None:
    looks = [(colour, pattern) for colour, pattern, _ in KINDS.values()]
    assert len(set(looks[2:])) == len(looks[2:])
    assert len({word for *_, word in KINDS.values()}) == len(KINDS)


def test_nothing_is_filled_with_yellow_or_black(chart: charts.Chart) -> None:
    marks = [trace.get("marker", {}) for trace in chart.to_spec()["data"]]
    assert not set(colours(marks)) & YELLOWS_AND_BLACKS


def test_lines_use_only_the_four_colours_and_grey(chart: charts.Chart) -> None:
    drawn = [trace["line"] for trace in chart.to_spec()["data"] if trace.get("mode") == "lines"]
    assert set(colours(drawn)) <= {*LINES, INK}


def test_every_bar_has_an_outline(chart: charts.Chart) -> None:
    for trace in bars(chart):
        widths = trace["marker"]["line"]["width"]
        assert min(widths if isinstance(widths, list) else [widths]) >= 1


def test_series_differ_by_more_than_colour(chart: charts.Chart) -> None:
    data = [t for t in chart.to_spec()["data"] if t.get("showlegend", True)]
    patterns = [
        t["marker"]["pattern"].get("shape")
        for t in data
        if t["type"] == "bar" and t.get("xaxis") != "x2"
    ]
    dashes = [
        (t["line"].get("dash", "solid"), t["line"]["width"])
        for t in data
        if t.get("mode") == "lines"
    ]
    symbols = [
        t["marker"]["symbol"]
        for t in data
        if t.get("mode", "").startswith("markers") and "★" not in t["name"]
    ]
    boxes = [t for t in data if "width" in t and "hovertext" in t]
    assert boxes or len(set(patterns)) == len(patterns)
    assert len(set(dashes)) == len(dashes)
    assert len(set(symbols)) == len(symbols) or all(t["name"][0] in "★✓✗" for t in data)


def test_paper_is_clear_and_the_template_is_ours(chart: charts.Chart) -> None:
    template = chart.to_spec()["layout"]["template"]
    assert (
        template["layout"]["paper_bgcolor"] == template["layout"]["plot_bgcolor"] == "rgba(0,0,0,0)"
    )
    assert len(json.dumps(template)) < 1500  # plotly's own takes 7,700


def test_a_chart_is_small(chart: charts.Chart) -> None:
    assert len(json.dumps(chart.to_spec())) < 20_000


def test_hover_speaks_in_words(chart: charts.Chart) -> None:
    for trace in chart.to_spec()["data"]:
        assert (
            trace.get("hoverinfo") == "skip"
            or "<extra></extra>" in trace.get("hovertemplate", "")
            or not trace["x"]
            or trace["name"] in ("limit", "reserved")
        )


def test_axes_carry_titles_or_names(chart: charts.Chart) -> None:
    layout = chart.to_spec()["layout"]
    seen = [layout.get(name, {}) for name in ("xaxis", "yaxis")]
    assert all(
        axis.get("visible", True) is False or axis.get("title") or not _numeric(chart, i)
        for i, axis in enumerate(seen)
    )


def _numeric(chart: charts.Chart, which: int) -> bool:
    values = [v for trace in chart.to_spec()["data"] for v in trace["xy"[which]] if v is not None]
    labelled = "tickvals" in chart.to_spec()["layout"].get("xy"[which] + "axis", {})
    return not labelled and any(isinstance(v, (int, float)) for v in values)


@pytest.mark.parametrize("platform", ["containers", "virtual-machines", "microvms"])
def test_two_thousand_copies_are_few_boxes(platform: str) -> None:
    large = vl.Host(cores=64, memory_gib=2048)
    tiny = vl.Workload("tiny", cpu_cores=0.01, memory_mib=16)
    many = charts.stack(vl.deploy(tiny, copies=2000, host=large, on=platform))
    assert sum(len(trace["x"]) for trace in bars(many)) < 250
    assert "2,000 copies" in many.describe()


def test_towers_keep_their_scale_while_layers_come_and_go() -> None:
    few, all_kinds = (
        charts.stack(on("containers-in-vms", n, per_vm=8), top_mib=65536) for n in (8, 12)
    )
    assert len(few.data) < len(all_kinds.data)  # the last machine of twelve is not full
    assert few.layout.yaxis.dtick == all_kinds.layout.yaxis.dtick == 16
    assert few.layout.margin == all_kinds.layout.margin


def test_a_click_on_another_box_moves_no_legend() -> None:
    d = on("containers-in-vms", 12, per_vm=4)
    every = [charts.failure_domains(d, node) for node in range(len(d.tree))]
    legends = {tuple(t.name for t in chart.data if t.showlegend is not False) for chart in every}
    assert len(legends) == 1
    assert len({chart.layout.height for chart in every}) == 1


def test_every_point_lies_within_its_logarithmic_axis(chart: charts.Chart) -> None:
    # Plotly hides a point that lies past the end of its axis, by a rounding only.
    spec = chart.to_spec()
    for letter in "xy":
        axis = spec["layout"].get(f"{letter}axis", {})
        if axis.get("type") != "log":
            continue
        low, high = axis["range"]
        values = [v for trace in spec["data"] for v in trace[letter] if v is not None]
        assert low < math.log10(min(values)), letter
        assert math.log10(max(values)) < high, letter


@pytest.mark.parametrize("at_mib", [16, 16384])
def test_density_shows_its_marks_at_both_ends_of_the_axis(at_mib: int) -> None:
    spec = charts.density([16, 16384], {"a": [400, 2]}, at_mib=at_mib).to_spec()
    low, high = spec["layout"]["xaxis"]["range"]
    assert low < math.log10(spec["data"][-1]["x"][0]) < high


def test_words_of_towers_stand_on_lines_of_their_own_where_there_are_many() -> None:
    many = charts.stack(*(on(name) for name in vl.platforms()))
    widest = max(len(line) for tick in many.layout.xaxis.ticktext for line in tick.split("<br>"))
    assert widest <= len("VM-isolated")
    assert all("<br>" in note.text for note in many.layout.annotations)
    assert "virtual machines" in charts.stack(on("virtual-machines")).layout.xaxis.ticktext


def test_words_at_bars_are_read_without_turning_the_head(chart: charts.Chart) -> None:
    assert all(trace.get("textangle", 0) == 0 for trace in chart.to_spec()["data"])
