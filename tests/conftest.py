"""What every test run shares: nothing is skipped in silence, and notebooks are compared by value."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]

# A busy machine must not fail a test: what is drawn is bounded in number, and not in time.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


class NoSkips:
    """With ``VIRTLEARN_NO_SKIPS=1`` a skip is a failure that gives the skip's reason.

    A test that is skipped where everything is installed hides a missing part, and nobody reads the letter `s`.
    """

    @staticmethod
    def _fail(report: Any) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
            report.outcome, report.longrepr = (
                "failed",
                f"skipped, and no skip is allowed here: {reason}",
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, Any]:
        """Turn the skip of a test into its failure."""
        report = yield
        self._fail(report)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, Any, Any]:
        """Turn the skip of a whole file into its failure."""
        report = yield
        self._fail(report)
        return report


class OwnProgress:
    """Each file of tests, and each lesson, begins with no answers given, and nobody's own are read or written."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Name a progress file before a lesson's kernel starts and inherits the name."""
        own = hashlib.sha256(str(item.path).encode()).hexdigest()[:12]
        os.environ["VIRTLEARN_PROGRESS"] = str(self.scratch / own / "virtlearn-progress.json")


def _decoded(value: Any) -> Any:
    """Give a plotly figure with its numbers as numbers, to six digits, and without random ids."""
    if isinstance(value, dict) and "bdata" in value:
        numbers = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
        return [_decoded(number) for number in numbers.tolist()] + [value.get("shape", "")]
    if isinstance(value, dict):
        return {key: _decoded(inner) for key, inner in value.items() if key != "uid"}
    if isinstance(value, list):
        return [_decoded(inner) for inner in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


def compare_charts_by_value() -> None:
    """Teach nbval to read a chart: it only sanitizes text, and plotly stores numbers as base64.

    Another processor's last digit is then no difference, and a wrong bar still is.
    """
    from nbval.plugin import IPyNbCell

    def sanitize(self: Any, output: Any, of_text: Any = IPyNbCell.sanitize) -> Any:
        if isinstance(output, dict) and {"data", "layout"} <= set(output):
            return json.dumps(_decoded(output), indent=1, sort_keys=True)
        return of_text(self, output)

    IPyNbCell.sanitize = sanitize


def keep_kernels_off_ports(scratch: Path) -> None:
    """Let nbval's kernels use sockets of their own.

    Ports are chosen before a kernel starts and bound a second later; beside other tests one may be taken by then.
    """
    from nbval import kernel

    def own(of: Any = kernel.KernelManager, **given: Any) -> Any:
        return of(transport="ipc", ip=tempfile.mkdtemp(dir=scratch) + "/kernel", **given)

    kernel.KernelManager = own


def pytest_configure(config: pytest.Config) -> None:
    """Set up what holds for library doctests and lessons too, not only for this folder."""
    if os.environ.get("VIRTLEARN_NO_SKIPS"):
        config.pluginmanager.register(NoSkips())
    scratch = tempfile.TemporaryDirectory(prefix="virtlearn-")
    config.add_cleanup(scratch.cleanup)
    if config.pluginmanager.hasplugin("nbval"):
        compare_charts_by_value()
        if os.name != "nt":
            keep_kernels_off_ports(Path(scratch.name))
    config.pluginmanager.register(OwnProgress(Path(scratch.name)))
    # Charts in lessons are stored as data, not as a page of HTML.
    os.environ["PLOTLY_RENDERER"] = "plotly_mimetype"


@pytest.fixture(scope="session")
def root() -> Path:
    """Say where the checkout is."""
    return ROOT


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Publish a course of two notebooks, and say where a learner would copy it to."""
    for part, name in (("lessons", "02-cost.ipynb"), ("exercises", "02-cost/02-cost.ipynb")):
        file = tmp_path / "material" / part / name
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"cells": [f"{name}, as published"]}), "utf-8")
    (tmp_path / "material" / "lessons" / ".hidden").write_text("not ours", "utf-8")
    places = {part: tmp_path / "material" / part for part in ("lessons", "exercises")}
    monkeypatch.setattr("virtlearn.course.material", lambda: places)
    return tmp_path / "mine"


@pytest.fixture(scope="session")
def stranger() -> dict[str, str]:
    """Give this process's variables without what would let the checkout or another Jupyter shine through."""
    ours = ("PYTHON", "JUPYTER", "IPYTHON", "VIRTLEARN", "VIRTUAL_ENV", "PLOTLY")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def unused_port() -> int:
    """Choose a port for a server that is started later, out of those that a system gives to nobody who asks for any.

    Those that are given to kernels and connections begin at 32768 on Linux (macOS, Windows: 49152; gVisor: 16000). One
    of them that was free a moment ago may be taken when the server starts.
    """
    while True:
        port = random.SystemRandom().randrange(10_000, 15_000)  # workers share their seeds
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@pytest.fixture
def free_port() -> int:
    """A port nobody listens on, and nobody is given by chance."""
    return unused_port()


@pytest.fixture(scope="session")
def ask() -> Callable[..., Any]:
    """Wait for what a server that is still starting says, as JSON; show its log if it ends instead."""

    def wait(url: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 400) -> Any:
        end = time.monotonic() + seconds
        while time.monotonic() < end and server.poll() is None:
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    return json.load(answer)
            except OSError:
                time.sleep(0.3)
        pytest.fail(log.read_text("utf-8", "replace")[-3000:])

    return wait


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, once, from what is here now."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))
