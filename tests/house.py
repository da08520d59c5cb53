"""The house as drawn: rooms, floors, arrows and circles from imports, and how the writing in them reads.

Run it: ``python tests/house.py``, or with the root of another checkout after it. ``tests/test_house.py`` holds the
bounds.
"""

from __future__ import annotations

import ast
import io
import itertools
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, quantiles

COLUMNS = 100
SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
BRANCHES = (ast.If, ast.For, ast.While, ast.ExceptHandler, ast.match_case)
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Function:
    """One function: where it is, how many lines its body has, how many paths lead through it."""

    name: str
    lines: int
    complexity: int
    arguments: int


@dataclass(frozen=True)
class Writing:
    """How one module is written; ``tokens`` are those of each line of code, by its number."""

    name: str
    lines: int
    tokens: dict[int, int]
    comments: int
    long_lines: tuple[int, ...]
    functions: tuple[Function, ...]


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """Give the tokens; an f-string is one, as it was until Python 3.11."""
    inside = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = tokenize.tok_name[token.type]
        if not inside:
            yield token
        if kind in ("FSTRING_START", "TSTRING_START"):
            inside += 1
        if kind in ("FSTRING_END", "TSTRING_END"):
            inside -= 1


def read(file: Path, root: Path) -> Writing:
    """Measure one module."""
    source = file.read_text("utf-8")
    module = ast.parse(source)
    words = set(_docstring_lines(module))
    tokens: dict[int, int] = {}
    comments = 0
    for token in _tokens(source):
        if token.type == tokenize.COMMENT and not token.string.startswith(
            ("# fmt", "# noqa", "# type")
        ):
            comments += 1
        if token.type not in SILENT and token.start[0] not in words:
            tokens[token.start[0]] = tokens.get(token.start[0], 0) + 1
    long_lines = tuple(
        i
        for i, line in enumerate(source.splitlines(), 1)
        if len(line) > COLUMNS and i in tokens and i not in words
    )
    functions = tuple(_functions(module))
    name = file.relative_to(root).as_posix()
    return Writing(name, len(source.splitlines()), tokens, comments, long_lines, functions)


def _docstring_lines(module: ast.Module) -> Iterator[int]:
    documented = (ast.Module, ast.ClassDef, *DEFINITIONS)
    for node in ast.walk(module):
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None:
            yield from range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)


def _functions(module: ast.Module) -> Iterator[Function]:
    for node in ast.walk(module):
        if isinstance(node, DEFINITIONS):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            given = node.args
            arguments = len(given.posonlyargs + given.args + given.kwonlyargs)
            yield Function(node.name, lines, _complexity(node), arguments)


def _complexity(function: ast.AST) -> int:
    """McCabe's number, of statements: as ruff's C901 counts it."""
    return 1 + sum(isinstance(node, BRANCHES) for node in ast.walk(function))


def imports(package: Path) -> dict[str, set[str]]:
    """Say for each module which other modules of the package it imports when it is loaded."""
    names = {_module(file, package): file for file in package.rglob("*.py")}
    found: dict[str, set[str]] = {}
    del names[package.name]  # the door names every room and loads none
    for name, file in names.items():
        used = set(_imported(ast.parse(file.read_text("utf-8")), names))
        found[name] = used - {name}
    return found


def _module(file: Path, package: Path) -> str:
    parts = (package.name, *file.relative_to(package).with_suffix("").parts)
    return ".".join(part for part in parts if part != "__init__")


def _imported(node: ast.AST, names: dict[str, Path]) -> Iterator[str]:
    """Imports of a module, those for type checkers too; one inside a function waits until it is called."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, DEFINITIONS):
            continue
        if isinstance(child, ast.ImportFrom) and child.module:
            inner = {f"{child.module}.{alias.name}" for alias in child.names} & names.keys()
            outer = {child.module} & names.keys() if len(inner) < len(child.names) else set()
            yield from inner | outer
        if isinstance(child, ast.Import):
            yield from {alias.name for alias in child.names} & names.keys()
        yield from _imported(child, names)


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Find the sets of modules that all reach one another."""
    reach = {name: _reachable(name, graph) for name in graph}
    rings = {frozenset(other for other in reach[name] if name in reach[other]) for name in graph}
    return sorted(sorted(ring | {min(ring)}) for ring in rings if len(ring) > 1)


def _reachable(start: str, graph: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for name in graph[todo.pop()] - seen:
            seen.add(name)
            todo.append(name)
    return seen


def room(module: str) -> str:
    """The room of a module: its package, or itself where it stands alone."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def arrows(graph: dict[str, set[str]]) -> set[tuple[str, str]]:
    """Which room imports from which other."""
    found = set()
    for name, used in graph.items():
        for other in used:
            if room(name) and room(other) and room(name) != room(other):
                found.add((room(name), room(other)))
    return found


def floors(pairs: set[tuple[str, str]], rooms: set[str]) -> list[list[str]]:
    """Rooms by the longest way down from them, the ground floor first."""
    height = dict.fromkeys(rooms, 0)
    for _ in rooms:
        for above, below in pairs:
            height[above] = max(height[above], height[below] + 1)
    by_height = sorted(rooms, key=lambda name: (height[name], name))
    return [list(level) for _, level in itertools.groupby(by_height, key=height.__getitem__)]


def draw(root: Path) -> Iterator[str]:
    """The house in lines of text."""
    graph = imports(root / "virtlearn")
    pairs = arrows(graph)
    rooms = {room(name) for name in graph} - {""}
    yield f"{len(rooms)} rooms, {len(floors(pairs, rooms))} floors, {len(pairs)} arrows between rooms"
    for level in reversed(floors(pairs, rooms)):
        yield "  " + "  ".join(level)
    rings = circles(graph)
    yield f"{len(rings)} circles of modules" + "".join(f"\n  {' -> '.join(ring)}" for ring in rings)
    yield ""
    head = ("room", "code", "tokens", "over 30", "comments", "longest", "body", "p90", "complex")
    yield " ".join(f"{cell:>9}" for cell in head)
    everything = [read(file, root) for file in sorted((root / "virtlearn").rglob("*.py"))]
    by_room: dict[str, list[Writing]] = {}
    for module in everything:
        parts = module.name.split("/")
        by_room.setdefault(parts[1] if len(parts) > 2 else "(ground)", []).append(module)
    for name, modules in [*by_room.items(), ("all", everything)]:
        yield " ".join(f"{cell:>9}" for cell in (name, *summary(modules)))


def summary(modules: list[Writing]) -> tuple[str, ...]:
    """Figures of some modules together."""
    tokens = [n for module in modules for n in module.tokens.values()] or [0]
    functions = [one for module in modules for one in module.functions]
    bodies = [one.lines for one in functions] or [0]
    over = sum(n > 30 for n in tokens)
    comments = sum(module.comments for module in modules)
    return (
        f"{len(tokens):,}",
        f"{mean(tokens):.1f}",
        f"{over}",
        f"{100 * comments / len(tokens):.1f}",
        f"{max(module.lines for module in modules)}",
        f"{max(bodies)}",
        f"{quantiles(bodies, n=10)[-1]:.0f}" if len(bodies) > 1 else "-",
        f"{max((one.complexity for one in functions), default=0)}",
    )


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    print(*draw(given), sep="\n")
