"""The course as pages that need no kernel and no network: figures, sentences, tables, sources."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from virtlearn.errors import VirtlearnError

__all__ = ["CannotExport", "export"]

PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
MATH = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL)
CODE_IN_PROSE = re.compile(r"(`[^`]*`)")
TO_EXERCISES = re.compile(r"\[([^]]+)\]\(\.\./exercises/[^)]*\)")
TO_LESSONS = re.compile(r"\]\(([\w-]+)\.(?:ipynb|md)(#[^)]*)?\)")
HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="site.css">
<script defer src="plotly.min.js"></script><script defer src="site.js"></script></head>
<body><nav aria-label="course">{nav}</nav><main>{body}</main>
<footer>Made with virtlearn. To answer the questions and move the sliders, open the lesson in JupyterLab.</footer></body></html>
"""


class CannotExport(VirtlearnError):
    """The pages cannot be written: a missing package or the folder says no."""


class _Page(NamedTuple):
    title: str
    body: str


def export(lessons: Path, folder: Path) -> list[Path]:
    """Write the course as HTML pages into a folder that is new, empty, or holds such pages already.

    Parameters
    ----------
    lessons : Path
        Where the executed notebooks and the glossary are.
    folder : Path
        Where the pages go: ``index.html``, one page a lesson, and one ``plotly.min.js`` for all of
        them.

    Returns
    -------
    list of Path
        The pages, the index first.

    Raises
    ------
    CannotExport
        Where a package is missing, the folder cannot be written, or other things are in it.
    """
    # Asked before anything is written, so that nothing is left half done.
    _check_packages()
    _check_folder(folder)
    pages = _pages(lessons)
    names = sorted(pages, key=lambda name: (name != "index", name))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            text = PAGE.format(
                title=escape(pages[name].title), nav=_nav(names, name), body=pages[name].body
            )
            (folder / f"{name}.html").write_text(text, "utf-8")
        _copy_parts(lessons, folder)
    except OSError as error:
        raise CannotExport(
            f"DIR is '{folder}', and it cannot be used: {error.strerror}.\nName a folder of your own."
        ) from error
    return [folder / f"{name}.html" for name in names]


def _check_packages() -> None:
    try:
        import latex2mathml  # noqa: F401 - only asked for
    except ImportError:
        raise CannotExport(
            "Formulas need one more package.\nTry: pip install 'virtlearn[site]'"
        ) from None


def _check_folder(folder: Path) -> None:
    """Refuse to write over what is somebody's own; ``site.js`` tells that pages of ours are there."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise CannotExport(
            f"DIR is '{folder}', and that is a file.\nName a folder: virtlearn site pages"
        )
    if any(folder.iterdir()) and not (folder / "site.js").exists():
        raise CannotExport(
            f"DIR is '{folder}', and other things are in it.\nName a new folder: virtlearn site pages"
        )


def _pages(lessons: Path) -> dict[str, _Page]:
    """Make a page of each notebook and each text; the README is the index."""
    pages = {}
    for book in sorted(lessons.glob("*.ipynb")):
        notebook = json.loads(book.read_text("utf-8"))
        prose = [_source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
        pages[book.stem] = _Page(_title("\n".join(prose)), _lesson(notebook))
    for file in sorted(lessons.glob("*.md")):
        text = file.read_text("utf-8")
        name = "index" if file.stem == "README" else file.stem
        pages[name] = _Page(_title(text), _markdown(text))
    return pages


def _title(text: str) -> str:
    heading = HEADING.search(text)
    return heading[1] if heading else "virtlearn"


def _nav(names: Iterable[str], here: str) -> str:
    """Link all pages: a lesson by its number, the index as the course."""
    links = []
    for name in names:
        label = name
        if name == "index":
            label = "course"
        elif name[0].isdigit():
            label = name[:2]
        current = " aria-current=page" if name == here else ""
        links.append(f'<a href="{name}.html"{current}>{label}</a> ')
    return "".join(links)


def _copy_parts(lessons: Path, folder: Path) -> None:
    """Put beside the pages what they load."""
    ours = resources.files("virtlearn").joinpath("data/site")
    for name in ("site.css", "site.js"):
        (folder / name).write_text(ours.joinpath(name).read_text("utf-8"), "utf-8")
    plotly = resources.files("plotly").joinpath("package_data/plotly.min.js")
    (folder / "plotly.min.js").write_bytes(plotly.read_bytes())
    images = lessons / "images"
    if images.is_dir():
        shutil.copytree(images, folder / "images", dirs_exist_ok=True)


def _source(cell: dict[str, Any]) -> str:
    return _joined(cell["source"])


def _joined(text: str | list[str]) -> str:
    """Read a text of a notebook, which may be a list of its lines."""
    return text if isinstance(text, str) else "".join(text)


def _lesson(notebook: dict[str, Any]) -> str:
    parts: list[str] = []
    for cell in notebook["cells"]:
        source = _source(cell)
        if cell["cell_type"] == "markdown":
            parts.append(_markdown(source))
        elif source.strip():
            parts.append(_code(source))
            parts += _outputs(cell["outputs"])
    return "\n".join(parts)


def _markdown(text: str) -> str:
    """Turn a markdown cell into HTML whose links lead to pages.

    Exercises need a kernel, so they are only named.
    """
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    text = TO_EXERCISES.sub(r"\1", text)
    text = TO_LESSONS.sub(r"](\1.html\2)", text)
    return str(markdown2html_mistune(_math(text)))


def _math(text: str) -> str:
    """Turn formulas into MathML, which browsers draw by themselves."""
    from latex2mathml.converter import convert

    def one(formula: re.Match[str]) -> str:
        block, line = formula.groups()
        display = "block" if block else "inline"
        return str(convert(block or line, display=display))

    parts = []
    for part in CODE_IN_PROSE.split(text):
        # A dollar in code is no formula.
        parts.append(part if part.startswith("`") else MATH.sub(one, part))
    return "".join(parts)


def _code(source: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return str(highlight(source, PythonLexer(), HtmlFormatter(cssclass="code")))


def _outputs(outputs: list[dict[str, Any]]) -> Iterator[str]:
    """Show what a cell showed: the figure, else its HTML, else its text.

    A slider needs a kernel and is left out.
    """
    for output in outputs:
        data = output.get("data", {"text/plain": output.get("text", "")})
        if PLOTLY in data:
            yield _figure(data[PLOTLY], _joined(data["text/plain"]))
        elif _joined(data.get("text/html", "")):
            yield f'<div class="shown">{_joined(data["text/html"])}</div>'
        elif WIDGET not in data:
            yield f"<pre>{escape(_joined(data['text/plain']))}</pre>"


def _figure(figure: dict[str, Any], sentence: str) -> str:
    """Write a figure as data that the page's script draws, named by its sentence."""
    # The end of a script tag inside the data would end the script.
    drawn = json.dumps(figure, separators=(",", ":")).replace("</", "<\\/")
    said = escape(sentence, quote=True)
    return (
        f'<div class="chart" role="img" aria-label="{said}"></div>'
        f'<script type="application/json">{drawn}</script>'
    )
