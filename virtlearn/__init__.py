"""How do containers differ from virtual machines? Move a slider and find out.

Everything a lesson needs is reached from here, and loaded when it is first asked for:
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__version__ = "0.2.0"

# The table of contents: for each group, where its names live and what each is for. `__all__`, `dir()`,
# the docstring above and the loading below are made from it, so none can list a name that is not there.
_CONTENTS: dict[tuple[str, str], dict[str, str]] = {
    ("What a deployment is made of", "virtlearn.model"): {
        "Host": "a computer: cores, memory, disk",
        "Workload": "a service: what one copy of it needs",
        "OperatingSystem": "a kernel and what comes with it",
        "Hypervisor": "what runs virtual machines",
        "VirtualMachine": "a computer made of software",
        "ContainerRuntime": "what starts containers",
        "Container": "a workload behind namespaces and limits",
        "Deployment": "a host and everything that runs in it: a tree",
    },
    ("What you do with them", "virtlearn.model"): {
        "deploy": "put copies of a workload on a host, on a platform",
        "compare": "several deployments, one row each",
        "place": "spread workloads over hosts by a policy",
    },
    ("Platforms", "virtlearn.platforms"): {
        "platforms": "the names of the platforms there are",
        "platform": "one platform: its layers, each number with its source",
        "Platform": "what `platform` gives; `but` makes a what-if of it",
    },
    ("Where numbers come from", "virtlearn.sources"): {
        "evidence": "one published number, with its source and conditions",
        "Evidence": "what `evidence` gives",
        "search": 'find published numbers by words, such as "redis"',
    },
    ("Rooms", ""): {
        "explore": "sliders, a chart and a sentence that says what it shows",
        "charts": "the same pictures, standing still",
        "study": "predict, check, hint, solution, quiz, progress",
        "machine": "what this very machine says about its layers",
        "core": "the laws, as plain numpy functions",
        "units": "how numbers are printed",
        "errors": "what can be refused, and why",
    },
}
_HOME = {name: room for (_, room), names in _CONTENTS.items() for name in names}
__all__ = ["__version__", *_HOME]

__doc__ = (__doc__ or "") + "".join(
    f"\n{title}\n" + "".join(f"    {name:<17}{what}\n" for name, what in names.items())
    for (title, _), names in _CONTENTS.items()
)


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for (PEP 562): what is not used costs nothing.

    >>> import virtlearn as vl
    >>> vl.chart
    Traceback (most recent call last):
    AttributeError: virtlearn has no 'chart'. Did you mean charts?
    """
    if name not in _HOME:
        from virtlearn.errors import nearest

        # Without an object newer interpreters find nothing near, and add no "Did you mean" of their own.
        wrong = f"virtlearn has no '{name}'. {nearest(name, _HOME)}"
        raise AttributeError(wrong, name=name, obj=None)
    room = _HOME[name]
    value = getattr(import_module(room), name) if room else import_module(f"virtlearn.{name}")
    return globals().setdefault(name, value)


def __dir__() -> list[str]:
    return sorted(__all__)


class _Package(ModuleType):
    """The package itself, with `platforms` the function and not the module in which it lives.

    Importing a module binds it as an attribute of its package, which would put ``virtlearn/platforms.py``
    in the place of ``vl.platforms()``, depending on what was imported before.
    """

    @property
    def platforms(self) -> Any:
        return import_module("virtlearn.platforms").platforms

    @platforms.setter
    def platforms(self, module: ModuleType) -> None:
        """Let the import system say where the module is, and keep the function."""


_package = sys.modules[__name__]
_package.__class__ = _Package
