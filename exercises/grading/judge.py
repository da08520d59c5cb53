"""Judging: put a submission in order, run its cells in the sandbox, and the graded cells here on what it answers."""

from __future__ import annotations

import ast
import builtins
import contextlib
import copy
import html
import io
import os
import re
import tempfile
from collections.abc import Iterator
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

import virtlearn as vl
from grading.sandbox import Limits, NoAnswer, Sandbox
from virtlearn.study import Note
from virtlearn.study.questions import plain

RESTARTS = 4
WORDS = 2000  # characters of a message


def of(cell: NotebookNode) -> dict[str, Any]:
    """Give what nbgrader keeps about a cell, whatever a student made of it."""
    about = cell.metadata.get("nbgrader")
    return about if isinstance(about, dict) else {}


def is_test(cell: NotebookNode) -> bool:
    """Tell a cell that is graded by machine."""
    return cell.cell_type == "code" and bool(of(cell).get("grade")) and not of(cell).get("solution")


def rebuild(book: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Lay out a submission as its source is: our cells as we wrote them, answers and the student's own cells as theirs.

    Nothing a student says about a cell is believed, only what is in it. The first cell under an answer's name is that
    answer; one that is missing is empty; all other cells are the student's own and stay where they are.
    """
    ours = {of(cell)["grade_id"]: cell for cell in source.cells if of(cell)}
    theirs: dict[str, NotebookNode] = {}
    own: dict[str, list[NotebookNode]] = {"": []}
    last = ""
    for cell in book.cells:
        name = of(cell).get("grade_id")
        if isinstance(name, str) and name in ours and name not in theirs:
            theirs[name], last = cell, name
            own[last] = []
        elif (
            name is None
            or not isinstance(name, str)
            or name not in ours
            or of(ours[name]).get("solution")
        ):
            own[last].append(cell)
    cells, made = [], nbformat.v4.new_notebook(metadata=copy.deepcopy(source.metadata))

    def add(text: str, kind: str, about: dict[str, Any]) -> None:
        make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
        text = (
            text
            if kind == "code" or (about and not about["nbgrader"]["solution"])
            else harmless(text)
        )
        cells.append(make(text, id=f"cell-{len(cells)}", metadata=about))

    for cell in [None, *source.cells]:
        name = of(cell).get("grade_id", "") if cell is not None else ""
        if cell is not None and not name:
            continue  # a plain cell of the source is the student's to keep or to change
        if cell is not None:
            text = (
                cell.source
                if not of(cell)["solution"]
                else theirs[name].source
                if name in theirs
                else ""
            )
            add(text, cell.cell_type, {"nbgrader": copy.deepcopy(of(cell))})
        for each in own.get(name, []):
            add(each.source, each.cell_type, {})
    made.cells = cells
    return made


def harmless(text: str) -> str:
    """Give a text in which nothing runs in the browser of a teacher who reads it: one with markup is shown as it was typed.

    >>> harmless("1 < 2, so **more**")
    '1 < 2, so **more**'
    >>> print(harmless("<b>more</b>"))
    ```
    <b>more</b>
    ```
    """
    bare = re.sub(r"[\s\x00-\x1f]", "", html.unescape(text)).casefold()
    if not re.search(r"<[a-z/!?]|(java|vb)script:|data:(text|image)", bare):
        return text
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}"


class Function:
    """A function of the submission: called there, with plain values to and fro."""

    def __init__(self, run: Run, name: str) -> None:
        self._run, self._name = run, name

    def __repr__(self) -> str:
        return f"the function {self._name}"

    def __call__(self, *arguments: Any) -> Any:
        """Call it in the sandbox; what it raises there is raised here, by name and message."""
        return self._run.value(
            self._run.box.limits.call_s, name=self._name, arguments=plain(arguments)
        )


class Odd:
    """A value that no JSON carries; it can be shown, and is the answer to nothing."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class Run:
    """One submission on its way through the cells."""

    def __init__(self, book: NotebookNode, student: str, lesson: str, limits: Limits) -> None:
        self.book, self.box = book, Sandbox(student, lesson, limits)
        self.known: dict[str, Any] = {"vl": vl, "STUDENT": student}
        self.done: list[str] = []
        self.restarts = 0

    def ready(self) -> None:
        """Start the sandbox, or start it again and repeat what went well, without the cell that ended it."""
        if self.box.process is None and self.restarts < RESTARTS:
            self.restarts += 1
            self.box.start()
            with contextlib.suppress(NoAnswer):
                for text in self.done:
                    self.box.ask(self.box.limits.cell_s, run=text)

    def value(self, seconds: float, **what: Any) -> Any:
        """Ask for a value; a missing name, an error and a function come as what they are."""
        reply = self.box.ask(seconds, **what)
        if "error" in reply:
            kind, message = (str(each)[:WORDS] for each in list(reply["error"])[:2])
            known = {"NotImplementedError": NotImplementedError, "RecursionError": RecursionError}
            raise known.get(kind, type(kind if kind.isidentifier() else "Error", (Exception,), {}))(
                message
            )
        if reply.get("missing"):
            raise NameError(
                f"{what['name']} is not there: its cell was not run, or it stopped with an error."
            )
        if reply.get("function"):
            return Function(self, what["name"])
        return reply["value"] if "value" in reply else Odd(str(reply.get("odd"))[:WORDS])

    def theirs(self, cell: NotebookNode) -> list[NotebookNode]:
        """Run a cell of the submission, there; a locked one is ours and is run here as well."""
        outputs = []
        try:
            self.ready()
            reply = self.box.ask(self.box.limits.cell_s, run=cell.source)
            self.done.append(cell.source)
            text = re.sub(r"^Out\[\d*\]: ", "", str(reply.get("text") or ""), flags=re.MULTILINE)
            if text:
                outputs.append(nbformat.v4.new_output("stream", name="stdout", text=clean(text)))
        except NoAnswer as slip:
            outputs.append(failed("NoAnswer", f"This cell was left out: {slip}."))
        if of(cell).get("locked") and not of(cell).get("solution"):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, of(cell)["grade_id"], "exec"), self.known)
        return outputs

    def judged(self, cell: NotebookNode) -> list[NotebookNode]:
        """Run a graded cell here, on what the submission's names hold there; an error is its message and no points."""
        outputs: list[NotebookNode] = []
        space = dict(self.known)
        try:
            self.ready()
            tree = ast.parse(cell.source)
            for name in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
                if name not in space and not hasattr(builtins, name) and not assigned(tree, name):
                    space[name] = self.value(self.box.limits.call_s, name=name)
            for step in tree.body:
                if not isinstance(step, ast.Expr):
                    exec(compile(ast.Module([step], []), "test", "exec"), space)
                elif isinstance(
                    shown := eval(compile(ast.Expression(step.value), "test", "eval"), space), Note
                ):
                    data = {
                        "text/plain": clean(repr(shown)),
                        "text/html": clean(shown._repr_html_()),
                    }
                    outputs.append(nbformat.v4.new_output("display_data", data=data))
        except Exception as slip:
            outputs.append(failed(type(slip).__name__, str(slip)))
        return outputs


def assigned(tree: ast.AST, name: str) -> bool:
    """Tell whether the graded cell itself makes a name."""
    return any(
        isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)
        for n in ast.walk(tree)
    )


def clean(text: str) -> str:
    """Give text that any file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def failed(kind: str, message: str) -> NotebookNode:
    """Give an error as nbgrader counts it: a message, and no line of a test."""
    message = clean(message)[:WORDS]
    return nbformat.v4.new_output(
        "error", ename=clean(kind), evalue=message, traceback=[f"{clean(kind)}: {message}"]
    )


@contextlib.contextmanager
def graded_as(student: str) -> Iterator[None]:
    """Let the library know whose numbers count; nothing is noted in anybody's progress."""
    with tempfile.TemporaryDirectory(prefix="judge-") as scratch:
        ours = {"VIRTLEARN_STUDENT": student, "VIRTLEARN_PROGRESS": f"{scratch}/progress.json"}
        before = {name: os.environ.get(name) for name in ours}
        os.environ.update(ours)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def judge(
    book: NotebookNode,
    student: str,
    lesson: str,
    limits: Limits = Limits(),  # noqa: B008 - a frozen value
) -> list[list[NotebookNode]]:
    """Give the outputs of every cell of a notebook that was put in order, the graded ones judged."""
    run = Run(book, student, lesson, limits)
    try:
        with graded_as(student):
            return [
                []
                if cell.cell_type != "code"
                else run.judged(cell)
                if is_test(cell)
                else run.theirs(cell)
                for cell in book.cells
            ]
    finally:
        run.box.close()
