"""The chart of an autoscaler at work: what is asked for, what is ready, and what is lost."""

from __future__ import annotations

from collections.abc import Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import FILLS

__all__ = ["scaling"]

LOST = FILLS[5]


def scaling(
    time_s: Sequence[float],
    load_cores: Sequence[float],
    ready_cores: Sequence[float],
    wanted_cores: Sequence[float],
    *,
    lost_core_s: float,
    copies: Sequence[int] = (),
    top_cores: float | None = None,
    title: str = "",
    assumed: str = "",
) -> Chart:
    """Draw a load, what follows it, and the work that nobody did in between.

    Parameters
    ----------
    time_s : sequence of float, shape (n,)
        The moments at which the autoscaler looks [s].
    load_cores, ready_cores, wanted_cores : sequence of float, shape (n,)
        What is asked for, what is ready, and what the autoscaler wants [cores].
    lost_core_s : float
        The work that was not done, as `core.scaling.follow_load` counts it [core-seconds].
    copies : sequence of int, shape (n,), optional
        The copies that are ready, for the table.
    top_cores : float, optional
        Where the axis ends [cores].
    title : str
        What the picture shows; a usual title if left out.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Steps for what is ready and wanted, a line for the load, the gap between them shaded.

    Raises
    ------
    ShapeMismatch
        Where a row has not one entry for each moment.
    ImpossibleAmount
        Where an amount is negative, infinite or unknown.

    Examples
    --------
    >>> chart = scaling([0, 15, 30], [1, 4, 4], [1, 1, 4], [1, 2, 4], lost_core_s=45)
    >>> print(chart.describe())  # doctest: +NORMALIZE_WHITESPACE
    The load jumps to 4 cores. Enough copies are ready 15 s later;
    by then 45 core-seconds of work are lost.
    """
    moments = take.series("time_s", time_s)
    rows = {"load": load_cores, "ready": ready_cores, "wanted": wanted_cores}
    take.line_up("time_s", moments, rows)
    drawn = take.rows("cores", rows)
    load, ready, wanted = drawn["load"], drawn["ready"], drawn["wanted"]
    asked = marks.line(
        2, "load", moments, load, "load: %{y:.3g} cores at %{x:.0f} s<extra></extra>"
    )
    asked["line"]["shape"] = "hv"
    data = [
        *_gap(moments, load, ready),
        _steps(0, "ready", moments, ready),
        _steps(1, "wanted", moments, wanted),
        asked,
    ]
    cells = [[f"{units.plain(x)} cores" for x in row] for row in drawn.values()]
    head = ["time", *drawn]
    columns = [list(map(units.duration, moments)), *cells]
    if len(copies):
        head.append("copies ready")
        columns.append([f"{n:,}" for n in copies])
    return Chart(
        data,
        sentence=_told(moments, load, ready, lost_core_s),
        rows=marks.table(head, *columns),
        assumed=assumed,
        title=title or "Load, and what is ready for it",
        xaxis=_clock_axis(moments[-1]),
        yaxis=marks.axis("cores", top_cores),
    )


def _steps(i: int, name: str, x: Sequence[float], y: Sequence[float]) -> Part:
    """Draw what holds from one look to the next."""
    hover = f"{name}: %{{y:.3g}} cores at %{{x:.0f}} s<extra></extra>"
    trace = marks.line(i, name, x, y, hover)
    trace["line"]["shape"] = "hv"
    return trace


def _gap(x: Sequence[float], load: Sequence[float], ready: Sequence[float]) -> list[Part]:
    """Shade what is asked for and not served, between two lines of no width."""
    served = [min(asked, there) for asked, there in zip(load, ready, strict=True)]
    edge = {"type": "scatter", "mode": "lines", "x": x, "hoverinfo": "skip", "showlegend": False}
    low: Part = {**edge, "y": served, "line": {"width": 0, "shape": "hv"}}
    high: Part = {
        **edge,
        "y": load,
        "line": {"width": 0, "shape": "hv"},
        "fill": "tonexty",
        "fillcolor": LOST,
        # Stripes in the colour itself: white ones would be gone on white paper.
        "fillpattern": {"shape": "/", "fgcolor": LOST, "size": 7},
        "name": "not served",
        "showlegend": True,
    }
    return [low, high]


def _clock_axis(last_s: float) -> Part:
    """Give an axis in seconds, or in minutes where seconds would be long numbers."""
    if last_s <= 300:
        return marks.axis("time [s]", last_s)
    every = 60 * max(1, round(last_s / 60 / 10))
    ticks = list(range(0, int(last_s) + 1, every))
    texts = [f"{tick // 60} min" for tick in ticks]
    return marks.axis("time", last_s, tickvals=ticks, ticktext=texts)


def _told(
    moments: Sequence[float], load: Sequence[float], ready: Sequence[float], lost_core_s: float
) -> str:
    peak = max(load)
    told = f"The load jumps to {units.plain(peak)} cores."
    if lost_core_s <= 0:
        return f"{told} Enough copies are ready at every moment: no work is lost."
    work = f"{units.plain(lost_core_s)} core-seconds of work are lost"
    jump = moments[list(load).index(peak)]
    enough = [t for t, there in zip(moments, ready, strict=True) if t >= jump and there >= peak]
    if not enough:
        return f"{told} Too few copies are ready to the end of the picture, and {work}."
    waited = units.duration(enough[0] - jump)
    return f"{told} Enough copies are ready {waited} later; by then {work}."
