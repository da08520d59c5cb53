"""How every chart looks: one template, one colour, pattern and word for each kind of layer."""

from __future__ import annotations

from typing import Any

from virtlearn.catalog.layers import FILE

__all__ = [
    "DASHES",
    "FILLS",
    "INK",
    "KINDS",
    "LINES",
    "PAGE_INK",
    "PATTERNS",
    "PLATFORMS",
    "TEMPLATE",
    "TEXT_ON",
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
# Okabe and Ito's colours, fills without yellow and black; lines only in those with contrast on both
# themes.
FILLS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
PATTERNS = ("", "/", ".", "x", "\\", "-")
# Kind of layer, or another state: its colour, its pattern, its word.
KINDS: dict[str, tuple[str, str, str]] = {
    name: (entry["colour"], entry["pattern"], entry["word"])
    for name, entry in {**FILE["kinds"], **FILE["states"]}.items()
}
# A platform as one of several series, by its title.
PLATFORMS: dict[str, dict[str, str]] = {
    FILE["platforms"][name]["title"]: look for name, look in FILE["looks"].items()
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
    # White shows on a full colour in both themes; on a pale one, where a page may be white itself,
    # grey does.
    stroke = "rgba(118,118,118,0.45)" if colour.startswith("rgba") else "rgba(255,255,255,0.8)"
    hatch = {"shape": pattern, "fillmode": "overlay", "fgcolor": stroke, "size": 7, "solidity": 0.3}
    return {"color": colour, "line": {"color": INK, "width": 1}, "pattern": hatch}
