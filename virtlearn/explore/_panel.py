"""The panel of an explorer: one widget for its controls and its live chart.

The page holds what is moved and draws at once; this side holds the values, draws the exact chart,
and sends ahead what each position of the slider in hand will show, so that a step needs no answer.
"""

from __future__ import annotations

import functools
import gzip
import json
from importlib import resources
from typing import Any, Protocol

import anywidget
import traitlets

from virtlearn import units
from virtlearn.charts import Chart
from virtlearn.charts._chart import CONFIG, table_html
from virtlearn.errors import VirtlearnError
from virtlearn.explore._controls import Control, Slider

__all__ = ["RUN_ME", "Panel"]

RUN_ME = (
    "Run this cell (Shift+Enter): the sliders appear here. "
    "When the kernel is new, run the cells above it first."
)
_PACKAGE = resources.files("virtlearn")
# Pages without a kernel draw with these too, but for JupyterLab's and the panel itself.
_SCRIPTS = (
    "charts/_draw.js",
    "charts/_lab.js",
    "explore/_live.js",
    "explore/_stage.js",
    "explore/_panel.js",
)
_STYLES = ("explore/_stage.css", "explore/_panel.css")


class _Explorer(Protocol):
    """What a panel asks of its explorer."""

    title: str
    controls: dict[str, Control]
    values: dict[str, Any]

    @property
    def in_sight(self) -> tuple[str, ...]: ...

    @property
    def goals(self) -> dict[str, bool]: ...

    def figure(self) -> Chart: ...

    def reach(self, values: dict[str, Any]) -> dict[str, Any]: ...

    def idle(self, values: dict[str, Any]) -> dict[str, str]: ...

    def reached(self, values: dict[str, Any], chart: Chart) -> list[bool]: ...

    def sweep(self, name: str) -> dict[int, Chart]: ...

    def pick(self, value: Any) -> None: ...


@functools.cache
def _plotly_js() -> bytes:
    """The installed plotly's own JavaScript, packed; sent to a page that has none."""
    script = resources.files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    return gzip.compress(script, 6)


def _changes(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Keep what differs; what is gone becomes null."""
    changed: dict[str, Any] = {}
    # In a fixed order, so that the same step always sends the same bytes.
    for name in sorted(new.keys() | old.keys()):
        if new.get(name) != old.get(name):
            changed[name] = new.get(name)
    return changed


def _row(control: Control) -> dict[str, Any]:
    """Say what the page needs to know of a control."""
    row = {"name": control.name, "label": control.label, "tip": control.tip}
    if not isinstance(control, Slider):
        return {**row, "options": [control.text(option) for option in control.options]}
    texts = [units.plain(position) for position in control.positions]
    number = {"unit": control.unit, "positions": control.positions, "whole": control.whole}
    number["plays"] = control.plays
    return {**row, "label": control.title, "texts": texts, **number}


class Panel(anywidget.AnyWidget):
    """What a learner moves and sees; its explorer holds the values.

    Parameters
    ----------
    explorer : Explorer
        Whose values are moved, and whose chart is shown.
    """

    _esm = "\n".join(_PACKAGE.joinpath(name).read_text(encoding="utf-8") for name in _SCRIPTS)
    _css = "\n".join(_PACKAGE.joinpath(name).read_text(encoding="utf-8") for name in _STYLES)
    page = traitlets.Dict().tag(sync=True)

    def __init__(self, explorer: _Explorer) -> None:
        self._explorer = explorer
        self._begun = explorer.values
        self._spec: dict[str, Any] = {}
        self._answer: dict[str, Any] = {}
        self._tabulated = False
        self._by = ""
        chart = explorer.figure()
        self._spec = chart.to_spec()
        controls = explorer.controls
        super().__init__(
            page={
                "title": explorer.title,
                "controls": {name: _row(control) for name, control in controls.items()},
                "in_sight": explorer.in_sight,
                "state": self._state(),
                "spec": self._spec,
                "goals": list(explorer.goals),
                **self._words(chart, explorer.values),
                # The panel follows the page's width itself.
                "config": {**CONFIG, "responsive": False},
            }
        )
        self.on_msg(self._heard)

    def __repr__(self) -> str:
        """Say what the chart shows."""
        return repr(self._explorer)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Show the widget; in a page that cannot, what to do about it, which the caption shows."""
        shown = super()._repr_mimebundle_(**kwargs)
        bundle, metadata = shown if isinstance(shown, tuple) else (shown, {})
        return {**(bundle or {}), "text/html": "", "text/plain": RUN_ME}, metadata

    def _tell(self, message: dict[str, Any], *buffers: bytes) -> None:
        """Send to the page, over the layout.

        A slow page takes longer to load our module than anywidget waits for it, and anywidget's own
        model then drops every message for good. The layout is a model of ipywidgets itself.
        """
        self.layout.send(message, list(buffers))

    def _words(self, chart: Chart, values: dict[str, Any]) -> dict[str, Any]:
        """Say what is written around the picture: headline, sentence, which goals are reached."""
        reached = self._explorer.reached(values, chart)
        return {"sentence": chart.describe(), "headline": chart.headline, "reached": reached}

    def _frame(self, chart: Chart, values: dict[str, Any]) -> dict[str, Any]:
        """Say what differs from the figure that the page has."""
        spec, words = chart.to_spec(), self._words(chart, values)
        if len(spec["data"]) != len(self._spec["data"]):
            return {**words, **spec}
        pairs = enumerate(zip(spec["data"], self._spec["data"], strict=True))
        data = {str(i): _changes(new, old) for i, (new, old) in pairs if new != old}
        layout = _changes(spec["layout"], self._spec["layout"])
        return {**words, "data": data, "layout": layout}

    def _state(self) -> dict[str, Any]:
        """Say where the controls stand: as positions, as values, and what lies between them."""
        values = self._explorer.values
        at, value, between, texts = {}, {}, {}, {}
        for name, control in self._explorer.controls.items():
            at[name] = control.place(values[name])
            if not isinstance(control, Slider):
                continue
            value[name] = values[name]
            if control.at(at[name]) != values[name]:
                between[name] = values[name]
            if control.words:
                texts[name] = list(control.words(values))
        idle = self._explorer.idle(values)
        return {"at": at, "value": value, "stamp": repr(between), "texts": texts, "idle": idle}

    def follow(self) -> None:
        """Tell the page where the values stand now, and draw: the exact answer of the model."""
        frame = self._frame(self._explorer.figure(), self._explorer.values)
        self._answer = {"kind": "frame", "by": self._by, "frame": frame, **self._state()}
        self._tell(self._answer)
        self._tabulate()

    def _tabulate(self) -> None:
        if self._tabulated:
            html = table_html(self._explorer.figure().table())
            self._tell({"kind": "table", "html": html})

    def _sweep(self, name: str) -> None:
        """Send ahead what each position of a slider will show."""
        charts = self._explorer.sweep(name)
        controls = self._explorer.controls
        here = self._state()["at"]
        frames, moves = {}, {}
        for at, chart in charts.items():
            values = self._explorer.reach({name: controls[name].at(at)})
            frames[str(at)] = self._frame(chart, values)
            places = {other: controls[other].place(value) for other, value in values.items()}
            # A position can take other controls along, as a clock to the end of a longer race.
            moved = {other: to for other, to in places.items() if to != here[other]}
            moved.pop(name, None)
            moves[str(at)] = moved
        packed = gzip.compress(json.dumps(frames, separators=(",", ":")).encode(), 1)
        self._tell({"kind": "sweep", "name": name, "moves": moves, **self._state()}, packed)

    def _heard(self, _: Any, message: dict[str, Any], __: Any) -> None:
        # The page waits for the answer to what it sent, by this name.
        self._by = message.get("by", "")
        match message.get("kind"):
            case "plotly":
                self._tell({"kind": "plotly"}, _plotly_js())
            case "ready" if self._answer:
                # Values that were set before the page could listen, or a second view.
                self._tell({**self._answer, "by": ""})
            case "sweep":
                self._sweep(message["name"])
            case "table":
                self._tabulated = message["open"]
                self._tabulate()
            case "pick":
                self._explorer.pick(message["value"])
            case "reset":
                self._explorer.values = self._begun
            case "set":
                self._set(message["moved"])
        self._by = ""

    def _set(self, moved: dict[str, Any]) -> None:
        """Take what the page moved; where that makes no sense, such as nan, put the page right."""
        controls = self._explorer.controls
        try:
            self._explorer.values = {
                name: value if isinstance(controls[name], Slider) else controls[name].at(value)
                for name, value in moved.items()
            }
        except (VirtlearnError, LookupError, TypeError):
            self.follow()
