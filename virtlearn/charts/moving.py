"""The chart of moving a machine: what happens in each way to move it, second by second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import core, units
from virtlearn.charts import _take as take
from virtlearn.charts._chart import Chart
from virtlearn.charts._phases import Look
from virtlearn.charts._stacked import Stack, stacked_chart
from virtlearn.charts._style import FILLS
from virtlearn.charts._words import listed

__all__ = ["migration"]

# What a machine does meanwhile; dark is the one that its users notice.
LOOKS: dict[str, Look] = {
    "copied while it runs": (FILLS[0], "/"),
    "copied while slowed": (FILLS[1], "x"),
    "dark": (FILLS[5], ""),
    "pages follow": (FILLS[4], "."),
    "a new copy starts, the old one runs": (FILLS[2], "\\"),
}


def migration(
    ways: Mapping[str, Sequence[tuple[str, float]]],
    *,
    sent_mib: Mapping[str, float],
    ends: bool = True,
    top_s: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw ways to move what runs on a host, each as a lane of what happens one after the other.

    Parameters
    ----------
    ways : mapping of str to sequence of (str, float)
        For each way, its phases in order: a word of ``charts.moving.LOOKS`` and seconds. Rounds
        of pre-copy are phases of their own.
    sent_mib : mapping of str to float
        What each way sends over the network [MiB].
    ends : bool
        Whether pre-copy ended by itself; where it did not, the sentence says so.
    top_s : float, optional
        Where the axis ends [s].
    assumed : str
        What the chart rests on that no source gives.

    Returns
    -------
    Chart
        A lane for each way; what its users notice is called dark.

    Raises
    ------
    UnknownName
        For a phase that has no look.
    ShapeMismatch
        Where there is no way, or a way has no phase.

    Examples
    --------
    >>> chart = migration(
    ...     {
    ...         "pre-copy": [("copied while it runs", 8.0), ("dark", 0.1)],
    ...         "stop and copy": [("dark", 8.0)],
    ...     },
    ...     sent_mib={"pre-copy": 1100, "stop and copy": 1024},
    ... )
    >>> print(chart.describe())
    Dark for 100 ms (pre-copy) and 8 s (stop and copy), of 8.1 s and 8 s in all.
    """
    take.filled("ways", ways)
    for phases in ways.values():
        for word, _ in phases:
            core.check.known("phase", word, LOOKS)
    dark = {
        way: sum(seconds for word, seconds in phases if word == "dark")
        for way, phases in ways.items()
    }
    lanes = {f"{way}, {units.memory(sent_mib[way])} sent": ways[way] for way in ways}
    stack = Stack.of(lanes, units.duration)
    return stacked_chart(
        stack,
        sentence=_told(dark, list(stack.sums.values()), ends),
        title="What happens while it moves",
        along="time [s]",
        top=top_s,
        head="way",
        looks=LOOKS,
        assumed=assumed,
    )


def _told(dark: Mapping[str, float], whole: Sequence[float], ends: bool) -> str:
    each = listed(f"{units.duration(seconds)} ({way})" for way, seconds in dark.items())
    in_all = listed(map(units.duration, whole))
    told = f"Dark for {each}, of {in_all} in all."
    if not ends:
        told += " Pre-copy never ends by itself here: pages get dirty as fast as they are sent."
    return told
