"""Right and wrong calls, as a type checker reads them: tests/test_typing.py runs mypy over this file.

A line that ends in ``# wrong`` and a code must be refused with that code; every other line must pass.
"""

import virtlearn as vl

host = vl.Host(cores=16, memory_gib=64)
web = vl.Workload("web", cpu_cores=0.5, memory_mib=256)
pods = vl.deploy(web, copies=40, host=host, on="containers")
many = vl.deploy([web, web], [1, 2], host=[host, host], on=vl.platform("microvms"), per_vm=1)

memory: float = pods.memory_mib
most: int = pods.max_copies
lost: float = pods.blast_radius()
watts: float = pods.power_w([0, 8]).max().item()
names: tuple[str, ...] = vl.platforms()
title: str = vl.platform("containers").but("mine", container_memory_mib=20).title
number: float = vl.evidence("BOOT-05").to("s").number
table: str = str(vl.compare(pods, many))
about: str = str(vl.compare(pods, about="running many"))
placed: int = vl.place([web] * 4, [host] * 2, policy="best-fit").hosts_used
share: float = vl.core.failure.availability(995, 5).item()
words: str = vl.units.memory(256)
by_hand = vl.Deployment(
    host,
    runs=[vl.OperatingSystem("debian", runs=[vl.ContainerRuntime(runs=[vl.Container(web)])])],
)
machine = vl.VirtualMachine("vm", vcpus=2, memory_mib=2048, cpu_weight=200)

vl.Host(core=16)  # wrong: call-arg
vl.Workload(cpu_cores="half")  # wrong: arg-type
vl.deploy(1, 2, 3)  # wrong: call-arg
vl.deploy(web, 40, host=host)  # wrong: call-arg
vl.Container(web, 200)  # wrong: call-arg
vl.hosts  # wrong: attr-defined
pods.memory  # wrong: attr-defined
pods.title = "mine"  # wrong: misc
pods.keeps("computing", 1)  # wrong: call-arg
pods.blast_radius(node="container")  # wrong: call-arg
pods.power_w()  # wrong: call-arg
copies: str = pods.copies  # wrong: assignment
