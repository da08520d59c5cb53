"""Deployments side by side: two sets of columns, and what has no answer."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

import virtlearn as vl
from virtlearn.errors import UnknownName

HOST = vl.Host(cores=16, memory_gib=64)
WEB = vl.Workload("web", cpu_cores=0.5, memory_mib=256)
EVERY = [vl.deploy(WEB, 20, host=HOST, on=name) for name in vl.platforms()]


def column(table, title):
    at = table.columns.index(title)
    return dict(zip(table.titles, [row[at] for row in table.values], strict=True))


def test_running_many_asks_each_deployment_what_its_own_methods_say():
    table = vl.compare(EVERY, about="running many")
    for made in EVERY:
        assert column(table, "power, half busy")[made.title] == made.power_w(5).item()
        assert column(table, "price an hour")[made.title] == made.cost_usd_h()
        emptied = made.migration(dirty_mib_s=32)
        assert column(table, "machines moved")[made.title] == emptied.machines
        assert column(table, "new copies")[made.title] == emptied.new_copies
        assert column(table, "sent")[made.title] == emptied.sent_mib
        assert column(table, "dark at most")[made.title] == emptied.dark_s
        assert column(table, "host empty in")[made.title] == emptied.total_s


def test_one_spike_for_all_nine_platforms_costs_the_same_until_one_looks_each_second():
    """By hand: 20 copies serve 10 of 25 cores; 15 s later 40 serve 20, and after another 15 s all are served."""
    table = vl.compare(EVERY, about="running many")
    assert set(column(table, "lost to a spike").values()) == {15 * 15 + 5 * 15}
    looking = column(table, "lost, looking each second")
    assert len(looking) == 9
    for made in EVERY:
        waits = max(1, -(-made.start_s // 1))
        assert looking[made.title] == 15 * waits + 5 * 15


def test_the_usual_comparison_stays_as_narrow_as_it_was():
    assert len(vl.compare(EVERY).columns) == 10
    assert not set(vl.compare(EVERY).columns[1:]) & set(
        vl.compare(EVERY, about="running many").columns
    )


def test_what_has_no_answer_says_so_and_takes_no_star():
    hungry = vl.deploy(vl.Workload("hungry", 4, 256), 20, host=HOST, on="containers")
    mixed = vl.deploy([WEB, vl.Workload("db", 2, 512)], [1, 1], host=HOST, on="containers")
    table = vl.compare(hungry, mixed, EVERY[0], about="running many")
    assert column(table, "power, half busy")["containers"] is not None
    assert table.values[0][table.columns.index("power, half busy")] is None
    assert table.values[1][table.columns.index("lost to a spike")] is None
    assert str(table).count("no answer") == 3


def test_workers_give_the_same_answers():
    with ThreadPoolExecutor(2) as pool:
        shared = vl.compare(EVERY, about="running many", executor=pool)
    assert str(shared) == str(vl.compare(EVERY, about="running many"))


def test_a_deployment_can_be_sent_to_another_process():
    for made in EVERY:
        assert pickle.loads(pickle.dumps(made)) == made


def test_an_unknown_set_of_columns_is_refused_with_those_there_are():
    with pytest.raises(UnknownName, match="running many"):
        vl.compare(EVERY, about="running")
