"""One layer of a platform and its numbers, each of which says where it comes from or why it is assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from virtlearn import core, units
from virtlearn.errors import NoSource, UnknownName, nearest
from virtlearn.sources import evidence

__all__ = ["KINDS", "LAWS", "OPERATIONS", "LayerSpec", "Memory", "Number", "operation", "read_layer"]

# Memory laws a layer may name; the coefficients live in the core.
LAWS = {"guest-kernel": core.memory.guest_kernel_mib}
# Kinds of work, because one "overhead" for all of them is wrong.
OPERATIONS = ("computing", "memory", "network messages", "random I/O", "sequential I/O", "system calls")
# Every kind of layer, and how `Platform.but` names it.
KINDS = {
    "site": "site",
    "host": "host",
    "operating-system": "os",
    "user-space-kernel": "kernel",
    "hypervisor": "hypervisor",
    "virtual-machine": "vm",
    "container-runtime": "runtime",
    "container": "container",
    "workload": "process",
}
# What each number of a layer is read in and shown in.
READ_IN = {"disk": "MiB", "reachable": "syscalls", "behind": "syscalls", "escape": "1", "mtbf_h": "h", "mttr_h": "h"}
SHOWN_IN = {**READ_IN, "reachable": "system calls", "behind": "system calls", "escape": "probability"}


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
        given: dict[str, Any] = {
            key: units.convert(spec[key], spec.get("unit", unit), unit)
            for key in ("value", "low", "high")
            if key in spec
        }
        if "fit" in spec:
            return cls(**given, evidence=(evidence(spec["fit"]).id,), how="least-squares fit of its cells")
        if "assumed" in spec:
            refs = tuple(evidence(ref).ref for ref in spec.get("evidence", ()))
            return cls(**given, evidence=refs, assumed=spec["assumed"], bound=spec.get("bound", ""))
        for how in ("ratio", "difference"):
            if how in spec:
                rows = [evidence(ref) for ref in spec[how]]
                a, b = (row.number if how == "ratio" else row.to(unit).number for row in rows)
                return cls(
                    a / b if how == "ratio" else a - b, tuple(spec[how]), how=f"{how} of {' and '.join(spec[how])}"
                )
        if "evidence" not in spec:
            raise NoSource(f"{where} names neither evidence nor a reason for an assumption. Add one of the two.")
        row = evidence(spec["evidence"])
        if "per" in spec:  # a row that counts several at once
            row = replace(row, value=row.number / spec["per"])
        row = row.to(unit)
        if (value := row.high if row.value is None else row.value) is None:
            raise NoSource(f"{where}: {spec['evidence']} holds no single number. Name one of its parts.")
        if abs(given.get("value", value) - value) > 1e-9 * abs(value):
            raise NoSource(
                f"{where} says {spec['value']} but {row.ref} says {units.plain(value)} {unit}. Correct one of them."
            )
        return cls(value, (row.ref,), low=row.low, high=row.high, bound=row.bound, how=spec.get("how", ""))

    @property
    def source(self) -> str:
        """Where the number comes from, in words."""
        text = ", ".join(self.evidence) + (f" ({self.how})" if self.how and self.evidence else "")
        return f"assumed: {self.assumed}{f' [{text}]' if text else ''}" if self.assumed else text

    @property
    def condition(self) -> str:
        """What the rows it rests on were measured on, under which conditions, and how each was verified."""
        rows = [evidence(ref) for ref in self.evidence]
        said = dict.fromkeys("; ".join(filter(None, (r.system, r.condition, r.how_verified))) for r in rows)
        return " / ".join(said)


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
    keeps: Mapping[str, Number] = field(default_factory=dict, hash=False)
    wall: str = ""
    reachable: Number | None = None
    behind: Number | None = None
    escape: Number = Number(1.0, assumed="no wall: who controls it controls what carries it")
    mtbf_h: Number = Number(1.0, assumed="never fails by itself")
    mttr_h: Number = Number(0.0, assumed="never fails by itself")
    ends_what_runs: bool = True
    single: bool = False

    def __post_init__(self) -> None:
        """Refuse a kind or an operation that nobody knows, and give a layer without a title its name."""
        if self.kind not in KINDS:
            raise UnknownName(f"Layer {self.name!r}: there is no kind {self.kind!r}. {nearest(self.kind, KINDS)}")
        for name in self.keeps:
            operation(name)
        object.__setattr__(self, "title", self.title or self.name.replace("-", " "))

    def numbers(self) -> Iterator[tuple[str, Number, str]]:
        """Every number of the layer: its name, the number, its unit."""
        memory = {f.name: getattr(self.memory, f.name) for f in fields(Memory) if f.name != "law"}
        for name, number in memory.items():
            if number.source:
                yield f"memory, {name.replace('_', ' ')}", number, "MiB per MiB" if name == "per_mib" else "MiB"
        yield from ((f"start: {label}", number, "s") for label, number in self.start)
        yield from ((f"keeps of {name}", number, "of native") for name, number in self.keeps.items())
        for name, unit in SHOWN_IN.items():
            if (value := getattr(self, name)) is not None and value.source:
                yield name, value, unit


def operation(name: str) -> str:
    """Give a kind of work back, or refuse one that is none of `OPERATIONS`."""
    if name not in OPERATIONS:
        raise UnknownName(f"There is no operation called {name!r}. {nearest(name, OPERATIONS)}")
    return name


def read_layer(name: str, spec: Mapping[str, Any]) -> LayerSpec:
    """Turn one ``[layers.NAME]`` table into a `LayerSpec`; an unknown entry is refused."""
    here: dict[str, Any] = {"name": name}
    for key, value in spec.items():
        where = f"layers.{name}.{key}"
        _known(where, key, [f.name for f in fields(LayerSpec)])
        if key == "memory":
            for part in value:
                _known(where, part, [f.name for f in fields(Memory)])
            of_ram = {
                part: Number.read(value[part], "1" if part == "per_mib" else "MiB", where)
                for part in value
                if part != "law"
            }
            here[key] = Memory(law=value.get("law", ""), **of_ram)
        elif key == "start":
            here[key] = tuple((label, Number.read(number, "s", where)) for label, number in value.items())
        elif key == "keeps":
            here[key] = {op: Number.read(number, "1", where) for op, number in value.items()}
        else:
            here[key] = Number.read(value, READ_IN[key], where) if key in READ_IN else value
    return LayerSpec(**here)


def _known(where: str, key: str, entries: list[str]) -> None:
    if key not in entries:
        raise UnknownName(f"{where}: there is no entry {key!r}. {nearest(key, entries)}")
