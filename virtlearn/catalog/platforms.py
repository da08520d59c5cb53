"""The platforms, read from ``data/platforms.toml``: lists of layers, and where each number comes from.

A platform is the list of layers that stand between the hardware and an application. Nothing in this library
knows a platform by its name: what tells two of them apart is which layers are in the list, and their numbers.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from virtlearn import core, tables, units
from virtlearn.arguments import known, number
from virtlearn.catalog.layers import FILE, KINDS, OPERATIONS, LayerSpec, Memory, read_layer
from virtlearn.catalog.numbers import Quantity
from virtlearn.errors import UnknownName, WrongPlace, shown

__all__ = ["Platform", "default_layer", "layer", "platform", "platforms"]

EXAMPLE = "layers=['linux-host', 'process']"
HEAD = ("layer", "number", "value", "where it comes from", "measured on, and how it was verified")
# What `Platform.but` can change, and which number of a `LayerSpec` that is.
CHANGES = {"memory_mib": "memory", "start_s": "start", "disk_mib": "disk"}
CHANGES |= {name: name for name in ("escape", "mtbf_h", "mttr_h")}


@functools.cache
def layer(name: str) -> LayerSpec:
    """Look up one layer of ``platforms.toml`` by its name.

    Parameters
    ----------
    name : str
        Such as ``"stock-guest"``.

    Returns
    -------
    LayerSpec
        The layer with its numbers.

    Raises
    ------
    UnknownName
        Where there is none; the message names the nearest.
    WrongPlace
        Where it is the name of a platform.

    Examples
    --------
    >>> layer("stock-guest").kind
    'operating-system'
    """
    table = FILE["layers"]
    if name in FILE["platforms"] and name not in table:
        raise WrongPlace(_not_in_itself(name))
    return read_layer(name, table[known("layer", name, table)])


def default_layer(kind: str, name: str, inside: str) -> LayerSpec:
    """Find the layer that a noun means: the one of its name, or the usual one of its kind in that place.

    Parameters
    ----------
    kind, name : str
        Of the noun.
    inside : str
        The kind of layer that it stands in.

    Returns
    -------
    LayerSpec
        The layer with its numbers.
    """
    table = FILE["layers"]
    if name in table and table[name]["kind"] == kind:
        return layer(name)
    usual = FILE["usual"][kind]
    return layer(usual.get(inside, usual["else"]))


def _not_in_itself(name: str) -> str:
    return f"{name!r} is a platform, and a platform is made of layers, not of platforms or of itself.\nTake layers, such as {EXAMPLE} or layers=[*platform('containers').layers]."


@dataclass(frozen=True, repr=False)
class Platform:
    """A way to run an application: a list of layers from the host's first one up to the application.

    Parameters
    ----------
    name, title, about : str
        How it is asked for, printed and explained.
    layers : tuple of LayerSpec or str
        From the one that stands on the hardware to the application's process.

    Examples
    --------
    >>> [layer.kind for layer in platform("containers").layers]
    ['operating-system', 'container-runtime', 'container', 'workload']
    >>> slim = platform("virtual-machines").but("slim guest", os_memory_mib=64)
    >>> slim.layers[2].memory.mib()
    64.0
    >>> Platform("jails", layers=["linux-host", "process"]).title
    'jails'
    """

    name: str
    title: str = ""
    about: str = ""
    layers: tuple[LayerSpec, ...] = ()

    def __post_init__(self) -> None:
        """Accept layers by name, and fill in the title and the application's process."""
        given: Sequence[Any] = (
            self.layers if isinstance(self.layers, (list, tuple)) else [self.layers]
        )
        specs: list[LayerSpec] = []
        for one in given:
            if isinstance(one, Platform) or (one == self.name and one not in FILE["layers"]):
                raise WrongPlace(_not_in_itself(getattr(one, "name", one)))
            if not isinstance(one, (str, LayerSpec)):
                wrong = f"Platform {self.name!r}: {shown(one)} is not a layer."
                raise WrongPlace(
                    f"{wrong}\nName layers of the file or make a LayerSpec, such as {EXAMPLE}."
                )
            specs.append(layer(one) if isinstance(one, str) else one)
        if not specs:
            wrong = f"Platform {self.name!r} has no layers."
            raise UnknownName(f"{wrong}\nGive some, such as {EXAMPLE}.")
        if specs[-1].kind != "workload":
            specs.append(
                layer("process" if specs[-1].kind == "operating-system" else "main-process")
            )
        object.__setattr__(self, "layers", tuple(specs))
        object.__setattr__(self, "title", self.title or self.name)

    def but(self, name: str = "", **changes: float) -> Platform:
        """Make the same platform with some numbers changed: a what-if.

        Parameters
        ----------
        name : str
            What the new platform is called; without one, that it was changed.
        **changes : float
            ``os_memory_mib``, ``container_memory_mib``, ``vm_start_s``, ``vm_escape``, ``container_disk_mib``,
            ``host_os_mtbf_h``, …: the layer, an underscore, the number. The innermost layer of a kind is meant,
            ``host_os`` is the outermost system.

        Returns
        -------
        Platform
            A new value; this one stays as it is.

        Raises
        ------
        UnknownName
            Where the platform has no such layer or number.
        """
        if not isinstance(name, str):
            wrong = f"The name of a what-if is a text, but this is {shown(name)}."
            raise UnknownName(f'{wrong}\nTry but("slim guest", os_memory_mib=64).')
        specs, name = list(self.layers), name or f"{self.title}, changed"
        places = {"host_os": 0} if specs[0].kind == "operating-system" else {}
        places |= {KINDS[spec.kind]["short"]: i for i, spec in enumerate(specs)}
        numbers = {
            f"{short}_{what}": (i, of)
            for short, i in places.items()
            for what, of in CHANGES.items()
        }
        for key, value in changes.items():
            i, of = numbers[known(f"number to change in {self.name!r}", key, numbers)]
            x = number(repr(self.name), key, value, least=1e-9 if of == "mtbf_h" else 0.0)
            if of == "escape":
                core.check.probability(key, x)
            new = Quantity(x, assumed=f"what-if: {name}")
            held: dict[str, Any] = {"memory": Memory(new), "start": (("what-if", new),)}
            specs[i] = replace(specs[i], **{of: held.get(of, new)})
        return replace(self, name=name, title=name, layers=tuple(specs))

    def keeps(self, kind_of_work: str) -> tuple[float, tuple[Quantity, ...]]:
        """Fraction of native speed left for a kind of work.

        Parameters
        ----------
        kind_of_work : str
            One of `virtlearn.catalog.layers.OPERATIONS`.

        Returns
        -------
        float
            1 is native speed.
        tuple of Quantity
            The numbers that were multiplied for it.

        Raises
        ------
        UnknownName
            Where there is no such kind of work.
        """
        name = known("operation", kind_of_work, OPERATIONS)
        numbers = tuple(spec.keeps[name] for spec in self.layers if name in spec.keeps)
        return math.prod(number.value for number in numbers), numbers

    def _head(self) -> str:
        return f"{self.title}: {self.about}" if self.about else self.title

    def _rows(self) -> list[tuple[str, ...]]:
        return [
            (spec.title, name, _said(number, unit), number.source, number.condition)
            for spec in self.layers
            for name, number, unit in spec.numbers()
        ]

    def __str__(self) -> str:
        """Tell every number with its unit and its source."""
        lines = [self._head()]
        for of, name, value, source, condition in self._rows():
            lines.append(f"  {of}: {name} = {value}   [{source}]")
            lines += [f"      {condition}"] if condition else []
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Show the same rows as a table, with the conditions of each measurement."""
        return tables.html(self._rows(), HEAD, caption=self._head())


def _said(number: Quantity, unit: str) -> str:
    """A value as its source gives it: a bound as a bound, a range as a range."""
    ends = [units.plain(x) for x in (number.low, number.high) if x is not None and not number.bound]
    range_ = f" ({' to '.join(ends)})" if len(ends) > 1 else ""
    return f"{number.bound}{units.plain(number.value)} {unit}".rstrip() + range_


@functools.cache
def _named(name: str) -> Platform:
    table = FILE["platforms"]
    return Platform(name, **table[known("platform", name, table)])


def platform(name: str | Platform) -> Platform:
    """Get a platform by its name; a platform is given back as it is.

    Parameters
    ----------
    name : str or Platform
        Such as ``"containers"``; `platforms` lists the names.

    Returns
    -------
    Platform
        A frozen value that shows every number with its source.

    Raises
    ------
    UnknownName
        Where there is none; the message names the nearest.

    Examples
    --------
    >>> platform("containers").title
    'containers'
    >>> platform("container")
    Traceback (most recent call last):
    virtlearn.errors.UnknownName: There is no platform called 'container'. Did you mean containers or containers-in-vms?
    """
    if isinstance(name, Platform):
        return name
    if not isinstance(name, str):
        wrong = f"A platform is a name or a Platform, but this is {shown(name)}."
        raise UnknownName(f'{wrong}\nTry "containers".')
    return _named(name)


def platforms() -> tuple[str, ...]:
    """List the names of the platforms, in the order of the file.

    Returns
    -------
    tuple of str
        The names that `platform` takes.

    Examples
    --------
    >>> "microvms" in platforms()
    True
    """
    return tuple(FILE["platforms"])
