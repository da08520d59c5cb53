"""A number of the catalog, which says where it comes from or why it is assumed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from virtlearn import units
from virtlearn.catalog.evidence import evidence
from virtlearn.core.check import TOLERANCE
from virtlearn.errors import NoSource

__all__ = ["NEVER", "Quantity"]

# The reason of the numbers of a layer that does not fail.
NEVER = "never fails by itself"


@dataclass(frozen=True)
class Quantity:
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

    Examples
    --------
    >>> Quantity(64.0, assumed="a guess").source
    'assumed: a guess'
    """

    value: float = 0.0
    evidence: tuple[str, ...] = ()
    assumed: str = ""
    low: float | None = None
    high: float | None = None
    bound: str = ""
    how: str = ""

    @classmethod
    def read(cls, spec: Mapping[str, Any] | float, unit: str, where: str) -> Quantity:
        """Make a number from its table in ``platforms.toml``.

        Parameters
        ----------
        spec : mapping
            The table: the head of the file lists its forms.
        unit : str
            What the value is wanted in.
        where : str
            The number's place in the file, for a refusal.

        Returns
        -------
        Quantity
            With its value in ``unit``.

        Raises
        ------
        NoSource
            Where it names neither a row nor a reason, or where it differs from the row that it
            names.
        UnknownName
            Where a row that it names is not there.
        UnknownUnit
            Where the row measures something else.

        Examples
        --------
        >>> Quantity.read({"evidence": "BOOT-06"}, "s", "layers.mine.start").value
        0.1025
        """
        if not isinstance(spec, Mapping):
            raise NoSource(
                f"{where} is {spec!r} without a source. "
                "Write { value, unit, evidence } or { value, unit, assumed }."
            )
        for form, read in FORMS.items():
            if spec.get(form):
                return read(spec, unit, where)
        raise NoSource(
            f"{where} names neither evidence nor a reason for an assumption. Add one of the two."
        )

    @property
    def source(self) -> str:
        """Where the number comes from, in words."""
        rows = ", ".join(self.evidence)
        if rows and self.how:
            rows = f"{rows} ({self.how})"
        if not self.assumed:
            return rows
        return f"assumed: {self.assumed} [{rows}]" if rows else f"assumed: {self.assumed}"

    @property
    def condition(self) -> str:
        """System, conditions and verification of the rows it rests on, each once."""
        conditions: dict[str, None] = {}
        for ref in self.evidence:
            row = evidence(ref)
            known = [text for text in (row.system, row.condition, row.how_verified) if text]
            conditions["; ".join(known)] = None
        return " / ".join(conditions)


Spec = Mapping[str, Any]


def _written(spec: Spec, unit: str) -> dict[str, Any]:
    """The value and the range that stand in the table itself, in the unit that is wanted."""
    written = spec.get("unit", unit)
    keys = [key for key in ("value", "low", "high") if key in spec]
    return {key: units.convert(spec[key], written, unit) for key in keys}


def _read_fit(spec: Spec, unit: str, where: str) -> Quantity:
    row = evidence(spec["fit"])
    how = "least-squares fit of its cells"
    return Quantity(**_written(spec, unit), evidence=(row.id,), how=how)


def _read_ratio(spec: Spec, unit: str, where: str) -> Quantity:
    first, second = (evidence(ref).number for ref in spec["ratio"])
    assumed = spec.get("assumed", "")
    how = "the first divided by the second"
    return Quantity(first / second, tuple(spec["ratio"]), assumed, how=how)


def _read_difference(spec: Spec, unit: str, where: str) -> Quantity:
    first, second = (evidence(ref).to(unit).number for ref in spec["difference"])
    assumed = spec.get("assumed", "")
    how = "the first less the second"
    return Quantity(first - second, tuple(spec["difference"]), assumed, how=how)


def _read_assumed(spec: Spec, unit: str, where: str) -> Quantity:
    refs = tuple(evidence(ref).ref for ref in spec.get("evidence", ()))
    return Quantity(
        **_written(spec, unit),
        evidence=refs,
        assumed=spec["assumed"],
        bound=spec.get("bound", ""),
    )


def _read_row(spec: Spec, unit: str, where: str) -> Quantity:
    row = evidence(spec["evidence"])
    if "per" in spec:  # a row may count several at once
        row = replace(row, value=row.number / spec["per"])
    row = row.to(unit)
    # A bound has no value of its own: its upper end is the careful one.
    value = row.high if row.value is None else row.value
    if value is None:
        raise NoSource(
            f"{where}: {spec['evidence']} holds no single number. Name one of its parts."
        )
    written = _written(spec, unit).get("value", value)
    if abs(written - value) > TOLERANCE * abs(value):
        raise NoSource(
            f"{where} says {spec['value']} but {row.ref} says {units.plain(value)} {unit}. "
            "Correct one of them."
        )
    return Quantity(
        value,
        evidence=(row.ref,),
        low=row.low,
        high=row.high,
        bound=row.bound,
        how=spec.get("how", ""),
    )


# The forms of a number in the file, by the entry that tells them apart; the first one that is there
# counts, so that a ratio may be assumed to hold elsewhere.
FORMS: dict[str, Callable[[Spec, str, str], Quantity]] = {
    "fit": _read_fit,
    "ratio": _read_ratio,
    "difference": _read_difference,
    "assumed": _read_assumed,
    "evidence": _read_row,
}
