"""What works on this machine, in plain words, and what to do about what does not."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import virtlearn as vl
from virtlearn.course import HERE, LESSONS, material
from virtlearn.units import count

__all__ = ["doctor"]

PACKAGES = ("numpy", "plotly", "ipywidgets", "anywidget", "jupyterlab", "ipykernel")
FRONT_ENDS = {"@jupyter-widgets/jupyterlab-manager": "ipywidgets", "anywidget": "anywidget"}

# A mark and a sentence. "ok": it works; "no": the course needs it and it does
# not; "--": good to know.
Finding = tuple[str, str]


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        try:
            yield "ok", f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield "no", f"{name} is missing. Try: {sys.executable} -m pip install {name}"


def _front_ends() -> Iterator[Finding]:
    """Look for the browser's halves of the widgets, in the folders where JupyterLab finds them."""
    if importlib.util.find_spec("jupyter_core") is None:
        return
    from jupyter_core.paths import jupyter_path

    folders = [Path(path) for path in jupyter_path("labextensions")]
    for extension, package in FRONT_ENDS.items():
        if any((folder / extension / "package.json").exists() for folder in folders):
            yield "ok", f"JupyterLab can draw what {package} makes"
            continue
        wrong = f"JupyterLab cannot draw what {package} makes, so sliders stay away."
        again = f"{sys.executable} -m pip install --force-reinstall {package}"
        yield "no", f"{wrong} Try: {again}"


def _course() -> Iterator[Finding]:
    lessons, exercises = (len(list(folder.rglob(LESSONS))) for folder in material().values())
    mark = "ok" if lessons else "no"
    yield mark, f"{count(lessons, 'lesson')}, {count(exercises, 'exercise')}"


def _folder() -> Iterator[Finding]:
    """Try the current folder: it may be read-only, full, or deleted since the shell went there."""
    try:
        here = Path.cwd()
    except OSError:
        yield "no", "the current folder does not exist any more. Go to a folder of your own: cd"
        return
    try:
        with tempfile.TemporaryFile(dir=here):
            yield "ok", f"files can be written in {here}"
    except OSError as error:
        wrong = f"no file can be written in {here}: {error.strerror}."
        yield "no", f"{wrong} Go to a folder of your own"


def _good_to_know() -> Iterator[Finding]:
    try:
        webbrowser.get()
        yield "ok", "a browser will open by itself"
    except webbrowser.Error:
        by_hand = "use `virtlearn lab --no-browser` and open the address it prints"
        yield "--", f"no browser here: {by_hand}"
    if importlib.util.find_spec("nbgrader") is None:
        yield "--", "no nbgrader: only instructors need it"


def _findings() -> Iterator[Finding]:
    yield "ok", "Python " + ".".join(map(str, sys.version_info[:3]))
    yield "ok", f"virtlearn {vl.__version__} in {HERE}"
    for look in (_packages, _front_ends, _course, _folder, _good_to_know):
        yield from look()


def doctor() -> int:
    """Print what works on this machine; give 1 if something the course needs does not."""
    worst = 0
    for mark, sentence in _findings():
        print(f"  {mark}  {sentence}")
        if mark == "no":
            worst = 1
    verdict = "The course needs what is marked `no`." if worst else "The course will work here."
    print(f"{verdict}\n\nWhere this runs:\n{vl.machine.here()}")
    return worst
