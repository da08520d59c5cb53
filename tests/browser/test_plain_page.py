"""A page without any of Jupyter's own classes, as Colab and VS Code make it: anywidget's contract and a kernel, no more.

Each output stands in an element of its own, in a cell whose name says nothing; the kernel is this process.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import virtlearn as vl
from tests.browser.conftest import CONTRAST

sync_api = pytest.importorskip("playwright.sync_api")
pytestmark = [pytest.mark.browser, pytest.mark.slow]
expect = sync_api.expect

PLOTLY = "application/vnd.plotly.v1+json"
PAPER = {"light": "background: white; color: black", "dark": "background: #1e1e1e; color: #d4d4d4"}
HOST = """
const heard = {};
function model(cell, page) {
  const layout = {
    on: (_, hear) => (heard[cell] ??= new Set()).add(hear),
    off: (_, hear) => heard[cell]?.delete(hear),
  };
  const send = async message => {
    for (const [answer, buffers] of await tell(cell, message)) {
      const views = buffers.map(b => new DataView(Uint8Array.from(atob(b), c => c.charCodeAt(0)).buffer));
      for (const hear of [...heard[cell] ?? []]) hear(answer, views);
    }
  };
  return {get: name => ({page, layout})[name], on() {}, off() {}, send};
}
async function put(cell, kind, output, css) {
  const cells = document.body.getElementsByTagName('section');
  while (cells.length <= cell) document.body.append(document.createElement('section'));
  const el = document.createElement('div');
  cells[cell].append(el);
  if (kind === 'html') el.innerHTML = output;
  if (kind === 'figure') await Plotly.newPlot(el, output.data, output.layout);
  if (kind !== 'widget') return;
  document.head.append(Object.assign(document.createElement('style'), {textContent: css}));
  const script = URL.createObjectURL(new Blob([output.script], {type: 'text/javascript'}));
  (await import(script)).default.render({model: model(cell, output.page), el});
}
"""


def shown_by(thing: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what a cell shows, in order."""
    outputs: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr("IPython.display.display", lambda output, **_: outputs.append(output))
        thing._ipython_display_()
    return outputs


def kernel_of(panel: Any) -> Callable[[dict[str, Any]], list[Any]]:
    """Give what answers a widget as a kernel does: with messages and their buffers."""
    answers: list[Any] = []

    def hear(message: dict[str, Any], buffers: Any = ()) -> None:
        answers.append([message, [base64.b64encode(part).decode() for part in buffers]])

    def tell(message: dict[str, Any]) -> list[Any]:
        answers.clear()
        panel._handle_custom_msg(message, [])
        return list(answers)

    panel.layout.send = hear
    return tell


def put(page: Any, cell: int, output: Any) -> None:
    """Show one output of a cell."""
    kind, css = "html", ""
    if not isinstance(output, dict):
        kind, css = "widget", output._css
        output = {"script": output._esm, "page": output.page}
    elif PLOTLY in output:
        kind, output = "figure", output[PLOTLY]
    else:
        output = output["text/html"]
    page.evaluate(
        "([cell, kind, output, css]) => put(cell, kind, output, css)", [cell, kind, output, css]
    )


@pytest.mark.parametrize("theme", PAPER)
def test_an_explorer_and_a_prediction_stand_once_and_work_in_a_plain_page(
    theme: str, chromium: Any, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTLEARN_PROGRESS", str(tmp_path / "progress.json"))
    # The page's own paper counts, not what the system wishes for.
    context = chromium.new_context(color_scheme="dark" if theme == "light" else "light")
    page, said = context.new_page(), []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_content(f"<body style='{PAPER[theme]}'></body>")
    bundle = resources.files("plotly").joinpath("package_data/plotly.min.js")
    page.add_script_tag(content=bundle.read_text(encoding="utf-8"))
    page.add_script_tag(content=HOST)
    kernels: dict[int, Any] = {}
    page.expose_function("tell", lambda cell, message: kernels[cell](message))
    things = (vl.explore.shares(), vl.study.predict("03.1"))
    for cell, thing in enumerate(things):
        outputs = shown_by(thing, monkeypatch)
        assert len(outputs) == (3, 2)[cell]
        kernels[cell] = kernel_of(outputs[1])
        for output in outputs:
            put(page, cell, output)

    sentence = page.locator(".virtlearn-sentence:visible")
    expect(page.locator(".virtlearn-panel .main-svg:visible").first).to_be_visible()
    expect(page.locator(".js-plotly-plot:visible")).to_have_count(1)
    for still in (".virtlearn-resting", ".virtlearn-still"):
        expect(page.locator(still)).to_have_count(1)
        expect(page.locator(f"{still}:visible")).to_have_count(0)
    before = sentence.inner_text()
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    expect(sentence).not_to_have_text(before)
    assert sentence.inner_text() == things[0].sentence
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="I commit").click()
    expect(page.locator(".virtlearn-study")).to_contain_text("You committed to A")
    for part in (".virtlearn-headline", ".virtlearn-sentence", ".virtlearn-study"):
        assert page.locator(part).locator("visible=true").first.evaluate(CONTRAST) >= 4.5, part
    page.screenshot(path=str(pictures / f"front-end-plain-{theme}.png"), full_page=True)
    assert said == []
    context.close()
