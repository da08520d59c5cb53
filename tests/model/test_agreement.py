"""The parts of the model agree with each other, over random input."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import virtlearn as vl
from virtlearn import errors
from virtlearn.model import fits

amounts = st.sampled_from([None, 0.25, 0.5, 1.0, 2.0])
workloads = st.builds(
    vl.Workload,
    st.sampled_from(["a", "b"]),
    st.sampled_from([0.1, 0.5, 1.5]),
    st.sampled_from([20.0, 100.0, 333.3]),
    st.sampled_from([0.0, 100.0]),
    request_cores=amounts,
    request_mib=st.sampled_from([None, 50.0, 400.0]),
    needs=st.sampled_from([{}, {"gpus": 1}, {"gpus": 0.5}]),
)
alone_or_pods = st.one_of(workloads, st.builds(lambda *of: vl.Pod(*of), workloads, workloads))
hosts = st.builds(
    vl.Host,
    st.sampled_from([2, 4, 16]),
    st.sampled_from([0.5, 1, 3, 6, 9]),
    st.sampled_from([None, 20.0, 50.0]),
    st.sampled_from([None, 1, 4]),
    st.sampled_from([None, 0, 3, 12]),
    reserved_cores=st.sampled_from([0, 1.5]),
    reserved_mib=st.sampled_from([0, 128]),
    eviction_mib=st.sampled_from([0, 100]),
    has=st.sampled_from([{"gpus": 4}, {"gpus": 9}]),
    memory_overcommit=st.sampled_from([None, None, 1.0, 1.5]),
)
ON = st.sampled_from(vl.platforms())
PER_VM = st.sampled_from([1, 2, 3])


def _may_share(on: str, per_vm: int) -> bool:
    return per_vm == 1 or not any(spec.single for spec in vl.platform(on).layers)


@settings(max_examples=250, deadline=None)
@given(alone_or_pods, hosts, ON, PER_VM)
def test_place_puts_on_a_host_what_deploy_accepts_and_not_one_copy_more(
    app: vl.Workload, host: vl.Host, on: str, per_vm: int
) -> None:
    assume(_may_share(on, max(per_vm, 2 if isinstance(app, vl.Pod) else 1)))
    most = fits(app, host, on, per_vm=per_vm).max_copies
    assume(most < 200)
    placed = vl.place([app] * (most + 2), [host], on=on, per_vm=per_vm)
    assert (placed.host_of == 0).sum() == most
    if most:
        deployed = vl.deploy(app, most, host=host, on=on, per_vm=per_vm)
        assert deployed == placed.deployment
        assert deployed.max_copies == most
    with pytest.raises(errors.DoesNotFit):
        vl.deploy(app, most + 1, host=host, on=on, per_vm=per_vm)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(workloads, min_size=1, max_size=8), st.lists(hosts, min_size=1, max_size=3), ON, PER_VM
)
def test_what_was_placed_is_a_deployment_that_nobody_refuses(
    apps: list[vl.Workload], there: list[vl.Host], on: str, per_vm: int
) -> None:
    """`Placement.deployment` adds up every tree anew and refuses a host that is asked for too much."""
    assume(_may_share(on, per_vm))
    placed = vl.place(apps, there, on=on, per_vm=per_vm)
    deployment = placed.deployment
    assert deployment.copies == len(apps) - len(placed.unplaced)
    for h, host in enumerate(placed.deployment.hosts):
        names = sorted(layer.name for layer in host.walk() if isinstance(layer, vl.Workload))
        assert names == sorted(apps[i].name for i, at in enumerate(placed.host_of) if at == h)


@settings(max_examples=100, deadline=None)
@given(st.lists(workloads, min_size=1, max_size=3, unique=True), hosts, ON, st.integers(1, 4))
def test_several_workloads_that_deploy_accepts_on_a_host_are_placed_there(
    apps: list[vl.Workload], host: vl.Host, on: str, copies: int
) -> None:
    placed = vl.place([app for app in apps for _ in range(copies)], [host], on=on)
    try:
        deployed = vl.deploy(apps, copies, host=host, on=on)
    except errors.DoesNotFit:
        assert placed.unplaced
    else:
        assert not placed.unplaced
        assert placed.deployment.hosts == deployed.hosts


@settings(max_examples=60, deadline=None)
@given(workloads, hosts, ON, st.integers(1, 30))
def test_bare_workloads_never_need_more_than_those_on_a_platform(
    app: vl.Workload, host: vl.Host, on: str, copies: int
) -> None:
    assume(host.memory_overcommit is None)
    bare = vl.place([app] * copies, [host])
    standing = vl.place([app] * copies, [host], on=on)
    pods_bind = host.max_pods is not None
    if not pods_bind:
        assert len(bare.unplaced) <= len(standing.unplaced)


@settings(max_examples=100, deadline=None)
@given(
    workloads, st.lists(hosts, min_size=1, max_size=3), ON, st.integers(1, 12), st.floats(0, 1e5)
)
def test_restarting_elsewhere_never_makes_copies_less_available(
    app: vl.Workload, there: list[vl.Host], on: str, copies: int, failover_s: float
) -> None:
    try:
        deployment = vl.deploy(app, copies, host=there, on=on)
    except errors.DoesNotFit:
        return
    for least in (1, copies):
        without = deployment.availability(least)
        assert deployment.availability(least, failover_s=failover_s) >= without - 1e-12
