#!/bin/bash
# SPDX-License-Identifier: MIT
# Shows that four CPUs under load (processes, page faults, signals, timers) stay right.
# alone: keeps both cores busy
# timeout: 420
set -euo pipefail
# shellcheck source=lib.bash
. "$(dirname "$0")/lib.bash"

boot_it --smp 4 --scenario stress --timeout 400
check_fact workers-failed 0
check_fact sums 1
check_quiet
finish
