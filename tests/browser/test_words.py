"""The words of every explorer's picture, in a notebook and on a phone: none leaves it, and none lies on another."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest

from virtlearn import explore
from virtlearn.explore import Explorer, Slider

pytestmark = pytest.mark.browser

NAMES = [name for name in explore.__all__ if name[0].islower()]
# Of a picture in JupyterLab, in a window of 1,200 pixels beside the sidebar; in one of 1,000; and on a phone.
WIDTHS = [860, 660, 328]
PLACES = 2
# What is cut at the picture's edge, and pairs of words that lie on each other.
CROWDED = """async ([spec, width]) => {
    const place = document.querySelector('.place');
    Plotly.purge(place);
    place.style.width = `${width}px`;
    const here = fitted(place, spec.layout, 120);
    place.style.height = `${here.height}px`;
    await Plotly.newPlot(place, spec.data, here, { displayModeBar: false });
    if (isTight(place)) makeRoom(place);
    const around = place.getBoundingClientRect();
    const words = [...place.querySelectorAll('text')]
        .filter(word => word.textContent.trim() && word.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
        .map(word => [word.textContent, word.getBoundingClientRect()]);
    const apart = (a, b) => a.right <= b.left + 2 || a.bottom <= b.top + 2;
    const pairs = words.flatMap(([one, a], i) => words.slice(i + 1)
        .filter(([, b]) => !apart(a, b) && !apart(b, a)).map(([other]) => `${one} / ${other}`));
    const out = b => Math.max(around.left - b.left, b.right - around.right, around.top - b.top, b.bottom - around.bottom) > 1;
    return [...pairs, ...words.filter(([, box]) => out(box)).map(([word]) => word)];
}"""


@pytest.fixture(scope="module")
def page(chromium: Any) -> Iterator[Any]:
    """A page with one place for a picture."""
    opened = chromium.new_page(viewport={"width": WIDTHS[0] + 40, "height": 1000})
    opened.set_content("<div class='place'></div>")
    for package, file in (
        ("plotly", "package_data/plotly.min.js"),
        ("virtlearn", "charts/_draw.js"),
    ):
        opened.add_script_tag(content=(resources.files(package) / file).read_text("utf-8"))
    yield opened
    opened.close()


def visits(explorer: Explorer, name: str) -> Iterator[dict[str, Any]]:
    """Give its start, both ends of all controls, and places of which every other stands at an end."""
    chance = random.Random(name)
    yield explorer.values
    every = {
        name: control.positions if isinstance(control, Slider) else control.options
        for name, control in explorer.controls.items()
    }
    for end in (0, -1):
        yield explorer.reach({name: values[end] for name, values in every.items()})
    for _ in range(PLACES):
        yield explorer.reach(
            {
                name: chance.choice([values[0], values[-1], chance.choice(values)])
                for name, values in every.items()
            }
        )


def test_what_is_hidden_keeps_a_layout_that_can_be_drawn(page: Any) -> None:
    height, top = page.evaluate(
        """({ layout }) => {
            const place = document.createElement('div');
            document.body.append(place);
            place.style.display = 'none';
            const { height, margin } = fitted(place, layout);
            place.remove();
            return [height, margin.t];
        }""",
        explore.shares().figure().to_spec(),
    )
    assert 0 < top < height


def test_another_title_moves_nothing_on_a_phone(page: Any) -> None:
    heights = page.evaluate(
        """([{ layout }, width]) => {
            const place = document.querySelector('.place');
            place.style.width = `${width}px`;
            return ['Short', 'A title that needs more than one line where the window is narrow'].map(text => {
                const { height, margin, title } = fitted(place, { ...layout, title: { text } });
                return [height, margin.t, title.text.includes('<br>')];
            });
        }""",
        [explore.density().figure().to_spec(), WIDTHS[-1]],
    )
    (high, top, one), (as_high, as_top, more) = heights
    assert (high, top) == (as_high, as_top)
    assert (one, more) == (False, True)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_a_picture_can_be_read(page: Any, name: str, width: int) -> None:
    explorer = getattr(explore, name)()
    for values in visits(explorer, name):
        assert page.evaluate(CROWDED, [explorer.at(values).to_spec(), width]) == [], values
