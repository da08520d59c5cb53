"""Judging: run a submission's cells in the sandbox, and the graded cells here on what the sandbox answers."""

from __future__ import annotations

import ast
import builtins
import contextlib
import io
import os
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

import virtlearn as vl
from grading import banks, form, safe
from grading.layout import is_test, of
from grading.sandbox import CutShort, Limits, NoAnswer, Sandbox
from virtlearn.study import Note
from virtlearn.study.questions import plain, short

RESTARTS = 4
WORDS = 2000  # characters of a message


class Function:
    """A function of the submission: called there, with plain values to and fro."""

    def __init__(self, run: Run, name: str) -> None:
        self._run, self._name = run, name

    def __repr__(self) -> str:
        return f"the function {self._name}"

    def __call__(self, *arguments: Any) -> Any:
        """Call it in the sandbox; what it raises there is raised here, by name and message."""
        seconds = self._run.box.limits.call_s
        return self._run.value(seconds, name=self._name, arguments=plain(arguments))


class Odd:
    """A value that no JSON carries; it can be shown, and is the answer to nothing."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


@dataclass
class Verdict:
    """What came of one submission: the outputs of every cell, and for each graded one what was looked at."""

    outputs: list[list[NotebookNode]] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: float = 0.0
    bound: str = ""  # the first limit that was met, in words
    cut_short: bool = False  # by a busy machine: it has to be judged again, alone


class Run:
    """One submission on its way through the cells."""

    def __init__(self, student: str, files: dict[str, str], limits: Limits) -> None:
        self.box = Sandbox(student, files, limits)
        self.known: dict[str, Any] = {"vl": vl, "STUDENT": student}
        self.done: list[str] = []
        self.restarts, self.left = 0, limits.all_output_characters
        self.verdict = Verdict()

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
            raise _raised(reply["error"])
        if reply.get("missing"):
            said = "is not there: its cell was not run, or it stopped with an error."
            raise NameError(f"{what['name']} {said}")
        if reply.get("function"):
            return Function(self, what["name"])
        return reply["value"] if "value" in reply else Odd(clean(str(reply.get("odd"))))

    def met(self, slip: NoAnswer) -> None:
        """Note the first limit that was met, and whether it was ours to wait longer."""
        self.verdict.bound = self.verdict.bound or str(slip)
        self.verdict.cut_short |= isinstance(slip, CutShort)

    def theirs(self, cell: NotebookNode) -> list[NotebookNode]:
        """Run a cell of the submission, there; a locked one is ours and is run here as well."""
        outputs = []
        try:
            self.ready()
            reply = self.box.ask(self.box.limits.cell_s, run=cell.source)
            self.done.append(cell.source)
            outputs += self._printed(str(reply.get("text") or ""))
        except NoAnswer as slip:
            self.met(slip)
            outputs.append(failed("NoAnswer", f"This cell was left out: {slip}."))
        if of(cell).get("locked") and not of(cell).get("solution"):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, of(cell)["grade_id"], "exec"), self.known)
        return outputs

    def _printed(self, text: str) -> list[NotebookNode]:
        """Keep what a cell printed, as long as there is room for all that the submission prints."""
        text = clean(re.sub(r"^Out\[\d*\]: ", "", text, flags=re.MULTILINE))
        if not text or self.left < 0:
            return []
        self.left -= len(text)
        if self.left < 0:
            text = "(The submission printed more than is kept; the rest is left out.)\n"
        return [nbformat.v4.new_output("stream", name="stdout", text=text)]

    def judged(self, cell: NotebookNode) -> list[NotebookNode]:
        """Run a graded cell here, on what the submission's names hold there; an error is its message and no points."""
        begun, note = time.monotonic(), Given()
        self.verdict.answers[of(cell)["grade_id"]] = vars(note)
        outputs: list[NotebookNode] = []
        try:
            self.ready()
            space = self._space(ast.parse(cell.source), note)
            outputs += self._steps(cell, space)
        except Exception as slip:
            if isinstance(slip, NoAnswer):
                self.met(slip)
            note.message = clean(str(slip))
            outputs.append(failed(type(slip).__name__, str(slip)))
        note.seconds = round(time.monotonic() - begun, 3)
        return outputs

    def _space(self, tree: ast.Module, note: Given) -> dict[str, Any]:
        """Fetch the names that a graded cell uses and does not make itself."""
        space = dict(self.known)
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        own = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
        for name in sorted({node.id for node in nodes} - own):
            if name not in space and not hasattr(builtins, name):
                space[name] = self.value(self.box.limits.call_s, name=name)
                note.name, note.given = name, clean(short(space[name]))
        return space

    def _steps(self, cell: NotebookNode, space: dict[str, Any]) -> list[NotebookNode]:
        outputs = []
        for step in ast.parse(cell.source).body:
            if not isinstance(step, ast.Expr):
                exec(compile(ast.Module([step], []), "test", "exec"), space)
                continue
            shown = eval(compile(ast.Expression(step.value), "test", "eval"), space)
            if isinstance(shown, Note):
                data = {"text/plain": clean(repr(shown)), "text/html": clean(shown._repr_html_())}
                outputs.append(nbformat.v4.new_output("display_data", data=data))
        return outputs


@dataclass
class Given:
    """What was handed in for one graded cell, and what was said to it."""

    name: str = ""
    given: str = ""
    message: str = ""
    form: str = ""
    seconds: float = 0.0


def _raised(error: Any) -> Exception:
    """Make an error of the name and the message that came out of the sandbox."""
    kind, message = (clean(str(each)) for each in list(error)[:2])
    known = {"NotImplementedError": NotImplementedError, "RecursionError": RecursionError}
    made = type(kind if kind.isidentifier() else "Error", (Exception,), {})
    return known.get(kind, made)(message)


def clean(text: str) -> str:
    """Give text that any file can hold and no terminal obeys, and not too much of it."""
    most = max(WORDS, Limits.output_characters)
    return safe.printable(text[:most], keep="\n\t")


def failed(kind: str, message: str) -> NotebookNode:
    """Give an error as nbgrader counts it: a message, and no line of a test."""
    kind, message = clean(kind)[:100], clean(message)[:WORDS]
    lines = [f"{kind}: {message}"]
    return nbformat.v4.new_output("error", ename=kind, evalue=message, traceback=lines)


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
    course: Path,
    assignment: str,
    limits: Limits = Limits(),  # noqa: B008 - a frozen value
) -> Verdict:
    """Judge a notebook that was put in order: what its cells print, and what its answers are worth."""
    with graded_as(student), banks.of(course, assignment) as bank:
        draw = {name: list(values) for name, values in bank.DRAW.items()}
        # All that is inside of the bank: what the numbers are drawn from. No question, so no check and no solution.
        stub = f"DRAW = {draw!r}\nPOINTS = {{}}\n\n\ndef questions(mine):\n    return []\n"
        run = Run(student, {f"questions/x{assignment[:2]}.py": stub}, limits)
        try:
            for cell in book.cells:
                outputs = []
                if cell.cell_type == "code":
                    outputs = run.judged(cell) if is_test(cell) else run.theirs(cell)
                run.verdict.outputs.append(outputs)
        finally:
            run.verdict.seconds = round(run.box.spent_s, 2)
            run.box.close()
    form.note_forms(book, run.verdict.answers)
    return run.verdict
