"""The panel of a question: one live widget, and beside it what is read where nothing is live."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from typing import Any, Protocol

import anywidget
import traitlets

__all__ = ["Part", "Shown"]

_PACKAGE = resources.files("virtlearn")
_STILL = "virtlearn-still"
RUN_ME = "Run this cell (Shift+Enter) to answer here."
# Where the kernel of a saved notebook has ended, Jupyter puts an error in the place of the widget.
_AFTER_STILL = f".jp-OutputArea-child:has(.{_STILL}) + .jp-OutputArea-child"
_RULES = f"{_AFTER_STILL}:not(:has(.virtlearn-study)) {{display:none}}"


class Part(Protocol):
    """One thing that is asked or opened: a question, a row of hints, a solution."""

    def act(self, message: dict[str, Any]) -> None:
        """Do what was clicked."""

    def state(self) -> dict[str, Any]:
        """Give what the page needs to show it."""

    def text(self) -> str:
        """Write it for a terminal."""

    def html(self) -> str:
        """Write it for a page without a kernel."""


class Panel(anywidget.AnyWidget):
    """What a learner clicks; its parts hold what is known.

    Parameters
    ----------
    shown : Shown
        Whose parts are shown.
    """

    _esm = "\n".join(
        _PACKAGE.joinpath(name).read_text(encoding="utf-8")
        for name in ("charts/_draw.js", "charts/_lab.js", "study/_panel.js")
    )
    _css = _PACKAGE.joinpath("study/_panel.css").read_text(encoding="utf-8")
    page: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        super().__init__(page=shown.states())
        self.on_msg(self._heard)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Show the widget; a page that cannot shows what stands beside it."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**(data or {}), "text/html": "", "text/plain": RUN_ME}, metadata

    def _heard(self, _: Any, message: dict[str, Any], __: Any) -> None:
        self._shown.act(message)
        self.page = self._shown.states()
        # Over the layout: on a slow page anywidget's own model may be deaf, and ipywidgets' is not.
        self.layout.send({"page": self.page})


class Shown:
    """Something a learner is asked: text in a terminal, a panel in a notebook.

    Parameters
    ----------
    parts : sequence of Part
        What stands below each other.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self.parts = parts
        self._still: Any = None

    def states(self) -> list[dict[str, Any]]:
        """Give what the page needs to show each part."""
        return [part.state() for part in self.parts]

    def act(self, message: dict[str, Any]) -> None:
        """Do what was clicked, and put the still picture right, which is what is saved."""
        self.parts[message["part"]].act(message)
        if self._still:
            self._still.update(self._still_bundle(), raw=True)

    def __repr__(self) -> str:
        """Write it for a terminal: short, and the same for the same answers."""
        return "\n\n".join(part.text() for part in self.parts)

    def _still_bundle(self) -> dict[str, str]:
        inner = "<hr>".join(part.html() for part in self.parts)
        run = f"<p class='virtlearn-run'><em>{RUN_ME}</em></p>"
        html = f"<style>{_RULES}</style><div class='{_STILL}'>{inner}{run}</div>"
        return {"text/html": html, "text/plain": repr(self)}

    def _ipython_display_(self) -> None:
        """Show the still picture, and the live panel that hides it."""
        from IPython.display import display

        self._still = display(self._still_bundle(), raw=True, display_id=True)
        display(Panel(self))
