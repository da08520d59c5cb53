"""A lesson as a page: what its notebook says and shows, with sliders, questions, sources."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import nbformat
from jinja2 import Environment, PackageLoader, select_autoescape
from nbconvert import HTMLExporter
from traitlets.config import Config

from virtlearn import study
from virtlearn.catalog import evidence as sources
from virtlearn.site.positions import Call
from virtlearn.site.questions import exported
from virtlearn.site.sittings import inventory_data, predictions_data

__all__ = ["Page", "evidence_page", "lesson_page", "prose_page", "written"]

PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
MATH = re.compile(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", re.DOTALL)
STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
EVIDENCE = re.compile(r"\b[A-Z]{2,6}-\d{2}\b")
PROSE = re.compile(
    r"(<(?:a|code|pre|script|math)\b.*?</(?:a|code|pre|script|math)>|<[^>]+>)", re.DOTALL
)
TEMPLATES = Path(__file__).with_name("template")


@dataclass
class Page:
    """One page: its name and title, its body, and what its script needs to know."""

    name: str
    title: str
    body: str
    questions: dict[str, Any] = field(default_factory=dict)
    sittings: dict[str, Any] = field(default_factory=dict)
    explorers: list[Call] = field(default_factory=list)
    binder: str = ""

    @property
    def short(self) -> str:
        """What a link in the course's own navigation says."""
        if self.name == "index":
            return "course"
        return self.name[:2] if self.name[0].isdigit() else self.name


# --- Prose ---------------------------------------------------------------------------------------


def _formulas(text: str) -> str:
    """Turn formulas into MathML, which browsers draw by themselves; code stays as it is."""
    from latex2mathml.converter import convert

    def one(found: re.Match[str]) -> str:
        block, line = found.groups()
        if not block:
            return str(convert(line))
        # A long formula scrolls on a narrow page, also from the keyboard.
        return str(convert(block, display="block")).replace("<math", '<math tabindex="0"', 1)

    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part[:1] == "`" else MATH.sub(one, part) for part in parts)


def _to_pages(text: str) -> str:
    """Point links in markdown at pages; exercises need a kernel, so they are only named."""
    text = re.sub(r"\[([^]]+)\]\(\.\./exercises/[^)]*\)", r"\1", text)
    # An evidence id becomes a link that knows its row: `_with_sources`.
    text = re.sub(r"\[([A-Z]{2,6}-\d{2})\]\(evidence\.ipynb\)", r"\1", text)
    return re.sub(r"\]\(([\w-]+)\.(?:ipynb|md)(#[^)]*)?\)", r"](\1.html\2)", text)


def _with_sources(html: str) -> str:
    """Make each evidence id in the prose a link that shows its source, and leads to its row."""
    known = {row.id for row in sources.all_evidence()}

    def link(found: re.Match[str]) -> str:
        name = found[0]
        if name not in known:
            return name
        return f'<a class="source" data-source="{name}" href="evidence.html#{name}">{name}</a>'

    # A wide table scrolls on a narrow page, also from the keyboard.
    html = html.replace("<table>", '<div class="shown" tabindex="0"><table>')
    html = html.replace("</table>", "</table></div>")
    parts = PROSE.split(html)
    return "".join(part if part[:1] == "<" else EVIDENCE.sub(link, part) for part in parts)


# --- Cells ---------------------------------------------------------------------------------------


def _calls(source: str) -> Iterator[tuple[str, str, list[Any], dict[str, Any]]]:
    """Find the calls of ``vl.study`` and ``vl.explore`` in a cell, with their literal values."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Attribute(
                        value=ast.Name(id="vl"), attr=("study" | "explore") as room
                    ),
                    attr=name,
                )
            ):
                words = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                named = {
                    word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg
                }
                yield room, name, words, named


def _shown(output: Mapping[str, Any]) -> str:
    """Show what a cell showed: the figure, else its HTML, else its text."""
    data = output.get("data", {"text/plain": output.get("text", "")})
    if WIDGET in data:
        return ""
    if PLOTLY in data:
        figure = json.dumps(data[PLOTLY], separators=(",", ":")).replace("</", "<\\/")
        said = escape(data["text/plain"], quote=True)
        picture = f'<div class="chart" role="img" aria-label="{said}"></div>'
        return f'{picture}<script type="application/json">{figure}</script>'
    if data.get("text/html"):
        html = STYLE.sub("", data["text/html"])  # JupyterLab's own matters
        return f'<div class="shown" tabindex="0">{html}</div>'
    return f"<pre tabindex='0'>{escape(data['text/plain'])}</pre>"


def _goals(explorer: Any) -> str:
    """Write the goals that stand above the controls."""
    lines = "".join(f"<li>{escape(text)}</li>" for text in explorer.goals)
    return f'<ol class="goals">{lines}</ol>' if lines else ""


def _explorer(call: Call) -> str:
    """Give an explorer's place: its first picture stands there until the sliders are loaded."""
    explorer = call.explorer()
    chart = explorer.figure()
    sentence = escape(chart.describe(), quote=True)
    called = call.name.replace("_", " ")
    picture = json.dumps(chart.to_spec(), separators=(",", ":")).replace("</", "<\\/")
    return (
        f'<div class="explorer" data-pictures="{call.slug}" role="group" aria-label="{called}">'
        f"{_goals(explorer)}"
        '<div class="controls"><noscript>The sliders need JavaScript.</noscript></div>'
        f'<p class="headline">{escape(chart.headline)}</p>'
        f'<div class="chart live" role="img" aria-busy="true" aria-label="{sentence}"></div>'
        f'<script type="application/json">{picture}</script>'
        f'<p class="sentence" role="status">{sentence}</p>'
        "<details><summary>The numbers as a table</summary>"
        '<div class="rows shown" tabindex="0"></div></details>'
        "</div>"
    )


def _question(question: study.Question, binder: str) -> str:
    """Give a question's place; without JavaScript it can be read, and its answer unfolded."""
    data = exported(question)
    lines = "".join(
        f"<li>{letter}  {escape(text)}</li>" for letter, text, _ in data.get("options", ())
    )
    code = ""
    if data["kind"] == "python":
        where = (
            f'<a href="{binder}">open this lesson on Binder</a>'
            if binder
            else "open this lesson in JupyterLab"
        )
        code = f"<p>Answering this runs Python: {where}.</p>"
    answer = f"<details><summary>The answer</summary><p>{escape(data['solution'])}</p></details>"
    text = f"<p><b>{escape(question.ask)}</b></p>"
    return (
        f'<div class="question" data-id="{question.id}">{text}<ul>{lines}</ul>{code}{answer}</div>'
    )


def _sitting(kind: str, sitting: str) -> str:
    """Give the place of questions that are asked one at a time."""
    without = "<noscript>These questions need JavaScript.</noscript>"
    return f'<div class="one-by-one" data-kind="{kind}" data-sitting="{sitting}">{without}</div>'


Named = dict[str, Any]  # the arguments of a call that are written with their names


class _Lesson:
    """A lesson on its way to being a page: cells get the HTML that stands in their place."""

    def __init__(self, notebook: Any, binder: str) -> None:
        self.notebook, self.binder = notebook, binder
        self.questions: dict[str, Any] = {}
        self.sittings: dict[str, Any] = {}
        self.explorers: list[Call] = []

    def convert(self) -> None:
        """Go through the cells in order."""
        self.notebook.cells.append(nbformat.v4.new_markdown_cell("## "))  # closes what is open
        committed, folded = "", False
        for cell in self.notebook.cells:
            page: dict[str, Any] = {}
            asked = self._replace(cell, page)
            ends = asked or cell.source.startswith("## ")
            if folded and ends:
                page["closes"] = True
                folded = False
            if committed and not ends:
                page["opens"] = committed
                folded = True
            committed = asked
            cell.metadata["page"] = page  # set last: a notebook keeps a copy
        self.notebook.cells[-1].source = ""

    def _replace(self, cell: Any, page: dict[str, Any]) -> str:
        """Put questions and explorers in the place of their cell; name its prediction."""
        if cell.cell_type != "code":
            if "jp-MarkdownHeadingCollapsed" in cell.metadata:
                cell.source = ""  # the notebook's own fold; a page has one that opens by itself
            return ""
        calls = list(_calls(cell.source))
        html = [self._shown_by(*call) for call in calls]
        if html:
            page["html"] = "".join(html)
        asked = [words[0] for _, name, words, _ in calls if name == "predict"]
        return asked[-1] if asked else ""

    def _shown_by(self, room: str, name: str, words: list[Any], named: Named) -> str:
        """Give what a call of ``vl.study`` or ``vl.explore`` shows on a page."""
        if room == "explore":
            goals = tuple(named.pop("goals", ()))
            call = Call(name, tuple(named.items()), goals)
            self.explorers.append(call)
            return _explorer(call)
        match name:
            case "predict" | "check":
                return self._ask(words[0])
            case "quiz":
                asked = study.questions(words[0]).items()
                choices = [id for id, q in asked if ".q" in id and isinstance(q, study.Choice)]
                return "".join(map(self._ask, choices))
            case "inventory":
                self.sittings["inventory"] = inventory_data()
                return _sitting("inventory", words[0])
            case "predictions":
                self.sittings["predictions"] = predictions_data()
                return _sitting("predictions", "")
            case "progress":
                return '<p class="progress" role="status"></p>'
        return "<!-- stands beside its question -->"

    def _ask(self, id: str) -> str:
        question = study.question(id)
        self.questions[id] = exported(question)
        return _question(question, self.binder)


# --- Pages ---------------------------------------------------------------------------------------


class _Exporter(HTMLExporter):
    """nbconvert's exporter with our template and our filters."""

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """Add ours to nbconvert's own."""
        yield from super().default_filters()
        yield "formulas", lambda text: _formulas(_to_pages(text))
        yield "links", _with_sources
        yield "shown", _shown


def _title(text: str) -> str:
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1] if found else "virtlearn"


def _body(notebook: Any) -> str:
    """Write a notebook as HTML; the folder above ours is where nbconvert looks for ``template``."""
    where = {"template_name": TEMPLATES.name, "extra_template_basedirs": [str(TEMPLATES.parent)]}
    body, _ = _Exporter(config=Config({"HTMLExporter": where})).from_notebook_node(notebook)
    return str(body)


def lesson_page(path: Path) -> Page:
    """Turn a lesson's notebook into a page.

    Parameters
    ----------
    path : Path
        The executed notebook.

    Returns
    -------
    Page
        With its questions, and the explorers whose pictures it needs.
    """
    notebook = nbformat.read(path, as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = re.search(r"\((https://mybinder\.org/[^)]+)\)", prose)
    lesson = _Lesson(notebook, found[1] if found else "")
    lesson.convert()
    body = _body(notebook)
    return Page(
        path.stem,
        _title(prose),
        body,
        lesson.questions,
        lesson.sittings,
        lesson.explorers,
        lesson.binder,
    )


def prose_page(path: Path, name: str) -> Page:
    """Turn a markdown file into a page."""
    text = path.read_text("utf-8")
    cell = nbformat.v4.new_markdown_cell(text, metadata={"page": {}})
    body = _body(nbformat.v4.new_notebook(cells=[cell]))
    return Page(name, _title(text), body)


def written(page: Page, pages: Mapping[str, Page]) -> str:
    """Write a page whole, with the course's navigation and the data that its script needs."""
    ordered = sorted(pages.values(), key=lambda other: (other.name != "index", other.name))
    nav = [
        {"href": f"{other.name}.html", "text": other.short, "here": other.name == page.name}
        for other in ordered
    ]
    nav.append({"href": "api/index.html", "text": "reference", "here": False})
    loader = PackageLoader("virtlearn.site", "template")
    template = Environment(loader=loader, autoescape=select_autoescape(["html.j2"]))
    return template.get_template("page.html.j2").render(
        title=page.title,
        nav=nav,
        body=page.body,
        binder=page.binder,
        questions=_script(page.questions),
        sittings=_script(page.sittings),
        sources=_script(_cited(page.body)),
    )


def _script(data: dict[str, Any]) -> str:
    """Write data as JSON that can stand in a page; nothing where there is none."""
    return json.dumps(data, separators=(",", ":")).replace("</", "<\\/") if data else ""


def _words_of(row: sources.Evidence) -> list[str]:
    """Say what a published number is: quantity and value, conditions, and where it stands."""
    number = f"{row.text} {row.unit}".strip()
    conditions = ", ".join(filter(None, [row.system, row.condition]))
    return [f"{row.quantity}: {number}", conditions, f"{row.source_title}, {row.venue_year}"]


def _cited(body: str) -> dict[str, list[str]]:
    """Say what stands behind each evidence id of a page."""
    cited = set(re.findall(r'data-source="([^"]+)"', body))
    return {row.id: _words_of(row) for row in sources.all_evidence() if row.id in cited}


def evidence_page() -> Page:
    """Write all published numbers as a page, a row each, where the ids in the prose lead."""
    head = "".join(f'<th scope="col">{word}</th>' for word in ("id", "number", "of what", "source"))
    lines = []
    for row in sources.all_evidence():
        cells = "".join(f"<td>{escape(words)}</td>" for words in _words_of(row))
        lines.append(f'<tr id="{row.id}"><th scope="row">{row.id}</th>{cells}</tr>')
    words = "Every published number that the course rests on, with its source."
    about = f"<h1>The evidence</h1><p>{words}</p>"
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return Page("evidence", "The evidence", f'{about}<div class="shown" tabindex="0">{table}</div>')
