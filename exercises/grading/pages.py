"""Our own pages: how they look, and the content policy in which no script of anybody's runs."""

from __future__ import annotations

import html
from pathlib import Path

from grading import safe, store

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8886; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { background: #0072B2; height: 1rem; display: inline-block; vertical-align: middle; }
.hint { border-left: 4px solid #E69F00; padding: .2rem .8rem; }
section.answer { border: 1px solid #8886; border-radius: 4px; padding: .2rem 1rem; margin: 1rem 0; overflow-wrap: anywhere; }
img { max-width: 100%; } pre { overflow-x: auto; }
"""


def cell(value: object, number: bool = False) -> str:
    """Give one field of a table, as text."""
    if isinstance(value, float):
        value = f"{value:.4g}"
    lines = value if isinstance(value, tuple) else ("" if value is None else value,)
    text = "<br>".join(html.escape(safe.printable(str(each))) for each in lines)
    return f'<td class="n">{text}</td>' if number else f"<td>{text}</td>"


def table(head: tuple[str, ...], rows: list[tuple[object, ...]], numbers: tuple[int, ...]) -> str:
    """Give a table; the columns that hold numbers stand to the right."""
    top = "".join(
        f'<th scope="col"{" class=n" if i in numbers else ""}>{html.escape(name)}</th>'
        for i, name in enumerate(head)
    )
    body = "".join(
        "<tr>" + "".join(cell(value, i in numbers) for i, value in enumerate(row)) + "</tr>\n"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead>\n<tbody>{body}</tbody></table>\n"


def write(path: Path, title: str, body: str) -> Path:
    """Write a page, whole."""
    store.write(path, safe.page(title, body, STYLE))
    return path


def forbid_scripts(path: Path) -> None:
    """Put the content policy into a page that nbgrader wrote: first in its head, before anything it could run."""
    text = path.read_text("utf-8")
    policy = f'<meta http-equiv="Content-Security-Policy" content="{safe.POLICY}">'
    head = text.find("<head>")
    if head < 0:
        raise ValueError("the page has no head to put a content policy into")
    store.write(path, f"{text[: head + 6]}{policy}{text[head + 6 :]}")
