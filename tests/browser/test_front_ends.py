"""Other front ends than JupyterLab: the chart appears once and moves, the ink is readable, nobody complains."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.browser.conftest import CONTRAST, THEMES, Lab, Notebook, write_notebook

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect = sync_api.expect

CELLS = ("import virtlearn as vl", "e = vl.explore.shares()\ne", 'vl.study.predict("03.1")')
# What these front ends say without us too: about their own files and extensions, and plotly's of theirs.
THEIR_OWN = re.compile(
    "reading 'schema'|setData is not a function|nbextensions/|Failed to load resource|hared module|"
    + re.escape(Notebook.IMPATIENT)
)


class Notebook7(Lab):  # type: ignore[misc]
    """Jupyter Notebook 7."""

    module: ClassVar = "notebook"
    page: ClassVar = "notebooks/cells.ipynb"
    stills: ClassVar = 1  # of an explorer, for readers of the stored page
    OPTIONS = (
        "--JupyterNotebookApp.expose_app_in_browser=True",
        *(one for one in Lab.OPTIONS if "LabApp" not in one),
    )

    def command(self, port: int) -> list[str]:
        """Start this front end in place of JupyterLab."""
        return [self.module if word == "jupyterlab" else word for word in super().command(port)]

    def address(self, theme: str) -> str:
        """Say where the notebook is."""
        return f"{self.url}/{self.page}"

    def run_all(self, page: Any, theme: str) -> None:
        """Run all cells once the kernel answers."""
        page.wait_for_selector(".jp-Notebook .jp-CodeCell")
        page.evaluate(
            """async theme => {
                await window.jupyterapp.commands.execute('apputils:change-theme', {theme});
                const panel = window.jupyterapp.shell.currentWidget;
                await panel.sessionContext.ready;
                await panel.sessionContext.session.kernel.info;
                await window.jupyterapp.commands.execute('notebook:run-all-cells');
            }""",
            THEMES[theme],
        )


class Classic(Notebook7):
    """The Notebook of version 6, kept as nbclassic; it is light, whatever the system wishes."""

    module: ClassVar = "nbclassic"
    page: ClassVar = "nbclassic/notebooks/cells.ipynb"  # where Notebook 7 is installed too

    def run_all(self, page: Any, theme: str) -> None:
        """Run all cells once the kernel is idle."""
        page.wait_for_selector("#kernel_indicator_icon.kernel_idle_icon", state="attached")
        page.evaluate("Jupyter.notebook.execute_all_cells()")


class Voila(Notebook7):
    """Voilà: a notebook as a page, with a kernel behind it."""

    module: ClassVar = "voila"
    alive: ClassVar = ""
    page: ClassVar = "voila/render/cells.ipynb"
    stills: ClassVar = 0

    def command(self, port: int) -> list[str]:
        """Start Voilà over the folder."""
        options = [f"--port={port}", "--no-browser", "--Voila.ip=127.0.0.1"]
        return [sys.executable, "-m", "voila", str(self.root), *options, *self.SOCKETS]

    def address(self, theme: str) -> str:
        """Name the theme as well."""
        return f"{super().address(theme)}?theme={theme}"

    def run_all(self, page: Any, theme: str) -> None:
        """Do nothing: it has run all cells before the page is there."""


FRONT_ENDS = {"Notebook 7": Notebook7, "nbclassic": Classic, "Voila": Voila}


@pytest.fixture(scope="module", params=FRONT_ENDS)
def front_end(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Notebook7]:
    kind = FRONT_ENDS[request.param]
    pytest.importorskip(kind.module)
    server = kind(tmp_path_factory.mktemp(kind.module))
    write_notebook(server.root / "cells.ipynb", *CELLS)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chart_appears_once_and_moves_and_a_prediction_can_be_read(
    front_end: Notebook7, chromium: Any, pictures: Path, theme: str
) -> None:
    context = chromium.new_context(viewport={"width": 1200, "height": 1400}, color_scheme=theme)
    page = context.new_page()
    page.set_default_timeout(60_000)
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type == "error" else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(front_end.address(theme))
    front_end.run_all(page, theme)
    sentence = page.locator(".virtlearn-sentence:visible")
    slider = page.get_by_role("slider").first
    slider.wait_for()
    expect(page.locator(".virtlearn-chart .main-svg:visible").first).to_be_visible()
    expect(sentence).to_have_count(1)
    expect(page.locator(".virtlearn-resting")).to_have_count(front_end.stills)
    for still in (".virtlearn-resting", ".virtlearn-still"):
        expect(page.locator(f"{still}:visible")).to_have_count(0)
    expect(page.locator(".js-plotly-plot:visible")).to_have_count(1)
    before = sentence.inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(sentence).not_to_have_text(before)
    radio = page.get_by_role("radio").first
    radio.focus()
    page.keyboard.press("Space")
    expect(radio).to_be_checked()
    for part in (".virtlearn-sentence", ".virtlearn-study"):
        assert page.locator(part).locator("visible=true").first.evaluate(CONTRAST) >= 4.5, part
    page.screenshot(path=str(pictures / f"front-end-{front_end.module}-{theme}.png"))
    assert [one for one in said if not THEIR_OWN.search(one)] == []
    context.close()
