"""Moving a running machine: what crosses the network, how long it takes, how long it is silent.

A virtual machine is moved whole, with its kernel and its page cache. A container's checkpoint is
its processes' memory alone, but frozen while it is taken (MIG-19, MIG-20), and the usual answer
is another copy elsewhere.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from virtlearn.core import check
from virtlearn.core._counts import Bools, counts, flags, within_numbers
from virtlearn.core._rounds import MOST_ROUNDS, send
from virtlearn.core.check import Floats, Ints

__all__ = ["finish_while_migrating_s", "postcopy", "precopy", "stop_and_copy"]


class Precopy(NamedTuple):
    """How a machine was moved in rounds.

    Parameters
    ----------
    rounds_mib : array, shape (..., most rounds + 1)
        What each round sent, and last what was sent while the machine stood
        still [MiB]; 0 after its end.
    sent_mib, downtime_s, total_s : array, shape (...)
        All that crossed the network [MiB], how long nobody answered, and how long it took [s].
    rounds : int array, shape (...)
        Rounds sent while the machine ran.
    converged : bool array, shape (...)
        Whether it stopped because the rest was small. False where it would never have ended, and
        was stopped by ``max_rounds``.
    throttle : array, shape (..., most rounds)
        The part of its time that the machine was held still in each round; 0 after its end.
    """

    rounds_mib: Floats
    sent_mib: Floats
    downtime_s: Floats
    total_s: Floats
    rounds: Ints
    converged: Bools
    throttle: Floats


@within_numbers
def precopy(
    memory_mib: ArrayLike,
    dirty_mib_s: ArrayLike,
    bandwidth_mib_s: ArrayLike,
    *,
    working_set_mib: ArrayLike | None = None,
    downtime_limit_s: ArrayLike = 0.3,
    max_rounds: ArrayLike = 30,
    resume_s: ArrayLike = 0.0,
    auto_converge: ArrayLike = False,
    trigger: ArrayLike = 0.5,
    first: ArrayLike = 0.2,
    step: ArrayLike = 0.1,
    most: ArrayLike = 0.99,
) -> Precopy:
    """Copy a running machine's memory, then what it dirtied meanwhile, until the rest is small.

    The first round sends all memory. While S MiB are sent,
    ``dirty * (1 - throttle) * S / bandwidth`` get dirty, at most the working set. If that can be
    sent within ``downtime_limit_s``, or ``max_rounds`` are over, the machine stops and the rest is
    sent; else it is the next round.

    With ``auto_converge`` the machine is slowed when more than ``trigger`` of what was sent is
    dirty again, for the second time since the last step: by ``first``, then by ``step`` more each
    time, up to ``most``, from the next round on.

    Parameters
    ----------
    memory_mib, dirty_mib_s, bandwidth_mib_s : array, shape (...)
        The machine's memory [MiB], how fast it writes to it and how fast it is sent [MiB/s].
    working_set_mib : array, shape (...), optional
        The part of memory that it writes to [MiB]; all of it if not given.
    downtime_limit_s, resume_s : array, shape (...)
        The longest last copy, and what waking up takes on the other side [s].
    max_rounds : array of whole numbers, shape (...)
    auto_converge : bool array, shape (...)
    trigger, first, step, most : array, shape (...)
        Fractions, from 0 to 1.

    Returns
    -------
    Precopy
        A migration that cannot end has ``converged`` False and its ``rounds``.

    Raises
    ------
    ImpossibleAmount
        The bandwidth is 0, or the working set is larger than the memory.
    ImpossibleCount
        ``max_rounds`` is no whole number of at least 1, or
        ``auto_converge`` neither true nor false.
    ImpossibleProbability
        A fraction lies outside 0 to 1.
    ShapeMismatch
        The shapes do not fit together.

    References
    ----------
    C. Clark et al., "Live Migration of Virtual Machines", NSDI 2005 (MIG-01). Defaults: QEMU
    migration/options.c and the throttle of migration/ram.c (MIG-10 to MIG-12).

    Examples
    --------
    A quarter of each round is dirty again after it:

    >>> precopy(1024, dirty_mib_s=32, bandwidth_mib_s=128).rounds_mib.tolist()
    [1024.0, 256.0, 64.0, 16.0]

    As fast as it is sent it is dirty again, and no round is smaller than the one before:

    >>> moved = precopy(1000, dirty_mib_s=100, bandwidth_mib_s=100, max_rounds=4)
    >>> moved.rounds_mib.tolist(), moved.converged.item(), moved.downtime_s.item()
    ([1000.0, 1000.0, 1000.0, 1000.0, 1000.0], False, 10.0)
    """
    memory = check.amount("memory_mib", memory_mib)
    is_given = working_set_mib is not None
    given: dict[str, NDArray[Any]] = {
        "memory_mib": memory,
        "dirty_mib_s": check.amount("dirty_mib_s", dirty_mib_s),
        "bandwidth_mib_s": check.positive("bandwidth_mib_s", bandwidth_mib_s),
        "working_set_mib": check.amount("working_set_mib", working_set_mib) if is_given else memory,
        "downtime_limit_s": check.amount("downtime_limit_s", downtime_limit_s),
        "max_rounds": counts("max_rounds", max_rounds, least=1, most=MOST_ROUNDS),
        "resume_s": check.amount("resume_s", resume_s),
        "auto_converge": flags("auto_converge", auto_converge),
        "trigger": check.probability("trigger", trigger),
        "first": check.probability("first", first),
        "step": check.probability("step", step),
        "most": check.probability("most", most),
    }
    shape = check.shape("they must broadcast", **given)
    machines = {name: np.broadcast_to(x, shape).ravel() for name, x in given.items()}
    sizes, throttle, rounds, converged = send(machines)
    speed = machines["bandwidth_mib_s"]
    resume = machines["resume_s"]
    sent = sizes.sum(axis=0)
    rest = sizes[rounds, np.arange(rounds.size)]
    return Precopy(
        rounds_mib=sizes.T.reshape(*shape, len(sizes)),
        sent_mib=sent.reshape(shape),
        downtime_s=(rest / speed + resume).reshape(shape),
        total_s=(sent / speed + resume).reshape(shape),
        rounds=rounds.reshape(shape),
        converged=converged.reshape(shape),
        throttle=throttle.T.reshape(*shape, len(throttle)),
    )


@within_numbers
def stop_and_copy(
    memory_mib: ArrayLike, bandwidth_mib_s: ArrayLike, *, resume_s: ArrayLike = 0.0
) -> Floats:
    """Say how long a machine stands still that is stopped, copied and woken up on the other side.

    Parameters
    ----------
    memory_mib, bandwidth_mib_s : array
        What is copied [MiB] and how fast [MiB/s].
    resume_s : array
        What waking up takes [s].

    Returns
    -------
    array
        Downtime, which is all of the time [s].

    Raises
    ------
    ImpossibleAmount
        An amount is negative, infinite or no number, or the bandwidth is 0.
    ShapeMismatch
        The shapes do not fit together.

    References
    ----------
    C. Clark et al., NSDI 2005, section 4.2: 512 MB at 128 Mbit/s take 32 s.

    Examples
    --------
    >>> stop_and_copy(1024, bandwidth_mib_s=128).item()
    8.0
    """
    memory = check.amount("memory_mib", memory_mib)
    bandwidth = check.positive("bandwidth_mib_s", bandwidth_mib_s)
    resume = check.amount("resume_s", resume_s)
    check.shape(
        "they must broadcast", memory_mib=memory, bandwidth_mib_s=bandwidth, resume_s=resume
    )
    return np.asarray(memory / bandwidth + resume)


class Postcopy(NamedTuple):
    """How a machine was moved that runs on the other side from the start.

    Parameters
    ----------
    downtime_s, total_s : array, shape (...)
        How long nobody answered, and how long the move took [s].
    sent_mib : array, shape (...)
        All that crossed the network [MiB].
    """

    downtime_s: Floats
    total_s: Floats
    sent_mib: Floats


@within_numbers
def postcopy(
    memory_mib: ArrayLike,
    bandwidth_mib_s: ArrayLike,
    *,
    state_mib: ArrayLike = 0.0,
    resume_s: ArrayLike = 0.0,
) -> Postcopy:
    """Move the processor's state first, run there, and fetch the memory page by page.

    The machine stands still only for its state, and every page crosses once, however fast it
    writes. But from then on its memory is in two places, and a lost link loses the machine.

    Parameters
    ----------
    memory_mib, bandwidth_mib_s : array, shape (...)
        The memory [MiB] and how fast it is sent [MiB/s].
    state_mib : array, shape (...)
        Processor and device state, beside the memory [MiB].
    resume_s : array, shape (...)
        What waking up takes [s].

    Returns
    -------
    Postcopy
        What was sent, how long it stood still, and when all was there.

    Raises
    ------
    ImpossibleAmount
        An amount is negative, infinite or no number, or the bandwidth is 0.
    ShapeMismatch
        The shapes do not fit together.

    References
    ----------
    M. R. Hines and K. Gopalan, "Post-Copy Based Live Virtual Machine Migration", VEE 2009.

    Examples
    --------
    >>> moved = postcopy(1024, bandwidth_mib_s=128, state_mib=16)
    >>> moved.downtime_s.item(), moved.total_s.item(), moved.sent_mib.item()
    (0.125, 8.125, 1040.0)
    """
    memory = check.amount("memory_mib", memory_mib)
    bandwidth = check.positive("bandwidth_mib_s", bandwidth_mib_s)
    state = check.amount("state_mib", state_mib)
    resume = check.amount("resume_s", resume_s)
    given = {"memory_mib": memory, "bandwidth_mib_s": bandwidth, "state_mib": state}
    shape = check.shape("they must broadcast", resume_s=resume, **given)
    downtime = state / bandwidth + resume
    sent = np.broadcast_to(memory + state, shape)
    return Postcopy(np.broadcast_to(downtime, shape), sent / bandwidth + resume, sent)


@within_numbers
def finish_while_migrating_s(
    work_s: ArrayLike, migration_s: ArrayLike, *, loss: ArrayLike = 0.1
) -> Floats:
    """Say how long work takes that loses a part of its speed while its machine is moved.

    ``work + loss * migration``, or ``work / (1 - loss)`` if it ends before the migration does.

    Parameters
    ----------
    work_s, migration_s : array
        The work at full speed, and how long the migration takes; both start together [s].
    loss : array
        The part of the speed that is lost, from 0 to 1.

    Returns
    -------
    array
        When the work is done [s].

    Raises
    ------
    ImpossibleAmount
        An amount is negative, infinite or no number.
    ImpossibleProbability
        ``loss`` lies outside 0 to 1.
    ShapeMismatch
        The shapes do not fit together.

    Examples
    --------
    >>> finish_while_migrating_s([100, 9], migration_s=[16, 100]).tolist()
    [101.6, 10.0]
    """
    work = check.amount("work_s", work_s)
    migration = check.amount("migration_s", migration_s)
    lost = check.probability("loss", loss)
    check.shape("they must broadcast", work_s=work, migration_s=migration, loss=lost)
    speed = 1 - lost
    # Work that is done before the migration ends never sees full speed; at no
    # speed nothing is done before.
    is_early = work <= speed * migration
    slowed = work / np.where(speed > 0, speed, 1.0)
    return np.asarray(np.where(is_early, slowed, work + lost * migration))
