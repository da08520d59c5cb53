"""The machine under your hands: which layers it has, what it lets you use, and how it compares with the model."""

from virtlearn.machine._here import Here, here
from virtlearn.machine._probe import Evidence

__all__ = ["Evidence", "Here", "here"]
