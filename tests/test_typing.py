"""What `vl.` offers is known to type checkers, and so to editors."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import virtlearn as vl

API = Path(__file__).parent / "typing" / "api.py"


def refused(root: Path) -> dict[int, set[str]]:
    """Run mypy over the file: which lines it refuses, and with which codes."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(API)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    found: dict[int, set[str]] = {}
    for line, code in re.findall(
        r"api\.py:(\d+): error: .*\[([\w-]+)\]$", done.stdout, re.MULTILINE
    ):
        found.setdefault(int(line), set()).add(code)
    return found


def test_right_calls_pass_and_wrong_ones_are_refused(root: Path) -> None:
    lines = API.read_text("utf-8").splitlines()
    marks = {i: line.split("# wrong: ")[1] for i, line in enumerate(lines, 1) if "# wrong:" in line}
    found = refused(root)
    assert found.keys() == marks.keys()
    for line, code in marks.items():
        assert code in found[line], lines[line - 1]


def test_the_door_names_for_type_checkers_what_it_loads_at_run_time() -> None:
    door = Path(vl.__file__).read_text("utf-8")
    typed = set(re.findall(r"^    from virtlearn\S* import (\w+) as \1$", door, re.MULTILINE))
    assert typed == set(vl.__all__) - {"__version__"}
