"""Charts: from values of the model to figures that say what they show. They compute nothing and display nothing."""

from virtlearn.charts._style import Chart
from virtlearn.charts.resources import density, operations, request_time, stack

__all__ = ["Chart", "density", "operations", "request_time", "stack"]
