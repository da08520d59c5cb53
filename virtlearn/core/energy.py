"""What running costs in power: an idle host draws some, so half the load is not half the power."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core._counts import counts, switch, within_numbers
from virtlearn.core.check import ROUNDING, Floats
from virtlearn.errors import DoesNotFit, ImpossibleAmount, ShapeMismatch

__all__ = ["energy_j", "fleet_power_w", "power_from_table_w", "power_w", "proportionality"]

# How power grows between idle and full load; servers lie between linear and the root.
EXPONENT = {"linear": 1.0, "square": 2.0, "cubic": 3.0, "sqrt": 0.5}


def _ends(idle_w: ArrayLike, max_w: ArrayLike) -> tuple[Floats, Floats]:
    """Check that a host draws no more idle than at full load."""
    idle = check.amount("idle_w", idle_w)
    full = check.amount("max_w", max_w)
    check.shape("they must broadcast", idle_w=idle, max_w=full)
    more = np.asarray(idle > full)
    if more.any():
        lows, highs = np.broadcast_arrays(idle, full)
        wrong = f"idle_w is {lows[more][0]:g}, but max_w is {highs[more][0]:g}"
        raise ImpossibleAmount(f"{wrong}. A host draws most at full load.")
    return idle, full


@within_numbers
def power_w(
    utilization: ArrayLike, *, idle_w: ArrayLike, max_w: ArrayLike, curve: str = "linear"
) -> Floats:
    """Say what a host draws at a load: ``idle + (max - idle) * utilization ** k``.

    Parameters
    ----------
    utilization : array
        From 0 to 1.
    idle_w, max_w : array
        What it draws idle and at full load [W].
    curve : {"linear", "square", "cubic", "sqrt"}
        The exponent k: 1, 2, 3 or a half.

    Returns
    -------
    array
        [W]; at no load the idle power, not 0.

    Raises
    ------
    ImpossibleProbability
        ``utilization`` lies outside 0 to 1.
    ImpossibleAmount
        An amount is negative, infinite or no number, or a host draws more idle than at full load.
    UnknownName
        There is no such curve.
    ShapeMismatch
        The shapes do not fit together.

    References
    ----------
    X. Fan, W.-D. Weber and L. A. Barroso, "Power Provisioning for a
    Warehouse-sized Computer", ISCA 2007.

    Examples
    --------
    Half the load takes 85 % of the power:

    >>> power_w([0, 0.5, 1], idle_w=175, max_w=250).tolist()
    [175.0, 212.5, 250.0]
    """
    load = check.probability("utilization", utilization)
    idle, full = _ends(idle_w, max_w)
    check.shape("they must broadcast", utilization=load, idle_w=idle, max_w=full)
    exponent = EXPONENT[check.known("curve", curve, EXPONENT)]
    return np.asarray(idle + (full - idle) * load**exponent)


def _table(watts: ArrayLike) -> Floats:
    table = check.amount("watts", watts)
    if table.shape[-1:] in {(), (0,), (1,)}:
        wrong = f"watts has the shape {table.shape}"
        raise ShapeMismatch(f"{wrong}; give at least two points, from no load to full load.")
    return table


@within_numbers
def power_from_table_w(utilization: ArrayLike, watts: ArrayLike) -> Floats:
    """Read a host's power from a table of equally spaced loads, along straight lines between them.

    Parameters
    ----------
    utilization : array, shape (...)
        From 0 to 1.
    watts : array, shape (points,)
        Measured power from no load to full load [W]; SPECpower reports eleven points.

    Returns
    -------
    array, shape (...)
        [W]

    Raises
    ------
    ImpossibleProbability
        ``utilization`` lies outside 0 to 1.
    ImpossibleAmount
        An amount is negative, infinite or no number.
    ShapeMismatch
        ``watts`` is not one row of at least two points.

    References
    ----------
    POW-01 to POW-03.

    Examples
    --------
    >>> power_from_table_w([0, 0.25, 1], [100, 150, 180]).tolist()
    [100.0, 125.0, 180.0]
    """
    load = check.probability("utilization", utilization)
    table = _table(watts)
    if table.ndim > 1:
        raise ShapeMismatch(f"watts has the shape {table.shape}; give one host's table.")
    points = np.linspace(0.0, 1.0, table.size)
    return np.asarray(np.interp(load, points, table))


@within_numbers
def energy_j(power: ArrayLike, seconds: ArrayLike) -> Floats:
    """Add up power times time over steps.

    Parameters
    ----------
    power, seconds : array, shape (..., steps)
        What is drawn in each step [W], and how long it lasts [s].

    Returns
    -------
    array, shape (...)
        [J]; 3,600,000 J are a kilowatt-hour.

    Raises
    ------
    ImpossibleAmount
        An amount is negative, infinite or no number.
    ShapeMismatch
        There is neither one time for all steps nor one for each.

    Examples
    --------
    >>> energy_j([150, 100], seconds=[900, 300]).item()
    165000.0
    """
    drawn = np.atleast_1d(check.amount("power", power))
    lasts = check.amount("seconds", seconds)
    check.shape("one time for each step", power=drawn, seconds=lasts)
    return np.asarray((drawn * lasts).sum(axis=-1))


@within_numbers
def fleet_power_w(
    load_cores: ArrayLike,
    *,
    hosts: ArrayLike,
    cores: ArrayLike,
    idle_w: ArrayLike,
    max_w: ArrayLike,
    packed: bool = False,
) -> Floats:
    """Say what many hosts draw together, each linear in its load.

    Parameters
    ----------
    load_cores : array
        The load of all [cores].
    hosts : array of whole numbers
    cores, idle_w, max_w : array
        What each host has [cores], and draws idle and at full load [W].
    packed : bool
        False: all are on and share the load. True: as few as can carry it are
        on, the rest draws nothing.

    Returns
    -------
    array
        [W]

    Raises
    ------
    DoesNotFit
        The load is more than all hosts can carry.
    ImpossibleAmount
        An amount is negative, infinite or no number, a host has no cores, or draws
        more idle than at full load.
    ImpossibleCount
        ``hosts`` is no whole number of at least 1.
    ShapeMismatch
        The shapes do not fit together.

    Examples
    --------
    Ten hosts at 20 %, or two at full load:

    >>> fleet_power_w(32, hosts=10, cores=16, idle_w=100, max_w=200).item()
    1200.0
    >>> fleet_power_w(32, hosts=10, cores=16, idle_w=100, max_w=200, packed=True).item()
    400.0
    """
    load = check.amount("load_cores", load_cores)
    count = counts("hosts", hosts, least=1)
    each = check.positive("cores", cores)
    idle, full = _ends(idle_w, max_w)
    given = {"load_cores": load, "hosts": count, "cores": each, "idle_w": idle, "max_w": full}
    shape = check.shape("they must broadcast", **given)
    over = np.broadcast_to(load > count * each * (1 + ROUNDING), shape)
    if over.any():
        loads, room = np.broadcast_arrays(load, count * each, np.empty(shape))[:2]
        wrong = f"load_cores is {loads[over][0]:g}, but all hosts have {room[over][0]:g} cores."
        raise DoesNotFit(f"{wrong}\nAdd hosts, or take load away.")
    # 0.9 / 0.3 comes out just above 3, but three hosts carry it.
    needed = np.ceil(load / each * (1 - ROUNDING))
    on = np.minimum(needed, count) if switch("packed", packed) else count
    return np.broadcast_to(on * idle + (full - idle) * load / each, shape)


@within_numbers
def proportionality(watts: ArrayLike) -> Floats:
    """Measure how far power follows load: ``2 - 2 * area under watts / full power``.

    Parameters
    ----------
    watts : array, shape (..., points)
        Power at equally spaced loads from none to full [W].

    Returns
    -------
    array, shape (...)
        1 for a host that draws nothing idle and grows in a line, 0 for one
        that always draws the same.

    Raises
    ------
    ImpossibleAmount
        Also where nothing is drawn at full load.
    ShapeMismatch
        ``watts`` has fewer than two points.

    References
    ----------
    F. Ryckbosch, S. Polfliet and L. Eeckhout, "Trends in Server Energy
    Proportionality", Computer 2011 (POW-09).

    Examples
    --------
    >>> proportionality([[0, 50, 100], [100, 100, 100], [50, 75, 100]]).tolist()
    [1.0, 0.0, 0.5]
    """
    table = _table(watts)
    full = check.positive("watts at full load", table[..., -1])
    inner = table[..., 1:-1].sum(axis=-1)
    # The trapezoid rule: the ends count half.
    area = (inner + (table[..., 0] + full) / 2) / (table.shape[-1] - 1)
    return np.asarray(2 - 2 * area / full)
