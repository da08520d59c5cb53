"""The order of a notebook: our cells as we wrote them, and of a submission only what stands in its answers."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

from grading import safe

HIDDEN = re.compile(
    r"^[ \t]*### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS[^\n]*\n?", re.DOTALL | re.MULTILINE
)
UNTOUCHED = "YOUR ANSWER HERE"  # what nbgrader leaves where a text is to be written
Named = list[tuple[str, NotebookNode]]


def of(cell: NotebookNode) -> dict[str, Any]:
    """Give what nbgrader keeps about a cell, whatever a student made of it."""
    about = cell.metadata.get("nbgrader")
    return about if isinstance(about, dict) else {}


def is_test(cell: NotebookNode) -> bool:
    """Tell a cell that is graded by machine."""
    return cell.cell_type == "code" and bool(of(cell).get("grade")) and not of(cell).get("solution")


def is_read(cell: NotebookNode) -> bool:
    """Tell a cell that a person reads and grades."""
    return bool(of(cell).get("grade")) and bool(of(cell).get("solution"))


def without_hidden(text: str) -> str:
    """Take the hidden tests out of a graded cell of ours."""
    return HIDDEN.sub("", text).rstrip("\n")


def _ours(source: NotebookNode) -> dict[str, NotebookNode]:
    return {of(cell)["grade_id"]: cell for cell in source.cells if of(cell)}


def made_names(text: str) -> set[str]:
    """List the names that a piece of code makes at its top, or nothing where it is not Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    found: set[str] = set()
    for step in tree.body:
        if isinstance(step, ast.FunctionDef | ast.ClassDef):
            found.add(step.name)
        for node in ast.walk(step) if isinstance(step, ast.Assign | ast.AnnAssign) else ():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
    return found


def _named(book: NotebookNode, ours: dict[str, NotebookNode]) -> Named:
    """Pair each cell with our name for it, "" for the student's own.

    A notebook may come without nbgrader's metadata, as from a site that drops it: then our locked texts are known by
    what they say, and an answer by where it stands between them.
    """
    pairs: Named = []
    seen: set[str] = set()
    locked = {name: cell.source for name, cell in ours.items() if of(cell).get("locked")}
    texts = {text.strip(): name for name, text in locked.items()}
    texts |= {without_hidden(text).strip(): name for name, text in locked.items()}
    for cell in book.cells:
        name = of(cell).get("grade_id")
        if not isinstance(name, str) or name not in ours:
            name = texts.get(cell.source.strip(), "")
        elif name in seen:
            name = "" if of(ours[name]).get("solution") else "again"
        pairs.append(("" if name in seen else name, cell))
        seen.add(name) if name and name != "again" else None
    return _with_answers(pairs, ours, seen)


def _with_answers(pairs: Named, ours: dict[str, NotebookNode], seen: set[str]) -> Named:
    """Find the answers that carry no name by what they define, or between the texts they stand between."""
    order = list(ours)
    for name in [name for name in order if name not in seen and of(ours[name]).get("solution")]:
        place = order.index(name)
        at = [i for i, (known, _) in enumerate(pairs) if known in order[:place]]
        end = [i for i, (known, _) in enumerate(pairs) if known in order[place + 1 :]]
        between = range(at[-1] + 1 if at else 0, end[0] if end else len(pairs))
        free = [i for i, (known, _) in enumerate(pairs) if not known]
        free = [i for i in free if pairs[i][1].cell_type == ours[name].cell_type]
        wanted = made_names(ours[name].source)
        fits = [i for i in free if wanted & made_names(pairs[i][1].source)]
        near = [i for i in free if i in between and pairs[i][1].source.strip()]
        chosen = next(iter([i for i in fits if i in between] or fits or (near if at else [])), None)
        if chosen is not None:
            pairs[chosen] = (name, pairs[chosen][1])
            seen.add(name)
    return pairs


def _gathered(
    pairs: Named, ours: dict[str, NotebookNode]
) -> tuple[dict[str, NotebookNode], dict[str, list[NotebookNode]]]:
    """Give the student's cells for our names, and what of their own stands behind each."""
    theirs: dict[str, NotebookNode] = {}
    own: dict[str, list[NotebookNode]] = {"": []}
    last = ""
    for name, cell in pairs:
        if name == "again":
            continue
        if name:
            theirs[name], last = cell, name
            own[last] = []
        else:
            own[last].append(cell)
    return theirs, own


def _cell(text: str, kind: str, about: dict[str, Any], from_: NotebookNode | None) -> NotebookNode:
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    cell = make(text, metadata=about)
    attached = from_.get("attachments") if from_ is not None and kind != "code" else None
    if isinstance(attached, dict):
        cell.attachments = copy.deepcopy(attached)
    return cell


def rebuild(book: NotebookNode, source: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """Lay out a submission as its source is; give it, and the names of the answers that were not found.

    Nothing a student says about a cell is believed, only what is in it. The first cell under an answer's name is that
    answer; one that is missing is empty; all other cells are the student's own and stay where they are.
    """
    ours = _ours(source)
    theirs, own = _gathered(_named(book, ours), ours)
    cells = [_cell(each.source, each.cell_type, {}, each) for each in own[""]]
    missing = []
    for name, cell in ours.items():  # a plain cell of the source is the student's to change
        found = theirs.get(name)
        text = cell.source
        if of(cell)["solution"]:
            text = found.source if found is not None else ""
            missing += [] if found is not None else [name]
        about = {"nbgrader": copy.deepcopy(of(cell))}
        cells.append(_cell(text, cell.cell_type, about, found if of(cell)["solution"] else None))
        cells += [_cell(each.source, each.cell_type, {}, each) for each in own.get(name, [])]
    for i, cell in enumerate(cells):
        cell.id = f"cell-{i}"
    made = nbformat.v4.new_notebook(metadata=copy.deepcopy(source.metadata), cells=cells)
    return made, missing


def _written(book: NotebookNode) -> Iterator[NotebookNode]:
    """Give the cells whose text a student wrote and a page would render."""
    for cell in book.cells:
        if cell.cell_type != "code" and (not of(cell) or of(cell).get("solution")):
            yield cell


def make_safe(book: NotebookNode) -> NotebookNode:
    """Turn what a student wrote into HTML in which nothing runs, in the browser of whoever reads it."""
    for cell in _written(book):
        if cell.source.strip() != UNTOUCHED:
            cell.source = safe.as_cell(cell.source, cell.get("attachments"))
        cell.pop("attachments", None)
    return book


def student_of(book: NotebookNode) -> str:
    """Read the login that a student typed, in ``STUDENT = "..."``; nothing is run for it."""
    for cell in book.cells:
        if cell.cell_type != "code" or "STUDENT" not in cell.source:
            continue
        found = re.search(r"^\s*STUDENT\s*=\s*(['\"])(.{0,100}?)\1", cell.source, re.MULTILINE)
        if found and found[2].strip() not in ("", "your-login"):
            return safe.line(found[2], 100)
    return ""
