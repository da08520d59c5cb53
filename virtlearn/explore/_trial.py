"""The deployments that explorers try platforms with."""

from __future__ import annotations

import functools

from virtlearn.catalog.platforms import Platform, platform
from virtlearn.model import Deployment, Host, Workload, deploy

__all__ = ["has_machine", "trial", "why_alone"]


def has_machine(on: Platform) -> bool:
    """Say whether its copies run in virtual machines of any kind."""
    return any(spec.kind == "virtual-machine" for spec in on.layers)


def why_alone(on: str) -> str:
    """Say why no two copies share a machine on a platform; an empty text where they can."""
    chosen = platform(on)
    if not has_machine(chosen):
        return f"{chosen.title} need no virtual machine"
    if any(spec.single for spec in chosen.layers):
        return f"{chosen.title} hold one copy each"
    return ""


@functools.lru_cache(maxsize=256)
def trial(
    on: str | Platform, copies: int = 1, app_mib: float = 128, host_gib: float = 64, per_vm: int = 1
) -> Deployment:
    """Deploy copies of an app; ``per_vm`` counts only where a machine holds several."""
    app = Workload("app", 0.1, app_mib)
    host = Host(cores=16, memory_gib=host_gib)
    single = any(spec.single for spec in platform(on).layers)
    return deploy(app, copies=copies, host=host, on=on, per_vm=1 if single else per_vm)
