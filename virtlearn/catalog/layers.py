"""One layer of a platform: its kind and its numbers, read from ``data/platforms.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from virtlearn import core, units
from virtlearn.arguments import known
from virtlearn.catalog.evidence import evidence
from virtlearn.catalog.numbers import NEVER, Quantity
from virtlearn.errors import NoSource

__all__ = ["FILE", "KINDS", "LAWS", "MOVES", "OPERATIONS"]
__all__ += ["LayerSpec", "Memory", "Move", "read_layer"]

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
# Ways to another host, and each in words.
MOVES = {
    "live": "whole, while it runs",
    "stopped": "whole, while it stands still",
    "anew": "not at all: it starts anew there",
}
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
    "cpu": ("CPU", "cores"),
    "weight_per_vcpu": ("weight of each virtual CPU", "shares"),
    "reachable": ("system calls reachable", "syscalls"),
    "behind": ("system calls reachable behind it", "syscalls"),
    "escape": ("probability of breaking out", "1"),
    "mtbf_h": ("mean time between failures", "h"),
    "mttr_h": ("mean time to repair", "h"),
}


@dataclass(frozen=True)
class Memory:
    """The memory of a layer: ``fixed + per_vcpu * vCPUs + per_mib * RAM``, plus a law of the RAM.

    RAM is the memory of the virtual machine that the layer is, or stands in.

    Parameters
    ----------
    fixed, per_vcpu, per_mib : Quantity
        The coefficients [MiB, MiB, 1].
    law : str
        The name of one of `LAWS`, or none.
    """

    fixed: Quantity = Quantity()
    per_vcpu: Quantity = Quantity()
    per_mib: Quantity = Quantity()
    law: str = ""

    def mib(self, vcpus: float = 0, ram_mib: float = 0) -> float:
        """Memory needed in a machine of some size.

        Parameters
        ----------
        vcpus : float
            Its virtual CPUs.
        ram_mib : float
            Its memory [MiB].

        Returns
        -------
        float
            Memory of the layer [MiB].
        """
        law = float(LAWS[self.law](ram_mib)) if self.law else 0.0
        return self.fixed.value + self.per_vcpu.value * vcpus + self.per_mib.value * ram_mib + law


@dataclass(frozen=True)
class Move:
    """Whether and how a layer gets to another host with all that runs in it.

    Parameters
    ----------
    how : str
        One of `MOVES`.
    because : Quantity
        The rows that say so, or the reason why it is assumed; its value says nothing.
    """

    how: str = "anew"
    because: Quantity = Quantity(assumed="nothing carries it, so another copy starts there")

    def __post_init__(self) -> None:
        """Refuse a way that nobody knows."""
        known("way to another host", self.how, MOVES)

    @classmethod
    def read(cls, spec: Mapping[str, Any], where: str) -> Move:
        """Make it from its table in ``platforms.toml``.

        Parameters
        ----------
        spec : mapping
            ``how``, and ``evidence`` (references to rows), ``assumed`` or both.
        where : str
            Its place in the file, for a refusal.

        Returns
        -------
        Move
            The way, with what says so.

        Raises
        ------
        NoSource
            Where it names neither a row nor a reason.
        UnknownName
            Where there is no such way, or a row that it names is not there.
        """
        rows = tuple(evidence(ref).ref for ref in spec.get("evidence", ()))
        assumed = spec.get("assumed", "")
        if not rows and not assumed:
            wrong = f"{where} names neither evidence nor a reason for an assumption."
            raise NoSource(f"{wrong} Add one of the two.")
        return cls(spec["how"], Quantity(evidence=rows, assumed=assumed))


@dataclass(frozen=True)
class LayerSpec:
    """One kind of layer with its numbers.

    Parameters
    ----------
    name, kind, title : str
        ``kind`` is a kind of node of the deployment's tree.
    memory : Memory
        What one of it needs for itself.
    start : tuple of (str, Quantity)
        The phases of its start, each with its seconds.
    disk : Quantity
        Disk of one of it [MiB].
    image : bool
        Whether its disk is stored once for all that use it on one kernel.
    keeps : mapping of str to Quantity
        For each of `OPERATIONS`, the fraction of native speed that is left inside.
    wall : str
        What an intruder meets who wants out.
    reachable, behind : Quantity, optional
        System calls reachable first, and system calls reachable once that has fallen.
    escape : Quantity
        Probability that who controls it breaks out into what carries it. Always assumed.
    mtbf_h, mttr_h : Quantity
        Mean time between failures and to repair [h].
    ends_what_runs : bool
        False for a layer that steps aside once its children run.
    single : bool
        Whether a machine with it holds one application.
    cpu : Quantity
        CPU that one of it is promised for itself [cores].
    weight_per_vcpu : Quantity, optional
        The weight that a hypervisor gives a machine for each of its virtual CPUs; without it, all
        machines weigh the same.
    moves : Move
        Whether and how it gets to another host when its own is emptied.
    """

    name: str
    kind: str
    title: str = ""
    memory: Memory = Memory()
    start: tuple[tuple[str, Quantity], ...] = ()
    disk: Quantity = Quantity()
    image: bool = False
    keeps: Mapping[str, Quantity] = field(default_factory=dict, hash=False)
    wall: str = ""
    reachable: Quantity | None = None
    behind: Quantity | None = None
    escape: Quantity = Quantity(1.0, assumed="no wall: who controls it controls what carries it")
    mtbf_h: Quantity = Quantity(1.0, assumed=NEVER)
    mttr_h: Quantity = Quantity(0.0, assumed=NEVER)
    ends_what_runs: bool = True
    single: bool = False
    cpu: Quantity = Quantity()
    weight_per_vcpu: Quantity | None = None
    moves: Move = Move()

    def __post_init__(self) -> None:
        """Refuse an unknown kind or operation, and give a layer without a title its name."""
        known("kind of layer", self.kind, KINDS)
        for name in self.keeps:
            known("operation", name, OPERATIONS)
        object.__setattr__(self, "title", self.title or self.name.replace("-", " "))

    def numbers(self) -> Iterator[tuple[str, Quantity, str]]:
        """List every number of the layer.

        Yields
        ------
        (str, Quantity, str)
            Its name, the number, its unit.
        """
        for part, unit in MEMORY.items():
            if (number := getattr(self.memory, part)).source:
                yield (
                    f"memory, {part.replace('_', ' ')}",
                    number,
                    unit.replace("1", "MiB for each MiB of RAM"),
                )
        if law := self.memory.law:
            at_0, at_1 = (float(LAWS[law](ram)) for ram in (0.0, 1.0))
            row = Quantity(at_0, (ROWS_OF_LAWS[law],), how="a straight line through its cells")
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
    """Turn one ``[layers.NAME]`` table into a `LayerSpec`.

    Parameters
    ----------
    name : str
        Its name in the file.
    spec : mapping
        The table.

    Returns
    -------
    LayerSpec
        The layer with its numbers.

    Raises
    ------
    UnknownName
        Where the table has an entry that no layer has, or names something that is not there.
    NoSource
        Where a number says neither where it comes from nor why it is assumed.
    """
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
                read = {part: Quantity.read(value[part], MEMORY[part], where) for part in parts}
                here[key] = Memory(law=value.get("law", ""), **read)
            case "start":
                here[key] = tuple(
                    (label, Quantity.read(number, "s", where)) for label, number in value.items()
                )
            case "keeps":
                here[key] = {
                    name: Quantity.read(number, "1", where) for name, number in value.items()
                }
            case "moves":
                here[key] = Move.read(value, where)
            case _:
                here[key] = (
                    Quantity.read(value, AMOUNTS[key][1], where) if key in AMOUNTS else value
                )
    return LayerSpec(**here)
