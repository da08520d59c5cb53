"""A chart of who gets the CPU: one bar, cut among tenants."""

from __future__ import annotations

from collections.abc import Sequence

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._limits import Each, limit_ticks, promise_ticks, read_limits
from virtlearn.charts._marks import Part, Values
from virtlearn.charts._style import FILLS, INK, TEXT_ON, bar_look
from virtlearn.charts._words import cores, listed

__all__ = ["shares"]

CPU_ROOM = 1.1  # the axis of shares reaches past the CPU's end,
CPU_TIMES = 1.6  # and at most so many times as far: the CPU fills most of it
THE_CPU = "the CPU"
PALE = "rgba(118,118,118,0.3)"  # a hatch that words stand on
NAMED = {"Red": "#D55E00", "Blue": "#0072B2", "Green": "#009E73"}
LETTER = 0.013  # of the plot's width
HAIR = 1e-6  # cores: less is rounding


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
        far beyond the CPU leaves the picture.

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
    data = [
        _cuts(names, starts, got, total, idle, edge),
        _served(ticks, starts, got),
        _asked_outlines(ticks, starts, asked),
    ]
    notes = [_asks(*row, total, edge) for row in zip(ticks, starts, asked, got, strict=True)]
    columns = {"asked": asked, "got": got}
    for trace, column in _bounds(ticks, starts, limit_cores, reservation_cores):
        data.append(trace)
        notes += _mark_names(trace, edge)
        columns[trace["name"]] = column
    head = ["tenant", *(f"{name} [cores]" for name in columns)]
    cells = [map(units.plain, column) for column in columns.values()]
    return Chart(
        data,
        sentence=_shares_sentence(names, asked, got, total, idle),
        rows=marks.table(head, names, *cells),
        assumed=assumed,
        headline=_shares_headline(names[0], asked[0], got[0]),
        facts=_shares_facts(names, asked, got, idle),
        barmode="overlay",
        title=_shares_title(sum(asked) - sum(got), idle),
        annotations=notes,
        shapes=[_end_of_cpu(total)],
        xaxis=marks.axis("cores", edge),
        yaxis=_rows_of(ticks),
        margin={"b": 70, "l": 110},
        height=150 + 65 * (len(ticks) + 1),
        showlegend=False,
    )


def _rows_of(ticks: Sequence[str]) -> Part:
    """Give each tenant a row, and the CPU the lowest."""
    return {"categoryarray": [THE_CPU, *reversed(ticks)], "range": [-0.7, len(ticks) + 0.5]}


def _bounds(
    ticks: Sequence[str], starts: Sequence[float], limit_cores: Each, reservation_cores: Each
) -> list[tuple[Part, list[float]]]:
    """Mark limits and promises, where there are any, each with the numbers behind it."""
    made = []
    limits = read_limits("limit_cores", limit_cores)
    if limits:
        made.append((limit_ticks(ticks, starts, limits, "cores"), limits))
    if reservation_cores is not None:
        promised = take.series("reservation_cores", reservation_cores)
        made.append((promise_ticks(ticks, starts, promised, "cores"), promised))
    return made


def _weighed(names: Sequence[str], weight: Each) -> list[str]:
    """Write each tenant's weight under its name, where there are weights."""
    if weight is None:
        return list(names)
    take.line_up("names", names, {"weight": weight})
    heavy = map(units.plain, take.series("weight", weight))
    return [f"{name}<br>weight {w}" for name, w in zip(names, heavy, strict=True)]


def _cuts(
    names: Sequence[str],
    starts: Sequence[float],
    got: Sequence[float],
    total: float,
    idle: float,
    edge: float,
) -> Part:
    """Cut the CPU: a piece for each tenant, with its name where there is room, and what is idle."""
    words = []
    for name, have in zip(names, got, strict=True):
        words.append(_fitting([f"{name} {units.plain(have)}", units.plain(have)], have, edge))
    words.append(_fitting([f"idle {units.plain(idle)}", "idle"], idle, edge))
    rows = [THE_CPU] * len(words)
    made = _lying(THE_CPU, [*got, idle], rows, [*starts, total - idle])
    colours = [_colour(i, name) for i, name in enumerate(names)]
    look = bar_look("rgba(118,118,118,0.10)")
    look["color"] = [*colours, look["color"]]
    shapes = ["" for _ in names]
    look["pattern"].update(shape=[*shapes, "/"], fgcolor=PALE)
    ink = [*(TEXT_ON[colour] for colour in colours), INK]
    hover = "%{customdata}: %{x:.3g} cores<extra></extra>"
    made.update(customdata=[*names, "idle"], hovertemplate=hover, marker=look, width=1.3)
    made.update(text=words, textposition="inside", insidetextanchor="middle", textangle=0)
    return {**made, "textfont": {"color": ink, "size": 13}}


def _lying(name: str, long: Values, rows: Values, starts: Sequence[float]) -> Part:
    """Lay bars along rows, from where each starts; what they are stands beside them."""
    hover = f"%{{y}}<br>{name} %{{x:.3g}} cores<extra></extra>"
    made = marks.bar(0, name, long, rows, hover, orientation="h", showlegend=False)
    return {**made, "base": list(starts), "width": 0.46}


def _colour(i: int, name: str) -> str:
    """Give a tenant the colour that it is named after, if it is."""
    return NAMED.get(name, FILLS[i % len(FILLS)])


def _served(
    ticks: Sequence[str],
    starts: Sequence[float],
    got: Sequence[float],
) -> Part:
    """Fill each outline as far as it was served, paler than the cut below it."""
    made = _lying("got", got, ticks, starts)
    colours = [_colour(i, tick.split("<br>")[0]) for i, tick in enumerate(ticks)]
    made["marker"] = {**bar_look(""), "color": colours}
    return {**made, "opacity": 0.35}


def _asked_outlines(
    ticks: Sequence[str],
    starts: Sequence[float],
    asked: Sequence[float],
) -> Part:
    """Outline what each asked for, from where its cut of the CPU begins."""
    hollow = {"color": "rgba(118,118,118,0.12)", "line": {"color": INK, "width": 2}}
    return {**_lying("asked for", asked, ticks, starts), "marker": hollow}


def _asks(tick: str, start: float, want: float, have: float, total: float, edge: float) -> Part:
    """Say in each outline what was asked for, or beside it, clear of the CPU's end."""
    words = f"asks {units.plain(want)}, gets {units.plain(have)}"
    if start + want > edge:
        words += " →"
    length = len(words) * LETTER * edge
    end = min(start + want, edge)
    # In what is lacking, on one side of the CPU's end; in what was got; or across all.
    here = start + have
    within, beyond = (here, min(total, end)), (max(total, here), end)
    for low, high in (within, beyond, (start, here), (start, end)):
        if high - low >= length:
            return marks.note((low + high) / 2, tick, words)
    crosses = end < total < end + length
    if start < length or not crosses:
        return marks.note(end, tick, words, xanchor="left", xshift=5)
    return marks.note(start, tick, words, xanchor="right", xshift=-5)


def _mark_names(trace: Part, edge: float) -> list[Part]:
    """Name limits and promises above the outlines."""
    made = []
    for at, tick, much in zip(trace["x"], trace["y"], trace["customdata"], strict=True):
        if at is not None and at <= edge:
            words = f"{trace['name']} {units.plain(much)}"
            above = {"yshift": 28, "font": {"size": 12}}
            if at > 0.9 * edge:
                above["xanchor"] = "right"
            made.append(marks.note(at, tick, words, **above))
    return made


def _fitting(words: Sequence[str], room: float, edge: float) -> str:
    """Choose the first of some words that fits into a piece of the axis, or none."""
    fits = (text for text in words if len(text) * LETTER * edge <= room)
    return next(fits, "")


def _end_of_cpu(total: float) -> Part:
    """Draw where the CPU ends, through all rows, and say so where nothing else is said."""
    end = marks.rule(total, "x", "solid")
    words = {"text": cores(total), "textposition": "start", "textangle": 0, "yanchor": "bottom"}
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
