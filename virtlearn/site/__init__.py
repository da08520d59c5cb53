"""The course as pages that answer: sliders, questions, sources; no kernel, no network."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from importlib import resources
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from virtlearn.errors import VirtlearnError
from virtlearn.site.positions import BUDGET, Call, axes_of, draw, packed, reached

__all__ = ["CannotExport", "export"]

NEEDED = ("latex2mathml", "pdoc")
SCRIPTS = ("draw.js", "verdict.js", "site.js", "sittings.js", "site.css")
# Notebooks draw with these too.
SHARED = ("charts/_draw.js", "explore/_live.js", "explore/_stage.js", "explore/_stage.css")
CHUNK = 64  # pictures that one worker draws at a time


class CannotExport(VirtlearnError):
    """The pages cannot be written: a missing package or the folder says no."""


def export(
    lessons: Path,
    folder: Path,
    *,
    executor: Executor | None = None,
    budget: int = BUDGET,
    say: Callable[[str], object] = lambda line: None,
) -> list[Path]:
    """Write the course as HTML pages into a folder that is new, empty, or holds such pages already.

    Parameters
    ----------
    lessons : Path
        Where the executed notebooks and the glossary are.
    folder : Path
        Where the pages go: ``index.html``, one page a lesson, the pictures of every explorer in
        ``data/``, and one ``plotly.min.js`` for all of them.
    executor : Executor, optional
        What draws the pictures: any `concurrent.futures.Executor`; a process pool on all cores if
        left out.
    budget : int
        The most pictures of one explorer, about.
    say : callable
        Told in a line what is done, such as ``print``.

    Returns
    -------
    list of Path
        The pages, the index first.

    Raises
    ------
    CannotExport
        Where a package is missing, the folder cannot be written, or other things are in it.
    """
    _check(folder)
    from virtlearn.site.pages import evidence_page, lesson_page, prose_page, written
    from virtlearn.site.reference import write_reference

    books = [book for book in sorted(lessons.glob("*.ipynb")) if book.stem != "evidence"]
    pages = {book.stem: lesson_page(book) for book in books}
    for file in sorted(lessons.glob("*.md")):
        name = "index" if file.stem == "README" else file.stem
        pages[name] = prose_page(file, name)
    pages["evidence"] = evidence_page()
    calls = dict.fromkeys(call for page in pages.values() for call in page.explorers)
    try:
        (folder / "data").mkdir(parents=True, exist_ok=True)
        for page in pages.values():
            (folder / f"{page.name}.html").write_text(written(page, pages), "utf-8")
        _copy(lessons, folder)
        write_reference(folder / "api")
        _write_pictures(list(calls), folder / "data", executor, budget, say)
    except OSError as error:
        raise CannotExport(
            f"DIR is '{folder}', and it cannot be used: {error.strerror}.\n"
            "Name a folder of your own."
        ) from error
    ordered = sorted(pages, key=lambda name: (name != "index", name))
    return [folder / f"{name}.html" for name in ordered]


def _check(folder: Path) -> None:
    """Refuse before anything is written."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        words = " and ".join(missing)
        raise CannotExport(f"Pages need {words} too.\nTry: pip install 'virtlearn[site]'")
    if folder.exists() and not folder.is_dir():
        raise CannotExport(
            f"DIR is '{folder}', and that is a file.\nName a folder: virtlearn site pages"
        )
    if folder.exists() and any(folder.iterdir()) and not (folder / "site.js").exists():
        raise CannotExport(
            f"DIR is '{folder}', and other things are in it.\n"
            "Name a new folder: virtlearn site pages"
        )


def _copy(lessons: Path, folder: Path) -> None:
    """Put scripts, style, plotly and the lessons' images beside the pages."""
    template = resources.files("virtlearn.site").joinpath("template")
    for name in SCRIPTS:
        (folder / name).write_text(template.joinpath(name).read_text("utf-8"), "utf-8")
    for name in SHARED:
        shared = resources.files("virtlearn").joinpath(name)
        (folder / shared.name).write_text(shared.read_text("utf-8"), "utf-8")
    plotly = resources.files("plotly").joinpath("package_data/plotly.min.js")
    (folder / "plotly.min.js").write_bytes(plotly.read_bytes())
    if (images := lessons / "images").is_dir():
        shutil.copytree(images, folder / "images", dirs_exist_ok=True)


# --- The pictures of the explorers ---------------------------------------------------------------


def _fingerprint() -> str:
    """Name the state of all that a picture depends on: the library's files, numpy and plotly."""
    import numpy
    import plotly

    digest = hashlib.sha256(f"{numpy.__version__} {plotly.__version__}".encode())
    root = Path(str(resources.files("virtlearn")))
    for file in sorted(root.rglob("*")):
        if file.suffix in {".py", ".toml", ".csv"} and "_material" not in file.parts:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _write_pictures(
    calls: Sequence[Call],
    folder: Path,
    executor: Executor | None,
    budget: int,
    say: Callable[[str], object],
) -> None:
    """Write a file of pictures for each explorer, but for those that are there and still true."""
    state = f"// {_fingerprint()} {budget}\n"
    stale = []
    for call in calls:
        file = folder / f"{call.slug}.js"
        if not file.exists() or not file.read_text("utf-8").startswith(state):
            stale.append(call)
    kept = len(calls) - len(stale)
    if kept:
        say(f"{kept} of {len(calls)} explorers have not changed")
    if not stale:
        return
    pool = executor or ProcessPoolExecutor(os.cpu_count())
    try:
        for done, call in enumerate(stale, start=1):
            text = _pictures(call, pool, budget)
            file = folder / f"{call.slug}.js"
            beside = file.with_suffix(".part")  # a build that is interrupted leaves no half file
            beside.write_text(f"{state}virtlearn.pictures('{call.slug}', '{text}');\n", "utf-8")
            beside.replace(file)
            say(f"{done} of {len(stale)}: {call.slug}, {len(text) / 1000:.0f} kB")
    finally:
        if executor is None:
            pool.shutdown(cancel_futures=True)


def _pictures(call: Call, pool: Executor, budget: int) -> str:
    """Draw all pictures of an explorer on all cores, and pack them."""
    explorer = call.explorer()
    axes = axes_of(explorer, budget)
    values = reached(explorer, axes)
    distinct = list({repr(at): at for at in values}.values())
    chunks = [distinct[i : i + CHUNK] for i in range(0, len(distinct), CHUNK)]
    drawn = pool.map(draw, [call] * len(chunks), chunks)
    return packed(explorer, axes, values, chain.from_iterable(drawn))
