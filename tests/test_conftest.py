"""The tests' own set-up: stored charts are compared by their numbers, and a skip can be forbidden."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from nbval import kernel
from nbval.plugin import IPyNbCell


def seen(y: list[float], uid: str = "one") -> Any:
    """What nbval compares for a chart with these heights: a text that it can also report."""
    return IPyNbCell.sanitize(None, json.loads(go.Figure(go.Bar(y=y, uid=uid)).to_json()))


def test_a_difference_in_the_last_bit_is_none() -> None:
    assert seen([1.0, 1 / 3]) == seen([1.0, np.nextafter(1 / 3, 1)])


def test_a_difference_a_reader_could_see_is_one() -> None:
    assert seen([1.0, 2.0]) != seen([1.0, 2.02])


def test_a_random_id_is_no_difference() -> None:
    assert seen([1.0], uid="one") == seen([1.0], uid="two")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no sockets in files")
def test_kernels_of_two_lessons_have_no_port_to_fight_over() -> None:
    one, other = (kernel.KernelManager(kernel_name="python3") for _ in range(2))
    assert one.transport == other.transport == "ipc"
    assert one.ip != other.ip


def test_a_port_for_later_is_free_and_below_those_that_systems_give_away(free_port: int) -> None:
    with socket.create_server(("127.0.0.1", free_port)):
        assert free_port < 16_000


def test_numbers_packed_in_base64_are_compared_as_numbers() -> None:
    packed = {
        "data": [{"y": {"dtype": "f8", "bdata": "VVVVVVVV1T8=", "shape": "1"}}],
        "layout": {},
    }  # 1/3
    other = {
        "data": [{"y": {"dtype": "f8", "bdata": "VlVVVVVV1T8=", "shape": "1"}}],
        "layout": {},
    }  # its neighbour
    assert IPyNbCell.sanitize(None, packed) == IPyNbCell.sanitize(None, other)
    assert "0.333333" in IPyNbCell.sanitize(None, packed)


SKIPPING = """
import pytest
def test_skipped_by_itself(): pytest.skip("no such machine")
@pytest.mark.skip(reason="later")
def test_skipped_by_a_mark(): pass
def test_passes(): pass
"""


@pytest.mark.parametrize(
    ("forbidden", "summary"), [("", "1 passed, 3 skipped"), ("1", "1 failed, 1 passed, 2 errors")]
)
def test_a_skip_is_a_failure_where_skips_are_forbidden(
    tmp_path: Path, root: Path, forbidden: str, summary: str
) -> None:
    shutil.copy(root / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_one.py").write_text(SKIPPING, "utf-8")
    (tmp_path / "test_file.py").write_text(
        "import pytest; pytest.importorskip('no_such_package')", "utf-8"
    )
    options = [
        "-q",
        "--continue-on-collection-errors",
        "--rootdir",
        str(tmp_path),
        "-c",
        os.devnull,
    ]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    env = os.environ | {"VIRTLEARN_NO_SKIPS": forbidden}
    done = subprocess.run(
        command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert summary in done.stdout
    assert ("no such machine" in done.stdout) == bool(forbidden)
