"""The same as steps of nbgrader, so that ``nbgrader autograde`` and ``generate_feedback`` are safe by themselves."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor

from grading import banks, desk, layout, sandbox, store
from grading import judge as judging


def course_of(resources: Any) -> Path:
    """Find the course folder above the notebook that nbgrader is reading."""
    return Path(resources["metadata"]["path"]).resolve().parents[2]


class Rebuild(NbGraderPreprocessor):
    """Lay a submission out as its source is, so that nothing a student wrote about a cell counts."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Put it in order."""
        source = desk.source_of(course_of(resources), resources["nbgrader"]["assignment"])
        book, missing = layout.rebuild(nb, source)
        if missing:
            self.log.warning("Not found in what was handed in: %s", ", ".join(missing))
        return book, resources


class Judge(NbGraderPreprocessor):
    """Run and judge a submission, unless that was done before with the same cells and the same questions.

    What the student wrote then becomes text in which nothing runs, wherever the notebook is shown.
    """

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Write the outputs under the cells."""
        student, assignment = resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
        place = store.Place(course_of(resources), assignment, student)
        outputs = desk.saved(place, nb)
        if outputs is None:
            sandbox.check()
            seed = str(place.about().get("seed") or student)
            banks.check(place.course, assignment, seed)
            outputs = judging.judge(nb, seed, place.course, assignment).outputs
        for cell, given in zip(nb.cells, outputs, strict=True):
            if cell.cell_type == "code":
                cell.outputs = given
        return layout.make_safe(nb), resources


class HideTests(NbGraderPreprocessor):
    """Take the hidden tests out of what a student is given to read."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        """Keep the visible part of our cells; a student's own are short by now, and stay as they are."""
        if layout.is_test(cell):
            cell.source = layout.without_hidden(cell.source)
        return cell, resources


def drop_others(course: str, *, assignment: str, student: str, notebooks: Any) -> None:
    """Remove what is neither a notebook nor a time from what was handed in.

    nbgrader would copy it, and what a link leads to, into what is graded and into the student's feedback. Nothing that
    is looked at is followed.
    """
    top = Path(course) / "submitted"
    for who in [student] if student != "*" else sorted(os.listdir(top)):
        for place in (top / who, top / who / assignment):
            if place.is_symlink():
                place.unlink()
        _only_files(top / who / assignment)


def _only_files(folder: Path) -> None:
    keep = (".ipynb", "timestamp.txt")
    for place, folders, files in os.walk(folder, topdown=False):
        for name in files + folders:
            path = Path(place, name)
            kind = path.lstat().st_mode
            if stat.S_ISDIR(kind):
                continue
            if not stat.S_ISREG(kind) or not name.endswith(keep) or Path(place) != folder:
                path.unlink()
