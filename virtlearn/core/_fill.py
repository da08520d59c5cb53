"""One law, three uses: siblings share a capacity by weight, between what they are promised and what they ask."""

from __future__ import annotations

import numpy as np

from virtlearn.core._check import Floats, Ints

# Sums of a few decimal fractions may miss a whole number by their rounding; this much is not a broken promise.
ROUNDING = 1e-12


def group_sum(group: Ints, x: Floats, groups: int) -> Floats:
    """Add up what belongs to each group; one group is summed pairwise, which rounds less."""
    return x.sum(keepdims=True) if groups == 1 else np.bincount(group, x, groups)


def fill(capacity: Floats, cap: Floats, floor: Floats | None, weight: Floats, group: Ints) -> Floats:
    r"""Give each member :math:`\min(cap_i, \max(floor_i, L w_i))`, with one level L for each group.

    Everybody is offered the capacity by weight. Where the offers, cut to size, spend too little, the level can only
    rise, so whoever is full stays full; where they spend too much, it can only fall, so whoever stands on a floor
    stays there. Those are settled, and the others are offered what is left, until nobody is cut. A round settles
    somebody in each group, so it ends; and as each halves the weight or the misfit at least, it ends soon.

    Parameters
    ----------
    capacity : array, shape (groups,)
        What there is to share, at least the sum of each group's floors.
    cap, weight : array, shape (members,)
        The most that each takes, and its weight.
    floor : array, shape (members,), or None
        The least that each gets, at most its cap; None for nothing.
    group : int array, shape (members,)
        Which group each belongs to.

    Returns
    -------
    array, shape (members,)
        What each gets.

    References
    ----------
    .. [1] G. R. Bitran and A. C. Hax, "Disaggregation and resource allocation using convex knapsack problems with
       bounded variables", Management Science 27(4), 1981: settling variables round by round.
    """
    if weight.size and weight.max() > 1e280:  # else a sum of weights could overflow
        weight = np.maximum(weight * 2.0**-64, np.finfo(float).smallest_subnormal)
    groups, left, given = capacity.size, capacity, cap.copy()
    with np.errstate(over="ignore"):  # a sum of caps beyond every number does not fit either
        short = group_sum(group, cap, groups) > capacity
    todo = np.flatnonzero(short[group] if groups > 1 else np.broadcast_to(short, cap.shape))
    while todo.size:
        who, most, w = group[todo], cap[todo], weight[todo]
        least = 0.0 if floor is None else floor[todo]
        at = who if groups > 1 else 0
        offer = left[at] * (w / group_sum(who, w, groups)[at])
        taken = np.clip(offer, least, most)
        excess = group_sum(who, offer - taken, groups)[at]
        settled = np.where(excess > 0, offer >= most, (offer <= least) | (excess == 0))
        now = np.flatnonzero(settled)
        given[todo[now]] = taken[now]
        left = np.maximum(left - group_sum(who[now], taken[now], groups), 0.0)
        todo = todo[np.flatnonzero(~settled)]
    return given
