"""Rows of words as text and as HTML: the one place where a table is written."""

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["MOST_ROWS", "NAME", "Row", "Shown", "html", "shortened", "text"]

Row = tuple[str, ...]

MOST_ROWS = 24
CELL = "td style='text-align:left'"
HEAD = "th scope='col' style='text-align:left'"
# The tag of a first cell that names its row: read out before every other cell of it.
NAME = "th scope='row' style='text-align:left;white-space:pre'"


def shortened(rows: Sequence[Row]) -> list[Row]:
    """Cut a long table: its head and first rows, how many are left out, its last row.

    Parameters
    ----------
    rows : sequence of rows
        The first one is the head.

    Returns
    -------
    list of rows
        At most `MOST_ROWS` of them.

    Examples
    --------
    >>> shortened([("copy",), *((str(i),) for i in range(1000))])[-2:]
    [('… 978 more …',), ('999',)]
    """
    if len(rows) <= MOST_ROWS:
        return list(rows)
    first = rows[: MOST_ROWS - 2]
    left_out = len(rows) - len(first) - 1
    gap = (f"… {left_out} more …", *[""] * (len(rows[0]) - 1))
    return [*first, gap, rows[-1]]


def text(rows: Sequence[Row]) -> str:
    """Write rows as lines of fixed width, each column as wide as its widest cell.

    Parameters
    ----------
    rows : sequence of rows
        All of one length.

    Returns
    -------
    str
        One line a row.

    Examples
    --------
    >>> print(text([("layer", "memory"), ("guest", "256 MiB")]))
    layer  memory
    guest  256 MiB
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def html(
    rows: Iterable[Sequence[str]], head: Sequence[str] = (), *, caption: str = "", first: str = CELL
) -> str:
    """Write rows as an HTML table, in the colours of the page that shows it.

    Parameters
    ----------
    rows : iterable of sequence of str
        The cells, as plain text.
    head : sequence of str
        The names of the columns; without them the table has no head.
    caption : str
        What stands above the table.
    first : str
        The tag of each row's first cell: `NAME` where it names the row.

    Returns
    -------
    str
        The table, with every cell escaped.

    Examples
    --------
    >>> html([("1 < 2", "yes")], first="th")
    "<table><tbody><tr><th>1 &lt; 2</th><td style='text-align:left'>yes</td></tr></tbody></table>"
    """
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    top = f"<thead>{_html_row(head, HEAD, HEAD)}</thead>" if head else ""
    body = "".join(_html_row(row, first, CELL) for row in rows)
    return f"<table>{above}{top}<tbody>{body}</tbody></table>"


def _html_row(cells: Sequence[str], first: str, other: str) -> str:
    tags = [first, *[other] * (len(cells) - 1)]
    inner = []
    for tag, cell in zip(tags, cells, strict=True):
        element = tag.split()[0]
        inner.append(f"<{tag}>{escape(cell)}</{element}>")
    return f"<tr>{''.join(inner)}</tr>"


class Shown:
    """A result that shows itself as a table: the first row of ``_rows`` is the head."""

    def _rows(self) -> list[Row]:
        raise NotImplementedError

    def _below_rows(self) -> str:
        """Text that stands under the table in fixed width."""
        return ""

    def __str__(self) -> str:
        """Show it in a terminal."""
        table = text(shortened(self._rows()))
        below = self._below_rows()
        return f"{table}\n\n{below}" if below else table

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """Show the same rows in a notebook, in the notebook's own colours."""
        head, *rows = shortened(self._rows())
        table = html(rows, head, first=NAME)
        below = self._below_rows()
        if not below:
            return table
        summary = "<summary>what runs where</summary>"
        return f"{table}<details>{summary}<pre>{escape(below)}</pre></details>"
