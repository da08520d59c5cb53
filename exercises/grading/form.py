"""The form of an answer: what is left of code when names and numbers are taken out. Equal forms are a hint to look."""

from __future__ import annotations

import ast
import hashlib
from typing import Any

from nbformat.notebooknode import NotebookNode

from grading.layout import is_test, made_names, of

SMALLEST = 25  # parts of a program; below it, equal answers are to be expected


class _Plain(ast.NodeTransformer):
    """Give every name a number in the order of its first use, and every constant none."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def _numbered(self, name: str) -> str:
        return self.names.setdefault(name, f"n{len(self.names)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._numbered(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg, node.annotation = self._numbered(node.arg), None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name, node.returns = self._numbered(node.name), None
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            node.body = node.body[1:] or [ast.Pass()]  # what it says about itself
        self.generic_visit(node)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.copy_location(ast.Constant(type(node.value).__name__), node)


def form_of(text: str) -> str:
    r"""Give a mark of a program's form, or nothing where it is too small to tell anything.

    >>> long = "def f(a, b):\n    c = a * 2 + b\n    return max(0, int(c // (a + b - 1)))"
    >>> form_of(long) == form_of(long.replace("c", "left").replace("2", "3")) != ""
    True
    >>> form_of("x = 3")
    ''
    """
    try:
        tree = _Plain().visit(ast.parse(text))
        if sum(1 for _ in ast.walk(tree)) < SMALLEST:
            return ""
        return hashlib.sha256(ast.dump(tree).encode("utf-8", "replace")).hexdigest()[:16]
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError):
        return ""


def note_forms(book: NotebookNode, answers: dict[str, dict[str, Any]]) -> None:
    """Write beside each answer the form of the cell that it was written in."""
    waiting: list[dict[str, Any]] = []
    for cell in reversed(book.cells):
        if is_test(cell):
            waiting.append(answers.get(of(cell)["grade_id"], {}))
        elif of(cell).get("solution") and cell.cell_type == "code":
            made = made_names(cell.source)
            for note in [each for each in waiting if each.get("name") in made]:
                note["form"] = form_of(cell.source)
                waiting.remove(note)
