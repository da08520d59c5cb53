"""One source of rows, shown as text in a terminal and as a table in a notebook."""

from collections.abc import Callable
from html import escape

from virtlearn import _html, units
from virtlearn.model.layers import Layer, grouped
from virtlearn.model.nouns import Host, VirtualMachine, Workload

__all__ = ["Shown", "drawing"]

MOST_ROWS = 24


def _cut(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Keep a long table readable: its head, how many rows are left out, its last row."""
    if len(rows) <= MOST_ROWS:
        return rows
    return [
        *rows[: MOST_ROWS - 2],
        (f"… {len(rows) - MOST_ROWS + 1} more …", *[""] * (len(rows[0]) - 1)),
        rows[-1],
    ]


class Shown:
    """A result that tells itself: the first row of ``_rows`` is the head."""

    def _rows(self) -> list[tuple[str, ...]]:
        raise NotImplementedError

    def _below_rows(self) -> str:
        """Text that stands under the table in fixed width."""
        return ""

    def __str__(self) -> str:
        """Tell it in a terminal."""
        rows = _cut(self._rows())
        wide = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = [
            "  ".join(cell.ljust(w) for cell, w in zip(row, wide, strict=True)).rstrip()
            for row in rows
        ]
        below = self._below_rows()
        return "\n".join([*lines, *(["", below] if below else [])])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Show the same rows in a notebook, in the notebook's own colours."""
        head, *rows = _cut(self._rows())
        below = self._below_rows()
        tail = (
            f"<details><summary>what runs where</summary><pre>{escape(below)}</pre></details>"
            if below
            else ""
        )
        return _html.table(rows, head, first=_html.NAME) + tail


def _line(noun: Layer, title: str) -> str:
    """One node in words."""
    if isinstance(noun, Workload):
        return f"{noun.name} ({units.memory(noun.memory_mib)}, {units.plain(noun.cpu_cores)} cores)"
    if isinstance(noun, Host):
        return f"{noun.name} ({units.plain(noun.cores)} cores, {units.memory(noun.memory_mib)})"
    size = (
        f" ({noun.vcpus} vCPU, {units.memory(noun.memory_mib)})"
        if isinstance(noun, VirtualMachine)
        else ""
    )
    return (
        f"{noun.name or title}{size}" if noun.name in ("", title) else f"{noun.name}: {title}{size}"
    )


def drawing(root: Layer, title_of: Callable[[Layer, str], str]) -> str:
    """Draw nested layers as a tree, equal neighbours counted instead of repeated."""
    lines: list[str] = []

    def draw(noun: Layer, inside: str, count: int, before: str, last: bool | None) -> None:
        text = (f"{count} × " if count > 1 else "") + _line(noun, title_of(noun, inside))
        lines.append(text if last is None else f"{before}{'└─ ' if last else '├─ '}{text}")
        groups = grouped(noun.runs)
        below = before if last is None else before + ("   " if last else "│  ")
        for i, (child, n) in enumerate(groups):
            draw(child, noun.kind, n, below, i == len(groups) - 1)

    draw(root, "", 1, "", None)
    return "\n".join(lines)
