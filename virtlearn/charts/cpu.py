"""Charts of who gets the CPU: shares among tenants, and their day."""

from __future__ import annotations

from collections.abc import Sequence

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._limits import Each, limit_marks, promise_marks, read_limits
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import bar_look
from virtlearn.charts._words import cores, listed

__all__ = ["shares", "tenants"]

HEADROOM = 1.15  # how much higher than its highest mark an axis ends
LEAST_BAR_WITH_WORDS = 0.08  # of the axis: a number stands beside a bar that is lower


def _with_total(title: str, capacity_cores: float) -> str:
    return f"{title} (grey line: all there is, {cores(capacity_cores)})"


def shares(
    names: Sequence[str],
    asked_cores: Sequence[float],
    got_cores: Sequence[float],
    *,
    capacity_cores: float,
    limit_cores: Each = None,
    reservation_cores: Each = None,
    weight: Each = None,
    top_cores: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw what each tenant asked of the CPU and what it got, with limits and promises as marks.

    Parameters
    ----------
    names : sequence of str
        The tenants.
    asked_cores, got_cores : sequence of float
        What each asked for and what it got [cores].
    capacity_cores : float
        What there is to share [cores].
    limit_cores, reservation_cores : sequence of float, optional
        The limit and the promise of each [cores]; an infinite limit is not drawn.
    weight : sequence of float, optional
        Written under the names.
    top_cores : float, optional
        Where the axis ends [cores].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A hollow bar for what was asked, a full one in it for what was got.

    Raises
    ------
    ShapeMismatch
        Where there is no tenant, or a row has not one entry for each.
    ImpossibleAmount
        Where an amount is negative or unknown, or nothing is there to share.

    Examples
    --------
    >>> print(shares(["Red", "Blue"], [1, 4], [0.5, 0.5], capacity_cores=1).describe())
    Of 1 core, Red gets 0.5 of 1 asked and Blue gets 0.5 of 4 asked; 0 cores stay idle.
    """
    take.line_up("names", names, {"asked_cores": asked_cores, "got_cores": got_cores})
    asked = take.series("asked_cores", asked_cores)
    got = take.series("got_cores", got_cores)
    total = float(core.check.positive("capacity_cores", capacity_cores))
    ticks = _weighed(names, weight)
    top = top_cores or HEADROOM * max(*asked, total)
    data = [_asked_bars(ticks, asked), _got_bars(ticks, got, top)]
    columns = [asked, got]
    limits = read_limits("limit_cores", limit_cores)
    if limits:
        data.append(limit_marks(ticks, limits, "cores"))
        columns.append(limits)
    if reservation_cores is not None:
        promised = take.series("reservation_cores", reservation_cores)
        data.append(promise_marks(ticks, promised, "cores"))
        columns.append(promised)
    head = ["tenant", *(f"{trace['name']} [cores]" for trace in data)]
    cells = [map(units.plain, column) for column in columns]
    return Chart(
        data,
        sentence=_shares_sentence(names, asked, got, total),
        rows=marks.table(head, names, *cells),
        assumed=assumed,
        barmode="overlay",
        title=_with_total("Who gets the CPU", total),
        shapes=[marks.rule(total, "y", "solid")],
        yaxis=marks.axis("cores", top),
    )


def _weighed(names: Sequence[str], weight: Each) -> list[str]:
    """Write each tenant's weight under its name, where there are weights."""
    if weight is None:
        return list(names)
    take.line_up("names", names, {"weight": weight})
    heavy = map(units.plain, take.series("weight", weight))
    return [f"{name}<br>weight {w}" for name, w in zip(names, heavy, strict=True)]


def _asked_bars(ticks: Sequence[str], asked: Sequence[float]) -> Part:
    hover = "%{x}<br>asked for %{y:.3g} cores<extra></extra>"
    hollow = bar_look("rgba(0,0,0,0)", "/")
    return marks.bar(1, "asked", ticks, asked, hover, width=0.72, marker=hollow)


def _got_bars(ticks: Sequence[str], got: Sequence[float], top: float) -> Part:
    least = LEAST_BAR_WITH_WORDS * top
    return marks.bar(
        0,
        "got",
        ticks,
        got,
        "%{x}<br>got %{y:.3g} cores<extra></extra>",
        width=0.44,
        text=list(map(units.plain, got)),
        textposition=["inside" if g > least else "outside" for g in got],
        insidetextanchor="middle",
        cliponaxis=False,
    )


def _shares_sentence(
    names: Sequence[str], asked: Sequence[float], got: Sequence[float], total: float
) -> str:
    told = []
    for name, want, have in zip(names, asked, got, strict=True):
        told.append(f"{name} gets {units.plain(have)} of {units.plain(want)} asked")
    # Shares come from divisions: a billionth of a core is their rounding, and nobody's leisure.
    idle = max(0.0, round(total - sum(got), 9))
    verb = "stays" if idle == 1 else "stay"
    return f"Of {cores(total)}, {listed(told)}; {cores(idle)} {verb} idle."


def tenants(
    hours: Sequence[float],
    asked_cores: Sequence[float],
    served_cores: Rows,
    *,
    capacity_cores: float,
    top_cores: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw a day: what all tenants ask together, and what each arrangement can serve.

    Parameters
    ----------
    hours : sequence of float
        Times of the day [h].
    asked_cores : sequence of float
        What all ask together at each time [cores].
    served_cores : mapping of str to sequence of float
        For each arrangement, such as "pooled" and "partitioned", what is served [cores].
    capacity_cores : float
        What there is [cores].
    top_cores : float, optional
        Where the axis ends [cores].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        One line for what is asked, one an arrangement for what is served.

    Raises
    ------
    ShapeMismatch
        Where a row has not one entry for each hour.
    ImpossibleAmount
        Where an amount is negative, infinite or unknown, or nothing is there to share.

    Examples
    --------
    >>> served = {"pooled": [4, 8], "partitioned": [3, 6]}
    >>> chart = tenants([0, 12], [4, 10], served, capacity_cores=8)
    >>> print(chart.describe())  # doctest: +NORMALIZE_WHITESPACE
    At the busiest hour, 12, the tenants ask for 10 cores of 8:
    pooled serves 8 and partitioned serves 6.
    """
    take.line_up("hours", hours, {"asked_cores": asked_cores, **served_cores})
    when = take.series("hours", hours)
    asked = take.series("asked_cores", asked_cores)
    served = take.rows("served_cores", served_cores)
    total = float(core.check.positive("capacity_cores", capacity_cores))
    lines = {"asked for": asked, **served}
    data = []
    for i, (title, row) in enumerate(lines.items()):
        hover = f"{title}<br>%{{x}} h: %{{y:.3g}} cores<extra></extra>"
        data.append(marks.line(i, title, when, row, hover))
    peak = asked.index(max(asked))
    told = listed(f"{title} serves {units.plain(row[peak])}" for title, row in served.items())
    busiest = f"At the busiest hour, {units.plain(when[peak])},"
    cells = [map(units.plain, row) for row in lines.values()]
    return Chart(
        data,
        sentence=(
            f"{busiest} the tenants ask for {cores(asked[peak])} of {units.plain(total)}: {told}."
        ),
        rows=marks.table(["hour", *lines], map(units.plain, when), *cells),
        assumed=assumed,
        title=_with_total("A day of tenants", total),
        shapes=[marks.rule(total, "y", "solid")],
        xaxis={"title": "hour of the day [h]"},
        yaxis=marks.axis("cores, all together", top_cores or HEADROOM * max(*asked, total)),
    )
