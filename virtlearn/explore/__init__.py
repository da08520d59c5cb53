"""Explorers: sliders bound to charts.

Each is called without arguments, or with values to start from.
"""

from virtlearn.explore._base import Explorer
from virtlearn.explore._controls import Menu, Slider
from virtlearn.explore.attacking import blast_radius, walls
from virtlearn.explore.costing import density, operations
from virtlearn.explore.failing import copies_up, failure_domains
from virtlearn.explore.following import scaling
from virtlearn.explore.keeping import images, memory_limits, memory_pressure
from virtlearn.explore.running import migration, placement, power
from virtlearn.explore.sharing import jobs, shares, tenants, throttling
from virtlearn.explore.standing import stack
from virtlearn.explore.starting import scale_out, start_phases
from virtlearn.explore.story import choice

__all__ = [
    "Explorer",
    "Menu",
    "Slider",
    "blast_radius",
    "choice",
    "copies_up",
    "density",
    "failure_domains",
    "images",
    "jobs",
    "memory_limits",
    "memory_pressure",
    "migration",
    "operations",
    "placement",
    "power",
    "scale_out",
    "scaling",
    "shares",
    "stack",
    "start_phases",
    "tenants",
    "throttling",
    "walls",
]
