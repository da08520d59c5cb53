"""One chunk of simulated outages: every failure and repair of many trials at once."""

import numpy as np
from numpy.random import Generator, SeedSequence

from virtlearn.core import tree as walks
from virtlearn.core.check import Floats, Ints
from virtlearn.errors import ImpossibleAmount

BUDGET = 400_000  # changes of single copies that one chunk holds: some tens of MiB

Chunk = tuple[Ints, Floats, Floats, float, int, float, SeedSequence]


def _leaf_ranges(tree: Ints) -> tuple[Ints, Ints, Ints]:
    """Number the leaves depth first: those below a node are ``first .. first + count``."""
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

    What begins down has a +1 at hour 0. An exponential time has no memory, so the first one is drawn like all.
    """
    falls = np.flatnonzero(down > 0)
    trial, node = np.repeat(np.arange(trials), falls.size), np.tile(falls, trials)
    is_down = rng.random(node.size) >= up[node] / (up[node] + down[node])
    clock = np.zeros(node.size)
    out = [(trial[is_down], node[is_down], clock[is_down], np.ones(is_down.sum(), dtype=np.int64))]
    while node.size:
        clock = clock + rng.exponential(np.where(is_down, down[node], up[node]))
        going = clock < hours
        trial, node, clock, is_down = trial[going], node[going], clock[going], ~is_down[going]
        out.append((trial, node, clock, np.where(is_down, 1, -1)))
    a, b, c, d = (np.concatenate(x) for x in zip(*out, strict=True))
    return a, b, c, d


def _running_sum(group: Ints, step: Ints) -> tuple[Ints, Ints]:
    """Add up the steps of each group, one after the other, and say where each group begins."""
    total, begins = np.cumsum(step), np.flatnonzero(np.diff(group, prepend=-1))
    before = np.append(0, total)[begins]
    return total - np.repeat(before, np.diff(np.append(begins, group.size))), begins


def outages(chunk: Chunk) -> tuple[Floats, Floats]:
    """Share of time with k copies up, summed over the trials of a chunk, and the sum of its squares."""
    tree, up, down, hours, trials, shared, seed = chunk
    rng = np.random.default_rng(seed)
    leaves, first, count = _leaf_ranges(tree)
    trial, node, hour, step = _changes(up, down, hours, trials, rng)
    # A node's change is one for each copy below it: a copy is up where nothing of its path is down.
    times = count[node]
    offset = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    copy = np.repeat(trial, times) * leaves.size + np.repeat(first[node], times) + offset
    hour, step = np.repeat(hour, times), np.repeat(step, times)
    order = np.lexsort((hour, copy))
    copy, hour, step = copy[order], hour[order], step[order]
    broken, _ = _running_sum(copy, step)
    flips = ((broken == 1) & (step == 1)) | ((broken == 0) & (step == -1))
    trial, hour, step = copy[flips] // leaves.size, hour[flips], -step[flips]
    # From all changes of a trial in order of time: how long each number of copies was up.
    trial = np.concatenate([np.arange(trials), trial])
    hour, step = (
        np.concatenate([np.zeros(trials), hour]),
        np.concatenate([np.full(trials, leaves.size), step]),
    )
    order = np.lexsort(
        (hour, trial)
    )  # stable: what falls and is up again within a rounding keeps its order
    trial, hour, step = trial[order], hour[order], step[order]
    alive, begins = _running_sum(trial, step)
    lasts = np.append(hour[1:], hours)
    lasts[begins[1:] - 1] = hours
    spent = np.bincount(
        trial * (leaves.size + 1) + alive, (lasts - hour) / hours, trials * (leaves.size + 1)
    )
    share = spent.reshape(trials, leaves.size + 1)
    dark = rng.random(trials) < shared
    share[dark] = np.eye(1, leaves.size + 1)
    return share.sum(axis=0), (share**2).sum(axis=0)
