"""One description of a deployment: equal ones answer alike, and the second way of counting agrees."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import virtlearn as vl
from virtlearn.catalog.layers import LayerSpec, Memory
from virtlearn.catalog.numbers import NEVER, Quantity
from virtlearn.catalog.platforms import Platform
from virtlearn.errors import DoesNotFit
from virtlearn.model import fits
from virtlearn.model.resources import limiting
from virtlearn.model.unit import unit_of

HOST = vl.Host(cores=16, memory_gib=64)
WEB = vl.Workload("web", cpu_cores=0.5, memory_mib=256)

workloads = st.builds(
    vl.Workload,
    st.sampled_from(["web", "db"]),
    cpu_cores=st.sampled_from([0.1, 0.5, 1.7]),
    memory_mib=st.sampled_from([20.0, 256.0, 700.5]),
    disk_mib=st.sampled_from([0.0, 100.0]),
)
hosts = st.builds(
    vl.Host,
    cores=st.sampled_from([4.0, 16.0]),
    memory_gib=st.sampled_from([16.0, 64.0]),
    disk_gib=st.sampled_from([None, 50.0]),
    cpu_overcommit=st.sampled_from([None, 2.0]),
    max_pods=st.sampled_from([None, 30]),
)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, object]:
    on = draw(st.sampled_from(vl.platforms()))
    several = not any(spec.single for spec in vl.platform(on).layers)
    return {
        "workload": draw(st.one_of(workloads, st.lists(workloads, min_size=1, max_size=2))),
        "copies": draw(st.integers(1, 6)),
        "host": draw(st.one_of(hosts, st.lists(hosts, min_size=1, max_size=3))),
        "on": on,
        "per_vm": draw(st.integers(1, 4)) if several else 1,
    }


def deployed(order: dict[str, object]) -> vl.Deployment:
    try:
        return vl.deploy(**order)  # type: ignore[arg-type]
    except DoesNotFit:
        assume(False)
        raise


def answers(d: vl.Deployment) -> tuple[object, ...]:
    return (
        *(d.copies, d.memory_mib, d.stored_mib, d.kernels, d.fit, d.start_phases, d.per_vm),
        tuple(d.ready_s(7, parallel=2).tolist()),
        tuple(d.copies_up_pmf().tolist()),
        *(d.blast_radius(), d.keeps("computing"), vl.compare(d).values),
    )


@settings(max_examples=60, deadline=None)
@given(orders(), orders())
def test_equal_deployments_answer_alike(one: dict[str, object], other: dict[str, object]) -> None:
    first, again = deployed(one), deployed(one)
    rebuilt = vl.Deployment(first.hosts, growth=first.growth, title="under another name")
    by_hand = vl.Deployment(first.hosts)
    others = [again, rebuilt, by_hand, deployed(other)]
    for d in others:
        if d == first:
            assert hash(d) == hash(first)
            assert answers(d) == answers(first)
    assert again == rebuilt == first


def test_what_one_more_copy_adds_is_a_part_of_the_value() -> None:
    """Nobody said by hand that machines hold eight: it is another value, and may answer otherwise."""
    made = vl.deploy(WEB, 1, host=HOST, on="containers-in-vms", per_vm=8)
    hand = vl.Deployment(made.hosts, title=made.title)
    assert (made.start_s < 1, hand.start_s > 10) == (True, True)
    assert hand != made


@settings(max_examples=60, deadline=None)
@given(workloads, hosts, st.sampled_from(vl.platforms()), st.sampled_from([1, 3]))
def test_counting_copies_agrees_with_adding_them_one_by_one(
    app: vl.Workload, host: vl.Host, on: str, per_vm: int
) -> None:
    """The slow way: stand one more copy and add up every node, until a resource is used up."""
    platform = vl.platform(on)
    assume(per_vm == 1 or not any(spec.single for spec in platform.layers))
    most = fits(app, host, on, per_vm=per_vm).max_copies
    assume(most < 300)
    unit = unit_of(app, platform, per_vm)

    def holds(copies: int) -> bool:
        big = vl.Host(1e4, 4e4, runs=unit.on_base(unit.stand(copies)))
        tree = vl.Deployment(big).tree
        for resource in limiting([host], [app]):
            has = resource.has(host)
            asked = math.fsum(float(x) for x in resource.asks(tree))
            if has is not None and asked > has * (1 + 1e-9):
                return False
        return True

    assert most == 0 or holds(most)
    assert not holds(most + 1)


def test_an_image_is_stored_once_for_each_kernel_however_copies_are_added() -> None:
    """By hand: 50 GiB less a host system without disk; each machine takes 2 GiB and 74.83 MB, each copy 100 MiB."""
    app, host = vl.Workload("app", 0.1, 20, disk_mib=100), vl.Host(16, 64, disk_gib=50)
    machine = 2048 + 74.83e6 / 2**20
    full = machine + 4 * 100
    machines = 50 * 1024 // full
    partly = (50 * 1024 - machines * full - machine) // 100
    expected = machines * 4 + max(partly, 0)
    assert fits(app, host, "containers-in-vms", per_vm=4).by_resource["disk"] == expected


def test_a_layer_that_holds_two_copies_has_room_for_one_more() -> None:
    """By hand, a machine with two containers is running, so only the third container is started."""
    pods = vl.ContainerRuntime("runc", runs=[vl.Container(WEB)] * 2)
    system = vl.OperatingSystem("debian", runs=[pods])
    machine = vl.VirtualMachine("apps", 2, 4096, runs=[system])
    d = vl.Deployment(HOST, runs=[vl.Hypervisor(runs=[machine])])
    assert d.start_s == vl.deploy(WEB, 2, host=HOST, on="containers").start_s


def test_a_runtime_that_steps_aside_takes_no_copy_down_whatever_its_own_availability() -> None:
    half = {"mtbf_h": Quantity(1, assumed="made up"), "mttr_h": Quantity(1, assumed="made up")}
    aside = LayerSpec("aside", "container-runtime", ends_what_runs=False, **half)
    needed = LayerSpec("needed", "container-runtime", ends_what_runs=True, **half)
    layers = [["linux-host", runtime, "container"] for runtime in (aside, needed)]
    up = [
        vl.deploy(WEB, 3, host=HOST, on=Platform("p", layers=each)).availability()
        for each in layers
    ]
    assert up[0] > 0.99
    assert up[1] == pytest.approx(up[0] / 2)


def test_what_never_fails_shows_no_time_between_failures() -> None:
    numbers = [name for name, _, _ in vl.platform("processes").layers[-1].numbers()]
    assert "mean time between failures" not in numbers
    never = LayerSpec("x", "container")
    assert never.mtbf_h.assumed == NEVER
    assert "mean time between failures" not in [name for name, _, _ in never.numbers()]


@pytest.mark.parametrize("noun", [vl.Hypervisor(), vl.ContainerRuntime(), vl.Container(WEB)])
def test_every_noun_is_frozen(noun: object) -> None:
    with pytest.raises(AttributeError):
        noun.extra = 1  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        noun.name = "other"  # type: ignore[attr-defined]


def test_a_noun_that_is_not_frozen_would_be_found() -> None:
    from virtlearn import model

    nouns = [value for value in vars(model).values() if isinstance(value, type)]
    layers = [noun for noun in nouns if issubclass(noun, model.Layer)]
    assert len(layers) >= 9
    for noun in layers:
        assert "__dataclass_params__" in vars(noun), noun
        assert vars(noun)["__dataclass_params__"].frozen, noun


def test_a_failing_node_and_an_intruder_are_followed_down_the_tree() -> None:
    d = vl.deploy(WEB, 2, host=HOST, on="containers")
    assert d.down_with("host").all()
    assert d.down_with("container-runtime").sum() == 1
    assert tuple(i for i in d.tree.copies if d.down_with("container")[i]) == d.dies_with(
        "container"
    )
    chance = d.controlled_from("workload")
    assert chance[d.tree.index("workload")] == 1
    assert float(chance[d.tree.copies].sum()) == pytest.approx(d.blast_radius())


def test_memory_laws_of_a_machine_are_straight_lines() -> None:
    """What `_sizes` rests on: half way between two sizes stands half of the difference."""
    for name in vl.platforms():
        for spec in vl.platform(name).layers:
            low, mid, high = (spec.memory.mib(2, ram) for ram in (0, 1000, 2000))
            assert mid == pytest.approx((low + high) / 2)
    assert Memory().mib(3, 500) == 0
