"""Charts of who gets what: CPU shares, throttled bursts, a day of tenants, jobs, memory under pressure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from virtlearn import core, units
from virtlearn.charts import _draw as draw
from virtlearn.charts._chart import Chart
from virtlearn.charts._draw import Rows
from virtlearn.charts._style import FILLS, INK, bar_look

__all__ = ["jobs", "memory_pressure", "shares", "tenants", "throttling"]

Each = Sequence[float] | None


def _marks(word: str, names: Sequence[str], at: Each, unit: str) -> list[dict[str, Any]]:
    """Marks over the names, for limits and promises; none where there is no limit, and none where nothing is promised."""
    if at is None:
        return []
    heights: list[float] = core._check.amount(word, at, infinite=word == "limit").tolist()
    draw.filled(word, heights)
    look: dict[str, Any] = {"symbol": "line-ew", "size": 26, "line": {"color": INK, "width": 3}}
    if word != "limit":
        look = {"symbol": "triangle-up", "size": 13, "color": INK}
    shown = [y if 0 < y < float("inf") else None for y in heights]
    hover = f"%{{x}}<br>{word}: %{{y:,.4g}} {unit}<extra></extra>"
    mark = draw.points(0, word, names, shown, hover, customdata=heights, showlegend=any(shown))
    return [{**mark, "marker": look}]


def _cores(x: float) -> str:
    return f"{units.plain(x)} {'core' if x == 1 else 'cores'}"


def _ms(seconds: float) -> str:
    return f"{units.plain(1e3 * seconds, 4)} ms"  # 102.5 and 27.5 are the point


def _room(title: str, cores: float) -> dict[str, Any]:
    """Title and line that say how much there is."""
    return {
        "title": f"{title} (grey line: all there is, {_cores(cores)})",
        "shapes": [draw.rule(cores, "y", "solid")],
    }


def shares(
    names: Sequence[str],
    asked_cores: Sequence[float],
    got_cores: Sequence[float],
    *,
    capacity_cores: float,
    limit_cores: Each = None,
    reservation_cores: Each = None,
    weight: Each = None,
    top_cores: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw what each tenant asked of the CPU and what it got, with limits and promises as marks.

    Parameters
    ----------
    names : sequence of str
        The tenants.
    asked_cores, got_cores, limit_cores, reservation_cores : sequence of float
        One value a tenant [cores]; an infinite limit is not drawn.
    capacity_cores : float
        What there is to share [cores].
    weight : sequence of float, optional
        Written under the names.
    top_cores : float, optional
        Where the axis ends [cores].

    Examples
    --------
    >>> print(shares(["Red", "Blue"], [1, 4], [0.5, 0.5], capacity_cores=1).describe())
    Of 1 core, Red gets 0.5 of 1 asked and Blue gets 0.5 of 4 asked; 0 cores stay idle.
    """
    ticks, asked, got = draw.lined_up(names=names, asked_cores=asked_cores, got_cores=got_cores)
    room = float(core._check.positive("capacity_cores", capacity_cores))
    if weight is not None:
        _, heavy = draw.lined_up(names=names, weight=weight)
        ticks = [f"{n}<br>weight {units.plain(w)}" for n, w in zip(names, heavy, strict=True)]
    top = top_cores or 1.15 * max(*asked, room)
    where = ["inside" if g > 0.08 * top else "outside" for g in got]
    said = {
        "text": [*map(units.plain, got)],
        "textposition": where,
        "insidetextanchor": "middle",
        "cliponaxis": False,
    }
    data = [
        draw.bar(
            1, "asked", ticks, asked, "%{x}<br>asked for %{y:.3g} cores<extra></extra>", width=0.72
        ),
        draw.bar(
            0, "got", ticks, got, "%{x}<br>got %{y:.3g} cores<extra></extra>", width=0.44, **said
        ),
        *_marks("limit", ticks, limit_cores, "cores"),
        *_marks("reserved", ticks, reservation_cores, "cores"),
    ]
    data[0]["marker"] = bar_look("rgba(0,0,0,0)", "/")
    columns = [asked, got, *(mark.pop("customdata") for mark in data[2:])]
    head = ["tenant", *(f"{trace['name']} [cores]" for trace in data)]
    told = [
        f"{n} gets {units.plain(g)} of {units.plain(a)} asked"
        for n, a, g in zip(names, asked, got, strict=True)
    ]
    idle = max(0.0, round(room - sum(got), 9))
    sentence = f"Of {_cores(room)}, {draw.listed(told)}; {_cores(idle)} {'stays' if idle == 1 else 'stay'} idle."
    rows = draw.table(head, names, *(map(units.plain, column) for column in columns))
    look = {
        "barmode": "overlay",
        "yaxis": draw.axis("cores", top),
        **_room("Who gets the CPU", room),
    }
    return Chart(data, look, sentence=sentence, rows=rows, assumed=assumed)


def throttling(
    work_s: Sequence[float],
    wall_s: Rows,
    *,
    period_s: float = 0.1,
    top_s: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw a burst getting on: CPU time done against time passed; level stretches are waits for the next period.

    Parameters
    ----------
    work_s : sequence of float
        Rising amounts of CPU time, the last one the whole burst [s].
    wall_s : mapping of str to sequence of float
        For each setting, the time after which so much is done [s], as `core.cpu.burst_latency_s` says.
    period_s : float
        When allowances are refilled [s], drawn as dotted lines.

    Examples
    --------
    >>> print(throttling([0.1, 0.11], {"limit 1 core": [0.025, 0.1025], "no limit": [0.025, 0.0275]}).describe())
    110 ms of CPU time take 102.5 ms with limit 1 core and 27.5 ms with no limit.
    """
    work, walls = draw.lined_up(work_s=work_s, wall_s=wall_s)
    period = float(core._check.positive("period_s", period_s))
    end = top_s or max(wall[-1] for wall in walls.values()) * 1.15 or period
    data, ends, rows = [], [], [("setting", "CPU time", "takes")]
    for i, (title, wall) in enumerate(walls.items()):
        x, y = [0.0, *(1e3 * s for s in wall)], [0.0, *(1e3 * s for s in work)]
        data.append(
            draw.line(
                i, title, x, y, f"{title}<br>after %{{x:.4g}} ms: %{{y:.4g}} ms done<extra></extra>"
            )
        )
        rows.append((title, _ms(work[-1]), _ms(wall[-1])))
        ends.append(draw.note(x[-1], y[-1], _ms(wall[-1]), xanchor="left", xshift=5))
    told = draw.listed(f"{takes} with {title}" for title, _, takes in rows[1:])
    return Chart(
        data,
        sentence=f"{_ms(work[-1])} of CPU time take {told}.",
        rows=rows,
        assumed=assumed,
        title="A burst, and the waits for the next allowance",
        annotations=ends,
        xaxis=draw.axis("time since the burst began [ms]", 1e3 * end),
        yaxis=draw.axis("CPU time done [ms]", 1e3 * work[-1] * 1.15),
        shapes=[draw.rule(1e3 * period * k) for k in range(1, min(60, int(end / period) + 1))],
    )


def tenants(
    hours: Sequence[float],
    asked_cores: Sequence[float],
    served_cores: Rows,
    *,
    capacity_cores: float,
    assumed: str = "",
) -> Chart:
    """Draw a day: what all tenants ask together, and what each arrangement can serve.

    Parameters
    ----------
    hours : sequence of float
        Times of the day [h].
    asked_cores : sequence of float
        What all ask together at each time [cores].
    served_cores : mapping of str to sequence of float
        For each arrangement, such as "pooled" and "partitioned", what is served [cores].
    capacity_cores : float
        What there is [cores].

    Examples
    --------
    >>> print(tenants([0, 12], [4, 10], {"pooled": [4, 8], "partitioned": [3, 6]}, capacity_cores=8).describe())
    At the busiest hour, 12, the tenants ask for 10 cores of 8: pooled serves 8 and partitioned serves 6.
    """
    when, asked, served = draw.lined_up(
        hours=hours, asked_cores=asked_cores, served_cores=served_cores
    )
    room, served = (
        float(core._check.positive("capacity_cores", capacity_cores)),
        {"asked for": asked, **served},
    )
    hover = "<br>%{x} h: %{y:.3g} cores<extra></extra>"
    data = [
        draw.line(i, title, when, row, title + hover)
        for i, (title, row) in enumerate(served.items())
    ]
    peak = max(range(len(asked)), key=asked.__getitem__)
    told = draw.listed(
        f"{title} serves {units.plain(served[title][peak])}" for title in served_cores
    )
    busiest = (
        f"At the busiest hour, {units.plain(when[peak])}, the tenants ask for {_cores(asked[peak])}"
    )
    return Chart(
        data,
        _room("A day of tenants", room),
        sentence=f"{busiest} of {units.plain(room)}: {told}.",
        assumed=assumed,
        rows=draw.table(
            ["hour", *served], *(map(units.plain, s) for s in (when, *served.values()))
        ),
        xaxis={"title": "hour of the day [h]"},
        yaxis=draw.axis("cores, all together", 1.15 * max(*asked, room)),
    )


def jobs(
    names: Sequence[str],
    arrival_s: Sequence[float],
    finish_s: Rows,
    *,
    top_s: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw jobs as bars from their arrival to their end, one bar a discipline.

    Parameters
    ----------
    names : sequence of str
        The jobs.
    arrival_s : sequence of float
        When each arrives [s].
    finish_s : mapping of str to sequence of float
        For each discipline, when each is done [s], as `core.cpu.finish_times` says.

    Examples
    --------
    >>> print(jobs(["a", "b"], [0, 0], {"time-shared": [2, 3], "space-shared": [1, 3]}).describe())
    Time-shared: a is done first, after 2 s, and b last, after 3 s; space-shared: a is done first, after 1 s, and b last, after 3 s.
    """
    names, came, done = draw.lined_up(names=names, arrival_s=arrival_s, finish_s=finish_s)
    data, told = [], []
    for i, (title, ends) in enumerate(done.items()):
        spans = [
            f"{units.duration(a)} to {units.duration(f)}" for a, f in zip(came, ends, strict=True)
        ]
        long = [f - a for f, a in zip(ends, came, strict=True)]
        hover = f"%{{y}}, {title}<br>%{{customdata}}<extra></extra>"
        data.append(
            draw.bar(i, title, long, names, hover, customdata=spans, orientation="h", base=came)
        )
        early, *_, late = sorted(zip(ends, names, strict=True), key=lambda job: job[0]) * 2
        first = f"{early[1]} is done first, after {units.duration(early[0])}"
        told.append(f"{title}: {first}, and {late[1]} last, after {units.duration(late[0])}")
    return Chart(
        data,
        sentence="; ".join(told) + ".",
        assumed=assumed,
        title="Jobs, from arrival to end",
        rows=draw.table(
            ["job", "arrives", *done],
            names,
            *(map(units.duration, s) for s in (came, *done.values())),
        ),
        xaxis=draw.axis("time [s]", top_s or 1.05 * max(map(max, done.values()))),
        yaxis={"autorange": "reversed"},
        bargap=0.2,
        height=220 + 24 * len(came) * len(done),
    )


def memory_pressure(
    names: Sequence[str],
    parts_mib: Rows,
    *,
    limit_mib: Each = None,
    killed: Sequence[int] = (),
    capacity_mib: float | None = None,
    top_mib: float | None = None,
    assumed: str = "",
) -> Chart:
    """Draw who holds memory, who gives some back, and who dies.

    Parameters
    ----------
    names : sequence of str
        The clients.
    parts_mib : mapping of str to sequence of float
        Parts of what each holds, such as "kept" and "taken back" [MiB].
    limit_mib : sequence of float, optional
        The limit of each [MiB]; infinite is none.
    killed : sequence of int
        Who dies, in order.
    capacity_mib : float, optional
        What there is for all together [MiB].

    Examples
    --------
    >>> print(memory_pressure(["A", "B"], {"held": [40, 48]}, killed=[1], capacity_mib=64).describe())
    A: 40 MiB held; B: 48 MiB held. There are 64 MiB. B is killed.
    """
    names, parts = draw.lined_up(names=names, parts_mib=parts_mib)
    whole = [sum(column) for column in zip(*parts.values(), strict=True)]
    dead = draw.places("killed", killed, len(names), "names")
    hover = "%{y:,.4g} MiB<extra></extra>"
    data = [
        draw.bar(i, t, names, p, f"%{{x}}<br>{t}: {hover}")
        for i, (t, p) in enumerate(parts.items())
    ]
    limits = _marks("limit", names, limit_mib, "MiB")
    most = [x for mark in limits for x in mark.pop("customdata") if x < float("inf")]
    order = [f"killed {k + 1}" if len(dead) > 1 else "killed" for k in range(len(dead))]
    look = {"symbol": "x", "size": 18, "color": FILLS[5]}
    more: dict[str, Any] = {
        "mode": "markers+text",
        "text": order,
        "textposition": "top center",
        "look": look,
    }
    x, y = [names[i] for i in dead], [whole[i] for i in dead]
    cross = draw.points(0, "killed", x, y, showlegend=bool(dead), **more)
    top = top_mib or 1.25 * max(*whole, *most, 1e-9)
    said = [
        [f"{units.memory(p[i])} {part}" for part, p in parts.items() if p[i]]
        for i in range(len(names))
    ]
    told = [
        f"{name}: {draw.listed(some or ['nothing'])}"
        for name, some in zip(names, said, strict=True)
    ]
    room = "" if capacity_mib is None else f" There are {units.memory(capacity_mib)}."
    who = " and then ".join(names[i] for i in dead)
    fate = "" if capacity_mib is None else " Nobody dies."  # nothing was said about running out
    if dead:
        fate = f" {who[:1].upper()}{who[1:]} {'is' if len(dead) == 1 else 'are'} killed."
    fates = ["killed" if i in dead else "" for i in range(len(names))]
    return Chart(
        [*data, *limits, cross],
        sentence=f"{'; '.join(told)}.{room}{fate}",
        assumed=assumed,
        rows=draw.table(
            ["client", *parts, "fate"],
            names,
            *(map(units.memory, p) for p in parts.values()),
            fates,
        ),
        title="Who holds memory, who gives back, who dies",
        barmode="stack",
        yaxis=draw.axis("memory [MiB]", top),
    )
