"""The command line: open the course, say what works here, look things up."""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import importlib.util
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import virtlearn as vl
from virtlearn.errors import VirtlearnError
from virtlearn.sources import cited, evidence
from virtlearn.units import count

__all__ = ["CannotOpen", "main"]

HERE = Path(__file__).resolve().parent
# How each file looked when it was copied: tells one that the learner changed from one we should renew.
RECORD = ".virtlearn-copied.json"
PACKAGES = ("numpy", "plotly", "ipywidgets", "anywidget", "jupyterlab", "ipykernel")
FRONT_ENDS = {"@jupyter-widgets/jupyterlab-manager": "ipywidgets", "anywidget": "anywidget"}
COURSE = "virtlearn-course"
LESSONS = "[0-9][0-9]-*.ipynb"


class CannotOpen(VirtlearnError):
    """The course cannot be opened as asked: the folder, the port or a missing package says no."""


def material() -> dict[str, Path]:
    """Say where lessons and exercises are: in an installed wheel, or in the checkout this file is part of."""
    inside = HERE / "_material"
    if inside.is_dir():
        return {"lessons": inside / "lessons", "exercises": inside / "exercises"}
    return {"lessons": HERE.parent / "lessons", "exercises": HERE.parent / "exercises" / "release"}


def _files(folder: Path) -> Iterator[Path]:
    """Give every file of the course below a folder, as a relative path; hidden ones are not part of it."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.is_file() and not any(part.startswith((".", "__")) for part in inner.parts):
            yield inner


def _aside(path: Path) -> Path:
    """Name a free place beside a file: ``02.ipynb`` is kept as ``02.mine-1.ipynb``."""
    names = (
        path.with_name(f"{path.stem}.mine-{number}{path.suffix}") for number in itertools.count(1)
    )
    return next(name for name in names if not name.exists())


def _copy(folder: Path, update: bool) -> dict[str, list[str]]:
    done: dict[str, list[str]] = {"new": [], "renewed": [], "kept": [], "aside": []}
    folder.mkdir(parents=True, exist_ok=True)
    record_file = folder / RECORD
    try:
        record = json.loads(record_file.read_text("utf-8"))
    except (
        FileNotFoundError,
        ValueError,
    ):  # a record we cannot read means: treat all as the learner's
        record = {}
    for part, source in material().items():
        for inner in _files(source):
            name, target, ours = (
                f"{part}/{inner.as_posix()}",
                folder / part / inner,
                (source / inner).read_bytes(),
            )
            theirs = target.read_bytes() if target.exists() else None
            if theirs is None:
                done["new"].append(name)
            elif theirs != ours and hashlib.sha256(theirs).hexdigest() == record.get(name):
                done["renewed"].append(name)
            elif theirs != ours and update:
                done["aside"].append(target.rename(_aside(target)).relative_to(folder).as_posix())
            elif theirs != ours:
                done["kept"].append(name)
                continue
            if theirs != ours:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(ours)
            record[name] = hashlib.sha256(ours).hexdigest()
    record_file.write_text(json.dumps(record, indent=0), "utf-8")
    return done


def copy_course(folder: Path, *, update: bool = False) -> dict[str, list[str]]:
    """Copy lessons and exercises into a folder, and leave alone what was changed there.

    A file that is as we once wrote it is renewed. One that somebody changed stays, unless `update` asks for ours:
    then theirs is kept beside it. The answer names the files that are ``new``, ``renewed``, ``kept`` as the
    learner has them, and the names under which theirs were put ``aside``.

    >>> with tempfile.TemporaryDirectory() as home:
    ...     first, again = copy_course(Path(home)), copy_course(Path(home))
    >>> again["new"], again["kept"]
    ([], [])
    """
    advice = "\nName a folder of your own: virtlearn lab ~/my-course"
    try:
        if folder.exists() and not folder.is_dir():
            raise CannotOpen(f"DIR is '{folder}', and that is a file.{advice}")
        home = folder.resolve()
        if any(
            home.is_relative_to(source) or source.is_relative_to(home)
            for source in material().values()
        ):
            raise CannotOpen(
                f"DIR is '{folder}', where the course itself lives; your work would change it.{advice}"
            )
        return _copy(folder, update)
    except OSError as error:
        raise CannotOpen(
            f"DIR is '{folder}', and it cannot be used: {error.strerror}.{advice}"
        ) from error


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def lab(asked: argparse.Namespace) -> int:
    """Copy the course and become JupyterLab, so that stopping one stops the other."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise CannotOpen(
            f"JupyterLab is not installed.\nTry: {sys.executable} -m pip install jupyterlab"
        )
    if asked.port is not None and not (1 <= asked.port <= 65535 and _is_free(asked.port)):
        other = next((port for port in range(8888, 8988) if _is_free(port)), 0)
        why = (
            "that port is in use, or not yours"
            if 1 <= asked.port <= 65535
            else "ports go from 1 to 65535"
        )
        raise CannotOpen(f"--port is {asked.port}, but {why}.\nTry: virtlearn lab --port {other}")
    done = copy_course(folder := Path(asked.dir).expanduser(), update=asked.update)
    home = folder.resolve()
    print(
        f"The course is in {home}: {count(len(done['new']), 'new file')}, {len(done['renewed'])} renewed."
    )
    for name in done["kept"]:
        print(
            f"  kept as you changed it: {name} (--update puts ours there and keeps yours beside it)"
        )
    for name in done["aside"]:
        print(f"  yours is kept as: {name}")
    print("Opening JupyterLab. To stop it, press Ctrl-C twice in this window.", flush=True)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={home}"]
    if done["new"] and (first := sorted((home / "lessons").glob(LESSONS))):
        command.append(f"--LabApp.default_url=/lab/tree/lessons/{first[0].name}")
    if asked.no_browser:
        command.append("--no-browser")
    if asked.port is not None:
        command += [f"--ServerApp.port={asked.port}", "--ServerApp.port_retries=0"]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")  # JupyterLab refuses to run as root without being told so
    # Our defaults (no question about "Jupyter news") join the search path; a learner's own settings win.
    paths = [os.environ.get("JUPYTER_CONFIG_PATH", ""), str(HERE / "data" / "jupyter")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    os.environ.setdefault("VIRTLEARN_PROGRESS", str(home / "virtlearn-progress.json"))
    command += asked.extra
    if (
        os.name != "nt"
    ):  # on Windows exec returns to the prompt at once and leaves JupyterLab behind
        os.execv(command[0], command)
    return subprocess.call(command)


def _findings() -> Iterator[tuple[str, str]]:
    """Give what `doctor` says: "ok", "no" (the course needs it) or "--" (good to know), and a sentence."""
    yield "ok", "Python " + ".".join(map(str, sys.version_info[:3]))
    yield "ok", f"virtlearn {vl.__version__} in {HERE}"
    for name in PACKAGES:
        try:
            yield "ok", f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield "no", f"{name} is missing. Try: {sys.executable} -m pip install {name}"
    if importlib.util.find_spec("jupyter_core"):
        from jupyter_core.paths import jupyter_path

        folders = [Path(path) for path in jupyter_path("labextensions")]
        for extension, package in FRONT_ENDS.items():
            if any((folder / extension / "package.json").exists() for folder in folders):
                yield "ok", f"JupyterLab can draw what {package} makes"
            else:
                again = f"{sys.executable} -m pip install --force-reinstall {package}"
                yield (
                    "no",
                    f"JupyterLab cannot draw what {package} makes, so sliders stay away. Try: {again}",
                )
    lessons, exercises = (len(list(folder.rglob(LESSONS))) for folder in material().values())
    yield ("ok" if lessons else "no"), f"{count(lessons, 'lesson')}, {count(exercises, 'exercise')}"
    try:
        with tempfile.TemporaryFile(dir="."):
            yield "ok", f"files can be written in {Path.cwd()}"
    except OSError as error:
        yield (
            "no",
            f"no file can be written in {Path.cwd()}: {error.strerror}. Go to a folder of your own",
        )
    try:
        webbrowser.get()
        yield "ok", "a browser will open by itself"
    except webbrowser.Error:
        yield (
            "--",
            "no browser here: use `virtlearn lab --no-browser` and open the address it prints",
        )
    if importlib.util.find_spec("nbgrader") is None:
        yield "--", "no nbgrader: only instructors need it"


def doctor() -> int:
    """Say in plain words what works on this machine; 1 if something the course needs does not."""
    worst = 0
    for mark, sentence in _findings():
        worst = max(worst, int(mark == "no"))
        print(f"  {mark}  {sentence}")
    verdict = "The course needs what is marked `no`." if worst else "The course will work here."
    print(f"{verdict}\n\nWhere this runs:\n{vl.machine.here()}")
    return worst


def platforms(name: str | None) -> None:
    """Print the platforms there are, or everything known about one."""
    for each in map(vl.platform, [name] if name else vl.platforms()):
        print(each if name else f"{each.name:<26}{each.title}")


def sources(asked: Sequence[str]) -> None:
    """Print the published numbers that lessons rest on, or everything about the ids given."""
    for word in asked or sorted(map(str, material()["lessons"].glob(LESSONS))):
        if not word.endswith(".ipynb"):
            print(evidence(word), end="\n\n")
            continue
        if not Path(word).is_file():
            raise CannotOpen(
                f"NOTEBOOK is '{word}', and there is no such file.\nTry: virtlearn sources MEM-10"
            )
        print(f"{Path(word).name} rests on")
        for each in map(evidence, sorted(cited(Path(word).read_text("utf-8")))):
            print(f"  {each.id:<8} {each.quantity}: {each.text} {each.unit}")
            print(f"           {each.source_title}, {each.venue_year}")


def site(folder: str) -> None:
    """Write the course as pages that need no kernel."""
    from virtlearn.site import export

    pages = export(material()["lessons"], Path(folder).expanduser(), say=print)
    print(f"{count(len(pages), 'page')}. Open {pages[0].resolve()}")


def check(folder: str | None) -> None:
    """Print how far a learner is: what is right, and which questions are open."""
    home = Path(folder or ("." if Path("lessons").is_dir() else COURSE))
    if not (home / "lessons").is_dir():
        raise CannotOpen(
            f"DIR is '{home}', and the course was not copied there.\nTry: virtlearn lab {home}"
        )
    os.environ.setdefault("VIRTLEARN_PROGRESS", str(home / "virtlearn-progress.json"))
    print(vl.study.progress())
    answers, _ = vl.study.record.load()
    done = {name for name, facts in answers.items() if facts.get("status") in ("right", "shown")}
    for lesson in vl.study.lessons_with_questions():
        print(
            f"{lesson}: open are",
            ", ".join(q for q in vl.study.questions(lesson) if q not in done) or "none",
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="virtlearn", description=(vl.__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--version", action="version", version=f"virtlearn {vl.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(
        name: str, run: Callable[[argparse.Namespace], int | None], about: str
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=about, description=f"{about.capitalize()}.")
        one.set_defaults(run=run)
        return one

    one = add(
        "lab",
        lab,
        "copy the course into a folder of yours, keep what you changed there, and open it",
    )
    one.epilog = "Any other option goes to JupyterLab; write it as --name=value."
    one.add_argument("dir", nargs="?", default=COURSE, metavar="DIR", help="default: %(default)s")
    one.add_argument(
        "--no-browser", action="store_true", help="print the address instead of opening it"
    )
    one.add_argument(
        "--port", type=int, metavar="N", help="listen on this port (default: a free one)"
    )
    one.add_argument(
        "--update", action="store_true", help="renew what you changed too; yours is kept beside it"
    )
    add("doctor", lambda _: doctor(), "say what works on this machine and what does not")
    one = add(
        "check",
        lambda asked: check(asked.dir),
        "say how far you are: what is right and what is open",
    )
    one.add_argument(
        "dir",
        nargs="?",
        metavar="DIR",
        help=f"where the course was copied to (default: . or {COURSE})",
    )
    one = add(
        "platforms",
        lambda asked: platforms(asked.name),
        "list the platforms, or show all numbers of one",
    )
    one.add_argument("name", nargs="?", metavar="NAME", help="for example containers")
    one = add(
        "sources",
        lambda asked: sources(asked.what),
        "print the published numbers that lessons rest on",
    )
    one.add_argument("what", nargs="*", metavar="NOTEBOOK", help="notebooks, or ids such as MEM-10")
    one = add(
        "site", lambda asked: site(asked.dir), "write the course as pages to read without a kernel"
    )
    one.add_argument("dir", metavar="DIR", help="where the pages go")
    add(
        "check-model",
        lambda _: print(vl.machine.check_model()),
        "hold the model against this machine's own kernel",
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 when `doctor` misses something, 2 when it cannot be done.

    What cannot be done is told in a few lines on stderr, without a traceback.

    >>> main(["lab", "--port", "0"])
    2
    """
    parser = _parser()
    asked, extra = parser.parse_known_args(argv)
    asked.extra = extra
    if asked.extra and asked.command != "lab":
        parser.error(
            f"'{asked.command}' does not know {asked.extra[0]}. Try: virtlearn {asked.command} --help"
        )
    try:
        done = int(asked.run(asked) or 0)
        sys.stdout.flush()
        return done
    except BrokenPipeError:  # `virtlearn sources | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except VirtlearnError as error:
        print(f"virtlearn: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
