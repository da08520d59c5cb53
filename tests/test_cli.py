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
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of two files, and where it is to be copied to."""
    for part, name in (("lessons", "02-cost.ipynb"), ("exercises", "02-cost/02-cost.ipynb")):
        file = tmp_path / "material" / part / name
        file.parent.mkdir(parents=True)
        file.write_text(f"{name}, as published", "utf-8")
    (tmp_path / "material" / "lessons" / ".hidden").write_text("not ours", "utf-8")
    places = {part: tmp_path / "material" / part for part in ("lessons", "exercises")}
    monkeypatch.setattr(cli, "material", lambda: places)
    return tmp_path / "mine"


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


def publish(course: Path, text: str) -> None:
    (course.parent / "material" / "lessons" / "02-cost.ipynb").write_text(text, "utf-8")


def lesson(course: Path) -> Path:
    return course / "lessons" / "02-cost.ipynb"


def test_the_first_copy_holds_lessons_and_exercises_and_nothing_hidden(course: Path) -> None:
    done = cli.copy_course(course)
    assert done["new"] == ["lessons/02-cost.ipynb", "exercises/02-cost/02-cost.ipynb"]
    assert lesson(course).read_text("utf-8") == "02-cost.ipynb, as published"
    assert not (course / "lessons" / ".hidden").exists()


def test_copying_again_changes_nothing(course: Path) -> None:
    cli.copy_course(course)
    assert not any(cli.copy_course(course).values())


def test_a_file_nobody_changed_is_renewed(course: Path) -> None:
    cli.copy_course(course)
    publish(course, "second edition")
    assert cli.copy_course(course)["renewed"] == ["lessons/02-cost.ipynb"]
    assert lesson(course).read_text("utf-8") == "second edition"


def test_a_file_the_learner_changed_is_kept(course: Path) -> None:
    cli.copy_course(course)
    lesson(course).write_text("my notes", "utf-8")
    publish(course, "second edition")
    assert cli.copy_course(course)["kept"] == ["lessons/02-cost.ipynb"]
    assert lesson(course).read_text("utf-8") == "my notes"


def test_a_file_that_was_there_before_us_is_kept(course: Path) -> None:
    lesson(course).parent.mkdir(parents=True)
    lesson(course).write_text("somebody else's", "utf-8")
    cli.copy_course(course)
    assert lesson(course).read_text("utf-8") == "somebody else's"


def test_update_puts_the_learners_version_aside_and_never_over_another(course: Path) -> None:
    cli.copy_course(course)
    for number in (1, 2):
        lesson(course).write_text(f"my notes {number}", "utf-8")
        assert cli.copy_course(course, update=True)["aside"] == [
            f"lessons/02-cost.mine-{number}.ipynb"
        ]
    kept = [lesson(course).with_name(f"02-cost.mine-{number}.ipynb") for number in (1, 2)]
    assert [file.read_text("utf-8") for file in kept] == ["my notes 1", "my notes 2"]
    assert lesson(course).read_text("utf-8") == "02-cost.ipynb, as published"


def test_a_damaged_record_costs_nobody_their_work(course: Path) -> None:
    cli.copy_course(course)
    (course / cli.RECORD).write_text("{ half a", "utf-8")
    lesson(course).write_text("my notes", "utf-8")
    assert cli.copy_course(course)["kept"] == ["lessons/02-cost.ipynb"]


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


def test_doctor_finds_this_machine_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "JupyterLab can draw what ipywidgets makes" in said
    assert "The course will work here." in said


def test_doctor_names_what_is_missing(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "PACKAGES", ("numpy", "no-such-package"))
    assert cli.main(["doctor"]) == 1
    assert (
        f"  no  no-such-package is missing. Try: {sys.executable} -m pip install"
        in capsys.readouterr().out
    )


def test_doctor_notices_a_front_end_that_is_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "FRONT_ENDS", {"no-such-extension": "ipywidgets"})
    assert cli.main(["doctor"]) == 1
    assert "JupyterLab cannot draw what ipywidgets makes" in capsys.readouterr().out


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


def test_a_file_that_already_was_ours_is_renewed_like_one_we_copied(course: Path) -> None:
    lesson(course).parent.mkdir(parents=True)
    lesson(course).write_text("02-cost.ipynb, as published", "utf-8")
    cli.copy_course(course)
    publish(course, "second edition")
    assert cli.copy_course(course)["renewed"] == ["lessons/02-cost.ipynb"]


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
    command = f"{sys.executable} -m virtlearn.cli sources MEM-10 MEM-08 MEM-12 | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "MEM-10\n"
