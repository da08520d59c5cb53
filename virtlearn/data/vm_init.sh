#!/bin/busybox sh
/bin/busybox mkdir -p /proc
/bin/busybox mount -t proc proc /proc
echo "VL-KERNEL $(/bin/busybox cut -d' ' -f1 /proc/uptime) $(/bin/busybox uname -r)"
echo "VL-READY $(/bin/busybox cat /proc/sys/kernel/random/boot_id) $(/bin/busybox grep MemTotal /proc/meminfo)"
/bin/busybox sleep 20
