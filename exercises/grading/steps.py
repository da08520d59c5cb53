"""The same as steps of nbgrader, so that ``nbgrader autograde`` and ``generate_feedback`` are safe by themselves."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor

from grading import desk, sandbox
from grading import judge as judging

HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS[^\n]*\n?", re.DOTALL | re.MULTILINE
)


def course_of(resources: Any) -> Path:
    """Find the course folder above the notebook that nbgrader is reading."""
    return Path(resources["metadata"]["path"]).resolve().parents[2]


class Rebuild(NbGraderPreprocessor):
    """Lay a submission out as its source is, so that nothing a student wrote about a cell counts."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Put it in order."""
        about = resources["nbgrader"]
        return judging.rebuild(
            nb, desk.source_of(course_of(resources), about["assignment"])
        ), resources


class Judge(NbGraderPreprocessor):
    """Run and judge a submission, unless that was done before with the same cells and the same questions."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Write the outputs under the cells."""
        student, assignment = resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]
        file = desk.kept(course_of(resources), student, assignment)
        before = json.loads(file.read_text("utf-8")) if file.exists() else {}
        if before.get("key") == desk.key(nb, student, assignment):
            outputs = [list(map(nbformat.from_dict, each)) for each in before["outputs"]]
        else:
            sandbox.check()
            outputs = judging.judge(nb, student, assignment[:2])
        for cell, given in zip(nb.cells, outputs, strict=True):
            if cell.cell_type == "code":
                cell.outputs = given
        return nb, resources


class HideTests(NbGraderPreprocessor):
    """Take the hidden tests out of what a student is given to read."""

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> Any:
        """Keep the visible part."""
        cell.source = HIDDEN.sub("", cell.source).rstrip("\n")
        return cell, resources


def drop_links(course: str, *, assignment: str, student: str, notebooks: Any) -> None:
    """Remove links from what was handed in: nbgrader would copy what they lead to into the student's feedback."""
    for pattern in (
        student,
        f"{student}/{assignment}",
        f"{student}/{assignment}/**/*",
    ):  # nbgrader says "*" for all
        for path in (Path(course) / "submitted").glob(pattern):
            if path.is_symlink():
                path.unlink()
