#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that the option `help` lists the others, and that the boot goes on.
# timeout: 200
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --append help --scenario up
for option in dom0_mem dom0_max_vcpus console com1 sched noreboot maxcpus; do
    check_some "XEN\\) +$option"
done
finish
