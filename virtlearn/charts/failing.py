"""Charts of failing: what stops together, and how many copies are up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from virtlearn import core, units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import GRID
from virtlearn.charts._tree import numbered, the, tree_chart
from virtlearn.charts._words import copies, listed
from virtlearn.errors import ImpossibleProbability
from virtlearn.model import Deployment

__all__ = ["copies_up", "failure_domains"]

RAREST = 1e-9  # rarer than once in a thousand years of hours; below it nothing is drawn
TOP = 2.0  # where the axis of shares ends, so that a point at 100 % is whole
EXACT_DIGITS = 6
PLAYED_DIGITS = 4  # chance has no more to say
ERRORS_SHOWN = 2  # standard errors: 95 in 100 runs
SUM_SLACK = 1e-6


def failure_domains(
    deployment: Deployment, dead: int | str | None = None, *, assumed: str = ""
) -> Chart:
    """Draw a deployment's tree; a dead node greys all that stops with it.

    Parameters
    ----------
    deployment : Deployment
        Whose tree is drawn.
    dead : int or str, optional
        The node that fails: its index, name or kind.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Boxes in levels; what is down is grey and crossed out. A click gives a node's index.

    Raises
    ------
    WrongKind
        Where it is given no deployment.
    UnknownName
        Where the tree has no such node.

    Examples
    --------
    >>> import virtlearn as vl
    >>> web = vl.Workload("web", 0.5, 256)
    >>> pods = vl.deploy(web, copies=20, host=vl.Host(16, 64), on="containers")
    >>> failure_domains(pods, "operating-system")
    The host operating system stops, and 20 of 20 copies with it.
    >>> failure_domains(pods, "container-runtime").describe().split(";")[0]
    'The container runtime stops, and 0 of 20 copies with it'
    """
    take.only_deployments("failure_domains", deployment)
    tree = deployment.tree
    at = None if dead is None else tree.index(dead)
    down = [False] * len(tree) if at is None else deployment.down_with(at).tolist()
    lost = 0 if at is None else len(deployment.dies_with(at))
    titles = [layer.title for layer in tree.layers]
    names = numbered(titles)
    hover = [f"{name}: down" if gone else name for name, gone in zip(names, down, strict=True)]
    fallen = [title for title, is_down in zip(titles, down, strict=True) if is_down]
    kinds = list(dict.fromkeys(titles))
    counts = [f"{titles.count(title):,}" for title in kinds]
    gone = [f"{fallen.count(title):,}" for title in kinds]
    many = deployment.copies
    return tree_chart(
        tree.parent,
        tree.kind,
        hover,
        text=names,
        same=list(zip(tree.name, down, strict=True)),
        grey=down,
        levels=titles,
        title="What stands on a box stops with it",
        ring=at,
        sentence=_stops(deployment, names, at),
        rows=marks.table(["layer", "boxes", "down"], kinds, counts, gone),
        assumed=assumed,
        headline=_lost(many, lost, at),
        facts={"copies": many, "copies_lost": lost, "boxes": len(tree), "boxes_down": sum(down)},
    )


def _lost(many: int, lost: int, at: int | None) -> str:
    if at is None:
        return "the copy runs" if many == 1 else f"all {copies(many)} run"
    return f"{lost:,} of {copies(many)} {'stops' if many == 1 else 'stop'}"


def _stops(deployment: Deployment, names: Sequence[str], at: int | None) -> str:
    many = copies(deployment.copies)
    if at is None:
        verb = "stands" if deployment.copies == 1 else "stand"
        nodes = units.count(len(deployment.tree), "box", "boxes")
        return f"{many} {verb} on one tree of {nodes}; choose a box to see what stops with it."
    lost = len(deployment.dies_with(at))
    told = f"{the(names[at])} stops, and {lost:,} of {many} with it"
    if lost:
        return f"{told}."
    return f"{told}; it is not on the running path, so what runs goes on and only new starts wait."


def copies_up(
    exact: Rows,
    *,
    simulated: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
    need: int = 1,
    assumed: str = "",
) -> Chart:
    """Draw the share of time with exactly k copies up, exact and simulated.

    Parameters
    ----------
    exact : mapping of str to sequence of float, shape (copies + 1,)
        For each title the probabilities, such as `Deployment.copies_up_pmf`.
    simulated : mapping of str to (sequence, sequence), optional
        What `core.failure.simulate_outages` gives: shares of time and their standard errors, drawn
        as two of them.
    need : int
        How many copies the service needs.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Full points for the law, open ones of the same colour and shape for a simulation.

    Raises
    ------
    ShapeMismatch
        Where there is nothing to draw, or a simulation has not one error for each share.
    ImpossibleProbability
        Where shares lie outside 0 and 1, or do not add up to 1.

    Examples
    --------
    >>> print(copies_up({"two servers": [0.000025, 0.00995, 0.990025]}).describe())
    Two servers: at least 1 copy is up 99.9975 % of the time, so the service is down 65.7 s a month.
    """
    take.filled("exact", exact)
    pmfs = {title: _pmf(title, shares) for title, shares in exact.items()}
    data = []
    told = []
    rows = [("platform", "copies up", "share of the time")]
    for i, (title, pmf) in enumerate(pmfs.items()):
        # Equal ones stay visible, one in the other.
        look = {"size": max(6, 14 - 4 * i)}
        data.append(_points(i, title, pmf, EXACT_DIGITS, look))
        rows += _cells(data[-1])
        told.append(_availability(title, pmf, need))
    for title, (share, error) in (simulated or {}).items():
        take.line_up("share", share, {"standard_error": error})
        # A simulation wears the look of the law that it is the chance of.
        i = list(exact).index(title) if title in exact else len(exact)
        data.append(_played(i, title, take.series("share", share), take.series("error", error)))
        rows += _cells(data[-1])
    most = max(map(len, pmfs.values())) - 1
    dark_min = [_dark_min(pmf, need) for pmf in pmfs.values()]
    return Chart(
        data,
        sentence="; ".join(told) + ".",
        rows=rows,
        assumed=assumed,
        headline=f"Dark a month: {listed(units.duration(60 * minutes) for minutes in dark_min)}",
        facts={f"dark_min_{i}": minutes for i, minutes in enumerate(dark_min)},
        title=f"With fewer than {copies(need)} up, the service is dark",
        shapes=[_too_few(need)],
        annotations=[marks.note(need / 2 - 0.5, 1.02, "dark", yref="paper", yanchor="bottom")],
        xaxis={
            "title": "copies up",
            "range": [-0.5, most + 0.5],
            "tick0": 0,
            "dtick": max(1, most // 10),
        },
        yaxis=marks.log_axis(
            "share of the time", RAREST, TOP, lambda share: units.percent(share, 1)
        ),
    )


def _too_few(need: int) -> Part:
    """Shade the numbers of copies that are too few."""
    across = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    return {**across, "x0": -0.5, "x1": need - 0.5, "fillcolor": GRID, "line": {"width": 0}}


def _dark_min(pmf: Sequence[float], need: int) -> float:
    return float(core.failure.downtime_min_per_month(core.failure.at_least_up(pmf, need)))


def _pmf(title: str, shares: Sequence[float]) -> list[float]:
    """Take shares of the time, or refuse such as do not add up."""
    pmf = [float(p) for p in core.check.probability(title, take.series(title, shares))]
    if abs(sum(pmf) - 1) > SUM_SLACK:
        raise ImpossibleProbability(
            f"exact[{title!r}] adds up to {sum(pmf):.6g}; the shares of time must add up to 1.\n"
            "Try deployment.copies_up_pmf()."
        )
    return pmf


def _nines(up: float) -> int:
    """Give digits enough that what is sometimes down is not said to be up 100 % of the time.

    >>> almost = 1 - 1e-10
    >>> both = [units.percent(share, _nines(share)) for share in (0.999975, almost)]
    >>> (*both, _nines(1.0))
    ('99.9975 %', '99.99999999 %', 6)
    """
    down = 1 - up
    if not 0 < down < 1:
        return EXACT_DIGITS
    return max(EXACT_DIGITS, 2 + math.ceil(-math.log10(down)))


def _availability(title: str, pmf: Sequence[float], need: int) -> str:
    up = float(core.failure.at_least_up(pmf, need))
    down_s = 60 * _dark_min(pmf, need)
    verb = "is" if need == 1 else "are"
    least = f"at least {copies(need)} {verb} up {units.percent(up, _nines(up))} of the time"
    return f"{title}: {least}, so the service is down {units.duration(down_s)} a month"


def _kept(shares: Sequence[float]) -> list[int]:
    return [k for k, share in enumerate(shares) if share > RAREST]


def _points(
    i: int, title: str, shares: Sequence[float], digits: int, look: Mapping[str, object]
) -> Part:
    """Draw a point for each number of copies that is up some of the time."""
    kept = _kept(shares)
    return marks.points(
        i,
        title,
        kept,
        [shares[k] for k in kept],
        f"{title}<br>%{{x}} copies up: %{{text}}<extra></extra>",
        text=[units.percent(shares[k], digits) for k in kept],
        look=look,
    )


def _played(i: int, title: str, mean: Sequence[float], error: Sequence[float]) -> Part:
    """Draw what chance gave, with its error bars."""
    symbol = f"{marks.SYMBOLS[i % len(marks.SYMBOLS)]}-open"
    look = {"symbol": symbol, "size": 18, "line": {"width": 2}}
    trace = _points(i, f"{title}, simulated", mean, PLAYED_DIGITS, look)
    kept = _kept(mean)
    bars = [ERRORS_SHOWN * error[k] for k in kept]
    # A bar that reached zero would have no end on an axis of powers.
    below = [min(bar, 0.99 * mean[k]) for bar, k in zip(bars, kept, strict=True)]
    trace["error_y"] = {"type": "data", "array": bars, "arrayminus": below, "symmetric": False}
    return trace


def _cells(trace: Part) -> list[tuple[str, str, str]]:
    points = zip(trace["x"], trace["text"], strict=True)
    return [(trace["name"], str(k), share) for k, share in points]
