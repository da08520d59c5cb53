"""The package as a whole: what it exports, what it may import, what it ships, and how large it may grow."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import json
import pkgutil
import re
import shutil
import subprocess
import sys
import tokenize
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import virtlearn as vl

TOOLS = {
    "ruff-check": ["-m", "ruff", "check", "--no-cache", "."],
    "ruff-format": ["-m", "ruff", "format", "--no-cache", "--check", "."],
    "mypy": ["-m", "mypy"],
    "spelling": ["-m", "codespell_lib", "."],
    "imports-point-down": [
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
        "--no-cache",
    ],
}
TOP_LEVEL = {"pyproject.toml", "README.md", "virtlearn", "lessons", "exercises", "tests"}
META = {"LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff"}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tools_have_nothing_to_say(tool: str, root: Path) -> None:
    if tool == "mypy" and np.__version__.startswith("1."):
        pytest.skip("numpy 1.26's own stubs know fewer types; mypy checks with those of numpy 2")
    done = subprocess.run(
        [sys.executable, *TOOLS[tool]], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


# --- what is exported


@pytest.mark.parametrize("name", vl.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(vl, name)
    assert name == "__version__" or (inspect.getdoc(value) or "").strip(), (
        f"vl.{name} has no docstring"
    )


def test_the_table_of_contents_lists_every_public_name() -> None:
    listed = set(re.findall(r"^    (\w+) +\w", vl.__doc__ or "", re.MULTILINE))
    assert listed == set(vl.__all__) - {"__version__"}
    assert set(dir(vl)) == set(vl.__all__)


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(vl.__path__, "virtlearn."):
        yield importlib.import_module(found.name)


def test_everything_a_module_calls_public_is_documented() -> None:
    bare = []
    for module in modules():
        for name in getattr(module, "__all__", []):
            value = getattr(module, name)
            if callable(value) and not (inspect.getdoc(value) or "").strip():
                bare.append(f"{module.__name__}.{name}")
    assert bare == []


def test_a_name_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(AttributeError, match=r"^virtlearn has no 'Hosts'\. Did you mean Host\?$"):
        vl.Hosts  # noqa: B018 - asking is the test


def test_importing_virtlearn_loads_nothing_it_does_not_need_yet() -> None:
    # The whole import is then cheaper than any of these: no clock needed to know it.
    code = "import sys, virtlearn; print(sorted({'numpy', 'plotly', 'ipywidgets', 'anywidget'} & set(sys.modules)))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


# --- how large it is


def sizes(root: Path, below: str = "virtlearn") -> dict[str, int]:
    return {
        f.relative_to(root).as_posix(): len(f.read_text("utf-8").splitlines())
        for f in (root / below).rglob("*.py")
    }


def lines_of_code(file: Path) -> int:
    """Count lines that do something: neither blank, nor comment, nor docstring, nor import."""
    source = file.read_text("utf-8")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    words: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            words.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            words.update(range(node.lineno, (node.end_lineno or 0) + 1))
    silent = {
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    }
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in silent:
            code.update(range(token.start[0], token.end[0] + 1))
    return len(code - words)


def test_lines_of_code_are_counted_without_words_and_blanks(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text(
        '"""What it is."""\n\nimport re\n\n# why\nx = (\n    1,  # one\n)\n\ndef f():\n    """Say."""\n    return "a\\nb"\n'
    )
    assert lines_of_code(file) == 5


# --- what is stored


def notebooks(root: Path) -> list[Path]:
    return [
        book for part in ("lessons", "exercises") for book in sorted((root / part).rglob("*.ipynb"))
    ]


def test_a_saved_notebook_is_small_and_holds_no_widget_state(root: Path) -> None:
    for book in notebooks(root):
        assert book.stat().st_size <= 300 * 1024, book
        assert "widgets" not in json.loads(book.read_text("utf-8"))["metadata"], book


def test_the_top_level_holds_the_few_things_it_should(root: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} == TOP_LEVEL | META


def test_every_place_that_names_the_version_names_the_same(root: Path) -> None:
    cited = re.search(r"^version: (.+)$", (root / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert cited
    assert cited[1].strip('"') == vl.__version__
    assert f"## [{vl.__version__}]" in (root / "CHANGELOG.md").read_text("utf-8")


# --- what is shipped


@pytest.fixture(scope="module")
def shipped(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_every_lesson_and_every_released_exercise(
    shipped: dict[str, bytes], root: Path
) -> None:
    for part, source in (
        ("lessons", root / "lessons"),
        ("exercises", root / "exercises" / "release"),
    ):
        for file in source.rglob("*"):
            inner = file.relative_to(source).as_posix()
            if file.is_file() and not re.search(r"(^|/)(\.|__pycache__)", inner):
                assert shipped[f"virtlearn/_material/{part}/{inner}"] == file.read_bytes(), inner


def test_the_wheel_holds_no_solution_and_nothing_of_a_class(shipped: dict[str, bytes]) -> None:
    for name, content in shipped.items():
        assert not re.search(
            r"\.db$|/source/|/submitted/|/autograded/|/feedback/|gradebook|__pycache__|_checkpoints",
            name,
        ), name
        if name.startswith("virtlearn/_material/"):
            assert not re.search(rb"(BEGIN|END) (SOLUTION|HIDDEN TESTS)", content), name


def test_the_wheel_holds_the_data_types_and_defaults_it_needs(shipped: dict[str, bytes]) -> None:
    needed = {"virtlearn/py.typed", "virtlearn/data/evidence.csv", "virtlearn/data/platforms.toml"}
    needed.add("virtlearn/data/jupyter/labconfig/default_setting_overrides.json")
    assert needed <= set(shipped)


def test_the_source_distribution_builds_the_same_wheel(
    wheel: Path, root: Path, tmp_path: Path
) -> None:
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path), str(root)]
    assert subprocess.run(build, capture_output=True, check=False).returncode == 0
    (again,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        assert {i.filename: i.CRC for i in one.infolist()} == {
            i.filename: i.CRC for i in other.infolist()
        }


def test_nothing_is_fetched_from_elsewhere_when_a_lesson_runs(root: Path) -> None:
    addresses = re.compile(r"https?://(?:cdn|unpkg|cdnjs)[^\s\"']*|jsdelivr", re.IGNORECASE)
    for file in (
        f for f in (root / "virtlearn").rglob("*") if f.suffix in {".py", ".js", ".css", ".toml"}
    ):
        assert not addresses.search(file.read_text("utf-8")), file


def test_badges_and_links_use_the_one_public_address(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    owner = project["urls"]["Repository"].removeprefix("https://github.com/").split("/")[0]
    for file in (
        "README.md",
        "CITATION.cff",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "exercises/README.md",
    ):
        for found in re.findall(
            r"(?:github\.com|v2/gh)/([^/\s)]+)/virtlearn", (root / file).read_text("utf-8")
        ):
            assert found == owner, file
