"""What people in the field report, each with its source, and neighbouring numbers of the same kind."""

from __future__ import annotations

import numpy as np
import pytest

import virtlearn as vl
from virtlearn import errors
from virtlearn.model import fits

TINY = vl.Workload("tiny", 0.01, 8)
W256 = vl.Workload("w", 0.5, 256)


@pytest.mark.parametrize("most", [0, 1, 110, 250])
def test_the_pod_limit_of_a_node_binds_in_place(most: int) -> None:
    """kubernetes#119391: 110 pods a node, however small they are."""
    placed = vl.place([TINY] * 200, [vl.Host(16, 64, max_pods=most)])
    assert (placed.host_of == 0).sum() == min(most, 200)
    assert len(placed.unplaced) == 200 - min(most, 200)


@pytest.mark.parametrize("gib", [1, 2, 4])
def test_what_place_puts_on_a_host_deploy_accepts_and_no_more(gib: float) -> None:
    host = vl.Host(4, gib)
    placed = vl.place([W256] * 99, [host], on="containers")
    copies = int((placed.host_of == 0).sum())
    assert copies == fits(W256, host, "containers").max_copies
    if copies:
        assert placed.deployment == vl.deploy(W256, copies, host=host, on="containers")
    with pytest.raises(errors.DoesNotFit):
        vl.deploy(W256, copies + 1, host=host, on="containers")


def test_without_a_platform_the_table_says_that_bare_workloads_were_packed() -> None:
    placed = vl.place([W256] * 4, [vl.Host(4, 1)])
    assert placed.host_of.tolist() == [0, 0, 0, 0]
    assert "workloads alone" in str(placed)
    with pytest.raises(errors.WrongPlace, match="on="):
        placed.deployment  # noqa: B018


def test_what_was_placed_answers_as_a_deployment_does() -> None:
    placed = vl.place([W256] * 4, [vl.Host(4, 4)] * 2, "worst-fit", on="containers")
    assert placed.deployment.copies == 4
    assert [len(placed.deployment.dies_with(h)) for h in placed.deployment.tree.hosts] == [2, 2]


@pytest.mark.parametrize(
    ("policy", "used"), [("worst-fit", 2), ("worst-fit-in-use", 1)], ids=["books on OS", "packing"]
)
def test_worst_fit_is_two_things_in_two_kinds_of_books(policy: str, used: int) -> None:
    apps = [vl.Workload(f"w{n}", 0.1, n * 100) for n in (2, 5)]
    hosts = [vl.Host(1, 1000 / 1024)] * 2
    assert vl.place(apps, hosts, policy).hosts_used == used


def test_worst_fit_in_use_takes_the_emptiest_of_those_in_use() -> None:
    """By hand: 6 and 5 need two hosts of 10 with 4 and 5 left; a 2 goes where 5 are left, not to the third."""
    apps = [vl.Workload(f"w{n}", 0.1, n * 100) for n in (6, 5, 2)]
    hosts = [vl.Host(1, 1000 / 1024)] * 3
    assert vl.place(apps, hosts, "worst-fit-in-use").host_of.tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    ("on", "expected"),
    [("virtual-machines", [2 / 3, 4 / 3]), ("virtual-machines-hosted", [1.0, 1.0])],
)
def test_busy_machines_share_by_the_default_of_their_hypervisor(
    on: str, expected: list[float]
) -> None:
    """vSphere gives 1000 shares a vCPU (CPU-12); libvirt weighs machines alike."""
    apps = [vl.Workload("one", 1, 256), vl.Workload("two", 2, 256)]
    granted = vl.deploy(apps, host=vl.Host(2, 64), on=on).cpu().granted_cores
    np.testing.assert_allclose(granted, expected)


def test_shares_a_vcpu_is_a_number_with_its_row() -> None:
    number = vl.platform("virtual-machines").layers[0].weight_per_vcpu
    assert number is not None
    assert number.value == vl.evidence("CPU-12:normal").number == 1000
    assert "CPU-12:normal" in str(vl.platform("virtual-machines"))


# -- requests, limits, classes -------------------------------------------------------------------


def test_a_containers_weight_follows_its_request() -> None:
    """The conversion of 2025 (CPU-08) makes 1 core 100 and 3 cores 240: 2 cores are shared 100 : 240."""
    apps = [vl.Workload(f"r{n}", 3, 256, request_cores=n) for n in (1, 3)]
    host = vl.Host(2, 64, cpu_overcommit=2)
    granted = vl.deploy(apps, host=host, on="containers").cpu().granted_cores
    np.testing.assert_allclose(granted, [2 * 100 / 340, 2 * 240 / 340])


def test_a_limit_binds_while_cores_are_left() -> None:
    app = vl.Workload("web", 3, 256, limit_cores=1.5, request_cores=0.5)
    for on in ("containers", "virtual-machines", "processes"):
        cpu = vl.deploy(app, host=vl.Host(16, 64), on=on).cpu()
        assert cpu.granted_cores.tolist() == [1.5]
        assert cpu.throttled == (0,)


@pytest.mark.parametrize(
    ("given", "qos"),
    [
        ({}, "BestEffort"),
        ({"request_mib": 100}, "Burstable"),
        ({"limit_cores": 1, "limit_mib": 300}, "Guaranteed"),  # a limit alone is its own request
        ({"limit_cores": 1}, "Burstable"),
        ({"request_cores": 1, "limit_cores": 1, "request_mib": 9, "limit_mib": 9}, "Guaranteed"),
        ({"request_cores": 1, "limit_cores": 2, "request_mib": 9, "limit_mib": 9}, "Burstable"),
    ],
)
def test_the_class_follows_from_requests_and_limits(given: dict[str, float], qos: str) -> None:
    """Kubernetes pkg/apis/core/v1/helper/qos/qos.go, and the defaulting of requests by limits."""
    assert vl.Workload("web", **given).qos == qos


@pytest.mark.parametrize(("millicores", "mib"), [(250, 500), (500, 100), (100, 1000)])
def test_requests_are_packed_into_what_the_node_does_not_keep(millicores: int, mib: int) -> None:
    """A node of 16 cores and 32 GiB that keeps 1.5 cores and 3.5 GiB: 58 of 250m and 500 Mi by each."""
    app = vl.Workload("p", 1, 256, request_cores=millicores / 1000, request_mib=mib)
    node = vl.Host(16, 32, reserved_cores=1.5, reserved_mib=3584)
    assert node.allocatable == {"cpu": 14.5, "memory": 28.5 * 1024}
    by_each = (14_500 // millicores, int(28.5 * 1024 // mib))
    placed = vl.place([app] * 400, [node])
    assert (placed.host_of == 0).sum() == min(by_each)
    if (millicores, mib) == (250, 500):
        assert by_each == (58, 58)


def test_the_eviction_threshold_is_not_given_away() -> None:
    """Kubernetes: allocatable is capacity less what is reserved and the eviction threshold (PLACE-04)."""
    node = vl.Host(4, 10, reserved_mib=150, eviction_mib=512)
    assert node.allocatable["memory"] == 10 * 1024 - 662


# -- resources by name, and CPU of a layer -------------------------------------------------------


@pytest.mark.parametrize("each", [1, 2])
def test_resources_by_name_are_packed_like_memory(each: int) -> None:
    app = vl.Workload("train", 1, 256, needs={"gpus": each})
    node = vl.Host(64, 256, has={"gpus": 4})
    assert fits(app, node, "containers").binds == "gpus"
    for on in (None, "containers", "virtual-machines"):
        assert (vl.place([app] * 5, [node], on=on).host_of == 0).sum() == 4 // each
    with pytest.raises(errors.DoesNotFit, match="gpus"):
        vl.deploy(app, 5, host=node, on="containers")


def test_a_host_that_has_none_carries_none() -> None:
    app = vl.Workload("train", 1, 256, needs={"gpus": 1})
    hosts = [vl.Host(64, 256), vl.Host(64, 256, has={"gpus": 1})]
    assert vl.place([app] * 2, hosts, on="containers").host_of.tolist() == [1, -1]
    assert vl.deploy(app, host=hosts, on="containers").dies_with(0)


@pytest.mark.parametrize(("cores", "pods"), [(2, 7), (1, 12), (0.5, 21)])
def test_a_layer_takes_cpu_too(cores: float, pods: int) -> None:
    """MEM-13: 250m overhead for each pod of Kata, so 16 cores hold floor(16 / (cores + 0.25))."""
    host = vl.Host(16, 256, cpu_overcommit=1)
    assert fits(vl.Workload("p", cores, 256), host, "vm-isolated-containers").max_copies == pods


# -- rules ---------------------------------------------------------------------------------------


def test_one_each_where_the_third_host_is_too_small() -> None:
    """Minus infinity of a policy of one's own, and the rule said in words, both leave the third copy out."""
    small = [vl.Host(4, 4), vl.Host(4, 4), vl.Host(4, 0.1)]

    def one_each(need, free, capacity, last):
        return np.where((free < capacity).any(axis=1), -np.inf, 0.0)

    assert vl.place([W256] * 3, small, one_each).host_of.tolist() == [0, 1, -1]
    spread = vl.Workload("w", 0.5, 256, spread="host")
    apart = vl.Workload("w", 0.5, 256, apart_from="w")
    assert vl.place([spread] * 3, small).host_of.tolist() == [0, 1, -1]
    assert vl.place([apart] * 3, small, on="containers").host_of.tolist() == [0, 1, -1]


def test_copies_are_spread_over_the_values_of_a_label() -> None:
    """By hand: zones a, a, b: the second copy must go to b, the third may go anywhere again."""
    zones = [vl.Host(4, 4, labels={"zone": zone}) for zone in "aab"]
    app = vl.Workload("w", 0.5, 256, spread="zone")
    assert vl.place([app] * 3, zones).host_of.tolist() == [0, 2, 0]
    assert vl.place([app], [vl.Host(4, 4)]).host_of.tolist() == [-1]  # no zone, no place


@pytest.mark.parametrize(
    ("taint", "tolerates", "stands"),
    [
        ("gpu", (), False),
        ("gpu", "gpu", True),
        ("gpu=yes:NoSchedule", "gpu", True),  # an empty effect tolerates every effect
        ("gpu=yes:NoSchedule", "gpu=no", False),
        ("gpu=yes:PreferNoSchedule", (), True),  # it never filters
        ("gpu=yes:NoExecute", "*", True),
    ],
)
def test_a_taint_keeps_away_who_does_not_tolerate_it(
    taint: str, tolerates: str, stands: bool
) -> None:
    app = vl.Workload("w", 0.5, 256, tolerates=tolerates)
    assert vl.place([app], [vl.Host(4, 4, taints=taint)]).host_of.tolist() == [stands - 1]


def test_two_workloads_stay_apart_whoever_asks_for_it() -> None:
    web = vl.Workload("web", 0.5, 256, labels={"tier": "front"})
    db = vl.Workload("db", 0.5, 256, apart_from="tier=front")
    hosts = [vl.Host(4, 4)] * 2
    assert vl.place([web, db], hosts).host_of.tolist() == [0, 1]
    assert vl.place([db, web], hosts).host_of.tolist() == [0, 1]


# -- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: vl.Workload("w", request_cores=2, limit_cores=1), errors.LimitBelowReservation),
        (lambda: vl.Workload("w", request_mib=2, limit_mib=1), errors.LimitBelowReservation),
        (lambda: vl.Workload("w", request_mib=-1), errors.ImpossibleAmount),
        (lambda: vl.Workload("w", limit_cores=0), errors.ImpossibleAmount),
        (lambda: vl.Workload("w", labels=[3]), errors.WrongKind),
        (lambda: vl.Workload("w", labels={"zone": 3}), errors.WrongKind),
        (lambda: vl.Workload("w", spread=3), errors.WrongKind),
        (lambda: vl.Workload("w", needs=["gpus"]), errors.WrongKind),
        (lambda: vl.Workload("w", needs={"gpus": -1}), errors.ImpossibleAmount),
        (lambda: vl.Host(4, 4, reserved_mib=-1), errors.ImpossibleAmount),
        (lambda: vl.Host(4, 4, reserved_cores=np.inf), errors.ImpossibleAmount),
        (lambda: vl.Host(4, 4, eviction_mib=np.nan), errors.ImpossibleAmount),
        (lambda: vl.Host(4, 4, reserved_mib=5000), errors.OverReserved),
        (lambda: vl.Host(4, 4, reserved_cores=5), errors.OverReserved),
        (lambda: vl.Host(4, 4, memory_overcommit=0), errors.ImpossibleAmount),
        (lambda: vl.Host(4, 4, taints=[None]), errors.WrongKind),
        (
            lambda: vl.place(
                [vl.Workload("w", needs={"gpu": 1})], [vl.Host(4, 4, has={"gpus": 1})]
            ),
            errors.UnknownName,
        ),
    ],
)
def test_what_cannot_be_is_refused(make, error) -> None:
    with pytest.raises(error) as refusal:
        make()
    assert 2 <= len(str(refusal.value).splitlines()) <= 4


# -- restart elsewhere ---------------------------------------------------------------------------


def test_a_copy_that_restarts_elsewhere_is_dark_for_the_failover_only() -> None:
    """By hand: 8000 h / 8 h and 345 s, times the system's own 4000 h / 0.1 h: 0.999963 instead of 0.998976."""
    one = vl.deploy(W256, host=[vl.Host(16, 64)] * 2, on="containers")
    assert one.availability(1) == pytest.approx(8000 / 8008 * 4000 / 4000.1)
    by_hand = 8000 / (8000 + 345 / 3600) * 4000 / 4000.1
    assert one.availability(1, failover_s=345) == pytest.approx(by_hand)
    assert round(by_hand, 6) == 0.999963


def test_without_room_elsewhere_nothing_restarts() -> None:
    alone = vl.deploy(W256, host=vl.Host(16, 64), on="containers")
    assert alone.availability(1, failover_s=0) == alone.availability(1)
    most = fits(W256, vl.Host(4, 2), "containers").max_copies
    full = vl.deploy(W256, 2 * most, host=[vl.Host(4, 2)] * 2, on="containers")
    assert full.availability(most, failover_s=0) == full.availability(most)


def test_a_repair_that_is_faster_than_the_failover_ends_it() -> None:
    one = vl.deploy(W256, host=[vl.Host(16, 64)] * 2, on="containers")
    assert one.availability(1, failover_s=9 * 3600) == one.availability(1)


@pytest.mark.parametrize("failover_s", [-1, np.inf, np.nan, "5"])
def test_a_failover_is_an_amount_of_time(failover_s: object) -> None:
    with pytest.raises(errors.ImpossibleAmount, match="failover_s"):
        vl.deploy(W256, host=vl.Host(16, 64), on="containers").availability(
            1,
            failover_s=failover_s,  # type: ignore[arg-type]
        )


# -- more memory promised than there is ----------------------------------------------------------


@pytest.mark.parametrize(
    ("machines", "overcommit", "runs"),
    [(5, 1.25, True), (5, 1.2, False), (6, 1.5, True), (6, 1.49, False)],
)
def test_machines_may_be_promised_more_than_there_is(
    machines: int, overcommit: float, runs: bool
) -> None:
    """vSphere's admission by promise: machines of 16 GB on 64 GB; each one's own cost is taken from the memory."""
    host = vl.Host(16, 64, memory_overcommit=overcommit)
    guest = vl.OperatingSystem(runs=[vl.Workload("db", 1, 2048)])
    stack = [vl.Hypervisor(runs=[vl.VirtualMachine("vm", 2, 16384, runs=[guest])] * machines)]
    if not runs:
        with pytest.raises(errors.DoesNotFit, match="promise"):
            vl.Deployment(host, runs=stack)
        return
    assert vl.Deployment(host, runs=stack).copies == machines


def test_what_is_no_machine_is_never_promised_twice() -> None:
    host = vl.Host(16, 1, memory_overcommit=4)
    assert (
        fits(W256, host, "containers").max_copies
        == fits(W256, vl.Host(16, 1), "containers").max_copies
    )


# -- small things --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        (lambda: vl.Host(memory_gb=64), "memory_gib"),
        (lambda: vl.Host(cpus=4), "cores"),
        (lambda: vl.Workload("web", cpu=0.5), "cpu_cores"),
        (lambda: vl.Workload("web", memory=64), "memory_mib"),
        (lambda: vl.VirtualMachine("vm", memory_gib=4), "memory_mib"),
        (lambda: vl.deploy(W256, 40, vl.Host(16, 64), "containers"), "host=…, on=…"),
        (lambda: vl.deploy(W256, 40, hosts=vl.Host(16, 64), on="containers"), "host?"),
        (lambda: vl.deploy(W256, host=vl.Host(16, 64)), "on"),
        (lambda: vl.place([W256], [vl.Host(4, 4)], platform="containers"), "on"),
    ],
)
def test_the_commonest_slips_are_told_the_nearest_argument(call, meant: str) -> None:
    with pytest.raises(errors.UnknownArgument) as refusal:
        call()
    assert meant in str(refusal.value)
    assert isinstance(refusal.value, TypeError)
    assert 2 <= len(str(refusal.value).splitlines()) <= 4


def test_a_what_if_keeps_what_grows_with_the_machine() -> None:
    usual = vl.platform("virtual-machines").layers[1].memory
    changed = vl.platform("virtual-machines").but(vm_memory_mib=218).layers[1].memory
    assert changed.mib() == 218
    grows = usual.mib(4, 8192) - usual.mib()
    assert changed.mib(4, 8192) - changed.mib() == pytest.approx(grows)


def test_a_what_if_says_which_law_it_stands_for() -> None:
    small = vl.platform("microvms").but(os_memory_mib=64)
    assert "instead of the guest-kernel law" in str(small)
    assert small.layers[3].memory.mib(1, 512) == 64


def test_the_hosts_own_failures_are_no_number_of_a_platform() -> None:
    with pytest.raises(errors.UnknownName, match="hardware") as refusal:
        vl.platform("containers").but(host_mtbf_h=4000)
    assert len(str(refusal.value).splitlines()) == 2


# -- what memory laws say of a deployment --------------------------------------------------------


def _five_machines() -> vl.Deployment:
    guest = vl.OperatingSystem(runs=[vl.Workload("db", 1, 2048)])
    machines = [vl.VirtualMachine("vm", 2, 16384, runs=[guest])] * 5
    host = vl.Host(16, 64, memory_overcommit=1.25)
    return vl.Deployment(host, runs=[vl.Hypervisor(runs=machines)])


def test_machines_give_back_what_was_promised_twice() -> None:
    """The law of lesson 04 on the deployment: all that is missing comes back, and idle machines give it."""
    five = _five_machines()
    missing = five.memory_mib - 64 * 1024
    assert missing > 16384
    gives = five.reclaim([1, 1, 1, 0, 0])
    assert gives.sum() == pytest.approx(missing)
    assert gives[:3].max() < gives[3:].min()
    by_law = vl.core.memory.reclaim([16384] * 5, [16384] * 5, [1, 1, 1, 0, 0], missing)
    np.testing.assert_allclose(gives, by_law)


def test_nothing_is_taken_where_nothing_is_missing() -> None:
    vms = vl.deploy(W256, 3, host=vl.Host(16, 64), on="virtual-machines")
    assert vms.reclaim(0.5).tolist() == [0.0] * 3
    assert vl.deploy(W256, 3, host=vl.Host(16, 64), on="containers").reclaim(0.5).size == 0


def test_equal_machines_share_pages_within_a_host() -> None:
    assert _five_machines().page_sharing_mib(0.25) == 4 * 0.25 * 16384
    two_hosts = vl.deploy(W256, 4, host=[vl.Host(16, 64)] * 2, on="virtual-machines")
    machine_mib = two_hosts.tree.nouns[two_hosts.tree.index("virtual-machine")].memory_mib
    assert two_hosts.page_sharing_mib(0.5) == pytest.approx(2 * 0.5 * machine_mib)


def test_who_asked_for_nothing_dies_first() -> None:
    """NEXT-LAWS 2: BestEffort has +1000, Guaranteed -997, whatever they hold."""
    apps = [
        vl.Workload("kept", 0.1, 400, limit_cores=0.1, limit_mib=600),
        vl.Workload("some", 0.1, 100, request_mib=100),
        vl.Workload("none", 0.1, 100),
    ]
    pods = vl.deploy(apps, host=vl.Host(4, 1.5), on="containers")
    room_mib = 1536 - (pods.memory_mib - 600)
    assert 940 < room_mib < 1040
    assert pods.kill_order([590, 200, 150]) == ()
    assert pods.kill_order([590, 250, 200]) == (2,)
    assert pods.kill_order([590, 500, 100]) == (1,)  # five times as much outweighs a small request
    assert pods.kill_order([650, 10, 10])[0] == 0  # over its own limit
    assert pods.kill_order([650, 10, 10], cache_mib=[100, 0, 0]) == ()


# -- pods ----------------------------------------------------------------------------------------

TWO = vl.Pod(vl.Workload("web", 0.5, 100), vl.Workload("log", 0.1, 100))


@pytest.mark.parametrize(
    ("on", "machines", "containers"),
    [
        ("vm-isolated-containers", 1, 2),
        ("containers", 0, 2),
        ("virtual-machines", 1, 0),
        ("containers-in-vms", 1, 2),
        ("sandboxed-containers", 0, 1),
        ("processes", 0, 0),
    ],
)
def test_the_containers_of_a_pod_share_its_machine(on: str, machines: int, containers: int) -> None:
    """Kata: one machine for each pod, whatever runs in it; gVisor: one sandbox for each pod."""
    pod = vl.deploy(TWO, host=vl.Host(16, 64), on=on)
    assert pod.tree.kind.count("virtual-machine") == machines
    assert pod.tree.kind.count("container") == containers
    assert [pod.tree.name[i] for i in pod.tree.copies] == ["web", "log"]


def test_a_pod_takes_less_than_its_containers_alone_where_each_has_a_machine() -> None:
    host, on = vl.Host(16, 64), "vm-isolated-containers"
    together = vl.deploy(TWO, host=host, on=on)
    apart = vl.deploy(TWO.containers, host=host, on=on)
    assert apart.tree.kind.count("virtual-machine") == 2
    assert together.memory_mib < apart.memory_mib
    assert "promised, not used" not in together.memory_by_layer  # it is as large as its contents


def test_hosts_hold_together_what_each_holds_whatever_runs_out_on_it() -> None:
    """One host runs out of memory, the other of pods; no one resource holds the sum of both."""
    small = vl.Host(16, 2, max_pods=110)
    busy = vl.Host(16, 64, max_pods=2)
    web = vl.Workload("web", 0.1, 256)
    alone = fits(web, small, "containers").max_copies
    assert 0 < alone < 8
    both = vl.deploy(web, alone + 2, host=[small, busy], on="containers")
    assert both.max_copies == alone + 2
    with pytest.raises(errors.DoesNotFit, match=f"At most {alone + 2} copies fit"):
        vl.deploy(web, alone + 3, host=[small, busy], on="containers")


@pytest.mark.parametrize("on", ["containers", "vm-isolated-containers"])
@pytest.mark.parametrize("containers", [1, 2, 3])
def test_a_pod_of_any_size_counts_as_one(containers: int, on: str) -> None:
    pod = vl.Pod(*[vl.Workload("web", 0.1, 100)] * containers)
    host = vl.Host(64, 256, max_pods=3)
    assert fits(pod, host, on).max_copies == 3
    assert (vl.place([pod] * 5, [host], on=on).host_of == 0).sum() == 3
    assert vl.deploy(pod, 3, host=host, on=on).copies == 3 * containers


def test_a_container_that_asks_for_nothing_brings_its_memory_and_no_cores_to_the_pod() -> None:
    """By hand: 300 MiB are asked for and 100 MiB needed beside them; of cores, a quarter is asked for."""
    asks = vl.Workload("asks", 0.5, 200, request_mib=300, request_cores=0.25)
    silent = vl.Workload("silent", 0.5, 100)
    assert vl.Pod(asks, silent).asked_mib == 300 + 100
    assert vl.Pod(asks, silent).asked_cores == 0.25
    assert vl.Pod(silent, silent).asked_mib is None


def test_one_container_that_gives_nothing_takes_the_guarantee_from_the_pod() -> None:
    sure = vl.Workload("sure", 0.5, 100, limit_cores=1, limit_mib=100)
    assert vl.Pod(sure).qos == "Guaranteed"
    assert vl.Pod(sure, vl.Workload("log")).qos == "Burstable"


def test_a_pod_is_a_value() -> None:
    assert eval(repr(TWO), vars(vl)) == TWO
    assert vl.Pod(*TWO.containers, name="other") != TWO


@pytest.mark.parametrize("containers", [(), ("web",), (TWO,)])
def test_a_pod_without_containers_is_refused(containers: tuple[object, ...]) -> None:
    with pytest.raises(errors.WrongKind, match=r"Try Pod"):
        vl.Pod(*containers)  # type: ignore[arg-type]


def test_a_machine_for_one_application_holds_no_pod_of_two() -> None:
    with pytest.raises(errors.WrongPlace, match="one application"):
        vl.deploy(TWO, host=vl.Host(16, 64), on="unikernels")
