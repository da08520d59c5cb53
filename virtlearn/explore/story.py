"""The explorer of the last lesson: which platform to choose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from virtlearn import charts
from virtlearn.catalog.platforms import platform, platforms
from virtlearn.charts import Chart
from virtlearn.explore._base import explorer
from virtlearn.explore._controls import Slider, doubling, steps
from virtlearn.model import Host, Workload
from virtlearn.model.choice import Demands, Verdict, judge

__all__ = ["choice"]

Board = dict[str, dict[str, Verdict]]
Values = Mapping[str, Any]

# Six cases: copies, memory of one [MiB], and what the case cannot do without.
_CASES = {
    "20 small services": (20, 100, Demands()),
    "200 small services": (200, 100, Demands()),
    "code of strangers": (50, 128, Demands(lost=1.5)),
    "functions on demand": (100, 64, Demands(start_s=0.5)),
    "a busy database": (2, 8192, Demands(kept=0.8)),
    "kernels of their own": (8, 1024, Demands(kernels=8)),
}
_START = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)
_LOST = (1, 1.1, 1.2, 1.5, 2, 5, 10, 20, 50, 100, 200)


def _board(host_gib: float, start_s: float, lost: float, kept: float) -> Board:
    """Judge every platform in every case."""
    host = Host(cores=16, memory_gib=host_gib)
    asked = Demands(start_s=start_s, lost=lost, kept=kept)
    board = {}
    for case, (copies, app_mib, own) in _CASES.items():
        app = Workload("app", 0.1, app_mib)
        demands = own.and_also(asked)
        verdicts = {}
        for on in map(platform, platforms()):
            verdicts[on.title] = judge(app, copies, host, on, demands)
        board[case] = verdicts
    return board


def _changes_nothing(name: str, loosest: float, strictest: float) -> Callable[[Values], str]:
    """Ask whether a limit counts: between its ends it breaks more and more, in one direction."""

    def why(values: Values) -> str:
        ends = [_board(**{**values, name: end}) for end in (loosest, strictest)]
        return "" if ends[0] != ends[1] else "the other limits decide every case"

    return why


@explorer(
    Slider("host_gib", "the host has", "GiB", doubling(16, 256), 64, "Memory of the one server"),
    Slider(
        "start_s",
        "a start may take",
        "s",
        _START,
        60,
        "For one more copy",
        idle=_changes_nothing("start_s", _START[-1], _START[0]),
    ),
    Slider(
        "lost",
        "intruder may take",
        "copies",
        _LOST,
        200,
        "Copies that one intruder may be expected to take",
        idle=_changes_nothing("lost", _LOST[-1], _LOST[0]),
    ),
    Slider(
        "kept",
        "random reads keep",
        "",
        steps(0.0, 1, 0.05),
        0.0,
        "Least part of native speed",
        idle=_changes_nothing("kept", 0.0, 1.0),
    ),
)
def choice(host_gib: float, start_s: float, lost: float, kept: float) -> Chart:
    """Explore which platform suits which case, and for what reason one fails.

    Parameters
    ----------
    host_gib : float, optional
        Memory of the one server [GiB].
    start_s : float, optional
        The longest that one more copy may take to start [s].
    lost : float, optional
        The most copies that an intruder may be expected to take.
    kept : float, optional
        The least part of native speed for random reads, 0 to 1.

    Returns
    -------
    Explorer
        The sliders, and a score or a reason against it for each platform in each case.

    Examples
    --------
    >>> choice().sentence.split(";")[0].startswith("20 small services: ")
    True
    """
    return charts.choice(
        _board(host_gib, start_s, lost, kept),
        assumed="the score is the part of the host's memory that stays free",
    )
