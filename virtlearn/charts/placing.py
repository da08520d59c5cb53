"""The chart of a scheduler's decision: what each host has left and scores, and which is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part
from virtlearn.charts._style import INK
from virtlearn.errors import WrongKind, shown
from virtlearn.model.decision import Decision

__all__ = ["decision"]

HEADROOM = 1.45  # room over the bars for the verdict
# What fits side by side over all hosts, and below which the table has to say why a host is out.
LETTERS, FEWEST_LETTERS = 92, 15


def decision(made: Decision, *, assumed: str = "") -> Chart:
    """Draw the hosts that a copy may go to: how full each is, what it scores, where the copy goes.

    Parameters
    ----------
    made : Decision
        As ``placement.decision(i)`` gives it.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A bar for each resource of each host; the copy is drawn on the host that wins.

    Raises
    ------
    WrongKind
        Where something else is given.

    Examples
    --------
    >>> from virtlearn.model import Host, Workload, place
    >>> web = Workload("web", cpu_cores=1, memory_mib=1024)
    >>> placed = place([web], [Host(4, 8), Host(8, 16)], policy="kube-scheduler")
    >>> print(decision(placed.decision(0)).describe())
    Host 1 wins with 663 points, 11 ahead of host 0; most of the lead comes from least allocated.
    """
    if not isinstance(made, Decision):
        wrong = f"A chart of a decision needs one, but this is {shown(made)}."
        raise WrongKind(f"{wrong}\nTry charts.decision(placement.decision(0)).")
    hosts = made.hosts
    scores = {rule: row.tolist() for rule, row in made.weighted.items()}
    sums = made.sums.tolist()
    x = [[name for name in hosts for _ in made.part_used], list(made.part_used) * len(hosts)]
    data = [
        _parts(0, "promised already", x, made.part_used, range(len(hosts))),
        _parts(1, "this copy", x, made.part_asked, [made.winner]),
    ]
    notes = []
    for i, (verdict, total) in enumerate(zip(made.verdicts, sums, strict=True)):
        words = _verdict(verdict, total, len(hosts))
        place = {"xref": "x2", "xanchor": "center", "yanchor": "bottom"}
        notes.append(marks.note(i, 1.02, words, **place))
    head = ["host", "filter", *scores, "sum"]
    filters = [verdict or "passes" for verdict in made.verdicts]
    columns = [[f"{n:,}" for n in row] for row in [*scores.values(), sums]]
    return Chart(
        data,
        sentence=_told(hosts, made.verdicts, scores, sums, made.winner),
        rows=marks.table(head, hosts, filters, *columns),
        assumed=assumed,
        title="Where the next copy goes",
        barmode="stack",
        xaxis={"title": ""},
        # An axis of its own for the words over each host: the bars' axis has two levels.
        xaxis2={"overlaying": "x", "range": [-0.5, len(hosts) - 0.5], "visible": False},
        yaxis=marks.axis("part of the host", HEADROOM, tickformat=".0%"),
        annotations=notes,
        shapes=[_outline(made.winner)] if made.winner >= 0 else [],
    )


def _parts(
    i: int,
    name: str,
    x: list[list[str]],
    rows: Mapping[str, Sequence[float]],
    drawn: Sequence[int],
) -> Part:
    """Draw one part of every bar; nothing on hosts that do not have it."""
    heights: list[float] = []
    for host, parts in enumerate(zip(*rows.values(), strict=True)):
        heights += parts if host in drawn else [0.0] * len(parts)
    hover = f"%{{x}}<br>{name}: %{{y:.0%}}<extra></extra>"
    return marks.bar(i, name, x, heights, hover)  # type: ignore[arg-type]


def _outline(host: int) -> Part:
    """Outline the host that wins."""
    line = {"color": INK, "width": 3}
    ends = {"x0": host - 0.48, "x1": host + 0.48, "y0": 0, "y1": 1, "xref": "x2"}
    return {"type": "rect", "line": line, **ends}


def _verdict(verdict: str, total: int, hosts: int) -> str:
    """Say over a host why it is out, or what it scores, in lines that are no wider than it."""
    if not verdict:
        return f"{total:,} points"
    letters = LETTERS // hosts
    if letters < FEWEST_LETTERS:
        return "no"
    return "<br>".join(wrap(f"no: {verdict}", letters))


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
    if not scores:
        return f"{name[:1].upper()}{name[1:]} takes the copy; this policy gives no points."
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
