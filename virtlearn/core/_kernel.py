"""The whole numbers that Linux and its container runtimes compute: weights, shares and quotas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import _check as check
from virtlearn.core._check import Ints
from virtlearn.errors import ImpossibleAmount, ImpossibleWeight, UnknownName, nearest

# sched_prio_to_weight of the Linux kernel (CPU-01), from nice -20 to 19: about 1.25 from one to the next.
_NICE_WEIGHT = np.array(
    [
        88761,
        71755,
        56483,
        46273,
        36291,
        29154,
        23254,
        18705,
        14949,
        11916,
        9548,
        7620,
        6100,
        4904,
        3906,
        3121,
        2501,
    ]
    + [
        1991,
        1586,
        1277,
        1024,
        820,
        655,
        526,
        423,
        335,
        272,
        215,
        172,
        137,
        110,
        87,
        70,
        56,
        45,
        36,
        29,
        23,
        18,
        15,
    ]
)


def _whole(name: str, value: Any, least: int, most: int) -> Ints:
    x = np.asarray(value)
    good = x.dtype.kind in "iuf" and bool(((x >= least) & (x <= most) & (x == np.floor(x))).all())
    if not good:
        raise ImpossibleWeight(f"{name} is {value!r:.60}; it must hold whole numbers from {least} to {most}.")
    return x.astype(np.int64)


def _counted(name: str, value: Any) -> Ints:
    if (np.asarray(value) >= 2.0**53).any():  # beyond it floats skip whole numbers
        raise ImpossibleAmount(f"{name} comes to 2**53 or more, too large to count exactly.")
    return np.asarray(value).astype(np.int64)


def weight_from_nice(nice: ArrayLike) -> Ints:
    """Look up the scheduler's weight for a nice level: one level is about 10 % of the CPU between two.

    Parameters
    ----------
    nice : int array
        From -20 (takes most) to 19 (gives way).

    Returns
    -------
    int array

    Raises
    ------
    ImpossibleWeight

    Examples
    --------
    >>> weight_from_nice([-20, 0, 5, 19]).tolist()
    [88761, 1024, 335, 15]

    References
    ----------
    CPU-01: ``sched_prio_to_weight`` in Linux's kernel/sched/core.c.
    """
    return _NICE_WEIGHT[_whole("nice", nice, -20, 19) + 20]


def weight_from_shares(shares: ArrayLike, formula: str = "2025") -> Ints:
    r"""Turn a container's CPU shares (control groups v1) into a weight (v2), as container runtimes do.

    "2025": :math:`\lceil 10^{(l^2 + 125 l) / 612 - 7/34} \rceil`, :math:`l = \log_2 shares`; "linear", before it:
    :math:`1 + \lfloor 9999 (shares - 2) / 262142 \rfloor`.

    Parameters
    ----------
    shares : int array
        From 2 to 262144; 1024 is the default.
    formula : {"2025", "linear"}

    Returns
    -------
    int array
        From 1 to 10000.

    Raises
    ------
    ImpossibleWeight, UnknownName

    Examples
    --------
    The default is 100 again; the older formula made it 39, which lost to every neighbour of weight 100.

    >>> weight_from_shares(1024).tolist(), weight_from_shares(1024, "linear").tolist()
    (100, 39)

    References
    ----------
    CPU-07 and CPU-08: ``ConvertCPUSharesToCgroupV2Value`` in opencontainers/cgroups.
    """
    x = _whole("shares", shares, 2, 262144)
    if formula == "linear":
        return 1 + (x - 2) * 9999 // 262142
    if formula != "2025":
        raise UnknownName(
            f"formula is {formula!r}, which is not known. {nearest(formula, ['2025', 'linear'])}"
        )
    log = np.log2(x)
    # 7/34 is 126/612; under one bar 2, 1024 and 262144 come to exactly 10 to the 0, 2 and 4.
    return np.ceil(10.0 ** ((log * log + 125 * log - 126) / 612)).astype(np.int64)


def shares_from_millicores(millicores: ArrayLike) -> Ints:
    """Turn a CPU request in thousandths of a core into shares: ``max(2, floor(m * 1024 / 1000))``.

    Parameters
    ----------
    millicores : array
        The request [millicores].

    Returns
    -------
    int array

    Raises
    ------
    ImpossibleAmount

    Examples
    --------
    >>> shares_from_millicores([0, 250, 1000]).tolist()
    [2, 256, 1024]
    """
    m = check.amount("millicores", millicores)
    return _counted("millicores * 1024 / 1000", np.maximum(2.0, np.floor(m * 1024 / 1000)))


def quota_us_from_millicores(millicores: ArrayLike, period_us: ArrayLike = 100_000) -> Ints:
    """Turn a CPU limit in thousandths of a core into a quota: ``max(1000, floor(m * period / 1000))``.

    Parameters
    ----------
    millicores : array
        The limit [millicores].
    period_us : array
        How often the quota is refilled [microseconds].

    Returns
    -------
    int array
        CPU time in each period [microseconds].

    Raises
    ------
    ImpossibleAmount, ShapeMismatch

    Examples
    --------
    >>> quota_us_from_millicores([1, 500, 1500]).tolist()
    [1000, 50000, 150000]
    """
    m, period = check.amount("millicores", millicores), check.positive("period_us", period_us)
    check.shape("they must broadcast", millicores=m, period_us=period)
    with np.errstate(over="ignore"):
        quota = np.maximum(1000.0, np.floor(m * period / 1000))
    return _counted("millicores * period_us / 1000", quota)
