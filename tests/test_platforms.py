"""Every number of a platform can be asked where it comes from."""

import tomllib
from importlib import resources

import numpy as np
import pytest

from virtlearn.catalog import evidence as sources
from virtlearn.catalog.layers import LayerSpec, Memory, read_layer
from virtlearn.catalog.numbers import Quantity
from virtlearn.catalog.platforms import Platform, layer, platform, platforms
from virtlearn.errors import (
    ImpossibleAmount,
    ImpossibleProbability,
    NoSource,
    UnknownName,
    UnknownUnit,
)
from virtlearn.model import Host, Workload, deploy

FILE = tomllib.loads(
    resources.files("virtlearn").joinpath("data/platforms.toml").read_text(encoding="utf-8")
)
NUMBERS = [
    (name, what, number) for name in FILE["layers"] for what, number, _ in layer(name).numbers()
]


def test_the_nine_platforms_are_there():
    nine = {
        "processes",
        "containers",
        "virtual-machines",
        "virtual-machines-hosted",
        "containers-in-vms",
        "microvms",
        "sandboxed-containers",
        "vm-isolated-containers",
        "unikernels",
    }
    assert nine <= set(platforms())


def test_every_layer_of_the_file_stands_in_a_platform_or_is_the_usual_one_somewhere():
    used = {name for p in FILE["platforms"].values() for name in p["layers"]}
    used |= {name for usual in FILE["usual"].values() for name in usual.values()}
    assert set(FILE["layers"]) == used


@pytest.mark.parametrize(
    ("name", "what", "number"), NUMBERS, ids=lambda x: x if isinstance(x, str) else ""
)
def test_every_number_names_a_row_or_a_reason(name, what, number):
    assert number.evidence or len(number.assumed) > 10, f"{name}: {what}"
    for ref in number.evidence:
        assert sources.evidence(ref).text
    for ref in sources.cited(number.assumed):
        assert sources.evidence(ref).text


@pytest.mark.parametrize("name", FILE["layers"])
def test_every_escape_probability_says_that_it_is_assumed(name):
    assert layer(name).escape.assumed


def test_the_vsphere_fit_is_the_least_squares_fit_of_its_sixteen_cells():
    cells = sources.evidence("MEM-16").parts
    rows = []
    for cell in cells:
        ram, _, vcpu, _ = cell.part.split()
        rows.append((1.0, float(vcpu), float(ram), cell.to("MiB").value))
    table = np.array(rows)
    table[:, 2] *= 1e6 / 2**20  # RAM in MiB, as `per_mib` wants it
    fit, *_ = np.linalg.lstsq(table[:, :3], table[:, 3], rcond=None)
    memory = layer("virtual-machine").memory
    assert len(rows) == 16
    assert [memory.fixed.value, memory.per_vcpu.value, memory.per_mib.value] == pytest.approx(
        fit, rel=1e-3
    )
    worst = max(abs(memory.mib(v, ram) - mib) for _, v, ram, mib in table.tolist())
    assert worst < 0.5


def test_a_number_without_source_is_refused():
    with pytest.raises(NoSource, match="names neither evidence nor a reason"):
        Quantity.read({"value": 3, "unit": "MiB"}, "MiB", "layers.mine.memory")
    with pytest.raises(NoSource, match="without a source"):
        Quantity.read(3, "MiB", "layers.mine.memory")


@pytest.mark.parametrize(
    ("entry", "wrong", "error", "message"),
    [
        ("memory", {"fixed": 12}, NoSource, "layers.mine.memory is 12 without a source."),
        (
            "disk",
            {"value": 12, "unit": "MB"},
            NoSource,
            "layers.mine.disk names neither evidence nor a reason",
        ),
        (
            "memory",
            {"fixed": {"evidence": "MEM-99"}},
            UnknownName,
            "There is no evidence 'MEM-99'.",
        ),
        ("disk", {"ratio": ["IMG-01", "IMG-99"]}, UnknownName, "There is no evidence 'IMG-99'."),
        (
            "mtbf_h",
            {"value": 1, "assumed": "x", "evidence": ["SEC-99"]},
            UnknownName,
            "There is no evidence 'SEC-99'.",
        ),
        (
            "start",
            {"boot": {"evidence": "IMG-01"}},
            UnknownUnit,
            "'MB' measures bytes and 's' measures time",
        ),
        (
            "memory",
            {"fixed": {"evidence": "MEM-10"}},
            NoSource,
            "layers.mine.memory: MEM-10 holds no single number.",
        ),
        (
            "disk",
            {"value": 9, "unit": "MB", "evidence": "IMG-01"},
            NoSource,
            "layers.mine.disk says 9 but IMG-01 says 7.92",
        ),
        (
            "keeps",
            {"computng": {"value": 1, "assumed": "x"}},
            UnknownName,
            "There is no operation called 'computng'.",
        ),
        (
            "memory",
            {"fixd": 3},
            UnknownName,
            "There is no entry of layers.mine.memory called 'fixd'. Did you mean fixed",
        ),
        ("weight", 3, UnknownName, "There is no entry of layers.mine called 'weight'."),
        (
            "kind",
            "contaner",
            UnknownName,
            "There is no kind of layer called 'contaner'. Did you mean container",
        ),
    ],
)
def test_a_layer_whose_number_cannot_say_where_it_is_from_is_refused(entry, wrong, error, message):
    assert read_layer("mine", FILE["layers"]["container"]).kind == "container"
    with pytest.raises(error) as refusal:
        read_layer("mine", FILE["layers"]["container"] | {entry: wrong})
    assert str(refusal.value).startswith(message)


def test_a_range_of_an_assumed_number_is_that_of_its_rows():
    memory = layer("container").memory.fixed
    assert memory.low == pytest.approx(sources.evidence("MEM-10:runc").to("MiB").value)
    assert memory.low < memory.value == memory.high


def test_kata_sets_aside_what_its_row_says():
    """MEM-13: 130 MiB a pod, in a machine that holds no application yet: the rest and the small guest."""
    d = deploy(Workload("pause", 0.1, 1), 1, host=Host(4, 8), on="vm-isolated-containers")
    pod = d.memory_mib - d.memory_by_layer["host operating system"] - 1
    assert pod == pytest.approx(sources.evidence("MEM-13:memory").value, rel=0.1)


def test_a_value_that_differs_from_its_row_is_refused():
    assert Quantity.read(
        {"value": 6, "unit": "MB", "evidence": "MEM-09"}, "MiB", "x"
    ).value == pytest.approx(5.722, abs=1e-3)
    with pytest.raises(NoSource, match=r"says 7 but MEM-09 says 5.72 MiB"):
        Quantity.read({"value": 7, "unit": "MB", "evidence": "MEM-09"}, "MiB", "x")


def test_an_id_that_does_not_exist_and_a_unit_that_does_not_convert_are_refused():
    with pytest.raises(UnknownName, match="MEM-99"):
        Quantity.read({"evidence": "MEM-99"}, "MiB", "x")
    with pytest.raises(UnknownUnit):
        Quantity.read({"evidence": "BOOT-05"}, "MiB", "x")


def test_a_bound_stays_a_bound():
    assert layer("microvm").keeps["computing"].bound == ">"


def test_but_changes_one_number_and_says_that_it_is_a_what_if():
    slim = platform("virtual-machines").but("slim guest", os_memory_mib=64)
    assert slim.layers[2].memory.fixed == Quantity(64.0, assumed="what-if: slim guest")
    assert platform("virtual-machines").layers[2].memory.fixed.value == 512


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"os_memory": 64},
            UnknownName,
            "There is no number to change in 'microvms' called 'os_memory'. Did you mean os_memory_mib",
        ),
        (
            {"container_memory_mib": 1},
            UnknownName,
            "There is no number to change in 'microvms' called 'container_memory_mib'.",
        ),
        (
            {"os_memory_mib": -1},
            ImpossibleAmount,
            "'microvms': os_memory_mib is -1; it must be at least 0 and finite.",
        ),
        (
            {"os_memory_mib": "64 MiB"},
            ImpossibleAmount,
            "'microvms': os_memory_mib is '64 MiB', which is not a number.",
        ),
        ({"vm_escape": 2}, ImpossibleProbability, "vm_escape is 2.0; it must lie between 0 and 1."),
    ],
)
def test_a_what_if_that_makes_no_sense_is_refused(change, error, message):
    with pytest.raises(error) as refusal:
        platform("microvms").but("mine", **change)
    assert str(refusal.value).startswith(message)


PODS = platform("containers")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Platform("empty"),
            "UnknownName: Platform 'empty' has no layers.\nGive some, such as layers=['linux-host', 'process'].",
        ),
        (
            lambda: Platform("typo", layers=["lunix-host"]),
            "UnknownName: There is no layer called 'lunix-host'. Did you mean linux-host?",
        ),
        (
            lambda: Platform("both", layers=[PODS, "process"]),
            "WrongPlace: 'containers' is a platform, and a platform is made of layers, not of platforms or of itself.\nTake layers, such as layers=['linux-host', 'process'] or layers=[*platform('containers').layers].",
        ),
        (
            lambda: Platform("loop", layers=["linux-host", "loop"]),
            "WrongPlace: 'loop' is a platform, and a platform is made of layers, not of platforms or of itself.\nTake layers, such as layers=['linux-host', 'process'] or layers=[*platform('containers').layers].",
        ),
        (
            lambda: Platform("x", layers=[3]),
            "WrongPlace: Platform 'x': 3 is not a layer.\nName layers of the file or make a LayerSpec, such as layers=['linux-host', 'process'].",
        ),
        (
            lambda: deploy(
                Workload("web"), 1, host=Host(4, 8), on=Platform("x", layers=["runc", "linux-host"])
            ),
            "WrongPlace: 'container runtime' cannot stand in a host: hardware runs a kernel: an operating system's or a hypervisor's.\nPut it in an operating system.",
        ),
    ],
    ids=lambda x: x.split(":")[0] if isinstance(x, str) else "",
)
def test_a_platform_that_cannot_be_is_answered_with_a_lesson(make, message):
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole message is compared below
        make()
    assert f"{type(refusal.value).__name__}: {refusal.value}" == message


def test_a_platform_of_five_lines_answers():
    jail = LayerSpec(
        "jail",
        "container",
        memory=Memory(Quantity(2, assumed="a guess")),
        start=(("jail", Quantity(0.1, assumed="a guess")),),
    )
    jails = Platform("jails", layers=["linux-host", "runc", jail])
    d = deploy(Workload("web", 0.5, 256), 10, host=Host(4, 8), on=jails)
    assert d.memory_by_layer["jail"] == 20
    assert d.start_phases == (("jail", 0.1), ("the program starts", 0.001))


def test_a_number_shows_its_value_unit_condition_source_and_how_it_was_verified():
    row = sources.evidence("MEM-02")
    for view in (str(platform("microvms")), platform("microvms")._repr_html_()):
        assert "2.5 MiB" in view
        assert f"{row.system}; {row.condition}; {row.how_verified}" in view
    assert "13.9 MiB and 0.0156 MiB for each MiB of RAM   [MEM-06" in str(platform("microvms"))
    assert "(3.9 to 11.4)" in str(platform("containers"))  # a range as a range
    assert ">0.95 of native" in str(platform("microvms"))  # a bound as a bound


def test_the_views_show_every_number_with_its_source():
    micro = platform("microvms")
    for view in (str(micro), micro._repr_html_()):
        assert "MEM-02" in view
        assert "assumed" in view
        assert "0x" not in view
