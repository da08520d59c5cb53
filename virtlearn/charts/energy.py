"""The chart of power: what each host draws, how much of it for doing nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import bar_look
from virtlearn.charts._words import copies as counted

__all__ = ["power"]


OFF = 0.25  # how high the outline of a host stands that is off, as a part of the axis
ALL_OFF_W = 100.0  # where the axis ends when no host is on
PALE = "rgba(118,118,118,0.12)"
HEADROOM = 1.25  # room for the words over the highest bar


def power(
    idle_w: Sequence[float],
    busy_w: Sequence[float],
    *,
    copies: Sequence[int],
    other_w: Mapping[str, float] | None = None,
    remark: str = "",
    assumed: str = "",
) -> Chart:
    """Draw the power of each host: what it draws for being on, and what its load adds.

    Parameters
    ----------
    idle_w, busy_w : sequence of float, shape (hosts,)
        What each host draws when idle, 0 for one that is off, and what its load adds [W].
    copies : sequence of int, shape (hosts,)
        The copies that run on each.
    other_w : mapping of str to float, optional
        What all would draw if the copies were, such as "packed" [W]; the headline compares.
    remark : str, optional
        A few words under the hosts, such as how much memory a copy takes.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A box for each host, the idle part hatched; one that is off is an empty outline.

    Raises
    ------
    ShapeMismatch
        Where a row has not one entry for each host.
    ImpossibleAmount
        Where an amount is negative, infinite or unknown.

    Examples
    --------
    >>> chart = power([100, 100, 0], [50, 20, 0], copies=[10, 4, 0], other_w={"spread": 350})
    >>> print(chart.describe())  # doctest: +NORMALIZE_WHITESPACE
    3 hosts draw 270 W, 200 W of it for being on; 1 is switched off.
    That is 19.3 Wh an hour for each of 14 copies.
    >>> chart.headline
    '2 hosts on: 270 W (spread: 350 W)'
    """
    idle = take.series("idle_w", idle_w)
    take.line_up("idle_w", idle, {"busy_w": busy_w, "copies": copies})
    busy = take.series("busy_w", busy_w)
    names = [f"host {i + 1}" for i in range(len(idle))]
    whole = [a + b for a, b in zip(idle, busy, strict=True)]
    running = [counted(n) for n in copies]
    state = [words if watts else "off" for words, watts in zip(running, idle, strict=True)]
    parts = {"for being on": idle, "for its load": busy}
    top = marks.round_top([HEADROOM * max(whole) or ALL_OFF_W])
    cells = [[f"{units.plain(x)} W" for x in row] for row in parts.values()]
    return Chart(
        [*_bars(names, parts), _off(names, idle, top)],
        sentence=_told(idle, whole, sum(copies)),
        rows=marks.table(["host", *parts, "runs"], names, *cells, state),
        headline=_headline(idle, whole, other_w or {}),
        facts=_facts(idle, whole, sum(copies)),
        assumed=assumed,
        title="What each host draws: for being on, and for its load",
        barmode="stack",
        bargap=0.15,
        margin={"b": 50},
        xaxis=_hosts(names, remark),
        yaxis=marks.axis("power [W]", top),
        annotations=_notes(names, whole, state, top),
    )


def _bars(names: Sequence[str], parts: Mapping[str, Sequence[float]]) -> list[Part]:
    hover = "%{x}: %{y:.0f} W<extra></extra>"
    data = []
    for i, (name, watts) in enumerate(parts.items()):
        data.append(marks.bar(i, name, names, watts, hover))
    # The part that is wasted is the one to see.
    data[0]["marker"]["pattern"]["shape"] = "/"
    data[1]["marker"]["pattern"]["shape"] = ""
    return data


def _hosts(names: Sequence[str], remark: str) -> Part:
    numbers = [str(i + 1) for i in range(len(names))]
    return {
        "title": f"host; {remark}" if remark else "host",
        "tickvals": list(names),
        "ticktext": numbers,
    }


def _off(names: Sequence[str], idle: Sequence[float], top: float) -> Part:
    """Draw an outline as good as empty where a host is switched off: its height is no power."""
    heights = [0.0 if watts else OFF * top for watts in idle]
    box = marks.bar(0, "switched off", names, heights, "%{x} is switched off<extra></extra>")
    box["marker"] = bar_look(PALE, ".")
    box["showlegend"] = any(heights)
    return box


def _notes(
    names: Sequence[str], whole: Sequence[float], state: Sequence[str], top: float
) -> list[Part]:
    """Write over each host what it draws and runs, and into one that is off that it is."""
    notes = []
    for name, watts, words in zip(names, whole, state, strict=True):
        if watts:
            # Ten hosts stand close on a narrow page: a word on each line.
            over = "<br>".join([f"{watts:.0f} W", *words.split()])
            notes.append(marks.note(name, watts, over, yanchor="bottom", font={"size": 12}))
        else:
            notes.append(marks.note(name, OFF * top / 2, "<b>off</b><br>0 W"))
    return notes


def _headline(idle: Sequence[float], whole: Sequence[float], other: Mapping[str, float]) -> str:
    """Say how many hosts draw how much, and what it would be otherwise."""
    on = sum(watts > 0 for watts in idle)
    told = f"{units.count(on, 'host')} on: {sum(whole):,.0f} W"
    ways = ", ".join(f"{way}: {watts:,.0f} W" for way, watts in other.items())
    return f"{told} ({ways})" if ways else told


def _facts(idle: Sequence[float], whole: Sequence[float], copies: int) -> dict[str, float]:
    """Give the numbers behind the boxes; what a copy takes only where there is one."""
    on = sum(watts > 0 for watts in idle)
    facts = {
        "hosts_on": float(on),
        "hosts_off": float(len(idle) - on),
        "watts": sum(whole),
        "idle_watts": sum(idle),
    }
    if sum(whole):
        facts["idle_share"] = sum(idle) / sum(whole)
    if copies:
        facts["wh_a_copy"] = sum(whole) / copies
    return facts


def _told(idle: Sequence[float], whole: Sequence[float], copies: int) -> str:
    off = sum(watts == 0 for watts in idle)
    told = (
        f"{units.count(len(idle), 'host')} draw {units.plain(sum(whole))} W, "
        f"{units.plain(sum(idle))} W of it for being on"
    )
    told += f"; {off} {'is' if off == 1 else 'are'} switched off." if off else "."
    if copies:
        each = units.plain(sum(whole) / copies)
        told += f" That is {each} Wh an hour for each of {copies:,} copies."
    return told
