#!/bin/bash
# SPDX-License-Identifier: MIT
# A guest under load moves between hypervisors in a file: saved on Debian's Xen and restored here, and
# the other way round. One CPU: with two, Dom0 hangs in user space on Debian's Xen in this emulator at times.
# soak: four boots, two of them on the reference
# timeout: 600
set -euo pipefail
# shellcheck source=../boot/lib.bash
. "$(dirname "$0")/../boot/lib.bash"
need_memory 2048

reference=$(reference_hypervisor)

# part HYPERVISOR NAME: one boot with the data disk.
part() {
    XENOLITH_HV=$1 boot_it --tools "${reference_machine[@]}" --smp 1 --mem 2048 --dom0-mem 640M --data "$scratch/data" \
        --timeout 200 --scenario "$2"
    check_none '^FAILED'
}

for pair in "$reference $hv" "$hv $reference"; do
    read -r from to <<<"$pair"
    echo "from $from to $to"
    rm -f "$scratch/data"
    truncate -s 512M "$scratch/data"
    part "$from" cross-save
    part "$to" cross-restore
done
finish
