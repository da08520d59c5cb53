"""Which layers a machine has: recorded machines, and others made from documentation."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import virtlearn as vl
from virtlearn.machine import here, recorded_here
from virtlearn.machine._files import Files
from virtlearn.machine._limits import count_cpus

from .conftest import RECORDED

Plant = Callable[..., str]
FIRST = {
    "cgroup": 4026531835,
    "user": 4026531837,
    "uts": 4026531838,
    "ipc": 4026531839,
    "pid": 4026531836,
}


def namespaces(*own: str) -> dict[str, str]:
    return {
        f"proc/self/ns/{n}": f"{n}:[{4026532500 if n in own else first}]\n"
        for n, first in FIRST.items()
    }


def cpuinfo(*flags: str, processors: int = 4) -> str:
    return "".join(
        f"processor\t: {i}\nflags\t\t: fpu vme {' '.join(flags)}\n\n" for i in range(processors)
    )


LINUX = {
    "proc/version": "Linux version 6.8.0\n",
    "proc/meminfo": "MemTotal:        8388608 kB\n",
    "proc/self/uid_map": "         0          0 4294967295\n",
    "proc/self/cgroup": "0::/\n",
}

CLOCKS = "sys/devices/system/clocksource/clocksource0/available_clocksource"

# Made from documentation (systemd's virt.c, the kernel's admin guide, gVisor, WSL, LXC, Kubernetes), not recorded:
# name -> files, in_vm, in_container
OTHERS: dict[str, tuple[dict[str, str], str, str]] = {
    "bare metal": (
        LINUX | namespaces() | {"proc/cpuinfo": cpuinfo("vmx"), "proc/2/comm": "kthreadd\n",
                                "sys/class/dmi/id/sys_vendor": "Dell Inc.\n", "sys/fs/cgroup/cgroup.controllers": "cpu\n"},
        "no", "no"),
    "a rented whole computer": (
        LINUX | namespaces() | {"proc/cpuinfo": cpuinfo("vmx"), "sys/class/dmi/id/sys_vendor": "Amazon EC2\n",
                                "sys/class/dmi/id/product_name": "i3.metal\n"},
        "no", "no"),
    "a rented whole ARM computer": (
        LINUX | namespaces() | {"proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd\n",
                                "sys/class/dmi/id/sys_vendor": "Amazon EC2\n", "sys/class/dmi/id/product_name": "a1.metal\n"},
        "unknown", "no"),
    "Docker on bare metal": (
        LINUX | namespaces("cgroup", "uts", "ipc", "pid") | {"proc/cpuinfo": cpuinfo(), ".dockerenv": ""}, "no", "yes"),
    "Docker in a Kubernetes pod": (
        LINUX | namespaces("cgroup", "uts", "ipc", "pid")
        | {"proc/cpuinfo": cpuinfo("hypervisor"), "sys/class/dmi/id/product_name": "Google Compute Engine\n",
           "sys/fs/cgroup/cgroup.type": "domain\n", "sys/fs/cgroup/cpu.max": "150000 100000\n",
           "sys/fs/cgroup/memory.max": "2147483648\n"},
        "yes", "yes"),
    "a container that shares its host's namespaces": (
        LINUX | namespaces() | {"proc/cpuinfo": cpuinfo("hypervisor"), "sys/fs/cgroup/cgroup.events": "populated 1\n"},
        "yes", "yes"),
    "LXC, unprivileged": (
        LINUX | namespaces("cgroup", "user", "uts", "ipc", "pid")
        | {"proc/cpuinfo": cpuinfo(), "proc/self/uid_map": "0 100000 65536\n"}, "no", "yes"),
    "a user namespace whose links are hidden": (LINUX | {"proc/self/uid_map": "0 1000 1\n"}, "unknown", "yes"),
    "WSL 2": (
        LINUX | namespaces() | {"proc/cpuinfo": cpuinfo("hypervisor"),
                                "proc/sys/kernel/osrelease": "5.15.153.1-microsoft-standard-WSL2\n"}, "yes", "no"),
    "ARM, whose processors have no such flag": (
        LINUX | namespaces() | {"proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd\n"}, "unknown", "no"),
    "ARM with QEMU's firmware": (
        LINUX | namespaces() | {"proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd\n",
                                "sys/class/dmi/id/sys_vendor": "QEMU\n"}, "yes", "no"),
    "ARM in a cloud": (
        LINUX | namespaces() | {"proc/cpuinfo": "processor\t: 0\nFeatures\t: fp asimd\n",
                                "sys/class/dmi/id/sys_vendor": "Amazon EC2\n"}, "probably", "no"),
    "others' processes hidden": (LINUX | namespaces() | {"proc/cpuinfo": cpuinfo()}, "no", "no"),
    "gVisor": (
        LINUX | namespaces("pid") | {"proc/version": "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016\n",
                                     "proc/cpuinfo": cpuinfo("hypervisor")}, "unknown", "unknown"),
    "macOS and Windows, which have no /proc": ({"Users/ada/notes.txt": ""}, "unknown", "unknown"),
    "a listing of version 1 groups that leaves the release agent out": (
        LINUX | namespaces() | {"proc/cpuinfo": cpuinfo(), "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"},
        "no", "no"),
    "a container that shares its host's namespaces, version 1": (
        LINUX | {"proc/self/mountinfo": "1 0 0:40 / / rw - overlay overlay rw\n", "sys/fs/cgroup/cpu/cpu.shares": "512\n"},
        "unknown", "yes"),
    "x86 whose flags were cut": (LINUX | namespaces() | {"proc/cpuinfo": "flags\t: sse2 lm\n"}, "no", "no"),
    "Xen, in its guest": (
        LINUX | namespaces() | {"proc/cpuinfo": cpuinfo("hypervisor"), "sys/hypervisor/type": "xen\n"}, "yes", "no"),
    # A host of Debian 12 with kernel 6.1.27 whose log is in systemd issue 28113: the bit of dom0 is set in its features.
    "Xen's control domain, where xenfs is not mounted": (
        LINUX | namespaces() | {"proc/cpuinfo": cpuinfo("hypervisor"), "sys/hypervisor/type": "xen\n",
                                "proc/sys/kernel/osrelease": "6.1.27\n", "sys/hypervisor/properties/features": "000228f0\n",
                                CLOCKS: "xen tsc hpet acpi_pm\n"}, "no", "no"),
    # systemd pull request 7581: where xenfs is mounted, the file with control_d says it.
    "Xen's control domain": (
        LINUX | namespaces() | {"proc/cpuinfo": cpuinfo("hypervisor"), "sys/hypervisor/type": "xen\n",
                                "proc/xen/capabilities": "control_d\n", "sys/class/dmi/id/sys_vendor": "Dell Inc.\n"},
        "no", "no"),
    # The features of a guest, from systemd pull request 8859; its firmware names Xen.
    "Xen, in a guest that tells its features": (
        LINUX | namespaces() | {"proc/cpuinfo": cpuinfo("hypervisor"), "sys/hypervisor/type": "xen\n",
                                "sys/hypervisor/properties/features": "00002705\n", "sys/class/dmi/id/sys_vendor": "Xen\n"},
        "yes", "no"),
    # systemd pull request 22512: a control domain may itself run in another hypervisor's machine.
    "Xen's control domain in a virtual machine": (
        LINUX | namespaces() | {"proc/cpuinfo": cpuinfo("hypervisor"), "proc/xen/capabilities": "control_d\n",
                                "sys/class/dmi/id/sys_vendor": "QEMU\n"}, "yes", "no"),
    "nspawn, said by two good signs": (
        LINUX | {"run/systemd/container": "systemd-nspawn\n", "proc/2/comm": "systemd\n"}, "unknown", "yes"),
    "only a file that a Docker image left": ({".dockerenv": ""}, "unknown", "unknown"),
}  # fmt: skip


@pytest.mark.parametrize("machine", sorted(RECORDED))
def test_recorded_machines_are_recognised(machine: str, plant: Plant) -> None:
    found, expected = here(plant({}, machine)), json.loads(RECORDED[machine]["expected.json"])
    assert (found.in_vm, found.in_container) == (expected["vm"], expected["container"])
    assert found.processes == expected.get("pids_limit")
    if "cpu_limit" in expected:
        assert (found.cpus, found.memory_mib) == (
            expected["cpu_limit"],
            expected["memory_limit_bytes"] / 2**20,
        )


@pytest.mark.parametrize("machine", sorted(OTHERS))
def test_other_machines_are_recognised(machine: str, plant: Plant) -> None:
    files, vm, container = OTHERS[machine]
    found = here(plant(files))
    assert (found.in_vm, found.in_container) == (vm, container), found


def test_a_recorded_machine_is_never_mixed_with_the_running_one(plant: Plant) -> None:
    found = here(plant({"proc/version": "Linux version 6.8.0\n"}))
    assert (found.cpus, found.memory_mib, found.system) == (None, None, "Linux")
    assert not any(sign.source.startswith("$") for sign in found.evidence)


def test_environment_is_a_hint_and_two_hints_make_it_probable(plant: Plant) -> None:
    env = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
    root = plant({".dockerenv": ""})
    assert here(root).in_container == "unknown"
    assert here(root, env).in_container == "probably"


def test_hints_never_outvote_the_namespaces(plant: Plant) -> None:
    env = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "container": "docker"}
    assert here(plant({"run/.containerenv": ""}, "host-firecracker"), env).in_container == "no"


def test_without_the_pid_namespace_the_others_prove_nothing(plant: Plant) -> None:
    assert here(plant({"proc/self/ns/uts": "uts:[4026531838]\n"})).in_container == "unknown"


@pytest.mark.parametrize(
    ("groups", "files", "cpus", "mib"),
    [
        (
            "0::/a/b\n",
            {"a/b/cpu.max": "max 100000", "a/cpu.max": "50000 100000", "a/b/memory.max": "max"},
            0.5,
            8192,
        ),
        ("0::/a/b\n", {"a/b/cpu.max": "max 100000", "a/b/memory.max": "268435456"}, 4, 256),
        ("0::/../..\n", {"cpu.max": "25000 100000", "memory.max": "1073741824"}, 0.25, 1024),
        ("0::/\n", {"cpu.max": "800000 100000", "memory.max": "99999999999999"}, 4, 8192),
        (
            "4:cpu,cpuacct:/a\n5:memory:/a\n",
            {
                "cpu,cpuacct/a/cpu.cfs_quota_us": "150000",
                "cpu,cpuacct/a/cpu.cfs_period_us": "100000",
                "memory/a/memory.limit_in_bytes": "536870912",
            },
            1.5,
            512,
        ),
        (
            "4:cpu:/\n5:memory:/\n",
            {
                "cpu/cpu.cfs_quota_us": "-1",
                "cpu/cpu.cfs_period_us": "100000",
                "memory/memory.limit_in_bytes": "9223372036854771712",
            },
            4,
            8192,
        ),
        ("0::/a\n", {"a/cpu.max": "50000 0", "a/memory.max": "many"}, 4, 8192),
    ],
)
def test_the_tightest_limit_counts(
    plant: Plant, groups: str, files: dict[str, str], cpus: float, mib: float
) -> None:
    tree = {f"sys/fs/cgroup/{name}": text for name, text in files.items()}
    found = here(plant({**LINUX, "proc/cpuinfo": cpuinfo(), "proc/self/cgroup": groups, **tree}))
    assert (found.cpus, found.memory_mib) == (cpus, mib)
    assert (found.cpus_shown, found.memory_shown_mib) == (4, 8192)


def test_no_limit_is_no_limit_where_the_memory_is_not_told(plant: Plant) -> None:
    files = {
        "proc/self/cgroup": "5:memory:/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    }
    assert here(plant(files)).memory_mib is None


def test_a_group_mounted_in_part_is_found(plant: Plant) -> None:
    line = "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
    files = {
        "proc/self/mountinfo": line,
        "proc/self/cgroup": "4:memory:/docker/abc/job\n",
        "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "134217728\n",
    }
    assert here(plant({**LINUX, **files})).memory_mib == 128


NEAR_2_TO_63 = "9223372036854771712"  # what version 1 writes where there is no limit


@pytest.mark.parametrize(
    ("told", "own", "mib", "source"),
    [
        # opentelemetry-collector issue 4972 and pull request 4973: 4096 MiB by the stat file, no own limit.
        ("4294967296", NEAR_2_TO_63, 4096, "memory.stat"),
        ("536870912", NEAR_2_TO_63, 512, "memory.stat"),
        ("536870912", "268435456", 256, "memory.limit_in_bytes"),
        (NEAR_2_TO_63, NEAR_2_TO_63, 8192, ""),
        ("many", NEAR_2_TO_63, 8192, ""),
    ],
)
def test_a_limit_of_a_parent_out_of_sight_counts(
    plant: Plant, told: str, own: str, mib: float, source: str
) -> None:
    files = {
        "proc/self/cgroup": "5:memory:/pod/a\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": own,
        "sys/fs/cgroup/memory/memory.stat": f"cache 4096\nhierarchical_memory_limit {told}\n",
    }
    found = here(plant({**LINUX, **files}))
    assert found.memory_mib == mib
    sources = [sign.source for sign in found.evidence if sign.text.startswith("memory")]
    assert all(name.endswith(source) for name in sources)
    assert bool(sources) == bool(source)


@pytest.mark.parametrize(
    ("high", "parent_high", "most", "slowed"),
    [
        # Linux's cgroup-v2.rst: over memory.high a group is slowed and reclaimed, and never killed for it.
        ("268435456", "max", "536870912", 256),
        ("max", "134217728", "536870912", 128),
        ("536870912", "max", "268435456", None),  # the limit is reached first
        ("max", "max", "max", None),
    ],
)
def test_the_memory_above_which_a_group_is_slowed_is_said(
    plant: Plant, high: str, parent_high: str, most: str, slowed: float | None
) -> None:
    groups = "sys/fs/cgroup/a"
    files = {
        "proc/self/cgroup": "0::/a/b\n",
        f"{groups}/b/memory.high": high,
        f"{groups}/memory.high": parent_high,
        f"{groups}/b/memory.max": most,
    }
    found = here(plant({**LINUX, **files}))
    assert found.slowed_above_mib == slowed
    assert ("above which it is slowed" in str(found)) == (slowed is not None)
    assert found.memory_mib == (8192 if most == "max" else int(most) / 2**20)


def test_affinity_is_the_recorded_process_own(plant: Plant) -> None:
    files = {
        "proc/cpuinfo": cpuinfo(),
        "proc/self/status": "Name:\tpython\nCpus_allowed_list:\t1,3\n",
    }
    assert here(plant(files)).cpus == 2


@pytest.mark.parametrize(
    ("text", "n"), [("0-3,8", 5), ("0", 1), ("", 0), ("x-y", 0), ("3-1", 0), ("9" * 99, 0)]
)
def test_lists_of_cpus_are_counted(text: str, n: int) -> None:
    assert count_cpus(text) == n


JUNK = [
    "\0\udcff\udcfe" * 500,
    "9" * 6000,
    "a:b:c:d\n" * 200,
    "0::" + "/a" * 400_000,
    "1" * 400 + " 7",
    " - \n - - -\n",
    "[" * 100_000,
    "",
    "\n\n::::\n0::\n",
]


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_senseless_files_tell_nothing_and_break_nothing(plant: Plant, junk: str) -> None:
    found = here(
        plant(
            dict.fromkeys(
                [*RECORDED["podman-user"], *RECORDED["qemu-guest"], "proc/self/cgroup"], junk
            )
        )
    )
    assert found.in_vm in ("unknown", "probably", "yes")
    assert str(found)
    assert found._repr_html_()


def test_folders_pipes_and_loops_in_the_place_of_files_tell_nothing(tmp_path: Path) -> None:
    proc = tmp_path / "proc"
    (proc / "cpuinfo").mkdir(parents=True)
    (proc / "meminfo").symlink_to("meminfo")
    os.mkfifo(proc / "version")
    (proc / "self").symlink_to(".")
    (tmp_path / ".dockerenv").symlink_to("/etc/passwd")
    found = here(str(tmp_path))
    assert (found.in_vm, found.in_container, found.cpus, found.memory_mib) == (
        "unknown",
        "unknown",
        None,
        None,
    )


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    (tmp_path / "root" / "proc").mkdir(parents=True)
    (tmp_path / "meminfo").write_text("MemTotal: 1024 kB\n")
    (tmp_path / "root" / "proc" / "meminfo").symlink_to("../../meminfo")
    assert here(str(tmp_path / "root")).memory_mib is None


def test_an_endless_file_is_read_in_part(plant: Plant) -> None:
    root = plant({"proc/cpuinfo": cpuinfo() + "x" * 5_000_000})
    assert here(root).cpus == 4
    assert len(Files(root).text("proc/cpuinfo")) == 2**20


def test_a_missing_root_is_an_unknown_machine() -> None:
    assert here("/no/such/place").in_vm == "unknown"


def test_a_crowd_of_mounts_and_deep_groups_do_not_keep_us_busy(plant: Plant) -> None:
    mounts = "".join(
        f"1 0 0:1 / /sys/fs/cgroup/{i} rw - cgroup2 cgroup2 rw\n" for i in range(20_000)
    )
    files = {
        "proc/self/mountinfo": mounts,
        "proc/self/cgroup": "0::" + "/a" * 2000 + "\n" + "machine-" * 50_000,
    }
    start = time.process_time()
    assert here(plant({**LINUX, **files})).memory_mib == 8192
    assert time.process_time() - start < 5  # a second or so; without the bounds, minutes


@pytest.mark.parametrize(
    ("machine", "fixture"),
    [
        ("container", "podman-user"),
        ("rootless-container", "unshare-rootless"),
        ("virtual-machine", "host-firecracker"),
        ("small-vm", "qemu-guest"),
    ],
)
def test_recorded_machines_of_the_lessons_are_the_fixtures(
    machine: str, fixture: str, plant: Plant
) -> None:
    found, twin = recorded_here(machine), here(plant({}, fixture))
    assert found.recorded
    assert found.recorded in str(found)
    assert (twin.layers, twin.cpus, twin.memory_mib) == (found.layers, found.cpus, found.memory_mib)


def test_a_machine_that_was_not_recorded_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(vl.errors.UnknownName, match="Did you mean container"):
        recorded_here("containr")


def test_the_tree_is_one_the_model_and_the_chart_can_take(plant: Plant) -> None:
    found = here(plant({}, "podman-user"))
    tree = found.tree
    assert tree.kind == (
        "host",
        "hypervisor",
        "virtual-machine",
        "operating-system",
        "container",
        "workload",
    )
    assert vl.core.tree.subtree_sum(tree.parent, tree.memory_mib)[[0, -1]].round(3).tolist() == [
        24105.551,
        128,
    ]
    assert (
        vl.charts.machine(found).describe().endswith("application 'this program' (you are here).")
    )


def test_what_may_be_used_is_a_host_of_the_model(plant: Plant) -> None:
    host = here(plant({}, "podman-user")).host
    assert (host.cores, host.memory_gib) == (0.5, 0.125)


def test_views_escape_what_a_machine_says_and_agree(plant: Plant) -> None:
    found = here(plant({**LINUX, "sys/class/dmi/id/sys_vendor": "QEMU <script>\n"}))
    assert "QEMU <script>" in str(found)
    assert "<script>" not in found._repr_html_()


def test_probable_layers_are_marked(plant: Plant) -> None:
    found = here(plant(OTHERS["ARM in a cloud"][0]))
    assert [found.layers[i][0] for i in found.unsure] == ["hypervisor", "virtual-machine"]


def test_this_machine_is_read_without_starting_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subprocess.Popen", None)
    assert here().cpus
