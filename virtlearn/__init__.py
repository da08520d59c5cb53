"""How do containers differ from virtual machines? Move a slider and find out.

Everything a lesson needs is reached from here, and loaded when it is first asked for:
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.2.0"

# The table of contents: for each group, where its names live and what each is for.
# `__all__`, `dir()`, the docstring above and the loading below are made from it, so none can
# list a name that is not there.
_CONTENTS: dict[tuple[str, str], dict[str, str]] = {
    ("What a deployment is made of", "virtlearn.model"): {
        "Host": "a computer: cores, memory, disk",
        "Workload": "a service: what one copy of it needs",
        "Pod": "several workloads that are placed as one",
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
    ("Platforms", "virtlearn.catalog.platforms"): {
        "platforms": "the names of the platforms there are",
        "platform": "one platform: its layers, each number with its source",
        "Platform": "what `platform` gives; `but` makes a what-if of it",
    },
    ("Where numbers come from", "virtlearn.catalog.evidence"): {
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


if TYPE_CHECKING:
    # The same names for type checkers and editors, which read imports and run nothing.
    from virtlearn import charts as charts
    from virtlearn import core as core
    from virtlearn import errors as errors
    from virtlearn import explore as explore
    from virtlearn import machine as machine
    from virtlearn import study as study
    from virtlearn import units as units
    from virtlearn.catalog.evidence import Evidence as Evidence
    from virtlearn.catalog.evidence import evidence as evidence
    from virtlearn.catalog.evidence import search as search
    from virtlearn.catalog.platforms import Platform as Platform
    from virtlearn.catalog.platforms import platform as platform
    from virtlearn.catalog.platforms import platforms as platforms
    from virtlearn.model import Container as Container
    from virtlearn.model import ContainerRuntime as ContainerRuntime
    from virtlearn.model import Deployment as Deployment
    from virtlearn.model import Host as Host
    from virtlearn.model import Hypervisor as Hypervisor
    from virtlearn.model import OperatingSystem as OperatingSystem
    from virtlearn.model import Pod as Pod
    from virtlearn.model import VirtualMachine as VirtualMachine
    from virtlearn.model import Workload as Workload
    from virtlearn.model.compare import compare as compare
    from virtlearn.model.deploy import deploy as deploy
    from virtlearn.model.place import place as place
else:

    def __getattr__(name: str) -> object:
        """Load a public name when it is first asked for (PEP 562): what is not used costs nothing.

        >>> import virtlearn as vl
        >>> vl.chart
        Traceback (most recent call last):
        AttributeError: virtlearn has no 'chart'. Did you mean charts?
        """
        if name not in _HOME:
            from virtlearn.errors import nearest

            # Without an object newer interpreters find nothing near, and add no
            # "Did you mean" of their own.
            wrong = f"virtlearn has no '{name}'. {nearest(name, _HOME)}"
            raise AttributeError(wrong, name=name, obj=None)
        room = _HOME[name]
        if room:
            value = getattr(import_module(room), name)
        else:
            value = import_module(f"virtlearn.{name}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
