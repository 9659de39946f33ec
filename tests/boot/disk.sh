#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that Debian on a disk comes up as Dom0 with no failed unit, and that a gigabyte comes back
# from the disk and 200 MiB over the network as they went, for one kind of disk, network card and
# interrupt.
#   disk.sh MACHINE virtio|ahci|ide virtio|e1000 msi|intx CPUS
# timeout: 420
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

args=""
[ "$4" = msi ] || args="pci=nomsi"
boot_it --machine "$1" --disk "$2" --net "$3" --dom0-args "$args" --smp "$5" --scenario devices \
    --timeout 400
check_some "DOM0-UP .* xen=yes cpus=$5 "
check_units
case $2 in
    virtio) check_fact root-device '/dev/vd[ab]' ;;
    *) check_fact root-device '/dev/sd[ab]' ;;
esac
check_fact disk right
check_fact receive right
check_fact send right
# Parallel IDE and this e1000 know no MSI.
case $2-$3-$4 in
    ide-e1000-msi) fail "these devices have no MSI" ;;
    *-msi) check_fact interrupts.msi '[1-9][0-9]{3,}' ;;
    *-intx)
        check_fact interrupts.msi 0
        check_fact interrupts.ioapic '[1-9][0-9]{3,}'
        ;;
esac
check_quiet
finish
