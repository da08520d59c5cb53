"""Every number of a platform can be asked where it comes from."""

import tomllib
from importlib import resources

import numpy as np
import pytest

from virtlearn import sources
from virtlearn.errors import ImpossibleAmount, ImpossibleProbability, NoSource, UnknownName, UnknownUnit
from virtlearn.platforms import Number, Platform, layer, platform, platforms

FILE = tomllib.loads(resources.files("virtlearn").joinpath("data/platforms.toml").read_text(encoding="utf-8"))
NUMBERS = [(name, what, number) for name in FILE["layers"] for what, number, _ in layer(name).numbers()]


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


@pytest.mark.parametrize(("name", "what", "number"), NUMBERS, ids=lambda x: x if isinstance(x, str) else "")
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
    assert [memory.fixed.value, memory.per_vcpu.value, memory.per_mib.value] == pytest.approx(fit, rel=1e-3)
    worst = max(abs(memory.mib(v, ram) - mib) for _, v, ram, mib in table.tolist())
    assert worst < 0.5


def test_a_number_without_source_is_refused():
    with pytest.raises(NoSource, match="names neither evidence nor a reason"):
        Number.read({"value": 3, "unit": "MiB"}, "MiB", "layers.mine.memory")
    with pytest.raises(NoSource, match="without a source"):
        Number.read(3, "MiB", "layers.mine.memory")


def test_a_value_that_differs_from_its_row_is_refused():
    assert Number.read({"value": 6, "unit": "MB", "evidence": "MEM-09"}, "MiB", "x").value == pytest.approx(
        5.722, abs=1e-3
    )
    with pytest.raises(NoSource, match=r"says 7 but MEM-09 says 5.72 MiB"):
        Number.read({"value": 7, "unit": "MB", "evidence": "MEM-09"}, "MiB", "x")


def test_an_id_that_does_not_exist_and_a_unit_that_does_not_convert_are_refused():
    with pytest.raises(UnknownName, match="MEM-99"):
        Number.read({"evidence": "MEM-99"}, "MiB", "x")
    with pytest.raises(UnknownUnit):
        Number.read({"evidence": "BOOT-05"}, "MiB", "x")


def test_a_bound_stays_a_bound():
    assert layer("microvm").keeps["computing"].bound == ">"


def test_but_changes_one_number_and_says_that_it_is_a_what_if():
    slim = platform("virtual-machines").but("slim guest", os_memory_mib=64)
    assert slim.layers[2].memory.fixed == Number(64.0, assumed="what-if: slim guest")
    assert platform("virtual-machines").layers[2].memory.fixed.value == 512


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"os_memory": 64},
            UnknownName,
            "'microvms' has no 'os_memory' to change. Did you mean os_memory_mib",
        ),
        ({"container_memory_mib": 1}, UnknownName, "'microvms' has no 'container_memory_mib' to change."),
        ({"os_memory_mib": -1}, ImpossibleAmount, "'microvms': os_memory_mib is -1; it must be at least 0 and finite."),
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


def test_a_platform_without_layers_or_with_an_unknown_one_is_refused():
    with pytest.raises(UnknownName, match="has no layers"):
        Platform("empty")
    with pytest.raises(UnknownName, match=r"no layer called 'lunix-host'. Did you mean linux-host"):
        Platform("typo", layers=("lunix-host",))


def test_the_views_show_every_number_with_its_source():
    micro = platform("microvms")
    for view in (str(micro), micro._repr_html_()):
        assert "MEM-02" in view
        assert "assumed" in view
        assert "0x" not in view
