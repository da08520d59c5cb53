"""The machine the tests run on: nothing is skipped and nothing is left behind.

What a system allows is found out by other means than the library's: where it allows a thing, the library must have
done it, and where it does not, the recorded run must show and the reason stand beside it. ``VIRTLEARN_TEST_KERNEL``
names a kernel to boot, and then a virtual machine must start.
"""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from virtlearn import errors, machine
from virtlearn.machine import _archive, _cgroups, _container, _cpu, _processes, _vm
from virtlearn.machine._cgroups import Group, own_group

LINUX = platform.system() == "Linux"
KERNEL = os.environ.get("VIRTLEARN_TEST_KERNEL")


def left(pid: int | None = None) -> set[str]:
    """Control groups that a process made (others may be at work beside us), mounts, and our children."""
    groups = {
        str(path) for path in Path("/sys/fs/cgroup").glob(f"**/virtlearn-{pid or os.getpid()}-*")
    }
    if not LINUX:
        return groups
    mounts = {
        line.split()[4] for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    }
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return groups | mounts | set(children.read_text("utf-8").split() if children.exists() else ())


@pytest.fixture
def clean() -> Iterator[None]:
    """Nothing is left behind, and the machine keeps its name."""
    before, name = left(), platform.node()
    yield
    assert left() == before
    assert platform.node() == name


def groups_may_be_made() -> bool:
    """Try in the folders of our own group and of those around it, without the library."""
    for line in Path("/proc/self/cgroup").read_text("utf-8").splitlines() if LINUX else ():
        number, names, path = line.split(":", 2)
        top = Path("/sys/fs/cgroup", "cpu" if "cpu" in names.split(",") else "")
        mark = "cpu.shares" if names else "cgroup.subtree_control"
        for folder in [top / path.lstrip("/"), *(top / path.lstrip("/")).parents]:
            inside = (
                folder.is_relative_to(top) and (folder / mark).exists() and (names or number == "0")
            )
            if (
                inside
                and (names or "cpu" in (folder / mark).read_text("utf-8").split())
                and may_be_filled(folder)
            ):
                return True
    return False


def may_be_filled(parent: Path) -> bool:
    new = parent / f"may-be-made-{os.getpid()}"
    try:
        new.mkdir()
    except OSError:
        return False
    child = subprocess.Popen(["sleep", "9"])
    try:
        (new / "cgroup.procs").write_text(str(child.pid))
    except OSError:
        return False
    else:
        return True
    finally:
        child.kill()
        child.wait()
        for _ in range(100):
            try:
                new.rmdir()
                break
            except OSError:
                time.sleep(0.02)


def namespaces_may_be_made(*how: str) -> bool:
    try:
        return (
            subprocess.run(
                ["unshare", *how, *_container._WALLS, "true"], stderr=subprocess.DEVNULL
            ).returncode
            == 0
        )
    except OSError:
        return False


def soon(attempt: Callable[[], Any], good: Callable[[Any], bool]) -> Any:
    """Try up to three times: other work on this machine may spoil a measurement, but hardly three."""
    for _ in range(3):
        if good(found := attempt()):
            break
    return found


@pytest.mark.slow
@pytest.mark.usefixtures("clean")
def test_nice_values_share_a_cpu_as_the_table_says() -> None:
    # 0 v 5 gave 3.07, 3.05, 3.06 (OWN-18); the tolerance is that of a busy machine.
    asked = soon(lambda: machine.nice((0, 5), seconds=2), lambda found: found.worst < 0.03)
    assert asked.worst < 0.03
    if LINUX and os.nice(0) == 0:
        assert not asked.recorded
        assert [round(row.model, 3) for row in asked.rows] == [0.753, 0.247]


@pytest.mark.slow
@pytest.mark.usefixtures("clean")
def test_the_kernel_shares_as_the_model_says() -> None:
    checked = soon(lambda: machine.check_model(seconds=0.7), lambda found: found.worst < 0.04)
    assert checked.worst < 0.04
    cases = {row.case for row in checked.rows}
    if LINUX and groups_may_be_made():
        assert (len(cases), checked.missing) == (16, ())
    else:
        assert checked.missing
        assert cases >= {"nice 0 v 5", "nice 0 v 10"}


@pytest.mark.usefixtures("clean")
def test_a_container_is_a_process_of_the_same_kernel() -> None:
    found = machine.container(starts=3)
    allowed = LINUX and (
        namespaces_may_be_made("--user", "--map-root-user") or namespaces_may_be_made()
    )
    assert bool(found.recorded) is not allowed
    same = {name for name in found.outside if found.inside[name] == found.outside[name]}
    assert same == {"kernel release", "kernel started as"}
    assert found.inside["this process is number"] == "1"
    assert len(found.start_s) == 3 if allowed else found.missing


@pytest.mark.usefixtures("clean")
def test_limits_bite() -> None:
    found = soon(
        lambda: machine.container(starts=0),
        lambda found: abs((found.used_cores or 0.25) - 0.25) < 0.04,
    )
    if found.used_cores is None or found.killed_at_mib is None:
        assert not groups_may_be_made()
        assert "control group" in " ".join(found.missing)
    else:
        assert found.used_cores == pytest.approx(0.25, abs=0.04)
        assert found.killed_at_mib == pytest.approx(64, abs=4)


@pytest.mark.usefixtures("clean")
def test_copies_share_what_they_do_not_write() -> None:
    found = machine.shared_memory(copies=4, buffer_mib=32)
    assert bool(found.recorded) is not Path("/proc/self/smaps_rollup").exists()
    assert found.rss_mib > 5 * found.buffer_mib
    assert found.buffer_mib < found.pss_mib < found.buffer_mib + 20


@pytest.mark.slow
@pytest.mark.usefixtures("clean")
def test_a_virtual_machine_has_a_kernel_of_its_own() -> None:
    found = machine.vm(kernel=KERNEL)
    if found.recorded:
        assert not KERNEL, found.missing
        assert found.missing
    else:
        assert (
            found.boots[0].boot_id
            != Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
        )
    assert found.boots[0].guest_mib < 128 < found.boots[0].host_mib
    assert 0 < found.start_s < 60


# All that is on disk is read before the rights are given up: the checkout may be somebody's own.
NOBODY = """
import json, os
import virtlearn.machine as m
m.container(2), m.nice((0, 0), 0.1), m.here()
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
here, nice, container = m.here(), m.nice((0, 5), 1), m.container(2)
print(json.dumps([os.getuid(), here.in_vm, here.in_container, here.cpus, here.memory_mib, nice.worst, bool(nice.recorded),
                  bool(container.recorded), len(container.missing), container.inside["this process is number"]]))
"""


@pytest.mark.skipif(not LINUX, reason="users are numbers on Linux")
@pytest.mark.slow
@pytest.mark.usefixtures("clean")
def test_a_user_without_rights_sees_the_same_layers_and_shares() -> None:
    def ask() -> Any:
        return json.loads(
            subprocess.run(
                [sys.executable, "-c", NOBODY], stdout=subprocess.PIPE, check=True
            ).stdout
        )

    uid, vm, container, cpus, memory, worst, recorded, contained, missing, number = soon(
        ask, lambda told: told[5] < 0.03
    )
    here = machine.here()
    assert uid != 0
    assert (vm, container, cpus, memory) == (
        here.in_vm,
        here.in_container,
        here.cpus,
        here.memory_mib,
    )
    assert worst < 0.03
    assert not recorded
    assert number == "1"
    assert missing or groups_may_be_made(), contained


# What a shell starts in the background is told to ignore interrupts; a notebook's kernel listens.
LISTENS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
INTERRUPTED = {
    "check_model": "m.check_model(5)",
    "nice": "m.nice((0, 5), 20)",
    "container": "m.container(200)",
    "shared_memory": "[m.shared_memory(8) for _ in range(99)]",
    # Again and again: where there is no kernel to boot, the recorded run comes at once.
    "vm": f"list(iter(lambda: m.vm(20, kernel={KERNEL!r}) and 0, 1))",
}


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signal")
@pytest.mark.slow
@pytest.mark.usefixtures("clean")
@pytest.mark.parametrize("what", INTERRUPTED)
def test_an_interrupt_leaves_nothing(what: str) -> None:
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"{LISTENS}; import virtlearn.machine as m; m.vm(recorded=True); print(1, flush=True); {INTERRUPTED[what]}",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert child.stdout
    child.stdout.readline()
    time.sleep(0.7)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=30)
    assert b"KeyboardInterrupt" in said  # it was not over before
    for _ in range(50):
        if not in_session(child.pid):
            break
        time.sleep(0.02)  # copies end when their pipe does
    assert in_session(child.pid) == []
    assert left(child.pid) == left()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such signal")
def test_an_interrupt_while_a_process_starts_waits_until_it_can_be_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[subprocess.Popen[bytes]] = []

    def interrupted(command: list[str], **how: Any) -> subprocess.Popen[bytes]:
        made.append(start(command, **how))
        os.kill(os.getpid(), signal.SIGINT)
        return made[0]

    start, before = subprocess.Popen, signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(subprocess, "Popen", interrupted)
    with pytest.raises(KeyboardInterrupt), _processes.started(["sleep", "30"]):
        pytest.fail("nobody waits for this process")
    assert made[0].poll() == -signal.SIGKILL
    assert signal.getsignal(signal.SIGINT) is before


def in_session(session: int) -> list[str]:
    """Processes that a session still has."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text("utf-8").rpartition(")")
        except OSError:
            continue
        if int(rest.split()[3]) == session and rest.split()[0] != "Z":
            found.append(name)
    return found


@pytest.mark.usefixtures("clean")
def test_a_failure_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(
        _cgroups, "_place", lambda controller, made: place(controller, made, tmp_path)
    )
    with pytest.raises(FileExistsError), own_group("cpu") as top:
        [top.child(name) for name in ("a", "b", "a")]
    assert list(tmp_path.iterdir()) == []


def place(controller: str, made: list[Path], home: Path) -> Group:
    """Make the folder of a group where there is no kernel to make its files."""
    made.append(home / "virtlearn-test")
    made[-1].mkdir()
    return Quiet(controller, made[-1], 1, made)


class Quiet(Group):
    """A group whose files are thrown away: a folder that holds any could not be removed, as one of the kernel's can."""

    def _write(self, file: str, value: object) -> None:
        pass


def test_no_name_is_given_where_there_is_no_wall() -> None:
    name = platform.node()
    if LINUX:
        assert (
            _container._asked(["env"])["host name"] == name
        )  # `env` puts no wall around what it runs
    assert platform.node() == name


def test_where_nothing_can_be_started_recorded_runs_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_: None)
    monkeypatch.setattr(_container, "_WALLS", ["--no-such-wall"])
    for found in (machine.vm(), machine.container(2)):
        assert "2026-11" in found.recorded
        assert found.recorded in str(found)
        assert found.missing[0] in str(found)
    assert "install qemu-system-x86" in machine.vm().missing[0] or not LINUX


def test_on_another_system_recorded_runs_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_cpu, "LINUX", False)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    for found in (machine.nice(), machine.check_model(), machine.container(), machine.vm()):
        assert found.recorded
        assert "Linux" in found.missing[0]
        assert found.missing[0] in str(found)


def test_no_boot_is_believed_that_did_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        _vm,
        "_parts",
        lambda _: {"qemu": "/bin/echo", "busybox": "/bin/echo", "kernel": "/bin/echo"},
    )
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    found = machine.vm()
    assert found.recorded
    assert "A start with tcg: -accel tcg" in found.missing[-1] or not LINUX


def test_recorded_runs_are_plausible() -> None:
    assert len(machine.vm(recorded=True).boots) == 10
    assert 1 < machine.vm(recorded=True).start_s < 4  # OWN-09: 1.42 to 1.99 s, a little earlier
    assert machine.nice(recorded=True).worst < 0.001  # OWN-18: 0.0004 at most
    assert len({row.case for row in machine.check_model(recorded=True).rows}) == 14
    assert machine.check_model(recorded=True).worst < 0.016  # OWN-26
    assert machine.container(recorded=True).killed_at_mib == pytest.approx(
        64 * 0.9971, abs=0.1
    )  # OWN-19


def test_what_would_take_for_ever_is_refused() -> None:
    for call, text in (
        (lambda: machine.nice((0, 5), seconds=1e9), "seconds"),
        (lambda: machine.nice((-5, 0)), "a nice level is -5; here it may be 0 to 19"),
        (lambda: machine.nice((0,)), "levels"),
        (lambda: machine.container(10_000), "starts"),
        (lambda: machine.vm(10_000), "boots"),
        (lambda: machine.vm(memory_mib=10**6), "memory_mib"),
        (lambda: machine.shared_memory(1000), "copies"),
    ):
        with pytest.raises(errors.VirtlearnError, match=text):
            call()


def test_an_archive_is_the_one_the_kernel_reads() -> None:
    # Documentation/driver-api/early-userspace/buffer-format.rst: thirteen numbers of eight digits after 070701.
    # Names and contents are filled up to whole words of four bytes: 110 + 5 -> 116, 3 -> 4, 110 + 11 -> 124.
    packed = _archive.archive({"init": b"xyz"})
    assert packed.startswith(b"070701" + b"00000001" + b"000081ED")
    assert packed[110:116] == b"init\0\0"
    assert packed[116:120] == b"xyz\0"
    assert len(packed) == 116 + 4 + 124


def test_checked_reports_its_worst_whatever_its_sign() -> None:
    rows = (_cpu.Row("a", "g1", 0.5, 0.51), _cpu.Row("a", "g2", 0.5, 0.47))
    assert _cpu.Checked(rows).worst == pytest.approx(0.03)
    assert dataclasses.replace(_cpu.Checked(rows), rows=()).worst == 0


@pytest.mark.parametrize(
    ("version", "controller", "wrote"),
    [
        # Documentation/admin-guide/cgroup-v2.rst: weight 100 is the usual one, cpu.max is quota and period [microseconds].
        (2, "cpu", {"cpu.weight": "300", "cpu.max": "25000 100000"}),
        (2, "memory", {"memory.max": "67108864", "memory.swap.max": "0"}),
        # Documentation/scheduler/sched-bwc.rst and admin-guide/cgroup-v1/memory.rst; 1024 shares are the usual ones.
        (1, "cpu", {"cpu.shares": "3072", "cpu.cfs_quota_us": "25000"}),
        (
            1,
            "memory",
            {"memory.limit_in_bytes": "67108864", "memory.memsw.limit_in_bytes": "67108864"},
        ),
    ],
)
def test_groups_are_written_as_the_kernel_reads_them(
    version: int, controller: str, wrote: dict[str, str], tmp_path: Path
) -> None:
    limits: dict[str, float] = {"cores": 0.25} if controller == "cpu" else {"memory_mib": 64}
    box = Group(controller, tmp_path, version, []).child("box", weight=3, **limits)
    box.add(42)
    files = {file.name: file.read_text("utf-8") for file in (tmp_path / "box").iterdir()}
    assert files == {**wrote, "cgroup.procs": "42"}
    switch = tmp_path / "cgroup.subtree_control"
    assert (switch.read_text("utf-8") if switch.exists() else "") == (
        f"+{controller}" if version == 2 else ""
    )
