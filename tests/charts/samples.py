"""One of every chart, drawn from the model: what the tests of charts and a look at all of them share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import virtlearn as vl
from virtlearn import charts, core, explore
from virtlearn.catalog.layers import OPERATIONS
from virtlearn.catalog.platforms import layer
from virtlearn.charts import Chart
from virtlearn.model import density_sweep

HOST, WEB = vl.Host(cores=16, memory_gib=64), vl.Workload("web", cpu_cores=0.5, memory_mib=256)
SIZES = [2**k for k in range(4, 15)]
WORK = np.linspace(0.0005, 0.11, 220)


def on(platform: str, copies: int = 8, **more: int) -> vl.Deployment:
    return vl.deploy(WEB, copies=copies, host=HOST, on=platform, **more)


def _density() -> Chart:
    platforms = ["containers", "microvms", "virtual-machines"]
    copies, gone = density_sweep([vl.Workload("app", 0.1, size) for size in SIZES], HOST, platforms)
    return charts.density(SIZES, copies, at_mib=128, gone_mib=gone)


def _operations() -> Chart:
    some = [
        vl.platform(name)
        for name in ("containers", "virtual-machines", "microvms", "sandboxed-containers")
    ]
    return charts.operations({p.title: {op: p.keeps(op) for op in OPERATIONS} for p in some})


def _throttling() -> Chart:
    rules = {"threads": 4, "quota_cores": 1.0}
    runs = core.lanes.burst_runs_s(0.11, **rules)
    tank = core.lanes.allowance_left_s(0.11, **rules)
    curve = (WORK, core.cpu.burst_latency_s(WORK, **rules))
    return charts.throttling(0.11, runs, threads=4, tank_s=tank, free_s=0.0275, curve_s=curve)


def _jobs() -> Chart:
    ends, paces = {}, {}
    for title, discipline in {"in turns": "time-shared", "in order": "space-shared"}.items():
        rules = {"arrival_s": [0, 1], "capacity_cores": 1, "discipline": discipline}
        ends[title] = core.cpu.finish_times([3, 1], **rules)
        paces[title] = core.lanes.job_speeds([3, 1], **rules)
    return charts.jobs(["a", "b"], [0, 1], ends, paces)


def _copies_up() -> Chart:
    pair = [-1, 0, 0]
    share, error = core.failure.simulate_outages(
        pair,
        [1e9, 100.0, 100.0],
        [0.0, 5.0, 5.0],
        hours=5000,
        trials=200,
        rng=np.random.default_rng(7),
    )
    exact = core.failure.copies_up_pmf(pair, [1.0, 100 / 105, 100 / 105])
    return charts.copies_up({"two servers": exact}, simulated={"two servers": (share, error)})


SAMPLES: dict[str, Callable[[], Chart]] = {
    "crates": lambda: explore.density().figure(),
    "crossings": lambda: explore.operations().figure(),
    "servers": lambda: charts.servers(on("containers"), on("virtual-machines")),
    "stack": lambda: charts.stack(
        on("virtual-machines", 40), on("containers", 40), on("containers-in-vms", 40, per_vm=8)
    ),
    "density": _density,
    "operations": _operations,
    "request_time": lambda: charts.request_time(
        {"processes": {"computing": 5, "random I/O": 2}, "virtual machines": {"computing": 5.1, "random I/O": 4}},
        top_ms=20,
    ),
    "images": lambda: charts.images({"stored once": {"base": 75, "apps": 60}, "full copies": {"base": 225, "apps": 60}}),
    "shares": lambda: charts.shares(
        ["Red", "Blue"], [1, 4], [1, 2], capacity_cores=4, limit_cores=[2, np.inf], weight=[100, 200]
    ),
    "throttling": _throttling,
    "tenants": lambda: charts.tenants(
        [0, 8, 16],
        [[4, 20, 10], [1, 1, 1]],
        {"pooled": [[4, 15, 10], [1, 1, 1]], "partitioned": [[4, 8, 8], [1, 1, 1]]},
        capacity_cores=16,
    ),
    "jobs": _jobs,
    "memory_pressure": lambda: charts.memory_pressure(
        ["A", "B"], {"kept": [40, 30], "taken back": [0, 10]}, limit_mib=[64, np.inf], killed=[1], capacity_mib=64
    ),
    "memory_tank": lambda: explore.memory_pressure(grows_mib=960, limit_mib=512, active=1).figure(),
    "start_phases": lambda: charts.start_phases({p: on(p).start_phases for p in ("processes", "containers", "microvms")}),
    "scale_out": lambda: charts.scale_out({p: on(p).ready_s(500, 4) for p in ("containers", "virtual-machines")}),
    "failure_domains": lambda: charts.failure_domains(on("containers-in-vms", 16, per_vm=4), "virtual-machine"),
    "blast_radius": lambda: charts.blast_radius(on("containers", 20)),
    "copies_up": _copies_up,
    "outages": lambda: explore.copies_up(span="year", beta=0.2, servers=3).figure(),
    "spread": lambda: charts.spread({"own secrets": [1.05] * 4, "shared secrets": [1.1, 3, 5, 6]}, copies=20),
    "walls": lambda: charts.walls(*map(layer, ("container", "sentry", "virtual-machine", "microvm"))),
    "timeline": lambda: charts.timeline(
        {"machines": [vl.evidence("HIST-02"), vl.evidence("HIST-12")], "containers": [vl.evidence("HIST-07")]}
    ),
    "choice": lambda: charts.choice(
        {"a shop": {"containers": (0.9, "starts in 0.2 s"), "virtual machines": (None, "does not fit"), "microVMs": (0.5, "slower")}}
    ),
    "learning": lambda: charts.learning(
        {"kernels": ["another idea", "right"], "limits": ["I do not know", "another idea"], "keys": ["right", "not asked"]},
        ["before", "after"], read={"limits": "lesson 03"},
    ),
    "scaling": lambda: explore.scaling().figure(),
    "migration": lambda: explore.migration(dirty_mib_s=2048).figure(),
    "power": lambda: explore.power(how="packed").figure(),
    "memory_limits": lambda: explore.memory_limits().figure(),
    "decision": lambda: explore.placement().figure(),
    "machine": lambda: charts.machine(
        [-1, 0, 1, 2], ["host", "hypervisor", "virtual-machine", "operating-system"], ["metal", "KVM", "VM", "Linux"], here=3
    ),
}  # fmt: skip
