"""Check and line up arguments: as the unit is in the name, so is the rule."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from virtlearn.core import _check as check
from virtlearn.core._check import Floats
from virtlearn.errors import ImpossibleAmount, ImpossibleCount, ShapeMismatch

# Sums of a few decimal fractions may miss a whole number by their rounding; this much breaks no promise.
ROUNDING = 1e-12


def _whole(name: str, value: ArrayLike, least: int) -> Floats:
    x, rule = check.amount(name, value), f"it must be a whole number of at least {least}"
    return check.keep(name, x, (x % 1 == 0) & (x >= least), rule, ImpossibleCount)


def _tax(name: str, value: ArrayLike) -> Floats:
    x, rule = check.probability(name, value), "it must be below 1, where an idle page would count infinitely often"
    return check.keep(name, x, x < 1, rule, ImpossibleAmount)


def _adjustment(name: str, value: ArrayLike) -> Floats:
    x, rule = check.numbers(name, value), "it must lie between -1000 (never killed) and 1000"
    return check.keep(name, x, abs(x) <= 1000, rule, ImpossibleAmount)


Rule = Callable[[str, ArrayLike], Floats]
ANY: Rule = check.amount
RULES: dict[str, Rule] = {
    **dict.fromkeys(("weight", "own_weight", "shares"), check.weight),
    **dict.fromkeys(("limit_cores", "limit_mib", "quota_cores"), partial(check.amount, infinite=True)),
    **dict.fromkeys(("active_fraction", "shareable_fraction", "changed_fraction"), check.probability),
    **dict.fromkeys(("period_s", "period_us", "median_s", "p99_s"), check.positive),
    "threads": partial(_whole, least=1),
    "copies": partial(_whole, least=0),
    "tax": _tax,
    "adj": _adjustment,
}


def line_up(names: str, *values: ArrayLike, n: int | None = None, what: str = "nodes") -> list[Floats]:
    """Check each value by its name and broadcast all; names with a star lack the last axis, which has n entries."""
    known = {name.lstrip("*"): name[0] == "*" for name in names.split()}
    given = {name: RULES.get(name, ANY)(name, x) for name, x in zip(known, values, strict=True)}
    for name, x in given.items():
        if n is not None and not known[name] and x.shape[-1:] not in {(), (1,), (n,)}:
            raise ShapeMismatch(f"{name} has the shape {x.shape}, but there are {n} {what}; give one for each.")
    rows = " and ".join(name for name, is_row in known.items() if is_row)
    rule = f"the last axis is one entry each, and {rows} lacks it" if rows else "they must broadcast"
    shape = check.shape(rule, **{name: x[..., None] if known[name] else x for name, x in given.items()})
    shape = shape if n is None else (*shape[:-1], n)
    return [np.broadcast_to(x, shape[:-1] if known[name] else shape) for name, x in given.items()]
