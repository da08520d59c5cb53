"""The machine under your hands: its layers, its limits, and how it compares with the model."""

from virtlearn.machine._container import RealContainer, container
from virtlearn.machine._cpu import Checked, Row, check_model, nice
from virtlearn.machine._here import Here, here, recorded_here
from virtlearn.machine._memory import Sharing, shared_memory
from virtlearn.machine._signs import Sign
from virtlearn.machine._vm import Boot, RealVM, vm

__all__ = [
    "Boot",
    "Checked",
    "Here",
    "RealContainer",
    "RealVM",
    "Row",
    "Sharing",
    "Sign",
    "check_model",
    "container",
    "here",
    "nice",
    "recorded_here",
    "shared_memory",
    "vm",
]
