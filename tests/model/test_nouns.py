"""What a learner types: values that nest, and refusals that teach."""

import itertools

import pytest

from virtlearn import errors
from virtlearn.model import (
    CARRIES,
    Container,
    ContainerRuntime,
    Deployment,
    Host,
    Hypervisor,
    OperatingSystem,
    Site,
    UserSpaceKernel,
    VirtualMachine,
    Workload,
    compare,
    deploy,
    place,
)

HOST, WEB = Host(cores=16, memory_gib=64), Workload("web", cpu_cores=0.5, memory_mib=256)
ONE_OF_EACH = [
    Site("rack"),
    HOST,
    OperatingSystem("debian"),
    UserSpaceKernel("sentry"),
    Hypervisor("kvm"),
    VirtualMachine("vm", 1, 1024),
    ContainerRuntime("runc"),
    Container(WEB),
    WEB,
]
# Written down once more, by what these layers are and not by what the library's table says.
STANDS_IN = {
    "site": {"host"},
    "host": {"operating-system", "hypervisor"},
    "operating-system": {"workload", "container-runtime", "hypervisor"},
    "hypervisor": {"virtual-machine"},
    "virtual-machine": {"operating-system"},
    "container-runtime": {"container", "virtual-machine"},
    "container": {"workload", "user-space-kernel"},
    "user-space-kernel": {"workload", "container"},
    "workload": set(),
}


def test_nouns_are_values():
    assert Workload("web", 0.5, 256) == WEB
    assert Container(WEB, cpu_weight=200) != Container(WEB)
    with pytest.raises(AttributeError):
        WEB.memory_mib = 512
    assert eval(repr(WEB)) == WEB


@pytest.mark.parametrize(
    ("outer", "inner"), list(itertools.product(ONE_OF_EACH, ONE_OF_EACH)), ids=lambda n: n.kind
)
def test_what_may_stand_in_what_is_the_table_and_nothing_else(outer, inner):
    why = CARRIES[outer.kind][1]
    settings = {"cores": 1, "memory_gib": 1} if outer.kind == "host" else {}
    build = lambda: type(outer)(runs=[inner], **settings)  # noqa: E731 - one line is clearer than a function here
    if inner.kind in STANDS_IN[outer.kind]:
        assert build().runs == (inner,)
    else:
        with pytest.raises(errors.WrongPlace, match=why[:20]):
            build()


REFUSED = [
    (
        lambda: Host(8, 16384),
        "ImpossibleAmount: Host: memory_gib is 16,384 with 8 cores, which no machine has. Is the unit right?\nMemory is in GiB: 64 GiB are 65,536 MiB.",
    ),
    (
        lambda: deploy(WEB, 1, host=Host(16, 64 / 1024), on="containers"),
        "DoesNotFit: 1 x (256 MiB web + 11.4 MiB overhead) + 512 MiB for the host itself = 779 MiB, but the host has 64 MiB of memory.\nNot one fits. Are the units right? A host's memory_gib is in GiB, a workload's memory_mib in MiB.",
    ),
    (
        lambda: deploy(WEB, 40, host=Host(16, 16), on="virtual-machines"),
        "DoesNotFit: 40 x (256 MiB web + 535 MiB guest and hypervisor) + 512 MiB for the host itself = 31.4 GiB, but the host has 16 GiB of memory.\nAt most 20 copies fit.",
    ),
    (
        lambda: deploy(HOST, 40, host=WEB, on="containers"),
        "WrongKind: deploy runs a Workload on a Host, but these are Host(cores=16.0, memory_gib=64.0) and Workload(name='web').\nTry deploy(web, copies=40, host=host, on=\"containers\").",
    ),
    (
        lambda: VirtualMachine([WEB]),
        "WrongKind: VirtualMachine: the name comes first and is a text, but it is [Workload(name='web')].\nTry VirtualMachine(\"name\", …).",
    ),
    (
        lambda: VirtualMachine("x", 1, 512, cpu_reservation_cores=2),
        "LimitBelowReservation: VirtualMachine: cpu_reservation_cores is 2, but the most it may use is 1.\nA limit is the most, a reservation the least: raise the limit.",
    ),
    (
        lambda: Container("web"),
        "WrongKind: a container cannot run 'web', which is not a layer.\nIt runs a workload or a user-space kernel.",
    ),
    (
        lambda: Host(16, 64, runs=[HOST]),
        "WrongPlace: a host 'host' cannot stand in a host 'host': hardware runs a kernel: an operating system's or a hypervisor's.\nPut it in a site.",
    ),
    (
        lambda: Host(0, 64),
        "ImpossibleAmount: Host: cores is 0; it must be more than 0 and finite.\nTry cores=16.",
    ),
    (
        lambda: Host(-4, 64),
        "ImpossibleAmount: Host: cores is -4; it must be more than 0 and finite.\nTry cores=16.",
    ),
    (
        lambda: Host(float("nan"), 64),
        "ImpossibleAmount: Host: cores is nan; it must be more than 0 and finite.\nTry cores=16.",
    ),
    (
        lambda: Host(16, "64 GB"),
        "ImpossibleAmount: Host: memory_gib is '64 GB', which is not a number.\nWrite memory_gib=64, without quotes or unit.",
    ),
    (
        lambda: Host(16, 65536),
        "ImpossibleAmount: Host: memory_gib is 65,536, more than any machine has. Is the unit right?\nMemory is in GiB: 64 GiB are 65,536 MiB.",
    ),
    (
        lambda: Host(True, 64),
        "ImpossibleAmount: Host: cores is True, which is not a number.\nGive a number, such as cores=1.",
    ),
    (
        lambda: Host(16, 64, max_pods=1.5),
        "ImpossibleCount: Host: max_pods is 1.5; it must be a whole number of at least 0.\nTry max_pods=0.",
    ),
    (
        lambda: Workload(0.5, "web"),
        'WrongKind: Workload: the name comes first and is a text, but it is 0.5.\nTry Workload("name", …).',
    ),
    (
        lambda: Workload("web", 0.5, "256"),
        "ImpossibleAmount: Workload 'web': memory_mib is '256', which is not a number.\nWrite memory_mib=256, without quotes or unit.",
    ),
    (
        lambda: Workload("web", 0.5, 0.25),
        "ImpossibleAmount: Workload 'web': memory_mib is 0.25; it must be at least 1 and finite.\nMemory is in MiB: 256 is a quarter of a GiB.",
    ),
    (
        lambda: Workload("web", 0.5, 256 * 2**20),
        "ImpossibleAmount: Workload 'web': memory_mib is 268,435,456, more than any machine has. Is the unit right?\nMemory is in MiB: 256 is a quarter of a GiB.",
    ),
    (
        lambda: VirtualMachine("x", 1.5, 512),
        "ImpossibleCount: VirtualMachine 'x': vcpus is 1.5; it must be a whole number of at least 1.\nTry vcpus=1.",
    ),
    (
        lambda: Container(WEB, cpu_weight=0),
        "ImpossibleAmount: Container: cpu_weight is 0; it must be more than 0 and finite.\nWeights compare: 100 is the usual one.",
    ),
    (
        lambda: VirtualMachine("x", 1, 512, cpu_limit_cores=0.5, cpu_reservation_cores=1),
        "LimitBelowReservation: VirtualMachine: cpu_reservation_cores is 1, but the most it may use is 0.5.\nA limit is the most, a reservation the least: raise the limit.",
    ),
    (
        lambda: Container(WEB, memory_limit_mib=100),
        "DoesNotFit: A container with memory_limit_mib=100 cannot hold 256 MiB: the kernel would kill it.\nRaise the limit to 256.",
    ),
    (
        lambda: Container(OperatingSystem("debian")),
        "WrongPlace: an operating system 'debian' cannot stand in a container: a container has no kernel of its own: it holds processes.\nPut it in a host or a virtual machine.",
    ),
    (
        lambda: Hypervisor("kvm", runs=[WEB]),
        "WrongPlace: a workload 'web' cannot stand in a hypervisor 'kvm': a hypervisor shows virtual hardware, so it carries virtual machines.\nPut it in an operating system, a container or a user-space kernel.",
    ),
    (
        lambda: OperatingSystem("debian", runs=["web"]),
        "WrongKind: an operating system 'debian' cannot run 'web', which is not a layer.\nIt runs a workload, a container runtime or a hypervisor.",
    ),
    (
        lambda: Deployment("host"),
        "WrongKind: A deployment stands on a host, but host is 'host'.\nTry Deployment(Host(cores=16, memory_gib=64), runs=[…]).",
    ),
    (
        lambda: Deployment([HOST, HOST], runs=[OperatingSystem("debian")]),
        "WrongKind: runs= goes with one host, but there are 2.\nGive each host its own: Host(…, runs=[…]).",
    ),
    (
        lambda: Deployment(
            HOST,
            runs=[
                Hypervisor(
                    runs=[
                        VirtualMachine("shop", 1, 256, runs=[OperatingSystem("debian", runs=[WEB])])
                    ]
                )
            ],
        ),
        "DoesNotFit: a virtual machine 'shop' has 256 MiB, but what runs in it needs 768 MiB: 256 MiB of applications and 512 MiB of operating system and containers.\nGive it memory_mib=768 or more.",
    ),
    (
        lambda: Deployment(Host(1, 1), runs=[OperatingSystem("debian", runs=[WEB] * 3)]),
        "DoesNotFit: What runs on 'host' needs 1.25 GiB of memory, but it has 1 GiB of memory.\nTake something away, or take a larger host.",
    ),
    (
        lambda: deploy(WEB, 0, host=HOST, on="containers"),
        "ImpossibleCount: deploy: copies is 0; it must be a whole number of at least 1.\nTry copies=1.",
    ),
    (
        lambda: deploy(WEB, 1, host=HOST, on="containerz"),
        "UnknownName: There is no platform called 'containerz'. Did you mean containers or containers-in-vms?",
    ),
    (
        lambda: deploy(WEB, 3, host=HOST, on="unikernels", per_vm=4),
        "WrongPlace: per_vm is 4, but 'library kernel' holds one application.\nTry per_vm=1, or another platform.",
    ),
    (
        lambda: deploy([WEB, WEB], [1], host=HOST, on="containers"),
        "WrongKind: There are 2 workloads but 1 count of copies.\nGive one count for each workload, such as copies=[1, 1].",
    ),
    (
        lambda: deploy(WEB, 300, host=Host(16, 64, max_pods=110), on="containers"),
        "DoesNotFit: 300 copies of web do not fit: the host has 110 pods, which is used up first.\nAt most 110 copies fit, where memory alone would hold 243.",
    ),
    (
        lambda: compare(),
        'WrongKind: compare needs deployments that run something.\nTry compare(deploy(web, 40, host=host, on="containers"), deploy(web, 40, host=host, on="microvms")).',
    ),
    (
        lambda: place([WEB], []),
        "WrongKind: place takes a list of workloads and a list of hosts, but these are [Workload(name='web')] and [].\nTry place([web] * 40, [host] * 4).",
    ),
]


@pytest.mark.parametrize(
    ("call", "message"), REFUSED, ids=[m.split("\n")[0][:60] for _, m in REFUSED]
)
def test_a_slip_is_answered_with_a_lesson(call, message):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole message is compared below
        call()
    assert f"{type(refusal.value).__name__}: {refusal.value}" == message


def test_a_message_has_two_to_four_lines_or_one_short_one():
    for _, message in REFUSED:
        assert len(message.split("\n")) <= 4
        assert len(message) < 320
