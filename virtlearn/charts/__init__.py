"""Charts: from values of the model to figures that say what they show. They compute nothing and display nothing."""

from virtlearn.charts._style import Chart
from virtlearn.charts.failing import blast_radius, copies_up, failure_domains, spread, walls
from virtlearn.charts.learning import learning
from virtlearn.charts.resources import density, images, operations, request_time, stack
from virtlearn.charts.sharing import jobs, memory_pressure, shares, tenants, throttling
from virtlearn.charts.starting import scale_out, start_phases
from virtlearn.charts.story import choice, machine, timeline

__all__ = [
    "Chart", "blast_radius", "choice", "copies_up", "density", "failure_domains", "images", "jobs", "learning", "machine",
    "memory_pressure", "operations", "request_time", "scale_out", "shares", "spread", "stack", "start_phases",
    "tenants", "throttling", "timeline", "walls",
]  # fmt: skip
