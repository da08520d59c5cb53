"""An application as a noun: its needs, what it asks a scheduler for, which neighbours it bears."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from virtlearn import core, units
from virtlearn.model.layers import Layer, amount
from virtlearn.model.rules import Named, check_limit, named, texts

__all__ = ["MOST_CORES", "MOST_GIB", "MOST_MIB", "Workload"]

# More than any machine has: above it somebody used the wrong unit.
MOST_CORES = 1e5
MOST_GIB = 48 * 1024
MOST_MIB = units.convert(MOST_GIB, "GiB", "MiB")


def _one_text(owner: str, name: str, value: Any) -> str:
    """Read one text, which may be empty."""
    return texts(owner, name, value)[0] if value != "" else ""


@dataclass(frozen=True, repr=False)
class Workload(Layer):
    """An application: what it needs, wherever it runs.

    Parameters
    ----------
    name : str
        What it is called.
    cpu_cores : float
        Cores it wants when busy [cores].
    memory_mib : float
        Memory it needs [MiB].
    disk_mib : float
        Disk it needs for itself [MiB].
    runs : layers
        Nothing: a workload is the end of the tree.
    layer : LayerSpec, optional
        Its numbers; left out, the usual ones of its place.
    request_cores, request_mib : float, optional
        What it asks a scheduler to keep for it [cores, MiB]; left out, its limit, as in Kubernetes.
        Copies are packed by what they ask for, and a container's weight follows from it.
    limit_cores, limit_mib : float, optional
        The most that it may use [cores, MiB]; None is no limit.
    needs : mapping of str to float
        Other resources, such as ``{"gpus": 1}``: a host that carries it must have them.
    labels : str or sequence of str
        What others can call it by, beside its name, in ``apart_from``.
    spread : str
        Copies of one name stand evenly, within one, over hosts (``"host"``) or over the values of a
        host's label.
    apart_from : str or sequence of str
        Names or labels of workloads that must not stand on the same host.
    tolerates : str or sequence of str
        Taints of hosts that do not keep it away.

    Examples
    --------
    >>> Workload("web", cpu_cores=0.5, memory_mib=256).memory_mib
    256.0
    >>> Workload("web", request_cores=0.25, limit_cores=1).qos
    'Burstable'
    """

    kind = "workload"
    cpu_cores: float = amount(0.5)
    memory_mib: float = amount(
        256.0, least=1, most=MOST_MIB, hint="Memory is in MiB: 256 is a quarter of a GiB."
    )
    disk_mib: float = amount(0.0)
    _: KW_ONLY
    request_cores: float | None = amount(None, most=MOST_CORES, hint="Try request_cores=0.25.")
    limit_cores: float | None = amount(
        None, positive=True, hint="Leave limit_cores out where there is no limit."
    )
    request_mib: float | None = amount(
        None, most=MOST_MIB, hint="Memory is in MiB: 256 is a quarter of a GiB."
    )
    limit_mib: float | None = amount(
        None, positive=True, hint="Leave limit_mib out where there is no limit."
    )
    # A dict would change under a frozen value; `Named` does not.
    needs: Mapping[str, float] = amount(Named(), named)
    labels: Sequence[str] | Mapping[str, str] = amount((), texts)
    spread: str = amount("", _one_text)
    apart_from: Sequence[str] = amount((), texts)
    tolerates: Sequence[str] = amount((), texts)

    def __post_init__(self) -> None:
        """Check that nothing is asked for above its own limit."""
        super().__post_init__()
        owner = f"Workload {self.name!r}"
        check_limit(owner, "cores", self.request_cores, self.limit_cores)
        check_limit(owner, "mib", self.request_mib, self.limit_mib)

    @property
    def asked_cores(self) -> float | None:
        """Cores it asks to be kept for it [cores]: its request, else its limit, else None."""
        # Kubernetes reads a limit without a request as both.
        return self.limit_cores if self.request_cores is None else self.request_cores

    @property
    def asked_mib(self) -> float | None:
        """Memory it asks to be kept for it [MiB]: its request, else its limit, else None."""
        return self.limit_mib if self.request_mib is None else self.request_mib

    @property
    def containers(self) -> tuple[Workload, ...]:
        """What is placed with it as one: itself alone, or the containers of a pod."""
        return (self,)

    @property
    def qos(self) -> str:
        """The class that follows from its requests and limits: Guaranteed, Burstable or BestEffort.

        One container of a pod that gives nothing takes the guarantee from all of them.
        """
        # To the law of the classes, an amount of 0 is one that nobody gave.
        asked = [[one.asked_cores or 0.0, one.asked_mib or 0.0] for one in self.containers]
        limits = [[one.limit_cores or 0.0, one.limit_mib or 0.0] for one in self.containers]
        return core.placing.qos_class(asked, limits)

    def answers_to(self, text: str) -> bool:
        """Tell whether a text is its name or one of its labels.

        Parameters
        ----------
        text : str
            As ``apart_from`` of another workload gives it.

        Returns
        -------
        bool
            True where this workload is meant.
        """
        return text == self.name or text in self.labels
