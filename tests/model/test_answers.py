"""Deployments answer from their trees: hand-made examples, mixtures, and the published ratios."""

import numpy as np
import pytest

from virtlearn import core, errors, units
from virtlearn.catalog.platforms import platform
from virtlearn.model import (
    Container,
    ContainerRuntime,
    Deployment,
    Host,
    Hypervisor,
    OperatingSystem,
    VirtualMachine,
    Workload,
    compare,
    deploy,
    fits,
    place,
)
from virtlearn.model.questions import QUESTIONS

HOST, WEB = Host(cores=16, memory_gib=64), Workload("web", cpu_cores=0.5, memory_mib=256)


def mixed():
    """A host's system that runs a machine with containers in it, and a container beside it."""
    inner = VirtualMachine(
        "apps",
        vcpus=2,
        memory_mib=2048,
        cpu_weight=300,
        runs=[
            OperatingSystem(
                "debian",
                runs=[
                    ContainerRuntime(runs=[Container(WEB), Container(WEB, cpu_limit_cores=0.25)])
                ],
            )
        ],
    )
    return Deployment(
        Host(cores=4, memory_gib=16),
        runs=[
            OperatingSystem(
                "host",
                runs=[
                    Hypervisor("kvm", runs=[inner]),
                    ContainerRuntime("runc", runs=[Container(WEB)]),
                ],
            )
        ],
    )


def test_kernels_are_counted_as_an_application_meets_them():
    # DESIGN: type 1 counts the guests, Firecracker stands on Linux, a unikernel is one a copy.
    expected = {
        "processes": 1,
        "containers": 1,
        "virtual-machines": 40,
        "virtual-machines-hosted": 41,
        "containers-in-vms": 40,
        "microvms": 41,
        "sandboxed-containers": 41,
        "vm-isolated-containers": 41,
        "unikernels": 41,
    }
    assert {name: deploy(WEB, 40, host=HOST, on=name).kernels for name in expected} == expected


def test_five_machines_with_eight_containers_each_have_five_kernels_or_six_on_linux():
    assert deploy(WEB, 40, host=HOST, on="containers-in-vms", per_vm=8).kernels == 5
    assert mixed().kernels == 2


def test_a_virtual_machine_is_its_system_plus_its_contents():
    d = deploy(WEB, 1, host=HOST, on="virtual-machines")
    i = d.tree.kind.index("virtual-machine")
    assert d.tree.nouns[i].memory_mib == pytest.approx(256 + 512)
    # vSphere's own cost at 1 vCPU and 768 MiB, from the fit in EVIDENCE section 4, in MB: 14.2 + 4.03 + 0.00743 * 805
    assert d.tree.memory_mib[i] == pytest.approx(24.2e6 / 2**20, rel=0.01)


def test_a_small_guest_grows_with_its_memory_as_the_published_fit_says():
    d = deploy(WEB, 1, host=HOST, on="microvms")
    ram = d.tree.nouns[d.tree.kind.index("virtual-machine")].memory_mib
    assert ram == pytest.approx(256 + 47.2 + 13.9 + ram / 64, abs=1e-6)


@pytest.mark.parametrize(
    ("app_mb", "stock", "micro"),
    [(20, 17.3, 2.7), (100, 5.7, 1.5), (512, 2.0, 1.1), (2048, 1.26, 1.03), (16384, 1.04, 1.00)],
)
def test_the_published_density_ratios_come_out_within_five_percent(app_mb, stock, micro):
    """EVIDENCE section 4, as ratios of what one copy needs; the guest kernel that grows with RAM is left out there."""
    app = Workload("app", cpu_cores=0.5, memory_mib=units.convert(app_mb, "MB", "MiB"))

    def each(on):
        d = deploy(app, 1, host=HOST, on=on)
        return d.memory_mib - d.memory_by_layer.get(
            "hypervisor" if "virtual" in on else "host operating system", 0.0
        )

    assert each("virtual-machines") / each("containers") == pytest.approx(stock, rel=0.05)
    grown = core.memory.guest_kernel_mib(app.memory_mib) - core.memory.guest_kernel_mib(0.0)
    assert (each("microvms") - grown) / each("containers") == pytest.approx(micro, rel=0.05)


def test_three_large_applications_fit_either_way_and_four_do_not():
    big = Workload("big", cpu_cores=1, memory_mib=16384)
    assert {on: fits(big, HOST, on).max_copies for on in ("containers", "virtual-machines")} == {
        "containers": 3,
        "virtual-machines": 3,
    }


def test_a_pod_limit_can_leave_containers_fewer_than_machines():
    node, app = Host(cores=16, memory_gib=64, max_pods=110), Workload("app", 0.1, 20)
    pods, machines = fits(app, node, "containers"), fits(app, node, "virtual-machines")
    assert (pods.max_copies, pods.binds) == (110, "pods")
    assert machines.max_copies > 110
    assert machines.binds == "memory"


def test_disk_and_promised_cpu_bind_where_the_host_says_so():
    thrifty = Host(cores=4, memory_gib=64, disk_gib=40, cpu_overcommit=2)
    assert fits(WEB, thrifty, "containers").by_resource["cpu"] == 16
    vms = fits(WEB, thrifty, "virtual-machines")
    assert vms.by_resource["disk"] == 20  # 40 GiB / 2 GiB each
    assert vms.binds == "cpu"


def test_cpu_goes_down_the_tree_by_weight_and_limits():
    d = mixed()  # machine 300 : container 100 are children of different layers, so the hypervisor and runtime share 1 : 1
    shares = d.cpu(4)
    assert shares.granted_cores == pytest.approx([1.75, 0.25, 2.0])
    assert shares.throttled == (0, 1)  # the machine has 2 vCPUs; the second container its own limit
    assert shares.squeezed == (2,)


def test_two_hosts_share_nothing():
    d = deploy(WEB, 6, host=[Host(cores=1, memory_gib=8)] * 2, on="containers")
    assert d.cpu(1).granted_cores == pytest.approx(np.full(6, 1 / 3))
    assert len(d.dies_with("host")) == 3


def test_a_busy_deployment_runs_slower_and_does_not_refuse():
    d = deploy(WEB, 40, host=HOST, on="containers")
    assert d.cpu().granted_cores == pytest.approx(np.full(40, 0.4))
    assert len(d.cpu().squeezed) == 40


def test_the_runtime_steps_aside_and_a_kernel_does_not():
    pods, vms = (deploy(WEB, 20, host=HOST, on=on) for on in ("containers", "virtual-machines"))
    assert pods.dies_with("container-runtime") == ()
    assert len(pods.dies_with("operating-system")) == 20
    assert len(vms.dies_with("operating-system")) == 1
    assert len(vms.dies_with("hypervisor")) == 20


def test_starting_in_a_running_machine_is_starting_a_container():
    alone = deploy(WEB, 8, host=HOST, on="containers-in-vms")
    shared = deploy(WEB, 8, host=HOST, on="containers-in-vms", per_vm=8)
    pods = deploy(WEB, 8, host=HOST, on="containers")
    assert shared.start_s == pytest.approx(pods.start_s)
    assert alone.start_s > 10 * shared.start_s
    first, last = shared.ready_s(16, parallel=2)[[0, -1]]
    assert last < 2 * first  # two machines start at once


def test_images_are_stored_once_for_each_kernel():
    one, two = (deploy(WEB, n, host=HOST, on="containers").stored_mib for n in (1, 2))
    assert one == two
    vms = [deploy(WEB, n, host=HOST, on="virtual-machines").stored_mib for n in (1, 2)]
    assert vms[1] - vms[0] == pytest.approx(2048)


def test_copies_up_is_one_or_all_where_everything_shares_a_fate():
    pmf = deploy(WEB, 5, host=HOST, on="containers").copies_up_pmf()
    assert pmf[0] + pmf[5] == pytest.approx(1)
    assert deploy(WEB, 5, host=HOST, on="virtual-machines").copies_up_pmf()[4] > 0


def test_an_empty_carrier_is_not_a_copy():
    idle = VirtualMachine("idle", 1, 1024, runs=[OperatingSystem("debian")])
    d = Deployment(
        HOST,
        runs=[
            OperatingSystem("debian", runs=[WEB, ContainerRuntime("runc"), Hypervisor(runs=[idle])])
        ],
    )
    assert len(d.copies_up_pmf()) == 2
    assert (
        d.availability()
        == Deployment(HOST, runs=[OperatingSystem("debian", runs=[WEB])]).availability()
    )
    # who starts in the idle machine takes the one copy if its wall gives way
    assert d.blast_radius("idle") == pytest.approx(
        platform("virtual-machines").layers[1].escape.value
    )


def test_a_break_in_costs_less_where_the_wall_is_higher():
    loss = {
        on: deploy(WEB, 40, host=HOST, on=on).blast_radius()
        for on in ("processes", "containers", "virtual-machines")
    }
    assert loss["processes"] > loss["containers"] > loss["virtual-machines"] >= 1
    # by hand: the container's wall gives way with its escape probability, and then all 40 are lost
    escape = platform("containers").layers[2].escape.value
    assert loss["containers"] == pytest.approx(1 + escape * 39)


def test_a_comparison_stars_the_best_of_each_column_in_text_and_html():
    both = compare(
        deploy(WEB, 40, host=HOST, on="containers"),
        deploy(WEB, 40, host=HOST, on="virtual-machines"),
    )
    assert (
        both.values[0][both.columns.index("memory")] < both.values[1][both.columns.index("memory")]
    )
    judged = {question.title for question in QUESTIONS if question.better}
    for view in (str(both), both._repr_html_()):
        assert view.count("★") == sum(
            len(set(col)) > 1
            for col, q in zip(zip(*both.values, strict=True), both.columns, strict=True)
            if q in judged
        )


def test_views_are_the_same_twice_and_carry_no_address():
    d = deploy(WEB, 3, host=HOST, on="microvms")
    assert str(d) == str(deploy(WEB, 3, host=HOST, on="microvms"))
    assert d._repr_html_() == deploy(WEB, 3, host=HOST, on="microvms")._repr_html_()
    assert "0x" not in d._repr_html_()
    assert (
        "&lt;b&gt;" in deploy(Workload("<b>", 1, 64), 1, host=HOST, on="containers")._repr_html_()
    )


def test_plain_names_are_plain_numbers():
    d = deploy(WEB, 3, host=HOST, on="containers")
    for name in ("memory_mib", "max_copies", "kernels", "start_s", "stored_mib", "copies"):
        assert type(getattr(d, name)) in (int, float), name
    assert type(d.availability()) is float
    assert type(d.blast_radius()) is float


def test_placing_packs_memory_and_cpu_only_where_it_is_promised():
    hungry = Workload("cpu", cpu_cores=4, memory_mib=64)
    assert place([hungry] * 8, [Host(cores=4, memory_gib=1)] * 2).hosts_used == 1
    promised = place([hungry] * 3, [Host(cores=4, memory_gib=1, cpu_overcommit=1)] * 2)
    assert promised.host_of.tolist() == [0, 1, -1]
    assert promised.unplaced == (hungry,)


def test_several_workloads_stand_side_by_side():
    d = deploy([WEB, Workload("db", 2, 4096)], [10, 2], host=HOST, on="containers")
    assert d.copies == 12
    assert d.memory_by_layer["db"] == 8192
    with pytest.raises(
        errors.DoesNotFit,
        match=r"2 x \(4 GiB db .* but the host has 3.43 GiB of memory left.\nNo copy fits.",
    ):
        deploy([WEB, Workload("db", 2, 4096)], [230, 2], host=HOST, on="containers")


def test_what_runs_where_counts_equal_neighbours():
    assert "40 × web-vm" in deploy(WEB, 40, host=HOST, on="virtual-machines").what_runs_where()
    assert mixed().what_runs_where().splitlines()[0] == "host (4 cores, 16 GiB)"
