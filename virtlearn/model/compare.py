"""Deployments side by side, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from virtlearn.errors import WrongKind
from virtlearn.model.deployment import Deployment
from virtlearn.model.layers import as_tuple
from virtlearn.model.questions import QUESTIONS, Question
from virtlearn.tables import Row, Shown

__all__ = ["Comparison", "compare"]

BEST = " ★"


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Shown):
    """One row a deployment, one column a question; the best of a column carries a star.

    Parameters
    ----------
    titles : tuple of str
        The deployments.
    columns : tuple of str
        The questions.
    values : tuple of tuple of float
        The plain numbers, one tuple a deployment.
    bounds : tuple of tuple of str
        ``">="`` or ``"<="`` where the source gives a bound and no mean.
    binds : tuple of str
        The resource that runs out first, for each deployment.
    """

    titles: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    bounds: tuple[tuple[str, ...], ...]
    binds: tuple[str, ...]

    def _rows(self) -> list[Row]:
        columns: list[Row] = [("platform", *self.titles)]
        for i, question in enumerate(QUESTIONS):
            answers = [row[i] for row in self.values]
            bounds = [row[i] for row in self.bounds]
            head = f"{question.title} (assumed)" if question.assumed else question.title
            columns.append((head, *_cells(question, answers, bounds)))
        columns.append(("what binds", *self.binds))
        return list(zip(*columns, strict=True))


def _cells(question: Question, answers: Sequence[float], bounds: Sequence[str]) -> list[str]:
    """Write the answers of one column, the best of them with a star."""
    cells = [question.show(answer) for answer in answers]
    best = ""
    if question.better and len(set(cells)) > 1:  # what prints alike is equally good
        choose = max if question.better > 0 else min
        best = question.show(choose(answers))
    marked = []
    for cell, bound in zip(cells, bounds, strict=True):
        star = BEST if cell == best else ""
        marked.append(f"{bound}{cell}{star}")
    return marked


def compare(*deployments: Deployment | Sequence[Deployment]) -> Comparison:
    """Put deployments side by side: one row each, one column a question, the best marked with a star.

    Parameters
    ----------
    *deployments : Deployment
        What to compare, or sequences of them.

    Returns
    -------
    Comparison
        Shown as a table; ``values`` has the plain numbers. Failure and escape figures are assumed.

    Raises
    ------
    WrongKind
        Where something else is given, or a deployment in which nothing runs.

    Examples
    --------
    >>> from virtlearn.model import Host, Workload, deploy
    >>> host, web = Host(cores=16, memory_gib=64), Workload("web", cpu_cores=0.5, memory_mib=256)
    >>> both = compare(*(deploy(web, 40, host=host, on=name) for name in ("containers", "virtual-machines")))
    >>> both.columns[3], [row[3] for row in both.values]
    ('kernels', [1, 40])
    """
    groups = [as_tuple(item, Deployment) for item in deployments]
    every = [deployment for group in groups for deployment in group]
    if not groups or not all(groups) or not all(d.copies for d in every):
        one, other = (f'deploy(web, 40, host=host, on="{on}")' for on in ("containers", "microvms"))
        wrong = "compare needs deployments that run something."
        raise WrongKind(f"{wrong}\nTry compare({one}, {other}).")
    return Comparison(
        titles=tuple(d.title for d in every),
        columns=tuple(question.title for question in QUESTIONS),
        values=tuple(tuple(q.ask(d.tree, d.growth) for q in QUESTIONS) for d in every),
        bounds=tuple(tuple(q.bound(d.tree) for q in QUESTIONS) for d in every),
        binds=tuple(d.binds for d in every),
    )
