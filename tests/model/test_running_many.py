"""Running many: what platforms draw, cost, move and lose, and what a scheduler decides."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import virtlearn as vl
from virtlearn import core
from virtlearn.errors import DoesNotFit, UnknownName, WrongKind, WrongPlace
from virtlearn.model.questions.price import Prices
from virtlearn.model.scheduler import decide, schedule

HOST = vl.Host(cores=16, memory_gib=64)
WEB = vl.Workload("web", cpu_cores=0.5, memory_mib=256)


def on(platform, copies=20):
    return vl.deploy(WEB, copies, host=HOST, on=platform)


def test_half_the_load_on_bare_metal_draws_what_the_source_measured_at_50_percent():
    assert on("processes").power_w(8).item() == 140  # POW-03


def test_a_load_the_cores_carry_natively_may_not_fit_through_a_hypervisor():
    assert on("processes").power_w(16).item() == 222
    with pytest.raises(DoesNotFit, match="hosts have 16"):
        on("microvms").power_w(16)


def test_processes_are_priced_by_what_they_ask_for_alone():
    # 20 copies ask for 10 cores and 5,000 MiB and some; at 1 and 0 USD only the cores are paid.
    assert on("processes").cost_usd_h(Prices(1.0, 0.0)) == 10


def test_who_brings_a_guest_system_pays_for_its_memory():
    machines, boxes = on("virtual-machines").cost_usd_h(), on("containers").cost_usd_h()
    more_mib = on("virtual-machines").memory_mib - on("containers").memory_mib
    assert 0 < machines - boxes < more_mib / 1024 * 0.005


def test_emptying_a_host_of_20_containers_sends_nothing_and_of_20_machines_all_their_memory():
    boxes, machines = on("containers").migration(), on("virtual-machines").migration()
    assert (boxes.machines, boxes.new_copies, boxes.sent_mib, boxes.dark_s) == (0, 20, 0, 0)
    assert boxes.total_s == pytest.approx(20 * on("containers").start_s)
    assert (machines.machines, machines.new_copies) == (20, 0)
    # Nothing gets dirty: each page crosses once, at 128 MiB/s.
    assert machines.total_s == pytest.approx(machines.sent_mib / 128)


def test_a_machine_that_writes_faster_than_it_is_sent_says_so_with_its_rounds():
    stuck = on("virtual-machines").migration(dirty_mib_s=200)
    assert not stuck.converged
    assert stuck.rounds == 30
    assert "30 rounds" in repr(stuck)


def test_one_spike_for_every_platform_costs_slow_starters_more_if_the_autoscaler_looks_each_second():
    """By hand: 8 copies serve 4 of 10 cores; 16 serve 8, and the rule adds more only 15 s later."""
    spike = [2] * 5 + [10] * 60
    for name in vl.platforms():
        made = on(name, 8)
        looks = max(1, np.ceil(made.start_s))  # the seconds in which only the first 8 serve
        assert made.follow(spike, sync_s=1).unserved_cores.sum() == 6 * looks + 2 * 15


def test_an_autoscaler_that_looks_every_15_s_hides_what_platforms_differ_in():
    spike = [2] * 5 + [10] * 60
    lost = {15 * on(name, 8).follow(spike).unserved_cores.sum() for name in vl.platforms()}
    assert lost == {15 * 6 + 15 * 2}


def test_many_loads_at_once_are_followed_as_one_after_the_other_is():
    made = on("virtual-machines", 8)
    loads = np.array([[2] * 5 + [10] * 10, [4] * 15, [1] * 10 + [6] * 5])
    together = made.follow(loads)
    for load, wanted in zip(loads, together.wanted, strict=True):
        assert made.follow(load).wanted.tolist() == wanted.tolist()
    assert together.unserved_cores.shape == loads.shape


def test_an_autoscaler_refuses_copies_of_different_sizes():
    mixed = vl.deploy([WEB, vl.Workload("db", 2, 512)], [1, 1], host=HOST, on="containers")
    with pytest.raises(WrongKind, match=r"0\.5 and 2"):
        mixed.follow([1, 2])


def test_a_decision_shows_the_scores_of_a_worked_case():
    # By hand in least_allocated and balanced_allocation of the scheduler's own tests: 37 + 68, 50 + 75.
    room = [[4000, 10000], [6000, 10000]]
    made = decide("web", [3000, 5000], ["a", "b"], np.zeros((2, 2), int), room)
    assert made.sums.tolist() == [105, 125]
    assert made.winner == 1
    assert made.why == "web goes to b, which has 125 points, more than a with 105."


def test_a_host_without_room_says_what_it_has_and_a_copy_that_fits_nowhere_says_so():
    made = decide("web", [3000, 512], ["a"], [[2000, 0]], [[4000, 1024]])
    assert made.verdicts == ("2 cores free",)
    assert made.why == "web goes nowhere: none of 1 host has 3 cores and 512 MiB free."


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 3000)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(1, 8000), st.integers(1, 8000)), min_size=1, max_size=5),
)
def test_scheduling_at_scale_decides_as_one_decision_after_the_other_does(needs, room):
    used = np.zeros((len(room), 2), dtype=np.int64)
    weights = {"least allocated": 1, "balanced allocation": 2}
    names = [str(i) for i in range(len(room))]
    one_by_one = []
    for need in needs:
        winner = decide("copy", need, names, used, room, weights).winner
        one_by_one.append(winner)
        if winner >= 0:
            used[winner] += need
    assert schedule(np.array(needs), np.array(room), weights).tolist() == one_by_one


def test_packing_weights_fill_one_host_where_the_usual_ones_spread():
    spread = vl.place([WEB] * 4, [HOST] * 4, policy="kube-scheduler")
    packed = vl.place([WEB] * 4, [HOST] * 4, policy="kube-scheduler", weights={"most allocated": 1})
    assert (spread.hosts_used, packed.hosts_used) == (4, 1)


@pytest.mark.parametrize("i", range(6))
def test_a_decision_computed_later_names_the_host_the_copy_went_to(i):
    placed = vl.place([WEB] * 6, [HOST] * 4, policy="kube-scheduler")
    made = placed.decision(i)
    assert (
        made.winner
        == placed.host_of[i]
        == core.placing.decide(
            list(made.scores.values()), list(made.weights.values()), made.allowed
        )
    )
    assert placed.why(i) == made.why


def test_other_policies_show_what_they_have():
    placed = vl.place([WEB], [HOST], policy="best-fit")
    assert placed.why(0) == "web goes to host 0: best-fit says so."
    assert "no points" in repr(placed.decision(0))


def test_a_decision_counts_the_cores_that_were_packed() -> None:
    """By hand: of 4 cores the host keeps 2, so the third copy of one core finds no room."""
    host = vl.Host(4, 16, reserved_cores=2, cpu_overcommit=1)
    placed = vl.place([vl.Workload("one", 1, 100)] * 3, [host])
    assert placed.host_of.tolist() == [0, 0, -1]
    assert [placed.decision(i).fits.all() for i in range(3)] == [True, True, False]


def test_wrong_weights_and_workloads_are_refused():
    with pytest.raises(WrongPlace, match="no workload 1"):
        vl.place([WEB], [HOST]).decision(1)
    with pytest.raises(WrongKind, match="kube-scheduler"):
        vl.place([WEB], [HOST], weights={"most allocated": 1})
    with pytest.raises(UnknownName):
        vl.place([WEB], [HOST], policy="kube-scheduler", weights={"zebra": 1})
