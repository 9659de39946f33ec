#!/bin/bash
# SPDX-License-Identifier: MIT
# A guest under load moves between hypervisors in a file: saved on Debian's Xen and restored here, and
# the other way round.
# soak: has not passed yet, see HACKING.md
# timeout: 600
set -euo pipefail
# shellcheck source=../boot/lib.bash
. "$(dirname "$0")/../boot/lib.bash"
need_memory 2048

reference=$(reference_hypervisor)

# part HYPERVISOR NAME: one boot with the data disk.
part() {
    XENOLITH_HV=$1 boot_it --tools "${reference_machine[@]}" --smp 2 --mem 2048 --dom0-mem 640M --data "$scratch/data" \
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
