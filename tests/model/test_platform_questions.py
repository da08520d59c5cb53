"""Every question on every platform, known or new: nothing in the model may know a platform by its name."""

import ast
from pathlib import Path

import numpy as np
import pytest

import virtlearn
from virtlearn import core
from virtlearn.catalog.layers import OPERATIONS, LayerSpec, Memory
from virtlearn.catalog.numbers import Quantity
from virtlearn.catalog.platforms import Platform, layer, platform, platforms
from virtlearn.model import CARRIES, Host, Workload, compare, deploy, fits, place
from virtlearn.model.policies import POLICIES

HOST, WEB = Host(cores=16, memory_gib=64), Workload("web", cpu_cores=0.5, memory_mib=256)
TEACHER = "invented for this test"
NEW = Platform(
    "boxes",
    about="never heard of",
    layers=(
        layer("linux-host"),
        LayerSpec(
            "box-hypervisor", "hypervisor", "boxer", memory=Memory(Quantity(7, assumed=TEACHER))
        ),
        LayerSpec(
            "box",
            "virtual-machine",
            "box",
            memory=Memory(Quantity(3, assumed=TEACHER), per_mib=Quantity(0.01, assumed=TEACHER)),
        ),
        LayerSpec(
            "box-os",
            "operating-system",
            "box system",
            memory=Memory(Quantity(10, assumed=TEACHER)),
            start=(("box", Quantity(0.5, assumed=TEACHER)),),
        ),
        LayerSpec("thin", "container-runtime", "thin", ends_what_runs=False),
        LayerSpec(
            "shell",
            "container",
            "shell",
            memory=Memory(Quantity(1, assumed=TEACHER)),
            escape=Quantity(0.5, assumed=TEACHER),
        ),
    ),
)
ISLAND = Platform(
    "island",
    layers=(
        LayerSpec("one-layer", "operating-system"),
        LayerSpec("program", "workload", image=True),
    ),
)
ALL = [*platforms(), NEW, ISLAND]


@pytest.mark.parametrize("on", ALL, ids=str)
def test_every_question_has_an_answer(on):
    d = deploy(WEB, copies=12, host=HOST, on=on)
    assert d.copies == 12
    assert d.memory_mib >= 12 * 256
    assert sum(d.memory_by_layer.values()) == pytest.approx(d.memory_mib)
    assert d.max_copies >= 12
    assert d.binds == "memory"
    assert d.kernels >= 1
    assert d.cpu().granted_cores == pytest.approx(np.full(12, 0.5))
    assert d.start_s == pytest.approx(sum(s for _, s in d.start_phases))
    assert len(d.ready_s(100, parallel=10)) == 100
    assert d.stored_mib >= 0
    assert d.copies_up_pmf().sum() == pytest.approx(1)
    assert 0.9 < d.availability(12) <= d.availability(1) <= 1
    assert 1 <= d.blast_radius() <= 12
    assert len(d.dies_with("host")) == 12
    assert all(0 < d.keeps(op) < 2 for op in OPERATIONS)
    assert d.reach_pmf().sum() == pytest.approx(1)
    assert len(d.escape) == len(d.tree) == len(d.tree.memory_mib)
    assert "web" in d.what_runs_where()
    for view in (
        str(d),
        d._repr_html_(),
        str(d.tree),
        str(d.cpu()),
        str(compare(d)),
        compare(d)._repr_html_(),
    ):
        assert "web" in view or d.title in view


@pytest.mark.parametrize("on", ALL, ids=str)
@pytest.mark.parametrize("app_mib", [20, 100, 700.5, 16384])
def test_the_most_copies_fit_and_one_more_does_not(on, app_mib):
    app = Workload("app", cpu_cores=0.01, memory_mib=app_mib)
    most = fits(app, HOST, on).max_copies
    full = deploy(app, copies=most, host=HOST, on=on)
    assert full.memory_mib <= HOST.memory_mib
    with pytest.raises(virtlearn.errors.DoesNotFit, match=f"At most {most:,} cop"):
        deploy(app, copies=most + 1, host=HOST, on=on)


def test_a_tree_node_needs_what_its_children_need_and_its_own():
    rng = np.random.default_rng(5)
    for on in ALL:
        tree = deploy(WEB, copies=int(rng.integers(1, 30)), host=HOST, on=on).tree
        total = tree.memory_mib.copy()
        for i in range(len(tree) - 1, 0, -1):  # the slow, obvious sum
            total[tree.parent[i]] += total[i]
        assert core.tree.subtree_sum(tree.parent, tree.memory_mib) == pytest.approx(total)


def test_a_machine_costs_its_promise_whether_full_or_not():
    five = deploy(WEB, copies=17, host=HOST, on="containers-in-vms", per_vm=8)
    three = deploy(WEB, copies=24, host=HOST, on="containers-in-vms", per_vm=8)
    assert five.memory_mib == pytest.approx(three.memory_mib)
    assert five.memory_by_layer["promised, not used"] == pytest.approx(7 * (256 + 12e6 / 2**20))


def test_a_policy_never_heard_of_places_like_any_other():
    def last_host_first(need, free, capacity, last):
        return np.arange(len(free), dtype=float)

    placed = place([WEB] * 5, [Host(cores=1, memory_gib=0.5)] * 4, policy=last_host_first)
    assert placed.host_of.tolist() == [3, 3, 2, 2, 1]
    assert (placed.policy, placed.hosts_used, placed.unplaced) == ("last_host_first", 3, ())
    assert placed.free_mib.tolist() == [512, 256, 0, 0]
    assert "last_host_first: 3 of 4 hosts used" in str(placed)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_may_be_named_or_given(policy):
    rng = np.random.default_rng(3)
    apps = [Workload("app", 0.1, float(mib)) for mib in rng.integers(50, 900, 40)]
    hosts = [Host(cores=1, memory_gib=float(gib)) for gib in rng.integers(1, 6, 9)]
    named = place(apps, hosts, policy=policy)
    assert named.host_of.tolist() == place(apps, hosts, policy=POLICIES[policy]).host_of.tolist()
    assert (named.free_mib >= 0).all()
    assert len(named.unplaced) == (named.host_of < 0).sum()


def names_compared(code):
    """Every text that a piece of code compares something with, matches, or looks for at the start of another."""
    for node in ast.walk(ast.parse(code)):
        asked = []
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            asked = [node.value]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in (
            "startswith",
            "endswith",
            "__eq__",
        ):
            asked = node.args
        yield from (
            x.value for part in asked for x in ast.walk(part) if isinstance(x, ast.Constant)
        )


def test_no_module_asks_which_platform_it_is():
    titles = {platform(name).title for name in platforms()}
    layers = {spec.name for name in platforms() for spec in platform(name).layers} - set(CARRIES)
    for path in Path(virtlearn.__file__).parent.rglob("*.py"):
        asked = set(names_compared(path.read_text(encoding="utf-8")))
        assert not asked & {*platforms(), *titles, *layers}, path.name


@pytest.mark.parametrize(
    "code",
    [
        "x == 'microvms'",
        "x in ('a', 'microvms')",
        "match x:\n    case 'microvms': pass",
        "x.startswith('microvms')",
    ],
)
def test_a_module_that_asked_would_be_found(code):
    assert "microvms" in set(names_compared(code))


def test_the_platforms_differ_only_by_their_lists():
    kinds = {name: [spec.kind for spec in platform(name).layers] for name in platforms()}
    assert (
        kinds["microvms"] == kinds["virtual-machines-hosted"]
    )  # told apart by what was left out, not by layers
    assert kinds["containers"] != kinds["sandboxed-containers"]
