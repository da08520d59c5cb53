"""A chart of what walls expose."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from virtlearn.catalog.layers import LayerSpec
from virtlearn.catalog.numbers import Quantity
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part

__all__ = ["walls"]

MOST_CALLS = 420  # where both axes end, whatever is shown, so that two charts can be compared
FIRST_FILL, BEHIND_FILL = 5, 1
NO_SYSTEM_CALL = "none: exits,<br>devices"


def walls(*layers: LayerSpec, assumed: str = "") -> Chart:
    """Draw walls by what they expose: what is reachable first, and what lies behind.

    Parameters
    ----------
    *layers : LayerSpec
        One row each; a layer without a count says so.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Two rows of bars: system calls in reach, and system calls once the first wall has fallen.

    Raises
    ------
    ShapeMismatch
        Where no layer is given.

    Examples
    --------
    >>> from virtlearn.catalog.platforms import layer
    >>> print(walls(layer("container"), layer("virtual-machine")).describe())
    Container: 293 system calls reachable first; virtual machine: no system call reachable first.
    """
    take.filled("layers", layers)
    titles = [spec.title for spec in layers]
    what = [spec.wall for spec in layers]
    first = [spec.reachable for spec in layers]
    behind = [spec.behind for spec in layers]
    columns = [[_calls(n) for n in numbers] for numbers in (first, behind)]
    return Chart(
        [
            _wall_bars(FIRST_FILL, "reachable first", "x", titles, what, first),
            _wall_bars(BEHIND_FILL, "behind it", "x2", titles, what, behind),
        ],
        sentence="; ".join(map(_exposes, layers)) + ".",
        assumed=assumed,
        title="What a wall exposes",
        rows=marks.table(
            ["wall", "what it is", "reachable first", "behind it", "sources"],
            titles,
            what,
            *columns,
            map(_sources, layers),
        ),
        annotations=[
            *_empty("x", NO_SYSTEM_CALL, titles, first),
            *_empty("x2", "no count", titles, behind),
        ],
        showlegend=False,
        height=200 + 44 * len(layers),
        margin={"b": 90},
        yaxis={"autorange": "reversed"},
        # On two lines each, or the titles run into each other on a narrow page.
        xaxis=_calls_axis("reachable first", [0, 0.47]),
        xaxis2=_calls_axis("behind it", [0.53, 1]),
    )


def _calls_axis(what: str, domain: list[float]) -> Part:
    return marks.axis(f"system calls<br>{what}", MOST_CALLS, domain=domain, dtick=200)


def _wall_bars(
    fill: int,
    word: str,
    x_axis: str,
    titles: Sequence[str],
    what: Sequence[str],
    numbers: Sequence[Quantity | None],
) -> Part:
    return marks.bar(
        fill,
        word,
        [n.value if n else None for n in numbers],
        titles,
        f"%{{y}}<br>{word}: %{{text}} system calls<br>%{{customdata}}<extra></extra>",
        orientation="h",
        customdata=what,
        text=[_calls(n, "") for n in numbers],
        textposition="outside",
        cliponaxis=False,
        xaxis=x_axis,
    )


def _empty(
    x_axis: str, why: str, titles: Sequence[str], numbers: Sequence[Quantity | None]
) -> list[Part]:
    """Say in the place of a bar that there is no number, and why."""
    bare = compress(titles, [n is None for n in numbers])
    return [marks.note(4, title, why, xref=x_axis, xanchor="left") for title in bare]


def _exposes(spec: LayerSpec) -> str:
    told = f"{spec.title}: no system call reachable first"
    if spec.reachable:
        told = f"{spec.title}: {_calls(spec.reachable)} system calls reachable first"
    return f"{told}, {_calls(spec.behind)} behind it" if spec.behind else told


def _sources(spec: LayerSpec) -> str:
    return "; ".join(number.source for number in (spec.reachable, spec.behind) if number)


def _calls(number: Quantity | None, none: str = "-") -> str:
    return f"{number.bound}{number.value:,.0f}" if number else none
