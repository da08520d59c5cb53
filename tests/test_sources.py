"""The evidence holds what its sources say, number by number, and nothing is lost.

``text`` is the source's cell as it was read, so it is the ground truth here: it is read a second time, by other rules.
"""

import csv
import math
import re
from collections import Counter
from importlib import resources

import pytest

from virtlearn import units
from virtlearn.catalog import evidence as sources
from virtlearn.catalog.evidence import Evidence, all_evidence, cited, evidence
from virtlearn.errors import NoSource, UnknownName, UnknownUnit

EVERY = tuple(all_evidence())
ROWS = tuple(row for whole in EVERY for row in whole.parts or (whole,))
BY_ID = pytest.mark.parametrize("whole", EVERY, ids=lambda whole: whole.id)
FILE = resources.files("virtlearn").joinpath("data/evidence.csv").read_text(encoding="utf-8")
# How many statements of others each family holds; OWN grows with what is measured here.
FAMILIES = {
    "BOOT": 27,
    "MEM": 25,
    "PERF": 33,
    "DENS": 10,
    "CPU": 14,
    "RECL": 13,
    "MIG": 14,
    "SEC": 29,
    "IMG": 6,
}
FAMILIES |= {"HIST": 20, "COST": 4, "AUTO": 8, "ARCH": 6, "POW": 7, "PLACE": 6}
# Statements that are a formula, a version, a date or a sentence: their digits are words, and stay in `text`.
IN_WORDS = {
    "CPU-07": "a formula, coded as core.cpu.weight_from_shares",
    "CPU-08": "a formula, coded as core.cpu.weight_from_shares",
    "RECL-02": "a formula, coded as core.memory.reclaim",
    "RECL-10": "a formula",
    "MIG-09": "CRIU 3.5+, a version",
    "MIG-20": "CRIU 3.11, a version",
    "AUTO-08": "a rule, coded as core.scaling.copies_by_utilization",
    "SEC-09": "versions of runc and Docker",
    "SEC-10": "versions of runc, next to the CVSS score",
    "SEC-11": "the date 2022-04-25, next to the CVSS score",
    "ARCH-04": "Linux 2.6.20, a version",
}
# Numbers that `text` writes otherwise than the row does.
WRITTEN_OTHERWISE = {
    "BOOT-26": "sub-second is < 1",
    "SEC-04": "the total of 362 stands in the source's unit",
    "SEC-16": "8.5 million",
    "PLACE-02": "a formula, coded as core.placing.balanced_allocation, and what it gives",
    "MEM-16": "the parts write 1 GB as 1024 MB",
}
# The unit column of the sources' table; statements that are not named have none. MB is not MiB.
UNITS = {
    "ms": "BOOT 01 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 22 23; PERF 21; MIG 01 02 03 11",
    "CPU ms": "BOOT 02",
    "microVMs/s/host core": "BOOT 03",
    "s": "BOOT 21 25 26 29; MIG 04 05; SEC 20 21; AUTO 02",
    "%": "BOOT 24; PERF 34 35 36; RECL 01 08; MIG 12; AUTO 07; PLACE 05",
    "MiB": "MEM 01 02 03 04 05 06 07 15; RECL 15",
    "MB": "MEM 08 09 10 11 12 16 17 21 22 23 24; MIG 07; IMG 01 02 03 06",
    "MB per VM": "MEM 18",
    "GB": "MEM 25",
    "GFLOPS": "PERF 01 02",
    "GB/s": "PERF 05",
    "GUPS": "PERF 06 07",
    "Gbit/s": "PERF 08 20 25; MIG 08",
    "us": "PERF 09 10; CPU 04 09",
    "IOPS": "PERF 12 13 14 23 24",
    "MB/s": "PERF 15 32",
    "req/s": "PERF 16 17 31",
    "transactions/s": "PERF 18",
    "% of bare metal": "PERF 19",
    "GiB/s": "PERF 22",
    "k req/s": "PERF 26 27",
    "ns": "PERF 28 29",
    "events/s": "PERF 30",
    "pods": "DENS 01",
    "microVMs": "DENS 02",
    "ratio": "DENS 07 08 09 13; AUTO 03; POW 09",
    "VMs": "DENS 10 12",
    "load weight": "CPU 01",
    "shares": "CPU 06 12 13",
    "% of system memory": "RECL 03",
    "% of memory": "RECL 06",
    "bytes": "RECL 10",
    "syscalls": "SEC 01 02 03 05 06 07",
    "victims": "SEC 15",
    "% per month": "SEC 17 18",
    "lines": "SEC 22",
    "non-blank, non-// lines": "SEC 23 24 25",
    "date": "HIST 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20",
    "USD": "COST 01 02",
    "USD/h": "COST 03",
    "USD/month": "COST 04",
    "min": "AUTO 04",
    "MiB/s": "MIG 10",
    "W": "POW 01 02 03",
    "of full power": "POW 04 05 06",
    "of 100": "PLACE 02",
}
# Cells that mix units, or say the unit in the cell: one for each part, in order.
MIXED = {
    "MEM-13": "MiB | millicores | MiB | millicores",
    "MEM-14": "MiB | millicores",
    "MEM-19": "MiB per MiB | MiB | MiB | MiB",
    "MEM-20": "MiB | MiB | GiB",
    "PERF-33": "% | % | % | %",
    "DENS-06": "ratio | % | %",
    "CPU-02": "% | ratio",
    "CPU-03": "weight | weight",
    "CPU-05": "ms |  | ms | ms | s",
    "CPU-10": "shares",
    "CPU-14": "weight | weight | % | %",
    "RECL-09": "pages | ms |  | ",
    "MIG-06": "Mbit/s | KB",
    "SEC-04": "syscalls | syscalls | syscalls",
    "SEC-08": "exploits | exploits | %",
    "SEC-10": "CVSS",
    "SEC-11": "CVSS",
    "SEC-16": "devices | %",
    "AUTO-05": "s | min",
    "AUTO-06": "copies | % | s",
    "MIG-19": "s | ms",
    "PLACE-03": "MiB | MiB per container",
    "PLACE-04": "MiB | % | % | %",
    "ARCH-06": "MB",
}


def digits(text: str) -> set[float]:
    """Every number of a text, without signs."""
    return {float(found) for found in re.findall(r"\d+(?:\.\d+)?", text)}


def held(whole: Evidence) -> set[float]:
    """Every number that the rows of an id hold, without signs, and every number in the name of a part."""
    rows = whole.parts or (whole,)
    amounts = {abs(x) for row in rows for x in (row.value, row.low, row.high) if x is not None}
    return amounts | {x for row in rows for x in digits(row.part)}


def test_every_statement_of_others_is_there():
    families = Counter(whole.id.split("-")[0] for whole in EVERY)
    own = families.pop("OWN")
    assert families == FAMILIES
    assert sum(families.values()) == 222
    assert own >= 32


def test_the_columns_are_the_fields_in_their_order():
    columns = next(csv.reader(FILE.splitlines()))
    fields = [name if name != "value" else "number" for name in Evidence.__dataclass_fields__]
    assert columns == [name for name in fields if name != "parts"]


def test_rows_of_one_id_stand_together_and_every_part_has_a_name_of_its_own():
    names = [row.ref.casefold() for row in ROWS]
    assert len(names) == len(set(names)) == len(FILE.splitlines()) - 1
    assert all(part.part for whole in EVERY for part in whole.parts)


@BY_ID
def test_every_number_of_the_cell_is_in_a_row(whole):
    """Both ways of writing are read: what `text` says, and what the rows say."""
    if whole.id.startswith("HIST-"):
        assert whole.value == int(whole.text[:4])
    elif whole.id not in IN_WORDS and whole.id not in WRITTEN_OTHERWISE:
        assert digits(whole.text) <= held(whole)


@BY_ID
def test_no_row_holds_a_number_that_the_cell_does_not_say(whole):
    if whole.id not in WRITTEN_OTHERWISE:
        assert held(whole) <= digits(whole.text) | {
            x for row in whole.parts for x in digits(row.part)
        }


@pytest.mark.parametrize("ref", sorted(IN_WORDS))
def test_the_exceptions_keep_their_words(ref):
    assert digits(evidence(ref).text) - held(evidence(ref)), f"{ref} needs no exception any more"


LABELLED = (  # `1193 (runc)`, `256 MB 113.17` or `Lupine 1.72`, `45.60 native`: number and label in this order
    (re.compile(r"([\d.]+) \(([^()]+)\)"), 1, 2),
    (re.compile(r"([A-Za-z][A-Za-z_ ]*|\d+ [MG]B) ([\d.]+)"), 2, 1),
    (re.compile(r"([\d.]+) ([A-Za-z][\w .+-]*(?: \(ptrace\))?)"), 1, 2),
)
# Labels that the part says more plainly; their values are tested by hand.
RENAMED = {"MEM-11", "MEM-25", "PERF-27", "SEC-06", "CPU-10", "OWN-46", "OWN-48"}


def labelled(text: str) -> dict[str, float]:
    """Read a cell such as `1193 (runc); 1144 (runsc)`; empty for one of another shape."""
    for shape, number, label in LABELLED:
        pieces = [shape.fullmatch(piece) for piece in text.split("; ")]
        if all(pieces):
            return {piece.group(label): float(piece.group(number)) for piece in pieces}
    return {}


@BY_ID
def test_each_labelled_number_of_a_cell_is_the_part_of_that_label(whole):
    if (cell := labelled(whole.text)) and whole.parts and whole.id not in RENAMED:
        assert {part.part: part.value for part in whole.parts} == cell


@BY_ID
def test_the_parts_stand_in_the_order_of_their_numbers_in_the_cell(whole):
    """Two parts that changed places would break it: each number is looked for after the one before it."""
    cell = iter([float(found) for found in re.findall(r"\d+(?:\.\d+)?", whole.text)])
    ends = [(row.value,) if row.value is not None else (row.low, row.high) for row in whole.parts]
    numbers = [abs(x) for some in ends for x in some if x is not None]
    assert whole.id in WRITTEN_OTHERWISE.keys() - {"MEM-16"} or all(
        number in cell for number in numbers
    )


def test_most_statements_of_several_parts_label_their_numbers():
    """So that the reading above has something to read."""
    assert sum(bool(labelled(whole.text)) for whole in EVERY if whole.parts) >= 50


def unit_in_the_table(ref: str) -> str:
    """The unit of an id in `UNITS`, or nothing."""
    family, number = ref.split("-")
    for unit, named in UNITS.items():
        for some in named.split("; "):
            if some.split()[0] == family and number in some.split():
                return unit
    return ""


# Read by eye in the sources' table, not in this project's file.
BY_HAND = [
    ("BOOT-02", 8, "CPU ms"), ("BOOT-05", 160.9, "ms"), ("BOOT-09", 582.0, "ms"), ("BOOT-10:median", 205.9, "ms"),
    ("BOOT-10:p99", 247.3, "ms"), ("BOOT-12:p99", 158.9, "ms"), ("BOOT-18:Solo5", 2.99, "ms"),
    ("BOOT-18:QEMU + 1 NIC", 41.4, "ms"), ("BOOT-21:crun", 1.69, "s"), ("BOOT-22:runsc", 1144, "ms"),
    ("BOOT-29:container", 0.2, "s"), ("MEM-06:1 GB", 29.9, "MiB"), ("MEM-07:512 MB", 53.9, "MiB"),
    ("MEM-08:Docker redis", 7, "MB"), ("MEM-08:OSv redis", 40, "MB"), ("MEM-08:Unikraft sqlite", 4, "MB"),
    ("MEM-10:runsc", 23.70, "MB"), ("MEM-11:ruby runc", 45.7, "MB"), ("MEM-11:node runsc", 124.1, "MB"),
    ("MEM-13:memory QEMU", 320, "MiB"), ("MEM-13:CPU", 250, "millicores"), ("MEM-14:memory", 120, "MiB"),
    ("MEM-16:256 MB 1 vCPU", 20.29, "MB"), ("MEM-16:4096 MB 2 vCPU", 52.72, "MB"),
    ("MEM-16:16384 MB 8 vCPU", 168.60, "MB"), ("MEM-17:4 GB", 165.98, "MB"), ("MEM-19:fixed", 218, "MiB"),
    ("MEM-19:per vCPU", 8, "MiB"), ("MEM-20:recommended", 512, "MiB"), ("MEM-20:disk", 2, "GiB"),
    ("MEM-21:disk", 1160, "MB"), ("MEM-22:PSS before", 5.6, "MB"), ("MEM-25:ISO", 1.5, "GB"),
    ("PERF-01:KVM tuned", 284.20, "GFLOPS"), ("PERF-08:to client Docker NAT", 9.320, "Gbit/s"),
    ("PERF-15:write KVM", 740.2, "MB/s"), ("PERF-18:Docker local FS + NAT", 11438, "transactions/s"),
    ("PERF-20:at <=80 % of one core", 14.5, "Gbit/s"), ("PERF-25:TX Cloud Hypervisor", 20.96, "Gbit/s"),
    ("PERF-27:Linux microVM on Firecracker", 60.1, "k req/s"), ("PERF-28:function call", 1.1, "ns"),
    ("PERF-29:runsc-kvm", 763, "ns"), ("DENS-06:launch faster", 94, "%"), ("DENS-09:since Antelope", 1.0, "ratio"),
    ("CPU-05:quota", -1, ""), ("CPU-14:one physical CPU", 100, "%"), ("MIG-07:round 1", 20.4, "MB"),
    ("RECL-09:sleep_millisecs", 20, "ms"), ("SEC-06:without networking", 53, "syscalls"),
    ("SEC-07:vcpu", 27, "syscalls"), ("SEC-07:union", 50, "syscalls"), ("SEC-08:share", 56.82, "%"),
    ("SEC-16:devices", 8.5e6, "devices"), ("IMG-03:Linux binary", 0.016, "MB"), ("HIST-12", 2007, "date"),
    ("COST-01:GB-hour", 0.004445, "USD"), ("COST-04:t3.medium", 30, "USD/month"),
    ("AUTO-05:CPU initialisation period", 5, "min"),
]  # fmt: skip


@pytest.mark.parametrize(("ref", "value", "unit"), BY_HAND, ids=[ref for ref, *_ in BY_HAND])
def test_a_number_is_what_its_source_says(ref, value, unit):
    assert (evidence(ref).value, evidence(ref).unit) == (value, unit)


@pytest.mark.parametrize(
    ("ref", "bound", "low", "high"),
    [
        ("BOOT-01", "<=", None, 125),
        ("BOOT-26", "<", None, 1),
        ("MEM-01", "<=", None, 5),
        ("MEM-23", "", 10.0, 11.3),
        ("MEM-18:without VMX swap", ">=", 50, None),
        ("PERF-19", ">", 95, None),
        ("DENS-13", "", 10, 20),
        ("RECL-03", "<", None, 0.5),
        ("RECL-06:nearly identical VMs", ">", 30, None),
        ("SEC-15", ">", 3800, None),
        ("SEC-03:disabled", "~", None, None),
        ("SEC-03:of", ">=", 300, None),
        ("CPU-03:range", "", 1, 10000),
        ("PERF-33:overhead of those", "<", None, 1),
        ("ARCH-06:image", "", 0.2, 5),
    ],
)
def test_a_bound_stays_a_bound_and_a_range_a_range(ref, bound, low, high):
    row = evidence(ref)
    assert (row.bound, row.low, row.high) == (bound, low, high)


def test_a_range_has_no_value_in_between():
    assert all(row.value is None for row in ROWS if row.low is not None and row.high is not None)


def test_every_bound_names_its_side():
    """`<=` has an upper end only, `>=` a lower one only, and a value, if given, is that end."""
    for row in ROWS:
        assert row.bound in {"", "<", "<=", ">", ">=", "~"}
        if row.bound[:1] in {"<", ">"}:
            end, other = (row.high, row.low) if row.bound[0] == "<" else (row.low, row.high)
            assert other is None, row.ref
            assert row.value in (None, end), row.ref


def test_every_number_is_finite():
    numbers = [x for row in ROWS for x in (row.value, row.low, row.high) if x is not None]
    assert all(math.isfinite(x) for x in numbers)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.ref)
def test_every_row_says_where_it_is_from(row):
    assert row.quantity
    assert row.text
    assert row.source_title
    assert row.venue_year
    assert row.locator
    assert row.how_verified in {"verbatim page text", "secondary page", "measured here"}


def test_what_was_measured_here_says_so_and_on_which_machine():
    own = [row for row in ROWS if row.id.startswith("OWN-")]
    assert {row.how_verified for row in own} == {"measured here"}
    assert all("2 vCPUs" in row.condition and "Linux 6." in row.locator for row in own)
    assert not any(
        row.how_verified == "measured here" for row in ROWS if not row.id.startswith("OWN-")
    )


def test_the_nice_table_has_forty_weights_in_order():
    parts = evidence("CPU-01").parts
    assert [part.part for part in parts] == [f"nice {n}" for n in range(-20, 20)]
    assert [parts[n + 20].value for n in (-20, -1, 0, 5, 19)] == [88761, 1277, 1024, 335, 15]


def test_the_vsphere_grid_is_four_sizes_by_four_counts():
    """A least-squares fit reads RAM and vCPUs from the names."""
    grid = [
        re.fullmatch(r"(\d+) MB (\d) vCPU", part.part).groups() for part in evidence("MEM-16").parts
    ]
    assert grid == [
        (str(ram), str(cpus)) for ram in (256, 1024, 4096, 16384) for cpus in (1, 2, 4, 8)
    ]


def test_an_application_that_does_not_run_has_no_part():
    """MEM-08 writes a dash for nginx on HermiTux: 7 systems x 4 applications - 1."""
    names = [part.part for part in evidence("MEM-08").parts]
    assert len(names) == 27
    assert "HermiTux nginx" not in names


def test_a_statement_of_several_parts_has_no_value_of_its_own():
    whole = evidence("MEM-13")
    assert (whole.value, whole.low, whole.high, whole.bound, whole.unit, whole.part) == (
        None,
        None,
        None,
        "",
        "",
        "",
    )
    with pytest.raises(NoSource) as refusal:
        whole.number  # noqa: B018 - reading it is what is refused
    assert str(refusal.value) == (
        "MEM-13 holds no single number. Name a part: memory, CPU, memory QEMU, CPU QEMU."
    )


def test_words_hold_no_number():
    with pytest.raises(NoSource, match=r"^CPU-11 holds no single number\. It says: none\.$"):
        evidence("CPU-11").number  # noqa: B018 - reading it is what is refused


def test_a_part_is_found_by_id_and_colon_by_brackets_and_in_small_letters():
    assert evidence("MEM-10:runc") is evidence("MEM-10")["runc"]
    assert evidence("MEM-08:linux microvm redis") is evidence("MEM-08:Linux microVM redis")
    assert evidence("CPU-04:period") is evidence("CPU-04")


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        (
            "boot-05",
            "There is no evidence 'boot-05'. Try BOOT-05 or BOOT-25.\nThe families are BOOT, MEM, ",
        ),
        (
            "zebra",
            "There is no evidence 'zebra'. Try BOOT-05, MEM-10:runc.\nThe families are BOOT, MEM, ",
        ),
        ("", "There is no evidence ''. Try BOOT-05, MEM-10:runc.\nThe families are BOOT, MEM, "),
        ("MEM-10:runs", "MEM-10 has no part 'runs'. Did you mean runsc or runc?"),
        ("BOOT-05:median", "BOOT-05 has no part 'median'. Ask for evidence('BOOT-05')."),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_near(ref, message):
    with pytest.raises(UnknownName) as refusal:
        evidence(ref)
    assert str(refusal.value).startswith(message)


def test_amounts_convert():
    """160.9 ms = 0.1609 s; 6 MB = 5.722 MiB; 250 millicores = 0.25 cores; 10.0-11.3 MB = 9.54-10.78 MiB."""
    assert evidence("BOOT-05").to("s").value == pytest.approx(0.1609)
    assert evidence("MEM-09").to("MiB").value == pytest.approx(5.722, abs=5e-4)
    assert evidence("MEM-13:CPU").to("cores").value == 0.25
    shim = evidence("MEM-23").to("MiB")
    assert (shim.low, shim.high) == pytest.approx((9.537, 10.777), abs=5e-4)


def test_all_parts_convert_together():
    assert [part.value for part in evidence("MEM-20").to("MiB").parts] == [256, 512, 2048]


@pytest.mark.parametrize(
    ("ref", "unit"), [("BOOT-05", "MiB"), ("PERF-12:KVM", "s"), ("MEM-13", "MiB")]
)
def test_what_measures_something_else_does_not_convert(ref, unit):
    with pytest.raises(UnknownUnit):
        evidence(ref).to(unit)


@BY_ID
def test_units_are_those_of_the_source(whole):
    if whole.id in MIXED:
        assert " | ".join(row.unit for row in whole.parts or (whole,)) == MIXED[whole.id]
    elif not whole.id.startswith("OWN-"):
        assert {row.unit for row in whole.parts or (whole,)} == {unit_in_the_table(whole.id)}


def test_parts_of_one_measurement_made_here_share_a_unit():
    assert [
        whole.id
        for whole in EVERY
        if whole.id.startswith("OWN-") and whole.parts and not whole.unit
    ] == ["OWN-32"]


def test_what_is_physical_has_a_unit_that_converts():
    physical = {
        "B",
        "KB",
        "KiB",
        "MiB",
        "GiB",
        "MB",
        "GB",
        "ns",
        "us",
        "ms",
        "s",
        "min",
        "h",
        "%",
        "millicores",
    }
    used = {row.unit for row in ROWS} & physical
    assert used - {"KB"} <= set(units.UNITS)  # MIG-06 writes 256 KB and does not say of which


def test_ids_are_found_in_a_text():
    assert cited("MEM-10:runc, OWN-01 and MEM-10; not UTF-16, XMEM-10 or MEM-1") == (
        "MEM-10",
        "OWN-01",
    )


@BY_ID
def test_both_views_show_the_same_and_the_call_rebuilds(whole):
    shown = re.sub(
        r"<[^>]+>", "\n", whole._repr_html_().replace("</th><td style='text-align:left'>", ": ")
    )
    plain = (
        shown.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", '"')
        .replace("&#x27;", "'")
    )
    text = [line.strip() for line in str(whole).splitlines()]
    assert [line for line in plain.replace("&amp;", "&").splitlines() if line] == text
    assert eval(repr(whole), {"evidence": evidence}) == whole


def test_the_views_of_what_was_converted_keep_the_source_s_own_words():
    half = evidence("BOOT-05").to("s")
    assert "  value: 0.1609 s\n  source says: 160.9 ms\n" in str(half)
    assert repr(half) == "evidence('BOOT-05').to('s')"


def test_the_views_do_not_change_from_one_reading_to_the_next():
    before = [str(whole) + whole._repr_html_() for whole in EVERY]
    sources._table.cache_clear()
    assert [str(whole) + whole._repr_html_() for whole in all_evidence()] == before
    assert not any(" object at 0x" in view for view in before)
