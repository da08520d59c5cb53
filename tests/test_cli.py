"""The command line, from inside one process: what it copies, keeps, refuses and prints."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import virtlearn as vl
from virtlearn import cli


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would have been executed, instead of executing it."""
    commands: list[list[str]] = []
    monkeypatch.setattr(cli.os, "execv", lambda program, command: commands.append(command))
    monkeypatch.setattr(cli.subprocess, "call", lambda command: 0)
    for name in (
        "JUPYTER_CONFIG_PATH",
        "VIRTLEARN_PROGRESS",
    ):  # `lab` sets them; put them back afterwards
        monkeypatch.setenv(name, os.environ.get(name, ""))
        monkeypatch.delenv(name)
    return commands


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What a refusal prints: two to four lines, exit code 2, nothing on stdout."""
    assert cli.main(argv) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert 2 <= len(said.err.splitlines()) <= 4
    return said.err


def test_a_file_in_the_place_of_dir_is_refused(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course.write_text("a file", "utf-8")
    assert refused(capsys, "lab", str(course)) == (
        f"virtlearn: DIR is '{course}', and that is a file.\nName a folder of your own: virtlearn lab ~/my-course\n"
    )


def test_a_folder_that_cannot_be_written_is_refused(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*_: Any, **__: Any) -> None:  # root may write anywhere, so the refusal is played
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", read_only)
    assert refused(capsys, "lab", str(course)) == (
        f"virtlearn: DIR is '{course}', and it cannot be used: Permission denied.\n"
        "Name a folder of your own: virtlearn lab ~/my-course\n"
    )


def test_the_folder_the_course_lives_in_is_refused(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in (course.parent / "material", course.parent / "material" / "lessons" / "mine"):
        assert "where the course itself lives" in refused(capsys, "lab", str(place))


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_in_use_is_refused_with_a_free_one(
    course: Path, taken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(capsys, "lab", str(course), "--port", str(taken))
    assert said.startswith(
        f"virtlearn: --port is {taken}, but that port is in use, or not yours.\nTry: "
    )
    assert not course.exists()


@pytest.mark.parametrize("port", ["0", "-1", "65536"])
def test_a_port_that_cannot_be_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert f"--port is {port}, but ports go from 1 to 65535." in refused(
        capsys, "lab", f"--port={port}"
    )


def test_without_jupyterlab_lab_says_what_to_install(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None)
    assert refused(capsys, "lab", str(course)) == (
        f"virtlearn: JupyterLab is not installed.\nTry: {sys.executable} -m pip install jupyterlab\n"
    )


def test_lab_becomes_jupyterlab_in_the_folder_and_passes_options_on(
    course: Path, started: list[list[str]]
) -> None:
    assert cli.main(["lab", str(course), "--no-browser", "--ServerApp.ip=127.0.0.1"]) == 0
    (command,) = started
    assert command[:4] == [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={course}"]
    assert {"--no-browser", "--ServerApp.ip=127.0.0.1"} <= set(command)
    assert "--LabApp.default_url=/lab/tree/lessons/02-cost.ipynb" in command


def test_root_is_allowed_and_others_need_not_be(
    course: Path, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in (0, 1000):
        monkeypatch.setattr(cli.os, "geteuid", lambda user=user: user, raising=False)
        cli.main(["lab", str(course)])
    assert ["--allow-root" in command for command in started] == [True, False]


def test_teachers_tools_stay_away_from_learners_who_have_them_installed(
    course: Path, started: list[list[str]]
) -> None:
    cli.main(["lab", str(course)])
    file = Path(os.environ["JUPYTER_CONFIG_PATH"]) / "labconfig" / "page_config.json"
    assert json.loads(file.read_text("utf-8"))["disabledExtensions"] == {"@jupyter/nbgrader": True}


def test_the_news_question_is_off_without_touching_the_learners_settings(
    course: Path, started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/of/the/learner")
    cli.main(["lab", str(course)])
    theirs, ours = os.environ["JUPYTER_CONFIG_PATH"].split(os.pathsep)
    assert theirs == "/of/the/learner"
    file = Path(ours) / "labconfig" / "default_setting_overrides.json"
    assert (
        json.loads(file.read_text("utf-8"))["@jupyterlab/apputils-extension:notification"][
            "fetchNews"
        ]
        == "false"
    )


def test_progress_is_kept_in_the_learners_folder(course: Path, started: list[list[str]]) -> None:
    cli.main(["lab", str(course)])
    assert os.environ["VIRTLEARN_PROGRESS"] == str(course / "virtlearn-progress.json")


def test_an_option_that_no_command_knows_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(["doctor", "--fast"])
    assert end.value.code == 2
    assert "'doctor' does not know --fast. Try: virtlearn doctor --help" in capsys.readouterr().err


def test_version_and_help_answer(capsys: pytest.CaptureFixture[str]) -> None:
    for option, expected in (("--version", "virtlearn 0."), ("--help", "doctor")):
        with pytest.raises(SystemExit) as end:
            cli.main([option])
        assert end.value.code == 0
        assert expected in capsys.readouterr().out


def test_platforms_lists_names_and_shows_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["platforms"]) == 0
    assert "containers-in-vms" in capsys.readouterr().out
    assert cli.main(["platforms", "containers"]) == 0
    assert "MiB" in capsys.readouterr().out


def test_an_unknown_platform_is_refused_with_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["platforms", "container"]) == 2
    assert "Did you mean containers" in capsys.readouterr().err


def test_sources_prints_the_rows_a_lesson_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "02.ipynb"
    book.write_text("... as MEM-10 says ...", "utf-8")
    assert cli.main(["sources", str(book)]) == 0
    assert "MEM-10" in capsys.readouterr().out


def test_a_notebook_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "sources", "nowhere.ipynb") == (
        "virtlearn: NOTEBOOK is 'nowhere.ipynb', and there is no such file.\nTry: virtlearn sources MEM-10\n"
    )


def test_check_says_which_questions_are_open(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lessons").mkdir()
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(tmp_path / "progress.json"))
    assert cli.main(["check", str(tmp_path)]) == 0
    before = capsys.readouterr().out
    vl.study.record.note("02.1", status="right")
    assert cli.main(["check", str(tmp_path)]) == 0
    assert "open are 02.1, " in before
    assert "open are 02.1, " not in capsys.readouterr().out


def test_check_where_no_course_was_copied_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(capsys, "check", str(tmp_path)) == (
        f"virtlearn: DIR is '{tmp_path}', and the course was not copied there.\nTry: virtlearn lab {tmp_path}\n"
    )


def test_a_reader_who_has_read_enough_gets_no_traceback() -> None:
    done = shell("virtlearn sources MEM-10 MEM-08 MEM-12 | head -1; exit ${PIPESTATUS[0]}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "MEM-10\n"


def shell(line: str, **env: str) -> subprocess.CompletedProcess[str]:
    """What a shell does with a line in which `virtlearn` is this checkout's command."""
    ours = f'virtlearn() {{ {sys.executable} -m virtlearn.cli "$@"; }}\n'
    return subprocess.run(
        ["bash", "-c", ours + line],
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", ["platforms", "doctor", "sources MEM-10"])
def test_a_caller_who_closed_stdout_gets_no_traceback(command: str) -> None:
    done = shell(f"virtlearn {command} >&-")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_behind_stdout_is_told_in_two_lines() -> None:
    done = shell("virtlearn platforms >/dev/full")
    assert done.returncode == 2
    assert done.stderr == (
        "virtlearn: the system refused. No space left on device.\n"
        "Try: virtlearn doctor, which says what works here\n"
    )


@pytest.mark.parametrize("alphabet", ["cp1252", "ascii", "latin-1"])
@pytest.mark.parametrize("command", ["sources", "doctor", "platforms microvms"])
def test_a_console_with_few_letters_shows_question_marks(command: str, alphabet: str) -> None:
    done = shell(f"virtlearn {command}", PYTHONIOENCODING=alphabet, PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_plainest_locale_will_do() -> None:
    plain = {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = shell("virtlearn check 'übungen'", **plain)
    assert done.returncode == 2
    assert "and the course was not copied there" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["lab", "check", "site pages", "lab ''", "sources a.ipynb"])
def test_a_current_folder_that_was_deleted_is_told_in_a_few_lines(
    command: str, tmp_path: Path
) -> None:
    done = shell(f"cd '{tmp_path}'; mkdir gone; cd gone; rmdir ../gone; virtlearn {command}")
    assert done.returncode == 2
    assert done.stdout == ""
    assert 2 <= len(done.stderr.splitlines()) <= 4, done.stderr


def test_without_a_home_everything_that_needs_none_works(tmp_path: Path) -> None:
    done = shell(f"cd '{tmp_path}'; unset HOME; virtlearn platforms && virtlearn doctor")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_no_notebook_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "picture.ipynb"
    picture.write_bytes(bytes(range(256)))
    assert "and it holds no text" in refused(capsys, "sources", str(picture))
    assert "there is no such file" in refused(capsys, "sources", f"{tmp_path}/.ipynb")


@pytest.mark.parametrize("command", ["lab", "site"])
def test_no_name_is_no_folder(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "DIR is '', which names no folder." in refused(capsys, command, "")


def test_pages_without_a_picture_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for few in ("0", "-1"):
        said = refused(capsys, "site", str(tmp_path / "pages"), "--pictures", few)
        assert f"pictures is {few}" in said
    assert not (tmp_path / "pages").exists()


def test_what_the_system_refuses_is_told_with_the_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied", "progress.json")

    monkeypatch.setattr(cli, "check", refuse)
    assert refused(capsys, "check") == (
        "virtlearn: the system refused. Permission denied: progress.json.\n"
        "Try: virtlearn doctor, which says what works here\n"
    )


def test_ctrl_c_ends_without_a_traceback(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "copy_course", interrupt)
    assert cli.main(["lab", str(course)]) == 130
    assert capsys.readouterr().err == ""


def test_lab_says_what_was_kept_put_aside_and_taken_away(
    course: Path, started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    old = course.parent / "material" / "lessons" / "03-old.ipynb"
    old.write_text("{}", "utf-8")
    cli.main(["lab", str(course)])
    old.unlink()
    mine = course / "lessons" / "02-cost.ipynb"
    mine.write_text('{"cells": ["my notes"]}', "utf-8")
    capsys.readouterr()
    cli.main(["lab", str(course)])
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "  kept as you changed it: lessons/02-cost.ipynb (--update puts ours there and keeps yours beside it)",
        "  no longer part of the course: lessons/03-old.ipynb",
    ]
    cli.main(["lab", str(course), "--update"])
    said = capsys.readouterr().out
    assert "  yours is kept as: lessons/02-cost.mine-1.ipynb" in said


@pytest.mark.slow
def test_a_port_taken_after_we_looked_is_refused_in_words(
    course: Path, taken: int, tmp_path: Path
) -> None:
    code = (
        "import sys; from virtlearn import cli; cli._is_free = lambda port: True;"
        f"cli.main(['lab', sys.argv[1], '--no-browser', '--port={taken}'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "mine")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert f"because port {taken} is not available" in done.stderr
