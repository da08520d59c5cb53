"""The evidence: published and measured numbers, each with its unit, condition and source.

``data/evidence.csv`` holds one number a row. Rows of one id are parts of one statement; ``text`` is the
statement's value as its source gives it, on every part.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from html import escape
from importlib import resources

from virtlearn import units
from virtlearn.errors import NoSource, UnknownName, nearest

__all__ = ["Evidence", "all_evidence", "cited", "evidence"]


@dataclass(frozen=True, repr=False)
class Evidence:
    """One statement of the evidence, or one part of it.

    Attributes
    ----------
    id, part : str
        ``"MEM-10"`` and, for a part, ``"runc"``.
    value : float or None
        The number, where there is exactly one; None for a range, for words, and for a statement of several parts.
    low, high : float or None
        A range, or the side that a bound names.
    bound : str
        ``"<="``, ``"<"``, ``">="``, ``">"`` or ``"~"`` where the source gives a bound: never a mean.
    unit, text : str
        The unit, and the cell as the source gives it.
    parts : tuple of Evidence
        The parts, where there are several; ``evidence("MEM-10")["runc"]`` is one.

    Examples
    --------
    >>> boot = evidence("BOOT-06")
    >>> boot.value, boot.unit, boot.to("s").value
    (102.5, 'ms', 0.1025)
    >>> evidence("MEM-10")["runc"].value == evidence("MEM-10:runc").value == 4.09
    True
    >>> evidence("BOOT-01").bound
    '<='
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

    def __getitem__(self, part: str) -> Evidence:
        """Get one part by its name."""
        for one in self.parts:
            if one.part == part:
                return one
        raise UnknownName(f"{self.id} has no part {part!r}. {nearest(part, [p.part for p in self.parts])}")

    def to(self, unit: str) -> Evidence:
        """Convert value and range to another unit that measures the same.

        Raises
        ------
        UnknownUnit
            Where a unit is unknown, or measures something else.
        """
        if unit == self.unit:
            return self
        value, low, high = (
            None if x is None else units.convert(x, self.unit, unit) for x in (self.value, self.low, self.high)
        )
        return replace(self, unit=unit, value=value, low=low, high=high, parts=tuple(p.to(unit) for p in self.parts))

    @property
    def number(self) -> float:
        """The value, where one must be there.

        Raises
        ------
        NoSource
            For a range, for words, and for a statement of several parts.
        """
        if self.value is None:
            parts = (
                f" Name a part: {', '.join(p.part for p in self.parts)}." if self.parts else f" It says: {self.text}."
            )
            raise NoSource(f"{self.ref} holds no single number.{parts}")
        return self.value

    @property
    def ref(self) -> str:
        """How it is cited: the id, with the part where it is one."""
        return f"{self.id}:{self.part}" if self.part else self.id

    def _rows(self) -> list[tuple[str, str]]:
        rows = [("what", self.quantity), ("value", f"{self.text} {self.unit}".strip())]
        if self.part:
            rows.append(
                ("part", f"{self.part}: {self.bound}{self.value if self.value is not None else ''} {self.unit}")
            )
        rows += [(name.replace("_", " "), getattr(self, name)) for name in FIELDS]
        return [(name, text) for name, text in rows if text]

    def __repr__(self) -> str:
        """Write the call that gives it."""
        return f"evidence({self.ref!r})"

    def __str__(self) -> str:
        """Tell everything that is known of it."""
        return "\n".join([self.ref, *(f"  {name}: {text}" for name, text in self._rows())])

    def _repr_html_(self) -> str:
        """Show the same rows as a table."""
        row = "<tr><th scope='row' style='text-align:left'>{}</th><td style='text-align:left'>{}</td></tr>"
        body = "".join(row.format(escape(name), escape(text)) for name, text in self._rows())
        return f"<table><caption>{escape(self.ref)}</caption>{body}</table>"


FIELDS = ("system", "condition", "source_title", "authors", "venue_year", "locator", "how_verified", "note")


@functools.cache
def _table() -> dict[str, Evidence]:
    """Read the file once: every statement by its id."""
    text = resources.files("virtlearn").joinpath("data/evidence.csv").read_text(encoding="utf-8")
    names = {f.name for f in fields(Evidence)}
    rows: dict[str, list[Evidence]] = {}
    for row in csv.DictReader(text.splitlines()):
        numbers = {
            k: float(row[c]) if row[c] else None for k, c in (("value", "number"), ("low", "low"), ("high", "high"))
        }
        words = {k: v for k, v in row.items() if k in names and k not in numbers}
        rows.setdefault(row["id"], []).append(Evidence(**words, **numbers))  # type: ignore[arg-type]
    return {
        id_: parts[0]
        if len(parts) == 1
        else replace(parts[0], part="", value=None, low=None, high=None, bound="", parts=tuple(parts))
        for id_, parts in rows.items()
    }


def evidence(ref: str) -> Evidence:
    """Look up a number of the evidence.

    Parameters
    ----------
    ref : str
        An id such as ``"BOOT-05"``, or an id and a part such as ``"MEM-10:runc"``.

    Returns
    -------
    Evidence
        With value, unit, condition, source and how it was verified.

    Raises
    ------
    UnknownName
        Where there is none; the message names the nearest.

    Examples
    --------
    >>> evidence("DENS-01").value
    110.0
    >>> [part.part for part in evidence("BOOT-10").parts]
    ['median', 'p99']
    >>> evidence("BOOT-99")
    Traceback (most recent call last):
    virtlearn.errors.UnknownName: There is no evidence BOOT-99. That family has BOOT-01 to BOOT-29.
    """
    id_, _, part = str(ref).partition(":")
    table = _table()
    if id_ not in table:
        family = [name for name in table if name.split("-")[0] == id_.split("-")[0].upper()]
        has = (
            f"That family has {family[0]} to {family[-1]}."
            if family
            else nearest(id_, {n.split("-")[0] for n in table})
        )
        raise UnknownName(f"There is no evidence {id_}. {has}")
    row = table[id_]
    return row[part] if part and part != row.part else row


def all_evidence() -> Iterator[Evidence]:
    """Give every statement, in the order of the file.

    >>> next(all_evidence()).id
    'BOOT-01'
    """
    return iter(_table().values())


def cited(text: str) -> tuple[str, ...]:
    """Find the ids that a text cites, in order, each once.

    >>> cited("It boots in 160.9 ms (BOOT-05), not 125 (BOOT-01, BOOT-05).")
    ('BOOT-05', 'BOOT-01')
    """
    families = "|".join(sorted({name.split("-")[0] for name in _table()}))
    return tuple(dict.fromkeys(re.findall(rf"\b(?:{families})-\d\d\b", text)))
