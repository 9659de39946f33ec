#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that five restarts in a row lose nothing that was synced to the disk, and that Debian comes
# up each time with no failed unit.
# timeout: 600
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --disk virtio --smp 1 --scenario reboot --allow-reset --timeout 580
[ "$(console -c '^FACT system-state=running')" = 6 ] || fail "not six good starts"
check_fact boots 1
for ((n = 1; n <= 5; n++)); do
    check_some "^FACT boots=$((n + 1))"
    for ((i = 0; i < n; i++)); do check_fact "found.$n.$i" right; done
done
check_quiet
finish
