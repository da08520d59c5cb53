"""The course as pages: complete, without a kernel, and without a network."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from virtlearn.site import CannotExport, export

LESSONS = Path(__file__).resolve().parents[1] / "lessons"
BOOKS = sorted(LESSONS.glob("*.ipynb"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(LESSONS, tmp_path_factory.mktemp("site"))[0].parent


def page(site: Path, name: str) -> str:
    return (site / f"{name}.html").read_text("utf-8")


def test_there_is_a_page_for_every_lesson_and_its_companions(site: Path) -> None:
    wanted = {book.stem for book in BOOKS} | {"index", "glossary"}
    assert {file.stem for file in site.glob("*.html")} == wanted


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem[:2])
def test_a_page_has_every_figure_sentence_and_table_of_its_lesson(site: Path, book: Path) -> None:
    text = page(site, book.stem)
    outputs = [
        out.get("data", {})
        for cell in json.loads(book.read_text("utf-8"))["cells"]
        for out in cell.get("outputs", [])
    ]
    figures = [data for data in outputs if "application/vnd.plotly.v1+json" in data]
    assert text.count('<div class="chart"') == len(figures)
    for data in figures:
        assert html.escape("".join(data["text/plain"]), quote=True) in text
    assert text.count("<details>") >= len(figures)
    assert "<h1" in text


def test_plotly_is_there_once_and_nothing_comes_from_elsewhere(site: Path) -> None:
    assert len(list(site.glob("*plotly*"))) == 1
    for file in site.glob("*.html"):
        text = file.read_text("utf-8")
        assert not re.findall(
            r'(?:src|href)="https?://(?!mybinder\.org/)[^"]*"\s*(?:/?>|defer)',
            re.sub(r"<a [^>]*>", "", text),
        )
        assert len(text) < 600_000


def test_every_link_between_pages_leads_to_one(site: Path) -> None:
    for file in site.glob("*.html"):
        for target in re.findall(r'href="([^":#]+)(?:#[^"]*)?"', file.read_text("utf-8")):
            assert (site / target).exists(), (file.name, target)


def test_formulas_became_mathml(site: Path) -> None:
    (two,) = site.glob("02-*.html")
    text = two.read_text("utf-8")
    assert text.count("<math") >= 3
    assert "$" not in re.sub(r"<script.*?</script>|<pre.*?</pre>", "", text, flags=re.DOTALL)


def test_a_second_export_is_the_same_and_keeps_what_else_is_there(site: Path) -> None:
    before = {file.name: file.read_bytes() for file in site.iterdir() if file.is_file()}
    (site / "mine.txt").write_text("mine")
    export(LESSONS, site)
    assert {
        file.name: file.read_bytes()
        for file in site.iterdir()
        if file.is_file() and file.name != "mine.txt"
    } == before
    assert (site / "mine.txt").read_text() == "mine"


def test_a_folder_that_is_a_file_and_a_missing_package_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotExport) as refusal:
        export(LESSONS, tmp_path / "file")
    assert (
        str(refusal.value)
        == f"DIR is '{tmp_path / 'file'}', and that is a file.\nName a folder: virtlearn site pages"
    )
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "index.html").write_text("mine")
    with pytest.raises(CannotExport) as refusal:
        export(LESSONS, tmp_path / "own")
    assert (
        str(refusal.value)
        == f"DIR is '{tmp_path / 'own'}', and other things are in it.\nName a new folder: virtlearn site pages"
    )
    assert (tmp_path / "own" / "index.html").read_text() == "mine"
    monkeypatch.setitem(sys.modules, "latex2mathml", None)
    with pytest.raises(CannotExport) as refusal:
        export(LESSONS, tmp_path / "new")
    assert (
        str(refusal.value) == "Formulas need one more package.\nTry: pip install 'virtlearn[site]'"
    )
    assert not (tmp_path / "new").exists()


def test_the_command_says_where_the_pages_are(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "virtlearn.cli", "site", str(tmp_path / "pages")]
    said = subprocess.check_output(command, text=True)
    assert said.endswith(f"Open {tmp_path / 'pages' / 'index.html'}\n")
