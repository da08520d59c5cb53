"""What submissions try: each is the model answer of exercise 02 with one thing added, and what that costs."""

from __future__ import annotations

import copy
from typing import Any

import nbformat

NAME = "02-operating-system-cost"
FILE = f"{NAME}.ipynb"
MOST = 14.0

# What a cell of the student's own does, before answer 3; and what it costs.
CELLS = {
    "endless-loop": ("while True:\n    pass", MOST),
    "deaf-loop": ("while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass", MOST),
    "deep-in-c": ("9 ** 9 ** 9", MOST),
    "fork-bomb": ("import os\nwhile True:\n    os.fork()", MOST),
    "fork-bomb-that-shrugs": ("import os\nfor _ in range(10 ** 6):\n    try:\n        os.fork()\n    except OSError:\n        pass", MOST),
    "memory-bomb": ("hoard = []\nwhile True:\n    hoard.append(bytearray(10 ** 7))", MOST),
    "memory-bomb-of-many": (
        "import os, time\nfor _ in range(12):\n    if not os.fork():\n        hoard = b'x' * 300_000_000\n        time.sleep(60)\n"
        "time.sleep(60)", MOST),
    "gigabytes-of-output": ("while True:\n    print('x' * 10 ** 6)", MOST),
    "gigabytes-past-python": ("import os\nfor _ in range(2000):\n    os.write(1, b'x' * 10 ** 6)", MOST),
    "fills-the-disk": (
        "for i in range(10 ** 4):\n    with open(f'/tmp/submission/{i}', 'wb') as file:\n        file.write(b'x' * 10 ** 7)", MOST),
    "deletes-everything": (
        "import os, shutil\nfor top in ('/tmp', '/usr', '/root', '/home', '/etc', '/work'):\n    shutil.rmtree(top, ignore_errors=True)\n"
        "!rm -rf / --no-preserve-root", MOST),
    "exits": ("import os\nos._exit(0)", MOST),
    "exits-politely": ("import sys\nsys.exit()\nquit()", MOST),
    "kills-its-parents": ("import os\nfor who in (1, os.getppid(), -1):\n    try:\n        os.kill(who, 9)\n    except OSError as no:\n        print(no)", MOST),
    "crashes-the-interpreter": ("import ctypes\nctypes.string_at(0)", MOST),
    "leaves-a-process": (
        "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600) # hostile-survivor'], start_new_session=True)",
        MOST),
    "leaves-a-thread": ("import threading\ndef busy():\n    while True:\n        pass\nthreading.Thread(target=busy, daemon=True).start()", MOST),
    "breaks-out": (
        "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\ntried = [libc.unshare(0x10000000), libc.unshare(0x20000),\n"
        "    libc.mount(b'none', b'/tmp', b'tmpfs', 0, None), libc.ptrace(16, os.getppid(), 0, 0), libc.chroot(b'/tmp'),\n"
        "    libc.clone(0, None, 0x10000000 | 17, None)]\nassert tried == [-1] * 6, tried\nprint('kept in')", MOST),
    "redefines-the-checker": (
        "class Mine:\n    def check(self, *answer):\n        return 'right'\nmine = Mine()\nvl.study.grade = lambda *all: None\n"
        "import virtlearn.study.exercise as e\ne.grade = vl.study.exercise = lambda *all: mine\ncontainer_mib = 1", MOST - 1),
    "equal-to-all": (
        "class All(float):\n    __eq__ = __lt__ = __gt__ = __ge__ = __le__ = lambda self, other: True\n    __sub__ = __rsub__ = lambda self, other: 0\n"
        "    __hash__ = float.__hash__\ncontainer_mib, vm_mib = All(1), All(2)", MOST - 2),
    "patches-numpy-and-math": (
        "import math, numpy, json\nmath.isclose = numpy.isclose = numpy.allclose = lambda *all, **named: True\ncontainer_mib = 1.0", MOST - 1),
    "an-object-that-hangs": (
        "class Slow:\n    def __str__(self):\n        while True:\n            pass\n    __repr__ = __str__\ncontainer_mib = Slow()", MOST - 1),
    "an-answer-without-end": ("container_mib = ['x' * 1000] * 10 ** 5\nvm_mib = []\nfor _ in range(10 ** 5):\n    vm_mib = [vm_mib]", MOST - 2),
    "a-number-too-long": ("import sys\nsys.set_int_max_str_digits(0)\ncontainer_mib = 10 ** 100_000\nvm_mib = float('nan')", MOST - 2),
    "prototype-of-code": ("container_mib = '__import__(\"os\").system(\"touch /tmp/hostile\")'", MOST - 1),
    "unicode-tricks": ("ｃontainer_mib = 1\nprint('\\ud800', chr(0), '\\u202e', '\\x1b[31m')\nvm_mib = '\\ud800\\u202e'", MOST - 2),
    "talks-for-the-runner": (
        "import os, json\nfor end in range(3, 40):\n    try:\n        for turn in range(60):\n"
        "            os.write(end, json.dumps({'turn': turn, 'value': 1}).encode() + b'\\n')\n    except OSError:\n        pass", None),
    "sends-rubbish": ("import os\nfor end in range(3, 40):\n    try:\n        os.write(end, b'\\xff{]\\n')\n    except OSError:\n        pass", MOST),
}  # fmt: skip

# Things to look for from inside; an answer that was found would be worth points.
SEARCH = """
import gc, glob, os, socket, sys
kept, container_mib, found = container_mib, None, []
places = {places!r}
def look(*words):
    for top in sorted(set(os.listdir("/")) - {{"proc", "sys", "usr", "lib", "lib64", "bin", "sbin", "dev"}}):
        for place, folders, files in os.walk("/" + top):
            folders[:] = [each for each in folders if os.path.join(place, each) not in (sys.prefix, sys.base_prefix)]
            for file in files:
                try:
                    text = open(os.path.join(place, file), errors="replace").read()
                except OSError:
                    continue
                found.extend(os.path.join(place, file) for word in words if word in text and file != "runner.py")
{what}
print("found", found)
container_mib = kept if found else None
"""
NETWORK = """
for address in (("127.0.0.1", 22), ("192.0.2.1", 80), ("192.0.2.1", 53)):
    try:
        found.append(socket.create_connection(address, 1))
    except OSError:
        pass
found += [line for line in open("/proc/net/dev").read().splitlines()[2:] if not line.strip().startswith("lo:")]
"""
MEMORY = """
found += [name for name in sys.modules if name.startswith("grading")]
found += [pid for pid in os.listdir("/proc") if pid.isdigit() and b"pytest" in open(f"/proc/{pid}/cmdline", "rb").read()]
found += [1 for each in gc.get_objects() if str(type(each).__module__).startswith("virtlearn.study.") and hasattr(each, "wrong")]
"""
SEARCHES = {
    "reads-the-hidden-tests": "look('vl.study.grade(', 'POINTS = {\"')\nfound += [place for place in places if os.path.exists(place)]",
    "reads-a-neighbours-answer": "look({secret!r})",
    "edits-the-gradebook": "found += [open(place, 'ab') for place in places if os.path.exists(place)]\nlook('SQLite format 3')",
    "opens-the-network": NETWORK,
    "reads-its-environment": "found += [each for each in os.environ if each.startswith(('PYTEST', 'CI', 'GITHUB', 'SSH')) or 'TOKEN' in each]",
    "reads-the-judges-memory": MEMORY,
}  # fmt: skip
SECRET = "the neighbour's secret answer"


def edited(source: Any, places: list[str]) -> dict[str, Any]:
    """Make the attacks that a cell cannot: on the notebook itself."""
    made = {}

    def book(name: str) -> Any:
        made[name] = copy.deepcopy(source)
        return {
            cell.metadata.nbgrader["grade_id"]: cell
            for cell in made[name].cells
            if "nbgrader" in cell.metadata
        }

    for name, (text, _) in CELLS.items():
        book(name)
        made[name].cells.insert(5, nbformat.v4.new_code_cell("before = 1"))
        at = next(
            i
            for i, cell in enumerate(made[name].cells)
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "answer-2"
        )
        made[name].cells.insert(at - 3, nbformat.v4.new_code_cell(text))
    for name, what in SEARCHES.items():
        search = SEARCH.format(what=what.replace("{secret!r}", repr(SECRET)), places=places)
        book(name)["answer-1"].source += "\n" + search
    cells = book("edits-its-metadata")
    cells["test-1a"].metadata.nbgrader.update(points=1000, grade_id="test-5", locked=False)
    cells["test-3"].metadata.nbgrader.update(solution=True)
    cells["answer-3"].metadata.nbgrader = "nothing"
    cells["answer-4"].metadata.nbgrader.update(grade=True, points=50)
    cells = book("edits-locked-cells")
    cells["test-1a"].source, cells["setup"].source = (
        "pass",
        cells["setup"].source + "\nmine.check = print",
    )
    cells["answer-1"].source += "\ncontainer_mib = 1"
    cells = book("deletes-the-tests")
    made["deletes-the-tests"].cells = [
        cell for cell in made["deletes-the-tests"].cells if "mine.check" not in cell.source
    ]
    cells = book("pastes-cells-twice")
    made["pastes-cells-twice"].cells += [
        copy.deepcopy(cells[name]) for name in ("answer-3", "test-3", "test-5")
    ]
    book("wrong-kernel")
    made["wrong-kernel"].metadata.kernelspec = {
        "name": "bash -c 'rm -rf /'",
        "display_name": "no",
        "language": "perl",
    }
    cells = book("script-in-the-answer")
    cells[
        "answer-6"
    ].source = "<script>alert('hostile')</script><img src=x onerror=\"alert('hostile')\"> [x](javascript:alert(1))"
    cells["answer-3"].source = "print('<script>alert(1)</script>')\n" + cells["answer-3"].source
    book("neighbour")["answer-6"].source = SECRET
    cells = book("a-function-that-hangs")
    cells["answer-3"].source = "def copies_that_fit(*numbers):\n    while True:\n        pass"
    cells["answer-4"].source = "def largest_guest_mib(*numbers):\n    import os\n    os._exit(3)"
    return made


OWN = {
    "edits-its-metadata": MOST, "edits-locked-cells": MOST - 1, "deletes-the-tests": MOST, "pastes-cells-twice": MOST, "wrong-kernel": MOST,
    "script-in-the-answer": MOST, "neighbour": MOST, "a-function-that-hangs": MOST - 6, "zz-honest": MOST,
    **{name: points for name, (_, points) in CELLS.items()}, **dict.fromkeys(SEARCHES, MOST - 1),
}  # fmt: skip
REFUSED = {
    "huge": "it is larger than 10 MiB",
    "many-cells": "it has 1,001 cells, and no more than 1,000 are run",
    "invalid": "it is no notebook (NotJSONError: ",
    "no-text": "it is no notebook (",
    "nested": "it is no notebook (RecursionError: ",
    "another-assignment": "none of its texts is of this assignment: it is another notebook",
    "a-link": "it is a link to another place",
    "a-folder-that-is-a-link": "it is a link to another place",
    "twice": "there are several: ",
}
# Those that are read, and found to be no notebook of this assignment.
REFUSED_LATER = ("many-cells", "invalid", "no-text", "nested", "another-assignment")
