"""What stands beside the lessons: the course map, the glossary, the evidence."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

LESSONS = Path(__file__).resolve().parents[2] / "lessons"
BOOKS = sorted(LESSONS.glob("[0-9][0-9]-*.ipynb"))


def prose(book: Path) -> str:
    cells = json.loads(book.read_text("utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def glossary() -> list[tuple[str, str]]:
    return re.findall(
        r"^\| \*\*(.+?)\*\* \| (.+?) \|$",
        (LESSONS / "glossary.md").read_text("utf-8"),
        re.MULTILINE,
    )


def test_the_map_lists_every_lesson_with_its_question_and_its_minutes() -> None:
    rows = re.findall(
        r"^\| (\d\d) \| \[(.+?)\]\((.+?)\) \| (\d+) \| .+ \|$",
        (LESSONS / "README.md").read_text("utf-8"),
        re.MULTILINE,
    )
    found = []
    for book in BOOKS:
        text = prose(book)
        title, minutes = (
            re.search(r"^# (.+)$", text, re.MULTILINE),
            re.search(r"\*\*(\d+) minutes\.\*\*", text),
        )
        assert title
        assert minutes
        found.append((book.name[:2], title[1], book.name, minutes[1]))
    assert rows == found


def test_terms_are_in_order_each_once_and_each_is_used() -> None:
    terms = [term for term, _ in glossary()]
    assert len(terms) > 30
    assert terms == sorted(set(terms), key=str.casefold)
    asked = "\n".join(file.read_text("utf-8") for file in (LESSONS / "questions").glob("q*.py"))
    text = "\n".join([asked, *(book.read_text("utf-8") for book in BOOKS)]).casefold()
    stems = {
        term: term.split(" (")[0].casefold()[: max(4, len(term) - 3)] for term in terms
    }  # throttling, throttled
    assert [term for term, stem in stems.items() if stem not in text] == []


def test_no_term_is_explained_by_itself_or_with_a_number() -> None:
    for term, meaning in glossary():
        assert not re.search(r"\d", meaning.replace("type 1", "")), term
        assert not meaning.casefold().startswith(
            (f"a {term.casefold()}", f"the {term.casefold()}")
        ), term


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name[:2])
def test_every_lesson_leads_to_the_glossary(book: Path) -> None:
    assert "(glossary.md" in prose(book)


def test_the_evidence_shows_every_row_there_is() -> None:
    from virtlearn.catalog.evidence import all_evidence

    text = (LESSONS / "evidence.ipynb").read_text("utf-8")
    assert [each.id for each in all_evidence() if each.id not in text] == []
