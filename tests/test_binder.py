"""The Binder folder, checked without Docker: what repo2docker would build from it, and in which order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def buildpack(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What repo2docker takes the folder for; it looks in the current folder."""
    app = pytest.importorskip(
        "repo2docker.app", reason="jupyter-repo2docker is not installed"
    ).Repo2Docker()
    copy = tmp_path_factory.mktemp("repository")
    shutil.copytree(root / ".binder", copy / ".binder")
    shutil.copy(root / "pyproject.toml", copy)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(copy)
        for kind in app.buildpacks:
            pack = kind(base_image=app.base_image)
            pack.platform = app.platform
            if pack.detect():
                yield pack
                return
    pytest.fail("repo2docker recognizes nothing here")


@pytest.fixture(scope="module")
def dockerfile(buildpack: Any) -> str:
    return buildpack.render({"NB_USER": "jovyan", "NB_UID": "1000", "REPO_DIR": "/home/jovyan"})


def test_binder_builds_a_python_that_virtlearn_supports(buildpack: Any, root: Path) -> None:
    assert type(buildpack).__name__ == "PythonBuildPack"
    least = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"][
        "requires-python"
    ]
    numbers = [
        [int(part) for part in re.findall(r"\d+", text)]
        for text in (buildpack.python_version, least)
    ]
    assert numbers[0] >= numbers[1]


def test_a_change_of_ours_does_not_install_the_requirements_anew(dockerfile: str) -> None:
    # Docker keeps what was built before the first line that changed: requirements must come before our files.
    install = dockerfile.index('-r ".binder/requirements.txt"')
    assert install < dockerfile.index("src/ ${REPO_DIR}/")


def test_post_build_runs_and_stops_at_the_first_error(dockerfile: str, root: Path) -> None:
    script = root / ".binder" / "postBuild"
    assert "./.binder/postBuild" in dockerfile
    assert os.access(script, os.X_OK)
    assert script.read_text("utf-8").startswith("#!/bin/bash\n")
    assert "\nset -e\n" in script.read_text("utf-8")
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


def test_binder_installs_what_the_package_needs_and_nothing_else(root: Path) -> None:
    needed = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    lines = (root / ".binder" / "requirements.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == needed
