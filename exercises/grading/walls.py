"""The walls of the sandbox: what bubblewrap is asked for, and the little of this machine that is inside.

Inside are the system's libraries, Python, virtlearn and the packages that an answer needs, each named; everything else
is left out, so that no bank of questions, no course and no other package can be found there, wherever it was installed.
"""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement

from grading.banks import COURSE, PACKAGE
from grading.limits import Limits

RUNNER = Path(__file__).with_name("runner.py")
FILTERS = Path(__file__).with_name("filters.py")
HOME = "/tmp/submission"  # inside, and nowhere outside
# Where a system keeps its programs; the caller's PATH may name a folder of somebody else's.
PROGRAMS = "/usr/local/bin:/usr/bin:/bin:/run/current-system/sw/bin"
# What an answer may import, with all that these need; the last ones only where they are installed.
NEEDED = (
    "numpy",
    "plotly",
    "ipywidgets",
    "anywidget",
    "filelock",
    "ipython",
    "matplotlib",
    "pandas",
    "scipy",
)
SYSTEM = ("/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share/zoneinfo")
LINKS = ("/bin", "/lib", "/lib64", "/etc/ld.so.cache")


class NoSandbox(Exception):
    """Nothing here can hold a stranger's program."""


def real_root() -> bool:
    """Tell the machine's root, who can become anybody, from one who is root in a namespace alone."""
    users = Path("/proc/self/uid_map")
    return os.geteuid() == 0 and users.exists() and int(users.read_text().split()[2]) > 1_000_000


def _wanted() -> Iterator[importlib.metadata.Distribution]:
    """Give the packages that an answer needs, and those they need."""
    waiting, seen = list(NEEDED), set()
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found = importlib.metadata.distribution(name)
            yield found
            needs = [Requirement(text) for text in found.requires or ()]
            waiting += [
                need.name
                for need in needs
                if need.marker is None or need.marker.evaluate({"extra": ""})
            ]


@functools.cache
def packages() -> tuple[Path, ...]:
    """List the files and folders of the packages that an answer needs."""
    found: set[Path] = set()
    for each in _wanted():
        tops = {file.parts[0] for file in each.files or () if file.parts[0] != ".."}
        found |= {Path(str(each.locate_file(top))) for top in tops - {"__pycache__"}}
    return tuple(sorted(path for path in found if path.exists()))


@functools.cache
def sites() -> tuple[Path, ...]:
    """List the folders that packages are imported from."""
    return tuple(dict.fromkeys([*(path.parent for path in packages()), PACKAGE.parent]))


def _pythons() -> list[Path]:
    """List what Python itself is: its programs, its own library, its settings of a virtual environment."""
    base = Path(sys.base_prefix)
    real = Path(sys.executable).resolve().parents[1]
    found = [Path(sys.prefix, "bin"), Path(sys.prefix, "pyvenv.cfg"), Path(sys.executable).parent]
    for top in (base, real):
        found += [top / "bin", top / "lib", top / "lib64"]
    return [*found, Path(sysconfig.get_path("stdlib"))]


def _nests(shown: list[Path]) -> Iterator[Path]:
    """Give folders inside what is shown that hold packages of others, or what belongs to a course."""
    for place in shown:
        for pattern in ("site-packages", "dist-packages"):
            yield from place.glob(pattern)
            yield from place.glob(f"python*/{pattern}")
    yield from (COURSE, COURSE.parent / "lessons", PACKAGE / "_material")


def _binds(places: list[Path], seen: list[Path], made: set[Path]) -> Iterator[str]:
    """Show each place once, read-only, below folders that anybody may enter."""
    for place in places:
        if any(place.is_relative_to(other) for other in seen) or not os.path.lexists(place):
            continue
        for above in list(place.parents)[-2::-1]:
            if above not in made and not any(above.is_relative_to(other) for other in seen):
                yield from ("--dir", str(above))  # made by itself it could be entered by root alone
                made.add(above)
        if place.is_symlink():
            yield from ("--symlink", os.readlink(place), str(place))
            continue
        seen.append(place)
        yield from ("--ro-bind", str(place), str(place))


@functools.cache
def shown() -> tuple[str, ...]:
    """Say what of this machine is inside: the system, Python, virtlearn, and the packages that are named."""
    seen: list[Path] = []
    made: set[Path] = set()
    system = [Path(each) for each in (*SYSTEM, *LINKS)]
    steps = list(_binds([*system, *_pythons()], seen, made))
    for nest in dict.fromkeys(_nests(seen)):
        if nest.is_dir() and any(nest.is_relative_to(other) for other in seen):
            steps += ["--tmpfs", str(nest)]
    # Each by itself, whatever was hidden above it.
    steps += _binds([*packages(), PACKAGE], [], made)
    material = PACKAGE / "_material"
    if material.is_dir():
        steps += ["--tmpfs", str(material)]
    return tuple(steps)


def bubblewrap() -> str:
    """Find the program that builds the walls, where the system keeps its programs."""
    found = shutil.which("bwrap", path=PROGRAMS)
    if found is None:
        raise NoSandbox("bubblewrap is not installed here.")
    return found


def walls(limits: Limits) -> list[str]:
    """Say what bubblewrap is asked for: namespaces of its own, no network, no rights, a small disk in memory."""
    own = [bubblewrap(), "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    own += ["--unshare-cgroup-try"]
    if real_root():  # the runner becomes nobody by itself, and needs only this for it
        own += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        own += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    own += ["--die-with-parent", "--new-session", "--hostname", "submission"]
    # The runner's own /tmp comes first: Python may itself live below the outer one.
    space = ["--perms", "1777", "--size", str(limits.disk_mib << 20), "--tmpfs", "/tmp"]
    devices = ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    runner = ["--ro-bind", str(RUNNER), "/runner.py", "--ro-bind", str(FILTERS), "/filters.py"]
    home = ["--perms", "0777", "--dir", HOME, "--chdir", HOME]
    return [*own, *space, *shown(), *devices, *runner, *home]
