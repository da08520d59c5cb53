"""The nouns, as frozen values, and the verbs that build and compare deployments of them."""

from virtlearn.model.compare import Comparison, Placement, compare, place
from virtlearn.model.deploy import density_sweep, deploy, fits
from virtlearn.model.deployment import CpuShares, Deployment, Fit, Site
from virtlearn.model.nouns import (
    CARRIES,
    KERNELS,
    Container,
    ContainerRuntime,
    Host,
    Hypervisor,
    Layer,
    OperatingSystem,
    UserSpaceKernel,
    VirtualMachine,
    Workload,
)
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
