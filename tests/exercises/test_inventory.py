"""What a class says: numbers against a hand and against classes whose gain is known, and files that are none."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import grade
import numpy as np
import pytest
from grading import class_statistics as statistics
from grading import inventory, inventory_page
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from virtlearn import study
from virtlearn.study.ideas import DO_NOT_KNOW, edition, ideas

IDEAS = list(ideas())
ANSWERS = {id: idea.answer for id, idea in ideas().items()}
A_WRONG_ONE = {id: min(idea.means) for id, idea in ideas().items()}


def facts(ticket: str = "", **sittings: Mapping[str, str]) -> dict[str, Any]:
    """What a progress file holds when these letters were given, before in form A and after in form B."""
    found: dict[str, Any] = {"inventory": {"ticket": ticket}} if ticket else {}
    for sitting, letters in sittings.items():
        form = "B" if sitting == "after" else "A"
        found[f"inventory.{sitting}"] = {"form": form, "edition": edition(), "done": True}
        for id, letter in letters.items():
            found[f"inventory.{sitting}.{id}"] = {"answer": letter, "hints": 0}
    return found


def write(path: Path, answers: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps({"version": 1, "questions": answers}), "utf-8")
    return path


def letters(right: Any, wrong: Mapping[str, str] = A_WRONG_ONE) -> dict[str, str]:
    """Give the right letter where told so, else a wrong one."""
    given = {}
    for id, is_right in zip(IDEAS, right, strict=True):
        given[id] = ANSWERS[id] if is_right else wrong[id]
    return given


def class_of(
    folder: Path, students: int, gain: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Write files of a class in which each idea that was missing is gained with a known probability."""
    folder.mkdir(parents=True, exist_ok=True)
    before, after = known_gain(students, gain, rng)
    for i in range(students):
        said = facts(f"t{i}", before=letters(before[i]), after=letters(after[i]))
        write(folder / f"student-{i:03d}.json", said)
    return before, after


def known_gain(
    students: int, gain: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Who is right before and after: of what is not known, the class gains a known part."""
    hard = rng.uniform(0.1, 0.6, len(IDEAS))
    able = rng.normal(0, 0.15, (students, 1))
    before = rng.random((students, len(IDEAS))) < np.clip(hard + able, 0, 1)
    after = before | (rng.random(before.shape) < gain)
    return before, after


# --- the numbers, by hand


def test_gain_is_what_was_gained_of_what_could_be_gained() -> None:
    assert statistics.gain(0.25, 0.7) == pytest.approx(0.6)
    assert statistics.gain(0.5, 0.25) == pytest.approx(-0.5)
    assert np.isnan(statistics.gain(1.0, 1.0))


HAND = np.array(
    [
        [1, 1, 0],
        [1, 0, 0],
        [0, 1, 1],
        [0, 0, 1],
        [1, 1, 1],
    ],
    dtype=bool,
)


def test_difficulty_is_the_share_of_right_answers() -> None:
    assert statistics.difficulty(HAND).tolist() == [0.6, 0.6, 0.6]


def test_discrimination_is_the_correlation_with_the_other_answers() -> None:
    # First question: 1 1 0 0 1 against the sums of the other two, 1 0 2 1 2. Means 0.6 and 1.2; the products
    # of the distances add up to -0.6, their squares to 1.2 and 2.8.
    by_hand = -0.6 / np.sqrt(1.2 * 2.8)
    assert statistics.discrimination(HAND)[0] == pytest.approx(by_hand)


@given(arrays(bool, st.tuples(st.integers(3, 12), st.integers(2, 6))))
def test_discrimination_is_what_numpy_calls_a_correlation(right: np.ndarray) -> None:
    found = statistics.discrimination(right)
    for place in range(right.shape[1]):
        mine = right[:, place].astype(float)
        others = np.delete(right, place, axis=1).sum(axis=1).astype(float)
        if mine.std() == 0 or others.std() == 0:
            assert np.isnan(found[place])
        else:
            assert found[place] == pytest.approx(np.corrcoef(mine, others)[0, 1])


def test_pairs_alike_are_those_that_the_same_students_get_right() -> None:
    same = np.column_stack([HAND[:, 0], HAND[:, 0], ~HAND[:, 0], HAND[:, 1]])
    assert statistics.pairs_alike(same) == [(0, 1, 1.0)]


def test_the_interval_is_the_one_that_drawing_students_one_by_one_gives() -> None:
    rng = np.random.default_rng(3)
    before, after = known_gain(30, 0.4, rng)
    together, each = statistics.bootstrap_gain(before, after, np.random.default_rng(1))
    slow = []
    for _ in range(4000):
        chosen = [int(rng.integers(30)) for _ in range(29)]
        share_before, share_after = before[chosen].mean(), after[chosen].mean()
        slow.append((share_after - share_before) / (1 - share_before))
    assert together is not None
    assert together == pytest.approx(np.quantile(slow, [0.025, 0.975]), abs=0.012)
    assert len(each) == len(IDEAS)


def test_a_small_class_has_an_interval_for_all_questions_together_and_none_for_one() -> None:
    before, after = known_gain(19, 0.5, np.random.default_rng(1))
    together, each = statistics.bootstrap_gain(before, after, np.random.default_rng(1))
    assert together is not None
    assert each == [None] * len(IDEAS)
    before, after = known_gain(20, 0.5, np.random.default_rng(1))
    assert None not in statistics.bootstrap_gain(before, after, np.random.default_rng(1))[1]


def test_where_everybody_knew_before_there_is_no_gain_and_no_interval() -> None:
    everybody = np.ones((12, len(IDEAS)), dtype=bool)
    together, each = statistics.bootstrap_gain(everybody, everybody, np.random.default_rng(1))
    assert together is None
    assert each == [None] * len(IDEAS)


@pytest.mark.parametrize("gain", [0.2, 0.5, 0.8])
def test_a_known_gain_lies_in_its_interval_in_about_95_of_100_classes(gain: float) -> None:
    held = 0
    for seed in range(100):
        rng = np.random.default_rng([seed, int(10 * gain)])
        before, after = known_gain(40, gain, rng)
        interval, _each = statistics.bootstrap_gain(before, after, rng)
        assert interval is not None
        held += interval.low <= gain <= interval.high
    assert 89 <= held <= 99


# --- a class through the command


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run the command on places; give its code, what it printed, and the folder it wrote to."""

    def command(*places: Path) -> tuple[int, str, str, Path]:
        out = tmp_path / "out"
        code = grade.main(["inventory", *map(str, places), "--to", str(out)])
        printed = capsys.readouterr()
        return code, printed.out, printed.err, out

    return command


def test_two_hundred_students_go_through_the_command(tmp_path: Path, run: Any) -> None:
    rng = np.random.default_rng(11)
    before, after = class_of(tmp_path / "class", 200, 0.5, rng)
    code, out, err, place = run(tmp_path / "class")
    assert (code, err) == (0, "")
    assert "200 students: 200 before, 200 after, 0 later; 200 of them before and after." in out
    with (place / "inventory-ideas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for i, (id, row) in enumerate(zip(IDEAS, rows, strict=True)):
        was, now = int(before[:, i].sum()), int(after[:, i].sum())
        assert row["idea"] == ideas()[id].title
        assert row["before"] == f"{100 * was / 200:.0f} %"
        assert row["after"] == f"{100 * now / 200:.0f} %"
        assert row["gain"] == f"{(now - was) / (200 - was):.2f}"
        low, high = map(float, row["95 % interval"].split(" to "))
        assert low < 0.5 + 0.15
        assert high > 0.5 - 0.15
        assert row["the wrong idea that is left"].startswith(ideas()[id].means[A_WRONG_ONE[id]])
    with (place / "inventory-answers.csv").open(encoding="utf-8", newline="") as file:
        answers = list(csv.DictReader(file))
    assert len(answers) == 200 * 2 * len(IDEAS)
    right = sum(row["means"] == "right" for row in answers if row["sitting"] == "after")
    assert right == after.sum()


def test_what_a_learner_answers_in_the_course_is_what_the_command_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.json"
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(path))
    asked = study.inventory("before", form="B")
    for id in IDEAS:
        asked.answer(ANSWERS[id] if id == "limit" else DO_NOT_KNOW)
    found = inventory.collect([path])
    assert found.refused == {}
    assert found.students[0].forms == {"before": "B"}
    assert {id for id in IDEAS if found.students[0].means("before", id) == "right"} == {"limit"}


def test_the_page_has_no_names_no_network_and_says_what_numbers_cannot_show(
    tmp_path: Path, run: Any
) -> None:
    class_of(tmp_path / "class", 12, 0.4, np.random.default_rng(2))
    (tmp_path / "class" / "student-000.json").rename(tmp_path / "class" / "ada-lovelace.json")
    _code, out, _err, place = run(tmp_path / "class")
    written = [out, *(path.read_text("utf-8") for path in place.iterdir())]
    assert not any("lovelace" in text for text in written)
    page = (place / "inventory.html").read_text("utf-8")
    assert "http" not in page
    assert "<script" not in page
    for line in inventory_page.CANNOT:
        assert line in page
        assert line in out
    assert page.count("<svg role='img' aria-label='from ") == len(IDEAS)


@pytest.mark.parametrize("students", [1, 4])
def test_with_fewer_than_five_there_are_counts_a_warning_and_no_percentages(
    tmp_path: Path, run: Any, students: int
) -> None:
    class_of(tmp_path / "class", students, 0.5, np.random.default_rng(4))
    _code, out, _err, place = run(tmp_path / "class")
    page = (place / "inventory.html").read_text("utf-8")
    summary = (place / "inventory-ideas.csv").read_text("utf-8")
    for text in (out, page):
        assert "Fewer than 5 students" in text
    shares = [
        line for line in (out + summary).splitlines() if " %" in line and "interval" not in line
    ]
    assert shares == []
    assert "<svg" not in page
    assert "Discrimination is" in page


def test_five_are_enough(tmp_path: Path, run: Any) -> None:
    class_of(tmp_path / "class", 5, 0.5, np.random.default_rng(4))
    _code, out, _err, _place = run(tmp_path / "class")
    assert "Fewer than" not in out
    assert "Over all ideas" in out


def test_who_gave_up_is_counted_and_not_compared(tmp_path: Path, run: Any) -> None:
    class_of(tmp_path / "class", 6, 0.5, np.random.default_rng(5))
    only_before = facts("gone", before=letters([False] * 18))
    write(tmp_path / "class" / "gone.json", only_before)
    half = facts("half", before=letters([True] * 18), after=letters([True] * 18))
    del half["inventory.after.limit"]
    write(tmp_path / "class" / "half.json", half)
    _code, out, _err, _place = run(tmp_path / "class")
    assert "8 students: 8 before, 6 after, 0 later; 6 of them before and after." in out
    assert "1 sittings were begun and not finished." in out


def test_the_wrong_idea_that_held_is_counted_over_both_sittings(tmp_path: Path) -> None:
    wrong, other = sorted(ideas()["limit"].means)[:2]
    both = [
        (wrong, wrong),
        (wrong, wrong),
        (wrong, other),
        (other, wrong),
        (wrong, ANSWERS["limit"]),
    ]
    for i, (was, now) in enumerate(both):
        before = letters([True] * 18) | {"limit": was}
        after = letters([True] * 18) | {"limit": now}
        write(tmp_path / f"{i}.json", facts(f"t{i}", before=before, after=after))
    made, _gain, _interval = inventory.rows(inventory.collect([tmp_path]))
    row = made[IDEAS.index("limit")]
    assert row.held == inventory.Held(ideas()["limit"].means[wrong], after=3, before=4, both=2)
    assert made[0].held is None


def test_a_file_without_a_ticket_is_accepted_and_two_of_one_person_are_one(tmp_path: Path) -> None:
    write(tmp_path / "a.json", facts("same", before=letters([True] * 18)))
    write(
        tmp_path / "b.json", facts("same", before=letters([True] * 18), after=letters([True] * 18))
    )
    write(tmp_path / "c.json", facts("same", before=letters([True] * 18)))
    write(tmp_path / "d.json", facts(before=letters([True] * 18)))
    write(tmp_path / "e.json", facts(before=letters([True] * 18)))
    found = inventory.collect([tmp_path])
    assert len(found.students) == 3
    assert sorted(Path(name).name for name in found.refused) == ["a.json", "c.json"]
    assert all("same person" in why for why in found.refused.values())


# --- what is handed in and is none


def spoilt(path: str, value: Any) -> dict[str, Any]:
    """A good file with one thing changed."""
    said = facts("t", before=letters([True] * 18))
    said[path] = value
    return said


BAD_TEXTS: dict[str, bytes] = {
    "empty": b"",
    "cut off": b'{"version": 1, "questions": {"inventory.before": {',
    "no text": b"\xff\xfe\x00\x80",
    "deep": b"[" * 200_000,
    "a list": b"[]",
    "a number": b"7",
    "no answers": b'{"version": 1}',
    "answers are a list": b'{"version": 1, "questions": []}',
    "nobody answered": b'{"version": 1, "questions": {"02.a": {"status": "right"}}}',
    "too large": b" " * 1_100_000,
    "a number without end": b'{"questions": ' + b"9" * 10_000 + b"}",
}
BAD_FACTS: dict[str, tuple[str, Any]] = {
    "no form": ("inventory.before", {"edition": edition()}),
    "no such form": ("inventory.before", {"form": "Z", "edition": edition()}),
    "form of another kind": ("inventory.before", {"form": ["A"], "edition": edition()}),
    "no table": ("inventory.before", "A"),
    "another edition": ("inventory.before", {"form": "A", "edition": edition() + 1}),
    "no such letter": ("inventory.before.limit", {"answer": "<script>"}),
    "no letter": ("inventory.before.limit", {"answer": 1}),
    "letter of another kind": ("inventory.before.limit", ["A"]),
    "a form that cannot be looked up": (
        "inventory.before",
        {"form": {"A": 1}, "edition": edition()},
    ),
}


@pytest.mark.parametrize("what", BAD_TEXTS)
def test_a_file_that_is_none_is_refused_by_name_and_stops_nothing(
    tmp_path: Path, run: Any, what: str
) -> None:
    class_of(tmp_path / "class", 6, 0.5, np.random.default_rng(6))
    (tmp_path / "class" / "odd.json").write_bytes(BAD_TEXTS[what])
    code, out, err, place = run(tmp_path / "class")
    assert code == 1
    assert "odd.json: " in err
    assert "Traceback" not in err
    assert out.startswith("6 students")
    assert "odd.json" in (place / "inventory.html").read_text("utf-8")


@pytest.mark.parametrize("what", BAD_FACTS)
def test_answers_that_cannot_be_are_refused_by_name(tmp_path: Path, what: str) -> None:
    write(tmp_path / "good.json", facts("good", before=letters([True] * 18)))
    write(tmp_path / "odd.json", spoilt(*BAD_FACTS[what]))
    found = inventory.collect([tmp_path])
    assert len(found.students) == 1
    (name, why), *more = found.refused.items()
    assert name.endswith("odd.json")
    assert more == []
    assert why not in ("TypeError", "KeyError", "AttributeError"), "a reason, not a slip of ours"


def test_links_pipes_and_folders_are_not_read(tmp_path: Path) -> None:
    write(tmp_path / "good.json", facts("good", before=letters([True] * 18)))
    (tmp_path / "link.json").symlink_to("/etc/passwd")
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    found = inventory.collect([tmp_path, tmp_path / "missing.json"])
    assert len(found.students) == 1
    refused = {Path(name).name: why for name, why in found.refused.items()}
    assert set(refused) == {"link.json", "folder.json", "pipe.json", "missing.json"}
    assert set(refused.values()) == {"it is not a plain file"}


def test_a_name_can_do_no_harm_to_terminal_or_page(tmp_path: Path, run: Any) -> None:
    class_of(tmp_path / "class", 6, 0.5, np.random.default_rng(6))
    evil = "\x1b[2J<img src=x onerror=alert(1)>.json"
    (tmp_path / "class" / evil).write_text("[]", "utf-8")
    _code, _out, err, place = run(tmp_path / "class")
    assert "\x1b" not in err
    assert "<img" not in (place / "inventory.html").read_text("utf-8")


def test_where_no_file_can_be_counted_it_says_what_to_name(tmp_path: Path, run: Any) -> None:
    code, out, err, place = run(tmp_path)
    assert (code, out) == (1, "")
    assert "Name progress files, or a folder of them." in err
    assert not place.exists()
