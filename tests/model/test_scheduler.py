"""The scheduler's filters and scores beside resources: taints, spread and apartness, with their verdicts in words."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import virtlearn as vl
from virtlearn.errors import UnknownName
from virtlearn.model.constraints import USUAL_SKEW
from virtlearn.model.scheduler import WEIGHTS

WEB = vl.Workload("web", cpu_cores=0.5, memory_mib=512)


def host(name="host", zone="", taints=(), cores=8, gib=16):
    labels = {"zone": zone} if zone else ()
    return vl.Host(cores, gib, name=name, labels=labels, taints=taints)


def placed(workloads, hosts, **more):
    return vl.place(workloads, hosts, policy="kube-scheduler", **more)


def test_a_taint_keeps_out_who_does_not_tolerate_it_and_is_named():
    gpus = host("gpus", taints="gpu=yes:NoSchedule")
    made = placed([WEB], [gpus, host("plain")]).decision(0)
    assert made.winner == 1
    assert made.verdicts == ("taint gpu=yes:NoSchedule is not tolerated", "")
    assert made.why == "web goes to plain 1: it is the only host that passes every filter."
    train = vl.Workload("train", 0.5, 512, tolerates="gpu")
    assert placed([train], [gpus, host("plain", cores=4)]).host_of.tolist() == [0]


def test_two_soft_taints_cost_twice_as_much_as_one():
    """By hand, as in the scheduler's own tests: 0, 1 and 2 of them score 100, 50 and 0, three times."""
    soft = [f"{word}:PreferNoSchedule" for word in ("old", "slow")]
    hosts = [host(taints=soft[:n]) for n in (0, 1, 2)]
    made = placed([WEB], hosts).decision(0)
    assert made.raw["taints"].tolist() == [0, 1, 2]
    assert made.weighted["taints"].tolist() == [300, 150, 0]


def test_a_host_that_is_filtered_out_is_not_compared():
    """By hand: the worst taint that is left counts as 0, not the one of a host that is out."""
    soft = [f"{word}:PreferNoSchedule" for word in ("a", "b", "c", "d")]
    hosts = [host(), host(taints=soft[:1]), host(taints=[*soft, "gpu"])]
    assert placed([WEB], hosts).decision(0).scores["taints"].tolist() == [100, 0, 0]


def test_copies_of_one_name_are_spread_over_hosts_and_zones_without_being_asked():
    """By hand: ln(4 + 2) = 1.79 a copy on the host and ln(2 + 2) = 1.39 a copy in the zone, and 3 - 1 + 5 - 1.

    So 9.18, 7.39, 6 and 6; then 100 * (9 + 6 - 7) // 9 = 88.
    """
    hosts = [host("a", "1"), host("b", "1"), host("c", "2"), host("d", "2")]
    made = placed([WEB, WEB], hosts).decision(1)
    assert made.raw["topology spread"].tolist() == [9, 7, 6, 6]
    assert made.scores["topology spread"].tolist() == [66, 88, 100, 100]
    assert made.winner == 2


def test_zones_count_only_where_every_host_is_in_one():
    hosts = [host("a", "1"), host("b", "1"), host("c")]
    # Hosts alone: 1 * ln(3 + 2) + 2 = 3.6 against 2.
    assert placed([WEB, WEB], hosts).decision(1).raw["topology spread"].tolist() == [4, 2, 2]


def test_a_spread_that_a_copy_asks_for_filters_and_does_not_score():
    even = vl.Workload("even", 0.5, 512, spread="zone")
    hosts = [host("a", "1"), host("b", "1"), host("c", "2"), host("d")]
    made = placed([even] * 2, hosts).decision(1)
    assert made.scores["topology spread"].tolist() == [0, 0, 0, 0]
    full = "zone=1 has 1 copy, and another zone has fewer"
    assert made.verdicts == (full, full, "", "it has no label zone")


def test_who_must_be_apart_stays_apart_whoever_says_so():
    shy = vl.Workload("db", 0.5, 512, apart_from="web")
    for order in ([WEB, shy], [shy, WEB]):
        made = placed(order, [host()]).decision(1)
        assert made.verdicts == (f"{order[0].name} stands there",)
        assert made.why == f"{order[1].name} goes nowhere: of 1 host, 1 closed to it."


def test_a_copy_that_goes_nowhere_says_how_many_hosts_are_full_and_how_many_keep_it_out():
    hosts = [host(cores=0.1), host(taints="gpu"), host(taints="gpu")]
    assert placed([WEB], hosts).why(0) == (
        "web goes nowhere: of 3 hosts, 1 too full and 2 closed to it."
    )


def test_other_policies_show_the_same_filters_in_words():
    made = vl.place([WEB], [host(taints="gpu"), host()], policy="first-fit").decision(0)
    assert made.verdicts[0] == "taint gpu is not tolerated"
    assert made.winner == 1


def test_weights_choose_which_rules_count():
    soft = host(taints="old:PreferNoSchedule")
    small = host(cores=1)
    assert placed([WEB], [soft, small]).host_of.tolist() == [1]
    only_room = placed([WEB], [soft, small], weights={"least allocated": 1})
    assert only_room.host_of.tolist() == [0]
    assert list(only_room.decision(0).scores) == ["least allocated"]


def test_disk_pods_and_what_only_has_a_name_filter_too():
    train = vl.Workload("train", 0.5, 512, disk_mib=1024, needs={"gpus": 2})
    hosts = [
        vl.Host(8, 16, has={"gpus": 1}),
        vl.Host(8, 16, has={"gpus": 4}, disk_gib=0.5),
        vl.Host(8, 16, has={"gpus": 4}, max_pods=1),
        vl.Host(8, 16, has={"gpus": 4}),
    ]
    made = placed([train] * 4, hosts)
    assert made.host_of.tolist() == [2, 3, 3, -1]
    assert made.decision(3).verdicts == (
        "1 gpus free",
        "512 MiB of disk free",
        "0 pods free",
        "0 gpus free",
    )


def test_a_need_that_no_host_names_is_refused():
    with pytest.raises(UnknownName, match="gpus"):
        placed([vl.Workload("train", needs={"gpus": 1})], [host()])


def test_three_tenths_of_something_are_three_times_a_tenth():
    slice_of_one = vl.Workload("small", 0.1, 64, needs={"gpus": 0.1})
    assert placed([slice_of_one] * 4, [vl.Host(8, 16, has={"gpus": 0.3})]).host_of.tolist() == [
        0,
        0,
        0,
        -1,
    ]


TAINTS = st.lists(st.sampled_from(["a", "b:PreferNoSchedule", "c:PreferNoSchedule"]), unique=True)
HOSTS = st.builds(
    host,
    zone=st.sampled_from(["", "1", "2"]),
    taints=TAINTS,
    cores=st.integers(1, 4),
    gib=st.integers(1, 4),
)
APPS = st.builds(
    vl.Workload,
    st.sampled_from(["web", "db"]),
    st.sampled_from([0.25, 1.0]),
    st.sampled_from([256, 1024]),
    spread=st.sampled_from(["", "", "host", "zone"]),
    apart_from=st.sampled_from([(), (), "web", "db"]),
    tolerates=st.sampled_from([(), "a", "b"]),
)


@settings(max_examples=60)
@given(st.lists(APPS, min_size=1, max_size=8), st.lists(HOSTS, min_size=1, max_size=4))
def test_many_placed_at_once_and_each_decision_agree_with_a_slow_scheduler(apps, hosts):
    made = placed(apps, hosts)
    for i in range(len(apps)):
        decision = made.decision(i)
        slow = _slowly(i, apps, hosts, made.host_of.tolist())
        assert decision.allowed.tolist() == [points is not None for points in slow]
        assert [bool(verdict) for verdict in decision.verdicts] == [p is None for p in slow]
        best = max([-1, *(points for points in slow if points is not None)])
        expected = slow.index(best) if best >= 0 else -1
        assert made.host_of[i] == decision.winner == expected
        for at, points in enumerate(slow):
            assert points is None or points == decision.sums[at]


def _slowly(i, apps, hosts, host_of):
    """One host after the other, one earlier copy after the other: its points, or None where it is out."""
    app = apps[i]
    on = [[apps[k] for k in range(i) if host_of[k] == at] for at in range(len(hosts))]
    zone = [h.labels[0] if h.labels else None for h in hosts]
    may = [_may(app, h, on, at, zone) for at, h in enumerate(hosts)]
    soft = [
        sum(1 for t in h.taints if ":" in t and t.partition(":")[0] not in app.tolerates)
        for h in hosts
    ]
    worst = max([n for n, ok in zip(soft, may, strict=True) if ok], default=0)
    crowd = _crowd(app, on, zone, may)
    most = max([n for n, ok in zip(crowd, may, strict=True) if ok], default=0)
    least = min([n for n, ok in zip(crowd, may, strict=True) if ok], default=0)
    points = []
    for at, h in enumerate(hosts):
        if not may[at]:
            points.append(None)
            continue
        taints = 100 - (100 * soft[at] // worst if worst else 0)
        spread = 100 * (most + least - crowd[at]) // most
        total = WEIGHTS["taints"] * taints
        total += 0 if app.spread else WEIGHTS["topology spread"] * spread
        points.append(total + _room(app, h, on[at]))
    return points


def _may(app, h, on, at, zone):
    if sum(a.memory_mib for a in on[at]) + app.memory_mib > h.memory_mib:
        return False
    if sum(a.cpu_cores for a in on[at]) + app.cpu_cores > h.cores:
        return False
    if any(":" not in t and t not in app.tolerates for t in h.taints):
        return False
    if any(a.name in app.apart_from or app.name in a.apart_from for a in on[at]):
        return False
    if not app.spread:
        return True
    domain = list(range(len(on))) if app.spread == "host" else zone
    if domain[at] is None:
        return False
    counts = {d: 0 for d in domain if d is not None}
    for d, there in zip(domain, on, strict=True):
        if d is not None:
            counts[d] += sum(a.name == app.name for a in there)
    return counts[domain[at]] + 1 - min(counts.values()) <= 1


def _crowd(app, on, zone, may):
    alike = [sum(a.name == app.name for a in there) for there in on]
    raw = [n * math.log(sum(may) + 2) + 2 for n in alike]
    if all(zone):
        zones = len({z for z, ok in zip(zone, may, strict=True) if ok})
        for at, z in enumerate(zone):
            near = sum(n for n, other in zip(alike, zone, strict=True) if other == z)
            raw[at] += near * math.log(zones + 2) + 4
    return [math.floor(x + 0.5) for x in raw]


def _room(app, h, there):
    need = np.array([app.cpu_cores * 1000, app.memory_mib])
    used = np.array([sum(a.cpu_cores for a in there) * 1000, sum(a.memory_mib for a in there)])
    has = np.array([h.cores * 1000, h.memory_mib])
    least = sum(int((r - u - n) * 100 // r) for r, u, n in zip(has, used, need, strict=True)) // 2
    levels = []
    for taken in (used + need, used):
        cpu, memory = np.minimum(taken / has, 1)
        levels.append(int((1 - abs(cpu - memory) / 2) * 100))
    return least + 50 + (50 + levels[0] - levels[1]) // 2


@pytest.mark.parametrize("rule", WEIGHTS)
def test_the_usual_weights_are_those_of_the_source(rule):
    parts = {"least allocated": "resources fit"}
    assert vl.evidence("PLACE-01")[parts.get(rule, rule)].number == WEIGHTS[rule]


@pytest.mark.parametrize("label", USUAL_SKEW)
def test_the_usual_skew_is_that_of_the_source(label):
    assert vl.evidence("PLACE-08")[label].number == USUAL_SKEW[label]
