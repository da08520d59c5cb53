"""An explorer: a list of controls, and a function of their values that gives a chart."""

from __future__ import annotations

import functools
import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from virtlearn import units
from virtlearn.catalog.platforms import Platform, platform, platforms
from virtlearn.charts import Chart
from virtlearn.charts._style import caption_html
from virtlearn.errors import (
    DoesNotFit,
    ImpossibleAmount,
    ImpossibleCount,
    UnknownName,
    nearest,
    shown,
)
from virtlearn.model import Deployment, Host, Workload, deploy

__all__ = ["Choice", "Explorer", "Slider", "doubling", "explorer", "on_choice", "steps", "trial"]

VISIBLE = 4  # sliders in sight; the others stand under "More"


@dataclass(frozen=True)
class Slider:
    """A number to move: its positions in order, and how it is called.

    ``positions`` are where the slider can stand; the box beside it takes any number between the ends.
    """

    name: str
    label: str
    unit: str
    positions: tuple[float, ...]
    default: float
    tip: str = ""

    def check(self, value: Any) -> float:
        """Refuse what lies outside the ends, or is no number."""
        low, high = self.positions[0], self.positions[-1]
        real = isinstance(value, numbers.Real) and not isinstance(value, bool)
        hint = f"Try {self.name}={units.plain(self.default)}."
        # Compared as it is: a number of 400 digits cannot become a float.
        if not real or not low <= value <= high:
            span = f"{units.plain(low)} to {units.plain(high)} {self.unit}".rstrip()
            raise ImpossibleAmount(f"{self.name} is {shown(value)}; it goes from {span}.\n{hint}")
        if self.whole and not self.unit and value % 1:
            wrong = f"{self.name} is {shown(value)}; it counts, so it is a whole number."
            raise ImpossibleCount(f"{wrong}\n{hint}")
        return int(float(value)) if self.whole and float(value).is_integer() else float(value)

    @property
    def whole(self) -> bool:
        """Whether it counts things, so that its positions are whole numbers."""
        return all(isinstance(p, int) for p in self.positions)

    def nearest(self, value: float) -> int:
        """The position next to a value."""
        return min(range(len(self.positions)), key=lambda i: abs(self.positions[i] - value))


@dataclass(frozen=True)
class Choice:
    """One of several: a list to choose from."""

    name: str
    label: str
    options: tuple[Any, ...]
    default: Any
    tip: str = ""
    text: Callable[[Any], str] = str

    def check(self, value: Any) -> Any:
        """Refuse what is not in the list."""
        kinds = tuple({type(option) for option in self.options})
        # Its kind comes first: an array, asked whether it is among them, would answer with an array.
        if not isinstance(value, kinds) or value not in self.options:
            near = nearest(value, map(str, self.options))
            raise UnknownName(f"{self.name} is {shown(value)}. {near}")
        return value


Control = Slider | Choice
Fit = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]


def doubling(low: int, high: int, between: int = 0) -> tuple[int, ...]:
    """Positions that double, as memory does, with so many equal steps between.

    >>> doubling(16, 128), doubling(16, 64, between=3)
    ((16, 32, 64, 128), (16, 20, 24, 28, 32, 40, 48, 56, 64))
    """
    out = [low]
    while out[-1] * 2 <= high:
        base = out[-1]
        out += [base + base * i // (between + 1) for i in range(1, between + 2)]
    return tuple(out)


def steps(low: float, high: float, step: float) -> tuple[float, ...]:
    """Positions at equal distances, ends included.

    >>> steps(0, 1, 0.25)
    (0.0, 0.25, 0.5, 0.75, 1.0)
    """
    whole = all(isinstance(x, int) for x in (low, high, step))
    places = range(round((high - low) / step) + 1)
    return tuple(low + i * step if whole else round(float(low + i * step), 10) for i in places)


def on_choice(name: str, default: str, label: str = "on", without: Sequence[str] = ()) -> Choice:
    """Choose a platform by its title."""
    among = tuple(on for on in platforms() if on not in without)
    return Choice(
        name,
        label,
        among,
        default,
        "The platform that the copies run on",
        lambda on: platform(on).title,
    )


@functools.lru_cache(maxsize=256)
def trial(
    on: str | Platform, copies: int = 1, app_mib: float = 128, host_gib: float = 64, per_vm: int = 1
) -> Deployment:
    """Deploy what explorers try platforms with; ``per_vm`` counts only where a machine holds several."""
    app, host = Workload("app", 0.1, app_mib), Host(cores=16, memory_gib=host_gib)
    single = any(spec.single for spec in platform(on).layers)
    return deploy(app, copies=copies, host=host, on=on, per_vm=1 if single else per_vm)


class Explorer:
    """Sliders, one chart, and the sentence that says what it shows.

    Parameters
    ----------
    title : str
        What is explored.
    controls : sequence of Slider and Choice
        At most four are in sight, the others under "More".
    draw : callable
        ``draw(**values)`` gives the `Chart`.
    start : mapping
        Values to begin with; the controls' defaults where left out.
    pick : str
        The control that a click on the chart sets, if any.
    fit : callable
        ``fit(new, old)`` takes values that may not go together, such as the 30th box of 12, and gives some that do.
    """

    def __init__(
        self,
        title: str,
        controls: Sequence[Control],
        draw: Callable[..., Chart],
        start: Mapping[str, Any],
        *,
        pick: str = "",
        fit: Fit = lambda new, old: new,
    ) -> None:
        self.title, self._draw, self._pick, self._fit = title, draw, pick, fit
        self.controls = {control.name: control for control in controls}
        self._values: dict[str, Any] = {
            name: control.default for name, control in self.controls.items()
        }
        self._panel: Any = None
        self._values = self._checked(start)

    def _checked(self, new: Mapping[str, Any]) -> dict[str, Any]:
        for name in new:
            if name not in self.controls:
                raise UnknownName(f"This explorer has no {name!r}. {nearest(name, self.controls)}")
        checked = {name: self.controls[name].check(value) for name, value in new.items()}
        return self._fit({**self._values, **checked}, self._values)

    @property
    def values(self) -> dict[str, Any]:
        """Where the controls stand; set some or all of them at once with ``explorer.values = {...}``.

        Raises
        ------
        UnknownName, ImpossibleAmount
            For a name that is no control, or a value out of its range; then nothing changes.
        """
        return dict(self._values)

    @values.setter
    def values(self, new: Mapping[str, Any]) -> None:
        self._values = self._checked(new)
        if self._panel:
            self._panel.follow()

    def figure(self) -> Chart:
        """Draw the chart for the values as they stand, without sliders."""
        return self._at(self._values)

    def _at(self, values: Mapping[str, Any]) -> Chart:
        try:
            return self._draw(**self._fit(dict(values), self._values))
        except (
            DoesNotFit
        ) as refusal:  # a position that makes no sense answers with the sentence that says why
            return Chart([], title="That does not fit", sentence=str(refusal).replace("\n", " "))

    @property
    def sentence(self) -> str:
        """What the chart shows now."""
        return self.figure().describe()

    def table(self) -> tuple[tuple[str, ...], ...]:
        """Give the numbers behind the chart, the head first."""
        return self.figure().table()

    def sweep(self, name: str) -> dict[int, Chart]:
        """Draw the chart for every position of one slider, the others standing still."""
        control = self.controls[name]
        assert isinstance(control, Slider)
        reached = [self._fit({**self._values, name: at}, self._values) for at in control.positions]
        made = {repr(values): self._at(values) for values in {repr(v): v for v in reached}.values()}
        return {i: made[repr(values)] for i, values in enumerate(reached)}

    def __repr__(self) -> str:
        """Say what the chart shows: short, and the same for the same values."""
        return self.sentence

    @property
    def widget(self) -> Any:
        """The sliders and the live chart, as one widget."""
        if self._panel is None:
            from virtlearn.explore._panel import Panel

            self._panel = Panel(self)
        return self._panel

    def _ipython_display_(self) -> None:
        """Show picture, sentence and table for readers without a kernel, then the live widget, which hides them."""
        from IPython.display import display

        try:
            panel = self.widget
        except ImportError:  # no widgets here: the still picture stands
            panel = None
        if (
            panel is None or panel.live
        ):  # plotly's own widget cannot hide them, and nothing is to show twice
            chart = self.figure()
            caption = caption_html(chart.describe(), chart.table())
            still = f"<div class='virtlearn-caption' style='margin:0 5px'>{caption}</div>"
            display(chart._repr_mimebundle_(), raw=True)
            display({"text/html": still, "text/plain": chart.describe()}, raw=True)
        if panel is not None:
            display(panel)


def explorer(
    *controls: Control, pick: str = "", fit: Fit = lambda new, old: new
) -> Callable[[Callable[..., Chart]], Callable[..., Explorer]]:
    """Make a function of the controls' values into what a learner calls: with values to start from, or without."""

    def make(draw: Callable[..., Chart]) -> Callable[..., Explorer]:
        def begin(**start: Any) -> Explorer:
            return Explorer(draw.__name__, controls, draw, start, pick=pick, fit=fit)

        begin.__doc__, begin.__name__, begin.__qualname__ = (
            draw.__doc__,
            draw.__name__,
            draw.__name__,
        )
        begin.__module__ = draw.__module__
        return begin

    return make
