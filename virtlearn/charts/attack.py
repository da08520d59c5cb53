"""Charts of break-ins: how far an intruder gets, and how an attack spreads."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean
from typing import Any

from virtlearn import units
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts import _walled as walled
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._style import INK
from virtlearn.charts._walled import Played, Walled
from virtlearn.charts._words import copies, listed
from virtlearn.core.check import Floats
from virtlearn.model import Deployment

__all__ = ["blast_radius", "spread"]

MADE_UP = (
    "the escape probabilities; no rate is published, only their order follows what the walls expose"
)
TREE_PART, LOSS_PART = (0.0, 0.7), (0.77, 1.0)  # of the picture's width
HEIGHT_PX = 400
OVER = 1.0  # room over the tree, in heights of a box
ARCS_HIGH = 0.55  # of it, for arcs
LEAST_WIDE = 4  # copies on the axis, so that a bar is a bar
ROOMY = 0.43  # of the axis: right of it, words would leave the picture
MOST_NUMBERS = 6  # bars that have a number each
NOTES_HIGH = (0.86, 0.73)  # where the means are written, of the bars' height
DASHES = ("—", "┄")  # as the lines are drawn
WALLS_TITLE = "Red falls; the thicker a wall, the more rarely it gives way"
KEYS_TITLE = "Red falls; a shared key opens other copies and touches no wall"
ALL = 100.0  # a hundred attacks, or all chance in per cent


def blast_radius(
    deployment: Deployment,
    start: int | str = "workload",
    *,
    played: Played | None = None,
    keys: str = "",
    assumed: str = MADE_UP,
) -> Chart:
    """Draw how likely an intruder who controls one node comes to control every other.

    Parameters
    ----------
    deployment : Deployment
        Whose tree is drawn, with its walls.
    start : int or str
        Where the intruder begins: index, name or kind.
    played : Played, optional
        Attacks to show in place of the exact chances.
    keys : str
        What is said of credentials that the copies share; an empty text where they share none.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Boxes in levels, the redder the likelier, and walls between them, the thicker the better
        they hold; beside them how many copies are lost how often. A click gives a node's index.

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
    >>> print(blast_radius(pods).describe().split(" Walls")[0])  # doctest: +NORMALIZE_WHITESPACE
    From the application, an intruder can expect to take 1.95 of 20 copies;
    it controls the hardware with a chance of 5 %.
    """
    take.only_deployments("blast_radius", deployment)
    at = deployment.tree.index(start)
    exact = deployment.controlled_from(at)
    shown = played or _law(deployment, at, exact)
    told = _chances(shown)
    alone = [i == at for i in range(len(told))]
    drawn = walled.lay_out(deployment, list(zip(told, shown.taken, alone, strict=True)))
    lost = _played_loss(played) if played else _exact_loss(deployment, at)
    means = [deployment.blast_radius(at)]
    if shown.lost:
        means.append(mean(shown.lost))
    words = ("own keys", "shared") if keys else ("expected", "played")
    return Chart(
        [
            walled.strip(drawn),
            *walled.walls_between(drawn, shown.broken),
            walled.heated(drawn, shown.share, shown.taken, _hover(deployment, shown)),
            *walled.words_in(drawn, told, shown.taken, at),
            walled.arcs(drawn, _first_copy(deployment, at), shown.keyed),
            _loss_bars(deployment.copies, lost, played is not None),
        ],
        **_layout(drawn, deployment.copies),
        shapes=_mean_lines(means),
        annotations=[
            _begins(drawn, at, keys),
            *_loss_notes(deployment.copies, means, words, played is not None),
        ],
        title=KEYS_TITLE if keys else WALLS_TITLE,
        headline=shown.said,
        facts=_facts(deployment, means, keys, exact, len(shown.lost)),
        sentence=_sentence(deployment, at, exact),
        rows=_rows(deployment, at, exact),
        assumed=assumed,
    )


def _law(deployment: Deployment, at: int, exact: Floats) -> Played:
    """Show what is to be expected where no attack was played."""
    lost = units.plain(deployment.blast_radius(at))
    said = f"{lost} of {copies(deployment.copies)} lost on average"
    return Played(said, [], exact.tolist(), (exact == 1).tolist())


def _chances(shown: Played) -> list[str]:
    """Write the chances: a box that is full or out of reach needs no number."""
    pairs = zip(shown.share, shown.taken, strict=True)
    return ["" if full or chance == 0 else units.percent(chance, 2) for chance, full in pairs]


def _layout(drawn: Walled, of: int) -> dict[str, Any]:
    """Put the tree at the left and the losses at the right."""
    ends = sorted({1, (of + 1) // 2, of})
    return {
        "barmode": "overlay",
        "height": HEIGHT_PX,
        "margin": {"l": 10, "r": 12, "t": 58, "b": 50},
        "xaxis": {"visible": False, "range": [-0.035, 1.28], "domain": TREE_PART},
        "yaxis": walled.level_axis(drawn, drawn.top + OVER),
        "xaxis2": {
            "title": {"text": "copies lost", "standoff": 4, "font": {"size": 13}},
            "range": [-0.3, max(of, LEAST_WIDE) + 0.7],
            "tickvals": ends,
            "domain": LOSS_PART,
            "anchor": "y2",
            "showgrid": False,
        },
        "yaxis2": {
            "range": [0, 1.08 * ALL],
            "dtick": 50,
            "anchor": "x2",
            "showticklabels": False,
            "ticks": "",
        },
    }


def _hover(deployment: Deployment, shown: Played) -> list[str]:
    titles = [layer.title for layer in deployment.tree.layers]
    said = [
        "controlled" if full else f"controlled with {units.percent(chance, 2)}"
        for chance, full in zip(shown.share, shown.taken, strict=True)
    ]
    return [f"{title}<br>{word}" for title, word in zip(titles, said, strict=True)]


def _first_copy(deployment: Deployment, at: int) -> int:
    """Find the first copy in a node."""
    inside = (i for i in deployment.tree.copies.tolist() if i >= at)
    return next(inside, at)


def _exact_loss(deployment: Deployment, at: int) -> list[float]:
    """Give the chance to lose 0, 1, 2, … copies, in per cent."""
    chance = [0.0] * (deployment.copies + 1)
    below = deployment.tree.copies_below
    for node, ends in enumerate(deployment.reach_pmf(at).tolist()):
        chance[round(float(below[node]))] += ALL * ends
    return chance


def _played_loss(played: Played) -> list[float]:
    """Count the attacks that took 0, 1, 2, … copies."""
    most = max(played.lost, default=0)
    return [float(sum(n == lost for n in played.lost)) for lost in range(most + 1)]


def _loss_bars(of: int, lost: Sequence[float], counted: bool) -> Part:
    """Draw how often so many copies are lost."""
    shown = [n for n, often in enumerate(lost) if often > 0]
    word = "attacks" if counted else "% of attacks"
    often = [lost[n] for n in shown]
    # Many numbers would run into each other: then the largest says how high all are.
    named = often if len(shown) <= MOST_NUMBERS else [max(often)]
    return {
        "type": "bar",
        "showlegend": False,
        "xaxis": "x2",
        "yaxis": "y2",
        "x": shown,
        "y": often,
        "width": [_bar_width(of)] * len(shown),
        "text": [units.plain(n, 2) if n in named else "" for n in often],
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "marker": {"color": walled.TAKEN, "line": {"color": INK, "width": 1}},
        "hovertemplate": f"%{{x}} lost: %{{y:.3~g}} {word}<extra></extra>",
    }


def _mean_lines(means: Sequence[float]) -> list[Part]:
    """Draw means as lines behind the bars: the law's in full, the played one dashed."""
    looks = [{"color": INK, "width": 3}, {"color": INK, "width": 2, "dash": "dash"}]
    lines = []
    for lost, look, high in zip(means, looks, NOTES_HIGH, strict=False):
        across = {"type": "line", "xref": "x2", "x0": lost, "x1": lost, "line": look}
        lines.append({**across, "yref": "y2", "y0": 0, "y1": high * ALL + 4, "layer": "below"})
    return lines


def _begins(drawn: Walled, at: int, keys: str) -> Part:
    """Say where the intruder starts, and what the arcs over the tree are."""
    k = drawn.laid.node.index(at)
    left = float(drawn.laid.left[k])
    right = left + float(drawn.laid.width[k])
    begin = f"{walled.INTRUDER} the intruder starts here"
    with_keys = f"{walled.INTRUDER} intruder; dotted: {keys}"
    # The words stand over the arcs, not among them.
    y = drawn.top + (ARCS_HIGH if keys else 0)
    look = {"yanchor": "bottom", "font": {"size": 12}}
    said = with_keys if keys else begin
    if left + right < 1:
        return marks.note(left, y, said, xanchor="left", **look)
    return marks.note(right, y, said, xanchor="right", **look)


def _loss_notes(
    of: int,
    means: Sequence[float],
    words: Sequence[str],
    counted: bool,
) -> list[Part]:
    """Say what the bars count, and write each mean beside its line."""
    what = "how many of 100 attacks" if counted else "% of attacks"
    place = {"xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "bottom"}
    notes = [marks.note(1.0, 1.0, what, font={"size": 12}, **place)]
    x, side = _beside(min(means), max(means), of)
    look = {"xref": "x2", "yref": "y2", "font": {"size": 12}, "xanchor": side}
    for lost, word, dash, y in zip(means, words, DASHES, NOTES_HIGH, strict=False):
        notes.append(marks.note(x, y * ALL, f"{dash} {word}: {units.plain(lost)}", **look))
    return notes


def _beside(low: float, high: float, of: int) -> tuple[float, str]:
    """Find a place for words at two lines: beside both, or where they do not leave the picture."""
    half = _bar_width(of) / 2
    wide = max(of, LEAST_WIDE)
    if high < ROOMY * wide:
        return high + half, "left"
    if low > (1 - ROOMY) * wide:
        return low - half, "right"
    # The lines are far apart.
    return (low + half, "left") if low < ROOMY * wide else (high - half, "right")


def _bar_width(of: int) -> float:
    return max(0.8, of / 30)


def _facts(
    deployment: Deployment, means: Sequence[float], keys: str, exact: Floats, attacks: int
) -> dict[str, float]:
    """Give what goals ask for; without shared keys, the law knows what is lost on average."""
    facts = {
        "expected_lost": means[0],
        "hardware_chance": float(exact[0]),
        "copies": deployment.copies,
        "attacks": attacks,
    }
    if attacks:
        facts["played_lost"] = means[-1]
    if attacks or not keys:
        facts["lost_share"] = means[-1 if keys else 0] / deployment.copies
    return facts


def _sentence(deployment: Deployment, at: int, exact: Floats) -> str:
    """Say what is lost on average, how likely all is, and which walls stand on the way."""
    tree = deployment.tree
    taken = f"{units.plain(deployment.blast_radius(at))} of {copies(deployment.copies)}"
    top = f"controls the {tree.layers[0].title} with a chance of {units.percent(exact[0], 2)}"
    begin = f"From the {tree.layers[at].title}, an intruder can expect to take {taken}"
    return f"{begin}; it {top}. {_way_out(deployment, at)}"


def _way_out(deployment: Deployment, at: int) -> str:
    """Name the walls between a node and the hardware."""
    path = [i for i in deployment.tree.path(at)[:-1] if deployment.escape[i] < 1]
    if not path:
        return "No wall stands on the way."
    titles = [deployment.tree.layers[i].title for i in path]
    chances = [units.percent(float(deployment.escape[i]), 2) for i in path]
    named = [f"{title} {chance}" for title, chance in zip(titles, chances, strict=True)]
    return f"Walls on the way, and the chance to get through: {', '.join(named)}."


def _rows(deployment: Deployment, at: int, exact: Floats) -> list[tuple[str, ...]]:
    path = deployment.tree.path(at)
    through = [units.percent(float(deployment.escape[i]), 2) for i in path[:-1]]
    return marks.table(
        ["layer", "chance to be controlled", "chance to get out of it"],
        [deployment.tree.layers[i].title for i in path],
        [units.percent(float(exact[i]), 2) for i in path],
        [*through, "-"],
    )


def spread(
    lost: Rows,
    *,
    copies: int,
    assumed: str = "the rates; nobody has published any",
) -> Chart:
    """Draw copies lost after each step of an attack, one line a setting.

    Illustrative, as no spread rate is published.

    Parameters
    ----------
    lost : mapping of str to sequence of float
        For each setting, what `core.attack.simulate_attacks` gives.
    copies : int
        How many there are.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Copies lost against steps, which have no length in time.

    Raises
    ------
    ShapeMismatch
        Where there is no setting, or one without a step.
    ImpossibleAmount
        Where a number is negative, infinite or unknown.

    Examples
    --------
    >>> lost = {"own secrets": [1.05, 1.05], "shared secrets": [1.1, 6.2]}
    >>> print(spread(lost, copies=20).describe())  # doctest: +NORMALIZE_WHITESPACE
    After 2 steps, of 20 copies: 1.05 lost with own secrets and 6.2 lost with shared secrets.
    Illustrative. Assumed: the rates; nobody has published any.
    """
    rows = take.rows("lost", lost)
    steps = max(map(len, rows.values()))
    data = []
    for i, (title, row) in enumerate(rows.items()):
        hover = f"{title}<br>step %{{x}}: %{{y:.3g}} lost<extra></extra>"
        number = list(range(1, len(row) + 1))
        data.append(marks.line(i, title, number, row, hover))
    first = [units.plain(row[0]) for row in rows.values()]
    last = [units.plain(row[-1]) for row in rows.values()]
    told = listed(f"{n} lost with {title}" for title, n in zip(rows, last, strict=True))
    of_all = units.count(copies, "copy", "copies")
    return Chart(
        data,
        sentence=f"After {units.count(steps, 'step')}, of {of_all}: {told}. Illustrative.",
        rows=marks.table(["setting", "first step", "last step"], rows, first, last),
        assumed=assumed,
        title="An attack, step by step (illustrative)",
        xaxis={"title": "steps", "dtick": 1},
        yaxis=marks.axis("copies lost", marks.round_top(map(max, rows.values()))),
    )
