"""What stands around the code: workflows, forms, hooks and scripts name only what is there, and can be read."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text("utf-8"))


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    for job in read(workflow)["jobs"].values():
        yield from job["steps"]


def commands(workflow: Path) -> list[str]:
    return [step["run"] for step in steps(workflow) if "run" in step]


def named(page: Path) -> list[str]:
    """The commands in a page of prose: what stands in code, in line or in a block."""
    return re.findall(r"`([^`]+)`", page.read_text("utf-8"))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.stem)
def test_a_workflow_says_when_where_and_how_long(workflow: Path) -> None:
    found = read(workflow)
    assert found[True]  # YAML 1.1 reads the word `on` as true
    assert found["permissions"]
    for job in found["jobs"].values():
        assert job["runs-on"]
        assert job["timeout-minutes"] <= 60
    for step in steps(workflow):
        assert ("run" in step) != ("uses" in step)
        # An action without a version is another program every day.
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "a/b@v1"))


@pytest.mark.parametrize(
    "page", [*WORKFLOWS, ROOT / ".github" / "RELEASE.md"], ids=lambda file: file.stem
)
def test_every_script_and_command_that_is_named_exists(page: Path) -> None:
    lines = commands(page) if page.suffix == ".yml" else named(page)
    known = subprocess.check_output(
        [sys.executable, "-m", "virtlearn.cli", "--help"], text=True, cwd=ROOT
    )
    for line in lines:
        for script in re.findall(r"(?:^|\s)((?:\.ci|tests)/[\w.-]+)", line):
            assert (ROOT / script).is_file(), line
            assert script.endswith(".py") or os.access(ROOT / script, os.X_OK), line
        for command in re.findall(r"\bvirtlearn ([a-z-]+)\b", line):
            assert f"    {command}" in known or command.startswith("0"), line


def test_the_fast_tests_run_on_every_system_and_every_python() -> None:
    (file,) = [file for file in WORKFLOWS if file.stem == "tests"]
    jobs = read(file)["jobs"]
    assert ".ci/run" in [step.get("run") for step in jobs["everything"]["steps"]]
    matrix = jobs["fast"]["strategy"]["matrix"]
    assert {name.split("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}
    least = re.search(
        r'requires-python = ">=3\.(\d+)"', (ROOT / "pyproject.toml").read_text("utf-8")
    )
    assert least
    assert matrix["python"] == [f"3.{minor}" for minor in range(int(least[1]), 15)]


@pytest.mark.parametrize("form", FORMS, ids=lambda file: file.stem)
def test_an_issue_form_asks_for_what_can_be_answered(form: Path) -> None:
    found = read(form)
    assert found["name"]
    assert found["description"]
    ids = [part["id"] for part in found["body"]]
    assert len(ids) == len(set(ids))
    for part in found["body"]:
        assert part["type"] in {"input", "textarea", "dropdown", "checkboxes"}
        assert part["attributes"]["label"]
        assert (part["type"] == "dropdown") == ("options" in part["attributes"])
    assert any(part.get("validations", {}).get("required") for part in found["body"])


def test_a_wrong_number_is_reported_with_its_row_its_source_and_its_value() -> None:
    asked = {part["id"] for part in read(ROOT / ".github/ISSUE_TEMPLATE/wrong-number.yml")["body"]}
    assert asked == {"row", "source", "value"}


def tools_of_the_tests() -> set[str]:
    spec = importlib.util.spec_from_file_location("package", ROOT / "tests" / "test_package.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # import-linter has no `python -m`; the tests call what its command calls.
    return {
        "lint-imports --no-cache" if words[0] == "-c" else " ".join(["python", *words])
        for words in module.TOOLS.values()
    }


def test_the_hooks_before_a_commit_are_the_tools_of_the_tests() -> None:
    (repository,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"  # nothing is fetched, and no second version is named
    assert {hook["entry"] for hook in repository["hooks"]} == tools_of_the_tests()
    for hook in repository["hooks"]:
        assert (hook["language"], hook["pass_filenames"]) == ("system", False)


@pytest.mark.parametrize("script", ["run", "other-python", "other-versions"])
def test_a_script_of_the_shell_can_be_read(script: str) -> None:
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / script], check=False).returncode == 0


def test_where_no_other_python_can_be_had_the_missing_part_is_named(tmp_path: Path) -> None:
    for tool in ("bash", "id", "dirname", "git"):
        there = shutil.which(tool)
        assert there
        (tmp_path / tool).symlink_to(there)
    done = subprocess.run(
        ["bash", ROOT / ".ci" / "other-python", "trixie", "3.13"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    begins = "SKIPPED: the tests with Python 3.13 in Debian trixie: "
    assert done.stdout in {
        f"{begins}there is no debootstrap here\n",
        f"{begins}only root can make a tree\n",
    }


@pytest.mark.slow
def test_a_release_can_be_rehearsed_and_a_wrong_tag_is_refused() -> None:
    check = [sys.executable, ROOT / ".ci" / "release-check"]
    rehearsal = subprocess.run(check, capture_output=True, text=True, check=False)
    assert rehearsal.returncode == 0, rehearsal.stdout + rehearsal.stderr
    refused = subprocess.run([*check, "--tag", "v9"], capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "  no  the tag is v9, the package " in refused.stdout
    assert refused.stdout.endswith("Not to be released.\n")


def test_the_citation_can_be_read() -> None:
    cited = read(ROOT / "CITATION.cff")
    assert cited["cff-version"] == "1.2.0"
    assert {"title", "authors", "version", "license", "message"} <= set(cited)
