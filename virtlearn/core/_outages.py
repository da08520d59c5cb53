"""One chunk of simulated outages: every failure and repair of many trials at once."""

import numpy as np
from numpy.random import Generator, SeedSequence

from virtlearn.core import tree as walks
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import ImpossibleAmount

# Changes of single copies that one chunk holds: some tens of MiB.
BUDGET = 400_000

Chunk = tuple[Ints, Floats, Floats, float, int, float, SeedSequence]


def _leaf_ranges(tree: Ints) -> tuple[Ints, Ints, Ints]:
    """Number the leaves depth first: those below a node are ``first .. first + count``."""
    # Where the leaves below a node are one range, a node's failure is a slice and not a search.
    leaves = walks.leaves(tree)
    count = walks.subtree_sum(tree, np.bincount(leaves, minlength=tree.size)).astype(np.int64)
    first, taken = np.zeros((2, tree.size), dtype=np.int64)
    for i in range(1, tree.size):
        first[i] = first[tree[i]] + taken[tree[i]]
        taken[tree[i]] += count[i]
    return leaves, first, count


def chunk_of_trials(tree: Ints, up: Floats, down: Floats, hours: float) -> int:
    """Say how many trials fit one chunk: it depends on the tree alone, never on the workers."""
    count = _leaf_ranges(tree)[2]
    changes = (2 * hours / (up + down) * (down > 0) + 1) @ count
    if changes > 10 * BUDGET:
        wrong = f"hours is {hours:g}: a trial would hold {changes:.1e} changes."
        raise ImpossibleAmount(f"{wrong} Use fewer, and more trials.")
    return int(np.clip(BUDGET / changes, 1, 100_000))


def _changes(
    up: Floats, down: Floats, hours: float, trials: int, rng: Generator
) -> tuple[Ints, Ints, Floats, Ints]:
    """Draw all failures and repairs: trial, node, hour, and +1 for down or -1 for up again.

    What begins down has a +1 at hour 0. An exponential time has no memory, so the
    first one is drawn like all.
    """
    falls = np.flatnonzero(down > 0)
    trial = np.repeat(np.arange(trials), falls.size)
    node = np.tile(falls, trials)
    share_up = up[node] / (up[node] + down[node])
    is_down = rng.random(node.size) >= share_up
    clock = np.zeros(node.size)
    falls_at_0 = np.ones(is_down.sum(), dtype=np.int64)
    out = [(trial[is_down], node[is_down], clock[is_down], falls_at_0)]
    while node.size:
        mean_h = np.where(is_down, down[node], up[node])
        clock = clock + rng.exponential(mean_h)
        # Who passes the end of the trial changes no more.
        going = clock < hours
        trial = trial[going]
        node = node[going]
        clock = clock[going]
        is_down = ~is_down[going]
        out.append((trial, node, clock, np.where(is_down, 1, -1)))
    trials_, nodes, clocks, changes = (np.concatenate(x) for x in zip(*out, strict=True))
    return trials_, nodes, clocks, changes


def _running_sum(group: Ints, step: Ints) -> tuple[Ints, Ints]:
    """Add up the steps of each group, one after the other, and say where each group begins."""
    total = np.cumsum(step)
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    sizes = np.diff(np.append(begins, group.size))
    # One sum over all groups, less what the groups before had added up to.
    before = np.append(0, total)[begins]
    return total - np.repeat(before, sizes), begins


def outages(chunk: Chunk) -> tuple[Floats, Floats]:
    """Share of time with k copies up, and its square, each summed over the trials of a chunk."""
    tree, up, down, hours, trials, shared, seed = chunk
    rng = np.random.default_rng(seed)
    leaves, first, count = _leaf_ranges(tree)
    trial, node, hour, step = _changes(up, down, hours, trials, rng)
    # A node that fails takes every copy below it down: a copy is up where
    # nothing of its path is down.
    times = count[node]
    offset = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    leaf = np.repeat(first[node], times) + offset
    # A copy of a trial has a number of its own, so that one sort puts the changes of each together.
    copy = np.repeat(trial, times) * leaves.size + leaf
    hour = np.repeat(hour, times)
    step = np.repeat(step, times)
    order = np.lexsort((hour, copy))
    copy = copy[order]
    hour = hour[order]
    step = step[order]
    # How many nodes of its path are down: it falls with the first and is back with the last.
    broken, _ = _running_sum(copy, step)
    falls = (broken == 1) & (step == 1)
    returns = (broken == 0) & (step == -1)
    flips = falls | returns
    trial = copy[flips] // leaves.size
    hour = hour[flips]
    step = -step[flips]
    changes = (trial, hour, step)
    share = _share_of_time(changes, hours, trials, leaves.size)
    dark = rng.random(trials) < shared
    share[dark] = np.eye(1, leaves.size + 1)
    return share.sum(axis=0), (share**2).sum(axis=0)


def _share_of_time(
    changes: tuple[Ints, Floats, Ints], hours: float, trials: int, copies: int
) -> Floats:
    """Share of each trial with k copies up, shape (trials, copies + 1), from hours of change."""
    # At hour 0 all copies are up; what begins down falls at once.
    trial = np.concatenate([np.arange(trials), changes[0]])
    hour = np.concatenate([np.zeros(trials), changes[1]])
    step = np.concatenate([np.full(trials, copies), changes[2]])
    # Stable: a copy that falls and is up again within a rounding keeps its order.
    order = np.lexsort((hour, trial))
    trial = trial[order]
    hour = hour[order]
    step = step[order]
    alive, begins = _running_sum(trial, step)
    lasts = np.append(hour[1:], hours)
    lasts[begins[1:] - 1] = hours
    counts = copies + 1
    spent = np.bincount(trial * counts + alive, (lasts - hour) / hours, trials * counts)
    return np.asarray(spent, np.float64).reshape(trials, counts)
