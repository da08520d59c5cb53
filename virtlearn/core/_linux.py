"""The whole numbers that Linux and its container runtimes compute: weights, shares and quotas."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core.check import Floats, Ints, line_up
from virtlearn.errors import ImpossibleAmount, ImpossibleWeight

# sched_prio_to_weight of the Linux kernel (CPU-01), from nice -20 to 19: about 1.25 from one to the next.
NICE_WEIGHT = np.array([
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, 9548, 7620, 6100, 4904, 3906, 3121, 2501,
    1991, 1586, 1277, 1024, 820, 655, 526, 423, 335, 272, 215, 172, 137, 110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
])  # fmt: skip


def _between(name: str, value: ArrayLike, least: int, most: int) -> Ints:
    x = check.array(value)
    if x.dtype.kind not in "iuf" or not ((x >= least) & (x <= most) & (x == np.floor(x))).all():
        raise ImpossibleWeight(
            f"{name} is {value!r:.60}; it must hold whole numbers from {least} to {most}."
        )
    return x.astype(np.int64)


def _counted(name: str, x: Floats) -> Ints:
    if (x >= 2.0**53).any():  # beyond it floats skip whole numbers
        raise ImpossibleAmount(f"{name} comes to 2**53 or more, too large to count exactly.")
    return np.asarray(x).astype(np.int64)


def weight_from_nice(nice: ArrayLike) -> Ints:
    """Look up the scheduler's weight of a nice level, from -20 (takes most) to 19 (gives way).

    Parameters
    ----------
    nice : int array

    Examples
    --------
    >>> weight_from_nice([-20, 0, 5, 19]).tolist()
    [88761, 1024, 335, 15]

    References
    ----------
    CPU-01: ``sched_prio_to_weight`` in Linux's kernel/sched/core.c.
    """
    return NICE_WEIGHT[_between("nice", nice, -20, 19) + 20]


def weight_from_shares(shares: ArrayLike, formula: str = "2025") -> Ints:
    r"""Turn a container's CPU shares, 2 to 262144, into a control group's weight, 1 to 10000.

    "2025": :math:`\lceil 10^{(l^2 + 125 l) / 612 - 7/34} \rceil`, :math:`l = \log_2 shares`; before it, "linear":
    :math:`1 + \lfloor 9999 (shares - 2) / 262142 \rfloor`. Other shares are refused (`ImpossibleWeight`).

    Parameters
    ----------
    shares : int array
    formula : {"2025", "linear"}

    Examples
    --------
    The default of 1024 is 100 again; the older formula made it 39, and it lost to a neighbour of weight 100.

    >>> weight_from_shares(1024).tolist(), weight_from_shares(1024, "linear").tolist()
    (100, 39)

    References
    ----------
    CPU-07, CPU-08: ``ConvertCPUSharesToCgroupV2Value`` in opencontainers/cgroups.
    """
    x = _between("shares", shares, 2, 262144)
    if check.known("formula", formula, ("2025", "linear")) == "linear":
        return np.asarray(1 + (x - 2) * 9999 // 262142)
    log = np.log2(x)
    # 7/34 is 126/612; over one bar the exponents of 2, 1024 and 262144 are exactly 0, 2 and 4.
    return np.asarray(np.ceil(10.0 ** ((log * log + 125 * log - 126) / 612))).astype(np.int64)


def shares_from_millicores(millicores: ArrayLike) -> Ints:
    """Turn a CPU request in thousandths of a core into shares: ``max(2, floor(m * 1024 / 1000))``.

    Parameters
    ----------
    millicores : array
        [thousandths of a core]

    Examples
    --------
    >>> shares_from_millicores([0, 250, 1000]).tolist()
    [2, 256, 1024]
    """
    (m,) = line_up("millicores", millicores)
    with np.errstate(over="ignore"):
        return _counted("millicores * 1024 / 1000", np.maximum(2.0, np.floor(m * 1024 / 1000)))


def quota_us_from_millicores(millicores: ArrayLike, period_us: ArrayLike = 100_000) -> Ints:
    """Turn a CPU limit in thousandths of a core into microseconds a period: ``max(1000, floor(m * period / 1000))``.

    Parameters
    ----------
    millicores : array
        [thousandths of a core]
    period_us : array
        [microseconds]

    Examples
    --------
    >>> quota_us_from_millicores([1, 500, 1500]).tolist()
    [1000, 50000, 150000]
    """
    m, period = line_up("millicores period_us", millicores, period_us)
    with np.errstate(over="ignore"):
        return _counted(
            "millicores * period_us / 1000", np.maximum(1000.0, np.floor(m * period / 1000))
        )
