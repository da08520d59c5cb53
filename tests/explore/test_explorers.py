"""Every explorer at its ends, where it begins, and at many positions between."""

import math
import random
import sys

import pytest

from virtlearn import explore, model
from virtlearn.catalog.platforms import platform
from virtlearn.errors import VirtlearnError
from virtlearn.explore import Menu, Slider

NAMES = [name for name in explore.__all__ if name[0].islower()]


def positions(explorer, pick):
    return {
        name: pick(control.positions) if isinstance(control, Slider) else pick(control.options)
        for name, control in explorer.controls.items()
    }


def sliders(explorer):
    return [control for control in explorer.controls.values() if isinstance(control, Slider)]


def first_slider(explorer):
    return sliders(explorer)[0]


def numbers(value):
    if isinstance(value, dict):
        return [x for v in value.values() for x in numbers(v)]
    if isinstance(value, list):
        return [x for v in value for x in numbers(v)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pick", [lambda p: p[0], lambda p: p[-1]], ids=["lowest", "highest"])
def test_an_explorer_answers_at_its_ends(name, pick):
    explorer = getattr(explore, name)()
    explorer.values = positions(explorer, pick)
    assert explorer.sentence.endswith(".")
    assert len(explorer.table()) > 1


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_thousand_positions_give_no_nan_and_no_axis_jump(name):
    explorer, rng, axes = getattr(explore, name)(), random.Random(name), {}
    chosen = [c.name for c in explorer.controls.values() if isinstance(c, Menu)]
    for _ in range(1000):
        explorer.values = positions(explorer, rng.choice)
        chart = explorer.figure()
        assert not [x for x in numbers(chart.to_spec()) if math.isnan(x) or math.isinf(x)]
        assert " nan" not in chart.describe()
        # A slider never moves an axis; choosing another platform may.
        ranges = [chart.layout[axis].range for axis in ("xaxis", "yaxis")]
        assert axes.setdefault(tuple(explorer.values[name] for name in chosen), ranges) == ranges


@pytest.mark.parametrize("name", NAMES)
def test_a_value_that_makes_no_sense_changes_nothing(name):
    explorer = getattr(explore, name)()
    before = explorer.values
    for wrong in (
        {"zebra": 1},
        *(
            {c.name: c.positions[-1] * 2 + 1}
            for c in explorer.controls.values()
            if isinstance(c, Slider)
        ),
        *({c.name: "zebra"} for c in explorer.controls.values()),
    ):
        with pytest.raises(VirtlearnError) as refusal:
            explorer.values = wrong
        assert next(iter(wrong)) in str(refusal.value)
    assert explorer.values == before


@pytest.mark.parametrize("name", NAMES)
def test_controls_have_names_units_and_tooltips_and_few_are_in_sight(name):
    explorer = getattr(explore, name)()
    for control in explorer.controls.values():
        assert control.label
        assert len(control.tip) > 10
    assert len(explorer.controls) <= 4 or len(explorer.widget.children[1].titles) == 1


@pytest.mark.parametrize("name", [name for name in NAMES if sliders(getattr(explore, name)())])
def test_slider_box_and_code_set_the_same_value(name):
    explorer = getattr(explore, name)()
    control = first_slider(explorer)
    slider, box = explorer.widget._inputs[control.name]
    slider.index = len(control.positions) - 1
    assert explorer.values[control.name] == box.value
    assert box.value == control.positions[-1] or name in (
        "blast_radius",
        "failure_domains",
    )  # there, the last box
    assert slider.index == control.nearest(box.value)
    box.value = control.positions[0]
    assert slider.index == 0
    explorer.values = {control.name: control.positions[1]}
    assert (slider.index, box.value) == (1, control.positions[1])
    explorer.widget.children[-3].children[0].click()  # Reset
    assert explorer.values == getattr(explore, name)().values


@pytest.mark.parametrize("name", [name for name in NAMES if sliders(getattr(explore, name)())])
def test_a_sweep_is_the_chart_at_every_position(name):
    explorer = getattr(explore, name)()
    control = first_slider(explorer)
    for i, chart in explorer.sweep(control.name).items():
        explorer.values = {control.name: control.positions[i]}
        assert chart.to_spec() == explorer.figure().to_spec()
        assert chart.describe() == explorer.sentence


@pytest.mark.parametrize("name", ["failure_domains", "blast_radius"])
def test_every_box_of_the_tree_can_be_chosen_and_none_past_the_last(name):
    explorer = getattr(explore, name)(on="vm-isolated-containers", copies=24)
    explorer.values = {"node": explorer.controls["node"].positions[-1]}
    last = max(
        i for trace in explorer.figure().to_spec()["data"] for i in trace.get("customdata", [])
    )
    assert explorer.values["node"] >= last > 40
    explorer.widget._picked(last)
    assert explorer.values["node"] == last


def test_who_starts_in_the_last_application_stays_there_on_another_platform():
    explorer = explore.blast_radius(on="containers")
    for on in ("vm-isolated-containers", "processes", "virtual-machines"):
        explorer.values = {"on": on}
        assert explorer.sentence.startswith("From the application 'app'")
    explorer.values = {"node": 0}
    explorer.values = {"on": "containers"}
    assert explorer.sentence.startswith("From the hardware")


def test_the_density_explorer_says_what_the_model_says():
    explorer, rng = explore.density(), random.Random(3)
    for _ in range(50):
        explorer.values = positions(explorer, rng.choice)
        v = explorer.values
        app, host = model.Workload("app", 0.1, v["app_mib"]), model.Host(16, v["host_gib"])
        guest = platform("virtual-machines").but("g", os_memory_mib=v["guest_mib"])
        for on in ("containers", v["other"], guest):
            assert f"{model.fits(app, host, on).max_copies:,} " in explorer.sentence


def test_the_cell_keeps_picture_sentence_and_table_for_readers_without_a_kernel(monkeypatch):
    monkeypatch.setitem(
        sys.modules, "__main__", sys.modules["__main__"]
    )  # IPython puts its own there
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.instance()
    with capture_output() as shown:
        explore.density()._ipython_display_()
    kinds = [set(output.data) for output in shown.outputs]
    assert "application/vnd.plotly.v1+json" in kinds[0]
    assert "text/html" in kinds[1]
    assert "application/vnd.jupyter.widget-view+json" in kinds[2]
    assert "<details>" in shown.outputs[1].data["text/html"]
    assert explore.density().sentence.startswith(shown.outputs[2].data["text/plain"].rstrip("…"))


def test_without_anywidget_a_plain_figure_takes_its_place(monkeypatch):
    monkeypatch.setitem(sys.modules, "virtlearn.explore._live", None)
    explorer = explore.density()
    explorer.values = {"app_mib": 64}
    says = explorer.widget.children[-2].children[-1]
    explorer.values = {"app_mib": 512}
    assert says.value == explorer.sentence


def test_a_choice_is_refused_with_the_nearest_name():
    assert isinstance(explore.density().controls["other"], Menu)
    with pytest.raises(VirtlearnError, match=r"other is 'microvm'\. Did you mean microvms"):
        explore.density(other="microvm")


def test_a_page_that_begins_late_is_told_where_things_stand(monkeypatch):
    explorer, sent = explore.shares(), []
    chart = explorer.widget._chart
    monkeypatch.setattr(chart, "send", sent.append)
    chart._heard(chart, {"kind": "ready"}, None)
    assert sent == []  # nothing has changed since the page got the figure
    explorer.values = {"red_cores": 5.0}
    chart._heard(chart, {"kind": "ready"}, None)
    assert sent[0] == sent[1]
    assert sent[1]["frame"]["sentence"] == explorer.sentence


def test_positions_past_the_last_box_share_one_drawing():
    explorer = explore.failure_domains(on="containers", copies=2)
    swept = explorer.sweep("node")
    assert len(swept) == len(explorer.controls["node"].positions)
    explorer.values = {"node": len(swept) - 1}
    assert len({id(chart) for chart in swept.values()}) == explorer.values["node"] + 1 < len(swept)
