"""Installed as a stranger would: a clean environment made the way Binder makes it, and no checkout in sight."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

KEEP_OUT = shutil.ignore_patterns(
    ".git", ".venv", "*cache*", "submitted", "autograded", "feedback", "*.db"
)


def run(*command: str | Path, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.fixture(scope="module")
def installed(
    root: Path, stranger: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The commands of a new environment in which `.binder/`'s two steps were done as Binder does them."""
    home = tmp_path_factory.mktemp("stranger")
    shutil.copytree(root, home / "repository", ignore=KEEP_OUT)
    venv.EnvBuilder(with_pip=True).create(home / "env")
    commands = home / "env" / "bin"
    clean = stranger | {"PATH": f"{commands}{os.pathsep}{stranger['PATH']}"}
    for step in (
        (commands / "python", "-m", "pip", "install", "-q", "-r", ".binder/requirements.txt"),
        ("./.binder/postBuild",),
    ):
        done = run(*step, cwd=home / "repository", env=clean)
        assert done.returncode == 0, f"{step}:\n{done.stdout}\n{done.stderr}"
    shutil.rmtree(home / "repository")
    return commands


@pytest.fixture
def env(installed: Path, stranger: dict[str, str]) -> dict[str, str]:
    """A stranger's variables, with the new commands first on the path."""
    return stranger | {"PATH": f"{installed}{os.pathsep}{stranger['PATH']}"}


def test_doctor_finds_a_fresh_install_fit(
    installed: Path, tmp_path: Path, env: dict[str, str]
) -> None:
    done = run(installed / "virtlearn", "doctor", cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The course will work here." in done.stdout


def test_every_command_answers_without_a_traceback(
    installed: Path, tmp_path: Path, env: dict[str, str]
) -> None:
    for words in (
        ["--version"],
        ["--help"],
        ["platforms"],
        ["platforms", "containers"],
        ["sources"],
    ):
        done = run(installed / "virtlearn", *words, cwd=tmp_path, env=env)
        assert (done.returncode, done.stderr) == (0, ""), words


def test_binder_asks_nothing_about_news(installed: Path) -> None:
    file = installed.parent / "etc" / "jupyter" / "labconfig" / "default_setting_overrides.json"
    assert (
        json.loads(file.read_text("utf-8"))["@jupyterlab/apputils-extension:notification"][
            "fetchNews"
        ]
        == "false"
    )


def test_lab_serves_the_course_from_the_learners_folder_and_stops_with_one_signal(
    installed: Path, tmp_path: Path, env: dict[str, str], free_port: int, ask: Callable[..., Any]
) -> None:
    here = f"http://127.0.0.1:{free_port}"
    command = [installed / "virtlearn", "lab", "mine", "--no-browser", f"--port={free_port}"]
    log = (tmp_path / "log").open("wb")
    env |= {
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
    }
    lab = subprocess.Popen(
        [*command, "--IdentityProvider.token="],
        cwd=tmp_path,
        env=env,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        listing = ask(f"{here}/api/contents/", lab, tmp_path / "log")
        news = ask(
            f"{here}/lab/api/settings/@jupyterlab/apputils-extension:notification",
            lab,
            tmp_path / "log",
        )
        with urllib.request.urlopen(f"{here}/lab", timeout=60) as answer:
            page = answer.read().decode()
    finally:
        lab.send_signal(signal.SIGTERM)
        lab.wait(30)
        log.close()
    shown = {entry["name"] for entry in listing["content"]}
    assert shown == {"lessons", "exercises"}
    settings = re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert settings
    assert "@jupyter/nbgrader" in json.loads(settings[1])["disabledExtensions"]
    assert news["schema"]["properties"]["fetchNews"]["default"] == "false"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", free_port), timeout=2)


def test_the_course_that_was_copied_is_the_one_in_the_checkout(
    installed: Path, root: Path, tmp_path: Path, env: dict[str, str]
) -> None:
    code = "from pathlib import Path; from virtlearn.course import copy_course; copy_course(Path('mine'))"
    done = run(installed / "python", "-c", code, cwd=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    for part, source in (
        ("lessons", root / "lessons"),
        ("exercises", root / "exercises" / "release"),
    ):
        for book in source.rglob("[0-9]*.ipynb"):
            copy = tmp_path / "mine" / part / book.relative_to(source)
            assert copy.read_bytes() == book.read_bytes(), book
