"""Rows of words as an HTML table, in the colours of the page that shows it."""

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["NAME", "table"]

CELL, HEAD = "td style='text-align:left'", "th scope='col' style='text-align:left'"
NAME = "th scope='row' style='text-align:left;white-space:pre'"


def table(
    rows: Iterable[Sequence[str]], head: Sequence[str] = (), *, caption: str = "", first: str = CELL
) -> str:
    """Write rows as a table; ``first`` is the tag of each row's first cell, `NAME` where it names the row.

    >>> table([("1 < 2", "yes")], first="th")
    "<table><tbody><tr><th>1 &lt; 2</th><td style='text-align:left'>yes</td></tr></tbody></table>"
    """

    def line(cells: Sequence[str], first: str, other: str) -> str:
        tags = [first, *[other] * (len(cells) - 1)]
        inner = (
            f"<{tag}>{escape(cell)}</{tag[:2]}>" for tag, cell in zip(tags, cells, strict=True)
        )
        return f"<tr>{''.join(inner)}</tr>"

    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    top = f"<thead>{line(head, HEAD, HEAD)}</thead>" if head else ""
    return f"<table>{above}{top}<tbody>{''.join(line(row, first, CELL) for row in rows)}</tbody></table>"
