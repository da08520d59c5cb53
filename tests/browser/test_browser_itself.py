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


def saved(folder: Path, *cells: str) -> Path:
    """A notebook of these cells."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    book.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    nbformat.write(book, folder / "itself.ipynb")
    return folder / "itself.ipynb"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_key_press_on_a_slider_reaches_the_kernel_and_comes_back(
    open_notebook: Any, tmp_path: Path, theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTLEARN_SCREENSHOTS", "yes")  # pictures of whole notebooks are wanted
    notebook = open_notebook(saved(tmp_path, CELL), theme=theme)
    notebook.run_all()
    notebook.page.get_by_role("slider").first.press("ArrowRight")
    notebook.page.get_by_text("now 4").wait_for()
    assert notebook.python("s.value") == 4
    assert notebook.errors == []
    assert notebook.screenshot(f"slider-{theme}").stat().st_size > 5_000


def test_a_cell_that_fails_is_noticed(open_notebook: Any, tmp_path: Path) -> None:
    notebook = open_notebook(saved(tmp_path, "1 + 1", "1 / 0", "2 + 2"))
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        notebook.run_all()


def test_a_request_to_the_network_is_stopped_and_remembered(
    open_notebook: Any, tmp_path: Path
) -> None:
    notebook = open_notebook(saved(tmp_path, "1 + 1"))
    answer = "fetch('https://example.org/x.js').then(() => 'came', () => 'stopped')"
    assert notebook.page.evaluate(answer) == "stopped"
    assert notebook.blocked == ["https://example.org/x.js"]
    notebook.blocked.clear()  # or the fixture fails the test, as it should
