"""The exported pages in a real browser without a network, light and wide, dark and narrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from virtlearn.site import export

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def books(root: Path) -> list[Path]:
    return sorted((root / "lessons").glob("*.ipynb"))


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(root / "lessons", tmp_path_factory.mktemp("pages"))[0].parent


@pytest.mark.parametrize(("theme", "width"), [("light", 1200), ("dark", 400)])
def test_pages_are_drawn_without_a_server_or_a_network(
    site: Path, books: list[Path], chromium: Any, pictures: Path, theme: str, width: int
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, offline=True
    )
    errors: list[str] = []
    for book in books:
        shown = context.new_page()
        shown.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" else None,
        )
        shown.on("pageerror", lambda error: errors.append(str(error)))
        shown.goto((site / f"{book.stem}.html").as_uri())
        charts = shown.locator(".chart").count()
        shown.wait_for_function(
            "n => document.querySelectorAll('.chart .main-svg').length >= n", arg=charts
        )
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        shown.screenshot(
            path=str(pictures / f"site-{book.stem[:2]}-{theme}-{width}.png"), full_page=True
        )
        shown.close()
    context.close()
    assert errors == []
