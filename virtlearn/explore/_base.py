"""An explorer: a list of controls, and a function of their values that gives a chart."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

from virtlearn.charts import Chart
from virtlearn.charts._chart import caption_html, figure_rule
from virtlearn.errors import DoesNotFit, UnknownName, nearest
from virtlearn.explore._controls import VISIBLE, Control, Slider
from virtlearn.explore._goals import Goal, goals_of

__all__ = ["Explorer", "explorer"]

Values = dict[str, Any]
# Takes the new values and the old ones, which may not go together, and gives some that do.
Reconcile = Callable[[Values, Values], Values]

# The caption's output comes first, then the panel's, then the figure's.
_CAPTION = ".jp-OutputArea-child:has(.virtlearn-resting)"
_LIVE = ".virtlearn-panel"
_RULES = f"""
{_CAPTION}:has(+ * {_LIVE}), .jp-OutputArea-child:has({_LIVE}) + *:has(> .jp-RenderedPlotly),
.output:has({_LIVE}) .virtlearn-resting {{display:none}}
{_CAPTION} + * > .jupyter-widgets:not(:has(*)) {{display:none}}
"""


def _as_it_is(new: Values, old: Values) -> Values:
    return new


class Explorer:
    """Sliders, one chart, and the sentence that says what it shows.

    Parameters
    ----------
    title : str
        What is explored.
    controls : sequence of Slider and Menu
        At most four are in sight, the others under "More".
    draw : callable
        ``draw(**values)`` gives the `Chart`.
    start : mapping
        Values to begin with; the controls' defaults where left out.
    pick : str
        The control that a click on the chart sets, if any.
    reconcile : callable
        ``reconcile(new, old)`` takes values that may not go together, such as the 30th box of 12,
        and gives some that do.
    """

    def __init__(
        self,
        title: str,
        controls: Sequence[Control],
        draw: Callable[..., Chart],
        start: Mapping[str, Any],
        *,
        pick: str = "",
        reconcile: Reconcile = _as_it_is,
    ) -> None:
        self.title = title
        self._goals: list[Goal] = []
        self.controls = {control.name: control for control in controls}
        self._draw, self._pick, self._reconcile = draw, pick, reconcile
        self._panel: Any = None
        self._drawn: dict[str, Chart] = {}
        self._values: Values = {name: c.default for name, c in self.controls.items()}
        self._values = self._checked(start)

    def aim(self, names: Sequence[str]) -> Explorer:
        """Put goals of a lesson above the controls.

        Parameters
        ----------
        names : sequence of str
            Such as ``("02.g1", "02.g2")``.

        Returns
        -------
        Explorer
            The explorer itself.

        Raises
        ------
        UnknownName
            For a goal that is not there, or belongs to another explorer.
        """
        self._goals = goals_of(self.title, names)
        return self

    def _checked(self, new: Mapping[str, Any]) -> Values:
        for name in new:
            if name not in self.controls:
                raise UnknownName(f"This explorer has no {name!r}. {nearest(name, self.controls)}")
        checked = {name: self.controls[name].check(value) for name, value in new.items()}
        return self._reconcile({**self._values, **checked}, self._values)

    @property
    def values(self) -> Values:
        """Where the controls stand; ``explorer.values = {...}`` sets some or all of them at once.

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

    def pick(self, value: Any) -> None:
        """Choose what was clicked on the chart, where there is something to choose.

        Parameters
        ----------
        value : int, float or str
            A position of the control that a click sets; any other value changes nothing.
        """
        control = self.controls.get(self._pick)
        if control is None:
            return
        among = control.positions if isinstance(control, Slider) else control.options
        if value in among:
            self.values = {control.name: value}

    @property
    def in_sight(self) -> tuple[str, ...]:
        """The controls that stand above the chart, not under "More": the first ones, and time."""
        time = [name for name, control in self.controls.items() if control.plays]
        others = [name for name in self.controls if name not in time]
        return (*others[:VISIBLE], *time)

    def idle(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Say which controls change nothing beside the others.

        Parameters
        ----------
        values : mapping
            A value for every control, as `reach` gives them.

        Returns
        -------
        dict of str to str
            For each control without effect, why.
        """
        reasons = {name: control.idle(values) for name, control in self.controls.items()}
        return {name: why for name, why in reasons.items() if why}

    def reached(self, values: Mapping[str, Any], chart: Chart) -> list[bool]:
        """Say which goals stand on the screen.

        Parameters
        ----------
        values : mapping
            A value for every control, as `reach` gives them.
        chart : Chart
            What is drawn for them.

        Returns
        -------
        list of bool
            One for each goal, in order.
        """
        return [goal.reached(values, chart.facts) for goal in self._goals]

    @property
    def goals(self) -> dict[str, bool]:
        """The goals as a learner reads them, and whether each is reached now."""
        now = self.reached(self._values, self.figure())
        return {goal.text: done for goal, done in zip(self._goals, now, strict=True)}

    @property
    def headline(self) -> str:
        """What stands large above the picture now."""
        return self.figure().headline

    @property
    def picked(self) -> str:
        """The control that a click on the chart sets; an empty text where there is none."""
        return self._pick

    def reach(self, values: Mapping[str, Any]) -> Values:
        """Say where the controls come to stand when some of them are moved; nothing is moved.

        Parameters
        ----------
        values : mapping
            New values by the controls' names.

        Returns
        -------
        dict
            A value for every control.

        Raises
        ------
        UnknownName, ImpossibleAmount
            For a name that is no control, or a value out of its range.
        """
        return self._checked(values)

    def at(self, values: Mapping[str, Any]) -> Chart:
        """Draw the chart for other values than those that stand.

        Parameters
        ----------
        values : mapping
            New values by the controls' names; the others stay as they are.

        Returns
        -------
        Chart
            What would be shown; where the values do not fit together, a chart that says why.

        Raises
        ------
        UnknownName, ImpossibleAmount
            For a name that is no control, or a value out of its range.
        """
        return self._at(self.reach(values))

    def figure(self) -> Chart:
        """Draw the chart for the values as they stand, without sliders.

        Returns
        -------
        Chart
            Drawn once for the same values.
        """
        if repr(self._values) not in self._drawn:
            self._drawn = {repr(self._values): self._at(self._values)}
        return self._drawn[repr(self._values)]

    def _at(self, values: Values) -> Chart:
        try:
            return self._draw(**values)
        except DoesNotFit as refusal:
            # A position that makes no sense answers with the sentence that says why.
            why = str(refusal).replace("\n", " ")
            return Chart([], title="That does not fit", sentence=why)

    @property
    def sentence(self) -> str:
        """What the chart shows now."""
        return self.figure().describe()

    def table(self) -> tuple[tuple[str, ...], ...]:
        """Give the numbers behind the chart, the head first.

        Returns
        -------
        tuple of tuple of str
            The rows of the chart's table, as texts with their units.
        """
        return self.figure().table()

    def sweep(self, name: str) -> dict[int, Chart]:
        """Draw the chart for every position of one slider, the others standing still.

        Parameters
        ----------
        name : str
            The slider's name.

        Returns
        -------
        dict of int to Chart
            A chart for each position, by its place on the slider, from 0.
        """
        control = self.controls[name]
        assert isinstance(control, Slider)
        made: dict[str, Chart] = {}
        swept: dict[int, Chart] = {}
        for place, position in enumerate(control.positions):
            values = self._reconcile({**self._values, name: position}, self._values)
            key = repr(values)
            if key not in made:
                made[key] = self._drawn.get(key) or self._at(values)
            swept[place] = made[key]
        # What was drawn ahead is the answer to the steps that follow.
        self._drawn = {repr(self._values): self.figure(), **made}
        return swept

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
        """Show the live widget, and for readers without a kernel sentence, table and picture.

        These two stand around the widget and step aside while it is there. Voilà gets the widget
        alone: nobody stores its page, and its cells cannot be run by who reads it.
        """
        from IPython.display import display

        # Drawing the picture kept a slow page busy for the 2 s that ipywidgets waits for a model
        # (its issue 4026).
        if "VOILA_BASE_URL" in os.environ:
            display(self.widget)
            return
        chart = self.figure()
        display({"text/html": self._resting_html(), "text/plain": chart.describe()}, raw=True)
        display(self.widget)
        display(chart._repr_mimebundle_(), raw=True)

    def _resting_html(self) -> str:
        """What to do, the sentence and the table, and the style that goes with them."""
        from virtlearn.explore._panel import RUN_ME

        chart = self.figure()
        height = chart.layout.height
        style = f"<style>{_RULES}{figure_rule(height, '+ * + *')}</style>"
        caption = caption_html(chart.describe(), chart.table(), chart.headline)
        run = f"<p class='virtlearn-run'><em>{escape(RUN_ME)}</em></p>"
        wanted = "".join(f"<li>{escape(goal.text)}</li>" for goal in self._goals)
        goals = f"<ol>{wanted}</ol>" if wanted else ""
        name = f"virtlearn-caption virtlearn-resting virtlearn-h{height}"
        return f"{style}<div class='{name}' style='margin:0 5px'>{run}{goals}{caption}</div>"


# Every explorer takes goals, so every docstring says so.
_GOALS = """
goals : sequence of str, optional
    Goals of a lesson that stand above the controls, such as ``("02.g1", "02.g2")``.

Returns
"""


def explorer(
    *controls: Control, pick: str = "", reconcile: Reconcile = _as_it_is
) -> Callable[[Callable[..., Chart]], Callable[..., Explorer]]:
    """Make a function of the controls' values into what a learner calls.

    A learner calls it with values to start from, or without any; a lesson with goals, too.
    """

    def make(draw: Callable[..., Chart]) -> Callable[..., Explorer]:
        def begin(*, goals: Sequence[str] = (), **start: Any) -> Explorer:
            name = draw.__name__
            how: dict[str, Any] = {"pick": pick, "reconcile": reconcile}
            return Explorer(name, controls, draw, start, **how).aim(goals)

        begin.__name__ = begin.__qualname__ = draw.__name__
        # From Python 3.13 on, docstrings have no indentation; so ours has none before either.
        said = inspect.cleandoc(draw.__doc__ or "")
        begin.__doc__ = said.replace("\n\nReturns\n", _GOALS, 1)
        begin.__module__ = draw.__module__
        # An editor offers the controls by name, with the values that they begin with.
        only = inspect.Parameter.KEYWORD_ONLY
        named = [inspect.Parameter(c.name, only, default=c.default) for c in controls]
        named.append(inspect.Parameter("goals", only, default=()))
        signature = inspect.Signature(named, return_annotation=Explorer)
        # mypy takes a function for one whose signature cannot be set.
        begin.__signature__ = signature  # type: ignore[attr-defined]
        return begin

    return make
