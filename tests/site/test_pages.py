"""The course as pages: complete, without a kernel, and without a network."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from virtlearn import study
from virtlearn.site import CannotExport, export

LESSONS = Path(__file__).resolve().parents[2] / "lessons"
BOOKS = sorted(LESSONS.glob("[0-9]*.ipynb"))
FEW = 16  # pictures an explorer: two positions of everything, so that a test need not wait


class Here(Executor):
    """An executor that works in this process, and counts its jobs."""

    jobs = 0

    def submit(self, job: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        self.jobs += 1
        done: Future[Any] = Future()
        done.set_result(job(*args, **named))
        return done


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    return export(LESSONS, folder, executor=Here(), budget=FEW)[0].parent


def page(site: Path, name: str) -> str:
    return (site / f"{name}.html").read_text("utf-8")


def test_there_is_a_page_for_every_lesson_and_its_companions(site: Path) -> None:
    wanted = {book.stem for book in BOOKS} | {"index", "glossary", "evidence"}
    assert {file.stem for file in site.glob("*.html")} == wanted


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.stem[:2])
def test_a_page_has_every_question_and_explorer_of_its_lesson(site: Path, book: Path) -> None:
    text = page(site, book.stem)
    cells = json.loads(book.read_text("utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    for name in re.findall(r"vl\.explore\.(\w+)\(", code):
        assert f'data-pictures="{name}' in text
    data = re.search(r'id="questions">(.*?)</script>', text, re.DOTALL)
    assert data
    asked = json.loads(data[1])
    for id in re.findall(r'vl\.study\.(?:predict|check)\("([^"]+)"', code):
        assert asked[id]["ask"] == study.question(id).ask
        # Without JavaScript the question can still be read.
        assert asked[id]["ask"] in html.unescape(text.partition('id="questions"')[0])
    assert "<h1" in text


def test_every_explorer_has_its_pictures_and_says_what_they_show(site: Path) -> None:
    for file in site.glob("*.html"):
        for name in re.findall(r'data-pictures="([^"]+)"', file.read_text("utf-8")):
            packed = (site / "data" / f"{name}.js").read_text("utf-8")
            assert f"virtlearn.pictures('{name}', '" in packed


def test_plotly_is_there_once_and_nothing_comes_from_elsewhere(site: Path) -> None:
    assert len(list(site.rglob("*plotly*"))) == 1
    for file in site.glob("*.html"):
        text = file.read_text("utf-8")
        without_links = re.sub(r"<a [^>]*>", "", text)
        assert not re.findall(r'(?:src|href)="https?://', without_links)
        assert len(text) < 600_000
    for script in (*site.glob("*.js"), *site.glob("*.css")):
        if "plotly" not in script.name:
            assert "http" not in script.read_text("utf-8")


def test_every_link_between_pages_leads_to_one(site: Path) -> None:
    for file in site.glob("*.html"):
        for target in re.findall(r'href="([^":#]+)(?:#[^"]*)?"', file.read_text("utf-8")):
            assert (site / target).exists(), (file.name, target)


def test_an_evidence_id_leads_to_its_row(site: Path) -> None:
    rows = set(re.findall(r'<tr id="([^"]+)"', page(site, "evidence")))
    cited = set()
    for file in site.glob("*.html"):
        cited |= set(re.findall(r'href="evidence\.html#([^"]+)"', file.read_text("utf-8")))
    assert len(cited) > 50
    assert cited <= rows


def test_formulas_became_mathml(site: Path) -> None:
    (two,) = site.glob("02-*.html")
    text = two.read_text("utf-8")
    assert text.count("<math") >= 3
    assert "$" not in re.sub(r"<script.*?</script>|<pre.*?</pre>", "", text, flags=re.DOTALL)


def test_the_reference_has_a_page_for_the_laws(site: Path) -> None:
    laws = (site / "api" / "virtlearn" / "core" / "cpu.html").read_text("utf-8")
    assert "fair_share" in laws


def test_the_reference_of_a_deployment_leads_to_every_answer(site: Path) -> None:
    nouns = (site / "api" / "virtlearn" / "model.html").read_text("utf-8")
    for answer in ("capacity.html#Capacity.max_copies", "risks.html#Risks.blast_radius"):
        assert f'href="model/answers/{answer}"' in nouns
        page, name = answer.split("#")
        told = (site / "api" / "virtlearn" / "model" / "answers" / page).read_text("utf-8")
        assert f'id="{name}"' in told


def test_a_second_export_is_the_same_draws_nothing_and_keeps_what_else_is_there(site: Path) -> None:
    before = {file: file.read_bytes() for file in site.rglob("*") if file.is_file()}
    (site / "mine.txt").write_text("mine")
    idle, told = Here(), []
    export(LESSONS, site, executor=idle, budget=FEW, say=told.append)
    assert idle.jobs == 0
    assert "have not changed" in told[0]
    assert (site / "mine.txt").read_text() == "mine"
    (site / "mine.txt").unlink()
    changed = [f.name for f, content in before.items() if f.read_bytes() != content]
    assert [name for name in changed if "api" not in name] == []


def test_an_interrupted_export_leaves_no_half_file(tmp_path: Path) -> None:
    lesson = tmp_path / "lessons"
    lesson.mkdir()
    (lesson / BOOKS[2].name).write_bytes(BOOKS[2].read_bytes())

    class Broken(Here):
        def submit(self, job: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
            if self.jobs:
                raise KeyboardInterrupt
            return super().submit(job, *args, **named)

    with pytest.raises(KeyboardInterrupt):
        export(lesson, tmp_path / "pages", executor=Broken(), budget=FEW)
    files = sorted(file.name for file in (tmp_path / "pages" / "data").iterdir())
    assert len(files) == 1
    assert files[0].startswith("density")
    done = Here()
    export(lesson, tmp_path / "pages", executor=done, budget=FEW)
    assert done.jobs == 1


def refusal(folder: Path) -> str:
    with pytest.raises(CannotExport) as refused:
        export(LESSONS, folder)
    return str(refused.value)


def test_a_folder_that_cannot_be_used_and_a_missing_package_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    assert refusal(file) == (
        f"DIR is '{file}', and that is a file.\nName a folder: virtlearn site pages"
    )
    own = tmp_path / "own"
    own.mkdir()
    (own / "index.html").write_text("mine")
    assert refusal(own) == (
        f"DIR is '{own}', and other things are in it.\nName a new folder: virtlearn site pages"
    )
    assert (own / "index.html").read_text() == "mine"
    monkeypatch.setattr("virtlearn.site.find_spec", lambda name: None)
    assert refusal(tmp_path / "new") == (
        "Pages need latex2mathml and pdoc too.\nTry: pip install 'virtlearn[site]'"
    )


def test_the_command_line_works_without_what_pages_need() -> None:
    code = (
        "import sys; sys.modules['latex2mathml'] = None; sys.modules['pdoc'] = None; "
        "import virtlearn.cli; sys.exit(virtlearn.cli.main(['--help']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "site" in done.stdout
