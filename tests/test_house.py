"""Bounds that protect a reader. What ruff can check is in pyproject.toml; this is the rest (tests/house.py measures)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from statistics import mean, quantiles
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def _measure() -> Any:
    """Load the script beside this file, whichever way the tests are imported."""
    spec = importlib.util.spec_from_file_location("house", Path(__file__).with_name("house.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["house"] = module
    spec.loader.exec_module(module)
    return module


house = _measure()
MODULES = [house.read(file, ROOT) for file in sorted((ROOT / "virtlearn").rglob("*.py"))]
NAMES = [module.name for module in MODULES]
ROOMS = ("catalog", "charts", "core", "explore", "machine", "model", "study")
# Tables of data keep the shape of a table (`# fmt: skip`).
TABLES = {"virtlearn/core/_linux.py", "virtlearn/charts/_style.py"}


def of(room: str) -> list[Any]:
    return [module for module in MODULES if module.name.startswith(f"virtlearn/{room}/")]


@pytest.mark.parametrize("module", MODULES, ids=NAMES)
def test_a_module_is_read_in_one_sitting(module: Any) -> None:
    assert module.lines <= 400


@pytest.mark.parametrize("module", MODULES, ids=NAMES)
def test_a_line_says_one_thing(module: Any) -> None:
    if module.name not in TABLES:
        assert {line: n for line, n in module.tokens.items() if n > 30} == {}
        assert module.long_lines == ()


@pytest.mark.parametrize("module", MODULES, ids=NAMES)
def test_a_function_fits_on_a_screen(module: Any) -> None:
    assert [one.name for one in module.functions if one.lines > 40] == []


@pytest.mark.parametrize("room", ROOMS)
def test_lines_of_a_room_are_short_on_average(room: str) -> None:
    # numpy and plotly's nested attributes say much in a line, so two rooms may have one token more.
    tokens = mean(n for module in of(room) for n in module.tokens.values())
    assert round(tokens) <= (10 if room in ("core", "charts") else 9)
    bodies = [one.lines for module in of(room) for one in module.functions]
    # A chart's body lists what it draws, an argument a line.
    assert quantiles(bodies, n=10)[-1] <= (26 if room == "charts" else 20)


@pytest.mark.parametrize("room", ["core", "model"])
def test_comments_say_why_where_it_is_not_plain(room: str) -> None:
    code = sum(len(module.tokens) for module in of(room))
    assert sum(module.comments for module in of(room)) >= 0.04 * code


def test_core_and_model_are_an_evening() -> None:
    assert sum(len(module.tokens) for module in [*of("core"), *of("model")]) <= 5900


def test_no_room_leads_back_to_itself() -> None:
    graph = house.imports(ROOT / "virtlearn")
    assert house.circles(graph) == []


def test_a_line_is_measured_without_its_words(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text('"""Say."""\n\n# why\nx = f(1)\n\n\ndef g():\n    """Say."""\n    return x\n')
    found = house.read(file, tmp_path)
    assert found.tokens == {4: 6, 7: 5, 9: 2}
    assert found.comments == 1
    assert [one.lines for one in found.functions] == [1]
