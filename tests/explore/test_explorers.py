"""Every explorer at its ends, where it begins, and at many positions between."""

import gzip
import inspect
import json
import math
import random
import sys

import pytest

from virtlearn import explore, model
from virtlearn.catalog.platforms import platform
from virtlearn.errors import VirtlearnError
from virtlearn.explore import Menu, Slider
from virtlearn.explore._panel import RUN_ME

NAMES = [name for name in explore.__all__ if name[0].islower()]


# A race of 0.2 s beside one of 10 s: while it is young it is seen from nearer.
FROM_NEARER = ("start_phases",)


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
def test_many_positions_give_no_nan_and_time_moves_no_axis(name):
    """Take two hundred; a scene's own file takes a thousand, and compares them with the library."""
    explorer, rng = getattr(explore, name)(), random.Random(name)
    times = [c for c in explorer.controls.values() if c.plays]
    for visit in range(200):
        explorer.values = positions(explorer, rng.choice)
        chart = explorer.figure()
        assert not [x for x in numbers(chart.to_spec()) if math.isnan(x) or math.isinf(x)]
        assert " nan" not in chart.describe()
        # An axis follows what is chosen, so that it is filled; what only passes never moves it.
        for time in times if name not in FROM_NEARER and visit % 10 == 0 else ():
            early = explorer.at({**explorer.values, time.name: rng.choice(time.positions)})
            for axis in ("xaxis", "yaxis"):
                assert early.layout[axis].range == chart.layout[axis].range


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
    page = explorer.widget.page
    timeless = [name for name in page["in_sight"] if not explorer.controls[name].plays]
    others = [control for control in explorer.controls.values() if not control.plays]
    assert len(timeless) == min(4, len(others))
    for control in page["controls"].values():
        assert control["label"]
        assert len(control["tip"]) > 10


def told(explorer):
    """What the panel tells its page from now on, by kind."""
    messages = []
    explorer.widget._tell = lambda message, *buffers: messages.append((message, buffers))
    return messages


def hear(explorer, **message):
    explorer.widget._heard(explorer.widget, message, [])


@pytest.mark.parametrize("name", [name for name in NAMES if sliders(getattr(explore, name)())])
def test_page_and_code_set_the_same_value(name):
    explorer = getattr(explore, name)()
    control = first_slider(explorer)
    messages = told(explorer)
    hear(explorer, kind="set", moved={control.name: control.positions[0]}, by="a page 1")
    assert explorer.values[control.name] == control.positions[0]
    answer = messages[-1][0]
    assert answer["by"] == "a page 1", "the page waits for an answer to this very message"
    assert (answer["at"][control.name], answer["value"][control.name]) == (0, control.positions[0])
    assert answer["frame"]["sentence"] == explorer.sentence
    explorer.values = {control.name: control.positions[1]}
    answer = messages[-1][0]
    assert answer["by"] == ""
    assert answer["at"][control.name] == 1
    hear(explorer, kind="reset", by="a page 2")
    assert explorer.values == getattr(explore, name)().values


def test_a_number_between_two_positions_stands_at_the_next_and_is_kept_exactly():
    explorer = explore.density()
    messages = told(explorer)
    on_a_position = explorer.widget._state()["stamp"]
    hear(explorer, kind="set", moved={"app_mib": 100}, by="")
    answer = messages[-1][0]
    assert answer["value"]["app_mib"] == explorer.values["app_mib"] == 100
    assert explorer.controls["app_mib"].positions[answer["at"]["app_mib"]] == 96
    assert answer["stamp"] != on_a_position, "what was drawn ahead does not hold here"


def test_a_menu_is_set_by_the_place_of_its_option():
    explorer = explore.density()
    told(explorer)
    menu = explorer.controls["other"]
    hear(explorer, kind="set", moved={"other": menu.options.index("unikernels")}, by="")
    assert explorer.values["other"] == "unikernels"


def test_the_numbers_are_sent_while_they_are_shown():
    explorer = explore.shares()
    messages = told(explorer)
    hear(explorer, kind="table", open=True)
    assert explorer.table()[1][2] in messages[-1][0]["html"]
    explorer.values = {"red_cores": 5.0}
    assert messages[-1][0]["kind"] == "table"
    hear(explorer, kind="table", open=False)
    explorer.values = {"red_cores": 4.0}
    assert messages[-1][0]["kind"] == "frame"


def test_frames_sent_ahead_are_the_answers_that_the_steps_would_get():
    explorer = explore.shares()
    messages = told(explorer)
    hear(explorer, kind="sweep", name="red_cores")
    message, (packed,) = messages[-1]
    frames = json.loads(gzip.decompress(packed))
    assert message["at"] == explorer.widget._state()["at"]
    for place in (0, 11, len(frames) - 1):
        explorer.values = {"red_cores": explorer.controls["red_cores"].positions[place]}
        assert json.loads(json.dumps(messages[-1][0]["frame"])) == frames[str(place)]


@pytest.mark.parametrize(("name", "slider"), [("scale_out", "parallel"), ("shares", "red_cores")])
def test_frames_say_which_other_controls_a_position_takes_along(name, slider):
    explorer = getattr(explore, name)()
    messages = told(explorer)
    hear(explorer, kind="sweep", name=slider)
    message, _ = messages[-1]
    moved = set()
    for place, position in enumerate(explorer.controls[slider].positions):
        explorer.values = {slider: position}
        wanted = {**message["at"], **message["moves"][str(place)], slider: place}
        assert messages[-1][0]["at"] == wanted
        moved |= set(message["moves"][str(place)])
    assert moved == ({"clock_s"} if name == "scale_out" else set())


def test_a_page_without_plotly_gets_the_installed_one():
    explorer = explore.shares()
    messages = told(explorer)
    hear(explorer, kind="plotly")
    assert b"plotly.js v" in gzip.decompress(messages[0][1][0])[:500]


def test_the_slider_over_boxes_ends_with_the_last_box_and_names_it():
    explorer = explore.failure_domains(on="containers", copies=2)
    words = explorer.widget._state()["texts"]["node"]
    assert words[:3] == ["nothing", "hardware", "host operating system"]
    assert words[-1] == "application 2"
    explorer.values = {"node": explorer.controls["node"].positions[-1]}
    assert explorer.sentence.startswith("Application 2 stops")


def test_messages_go_over_a_model_that_has_no_module_to_load(monkeypatch):
    explorer, sent = explore.shares(), []
    monkeypatch.setattr(type(explorer.widget.layout), "send", lambda self, *what: sent.append(what))
    explorer.values = {"red_cores": 5.0}
    assert sent[0][0]["kind"] == "frame"
    assert type(explorer.widget.layout)._model_module.default_value == "@jupyter-widgets/base"


def test_an_explorer_is_two_widget_models():
    from ipywidgets.widgets.widget import _instances

    before = set(_instances)
    widget = explore.blast_radius().widget
    assert set(_instances) - before == {widget.model_id, widget.layout.model_id}


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
    explorer.pick(last)
    assert explorer.values["node"] == last


def test_who_starts_in_the_first_application_stays_there_on_another_platform():
    explorer = explore.blast_radius(on="containers")
    for on in ("vm-isolated-containers", "processes", "virtual-machines"):
        explorer.values = {"on": on}
        assert explorer.sentence.startswith("From the application")
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


def shown_by(explorer, monkeypatch):
    """Show an explorer in a cell; give what the cell then holds."""
    # IPython puts its own module there.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.instance()
    with capture_output() as shown:
        explorer._ipython_display_()
    return [output.data for output in shown.outputs]


def test_the_cell_keeps_picture_sentence_and_table_for_readers_without_a_kernel(monkeypatch):
    explorer = explore.density()
    caption, panel, figure = shown_by(explorer, monkeypatch)
    assert "<details>" in caption["text/html"]
    assert RUN_ME in caption["text/html"]
    assert caption["text/plain"] == explorer.sentence
    assert "application/vnd.jupyter.widget-view+json" in panel
    assert panel["text/plain"] == RUN_ME, "no sentence that ends in the middle of a word"
    assert "application/vnd.plotly.v1+json" in figure


def test_a_page_of_voila_which_nobody_stores_gets_the_widget_alone(monkeypatch):
    monkeypatch.setenv("VOILA_BASE_URL", "/")
    (panel,) = shown_by(explore.density(), monkeypatch)
    assert "application/vnd.jupyter.widget-view+json" in panel


def test_an_editor_sees_the_controls_and_where_they_begin():
    signature = inspect.signature(explore.shares)
    assert signature.parameters["red_cores"].default == explore.shares().values["red_cores"]
    assert set(signature.parameters) == {*explore.shares().controls, "goals"}


def test_a_menu_refuses_with_the_nearest_name():
    assert isinstance(explore.density().controls["other"], Menu)
    with pytest.raises(VirtlearnError, match=r"other is 'microvm'\. Did you mean microvms"):
        explore.density(other="microvm")


def test_a_page_that_begins_late_is_told_where_things_stand():
    explorer = explore.shares()
    messages = told(explorer)
    hear(explorer, kind="ready")
    assert messages == []  # nothing has changed since the page got the figure
    explorer.values = {"red_cores": 5.0}
    hear(explorer, kind="ready")
    assert messages[0] == messages[1]
    assert messages[1][0]["frame"]["sentence"] == explorer.sentence


def test_positions_past_the_last_box_share_one_drawing():
    explorer = explore.failure_domains(on="containers", copies=2)
    swept = explorer.sweep("node")
    assert len(swept) == len(explorer.controls["node"].positions)
    explorer.values = {"node": explorer.controls["node"].positions[-1]}
    assert len({id(chart) for chart in swept.values()}) == explorer.values["node"] + 2 < len(swept)
