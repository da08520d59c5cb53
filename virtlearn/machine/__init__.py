"""The machine under your hands: which layers it has, what it lets you use, and how it compares with the model."""

from virtlearn.machine._busy import Checked, Row, Sharing, check_model, nice, shared_memory
from virtlearn.machine._container import RealContainer, container
from virtlearn.machine._here import Here, here, recorded_here
from virtlearn.machine._probe import Evidence
from virtlearn.machine._vm import Boot, RealVM, vm

__all__ = [
    "Boot", "Checked", "Evidence", "Here", "RealContainer", "RealVM", "Row", "Sharing", "check_model", "container", "here",
    "nice", "recorded_here", "shared_memory", "vm",
]  # fmt: skip
