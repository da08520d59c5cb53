"""Lesson 11 and its exercise: the measured rounds are the source's, and the exercise's laws are the library's."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import virtlearn as vl
from virtlearn.study.bank import exercise_bank

BOOK = Path(__file__).resolve().parents[2] / "lessons" / "11-can-it-move-while-it-runs.ipynb"
MOVES = {"game server": "MIG-07", "web server": "MIG-02", "always writing": "MIG-04"}


def rounds_of_the_source(row: str) -> list[float]:
    """Read the list of rounds, which a row gives as its value or in its note."""
    cited = vl.evidence(row)
    found = re.search(r"\d+\.\d+(?:;\d+\.\d+)+", f"{cited.text} {cited.note}")
    assert found, row
    return [float(mb) for mb in found[0].split(";")]


def measured_in_the_lesson() -> dict[str, list[float]]:
    cells = json.loads(BOOK.read_text("utf-8"))["cells"]
    codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    code = next(code for code in codes if code.startswith("measured = "))
    rounds: dict[str, list[float]] = ast.literal_eval(ast.parse(code).body[0].value)  # type: ignore[attr-defined]
    return rounds


def test_the_measured_rounds_are_those_of_the_source() -> None:
    assert measured_in_the_lesson() == {
        name: rounds_of_the_source(row) for name, row in MOVES.items()
    }


@pytest.fixture(scope="module")
def bank() -> Any:
    return exercise_bank("11")


speeds = st.floats(50, 1000)


@given(st.floats(100, 50_000), speeds, speeds)
def test_without_hot_pages_the_extended_law_is_the_librarys(
    bank: Any, memory: float, dirty: float, bandwidth: float
) -> None:
    moved = vl.core.migration.precopy(memory, dirty, bandwidth)
    mine = bank.rounds_with_hot(memory, dirty, bandwidth, 0, 0.3)
    assert mine == pytest.approx(moved.rounds_mib[: moved.rounds + 1].tolist(), rel=1e-9)


@given(st.floats(0.05, 0.8) | st.floats(1, 5), st.floats(0.02, 1), speeds)
def test_pre_copy_ends_where_less_is_written_or_little_is_written_to(
    bank: Any, ratio: float, part: float, bandwidth: float
) -> None:
    memory = 10_000.0
    working_set = part * memory
    is_small = working_set <= bandwidth * 0.3
    found = bank.ends(memory, ratio * bandwidth, bandwidth, working_set, 0.3)
    assert found == (ratio < 1 or is_small)


def test_a_server_is_emptied_in_groups_that_share_the_link(bank: Any) -> None:
    # Nothing is written: five machines of 100 MiB are 500 MiB, whoever shares the link.
    assert bank.empty_s(100, 0, 50, machines=5, at_once=2) == pytest.approx(10)
    assert bank.groups(5, 2) == [2, 2, 1]
    assert bank.groups(4, 2) == [2, 2]
