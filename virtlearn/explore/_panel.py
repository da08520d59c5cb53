"""The widgets of an explorer: labels, sliders, number boxes, buttons, and the live chart under them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w
import plotly.graph_objects as go

from virtlearn import units
from virtlearn.charts import Chart
from virtlearn.charts._style import table_html
from virtlearn.errors import VirtlearnError
from virtlearn.explore._base import VISIBLE, Choice, Slider

if TYPE_CHECKING:
    from virtlearn.explore._base import Explorer

__all__ = ["Panel"]


def _figure_widget(chart: Chart) -> Any:
    """Take plotly's own widget where ours cannot start: slower, the same picture."""
    figure, says = go.FigureWidget(chart), w.HTML(chart.describe())

    def show(new: Chart) -> None:
        with figure.batch_update():
            figure.update(new.to_spec(), overwrite=True)
        says.value = new.describe()

    box = w.VBox([figure, says])
    box.show = show
    return box


class Panel(w.VBox):
    """What a learner moves; its explorer holds the values."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer, self._quiet, self._begun = explorer, False, explorer.values
        self._inputs: dict[str, tuple[Any, ...]] = {}
        rows = [self._row(control) for control in explorer.controls.values()]
        reset = w.Button(description="Reset", tooltip="Put every control back to where it began")
        reset.on_click(lambda _: setattr(explorer, "values", self._begun))
        self._numbers = w.ToggleButton(
            description="Numbers", tooltip="Show the numbers behind the chart as a table"
        )
        self._numbers.observe(lambda _: self._tabulate(), "value")
        self._table = w.HTML()
        chart = explorer.figure()
        try:
            from virtlearn.explore._live import LiveChart

            sliders = {n: (x[0].model_id, "index") for n, x in self._inputs.items() if len(x) == 2}
            self.live = True
            self._chart: Any = LiveChart(chart, sliders, explorer.sweep, self._state, self._picked)
        except ImportError:
            self.live = False
            self._chart = _figure_widget(chart)
        more = (
            [w.Accordion([w.VBox(rows[VISIBLE:])], titles=("More",))] if len(rows) > VISIBLE else []
        )
        super().__init__(
            [
                w.VBox(rows[:VISIBLE]),
                *more,
                w.HBox([reset, self._numbers]),
                self._chart,
                self._table,
            ]
        )

    def __repr__(self) -> str:
        """Say what the chart shows."""
        return repr(self._explorer)

    def _row(self, control: Slider | Choice) -> Any:
        """One control: a slider with its box, or a list."""
        name, value = control.name, self._explorer.values[control.name]
        look: dict[str, Any] = {"tooltip": control.tip, "style": {"description_width": "14em"}}
        if isinstance(control, Choice):
            look["layout"] = w.Layout(width="30em", max_width="100%")
            options = [(control.text(o), o) for o in control.options]
            choice = w.Dropdown(options=options, value=value, description=control.label, **look)
            choice.observe(lambda change: self._set(name, change.new), "value")
            self._inputs[name] = (choice,)
            return choice
        label = f"{control.label} [{control.unit}]" if control.unit else control.label
        look["layout"] = w.Layout(width="33em", max_width="75%")
        at, places = control.nearest(value), [(units.plain(p), p) for p in control.positions]
        slider = w.SelectionSlider(
            options=places, index=at, description=label, readout=False, **look
        )
        ends: dict[str, Any] = {"min": control.positions[0], "max": control.positions[-1]}
        kind = w.BoundedIntText if control.whole else w.BoundedFloatText
        box = kind(
            value=value,
            tooltip=f"Type {label} here",
            layout=w.Layout(width="7em", margin="2px 2px 2px 10px"),
            **ends,
        )
        slider.observe(lambda change: self._set_index(name, change.new), "index")
        box.observe(lambda change: self._set(name, change.new), "value")
        self._inputs[name] = (slider, box)
        return w.HBox([slider, box])

    def _set(self, name: str, value: Any) -> None:
        if self._quiet:
            return
        try:
            self._explorer.values = {name: value}
        except VirtlearnError:  # no slider sends this, but a front end may: None, NaN
            self.follow()

    def _set_index(self, name: str, index: int | None) -> None:
        control = self._explorer.controls[name]
        assert isinstance(control, Slider)
        self._set(name, None if index is None else control.positions[index])

    def _picked(self, value: Any) -> None:
        control = self._explorer.controls.get(self._explorer._pick)
        if control is not None and value in (
            control.options if isinstance(control, Choice) else control.positions
        ):
            self._explorer.values = {control.name: value}

    def _state(self) -> dict[str, Any]:
        """Where the sliders stand, and everything else that a chart depends on."""
        values, at, rest = self._explorer.values, {}, {}
        for name, control in self._explorer.controls.items():
            if isinstance(control, Slider):
                at[name] = control.nearest(values[name])
            if not isinstance(control, Slider) or control.positions[at[name]] != values[name]:
                rest[name] = values[name]
        return {"at": at, "stamp": repr(rest)}

    def follow(self) -> None:
        """Put every control where the values say, and draw."""
        self._quiet = True
        try:
            for name, value in self._explorer.values.items():
                control, inputs = self._explorer.controls[name], self._inputs[name]
                if isinstance(control, Slider):
                    inputs[0].index = control.nearest(value)
                inputs[-1].value = value
        finally:
            self._quiet = False
        self._chart.show(self._explorer.figure())
        self._tabulate()

    def _tabulate(self) -> None:
        self._table.value = table_html(self._explorer.table()) if self._numbers.value else ""
