"""The platforms, read from ``data/platforms.toml``: lists of layers, and where each number comes from.

A platform is the list of layers that stand between the hardware and an application. Nothing in this library
knows a platform by its name: what tells two of them apart is which layers are in the list, and their numbers.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from html import escape as escaped
from importlib import resources
from typing import Any

from virtlearn import core, units
from virtlearn.errors import NoSource, UnknownName, nearest
from virtlearn.sources import evidence

__all__ = [
    "LAWS",
    "OPERATIONS",
    "LayerSpec",
    "Memory",
    "Number",
    "Platform",
    "default_layer",
    "layer",
    "platform",
    "platforms",
]

# Memory laws a layer may name; the coefficients live in the core.
LAWS = {"guest-kernel": core.memory.guest_kernel_mib}
# Kinds of work, because one "overhead" for all of them is wrong.
OPERATIONS = ("computing", "memory", "network messages", "random I/O", "sequential I/O", "system calls")
# How `Platform.but` names the layers; the innermost of a kind is meant, `host_os` the outermost system.
SHORT = {
    "operating-system": "os",
    "user-space-kernel": "kernel",
    "hypervisor": "hypervisor",
    "virtual-machine": "vm",
    "container-runtime": "runtime",
    "container": "container",
    "workload": "process",
}


@dataclass(frozen=True)
class Number:
    """One number of a platform and where it comes from.

    Parameters
    ----------
    value : float
        In the unit that the name of its place says.
    evidence : tuple of str
        Ids of the rows it rests on.
    assumed : str
        The reason, where there is no row.
    low, high : float, optional
        The range, where the source gives one.
    bound : str
        ``"<="`` or ``">="`` where the source gives a bound, which is not a mean.
    how : str
        How the value was made from the rows.
    """

    value: float = 0.0
    evidence: tuple[str, ...] = ()
    assumed: str = ""
    low: float | None = None
    high: float | None = None
    bound: str = ""
    how: str = ""

    @classmethod
    def read(cls, spec: Mapping[str, Any] | float, unit: str, where: str) -> Number:
        """Make a number from its table in the file, or refuse one that cannot say where it is from."""
        if not isinstance(spec, Mapping):
            raise NoSource(
                f"{where} is {spec!r} without a source. Write {{ value, unit, evidence }} or {{ value, unit, assumed }}."
            )
        if "assumed" in spec or "fit" in spec:
            value, low, high = (
                units.convert(spec[k], spec.get("unit", unit), unit) if k in spec else None
                for k in ("value", "low", "high")
            )
            ids = (spec["fit"],) if "fit" in spec else tuple(spec.get("evidence", ()))
            how = "least-squares fit of its cells" if "fit" in spec else ""
            return cls(value or 0.0, ids, spec.get("assumed", ""), low, high, spec.get("bound", ""), how)
        for how in ("ratio", "difference"):
            if how in spec:
                a, b = (evidence(ref).to(unit) if how == "difference" else evidence(ref) for ref in spec[how])
                value = a.number / b.number if how == "ratio" else a.number - b.number
                return cls(value, tuple(spec[how]), how=f"{how} of {' and '.join(spec[how])}")
        if "evidence" not in spec:
            raise NoSource(f"{where} names neither evidence nor a reason for an assumption. Add one of the two.")
        row = evidence(spec["evidence"])
        if "per" in spec:  # a row that counts several at once
            row = replace(row, value=None if row.value is None else row.value / spec["per"])
        row = row.to(unit)
        value = row.value if row.value is not None else row.high
        if value is None:
            raise NoSource(f"{where}: {spec['evidence']} holds no single number. Name one of its parts.")
        if "value" in spec and abs(units.convert(spec["value"], spec.get("unit", unit), unit) - value) > 1e-9 * abs(
            value
        ):
            raise NoSource(
                f"{where} says {spec['value']} but {spec['evidence']} says {units.plain(value)} {unit}. Correct one of them."
            )
        return cls(value, (spec["evidence"],), low=row.low, high=row.high, bound=row.bound, how=spec.get("how", ""))

    @property
    def source(self) -> str:
        """Where the number comes from, in words."""
        text = ", ".join(self.evidence) + (f" ({self.how})" if self.how and self.evidence else "")
        return f"assumed: {self.assumed}{f' [{text}]' if text else ''}" if self.assumed else text


@dataclass(frozen=True)
class Memory:
    """What a layer needs for itself: ``fixed + per_vcpu * vCPUs + per_mib * RAM``, plus a law of the core of the RAM.

    RAM is the memory of the virtual machine that the layer is, or stands in.
    """

    fixed: Number = Number()
    per_vcpu: Number = Number()
    per_mib: Number = Number()
    law: str = ""

    def mib(self, vcpus: float = 0, ram_mib: float = 0) -> float:
        """Memory needed [MiB] in a machine of that many vCPUs and that much RAM [MiB]."""
        law = float(LAWS[self.law](ram_mib)) if self.law else 0.0
        return self.fixed.value + self.per_vcpu.value * vcpus + self.per_mib.value * ram_mib + law

    def ram_mib(self, contents_mib: float) -> float:
        """RAM [MiB] of a machine that holds this layer and ``contents_mib`` of others: the law solved for RAM."""
        at_0, at_1 = self.mib(ram_mib=0), self.mib(ram_mib=1)  # every law here is a straight line
        return (contents_mib + at_0) / (1 - (at_1 - at_0))


@dataclass(frozen=True)
class LayerSpec:
    """One kind of layer with its numbers.

    Parameters
    ----------
    name, kind, title : str
        ``kind`` is a kind of node of the deployment's tree.
    memory : Memory
        What one of it needs for itself.
    start : tuple of (str, Number)
        The phases of its start, each with its seconds.
    disk : Number
        Disk of one of it [MiB]; an ``image`` is stored once for all that use it on one kernel.
    keeps : mapping of str to Number
        For each of `OPERATIONS`, the fraction of native speed that is left inside.
    wall : str
        What an intruder meets who wants out.
    reachable, behind : Number, optional
        System calls reachable first, and system calls reachable once that has fallen.
    escape : Number
        Probability that who controls it breaks out into what carries it. Always assumed.
    mtbf_h, mttr_h : Number
        Mean time between failures and to repair [h].
    ends_what_runs : bool
        False for a layer that steps aside once its children run.
    """

    name: str
    kind: str
    title: str = ""
    memory: Memory = Memory()
    start: tuple[tuple[str, Number], ...] = ()
    disk: Number = Number()
    image: bool = False
    keeps: Mapping[str, Number] = field(default_factory=dict)
    wall: str = ""
    reachable: Number | None = None
    behind: Number | None = None
    escape: Number = Number(1.0, assumed="no wall: who controls it controls what carries it")
    mtbf_h: Number = Number(1.0, assumed="never fails by itself")
    mttr_h: Number = Number(0.0, assumed="never fails by itself")
    ends_what_runs: bool = True
    single: bool = False

    def numbers(self) -> Iterator[tuple[str, Number, str]]:
        """Every number of the layer: its name, the number, its unit."""
        for name in ("fixed", "per_vcpu", "per_mib"):
            if (number := getattr(self.memory, name)).source:
                yield (
                    f"memory, {name.replace('_', ' ')}",
                    number,
                    "MiB" if name != "per_mib" else "MiB per MiB",
                )
        yield from ((f"start: {label}", number, "s") for label, number in self.start)
        yield from ((f"keeps of {op}", number, "of native") for op, number in self.keeps.items())
        for name, unit in (
            ("disk", "MiB"),
            ("reachable", "system calls"),
            ("behind", "system calls"),
            ("escape", "probability"),
            ("mtbf_h", "h"),
            ("mttr_h", "h"),
        ):
            if (value := getattr(self, name)) is not None and value.source:
                yield name, value, unit


def _read_layer(name: str, spec: Mapping[str, Any]) -> LayerSpec:
    """Turn one ``[layers.NAME]`` table into a `LayerSpec`; an unknown key is refused."""
    here: dict[str, Any] = {"name": name, "title": name.replace("-", " ")}
    for key, value in spec.items():
        where = f"layers.{name}.{key}"
        match key:
            case "memory":
                parts = {
                    k: Number.read(v, "MiB" if k != "per_mib" else "1", where) for k, v in value.items() if k != "law"
                }
                here[key] = Memory(law=value.get("law", ""), **parts)
            case "start":
                here[key] = tuple((label, Number.read(v, "s", where)) for label, v in value.items())
            case "keeps":
                here[key] = {op: Number.read(v, "1", where) for op, v in value.items()}
            case "disk":
                here[key] = Number.read(value, "MiB", where)
            case "escape" | "reachable" | "behind" | "mtbf_h" | "mttr_h":
                unit = {"mtbf_h": "h", "mttr_h": "h", "escape": "1"}.get(key, "syscalls")
                here[key] = Number.read(value, unit, where)
            case _ if key in {f.name for f in fields(LayerSpec)}:
                here[key] = value
            case _:
                raise UnknownName(
                    f"{where}: there is no such entry. {nearest(key, [f.name for f in fields(LayerSpec)])}"
                )
    return LayerSpec(**here)


@functools.cache
def _file() -> dict[str, Any]:
    return tomllib.loads(resources.files("virtlearn").joinpath("data/platforms.toml").read_text(encoding="utf-8"))


@functools.cache
def layer(name: str) -> LayerSpec:
    """Look up one layer of ``platforms.toml`` by its name.

    >>> layer("stock-guest").kind
    'operating-system'
    """
    table = _file()["layers"]
    if name not in table:
        raise UnknownName(f"There is no layer called {name!r}. {nearest(name, table)}")
    return _read_layer(name, table[name])


def default_layer(kind: str, name: str, inside: str) -> LayerSpec:
    """Find the layer that a noun means: the one of its name, or the usual one of its kind in that place."""
    table = _file()["layers"]
    if name in table and table[name]["kind"] == kind:
        return layer(name)
    usual = _file()["usual"][kind]
    return layer(usual.get(inside, usual["else"]))


@dataclass(frozen=True)
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
        """Accept layers by name, and fill in the title."""
        if not self.layers:
            raise UnknownName(
                f"Platform {self.name!r} has no layers. Give at least one, such as layers=['linux-host', 'process']."
            )
        specs = tuple(layer(x) if isinstance(x, str) else x for x in self.layers)
        if specs[-1].kind != "workload":
            specs = (*specs, layer("process" if specs[-1].kind == "operating-system" else "main-process"))
        object.__setattr__(self, "layers", specs)
        object.__setattr__(self, "title", self.title or self.name)

    def _places(self) -> dict[str, int]:
        """Short name of a layer to its place in the list; the innermost of a kind wins."""
        places = {SHORT[spec.kind]: i for i, spec in enumerate(self.layers)}
        return {"host_os": 0, **places} if self.layers[0].kind == "operating-system" else places

    def but(self, name: str, **changes: float) -> Platform:
        """Make the same platform with some numbers changed: a what-if.

        Parameters
        ----------
        name : str
            What the new platform is called.
        **changes : float
            ``os_memory_mib``, ``container_memory_mib``, ``vm_start_s``, ``vm_escape``, ``container_disk_mib``,
            ``host_os_mtbf_h``, …: the layer, an underscore, the number.

        Returns
        -------
        Platform
            A new value; this one stays as it is.

        Raises
        ------
        UnknownName
            Where the platform has no such layer or number.
        """
        specs, places = list(self.layers), self._places()
        makers: dict[str, Any] = {
            "memory_mib": lambda n: {"memory": Memory(n)},
            "start_s": lambda n: {"start": (("what-if", n),)},
            "disk_mib": lambda n: {"disk": n},
            "escape": lambda n: {"escape": n},
            "mtbf_h": lambda n: {"mtbf_h": n},
            "mttr_h": lambda n: {"mttr_h": n},
        }
        for key, value in changes.items():
            known = {f"{short}_{number}": (i, make) for short, i in places.items() for number, make in makers.items()}
            if key not in known:
                raise UnknownName(f"{self.name!r} has no {key!r} to change. {nearest(key, known)}")
            i, make = known[key]
            kind = core._check.probability if key.endswith("escape") else core._check.amount
            specs[i] = replace(specs[i], **make(Number(float(kind(key, value)), assumed=f"what-if: {name}")))
        return replace(self, name=name, title=name, layers=tuple(specs))

    def keeps(self, operation: str) -> tuple[float, tuple[Number, ...]]:
        """Fraction of native speed left for a kind of operation, and the numbers multiplied for it."""
        if operation not in OPERATIONS:
            raise UnknownName(f"There is no operation called {operation!r}. {nearest(operation, OPERATIONS)}")
        numbers = tuple(spec.keeps[operation] for spec in self.layers if operation in spec.keeps)
        product = 1.0
        for number in numbers:
            product *= number.value
        return product, numbers

    def _rows(self) -> list[tuple[str, str, str, str]]:
        return [
            (spec.title, name, f"{number.bound}{units.plain(number.value)} {unit}", number.source)
            for spec in self.layers
            for name, number, unit in spec.numbers()
        ]

    def __str__(self) -> str:
        """Tell every number with its unit and its source."""
        lines = [f"  {layer}: {name} = {value}   [{source}]" for layer, name, value, source in self._rows()]
        return "\n".join([f"{self.title}: {self.about}", *lines])

    def _repr_html_(self) -> str:
        """Show the same rows as a table."""
        cells = "".join(
            "<tr>" + "".join(f"<td style='text-align:left'>{escaped(c)}</td>" for c in row) + "</tr>"
            for row in self._rows()
        )
        head = "".join(
            f"<th style='text-align:left'>{h}</th>" for h in ("layer", "number", "value", "where it comes from")
        )
        return f"<table><caption>{escaped(self.title)}: {escaped(self.about)}</caption><tr>{head}</tr>{cells}</table>"


@functools.cache
def _named(name: str) -> Platform:
    table = _file()["platforms"]
    if name not in table:
        raise UnknownName(f"There is no platform called {name!r}. {nearest(name, table)}")
    return Platform(name, layers=tuple(table[name]["layers"]), title=table[name]["title"], about=table[name]["about"])


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
    return name if isinstance(name, Platform) else _named(str(name))


def platforms() -> tuple[str, ...]:
    """List the names of the platforms, in the order of the file.

    >>> "microvms" in platforms()
    True
    """
    return tuple(_file()["platforms"])
