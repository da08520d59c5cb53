"""The README does what it says: its commands are run, its example is a doctest, its links lead somewhere."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "lessons/README.md", "exercises/README.md")


def shell_lines(root: Path) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", (root / "README.md").read_text("utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_the_readme_names_two_commands_that_do_all_the_setting_up(root: Path) -> None:
    course, tests = shell_lines(root)
    assert course.endswith("virtlearn lab")
    assert tests in (root / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("page", ["README.md", "exercises/README.md"])
def test_the_examples_in_a_page_are_true(root: Path, page: str) -> None:
    done = doctest.testfile(str(root / page), module_relative=False)
    assert done.attempted > 3
    assert done.failed == 0


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_leads_to_one(page: str, root: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (root / page).read_text("utf-8"))
    assert [link for link in links if not (root / page).parent.joinpath(link).exists()] == []


def test_the_course_map_lists_every_lesson_and_every_exercise(root: Path) -> None:
    text = (root / "README.md").read_text("utf-8")
    listed = re.findall(r"\((lessons/\d\d[^)]+\.ipynb|exercises/release/[^)]+\.ipynb)\)", text)
    lessons = [f"lessons/{book.name}" for book in (root / "lessons").glob("[0-9][0-9]-*.ipynb")]
    released = (root / "exercises" / "release").glob("[0-9][0-9]-*/*.ipynb")
    assert sorted(listed) == sorted(
        lessons + [book.relative_to(root).as_posix() for book in released]
    )


def test_every_command_of_virtlearn_that_a_page_names_exists(root: Path) -> None:
    known = subprocess.check_output(
        [sys.executable, "-m", "virtlearn.cli", "--help"], text=True, cwd=root
    )
    for page in PAGES:
        for command in re.findall(r"`virtlearn ([a-z-]+)", (root / page).read_text("utf-8")):
            assert f"    {command}" in known, f"{page} names `virtlearn {command}`"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course as `virtlearn lab` copies it."""
    from virtlearn.course import copy_course

    home = tmp_path_factory.mktemp("home")
    copy_course(home / "virtlearn-course")
    return home


def named_commands() -> list[str]:
    text = (Path(__file__).resolve().parents[1] / "README.md").read_text("utf-8")
    return [
        c
        for c in dict.fromkeys(re.findall(r"`(virtlearn [^`]+)`", text))
        if not c.startswith("virtlearn lab")
    ]


@pytest.mark.parametrize("command", named_commands())
def test_a_command_that_the_readme_names_works_as_written(
    command: str, course: Path, stranger: dict[str, str]
) -> None:
    words = command.replace("DIR", "pages").split()[1:]
    if words[0] == "site":  # all pictures of the course take minutes
        words += ["--pictures", "16"]
    env = stranger | {
        "VIRTLEARN_PROGRESS": str(course / "progress.json"),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-m", "virtlearn.cli", *words],
        cwd=course,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout) > 20


def test_other_commands_in_the_readme_are_run_by_tests_of_their_own(root: Path) -> None:
    text = (root / "README.md").read_text("utf-8")
    others = set(re.findall(r"`((?:python3?|pip) [^`]+)`", text))
    assert others == {
        'pip install ".[instructor]"',
        'pip install ".[site]"',
        "python3 tests/benchmarks/run.py",
        "python exercises/grade.py inventory",
    }
    # The extras are installed by the test command itself.
    extras = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]
    assert {"instructor", "site"} <= set(extras)
    assert "virtlearn[instructor,site]" in extras["test"]
    assert (root / "tests" / "benchmarks" / "run.py").is_file()


def copy_of_the_checkout(root: Path, home: Path) -> Path:
    """What a clone would hold, with what is not committed yet."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listed, cwd=root, text=True).splitlines():
        if (root / name).is_file():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, home / name)
    return home


@pytest.mark.slow
def test_the_first_command_opens_the_course_from_a_bare_clone(
    root: Path, tmp_path: Path, stranger: dict[str, str], free_port: int, ask: Callable[..., Any]
) -> None:
    home = copy_of_the_checkout(root, tmp_path / "clone")
    command = f"{shell_lines(root)[0]} --no-browser --port={free_port} --IdentityProvider.token="
    with (tmp_path / "log").open("wb") as log:
        shell = subprocess.Popen(
            ["bash", "-c", command],
            cwd=home,
            env=stranger,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            listing = ask(f"http://127.0.0.1:{free_port}/api/contents/", shell, tmp_path / "log")
        finally:
            os.killpg(shell.pid, signal.SIGTERM)
            shell.wait(60)
    assert {entry["name"] for entry in listing["content"]} >= {"lessons", "exercises"}
    assert (home / "virtlearn-course" / "lessons").is_dir()
