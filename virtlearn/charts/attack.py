"""Charts of break-ins: how far an intruder gets, how an attack spreads, what walls expose."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from virtlearn import units
from virtlearn.catalog.layers import LayerSpec
from virtlearn.catalog.numbers import Quantity
from virtlearn.charts import _marks as marks
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._marks import Part, Rows
from virtlearn.charts._tree import called, tree_chart, words
from virtlearn.charts._words import copies, listed
from virtlearn.model import Deployment

__all__ = ["blast_radius", "spread", "walls"]

MADE_UP = (
    "the escape probabilities; no rate is published, only their order follows what the walls expose"
)
MOST_CALLS = 420  # where both axes end, whatever is shown, so that two charts can be compared
FIRST_FILL, BEHIND_FILL = 5, 1
HEADROOM = 1.05  # how much higher than all copies the axis ends
NO_SYSTEM_CALL = "none: exits,<br>devices"


def blast_radius(
    deployment: Deployment, start: int | str = "workload", *, assumed: str = MADE_UP
) -> Chart:
    """Draw how likely an intruder who controls one node comes to control every other.

    Parameters
    ----------
    deployment : Deployment
        Whose tree is drawn, with its walls.
    start : int or str
        Where the intruder begins: index, name or kind.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Boxes in levels with their chances, a ring round the start. A click gives a node's index.

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
    >>> print(blast_radius(pods).describe().split(" Assumed")[0])  # doctest: +NORMALIZE_WHITESPACE
    From the application 'web', an intruder can expect to take 1.95 of 20 copies;
    it controls the hardware with a chance of 5 %.
    """
    take.only_deployments("blast_radius", deployment)
    tree = deployment.tree
    at = tree.index(start)
    chances = [units.percent(c, 2) for c in deployment.controlled_from(at).tolist()]
    hover = [f"{called(tree, i)}<br>controlled with {c}" for i, c in enumerate(chances)]
    # A box out of reach stays empty, so that the eye finds the others.
    text = ["" if chance == units.percent(0) else chance for chance in chances]
    path = tree.path(at)
    taken = f"{units.plain(deployment.blast_radius(at))} of {copies(deployment.copies)}"
    top = f"it controls the {words(tree.kind[0])} with a chance of {chances[0]}"
    return tree_chart(
        tree.parent,
        tree.kind,
        hover,
        text=text,
        same=text,
        title="How far can an intruder get",
        ring=at,
        ring_word="where the intruder starts",
        sentence=(f"From the {called(tree, at)}, an intruder can expect to take {taken}; {top}."),
        rows=marks.table(
            ["layer", "chance to be controlled"],
            [called(tree, i) for i in path],
            [chances[i] for i in path],
        ),
        assumed=assumed,
    )


def spread(
    lost: Rows,
    *,
    copies: int,
    top_copies: float | None = None,
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
    top_copies : float, optional
        Where the axis of lost copies ends.
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
        yaxis=marks.axis("copies lost", top_copies or HEADROOM * copies),
    )


def walls(*layers: LayerSpec, assumed: str = "") -> Chart:
    """Draw walls by what they expose: what is reachable first, and what lies behind.

    Parameters
    ----------
    *layers : LayerSpec
        One row each; a layer without a count says so.
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        Two rows of bars: system calls in reach, and system calls once the first wall has fallen.

    Raises
    ------
    ShapeMismatch
        Where no layer is given.

    Examples
    --------
    >>> from virtlearn.catalog.platforms import layer
    >>> print(walls(layer("container"), layer("virtual-machine")).describe())
    Container: 293 system calls reachable first; virtual machine: no system call reachable first.
    """
    take.filled("layers", layers)
    titles = [spec.title for spec in layers]
    what = [spec.wall for spec in layers]
    first = [spec.reachable for spec in layers]
    behind = [spec.behind for spec in layers]
    columns = [[_calls(n) for n in numbers] for numbers in (first, behind)]
    return Chart(
        [
            _wall_bars(FIRST_FILL, "reachable first", "x", titles, what, first),
            _wall_bars(BEHIND_FILL, "behind it", "x2", titles, what, behind),
        ],
        sentence="; ".join(map(_exposes, layers)) + ".",
        assumed=assumed,
        title="What a wall exposes",
        rows=marks.table(
            ["wall", "what it is", "reachable first", "behind it", "sources"],
            titles,
            what,
            *columns,
            map(_sources, layers),
        ),
        annotations=[
            *_empty("x", NO_SYSTEM_CALL, titles, first),
            *_empty("x2", "no count", titles, behind),
        ],
        showlegend=False,
        height=200 + 44 * len(layers),
        margin={"b": 90},
        yaxis={"autorange": "reversed"},
        # On two lines each, or the titles run into each other on a narrow page.
        xaxis=_calls_axis("reachable first", [0, 0.47]),
        xaxis2=_calls_axis("behind it", [0.53, 1]),
    )


def _calls_axis(what: str, domain: list[float]) -> Part:
    return marks.axis(f"system calls<br>{what}", MOST_CALLS, domain=domain, dtick=200)


def _wall_bars(
    fill: int,
    word: str,
    x_axis: str,
    titles: Sequence[str],
    what: Sequence[str],
    numbers: Sequence[Quantity | None],
) -> Part:
    return marks.bar(
        fill,
        word,
        [n.value if n else None for n in numbers],
        titles,
        f"%{{y}}<br>{word}: %{{text}} system calls<br>%{{customdata}}<extra></extra>",
        orientation="h",
        customdata=what,
        text=[_calls(n, "") for n in numbers],
        textposition="outside",
        cliponaxis=False,
        xaxis=x_axis,
    )


def _empty(
    x_axis: str, why: str, titles: Sequence[str], numbers: Sequence[Quantity | None]
) -> list[Part]:
    """Say in the place of a bar that there is no number, and why."""
    bare = compress(titles, [n is None for n in numbers])
    return [marks.note(4, title, why, xref=x_axis, xanchor="left") for title in bare]


def _exposes(spec: LayerSpec) -> str:
    told = f"{spec.title}: no system call reachable first"
    if spec.reachable:
        told = f"{spec.title}: {_calls(spec.reachable)} system calls reachable first"
    return f"{told}, {_calls(spec.behind)} behind it" if spec.behind else told


def _sources(spec: LayerSpec) -> str:
    return "; ".join(number.source for number in (spec.reachable, spec.behind) if number)


def _calls(number: Quantity | None, none: str = "-") -> str:
    return f"{number.bound}{number.value:,.0f}" if number else none
