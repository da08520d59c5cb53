"""The eight claims of the course, answered in numbers: ``python tests/model/eight_claims.py``."""

import virtlearn as vl

host, on = (
    vl.Host(cores=16, memory_gib=64),
    ("containers", "virtual-machines", "microvms", "sandboxed-containers"),
)
web, big = (
    vl.Workload("web", cpu_cores=0.5, memory_mib=100),
    vl.Workload("big", cpu_cores=4, memory_mib=16384),
)
pods, vms, micro, boxes = (vl.deploy(web, 40, host=host, on=name) for name in on)
few, most = (
    [vl.deploy(app, 1, host=host, on=name).max_copies for name in on[:2]] for app in (big, web)
)
one, two = vl.deploy(web, 1, host=host, on=on[1]), vl.deploy(web, 40, host=[host] * 2, on=on[0])
years = [f"{vl.evidence(f'HIST-{n}').number:.0f}" for n in ("02", "07", "12", "16", "20")]
print(
    f"C1 kernels with 40 VMs: {vms.kernels} on a type 1 hypervisor, {micro.kernels} where it stands on Linux"
)
print(
    f"C2 {vms.memory_by_layer['guest operating system'] / vms.memory_mib:.0%} of the VMs' memory are their systems"
)
print(f"C3 kernels for 40 containers: {pods.kernels}; in sandboxes {boxes.kernels}")
print(
    f"C4 containers against VMs that fit: {most[0]} to {most[1]} of 100 MiB, {few[0]} to {few[1]} of 16 GiB"
)
print(
    f"C5 all VMs down: {1 - vms.availability():.1e}; were they independent: {(1 - one.availability()) ** 40:.0e}"
)
print(
    "C6 die with a host:",
    *(f"{len(d.dies_with('host'))} of {d.copies} {d.title};" for d in (pods, vms, two)),
)
print(
    f"C7 lost to one break-in (assumed): containers {pods.blast_radius():.2f}, VMs {vms.blast_radius():.2f}"
)
print("C8 CP-67 {}, jails {}, KVM {}, Docker {}, Firecracker {}".format(*years))
