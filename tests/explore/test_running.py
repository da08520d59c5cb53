"""Explorers of running many rest on the laws and on rows of evidence, not on numbers of their own."""

import numpy as np
import pytest

import virtlearn as vl
from virtlearn import charts, core, explore
from virtlearn.errors import WrongKind
from virtlearn.model.scheduler import decide


def rows(explorer, **start):
    head, *body = explorer(**start).table()
    return [dict(zip(head, row, strict=True)) for row in body]


def watts(cell):
    return float(cell.removesuffix(" W").replace(",", ""))


@pytest.mark.parametrize("copies", range(0, 61, 10))
def test_a_host_draws_what_the_source_measured_at_its_load(copies):
    """By hand: 60 copies of a quarter core keep 15 of 16 cores busy, between the rows for 90 and for 100 %."""
    host = rows(explore.power, copies=copies, how="packed")[0]
    table = [vl.evidence(f"POW-03:{k} %").number for k in range(0, 101, 10)]
    drawn = np.interp(copies * 0.25 / 16, np.linspace(0, 1, 11), table) if copies else 0.0
    assert watts(host["for being on"]) + watts(host["for its load"]) == pytest.approx(drawn, abs=1)


def test_what_low_protects_is_what_the_law_says():
    """By hand: 600 in programs and 700 protected leave 100 of 200 MiB of cache, if all others' is gone."""
    found = {row["group"]: row for row in rows(explore.memory_limits, need_mib=700, low_mib=800,
                                               high_mib=800, max_mib=800)}  # fmt: skip
    law = core.memory.effective_protection([900, 900], [800, 0], parent_mib=800, recursive=False)
    assert law.tolist() == [800, 0]
    assert found["database"]["cache after"] == "100 MiB"
    assert found["web"]["cache after"] == "0 MiB"


def test_without_low_the_database_loses_as_much_as_its_neighbours():
    found = rows(explore.memory_limits, need_mib=550, low_mib=0, high_mib=800, max_mib=800)
    assert len({row["cache after"] for row in found}) == 1


def test_the_explorer_of_placement_shows_what_a_taint_does():
    """By hand: a soft taint costs host D the three times 100 points that the others have."""
    open_to_all = explore.placement()
    assert "Host D wins" in open_to_all.sentence
    assert "Host C wins" in explore.placement(taint="keeps copies out").sentence
    assert "Host C wins" in explore.placement(taint="asks to avoid it").sentence
    tainted = rows(explore.placement, taint="asks to avoid it")[3]
    assert int(tainted["sum"]) == int(rows(explore.placement)[3]["sum"]) - 300
    assert rows(explore.placement, taint="keeps copies out")[3]["filter"] == (
        "taint old:NoSchedule is not tolerated"
    )


def test_a_chart_of_a_decision_says_why_every_host_is_out():
    room = [[4000, 1024]] * 2
    told = charts.decision(decide("web", [3000, 512], ["a", "b"], [[2000, 0], [0, 1000]], room))
    assert told.describe() == "No host can take the copy. A: 2 cores free; b: 24 MiB free."


def test_a_decision_of_a_policy_without_points_says_so():
    web = vl.Workload("web", 0.5, 256)
    told = charts.decision(vl.place([web], [vl.Host(4, 8)] * 2).decision(0)).describe()
    assert told == "Host 0 takes the copy; this policy gives no points."


def test_a_chart_of_something_else_is_refused():
    with pytest.raises(WrongKind, match="decision"):
        charts.decision("host 0")


def test_a_host_without_any_memory_has_no_part_of_it_to_show():
    made = decide("web", [100, 0], ["a"], [[0, 0]], [[1000, 0]])
    assert made.part_used["memory"] == [0.0]
    assert made.part_asked["CPU"] == [0.1]
