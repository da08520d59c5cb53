"""The command line: open the course, say what works here, look things up."""

from __future__ import annotations

import argparse
import importlib.util
import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import virtlearn as vl
from virtlearn.arguments import whole
from virtlearn.catalog.evidence import cited, evidence
from virtlearn.course import HERE, LESSONS, CannotOpen, copy_course, folder_named, material
from virtlearn.doctor import doctor
from virtlearn.errors import VirtlearnError
from virtlearn.units import count

__all__ = ["main"]

COURSE = "virtlearn-course"
PICTURES = 4096  # some minutes for the whole course
PORTS = range(8888, 8988)  # where JupyterLab looks for one by itself
# What `lab` says about the files that it found, a line for each.
NOTES = {
    "kept": "kept as you changed it: {} (--update puts ours there and keeps yours beside it)",
    "aside": "yours is kept as: {}",
    "gone": "no longer part of the course: {}",
}
NO_NOTEBOOK = "NOTEBOOK is '{}', and {}.\nTry: virtlearn sources MEM-10"


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _refuse_port(port: int) -> None:
    """Refuse a port that cannot be or is taken; one taken later JupyterLab itself refuses."""
    possible = 1 <= port <= 65535
    if possible and _is_free(port):
        return
    why = "that port is in use, or not yours" if possible else "ports go from 1 to 65535"
    other = next((port for port in PORTS if _is_free(port)), 0)
    raise CannotOpen(f"--port is {port}, but {why}.\nTry: virtlearn lab --port {other}")


def _jupyterlab(asked: argparse.Namespace, home: Path, first: str | None) -> list[str]:
    """Put together the command that starts JupyterLab; `first` is the lesson that it opens."""
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={home}"]
    if first is not None:
        command.append(f"--LabApp.default_url=/lab/tree/lessons/{first}")
    if asked.no_browser:
        command.append("--no-browser")
    if asked.port is not None:
        command += [f"--ServerApp.port={asked.port}", "--ServerApp.port_retries=0"]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--allow-root")  # JupyterLab refuses to run as root without being told so
    return [*command, *asked.extra]


def _say_what_was_done(home: Path, done: dict[str, list[str]]) -> None:
    new, renewed = count(len(done["new"]), "new file"), len(done["renewed"])
    print(f"The course is in {home}: {new}, {renewed} renewed.")
    for what, note in NOTES.items():
        for name in done[what]:
            print(f"  {note.format(name)}")


def lab(asked: argparse.Namespace) -> int:
    """Copy the course and become JupyterLab, so that stopping one stops the other."""
    if importlib.util.find_spec("jupyterlab") is None:
        wrong = "JupyterLab is not installed."
        raise CannotOpen(f"{wrong}\nTry: {sys.executable} -m pip install jupyterlab")
    if asked.port is not None:
        _refuse_port(asked.port)
    folder = folder_named(asked.dir)
    done = copy_course(folder, update=asked.update)
    home = folder.resolve()
    _say_what_was_done(home, done)
    print("Opening JupyterLab. To stop it, press Ctrl-C twice in this window.", flush=True)
    lessons = sorted(file.name for file in (home / "lessons").glob(LESSONS))
    first = lessons[0] if done["new"] and lessons else None
    # Our defaults (no question about "Jupyter news", no tools for teachers) join the search path; a
    # learner's own settings win.
    paths = [os.environ.get("JUPYTER_CONFIG_PATH", ""), str(HERE / "data" / "jupyter")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, paths))
    os.environ.setdefault("VIRTLEARN_PROGRESS", str(home / "virtlearn-progress.json"))
    command = _jupyterlab(asked, home, first)
    if os.name != "nt":  # there, exec returns to the prompt at once and leaves JupyterLab behind
        os.execv(command[0], command)
    return subprocess.call(command)


def platforms(name: str | None) -> None:
    """Print the platforms there are, or everything known about one."""
    for each in map(vl.platform, [name] if name else vl.platforms()):
        print(each if name else f"{each.name:<26}{each.title}")


def _sources_of(notebook: str) -> None:
    """Print the rows that a notebook cites, two lines each."""
    book = Path(notebook)
    if not book.is_file():
        raise CannotOpen(NO_NOTEBOOK.format(notebook, "there is no such file"))
    try:
        text = book.read_text("utf-8")
    except UnicodeDecodeError:
        raise CannotOpen(NO_NOTEBOOK.format(notebook, "it holds no text")) from None
    print(f"{book.name} rests on")
    for each in map(evidence, sorted(cited(text))):
        print(f"  {each.id:<8} {each.quantity}: {each.text} {each.unit}")
        print(f"           {each.source_title}, {each.venue_year}")


def sources(asked: Sequence[str]) -> None:
    """Print the published numbers that lessons rest on, or everything about the ids given."""
    for word in asked or sorted(map(str, material()["lessons"].glob(LESSONS))):
        if word.endswith(".ipynb"):
            _sources_of(word)
        else:
            print(evidence(word), end="\n\n")


def site(folder: str, pictures: int) -> None:
    """Write the course as pages that need no kernel."""
    from virtlearn.site import export

    budget = whole("site", "pictures", pictures)
    pages = export(material()["lessons"], folder_named(folder), budget=budget, say=print)
    print(f"{count(len(pages), 'page')}. Open {pages[0].resolve()}")


def check(folder: str | None) -> None:
    """Print how far a learner is: what is right, and which questions are open."""
    home = folder_named(folder or ("." if Path("lessons").is_dir() else COURSE))
    if not (home / "lessons").is_dir():
        wrong = f"DIR is '{home}', and the course was not copied there."
        raise CannotOpen(f"{wrong}\nTry: virtlearn lab {home}")
    os.environ.setdefault("VIRTLEARN_PROGRESS", str(home / "virtlearn-progress.json"))
    print(vl.study.progress())
    answers, _ = vl.study.record.load()
    done = {name for name, facts in answers.items() if facts.get("status") in ("right", "shown")}
    for lesson in vl.study.lessons_with_questions():
        still_open = [name for name in vl.study.questions(lesson) if name not in done]
        print(f"{lesson}: open are", ", ".join(still_open) or "none")


def _take_lab_options(one: argparse.ArgumentParser) -> None:
    """Say what `lab` can be told; what it does not know goes to JupyterLab."""
    one.epilog = "Any other option goes to JupyterLab; write it as --name=value."
    one.add_argument("dir", nargs="?", default=COURSE, metavar="DIR", help="default: %(default)s")
    about = "print the address instead of opening it"
    one.add_argument("--no-browser", action="store_true", help=about)
    about = "listen on this port (default: a free one)"
    one.add_argument("--port", type=int, metavar="N", help=about)
    about = "renew what you changed too; yours is kept beside it"
    one.add_argument("--update", action="store_true", help=about)


def _parser() -> argparse.ArgumentParser:
    about = (vl.__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(prog="virtlearn", description=about)
    parser.add_argument("--version", action="version", version=f"virtlearn {vl.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(
        name: str, run: Callable[[argparse.Namespace], int | None], about: str
    ) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=about, description=f"{about.capitalize()}.")
        one.set_defaults(run=run)
        return one

    about = "copy the course into a folder of yours, keep what you changed there, and open it"
    _take_lab_options(add("lab", lab, about))
    add("doctor", lambda _: doctor(), "say what works on this machine and what does not")

    about = "say how far you are: what is right and what is open"
    one = add("check", lambda asked: check(asked.dir), about)
    about = f"where the course was copied to (default: . or {COURSE})"
    one.add_argument("dir", nargs="?", metavar="DIR", help=about)

    about = "list the platforms, or show all numbers of one"
    one = add("platforms", lambda asked: platforms(asked.name), about)
    one.add_argument("name", nargs="?", metavar="NAME", help="for example containers")

    about = "print the published numbers that lessons rest on"
    one = add("sources", lambda asked: sources(asked.what), about)
    one.add_argument("what", nargs="*", metavar="NOTEBOOK", help="notebooks, or ids such as MEM-10")

    about = "write the course as pages that work without a kernel"
    one = add("site", lambda asked: site(asked.dir, asked.pictures), about)
    one.add_argument("dir", metavar="DIR", help="where the pages go")
    about = (
        "the most pictures of one explorer, about (default: %(default)s); fewer are drawn sooner"
    )
    one.add_argument("--pictures", type=int, default=PICTURES, metavar="N", help=about)

    about = "hold the model against this machine's own kernel"
    add("check-model", lambda _: print(vl.machine.check_model()), about)
    return parser


def _let_every_letter_pass() -> None:
    """Print a question mark where a console's alphabet lacks a letter, as on old Windows."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _run(asked: argparse.Namespace) -> int:
    """Run the command; what the system refuses comes out as one of our own errors."""
    try:
        done = int(asked.run(asked) or 0)
        if sys.stdout is not None:  # None: the caller closed it and wants to hear nothing
            sys.stdout.flush()
        return done
    except BrokenPipeError:  # `virtlearn sources | head` has read enough
        _say_no_more()
        return 0
    except OSError as error:
        _say_no_more()
        which = f": {error.filename}" if error.filename else ""
        wrong = f"the system refused. {error.strerror or error}{which}."
        raise VirtlearnError(
            f"{wrong}\nTry: virtlearn doctor, which says what works here"
        ) from error


def _say_no_more() -> None:
    """Send what is still to be printed nowhere, or Python would complain once more when it ends."""
    printed = sys.__stdout__
    if printed is not None and printed is sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), printed.fileno())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and say how it went.

    What cannot be done is told in a few lines on stderr, without a traceback.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after ``virtlearn``; those of this process where none are given.

    Returns
    -------
    int
        The exit code: 0, 1 when `doctor` misses something, 2 when it cannot
        be done, 130 after Ctrl-C.

    Examples
    --------
    >>> main(["lab", "--port", "0"])
    2
    """
    _let_every_letter_pass()
    parser = _parser()
    asked, extra = parser.parse_known_args(argv)
    asked.extra = extra
    if asked.extra and asked.command != "lab":
        help_is = f"Try: virtlearn {asked.command} --help"
        parser.error(f"'{asked.command}' does not know {asked.extra[0]}. {help_is}")
    try:
        return _run(asked)
    except VirtlearnError as error:
        print(f"virtlearn: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
