"""Nested layers drawn as a tree of text, equal neighbours counted instead of repeated."""

from collections.abc import Callable

from virtlearn import units
from virtlearn.model.layers import Layer, grouped
from virtlearn.model.nouns import Host, VirtualMachine, Workload

__all__ = ["draw"]


def draw(root: Layer, title_of: Callable[[Layer, str], str]) -> str:
    """Draw a layer and all that stands in it.

    Parameters
    ----------
    root : Layer
        The outermost layer.
    title_of : callable
        ``title_of(layer, inside)`` names a layer that stands in one of the kind ``inside``.

    Returns
    -------
    str
        A line for each group of equal layers.

    Examples
    --------
    >>> from virtlearn.model import OperatingSystem
    >>> debian = OperatingSystem("debian", runs=[Workload("web")] * 2)
    >>> host = Host(cores=4, memory_gib=8, runs=[debian])
    >>> print(draw(host, lambda *_: "stock system"))
    host (4 cores, 8 GiB)
    └─ debian: stock system
       └─ 2 × web (256 MiB, 0.5 cores)
    """
    lines: list[str] = []

    def add(noun: Layer, inside: str, count: int, indent: str, branch: str) -> None:
        times = f"{count} × " if count > 1 else ""
        lines.append(f"{indent}{branch}{times}{_words(noun, title_of(noun, inside))}")
        # What stands below continues the line of a branch that has a neighbour below it.
        below = indent + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
        # Forty equal machines are one line.
        groups = grouped(noun.runs)
        for child, n in groups[:-1]:
            add(child, noun.kind, n, below, "├─ ")
        for child, n in groups[-1:]:
            add(child, noun.kind, n, below, "└─ ")

    add(root, "", 1, "", "")
    return "\n".join(lines)


def _words(noun: Layer, title: str) -> str:
    """One layer in words: its name, what it is, its size."""
    if isinstance(noun, Workload):
        return f"{noun.name} ({units.memory(noun.memory_mib)}, {units.plain(noun.cpu_cores)} cores)"
    if isinstance(noun, Host):
        return f"{noun.name} ({units.plain(noun.cores)} cores, {units.memory(noun.memory_mib)})"
    size = ""
    if isinstance(noun, VirtualMachine):
        size = f" ({noun.vcpus} vCPU, {units.memory(noun.memory_mib)})"
    named = title if noun.name in ("", title) else f"{noun.name}: {title}"
    return f"{named}{size}"
