"""Charts of who gets the CPU: shares among tenants, and their day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._limits import Each, limit_ticks, promise_ticks, read_limits
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import FILLS, INK, TEXT_ON, bar_look
from virtlearn.charts._words import cores, listed

__all__ = ["shares", "tenants"]

ROOM_ABOVE = 1.6  # a day's axis follows the line of all cores so far above what is asked
PANEL_GAP = 0.02
BANDS = ("rgba(0,114,178,0.75)", "rgba(86,180,233,0.75)")  # a tenant, and the next
REFUSED = "#D55E00"
CPU_ROOM = 1.1  # the axis of shares reaches past the CPU's end,
CPU_TIMES = 2  # and at most so many times as far: the CPU fills half of it
THE_CPU = "the CPU"
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
    data = [
        _cuts(names, starts, got, total, idle, edge),
        _served(ticks, starts, got),
        _asked_outlines(ticks, starts, asked),
    ]
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
    notes = [_asks(*row, total, edge) for row in zip(ticks, starts, asked, got, strict=True)]
    for trace in data[-len(columns[2:]) :] if columns[2:] else []:
        notes += _mark_names(trace, edge)
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
        annotations=notes,
        shapes=[_end_of_cpu(total)],
        xaxis=marks.axis("cores", edge),
        yaxis={"categoryarray": [THE_CPU, *reversed(ticks)], "range": [-0.6, len(ticks) + 0.4]},
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
    made = _lying(THE_CPU, [*got, idle], [THE_CPU] * len(words), [*starts, total - idle])
    colours = [_colour(i, name) for i, name in enumerate(names)]
    look = bar_look("rgba(118,118,118,0.10)")
    look["color"] = [*colours, look["color"]]
    look["pattern"] = {**look["pattern"], "shape": [""] * len(names) + ["/"], "fgcolor": INK}
    ink = [*(TEXT_ON[colour] for colour in colours), INK]
    hover = "%{customdata}: %{x:.3g} cores<extra></extra>"
    more = {"text": words, "textposition": "inside", "insidetextanchor": "middle", "textangle": 0}
    made.update(customdata=[*names, "idle"], hovertemplate=hover, marker=look, width=0.8, **more)
    return {**made, "textfont": {"color": ink, "size": 13}}


def _lying(name: str, long: Sequence[float], rows: Sequence[str], starts: Sequence[float]) -> Part:
    """Lay bars along rows, from where each starts; what they are stands beside them."""
    hover = f"%{{y}}<br>{name} %{{x:.3g}} cores<extra></extra>"
    made = marks.bar(0, name, long, rows, hover, orientation="h", base=list(starts), width=0.5)
    return {**made, "showlegend": False}


def _colour(i: int, name: str) -> str:
    """Give a tenant the colour that it is named after, if it is."""
    return NAMED.get(name, FILLS[i % len(FILLS)])


def _served(ticks: Sequence[str], starts: Sequence[float], got: Sequence[float]) -> Part:
    """Fill each outline as far as it was served, paler than the cut below it."""
    made = _lying("got", got, ticks, starts)
    colours = [_colour(i, tick.split("<br>")[0]) for i, tick in enumerate(ticks)]
    made["marker"] = {**bar_look(""), "color": colours}
    return {**made, "opacity": 0.35}


def _asked_outlines(ticks: Sequence[str], starts: Sequence[float], asked: Sequence[float]) -> Part:
    """Outline what each asked for, from where its cut of the CPU begins."""
    hollow = {"color": "rgba(0,0,0,0)", "line": {"color": INK, "width": 2}}
    return {**_lying("asked for", asked, ticks, starts), "marker": hollow}


def _asks(tick: str, start: float, want: float, have: float, total: float, edge: float) -> Part:
    """Say in each outline what was asked for, or beside it, clear of the CPU's end."""
    words = f"asks {units.plain(want)}, gets {units.plain(have)}"
    if start + want > edge:
        words += " →"
    length = len(words) * LETTER * edge
    end = min(start + want, edge)
    # In what is lacking, or what was got, or across both.
    for low, high in ((start + have, end), (start, start + have), (start, end)):
        if high - low >= length:
            return marks.note((low + high) / 2, tick, words)
    crosses = end < total < end + length
    if start < length or not crosses:
        return marks.note(end, tick, words, xanchor="left", xshift=5)
    return marks.note(start, tick, words, xanchor="right", xshift=-5)


def _mark_names(trace: Part, edge: float) -> list[Part]:
    """Name limits and promises under the outlines."""
    made = []
    for at, tick, much in zip(trace["x"], trace["y"], trace["customdata"], strict=True):
        if at is not None and at <= edge:
            words = f"{trace['name']} {units.plain(much)}"
            side = {"xanchor": "right"} if at > 0.9 * edge else {}
            made.append(marks.note(at, tick, words, yshift=-27, font={"size": 12}, **side))
    return made


def _fitting(words: Sequence[str], room: float, edge: float) -> str:
    """Choose the first of some words that fits into a piece of the axis, or none."""
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
    asked_cores: Sequence[Sequence[float]],
    served_cores: Mapping[str, Sequence[Sequence[float]]],
    *,
    capacity_cores: float,
    now_h: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw a day of tenants: what each is served, stacked, and what is refused on top.

    Parameters
    ----------
    hours : sequence of float
        Times of the day, one hour apart [h].
    asked_cores : sequence of sequence of float
        For each tenant, what it asks at each time [cores].
    served_cores : mapping of str to sequence of sequence of float
        For each arrangement, such as "pooled" and "partitioned", the same for what is served
        [cores].
    capacity_cores : float
        What there is [cores].
    now_h : float, optional
        Until when it is drawn [h]; to the end where left out.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        One panel an arrangement, with a band for each tenant and a hatched one for what is refused.

    Raises
    ------
    ShapeMismatch
        Where a row has not one entry for each hour.
    ImpossibleAmount
        Where an amount is negative, infinite or unknown, or nothing is there to share.

    Examples
    --------
    >>> served = {"pooled": [[1, 5], [3, 3]], "partitioned": [[1, 4], [3, 3]]}
    >>> chart = tenants([0, 12], [[1, 6], [3, 3]], served, capacity_cores=8)
    >>> chart.headline
    'Refused: pooled 1, partitioned 2 core h'
    """
    when = take.series("hours", hours)
    asked = [take.series("asked_cores", row) for row in asked_cores]
    for row in asked:
        take.line_up("hours", when, {"asked_cores": row})
    take.filled("served_cores", served_cores)
    total = float(core.check.positive("capacity_cores", capacity_cores))
    together = [sum(column) for column in zip(*asked, strict=True)]
    now = when[-1] if now_h is None else now_h
    seen = sum(h <= now for h in when)
    # Where the cores reach far beyond what is asked, their line leaves the picture.
    top = marks.round_top([max(together), min(total, ROOM_ABOVE * max(together))])
    lines = {"asked for": together}
    refused: dict[str, float] = {}
    data: list[Part] = []
    notes: list[Part] = []
    for i, (title, given) in enumerate(served_cores.items()):
        rows = [take.series(title, row) for row in given]
        lines[title] = [sum(column) for column in zip(*rows, strict=True)]
        take.line_up("hours", when, {title: lines[title]})
        lacking = _lacking(together, lines[title])
        refused[title] = sum(lacking[:seen])
        panel = {"xaxis": f"x{i + 1}", "yaxis": "y"}
        data += _bands(when[:seen], rows, lacking[:seen], panel)
        words = f"<b>{title}</b>: {units.plain(refused[title])} core hours refused"
        place = {"xref": f"x{i + 1}", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        notes.append(marks.note(when[0], 1, words, **place))
    notes.append(_all_cores(total, top, when[0]))
    return Chart(
        data,
        sentence=_day_sentence(when, lines, total, now, refused),
        rows=marks.table(
            ["hour", *lines],
            map(units.plain, when),
            *(map(units.plain, row) for row in lines.values()),
        ),
        assumed=assumed,
        headline=_day_headline(refused),
        facts=_day_facts(refused),
        title=_day_title(list(refused.values())),
        showlegend=False,
        annotations=notes,
        shapes=[marks.rule(total, "y", "solid")] if total <= top else [],
        yaxis=marks.axis("cores, all together", top),
        margin={"b": 60, "t": 75},
        **_panels(len(served_cores), when),
    )


def _panels(count: int, when: Sequence[float]) -> dict[str, Part]:
    """Give each arrangement an axis of time beside the others."""
    made = {}
    wide = 1 / count
    for i in range(count):
        axis = {"title": "hour of the day", "range": [when[0], when[-1]], "dtick": 4}
        span = [i * wide + (PANEL_GAP if i else 0), (i + 1) * wide - (0 if i else PANEL_GAP)]
        made[f"xaxis{i + 1 if i else ''}"] = {**axis, "domain": span}
    return made


def _lacking(asked: Sequence[float], served: Sequence[float]) -> list[float]:
    """Say what is refused at each hour; a billionth of a core is rounding."""
    pairs = zip(asked, served, strict=True)
    return [max(0.0, round(want - have, 9)) for want, have in pairs]


def _bands(
    when: Sequence[float], rows: Sequence[Sequence[float]], lacking: Sequence[float], panel: Part
) -> list[Part]:
    """Stack what each tenant is served, and hatched on top what all are refused."""
    made = []
    stack = {**panel, "stackgroup": panel["xaxis"], "showlegend": False}
    for i, row in enumerate(rows):
        hover = f"tenant {i + 1}, hour %{{x}}: %{{y:.3g}} cores<extra></extra>"
        band = marks.line(0, f"tenant {i + 1}", when, row[: len(when)], hover, **stack)
        fill = BANDS[i % len(BANDS)]
        made.append({**band, "line": {"color": INK, "width": 1}, "fillcolor": fill})
    hover = "refused, hour %{x}: %{y:.3g} cores<extra></extra>"
    top = marks.line(0, "refused", when, lacking, hover, **stack)
    hatch = {"shape": "/", "fgcolor": REFUSED, "bgcolor": "rgba(213,94,0,0.15)", "size": 6}
    made.append({**top, "line": {"color": REFUSED, "width": 2}, "fillpattern": hatch})
    return made


def _all_cores(total: float, top: float, at: float) -> Part:
    """Name the line of all cores; where it lies above the picture, say so."""
    if total > top:
        return marks.note(at, top, f"↑ all: {cores(total)}", xanchor="left", yanchor="top")
    return marks.note(at, total, f"all: {cores(total)}", xanchor="left", yanchor="bottom")


def _day_sentence(
    when: Sequence[float],
    lines: Rows,
    total: float,
    now: float,
    refused: Mapping[str, float],
) -> str:
    asked = next(iter(lines.values()))
    peak = list(asked).index(max(asked))
    serves = (f"{t} serves {units.plain(lines[t][peak])}" for t in refused)
    told = listed(serves)
    busiest = f"At the busiest hour, {units.plain(when[peak])},"
    wanted = f"the tenants ask for {cores(asked[peak])} of {units.plain(total)}: {told}."
    gone = listed(f"{title} {units.plain(x)}" for title, x in refused.items())
    return f"{busiest} {wanted} Core hours refused until hour {units.plain(now)}: {gone}."


def _day_facts(refused: Mapping[str, float]) -> dict[str, float]:
    facts = {f"{title}_refused_core_h": round(x, 9) for title, x in refused.items()}
    # What the best arrangement saves against the worst.
    facts["saved_core_h"] = max(refused.values()) - min(refused.values())
    return facts


def _day_headline(refused: Mapping[str, float]) -> str:
    told = ", ".join(f"{title} {units.plain(x)}" for title, x in refused.items())
    return f"Refused: {told} core h"


def _day_title(refused: Sequence[float]) -> str:
    if max(refused) < HAIR:
        return "There is enough for everybody"
    if max(refused) - min(refused) < HAIR:
        return "All are busy at once: pooling brings nothing"
    return "Pooled, a busy tenant uses what the others leave"
