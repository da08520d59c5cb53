"""Charts of who gets the CPU: shares among tenants, and their day."""

from __future__ import annotations

from collections.abc import Sequence

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._limits import Each, limit_ticks, promise_ticks, read_limits
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import FILLS, INK, TEXT_ON, bar_look
from virtlearn.charts._words import cores, listed

__all__ = ["shares", "tenants"]

HEADROOM = 1.15  # how much higher than its highest mark an axis ends
CPU_ROOM = 1.1  # the axis of shares reaches past the CPU's end,
CPU_TIMES = 2  # and at most so many times as far: the CPU fills half of it
NAMED = {"Red": "#D55E00", "Blue": "#0072B2", "Green": "#009E73"}
LETTER = 0.013  # of the plot's width
HAIR = 1e-6  # cores: less is rounding


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
    assumed: str = "",
) -> Chart:
    """Draw the CPU as one bar, cut into who gets what; above each cut, what was asked for.

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
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        The bar, and an outline for each tenant that begins where its cut begins. What is asked
        beyond twice the CPU leaves the picture.

    Raises
    ------
    ShapeMismatch
        Where there is no tenant, or a row has not one entry for each.
    ImpossibleAmount
        Where an amount is negative or unknown, or nothing is there to share.

    Examples
    --------
    >>> chart = shares(["Red", "Blue"], [1, 4], [0.5, 0.5], capacity_cores=1)
    >>> print(chart.describe())
    Of 1 core, Red gets 0.5 of 1 asked and Blue gets 0.5 of 4 asked; 0 cores stay idle.
    >>> chart.headline
    'Red gets 0.5 of the 1 core it asks for'
    """
    take.line_up("names", names, {"asked_cores": asked_cores, "got_cores": got_cores})
    asked = take.series("asked_cores", asked_cores)
    got = take.series("got_cores", got_cores)
    total = float(core.check.positive("capacity_cores", capacity_cores))
    # Shares come from divisions: a billionth of a core is their rounding, and nobody's leisure.
    idle = max(0.0, round(total - sum(got), 9))
    starts = [sum(got[:i]) for i in range(len(got))]
    ends = [start + want for start, want in zip(starts, asked, strict=True)]
    edge = min(max(CPU_ROOM * total, *ends), CPU_TIMES * total)
    ticks = _weighed(names, weight)
    data = [*_cuts(names, starts, got, edge), _idle_cut(total, idle, edge)]
    data += [_served(ticks, starts, got), _asked_outlines(ticks, starts, asked)]
    head = ["tenant", "asked [cores]", "got [cores]"]
    columns = [asked, got]
    limits = read_limits("limit_cores", limit_cores)
    if limits:
        data.append(limit_ticks(ticks, starts, limits, "cores"))
        columns.append(limits)
        head.append("limit [cores]")
    if reservation_cores is not None:
        promised = take.series("reservation_cores", reservation_cores)
        data.append(promise_ticks(ticks, starts, promised, "cores"))
        columns.append(promised)
        head.append("reserved [cores]")
    cells = [map(units.plain, column) for column in columns]
    return Chart(
        data,
        sentence=_shares_sentence(names, asked, got, total, idle),
        rows=marks.table(head, names, *cells),
        assumed=assumed,
        headline=_shares_headline(names[0], asked[0], got[0]),
        facts=_shares_facts(names, asked, got, idle),
        barmode="overlay",
        title=_shares_title(sum(asked) - sum(got), idle),
        annotations=[
            _asks(*row, total, edge) for row in zip(ticks, starts, asked, got, strict=True)
        ],
        shapes=[_end_of_cpu(total)],
        xaxis=marks.axis("cores", edge),
        yaxis={"categoryarray": ["the CPU", *reversed(ticks)], "range": [-0.6, len(ticks) + 0.4]},
        margin={"b": 70, "l": 110},
        height=150 + 65 * (len(ticks) + 1),
        showlegend=False,
    )


def _weighed(names: Sequence[str], weight: Each) -> list[str]:
    """Write each tenant's weight under its name, where there are weights."""
    if weight is None:
        return list(names)
    take.line_up("names", names, {"weight": weight})
    heavy = map(units.plain, take.series("weight", weight))
    return [f"{name}<br>weight {w}" for name, w in zip(names, heavy, strict=True)]


def _cuts(
    names: Sequence[str], starts: Sequence[float], got: Sequence[float], edge: float
) -> list[Part]:
    """Cut the CPU: a piece for each tenant, with its name where there is room."""
    made = []
    for i, (name, start, have) in enumerate(zip(names, starts, got, strict=True)):
        words = _fitting([f"{name} {units.plain(have)}", units.plain(have)], have, edge)
        piece = marks.bar(
            i,
            name,
            [have],
            ["the CPU"],
            f"{name} gets %{{x:.3g}} cores<extra></extra>",
            orientation="h",
            base=[start],
            width=0.8,
            text=[words],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
        )
        piece["marker"] = bar_look(_colour(i, name))
        piece["textfont"] = {"color": TEXT_ON[_colour(i, name)], "size": 13}
        made.append(piece)
    return made


def _colour(i: int, name: str) -> str:
    """Give a tenant the colour that it is named after, if it is."""
    return NAMED.get(name, FILLS[i % len(FILLS)])


def _idle_cut(total: float, idle: float, edge: float) -> Part:
    """Show what nobody uses, hatched."""
    words = _fitting([f"idle {units.plain(idle)}", "idle"], idle, edge)
    made = marks.bar(0, "idle", [idle], ["the CPU"], "idle: %{x:.3g} cores<extra></extra>")
    made["marker"] = bar_look("rgba(118,118,118,0.10)", "/")
    more = {"orientation": "h", "base": [total - idle], "width": 0.8, "textangle": 0}
    return {**made, **more, "text": [words], "insidetextanchor": "middle"}


def _served(ticks: Sequence[str], starts: Sequence[float], got: Sequence[float]) -> Part:
    """Fill each outline as far as it was served, paler than the cut below it."""
    made = marks.bar(0, "got", got, ticks, "%{y}<br>got %{x:.3g} cores<extra></extra>")
    colours = [_colour(i, tick.split("<br>")[0]) for i, tick in enumerate(ticks)]
    made["marker"] = {"color": colours, "line": {"width": 0}}
    return {**made, "orientation": "h", "base": list(starts), "width": 0.5, "opacity": 0.35}


def _asked_outlines(ticks: Sequence[str], starts: Sequence[float], asked: Sequence[float]) -> Part:
    """Outline what each asked for, from where its cut of the CPU begins."""
    hover = "%{y}<br>asked for %{x:.3g} cores<extra></extra>"
    made = marks.bar(1, "asked", asked, ticks, hover, orientation="h", width=0.5)
    hollow = {"color": "rgba(0,0,0,0)", "line": {"color": INK, "width": 2}}
    return {**made, "base": list(starts), "marker": hollow}


def _asks(tick: str, start: float, want: float, have: float, total: float, edge: float) -> Part:
    """Say in each outline what was asked for, or beside it, clear of the CPU's end."""
    words = f"asks {units.plain(want)}, gets {units.plain(have)}"
    length = len(words) * LETTER * edge
    end = min(start + want, edge)
    if end - start >= length:
        return marks.note((start + end) / 2, tick, words)
    crosses = end < total < end + length
    if start < length or not crosses:
        return marks.note(end, tick, words, xanchor="left", xshift=5)
    return marks.note(start, tick, words, xanchor="right", xshift=-5)


def _fitting(words: Sequence[str], room: float, edge: float) -> str:
    """Choose the first of some words that fits into a piece of the axis; nothing where none does."""
    fits = (text for text in words if len(text) * LETTER * edge <= room)
    return next(fits, "")


def _end_of_cpu(total: float) -> Part:
    """Draw where the CPU ends, through all rows."""
    end = marks.rule(total, "x", "solid")
    words = {"text": cores(total), "textposition": "end", "textangle": 0, "yanchor": "top"}
    return {**end, "label": {**words, "xanchor": "left", "font": {"size": 12, "color": INK}}}


def _shares_title(lacking: float, idle: float) -> str:
    if lacking < HAIR:
        return "Everybody gets what they ask for"
    if idle < HAIR:
        return "More is asked for than there is: the CPU is cut"
    return "Cores stay idle while somebody wants more"


def _shares_headline(name: str, want: float, have: float) -> str:
    if want == 0:
        return f"{name} asks for nothing"
    return f"{name} gets {units.plain(have)} of the {cores(want)} it asks for"


def _shares_facts(
    names: Sequence[str], asked: Sequence[float], got: Sequence[float], idle: float
) -> dict[str, float]:
    facts = {"idle_cores": idle}
    for name, want, have in zip(names, asked, got, strict=True):
        word = name.lower().replace(" ", "_")
        facts[f"{word}_asks"] = want
        facts[f"{word}_gets"] = round(have, 9)
        facts[f"{word}_lacks"] = max(0.0, round(want - have, 9))
    return facts


def _shares_sentence(
    names: Sequence[str],
    asked: Sequence[float],
    got: Sequence[float],
    total: float,
    idle: float,
) -> str:
    told = []
    for name, want, have in zip(names, asked, got, strict=True):
        told.append(f"{name} gets {units.plain(have)} of {units.plain(want)} asked")
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
