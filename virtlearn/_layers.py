"""One layer of a platform and its numbers, each of which says where it comes from or why it is assumed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any

from virtlearn import core, units
from virtlearn._typed import known
from virtlearn.errors import NoSource
from virtlearn.sources import evidence

__all__ = ["FILE", "KINDS", "LAWS", "OPERATIONS", "LayerSpec", "Memory", "Number", "read_layer"]

# Memory laws a layer may name; the coefficients live in the core, and rest on a row.
LAWS = {"guest-kernel": core.memory.guest_kernel_mib}
ROWS_OF_LAWS = {"guest-kernel": "MEM-06"}
# Kinds of work, because one "overhead" for all of them is wrong.
OPERATIONS = (
    "computing",
    "memory",
    "network messages",
    "random I/O",
    "sequential I/O",
    "system calls",
)
# The platforms, their layers and the kinds of these, as they are written.
FILE: dict[str, Any] = tomllib.loads(
    resources.files("virtlearn").joinpath("data/platforms.toml").read_text("utf-8")
)
KINDS = FILE["kinds"]
# What each part of a layer's memory is measured in.
MEMORY = {"fixed": "MiB", "per_vcpu": "MiB", "per_mib": "1"}
# What each number of a layer is called and measured in.
AMOUNTS = {
    "disk": ("disk", "MiB"),
    "reachable": ("system calls reachable", "syscalls"),
    "behind": ("system calls reachable behind it", "syscalls"),
    "escape": ("probability of breaking out", "1"),
    "mtbf_h": ("mean time between failures", "h"),
    "mttr_h": ("mean time to repair", "h"),
}
NEVER = "never fails by itself"


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
            wrong = f"{where} is {spec!r} without a source."
            raise NoSource(
                f"{wrong} Write {{ value, unit, evidence }} or {{ value, unit, assumed }}."
            )
        said = spec.get("unit", unit)
        given: dict[str, Any] = {
            x: units.convert(spec[x], said, unit) for x in ("value", "low", "high") if x in spec
        }
        assumed = spec.get("assumed", "")
        if "fit" in spec:
            return cls(
                **given, evidence=(evidence(spec["fit"]).id,), how="least-squares fit of its cells"
            )
        if "ratio" in spec:
            a, b = (evidence(ref).number for ref in spec["ratio"])
            return cls(a / b, tuple(spec["ratio"]), assumed, how="the first divided by the second")
        if "difference" in spec:
            a, b = (evidence(ref).to(unit).number for ref in spec["difference"])
            return cls(a - b, tuple(spec["difference"]), assumed, how="the first less the second")
        if assumed:
            refs = tuple(evidence(ref).ref for ref in spec.get("evidence", ()))
            return cls(**given, evidence=refs, assumed=assumed, bound=spec.get("bound", ""))
        if "evidence" not in spec:
            raise NoSource(
                f"{where} names neither evidence nor a reason for an assumption. Add one of the two."
            )
        row = evidence(spec["evidence"])
        each = (
            replace(row, value=row.number / spec["per"]) if "per" in spec else row
        )  # a row may count several at once
        row = each.to(unit)
        if (value := row.high if row.value is None else row.value) is None:
            raise NoSource(
                f"{where}: {spec['evidence']} holds no single number. Name one of its parts."
            )
        if abs(given.get("value", value) - value) > 1e-9 * abs(value):
            wrong = f"{where} says {spec['value']} but {row.ref} says {units.plain(value)} {unit}."
            raise NoSource(f"{wrong} Correct one of them.")
        return cls(
            value, (row.ref,), low=row.low, high=row.high, bound=row.bound, how=spec.get("how", "")
        )

    @property
    def source(self) -> str:
        """Where the number comes from, in words."""
        text = ", ".join(self.evidence) + (f" ({self.how})" if self.how and self.evidence else "")
        return f"assumed: {self.assumed}{f' [{text}]' if text else ''}" if self.assumed else text

    @property
    def condition(self) -> str:
        """What the rows it rests on were measured on, under which conditions, and how each was verified."""
        rows = [evidence(ref) for ref in self.evidence]
        said = dict.fromkeys(
            "; ".join(filter(None, (r.system, r.condition, r.how_verified))) for r in rows
        )
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
    mtbf_h: Number = Number(1.0, assumed=NEVER)
    mttr_h: Number = Number(0.0, assumed=NEVER)
    ends_what_runs: bool = True
    single: bool = False

    def __post_init__(self) -> None:
        """Refuse a kind or an operation that nobody knows, and give a layer without a title its name."""
        known("kind of layer", self.kind, KINDS)
        for name in self.keeps:
            known("operation", name, OPERATIONS)
        object.__setattr__(self, "title", self.title or self.name.replace("-", " "))

    def numbers(self) -> Iterator[tuple[str, Number, str]]:
        """Every number of the layer: its name, the number, its unit."""
        for part, unit in MEMORY.items():
            if (number := getattr(self.memory, part)).source:
                yield (
                    f"memory, {part.replace('_', ' ')}",
                    number,
                    unit.replace("1", "MiB for each MiB of RAM"),
                )
        if law := self.memory.law:
            at_0, at_1 = (float(LAWS[law](ram)) for ram in (0.0, 1.0))
            row = Number(at_0, (ROWS_OF_LAWS[law],), how="a straight line through its cells")
            yield (
                f"memory, {law} law",
                row,
                f"MiB and {units.plain(at_1 - at_0)} MiB for each MiB of RAM",
            )
        yield from ((f"start: {label}", number, "s") for label, number in self.start)
        yield from (
            (f"{name}: speed kept", number, "of native") for name, number in self.keeps.items()
        )
        for name, (words, unit) in AMOUNTS.items():
            value = getattr(self, name)
            if value and value.source and not (name == "mtbf_h" and not self.mttr_h.value):
                yield words, value, unit.replace("1", "")


def read_layer(name: str, spec: Mapping[str, Any]) -> LayerSpec:
    """Turn one ``[layers.NAME]`` table into a `LayerSpec`; an unknown entry is refused."""
    here: dict[str, Any] = {"name": name}
    for key, value in spec.items():
        where = f"layers.{name}.{key}"
        match known(f"entry of layers.{name}", key, LayerSpec.__dataclass_fields__):
            case "memory":
                parts = {
                    known(f"entry of {where}", part, MEMORY): part
                    for part in value
                    if part != "law"
                }
                read = {part: Number.read(value[part], MEMORY[part], where) for part in parts}
                here[key] = Memory(law=value.get("law", ""), **read)
            case "start":
                here[key] = tuple(
                    (label, Number.read(number, "s", where)) for label, number in value.items()
                )
            case "keeps":
                here[key] = {
                    name: Number.read(number, "1", where) for name, number in value.items()
                }
            case _:
                here[key] = Number.read(value, AMOUNTS[key][1], where) if key in AMOUNTS else value
    return LayerSpec(**here)
