"""Charts of who gets what: CPU shares, throttled bursts, a day of tenants, jobs, memory under pressure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from virtlearn import core, units
from virtlearn.charts._draw import axis, bar, line, lined_up, note, rule, same_length, series, table
from virtlearn.charts._style import FILLS, INK, Chart, bar_look
from virtlearn.errors import UnknownName

__all__ = ["jobs", "memory_pressure", "shares", "tenants", "throttling"]


def _marks(word: str, names: Sequence[str], at: Sequence[float], unit: str) -> dict[str, Any]:
    """Short horizontal lines over the names, for limits and promises; none where there is no limit."""
    same_length(names=names, **{word: at})
    look = {"symbol": "line-ew", "size": 26, "line": {"color": INK, "width": 3}}
    return {"type": "scatter", "mode": "markers", "name": word, "x": list(names), "y": [y if y < float("inf") else None for y in at], "marker": look,
            "hovertemplate": f"%{{x}}<br>{word}: %{{y:,.4g}} {unit}<extra></extra>"}  # fmt: skip


def _cores(x: float) -> str:
    return f"{units.plain(x)} {'core' if x == 1 else 'cores'}"


def _ms(seconds: float) -> str:
    return f"{units.plain(1e3 * seconds, 4)} ms"  # 102.5 and 27.5 are the point


def shares(
    names: Sequence[str], asked_cores: Sequence[float], got_cores: Sequence[float], *, capacity_cores: float,
    limit_cores: Sequence[float] | None = None, reservation_cores: Sequence[float] | None = None,
    weight: Sequence[float] | None = None, top_cores: float | None = None, assumed: str = "",
) -> Chart:  # fmt: skip
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
    Of 1 core, Red gets 0.5 of 1 asked, Blue gets 0.5 of 4 asked; 0 cores stay idle.
    """
    asked, got = series("asked_cores", asked_cores), series("got_cores", got_cores)
    room = float(core._check.positive("capacity_cores", capacity_cores))
    same_length(names=names, asked_cores=asked, got_cores=got)
    heavy = [units.plain(w) for w in series("weight", weight)] if weight is not None else []
    ticks = [f"{n}<br>weight {w}" for n, w in zip(names, heavy, strict=True)] if heavy else list(names)
    top = top_cores or 1.15 * max(*asked, room)
    data = [
        {**bar(1, "asked", ticks, asked, "%{x}<br>asked for %{y:.3g} cores<extra></extra>"), "width": 0.72},
        {**bar(0, "got", ticks, got, "%{x}<br>got %{y:.3g} cores<extra></extra>"), "width": 0.44, "text": [units.plain(g) for g in got],
         "textposition": ["inside" if g > 0.08 * top else "outside" for g in got], "insidetextanchor": "middle", "cliponaxis": False},
    ]  # fmt: skip
    data[0]["marker"] = bar_look("rgba(0,0,0,0)", "/")
    columns = {
        "tenant": list(names),
        "asked [cores]": [*map(units.plain, asked)],
        "got [cores]": [*map(units.plain, got)],
    }
    for word, values, infinite in (("limit", limit_cores, True), ("reserved", reservation_cores, False)):
        if values is not None:
            cores = core._check.amount(word, values, infinite=infinite).tolist()
            data.append(_marks(word, ticks, cores, "cores"))
            columns[f"{word} [cores]"] = [*map(units.plain, cores)]
    told = ", ".join(f"{n} gets {units.plain(g)} of {units.plain(a)} asked" for n, a, g in zip(names, asked, got, strict=True))  # fmt: skip
    layout = {
        "title": {"text": f"Who gets the CPU (grey line: all there is, {_cores(room)})"}, "barmode": "overlay",
        "shapes": [rule(room, along="y", dash="solid")], "yaxis": axis("cores", top),
    }  # fmt: skip
    sentence = f"Of {_cores(room)}, {told}; {_cores(max(0.0, round(room - sum(got), 9)))} stay idle."
    return Chart(data, layout, sentence=sentence, rows=table([*columns], *columns.values()), assumed=assumed)


def throttling(
    work_s: Sequence[float], wall_s: Mapping[str, Sequence[float]], *, period_s: float = 0.1,
    top_s: float | None = None, assumed: str = "",
) -> Chart:  # fmt: skip
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
    110 ms of CPU time take 102.5 ms with limit 1 core, 27.5 ms with no limit.
    """
    work = series("work_s", work_s)
    period = float(core._check.positive("period_s", period_s))
    same_length(wall_s=list(wall_s))
    walls = lined_up(wall_s, work_s=work)
    end = top_s or max(wall[-1] for wall in walls.values()) * 1.15 or period
    data = [
        line(i, t, [0.0, *(1e3 * s for s in wall)], [0.0, *(1e3 * s for s in work)], f"{t}<br>after %{{x:.4g}} ms: %{{y:.4g}} ms done<extra></extra>")
        for i, (t, wall) in enumerate(walls.items())
    ]  # fmt: skip
    layout = {
        "title": {"text": "A burst, and the waits for the next allowance"}, "xaxis": axis("time since the burst began [ms]", 1e3 * end),
        "yaxis": axis("CPU time done [ms]", 1e3 * work[-1] * 1.15),
        "annotations": [note(1e3 * wall[-1], 1e3 * work[-1], _ms(wall[-1]), xanchor="left", xshift=5) for wall in walls.values()],
        "shapes": [rule(1e3 * period * k) for k in range(1, min(60, int(end / period) + 1))],
    }  # fmt: skip
    told = ", ".join(f"{_ms(wall[-1])} with {title}" for title, wall in walls.items())
    rows = [("setting", "CPU time", "takes"), *((t, _ms(work[-1]), _ms(wall[-1])) for t, wall in walls.items())]
    return Chart(data, layout, sentence=f"{_ms(work[-1])} of CPU time take {told}.", rows=rows, assumed=assumed)


def tenants(
    hours: Sequence[float], asked_cores: Sequence[float], served_cores: Mapping[str, Sequence[float]], *,
    capacity_cores: float, assumed: str = "",
) -> Chart:  # fmt: skip
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
    At the busiest hour, 12, the tenants ask for 10 cores of 8: pooled serves 8, partitioned 6.
    """
    when, asked = series("hours", hours), series("asked_cores", asked_cores)
    room = float(core._check.positive("capacity_cores", capacity_cores))
    rowsets = {"asked for": asked, **lined_up(served_cores, hours=when, asked_cores=asked)}
    data = [line(i, t, when, s, f"{t}<br>%{{x}} h: %{{y:.3g}} cores<extra></extra>") for i, (t, s) in enumerate(rowsets.items())]  # fmt: skip
    peak = max(range(len(asked)), key=asked.__getitem__)
    told = ", ".join(f"{t}{' serves' if i == 0 else ''} {units.plain(s[peak])}" for i, (t, s) in enumerate(served_cores.items()))  # fmt: skip
    layout = {
        "title": {"text": f"A day of tenants (grey line: all there is, {_cores(room)})"}, "shapes": [rule(room, along="y", dash="solid")],
        "xaxis": {"title": {"text": "hour of the day [h]"}}, "yaxis": axis("cores, all tenants together", 1.15 * max(*asked, room)),
    }  # fmt: skip
    rows = table(["hour", *rowsets], *(map(units.plain, s) for s in (when, *rowsets.values())))
    sentence = f"At the busiest hour, {units.plain(when[peak])}, the tenants ask for {_cores(asked[peak])} of {units.plain(room)}: {told}."
    return Chart(data, layout, sentence=sentence, rows=rows, assumed=assumed)


def jobs(
    names: Sequence[str], arrival_s: Sequence[float], finish_s: Mapping[str, Sequence[float]], *,
    top_s: float | None = None, assumed: str = "",
) -> Chart:  # fmt: skip
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
    time-shared: a is done first, after 2 s, and b last, after 3 s; space-shared: a is done first, after 1 s, and b last, after 3 s.
    """
    came = series("arrival_s", arrival_s)
    done = lined_up(finish_s, names=names, arrival_s=came)
    data = [
        bar(i, t, [f - a for f, a in zip(ends, came, strict=True)], list(names), f"%{{y}}, {t}<br>%{{customdata}}<extra></extra>", orientation="h",
            base=came, customdata=[f"{units.duration(a)} to {units.duration(f)}" for a, f in zip(came, ends, strict=True)])
        for i, (t, ends) in enumerate(done.items())
    ]  # fmt: skip
    order = {t: sorted(range(len(ends)), key=ends.__getitem__) for t, ends in done.items()}
    told = (f"{t}: {names[o[0]]} is done first, after {units.duration(done[t][o[0]])}, and {names[o[-1]]} last, "
            f"after {units.duration(done[t][o[-1]])}" for t, o in order.items())  # fmt: skip
    last = max(max(ends) for ends in done.values())
    layout = {
        "title": {"text": "Jobs, from arrival to end"}, "xaxis": axis("time [s]", top_s or 1.05 * last), "bargap": 0.2,
        "yaxis": {"autorange": "reversed"}, "height": 220 + 24 * len(came) * len(done),
    }  # fmt: skip
    rows = table(["job", "arrives", *done], names, *(map(units.duration, s) for s in (came, *done.values())))
    return Chart(data, layout, sentence="; ".join(told) + ".", rows=rows, assumed=assumed)


def memory_pressure(
    names: Sequence[str], parts_mib: Mapping[str, Sequence[float]], *, limit_mib: Sequence[float] | None = None,
    killed: Sequence[int] = (), capacity_mib: float | None = None, top_mib: float | None = None, assumed: str = "",
) -> Chart:  # fmt: skip
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
    A: held 40 MiB; B: held 48 MiB. There are 64 MiB. B is killed.
    """
    parts = lined_up(parts_mib, names=names)
    whole = [sum(column) for column in zip(*parts.values(), strict=True)]
    dead = [core._check.whole("killed", i) for i in killed]
    if any(i >= len(names) for i in dead):
        raise UnknownName(f"killed holds {max(dead)}, but there are {len(names)} names, counted from 0.\nTry killed=[{len(names) - 1}].")  # fmt: skip
    data = [bar(i, t, list(names), p, f"%{{x}}<br>{t}: %{{y:,.4g}} MiB<extra></extra>") for i, (t, p) in enumerate(parts.items())]  # fmt: skip
    limits = core._check.amount("limit_mib", () if limit_mib is None else limit_mib, infinite=True).tolist()
    if limits:
        data.append(_marks("limit", names, limits, "MiB"))
    look = {"symbol": "x", "size": 18, "color": FILLS[5], "line": {"color": INK, "width": 1}}
    said = [f"killed {k + 1}" if len(dead) > 1 else "killed" for k in range(len(dead))]
    data.append({"type": "scatter", "mode": "markers+text", "name": "killed", "x": [names[i] for i in dead], "y": [whole[i] for i in dead],
                 "marker": look, "text": said, "textposition": "top center", "cliponaxis": False, "hoverinfo": "skip", "showlegend": bool(dead)})  # fmt: skip
    top = top_mib or 1.25 * max(*whole, *(x for x in limits if x < float("inf")), 1e-9)
    layout = {"title": {"text": "Who holds memory, who gives back, who dies"}, "barmode": "stack", "yaxis": axis("memory [MiB]", top)}  # fmt: skip
    told = [f"{n}: " + ", ".join(f"{t} {units.memory(p[i])}" for t, p in parts.items()) for i, n in enumerate(names)]
    room = "" if capacity_mib is None else f" There are {units.memory(capacity_mib)}."
    fate = "" if capacity_mib is None else " Nobody dies."  # nothing was said about running out
    if dead:
        fate = f" {' and then '.join(names[i] for i in dead)} {'is' if len(dead) == 1 else 'are'} killed."
    sentence = "; ".join(told) + f".{room}{fate}"
    rows = table(["client", *parts, "fate"], names, *(map(units.memory, p) for p in parts.values()),
                 ["killed" if i in dead else "" for i in range(len(names))])  # fmt: skip
    return Chart(data, layout, sentence=sentence, rows=rows, assumed=assumed)
