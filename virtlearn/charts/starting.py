"""Charts of getting ready: the phases of a start, and many starts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from virtlearn import units
from virtlearn.charts._draw import axis, line, log_axis, parts_chart, same_length, series
from virtlearn.charts._style import Chart

__all__ = ["scale_out", "start_phases"]


def start_phases(
    phases: Mapping[str, Sequence[tuple[str, float]]], *, top_s: float | None = None, assumed: str = ""
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
        parts: dict[str, float] = {}
        for label, seconds in steps:
            parts[label] = parts.get(label, 0.0) + seconds
        wholes[title] = parts

    def says(sums: dict[str, float]) -> str:
        longest = {t: f", most of it '{max(p, key=p.__getitem__)}'" if p and sums[t] else "" for t, p in wholes.items()}
        return (
            "One more copy answers "
            + "; ".join(f"after {units.duration(s)} as {t}{longest[t]}" for t, s in sums.items())
            + "."
        )

    return parts_chart(wholes, units.duration, title="Where the time of a start goes", axis_title="time [s]", top=top_s,
                       head="platform", sentence=says, assumed=assumed)  # fmt: skip


def scale_out(
    ready_s: Mapping[str, Sequence[float]], *, low_s: float | None = None, top_s: float | None = None, assumed: str = ""
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
    containers: the first of 2 copies answers after 200 ms, the last after 400 ms; virtual machines: the first of 2 copies answers after 10 s, the last after 20 s.
    """
    same_length(ready_s=list(ready_s))
    rows = {t: sorted(series(t, s)) for t, s in ready_s.items()}
    low = low_s or min((x for s in rows.values() for x in s if x > 0), default=1e-3) / 1.5
    high = top_s or max(low, *(s[-1] for s in rows.values())) * 1.5
    data, most = [], max(len(s) for s in rows.values())
    for i, (t, s) in enumerate(rows.items()):
        shown = sorted({*range(0, len(s), max(1, len(s) // 200)), len(s) - 1})  # a stair of 200 steps is a line
        data.append(line(i, t, [low, *(max(s[k], low) for k in shown), high], [0, *(k + 1 for k in shown), len(s)],
                         f"{t}<br>%{{y:,}} ready after %{{x:.3g}} s<extra></extra>"))  # fmt: skip
        data[-1]["line"]["shape"] = "hv"
    told = (f"{t}: the first of {units.count(len(s), 'copy', 'copies')} answers after {units.duration(s[0])}, the last after {units.duration(s[-1])}"
            for t, s in rows.items())  # fmt: skip
    layout = {
        "title": {"text": "Copies ready as time goes by"}, "yaxis": axis("copies ready", 1.08 * most),
        "xaxis": log_axis("time since the order", low, high, units.duration),
    }  # fmt: skip
    cells = [("platform", "first", "half", "all"),
             *((t, *(units.duration(s[k]) for k in (0, (len(s) - 1) // 2, len(s) - 1))) for t, s in rows.items())]  # fmt: skip
    return Chart(data, layout, sentence="; ".join(told) + ".", rows=cells, assumed=assumed)
