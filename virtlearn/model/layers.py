"""What every layer of a deployment has in common, and the table of what may stand in what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, fields
from functools import partial
from itertools import groupby
from typing import Any, ClassVar, TypeVar

from virtlearn.arguments import number, whole
from virtlearn.catalog.layers import KINDS, LayerSpec
from virtlearn.errors import WrongPlace

__all__ = [
    "CARRIES",
    "KERNELS",
    "READS",
    "SHARED",
    "Layer",
    "Reads",
    "check_place",
    "grouped",
    "several",
]

# What each kind of layer can carry, and why nothing else.
CARRIES = {kind: (tuple(says["carries"]), says["why"]) for kind, says in KINDS.items()}
# Layers that answer an application's system calls.
KERNELS = ("operating-system", "user-space-kernel")
# Layers that everything above them shares: they run before the first copy comes, and one more copy needs no other.
SHARED = ("operating-system", "hypervisor", "container-runtime")
Kind = TypeVar("Kind")
# More than any machine has [GiB]: above it somebody used the wrong unit.
MOST_GIB = 48 * 1024
# How an amount of a noun is read: ``read(owner, name, value)`` gives it or says what is wrong with it. As its unit
# is in its name, so is its rule; what is not in the table is any amount from 0 on.
Reads = Mapping[str, Callable[[str, str, Any], float]]
READS: Reads = {
    "cores": partial(number, least=1e-9, most=1e5, hint="Try cores=16."),
    "memory_gib": partial(
        number, least=1e-9, most=MOST_GIB, hint="Memory is in GiB: 64 GiB are 65,536 MiB."
    ),
    "cpu_overcommit": partial(number, least=1e-9, hint="Try cpu_overcommit=4."),
    "cpu_weight": partial(number, least=1e-9, hint="Weights compare: 100 is the usual one."),
    **dict.fromkeys(("cpu_limit_cores", "memory_limit_mib"), partial(number, endless=True)),
    "max_pods": partial(whole, least=0),
    "vcpus": whole,
}


def check_place(inner: str, inner_title: str, outer: str, outer_title: str) -> None:
    """Refuse a layer that the table does not let stand in another."""
    allowed, why = CARRIES[outer]
    if inner not in allowed:
        places = _names(kind for kind, (may, _) in CARRIES.items() if inner in may)
        raise WrongPlace(
            f"{inner_title} cannot stand in {outer_title}: {why}.\nPut it in {places}."
        )


def grouped(runs: Iterable[Layer]) -> list[tuple[Layer, int]]:
    """Count equal neighbours."""
    return [(first, len(list(equal))) for first, equal in groupby(runs)]


def several(given: Any, kind: type[Kind]) -> tuple[Kind, ...]:
    """One of a kind or a sequence of them as a tuple; anything else as an empty one."""
    some = (
        (given,) if isinstance(given, kind) else given if isinstance(given, (list, tuple)) else ()
    )
    return tuple(some) if all(isinstance(one, kind) for one in some) else ()


@dataclass(frozen=True, repr=False)
class Layer:
    """What every layer has: a name, what runs in it, and its numbers.

    ``layer`` names the numbers (`virtlearn.catalog.layers.LayerSpec`); left out, they are the usual ones of the
    layer's kind in its place.
    """

    kind: ClassVar[str]
    reads: ClassVar[Reads] = READS
    name: str = ""
    _: KW_ONLY
    runs: tuple[Layer, ...] = ()
    layer: LayerSpec | None = None

    def __post_init__(self) -> None:
        """Check the name, the amounts, and that what runs here may stand here."""
        noun = type(self).__name__
        if not isinstance(self.name, str):
            wrong = f"{noun}: the name comes first and is a text, but it is {self.name!r:.60}."
            raise WrongPlace(f'{wrong}\nTry {noun}("name", …).')
        owner = f"{noun} {self.name!r}" if self.name not in ("", self.kind) else noun
        for amount in (f for f in fields(self) if f.name not in Layer.__dataclass_fields__):
            value, read = getattr(self, amount.name), self.reads.get(amount.name, number)
            if (
                value is not None or amount.default is not None
            ):  # None is a value only where it is the usual
                object.__setattr__(self, amount.name, read(owner, amount.name, value))
        alone = isinstance(self.runs, (Layer, str)) or not isinstance(self.runs, Iterable)
        object.__setattr__(self, "runs", (self.runs,) if alone else tuple(self.runs))
        for child in self.runs:
            if not isinstance(child, Layer):
                what = _names(CARRIES[self.kind][0])
                raise WrongPlace(
                    f"{self.title} cannot run {child!r:.60}, which is not a layer.\nIt runs {what}."
                )
            check_place(child.kind, child.title, self.kind, self.title)

    def walk(self) -> Iterator[Layer]:
        """Give this layer and all that stands in it."""
        yield self
        for child in self.runs:
            yield from child.walk()

    def __repr__(self) -> str:
        """Write the call that rebuilds it: what is not as usual."""
        values = [
            (f.name, getattr(self, f.name)) for f in fields(self) if f.name not in ("runs", "layer")
        ]
        given = [
            f"{name}={value!r}" for name, value in values if value != getattr(type(self), name)
        ]
        runs = " + ".join(
            f"[{child!r}]{f' * {n}' if n > 1 else ''}" for child, n in grouped(self.runs)
        )
        return f"{type(self).__name__}({', '.join([*given, *([f'runs={runs}'] if runs else [])])})"

    @property
    def title(self) -> str:
        """The kind and the name in words."""
        return f"{_word(self.kind)} {self.name!r}" if self.name else _word(self.kind)


def _word(kind: str) -> str:
    words = kind.replace("-", " ").replace("user space", "user-space")
    return f"{'an' if kind[0] in 'aeio' else 'a'} {words}"


def _names(kinds: Iterable[str]) -> str:
    words = [_word(kind) for kind in kinds]
    return " or ".join(", ".join(words).rsplit(", ", 1)) if words else "nothing"
