"""The instructor's side runs nothing that a submission brought: not from a folder, a path, a package or a template."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from .attacks import FILE, MOST, NAME

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.slow]

# What a submission's folder may be called, so that somebody who stands in it, or above it, imports from it.
PLANTED = (
    "questions/x02.py", "lessons/questions/x02.py", "exam/questions/x02.py", "grading/__init__.py", "virtlearn/__init__.py",
    "nbgrader/__init__.py", "numpy.py", "json.py", "__future__.py", "argparse.py", "nbgrader_config.py", "jupyter_config.py",
    "jupyter_nbconvert_config.py", "usercustomize.py", "bwrap", "python3", "sh",
)  # fmt: skip
TEMPLATES = ("feedback", "lab", "base", "classic")


def plant(place: Path, marker: Path) -> None:
    """Leave programs in a folder that write down that they were run."""
    code = f"open({str(marker)!r}, 'a').write(__file__ + '\\n')\n"
    for name in PLANTED:
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code if path.suffix else f"#!/bin/sh\necho {name} >> {marker}\n", "utf-8")
        path.chmod(0o755)
    for name in TEMPLATES:
        (place / name).mkdir(exist_ok=True)
        open_it = "{{ cycler.__init__.__globals__.os.system('touch MARK') }}".replace(
            "MARK", str(marker)
        )
        (place / name / "index.html.j2").write_text(open_it, "utf-8")
        (place / name / "conf.json").write_text("{}", "utf-8")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, exercises: Path) -> SimpleNamespace:
    """Grade from inside a submission's folder that is full of traps, an honest neighbour beside it."""
    top = tmp_path_factory.mktemp("planted")
    course, inbox, marker = top / "course", top / "inbox", top / "was-run"
    course.mkdir()
    shutil.copytree(exercises / "source", course / "source")
    shutil.copy(exercises / "nbgrader_config.py", course)
    source = exercises / "source" / NAME / FILE
    for who in ("questions", "lessons", "honest"):
        (inbox / who).mkdir(parents=True)
        shutil.copy(source, inbox / who / FILE)
    for place in (inbox, inbox / "questions", inbox / "lessons"):
        plant(place, marker)
    shutil.copy(inbox / "questions" / "x02.py", inbox) if (inbox / "x02.py").exists() else None
    here = inbox / "questions"
    user = here / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    user.mkdir(parents=True)
    (user / "evil.pth").write_text(f"import os; open({str(marker)!r}, 'a').write('pth\\n')\n")
    environment = {
        **os.environ,
        "PYTHONPATH": f"{here}{os.pathsep}",
        "PYTHONSTARTUP": str(here / "json.py"),
        "JUPYTER_PATH": str(here),
        "JUPYTER_CONFIG_PATH": str(here),
        "PATH": f"{here}{os.pathsep}.{os.pathsep}{os.environ['PATH']}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    said = {}
    for isolated, todo in (
        (False, ["grade", "02", str(inbox)]),
        (True, ["regrade", "02"]),
        (False, ["feedback", "02"]),
        (False, ["export"]),
        (False, ["report", "02"]),
    ):
        if isolated:  # then also what Python itself would load as it starts
            environment["PYTHONUSERBASE"] = str(here)
            (here / "sitecustomize.py").write_text(f"open({str(marker)!r}, 'a').write('site\\n')\n")
        command = [sys.executable, *["-I"] * isolated, str(exercises / "grade.py")]
        done = subprocess.run(
            [*command, "--course", str(course), *todo],
            cwd=here, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        said[todo[0]] = done.stdout + done.stderr
        (here / "sitecustomize.py").unlink(missing_ok=True)
    return SimpleNamespace(said=said, marker=marker, course=course)


def test_no_file_of_a_submission_is_run_on_the_instructors_side(planted: Any) -> None:
    assert not planted.marker.exists(), planted.marker.read_text()


@pytest.mark.parametrize("who", ["questions", "lessons", "honest"])
def test_the_points_are_the_honest_ones_beside_the_traps(who: str, planted: Any) -> None:
    for todo in ("grade", "regrade"):
        assert f"{who}: {MOST:g} of 20" in planted.said[todo], planted.said[todo]


def test_the_planted_files_are_not_called_submissions(planted: Any) -> None:
    pages = list((planted.course / "feedback").glob("*/*/*.html"))
    assert {page.parts[-3] for page in pages} == {"questions", "lessons", "honest"}


# --- what is inside

LOOK = """
import os
found = []
for top in sorted(set(os.listdir("/")) - {"proc", "sys", "dev"}):
    for place, folders, files in os.walk("/" + top):
        found += [os.path.join(place, name) for name in files if name in ("x02.py", "q02.py")]
        found += [os.path.join(place, name) for name in folders if name == "nbgrader"]
print(found)
for number in ("1a", "3"):
    for ask in (vl.study.exercise("02", "a").question, vl.study.question, vl.study.solution):
        try:
            print("answered", ask(number))
        except Exception as no:
            pass
"""
INSTALLED = """
import sys
sys.path.insert(0, {exercises!r})
from grading import banks, walls
from grading.sandbox import Sandbox
assert str(walls.PACKAGE).startswith({site!r}), walls.PACKAGE
box = Sandbox("ada", {{"questions/x02.py": "DRAW = {{'a': [1]}}\\nPOINTS = {{}}\\ndef questions(mine):\\n    return []\\n"}})
box.start()
print(box.ask(20, run={look!r})["text"])
box.close()
"""


def test_a_bank_installed_in_site_packages_is_not_inside(tmp_path: Path, exercises: Path) -> None:
    site = tmp_path / "site-packages"
    package = exercises.parent / "virtlearn"
    shutil.copytree(package, site / "virtlearn", ignore=shutil.ignore_patterns("__pycache__"))
    bank = exercises.parent / "lessons" / "questions"
    for place in ("virtlearn/_material/lessons/questions", "lessons/questions", "questions", "x"):
        shutil.copytree(bank, site / place)
    code = INSTALLED.format(exercises=str(exercises), site=str(site), look=LOOK)
    start = f"import sys; sys.path.insert(0, {str(site)!r})\n{textwrap.dedent(code)}"
    done = subprocess.run(
        [sys.executable, "-I", "-c", start], capture_output=True, text=True, check=False, cwd="/"
    )
    words = done.stdout.strip().splitlines()
    own = "['/tmp/submission/questions/x02.py']"
    assert words == [own], done.stdout + done.stderr


def test_an_error_in_a_bank_is_charged_to_nobody(
    tmp_path: Path, exercises: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grading import banks

    text = (exercises.parent / "lessons" / "questions" / "x02.py").read_text("utf-8")
    broken = text.replace(
        "return max(0, int((memory_gib", "return 1 // 0 + max(0, int((memory_gib", 1
    )
    assert broken != text
    (tmp_path / "x02.py").write_text(broken, "utf-8")
    monkeypatch.setattr(banks, "folder", lambda course, assignment: tmp_path)
    with pytest.raises(banks.BadBank, match=r"bank of question 3 of 02.*nobody's points"):
        banks.check(exercises, NAME, "ada")


# --- as an ordinary user

ORDINARY = """
import os, sys
{become}
sys.path[:0] = {path!r}
from grading.sandbox import Sandbox, check
print(check())
box = Sandbox("ada", {{}})
box.start()
print(box.ask(10, run="print(6 * 7)")["text"])
print(box.ask(10, run={look!r})["text"])
box.close()
"""


def test_the_walls_hold_for_an_ordinary_user_too(exercises: Path) -> None:
    """As root this becomes another user first; else every test here is that of an ordinary one."""
    look = "import os\nprint(os.getuid(), os.path.exists('/root/.bashrc'), len(os.listdir('/proc')) < 90)"
    path = [str(exercises), str(exercises.parent), *(p for p in sys.path if "site-packages" in p)]
    become, python = "", sys.executable
    environment = {"HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(program: str, code: str) -> subprocess.CompletedProcess[str]:
        command = [program, "-c", code]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd="/", env=environment
        )

    if os.geteuid() == 0:
        become = "os.setgroups([]); os.setgid(12345); os.setuid(12345)"
        if run(python, f"import os\n{become}\nimport __future__, tempfile, select").returncode:
            python = "/usr/bin/python3"  # ours lies in a home that others may not enter
    done = run(python, ORDINARY.format(path=path, look=look, become=become))
    assert "42" in done.stdout, done.stdout + done.stderr
    assert "by looking at its processes" in done.stdout
    assert re.search(r"\d+ False True", done.stdout), done.stdout
