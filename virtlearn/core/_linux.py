"""The whole numbers that Linux and its container runtimes compute: weights, shares and quotas."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import check
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import ImpossibleAmount, ImpossibleWeight, shown

# sched_prio_to_weight of the Linux kernel (CPU-01), from nice -20 to 19: about
# 1.25 from one to the next.
NICE_WEIGHT = np.array([
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
    9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
    1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
    110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
])  # fmt: skip


# The kernel's ends of cpu.shares, its least quota, and the step of systemd's CPUQuotaPerSecUSec.
LEAST_SHARES = 2
MOST_SHARES = 262144
LEAST_QUOTA_US = 1000.0
SYSTEMD_STEP_US = 10_000


def _between(name: str, value: ArrayLike, least: int, most: int) -> Ints:
    x = check.array(value)
    if x.dtype.kind == "f":  # in half precision, infinity is not above 262144
        x = x.astype(np.float64)
    is_number = x.dtype.kind in "iuf"
    with np.errstate(invalid="ignore"):  # one kind of nan complains when it is compared
        is_good = is_number and ((x >= least) & (x <= most) & (x == np.floor(x))).all()
    if not is_good:
        raise ImpossibleWeight(
            f"{name} is {shown(value)}; it must hold whole numbers from {least} to {most}."
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
        From -20 to 19.

    Returns
    -------
    int array
        The weight of each; 1024 is that of 0.

    Raises
    ------
    ImpossibleWeight
        Where one is no nice level.

    References
    ----------
    CPU-01: ``sched_prio_to_weight`` in Linux's kernel/sched/core.c.

    Examples
    --------
    >>> weight_from_nice([-20, 0, 5, 19]).tolist()
    [88761, 1024, 335, 15]
    """
    return NICE_WEIGHT[_between("nice", nice, -20, 19) + 20]


def weight_from_shares(shares: ArrayLike, formula: str = "2025") -> Ints:
    r"""Turn a container's CPU shares, 2 to 262144, into a control group's weight, 1 to 10000.

    "2025": :math:`\lceil 10^{(l^2 + 125 l) / 612 - 7/34} \rceil`, :math:`l = \log_2 shares`;
    before it, "linear": :math:`1 + \lfloor 9999 (shares - 2) / 262142 \rfloor`. Other shares are
    refused (`ImpossibleWeight`).

    Parameters
    ----------
    shares : int array
        From 2 to 262144.
    formula : {"2025", "linear"}
        The runtime's formula.

    Returns
    -------
    int array
        From 1 to 10000.

    Raises
    ------
    ImpossibleWeight
        Where shares lie outside 2 to 262144.
    UnknownName
        Where there is no such formula.

    References
    ----------
    CPU-07, CPU-08: ``ConvertCPUSharesToCgroupV2Value`` in opencontainers/cgroups.

    Examples
    --------
    The default of 1024 is 100 again; the older formula made it 39, and it lost to a
    neighbour of weight 100.

    >>> weight_from_shares(1024).tolist(), weight_from_shares(1024, "linear").tolist()
    (100, 39)
    """
    x = _between("shares", shares, LEAST_SHARES, MOST_SHARES)
    if check.known("formula", formula, ("2025", "linear")) == "linear":
        return np.asarray(1 + (x - 2) * 9999 // 262142)
    log = np.log2(x)
    # 7/34 is 126/612; over one bar the exponents of 2, 1024 and 262144 are exactly 0, 2 and 4.
    exponent = (log * log + 125 * log - 126) / 612
    return np.asarray(np.ceil(10.0**exponent)).astype(np.int64)


def shares_from_millicores(millicores: ArrayLike) -> Ints:
    """Turn a CPU request in millicores into shares: ``floor(m * 1024 / 1000)``, from 2 to 262144.

    The kubelet cuts at the kernel's largest value, so that 256 cores and more weigh the same.

    Parameters
    ----------
    millicores : array
        The request [thousandths of a core].

    Returns
    -------
    int array
        From 2 to 262144.

    Raises
    ------
    ImpossibleAmount
        Where a request is negative or not finite.

    References
    ----------
    ``MilliCPUToShares`` in Kubernetes pkg/kubelet/cm/helpers_linux.go, with the upper end of 2021
    (kubernetes#99608); ``MAX_SHARES`` in Linux kernel/sched/sched.h.

    Examples
    --------
    >>> shares_from_millicores([0, 250, 1000, 300_000]).tolist()
    [2, 256, 1024, 262144]
    """
    m = check.amount("millicores", millicores)
    with np.errstate(over="ignore"):
        shares = np.floor(m * 1024 / 1000)
    return np.clip(shares, LEAST_SHARES, MOST_SHARES).astype(np.int64)


def quota_us_from_millicores(
    millicores: ArrayLike, period_us: ArrayLike = 100_000, driver: str = "cgroupfs"
) -> Ints:
    """Turn a CPU limit in millicores into a quota [us]: ``max(1000, floor(m * period / 1000))``.

    Parameters
    ----------
    millicores : array
        Above 0: no limit is said by leaving it out [thousandths of a core].
    period_us : array
        [microseconds]
    driver : {"cgroupfs", "systemd"}
        Who writes the quota. systemd keeps CPU time a second and rounds it up to 10 ms.

    Returns
    -------
    int array
        [microseconds a period]

    Raises
    ------
    ImpossibleAmount
        A limit of 0, or one too large to count.
    UnknownName
        There is no such driver.

    References
    ----------
    ``MilliCPUToQuota`` in Kubernetes pkg/kubelet/cm/helpers_linux.go; for systemd, ``addCPUQuota``
    in opencontainers/cgroups (runc#4982).

    Examples
    --------
    >>> quota_us_from_millicores([1, 500, 1500]).tolist()
    [1000, 50000, 150000]
    >>> quota_us_from_millicores([25, 4096], driver="systemd").tolist()
    [3000, 410000]
    """
    check.known("driver", driver, ("cgroupfs", "systemd"))
    m = check.amount("millicores", millicores)
    rule = "a limit of 0 is not a small one: leave it out for no limit"
    check.require("millicores", m, m > 0, rule, ImpossibleAmount)
    period = check.positive("period_us", period_us)
    check.shape("they must broadcast", millicores=m, period_us=period)
    with np.errstate(over="ignore"):
        quota = np.maximum(LEAST_QUOTA_US, np.floor(m * period / 1000))
        quota_us = _counted("millicores * period_us / 1000", quota)
        if driver == "cgroupfs":
            return quota_us
        # A second's worth, cut to whole microseconds, up to the next 10 ms, and back to a period.
        a_second = np.floor_divide(quota * 1e6, period)
        rounded = np.ceil(a_second / SYSTEMD_STEP_US) * SYSTEMD_STEP_US
        return _counted("millicores * period_us / 1000", np.floor_divide(rounded * period, 1e6))
