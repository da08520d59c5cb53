"""How every chart looks: one template, one colour, pattern and word for each kind of layer, and `Chart` itself."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

__all__ = [
    "CONFIG",
    "DASHES",
    "FILLS",
    "INK",
    "KINDS",
    "LINES",
    "PATTERNS",
    "TEMPLATE",
    "TEXT_ON",
    "Chart",
    "bar_look",
]

INK = "#767676"  # 4.5 : 1 on white and 4.2 : 1 on JupyterLab's dark #111: outlines, axes and small text
GRID = "rgba(118,118,118,0.25)"
# No grey reaches 4.5 : 1 on both papers, and a stored picture cannot know its page. Where the page
# has an ink of its own, words in our grey take it; words in boxes keep theirs.
PAGE_INK = (
    '<style>.js-plotly-plot text[style*="fill: rgb(118, 118, 118)"]'
    "{fill:var(--jp-content-font-color1,var(--vscode-editor-foreground,rgb(118,118,118)))!important}"
    "</style>"
)
# Okabe and Ito's colours, fills without yellow and black; lines only in those with contrast on both themes.
FILLS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
PATTERNS = ("", "/", ".", "x", "\\", "-")
# Kind of layer: its colour, its pattern, its word. The same in every chart, the README and the lessons.
KINDS: dict[str, tuple[str, str, str]] = {
    "site": ("rgba(118,118,118,0.05)", "", "site"),
    "host": ("rgba(118,118,118,0.12)", "", "hardware"),
    "operating-system": ("#0072B2", "/", "operating system"),
    "user-space-kernel": ("#56B4E9", "\\", "user-space kernel"),
    "hypervisor": ("#D55E00", "x", "hypervisor"),
    "virtual-machine": ("#E69F00", "-", "virtual machine"),
    "container-runtime": ("#CC79A7", "+", "container runtime"),
    "container": ("#CC79A7", ".", "container"),
    "workload": ("#009E73", "", "application"),
    "unused": ("rgba(118,118,118,0.10)", "|", "promised, not used"),
    "dead": ("rgba(118,118,118,0.05)", "x", "down"),
}
# What can be read on each fill, at 4.5 : 1 or better.
TEXT_ON = {"#0072B2": "#ffffff", **dict.fromkeys(FILLS[1:], "#111111")}
_AXIS = {
    "gridcolor": GRID, "linecolor": INK, "zerolinecolor": GRID, "tickcolor": INK, "ticks": "outside",
    "automargin": True, "title": {"standoff": 12},
}  # fmt: skip
# The legend is fastened to the picture's lower edge, so that it never runs into an axis title.
_LEGEND = {
    "orientation": "h",
    "yref": "container",
    "y": 0,
    "yanchor": "bottom",
    "x": 0,
    "traceorder": "normal",
}
TEMPLATE: dict[str, Any] = {"layout": {
    "font": {"family": "system-ui, sans-serif", "size": 13, "color": INK}, "colorway": list(LINES),
    "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "xaxis": _AXIS, "yaxis": _AXIS,
    "margin": {"l": 70, "r": 30, "t": 50, "b": 100}, "height": 420, "bargap": 0.35, "legend": _LEGEND,
    "title": {"x": 0, "xanchor": "left", "font": {"size": 15}}, "uniformtext": {"mode": "show", "minsize": 10},
    "hoverlabel": {"font": {"family": "system-ui, sans-serif"}},
}}  # fmt: skip


def bar_look(colour: str, pattern: str = "") -> dict[str, Any]:
    """Fill, pattern and outline of a bar, so that no meaning rests on colour."""
    # White shows on a full colour in both themes; on a pale one, where a page may be white itself, grey does.
    stroke = "rgba(118,118,118,0.45)" if colour.startswith("rgba") else "rgba(255,255,255,0.8)"
    hatch = {"shape": pattern, "fillmode": "overlay", "fgcolor": stroke, "size": 7, "solidity": 0.3}
    return {"color": colour, "line": {"color": INK, "width": 1}, "pattern": hatch}


def table_html(rows: Sequence[Sequence[str]]) -> str:
    """Write rows of words as a table, the head first."""

    def line(cells: Sequence[str], tag: str) -> str:
        inner = "".join(
            f"<{tag} style='text-align:left'>{escape(str(cell))}</{tag[:2]}>" for cell in cells
        )
        return f"<tr>{inner}</tr>"

    head, *body = rows
    lines = "".join(line(row, "td") for row in body)
    return f"<table><thead>{line(head, 'th scope=col')}</thead><tbody>{lines}</tbody></table>"


def caption_html(sentence: str, rows: Sequence[Sequence[str]]) -> str:
    """Say what stands under a chart: its sentence, and its numbers as a table to unfold."""
    return f"{PAGE_INK}<p>{escape(sentence)}</p><details><summary>The numbers as a table</summary>{table_html(rows)}</details>"


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
    **more
        More of the layout, such as ``title`` and ``yaxis``.

    Examples
    --------
    >>> Chart([{"type": "bar", "y": [3]}], sentence="Three copies run.", rows=[["copies"], [3]], assumed="the three")
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
        **more: Any,
    ) -> None:
        super().__init__(data, {"template": TEMPLATE, **(layout or {}), **more})
        said = sentence[:1].upper() + sentence[1:]
        self._sentence = f"{said} Assumed: {assumed}." if assumed else said
        self._table = tuple(tuple(str(cell) for cell in row) for row in rows)

    def describe(self) -> str:
        """Say what the chart shows, in one to three sentences with its numbers."""
        return self._sentence

    def table(self) -> tuple[tuple[str, ...], ...]:
        """Give the numbers behind the chart, the head first."""
        return self._table

    def __repr__(self) -> str:
        """Say what it shows: a chart has no better name."""
        return self._sentence

    def _repr_html_(self) -> str:
        """Say it where no chart can be drawn: the sentence as a caption, the numbers to unfold."""
        name = escape(self._sentence, quote=True)
        caption = caption_html(self._sentence, self._table)
        return f"<figure role='group' aria-label='{name}' style='margin:0 5px'><figcaption>{caption}</figcaption></figure>"

    def _repr_mimebundle_(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Show the figure where figures are shown, and the sentence everywhere else.

        The HTML is empty: where a page shows it instead of the figure, the caption that follows says it all.
        """
        spec = {**self.to_spec(), "config": CONFIG}
        return {
            "application/vnd.plotly.v1+json": spec,
            "text/html": "",
            "text/plain": self._sentence,
        }

    def _ipython_display_(self) -> None:
        """Show the figure, and its sentence and table under it."""
        from IPython.display import display

        display(self._repr_mimebundle_(), raw=True)
        display({"text/html": self._repr_html_(), "text/plain": self._sentence}, raw=True)

    def to_spec(self) -> dict[str, Any]:
        """Give plain JSON values: ``data`` and ``layout``, the same for the same chart."""
        return _plain(
            {
                "data": [t.to_plotly_json() for t in self.data],
                "layout": self.layout.to_plotly_json(),
            }
        )


CONFIG = {"displaylogo": False, "responsive": True, "displayModeBar": False}


def _plain(value: Any) -> Any:
    """Turn tuples and arrays into lists and numpy's numbers into Python's, to seven digits."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value
