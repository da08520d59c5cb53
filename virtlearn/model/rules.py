"""What a workload asks of its place and a host says of itself: amounts, texts, neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from virtlearn import units
from virtlearn.arguments import number
from virtlearn.errors import LimitBelowReservation, WrongKind, shown

__all__ = ["EACH_HOST", "Named", "check_limit", "named", "texts"]

# The domain of `spread` that needs no label: every host is one of its own.
EACH_HOST = "host"
# Kubernetes' effect of a taint that only makes a host less liked.
SOFT = "PreferNoSchedule"


class Named(Mapping[str, float]):
    """Amounts by name: a mapping that does not change, so that it may stand in a frozen value.

    Parameters
    ----------
    amounts : mapping of str to float
        The amounts.

    Examples
    --------
    >>> Named({"gpus": 4.0})["gpus"]
    4.0
    """

    def __init__(self, amounts: Mapping[str, float] | None = None) -> None:
        self._amounts = dict(amounts or {})

    def __getitem__(self, name: str) -> float:
        """Give the amount of a name."""
        return self._amounts[name]

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        return iter(self._amounts)

    def __len__(self) -> int:
        """Count the names."""
        return len(self._amounts)

    def __hash__(self) -> int:
        """Equal amounts are one value, whatever their order."""
        return hash(frozenset(self._amounts.items()))

    def __repr__(self) -> str:
        """Write the dict that makes it again."""
        return repr(self._amounts)


def named(owner: str, name: str, value: Any, **rule: Any) -> Named:
    """Read amounts by name.

    Parameters
    ----------
    owner, name : str
        Whose they are and how they are called, for a refusal.
    value : mapping of str to float
        What was given.
    **rule
        What `virtlearn.arguments.number` is to hold each to.

    Returns
    -------
    Named
        The amounts.

    Raises
    ------
    WrongKind
        Where it is no mapping, or a name is no text.
    ImpossibleAmount
        Where an amount breaks the rule.
    """
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        wrong = f"{owner}: {name} is {shown(value)}, which does not name amounts by texts."
        raise WrongKind(f'{wrong}\nTry {name}={{"gpus": 1}}.')
    return Named({key: number(owner, f"{name}[{key!r}]", x, **rule) for key, x in value.items()})


def texts(owner: str, name: str, value: Any) -> tuple[str, ...]:
    """Read labels: one text, several, or a mapping, whose pairs are written ``key=value``.

    Parameters
    ----------
    owner, name : str
        Whose they are and how they are called, for a refusal.
    value : str, sequence of str or mapping of str to str
        What was given.

    Returns
    -------
    tuple of str
        The texts.

    Raises
    ------
    WrongKind
        Where one is no text, or an empty one.

    Examples
    --------
    >>> texts("Host", "labels", {"zone": "a"}), texts("Host", "labels", "fast")
    (('zone=a',), ('fast',))
    """
    given: list[Any] = [value]
    if isinstance(value, Mapping):
        pairs = list(value.items())
        given = [f"{key}={of}" if _texts((key, of)) else (key, of) for key, of in pairs]
    elif isinstance(value, (list, tuple, set, frozenset)):
        given = sorted(value, key=str) if isinstance(value, (set, frozenset)) else list(value)
    for one in given:
        if not _texts((one,)):
            wrong = f"{owner}: {name} holds {shown(one)}, which is no text."
            raise WrongKind(f'{wrong}\nTry {name}="zone=a", or a list of such texts.')
    return tuple(given)


def _texts(given: tuple[Any, ...]) -> bool:
    return all(isinstance(one, str) and one for one in given)


def check_limit(owner: str, what: str, asked: float | None, limit: float | None) -> None:
    """Refuse a request that is above its own limit.

    Parameters
    ----------
    owner : str
        Whose they are.
    what : str
        The end of their names, such as ``"cores"``.
    asked, limit : float or None
        The two amounts, where they are given.

    Raises
    ------
    LimitBelowReservation
        Where the request is the larger.
    """
    if asked is None or limit is None or asked <= limit:
        return
    wrong = f"{owner}: request_{what} is {units.plain(asked)}, but limit_{what} is"
    raise LimitBelowReservation(f"{wrong} {units.plain(limit)}.\nRaise the limit, or ask for less.")
