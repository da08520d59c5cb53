"""Charts of getting ready: the phases of a start, and many starts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from virtlearn import units
from virtlearn.charts import _draw as draw
from virtlearn.charts._chart import Chart
from virtlearn.charts._draw import Rows

__all__ = ["scale_out", "start_phases"]


def start_phases(
    phases: Mapping[str, Sequence[tuple[str, float]]],
    *,
    top_s: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw where the time of a start goes, one bar a platform.

    Parameters
    ----------
    phases : mapping of str to sequence of (str, float)
        For each title its phases with their seconds, such as `Deployment.start_phases`.
    top_s : float, optional
        Where the axis ends [s].

    Examples
    --------
    >>> print(start_phases({"containers": [("engine", 0.17), ("program", 0.03)], "processes": [("program", 0.03)]}).describe())
    One more copy answers after 200 ms as containers, most of it 'engine'; after 30 ms as processes, most of it 'program'.
    """
    wholes: dict[str, dict[str, float]] = {}
    for title, steps in phases.items():
        parts = wholes.setdefault(title, {})
        for label, seconds in steps:
            parts[label] = parts.get(label, 0.0) + seconds

    def says(sums: dict[str, float]) -> str:
        told = [f"after {units.duration(s)} as {t}" for t, s in sums.items()]
        most = [
            f", most of it '{max(p, key=p.__getitem__)}'" if any(p.values()) else ""
            for p in wholes.values()
        ]
        return f"One more copy answers {'; '.join(map(''.join, zip(told, most, strict=True)))}."

    words: dict[str, Any] = {
        "title": "Where the time of a start goes",
        "along": "time [s]",
        "assumed": assumed,
    }
    return draw.parts_chart(wholes, units.duration, says, top=top_s, **words)


def scale_out(
    ready_s: Rows, *, low_s: float | None = None, top_s: float | None = None, assumed: str = ""
) -> Chart:
    """Draw how many copies are ready as time goes by, one stair a platform.

    Parameters
    ----------
    ready_s : mapping of str to sequence of float
        For each title, when each copy answers, the first first [s].
    low_s, top_s : float, optional
        Where the time axis begins and ends [s].

    Examples
    --------
    >>> print(scale_out({"containers": [0.2, 0.4], "virtual machines": [10, 20]}).describe())
    Containers: the first of 2 copies answers after 200 ms, the last after 400 ms; virtual machines: the first of 2 copies answers after 10 s, the last after 20 s.
    """
    draw.filled("ready_s", ready_s)
    rows = {t: sorted(draw.series(t, s)) for t, s in ready_s.items()}
    low = low_s or min((x for s in rows.values() for x in s if x > 0), default=1e-3) / 1.5
    high = top_s or max(low, *(s[-1] for s in rows.values())) * 1.5
    data, told, cells = [], [], [("platform", "first", "half", "all")]
    for i, (t, s) in enumerate(rows.items()):
        shown = sorted(
            {*range(0, len(s), max(1, len(s) // 200)), len(s) - 1}
        )  # a stair of 200 steps is a line
        when, ready = (
            [low, *(max(s[k], low) for k in shown), high],
            [0, *(k + 1 for k in shown), len(s)],
        )
        data.append(
            draw.line(i, t, when, ready, f"{t}<br>%{{y:,}} ready after %{{x:.3g}} s<extra></extra>")
        )
        data[-1]["line"]["shape"] = "hv"
        first, half, last = (units.duration(s[k]) for k in (0, (len(s) - 1) // 2, len(s) - 1))
        copies = units.count(len(s), "copy", "copies")
        told.append(f"{t}: the first of {copies} answers after {first}, the last after {last}")
        cells.append((t, first, half, last))
    return Chart(
        data,
        sentence="; ".join(told) + ".",
        rows=cells,
        assumed=assumed,
        title="Copies ready as time goes by",
        xaxis=draw.log_axis("time since the order", low, high, units.duration),
        yaxis=draw.axis("copies ready", 1.08 * max(map(len, rows.values()))),
    )
