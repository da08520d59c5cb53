"""Whether and how each layer gets to another host, and what that means for one that is emptied."""

from dataclasses import replace

import pytest

import virtlearn as vl
from virtlearn.catalog.layers import LayerSpec, Move, read_layer
from virtlearn.catalog.platforms import layer
from virtlearn.errors import NoSource, UnknownName

HOST = vl.Host(cores=16, memory_gib=64)
WEB = vl.Workload("web", cpu_cores=0.5, memory_mib=256)


def on(platform, copies=20, **more):
    return vl.deploy(WEB, copies, host=HOST, on=platform, **more)


def test_a_full_machine_moves_while_it_runs_and_a_micro_vm_stands_still_meanwhile():
    full = on("virtual-machines").migration(dirty_mib_s=32)
    small = on("microvms").migration(dirty_mib_s=32)
    assert (full.machines, full.stopped) == (20, 0)
    assert (small.machines, small.stopped) == (20, 20)
    # By hand: a microVM is dark while all its memory crosses at 128 MiB/s, a full one for the last pages.
    guest_mib = small.sent_mib / 20
    assert small.dark_s == pytest.approx(guest_mib / 128)
    assert full.dark_s < 0.3 < small.dark_s
    assert small.total_s == pytest.approx(20 * small.dark_s)


@pytest.mark.parametrize("platform", ["processes", "containers", "vm-isolated-containers"])
def test_what_no_layer_carries_starts_anew_and_nothing_is_sent(platform):
    made = on(platform)
    emptied = made.migration(dirty_mib_s=32)
    assert (emptied.machines, emptied.new_copies, emptied.sent_mib) == (0, 20, 0)
    assert emptied.total_s == pytest.approx(20 * made.start_s)


def test_containers_go_along_with_the_machine_they_stand_in():
    emptied = on("containers-in-vms", per_vm=8).migration()
    assert (emptied.machines, emptied.new_copies) == (3, 0)


def test_whoever_says_that_a_container_is_frozen_and_copied_sends_its_processes_alone():
    frozen = replace(layer("container"), moves=Move("stopped"))
    layers = ["linux-host", "runc", frozen, "main-process"]
    made = on(vl.Platform("checkpointed", layers=layers))
    emptied = made.migration()
    assert (emptied.machines, emptied.stopped, emptied.new_copies) == (20, 20, 0)
    assert emptied.sent_mib == pytest.approx(20 * WEB.memory_mib)


def test_a_machine_within_a_machine_goes_along_and_is_not_sent_twice():
    inner = vl.OperatingSystem("debian", runs=[vl.Hypervisor("hosted-hypervisor", runs=[
        vl.VirtualMachine(memory_mib=1024, runs=[vl.OperatingSystem(memory_mib=512, runs=[WEB])])
    ])])  # fmt: skip
    outer = vl.VirtualMachine(vcpus=2, memory_mib=4096, runs=[inner])
    nested = vl.Deployment(HOST, runs=[vl.Hypervisor(runs=[outer])])
    emptied = nested.migration()
    assert emptied.machines == 1
    assert emptied.sent_mib == pytest.approx(4096)


@pytest.mark.parametrize(
    ("moves", "error"),
    [
        ({"how": "live"}, NoSource),
        ({"how": "flying", "assumed": "made up"}, UnknownName),
        ({"how": "live", "evidence": ["MIG-99"]}, UnknownName),
    ],
)
def test_a_layer_without_a_source_for_how_it_moves_is_refused(moves, error):
    with pytest.raises(error):
        read_layer("mine", {"kind": "container", "moves": moves})


def test_a_platform_says_how_its_machines_move_and_where_that_comes_from():
    told = str(vl.platform("microvms"))
    assert "moves to another host = whole, while it stands still" in told
    assert "MIG-21" in told


def test_a_layer_that_says_nothing_starts_anew():
    assert LayerSpec("mine", "container").moves.how == "anew"
