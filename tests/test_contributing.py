"""What CONTRIBUTING shows is performed on a copy of the repository: one edit, and the named tests pass."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
# What people add, and how many files of the library they edit for it at most.
MOST_FILES = {
    "platform": 1,
    "published number": 1,
    "placement policy": 1,
    "law": 1,
    "question of the tree": 2,
    "number that layers bring": 4,
    "resource": 1,
    "chart with its explorer": 3,
    "lesson": 0,
    "exercise": 0,
}


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Path:
    """A copy of what is committed or about to be."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    for name in filter(lambda name: (root / name).is_file(), done.stdout.splitlines()):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, tmp_path / name)
    return tmp_path


def example(root: Path, kind: str) -> tuple[str, list[tuple[str, str]]]:
    """Give the text of one example, and its blocks with their languages."""
    text = (root / "CONTRIBUTING.md").read_text("utf-8")
    part = re.search(rf"^### An? {kind}\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL)
    assert part, kind
    return part[1], re.findall(r"```(\w+)\n(.*?)```", part[1], re.DOTALL)


def perform(copy: Path, text: str, blocks: list[tuple[str, str]]) -> None:
    """Make the edits that the example shows, where it says they belong."""
    edits = [code for language, code in blocks if language != "sh"]
    flat = " ".join(text.split())
    for name in re.findall(r"[Aa]t the end of `([^`]+)`", flat):
        file = copy / name
        file.write_text(file.read_text("utf-8") + "\n\n" + edits.pop(0), "utf-8")
    above = re.search(r"[Ii]n `([^`]+)`, above the table `(\w+)`", flat)
    if above:
        _insert(copy / above[1], above[2], before=edits.pop(0), inside=edits.pop(0))
    inside = re.search(r"in `([^`]+)`, in the table `(\w+)`", flat)
    if inside:
        _insert(copy / inside[1], inside[2], inside=edits.pop(0))
    assert edits == [], "an edit that says nowhere where it belongs"


def _insert(file: Path, table: str, *, inside: str, before: str = "") -> None:
    """Put some lines above a table of a module, and some at its end."""
    parts = re.split(rf"(?m)(^{table}\b.*?^[}})])", file.read_text("utf-8"), flags=re.DOTALL)
    start, entries, rest = parts
    above = f"{before}\n\n" if before else ""
    file.write_text(f"{start}{above}{entries[:-1]}{inside}{entries[-1]}{rest}", "utf-8")


def edited(copy: Path, root: Path) -> set[str]:
    """The files of the library that are no longer as they were."""
    library = [file for file in (copy / "virtlearn").rglob("*") if file.is_file()]
    names = {
        file.relative_to(copy).as_posix() for file in library if "__pycache__" not in file.parts
    }
    return {
        name
        for name in names
        if not (root / name).exists() or (root / name).read_bytes() != (copy / name).read_bytes()
    }


@pytest.mark.parametrize("kind", MOST_FILES)
def test_what_people_add_is_an_edit_in_one_place(root: Path, copy: Path, kind: str) -> None:
    text, blocks = example(root, kind)
    perform(copy, text, blocks)
    shell = next(code for language, code in blocks if language == "sh")
    # The environment is there already: what `tests/run.py` would install is left out.
    shell = shell.replace("python3 ", f"{sys.executable} ")
    shell = shell.replace(" tests/run.py", " -m pytest -q -p no:cacheprovider")
    env = os.environ | {"PYTHONPATH": str(copy), "VIRTLEARN_NO_SKIPS": ""}
    done = subprocess.run(
        ["bash", "-euc", shell], cwd=copy, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > 5
    assert len(edited(copy, root)) <= MOST_FILES[kind]


def test_the_example_of_a_platform_is_then_in_every_menu(root: Path, copy: Path) -> None:
    perform(copy, *example(root, "platform"))
    code = (
        "import virtlearn as vl; e = vl.explore.choice(); print(*[row[1] for row in e.table()]);"
        "print(*vl.explore.start_phases().controls['second'].options)"
    )
    env = os.environ | {"PYTHONPATH": str(copy)}
    said = subprocess.check_output([sys.executable, "-c", code], cwd=copy, env=env, text=True)
    assert "containers on a trimmed system" in said
    assert "containers-on-a-trimmed-system" in said
