"""What `virtlearn doctor` says about a machine that is fit, and about one that is not."""

from __future__ import annotations

import errno
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from virtlearn import cli


def test_doctor_finds_this_machine_fit(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert "JupyterLab can draw what ipywidgets makes" in said
    assert "The course will work here." in said


def test_doctor_names_what_is_missing(
    course: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("virtlearn.doctor.PACKAGES", ("numpy", "no-such-package"))
    assert cli.main(["doctor"]) == 1
    assert (
        f"  no  no-such-package is missing. Try: {sys.executable} -m pip install"
        in capsys.readouterr().out
    )


def test_doctor_notices_a_front_end_that_is_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("virtlearn.doctor.FRONT_ENDS", {"no-such-extension": "ipywidgets"})
    assert cli.main(["doctor"]) == 1
    assert "JupyterLab cannot draw what ipywidgets makes" in capsys.readouterr().out


def test_doctor_notices_that_the_current_folder_was_deleted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert (
        "  no  the current folder does not exist any more. Go to a folder of your own: cd" in said
    )


def test_doctor_notices_a_full_disk(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    assert cli.main(["doctor"]) == 1
    assert f"no file can be written in {Path.cwd()}: No space left" in capsys.readouterr().out
