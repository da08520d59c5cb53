"""The chart of capacity: how many copies fit, against the size of the application."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import LINES, PLATFORMS
from virtlearn.charts._words import listed

__all__ = ["density"]

TOP_COPIES = 1e5  # a fixed end, so that lines can be compared while a slider moves


def density(
    app_mib: Sequence[float],
    copies: Mapping[str, Sequence[int]],
    *,
    at_mib: float | None = None,
    gone_mib: float | None = None,
    ahead: float = 1.1,
    host_title: str = "the host",
    assumed: str = "",
) -> Chart:
    """Draw how many copies a host holds against the size of the application, one line a platform.

    Parameters
    ----------
    app_mib : sequence of float, shape (n,)
        Sizes of the application [MiB].
    copies : mapping of str to sequence of int
        Most copies at each size, for each platform's title; the first is what others are compared
        with.
    at_mib : float, optional
        The size to mark and to put into words [MiB]; the nearest of ``app_mib`` is taken.
    gone_mib : float, optional
        The size from which on a copy on the last platform needs less than ``ahead`` times the
        memory of a copy on the first, such as `model.density_sweep` gives [MiB].
    ahead : float
        The lead that ``gone_mib`` is about.
    host_title : str
        How the sentence calls the host.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Lines on two axes in powers; a size at which nothing fits is a gap.

    Raises
    ------
    ShapeMismatch
        Where there is no size, or a platform has not one count for each.
    ImpossibleAmount
        Where a size is not above 0, or a count is negative, infinite or unknown.

    Examples
    --------
    >>> copies = {"containers": [2000, 31], "virtual machines": [118, 25]}
    >>> chart = density([20, 2048], copies, at_mib=20)
    >>> print(chart.describe())  # doctest: +NORMALIZE_WHITESPACE
    An application of 20 MiB fits 2,000 times (containers) and 118 times (virtual machines)
    on the host. That is 16.9 times as many for containers as for virtual machines.
    """
    sizes = take.series("app_mib", core.check.positive("app_mib", app_mib)) if len(app_mib) else []
    take.line_up("app_mib", sizes, copies)
    counts = take.rows("copies", copies)
    data = []
    for i, (title, row) in enumerate(counts.items()):
        hover = f"{title}<br>%{{x:,.0f}} MiB: %{{y:,}} copies<extra></extra>"
        data.append(marks.line(i, title, sizes, _gaps(row), hover))
    told = []
    if at_mib is not None:
        nearest = int(np.argmin(np.abs(np.array(sizes) - at_mib)))
        here = {title: row[nearest] for title, row in counts.items()}
        data.append(_marked(sizes[nearest], here))
        told.append(_at(sizes[nearest], here, host_title))
    shapes = []
    notes = []
    if gone_mib is not None:
        less = f"less than {units.percent(ahead - 1)}"
        shapes.append(marks.rule(gone_mib))
        notes.append(_beside_the_rule(gone_mib, sizes, less))
        told.append(_gone(gone_mib, counts, less))
    most = max([TOP_COPIES, *(max(row) for row in counts.values())])
    cells = [[f"{n:,.0f}" for n in row] for row in counts.values()]
    return Chart(
        data,
        sentence=" ".join(told or [_from_end_to_end(sizes, counts)]),
        rows=marks.table(["application", *counts], map(units.memory, sizes), *cells),
        assumed=assumed,
        title="How many copies fit",
        xaxis=marks.log_axis(
            "size of the application", min(sizes), max(sizes), units.memory, base=4
        ),
        yaxis=marks.log_axis("copies", 1, most, "{:,.0f}".format),
        shapes=shapes,
        annotations=notes,
    )


def _gaps(row: Sequence[float]) -> list[float | None]:
    """Leave a gap where nothing fits: zero has no place on an axis of powers."""
    return [n or None for n in row]


def _marked(size: float, here: Mapping[str, float]) -> Part:
    """Mark one size on every line, its number beside the mark."""
    # The highest is labelled above, the others below, so that close ones can be told apart.
    below = ["bottom left"] * (len(here) - 1)
    return marks.points(
        0,
        "here",
        [size] * len(here),
        _gaps(list(here.values())),
        mode="markers+text",
        text=[f"{n:,.0f}" for n in here.values()],
        textposition=["top right", *below],
        showlegend=False,
        look={
            "color": [_colour(i, title) for i, title in enumerate(here)],
            "symbol": "circle",
            "size": 9,
        },
    )


def _colour(i: int, title: str) -> str:
    """Give the colour of a platform's line, or of the i-th one."""
    known = PLATFORMS.get(title)
    return known["colour"] if known else LINES[i % len(LINES)]


def _beside_the_rule(gone_mib: float, sizes: Sequence[float], less: str) -> Part:
    """Write what begins at the rule, on the side of it where there is room."""
    right = gone_mib**2 > min(sizes) * max(sizes)
    side = "right" if right else "left"
    return marks.note(
        math.log10(gone_mib),
        1,
        f" from {units.memory(gone_mib)} on, <br> {less} more memory ",
        yref="paper",
        yanchor="top",
        xanchor=side,
        align=side,
    )


def _at(size: float, here: Mapping[str, float], host_title: str) -> str:
    each = listed(f"{n:,.0f} times ({title})" for title, n in here.items())
    told = f"An application of {units.memory(size)} fits {each} on {host_title}."
    titles = list(here)
    first, last = titles[0], titles[-1]
    if first == last or not here[last]:
        return told
    if here[first] == here[last]:
        return f"{told} That is as many for {first} as for {last}."
    ratio = here[first] / here[last]
    # Three digits would say that 2,001 copies are once as many as 2,000.
    digits = 3 if units.plain(ratio) != "1" else 5
    times = f"{units.plain(ratio, digits)} times as many"
    return f"{told} That is {times} for {first} as for {last}."


def _gone(gone_mib: float, counts: Mapping[str, object], less: str) -> str:
    """Say it of memory, where it is true: whole copies jump by more than a tenth, 6 against 5."""
    titles = list(counts)
    return (
        f"From {units.memory(gone_mib)} on, a copy takes {less} more memory for {titles[-1]} than "
        f"for {titles[0]}; the numbers of whole copies can still lie further apart."
    )


def _from_end_to_end(sizes: Sequence[float], counts: Mapping[str, Sequence[float]]) -> str:
    ends = "; ".join(f"{title}: {row[0]:,.0f} to {row[-1]:,.0f}" for title, row in counts.items())
    first, last = units.memory(sizes[0]), units.memory(sizes[-1])
    return f"Copies that fit, from {first} to {last} an application: {ends}."
