"""Deployments of every shape: machines in machines, mixtures, uneven hosts, partly filled machines."""

import math

import numpy as np
import pytest

from virtlearn import errors
from virtlearn.catalog.evidence import evidence
from virtlearn.catalog.layers import LayerSpec, Memory
from virtlearn.catalog.numbers import Quantity
from virtlearn.catalog.platforms import Platform, platform, platforms
from virtlearn.model import (
    Container,
    ContainerRuntime,
    Deployment,
    Fit,
    Host,
    Hypervisor,
    OperatingSystem,
    UserSpaceKernel,
    VirtualMachine,
    Workload,
    compare,
    deploy,
    fits,
)

HOST, WEB = Host(cores=16, memory_gib=64), Workload("web", cpu_cores=0.5, memory_mib=256)
DB = Workload("db", cpu_cores=2, memory_mib=2048, disk_mib=4096)
GUEST = ("virtual-machine", "stock-guest")
NESTED = Platform(
    "nested", layers=["type-1-hypervisor", *GUEST, "hosted-hypervisor", *GUEST, "process"]
)
PODS_IN_VMS = Platform(
    "pods", layers=["type-1-hypervisor", *GUEST, *platform("vm-isolated-containers").layers[1:]]
)


def deep(levels):
    """A machine in a machine in a machine, with one application at the bottom, each 1 GiB larger than the inner one."""
    inside = OperatingSystem("guest", runs=[WEB])
    for level in range(1, levels + 1):
        vm = VirtualMachine(f"level {level}", 2, 1024 * (level + 1), runs=[inside])
        inside = OperatingSystem("guest", runs=[Hypervisor("kvm", runs=[vm])])
    return Deployment(HOST, runs=[inside])


@pytest.mark.parametrize("levels", [1, 3, 20])
def test_machines_stand_in_machines_to_any_depth(levels):
    d = deep(levels)
    assert d.kernels == levels + 1
    native = evidence("PERF-01:native").number
    assert d.keeps("computing") == pytest.approx(
        (284.20 / native) ** levels
    )  # PERF-01, once a level
    assert len(d.dies_with(f"level {levels}")) == 1
    assert d.ready_s()[0] == pytest.approx(
        d.start_s
    )  # the host's system runs, and every machine is the copy's own
    # the outermost machine's promise holds all of the inner ones; beside it there is its own cost and the host's
    outer = d.tree.name.index(f"level {levels}")
    assert d.tree.below(d.tree.memory_mib)[outer] == pytest.approx(1024 * (levels + 1), rel=0.05)


def test_an_inner_machine_must_fit_into_the_outer_one():
    inner = VirtualMachine("inner", 1, 2048)
    system = OperatingSystem("guest", runs=[Hypervisor("kvm", runs=[inner])])
    with pytest.raises(
        errors.DoesNotFit, match=r"'outer' has 1 GiB, but what runs in it needs 2\.5"
    ):
        Deployment(HOST, runs=[Hypervisor(runs=[VirtualMachine("outer", 1, 1024, runs=[system])])])


@pytest.mark.parametrize("on", [NESTED, PODS_IN_VMS], ids=lambda p: p.name)
@pytest.mark.parametrize("per_vm", [1, 3, 8])
def test_a_nested_platform_answers_like_any_other(on, per_vm):
    d = deploy(WEB, 12, host=HOST, on=on, per_vm=per_vm)
    outer = math.ceil(12 / per_vm)
    assert d.tree.kind.count("virtual-machine") == outer + 12
    assert d.kernels == outer + 12
    full = deploy(WEB, d.max_copies, host=HOST, on=on, per_vm=per_vm)
    assert full.memory_mib <= HOST.memory_mib
    with pytest.raises(errors.DoesNotFit):
        deploy(WEB, d.max_copies + 1, host=HOST, on=on, per_vm=per_vm)
    # a machine that is made for several is running; the inner machine of one more copy is not
    assert ("firmware and kernel", 0.2435) in d.start_phases or on is PODS_IN_VMS
    assert (len(d.start_phases) < len(deploy(WEB, 12, host=HOST, on=on).start_phases)) == (
        per_vm > 1
    )


def test_a_machine_is_as_big_as_a_law_of_its_memory_makes_it():
    """By hand: RAM = 4 * (256 + 0.02 RAM + 1) + 100 + 0.1 RAM, so RAM = 1128 / (1 - 0.18)."""
    say = {"assumed": "made up for this test"}
    system = LayerSpec(
        "sys", "operating-system", memory=Memory(Quantity(100, **say), per_mib=Quantity(0.1, **say))
    )
    box = LayerSpec(
        "box", "container", memory=Memory(Quantity(1, **say), per_mib=Quantity(0.02, **say))
    )
    on = Platform("lawful", layers=["type-1-hypervisor", "virtual-machine", system, "runc", box])
    d = deploy(WEB, 4, host=HOST, on=on, per_vm=4)
    assert d.tree.nouns[d.tree.kind.index("virtual-machine")].memory_mib == pytest.approx(
        1128 / 0.82
    )
    assert "promised, not used" not in d.memory_by_layer
    with pytest.raises(errors.DoesNotFit, match="needs more than all of its memory"):
        deploy(WEB, 50, host=HOST, on=on, per_vm=50)


@pytest.mark.parametrize(("copies", "per_vm"), [(7, 3), (3, 7), (40, 9), (1, 1)])
def test_the_last_machine_is_partly_filled_and_as_big_as_the_others(copies, per_vm):
    d = deploy(WEB, copies, host=HOST, on="containers-in-vms", per_vm=per_vm)
    machines = [noun for noun in d.tree.nouns if isinstance(noun, VirtualMachine)]
    assert len(machines) == math.ceil(copies / per_vm)
    assert len({(vm.vcpus, vm.memory_mib) for vm in machines}) == 1
    assert d.copies == copies
    empty = len(machines) * per_vm - copies
    assert d.memory_by_layer.get("promised, not used", 0.0) == pytest.approx(
        empty * (256 + 12e6 / 2**20)
    )


def test_a_container_of_a_container_and_a_sandbox_around_several():
    sandbox = UserSpaceKernel(
        "sentry", runs=[Container(WEB), Container([WEB, WEB], cpu_limit_cores=0.5)]
    )
    d = Deployment(
        HOST, runs=[OperatingSystem("d", runs=[ContainerRuntime(runs=[Container(sandbox)])])]
    )
    assert (d.copies, d.kernels) == (3, 2)
    assert len(d.dies_with("sentry")) == 3
    assert d.cpu(1).granted_cores == pytest.approx([1, 0.25, 0.25])
    assert d.cpu(1).throttled == (1, 2)


def test_uneven_hosts_take_what_they_can_and_together_all_that_fits():
    site = [Host(4, 4), Host(16, 64), Host(8, 16)]
    most = deploy(WEB, 1, host=site, on="virtual-machines").max_copies
    assert most == sum(fits(WEB, h, "virtual-machines").max_copies for h in site)
    full = deploy(WEB, most, host=site, on="virtual-machines")
    assert [len(full.dies_with(i)) for i in full.tree.hosts] == [
        fits(WEB, h, "virtual-machines").max_copies for h in site
    ]
    with pytest.raises(
        errors.DoesNotFit, match=rf"the 3 hosts have 84 GiB of memory.*\nAt most {most} copies fit"
    ):
        deploy(WEB, most + 1, host=site, on="virtual-machines")


def test_what_two_workloads_share_is_counted_for_both():
    small = Host(16, 64, max_pods=110, cpu_overcommit=2, disk_gib=100)
    with pytest.raises(errors.DoesNotFit, match="the host has 90 pods left"):
        deploy([WEB, Workload("b", 0.01, 20)], [20, 91], host=small, on="containers")
    with pytest.raises(errors.DoesNotFit, match="the host has 12 cores to promise left"):
        deploy([DB, WEB], [10, 25], host=small, on="containers")
    with pytest.raises(errors.DoesNotFit, match="the host has 52 GiB of disk left"):
        deploy([WEB, DB], [24, 9], host=small, on="virtual-machines")
    assert deploy([DB, WEB], [10, 24], host=small, on="containers").copies == 34


def test_a_mixture_is_repeated_as_a_whole():
    """By hand: 2 x 256 + 2048 + 3 x 11.44 = 2594.3 MiB a time, 65024 / 2594.3 = 25 times 3 copies."""
    assert deploy([WEB, DB], [2, 1], host=HOST, on="containers").max_copies == 75
    # of two hosts one gets a web and a db, 65024 / 2326.9 = 27 times 2, and the other a web, 65024 / 267.4 = 243
    assert deploy([WEB, DB], [2, 1], host=[HOST] * 2, on="containers").max_copies == 54 + 243
    pods = deploy([WEB, DB], [2, 1], host=Host(16, 64, max_pods=30), on="containers")
    assert (pods.max_copies, pods.binds) == (30, "pods")
    thrifty = deploy([WEB, DB], [2, 1], host=Host(16, 64, cpu_overcommit=1), on="containers")
    assert (thrifty.max_copies, thrifty.binds) == (15, "cpu")  # 16 / 3 cores


@pytest.mark.parametrize(
    ("host", "message"),
    [
        (Host(4, 16, max_pods=2), "needs 3 pods, but it has 2 pods"),
        (Host(1, 16, cpu_overcommit=1), "needs 1.5 cores to promise, but it has 1 core to promise"),
        (Host(4, 16, disk_gib=2), "needs 2.07 GiB of disk, but it has 2 GiB of disk"),
        (Host(4, 1), "needs 1.28 GiB of memory, but it has 1 GiB of memory"),
    ],
)
def test_a_tree_by_hand_is_held_to_the_same_limits(host, message):
    with pytest.raises(errors.DoesNotFit, match=message):
        Deployment(
            host, runs=[OperatingSystem("d", runs=[ContainerRuntime(runs=[Container(WEB)] * 3)])]
        )


def test_each_host_has_its_own_disk():
    one = OperatingSystem("d", runs=[DB])
    with pytest.raises(errors.DoesNotFit, match="What runs on 'small'"):
        Deployment(
            [
                Host(4, 16, disk_gib=5, name="small", runs=[one]),
                Host(4, 16, disk_gib=500, runs=[one]),
            ]
        )


@pytest.mark.parametrize("on", platforms())
def test_by_hand_or_by_platform_the_same_tree_answers_the_same(on):
    made = deploy(WEB, 4, host=HOST, on=on)
    hand = Deployment(made.hosts, title=made.title)
    for question in ("memory_mib", "kernels", "start_s", "stored_mib", "memory_by_layer"):
        assert getattr(hand, question) == getattr(made, question), question
    assert hand.blast_radius() == made.blast_radius()
    # By hand nobody has said what one more copy is: all four are repeated together, so it is another value.
    assert hand.max_copies == made.max_copies // 4 * 4
    assert hand != made


def test_a_machine_with_room_in_a_tree_by_hand_is_running():
    system = OperatingSystem("debian", runs=[ContainerRuntime("runc", runs=[Container(WEB)] * 8)])
    d = Deployment(
        HOST, runs=[Hypervisor(runs=[VirtualMachine("apps", 4, 4096, runs=[system])] * 2)]
    )
    by_platform = deploy(WEB, 16, host=HOST, on="containers-in-vms", per_vm=8)
    assert (d.per_vm, d.start_s) == (8, by_platform.start_s)
    assert d.ready_s(20, parallel=3) == pytest.approx(by_platform.ready_s(20, parallel=3))


def test_machines_start_for_every_so_many_copies_and_copies_in_them():
    """By hand: machines at 10.4 and 20.8 s, and in each of them two copies at a time, 0.2044 s each pair."""
    d = deploy(WEB, 4, host=HOST, on="containers-in-vms", per_vm=4)
    machine, copy = 0.2435 + 10.1565, d.start_s
    assert d.ready_s(6, parallel=2) == pytest.approx(
        [machine + copy] * 4 + [machine + 2 * copy] * 2
    )
    one = [machine + n * copy for n in (1, 2, 3, 4)] + [2 * machine + n * copy for n in (1, 2)]
    assert d.ready_s(6, parallel=1) == pytest.approx(one)


@pytest.mark.parametrize("question", ["start_s", "start_phases"])
def test_nothing_can_be_asked_of_an_empty_host(question):
    empty = Deployment(HOST)
    assert (empty.copies, empty.max_copies, empty.kernels, empty.memory_mib) == (0, 0, 0, 0.0)
    assert "copies running  0" in str(empty)
    for ask in (
        lambda: getattr(empty, question),
        empty.availability,
        empty.ready_s,
        lambda: empty.keeps("computing"),
    ):
        with pytest.raises(errors.WrongPlace) as refusal:
            ask()
        assert (
            str(refusal.value)
            == "Nothing runs on 'host', so there is nothing to ask.\nPut a Workload in it."
        )


def test_a_deployment_is_a_value():
    d = deploy(WEB, 3, host=HOST, on="containers")
    again = deploy(WEB, 3, host=HOST, on="containers")
    assert (d == again, hash(d) == hash(again)) == (True, True)
    assert d != deploy(WEB, 4, host=HOST, on="containers")
    with pytest.raises(AttributeError):
        d.title = "mine"


def test_what_a_noun_shows_rebuilds_it_and_is_short():
    d = deploy(WEB, 40, host=HOST, on="virtual-machines")
    assert len(repr(d.host)) < 400
    names = {
        kind.__name__: kind
        for kind in (Host, Hypervisor, VirtualMachine, OperatingSystem, Workload, Container)
    }
    stack = Host(
        4,
        8,
        runs=[
            Hypervisor(
                runs=[VirtualMachine("a", 1, 900, runs=[OperatingSystem("d", runs=[WEB])])] * 3
            )
        ],
    )
    assert eval(repr(stack), names) == stack
    assert eval(repr(Container(WEB, cpu_weight=5, memory_limit_mib=300)), names) == Container(
        WEB, cpu_weight=5, memory_limit_mib=300
    )


def test_a_daemon_that_takes_its_containers_along_is_one_number_of_its_layer():
    daemon = LayerSpec(
        "dockerd", "container-runtime", "daemon without live restore", ends_what_runs=True
    )
    d = deploy(WEB, 5, host=HOST, on=Platform("old", layers=["linux-host", daemon, "container"]))
    assert len(d.dies_with("dockerd")) == 5


def test_a_demand_of_another_length_is_refused():
    with pytest.raises(errors.ShapeMismatch) as refusal:
        deploy(WEB, 12, host=HOST, on="containers").cpu([1, 2, 3])
    assert str(refusal.value) == (
        "demand_cores has the shape (3,), but there are 12 copies.\n"
        "Give one number for all of them, or a list with one for each."
    )


def test_every_copy_may_want_something_else():
    shares = deploy(WEB, 3, host=Host(2, 8), on="containers").cpu([0.2, 5, 5])
    assert shares.granted_cores == pytest.approx([0.2, 0.9, 0.9])
    assert (shares.squeezed, shares.throttled) == ((1, 2), ())
    assert np.array_equal(shares.demand_cores, [0.2, 5, 5])


def test_resources_are_counted_host_by_host():
    """By hand: 243 copies by memory and 110 pods on one; 20 copies by memory on the other, whose pods nobody counts."""
    site = [Host(16, 64, max_pods=110), Host(16, 512 / 1024 + 20.5 * (256 + 12e6 / 2**20) / 1024)]
    fit = deploy(WEB, 1, host=site, on="containers").fit
    assert fit == Fit(130, "pods", {"memory": 263, "pods": 130})


def test_the_last_machine_may_be_filled_as_far_as_cpu_goes():
    """By hand: 10 cores promised are 20 copies, which are two machines of 8 and one of 4."""
    assert (
        fits(WEB, Host(16, 64, cpu_overcommit=0.625), "containers-in-vms", per_vm=8).max_copies
        == 20
    )


def test_an_image_takes_disk_once_however_it_is_counted():
    """By hand: 10 GiB less a system of 2 GiB and an image of 74.83 MB leave 8120 MiB for copies of 100."""
    app, host = Workload("app", 0.1, 20, disk_mib=100), Host(16, 64, disk_gib=10)
    assert fits(app, host, "containers").by_resource["disk"] == 81
    pair = deploy([app, Workload("other", 0.1, 20)], [1, 1], host=host, on="containers")
    assert pair.fit.by_resource["disk"] == 81 * 2
    assert pair.stored_mib == pytest.approx(2048 + 74.83e6 / 2**20 + 100)


def test_an_image_is_not_shared_by_hosts():
    golden = LayerSpec(
        "golden", "operating-system", image=True, disk=Quantity(1000, assumed="made up")
    )
    on = Platform("clones", layers=["type-1-hypervisor", "virtual-machine", golden, "process"])
    assert deploy(WEB, 6, host=HOST, on=on).stored_mib == 1000
    assert deploy(WEB, 6, host=[HOST] * 2, on=on).stored_mib == 2000


def test_a_second_workload_finds_the_host_s_own_layers_there():
    """243 copies of 256 MiB fit; one of them under another name is none more."""
    assert (
        deploy([WEB, Workload("other", 0.5, 256)], [1, 242], host=HOST, on="containers").copies
        == 243
    )


def test_a_machine_made_for_several_has_room_though_only_one_runs():
    one = deploy(WEB, 1, host=HOST, on="containers-in-vms", per_vm=8)
    assert one.start_s == deploy(WEB, 8, host=HOST, on="containers-in-vms", per_vm=8).start_s


def test_a_comparison_keeps_a_bound_a_bound_and_says_what_is_assumed():
    both = compare(
        deploy(WEB, 3, host=HOST, on="containers"), deploy(WEB, 3, host=HOST, on="microvms")
    )
    assert repr(both) == str(both)
    for view in (str(both), both._repr_html_().replace("&gt;", ">")):
        assert ">95 %" in view
        assert "lost to one break-in (assumed)" in view
