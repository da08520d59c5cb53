"""Trees as text: branches continue, and only the last one turns."""

import virtlearn as vl
from virtlearn.tables import MOST_ROWS


def test_branches_with_neighbours_below_continue() -> None:
    web = vl.Workload("web", 0.5, 256)
    runtime = vl.ContainerRuntime("runc", runs=[vl.Container(web)] * 2)
    guest = vl.VirtualMachine("vm", 1, 1024, runs=[vl.OperatingSystem("debian", runs=[web])])
    system = vl.OperatingSystem("linux", runs=[vl.Hypervisor("kvm", runs=[guest]), runtime])
    drawn = vl.Deployment(vl.Host(4, 8), runs=[system]).what_runs_where().splitlines()
    assert [line[: len(line) - len(line.lstrip(" │├└─"))] for line in drawn] == [
        "",
        "└─ ",
        "   ├─ ",
        "   │  └─ ",
        "   │     └─ ",
        "   │        └─ ",
        "   └─ ",
        "      └─ ",
        "         └─ ",
    ]
    assert drawn[-2].endswith("2 × container")


def test_a_long_table_keeps_its_ends_and_says_what_is_left_out() -> None:
    tree = vl.deploy(vl.Workload("web"), 100, host=vl.Host(16, 64), on="processes").tree
    lines = str(tree).splitlines()
    assert len(lines) == MOST_ROWS
    assert lines[-1].startswith("101")
    shown = MOST_ROWS - 2 - 1 + 1  # without the head and the line that says it, with the last
    assert lines[-2].strip() == f"… {len(tree) - shown} more …"
    assert tree._repr_html_().count("<tr>") == MOST_ROWS
