"""The platforms of ``data/platforms.toml``: lists of layers, and where each number comes from.

A platform is the list of layers that stand between the hardware and an application. Nothing in this
library knows a platform by its name: what tells two of them apart is which layers are in the list,
and their numbers.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from virtlearn import core, tables, units
from virtlearn.arguments import known, number
from virtlearn.catalog.layers import (
    FILE,
    KINDS,
    MOVES,
    OPERATIONS,
    LayerSpec,
    Memory,
    Move,
    read_layer,
)
from virtlearn.catalog.numbers import Quantity
from virtlearn.errors import UnknownName, WrongKind, shown

__all__ = ["Platform", "default_layer", "layer", "platform", "platforms"]

NO_MOVE = Move()
EXAMPLE = "layers=['linux-host', 'process']"
HEAD = ("layer", "number", "value", "where it comes from", "measured on, and how it was verified")
# What `Platform.but` can change, and which number of a `LayerSpec` that is.
CHANGES = {"memory_mib": "memory", "start_s": "start", "disk_mib": "disk", "cpu_cores": "cpu"}
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
    WrongKind
        Where it is the name of a platform.

    Examples
    --------
    >>> layer("stock-guest").kind
    'operating-system'
    """
    table = FILE["layers"]
    if name in FILE["platforms"] and name not in table:
        raise WrongKind(_not_in_itself(name))
    return read_layer(name, table[known("layer", name, table)])


def default_layer(kind: str, name: str, inside: str) -> LayerSpec:
    """Find the layer that a noun means: the one of its name, or the usual one of its kind there.

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
    return (
        f"{name!r} is a platform, and a platform is made of layers, not of platforms or of "
        "itself.\n"
        f"Take layers, such as {EXAMPLE} or layers=[*platform('containers').layers]."
    )


@dataclass(frozen=True, repr=False)
class Platform:
    """A way to run an application: the layers from the host's first one up to the application.

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
        given = self.layers if isinstance(self.layers, (list, tuple)) else [self.layers]
        specs = [self._spec(one) for one in given]
        if not specs:
            wrong = f"Platform {self.name!r} has no layers."
            raise UnknownName(f"{wrong}\nGive some, such as {EXAMPLE}.")
        innermost = specs[-1].kind
        if innermost != "workload":
            specs.append(layer("process" if innermost == "operating-system" else "main-process"))
        object.__setattr__(self, "layers", tuple(specs))
        object.__setattr__(self, "title", self.title or self.name)

    def _spec(self, given: Any) -> LayerSpec:
        """Read one layer: a specification, or its name in the file."""
        if isinstance(given, LayerSpec):
            return given
        if isinstance(given, Platform):
            raise WrongKind(_not_in_itself(given.name))
        if not isinstance(given, str):
            wrong = f"Platform {self.name!r}: {shown(given)} is not a layer."
            raise WrongKind(
                f"{wrong}\nName layers of the file or make a LayerSpec, such as {EXAMPLE}."
            )
        if given == self.name and given not in FILE["layers"]:
            raise WrongKind(_not_in_itself(given))
        return layer(given)

    def but(self, name: str = "", **changes: float) -> Platform:
        """Make the same platform with some numbers changed: a what-if.

        Parameters
        ----------
        name : str
            What the new platform is called; without one, that it was changed.
        **changes : float
            ``os_memory_mib``, ``container_memory_mib``, ``vm_start_s``, ``vm_escape``,
            ``container_disk_mib``, ``host_os_mtbf_h``, …: the layer, an underscore, the number. The
            innermost layer of a kind is meant, ``host_os`` is the outermost system.
            ``…_memory_mib`` is the fixed part of a layer's memory: what it needs for each virtual
            CPU and MiB stays; where a law gave its memory, the number stands instead of the law.

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
            raise WrongKind(f'{wrong}\nTry but("slim guest", os_memory_mib=64).')
        name = name or f"{self.title}, changed"
        specs = list(self.layers)
        places = {KINDS[spec.kind]["short"]: i for i, spec in enumerate(specs)}
        if specs[0].kind == "operating-system":
            places["host_os"] = 0
        numbers = {}
        for short, i in places.items():
            for what, of in CHANGES.items():
                numbers[f"{short}_{what}"] = (i, of)
        for key, value in changes.items():
            if key not in numbers and key.startswith("host_"):
                raise UnknownName(_not_the_hosts(self.name, key))
            i, of = numbers[known(f"number to change in {self.name!r}", key, numbers)]
            x = number(repr(self.name), key, value, positive=of == "mtbf_h")
            if of == "escape":
                core.check.probability(key, x)
            new = Quantity(x, assumed=f"what-if: {name}")
            memory = _but_memory(specs[i].memory, new)
            whole: dict[str, Any] = {"memory": memory, "start": (("what-if", new),)}
            specs[i] = replace(specs[i], **{of: whole.get(of, new)})
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

    def request_ms(self, native_ms: Mapping[str, float]) -> dict[str, float]:
        """Time of a request that takes some time on bare metal, for each kind of work in it.

        Parameters
        ----------
        native_ms : mapping of str to float
            Time on bare metal for each kind of work (`virtlearn.catalog.layers.OPERATIONS`) [ms].

        Returns
        -------
        dict of str to float
            Time on this platform for each [ms]: as much longer as it keeps less of native speed.

        Raises
        ------
        UnknownName
            Where there is no such kind of work.

        Examples
        --------
        >>> taken = platform("virtual-machines").request_ms({"computing": 10})
        >>> {work: round(ms, 1) for work, ms in taken.items()}
        {'computing': 10.2}
        """
        return {work: ms / self.keeps(work)[0] for work, ms in native_ms.items()}

    def _head(self) -> str:
        return f"{self.title}: {self.about}" if self.about else self.title

    def _rows(self) -> list[tuple[str, ...]]:
        rows: list[tuple[str, ...]] = []
        for spec in self.layers:
            for name, given, unit in spec.numbers():
                words = _in_words(given, unit)
                rows.append((spec.title, name, words, given.source, given.condition))
            if spec.moves != NO_MOVE:
                why = spec.moves.because
                words = MOVES[spec.moves.how]
                rows.append((spec.title, "moves to another host", words, why.source, why.condition))
        return rows

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


def _in_words(number: Quantity, unit: str) -> str:
    """A value as its source gives it: a bound as a bound, a range as a range."""
    text = f"{number.bound}{units.plain(number.value)} {unit}".rstrip()
    is_range = number.low is not None and number.high is not None and not number.bound
    if not is_range:
        return text
    low, high = (units.plain(end) for end in (number.low or 0.0, number.high or 0.0))
    return f"{text} ({low} to {high})"


def _not_the_hosts(platform_name: str, key: str) -> str:
    """Say where the numbers of the hardware are changed: it stands below every platform."""
    what = key.removeprefix("host_")
    wrong = f"The host is no layer of {platform_name!r}, so {key} is not changed here."
    advice = "Give the host a layer of its own: Host(…, layer=replace(layer('hardware'), "
    return f"{wrong}\n{advice}{what}=…)). The system on it is host_os."


def _but_memory(memory: Memory, fixed: Quantity) -> Memory:
    """Change the fixed part of a memory, and keep the part that grows with the machine."""
    if not memory.law:
        return replace(memory, fixed=fixed)
    reason = f"{fixed.assumed}, instead of the {memory.law} law"
    return replace(memory, fixed=replace(fixed, assumed=reason), law="")


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
    >>> platform("container")  # doctest: +NORMALIZE_WHITESPACE
    Traceback (most recent call last):
    virtlearn.errors.UnknownName: There is no platform called 'container'. Did you mean
        containers or containers-in-vms?
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
