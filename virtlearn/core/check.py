"""What the laws share: arguments checked and lined up. A refusal names the argument, the value and the rule."""

import inspect
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from virtlearn import errors

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# The tolerances of the whole library, each as a fraction of what is compared.
# One sum in another order: the last bits of a float.
SLACK = 2e-15
# Sums of a few decimal fractions may miss a whole number by their rounding; this much breaks no promise.
ROUNDING = 1e-12
# Figures of a whole tree, each the end of many sums and products: closer than this they are the same.
TOLERANCE = 1e-9


def array(value: Any) -> NDArray[Any]:
    """Read an array; what numpy cannot read has a dtype that no rule takes for numbers."""
    try:
        return np.asarray(value)
    except (TypeError, ValueError):  # rows of different lengths
        return np.array("?")


def numbers(name: str, value: Any) -> Floats:
    """Read numbers of any size and sign; texts, dates and complex numbers are none."""
    x = array(value)
    try:
        if x.dtype.kind in "biufO":
            return x.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError):
        pass
    raise errors.ImpossibleAmount(
        f"{name} is {errors.shown(value)}; it must be a number or an array of numbers."
    )


def keep(
    name: str, x: Floats, good: NDArray[np.bool_], rule: str, error: type[errors.VirtlearnError]
) -> Floats:
    """Refuse the first bad value, and say where it stands when there are several."""
    if good.all():
        return x
    where = tuple(int(i) for i in np.argwhere(~good)[0])
    index = where[0] if len(where) == 1 else where
    raise error(f"{name} {f'holds {x[where]} at index {index}' if where else f'is {x}'}; {rule}.")


def amount(name: str, value: Any, *, infinite: bool = False) -> Floats:
    """Amounts are never negative, never NaN, and end unless they are limits."""
    x = numbers(name, value)
    if infinite:
        return keep(
            name,
            x,
            x >= 0,
            "it must be at least 0 (infinity means no limit)",
            errors.ImpossibleAmount,
        )
    return keep(
        name,
        x,
        (x >= 0) & (x < np.inf),
        "it must be finite and at least 0",
        errors.ImpossibleAmount,
    )


def positive(name: str, value: Any) -> Floats:
    """Refuse nothing where there must be something: a period, a time between failures."""
    x = numbers(name, value)
    return keep(
        name,
        x,
        (x > 0) & (x < np.inf),
        "it must be finite and greater than 0",
        errors.ImpossibleAmount,
    )


def weight(name: str, value: Any) -> Floats:
    """Weights compare tenants with each other, so none is zero."""
    x = numbers(name, value)
    return keep(
        name,
        x,
        (x > 0) & (x < np.inf),
        "weights must be finite and greater than 0",
        errors.ImpossibleWeight,
    )


def probability(name: str, value: Any) -> Floats:
    """Probabilities and fractions lie between 0 and 1."""
    x = numbers(name, value)
    return keep(
        name, x, (x >= 0) & (x <= 1), "it must lie between 0 and 1", errors.ImpossibleProbability
    )


def whole(name: str, value: Any, *, least: int = 0) -> int:
    """Take whole numbers as counts: 3.0 is one, 3.5 and True are not."""
    n = array(value)
    if n.ndim or n.dtype.kind not in "iuf" or not (n >= least and n < np.inf and n == np.floor(n)):
        raise errors.ImpossibleCount(
            f"{name} is {errors.shown(value)}; it must be a whole number of at least {least}."
        )
    return int(n)


def one(name: str, x: Floats) -> float:
    """Take one number where one is asked for."""
    if x.ndim:
        raise errors.ShapeMismatch(f"{name} has the shape {x.shape}; it must be one number.")
    return float(x)


def each(name: str, x: Floats, n: int, what: str) -> Floats:
    """Give every node or layer its own number; one number stands for all."""
    if x.shape not in ((), (n,)):
        wrong = f"{name} has the shape {x.shape}, but there are {n} {what}"
        raise errors.ShapeMismatch(f"{wrong}; give one number for each.")
    return np.broadcast_to(x, n)


def known(name: str, value: Any, names: Iterable[str]) -> str:
    """Refuse a name that is in no table, and say which is the nearest."""
    there = list(names)
    if not isinstance(value, str) or value not in there:  # only texts are names
        wrong = f"{name} is {errors.shown(value)}, which is not known."
        raise errors.UnknownName(f"{wrong} {errors.nearest(value, there)}")
    return value


def function(name: str, value: Any, *arguments: str) -> Callable[..., Any]:
    """Refuse what cannot be called with these arguments, before it fails in the middle of the work."""
    takes = f"it must be a function of {', '.join(arguments)}"
    if not callable(value):
        raise errors.ShapeMismatch(f"{name} is {errors.shown(value)}; {takes}.")
    try:
        inspect.signature(value).bind(*arguments)
    except TypeError as error:
        raise errors.ShapeMismatch(f"{name} is {errors.shown(value)}; {takes} ({error}).") from None
    except ValueError:  # some functions written in C do not say what they take
        pass
    return cast(Callable[..., Any], value)


def tree(parent: Any) -> Ints:
    """Parents come before their children, and only the first node has none."""
    p = array(parent)
    if p.ndim != 1 or p.size == 0 or p.dtype.kind not in "iu":
        raise errors.NotATree(
            f"parent is {errors.shown(parent)}; it must be a list of whole numbers, one for each node."
        )
    p = p.astype(np.int64, copy=False)
    if p[0] != -1:
        raise errors.NotATree(
            f"parent[0] is {p[0]}; the first node is the root, and its parent is -1."
        )
    bad = (p[1:] < 0) | (p[1:] >= np.arange(1, p.size))
    if bad.any():
        i = int(np.argmax(bad)) + 1
        raise errors.NotATree(
            f"parent[{i}] is {p[i]}; a parent must come before its child, so 0 to {i - 1}."
        )
    return p


def shape(rule: str, **arrays: Floats) -> tuple[int, ...]:
    """Find the shape that all arrays broadcast to; ``rule`` says how they should line up."""
    try:
        return np.broadcast_shapes(*(a.shape for a in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {a.shape}" for name, a in arrays.items())
        raise errors.ShapeMismatch(f"{shapes} cannot be lined up; {rule}.") from None


def _whole(name: str, value: ArrayLike, least: int) -> Floats:
    x, rule = amount(name, value), f"it must be a whole number of at least {least}"
    return keep(name, x, (x % 1 == 0) & (x >= least), rule, errors.ImpossibleCount)


def _tax(name: str, value: ArrayLike) -> Floats:
    x, rule = (
        probability(name, value),
        "it must be below 1, where an idle page would count infinitely often",
    )
    return keep(name, x, x < 1, rule, errors.ImpossibleAmount)


def _adjustment(name: str, value: ArrayLike) -> Floats:
    x, rule = numbers(name, value), "it must lie between -1000 (never killed) and 1000"
    return keep(name, x, abs(x) <= 1000, rule, errors.ImpossibleAmount)


Rule = Callable[[str, ArrayLike], Floats]
ANY: Rule = amount
RULES: dict[str, Rule] = {
    **dict.fromkeys(("weight", "own_weight", "shares"), weight),
    **dict.fromkeys(("limit_cores", "limit_mib", "quota_cores"), partial(amount, infinite=True)),
    **dict.fromkeys(("active_fraction", "shareable_fraction", "changed_fraction"), probability),
    **dict.fromkeys(("period_s", "period_us", "median_s", "p99_s"), positive),
    "threads": partial(_whole, least=1),
    "copies": partial(_whole, least=0),
    "tax": _tax,
    "adj": _adjustment,
}


def line_up(
    names: str, *values: ArrayLike, n: int | None = None, what: str = "nodes"
) -> list[Floats]:
    """Check each value by its name and broadcast all; names with a star lack the last axis, which has n entries."""
    is_row = {name.lstrip("*"): name[0] == "*" for name in names.split()}
    given = {name: RULES.get(name, ANY)(name, x) for name, x in zip(is_row, values, strict=True)}
    for name, x in given.items():
        if n is not None and not is_row[name] and x.shape[-1:] not in {(), (1,), (n,)}:
            raise errors.ShapeMismatch(
                f"{name} has the shape {x.shape}, but there are {n} {what}; give one for each."
            )
    rows = " and ".join(name for name, row in is_row.items() if row)
    rule = (
        f"the last axis is one entry each, and {rows} lacks it" if rows else "they must broadcast"
    )
    full = shape(rule, **{name: x[..., None] if is_row[name] else x for name, x in given.items()})
    full = full if n is None else (*full[:-1], n)
    return [np.broadcast_to(x, full[:-1] if is_row[name] else full) for name, x in given.items()]
