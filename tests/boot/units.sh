#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that systemd starts our store and console daemons with the units that `make install` leaves,
# restarts the one that may be restarted, and says so when the other has died.
# alone: keeps both cores busy
# timeout: 400
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --disk virtio --ours --smp 2 --scenario units --timeout 380
check_units
check_fact enable 0
for unit in xenstored xen-init-dom0 xenconsoled xen; do check_fact "$unit" active; done
check_fact name Domain-0
check_fact stop-store refused
check_fact store-after-stop active
check_fact console-killed active
check_fact console-new-process yes
check_fact live-update 0
check_fact new-program running
check_fact store-after-update same
check_fact value-after-update kept
check_fact console-after-update active
check_fact store-killed failed
check_fact store-later failed
check_fact console-without-store '(inactive|failed)'
check_quiet
finish
