"""`Chart`: a plotly figure that says what it shows, and how a notebook shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from virtlearn import tables
from virtlearn.charts._style import PAGE_INK, TEMPLATE

__all__ = ["CONFIG", "Chart", "caption_html", "figure_rule", "table_html"]

CONFIG = {"displaylogo": False, "responsive": True, "displayModeBar": False}
_LARGE = "font-size:1.6em;font-weight:600;margin:0.2em 0"
PLOTLY = "application/vnd.plotly.v1+json"


def table_html(rows: Sequence[Sequence[str]]) -> str:
    """Write rows of words as a table, the head first."""
    head, *body = rows
    return tables.html(body, head)


def caption_html(sentence: str, rows: Sequence[Sequence[str]], headline: str = "") -> str:
    """Say what a chart shows: headline, sentence, and its numbers as a table to unfold."""
    large = f"<p style='{_LARGE}'>{escape(headline)}</p>" if headline else ""
    table = table_html(rows)
    fold = f"<details><summary>The numbers as a table</summary>{table}</details>"
    return f"{PAGE_INK}{large}<p>{escape(sentence)}</p>{fold}"


def figure_rule(height: int, after: str = "+ *") -> str:
    """Give the style that lets JupyterLab show a chart of this height well.

    JupyterLab's plotly asks the output for a height at every resize: an output with a scroll bar
    and nothing laid out answers 15 pixels, and there the chart stays. An output without a height
    leaves the height to the figure, and has no picture for JupyterLab to store beside the figure.

    Parameters
    ----------
    height : int
        The chart's own, in pixels.
    after : str
        How the chart's output follows that of the caption, as a CSS combinator.

    Returns
    -------
    str
        A rule for the caption of that height. A notebook that is not trusted drops it.
    """
    caption = f".jp-OutputArea-child:has(.virtlearn-h{height})"
    shape = f"height:0!important;overflow:visible;margin-bottom:{height}px"
    return f"{caption} {after} > .jp-RenderedPlotly {{{shape}}}"


class Chart(go.Figure):
    """A plotly figure that says what it shows.

    Parameters
    ----------
    data, layout
        As plotly takes them.
    sentence : str
        One to three sentences with the numbers.
    rows : sequence of sequence of str
        The numbers behind it, the head first.
    assumed : str, optional
        What it rests on that no source gives; stands at the end of the sentence.
    headline : str
        What the picture shows, as a few words or a comparison of numbers; stands large above it.
    facts : mapping of str to float, optional
        The numbers that headline and marks stand for, by plain names: goals are asked of them.
    **more
        More of the layout, such as ``title`` and ``yaxis``.

    Examples
    --------
    >>> bar = {"type": "bar", "y": [3]}
    >>> Chart([bar], sentence="Three copies run.", rows=[["copies"], [3]], assumed="the three")
    Three copies run. Assumed: the three.
    """

    def __init__(
        self,
        data: Any = None,
        layout: Any = None,
        *,
        sentence: str = "",
        rows: Sequence[Sequence[str]] = ((),),
        assumed: str | None = "",
        headline: str = "",
        facts: Mapping[str, float] | None = None,
        **more: Any,
    ) -> None:
        # A height of its own: JupyterLab gives 360 pixels to a figure that has none.
        height = TEMPLATE["layout"]["height"]
        super().__init__(data, {"template": TEMPLATE, "height": height, **(layout or {}), **more})
        self._said = sentence[:1].upper() + sentence[1:]
        self._assumed = f" Assumed: {assumed}." if assumed else ""
        self._table = tuple(tuple(str(cell) for cell in row) for row in rows)
        self._headline = headline[:1].upper() + headline[1:]
        self._facts = {name: float(value) for name, value in (facts or {}).items()}

    @property
    def headline(self) -> str:
        """What stands large above the picture; an empty text where nothing does."""
        return self._headline

    @property
    def facts(self) -> dict[str, float]:
        """The numbers behind headline and marks, by name."""
        return dict(self._facts)

    def describe(self) -> str:
        """Say what the chart shows.

        Returns
        -------
        str
            One to three sentences with the chart's numbers; at the end, what is assumed.
        """
        return self._said + self._assumed

    def also(self, sentence: str) -> Chart:
        """Say one sentence more, before what is assumed.

        Parameters
        ----------
        sentence : str
            What to add, with its full stop.

        Returns
        -------
        Chart
            The chart itself, changed.

        Examples
        --------
        >>> Chart(sentence="Three copies run.", assumed="the three").also("None waits.")
        Three copies run. None waits. Assumed: the three.
        """
        self._said = f"{self._said} {sentence}"
        return self

    def table(self) -> tuple[tuple[str, ...], ...]:
        """Give the numbers behind the chart.

        Returns
        -------
        tuple of tuple of str
            One tuple for each row, the head first; the head names the units.

        Examples
        --------
        >>> Chart(rows=[["copies"], [3]]).table()
        (('copies',), ('3',))
        """
        return self._table

    def __repr__(self) -> str:
        """Say what it shows: a chart has no better name."""
        return self.describe()

    def _repr_html_(self) -> str:
        """Say it where no chart can be drawn: the sentence as a caption, the numbers to unfold."""
        name = escape(self.describe(), quote=True)
        caption = caption_html(self.describe(), self._table, self._headline)
        look = f"class='virtlearn-caption virtlearn-h{self.layout.height}' style='margin:0 5px'"
        figure = f"<figure role='group' aria-label='{name}' {look}>"
        style = f"<style>{figure_rule(self.layout.height)}</style>"
        return f"{style}{figure}<figcaption>{caption}</figcaption></figure>"

    def _repr_mimebundle_(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Show the figure where figures are shown, and the sentence everywhere else.

        The HTML is empty: where a page shows it instead of the figure, the caption beside it says
        it all.
        """
        spec = self.to_spec()
        # Plotly forgets a figure's own height when its page is resized, but not its template's.
        template = spec["layout"]["template"]
        sized = {**template["layout"], "height": self.layout.height}
        spec["layout"]["template"] = {**template, "layout": sized}
        return {
            PLOTLY: {**spec, "config": CONFIG},
            "text/html": "",
            "text/plain": self.describe(),
        }

    def _ipython_display_(self) -> None:
        """Show its sentence and table, and the figure under them.

        In this order: JupyterLab renders a cell anew whose first output is a figure.
        """
        from IPython.display import display

        display({"text/html": self._repr_html_(), "text/plain": self.describe()}, raw=True)
        display(self._repr_mimebundle_(), raw=True)

    def to_spec(self) -> dict[str, Any]:
        """Give the figure as plain JSON values, the same for the same chart.

        Returns
        -------
        dict
            ``data`` and ``layout``, as plotly's own format has them; numbers to seven digits.

        Examples
        --------
        >>> Chart([{"type": "bar", "y": [3]}]).to_spec()["data"]
        [{'y': [3], 'type': 'bar'}]
        """
        return _plain(
            {
                "data": [t.to_plotly_json() for t in self.data],
                "layout": self.layout.to_plotly_json(),
            }
        )


def _plain(value: Any) -> Any:
    """Turn tuples and arrays into lists and numpy's numbers into Python's, to seven digits."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value
