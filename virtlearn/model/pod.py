"""A pod: several containers that share one machine or one namespace, and are placed as one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from virtlearn import core
from virtlearn.errors import WrongKind, shown
from virtlearn.model.nouns import Workload
from virtlearn.model.rules import Named

__all__ = ["Pod"]


@dataclass(frozen=True, init=False, repr=False)
class Pod(Workload):
    """Workloads that are placed together and share their walls; `deploy` takes it as a workload.

    Parameters
    ----------
    *containers : Workload
        What runs in it, at least one.
    name : str
        What it is called; left out, by its containers.

    Attributes
    ----------
    containers : tuple of Workload
        What runs in it.

    Raises
    ------
    WrongKind
        Where there is no container, or something else than a workload.

    Examples
    --------
    >>> pod = Pod(Workload("web", memory_mib=100), Workload("log", memory_mib=100))
    >>> pod.name, pod.memory_mib
    ('web+log', 200.0)
    """

    containers: tuple[Workload, ...] = ()

    def __init__(self, *containers: Workload, name: str = "") -> None:
        alone = [
            one for one in containers if isinstance(one, Workload) and not isinstance(one, Pod)
        ]
        if not containers or len(alone) < len(containers):
            wrong = f"A pod holds workloads, at least one, but these are {shown(containers)}."
            raise WrongKind(f"{wrong}\nTry Pod(web, log_shipper).")
        # To a scheduler a pod is one thing that asks for the sum of its containers.
        needs: dict[str, float] = {}
        for one in containers:
            for resource, each in one.needs.items():
                needs[resource] = needs.get(resource, 0.0) + each
        super().__init__(
            name or "+".join(one.name for one in containers),
            sum(one.cpu_cores for one in containers),
            sum(one.memory_mib for one in containers),
            sum(one.disk_mib for one in containers),
            request_cores=_asked((one.asked_cores, 0.0) for one in containers),
            request_mib=_asked((one.asked_mib, one.memory_mib) for one in containers),
            needs=Named(needs),
            labels=[text for one in containers for text in one.labels],
            # Containers of a pod cannot be spread apart: the first that wants to be speaks for all.
            spread=next((one.spread for one in containers if one.spread), ""),
            apart_from=[text for one in containers for text in one.apart_from],
            tolerates=[text for one in containers for text in one.tolerates],
        )
        # A frozen value lets nothing be set in another way.
        object.__setattr__(self, "containers", containers)

    def __repr__(self) -> str:
        """Write the call that rebuilds it."""
        return f"Pod({', '.join(repr(one) for one in self.containers)}, name={self.name!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy it by its containers: all else follows from them."""
        return _again, (self.containers, self.name)


def _again(containers: tuple[Workload, ...], name: str) -> Pod:
    return Pod(*containers, name=name)


def _asked(each: Iterable[tuple[float | None, float]]) -> float | None:
    """Add up what containers ask for, or what stands for it; None where none of them asks."""
    pairs = list(each)
    if all(asked is None for asked, _ in pairs):
        return None
    amounts = [instead if asked is None else asked for asked, instead in pairs]
    return float(core.placing.pod_request(amounts))
