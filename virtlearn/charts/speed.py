"""Charts of speed: what is left of it on each platform, and where the time of a request goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import core, units
from virtlearn.catalog.numbers import Quantity
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._stacked import Parts, Stack, stacked_chart
from virtlearn.charts._style import FILLS, INK
from virtlearn.charts._words import listed, milliseconds

__all__ = ["operations", "request_time"]

Kept = Mapping[str, tuple[float, Sequence[Quantity]]]  # for each kind of work
GUESSED = " a"  # marks a value that no row of evidence gives
BAR_PX = 18
WORDS_PERCENT = 25  # of native: room for the words at the end of a bar


def operations(kept: Mapping[str, Kept], *, top: float = 1.2, assumed: str = "") -> Chart:
    """Draw what is left of native speed for each kind of work, one group of bars a kind.

    Parameters
    ----------
    kept : mapping of str to mapping of str to (float, sequence of Quantity)
        For each platform's title and kind of work what `Platform.keeps` gives: the fraction, and
        its numbers.
    top : float
        Where the axis ends, as a fraction of native.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A bound is a hollow bar with its sign, not a mean; assumed values carry an "a".

    Raises
    ------
    ShapeMismatch
        Where there is no platform, or one has more or fewer kinds of work than the first.
    UnknownName
        Where a platform lacks a kind of work of the first.
    ImpossibleAmount
        Where a fraction is negative, infinite or unknown.

    Examples
    --------
    >>> import virtlearn as vl
    >>> vms = vl.platform("virtual-machines")
    >>> kept = {op: vms.keeps(op) for op in ("computing", "random I/O")}
    >>> print(operations({vms.title: kept}).describe())
    Virtual machines keep most of native speed in computing (97.7 %), least in random I/O (54.9 %).
    """
    take.filled("kept", kept)
    work = list(next(iter(kept.values())))
    data = []
    told = []
    for i, (title, fractions) in enumerate(kept.items()):
        take.line_up("work", work, {title: fractions})
        for op in work:
            core.check.known(f"a kind of work of {title}", op, fractions)
        values = take.series(title, [fractions[op][0] for op in work])
        trace = _bars_of(i, title, work, values, [fractions[op][1] for op in work])
        data.append(trace)
        ranked = sorted(zip(values, work, trace["text"], strict=True))
        _, slow, least = ranked[0]
        _, fast, most = ranked[-1]
        told.append(
            f"{title} keep most of native speed in {fast} ({most}), least in {slow} ({least})"
        )
    if any(GUESSED in mark for trace in data for mark in trace["text"]):
        reasons = ["the values marked a, for which no row exists", assumed]
        assumed = "; ".join(reason for reason in reasons if reason)
    legend = marks.legend_px(kept)
    return Chart(
        data,
        sentence="; ".join(told) + ".",
        rows=marks.table(["work", *kept], work, *(trace["text"] for trace in data)),
        assumed=assumed,
        title="What is left of native speed",
        # Lying bars: their words are read without turning the head, also on a narrow page.
        xaxis=marks.axis(
            "of native [%]", 100 * top + WORDS_PERCENT, tickvals=list(range(0, 101, 20))
        ),
        yaxis={"autorange": "reversed"},
        bargap=0.2,
        height=130 + legend + len(work) * (14 + BAR_PX * len(kept)),
        margin={"b": 50},
    )


def _bars_of(
    i: int,
    title: str,
    work: Sequence[str],
    values: Sequence[float],
    numbers: Sequence[Sequence[Quantity]],
) -> Part:
    """Draw one platform's bars, hollow where the value is a bound."""
    bounds = [next((n.bound for n in some if n.bound), "") for some in numbers]
    words = []
    for value, bound, some in zip(values, bounds, numbers, strict=True):
        guessed = GUESSED if any(n.assumed for n in some) else ""
        words.append(f"{bound}{units.percent(value)}{guessed}")
    percents = [100 * value for value in values]
    hover = f"{title}<br>%{{y}}: %{{text}} of native<extra></extra>"
    trace = marks.bar(
        i,
        title,
        percents,
        work,
        hover,
        orientation="h",
        text=words,
        textposition="outside",
        textfont={"size": 11},
        cliponaxis=False,
        constraintext="none",
    )
    fill = FILLS[i % len(FILLS)]
    look = trace["marker"]
    look["color"] = ["rgba(0,0,0,0)" if bound else fill for bound in bounds]
    look["pattern"]["fgcolor"] = [INK if bound else "rgba(255,255,255,0.8)" for bound in bounds]
    look["line"] = {
        "color": [fill if bound else INK for bound in bounds],
        "width": [2 if bound else 1 for bound in bounds],
    }
    return trace


def request_time(
    parts_ms: Parts, *, top_ms: float, what: str = "one request", assumed: str = ""
) -> Chart:
    """Draw where the time of one request goes, one bar a platform.

    Parameters
    ----------
    parts_ms : mapping of str to mapping of str to float
        For each platform's title, the time of each part of the request [ms]; the first is the
        yardstick.
    top_ms : float
        Where the axis ends [ms]; further where a request takes longer.
    what : str
        What takes the time, as title and sentence call it.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Horizontal bars, stacked of their parts.

    Raises
    ------
    ShapeMismatch
        Where there is no platform, or one without a part.
    ImpossibleAmount
        Where a time is negative, infinite or unknown.

    Examples
    --------
    >>> ms = {"processes": {"computing": 10}, "virtual machines": {"computing": 11}}
    >>> print(request_time(ms, top_ms=20).describe())
    One request takes 10 ms (processes) and 11 ms (virtual machines, 1.1 times as long).
    """
    stack = Stack.of_parts(parts_ms, milliseconds)
    first, *others = stack.sums.items()
    told = [f"{milliseconds(first[1])} ({first[0]})"]
    for title, ms in others:
        told.append(f"{milliseconds(ms)} ({title}{_against(ms, first[1])})")
    return stacked_chart(
        stack,
        sentence=f"{what} takes {listed(told)}.",
        title=f"Where the time of {what} goes",
        along="time [ms]",
        top=top_ms,
        assumed=assumed,
    )


def _against(ms: float, yardstick_ms: float) -> str:
    """Compare a time with the yardstick's; nothing where either took none."""
    if not ms or not yardstick_ms:
        return ""
    if ms == yardstick_ms:
        return ", just as long"
    ratio = ms / yardstick_ms
    # Three digits would say that 1.0004 times as long is once as long.
    digits = 3 if units.plain(ratio) != "1" else 5
    return f", {units.plain(ratio, digits)} times as long"
