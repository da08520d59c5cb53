"""What every layer of a deployment has in common, and the table of what may stand in what."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, field, fields
from functools import cache, partial
from itertools import groupby
from typing import Any, ClassVar, TypeVar

from virtlearn.arguments import check_arguments, number
from virtlearn.catalog.layers import KINDS, LayerSpec
from virtlearn.errors import WrongKind, WrongPlace, shown

__all__ = ["CARRIES", "KERNELS", "SHARED", "Layer"]
__all__ += ["all_of", "amount", "as_tuple", "check_place", "grouped"]

# Of a name, which stands in tables, charts and messages.
MOST_LETTERS = 80

# What each kind of layer can carry, and why nothing else.
CARRIES = {kind: (tuple(entry["carries"]), entry["why"]) for kind, entry in KINDS.items()}
# Layers that answer an application's system calls.
KERNELS = tuple(kind for kind, entry in KINDS.items() if entry.get("kernel"))
# Layers that run before the first copy comes: one more copy needs no other.
SHARED = tuple(kind for kind, entry in KINDS.items() if entry.get("shared"))
Kind = TypeVar("Kind")


def amount(default: object, read: Callable[..., object] = number, **rule: Any) -> Any:
    """Declare an amount of a noun, or names of it: the usual value, and the rule that it must keep.

    Parameters
    ----------
    default : object
        The usual value; where it is None, None may be given, too.
    read : callable
        ``read(owner, name, value, **rule)`` gives the amount or refuses it.
    **rule
        What `read` is to hold it to.

    Returns
    -------
    dataclasses.Field
        The field, which `Layer` reads.

    Examples
    --------
    >>> amount(1.0, positive=True).default
    1.0
    """
    return field(default=default, metadata={"read": partial(read, **rule)})


def check_place(inner: str, inner_title: str, outer: str, outer_title: str) -> None:
    """Refuse a layer that the table does not let stand in another.

    Parameters
    ----------
    inner, outer : str
        Kinds of layers.
    inner_title, outer_title : str
        What they are called in a refusal.

    Raises
    ------
    WrongPlace
        Where the one cannot carry the other; the message says why, and what can.
    """
    allowed, why = CARRIES[outer]
    if inner not in allowed:
        places = [kind for kind, (carried, _) in CARRIES.items() if inner in carried]
        raise WrongPlace(
            f"{inner_title} cannot stand in {outer_title}: {why}.\nPut it in {_words(places)}."
        )


def grouped(runs: Iterable[Layer]) -> list[tuple[Layer, int]]:
    """Count equal neighbours.

    Parameters
    ----------
    runs : iterable of Layer
        Layers side by side.

    Returns
    -------
    list of (Layer, int)
        The first of each group, and how many they are.
    """
    return [(first, len(list(equal))) for first, equal in groupby(runs)]


def as_tuple(given: Any, kind: type[Kind]) -> tuple[Kind, ...]:
    """Make a tuple of one of a kind or of a sequence of them.

    Parameters
    ----------
    given : object
        What was given.
    kind : type
        What it should be, or hold.

    Returns
    -------
    tuple
        Empty, where it is anything else.
    """
    if isinstance(given, kind):
        return (given,)
    if isinstance(given, (list, tuple)) and all(isinstance(one, kind) for one in given):
        return tuple(given)
    return ()


@cache  # fields() of a class never change, and nouns are made by the thousand
def _amounts(noun: Any) -> list[tuple[str, Any, Callable[..., Any]]]:
    """The amounts of a noun: name, usual value, and how it is read."""
    amounts = [one for one in fields(noun) if "read" in one.metadata]
    return [(one.name, one.default, one.metadata["read"]) for one in amounts]


@cache
def _names(noun: Any) -> tuple[str, ...]:
    """The names of what a noun is made of."""
    return tuple(one.name for one in fields(noun))


def all_of(runs: Any) -> tuple[Any, ...]:
    """Give what was named as ``runs`` as a tuple; what is no layer stays, to be refused later.

    Parameters
    ----------
    runs : layer or layers
        One, several, or anything else.

    Returns
    -------
    tuple
        The same side by side.
    """
    # A text is a sequence, too: it stays whole, so that a refusal shows it as it was typed.
    several = isinstance(runs, (Sequence, Iterator)) and not isinstance(runs, str)
    return tuple(runs) if several else (runs,)


class _OwnSignature:
    """What help shows of a noun: what it is made of, and not the check before it."""

    def __get__(self, noun: object, kind: type) -> inspect.Signature:
        whole = inspect.signature(kind.__init__)  # type: ignore[misc]  # a noun's own
        return whole.replace(parameters=list(whole.parameters.values())[1:])


@dataclass(frozen=True, repr=False)
class Layer:
    """What every layer has: a name, what runs in it, and its numbers.

    Parameters
    ----------
    name : str
        What it is called.
    runs : layers
        What stands in it.
    layer : LayerSpec, optional
        Its numbers (`virtlearn.catalog.layers.LayerSpec`); left out, they are the usual ones of its
        kind in its place.
    """

    __signature__: ClassVar[Any] = _OwnSignature()
    kind: ClassVar[str]
    name: str = ""
    _: KW_ONLY
    runs: Sequence[Layer] = ()
    layer: LayerSpec | None = None

    def __new__(cls, *args: Any, **named: Any) -> Any:
        """Refuse an argument that the noun has not, before Python does it in its own words."""
        # mypy does not know that a class can be a key of a cache.
        check_arguments(cls.__name__, named, _names(cls))  # type: ignore[arg-type]
        return super().__new__(cls)

    def __post_init__(self) -> None:
        """Check the name, the amounts, and that what runs here may stand here."""
        noun = type(self).__name__
        if not isinstance(self.name, str):
            wrong = f"{noun}: the name comes first and is a text, but it is {shown(self.name)}."
            raise WrongKind(f'{wrong}\nTry {noun}("name", …).')
        if len(self.name) > MOST_LETTERS:
            letters = f"{len(self.name):,} letters"
            wrong = f"{noun}: the name has {letters}, and a chart has no room for it."
            raise WrongKind(f"{wrong}\nGive it a name of at most {MOST_LETTERS} letters.")
        # A message says Host, and Workload 'web': a name that says no more than the kind is left
        # out.
        named = self.name not in ("", self.kind)
        self._read_amounts(f"{noun} {self.name!r}" if named else noun)
        object.__setattr__(self, "runs", all_of(self.runs))
        for child in self.runs:
            if not isinstance(child, Layer):
                wrong = f"{self.title} cannot run {shown(child)}, which is not a layer."
                raise WrongKind(f"{wrong}\nIt runs {_words(CARRIES[self.kind][0])}.")
            if child.kind not in CARRIES[self.kind][0]:
                check_place(child.kind, child.title, self.kind, self.title)

    def _read_amounts(self, owner: str) -> None:
        noun: Any = type(self)
        for name, usual, read in _amounts(noun):
            value = getattr(self, name)
            left_out = value is None and usual is None
            if not left_out:
                # A noun is frozen once it is made; until then this is the only way in.
                object.__setattr__(self, name, read(owner, name, value))

    def walk(self) -> Iterator[Layer]:
        """Give this layer and all that stands in it, a layer before its contents.

        Yields
        ------
        Layer
            Each of them.

        Examples
        --------
        >>> from virtlearn.model import OperatingSystem, Workload
        >>> [layer.name for layer in OperatingSystem("debian", runs=[Workload("web")]).walk()]
        ['debian', 'web']
        """
        yield self
        for child in self.runs:
            yield from child.walk()

    def __repr__(self) -> str:
        """Write the call that rebuilds it: what is not as usual."""
        given = []
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name not in ("runs", "layer") and value != getattr(type(self), one.name):
                given.append(f"{one.name}={value!r}")
        if self.runs:
            # 40 equal copies are written as one times 40, as a person would type them.
            groups = [(f"[{child!r}]", n) for child, n in grouped(self.runs)]
            lists = [text if n == 1 else f"{text} * {n}" for text, n in groups]
            given.append(f"runs={' + '.join(lists)}")
        return f"{type(self).__name__}({', '.join(given)})"

    @property
    def title(self) -> str:
        """The kind and the name in words."""
        return f"{_word(self.kind)} {self.name!r}" if self.name else _word(self.kind)


def _word(kind: str) -> str:
    article = "an" if kind[0] in "aeio" else "a"
    words = kind.replace("-", " ").replace("user space", "user-space")
    return f"{article} {words}"


def _words(kinds: Iterable[str]) -> str:
    *first, last = [_word(kind) for kind in kinds] or ["nothing"]
    return f"{', '.join(first)} or {last}" if first else last
