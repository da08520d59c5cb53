"""Set everything up and run all tests, with Python 3.11+ and pip alone: ``python3 tests/run.py``.

Makes a virtual environment in ``.venv`` (``VIRTLEARN_VENV`` names another place), installs this checkout with
its test tools there, and runs pytest over tests, docstrings, lessons and exercises. Arguments go to pytest:
``python3 tests/run.py -m "not slow and not browser"``.
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EVERYTHING = ["tests", "virtlearn", "lessons"]
# One notebook stays on one worker: its cells share a kernel. Three, on two cores too, as browsers are mostly waited for.
PYTEST = ["-m", "pytest", "-n", "3", "--dist=loadscope", "-rfE", "-o", "faulthandler_timeout=600"]
LESSONS = [
    "--nbval",
    "--nbval-current-env",
    "--nbval-cell-timeout=120",
    "--nbval-sanitize-with=tests/sanitize.cfg",
]


def make_environment(folder: Path) -> Path:
    """Make the virtual environment, install everything, and return its Python."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # Some systems ship Python without `ensurepip`; their own pip can then install into the new environment.
    own_pip = importlib.util.find_spec("ensurepip") is not None
    if not python.exists():
        venv.EnvBuilder(with_pip=own_pip).create(folder)
    pip = (
        [str(python), "-m", "pip"]
        if own_pip
        else [sys.executable, "-m", "pip", "--python", str(python)]
    )
    quiet = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"]
    subprocess.run([*pip, "install", *quiet, "--editable", ".[test]"], cwd=ROOT, check=True)
    return python


def main(arguments: list[str]) -> int:
    """Run it all; the exit code is pytest's."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is started by whatever Python there is
        print(
            f"virtlearn needs Python 3.11 or newer, and this is {sys.version.split()[0]}.",
            file=sys.stderr,
        )
        return 2
    folder = Path(os.environ.get("VIRTLEARN_VENV") or ROOT / ".venv").resolve()
    try:
        python = make_environment(folder)
    except subprocess.CalledProcessError as error:
        print(
            f"pip could not install the test tools into {folder}; its own words are above.",
            file=sys.stderr,
        )
        return error.returncode
    named = [word for word in arguments if (ROOT / word.split("::")[0]).exists()]
    command = [str(python), *PYTEST, *LESSONS, *arguments, *([] if named else EVERYTHING)]
    with tempfile.TemporaryDirectory() as scratch:  # answers given in a test are nobody's progress
        mine = os.environ | {"VIRTLEARN_PROGRESS": os.path.join(scratch, "virtlearn-progress.json")}
        return subprocess.call(command, cwd=ROOT, stdin=subprocess.DEVNULL, env=mine)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
