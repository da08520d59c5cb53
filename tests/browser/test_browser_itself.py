"""The browser fixtures themselves: a slider in a page, a key press, and the kernel agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

pytestmark = pytest.mark.browser

CELL = """
import ipywidgets as w
s = w.IntSlider(value=3, max=10, description="copies")
t = w.HTML("3")
s.observe(lambda c: setattr(t, "value", f"now {c.new}"), "value")
w.VBox([s, t])
"""


@pytest.fixture
def slider_notebook(tmp_path: Path) -> Path:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    path = tmp_path / "slider.ipynb"
    nbformat.write(book, path)
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_key_press_on_a_slider_reaches_the_kernel_and_comes_back(
    open_notebook: Any, slider_notebook: Path, theme: str
) -> None:
    notebook = open_notebook(slider_notebook, theme=theme)
    notebook.run_all()
    notebook.page.get_by_role("slider").first.press("ArrowRight")
    notebook.page.get_by_text("now 4").wait_for()
    assert notebook.python("s.value") == 4
    assert notebook.errors == []
    assert notebook.screenshot(f"slider-{theme}").stat().st_size > 5_000
