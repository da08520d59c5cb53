"""The course as pages that need no kernel and no network: figures to hover over, sentences, tables, sources."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

from virtlearn.errors import VirtlearnError

__all__ = ["CannotExport", "export"]

PLOTLY, WIDGET = "application/vnd.plotly.v1+json", "application/vnd.jupyter.widget-view+json"
MATH = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="site.css">
<script defer src="plotly.min.js"></script><script defer src="site.js"></script></head>
<body><nav aria-label="course">{nav}</nav><main>{body}</main>
<footer>Made with virtlearn. To answer the questions and move the sliders, open the lesson in JupyterLab.</footer></body></html>
"""


class CannotExport(VirtlearnError):
    """The pages cannot be written: a missing package or the folder says no."""


def _math(text: str) -> str:
    """Turn formulas into MathML, which browsers draw by themselves."""
    from latex2mathml.converter import convert

    def one(found: re.Match[str]) -> str:
        block, line = found.groups()
        return str(convert(block or line, display="block" if block else "inline"))

    return "".join(
        part if part[:1] == "`" else MATH.sub(one, part) for part in re.split(r"(`[^`]*`)", text)
    )


def _markdown(text: str) -> str:
    """Turn a markdown cell into HTML whose links lead to pages; exercises need a kernel, so they are only named."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    text = re.sub(r"\[([^]]+)\]\(\.\./exercises/[^)]*\)", r"\1", text)
    text = re.sub(r"\]\(([\w-]+)\.(?:ipynb|md)(#[^)]*)?\)", r"](\1.html\2)", text)
    return str(markdown2html_mistune(_math(text)))


def _code(source: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return str(highlight(source, PythonLexer(), HtmlFormatter(cssclass="code")))


def _outputs(outputs: list[dict[str, Any]]) -> Iterator[str]:
    """Show what a cell showed: the figure, else its HTML, else its text; a slider needs a kernel and is left out."""
    for output in outputs:
        data = output.get("data", {"text/plain": output.get("text", "")})
        text = {
            kind: value if isinstance(value, str) else "".join(value)
            for kind, value in data.items()
            if kind != PLOTLY and kind != WIDGET
        }
        if PLOTLY in data:
            figure = json.dumps(data[PLOTLY], separators=(",", ":")).replace("</", "<\\/")
            said = escape(text["text/plain"], quote=True)
            yield f'<div class="chart" role="img" aria-label="{said}"></div><script type="application/json">{figure}</script>'
        elif text.get("text/html"):
            yield f'<div class="shown">{text["text/html"]}</div>'
        elif WIDGET not in data:
            yield f"<pre>{escape(text['text/plain'])}</pre>"


def _lesson(notebook: dict[str, Any]) -> str:
    parts: list[str] = []
    for cell in notebook["cells"]:
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(_markdown(source))
        elif source.strip():
            parts += [_code(source), *_outputs(cell["outputs"])]
    return "\n".join(parts)


def _title(text: str) -> str:
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1] if found else "virtlearn"


def export(lessons: Path, folder: Path) -> list[Path]:
    """Write the course as HTML pages into a folder that is new, empty, or holds such pages already.

    Parameters
    ----------
    lessons : Path
        Where the executed notebooks and the glossary are.
    folder : Path
        Where the pages go: ``index.html``, one page a lesson, and one ``plotly.min.js`` for all of them.

    Returns
    -------
    list of Path
        The pages, the index first.

    Raises
    ------
    CannotExport
        Where a package is missing, the folder cannot be written, or other things are in it.
    """
    try:
        import latex2mathml  # noqa: F401 - asked first, so that nothing is left half written
    except ImportError:
        raise CannotExport(
            "Formulas need one more package.\nTry: pip install 'virtlearn[site]'"
        ) from None
    if folder.exists() and not folder.is_dir():
        raise CannotExport(
            f"DIR is '{folder}', and that is a file.\nName a folder: virtlearn site pages"
        )
    if folder.exists() and any(folder.iterdir()) and not (folder / "site.js").exists():
        raise CannotExport(
            f"DIR is '{folder}', and other things are in it.\nName a new folder: virtlearn site pages"
        )
    pages: dict[str, tuple[str, str]] = {}
    for book in sorted(lessons.glob("*.ipynb")):
        notebook = json.loads(book.read_text("utf-8"))
        prose = "\n".join(
            "".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"
        )
        pages[book.stem] = (_title(prose), _lesson(notebook))
    for file in sorted(lessons.glob("*.md")):
        name, text = "index" if file.stem == "README" else file.stem, file.read_text("utf-8")
        pages[name] = (_title(text), _markdown(text))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, (title, body) in pages.items():
            links = "".join(
                f'<a href="{n}.html"{" aria-current=page" * (n == name)}>{n[:2] if n[0].isdigit() else "course" if n == "index" else n}</a> '
                for n in sorted(pages, key=lambda n: (n != "index", n))
            )
            (folder / f"{name}.html").write_text(
                PAGE.format(title=escape(title), nav=links, body=body), "utf-8"
            )
        data = resources.files("virtlearn").joinpath("data/site")
        for name in ("site.css", "site.js"):
            (folder / name).write_text(data.joinpath(name).read_text("utf-8"), "utf-8")
        (folder / "plotly.min.js").write_bytes(
            resources.files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
        )
        if (images := lessons / "images").is_dir():
            shutil.copytree(images, folder / "images", dirs_exist_ok=True)
    except OSError as error:
        raise CannotExport(
            f"DIR is '{folder}', and it cannot be used: {error.strerror}.\nName a folder of your own."
        ) from error
    return [folder / f"{name}.html" for name in sorted(pages, key=lambda n: (n != "index", n))]
