"""The evidence: numbers with unit, condition and source, a row each in ``data/evidence.csv``.

An id may have parts, each a row of its own.
"""

from __future__ import annotations

import csv
import difflib
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from itertools import groupby
from typing import Any

from virtlearn import tables, units
from virtlearn.errors import NoSource, UnknownName, nearest, shown

__all__ = ["Evidence", "Findings", "all_evidence", "cited", "evidence", "search"]
ABOUT = (
    "system",
    "condition",
    "source_title",
    "authors",
    "venue_year",
    "locator",
    "how_verified",
    "note",
)


@dataclass(frozen=True, repr=False)
class Evidence:
    """One statement of the evidence, or one part of it.

    Parameters
    ----------
    id, part, quantity : str
        How it is cited, the name of the part where it is one, and what was measured.
    value, low, high : float or None
        The number [unit]; its range, or the side a bound names. ``value`` is None for a range,
        words and several parts: then name one, as in ``evidence("MEM-10:runc")`` or
        ``evidence("MEM-10")["runc"]``.
    bound : str
        ``"<="``, ``"<"``, ``">="``, ``">"`` or ``"~"`` where the source gives a bound: never a
        mean.
    unit, text : str
        The unit ("" where the parts have several), and the cell as the source gives it.
    system, condition : str
        What was measured on, and under which conditions.
    source_title, authors, venue_year, locator : str
        Where it was published.
    how_verified, note : str
        How the number was checked, and a caution.
    source_unit : str, optional
        The unit of the source, where this was converted from it.
    parts : tuple of Evidence
        Where there are several; each of them has a ``part``, its name.

    Examples
    --------
    >>> boot = evidence("BOOT-06")
    >>> boot.value, boot.unit, boot.to("s").value
    (102.5, 'ms', 0.1025)
    """

    id: str
    part: str = ""
    quantity: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    bound: str = ""
    unit: str = ""
    text: str = ""
    system: str = ""
    condition: str = ""
    source_title: str = ""
    authors: str = ""
    venue_year: str = ""
    locator: str = ""
    how_verified: str = ""
    note: str = ""
    parts: tuple[Evidence, ...] = ()
    source_unit: str | None = field(default=None, repr=False, compare=False)

    @property
    def _source_unit(self) -> str:
        """The unit of the source, whatever this was converted to."""
        return self.unit if self.source_unit is None else self.source_unit

    def __getitem__(self, part: str) -> Evidence:
        for one in self.parts or (self,):  # names are case-insensitive
            if one.part and one.part.casefold() == str(part).casefold():
                return one
        known = (
            nearest(part, [p.part for p in self.parts])
            if self.parts
            else f"Ask for evidence({self.id!r})."
        )
        raise UnknownName(f"{self.id} has no part {part!r}. {known}")

    def to(self, unit: str) -> Evidence:
        """Convert value and range to another unit that measures the same.

        Parameters
        ----------
        unit : str
            Such as ``"MiB"`` or ``"s"``.

        Returns
        -------
        Evidence
            The same statement in that unit.

        Raises
        ------
        UnknownUnit
            Where there is no such unit, or it measures something else.
        """
        if unit == self.unit:
            return self
        old = (self.value, self.low, self.high)
        value, low, high = (None if x is None else units.convert(x, self.unit, unit) for x in old)
        return replace(
            self,
            unit=unit,
            source_unit=self._source_unit,
            value=value,
            low=low,
            high=high,
            parts=tuple(p.to(unit) for p in self.parts),
        )

    @property
    def number(self) -> float:
        """The value, or `NoSource` for a range, for words and for a statement of several parts."""
        if self.value is None:
            names = ", ".join(p.part for p in self.parts)
            says = f"Name a part: {names}." if names else f"It says: {self.text}."
            raise NoSource(f"{self.ref} holds no single number. {says}")
        return self.value

    @property
    def ref(self) -> str:
        """How it is cited: the id, with the part where it is one."""
        return f"{self.id}:{self.part}" if self.part else self.id

    def _amount(self) -> str:
        numbers = (self.low, self.high) if self.value is None else (self.value,)
        amount = "–".join(f"{x:.10g}" for x in numbers if x is not None)
        return f"{self.bound} {amount} {self.unit}".strip() if amount else ""

    def _rows(self) -> list[tuple[str, str]]:
        unit = self._source_unit
        says = self.text if unit in self.text.split() else f"{self.text} {unit}".strip()
        values = [(one.part or "value", one._amount()) for one in self.parts or (self,)]
        about = [(name.replace("_", " "), getattr(self, name)) for name in ABOUT]
        rows = [("what", self.quantity), *values, ("source says", says), *about]
        return [(name, text) for name, text in rows if text]

    def __repr__(self) -> str:
        converted = "" if self.unit == self._source_unit else f".to({self.unit!r})"
        return f"evidence({self.ref!r}){converted}"

    def __str__(self) -> str:
        return "\n".join([self.ref, *(f"  {name}: {text}" for name, text in self._rows())])

    def _repr_html_(self) -> str:
        return tables.html(self._rows(), caption=self.ref, first=tables.NAME)


@functools.cache
def _table() -> dict[str, Evidence]:
    """Read the file once: every statement by its id."""
    file = resources.files("virtlearn").joinpath("data/evidence.csv")
    lines = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    statements = groupby(map(_read, lines), key=lambda row: row.id)
    return {id_: _joined(tuple(rows)) for id_, rows in statements}


def _read(line: Mapping[str, str]) -> Evidence:
    """One line of the file, whose columns are fields of `Evidence`."""
    cells: dict[str, Any] = dict(line)
    text = cells.pop("number"), cells.pop("low"), cells.pop("high")
    value, low, high = (float(cell) if cell else None for cell in text)
    return Evidence(**cells, value=value, low=low, high=high)


def _joined(parts: tuple[Evidence, ...]) -> Evidence:
    """A statement of parts: no number of its own, and a unit only where all have the same."""
    first = parts[0]
    if len(parts) == 1:
        return first
    same = all(part.unit == first.unit for part in parts)
    unit = first.unit if same else ""
    nothing: dict[str, Any] = {"part": "", "value": None, "low": None, "high": None, "bound": ""}
    return replace(first, **nothing, unit=unit, parts=parts)


def _families() -> dict[str, None]:
    return dict.fromkeys(id_.split("-")[0] for id_ in _table())


def evidence(ref: str) -> Evidence:
    """Look up a published number by its id, or by id and part.

    Parameters
    ----------
    ref : str
        Such as ``"BOOT-05"`` or ``"MEM-10:runc"``.

    Returns
    -------
    Evidence
        The number with its source and conditions.

    Raises
    ------
    UnknownName
        Where there is none; the message names the nearest.

    Examples
    --------
    >>> [part.value for part in evidence("BOOT-10").parts], evidence("BOOT-10:p99").value
    ([205.9, 247.3], 247.3)
    """
    if not isinstance(ref, str):
        raise UnknownName(f'An id is a text such as "BOOT-05", but this is {shown(ref)}.')
    id_, _, part = ref.partition(":")
    if id_ not in (table := _table()):
        near = (
            " or ".join(difflib.get_close_matches(id_.upper(), table, n=2, cutoff=0.8))
            or "BOOT-05, MEM-10:runc"
        )
        raise UnknownName(
            f"There is no evidence {shown(id_)}. Try {near}.\n"
            f"The families are {', '.join(_families())}."
        )
    return table[id_][part] if part else table[id_]


def all_evidence() -> Iterator[Evidence]:
    """Give every statement, in the order of the file.

    Returns
    -------
    iterator of Evidence
        A statement of several parts is one.
    """
    return iter(_table().values())


@dataclass(frozen=True, repr=False)
class Findings:
    """Some of the evidence, a row each; ``evidence(id)`` tells all about one.

    Parameters
    ----------
    found : tuple of Evidence
        The statements.
    """

    found: tuple[Evidence, ...]

    def __len__(self) -> int:
        """Count the statements."""
        return len(self.found)

    def _rows(self) -> list[tuple[str, ...]]:
        head = ("id", "what", "value", "of what", "source")
        return [
            head,
            *(
                (
                    e.id,
                    e.quantity,
                    f"{e.text} {e.unit}".strip(),
                    e.system,
                    f"{e.source_title}, {e.venue_year}",
                )
                for e in self.found
            ),
        ]

    def __repr__(self) -> str:
        if not self.found:
            return "No row holds all these words. Try fewer of them, or part of a word."
        return "\n".join(
            f"{id_:<9}{what}: {value} ({system})"
            for id_, what, value, system, _ in self._rows()[1:]
        )

    def _repr_html_(self) -> str:
        head, *rows = self._rows()
        return tables.html(rows, head)


def search(words: str = "") -> Findings:
    """Find the statements in which all these words stand, in any field.

    Parameters
    ----------
    words : str
        Words between blanks; none finds every statement.

    Returns
    -------
    Findings
        A table of them.

    Examples
    --------
    >>> [each.id for each in search("redis get unikraft").found]
    ['PERF-26']
    """
    if not isinstance(words, str):
        raise UnknownName(f'search takes words such as "redis", but these are {shown(words)}.')
    wanted = words.casefold().split()
    return Findings(
        tuple(e for e in all_evidence() if all(word in f"{e.id} {e}".casefold() for word in wanted))
    )


def cited(text: str) -> tuple[str, ...]:
    """Find the ids that a text cites.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    tuple of str
        In order, each once, whether or not there is such a row.

    Examples
    --------
    >>> cited("It boots in 160.9 ms (BOOT-05), not 125 (BOOT-01, BOOT-05).")
    ('BOOT-05', 'BOOT-01')
    """
    return tuple(dict.fromkeys(re.findall(rf"\b(?:{'|'.join(_families())})-\d\d\b", text)))
