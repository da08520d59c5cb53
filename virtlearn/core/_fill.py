"""One law, three uses: members of a group share its capacity by weight, from floor to cap."""

import numpy as np

from virtlearn.core.check import SLACK, Floats, Ints

# Numbers outside these could make a level that no float holds.
FAR_BELOW_ONE = 1e-100
FAR_ABOVE_ONE = 1e100
# A sum of larger weights could overflow; weights compare, so all of them are made smaller.
LARGE_WEIGHT = 1e280
SMALLER = 2.0**-64


def group_sum(group: Ints, x: Floats, groups: int) -> Floats:
    """Add up what belongs to each group; one group is summed pairwise, which rounds less."""
    return np.asarray(
        x.sum(keepdims=True) if groups == 1 else np.bincount(group, x, groups), np.float64
    )


def fill(
    capacity: Floats, cap: Floats, floor: Floats | None, weight: Floats, group: Ints
) -> Floats:
    """Give member i ``min(cap, max(floor, L * weight))``; its group's level L spends the capacity.

    Every member is offered the capacity by weight. Where the offers, cut to size, spend too little,
    the level can only rise, so a full member stays full; where they spend too much it can only
    fall, so a member on its floor stays there. Those are settled and the others offered the rest,
    until no offer is cut: each round settles somebody in every group (Bitran and Hax 1981). Rounds
    are few: from one that rises to the next, or one that falls to the next, what is cut off times
    the weight not settled drops to a quarter or less.
    """
    if weight.size and weight.max() > LARGE_WEIGHT:
        weight = np.maximum(weight * SMALLER, np.finfo(float).smallest_subnormal)
    groups = capacity.size
    left = capacity
    given = cap.copy()
    with np.errstate(over="ignore"):  # a sum of caps beyond every number does not fit either
        # Caps may miss the capacity that they were summed up to by the last digits: that fits.
        short = group_sum(group, cap, groups) > capacity * (1 + SLACK)
    todo = np.flatnonzero(short[group] if groups > 1 else np.broadcast_to(short, cap.shape))
    while todo.size:
        who, most, w = group[todo], cap[todo], weight[todo]
        least = 0.0 if floor is None else floor[todo]
        at = who if groups > 1 else 0
        offer = left[at] * (w / group_sum(who, w, groups)[at])
        taken = np.clip(offer, least, most)
        excess = group_sum(who, offer - taken, groups)[at]
        full = (offer >= most) & (excess > 0)
        on_floor = (offer <= least) & (excess < 0)
        settled = full | on_floor | (excess == 0)
        now = np.flatnonzero(settled)
        given[todo[now]] = taken[now]
        left = np.maximum(left - group_sum(who[now], taken[now], groups), 0.0)
        todo = todo[np.flatnonzero(~settled)]
    return given


def fill_rows(
    capacity: Floats, want: Floats, limit: Floats, promised: Floats, weight: Floats
) -> Floats:
    """Fill rows of members, shape (..., n), each row from its own capacity, shape (...)."""
    one = (0,) * capacity.ndim
    alike = not any(
        any(x.strides[:-1]) for x in (want, limit, weight)
    )  # broadcast: all rows are one row
    if alike and capacity.size > 1 and want.size and not promised.any():
        given = fill_often(capacity, np.minimum(want[one], limit[one]), weight[one])
        if given is not None:
            return given
    cap = np.minimum(want, limit).ravel()
    floor = np.minimum(promised.ravel(), cap) if promised.any() else None
    row = np.repeat(np.arange(capacity.size), want.shape[-1])
    return fill(capacity.ravel(), cap, floor, weight.ravel(), row).reshape(want.shape)


def fill_often(capacity: Floats, cap: Floats, weight: Floats) -> Floats | None:
    """Fill the same members, shape (n,), from many capacities; sort once by their level when full.

    None where numbers are so far apart that a level could leave the range of
    floats; `fill` has none.
    """
    for x in (capacity, cap, weight):
        moderate = (x > FAR_BELOW_ONE) & (x < FAR_ABOVE_ONE)
        if not ((x == 0) | moderate).all():
            return None
    order = np.argsort(cap / weight)
    c, w = cap[order], weight[order]
    settled = np.append(0.0, np.cumsum(c[:-1]))
    thirsty = np.cumsum(w[::-1])[::-1]
    first = np.searchsorted(settled + c / w * thirsty, capacity).clip(
        max=c.size - 1
    )  # who is not full
    level = (capacity - settled[first]) / thirsty[first]
    level[capacity * (1 + SLACK) >= cap.sum()] = np.inf
    return np.asarray(np.minimum(cap, level[..., None] * weight))
