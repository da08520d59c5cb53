"""The live chart: a figure in the browser that changes with the sliders, most of the time without the kernel."""

from __future__ import annotations

import functools
import gzip
import json
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

import anywidget
import traitlets

from virtlearn.charts import Chart
from virtlearn.charts._style import CONFIG

__all__ = ["LiveChart"]


@functools.cache
def _plotly_js() -> bytes:
    """The installed plotly's own JavaScript, packed; sent to a page that has none."""
    return gzip.compress(
        resources.files("plotly").joinpath("package_data/plotly.min.js").read_bytes(), 6
    )


def _changes(new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    return {k: new.get(k) for k in sorted(new.keys() | old.keys()) if new.get(k) != old.get(k)}


class LiveChart(anywidget.AnyWidget):
    """A chart that is sent whole once and then as frames: what differs from the first.

    Parameters
    ----------
    chart : Chart
        What to begin with.
    sliders : mapping of str to (model id, trait)
        The sliders whose frames may be asked for ahead.
    sweep : callable
        ``sweep(name)`` gives the chart for every position of a slider, by the value of its trait.
    state : callable
        ``state()`` says for what the charts hold: ``at``, where each slider stands, and ``stamp``, all else.
    pick : callable
        Called with the ``customdata`` of what is clicked.
    """

    _esm = resources.files("virtlearn").joinpath("explore/_live.js").read_text(encoding="utf-8")
    spec = traitlets.Dict().tag(sync=True)
    config = traitlets.Dict(CONFIG).tag(sync=True)
    sentence = traitlets.Unicode().tag(sync=True)
    sliders = traitlets.Dict().tag(sync=True)
    stamp = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        chart: Chart,
        sliders: Mapping[str, tuple[str, str]],
        sweep: Callable[[str], dict[Any, Chart]],
        state: Callable[[], dict[str, Any]],
        pick: Callable[[Any], None],
    ) -> None:
        self._sweep, self._state, self._pick = sweep, state, pick
        self._last: dict[str, Any] = {}
        where = {name: list(at) for name, at in sliders.items()}
        super().__init__(
            spec=chart.to_spec(), sentence=chart.describe(), sliders=where, stamp=state()["stamp"]
        )
        self.on_msg(self._heard)

    def __repr__(self) -> str:
        """Say what it shows."""
        return self.sentence

    def _frame(self, chart: Chart) -> dict[str, Any]:
        """What differs from the figure the page has."""
        spec, says = chart.to_spec(), chart.describe()
        if len(spec["data"]) != len(self.spec["data"]):
            return {"sentence": says, **spec}
        pairs = enumerate(zip(spec["data"], self.spec["data"], strict=True))
        data = {str(i): _changes(new, old) for i, (new, old) in pairs if new != old}
        return {
            "sentence": says,
            "data": data,
            "layout": _changes(spec["layout"], self.spec["layout"]),
        }

    def show(self, chart: Chart) -> None:
        """Draw a chart: the kernel's exact answer to where the sliders stand."""
        self._last = {"kind": "frame", "frame": self._frame(chart), **self._state()}
        self.send(self._last)

    def _heard(self, _: Any, message: dict[str, Any], __: Any) -> None:
        match message.get("kind"):
            case "plotly":
                self.send({"kind": "plotly"}, [_plotly_js()])
            case "ready" if (
                self._last
            ):  # values that were set before the page could listen, or a second view
                self.send(self._last)
            case "sweep":
                frames = {
                    str(at): self._frame(chart)
                    for at, chart in self._sweep(message["name"]).items()
                }
                packed = gzip.compress(json.dumps(frames, separators=(",", ":")).encode(), 1)
                self.send({"kind": "sweep", "name": message["name"], **self._state()}, [packed])
            case "pick":
                self._pick(message["value"])
