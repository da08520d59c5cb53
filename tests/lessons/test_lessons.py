"""Every lesson: its anatomy, its links, and a source for every number it states."""

from __future__ import annotations

import difflib
import itertools
import json
import re
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest

import virtlearn as vl
from virtlearn.catalog.evidence import all_evidence, cited

ROOT = Path(__file__).resolve().parents[2]
LESSONS = ROOT / "lessons"
BOOKS = sorted(LESSONS.glob("[0-9][0-9]-*.ipynb"))
PARTS = ["Article corner", "Keypoints", "Where to go from here"]
VERDICTS = ("**Holds.**", "**Holds, with limits.**", "**Misleads.**")
NUMBER = re.compile(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?![\w])")
FREE = {0.0, 1.0, 2.0, 100.0}  # none, one, a pair, all of it


def text_of(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def read(book: Path) -> SimpleNamespace:
    """Give a notebook's cells, each with its kind, its source and what its outputs say in words."""
    cells = []
    for cell in json.loads(book.read_text("utf-8"))["cells"]:
        said = []
        for output in cell.get("outputs", []):
            data = output.get("data", {"text/plain": output.get("text", "")})
            said += [text_of(data[kind]) for kind in ("text/plain", "text/html") if kind in data]
        shown = unescape(re.sub(r"<[^>]+>", " ", "\n".join(said)))
        source = text_of(cell["source"])
        cells.append(
            SimpleNamespace(code=cell["cell_type"] == "code", source=source, shown=shown, raw=cell)
        )
    prose = "\n\n".join(cell.source for cell in cells if not cell.code)
    code = "\n".join(cell.source for cell in cells if cell.code)
    return SimpleNamespace(
        name=book.name, number=book.name[:2], cells=cells, prose=prose, code=code
    )


@pytest.fixture(params=BOOKS, ids=lambda book: book.name[:2])
def lesson(request: pytest.FixtureRequest) -> SimpleNamespace:
    return read(request.param)


def headings(lesson: SimpleNamespace) -> list[tuple[int, str]]:
    return [
        (len(marks), title)
        for marks, title in re.findall(r"^(#+) (.+)$", lesson.prose, re.MULTILINE)
    ]


# --- how a lesson is built


def test_lessons_are_numbered_from_00_without_a_gap() -> None:
    assert len(BOOKS) >= 9
    assert [book.name[:2] for book in BOOKS] == [f"{i:02d}" for i in range(len(BOOKS))]


def test_it_ends_with_a_link_to_itself_on_binder(lesson: SimpleNamespace) -> None:
    # Not at the beginning: there it would stand in the way of everybody who is somewhere already.
    link = re.search(
        r"\(https://mybinder\.org/v2/gh/[^/]+/virtlearn/v([^?]+)\?urlpath=lab/tree/lessons/([^)]+)\)",
        lesson.cells[-1].source,
    )
    assert link, lesson.cells[-1].source
    assert lesson.cells[0].source.startswith("# ")
    assert link.groups() == (vl.__version__, lesson.name)


def test_it_has_one_title_and_headings_in_order(lesson: SimpleNamespace) -> None:
    levels = [level for level, _ in headings(lesson)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels))
    title = headings(lesson)[0][1]
    assert title.endswith("?"), title


def test_it_has_three_blocks_and_an_end_that_all_lessons_share(lesson: SimpleNamespace) -> None:
    titles = [title for level, title in headings(lesson) if level == 2]
    assert [title[:2] for title in titles if title[0].isdigit()] == ["1.", "2.", "3."]
    assert [title for title in titles if title in PARTS] == PARTS
    assert lesson.code.count("vl.study.predict(") >= 3
    assert lesson.code.count("vl.study.check(") >= 3
    for call in ("quiz", "progress"):
        assert f'vl.study.{call}("{lesson.number}")' in lesson.code
    for words in (
        "**What it shows.**",
        "*What the model assumes:*",
        "**Check.**",
        "**Where the model lies:**",
    ):
        assert words in lesson.prose, words


def is_fold(cell: SimpleNamespace) -> bool:
    return bool(cell.raw["metadata"].get("jp-MarkdownHeadingCollapsed"))


def test_what_follows_a_prediction_is_folded(lesson: SimpleNamespace) -> None:
    asked = [i for i, cell in enumerate(lesson.cells) if "vl.study.predict(" in cell.source]
    folds = [i for i, cell in enumerate(lesson.cells) if is_fold(cell)]
    assert folds == [i + 1 for i in asked]
    for fold in folds:
        heading = re.fullmatch(r"(#{3,}) See what comes out", lesson.cells[fold].source)
        assert heading, lesson.cells[fold].source
        # A heading of its level or above would end the fold; a picture must be inside.
        below = lesson.cells[fold + 1].source
        ends = re.match(r"#+ ", below)
        assert not ends, below


def test_no_cell_shows_a_hint_or_a_solution_unasked(lesson: SimpleNamespace) -> None:
    assert not re.search(r"study\.hint\([^)]*,|show=True", lesson.code)
    for cell in lesson.cells:
        assert "Hint:" not in cell.shown
        assert "Solution:" not in cell.shown


def test_it_says_how_long_it_takes_and_is_not_long(lesson: SimpleNamespace) -> None:
    minutes = re.search(r"^\*\*(\d+) minutes\.\*\*", lesson.prose, re.MULTILINE)
    assert minutes
    assert 25 <= int(minutes[1]) <= 45
    cells = [cell for cell in lesson.cells if not is_fold(cell)]
    assert 20 <= len(cells) <= 44  # 42, and in 00 the two that offer the inventory


def objectives(lesson: SimpleNamespace) -> tuple[list[str], list[str]]:
    def items(text: str) -> list[str]:
        return [
            re.sub(r"[.;]$", "", item.strip())
            for item in re.findall(r"^\d\. (.+)$", text, re.MULTILINE)
        ]

    first = next(
        cell.source for cell in lesson.cells if "At the end you will be able to" in cell.source
    )
    last = next(cell.source for cell in lesson.cells if cell.source.startswith("## Keypoints"))
    return items(first), items(last)


def test_its_objectives_are_its_keypoints_and_each_can_be_checked(lesson: SimpleNamespace) -> None:
    will, did = objectives(lesson)
    assert len(will) == len(did) == 3
    for before, after in zip(will, did, strict=True):
        assert after.startswith("You "), after
        alike = difflib.SequenceMatcher(None, before, after.removeprefix("You ")).ratio()
        assert alike > 0.7, (before, after)
    checks = {
        name
        for name in re.findall(r'check\("([^"]+)"', lesson.code)
        if re.search(r"\.[a-z]$", name)
    }
    assert len(checks) >= len(will)


def test_its_code_is_short_and_needs_one_import(lesson: SimpleNamespace) -> None:
    codes = [cell.source for cell in lesson.cells if cell.code]
    assert codes[0] == "import virtlearn as vl"
    for source in codes:
        assert len(source.splitlines()) <= 12, source
        assert max(map(len, source.splitlines())) <= 92, "a longer line is cut off on the page"
    imports = set(re.findall(r"^\s*(?:import|from) .+$", lesson.code, re.MULTILINE))
    assert imports <= {"import virtlearn as vl", "import numpy as np"}


def test_every_cell_was_run_and_none_failed(lesson: SimpleNamespace) -> None:
    for cell in (cell for cell in lesson.cells if cell.code):
        assert cell.raw["execution_count"] is not None, cell.source
        assert not [out for out in cell.raw["outputs"] if out["output_type"] == "error"], (
            cell.source
        )
        assert not [out for out in cell.raw["outputs"] if out.get("name") == "stderr"], cell.source


def test_it_asks_every_question_it_has_and_no_other(lesson: SimpleNamespace) -> None:
    asked = set(re.findall(r'vl\.study\.(?:predict|check)\("([^"]+)"', lesson.code))
    assert asked | {name for name in vl.study.questions(lesson.number) if ".q" in name} == set(
        vl.study.questions(lesson.number)
    )
    assert 4 <= sum(".q" in name for name in vl.study.questions(lesson.number)) <= 6


def test_its_article_corner_gives_a_verdict_with_evidence(lesson: SimpleNamespace) -> None:
    corner = lesson.prose.split("## Article corner")[1].split("\n## ")[0]
    assert re.search(r"^> ", corner, re.MULTILINE)
    assert sum(verdict in corner for verdict in VERDICTS) >= 1
    assert len(cited(corner)) >= 2


def test_it_never_says_that_something_is_easy(lesson: SimpleNamespace) -> None:
    assert not re.findall(
        r"\b(simply|just|obviously|trivial|easily|of course)\b", lesson.prose, re.IGNORECASE
    )


# --- what a lesson rests on


def citations(text: str) -> set[str]:
    parts = re.findall(r"\b([A-Z]{2,5}-\d\d:[\w ()/.-]+?)(?=[\"')\],;])", text)
    return {*cited(text), *parts}


def test_each_source_it_names_is_a_link_to_it(lesson: SimpleNamespace) -> None:
    """`.ci/refresh-lessons` makes the links; headings are linked to and stay as they are."""
    known = {row.id for row in all_evidence()}
    prose = "\n".join(line for line in lesson.prose.split("\n") if not line.startswith("#"))
    outside = re.sub(r"`[^`]*`|\[[^\]]*\]\([^)]*\)|<[^>]*>", " ", prose)
    bare = [name for name in re.findall(r"\b[A-Z]{2,6}-\d{2}\b(?!\.\d)", outside) if name in known]
    assert bare == []


def test_all_evidence_it_cites_exists(lesson: SimpleNamespace) -> None:
    bank = (LESSONS / "questions" / f"q{lesson.number}.py").read_text("utf-8")
    for ref in citations(lesson.prose + lesson.code + bank):
        assert vl.evidence(ref).text, ref
    families = "|".join(sorted({each.id.split("-")[0] for each in all_evidence()}))
    for wrong in re.findall(rf"\b(?!(?:{families})-)[A-Z]{{3,5}}-\d\d\b", lesson.prose):
        assert wrong.startswith(("CVE", "RFC")), (
            f"{wrong} looks like evidence, but there is no such family"
        )


def paragraphs(source: str) -> Iterator[str]:
    """Split prose where a reader would: blank lines and list items; headings carry no numbers of their own."""
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|\n(?=\|)", source):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        yield re.sub(r"^\s*(?:[-*>]|\d+\.) ", "", "\n".join(lines))


def stated(paragraph: str) -> list[str]:
    """Find the numbers that a paragraph states in digits."""
    plain = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|```.*?```|`[^`]*`", " ", paragraph, flags=re.DOTALL)
    plain = re.sub(r"\]\([^)]*\)", "]", plain)
    plain = re.sub(
        r"\b[Ll]essons? \d\d(?:(?:,| and| to|–) \d\d)*|\*\*\d+ minutes\.\*\*", " ", plain
    )
    plain = re.sub(r"\b[A-Z]{2,5}-\d\d\b|\bCVE-[\d-]+|\bv?\d+\.\d+\.\d+\b", " ", plain)
    return NUMBER.findall(plain)


def known(texts: list[str]) -> set[float]:
    return {
        float(found.replace(",", ""))
        for text in texts
        for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text)
        if found.strip(",")
    }


def is_known(number: str, among: set[float]) -> bool:
    """Say whether a number was shown: rounded, if at all, in the last digit that it gives."""
    value, decimals = float(number.replace(",", "")), len(number.partition(".")[2])
    zeros = (
        0 if decimals else len(number.replace(",", "")) - len(number.replace(",", "").rstrip("0"))
    )
    slack = 0.51 * 10.0 ** (max(0, zeros - 1) - decimals)
    return value in FREE or any(abs(value - x) <= slack for x in among)


def without_a_source(lesson: SimpleNamespace) -> list[tuple[str, str]]:
    found, seen = [], []
    for i, cell in enumerate(lesson.cells):
        if cell.code:
            seen += [cell.source, cell.shown]
            continue
        below = next(
            (next_.source + "\n" + next_.shown for next_ in lesson.cells[i:] if next_.code), ""
        )
        among = known([*seen, below])
        for paragraph in paragraphs(cell.source) if i else ():
            if cited(paragraph) or re.search(r"\b(assum|suppos)", paragraph, re.IGNORECASE):
                continue
            if paragraph.startswith("**Elsewhere:**"):
                continue  # how long Binder takes is nothing that the lesson shows
            found += [
                (number, paragraph.strip())
                for number in stated(paragraph)
                if not is_known(number, among)
            ]
    return found


def test_every_number_it_states_was_shown_or_has_a_source(lesson: SimpleNamespace) -> None:
    assert without_a_source(lesson) == []


@pytest.mark.parametrize(
    ("prose", "code", "shown", "bare"),
    [
        ("There are 17 copies.", "x", "17.3 copies", []),
        ("There are 17 copies.", "x", "18 copies", ["17"]),
        ("There are 17 copies (MEM-20).", "x", "", []),
        ("Suppose 17 copies.", "x", "", []),
        ("About 2,000 fit, or 118.", "x", "2,042 and 118", []),
        ("About 2,000 fit.", "x", "2,400", ["2,000"]),
        ("In lesson 02, `x = 5` and $a = 7$.", "x", "", []),
        ("- 3 of them\n- 4 of them", "three = 3", "", ["4"]),
    ],
)
def test_the_test_of_numbers_finds_what_has_no_source(
    prose: str, code: str, shown: str, bare: list[str]
) -> None:
    title = SimpleNamespace(code=False, source="# What?", shown="")
    cells = [
        title,
        SimpleNamespace(code=True, source=code, shown=shown),
        SimpleNamespace(code=False, source=prose, shown=""),
    ]
    assert [number for number, _ in without_a_source(SimpleNamespace(cells=cells))] == bare


# --- where a lesson points


def test_its_links_lead_somewhere(lesson: SimpleNamespace) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", lesson.prose):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        inside = path.removeprefix("../exercises/")
        file = ROOT / "exercises" / "release" / inside if inside != path else LESSONS / path
        assert file.exists(), target
        if anchor:
            assert anchor in re.sub(
                r"[^\w\n-]", "", file.read_text("utf-8").lower().replace(" ", "-")
            ), target


def test_it_leads_to_its_exercise_and_to_the_next_lesson(lesson: SimpleNamespace) -> None:
    last = lesson.prose.split("## Where to go from here")[1]
    if list((ROOT / "exercises" / "release").glob(f"{lesson.number}-*")):
        assert f"../exercises/{lesson.number}-" in last
    if lesson.number != BOOKS[-1].name[:2]:
        assert f"({int(lesson.number) + 1:02d}-" in last


# --- the course as a whole


def test_the_ten_misconceptions_are_all_met() -> None:
    text = "\n".join(
        file.read_text("utf-8") for file in sorted((LESSONS / "questions").glob("q[0-9][0-9].py"))
    )
    met = {int(number) for number in re.findall(r"# misconception (\d+)", text)}
    assert met >= set(range(1, 11)), sorted(set(range(1, 11)) - met)


def test_a_cell_run_twice_does_no_harm(
    lesson: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(tmp_path / "virtlearn-progress.json"))
    monkeypatch.setitem(
        sys.modules, "__main__", sys.modules["__main__"]
    )  # IPython puts its own there
    shell = InteractiveShell.instance()
    shell.reset()
    for cell in (cell for cell in lesson.cells if cell.code):
        if "nbval-ignore-output" in cell.raw["metadata"].get("tags", []):
            continue  # it looks at this machine, which takes its time: once is enough, and nbval does that
        for _ in range(2):
            with capture_output():
                done = shell.run_cell(cell.source)
            assert done.success, (cell.source, done.error_in_exec or done.error_before_exec)
