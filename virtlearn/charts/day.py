"""A chart of a day of tenants: what they are served, and what they are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import INK
from virtlearn.charts._words import cores, listed

__all__ = ["tenants"]

HAIR = 1e-6  # core hours: less is rounding
ROOM_ABOVE = 1.6  # a day's axis follows the line of all cores so far above what is asked
PANEL_GAP = 0.02
BANDS = ("rgba(0,114,178,0.75)", "rgba(86,180,233,0.75)")  # a tenant, and the next
REFUSED = "#D55E00"


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
    for i, (title, given) in enumerate(served_cores.items()):
        rows = [take.series(title, row) for row in given]
        lines[title] = [sum(column) for column in zip(*rows, strict=True)]
        take.line_up("hours", when, {title: lines[title]})
        lacking = _lacking(together, lines[title])[:seen]
        refused[title] = sum(lacking)
        data += _bands(when[:seen], rows, lacking, f"x{i + 1}")
    cells = [map(units.plain, row) for row in lines.values()]
    return Chart(
        data,
        sentence=_day_sentence(when, lines, total, now, refused),
        rows=marks.table(["hour", *lines], map(units.plain, when), *cells),
        assumed=assumed,
        headline=_day_headline(refused),
        facts=_day_facts(refused),
        title=_day_title(list(refused.values())),
        showlegend=False,
        annotations=[*_panel_titles(refused, when[0]), _all_cores(total, top, when[0])],
        shapes=[marks.rule(total, "y", "solid")] if total <= top else [],
        yaxis=marks.axis("cores, all together", top),
        margin={"b": 60, "t": 75},
        **_panels(len(served_cores), when),
    )


def _panel_titles(refused: Mapping[str, float], first: float) -> list[Part]:
    """Say above each panel what is refused in it."""
    made = []
    for i, (title, x) in enumerate(refused.items()):
        words = f"<b>{title}</b>: {units.plain(x)} core hours refused"
        place = {"xref": f"x{i + 1}", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        made.append(marks.note(first, 1, words, **place))
    return made


def _panels(count: int, when: Sequence[float]) -> dict[str, Part]:
    """Give each arrangement an axis of time beside the others."""
    made = {}
    wide = 1 / count
    for i in range(count):
        axis = {"title": "hour of the day", "range": [when[0], when[-1]], "dtick": 4}
        span = [i * wide + PANEL_GAP, (i + 1) * wide]
        made[f"xaxis{i + 1 if i else ''}"] = {**axis, "domain": span}
    return made


def _lacking(asked: Sequence[float], served: Sequence[float]) -> list[float]:
    """Say what is refused at each hour; a billionth of a core is rounding."""
    pairs = zip(asked, served, strict=True)
    return [max(0.0, round(want - have, 9)) for want, have in pairs]


def _bands(
    when: Sequence[float], rows: Sequence[Sequence[float]], lacking: Sequence[float], panel: str
) -> list[Part]:
    """Stack what each tenant is served, and hatched on top what all are refused."""
    made = []
    stack = {"xaxis": panel, "yaxis": "y", "stackgroup": panel, "showlegend": False}
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
