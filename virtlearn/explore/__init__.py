"""Explorers: sliders bound to charts. Each is called without arguments, or with values to start from."""

from virtlearn.explore._base import Choice, Explorer, Slider
from virtlearn.explore.resources import density, operations

__all__ = ["Choice", "Explorer", "Slider", "density", "operations"]
