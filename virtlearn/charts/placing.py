"""The chart of a scheduler's decision: what each host has left, what it scores, which one is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import INK

__all__ = ["decision"]

HEADROOM = 1.3  # room over the bars for the verdict


def decision(
    hosts: Sequence[str],
    used: Mapping[str, Sequence[float]],
    asked: Mapping[str, Sequence[float]],
    *,
    verdicts: Sequence[str],
    scores: Mapping[str, Sequence[int]],
    sums: Sequence[int],
    winner: int,
    assumed: str = "",
) -> Chart:
    """Draw the hosts that a copy may go to: how full each is, what it scores, where the copy goes.

    Parameters
    ----------
    hosts : sequence of str, shape (hosts,)
        Their names.
    used, asked : mapping of str to sequence of float, shape (hosts,)
        For each resource, such as "CPU", the part of each host that is promised already, and the
        part that the copy asks for [fractions].
    verdicts : sequence of str, shape (hosts,)
        Why a host is filtered out; an empty text where it is not.
    scores : mapping of str to sequence of int, shape (hosts,)
        The weighted score of each rule, by its name.
    sums : sequence of int, shape (hosts,)
        The sum of the weighted scores.
    winner : int
        The host that is chosen; -1 where every host is filtered out.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A bar for each resource of each host; the copy is drawn on the host that wins.

    Raises
    ------
    ShapeMismatch
        Where a row has not one entry for each host.
    ImpossibleAmount
        Where a part is negative or unknown.

    Examples
    --------
    >>> chart = decision(
    ...     ["a", "b"], {"CPU": [0.5, 0.25]}, {"CPU": [0.25, 0.25]}, verdicts=["", ""],
    ...     scores={"least allocated": [25, 50]}, sums=[25, 50], winner=1)
    >>> print(chart.describe())
    B wins with 50 points, 25 ahead of a; most of the lead comes from least allocated.
    """
    take.filled("hosts", hosts)
    take.line_up("hosts", hosts, {**used, **scores, "verdicts": verdicts, "sums": sums})
    promised = take.rows("used", used)
    wanted = take.rows("asked", asked)
    x = [[name for name in hosts for _ in promised], list(promised) * len(hosts)]
    data = [
        _parts(0, "promised already", x, promised, range(len(hosts))),
        _parts(1, "this copy", x, wanted, [winner]),
    ]
    notes = []
    for i, (verdict, total) in enumerate(zip(verdicts, sums, strict=True)):
        words = _verdict(verdict, total)
        notes.append(marks.note(i, 1.06, words, xref="x2", xanchor="center"))
    head = ["host", "filter", *scores, "sum"]
    filters = [verdict or "passes" for verdict in verdicts]
    columns = [[f"{n:,}" for n in row] for row in [*scores.values(), sums]]
    return Chart(
        data,
        sentence=_told(hosts, verdicts, scores, sums, winner),
        rows=marks.table(head, hosts, filters, *columns),
        assumed=assumed,
        title="Where the next copy goes",
        barmode="stack",
        xaxis={"title": ""},
        # An axis of its own for the words over each host: the bars' axis has two levels.
        xaxis2={"overlaying": "x", "range": [-0.5, len(hosts) - 0.5], "visible": False},
        yaxis=marks.axis("part of the host", HEADROOM, tickformat=".0%"),
        annotations=notes,
        shapes=[_outline(winner)] if winner >= 0 else [],
    )


def _parts(
    i: int,
    name: str,
    x: list[list[str]],
    rows: Mapping[str, Sequence[float]],
    drawn: Sequence[int],
) -> Part:
    """Draw one part of every bar; nothing on hosts that do not have it."""
    heights = []
    for host, parts in enumerate(zip(*rows.values(), strict=True)):
        heights += parts if host in drawn else [0.0] * len(parts)
    hover = f"%{{x}}<br>{name}: %{{y:.0%}}<extra></extra>"
    return marks.bar(i, name, x, heights, hover)  # type: ignore[arg-type]


def _outline(host: int) -> Part:
    """Outline the host that wins."""
    line = {"color": INK, "width": 3}
    ends = {"x0": host - 0.48, "x1": host + 0.48, "y0": 0, "y1": 1, "xref": "x2"}
    return {"type": "rect", "line": line, **ends}


def _verdict(verdict: str, total: int) -> str:
    return f"no: {verdict}" if verdict else f"{total:,} points"


def _told(
    hosts: Sequence[str],
    verdicts: Sequence[str],
    scores: Mapping[str, Sequence[int]],
    sums: Sequence[int],
    winner: int,
) -> str:
    if winner < 0:
        reasons = zip(hosts, verdicts, strict=True)
        each = "; ".join(f"{host}: {why}" for host, why in reasons)
        return f"No host can take the copy. {each[:1].upper()}{each[1:]}."
    name = hosts[winner]
    told = f"{name[:1].upper()}{name[1:]} wins"
    others = [i for i, why in enumerate(verdicts) if not why and i != winner]
    if not others:
        return f"{told}: it is the only host that passes the filters."
    second = max(others, key=lambda i: sums[i])
    lead = sums[winner] - sums[second]
    told += f" with {sums[winner]:,} points"
    if lead == 0:
        return f"{told}, as many as {hosts[second]}; the first of equals is taken."
    ahead = {rule: row[winner] - row[second] for rule, row in scores.items()}
    most = max(ahead, key=lambda rule: ahead[rule])
    from_rule = f"most of the lead comes from {most}"
    return f"{told}, {units.plain(lead)} ahead of {hosts[second]}; {from_rule}."
