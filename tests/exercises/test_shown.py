"""What a student wrote runs nowhere: not in formgrader, feedback, report, the page for reading, a terminal or a spreadsheet."""

from __future__ import annotations

import base64
import csv
import html.parser
import io
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown import markdown2html
from nbgrader.server_extensions import formgrader

from .attacks import FILE, MOST, NAME

pytestmark = pytest.mark.filterwarnings("ignore")

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
SCRIPTS = (
    "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java\tscript:alert(1))", "[x](&#106;avascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)", "[x](vbscript:alert(1))", "<javascript:alert(1)>", "[x][1]\n\n[1]: javascript:alert(1)",
    "![x](javascript:alert(1))", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>",
    "<a href=javascript:alert(1)>x</a>", "<iframe srcdoc='<script>alert(1)</script>'>", "<math><a xlink:href=javascript:alert(1)>x</a></math>",
    "<style>@import 'javascript:alert(1)'</style>", "<form action=javascript:alert(1)><input type=submit></form>", "<base href=javascript:alert(1)//>",
    "$\\href{javascript:alert(1)}{x}$", "\\(\\href{javascript:alert(1)}{x}\\)", "\\begin{a}\\href{javascript:alert(1)}{x}\\end{a}", "$$\\unicode{<img src=x onerror=alert(1)>}$$",
    "```html\n<script>alert(1)</script>\n```\n<script>alert(1)</script>", "<!--><script>alert(1)</script>-->", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "a\n\n</div></div><script>alert(1)</script>", "[x](//evil.example/alert(1))", "[x](/formgrader/api/alert(1))", "![x](http://evil.example/alert(1).png)",
    "[x](attachment:a.png)", "<div class=x id=notebook onclick=alert(1)>", "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>", "{{ alert(1) }}", "{% raw %}<script>alert(1)</script>",
)  # fmt: skip
HARMLESS = {"href": ("http://", "https://", "mailto:"), "src": ("data:image/",)}


class Reader(html.parser.HTMLParser):
    """Collect what a browser would run, follow or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.live: list[str] = []
        self.tags: list[str] = []
        self.classes: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attributes:
            self.classes += (value or "").split() if name == "class" else []
            text = (value or "").strip().lower()
            link = name in ("href", "src", "action", "xlink:href", "formaction", "srcdoc")
            if name.startswith("on") or (link and not text.startswith(HARMLESS.get(name, ()))):
                self.live.append(f"{tag} {name}={value}")
        if tag in ("script", "iframe", "object", "embed", "form", "style", "base", "meta", "svg"):
            self.live.append(tag)


def live(page: str) -> list[str]:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader.live


@pytest.mark.parametrize("text", SCRIPTS)
def test_nothing_in_a_text_runs_wherever_it_is_rendered(text: str) -> None:
    from grading import safe

    cell = safe.as_cell(text, {"a.png": {"image/png": PNG}})
    for page in (safe.as_html(text), cell, markdown2html(cell)):
        assert live(page) == []
    # One block of HTML: the page's own Markdown and TeX find nothing left to interpret.
    assert "\n" not in cell
    assert "$" not in cell
    assert "\\" not in cell
    reader = Reader()
    reader.feed(markdown2html(cell))
    assert reader.classes[:2] == ["tex2jax_ignore", "mathjax_ignore"]


PIECES = st.sampled_from([*SCRIPTS, "<", ">", "&", '"', "'", "`", "\n\n", "\n", " ", "](", "[", ")", "javascript:", "*", "|", "> ", "\x00", "\u202e"])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=8))
def test_no_mixture_of_them_runs_either(pieces: list[str]) -> None:
    from grading import safe

    assert live(markdown2html(safe.as_cell("".join(pieces)))) == []


def test_what_is_meant_well_is_shown_as_it_was_meant() -> None:
    from grading import safe

    text = "Where a<b and **c** holds, see [this](https://example.org):\n\n- one\n- two\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n![p](attachment:a.png)"
    page = safe.as_html(text, {"a.png": {"image/png": PNG}})
    for part in ("a&lt;b", "<strong>c</strong>", 'href="https://example.org"', "<li>two</li>", "<td>2</td>", f"data:image/png;base64,{PNG}"):  # fmt: skip
        assert part in page
    assert "<pre>" not in page


@pytest.mark.parametrize("attached", [
    {"a.png": {"image/png": "not base64!"}}, {"a.png": {"image/svg+xml": PNG}}, {"a.png": {"image/png": base64.b64encode(b"<svg onload=x>").decode()}},
    {"a.png": {"image/png": 7}}, {"a.png": []}, {"b.png": {}}, {"a.png": {"image/png": base64.b64encode(b"\x89PNG\r\n" + bytes(600 << 10)).decode()}},
])  # fmt: skip
def test_a_picture_that_is_none_is_left_out(attached: Any) -> None:
    from grading import safe

    assert "src=" not in safe.as_html("![p](attachment:a.png)", attached)


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])  # fmt: skip
def test_no_spreadsheet_takes_a_field_for_a_formula(value: str) -> None:
    from grading import safe

    read = next(csv.reader(io.StringIO(safe.table([[value, -1.5]]))))
    assert read[0][0] not in "=+-@\t\r" or read[0].startswith("'")
    assert read[1] == "-1.5"


def test_no_terminal_obeys_a_line() -> None:
    from grading import safe

    assert safe.line("a\x1b]0;x\x07b\x1b[2Jc\u202ed\u2066e\r\nf") == "a]0;xb[2Jcde f"


# --- where it is shown


@pytest.fixture(scope="module")
def shown(course: SimpleNamespace, exercises: Path) -> SimpleNamespace:
    """Grade one who writes all of them, a picture among them, and an honest neighbour."""
    from grading import batch, hand, report

    source = exercises / "source" / NAME / FILE
    book = nbformat.read(source, 4)
    text = "\n\n".join(SCRIPTS) + "\n\n![p](attachment:a.png)\n\na<b"
    book.cells[-1].source = text
    book.cells[-1].attachments = {"a.png": {"image/png": PNG}}
    for code in SCRIPTS:
        book.cells.append(nbformat.v4.new_code_cell(f"print({code!r})"))
    book.cells.append(nbformat.v4.new_code_cell(f"raise type('E', (Exception,), {{}})({text!r})"))
    book.cells.append(nbformat.v4.new_markdown_cell(text))
    answer = next(cell for cell in book.cells if cell.id == "answer-1")
    answer.source += f"\ncontainer_mib = {SCRIPTS[9]!r}"
    nbformat.write(book, course.inbox / "mallory.ipynb")
    shutil.copy(source, course.inbox / "honest.ipynb")
    course.bad = batch.grade(course.api, NAME, course.inbox, course.said.append)
    course.bad |= batch.feedback(course.api, NAME)
    course.report = report.write(course.api, NAME, [])
    course.by_hand = hand.write(course.api, NAME)
    return course


def body(path: Path, tag: str = "<body") -> str:
    return path.read_text("utf-8").partition(tag)[2]


def test_everybody_is_graded_and_has_a_page(shown: Any) -> None:
    assert shown.bad == {}
    assert any(f"mallory: {MOST - 1:g} of 20" in line for line in shown.said)
    assert any(f"honest: {MOST:g} of 20" in line for line in shown.said)


def test_our_pages_hold_nothing_live_and_a_policy_that_would_stop_it(shown: Any) -> None:
    from grading import safe

    for page in (shown.report[0], shown.by_hand[0]):
        assert live(body(page)) == []
        assert safe.POLICY in page.read_text("utf-8")
    assert f"data:image/png;base64,{PNG}" in shown.by_hand[0].read_text("utf-8")


def test_feedback_forbids_all_scripts_before_the_first_one(shown: Any) -> None:
    from grading import safe

    for who in ("mallory", "honest"):
        page = shown.root / "feedback" / who / NAME / FILE.replace(".ipynb", ".html")
        text = page.read_text("utf-8")
        assert 0 < text.index(safe.POLICY) < text.index("<script")
        assert [each for each in live(body(page)) if "alert" in each] == []
        assert "<script>alert" not in text


def test_formgraders_own_page_shows_nothing_live(shown: Any) -> None:
    """The template is nbgrader's own, as its server renders it."""
    from nbconvert.exporters import HTMLExporter

    templates = Path(formgrader.__file__).parent / "templates"
    exporter = HTMLExporter(
        template_name="formgrade", extra_template_basedirs=[str(templates)], preprocessors=[]
    )
    resources = {
        "assignment_id": NAME, "notebook_id": NAME, "submission_id": "x", "index": 0, "total": 1, "base_url": "",
        "student": "mallory", "last_name": "", "first_name": "", "notebook_path": "",
    }  # fmt: skip
    for who in ("mallory", "honest"):
        book = shown.root / "autograded" / who / NAME / FILE
        page, _ = exporter.from_filename(str(book), resources=dict(resources))
        inside = page.partition('id="notebook-container"')[2]
        assert [each for each in live(inside) if "alert" in each] == []
        assert "<script>alert" not in inside
        assert "javascript:alert" not in "".join(
            value for value in inside.split('href="')[1:] if value.startswith("javascript")
        )
        if who == "mallory":
            assert f"data:image/png;base64,{PNG}" in inside
            assert "a&lt;b" in inside


def test_the_lines_of_the_terminal_hold_no_control_characters(shown: Any) -> None:
    assert all(line.isprintable() for line in shown.said)
