#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that Dom0 runs under the null scheduler, with fewer vCPUs than the machine has CPUs.
# timeout: 200
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --smp 2 --append "sched=null dom0_max_vcpus=1" --scenario facts
check_once 'XEN\) sched: null'
check_once 'Brought up 2 CPUs'
check_once 'Building Domain 0: .* 1 vCPUs'
finish
