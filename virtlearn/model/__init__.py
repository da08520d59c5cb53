"""The nouns, as frozen values, and the verbs that build and compare deployments of them."""

from virtlearn.model.compare import Comparison, compare
from virtlearn.model.deploy import deploy
from virtlearn.model.deployment import Deployment
from virtlearn.model.fit import Fit, density_sweep, fits
from virtlearn.model.layers import CARRIES, KERNELS, Layer
from virtlearn.model.nouns import (
    Container,
    ContainerRuntime,
    Host,
    Hypervisor,
    OperatingSystem,
    Site,
    UserSpaceKernel,
    VirtualMachine,
    Workload,
)
from virtlearn.model.place import Placement, place
from virtlearn.model.pod import Pod
from virtlearn.model.questions.cpu import CpuShares
from virtlearn.model.tree import Tree

__all__ = [
    "CARRIES",
    "KERNELS",
    "Comparison",
    "Container",
    "ContainerRuntime",
    "CpuShares",
    "Deployment",
    "Fit",
    "Host",
    "Hypervisor",
    "Layer",
    "OperatingSystem",
    "Placement",
    "Pod",
    "Site",
    "Tree",
    "UserSpaceKernel",
    "VirtualMachine",
    "Workload",
    "compare",
    "density_sweep",
    "deploy",
    "fits",
    "place",
]
