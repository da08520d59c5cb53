"""Deployments side by side, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from virtlearn.arguments import known
from virtlearn.errors import WrongKind
from virtlearn.model.deployment import Deployment
from virtlearn.model.layers import as_tuple
from virtlearn.model.questions import TOPICS, Question
from virtlearn.model.questions.memory import MOST_COPIES
from virtlearn.tables import Row, Shown

__all__ = ["Comparison", "compare"]

BEST = " ★"
NO_ANSWER = "no answer"
# One deployment's answers, and on which side of each the source gives a bound.
Answers = tuple[tuple[float | None, ...], tuple[str, ...]]


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Shown):
    """One row a deployment, one column a question; the best of a column carries a star.

    Parameters
    ----------
    titles : tuple of str
        The deployments.
    about : str
        What it is about: a name of `virtlearn.model.questions.TOPICS`.
    values : tuple of tuple of float
        The plain numbers, one tuple a deployment; None where a deployment has no answer.
    bounds : tuple of tuple of str
        ``">="`` or ``"<="`` where the source gives a bound and no mean.
    binds : tuple of str
        The resource that runs out first, for each deployment.
    """

    titles: tuple[str, ...]
    about: str
    values: tuple[tuple[float | None, ...], ...]
    bounds: tuple[tuple[str, ...], ...]
    binds: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The questions."""
        return tuple(question.title for question in TOPICS[self.about])

    def _rows(self) -> list[Row]:
        columns: list[Row] = [("platform", *self.titles)]
        for i, question in enumerate(TOPICS[self.about]):
            answers = [row[i] for row in self.values]
            bounds = [row[i] for row in self.bounds]
            head = f"{question.title} (assumed)" if question.assumed else question.title
            columns.append((head, *_cells(question, answers, bounds)))
        if MOST_COPIES.title in self.columns:
            columns.append(("what binds", *self.binds))
        return list(zip(*columns, strict=True))


def _cells(question: Question, answers: Sequence[float | None], bounds: Sequence[str]) -> list[str]:
    """Write the answers of one column, the best of them with a star."""
    # Stars go by what is printed: a difference that nobody sees makes no winner.
    cells = [NO_ANSWER if answer is None else question.show(answer) for answer in answers]
    there = [answer for answer in answers if answer is not None]
    best = ""
    if question.better and there and len(set(cells)) > 1:
        choose = max if question.better > 0 else min
        best = question.show(choose(there))
    marked = []
    for cell, bound in zip(cells, bounds, strict=True):
        star = BEST if cell == best else ""
        marked.append(f"{bound}{cell}{star}")
    return marked


def compare(
    *deployments: Deployment | Sequence[Deployment],
    about: str = "one host",
    executor: Executor | None = None,
) -> Comparison:
    """Put deployments side by side: a row each, a column a question, the best with a star.

    Parameters
    ----------
    *deployments : Deployment
        What to compare, or sequences of them.
    about : {"one host", "running many"}
        The columns: what a host carries and how safe that is, or power, price, what moves when the
        hosts are emptied, and the work that is lost to a spike.
    executor : concurrent.futures.Executor, optional
        Asks the deployments: a thread or process pool, or a Dask client's ``get_executor()``. The
        answers are the same.

    Returns
    -------
    Comparison
        Shown as a table; ``values`` has the plain numbers. Failure and escape figures are assumed,
        and so are the load, the spike (from half busy to five times that) and how fast a machine
        writes while it moves.

    Raises
    ------
    WrongKind
        Where something else is given, or a deployment in which nothing runs.
    UnknownName
        Where there is no such set of columns.

    Examples
    --------
    >>> from virtlearn.model import Host, Workload, deploy
    >>> host, web = Host(cores=16, memory_gib=64), Workload("web", cpu_cores=0.5, memory_mib=256)
    >>> names = ("containers", "virtual-machines")
    >>> both = compare(*(deploy(web, 40, host=host, on=name) for name in names))
    >>> both.columns[3], [row[3] for row in both.values]
    ('kernels', [1, 40])

    The same spike under the same rule for every platform, and a host emptied of 20 copies:

    >>> from virtlearn.catalog.platforms import platforms
    >>> every = [deploy(web, 20, host=host, on=name) for name in platforms()]
    >>> many = compare(every, about="running many")
    >>> lost = many.columns.index("lost, looking each second")
    >>> {title: row[lost] for title, row in zip(many.titles[:3], many.values)}
    {'processes': 90.0, 'containers': 90.0, 'virtual machines': 240.0}
    >>> moved = many.columns.index("machines moved")
    >>> [row[moved : moved + 2] for row in many.values[1:3]]
    [(0, 20), (20, 0)]
    """
    topic = known("set of columns", about, TOPICS)
    groups = [as_tuple(item, Deployment) for item in deployments]
    every = [deployment for group in groups for deployment in group]
    if not groups or not all(groups) or not all(d.copies for d in every):
        one, other = (f'deploy(web, 40, host=host, on="{on}")' for on in ("containers", "microvms"))
        wrong = "compare needs deployments that run something."
        raise WrongKind(f"{wrong}\nTry compare({one}, {other}).")
    ask = partial(_answers, topic)
    answered = list(executor.map(ask, every) if executor else map(ask, every))
    return Comparison(
        titles=tuple(d.title for d in every),
        about=topic,
        values=tuple(values for values, _ in answered),
        bounds=tuple(bounds for _, bounds in answered),
        binds=tuple(d.binds for d in every),
    )


def _answers(topic: str, asked: Deployment) -> Answers:
    """Ask one deployment; a function of its own, so that a process can be sent here."""
    questions = TOPICS[topic]
    values = tuple(question.ask(asked.tree, asked.growth) for question in questions)
    return values, tuple(question.bound(asked.tree) for question in questions)
