"""The library's reference as pages: laws, nouns, explorers, with formulas and runnable examples."""

from __future__ import annotations

import warnings
from pathlib import Path

__all__ = ["write_reference"]

ROOMS = (
    "virtlearn.core",
    "virtlearn.model",
    "virtlearn.model.answers",
    "virtlearn.charts",
    "virtlearn.explore",
    "virtlearn.study",
)


def write_reference(folder: Path) -> None:
    """Write the reference into a folder: ``index.html``, and a page for each room and module.

    Parameters
    ----------
    folder : Path
        Where the pages go.
    """
    import pdoc

    pdoc.render.configure(
        docformat="numpy",
        show_source=False,
        footer_text="virtlearn: how do containers differ from virtual machines?",
    )
    with warnings.catch_warnings():
        # Names that are imported for type checkers alone cannot be linked; the text is the same.
        warnings.simplefilter("ignore")
        pdoc.pdoc(*ROOMS, output_directory=folder)
