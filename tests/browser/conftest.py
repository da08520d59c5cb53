"""A private JupyterLab and a real Chromium: a lesson as a learner sees it, with the network shut off.

``open_notebook(path, theme="dark")`` gives a `Notebook`: run it, press keys on it, read it, photograph it.
Pictures go to the folder named by ``VIRTLEARN_SCREENSHOTS``, else to a temporary one.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ..conftest import unused_port  # type: ignore[import-not-found]

FLAGS = [
    "--no-sandbox",  # Chromium refuses to start as root with it, and build machines are root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# No news pop-up, no autosave in the middle of a test, and all cells kept in the page, so that a test
# (and a picture) sees the whole notebook and not the part that is scrolled into view.
SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}

# How much darker or lighter the ink is than what lies behind it, by WCAG 2.2.
CONTRAST = """element => {
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    let behind = element;
    while (behind && (numbers(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
    const paper = behind ? numbers(getComputedStyle(behind).backgroundColor) : [255, 255, 255];
    const light = ([r, g, b]) => [r, g, b]
        .map(part => part / 255)
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const [dark, bright] = [light(numbers(getComputedStyle(element).color)), light(paper)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
}"""

# Scroll to the first cell, and say where the last one ends.
TO_THE_TOP = """() => {
    const cells = [...document.querySelectorAll('.jp-Notebook .jp-Cell')];
    for (let e = cells[0]; e; e = e.parentElement) e.scrollTop = 0;
    return Math.max(...cells.map(cell => cell.getBoundingClientRect().bottom));
}"""


class Lab:
    """A JupyterLab of our own: loopback only, no token, its own configuration, stopped at the end."""

    settings = SETTINGS
    alive = "api/status"  # answers as soon as the server does

    def __init__(self, home: Path) -> None:
        self.home = home
        self.root = home / "notebooks"
        self.root.mkdir()
        # The path of a socket has 107 letters at most, and that of our home has many.
        self.runtime = tempfile.TemporaryDirectory(prefix="lab", ignore_cleanup_errors=True)
        for name, value in self.settings.items():
            file = home / "settings" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(value), "utf-8")
        port = unused_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = (home / "lab.log").open("wb")
        self.process = subprocess.Popen(
            self.command(port),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            env=self.environment(),
            cwd=self.root,
            start_new_session=True,
        )

    # Without a token the server asks for a cross-site cookie that `stop_kernels` does not have.
    OPTIONS = (
        "--LabApp.expose_app_in_browser=True",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
    )
    # Ports are chosen before a kernel starts and bound a second later; beside other kernels one may be taken by then.
    SOCKETS = () if os.name == "nt" else ("--KernelManager.transport=ipc",)

    def command(self, port: int) -> list[str]:
        """Say how the server is started."""
        where = [
            f"--ServerApp.root_dir={self.root}",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
        ]
        alone = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
        return [sys.executable, "-m", "jupyterlab", *alone, *where, *self.SOCKETS, *self.OPTIONS]

    def environment(self) -> dict[str, str]:
        """Point every folder Jupyter would write to into ours, and `python3` to this very Python."""
        folders = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        progress = {"VIRTLEARN_PROGRESS": str(self.home / "virtlearn-progress.json"), "PATH": path}
        # The kernel must find the package under test where this process found it, installed or not.
        progress["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
        progress["JUPYTER_RUNTIME_DIR"] = self.runtime.name
        return os.environ | {name: str(self.home / sub) for name, sub in folders.items()} | progress

    def wait(self, seconds: float = 120) -> None:
        """Wait until it answers; fail with its own log if it does not."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/{self.alive}", timeout=2).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(
            "JupyterLab did not start:\n" + (self.home / "lab.log").read_text()[-3000:]
        )

    def stop_kernels(self) -> None:
        """End every kernel, so that the next notebook starts with a fresh one."""
        with urllib.request.urlopen(f"{self.url}/api/sessions", timeout=10) as answer:
            sessions = json.load(answer)
        for session in sessions:
            request = urllib.request.Request(
                f"{self.url}/api/sessions/{session['id']}", method="DELETE"
            )
            urllib.request.urlopen(request, timeout=30).close()

    def stop(self) -> None:
        """Stop the server and the kernels it started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.log.close()
        self.runtime.cleanup()


class Notebook:
    """One notebook open in JupyterLab, with what the browser complained about on the way."""

    def __init__(self, page: Any, name: str, pictures: Path) -> None:
        self.page, self.name, self.pictures = page, name, pictures
        self.root = Path()
        self.errors: list[str] = []
        self.blocked: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", self._failed)

    NOT_YET = ".jp-OutputArea-child > .jupyter-widgets:not(:has(*))"
    # anywidget waits two seconds for a module, no longer on a busy machine; explorers work without its waiting.
    IMPATIENT = "[anywidget] Failed to initialize model."

    def _failed(self, error: Any) -> None:
        if self.IMPATIENT not in str(error):
            self.errors.append(f"page error: {error}")

    def _heard(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def show(self, lab: Lab, theme: str) -> None:
        """Open the notebook in the theme and wait for its kernel."""
        self.root = lab.root
        self.page.goto(f"{lab.url}/lab/tree/{self.name}?reset")
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
        self.change_theme(theme)

    def change_theme(self, theme: str) -> None:
        """Change JupyterLab's theme, and wait until the page has it."""
        change = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
        self.page.evaluate(change, THEMES[theme])
        light = "true" if theme == "light" else "false"
        self.page.wait_for_selector(
            f"body[data-jp-theme-light={light}]", state="attached", timeout=20_000
        )

    def run_all(self, seconds: int = 180) -> None:
        """Run every cell and wait until the last one has answered; a cell's error fails the test."""
        failed = self.page.evaluate(
            """async seconds => {
                const panel = window.jupyterapp.shell.currentWidget;
                await panel.sessionContext.ready;
                await panel.sessionContext.session.kernel.info;
                const run = window.jupyterapp.commands.execute('notebook:run-all-cells');
                const late = new Promise((_, no) =>
                    setTimeout(() => no(Error('cells still running')), seconds * 1000));
                await Promise.race([run, late]);
                return panel.content.widgets
                    .filter(cell => !(cell.model.getMetadata('tags') ?? []).includes('raises-exception'))
                    .flatMap(cell => cell.model.outputs?.toJSON() ?? [])
                    .filter(output => output.output_type === 'error')
                    .map(output => output.traceback.join('\\n'));
            }""",
            seconds,
        )
        assert failed == [], f"{self.name}: {failed[0][-3000:]}"
        # The widgets of the last cells are drawn after its answer.
        self.page.wait_for_function(f"() => !document.querySelector('{self.NOT_YET}')")

    def wait_for_charts(self, state: str) -> None:
        """Wait until every live chart is ``"resting"``, or ``"ready"``: with all pictures drawn ahead."""
        good = "['resting', 'ready']" if state == "resting" else "['ready']"
        self.page.wait_for_function(
            f"() => [...document.querySelectorAll('.virtlearn-stage')].every(e => {good}.includes(e.dataset.state))",
            timeout=60_000,
        )

    def python(self, expression: str, given: str = "") -> Any:
        """Ask the kernel for a value that JSON can carry, as in ``notebook.python("x + 1", given="x = 2")``."""
        text = self.page.evaluate(
            """async code => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                let text = '';
                const future = kernel.requestExecute({code, store_history: false});
                future.onIOPub = m => { text += m.content.text ?? (m.content.traceback ?? []).join('\\n'); };
                await future.done;
                return text;
            }""",
            f"{given}\nimport json as _json; print(_json.dumps({expression}))",
        )
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            pytest.fail(f"the kernel said: {text}")

    def wait_for_python(self, expression: str, wanted: Any) -> None:
        """Wait until the kernel gives this value: what the page says to it takes its time."""
        end = time.monotonic() + 30
        while (found := self.python(expression)) != wanted:
            assert time.monotonic() < end, f"{expression} stays {found!r}"

    def screenshot_window(self, label: str) -> None:
        """Save a picture of the window as it is."""
        self.page.screenshot(path=str(self.pictures / f"{label}.png"))

    def save(self) -> dict[str, Any]:
        """Save it, and give what was written."""
        self.page.evaluate("window.jupyterapp.shell.currentWidget.context.save()")
        return dict(json.loads((self.root / self.name).read_text("utf-8")))

    def resize(self, width: int, height: int = 900) -> None:
        """Change the bounds of the real window, as a hand does; an emulated viewport is not the same."""
        devtools = self.page.context.new_cdp_session(self.page)
        window = devtools.send("Browser.getWindowForTarget")["windowId"]
        bounds = {"width": width, "height": height}
        devtools.send("Browser.setWindowBounds", {"windowId": window, "bounds": bounds})
        self.page.wait_for_function("width => innerWidth === width", arg=width)
        self.page.wait_for_timeout(1200)  # what follows a new width has followed by then

    def slow_down(self, times: int) -> None:
        """Let the page compute as on a computer so many times slower."""
        devtools = self.page.context.new_cdp_session(self.page)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": times})

    def scroll_to(self, text: str) -> None:
        """Bring the first place where a text stands into view."""
        self.page.get_by_text(text).first.scroll_into_view_if_needed()

    def screenshot(self, label: str, locator: Any = None, width: int = 1200) -> Path:
        """Save a picture of the whole notebook, or of one part of it."""
        file = self.pictures / f"{label}.png"
        if locator is not None:
            locator.scroll_into_view_if_needed()
            locator.screenshot(path=str(file))
            return file
        if not os.environ.get("VIRTLEARN_SCREENSHOTS"):
            return file  # the whole notebook takes a while, and nobody looks at it
        before = self.page.viewport_size
        self.page.set_viewport_size({"width": width, "height": 16_000})
        self.page.wait_for_timeout(600)  # charts follow the new width
        end = self.page.evaluate(TO_THE_TOP)
        self.page.set_viewport_size({"width": width, "height": int(end) + 60})
        self.page.wait_for_timeout(300)
        self.page.evaluate(TO_THE_TOP)
        self.page.screenshot(path=str(file))
        self.page.set_viewport_size(before)
        return file


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """One JupyterLab for all browser tests."""
    pytest.importorskip("jupyterlab")
    server = Lab(tmp_path_factory.mktemp("lab"))
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One headless Chromium for all browser tests, the system's own."""
    sync_api = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    path = os.environ.get("VIRTLEARN_CHROMIUM") or next(
        filter(None, map(shutil.which, names)), None
    )
    if not path:
        pytest.skip("no Chromium on this machine; install it with `apt-get install chromium`")
    # What comes at all comes in less, on a machine with nothing else to do; a busy one is no fault of ours.
    sync_api.expect.set_options(timeout=30_000)
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go."""
    named = os.environ.get("VIRTLEARN_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def open_notebook(lab: Lab, chromium: Any, pictures: Path) -> Iterator[Callable[..., Notebook]]:
    """Open a copy of a notebook; at the end nothing may have left the machine.

    ``open_notebook(path, theme="light", width=1200)`` returns a `Notebook`. What the browser console said
    is in its ``errors``; each test asserts on it, because a few tests provoke an error on purpose.
    """
    yield from opener(lab, chromium, pictures)


def opener(lab: Lab, chromium: Any, pictures: Path) -> Iterator[Callable[..., Notebook]]:
    """Make ``open_notebook`` for one JupyterLab; without a width, the window is a real one."""
    contexts, shown = [], []

    def open_one(
        path: Path, theme: str = "light", width: int | None = 1200, height: int = 1000
    ) -> Notebook:
        shutil.copy(path, lab.root / path.name)
        size = {"width": width, "height": height} if width else None
        look = {"viewport": size} if size else {"no_viewport": True}
        context = chromium.new_context(**look, color_scheme=theme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        notebook = Notebook(page, path.name, pictures)

        def only_local(route: Any) -> None:
            if urlsplit(route.request.url).hostname in {"127.0.0.1", "localhost", None}:
                route.continue_()
            else:
                notebook.blocked.append(route.request.url)
                route.abort()

        context.route("**/*", only_local)
        shown.append(notebook)
        notebook.show(lab, theme)
        return notebook

    yield open_one
    for context in contexts:
        context.close()
    lab.stop_kernels()
    asked = [url for notebook in shown for url in notebook.blocked]
    assert not asked, f"the page asked for something on the network: {asked}"


KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def write_notebook(file: Path, *sources: str) -> Path:
    """Write a notebook of code cells that were not run."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{i}",
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for i, source in enumerate(sources)
    ]
    book = {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}
    file.write_text(json.dumps(book), "utf-8")
    return file


@pytest.fixture
def notebook_of(open_notebook: Any, tmp_path: Path) -> Callable[..., Notebook]:
    """Open and run a notebook of some cells: ``notebook_of("vl.explore.shares()", theme="dark")``."""

    def open_one(*sources: str, run: bool = True, **how: Any) -> Notebook:
        file = write_notebook(tmp_path / "cells.ipynb", "import virtlearn as vl", *sources)
        notebook = open_notebook(file, **how)
        if run:
            notebook.run_all()
        return notebook

    return open_one
