"""Explorers: sliders bound to charts.

Each is called without arguments, or with values to start from.
"""

from virtlearn.explore._base import Explorer
from virtlearn.explore._controls import Menu, Slider
from virtlearn.explore.failing import blast_radius, copies_up, failure_domains, walls
from virtlearn.explore.resources import density, images, operations, stack
from virtlearn.explore.running import memory_limits, migration, placement, power, scaling
from virtlearn.explore.sharing import jobs, memory_pressure, shares, tenants, throttling
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
